//! Every rule about goods that can say no, with a code that never changes.

use crate::ledger::word::Date;

/// Why the books do not accept what an entry does to goods.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoodsRefusal {
    /// More goods than lie in the store, now or at the end of some day.
    #[error("{store} holds only {allowed} of {item} (end of {day})")]
    StockTooLow {
        /// The item.
        item: String,
        /// The store.
        store: String,
        /// The day with the least.
        day: Date,
        /// The quantity that may be taken.
        allowed: String,
    },
    /// The value of an item in a store and fund below zero at the end of some day.
    #[error("the value of {item} in {store} would be below zero at the end of {day}")]
    StockValueTooLow {
        /// The item.
        item: String,
        /// The store.
        store: String,
        /// The day with the least.
        day: Date,
    },
    /// The next lot is past its expiry and the voucher does not say that this is known.
    #[error("the next lot of {item} expired on {expiry}: count it out, or allow it")]
    Expired {
        /// The item.
        item: String,
        /// The last day on which the lot was good.
        expiry: Date,
    },
    /// A fraction of something that is counted whole.
    #[error("{item} is counted whole")]
    Fraction {
        /// The item.
        item: String,
    },
    /// Costs on top of goods without value.
    #[error("goods without value have no share in extra costs")]
    Extra,
    /// A gift in kind goes back without money.
    #[error("goods that were given go back without an amount")]
    AmountOfGift,
    /// More goods come back, or leave custody, than are out or held.
    #[error("at most {allowed} of {item}")]
    MoreGoods {
        /// The item, or the description of what is held.
        item: String,
        /// The quantity that may be.
        allowed: String,
    },
    /// More lines than were handed over come back.
    #[error("at most {allowed} lines are left of it")]
    MoreLines {
        /// The lines that are left.
        allowed: u64,
    },
    /// What another chapter sent was received already.
    #[error("what that voucher sent was received already")]
    SenderUsed,
    /// Goods are still there where a fund or the chapter is to be closed.
    #[error("{code} still holds {quantity} of {item}")]
    GoodsLeft {
        /// The fund; `custody` for what is held for others.
        code: String,
        /// The item, or the description of what is held.
        item: String,
        /// How much.
        quantity: String,
    },
    /// Goods that came in by it are not whole in their store any more.
    #[error("{item} in {store} is not whole: {allowed} of that lot are there")]
    NotWhole {
        /// The item.
        item: String,
        /// The store.
        store: String,
        /// What is there of the lot.
        allowed: String,
    },
    /// A later count found again what this one had missed.
    #[error("a later count found again what this one missed: reverse that first")]
    FoundAgain,
}

impl GoodsRefusal {
    /// The stable code, as in [`super::Refusal::code`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::StockTooLow { .. } => "stock-too-low",
            Self::StockValueTooLow { .. } => "stock-value-too-low",
            Self::Expired { .. } => "expired",
            Self::Fraction { .. } => "fraction",
            Self::Extra => "extra",
            Self::AmountOfGift => "amount-of-gift",
            Self::MoreGoods { .. } => "more-goods",
            Self::MoreLines { .. } => "more-lines",
            Self::SenderUsed => "sender-used",
            Self::GoodsLeft { .. } => "goods-left",
            Self::NotWhole { .. } => "not-whole",
            Self::FoundAgain => "found-again",
        }
    }
}
