//! All tables of one database into another kind of database, in one transaction of the new one.
//!
//! Which tables and columns there are is asked of the databases, so a table of tomorrow is moved
//! as well. Every row is digested where it is read and where it arrived, and every entry hashed;
//! nothing is committed unless both sides are the same.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, QueryResult, Value};
use sha2::{Digest as _, Sha256};

use super::Location;
use super::bundle::Bundle;
use super::copies::{Contents, Signed, StoredLedger, ledgers, tables_of_sqlite};
use super::database::{Database, Write, begin_reading, execute, first, give_up, places, query};
use super::fault::StoreFault;
use super::restoring::alone;

/// The lock under which rows arrive: "moveall" in ASCII.
const LOCK: i64 = 0x6d_6f76_6561_6c6c;
/// What a page of rows holds at most, in bytes or nearly so.
const PAGE: i64 = 8 << 20;
/// The most rows of a page.
const ROWS: i64 = 512;
/// The table of the migrations: each database has its own.
const STEPS: &str = "seaql_migrations";
/// The table that triggers write as other rows arrive: its own rows take the place of theirs.
const COUNTED: &str = "names_shown";

/// Why nothing was moved.
#[derive(Debug, thiserror::Error)]
pub enum TransferFault {
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// Both are of one kind.
    #[error(
        "both databases are of the same kind: a copy of that is `minhbach backup` and `restore`"
    )]
    SameKind,
    /// The new database holds rows.
    #[error("the new database is not empty: table {0} has rows")]
    Taken(String),
    /// The schema is another one than this program's.
    #[error("{0}")]
    Schema(String),
    /// What arrived is not what was there.
    #[error("table {0} did not arrive as it was: nothing was kept")]
    Differs(String),
}

impl From<sea_orm::DbErr> for TransferFault {
    fn from(fault: sea_orm::DbErr) -> Self {
        Self::Store(fault.into())
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Number,
    Text,
    Bytes,
}

/// A table as SQLite describes it.
#[derive(Clone, Debug)]
struct Table {
    name: String,
    columns: Vec<(String, Holds)>,
    /// Places of the columns of the primary key, in its order.
    key: Vec<usize>,
    /// Tables whose rows have to be there first.
    after: BTreeSet<String>,
}

/// Moves everything into an empty database, whose schema is made here.
///
/// # Errors
/// [`TransferFault`]; the new database has no rows then.
pub async fn transfer(from: &Location, to: &Location) -> Result<Contents, TransferFault> {
    if matches!(from, Location::Sqlite(_)) == matches!(to, Location::Sqlite(_)) {
        return Err(TransferFault::SameKind);
    }
    let mut options = from.reader();
    options.max_connections(1).min_connections(1);
    let source = sea_orm::Database::connect(options).await?;
    let moved = match alone(&source).await {
        Ok(()) => out_of(&source, to).await,
        Err(fault) => Err(fault.into()),
    };
    source.close().await?;
    moved
}

async fn out_of(source: &DatabaseConnection, to: &Location) -> Result<Contents, TransferFault> {
    let target = Database::open(to, false).await?;
    let reading = begin_reading(source).await?;
    let moved = async {
        let (ours, theirs) = (steps(target.reader()).await?, steps(&*reading).await?);
        if ours != theirs {
            return Err(TransferFault::Schema(of_another_age(&ours, &theirs)));
        }
        // Before anything else: a database that waits long in a transaction may break it off.
        let there = ledgers(&*reading, &Signed::new()).await?;
        let write = target.begin_write(LOCK).await?;
        match every_table(&*reading, &write, there).await {
            Ok(contents) => {
                write.commit().await?;
                Ok(contents)
            }
            Err(fault) => {
                give_up(write).await;
                Err(fault)
            }
        }
    };
    let moved = moved.await;
    reading.end().await;
    target.close().await?;
    moved
}

async fn every_table(
    source: &impl ConnectionTrait,
    target: &Write,
    there: Vec<StoredLedger>,
) -> Result<Contents, TransferFault> {
    let mut tables = in_order(schema(source, target).await?)?;
    tables.sort_by_key(|table| table.name == COUNTED);
    for table in &tables {
        let any = format!("SELECT 1 AS one FROM {} LIMIT 1", quoted(&table.name));
        if first(target, &any, []).await?.is_some() {
            return Err(TransferFault::Taken(table.name.clone()));
        }
    }
    let mut digests = Vec::new();
    for table in &tables {
        if table.name == COUNTED {
            execute(target, &format!("DELETE FROM {}", quoted(COUNTED)), []).await?;
        }
        digests.push(table.bring(source, target).await?);
    }
    let mut counts = BTreeMap::new();
    for (table, digest) in tables.iter().zip(digests) {
        if table.digest(target).await? != digest {
            return Err(TransferFault::Differs(table.name.clone()));
        }
        counts.insert(table.name.clone(), digest.rows);
    }
    // The source is not asked any more.
    if ledgers(target, &Signed::new()).await? != there {
        return Err(TransferFault::Differs("entries".to_owned()));
    }
    Ok(Contents { ledgers: there, tables: counts })
}

/// The steps of the schema that a database has seen.
async fn steps(database: &impl ConnectionTrait) -> Result<Vec<String>, TransferFault> {
    let there = tables_of(database).await?;
    if !there.contains(STEPS) {
        return Ok(Vec::new());
    }
    let rows =
        query(database, &format!("SELECT version FROM {STEPS} ORDER BY version"), []).await?;
    let mut steps: Vec<String> =
        rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?;
    // Collations of the databases may differ.
    steps.sort();
    Ok(steps)
}

fn of_another_age(ours: &[String], theirs: &[String]) -> String {
    match theirs.iter().find(|step| !ours.contains(step)) {
        Some(step) => format!("the database was made by a newer program (step {step}): upgrade"),
        None if theirs.is_empty() => "there is no ledger in the database to move".to_owned(),
        None => "the database was made by an older program: open it once with this one (`minhbach \
                 doctor`), then move it"
            .to_owned(),
    }
}

async fn tables_of(database: &impl ConnectionTrait) -> Result<BTreeSet<String>, TransferFault> {
    if database.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(tables_of_sqlite(database).await?.into_iter().collect());
    }
    let names = "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables \
        WHERE schemaname = current_schema()";
    let rows = query(database, names, []).await?;
    Ok(rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?)
}

