//! `/api`: everything that can be read by programs, on one page; `/api/v1/…`: the figures as JSON,
//! read-only, described by `/api/v1/openapi.json`.
//!
//! | file | what it is |
//! |---|---|
//! | [`chapters`] | chapters, their funds, goods, loans |
//! | [`entries`] | entries with the filter of the accounts |
//! | [`statements`] | statements, heads |
//! | [`shapes`] | what answers hold |
//! | [`query`], [`problem`] | what an address may ask; what went wrong (RFC 9457) |
//! | [`described`] | the description (OpenAPI 3.1), made from handlers and shapes |
//! | [`page`] | the page for people |

pub mod chapters;
pub mod described;
pub mod entries;
pub mod page;
pub mod problem;
pub mod query;
pub mod shapes;
pub mod statements;

use rocket::http::ContentType;
use rocket::{Route, get, routes};
use serde::Serialize;

use super::download::{Download, Keep};
use super::ledgers::Ledgers;
use crate::ledger::tree::sha256;
use crate::store::facade::View;
use crate::web::Fault;
use problem::Problem;
use query::Query;

/// An answer, or what went wrong.
pub type Answer = Result<Download, Problem>;

/// The routes of this room.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        page::page,
        described::openapi,
        chapters::list,
        chapters::one,
        chapters::funds,
        chapters::fund,
        chapters::stock,
        chapters::loans,
        entries::list,
        entries::one,
        statements::list,
        statements::one,
        statements::head,
        nothing,
    ]
}

/// Everything else under the API: a problem, and no page.
#[get("/api/v1/<_..>", rank = 5)]
const fn nothing() -> Problem {
    Problem::not_found()
}

/// The ledger of a slug, as it is shown now.
///
/// # Errors
/// [`Problem`] with status 404 or 503.
fn view(slug: &str, ledgers: &Ledgers<'_>) -> Result<View, Problem> {
    ledgers.view(slug).map_err(Problem::from)
}

/// An answer of a state, such as the head of a ledger: whoever has it gets 304.
///
/// # Errors
/// [`Problem`] with status 500 for what can't be written as JSON.
fn answer(body: &impl Serialize, state: &str, query: &Query<'_>) -> Answer {
    let bytes = serde_json::to_vec(body).map_err(|fault| Problem::from(Fault::internal(fault)))?;
    Ok(written(bytes, state, query))
}

/// The same of bytes that are JSON already.
fn written(bytes: Vec<u8>, state: &str, query: &Query<'_>) -> Download {
    let asked = sha256(query.text().as_bytes()).to_string();
    let tag = format!("{state}-{}-{}", env!("CARGO_PKG_VERSION"), asked.get(..16).unwrap_or(""));
    Download::whole(ContentType::JSON, Keep::Checked, bytes).tag(tag)
}
