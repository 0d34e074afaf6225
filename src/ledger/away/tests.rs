//! Both files: read as written, and every way in which they are not what they say.

#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

const LOG: &str = "so.example/xuan-tay";

fn key(last: u8) -> SigningKey {
    named(LOG, last)
}

fn named(log: &str, last: u8) -> SigningKey {
    SigningKey::from_seed(&format!("{log}/officer/00000000000000{last:02x}"), [last; 32]).unwrap()
}

/// A cost that the first officer recorded, with a payee behind two digests.
fn voucher(last: u8, private: &Disclosure) -> Voucher {
    let mut digests = [private.digest().as_str().to_owned(), "A".repeat(43)];
    digests.sort();
    Voucher::read(&json!({
        "amount": 120_000, "by": key(1).name(), "category": "printing", "date": "2026-11-20",
        "fund": "chung", "id": format!("019a0000-0000-7000-8000-0000000000{last:02x}"),
        "kind": "cost_paid", "log": LOG, "payee": {"_sd": digests, "type": "person"},
        "place": "cash",
    }))
    .unwrap()
}

fn private() -> Disclosure {
    let name = crate::ledger::disclosure::PrivateName::FullName;
    Disclosure::make(name, json!("Nguyễn Thị Mẫu")).unwrap()
}

fn asked(last: u8) -> Asked {
    let private = private();
    let voucher = voucher(last, &private);
    let recorder = OfficerSignature::sign(SignatureRole::Recorder, &key(1), &voucher.bytes());
    let change = Change {
        what: "place".to_owned(),
        name: "Tiền mặt".to_owned(),
        before: 500_000,
        after: 380_000,
        goods: None,
    };
    Asked {
        role: SignatureRole::Approver,
        changes: vec![change],
        code: "7Q2M4T".to_owned(),
        private: vec![private.encode()],
        recorder: Some(Recorder { title: "Thủ quỹ".to_owned(), vkey: key(1).public().clone() }),
        signatures: vec![Mark::from(&recorder.unwrap())],
        voucher,
    }
}

fn file(drafts: Vec<Asked>) -> ToSign {
    let names = [("chung".to_owned(), "Quỹ chung".to_owned())].into();
    ToSign {
        chapter: "Hội Chữ thập đỏ phường Xuân Tây".to_owned(),
        drafts,
        log: LOG.parse().unwrap(),
        made_at: "2026-11-20T03:00:00Z".parse().unwrap(),
        names: [("fund".to_owned(), names)].into(),
        utc_offset: "+07:00".to_owned().try_into().unwrap(),
    }
}

fn changed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn a_file_is_read_as_it_was_written_and_signed_as_a_page_would_sign_it() {
    let file = file(vec![asked(1), asked(2)]);
    let bytes = file.bytes();
    let read = ToSign::read(&bytes).unwrap();
    assert_eq!(read, file);
    assert_eq!(read.drafts[0].opened().unwrap()[0].value(), "Nguyễn Thị Mẫu");
    let added: Vec<Added> = read.drafts.iter().map(|own| own.sign(&key(2)).unwrap()).collect();
    for (added, asked) in added.iter().zip(&file.drafts) {
        let signature = OfficerSignature::from(&added.mark);
        assert_eq!((signature.role, &added.voucher), (SignatureRole::Approver, &asked.voucher));
        assert_eq!(signature.verify(&asked.voucher.bytes(), key(2).public()), Ok(()));
    }
    let signed = Signed { log: file.log.clone(), private: Vec::new(), signatures: added };
    assert_eq!(Signed::read(&signed.bytes()).unwrap(), signed);
    // A line end of another machine, or none, is no change.
    let bare = bytes.strip_suffix(b"\n").unwrap();
    assert!(ToSign::read(bare).is_ok());
    assert!(ToSign::read(&[bare, b"\r\n"].concat()).is_ok());
}

#[test]
fn a_file_that_is_not_what_it_says_is_refused_by_its_own_reason() {
    let bytes = file(vec![asked(1)]).bytes();
    let signed = Signed {
        log: LOG.parse().unwrap(),
        private: Vec::new(),
        signatures: vec![asked(1).sign(&key(2)).unwrap()],
    };
    let why = |bytes: &[u8]| ToSign::read(bytes).unwrap_err();
    assert_eq!(why(b""), AwayFault::NotOurs);
    assert_eq!(why(b"c2sp.org/tlog-proof@v1\n"), AwayFault::NotOurs);
    assert_eq!(why(b"{}"), AwayFault::NotOurs);
    assert_eq!(why(&[0xff; 40]), AwayFault::NotOurs);
    assert_eq!(why(&vec![b' '; MOST_BYTES + 1]), AwayFault::TooLarge);
    assert_eq!(why(&signed.bytes()), AwayFault::Swapped);
    assert_eq!(Signed::read(&bytes), Err(AwayFault::Swapped));
    assert_eq!(why(&changed(&bytes, "to-sign/v1", "to-sign/v2")), AwayFault::Newer);
    for (from, to) in [
        ("\"log\":", "\"log\": "),
        ("\"code\":\"7Q2M4T\"", "\"code\":\"7Q2M4T\",\"approved\":true"),
        ("\"before\":500000", "\"before\":500000.0"),
        ("Quỹ chung", "Quỹ\u{202e}chung"),
        ("\"kind\":\"cost_paid\"", "\"kind\":\"gift_taken\""),
        ("\"kind\":\"cost_paid\"", "\"kind\":\"income\""),
    ] {
        let why = why(&changed(&bytes, from, to));
        assert!(matches!(why, AwayFault::Changed(_)), "{from}: {why}");
    }
    for end in [1, 40, bytes.len() / 2, bytes.len() - 2] {
        let why = why(&bytes[..end]);
        assert!(matches!(why, AwayFault::Changed(_) | AwayFault::NotOurs), "{end}: {why}");
    }
}

