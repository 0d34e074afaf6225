//! `minhbach import statement`: a bank statement becomes gifts, interest and money held for others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use sha2::{Digest as _, Sha256};

use super::preview;
use crate::books::Books;
use crate::cli::data::stop;
use crate::cli::passphrase::{Signer, open_key};
use crate::cli::{CliFault, Context, progress};
use crate::import::{
    self, Bookings, Layout, Plan, Seed, Table, ToBook, check_statement, read_statement, read_table,
};
use crate::ledger::voucher::PlaceType;
use crate::ledger::word::Code;
use crate::store::desk::DeskFault;
use crate::store::facade::{Import, ImportFile};
use crate::store::{ChapterId, RecordFault, RecordedFile, Store};
use crate::web::Clock;
use crate::web::desk::imports::known::{self, Known, Signing};

/// Reads a bank statement and books the money that came in.
///
/// Recognises the columns of the bank's export (CSV), proposes what each line is from its words,
/// and books the lines that were never seen: gifts, interest and other income, money that came by
/// mistake. A gift whose note holds the giving code of a fund goes to that fund; one whose code is
/// mistyped is held until an officer finds out for which fund it is. The whole file is recorded in
/// one transaction or not at all, and a line that is booked is not booked again, also from another
/// file, as long as its entry is not reversed.
///
/// Left for the desk, and listed: money that went out, transfers between places, lines that may be
/// booked already, and amounts that need a second signature. Status 1 on any fault; a fault of the
/// file names its row and column, and nothing is booked.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach import statement t9.csv --chapter xuan-tay --fund chung --dry-run
  minhbach import statement t9.csv --chapter xuan-tay --fund bao-lu --place bank --officer thuquy
  MINHBACH_PASSPHRASE=... minhbach import statement t9.csv --chapter xuan-tay --fund chung \\
      --officer thuquy

The passphrase comes from --passphrase-file, from MINHBACH_PASSPHRASE, or is typed at a prompt.
Stop the server first: one program at a time uses a data folder.")]
pub struct Statement {
    /// The bank's export
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The chapter
    #[arg(long, value_name = "SLUG")]
    chapter: String,
    /// The fund that the gifts are for
    #[arg(long, value_name = "CODE")]
    fund: Code,
    /// The bank account that the statement is of [default: the chapter's only one]
    #[arg(long, value_name = "CODE")]
    place: Option<Code>,
    /// The sign-in name of the officer who records
    #[arg(long, value_name = "NAME", required_unless_present = "dry_run")]
    officer: Option<String>,
    /// A file whose first line is the officer's passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Show line by line what would be booked, and book nothing; needs no officer
    #[arg(long)]
    dry_run: bool,
    /// Days that an earlier file of the account has lines of, too, were compared with the account:
    /// the lines that look new there are new
    #[arg(long)]
    same_days: bool,
    /// The last entry is more than 31 days old, and this machine's clock is right all the same
    #[arg(long)]
    clock_is_right: bool,
}

/// Where the money of a statement belongs.
struct Target {
    place: Code,
    fund: Code,
}

/// A file that was read wholly, with what is known of its lines and what becomes of them.
struct Planned {
    plan: Plan,
    known: Known,
    bookings: Bookings,
    sha256: [u8; 32],
}

