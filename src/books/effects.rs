//! What one entry does: the only thing that `absorb` and the projections of a store are made from.
//!
//! Kept as JSON beside the entry: what came with goods is left out where there is none, so that
//! what was kept before reads, and is written, as it was.

use serde::{Deserialize, Serialize};

use super::accounts::Posting;
pub use super::quantities::{GoodsFlow, GoodsLot, GoodsUse, HeldGoods, Valued};
use crate::ledger::voucher::{Kind, VoucherId};
use crate::ledger::word::{Code, Date, Time};
use crate::money::Money;

/// A lot's place in the order of use: when it became available, then its line there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LotKey {
    /// The entry by which the lot became available.
    pub seq: u64,
    /// Its index within that entry.
    pub line: u32,
}

/// A gift: the inflow that a lot comes from, for ever the same through moves and loans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GiftId {
    /// The entry of the inflow.
    pub seq: u64,
    /// The line of an opening balance; 0 elsewhere.
    pub line: u32,
}

/// What became of a part of a gift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseClass {
    /// Spent on aid or costs.
    Spent,
    /// Paid for goods that lie in a store.
    InGoods,
    /// Lent: out on loan.
    OnLoan,
    /// Sent to another chapter.
    PassedOn,
    /// Lost: in a store, or by a loan.
    Lost,
    /// Given back to the donor.
    Returned,
    /// Moved to another fund, where it is a lot again.
    Moved,
}

impl UseClass {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Spent,
        Self::InGoods,
        Self::OnLoan,
        Self::PassedOn,
        Self::Lost,
        Self::Returned,
        Self::Moved,
    ];

    /// The word in projections and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spent => "spent",
            Self::InGoods => "in_goods",
            Self::OnLoan => "on_loan",
            Self::PassedOn => "passed_on",
            Self::Lost => "lost",
            Self::Returned => "returned",
            Self::Moved => "moved",
        }
    }
}

/// A part of an outflow that came from one lot, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The outflow it belongs to.
    pub entry: u64,
    /// The entry that gave the part its present class: the outflow, or the re-sourcing.
    pub since: u64,
    /// The part's index within `since`. Lots taken whole as a range share one index.
    pub line: u32,
    /// The lot it came from.
    pub lot: LotKey,
    /// The fund of the lot.
    pub fund: Code,
    /// The gift of the lot.
    pub gift: GiftId,
    /// How often the lot had been lent before.
    pub turn: u32,
    /// What became of the part.
    pub class: UseClass,
    /// The part, above zero.
    pub amount: Money,
    /// The goods lot that the part paid for, also when the goods are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods: Option<LotKey>,
    /// The line of an opening balance's loan that it funds; any other loan is its own outflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loan: Option<u32>,
}

