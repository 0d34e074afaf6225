//! Which bank lines were decided about, so that none is booked twice without a person saying so.
//!
//! A line's identity is the digest that the import room makes of place, day, time, number, amount,
//! text and running balance, together with how many equal lines precede it; three more digests find
//! the same line in another export. All are kept only blinded with the vault key: bank texts hold
//! names and amounts that could be guessed from a bare hash. Day and time of a line stand in clear:
//! they name nobody.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};

use super::sql::{self, values};
use super::vault::{Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Code, Date, Person};

const TABLE: &str = "desk_bank_lines";
const BATCHES: &str = "desk_import_batches";
const FILE_NAME: &str = "file-name";

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

/// A line of a statement, by what it is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankLine {
    /// What the line is.
    pub identity: Identity,
    /// How many equal lines precede it.
    pub occurrence: u32,
    /// Look-alikes by document number.
    pub document: Option<Identity>,
    /// Look-alikes by reference.
    pub reference: Option<Identity>,
    /// Look-alikes by words.
    pub words: Option<Identity>,
    /// Its day in the statement.
    pub day: Date,
    /// Its time of day in the statement, where there is one.
    pub time: Option<NaiveTime>,
    /// Whether the bank gives a balance after it.
    pub has_balance: bool,
}

/// What was decided about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It became an entry.
    Booked {
        /// The voucher.
        voucher: VoucherId,
        /// The entry.
        seq: u64,
    },
    /// A person left it out; the word of the reason.
    LeftOut(String),
}

/// A line that was decided about before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLine {
    /// The line. A digest that no line of the file asked about has stands as it is kept, blinded:
    /// it equals none of theirs.
    pub line: BankLine,
    /// What was decided.
    pub decided: Decided,
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

/// Undoes a batch of which nothing was recorded: its sealed file name and its key go.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn abandon_batch<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    batch: &Batch,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM desk_import_batches WHERE chapter = $1 AND id = $2 AND NOT EXISTS \
         (SELECT 1 FROM desk_bank_lines AS line WHERE line.chapter = $1 AND line.batch = $2)";
    if sql::execute(connection, text, values![chapter.id, batch.id.as_str()]).await? == 1 {
        let text = "DELETE FROM vault_keys WHERE chapter = $1 AND subject = $2";
        let values = values![chapter.id, batch.subject().to_string()];
        sql::execute(connection, text, values).await?;
    }
    Ok(())
}

/// Batches of exactly this file of which lines are booked: the page says that it came before.
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
         WHERE line.chapter = batch.chapter AND line.batch = batch.id \
         AND line.seq IS NOT NULL) ORDER BY made_at, id";
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

/// What is known of the place on some days; digests stand as these `lines` of them have them. The
/// lines are asked for only where something is known.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn known<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (place, days): (&Code, &BTreeSet<Date>),
    lines: impl IntoIterator<Item = BankLine>,
) -> Result<Vec<KnownLine>, DeskFault> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Vec::new()) };
    let text = "SELECT identity, occurrence, document, reference, words, day, time, has_balance, \
         voucher, seq, left_out FROM desk_bank_lines \
         WHERE chapter = $1 AND place = $2 AND day BETWEEN $3 AND $4 \
         ORDER BY day, seq, identity, occurrence";
    let values = values![chapter.id, place.as_str(), first.to_string(), last.to_string()];
    let rows = sql::all(connection, text, values).await?;
    // Of the days of a file nothing is known, most often: then nothing is blinded to be compared,
    // which takes time and memory for hundreds of thousands of lines.
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let asked = Blind { vault, chapter, place }.all(lines);
    let mut known = Vec::new();
    for row in rows {
        let line = read_line(&row, &asked)?;
        if !days.contains(&line.day) {
            continue;
        }
        let decided = match sql::column::<Option<String>>(&row, "left_out")? {
            Some(reason) => Decided::LeftOut(reason),
            None => Decided::Booked {
                voucher: sql::parsed(&row, TABLE, "voucher")?,
                seq: sql::unsigned(&row, TABLE, "seq")?.unwrap_or_default(),
            },
        };
        known.push(KnownLine { line, decided });
    }
    Ok(known)
}

/// A stored line; its digests as the file has them, where it does.
fn read_line(
    row: &QueryResult,
    asked: &BTreeMap<[u8; 32], Identity>,
) -> Result<BankLine, DeskFault> {
    let damaged = |what: &str| DeskFault::damaged(TABLE, what);
    let digest = |bytes: Vec<u8>| -> Result<Identity, DeskFault> {
        let kept: Identity = bytes.try_into().map_err(|_| damaged("a digest"))?;
        Ok(asked.get(&kept).copied().unwrap_or(kept))
    };
    let alike = |name| -> Result<Option<Identity>, DeskFault> {
        sql::column::<Option<Vec<u8>>>(row, name)?.map(digest).transpose()
    };
    let time: Option<i64> = sql::column(row, "time")?;
    let time = time.map(|seconds| {
        let seconds = u32::try_from(seconds).ok();
        seconds
            .and_then(|seconds| NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0))
            .ok_or_else(|| damaged("time"))
    });
    let occurrence: i64 = sql::column(row, "occurrence")?;
    Ok(BankLine {
        identity: digest(sql::column(row, "identity")?)?,
        occurrence: u32::try_from(occurrence).map_err(|_| damaged("occurrence"))?,
        document: alike("document")?,
        reference: alike("reference")?,
        words: alike("words")?,
        day: sql::parsed(row, TABLE, "day")?,
        time: time.transpose()?,
        has_balance: sql::column::<i64>(row, "has_balance")? == 1,
    })
}

/// Blinds what lines of one place are recognised by.
pub(super) struct Blind<'v> {
    pub(super) vault: &'v Vault,
    pub(super) chapter: &'v Chapter,
    pub(super) place: &'v Code,
}

impl Blind<'_> {
    fn one(&self, label: &str, digest: &Identity) -> [u8; 32] {
        let origin = self.chapter.identity.as_str().as_bytes();
        self.vault.blind(label, &[origin, self.place.as_str().as_bytes(), digest])
    }

    pub(super) fn identity(&self, digest: &Identity) -> [u8; 32] {
        self.one("bank-line", digest)
    }

    pub(super) fn document(&self, line: &BankLine) -> Option<[u8; 32]> {
        line.document.map(|digest| self.one("bank-line-document", &digest))
    }

    pub(super) fn reference(&self, line: &BankLine) -> Option<[u8; 32]> {
        line.reference.map(|digest| self.one("bank-line-reference", &digest))
    }

    pub(super) fn words(&self, line: &BankLine) -> Option<[u8; 32]> {
        line.words.map(|digest| self.one("bank-line-words", &digest))
    }

    /// From what is kept to what the lines have.
    fn all(&self, lines: impl IntoIterator<Item = BankLine>) -> BTreeMap<[u8; 32], Identity> {
        let of_line = |line: BankLine| {
            let identity = Some(self.identity(&line.identity)).zip(Some(line.identity));
            let alike = [
                self.document(&line).zip(line.document),
                self.reference(&line).zip(line.reference),
                self.words(&line).zip(line.words),
            ];
            alike.into_iter().chain([identity]).flatten().collect::<Vec<_>>()
        };
        lines.into_iter().flat_map(of_line).collect()
    }
}

fn blind_file(vault: &Vault, chapter: &Chapter, sha256: &[u8; 32]) -> [u8; 32] {
    vault.blind("bank-file", &[chapter.identity.as_str().as_bytes(), sha256])
}

#[cfg(test)]
mod tests;
