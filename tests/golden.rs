//! Golden ledgers: whatever was published once verifies for ever, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use minhbach::ledger::keys::SigningKey;
use minhbach::ledger::note::SignedCheckpoint;
use minhbach::verify::given::Given;
use minhbach::verify::report::Outcome;
use minhbach::verify::{Options, source::Source, verify};

use crate::books::table::run;
use crate::books::{Desk, LOG, log_key};
use crate::published::Published;
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
        let options = Options { key: None, against };
        let report = verify(&source, &options, &mut |_, _| {}).unwrap();
        assert_eq!(report.outcome, Outcome::Sound, "{}: {report}", folder.display());
        let head = fs::read(folder.join("checkpoint")).unwrap();
        let size = SignedCheckpoint::parse(&head).unwrap().checkpoint().size;
        assert_eq!(report.verified, size, "{}", folder.display());
        assert!(report.not_checked.is_empty(), "{}: {report}", folder.display());
    }
}

/// What a desk recorded, as it would be published.
fn published(desk: &Desk) -> Published {
    let statements = desk.effects.iter().filter_map(|effects| effects.statement.clone());
    Published {
        entries: desk.bytes.clone(),
        origin: LOG.to_owned(),
        statements: statements.map(|file| (file.name, file.bytes)).collect(),
        disclosures: String::new(),
        sizes: vec![1, desk.size()],
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
        let ledger = published(&desk);
        let key = log_key_of(&desk);
        let report = ledger.verify(&key);
        assert_eq!(report.outcome, Outcome::Sound, "{name}: {report}");
        assert_eq!(report.verified, desk.size(), "{name}");
        if let Some(prefix) = &keep {
            let folder = golden().join(format!("{prefix}-{}", name.replace('_', "-")));
            // What is there is there for ever, also when its table says more by now.
            if !folder.exists() {
                ledger.write(&folder, &key);
            }
        }
    }
}

/// The log key in force at the end: a table may have rotated it.
fn log_key_of(desk: &Desk) -> SigningKey {
    let chapter = desk.books.chapter().unwrap();
    let size = desk.size();
    let (key, _) = chapter.log_keys.iter().rev().find(|(_, from)| *from <= size).unwrap();
    let names = ["log", "log2", "log3", "log4"];
    let mut keys = names.iter().map(|name| log_key(name));
    keys.find(|known| known.public() == key).expect("a log key of these tests")
}
