//! Why a command did not do what it was asked, in words for who runs the program.

use std::path::PathBuf;

use super::invented;
use crate::ledger::word::WordFault;
use crate::store::desk::DeskFault;
use crate::store::desk::passphrase::PassphraseFault;
use crate::store::desk::sealing::SealingFault;
use crate::store::{Closure, RecordFault, StoreFault};
use crate::web::config::BaseUrlFault;

/// A command that failed; the status is 1.
#[derive(Debug, thiserror::Error)]
pub enum CliFault {
    /// The data folder or the database.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// What the desk keeps.
    #[error(transparent)]
    Desk(#[from] DeskFault),
    /// A demonstration or a generated history.
    #[error(transparent)]
    Demo(#[from] invented::Fault),
    /// Another folder than one of a demonstration.
    #[error("{folder}: holds another chapter; give the demonstration a folder of its own (--data)")]
    NotADemo {
        /// The folder.
        folder: PathBuf,
    },
    /// Another folder than one of the generated history that was asked for.
    #[error(
        "{folder}: holds another chapter, or a history that was made with other arguments or cut \
         off; give it a folder of its own (--data)"
    )]
    OtherHistory {
        /// The folder.
        folder: PathBuf,
    },
    /// A demonstration whose making was cut off.
    #[error(
        "{folder}: the making of this demonstration was cut off; remove the folder, then again"
    )]
    HalfADemo {
        /// The folder.
        folder: PathBuf,
    },
    /// A file that could not be read or written.
    #[error("{path}: {reason}{}", advice(reason))]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: std::io::Error,
    },
    /// No chapter with this slug.
    #[error("no chapter {slug:?} in {folder}; there {known}")]
    NoChapter {
        /// As typed.
        slug: String,
        /// The data folder.
        folder: PathBuf,
        /// Which there are.
        known: String,
    },
    /// A ledger that takes no writes.
    #[error("/{slug} takes no writes: {closure}")]
    Closed {
        /// The chapter.
        slug: String,
        /// Why.
        closure: Closure,
    },
    /// Faults of a file, each with its row and column.
    #[error("{file}: nothing was booked\n{}", .faults.join("\n"))]
    Statement {
        /// The file.
        file: String,
        /// One line each.
        faults: Vec<String>,
    },
    /// A place, fund or word that does not fit.
    #[error("{0}")]
    Argument(String),
    /// A word out of its form.
    #[error("{0}")]
    Word(#[from] WordFault),
    /// An unknown officer, or one who cannot sign here.
    #[error("{0}")]
    Officer(String),
    /// A passphrase that was not read.
    #[error(transparent)]
    Passphrase(#[from] PassphraseFault),
    /// A passphrase that does not open the key.
    #[error(transparent)]
    Sealing(#[from] SealingFault),
    /// A private value.
    #[error(transparent)]
    Disclosure(#[from] crate::ledger::disclosure::DisclosureFault),
    /// The door said no: nothing of the file was booked.
    #[error("nothing was booked: {what}{fault}")]
    Refused {
        /// Which row, with a colon behind it; empty where it is about none.
        what: String,
        /// Why.
        fault: RecordFault,
    },
    /// The site could not be served.
    #[error("the site does not start: {0}")]
    Launch(String),
    /// The address of the site.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlFault),
    /// The verification could not be carried out.
    #[error(transparent)]
    Verify(#[from] crate::verify::VerifyFault),
    /// A ledger could not be followed.
    #[error(transparent)]
    Follow(#[from] crate::follow::FollowFault),
    /// Missing entries could not be taken.
    #[error(transparent)]
    Refill(#[from] crate::store::facade::RefillFault),
    /// The files could not be written.
    #[error(transparent)]
    Export(#[from] crate::publish::ExportFault),
    /// A day that no calendar has.
    #[error("the clock is not on a day that the books know; set it, or give --today")]
    Day,
    /// A backup that was not made, or is not what it should be.
    #[error("{0}")]
    Copy(String),
    /// Another database was not filled.
    #[error("nothing was moved: {0}")]
    Transfer(#[from] crate::store::transfer::TransferFault),
    /// Threads.
    #[error("this machine gives no threads: {0}")]
    Threads(std::io::Error),
}

/// What to do, where what the operating system says does not tell.
fn advice(reason: &std::io::Error) -> &'static str {
    match reason.kind() {
        std::io::ErrorKind::PermissionDenied => {
            ": run it as a user who has the right to it, such as the one who serves (sudo -u)"
        }
        _ => "",
    }
}

impl CliFault {
    /// A fault of a file.
    pub(super) fn file(path: impl Into<PathBuf>, reason: std::io::Error) -> Self {
        Self::File { path: path.into(), reason }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn who_lacks_a_right_is_told_what_to_do() {
        let said = |kind: ErrorKind| CliFault::file("/data", Error::from(kind)).to_string();
        assert!(said(ErrorKind::PermissionDenied).contains("/data: permission denied: run it as"));
        assert_eq!(said(ErrorKind::StorageFull), "/data: no storage space");
    }
}
