//! A PostgreSQL database while a backup is brought into it.
//!
//! A schema `minhbach_restoring` stands in it from before the first row until everything was
//! verified: no store opens such a database, so what was cut off is never served. What was there
//! before is not deleted but renamed, schema and all. Statements that PostgreSQL gets in one
//! message are one transaction.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection};

use super::Location;
use super::database::{first, query};
use super::fault::StoreFault;

/// The schema that tells of a restore.
pub(super) const MARK: &str = "minhbach_restoring";

/// What stands in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// No table.
    Empty,
    /// Tables.
    Taken,
    /// What a restore that was cut off left behind.
    CutOff,
}

/// How often it is looked whether connections that were closed are gone, and with which pauses.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Whether no server uses a PostgreSQL database; of SQLite the lock of the folder tells.
pub(super) async fn alone(database: &DatabaseConnection) -> Result<(), StoreFault> {
    if database.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    let text = "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() \
        AND application_name = 'minhbach' AND pid <> pg_backend_pid()";
    let mut others = 0;
    for _ in 0..LOOKS {
        let row = first(database, text, []).await?;
        others = row.map(|row| row.try_get::<i64>("", "n")).transpose()?.unwrap_or_default();
        if others == 0 {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(StoreFault::Served(others))
}

/// What stands in a PostgreSQL database; changes nothing.
///
/// # Errors
/// [`StoreFault::Database`].
pub async fn ground(url: &str) -> Result<Ground, StoreFault> {
    let database = connect(url).await?;
    let found = look(&database).await;
    database.close().await?;
    found
}

/// Whether a restore into a database was begun and not ended.
pub(super) async fn is_marked(database: &impl ConnectionTrait) -> Result<bool, StoreFault> {
    let text = "SELECT 1 AS one FROM pg_namespace WHERE nspname = ?";
    Ok(first(database, text, [MARK.into()]).await?.is_some())
}

async fn look(database: &DatabaseConnection) -> Result<Ground, StoreFault> {
    if is_marked(database).await? {
        return Ok(Ground::CutOff);
    }
    let text = "SELECT 1 AS one FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
        WHERE nspname = 'public' AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f') LIMIT 1";
    Ok(if first(database, text, []).await?.is_some() { Ground::Taken } else { Ground::Empty })
}

/// Makes room: an empty schema `public`, under the mark. Tables that are there are kept in the
/// schema `aside`; what a restore left that was cut off is dropped.
///
/// # Errors
/// [`StoreFault::Served`], [`StoreFault::Database`]; nothing was changed then.
pub async fn make_room(url: &str, aside: &str) -> Result<Ground, StoreFault> {
    let database = connect(url).await?;
    let made = async {
        alone(&database).await?;
        let ground = look(&database).await?;
        let mark = format!(
            "CREATE SCHEMA {MARK}; CREATE TABLE {MARK}.aside (name TEXT NOT NULL PRIMARY KEY);"
        );
        let text = match ground {
            Ground::Empty => mark,
            Ground::CutOff => "DROP SCHEMA public CASCADE; CREATE SCHEMA public;".to_owned(),
            Ground::Taken => format!(
                "{mark} ALTER SCHEMA public RENAME TO {aside}; CREATE SCHEMA public; \
                 INSERT INTO {MARK}.aside (name) VALUES ('{aside}');"
            ),
        };
        database.execute_unprepared(&text).await?;
        Ok(ground)
    };
    let made = made.await;
    database.close().await?;
    made
}

/// Takes the mark away: what was brought in counts. The schema in which the tables of before are
/// kept, if there were any.
///
/// # Errors
/// [`StoreFault::Database`]; the mark still stands then.
pub async fn settle(url: &str) -> Result<Option<String>, StoreFault> {
    let database = connect(url).await?;
    let settled = async {
        let aside = aside(&database).await?;
        database.execute_unprepared(&format!("DROP SCHEMA {MARK} CASCADE")).await?;
        Ok(aside)
    };
    let settled = settled.await;
    database.close().await?;
    settled
}

/// Takes back what [`make_room`] did, and with it all that was brought in.
///
/// # Errors
/// [`StoreFault::Database`]; the mark still stands then.
pub async fn take_back(url: &str) -> Result<(), StoreFault> {
    let database = connect(url).await?;
    let taken = async {
        let before = match aside(&database).await? {
            Some(aside) => format!("ALTER SCHEMA {aside} RENAME TO public"),
            None => "CREATE SCHEMA public".to_owned(),
        };
        let text = format!("DROP SCHEMA public CASCADE; {before}; DROP SCHEMA {MARK} CASCADE");
        database.execute_unprepared(&text).await?;
        Ok(())
    };
    let taken = taken.await;
    database.close().await?;
    taken
}

async fn aside(database: &DatabaseConnection) -> Result<Option<String>, StoreFault> {
    let rows = query(database, &format!("SELECT name FROM {MARK}.aside"), []).await?;
    Ok(rows.first().map(|row| row.try_get("", "name")).transpose()?)
}

async fn connect(url: &str) -> Result<DatabaseConnection, StoreFault> {
    let mut options = Location::Postgres(url.to_owned()).writer();
    options.max_connections(1);
    Ok(sea_orm::Database::connect(options).await?)
}
