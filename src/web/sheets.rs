//! Excel files that people bring: read by a process of its own, one after the other.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::import::sheet::{SheetFault, read};

/// The most bytes of the table that comes back.
const MOST_BACK: u64 = 32 << 20;

/// One file at a time: so much memory is there.
static TURN: Mutex<()> = Mutex::new(());

/// Who reads Excel files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sheets {
    /// This very process, as in tests.
    #[default]
    Here,
    /// This program, started anew with limits.
    Beside(PathBuf),
}

impl Sheets {
    /// The first sheet of a file, as CSV. Takes a while: not for the web's own threads.
    ///
    /// # Errors
    /// [`SheetFault`]; a process that ran into its limits is one, too.
    pub fn csv(&self, bytes: &[u8]) -> Result<Vec<u8>, SheetFault> {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        match self {
            Self::Here => read(bytes),
            Self::Beside(program) => beside(program, bytes),
        }
    }
}

fn beside(program: &PathBuf, bytes: &[u8]) -> Result<Vec<u8>, SheetFault> {
    let failed = |fault: std::io::Error| {
        tracing::error!(%fault, "the reader of Excel files");
        SheetFault::Unreadable
    };
    let mut child = Command::new(program)
        .arg("read-sheet")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let mut csv = Vec::new();
    let came = std::thread::scope(|scope| {
        // A child that ends early closes its end: what it says counts, not this.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(bytes)));
        stdout.map(|stdout| stdout.take(MOST_BACK + 1).read_to_end(&mut csv))
    });
    if csv.len() as u64 > MOST_BACK {
        // Whatever it goes on writing nobody reads.
        let _ = child.kill();
    }
    let ended = child.wait().map_err(failed)?;
    if csv.len() as u64 > MOST_BACK {
        return Err(SheetFault::TooLarge);
    }
    match came {
        Some(Ok(_)) if ended.success() => Ok(csv),
        _ => Err(SheetFault::of_status(ended.code())),
    }
}
