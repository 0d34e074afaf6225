//! What this server witnesses: the last head of each ledger that it cosigned, and heads of one
//! ledger that do not fit together.
//!
//! The memory is one row for each origin. It is read, compared and replaced in one transaction,
//! under a lock of that origin that all instances share, and durable before anybody gets the
//! cosignature. The schema refuses a row that would become smaller.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::chapter::lock_named;
use super::database::{execute, first, give_up, query};
use super::nodes::{hash, number, unsigned};
use super::{Store, StoreFault};
use crate::ledger::keys::SigningKey;
use crate::ledger::note::{
    Checkpoint, Conflict, Judgement, SignatureLine, SignedCheckpoint, SignedNote, Submission,
    cosign,
};
use crate::ledger::tree::{Hash, sha256};

/// The most proven and unproven pairs of heads that are kept of one origin. The first ones prove
/// enough, and anybody may send unproven ones.
const MOST_PROVEN: i64 = 20;
const MOST_UNPROVEN: i64 = 5;

/// The last head of a ledger that this server cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// The ledger.
    pub origin: String,
    /// Its entries under the head.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The checkpoint, with the log's signature and our cosignature.
    pub checkpoint: String,
    /// When it was cosigned last.
    pub cosigned_at: DateTime<Utc>,
}

/// Two heads of one ledger that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The ledger.
    pub origin: String,
    /// Names the pair: SHA-256 over both heads, in hex.
    pub digest: String,
    /// Whether the log itself must have made both: two roots of one size, or a proof that leads
    /// elsewhere. What is not proven may be a mistake of whoever sent it.
    pub proven: bool,
    /// The head that was held, with the log's signature and our cosignature.
    pub held: String,
    /// What was submitted: the request, with the proof and the head that the log signed.
    pub submitted: String,
    /// When.
    pub seen_at: DateTime<Utc>,
}

/// How a submission ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witnessing {
    /// Stored, and this is our cosignature of it.
    Cosigned(SignatureLine),
    /// The witness holds a head of another size than the submission continues.
    Known(u64),
    /// It does not continue the head held.
    Misfit,
}

impl Store {
    /// Judges a submission whose log signature was verified: stores its head, then cosigns it. A
    /// head that contradicts the one held is kept beside it.
    ///
    /// `signed` is the submitted checkpoint with the verified signatures of the log alone.
    ///
    /// # Errors
    /// [`StoreFault`]; then nothing may be told but that it failed: the head may have been stored.
    pub async fn witness(
        &self,
        submission: &Submission,
        signed: SignedCheckpoint,
        key: &SigningKey,
        now: DateTime<Utc>,
    ) -> Result<Witnessing, StoreFault> {
        let origin = &submission.checkpoint.checkpoint().origin;
        // Most that does not fit needs no lock, so nobody holds up the writers with it.
        let held = held(self.shared.database.reader(), origin).await?;
        let early = judge(submission, held.as_ref());
        if let (Some(answer), None) = early {
            return Ok(answer);
        }
        let lock = lock_named(&format!("witness {origin}"));
        let write = self.shared.database.begin_write(lock).await?;
        match witness_in(&write, submission, signed, key, now).await {
            Ok(answer) => {
                write.commit().await?;
                Ok(answer)
            }
            Err(fault) => {
                give_up(write).await;
                Err(fault)
            }
        }
    }

    /// The last heads of all ledgers that this server cosigned, by origin.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn witnessed(&self) -> Result<Vec<Witnessed>, StoreFault> {
        let sql = "SELECT * FROM witnessed ORDER BY origin";
        let rows = query(self.shared.database.reader(), sql, []).await?;
        rows.iter().map(witnessed).collect()
    }

    /// The last head of one ledger that this server cosigned.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn witnessed_head(&self, origin: &str) -> Result<Option<Witnessed>, StoreFault> {
        held(self.shared.database.reader(), origin).await
    }

    /// Heads that do not fit together, what is proven first, then the newest.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn witness_evidence(&self) -> Result<Vec<Evidence>, StoreFault> {
        let sql = "SELECT * FROM witness_evidence ORDER BY proven DESC, seen_at DESC, digest";
        let rows = query(self.shared.database.reader(), sql, []).await?;
        rows.iter().map(evidence).collect()
    }
}

/// The answer that needs no write, and whether there is something to keep.
fn judge(
    submission: &Submission,
    held: Option<&Witnessed>,
) -> (Option<Witnessing>, Option<Conflict>) {
    let head = held.map(Witnessed::head);
    let conflict = head.as_ref().and_then(|head| submission.conflict(head));
    let answer = match submission.judge(head.as_ref()) {
        Judgement::Fits => None,
        Judgement::Known(size) => Some(Witnessing::Known(size)),
        Judgement::Misfit => Some(Witnessing::Misfit),
    };
    (answer, conflict)
}

async fn witness_in(
    write: &sea_orm::DatabaseTransaction,
    submission: &Submission,
    mut signed: SignedCheckpoint,
    key: &SigningKey,
    now: DateTime<Utc>,
) -> Result<Witnessing, StoreFault> {
    let head = submission.checkpoint.checkpoint();
    let held = held(write, &head.origin).await?;
    let (answer, conflict) = judge(submission, held.as_ref());
    if let (Some(conflict), Some(held)) = (conflict, &held) {
        keep_evidence(write, (held, conflict), submission, now).await?;
    }
    if let Some(answer) = answer {
        return Ok(answer);
    }
    let damaged = |fault| StoreFault::damaged("a head to be cosigned", fault);
    // A clock that was set back must not make a later statement older than an earlier one.
    let last = held.as_ref().map_or(0, |held| held.cosigned_at.timestamp());
    let seconds = now.timestamp().max(last).max(1);
    let time = u64::try_from(seconds).unwrap_or(1);
    let line = cosign(head, key, time).map_err(damaged)?;
    signed.add(line.clone());
    remember(write, head, &signed, seconds, held.is_some()).await?;
    Ok(Witnessing::Cosigned(line))
}

