//! An answer as it is kept: its headers, its bytes, and the same bytes packed.

use std::borrow::Cow;
use std::io::{self, Cursor, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use rocket::http::{ContentType, Status};
use rocket::{Request, Response};

use super::Moment;
use super::coding::takes_gzip;
use crate::web::page::has_tag;

/// Shorter answers are not packed: the headers that say so are longer than what is saved.
const SHORTEST: usize = 512;
/// The most bytes that are handed on at once.
const CHUNK: usize = 256 * 1024;

/// The bytes of an answer under their tag.
struct Variant {
    tag: String,
    bytes: Arc<[u8]>,
}

/// A finished answer (200), for everybody who asks for the same.
pub struct Kept {
    moment: Moment,
    /// All that is said of it beside the tag and the coding, in their order.
    headers: Vec<(String, String)>,
    plain: Variant,
    /// The same with gzip, where that is shorter.
    packed: Option<Variant>,
}

/// An answer is borrowed from its request, so that none of its headers is copied.
struct Given(Arc<Kept>);

impl Kept {
    /// An answer made from a moment: its headers, and the bytes of its body. Packing takes
    /// milliseconds: not for a thread that answers requests.
    ///
    /// Nothing secret is packed beside what a stranger chose: the length of the result would tell
    /// of it (BREACH). What is kept holds no token and nothing private; nothing else is packed.
    ///
    /// # Errors
    /// Those of the packer, which writes to memory.
    pub fn new(moment: Moment, headers: Vec<(String, String)>, bytes: Vec<u8>) -> io::Result<Self> {
        let is = |name: &'static str| move |(own, _): &&(String, String)| is_named(own, name);
        let text = headers.iter().find(is("Content-Type")).is_some_and(|(_, kind)| is_text(kind));
        let tag = headers.iter().find(is("ETag")).map(|(_, tag)| tag.clone()).unwrap_or_default();
        let packed = match text && bytes.len() >= SHORTEST {
            true => Some(pack(&bytes)?).filter(|packed| packed.len() < bytes.len()),
            false => None,
        };
        let packed = packed.map(|packed| Variant { tag: packed_tag(&tag), bytes: packed.into() });
        let mut kept: Vec<(String, String)> = Vec::new();
        let mut vary: Vec<String> = Vec::new();
        for (name, value) in headers {
            if is_named(&name, "Vary") {
                vary.push(value);
            } else if !is_named(&name, "ETag") && !is_named(&name, "Content-Length") {
                kept.push((name, value));
            }
        }
        if packed.is_some() {
            vary.push("Accept-Encoding".to_owned());
        }
        if !vary.is_empty() {
            kept.push(("Vary".to_owned(), vary.join(", ")));
        }
        let plain = Variant { tag, bytes: bytes.into() };
        Ok(Self { moment, headers: kept, plain, packed })
    }

    /// What it was made from.
    #[must_use]
    pub const fn moment(&self) -> Moment {
        self.moment
    }

    /// Its bytes, packed and not.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let packed = self.packed.as_ref().map_or(0, |packed| packed.bytes.len());
        u64::try_from(self.plain.bytes.len() + packed).unwrap_or(u64::MAX)
    }

    /// The answer to a request: 304 for who has it.
    pub fn respond<'r>(self: Arc<Self>, request: &'r Request<'_>) -> Response<'r> {
        let Given(kept) = request.local_cache(|| Given(self));
        let packed = kept.packed.as_ref();
        let packed = packed.filter(|_| takes_gzip(request.headers().get("Accept-Encoding")));
        let variant = packed.unwrap_or(&kept.plain);
        let unchanged = !variant.tag.is_empty() && has_tag(request, &variant.tag);
        let mut answer = Response::new();
        for (name, value) in &kept.headers {
            // Of an unchanged answer nothing is said that who has it knows already.
            if !(unchanged && is_of_the_content(name)) {
                answer.adjoin_raw_header(name.as_str(), value.as_str());
            }
        }
        if !variant.tag.is_empty() {
            answer.adjoin_raw_header("ETag", variant.tag.as_str());
        }
        if unchanged {
            answer.set_status(Status::NotModified);
            return answer;
        }
        if packed.is_some() {
            answer.adjoin_raw_header("Content-Encoding", "gzip");
        }
        let length = variant.bytes.len();
        answer.set_sized_body(length, Cursor::new(variant.bytes.clone()));
        // One more than there is: the end is seen without another buffer.
        answer.set_max_chunk_size(CHUNK.min(length + 1));
        answer
    }
}

/// The headers of an answer as they are kept.
#[must_use]
pub fn headers(response: &Response<'_>) -> Vec<(String, String)> {
    let own = |text: Cow<'_, str>| text.into_owned();
    let all = response.headers().iter();
    all.map(|header| (header.name.to_string(), own(header.value))).collect()
}

fn is_named(name: &str, other: &str) -> bool {
    name.eq_ignore_ascii_case(other)
}

/// Whether a header describes the bytes that are not sent with 304.
fn is_of_the_content(name: &str) -> bool {
    name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-"))
        && !is_named(name, "Content-Security-Policy")
}

/// Whether bytes of a type are text, and not packed already.
fn is_text(kind: &str) -> bool {
    ContentType::parse_flexible(kind).is_some_and(|kind| {
        let sub = kind.sub().as_str();
        kind.top() == "text" || sub == "json" || sub.ends_with("+json") || sub.ends_with("xml")
    })
}

/// The tag of the packed bytes. A weak one stands for both; a strong one is for the very bytes.
fn packed_tag(tag: &str) -> String {
    match tag.strip_suffix('"') {
        Some(start) if !tag.starts_with("W/") => format!("{start}-gz\""),
        _ => tag.to_owned(),
    }
}

fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}
