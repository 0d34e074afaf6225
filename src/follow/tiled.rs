//! Any other log of the same form (C2SP tlog-tiles): its head's signature, that it only grows, and
//! that tiles and entries are those of the head. What its entries say is not looked at.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::FollowFault;
use super::cache::{Cache, Limits, remove_folder};
use super::copy::Looked;
use super::evidence::Evidence;
use crate::disk::{self, Lock};
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{NoteFault, Policy, SignedCheckpoint, SignedNote};
use crate::ledger::tree::{
    BUNDLE_WIDTH, EMPTY_ROOT, Hash, Nodes as _, TilePath, TreeFault, hash_tiles_between, leaf_hash,
    verify_consistency,
};
use crate::verify::bundle_of;
use crate::verify::nodes::{TileNodes, root_of};
use crate::verify::report::{Break, Outcome, Report, Step};
use crate::verify::source::{Source, SourceFault};

/// The most full tiles of each level that one run compares with the tiles above and the entries
/// below: 262 144 entries.
const MOST_TILES: usize = 1024;

/// A log that is not one of ours.
#[derive(Debug)]
pub struct Tiled<'a> {
    /// Where it is published.
    pub source: &'a Source,
    /// Its keys, from somewhere else than the log.
    pub keys: &'a [PublicKey],
    /// Witnesses and quorum asked for.
    pub policy: Option<&'a Policy>,
    /// Where its head is remembered.
    pub own: &'a Path,
    /// What the run may use.
    pub limits: Limits,
}

/// A head; lines behind the third are allowed and mean nothing here (C2SP tlog-checkpoint).
struct Head {
    origin: String,
    size: u64,
    root: Hash,
    note: SignedNote,
}

/// Why the look ends: the log does not hold, or could not be read.
enum Stop {
    Broken(Break),
    Fault(FollowFault),
}

impl From<SourceFault> for Stop {
    fn from(fault: SourceFault) -> Self {
        Self::Fault(fault.into())
    }
}

fn broken(code: &str, seq: Option<u64>, reason: impl Into<String>) -> Stop {
    let (code, reason) = (code.to_owned(), reason.into());
    Stop::Broken(Break { step: Step::Tree, ledger: None, seq, code, reason })
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let note = SignedNote::parse(bytes).map_err(|fault| fault.to_string())?;
        let mut lines = note.text().lines();
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or("no origin")?.to_owned();
        let size = lines.next().unwrap_or_default();
        let number = size.parse::<u64>().ok().filter(|number| number.to_string() == size);
        let size = number.ok_or("the size is no decimal number")?;
        let root = Hash::from_base64(lines.next().unwrap_or_default());
        let root = root.map_err(|fault| fault.to_string())?;
        if lines.any(str::is_empty) {
            return Err("an extension line is empty".to_owned());
        }
        if size == 0 && root != EMPTY_ROOT {
            return Err("a tree of size 0 has another root".to_owned());
        }
        Ok(Self { origin, size, root, note })
    }
}

