//! What went wrong, for programs: `application/problem+json` (RFC 9457).

use std::io::Cursor;

use rocket::http::{ContentType, Status};
use rocket::response::{self, Responder};
use rocket::{Request, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::Fault;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The words of the status.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Seconds until a new try makes sense.
    #[serde(skip)]
    #[schema(ignore)]
    pub after: Option<u32>,
}

impl Problem {
    const fn new(status: u16, title: &'static str) -> Self {
        Self { kind: "about:blank", title, status, detail: None, after: None }
    }

    /// Nothing there.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// A request that can't be understood.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(400, "Bad Request") }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let after = fault.after();
        match fault.status().code {
            400 | 422 => Self::new(400, "Bad Request"),
            404 => Self::not_found(),
            503 => {
                tracing::error!(%fault, "fault of the API");
                Self { after, ..Self::new(503, "Service Unavailable") }
            }
            _ => {
                tracing::error!(%fault, "fault of the API");
                Self::new(500, "Internal Server Error")
            }
        }
    }
}

impl<'r> Responder<'r, 'static> for Problem {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let body = serde_json::to_vec(&self).map_err(|_| Status::InternalServerError)?;
        let mut answer = Response::build();
        answer
            .status(Status::new(self.status))
            .header(ContentType::new("application", "problem+json"))
            .raw_header("Access-Control-Allow-Origin", "*")
            .raw_header("Cross-Origin-Resource-Policy", "cross-origin");
        if let Some(after) = self.after {
            answer.raw_header("Retry-After", after.to_string());
        }
        answer.sized_body(body.len(), Cursor::new(body)).ok()
    }
}