/// One change to lots, uses and custody. In the order of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// A new lot, wholly unspent.
    LotOpened {
        /// Its place in the order.
        lot: LotKey,
        /// Where it lies.
        fund: Code,
        /// The gift.
        gift: GiftId,
        /// How often it was lent before.
        turn: u32,
        /// Its amount.
        amount: Money,
        /// The lot that it was moved out of, for a fund transfer.
        moved_from: Option<LotKey>,
    },
    /// A lot that never should have been: the whole unspent amount leaves with it.
    LotClosed {
        /// The lot.
        lot: LotKey,
        /// Its fund.
        fund: Code,
        /// What leaves.
        amount: Money,
    },
    /// Every lot of the fund from `first` to `last` with anything unspent is taken whole.
    TakenWhole {
        /// The outflow.
        entry: u64,
        /// The entry that makes the change.
        since: u64,
        /// Index of the range within `since`.
        line: u32,
        /// The fund.
        fund: Code,
        /// The first lot of the range.
        first: LotKey,
        /// The last lot of the range.
        last: LotKey,
        /// What becomes of the parts.
        class: UseClass,
        /// Σ of what was unspent in them.
        amount: Money,
        /// How many lots.
        lots: u64,
        /// The goods lot that the money paid for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        goods: Option<LotKey>,
        /// The line of an opening balance's loan that the money funds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loan: Option<u32>,
    },
    /// A part of one lot is taken.
    Taken(Use),
    /// A use, or a part of it, goes back to its lot.
    GivenBack {
        /// The use as it stood before: its `entry`, `since`, `line` and `lot` name it.
        part: Use,
        /// How much of it goes back; at most the part.
        amount: Money,
    },
    /// Something is held for others now.
    CustodyOpened {
        /// The voucher (and line of an opening balance) that custody vouchers name.
        custody: GiftId,
        /// Its amount.
        amount: Money,
    },
    /// What is held for others grows (a reversal) or shrinks.
    CustodyMoved {
        /// The voucher and line.
        custody: GiftId,
        /// Added to what is held; below zero when it is handed over, returned or assigned.
        amount: Money,
    },
    /// A new goods lot in a store.
    GoodsOpened {
        /// The lot.
        lot: GoodsLot,
        /// Where it lies.
        store: Code,
        /// How much, and its value.
        goods: Valued,
    },
    /// A goods lot that never should have been leaves its store whole.
    GoodsClosed {
        /// The lot.
        lot: GoodsLot,
        /// Where it lay.
        store: Code,
        /// What leaves.
        goods: Valued,
    },
    /// A part of a goods lot leaves its store.
    GoodsTaken(GoodsUse),
    /// A part that was taken, or some of it, goes back to its lot and store.
    GoodsGivenBack {
        /// The part as it stood before.
        part: GoodsUse,
        /// How much of it goes back.
        goods: Valued,
    },
    /// A part of a goods lot goes from one store to another.
    GoodsMoved {
        /// The lot.
        lot: GoodsLot,
        /// Where it lay.
        from: Code,
        /// Where it lies.
        to: Code,
        /// How much, and its value.
        goods: Valued,
    },
    /// The oldest money behind a goods lot goes the way of the goods that leave.
    Behind {
        /// The goods lot.
        goods: LotKey,
        /// The outflow.
        entry: u64,
        /// The entry that makes the change.
        since: u64,
        /// Index of the step within `since`.
        line: u32,
        /// What becomes of the money.
        class: UseClass,
        /// How much money.
        amount: Money,
    },
    /// A use of money, or a part of it, becomes a use of another outflow or class.
    Reclassed {
        /// The use as it stood before.
        part: Use,
        /// The outflow that it belongs to from now on.
        entry: u64,
        /// The entry that makes the change.
        since: u64,
        /// Index of the step within `since`.
        line: u32,
        /// What it is from now on.
        class: UseClass,
        /// How much of it.
        amount: Money,
    },
    /// Goods are held for others, or some of them leave (a quantity below zero), or come back.
    CustodyGoods {
        /// The voucher (and line of an opening balance) that custody vouchers name.
        custody: GiftId,
        /// What is added, by description and unit.
        goods: Vec<HeldGoods>,
    },
    /// Money of a fund is set aside for an approved loan, or (below zero) is free again.
    Reserved {
        /// The entry of the approval.
        approval: u64,
        /// The fund.
        fund: Code,
        /// The whole principal, with its sign.
        principal: Money,
    },
    /// What is owed and lost of a loan changes; each is added, with its sign.
    LoanMoved {
        /// The disbursement, or the line of an opening balance.
        loan: GiftId,
        /// The fund that lent.
        fund: Code,
        /// Principal owed.
        principal: Money,
        /// Service fee owed.
        fee: Money,
        /// Principal written off and not recovered.
        lost: Money,
    },
    /// Money that was lent (or lost with a loan), or a part of it, is there again: a new lot of
    /// the same gift, available from now on.
    CameBack {
        /// The use as it stood before.
        part: Use,
        /// How much of it comes back.
        amount: Money,
        /// The new lot.
        lot: LotKey,
        /// How often the new lot was lent before.
        turn: u32,
    },
    /// What had come back did not: it leaves its lot and is a use again.
    WentAgain {
        /// The lot that it leaves.
        lot: LotKey,
        /// The use that it is from now on; its own lot is the one that it was first lent from.
        part: Use,
    },
}