impl Tiled<'_> {
    /// Looks at the log: what it grew by, held against the head remembered. The new head is
    /// remembered only when all of it holds.
    ///
    /// # Errors
    /// [`FollowFault`].
    pub fn look(&self) -> Result<Looked, FollowFault> {
        disk::make_folder(self.own, false).map_err(FollowFault::disk(self.own))?;
        let path = self.own.join("lock");
        let lock = Lock::take(&path).map_err(FollowFault::disk(&path))?;
        let _lock = lock.ok_or_else(|| FollowFault::InUse { folder: self.own.to_owned() })?;
        let found = self
            .source
            .read("checkpoint")?
            .ok_or_else(|| FollowFault::Nothing { source_name: self.source.to_string() })?;
        let path = self.own.join("head");
        let ours = disk::read(&path).map_err(FollowFault::disk(&path))?;
        let (left, mut report) = (self.next().exists(), Report::new());
        let mut held = self.held(&found, ours.as_deref(), &mut report);
        if left && matches!(held, Err(Stop::Broken(_))) {
            // What an interrupted run fetched, or another place showed, may be at fault.
            remove_folder(&self.next())?;
            report = Report::new();
            held = self.held(&found, ours.as_deref(), &mut report);
        }
        let (evidence, before) = match held {
            Ok(before) => {
                disk::replace(&path, &found, false).map_err(FollowFault::disk(&path))?;
                remove_folder(&self.next())?;
                (None, before)
            }
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::Broken(stop)) => {
                report.outcome = Outcome::Broken;
                report.broken = Some(stop);
                remove_folder(&self.next())?;
                let known = ours.as_deref().and_then(|bytes| Head::parse(bytes).ok());
                (Some(self.evidence(&found, ours.as_deref(), &report)?), known.map(|own| own.size))
            }
        };
        let head = String::from_utf8_lossy(&found).into_owned();
        Ok(Looked { report, before, files: 0, evidence, head, withdrawn: 0 })
    }

    /// Holds another head of the log against the one remembered, by the tiles of this source: what
    /// does not hold, and where both heads are kept.
    ///
    /// # Errors
    /// [`FollowFault`].
    pub fn compare(
        &self,
        from: &str,
        bytes: &[u8],
    ) -> Result<Option<(Break, PathBuf)>, FollowFault> {
        let path = self.own.join("head");
        let ours = disk::read(&path).map_err(FollowFault::disk(&path))?;
        let Some(own) = ours.as_deref().and_then(|bytes| Head::parse(bytes).ok()) else {
            return Ok(None);
        };
        let mut report = Report::new();
        let mut held = || {
            let head = Head::parse(bytes).map_err(|why| broken("checkpoint", None, why))?;
            self.signed(&head, bytes, &mut report)?;
            // The remembered one has to continue this one.
            against(&head, &own)?;
            let nodes = TileNodes::new(self.source, own.size);
            grows(Some(&head), &own, &nodes)
        };
        let found = match held() {
            Ok(()) => return Ok(None),
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::Broken(found)) => found,
        };
        let about = serde_json::to_string_pretty(&found).unwrap_or_default();
        let evidence = Evidence { ours: ours.as_deref(), theirs: bytes, from, about };
        Ok(Some((found, evidence.keep(self.own)?)))
    }

    fn next(&self) -> PathBuf {
        self.own.join("next")
    }

    fn evidence(
        &self,
        found: &[u8],
        ours: Option<&[u8]>,
        report: &Report,
    ) -> Result<PathBuf, FollowFault> {
        let about = serde_json::to_string_pretty(report).unwrap_or_default();
        let from = self.source.to_string();
        Evidence { ours, theirs: found, from: &from, about }.keep(self.own)
    }

    /// Everything about a head; the size remembered before.
    fn held(
        &self,
        found: &[u8],
        ours: Option<&[u8]>,
        report: &mut Report,
    ) -> Result<Option<u64>, Stop> {
        let head = Head::parse(found).map_err(|why| broken("checkpoint", None, why))?;
        report.origin = Some(head.origin.clone());
        report.size = Some(head.size);
        report.root = Some(head.root.to_string());
        self.signed(&head, found, report)?;
        let own = ours.map(Head::parse).transpose().map_err(|why| {
            let reason = io::Error::new(io::ErrorKind::InvalidData, why);
            Stop::Fault(FollowFault::disk(self.own.join("head"))(reason))
        })?;
        if let Some(own) = &own {
            against(own, &head)?;
        }
        let old = own.as_ref().map_or(0, |own| own.size);
        let cache = Cache::new(self.source.clone(), &self.next(), &self.next(), self.limits);
        let through = Source::Files(Arc::new(cache), String::new());
        let nodes = TileNodes::new(&through, head.size);
        grows(own.as_ref(), &head, &nodes)?;
        report.count("consistency", u64::from(old > 0));
        self.tiles(&through, &nodes, (old, head.size), report)?;
        report.verified = head.size;
        report.not_checked.push("what the entries say: this log is none of ours".to_owned());
        Ok(own.map(|own| own.size))
    }

    fn signed(&self, head: &Head, found: &[u8], report: &mut Report) -> Result<(), Stop> {
        let mut signer = None;
        for key in self.keys {
            match head.note.verify(key) {
                Ok(()) => signer = Some(key),
                Err(NoteFault::NotSigned(_)) => {}
                Err(fault) => return Err(broken("log-signature", None, fault.to_string())),
            }
        }
        let no = || broken("log-signature", None, "no key that was given signed the checkpoint");
        report.log_key = Some(signer.ok_or_else(no)?.vkey());
        report.log_key_given = true;
        report.count("log signatures", 1);
        let Some(policy) = self.policy else { return Ok(()) };
        let checkpoint = SignedCheckpoint::parse(found);
        let verdict = checkpoint.and_then(|head| policy.evaluate(&head));
        let verdict = verdict.map_err(|fault| broken("own-policy", None, fault.to_string()))?;
        let cosigned = verdict.cosigned.iter().map(|own| (own.witness.clone(), own.time));
        report.witnesses = cosigned.collect();
        if verdict.quorum_met {
            return Ok(());
        }
        Err(broken("own-policy", None, "the checkpoint does not meet the policy given for it"))
    }

    /// New tiles against the tiles above them, and the entries against the lowest.
    fn tiles(
        &self,
        source: &Source,
        nodes: &TileNodes<'_>,
        (old, size): (u64, u64),
        report: &mut Report,
    ) -> Result<(), Stop> {
        let all = hash_tiles_between(old, size).map_err(|fault| unread(nodes, &fault))?;
        let mut bundles = (0_u64, 0_u64);
        for level in 0..=6 {
            let own: Vec<&TilePath> = all.iter().filter(|tile| tile.level() == level).collect();
            if own.len() > MOST_TILES {
                let left = own.len() - MOST_TILES;
                report.not_checked.push(format!("{left} new tiles of level {level}: too many"));
            }
            for tile in own.iter().rev().take(MOST_TILES) {
                if self.limits.is_over() {
                    return Err(Stop::Fault(FollowFault::Source(SourceFault::Spent {
                        path: tile.to_string(),
                        what: "the time of this run is",
                    })));
                }
                let hashes =
                    nodes.tile(level, tile.index()).map_err(|fault| unread(nodes, &fault))?;
                under_its_parent(nodes, tile, (&hashes, size))?;
                report.count("hash tiles", 1);
                if level == 0 {
                    match entries(source, tile, &hashes, size)? {
                        true => bundles.0 += 1,
                        false => bundles.1 += 1,
                    }
                }
            }
        }
        report.count("entry bundles", bundles.0);
        if bundles.1 > 0 {
            let missing = format!("{} entry bundles that are not offered", bundles.1);
            report.not_checked.push(missing);
        }
        Ok(())
    }
}

