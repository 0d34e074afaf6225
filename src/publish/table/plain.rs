//! Tables as CSV for spreadsheets (UTF-8 with a byte order mark, CRLF, no formulas) and as JSON.
//!
//! In CSV amounts are plain digits of minor units, quantities have a full stop, days are
//! `YYYY-MM-DD`, whatever the reader's language. A second table stands behind an empty line and a
//! line with its title.

use serde_json::{Map, Value, json};

use super::{Cell, Column, File, Table};
use crate::publish::csv;

/// What a CSV file has beside titles and rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The line of sums.
    pub sums: bool,
    /// The row of HXL hashtags under the titles.
    pub tags: bool,
}

/// A cell in CSV.
#[must_use]
pub fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => csv::text(text),
        Cell::Day(day) => day.to_string(),
        Cell::Money(amount) => amount.minor().to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Quantity(quantity) => quantity.clone(),
    }
}

/// A row in CSV.
#[must_use]
pub fn row(cells: &[Cell]) -> Vec<String> {
    cells.iter().map(cell).collect()
}

/// The titles of columns, and their hashtags where they are wanted.
#[must_use]
pub fn heads(columns: &[Column], form: Form) -> Vec<Vec<String>> {
    let mut rows = vec![columns.iter().map(|column| csv::text(&column.title)).collect()];
    if form.tags {
        // A tag begins with a hash sign, which no spreadsheet takes for a formula.
        rows.push(columns.iter().map(|column| column.tag.to_owned()).collect());
    }
    rows
}

/// The bytes of a CSV file.
#[must_use]
pub fn csv(file: &File, form: Form) -> Vec<u8> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (at, table) in file.tables.iter().enumerate() {
        if at > 0 {
            rows.push(vec![String::new()]);
        }
        if file.tables.len() > 1 {
            rows.push(vec![csv::text(&table.title)]);
        }
        rows.extend(heads(&table.columns, form));
        rows.extend(table.rows.iter().map(|cells| row(cells)));
        rows.extend(table.sums.iter().filter(|_| form.sums).map(|cells| row(cells)));
    }
    csv::table(&rows)
}

/// A cell in JSON: amounts, numbers as integers, quantities and days as texts.
#[must_use]
pub fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Day(day) => json!(day.to_string()),
        Cell::Money(amount) => json!(amount.minor()),
        Cell::Number(number) => json!(number),
        Cell::Quantity(quantity) => json!(quantity),
    }
}

fn object(columns: &[Column], cells: &[Cell]) -> Value {
    let members = columns.iter().zip(cells);
    let members = members.map(|(column, cell)| (column.name.to_owned(), value(cell)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// The sums alone: cells that say nothing are left out.
fn sums(table: &Table) -> Option<Value> {
    let cells = table.columns.iter().zip(table.sums.as_ref()?).skip(1);
    let members = cells.filter(|(_, cell)| **cell != Cell::Empty);
    let members = members.map(|(column, cell)| (column.name.to_owned(), value(cell)));
    Some(Value::Object(members.collect::<Map<_, _>>()))
}

/// The tables as JSON, by name: `columns`, `rows`, and `sums` where there is a line of sums.
#[must_use]
pub fn json(file: &File) -> Value {
    let told = |table: &Table| {
        let columns = table.columns.iter().map(|column| {
            json!({"name": column.name, "title": column.title, "type": column.kind.as_str()})
        });
        let rows = table.rows.iter().map(|cells| object(&table.columns, cells));
        let mut own = json!({
            "title": table.title,
            "columns": columns.collect::<Vec<_>>(),
            "rows": rows.collect::<Vec<_>>(),
        });
        if let (Some(sums), Value::Object(members)) = (sums(table), &mut own) {
            members.insert("sums".to_owned(), sums);
        }
        (table.name.to_owned(), own)
    };
    Value::Object(file.tables.iter().map(told).collect())
}
