//! The few look-ups into history that the books need.
//!
//! `Books` is pure: it never reads a database. What it has to know of earlier entries it asks a
//! [`Past`] for. A past that has to fetch first (a database, a file) answers with [`Ask`]; the
//! caller fetches that one answer into [`Answers`] and checks again.

use std::collections::HashMap;

use super::effects::{GiftId, Use};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Kind, VoucherId};

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// The entry at a seq.
    Entry(u64),
    /// The uses of an outflow as they stand now, in the order (since, line, lot).
    UsesOfEntry(u64),
    /// The uses of a gift as they stand now, newest first: (since, line, lot) descending.
    UsesOfGift(GiftId),
    /// The standing vouchers whose `of` names an entry, in ledger order. A voucher stands unless
    /// a standing `reversed` names it; a `reversed` always stands.
    Standing(u64),
    /// Whether a voucher id is in the ledger.
    HasId(VoucherId),
}

/// A standing voucher that names an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The naming voucher's entry.
    pub seq: u64,
    /// Its kind.
    pub kind: Kind,
    /// The line of an opening balance that it names; 0 elsewhere.
    pub line: u32,
}

/// History, as far as the books ask for it.
pub trait Past {
    /// The entry at `seq`.
    ///
    /// # Errors
    /// [`Ask`] when it has to be fetched first.
    fn entry(&self, seq: u64) -> Result<Option<Entry>, Ask>;

    /// The uses of the outflow `seq` as they stand now, in the order (since, line, lot).
    ///
    /// # Errors
    /// [`Ask`] when they have to be fetched first.
    fn uses_of_entry(&self, seq: u64) -> Result<Vec<Use>, Ask>;

    /// The uses of `gift` as they stand now, newest first.
    ///
    /// # Errors
    /// [`Ask`] when they have to be fetched first.
    fn uses_of_gift(&self, gift: GiftId) -> Result<Vec<Use>, Ask>;

    /// The standing vouchers whose `of` names `seq`, in ledger order.
    ///
    /// # Errors
    /// [`Ask`] when they have to be fetched first.
    fn standing(&self, seq: u64) -> Result<Vec<Standing>, Ask>;

    /// Whether a voucher with this id is in the ledger.
    ///
    /// # Errors
    /// [`Ask`] when it has to be looked up first.
    fn has_id(&self, id: &VoucherId) -> Result<bool, Ask>;
}

/// Answers fetched so far; what is not among them is asked for.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Entries by seq; `None` when there is none.
    pub entries: HashMap<u64, Option<Entry>>,
    /// Uses by outflow.
    pub uses_of_entry: HashMap<u64, Vec<Use>>,
    /// Uses by gift.
    pub uses_of_gift: HashMap<GiftId, Vec<Use>>,
    /// Naming vouchers by the entry they name.
    pub standing: HashMap<u64, Vec<Standing>>,
    /// Whether an id is in the ledger.
    pub ids: HashMap<VoucherId, bool>,
}

impl Past for Answers {
    fn entry(&self, seq: u64) -> Result<Option<Entry>, Ask> {
        self.entries.get(&seq).cloned().ok_or(Ask::Entry(seq))
    }

    fn uses_of_entry(&self, seq: u64) -> Result<Vec<Use>, Ask> {
        self.uses_of_entry.get(&seq).cloned().ok_or(Ask::UsesOfEntry(seq))
    }

    fn uses_of_gift(&self, gift: GiftId) -> Result<Vec<Use>, Ask> {
        self.uses_of_gift.get(&gift).cloned().ok_or(Ask::UsesOfGift(gift))
    }

    fn standing(&self, seq: u64) -> Result<Vec<Standing>, Ask> {
        self.standing.get(&seq).cloned().ok_or(Ask::Standing(seq))
    }

    fn has_id(&self, id: &VoucherId) -> Result<bool, Ask> {
        self.ids.get(id).copied().ok_or_else(|| Ask::HasId(id.clone()))
    }
}
