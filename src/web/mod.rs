//! Room: web. The pages: what people read, type and download.
//!
//! INVARIANT: no rule and no SQL; a handler is read → record or ask → show.
//!
//! | file | what it is |
//! |---|---|
//! | [`config`] | address, name and clock of the site; Rocket's settings |
//! | [`pages`], [`page`] | templates with their filters; an answer in HTML |
//! | [`cache`] | finished answers of public pages, made once for everybody |
//! | [`i18n`] | two languages |
//! | [`format`](mod@format), [`words`] | amounts, dates, quantities; amounts in words |
//! | [`vocabulary`] | words of closed lists as keys of texts |
//! | [`guards`], [`forms`] | who may call; forms read strictly |
//! | [`duties`] | what has to be published until when |
//! | [`fault`], [`headers`] | every other answer; what every answer tells browsers |
//! | [`loan_terms`] | the terms of a loan as a form, and their schedule |
//! | [`assets`] | the files of `public/` |
//! | [`mirrors`] | ledgers that other servers keep, verified here |
//! | [`cosigning`] | asks the witnesses of the ledgers kept here |
//! | [`checking`] | replays every ledger at night |
//! | [`watch`] | the machine: room on the disk, clock, database |
//! | [`metrics`] | numbers for whoever watches, on a port of their own |
//! | [`public`] | pages for everybody |
//! | [`reading`] | a server that only reads |
//! | [`printing`] | what papers have in common |
//! | [`signers`] | who signed an entry, in which office |
//! | [`caller`] | the peer of a request, and what a session remembers of it |
//! | [`session`], [`desk`] | who is signed in; the pages of officers |

pub mod assets;
pub mod cache;
pub mod caller;
pub mod checking;
pub mod config;
pub mod cosigning;
pub mod desk;
pub mod duties;
pub mod fault;
pub mod format;
pub mod forms;
pub mod guards;
pub mod headers;
pub mod i18n;
pub mod loan_terms;
pub mod metrics;
pub mod mirrors;
pub mod page;
pub mod pages;
pub mod printing;
pub mod public;
pub mod reading;
pub mod session;
pub mod sheets;
pub mod signers;
mod sources;
pub mod vocabulary;
pub mod watch;
pub mod words;

pub use cache::Cache;
pub use checking::{Checking, Nightly};
pub use config::{BaseUrl, Clock, Config, figment};
pub use cosigning::Cosigning;
pub use fault::Fault;
pub use i18n::Language;
pub use mirrors::Mirrors;
pub use page::Page;
pub use pages::Pages;
pub use sheets::Sheets;
pub use watch::Watch;

use rocket::data::ByteUnit;
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use rocket::shield::Shield;
use rocket::{Build, Rocket, Route, get, routes};

/// The site, ready to be launched; the parts that pages need later are managed on top of it.
///
/// A site whose texts can't be read does not start.
#[must_use]
pub fn site(config: Config, figment: Figment) -> Rocket<Build> {
    rocket::custom(figment)
        .manage(config)
        .manage(desk::imports::going::Going::default())
        // Rocket's own set of headers would add to ours.
        .attach(Shield::new())
        // Before the headers, which belong to every answer, kept or not.
        .attach(cache::hook::Keeper)
        .attach(headers::Headers)
        .attach(guards::PlainMethods)
        .attach(reading::OnlyReads)
        // Behind all that works on an answer, so that its time counts.
        .attach(metrics::Timing)
        .attach(AdHoc::try_on_ignite("pages", |rocket| async {
            match Pages::load() {
                Ok(pages) => Ok(rocket.manage(pages)),
                Err(error) => {
                    tracing::error!(%error, "the texts of the pages can't be read");
                    Err(rocket)
                }
            }
        }))
        .attach(AdHoc::try_on_ignite("room for kept pages", |rocket| async {
            match room(rocket.figment()).and_then(Cache::new) {
                Ok(cache) => Ok(rocket.manage(cache)),
                Err(error) => {
                    tracing::error!(%error, "page_cache: give a size, such as \"32 MiB\", or 0");
                    Err(rocket)
                }
            }
        }))
        .mount("/", all_routes())
        // No page: it looks among the answers that are kept, and forwards all other requests.
        .mount("/", [cache::hook::route()])
        .register("/", fault::catchers())
}

/// The bytes of answers that are kept, as the settings say it (`page_cache`).
fn room(figment: &Figment) -> Result<u64, String> {
    if !figment.contains("page_cache") {
        return Ok(cache::USUAL_SIZE);
    }
    let room = figment.extract_inner::<ByteUnit>("page_cache");
    room.map(ByteUnit::as_u64).map_err(|fault| fault.to_string())
}

/// Every route of the site, grouped by who may call it.
#[must_use]
pub fn all_routes() -> Vec<Route> {
    let for_all = routes![healthz, assets::asset, public::components::show];
    let with_form = routes![public::components::check];
    [for_all, with_form, public::routes(), desk::routes()].concat()
}

/// Words that no chapter may have as its slug: the first part of every path that is not a
/// chapter's, now or later.
pub const RESERVED_SLUGS: [&str; 24] = [
    "api",
    "ban",
    "bn",
    "dang-nhap",
    "dang-xuat",
    "do-dau",
    "en",
    "favicon.ico",
    "gioi-thieu",
    "healthz",
    "kiem-tra",
    "metrics",
    "nhan-chung",
    "phan-anh",
    "public",
    "readyz",
    "rieng-tu",
    "robots.txt",
    "thiet-lap",
    "tiep-can",
    "tinh-lich-tra",
    "tong-hop",
    "tro-giup",
    "vi",
];

/// The process lives.
#[get("/healthz")]
const fn healthz() -> &'static str {
    "ok\n"
}

#[cfg(test)]
mod tests;
