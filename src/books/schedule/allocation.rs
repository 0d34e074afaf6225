//! What payments paid, instalment by instalment, and what the next one pays.
//!
//! Principal paid goes to the principal of the oldest instalment that still owes some, fees paid
//! and waived to the fee of the oldest that still owes some: only the payments and their order
//! count, not the day on which somebody asks.

use super::{Instalment, Owed, less, plus};
use crate::ledger::word::Date;
use crate::money::Money;

/// A payment as its voucher parts it; amounts in minor units, 0 or more (below 0 counts as 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The business date.
    pub on: Date,
    /// Of the principal.
    pub principal: Money,
    /// Of the fee.
    pub fee: Money,
}

/// A fee that is no longer asked for, in minor units, 0 or more (below 0 counts as 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The business date.
    pub on: Date,
    /// How much.
    pub fee: Money,
}

/// What one payment or waiver did for one instalment; amounts in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The day of the payment or waiver.
    pub on: Date,
    /// Principal paid.
    pub principal: Money,
    /// Fee paid.
    pub fee: Money,
    /// Fee waived.
    pub waived: Money,
}

/// An instalment with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: u32,
    /// What was agreed.
    pub agreed: Instalment,
    /// What paid it, in order.
    pub parts: Vec<Part>,
    /// What is still owed.
    pub owed: Owed,
}

impl Line {
    /// The day on which nothing was owed any more; `None` while something is, and for an instalment
    /// in which nothing was ever due.
    #[must_use]
    pub fn settled(&self) -> Option<Date> {
        if self.owed.is_nothing() { self.parts.last().map(|part| part.on) } else { None }
    }
}

/// A schedule on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The day.
    pub day: Date,
    /// Every instalment.
    pub lines: Vec<Line>,
    /// What was paid beyond the schedule.
    pub over: Owed,
}

impl Allocation {
    /// What is owed in all.
    #[must_use]
    pub fn outstanding(&self) -> Owed {
        sum(self.lines.iter())
    }

    /// Instalments that were due before the day and are not wholly paid, oldest first.
    pub fn overdue(&self) -> impl Iterator<Item = &Line> {
        self.open().filter(|line| line.agreed.due < self.day)
    }

    /// Instalments that are due on the day and not wholly paid.
    pub fn due(&self) -> impl Iterator<Item = &Line> {
        self.open().filter(|line| line.agreed.due == self.day)
    }

    /// Instalments that come after the day and are not wholly paid, in order.
    pub fn next(&self) -> impl Iterator<Item = &Line> {
        self.open().filter(|line| line.agreed.due > self.day)
    }

    /// The sum of [`Self::overdue`].
    #[must_use]
    pub fn overdue_sum(&self) -> Owed {
        sum(self.overdue())
    }

    /// Days since the due date of the oldest instalment that is overdue; 0 when none is.
    #[must_use]
    pub fn days_late(&self) -> u32 {
        let oldest = self.overdue().map(|line| line.agreed.due).min();
        oldest.map_or(0, |due| days_late(due, self.day))
    }

    fn open(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.owed.is_nothing())
    }
}

/// Days from a due date to a day; 0 before it.
pub(super) fn days_late(due: Date, day: Date) -> u32 {
    u32::try_from(super::due::days(due, day)).unwrap_or(0)
}

fn sum<'l>(lines: impl Iterator<Item = &'l Line>) -> Owed {
    lines.fold(Owed::default(), |sum, line| sum.and(line.owed))
}

/// What payments and waivers up to a day (that day included) made of a schedule. They are taken by
/// their dates; those of one day in the order in which they are given, payments first.
#[must_use]
pub fn allocate(
    schedule: &[Instalment],
    payments: &[Payment],
    waivers: &[Waiver],
    day: Date,
) -> Allocation {
    let mut lines: Vec<Line> = (1..)
        .zip(schedule)
        .map(|(number, agreed)| {
            let owed = Owed { principal: agreed.principal, fee: agreed.fee };
            Line { number, agreed: *agreed, parts: Vec::new(), owed }
        })
        .collect();
    let paid = payments.iter().map(|own| Part {
        on: own.on,
        principal: own.principal,
        fee: own.fee,
        waived: Money::ZERO,
    });
    let waived = waivers.iter().map(|own| Part {
        on: own.on,
        principal: Money::ZERO,
        fee: Money::ZERO,
        waived: own.fee,
    });
    let mut all: Vec<Part> = paid.chain(waived).filter(|part| part.on <= day).collect();
    all.sort_by_key(|part| part.on);
    let mut over = Owed::default();
    for part in all {
        let left = take(&mut lines, part);
        over = over.and(Owed { principal: left.principal, fee: plus(left.fee, left.waived) });
    }
    Allocation { day, lines, over }
}

