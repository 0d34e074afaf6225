//! Which bank lines are booked, so that none is booked twice without a person saying so.
//!
//! A line's identity is the digest that the import room makes of place, day, time, number, amount,
//! text and running balance, together with how many equal lines precede it. It is kept only
//! blinded with the vault key: bank texts hold names and amounts that could be guessed from a bare
//! hash.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::sql::{self, values};
use super::vault::{Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Code, Date, Person};

const TABLE: &str = "desk_bank_lines";
const BATCHES: &str = "desk_import_batches";
const FILE_NAME: &str = "file-name";
/// How many values a statement carries at most; both databases allow more.
const AT_ONCE: usize = 500;

/// The identity of a bank line: SHA-256 of what the statement says of it.
pub type Identity = [u8; 32];

/// An import of one statement file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its identifier, which is also the subject of its donors' values.
    pub id: Person,
    /// The place of money that the statement is of.
    pub place: Code,
    /// Who imported it.
    pub made_by: Person,
    /// When.
    pub made_at: DateTime<Utc>,
}

impl Batch {
    /// Under which data key the values of donors without a register record stand.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::Batch(self.id.clone())
    }
}

/// A bank line that became an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedLine {
    /// What the line is.
    pub identity: Identity,
    /// How many equal lines precede it.
    pub occurrence: u32,
    /// Its day in the statement.
    pub day: Date,
    /// The voucher that it became.
    pub voucher: VoucherId,
    /// The entry that it became.
    pub seq: u64,
}

/// Where a known line was booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLine {
    /// The voucher.
    pub voucher: VoucherId,
    /// The entry.
    pub seq: u64,
}

/// Opens a batch for a file. Nothing is booked by it.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Randomness`].
#[allow(clippy::too_many_arguments)]
pub async fn open_batch<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    place: &Code,
    file_sha256: &[u8; 32],
    file_name: &str,
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<Batch, DeskFault> {
    let id = new_opaque_id().map_err(|_| DeskFault::Randomness)?;
    let id: Person = id.parse().map_err(|fault| DeskFault::damaged(BATCHES, fault))?;
    let batch = Batch { id, place: place.clone(), made_by: officer.clone(), made_at: now };
    let subject = batch.subject();
    let name = file_name.as_bytes();
    let sealed = vault.seal_note(connection, chapter, &subject, FILE_NAME, name, now).await?;
    let text = "INSERT INTO desk_import_batches (chapter, id, subject, place, file, \
         sealed_file_name, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = values![
        chapter.id,
        batch.id.as_str(),
        subject.to_string(),
        place.as_str(),
        blind_file(vault, chapter, file_sha256).to_vec(),
        sealed,
        officer.as_str(),
        now.timestamp(),
    ];
    sql::execute(connection, text, values).await?;
    Ok(batch)
}

/// Batches of exactly this file that booked something: the page asks whether it is the same again.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn batches_of_file<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    file_sha256: &[u8; 32],
) -> Result<Vec<Batch>, DeskFault> {
    let text = "SELECT id, place, made_by, made_at FROM desk_import_batches AS batch \
         WHERE chapter = $1 AND file = $2 AND EXISTS (SELECT 1 FROM desk_bank_lines AS line \
         WHERE line.chapter = batch.chapter AND line.batch = batch.id) ORDER BY made_at, id";
    let file = blind_file(vault, chapter, file_sha256).to_vec();
    let rows = sql::all(connection, text, values![chapter.id, file]).await?;
    rows.iter()
        .map(|row| {
            Ok(Batch {
                id: sql::parsed(row, BATCHES, "id")?,
                place: sql::parsed(row, BATCHES, "place")?,
                made_by: sql::parsed(row, BATCHES, "made_by")?,
                made_at: sql::moment(row, BATCHES, "made_at")?,
            })
        })
        .collect()
}

/// The name that a batch's file had; `None` when it was erased.
///
/// # Errors
/// [`DeskRefusal::UnknownBatch`], [`DeskFault::Damaged`].
pub async fn file_name<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    batch: &Person,
) -> Result<Option<String>, DeskFault> {
    let text = "SELECT sealed_file_name FROM desk_import_batches WHERE chapter = $1 AND id = $2";
    let row = sql::one(connection, text, values![chapter.id, batch.as_str()]).await?;
    let row = row.ok_or(DeskRefusal::UnknownBatch)?;
    let Some(sealed) = sql::column::<Option<Vec<u8>>>(&row, "sealed_file_name")? else {
        return Ok(None);
    };
    let subject = Subject::Batch(batch.clone());
    let name = vault.open_note(connection, chapter, &subject, FILE_NAME, &sealed).await?;
    Ok(Some(String::from_utf8_lossy(&name).into_owned()))
}

