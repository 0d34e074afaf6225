//! What others write to the same database: asked for every second, as long as the store is there.
//!
//! Other instances append entries, change what the desk keeps, found chapters; a newer program may
//! bring the schema up to date. A server that only reads follows in the same way, on the database
//! itself or on a standby of it.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::EntityTrait as _;

use super::chapter::{ChapterId, Closure, Standing};
use super::database::first;
use super::fault::StoreFault;
use super::writer::Order;
use super::{Store, rows, steps};
use crate::ledger::word::Origin;

/// How often others are asked for what they wrote.
const POLL: Duration = Duration::from_secs(1);

/// What a server that only reads has before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A database that takes writes.
    Primary,
    /// A standby.
    Standby {
        /// Whether it is connected to the server that it follows.
        connected: bool,
        /// How many seconds ago that server committed what was taken over last; 0 when nothing
        /// waits to be taken over, none when nothing ever was.
        behind: Option<u64>,
    },
}

impl Store {
    /// Whether nothing is ever written through this store.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.shared.database.is_reading()
    }

    /// The first step of the schema that this program does not know, once one was seen: nothing
    /// is written any more then.
    #[must_use]
    pub fn newer_schema(&self) -> Option<&str> {
        self.shared.newer.get().map(String::as_str)
    }

    /// What is read from; `None` on SQLite, whose file nobody else writes.
    ///
    /// # Errors
    /// [`StoreFault::Database`] when it does not answer.
    pub async fn source(&self) -> Result<Option<Source>, StoreFault> {
        if !self.shared.database.is_postgres() {
            return Ok(None);
        }
        let sql = "\
            SELECT pg_is_in_recovery() AS follows, \
            EXISTS (SELECT 1 FROM pg_stat_wal_receiver) AS connected, \
            COALESCE(pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn(), FALSE) AS level, \
            CASE WHEN pg_last_xact_replay_timestamp() IS NOT NULL THEN \
                CAST(GREATEST(EXTRACT(EPOCH FROM \
                    clock_timestamp() - pg_last_xact_replay_timestamp()), 0) AS BIGINT) \
                END AS age";
        let row = first(self.shared.database.reader(), sql, []).await?;
        let row = row.ok_or_else(|| StoreFault::damaged("the state of the database", "no row"))?;
        if !row.try_get::<bool>("", "follows")? {
            return Ok(Some(Source::Primary));
        }
        let (connected, level): (bool, bool) =
            (row.try_get("", "connected")?, row.try_get("", "level")?);
        let age: Option<i64> = row.try_get("", "age")?;
        // Where nothing is written for an hour, the last commit is an hour old, and nobody behind.
        let behind = match connected && level {
            true => Some(0),
            false => age.and_then(|age| u64::try_from(age).ok()),
        };
        Ok(Some(Source::Standby { connected, behind }))
    }

    /// Asks now and then what others wrote, as long as the store is there.
    pub(super) fn poll_in_background(&self) {
        let (shared, chapters) = (Arc::downgrade(&self.shared), Arc::downgrade(&self.chapters));
        tokio::spawn(async move {
            let mut seen = None;
            loop {
                tokio::time::sleep(POLL).await;
                let (Some(shared), Some(chapters)) = (shared.upgrade(), chapters.upgrade()) else {
                    break;
                };
                let store = Self { shared, chapters };
                seen = store.look_around(seen).await;
                let looked = match seen.is_some() {
                    true => store.look_at_chapters().await,
                    false => Ok(()),
                };
                if let Err(fault) = looked {
                    tracing::warn!(%fault, "the database could not be asked for its chapters");
                }
                for handle in store.handles() {
                    // A full queue takes in what others appended anyway.
                    let _ = handle.orders.try_send(Order::CatchUp);
                }
            }
        });
    }

    /// Counts it as a change when anything was committed by anybody since the last look.
    ///
    /// The text names all transactions that a reader sees at this moment: two equal ones mean that
    /// no row is another one, whatever table it is in. Other databases of the server count, too.
    async fn look_around(&self, seen: Option<String>) -> Option<String> {
        let (database, at) = (&self.shared.database, Instant::now());
        let look = "SELECT CAST(pg_current_snapshot() AS text) AS seen";
        let row = match first(database.reader(), look, []).await {
            Ok(row) => row,
            Err(fault) => {
                // Nothing that was kept is shown until the next look.
                tracing::warn!(%fault, "the database could not be asked what changed");
                return None;
            }
        };
        let now = row.and_then(|row| row.try_get::<String>("", "seen").ok());
        if now.is_none() || now != seen {
            database.changes().note();
        }
        database.changes().looked(at);
        now
    }

    /// Takes up chapters that others founded, and stops writing when a newer program was here.
    async fn look_at_chapters(&self) -> Result<(), StoreFault> {
        let reader = self.shared.database.reader();
        if let Some(step) = steps::unknown(reader).await? {
            self.see_newer(step);
        }
        for row in rows::chapters::Entity::find().all(reader).await? {
            let (id, origin) = (ChapterId(row.id), row.origin.parse::<Origin>());
            let Ok(origin) = origin else { continue };
            if self.handle(id).is_ok() {
                continue;
            }
            // Not beside somebody who founds it here: a ledger has one writer.
            let _one = self.shared.founding.lock().await;
            if self.handle(id).is_err()
                && let Err(fault) = self.take_up(id, origin.clone()).await
            {
                // It keeps none of the others from being taken up.
                tracing::warn!(%origin, %fault, "a new chapter could not be taken up");
            }
        }
        Ok(())
    }

    /// Closes all ledgers for a schema that this program does not know.
    fn see_newer(&self, step: String) {
        if self.shared.newer.set(step.clone()).is_ok() {
            tracing::error!(%step, "a newer program brought the database up to date: replace this");
        }
        let chapters = self.chapters.read().unwrap_or_else(PoisonError::into_inner);
        let open = |standing| standing == Standing::Open;
        let all = chapters.values().filter(|own| open(own.chapter.standing()));
        for handle in all.filter(|_| !self.is_reading()) {
            handle.chapter.close(Closure::Newer { step: step.clone() });
        }
    }
}
