//! The ledger attacked, as the public verifier sees it, and whoever follows it: every change is
//! found and named, a cut is called a prefix, nothing panics. `verify_folder` asks both.

use std::fs;

use minhbach::ledger::disclosure::{Disclosure, PrivateName};
use minhbach::ledger::entry::{Entry, leaf_hash};
use minhbach::ledger::tree::Hash;
use minhbach::verify::Options;
use minhbach::verify::given::Given;
use minhbach::verify::replay::Replay;
use minhbach::verify::report::{Outcome, Report, Step};
use serde_json::{Value, json};

use crate::books::{Desk, LOG, Opening, log_key};
use crate::published::{Published, verify_folder};

const BUNDLE: &str = "tile/entries/000.p/12";

/// A small ledger with money in and out, and a closed month.
pub fn ledger() -> Published {
    published(desk_of().bytes)
}

/// The desk that recorded it.
pub fn desk_of() -> Desk {
    let mut desk = Desk::open(&Opening::default());
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ chung",
        "terms": {"text": "Dùng chung", "costs": true}});
    desk.enter("fund_opened", json!({"fund": fund})).unwrap();
    let programme = json!({"code": "tet", "name": "Tết", "type": "tet"});
    desk.enter("programme_opened", json!({"programme": programme})).unwrap();
    for amount in [500_000, 300_000, 200_000] {
        let donor = desk.donor();
        let members = json!({"amount": amount, "place": "cash", "fund": "chung",
            "donor": donor, "method": "cash"});
        desk.enter("donation", members).unwrap();
    }
    let lines = desk.lines(&[100_000, 150_000]);
    let aid = json!({"place": "cash", "fund": "chung", "programme": "tet", "lines": lines});
    desk.enter("aid_paid", aid).unwrap();
    for amount in [10_000, 20_000, 30_000, 40_000, 50_000] {
        let donor = desk.donor();
        let members = json!({"amount": amount, "place": "cash", "fund": "chung",
            "donor": donor, "method": "cash"});
        desk.enter("donation", members).unwrap();
    }
    desk
}

/// Entries as they are published.
pub fn published(entries: Vec<Vec<u8>>) -> Published {
    let last = u64::try_from(entries.len()).unwrap();
    Published {
        entries,
        origin: LOG.to_owned(),
        statements: Default::default(),
        disclosures: String::new(),
        sizes: vec![1, (last / 2).max(1), last],
    }
}

/// Links entries into a chain again, as one would who holds the log key.
pub fn relinked(entries: &[Vec<u8>], change: impl Fn(u64, &mut Value)) -> Vec<Vec<u8>> {
    let mut prev = Hash::ZERO;
    let link = |(seq, bytes): (u64, &Vec<u8>)| {
        let mut value: Value = serde_json::from_slice(bytes).unwrap();
        value["seq"] = json!(seq);
        value["prev"] = json!(prev.to_string());
        change(seq, &mut value);
        let bytes = minhbach::ledger::canonical::encode(&value);
        prev = leaf_hash(&bytes);
        bytes
    };
    (0..).zip(entries).map(link).collect()
}

fn found(report: &Report) -> (Step, Option<u64>, &str) {
    let broken = report.broken.as_ref().expect("a break is found");
    (broken.step, broken.seq, broken.code.as_str())
}

#[test]
fn an_honest_ledger_is_sound_and_its_receipts_hold() {
    let (ledger, key) = (ledger(), log_key("log"));
    assert_eq!(ledger.entries.len(), 12);
    let folder = ledger.folder(&key);
    let receipt = ledger.receipt(3, &key);
    let options = Options {
        key: Some(key.public().clone()),
        against: vec![
            Given::read("receipt", receipt.as_bytes()).unwrap(),
            Given::read("head", ledger.checkpoint(5, &key).as_bytes()).unwrap(),
        ],
        ..Options::default()
    };
    let report = verify_folder(folder.path(), &options);
    assert_eq!(report.outcome, Outcome::Sound, "{report}");
    assert_eq!((report.verified, report.exit_status(), report.log_key_given), (12, 0, true));
    let other = Options { key: Some(log_key("other").public().clone()), ..Options::default() };
    let report = verify_folder(folder.path(), &other);
    assert_eq!(found(&report), (Step::Tree, None, "log-key"));
}

