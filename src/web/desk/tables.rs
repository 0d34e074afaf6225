//! The treasurer's and the auditor's tables as files (XLSX, CSV): cash book, stock card, funds,
//! donors whose names are shown, the log, the series of numbers. Each is what its page shows, to
//! whom the page is shown.

use rocket::get;

use super::describe::{self, Short};
use super::{audit, ledger, names, stock};
use crate::ledger::word::Date;
use crate::money::Money;
use crate::publish::table::plain::Form;
use crate::publish::table::{Cell, Column, File, Kind, Table};
use crate::store::facade::SeriesRow;
use crate::web::Fault;
use crate::web::public::download::Download;
use crate::web::public::downloads::{self, Ending};
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer, Signer};

/// What every handler here needs.
type Asked<'a> = (&'a Officer, &'a Kept<'a>, &'a Speech<'a>);

/// A column whose title is a text of the site.
fn column(name: &'static str, key: &str, kind: Kind, speech: &Speech<'_>) -> Column {
    Column::new(name, speech.say(key), kind)
}

/// The words of an entry as the desk's lists have them.
#[must_use]
pub fn words(entry: &Short, speech: &Speech<'_>) -> String {
    let kind = speech.say(&format!("kind-{}", entry.kind.replace('_', "-")));
    let reversed = entry.reversed_by.map(|_| speech.say("book-reversed"));
    let parts = [Some(kind), entry.note.clone(), reversed];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" – ")
}

/// A day as the desk has it.
#[must_use]
pub fn day(text: &str) -> Cell {
    text.parse::<Date>().map_or_else(|_| Cell::text(text), Cell::Day)
}

/// A file of one table: nothing of it is kept by browsers, and no other site reads it.
///
/// # Errors
/// [`Fault::Internal`] where a workbook can't be written.
pub fn file(
    (officer, _, speech): Asked<'_>,
    name: String,
    table: Table,
    ending: Ending,
) -> Result<Download, Fault> {
    let chapter = officer.books.chapter().map(|own| own.chapter.name.to_string());
    let file = File {
        name: format!("{}-{name}", officer.desk.origin.slug()),
        title: table.title.clone(),
        about: vec![
            (speech.say("table-chapter"), chapter.unwrap_or_default()),
            (speech.say("table-log"), officer.desk.origin.to_string()),
            (speech.say("table-size"), officer.books.size().to_string()),
        ],
        at: officer.books.last_at().map(|at| at.utc()),
        tables: vec![table],
    };
    let form = Form { sums: true, tags: false };
    Ok(downloads::download(&file, ending, form, &speech.say("table-source"))?.private())
}

/// The book of a place over one month, with what it began and ended with.
async fn book(
    asked: Asked<'_>,
    (place, ky): (&str, Option<&str>),
    ending: Ending,
) -> Result<Download, Fault> {
    let (officer, kept, speech) = asked;
    let month = ledger::month(officer, ky)?;
    let days = (month.first_day(), month.last_day());
    let book = ledger::book(officer, kept.0, place, days).await?;
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let columns = vec![
        own("date", "book-date", Kind::Day),
        own("number", "book-number", Kind::Short),
        own("words", "book-words", Kind::Text),
        own("in", "book-in", Kind::Money),
        own("out", "book-out", Kind::Money),
        own("balance", "book-balance", Kind::Money),
    ];
    let name = describe::place_name(&officer.books, book.code.as_str());
    let title = format!("{}: {name}", speech.say("desk-book"));
    let mut table = Table::new("book", title, columns);
    let first = Cell::Day(month.first_day());
    let opening = [first, Cell::Empty, Cell::Text(speech.say("book-opening"))];
    let opening = opening.into_iter().chain([Cell::Empty, Cell::Empty, Cell::minor(book.opening)]);
    table.push(opening.collect());
    let some = |amount: Option<i64>| amount.map_or(Cell::Empty, Cell::minor);
    for line in &book.lines {
        table.push(vec![
            day(&line.entry.date),
            Cell::Text(line.numbers.join(" ")),
            Cell::Text(words(&line.entry, speech)),
            some(line.money_in),
            some(line.money_out),
            Cell::minor(line.balance),
        ]);
    }
    let sums = [Cell::Text(speech.say("public-sum")), Cell::Empty, Cell::Empty];
    let amounts = [book.sum_in, book.sum_out, book.closing].map(Cell::minor);
    table.sums = Some(sums.into_iter().chain(amounts).collect());
    file(asked, format!("so-quy-{}-{}", book.code, month), table, ending)
}

