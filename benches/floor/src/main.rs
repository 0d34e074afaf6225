//! Bare SQLite rows, driven over standard input, one command a line and one JSON answer a line.
//!
//! | command | does |
//! |---|---|
//! | `load BEFORE AFTER TARGET COUNT` | copies BEFORE to TARGET, and learns what AFTER has more |
//! | `play K` | writes the next K of COUNT shares of it, each a transaction; the nanoseconds |
//! | `bare TARGET` | opens one table of entries |
//! | `one K BYTES` | inserts K rows of so many bytes, each a transaction; the nanoseconds |
//! | `many K BYTES` | inserts K rows in one transaction with one statement each |
//!
//! Every database has `journal_mode=WAL` and `synchronous=FULL`; the answers say what SQLite says
//! that they are.

use std::collections::HashSet;
use std::error::Error;
use std::hash::{Hash as _, Hasher as _};
use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A table with at most so many changed rows, each of at most so many bytes, holds sums.
const SUMS: usize = 8;
const SMALL: usize = 4_096;

/// Commits after which the write-ahead log has its length.
const WARM: usize = 1_500;

/// A row that was written, in the order of the table's columns.
struct Row {
    /// The statement that writes it.
    table: usize,
    values: Vec<Value>,
}

/// What is played back.
#[derive(Default)]
struct Played {
    statements: Vec<String>,
    /// The rows of each transaction.
    shares: Vec<Vec<Row>>,
    next: usize,
}

struct Floor {
    rows: Option<Connection>,
    played: Played,
    seq: i64,
}

fn main() -> Result<()> {
    let mut floor = Floor { rows: None, played: Played::default(), seq: 0 };
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split('\t').collect();
        let answer = match words.as_slice() {
            ["load", before, after, target, count] => {
                floor.load(before, after, target, count.parse()?)
            }
            ["play", count] => floor.play(count.parse()?),
            ["bare", target] => floor.bare(target),
            ["one", count, bytes] => floor.one(count.parse()?, bytes.parse()?),
            ["many", count, bytes] => floor.many(count.parse()?, bytes.parse()?),
            _ => Err(format!("unknown command: {line}").into()),
        };
        let answer = answer.unwrap_or_else(|fault| json!({"fault": fault.to_string()}));
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

impl Floor {
    fn load(
        &mut self,
        before: &str,
        after: &str,
        target: &str,
        count: usize,
    ) -> Result<serde_json::Value> {
        self.rows = None;
        std::fs::copy(before, target)?;
        let old = Connection::open_with_flags(before, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let new = Connection::open_with_flags(after, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut played = Played::default();
        played.shares.resize_with(count, Vec::new);
        let mut of_tables = serde_json::Map::new();
        for (table, name) in tables(&new)?.into_iter().enumerate() {
            let columns = columns(&new, &name)?;
            let holders = vec!["?"; columns].join(", ");
            // A row that is there already was changed: it is written over.
            played.statements.push(format!("INSERT OR REPLACE INTO \"{name}\" VALUES ({holders})"));
            let rows = difference(&old, &new, &name, columns)?;
            if !rows.is_empty() {
                of_tables.insert(name, rows.len().into());
            }
            let len = rows.len();
            for (index, values) in rows.into_iter().enumerate() {
                let share = index * count / len;
                // What few rows sum up, every transaction changes: all of them write it.
                let is_sum = len <= SUMS && size(&values) <= SMALL;
                let shares = if is_sum { 0..count } else { share..share + 1 };
                for share in shares {
                    played.shares[share].push(Row { table, values: values.clone() });
                }
            }
        }
        let rows = open(Path::new(target))?;
        for trigger in triggers(&rows)? {
            rows.execute_batch(&format!("DROP TRIGGER \"{trigger}\""))?;
        }
        let answer = settings(&rows, json!({"rows": of_tables}))?;
        (self.rows, self.played) = (Some(rows), played);
        Ok(answer)
    }

    fn play(&mut self, count: usize) -> Result<serde_json::Value> {
        let rows = self.rows.as_mut().ok_or("nothing is loaded")?;
        let from = self.played.next;
        let shares = self.played.shares.get(from..from + count).ok_or("fewer were loaded")?;
        let begun = Instant::now();
        for share in shares {
            rows.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            for row in share {
                let mut statement = rows.prepare_cached(&self.played.statements[row.table])?;
                statement.execute(params_from_iter(row.values.iter()))?;
            }
            rows.prepare_cached("COMMIT")?.execute([])?;
        }
        self.played.next += count;
        Ok(json!({"ns": nanoseconds(begun)}))
    }

    fn bare(&mut self, target: &str) -> Result<serde_json::Value> {
        let rows = open(Path::new(target))?;
        rows.execute_batch(
            "CREATE TABLE IF NOT EXISTS bare (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
        )?;
        self.seq =
            rows.query_row("SELECT coalesce(max(seq), 0) FROM bare", [], |row| row.get(0))?;
        let answer = settings(&rows, json!({}))?;
        self.rows = Some(rows);
        // A log that still grows is slower to sync than one that is written over, as it is later.
        self.one(WARM, 900)?;
        Ok(answer)
    }

    fn one(&mut self, count: usize, bytes: usize) -> Result<serde_json::Value> {
        let rows = self.rows.as_mut().ok_or("nothing is open")?;
        let value = vec![7_u8; bytes];
        let begun = Instant::now();
        for _ in 0..count {
            self.seq += 1;
            rows.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            rows.prepare_cached("INSERT INTO bare VALUES (?, ?)")?.execute((self.seq, &value))?;
            rows.prepare_cached("COMMIT")?.execute([])?;
        }
        Ok(json!({"ns": nanoseconds(begun)}))
    }

    fn many(&mut self, count: usize, bytes: usize) -> Result<serde_json::Value> {
        let rows = self.rows.as_mut().ok_or("nothing is open")?;
        let value = vec![7_u8; bytes];
        let begun = Instant::now();
        rows.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for _ in 0..count {
            self.seq += 1;
            rows.prepare_cached("INSERT INTO bare VALUES (?, ?)")?.execute((self.seq, &value))?;
        }
        rows.prepare_cached("COMMIT")?.execute([])?;
        Ok(json!({"ns": nanoseconds(begun)}))
    }
}

fn open(path: &Path) -> Result<Connection> {
    let rows = Connection::open(path)?;
    rows.set_prepared_statement_cache_capacity(200);
    rows.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
    rows.execute_batch("PRAGMA foreign_keys = OFF")?;
    Ok(rows)
}

fn settings(rows: &Connection, mut answer: serde_json::Value) -> Result<serde_json::Value> {
    let journal: String = rows.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let synchronous: i64 = rows.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    answer["journal_mode"] = journal.into();
    answer["synchronous"] = synchronous.into();
    answer["sqlite"] = rusqlite::version().into();
    Ok(answer)
}

fn tables(rows: &Connection) -> Result<Vec<String>> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
               AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let mut statement = rows.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<std::result::Result<_, _>>()?)
}

fn triggers(rows: &Connection) -> Result<Vec<String>> {
    let mut statement = rows.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<std::result::Result<_, _>>()?)
}

