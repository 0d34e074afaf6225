//! What every answer says to browsers, whatever made it: pages, redirects, downloads, faults.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Status;
use rocket::{Request, Response};
use sha2::{Digest as _, Sha256};

use super::config::Config;
use super::i18n::Language;

/// Nothing from elsewhere, nothing inline, no script.
pub const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The policy of the one page that carries its own script and style (it checks a receipt): these
/// two, by the SHA-256 of their bytes, and nothing else. It connects nowhere and sends nothing.
///
/// It stands in the page itself, so that it also holds for a copy that was saved. Frames are a
/// matter of the header alone.
#[must_use]
pub fn sealed_policy(script: &str, style: &str) -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; \
         connect-src 'none'; form-action 'none'; base-uri 'none'",
        hash(script),
        hash(style),
    )
}

/// Set on every answer, over whatever a handler said.
const ALWAYS: [(&str, &str); 1] = [("X-Content-Type-Options", "nosniff")];

/// Set on every answer but 304, over whatever a handler said: there the browser keeps what was said
/// with the page (RFC 9111 section 4.3.4), and unchanged pages are asked for most of all.
const WITH_CONTENT: [(&str, &str); 5] = [
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), \
         browsing-topics=()",
    ),
    ("X-Permitted-Cross-Domain-Policies", "none"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
];

/// Set where a handler said nothing else.
const UNLESS_SAID: [(&str, &str); 3] = [
    ("Content-Security-Policy", CSP),
    ("Referrer-Policy", "same-origin"),
    // Only what says that it may be kept is kept: a shared phone must not show the desk's pages.
    ("Cache-Control", "no-store"),
];

/// A year, this host alone: a commune's other hosts are not ours to bind.
const HSTS: &str = "max-age=31536000";

/// Sets the headers of one answer; doing it twice changes nothing.
pub fn secure(request: &Request<'_>, response: &mut Response<'_>) {
    let unchanged = response.status() == Status::NotModified;
    let with_content = WITH_CONTENT.into_iter().filter(|_| !unchanged);
    for (name, value) in ALWAYS.into_iter().chain(with_content) {
        response.set_raw_header(name, value);
    }
    for (name, value) in UNLESS_SAID {
        if !response.headers().contains(name) {
            response.set_raw_header(name, value);
        }
    }
    if is_secret(request) {
        response.set_raw_header("Referrer-Policy", "no-referrer");
        response.set_raw_header("X-Robots-Tag", "noindex, nofollow");
    }
    if is_https(request) {
        response.set_raw_header("Strict-Transport-Security", HSTS);
    }
}

/// Whether the address itself is a secret: a receipt's, a sponsor's, an invitation's or that by
/// which officers open a ledger, also when the code is wrong or over.
#[must_use]
pub fn is_secret(request: &Request<'_>) -> bool {
    let mut parts = request.uri().path().segments();
    match parts.next() {
        Some("bn" | "do-dau" | "phan-anh") => true,
        Some("dang-nhap") => parts.next() == Some("moi"),
        Some("thiet-lap") => parts.next().is_some(),
        _ => false,
    }
}

fn is_https(request: &Request<'_>) -> bool {
    request.rocket().state::<Config>().is_some_and(|config| config.base_url.is_https())
}

/// The fairing that does it, and remembers the language that a reader chose.
pub struct Headers;

#[rocket::async_trait]
impl Fairing for Headers {
    fn info(&self) -> Info {
        Info { name: "headers", kind: Kind::Response }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        secure(request, response);
        if let Some(cookie) = Language::cookie(request, is_https(request)) {
            response.adjoin_header(&cookie);
        }
    }
}
