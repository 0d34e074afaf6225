//! `minhbach continue`: a new ledger for a chapter whose ledger cannot go on.

use std::path::PathBuf;

use clap::Args;

use super::data::stop;
use super::{CliFault, Context, serve};
use crate::ledger::note::SignedCheckpoint;
use crate::store::{ChapterId, Standing, Store};
use crate::web::{Clock, figment};

/// Calls the officers to open a new ledger that continues one that cannot go on.
///
/// For a ledger whose log key is lost, whose last entries are lost for good, or whose officers can
/// all no longer sign. The new ledger, with /2 (/3 …) behind its identity, starts from the books of
/// the old one at its last checkpoint: money, goods, gifts and their receipts go on; officers and
/// keys are new. Prints a link that works once and for seven days: the officers open it together
/// and choose their passphrases. Nothing changes before they have done so. Stop the server first.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach continue xuan-tay
  minhbach continue xuan-tay --checkpoint ./mirror/checkpoint
  minhbach continue xuan-tay --although-it-can-go-on")]
pub struct Continue {
    /// The chapter
    #[arg(value_name = "SLUG")]
    slug: String,
    /// The last signed checkpoint over the stored entries, from a mirror, an export or a receipt
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Also when the ledger takes writes: its officers can't sign any more
    #[arg(long)]
    although_it_can_go_on: bool,
}

impl Continue {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        let given = self.checkpoint.as_ref().map(|path| {
            let bytes = std::fs::read(path).map_err(|fault| CliFault::file(path, fault))?;
            SignedCheckpoint::parse(&bytes)
                .map_err(|fault| CliFault::Argument(format!("{}: {fault}", path.display())))
        });
        let given = given.transpose()?;
        context.runtime()?.block_on(async {
            let store = Store::open(context.store_config()).await?;
            let done = self.call(context, &store, given).await;
            stop(store, done).await
        })
    }

    async fn call(
        &self,
        context: &Context,
        store: &Store,
        given: Option<SignedCheckpoint>,
    ) -> Result<(), CliFault> {
        let chapter = context.chapter(store, &self.slug)?;
        let slug = &self.slug;
        match store.standing(chapter)? {
            Standing::Open if !self.although_it_can_go_on => {
                return Err(CliFault::Argument(format!(
                    "/{slug} takes writes: a lost passphrase is replaced at the desk by the other \
                     officers. If none of them can sign any more, say --although-it-can-go-on"
                )));
            }
            Standing::Open => {}
            Standing::ReadOnly(closure) => println!("/{slug} takes no writes: {closure}"),
        }
        let call = store.continuation(chapter, given).await;
        let call = call.map_err(|fault| CliFault::Argument(format!("/{slug}: {fault}")))?;
        say_what_goes_on(store, chapter, call.size)?;
        let secret = store.call_to_continue(chapter, &call, Clock::system().now()).await?;
        let (_, base_url) = serve::address(figment())?;
        println!(
            "Start the server, and let treasurer, chair and a third person open together, within \
             seven days:\n  {}",
            base_url.join(&format!("/thiet-lap/{}", *secret.text()))
        );
        Ok(())
    }
}

fn say_what_goes_on(store: &Store, chapter: ChapterId, size: u64) -> Result<(), CliFault> {
    let books = store.books(chapter)?;
    let Some(newest) = books.chapter() else { return Ok(()) };
    let next = newest.origin.next().map_or_else(String::new, |next| next.to_string());
    let own = size - books.before();
    println!("{next} will continue {} at its {own} entries.", newest.origin);
    println!("Entries that came after these are not in it: record them again from their papers.");
    println!(
        "Drafts that wait, unfinished imports, invitations and sign-ins end when it is opened."
    );
    Ok(())
}
