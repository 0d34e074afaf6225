//! Where requests come in and answers go by.
//!
//! A route before all others looks among what is kept, and forwards what is not there to the page's
//! own route. A fairing sees that route's answer before the headers of every answer are set, keeps
//! it if it may be kept, and gives it out as it will be given out from then on.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::response::Responder as _;
use rocket::route::{Handler, Outcome};
use rocket::tokio::task::spawn_blocking;
use rocket::{Data, Request, Response, Route};

use super::kept::{self, Kept};
use super::{Asked, Cache, Found, Moment, Ticket};
use crate::store::Store;
use crate::web::config::Config;
use crate::web::fault::Fault;
use crate::web::i18n::Language;
use crate::web::page::has_tag;
use crate::web::{RESERVED_SLUGS, headers};

/// The first parts of paths beside the chapters' whose pages are kept, too.
const BESIDE_CHAPTERS: [&str; 2] = ["api", "tong-hop"];

/// The name of the look.
const NAME: &str = "what is kept";
/// The rank of the look, before every page.
const RANK: isize = -1_000;

/// The route that looks among what is kept. It is no page: it forwards everything else.
#[must_use]
pub fn route() -> Route {
    let mut route = Route::ranked(RANK, Method::Get, "/<_..>", Look);
    route.name = Some(NAME.into());
    route
}

/// Whether this is the route that looks among what is kept.
#[must_use]
pub fn is_look(route: &Route) -> bool {
    route.name.as_deref() == Some(NAME)
}

#[derive(Clone)]
struct Look;

#[rocket::async_trait]
impl Handler for Look {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match look(request).await {
            Some(kept) => Outcome::Success(kept.respond(request)),
            None => Outcome::Forward((data, Status::NotFound)),
        }
    }
}

/// What is kept for a request; without it the request may get a ticket.
async fn look(request: &Request<'_>) -> Option<Arc<Kept>> {
    let cache = request.rocket().state::<Cache>().filter(|cache| cache.largest() > 0)?;
    let store = request.rocket().state::<Store>()?;
    let config = request.rocket().state::<Config>()?;
    let path = request.uri().path().as_str();
    if !is_kept_there(path) || headers::is_secret(request) {
        return None;
    }
    let query = request.uri().query().map(|query| query.as_str());
    let asked = Asked::new(path, query, Language::of(request))?;
    match cache.find(asked, Moment::now(store, config)?).await {
        Found::Kept(kept) => Some(kept),
        Found::Make(ticket) => {
            request.local_cache(|| Some(ticket));
            None
        }
    }
}

/// Whether pages under a path may be kept at all: those of chapters and a few beside them. Each of
/// them has to be offered all the same.
fn is_kept_there(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    !first.is_empty() && (BESIDE_CHAPTERS.contains(&first) || !RESERVED_SLUGS.contains(&first))
}

fn ticket<'r>(request: &'r Request<'_>) -> Option<&'r Ticket> {
    request.local_cache(|| None::<Ticket>).as_ref()
}

/// Offers the answer to this request for keeping: it shows nothing but what everybody may see, and
/// what [`Moment`] covers. Whether it is wanted: then all of it has to be made, also for who has it
/// already, and 304 is said later.
#[must_use]
pub fn offer(request: &Request<'_>) -> bool {
    let ticket = ticket(request);
    ticket.inspect(|ticket| ticket.offered.store(true, Ordering::Relaxed)).is_some()
}

/// Says that the answer depends on who asks, or that asking was counted: it is never kept. Called
/// by the guards that look at cookies or at the other end of the connection.
pub fn personal(request: &Request<'_>) {
    if let Some(ticket) = ticket(request) {
        ticket.personal.store(true, Ordering::Relaxed);
    }
}

/// The fairing that keeps answers. It goes before the one that sets headers.
pub struct Keeper;

#[rocket::async_trait]
impl Fairing for Keeper {
    fn info(&self) -> Info {
        Info { name: "what is kept", kind: Kind::Response }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(ticket) = ticket(request) else { return };
        if ticket.offered.load(Ordering::Relaxed) && response.status() == Status::Ok {
            match is_fit(ticket, response) {
                true => take_in(ticket, request, response).await,
                false => spare(request, response),
            }
        }
        ticket.end();
    }
}

/// Whether an answer that was offered may be kept.
fn is_fit(ticket: &Ticket, response: &Response<'_>) -> bool {
    let size = response.body().preset_size();
    !ticket.personal.load(Ordering::Relaxed)
        && !response.headers().contains("Set-Cookie")
        && size.is_some_and(|size| size > 0 && size <= ticket.largest())
}

/// Keeps an answer, and gives out what was kept.
async fn take_in<'r>(ticket: &Ticket, request: &'r Request<'_>, response: &mut Response<'r>) {
    let (moment, headers) = (ticket.moment(), kept::headers(response));
    let made = match std::mem::take(response.body_mut()).to_bytes().await {
        Ok(bytes) => spawn_blocking(move || Kept::new(moment, headers, bytes)).await,
        Err(fault) => Ok(Err(fault)),
    };
    let fault = match made {
        Ok(Ok(kept)) => {
            let kept = Arc::new(kept);
            ticket.keep(&kept);
            *response = kept.respond(request);
            return;
        }
        Ok(Err(fault)) => fault.to_string(),
        Err(fault) => fault.to_string(),
    };
    *response = match Fault::internal(fault).respond_to(request) {
        Ok(fault) => fault,
        Err(status) => Response::build().status(status).finalize(),
    };
}

/// Spares who has an answer its bytes, as its maker would have done.
fn spare(request: &Request<'_>, response: &mut Response<'_>) {
    let tag = response.headers().get_one("ETag").map(str::to_owned);
    if tag.is_some_and(|tag| has_tag(request, &tag)) {
        response.set_status(Status::NotModified);
        *response.body_mut() = Default::default();
    }
}
