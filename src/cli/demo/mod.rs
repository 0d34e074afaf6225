//! `minhbach demo`: an invented chapter with ten years of history, the last two in full, and a
//! smaller one beside it, for trying out.
//!
//! The history goes through the same door as every other voucher. Everything that is random
//! elsewhere (keys, salts, identifiers, the time) follows from the seed and the day here, so the
//! same `--today` and `--seed` give the same ledger, byte for byte.

mod activities;
mod appeal;
mod calendar;
mod capital;
mod complaints;
mod events;
mod goods;
mod goods_events;
mod households;
mod loan_events;
mod loan_files;
mod loans;
mod months;
mod neighbour;
mod quiet;
mod repayments;
mod running;
mod scenario;
mod shelves;
mod sponsors;
mod under_way;
mod writer;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta, Utc};
use clap::Args;
use serde::{Deserialize, Serialize};

use super::invented::{Fault, closing, log_key, origin, people, seeded, vouchers};
use super::{CliFault, Context, progress, serve};
use crate::ledger::word::{Date, Origin};
use crate::store::{Store, StoreConfig};
use crate::web::Clock;

use people::People;
use seeded::Seeded;
use vouchers::Pen;
use writer::Writer;

/// The folder of the demonstration when `--data` names none.
const FOLDER: &str = "demo-data";
/// The file that says that a folder holds a demonstration, and which.
const MARK: &str = "demo.json";
/// The slug of the invented chapter.
const SLUG: &str = "xa-mau";
/// Months of full history before the present one.
const MONTHS: u32 = 24;
/// Months of history before the present one, most of them with little beside the loans.
const ALL_MONTHS: u32 = 120;

/// Serves an invented chapter with ten years of history.
///
/// Fills a folder of its own (./demo-data, or --data) with the books of "Hội Chữ thập đỏ Xã Mẫu":
/// ten years of a fund that lends to families, with more than forty loans; in the last two years
/// also gifts, aid, costs, goods, cash counts, sponsors, an appeal that runs, money held for
/// others, a mistyped gift put right, closed months and published statements; and those of a
/// smaller chapter that it exchanges support with. Then it prints who may sign in with which
/// passphrase, and serves both. A folder that holds another chapter is refused. A second run
/// serves what the first one made.
///
/// Keys and passphrases follow from the seed: never use such a folder for real books.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach demo
  minhbach demo --data /tmp/demo --today 2026-11-22 --seed 7
  minhbach demo --no-serve && minhbach doctor --data ./demo-data")]
pub struct Demo {
    /// Make the history, print the officers, and end
    #[arg(long)]
    no_serve: bool,
    /// The day on which the history ends (the last entry is dated the day before). Without it:
    /// today. With it the served site stands still on the morning of that day
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    /// Another number makes other people, keys and amounts
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// What the mark in the folder says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    about: String,
    seed: u64,
    today: Date,
    complete: bool,
}

impl Demo {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        let folder = context.data.clone().unwrap_or_else(|| PathBuf::from(FOLDER));
        let now = Clock::system().now();
        let offset = TimeDelta::hours(7);
        let local = (now + offset).date_naive();
        let today = self.today.or_else(|| Date::new(local)).ok_or(CliFault::Day)?;
        let mark = read_mark(&folder)?;
        context.runtime()?.block_on(async {
            let store = Store::open(StoreConfig::sqlite(&folder)).await?;
            let done = self.fill(&store, &folder, mark, today).await;
            let made = match done {
                Ok(made) => made,
                Err(fault) => {
                    store.stop().await?;
                    return Err(fault);
                }
            };
            made.print(&store).await.map_err(CliFault::Demo)?;
            if self.no_serve {
                return Ok(store.stop().await?);
            }
            // A history that ends on another day than today would look to the writer like a clock
            // that is wrong.
            let clock = match self.today {
                Some(day) if day.naive() != local => Clock::stopped(morning(day)),
                _ => Clock::system(),
            };
            serve::serve(store, clock).await
        })
    }

    /// Makes the history, unless it is there.
    async fn fill(
        &self,
        store: &Store,
        folder: &Path,
        mark: Option<Mark>,
        today: Date,
    ) -> Result<Made, CliFault> {
        let root = Seeded::new(mark.as_ref().map_or(self.seed, |mark| mark.seed));
        let origin = origin(&root, SLUG)?;
        let people = People::new(&root, &origin).map_err(CliFault::Demo)?;
        let beside = self::origin(&root, neighbour::SLUG)?;
        let names = ["vidu-thuquy", "vidu-chutich", "vidu-phochutich"];
        let neighbours = People::called(&root.child("neighbours"), &beside, names);
        let neighbours = neighbours.map_err(CliFault::Demo)?;
        let chapters = store.chapters();
        match mark {
            Some(mark) if mark.complete => {
                let made = Made { people, neighbours, origin, mark, new: false };
                return if store.find(&made.origin).is_some() {
                    Ok(made)
                } else {
                    Err(CliFault::NotADemo { folder: folder.to_owned() })
                };
            }
            Some(_) if !chapters.is_empty() => {
                return Err(CliFault::HalfADemo { folder: folder.to_owned() });
            }
            None if !chapters.is_empty() => {
                return Err(CliFault::NotADemo { folder: folder.to_owned() });
            }
            _ => {}
        }
        let about = "an invented chapter for trying out; its keys follow from the seed".to_owned();
        let mut mark = Mark { about, seed: self.seed, today, complete: false };
        write_mark(folder, &mark)?;
        let both = [(&people, &origin), (&neighbours, &beside)];
        write_histories(store, &root, both, today).await.map_err(CliFault::Demo)?;
        mark.complete = true;
        write_mark(folder, &mark)?;
        Ok(Made { people, neighbours, origin, mark, new: true })
    }
}

