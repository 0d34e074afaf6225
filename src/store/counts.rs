//! How many rows share a value, told to the database from a sample of them.
//!
//! Without it every index counts as good: SQLite would look through all rows of a chapter rather
//! than through those of a day. PostgreSQL counts by itself, but only what is committed, and a
//! minute later: the plans that a connection made when its tables were empty look through a whole
//! chapter for each new row until then, which a file of many lines would not outlast.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use super::connecting::WRITER_CACHE;
use super::database::query;
use super::project::TABLES;

/// Entries behind which a young PostgreSQL database is counted; then behind four times as many.
const YOUNG: u64 = 64;

/// Whether a young PostgreSQL database is to be counted when so many entries of a file, or of a
/// program, become so many.
pub(super) fn is_due(before: u64, after: u64) -> bool {
    let steps = |size: u64| (size / YOUNG).checked_ilog(4).map_or(0, |steps| steps + 1);
    steps(before) < steps(after)
}

/// Rows of a table from which on PostgreSQL counts often enough by itself.
const OLD: u32 = 100_000;

/// The tables that recording writes, as far as they were young when they were counted last, and as
/// this role may count them: up to PostgreSQL 16 their owner alone. Asks for no lock of a table.
fn young_of_postgres() -> String {
    let others = ["entries", "desk_bank_lines"];
    let tables: Vec<String> =
        TABLES.iter().chain(&others).map(|table| format!("'{table}'")).collect();
    format!(
        "SELECT relname::text AS name FROM pg_class WHERE oid = ANY (ARRAY[{}]::regclass[]) \
         AND reltuples < {OLD} AND pg_has_role(relowner, 'USAGE') ORDER BY relname",
        tables.join(", ")
    )
}

/// Counts the young tables of a PostgreSQL database. One that somebody locks, or is counting, is
/// left out.
///
/// # Errors
/// [`DbErr`].
pub(super) async fn young(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let rows = query(connection, &young_of_postgres(), []).await?;
    let tables: Vec<String> =
        rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?;
    if tables.is_empty() {
        return Ok(());
    }
    let text = format!("ANALYZE (SKIP_LOCKED) {}", tables.join(", "));
    connection.execute_unprepared(&text).await.map(drop)
}

/// The same within a transaction, with what it wrote so far. That it fails does not harm what is
/// written.
///
/// # Errors
/// [`DbErr`] when the connection is gone.
pub(super) async fn young_within(write: &impl ConnectionTrait) -> Result<(), DbErr> {
    write.execute_unprepared("SAVEPOINT rows_counted").await?;
    if let Err(fault) = young(write).await {
        not_counted(&fault);
        write.execute_unprepared("ROLLBACK TO SAVEPOINT rows_counted").await?;
    }
    write.execute_unprepared("RELEASE SAVEPOINT rows_counted").await.map(drop)
}

/// Says that nothing was counted: everything goes on, only slower.
pub(super) fn not_counted(fault: &DbErr) {
    tracing::warn!(%fault, "the rows of the tables were not counted");
}

/// Rows of each index that are looked at to tell how many are alike.
const SAMPLE: u32 = 1_000;

/// Memory for the pages that are read to count, as `PRAGMA cache_size` takes it: KiB below zero.
const SMALL_CACHE: i32 = -1_000;

/// Counts what was never counted or has ten times as many rows now, asked for or not.
const OUTGROWN: &str = "PRAGMA optimize = 0x10002";

/// Has every connection know what was counted: each reads the counts with the schema, which no
/// counting changes. A view that comes and goes does.
const SEEN: &str = "DROP VIEW IF EXISTS rows_counted; CREATE VIEW rows_counted AS SELECT 1 AS n; \
    DROP VIEW rows_counted";

/// Counts the tables that were never counted, or have many more rows now, before anybody else is
/// connected. To count all of them would read what lies all over a long ledger: more than a minute
/// where the machine has just been started.
pub(super) async fn make(writer: &DatabaseConnection) {
    count(writer, OUTGROWN).await;
}

/// Counts those that have many more rows than when they were counted last.
pub(super) async fn renew(writer: &DatabaseConnection) {
    count(writer, &format!("{OUTGROWN}; {SEEN}")).await;
}

/// Counts all of them, one after another, so that nobody waits long who writes: what was counted
/// when all rows were of one day says nothing of a year.
pub(super) async fn anew(writer: &DatabaseConnection, tables: &[String]) {
    for table in tables {
        count(writer, &format!("ANALYZE \"{table}\"")).await;
    }
    count(writer, SEEN).await;
}

