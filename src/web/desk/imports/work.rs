//! A statement at work: its file, a person's choices, and what both mean today.
//!
//! Only file and choices are kept (sealed, by the store). What becomes of each line is worked out
//! anew for every page, from them and from what the ledger knows at that moment: no page shows a
//! plan that is older than the books.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rocket::tokio::task::spawn_blocking;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::known::{self, Known};
use crate::import::{
    Bookings, ImportFault, Kind, Layout, Plan, RowFault, Seed, Statement, Table, read_statement,
    read_table,
};
use crate::ledger::word::{Code, Person};
use crate::store::Store;
use crate::store::desk::under_way::{Recorded, UnderWay, Waiting};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::Fault;
use crate::web::session::Officer;

/// The most lines of a statement at the desk; longer files go by the command line.
pub const MOST_LINES: usize = 250_000;

/// What a person said about a statement so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// The file's own name.
    pub name: String,
    /// From what the ids of its vouchers are made: 64 hex digits.
    seed: String,
    /// When it came, in milliseconds since 1970.
    millis: u64,
    /// The account.
    pub place: Code,
    /// The fund of gifts for which no other is chosen.
    pub fund: Code,
    /// Which column means what, once a person has seen it.
    pub layout: Option<Layout>,
    /// Kinds that were chosen, by row.
    kinds: BTreeMap<u32, String>,
    /// Rows that are to be booked although they are perhaps known, or were left out before.
    pub apart: BTreeSet<u32>,
}

impl Choices {
    /// Of a file that has just come.
    ///
    /// # Errors
    /// [`Fault::Internal`] without randomness.
    pub fn new(name: String, place: Code, fund: Code, now: DateTime<Utc>) -> Result<Self, Fault> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|fault| Fault::internal(fault.to_string()))?;
        Ok(Self {
            name,
            seed: hex::encode(seed),
            millis: u64::try_from(now.timestamp_millis()).unwrap_or_default(),
            place,
            fund,
            layout: None,
            kinds: BTreeMap::new(),
            apart: BTreeSet::new(),
        })
    }

    /// The bytes that are sealed.
    ///
    /// # Errors
    /// [`Fault::Internal`], which is not met.
    pub fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(Fault::internal)
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(bytes).map_err(Fault::internal)
    }

    /// From what the ids of the vouchers are made.
    ///
    /// # Errors
    /// [`Fault::Internal`] for choices that this program did not write.
    pub fn seed(&self) -> Result<Seed, Fault> {
        let mut random = [0; 32];
        hex::decode_to_slice(&self.seed, &mut random).map_err(Fault::internal)?;
        Ok(Seed { random, millis: self.millis })
    }

    /// Chooses a kind for a row.
    pub fn choose(&mut self, row: u32, kind: &Kind) {
        self.kinds.insert(row, kind.to_string());
    }

    /// Another layout reads other lines: what was chosen for the old ones ends.
    pub fn read_by(&mut self, layout: Layout) {
        if self.layout.replace(layout).is_some_and(|before| before != layout) {
            self.kinds.clear();
            self.apart.clear();
        }
    }

    fn chosen(&self) -> BTreeMap<u32, Kind> {
        let kinds = self.kinds.iter();
        kinds.filter_map(|(row, kind)| Some((*row, kind.parse().ok()?))).collect()
    }
}

/// A statement that waits, opened.
pub struct Work {
    /// Its identifier.
    pub id: Person,
    /// How often its choices were changed.
    pub version: u64,
    /// A person's choices.
    pub choices: Choices,
    file: Arc<Zeroizing<Vec<u8>>>,
}

/// A statement as it is found.
pub enum Found {
    /// It waits.
    Waiting(Box<Work>),
    /// It was recorded.
    Recorded(Recorded),
}

/// A statement of which every line was read, and what becomes of each.
pub struct Planned {
    /// The lines.
    pub plan: Plan,
    /// What is known of them.
    pub known: Known,
    /// What becomes of them.
    pub bookings: Bookings,
}

/// Why the lines of a statement were not read.
pub enum Unread {
    /// Nobody said yet which column means what.
    NoLayout,
    /// Rows with faults.
    Rows(Vec<RowFault>),
    /// More than [`MOST_LINES`].
    TooMany(usize),
}

/// The choices of a statement in the list of those that wait.
///
/// # Errors
/// [`Fault::Internal`] for choices that this program did not write.
pub fn choices(waiting: &Waiting) -> Result<Choices, Fault> {
    Choices::read(&waiting.choices)
}

