//! Which lines of a file are new, which are booked, and which a person must look at.
//!
//! Each line that is known explains at most one line of the file. First the lines with a known
//! identity take theirs; then, row by row, each line that is left takes a look-alike that nobody
//! took. So a file that holds what is known *and* a real second gift of the same sort shows exactly
//! one new line, and a doubt is raised only where a known line would otherwise be missing from the
//! file: two exports that overlap in part or were written differently.
//!
//! Two lines that both have a document number, a reference or a time, and differ in it, are never
//! look-alikes. The work grows with the number of lines, however many of them are alike.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::identity::{LineIdentity, LineKeys};
use super::statement::Statement;

/// A line that was decided about before: booked, or left out by a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownLine {
    /// Its keys, as they were when it was read.
    pub keys: LineKeys,
    /// The voucher that booked it; `None` when a person left it out.
    pub voucher: Option<Uuid>,
}

/// The lines known in one place, at least those of the days of the file.
#[derive(Clone, Debug, Default)]
pub struct KnownLines {
    lines: Vec<KnownLine>,
    exact: HashMap<LineIdentity, usize>,
}

impl FromIterator<KnownLine> for KnownLines {
    fn from_iter<I: IntoIterator<Item = KnownLine>>(lines: I) -> Self {
        let lines: Vec<KnownLine> = lines.into_iter().collect();
        let exact = (0..).zip(&lines).map(|(index, line)| (line.keys.exact, index)).collect();
        Self { lines, exact }
    }
}

impl KnownLines {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether a line of that identity is known.
    #[must_use]
    pub fn contains(&self, exact: &LineIdentity) -> bool {
        self.exact.contains_key(exact)
    }

    /// Whether a line of that identity is booked.
    #[must_use]
    pub fn is_booked(&self, exact: &LineIdentity) -> bool {
        let known = self.exact.get(exact).map(|index| &self.lines[*index]);
        known.is_some_and(|line| line.voucher.is_some())
    }

    /// The days that known lines are of.
    #[must_use]
    pub fn days(&self) -> BTreeSet<NaiveDate> {
        self.lines.iter().map(|line| line.keys.date).collect()
    }
}

/// Why a line is perhaps one that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyTwice {
    /// Equal in all that the bank gives, but that is neither a number nor a balance.
    NothingTellsApart,
    /// The same day, amount and document number; something else differs.
    SameDocumentNumber,
    /// The same day, amount and reference; something else differs.
    SameReference,
    /// The same day, amount and words; number, balance or time is in one of the two only.
    SameText,
    /// The same balance after two equal lines of this file: the row stands in the file twice.
    SameBalanceInFile,
}

/// What is known about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// Never seen.
    New,
    /// The very line was decided about before.
    Booked {
        /// The voucher; `None` when a person left the line out.
        voucher: Option<Uuid>,
    },
    /// Not to be booked before a person says that it is another line.
    PerhapsTwice {
        /// Why.
        why: WhyTwice,
        /// The voucher of the line that it may be; `None` when that one was left out by a person
        /// or stands in this same file.
        voucher: Option<Uuid>,
    },
}

impl Match {
    /// Whether the very line was decided about before, as far as the bank tells lines apart.
    #[must_use]
    pub const fn is_the_very_line(&self) -> bool {
        matches!(
            self,
            Self::Booked { .. } | Self::PerhapsTwice { why: WhyTwice::NothingTellsApart, .. }
        )
    }
}

/// Compares the lines of a file, so many in its order, with the known ones of its place. The keys
/// of each are asked for whenever they are looked at, and kept nowhere.
#[must_use]
pub fn match_lines(
    lines: usize,
    keys: impl Fn(usize) -> LineKeys,
    known: &KnownLines,
) -> Vec<Match> {
    if known.is_empty() {
        return (0..lines).map(|index| unmatched(&keys(index))).collect();
    }
    let mut taken = vec![false; known.lines.len()];
    let exact: Vec<Option<Match>> =
        (0..lines).map(|index| match_exactly(&keys(index), known, &mut taken)).collect();
    let mut rest = Rest::new(&known.lines, taken);
    let matches = exact.into_iter().enumerate();
    matches
        .map(|(index, found)| {
            found.unwrap_or_else(|| {
                let line = keys(index);
                rest.match_alike(&line).unwrap_or_else(|| unmatched(&line))
            })
        })
        .collect()
}

fn match_exactly(line: &LineKeys, known: &KnownLines, taken: &mut [bool]) -> Option<Match> {
    let index = *known.exact.get(&line.exact)?;
    taken[index] = true;
    let voucher = known.lines[index].voucher;
    Some(if line.is_certain() {
        Match::Booked { voucher }
    } else {
        Match::PerhapsTwice { why: WhyTwice::NothingTellsApart, voucher }
    })
}