/// Replaces the memory of one origin.
async fn remember(
    write: &impl ConnectionTrait,
    head: &Checkpoint,
    signed: &SignedCheckpoint,
    seconds: i64,
    known: bool,
) -> Result<(), StoreFault> {
    let sql = match known {
        true => {
            "UPDATE witnessed SET size = ?, root = ?, checkpoint = ?, cosigned_at = ? \
             WHERE origin = ?"
        }
        false => {
            "INSERT INTO witnessed (size, root, checkpoint, cosigned_at, origin) \
             VALUES (?, ?, ?, ?, ?)"
        }
    };
    let values: [Value; 5] = [
        number(head.size).into(),
        head.root.0.to_vec().into(),
        signed.to_string().into(),
        seconds.into(),
        head.origin.as_str().into(),
    ];
    match execute(write, sql, values).await?.rows_affected() {
        1 => Ok(()),
        rows => Err(StoreFault::damaged("the memory of the witness", format!("{rows} rows"))),
    }
}

async fn keep_evidence(
    write: &impl ConnectionTrait,
    (held, conflict): (&Witnessed, Conflict),
    submission: &Submission,
    now: DateTime<Utc>,
) -> Result<(), StoreFault> {
    let proven = conflict == Conflict::Proven;
    let new = submission.checkpoint.checkpoint();
    let pair = format!("{}{new}{proven}", held.head());
    let digest = sha256(pair.as_bytes()).to_string();
    let sql = "SELECT COUNT(*) AS all_of_them, \
        COALESCE(SUM(CASE WHEN digest = ? THEN 1 ELSE 0 END), 0) AS own \
        FROM witness_evidence WHERE origin = ? AND proven = ?";
    let flag = i64::from(proven);
    let values: [Value; 3] = [digest.as_str().into(), held.origin.as_str().into(), flag.into()];
    let counted = first(write, sql, values).await?;
    let counted = counted.ok_or_else(|| StoreFault::damaged("the evidence", "not counted"))?;
    let most = if proven { MOST_PROVEN } else { MOST_UNPROVEN };
    let own: i64 = counted.try_get("", "own")?;
    if own > 0 || counted.try_get::<i64>("", "all_of_them")? >= most {
        return Ok(());
    }
    tracing::error!(origin = %held.origin, proven, "heads that do not fit together");
    let sql = "INSERT INTO witness_evidence (origin, digest, proven, held, submitted, seen_at) \
        VALUES (?, ?, ?, ?, ?, ?)";
    let values: [Value; 6] = [
        held.origin.as_str().into(),
        digest.into(),
        flag.into(),
        held.checkpoint.as_str().into(),
        submission.to_string().into(),
        now.timestamp().into(),
    ];
    execute(write, sql, values).await?;
    Ok(())
}

async fn held(
    connection: &impl ConnectionTrait,
    origin: &str,
) -> Result<Option<Witnessed>, StoreFault> {
    let sql = "SELECT * FROM witnessed WHERE origin = ?";
    let row = first(connection, sql, [origin.into()]).await?;
    row.as_ref().map(witnessed).transpose()
}

impl Witnessed {
    /// The head that was cosigned.
    #[must_use]
    pub fn head(&self) -> Checkpoint {
        Checkpoint { origin: self.origin.clone(), size: self.size, root: self.root }
    }
}

impl Evidence {
    /// The submitted head, as far as it can be read again.
    #[must_use]
    pub fn submitted_head(&self) -> Option<Checkpoint> {
        let read = Submission::parse(self.submitted.as_bytes()).ok()?;
        Some(read.checkpoint.checkpoint().clone())
    }

    /// The head that was held.
    #[must_use]
    pub fn held_head(&self) -> Option<Checkpoint> {
        let note = SignedNote::parse(self.held.as_bytes()).ok()?;
        Checkpoint::parse(note.text()).ok()
    }
}

fn witnessed(row: &QueryResult) -> Result<Witnessed, StoreFault> {
    let head = Witnessed {
        origin: row.try_get("", "origin")?,
        size: unsigned(row.try_get("", "size")?)?,
        root: hash(&row.try_get::<Vec<u8>>("", "root")?, "the memory of the witness")?,
        checkpoint: row.try_get("", "checkpoint")?,
        cosigned_at: moment(row.try_get("", "cosigned_at")?)?,
    };
    // The text goes out to others, the columns decide: they have to be one and the same.
    let text = head.head().to_string();
    match head.checkpoint.starts_with(&format!("{text}\n")) {
        true => Ok(head),
        false => Err(StoreFault::damaged("the memory of the witness", "its text is another's")),
    }
}

fn evidence(row: &QueryResult) -> Result<Evidence, StoreFault> {
    Ok(Evidence {
        origin: row.try_get("", "origin")?,
        digest: row.try_get("", "digest")?,
        proven: row.try_get::<i64>("", "proven")? == 1,
        held: row.try_get("", "held")?,
        submitted: row.try_get("", "submitted")?,
        seen_at: moment(row.try_get("", "seen_at")?)?,
    })
}

/// A stored moment, in whole seconds since 1970.
pub(super) fn moment(seconds: i64) -> Result<DateTime<Utc>, StoreFault> {
    let read = DateTime::from_timestamp(seconds, 0);
    read.ok_or_else(|| StoreFault::damaged("a moment", format!("{seconds} s since 1970")))
}