/// The tables that both have, and have alike.
async fn schema(
    one: &impl ConnectionTrait,
    other: &impl ConnectionTrait,
) -> Result<Vec<Table>, TransferFault> {
    let postgres = one.get_database_backend() == DatabaseBackend::Postgres;
    let (names, others) = (tables_of(one).await?, tables_of(other).await?);
    if let Some(odd) = names.symmetric_difference(&others).next() {
        return Err(TransferFault::Schema(format!("only one of the databases has a table {odd}")));
    }
    let mut tables = Vec::new();
    for name in names.iter().filter(|name| *name != STEPS) {
        let (table, columns) = match postgres {
            true => (Table::read(other, name).await?, columns_of_postgres(one, name).await?),
            false => (Table::read(one, name).await?, columns_of_postgres(other, name).await?),
        };
        let own: BTreeMap<String, Holds> = table.columns.iter().cloned().collect();
        if own != columns {
            let why = format!("table {name} has other columns in one of the databases");
            return Err(TransferFault::Schema(why));
        }
        tables.push(table);
    }
    Ok(tables)
}

async fn columns_of_postgres(
    database: &impl ConnectionTrait,
    table: &str,
) -> Result<BTreeMap<String, Holds>, TransferFault> {
    let text = "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS holds \
        FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?";
    let mut columns = BTreeMap::new();
    for row in query(database, text, [table.into()]).await? {
        let (name, holds): (String, String) = (row.try_get("", "name")?, row.try_get("", "holds")?);
        columns.insert(name.clone(), holding(table, &name, &holds)?);
    }
    Ok(columns)
}

fn holding(table: &str, column: &str, holds: &str) -> Result<Holds, TransferFault> {
    match holds {
        "INTEGER" | "bigint" => Ok(Holds::Number),
        "TEXT" | "text" => Ok(Holds::Text),
        "BLOB" | "bytea" => Ok(Holds::Bytes),
        other => {
            Err(TransferFault::Schema(format!("{table}.{column} holds {other}: it can't be moved")))
        }
    }
}

/// Tables in an order in which each row finds those that it names.
fn in_order(mut left: Vec<Table>) -> Result<Vec<Table>, TransferFault> {
    let mut ordered: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let waits = |table: &Table, left: &[Table]| {
            left.iter().any(|other| other.name != table.name && table.after.contains(&other.name))
        };
        let ready = left.iter().position(|table| !waits(table, &left));
        let Some(ready) = ready else {
            let names: Vec<&str> = left.iter().map(|table| table.name.as_str()).collect();
            return Err(TransferFault::Schema(format!("{} name each other", names.join(", "))));
        };
        ordered.push(left.remove(ready));
    }
    Ok(ordered)
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// The number of a table's rows, and a digest over them in the order of their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Digested {
    rows: u64,
    digest: [u8; 32],
}

