//! What went wrong, as a status and a page in the reader's language.
//!
//! Faults above 499 are logged under a reference, and only the reference is shown.

use std::convert::Infallible;
use std::error::Error;
use std::io::Cursor;
use std::sync::Mutex;

use minijinja::context;
use minijinja::value::Value;
use rocket::http::{ContentType, Method, RawStr, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::{self, Redirect, Responder};
use rocket::{Catcher, Request, Response, catch, catchers};

use super::page::Page;
use super::{forms, headers};
use crate::store::desk::DeskFault;
use crate::store::{Passing, StoreFault};

/// Seconds after which what passes by itself is worth another try.
const AGAIN: u32 = 30;

/// The methods that routes of ours take.
const METHODS: &str = "GET, HEAD, POST";

/// A cause, for the log.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Everything that ends in a page of its own instead of the one asked for.
///
/// A form that can be mended is no fault: it comes back with its values (`forms`).
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// 400: the request is not one that a page of ours makes.
    #[error("bad request: {0}")]
    BadRequest(Malformed),
    /// 403: understood and refused.
    #[error("forbidden: {0}")]
    Forbidden(Denied),
    /// 303 to the page for signing in, and from there back to this path.
    #[error("not signed in")]
    SignIn(Option<String>),
    /// 404.
    #[error("not found")]
    NotFound,
    /// 409: the state has moved on; the key of the text that says how.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// 413: more bytes than a form or file may have.
    #[error("too large")]
    TooLarge,
    /// 422: well formed, but it can't be done; the key of the text that says why.
    #[error("unprocessable: {0}")]
    Unprocessable(&'static str),
    /// 429: too often; again after so many seconds.
    #[error("too many requests, again in {0} s")]
    TooMany(u32),
    /// 500: a bug or a machine's failure.
    #[error("internal: {0}")]
    Internal(#[source] Cause),
    /// 500: the site was started without a part that it needs.
    #[error("the site runs without its {0}")]
    Unmanaged(&'static str),
    /// 503: not now (database away, ledger closed for writing); again after so many seconds.
    #[error("unavailable, again in {after} s: {cause}")]
    Unavailable {
        /// For the log.
        #[source]
        cause: Cause,
        /// Seconds until a new attempt makes sense.
        after: u32,
    },
    /// 503 for a reason that the reader can be told: the key of the text that says what to do.
    #[error("not now ({text}): {cause}")]
    NotNow {
        /// The key of the text.
        text: &'static str,
        /// For the log.
        #[source]
        cause: Cause,
    },
    /// 503: this server only reads; the address of the one that takes it.
    #[error("this server only reads; it is done at {0}")]
    Elsewhere(String),
    /// Any other status that Rocket or HTTP itself answers with.
    #[error("status {0}")]
    Status(u16),
}

/// Why a request was not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not `application/x-www-form-urlencoded`.
    #[error("not a form")]
    NotAForm,
    /// Escapes or bytes that are no UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A field that the form does not have.
    #[error("unknown field {0:?}")]
    Unknown(String),
    /// A field that came twice.
    #[error("field {0:?} twice")]
    Twice(String),
    /// More fields than a form may have.
    #[error("too many fields")]
    TooMany,
    /// A field that asks to be taken for another method.
    #[error("a _method field")]
    Method,
    /// Something else about the request.
    #[error("malformed")]
    Other,
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It came from a page of another site, or from none.
    #[error("foreign origin")]
    Origin,
    /// Its form was not one that we gave to this visitor.
    #[error("no valid form token")]
    Token,
    /// The officer's role does not allow it.
    #[error("role")]
    Role,
}

impl Fault {
    /// A failure of a machine or of ours: 503 where it passes by itself, otherwise 500.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        let cause = cause.into();
        let of_store = cause.downcast_ref::<StoreFault>().and_then(StoreFault::passing);
        let of_desk = cause.downcast_ref::<DeskFault>().and_then(DeskFault::passing);
        match of_store.or(of_desk) {
            Some(Passing::Busy) => Self::NotNow { text: "fault-503-busy", cause },
            Some(Passing::DiskFull) => Self::NotNow { text: "fault-503-disk", cause },
            Some(Passing::Importing) => Self::NotNow { text: "fault-503-importing", cause },
            Some(Passing::Reading) => Self::NotNow { text: "fault-503-reading", cause },
            Some(Passing::Newer) => Self::NotNow { text: "fault-503-newer", cause },
            None => Self::Internal(cause),
        }
    }

    /// 400: the body broke off on its way; whoever sent it is gone, or sent less than was said.
    #[must_use]
    pub fn cut_off(_: std::io::Error) -> Self {
        Self::BadRequest(Malformed::Other)
    }

    /// The key of the text that says what to do, where a form may be shown again with it.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Conflict(text) | Self::NotNow { text, .. } => Some(*text),
            _ => None,
        }
    }

    /// The fault that a status without more to it stands for.
    #[must_use]
    pub fn from_status(status: Status) -> Self {
        match status.code {
            400 => Self::BadRequest(Malformed::Other),
            403 => Self::Forbidden(Denied::Role),
            404 => Self::NotFound,
            413 => Self::TooLarge,
            422 => Self::Unprocessable("fault-422-text"),
            code => Self::Status(code),
        }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::BadRequest(_) => Status::BadRequest,
            Self::Forbidden(_) => Status::Forbidden,
            Self::SignIn(_) => Status::SeeOther,
            Self::NotFound => Status::NotFound,
            Self::Conflict(_) => Status::Conflict,
            Self::TooLarge => Status::PayloadTooLarge,
            Self::Unprocessable(_) => Status::UnprocessableEntity,
            Self::TooMany(_) => Status::TooManyRequests,
            Self::Internal(_) | Self::Unmanaged(_) => Status::InternalServerError,
            Self::Unavailable { .. } | Self::NotNow { .. } | Self::Elsewhere(_) => {
                Status::ServiceUnavailable
            }
            Self::Status(code) => Status::new(*code),
        }
    }

    /// The keys of the page's title and text, and the field that the text names.
    fn words(&self) -> (&'static str, &'static str, Option<&str>) {
        match self {
            Self::BadRequest(malformed) => {
                let (text, field) = match malformed {
                    Malformed::Unknown(field) => ("fault-400-unknown", Some(field.as_str())),
                    Malformed::Twice(field) => ("fault-400-twice", Some(field.as_str())),
                    Malformed::TooMany => ("fault-400-many", None),
                    Malformed::NotUtf8 => ("fault-400-utf8", None),
                    Malformed::NotAForm | Malformed::Method => ("fault-400-form", None),
                    Malformed::Other => ("fault-400-text", None),
                };
                ("fault-400", text, field)
            }
            Self::Forbidden(Denied::Origin) => ("fault-403", "fault-403-origin", None),
            Self::Forbidden(Denied::Token) => ("fault-403-old", "fault-403-token", None),
            Self::Forbidden(Denied::Role) => ("fault-403", "fault-403-text", None),
            Self::NotFound | Self::SignIn(_) => ("fault-404", "fault-404-text", None),
            Self::Conflict(key) => ("fault-409", key, None),
            Self::TooLarge => ("fault-413", "fault-413-text", None),
            Self::Unprocessable(key) => ("fault-422", key, None),
            Self::TooMany(_) => ("fault-429", "fault-429-text", None),
            Self::NotNow { text, .. } => ("fault-503", text, None),
            Self::Elsewhere(desk) => ("fault-503-away", "fault-503-elsewhere", Some(desk)),
            Self::Unavailable { .. } | Self::Status(503) => ("fault-503", "fault-503-text", None),
            Self::Status(429) => ("fault-429", "fault-429-text", None),
            Self::Status(code) if *code < 500 => ("fault-400", "fault-400-text", None),
            Self::Internal(_) | Self::Unmanaged(_) | Self::Status(_) => {
                ("fault-500", "fault-500-text", None)
            }
        }
    }

    /// Seconds for `Retry-After`.
    pub(super) const fn after(&self) -> Option<u32> {
        match self {
            Self::TooMany(after) | Self::Unavailable { after, .. } => Some(*after),
            Self::NotNow { .. } => Some(AGAIN),
            _ => None,
        }
    }

    /// Leaves the fault for the catcher of this request (a guard can hand on a status only), and
    /// gives what a guard ends with.
    pub fn refuse(self, request: &Request<'_>) -> (Status, Refused) {
        let status = self.status();
        if let Ok(mut left) = request.local_cache(Left::default).0.lock() {
            left.get_or_insert(self);
        }
        (status, Refused)
    }

    /// Logs a fault above 499 under a new reference, and gives that.
    fn log(&self, request: &Request<'_>) -> Option<String> {
        // Where the desk is elsewhere, nothing went wrong.
        if self.status().code < 500 || matches!(self, Self::Elsewhere(_)) {
            return None;
        }
        let mut random = [0; 4];
        let reference = match getrandom::fill(&mut random) {
            Ok(()) => hex::encode(random),
            Err(_) => "00000000".to_owned(),
        };
        // The path alone: a query may hold what somebody typed.
        let (method, path) = (request.method(), log_path(request.uri().path().as_str()));
        tracing::error!(%reference, %method, path, fault = %self, "fault");
        Some(reference)
    }
}

