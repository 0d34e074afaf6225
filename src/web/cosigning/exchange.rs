//! What is said to a witness over HTTP, each in a thread of its own that nobody has to wait for.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::ledger::note::{SignatureLine, SignedCheckpoint, parse_signature_lines};
use crate::ledger::tree::sha256;

/// How long one request may take in all.
const LONGEST: Duration = Duration::from_secs(10);
/// The most bytes of an answer: a note with a hundred signatures is far below.
const MOST: u64 = 64 * 1024;

/// What a witness answered to a submission.
#[derive(Debug, Default)]
pub(super) enum Heard {
    /// 200: signature lines, none of them verified.
    Cosigned(Vec<SignatureLine>),
    /// 409: the size that it knows.
    Known(u64),
    /// Any other status.
    Status(u16),
    /// A 200 or 409 that is none of the protocol's.
    Strange,
    /// No answer.
    #[default]
    Nothing,
}

/// Submits a head (`add-checkpoint`).
pub(super) fn submit(prefix: String, body: String) -> oneshot::Receiver<Heard> {
    in_thread(move || {
        let address = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
        let request = agent().post(&address).header("Content-Type", "text/plain; charset=utf-8");
        match request.send(body) {
            Ok(answer) => heard(answer),
            Err(fault) => {
                tracing::debug!(%address, %fault, "no answer");
                Heard::Nothing
            }
        }
    })
}

fn heard(answer: ureq::http::Response<ureq::Body>) -> Heard {
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let is_size = kind.is_some_and(|kind| kind.split(';').next() == Some("text/x.tlog.size"));
    if status != 200 && status != 409 {
        return Heard::Status(status);
    }
    let Ok(text) = text(answer) else { return Heard::Strange };
    if status == 200 {
        return parse_signature_lines(&text).map_or(Heard::Strange, Heard::Cosigned);
    }
    let digits = text.strip_suffix('\n').unwrap_or_default();
    let size = digits.parse().ok().filter(|size: &u64| is_size && size.to_string() == digits);
    size.map_or(Heard::Strange, Heard::Known)
}

/// The head of a ledger that a witness holds; none when it does not give it out. Nothing about it
/// is verified.
pub(super) fn held(prefix: String, origin: String) -> oneshot::Receiver<Option<SignedCheckpoint>> {
    in_thread(move || {
        let place = sha256(origin.as_bytes());
        let address = format!("{}/{place}/checkpoint", prefix.trim_end_matches('/'));
        let answer = agent().get(&address).call().ok()?;
        let found = answer.status().as_u16() == 200;
        let text = text(answer).ok().filter(|_| found)?;
        SignedCheckpoint::parse(text.as_bytes()).ok()
    })
}

fn text(answer: ureq::http::Response<ureq::Body>) -> Result<String, ureq::Error> {
    answer.into_body().into_with_config().limit(MOST).read_to_string()
}

/// No redirect is followed: a witness is where the officers said that it is.
fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(LONGEST))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false);
    config.build().into()
}

/// A plain thread: a runtime that ends would wait for one of its own.
fn in_thread<T, F>(work: F) -> oneshot::Receiver<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let (done, answer) = oneshot::channel();
    let made = std::thread::Builder::new().name("witness".to_owned()).spawn(move || {
        // Nobody waits any more: the program is ending.
        let _ = done.send(work());
    });
    if let Err(fault) = made {
        tracing::warn!(%fault, "no thread for a witness");
    }
    answer
}