const fn unmatched(line: &LineKeys) -> Match {
    if line.occurrence > 0 && line.has_balance {
        // The money of the first twin is in the balance already, so the second would change it.
        Match::PerhapsTwice { why: WhyTwice::SameBalanceInFile, voucher: None }
    } else {
        Match::New
    }
}

/// What the lines in one drawer have in common: the keys, and whether they have a document number
/// and a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Drawer {
    keys: (LineIdentity, Option<LineIdentity>),
    has_document: bool,
    has_reference: bool,
}

/// The known lines that no line of the file explains yet, by what may make another line look
/// like them. A drawer that fits a line holds only lines that do not contradict it but by time.
struct Rest<'k> {
    known: &'k [KnownLine],
    taken: Vec<bool>,
    drawers: HashMap<Drawer, BTreeMap<Option<NaiveTime>, Vec<usize>>>,
}

impl<'k> Rest<'k> {
    fn new(known: &'k [KnownLine], taken: Vec<bool>) -> Self {
        let mut drawers = HashMap::<Drawer, BTreeMap<_, Vec<usize>>>::new();
        // Backwards, because lines are taken from the end: the earliest first.
        for index in (0..known.len()).rev().filter(|index| !taken[*index]) {
            let keys = &known[index].keys;
            let both = keys.document.map(|document| (document, keys.reference));
            let single = [keys.document, keys.reference, keys.text];
            let single = single.into_iter().flatten().map(|key| (key, None));
            for keys_of_drawer in both.filter(|both| both.1.is_some()).into_iter().chain(single) {
                let drawer = Drawer {
                    keys: keys_of_drawer,
                    has_document: keys.document.is_some(),
                    has_reference: keys.reference.is_some(),
                };
                drawers.entry(drawer).or_default().entry(keys.time).or_default().push(index);
            }
        }
        Self { known, taken, drawers }
    }

    fn match_alike(&mut self, line: &LineKeys) -> Option<Match> {
        // Where the line has a number, only lines without one can be like it in other ways.
        let document: &[bool] = if line.document.is_some() { &[false] } else { &[true, false] };
        let reference: &[bool] = if line.reference.is_some() { &[false] } else { &[true, false] };
        let mut ways = Vec::with_capacity(8);
        if let (Some(number), Some(_)) = (line.document, line.reference) {
            let keys = (number, line.reference);
            ways.push((WhyTwice::SameDocumentNumber, keys, true, true));
        }
        if let Some(key) = line.document {
            let has = reference.iter().map(|has| (true, *has));
            ways.extend(has.map(|(d, r)| (WhyTwice::SameDocumentNumber, (key, None), d, r)));
        }
        if let Some(key) = line.reference {
            let has = document.iter().map(|has| (*has, true));
            ways.extend(has.map(|(d, r)| (WhyTwice::SameReference, (key, None), d, r)));
        }
        if let Some(key) = line.text {
            let has = document.iter().flat_map(|d| reference.iter().map(|r| (*d, *r)));
            ways.extend(has.map(|(d, r)| (WhyTwice::SameText, (key, None), d, r)));
        }
        ways.into_iter().find_map(|(why, keys, has_document, has_reference)| {
            let index = self.take(&Drawer { keys, has_document, has_reference }, line.time)?;
            Some(Match::PerhapsTwice { why, voucher: self.known[index].voucher })
        })
    }

    fn take(&mut self, drawer: &Drawer, time: Option<NaiveTime>) -> Option<usize> {
        let by_time = self.drawers.get_mut(drawer)?;
        let taken = &mut self.taken;
        let mut pop = |lines: &mut Vec<usize>| {
            let index = std::iter::from_fn(|| lines.pop()).find(|index| !taken[*index])?;
            taken[index] = true;
            Some(index)
        };
        if time.is_some() {
            return [time, None].iter().find_map(|time| pop(by_time.get_mut(time)?));
        }
        while let Some(mut entry) = by_time.first_entry() {
            match pop(entry.get_mut()) {
                Some(index) => return Some(index),
                None => drop(entry.remove()),
            }
        }
        None
    }
}

/// The days of the statement on which lines are known already, in order.
///
/// A day that was exported in two files may be cut anywhere, so a person is asked about each of
/// these days even when every line of the file is new.
#[must_use]
pub fn days_shared(statement: &Statement, known_days: &BTreeSet<NaiveDate>) -> Vec<NaiveDate> {
    let days: BTreeSet<NaiveDate> = statement.lines.iter().map(|line| line.date).collect();
    days.intersection(known_days).copied().collect()
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
