//! `minhbach export`: the published ledger as plain files.

use std::path::PathBuf;

use clap::Args;

use super::data::stop;
use super::{CliFault, Context};
use crate::publish::{Tree, export_all};
use crate::store::Store;

/// Writes the published ledger as plain files, fit for any static host.
///
/// Exactly the files that the site publishes under /<slug>/: checkpoint, tiles, entries,
/// statements, and the names that may be shown; nothing private. Ledgers that continue the first
/// lie in the folders 2, 3 … below it. A folder of an earlier export of the same ledger is brought
/// up to date, any other is refused. Stop the server first.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach export xuan-tay ./copy
  minhbach export xa-mau ./copy --data ./demo-data && minhbach verify ./copy")]
pub struct Export {
    /// The chapter
    #[arg(value_name = "SLUG")]
    slug: String,
    /// Where to; made when it is missing
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Export {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        context.runtime()?.block_on(async {
            let store = Store::open(context.reading_config()?).await?;
            let done = self.export(context, &store).await;
            stop(store, done).await
        })
    }

    async fn export(&self, context: &Context, store: &Store) -> Result<(), CliFault> {
        let chapter = context.chapter(store, &self.slug)?;
        let unsigned = || {
            let slug = &self.slug;
            CliFault::Argument(format!("/{slug}: its entries may not be signed; see doctor"))
        };
        Tree::open(store, chapter)?.ok_or_else(unsigned)?;
        let done = export_all(&Tree::all(store, chapter)?, &self.folder).await?;
        println!(
            "{} entries, {} files written to {}",
            done.size,
            done.files,
            self.folder.display()
        );
        Ok(())
    }
}
