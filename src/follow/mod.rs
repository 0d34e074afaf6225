//! Room: follow. Ledgers that others keep, from one run to the next: verified copies, remembered
//! heads, evidence.
//!
//! INVARIANT: knows neither our database nor our server; nothing is believed that was not verified,
//! and what was verified once is never given up for less.

pub mod cache;
pub mod copy;
mod diverge;
pub mod evidence;
mod explain;
mod kept;
pub mod memory;
mod moves;
mod patrol;
mod places;
mod sift;
pub mod tiled;
pub mod watch;

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use crate::verify::VerifyFault;
use crate::verify::lineage::checkpoints_until;
use crate::verify::source::{Source, SourceFault};

/// Why a ledger could not be looked at: nothing is said of the ledger itself.
#[derive(Debug, thiserror::Error)]
pub enum FollowFault {
    /// Its files could not be read.
    #[error(transparent)]
    Source(#[from] SourceFault),
    /// There is no checkpoint at the address.
    #[error("{source_name}: there is no checkpoint: is this the address of a ledger?")]
    Nothing {
        /// The address or folder.
        source_name: String,
    },
    /// A ledger that continues another: all of them are followed, from the first.
    #[error("{origin} continues an earlier ledger: give the address of the first one")]
    NotFirst {
        /// The ledger.
        origin: String,
    },
    /// The folder of the copy holds something else.
    #[error("{folder}: holds something else: give an empty folder, or one of an earlier run")]
    Foreign {
        /// The folder.
        folder: PathBuf,
    },
    /// The copy itself is not what was verified: this disk, and not the ledger.
    #[error("{folder}: this copy is damaged ({reason}): move it away, and run again")]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// What does not hold.
        reason: String,
    },
    /// Another run is at work.
    #[error("{folder}: another run is at work there")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// Our own disk.
    #[error("{path}: {reason}")]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        reason: io::Error,
    },
    /// The verification could not be carried out.
    #[error(transparent)]
    Verify(VerifyFault),
}

impl FollowFault {
    fn disk(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |reason| Self::Disk { path, reason }
    }

    /// Whether it is the source that could not be read, and not something here.
    #[must_use]
    pub const fn is_away(&self) -> bool {
        matches!(self, Self::Source(_) | Self::Nothing { .. } | Self::Verify(VerifyFault::Stopped))
    }
}

/// The newest checkpoints of a chapter as a `place` shows them, `files` being its own or a copy of
/// them, `until` some moment at the latest; nothing about them is verified.
///
/// # Errors
/// [`FollowFault::Nothing`] also where no signature stands under what is shown: a page that asks
/// to sign in to the network, or that says with status 200 that nothing is there, is no ledger
/// that does not hold.
fn heads_of(
    files: &Source,
    place: &Source,
    until: Option<Instant>,
) -> Result<Vec<Vec<u8>>, FollowFault> {
    let heads = checkpoints_until(files, until)?;
    let signed = |head: &Vec<u8>| String::from_utf8_lossy(head).contains("\n\u{2014} ");
    match heads.first().is_some_and(signed) {
        true => Ok(heads),
        false => Err(FollowFault::Nothing { source_name: place.to_string() }),
    }
}

impl From<VerifyFault> for FollowFault {
    fn from(fault: VerifyFault) -> Self {
        match fault {
            VerifyFault::Source(fault) => Self::Source(fault),
            fault => Self::Verify(fault),
        }
    }
}