fn columns(rows: &Connection, table: &str) -> Result<usize> {
    let statement = rows.prepare(&format!("SELECT * FROM \"{table}\" LIMIT 0"))?;
    Ok(statement.column_count())
}

/// Rows of the new database that the old one does not have, in the order of the new one.
fn difference(
    old: &Connection,
    new: &Connection,
    table: &str,
    columns: usize,
) -> Result<Vec<Vec<Value>>> {
    let sql = format!("SELECT * FROM \"{table}\"");
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Vec<Value>> {
        (0..columns).map(|index| row.get::<_, Value>(index)).collect()
    };
    let mut known = HashSet::new();
    let mut statement = old.prepare(&sql)?;
    for row in statement.query_map([], read)? {
        known.insert(key(&row?));
    }
    let mut statement = new.prepare(&sql)?;
    let mut rows = Vec::new();
    for row in statement.query_map([], read)? {
        let row = row?;
        if !known.contains(&key(&row)) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Bytes of texts and blobs.
fn size(row: &[Value]) -> usize {
    let one = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 8,
    };
    row.iter().map(one).sum()
}

/// What tells a row from others.
fn key(row: &[Value]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    for value in row {
        match value {
            Value::Null => 0_u8.hash(&mut hasher),
            Value::Integer(number) => (1_u8, number).hash(&mut hasher),
            Value::Real(number) => (2_u8, number.to_bits()).hash(&mut hasher),
            Value::Text(text) => (3_u8, text).hash(&mut hasher),
            Value::Blob(bytes) => (4_u8, bytes).hash(&mut hasher),
        }
    }
    hasher.finish()
}

fn nanoseconds(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
