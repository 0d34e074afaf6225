//! Replays of whole ledgers: made beside the site, and what they found kept in the database.
//!
//! A result is told as long as it says something of how the ledger stands. What a replay found
//! closes the ledger, here and on every other instance, and the next start replays the ledger
//! whole, however long it is, until nothing is found any more.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::Store;
use super::beside::{Beside, Seen};
use super::chapter::{Chapter, ChapterId, Checked, Closure, Standing};
use super::database::{execute, first, give_up};
use super::fault::StoreFault;
use super::nodes::{hash, number, unsigned};
use super::rebuild::Halt;
use crate::ledger::tree::Hash;

/// Results of one chapter that are kept.
const KEPT: i64 = 100;

/// A result as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    size: u64,
    leaf: Hash,
    at: DateTime<Utc>,
    took: Duration,
    finding: Option<Closure>,
}

impl Stored {
    fn checked(&self) -> Checked {
        let (size, at, took) = (self.size, Some(self.at), self.took);
        Checked { size, at, took, clean: self.finding.is_none() }
    }
}

impl Store {
    /// The last replay of a ledger, where it says something of how it stands now: of one in order
    /// that everything agreed, of a closed one that something did not.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn checked(&self, chapter: ChapterId) -> Result<Option<Checked>, StoreFault> {
        Ok(self.handle(chapter)?.chapter.checked())
    }

    /// Gives the replays that the start made their time, and keeps them; of ledgers that the start
    /// did not replay takes up what was kept. The store has no clock of its own.
    ///
    /// # Errors
    /// [`StoreFault`] of the database; what was in memory is dated all the same.
    pub async fn date_checks(&self, now: DateTime<Utc>) -> Result<(), StoreFault> {
        for handle in self.handles() {
            let chapter = &handle.chapter;
            let Some(checked @ Checked { at: None, .. }) = chapter.checked() else {
                self.take_up_check(chapter.id).await?;
                continue;
            };
            chapter.note_checked(Checked { at: Some(now), ..checked });
            let leaf = self.leaf(chapter.id, checked.size).await?;
            let Some(leaf) = leaf else { continue };
            let (size, took) = (checked.size, checked.took);
            hold(chapter, Stored { size, leaf, at: now, took, finding: None });
            self.keep_held(chapter).await;
        }
        Ok(())
    }

    /// The newest result that is kept of a ledger, whatever became of the ledger since.
    ///
    /// # Errors
    /// [`StoreFault`] of the database.
    pub async fn kept_check(&self, chapter: ChapterId) -> Result<Option<Checked>, StoreFault> {
        let last = last(self.shared.database.reader(), chapter.0).await?;
        Ok(last.map(|(_, stored)| stored.checked()))
    }

    /// Takes up the newest result that is kept of a ledger: one from before the start, or another
    /// instance's. A finding closes the ledger here, too. A result of this store that could not be
    /// kept is tried again first, and no other is taken up before it is. The time of the result,
    /// whatever it was.
    ///
    /// # Errors
    /// [`StoreFault`] of the database, or [`StoreFault::NoChapter`].
    pub async fn take_up_check(
        &self,
        chapter: ChapterId,
    ) -> Result<Option<DateTime<Utc>>, StoreFault> {
        let chapter = self.handle(chapter)?.chapter;
        let known = chapter.last_check().and_then(|check| check.at);
        if !self.keep_held(&chapter).await {
            return Ok(known);
        }
        let Some((id, stored)) = last(self.shared.database.reader(), chapter.id.0).await? else {
            return Ok(known);
        };
        if chapter.kept_check.load(Ordering::Relaxed) >= id {
            return Ok(known);
        }
        // A result of entries that are not there any more says nothing.
        if self.leaf(chapter.id, stored.size).await? != Some(stored.leaf) {
            return Ok(known);
        }
        if let Some(closure) = &stored.finding {
            // A start that replayed the ledger since, and agreed, is not dated yet.
            if known.is_none() && chapter.last_check().is_some_and(|check| check.clean) {
                return Ok(None);
            }
            if chapter.standing() == Standing::Open {
                chapter.close(closure.clone());
            }
        }
        chapter.note_checked(stored.checked());
        chapter.kept_check.fetch_max(id, Ordering::Relaxed);
        Ok(Some(stored.at))
    }

    /// Counts the rows of all tables again, by which SQLite plans its ways; PostgreSQL does so by
    /// itself.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn count_rows(&self) -> Result<(), StoreFault> {
        self.shared.database.count_anew().await
    }

    /// Replays a ledger whole as it is `now`, beside everything else: writers go on, and memory
    /// and processors are left to others. The result is kept, or held until it can be
    /// ([`Store::take_up_check`]); a finding closes the ledger. `None` when another instance is at
    /// it, or when the ledger is closed already.
    ///
    /// # Errors
    /// [`StoreFault`] when it could not be made; [`StoreFault::Stopping`] when it was broken off.
    pub async fn check_beside(
        &self,
        chapter: ChapterId,
        now: DateTime<Utc>,
        halt: &Halt,
    ) -> Result<Option<Checked>, StoreFault> {
        let chapter = self.handle(chapter)?.chapter;
        if chapter.standing() != Standing::Open {
            return Ok(None);
        }
        let began = Instant::now();
        let replay = Beside {
            shared: self.shared.clone(),
            chapter: chapter.id,
            identity: chapter.identity.clone(),
            head: chapter.shown().head,
            halt: halt.clone(),
        };
        let Some(Seen { size, leaf, finding }) = replay.run().await? else { return Ok(None) };
        if let Some(closure) = &finding {
            if closure.denies_head() {
                chapter.withdraw_head();
            }
            chapter.close(closure.clone());
        }
        let stored = Stored { size, leaf, at: now, took: began.elapsed(), finding };
        let checked = stored.checked();
        chapter.note_checked(checked);
        hold(&chapter, stored);
        self.keep_held(&chapter).await;
        Ok(Some(checked))
    }

    /// The leaf hash of the last of the first `size` entries.
    async fn leaf(&self, chapter: ChapterId, size: u64) -> Result<Option<Hash>, StoreFault> {
        let Some(last) = size.checked_sub(1) else { return Ok(None) };
        let sql = "SELECT leaf_hash FROM entries WHERE chapter = ? AND seq = ?";
        let values = [chapter.0.into(), number(last).into()];
        let row = first(self.shared.database.reader(), sql, values).await?;
        row.map(|row| hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")).transpose()
    }

    /// Stores the result that is held, if there is one; whether none is left.
    async fn keep_held(&self, chapter: &Chapter) -> bool {
        let Some(stored) = held(chapter).clone() else { return true };
        match self.keep(chapter, &stored).await {
            Ok(id) => {
                chapter.kept_check.fetch_max(id, Ordering::Relaxed);
                *held(chapter) = None;
                true
            }
            Err(fault) => {
                let origin = chapter.origin();
                tracing::warn!(%origin, %fault, "a replay's result was not kept; later again");
                false
            }
        }
    }

    async fn keep(&self, chapter: &Chapter, stored: &Stored) -> Result<i64, StoreFault> {
        let write = self.shared.database.begin_write(chapter.lock()).await?;
        match insert(&write, chapter.id.0, stored).await {
            Ok(id) => {
                write.commit().await?;
                Ok(id)
            }
            Err(fault) => {
                give_up(write).await;
                Err(fault)
            }
        }
    }
}

