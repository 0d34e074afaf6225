//! One ledger seen in several places: the site, mirrors, papers. They are held against each other.

use std::fs;
use std::path::{Path, PathBuf};

use minhbach::follow::copy::Asked;
use minhbach::follow::watch::{Finding, Status, Watched};
use minhbach::ledger::keys::PublicKey;
use minhbach::ledger::note::{Checkpoint, LogLine, Policy, Quorum, WitnessLine, sign_checkpoint};
use minhbach::ledger::tree::Hash;
use minhbach::verify::source::Source;
use tempfile::TempDir;

use super::{forked, until};
use crate::books::{LOG, log_key, witness_vkey};
use crate::published::Published;
use crate::tamper::ledger;

struct Watch {
    state: TempDir,
    watched: Watched,
}

impl Watch {
    fn new(trees: &[&Path]) -> Self {
        let trees = trees.iter().map(|path| Source::Folder((*path).to_owned())).collect();
        let watched = Watched {
            name: "xuan-tay".to_owned(),
            trees,
            papers: Vec::new(),
            keys: vec![log_key("log").public().clone()],
            policy: None,
            books: true,
        };
        Self { state: tempfile::tempdir().unwrap(), watched }
    }

    fn look(&self) -> Finding {
        let finding = self.watched.look(self.state.path(), &Asked::default());
        for found in finding.found.iter().filter(|found| found.head.is_some()) {
            let evidence: &PathBuf = found.evidence.as_ref().expect("evidence is kept");
            assert!(evidence.join("found").exists(), "{found:?}");
        }
        finding
    }
}

/// Where, which word, which entry.
fn all(finding: &Finding) -> Vec<(&str, &str, Option<u64>)> {
    let one = |found: &minhbach::follow::watch::Found| {
        let name = Path::new(&found.from).file_name().unwrap().to_str().unwrap();
        // The names of temporary folders are nobody's business.
        let name = ["site", "mirror", "paper"].into_iter().find(|own| name.starts_with(own));
        (name.unwrap_or("?"), found.broken.code.clone(), found.broken.seq)
    };
    let all: Vec<_> = finding.found.iter().map(one).collect();
    all.into_iter().map(|(name, code, seq)| (name, &*code.leak(), seq)).collect()
}

fn write(folder: &Path, ledger: &Published) {
    let _ = fs::remove_dir_all(folder);
    ledger.write(folder, &log_key("log"));
}

#[test]
fn a_mirror_may_lag_and_the_site_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let [site, mirror] = ["site", "mirror"].map(|name| folder.path().join(name));
    write(&site, &until(9));
    write(&mirror, &until(7));
    let watch = Watch::new(&[&site, &mirror]);
    let finding = watch.look();
    assert_eq!((finding.status, finding.size), (Status::Sound, Some(9)), "{finding:?}");
    write(&site, &until(12));
    let finding = watch.look();
    assert_eq!((finding.status, finding.size, finding.before), (Status::Sound, Some(12), Some(9)));
    write(&mirror, &until(11));
    assert_eq!(watch.look().status, Status::Sound);
    // The site went back; the mirror still has it all.
    write(&mirror, &until(12));
    write(&site, &until(8));
    let finding = watch.look();
    assert_eq!(all(&finding), [("site", "shrunk", Some(8))], "{finding:?}");
    assert_eq!(finding.size, Some(12), "the mirror was followed");
    // A fresh follower sees it, too: the site has less than its mirror.
    let fresh = Watch::new(&[&site, &mirror]).look();
    assert_eq!(all(&fresh), [("site", "shrunk", Some(8))]);
    // A mirror that went back behind what it showed itself.
    write(&site, &until(12));
    write(&mirror, &until(6));
    assert_eq!(all(&watch.look()), [("mirror", "shrunk", Some(6))]);
}

#[test]
fn two_heads_of_two_places_that_cannot_both_be_true_are_a_split() {
    let folder = tempfile::tempdir().unwrap();
    let [site, mirror] = ["site", "mirror"].map(|name| folder.path().join(name));
    write(&site, &until(12));
    write(&mirror, &forked(9));
    let watch = Watch::new(&[&site, &mirror]);
    let finding = watch.look();
    assert_eq!(finding.status, Status::Broken);
    assert_eq!(all(&finding), [("mirror", "split", Some(4))], "{finding:?}");
    let found = &finding.found[0];
    assert!(found.known.as_ref().unwrap().contains("\n12\n"), "both heads are shown");
    assert!(found.head.as_ref().unwrap().contains("\n9\n"));
    // The longer one is the forged one: it is followed first, then the other is held against it.
    write(&site, &until(8));
    write(&mirror, &forked(11));
    let finding = Watch::new(&[&site, &mirror]).look();
    assert_eq!(all(&finding), [("site", "split", Some(4))]);
    // Who knew the honest history names the mirror.
    let knowing = Watch::new(&[&site, &mirror]);
    write(&mirror, &until(8));
    assert_eq!(knowing.look().status, Status::Sound);
    write(&mirror, &forked(11));
    let finding = knowing.look();
    assert_eq!(all(&finding), [("mirror", "split", Some(4))], "and not the site");
    assert_eq!(finding.size, Some(8), "the honest place was followed all the same");
}

