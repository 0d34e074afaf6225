//! A follower remembers: a ledger that lost entries, split, or changed an old entry is found, the
//! entry is named, and both signed heads are kept.

use std::fs;
use std::path::Path;

use minhbach::follow::copy::{Asked, Looked};
use minhbach::ledger::keys::SigningKey;
use minhbach::verify::report::{Outcome, Step};
use serde_json::json;
use tempfile::TempDir;

use crate::books::{Desk, Opening, log_key};
use crate::published::{Published, followed};
use crate::tamper::{ledger, published, relinked};

/// A follower that has seen the first entries of the honest ledger.
struct Follower {
    state: TempDir,
    site: TempDir,
    key: SigningKey,
}

impl Follower {
    fn new() -> Self {
        let key = log_key("log");
        Self { state: tempfile::tempdir().unwrap(), site: tempfile::tempdir().unwrap(), key }
    }

    fn shows(&mut self, ledger: &Published) {
        self.site = ledger.folder(&self.key);
    }

    fn looks(&self) -> Looked {
        self.asks(&Asked { patrol: 4, ..Asked::default() })
    }

    fn asks(&self, asked: &Asked) -> Looked {
        followed(self.state.path(), self.site.path(), asked).unwrap()
    }

    fn copy(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.state.path().join("copy").join(name)).ok()
    }

    fn has(&self, name: &str) -> bool {
        self.state.path().join("copy").join(name).exists()
    }
}

fn until(ledger: &Published, size: usize) -> Published {
    published(ledger.entries[..size].to_vec())
}

fn sound(looked: &Looked) -> u64 {
    assert_eq!(looked.report.outcome, Outcome::Sound, "{}", looked.report);
    looked.report.verified
}

/// Step, entry and word of what was found; both heads are kept.
fn found(looked: &Looked, own: &Path) -> (Step, Option<u64>, String) {
    let broken = looked.report.broken.as_ref().expect("a break is found");
    let evidence = looked.evidence.as_ref().expect("evidence is kept");
    assert!(evidence.starts_with(own), "{evidence:?}");
    let found = fs::read_to_string(evidence.join("found")).unwrap();
    assert_eq!(found, looked.head);
    (broken.step, broken.seq, broken.code.clone())
}

#[test]
fn a_ledger_that_grows_is_read_on_and_one_that_shrinks_is_refused() {
    let (honest, mut follower) = (ledger(), Follower::new());
    for size in [1, 4, 9, 9, 12] {
        follower.shows(&until(&honest, size));
        let looked = follower.looks();
        assert_eq!(sound(&looked), u64::try_from(size).unwrap());
        assert_eq!(follower.copy("checkpoint"), Some(looked.head));
    }
    let newest = follower.copy("checkpoint");
    follower.shows(&until(&honest, 10));
    let looked = follower.looks();
    let own = follower.state.path().join("own");
    assert_eq!(found(&looked, &own), (Step::Tree, Some(10), "shrunk".to_owned()));
    let kept = fs::read_to_string(looked.evidence.unwrap().join("known-before")).unwrap();
    assert_eq!(Some(kept), newest);
    assert_eq!(follower.copy("checkpoint"), newest, "the copy stays as it was");
    // The site comes to itself.
    follower.shows(&honest);
    assert_eq!(sound(&follower.looks()), 12);
}

#[test]
fn another_history_under_the_same_key_is_a_split_and_its_first_entry_is_named() {
    let (honest, mut follower) = (ledger(), Follower::new());
    follower.shows(&until(&honest, 9));
    sound(&follower.looks());
    let own = follower.state.path().join("own");
    // Entry 4 was left out, and the others linked anew: signed by officers and log alike.
    let mut other = honest.entries.clone();
    other.remove(4);
    let other = published(relinked(&other, |_, _| {}));
    assert_eq!(other.verify(&follower.key).outcome, Outcome::Sound, "sound by itself");
    for size in [9, 11] {
        follower.shows(&until(&other, size));
        let looked = follower.looks();
        assert_eq!(found(&looked, &own), (Step::Tree, Some(4), "split".to_owned()), "{size}");
    }
    // Cut and split at once: fewer entries, and other ones.
    follower.shows(&until(&other, 7));
    let looked = follower.looks();
    assert_eq!(found(&looked, &own), (Step::Tree, Some(4), "split".to_owned()));
    let evidence = fs::read_dir(own.join("evidence")).unwrap().count();
    assert_eq!(evidence, 3, "one for each pair of heads");
    follower.looks();
    assert_eq!(fs::read_dir(own.join("evidence")).unwrap().count(), 3, "kept once");
}

