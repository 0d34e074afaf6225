//! Where a published ledger is read from: a folder or an address.

use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The longest file read whole: a bundle of 256 entries of 65 535 bytes is below 17 MiB.
pub const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// The longest time in which a file that is read whole has to come.
const LONGEST: Duration = Duration::from_secs(600);

/// A published tree of files.
#[derive(Clone, Debug)]
pub enum Source {
    /// A folder, such as `minhbach export` writes.
    Folder(PathBuf),
    /// The address of a ledger, without the final slash.
    Web(String),
    /// Files that something else finds, in a folder of theirs (with its final slash, or empty).
    Files(Arc<dyn Files>, String),
}

/// A tree of published files, wherever they come from.
pub trait Files: fmt::Debug + Send + Sync {
    /// A file as a stream, from its byte `skip` on; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceFault`].
    fn open(&self, path: &str, skip: u64) -> Result<Option<Box<dyn BufRead>>, SourceFault>;

    /// The names in a folder, in any order; `None` when nobody can say.
    ///
    /// # Errors
    /// [`SourceFault`].
    fn list(&self, path: &str) -> Result<Option<Vec<String>>, SourceFault>;

    /// Whether files may become longer while they are read.
    fn may_grow(&self) -> bool;
}

/// Why a file could not be read. A file that is not there is no fault of this kind.
#[derive(Debug, thiserror::Error)]
pub enum SourceFault {
    /// The folder or a file in it.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The network or the server.
    #[error("{address}: {reason}: is the address right, and the network up?")]
    Web {
        /// The address.
        address: String,
        /// What went wrong.
        reason: String,
    },
    /// The server answered, but not with the file.
    #[error("{address}: the server answered {status}{said}")]
    Status {
        /// The address.
        address: String,
        /// The status of the answer.
        status: u16,
        /// What the server says of it, or what to look at, with a sign before it.
        said: String,
    },
    /// Longer than any such file is.
    #[error("{path}: longer than {most} bytes")]
    TooLong {
        /// The file.
        path: String,
        /// What such a file may have.
        most: u64,
    },
    /// It took longer, or more bytes, than were allowed.
    #[error("{path}: {what} used up; what was read is kept, and the next run goes on from there")]
    Spent {
        /// The file at which it ended.
        path: String,
        /// The time or the bytes of this run.
        what: &'static str,
    },
}

impl Source {
    /// An `http://` or `https://` address, or else a folder.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.starts_with("https://") || text.starts_with("http://") {
            Self::Web(text.trim_end_matches('/').to_owned())
        } else {
            Self::Folder(PathBuf::from(text))
        }
    }

    /// The folder or address above; `None` when there is none.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        match self {
            // `2/..` and `.` have parents, too, that only the file system knows.
            Self::Folder(folder) => Some(Self::Folder(folder.join(".."))),
            Self::Web(base) => {
                let (above, _) = base.rsplit_once('/')?;
                above.contains("://").then(|| Self::Web(above.to_owned()))
            }
            Self::Files(files, folder) => {
                let folder = folder.strip_suffix('/')?;
                let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
                Some(Self::Files(files.clone(), above.to_owned()))
            }
        }
    }

    /// Whether the files are published by somebody who may be writing them now.
    #[must_use]
    pub fn may_grow(&self) -> bool {
        match self {
            Self::Folder(_) => false,
            Self::Web(_) => true,
            Self::Files(files, _) => files.may_grow(),
        }
    }

    /// Where the ledger with this number of the chapter lies whose first is here.
    #[must_use]
    pub fn below(&self, number: u32) -> Self {
        match (number, self) {
            (0 | 1, _) => self.clone(),
            (_, Self::Folder(folder)) => Self::Folder(folder.join(number.to_string())),
            (_, Self::Web(base)) => Self::Web(format!("{base}/{number}")),
            (_, Self::Files(files, folder)) => {
                Self::Files(files.clone(), format!("{folder}{number}/"))
            }
        }
    }

    /// The whole of a file; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceFault> {
        self.read_within(path, LONGEST, MOST_BYTES)
    }

    /// The whole of a file of at most so many bytes, which over the web has to come `within` so
    /// long; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn read_within(
        &self,
        path: &str,
        within: Duration,
        most: u64,
    ) -> Result<Option<Vec<u8>>, SourceFault> {
        let reader = self.open_at(path, 0, Some(within))?;
        reader.map(|reader| whole(reader, path, most)).transpose()
    }

    /// A file as a stream; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn open(&self, path: &str) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
        self.open_at(path, 0, None)
    }

    /// A file as a stream from its byte `skip` on; `None` when there is none. Over the web all of
    /// it has to come `within` so long, where that is said.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn open_at(
        &self,
        path: &str,
        skip: u64,
        within: Option<Duration>,
    ) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
        match self {
            Self::Folder(folder) => open_file(&folder.join(path), skip),
            Self::Web(base) => open_address(&format!("{base}/{path}"), skip, within),
            Self::Files(files, folder) => files.open(&format!("{folder}{path}"), skip),
        }
    }

    /// The names of the files in a folder of the tree, sorted; `None` over the web, which has no
    /// listing.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn list(&self, path: &str) -> Result<Option<Vec<String>>, SourceFault> {
        let folder = match self {
            Self::Folder(folder) => folder.join(path),
            Self::Web(_) => return Ok(None),
            Self::Files(files, folder) => {
                let mut names = files.list(&format!("{folder}{path}"))?;
                names.iter_mut().for_each(|names| names.sort_unstable());
                return Ok(names);
            }
        };
        let fault = |source| SourceFault::File { path: folder.display().to_string(), source };
        let listing = match fs::read_dir(&folder) {
            Ok(listing) => listing,
            Err(error) if is_absence(&error) => return Ok(Some(Vec::new())),
            Err(error) => return Err(fault(error)),
        };
        let mut names = Vec::new();
        for file in listing {
            names.push(file.map_err(fault)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(Some(names))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(out, "{}", folder.display()),
            Self::Web(base) => out.write_str(base),
            Self::Files(_, folder) => out.write_str(folder),
        }
    }
}

