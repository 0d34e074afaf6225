//! The first sheet that is shown of an Excel file (.xlsx), as CSV.
//!
//! Such a file is a zip of XML, and a small one may be made to cost any amount of memory. So each
//! part is inflated and measured first, within limits; what declares another size than it has, or
//! entities, or more strings than there is room for, is refused; cells are read one by one and
//! counted. Whoever calls this for a stranger's file does so in a process of its own with limits on
//! memory and time ([`read`] may still be wrong about the library beneath).
//!
//! A cell gives what it shows: the kept result of a formula, a day as `05/11/2026`, a number
//! without decimals that it does not have.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

/// The most bytes of a file.
pub const MOST_FILE: usize = 8 << 20;
/// The most bytes of all its parts, inflated.
const MOST_INFLATED: u64 = 24 << 20;
/// The most parts.
const MOST_PARTS: usize = 300;
/// The most cells that hold something.
const MOST_CELLS: usize = 500_000;
/// The most bytes of their texts.
const MOST_TEXT: usize = 16 << 20;
/// The most rows and columns.
const MOST_ROWS: u32 = 20_200;
const MOST_COLUMNS: u32 = 256;
/// Bytes that a shared string takes at least: `<si/>`.
const STRING: usize = 5;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetFault {
    /// No workbook, a damaged or an encrypted one.
    #[error("not a workbook that can be read")]
    Unreadable,
    /// Above a limit.
    #[error("larger than what is read")]
    TooLarge,
    /// It says something about itself that is not so, or asks for what no list needs.
    #[error("made in a way that no list needs")]
    Suspicious,
}

impl SheetFault {
    /// All of them.
    const ALL: [Self; 3] = [Self::Unreadable, Self::TooLarge, Self::Suspicious];

    /// The status of the process that reads.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Self::Unreadable => 10,
            Self::TooLarge => 11,
            Self::Suspicious => 12,
        }
    }

    /// The fault that a process said; one that ended otherwise ran into its limits.
    #[must_use]
    pub fn of_status(status: Option<i32>) -> Self {
        let said = |own: &Self| status == Some(i32::from(own.status()));
        Self::ALL.into_iter().find(said).unwrap_or(Self::TooLarge)
    }
}

/// Whether the bytes begin as those of a workbook do.
#[must_use]
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads the first sheet that is shown into CSV (commas, UTF-8).
///
/// # Errors
/// [`SheetFault`].
pub fn read(bytes: &[u8]) -> Result<Vec<u8>, SheetFault> {
    if bytes.len() > MOST_FILE {
        return Err(SheetFault::TooLarge);
    }
    measure(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| SheetFault::Unreadable)?;
    let shown = |sheet: &&calamine::Sheet| {
        sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible
    };
    let name = book.sheets_metadata().iter().find(shown).map(|sheet| sheet.name.clone());
    let name = name.ok_or(SheetFault::Unreadable)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| SheetFault::Unreadable)?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut number, mut text) = (0_usize, 0_usize);
    while let Some(cell) = cells.next_cell().map_err(|_| SheetFault::Unreadable)? {
        let said = shown_text(cell.get_value());
        if said.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        number += 1;
        text += said.len();
        if row >= MOST_ROWS || column >= MOST_COLUMNS || number > MOST_CELLS || text > MOST_TEXT {
            return Err(SheetFault::TooLarge);
        }
        let (row, column) = (row as usize, column as usize);
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        if rows[row].len() <= column {
            rows[row].resize(column + 1, String::new());
        }
        rows[row][column] = said;
    }
    Ok(written(&rows))
}

/// Inflates every part within limits, and looks at what could mislead the reader behind.
fn measure(bytes: &[u8]) -> Result<(), SheetFault> {
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetFault::Unreadable)?;
    if parts.len() > MOST_PARTS {
        return Err(SheetFault::TooLarge);
    }
    let mut left = MOST_INFLATED;
    for at in 0..parts.len() {
        let mut part = parts.by_index(at).map_err(|_| SheetFault::Unreadable)?;
        let name = part.name().map_err(|_| SheetFault::Unreadable)?.to_ascii_lowercase();
        let declared = part.size();
        if declared > left {
            return Err(SheetFault::TooLarge);
        }
        let mut inflated = Vec::new();
        let real = (&mut part).take(left + 1).read_to_end(&mut inflated);
        let real = real.map_err(|_| SheetFault::Unreadable)? as u64;
        if real > left {
            return Err(SheetFault::TooLarge);
        }
        left -= real;
        if real != declared || misleads(&name, &inflated) {
            return Err(SheetFault::Suspicious);
        }
    }
    Ok(())
}

/// Whether a part declares entities, hides its characters, or counts more strings than it can hold.
fn misleads(name: &str, part: &[u8]) -> bool {
    if !(name.ends_with(".xml") || name.ends_with(".rels")) {
        return false;
    }
    let holds = |wanted: &[u8]| part.windows(wanted.len()).any(|own| own == wanted);
    let wide = part.starts_with(&[0xfe, 0xff]) || part.starts_with(&[0xff, 0xfe]);
    if wide || holds(b"\0") || holds(b"<!DOCTYPE") || holds(b"<!ENTITY") {
        return true;
    }
    let text = String::from_utf8_lossy(part);
    let mut counts = text.split("ount").skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix('=')?;
        Some(rest.trim_start().trim_start_matches(['"', '\'']).trim_start())
    });
    counts.any(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().map_or(!digits.is_empty(), |count| count > part.len() / STRING)
    })
}

fn shown_text(value: &DataRef<'_>) -> String {
    let number = |value: f64| {
        if value.fract() == 0.0 && value.abs() < 1e15 {
            format!("{value:.0}")
        } else {
            value.to_string()
        }
    };
    match value {
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(*value),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(value) if value.is_datetime() => {
            let (year, month, day, ..) = value.to_ymd_hms_milli();
            format!("{day:02}/{month:02}/{year:04}")
        }
        DataRef::DateTime(value) => number(value.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn written(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        // Writing into memory does not fail.
        let _ = match row.is_empty() {
            true => writer.write_record([""]),
            false => writer.write_record(row),
        };
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
pub mod tests;
