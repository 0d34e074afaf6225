//! An answer that is a file: the published tree, tables, receipts.

use std::io::{self, Cursor};
use std::pin::Pin;
use std::task::{Context, Poll};

use rocket::futures::Stream;
use rocket::http::{ContentType, Status};
use rocket::response::stream::ReaderStream;
use rocket::response::{self, Responder};
use rocket::tokio::io::{AsyncRead, ReadBuf};
use rocket::{Request, Response};

use crate::web::cache::hook;
use crate::web::page::has_tag;

/// How long a copy may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// For ever: these bytes never change.
    ForEver,
    /// It is asked about each time.
    Checked,
    /// Nothing is kept.
    Nothing,
}

/// A part of a file that is made while it is sent; an error breaks the connection, so that nobody
/// takes half a file for the whole.
pub type Part = Result<Vec<u8>, io::Error>;

enum Body {
    Whole(Vec<u8>),
    Parts(Pin<Box<dyn Stream<Item = Part> + Send>>),
}

/// A file.
pub struct Download {
    kind: ContentType,
    keep: Keep,
    tag: Option<String>,
    /// Whether browsers show or save it, and under which name.
    name: Option<(&'static str, String)>,
    public: bool,
    body: Body,
}

impl Download {
    /// A file of the published tree or of public figures: other sites may read it, too.
    #[must_use]
    pub fn whole(kind: ContentType, keep: Keep, body: impl Into<Vec<u8>>) -> Self {
        let body = Body::Whole(body.into());
        Self { kind, keep, tag: None, name: None, public: true, body }
    }

    /// The same, made while it is sent.
    #[must_use]
    pub fn parts(
        kind: ContentType,
        keep: Keep,
        parts: impl Stream<Item = Part> + Send + 'static,
    ) -> Self {
        let body = Body::Parts(Box::pin(parts));
        Self { kind, keep, tag: None, name: None, public: true, body }
    }

    /// The tag by which a copy is asked about, without quotes: letters, digits, hyphens.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// The name under which browsers save it: ASCII letters, digits, dots and hyphens.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(("attachment", name.into()));
        self
    }

    /// The same for a file that browsers show.
    #[must_use]
    pub fn shown_as(mut self, name: impl Into<String>) -> Self {
        self.name = Some(("inline", name.into()));
        self
    }

    /// A file under an address that is a secret: no other site reads it.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.public = false;
        self
    }
}

impl<'r> Responder<'r, 'static> for Download {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut answer = Response::build();
        answer.header(self.kind).raw_header(
            "Cache-Control",
            match self.keep {
                Keep::ForEver => "public, max-age=31536000, immutable",
                Keep::Checked => "no-cache",
                Keep::Nothing => "no-store",
            },
        );
        if self.public {
            answer.raw_header("Access-Control-Allow-Origin", "*");
            answer.raw_header("Cross-Origin-Resource-Policy", "cross-origin");
        }
        if let Some(tag) = self.tag {
            let tag = format!("\"{tag}\"");
            answer.raw_header("ETag", tag.clone());
            // What is made while it is sent may be as long as the ledger: it is not kept.
            let whole = matches!(self.body, Body::Whole(_));
            let fit = whole && self.public && self.keep == Keep::Checked;
            let offered = fit && hook::offer(request);
            if !offered && has_tag(request, &tag) {
                return answer.status(Status::NotModified).ok();
            }
        }
        if let Some((place, name)) = self.name {
            answer.raw_header("Content-Disposition", format!("{place}; filename=\"{name}\""));
        }
        match self.body {
            Body::Whole(bytes) => answer.sized_body(bytes.len(), Cursor::new(bytes)),
            Body::Parts(parts) => answer.streamed_body(ReaderStream::from(Pieces(parts))),
        };
        answer.max_chunk_size(65_536).ok()
    }
}

/// Parts as readers, which is what can fail half-way.
struct Pieces(Pin<Box<dyn Stream<Item = Part> + Send>>);

impl Stream for Pieces {
    type Item = Piece;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        self.0.as_mut().poll_next(context).map(|part| part.map(|part| Piece(part.map(Cursor::new))))
    }
}

/// One part, or the error that it could not be made for.
struct Piece(Result<Cursor<Vec<u8>>, io::Error>);

impl AsyncRead for Piece {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Ok(bytes) => Pin::new(bytes).poll_read(context, buffer),
            Err(fault) => Poll::Ready(Err(io::Error::new(fault.kind(), fault.to_string()))),
        }
    }
}
