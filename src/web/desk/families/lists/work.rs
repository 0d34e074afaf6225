//! A list at work: its file, a person's choices, and what both mean today.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::PATH;
use crate::import::families::{Columns, FamilyFault, FamilyRow, read_families};
use crate::import::likeness::{Alike, Likeness};
use crate::import::{Table, read_table};
use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::under_way::{UnderWay, Waiting};
use crate::store::desk::vault::{Purpose, Reader};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::families::likeness;
use crate::web::desk::imports::work::beside;
use crate::web::session::Officer;
use crate::web::{Config, Fault};

/// The most families of a file.
pub const MOST: usize = 5_000;

/// What the log calls look-alikes that a preview shows.
const LIST: &str = "register:list";

/// What a person said about a list so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// The file's own name.
    pub name: String,
    /// Which column means what, once a person has seen it.
    pub columns: Option<Columns>,
    /// Rows of families that look like another and are none.
    pub apart: BTreeSet<u32>,
}

impl Choices {
    /// The bytes that are sealed.
    ///
    /// # Errors
    /// [`Fault::Internal`], which is not met.
    pub fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(Fault::internal)
    }

    /// The choices of a list that waits.
    ///
    /// # Errors
    /// [`Fault::Internal`] for choices that this program did not write.
    pub fn of(waiting: &Waiting) -> Result<Self, Fault> {
        serde_json::from_slice(&waiting.choices).map_err(Fault::internal)
    }
}

/// A list that waits, opened.
pub struct Work {
    /// Its identifier.
    pub id: Person,
    /// How often its choices were changed.
    pub version: u64,
    /// A person's choices.
    pub choices: Choices,
    file: Arc<Zeroizing<Vec<u8>>>,
}

/// A list as it is found.
pub enum Found {
    /// It waits.
    Waiting(Box<Work>),
    /// So many families were entered.
    Recorded(String),
}

/// Whom a row looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// A family of the register, by identifier and name.
    Known(Person, String),
    /// An earlier row of the file.
    Row(u32),
}

/// A row and what becomes of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The family.
    pub family: FamilyRow,
    /// Whom it looks like, and why.
    pub alike: Option<(Alike, Other)>,
    /// Whether a person said that it is another one.
    pub apart: bool,
}

impl Planned {
    /// Whether it is entered.
    #[must_use]
    pub const fn enters(&self) -> bool {
        self.alike.is_none() || self.apart
    }
}

/// What becomes of every row.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Families.
    pub rows: Vec<Planned>,
    /// Rows that can't be read: with one of them nothing is entered.
    pub faults: Vec<FamilyFault>,
}

impl Plan {
    /// What a person has seen: rows, look-alikes, decisions.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for row in &self.rows {
            hash.update(format!("{:?} {:?} {}\n", row.family, row.alike, row.apart));
        }
        hash.update(format!("{:?}", self.faults));
        hex::encode(&hash.finalize()[..16])
    }
}

/// Finds a list of this officer.
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
    let found = store.families_under_way(&officer.desk, &officer.person, &id, now).await;
    match found.map_err(Fault::internal)? {
        None => Err(Fault::NotFound),
        Some(UnderWay::Recorded(recorded)) => Ok(Found::Recorded(recorded.outcome)),
        Some(UnderWay::Waiting(waiting, file)) => {
            let choices = Choices::of(&waiting)?;
            let Waiting { id, version, .. } = waiting;
            Ok(Found::Waiting(Box::new(Work { id, version, choices, file: Arc::new(file) })))
        }
    }
}

/// The path of a list's page.
#[must_use]
pub fn path(id: &Person) -> String {
    format!("{PATH}/{id}")
}

impl Work {
    /// The path of its page.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.id)
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

    /// What becomes of every row, as the register is now; `None` without columns.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn plan(
        &self,
        officer: &Officer,
        store: &Store,
        config: &Config,
    ) -> Result<Option<Plan>, Fault> {
        let Some(columns) = self.choices.columns.clone() else { return Ok(None) };
        let (file, apart) = (Arc::clone(&self.file), self.choices.apart.clone());
        let this_year = u16::try_from(officer.today.year()).unwrap_or(u16::MAX);
        let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
        let now = config.clock.now();
        let known = store.families(&officer.desk, reader, LIST, now, |families| (families, 0));
        let known: Vec<(Likeness, Person, String)> = known
            .await
            .map_err(Fault::internal)?
            .all
            .into_iter()
            .map(|family| (likeness(&family.record), family.person, family.record.full_name))
            .collect();
        let planned = beside(move || {
            let table = read_table(&file)?;
            let (families, faults) = read_families(&table, &columns, this_year);
            Ok::<_, crate::import::ImportFault>(plan(families, faults, &known, &apart))
        });
        let plan = planned.await?.map_err(Fault::internal)?;
        self.note(officer, store, now, &plan).await?;
        Ok(Some(plan))
    }

    /// The names of look-alikes are shown: the log says of how many.
    async fn note(
        &self,
        officer: &Officer,
        store: &Store,
        now: DateTime<Utc>,
        plan: &Plan,
    ) -> Result<(), Fault> {
        let known = |row: &&Planned| matches!(row.alike, Some((_, Other::Known(..))));
        let number = plan.rows.iter().filter(known).count();
        let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
        let noted = store.families(&officer.desk, reader, LIST, now, |_| ((), number));
        noted.await.map_err(Fault::internal)
    }
}

fn plan(
    families: Vec<FamilyRow>,
    faults: Vec<FamilyFault>,
    known: &[(Likeness, Person, String)],
    apart: &BTreeSet<u32>,
) -> Plan {
    let mut rows = Vec::with_capacity(families.len());
    let mut earlier: Vec<(Likeness, u32)> = Vec::with_capacity(families.len());
    for family in families {
        let own = family.likeness();
        let there = known.iter().find_map(|(other, person, name)| {
            let why = own.alike(other)?;
            Some((why, Other::Known(person.clone(), name.clone())))
        });
        let alike = there.or_else(|| {
            let same = |(other, row): &(Likeness, u32)| Some((own.alike(other)?, Other::Row(*row)));
            earlier.iter().find_map(same)
        });
        earlier.push((own, family.row));
        let apart = alike.is_some() && apart.contains(&family.row);
        rows.push(Planned { family, alike, apart });
    }
    Plan { rows, faults }
}
