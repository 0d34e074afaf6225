//! Which column of a table means what: recognised by the header, or given by hand.
//!
//! The header may stand below a bank's heading, within the first [`MOST_HEADING_ROWS`] rows. Its
//! words are compared folded (no marks, case, spaces or signs), in Vietnamese and English; a cell
//! with both languages counts too. Agribank and VietinBank deliver one and the same header, so
//! they are one profile: which account a statement is of is said by the place, never by the file.

use serde::{Deserialize, Serialize};

use super::cell::{AmountForm, DateOrder, read_date};
use super::table::{Row, Table};
use super::text::essence;

/// Rows in which a header is looked for.
pub const MOST_HEADING_ROWS: usize = 40;
/// Rows below the header that decide the order of dates and the form of amounts.
const SAMPLE_ROWS: usize = 200;
/// A longer header cell is a text, not a title.
const MOST_TITLE_BYTES: usize = 80;

/// Where a layout comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Vietcombank's header.
    Vietcombank,
    /// The header that Agribank and VietinBank share.
    AgribankVietinbank,
    /// Guessed by the words of the header: a person should look.
    Guessed,
    /// Given by a person.
    ByHand,
}

/// Where the amounts stand; columns count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AmountColumns {
    /// Money out and money in have columns of their own; one of the two may be missing.
    Separate {
        /// Money out (phát sinh nợ).
        debit: Option<u16>,
        /// Money in (phát sinh có).
        credit: Option<u16>,
    },
    /// One column; a minus is money out.
    Signed {
        /// The column.
        amount: u16,
    },
}

/// Which column means what; columns count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The day; a time may follow it in the cell.
    pub date: u16,
    /// The time, where it has a column of its own.
    pub time: Option<u16>,
    /// The bank's number of the document.
    pub document_number: Option<u16>,
    /// The bank's reference.
    pub reference: Option<u16>,
    /// What the sender or the bank wrote.
    pub text: u16,
    /// The amounts.
    pub amounts: AmountColumns,
    /// The balance after the line.
    pub balance: Option<u16>,
    /// The other side's account or name.
    pub offset_account: Option<u16>,
}

impl Columns {
    /// All columns that are named, in the order of the fields.
    pub fn all(&self) -> impl Iterator<Item = u16> {
        let (first, second) = match self.amounts {
            AmountColumns::Separate { debit, credit } => (debit, credit),
            AmountColumns::Signed { amount } => (Some(amount), None),
        };
        [
            Some(self.date),
            self.time,
            self.document_number,
            self.reference,
            Some(self.text),
            first,
            second,
            self.balance,
            self.offset_account,
        ]
        .into_iter()
        .flatten()
    }
}

/// How the rows of a table are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Where the layout comes from.
    pub profile: Profile,
    /// The number of the header's row, from 1; rows up to it are not read. 0: there is none.
    pub header_row: u32,
    /// Which column means what.
    pub columns: Columns,
    /// The order of the parts of a date.
    pub dates: DateOrder,
    /// How amounts are written.
    pub amounts: AmountForm,
}

impl Layout {
    /// The layout that the table's header tells; `None` when no row within the first
    /// [`MOST_HEADING_ROWS`] names a date, a text and an amount.
    #[must_use]
    pub fn detect(table: &Table) -> Option<Self> {
        let (index, header, columns) =
            (0..MOST_HEADING_ROWS.min(table.len())).find_map(|index| {
                let header = table.row(index)?;
                Some((index, header, guess_columns(header)?))
            })?;
        let sample = || (index + 1..table.len()).take(SAMPLE_ROWS).filter_map(|at| table.row(at));
        Some(Self {
            profile: profile_of(header),
            header_row: header.number(),
            columns,
            dates: guess_order(sample().filter_map(|row| row.cell(usize::from(columns.date)))),
            amounts: guess_form(sample(), &columns),
        })
    }
}

const VIETCOMBANK: [&str; 6] =
    ["TNXDate", "DocNo", "Debit", "Credit", "Balance", "Transactions in Detail"];
const AGRIBANK_VIETINBANK: [&str; 10] = [
    "PageId",
    "Date",
    "Time",
    "DocumentNumber",
    "ReferenceNumber",
    "TransactionDetails",
    "DebitAmount",
    "CreditAmount",
    "Balance",
    "OffsetAccount",
];

