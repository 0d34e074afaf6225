//! `minhbach generate history`: a chapter with as many entries as asked for.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::recorder::{GROUP, Recorder};
use super::story::{Calendar, Story};
use crate::cli::data::stop;
use crate::cli::invented::people::{People, families};
use crate::cli::invented::seeded::Seeded;
use crate::cli::invented::vouchers::Pen;
use crate::cli::invented::{Fault, log_key, origin};
use crate::cli::{CliFault, Context, progress};
use crate::ledger::word::Date;
use crate::store::{Store, StoreConfig};
use crate::web::Clock;

/// The file that says that a folder holds a generated history, and which.
const MARK: &str = "generated.json";
/// The slug of the chapter.
pub const SLUG: &str = "xa-mau";
/// Families of the register.
const FAMILIES: usize = 400;
/// Histories of up to so many entries say who may sign in.
const SMALL: u64 = 10_000;
/// Milliseconds of a day in which vouchers are written: eight hours.
const DAY: u64 = 8 * 3_600_000;

/// Makes a chapter with exactly so many entries, for measuring.
///
/// Fills the folder of --data: mostly gifts by bank transfer, over years with a flood in the
/// middle (very many gifts in ten days), and aid to lists of families, costs, cash, goods, a few
/// loans, corrections, closed months and published statements. Everything goes through the same
/// door as a real voucher. The same arguments give the same ledger. A folder that holds another
/// chapter is refused; a second run finds what the first one made.
///
/// Keys and passphrases follow from the seed, and the passphrases stand in the folder's
/// generated.json: never use it for real books.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach generate history --entries 10000 --data /tmp/h10k
  minhbach generate history --entries 1000000 --seed 7 --today 2026-11-22 --data /tmp/h1m")]
pub struct History {
    /// How many entries
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(200..=10_000_000))]
    entries: u64,
    /// Another number makes other people, keys and amounts
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The day on which the history ends (the last entry is dated the day before). Without it:
    /// today
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

/// What the mark in the folder says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    about: String,
    entries: u64,
    seed: u64,
    today: Date,
    chapter: String,
    /// Sign-in names and passphrases.
    officers: Vec<[String; 2]>,
    complete: bool,
}

impl History {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        let folder = context.data.clone();
        let folder = folder.ok_or_else(|| {
            CliFault::Argument("--data: name the folder to fill; it is made when missing".into())
        })?;
        let local = (Clock::system().now() + TimeDelta::hours(7)).date_naive();
        let today = self.today.or_else(|| Date::new(local)).ok_or(CliFault::Day)?;
        context.runtime()?.block_on(async {
            let found = read_mark(&folder)?;
            // Nothing is opened, and so nothing changed, that is not this command's own.
            let mut inside = fs::read_dir(&folder).into_iter().flatten();
            if found.is_none() && inside.next().is_some() {
                return Err(CliFault::OtherHistory { folder });
            }
            let store = Store::open(StoreConfig::sqlite(&folder)).await?;
            let done = self.fill(&store, &folder, found, today).await;
            stop(store, done).await
        })
    }

    async fn fill(
        &self,
        store: &Store,
        folder: &Path,
        found: Option<Mark>,
        today: Date,
    ) -> Result<(), CliFault> {
        let root = Seeded::new(self.seed).child("generate");
        let origin = origin(&root, SLUG)?;
        let people = people(&root, &origin)?;
        let officers = people.officers.iter();
        let officers = officers.map(|one| [one.sign_in_name.to_owned(), one.passphrase.clone()]);
        let mut mark = Mark {
            about: "an invented chapter for measuring; its keys follow from the seed".to_owned(),
            entries: self.entries,
            seed: self.seed,
            today,
            chapter: SLUG.to_owned(),
            officers: officers.collect(),
            complete: true,
        };
        match found {
            Some(found) if found == mark && store.find(&origin).is_some() => {}
            _ if !store.chapters().is_empty() => {
                return Err(CliFault::OtherHistory { folder: folder.to_owned() });
            }
            _ => {
                mark.complete = false;
                write_mark(folder, &mark)?;
                let public = log_key(store, &root, &origin, "log key")?;
                let calendar = Calendar::new(self.entries, today)?;
                let pen = Pen::new(&root.child("story"), origin.clone());
                let mut story = Story::new(&root, &people, pen, calendar);
                story.open(&public)?;
                let pen = Pen::new(&root.child("recorder"), origin.clone());
                tell(story, calendar, Recorder::new(store, &people, pen)).await?;
                mark.complete = true;
                write_mark(folder, &mark)?;
            }
        }
        let head = store.find(&origin).and_then(|id| store.head(id).ok().flatten());
        if let Some(head) = head {
            println!("/{SLUG}: {} entries, root {}", head.size, head.root);
        }
        let file = folder.join(MARK);
        println!("For measuring only. Who may sign in: {}", file.display());
        for [name, passphrase] in mark.officers.iter().filter(|_| self.entries <= SMALL) {
            println!("  {name:<12} {passphrase}");
        }
        Ok(())
    }
}

/// Tells the story day by day and records it, a group at a time.
async fn tell(
    mut story: Story<'_>,
    calendar: Calendar,
    mut recorder: Recorder<'_>,
) -> Result<(), Fault> {
    let bar = progress::entries("recording", calendar.entries);
    let mut date = calendar.from;
    while date <= calendar.until {
        recorder.dawn(date);
        let target = calendar.target(date);
        let apart = DAY / (target.saturating_sub(story.told()) + 20);
        let apart = TimeDelta::milliseconds(i64::try_from(apart.min(60_000)).unwrap_or(1));
        story.dawn(date)?;
        while story.told() < target {
            story.happen(date)?;
            if story.waiting() >= GROUP {
                recorder.write(date, story.take_acts(), apart).await?;
                bar.set_position(story.told());
            }
        }
        story.end(date)?;
        recorder.write(date, story.take_acts(), apart).await?;
        date = date.next();
    }
    recorder.flush().await?;
    bar.finish_and_clear();
    Ok(())
}

/// Officers, donors and families of a seed.
pub(super) fn people(root: &Seeded, origin: &crate::ledger::word::Origin) -> Result<People, Fault> {
    let mut people = People::called(root, origin, ["thuquy", "chutich", "phochutich"])?;
    people.families = families(&mut root.child("families"), FAMILIES)?;
    Ok(people)
}

fn read_mark(folder: &Path) -> Result<Option<Mark>, CliFault> {
    let path = folder.join(MARK);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(CliFault::file(path, fault)),
    }
}

fn write_mark(folder: &Path, mark: &Mark) -> Result<(), CliFault> {
    let path: PathBuf = folder.join(MARK);
    let text = serde_json::to_string_pretty(mark).unwrap_or_default() + "\n";
    fs::write(&path, text).map_err(|fault| CliFault::file(path, fault))
}
