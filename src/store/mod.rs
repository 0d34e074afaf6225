//! The databases: every write to a ledger goes through one door, rows never leave.
//!
//! INVARIANT: the only room that knows sea-orm.
//!
//! [`Store::open`] verifies what is stored before anything is signed, and closes a ledger for
//! writes that is not what was written. [`Store::record`] is the door. Everything else reads.

mod accounts_days;
mod accounts_months;
mod ahead;
pub mod alongside;
mod anchor;
mod attempt;
pub mod backups;
mod behind;
mod beside;
mod bundle;
#[cfg(test)]
pub(crate) mod census;
mod changes;
mod chapter;
mod checks;
mod connecting;
pub mod copies;
mod cosignatures;
mod counts;
mod database;
pub mod desk;
pub mod dump;
pub mod facade;
mod fault;
mod folder;
mod following;
mod goods;
mod importing;
mod keys;
mod location;
mod lots;
pub mod meters;
mod nodes;
mod open;
mod past;
mod presence;
mod project;
mod published;
pub mod read;
mod readback;
mod rebuild;
mod receipt_key;
mod record;
mod refill;
pub mod restoring;
mod rows;
pub mod search;
mod so_far;
mod state;
mod steps;
mod streaming;
pub mod transfer;
mod witnessing;
mod writer;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

pub use chapter::{ChapterId, Checked, Closure, Head, Standing};
pub use cosignatures::{CosignedHead, Said};
pub use fault::{Passing, StoreFault};
pub use following::Source;
pub use importing::Importing;
use keys::InForce;
pub use keys::{Keys, SecretKey};
pub use location::{Location, Secrets, StoreConfig};
pub use nodes::ReadNodes;
pub use published::PublishedLedger;
pub use rebuild::{Difference, Findings, Halt};
pub use record::{RecordAllFault, RecordFault, Recorded};
pub use streaming::RecordedFile;
pub use witnessing::{Evidence, Witnessed, Witnessing};

use anchor::Anchors;
use chapter::{Chapter, Handle, Shown};
use database::Database;
use folder::FolderLock;
use state::State;
use writer::Order;

use crate::books::Books;
use crate::ledger::note::{Checkpoint, SignedCheckpoint, sign_checkpoint};
use crate::ledger::tree::Hash;
use crate::ledger::word::Origin;

/// What all chapters of a store share.
pub(in crate::store) struct Shared {
    config: StoreConfig,
    database: Database,
    keys: Keys,
    anchors: Anchors,
    // Told whenever a newer head is shown.
    heads: tokio::sync::watch::Sender<()>,
    founding: tokio::sync::Mutex<()>,
    // The vault key at hand is not the one that the database was written with.
    foreign_vault: AtomicBool,
    // The first step of the schema that this program does not know, once one was seen.
    newer: OnceLock<String>,
    // The database's own files may still remember what was erased.
    scrub_due: AtomicBool,
    meters: meters::Meters,
    // Given back when the last writer is gone, too.
    _lock: FolderLock,
}

/// The store of one data folder. Copies are cheap and mean the same store.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    chapters: Arc<RwLock<BTreeMap<ChapterId, Handle>>>,
}

impl Store {
    /// The chapters kept here, with at least one entry, in the order of their making, each with the
    /// identity of its newest ledger.
    #[must_use]
    pub fn chapters(&self) -> Vec<(ChapterId, Origin)> {
        let chapters = self.chapters.read().unwrap_or_else(PoisonError::into_inner);
        let begun = chapters.values().filter(|handle| handle.chapter.has_begun());
        begun.map(|handle| (handle.chapter.id, handle.chapter.origin())).collect()
    }

    /// The chapter of a slug.
    #[must_use]
    pub fn find_slug(&self, slug: &str) -> Option<ChapterId> {
        let mut found = self.chapters().into_iter().rev();
        found.find(|(_, origin)| origin.slug() == slug).map(|(id, _)| id)
    }

    /// The chapter that has or had a ledger of an identity.
    #[must_use]
    pub fn find_chapter(&self, origin: &Origin) -> Option<ChapterId> {
        let mut found = self.chapters().into_iter();
        found.find(|(_, own)| own.chapter() == origin.chapter()).map(|(id, _)| id)
    }

    /// The ledger of an identity.
    #[must_use]
    pub fn find(&self, origin: &Origin) -> Option<ChapterId> {
        self.chapters().into_iter().find(|(_, own)| own == origin).map(|(id, _)| id)
    }

