//! A form with a file (`multipart/form-data`, RFC 7578), read strictly and in memory: no part of a
//! bank statement ever lies in a temporary file.

use rocket::data::{FromData, Outcome};
use rocket::futures::stream;
use rocket::tokio::io::{AsyncReadExt as _, copy, sink};
use rocket::{Data, Request};
use zeroize::Zeroizing;

use crate::web::fault::{Fault, Malformed, Refused};

use super::Fields;

/// The limit of a statement's bytes: the whole body, 48 MiB unless the operator says otherwise.
const LIMIT: &str = "statement";
/// The field that holds the file.
const FILE: &str = "file";
/// Parts of such a form, at most.
const MOST_PARTS: usize = 20;
/// The most bytes of a part that is no file.
const MOST_TEXT: usize = 4_096;
/// The longest name of a file that is kept, in characters.
const MOST_NAME: usize = 120;
/// How much of a body that is too large is read to its end, as a multiple of the limit: a browser
/// that is cut off while it sends shows its own error instead of ours.
const PATIENCE: u64 = 8;

/// A file that somebody sent.
pub struct Upload {
    /// Its own name without folders, clean; empty where the browser gives none.
    pub name: String,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// A form with one file, its token checked; or a body that was too large to be looked at.
pub enum Statement {
    /// The form's other fields, and the file where one was chosen.
    Sent(Fields, Option<Upload>),
    /// More bytes than the limit (in bytes).
    TooLarge(u64),
}

impl Statement {
    async fn read(request: &Request<'_>, data: Data<'_>) -> Result<Self, Fault> {
        let boundary = request
            .content_type()
            .filter(|content_type| content_type.is_form_data())
            .and_then(|content_type| content_type.param("boundary"))
            .ok_or(Fault::BadRequest(Malformed::NotAForm))?
            .to_owned();
        // A limit that nobody set is no limit of ours: nothing is read.
        let limit = request.limits().get(LIMIT).unwrap_or_default();
        let mut stream = data.open(limit * PATIENCE);
        let mut body = Vec::new();
        let most = limit.as_u64();
        (&mut stream).take(most + 1).read_to_end(&mut body).await.map_err(Fault::cut_off)?;
        if body.len() as u64 > most {
            copy(&mut stream, &mut sink()).await.map_err(Fault::cut_off)?;
            return Ok(Self::TooLarge(most));
        }
        let (fields, file) = parts(body, &boundary).await.map_err(Fault::BadRequest)?;
        Ok(Self::Sent(Fields::of(fields).checked(request)?, file))
    }
}

type Parts = (Vec<(String, Zeroizing<String>)>, Option<Upload>);

async fn parts(body: Vec<u8>, boundary: &str) -> Result<Parts, Malformed> {
    let whole = stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut multipart = multer::Multipart::new(whole, boundary);
    let (mut fields, mut file) = (Vec::new(), None);
    let mut number = 0;
    while let Some(part) = multipart.next_field().await.map_err(|_| Malformed::Other)? {
        number += 1;
        if number > MOST_PARTS {
            return Err(Malformed::TooMany);
        }
        let name = part.name().ok_or(Malformed::Other)?.to_owned();
        let file_name = part.file_name().map(own_name);
        let bytes = part.bytes().await.map_err(|_| Malformed::Other)?;
        match file_name {
            Some(_) if name != FILE => return Err(Malformed::Unknown(name)),
            Some(_) if file.is_some() => return Err(Malformed::Twice(name)),
            // No file was chosen: browsers send an empty one without a name.
            Some(own) if own.is_empty() && bytes.is_empty() => {}
            Some(own) => file = Some(Upload { name: own, bytes: Zeroizing::new(bytes.to_vec()) }),
            None if bytes.len() > MOST_TEXT => return Err(Malformed::Other),
            None => {
                let text = std::str::from_utf8(&bytes).map_err(|_| Malformed::NotUtf8)?;
                fields.push((name, Zeroizing::new(text.to_owned())));
            }
        }
    }
    Ok((fields, file))
}

/// The file's own name: no folders of somebody's machine, nothing invisible, not too long. It is
/// shown and kept, never used as a path.
fn own_name(sent: &str) -> String {
    let own = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let own = crate::import::text::clean(own);
    own.chars().take(MOST_NAME).collect::<String>().trim().to_owned()
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Statement {
    type Error = Refused;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match Self::read(request, data).await {
            Ok(statement) => Outcome::Success(statement),
            Err(fault) => Outcome::Error(fault.refuse(request)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn part(name: &str, file: Option<&str>, text: &str) -> String {
        let file = file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        let head = format!("Content-Disposition: form-data; name=\"{name}\"{file}");
        format!("--x\r\n{head}\r\n\r\n{text}\r\n")
    }

    async fn read(parts_of: &[String]) -> Result<Parts, Malformed> {
        parts(format!("{}--x--\r\n", parts_of.concat()).into_bytes(), "x").await
    }

    #[tokio::test]
    async fn a_form_has_one_file_and_its_fields() {
        let sent = [part("place", None, "vietinbank"), part("file", Some("a.csv"), "x,y\r\n1,2")];
        let (fields, file) = read(&sent).await.unwrap();
        assert_eq!(fields, [("place".to_owned(), Zeroizing::new("vietinbank".to_owned()))]);
        let file = file.unwrap();
        assert_eq!(
            (file.name.as_str(), file.bytes.as_slice()),
            ("a.csv", b"x,y\r\n1,2".as_slice())
        );
        assert!(read(&[part("file", Some(""), "")]).await.unwrap().1.is_none());
    }

    #[tokio::test]
    async fn what_no_page_of_ours_sends_is_refused() {
        let refused = async |sent: &[String]| read(sent).await.err();
        let file = part("file", Some("a.csv"), "x");
        assert_eq!(refused(&[file.clone(), file]).await, Some(Malformed::Twice("file".into())));
        let other = part("scan", Some("a.csv"), "x");
        assert_eq!(refused(&[other]).await, Some(Malformed::Unknown("scan".into())));
        assert_eq!(refused(&vec![part("a", None, "x"); 21]).await, Some(Malformed::TooMany));
        assert_eq!(refused(&[part("a", None, &"x".repeat(5_000))]).await, Some(Malformed::Other));
        assert_eq!(parts(b"no parts at all".to_vec(), "x").await.err(), Some(Malformed::Other));
        let cut = part("file", Some("a.csv"), "x").replace("x\r\n", "x");
        assert_eq!(parts(cut.into_bytes(), "x").await.err(), Some(Malformed::Other));
    }

    #[test]
    fn a_files_name_is_its_own_name_alone() {
        for (sent, own) in [
            ("sao kê.csv", "sao kê.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\Lan\\t9.csv", "t9.csv"),
            ("a\r\nSet-Cookie: x.csv", "a Set-Cookie: x.csv"),
            ("a\u{202e}vsc.csv", "avsc.csv"),
            ("<script>.csv", "<script>.csv"),
            ("thư mục/", ""),
        ] {
            assert_eq!(own_name(sent), own, "{sent}");
        }
        assert_eq!(own_name(&"ổ".repeat(300)).chars().count(), MOST_NAME);
    }
}