/// Which lines are booked already, by their index in `lines`.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn known<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    place: &Code,
    lines: &[(Identity, u32)],
) -> Result<BTreeMap<usize, KnownLine>, DeskFault> {
    let mut at: BTreeMap<(Vec<u8>, i64), Vec<usize>> = BTreeMap::new();
    for (index, (identity, occurrence)) in lines.iter().enumerate() {
        let blinded = blind_line(vault, chapter, place, identity).to_vec();
        at.entry((blinded, i64::from(*occurrence))).or_default().push(index);
    }
    let identities: Vec<&Vec<u8>> =
        at.keys().map(|(identity, _)| identity).collect::<BTreeSet<_>>().into_iter().collect();
    let mut known = BTreeMap::new();
    for part in identities.chunks(AT_ONCE) {
        let text = format!(
            "SELECT identity, occurrence, voucher, seq FROM desk_bank_lines \
             WHERE chapter = $1 AND place = $2 AND identity IN ({})",
            sql::positions(3, part.len())
        );
        let mut values = values![chapter.id, place.as_str()];
        values.extend(part.iter().map(|identity| sea_orm::Value::from((*identity).clone())));
        for row in sql::all(connection, &text, values).await? {
            let key = (sql::column(&row, "identity")?, sql::column(&row, "occurrence")?);
            let line = KnownLine {
                voucher: sql::parsed(&row, TABLE, "voucher")?,
                seq: sql::unsigned(&row, TABLE, "seq")?.unwrap_or_default(),
            };
            known.extend(at.get(&key).into_iter().flatten().map(|at| (*at, line.clone())));
        }
    }
    Ok(known)
}

/// Which of the days have booked lines of this place: two files that share a day are asked about.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn known_days<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    place: &Code,
    days: &BTreeSet<Date>,
) -> Result<BTreeSet<Date>, DeskFault> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Ok(BTreeSet::new());
    };
    let text = "SELECT DISTINCT day FROM desk_bank_lines \
         WHERE chapter = $1 AND place = $2 AND day BETWEEN $3 AND $4";
    let values = values![chapter.id, place.as_str(), first.to_string(), last.to_string()];
    let rows = sql::all(connection, text, values).await?;
    let booked = rows
        .iter()
        .map(|row| sql::parsed(row, TABLE, "day"))
        .collect::<Result<BTreeSet<Date>, _>>()?;
    Ok(booked.intersection(days).copied().collect())
}

/// The first occurrence of a line that is not booked: for a person who says that an equal line is
/// another payment.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn next_occurrence<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    place: &Code,
    identity: &Identity,
) -> Result<u32, DeskFault> {
    let text = "SELECT occurrence FROM desk_bank_lines \
         WHERE chapter = $1 AND place = $2 AND identity = $3 ORDER BY occurrence";
    let blinded = blind_line(vault, chapter, place, identity).to_vec();
    let rows = sql::all(connection, text, values![chapter.id, place.as_str(), blinded]).await?;
    let mut next = 0;
    for row in rows {
        if sql::column::<i64>(&row, "occurrence")? == i64::from(next) {
            next += 1;
        }
    }
    Ok(next)
}

/// Books lines in the same transaction as their entries: all of them or, rolled back, none.
///
/// # Errors
/// [`DeskRefusal::BookedAlready`] with the index of the first line that is booked; roll back.
pub async fn book<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    batch: &Batch,
    lines: &[BookedLine],
) -> Result<(), DeskFault> {
    let text = "INSERT INTO desk_bank_lines (chapter, place, identity, occurrence, day, batch, \
         voucher, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    for (index, line) in lines.iter().enumerate() {
        let values = values![
            chapter.id,
            batch.place.as_str(),
            blind_line(vault, chapter, &batch.place, &line.identity).to_vec(),
            i64::from(line.occurrence),
            line.day.to_string(),
            batch.id.as_str(),
            line.voucher.as_str(),
            sql::signed(line.seq),
        ];
        if sql::execute(connection, text, values).await? != 1 {
            return Err(DeskRefusal::BookedAlready(index).into());
        }
    }
    Ok(())
}

/// The entry of a voucher was reversed: its bank lines may be booked again.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn release<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &VoucherId,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM desk_bank_lines WHERE chapter = $1 AND voucher = $2";
    sql::execute(connection, text, values![chapter.id, voucher.as_str()]).await
}

pub(super) fn blind_line(
    vault: &Vault,
    chapter: &Chapter,
    place: &Code,
    identity: &Identity,
) -> [u8; 32] {
    let parts: [&[u8]; 3] =
        [chapter.origin.as_str().as_bytes(), place.as_str().as_bytes(), identity];
    vault.blind("bank-line", &parts)
}

fn blind_file(vault: &Vault, chapter: &Chapter, sha256: &[u8; 32]) -> [u8; 32] {
    vault.blind("bank-file", &[chapter.origin.as_str().as_bytes(), sha256])
}

#[cfg(test)]
mod tests;
