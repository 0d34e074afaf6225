//! The loans of the demonstration as its story knows them: what is due, paid, late, still to come.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::Fault;
use super::calendar::{days_between, days_earlier, days_later, months_later, working};
use super::seeded::Seeded;
use crate::books::closing::Overdue;
use crate::ledger::voucher::{LineRef, Purpose, VoucherId};
use crate::ledger::word::Date;
use crate::money::Money;

/// The fund that lends.
pub const FUND: &str = "von-vay";
/// What principals are multiples of.
pub const ROUND: i64 = 500_000;
/// What instalments are multiples of; the rest is due with the last one.
const UNIT: i64 = 10_000;

/// What becomes of a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is paid as agreed.
    Usual,
    /// One of two loans of a group.
    Grouped,
    /// An instalment is six weeks late.
    Late,
    /// Nothing is paid for four months.
    VeryLate,
    /// The rest is paid long before it is due.
    Early,
    /// It is called off before it is paid out.
    Cancelled,
    /// The rest of the fee is waived.
    Waived,
    /// A repayment is mistyped, reversed and recorded again.
    Mistyped,
    /// More is paid than was meant: held for the borrower, then assigned.
    Overpaid,
    /// A smaller instalment over a longer time is agreed on.
    Rescheduled,
    /// The borrower died: what is left is written off, and some of it comes back later.
    WrittenOff,
    /// As much as there is.
    Draining,
    /// It lends the gift that is followed, and comes back at once.
    Followed,
    /// It lends what came back of that gift, or what lies before it.
    Again,
}

/// Month of the books from 0, what becomes of the loan, and whether it has a fee.
const SLOTS: [(u32, Fate, bool); 44] = [
    (2, Fate::Usual, false),
    (5, Fate::Late, false),
    (8, Fate::Early, false),
    (13, Fate::Grouped, false),
    (13, Fate::Grouped, false),
    (17, Fate::Waived, true),
    (21, Fate::Usual, false),
    (25, Fate::Usual, true),
    (28, Fate::Cancelled, false),
    (29, Fate::Usual, false),
    (32, Fate::Mistyped, false),
    (35, Fate::Usual, false),
    (38, Fate::Late, true),
    (41, Fate::Usual, false),
    (44, Fate::Rescheduled, false),
    (46, Fate::Usual, false),
    (50, Fate::Early, false),
    (53, Fate::Usual, true),
    (56, Fate::Overpaid, false),
    (58, Fate::Usual, false),
    (61, Fate::Usual, false),
    (63, Fate::VeryLate, false),
    (66, Fate::Usual, false),
    (68, Fate::Late, false),
    (70, Fate::Usual, false),
    (73, Fate::Usual, false),
    (75, Fate::WrittenOff, false),
    (78, Fate::Usual, true),
    (80, Fate::Usual, false),
    (82, Fate::Usual, false),
    (85, Fate::Usual, false),
    (87, Fate::VeryLate, false),
    (90, Fate::Rescheduled, false),
    (93, Fate::Late, false),
    (97, Fate::Draining, false),
    (99, Fate::Followed, false),
    (101, Fate::Usual, false),
    (103, Fate::Early, false),
    (107, Fate::Again, false),
    (109, Fate::Again, false),
    (112, Fate::Again, false),
    (115, Fate::Again, false),
    (117, Fate::Again, false),
    (117, Fate::Again, false),
];

/// What an instalment asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// When.
    pub due: Date,
    /// Principal in đồng.
    pub principal: i64,
    /// The fee of it.
    pub fee: i64,
}

/// Something that happens to a loan on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is paid out.
    Disburse,
    /// It is called off.
    Cancel,
    /// Principal and fee are paid.
    Repay(i64, i64),
    /// The treasurer types too much.
    Mistype(i64),
    /// That is reversed, and recorded as it was.
    Correct(i64, i64),
    /// Principal and fee are paid, and so much beyond them.
    Overpay(i64, i64, i64),
    /// What was paid beyond is principal from now on.
    Assign(i64),
    /// The rest of the fee is waived.
    Waive,
    /// Another schedule.
    Reschedule,
    /// What is left is lost.
    WriteOff,
    /// So much of it comes back.
    Recover(i64),
}

/// A loan.
#[derive(Clone, Debug)]
pub struct Loan {
    /// Who borrows, of the list of borrowers.
    pub borrower: usize,
    /// What becomes of it.
    pub fate: Fate,
    /// What is lent.
    pub principal: i64,
    /// What it is for.
    pub purpose: Purpose,
    /// Its name, `KU-2026-0001`.
    pub number: String,
    /// The approval.
    pub approval: u64,
    /// Its disbursement, or the line of the opening balance.
    pub of: Option<LineRef>,
    /// What was agreed on first.
    pub rows: Vec<Row>,
    /// What was agreed on later, and when.
    pub later: Option<(Date, Vec<Row>)>,
    /// Principal that was paid or lost, by day.
    pub moves: Vec<(Date, i64)>,
    /// The fee that is owed.
    pub fee: i64,
    /// What a correction or an assignment names.
    pub named: Option<u64>,
}

