//! What was agreed, and why terms are refused.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::due::{DayCount, Interval, days};
use super::{LARGEST, LONGEST_WAIT, MOST_INSTALMENTS};
use crate::ledger::word::Date;
use crate::money::Money;

/// The most decimals of a rate in percent.
const RATE_DECIMALS: u32 = 6;

/// How principal and fee are laid over the instalments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Equal parts of the principal, no fee.
    InterestFreeEqual,
    /// The principal at the end; each instalment before it pays the interest alone.
    Bullet,
    /// The days and the principal of each are given, as for a harvest.
    Explicit,
    /// The same amount each time, one that the family can pay; the last takes the rest.
    FixedAmount,
    /// Equal parts of the principal, and interest on the whole principal each time.
    Flat,
    /// Equal parts of the principal, and interest on what is still owed.
    DecliningEqualPrincipal,
    /// Equal instalments, with interest on what is still owed.
    DecliningEqualInstalment,
}

impl Method {
    /// Every method, with its name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("interest_free_equal", Self::InterestFreeEqual),
        ("bullet", Self::Bullet),
        ("explicit", Self::Explicit),
        ("fixed_amount", Self::FixedAmount),
        ("flat", Self::Flat),
        ("declining_equal_principal", Self::DecliningEqualPrincipal),
        ("declining_equal_instalment", Self::DecliningEqualInstalment),
    ];

    /// Its name: `interest_free_equal`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, own)| *own == self).map_or("", |(name, _)| name)
    }

    /// Whether instalments are rounded to a unit.
    const fn rounds(self) -> bool {
        !matches!(self, Self::Explicit | Self::FixedAmount)
    }
}

impl FromStr for Method {
    type Err = MethodFault;

    /// Reads the name, with hyphens or underscores.
    fn from_str(text: &str) -> Result<Self, MethodFault> {
        let name = text.replace('-', "_");
        let found = Self::ALL.iter().find(|(own, _)| *own == name);
        found.map(|(_, own)| *own).ok_or(MethodFault)
    }
}

/// A text that names no method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected interest-free-equal, bullet, fixed-amount, explicit, flat, \
     declining-equal-principal or declining-equal-instalment"
)]
pub struct MethodFault;

/// The terms of a loan. Amounts are in minor units of the currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What is lent: 1 to 2^53 − 1.
    pub principal: Money,
    /// How many instalments, 1 to [`MOST_INSTALMENTS`]; of `fixed_amount` at most so many. Not read
    /// for `explicit`.
    pub instalments: u32,
    /// From one due date to the next. Not read for `explicit`.
    pub interval: Interval,
    /// The day on which the money is handed over.
    pub disbursed: Date,
    /// The first due date: on or behind the disbursement, by at most [`LONGEST_WAIT`] days. Its day
    /// of the month is kept. Not read for `explicit`.
    pub first_due: Date,
    /// How principal and fee are laid over the instalments.
    pub method: Method,
    /// The interest of a year in percent: 0 to 100, at most 6 decimals; 0 for
    /// `interest_free_equal`.
    pub rate: Decimal,
    /// What is paid each time, for `fixed_amount` and no other method.
    pub amount: Option<Money>,
    /// The first instalments in which only interest is paid: fewer than there are instalments.
    pub principal_grace: u32,
    /// The unit to which instalments but the last are rounded, to the nearest, half to even, and to
    /// at least one unit; never the interest, which is rounded to the minor unit. `None`: to the
    /// minor unit. Not for `explicit` and `fixed_amount`.
    pub round: Option<Money>,
    /// Decimals of the currency: 0 or 2.
    pub scale: u8,
    /// How the part of a year between due dates is counted.
    pub day_count: DayCount,
    /// Due dates and principal, for `explicit` and no other method.
    pub rows: Vec<(Date, Money)>,
}

