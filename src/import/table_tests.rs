//! Tables: what is read, what is refused and where.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;

fn cells(table: &Table) -> Vec<Vec<&str>> {
    table.rows().map(|row| row.cells().collect()).collect()
}

#[test]
fn the_three_banks_are_read_whole() {
    let samples: [(&[u8], usize, usize); 3] = [
        (include_bytes!("../../tests/statements/vietcombank.csv"), 2245, 6),
        (include_bytes!("../../tests/statements/agribank.csv"), 1029, 10),
        (include_bytes!("../../tests/statements/vietinbank.csv"), 1001, 10),
    ];
    for (bytes, rows, columns) in samples {
        let table = read_table(bytes).unwrap();
        assert_eq!(table.len(), rows);
        assert!(table.rows().all(|row| row.len() == columns));
        assert!((1..).zip(table.rows()).all(|(number, row)| row.number() == number));
        assert_eq!((table.encoding(), table.separator()), (TextEncoding::Utf8, ','));
    }
    let table = read_table(include_bytes!("../../tests/statements/vietinbank.csv")).unwrap();
    let text = table.row(2).unwrap().cell(5);
    assert_eq!(text, Some("TRAN SON TRINH chia se voi dong bao bi lu lut (CT2977)"));
}

#[test]
fn one_table_in_many_forms_is_one_table() {
    let files: [&[u8]; 7] = [
        include_bytes!("../../tests/statements/small-utf8.csv"),
        include_bytes!("../../tests/statements/small-utf8-bom.csv"),
        include_bytes!("../../tests/statements/small-utf16le.csv"),
        include_bytes!("../../tests/statements/small-utf16be.csv"),
        include_bytes!("../../tests/statements/small-windows-1258.csv"),
        include_bytes!("../../tests/statements/small-semicolon-lone-cr.csv"),
        include_bytes!("../../tests/statements/small-tab-nfd.csv"),
    ];
    let first = read_table(files[0]).unwrap();
    assert_eq!(cells(&first)[1][2], "Nguyễn Thị Hường ủng hộ; đồng bào");
    for file in files {
        assert_eq!(cells(&read_table(file).unwrap()), cells(&first));
    }
    let encodings = files.map(|file| read_table(file).unwrap().encoding());
    assert_eq!(
        encodings[2..5],
        [TextEncoding::Utf16LittleEndian, TextEncoding::Utf16BigEndian, TextEncoding::Windows1258,]
    );
}

#[test]
fn files_without_a_table_are_refused() {
    for bytes in ["", "\u{feff}", "\r\n\r\n", " \n\t", ",,,\n,,,\n"] {
        assert_eq!(read_table(bytes.as_bytes()), Err(ImportFault::Empty), "{bytes:?}");
    }
    let bytes = include_bytes!("../../tests/statements/empty.csv");
    assert_eq!(read_table(bytes), Err(ImportFault::Empty));
    assert_eq!(read_table(b"\none\ntwo\n"), Err(ImportFault::OneColumn { row: 2 }));
    assert_eq!(read_table(b"a,b\n").map(|table| table.len()), Ok(1));
    let bytes = vec![b'a'; MOST_BYTES + 1];
    assert_eq!(read_table(&bytes), Err(ImportFault::TooLarge { bytes: MOST_BYTES + 1 }));
}

#[test]
fn a_quote_that_is_never_closed_is_named() {
    let bytes = include_bytes!("../../tests/statements/unclosed-quote.csv");
    assert_eq!(read_table(bytes), Err(ImportFault::UnclosedQuote { row: 3, column: 3 }));
    assert_eq!(read_table(b"a,b\n1,\"2\"3\n").unwrap_err().position(), Some((2, 2)));
}

#[test]
fn a_huge_cell_is_named_and_the_largest_one_is_read() {
    let bytes = include_bytes!("../../tests/statements/one-huge-cell.csv");
    let fault = ImportFault::CellTooLarge { row: 2, column: 2, bytes: 40_000 };
    assert_eq!(read_table(bytes), Err(fault));
    let huge = format!("a,b\n1,\"{}\"\n", "x".repeat(50 << 20));
    assert_eq!(
        read_table(huge.as_bytes()),
        Err(ImportFault::CellTooLarge { row: 2, column: 2, bytes: 50 << 20 })
    );
    let alone = "x".repeat(1 << 20);
    assert_eq!(read_table(alone.as_bytes()).unwrap_err().position(), Some((1, 1)));
    let largest = format!("a,b\n1,\"{}\"\n", "x".repeat(MOST_CELL_BYTES));
    assert_eq!(cells(&read_table(largest.as_bytes()).unwrap())[1][1].len(), MOST_CELL_BYTES);
}

#[test]
fn too_many_rows_and_columns_are_named() {
    let million = "a,\n".repeat(1_000_001);
    assert_eq!(read_table(million.as_bytes()).unwrap().len(), 1_000_001);
    let more = "a,\n".repeat(1_000_101);
    assert_eq!(read_table(more.as_bytes()), Err(ImportFault::TooManyRows { row: 1_000_101 }));
    let wide = format!("a,b\n{}\n", ",".repeat(70_000));
    assert_eq!(
        read_table(wide.as_bytes()),
        Err(ImportFault::TooManyColumns { row: 2, columns: 70_001 })
    );
}

#[test]
fn blank_rows_are_left_out_but_counted_and_sep_names_the_separator() {
    let table = read_table(b"sep=;\r\na;b,c\r\n;\r\n\r\n1;2\r\n").unwrap();
    assert_eq!(cells(&table), [["a", "b,c"], ["1", "2"]]);
    assert_eq!(table.rows().map(|row| row.number()).collect::<Vec<_>>(), [2, 5]);
}

#[test]
fn every_fault_has_words_and_a_code() {
    let fault = ImportFault::UnclosedQuote { row: 7, column: 2 };
    assert!(fault.to_string().starts_with("row 7, column 2: "));
    assert_eq!(fault.code(), "import-unclosed-quote");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_table(&bytes);
        let _ = read_table(&[b"\xff\xfe", bytes.as_slice()].concat());
        let _ = read_table(&[b"\xef\xbb\xbf", bytes.as_slice()].concat());
    }

    #[test]
    fn tables_written_by_the_csv_crate_come_back(
        rows in prop::collection::vec(prop::collection::vec("[a-z0-9\",.; ếđ]{0,8}", 4), 1..30),
        separator in prop::sample::select(b",;\t|".to_vec()),
    ) {
        // A first row of plain words, as a header is, settles the separator.
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        writer.write_record(["w", "x", "y", "z"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = [format!("sep={}\n", char::from(separator)).into_bytes(),
            writer.into_inner().unwrap()].concat();
        let table = read_table(&bytes).unwrap();
        let header = ["w", "x", "y", "z"].map(str::to_owned).to_vec();
        let wanted: Vec<Vec<String>> = std::iter::once(header)
            .chain(rows)
            .map(|row| row.iter().map(|cell| clean(cell).into_owned()).collect::<Vec<_>>())
            .filter(|row: &Vec<String>| row.iter().any(|cell| !cell.is_empty()))
            .collect();
        prop_assert_eq!(cells(&table), wanted);
    }
}
