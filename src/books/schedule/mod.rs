//! Schedules of micro-loans: from terms to instalments, to what is owed on a day, and to arrears.
//!
//! INVARIANT: pure: no I/O, no clock, no floats, no private data. A schedule is proposed here and
//! signed by people; what was signed is never computed again.
//!
//! | file | what it is |
//! |---|---|
//! | [`terms`] | what was agreed, and why terms are refused |
//! | [`due`] | due dates, and which part of a year lies between them |
//! | [`rows`] | the methods |
//! | [`holidays`] | due dates that fall on Tết |
//! | [`signed`] | the private value `schedule` of a voucher |
//! | [`allocation`] | what payments paid, and what the next one pays |
//! | [`arrears`] | days late, reschedules, the portfolio at risk |

pub mod allocation;
pub mod arrears;
pub mod due;
pub mod holidays;
pub mod rows;
pub mod signed;
pub mod terms;

pub use due::{DayCount, Interval, Unit};
pub use rows::{Row, calculate};
pub use terms::{Allowed, Field, Method, Reason, ScheduleFault, Terms};

use crate::ledger::word::Date;
use crate::money::Money;

/// The most instalments of one loan.
pub const MOST_INSTALMENTS: u32 = 600;

/// The most days between the disbursement and the first due date: ten years.
pub const LONGEST_WAIT: u32 = 3_660;

/// One instalment as it is agreed and signed: amounts in minor units, 0 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instalment {
    /// The day by which it is paid.
    pub due: Date,
    /// What is paid back of the principal.
    pub principal: Money,
    /// The fee (the interest).
    pub fee: Money,
}

impl From<&Row> for Instalment {
    fn from(row: &Row) -> Self {
        Self { due: row.due, principal: row.principal, fee: row.fee }
    }
}

/// An amount in two parts, in minor units, 0 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Of the principal.
    pub principal: Money,
    /// Of the fee.
    pub fee: Money,
}

impl Owed {
    /// Whether nothing is owed.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// Both parts together; the largest amount where they leave the range.
    #[must_use]
    pub fn total(self) -> Money {
        plus(self.principal, self.fee)
    }

    /// The sum of both; parts stay at the largest amount where they would leave the range.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { principal: plus(self.principal, other.principal), fee: plus(self.fee, other.fee) }
    }
}

/// The sum, held at the ends of the range.
fn plus(one: Money, other: Money) -> Money {
    one.checked_add(other).unwrap_or(LARGEST)
}

/// `one - other`, at least 0.
fn less(one: Money, other: Money) -> Money {
    one.checked_sub(other).unwrap_or_default().max(Money::ZERO)
}

/// The largest amount.
const LARGEST: Money = match Money::new(crate::money::LARGEST) {
    Some(money) => money,
    None => Money::ZERO,
};
