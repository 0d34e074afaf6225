//! Every rule about loans that can say no, with a code that never changes.

use crate::money::Money;

/// Why the books do not accept what an entry does to loans.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoanRefusal {
    /// A fund that does not lend.
    #[error("the fund {fund} is not a revolving one")]
    NotRevolving {
        /// The fund.
        fund: String,
    },
    /// The approval was withdrawn.
    #[error("the approval was cancelled by entry {seq}")]
    Cancelled {
        /// The cancellation.
        seq: u64,
    },
    /// The loan was paid out already.
    #[error("the loan was paid out by entry {seq}")]
    Disbursed {
        /// The disbursement.
        seq: u64,
    },
    /// Principal and fee do not add up to the amount.
    #[error("principal and fee add up to {}", sum.minor())]
    Parts {
        /// Their sum.
        sum: Money,
    },
    /// More principal or fee than is owed, now or at the end of some day.
    #[error("{member}: at most {} is owed", allowed.minor())]
    MoreThanOwed {
        /// `principal` or `fee`.
        member: &'static str,
        /// What is owed.
        allowed: Money,
    },
    /// Nothing is owed any more.
    #[error("nothing of the loan is owed")]
    Closed,
    /// The loan was written off: it takes no repayment, but a recovery.
    #[error("the loan was written off by entry {seq}")]
    WrittenOff {
        /// The voucher that wrote it off.
        seq: u64,
    },
    /// A recovery of a loan that was not written off.
    #[error("the loan was not written off")]
    NotWrittenOff,
    /// A later voucher of the same loan still stands.
    #[error("entry {seq} is a later voucher of the same loan: reverse it first")]
    LaterOfLoan {
        /// The last voucher of the loan.
        seq: u64,
    },
    /// A loan of an opening balance of which more was paid than there was, or nothing is owed.
    #[error("{member}: a running loan is owed something, at most {} was paid", allowed.minor())]
    OpeningLoan {
        /// `paid` or `fees_paid`.
        member: &'static str,
        /// What may have been paid.
        allowed: Money,
    },
    /// Something is lent or set aside where a fund or the chapter is to be closed.
    #[error("{fund} still has {} lent or set aside", amount.minor())]
    LoansLeft {
        /// The fund.
        fund: String,
        /// Of one loan, what is owed or set aside.
        amount: Money,
    },
}

impl LoanRefusal {
    /// The stable code, as in [`super::Refusal::code`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotRevolving { .. } => "not-revolving",
            Self::Cancelled { .. } => "loan-cancelled",
            Self::Disbursed { .. } => "loan-disbursed",
            Self::Parts { .. } => "parts",
            Self::MoreThanOwed { .. } => "more-than-owed",
            Self::Closed => "loan-closed",
            Self::WrittenOff { .. } => "loan-written-off",
            Self::NotWrittenOff => "not-written-off",
            Self::LaterOfLoan { .. } => "later-of-loan",
            Self::OpeningLoan { .. } => "opening-loan",
            Self::LoansLeft { .. } => "loans-left",
        }
    }
}
