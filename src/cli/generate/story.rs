//! What happens in a generated history, and when: days with their share of the entries, and what
//! every month brings.

use std::collections::{BTreeMap, VecDeque};

use chrono::{Datelike as _, Days, Months};

use super::lending::Loan;
use crate::cli::invented::people::People;
use crate::cli::invented::purse::Purse;
use crate::cli::invented::seeded::Seeded;
use crate::cli::invented::vouchers::{Draft, Pen};
use crate::cli::invented::{BANK, CASH, Fault, GENERAL};
use crate::ledger::voucher::{Body, StatementType};
use crate::ledger::word::{Date, Month};

/// The fund of the flood's relief.
pub const RELIEF: &str = "bao-lu";
/// The fund that lends.
pub const LOANS: &str = "von-vay";
/// The programme of monthly help.
pub const REGULAR: &str = "thuong-xuyen";
/// Days of the flood.
const FLOOD: u64 = 10;
/// How many of 100 entries are of the flood.
const SHARE: u64 = 35;
/// Fewest entries that a month of history is told with, and most months.
const PER_MONTH: u64 = 50;
const MOST_MONTHS: u64 = 120;
/// Entries that the first day of a month may need.
pub const RESERVE: u64 = 8;

/// One voucher to be written; its seq is its place in the story.
#[derive(Debug)]
pub enum Act {
    /// A voucher whose members are known beforehand.
    Write(Box<Draft>),
    /// The cash box is counted.
    CountCash,
    /// The months up to this one are closed.
    Close(Month),
    /// A statement of closed months is published.
    Publish(StatementType, Date, Date),
}

/// Which day has how many entries.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    /// All entries.
    pub entries: u64,
    /// The first day of the books: the first of a month.
    pub from: Date,
    /// The last day.
    pub until: Date,
    flood: Date,
}

impl Calendar {
    /// The calendar of so many entries before a day.
    pub fn new(entries: u64, today: Date) -> Result<Self, Fault> {
        let months = u32::try_from((entries / PER_MONTH).clamp(4, MOST_MONTHS)).unwrap_or(4);
        let early = || Fault::Scenario("a day too early for the history before it");
        let of = |months, days| {
            let first = today.naive().with_day(1)?.checked_sub_months(Months::new(months))?;
            Date::new(first.checked_add_days(Days::new(days))?)
        };
        let from = of(months, 0).ok_or_else(early)?;
        let flood = of(months / 2, 8).ok_or_else(early)?;
        Ok(Self { entries, from, until: today.previous(), flood })
    }

    /// Whether a day is one of the flood.
    pub fn is_flood(&self, date: Date) -> bool {
        days(self.flood, date).is_some_and(|days| days < FLOOD)
    }

    /// How many entries there are by the end of a day.
    pub fn target(&self, date: Date) -> u64 {
        if date >= self.until {
            return self.entries;
        }
        let all = days(self.from, self.until).unwrap_or(0) + 1;
        let so_far = days(self.from, date).unwrap_or(0) + 1;
        let wet = days(self.flood, date).map_or(0, |days| (days + 1).min(FLOOD));
        let of_flood = self.entries * SHARE / 100;
        let (usual, dry) = (self.entries - of_flood, all.saturating_sub(FLOOD).max(1));
        (usual * (so_far - wet) / dry + of_flood * wet / FLOOD).min(self.entries)
    }
}

/// Days from one to another; `None` when that lies before it.
fn days(from: Date, to: Date) -> Option<u64> {
    u64::try_from((to.naive() - from.naive()).num_days()).ok()
}

/// The story while it is told.
#[derive(Debug)]
pub struct Story<'a> {
    pub(super) people: &'a People,
    pub(super) pen: Pen,
    pub(super) seeded: Seeded,
    pub(super) calendar: Calendar,
    pub(super) purse: Purse,
    /// What is unspent of the gifts of a fund, in đồng, oldest first.
    pub(super) lots: BTreeMap<&'static str, VecDeque<i64>>,
    pub(super) loans: Vec<Loan>,
    /// Kilograms of rice in the store.
    pub(super) rice: i64,
    pub(super) rounds: u64,
    pub(super) slips: u64,
    acts: Vec<Act>,
    seq: u64,
}