/// The card of an item in a store over one year.
async fn card(
    asked: Asked<'_>,
    of: (&str, Option<&str>, Option<&str>),
    ending: Ending,
) -> Result<Download, Fault> {
    let (officer, kept, speech) = asked;
    let card = stock::card_of(officer, kept.0, of).await?;
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let columns = vec![
        own("date", "book-date", Kind::Day),
        own("number", "book-number", Kind::Short),
        own("words", "book-words", Kind::Text),
        own("in", "stock-in", Kind::Quantity),
        own("out", "stock-out", Kind::Quantity),
        own("left", "stock-left", Kind::Quantity),
        own("unit", "table-unit", Kind::Short),
    ];
    let title = format!("{}: {}", speech.say("stock-card"), card.item_name(officer));
    let mut table = Table::new("card", title, columns);
    let unit = || Cell::Text(card.opening.unit.clone());
    let text = |key: &str| Cell::Text(speech.say(key));
    let quantity = |own: &super::goods_words::Goods| Cell::Quantity(own.quantity.clone());
    table.push(vec![
        Cell::Day(card.from),
        Cell::Empty,
        text("book-opening"),
        Cell::Empty,
        Cell::Empty,
        quantity(&card.opening),
        unit(),
    ]);
    for line in &card.lines {
        let some =
            |own: &Option<super::goods_words::Goods>| own.as_ref().map_or(Cell::Empty, quantity);
        table.push(vec![
            day(&line.entry.date),
            Cell::Text(line.entry.numbers.join(" ")),
            Cell::Text(words(&line.entry, speech)),
            some(&line.goods_in),
            some(&line.goods_out),
            quantity(&line.left),
            unit(),
        ]);
    }
    let closing = quantity(&card.closing);
    let blank = [Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty];
    let sums = [text("book-closing")].into_iter().chain(blank).chain([closing, unit()]);
    table.sums = Some(sums.collect());
    file(asked, format!("the-kho-{}-{}-{}", card.room, card.item, card.year), table, ending)
}

