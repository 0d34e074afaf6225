//! The chart of accounts: what a posting debits or credits.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ledger::voucher::CostCategory;
use crate::ledger::word::Code;
use crate::money::Money;

/// The reserved fund of money held for others; no chapter opens it.
pub const CUSTODY_FUND: &str = "custody";

/// An account. Debits of assets and spending are positive amounts, credits negative ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Asset: money in a place.
    Place(Code),
    /// Asset: goods of an item, in whatever store.
    Stock(Code),
    /// Asset: principal of loans that is owed.
    LoansReceivable,
    /// Liability: money held for others.
    HeldForOthers,
    /// Net assets: what was there when the books began.
    OpeningBalance,
    /// Net assets: moved from one fund to another.
    MovedBetweenFunds,
    /// Income: donations in money.
    Donations,
    /// Income: donations in kind.
    DonationsInKind,
    /// Income, as a minus: donations given back.
    DonationsReturned,
    /// Income: what another chapter sent.
    SupportFromChapters,
    /// Income: service fees of loans.
    ServiceFees,
    /// Income: what was paid on loans that were written off.
    Recoveries,
    /// Income: bank interest, cash found and the like.
    OtherIncome,
    /// Spending: aid in money.
    AidInMoney,
    /// Spending: aid in kind.
    AidInKind,
    /// Spending: costs of programmes, by category.
    ProgrammeCosts(Cost),
    /// Spending: what was sent to another chapter.
    SupportToChapters,
    /// Lost: principal of loans that were written off.
    LoanLosses,
    /// Lost: goods that a count did not find, or that a supplier did not pay back.
    StockLosses,
}

/// What a cost was for; `cash_difference` comes from counting cash only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cost {
    /// A category that a voucher names.
    Category(CostCategory),
    /// Cash that was missing when it was counted.
    CashDifference,
}

impl Account {
    /// The word of the account in projections, statements and files, such as `aid_in_money`,
    /// `place:tien-mat` or `programme_costs:transport`.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Place(place) => format!("place:{place}"),
            Self::Stock(item) => format!("stock:{item}"),
            Self::LoansReceivable => "loans_receivable".to_owned(),
            Self::HeldForOthers => "held_for_others".to_owned(),
            Self::OpeningBalance => "opening_balance".to_owned(),
            Self::MovedBetweenFunds => "moved_between_funds".to_owned(),
            Self::Donations => "donations".to_owned(),
            Self::DonationsInKind => "donations_in_kind".to_owned(),
            Self::DonationsReturned => "donations_returned".to_owned(),
            Self::SupportFromChapters => "support_from_chapters".to_owned(),
            Self::ServiceFees => "service_fees".to_owned(),
            Self::Recoveries => "recoveries".to_owned(),
            Self::OtherIncome => "other_income".to_owned(),
            Self::AidInMoney => "aid_in_money".to_owned(),
            Self::AidInKind => "aid_in_kind".to_owned(),
            Self::SupportToChapters => "support_to_chapters".to_owned(),
            Self::LoanLosses => "loan_losses".to_owned(),
            Self::StockLosses => "stock_losses".to_owned(),
            Self::ProgrammeCosts(Cost::Category(category)) => format!("programme_costs:{category}"),
            Self::ProgrammeCosts(Cost::CashDifference) => {
                "programme_costs:cash_difference".to_owned()
            }
        }
    }

    /// Which of a fund's columns the account belongs to; `None` for assets and liabilities.
    #[must_use]
    pub fn column(&self) -> Option<Column> {
        match self {
            Self::Place(_) | Self::Stock(_) | Self::LoansReceivable | Self::HeldForOthers => None,
            Self::OpeningBalance => Some(Column::Opening),
            Self::MovedBetweenFunds => Some(Column::Moved),
            Self::Donations
            | Self::DonationsInKind
            | Self::DonationsReturned
            | Self::SupportFromChapters
            | Self::ServiceFees
            | Self::Recoveries
            | Self::OtherIncome => Some(Column::Received),
            Self::AidInMoney
            | Self::AidInKind
            | Self::ProgrammeCosts(_)
            | Self::SupportToChapters => Some(Column::Spent),
            Self::LoanLosses | Self::StockLosses => Some(Column::Lost),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.word())
    }
}

/// A column of a fund's figures in a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// What the books began with.
    Opening,
    /// Income.
    Received,
    /// Spending.
    Spent,
    /// From and to other funds.
    Moved,
    /// Lost, by loans or in store.
    Lost,
    /// Reversals of what lies in a closed period.
    Earlier,
}

/// One debit (above zero) or credit (below zero) of an account in a fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// The fund.
    pub fund: Code,
    /// The debit, or as a minus the credit, in minor units.
    pub amount: Money,
}
