//! `minhbach read-sheet`: what the server starts for each Excel file that somebody brings.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use clap::Args;

use super::CliFault;
use crate::import::sheet::{self, MOST_FILE, SheetFault};

/// Reads an Excel file from standard input and writes its first sheet as CSV (used by the server).
///
/// Runs with limits on memory and time: a file made to exhaust them ends this process alone.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach read-sheet < families.xlsx > families.csv")]
pub struct ReadSheet {}

impl ReadSheet {
    /// Runs the command; a file that is not read ends it with a status of its own.
    ///
    /// # Errors
    /// [`CliFault`] when standard input or output fails.
    pub fn run(self) -> Result<ExitCode, CliFault> {
        limit();
        let mut bytes = Vec::new();
        let most = MOST_FILE as u64 + 1;
        let came = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
        let read = came.map_err(|_| SheetFault::Unreadable).and_then(|_| sheet::read(&bytes));
        let csv = match read {
            Ok(csv) => csv,
            Err(fault) => {
                eprintln!("minhbach: {fault}");
                return Ok(ExitCode::from(fault.status()));
            }
        };
        let mut out = std::io::stdout().lock();
        let written = out.write_all(&csv).and_then(|()| out.flush());
        Ok(if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// 512 MiB of memory, ten seconds of work, no image of either left behind.
#[cfg(unix)]
fn limit() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [(Resource::Data, 512 << 20), (Resource::Cpu, 10), (Resource::Core, 0)]
    {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        if let Err(fault) = setrlimit(resource, limit) {
            eprintln!("minhbach: {resource:?} is not limited: {fault}");
        }
    }
}

#[cfg(not(unix))]
fn limit() {}
