//! The files of `public/`: one immutable address each, with the file's hash in it.

use std::io::Cursor;

use rocket::http::{ContentType, Status};
use rocket::response::{self, Responder};
use rocket::{Request, Response, get};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::fault::Fault;
use super::page::has_tag;

#[derive(RustEmbed)]
#[folder = "public/"]
struct Public;

/// What may be served, by the end of its name; sources and notes beside them are not.
const TYPES: [(&str, ContentType); 3] =
    [("css", ContentType::CSS), ("js", ContentType::JavaScript), ("svg", ContentType::SVG)];

fn content_type(name: &str) -> Option<ContentType> {
    let (_, end) = name.rsplit_once('.')?;
    TYPES.into_iter().find(|(known, _)| *known == end).map(|(_, content_type)| content_type)
}

/// The first 16 hex digits of a file's SHA-256; `None` for a name that is not served.
#[must_use]
pub fn hash(name: &str) -> Option<String> {
    content_type(name)?;
    Public::get(name).map(|file| short(&file))
}

fn short(file: &EmbeddedFile) -> String {
    let mut hex = hex::encode(file.metadata.sha256_hash());
    hex.truncate(16);
    hex
}

/// The address of a file of `public/`; `None` for a name that is not served.
#[must_use]
pub fn link(name: &str) -> Option<String> {
    hash(name).map(|hash| format!("/public/{hash}/{name}"))
}

/// A picture of `public/` as part of a page, `size` CSS pixels wide and high: one request less than
/// its address costs. It says nothing to who hears the page. `None` for what is no SVG of ours.
#[must_use]
pub fn drawn(name: &str, size: u16) -> Option<String> {
    let file = Public::get(name)?;
    let text = std::str::from_utf8(&file.data).ok()?.trim_end();
    let rest = text.strip_prefix("<svg ")?;
    Some(format!(r#"<svg width="{size}" height="{size}" aria-hidden="true" {rest}"#))
}

/// A file of `public/` as text, for the page that carries it inside; empty for a name that is not
/// served.
#[must_use]
pub fn text(name: &str) -> String {
    let file = content_type(name).and_then(|_| Public::get(name));
    file.map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
}

/// A file that never changes under its address.
pub struct Asset {
    file: EmbeddedFile,
    content_type: ContentType,
}

/// A file of `public/` under the hash of what it holds; another hash is another file: 404.
#[get("/public/<hash>/<name>")]
pub fn asset(hash: &str, name: &str) -> Result<Asset, Fault> {
    let content_type = content_type(name).ok_or(Fault::NotFound)?;
    let file = Public::get(name).filter(|file| short(file) == hash).ok_or(Fault::NotFound)?;
    Ok(Asset { file, content_type })
}

impl<'r> Responder<'r, 'static> for Asset {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let tag = format!("\"{}\"", short(&self.file));
        let mut answer = Response::build();
        answer
            .header(self.content_type)
            .raw_header("Cache-Control", "public, max-age=31536000, immutable");
        if has_tag(request, &tag) {
            return answer.raw_header("ETag", tag).status(Status::NotModified).ok();
        }
        let bytes = self.file.data;
        answer
            .raw_header("ETag", tag)
            .sized_body(bytes.len(), Cursor::new(bytes))
            .max_chunk_size(65_536)
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_drawn_at_a_size_and_nothing_else_is() {
        let icon = drawn("icon.svg", 36).unwrap_or_default();
        assert!(
            icon.starts_with("<svg width=\"36\" height=\"36\" aria-hidden=\"true\" "),
            "{icon}"
        );
        assert!(icon.ends_with("</svg>"), "{icon}");
        assert_eq!(drawn("site.css", 36), None);
        assert_eq!(drawn("nothing.svg", 36), None);
    }

    #[test]
    fn only_styles_scripts_and_pictures_have_an_address() {
        assert!(link("site.css").is_some_and(|link| link.starts_with("/public/")));
        for name in ["README.md", "build.sh", "site.scss", "../Cargo.toml", "nothing.css", "css"] {
            assert_eq!(link(name), None, "{name}");
        }
    }
}
