//! Where a published ledger is read from: a folder or an address.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest file read whole: a bundle of 256 entries of 65 535 bytes is below 17 MiB.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// A published tree of files.
#[derive(Clone, Debug)]
pub enum Source {
    /// A folder, such as `minhbach export` writes.
    Folder(PathBuf),
    /// The address of a ledger, without the final slash.
    Web(String),
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
    /// Longer than any such file is.
    #[error("{path}: longer than {MOST_BYTES} bytes")]
    TooLong {
        /// The file.
        path: String,
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
        }
    }

    /// Where the ledger with this number of the chapter lies whose first is here.
    #[must_use]
    pub fn below(&self, number: u32) -> Self {
        match (number, self) {
            (0 | 1, _) => self.clone(),
            (_, Self::Folder(folder)) => Self::Folder(folder.join(number.to_string())),
            (_, Self::Web(base)) => Self::Web(format!("{base}/{number}")),
        }
    }

    /// The whole of a file; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceFault> {
        let Some(reader) = self.open(path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let fault = |source| SourceFault::File { path: path.to_owned(), source };
        reader.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(fault)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
            return Err(SourceFault::TooLong { path: path.to_owned() });
        }
        Ok(Some(bytes))
    }

    /// A file as a stream; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn open(&self, path: &str) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
        match self {
            Self::Folder(folder) => open_file(&folder.join(path)),
            Self::Web(base) => open_address(&format!("{base}/{path}")),
        }
    }

    /// The names of the files in a folder of the tree, sorted; `None` over the web, which has no
    /// listing.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn list(&self, path: &str) -> Result<Option<Vec<String>>, SourceFault> {
        let Self::Folder(folder) = self else { return Ok(None) };
        let folder = folder.join(path);
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

impl std::fmt::Display for Source {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(out, "{}", folder.display()),
            Self::Web(base) => out.write_str(base),
        }
    }
}

/// A folder on the way may be a file: nothing lies below it.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn open_file(path: &Path) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
    let fault = |source| SourceFault::File { path: path.display().to_string(), source };
    match fs::metadata(path) {
        // To open a pipe would wait for ever for somebody who writes to it.
        Ok(known) if !known.is_file() => {
            Err(fault(io::Error::new(io::ErrorKind::InvalidInput, "this is no regular file")))
        }
        Ok(_) => {
            let file = fs::File::open(path).map_err(fault)?;
            Ok(Some(Box::new(BufReader::new(file))))
        }
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

fn open_address(address: &str) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(20)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .http_status_as_error(false)
        .build()
        .into();
    let fault = |reason: String| SourceFault::Web { address: address.to_owned(), reason };
    let answer = agent.get(address).call().map_err(|error| fault(error.to_string()))?;
    match answer.status().as_u16() {
        200 => Ok(Some(Box::new(BufReader::new(answer.into_body().into_reader())))),
        404 | 410 => Ok(None),
        status => Err(fault(format!("the server answered {status}"))),
    }
}
