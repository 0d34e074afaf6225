//! One ledger, looked at in all the places where it can be seen: the site, mirrors, papers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::FollowFault;
use super::copy::{Asked, Copy, Looked};
use super::evidence::Evidence;
use super::tiled::Tiled;
use crate::disk;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{Policy, SignedCheckpoint};
use crate::verify::given::{Given, GivenContent};
use crate::verify::lineage::checkpoints;
use crate::verify::report::{Break, Outcome, Report, Step};
use crate::verify::source::Source;

/// A ledger that is followed.
#[derive(Clone, Debug)]
pub struct Watched {
    /// What it is called here.
    pub name: String,
    /// Addresses and folders with its files, the site first.
    pub trees: Vec<Source>,
    /// Files with a checkpoint or a receipt of it.
    pub papers: Vec<PathBuf>,
    /// Its log keys from somewhere else than the site, the newest last.
    pub keys: Vec<PublicKey>,
    /// Witnesses and quorum asked for.
    pub policy: Option<Policy>,
    /// Whether its entries are vouchers of ours, with books.
    pub books: bool,
}

/// How a ledger stands after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything that was asked for holds.
    Sound,
    /// It could not be read.
    Away,
    /// It is newer than this program.
    Newer,
    /// Something does not hold.
    Broken,
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Where it was seen.
    pub from: String,
    /// What it is.
    #[serde(flatten)]
    pub broken: Break,
    /// The signed head known before, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// The signed head that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// Where both are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<PathBuf>,
}

/// A place that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Away {
    /// The place.
    pub from: String,
    /// Why.
    pub reason: String,
}

/// What a look at one ledger found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is called here.
    pub name: String,
    /// How it stands.
    pub status: Status,
    /// Its identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Entries of the newest ledger that hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Entries of it that were known before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// What does not hold.
    pub found: Vec<Found>,
    /// What could not be read.
    pub away: Vec<Away>,
    /// The report of the verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

impl Watched {
    /// Looks at the ledger with what was kept in `own`. Never fails: what could not be done is
    /// said in the finding.
    #[must_use]
    pub fn look(&self, own: &Path, asked: &Asked) -> Finding {
        let mut finding = Finding {
            name: self.name.clone(),
            status: Status::Away,
            origin: None,
            size: None,
            before: None,
            found: Vec::new(),
            away: Vec::new(),
            report: None,
        };
        match self.books {
            true => self.ours(own, asked, &mut finding),
            false => self.others(own, asked, &mut finding),
        }
        if !finding.found.is_empty() {
            finding.status = Status::Broken;
        }
        finding
    }

    /// The places that can be read with their checkpoints, the longest first.
    fn heads(&self, own: &Path, finding: &mut Finding) -> Vec<(&Source, Vec<Vec<u8>>)> {
        let mut trees = Vec::new();
        for source in &self.trees {
            match checkpoints(source).map_err(FollowFault::from) {
                Ok(heads) if heads.is_empty() => {
                    let from = source.to_string();
                    let fault = FollowFault::Nothing { source_name: from.clone() };
                    finding.could_not(from, &fault);
                }
                Ok(heads) => {
                    if let Err(fault) = never_back(own, source, &heads, finding) {
                        finding.could_not(source.to_string(), &fault);
                    }
                    trees.push((source, heads));
                }
                Err(fault) => finding.could_not(source.to_string(), &fault),
            }
        }
        trees.sort_by_key(|(_, heads)| std::cmp::Reverse(length(heads)));
        trees
    }

    fn others(&self, own: &Path, asked: &Asked, finding: &mut Finding) {
        let trees = self.heads(own, finding);
        let Some((source, _)) = trees.first() else { return };
        let policy = self.policy.as_ref();
        let log = Tiled { source, keys: &self.keys, policy, own, limits: asked.limits };
        match log.look() {
            Ok(looked) => finding.take(source, looked),
            Err(fault) => finding.could_not(source.to_string(), &fault),
        }
        let mut more: Vec<(String, Vec<u8>)> = Vec::new();
        for (source, heads) in &trees[1..] {
            more.extend(heads.iter().map(|head| (source.to_string(), head.clone())));
        }
        for path in &self.papers {
            let from = path.display().to_string();
            match std::fs::read(path) {
                Ok(bytes) => more.push((from, bytes)),
                Err(reason) => finding.away.push(Away { from, reason: reason.to_string() }),
            }
        }
        for (from, bytes) in more {
            match log.compare(&from, &bytes) {
                Ok(None) => {}
                Ok(Some((broken, evidence))) => {
                    let head = String::from_utf8_lossy(&bytes).into_owned();
                    finding.add(from, broken, (Some(head), Some(evidence)));
                }
                Err(fault) => finding.could_not(from, &fault),
            }
        }
        self.site_is_behind(&trees, own, finding);
    }

