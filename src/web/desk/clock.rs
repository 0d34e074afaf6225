//! Giờ của máy chủ: whether it fits the last entry, and the person who says that it is right.
//!
//! A ledger that rested for more than 31 days, or whose last entry was recorded under a wrong
//! clock, takes nothing before somebody has looked at their own watch: a wrong time stays in it for
//! ever.

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::context;
use rocket::{State, get, post};

use super::Answer;
use crate::store::Store;
use crate::store::facade::ClockFit;
use crate::web::forms::{Field, Fields, FormView};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/dong-ho";
const FORM: &[Field] = &[Field::one("shown", "clock-confirm-now")];

/// How old the page may be whose time is confirmed.
const LOOKED_AT: TimeDelta = TimeDelta::minutes(10);

/// The server's time beside that of the last entry.
#[get("/ban/dong-ho")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    page(&officer.0, kept.0, config.clock.now())
}

/// An officer who records says that the time is right.
#[post("/ban/dong-ho", data = "<fields>")]
pub async fn confirm(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let form = fields.only(FORM)?;
    // Of a time that nobody looked at, the page shows the new one.
    let shown = DateTime::from_timestamp(form.hidden("shown")?, 0);
    let looked_at = shown.is_some_and(|shown| (now - shown).abs() <= LOOKED_AT);
    let fit = store.clock_fit(officer.chapter, now).map_err(Fault::internal)?;
    if looked_at && matches!(fit, ClockFit::Behind(_) | ClockFit::FarAhead(_)) {
        store.confirm_clock(officer.chapter, now).map_err(Fault::internal)?;
    }
    Ok(Answer::go(PATH.to_owned()))
}

fn page(officer: &Officer, store: &Store, now: DateTime<Utc>) -> Result<Page, Fault> {
    let offset = officer.books.chapter().map(|chapter| chapter.utc_offset.fixed());
    let offset = offset.ok_or(Fault::NotFound)?;
    let written =
        |time: DateTime<Utc>| time.with_timezone(&offset).format("%d/%m/%Y %H:%M").to_string();
    let fit = match store.clock_fit(officer.chapter, now).map_err(Fault::internal)? {
        ClockFit::Fits => "fits",
        ClockFit::Confirmed => "confirmed",
        ClockFit::Behind(_) => "behind",
        ClockFit::FarAhead(_) => "ahead",
    };
    Ok(super::page(
        officer,
        "desk/clock.html",
        context! {
            form => FormView::blank(&officer.form_secret(), PATH, FORM)
                .with("shown", now.timestamp().to_string()),
            now => written(now),
            last => officer.books.last_at().map(|last| written(last.utc())),
            fit,
        },
    ))
}