/// Tells the stories of both chapters and writes them.
async fn write_histories(
    store: &Store,
    root: &Seeded,
    [(people, origin), (neighbours, beside)]: [(&People, &Origin); 2],
    today: Date,
) -> Result<(), Fault> {
    let (books_from, begun) = (first_day(today, ALL_MONTHS)?, first_day(today, MONTHS)?);
    let until = today.previous();
    let public = log_key(store, root, origin, "log key")?;
    let mut pen = Pen::new(root, origin.clone());
    let (days, exchanged) =
        scenario::tell(root, people, &mut pen, &public, (books_from, begun, until), beside)?;
    let sponsors = (begun, sponsors::sponsors(root, people)?.into());
    write(Writer::new(store, root, people, pen, sponsors), begun, days).await?;
    appeal::keep(store, root, people, (origin, begun)).await?;
    running::say(store, origin, people, until).await?;
    complaints::write(store, root, people, origin, today).await?;
    under_way::leave(store, root, people, origin, today).await?;
    let public = log_key(store, root, beside, "log key beside")?;
    let own = root.child("beside");
    let mut pen = Pen::new(&own, beside.clone());
    let key = (origin, &public);
    let days = neighbour::tell(&own, neighbours, &mut pen, key, (begun, until), &exchanged)?;
    let nobody = (begun, Vec::new());
    write(Writer::new(store, &own, neighbours, pen, nobody), begun, days).await
}

/// The first day of the month so many months before that of a day.
fn first_day(today: Date, months: u32) -> Result<Date, Fault> {
    let day = today.naive().with_day(1);
    let day = day.and_then(|day| day.checked_sub_months(chrono::Months::new(months)));
    day.and_then(Date::new).ok_or(Fault::Scenario("a day too early for ten years before it"))
}

async fn write(mut writer: Writer<'_>, begun: Date, days: Vec<scenario::Day>) -> Result<(), Fault> {
    let entries = days.iter().map(|day| day.acts.len() as u64).sum();
    let bar = progress::entries("recording", entries);
    let before = days.iter().filter(|day| day.date < begun).count();
    for (index, day) in days.into_iter().enumerate() {
        bar.inc(writer.day(index.checked_sub(before), day).await?);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Who may do what in a demonstration.
struct Made {
    people: People,
    /// Of the smaller chapter.
    neighbours: People,
    origin: Origin,
    mark: Mark,
    new: bool,
}

impl Made {
    async fn print(&self, store: &Store) -> Result<(), Fault> {
        let head = store.find(&self.origin).and_then(|id| store.head(id).ok().flatten());
        let size = head.as_ref().map_or(0, |head| head.size);
        let what = if self.new { "Made" } else { "Found" };
        println!(
            "{what} the invented chapter /{SLUG}: {size} entries, until {} (seed {}).",
            self.mark.today.previous(),
            self.mark.seed
        );
        if let Some(head) = head {
            println!("Root over them: {}", head.root);
        }
        println!("\nFor trying out only. Sign in as:");
        let own = self.people.officers.iter().chain(&self.people.later);
        for officer in own.chain(&self.neighbours.officers) {
            println!(
                "  {:<15} {:<34} {}",
                officer.sign_in_name,
                officer.passphrase,
                officer.role.as_str()
            );
        }
        let root = Seeded::new(self.mark.seed);
        for code in writer::sponsors_codes(store, &root, &self.people, &self.origin).await? {
            println!("A sponsor's own page: /do-dau/{code}");
        }
        let id = capital::followed_id(&root, first_day(self.mark.today, MONTHS)?)?;
        if let Some(code) = writer::code_of(store, &self.origin, &id).await? {
            println!(
                "The receipt of a gift that was lent, came back and was lent again: /bn/{code}"
            );
        }
        if let Some(code) = complaints::code(store, &root, &self.origin, self.mark.today).await? {
            println!("The page of somebody who complained and was answered: /phan-anh/{code}");
        }
        println!();
        Ok(())
    }
}

/// Nine o'clock in Vietnam.
fn morning(day: Date) -> DateTime<Utc> {
    day.naive().and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(2)
}

fn read_mark(folder: &Path) -> Result<Option<Mark>, CliFault> {
    let path = folder.join(MARK);
    match fs::read_to_string(&path) {
        Ok(text) => match serde_json::from_str(&text) {
            Ok(mark) => Ok(Some(mark)),
            Err(_) => Err(CliFault::NotADemo { folder: folder.to_owned() }),
        },
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(CliFault::file(path, fault)),
    }
}

fn write_mark(folder: &Path, mark: &Mark) -> Result<(), CliFault> {
    let path = folder.join(MARK);
    let text = serde_json::to_string_pretty(mark).unwrap_or_default() + "\n";
    fs::write(&path, text).map_err(|fault| CliFault::file(path, fault))
}
