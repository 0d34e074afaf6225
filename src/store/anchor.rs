//! The newest checkpoint outside the database, one file for each ledger.
//!
//! Replaced in the background, at most a second or one batch behind, and at a clean stop: one
//! atomic replacement costs as much as several commits.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::fault::StoreFault;
use super::folder;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::word::Origin;

/// The pause between two rounds of replacing.
const PAUSE: Duration = Duration::from_millis(500);

type Waiting = Arc<Mutex<HashMap<String, Arc<str>>>>;

/// The folder of anchors, and the checkpoints that are not in it yet.
#[derive(Debug)]
pub(super) struct Anchors {
    folder: PathBuf,
    waiting: Waiting,
    wake: watch::Sender<()>,
    reading: bool,
}

impl Anchors {
    /// Opens the folder, and begins to replace in the background until it is dropped.
    pub(super) fn open(folder: PathBuf) -> Result<Self, StoreFault> {
        folder::make_folder(&folder)?;
        let waiting = Waiting::default();
        let (wake, woken) = watch::channel(());
        tokio::spawn(replace_in_background(folder.clone(), waiting.clone(), woken));
        Ok(Self { folder, waiting, wake, reading: false })
    }

    /// The folder as it is: anchors are read, and none is written.
    pub(super) fn open_reading(folder: PathBuf) -> Self {
        let (wake, _) = watch::channel(());
        Self { folder, waiting: Waiting::default(), wake, reading: true }
    }

    /// The anchored checkpoint of a ledger; `None` when there is none.
    pub(super) fn read(&self, origin: &Origin) -> Result<Option<SignedCheckpoint>, StoreFault> {
        let path = self.folder.join(folder::file_name(origin.as_str()));
        let Some(text) = folder::read(&path)? else { return Ok(None) };
        let read = SignedCheckpoint::parse(text.as_bytes());
        read.map(Some).map_err(|fault| StoreFault::damaged(path.display().to_string(), fault))
    }

    /// Has a checkpoint written soon. Never waits.
    pub(super) fn put(&self, origin: &Origin, checkpoint: Arc<str>) {
        if self.reading {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // One that signs more entries, and waits to be written, never gives way either.
        let known = waiting.get(origin.as_str()).and_then(|text| size(text));
        if known.is_none_or(|known| size(&checkpoint).is_none_or(|new| new >= known)) {
            waiting.insert(origin.as_str().to_owned(), checkpoint);
        }
        drop(waiting);
        self.wake.send_replace(());
    }

    /// Writes what waits, now.
    pub(super) fn flush(&self) {
        replace_all(&self.folder, &self.waiting);
    }
}

async fn replace_in_background(folder: PathBuf, waiting: Waiting, mut woken: watch::Receiver<()>) {
    while woken.changed().await.is_ok() {
        let (folder, waiting) = (folder.clone(), waiting.clone());
        if tokio::task::spawn_blocking(move || replace_all(&folder, &waiting)).await.is_err() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How many entries a checkpoint signs.
fn size(text: &str) -> Option<u64> {
    SignedCheckpoint::parse(text.as_bytes()).ok().map(|signed| signed.checkpoint().size)
}

/// Whether the anchor that is there signs more entries than a checkpoint: it is the evidence that
/// some are missing, and never gives way.
fn is_newer(path: &Path, checkpoint: &str) -> bool {
    let there = folder::read(path).ok().flatten().and_then(|text| size(&text));
    there.is_some_and(|there| size(checkpoint).is_some_and(|new| there > new))
}

fn replace_all(anchors: &Path, waiting: &Waiting) {
    // Held while writing, so that an older checkpoint never replaces a newer one.
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    if !anchors.is_dir() {
        // Made anew, it would stand in the way of a data folder that somebody puts back.
        tracing::error!(folder = %anchors.display(), "the folder of the anchors is gone");
        return;
    }
    waiting.retain(|origin, checkpoint| {
        let path = anchors.join(folder::file_name(origin));
        if is_newer(&path, checkpoint) {
            tracing::error!(%origin, "the anchor signs more entries: it was left as it is");
            return false;
        }
        match folder::replace(&path, checkpoint) {
            Ok(()) => {
                tracing::trace!(target: "minhbach::write", "anchored");
                false
            }
            Err(fault) => {
                // It stays waiting; the next checkpoint wakes the next round.
                tracing::error!(%origin, %fault, "the anchor was not replaced");
                true
            }
        }
    });
}
