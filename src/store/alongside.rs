//! What else becomes true in the very transaction that records a voucher: sealed values, the state
//! of a draft, the identity of an imported line.
//!
//! The desk half of the store makes these steps; the writer runs them behind the entry's own rows.
//! A step that the schema refuses, or that touches another number of rows than it says, refuses
//! the voucher with it: all or nothing.

use sea_orm::{ConnectionTrait, Value};

use super::bundle::Bundle;
use super::database::execute;
use super::desk::DeskFault;
use super::desk::consequences::Consequences;
use super::desk::erasures::{self, Erasure};
use super::fault::StoreFault;

/// The steps that go with one voucher. Empty by default.
#[derive(Clone, Debug, Default)]
pub struct Alongside {
    steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// New rows of one table.
    Insert {
        /// The table.
        table: &'static str,
        /// The columns of each row.
        columns: &'static [&'static str],
        /// The rows.
        rows: Vec<Vec<Cell>>,
    },
    /// A change that must touch exactly so many rows, such as a draft that still waits.
    Change {
        /// The statement, `?` where a value goes.
        sql: &'static str,
        /// Its values.
        values: Vec<Cell>,
        /// How many rows it must touch.
        rows: u64,
        /// What to say when it touches another number.
        otherwise: &'static str,
    },
    /// A removal or change of whatever rows there are, none included.
    Clear {
        /// The statement, `?` where a value goes.
        sql: &'static str,
        /// Its values.
        values: Vec<Cell>,
    },
    /// The private values that two officers asked to destroy, gone with the entry that says so.
    Erase(Box<Erasure>),
    /// What the desk does because of the entry.
    Desk(Box<Consequences>),
}

/// A value, or one that is known only when the entry has its place.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// The number of the chapter's rows.
    Chapter,
    /// The entry's seq.
    Seq,
    /// Any other value.
    Value(Value),
}

impl<T: Into<Value>> From<T> for Cell {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

/// Why a step refused the voucher.
#[derive(Debug, thiserror::Error)]
pub(super) enum AlongsideFault {
    /// The step says so itself.
    #[error("{0}")]
    Refused(String),
    /// The database, which may be a constraint that says so.
    #[error(transparent)]
    Store(StoreFault),
}

impl Alongside {
    /// Nothing but the entry itself.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Whether nothing goes with the voucher.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Adds the steps of `other` behind these.
    #[must_use]
    pub fn and(mut self, mut other: Self) -> Self {
        self.steps.append(&mut other.steps);
        self
    }

    /// Adds a step.
    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }
}

/// The steps of several entries in order, neighbouring rows of one table in one statement.
#[derive(Debug, Default)]
pub(super) struct Steps {
    steps: Vec<Step>,
}

impl Steps {
    /// Adds the steps of the entry at `seq` of `chapter`.
    pub(super) fn add(&mut self, chapter: i64, seq: i64, alongside: Alongside) {
        for step in alongside.steps {
            match placed(step, chapter, seq) {
                Step::Insert { table, columns, rows } => self.insert(table, columns, rows),
                step => self.steps.push(step),
            }
        }
    }

