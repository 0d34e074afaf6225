//! The options of the connections, to an SQLite file and to a PostgreSQL server.

use std::path::Path;
use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::sqlx::Connection as _;

/// How long one attempt waits for another writer before it is told to come again.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Statements that a connection keeps prepared: those of all tables in all lengths, and more.
const PREPARED: usize = 400;

/// Memory for pages of a connection that writes, as `PRAGMA cache_size` takes it: KiB below zero.
pub(super) const WRITER_CACHE: i32 = -16_000;
/// The same for one that reads.
const READER_CACHE: i32 = -4_000;

/// Options that both pools of an SQLite file share.
pub(super) fn sqlite(path: &Path, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new("sqlite::memory:");
    let path = path.to_owned();
    options.max_connections(if read_only { 8 } else { 1 });
    options.min_connections(1);
    // All connections stay on the file that was opened, whatever lies under its name later.
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options.acquire_timeout(Duration::from_secs(30));
    // A file does not go away as a server does: to ask each time whether it is there takes as long
    // as a question.
    options.test_before_acquire(false);
    options.sqlx_logging(false);
    // SQLite undoes a whole transaction by itself when the disk is full. The driver counts it as
    // open for ever, makes savepoints of all that follow, and commits none of them: such a
    // connection is closed, and another opened.
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.before_acquire(|connection, _| {
            let is_at_rest = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_at_rest) })
        })
    });
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .filename(&path)
            .in_memory(false)
            .shared_cache(false)
            .create_if_missing(!read_only)
            .read_only(read_only)
            .foreign_keys(true)
            .busy_timeout(LOCK_WAIT)
            .statement_cache_capacity(PREPARED)
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .pragma("recursive_triggers", "ON")
            // Readers are many and look at few pages each.
            .pragma("cache_size", if read_only { READER_CACHE } else { WRITER_CACHE }.to_string());
        if read_only {
            return sqlite;
        }
        sqlite
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("secure_delete", "ON")
            // What a statement of many rows keeps to undo itself is small and lives for moments.
            .pragma("temp_store", "MEMORY")
    });
    options
}

/// Options of the one connection of an [`Aside`].
pub(super) fn sqlite_aside(path: &Path) -> ConnectOptions {
    let mut options = ConnectOptions::new("sqlite::memory:");
    let path = path.to_owned();
    options.max_connections(1).min_connections(1);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options.sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .filename(&path)
            .in_memory(false)
            .shared_cache(false)
            .create_if_missing(false)
            .read_only(true)
            // Temporary tables name tables of the database, which no foreign key can reach.
            .foreign_keys(false)
            .busy_timeout(LOCK_WAIT)
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .pragma("cache_size", "-8000")
            // As large as what is derived from the entries: not for the memory.
            .pragma("temp_store", "FILE")
            // Behind it: another store begins with a cache of its own.
            .pragma("temp.cache_size", "-16000")
    });
    options
}

/// Options of the one connection of an [`Aside`].
pub(super) fn postgres_aside(url: &str) -> ConnectOptions {
    let mut options = postgres(url, false);
    options.max_connections(1);
    options
}

/// A connection that wrote so short a time ago is taken to be there. Where it is gone, a gift is
/// tried again, and whoever wanted to write something else is told to. Reading is never tried
/// again: there every connection is asked.
const FRESH: Duration = Duration::from_millis(100);

/// Options that both pools of a PostgreSQL server share.
pub(super) fn postgres(url: &str, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    // Six tries of a write take half a minute then, as they do behind somebody else's lock.
    options.max_connections(8).acquire_timeout(LOCK_WAIT);
    // A future dropped during BEGIN may leave an open transaction behind: no connection lives long.
    options.max_lifetime(Duration::from_secs(300)).idle_timeout(Duration::from_secs(60));
    options.sqlx_logging(false).set_application_name("minhbach");
    if !read_only {
        // To ask each time whether the server is there takes as long as a question.
        options.test_before_acquire(false);
        options.map_sqlx_postgres_pool_opts(|pool| {
            pool.before_acquire(|connection, rested| {
                Box::pin(async move {
                    if rested.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
        });
    }
    options.map_sqlx_postgres_opts(move |postgres| {
        let postgres = postgres.statement_cache_capacity(PREPARED);
        let wait = format!("{}ms", LOCK_WAIT.as_millis());
        // Who writes looks rows up by their keys: to plan that anew each time takes longer than it.
        let plans = if read_only { "auto" } else { "force_generic_plan" };
        let read_only = if read_only { "on" } else { "off" };
        postgres.options([
            ("plan_cache_mode", plans),
            ("lock_timeout", wait.as_str()),
            ("default_transaction_read_only", read_only),
            ("default_transaction_isolation", "read committed"),
            ("synchronous_commit", "on"),
            ("idle_in_transaction_session_timeout", "60s"),
        ])
    });
    options
}
