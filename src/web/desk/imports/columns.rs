//! Step 2: which column means what: as recognised, or chosen by hand.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::work::{Found, MOST_LINES, Unread, Work, find};
use crate::import::cell::{AmountForm, DateOrder};
use crate::import::layout::{AmountColumns, Columns, Profile};
use crate::import::table::Row;
use crate::import::{Layout, RowFault, RowReason, Table};
use crate::web::desk::{Answer, describe};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const FORM: &[Field] = &[
    Field::one("step", "field-id"),
    Field::one("header_row", "import-header-row"),
    Field::one("date", "import-column-date"),
    Field::one("time", "import-column-time"),
    Field::one("document", "import-column-document"),
    Field::one("reference", "import-column-reference"),
    Field::one("text", "import-column-text"),
    Field::one("credit", "import-column-credit"),
    Field::one("debit", "import-column-debit"),
    Field::one("amount", "import-column-amount"),
    Field::one("balance", "import-column-balance"),
    Field::one("offset", "import-column-offset"),
    Field::one("dates", "import-dates"),
    Field::one("amounts", "import-amounts"),
];

const DATES: [(&str, DateOrder); 3] = [
    ("import-dates-dmy", DateOrder::DayMonthYear),
    ("import-dates-ymd", DateOrder::YearMonthDay),
    ("import-dates-mdy", DateOrder::MonthDayYear),
];
const AMOUNTS: [(&str, AmountForm); 3] = [
    ("import-amounts-grouped", AmountForm::Grouped),
    ("import-amounts-point", AmountForm::PointDecimals),
    ("import-amounts-comma", AmountForm::CommaDecimals),
];

/// Rows that the page shows.
const SAMPLE: usize = 8;
/// The longest cell that it shows, in characters.
const CELL: usize = 40;
/// Columns that it shows; a statement has fewer.
const SHOWN_COLUMNS: usize = 20;
/// Faults that it lists.
const FAULTS: usize = 50;

/// A fault of a row: its reason is the key of a text.
#[derive(Debug, Serialize)]
struct ShownFault {
    row: u32,
    column: String,
    title: String,
    key: &'static str,
    found: usize,
    wanted: usize,
}

/// What was found wrong in the rows.
#[derive(Debug, Default)]
struct Faulty {
    rows: Vec<RowFault>,
    too_many: Option<usize>,
}

/// The columns as they are now.
#[get("/ban/nhap-tep/<id>/cot")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Answer, Fault> {
    let officer = officer.0;
    let work = match find(&officer, kept.0, id, config.clock.now()).await? {
        Found::Waiting(work) => work,
        Found::Recorded(_) => return Ok(Answer::go(format!("{}/{id}/xong", super::PATH))),
    };
    let table = work.table().await?;
    let detected = Layout::detect(&table);
    let layout = work.choices.layout.or(detected);
    let mut form = FormView::blank(&officer.form_secret(), &action(&work), FORM);
    form = match layout {
        Some(layout) => filled(form, &layout),
        None => form.with("header_row", "1"),
    };
    let profile = layout.map(|layout| layout.profile);
    Ok(page(&officer, &work, &table, (form, profile), &Faulty::default()).into())
}

fn action(work: &Work) -> String {
    format!("{}/cot", work.path())
}

/// The form as a layout says it.
fn filled(form: FormView, layout: &Layout) -> FormView {
    let columns = &layout.columns;
    let (debit, credit, amount) = match columns.amounts {
        AmountColumns::Separate { debit, credit } => (debit, credit, None),
        AmountColumns::Signed { amount } => (None, None, Some(amount)),
    };
    let named = [
        ("date", Some(columns.date)),
        ("time", columns.time),
        ("document", columns.document_number),
        ("reference", columns.reference),
        ("text", Some(columns.text)),
        ("credit", credit),
        ("debit", debit),
        ("amount", amount),
        ("balance", columns.balance),
        ("offset", columns.offset_account),
    ];
    let form = named.into_iter().fold(form, |form, (name, column)| {
        form.with(name, column.map(|column| column.to_string()).unwrap_or_default())
    });
    let dates = DATES.iter().find(|(_, order)| *order == layout.dates);
    let amounts = AMOUNTS.iter().find(|(_, form)| *form == layout.amounts);
    form.with("header_row", layout.header_row.to_string())
        .with("dates", dates.map_or("", |(key, _)| *key))
        .with("amounts", amounts.map_or("", |(key, _)| *key))
}

