//! The methods: from terms to rows, in whole numbers.
//!
//! Interest of a period is `balance · rate · part of a year`, an exact fraction, rounded half to
//! even to the minor unit. The equal instalment `P · Π(1+rᵢ) / Σⱼ Πᵢ﹥ⱼ(1+rᵢ)` (of equal periods
//! `P · r / (1 − (1+r)⁻ⁿ)`) is a fraction of long integers, rounded once. What roundings leave over
//! stands in the last instalment.

use num_bigint::BigUint;

use super::due::{self, Years};
use super::terms::{Allowed, Field, Method, ONE, Reason, ScheduleFault, Terms};
use crate::ledger::word::Date;
use crate::money::{LARGEST, Money};

/// A row of a schedule; amounts in minor units, 0 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// From 1.
    pub number: u32,
    /// The day by which it is paid.
    pub due: Date,
    /// What is paid back of the principal.
    pub principal: Money,
    /// The fee (the interest).
    pub fee: Money,
    /// Principal and fee.
    pub total: Money,
    /// What is owed of the principal behind it; 0 in the last row.
    pub balance: Money,
}

/// The schedule of some terms: due dates ascend, principal adds up to the loan, the last balance
/// is 0. Rows in which nothing is due (before the end of a `bullet` or within a grace period,
/// without interest) are in it.
///
/// # Errors
/// [`ScheduleFault`] names the member of the terms, the reason, and what would be allowed.
pub fn calculate(terms: &Terms) -> Result<Vec<Row>, ScheduleFault> {
    terms.check()?;
    match lay(terms) {
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::NothingLeft) => Err(nothing_left(terms)),
        Err(Stop::BelowInterest) => Err(below_interest(terms)),
        Ok(rows) => Ok(rows),
    }
}

/// Why rows could not be laid.
enum Stop {
    Fault(ScheduleFault),
    /// Nothing is left for the last instalment.
    NothingLeft,
    /// An instalment is smaller than its interest.
    BelowInterest,
}

impl From<ScheduleFault> for Stop {
    fn from(fault: ScheduleFault) -> Self {
        Self::Fault(fault)
    }
}

fn lay(terms: &Terms) -> Result<Vec<Row>, Stop> {
    let dates = due::dates(terms)?;
    let mut sheet = Sheet::new(terms, dates);
    match terms.method {
        Method::InterestFreeEqual | Method::DecliningEqualPrincipal => sheet.equal_parts(false),
        Method::Flat => sheet.equal_parts(true),
        Method::Bullet => sheet.bullet(),
        Method::Explicit => sheet.explicit(),
        Method::FixedAmount => sheet.fixed_amount(),
        Method::DecliningEqualInstalment => sheet.equal_instalments(),
    }?;
    Ok(sheet.rows)
}

/// The largest round unit (1, 2, 5, 10, 20 …) or else the largest halving of the number of
/// instalments that gives a schedule.
fn nothing_left(terms: &Terms) -> ScheduleFault {
    let works = |terms: &Terms| lay(terms).is_ok();
    if let Some(unit) = terms.round.filter(|unit| *unit > ONE) {
        let mut least = 0;
        let most = unit.minor().min(terms.principal.minor());
        let powers = (0..16).map(|power| 10_i64.pow(power));
        let units = powers.flat_map(|ten| [ten, 2 * ten, 5 * ten]);
        for unit in units.filter(|unit| *unit < most).collect::<Vec<_>>().into_iter().rev() {
            if works(&Terms { round: Money::new(unit), ..terms.clone() }) {
                least = unit;
                break;
            }
        }
        let most = Money::new(least).filter(|unit| unit.is_positive());
        let allowed = most.map_or(Allowed::Other, |most| Allowed::Amount { least: ONE, most });
        return ScheduleFault::new(Field::Round, Reason::NothingLeft, allowed);
    }
    let mut count = terms.instalments / 2;
    while count > terms.principal_grace + 1
        && !works(&Terms { instalments: count, ..terms.clone() })
    {
        count /= 2;
    }
    let least = i64::from(terms.principal_grace) + 1;
    let allowed = Allowed::Whole { least, most: least.max(count.into()) };
    ScheduleFault::new(Field::Instalments, Reason::NothingLeft, allowed)
}

