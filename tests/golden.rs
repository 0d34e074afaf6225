//! Golden ledgers: whatever was published once verifies for ever, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use minhbach::ledger::note::SignedCheckpoint;
use minhbach::verify::given::Given;
use minhbach::verify::report::Outcome;
use minhbach::verify::{Options, source::Source, verify};

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
