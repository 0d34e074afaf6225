//! Statements that nobody waits for one by one, such as the new rows of all tables of one entry.
//!
//! Each message to a database costs more than the few rows of a single gift: a wake-up of SQLite's
//! thread, a way to a server and back. So what is little goes as one message, whose text recurs and
//! is kept prepared. What is much goes table by table: there the rows are what costs, and texts of
//! several tables would never recur.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, Value};

use super::database::{execute, places};

/// The most values that go as one message: those of some single vouchers.
const TOGETHER: usize = 600;
/// The most values that one statement binds; SQLite allows 32 766.
const MOST_VALUES: usize = 30_000;
/// Rows of one statement, from the most on: few lengths, so that the driver finds the statement
/// among those that it prepared before. To prepare one of a thousand rows takes longer than to
/// write them.
const LENGTHS: [usize; 8] = [512, 128, 32, 16, 8, 4, 2, 1];

/// New rows of several tables, in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    inserts: Vec<Insert>,
    last: Option<Update>,
}

/// A change of exactly one row, behind all new ones.
#[derive(Debug)]
pub(super) struct Update {
    /// The statement, `?` where a value goes.
    pub sql: String,
    /// Its values.
    pub values: Vec<Value>,
}

/// New rows of one table.
#[derive(Debug)]
struct Insert {
    table: String,
    columns: String,
    width: usize,
    /// One row after another.
    values: Vec<Value>,
    /// What becomes of a row that is there already.
    conflict: &'static str,
}

impl Insert {
    fn text(&self, rows: usize) -> String {
        let Self { table, columns, width, conflict, .. } = self;
        format!("INSERT INTO {table} ({columns}) VALUES {}{conflict}", places(rows, *width))
    }

    /// Writes the rows in as few statements as there are lengths that fit.
    async fn run(self, write: &impl ConnectionTrait) -> Result<(), DbErr> {
        let mut left = self.values.len() / self.width;
        let lengths = LENGTHS.into_iter().filter(|length| length * self.width <= MOST_VALUES);
        let texts: Vec<(usize, String)> = lengths
            .flat_map(|length| {
                let times = left / length;
                left %= length;
                (0..times).map(move |_| length)
            })
            .map(|length| (length, self.text(length)))
            .collect();
        let (width, mut values) = (self.width, self.values.into_iter());
        for (length, text) in texts {
            execute(write, &text, values.by_ref().take(length * width)).await?;
        }
        Ok(())
    }
}

impl Bundle {
    /// Adds rows, their `values` one row after another in the order of the columns.
    pub(super) fn insert(&mut self, into: (&str, &[&str]), values: Vec<Value>) {
        self.insert_or(into, values, "");
    }

    /// The same, and what becomes of a row that is there already (` ON CONFLICT …`).
    pub(super) fn insert_or(
        &mut self,
        (table, columns): (&str, &[&str]),
        values: Vec<Value>,
        conflict: &'static str,
    ) {
        let (table, width) = (table.to_owned(), columns.len().max(1));
        if !values.is_empty() {
            let columns = columns.join(", ");
            self.inserts.push(Insert { table, columns, width, values, conflict });
        }
    }

    /// Adds a change of one row behind all that is added, before or later.
    pub(super) fn last(&mut self, update: Update) {
        self.last = Some(update);
    }

    /// Runs what was added, and is empty again.
    ///
    /// # Errors
    /// That of the first statement that fails, or `RecordNotUpdated` where the last one changes
    /// another number of rows than one. What stands before it may have been written: the caller
    /// gives the transaction up.
    pub(super) async fn run(&mut self, write: &impl ConnectionTrait) -> Result<(), DbErr> {
        let Self { inserts, mut last } = std::mem::take(self);
        let postgres = write.get_database_backend() == DatabaseBackend::Postgres;
        if goes_together(&inserts, postgres) {
            // Of several statements SQLite says how many rows all of them changed.
            let with = last.take_if(|_| postgres);
            let text = joined(&inserts, with.as_ref().map(|own| own.sql.as_str()), postgres);
            let wanted = with.is_some();
            let values = inserts.into_iter().flat_map(|own| own.values);
            let values = values.chain(with.into_iter().flat_map(|own| own.values));
            let done = execute(write, &text, values).await?;
            if wanted && done.rows_affected() != 1 {
                return Err(DbErr::RecordNotUpdated);
            }
        } else {
            for insert in inserts {
                insert.run(write).await?;
            }
        }
        match last {
            Some(Update { sql, values }) => {
                let done = execute(write, &sql, values).await?;
                (done.rows_affected() == 1).then_some(()).ok_or(DbErr::RecordNotUpdated)
            }
            None => Ok(()),
        }
    }
}

/// Whether there is so little that all of it is one message. The parts of a statement of PostgreSQL
/// are run in no certain order: rows of one table, which a trigger may want one behind the other,
/// are not in two of them.
fn goes_together(inserts: &[Insert], postgres: bool) -> bool {
    let bound: usize = inserts.iter().map(|own| own.values.len()).sum();
    let tables: BTreeSet<&str> = inserts.iter().map(|own| own.table.as_str()).collect();
    inserts.len() > 1 && bound <= TOGETHER && (!postgres || tables.len() == inserts.len())
}

