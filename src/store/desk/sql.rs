//! Short words for raw statements. `$1 … $n` are positions on SQLite and PostgreSQL alike, so one
//! text serves both.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable, Value};

use super::DeskFault;

/// The values of a statement, in the order of its positions.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(sea_orm::Value::from($value)),*] };
}
pub(super) use values;

fn statement<C: ConnectionTrait>(connection: &C, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

/// Runs a statement; the number of rows that it touched.
pub(super) async fn execute<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<u64, DeskFault> {
    let done = connection.execute_raw(statement(connection, sql, values)).await?;
    Ok(done.rows_affected())
}

/// The first row, if there is one.
pub(super) async fn one<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<QueryResult>, DeskFault> {
    Ok(connection.query_one_raw(statement(connection, sql, values)).await?)
}

/// All rows.
pub(super) async fn all<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DeskFault> {
    Ok(connection.query_all_raw(statement(connection, sql, values)).await?)
}

/// A column as it is.
pub(super) fn column<T: TryGetable>(row: &QueryResult, name: &str) -> Result<T, DeskFault> {
    Ok(row.try_get("", name)?)
}

/// A text column as the type that it was written from.
pub(super) fn parsed<T: FromStr<Err: Display>>(
    row: &QueryResult,
    table: &'static str,
    name: &str,
) -> Result<T, DeskFault> {
    let text: String = column(row, name)?;
    text.parse().map_err(|fault: T::Err| DeskFault::damaged(table, format!("{name}: {fault}")))
}

/// A seq or count, which the database keeps as a signed number.
pub(super) fn unsigned(
    row: &QueryResult,
    table: &'static str,
    name: &str,
) -> Result<Option<u64>, DeskFault> {
    let number: Option<i64> = column(row, name)?;
    number
        .map(u64::try_from)
        .transpose()
        .map_err(|_| DeskFault::damaged(table, format!("{name}: below zero")))
}

/// A seq as the database keeps it. Seqs are at most 2^53 − 1.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A moment from its seconds since 1970.
pub(super) fn moment(
    row: &QueryResult,
    table: &'static str,
    name: &str,
) -> Result<DateTime<Utc>, DeskFault> {
    DateTime::from_timestamp(column(row, name)?, 0)
        .ok_or_else(|| DeskFault::damaged(table, format!("{name}: not a time")))
}
