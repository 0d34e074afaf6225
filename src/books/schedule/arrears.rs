//! Days late and what is overdue, also where a loan was rescheduled; the portfolio at risk.
//!
//! A reschedule gives new due dates; it does not make late money punctual. On the day on which a
//! later schedule is agreed, the instalments that are overdue then, with what each owes, are kept
//! beside it as a **claim**. Payments and waivers that are recorded later pay the claim, oldest
//! first, and the later schedule likewise: it is the same money, and the later schedule asks for
//! all that was owed. As long as something of a claim is unpaid, the loan is as late as the worst
//! of its claims and of the schedule in force; an amount is overdue as far as the largest of them
//! says, for principal and fee apart. What was due on the very day of the agreement is not overdue
//! and follows the later schedule.

use super::allocation::{Payment, Waiver, allocate, days_late};
use super::{Instalment, Owed};
use crate::ledger::word::Date;
use crate::money::Money;

/// A later schedule: what was owed on its day, in new instalments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescheduled {
    /// The day of the agreement.
    pub on: Date,
    /// Its place in the order in which things were recorded. Payments and waivers that were
    /// recorded before it belong to what was before, whatever their days.
    pub seq: u64,
    /// The instalments from then on.
    pub instalments: Vec<Instalment>,
}

/// What is late of a loan on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrears {
    /// What is overdue.
    pub overdue: Owed,
    /// Days since the oldest due date that counts; 0 when nothing is overdue.
    pub days_late: u32,
}

impl Arrears {
    /// The worse of both, in each figure.
    fn or(self, other: Self) -> Self {
        let overdue = Owed {
            principal: self.overdue.principal.max(other.overdue.principal),
            fee: self.overdue.fee.max(other.overdue.fee),
        };
        Self { overdue, days_late: self.days_late.max(other.days_late) }
    }
}

/// Something with its place in the order in which things were recorded.
pub type Recorded<T> = (u64, T);

/// Instalments, with the entry behind which payments count for them.
struct Asked {
    since: Option<u64>,
    instalments: Vec<Instalment>,
}

impl Asked {
    /// What is overdue of it on a day, oldest first, by what was recorded up to an entry.
    fn overdue(
        &self,
        (payments, waivers): (&[Recorded<Payment>], &[Recorded<Waiver>]),
        day: Date,
        until: u64,
    ) -> Vec<Instalment> {
        let counts = |seq: u64| self.since.is_none_or(|since| seq > since) && seq <= until;
        let payments: Vec<Payment> =
            payments.iter().filter(|(seq, _)| counts(*seq)).map(|(_, own)| *own).collect();
        let waivers: Vec<Waiver> =
            waivers.iter().filter(|(seq, _)| counts(*seq)).map(|(_, own)| *own).collect();
        let state = allocate(&self.instalments, &payments, &waivers, day);
        let left = state.overdue().map(|line| Instalment {
            due: line.agreed.due,
            principal: line.owed.principal,
            fee: line.owed.fee,
        });
        left.collect()
    }
}

/// What is late on a day. `later` are the reschedules, by their days; one that lies behind the day
/// does not count yet.
#[must_use]
pub fn arrears(
    original: &[Instalment],
    later: &[Rescheduled],
    payments: &[Recorded<Payment>],
    waivers: &[Recorded<Waiver>],
    day: Date,
) -> Arrears {
    let mut agreed: Vec<&Rescheduled> = later.iter().filter(|own| own.on <= day).collect();
    agreed.sort_by_key(|own| own.seq);
    let mut claims: Vec<Asked> = Vec::new();
    let mut now = Asked { since: None, instalments: original.to_vec() };
    for own in agreed {
        let instalments = now.overdue((payments, waivers), own.on, own.seq);
        claims.push(Asked { since: Some(own.seq), instalments });
        now = Asked { since: Some(own.seq), instalments: own.instalments.clone() };
    }
    claims.push(now);
    let late = claims.iter().map(|own| {
        let overdue = own.overdue((payments, waivers), day, u64::MAX);
        let oldest = overdue.iter().map(|own| own.due).min();
        let sum =
            |sum: Owed, own: &Instalment| sum.and(Owed { principal: own.principal, fee: own.fee });
        Arrears {
            overdue: overdue.iter().fold(Owed::default(), sum),
            days_late: oldest.map_or(0, |due| days_late(due, day)),
        }
    });
    late.fold(Arrears::default(), Arrears::or)
}