    fn ours(&self, own: &Path, asked: &Asked, finding: &mut Finding) {
        let copy = match Copy::open(&own.join("copy"), own) {
            Ok(copy) => copy,
            Err(fault) => return finding.could_not(own.display().to_string(), &fault),
        };
        let trees = self.heads(own, finding);
        // The longest is followed, the others are held against it.
        let mut followed = false;
        for (source, heads) in &trees {
            let asked =
                Asked { key: self.key(heads), policy: self.policy.clone(), ..asked.clone() };
            if followed {
                self.compare(&copy, source, heads, &asked, finding);
                continue;
            }
            match copy.look(source, &asked, &mut |_, _| {}) {
                Ok(looked) => {
                    followed = looked.report.outcome == Outcome::Sound;
                    finding.take(source, looked);
                }
                Err(fault) => finding.could_not(source.to_string(), &fault),
            }
        }
        self.papers(&copy, asked, finding);
        if followed {
            self.site_is_behind(&trees, own, finding);
        }
    }

    /// The first place is where the ledger is written: nobody else can have more of it.
    fn site_is_behind(&self, trees: &[(&Source, Vec<Vec<u8>>)], own: &Path, finding: &mut Finding) {
        let (Some(site), Some((first, longest))) = (self.trees.first(), trees.first()) else {
            return;
        };
        let is_site = |source: &Source| source.to_string() == site.to_string();
        let known = trees.iter().find(|(source, _)| is_site(source));
        if is_site(first) || known.is_none_or(|(_, heads)| length(heads) >= length(longest)) {
            return;
        }
        // It may have grown since it was asked.
        let Ok(now) = checkpoints(site) else { return };
        if length(&now) >= length(longest) {
            return;
        }
        let (size, more) = (length(&now), length(longest));
        let reason = format!("it has {size} entries, {first} has {more}: they were taken away");
        let (ours, theirs) = (newest(longest), newest(&now));
        finding.shrunk(own, (&site.to_string(), reason), (&ours, &theirs));
    }

    /// The key given for the newest ledger, else the last that was given.
    fn key(&self, heads: &[Vec<u8>]) -> Option<PublicKey> {
        let newest = heads.last().and_then(|bytes| SignedCheckpoint::parse(bytes).ok());
        let origin = newest.map(|head| head.checkpoint().origin.clone());
        let own = self.keys.iter().rev().find(|key| Some(key.name()) == origin.as_deref());
        own.or(self.keys.last()).cloned()
    }

    /// Another place's heads against the copy.
    fn compare(
        &self,
        copy: &Copy,
        source: &Source,
        heads: &[Vec<u8>],
        asked: &Asked,
        finding: &mut Finding,
    ) {
        for bytes in heads {
            let from = source.to_string();
            let given = match Given::read(&from, bytes) {
                Ok(given) => given,
                Err(reason) => return finding.unreadable(from, reason),
            };
            hold(copy, &given, (Some(source), asked), finding);
        }
    }

    fn papers(&self, copy: &Copy, asked: &Asked, finding: &mut Finding) {
        for path in &self.papers {
            let from = path.display().to_string();
            match std::fs::read(path) {
                Err(reason) => finding.away.push(Away { from, reason: reason.to_string() }),
                Ok(bytes) => match Given::read(&from, &bytes) {
                    Err(reason) => finding.unreadable(from, reason),
                    Ok(given) => hold(copy, &given, (None, asked), finding),
                },
            }
        }
    }
}

/// Holds a head or a paper against the copy.
fn hold(
    copy: &Copy,
    given: &Given,
    (source, asked): (Option<&Source>, &Asked),
    finding: &mut Finding,
) {
    let from = given.name.clone();
    let mut broken = match copy.fits(given) {
        Ok(None) => return,
        Ok(Some(broken)) => broken,
        Err(fault) => return finding.could_not(from, &fault),
    };
    let head = match &given.content {
        GivenContent::Checkpoint(head) => Some(head),
        GivenContent::Receipt(receipt) => Some(receipt.checkpoint()),
        GivenContent::Disclosures(_) => None,
    };
    let evidence =
        head.map(|head| copy.keep_evidence(head, (&from, source), &mut broken, &asked.limits));
    let head = head.map(ToString::to_string);
    match evidence.transpose() {
        Ok(evidence) => finding.add(from, broken, (head, evidence)),
        Err(fault) => {
            finding.add(from.clone(), broken, (head, None));
            finding.could_not(from, &fault);
        }
    }
}

