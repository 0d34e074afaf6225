//! `minhbach refill`: takes lost entries from a mirror or an export.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;

use super::data::stop;
use super::{CliFault, Context, progress};
use crate::books::Effects;
use crate::ledger::entry::Entry;
use crate::ledger::note::SignedCheckpoint;
use crate::store::facade::Refilled;
use crate::store::{ChapterId, Standing, Store};
use crate::verify::given::{Given, GivenContent};
use crate::verify::report::Outcome;
use crate::verify::source::Source;
use crate::verify::{Options, VerifyFault, verify_watched};

/// Takes entries that were lost from a mirror or an export.
///
/// For a database that has fewer entries than were signed: yesterday's backup was restored. The
/// copy is verified whole first, against the checkpoint that was signed here last (the anchor);
/// its entries have to follow those that are stored. Then the missing ones come in, byte for byte
/// as they were, in one transaction: cut off, nothing is half there, and running it again does no
/// harm. Afterwards the ledger takes writes again.
///
/// Public files hold no private values: names, phones and free text that were sealed after the
/// backup are lost unless another backup has them; they are counted. Stop the server first.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach refill xuan-tay /srv/mirrors/xuan-tay
  minhbach refill xuan-tay https://mirror.example/xuan-tay
  minhbach refill xuan-tay ./export --against receipt.tlog-proof")]
pub struct Refill {
    /// The chapter
    #[arg(value_name = "SLUG")]
    slug: String,
    /// The mirror or export: a folder, or an address (https://...)
    #[arg(value_name = "URL or FOLDER")]
    source: String,
    /// A checkpoint or receipt that the copy has to agree with, beside the anchor
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
}

/// The entries behind those that are stored, and the size of all.
struct Behind {
    entries: Vec<Vec<u8>>,
    size: u64,
}

impl Refill {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        context.runtime()?.block_on(async {
            let store = Store::open(context.store_config()).await?;
            let done = self.refill(context, &store).await;
            stop(store, done).await
        })
    }

    async fn refill(&self, context: &Context, store: &Store) -> Result<(), CliFault> {
        let chapter = context.chapter(store, &self.slug)?;
        let slug = &self.slug;
        match store.standing(chapter)? {
            Standing::ReadOnly(closure) if !closure.may_be_refilled() => {
                return Err(CliFault::Closed { slug: slug.clone(), closure });
            }
            _ => {}
        }
        let stored = store.books(chapter)?.size();
        let behind = self.verified(store, chapter, stored)?;
        if behind.entries.is_empty() {
            println!("/{slug}: {stored} entries, the copy has {}: nothing is missing", behind.size);
            return Ok(());
        }
        let refilled = store.refill(chapter, stored, behind.entries).await?;
        say(slug, &refilled);
        Ok(())
    }

    /// The entries behind the stored ones, of a copy that holds whole.
    fn verified(&self, store: &Store, chapter: ChapterId, stored: u64) -> Result<Behind, CliFault> {
        let source = Source::new(&self.source);
        let anchor = |head: SignedCheckpoint| Given {
            name: "the anchor".to_owned(),
            content: GivenContent::Checkpoint(head),
        };
        let mut against: Vec<Given> = store.anchored(chapter)?.into_iter().map(anchor).collect();
        for path in &self.against {
            let bytes = std::fs::read(path).map_err(|fault| CliFault::file(path, fault))?;
            let name = path.display().to_string();
            let given = Given::read(&name, &bytes);
            against.push(given.map_err(|why| CliFault::Argument(format!("{name}: {why}")))?);
        }
        let books = store.books(chapter)?;
        let keys = books.chapter().map_or(&[][..], |own| &own.log_keys);
        // An anchor says more than a key does; and the key may have changed in what is missing.
        let key = keys.last().filter(|_| against.is_empty()).map(|(key, _)| key.clone());
        let options = Options { key, against, ..Options::default() };
        let mut entries = Vec::new();
        let mut fault = None;
        let mut watch = |entry: &Entry, _: &Effects| {
            if entry.place() >= stored {
                match entry.bytes() {
                    Ok(bytes) => entries.push(bytes),
                    Err(found) => {
                        fault = Some(found.to_string());
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        };
        let bar = progress::entries("verifying", 0);
        let mut tell = |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        };
        let verified = verify_watched(&source, &options, &mut tell, &mut watch);
        bar.finish_and_clear();
        let (report, books) = match (verified, fault) {
            (Err(VerifyFault::Stopped), Some(fault)) => return Err(CliFault::Argument(fault)),
            (verified, _) => verified?,
        };
        if report.outcome != Outcome::Sound {
            print!("{report}");
            let source = &self.source;
            return Err(CliFault::Argument(format!("{source}: nothing was taken of this copy")));
        }
        Ok(Behind { entries, size: books.size() })
    }
}

fn say(slug: &str, refilled: &Refilled) {
    let Refilled { entries, sealed, lost, lost_in, standing } = refilled;
    println!("/{slug}: {entries} entries came back, as they were recorded");
    if *sealed > 0 {
        println!("of {sealed} private values that they seal, {} are here", sealed - lost);
    }
    if *lost > 0 {
        println!(
            "{lost} private values in {lost_in} entries are in no public file: names, phones, \
             remarks. A backup made later than this one may have them; else write them on the \
             papers of these entries"
        );
        println!(
            "lines of bank statements that were booked in these entries look new to an import: \
             compare before you book them"
        );
    }
    match standing {
        Standing::Open => println!("/{slug} takes writes again"),
        Standing::ReadOnly(closure) => println!("/{slug} takes no writes: {closure}"),
    }
}
