//! What an operator asks about the database.

use chrono::{DateTime, Utc};

use crate::store::database::{first, query};
use crate::store::{ChapterId, Checked, Store, StoreFault};

/// What the database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Which database it is, such as `SQLite 3.50.2`.
    pub database: String,
    /// What its own check found; empty when it is whole.
    pub faults: Vec<String>,
}

impl Store {
    /// When all entries of a ledger were last replayed and agreed, since the store was opened;
    /// `None` too when the ledger is not in order now.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn checked(&self, chapter: ChapterId) -> Result<Option<Checked>, StoreFault> {
        Ok(self.handle(chapter)?.chapter.checked())
    }

    /// Gives the checks that were just made their time. The store has no clock of its own.
    pub fn date_checks(&self, now: DateTime<Utc>) {
        for handle in self.handles() {
            if let Some(checked @ Checked { at: None, .. }) = handle.chapter.checked() {
                handle.chapter.note_checked(Checked { at: Some(now), ..checked });
            }
        }
    }

    /// Runs the database's own check: `integrity_check` and `foreign_key_check` of SQLite. A
    /// PostgreSQL server watches over its pages itself, so there only an answer is asked for.
    ///
    /// # Errors
    /// [`StoreFault::Database`] when it does not answer.
    pub async fn health(&self) -> Result<Health, StoreFault> {
        let reader = self.shared.database.reader();
        if self.shared.database.is_postgres() {
            let row = first(reader, "SELECT version() AS version", []).await?;
            let version = row.map(|row| row.try_get("", "version")).transpose()?;
            return Ok(Health { database: version.unwrap_or_default(), faults: Vec::new() });
        }
        let version = first(reader, "SELECT sqlite_version() AS version", []).await?;
        let version: Option<String> = version.map(|row| row.try_get("", "version")).transpose()?;
        let mut faults = Vec::new();
        for row in query(reader, "PRAGMA integrity_check", []).await? {
            let said: String = row.try_get("", "integrity_check")?;
            if said != "ok" {
                faults.push(said);
            }
        }
        for row in query(reader, "PRAGMA foreign_key_check", []).await? {
            let (table, parent): (String, String) =
                (row.try_get("", "table")?, row.try_get("", "parent")?);
            faults.push(format!("{table}: a row names one of {parent} that is not there"));
        }
        let database = format!("SQLite {}", version.unwrap_or_default());
        Ok(Health { database, faults })
    }
}