fn page(
    officer: &Officer,
    work: &Work,
    table: &Table,
    (form, profile): (FormView, Option<Profile>),
    faulty: &Faulty,
) -> Page {
    let header_row: u32 = form.value("header_row").trim().parse().unwrap_or(1);
    let header = header(table, header_row);
    let width = header.map_or(0, |header| header.len());
    let title = |column: usize| {
        let titled = header.filter(|_| header_row > 0).and_then(|header| header.cell(column));
        shortened(titled.unwrap_or_default())
    };
    let options: Vec<(String, String)> = (0..width)
        .map(|column| {
            let title = title(column);
            let dot = if title.is_empty() { "" } else { " · " };
            (column.to_string(), format!("{}{dot}{title}", letters(column)))
        })
        .collect();
    let rows = table.rows().filter(|row| row.number() >= header_row.max(1)).take(SAMPLE);
    let rows: Vec<(u32, Vec<String>)> = rows
        .map(|row| (row.number(), row.cells().take(SHOWN_COLUMNS).map(shortened).collect()))
        .collect();
    let faults: Vec<ShownFault> = faulty.rows.iter().take(FAULTS).map(shown).collect();
    let profile = match profile {
        Some(Profile::Vietcombank) => "import-profile-vietcombank",
        Some(Profile::AgribankVietinbank) => "import-profile-agribank-vietinbank",
        Some(Profile::Guessed) => "import-profile-guessed",
        Some(Profile::ByHand) => "import-profile-by-hand",
        None => "import-profile-unknown",
    };
    let status = if faulty.rows.is_empty() && faulty.too_many.is_none() {
        Status::Ok
    } else {
        Status::UnprocessableEntity
    };
    crate::web::desk::page(
        officer,
        "desk/import_columns.html",
        context! {
            form,
            file => work.choices.name.as_str(),
            place => describe::place_name(&officer.books, work.choices.place.as_str()),
            profile,
            options,
            letters => (0..width.min(SHOWN_COLUMNS)).map(letters).collect::<Vec<_>>(),
            rows,
            dates => DATES.iter().map(|(key, _)| (*key, *key)).collect::<Vec<_>>(),
            amounts => AMOUNTS.iter().map(|(key, _)| (*key, *key)).collect::<Vec<_>>(),
            faults => minijinja::value::Serde(faults),
            faults_in_all => faulty.rows.len(),
            too_many => faulty.too_many,
            most_lines => MOST_LINES,
        },
    )
    .status(status)
}

/// The row that names the columns; the first one where none does.
fn header(table: &Table, header_row: u32) -> Option<Row<'_>> {
    let named = table.rows().find(|row| row.number() == header_row);
    named.or_else(|| table.row(0))
}

fn shortened(cell: &str) -> String {
    let mut short: String = cell.chars().take(CELL).collect();
    if cell.chars().nth(CELL).is_some() {
        short.push('…');
    }
    short
}

/// A column as spreadsheets call it: A, B, … Z, AA, …
fn letters(column: usize) -> String {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    let last = letter(column);
    match column / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}

fn shown(fault: &RowFault) -> ShownFault {
    let (found, wanted) = match fault.reason {
        RowReason::Ragged { found, wanted } => (found, wanted),
        _ => (0, 0),
    };
    ShownFault {
        row: fault.row,
        column: letters(fault.column.saturating_sub(1) as usize),
        title: fault.title.clone(),
        key: fault.reason.code(),
        found,
        wanted,
    }
}