    /// Whether a ledger takes writes, and if not, why.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn standing(&self, chapter: ChapterId) -> Result<Standing, StoreFault> {
        Ok(self.handle(chapter)?.chapter.standing())
    }

    /// The newest signed head; `None` while the stored entries may not be signed.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn head(&self, chapter: ChapterId) -> Result<Option<Head>, StoreFault> {
        Ok(self.handle(chapter)?.chapter.shown().head)
    }

    /// The books at the newest head; empty ones when the entries can't be read.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn books(&self, chapter: ChapterId) -> Result<Books, StoreFault> {
        Ok(self.handle(chapter)?.chapter.shown().books.unwrap_or_default())
    }

    /// Is told whenever a newer head of any ledger is shown.
    #[must_use]
    pub fn watch_heads(&self) -> tokio::sync::watch::Receiver<()> {
        self.shared.heads.subscribe()
    }

    /// The server's own keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.shared.keys
    }

    fn handle(&self, chapter: ChapterId) -> Result<Handle, StoreFault> {
        let chapters = self.chapters.read().unwrap_or_else(PoisonError::into_inner);
        chapters.get(&chapter).cloned().ok_or(StoreFault::NoChapter)
    }

    fn handles(&self) -> Vec<Handle> {
        let chapters = self.chapters.read().unwrap_or_else(PoisonError::into_inner);
        chapters.values().cloned().collect()
    }

    /// Stops cleanly: what waits is recorded, states are kept, anchors written, pools closed.
    ///
    /// # Errors
    /// [`StoreFault`] when the database cannot be closed.
    pub async fn stop(&self) -> Result<(), StoreFault> {
        for handle in self.handles() {
            let (reply, stopped) = tokio::sync::oneshot::channel();
            if handle.orders.send(Order::Stop { reply }).await.is_ok() {
                // A writer that is gone already has nothing left to do.
                let _ = stopped.await;
            }
        }
        self.shared.anchors.flush();
        Ok(self.shared.database.close().await?)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Store({})", self.shared.config.folder.display())
    }
}

/// A signed checkpoint of a ledger's first `size` entries.
fn signed_head(
    origin: &Origin,
    size: u64,
    root: Hash,
    keys: &InForce,
) -> Result<SignedCheckpoint, StoreFault> {
    let damaged = |fault| StoreFault::damaged("a head", fault);
    let checkpoint = Checkpoint::new(origin.as_str(), size, root).map_err(damaged)?;
    let mut signed = sign_checkpoint(&checkpoint, &keys.present).map_err(damaged)?;
    if let Some(before) = &keys.before {
        let beside = sign_checkpoint(&checkpoint, before).map_err(damaged)?;
        beside.note().signatures().iter().for_each(|line| signed.add(line.clone()));
    }
    Ok(signed)
}

impl Shared {
    /// Signs the head of a state and shows it. Ed25519 is deterministic: the same head gives the
    /// same checkpoint at every start. A head is shown only when it is not older than the last.
    fn publish(&self, chapter: &Chapter, state: &State) -> Result<(), StoreFault> {
        let shown = chapter.shown();
        if shown.head.as_ref().is_some_and(|head| head.size > state.size()) {
            return Ok(());
        }
        let newest = state.books.chapter().map(|newest| newest.origin.clone());
        let continued = newest.is_some_and(|newest| newest != chapter.origin());
        let denied =
            matches!(&shown.standing, Standing::ReadOnly(closure) if closure.denies_head());
        let head = match denied && !continued {
            true => None,
            false => self.sign(chapter, state)?,
        };
        // Another ledger goes on where this one could not.
        if continued && shown.books.is_some() && head.is_some() {
            chapter.reopen();
        }
        if let (Some(head), true) = (&head, shown.head != head) {
            let origin = state.books.chapter().map(|chapter| chapter.origin.clone());
            self.anchors.put(&origin.unwrap_or_else(|| chapter.origin()), head.checkpoint.clone());
        }
        // The standing may have changed meanwhile: it is taken as it is now.
        let standing = chapter.standing();
        let (books, log_keys) = (state.books.clone(), state.log_keys().to_vec());
        let denied =
            matches!(&standing, Standing::ReadOnly(closure) if closure.denies_head()) && !continued;
        let newer = head.is_some() && shown.head != head && !denied;
        let head = head.or(shown.head).filter(|_| !denied);
        chapter.show(Shown { head, books: Some(books), log_keys, standing });
        if newer {
            self.heads.send_replace(());
        }
        Ok(())
    }

    /// The signed head; none of an empty ledger, and none without its key, which closes it.
    fn sign(&self, chapter: &Chapter, state: &State) -> Result<Option<Head>, StoreFault> {
        let Some(public) = state.log_key() else { return Ok(None) };
        let origin = state.books.chapter().map(|chapter| chapter.origin.clone());
        let origin = origin.unwrap_or_else(|| chapter.origin());
        let (own, root) = (state.frontier.size(), state.frontier.root());
        let Some(keys) = self.keys.in_force(&origin, state.log_keys(), own)? else {
            chapter.close(Closure::NoLogKey { vkey: public.vkey() });
            return Ok(None);
        };
        let signed = signed_head(&origin, own, root, &keys)?;
        let (size, before) = (state.size(), state.books.before());
        Ok(Some(Head { size, before, root, checkpoint: signed.to_string().into() }))
    }
}
