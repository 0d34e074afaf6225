//! Statements: the three banks with their real sums, and every fault with its row.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::super::cell::{AmountForm, DateOrder};
use super::super::layout::{Columns, Profile};
use super::super::table::read_table;
use super::*;

fn read(bytes: &[u8]) -> Result<Statement, Vec<RowFault>> {
    let table = read_table(bytes).unwrap();
    let layout = Layout::detect(&table).expect("a header");
    read_statement(&table, &layout, &Currency::vnd())
}

fn places(bytes: &[u8]) -> Vec<(u32, u32, &'static str)> {
    let faults = read(bytes).unwrap_err();
    faults.iter().map(|fault| (fault.row, fault.column, fault.reason.code())).collect()
}

#[test]
fn the_three_banks_give_all_lines_and_their_real_sums() {
    let samples: [(&[u8], usize, i64, i64); 3] = [
        (include_bytes!("../../tests/statements/vietcombank.csv"), 2244, 1_330_658_182, 55_000),
        (include_bytes!("../../tests/statements/agribank.csv"), 1028, 727_011_260, 0),
        (include_bytes!("../../tests/statements/vietinbank.csv"), 1000, 738_706_715, 0),
    ];
    for (bytes, lines, credits, debits) in samples {
        let statement = read(bytes).unwrap();
        assert_eq!(statement.lines.len(), lines);
        assert_eq!(statement.credits.minor(), credits);
        assert_eq!(statement.debits.minor(), debits);
    }
}

#[test]
fn each_bank_leaves_out_other_things() {
    let vietcombank = read(include_bytes!("../../tests/statements/vietcombank.csv")).unwrap();
    let debits: Vec<&StatementLine> = vietcombank
        .lines
        .iter()
        .filter(|line| line.movement.direction == Direction::Debit)
        .collect();
    assert_eq!((debits.len(), debits[0].row, debits[0].movement.amount.minor()), (1, 14, 55_000));
    let balances: Vec<_> =
        vietcombank.lines.iter().filter_map(|line| Some((line.row, line.balance?))).collect();
    assert_eq!(balances, [(19, Money::new(10_866_106_731).unwrap())]);
    assert!(vietcombank.lines.iter().all(|line| line.document_number.is_some()));

    let agribank = read(include_bytes!("../../tests/statements/agribank.csv")).unwrap();
    assert!(agribank.lines.iter().all(|line| {
        line.balance.is_some()
            && line.reference.is_some()
            && line.time.is_none()
            && line.document_number.is_none()
            && line.offset_account.is_none()
    }));

    let vietinbank = read(include_bytes!("../../tests/statements/vietinbank.csv")).unwrap();
    assert!(vietinbank.lines.iter().all(|line| {
        line.balance.is_none()
            && line.reference.is_none()
            && line.time.is_some()
            && line.offset_account.is_some()
            && !line.text.contains('\n')
    }));
    assert_eq!(vietinbank.days(), NaiveDate::from_ymd_opt(2024, 9, 12).map(|day| (day, day)));
}

#[test]
fn a_foreign_layout_below_a_heading_is_read() {
    let statement = read(include_bytes!("../../tests/statements/heading.csv")).unwrap();
    assert_eq!((statement.credits.minor(), statement.debits.minor()), (100_000, 11_000));
    let line = &statement.lines[1];
    assert_eq!((line.row, line.balance), (6, Money::new(1_089_000)));
    assert_eq!(line.time, NaiveTime::from_hms_opt(9, 0, 0));
}

#[test]
fn ragged_rows_are_named_and_empty_cells_at_the_end_are_not() {
    assert_eq!(
        places(include_bytes!("../../tests/statements/ragged.csv")),
        [(3, 5, "row-ragged"), (4, 4, "row-ragged"),]
    );
    let trailing = b"Date,Details,Credit,\n05/11/2026,a,5,\n05/11/2026,b,6\n";
    assert_eq!(read(trailing).unwrap().credits.minor(), 11);
}