#[test]
fn an_old_entry_that_is_changed_under_the_same_head_is_named() {
    let (honest, mut follower) = (ledger(), Follower::new());
    follower.shows(&until(&honest, 9));
    sound(&follower.looks());
    for (shown, bundle) in [(9, "tile/entries/000.p/9"), (12, "tile/entries/000.p/12")] {
        follower.shows(&until(&honest, shown));
        let path = follower.site.path().join(bundle);
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(16).position(|part| part == b"\"amount\":500000,").unwrap();
        bytes[at + 9] = b'4';
        fs::write(&path, bytes).unwrap();
        let looked = follower.looks();
        let broken = looked.report.broken.unwrap();
        let amount = honest
            .entries
            .iter()
            .position(|entry| String::from_utf8_lossy(entry).contains("\"amount\":500000,"));
        let seq = amount.and_then(|at| u64::try_from(at).ok());
        assert_eq!((broken.step, broken.seq), (Step::Tree, seq), "{}", broken.reason);
        assert_eq!(broken.code, "changed");
    }
}

/// Three bundles of entries.
fn long() -> Published {
    let mut desk = Desk::open(&Opening::default());
    let terms = json!({"text": "Dùng chung", "costs": true});
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ chung", "terms": terms});
    desk.enter("fund_opened", json!({"fund": fund})).unwrap();
    while desk.size() < 600 {
        let donor = desk.donor();
        let members = json!({"amount": 1_000, "place": "cash", "fund": "chung",
            "donor": donor, "method": "cash"});
        desk.enter("donation", members).unwrap();
    }
    published(desk.bytes)
}

#[test]
fn old_files_are_read_again_in_turn_and_one_that_was_changed_is_found() {
    let (honest, mut follower) = (long(), Follower::new());
    follower.shows(&until(&honest, 520));
    sound(&follower.looks());
    assert!(follower.has("tile/entries/000"), "full bundles are in the copy");
    follower.shows(&honest);
    let looked = follower.looks();
    assert_eq!((sound(&looked), looked.before), (600, Some(520)));
    let entries = looked.report.checked.iter().find(|(what, _)| what == "entries").unwrap();
    assert_eq!(entries.1, 80, "only what is new was replayed");
    assert!(follower.has("tile/entries/002.p/88"));
    let lines = follower.copy("entries.jsonl").unwrap();
    assert_eq!(lines.lines().count(), 600);
    for (path, seq) in [("tile/entries/001", 256), ("tile/0/000", 7)] {
        follower.shows(&honest);
        let path = follower.site.path().join(path);
        let mut bytes = fs::read(&path).unwrap();
        // The first byte of entry 256, or of hash 7.
        let at = if seq == 7 { 7 * 32 } else { 2 };
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let once = Asked { patrol: 1, ..Asked::default() };
        let broken = (0..3).find_map(|_| follower.asks(&once).report.broken).unwrap();
        assert_eq!((broken.seq, broken.code.as_str()), (Some(seq), "changed"), "{path:?}");
        let full = Asked { full: true, ..Asked::default() };
        let broken = follower.asks(&full).report.broken.unwrap();
        assert_eq!(broken.seq, Some(seq), "{}", broken.reason);
    }
    // A fork far behind: the first entry that differs, not the first that is read.
    let mut other = honest.entries.clone();
    other.remove(300);
    let other = published(relinked(&other, |_, _| {}));
    for size in [560, 599] {
        follower.shows(&until(&other, size));
        let looked = follower.looks();
        let own = follower.state.path().join("own");
        assert_eq!(found(&looked, &own), (Step::Tree, Some(300), "split".to_owned()), "{size}");
    }
}

#[test]
fn without_its_state_a_follower_replays_its_own_copy() {
    let (honest, mut follower) = (ledger(), Follower::new());
    follower.shows(&until(&honest, 9));
    sound(&follower.looks());
    let kept = follower.state.path().join("own/kept");
    for state in [None, Some(&b"an older program"[..])] {
        fs::remove_file(&kept).unwrap();
        if let Some(bytes) = state {
            fs::write(&kept, bytes).unwrap();
        }
        follower.shows(&honest);
        assert_eq!(sound(&follower.looks()), 12);
        follower.shows(&until(&honest, 11));
        let broken = follower.looks().report.broken.unwrap();
        assert_eq!((broken.code.as_str(), broken.seq), ("shrunk", Some(11)));
    }
}

