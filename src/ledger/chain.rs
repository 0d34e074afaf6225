//! The chain: each entry names the leaf before it, and time never goes back.

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::tree::Hash;
use super::word::{Origin, Time};

/// Where a chain stands: what the next entry has to follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    size: u64,
    last_leaf: Hash,
    last_at: Option<Time>,
    origin: Option<Origin>,
}

/// Why an entry does not follow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Another seq than its place.
    #[error("the entry says seq {found} and stands at {expected}")]
    Seq {
        /// Its place.
        expected: u64,
        /// What it says.
        found: u64,
    },
    /// Another leaf before it.
    #[error("prev is not the leaf hash of the entry before")]
    Prev,
    /// Time went back.
    #[error("at lies before the entry before ({last})")]
    At {
        /// The time of the entry before.
        last: Time,
    },
    /// Another ledger's entry.
    #[error("the entry belongs to another ledger, {found}")]
    Log {
        /// The ledger that it names.
        found: Origin,
    },
}

impl Chain {
    /// Before the first entry of a ledger that continues this one: time goes on, all else begins.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { last_at: self.last_at, ..Self::default() }
    }

    /// The number of entries so far: the seq of the next.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The leaf hash of the last entry, zeros before the first.
    #[must_use]
    pub fn last_leaf(&self) -> Hash {
        self.last_leaf
    }

    /// When the last entry was appended.
    #[must_use]
    pub fn last_at(&self) -> Option<Time> {
        self.last_at
    }

    /// The ledger, once it has an entry.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Follows with an entry whose bytes have the leaf hash `leaf`.
    ///
    /// # Errors
    /// [`ChainFault`]: seq, prev, time or ledger; the chain stays where it was.
    pub fn follow(&mut self, entry: &Entry, leaf: Hash) -> Result<(), ChainFault> {
        self.is_followed_by(entry)?;
        self.size += 1;
        self.last_leaf = leaf;
        self.last_at = Some(entry.at);
        self.origin.get_or_insert_with(|| entry.voucher().log.clone());
        Ok(())
    }

    /// Whether an entry comes next.
    ///
    /// # Errors
    /// As [`Chain::follow`].
    pub fn is_followed_by(&self, entry: &Entry) -> Result<(), ChainFault> {
        if entry.seq != self.size {
            return Err(ChainFault::Seq { expected: self.size, found: entry.seq });
        }
        if entry.prev != self.last_leaf {
            return Err(ChainFault::Prev);
        }
        if let Some(last) = self.last_at.filter(|last| entry.at < *last) {
            return Err(ChainFault::At { last });
        }
        let log = &entry.voucher().log;
        if self.origin.as_ref().is_some_and(|origin| origin != log) {
            return Err(ChainFault::Log { found: log.clone() });
        }
        Ok(())
    }
}