/// A path as the log may hold it: a receipt's code is a secret, and so are a complaint's, a
/// sponsor's link, an invitation's, and that by which officers open a ledger; also where somebody
/// wrote letters of it as escapes.
fn log_path(path: &str) -> &str {
    let plain = RawStr::new(path).percent_decode_lossy();
    match without_secret(&plain) {
        Some(shown) => shown,
        None => path,
    }
}

/// What is shown instead of a path that holds a secret.
fn without_secret(path: &str) -> Option<&'static str> {
    let shown = if path.starts_with("/bn/") {
        "/bn/…"
    } else if path.starts_with("/do-dau/") {
        "/do-dau/…"
    } else if path.starts_with("/phan-anh/") {
        "/phan-anh/…"
    } else if path.starts_with("/dang-nhap/moi/") {
        "/dang-nhap/moi/…"
    } else if path.starts_with("/dang-nhap/lai/") {
        "/dang-nhap/lai/…"
    } else if path.starts_with("/thiet-lap/") {
        "/thiet-lap/…"
    } else {
        return None;
    };
    Some(shown)
}

/// A guard said no; the catcher has the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// A fault on its way from a guard to the catcher.
#[derive(Default)]
struct Left(Mutex<Option<Fault>>);

impl Left {
    fn take(request: &Request<'_>) -> Option<Fault> {
        request.local_cache(Self::default).0.lock().ok().and_then(|mut left| left.take())
    }
}

