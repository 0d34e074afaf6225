//! The folder of a mirror: the tree of an export, verified before anybody sees it.

use std::fs;
use std::path::{Path, PathBuf};

use minhbach::follow::copy::Asked;
use minhbach::ledger::disclosure::{Disclosure, PrivateName};
use minhbach::verify::Options;
use minhbach::verify::report::Outcome;
use minhbach::verify::source::Source;
use serde_json::json;

use crate::books::{Desk, Opening, log_key};
use crate::published::{followed, verify_folder};
use crate::tamper::{ledger, published};

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for file in fs::read_dir(next).unwrap().map(|file| file.unwrap().path()) {
            match file.is_dir() {
                true => waiting.push(file),
                false => {
                    let inner = file.strip_prefix(folder).unwrap().to_owned();
                    found.push((inner, fs::read(&file).unwrap()));
                }
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_mirror_is_the_published_tree_byte_for_byte() {
    let (ledger, key) = (ledger(), log_key("log"));
    let (site, state) = (ledger.folder(&key), tempfile::tempdir().unwrap());
    let looked = followed(state.path(), site.path(), &Asked::default()).unwrap();
    assert_eq!(looked.report.outcome, Outcome::Sound);
    let (there, here) = (files(site.path()), files(&state.path().join("copy")));
    assert_eq!(here, there);
    assert_eq!(looked.files, u64::try_from(here.len()).unwrap());
    let again = followed(state.path(), site.path(), &Asked::default()).unwrap();
    assert_eq!((again.files, files(&state.path().join("copy"))), (0, there));
    let report = verify_folder(&state.path().join("copy"), &Options::default());
    assert_eq!(report.outcome, Outcome::Sound);
}

#[test]
fn nothing_of_a_ledger_that_does_not_hold_comes_into_the_folder() {
    let (ledger, key) = (ledger(), log_key("log"));
    let state = tempfile::tempdir().unwrap();
    let site = published(ledger.entries[..9].to_vec()).folder(&key);
    followed(state.path(), site.path(), &Asked::default()).unwrap();
    let before = files(&state.path().join("copy"));
    for path in ["tile/entries/000.p/12", "tile/0/000.p/12", "policy", "entries.jsonl"] {
        let site = ledger.folder(&key);
        let path = site.path().join(path);
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
        let looked = followed(state.path(), site.path(), &Asked::default()).unwrap();
        assert_eq!(looked.report.outcome, Outcome::Broken, "{path:?}");
        assert_eq!(files(&state.path().join("copy")), before, "{path:?}");
        fs::remove_file(&path).unwrap();
        let looked = followed(state.path(), site.path(), &Asked::default()).unwrap();
        assert_ne!(looked.report.outcome, Outcome::Sound, "{path:?} is gone");
        assert_eq!(files(&state.path().join("copy")), before, "{path:?} is gone");
    }
    let site = ledger.folder(&key);
    followed(state.path(), site.path(), &Asked::default()).unwrap();
    assert_ne!(files(&state.path().join("copy")), before);
}

#[test]
fn a_name_that_is_shown_no_more_leaves_the_mirror_even_of_a_ledger_that_broke() {
    let mut desk = Desk::open(&Opening::default());
    let terms = json!({"text": "Dùng chung", "costs": true});
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ chung", "terms": terms});
    desk.enter("fund_opened", json!({"fund": fund})).unwrap();
    let mut lines = Vec::new();
    for (seq, name) in [(2, "Cô Sáu"), (3, "Chú Bảy")] {
        let shown = Disclosure::make(PrivateName::FullName, json!(name)).unwrap();
        let mut digests = [shown.digest().as_str().to_owned(), desk.digest()];
        digests.sort();
        let donor = json!({"type": "person", "_sd": digests});
        let members = json!({"amount": 1_000, "place": "cash", "fund": "chung",
            "donor": donor, "method": "cash"});
        desk.enter("donation", members).unwrap();
        lines.push(format!("{{\"disclosure\":\"{}\",\"seq\":{seq}}}\n", shown.encode()));
    }
    let mut ledger = published(desk.bytes);
    let (key, state) = (log_key("log"), tempfile::tempdir().unwrap());
    let copy = state.path().join("copy");
    let shown = || fs::read_to_string(copy.join("disclosures.jsonl")).unwrap();
    let mut look = |disclosures: String, broken: bool| {
        ledger.disclosures = disclosures;
        let site = ledger.folder(&key);
        if broken {
            fs::write(site.path().join("entries.jsonl"), "x").unwrap();
            fs::write(site.path().join("policy"), "x").unwrap();
        }
        followed(state.path(), site.path(), &Asked::default()).unwrap()
    };
    assert_eq!(look(lines.concat(), false).report.outcome, Outcome::Sound);
    assert_eq!(shown(), lines.concat());
    let looked = look(lines[1].clone(), true);
    assert_eq!((looked.report.outcome, looked.withdrawn), (Outcome::Broken, 1));
    assert_eq!(shown(), lines[1]);
    let looked = look(String::new(), false);
    assert_eq!((looked.report.outcome, looked.withdrawn), (Outcome::Sound, 1));
    assert_eq!(shown(), "");
    assert_eq!(look(lines.concat(), false).report.outcome, Outcome::Sound);
    assert_eq!(shown(), lines.concat(), "shown again");
    // Nothing of it lies anywhere else.
    let inner = files(state.path());
    let text = lines[0].trim_end();
    let with = inner.iter().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(text));
    assert_eq!(with.count(), 1);
}

#[test]
fn a_copy_that_the_disk_damaged_is_said_to_be_that_and_nobody_else_is_blamed() {
    use minhbach::follow::FollowFault;
    let (ledger, key) = (ledger(), log_key("log"));
    let state = tempfile::tempdir().unwrap();
    let site = published(ledger.entries[..9].to_vec()).folder(&key);
    followed(state.path(), site.path(), &Asked::default()).unwrap();
    let bundle = state.path().join("copy/tile/entries/000.p/9");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[40] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let site = ledger.folder(&key);
    let fault = followed(state.path(), site.path(), &Asked::default()).unwrap_err();
    assert!(matches!(fault, FollowFault::Damaged { .. }), "{fault}");
}

#[test]
fn a_folder_that_holds_something_else_is_refused_and_two_runs_do_not_meet() {
    use minhbach::follow::FollowFault;
    use minhbach::follow::copy::Copy;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letters"), "x").unwrap();
    let own = folder.path().join(".minhbach");
    let fault = Copy::open(folder.path(), &own).unwrap_err();
    assert!(matches!(fault, FollowFault::Foreign { .. }), "{fault}");
    fs::remove_file(folder.path().join("letters")).unwrap();
    let first = Copy::open(folder.path(), &own).unwrap();
    let second = Copy::open(folder.path(), &own).unwrap_err();
    assert!(matches!(second, FollowFault::InUse { .. }), "{second}");
    let empty = tempfile::tempdir().unwrap();
    let source = Source::Folder(empty.path().to_owned());
    let fault = first.look(&source, &Asked::default(), &mut |_, _| {}).unwrap_err();
    assert!(fault.is_away(), "{fault}");
}
