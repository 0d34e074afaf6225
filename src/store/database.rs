//! The two pools, and the one place that begins a write.
//!
//! SQLite: one connection writes, several read (`mode=ro`), so no writer waits for the pool while
//! it holds the lock. PostgreSQL: READ COMMITTED, and an advisory lock of the chapter first, which
//! orders the writers of all instances.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use migrations::{Migrator, MigratorTrait};
use sea_orm::prelude::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, ExecResult,
    IsolationLevel, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, Value,
};

use super::changes::{Changes, Pending};
use super::copies::tables_of_sqlite;
use super::counts;
use super::fault::{IMPORTING, READING, StoreFault};
use super::importing::Imports;
use super::location::Location;
use super::meters::PoolState;
use super::presence::Presence;
use super::restoring::is_marked;
use super::state::{self, HEAD, StoredHead};
use super::steps::{self, Fit, STEPS};

/// The key of the advisory lock under which migrations run, and which every write shares:
/// "minhbach" in ASCII.
const MIGRATION_LOCK: i64 = 0x6d69_6e68_6261_6368;

/// A database with its writing and its reading pool.
#[derive(Clone, Debug)]
pub(super) struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    imports: Imports,
    changes: Changes,
    presence: Presence,
    /// Entries that this program wrote.
    written: Arc<AtomicU64>,
    reading: bool,
}

impl Database {
    /// Connects, and brings the schema up to date. A database that a backup is being brought into
    /// is opened only by who does that (`restoring`).
    pub(super) async fn open(location: &Location, restoring: bool) -> Result<Self, StoreFault> {
        let writer = sea_orm::Database::connect(location.writer()).await?;
        let postgres = writer.get_database_backend() == DatabaseBackend::Postgres;
        if postgres && !restoring && is_marked(&writer).await? {
            writer.close().await?;
            return Err(StoreFault::Restoring);
        }
        migrate(&writer).await?;
        if !postgres {
            counts::make(&writer).await;
        }
        let reader = sea_orm::Database::connect(location.reader()).await?;
        let changes = Changes::new(postgres);
        let presence = Presence::of(location);
        let (imports, written) = (Imports::default(), Arc::default());
        Ok(Self { writer, reader, imports, changes, presence, written, reading: false })
    }

    /// Connects to read, and changes nothing, not even the schema: a standby allows no more.
    pub(super) async fn open_reading(location: &Location) -> Result<Self, StoreFault> {
        let reader = sea_orm::Database::connect(location.reader()).await?;
        let postgres = reader.get_database_backend() == DatabaseBackend::Postgres;
        let fits = match postgres && is_marked(&reader).await? {
            true => Err(StoreFault::Restoring),
            false => match steps::fit(&reader).await? {
                Fit::Same => Ok(()),
                Fit::Older => Err(StoreFault::Older),
                Fit::Newer(step) => Err(StoreFault::Newer(step)),
            },
        };
        if let Err(fault) = fits {
            reader.close().await?;
            return Err(fault);
        }
        let (writer, changes) = (reader.clone(), Changes::new(postgres));
        let (imports, presence) = (Imports::default(), Presence::of(location));
        let written = Arc::default();
        Ok(Self { writer, reader, imports, changes, presence, written, reading: true })
    }

    /// Counts rows again where there are many more than when they were counted last.
    pub(super) async fn keep_counted(&self) {
        if self.is_postgres() {
            if let Err(fault) = counts::young(&self.writer).await {
                counts::not_counted(&fault);
            }
        } else if self.may_count() {
            counts::renew(&self.writer).await;
        }
    }

    /// Whether so many new entries make a young PostgreSQL database one whose rows are to be
    /// counted before it does so by itself.
    pub(super) fn has_grown(&self, entries: usize) -> bool {
        let before = self.written.fetch_add(entries as u64, Ordering::Relaxed);
        self.is_postgres() && counts::is_due(before, before.saturating_add(entries as u64))
    }

    /// Counts the rows of all tables again, at night.
    ///
    /// # Errors
    /// [`StoreFault`] where the names of the tables can't be read.
    pub(super) async fn count_anew(&self) -> Result<(), StoreFault> {
        if self.may_count() && !self.reading {
            let tables = tables_of_sqlite(&self.reader).await?;
            counts::anew(&self.writer, &tables).await;
        }
        Ok(())
    }

    fn may_count(&self) -> bool {
        // The connection that a file is recorded with is away for minutes; another time, then.
        let busy = self.imports.hinders(0, true);
        !self.is_postgres() && !busy && self.presence.check().is_ok()
    }

    /// Whether nothing is ever written.
    pub(super) const fn is_reading(&self) -> bool {
        self.reading
    }

