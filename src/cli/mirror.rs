//! `minhbach mirror`: keeps a verified copy of a published ledger, fit for any static host.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;

use super::{CliFault, progress};
use crate::follow::FollowFault;
use crate::follow::cache::Limits;
use crate::follow::copy::{Asked, Copy, Looked, OWN};
use crate::ledger::keys::PublicKey;
use crate::verify::report::{Outcome, Report};
use crate::verify::source::Source;

/// The status of a run that could not read the ledger.
const AWAY: u8 = 4;

/// Keeps a verified copy of a published ledger, fit for any static host.
///
/// The folder becomes the very tree that `minhbach export` writes, with the ledgers that continue
/// the first in 2, 3 … below it. Fetches only what is missing; a run that was cut off goes on
/// where it was. Everything is verified before the checkpoint in the folder is replaced: whoever
/// reads the folder never sees a head that was not. A ledger that lost entries, or shows another
/// history, is refused: the copy stays as it is, and both heads are kept in the folder .minhbach.
/// Verified history is never deleted; names that are not shown any more vanish here, too. The
/// folder .minhbach is not part of the tree: leave it out when you copy it to a host.
///
/// Status 0: the copy is up to date. 1: refused; it is as it was. 3: the ledger is newer than this
/// program; it is as it was. 4: the ledger could not be read; run again.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach mirror https://so.example/xuan-tay /srv/mirrors/xuan-tay
  minhbach mirror https://so.example/xuan-tay ./copy --key 'so.example/xuan-tay+1f2e3d4c+AQ...'
  minhbach mirror https://so.example/xuan-tay ./copy && minhbach verify ./copy")]
pub struct Mirror {
    /// The address of the first ledger of the chapter (https://...), or a folder with its files
    #[arg(value_name = "URL or FOLDER")]
    source: String,
    /// Where to; made when it is missing
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The log key from somewhere else than the site: a receipt, the notice board
    #[arg(long, value_name = "VKEY")]
    key: Option<PublicKey>,
    /// The longest time of the run, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    seconds: u64,
    /// The most that is fetched, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4_096)]
    mebibytes: u64,
    /// Print only what is refused
    #[arg(long)]
    quiet: bool,
    /// The report as JSON
    #[arg(long)]
    json: bool,
}

impl Mirror {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault::Follow`] when the folder cannot be used.
    pub fn run(self) -> Result<ExitCode, CliFault> {
        match self.look() {
            Ok(looked) => {
                self.say(&looked);
                Ok(ExitCode::from(looked.report.exit_status()))
            }
            Err(fault) if fault.is_away() => {
                eprintln!("minhbach: {fault}");
                Ok(ExitCode::from(AWAY))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    fn look(&self) -> Result<Looked, FollowFault> {
        let copy = Copy::open(&self.folder, &self.folder.join(OWN))?;
        let until = Instant::now().checked_add(Duration::from_secs(self.seconds));
        let limits = Limits { until, bytes: self.mebibytes.saturating_mul(1 << 20) };
        let asked = Asked { key: self.key.clone(), limits, ..Asked::default() };
        let bar = progress::entries("mirroring", 0);
        let looked = copy.look(&Source::new(&self.source), &asked, &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        looked
    }

    fn say(&self, looked: &Looked) {
        let Looked { report, files, evidence, withdrawn, .. } = looked;
        let sound = report.outcome == Outcome::Sound;
        if self.json {
            println!("{}", serde_json::to_string_pretty(report).unwrap_or_default());
        } else if !sound {
            print!("{report}");
        }
        if !sound {
            eprintln!("minhbach: refused; {} is as it was", self.folder.display());
        }
        if let Some(evidence) = evidence {
            eprintln!("minhbach: both heads are kept in {}", evidence.display());
        }
        if !self.json && !self.quiet && sound {
            println!("{}", in_one_line(report, *files, &self.folder));
        }
        if !self.quiet && !self.json && *withdrawn > 0 {
            println!("{withdrawn} names that are not shown any more left the copy");
        }
    }
}

fn in_one_line(report: &Report, files: u64, folder: &Path) -> String {
    let entries = report.verified;
    let folder = folder.display();
    match files {
        0 => format!("{entries} entries, nothing new in {folder}"),
        files => format!("{entries} entries, {files} files written to {folder}"),
    }
}
