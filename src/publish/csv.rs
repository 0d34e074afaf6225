//! Tables for people who open them in a spreadsheet: UTF-8 with a byte order mark, CRLF, and no
//! cell that a spreadsheet would take for a formula.

/// What spreadsheets need to see that a file is UTF-8.
pub const BOM: &str = "\u{feff}";

/// One cell. A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an
/// apostrophe before it, so that it stays a text.
#[must_use]
pub fn text(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky { format!("'{cell}") } else { cell.to_owned() }
}

/// The bytes of a table whose cells are ready: texts by [`text`], amounts as plain digits.
#[must_use]
pub fn table<'a>(rows: impl IntoIterator<Item = &'a Vec<String>>) -> Vec<u8> {
    written(BOM.as_bytes().to_vec(), rows)
}

/// More rows of a table that was begun by [`table`].
#[must_use]
pub fn more<'a>(rows: impl IntoIterator<Item = &'a Vec<String>>) -> Vec<u8> {
    written(Vec::new(), rows)
}

fn written<'a>(before: Vec<u8>, rows: impl IntoIterator<Item = &'a Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(before);
    for row in rows {
        // Writing into memory does not fail.
        let _ = writer.write_record(row);
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn formulas_stay_texts_and_nothing_is_lost() {
        for risky in ["=1+1", "+84", "-5", "@x", "\t=1", "\r=1"] {
            assert_eq!(text(risky), format!("'{risky}"));
        }
        assert_eq!(text("Quà Tết – 5"), "Quà Tết – 5");
        let rows = [vec!["Ngày".to_owned(), "a,\"b\"\n".to_owned()], vec![text("=1"), "5".into()]];
        let table = String::from_utf8(table(&rows)).unwrap();
        assert_eq!(table, "\u{feff}Ngày,\"a,\"\"b\"\"\n\"\r\n'=1,5\r\n");
    }
}