/// A database that cannot be written to is used as it is. What is read to count is kept for nobody:
/// the pages of a long ledger would fill all the memory that the connection may take.
async fn count(writer: &DatabaseConnection, how: &str) {
    let begin = format!("PRAGMA analysis_limit = {SAMPLE}; PRAGMA cache_size = {SMALL_CACHE}");
    let end = format!("PRAGMA cache_size = {WRITER_CACHE}");
    // As one text, so that nobody gets the connection in the middle of it.
    if let Err(fault) = writer.execute_unprepared(&format!("{begin}; {how}; {end}")).await {
        not_counted(&fault);
        if let Err(fault) = writer.execute_unprepared(&end).await {
            tracing::warn!(%fault, "the connection that writes keeps little in memory");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::connecting::sqlite;
    use super::super::database::{first, query};
    use super::*;

    #[test]
    fn a_young_database_is_counted_again_with_four_times_as_many_entries() {
        let counted: Vec<u64> = (1..20_000).filter(|size| is_due(size - 1, *size)).collect();
        assert_eq!(counted, [64, 256, 1_024, 4_096, 16_384]);
        assert!(is_due(0, 512) && !is_due(512, 1_023) && is_due(5_000, 90_000));
        assert!(!is_due(0, 63) && !is_due(64, 64));
    }

    /// The index that a connection goes by for the rows of a day.
    async fn index_of(connection: &DatabaseConnection, day: u32) -> String {
        // The schema is read anew by what is run, not by what is explained; a text explained
        // before keeps its plan, so each day is asked for once.
        query(connection, "SELECT n FROM many WHERE chapter = 1 LIMIT 1", []).await.unwrap();
        let plan = format!(
            "EXPLAIN QUERY PLAN SELECT n FROM many WHERE chapter = 1 AND kind = 'x' AND day = {day}"
        );
        let row = first(connection, &plan, []).await.unwrap().unwrap();
        let said: String = row.try_get("", "detail").unwrap();
        said.split(' ').skip_while(|word| *word != "INDEX").nth(1).unwrap_or_default().to_owned()
    }

    /// Who writes to a table of three rows that are counted, and one who reads.
    async fn counted(folder: &std::path::Path) -> (DatabaseConnection, DatabaseConnection) {
        let path = folder.join("rows.sqlite");
        let writer = sea_orm::Database::connect(sqlite(&path, false)).await.unwrap();
        writer.execute_unprepared(TABLES).await.unwrap();
        make(&writer).await;
        let mut alone = sqlite(&path, true);
        alone.max_connections(1);
        (writer, sea_orm::Database::connect(alone).await.unwrap())
    }

    #[tokio::test]
    async fn what_is_not_outgrown_is_counted_at_night() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, reader) = counted(folder.path()).await;
        fill(&writer, 20).await;
        renew(&writer).await;
        assert_eq!(index_of(&reader, 71).await, "by_kind", "not ten times as many");
        anew(&writer, &["many".to_owned()]).await;
        assert_eq!(index_of(&reader, 72).await, "by_day");
    }

    const TABLES: &str = "CREATE TABLE many (chapter INTEGER, kind TEXT, day INTEGER, n INTEGER); \
        CREATE INDEX by_day ON many (chapter, day, n); \
        CREATE INDEX by_kind ON many (chapter, kind, n); \
        INSERT INTO many VALUES (1, 'x', 1, 1), (1, 'y', 1, 2), (1, 'z', 1, 3)";

    async fn fill(writer: &DatabaseConnection, rows: u32) {
        let text = format!(
            "WITH RECURSIVE of(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM of WHERE n < {rows}) \
             INSERT INTO many SELECT 1, 'x', n, n FROM of"
        );
        writer.execute_unprepared(&text).await.unwrap();
    }

    #[tokio::test]
    async fn a_connection_may_take_as_much_memory_behind_a_count_as_before() {
        let folder = tempfile::tempdir().unwrap();
        let writer = sqlite(&folder.path().join("rows.sqlite"), false);
        let writer = sea_orm::Database::connect(writer).await.unwrap();
        for how in ["ANALYZE", OUTGROWN, "ANALYZE nothing_of_that_name.at_all"] {
            count(&writer, how).await;
            let row = first(&writer, "PRAGMA cache_size", []).await.unwrap().unwrap();
            let kept = row.try_get::<i32>("", "cache_size").unwrap();
            assert_eq!(kept, WRITER_CACHE, "{how}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_was_open_before_knows_the_new_counts() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, reader) = counted(folder.path()).await;
        assert_eq!(index_of(&reader, 71).await, "by_kind");
        fill(&writer, 40_000).await;
        assert_eq!(index_of(&reader, 72).await, "by_kind", "nobody has counted");
        // A start that died between the two leaves the view behind.
        writer.execute_unprepared("CREATE VIEW rows_counted AS SELECT 1 AS n").await.unwrap();
        renew(&writer).await;
        assert_eq!(index_of(&reader, 73).await, "by_day");
        let views = "SELECT COUNT(*) AS n FROM sqlite_schema WHERE type = 'view'";
        let left = first(&reader, views, []).await.unwrap().unwrap();
        assert_eq!(left.try_get::<i64>("", "n").unwrap(), 0);
    }
}
