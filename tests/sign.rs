//! `minhbach key` and `minhbach sign`, run as an officer runs them on a machine of their own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use minhbach::ledger::away::{Asked, Change, Mark, Recorder, Signed, ToSign, new_key};
use minhbach::ledger::disclosure::{Disclosure, PrivateName};
use minhbach::ledger::entry::OfficerSignature;
use minhbach::ledger::keys::{PublicKey, SignatureRole, SigningKey};
use minhbach::ledger::voucher::Voucher;
use serde_json::{Value, json};

const LOG: &str = "so.example/xuan-tay";
const PASSPHRASE: &str = "ao sâu nước cả khôn chài cá";

/// A machine away from the server: a folder, and the program.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program; `typed` is what stands at its terminal.
    fn run_with(&self, arguments: &[&str], passphrase: &str, typed: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_minhbach"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("MINHBACH_PASSPHRASE", passphrase)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // One that ended before it asked has closed its end.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs what has to succeed; what it printed.
    fn good(&self, arguments: &[&str], typed: &str) -> String {
        let output = self.run_with(arguments, PASSPHRASE, typed);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
        text(&output)
    }

    /// Runs what has to be refused with status 1; what it printed.
    fn refused(&self, arguments: &[&str], passphrase: &str) -> String {
        let output = self.run_with(arguments, passphrase, "có\n");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output));
        text(&output)
    }

    /// A key file, and its public half as the program shows it.
    fn key(&self, name: &str, log: &str) -> PublicKey {
        let said = self.good(&["key", "new", name, "--log", log], "");
        let line = said.lines().find_map(|line| line.strip_prefix("Public key: ")).unwrap();
        PublicKey::parse(line).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn signed(&self, name: &str) -> Signed {
        Signed::read(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }
}

fn text(output: &Output) -> String {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(said).unwrap().replace('\u{a0}', " ")
}

fn recorder() -> SigningKey {
    SigningKey::from_seed(&format!("{LOG}/officer/1111111111111111"), [1; 32]).unwrap()
}

/// A draft of a cost, with the name of who was paid where it goes along.
pub fn cost(last: u8, amount: i64, named: bool) -> Asked {
    let name = Disclosure::make(PrivateName::FullName, json!("Nguyễn Thị Mẫu")).unwrap();
    let mut digests = [name.digest().as_str().to_owned(), "A".repeat(43)];
    digests.sort();
    draft(
        json!({
            "amount": amount, "category": "printing", "fund": "chung", "kind": "cost_paid",
            "payee": {"_sd": digests, "type": "person"}, "place": "vietin",
        }),
        last,
        named.then(|| name.encode()),
    )
}

fn draft(mut members: Value, last: u8, private: Option<String>) -> Asked {
    let own = json!({
        "by": recorder().name(), "date": "2026-11-20", "log": LOG,
        "id": format!("019a0000-0000-7000-8000-0000000000{last:02x}"),
    });
    members.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    let voucher = Voucher::read(&members).unwrap();
    let signature = OfficerSignature::sign(SignatureRole::Recorder, &recorder(), &voucher.bytes());
    Asked {
        role: SignatureRole::Approver,
        changes: vec![Change {
            what: "place".to_owned(),
            name: "VietinBank".to_owned(),
            before: 500_000,
            after: 380_000,
            goods: None,
        }],
        code: format!("AAAA{last:02}"),
        private: private.into_iter().collect(),
        recorder: Some(Recorder {
            title: "Thủ quỹ".to_owned(), vkey: recorder().public().clone()
        }),
        signatures: vec![Mark::from(&signature.unwrap())],
        voucher,
    }
}

pub fn file(drafts: Vec<Asked>) -> ToSign {
    let name = |code: &str, name: &str| [(code.to_owned(), name.to_owned())].into();
    ToSign {
        chapter: "Hội Chữ thập đỏ phường Xuân Tây".to_owned(),
        drafts,
        log: LOG.parse().unwrap(),
        made_at: "2026-11-20T03:00:00Z".parse().unwrap(),
        names: [
            ("fund".to_owned(), name("chung", "Quỹ chung")),
            ("place".to_owned(), name("vietin", "VietinBank")),
        ]
        .into(),
        utc_offset: "+07:00".to_owned().try_into().unwrap(),
    }
}

#[test]
fn vouchers_are_shown_in_words_and_signed_when_somebody_says_yes() {
    let machine = Machine::new();
    let key = machine.key("chair.key", LOG);
    let said = machine.good(&["key", "show", "chair.key"], "");
    assert!(said.contains(&key.vkey()), "{said}");
    let drafts = vec![cost(1, 120_000, true), cost(2, 35_000, false)];
    machine.write("cho-ky.json", &file(drafts.clone()).bytes());
    let sign = ["sign", "cho-ky.json", "--key", "chair.key"];

    let said = machine.good(&[&sign[..], &["--show"]].concat(), "");
    for words in [
        "Hội Chữ thập đỏ phường Xuân Tây",
        "Chi phí: 120.000 ₫",
        "Một trăm hai mươi nghìn đồng",
        "Người lập: Thủ quỹ",
        "20/11/2026",
        "Quỹ chung [chung]",
        "VietinBank [vietin]",
        "500.000 ₫ → 380.000 ₫",
        "Nguyễn Thị Mẫu",
        "Thông tin riêng không kèm",
        "Phiếu 2/2 · AAAA02",
        "NGƯỜI DUYỆT",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("Gõ “có”") && !said.contains("voucher-"), "{said}");
    let english = machine.good(&[&sign[..], &["--show", "--lang", "en", "--raw"]].concat(), "");
    assert!(english.contains("120,000 ₫") && english.contains("APPROVER"), "{english}");
    let bytes = String::from_utf8(drafts[0].voucher.bytes()).unwrap();
    assert!(english.contains(&bytes), "{english}");

    for no in ["không\n", "", "\n", "y\n"] {
        let said = machine.good(&sign, no);
        assert!(said.contains("Chưa ký gì."), "{no:?}: {said}");
        assert!(!machine.path("cho-ky-da-ky.json").exists());
    }
    let said = machine.good(&sign, "có\n");
    assert!(said.contains("Đã ký 2 phiếu") && said.contains("cho-ky-da-ky.json"), "{said}");
    let signed = machine.signed("cho-ky-da-ky.json");
    assert!(signed.private.is_empty(), "names go no further");
    for (added, asked) in signed.signatures.iter().zip(&drafts) {
        assert_eq!(added.voucher, asked.voucher);
        let signature = OfficerSignature::from(&added.mark);
        assert_eq!(signature.verify(&asked.voucher.bytes(), &key), Ok(()));
    }
    let again = machine.refused(&sign, PASSPHRASE);
    assert!(again.contains("cho-ky-da-ky.json"), "an old file is not written over: {again}");
    let one = ["--only", "aaaa02", "--out", "one.json", "--yes"];
    machine.good(&[&sign[..], &one].concat(), "");
    let ids: Vec<String> = machine
        .signed("one.json")
        .signatures
        .iter()
        .map(|own| own.voucher.id.to_string())
        .collect();
    assert_eq!(ids, [drafts[1].voucher.id.to_string()]);
    let none = machine.refused(&[&sign[..], &["--only", "ZZZZ99"]].concat(), PASSPHRASE);
    assert!(none.contains("Không có phiếu nào"), "{none}");
}

#[test]
fn what_must_not_be_signed_is_refused_before_anything_is_asked() {
    let machine = Machine::new();
    machine.key("chair.key", LOG);
    machine.key("other.key", "so.example/xuan-dong");
    let good = file(vec![cost(1, 120_000, true)]).bytes();
    let good_text = String::from_utf8(good.clone()).unwrap();
    let stranger = Disclosure::make(PrivateName::FullName, json!("Người lạ")).unwrap().encode();
    let mut private = cost(1, 120_000, true);
    private.private = vec![stranger];
    let mut twice = cost(1, 120_000, true);
    twice.code = "BBBB01".to_owned();
    let changed = |from: &str, to: &str| {
        assert!(good_text.contains(from), "{from}");
        good_text.replacen(from, to, 1).into_bytes()
    };
    for (bytes, words) in [
        (
            changed("\"amount\":120000", "\"amount\":820000"),
            "Chữ ký của người lập phiếu không đúng",
        ),
        (changed("1111111111111111+", "2222222222222222+"), "bị sửa hoặc bị cụt"),
        (
            changed(
                "\"log\":\"so.example/xuan-tay\",\"made_at\"",
                "\"log\":\"so.example/x\",\"made_at\"",
            ),
            "sổ khác",
        ),
        (changed("{\"chapter\"", "{ \"chapter\""), "bị sửa hoặc bị cụt"),
        (changed("to-sign/v1", "to-sign/v2"), "bản chương trình mới hơn"),
        (good[..good.len() / 2].to_vec(), "bị sửa hoặc bị cụt"),
        (file(vec![private]).bytes(), "không thuộc về phiếu này"),
        (file(vec![cost(1, 120_000, true), twice]).bytes(), "đứng hai lần"),
        (b"PK\x03\x04".to_vec(), "không phải tệp của chương trình"),
        (vec![b' '; (4 << 20) + 1], "quá lớn"),
    ] {
        machine.write("cho-ky.json", &bytes);
        let said = machine.refused(&["sign", "cho-ky.json", "--key", "chair.key"], PASSPHRASE);
        assert!(said.contains(words) && !said.contains("Gõ “có”"), "{words}: {said}");
    }
    machine.write("cho-ky.json", &good);
    for (key, words) in
        [("other.key", "không phải khóa cán bộ của sổ"), ("cho-ky.json", "không phải tệp khóa")]
    {
        let said = machine.refused(&["sign", "cho-ky.json", "--key", key], PASSPHRASE);
        assert!(said.contains(words), "{key}: {said}");
    }
    let sign = ["sign", "cho-ky.json", "--key", "chair.key"];
    let said = machine.refused(&sign, "mật khẩu của ai khác");
    assert!(said.contains("Mật khẩu không mở được"), "{said}");
    assert!(!machine.path("cho-ky-da-ky.json").exists());
    let said = machine.refused(&["sign", "khong-co.json", "--key", "chair.key"], PASSPHRASE);
    assert!(said.contains("khong-co.json"), "{said}");
    let again = machine.refused(&["key", "new", "chair.key", "--log", LOG], PASSPHRASE);
    assert!(again.contains("chair.key"), "a key file is never replaced: {again}");
    let weak = machine.refused(&["key", "new", "weak.key", "--log", LOG], "1234567890");
    assert!(weak.contains("passphrase"), "{weak}");
    assert!(!machine.path("weak.key").exists());
    assert!(!secret_shown(machine.0.path()), "no file holds the seed in clear");
}

/// Whether a file of a folder is a private key in clear.
fn secret_shown(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(11).any(|part| part == b"PRIVATE+KEY")
    })
}