/// Several inserts, and what comes last, as one text. PostgreSQL prepares one statement at a time:
/// there all but the last are parts of that one, each run once and to its end, and constraints
/// between tables are looked at behind all of them (PostgreSQL 15, 7.8.4 "Data-Modifying Statements
/// in WITH"). It counts the rows of the last.
fn joined(inserts: &[Insert], last: Option<&str>, postgres: bool) -> String {
    let texts = inserts.iter().map(|own| own.text(own.values.len() / own.width));
    let texts: Vec<String> = texts.chain(last.map(str::to_owned)).collect();
    match texts.split_last() {
        Some((last, parts)) if postgres => {
            let part = |(at, text): (usize, &String)| format!("part{at} AS ({text})");
            let parts: Vec<String> = parts.iter().enumerate().map(part).collect();
            format!("WITH {} {last}", parts.join(", "))
        }
        _ => texts.join("; "),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::database::first;
    use super::*;

    async fn tables() -> sea_orm::DatabaseConnection {
        let connection = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        let sql = "CREATE TABLE one (a INTEGER PRIMARY KEY, b TEXT) STRICT; \
            CREATE TABLE two (c INTEGER PRIMARY KEY) STRICT";
        connection.execute_unprepared(sql).await.unwrap();
        connection
    }

    async fn sums(connection: &sea_orm::DatabaseConnection) -> (i64, i64, i64) {
        let sql =
            "SELECT COUNT(*) AS rows, SUM(a) AS a, (SELECT COUNT(*) FROM two) AS two FROM one";
        let row = first(connection, sql, []).await.unwrap().unwrap();
        let sum = row.try_get::<Option<i64>>("", "a").unwrap().unwrap_or(0);
        (row.try_get("", "rows").unwrap(), sum, row.try_get("", "two").unwrap())
    }

    fn rows(count: i64) -> Vec<Value> {
        (0..count).flat_map(|at| [Value::from(at), Value::from(at.to_string())]).collect()
    }

    #[tokio::test]
    async fn little_and_much_is_written_whole_whatever_the_length() {
        for count in [0, 1, 3, 63, 700] {
            let connection = tables().await;
            let mut bundle = Bundle::default();
            bundle.insert(("one", &["a", "b"]), rows(count));
            bundle.insert(("two", &["c"]), vec![Value::from(7_i64)]);
            bundle.run(&connection).await.unwrap();
            bundle.run(&connection).await.unwrap();
            assert_eq!(sums(&connection).await, (count, count * (count - 1) / 2, 1));
        }
    }

    #[tokio::test]
    async fn the_first_that_fails_is_told_and_nothing_behind_it_is_run() {
        let connection = tables().await;
        let mut bundle = Bundle::default();
        let twice = vec![Value::from(1_i64), Value::from("a"), Value::from(1_i64), "b".into()];
        bundle.insert(("one", &["a", "b"]), twice);
        bundle.insert(("two", &["c"]), vec![Value::from(7_i64)]);
        let fault = bundle.run(&connection).await.unwrap_err();
        assert!(fault.to_string().contains("one.a"), "{fault}");
        assert_eq!(sums(&connection).await, (0, 0, 0));
    }

    #[tokio::test]
    async fn what_comes_last_changes_one_row_whatever_stands_before_it() {
        for count in [0, 1, 3, 700] {
            let connection = tables().await;
            let update = |of: i64| Update {
                sql: "UPDATE one SET b = 'last' WHERE a = ?".to_owned(),
                values: vec![of.into()],
            };
            let mut bundle = Bundle::default();
            bundle.last(update(0));
            bundle.insert(("one", &["a", "b"]), rows(count));
            bundle.insert(("two", &["c"]), vec![Value::from(7_i64)]);
            let done = bundle.run(&connection).await;
            assert_eq!(done.is_ok(), count > 0, "{count}: {done:?}");
            bundle.last(update(-1));
            assert_eq!(bundle.run(&connection).await, Err(DbErr::RecordNotUpdated));
            bundle.run(&connection).await.unwrap();
        }
    }

    #[test]
    fn on_postgresql_all_but_the_last_are_parts_of_it_and_no_table_is_in_two() {
        let mut bundle = Bundle::default();
        bundle.insert(("one", &["a", "b"]), rows(2));
        bundle.insert_or(("two", &["c"]), vec![Value::from(7_i64)], " ON CONFLICT DO NOTHING");
        assert!(goes_together(&bundle.inserts, true));
        let text = "WITH part0 AS (INSERT INTO one (a, b) VALUES (?, ?), (?, ?)) \
            INSERT INTO two (c) VALUES (?) ON CONFLICT DO NOTHING";
        assert_eq!(joined(&bundle.inserts, None, true), text);
        let behind = "UPDATE three SET d = 1";
        let text = "WITH part0 AS (INSERT INTO one (a, b) VALUES (?, ?), (?, ?)), \
            part1 AS (INSERT INTO two (c) VALUES (?) ON CONFLICT DO NOTHING) \
            UPDATE three SET d = 1";
        assert_eq!(joined(&bundle.inserts, Some(behind), true), text);
        bundle.insert(("one", &["a", "b"]), rows(1));
        assert!(!goes_together(&bundle.inserts, true) && goes_together(&bundle.inserts, false));
        bundle.insert(("one", &["a", "b"]), rows(300));
        assert!(!goes_together(&bundle.inserts, false));
    }
}
