//! A ledger is read ahead and its signatures are verified behind: the report is the one of a reader
//! who takes one entry after the other.

use minhbach::ledger::entry::{Entry, leaf_hash};
use minhbach::verify::replay::Replay;
use minhbach::verify::report::{Outcome, Step};
use minhbach::verify::source::Source;
use minhbach::verify::{Options, verify};
use serde_json::{Value, json};

use crate::books::{LOG, log_key};
use crate::published::Published;
use crate::tamper::{desk_of, ledger, published, relinked};

/// Entries of the ledger: more than are ever under way at once.
const SIZE: u64 = 1_200;

/// A small ledger with many gifts behind it.
fn long_ledger() -> Published {
    let mut desk = desk_of();
    let mut entries = desk.bytes.clone();
    while entries.len() < usize::try_from(SIZE).unwrap() {
        let donor = desk.donor();
        let members = json!({"amount": 10_000, "place": "cash", "fund": "chung",
            "donor": donor, "method": "cash"});
        let signed = desk.sign("donation", members, &["thu"]);
        let prev = leaf_hash(entries.last().unwrap());
        let seq = u64::try_from(entries.len()).unwrap();
        let entry = Entry { at: desk.at.parse().unwrap(), prev, seq, before: 0, signed };
        entries.push(entry.bytes().unwrap());
    }
    published(entries)
}

/// The signature of another entry.
fn sign_otherwise(entry: &mut Value) {
    let text = entry["signatures"][0]["sig"].as_str().unwrap();
    let other = if text.contains('q') { text.replace('q', "r") } else { text.replace('b', "c") };
    // The key id stays what it was.
    let other = format!("{}{}", &text[..6], &other[6..]);
    entry["signatures"][0]["sig"] = json!(other);
}

/// What a reader finds who takes one entry after the other.
fn one_by_one(entries: &[Vec<u8>]) -> Option<(u64, Step, &'static str)> {
    let mut replay = Replay::new().unwrap();
    for (seq, bytes) in (0..).zip(entries) {
        if let Err(fault) = replay.next(bytes) {
            assert_eq!((replay.size(), replay.verified()), (seq, seq), "it stays where it was");
            return Some((seq, fault.step(), fault.code()));
        }
    }
    None
}

#[test]
fn the_first_break_is_the_one_that_a_reader_of_single_entries_finds() {
    let (honest, key) = (long_ledger(), log_key("log"));
    assert_eq!(honest.verify(&key).outcome, Outcome::Sound);
    assert_eq!(one_by_one(&honest.entries), None);
    let last = SIZE - 1;
    let unsigned = |seq: u64| (seq, "unsigned");
    let cases: Vec<Vec<(u64, &str)>> = vec![
        vec![unsigned(last)],
        vec![unsigned(0)],
        vec![unsigned(700), (730, "form")],
        vec![unsigned(700), (700, "books")],
        vec![unsigned(700), (700, "stranger")],
        vec![unsigned(700), (701, "books")],
        vec![unsigned(700), (699, "books")],
        vec![unsigned(31), unsigned(32), (33, "chain")],
        vec![unsigned(300), (299, "newer")],
        vec![unsigned(300), (301, "newer")],
        vec![(600, "stranger"), (601, "form")],
        vec![(255, "chain"), unsigned(256)],
        vec![(last, "books")],
    ];
    for case in cases {
        let entries = relinked(&honest.entries, |seq, entry| {
            for (_, what) in case.iter().filter(|(at, _)| *at == seq) {
                match *what {
                    "unsigned" => sign_otherwise(entry),
                    "form" => entry["more"] = json!(1),
                    "newer" => entry["v"] = json!(2),
                    "chain" => entry["at"] = json!("2026-01-01T00:00:00Z"),
                    "books" => entry["voucher"]["fund"] = json!("khong-co"),
                    _ => {
                        let other = json!(format!("{LOG}/officer/0123456789abcdef"));
                        entry["signatures"][0]["key"] = other;
                    }
                }
            }
        });
        let expected = one_by_one(&entries).expect("it breaks");
        let report = published(entries).verify(&key);
        let broken = report.broken.as_ref().unwrap();
        let found = (broken.seq.unwrap(), broken.step, broken.code.as_str());
        assert_eq!(found, expected, "{case:?}: {report}");
        assert_eq!(report.verified, expected.0, "{case:?}");
    }
}

#[test]
fn a_break_beside_the_entries_comes_behind_the_signatures_before_it() {
    let (honest, key) = (long_ledger(), log_key("log"));
    let entries = relinked(&honest.entries, |seq, entry| {
        if seq == 500 {
            sign_otherwise(entry);
        }
    });
    let forged = published(entries);
    let cut = |seq: usize| {
        let folder = forged.folder(&key);
        let path = folder.path().join("entries.jsonl");
        let lines = std::fs::read(&path).unwrap();
        let lines: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').collect();
        std::fs::write(&path, lines[..seq].concat()).unwrap();
        let report = crate::published::verify_folder(folder.path(), &Default::default());
        let broken = report.broken.unwrap();
        (broken.seq, broken.step, report.verified)
    };
    assert_eq!(cut(510), (Some(500), Step::Signatures, 500));
    assert_eq!(cut(500), (Some(500), Step::Signatures, 500));
    assert_eq!(cut(499), (Some(499), Step::Tree, 500), "as before: the entry itself holds");
}

#[test]
fn a_head_that_promises_more_than_there_is_has_nothing_read_behind_the_end() {
    let folder = ledger().folder(&log_key("log"));
    let path = folder.path().join("checkpoint");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.split('\n').collect();
    for size in ["9007199254740991", "1000000"] {
        lines[1] = size;
        std::fs::write(&path, lines.join("\n")).unwrap();
        let source = Source::Folder(folder.path().to_owned());
        // That it comes to an end at all is what is tested.
        let report = verify(&source, &Options::default(), &mut |_, _| {}).unwrap();
        assert_ne!(report.outcome, Outcome::Sound, "{report}");
        assert_eq!(report.verified, 0, "{report}");
    }
}
