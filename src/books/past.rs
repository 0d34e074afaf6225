//! The few look-ups into history that the books need.
//!
//! `Books` is pure: it never reads a database. What it has to know of earlier entries it asks a
//! [`Past`] for. A past that has to fetch first (a database, a file) answers with [`Ask`]; the
//! caller fetches that one answer into [`Answers`] and checks again.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::accounts::Posting;
use super::effects::{Change, GiftId, GoodsUse, Use};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, Kind, VoucherId};
use crate::ledger::word::Code;

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
    /// The parts of goods that an outflow took, as they stand now, in the order (since, line).
    GoodsOfEntry(u64),
    /// Counted losses of an item in a store and fund that were not found again, newest first:
    /// (since, line) descending.
    Losses {
        /// The item.
        item: Code,
        /// The store.
        store: Code,
        /// The fund.
        fund: Code,
    },
    /// What an entry with goods or loans (or a handover that came back) did when it was accepted.
    Made(u64),
    /// The standing vouchers of a loan after its disbursement, in ledger order.
    OfLoan(GiftId),
    /// Whether a standing voucher received what a voucher of another chapter sent.
    HasSender {
        /// The other chapter's ledger.
        log: String,
        /// The voucher there.
        id: VoucherId,
    },
}

/// What an entry did when it was accepted, as far as its reversal needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its postings.
    pub postings: Vec<Posting>,
    /// Its changes, in order.
    pub changes: Vec<Change>,
}

/// Whether the reversal of a voucher asks for what it made: goods, and loans.
#[must_use]
pub fn asks_what_it_made(body: &Body) -> bool {
    is_undone_by_what_it_made(body.kind())
        || matches!(
            body,
            Body::LoanApproved(_)
                | Body::LoanCancelled(_)
                | Body::LoanDisbursed(_)
                | Body::LoanRepaid(_)
                | Body::LoanFeeWaived(_)
                | Body::LoanWrittenOff(_)
                | Body::LoanRecovered(_)
        )
        || matches!(body, Body::CustodyAssigned(body) if body.loan.is_some())
}

/// Whether a kind moves goods, whose values come from lots, not from words.
#[must_use]
pub const fn is_undone_by_what_it_made(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::GoodsReceived
            | Kind::GoodsPurchased
            | Kind::GoodsReturned
            | Kind::GoodsDistributed
            | Kind::GoodsMoved
            | Kind::StockCounted
            | Kind::HandoverReturned
            | Kind::SentToChapter
            | Kind::ReceivedFromChapter
    )
}

/// A standing voucher that names an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// The parts of goods that the outflow `seq` took, as they stand now, by (since, line).
    ///
    /// # Errors
    /// [`Ask`] when they have to be fetched first.
    fn goods_of_entry(&self, seq: u64) -> Result<Vec<GoodsUse>, Ask>;

    /// Counted losses that were not found again, newest first.
    ///
    /// # Errors
    /// [`Ask`] when they have to be fetched first.
    fn losses(&self, item: &Code, store: &Code, fund: &Code) -> Result<Vec<GoodsUse>, Ask>;

    /// What the entry `seq` did, one of [`asks_what_it_made`].
    ///
    /// # Errors
    /// [`Ask`] when it has to be fetched first.
    fn made(&self, seq: u64) -> Result<Made, Ask>;

    /// The standing vouchers of `loan` after its disbursement, in ledger order: repayments (also
    /// out of custody), waived fees, a write-off, recoveries.
    ///
    /// # Errors
    /// [`Ask`] when they have to be fetched first.
    fn of_loan(&self, loan: GiftId) -> Result<Vec<Standing>, Ask>;

    /// Whether a standing voucher received what this one sent.
    ///
    /// # Errors
    /// [`Ask`] when it has to be looked up first.
    fn has_sender(&self, log: &str, id: &VoucherId) -> Result<bool, Ask>;
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
    /// Parts of goods by outflow.
    pub goods_of_entry: HashMap<u64, Vec<GoodsUse>>,
    /// Counted losses by item, store and fund.
    pub losses: HashMap<(Code, Code, Code), Vec<GoodsUse>>,
    /// What entries made.
    pub made: HashMap<u64, Made>,
    /// Vouchers by the loan that they are about.
    pub of_loan: HashMap<GiftId, Vec<Standing>>,
    /// Whether what was sent was received already.
    pub senders: HashMap<(String, VoucherId), bool>,
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

    fn goods_of_entry(&self, seq: u64) -> Result<Vec<GoodsUse>, Ask> {
        self.goods_of_entry.get(&seq).cloned().ok_or(Ask::GoodsOfEntry(seq))
    }

    fn losses(&self, item: &Code, store: &Code, fund: &Code) -> Result<Vec<GoodsUse>, Ask> {
        let (item, store, fund) = (item.clone(), store.clone(), fund.clone());
        let key = (item.clone(), store.clone(), fund.clone());
        self.losses.get(&key).cloned().ok_or(Ask::Losses { item, store, fund })
    }

    fn made(&self, seq: u64) -> Result<Made, Ask> {
        self.made.get(&seq).cloned().ok_or(Ask::Made(seq))
    }

    fn of_loan(&self, loan: GiftId) -> Result<Vec<Standing>, Ask> {
        self.of_loan.get(&loan).cloned().ok_or(Ask::OfLoan(loan))
    }

    fn has_sender(&self, log: &str, id: &VoucherId) -> Result<bool, Ask> {
        let key = (log.to_owned(), id.clone());
        let found = self.senders.get(&key).copied();
        found.ok_or(Ask::HasSender { log: key.0, id: key.1 })
    }
}