    /// The connections that read, and can do nothing else.
    pub(super) const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connections that write, for what no transaction may hold (the database's own files).
    pub(super) const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// The files that are being recorded.
    pub(super) const fn imports(&self) -> &Imports {
        &self.imports
    }

    /// Whether the database lies where it was opened.
    pub(super) const fn presence(&self) -> &Presence {
        &self.presence
    }

    /// Counts what is committed here.
    pub(super) const fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Begins a write: the only call of its kind, but for [`Database::begin_import`]. It does not
    /// wait for a file that is being recorded, which may take minutes. `lock` orders the writers of
    /// one chapter over all instances. The caller commits or rolls back on every path, and cancels
    /// neither.
    pub(super) async fn begin_write(&self, lock: i64) -> Result<Write, DbErr> {
        if self.imports.hinders(lock, !self.is_postgres()) {
            return Err(DbErr::Custom(IMPORTING.to_owned()));
        }
        self.begin_import(lock).await
    }

    /// Begins the write of a file that was told to [`Database::imports`] before.
    pub(super) async fn begin_import(&self, lock: i64) -> Result<Write, DbErr> {
        let write = self.begin().await?;
        if self.is_postgres()
            && let Err(fault) = enter(&write, lock).await
        {
            give_up(write).await;
            return Err(fault);
        }
        Ok(write)
    }

    /// Begins a write as [`Database::begin_write`] does, and reads the stored head of the lock's
    /// chapter.
    pub(super) async fn begin_write_at_head(
        &self,
        (lock, chapter): (i64, i64),
    ) -> Result<(Write, StoredHead), StoreFault> {
        if self.imports.hinders(lock, !self.is_postgres()) {
            return Err(DbErr::Custom(IMPORTING.to_owned()).into());
        }
        let write = self.begin().await?;
        match enter_at_head(&write, (lock, chapter)).await {
            Ok(head) => Ok((write, head)),
            Err(fault) => {
                give_up(write).await;
                Err(fault)
            }
        }
    }

    /// Begins a write that nobody has looked at: neither a lock nor the schema.
    async fn begin(&self) -> Result<Write, DbErr> {
        if self.reading {
            return Err(DbErr::Custom(READING.to_owned()));
        }
        self.presence.check()?;
        // PostgreSQL is told of READ COMMITTED once for each connection.
        let options = TransactionOptions {
            isolation_level: None,
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            access_mode: None,
        };
        let transaction = self.writer.begin_with_options(options).await?;
        let (change, presence) = (self.changes.pending(), self.presence.clone());
        Ok(Write { transaction, change, presence })
    }

    /// Whether other instances may write, too.
    pub(super) fn is_postgres(&self) -> bool {
        self.writer.get_database_backend() == DatabaseBackend::Postgres
    }

    /// How many connections there are.
    pub(super) fn pools(&self) -> Vec<PoolState> {
        let state = |name, pool: &DatabaseConnection| {
            let (open, idle, most) = if self.is_postgres() {
                let pool = pool.get_postgres_connection_pool();
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            } else {
                let pool = pool.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            };
            PoolState { name, open, idle: u32::try_from(idle).unwrap_or(u32::MAX), most }
        };
        vec![state("writer", &self.writer), state("reader", &self.reader)]
    }

    /// Closes both pools; on SQLite the log file is folded into the database.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await
    }
}

/// Begins a reading in which every statement sees the same moment, whoever writes meanwhile. It is
/// given up by [`Reading::end`].
pub(super) async fn begin_reading(connection: &DatabaseConnection) -> Result<Reading, DbErr> {
    let postgres = connection.get_database_backend() == DatabaseBackend::Postgres;
    let options = TransactionOptions {
        isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
        ..TransactionOptions::default()
    };
    Ok(Reading(connection.begin_with_options(options).await?))
}

/// A reading of one moment.
#[derive(Debug)]
pub(super) struct Reading(DatabaseTransaction);

impl Reading {
    /// Ends it; nothing was written.
    pub(super) async fn end(self) {
        undo(self.0).await;
    }
}

impl Deref for Reading {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.0
    }
}

/// A write that was begun. Whatever ends it but a rollback counts as a change of what is shown: it
/// cannot be committed in any other way.
#[derive(Debug)]
pub(super) struct Write {
    transaction: DatabaseTransaction,
    change: Pending,
    presence: Presence,
}

impl Write {
    /// A write of nothing that any page for everybody shows: it does not count as a change.
    pub(super) fn unseen(mut self) -> Self {
        self.change.unseen();
        self
    }

    /// Commits. An error may mean that it was committed all the same: that counts, too.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        let Self { transaction, change, presence } = self;
        let ended = transaction.commit().await;
        drop(change);
        ended.and_then(|()| presence.check())
    }
}

impl Deref for Write {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Write {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.transaction.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.transaction.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.transaction.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.transaction.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.transaction.query_all_raw(statement).await
    }
}

/// Rolls back. That a broken connection cannot is no news: its transaction is gone with it.
pub(super) async fn give_up(write: Write) {
    let Write { transaction, change, .. } = write;
    change.nothing();
    undo(transaction).await;
}