#[test]
fn papers_show_what_a_site_hides() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    let paper = folder.path().join("paper");
    let key = log_key("log");
    let mut watch = Watch::new(&[&site]);
    watch.watched.papers.push(paper.clone());
    write(&site, &until(9));
    fs::write(&paper, ledger().receipt(3, &key)).unwrap();
    let finding = watch.look();
    assert_eq!(all(&finding), [("paper", "shrunk", None)], "it was signed over 12 entries");
    write(&site, &until(12));
    assert_eq!(watch.look().status, Status::Sound);
    fs::write(&paper, forked(11).receipt(5, &key)).unwrap();
    let finding = watch.look();
    assert!(matches!(all(&finding)[..], [("paper", "split", _)]), "{finding:?}");
    fs::write(&paper, forked(11).checkpoint(6, &key)).unwrap();
    assert!(matches!(all(&watch.look())[..], [("paper", "split", _)]));
    fs::write(&paper, "a poem").unwrap();
    assert_eq!(watch.look().status, Status::Broken);
    fs::remove_file(&paper).unwrap();
    let finding = watch.look();
    assert_eq!((finding.status, finding.away.len()), (Status::Sound, 1));
}

#[test]
fn a_place_that_is_away_is_said_and_the_others_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let [site, mirror] = ["site", "mirror"].map(|name| folder.path().join(name));
    write(&mirror, &until(9));
    let watch = Watch::new(&[&site, &mirror]);
    let finding = watch.look();
    assert_eq!((finding.status, finding.away.len()), (Status::Sound, 1), "{finding:?}");
    fs::remove_dir_all(&mirror).unwrap();
    let finding = watch.look();
    assert_eq!((finding.status, finding.away.len(), finding.found.len()), (Status::Away, 2, 0));
}

/// A head over very many entries that no log key signed.
fn promises(folder: &Path) {
    let head = Checkpoint::new(LOG, 9_999_999, Hash::ZERO).unwrap();
    let signed = sign_checkpoint(&head, &log_key("other")).unwrap();
    fs::write(folder.join("checkpoint"), signed.to_string()).unwrap();
}

#[test]
fn an_unsigned_head_is_not_remembered_and_makes_no_honest_one_shorter() {
    let folder = tempfile::tempdir().unwrap();
    let [site, mirror] = ["site", "mirror"].map(|name| folder.path().join(name));
    write(&site, &until(9));
    write(&mirror, &until(9));
    let watch = Watch::new(&[&site, &mirror]);
    assert_eq!(watch.look().status, Status::Sound);
    // The site itself, for a moment.
    promises(&site);
    let finding = watch.look();
    assert!(matches!(all(&finding)[..], [("site", ..)]), "{:?}", all(&finding));
    write(&site, &until(12));
    let finding = watch.look();
    assert_eq!((finding.status, finding.size), (Status::Sound, Some(12)), "{finding:?}");
    // A mirror: the site is not behind what nobody signed.
    promises(&mirror);
    let finding = watch.look();
    assert!(matches!(all(&finding)[..], [("mirror", ..)]), "{:?}", all(&finding));
    assert_eq!(finding.size, Some(12));
    let fresh = Watch::new(&[&site, &mirror]).look();
    assert!(matches!(all(&fresh)[..], [("mirror", ..)]), "{:?}", all(&fresh));
    write(&mirror, &until(11));
    assert_eq!(watch.look().status, Status::Sound);
}

#[test]
fn a_paper_newer_than_the_copy_waits_for_a_site_that_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let [site, paper] = ["site", "paper"].map(|name| folder.path().join(name));
    write(&site, &until(9));
    let mut watch = Watch::new(&[&site]);
    assert_eq!(watch.look().status, Status::Sound);
    fs::remove_dir_all(&site).unwrap();
    watch.watched.papers.push(paper.clone());
    let key = log_key("log");
    for newer in [ledger().receipt(3, &key), ledger().checkpoint(11, &key)] {
        fs::write(&paper, newer).unwrap();
        let finding = watch.look();
        assert_eq!((finding.status, all(&finding).len()), (Status::Away, 0), "{finding:?}");
        let said = finding.away.iter().any(|away| away.reason.contains("not checked"));
        assert!(said, "{finding:?}");
    }
    // What the copy can tell is told, whoever is away.
    fs::write(&paper, forked(11).checkpoint(6, &key)).unwrap();
    assert!(matches!(all(&watch.look())[..], [("paper", "split", _)]));
}

#[test]
fn the_key_on_paper_and_ones_own_witnesses_count() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    write(&site, &until(9));
    let mut watch = Watch::new(&[&site]);
    assert!(watch.look().report.unwrap().log_key_given);
    write(&site, &until(12));
    assert!(watch.look().report.unwrap().log_key_given, "and in a later run");
    watch.watched.keys = vec![log_key("other").public().clone()];
    let finding = watch.look();
    assert_eq!(all(&finding), [("site", "log-key", None)]);
    let mut watch = Watch::new(&[&site]);
    let key: PublicKey = PublicKey::parse(&witness_vkey("chung")).unwrap();
    let log = LogLine { key: log_key("log").public().clone(), url: None };
    let witness = WitnessLine { name: "chung".to_owned(), key, url: None };
    let quorum = Quorum::Named("chung".to_owned());
    let policy = Policy::new(vec![log], vec![witness], Vec::new(), quorum).unwrap();
    watch.watched.policy = Some(policy);
    assert_eq!(all(&watch.look()), [("site", "own-policy", None)]);
}
