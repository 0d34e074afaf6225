//! The description of the API (OpenAPI 3.1), made from the handlers and the shapes of their
//! answers.

use rocket::{State, get};
use utoipa::OpenApi;
use utoipa::openapi::Server;

use super::query::Query;
use super::{Answer, answer, chapters, entries, problem, shapes, statements};
use crate::web::Config;

/// What the macro gathers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Minh Bạch",
        description = "The published figures of Red Cross chapters, read-only. Amounts are \
            integers in minor units of the chapter's currency, days are YYYY-MM-DD, moments RFC \
            3339 in UTC, quantities decimal texts with a full stop. An answer has the ETag of the \
            ledger's head: ask with If-None-Match, and 304 says that nothing changed. Unknown \
            parameters are refused. These answers are made from the ledger by the server; whoever \
            wants to trust nothing but signatures reads the files of the ledger and verifies them.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        openapi,
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
        statements::head
    ),
    components(schemas(
        problem::Problem,
        shapes::Chapters,
        shapes::Chapter,
        shapes::Funds,
        shapes::Fund,
        shapes::Stock,
        shapes::Loans,
        shapes::Entries,
        shapes::EntryDetail,
        shapes::Statements,
        shapes::Heads
    ))
)]
struct Described;

/// The description itself.
#[must_use]
pub fn description(base: &str) -> utoipa::openapi::OpenApi {
    let mut described = Described::openapi();
    described.servers = Some(vec![Server::new(base)]);
    described
}

/// This description.
#[utoipa::path(get, path = "/api/v1/openapi.json", responses((status = 200, body = Object)))]
#[get("/api/v1/openapi.json")]
pub async fn openapi(query: Query<'_>, config: &State<Config>) -> Answer {
    query.only(&[])?;
    answer(&description(config.base_url.origin()), "openapi", &query)
}
