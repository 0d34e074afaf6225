//! Restricting and destroying a person's values.
//!
//! Erasing deletes the disclosures, what was published of them, the register record and the data
//! key. [`scrub`] then removes the deleted rows from the database's own files. Backups forget when
//! they are rotated: until then they hold ciphertext whose key they also hold, wrapped; so the
//! backup policy has to say when the last one goes.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseBackend};

use super::openings::{Action, note};
use super::{KEYS, Subject};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;
use crate::store::desk::sql::{self, values};
use crate::store::desk::{Chapter, DeskFault, DeskRefusal};

/// Tables that PostgreSQL writes anew after an erasure. A batch's key outlives one of its givers,
/// so sealed rows go as well as keys.
const REWRITTEN: [&str; 12] = [
    "vault_keys",
    "vault_disclosures",
    "vault_consents",
    "vault_published",
    "search_names",
    "search_references",
    "desk_complaints",
    "desk_persons",
    "desk_round_lines",
    "desk_sponsorships",
    "desk_sponsored",
    "desk_loans",
];

/// What an erasure destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Private values.
    pub values: u64,
    /// Names among them that were shown in public.
    pub published: u64,
}

/// Whether the database's files forgot what was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrubbed {
    /// They did.
    Done,
    /// A reader held the write-ahead log: ask again in a moment.
    Busy,
}

/// Holds a person's values back from everybody (the accounting law keeps papers for years), or
/// gives them free again. The log says who did it.
///
/// # Errors
/// [`DeskRefusal::Gone`].
pub async fn restrict<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    officer: &Person,
    subject: &Subject,
    restricted: bool,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "UPDATE vault_keys SET restricted = $1 WHERE chapter = $2 AND subject = $3";
    let key = subject.to_string();
    let values = values![i64::from(restricted), chapter.id, key.as_str()];
    if sql::execute(connection, text, values).await? != 1 {
        return Err(DeskRefusal::Gone.into());
    }
    if restricted {
        let target = Target { subject: subject.clone(), voucher: None };
        delete_published(connection, chapter, &target).await?;
    }
    let action = if restricted { Action::Restricted } else { Action::Released };
    note(connection, chapter, officer, action, &key, 1, now).await
}

/// Whose values are destroyed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Whose they are.
    pub subject: Subject,
    /// Those of this voucher alone; everything that there is of the subject when `None`.
    pub voucher: Option<VoucherId>,
}

impl Target {
    /// Everything of a subject that stands in a voucher; of a batch of imported lines, whose givers
    /// share one key, only what this voucher holds.
    #[must_use]
    pub fn of(subject: Subject, voucher: &VoucherId) -> Self {
        let alone = matches!(subject, Subject::Batch(_));
        Self { subject, voucher: alone.then(|| voucher.clone()) }
    }

    /// The voucher as the tables have it: empty for everything.
    pub(in crate::store::desk) fn voucher_text(&self) -> &str {
        self.voucher.as_ref().map_or("", VoucherId::as_str)
    }
}

/// Destroys everything that the vault and the register hold of a subject. Commit, then [`scrub`].
///
/// # Errors
/// [`DeskRefusal::Gone`], [`DeskRefusal::DraftsWait`].
pub async fn erase<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    officer: &Person,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<Erased, DeskFault> {
    let target = Target { subject: subject.clone(), voucher: None };
    erase_target(connection, chapter, officer, &target, now).await
}

/// Destroys what is meant by a target. Commit, then [`scrub`].
///
/// # Errors
/// As for [`erase`].
pub async fn erase_target<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    officer: &Person,
    target: &Target,
    now: DateTime<Utc>,
) -> Result<Erased, DeskFault> {
    let waiting = waiting_drafts(connection, chapter, target).await?;
    if waiting > 0 {
        return Err(DeskRefusal::DraftsWait(waiting).into());
    }
    let published = delete_published(connection, chapter, target).await?;
    let (key, only) = (target.subject.to_string(), target.voucher_text());
    let delete = async |table: &str| {
        let text = format!(
            "DELETE FROM {table} WHERE chapter = $1 AND subject = $2 \
             AND ($3 = '' OR voucher = $3)"
        );
        sql::execute(connection, &text, values![chapter.id, key.as_str(), only]).await
    };
    let values = delete("vault_disclosures").await?;
    delete("vault_consents").await?;
    if target.voucher.is_none() {
        delete_subject(connection, chapter, &target.subject).await?;
    } else if values == 0 {
        return Err(DeskRefusal::Gone.into());
    }
    // What was erased is not named: the log shall not remember whom it was about.
    let what = key.split(':').next().unwrap_or_default().to_owned();
    let number = usize::try_from(values).unwrap_or(usize::MAX);
    note(connection, chapter, officer, Action::Erased, &what, number, now).await?;
    Ok(Erased { values, published })
}

