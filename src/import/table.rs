//! A file as a table of clean cells.
//!
//! What is read: encodings of [`super::decode`], separators `,` `;` tab `|` (found by evenness, or
//! named by a first line `sep=;`), rows of [`super::split`], cells of [`super::text`]. Blank rows
//! are left out but counted. Rows of different length are kept as they are: what stands above the
//! header may have any width, what stands below is judged when a layout is known.
//!
//! Limits: a file of 64 MiB, 1 000 000 rows besides 100 for a bank's heading, 256 columns, a cell
//! of 32 767 bytes (no spreadsheet's cell holds more characters).
//!
//! All cells lie in one string beside their ends: a table costs its text and four bytes a cell.

use super::decode::{TextEncoding, decode};
use super::split::{SplitFault, Splitter, detect_separator};
use super::text::clean;

/// The largest file in bytes.
pub const MOST_BYTES: usize = 64 << 20;
/// The most rows, blank ones and the heading included.
pub const MOST_ROWS: u32 = 1_000_100;
/// The most columns.
pub const MOST_COLUMNS: usize = 256;
/// The largest cell in bytes, as UTF-8, before cleaning.
pub const MOST_CELL_BYTES: usize = 32_767;

/// Why a file is no table; rows and columns count from 1 as a spreadsheet shows them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    /// No byte, or nothing but blank rows.
    #[error("the file is empty; export the statement again")]
    Empty,
    /// Above [`MOST_BYTES`].
    #[error("the file has {bytes} bytes, more than 64 MiB; export a shorter time")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A file of another kind.
    #[error("the file is {format}, not CSV; export or save it as CSV (UTF-8)")]
    OtherFormat {
        /// What it is.
        format: &'static str,
    },
    /// Bytes that are no character of the file's encoding.
    #[error("row {row}, column {column}: not a character; save the file as CSV (UTF-8)")]
    BadCharacter {
        /// The row.
        row: u32,
        /// The column.
        column: u32,
    },
    /// A quote that is never closed.
    #[error("row {row}, column {column}: the quote that opens here is never closed; close it")]
    UnclosedQuote {
        /// The row in which the cell starts.
        row: u32,
        /// The column.
        column: u32,
    },
    /// Text behind a closing quote.
    #[error("row {row}, column {column}: text behind a closing quote; double quotes inside a cell")]
    TextAfterQuote {
        /// The row in which the cell starts.
        row: u32,
        /// The column.
        column: u32,
    },
    /// Above [`MOST_CELL_BYTES`].
    #[error("row {row}, column {column}: a cell of {bytes} bytes, more than 32767; shorten it")]
    CellTooLarge {
        /// The row in which the cell starts.
        row: u32,
        /// The column.
        column: u32,
        /// Its size.
        bytes: usize,
    },
    /// Above [`MOST_COLUMNS`].
    #[error("row {row}, column 257: {columns} cells, more than 256 columns; remove some")]
    TooManyColumns {
        /// The row.
        row: u32,
        /// Its cells.
        columns: usize,
    },
    /// Above [`MOST_ROWS`].
    #[error("row {row}: more than 1000000 rows; export a shorter time")]
    TooManyRows {
        /// The first row beyond the limit.
        row: u32,
    },
    /// No separator cuts the rows into columns.
    #[error("row {row}, column 1: no second column; save the file with commas or semicolons")]
    OneColumn {
        /// The first row that is not blank.
        row: u32,
    },
}

impl ImportFault {
    /// Row and column, both from 1, where the fault has a place.
    #[must_use]
    pub const fn position(&self) -> Option<(u32, u32)> {
        match self {
            Self::Empty | Self::TooLarge { .. } | Self::OtherFormat { .. } => None,
            Self::BadCharacter { row, column }
            | Self::UnclosedQuote { row, column }
            | Self::TextAfterQuote { row, column }
            | Self::CellTooLarge { row, column, .. } => Some((*row, *column)),
            Self::TooManyColumns { row, .. } => Some((*row, 257)),
            Self::TooManyRows { row } | Self::OneColumn { row } => Some((*row, 1)),
        }
    }

    /// The stable name of the fault, for texts in other languages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "import-empty",
            Self::TooLarge { .. } => "import-too-large",
            Self::OtherFormat { .. } => "import-other-format",
            Self::BadCharacter { .. } => "import-bad-character",
            Self::UnclosedQuote { .. } => "import-unclosed-quote",
            Self::TextAfterQuote { .. } => "import-text-after-quote",
            Self::CellTooLarge { .. } => "import-cell-too-large",
            Self::TooManyColumns { .. } => "import-too-many-columns",
            Self::TooManyRows { .. } => "import-too-many-rows",
            Self::OneColumn { .. } => "import-one-column",
        }
    }
}

impl From<SplitFault> for ImportFault {
    fn from(fault: SplitFault) -> Self {
        match fault {
            SplitFault::UnclosedQuote { row, column } => Self::UnclosedQuote { row, column },
            SplitFault::TextAfterQuote { row, column } => Self::TextAfterQuote { row, column },
        }
    }
}

