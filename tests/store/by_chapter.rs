//! Tables of PostgreSQL can be parted by chapter: it is first in every key of theirs.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};

use crate::house::{TestHouse, postgres};

/// Tables that belong to no chapter, and why.
const GLOBAL: [(&str, &str); 7] = [
    ("desk_foundings", "who may found a chapter: there is none yet"),
    ("chapters", "the list of chapters itself; small, and copied to every machine"),
    ("desk_throttles", "counts tries by address, before anybody belongs to a chapter"),
    ("projections_due", "what a step of the schema left to be made; nearly always empty"),
    ("seaql_migrations", "the steps of the schema"),
    ("witness_evidence", "forks of other servers' ledgers"),
    ("witnessed", "heads of other servers' ledgers"),
];

/// Every key of every table: its name, the column that is first in it, and the table.
const KEYS: &str = "\
    SELECT CAST(tables.relname AS text) AS tab, CAST(keys.relname AS text) AS own, \
    CAST(pg_attribute.attname AS text) AS first FROM pg_index \
    JOIN pg_class AS tables ON tables.oid = indrelid \
    JOIN pg_class AS keys ON keys.oid = indexrelid \
    LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] \
    WHERE indisunique AND tables.relnamespace = 'public'::regnamespace \
    UNION ALL \
    SELECT CAST(relname AS text), CAST(conname AS text), CAST(attname AS text) \
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid \
    JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] \
    WHERE contype = 'f' AND relnamespace = 'public'::regnamespace";

/// Every table, and whether it has a primary key.
const TABLES: &str = "\
    SELECT CAST(relname AS text) AS tab, EXISTS (SELECT 1 FROM pg_index \
        WHERE indrelid = pg_class.oid AND indisprimary) AS keyed \
    FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace";

/// What stands in the way of parting by chapter: table and key.
async fn in_the_way(rows: &DatabaseConnection) -> Vec<String> {
    let ask = |sql: &str| {
        rows.query_all_raw(Statement::from_string(rows.get_database_backend(), sql.to_owned()))
    };
    let text = |row: &sea_orm::QueryResult, name: &str| row.try_get::<String>("", name).unwrap();
    let global: BTreeMap<&str, &str> = GLOBAL.into_iter().collect();
    let mut found = Vec::new();
    let mut tables = 0;
    for row in ask(TABLES).await.unwrap() {
        let table = text(&row, "tab");
        tables += 1;
        if !row.try_get::<bool>("", "keyed").unwrap() {
            found.push(format!("{table}: no primary key"));
        }
    }
    assert!(tables > 60, "{tables} tables are all");
    for row in ask(KEYS).await.unwrap() {
        let (table, key) = (text(&row, "tab"), text(&row, "own"));
        let first: Option<String> = row.try_get("", "first").unwrap();
        if first.as_deref() != Some("chapter") && !global.contains_key(table.as_str()) {
            found.push(format!("{table}: {key}"));
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chapter_is_first_in_every_key_of_its_tables() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let rows = house.rows().await;
    assert_eq!(in_the_way(&rows).await, [""; 0]);
    for (table, why) in GLOBAL {
        let there = format!("SELECT COUNT(*) FROM {table}");
        assert!(rows.execute_unprepared(&there).await.is_ok(), "{table}: {why}");
    }
    let bad = "CREATE TABLE parted (chapter BIGINT NOT NULL, id BIGINT NOT NULL UNIQUE, \
        origin TEXT REFERENCES chapters (origin), PRIMARY KEY (chapter, id))";
    rows.execute_unprepared(bad).await.unwrap();
    let found = ["parted: parted_id_key", "parted: parted_origin_fkey"];
    assert_eq!(in_the_way(&rows).await, found);
}