    /// Adds rows to those of the same table, as far as nothing but other new rows stands between.
    /// Every entry's tables come in the same order, so what a row refers to stays before it.
    fn insert(&mut self, into: &'static str, its: &'static [&'static str], more: Vec<Vec<Cell>>) {
        let inserts =
            self.steps.iter_mut().rev().take_while(|step| matches!(step, Step::Insert { .. }));
        for step in inserts {
            if let Step::Insert { table, columns, rows } = step
                && *table == into
                && *columns == its
            {
                rows.extend(more);
                return;
            }
        }
        self.steps.push(Step::Insert { table: into, columns: its, rows: more });
    }

    /// Adds what the desk does because of an entry, behind that entry's own steps.
    pub(super) fn follow(&mut self, consequences: Consequences) {
        self.steps.push(Step::Desk(Box::new(consequences)));
    }

    /// Runs all steps, and forgets them.
    pub(super) async fn run(&mut self, write: &impl ConnectionTrait) -> Result<(), AlongsideFault> {
        let failed = |fault| AlongsideFault::Store(StoreFault::Database(fault));
        let mut bundle = Bundle::default();
        for step in std::mem::take(&mut self.steps) {
            if !matches!(step, Step::Insert { .. }) {
                bundle.run(write).await.map_err(failed)?;
            }
            match step {
                Step::Insert { table, columns, rows } => {
                    let values = rows.into_iter().flatten().map(value).collect();
                    bundle.insert((table, columns), values);
                }
                Step::Change { sql, values, rows, otherwise } => {
                    let done = execute(write, sql, values.into_iter().map(value)).await;
                    if done.map_err(failed)?.rows_affected() != rows {
                        return Err(AlongsideFault::Refused(otherwise.to_owned()));
                    }
                }
                Step::Clear { sql, values } => {
                    execute(write, sql, values.into_iter().map(value)).await.map_err(failed)?;
                }
                Step::Erase(erasure) => {
                    erasures::carry_out(write, &erasure).await.map_err(|fault| match fault {
                        DeskFault::Database(fault) => failed(fault),
                        DeskFault::Refused(refusal) => AlongsideFault::Refused(refusal.to_string()),
                        fault => AlongsideFault::Store(StoreFault::damaged("an erasure", fault)),
                    })?;
                }
                Step::Desk(consequences) => match consequences.apply(write).await {
                    Ok(()) => {}
                    Err(DeskFault::Database(fault)) => return Err(failed(fault)),
                    Err(fault) => return Err(AlongsideFault::Refused(fault.to_string())),
                },
            }
        }
        bundle.run(write).await.map_err(failed)
    }
}

fn placed(mut step: Step, chapter: i64, seq: i64) -> Step {
    let place = |cell: &mut Cell| match cell {
        Cell::Chapter => *cell = Cell::Value(chapter.into()),
        Cell::Seq => *cell = Cell::Value(seq.into()),
        Cell::Value(_) => {}
    };
    match &mut step {
        Step::Insert { rows, .. } => rows.iter_mut().flatten().for_each(place),
        Step::Change { values, .. } | Step::Clear { values, .. } => {
            values.iter_mut().for_each(place);
        }
        Step::Erase(_) | Step::Desk(_) => {}
    }
    step
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Value(value) => value,
        // Both were replaced when the entry got its place.
        Cell::Chapter | Cell::Seq => Value::BigInt(None),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const COLUMNS: &[&str] = &["chapter", "seq", "name"];

    fn line(name: &str) -> Alongside {
        let row = vec![Cell::Chapter, Cell::Seq, Cell::from(name)];
        let mut alongside = Alongside::nothing();
        alongside.push(Step::Insert { table: "lines", columns: COLUMNS, rows: vec![row] });
        alongside
    }

    async fn table() -> sea_orm::DatabaseConnection {
        let connection = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        let sql = "CREATE TABLE lines (chapter INTEGER, seq INTEGER, name TEXT UNIQUE) STRICT";
        connection.execute_unprepared(sql).await.unwrap();
        connection
    }

    #[tokio::test]
    async fn rows_of_several_entries_are_one_statement_with_their_places() {
        let connection = table().await;
        let mut steps = Steps::default();
        steps.add(7, 1, line("a"));
        steps.add(7, 2, line("b").and(line("c")));
        assert_eq!(steps.steps.len(), 1);
        steps.run(&connection).await.unwrap();
        let sql = "SELECT CAST(SUM(seq * 100 + chapter) AS BIGINT) AS sum FROM lines";
        let row = super::super::database::first(&connection, sql, []).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "sum").unwrap(), 500 + 21);
    }

    #[tokio::test]
    async fn a_change_of_another_number_of_rows_is_refused_in_its_words() {
        let connection = table().await;
        let mut alongside = Alongside::nothing();
        alongside.push(Step::Change {
            sql: "UPDATE lines SET seq = ? WHERE name = ?",
            values: vec![Cell::Seq, Cell::from("a")],
            rows: 1,
            otherwise: "the draft does not wait any more",
        });
        let mut steps = Steps::default();
        steps.add(7, 1, alongside);
        let refused = steps.run(&connection).await.unwrap_err();
        assert!(matches!(refused, AlongsideFault::Refused(why) if why.contains("any more")));
    }
}