/// A member of [`Terms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `principal`.
    Principal,
    /// `instalments`.
    Instalments,
    /// `interval`.
    Interval,
    /// `first_due`.
    FirstDue,
    /// `rate`.
    Rate,
    /// `amount`.
    Amount,
    /// `principal_grace`.
    PrincipalGrace,
    /// `round`.
    Round,
    /// `scale`.
    Scale,
    /// `rows`.
    Rows,
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A number or day outside its range.
    #[error("out of range")]
    Range,
    /// More decimals than are read.
    #[error("too many decimals")]
    Decimals,
    /// The method needs it.
    #[error("the method needs it")]
    Missing,
    /// The method does not use it.
    #[error("the method does not use it")]
    NotUsed,
    /// Instalments of this size leave nothing, or less, for the last one.
    #[error("leaves nothing for the last instalment")]
    NothingLeft,
    /// An instalment is not larger than its interest.
    #[error("an instalment does not cover its interest")]
    BelowInterest,
    /// The principal of the rows is not the principal of the loan.
    #[error("the rows do not add up to the principal")]
    Sum,
    /// A due date is not behind the one before.
    #[error("the due dates do not ascend")]
    Order,
    /// Principal and interest together leave the range of amounts.
    #[error("principal and interest together are too large")]
    TooLarge,
}

/// What would be allowed instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Whole numbers.
    Whole {
        /// The smallest.
        least: i64,
        /// The largest.
        most: i64,
    },
    /// Amounts in minor units.
    Amount {
        /// The smallest.
        least: Money,
        /// The largest.
        most: Money,
    },
    /// A sum in minor units.
    Sum(Money),
    /// Days.
    Days {
        /// The first.
        first: Date,
        /// The last.
        last: Date,
    },
    /// Percent, from 0.
    Percent {
        /// The largest.
        most: u32,
        /// Decimals at most.
        decimals: u32,
    },
    /// Something has to stand there.
    Something,
    /// It has to be left out.
    Nothing,
    /// Another method, a lower rate or fewer instalments: no one number helps.
    Other,
}

/// Terms that give no schedule: which member, why, and what would be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field:?}: {reason}")]
pub struct ScheduleFault {
    /// The member.
    pub field: Field,
    /// Why.
    pub reason: Reason,
    /// What would be allowed.
    pub allowed: Allowed,
}

impl ScheduleFault {
    pub(super) const fn new(field: Field, reason: Reason, allowed: Allowed) -> Self {
        Self { field, reason, allowed }
    }
}

/// One minor unit.
pub(super) const ONE: Money = match Money::new(1) {
    Some(money) => money,
    None => Money::ZERO,
};

const ANY_AMOUNT: Allowed = Allowed::Amount { least: ONE, most: LARGEST };

impl Terms {
    /// Whether each member is in its range and fits the method.
    ///
    /// # Errors
    /// [`ScheduleFault`] for the first that does not.
    pub fn check(&self) -> Result<(), ScheduleFault> {
        let no = ScheduleFault::new;
        if !self.principal.is_positive() {
            return Err(no(Field::Principal, Reason::Range, ANY_AMOUNT));
        }
        if !matches!(self.scale, 0 | 2) {
            return Err(no(Field::Scale, Reason::Range, Allowed::Whole { least: 0, most: 2 }));
        }
        self.check_rate()?;
        self.check_amounts()?;
        if self.method == Method::Explicit {
            return self.check_rows();
        }
        if !self.rows.is_empty() {
            return Err(no(Field::Rows, Reason::NotUsed, Allowed::Nothing));
        }
        let whole = |field, least: u32, most: u32| {
            let (least, most) = (i64::from(least), i64::from(most));
            no(field, Reason::Range, Allowed::Whole { least, most })
        };
        if !(1..=MOST_INSTALMENTS).contains(&self.instalments) {
            return Err(whole(Field::Instalments, 1, MOST_INSTALMENTS));
        }
        let most = self.interval.unit.most();
        if !(1..=most).contains(&self.interval.every) {
            return Err(whole(Field::Interval, 1, most));
        }
        if self.principal_grace >= self.instalments {
            return Err(whole(Field::PrincipalGrace, 0, self.instalments - 1));
        }
        self.check_day(Field::FirstDue, self.first_due)
    }

