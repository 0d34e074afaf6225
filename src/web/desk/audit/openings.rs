//! `/ban/kiem-tra/mo-xem`: who opened, exported, published, restricted or erased private values:
//! when and how many, never which; by person and day, a page at a time, and as a file.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::http::uri::Origin;
use rocket::{State, get};

use super::logs::{self, BATCH, MOST};
use crate::publish::table::{Cell, Column, Kind, Table};
use crate::store::desk::security::{Event, Filter, Who};
use crate::web::desk::admin::accounts_log::{moment, title};
use crate::web::desk::tables::file;
use crate::web::public::download::Download;
use crate::web::public::downloads::Ending;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer, Signer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/kiem-tra/mo-xem";

/// What a line is about: the key of a text, and the voucher where it is one.
fn about(what: &str) -> (&'static str, Option<&str>) {
    let (kind, id) = what.split_once(':').unwrap_or((what, ""));
    match kind {
        "voucher" => ("audit-about-voucher", Some(id)),
        "entries" => ("audit-about-entries", None),
        "person" => ("audit-about-person", None),
        "batch" => ("audit-about-batch", None),
        "line" => ("audit-about-line", None),
        "complaint" => ("audit-about-complaint", None),
        "contact" => ("audit-about-contact", None),
        "bank-texts" => ("audit-about-bank-texts", None),
        "breach" => ("audit-about-breach", None),
        _ => ("audit-about-register", None),
    }
}

async fn seq(officer: &Officer, kept: &Kept<'_>, id: Option<&str>) -> Result<Option<u64>, Fault> {
    match id.and_then(|id| id.parse().ok()) {
        Some(id) => kept.0.seq_of(officer.chapter, &id).await.map_err(Fault::internal),
        None => Ok(None),
    }
}

/// The log, the newest first.
#[get("/ban/kiem-tra/mo-xem")]
pub async fn show(officer: Signer, kept: Kept<'_>, uri: &Origin<'_>) -> Result<Page, Fault> {
    let officer = officer.0;
    let asked = logs::asked(&officer, uri)?;
    let people = logs::people(&officer, kept.0).await?;
    let form = asked.view(PATH);
    let Some(filter) = &asked.filter else {
        let none = || Vec::<Value>::new();
        let shown =
            context! { form, people, rows => none(), sums => none(), next => (), query => "" };
        let page = super::super::page(&officer, "desk/audit/openings.html", shown);
        return Ok(page.status(Status::UnprocessableEntity));
    };
    let all = kept.0.filtered_openings(&officer.desk, filter, MOST).await;
    let all = all.map_err(Fault::internal)?;
    let full = all.len() == usize::try_from(MOST).unwrap_or(usize::MAX);
    let next = all.last().filter(|_| full).map(|last| last.id);
    let mut rows: Vec<Value> = Vec::with_capacity(all.len());
    for opening in &all {
        let (about, id) = about(&opening.what);
        rows.push(context! {
            at => moment(opening.at),
            who => title(&officer, &opening.person),
            action => opening.action.as_str(),
            about,
            seq => seq(&officer, &kept, id).await?,
            number => opening.number,
        });
    }
    let sums = kept.0.opening_sums(&officer.desk, filter).await.map_err(Fault::internal)?;
    let sums: Vec<Value> = sums
        .into_iter()
        .map(|((person, action), (times, number))| {
            let who = title(&officer, &person);
            context! { who, action => action.as_str(), times, number }
        })
        .collect();
    let shown = context! { form, people, rows, sums, next, query => asked.query() };
    Ok(super::super::page(&officer, "desk/audit/openings.html", shown))
}

/// The whole log that an address asks for, as a file; that it was taken is noted first.
async fn whole(
    officer: &Officer,
    kept: &Kept<'_>,
    (speech, config, uri): (&Speech<'_>, &Config, &Origin<'_>),
    ending: Ending,
) -> Result<Download, Fault> {
    let asked = logs::asked(officer, uri)?;
    let Some(filter) = &asked.filter else { return Err(Fault::NotFound) };
    let own = |name, key: &str, kind| Column::new(name, speech.say(key), kind);
    let columns = vec![
        own("at", "audit-when", Kind::Short),
        own("who", "audit-who", Kind::Text),
        own("person", "audit-person-id", Kind::Short),
        own("action", "audit-what", Kind::Text),
        own("about", "audit-about", Kind::Text),
        own("entry", "audit-entry", Kind::Ordinal),
        own("number", "erase-values", Kind::Number),
    ];
    let mut table = Table::new("openings", speech.say("audit-openings"), columns);
    let mut filter = Filter { below: None, ..filter.clone() };
    loop {
        let some = kept.0.filtered_openings(&officer.desk, &filter, BATCH).await;
        let some = some.map_err(Fault::internal)?;
        let Some(last) = some.last() else { break };
        filter.below = Some(last.id);
        for opening in &some {
            let (about, id) = about(&opening.what);
            table.push(vec![
                Cell::Text(moment(opening.at)),
                Cell::Text(title(officer, &opening.person)),
                Cell::text(opening.person.as_str()),
                Cell::Text(speech.say(&format!("audit-action-{}", opening.action.as_str()))),
                Cell::Text(speech.say(about)),
                seq(officer, kept, id).await?.map_or(Cell::Empty, Cell::count),
                Cell::count(opening.number),
            ]);
        }
    }
    let (who, detail, now) = (Who::by(&officer.person), asked.query(), config.clock.now());
    let noted = kept.0.note_security(&officer.desk, Event::OpeningsExported, who, &detail, now);
    noted.await.map_err(Fault::internal)?;
    file((officer, kept, speech), "mo-xem".to_owned(), table, ending)
}

/// The log as a workbook.
#[get("/ban/kiem-tra/mo-xem.xlsx")]
pub async fn xlsx(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    config: &State<Config>,
    uri: &Origin<'_>,
) -> Result<Download, Fault> {
    whole(&officer.0, &kept, (&speech, config, uri), Ending::Xlsx).await
}

/// The log as CSV.
#[get("/ban/kiem-tra/mo-xem.csv")]
pub async fn csv(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    config: &State<Config>,
    uri: &Origin<'_>,
) -> Result<Download, Fault> {
    whole(&officer.0, &kept, (&speech, config, uri), Ending::Csv).await
}
