//! `minhbach man` and `minhbach completions`: what a package brings along beside the program.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, CliFault};

/// Writes the pages for `man`, one of the program and one of each command.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach man dist/man
  man -l dist/man/minhbach-doctor.1")]
pub struct Man {
    /// The folder, made when it is missing
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Man {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault::File`].
    pub fn run(self) -> Result<(), CliFault> {
        let failed = |fault| CliFault::file(&self.folder, fault);
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        // Hidden commands are for the program itself and for whoever packs it.
        clap_mangen::generate_to(Cli::command(), &self.folder).map_err(failed)
    }
}

/// Writes the completions for a shell to standard output.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach completions bash > /usr/share/bash-completion/completions/minhbach")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault::File`].
    pub fn run(self) -> Result<(), CliFault> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "minhbach", &mut text);
        let failed = |fault| CliFault::file("standard output", fault);
        std::io::stdout().lock().write_all(&text).map_err(failed)
    }
}