/// The portfolio at risk: the outstanding principal (minor units) of the loans that are more than
/// `days` days late, out of pairs of outstanding principal and days late. PAR30 is that of 30.
/// `None` when the sum leaves the range.
#[must_use]
pub fn portfolio_at_risk(
    loans: impl IntoIterator<Item = (Money, u32)>,
    days: u32,
) -> Option<Money> {
    Money::sum(loans.into_iter().filter(|(_, late)| *late > days).map(|(owed, _)| owed))
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

    fn own(due: &str, principal: i64) -> Instalment {
        Instalment { due: date(due), principal: money(principal), fee: Money::ZERO }
    }

    /// Recorded in the order of days; an agreement at the end of its day.
    fn seq(on: &str) -> u64 {
        let day = chrono::Datelike::num_days_from_ce(&date(on).naive());
        2 * u64::try_from(day).unwrap()
    }

    fn pay(on: &str, principal: i64) -> Recorded<Payment> {
        let own = Payment { on: date(on), principal: money(principal), fee: Money::ZERO };
        (seq(on), own)
    }

    #[test]
    fn a_reschedule_leaves_the_loan_as_late_as_it_was_until_that_is_paid() {
        let original = [own("2026-01-10", 100), own("2026-02-10", 100), own("2026-03-10", 100)];
        let later = [Rescheduled {
            on: date("2026-02-20"),
            seq: seq("2026-02-20") + 1,
            instalments: vec![own("2026-06-10", 150), own("2026-07-10", 150)],
        }];
        let late = |payments: &[Recorded<Payment>], day: &str| {
            let own = arrears(&original, &later, payments, &[], date(day));
            (own.days_late, own.overdue.principal.minor())
        };
        assert_eq!(late(&[], "2026-02-19"), (40, 200));
        assert_eq!(late(&[], "2026-02-20"), (41, 200));
        assert_eq!(late(&[], "2026-03-20"), (69, 200));
        assert_eq!(late(&[pay("2026-03-01", 100)], "2026-03-20"), (38, 100));
        // What was overdue is paid: the later schedule alone counts.
        assert_eq!(late(&[pay("2026-03-01", 200)], "2026-03-20"), (0, 0));
        assert_eq!(late(&[pay("2026-03-01", 200)], "2026-07-12"), (2, 100));
        // What is recorded before the agreement belongs to what was before; what is recorded after
        // it pays the claim, whatever its day.
        assert_eq!(late(&[pay("2026-02-20", 100)], "2026-03-20"), (38, 100));
        let (_, same_day) = pay("2026-02-20", 200);
        assert_eq!(late(&[(u64::MAX, same_day)], "2026-03-20"), (0, 0));
        let (_, dated_back) = pay("2026-02-12", 200);
        assert_eq!(late(&[(u64::MAX, dated_back)], "2026-03-20"), (0, 0));
    }

    #[test]
    fn a_second_reschedule_keeps_the_claim_of_the_first() {
        let original = [own("2026-01-10", 100)];
        let again = |on: &str, due: &str| Rescheduled {
            on: date(on),
            seq: seq(on) + 1,
            instalments: vec![own(due, 100)],
        };
        let later = [again("2026-02-01", "2026-03-01"), again("2026-03-05", "2027-01-01")];
        let own = arrears(&original, &later, &[], &[], date("2026-04-10"));
        assert_eq!((own.days_late, own.overdue.principal), (90, money(100)));
        let paid = arrears(&original, &later, &[pay("2026-03-10", 100)], &[], date("2026-04-10"));
        assert_eq!(paid, Arrears::default());
    }

    #[test]
    fn the_portfolio_at_risk_is_all_that_late_loans_owe() {
        let loans = [(money(500), 31), (money(300), 30), (money(200), 0)];
        assert_eq!(portfolio_at_risk(loans, 30), Some(money(500)));
        assert_eq!(portfolio_at_risk(loans, 0), Some(money(800)));
        assert_eq!(portfolio_at_risk([], 30), Some(Money::ZERO));
    }
}