impl Loan {
    /// Principal that was paid or lost by the end of a day.
    fn gone(&self, day: Date) -> i64 {
        self.moves.iter().filter(|(on, _)| *on <= day).map(|(_, amount)| amount).sum()
    }

    /// Principal owed at the end of a day; nothing before it is paid out.
    pub fn owed(&self, day: Date) -> i64 {
        if self.of.is_some() { self.principal - self.gone(day) } else { 0 }
    }

    /// By how many days its oldest unpaid instalment is late. A later schedule does not make the
    /// loan look better: what was late when it was agreed on stays late until it is paid.
    fn days_late(&self, day: Date) -> i64 {
        let asked = self.later.as_ref().map_or(day, |(since, _)| day.min(*since));
        let first = late(&self.rows, self.gone(day), asked, day);
        match &self.later {
            Some((since, rows)) if *since <= day => {
                first.max(late(rows, self.gone(day) - self.gone(*since), day, day))
            }
            _ => first,
        }
    }
}

/// Days from the first instalment due by `asked` that `paid` does not cover.
fn late(rows: &[Row], paid: i64, asked: Date, day: Date) -> i64 {
    let mut sum = 0;
    for row in rows.iter().filter(|row| row.due <= asked) {
        sum += row.principal;
        if sum > paid {
            return days_between(row.due, day);
        }
    }
    0
}

/// Equal instalments of whole units, the rest with the last one; each with its part of the fee.
pub fn rows(principal: i64, fee: i64, months: u32, from: Date) -> Vec<Row> {
    let count = i64::from(months);
    let each = (principal / count + UNIT / 2) / UNIT * UNIT;
    let of = |index: u32| {
        let is_last = index == months;
        Row {
            due: working(months_later(from, index)),
            principal: if is_last { principal - each * (count - 1) } else { each },
            fee: if is_last { fee - fee / count * (count - 1) } else { fee / count },
        }
    };
    (1..=months).map(of).collect()
}

/// The schedule as it is signed.
pub fn signed(rows: &[Row]) -> Value {
    let one =
        |row: &Row| json!({"due": row.due.to_string(), "principal": row.principal, "fee": row.fee});
    Value::Array(rows.iter().map(one).collect())
}

/// Everything that the story knows of the fund's lending.
#[derive(Debug)]
pub struct Lending {
    /// Chance of its own.
    pub chance: Seeded,
    /// Loans by the order of their approvals, those of the opening balance first.
    pub loans: Vec<Loan>,
    /// What is set aside for approved loans.
    pub reserved: i64,
    /// What is still to be lent.
    pub slots: VecDeque<(u32, Fate, bool)>,
    /// The gift that is followed.
    pub followed: Followed,
    /// Its voucher.
    pub gift: VoucherId,
    /// The day from which it may come.
    pub gift_on: Option<Date>,
    /// Approvals of each year.
    numbers: BTreeMap<i32, u64>,
    agenda: BTreeMap<Date, Vec<(usize, Deed)>>,
}

/// Where the gift is that is followed from its day on. Only the loan that names a stage takes any
/// of it: whatever else is lent lies before it in the order of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// It was not given yet.
    ToCome,
    /// So much of the fund lies before it.
    Given(i64),
    /// It is out, and so much of its loan lies before it.
    Lent(usize, i64),
    /// It came back: what is lent from now on, until 120.000 of it are out again.
    Back(VecDeque<i64>),
}

impl Lending {
    /// Nothing is lent yet.
    pub fn new(chance: Seeded, gift: VoucherId) -> Self {
        Self {
            chance,
            loans: Vec::new(),
            reserved: 0,
            slots: SLOTS.into(),
            followed: Followed::ToCome,
            gift,
            gift_on: None,
            numbers: BTreeMap::new(),
            agenda: BTreeMap::new(),
        }
    }

    /// The name of the next loan that is approved in a year.
    pub fn next_number(&mut self, year: i32) -> String {
        let number = self.numbers.entry(year).or_default();
        *number += 1;
        format!("KU-{year}-{number:04}")
    }

    /// Puts something down for a day.
    pub fn plan(&mut self, date: Date, loan: usize, deed: Deed) {
        self.agenda.entry(date).or_default().push((loan, deed));
    }

    /// What was put down for a day.
    pub fn due(&mut self, date: Date) -> Vec<(usize, Deed)> {
        self.agenda.remove(&date).unwrap_or_default()
    }

    /// Principal that is owed of all loans.
    pub fn owed(&self, day: Date) -> i64 {
        self.loans.iter().map(|loan| loan.owed(day)).sum()
    }

    /// The principal at risk at the end of a day.
    pub fn overdue(&self, day: Date) -> Result<Overdue, Fault> {
        let at_risk = |days: i64| {
            let late = self.loans.iter().filter(|loan| loan.days_late(day) > days);
            let sum = Money::new(late.map(|loan| loan.owed(day)).sum());
            sum.ok_or(Fault::Scenario("an amount beyond the range"))
        };
        Ok(Overdue { par30: at_risk(30)?, par90: at_risk(90)? })
    }

