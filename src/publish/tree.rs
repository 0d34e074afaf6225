//! The published tree of a ledger at one head (C2SP tlog-tiles, tlog-checkpoint, tlog-policy):
//! whoever has these files can verify everything, without asking anybody.
//!
//! | path | what it is |
//! |---|---|
//! | `checkpoint` | the newest signed head, cosigned or not yet |
//! | `cosigned` | the newest head that a witness cosigned; missing until one did |
//! | `checkpoints/<size>` | the head at an earlier size, signed by the log key of that size |
//! | `tile/<L>/<N>[.p/<W>]` | hashes |
//! | `tile/entries/<N>[.p/<W>]` | entries in bundles |
//! | `policy` | the log key and the witnesses that a reader may ask for |
//! | `entries.jsonl` | all entries, one a line |
//! | `statements/<name>.json` | the statements that closings name by digest |
//! | `disclosures.jsonl` | donors' names that may be shown |
//!
//! Both the HTTP routes and [`export`](super::export()) read it here. Nothing past the head is
//! given out, whatever the store has meanwhile.

use std::ops::Range;

use crate::ledger::note::{LogLine, NoteFault, Policy, Quorum, WitnessLine};
use crate::ledger::tree::TilePath;
use crate::store::{ChapterId, PublishedLedger, Store, StoreFault};

/// Entries read at a time.
pub const CHUNK: u64 = 256;

