//! `minhbach verify`: rechecks a published ledger, as anybody can.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{CliFault, progress};
use crate::ledger::keys::PublicKey;
use crate::ledger::note::Policy;
use crate::verify::given::Given;
use crate::verify::source::Source;
use crate::verify::{Options, verify};

/// Rechecks a published ledger, from an address or a folder.
///
/// Checks the form of every entry, the chain, tree, tiles and checkpoints, every officer's
/// signature, who had to sign, the books, the statements and the published names. Needs nothing
/// but the published files. A ledger that continues another is read with that one. The report says
/// what was checked and what was not.
///
/// Status 0: all that was asked for holds. 1: something does not, or only a prefix is there.
/// 3: the ledger is newer than this program.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach verify https://so.example/xuan-tay
  minhbach verify ./copy --key 'so.example/xuan-tay+1f2e3d4c+AQ...'
  minhbach verify ./copy --against last-years-checkpoint --against receipt.tlog-proof
  minhbach verify ./copy --policy my-policy
  minhbach verify ./copy --json")]
pub struct Verify {
    /// The address of the ledger (https://...) or a folder with its files
    #[arg(value_name = "URL or FOLDER")]
    source: String,
    /// The log key from somewhere else than the site: a receipt, the notice board
    #[arg(long, value_name = "VKEY")]
    key: Option<PublicKey>,
    /// Where the first ledger lies, when this one continues it and is not below it
    #[arg(long, value_name = "URL or FOLDER")]
    first: Option<String>,
    /// An earlier checkpoint, a receipt or disclosures that the ledger has to agree with
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// Your own policy (C2SP tlog-policy): whose cosignatures you ask for, and how many
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The report as JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`] when a file could not be read.
    pub fn run(self) -> Result<ExitCode, CliFault> {
        let mut against = Vec::new();
        for path in &self.against {
            let bytes = std::fs::read(path).map_err(|fault| CliFault::file(path, fault))?;
            let name = path.display().to_string();
            let given = Given::read(&name, &bytes);
            against.push(given.map_err(|why| CliFault::Argument(format!("{name}: {why}")))?);
        }
        let first = self.first.as_deref().map(Source::new);
        let policy = self.policy.as_deref().map(read_policy).transpose()?;
        let options = Options { key: self.key, against, first, policy, aside: false };
        let bar = progress::entries("verifying", 0);
        let report = verify(&Source::new(&self.source), &options, &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        let report = report?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report).unwrap_or_default());
        } else {
            print!("{report}");
        }
        Ok(ExitCode::from(report.exit_status()))
    }
}

fn read_policy(path: &Path) -> Result<Policy, CliFault> {
    let text = std::fs::read_to_string(path).map_err(|fault| CliFault::file(path, fault))?;
    Policy::parse(&text).map_err(|why| CliFault::Argument(format!("{}: {why}", path.display())))
}
