//! The lines of a statement: all of them, or all of their faults.
//!
//! What is read below the header:
//! - a row as long as the header; longer only by empty cells, shorter only by columns that have no
//!   title (a lost or added separator moves amounts into other columns, so nothing is guessed);
//! - exactly one movement a row, above zero: a row with none (a total, an opening balance) or with
//!   money both in and out is a fault that a person settles;
//! - missing times, numbers, references, texts and balances are no faults: banks leave them out,
//!   or write dashes or zeros for a number (which must not pass for one that tells lines apart).
//!
//! At most [`MOST_FAULTS`] faults are collected, then reading stops. Faults never repeat a cell's
//! content: it may be a person's name.

use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::cell::{AmountReader, DateFault, read_date, read_time};
use super::layout::{AmountColumns, Layout};
use super::table::{Row, Table};
use crate::money::{AmountFault, Currency, Money};

/// The most faults that are collected.
pub const MOST_FAULTS: usize = 100;

/// Into the account or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Money in (ghi có).
    Credit,
    /// Money out (ghi nợ).
    Debit,
}

/// What a line does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Movement {
    /// In or out.
    pub direction: Direction,
    /// How much, above zero.
    pub amount: Money,
}

/// One line of a bank statement; its texts are clean as [`super::text`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementLine {
    /// The row in the table, from 1 as a spreadsheet shows it.
    pub row: u32,
    /// The day.
    pub date: NaiveDate,
    /// The time, where the bank gives one.
    pub time: Option<NaiveTime>,
    /// The bank's number of the document; several lines may share one.
    pub document_number: Option<Box<str>>,
    /// The bank's reference; several lines may share one.
    pub reference: Option<Box<str>>,
    /// What the sender or the bank wrote; may be empty, or longer than 200 code points.
    pub text: Box<str>,
    /// In or out, and how much.
    pub movement: Movement,
    /// The balance after the line, of either sign, where the bank gives one.
    pub balance: Option<Money>,
    /// The other side's account or name, where the bank gives one.
    pub offset_account: Option<Box<str>>,
}

/// A whole statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its lines in the order of the file; at least one.
    pub lines: Vec<StatementLine>,
    /// The sum of money in.
    pub credits: Money,
    /// The sum of money out.
    pub debits: Money,
}

impl Statement {
    /// The first and the last day.
    #[must_use]
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let days = || self.lines.iter().map(|line| line.date);
        Some((days().min()?, days().max()?))
    }
}

/// What is wrong with a row, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowReason {
    /// Nothing below the header.
    #[error("no lines below the header; export the statement again")]
    NoLines,
    /// The layout names a column that the table does not have.
    #[error("the table has no such column; choose another")]
    NoSuchColumn,
    /// The layout gives one column two meanings, or no column for amounts.
    #[error("a column with two meanings or no column of amounts; choose one column for each")]
    UnclearColumns,
    /// More or fewer cells than the header.
    #[error("{found} cells where the header has {wanted}; quote cells that hold a separator")]
    Ragged {
        /// Cells of the row.
        found: usize,
        /// Cells of the header.
        wanted: usize,
    },
    /// An empty date.
    #[error("no date; remove rows that are no lines, such as totals")]
    NoDate,
    /// A date or time that was not read.
    #[error("{}", date_words(*.0))]
    Date(DateFault),
    /// An amount that was not read.
    #[error("{0}; write digits, with thousands parted in one way in the whole file")]
    Amount(AmountFault),
    /// Neither money in nor money out.
    #[error("no money in or out; remove rows that are no lines, such as totals")]
    NoMovement,
    /// Money in and money out in one row.
    #[error("money in and money out in one row; part it into two rows")]
    TwoMovements,
    /// The sum of the file leaves the range of amounts.
    #[error("the sum of the file is too large; export a shorter time")]
    SumTooLarge,
}

const fn date_words(fault: DateFault) -> &'static str {
    match fault {
        DateFault::Form => "not a date in the chosen order with a year of four digits; correct it",
        DateFault::NoSuchDay => "there is no such day; correct it",
        DateFault::Year => "a year outside 2000 to 2099; correct it",
        DateFault::Time => "not a time such as 16:36:38; correct it",
    }
}

impl RowReason {
    /// The stable name of the reason, for texts in other languages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoLines => "row-no-lines",
            Self::NoSuchColumn => "row-no-such-column",
            Self::UnclearColumns => "row-unclear-columns",
            Self::Ragged { .. } => "row-ragged",
            Self::NoDate => "row-no-date",
            Self::Date(DateFault::Form) => "row-date-form",
            Self::Date(DateFault::NoSuchDay) => "row-no-such-day",
            Self::Date(DateFault::Year) => "row-date-year",
            Self::Date(DateFault::Time) => "row-time",
            Self::Amount(AmountFault::Empty | AmountFault::NotANumber) => "row-amount-number",
            Self::Amount(AmountFault::Ambiguous) => "row-amount-ambiguous",
            Self::Amount(AmountFault::TooLarge) => "row-amount-too-large",
            Self::NoMovement => "row-no-movement",
            Self::TwoMovements => "row-two-movements",
            Self::SumTooLarge => "row-sum-too-large",
        }
    }
}

