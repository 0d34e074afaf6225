//! XLSX files: one sheet a table, with a frozen line of titles and sums as values, and a last sheet
//! that says where the figures come from.
//!
//! Rows go to a temporary file as they come, so that a long table does not lie in memory. Texts are
//! written as texts whatever they begin with: nothing in the file is a formula.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, XlsxError};

use super::{Cell, Column, File, Kind};

/// Most rows of one sheet; more are no table that a person reads.
pub const MOST_ROWS: u64 = 50_000;

/// Letters of a sheet's name.
const NAME: usize = 31;
/// Letters of a cell.
const LETTERS: usize = 32_000;

/// A workbook that could not be written: the disk, or a limit of the form.
#[derive(Debug, thiserror::Error)]
#[error("the workbook could not be written: {0}")]
pub struct WorkbookFault(#[from] XlsxError);

/// How cells look.
struct Looks {
    title: Format,
    number_title: Format,
    text: Format,
    day: Format,
    whole: Format,
    ordinal: Format,
    quantity: Format,
    sum: Format,
    whole_sum: Format,
    quantity_sum: Format,
}

impl Looks {
    fn new() -> Self {
        let title = Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin);
        let sum = Format::new().set_bold().set_border_top(FormatBorder::Thin);
        Self {
            number_title: title.clone().set_align(FormatAlign::Right),
            title,
            text: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            day: Format::new().set_num_format("dd/mm/yyyy").set_align(FormatAlign::Top),
            whole: Format::new().set_num_format("#,##0").set_align(FormatAlign::Top),
            ordinal: Format::new().set_num_format("0").set_align(FormatAlign::Top),
            quantity: Format::new().set_num_format("#,##0.###").set_align(FormatAlign::Top),
            whole_sum: sum.clone().set_num_format("#,##0"),
            quantity_sum: sum.clone().set_num_format("#,##0.###"),
            sum,
        }
    }
}

/// A workbook that is being written.
pub struct Workbook {
    inner: rust_xlsxwriter::Workbook,
    looks: Looks,
    names: Vec<String>,
    kinds: Vec<Kind>,
    row: u32,
}

