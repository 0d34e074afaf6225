//! `minhbach generate`: invented histories and bank statements of any size, for measuring.
//!
//! Everything follows from the seed, as in `demo`: the same arguments give the same ledger and the
//! same file, byte for byte.

mod acts;
mod history;
mod lending;
mod notes;
mod opening;
mod recorder;
mod rounds;
mod statement;
mod story;

use clap::Subcommand;

use super::{CliFault, Context};

/// Makes invented histories and bank statements of any size, for measuring.
///
/// For developers: what `cargo bench --bench report` measures is made with it. Keys and passphrases
/// follow from the seed: never use it for real books.
#[derive(Debug, Subcommand)]
pub enum Generate {
    History(history::History),
    Statement(statement::Statement),
}

impl Generate {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        match self {
            Self::History(command) => command.run(context),
            Self::Statement(command) => command.run(),
        }
    }
}
