//! Hạn công khai: what has to be published until when, the deadlines behind it, the notice board.
//!
//! | file | path |
//! |---|---|
//! | this one | `/ban/han-cong-khai`, and the same in short on the page of today |
//! | [`deadlines`] | `/ban/quan-tri/han-cong-khai`: days and sources, and who changed them |
//! | [`notices`] | `/ban/niem-yet/<name>`: what hangs on the notice board since when |

pub mod deadlines;
pub mod notices;

use minijinja::context;
use rocket::{Route, get, routes};

use crate::ledger::word::Date;
use crate::publish::clock::State;
use crate::store::Store;
use crate::web::duties::Told;
use crate::web::session::{Kept, Officer};
use crate::web::{Fault, Page};

/// The page of all duties.
pub const PATH: &str = "/ban/han-cong-khai";

/// The routes of these pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        show,
        deadlines::show,
        deadlines::send,
        deadlines::reset,
        notices::show,
        notices::send,
        notices::remove,
    ]
}

/// What the clock says today.
///
/// # Errors
/// [`Fault`] of the machine.
pub async fn told(officer: &Officer, store: &Store) -> Result<Told, Fault> {
    let today = Date::new(officer.today).ok_or(Fault::NotFound)?;
    Told::read(store, officer.chapter, &officer.books, today).await
}

/// All duties: what is overdue, due and coming, and what was done in a year.
#[get("/ban/han-cong-khai?<nam>")]
pub async fn show(officer: Officer, kept: Kept<'_>, nam: Option<i32>) -> Result<Page, Fault> {
    let told = told(&officer, kept.0).await?;
    let (books, years) = (&officer.books, told.years());
    let year = nam.filter(|year| years.contains(year)).or_else(|| years.first().copied());
    let done = told.shown(books, |duty| {
        matches!(duty.state, State::Done(..)) && Some(duty.due.year()) == year
    });
    Ok(super::page(
        &officer,
        "desk/publication/duties.html",
        context! {
            today => told.today.to_string(),
            since => told.since.to_string(),
            overdue => told.shown(books, |duty| duty.state == State::Overdue),
            due => told.shown(books, |duty| duty.state == State::Due),
            coming => told.shown(books, |duty| duty.state == State::Coming),
            done,
            year,
            years,
            board => told.board(books),
            slug => officer.desk.origin.slug(),
        },
    ))
}