/// Reads the lines by the columns that were chosen, and goes on to the preview.
#[post("/ban/nhap-tep/<id>/cot", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let mut form = fields.only(FORM)?;
    let mut work = match find(&officer, store, id, now).await? {
        Found::Waiting(work) => work,
        Found::Recorded(_) => return Ok(Answer::go(format!("{}/{id}/xong", super::PATH))),
    };
    let table = work.table().await?;
    let (secret, action) = (officer.form_secret(), action(&work));
    let profile = work.choices.layout.or_else(|| Layout::detect(&table));
    let profile = profile.map(|layout| layout.profile);
    let again = |form: &Submission, work: &Work, faulty: &Faulty| {
        page(&officer, work, &table, (FormView::again(&secret, &action, form), profile), faulty)
    };
    // Another row of titles: the page shows its columns before anything is read by them.
    if form.typed("step") == "look" {
        return Ok(again(&form, &work, &Faulty::default()).into());
    }
    let Ok(layout) = layout(&mut form, &table) else {
        let page = again(&form, &work, &Faulty::default());
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    work.choices.read_by(layout);
    let faulty = match work.statement(&officer).await? {
        Ok(_) => {
            work.keep(&officer, store, now).await?;
            return Ok(Answer::go(work.path()));
        }
        Err(Unread::Rows(rows)) => Faulty { rows, too_many: None },
        Err(Unread::TooMany(lines)) => Faulty { rows: Vec::new(), too_many: Some(lines) },
        Err(Unread::NoLayout) => Faulty::default(),
    };
    Ok(again(&form, &work, &faulty).into())
}

/// The layout that was chosen; the recognised one keeps its name.
fn layout(form: &mut Submission, table: &Table) -> Result<Layout, Noted> {
    let header_row = header_row(form, table);
    let width = header(table, header_row.unwrap_or(1)).map_or(0, |header| header.len());
    let mut taken = Vec::new();
    let mut column = |form: &mut Submission, name: &'static str| {
        let typed = form.typed(name);
        if typed.is_empty() {
            return Ok(None);
        }
        let chosen = typed.parse::<u16>().ok().filter(|column| usize::from(*column) < width);
        let chosen = chosen.ok_or_else(|| form.note(name, "fault-choice"))?;
        if taken.contains(&chosen) {
            return Err(form.note(name, "import-fault-column-twice"));
        }
        taken.push(chosen);
        Ok(Some(chosen))
    };
    let (date, time) = (column(form, "date"), column(form, "time"));
    let (document, reference) = (column(form, "document"), column(form, "reference"));
    let text = column(form, "text");
    let (credit, debit) = (column(form, "credit"), column(form, "debit"));
    let (amount, balance) = (column(form, "amount"), column(form, "balance"));
    let offset = column(form, "offset");
    let date = date.and_then(|date| date.ok_or_else(|| form.note("date", "fault-choose")));
    let text = text.and_then(|text| text.ok_or_else(|| form.note("text", "fault-choose")));
    let dates = form.choice("dates", &DATES);
    let amounts_form = form.choice("amounts", &AMOUNTS);
    let amounts = match (credit?, debit?, amount?) {
        (None, None, Some(amount)) => AmountColumns::Signed { amount },
        (None, None, None) => return Err(form.note("credit", "fault-choose")),
        (credit, debit, None) => AmountColumns::Separate { debit, credit },
        _ => return Err(form.note("amount", "import-fault-two-ways")),
    };
    let columns = Columns {
        date: date?,
        time: time?,
        document_number: document?,
        reference: reference?,
        text: text?,
        amounts,
        balance: balance?,
        offset_account: offset?,
    };
    let (header_row, dates, amounts) = (header_row?, dates?, amounts_form?);
    let by_hand = Layout { profile: Profile::ByHand, header_row, columns, dates, amounts };
    let recognised = Layout::detect(table);
    let same = |layout: &Layout| Layout { profile: Profile::ByHand, ..*layout } == by_hand;
    Ok(recognised.filter(same).unwrap_or(by_hand))
}

fn header_row(form: &mut Submission, table: &Table) -> Result<u32, Noted> {
    let typed: Option<u32> = form.typed("header_row").trim().parse().ok();
    let there = |row: &u32| *row == 0 || table.rows().any(|other| other.number() == *row);
    typed.filter(there).ok_or_else(|| form.note("header_row", "import-fault-header-row"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_spreadsheets_call_them() {
        let called: Vec<String> = [0, 25, 26, 51, 52, 255].into_iter().map(letters).collect();
        assert_eq!(called, ["A", "Z", "AA", "AZ", "BA", "IV"]);
    }
}