/// Lays a payment over the lines; what is left of it.
fn take(lines: &mut [Line], part: Part) -> Part {
    let positive = |money: Money| money.max(Money::ZERO);
    let mut left = Part {
        principal: positive(part.principal),
        fee: positive(part.fee),
        waived: positive(part.waived),
        ..part
    };
    for line in lines {
        let principal = left.principal.min(line.owed.principal);
        let fee = left.fee.min(line.owed.fee);
        let waived = left.waived.min(less(line.owed.fee, fee));
        if [principal, fee, waived] == [Money::ZERO; 3] {
            continue;
        }
        line.owed.principal = less(line.owed.principal, principal);
        line.owed.fee = less(line.owed.fee, plus(fee, waived));
        line.parts.push(Part { on: part.on, principal, fee, waived });
        left.principal = less(left.principal, principal);
        left.fee = less(left.fee, fee);
        left.waived = less(left.waived, waived);
    }
    left
}

/// What became of a loan so far, in sums of minor units, 0 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// Principal paid.
    pub principal: Money,
    /// Fees paid.
    pub fee: Money,
    /// Fees waived.
    pub waived: Money,
}

/// How a payment is parted; the three add up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// Of the principal.
    pub principal: Money,
    /// Of the fee.
    pub fee: Money,
    /// More than the whole loan owes.
    pub over: Money,
}

/// How an amount that is paid on a day should be parted: it pays what is overdue, first the
/// principal of all overdue instalments, oldest first, then their fees, so that fees never swallow
/// a payment; then what is due on the day, then the next instalments in order, of each the
/// principal and then the fee.
#[must_use]
pub fn proposal(schedule: &[Instalment], paid: Paid, amount: Money, day: Date) -> Proposal {
    let so_far = Payment { on: day, principal: paid.principal, fee: paid.fee };
    let waived = Waiver { on: day, fee: paid.waived };
    let state = allocate(schedule, &[so_far], &[waived], day);
    let mut proposed = Proposal { over: amount.max(Money::ZERO), ..Proposal::default() };
    let mut pay = |owed: Owed| {
        let principal = proposed.over.min(owed.principal);
        proposed.over = less(proposed.over, principal);
        proposed.principal = plus(proposed.principal, principal);
        let fee = proposed.over.min(owed.fee);
        proposed.over = less(proposed.over, fee);
        proposed.fee = plus(proposed.fee, fee);
    };
    pay(state.overdue_sum());
    state.due().chain(state.next()).for_each(|line| pay(line.owed));
    proposed
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn money(minor: i64) -> Money {
        Money::new(minor).unwrap()
    }

    fn schedule() -> Vec<Instalment> {
        let own = |due: &str| Instalment { due: date(due), principal: money(100), fee: money(10) };
        ["2026-01-10", "2026-02-10", "2026-03-10"].map(own).to_vec()
    }

    fn proposed(amount: i64, day: &str) -> (i64, i64, i64) {
        let own = proposal(&schedule(), Paid::default(), money(amount), date(day));
        (own.principal.minor(), own.fee.minor(), own.over.minor())
    }

    #[test]
    fn fees_never_swallow_a_payment() {
        // Two instalments are overdue: both principals come before either fee.
        assert_eq!(proposed(150, "2026-02-20"), (150, 0, 0));
        assert_eq!(proposed(215, "2026-02-20"), (200, 15, 0));
        assert_eq!(proposed(225, "2026-02-20"), (205, 20, 0));
        assert_eq!(proposed(400, "2026-02-20"), (300, 30, 70));
        // Nothing is overdue: the instalment of the day, then the next one.
        assert_eq!(proposed(120, "2026-01-10"), (110, 10, 0));
        assert_eq!(proposed(330, "2025-12-01"), (300, 30, 0));
        assert_eq!(proposed(-5, "2026-02-20"), (0, 0, 0));
    }

    #[test]
    fn what_was_paid_and_waived_counts_before_the_next_payment() {
        let paid = Paid { principal: money(100), fee: money(4), waived: money(6) };
        let own = proposal(&schedule(), paid, money(105), date("2026-01-20"));
        assert_eq!((own.principal, own.fee), (money(100), money(5)));
    }

    #[test]
    fn a_payment_settles_the_oldest_and_says_what_is_late() {
        let pay = |on: &str, principal, fee| Payment {
            on: date(on),
            principal: money(principal),
            fee: money(fee),
        };
        let payments = [pay("2026-02-15", 30, 0), pay("2026-01-10", 100, 5)];
        let waivers = [Waiver { on: date("2026-01-11"), fee: money(5) }];
        let own = allocate(&schedule(), &payments, &waivers, date("2026-02-20"));
        assert_eq!(own.lines[0].settled(), Some(date("2026-01-11")));
        assert_eq!(own.lines[1].owed, Owed { principal: money(70), fee: money(10) });
        assert_eq!(own.days_late(), 10);
        assert_eq!(own.overdue_sum().total(), money(80));
        assert_eq!(own.outstanding(), Owed { principal: money(170), fee: money(20) });
        assert_eq!((own.due().count(), own.next().count()), (0, 1));
        // What came later does not count yet.
        let before = allocate(&schedule(), &payments, &waivers, date("2026-01-10"));
        assert_eq!(before.due().map(|line| line.owed.fee).collect::<Vec<_>>(), [money(5)]);
        assert_eq!(before.days_late(), 0);
        let more = allocate(&schedule(), &[pay("2026-01-01", 301, 31)], &[], date("2026-01-01"));
        assert_eq!(more.over, Owed { principal: money(1), fee: money(1) });
        assert!(more.outstanding().is_nothing());
    }
}
