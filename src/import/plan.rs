//! The plan of a file: every line with its identity, what is known of it, and what it becomes.
//!
//! INVARIANT: the sums over classes and over matches are the file's sums, in and out, always: they
//! are computed from the lines, never kept beside them. What is booked is never booked again.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::classify::Class;
use super::identity::{LineIdentity, LineKeys, Occurrence};
use super::matching::{KnownLines, Match, days_shared, match_lines};
use super::statement::{Direction, Statement, StatementLine};
use crate::money::Money;

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedLine {
    /// The line as the bank gave it.
    pub line: StatementLine,
    /// Which of its twins it is. With the line itself that is by what it is recognised
    /// ([`Plan::keys`]).
    pub occurrence: Occurrence,
    /// What is known of it.
    pub found: Match,
    /// What it becomes.
    pub class: Class,
    /// Whether it is booked: at first exactly the new lines that are not skipped.
    pub booked: bool,
}

/// How many lines, and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Lines.
    pub lines: usize,
    /// Their sum.
    pub amount: Money,
}

impl Sum {
    fn add(&mut self, amount: Money) {
        self.lines += 1;
        // A part of the file's sum in one direction, which was checked when the file was read.
        self.amount = self.amount.checked_add(amount).unwrap_or(self.amount);
    }
}

/// The sums of one direction. `all` = Σ `by_class` = `new` + `known` + `perhaps_twice`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The whole file.
    pub all: Sum,
    /// By what the lines become.
    pub by_class: BTreeMap<Class, Sum>,
    /// Lines that were never seen.
    pub new: Sum,
    /// Lines that were decided about before.
    pub known: Sum,
    /// Lines that a person must look at.
    pub perhaps_twice: Sum,
    /// What the plan books.
    pub booked: Sum,
}

impl Side {
    fn add(&mut self, planned: &PlannedLine) {
        let amount = planned.line.movement.amount;
        self.all.add(amount);
        self.by_class.entry(planned.class).or_default().add(amount);
        if planned.booked {
            self.booked.add(amount);
        }
        match planned.found {
            Match::New => self.new.add(amount),
            Match::Booked { .. } => self.known.add(amount),
            Match::PerhapsTwice { .. } => self.perhaps_twice.add(amount),
        }
    }
}

/// The sums of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Money in.
    pub credits: Side,
    /// Money out.
    pub debits: Side,
}

/// Why a choice of a person does not fit a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceFault {
    /// There is no such line.
    #[error("there is no line {index} in the plan; load the file again")]
    NoSuchLine {
        /// The index that was asked for.
        index: usize,
    },
    /// Money in cannot be a fee, money out cannot be a gift.
    #[error("row {row}: money in and money out have classes of their own; choose another")]
    OtherDirection {
        /// The row of the file.
        row: u32,
    },
    /// The very line is booked already.
    #[error("row {row}: this line is booked already; leave it out")]
    BookedAlready {
        /// The row of the file.
        row: u32,
    },
}

/// What a file would book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The code of the account.
    pub place: String,
    /// Every line of the file, in its order.
    pub lines: Vec<PlannedLine>,
    /// Days on which lines are known already: a person is asked about each.
    pub days_shared: Vec<NaiveDate>,
}

impl Plan {
    /// Plans a statement of the account `place` against what is known there.
    #[must_use]
    pub fn new(place: &str, statement: Statement, known: &KnownLines) -> Self {
        let days_shared = days_shared(&statement, &known.days());
        let Statement { lines, .. } = statement;
        let occurrences = Occurrence::of_lines(place, &lines);
        let keys = |index: usize| LineKeys::of(place, &lines[index], occurrences[index]);
        let matches = match_lines(lines.len(), keys, known);
        let lines = lines
            .into_iter()
            .zip(occurrences)
            .zip(matches)
            .map(|((line, occurrence), found)| {
                let class = Class::propose(&line);
                PlannedLine { line, occurrence, found, class, booked: found == Match::New }
            })
            .collect();
        Self { place: place.to_owned(), lines, days_shared }
    }

    /// By what a line of the plan is recognised; the store keeps it beside the voucher.
    #[must_use]
    pub fn keys(&self, planned: &PlannedLine) -> LineKeys {
        LineKeys::of(&self.place, &planned.line, planned.occurrence)
    }

    /// The days on which an earlier file has lines and this one would book some.
    #[must_use]
    pub fn days_to_compare(&self) -> Vec<NaiveDate> {
        let booked: HashSet<NaiveDate> = self
            .lines
            .iter()
            .filter(|planned| planned.booked)
            .map(|planned| planned.line.date)
            .collect();
        self.days_shared.iter().filter(|day| booked.contains(day)).copied().collect()
    }

    /// Gives a line the class that a person chose and says whether it is booked. A line of the
    /// class [`Class::Skip`] is never booked.
    ///
    /// # Errors
    /// [`ChoiceFault`]; the plan is as before.
    pub fn choose(&mut self, index: usize, class: Class, booked: bool) -> Result<(), ChoiceFault> {
        let planned = self.lines.get_mut(index).ok_or(ChoiceFault::NoSuchLine { index })?;
        let row = planned.line.row;
        if !class.suits(planned.line.movement.direction) {
            return Err(ChoiceFault::OtherDirection { row });
        }
        if booked && matches!(planned.found, Match::Booked { voucher: Some(_) }) {
            return Err(ChoiceFault::BookedAlready { row });
        }
        planned.class = class;
        planned.booked = booked && class != Class::Skip;
        Ok(())
    }

    /// The sums as the plan stands.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for planned in &self.lines {
            match planned.line.movement.direction {
                Direction::Credit => totals.credits.add(planned),
                Direction::Debit => totals.debits.add(planned),
            }
        }
        totals
    }

    /// The lines to book by their indices, each with the occurrence under which it is kept.
    ///
    /// That is the line's own, but where a person said that a line of a booked identity is
    /// another one: it gets the next occurrence that neither a known line nor the file has, so
    /// that an identity stands once in a place. A line that was left out before is taken up under
    /// the identity that it was left out with.
    pub fn bookings<'p>(
        &'p self,
        known: &'p KnownLines,
    ) -> impl Iterator<Item = (usize, Occurrence)> + 'p {
        let all = || self.lines.iter().map(|planned| planned.occurrence.exact()).collect();
        // Most often nothing is known, and nothing has to be told apart.
        let mut used: HashSet<LineIdentity> = if known.is_empty() { HashSet::new() } else { all() };
        let mut next = HashMap::<LineIdentity, u32>::new();
        let booked = self.lines.iter().enumerate().filter(|(_, planned)| planned.booked);
        booked.map(move |(index, planned)| {
            let mut own = planned.occurrence;
            if !known.is_empty() && known.is_booked(&own.exact()) {
                let next = next.entry(own.equal).or_default();
                while known.contains(&own.exact()) || !used.insert(own.exact()) {
                    *next = next.saturating_add(1);
                    own.number = *next;
                }
            }
            (index, own)
        })
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