/// One moment of the database on a connection of its own, which can change nothing in it: no
/// writer waits for it, and it waits for none. It may have temporary tables.
pub(super) struct Aside {
    connection: DatabaseConnection,
    transaction: DatabaseTransaction,
}

impl Aside {
    /// Connects. The moment is that of the first question. The caller ends it on every path.
    pub(super) async fn open(location: &Location) -> Result<Self, DbErr> {
        let connection = sea_orm::Database::connect(location.aside()).await?;
        let postgres = connection.get_database_backend() == DatabaseBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
            access_mode: None,
        };
        let transaction = connection.begin_with_options(options).await?;
        Ok(Self { connection, transaction })
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.transaction.get_database_backend() == DatabaseBackend::Postgres
    }

    /// Rolls back and disconnects: temporary tables and advisory locks are gone with it.
    pub(super) async fn end(self) {
        undo(self.transaction).await;
        if let Err(fault) = self.connection.close().await {
            tracing::warn!(%fault, "a connection could not be closed");
        }
    }
}

impl Deref for Aside {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

async fn undo(transaction: DatabaseTransaction) {
    if let Err(fault) = transaction.rollback().await {
        tracing::warn!(%fault, "a transaction could not be rolled back");
    }
}

/// Takes the lock that orders writers, and looks whether the schema is still the one that this
/// program knows. Whoever changes it waits for all writers, and they for him.
async fn enter(write: &Write, lock: i64) -> Result<(), DbErr> {
    wait(write, lock).await?;
    let sql = format!("SELECT {STEPS}");
    first(write, &sql, []).await?.map_or(Ok(()), |row| steps::check(&row))
}

/// The same, and the stored head of the lock's chapter: one question less for each gift.
async fn enter_at_head(
    write: &Write,
    (lock, chapter): (i64, i64),
) -> Result<StoredHead, StoreFault> {
    if write.get_database_backend() != DatabaseBackend::Postgres {
        return state::head(write, chapter).await;
    }
    wait(write, lock).await?;
    let sql = format!("SELECT {HEAD}, {STEPS} FROM chapters WHERE id = ?");
    let row = first(write, &sql, [chapter.into()]).await?.ok_or(StoreFault::NoChapter)?;
    steps::check(&row)?;
    StoredHead::read(&row)
}

async fn wait(write: &Write, lock: i64) -> Result<(), DbErr> {
    let wait = "SELECT pg_advisory_xact_lock_shared(?), pg_advisory_xact_lock(?)";
    query(write, wait, [MIGRATION_LOCK.into(), lock.into()]).await.map(drop)
}

async fn migrate(writer: &DatabaseConnection) -> Result<(), StoreFault> {
    let postgres = writer.get_database_backend() == DatabaseBackend::Postgres;
    match steps::fit(writer).await? {
        Fit::Newer(step) => return Err(StoreFault::Newer(step)),
        // Who waits for the lock holds up all who write: not for nothing.
        Fit::Same => return Ok(()),
        Fit::Older => {}
    }
    if !postgres {
        return Ok(Migrator::up(writer, None).await?);
    }
    // A transaction of its own holds the lock while the steps run on another connection, so two
    // instances that start at once do not run the same step.
    let guard = writer.begin_with_options(TransactionOptions::default()).await?;
    let done = migrate_alone(writer, &guard).await;
    undo(guard).await;
    Ok(done?)
}

async fn migrate_alone(
    writer: &DatabaseConnection,
    guard: &DatabaseTransaction,
) -> Result<(), DbErr> {
    // The guard rests while the steps run, however long that takes.
    let limits =
        "SET LOCAL lock_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = 0";
    guard.execute_unprepared(limits).await?;
    query(guard, "SELECT pg_advisory_xact_lock(?)", [MIGRATION_LOCK.into()]).await?;
    Migrator::up(writer, None).await
}

/// A statement written once for both databases, with `?` where a value goes.
pub(super) fn statement(
    backend: DatabaseBackend,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    if backend != DatabaseBackend::Postgres {
        return Statement::from_sql_and_values(backend, sql, values);
    }
    let mut numbered = String::with_capacity(sql.len() + 16);
    for (at, part) in sql.split('?').enumerate() {
        if at > 0 {
            numbered.push('$');
            numbered.push_str(&at.to_string());
        }
        numbered.push_str(part);
    }
    Statement::from_sql_and_values(backend, numbered, values)
}

/// All rows of a query.
pub(super) async fn query(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    connection.query_all_raw(statement(connection.get_database_backend(), sql, values)).await
}

/// The first row of a query.
pub(super) async fn first(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<QueryResult>, DbErr> {
    connection.query_one_raw(statement(connection.get_database_backend(), sql, values)).await
}

/// Runs a statement.
pub(super) async fn execute(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<ExecResult, DbErr> {
    connection.execute_raw(statement(connection.get_database_backend(), sql, values)).await
}

/// `(?, ?), (?, ?)`: room for `rows` rows of `columns` values, for VALUES and IN.
pub(super) fn places(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row; rows].join(", ")
}