fn below_interest(terms: &Terms) -> ScheduleFault {
    let reason = Reason::BelowInterest;
    match (terms.method, terms.round) {
        (Method::FixedAmount, _) => {
            let dates = due::dates(terms).unwrap_or_default();
            let sheet = Sheet::new(terms, dates);
            let most = sheet.rates.parts.iter().max().copied().unwrap_or_default();
            let fee = rounded(i128::from(terms.principal.minor()) * most, sheet.rates.whole);
            let least = i64::try_from(fee + 1).ok().and_then(Money::new);
            let allowed = least
                .map_or(Allowed::Other, |least| Allowed::Amount { least, most: super::LARGEST });
            ScheduleFault::new(Field::Amount, reason, allowed)
        }
        (_, Some(unit)) if unit > ONE => ScheduleFault::new(Field::Round, reason, Allowed::Other),
        _ => ScheduleFault::new(Field::Rate, reason, Allowed::Other),
    }
}

/// `part / whole` to the nearest whole number, half to even; neither is below 0.
fn rounded(part: i128, whole: i128) -> i128 {
    let (down, rest) = (part / whole, part % whole);
    let up = rest * 2 > whole || rest * 2 == whole && down % 2 == 1;
    down + i128::from(up)
}

/// The interest of each period as a fraction of the balance, over one denominator.
struct Rates {
    parts: Vec<i128>,
    whole: i128,
}

impl Rates {
    fn of(terms: &Terms, years: &Years) -> Self {
        let rate = terms.rate.normalize();
        let parts = years.parts.iter().map(|part| rate.mantissa() * i128::from(*part)).collect();
        Self { parts, whole: 10_i128.pow(rate.scale()) * 100 * i128::from(years.whole) }
    }

    /// The interest of a period on a balance, in minor units.
    fn on(&self, balance: i64, at: usize) -> i128 {
        let part = self.parts.get(at).copied().unwrap_or_default();
        rounded(i128::from(balance) * part, self.whole)
    }
}

/// Rows as they are laid.
struct Sheet<'t> {
    terms: &'t Terms,
    dates: Vec<Date>,
    rates: Rates,
    balance: i64,
    paid: i128,
    rows: Vec<Row>,
}

impl<'t> Sheet<'t> {
    fn new(terms: &'t Terms, dates: Vec<Date>) -> Self {
        let years = match terms.method {
            Method::Flat => due::flat_years(terms, &dates),
            _ => due::years(terms, &dates),
        };
        let rates = Rates::of(terms, &years);
        let balance = terms.principal.minor();
        Self { terms, dates, rates, balance, paid: 0, rows: Vec::new() }
    }

    fn unit(&self) -> i128 {
        i128::from(self.terms.round.unwrap_or(ONE).minor())
    }

    fn last(&self) -> usize {
        self.dates.len().saturating_sub(1)
    }

    fn grace(&self) -> usize {
        usize::try_from(self.terms.principal_grace).unwrap_or_default()
    }

    /// The interest of a period on what is owed.
    fn fee(&self, at: usize) -> i128 {
        self.rates.on(self.balance, at)
    }

    /// Adds a row. The principal of one that is not the last leaves something for it.
    fn add(&mut self, at: usize, principal: i128, fee: i128) -> Result<(), Stop> {
        if principal < 0 {
            return Err(Stop::BelowInterest);
        }
        let left = i128::from(self.balance) - principal;
        if left < 0 || left == 0 && at < self.last() && self.terms.method != Method::FixedAmount {
            return Err(Stop::NothingLeft);
        }
        self.paid += principal + fee;
        let money = |minor: i128| i64::try_from(minor).ok().and_then(Money::new);
        let amounts = (money(principal), money(fee), money(principal + fee), money(left));
        let within = self.paid <= i128::from(LARGEST);
        let ((Some(principal), Some(fee), Some(total), Some(balance)), true) = (amounts, within)
        else {
            let fault = ScheduleFault::new(Field::Principal, Reason::TooLarge, Allowed::Other);
            return Err(fault.into());
        };
        let Some(due) = self.dates.get(at).copied() else { return Ok(()) };
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        self.balance = balance.minor();
        self.rows.push(Row { number, due, principal, fee, total, balance });
        Ok(())
    }

