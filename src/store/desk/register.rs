//! The register: the donors and families that the desk knows.
//!
//! A record is sealed whole under its person's data key; the tables hold an opaque identifier, a
//! role, and which family was served in which round. Every look at records is logged.

mod families;
mod household;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::sql::{self, values};
use super::vault::{Action, Purpose, Reader, Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal, vault};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::voucher::{Category, VoucherId};
use crate::ledger::word::{Code, Date, Person};

pub use families::{Families, Family, change_from, enter_family, families, of_role};
pub use household::{Agreed, Disability, Household, MOST_ROWS, Member, Referral, Spell};

const TABLE: &str = "desk_persons";
const LABEL: &str = "register";
const LONGEST: usize = 200;

/// Why the desk knows a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// They give.
    Donor,
    /// They are helped.
    Family,
    /// They work here: an officer's legal name.
    Officer,
}

impl Role {
    const ALL: [Self; 3] = [Self::Donor, Self::Family, Self::Officer];

    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Donor => "donor",
            Self::Family => "family",
            Self::Officer => "officer",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or("not a role of the register")
    }
}

/// What is known of a person; sealed as a whole. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The name by which the desk knows them, 1 to 200 characters.
    pub full_name: String,
    /// A telephone number.
    pub phone: Option<String>,
    /// An address.
    pub address: Option<String>,
    /// The hamlet or neighbourhood.
    pub hamlet: Option<String>,
    /// The number of an identity card.
    pub identity_number: Option<String>,
    /// Why a family is helped.
    pub category: Option<Category>,
    /// Notes of the desk.
    pub notes: Option<String>,
    /// The family behind the name.
    #[serde(skip_serializing_if = "Household::is_empty")]
    pub household: Household,
}

impl Record {
    /// Why a family is helped on a day: the main reason first. What an older record says without
    /// days always holds.
    #[must_use]
    pub fn categories_on(&self, day: Date) -> Vec<Category> {
        let spells = &self.household.categories;
        let old = self.category.filter(|_| spells.is_empty());
        let holding = spells.iter().filter(|spell| spell.holds_on(day));
        old.into_iter().chain(holding.map(|spell| spell.category)).collect()
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Record(hidden)")
    }
}

/// A person of the register with their record in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The opaque identifier, as in vouchers and in the vault.
    pub person: Person,
    /// Why the desk knows them.
    pub role: Role,
    /// What it knows.
    pub record: Record,
}

/// Enters a person under a new identifier and data key.
///
/// # Errors
/// [`DeskRefusal::TextLength`].
pub async fn enter<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    role: Role,
    record: &Record,
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<Person, DeskFault> {
    let id = new_opaque_id().map_err(|_| DeskFault::Randomness)?;
    let person: Person = id.parse().map_err(|fault| DeskFault::damaged(TABLE, fault))?;
    enter_as(connection, vault, chapter, &person, role, record, officer, now).await?;
    Ok(person)
}

/// Enters a person whom the ledger knows already, an officer.
///
/// # Errors
/// [`DeskRefusal::TextLength`], [`DeskRefusal::HasAccount`] when the identifier is taken.
#[allow(clippy::too_many_arguments)]
pub async fn enter_as<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    person: &Person,
    role: Role,
    record: &Record,
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let plain = written(record)?;
    let subject = Subject::Person(person.clone());
    vault.make_key(connection, chapter, &subject, now).await?;
    let sealed = vault.seal_note(connection, chapter, &subject, LABEL, &plain, now).await?;
    let text = "INSERT INTO desk_persons (chapter, id, subject, role, sealed, made_by, made_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let values = values![
        chapter.id,
        person.as_str(),
        subject.to_string(),
        role.as_str(),
        sealed,
        officer.as_str(),
        now.timestamp(),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::HasAccount.into()),
    }
}

/// Replaces a person's record, if nobody changed it since `version`. Who did it and when stands in
/// no row: of a sponsor, beside the time of a payment, it would say which families are meant.
///
/// # Errors
/// [`DeskRefusal::TextLength`], [`DeskRefusal::RecordMoved`].
pub async fn change<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (person, version, record): (&Person, u64, &Record),
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let plain = written(record)?;
    let subject = Subject::Person(person.clone());
    let sealed = vault.seal_note(connection, chapter, &subject, LABEL, &plain, now).await?;
    let text = "UPDATE desk_persons SET sealed = $1, version = version + 1 \
         WHERE chapter = $2 AND id = $3 AND version = $4";
    let values = values![sealed, chapter.id, person.as_str(), sql::signed(version)];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::RecordMoved.into()),
    }
}

fn written(record: &Record) -> Result<Zeroizing<Vec<u8>>, DeskFault> {
    let name = record.full_name.trim();
    if !(1..=LONGEST).contains(&name.chars().count()) {
        return Err(DeskRefusal::TextLength("full_name", LONGEST).into());
    }
    let optional = [
        ("phone", &record.phone),
        ("address", &record.address),
        ("hamlet", &record.hamlet),
        ("identity_number", &record.identity_number),
    ];
    for (member, text) in optional {
        if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
            return Err(DeskRefusal::TextLength(member, LONGEST).into());
        }
    }
    if record.notes.as_ref().is_some_and(|notes| notes.chars().count() > 10 * LONGEST) {
        return Err(DeskRefusal::TextLength("notes", 10 * LONGEST).into());
    }
    record.household.check()?;
    serde_json::to_vec(record)
        .map(Zeroizing::new)
        .map_err(|_| DeskFault::damaged(TABLE, "a record that is no JSON"))
}