/// A fault of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The row, from 1 as a spreadsheet shows it.
    pub row: u32,
    /// The column, from 1.
    pub column: u32,
    /// The column's title in the header; empty where it has none.
    pub title: String,
    /// What is wrong, and what to do.
    pub reason: RowReason,
}

impl fmt::Display for RowFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "row {}, column {}", self.row, self.column)?;
        if !self.title.is_empty() {
            write!(out, " ({})", self.title)?;
        }
        write!(out, ": {}", self.reason)
    }
}

impl std::error::Error for RowFault {}

/// A fault before its row and title are known: column from 0, and the reason.
type Fault = (u16, RowReason);

/// Reads every line of the table; see the head of this file for what is read.
///
/// # Errors
/// All faults, the first [`MOST_FAULTS`] of them, in the order of the rows; at least one.
pub fn read_statement(
    table: &Table,
    layout: &Layout,
    currency: &Currency,
) -> Result<Statement, Vec<RowFault>> {
    // As many as there can be: to grow would take half as much room again for a moment.
    let mut lines = Vec::with_capacity(table.len());
    let (credits, debits) = read_lines(table, layout, currency, |line| lines.push(line))?;
    Ok(Statement { lines, credits, debits })
}

/// Looks whether [`read_statement`] would read the table, and keeps none of its lines.
///
/// # Errors
/// As [`read_statement`].
pub fn check_statement(
    table: &Table,
    layout: &Layout,
    currency: &Currency,
) -> Result<(), Vec<RowFault>> {
    read_lines(table, layout, currency, drop).map(drop)
}

/// Hands every line to `keep`; the sums of money in and out.
fn read_lines(
    table: &Table,
    layout: &Layout,
    currency: &Currency,
    mut keep: impl FnMut(StatementLine),
) -> Result<(Money, Money), Vec<RowFault>> {
    let reader = LineReader::new(table, layout);
    let mut amounts = AmountReader::new(layout.amounts, currency.clone());
    // A layout without a header is about the first row.
    let header_row = layout.header_row.max(1);
    reader.check_columns().map_err(|fault| vec![reader.named(header_row, fault)])?;
    let mut faults = Vec::new();
    let (mut sums, mut found) = ((Money::ZERO, Money::ZERO), false);
    for row in reader.rows() {
        if let Some(line) = reader.line(row, &mut amounts, &mut faults) {
            found = true;
            match added(sums, line.movement) {
                Some(more) => sums = more,
                None => {
                    let fault = (reader.amount_column(), RowReason::SumTooLarge);
                    faults.push(reader.named(row.number(), fault));
                    break;
                }
            }
            keep(line);
        } else if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    if faults.is_empty() && !found {
        faults.push(reader.named(header_row, (0, RowReason::NoLines)));
    }
    faults.truncate(MOST_FAULTS);
    if faults.is_empty() { Ok(sums) } else { Err(faults) }
}

/// The sums of money in and out with one movement more; `None` beyond the range of amounts.
fn added((credits, debits): (Money, Money), movement: Movement) -> Option<(Money, Money)> {
    Some(match movement.direction {
        Direction::Credit => (credits.checked_add(movement.amount)?, debits),
        Direction::Debit => (credits, debits.checked_add(movement.amount)?),
    })
}

/// Reads the rows of one table by one layout.
struct LineReader<'t> {
    table: &'t Table,
    layout: &'t Layout,
    /// The header, or the first row where there is none.
    header: Option<Row<'t>>,
    first: usize,
}

impl<'t> LineReader<'t> {
    fn new(table: &'t Table, layout: &'t Layout) -> Self {
        let first = table.rows().take_while(|row| row.number() <= layout.header_row).count();
        let header = table.row(first.saturating_sub(1));
        Self { table, layout, header, first }
    }