/// Finds a statement of this officer.
///
/// # Errors
/// 404 for an unknown, foreign or forgotten one, and faults of the machine.
pub async fn find(
    officer: &Officer,
    store: &Store,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Found, Fault> {
    let id: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let found = store.import_under_way(&officer.desk, &officer.person, &id, now).await;
    match found.map_err(Fault::internal)? {
        None => Err(Fault::NotFound),
        Some(UnderWay::Recorded(recorded)) => Ok(Found::Recorded(recorded)),
        Some(UnderWay::Waiting(waiting, file)) => {
            let choices = Choices::read(&waiting.choices)?;
            let Waiting { id, version, .. } = waiting;
            Ok(Found::Waiting(Box::new(Work { id, version, choices, file: Arc::new(file) })))
        }
    }
}

impl Work {
    /// The path of its page.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.id)
    }

    /// SHA-256 of its file.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.file.as_slice()).into()
    }

    /// Keeps changed choices.
    ///
    /// # Errors
    /// 409 when somebody was quicker, and faults of the machine.
    pub async fn keep(
        &mut self,
        officer: &Officer,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let bytes = self.choices.bytes()?;
        let of = (&self.id, self.version);
        match store.change_import(&officer.desk, of, &bytes, now).await {
            Ok(()) => {
                self.version += 1;
                Ok(())
            }
            Err(DeskFault::Refused(DeskRefusal::ImportMoved)) => {
                Err(Fault::Conflict("import-moved"))
            }
            Err(fault) => Err(Fault::internal(fault)),
        }
    }

    /// The file as a table.
    ///
    /// # Errors
    /// [`Fault::Internal`]: it was read when it came.
    pub async fn table(&self) -> Result<Table, Fault> {
        let file = Arc::clone(&self.file);
        beside(move || read_table(&file)).await?.map_err(Fault::internal)
    }

    /// Reads every line, by the layout chosen.
    ///
    /// # Errors
    /// Faults of the machine; [`Unread`] inside.
    pub async fn statement(&self, officer: &Officer) -> Result<Result<Statement, Unread>, Fault> {
        let Some(layout) = self.choices.layout else { return Ok(Err(Unread::NoLayout)) };
        let file = Arc::clone(&self.file);
        let currency = officer.books.currency();
        let read = beside(move || {
            let table = read_table(&file)?;
            let statement = read_statement(&table, &layout, &currency).map_err(Unread::Rows);
            Ok::<_, ImportFault>(statement.and_then(|statement| {
                if statement.lines.len() > MOST_LINES {
                    return Err(Unread::TooMany(statement.lines.len()));
                }
                Ok(statement)
            }))
        });
        read.await?.map_err(Fault::internal)
    }

    /// What becomes of every line, as the books are now.
    ///
    /// # Errors
    /// Faults of the machine; [`Unread`] inside.
    pub async fn plan(
        &self,
        officer: &Officer,
        store: &Store,
    ) -> Result<Result<Planned, Unread>, Fault> {
        let statement = match self.statement(officer).await? {
            Ok(read) => read,
            Err(unread) => return Ok(Err(unread)),
        };
        let (place, fund) = (self.choices.place.clone(), &self.choices.fund);
        let known = known::look_up(store, officer.chapter, &place, &statement.lines).await;
        let known = known.map_err(Fault::internal)?;
        let giving = store.giving(officer.chapter, &officer.books).await;
        let codes = known::codes(&officer.books, &giving.map_err(Fault::internal)?);
        let terms = known::terms(&officer.books, (&place, fund), officer.today, codes);
        let terms = terms.ok_or_else(|| Fault::internal("a desk without entry 0"))?;
        let (chosen, apart) = (self.choices.chosen(), self.choices.apart.clone());
        let planned = beside(move || {
            let mut plan = Plan::new(place.as_str(), statement, &known.lines);
            let bookings = Bookings::of(&mut plan, terms, &chosen, &apart);
            Planned { plan, known, bookings }
        });
        planned.await.map(Ok)
    }
}

impl Planned {
    /// What a person has seen and signs: rows with day, amount and direction, kinds, what becomes
    /// of each, and the day on which lines of closed months are booked.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{}\n", self.bookings.first_open()));
        for (index, planned) in self.plan.lines.iter().enumerate() {
            let kind = self.bookings.kind(index).map(ToString::to_string).unwrap_or_default();
            let decision = self.bookings.decision(index);
            let (line, movement) = (&planned.line, &planned.line.movement);
            let said = (line.row, line.date, movement.amount.minor(), movement.direction);
            hash.update(format!("{said:?} {kind} {decision:?}\n"));
        }
        hex::encode(&hash.finalize()[..16])
    }

    /// Days on which earlier files have lines and this one books some.
    #[must_use]
    pub fn days_shared(&self) -> Vec<String> {
        self.plan.days_to_compare().iter().map(ToString::to_string).collect()
    }
}

/// The path of a statement's page.
#[must_use]
pub fn path(id: &Person) -> String {
    format!("{}/{id}", super::PATH)
}

/// Runs what takes a while beside the web's threads.
///
/// # Errors
/// [`Fault::Internal`] when it panicked.
pub async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(Fault::internal)
}