/// Deletes the register record and the data key.
async fn delete_subject<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    subject: &Subject,
) -> Result<(), DeskFault> {
    let key = subject.to_string();
    let own = || values![chapter.id, key.as_str()];
    if let Subject::Person(person) = subject {
        let text = "DELETE FROM desk_round_lines WHERE chapter = $1 AND family = $2";
        sql::execute(connection, text, values![chapter.id, person.as_str()]).await?;
        let text = "DELETE FROM desk_persons WHERE chapter = $1 AND subject = $2";
        sql::execute(connection, text, own()).await?;
    }
    let text = "UPDATE desk_import_batches SET sealed_file_name = NULL \
         WHERE chapter = $1 AND subject = $2";
    sql::execute(connection, text, own()).await?;
    let text = "DELETE FROM vault_keys WHERE chapter = $1 AND subject = $2";
    match sql::execute(connection, text, own()).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::Gone.into()),
    }
}

/// Waiting drafts that hold values of a target: they would lose what their approver has to see.
pub(in crate::store::desk) async fn waiting_drafts<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    target: &Target,
) -> Result<usize, DeskFault> {
    let text = "SELECT id FROM desk_drafts WHERE chapter = $1 AND state = 'waiting' AND id IN \
         (SELECT voucher FROM vault_disclosures WHERE chapter = $1 AND subject = $2 \
         AND ($3 = '' OR voucher = $3))";
    let subject = target.subject.to_string();
    let values = values![chapter.id, subject.as_str(), target.voucher_text()];
    Ok(sql::all(connection, text, values).await?.len())
}

/// Takes the names of a target off the public pages; how many there were.
pub(in crate::store::desk) async fn delete_published<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    target: &Target,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM vault_published WHERE chapter = $1 AND ($3 = '' OR voucher = $3) \
         AND EXISTS (SELECT 1 FROM vault_disclosures AS held WHERE held.chapter = $1 \
         AND held.voucher = vault_published.voucher AND held.digest = vault_published.digest \
         AND held.subject = $2)";
    let subject = target.subject.to_string();
    let values = values![chapter.id, subject.as_str(), target.voucher_text()];
    sql::execute(connection, text, values).await
}

/// Removes deleted rows from the database's own files, after the commit and outside any
/// transaction, on the connection that writes. SQLite: pages are zeroed already (`secure_delete`,
/// which is checked), the write-ahead log is emptied. PostgreSQL: the tables that hold keys and
/// published names are written anew; its write-ahead log forgets as its segments are recycled.
///
/// # Errors
/// [`DeskFault::Damaged`] when the connection does not zero what it deletes.
pub async fn scrub<C: ConnectionTrait>(connection: &C) -> Result<Scrubbed, DeskFault> {
    if connection.get_database_backend() != DatabaseBackend::Sqlite {
        for table in REWRITTEN {
            connection.execute_unprepared(&format!("VACUUM (FULL) {table}")).await?;
        }
        return Ok(Scrubbed::Done);
    }
    let row = sql::one(connection, "PRAGMA secure_delete", values![]).await?;
    let secure: i64 = row.map_or(Ok(0), |row| sql::column(&row, "secure_delete"))?;
    if secure != 1 {
        return Err(DeskFault::damaged(KEYS, "the connection runs without secure_delete"));
    }
    let row = sql::one(connection, "PRAGMA wal_checkpoint(TRUNCATE)", values![]).await?;
    let busy: i64 = row.map_or(Ok(0), |row| sql::column(&row, "busy"))?;
    Ok(if busy == 0 { Scrubbed::Done } else { Scrubbed::Busy })
}
