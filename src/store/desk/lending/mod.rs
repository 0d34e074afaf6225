//! Loans as the desk knows them: a file for each, sealed under the borrower's key.
//!
//! The ledger knows amounts and days; who borrows, who vouches and what is due when stands here
//! (and, signed, behind digests of the ledger). What became of a loan follows from the file's
//! vouchers as they stand now: nothing is changed here when one is recorded, sent back or reversed.

mod file;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use zeroize::Zeroizing;

use super::sql::{self, values};
use super::vault::{Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;

pub use file::{Agreed, Assessment, Ended, Guarantor, LoanFile};

const TABLE: &str = "desk_loans";
const LABEL: &str = "loan";
/// Vouchers of one question.
const AT_ONCE: usize = 200;

/// A file with its borrower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// The opaque identifier.
    pub id: Person,
    /// The family of the register that borrows.
    pub borrower: Person,
    /// What is known.
    pub file: LoanFile,
    /// How often it was changed.
    pub version: u64,
}

/// All files that may be read, and how many are held back with their borrowers.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The oldest first.
    pub all: Vec<Filed>,
    /// Files of borrowers whose values are restricted.
    pub held_back: usize,
}

/// Where a voucher stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Laid, and waiting for the second signature.
    Waiting,
    /// Sent back or withdrawn.
    Dropped,
    /// Recorded.
    Recorded {
        /// Its entry.
        seq: u64,
        /// Whether it is another schedule.
        reschedules: bool,
        /// Whether it was reversed.
        reversed: bool,
    },
}

const SELECT: &str = "SELECT own.id, own.borrower, own.sealed, own.version, \
     vault_keys.wrapped, vault_keys.restricted FROM desk_loans AS own \
     JOIN desk_persons AS person ON person.chapter = own.chapter AND person.id = own.borrower \
     JOIN vault_keys ON vault_keys.chapter = person.chapter \
     AND vault_keys.subject = person.subject";

fn read(vault: &Vault, chapter: &Chapter, row: &QueryResult) -> Result<Filed, DeskFault> {
    let borrower: Person = sql::parsed(row, TABLE, "borrower")?;
    let (wrapped, sealed): (Vec<u8>, Vec<u8>) =
        (sql::column(row, "wrapped")?, sql::column(row, "sealed")?);
    let subject = Subject::Person(borrower.clone());
    let plain = vault.open_with(chapter, &subject, LABEL, (&wrapped, &sealed))?;
    let file = serde_json::from_slice(&plain)
        .map_err(|_| DeskFault::damaged(TABLE, "a file out of its form"))?;
    let version = sql::unsigned(row, TABLE, "version")?.unwrap_or_default();
    Ok(Filed { id: sql::parsed(row, TABLE, "id")?, borrower, file, version })
}

/// All files. Nothing is logged: whoever shows some notes how many, in the same transaction.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn all<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
) -> Result<Files, DeskFault> {
    let text = format!("{SELECT} WHERE own.chapter = $1 ORDER BY own.made_at, own.id");
    let mut files = Files::default();
    for row in sql::all(connection, &text, values![chapter.id]).await? {
        if sql::column::<i64>(&row, "restricted")? == 1 {
            files.held_back += 1;
        } else {
            files.all.push(read(vault, chapter, &row)?);
        }
    }
    Ok(files)
}

async fn sealed<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (borrower, file): (&Person, &LoanFile),
    now: DateTime<Utc>,
) -> Result<Vec<u8>, DeskFault> {
    file.check()?;
    let plain = serde_json::to_vec(file).map(Zeroizing::new);
    let plain = plain.map_err(|_| DeskFault::damaged(TABLE, "a file that is no JSON"))?;
    let subject = Subject::Person(borrower.clone());
    vault.seal_note(connection, chapter, &subject, LABEL, &plain, now).await
}