    /// Puts down what becomes of a loan that is paid out, by its schedule.
    pub fn plan_repayments(&mut self, index: usize) {
        let Some(loan) = self.loans.get(index) else { return };
        let (fate, rows) = (loan.fate, loan.rows.clone());
        let mut deeds = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let before = days_earlier(row.due, self.chance.below(3));
            deeds.extend(of_row(fate, &rows, at, working(before)));
        }
        for (date, deed) in deeds {
            self.plan(date, index, deed);
        }
    }

    /// Puts down that a schedule is kept.
    pub fn plan_rows(&mut self, index: usize, rows: &[Row]) {
        for row in rows {
            self.plan(row.due, index, Deed::Repay(row.principal, row.fee));
        }
    }
}

/// What happens on account of an instalment, which would be paid on the day `usual`.
fn of_row(fate: Fate, rows: &[Row], at: usize, usual: Date) -> Vec<(Date, Deed)> {
    let Some(row) = rows.get(at) else { return Vec::new() };
    let after = |days| working(days_later(row.due, days));
    let sum = |from: usize| {
        let all = rows.get(from..=at).unwrap_or_default();
        let of = |part: fn(&Row) -> i64| all.iter().map(part).sum();
        Deed::Repay(of(|row| row.principal), of(|row| row.fee))
    };
    let paid = Deed::Repay(row.principal, row.fee);
    let next = rows.get(at + 1).map_or(0, |row| row.principal);
    let half = rows.len() / 2;
    match (fate, at) {
        (Fate::Late, 2) | (Fate::VeryLate, 2..=4) | (Fate::Rescheduled | Fate::WrittenOff, 3) => {
            Vec::new()
        }
        (Fate::Late, 3) => vec![(after(12), sum(2))],
        (Fate::VeryLate, 5) => vec![(after(10), sum(2))],
        (Fate::Early, 4) => {
            let rest = rows.get(at..).unwrap_or_default();
            let of = |part: fn(&Row) -> i64| rest.iter().map(part).sum();
            vec![(usual, Deed::Repay(of(|row| row.principal), of(|row| row.fee)))]
        }
        (Fate::Early, 5..) => Vec::new(),
        (Fate::Waived, _) if at == half => vec![(usual, paid), (after(8), Deed::Waive)],
        (Fate::Waived, _) if at > half => vec![(usual, Deed::Repay(row.principal, 0))],
        (Fate::Mistyped, 1) => {
            let corrected = working(usual.next());
            let typed = Deed::Mistype(row.principal + next);
            vec![(usual, typed), (corrected, Deed::Correct(row.principal, row.fee))]
        }
        (Fate::Overpaid, 2) => vec![(usual, Deed::Overpay(row.principal, row.fee, next))],
        (Fate::Overpaid, 3) => vec![(usual, Deed::Assign(row.principal))],
        (Fate::Rescheduled, 4) => vec![(after(5), Deed::Reschedule)],
        (Fate::WrittenOff, 7) => {
            let lost = after(2);
            let back = |months| working(months_later(lost, months));
            vec![
                (lost, Deed::WriteOff),
                (back(3), Deed::Recover(1_000_000)),
                (back(7), Deed::Recover(500_000)),
            ]
        }
        (Fate::Rescheduled | Fate::WrittenOff, 4..) => Vec::new(),
        _ => vec![(usual, paid)],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn instalments_are_whole_and_the_last_one_has_the_rest() {
        let all = rows(5_000_000, 120_000, 12, day("2024-01-31"));
        assert_eq!(all.iter().map(|row| row.principal).sum::<i64>(), 5_000_000);
        assert_eq!(all.iter().map(|row| row.fee).sum::<i64>(), 120_000);
        assert_eq!((all[0].principal, all[11].principal), (420_000, 380_000));
        assert_eq!(all[0].due, day("2024-02-29"));
    }

    #[test]
    fn a_later_schedule_leaves_late_what_was_late() {
        let first = rows(6_000_000, 0, 6, day("2024-03-05"));
        let mut loan = Loan {
            borrower: 0,
            fate: Fate::Rescheduled,
            principal: 6_000_000,
            purpose: Purpose::Crops,
            number: String::new(),
            approval: 0,
            of: Some(LineRef::Entry(crate::ledger::word::EntryRef::Seq(1))),
            rows: first,
            later: None,
            moves: vec![(day("2024-04-05"), 1_000_000)],
            fee: 0,
            named: None,
        };
        assert_eq!(loan.days_late(day("2024-05-05")), 0, "a Sunday: due the day after");
        assert_eq!(loan.days_late(day("2024-06-05")), 30);
        let since = day("2024-06-10");
        loan.later = Some((since, rows(5_000_000, 0, 10, since)));
        assert_eq!(loan.days_late(day("2024-06-30")), 55);
        loan.moves.push((day("2024-07-10"), 1_000_000));
        assert_eq!(loan.days_late(day("2024-07-20")), 45, "the second of the two late ones");
        loan.moves.push((day("2024-07-21"), 1_000_000));
        assert_eq!(loan.days_late(day("2024-07-31")), 0);
    }
}
