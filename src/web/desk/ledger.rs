//! Sổ quỹ: the book of a place with a running balance; funds and what is left in them.

use minijinja::context;
use rocket::get;
use serde::Serialize;

use super::describe::{self, Short};
use crate::books::days::Balance;
use crate::books::effects::Series;
use crate::ledger::voucher::PlaceType;
use crate::ledger::word::{Code, Date, Month};
use crate::money::Money;
use crate::store::Store;
use crate::store::facade::PlaceLine;
use crate::web::session::{Kept, Officer};
use crate::web::{Fault, Page};

/// A line of the book.
#[derive(Debug, Serialize)]
pub struct BookLine {
    /// The entry.
    pub entry: Short,
    /// The numbers of this place's own series.
    pub numbers: Vec<String>,
    /// Money in, where there is any.
    pub money_in: Option<i64>,
    /// Money out, where there is any.
    pub money_out: Option<i64>,
    /// The balance behind it.
    pub balance: i64,
}

/// The book of a place over some days; amounts in minor units.
pub struct Book {
    /// The place.
    pub code: Code,
    /// The balance before the first day.
    pub opening: i64,
    /// Its lines, in order.
    pub lines: Vec<BookLine>,
    /// Money in.
    pub sum_in: i64,
    /// Money out.
    pub sum_out: i64,
    /// The balance at the end of the last day.
    pub closing: i64,
}

/// The numbers by which the paper book of a place knows a line: PT and PC of cash, BC and BN of a
/// bank. None where the line has no such number (a reversal has one of its own series).
fn numbers(line: &PlaceLine, kind: Option<PlaceType>) -> Vec<String> {
    let (came, went) = match kind {
        Some(PlaceType::Cash) => (Series::PT, Series::PC),
        Some(PlaceType::Bank) => (Series::BC, Series::BN),
        _ => return Vec::new(),
    };
    let wanted = |series| {
        (series == came && line.money_in > line.money_out)
            || (series == went && line.money_out > line.money_in)
    };
    let numbers = line.line.effects.numbers.iter().filter(|number| wanted(number.series));
    numbers.map(ToString::to_string).collect()
}

/// Reads the book of a place from one day to another.
///
/// # Errors
/// 404 for a place that there is not; faults of the machine.
pub async fn book(
    officer: &Officer,
    store: &Store,
    place: &str,
    (from, to): (Date, Date),
) -> Result<Book, Fault> {
    let code: Code = place.parse().map_err(|_| Fault::NotFound)?;
    let books = &officer.books;
    let held = books.register().places().get(&code).ok_or(Fault::NotFound)?;
    // What was there when the books began is opened with, and came in on no day of theirs.
    let begun = books.chapter().map_or(from, |chapter| chapter.books_from);
    let from = if to >= begun { from.max(begun) } else { from };
    let of = Balance::Place(&code);
    let opening = books.days().balance_at(of, from.previous(), held.balance);
    let opening = opening.ok_or_else(|| Fault::internal("a balance beyond 2^53 - 1"))?.minor();
    let found = store.place_lines(officer.chapter, &code, from, to).await;
    let (mut balance, mut sum_in, mut sum_out) = (opening, 0, 0);
    let mut lines = Vec::new();
    for line in found.map_err(Fault::internal)? {
        let (money_in, money_out) = (line.money_in.minor(), line.money_out.minor());
        balance += money_in - money_out;
        sum_in += money_in;
        sum_out += money_out;
        lines.push(BookLine {
            entry: describe::line(books, &line.line),
            numbers: numbers(&line, books.place_type(&code)),
            money_in: (money_in != 0).then_some(money_in),
            money_out: (money_out != 0).then_some(money_out),
            balance,
        });
    }
    Ok(Book { code, opening, lines, sum_in, sum_out, closing: balance })
}

/// A month by its name, today's without one.
///
/// # Errors
/// 404 for what is no month.
pub fn month(officer: &Officer, ky: Option<&str>) -> Result<Month, Fault> {
    let today = Date::new(officer.today).ok_or(Fault::NotFound)?;
    ky.map_or_else(|| Ok(today.month()), |text| text.parse().map_err(|_| Fault::NotFound))
}

/// The book of a place over one month (`ky=2026-11`; today's without).
#[get("/ban/so-quy/<place>?<ky>")]
pub async fn place(
    officer: Officer,
    kept: Kept<'_>,
    place: &str,
    ky: Option<&str>,
) -> Result<Page, Fault> {
    let month = month(&officer, ky)?;
    let book = book(&officer, kept.0, place, (month.first_day(), month.last_day())).await?;
    let books = &officer.books;
    let first = books.chapter().map(|own| own.books_from.month());
    Ok(super::page(
        &officer,
        "desk/book.html",
        context! {
            place => describe::place_name(books, book.code.as_str()),
            code => book.code.as_str(),
            places => super::slip::places(books),
            month => month.to_string(),
            before => first.is_none_or(|first| first < month).then(|| month.previous().to_string()),
            after => month.next().to_string(),
            opening => book.opening,
            lines => minijinja::value::Serde(book.lines),
            sum_in => book.sum_in,
            sum_out => book.sum_out,
            closing => book.closing,
        },
    ))
}

/// A fund as its page shows it.
#[derive(Debug, Serialize)]
struct FundRow {
    code: String,
    name: String,
    kind: &'static str,
    money: i64,
    target: Option<i64>,
    closed: bool,
    terms: String,
}

/// All funds: what is in them, for what they may be used. And what is held for others.
#[get("/ban/quy")]
pub async fn funds(officer: Officer, kept: Kept<'_>) -> Result<Page, Fault> {
    let store = kept.0;
    let books = &officer.books;
    let rows = books.register().funds().iter().map(|(code, state)| FundRow {
        code: code.to_string(),
        name: state.fund.name.to_string(),
        kind: state.fund.r#type.as_str(),
        money: state.money.minor(),
        target: state.fund.target.map(|target| target.minor()),
        closed: state.closed,
        terms: state.fund.terms.text.to_string(),
    });
    let rows: Vec<FundRow> = rows.collect();
    let total = Money::sum(books.register().funds().values().map(|state| state.money));
    let held = store.held_custody(officer.chapter).await.map_err(Fault::internal)?;
    let held: Vec<(u64, i64)> =
        held.into_iter().map(|(seq, amount)| (seq, amount.minor())).collect();
    Ok(super::page(
        &officer,
        "desk/funds.html",
        context! {
            funds => minijinja::value::Serde(rows),
            total => total.map_or(0, Money::minor),
            held,
            custody => books.lots().held_in_all().minor(),
        },
    ))
}