/// Makes a file under an identifier of the caller's; `false` when it is there already, as after a
/// second click.
///
/// # Errors
/// [`DeskRefusal::Gone`] for a borrower that is not in the register; [`DeskRefusal::TextLength`].
pub async fn make<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (id, borrower, file): (&Person, &Person, &LoanFile),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    let text = "SELECT id FROM desk_loans WHERE chapter = $1 AND id = $2";
    if sql::one(connection, text, values![chapter.id, id.as_str()]).await?.is_some() {
        return Ok(false);
    }
    let sealed = sealed(connection, vault, chapter, (borrower, file), now).await?;
    let text = "INSERT INTO desk_loans (chapter, id, borrower, sealed, version, made_by, made_at) \
         SELECT $1, $2, person.id, $4, 0, $5, $6 FROM desk_persons AS person \
         WHERE person.chapter = $1 AND person.id = $3 AND person.role = 'family'";
    let values = values![
        chapter.id,
        id.as_str(),
        borrower.as_str(),
        sealed,
        officer.as_str(),
        now.timestamp(),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(true),
        _ => Err(DeskRefusal::Gone.into()),
    }
}

/// Replaces a file, if nobody changed it since its version.
///
/// # Errors
/// [`DeskRefusal::LoanMoved`], [`DeskRefusal::TextLength`].
pub async fn change<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    own: &Filed,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let sealed = sealed(connection, vault, chapter, (&own.borrower, &own.file), now).await?;
    let text = "UPDATE desk_loans SET sealed = $1, version = version + 1 \
         WHERE chapter = $2 AND id = $3 AND version = $4";
    let values = values![sealed, chapter.id, own.id.as_str(), sql::signed(own.version)];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::LoanMoved.into()),
    }
}

/// Where vouchers stand; those that nobody laid are not among them.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn standing<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    ids: impl IntoIterator<Item = &VoucherId>,
) -> Result<BTreeMap<VoucherId, Standing>, DeskFault> {
    let ids: Vec<&VoucherId> = ids.into_iter().collect();
    let mut all = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        let marks: Vec<String> = (0..some.len()).map(|at| format!("${}", at + 2)).collect();
        let marks = marks.join(", ");
        let values = || -> Vec<Value> {
            let ids = some.iter().map(|id| Value::from(id.as_str()));
            std::iter::once(Value::from(chapter.id)).chain(ids).collect()
        };
        let text =
            format!("SELECT id, state FROM desk_drafts WHERE chapter = $1 AND id IN ({marks})");
        for row in sql::all(connection, &text, values()).await? {
            let waiting = sql::column::<String>(&row, "state")? == "waiting";
            let stands = if waiting { Standing::Waiting } else { Standing::Dropped };
            all.insert(sql::parsed(&row, "desk_drafts", "id")?, stands);
        }
        // What was recorded is no draft any more, whatever its row says. An entry of another kind
        // under an identifier that a file names says nothing about the loan.
        let text = format!(
            "SELECT entries.voucher_id AS id, entries.seq AS seq, \
             entries.kind AS kind, \
             CAST(CASE WHEN figures.reversed_by IS NULL THEN 0 ELSE 1 END AS BIGINT) AS reversed \
             FROM entries JOIN figures ON figures.chapter = entries.chapter \
             AND figures.seq = entries.seq \
             WHERE entries.chapter = $1 AND entries.voucher_id IN ({marks}) \
             AND entries.kind IN ('loan_approved', 'loan_rescheduled', 'opening_balance')"
        );
        for row in sql::all(connection, &text, values()).await? {
            let seq = sql::unsigned(&row, "entries", "seq")?.unwrap_or_default();
            let reversed = sql::column::<i64>(&row, "reversed")? == 1;
            let reschedules = sql::column::<String>(&row, "kind")? == "loan_rescheduled";
            let stands = Standing::Recorded { seq, reschedules, reversed };
            all.insert(sql::parsed(&row, "entries", "id")?, stands);
        }
    }
    Ok(all)
}

/// Approvals that a standing voucher cancelled: by their entry, the one that did.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn cancelled<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<BTreeMap<u64, u64>, DeskFault> {
    let text = "SELECT entries.seq, entries.of_seq FROM entries JOIN figures \
         ON figures.chapter = entries.chapter AND figures.seq = entries.seq \
         WHERE entries.chapter = $1 AND entries.kind = 'loan_cancelled' \
         AND figures.reversed_by IS NULL";
    let mut all = BTreeMap::new();
    for row in sql::all(connection, text, values![chapter.id]).await? {
        let number = |name| sql::unsigned(&row, "entries", name).map(Option::unwrap_or_default);
        all.insert(number("of_seq")?, number("seq")?);
    }
    Ok(all)
}