impl Statement {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        context.runtime()?.block_on(async {
            let store = Store::open(context.store_config()).await?;
            let done = self.import(context, &store).await;
            stop(store, done).await
        })
    }

    async fn import(&self, context: &Context, store: &Store) -> Result<(), CliFault> {
        let chapter = match self.dry_run {
            true => context.chapter(store, &self.chapter)?,
            false => context.open_chapter(store, &self.chapter)?,
        };
        let books = store.books(chapter)?;
        let target = self.target(&books)?;
        let now = Clock::system().now();
        let bytes = std::fs::read(&self.file).map_err(|fault| CliFault::file(&self.file, fault))?;
        // Its faults are told before anybody types a passphrase. To turn that into a key takes much
        // memory for a moment: not beside a long plan.
        self.check(&bytes, &books)?;
        let officer = match self.officer.as_deref().filter(|_| !self.dry_run) {
            Some(name) => {
                let file = self.passphrase_file.as_deref();
                Some(open_key(store, chapter, name, file).await?)
            }
            None => None,
        };
        let planned = self.plan(store, chapter, (&books, &target), (bytes, now)).await?;
        if self.dry_run {
            preview::lines(&planned.plan, &planned.bookings, &books.currency());
        }
        preview::totals(&planned.plan, &planned.bookings, &books.currency());
        if self.dry_run || planned.bookings.booked() == 0 {
            println!("Nothing was booked{}.", if self.dry_run { " (dry run)" } else { "" });
            return if self.dry_run { Ok(()) } else { self.nothing_wrong(&planned) };
        }
        self.nothing_wrong(&planned)?;
        self.days_are_compared(&planned.plan)?;
        let officer = officer.ok_or_else(|| CliFault::Argument("--officer: who?".to_owned()))?;
        self.book(store, chapter, (&books, &target), (planned, officer), now).await
    }

    /// Where two files share a day, a line that is written differently in each looks new in both:
    /// a person has to say that it is.
    fn days_are_compared(&self, plan: &Plan) -> Result<(), CliFault> {
        let days = plan.days_to_compare();
        if self.same_days || days.is_empty() {
            return Ok(());
        }
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        let said = format!(
            "an earlier file has lines of {}, too. Compare what would be booked of these days with \
             the account (--dry-run shows it line by line), then add --same-days",
            days.join(", ")
        );
        Err(CliFault::Statement { file: self.file.display().to_string(), faults: vec![said] })
    }

    /// Nothing is booked of a file with a line that the books can't hold.
    fn nothing_wrong(&self, planned: &Planned) -> Result<(), CliFault> {
        let wrong = planned.bookings.wrong(&planned.plan);
        if wrong.is_empty() {
            return Ok(());
        }
        let line = |(row, left): &(u32, _)| format!("row {row}: {}", preview::words(*left));
        let faults = wrong.iter().map(line).collect();
        Err(CliFault::Statement { file: self.file.display().to_string(), faults })
    }

    /// Signs the vouchers and records all of them; the key is forgotten with the last.
    async fn book(
        &self,
        store: &Store,
        chapter: ChapterId,
        (books, target): (&Books, &Target),
        (Planned { plan, known, bookings, sha256 }, officer): (Planned, Signer),
        now: DateTime<Utc>,
    ) -> Result<(), CliFault> {
        if self.clock_is_right {
            store.confirm_clock(chapter, now)?;
        }
        let log = books.chapter().map(|chapter| chapter.origin.clone());
        let log = log.ok_or_else(|| CliFault::Argument("the ledger is empty".to_owned()))?;
        let to_book = bookings.to_book(&plan, &known.lines);
        let row = |own: &ToBook| plan.lines.get(own.index).map_or(0, |planned| planned.line.row);
        let rows: Vec<u32> = to_book.iter().map(row).collect();
        let signing = Signing { plan, bookings, to_book, log, seed: seed(now)?, key: officer.key };
        let file_name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let import = Import {
            file: ImportFile { place: &target.place, sha256: &sha256, name: &file_name },
            officer: &officer.person,
            count: signing.count(),
            make: signing.make(),
            left_out: Vec::new(),
            ended: None,
        };
        let bar = progress::entries("recording", import.count as u64);
        let recorded = store.record_import(chapter, import, now);
        let watched = async {
            loop {
                tokio::time::sleep(Duration::from_millis(200)).await;
                bar.set_position(store.importing(chapter).map_or(0, |now| now.done));
            }
        };
        let recorded = tokio::select! {
            recorded = recorded => recorded,
            () = watched => Ok(None),
        };
        bar.finish_and_clear();
        let recorded = recorded.map_err(|fault| CliFault::Refused {
            what: match &fault.fault {
                RecordFault::Refused(_) | RecordFault::Form(_) => {
                    rows.get(fault.index).map_or_else(String::new, |row| format!("row {row}: "))
                }
                // Not about a row, or about one among some hundred.
                _ => String::new(),
            },
            fault: fault.fault,
        })?;
        if let Some(RecordedFile { count, first }) = recorded {
            println!("Booked {count} lines as entries {first} to {}.", first + count - 1);
        }
        Ok(())
    }

    fn target(&self, books: &Books) -> Result<Target, CliFault> {
        let register = books.register();
        let argument = |fault: crate::books::Refusal| CliFault::Argument(fault.to_string());
        register.fund("--fund", &self.fund).map_err(argument)?;
        let place = match &self.place {
            Some(place) => place.clone(),
            None => only_bank(books)?,
        };
        register.place("--place", &place).map_err(argument)?;
        if books.place_type(&place) != Some(PlaceType::Bank) {
            let said = format!("--place: {place} is no bank account");
            return Err(CliFault::Argument(said));
        }
        Ok(Target { place, fund: self.fund.clone() })
    }

    /// Looks whether the file can be read.
    fn check(&self, bytes: &[u8], books: &Books) -> Result<(), CliFault> {
        let (table, layout) = self.table(bytes)?;
        check_statement(&table, &layout, &books.currency()).map_err(|faults| self.faulty(&faults))
    }

    /// Reads the file wholly. Its bytes are gone before its lines are made: a long file is in
    /// memory twice at most.
    fn read(&self, bytes: Vec<u8>, books: &Books) -> Result<import::Statement, CliFault> {
        let (table, layout) = self.table(&bytes)?;
        drop(bytes);
        read_statement(&table, &layout, &books.currency()).map_err(|faults| self.faulty(&faults))
    }

    fn table(&self, bytes: &[u8]) -> Result<(Table, Layout), CliFault> {
        let table = read_table(bytes).map_err(|fault| self.faulty(&[fault]))?;
        let layout = Layout::detect(&table).ok_or_else(|| {
            let said = "row 1, column 1: no header names a date, a text and amounts; import it at \
                the desk, where columns are chosen by hand";
            self.faulty(&[said])
        })?;
        Ok((table, layout))
    }

    fn faulty(&self, faults: &[impl ToString]) -> CliFault {
        let faults = faults.iter().map(ToString::to_string).collect();
        CliFault::Statement { file: self.file.display().to_string(), faults }
    }

    /// Looks up which of the lines of a file are known, and decides about each.
    async fn plan(
        &self,
        store: &Store,
        chapter: ChapterId,
        (books, target): (&Books, &Target),
        (bytes, now): (Vec<u8>, DateTime<Utc>),
    ) -> Result<Planned, CliFault> {
        let sha256 = Sha256::digest(&bytes).into();
        let statement = self.read(bytes, books)?;
        let known = known::look_up(store, chapter, &target.place, &statement.lines).await?;
        let mut plan = Plan::new(target.place.as_str(), statement, &known.lines);
        let offset = books.chapter().map(|chapter| chapter.utc_offset.fixed());
        let today = offset.map(|offset| now.with_timezone(&offset).date_naive());
        let codes = known::codes(books, &store.giving(chapter, books).await?);
        let of = (&target.place, &target.fund);
        let terms = today.and_then(|today| known::terms(books, of, today, codes));
        let terms = terms.ok_or_else(|| CliFault::Argument("the ledger is empty".to_owned()))?;
        let bookings = Bookings::of(&mut plan, terms, &BTreeMap::new(), &BTreeSet::new());
        Ok(Planned { plan, known, bookings, sha256 })
    }
}

/// A seed for this run alone: at the command line nothing is sent twice.
fn seed(now: DateTime<Utc>) -> Result<Seed, CliFault> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|_| CliFault::Desk(DeskFault::Randomness))?;
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    Ok(Seed { random, millis })
}

fn only_bank(books: &Books) -> Result<Code, CliFault> {
    let register = books.register();
    let banks: Vec<&Code> = register
        .places()
        .iter()
        .filter(|(_, place)| place.r#type == PlaceType::Bank && !place.closed)
        .map(|(code, _)| code)
        .collect();
    match banks.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(CliFault::Argument("--place: the chapter has no bank account".to_owned())),
        several => {
            let codes: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(CliFault::Argument(format!("--place: name one of {}", codes.join(", "))))
        }
    }
}