fn held(chapter: &Chapter) -> MutexGuard<'_, Option<Stored>> {
    chapter.unkept_check.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds a result until it is stored. It says more than one that waited before it.
fn hold(chapter: &Chapter, stored: Stored) {
    *held(chapter) = Some(stored);
}

/// Whether the newest result that is kept of a ledger is a finding.
pub(super) async fn last_found_something(
    connection: &impl ConnectionTrait,
    chapter: i64,
) -> Result<bool, StoreFault> {
    Ok(last(connection, chapter).await?.is_some_and(|(_, stored)| stored.finding.is_some()))
}

/// The newest result with its number. By the number: a clock may have been set since.
async fn last(
    connection: &impl ConnectionTrait,
    chapter: i64,
) -> Result<Option<(i64, Stored)>, StoreFault> {
    let sql = "SELECT id, at, size, leaf, took, part, finding FROM self_checks \
        WHERE chapter = ? ORDER BY id DESC LIMIT 1";
    let row = first(connection, sql, [chapter.into()]).await?;
    row.map(|row| Ok((row.try_get("", "id")?, read(&row)?))).transpose()
}

fn read(row: &QueryResult) -> Result<Stored, StoreFault> {
    let (part, finding): (Option<String>, Option<String>) =
        (row.try_get("", "part")?, row.try_get("", "finding")?);
    let finding = finding.map(|said| match part.as_deref() {
        Some("tables") => Closure::Projections { tables: said },
        _ => Closure::Broken { reason: said },
    });
    let at: i64 = row.try_get("", "at")?;
    let at = DateTime::from_timestamp(at, 0)
        .ok_or_else(|| StoreFault::damaged("a result of a replay", "its time"))?;
    Ok(Stored {
        size: unsigned(row.try_get("", "size")?)?,
        leaf: hash(&row.try_get::<Vec<u8>>("", "leaf")?, "leaf hash")?,
        at,
        took: Duration::from_millis(unsigned(row.try_get("", "took")?)?),
        finding,
    })
}

async fn insert(
    write: &impl ConnectionTrait,
    chapter: i64,
    stored: &Stored,
) -> Result<i64, StoreFault> {
    let (part, finding) = match &stored.finding {
        None => (None, None),
        Some(Closure::Projections { tables }) => (Some("tables"), Some(tables.clone())),
        Some(Closure::Broken { reason }) => (Some("entries"), Some(reason.clone())),
        Some(closure) => (Some("entries"), Some(closure.to_string())),
    };
    let sql = "INSERT INTO self_checks (chapter, at, size, leaf, took, part, finding) \
        VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let values: [Value; 7] = [
        chapter.into(),
        stored.at.timestamp().into(),
        number(stored.size).into(),
        stored.leaf.0.to_vec().into(),
        i64::try_from(stored.took.as_millis()).unwrap_or(i64::MAX).into(),
        part.into(),
        finding.into(),
    ];
    let id = match first(write, sql, values).await? {
        Some(row) => row.try_get("", "id")?,
        None => return Err(StoreFault::damaged("a result of a replay", "its number")),
    };
    let old = "DELETE FROM self_checks WHERE chapter = ? AND id NOT IN (SELECT id FROM (\
        SELECT id FROM self_checks WHERE chapter = ? ORDER BY id DESC LIMIT ?) AS newest)";
    execute(write, old, [chapter, chapter, KEPT].map(Into::into)).await?;
    Ok(id)
}
