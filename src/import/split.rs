//! Splits text into rows and cells by RFC 4180, strictly.
//!
//! Not the `csv` crate: it reads on over a quote that is never closed and over text behind a
//! closing quote, and drops blank lines without counting them, so a fault could not be found or
//! not be named by the row that a spreadsheet shows. Tests hold this file against that crate on
//! well-formed tables.
//!
//! Beyond RFC 4180: rows end with CR LF, LF or CR alone; a quote inside a cell that does not start
//! with one is an ordinary character.

use std::borrow::Cow;

/// What breaks the form of a table; `column` is 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitFault {
    /// A quote opens the cell and nothing closes it.
    UnclosedQuote {
        /// Row as a spreadsheet counts, from 1.
        row: u32,
        /// Column, from 1.
        column: u32,
    },
    /// Something other than a separator or a line's end behind a closing quote.
    TextAfterQuote {
        /// Row as a spreadsheet counts, from 1.
        row: u32,
        /// Column, from 1.
        column: u32,
    },
}

/// Reads row after row from a text.
#[derive(Clone, Debug)]
pub struct Splitter<'t> {
    text: &'t str,
    at: usize,
    separator: u8,
    row: u32,
}

impl<'t> Splitter<'t> {
    /// Starts at the beginning of `text`; `separator` is an ASCII byte.
    #[must_use]
    pub const fn new(text: &'t str, separator: u8) -> Self {
        Self { text, at: 0, separator, row: 0 }
    }

    /// Reads the next row into `cells` (cleared first) and gives its number from 1, blank lines
    /// counted; `None` at the end of the text. At most `most` cells are kept, the rest is read
    /// over: the count given beside the row's number includes them.
    ///
    /// # Errors
    /// [`SplitFault`] names the cell where the form breaks.
    pub fn next_row(
        &mut self,
        cells: &mut Vec<Cow<'t, str>>,
        most: usize,
    ) -> Result<Option<(u32, usize)>, SplitFault> {
        cells.clear();
        if self.at >= self.text.len() {
            return Ok(None);
        }
        self.row = self.row.saturating_add(1);
        let mut count = 0;
        loop {
            count += 1;
            let cell = self.cell(count)?;
            if count <= most {
                cells.push(cell);
            }
            if !self.take_separator() {
                self.take_line_end();
                return Ok(Some((self.row, count)));
            }
        }
    }

    fn cell(&mut self, count: usize) -> Result<Cow<'t, str>, SplitFault> {
        if self.peek() == Some(b'"') { self.quoted(count) } else { Ok(self.plain()) }
    }

    fn plain(&mut self) -> Cow<'t, str> {
        let rest = &self.text[self.at..];
        let end = rest
            .bytes()
            .position(|byte| byte == self.separator || byte == b'\n' || byte == b'\r')
            .unwrap_or(rest.len());
        self.at += end;
        Cow::Borrowed(&rest[..end])
    }

    fn quoted(&mut self, count: usize) -> Result<Cow<'t, str>, SplitFault> {
        let (row, column) = (self.row, u32::try_from(count).unwrap_or(u32::MAX));
        self.at += 1;
        let mut cell = Cow::Borrowed("");
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find('"') else {
                self.at = self.text.len();
                return Err(SplitFault::UnclosedQuote { row, column });
            };
            self.at += end + 1;
            let doubled = self.peek() == Some(b'"');
            // A doubled quote stands for one: the piece is taken with its first quote.
            let piece = if doubled { &rest[..=end] } else { &rest[..end] };
            if cell.is_empty() {
                cell = Cow::Borrowed(piece);
            } else {
                cell.to_mut().push_str(piece);
            }
            if doubled {
                self.at += 1;
                continue;
            }
            return match self.peek() {
                None | Some(b'\n' | b'\r') => Ok(cell),
                Some(byte) if byte == self.separator => Ok(cell),
                Some(_) => Err(SplitFault::TextAfterQuote { row, column }),
            };
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take_separator(&mut self) -> bool {
        let found = self.peek() == Some(self.separator);
        self.at += usize::from(found);
        found
    }

    fn take_line_end(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
    }
}

/// Separators that statements use, the likelier first.
pub const SEPARATORS: [u8; 4] = *b",;\t|";

/// Rows that are looked at to find the separator.
const SAMPLE_ROWS: usize = 60;
/// Bytes that are looked at to find the separator.
const SAMPLE_BYTES: usize = 256 << 10;

/// The separator that cuts the first rows into most cells of one common width; `None` when none
/// gives two columns.
///
/// The measure is (rows of the commonest width) × (that width − 1): thousands in unquoted amounts
/// give commas a chance of few cells in uneven rows, the real separator gives many in even rows.
#[must_use]
pub fn detect_separator(text: &str) -> Option<u8> {
    let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    let mut best = None;
    for separator in SEPARATORS {
        let measure = evenness(sample, separator);
        if measure > best.map_or(0, |(measure, _)| measure) {
            best = Some((measure, separator));
        }
    }
    best.map(|(_, separator)| separator)
}

