//! What a hostile site, mirror or wire may show beside what holds: none of it comes into the copy,
//! and nobody else is blamed for it.

use std::fs;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;

use minhbach::follow::FollowFault;
use minhbach::follow::cache::Limits;
use minhbach::follow::copy::{Asked, Copy, Looked};
use minhbach::ledger::disclosure::{Disclosure, PrivateName};
use minhbach::ledger::keys::{KeyKind, SigningKey};
use minhbach::ledger::note::{Policy, SignedCheckpoint, cosign};
use minhbach::ledger::tree::sha256;
use minhbach::verify::Options;
use minhbach::verify::given::Given;
use minhbach::verify::report::Outcome;
use minhbach::verify::source::{Files, Source, SourceFault};
use serde_json::json;
use tempfile::TempDir;

use super::{forked, until};
use crate::books::{Desk, Opening, log_key, log_key_of};
use crate::published::{Published, followed, verify_folder};
use crate::tamper::{ledger, published};

/// A folder as the web shows it: no listing, and it may grow.
#[derive(Debug)]
struct Served(PathBuf);

impl Files for Served {
    fn open(&self, path: &str, skip: u64) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
        Source::Folder(self.0.clone()).open_at(path, skip, None)
    }

    fn list(&self, _: &str) -> Result<Option<Vec<String>>, SourceFault> {
        Ok(None)
    }

    fn may_grow(&self) -> bool {
        true
    }
}

/// A follower of a site that serves.
struct Reader {
    state: TempDir,
    site: TempDir,
}

impl Reader {
    fn of(ledger: &Published) -> Self {
        let site = ledger.folder(&log_key("log"));
        Self { state: tempfile::tempdir().unwrap(), site }
    }

