//! One ledger, looked at in all the places where it can be seen: the site, mirrors, papers.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::cache::Limits;
use super::copy::{Asked, Copy, Looked};
use super::evidence::Evidence;
use super::places::{length, never_back, newest, remember, size};
use super::tiled::Tiled;
use super::{FollowFault, heads_of};
use crate::disk;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{Policy, SignedCheckpoint};
use crate::verify::given::{Given, GivenContent};
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
    fn heads(
        &self,
        own: &Path,
        limits: Limits,
        finding: &mut Finding,
    ) -> Vec<(&Source, Vec<Vec<u8>>)> {
        let mut trees = Vec::new();
        for source in &self.trees {
            match heads_of(source, source, limits.until) {
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
        let trees = self.heads(own, asked.limits, finding);
        let policy = self.policy.as_ref();
        let log = |source| Tiled { source, keys: &self.keys, policy, own, limits: asked.limits };
        // The longest that holds is followed, the others are held against it.
        let mut followed: Option<(Tiled<'_>, Vec<Vec<u8>>)> = None;
        for (source, heads) in &trees {
            if let Some((log, _)) = &followed {
                let compare = |head: &Vec<u8>| other(log, &source.to_string(), head, finding);
                if heads.iter().map(compare).filter(|fits| !fits).count() == 0 {
                    finding.remember(own, source, heads);
                }
                continue;
            }
            match log(*source).look() {
                Ok(looked) => {
                    let head = vec![looked.head.clone().into_bytes()];
                    if looked.report.outcome == Outcome::Sound {
                        finding.remember(own, source, &head);
                        followed = Some((log(*source), head));
                    }
                    finding.take(source, looked);
                }
                Err(fault) => finding.could_not(source.to_string(), &fault),
            }
        }
        for path in &self.papers {
            let from = path.display().to_string();
            match (std::fs::read(path), &followed) {
                (Ok(bytes), Some((log, _))) => {
                    other(log, &from, &bytes, finding);
                }
                // Its tiles would have to show how the paper stands to what is known.
                (Ok(_), None) => finding.not_checked(from),
                (Err(reason), _) => {
                    finding.away.push(Away { from, reason: reason.to_string() });
                }
            }
        }
        if let Some((log, longest)) = &followed {
            self.site_is_behind((log.source, longest), &trees, (own, asked.limits.until), finding);
        }
    }

    fn ours(&self, own: &Path, asked: &Asked, finding: &mut Finding) {
        let copy = match Copy::open(&own.join("copy"), own) {
            Ok(copy) => copy,
            Err(fault) => return finding.could_not(own.display().to_string(), &fault),
        };
        let trees = self.heads(own, asked.limits, finding);
        // The longest that holds is followed, the others are held against it.
        let mut followed: Option<(&Source, Vec<Vec<u8>>)> = None;
        for (source, heads) in &trees {
            let asked =
                Asked { key: self.key(heads), policy: self.policy.clone(), ..asked.clone() };
            if followed.is_some() {
                if self.compare(&copy, source, heads, &asked, finding) {
                    finding.remember(own, source, heads);
                }
                continue;
            }
            match copy.look(source, &asked, &mut |_, _| {}) {
                Ok(looked) => {
                    if looked.report.outcome == Outcome::Sound {
                        let heads = known(&copy, finding);
                        finding.remember(own, source, &heads);
                        followed = Some((*source, heads));
                    }
                    finding.take(source, looked);
                }
                Err(fault) => finding.could_not(source.to_string(), &fault),
            }
        }
        self.papers(&copy, followed.is_some(), asked, finding);
        if let Some((source, longest)) = &followed {
            self.site_is_behind((source, longest), &trees, (own, asked.limits.until), finding);
        }
    }

    /// The first place is where the ledger is written: nobody else can have more of it. Held
    /// against what was verified of the one that was followed, whatever others promise.
    fn site_is_behind(
        &self,
        (first, longest): (&Source, &[Vec<u8>]),
        trees: &[(&Source, Vec<Vec<u8>>)],
        (own, until): (&Path, Option<Instant>),
        finding: &mut Finding,
    ) {
        let Some(site) = self.trees.first() else { return };
        let is_site = |source: &Source| source.to_string() == site.to_string();
        let shown = trees.iter().find(|(source, _)| is_site(source));
        if is_site(first) || shown.is_none_or(|(_, heads)| length(heads) >= length(longest)) {
            return;
        }
        // Where it shows something else, that was said.
        if finding.found.iter().any(|found| found.from == site.to_string()) {
            return;
        }
        // It may have grown since it was asked.
        let Ok(now) = heads_of(site, site, until) else { return };
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

    /// Another place's heads against the copy; whether all of them fit.
    fn compare(
        &self,
        copy: &Copy,
        source: &Source,
        heads: &[Vec<u8>],
        asked: &Asked,
        finding: &mut Finding,
    ) -> bool {
        let mut fits = true;
        for bytes in heads {
            let from = source.to_string();
            match Given::read(&from, bytes) {
                Ok(given) => fits &= hold(copy, &given, (Some(source), asked), finding),
                Err(reason) => {
                    finding.unreadable(from, reason);
                    return false;
                }
            }
        }
        fits
    }

    /// The papers against the copy. Where no place was `followed` in this run, the ledger may be
    /// longer than the copy: a paper of what is not in it says nothing.
    fn papers(&self, copy: &Copy, followed: bool, asked: &Asked, finding: &mut Finding) {
        let known = if followed { Vec::new() } else { known(copy, finding) };
        for path in &self.papers {
            let from = path.display().to_string();
            match std::fs::read(path) {
                Err(reason) => finding.away.push(Away { from, reason: reason.to_string() }),
                Ok(bytes) => match Given::read(&from, &bytes) {
                    Err(reason) => finding.unreadable(from, reason),
                    Ok(given) if !followed && !is_among(&given, &known) => {
                        finding.not_checked(from);
                    }
                    Ok(given) => {
                        hold(copy, &given, (None, asked), finding);
                    }
                },
            }
        }
    }
}

/// Another head of a log that is none of ours; whether it fits.
fn other(log: &Tiled<'_>, from: &str, bytes: &[u8], finding: &mut Finding) -> bool {
    match log.compare(from, bytes) {
        Ok(None) => return true,
        Ok(Some((broken, evidence))) => {
            let head = String::from_utf8_lossy(bytes).into_owned();
            finding.add(from.to_owned(), broken, (Some(head), Some(evidence)));
        }
        Err(fault) => finding.could_not(from.to_owned(), &fault),
    }
    false
}

/// The heads of the copy as they were signed.
fn known(copy: &Copy, finding: &mut Finding) -> Vec<Vec<u8>> {
    match copy.heads() {
        Ok(heads) => heads.iter().map(|head| head.to_string().into_bytes()).collect(),
        Err(fault) => {
            finding.could_not("copy".to_owned(), &fault);
            Vec::new()
        }
    }
}

/// Whether what a paper speaks of lies in a copy with these heads.
fn is_among(given: &Given, heads: &[Vec<u8>]) -> bool {
    let mut heads = heads.iter().filter_map(|head| SignedCheckpoint::parse(head).ok());
    let head = match &given.content {
        GivenContent::Checkpoint(head) => head.checkpoint(),
        GivenContent::Receipt(receipt) => receipt.checkpoint().checkpoint(),
        // Private values are of the first ledger, which is the one named.
        GivenContent::Disclosures(list) => {
            let size = heads.next().map_or(0, |head| head.checkpoint().size);
            return list.iter().all(|disclosed| disclosed.seq < size);
        }
    };
    let own = heads.find(|own| own.checkpoint().origin == head.origin);
    own.is_some_and(|own| head.size <= own.checkpoint().size)
}

/// Holds a head or a paper against the copy; whether it fits.
fn hold(
    copy: &Copy,
    given: &Given,
    (source, asked): (Option<&Source>, &Asked),
    finding: &mut Finding,
) -> bool {
    let from = given.name.clone();
    let mut broken = match copy.fits(given) {
        Ok(None) => return true,
        Ok(Some(broken)) => broken,
        Err(fault) => {
            finding.could_not(from, &fault);
            return false;
        }
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
    false
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
    pub(super) fn shrunk(
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

    /// Keeps what a place showed and what held.
    fn remember(&mut self, own: &Path, source: &Source, heads: &[Vec<u8>]) {
        if let Err(fault) = remember(own, source, heads) {
            self.could_not(source.to_string(), &fault);
        }
    }

    /// A paper of what was not seen yet, while no place could be followed.
    fn not_checked(&mut self, from: String) {
        let reason = "not checked: it may be newer than what is known, and nothing newer could be \
                      verified in this run";
        self.away.push(Away { from, reason: reason.to_owned() });
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
