//! An answer in HTML: what all of them have in common, and what may be kept of them.

use std::io::Cursor;
use std::num::NonZeroU16;

use minijinja::context;
use minijinja::value::Value;
use rocket::http::{ContentType, Status};
use rocket::response::{self, Responder};
use rocket::{Request, Response};

use super::assets;
use super::cache::hook;
use super::config::Config;
use super::fault::Fault;
use super::i18n::{Language, same_page};
use super::pages::Pages;

/// What a browser or a proxy may keep of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Keep {
    /// Nothing at all: the default.
    Nothing,
    /// A copy that is asked about each time; the text names the state that the page shows.
    Checked(String),
}

/// An answer in HTML, in the reader's language.
#[derive(Clone, Debug)]
pub struct Page {
    template: &'static str,
    context: Value,
    status: Status,
    keep: Keep,
    chapter: Option<(String, String)>,
    private_address: bool,
    policy: Option<String>,
    retry_after: Option<NonZeroU16>,
    refresh: Option<NonZeroU16>,
}

impl Page {
    /// A page of a template (its path under `templates/`) with the values that it shows.
    ///
    /// Beside them every template has `page`: `path`, `switch` (this page in the other language),
    /// `other` (that language's tag), `base` (address of the site), `home` {`name`,`href`},
    /// and of the server that takes what this one only shows, `desk` (before its paths; empty where
    /// this server takes it itself) and `here` (this page on it).
    #[must_use]
    pub fn new(template: &'static str, context: Value) -> Self {
        Self {
            template,
            context,
            status: Status::Ok,
            keep: Keep::Nothing,
            chapter: None,
            private_address: false,
            policy: None,
            retry_after: None,
            refresh: None,
        }
    }

    /// The page under another status, such as 422 for a form with faults.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Says in how many seconds a new try makes sense (`Retry-After`, RFC 9110 section 10.2.3).
    #[must_use]
    pub const fn retry_after(mut self, seconds: u16) -> Self {
        self.retry_after = NonZeroU16::new(seconds);
        self
    }

    /// Has the browser ask for the page again after so many seconds.
    #[must_use]
    pub const fn refresh(mut self, seconds: u16) -> Self {
        self.refresh = NonZeroU16::new(seconds);
        self
    }

    /// Names the chapter in the header, and the path of its own page.
    #[must_use]
    pub fn chapter(mut self, name: impl Into<String>, href: impl Into<String>) -> Self {
        self.chapter = Some((name.into(), href.into()));
        self
    }

    /// A public page that shows nothing but the state `state` (such as the ledger's head): it may
    /// be kept, and 304 answers whoever has it.
    #[must_use]
    pub fn of_state(mut self, state: impl Into<String>) -> Self {
        self.keep = Keep::Checked(state.into());
        self
    }

    /// A page whose address is a secret (a receipt): no link from it tells where it came from.
    #[must_use]
    pub const fn private_address(mut self) -> Self {
        self.private_address = true;
        self
    }

    /// Another content security policy than every page has: for the page that checks a receipt,
    /// which carries its script, and no other.
    #[must_use]
    pub fn policy(mut self, policy: String) -> Self {
        self.policy = Some(policy);
        self
    }

    fn html(&self, request: &Request<'_>, language: Language) -> Result<String, Fault> {
        let pages = request.rocket().state::<Pages>().ok_or(Fault::Unmanaged("Pages"))?;
        let config = request.rocket().state::<Config>().ok_or(Fault::Unmanaged("Config"))?;
        let (name, href) = self
            .chapter
            .as_ref()
            .map_or((config.name.as_str(), "/"), |(name, href)| (name.as_str(), href.as_str()));
        let page = context! {
            path => request.uri().path().as_str(),
            switch => same_page(request, language.other()),
            other => language.other().tag(),
            base => config.base_url.origin(),
            desk => desk_of(config),
            here => format!("{}{}", desk_of(config), request.uri()),
            home => context! { name, href },
        };
        let context = context! { page, ..self.context.clone() };
        pages.render(language, self.template, context).map_err(Fault::internal)
    }
}

impl<'r> Responder<'r, 'static> for Page {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let language = Language::of(request);
        let mut answer = Response::build();
        answer
            .header(ContentType::HTML)
            .raw_header("Content-Language", language.tag())
            .raw_header("Vary", "Cookie");
        if let Some(seconds) = self.retry_after {
            answer.raw_header("Retry-After", seconds.to_string());
        }
        if let Some(seconds) = self.refresh {
            answer.raw_header("Refresh", seconds.to_string());
        }
        if self.private_address {
            answer.raw_header("Referrer-Policy", "no-referrer");
        }
        if let Some(policy) = &self.policy {
            answer.raw_header("Content-Security-Policy", policy.clone());
        }
        if let Keep::Checked(state) = &self.keep {
            let desk = request.rocket().state::<Config>().map_or("", desk_of);
            let tag = entity_tag(state, language, desk);
            answer.raw_header("Cache-Control", "no-cache").raw_header("ETag", tag.clone());
            let offered =
                self.status == Status::Ok && !self.private_address && hook::offer(request);
            if self.status == Status::Ok && !offered && has_tag(request, &tag) {
                return answer.status(Status::NotModified).ok();
            }
        }
        match self.html(request, language) {
            Ok(html) => answer
                .status(self.status)
                .sized_body(html.len(), Cursor::new(html))
                .max_chunk_size(65_536)
                .ok(),
            Err(fault) => fault.respond_to(request),
        }
    }
}

/// What stands before the paths of those who sign in and send forms; empty for this server.
fn desk_of(config: &Config) -> &str {
    config.desk.as_ref().map_or("", |desk| desk.origin())
}

/// The tag of a page: what it shows, its language, where it leads those who sign in, and the build
/// that renders it.
fn entity_tag(state: &str, language: Language, desk: &str) -> String {
    let style = assets::hash("site.css").unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    format!("W/\"{state}-{}-{version}-{style}{desk}\"", language.tag())
}

/// Whether `If-None-Match` holds a tag (weak comparison, RFC 9110 section 13.1.2).
#[must_use]
pub fn has_tag(request: &Request<'_>, tag: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        tag.trim().trim_start_matches("W/")
    }
    request
        .headers()
        .get("If-None-Match")
        .flat_map(|held| held.split(','))
        .any(|held| held.trim() == "*" || opaque(held) == opaque(tag))
}