/// Why a part of the tree could not be given out.
#[derive(Debug, thiserror::Error)]
pub enum TreeReadFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The size is no tree's.
    #[error(transparent)]
    Tree(#[from] crate::ledger::tree::TreeFault),
    /// The ledger's keys or witnesses make no policy.
    #[error(transparent)]
    Note(#[from] NoteFault),
}

/// The tree of one ledger under one checkpoint.
#[derive(Clone)]
pub struct Tree {
    store: Store,
    ledger: PublishedLedger,
}

impl Tree {
    /// The tree of a chapter's newest ledger at its newest signed head; `None` while there is none
    /// that may be shown.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn open(store: &Store, chapter: ChapterId) -> Result<Option<Self>, StoreFault> {
        Ok(Self::all(store, chapter)?.pop().filter(|tree| tree.is_newest().unwrap_or(false)))
    }

    /// The trees of all ledgers of a chapter, the oldest first; each continues the one before.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn all(store: &Store, chapter: ChapterId) -> Result<Vec<Self>, StoreFault> {
        let ledgers = store.published(chapter)?.into_iter();
        Ok(ledgers.map(|ledger| Self { store: store.clone(), ledger }).collect())
    }

    /// The tree of one of a chapter's ledgers, counted from 1.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn generation(
        store: &Store,
        chapter: ChapterId,
        generation: u32,
    ) -> Result<Option<Self>, StoreFault> {
        let mut all = Self::all(store, chapter)?.into_iter();
        Ok(all.find(|tree| tree.ledger.generation() == generation))
    }

    fn is_newest(&self) -> Result<bool, StoreFault> {
        let books = self.store.books(self.ledger.chapter)?;
        Ok(books.before() == self.ledger.before)
    }

    /// The ledger under its checkpoint.
    #[must_use]
    pub const fn ledger(&self) -> &PublishedLedger {
        &self.ledger
    }

    /// The number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.ledger.size
    }

    /// The newest checkpoint with the cosignatures that it has by now.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn newest(&self) -> Result<String, TreeReadFault> {
        let newest = self.checkpoint_at(self.ledger.size).await?;
        Ok(newest.unwrap_or_else(|| self.ledger.checkpoint.to_string()))
    }

    /// The size of the newest checkpoint that a witness cosigned; `None` when none did.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn cosigned_size(&self) -> Result<Option<u64>, TreeReadFault> {
        Ok(self.store.cosigned_size(&self.ledger).await?)
    }

    /// The newest checkpoint that a witness cosigned; `None` when none did.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn cosigned(&self) -> Result<Option<String>, TreeReadFault> {
        match self.cosigned_size().await? {
            Some(size) => self.checkpoint_at(size).await,
            None => Ok(None),
        }
    }

    /// The ledger's identity.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.ledger.origin.as_str()
    }

    /// The checkpoint over the first `size` entries with its cosignatures; `None` past the head.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn checkpoint_at(&self, size: u64) -> Result<Option<String>, TreeReadFault> {
        let Some(signed) = self.store.checkpoint(&self.ledger, size).await? else {
            return Ok(None);
        };
        Ok(Some(self.store.with_cosignatures(&self.ledger, signed).await?.to_string()))
    }

    /// A tile of hashes or a bundle of entries; `None` past the head.
    ///
    /// # Errors
    /// [`TreeReadFault`].
    pub async fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, TreeReadFault> {
        Ok(self.store.tile(&self.ledger, path).await?)
    }

    /// What a reader may trust: the log key in force and the witnesses that the ledger names.
    ///
    /// It asks for no quorum: `checkpoint` is the newest head, and a witness cosigns it a moment
    /// later, or hours later when it is away. How many cosignatures are enough is for the reader to
    /// say, in a policy of his own; a quorum that the log itself may drop would protect nobody.
    ///
    /// # Errors
    /// [`TreeReadFault::Note`] when the names of witnesses make no policy.
    pub fn policy(&self) -> Result<String, TreeReadFault> {
        let key = self.ledger.log_key();
        let logs = key.map(|key| LogLine { key: key.clone(), url: None });
        // A name of the ledger may hold spaces, one of a policy may not: they are counted here.
        let witnesses = (1..).zip(&self.ledger.witnesses).map(|(at, (_, key, url))| WitnessLine {
            name: format!("w{at}"),
            key: key.clone(),
            url: url.as_ref().filter(|url| !url.contains(char::is_whitespace)).cloned(),
        });
        let policy =
            Policy::new(logs.into_iter().collect(), witnesses.collect(), Vec::new(), Quorum::None)?;
        Ok(policy.to_string())
    }

    /// The places of the entries from `first` on and below `end`, none past the head.
    fn places(&self, first: u64, end: u64) -> Range<u64> {
        let end = end.min(self.ledger.size);
        self.ledger.before + first.min(end)..self.ledger.before + end
    }

    /// The entries from `first` on and below `end`, none past the head.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn entries(&self, first: u64, end: u64) -> Result<Vec<Vec<u8>>, TreeReadFault> {
        let places = self.places(first, end);
        Ok(self.store.entry_bytes(self.ledger.chapter, places.start, places.end).await?)
    }

    /// A part of `entries.jsonl`: the lines of the entries from `first` on and below `end`.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn entry_lines(&self, first: u64, end: u64) -> Result<Vec<u8>, TreeReadFault> {
        let mut lines = Vec::new();
        for entry in self.entries(first, end).await? {
            lines.extend_from_slice(&entry);
            lines.push(b'\n');
        }
        Ok(lines)
    }

    /// A part of `disclosures.jsonl`: the lines that belong to the entries from `first` on and
    /// below `end`.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn disclosure_lines(&self, first: u64, end: u64) -> Result<Vec<u8>, TreeReadFault> {
        let places = self.places(first, end);
        let names = self.store.published_names(self.ledger.chapter, places.start, places.end);
        let mut lines = Vec::new();
        for name in names.await? {
            lines.extend_from_slice(name.line(self.ledger.before).as_bytes());
            lines.push(b'\n');
        }
        Ok(lines)
    }

    /// Changes with the names that may be shown, which the head does not know of.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn names_state(&self) -> Result<String, TreeReadFault> {
        Ok(self.store.names_state(self.ledger.chapter).await?)
    }

    /// The names (without `.json`) of the statements, each with the seq of the entry that names it
    /// by digest; of one that was published twice the last.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn statements(&self) -> Result<Vec<(String, u64)>, TreeReadFault> {
        let places = (self.ledger.before, self.ledger.end());
        let all = self.store.statements_of(self.ledger.chapter, places).await?;
        let own = |(name, place): (String, u64)| (name, place - self.ledger.before);
        Ok(all.into_iter().map(own).collect())
    }

    /// The bytes of one statement.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn statement(&self, name: &str) -> Result<Option<Vec<u8>>, TreeReadFault> {
        let places = (self.ledger.before, self.ledger.end());
        Ok(self.store.statement_of(self.ledger.chapter, name, places).await?)
    }
}
