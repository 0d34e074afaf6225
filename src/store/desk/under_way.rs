//! Files on their way from the upload to the ledger or the register (bank statements, lists of
//! families): the file and a person's choices, sealed.
//!
//! Both stand under a data key of their own. Once the file was recorded, thrown away or forgotten
//! for [`LONGEST`], file, choices and key are gone; of a recorded one there stays what became of
//! it. Only the officer who brought the file sees it. It outlives their session on purpose: an
//! idle half hour in the middle of two thousand lines must not cost the work.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use zeroize::Zeroizing;

use super::imports::Batch;
use super::sql::{self, values};
use super::vault::{Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::word::Person;
use crate::store::alongside::{Alongside, Cell, Step};

const TABLE: &str = "desk_imports";
const FILE: &str = "statement-file";
const CHOICES: &str = "statement-choices";

/// A statement that was brought longer ago is gone.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);
/// The most statements that one officer has on their way.
pub const MOST: usize = 3;

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A bank statement.
    Statement,
    /// Families for the register.
    Families,
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Families => "families",
        }
    }
}

/// A statement that waits for its officer.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its identifier: 16 hex digits.
    pub id: Person,
    /// When the file came.
    pub made_at: DateTime<Utc>,
    /// How often its choices were changed.
    pub version: u64,
    /// A person's choices, as the desk wrote them.
    pub choices: Zeroizing<Vec<u8>>,
}

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// As the desk wrote it.
    pub outcome: String,
    /// The first and the last of its entries, when there are any.
    pub entries: Option<(u64, u64)>,
}

/// A statement of an officer.
#[derive(Clone, Debug)]
pub enum UnderWay {
    /// It waits, with the bytes of its file.
    Waiting(Waiting, Zeroizing<Vec<u8>>),
    /// It was recorded.
    Recorded(Recorded),
}

fn subject(id: &Person) -> Subject {
    Subject::Batch(id.clone())
}

/// Takes a file in; the identifier under which it waits.
///
/// # Errors
/// [`DeskRefusal::ImportsWait`] beside [`MOST`] others, [`DeskFault::Database`],
/// [`DeskFault::Randomness`].
pub async fn take_in<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    officer: &Person,
    (what, file, choices): (What, &[u8], &[u8]),
    now: DateTime<Utc>,
) -> Result<Person, DeskFault> {
    sweep(connection, chapter, now).await?;
    let waiting = waiting(connection, vault, chapter, (what, officer), now).await?.len();
    if waiting >= MOST {
        return Err(DeskRefusal::ImportsWait(waiting).into());
    }
    let id = new_opaque_id().map_err(|_| DeskFault::Randomness)?;
    let id: Person = id.parse().map_err(|fault| DeskFault::damaged(TABLE, fault))?;
    let of = subject(&id);
    let file = vault.seal_note(connection, chapter, &of, FILE, file, now).await?;
    let choices = vault.seal_note(connection, chapter, &of, CHOICES, choices, now).await?;
    let text = "INSERT INTO desk_imports (chapter, id, made_by, made_at, version, sealed_file, \
         sealed_choices, what) VALUES ($1, $2, $3, $4, 0, $5, $6, $7)";
    let values = values![
        chapter.id,
        id.as_str(),
        officer.as_str(),
        now.timestamp(),
        file,
        choices,
        what.as_str(),
    ];
    sql::execute(connection, text, values).await?;
    Ok(id)
}

/// An officer's statements that wait, newest first, without their files.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn waiting<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (what, officer): (What, &Person),
    now: DateTime<Utc>,
) -> Result<Vec<Waiting>, DeskFault> {
    let text = "SELECT id, made_at, version, sealed_choices FROM desk_imports \
         WHERE chapter = $1 AND made_by = $2 AND outcome IS NULL AND made_at > $3 \
         AND what = $4 ORDER BY made_at DESC, id";
    let from = (now - LONGEST).timestamp();
    let values = values![chapter.id, officer.as_str(), from, what.as_str()];
    let mut all = Vec::new();
    for row in sql::all(connection, text, values).await? {
        match read(connection, vault, chapter, &row).await {
            Ok(waiting) => all.push(waiting),
            // Recorded or thrown away since the rows were read: it waits no more.
            Err(DeskFault::Refused(DeskRefusal::Gone)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(all)
}

async fn read<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    row: &QueryResult,
) -> Result<Waiting, DeskFault> {
    let id: Person = sql::parsed(row, TABLE, "id")?;
    let sealed: Vec<u8> = sql::column(row, "sealed_choices")?;
    let choices = vault.open_note(connection, chapter, &subject(&id), CHOICES, &sealed).await?;
    let version = sql::unsigned(row, TABLE, "version")?.unwrap_or_default();
    Ok(Waiting { id, made_at: sql::moment(row, TABLE, "made_at")?, version, choices })
}

/// A statement of this officer; `None` when there is none, or it is somebody else's or too old.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    of: (What, &Person),
    id: &Person,
    now: DateTime<Utc>,
) -> Result<Option<UnderWay>, DeskFault> {
    match find_now(connection, vault, chapter, of, id, now).await {
        // Recorded or thrown away between its row and its key: the row says which.
        Err(DeskFault::Refused(DeskRefusal::Gone)) => {
            find_now(connection, vault, chapter, of, id, now).await
        }
        found => found,
    }
}

async fn find_now<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (what, officer): (What, &Person),
    id: &Person,
    now: DateTime<Utc>,
) -> Result<Option<UnderWay>, DeskFault> {
    let text = "SELECT id, made_at, version, sealed_file, sealed_choices, outcome, first_seq, \
         last_seq FROM desk_imports \
         WHERE chapter = $1 AND made_by = $2 AND id = $3 AND what = $4";
    let values = values![chapter.id, officer.as_str(), id.as_str(), what.as_str()];
    let Some(row) = sql::one(connection, text, values).await? else { return Ok(None) };
    if let Some(outcome) = sql::column::<Option<String>>(&row, "outcome")? {
        let first = sql::unsigned(&row, TABLE, "first_seq")?;
        let entries = first.zip(sql::unsigned(&row, TABLE, "last_seq")?);
        return Ok(Some(UnderWay::Recorded(Recorded { outcome, entries })));
    }
    let waiting = read(connection, vault, chapter, &row).await?;
    if now - waiting.made_at >= LONGEST {
        return Ok(None);
    }
    let sealed: Vec<u8> = sql::column(&row, "sealed_file")?;
    let file = vault.open_note(connection, chapter, &subject(id), FILE, &sealed).await?;
    Ok(Some(UnderWay::Waiting(waiting, file)))
}

