//! Golden ledgers: whatever was published once verifies for ever, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use minhbach::ledger::keys::{PublicKey, SigningKey};
use minhbach::ledger::note::SignedCheckpoint;
use minhbach::verify::given::Given;
use minhbach::verify::report::Outcome;
use minhbach::verify::{Options, source::Source, verify};

use crate::books::continued::LOG_KEYS;
use crate::books::table::{run, run_continued};
use crate::books::{Desk, log_key_of};
use crate::published::{Published, verify_folder};
use crate::rules::TABLES;

/// The folder of golden files.
fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Every golden ledger: a folder with a checkpoint.
fn ledgers() -> Vec<PathBuf> {
    let folders = fs::read_dir(golden()).unwrap().map(|found| found.unwrap().path());
    let mut ledgers: Vec<PathBuf> =
        folders.filter(|folder| folder.join("checkpoint").is_file()).collect();
    ledgers.sort();
    ledgers
}

/// Receipts and private values that lie in the folder, to be held against the ledger.
fn papers(folder: &Path) -> Vec<Given> {
    let files = fs::read_dir(folder).unwrap().map(|found| found.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "tlog-proof"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            Given::read(&name, &fs::read(&path).unwrap()).unwrap()
        })
        .collect()
}

#[test]
fn every_golden_ledger_is_sound_with_its_receipts() {
    let ledgers = ledgers();
    assert!(!ledgers.is_empty(), "there is a golden ledger");
    for folder in ledgers {
        let against = papers(&folder);
        let source = Source::Folder(folder.clone());
        let options = Options { against, ..Options::default() };
        let report = verify(&source, &options, &mut |_, _| {}).unwrap();
        assert_eq!(report.outcome, Outcome::Sound, "{}: {report}", folder.display());
        let below = (2..9).map(|number| folder.join(number.to_string()));
        let heads = std::iter::once(folder.clone()).chain(below).map(|own| own.join("checkpoint"));
        let sizes = heads.filter_map(|head| {
            let head = SignedCheckpoint::parse(&fs::read(head).ok()?).unwrap();
            Some(head.checkpoint().size)
        });
        assert_eq!(report.verified, sizes.sum::<u64>(), "{}", folder.display());
        assert!(report.not_checked.is_empty(), "{}: {report}", folder.display());
    }
}

#[test]
fn a_compromised_key_breaks_nothing_and_the_report_says_what_is_in_doubt() {
    let ledger = golden().join("rules1-officers-keys-and-witnesses-come-and-go");
    let report = verify(&Source::Folder(ledger), &Options::default(), &mut |_, _| {}).unwrap();
    assert_eq!(report.outcome, Outcome::Sound, "{report}");
    let told: Vec<&String> =
        report.remarks.iter().filter(|remark| remark.contains("compromised")).collect();
    assert_eq!(told.len(), 1, "{report}");
    assert!(told[0].contains("from entry 3 to "), "{report}");
    assert!(report.to_string().contains("is disputed"), "{report}");
}

/// What a desk recorded, as it would be published: its ledgers with their log keys, the oldest
/// first.
pub fn published(desk: &Desk) -> Vec<(Published, SigningKey)> {
    published_until(desk, desk.size())
}

/// The same when only so many entries were recorded.
pub fn published_until(desk: &Desk, until: u64) -> Vec<(Published, SigningKey)> {
    let chapter = desk.books.chapter().unwrap();
    let mut keys: Vec<_> = chapter.earlier.iter().map(|ledger| &ledger.log_keys).collect();
    keys.push(&chapter.log_keys);
    let ledgers: Vec<(String, u64)> =
        chapter.ledgers().map(|(origin, before)| (origin.to_string(), before)).collect();
    let begun = ledgers.iter().filter(|(_, before)| *before < until);
    let ledgers: Vec<(String, u64)> = begun.cloned().collect();
    let ends = ledgers.iter().skip(1).map(|(_, before)| *before).chain([until]);
    let one = |(((origin, before), end), keys): ((&(String, u64), u64), &Vec<_>)| {
        let places = usize::try_from(*before).unwrap()..usize::try_from(end).unwrap();
        let effects = desk.effects[places.clone()].iter();
        let statements = effects.filter_map(|effects| effects.statement.clone());
        let ledger = Published {
            entries: desk.bytes[places].to_vec(),
            origin: origin.clone(),
            statements: statements.map(|file| (file.name, file.bytes)).collect(),
            disclosures: String::new(),
            sizes: vec![1, end - before],
        };
        let key = signing_key(origin, keys, end - before);
        (ledger, key)
    };
    ledgers.iter().zip(ends).zip(keys).map(one).collect()
}

/// Writes all ledgers of a desk, as they lie on a site.
pub fn write(ledgers: &[(Published, SigningKey)], folder: &Path) {
    for (number, (ledger, key)) in (1..).zip(ledgers) {
        let own = if number == 1 { folder.to_owned() } else { folder.join(number.to_string()) };
        ledger.write(&own, key);
    }
}

/// The ledger of every table of rules verifies as files. With `MINHBACH_WRITE_GOLDEN` set to a
/// name, those that are not there yet are kept under `tests/golden/<name>-…`: once, never again.
#[test]
fn the_ledger_of_every_rule_table_is_sound_when_published() {
    let keep = std::env::var("MINHBACH_WRITE_GOLDEN").ok();
    for (name, table) in TABLES {
        let desk = run(table);
        if desk.size() == 0 {
            continue;
        }
        let ledgers = published(&desk);
        let site = tempfile::tempdir().unwrap();
        write(&ledgers, site.path());
        let report = verify_folder(site.path(), &Options::default());
        assert_eq!(report.outcome, Outcome::Sound, "{name}: {report}");
        assert_eq!(report.verified, desk.size(), "{name}");
        if let Some(prefix) = &keep {
            let folder = golden().join(format!("{prefix}-{}", name.replace('_', "-")));
            // What is there is there for ever, also when its table says more by now.
            if !folder.exists() {
                write(&ledgers, &folder);
            }
        }
    }
}

/// The log key in force at a size: a table may have rotated it.
fn signing_key(log: &str, keys: &[(PublicKey, u64)], size: u64) -> SigningKey {
    let (key, _) = keys.iter().rev().find(|(_, from)| *from <= size).unwrap();
    let mut known = LOG_KEYS.iter().map(|name| log_key_of(log, name));
    known.find(|known| known.public() == key).expect("a log key of these tests")
}

/// Wherever a ledger is continued by another one, whatever comes behind is the same: refusals,
/// numbers, uses, figures. Vouchers of persons are left out, for their keys are new.
#[test]
fn every_table_of_money_and_goods_goes_on_in_a_later_ledger() {
    let own_keys = ["exactly_the_required", "officers_keys", "a_closed_chapter", "codes_are_used"];
    for (name, table) in TABLES {
        if own_keys.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let steps = table.lines().count();
        for behind in [0, steps / 5, steps / 3, steps / 2, steps * 3 / 4] {
            let desk = run_continued(table, behind);
            if desk.books.before() == 0 {
                continue;
            }
            let site = tempfile::tempdir().unwrap();
            let ledgers = published(&desk);
            write(&ledgers, site.path());
            for given in [site.path().to_owned(), site.path().join("2")] {
                let report = verify_folder(&given, &Options::default());
                assert_eq!(report.outcome, Outcome::Sound, "{name} behind {behind}: {report}");
                assert_eq!(report.verified, desk.size(), "{name} behind {behind}");
                assert_eq!(report.continues.len() + 1, ledgers.len());
            }
        }
    }
}