#[test]
fn a_log_key_that_no_entry_names_is_found_whatever_it_signs() {
    let (honest, mut follower) = (ledger(), Follower::new());
    follower.shows(&until(&honest, 9));
    sound(&follower.looks());
    follower.key = log_key("other");
    for size in [9, 12] {
        follower.shows(&until(&honest, size));
        let broken = follower.looks().report.broken.unwrap();
        assert_eq!((broken.step, broken.code.as_str()), (Step::Tree, "log-signature"), "{size}");
    }
    // Another ledger altogether, under the same name and another key.
    let mut other = honest.entries.clone();
    other.remove(4);
    let other = published(relinked(&other, |_, _| {}));
    follower.shows(&other);
    let broken = follower.looks().report.broken.unwrap();
    assert_eq!((broken.seq, broken.code.as_str()), (Some(4), "log-signature"));
}

/// What an attacker makes of the entries behind those that were seen.
#[test]
fn every_attack_on_what_comes_next_is_named_by_whoever_saw_what_came_before() {
    let honest = ledger();
    type Change = dyn Fn(&mut serde_json::Value);
    let amount: &Change = &|value| value["voucher"]["amount"] = json!(5_000_000);
    let back: &Change = &|value| value["at"] = json!("2026-09-30T01:00:00Z");
    let log: &Change = &|value| value["log"] = json!("so.example/khac");
    let newer: &Change = &|value| value["v"] = json!(2);
    let cases = [
        ("an amount", amount, "signature-invalid", Outcome::Broken),
        ("time goes back", back, "at", Outcome::Broken),
        ("another ledger's", log, "form", Outcome::Broken),
        ("a newer form", newer, "newer", Outcome::Newer),
    ];
    for (what, change, code, outcome) in cases {
        let mut follower = Follower::new();
        follower.shows(&until(&honest, 9));
        sound(&follower.looks());
        let forged = relinked(&honest.entries, |seq, value| {
            if seq == 10 {
                change(value);
            }
        });
        follower.shows(&published(forged));
        let looked = follower.looks();
        let broken = looked.report.broken.unwrap();
        assert_eq!(looked.report.outcome, outcome, "{what}: {}", broken.reason);
        assert_eq!((broken.seq, looked.report.verified), (Some(10), 10), "{what}");
        assert!(code == broken.code || broken.code == "log", "{what}: {}", broken.code);
        follower.shows(&honest);
        assert_eq!(sound(&follower.looks()), 12, "{what}: nothing of it stayed");
    }
    for (what, at) in [("left out", 9), ("swapped", 10), ("doubled", 11)] {
        let mut follower = Follower::new();
        follower.shows(&until(&honest, 9));
        sound(&follower.looks());
        let mut entries = honest.entries.clone();
        match what {
            "left out" => drop(entries.remove(at)),
            "swapped" => entries.swap(at, at + 1),
            _ => entries.insert(at, entries[at - 1].clone()),
        }
        follower.shows(&published(entries));
        let broken = follower.looks().report.broken.unwrap();
        assert_eq!((broken.step, broken.seq), (Step::Chain, u64::try_from(at).ok()), "{what}");
    }
}

#[test]
fn every_flipped_bit_of_what_was_seen_or_comes_next_is_found_at_its_seq() {
    let (honest, key) = (ledger(), log_key("log"));
    let mut follower = Follower::new();
    follower.shows(&until(&honest, 9));
    sound(&follower.looks());
    let site = honest.folder(&key);
    let path = site.path().join("tile/entries/000.p/12");
    let bytes = fs::read(&path).unwrap();
    let mut end = 0;
    let end_of = |entry: &Vec<u8>| {
        end += entry.len() + 2;
        end
    };
    let ends: Vec<usize> = honest.entries.iter().map(end_of).collect();
    follower.site = site;
    let every = if std::env::var_os("MINHBACH_TAMPER_ALL").is_some() { 1 } else { 151 };
    for at in (0..bytes.len()).step_by(every) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(&path, changed).unwrap();
        let looked = follower.looks();
        let seq = ends.iter().position(|end| at < *end).and_then(|seq| u64::try_from(seq).ok());
        let broken = looked.report.broken.expect("found");
        assert_eq!(broken.seq, seq, "byte {at}: {}", broken.reason);
        assert_ne!(looked.report.outcome, Outcome::Sound);
    }
    for length in (0..bytes.len()).step_by(every * 3) {
        fs::write(&path, &bytes[..length]).unwrap();
        assert_ne!(follower.looks().report.outcome, Outcome::Sound, "cut at {length}");
    }
    fs::write(&path, &bytes).unwrap();
    assert_eq!(sound(&follower.looks()), 12, "nothing of it stayed");
}