/// Keeps changed choices.
///
/// # Errors
/// [`DeskRefusal::ImportMoved`] when they were changed, recorded or thrown away since `version`.
pub async fn change<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (id, version): (&Person, u64),
    choices: &[u8],
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "SELECT id FROM desk_imports WHERE chapter = $1 AND id = $2 AND version = $3 \
         AND outcome IS NULL";
    let at = sql::signed(version);
    if sql::one(connection, text, values![chapter.id, id.as_str(), at]).await?.is_none() {
        return Err(DeskRefusal::ImportMoved.into());
    }
    let sealed = vault.seal_note(connection, chapter, &subject(id), CHOICES, choices, now).await?;
    let text = "UPDATE desk_imports SET sealed_choices = $1, version = version + 1 \
         WHERE chapter = $2 AND id = $3 AND version = $4 AND outcome IS NULL";
    let values = values![sealed, chapter.id, id.as_str(), at];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::ImportMoved.into()),
    }
}

/// Throws a statement of this officer away, with the key that it was sealed under.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn discard<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    officer: &Person,
    id: &Person,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM desk_imports WHERE chapter = $1 AND made_by = $2 AND id = $3 \
         AND outcome IS NULL";
    let values = values![chapter.id, officer.as_str(), id.as_str()];
    if sql::execute(connection, text, values).await? == 1 {
        forget_key(connection, chapter, id).await?;
    }
    Ok(())
}

async fn forget_key<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &Person,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM vault_keys WHERE chapter = $1 AND subject = $2";
    let values = values![chapter.id, subject(id).to_string()];
    sql::execute(connection, text, values).await.map(drop)
}

/// Removes what waits for longer than [`LONGEST`].
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sweep<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "SELECT id, made_by FROM desk_imports \
         WHERE chapter = $1 AND outcome IS NULL AND made_at <= $2";
    let values = values![chapter.id, (now - LONGEST).timestamp()];
    for row in sql::all(connection, text, values).await? {
        let made_by = sql::parsed(&row, TABLE, "made_by")?;
        discard(connection, chapter, &made_by, &sql::parsed(&row, TABLE, "id")?).await?;
    }
    Ok(())
}

/// A file of which nothing becomes an entry is done, once and with the choices of `version`; file,
/// choices and their key go.
///
/// # Errors
/// [`DeskRefusal::ImportMoved`] when it was done, changed or thrown away meanwhile.
pub async fn done<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (id, version): (&Person, u64),
    outcome: &str,
) -> Result<(), DeskFault> {
    let text = "UPDATE desk_imports SET outcome = $1, sealed_file = NULL, sealed_choices = NULL \
         WHERE chapter = $2 AND id = $3 AND version = $4 AND outcome IS NULL";
    let values = values![outcome, chapter.id, id.as_str(), sql::signed(version)];
    if sql::execute(connection, text, values).await? != 1 {
        return Err(DeskRefusal::ImportMoved.into());
    }
    forget_key(connection, chapter, id).await
}

/// The statement is recorded by the first of its entries: once, and with the choices of `version`.
/// File, choices and their key go.
#[must_use]
pub fn recorded((id, version): (&Person, u64), batch: &Batch, outcome: &str) -> Alongside {
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Change {
        sql: "UPDATE desk_imports SET batch = ?, outcome = ?, sealed_file = NULL, \
            sealed_choices = NULL WHERE chapter = ? AND id = ? AND version = ? \
            AND outcome IS NULL",
        values: vec![
            batch.id.as_str().into(),
            outcome.into(),
            Cell::Chapter,
            id.as_str().into(),
            sql::signed(version).into(),
        ],
        rows: 1,
        otherwise: "statement: recorded, changed or thrown away meanwhile",
    });
    alongside.push(Step::Clear {
        sql: "DELETE FROM vault_keys WHERE chapter = ? AND subject = ?",
        values: vec![Cell::Chapter, subject(id).to_string().into()],
    });
    alongside
}

/// Goes with each entry of a statement: the first and the last of them are kept.
#[must_use]
pub fn entry(id: &Person) -> Alongside {
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Clear {
        sql: "UPDATE desk_imports SET first_seq = COALESCE(first_seq, ?), last_seq = ? \
            WHERE chapter = ? AND id = ?",
        values: vec![Cell::Seq, Cell::Seq, Cell::Chapter, id.as_str().into()],
    });
    alongside
}

#[cfg(test)]
mod tests;