#[test]
fn every_flipped_bit_of_an_entry_is_found_at_its_seq() {
    let (ledger, key) = (ledger(), log_key("log"));
    let folder = ledger.folder(&key);
    let path = folder.path().join(BUNDLE);
    let honest = fs::read(&path).unwrap();
    let ends: Vec<usize> = ledger
        .entries
        .iter()
        .scan(0, |end, entry| {
            *end += entry.len() + 2;
            Some(*end)
        })
        .collect();
    let every = if std::env::var_os("MINHBACH_TAMPER_ALL").is_some() { 1 } else { 29 };
    for at in (0..honest.len()).step_by(every) {
        let mut bytes = honest.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, &bytes).unwrap();
        let report = verify_folder(folder.path(), &Options::default());
        let seq = ends.iter().position(|end| at < *end).and_then(|seq| u64::try_from(seq).ok());
        assert_ne!(report.outcome, Outcome::Sound, "byte {at}");
        let broken = report.broken.as_ref().unwrap();
        assert_eq!(broken.seq, seq, "byte {at}: {report}");
    }
}

#[test]
fn a_cut_at_any_length_is_a_prefix_that_says_how_far_it_goes() {
    let (ledger, key) = (ledger(), log_key("log"));
    let folder = ledger.folder(&key);
    let path = folder.path().join(BUNDLE);
    let honest = fs::read(&path).unwrap();
    let every = if std::env::var_os("MINHBACH_TAMPER_ALL").is_some() { 1 } else { 61 };
    for length in (0..honest.len()).step_by(every) {
        fs::write(&path, &honest[..length]).unwrap();
        let report = verify_folder(folder.path(), &Options::default());
        let mut end = 0;
        let whole = ledger.entries.iter().take_while(|entry| {
            end += entry.len() + 2;
            end <= length
        });
        let whole = u64::try_from(whole.count()).unwrap();
        assert_eq!(report.outcome, Outcome::Prefix, "{length}: {report}");
        assert_eq!((report.verified, report.exit_status()), (whole, 1), "{length}: {report}");
    }
    fs::write(&path, [honest.as_slice(), b"\0\x02{}"].concat()).unwrap();
    let report = verify_folder(folder.path(), &Options::default());
    assert_eq!(found(&report).2, "bundle");
}

#[test]
fn other_spellings_of_an_entry_are_not_canonical() {
    let ledger = ledger();
    let honest = String::from_utf8(ledger.entries[0].clone()).unwrap();
    let spellings = [
        honest.replacen(":", ": ", 1),
        format!(" {honest}"),
        format!("{honest}\n"),
        format!("{honest}\r\n"),
        honest.replacen("\"seq\":0", "\"seq\":0.0", 1),
        honest.replacen("\"seq\":0", "\"seq\":0e0", 1),
        honest.replacen("\"seq\":0", "\"seq\":-0", 1),
        honest.replacen("\"seq\":0", "\"seq\":0,\"seq\":0", 1),
        honest.replacen("\"v\":1", "\"v\":9007199254740993", 1),
        honest.replacen("Hội", "H\\u1ed9i", 1),
        honest.replacen("Hội", "H\u{200b}ội", 1),
        format!("\u{feff}{honest}"),
    ];
    for spelling in spellings {
        assert_ne!(spelling, honest);
        let fault = Replay::new().unwrap().next(spelling.as_bytes()).unwrap_err();
        assert_eq!((fault.step(), fault.code()), (Step::Form, "not-canonical"), "{spelling}");
    }
    let reordered: Value = serde_json::from_str(&honest).unwrap();
    let members = reordered.as_object().unwrap().iter().rev();
    let members: Vec<String> =
        members.map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    let reordered = format!("{{{}}}", members.join(","));
    let fault = Replay::new().unwrap().next(reordered.as_bytes()).unwrap_err();
    assert_eq!(fault.code(), "not-canonical");
}

#[test]
fn an_amount_changed_with_all_hashes_and_the_log_signature_made_anew_fails_by_its_officer() {
    let (ledger, key) = (ledger(), log_key("log"));
    let entries = relinked(&ledger.entries, |seq, value| {
        if seq == 3 {
            value["voucher"]["amount"] = json!(5_000_000);
        }
    });
    let report = published(entries).verify(&key);
    assert_eq!(found(&report), (Step::Signatures, Some(3), "signature-invalid"));
}

#[test]
fn deleted_swapped_and_doubled_entries_break_the_chain() {
    let (ledger, key) = (ledger(), log_key("log"));
    let mut deleted = ledger.entries.clone();
    deleted.remove(4);
    assert_eq!(found(&published(deleted).verify(&key)), (Step::Chain, Some(4), "seq"));
    let mut swapped = ledger.entries.clone();
    swapped.swap(4, 5);
    assert_eq!(found(&published(swapped).verify(&key)), (Step::Chain, Some(4), "seq"));
    let mut doubled = ledger.entries.clone();
    doubled.insert(5, doubled[4].clone());
    assert_eq!(found(&published(doubled).verify(&key)), (Step::Chain, Some(5), "seq"));
    let mut doubled = ledger.entries.clone();
    doubled.insert(5, doubled[4].clone());
    let report = published(relinked(&doubled, |_, _| {})).verify(&key);
    assert_eq!(found(&report), (Step::Chain, Some(5), "id-used"));
}

