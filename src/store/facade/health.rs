//! What an operator asks about the database.

use chrono::{DateTime, Utc};

use sea_orm::QueryResult;

use crate::store::database::{first, give_up, query};
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

    /// What the connection that writes says of its durability, such as `journal_mode=wal
    /// synchronous=2`.
    ///
    /// # Errors
    /// [`StoreFault::Database`] when it does not answer.
    pub async fn durability(&self) -> Result<String, StoreFault> {
        let postgres = ["synchronous_commit", "fsync"];
        let sqlite = ["journal_mode", "synchronous"];
        let is_postgres = self.shared.database.is_postgres();
        let (names, word) = if is_postgres { (postgres, "SHOW") } else { (sqlite, "PRAGMA") };
        let write = self.shared.database.begin_write(0).await?;
        let mut said = Vec::new();
        for name in names {
            let row = first(&write, &format!("{word} {name}"), []).await;
            let value = row.map(|row| row.and_then(|row| text(&row, name)).unwrap_or_default());
            said.push(value.map(|value| format!("{name}={value}")));
        }
        give_up(write).await;
        Ok(said.into_iter().collect::<Result<Vec<_>, _>>()?.join(" "))
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

/// A column that is a text or a number.
fn text(row: &QueryResult, name: &str) -> Option<String> {
    let number = || row.try_get::<i64>("", name).ok().map(|number| number.to_string());
    row.try_get::<String>("", name).ok().or_else(number)
}
