//! What has to be done now and then, and after an erasure.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::ledger::keys::PublicKey;
use crate::store::desk::vault::{Scrubbed, scrub};
use crate::store::desk::{DeskFault, complaints, factor_resets, invitations, sessions};
use crate::store::desk::{throttle, under_way};
use crate::store::{ChapterId, Store, StoreFault};

/// How often the write-ahead log is tried again while a reader holds it.
const SCRUB_TRIES: u32 = 10;
/// The pause between two of these tries.
const SCRUB_PAUSE: Duration = Duration::from_millis(200);

/// Nothing is removed by a clock that is further than this from the last entry of every ledger: it
/// is wrong, and what it takes for old would not come back.
const BELIEVED: TimeDelta = TimeDelta::days(366);

/// What a round of upkeep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions that had ended by themselves.
    pub sessions: u64,
    /// Counters of tries that say nothing any more.
    pub tries: u64,
    /// Invitations that nothing will become of.
    pub invitations: u64,
    /// Contacts of people who were answered long enough ago.
    pub contacts: u64,
}

impl Store {
    /// Removes what ended by itself: sessions, counters of tries, invitations, statements that
    /// nobody went on with, contacts of people who were answered. To be called every few minutes.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<Swept, DeskFault> {
        // The tables are shared by all ledgers: any one's lock will do.
        let Some((chapter, _)) = self.chapters().into_iter().next() else {
            return Ok(Swept::default());
        };
        if !self.is_believed(now) {
            tracing::warn!(%now, "the clock is far from every ledger: nothing is swept by it");
            return Ok(Swept::default());
        }
        let write = self.begin_desk(&self.desk_or_gone(chapter)?).await?;
        let swept = async {
            let mut swept = Swept {
                sessions: sessions::sweep(&write, now).await?,
                tries: throttle::sweep(&write, now).await?,
                invitations: invitations::sweep(&write, now).await?
                    + factor_resets::sweep(&write, now).await?,
                contacts: 0,
            };
            for (chapter, _) in self.chapters() {
                let desk = self.desk_or_gone(chapter)?;
                under_way::sweep(&write, &desk, now).await?;
                swept.contacts += complaints::sweep(&write, &desk, now).await?;
            }
            Ok(swept)
        };
        let swept = swept.await;
        let swept = Self::end_desk(write, swept).await?;
        if swept.contacts > 0 || self.shared.scrub_due.load(Ordering::Relaxed) {
            self.scrub().await?;
        }
        Ok(swept)
    }

    /// Whether a clock may decide what is old.
    fn is_believed(&self, now: DateTime<Utc>) -> bool {
        let books = self.chapters().into_iter().filter_map(|(id, _)| self.books(id).ok());
        let mut last = books.filter_map(|books| books.last_at());
        last.any(|last| (now - last.utc()).abs() <= BELIEVED)
    }

    /// Removes deleted rows from the database's own files. What is not done now is done by a later
    /// [`Store::sweep`].
    ///
    /// # Errors
    /// As [`scrub`].
    pub async fn scrub(&self) -> Result<Scrubbed, DeskFault> {
        self.shared.scrub_due.store(true, Ordering::Relaxed);
        for _ in 0..SCRUB_TRIES {
            if scrub(self.shared.database.writer()).await? == Scrubbed::Done {
                self.shared.scrub_due.store(false, Ordering::Relaxed);
                return Ok(Scrubbed::Done);
            }
            tokio::time::sleep(SCRUB_PAUSE).await;
        }
        tracing::warn!("erased values are still in the write-ahead log: a reader holds it");
        Ok(Scrubbed::Busy)
    }

    /// A key that the ledger never named, for `log_key_rotated`: a new one in the folder of keys,
    /// or, where the environment gives the log keys, one that waits there. `None` when none waits.
    ///
    /// # Errors
    /// [`StoreFault`] when the folder or the randomness fails.
    pub fn next_log_key(&self, chapter: ChapterId) -> Result<Option<PublicKey>, StoreFault> {
        let handle = self.handle(chapter)?;
        let named = handle.chapter.shown().log_keys;
        let named: Vec<&PublicKey> = named.iter().map(|(key, _)| key).collect();
        self.keys().next_log_key(&handle.chapter.origin(), &named)
    }
}