impl Table {
    async fn read(database: &impl ConnectionTrait, name: &str) -> Result<Self, TransferFault> {
        let (mut columns, mut key) = (Vec::new(), Vec::new());
        let text = format!("PRAGMA table_info({})", quoted(name));
        for (at, row) in query(database, &text, []).await?.iter().enumerate() {
            let (column, holds): (String, String) =
                (row.try_get("", "name")?, row.try_get("", "type")?);
            let place: i64 = row.try_get("", "pk")?;
            if place > 0 {
                key.push((place, at));
            }
            let holds = holding(name, &column, &holds)?;
            columns.push((column, holds));
        }
        key.sort_unstable();
        let key: Vec<usize> = key.into_iter().map(|(_, at)| at).collect();
        if key.is_empty() {
            return Err(TransferFault::Schema(format!("table {name} has no key")));
        }
        let mut after = BTreeSet::new();
        let text = format!("PRAGMA foreign_key_list({})", quoted(name));
        for row in query(database, &text, []).await? {
            after.insert(row.try_get::<String>("", "table")?);
        }
        Ok(Self { name: name.to_owned(), columns, key, after })
    }

    fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| quoted(name)).collect()
    }

    /// How many rows are read at a time.
    async fn page(&self, database: &impl ConnectionTrait) -> Result<i64, TransferFault> {
        let wide = self.columns.iter().filter(|(_, holds)| *holds != Holds::Number);
        let lengths: Vec<String> =
            wide.map(|(name, _)| format!("COALESCE(LENGTH({}), 0)", quoted(name))).collect();
        if lengths.is_empty() {
            return Ok(ROWS);
        }
        let longest = format!(
            "SELECT CAST(MAX({}) AS BIGINT) AS longest FROM {}",
            lengths.join(" + "),
            quoted(&self.name)
        );
        let row = first(database, &longest, []).await?;
        let longest = row.map(|row| row.try_get::<Option<i64>>("", "longest")).transpose()?;
        Ok((PAGE / longest.flatten().unwrap_or_default().max(1)).clamp(1, ROWS))
    }

    /// A page of rows behind a key, in the order of the keys.
    async fn rows(
        &self,
        database: &impl ConnectionTrait,
        behind: &[Value],
        page: i64,
    ) -> Result<Vec<Vec<Value>>, TransferFault> {
        let key: Vec<String> = self.key.iter().map(|at| quoted(&self.columns[*at].0)).collect();
        let key = key.join(", ");
        let (columns, name) = (self.names().join(", "), quoted(&self.name));
        let only = match behind {
            [] => String::new(),
            behind => format!("WHERE ({key}) > {}", places(1, behind.len())),
        };
        let text = format!("SELECT {columns} FROM {name} {only} ORDER BY {key} LIMIT {page}");
        let rows = query(database, &text, behind.iter().cloned()).await?;
        rows.iter().map(|row| self.values(row)).collect()
    }

    fn values(&self, row: &QueryResult) -> Result<Vec<Value>, TransferFault> {
        let value = |(at, (_, holds)): (usize, &(String, Holds))| {
            Ok(match holds {
                Holds::Number => Value::from(row.try_get_by_index::<Option<i64>>(at)?),
                Holds::Text => Value::from(row.try_get_by_index::<Option<String>>(at)?),
                Holds::Bytes => Value::from(row.try_get_by_index::<Option<Vec<u8>>>(at)?),
            })
        };
        self.columns.iter().enumerate().map(value).collect()
    }

    /// Reads all rows, a page at a time, and hands each page on.
    async fn each_page<F>(
        &self,
        database: &impl ConnectionTrait,
        mut take: F,
    ) -> Result<Digested, TransferFault>
    where
        F: AsyncFnMut(Vec<Vec<Value>>) -> Result<(), TransferFault>,
    {
        let page = self.page(database).await?;
        let (mut digest, mut count) = (Sha256::new(), 0);
        let mut behind: Vec<Value> = Vec::new();
        loop {
            let rows = self.rows(database, &behind, page).await?;
            let Some(last) = rows.last() else { break };
            behind = self.key.iter().map(|at| last[*at].clone()).collect();
            count += rows.len() as u64;
            rows.iter().flatten().for_each(|value| digest_value(&mut digest, value));
            take(rows).await?;
        }
        Ok(Digested { rows: count, digest: digest.finalize().into() })
    }

    async fn digest(&self, database: &impl ConnectionTrait) -> Result<Digested, TransferFault> {
        self.each_page(database, async |_| Ok(())).await
    }

    /// Brings all rows over; what was read.
    async fn bring(
        &self,
        source: &impl ConnectionTrait,
        target: &Write,
    ) -> Result<Digested, TransferFault> {
        let counted = counted_by_postgres(target, &self.name).await?;
        let (names, table) = (self.names(), quoted(&self.name));
        let columns: Vec<&str> = names.iter().map(String::as_str).collect();
        let brought = self
            .each_page(source, async |rows| {
                if counted.is_none() {
                    let mut bundle = Bundle::default();
                    bundle.insert((&table, &columns), rows.into_iter().flatten().collect());
                    return Ok(bundle.run(target).await?);
                }
                let (list, room) = (columns.join(", "), places(1, columns.len()));
                let text =
                    format!("INSERT INTO {table} ({list}) OVERRIDING SYSTEM VALUE VALUES {room}");
                for row in rows {
                    execute(target, &text, row).await?;
                }
                Ok(())
            })
            .await?;
        if let Some(column) = counted {
            let go_on = format!(
                "SELECT setval(pg_get_serial_sequence('{}', '{column}'), \
                 GREATEST(COALESCE(MAX({column}), 1), 1), COUNT(*) > 0) AS n FROM {table}",
                self.name
            );
            first(target, &go_on, []).await?;
        }
        Ok(brought)
    }
}

