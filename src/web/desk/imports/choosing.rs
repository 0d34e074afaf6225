//! Step 3, sent: kinds of the page's lines, a kind for all lines of a filter, or the recording.
//!
//! One form serves all three, so that what was changed on the page is never left out of what is
//! recorded: the recording takes the page's kinds first, and goes on only when the plan is the one
//! that the page showed.

use rocket::http::Status;
use rocket::{State, post};
use std::collections::BTreeSet;

use super::going::Going;
use super::preview::{self, FORM, Filter};
use super::recording::{self, Reached};
use super::work::{Found, Planned, Work, find};
use crate::import::Kind;
use crate::web::desk::Answer;
use crate::web::fault::Malformed;
use crate::web::forms::{Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault};

/// Takes the form of the preview.
#[post("/ban/nhap-tep/<id>", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    going: &State<Going>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let mut form = fields.only(FORM)?;
    let done = || Answer::go(format!("{}/{id}/xong", super::PATH));
    let Found::Waiting(mut work) = find(&officer, store, id, now).await? else {
        return Ok(done());
    };
    let Ok(mut planned) = work.plan(&officer, store).await? else {
        return Ok(Answer::go(format!("{}/cot", work.path())));
    };
    let filter = Filter::read(form.typed("loc"), form.typed("tim"), form.typed("trang"));
    let before = work.choices.clone();
    take_page(&officer, &mut work, &planned, &form)?;
    let mut noted = Ok(());
    if form.typed("step") == "all" {
        noted = take_all(&officer, &mut work, &planned, &filter, &mut form);
    }
    if work.choices != before {
        work.keep(&officer, store, now).await?;
        let Ok(newer) = work.plan(&officer, store).await? else {
            return Err(Fault::Conflict("import-moved"));
        };
        planned = newer;
    }
    if noted.is_ok() && form.typed("step") != "record" {
        return Ok(Answer::go(format!("{}?{}&luu=1", work.path(), filter.back())));
    }
    if noted.is_ok() {
        let site = (store, config.inner(), going.inner());
        let recorded = recording::record(&officer, site, (&work, planned), &mut form, now);
        match recorded.await? {
            Ok(Reached::Done) => return Ok(done()),
            Ok(Reached::Going) => return Ok(Answer::go(format!("{}/dang-ghi", work.path()))),
            Err(Noted) => {}
        }
    }
    // What was refused may have changed meanwhile: the page shows how it is now.
    let Found::Waiting(work) = find(&officer, store, id, now).await? else {
        return Ok(done());
    };
    let Ok(planned) = work.plan(&officer, store).await? else {
        return Err(Fault::Conflict("import-moved"));
    };
    let view = FormView::again(&officer.form_secret(), &work.path(), &form);
    let page = preview::page(&officer, store, &work, &planned, (view, &filter), false).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

/// The kinds that the page sent, line by line. Rows and kinds that it did not offer are no page of
/// ours.
fn take_page(
    officer: &Officer,
    work: &mut Work,
    planned: &Planned,
    form: &Submission,
) -> Result<(), Fault> {
    let malformed = || Fault::BadRequest(Malformed::Other);
    let (rows, kinds) = (form.list("row"), form.list("kind"));
    if rows.len() != kinds.len() {
        return Err(malformed());
    }
    let rows: Vec<u32> = rows
        .into_iter()
        .map(|row| row.parse().map_err(|_| malformed()))
        .collect::<Result<_, _>>()?;
    let apart: BTreeSet<u32> = form
        .list("apart")
        .into_iter()
        .map(|row| row.parse().map_err(|_| malformed()))
        .collect::<Result<_, _>>()?;
    if !apart.iter().all(|row| rows.contains(row)) {
        return Err(malformed());
    }
    let offered = preview::offered(officer, work);
    for (row, sent) in rows.into_iter().zip(kinds) {
        let lines = &planned.plan.lines;
        // Rows of a file go up.
        let index = lines.binary_search_by_key(&row, |planned| planned.line.row);
        let index = index.map_err(|_| malformed())?;
        let kind: Kind = sent.parse().map_err(|_| malformed())?;
        if !offered.iter().any(|(word, _, _)| *word == sent) {
            return Err(malformed());
        }
        // Booked meanwhile by somebody else: the page that comes next says so.
        if !preview::is_open(&lines[index]) {
            continue;
        }
        if planned.bookings.kind(index) != Some(&kind) {
            work.choices.choose(row, &kind);
        }
        if apart.contains(&row) {
            work.choices.apart.insert(row);
        } else {
            work.choices.apart.remove(&row);
        }
    }
    Ok(())
}

/// One kind for every line of the filter, on all its pages.
fn take_all(
    officer: &Officer,
    work: &mut Work,
    planned: &Planned,
    filter: &Filter,
    form: &mut Submission,
) -> Result<(), Noted> {
    let offered = preview::offered(officer, work);
    let words: Vec<(&str, Option<Kind>)> =
        offered.iter().map(|(word, _, _)| (word.as_str(), word.parse().ok())).collect();
    let Some(kind) = form.choice("all_kind", &words)? else {
        return Err(form.note("all_kind", "fault-choice"));
    };
    for (index, line) in planned.plan.lines.iter().enumerate() {
        let wanted = filter.takes(line, planned.bookings.decision(index));
        if wanted && preview::is_open(line) {
            work.choices.choose(line.line.row, &kind);
        }
    }
    Ok(())
}
