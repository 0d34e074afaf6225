//! Room: web. The pages: what people read, type and download.
//!
//! INVARIANT: no rule and no SQL; a handler is read → record or ask → show.
//!
//! | file | what it is |
//! |---|---|
//! | [`config`] | address, name and clock of the site; Rocket's settings |
//! | [`pages`], [`page`] | templates with their filters; an answer in HTML |
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
//! | [`public`] | pages for everybody |
//! | [`printing`] | what papers have in common |
//! | [`signers`] | who signed an entry, in which office |
//! | [`session`], [`desk`] | who is signed in; the pages of officers |

pub mod assets;
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
pub mod mirrors;
pub mod page;
pub mod pages;
pub mod printing;
pub mod public;
pub mod session;
pub mod sheets;
pub mod signers;
pub mod vocabulary;
pub mod words;

pub use config::{BaseUrl, Clock, Config, figment};
pub use cosigning::Cosigning;
pub use fault::Fault;
pub use i18n::Language;
pub use mirrors::Mirrors;
pub use page::Page;
pub use pages::Pages;
pub use sheets::Sheets;

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
        .attach(headers::Headers)
        .attach(guards::PlainMethods)
        .attach(AdHoc::try_on_ignite("pages", |rocket| async {
            match Pages::load() {
                Ok(pages) => Ok(rocket.manage(pages)),
                Err(error) => {
                    tracing::error!(%error, "the texts of the pages can't be read");
                    Err(rocket)
                }
            }
        }))
        .mount("/", all_routes())
        .register("/", fault::catchers())
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