/// What a place showed before, it has to show again: whoever asks two places in turn would not
/// notice that one of them went back.
fn never_back(
    own: &Path,
    source: &Source,
    heads: &[Vec<u8>],
    finding: &mut Finding,
) -> Result<(), FollowFault> {
    let path = own.join("places.json");
    let read = disk::read(&path).map_err(FollowFault::disk(&path))?;
    let known = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let mut known: BTreeMap<String, Vec<String>> = known.unwrap_or_default();
    let from = source.to_string();
    let before: Vec<Vec<u8>> =
        known.get(&from).into_iter().flatten().map(|head| head.clone().into_bytes()).collect();
    let (had, has) = (length(&before), length(heads));
    if heads.iter().any(|head| size(head).is_none()) {
        // What is no checkpoint is for the look itself to say.
        return Ok(());
    }
    if has < had {
        let reason = format!("it has {has} entries, and had {had}: they were taken away");
        finding.shrunk(own, (&from, reason), (&newest(&before), &newest(heads)));
        return Ok(());
    }
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    known.insert(from, heads.iter().map(text).collect());
    let bytes = serde_json::to_vec_pretty(&known).unwrap_or_default();
    disk::replace(&path, &bytes, false).map_err(FollowFault::disk(path))
}

fn newest(heads: &[Vec<u8>]) -> Vec<u8> {
    heads.last().cloned().unwrap_or_default()
}

/// Entries over all ledgers, as their heads say.
fn length(heads: &[Vec<u8>]) -> u64 {
    heads.iter().filter_map(|bytes| size(bytes)).fold(0, u64::saturating_add)
}

/// The second line of a checkpoint, of whatever log.
fn size(head: &[u8]) -> Option<u64> {
    std::str::from_utf8(head).ok()?.lines().nth(1)?.parse().ok()
}

impl Finding {
    /// What a look at a place found.
    fn take(&mut self, source: &Source, looked: Looked) {
        let report = looked.report;
        let known = |code: &str| {
            let from = source.to_string();
            self.found.iter().any(|own| own.from == from && own.broken.code == code)
        };
        let told = report.broken.as_ref().is_some_and(|own| known(&own.code));
        let newer = report.outcome == Outcome::Newer;
        if let Some(broken) = report.broken.clone().filter(|_| !newer && !told) {
            self.add(source.to_string(), broken, (Some(looked.head), looked.evidence));
        }
        self.status = match report.outcome {
            Outcome::Sound => Status::Sound,
            Outcome::Newer => Status::Newer,
            Outcome::Broken | Outcome::Prefix => Status::Broken,
        };
        self.origin = report.origin.clone().or(self.origin.take());
        self.before = self.before.or(looked.before);
        if report.outcome == Outcome::Sound {
            self.size = report.size;
        }
        if self.report.is_none() || report.outcome == Outcome::Sound {
            self.report = Some(report);
        }
    }

    fn add(
        &mut self,
        from: String,
        broken: Break,
        (head, evidence): (Option<String>, Option<PathBuf>),
    ) {
        let known = evidence.as_ref().and_then(|folder| {
            let bytes = disk::read(&folder.join("known-before")).ok().flatten()?;
            String::from_utf8(bytes).ok()
        });
        self.found.push(Found { from, broken, known, head, evidence });
    }

    /// A place that went back behind a head that was seen before or elsewhere. Said once.
    fn shrunk(
        &mut self,
        own: &Path,
        (from, reason): (&str, String),
        (ours, theirs): (&[u8], &[u8]),
    ) {
        if self.found.iter().any(|known| known.from == from && known.broken.code == "shrunk") {
            return;
        }
        let (code, step) = ("shrunk".to_owned(), Step::Tree);
        let broken = Break { step, ledger: None, seq: size(theirs), code, reason };
        let about = serde_json::to_string_pretty(&broken).unwrap_or_default();
        let evidence = Evidence { ours: Some(ours), theirs, from, about }.keep(own);
        let head = String::from_utf8_lossy(theirs).into_owned();
        match evidence {
            Ok(evidence) => self.add(from.to_owned(), broken, (Some(head), Some(evidence))),
            Err(fault) => {
                self.add(from.to_owned(), broken, (Some(head), None));
                self.could_not(from.to_owned(), &fault);
            }
        }
    }

    fn could_not(&mut self, from: String, fault: &FollowFault) {
        self.away.push(Away { from, reason: fault.to_string() });
    }

    /// A file that is none of those that were asked for.
    fn unreadable(&mut self, from: String, reason: String) {
        let code = "checkpoint".to_owned();
        let broken = Break { step: Step::Tree, ledger: None, seq: None, code, reason };
        self.add(from, broken, (None, None));
    }
}