/// The cells of a file, clean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    text: String,
    /// The end of each cell in `text`; a cell starts where the one before ends.
    ends: Vec<u32>,
    /// Each row's number and the index behind its last cell.
    rows: Vec<(u32, u32)>,
    encoding: TextEncoding,
    separator: char,
}

/// One row of a [`Table`].
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    table: &'t Table,
    number: u32,
    first: u32,
    end: u32,
}

impl Table {
    /// The number of rows that are not blank.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row; never so in a table that was read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row at an index from 0, blank rows not counted.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        let (number, end) = *self.rows.get(index)?;
        let first = index.checked_sub(1).map_or(0, |before| self.rows[before].1);
        Some(Row { table: self, number, first, end })
    }

    /// All rows that are not blank, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).filter_map(|index| self.row(index))
    }

    /// The encoding that the file was read with.
    #[must_use]
    pub const fn encoding(&self) -> TextEncoding {
        self.encoding
    }

    /// The separator that the file was read with.
    #[must_use]
    pub const fn separator(&self) -> char {
        self.separator
    }
}

impl<'t> Row<'t> {
    /// The row's number from 1, as a spreadsheet shows it.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// The number of cells, empty ones included; at least 1.
    #[must_use]
    pub const fn len(&self) -> usize {
        (self.end - self.first) as usize
    }

    /// Whether there is no cell; never so in a table that was read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell at an index from 0; `None` behind the row's end.
    #[must_use]
    pub fn cell(&self, index: usize) -> Option<&'t str> {
        if index >= self.len() {
            return None;
        }
        let at = self.first as usize + index;
        let start = at.checked_sub(1).map_or(0, |before| self.table.ends[before]);
        Some(&self.table.text[start as usize..self.table.ends[at] as usize])
    }

    /// The cells in order.
    pub fn cells(&self) -> impl Iterator<Item = &'t str> {
        let row = *self;
        (0..row.len()).filter_map(move |index| row.cell(index))
    }
}

/// Reads a file into a table; see the head of this file for what is read.
///
/// # Errors
/// [`ImportFault`] names the first fault and, where there is one, its row and column.
pub fn read_table(bytes: &[u8]) -> Result<Table, ImportFault> {
    if bytes.len() > MOST_BYTES {
        return Err(ImportFault::TooLarge { bytes: bytes.len() });
    }
    let (text, encoding) = decode(bytes)?;
    let (named, skipped) = named_separator(&text);
    let Some(separator) = named.or_else(|| detect_separator(&text)) else {
        return Err(no_columns(&text));
    };
    let mut table = Table {
        text: String::with_capacity(text.len()),
        ends: Vec::new(),
        rows: Vec::new(),
        encoding,
        separator: char::from(separator),
    };
    let mut splitter = Splitter::new(&text, separator);
    let mut cells = Vec::new();
    while let Some((number, count)) = splitter.next_row(&mut cells, MOST_COLUMNS)? {
        if number > MOST_ROWS {
            return Err(ImportFault::TooManyRows { row: number });
        }
        if count > MOST_COLUMNS {
            return Err(ImportFault::TooManyColumns { row: number, columns: count });
        }
        if number > skipped {
            table.push(number, &cells)?;
        }
    }
    if table.is_empty() { Err(ImportFault::Empty) } else { Ok(table) }
}

impl Table {
    fn push(
        &mut self,
        number: u32,
        cells: &[std::borrow::Cow<'_, str>],
    ) -> Result<(), ImportFault> {
        let (text_before, cells_before) = (self.text.len(), self.ends.len());
        for (column, cell) in (1..).zip(cells) {
            if cell.len() > MOST_CELL_BYTES {
                let bytes = cell.len();
                return Err(ImportFault::CellTooLarge { row: number, column, bytes });
            }
            self.text.push_str(&clean(cell));
            // NFC at most triples UTF-8: 64 MiB of file stay far below 4 GiB of text.
            self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        }
        if self.text.len() == text_before {
            self.ends.truncate(cells_before);
        } else {
            self.rows.push((number, u32::try_from(self.ends.len()).unwrap_or(u32::MAX)));
        }
        Ok(())
    }
}

/// The separator that a first line `sep=;` names, as Excel writes it, and the rows it takes.
fn named_separator(text: &str) -> (Option<u8>, u32) {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    match line.strip_prefix("sep=").map(str::as_bytes) {
        Some(&[separator]) if super::split::SEPARATORS.contains(&separator) => (Some(separator), 1),
        _ => (None, 0),
    }
}

/// The fault of a text in which no separator makes columns.
fn no_columns(text: &str) -> ImportFault {
    let mut splitter = Splitter::new(text, b',');
    let mut cells = Vec::new();
    loop {
        match splitter.next_row(&mut cells, 1) {
            Ok(Some((row, _))) if cells[0].len() > MOST_CELL_BYTES => {
                return ImportFault::CellTooLarge { row, column: 1, bytes: cells[0].len() };
            }
            Ok(Some((row, _))) if !clean(&cells[0]).is_empty() => {
                return ImportFault::OneColumn { row };
            }
            Ok(Some(_)) => {}
            Ok(None) => return ImportFault::Empty,
            Err(fault) => return fault.into(),
        }
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