/// All funds, with what is in them and for what it may be used.
fn funds(asked: Asked<'_>, ending: Ending) -> Result<Download, Fault> {
    let (officer, _, speech) = asked;
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let columns = vec![
        own("fund", "field-name", Kind::Text),
        own("type", "table-fund-type", Kind::Text),
        own("terms", "field-terms", Kind::Text),
        own("target", "field-target", Kind::Money),
        own("balance", "book-balance", Kind::Money),
    ];
    let mut table = Table::new("funds", speech.say("desk-funds"), columns);
    for state in officer.books.register().funds().values() {
        let kind = speech.say(&format!("fund-type-{}", state.fund.r#type.as_str()));
        table.push(vec![
            Cell::text(state.fund.name.as_str()),
            Cell::Text(kind),
            Cell::text(state.fund.terms.text.as_str()),
            state.fund.target.map_or(Cell::Empty, |target| Cell::minor(target.minor())),
            Cell::Money(state.money),
        ]);
    }
    let total = Money::sum(officer.books.register().funds().values().map(|state| state.money));
    let sums = [Cell::Text(speech.say("public-sum")), Cell::Empty, Cell::Empty, Cell::Empty];
    table.sums = Some(sums.into_iter().chain([Cell::amount(total)]).collect());
    file(asked, "quy".to_owned(), table, ending)
}

/// Every donor's name that stands on the public pages: these names are public, nothing is opened.
async fn donors(asked: Asked<'_>, ending: Ending) -> Result<Download, Fault> {
    let (officer, kept, speech) = asked;
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let columns = vec![
        own("date", "book-date", Kind::Day),
        own("number", "book-number", Kind::Short),
        own("name", "donors-name", Kind::Text),
        own("form", "table-name-form", Kind::Text),
        own("amount", "voucher-amount", Kind::Money),
        own("since", "donors-since", Kind::Short),
    ];
    let mut table = Table::new("donors", speech.say("desk-donors"), columns);
    for shown in names::all_shown(officer, kept.0).await? {
        let form = format!("names-{}", shown.name.replace('_', "-"));
        table.push(vec![
            day(&shown.entry.date),
            Cell::Text(shown.entry.numbers.join(" ")),
            Cell::Text(shown.text),
            Cell::Text(speech.say(&form)),
            shown.total.map_or(Cell::Empty, Cell::minor),
            Cell::Text(shown.since),
        ]);
    }
    let table = table.summed(speech.say("public-sum"));
    file(asked, "nha-hao-tam".to_owned(), table, ending)
}

/// The series of numbers with their gaps.
async fn series(asked: Asked<'_>, ending: Ending) -> Result<Download, Fault> {
    let (officer, kept, speech) = asked;
    let all = kept.0.series(officer.chapter).await.map_err(Fault::internal)?;
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let columns = vec![
        own("series", "audit-series", Kind::Text),
        own("year", "done-year", Kind::Ordinal),
        own("first", "audit-first", Kind::Short),
        own("last", "audit-last", Kind::Short),
        own("count", "audit-count", Kind::Number),
        own("missing", "audit-gaps", Kind::Number),
    ];
    let mut table = Table::new("series", speech.say("audit-numbers"), columns);
    for row in &all {
        let number = |own: &SeriesRow, number: u64| {
            Cell::Text(format!("{}-{}-{number:05}", own.series, own.year))
        };
        let name = speech.say(&format!("audit-series-{}", row.series.to_lowercase()));
        table.push(vec![
            Cell::Text(format!("{name} ({})", row.series)),
            Cell::Number(row.year),
            number(row, row.first),
            number(row, row.last),
            Cell::count(row.count),
            Cell::count(row.last.saturating_sub(row.count)),
        ]);
    }
    file(asked, "so-hieu".to_owned(), table, ending)
}

/// The cash book as a workbook.
#[get("/ban/so-quy/<place>/so-quy.xlsx?<ky>")]
pub async fn book_xlsx(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    place: &str,
    ky: Option<&str>,
) -> Result<Download, Fault> {
    book((&officer, &kept, &speech), (place, ky), Ending::Xlsx).await
}

/// The cash book as CSV.
#[get("/ban/so-quy/<place>/so-quy.csv?<ky>")]
pub async fn book_csv(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    place: &str,
    ky: Option<&str>,
) -> Result<Download, Fault> {
    book((&officer, &kept, &speech), (place, ky), Ending::Csv).await
}

/// The stock card as a workbook.
#[get("/ban/kho/<room>/the-kho.xlsx?<hang>&<nam>")]
pub async fn card_xlsx(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    room: &str,
    hang: Option<&str>,
    nam: Option<&str>,
) -> Result<Download, Fault> {
    card((&officer, &kept, &speech), (room, hang, nam), Ending::Xlsx).await
}

/// The stock card as CSV.
#[get("/ban/kho/<room>/the-kho.csv?<hang>&<nam>")]
pub async fn card_csv(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    room: &str,
    hang: Option<&str>,
    nam: Option<&str>,
) -> Result<Download, Fault> {
    card((&officer, &kept, &speech), (room, hang, nam), Ending::Csv).await
}

/// The funds as a workbook.
#[get("/ban/quy/quy.xlsx")]
pub fn funds_xlsx(officer: Officer, kept: Kept<'_>, speech: Speech<'_>) -> Result<Download, Fault> {
    funds((&officer, &kept, &speech), Ending::Xlsx)
}

/// The funds as CSV.
#[get("/ban/quy/quy.csv")]
pub fn funds_csv(officer: Officer, kept: Kept<'_>, speech: Speech<'_>) -> Result<Download, Fault> {
    funds((&officer, &kept, &speech), Ending::Csv)
}

/// Shown names as a workbook.
#[get("/ban/nha-hao-tam/nha-hao-tam.xlsx")]
pub async fn donors_xlsx(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    donors((&officer, &kept, &speech), Ending::Xlsx).await
}

/// Shown names as CSV.
#[get("/ban/nha-hao-tam/nha-hao-tam.csv")]
pub async fn donors_csv(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    donors((&officer, &kept, &speech), Ending::Csv).await
}

/// The series of numbers as a workbook.
#[get("/ban/kiem-tra/so-hieu.xlsx")]
pub async fn series_xlsx(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    series((&officer.0, &kept, &speech), Ending::Xlsx).await
}

/// The series of numbers as CSV.
#[get("/ban/kiem-tra/so-hieu.csv")]
pub async fn series_csv(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    series((&officer.0, &kept, &speech), Ending::Csv).await
}

/// Every entry as a workbook.
#[get("/ban/kiem-tra/so.xlsx")]
pub async fn log_xlsx(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    let table = audit::all(&officer.0, &kept, &speech).await?;
    let name = format!("kiem-tra-{}", officer.0.books.size());
    file((&officer.0, &kept, &speech), name, table, Ending::Xlsx)
}

/// Every entry as CSV.
#[get("/ban/kiem-tra/so.csv")]
pub async fn log_csv(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    let table = audit::all(&officer.0, &kept, &speech).await?;
    let name = format!("kiem-tra-{}", officer.0.books.size());
    file((&officer.0, &kept, &speech), name, table, Ending::Csv)
}