fn evenness(text: &str, separator: u8) -> usize {
    let mut splitter = Splitter::new(text, separator);
    let mut cells = Vec::new();
    let mut widths = std::collections::BTreeMap::<usize, usize>::new();
    for _ in 0..SAMPLE_ROWS {
        match splitter.next_row(&mut cells, 0) {
            Ok(Some((_, width))) => *widths.entry(width).or_default() += 1,
            Ok(None) | Err(_) => break,
        }
    }
    widths.into_iter().map(|(width, rows)| rows * (width - 1)).max().unwrap_or(0)
}

/// Row and column (from 1) of the place just behind `prefix`, the beginning of a table.
#[must_use]
pub fn position_behind(prefix: &str) -> (u32, u32) {
    let separator = detect_separator(prefix).unwrap_or(b',');
    let mut splitter = Splitter::new(prefix, separator);
    let mut cells = Vec::new();
    let mut last = (1, 1);
    loop {
        match splitter.next_row(&mut cells, 0) {
            Ok(Some((row, count))) => last = (row, u32::try_from(count).unwrap_or(u32::MAX)),
            Ok(None) if prefix.ends_with(['\n', '\r']) => return (last.0.saturating_add(1), 1),
            Ok(None) => return last,
            Err(
                SplitFault::UnclosedQuote { row, column }
                | SplitFault::TextAfterQuote { row, column },
            ) => return (row, column),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str, separator: u8) -> Result<Vec<(u32, Vec<String>)>, SplitFault> {
        let mut splitter = Splitter::new(text, separator);
        let (mut cells, mut rows) = (Vec::new(), Vec::new());
        while let Some((row, count)) = splitter.next_row(&mut cells, usize::MAX)? {
            assert_eq!(count, cells.len());
            rows.push((row, cells.iter().map(|cell| cell.to_string()).collect()));
        }
        Ok(rows)
    }

    #[test]
    fn all_three_line_ends_end_a_row_and_blank_lines_count() {
        let rows = all("a,b\r\n\r\nc,d\re,\n", b',').unwrap();
        let numbers: Vec<u32> = rows.iter().map(|(row, _)| *row).collect();
        assert_eq!(numbers, [1, 2, 3, 4]);
        assert_eq!(rows[1].1, [""]);
        assert_eq!(rows[3].1, ["e", ""]);
    }

    #[test]
    fn quotes_hold_separators_line_ends_and_doubled_quotes() {
        let rows = all("\"a,\r\n\"\"b\"\"\",\"\",\"\"\"\"\n5\" pipe,x,y", b',').unwrap();
        assert_eq!(rows[0].1, ["a,\r\n\"b\"", "", "\""]);
        assert_eq!(rows[1].1, ["5\" pipe", "x", "y"]);
    }

    #[test]
    fn broken_quotes_are_named_by_row_and_column() {
        assert_eq!(
            all("a,b\n1,\"x\n2,y\n", b','),
            Err(SplitFault::UnclosedQuote { row: 2, column: 2 })
        );
        assert_eq!(
            all("a,b\n1,\"x\n2,\"y\"\n", b','),
            Err(SplitFault::TextAfterQuote { row: 2, column: 2 })
        );
    }

    #[test]
    fn the_separator_is_found_among_thousands() {
        assert_eq!(detect_separator("d;t;a;b\n1;x;100,000;2,000,000\n2;y;5,000;1,000"), Some(b';'));
        assert_eq!(detect_separator("d\tt\ta\n1\tx, y\t5"), Some(b'\t'));
        assert_eq!(detect_separator("one\ntwo\n"), None);
        assert_eq!(detect_separator(""), None);
    }

    #[test]
    fn a_place_behind_a_prefix_is_a_row_and_a_column() {
        assert_eq!(position_behind(""), (1, 1));
        assert_eq!(position_behind("a,b\n"), (2, 1));
        assert_eq!(position_behind("a,b\n1,\"x\ny"), (2, 2));
        assert_eq!(position_behind("a,b,c\n1,2,"), (2, 3));
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a\",;\r\n ế.]{0,6}", 3), 1..20),
            separator in prop::sample::select(SEPARATORS.to_vec()),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> =
                all(&text, separator).unwrap().into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn no_text_panics_and_every_row_is_counted(text in "[a\",\r\n]{0,60}") {
            let _ = all(&text, b',');
            let (row, column) = position_behind(&text);
            prop_assert!(row >= 1 && column >= 1);
        }
    }
}
