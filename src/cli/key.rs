//! `minhbach key`: an officer's key on a machine of their own.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::key_file::KeyFile;
use super::{CliFault, passphrase};
use crate::ledger::word::Origin;

/// Makes and shows key files of officers who sign away from the server.
#[derive(Debug, Subcommand)]
pub enum Key {
    New(New),
    Show(Show),
}

/// Makes a new key in a file, sealed by a passphrase.
///
/// The passphrase is asked for twice, or is the first line of a file, or the environment's
/// MINHBACH_PASSPHRASE. The file is for its owner alone (mode 0600); one that is there already is
/// never replaced. Nobody can open it without the passphrase: keep a second copy somewhere else,
/// and when both are lost, have the other officers give you a new key.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach key new chair.key --log so.example/xuan-tay
  minhbach sign khoa-moi.json --key chair.key      prove that you hold it, for the desk")]
pub struct New {
    /// The file to be made
    #[arg(value_name = "KEYFILE")]
    file: PathBuf,
    /// The ledger: its name as the page of the invitation and Kiểm chứng show it
    #[arg(long, value_name = "NAME")]
    log: Origin,
    /// A file whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Shows whose key a file holds: its public half, never the key.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach key show chair.key")]
pub struct Show {
    /// The key file
    #[arg(value_name = "KEYFILE")]
    file: PathBuf,
}

impl Key {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self) -> Result<(), CliFault> {
        match self {
            Self::New(new) => {
                let passphrase = passphrase::choose(new.passphrase_file.as_deref())?;
                let file = KeyFile::make(&new.log, &passphrase)?;
                file.write(&new.file)?;
                println!("Made {}, sealed by your passphrase.", new.file.display());
                tell(&file);
                println!("Nobody can sign with it before the other officers enrol it.");
                Ok(())
            }
            Self::Show(show) => {
                let file = KeyFile::read(&show.file)?;
                let damaged = || format!("{}: no key file, or damaged", show.file.display());
                tell(&file.ok_or_else(|| CliFault::Argument(damaged()))?);
                Ok(())
            }
        }
    }
}

fn tell(file: &KeyFile) {
    let vkey = file.public().vkey();
    println!("Public key: {vkey}");
    println!("To read out: {}", crate::web::desk::admin::rows::short(&vkey));
}
