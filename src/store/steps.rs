//! The steps of the schema: which of them a database has seen, and which this program knows.
//!
//! A database that a newer program brought up to date is read, and not written to: the newer
//! program may keep something in its rows that this one would leave out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, QueryResult};

use super::chapter::Closure;
use super::database::{first, query};
use super::fault::{NEWER, StoreFault};

/// The steps that this program knows.
static KNOWN: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| Migrator::migrations().iter().map(|step| step.name().to_owned()).collect());

/// How the schema of a database fits to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// The same steps.
    Same,
    /// This program knows further ones; of an empty database all.
    Older,
    /// A step that this program does not know.
    Newer(String),
}

/// How a database fits. Changes nothing in it.
pub(super) async fn fit(connection: &impl ConnectionTrait) -> Result<Fit, DbErr> {
    let there = match connection.get_database_backend() {
        DatabaseBackend::Postgres => {
            "SELECT 1 AS one WHERE to_regclass('seaql_migrations') IS NOT NULL"
        }
        _ => "SELECT 1 AS one FROM sqlite_schema WHERE name = 'seaql_migrations'",
    };
    if first(connection, there, []).await?.is_none() {
        return Ok(Fit::Older);
    }
    let seen = seen(connection).await?;
    Ok(match seen.iter().find(|step| !KNOWN.contains(*step)) {
        Some(step) => Fit::Newer(step.clone()),
        None if seen.len() < KNOWN.len() => Fit::Older,
        None => Fit::Same,
    })
}

/// The first step of a database, in the order of their names, that this program does not know.
pub(super) async fn unknown(connection: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    Ok(seen(connection).await?.into_iter().find(|step| !KNOWN.contains(step)))
}

/// A column with all steps of a PostgreSQL database, for a question that asks for something else
/// besides.
pub(super) const STEPS: &str =
    "(SELECT string_agg(version, ' ' ORDER BY version) FROM seaql_migrations) AS steps";

/// Refuses a write where the column [`STEPS`] of a row names a step that this program does not
/// know.
///
/// # Errors
/// One that [`closure`] knows; that of a row without the column.
pub(super) fn check(row: &QueryResult) -> Result<(), DbErr> {
    let steps: Option<String> = row.try_get("", "steps")?;
    let mut steps = steps.as_deref().unwrap_or_default().split_ascii_whitespace();
    steps.find(|step| !KNOWN.contains(*step)).map_or(Ok(()), |step| Err(refusal(step)))
}

/// What is said instead of a write into a database with such a step.
fn refusal(step: &str) -> DbErr {
    DbErr::Custom(format!("{NEWER}{step}"))
}

/// Why a ledger takes no writes, if a failure says that the database has such a step.
pub(super) fn closure(fault: &StoreFault) -> Option<Closure> {
    let StoreFault::Database(DbErr::Custom(said)) = fault else { return None };
    said.strip_prefix(NEWER).map(|step| Closure::Newer { step: step.to_owned() })
}

async fn seen(connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, DbErr> {
    let sql = "SELECT version FROM seaql_migrations ORDER BY version";
    let rows = query(connection, sql, []).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}