#[test]
fn an_edited_voucher_no_longer_has_its_recorders_signature() {
    let bytes = file(vec![asked(1)]).bytes();
    for (from, to) in [
        ("\"amount\":120000", "\"amount\":620000"),
        ("\"place\":\"cash\"", "\"place\":\"bank\""),
        ("\"as\":\"recorder\"", "\"as\":\"approver\""),
    ] {
        assert_eq!(ToSign::read(&changed(&bytes, from, to)), Err(AwayFault::Recorder), "{from}");
    }
    // Signed by somebody whose key the file brings along, but not by the voucher's recorder.
    let mut forged = asked(1);
    let other = OfficerSignature::sign(SignatureRole::Recorder, &key(9), &forged.voucher.bytes());
    forged.signatures = vec![Mark::from(&other.unwrap())];
    forged.recorder.as_mut().unwrap().vkey = key(9).public().clone();
    assert_eq!(ToSign::read(&file(vec![forged]).bytes()), Err(AwayFault::Recorder));
    // Nobody is asked to sign as somebody else's recorder.
    let mut as_recorder = asked(1);
    as_recorder.role = SignatureRole::Recorder;
    assert_eq!(ToSign::read(&file(vec![as_recorder]).bytes()), Err(AwayFault::Recorder));
    let mut none = asked(1);
    (none.recorder, none.signatures) = (None, Vec::new());
    assert_eq!(ToSign::read(&file(vec![none]).bytes()), Err(AwayFault::Recorder));
}

#[test]
fn vouchers_are_of_one_ledger_each_once_and_private_values_their_own() {
    let why = |drafts| ToSign::read(&file(drafts).bytes());
    assert_eq!(why(vec![]), Err(AwayFault::Count));
    let twice = asked(1);
    assert_eq!(why(vec![twice.clone(), twice]), Err(AwayFault::Count));
    let mut foreign = file(vec![asked(1)]);
    foreign.log = "so.example/xuan-dong".parse().unwrap();
    assert_eq!(ToSign::read(&foreign.bytes()), Err(AwayFault::OtherLog));
    let mut stranger = asked(1);
    stranger.private = vec![private().encode()];
    assert_eq!(why(vec![stranger]), Err(AwayFault::Private));
}

#[test]
fn a_key_signs_only_what_it_may() {
    assert_eq!(asked(1).sign(&key(1)), Err(AwayFault::OwnVoucher));
    assert_eq!(asked(1).sign(&named("so.example/xuan-dong", 2)), Err(AwayFault::OtherKey));
    let log = SigningKey::from_seed(LOG, [7; 32]).unwrap();
    assert_eq!(asked(1).sign(&log), Err(AwayFault::OtherKey));
    // No new key can be put into a voucher that registers none.
    let mut holder = asked(1);
    holder.role = SignatureRole::Holder;
    assert_eq!(holder.sign(&key(2)), Err(AwayFault::OtherKey));
    let two = Signed {
        log: LOG.parse().unwrap(),
        private: Vec::new(),
        signatures: vec![asked(1).sign(&key(2)).unwrap(), asked(2).sign(&key(3)).unwrap()],
    };
    assert_eq!(Signed::read(&two.bytes()), Err(AwayFault::ManyKeys));
}

#[test]
fn a_new_key_is_put_in_its_place_and_proves_that_it_is_there() {
    let voucher = Voucher::read(&json!({
        "by": key(1).name(), "date": "2026-11-20", "id": "019a0000-0000-7000-8000-0000000000aa",
        "kind": "key_rotated", "log": LOG, "new_vkey": key(8).public().vkey(),
        "old_vkey": key(2).public().vkey(), "person": "1111111111111111",
    }))
    .unwrap();
    let asked = Asked {
        role: SignatureRole::Holder,
        changes: Vec::new(),
        code: String::new(),
        private: Vec::new(),
        recorder: None,
        signatures: Vec::new(),
        voucher,
    };
    let read = ToSign::read(&file(vec![asked]).bytes()).unwrap();
    let added = read.drafts[0].sign(&key(4)).unwrap();
    assert_eq!(new_key(&added.voucher.body), Some(key(4).public()));
    let signature = OfficerSignature::from(&added.mark);
    assert_eq!(signature.verify(&added.voucher.bytes(), key(4).public()), Ok(()));
}
