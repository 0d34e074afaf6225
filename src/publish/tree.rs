//! The published tree of a ledger at one head (C2SP tlog-tiles, tlog-checkpoint, tlog-policy):
//! whoever has these files can verify everything, without asking anybody.
//!
//! | path | what it is |
//! |---|---|
//! | `checkpoint` | the newest signed head |
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

use crate::ledger::note::{LogLine, NoteFault, Policy, Quorum, WitnessLine};
use crate::ledger::tree::TilePath;
use crate::store::facade::View;
use crate::store::{ChapterId, Head, Store, StoreFault};

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

/// The tree of a ledger at one head.
#[derive(Clone)]
pub struct Tree {
    store: Store,
    view: View,
    head: Head,
}

impl Tree {
    /// The tree at the newest signed head; `None` while there is none that may be shown.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn open(store: &Store, chapter: ChapterId) -> Result<Option<Self>, StoreFault> {
        let view = store.view(chapter)?;
        Ok(view.and_then(|mut view| {
            let head = view.head.take()?;
            Some(Self { store: store.clone(), view, head })
        }))
    }

    /// The head.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// The number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.head.size
    }

    /// The ledger's identity.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.view.origin.as_str()
    }

    /// The checkpoint over the first `size` entries; `None` past the head.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn checkpoint_at(&self, size: u64) -> Result<Option<String>, TreeReadFault> {
        if size > self.head.size {
            return Ok(None);
        }
        if size == self.head.size {
            return Ok(Some(self.head.checkpoint.to_string()));
        }
        let signed = self.store.checkpoint(self.view.chapter, size).await?;
        Ok(signed.map(|signed| signed.to_string()))
    }

    /// A tile of hashes or a bundle of entries; `None` past the head.
    ///
    /// # Errors
    /// [`TreeReadFault`].
    pub async fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, TreeReadFault> {
        if !path.is_within(self.head.size) {
            return Ok(None);
        }
        Ok(self.store.tile(self.view.chapter, path).await?)
    }

    /// What a reader may trust: the log key in force and the witnesses that the ledger names. No
    /// quorum is asked for until one of them cosigns.
    ///
    /// # Errors
    /// [`TreeReadFault::Note`] when the names of witnesses make no policy.
    pub fn policy(&self) -> Result<String, TreeReadFault> {
        let logs = self.view.log_key().map(|key| LogLine { key: key.clone(), url: None });
        let chapter = self.view.books.chapter();
        let witnesses = chapter.map_or(&[][..], |chapter| &chapter.witnesses).iter();
        // A name of the ledger may hold spaces, one of a policy may not: they are counted here.
        let witnesses = (1..).zip(witnesses).map(|(at, (_, key, url))| WitnessLine {
            name: format!("w{at}"),
            key: key.clone(),
            url: url.as_ref().filter(|url| !url.contains(char::is_whitespace)).cloned(),
        });
        let policy =
            Policy::new(logs.into_iter().collect(), witnesses.collect(), Vec::new(), Quorum::None)?;
        Ok(policy.to_string())
    }

    /// The entries from `first` on and below `end`, none past the head.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn entries(&self, first: u64, end: u64) -> Result<Vec<Vec<u8>>, TreeReadFault> {
        let end = end.min(self.head.size);
        Ok(self.store.entry_bytes(self.view.chapter, first.min(end), end).await?)
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
        let end = end.min(self.head.size);
        let names = self.store.published_names(self.view.chapter, first.min(end), end).await?;
        let mut lines = Vec::new();
        for name in names {
            lines.extend_from_slice(name.line().as_bytes());
            lines.push(b'\n');
        }
        Ok(lines)
    }

    /// Changes with the names that may be shown, which the head does not know of.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn names_state(&self) -> Result<String, TreeReadFault> {
        Ok(self.store.names_state(self.view.chapter).await?)
    }

    /// The names (without `.json`) of the statements, each with the entry that names it by digest;
    /// of one that was published twice the last.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn statements(&self) -> Result<Vec<(String, u64)>, TreeReadFault> {
        let mut all = self.store.statements(self.view.chapter).await?;
        all.retain(|(_, seq)| *seq < self.head.size);
        Ok(all)
    }

    /// The bytes of one statement.
    ///
    /// # Errors
    /// [`TreeReadFault::Store`].
    pub async fn statement(&self, name: &str) -> Result<Option<Vec<u8>>, TreeReadFault> {
        Ok(self.store.statement(self.view.chapter, name).await?)
    }
}