/// The fault that a guard before this one left, where the request was passed on with it.
pub struct LeftFault(pub Option<Fault>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LeftFault {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self(Left::take(request)))
    }
}

impl<'r> Responder<'r, 'static> for Fault {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let status = self.status();
        if let Self::SignIn(back) = &self {
            let mut response = sign_in(back.as_deref()).respond_to(request)?;
            headers::secure(request, &mut response);
            return Ok(response);
        }
        let reference = self.log(request);
        let (title, text, field) = self.words();
        // What failed on our side, or came from an old page, loses nothing that was typed.
        // Who was too fast has it, too.
        let old = matches!(self, Self::Forbidden(Denied::Token) | Self::TooMany(_));
        let none = (status.code < 500 && !old) || matches!(self, Self::Elsewhere(_));
        let again = if none { None } else { forms::again(request) };
        let again = again.map(|form| {
            let forms::Again { action, token, pairs } = form;
            context! { action, token, pairs }
        });
        let page = Page::new(
            "errors/fault.html",
            context! {
                code => status.code,
                title,
                text,
                field => field.map(shown),
                desk => matches!(self, Self::Elsewhere(_)).then_some(field),
                reference => reference.as_deref(),
                again,
            },
        );
        let mut response = match render(page, request) {
            Some(response) => response,
            None => bare(reference.as_deref()),
        };
        response.set_status(status);
        if let Some(after) = self.after() {
            response.set_raw_header("Retry-After", after.to_string());
        }
        if status == Status::MethodNotAllowed {
            response.set_raw_header("Allow", METHODS);
        }
        // Requests too broken for Rocket are answered past the fairings: set here as well.
        headers::secure(request, &mut response);
        Ok(response)
    }
}

/// The way to the page for signing in. The path to come back to travels as one escaped value.
fn sign_in(back: Option<&str>) -> Redirect {
    let back = back.map(|back| format!("?ve={}", RawStr::new(back).percent_encode()));
    Redirect::to(format!("/dang-nhap{}", back.unwrap_or_default()))
}

/// A name that somebody sent, short enough to be shown.
fn shown(name: &str) -> Value {
    Value::from(name.chars().take(40).collect::<String>())
}

/// The page; `None` where it is the fault page itself that can't be made.
fn render(page: Page, request: &Request<'_>) -> Option<Response<'static>> {
    struct Rendering;
    // A fault page that fails would otherwise end here again, for ever.
    let mut first = false;
    request.local_cache(|| {
        first = true;
        Rendering
    });
    if first { page.respond_to(request).ok() } else { None }
}

/// The last resort: no template, no texts.
fn bare(reference: Option<&str>) -> Response<'static> {
    let html = format!(
        "<!DOCTYPE html><html lang=\"vi\"><title>Lỗi</title><h1>Hệ thống gặp lỗi</h1>\
         <p>Xin thử lại sau ít phút. Mã sự cố: {0}</p>\
         <p lang=\"en\">Something went wrong on our side. Reference: {0}</p>",
        reference.unwrap_or("-")
    );
    Response::build().header(ContentType::HTML).sized_body(html.len(), Cursor::new(html)).finalize()
}

/// Every status that no handler answered.
#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Fault {
    let left = Left::take(request);
    // A method that no route of ours takes; another is looked for among the routes by Rocket.
    let known = matches!(request.method(), Method::Get | Method::Head | Method::Post);
    let status =
        if status == Status::NotFound && !known { Status::MethodNotAllowed } else { status };
    left.unwrap_or_else(|| Fault::from_status(status))
}

/// The catchers of the site.
#[must_use]
pub fn catchers() -> Vec<Catcher> {
    catchers![any]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_holds_no_secret_of_an_address() {
        for (path, shown) in [
            ("/bn/7Q2MX4TB9KD10VHZ", "/bn/…"),
            ("/do-dau/7Q2MX4TB9KD10VHZ", "/do-dau/…"),
            ("/dang-nhap/moi/abc", "/dang-nhap/moi/…"),
            ("/%62n/7Q2MX4TB9KD10VHZ", "/bn/…"),
            ("/bn%2F7Q2MX4TB9KD10VHZ", "/bn/…"),
            ("/dang-nhap/lai/abc", "/dang-nhap/lai/…"),
            ("/thiet-lap/abc", "/thiet-lap/…"),
            ("/thiet-lap", "/thiet-lap"),
            ("/xuan-tay/so/7", "/xuan-tay/so/7"),
        ] {
            assert_eq!(log_path(path), shown);
        }
    }
}