#[test]
fn a_new_key_proves_itself_with_the_same_command() {
    let machine = Machine::new();
    let key = machine.key("chair.key", LOG);
    let placeholder = SigningKey::from_seed(&format!("{LOG}/officer/2222222222222222"), [2; 32]);
    let old = SigningKey::from_seed(&format!("{LOG}/officer/3333333333333333"), [3; 32]);
    let mut asked = draft(
        json!({
            "kind": "key_rotated", "person": "4444444444444444",
            "new_vkey": placeholder.unwrap().public().vkey(),
            "old_vkey": old.unwrap().public().vkey(),
        }),
        7,
        None,
    );
    (asked.role, asked.recorder, asked.code) = (SignatureRole::Holder, None, String::new());
    (asked.signatures, asked.changes) = (Vec::new(), Vec::new());
    machine.write("khoa-moi.json", &file(vec![asked]).bytes());
    let said = machine.good(&["sign", "khoa-moi.json", "--key", "chair.key"], "yes\n");
    assert!(said.contains("NGƯỜI GIỮ KHÓA MỚI") && said.contains("Đổi khóa"), "{said}");
    assert!(!said.contains("2222222222222222"), "the placeholder is not shown: {said}");
    let signed = machine.signed("khoa-moi-da-ky.json");
    let added = &signed.signatures[0];
    assert_eq!(new_key(&added.voucher.body), Some(&key));
    let signature = OfficerSignature::from(&added.mark);
    assert_eq!(signature.role, SignatureRole::Holder);
    assert_eq!(signature.verify(&added.voucher.bytes(), &key), Ok(()));
}
