//! `/ban/viec`: what waits, what is there, what was recorded last.

mod notices;

use minijinja::context;
use rocket::{State, get};

use super::describe;
use crate::ledger::word::Date;
use crate::store::desk::drafts::State as DraftState;
use crate::web::session::{Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Newest entries on the page.
const NEWEST: u32 = 8;

/// The page of today.
#[get("/ban/viec")]
pub async fn show(officer: Officer, kept: Kept<'_>, config: &State<Config>) -> Result<Page, Fault> {
    let store = kept.0;
    let books = &officer.books;
    let waiting = store.drafts(&officer.desk, DraftState::Waiting).await;
    let waiting = waiting.map_err(Fault::internal)?;
    let mine = waiting.iter().filter(|draft| draft.made_by != officer.person).count();
    let back = store.drafts(&officer.desk, DraftState::SentBack).await.map_err(Fault::internal)?;
    let back = back.iter().filter(|draft| draft.made_by == officer.person).count();
    let loose = match officer.may_record() {
        true => store.loose_count(officer.chapter).await.map_err(Fault::internal)?,
        false => 0,
    };
    let month = books.first_open_month();
    let over = month.zip(Date::new(officer.today));
    let over = over.filter(|(month, today)| month.last_day() < *today);
    let places: Vec<(String, String, i64)> = books
        .register()
        .places()
        .iter()
        .filter(|(_, place)| !place.closed)
        .map(|(code, place)| {
            let name = describe::place_name(books, code.as_str());
            (code.to_string(), name, place.balance.minor())
        })
        .collect();
    let funds: Vec<(String, i64)> = books
        .register()
        .funds()
        .values()
        .filter(|fund| !fund.closed)
        .map(|fund| (fund.fund.name.to_string(), fund.money.minor()))
        .collect();
    let lines = store.newest_lines(officer.chapter, NEWEST).await.map_err(Fault::internal)?;
    let lines: Vec<_> = lines.iter().map(|line| describe::line(books, line)).collect();
    let told = super::publication::told(&officer, store).await?;
    Ok(super::page(
        &officer,
        "desk/today.html",
        context! {
            today => officer.today.to_string(),
            mine,
            others => waiting.len() - mine,
            back,
            duties => told.shown(books, crate::publish::clock::Duty::is_open),
            loose,
            close => over.map(|(month, _)| describe::month(&month)),
            places,
            funds,
            custody => books.lots().held_in_all().minor(),
            lines => minijinja::value::Serde(lines),
            complaints => super::complaints::waiting(&officer, store).await?,
            closed => notices::closed(&officer),
            reset => super::admin::officer::waiting(&officer, store, config).await?,
            machine => notices::machine(&officer, store, config),
            backup => notices::backup(&officer, store, config),
            ended => books.chapter().and_then(|own| own.closed),
        },
    ))
}
