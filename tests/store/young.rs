//! A young PostgreSQL database: its rows are counted long before the server does so by itself.

use std::time::Duration;

use minhbach::store::alongside::Alongside;
use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseConnection, Statement};

use super::whole_files::{gifts, import, made};
use crate::house::{TestHouse, now, postgres};

/// How the guard of the chain finds the entry before a new one.
async fn way(rows: &DatabaseConnection) -> String {
    let text = "EXPLAIN SELECT leaf_hash FROM entries WHERE chapter = 1 AND seq = 5";
    let plan = Statement::from_string(DatabaseBackend::Postgres, text);
    let first = rows.query_one_raw(plan).await.unwrap().unwrap();
    first.try_get_by_index::<String>(0).unwrap()
}

const KEY: &str = "entries_pkey";

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_into_an_empty_database_is_counted_while_it_is_written() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let rows = house.rows().await;
    assert!(!way(&rows).await.contains(KEY), "an empty table is planned well: nothing to test");
    import(&house.store, chapter, made(gifts(1_100))).await.unwrap();
    assert!(way(&rows).await.contains(KEY), "{}", way(&rows).await);
    assert!(house.store.check(chapter).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn single_gifts_are_counted_behind_their_answers() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let rows = house.rows().await;
    for gift in gifts(70) {
        house.store.record(chapter, gift, Alongside::nothing(), now()).await.unwrap();
    }
    let mut waited = 0;
    while !way(&rows).await.contains(KEY) {
        assert!(waited < 100, "{}", way(&rows).await);
        waited += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
