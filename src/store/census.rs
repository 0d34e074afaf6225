//! For tests: every row that a chapter has, to see what a request changed. SQLite alone.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use sea_orm::DatabaseConnection;

use super::database::query;
use super::{ChapterId, Store};

/// Rows as text, by table.
pub type Census = BTreeMap<String, Vec<String>>;

impl Store {
    /// Every row of every table that says which chapter its rows belong to, as text.
    pub async fn census(&self, chapter: ChapterId) -> Census {
        let reader = self.shared.database.reader();
        let tables = "SELECT name AS own FROM sqlite_schema AS it WHERE type = 'table' AND EXISTS \
             (SELECT 1 FROM pragma_table_info(it.name) AS its WHERE its.name = 'chapter')";
        let mut all = Census::new();
        for table in texts(reader, tables).await {
            let columns = format!(
                "SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') AS own \
                 FROM pragma_table_info('{table}')"
            );
            let columns = texts(reader, &columns).await.pop().unwrap();
            let rows = format!(
                "SELECT {columns} AS own FROM {table} WHERE chapter = {} ORDER BY own",
                chapter.0
            );
            let rows = texts(reader, &rows).await;
            all.insert(table, rows);
        }
        all
    }
}

async fn texts(reader: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = query(reader, sql, []).await.unwrap();
    rows.iter().map(|row| row.try_get("", "own").unwrap()).collect()
}
