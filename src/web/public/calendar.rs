//! `/<chapter>/lich-cong-khai`: what was to be published until when, when it was, and what is late.

use minijinja::context;
use rocket::{State, get};

use super::home::page;
use super::ledgers::Ledgers;
use crate::ledger::tree::sha256;
use crate::ledger::word::Date;
use crate::publish::clock::State as Stands;
use crate::web::duties::Told;
use crate::web::{Config, Fault, Page};

/// The calendar; `nam` is the year of what is done.
#[get("/<chapter>/lich-cong-khai?<nam>", rank = 20)]
pub async fn calendar(
    chapter: &str,
    nam: Option<i32>,
    ledgers: Ledgers<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let offset = view.books.chapter().ok_or(Fault::NotFound)?.utc_offset;
    let today = Date::new(config.clock.today(offset.fixed())).ok_or(Fault::NotFound)?;
    let told = Told::read(ledgers.store(), view.chapter, &view.books, today).await?;
    let years = told.years();
    let year = nam.or_else(|| years.first().copied());
    if year.is_some_and(|year| nam.is_some() && !years.contains(&year)) {
        return Err(Fault::NotFound);
    }
    let books = &view.books;
    let is = |state: &Stands, wanted: &[Stands]| wanted.contains(state);
    let shown = context! {
        today => today.to_string(),
        since => told.since.to_string(),
        changed => told.version.changed.as_ref().map(|(_, at)| {
            at.with_timezone(&offset.fixed()).date_naive().to_string()
        }),
        overdue => told.shown(books, |duty| is(&duty.state, &[Stands::Overdue])),
        open => told.shown(books, |duty| is(&duty.state, &[Stands::Due, Stands::Coming])),
        done => told.shown(books, |duty| {
            matches!(duty.state, Stands::Done(..)) && Some(duty.due.year()) == year
        }),
        year,
        years,
        rules => told.rules(),
        board => told.board(books),
    };
    // Deadlines and notices are no part of the ledger, and every day changes what is late.
    let all = format!("{today} {nam:?} {:?} {:?} {:?}", told.version, told.notices, told.duties);
    let all = sha256(all.as_bytes()).to_string();
    let state = format!("{}-{}", view.state(), all.get(..16).unwrap_or_default());
    Ok(page(&view, "public/calendar.html", shown).of_state(state))
}