    fn check_day(&self, field: Field, day: Date) -> Result<(), ScheduleFault> {
        if (0..=i64::from(LONGEST_WAIT)).contains(&days(self.disbursed, day)) {
            return Ok(());
        }
        let last = self.disbursed.naive() + chrono::Days::new(LONGEST_WAIT.into());
        let last = Date::new(last).unwrap_or(self.disbursed);
        let allowed = Allowed::Days { first: self.disbursed, last };
        Err(ScheduleFault::new(field, Reason::Range, allowed))
    }

    fn check_rate(&self) -> Result<(), ScheduleFault> {
        let no = |reason, allowed| Err(ScheduleFault::new(Field::Rate, reason, allowed));
        let allowed = Allowed::Percent { most: 100, decimals: RATE_DECIMALS };
        if self.rate.is_sign_negative() && !self.rate.is_zero() || self.rate > Decimal::ONE_HUNDRED
        {
            return no(Reason::Range, allowed);
        }
        if self.rate.normalize().scale() > RATE_DECIMALS {
            return no(Reason::Decimals, allowed);
        }
        if self.method == Method::InterestFreeEqual && !self.rate.is_zero() {
            return no(Reason::NotUsed, Allowed::Nothing);
        }
        Ok(())
    }

    fn check_amounts(&self) -> Result<(), ScheduleFault> {
        let no = ScheduleFault::new;
        match (self.method == Method::FixedAmount, self.amount) {
            (true, None) => {
                return Err(no(Field::Amount, Reason::Missing, Allowed::Something));
            }
            (true, Some(amount)) if !amount.is_positive() => {
                return Err(no(Field::Amount, Reason::Range, ANY_AMOUNT));
            }
            (false, Some(_)) => return Err(no(Field::Amount, Reason::NotUsed, Allowed::Nothing)),
            _ => {}
        }
        match self.round {
            Some(_) if !self.method.rounds() => {
                Err(no(Field::Round, Reason::NotUsed, Allowed::Nothing))
            }
            Some(unit) if !unit.is_positive() => Err(no(Field::Round, Reason::Range, ANY_AMOUNT)),
            _ => Ok(()),
        }
    }

    fn check_rows(&self) -> Result<(), ScheduleFault> {
        let no = ScheduleFault::new;
        if self.principal_grace != 0 {
            return Err(no(Field::PrincipalGrace, Reason::NotUsed, Allowed::Nothing));
        }
        let Some(((first, _), (last, _))) = self.rows.first().zip(self.rows.last()) else {
            return Err(no(Field::Rows, Reason::Missing, Allowed::Something));
        };
        let most = i64::from(MOST_INSTALMENTS);
        if i64::try_from(self.rows.len()).is_ok_and(|count| count > most) {
            return Err(no(Field::Rows, Reason::Range, Allowed::Whole { least: 1, most }));
        }
        if self.rows.iter().any(|(_, principal)| !principal.is_positive()) {
            return Err(no(Field::Rows, Reason::Range, ANY_AMOUNT));
        }
        self.check_day(Field::Rows, *first)?;
        if let Some(pair) = self.rows.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            let allowed = Allowed::Days { first: pair[0].0.next(), last: self.last_day() };
            return Err(no(Field::Rows, Reason::Order, allowed));
        }
        if *last > self.last_day() {
            let allowed = Allowed::Days { first: *first, last: self.last_day() };
            return Err(no(Field::Rows, Reason::Range, allowed));
        }
        let sum = Money::sum(self.rows.iter().map(|(_, principal)| *principal));
        if sum == Some(self.principal) {
            return Ok(());
        }
        Err(no(Field::Rows, Reason::Sum, Allowed::Sum(self.principal)))
    }

    /// The last day that a given date may have: fifty years behind the disbursement.
    fn last_day(&self) -> Date {
        let last = self.disbursed.naive().checked_add_months(chrono::Months::new(600));
        last.and_then(Date::new).unwrap_or(self.disbursed)
    }
}
