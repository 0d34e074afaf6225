//! `minhbach key`: an officer's key on a machine of their own, and the key that opens backups.

use std::io::Write as _;
use std::path::PathBuf;

use age::secrecy::ExposeSecret as _;
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::key_file::{KeyFile, taken};
use super::{CliFault, passphrase};
use crate::disk::Fresh;
use crate::ledger::word::Origin;

/// Makes and shows key files: of officers who sign away from the server, and of backups.
#[derive(Debug, Subcommand)]
pub enum Key {
    New(New),
    Show(Show),
    Backup(BackupKey),
}

/// Makes a key that opens backups (an age identity), and prints its recipient.
///
/// Backups are encrypted to the recipient, which may be known to everybody; only the file opens
/// them. Make it on another machine than the server, keep two copies in different places, neither
/// of them with the backups: when all are lost, so is every backup. It is not sealed by a
/// passphrase. A file that is there is never overwritten. `age-keygen` makes the same.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach key backup backup.identity
  minhbach backup /mnt/backup --recipient age1...")]
pub struct BackupKey {
    /// The file to be made
    #[arg(value_name = "FILE")]
    file: PathBuf,
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
            Self::Backup(new) => new.make(),
            Self::Show(show) => {
                let file = KeyFile::read(&show.file)?;
                let damaged = || format!("{}: no key file, or damaged", show.file.display());
                tell(&file.ok_or_else(|| CliFault::Argument(damaged()))?);
                Ok(())
            }
        }
    }
}

impl BackupKey {
    fn make(&self) -> Result<(), CliFault> {
        let key = age::x25519::Identity::generate();
        let recipient = key.to_public();
        let text = key.to_string();
        let text = Zeroizing::new(format!(
            "# opens backups of Minh Bach\n# public key: {recipient}\n{}\n",
            text.expose_secret()
        ));
        let at = |fault| taken(&self.file, fault);
        let mut file = Fresh::create(&self.file).map_err(at)?;
        file.write_all(text.as_bytes()).map_err(at)?;
        file.finish().map_err(at)?;
        println!("Made {}: keep it away from the backups.", self.file.display());
        println!("Recipient: {recipient}");
        Ok(())
    }
}

fn tell(file: &KeyFile) {
    let vkey = file.public().vkey();
    println!("Public key: {vkey}");
    println!("To read out: {}", crate::web::desk::admin::rows::short(&vkey));
}