/// The bytes of a file of at most so many.
///
/// # Errors
/// [`SourceFault`].
pub fn whole(reader: impl Read, path: &str, most: u64) -> Result<Vec<u8>, SourceFault> {
    let mut bytes = Vec::new();
    let fault = |source| SourceFault::File { path: path.to_owned(), source };
    reader.take(most + 1).read_to_end(&mut bytes).map_err(fault)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(SourceFault::TooLong { path: path.to_owned(), most });
    }
    Ok(bytes)
}

/// A folder on the way may be a file: nothing lies below it.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn open_file(path: &Path, skip: u64) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
    let fault = |source| SourceFault::File { path: path.display().to_string(), source };
    match fs::metadata(path) {
        // To open a pipe would wait for ever for somebody who writes to it.
        Ok(known) if !known.is_file() => {
            Err(fault(io::Error::new(io::ErrorKind::InvalidInput, "this is no regular file")))
        }
        Ok(_) => {
            let mut file = fs::File::open(path).map_err(fault)?;
            file.seek(SeekFrom::Start(skip)).map_err(fault)?;
            Ok(Some(Box::new(BufReader::new(file))))
        }
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

/// One for the whole program, so that many small files share a connection.
fn agent() -> &'static ureq::Agent {
    static AGENT: OnceLock<ureq::Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        ureq::Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(60)))
            .http_status_as_error(false)
            .build()
            .into()
    })
}

fn open_address(
    address: &str,
    skip: u64,
    within: Option<Duration>,
) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
    let fault = |reason: String| SourceFault::Web { address: address.to_owned(), reason };
    let mut request = agent().get(address).config().timeout_global(within).build();
    if skip > 0 {
        request = request.header("Range", format!("bytes={skip}-"));
    }
    let answer = request.call().map_err(|error| fault(error.to_string()))?;
    let status = answer.status().as_u16();
    // An answer to a range says where it begins; one that does not is not believed.
    let begins = answer.headers().get("content-range").and_then(|range| range.to_str().ok());
    let asked = begins.is_some_and(|range| range.starts_with(&format!("bytes {skip}-")));
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let is_plain = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/plain"));
    let mut reader: Box<dyn BufRead> = Box::new(BufReader::new(answer.into_body().into_reader()));
    match status {
        200 => {
            io::copy(&mut reader.by_ref().take(skip), &mut io::sink())
                .map_err(|error| fault(error.to_string()))?;
            Ok(Some(reader))
        }
        206 if asked => Ok(Some(reader)),
        // The file ends where the range would begin.
        416 => Ok(Some(Box::new(io::empty()))),
        404 | 410 => Ok(None),
        status => {
            let reason = is_plain.then(|| reason(&mut reader)).flatten();
            let said = match reason {
                Some(reason) => format!(": {reason}"),
                None if status < 500 => ": is the address right?".to_owned(),
                None => ": try again later, or ask who keeps the server".to_owned(),
            };
            Err(SourceFault::Status { address: address.to_owned(), status, said })
        }
    }
}

/// The most signs of a server's reason that are passed on.
const MOST_SIGNS: usize = 200;

/// The first line of what a server says, as far as its first piece holds it; nothing in it moves
/// a cursor or turns a line round.
fn reason(body: &mut dyn BufRead) -> Option<String> {
    let text = String::from_utf8_lossy(body.fill_buf().ok()?).into_owned();
    let line = text.trim_start().lines().next()?;
    let line: String = line.chars().filter(|sign| is_shown(*sign)).take(MOST_SIGNS).collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

fn is_shown(sign: char) -> bool {
    let steers = matches!(
        sign,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !sign.is_control() && !steers
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;

    use super::*;

    /// What is said of an address whose server gives this answer.
    fn said(answer: String) -> String {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let source = Source::new(&format!("http://{}/", server.local_addr().unwrap()));
        let answers = std::thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let mut asked = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while asked.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let said = source.read("checkpoint").unwrap_err().to_string();
        answers.join().unwrap();
        said
    }

    #[test]
    fn why_a_server_gives_no_file_is_passed_on_in_one_plain_line() {
        let answer = |kind: &str, text: &str| {
            let length = text.len();
            format!(
                "HTTP/1.1 503 Service Unavailable\r\nContent-Type: {kind}\r\n\
                 Content-Length: {length}\r\nConnection: close\r\n\r\n{text}"
            )
        };
        let text = "this server has \u{1b}[31mno log\u{202e} key\nand more";
        let told = said(answer("text/plain; charset=utf-8", text));
        assert!(told.ends_with("answered 503: this server has [31mno log key"), "{told}");
        let long = said(answer("text/plain", &"x".repeat(5_000)));
        assert!(long.ends_with(&format!("503: {}", "x".repeat(MOST_SIGNS))), "{long}");
        for (kind, text) in [("text/html", "<p>no</p>"), ("text/plain", "\r\n")] {
            let told = said(answer(kind, text));
            assert!(told.contains("answered 503: try again later"), "{told}");
        }
    }
}