#[test]
fn an_entry_taken_out_with_the_log_key_is_found_by_whoever_kept_a_paper() {
    let (ledger, key) = (ledger(), log_key("log"));
    let mut entries = ledger.entries.clone();
    entries.remove(11);
    entries.remove(4);
    let forged = published(relinked(&entries, |_, _| {}));
    assert_eq!(forged.verify(&key).outcome, Outcome::Sound, "by itself it is a sound ledger");
    let folder = forged.folder(&key);
    let against = |file: String| {
        let given = Given::read("paper", file.as_bytes()).unwrap();
        verify_folder(folder.path(), &Options { against: vec![given], ..Options::default() })
    };
    assert_eq!(found(&against(ledger.checkpoint(6, &key))), (Step::Tree, Some(5), "root"));
    assert_eq!(found(&against(ledger.checkpoint(12, &key))), (Step::Tree, None, "shrunk"));
    assert_eq!(found(&against(ledger.receipt(4, &key))), (Step::Tree, None, "shrunk"));
}

#[test]
fn a_receipt_whose_proof_does_not_hold_is_refused() {
    let (ledger, key) = (ledger(), log_key("log"));
    let folder = ledger.folder(&key);
    let honest = ledger.receipt(3, &key);
    let hash = honest.lines().nth(3).unwrap().to_owned();
    let forged = honest.replacen(&hash, &Hash::ZERO.to_base64(), 1);
    assert_ne!(forged, honest);
    let given = Given::read("paper", forged.as_bytes()).unwrap();
    let report =
        verify_folder(folder.path(), &Options { against: vec![given], ..Options::default() });
    assert_eq!(found(&report), (Step::Tree, None, "receipt"), "{report}");
}

#[test]
fn one_more_line_of_entries_and_lines_that_end_otherwise_are_refused() {
    let (ledger, key) = (ledger(), log_key("log"));
    let folder = ledger.folder(&key);
    let lines = folder.path().join("entries.jsonl");
    let honest = fs::read(&lines).unwrap();
    let more = [honest.as_slice(), ledger.entries[0].as_slice(), b"\n"].concat();
    fs::write(&lines, more).unwrap();
    let report = verify_folder(folder.path(), &Options::default());
    assert_eq!(found(&report), (Step::Tree, None, "entries-jsonl"), "{report}");
    fs::write(&lines, honest).unwrap();
    fs::write(folder.path().join("disclosures.jsonl"), "\r\n").unwrap();
    let report = verify_folder(folder.path(), &Options::default());
    assert_eq!(found(&report), (Step::Disclosures, None, "disclosures"), "{report}");
}

/// What does not hold is told in the order of the file, also of many lines, which several threads
/// look at.
#[test]
fn the_first_published_name_that_is_nobodys_is_named_whatever_comes_behind_it() {
    let (ledger, key) = (ledger(), log_key("log"));
    let folder = ledger.folder(&key);
    let name = |seq: u64| {
        let name = Disclosure::make(PrivateName::FullName, json!(format!("Người {seq}"))).unwrap();
        format!("{}\n", json!({"disclosure": name.encode(), "seq": seq}))
    };
    let strangers: String = (0..400).map(|at| name(5 + at % 5)).collect();
    for behind in ["", "not a line\n", "{\"disclosure\":\"x\",\"seq\":1}"] {
        let file = format!("{}{strangers}{behind}", name(4));
        fs::write(folder.path().join("disclosures.jsonl"), file).unwrap();
        let report = verify_folder(folder.path(), &Options::default());
        assert_eq!(found(&report), (Step::Disclosures, Some(4), "disclosure"), "{report}");
    }
    fs::write(folder.path().join("disclosures.jsonl"), name(9_999)).unwrap();
    let report = verify_folder(folder.path(), &Options::default());
    assert_eq!(found(&report), (Step::Disclosures, Some(9_999), "disclosure"), "{report}");
}

