//! Tables written and read back, by another program where there is one.

#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use super::plain::{Form, csv, json};
use super::workbook::xlsx;
use super::*;

fn money(minor: i64) -> Money {
    Money::new(minor).unwrap()
}

/// A table with everything in it that a cell may hold, hostile texts among it.
fn file() -> File {
    let columns = vec![
        Column::new("date", "Ngày", Kind::Day).tagged("#date"),
        Column::new("words", "Diễn giải", Kind::Text).tagged("#description"),
        Column::new("in", "Thu", Kind::Money).tagged("#value+in"),
        Column::new("loans", "Số khoản", Kind::Number),
        Column::new("left", "Tồn", Kind::Quantity),
    ];
    let mut table = Table::new("lines", "Sổ: [thu/chi]?", columns);
    let day = |text: &str| Cell::Day(text.parse().unwrap());
    for (at, words) in [
        "=HYPERLINK(\"http://evil.example\")",
        "+84",
        "-1",
        "@SUM(A1)",
        "\tx",
        "Ba ngàn \"b\"",
        "=1\r+2",
    ]
    .into_iter()
    .enumerate()
    {
        table.push(vec![
            day("2026-11-05"),
            Cell::text(words),
            Cell::Money(money(1_500_000 + i64::try_from(at).unwrap())),
            Cell::count(at),
            Cell::Quantity("12.5".into()),
        ]);
    }
    table.push(vec![
        day("0026-01-01"),
        Cell::Empty,
        Cell::Money(money(-9_007_199_254_740_991)),
        Cell::Number(-3),
        Cell::Quantity("-0.001".into()),
    ]);
    let table = table.summed("Cộng");
    let about = vec![("Sổ".to_owned(), "=so.example/xuan-tay".to_owned())];
    let second = Table { title: "sổ:  [thu/chi]?".to_owned(), ..table.clone() };
    File {
        name: "xuan-tay".to_owned(),
        title: "Sổ".to_owned(),
        about,
        at: Some("2026-11-05T03:00:00Z".parse().unwrap()),
        tables: vec![table, second],
    }
}

fn read(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

#[test]
fn a_workbook_is_read_back_cell_by_cell_and_nothing_in_it_is_a_formula() {
    let own = file();
    let mut book = read(xlsx(&own, "Nguồn").unwrap());
    assert_eq!(book.sheet_names(), ["Sổ thu chi", "sổ thu chi 2", "Nguồn"]);
    let sheet = book.worksheet_range("Sổ thu chi").unwrap();
    let cell = |row, column| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    assert_eq!(cell(0, 2), Data::String("Thu".into()));
    for (row, cells) in (1_u32..).zip(&own.tables[0].rows) {
        if let Cell::Text(text) = &cells[1] {
            let kept: String = text.chars().filter(|c| !c.is_control()).collect();
            assert_eq!(cell(row, 1), Data::String(kept));
        }
        let Cell::Money(amount) = cells[2] else { panic!("an amount") };
        assert_eq!(cell(row, 2), Data::Float(amount.minor() as f64));
    }
    assert!(matches!(cell(1, 0), Data::DateTime(_)), "{:?}", cell(1, 0));
    assert_eq!(cell(8, 0), Data::String("0026-01-01".into()));
    assert_eq!((cell(1, 4), cell(8, 4)), (Data::Float(12.5), Data::Float(-0.001)));
    assert_eq!(cell(8, 3), Data::Float(-3.0));
    assert_eq!(cell(9, 0), Data::String("Cộng".into()));
    let sum: i64 = 7 * 1_500_000 + 21 - 9_007_199_254_740_991;
    assert_eq!(cell(9, 2), Data::Float(sum as f64));
    assert_eq!(sheet.end(), Some((9, 4)));
    let formulas = book.worksheet_formula("Sổ thu chi").unwrap();
    assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()));
    let about = book.worksheet_range("Nguồn").unwrap();
    assert_eq!(about.get_value((0, 1)), Some(&Data::String("=so.example/xuan-tay".into())));
}

#[test]
fn the_same_tables_give_the_same_bytes() {
    assert_eq!(xlsx(&file(), "Nguồn").unwrap(), xlsx(&file(), "Nguồn").unwrap());
}

#[test]
fn csv_has_texts_that_stay_texts_sums_and_tags_where_they_are_wanted() {
    let mut own = file();
    own.tables.truncate(1);
    let text = |form| String::from_utf8(csv(&own, form)).unwrap();
    let plain = text(Form::default());
    assert!(plain.starts_with("\u{feff}Ngày,Diễn giải,Thu,Số khoản,Tồn\r\n2026-11-05,"));
    assert!(plain.contains("'@SUM(A1),1500003,3,12.5\r\n"), "{plain}");
    assert!(plain.ends_with("0026-01-01,,-9007199254740991,-3,-0.001\r\n"), "{plain}");
    let tags = text(Form { sums: false, tags: true });
    assert!(tags.contains("\r\n#date,#description,#value+in,,\r\n"), "{tags}");
    let sums = text(Form { sums: true, tags: false });
    assert!(sums.ends_with("\r\nCộng,,-9007199244240970,,\r\n"), "{sums}");
    let both = String::from_utf8(csv(&file(), Form::default())).unwrap();
    assert_eq!(both.matches("Ngày,Diễn giải").count(), 2);
    assert!(both.contains("\r\n\"\"\r\nsổ:  [thu/chi]?\r\n"), "{both}");
}

#[test]
fn json_has_integers_names_and_sums() {
    let mut own = file();
    own.tables.truncate(1);
    let all = json(&own);
    let table = &all["lines"];
    assert_eq!(table["columns"][2]["name"], "in");
    assert_eq!(table["columns"][2]["type"], "money");
    assert_eq!(table["rows"][0]["in"], 1_500_000);
    assert_eq!(table["rows"][0]["words"], "=HYPERLINK(\"http://evil.example\")");
    assert_eq!(table["rows"][7]["words"], serde_json::Value::Null);
    assert_eq!(table["rows"][7]["left"], "-0.001");
    assert_eq!(table["sums"]["in"], -9_007_199_244_240_970_i64);
    assert_eq!(table["sums"]["words"], serde_json::Value::Null);
}

#[test]
#[should_panic(expected = "cells of a row")]
fn a_row_with_a_cell_too_few_is_a_mistake_of_ours() {
    file().tables[0].push(vec![Cell::Empty]);
}

#[test]
fn names_of_sheets_are_short_and_taken_once() {
    let mut book = Workbook::new("x", None);
    let long = "Quỹ hỗ trợ người khuyết tật và nạn nhân chất độc da cam";
    for _ in 0..11 {
        book.sheet(long, &[Column::new("a", "A", Kind::Text)]).unwrap();
    }
    book.sheet("***", &[]).unwrap();
    let book = read(book.bytes().unwrap());
    let names = book.sheet_names();
    assert_eq!(names.len(), 12);
    assert_eq!(names.last().map(String::as_str), Some("Sheet"));
    assert!(names.iter().all(|name| name.chars().count() <= 31), "{names:?}");
    assert!(names[10].ends_with(" 11"), "{names:?}");
}