/// The column whose values PostgreSQL counts up by itself.
async fn counted_by_postgres(
    database: &Write,
    table: &str,
) -> Result<Option<String>, TransferFault> {
    if database.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(None);
    }
    let text = "SELECT CAST(column_name AS TEXT) AS name FROM information_schema.columns \
        WHERE table_schema = current_schema() AND table_name = ? AND is_identity = 'YES'";
    let row = first(database, text, [table.into()]).await?;
    Ok(row.map(|row| row.try_get("", "name")).transpose()?)
}

/// Adds a value so that no two rows of values give the same bytes.
fn digest_value(digest: &mut Sha256, value: &Value) {
    let mut add = |tag: u8, bytes: Option<&[u8]>| {
        digest.update([tag, u8::from(bytes.is_some())]);
        let bytes = bytes.unwrap_or_default();
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    match value {
        Value::BigInt(number) => {
            let bytes = number.map(i64::to_be_bytes);
            add(0, bytes.as_ref().map(<[u8; 8]>::as_slice));
        }
        Value::String(text) => add(1, text.as_ref().map(|text| text.as_bytes())),
        Value::Bytes(bytes) => add(2, bytes.as_ref().map(|bytes| bytes.as_slice())),
        other => add(3, Some(format!("{other:?}").as_bytes())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn table(name: &str, after: &[&str]) -> Table {
        let after = after.iter().map(|name| (*name).to_owned()).collect();
        Table { name: name.to_owned(), columns: Vec::new(), key: Vec::new(), after }
    }

    #[test]
    fn tables_come_behind_those_that_they_name() {
        let tables = vec![
            table("uses", &["lots", "chapters"]),
            table("lots", &["entries"]),
            table("tree", &["tree"]),
            table("entries", &["chapters"]),
            table("chapters", &[]),
        ];
        let names: Vec<String> =
            in_order(tables).unwrap().into_iter().map(|table| table.name).collect();
        assert_eq!(names, ["tree", "chapters", "entries", "lots", "uses"]);
        let circle = vec![table("a", &["b"]), table("b", &["a"])];
        assert!(in_order(circle).is_err());
    }

    #[test]
    fn rows_that_differ_have_other_digests() {
        let digest = |values: &[Value]| {
            let mut digest = Sha256::new();
            values.iter().for_each(|value| digest_value(&mut digest, value));
            digest.finalize()
        };
        let text = |text: &str| Value::from(text);
        assert_ne!(digest(&[text("ab"), text("c")]), digest(&[text("a"), text("bc")]));
        assert_ne!(digest(&[text("")]), digest(&[Value::String(None)]));
        assert_ne!(digest(&[text("1")]), digest(&[Value::from(1_i64)]));
        assert_ne!(digest(&[Value::from(vec![49_u8])]), digest(&[text("1")]));
    }
}
