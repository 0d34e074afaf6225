//! `minhbach chapter`: a further chapter on this server.

use clap::Args;

use super::data::stop;
use super::{CliFault, Context, serve};
use crate::store::Store;
use crate::web::{Clock, figment};

/// Calls the officers of a further chapter to found it on this server.
///
/// The first chapter is founded on the page of a new site. For each further one this prints a link
/// that works once and for seven days: its treasurer, its chair and a third person open it
/// together, name the chapter and choose their passphrases. Chapters of a server share nothing but
/// the machine: no officer of one sees or signs anything of another. Stop the server first.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach chapter
  minhbach chapter --data /var/lib/minhbach")]
pub struct Chapter {}

impl Chapter {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        context.runtime()?.block_on(async {
            let store = Store::open(context.store_config()).await?;
            let done = call(&store).await;
            stop(store, done).await
        })
    }
}

async fn call(store: &Store) -> Result<(), CliFault> {
    let (_, base_url) = serve::address(figment())?;
    if store.founds_first().await? {
        let page = base_url.join("/thiet-lap");
        println!(
            "There is no chapter yet. Start the server: the first one is founded on\n  {page}"
        );
        return Ok(());
    }
    let secret = store.call_to_found(Clock::system().now()).await?;
    println!(
        "Start the server, and let treasurer, chair and a third person of the new chapter open \
         together, within seven days:\n  {}",
        base_url.join(&format!("/thiet-lap/{}", *secret.text()))
    );
    Ok(())
}