    fn rows(&self) -> impl Iterator<Item = Row<'t>> {
        (self.first..self.table.len()).filter_map(|index| self.table.row(index))
    }

    fn width(&self) -> usize {
        self.header.map_or(0, |header| header.len())
    }

    fn title(&self, column: u16) -> &'t str {
        match self.header {
            Some(header) if self.first > 0 => header.cell(usize::from(column)).unwrap_or_default(),
            _ => "",
        }
    }

    fn named(&self, row: u32, (column, reason): Fault) -> RowFault {
        let title = self.title(column).chars().take(80).collect();
        RowFault { row, column: u32::from(column) + 1, title, reason }
    }

    fn amount_column(&self) -> u16 {
        match self.layout.columns.amounts {
            AmountColumns::Signed { amount } => amount,
            AmountColumns::Separate { debit, credit } => credit.or(debit).unwrap_or(0),
        }
    }

    /// A layout given by hand may name anything.
    fn check_columns(&self) -> Result<(), Fault> {
        let mut seen = std::collections::BTreeSet::new();
        for column in self.layout.columns.all() {
            if usize::from(column) >= self.width() {
                return Err((column, RowReason::NoSuchColumn));
            }
            if !seen.insert(column) {
                return Err((column, RowReason::UnclearColumns));
            }
        }
        match self.layout.columns.amounts {
            AmountColumns::Separate { debit: None, credit: None } => {
                Err((0, RowReason::UnclearColumns))
            }
            _ => Ok(()),
        }
    }

    /// The line of a row; `None` when faults were added.
    fn line(
        &self,
        row: Row<'t>,
        amounts: &mut AmountReader,
        faults: &mut Vec<RowFault>,
    ) -> Option<StatementLine> {
        if let Err(fault) = self.check_length(row) {
            faults.push(self.named(row.number(), fault));
            return None;
        }
        let day = self.day(row);
        let movement = self.movement(row, amounts);
        let balance = self.balance(row, amounts);
        match (day, movement, balance) {
            (Ok((date, time)), Ok(movement), Ok(balance)) => {
                Some(self.with_texts(row, date, time, movement, balance))
            }
            (day, movement, balance) => {
                let found = [day.err(), movement.err(), balance.err()];
                let named =
                    found.into_iter().flatten().map(|fault| self.named(row.number(), fault));
                faults.extend(named);
                None
            }
        }
    }

    fn with_texts(
        &self,
        row: Row<'t>,
        date: NaiveDate,
        time: Option<NaiveTime>,
        movement: Movement,
        balance: Option<Money>,
    ) -> StatementLine {
        let columns = &self.layout.columns;
        let text = |column: u16| row.cell(usize::from(column)).unwrap_or_default();
        let optional = |column: Option<u16>| {
            let says_something = |c: char| !matches!(c, '-' | '–' | '0' | ' ');
            let text = column.map(text).filter(|text| text.contains(says_something));
            text.map(Box::from)
        };
        StatementLine {
            row: row.number(),
            date,
            time,
            document_number: optional(columns.document_number),
            reference: optional(columns.reference),
            text: text(columns.text).into(),
            movement,
            balance,
            offset_account: optional(columns.offset_account),
        }
    }

    fn check_length(&self, row: Row<'t>) -> Result<(), Fault> {
        let (found, wanted) = (row.len(), self.width());
        let longer = (wanted..found).find(|at| row.cell(*at).is_some_and(|cell| !cell.is_empty()));
        let shorter = (found..wanted).find(|at| {
            let column = u16::try_from(*at).unwrap_or(u16::MAX);
            self.first == 0 || !self.title(column).is_empty()
        });
        match longer.or(shorter) {
            None => Ok(()),
            Some(at) => {
                let column = u16::try_from(at).unwrap_or(u16::MAX);
                Err((column, RowReason::Ragged { found, wanted }))
            }
        }
    }

    fn day(&self, row: Row<'t>) -> Result<(NaiveDate, Option<NaiveTime>), Fault> {
        let column = self.layout.columns.date;
        let text = row.cell(usize::from(column)).unwrap_or_default();
        if text.is_empty() {
            return Err((column, RowReason::NoDate));
        }
        let (date, time) =
            read_date(text, self.layout.dates).map_err(|fault| (column, RowReason::Date(fault)))?;
        let own = self.layout.columns.time;
        match own.and_then(|column| Some((column, row.cell(usize::from(column))?))) {
            Some((column, text)) if !text.is_empty() => match read_time(text) {
                Ok(time) => Ok((date, Some(time))),
                Err(fault) => Err((column, RowReason::Date(fault))),
            },
            _ => Ok((date, time)),
        }
    }

    fn movement(&self, row: Row<'t>, amounts: &mut AmountReader) -> Result<Movement, Fault> {
        let text = |column: u16| row.cell(usize::from(column)).unwrap_or_default();
        let (debit, credit) = match self.layout.columns.amounts {
            AmountColumns::Separate { debit, credit } => {
                let mut read = |column: Option<u16>| match column {
                    Some(column) => amounts
                        .unsigned(text(column))
                        .map_err(|fault| (column, RowReason::Amount(fault))),
                    None => Ok(None),
                };
                (read(debit)?, read(credit)?)
            }
            AmountColumns::Signed { amount: column } => {
                let amount = amounts
                    .signed(text(column))
                    .map_err(|fault| (column, RowReason::Amount(fault)))?
                    .unwrap_or(Money::ZERO);
                let opposite = amount.negated();
                (opposite.is_positive().then_some(opposite), amount.is_positive().then_some(amount))
            }
        };
        match (debit, credit) {
            (None, Some(amount)) => Ok(Movement { direction: Direction::Credit, amount }),
            (Some(amount), None) => Ok(Movement { direction: Direction::Debit, amount }),
            (None, None) => Err((self.amount_column(), RowReason::NoMovement)),
            (Some(_), Some(_)) => Err((self.amount_column(), RowReason::TwoMovements)),
        }
    }

    fn balance(&self, row: Row<'t>, amounts: &mut AmountReader) -> Result<Option<Money>, Fault> {
        let Some(column) = self.layout.columns.balance else { return Ok(None) };
        let text = row.cell(usize::from(column)).unwrap_or_default();
        amounts.signed(text).map_err(|fault| (column, RowReason::Amount(fault)))
    }
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
