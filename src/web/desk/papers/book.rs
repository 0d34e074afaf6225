//! `/ban/so-quy/<place>/so-quy.pdf`: the cash book (or that of an account) of a month or a year on
//! paper: day, numbers in and out, words, in, out, balance.

use rocket::get;

use super::Desk;
use crate::books::effects::Series;
use crate::ledger::voucher::PlaceType;
use crate::ledger::word::Date;
use crate::money::Money;
use crate::publish::paper::{Align, Block, Pair, Sheet, Table};
use crate::web::Fault;
use crate::web::desk::describe::{self, Short};
use crate::web::desk::ledger::{Book, BookLine, book, month};
use crate::web::printing::download;
use crate::web::public::download::Download;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer};

/// The first and last day of a month (`2026-11`) or a year (`2026`), today's month without either.
fn days(officer: &Officer, ky: Option<&str>) -> Result<(Date, Date), Fault> {
    let year = ky.filter(|text| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(year) = year {
        let day = |rest: &str| format!("{year}{rest}").parse().map_err(|_| Fault::NotFound);
        return Ok((day("-01-01")?, day("-12-31")?));
    }
    let month = month(officer, ky)?;
    Ok((month.first_day(), month.last_day()))
}

/// The book of a place over a month or a year.
#[get("/ban/so-quy/<place>/so-quy.pdf?<ky>")]
pub async fn print(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    place: &str,
    ky: Option<&str>,
) -> Result<Download, Fault> {
    let store = kept.0;
    let (from, to) = days(&officer, ky)?;
    let book = book(&officer, store, place, (from, to)).await?;
    let desk = Desk::open(&officer, store, &speech).await?;
    let name = format!("so-quy-{}-{from}-{to}", book.code);
    let cash = officer.books.place_type(&book.code) != Some(PlaceType::Bank);
    let pen = &desk.pen;
    let title = pen.say(if cash { "print-cash-book" } else { "print-bank-book" });
    let place = describe::place_name(&officer.books, book.code.as_str());
    let span = [("from", pen.date(from)), ("to", pen.date(to))];
    let span = span.each_ref().map(|(name, text)| (*name, text.as_str()));
    let offices = ["print-approves", "print-makes", "setup-treasurer"];
    let blocks = vec![
        desk.head(if cash { "cash_book" } else { "" }),
        Block::Title(title.to_uppercase(), Some(place.clone())),
        Block::Centred(pen.tell("public-from-to", &span)),
        Block::Centred(pen.say("print-in-dong")),
        Block::Grid(table(&desk, &book)),
        Block::Pairs(vec![
            Pair::strong(pen.say("book-closing"), pen.money(money(book.closing))),
            Pair::new(pen.say("print-in-words"), pen.words(money(book.closing))),
        ]),
        Block::Signatures(
            pen.say("print-place-day"),
            offices.map(|office| pen.signature(office, None)).to_vec(),
        ),
    ];
    download(&desk.paper(format!("{title} · {place}"), Sheet::A4Across, blocks), &name)
}

/// Minor units as an amount; the books hold none that is none.
fn money(minor: i64) -> Money {
    Money::new(minor).unwrap_or_default()
}

fn table(desk: &Desk<'_>, book: &Book) -> Table {
    let pen = &desk.pen;
    let figure = |minor: i64| pen.figure(money(minor));
    let some = |minor: Option<i64>| minor.map(figure).unwrap_or_default();
    let blank = String::new;
    let mut rows = vec![vec![
        blank(),
        blank(),
        blank(),
        pen.say("book-opening"),
        blank(),
        blank(),
        figure(book.opening),
    ]];
    rows.extend(book.lines.iter().map(|line| {
        let (came, went) = numbers(line);
        vec![
            date(desk, &line.entry.date),
            came,
            went,
            words(desk, &line.entry),
            some(line.money_in),
            some(line.money_out),
            figure(line.balance),
        ]
    }));
    let head = |key: &str, align| (pen.say(key), align);
    Table {
        columns: vec![
            head("book-date", Align::Left),
            head("print-number-in", Align::Left),
            head("print-number-out", Align::Left),
            head("book-words", Align::Left),
            head("book-in", Align::Right),
            head("book-out", Align::Right),
            head("book-balance", Align::Right),
        ],
        rows,
        sums: Some(vec![
            blank(),
            blank(),
            blank(),
            pen.say("public-sum"),
            figure(book.sum_in),
            figure(book.sum_out),
            figure(book.closing),
        ]),
    }
}

/// The numbers of a line in the column of money in or out; a reversal has one of its own series,
/// and stands where its amount does.
fn numbers(line: &BookLine) -> (String, String) {
    let all = if line.numbers.is_empty() { &line.entry.numbers } else { &line.numbers };
    let outward = [Series::PC.as_str(), Series::BN.as_str()];
    let goes_out = |number: &String| match line.numbers.is_empty() {
        true => line.money_out.is_some(),
        false => outward.iter().any(|series| number.starts_with(series)),
    };
    let (went, came): (Vec<String>, Vec<String>) = all.iter().cloned().partition(goes_out);
    (came.join(" "), went.join(" "))
}

/// `05/11/2026` of a day as entries write it.
pub(super) fn date(desk: &Desk<'_>, day: &str) -> String {
    day.parse().map_or_else(|_| day.to_owned(), |day| desk.pen.date(day))
}

/// What an entry is called, with its remark, and whether it was reversed.
pub(super) fn words(desk: &Desk<'_>, entry: &Short) -> String {
    let pen = &desk.pen;
    let mut words = pen.say(&format!("kind-{}", entry.kind.replace('_', "-")));
    if let Some(note) = &entry.note {
        words = format!("{words}: {note}");
    }
    if let Some(seq) = entry.reversed_by {
        words = format!("{words} ({} #{seq})", pen.say("book-reversed"));
    }
    if let Some(seq) = entry.reverses {
        words =
            format!("{words} {}", pen.tell("entry-reverses-short", &[("seq", &seq.to_string())]));
    }
    words
}
