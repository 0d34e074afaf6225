//! A verified copy of a published ledger, with those that continue it: kept up to date, never
//! believed before it was verified, never given up for less.
//!
//! The folder is the tree that an export writes, fit for any static host. What a follower needs
//! beside it (lock, state, what an interrupted run fetched, evidence) lies in a folder of its own.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cache::{Cache, Limits, remove_folder};
use super::explain::against_policy;
use super::patrol::Patrol;
use super::{FollowFault, heads_of, kept, moves, sift};
use crate::books::Effects;
use crate::disk::{self, Lock, Unfinished};
use crate::ledger::entry::Entry;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{Policy, SignedCheckpoint};
use crate::ledger::tree::{BUNDLE_WIDTH, entry_tiles_between, hash_tiles_between};
use crate::ledger::word::Origin;
use crate::verify::given::{Given, GivenContent, read_disclosures, read_line};
use crate::verify::kept::Kept;
use crate::verify::report::{Break, Outcome, Report};
use crate::verify::source::Source;
use crate::verify::{Options, bundle_of, verify, verify_from, verify_watched};

/// The folder of a mirror that holds what is no part of the published tree.
pub const OWN: &str = ".minhbach";

/// What is asked of one look at a source.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The log key from somewhere else than the site.
    pub key: Option<PublicKey>,
    /// The witnesses and the quorum that the follower asks for, beside what the ledger publishes.
    pub policy: Option<Policy>,
    /// Papers to hold the ledger against.
    pub against: Vec<Given>,
    /// What the run may use.
    pub limits: Limits,
    /// Full bundles that were verified earlier and are read again in this run.
    pub patrol: u64,
    /// Whether everything is read again.
    pub full: bool,
}

/// What a look found.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The report of the verification.
    pub report: Report,
    /// Entries of the newest ledger before; `None` when there was no copy.
    pub before: Option<u64>,
    /// Files that are new in the copy.
    pub files: u64,
    /// Where the two heads of a break lie.
    pub evidence: Option<PathBuf>,
    /// The newest head that was found, as it was signed.
    pub head: String,
    /// Names that are not shown any more and left the copy.
    pub withdrawn: u64,
}

/// A copy in its folder. One program at a time.
#[derive(Debug)]
pub struct Copy {
    pub(super) folder: PathBuf,
    pub(super) own: PathBuf,
    _lock: Lock,
}

impl Copy {
    /// The copy in `folder`, made when it is missing, with what else is needed in `own`. A run that
    /// was cut off while its files were moved is ended first.
    ///
    /// # Errors
    /// [`FollowFault`].
    pub fn open(folder: &Path, own: &Path) -> Result<Self, FollowFault> {
        let has_begun = own.is_dir() || folder.join("checkpoint").exists();
        let holds_any = std::fs::read_dir(folder).is_ok_and(|mut all| all.next().is_some());
        if holds_any && !has_begun {
            return Err(FollowFault::Foreign { folder: folder.to_owned() });
        }
        disk::make_folder(folder, false).map_err(FollowFault::disk(folder))?;
        disk::make_folder(own, false).map_err(FollowFault::disk(own))?;
        let path = own.join("lock");
        let lock = Lock::take(&path).map_err(FollowFault::disk(&path))?;
        let in_use = || FollowFault::InUse { folder: own.to_owned() };
        let copy = Self {
            folder: folder.to_owned(),
            own: own.to_owned(),
            _lock: lock.ok_or_else(in_use)?,
        };
        moves::recover(&copy.next(), &copy.folder, &copy.own)?;
        Ok(copy)
    }

    fn next(&self) -> PathBuf {
        self.own.join("next")
    }

    /// The checkpoints of its ledgers, the oldest ledger first; all of them verified.
    ///
    /// # Errors
    /// [`FollowFault`].
    pub fn heads(&self) -> Result<Vec<SignedCheckpoint>, FollowFault> {
        kept::heads(&self.folder)
    }