impl Workbook {
    /// A workbook with a title; `at` is the moment that it states as that of its making.
    #[must_use]
    pub fn new(title: &str, at: Option<chrono::DateTime<chrono::Utc>>) -> Self {
        let mut inner = rust_xlsxwriter::Workbook::new();
        let seconds = at.map_or(0, |at| at.timestamp());
        let made = ExcelDateTime::from_timestamp(seconds).unwrap_or_default();
        inner.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&made));
        Self { inner, looks: Looks::new(), names: Vec::new(), kinds: Vec::new(), row: 0 }
    }

    /// Begins a sheet with its titles; rows go into it from now on.
    ///
    /// # Errors
    /// [`WorkbookFault`].
    pub fn sheet(&mut self, title: &str, columns: &[Column]) -> Result<(), WorkbookFault> {
        let name = self.name(title);
        let sheet = self.inner.add_worksheet_with_constant_memory()?;
        sheet.set_name(&name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (at, column) in (0_u16..).zip(columns) {
            sheet.set_column_width(at, width(column.kind))?;
            let number =
                matches!(column.kind, Kind::Money | Kind::Number | Kind::Ordinal | Kind::Quantity);
            let look = if number { &self.looks.number_title } else { &self.looks.title };
            sheet.write_string_with_format(0, at, cut(&column.title), look)?;
        }
        self.names.push(name);
        self.kinds = columns.iter().map(|column| column.kind).collect();
        self.row = 1;
        Ok(())
    }

    /// A row of the sheet that was begun last.
    ///
    /// # Errors
    /// [`WorkbookFault`].
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), WorkbookFault> {
        self.write(cells, false)
    }

    /// The line of sums.
    ///
    /// # Errors
    /// [`WorkbookFault`].
    pub fn sums(&mut self, cells: &[Cell]) -> Result<(), WorkbookFault> {
        self.write(cells, true)
    }

    fn write(&mut self, cells: &[Cell], sum: bool) -> Result<(), WorkbookFault> {
        let Some(last) = self.names.len().checked_sub(1) else { return Ok(()) };
        let (row, looks) = (self.row, &self.looks);
        let pick = |own, of_sum| if sum { of_sum } else { own };
        let sheet = self.inner.worksheet_from_index(last)?;
        for (at, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Empty => sheet.write_blank(row, at, pick(&looks.text, &looks.sum))?,
                Cell::Text(text) => {
                    let look = pick(&looks.text, &looks.sum);
                    sheet.write_string_with_format(row, at, cut(text), look)?
                }
                Cell::Day(day) => match day_of(*day) {
                    Some(own) => sheet.write_datetime_with_format(row, at, &own, &looks.day)?,
                    None => sheet.write_string(row, at, day.to_string())?,
                },
                Cell::Money(amount) => {
                    let look = pick(&looks.whole, &looks.whole_sum);
                    sheet.write_number_with_format(row, at, exact(amount.minor()), look)?
                }
                Cell::Number(number) => {
                    let ordinal = self.kinds.get(usize::from(at)) == Some(&Kind::Ordinal);
                    let own = if ordinal { &looks.ordinal } else { &looks.whole };
                    let look = pick(own, &looks.whole_sum);
                    sheet.write_number_with_format(row, at, exact(*number), look)?
                }
                Cell::Quantity(quantity) => {
                    let look = pick(&looks.quantity, &looks.quantity_sum);
                    match quantity.parse::<f64>() {
                        Ok(own) => sheet.write_number_with_format(row, at, own, look)?,
                        Err(_) => sheet.write_string(row, at, cut(quantity))?,
                    }
                }
            };
        }
        self.row += 1;
        Ok(())
    }

    /// The last sheet: names and values.
    ///
    /// # Errors
    /// [`WorkbookFault`].
    pub fn about(&mut self, title: &str, about: &[(String, String)]) -> Result<(), WorkbookFault> {
        let name = self.name(title);
        let sheet = self.inner.add_worksheet_with_constant_memory()?;
        sheet.set_name(&name)?;
        sheet.set_column_width(0, 24)?;
        sheet.set_column_width(1, 72)?;
        for (row, (key, value)) in (0_u32..).zip(about) {
            sheet.write_string_with_format(row, 0, cut(key), &self.looks.title)?;
            sheet.write_string_with_format(row, 1, cut(value), &self.looks.text)?;
        }
        self.names.push(name);
        Ok(())
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`WorkbookFault`].
    pub fn bytes(mut self) -> Result<Vec<u8>, WorkbookFault> {
        Ok(self.inner.save_to_buffer()?)
    }

    /// A name that Excel takes for a sheet, and that no other sheet here has.
    fn name(&self, title: &str) -> String {
        let plain: String = title
            .chars()
            .map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c })
            .collect();
        let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = if plain.is_empty() { "Sheet".to_owned() } else { plain };
        let with = |ending: &str| {
            let room = NAME.saturating_sub(ending.chars().count());
            let begin: String = plain.chars().take(room).collect();
            format!("{}{ending}", begin.trim_end())
        };
        let taken =
            |name: &String| self.names.iter().any(|own| own.to_lowercase() == name.to_lowercase());
        let mut name = with("");
        let mut number = 2;
        while taken(&name) {
            name = with(&format!(" {number}"));
            number += 1;
        }
        name
    }
}

/// The bytes of a file of tables; `source` is the title of the last sheet.
///
/// # Errors
/// [`WorkbookFault`].
pub fn xlsx(file: &File, source: &str) -> Result<Vec<u8>, WorkbookFault> {
    let mut workbook = Workbook::new(&file.title, file.at);
    for table in &file.tables {
        workbook.sheet(&table.title, &table.columns)?;
        for row in &table.rows {
            workbook.row(row)?;
        }
        if let Some(sums) = &table.sums {
            workbook.sums(sums)?;
        }
    }
    workbook.about(source, &file.about)?;
    workbook.bytes()
}

/// Widths in letters: an amount of 999.999.999.999, a number of a voucher, a sentence.
const fn width(kind: Kind) -> u16 {
    match kind {
        Kind::Short => 18,
        Kind::Text => 48,
        Kind::Day => 12,
        Kind::Money => 17,
        Kind::Number | Kind::Ordinal | Kind::Quantity => 13,
    }
}

/// A whole number within ±(2^53 − 1), which a cell keeps exactly.
#[allow(clippy::cast_precision_loss, reason = "amounts and counts never leave ±(2^53 - 1)")]
const fn exact(number: i64) -> f64 {
    number as f64
}

/// Excel has no days before 1900.
fn day_of(day: crate::ledger::word::Date) -> Option<ExcelDateTime> {
    use chrono::Datelike as _;
    let own = day.naive();
    let (year, month, day) = (own.year(), own.month(), own.day());
    let (year, month, day) = (year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    if year < 1900 {
        return None;
    }
    ExcelDateTime::from_ymd(year, month, day).ok()
}

/// What a cell has room for.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(LETTERS).collect()
}
