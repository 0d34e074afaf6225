//! Families of the register: read all at once, changed from a known version.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};

use super::super::sql::{self, values};
use super::super::vault::{Subject, Vault};
use super::super::{Chapter, DeskFault, DeskRefusal};
use super::{LABEL, Record, Role, TABLE, enter_as, written};
use crate::ledger::word::Person;

/// A family with its record in clear. `Debug` shows nothing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The opaque identifier.
    pub person: Person,
    /// How often the record was changed.
    pub version: u64,
    /// Who changed it last.
    pub changed_by: Option<Person>,
    /// When.
    pub changed_at: Option<DateTime<Utc>>,
    /// What is known.
    pub record: Record,
}

/// All families that may be read, and how many are held back.
#[derive(Clone, Debug, Default)]
pub struct Families {
    /// The oldest first.
    pub all: Vec<Family>,
    /// Families whose values are restricted.
    pub restricted: Vec<Person>,
}

impl Families {
    /// A family by its identifier.
    #[must_use]
    pub fn get(&self, person: &Person) -> Option<&Family> {
        self.all.iter().find(|family| family.person == *person)
    }
}

/// Everybody of a role who is not held back, in clear. Nothing is logged: whoever shows some of
/// them notes how many, in the same transaction.
///
/// # Errors
/// [`DeskFault::Damaged`].
pub async fn of_role<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    role: Role,
) -> Result<Families, DeskFault> {
    let text = "SELECT person.id, person.sealed, person.version, person.changed_by, \
         person.changed_at, vault_keys.wrapped, vault_keys.restricted \
         FROM desk_persons AS person JOIN vault_keys ON vault_keys.chapter = person.chapter \
         AND vault_keys.subject = person.subject \
         WHERE person.chapter = $1 AND person.role = $2 ORDER BY person.made_at, person.id";
    let rows = sql::all(connection, text, values![chapter.id, role.as_str()]).await?;
    let mut found = Families::default();
    for row in &rows {
        let person: Person = sql::parsed(row, TABLE, "id")?;
        if sql::column::<i64>(row, "restricted")? == 1 {
            found.restricted.push(person);
        } else {
            found.all.push(read(vault, chapter, person, row)?);
        }
    }
    Ok(found)
}

/// Every family that is not held back; see [`of_role`].
///
/// # Errors
/// [`DeskFault::Damaged`].
pub async fn families<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
) -> Result<Families, DeskFault> {
    of_role(connection, vault, chapter, Role::Family).await
}

fn read(
    vault: &Vault,
    chapter: &Chapter,
    person: Person,
    row: &QueryResult,
) -> Result<Family, DeskFault> {
    let (wrapped, sealed): (Vec<u8>, Vec<u8>) =
        (sql::column(row, "wrapped")?, sql::column(row, "sealed")?);
    let subject = Subject::Person(person.clone());
    let plain = vault.open_with(chapter, &subject, LABEL, (&wrapped, &sealed))?;
    let record = serde_json::from_slice(&plain)
        .map_err(|_| DeskFault::damaged(TABLE, "a record out of its form"))?;
    let changed_by: Option<String> = sql::column(row, "changed_by")?;
    let changed_at: Option<i64> = sql::column(row, "changed_at")?;
    Ok(Family {
        person,
        version: sql::unsigned(row, TABLE, "version")?.unwrap_or_default(),
        changed_by: changed_by
            .map(|by| by.parse().map_err(|fault| DeskFault::damaged(TABLE, fault)))
            .transpose()?,
        changed_at: changed_at.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
        record,
    })
}

/// Enters a family under an identifier of the caller's; `false` when it is there already, as after
/// a second click.
///
/// # Errors
/// [`DeskRefusal::TextLength`].
pub async fn enter_family<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (person, record): (&Person, &Record),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    let text = "SELECT id FROM desk_persons WHERE chapter = $1 AND id = $2";
    let there = sql::one(connection, text, values![chapter.id, person.as_str()]).await?;
    if there.is_some() {
        return Ok(false);
    }
    enter_as(connection, vault, chapter, person, Role::Family, record, officer, now).await?;
    Ok(true)
}

/// Replaces a family's record, if nobody changed it since `version`.
///
/// # Errors
/// [`DeskRefusal::TextLength`], [`DeskRefusal::RecordMoved`], [`DeskRefusal::Gone`].
pub async fn change_from<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (person, version, record): (&Person, u64, &Record),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let plain = written(record)?;
    let subject = Subject::Person(person.clone());
    let sealed = vault.seal_note(connection, chapter, &subject, LABEL, &plain, now).await?;
    let text = "UPDATE desk_persons SET sealed = $1, version = version + 1, changed_by = $2, \
         changed_at = $3 WHERE chapter = $4 AND id = $5 AND role = 'family' AND version = $6";
    let values = values![
        sealed,
        officer.as_str(),
        now.timestamp(),
        chapter.id,
        person.as_str(),
        sql::signed(version),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::RecordMoved.into()),
    }
}
