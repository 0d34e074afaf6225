//! `minhbach rebuild`: makes everything derived from the entries again.

use std::process::ExitCode;

use clap::Args;

use super::data::{slugs, stop};
use super::{CliFault, Context};
use crate::store::Store;

/// Makes every derived table again from the entries.
///
/// Replays each entry with its signatures through the rules of the books, compares what is
/// derived from them with what is stored, says what differed, and where something did, puts the
/// new rows in the place of all old ones. The entries themselves are never changed. Stop the
/// server first. Status 1 when an entry is not what was written: then nothing is changed, and a
/// backup is needed. Status 1, too, when the receipt key is not the one that receipts were made
/// with.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach rebuild
  minhbach rebuild --data /srv/minhbach --chapter xuan-tay")]
pub struct Rebuild {
    /// Only this chapter
    #[arg(long, value_name = "SLUG")]
    chapter: Option<String>,
    /// The receipt key is lost for good: give every receipt and every sponsor's page another code.
    /// Those that are printed lead nowhere any more
    #[arg(long)]
    new_receipt_codes: bool,
}

impl Rebuild {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<ExitCode, CliFault> {
        context.runtime()?.block_on(async {
            let store = Store::open(context.store_config()).await?;
            let done = self.rebuild(context, &store).await;
            stop(store, done).await
        })
    }

    async fn rebuild(&self, context: &Context, store: &Store) -> Result<ExitCode, CliFault> {
        let chapters = match &self.chapter {
            Some(slug) => vec![(context.chapter(store, slug)?, slug.clone())],
            None => slugs(store),
        };
        let mut status = ExitCode::SUCCESS;
        for (id, slug) in chapters {
            let done = match self.new_receipt_codes {
                true => store.rebuild_with_new_codes(id).await,
                false => store.rebuild(id).await,
            };
            match done {
                Ok(found) if found.is_clean() => {
                    println!("/{slug}: {} entries replayed, nothing differed", found.entries);
                }
                Ok(found) => {
                    println!("/{slug}: {} entries replayed, made again: {found}", found.entries);
                }
                Err(fault) => {
                    eprintln!("/{slug}: nothing was changed: {fault}");
                    status = ExitCode::FAILURE;
                }
            }
        }
        Ok(status)
    }
}