impl Change {
    /// Whether it changes what lies in a store.
    #[must_use]
    pub const fn moves_goods(&self) -> bool {
        matches!(
            self,
            Self::GoodsOpened { .. }
                | Self::GoodsClosed { .. }
                | Self::GoodsTaken(_)
                | Self::GoodsGivenBack { .. }
                | Self::GoodsMoved { .. }
        )
    }
}

/// A series of numbers that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Series {
    /// Phiếu thu: cash in.
    PT,
    /// Phiếu chi: cash out.
    PC,
    /// Báo có: bank in.
    BC,
    /// Báo nợ: bank out.
    BN,
    /// Phiếu nhập kho: goods in.
    PN,
    /// Phiếu xuất kho: goods out.
    PX,
    /// Bút toán: everything else with postings.
    BT,
    /// Khế ước: a loan's own name, from its approval on.
    KU,
}

impl Series {
    /// The letters before the number.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PT => "PT",
            Self::PC => "PC",
            Self::BC => "BC",
            Self::BN => "BN",
            Self::PN => "PN",
            Self::PX => "PX",
            Self::BT => "BT",
            Self::KU => "KU",
        }
    }
}

/// A number that a person reads: the n-th of its series in the year of the business date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentNumber {
    /// The series.
    pub series: Series,
    /// The year of the business date.
    pub year: i32,
    /// From 1, without gaps.
    pub number: u64,
}

impl std::fmt::Display for DocumentNumber {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = if self.series == Series::KU { 4 } else { 5 };
        write!(out, "{}-{}-{:0digits$}", self.series.as_str(), self.year, self.number)
    }
}

/// The flow of money through one place that a voucher causes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceFlow {
    /// The place.
    pub place: Code,
    /// Money in; below zero when an inflow is reversed.
    pub money_in: Money,
    /// Money out; below zero when an outflow is reversed.
    pub money_out: Money,
}

/// Everything that one entry does to the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// The entry.
    pub seq: u64,
    /// When it was appended.
    pub at: Time,
    /// The voucher's identifier.
    pub id: VoucherId,
    /// The kind.
    pub kind: Kind,
    /// The business date of the voucher.
    pub date: Date,
    /// The day on which balances change: `date`, or for an opening balance (and its reversal) the
    /// day before the books begin.
    pub effective: Date,
    /// The entry that the voucher's `of` names, with the line of an opening balance.
    pub of: Option<GiftId>,
    /// The loan that it is about, from its disbursement on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loan: Option<GiftId>,
    /// Debits and credits, equal in each fund.
    pub postings: Vec<Posting>,
    /// Money through places, both legs.
    pub flows: Vec<PlaceFlow>,
    /// The numbers that it got.
    pub numbers: Vec<DocumentNumber>,
    /// The programme that the spending was for.
    pub programme: Option<Code>,
    /// Families or persons served (lines); below zero when reversed.
    pub families: i64,
    /// The changes to lots, uses and custody, in order.
    pub changes: Vec<Change>,
    /// The kind whose columns the figures fall under: its own, or that of what it reverses.
    pub nature: Kind,
    /// Whether it reverses something that lies in a closed period.
    pub earlier: bool,
    /// The statement that it closes a period with or publishes.
    pub statement: Option<StatementFile>,
    /// Goods through stores, by store, fund and item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<GoodsFlow>,
}

/// A statement as it is published under `statements/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementFile {
    /// The file's name without `.json`, such as `2026-10`.
    pub name: String,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}
