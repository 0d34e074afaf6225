//! The ledgers of a chapter, each under a signed checkpoint: the newest with its head, an earlier
//! one with the last that a later one continues.

use std::sync::Arc;

use super::nodes::LedgerTree;
use super::{ChapterId, Store, StoreFault};
use crate::books::EarlierLedger;
use crate::books::key_at;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::tree::Hash;
use crate::ledger::word::Origin;

/// A ledger as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedLedger {
    /// The chapter.
    pub chapter: ChapterId,
    /// The ledger's identity.
    pub origin: Origin,
    /// How many entries lie in the ledgers that it continues.
    pub before: u64,
    /// Its own entries under the checkpoint.
    pub size: u64,
    /// The root over these.
    pub root: Hash,
    /// The signed checkpoint, byte for byte.
    pub checkpoint: Arc<str>,
    /// Its log keys, each with the size from which on it signs.
    pub log_keys: Vec<(PublicKey, u64)>,
    /// The witnesses that it names: name, key, address.
    pub witnesses: Vec<(String, PublicKey, Option<String>)>,
}

impl PublishedLedger {
    /// The log key that signs the checkpoint.
    #[must_use]
    pub fn log_key(&self) -> Option<&PublicKey> {
        key_at(&self.log_keys, self.size)
    }

    /// Which ledger of the chapter it is, from 1.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.origin.generation()
    }

    /// The path under which its files lie on the site: that of its identity.
    #[must_use]
    pub fn path(&self) -> String {
        let (_, path) = self.origin.as_str().split_once('/').unwrap_or_default();
        format!("/{path}")
    }

    /// The place behind its last entry.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.before.saturating_add(self.size)
    }

    /// The seq in this ledger of the entry at a place; `None` of an entry of another ledger, or one
    /// that is not under the checkpoint.
    #[must_use]
    pub fn seq_of(&self, place: u64) -> Option<u64> {
        place.checked_sub(self.before).filter(|seq| *seq < self.size)
    }

    pub(super) fn tree(&self) -> LedgerTree {
        LedgerTree { chapter: self.chapter.0, before: self.before }
    }

    /// One that a later ledger continues; `None` when its checkpoint can't be read.
    fn earlier(chapter: ChapterId, ledger: &EarlierLedger) -> Option<Self> {
        let signed = SignedCheckpoint::parse(ledger.checkpoint.as_bytes()).ok()?;
        Some(Self {
            chapter,
            origin: ledger.origin.clone(),
            before: ledger.before,
            size: ledger.size,
            root: signed.checkpoint().root,
            checkpoint: ledger.checkpoint.as_str().into(),
            log_keys: ledger.log_keys.clone(),
            witnesses: ledger.witnesses.clone(),
        })
    }
}

impl Store {
    /// The ledgers of a chapter that may be shown, the oldest first. The newest is missing while
    /// its entries may not be signed.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn published(&self, chapter: ChapterId) -> Result<Vec<PublishedLedger>, StoreFault> {
        let shown = self.handle(chapter)?.chapter.shown();
        let Some(newest) = shown.books.as_ref().and_then(crate::books::Books::chapter) else {
            return Ok(Vec::new());
        };
        let earlier = newest.earlier.iter();
        let mut all: Vec<PublishedLedger> =
            earlier.filter_map(|ledger| PublishedLedger::earlier(chapter, ledger)).collect();
        // A head that is behind the books, or before them, belongs to a ledger of its own size.
        let head = shown.head.filter(|head| head.before == newest.before);
        all.extend(head.map(|head| PublishedLedger {
            chapter,
            origin: newest.origin.clone(),
            before: newest.before,
            size: head.size - head.before,
            root: head.root,
            checkpoint: head.checkpoint,
            log_keys: newest.log_keys.clone(),
            witnesses: newest.witnesses.clone(),
        }));
        Ok(all)
    }

    /// The ledger in which the entry at a place lies, under its checkpoint.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn published_with(
        &self,
        chapter: ChapterId,
        place: u64,
    ) -> Result<Option<PublishedLedger>, StoreFault> {
        let all = self.published(chapter)?;
        Ok(all.into_iter().find(|ledger| ledger.seq_of(place).is_some()))
    }
}