fn profile_of(header: Row<'_>) -> Profile {
    if header.cells().eq(VIETCOMBANK) {
        Profile::Vietcombank
    } else if header.cells().eq(AGRIBANK_VIETINBANK) {
        Profile::AgribankVietinbank
    } else {
        Profile::Guessed
    }
}

/// The words of each meaning, folded, the surer first.
const DEBIT: &str = "\
    debitamount debit phatsinhno sotienghino ghino sotienno psno tienra ruttien rutra \
    withdrawal no chi";
const CREDIT: &str = "\
    creditamount credit phatsinhco sotienghico ghico sotienco psco tienvao noptien nopvao \
    deposit co thu";
const BALANCE: &str = "runningbalance balance soduluyke sodu soducuoi";
const DATE: &str = "\
    tnxdate transactiondate ngaygiaodich ngaygd ngayhachtoan postingdate bookingdate \
    ngayhieuluc valuedate date ngay";
/// Titles of a column that holds both, where no column has the date alone.
const DATE_AND_TIME: &str = "thoigiangiaodich thoigiangd transactiontime thoigian";
const TIME: &str = "transactiontime giogiaodich thoigian time gio";
const DOCUMENT: &str = "\
    docno documentnumber documentno sochungtu soct sobuttoan sogiaodich magiaodich \
    transactionid transactionno transactionnumber";
const REFERENCE: &str = "\
    referencenumber referenceno sothamchieu mathamchieu reference refno traceno ref";
const OFFSET: &str = "\
    offsetaccount taikhoandoiung tkdoiung taikhoanchuyen counterparty nguoichuyen \
    donvithuhuong";
const TEXT: &str = "\
    transactionsindetail transactiondetails transactiondetail noidunggiaodich noidung \
    diengiai mota description details detail narrative remark ghichu";
const AMOUNT: &str = "transactionamount sotiengiaodich amount sotien";

/// The columns that a header's words name; `None` unless date, text and an amount are among them.
fn guess_columns(header: Row<'_>) -> Option<Columns> {
    let titles: Vec<String> = header
        .cells()
        .map(|cell| if cell.len() <= MOST_TITLE_BYTES { essence(cell) } else { String::new() })
        .collect();
    let mut free: Vec<bool> = titles.iter().map(|title| !title.is_empty()).collect();
    let mut claim = |words: &str| claim(&titles, &mut free, words);
    let (debit, credit) = (claim(DEBIT), claim(CREDIT));
    let (balance, document_number) = (claim(BALANCE), claim(DOCUMENT));
    let (reference, offset_account) = (claim(REFERENCE), claim(OFFSET));
    let date = match claim(DATE) {
        Some(date) => date,
        None => claim(DATE_AND_TIME)?,
    };
    let (time, text) = (claim(TIME), claim(TEXT)?);
    let amounts = if debit.is_none() && credit.is_none() {
        AmountColumns::Signed { amount: claim(AMOUNT)? }
    } else {
        AmountColumns::Separate { debit, credit }
    };
    Some(Columns { date, time, document_number, reference, text, amounts, balance, offset_account })
}

/// Takes the first free column whose title is one of the words, else one that has a word in it
/// (only words of four letters and more: `co` and `no` are in many).
fn claim(titles: &[String], free: &mut [bool], words: &str) -> Option<u16> {
    let column = |word: &str, whole: bool| {
        (0..titles.len()).find(|at| {
            let title = &titles[*at];
            free[*at] && if whole { title == word } else { title.contains(word) }
        })
    };
    let at = words.split_whitespace().find_map(|word| column(word, true)).or_else(|| {
        let long = words.split_whitespace().filter(|word| word.len() >= 4);
        long.into_iter().find_map(|word| column(word, false))
    })?;
    free[at] = false;
    u16::try_from(at).ok()
}

/// The first order by which every sampled date can be read; day first where none is.
fn guess_order<'t>(cells: impl Iterator<Item = &'t str>) -> DateOrder {
    let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    [DateOrder::DayMonthYear, DateOrder::YearMonthDay, DateOrder::MonthDayYear]
        .into_iter()
        .find(|order| cells.iter().all(|cell| read_date(cell, *order).is_ok()))
        .unwrap_or(DateOrder::DayMonthYear)
}