    /// Equal parts of the principal. Principal and fee of an instalment are each brought to the
    /// nearest unit; what that makes of the fee goes into the principal, so that the instalment is
    /// round and the fee is what it is.
    fn equal_parts(&mut self, flat: bool) -> Result<(), Stop> {
        let (principal, unit) = (i128::from(self.terms.principal.minor()), self.unit());
        let parts = i128::from(self.terms.instalments - self.terms.principal_grace);
        let part = rounded(principal, parts * unit) * unit;
        let all: i128 = self.rates.parts.iter().sum();
        let mut flat_left = rounded(principal * all, self.rates.whole);
        for at in 0..=self.last() {
            let mut fee = self.fee(at);
            if flat {
                fee = self.rates.on(self.terms.principal.minor(), at).min(flat_left);
                fee = if at == self.last() { flat_left } else { fee };
                flat_left -= fee;
            }
            let own = if at == self.last() {
                i128::from(self.balance)
            } else if at < self.grace() {
                0
            } else {
                (part + rounded(fee, unit) * unit).max(unit) - fee
            };
            self.add(at, own, fee)?;
        }
        Ok(())
    }

    fn bullet(&mut self) -> Result<(), Stop> {
        for at in 0..=self.last() {
            let own = if at == self.last() { i128::from(self.balance) } else { 0 };
            self.add(at, own, self.fee(at))?;
        }
        Ok(())
    }

    fn explicit(&mut self) -> Result<(), Stop> {
        for (at, (_, principal)) in self.terms.rows.iter().enumerate() {
            self.add(at, principal.minor().into(), self.fee(at))?;
        }
        Ok(())
    }

    fn fixed_amount(&mut self) -> Result<(), Stop> {
        let amount = i128::from(self.terms.amount.unwrap_or_default().minor());
        for at in 0..=self.last() {
            let (fee, left) = (self.fee(at), i128::from(self.balance));
            if at == self.last() || at >= self.grace() && left + fee <= amount {
                return self.add(at, left, fee);
            }
            if at < self.grace() {
                self.add(at, 0, fee)?;
            } else if amount <= fee {
                return Err(Stop::BelowInterest);
            } else {
                self.add(at, amount - fee, fee)?;
            }
        }
        Ok(())
    }

    fn equal_instalments(&mut self) -> Result<(), Stop> {
        let each = self.equal_instalment()?;
        for at in 0..=self.last() {
            let fee = self.fee(at);
            let own = if at == self.last() {
                i128::from(self.balance)
            } else if at < self.grace() {
                0
            } else {
                each - fee
            };
            self.add(at, own, fee)?;
        }
        Ok(())
    }

    /// The equal instalment behind the grace period, rounded to the unit.
    fn equal_instalment(&self) -> Result<i128, Stop> {
        let large = |number: i128| BigUint::from(u128::try_from(number).unwrap_or_default());
        let whole = large(self.rates.whole);
        // All growth of one đồng, and the growth of one đồng paid at each due date.
        let (mut all, mut each, mut power) = (BigUint::from(1_u8), BigUint::ZERO, whole.clone());
        for part in self.rates.parts.iter().skip(self.grace()) {
            let growth = &whole + large(*part);
            all *= &growth;
            each = each * growth + &power;
            power *= &whole;
        }
        let (top, below) = (all * large(self.terms.principal.minor().into()), each);
        let unit = large(self.unit());
        let below = below * &unit;
        let mut units = &top / &below;
        let rest = (top - &units * &below) * 2_u8;
        if rest > below || rest == below && units.bit(0) {
            units += 1_u8;
        }
        let units = i128::try_from(units).ok().filter(|units| *units <= i128::from(LARGEST));
        let fault = ScheduleFault::new(Field::Principal, Reason::TooLarge, Allowed::Other);
        Ok(units.ok_or(fault)?.max(1) * self.unit())
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
