//! `minhbach import`: what a file books, shown first and recorded as one.

mod preview;
mod statement;

use clap::Subcommand;

use super::{CliFault, Context};

/// Reads files into the books.
#[derive(Debug, Subcommand)]
pub enum Import {
    Statement(statement::Statement),
}

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        match self {
            Self::Statement(command) => command.run(context),
        }
    }
}