    fn puts(&self, name: &str, text: &str) {
        let path = self.site.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn copy(&self) -> PathBuf {
        self.state.path().join("copy")
    }

    fn asks(&self, asked: &Asked) -> Result<Looked, FollowFault> {
        let copy = Copy::open(&self.copy(), &self.state.path().join("own"))?;
        let source = Source::Files(Arc::new(Served(self.site.path().to_owned())), String::new());
        copy.look(&source, asked, &mut |_, _| {})
    }

    /// A sound look; the copy alone is sound, too.
    fn is_sound(&self, asked: &Asked) {
        let looked = self.asks(asked).unwrap();
        assert_eq!(looked.report.outcome, Outcome::Sound, "{}", looked.report);
        let report = verify_folder(&self.copy(), &Options::default());
        assert_eq!(report.outcome, Outcome::Sound, "{report}");
    }
}

fn witness() -> SigningKey {
    let seed = sha256(b"chung").0;
    SigningKey::from_seed_as("chung", KeyKind::Cosignature, seed).unwrap()
}

/// The head of a ledger as the witness cosigned it.
fn cosigned(ledger: &Published, size: u64) -> String {
    let signed = ledger.checkpoint(size, &log_key_of(&ledger.origin, "log"));
    let mut head = SignedCheckpoint::parse(signed.as_bytes()).unwrap();
    let line = cosign(head.checkpoint(), &witness(), 1_800_000_000).unwrap();
    head.add(line);
    head.to_string()
}

#[test]
fn a_head_that_was_not_held_to_the_tree_meets_no_quorum() {
    let vkey = witness().public().vkey();
    let policy = Policy::parse(&format!("witness chung {vkey}\nquorum chung\n")).unwrap();
    let asked = Asked { policy: Some(policy), ..Asked::default() };
    let mut other = until(12);
    other.origin = "so.example/khac".to_owned();
    for (what, head) in [
        ("larger, of a fork", cosigned(&forked(11), 11)),
        ("larger", cosigned(&until(12), 12)),
        ("another ledger's", cosigned(&other, 12)),
    ] {
        let reader = Reader::of(&until(9));
        reader.puts("cosigned", &head);
        let broken = reader.asks(&asked).unwrap().report.broken;
        assert_eq!(broken.map(|found| found.code).as_deref(), Some("own-policy"), "{what}");
    }
    let reader = Reader::of(&until(9));
    reader.puts("cosigned", &cosigned(&until(9), 7));
    reader.is_sound(&asked);
}

#[test]
fn what_belongs_to_no_verified_head_does_not_come_into_the_copy() {
    let reader = Reader::of(&until(9));
    reader.is_sound(&Asked::default());
    reader.puts("cosigned", &cosigned(&until(12), 12));
    reader.is_sound(&Asked::default());
    assert!(!reader.copy().join("cosigned").exists());
    // The name of an entry that is not there yet may be any text.
    let shown = Disclosure::make(PrivateName::FullName, json!("Mua hàng ở đây")).unwrap();
    let line = format!("{{\"disclosure\":\"{}\",\"seq\":50}}\n", shown.encode());
    reader.puts("disclosures.jsonl", &line);
    reader.is_sound(&Asked::default());
    assert_eq!(fs::read_to_string(reader.copy().join("disclosures.jsonl")).unwrap(), "");
    // It grows, and what was passed over comes with it.
    let (site, cosigned) = (until(12).folder(&log_key("log")), cosigned(&until(12), 12));
    let reader = Reader { site, ..reader };
    reader.puts("cosigned", &cosigned);
    reader.is_sound(&Asked::default());
    assert_eq!(fs::read_to_string(reader.copy().join("cosigned")).unwrap(), cosigned);
}

#[test]
fn what_an_interrupted_run_left_and_this_one_did_not_read_stays_out() {
    let reader = Reader::of(&until(9));
    let left = ["statements/la.json", "tile/entries/000.p/5", "checkpoints/8", "2/checkpoint"];
    for name in left {
        let path = reader.state.path().join("own/next/tree").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    let looked = followed(reader.state.path(), reader.site.path(), &Asked::default()).unwrap();
    assert_eq!(looked.report.outcome, Outcome::Sound, "{}", looked.report);
    for name in left {
        assert!(!reader.copy().join(name).exists(), "{name}");
    }
    let report = verify_folder(&reader.copy(), &Options::default());
    assert_eq!(report.outcome, Outcome::Sound, "{report}");
}

#[test]
fn the_last_checkpoint_of_an_earlier_key_that_does_not_fit_stays_out() {
    let mut desk = Desk::open(&Opening::default());
    let terms = json!({"text": "Dùng chung", "costs": true});
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ chung", "terms": terms});
    desk.enter("fund_opened", json!({"fund": fund})).unwrap();
    let size = desk.size();
    let vkey = log_key("l2").public().vkey();
    desk.enter("log_key_rotated", json!({"new_vkey": vkey, "from_size": size + 1})).unwrap();
    let asked = Asked { key: Some(log_key("log").public().clone()), ..Asked::default() };
    let begun = usize::try_from(size).unwrap() - 1;
    let reader = Reader::of(&published(desk.bytes[..begun].to_vec()));
    reader.is_sound(&asked);
    let mut all = published(desk.bytes);
    all.sizes = vec![size + 1];
    let reader = Reader { site: all.folder(&log_key("l2")), ..reader };
    reader.is_sound(&asked);
    reader.puts(&format!("checkpoints/{size}"), "no checkpoint");
    reader.is_sound(&asked);
    assert!(!reader.copy().join(format!("checkpoints/{size}")).exists());
}

#[test]
fn a_copy_that_does_not_hold_blames_no_paper() {
    let reader = Reader::of(&until(9));
    reader.is_sound(&Asked::default());
    let paper = ledger().receipt(3, &log_key("log"));
    let given = Given::read("paper", paper.as_bytes()).unwrap();
    let fits =
        || Copy::open(&reader.copy(), &reader.state.path().join("own")).unwrap().fits(&given);
    let broken = fits().unwrap().unwrap();
    assert_eq!(broken.code, "shrunk", "the paper is newer than the copy");
    fs::write(reader.copy().join("disclosures.jsonl"), "x").unwrap();
    let fault = fits().unwrap_err();
    assert!(matches!(fault, FollowFault::Damaged { .. }), "{fault}");
}

#[test]
fn reading_everything_again_keeps_to_the_bytes_and_the_time_of_the_run() {
    let reader = Reader::of(&ledger());
    reader.is_sound(&Asked::default());
    let with = |bytes: u64, full: bool| {
        let limits = Limits { bytes, ..Limits::default() };
        reader.asks(&Asked { limits, full, ..Asked::default() })
    };
    let enough = (100..).step_by(100).find(|bytes| with(*bytes, false).is_ok()).unwrap();
    let fault = with(enough, true).unwrap_err();
    assert!(fault.is_away(), "{fault}");
    let looked = with(u64::MAX, true).unwrap();
    assert_eq!(looked.report.outcome, Outcome::Sound, "{}", looked.report);
    let inner: Vec<PathBuf> = fs::read_dir(reader.state.path().join("own"))
        .unwrap()
        .map(|own| own.unwrap().path())
        .collect();
    assert!(!inner.iter().any(|own| own.is_dir() && !own.ends_with("evidence")), "{inner:?}");
}