/// A head against the one remembered, as far as the two alone say.
fn against(own: &Head, head: &Head) -> Result<(), Stop> {
    if own.origin != head.origin {
        let reason = format!("the log here was {}, now it is {}", own.origin, head.origin);
        return Err(broken("checkpoint", None, reason));
    }
    if head.size < own.size {
        let reason = format!("it has {} entries, and had {}", head.size, own.size);
        return Err(broken("shrunk", Some(head.size), reason));
    }
    if head.size == own.size && head.root != own.root {
        let reason = format!("two heads over {} entries, with other roots", head.size);
        return Err(broken("split", None, reason));
    }
    Ok(())
}

/// The tiles lead to the head, and the tree remembered is a beginning of it.
fn grows(own: Option<&Head>, head: &Head, nodes: &TileNodes<'_>) -> Result<(), Stop> {
    let root = nodes.root_at(head.size).map_err(|fault| unread(nodes, &fault))?;
    if root != head.root {
        return Err(broken("tile", None, "the tiles are not those of the checkpoint"));
    }
    let Some(own) = own else { return Ok(()) };
    let proof = nodes.consistency_proof(own.size, head.size);
    let proof = proof.map_err(|fault| unread(nodes, &fault))?;
    verify_consistency(own.size, own.root, head.size, head.root, &proof).map_err(|_| {
        let (old, new) = (own.size, head.size);
        let reason = format!("the head over {new} entries does not continue the one over {old}");
        broken("split", None, reason)
    })
}

/// Whether the hash of a full tile is the one that stands in the tile above it.
fn under_its_parent(
    nodes: &TileNodes<'_>,
    tile: &TilePath,
    (hashes, size): (&[Hash], u64),
) -> Result<(), Stop> {
    let (level, width) = (tile.level() + 1, u64::from(BUNDLE_WIDTH));
    if !tile.is_full() || level > 6 || crate::verify::nodes::width_at(size, level, 0).is_none() {
        return Ok(());
    }
    let above = nodes.tile(level, tile.index() / width).map_err(|fault| unread(nodes, &fault))?;
    let at = usize::try_from(tile.index() % width).unwrap_or(usize::MAX);
    if above.get(at) == Some(&root_of(hashes)) {
        return Ok(());
    }
    let seq = (tile.level() == 0).then(|| tile.start());
    Err(broken("tile", seq, format!("{tile} is not the tile under the one above it")))
}

/// Whether the bundle beside a tile of leaves is offered; its entries have these hashes.
fn entries(source: &Source, tile: &TilePath, hashes: &[Hash], size: u64) -> Result<bool, Stop> {
    let mut bundle = bundle_of(source, tile.start(), size)?;
    if bundle.is_empty() {
        // A partial bundle may be gone once the full one is there.
        bundle = bundle_of(source, tile.start(), tile.start() + u64::from(BUNDLE_WIDTH))?;
    }
    if bundle.is_empty() {
        return Ok(false);
    }
    for (seq, hash) in (tile.start()..).zip(hashes) {
        let at = usize::try_from(seq - tile.start()).unwrap_or(usize::MAX);
        if bundle.get(at).map(|entry| leaf_hash(entry)) != Some(*hash) {
            return Err(broken("entry", Some(seq), "the entry does not have its hash"));
        }
    }
    Ok(true)
}

fn unread(nodes: &TileNodes<'_>, fault: &TreeFault) -> Stop {
    match nodes.fault() {
        Some(fault) => Stop::Fault(fault.into()),
        None => broken("tile", None, fault.to_string()),
    }
}