#[test]
fn one_bad_amount_on_a_late_row_leaves_nothing() {
    let faults = read(include_bytes!("../../tests/statements/bad-late-row.csv")).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].row, faults[0].column), (10_000, 4));
    assert_eq!(
        faults[0].to_string(),
        "row 10000, column 4 (Credit): not a plain number; write digits, with thousands parted in \
         one way in the whole file"
    );
}

#[test]
fn a_header_alone_is_named() {
    let bytes = include_bytes!("../../tests/statements/header-only.csv");
    assert_eq!(places(bytes), [(1, 1, "row-no-lines")]);
}

#[test]
fn every_fault_of_a_row_is_told_at_once() {
    let bytes = "Date,Time,Details,Debit,Credit,Balance\n\
        31/02/2026,,a,,5.000,\n\
        05/11/0000,,a,,5.000,\n\
        05/11/9999,,a,,5.000,\n\
        ,,Cộng,,5.000,\n\
        05/11/2026,25:00,a,,5.000,\n\
        05/11/2026,,a,5.000,5.000,\n\
        05/11/2026,,a,,0,\n\
        05/11/2026,,a,,-5.000,\n\
        05/11/2026,,a,,\"5,000\",\n\
        5/11,,a,,1e3,x\n";
    assert_eq!(
        places(bytes.as_bytes()),
        [
            (2, 1, "row-no-such-day"),
            (3, 1, "row-date-year"),
            (4, 1, "row-date-year"),
            (5, 1, "row-no-date"),
            (6, 2, "row-time"),
            (7, 5, "row-two-movements"),
            (8, 5, "row-no-movement"),
            (9, 5, "row-amount-number"),
            (10, 5, "row-amount-ambiguous"),
            (11, 1, "row-date-form"),
            (11, 5, "row-amount-number"),
            (11, 6, "row-amount-number"),
        ]
    );
}

#[test]
fn faults_are_bounded_and_sums_checked() {
    let bytes = format!("Date,Details,Credit\n{}", "x,y,z\n".repeat(1000));
    assert_eq!(read(bytes.as_bytes()).unwrap_err().len(), MOST_FAULTS);
    let line = "05/11/2026,y,9007199254740991\n";
    let bytes = format!("Date,Details,Credit\n{line}{line}{line}");
    assert_eq!(places(bytes.as_bytes()), [(3, 3, "row-sum-too-large")]);
}

#[test]
fn dashes_and_zeros_are_no_numbers() {
    let bytes = b"Date,DocNo,Reference,Details,Credit\n05/11/2026,-,000,0,5\n05/11/2026,0-1,A,,5\n";
    let lines = read(bytes).unwrap().lines;
    assert_eq!((&lines[0].document_number, &lines[0].reference), (&None, &None));
    assert_eq!((&*lines[0].text, &*lines[1].text), ("0", ""));
    assert_eq!(lines[1].document_number.as_deref(), Some("0-1"));
}

fn by_hand(columns: Columns, header_row: u32) -> Layout {
    Layout {
        profile: Profile::ByHand,
        header_row,
        columns,
        dates: DateOrder::DayMonthYear,
        amounts: AmountForm::Grouped,
    }
}

fn three_columns(date: u16, text: u16, credit: Option<u16>) -> Columns {
    Columns {
        date,
        time: None,
        document_number: None,
        reference: None,
        text,
        amounts: AmountColumns::Separate { debit: None, credit },
        balance: None,
        offset_account: None,
    }
}