/// Decimals where most sampled amounts end in a point or comma and two digits (or one).
fn guess_form<'t>(rows: impl Iterator<Item = Row<'t>>, columns: &Columns) -> AmountForm {
    let columns = match columns.amounts {
        AmountColumns::Separate { debit, credit } => [debit, credit],
        AmountColumns::Signed { amount } => [Some(amount), None],
    };
    let (mut points, mut commas, mut others) = (0_u32, 0_u32, 0_u32);
    for row in rows {
        for column in columns.iter().flatten() {
            let cell = row.cell(usize::from(*column)).unwrap_or_default();
            match cell.rfind(['.', ',']).map(|at| (cell.as_bytes()[at], cell.len() - at - 1)) {
                Some((b'.', 1 | 2)) => points += 1,
                Some((_, 1 | 2)) => commas += 1,
                // An amount without a separator is written alike in all forms.
                Some(_) => others += 1,
                None => {}
            }
        }
    }
    if points > commas.max(others) {
        AmountForm::PointDecimals
    } else if commas > points.max(others) {
        AmountForm::CommaDecimals
    } else {
        AmountForm::Grouped
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::table::read_table;
    use super::*;

    fn detect(bytes: &[u8]) -> Option<Layout> {
        Layout::detect(&read_table(bytes).unwrap())
    }

    #[test]
    fn the_three_banks_are_recognised() {
        let layout = detect(include_bytes!("../../tests/statements/vietcombank.csv")).unwrap();
        assert_eq!(layout.profile, Profile::Vietcombank);
        assert_eq!(layout.columns.all().collect::<Vec<_>>(), [0, 1, 5, 2, 3, 4]);
        for bytes in [
            include_bytes!("../../tests/statements/agribank.csv").as_slice(),
            include_bytes!("../../tests/statements/vietinbank.csv"),
        ] {
            let layout = detect(bytes).unwrap();
            assert_eq!(layout.profile, Profile::AgribankVietinbank);
            assert_eq!(layout.columns.all().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
            assert_eq!(layout.dates, DateOrder::DayMonthYear);
            assert_eq!(layout.amounts, AmountForm::Grouped);
        }
    }

    #[test]
    fn other_banks_are_guessed_below_their_heading() {
        let layout = detect(include_bytes!("../../tests/statements/heading.csv")).unwrap();
        assert_eq!((layout.profile, layout.header_row), (Profile::Guessed, 4));
        assert_eq!(layout.columns.amounts, AmountColumns::Signed { amount: 3 });
        assert_eq!((layout.columns.reference, layout.columns.balance), (Some(1), Some(4)));
        assert_eq!(layout.dates, DateOrder::YearMonthDay);
        assert_eq!(layout.amounts, AmountForm::PointDecimals);
        let layout = detect(include_bytes!("../../tests/statements/small-utf8.csv")).unwrap();
        assert_eq!(layout.columns.all().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
        let both = "STT,Ngày GD/Trans. date,Nội dung/Description,Nợ/Debit,Có/Credit\n\
                    1,05/11/2026,a,,5";
        let columns = detect(both.as_bytes()).unwrap().columns;
        let amounts = AmountColumns::Separate { debit: Some(3), credit: Some(4) };
        assert_eq!((columns.date, columns.text, columns.amounts), (1, 2, amounts));
    }

    #[test]
    fn a_table_without_a_header_is_not_guessed() {
        assert_eq!(detect(b"05/11/2026,ung ho,100.000\n06/11/2026,ung ho,200.000\n"), None);
        assert_eq!(detect(b"Ten,Tuoi\nAn,5\n"), None);
    }

    #[test]
    fn the_order_of_dates_is_the_one_that_reads_all_of_them() {
        let table = |dates: &str| format!("Date,Details,Credit\n{dates}");
        let order = |dates: &str| detect(table(dates).as_bytes()).unwrap().dates;
        assert_eq!(order("01/02/2026,a,5\n"), DateOrder::DayMonthYear);
        assert_eq!(order("01/02/2026,a,5\n02/13/2026,a,5\n"), DateOrder::MonthDayYear);
        assert_eq!(order("nonsense,a,5\n"), DateOrder::DayMonthYear);
    }

    #[test]
    fn a_layout_goes_through_json_and_refuses_unknown_members() {
        let layout = detect(include_bytes!("../../tests/statements/agribank.csv")).unwrap();
        let json = serde_json::to_string(&layout).unwrap();
        assert_eq!(serde_json::from_str::<Layout>(&json).unwrap(), layout);
        let more = json.replacen('{', "{\"role\":1,", 1);
        assert!(serde_json::from_str::<Layout>(&more).is_err());
    }
}
