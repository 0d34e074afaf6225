//! What an operator asks about the database.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::QueryResult;

use crate::store::ahead::{AHEAD, SLACK};
use crate::store::database::{first, give_up, query};
use crate::store::nodes::unsigned;
use crate::store::{ChapterId, Store, StoreFault};

/// What the database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Which database it is, such as `SQLite 3.50.2`.
    pub database: String,
    /// What its own check found; empty when it is whole.
    pub faults: Vec<String>,
}

/// How a clock fits to the last entry of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockFit {
    /// It may be right.
    Fits,
    /// It is behind by more than the writer bridges: nothing is written until it is set.
    Behind(TimeDelta),
    /// It is so far ahead that a person has to confirm it: it is wrong, or the ledger rested.
    FarAhead(TimeDelta),
    /// It is away from the last entry, and a person said here that it is right.
    Confirmed,
}

/// A setting of the database as it reads back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub value: String,
    /// What it has to be.
    pub wanted: &'static [&'static str],
}

impl Setting {
    /// Whether it is as it has to be.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.wanted.contains(&self.value.as_str())
    }
}

/// Settings of SQLite on which durability and the guards of the schema rest.
const SQLITE: [(&str, &[&str]); 7] = [
    ("journal_mode", &["wal"]),
    ("synchronous", &["2", "3"]),
    ("foreign_keys", &["1"]),
    ("secure_delete", &["1"]),
    ("trusted_schema", &["0"]),
    ("cell_size_check", &["1"]),
    ("recursive_triggers", &["1"]),
];
/// Settings of PostgreSQL on which durability rests.
const POSTGRES: [(&str, &[&str]); 3] = [
    ("fsync", &["on"]),
    ("full_page_writes", &["on"]),
    ("synchronous_commit", &["on", "local", "remote_write", "remote_apply"]),
];

impl Store {
    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.shared.config.folder
    }

    /// Whether the database answers, and lies where it was opened.
    pub async fn answers(&self) -> bool {
        let database = &self.shared.database;
        database.presence().check().is_ok()
            && first(database.reader(), "SELECT 1 AS one", []).await.is_ok()
    }

    /// Whether the rights on SQLite's file and its folder let this program write; `true` on
    /// PostgreSQL.
    #[must_use]
    pub fn may_write(&self) -> bool {
        self.shared.config.location.unwritable().is_none()
    }

    /// Whether the folder of the anchors is there: without it no restored database is noticed.
    #[must_use]
    pub fn keeps_anchors(&self) -> bool {
        self.shared.config.anchor_folder().is_dir()
    }

    /// How the server's clock fits to a ledger, by the rule of its writer.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn clock_fit(
        &self,
        chapter: ChapterId,
        now: DateTime<Utc>,
    ) -> Result<ClockFit, StoreFault> {
        let Some(last) = self.books(chapter)?.last_at() else { return Ok(ClockFit::Fits) };
        let away = now - last.utc();
        let confirmed = self.handle(chapter)?.chapter.is_clock_confirmed(now);
        Ok(match away {
            away if (away < -SLACK || away > AHEAD) && confirmed => ClockFit::Confirmed,
            away if away < -SLACK => ClockFit::Behind(-away),
            away if away > AHEAD => ClockFit::FarAhead(away),
            _ => ClockFit::Fits,
        })
    }

    /// How many entries the newest snapshot of each ledger's books has behind it.
    ///
    /// # Errors
    /// [`StoreFault::Database`] when it does not answer.
    pub async fn snapshots(&self) -> Result<BTreeMap<ChapterId, u64>, StoreFault> {
        let sql = "SELECT chapter, MAX(size) AS size FROM snapshots GROUP BY chapter";
        let rows = query(self.shared.database.reader(), sql, []).await?;
        let read = |row: &QueryResult| {
            let chapter = ChapterId(row.try_get("", "chapter")?);
            Ok((chapter, unsigned(row.try_get("", "size")?)?))
        };
        rows.iter().map(read).collect()
    }

    /// What the connection that writes says of its durability, such as `journal_mode=wal
    /// synchronous=2`.
    ///
    /// # Errors
    /// [`StoreFault::Database`] when it does not answer.
    pub async fn durability(&self) -> Result<String, StoreFault> {
        let said = self.database_settings().await?;
        let said =
            said.iter().filter(|own| own.name.contains("sync") || own.name == "journal_mode");
        let said: Vec<_> = said.map(|own| format!("{}={}", own.name, own.value)).collect();
        Ok(said.join(" "))
    }

    /// What the connection that writes says of the settings that durability and guards rest on.
    ///
    /// # Errors
    /// [`StoreFault::Database`] when it does not answer.
    pub async fn database_settings(&self) -> Result<Vec<Setting>, StoreFault> {
        let (names, word) = match self.shared.database.is_postgres() {
            true => (&POSTGRES[..], "SHOW"),
            false => (&SQLITE[..], "PRAGMA"),
        };
        let write = self.shared.database.begin_write(0).await?;
        let mut said = Vec::new();
        for (name, wanted) in names.iter().copied() {
            let row = first(&write, &format!("{word} {name}"), []).await;
            let value = row.map(|row| row.and_then(|row| text(&row, name)).unwrap_or_default());
            said.push(value.map(|value| Setting { name, value, wanted }));
        }
        give_up(write).await;
        Ok(said.into_iter().collect::<Result<Vec<_>, _>>()?)
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