    /// Looks at a source: verifies what is new, and takes it into the copy. `progress` is told the
    /// entries done and the entries in all.
    ///
    /// # Errors
    /// [`FollowFault`]; what is wrong with the ledger is no fault but in the report.
    pub fn look(
        &self,
        source: &Source,
        asked: &Asked,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Looked, FollowFault> {
        let (mut looked, reused) = self.look_once(source, asked, progress)?;
        if looked.report.outcome == Outcome::Broken {
            remove_folder(&self.next())?;
            if reused {
                // What an interrupted run fetched may be at fault.
                looked = self.look_once(source, asked, progress)?.0;
                remove_folder(&self.next())?;
            }
        }
        Ok(looked)
    }

    fn look_once(
        &self,
        source: &Source,
        asked: &Asked,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(Looked, bool), FollowFault> {
        let tree = self.next().join(moves::TREE);
        let cache = Arc::new(Cache::new(source.clone(), &self.folder, &tree, asked.limits));
        let through = Source::Files(cache.clone(), String::new());
        let found = heads_of(&through, source, None)?;
        let newest =
            found.last().ok_or_else(|| FollowFault::Nothing { source_name: source.to_string() })?;
        if let Some(origin) = later(&found[0]) {
            return Err(FollowFault::NotFirst { origin });
        }
        let ours = self.heads()?;
        self.probe(&cache, &found, &ours);
        let kept = kept::load(&self.own.join(moves::KEPT), &self.folder)?;
        let known = kept.as_ref().and_then(|kept| kept.ledgers().last().map(|own| own.size));
        let options = self.options(asked, kept.is_none().then_some(&ours));
        let start = match kept {
            Some(kept) => kept,
            None => Kept::new().map_err(FollowFault::disk("the temporary folder"))?,
        };
        let mut watch = until_over(asked.limits);
        let verified = verify_from(start, &through, &options, (progress, &mut watch))?;
        let (mut report, kept) = verified;
        if report.outcome == Outcome::Sound {
            self.also((&cache, &through), asked, (&ours, known), (&found, &mut report))?;
        }
        let mut looked = Looked {
            before: ours.last().map(|head| head.checkpoint().size),
            files: 0,
            evidence: None,
            head: String::from_utf8_lossy(newest).into_owned(),
            withdrawn: 0,
            report,
        };
        match looked.report.outcome {
            Outcome::Sound => {
                looked.withdrawn = self.withdraw(&cache, &found)?;
                sift::sift(&kept, (&cache, &through), &tree)?;
                looked.files = self.take(kept, &ours, known.is_some())?;
                if asked.full {
                    self.read_again(source, cache.left(), &mut looked.report)?;
                    if looked.report.outcome != Outcome::Sound {
                        self.explain(source, asked, (&ours, &found), &mut looked)?;
                    }
                }
            }
            Outcome::Broken | Outcome::Prefix => {
                self.is_whole(&ours)?;
                looked.withdrawn = self.withdraw(&cache, &found)?;
                self.explain(source, asked, (&ours, &found), &mut looked)?;
            }
            Outcome::Newer => {}
        }
        Ok((looked, cache.has_reused()))
    }

    /// Before a ledger is blamed: whether the copy that it is held against holds itself.
    fn is_whole(&self, ours: &[SignedCheckpoint]) -> Result<(), FollowFault> {
        if ours.is_empty() {
            return Ok(());
        }
        let own = Source::Folder(self.folder.clone());
        let report = verify(&own, &Options::default(), &mut |_, _| {})?;
        if report.outcome == Outcome::Sound {
            return Ok(());
        }
        let reason = report.broken.map(|found| found.reason).unwrap_or_default();
        Err(FollowFault::Damaged { folder: self.folder.clone(), reason })
    }

    /// Asks for the earlier checkpoints between what is known and what was found.
    fn probe(&self, cache: &Cache, found: &[Vec<u8>], ours: &[SignedCheckpoint]) {
        for (at, bytes) in found.iter().enumerate() {
            let Ok(head) = SignedCheckpoint::parse(bytes) else { continue };
            let old = ours.get(at).map_or(0, |own| own.checkpoint().size);
            cache.probe(&below(at), old, head.checkpoint().size);
        }
    }

    /// Without a state the heads of the copy are what the ledger is held against.
    fn options(&self, asked: &Asked, ours: Option<&Vec<SignedCheckpoint>>) -> Options {
        let mut against = asked.against.clone();
        let own = |head: &SignedCheckpoint| Given {
            name: "the head known before".to_owned(),
            content: GivenContent::Checkpoint(head.clone()),
        };
        against.extend(ours.into_iter().flatten().map(own));
        Options { key: asked.key.clone(), against, ..Options::default() }
    }

    /// What a follower asks for beside the verification: its own policy, and old files again.
    fn also(
        &self,
        (cache, through): (&Cache, &Source),
        asked: &Asked,
        (ours, known): (&[SignedCheckpoint], Option<u64>),
        (found, report): (&[Vec<u8>], &mut Report),
    ) -> Result<(), FollowFault> {
        if let (Some(policy), Some(newest)) = (&asked.policy, found.last()) {
            let path = format!("{}cosigned", below(found.len().saturating_sub(1)));
            let cosigned = through.read(&path)?;
            if let Some(found) = against_policy(policy, (newest, cosigned.as_deref()), report) {
                fails(report, found);
                return Ok(());
            }
        }
        let Some(known) = known.filter(|_| !asked.full) else { return Ok(()) };
        let patrol = Patrol { folder: &self.folder, own: &self.own, cache };
        match patrol.walk(ours, asked.patrol)? {
            Ok((read, all)) => report.not_checked.push(format!(
                "again in this run: entries.jsonl before entry {known}, and {} of {all} full \
                 bundles; --full reads everything again",
                all - read
            )),
            Err(found) => fails(report, found),
        }
        Ok(())
    }

    /// Everything, past the copy; against its heads, within what is left of the run.
    fn read_again(
        &self,
        source: &Source,
        limits: Limits,
        report: &mut Report,
    ) -> Result<(), FollowFault> {
        let options = self.options(&Asked::default(), Some(&self.heads()?));
        let again = self.own.join("again");
        remove_folder(&again)?;
        let cache = Cache::new(source.clone(), &again.join("none"), &again, limits);
        let through = Source::Files(Arc::new(cache), String::new());
        let read = verify_watched(&through, &options, &mut |_, _| {}, &mut until_over(limits));
        remove_folder(&again)?;
        let (again, _) = read?;
        let (key, given) = (report.log_key.clone(), report.log_key_given);
        *report = again;
        // What was vouched for in an earlier run need not be shown again.
        (report.log_key, report.log_key_given) = (key, given);
        Ok(())
    }

    /// Names that upstream shows no more leave the copy at once, whatever else is wrong there.
    fn withdraw(&self, cache: &Cache, found: &[Vec<u8>]) -> Result<u64, FollowFault> {
        let mut withdrawn = 0;
        for at in 0..found.len() {
            let path = format!("{}disclosures.jsonl", below(at));
            let here = self.folder.join(&path);
            let Some(own) = disk::read(&here).map_err(FollowFault::disk(&here))? else { continue };
            let Ok(Some(published)) = cache.published(&path) else { continue };
            let Ok(shown) = read_disclosures(&published) else { continue };
            let own = String::from_utf8_lossy(&own).into_owned();
            let shown: HashSet<&str> = shown.iter().map(|shown| shown.text.as_str()).collect();
            let is_shown =
                |line: &&str| read_line(line).is_ok_and(|own| shown.contains(own.text.as_str()));
            let left: String =
                own.lines().filter(is_shown).map(|line| format!("{line}\n")).collect();
            if left != own {
                withdrawn += own.lines().count().saturating_sub(left.lines().count());
                disk::replace(&here, left.as_bytes(), false).map_err(FollowFault::disk(&here))?;
            }
        }
        Ok(u64::try_from(withdrawn).unwrap_or(u64::MAX))
    }

    /// What was verified comes into the copy.
    fn take(
        &self,
        kept: Kept,
        ours: &[SignedCheckpoint],
        resumed: bool,
    ) -> Result<u64, FollowFault> {
        let next = self.next();
        let tree = next.join(moves::TREE);
        let ledgers = kept.ledgers().to_vec();
        let sizes = ours.iter().map(|head| head.checkpoint().size);
        let same = resumed && sizes.eq(ledgers.iter().map(|ledger| ledger.size));
        for (at, ledger) in ledgers.iter().enumerate() {
            let old = ours.get(at).map_or(0, |own| own.checkpoint().size);
            if old == ledger.size && self.folder.join(below(at)).join("entries.jsonl").exists() {
                continue;
            }
            self.lines(&tree, at, (old, ledger.size))?;
            let head = tree.join(below(at)).join("checkpoint");
            let bytes = disk::read(&head).map_err(FollowFault::disk(&head))?.unwrap_or_default();
            let path = tree.join(format!("{}checkpoints/{}", below(at), ledger.size));
            disk::replace(&path, &bytes, false).map_err(FollowFault::disk(path))?;
        }
        if !same {
            let path = next.join(moves::KEPT);
            let state = kept.save().map_err(FollowFault::disk(&path))?;
            disk::replace(&path, &state, false).map_err(FollowFault::disk(&path))?;
        }
        let files = moves::commit(&next, &self.folder, &self.own)?;
        for (at, ledger) in ledgers.iter().enumerate() {
            let old = ours.get(at).map_or(0, |own| own.checkpoint().size);
            self.drop_parts(at, old, ledger.size)?;
        }
        Ok(files)
    }

    /// The lines of the copy, and those of the new bundles behind them.
    fn lines(&self, tree: &Path, at: usize, (old, new): (u64, u64)) -> Result<(), FollowFault> {
        let path = tree.join(below(at)).join("entries.jsonl");
        let fault = || FollowFault::disk(&path);
        disk::make_folder(path.parent().unwrap_or(tree), false).map_err(fault())?;
        let mut lines = Unfinished::create(&path, false).map_err(fault())?;
        let mut seq = 0;
        let own = self.folder.join(below(at)).join("entries.jsonl");
        if old > 0
            && let Ok(mut file) = std::fs::File::open(&own)
        {
            io::copy(&mut file, &mut lines).map_err(fault())?;
            seq = old;
        }
        let (over, under) = (tree.join(below(at)), self.folder.join(below(at)));
        while seq < new {
            let mut bundle = bundle_of(&Source::Folder(over.clone()), seq, new)?;
            if bundle.is_empty() {
                bundle = bundle_of(&Source::Folder(under.clone()), seq, new)?;
            }
            let skip = usize::try_from(seq % u64::from(BUNDLE_WIDTH)).unwrap_or(0);
            if bundle.len() <= skip {
                return Err(fault()(io::Error::other("a bundle that was verified is gone")));
            }
            for entry in &bundle[skip..] {
                lines.write_all(entry).and_then(|()| lines.write_all(b"\n")).map_err(fault())?;
                seq += 1;
            }
        }
        lines.finish().map_err(fault())
    }

    /// Partial tiles go when the full one is there (C2SP tlog-tiles).
    fn drop_parts(&self, at: usize, old: u64, new: u64) -> Result<(), FollowFault> {
        let mut tiles = hash_tiles_between(old, new).unwrap_or_default();
        tiles.extend(entry_tiles_between(old, new).unwrap_or_default());
        for tile in tiles.iter().filter(|tile| tile.is_full()) {
            let parts = self.folder.join(format!("{}{tile}.p", below(at)));
            remove_folder(&parts)?;
        }
        Ok(())
    }

    /// Holds another source's head, or a paper, against the copy: `None` where it fits. Nobody is
    /// blamed where the copy itself does not hold.
    ///
    /// # Errors
    /// [`FollowFault`].
    pub fn fits(&self, given: &Given) -> Result<Option<Break>, FollowFault> {
        let Some(kept) = kept::load(&self.own.join(moves::KEPT), &self.folder)? else {
            return Ok(None);
        };
        let options = Options { against: vec![given.clone()], ..Options::default() };
        let own = Source::Folder(self.folder.clone());
        let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
        let (report, _) = verify_from(kept, &own, &options, (&mut |_, _| {}, &mut watch))?;
        if report.broken.is_some() {
            self.is_whole(&self.heads()?)?;
        }
        Ok(report.broken)
    }
}

/// Watches a verification that ends where the time of the run does.
fn until_over(limits: Limits) -> impl FnMut(&Entry, &Effects) -> ControlFlow<()> {
    move |_, _| match limits.is_over() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}

/// The folder of a ledger of a chapter, counted from 0.
pub(super) fn below(at: usize) -> String {
    if at == 0 { String::new() } else { format!("{}/", at + 1) }
}

/// The identity of a ledger that continues another.
fn later(head: &[u8]) -> Option<String> {
    let head = SignedCheckpoint::parse(head).ok()?;
    let origin: Origin = head.checkpoint().origin.parse().ok()?;
    (origin.generation() > 1).then(|| origin.to_string())
}

pub(super) fn fails(report: &mut Report, found: Break) {
    report.outcome = Outcome::Broken;
    report.broken = Some(found);
}
