//! `/` and `/<chapter>`: what the chapter has, what came in, what it was used for.

use minijinja::context;
use minijinja::value::Value;
use rocket::response::Redirect;
use rocket::{State, get};

use super::ledgers::{Ledgers, read};
use super::{lent, pictures, told, witnesses};
use crate::books::Books;
use crate::books::statement::{Covers, Statement};
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::voucher::FundType;
use crate::ledger::word::Date;
use crate::money::Money;
use crate::store::Standing;
use crate::store::facade::{AccountsFilter, View};
use crate::web::{Config, Fault, Page};

/// Lines shown on a chapter's own page.
const LATEST: u32 = 8;

/// A page of a chapter, with its name in the header and the warning above it.
pub fn page(view: &View, template: &'static str, shown: Value) -> Page {
    let slug = view.origin.slug();
    let chapter = view.books.chapter();
    let name = chapter.map_or_else(|| slug.to_owned(), |own| own.chapter.name.to_string());
    let offset =
        chapter.map_or_else(|| "+07:00".to_owned(), |own| own.utc_offset.fixed().to_string());
    let lends = view.books.register().funds().values();
    let lends = lends.map(|own| own.fund.r#type).any(|own| own == FundType::Revolving);
    let shown = context! {
        chapter => context! { slug, name => name.clone(), offset, lends },
        warning => told::warning(view),
        ..shown
    };
    Page::new(template, shown).chapter(name, format!("/{slug}"))
}

/// All chapters kept here; the one, when it is one.
#[get("/")]
pub fn home(ledgers: Ledgers<'_>, config: &State<Config>) -> Result<Result<Redirect, Page>, Fault> {
    let all = ledgers.store().chapters();
    if let [(_, origin)] = all.as_slice() {
        return Ok(Ok(Redirect::to(format!("/{}", origin.slug()))));
    }
    let mut chapters = Vec::new();
    for (id, origin) in &all {
        // A ledger that another one continues is found from that one.
        if ledgers.find(origin.slug())? != *id {
            continue;
        }
        // One that can't be read is listed, too: its own page says what is wrong.
        let view = ledgers.view_of(*id).ok();
        let own = view.as_ref().and_then(|view| view.books.chapter());
        chapters.push(context! {
            slug => origin.slug(),
            name => own.map(|own| own.chapter.name.to_string()),
            province => own.and_then(|own| own.chapter.province.as_ref().map(ToString::to_string)),
            closed => view.as_ref().is_none_or(|view| view.standing != Standing::Open),
        });
    }
    // The page that founds the first chapter is there until one is founded.
    let set_up = all.is_empty() && config.base_url.may_sign_in();
    Ok(Err(Page::new("public/home.html", context! { chapters, set_up })))
}

/// The figures of all days up to today.
pub fn whole(books: &Books) -> Option<Statement> {
    let first = books.chapter()?.books_from;
    let last = chrono::NaiveDate::from_ymd_opt(9999, 12, 31).and_then(Date::new)?;
    books.statement(first, last, &Covers::Chapter).ok()
}

fn sum(amounts: impl IntoIterator<Item = Money>) -> i64 {
    Money::sum(amounts).unwrap_or_default().minor()
}

/// The chapter's own page.
#[get("/<chapter>", rank = 20)]
pub async fn chapter(
    chapter: &str,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let witnesses = witnesses::told(ledgers.store(), config, &view).await?;
    let lines = ledgers
        .store()
        .accounts_before(view.chapter, &AccountsFilter::default(), view.size(), None, LATEST)
        .await
        .map_err(read)?;
    let entries = lines.iter().map(|line| &line.entry);
    let mentions = lent::mentions(ledgers.store(), &view, entries).await?;
    let told = lines.iter().rev().map(|line| told::line(&view, line, None, &mentions));
    let lines: Vec<Value> = told.collect();
    let statement = whole(&view.books);
    let rows = statement.as_ref().map_or(&[][..], |statement| &statement.funds);
    let register = view.books.register();
    let places = register.places().iter().filter(|(_, place)| place.balance != Money::ZERO);
    let shown = context! {
        figures => context! {
            opening => sum(rows.iter().map(|row| row.opening)),
            balance => sum(register.places().values().map(|place| place.balance)),
            received => sum(rows.iter().map(|row| row.received)),
            used => sum(rows.iter().flat_map(|row| [row.spent, row.lost])),
            held => view.books.lots().held_in_all().minor(),
            goods => view.books.stock().worth().minor(),
            lent => sum(rows.iter().map(|row| row.loans)),
        },
        places => places.map(|(code, place)| context! {
            place => told::place(&view.books, code.as_str()),
            balance => place.balance.minor(),
        }).collect::<Vec<_>>(),
        funds => rows.iter().map(|row| context! {
            fund => told::fund(&view.books, row.fund.as_str()),
            opening => row.opening.minor(),
            received => row.received.minor(),
            moved => row.moved.minor(),
            used => sum([row.spent, row.lost]),
            left => row.closing.minor(),
            lent => row.loans.minor(),
        }).collect::<Vec<_>>(),
        lines,
        picture => pictures::of_chapter(&view, &ledgers).await?,
        months => months(&view.books),
        size => view.size(),
        ended => view.books.chapter().and_then(|own| own.closed),
        witnesses => witnesses.shown,
    };
    let state = format!("{}-{}", view.state(), witnesses.state);
    Ok(page(&view, "public/chapter.html", shown).of_state(state))
}

/// The months that have a statement, newest first: closed ones, and the one that is open.
pub fn months(books: &Books) -> Vec<String> {
    let mut months: Vec<String> =
        books.closings().iter().map(|(month, _, _)| month.to_string()).collect();
    months.extend(books.first_open_day().map(|day| day.month().to_string()));
    months.reverse();
    months
}

/// Goes to a receipt whose code somebody typed.
#[get("/bn?<ma>")]
pub fn look_up(ma: Option<&str>, ledgers: Ledgers<'_>) -> Result<Result<Redirect, Page>, Fault> {
    let typed = ma.unwrap_or_default();
    if let Ok(code) = typed.parse::<ReceiptCode>() {
        return Ok(Ok(Redirect::to(format!("/bn/{code}"))));
    }
    let wrong = !typed.trim().is_empty();
    let status = match wrong {
        true => rocket::http::Status::UnprocessableEntity,
        false => rocket::http::Status::Ok,
    };
    let shown = context! { wrong, chapters => ledgers.named()? };
    Ok(Err(Page::new("public/look-up.html", shown).status(status).private_address()))
}