/// Opens the records of a role, oldest first, and logs it. Restricted persons are left out unless
/// for the law. Commit before showing.
///
/// # Errors
/// [`DeskFault::Damaged`].
pub async fn open<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    reader: Reader<'_>,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Vec<Known>, DeskFault> {
    let text = format!("{SELECT} AND person.role = $2 ORDER BY person.made_at, person.id");
    let rows = sql::all(connection, &text, values![chapter.id, role.as_str()]).await?;
    let what = format!("register:{}", role.as_str());
    read(connection, vault, chapter, reader, &rows, &what, now).await
}

/// Opens one person's record and logs it.
///
/// # Errors
/// [`DeskRefusal::Gone`], also for a restricted person unless for the law;
/// [`DeskFault::Damaged`].
pub async fn open_one<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    reader: Reader<'_>,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<Known, DeskFault> {
    let text = format!("{SELECT} AND person.id = $2");
    let rows = sql::all(connection, &text, values![chapter.id, person.as_str()]).await?;
    let what = format!("person:{person}");
    let known = read(connection, vault, chapter, reader, &rows, &what, now).await?;
    known.into_iter().next().ok_or_else(|| DeskRefusal::Gone.into())
}

const SELECT: &str = "SELECT person.id, person.role, person.sealed, vault_keys.restricted \
     FROM desk_persons AS person JOIN vault_keys ON vault_keys.chapter = person.chapter \
     AND vault_keys.subject = person.subject WHERE person.chapter = $1";

async fn read<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    reader: Reader<'_>,
    rows: &[QueryResult],
    what: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Known>, DeskFault> {
    let mut known = Vec::with_capacity(rows.len());
    for row in rows {
        if sql::column::<i64>(row, "restricted")? == 1 && reader.purpose != Purpose::Law {
            continue;
        }
        let person: Person = sql::parsed(row, TABLE, "id")?;
        let subject = Subject::Person(person.clone());
        let sealed: Vec<u8> = sql::column(row, "sealed")?;
        let plain = vault.open_note(connection, chapter, &subject, LABEL, &sealed).await?;
        let record = serde_json::from_slice(&plain)
            .map_err(|_| DeskFault::damaged(TABLE, "a record out of its form"))?;
        known.push(Known { person, role: sql::parsed(row, TABLE, "role")?, record });
    }
    if !known.is_empty() {
        let action =
            if reader.purpose == Purpose::Export { Action::Exported } else { Action::Opened };
        vault::note(connection, chapter, reader.person, action, what, known.len(), now).await?;
    }
    Ok(known)
}

/// Notes which families a voucher of a round serves.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn note_lines<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    programme: &Code,
    round: &Code,
    voucher: &VoucherId,
    families: &[Person],
) -> Result<(), DeskFault> {
    let text = "INSERT INTO desk_round_lines (chapter, programme, round, family, voucher) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    for family in families {
        let values = values![
            chapter.id,
            programme.as_str(),
            round.as_str(),
            family.as_str(),
            voucher.as_str(),
        ];
        sql::execute(connection, text, values).await?;
    }
    Ok(())
}

/// What makes a `line` of `desk_round_lines` count: nothing that came back was recorded for it.
pub(super) const STANDING: &str = "NOT EXISTS (SELECT 1 FROM desk_drafts AS back \
     WHERE back.chapter = line.chapter AND back.id = line.returned AND back.state = 'recorded')";

/// Which of the families are on a list of this round already: a second time needs a reason.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn served_in_round<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    programme: &Code,
    round: &Code,
    families: &[Person],
) -> Result<BTreeSet<Person>, DeskFault> {
    let text = format!(
        "SELECT DISTINCT line.family FROM desk_round_lines AS line \
         WHERE line.chapter = $1 AND line.programme = $2 AND line.round = $3 AND {STANDING}"
    );
    let values = values![chapter.id, programme.as_str(), round.as_str()];
    let rows = sql::all(connection, &text, values).await?;
    let served = rows
        .iter()
        .map(|row| sql::parsed(row, "desk_round_lines", "family"))
        .collect::<Result<BTreeSet<Person>, _>>()?;
    Ok(families.iter().filter(|family| served.contains(family)).cloned().collect())
}

/// The voucher serves nobody and brings nothing back: sent back, withdrawn, void, or reversed.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn forget_lines<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &VoucherId,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM desk_round_lines WHERE chapter = $1 AND voucher = $2";
    sql::execute(connection, text, values![chapter.id, voucher.as_str()]).await?;
    let text = "UPDATE desk_round_lines SET returned = NULL WHERE chapter = $1 AND returned = $2";
    sql::execute(connection, text, values![chapter.id, voucher.as_str()]).await.map(drop)
}

#[cfg(test)]
mod tests;
