//! `/ban/niem-yet/<name>`: since when a statement hangs on the notice board, and where. The
//! officers' word, shown as such; a note that was typed by mistake is taken back.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};

use super::PATH;
use crate::ledger::keys::new_opaque_id;
use crate::ledger::word::{Date, Person};
use crate::publish::clock::{campaign_name, campaign_of, days_after};
use crate::store::Store;
use crate::store::desk::publication::{LONGEST, MOST_DAYS, Notice, Rule};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::Answer;
use crate::web::duties::statement;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::public::report::period::runs;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const FORM: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("posted_on", "board-posted"),
    Field::one("until_on", "board-until"),
    Field::one("place", "board-place"),
];
const REMOVE: &[Field] = &[];

fn path(name: &str) -> String {
    format!("/ban/niem-yet/{name}")
}

/// A statement that the ledger names, or the appeal of a fund as it stands.
async fn known(officer: &Officer, store: &Store, name: &str) -> Result<(), Fault> {
    let all = store.statements(officer.chapter).await.map_err(Fault::internal)?;
    let runs = campaign_of(name).is_some_and(|(fund, from, to)| {
        campaign_name(&fund, from, to) == name && runs(&officer.books, &fund, (from, to))
    });
    let named = all.iter().any(|(own, _)| own == name);
    if named || runs { Ok(()) } else { Err(Fault::NotFound) }
}

async fn page(
    officer: &Officer,
    store: &Store,
    (name, form): (&str, FormView),
    done: bool,
) -> Result<Page, Fault> {
    let notices = store.notices(&officer.desk).await.map_err(Fault::internal)?;
    let secret = officer.form_secret();
    let own = notices.iter().rev().filter(|own| own.statement == name);
    let own = own.map(|own| {
        let remove = FormView::blank(&secret, &format!("/ban/niem-yet/{}/bo", own.id), REMOVE);
        context! {
            posted_on => own.posted_on.to_string(),
            until_on => own.until_on.to_string(),
            place => own.place.clone(),
            remove,
        }
    });
    Ok(crate::web::desk::page(
        officer,
        "desk/publication/notice.html",
        context! {
            form,
            about => statement(&officer.books, name),
            name,
            notices => own.collect::<Vec<_>>(),
            slug => officer.desk.origin.slug(),
            done,
        },
    ))
}

/// The form, from today on for as long as the chapter's rule says.
#[get("/ban/niem-yet/<name>?<khoa>")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    name: &str,
    khoa: Option<&str>,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    known(&officer, store, name).await?;
    let today = Date::new(officer.today).ok_or(Fault::NotFound)?;
    let version = store.deadlines(&officer.desk).await.map_err(Fault::internal)?;
    let until = days_after(today, version.deadlines.of(Rule::NoticeKept).days);
    let notices = store.notices(&officer.desk).await.map_err(Fault::internal)?;
    let place = notices.last().map_or_else(String::new, |own| own.place.clone());
    let day = |day: Date| day.naive().format("%d/%m/%Y").to_string();
    let form = FormView::blank(&officer.form_secret(), &path(name), FORM)
        .with("id", new_opaque_id().map_err(Fault::internal)?)
        .with("posted_on", day(today))
        .with("until_on", day(until))
        .with("place", place);
    page(&officer, store, (name, form), khoa.is_some()).await
}

/// Keeps the note.
#[post("/ban/niem-yet/<name>", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    name: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    known(&officer, store, name).await?;
    let mut form = fields.only(FORM)?;
    let id: Person = form.hidden("id")?;
    let Ok(notice) = read(&mut form, &officer, (id, name)) else {
        let view = FormView::again(&officer.form_secret(), &path(name), &form);
        let page = page(&officer, store, (name, view), false).await?;
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    let now = config.clock.now();
    let done = store.post_notice(&officer.desk, &notice, &officer.person, now).await;
    if !done.map_err(Fault::internal)? {
        // Sent again: the same is no news, anything else must not be taken for kept.
        let all = store.notices(&officer.desk).await.map_err(Fault::internal)?;
        if !all.contains(&notice) {
            form.note_form("board-twice", []);
            let view = FormView::again(&officer.form_secret(), &path(name), &form);
            let page = page(&officer, store, (name, view), false).await?;
            return Ok(page.status(Status::UnprocessableEntity).into());
        }
    }
    Ok(Answer::go(format!("{}?khoa=1", path(name))))
}

/// Takes a note back.
#[post("/ban/niem-yet/<id>/bo", data = "<fields>")]
pub async fn remove(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    fields.only(REMOVE)?;
    let id: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let now = config.clock.now();
    match store.remove_notice(&officer.desk, &id, &officer.person, now).await {
        Ok(_) => Ok(Answer::go(PATH)),
        Err(DeskFault::Refused(DeskRefusal::Gone)) => Err(Fault::NotFound),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

fn read(
    form: &mut Submission,
    officer: &Officer,
    (id, name): (Person, &str),
) -> Result<Notice, Noted> {
    let posted = form.date("posted_on");
    let until = form.date("until_on");
    let place = form.text("place", LONGEST);
    let (posted, until, place) = (posted?, until?, place?);
    let begun = officer.books.chapter().map(|own| own.books_from.naive());
    if posted > officer.today {
        return Err(form.note("posted_on", "board-fault-ahead"));
    }
    if begun.is_some_and(|begun| posted < begun) {
        return Err(form.note("posted_on", "board-fault-before"));
    }
    let longest = chrono::TimeDelta::days(MOST_DAYS.into());
    if until < posted || until - posted > longest {
        return Err(form.note("until_on", "board-fault-until"));
    }
    let both = Date::new(posted).zip(Date::new(until));
    let (posted_on, until_on) = both.ok_or_else(|| form.note("until_on", "board-fault-until"))?;
    Ok(Notice { id, statement: name.to_owned(), posted_on, until_on, place })
}
