//! Mirrors: ledgers that other servers keep, as folders of published files on this machine.
//!
//! A mirror counts only after all of it was verified, and only as far as it was. Newer checkpoints
//! have to continue those that were counted before them, one of each ledger of the chapter: a
//! ledger that goes back, was written anew or is gone is not counted any more. What does not verify
//! is listed with its reason.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;

use crate::verify::given::Given;
use crate::verify::lineage::checkpoints;
use crate::verify::report::{Outcome, Report, Step};
use crate::verify::rolled::{Verified, verify_whole};
use crate::verify::source::Source;
use crate::verify::{Options, VerifyFault};

/// A mirror that was refused is looked at again after so many rounds, though its checkpoint is the
/// same: its other files may have been on their way.
const ROUNDS: u32 = 10;

/// The mirrors of a site. A copy is the same mirrors.
#[derive(Clone, Debug, Default)]
pub struct Mirrors(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    all: Vec<Mirror>,
    /// Counts looks at mirrors, each of which may have changed what is shown.
    version: AtomicU64,
    stopped: AtomicBool,
    wake: Notify,
}

#[derive(Debug)]
struct Mirror {
    folder: PathBuf,
    state: RwLock<Known>,
}

/// What is known of a mirror.
#[derive(Clone, Debug, Default)]
struct Known {
    state: MirrorState,
    /// The checkpoints of its ledgers that were tried last; none for a folder without one.
    tried: Option<Vec<Vec<u8>>>,
    /// The checkpoints that were counted last.
    counted: Vec<Vec<u8>>,
    /// Rounds since it was refused.
    rounds: u32,
}

/// How a mirror stands.
#[derive(Clone, Debug, Default)]
pub enum MirrorState {
    /// It was not verified yet.
    #[default]
    Waiting,
    /// All of it holds.
    Counted(Arc<Verified>),
    /// It does not verify.
    Refused(Reason),
}

/// Why a mirror is not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its files could not be read.
    Unread,
    /// Its entries stop before its checkpoint does.
    Prefix,
    /// It is newer than this program.
    Newer,
    /// Something does not hold: the step, and the entry when it is one entry's.
    Broken(Step, Option<u64>),
}

/// A mirror as pages show it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The name of its folder: where it lies is nobody's business.
    pub folder: String,
    /// How it stands.
    pub state: MirrorState,
}

impl Mirrors {
    /// The mirrors in some folders, none of them verified yet.
    #[must_use]
    pub fn new(folders: Vec<PathBuf>) -> Self {
        let mirror = |folder| Mirror { folder, state: RwLock::default() };
        Self(Arc::new(Inner { all: folders.into_iter().map(mirror).collect(), ..Inner::default() }))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.all.is_empty()
    }

    /// A number that is another one whenever a mirror may stand otherwise. Read it before what is
    /// shown.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// Every mirror as it stands now.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown> {
        let shown = |mirror: &Mirror| {
            let folder = mirror.folder.file_name().unwrap_or_default();
            Shown { folder: folder.to_string_lossy().into_owned(), state: mirror.known().state }
        };
        self.0.all.iter().map(shown).collect()
    }

    /// Verifies every mirror whose checkpoint is another than the one tried last. Takes as long as
    /// that takes: not for a thread that answers requests.
    pub fn refresh(&self) {
        for mirror in &self.0.all {
            if self.is_stopped() {
                return;
            }
            mirror.refresh(&|| self.is_stopped());
            self.0.version.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Breaks off what is being verified, and ends pauses.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
        self.0.wake.notify_one();
    }

    /// Whether it was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }

    /// Waits for so long, or until it is stopped.
    pub async fn pause(&self, length: Duration) {
        // Whichever comes first.
        let _ = tokio::time::timeout(length, self.0.wake.notified()).await;
    }
}

impl Mirror {
    fn known(&self) -> Known {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn refresh(&self, stop: &dyn Fn() -> bool) {
        let mut known = self.known();
        let source = Source::Folder(self.folder.clone());
        let found = checkpoints(&source).unwrap_or_else(|fault| {
            tracing::warn!(mirror = %self.folder.display(), %fault, "a checkpoint can't be read");
            Vec::new()
        });
        let same = known.tried.as_ref() == Some(&found);
        let refused = matches!(known.state, MirrorState::Refused(_));
        known.rounds += 1;
        if !same || (refused && known.rounds >= ROUNDS) {
            let looked = match found.is_empty() {
                false => look(&source, &self.folder, &known.counted, stop),
                true => Some(self.nothing_there()),
            };
            let Some(state) = looked else { return };
            if matches!(state, MirrorState::Counted(_)) {
                known.counted.clone_from(&found);
            }
            known = Known { state, tried: Some(found), rounds: 0, ..known };
        }
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn nothing_there(&self) -> MirrorState {
        tracing::warn!(mirror = %self.folder.display(), "this mirror has no checkpoint");
        MirrorState::Refused(Reason::Unread)
    }
}

/// Verifies a mirror; `None` when it was broken off.
fn look(
    source: &Source,
    folder: &Path,
    counted: &[Vec<u8>],
    stop: &dyn Fn() -> bool,
) -> Option<MirrorState> {
    // What was counted once must be a beginning of what is counted now.
    let before = counted.iter().filter_map(|own| Given::read("counted before", own).ok());
    let options = Options { against: before.collect(), aside: true, ..Options::default() };
    let folder = folder.display();
    match verify_whole(source, &options, &mut |_, _| {}, stop) {
        Ok((_, Some(verified))) => Some(MirrorState::Counted(Arc::new(verified))),
        Ok((report, None)) => {
            let reason = report.broken.as_ref().map(|found| found.reason.as_str());
            tracing::warn!(mirror = %folder, reason, "this mirror does not verify");
            Some(MirrorState::Refused(reason_of(&report)))
        }
        Err(VerifyFault::Stopped) => None,
        Err(fault) => {
            tracing::warn!(mirror = %folder, %fault, "this mirror could not be read");
            Some(MirrorState::Refused(Reason::Unread))
        }
    }
}

fn reason_of(report: &Report) -> Reason {
    match (&report.outcome, &report.broken) {
        (Outcome::Prefix, _) => Reason::Prefix,
        (Outcome::Newer, _) => Reason::Newer,
        (_, Some(found)) => Reason::Broken(found.step, found.seq),
        (_, None) => Reason::Unread,
    }
}