#[test]
fn a_layout_by_hand_may_have_no_header_and_may_be_wrong() {
    let table = read_table(b"05/11/2026,ung ho,5\n06/11/2026,ung ho,6\n").unwrap();
    let vnd = Currency::vnd();
    let read = |columns, header_row| {
        read_statement(&table, &by_hand(columns, header_row), &vnd)
            .map_err(|faults| (faults[0].row, faults[0].column, faults[0].reason))
    };
    assert_eq!(read(three_columns(0, 1, Some(2)), 0).unwrap().credits.minor(), 11);
    assert_eq!(read(three_columns(0, 1, Some(2)), 1).unwrap().credits.minor(), 6);
    assert_eq!(read(three_columns(0, 1, Some(2)), 9), Err((9, 1, RowReason::NoLines)));
    assert_eq!(read(three_columns(0, 9, Some(2)), 0), Err((1, 10, RowReason::NoSuchColumn)));
    assert_eq!(
        read(three_columns(0, u16::MAX, None), 0),
        Err((1, 65_536, RowReason::NoSuchColumn))
    );
    assert_eq!(read(three_columns(0, 0, Some(2)), 0), Err((1, 1, RowReason::UnclearColumns)));
    assert_eq!(read(three_columns(0, 1, None), 0), Err((1, 1, RowReason::UnclearColumns)));
}

fn any_layout() -> impl Strategy<Value = Layout> {
    let column = || prop::option::of(prop_oneof![9 => 0..7_u16, 1 => any::<u16>()]);
    let columns = prop::collection::vec(column(), 9);
    (columns, 0..6_u32, 0..3_usize, 0..3_usize).prop_map(|(columns, header_row, order, form)| {
        let amounts = match columns[0] {
            Some(amount) => AmountColumns::Signed { amount },
            None => AmountColumns::Separate { debit: columns[1], credit: columns[2] },
        };
        let columns = Columns {
            date: columns[3].unwrap_or(0),
            time: columns[4],
            document_number: columns[5],
            reference: columns[6],
            text: columns[7].unwrap_or(1),
            amounts,
            balance: columns[8],
            offset_account: None,
        };
        use AmountForm::{CommaDecimals, Grouped, PointDecimals};
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        Layout {
            dates: [DayMonthYear, MonthDayYear, YearMonthDay][order],
            amounts: [Grouped, PointDecimals, CommaDecimals][form],
            ..by_hand(columns, header_row)
        }
    })
}

proptest! {
    #[test]
    fn no_table_and_layout_make_the_reader_panic(
        text in "([0-9/.,:\"\r\n ếđ-]|05/11/2026,|08:00,|1.000,){0,60}",
        layout in any_layout(),
        scale in 0..4_u8,
    ) {
        if let Ok(table) = read_table(text.as_bytes()) {
            let _ = Layout::detect(&table);
            let currency = Currency { code: "XTS".to_owned(), scale };
            match read_statement(&table, &layout, &currency) {
                Ok(statement) => prop_assert!(!statement.lines.is_empty()),
                Err(faults) => prop_assert!(faults.iter().all(|fault| fault.row >= 1)),
            }
        }
    }

    #[test]
    fn any_cells_are_read_wholly_or_refused_with_a_place(
        rows in prop::collection::vec(
            ("[0-3]?[0-9]/1[0-3]/20[0-9]{2}", "[a-zế ]{0,5}", "[0-9.,x-]{0,7}", "[0-9.]{0,6}"),
            1..20,
        ),
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["Date", "Details", "Debit", "Credit"]).unwrap();
        for (date, text, debit, credit) in &rows {
            writer.write_record([date, text, debit, credit]).unwrap();
        }
        match read(&writer.into_inner().unwrap()) {
            Ok(statement) => {
                prop_assert_eq!(statement.lines.len(), rows.len());
                let sum = |direction| statement.lines.iter()
                    .filter(|line| line.movement.direction == direction)
                    .map(|line| line.movement.amount.minor()).sum::<i64>();
                prop_assert_eq!(sum(Direction::Credit), statement.credits.minor());
                prop_assert_eq!(sum(Direction::Debit), statement.debits.minor());
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty() && faults.len() <= MOST_FAULTS);
                prop_assert!(faults.iter().all(|fault| fault.row >= 2 && fault.column <= 4));
            }
        }
    }
}