impl<'a> Story<'a> {
    /// A story of which nothing is told yet.
    pub fn new(root: &Seeded, people: &'a People, pen: Pen, calendar: Calendar) -> Self {
        Self {
            people,
            pen,
            seeded: root.child("history"),
            calendar,
            purse: Purse::default(),
            lots: BTreeMap::new(),
            loans: Vec::new(),
            rice: 0,
            rounds: 0,
            slips: 0,
            acts: Vec::new(),
            seq: 0,
        }
    }

    /// What was told since the last time.
    pub fn take_acts(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.acts)
    }

    /// How many acts wait.
    pub fn waiting(&self) -> usize {
        self.acts.len()
    }

    /// How many acts were told.
    pub const fn told(&self) -> u64 {
        self.seq
    }

    /// Entries that may still be told.
    pub(super) const fn left(&self) -> u64 {
        self.calendar.entries - self.seq
    }

    /// Adds an act; its seq.
    pub(super) fn act(&mut self, act: Act) -> u64 {
        self.acts.push(act);
        self.seq += 1;
        self.seq - 1
    }

    /// Adds a voucher without private values; its seq.
    pub(super) fn write(&mut self, date: Date, body: impl Into<Body>) -> u64 {
        self.act(Act::Write(Box::new(Draft::new(date, body))))
    }

    /// What comes on a day whatever else happens.
    pub fn dawn(&mut self, date: Date) -> Result<(), Fault> {
        if date == self.calendar.from {
            return Ok(());
        }
        let (day, month) = (date.naive().day(), date.naive().month());
        while self.left() >= RESERVE && self.repay_due(date)? {}
        if self.left() < RESERVE {
            return Ok(());
        }
        match day {
            5 if date.month() != self.calendar.from.month() => {
                self.act(Act::Close(date.month().previous()));
            }
            8 if matches!(month, 1 | 4 | 7 | 10) => self.statements(date),
            12 => self.monthly_help(date)?,
            _ => {}
        }
        Ok(())
    }

    /// What comes last on a day: nothing touches the cash box after it was counted.
    pub fn end(&mut self, date: Date) -> Result<(), Fault> {
        let is_last = date.next().month() != date.month();
        if is_last && self.left() >= RESERVE { self.end_of_month(date) } else { Ok(()) }
    }

    /// Quarters and years that are closed by now.
    fn statements(&mut self, date: Date) {
        let last = date.month().previous();
        let quarter = last.previous().previous().first_day();
        if quarter >= self.calendar.from {
            self.act(Act::Publish(StatementType::Quarter, quarter, last.last_day()));
        }
        let year = (0..11).fold(last, |month, _| month.previous()).first_day();
        if date.naive().month() == 1 && year >= self.calendar.from {
            self.act(Act::Publish(StatementType::Year, year, last.last_day()));
        }
    }

    /// Something that happens on a day: one entry or a few, never more than are left.
    pub fn happen(&mut self, date: Date) -> Result<(), Fault> {
        let enough = self.left() >= RESERVE;
        match self.seeded.below(1_000) {
            0..3 if enough => self.goods_in(date),
            3..5 if enough && self.rice >= 100 => self.goods_out(date),
            5..13 if enough => self.cost(date),
            13..15 if enough => self.correct(date),
            15..17 if enough && self.may_lend() => self.lend(date),
            17..30 => self.gift_of_known(date, CASH),
            30..110 => self.gift_of_known(date, BANK),
            _ => self.gift_of_nobody(date).map(drop),
        }
    }

    /// For which fund a gift of a day is.
    pub(super) fn fund_of(&mut self, date: Date) -> &'static str {
        let of_relief = if self.calendar.is_flood(date) { 85 } else { 10 };
        if self.seeded.below(100) < of_relief { RELIEF } else { GENERAL }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_share_and_the_flood_has_very_many() {
        let calendar = Calendar::new(10_000, "2026-11-22".parse().unwrap()).unwrap();
        assert_eq!(calendar.from.to_string(), "2016-11-01");
        let (mut date, mut before, mut wet) = (calendar.from, 0, 0);
        while date <= calendar.until {
            let target = calendar.target(date);
            assert!(target >= before);
            if calendar.is_flood(date) {
                wet += target - before;
            }
            (before, date) = (target, date.next());
        }
        assert_eq!(before, 10_000);
        assert!((3_450..3_600).contains(&wet), "{wet}");
    }
}