#[test]
fn yesterdays_ledger_is_sound_and_yet_smaller_than_todays_checkpoint() {
    let (ledger, key) = (ledger(), log_key("log"));
    let yesterday = published(ledger.entries[..9].to_vec());
    let folder = yesterday.folder(&key);
    assert_eq!(verify_folder(folder.path(), &Options::default()).outcome, Outcome::Sound);
    let today = Given::read("today", ledger.checkpoint(12, &key).as_bytes()).unwrap();
    let report =
        verify_folder(folder.path(), &Options { against: vec![today], ..Options::default() });
    assert_eq!(found(&report), (Step::Tree, None, "shrunk"));
}

#[test]
fn another_chapters_entry_and_time_going_back_break_the_chain() {
    let (ledger, key) = (ledger(), log_key("log"));
    let earlier = relinked(&ledger.entries, |seq, value| {
        if seq == 6 {
            value["at"] = json!("2026-09-30T01:00:00Z");
        }
    });
    assert_eq!(found(&published(earlier).verify(&key)), (Step::Chain, Some(6), "at"));
    let foreign = relinked(&ledger.entries, |seq, value| {
        if seq == 6 {
            value["log"] = json!("so.example/khac");
            value["voucher"]["log"] = json!("so.example/khac");
            let by = value["voucher"]["by"].as_str().unwrap().replace("xuan-tay", "khac");
            value["voucher"]["by"] = json!(by);
        }
    });
    assert_eq!(found(&published(foreign).verify(&key)), (Step::Chain, Some(6), "log"));
}

#[test]
fn a_newer_kind_or_version_is_newer_and_not_broken() {
    let (ledger, key) = (ledger(), log_key("log"));
    for change in [("v", json!(2)), ("kind", json!("gold_received"))] {
        let entries = relinked(&ledger.entries, |seq, value| {
            if seq == 7 {
                let place = if change.0 == "v" { &mut *value } else { &mut value["voucher"] };
                place[change.0] = change.1.clone();
            }
        });
        let report = published(entries).verify(&key);
        assert_eq!((report.outcome, report.verified), (Outcome::Newer, 7), "{report}");
        assert_eq!(report.exit_status(), 3);
    }
}

#[test]
fn files_beside_the_entries_that_are_missing_or_changed_are_found() {
    let (ledger, key) = (ledger(), log_key("log"));
    let cases = [
        ("checkpoint", Step::Tree),
        ("policy", Step::Tree),
        ("entries.jsonl", Step::Tree),
        ("disclosures.jsonl", Step::Disclosures),
        ("tile/0/000.p/12", Step::Tree),
        ("checkpoints/6", Step::Tree),
    ];
    for (path, step) in cases {
        let folder = ledger.folder(&key);
        let file = folder.path().join(path);
        let honest = fs::read(&file).unwrap();
        let mut changed = honest.clone();
        match changed.first_mut() {
            Some(byte) => *byte ^= 1,
            None => changed.extend_from_slice(b"{}\n"),
        }
        fs::write(&file, changed).unwrap();
        let report = verify_folder(folder.path(), &Options::default());
        assert_eq!(found(&report).0, step, "{path} changed: {report}");
        fs::write(&file, [honest.as_slice(), b"x"].concat()).unwrap();
        let report = verify_folder(folder.path(), &Options::default());
        assert_eq!(report.outcome, Outcome::Broken, "{path} with more bytes: {report}");
        if !path.starts_with("checkpoints/") {
            fs::remove_file(&file).unwrap();
            let report = verify_folder(folder.path(), &Options::default());
            assert_eq!(found(&report).0, step, "{path} removed: {report}");
        }
    }
}

#[test]
fn signatures_of_strangers_and_malleable_ones_are_refused() {
    let ledger = ledger();
    let entry = Entry::parse(&ledger.entries[3]).unwrap();
    let honest = entry.signatures()[0].signature.encode();
    let stranger = crate::books::officer_key("stranger");
    let message = minhbach::ledger::keys::voucher_message(
        entry.signatures()[0].role,
        &entry.voucher().bytes(),
    );
    let foreign = stranger.sign(&message).encode();
    let malleable = plus_group_order(&honest);
    for signature in [foreign, malleable] {
        let entries = relinked(&ledger.entries, |seq, value| {
            if seq == 3 {
                value["signatures"][0]["sig"] = json!(signature);
            }
        });
        let report = published(entries).verify(&log_key("log"));
        assert_eq!(found(&report), (Step::Signatures, Some(3), "signature-invalid"), "{report}");
    }
}

/// The same signature with S + L, which a lax verifier takes as well.
fn plus_group_order(signature: &str) -> String {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = BASE64_STANDARD.decode(signature).unwrap();
    let mut carry = 0;
    for (byte, order) in bytes[4 + 32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    BASE64_STANDARD.encode(bytes)
}
