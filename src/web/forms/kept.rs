//! What was typed, kept for the answer to a request that failed.
//!
//! A handler that ends in a passing fault has lost its form; the fault's page offers it again from
//! here. Secrets and the token are never kept.

use std::sync::Mutex;

use rocket::data::{FromData, Outcome, ToByteUnit as _};
use rocket::http::Method;
use rocket::{Data, Request};

use super::Fields;
use crate::web::fault::{Fault, Refused};
use crate::web::guards::{FormSecret, TOKEN};

/// Fields that are never kept: secrets, and the token.
const UNSAID: [&str; 7] =
    ["passphrase", "new_passphrase", "again", "secret", "one_time", "recovery", TOKEN];
/// The button that was pressed. What is sent again at once is sent as it was; what is gone on with
/// after a new sign-in is looked at once more.
const STEP: &str = "step";

/// Names and values of a form, as they came.
pub type Pairs = Vec<(String, String)>;

/// The form of this request.
#[derive(Default)]
struct Typed(Mutex<Pairs>);

/// Keeps a form for the answer of this request.
pub(super) fn keep(request: &Request<'_>, fields: &Fields) {
    put(request, pairs(fields));
}

/// The same of a form that was opened in another session, perhaps by somebody else: it is looked at
/// once more.
pub(super) fn keep_old(request: &Request<'_>, fields: &Fields) {
    put(request, without_step(pairs(fields)));
}

fn put(request: &Request<'_>, pairs: Pairs) {
    if let Ok(mut typed) = request.local_cache(Typed::default).0.lock() {
        *typed = pairs;
    }
}

fn without_step(mut pairs: Pairs) -> Pairs {
    pairs.retain(|(name, _)| name != STEP);
    pairs
}

fn pairs(fields: &Fields) -> Pairs {
    let said = fields.pairs().filter(|(name, _)| !UNSAID.contains(name) && !is_secret(name));
    said.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A passphrase of the first run: `treasurer_pass`, `chair_again` …
fn is_secret(name: &str) -> bool {
    name.ends_with("_pass") || name.ends_with("_again")
}

/// A form that can be sent again: its path, its token, what was typed.
pub struct Again {
    /// The path that it was sent to.
    pub action: String,
    /// The token of the visitor's form of that path.
    pub token: String,
    /// What was typed.
    pub pairs: Pairs,
}

/// The form of a request that is being answered; `None` where there is nothing to send again.
pub fn again(request: &Request<'_>) -> Option<Again> {
    if request.method() != Method::Post {
        return None;
    }
    let pairs = std::mem::take(&mut *request.local_cache(Typed::default).0.lock().ok()?);
    let action = request.uri().path().as_str().to_owned();
    let token = FormSecret::held(request)?.token(&action);
    (!pairs.is_empty()).then_some(Again { action, token, pairs })
}

/// A form whose session has ended or could not be read: its token is looked at when it is sent
/// again.
pub struct Late {
    /// The path that it was sent to.
    pub path: String,
    /// What was typed. A file can't be offered again by a page: of a form with one, nothing.
    pub pairs: Pairs,
    /// Whether there was a file.
    pub with_file: bool,
}

impl Late {
    async fn read(request: &Request<'_>, data: Data<'_>) -> Result<Self, Fault> {
        let body = data.open(512.kibibytes()).into_bytes().await.map_err(Fault::cut_off)?;
        if !body.is_complete() {
            return Err(Fault::TooLarge);
        }
        let path = request.uri().path().as_str().to_owned();
        if request.content_type().is_some_and(|content_type| content_type.is_form_data()) {
            return Ok(Self { path, pairs: Vec::new(), with_file: true });
        }
        let fields = Fields::parse(&body, 3_000).map_err(Fault::BadRequest)?;
        keep(request, &fields);
        Ok(Self { path, pairs: without_step(pairs(&fields)), with_file: false })
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Late {
    type Error = Refused;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match Self::read(request, data).await {
            Ok(late) => Outcome::Success(late),
            Err(fault) => Outcome::Error(fault.refuse(request)),
        }
    }
}
