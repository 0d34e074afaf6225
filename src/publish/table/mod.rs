//! Tables as files: typed cells, made once from the figures that a page shows, and written as a
//! workbook, as CSV or as JSON.
//!
//! | file | what it is |
//! |---|---|
//! | [`workbook`] | XLSX: texts as texts, amounts as numbers, days as days |
//! | [`plain`] | CSV and JSON |

pub mod plain;
pub mod workbook;

#[cfg(test)]
mod tests;

pub use workbook::{Workbook, WorkbookFault};

use crate::ledger::word::Date;
use crate::money::Money;

/// What a column holds, which decides how wide it is and how its cells are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A short text, such as a number of a voucher.
    Short,
    /// A longer text.
    Text,
    /// A day.
    Day,
    /// An amount in minor units.
    Money,
    /// A whole number.
    Number,
    /// A year, or the number of an entry: whole, and never grouped.
    Ordinal,
    /// A quantity of goods.
    Quantity,
}

impl Kind {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Short | Self::Text => "text",
            Self::Day => "date",
            Self::Money => "money",
            Self::Number | Self::Ordinal => "integer",
            Self::Quantity => "quantity",
        }
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in JSON, which no language changes.
    pub name: &'static str,
    /// What people read above it.
    pub title: String,
    /// What it holds.
    pub kind: Kind,
    /// The HXL hashtag of the row of tags (`hxlstandard.org`); empty where none fits.
    pub tag: &'static str,
}

impl Column {
    /// A column without an HXL hashtag.
    #[must_use]
    pub fn new(name: &'static str, title: impl Into<String>, kind: Kind) -> Self {
        Self { name, title: title.into(), kind, tag: "" }
    }

    /// The column with an HXL hashtag.
    #[must_use]
    pub const fn tagged(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text; never a formula.
    Text(String),
    /// A day.
    Day(Date),
    /// An amount in minor units.
    Money(Money),
    /// A whole number within ±(2^53 − 1).
    Number(i64),
    /// A quantity as the ledger writes it: `12.5`.
    Quantity(String),
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An amount that may be none.
    #[must_use]
    pub fn amount(amount: Option<Money>) -> Self {
        amount.map_or(Self::Empty, Self::Money)
    }

    /// An amount in minor units; empty outside the range of amounts.
    #[must_use]
    pub fn minor(minor: i64) -> Self {
        Self::amount(Money::new(minor))
    }

    /// An amount, and nothing for zero: what an empty cell of a book means.
    #[must_use]
    pub fn some(amount: Money) -> Self {
        if amount == Money::ZERO { Self::Empty } else { Self::Money(amount) }
    }

    /// A count.
    #[must_use]
    pub fn count(number: impl TryInto<i64>) -> Self {
        number.try_into().map_or(Self::Empty, Self::Number)
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in JSON.
    pub name: &'static str,
    /// What people read above it.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// The last line: sums of the rows, as values.
    pub sums: Option<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(name: &'static str, title: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { name, title: title.into(), columns, rows: Vec::new(), sums: None }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When it has another number of cells than there are columns: a mistake of ours.
    pub fn push(&mut self, row: Vec<Cell>) {
        assert_eq!(row.len(), self.columns.len(), "cells of a row of {}", self.name);
        self.rows.push(row);
    }

    /// Adds up the columns of money under a word in the first column.
    #[must_use]
    pub fn summed(mut self, word: impl Into<String>) -> Self {
        let mut sums: Vec<Cell> = (0..self.columns.len()).map(|at| self.sum(at)).collect();
        if let Some(first) = sums.first_mut() {
            *first = Cell::Text(word.into());
        }
        self.sums = Some(sums);
        self
    }

    /// The sum of a column of money; empty for any other one.
    fn sum(&self, at: usize) -> Cell {
        if self.columns.get(at).is_none_or(|column| column.kind != Kind::Money) {
            return Cell::Empty;
        }
        let amounts = self.rows.iter().filter_map(|row| match row.get(at) {
            Some(Cell::Money(amount)) => Some(*amount),
            _ => None,
        });
        Cell::amount(Money::sum(amounts))
    }
}

/// Tables of one page, with what the file says of where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name under which it is saved, without an ending: ASCII letters, digits, hyphens.
    pub name: String,
    /// The title of the page.
    pub title: String,
    /// Names and values that say where the figures come from: ledger, size, period, address.
    pub about: Vec<(String, String)>,
    /// The moment that the file states as that of its making, which is the ledger's, so that the
    /// same ledger gives the same bytes.
    pub at: Option<chrono::DateTime<chrono::Utc>>,
    /// The tables.
    pub tables: Vec<Table>,
}
