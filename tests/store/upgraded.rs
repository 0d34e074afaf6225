//! Databases of the program before the last step of the schema.

use minhbach::store::facade::{AccountsFilter, AccountsSum};
use minhbach::store::{Standing, Store};
use sea_orm::ConnectionTrait as _;

use super::tables::grounds;
use crate::house::{Ground, TestHouse};
use crate::routes::public::filled::{Filled, at};

/// Takes the step of sums back: tables, triggers, and that it was made.
async fn before_the_sums(house: &TestHouse) {
    let mut text = String::new();
    for name in ["names_shown_more", "names_shown_less", "names_shown_other"] {
        text += &match house.ground {
            Ground::Sqlite => format!("DROP TRIGGER {name};"),
            Ground::Postgres(_) => {
                format!("DROP TRIGGER {name} ON vault_published; DROP FUNCTION {name};")
            }
        };
    }
    text += "DROP TABLE names_shown; DROP TABLE accounts_months; \
        DELETE FROM seaql_migrations WHERE version = 'm0024_sums'";
    let rows = house.rows().await;
    rows.execute_unprepared(&text).await.unwrap();
    rows.close().await.unwrap();
}

/// How many months of how many vouchers are added up.
async fn months(house: &TestHouse) -> (i64, i64) {
    let rows = house.rows().await;
    let text = "SELECT COUNT(*) AS months, CAST(COALESCE(SUM(many), 0) AS BIGINT) AS many \
        FROM accounts_months";
    let backend = rows.get_database_backend();
    let statement = sea_orm::Statement::from_string(backend, text);
    let row = rows.query_one_raw(statement).await.unwrap().unwrap();
    let sums = (row.try_get("", "months").unwrap(), row.try_get("", "many").unwrap());
    rows.close().await.unwrap();
    sums
}

/// What the state of names says of them, how often they changed aside.
async fn names(store: &Store, filled: minhbach::store::ChapterId) -> String {
    let state = store.names_state(filled).await.unwrap();
    state.rsplit_once('-').map(|(sums, _)| sums.to_owned()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_database_gets_its_sums_at_the_start_and_says_the_same() {
    for ground in grounds().await {
        let filled = Filled::on(ground).await;
        let before = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
        filled.publish_a_name().await;
        let Filled { house, chapter, .. } = filled;
        let all = AccountsFilter::default();
        let sum = house.store.accounts_sum(chapter, &all, u64::MAX >> 1).await.unwrap();
        let (known, months_known) = (names(&house.store, chapter).await, months(&house).await);
        assert_eq!(known, format!("1-1-{before}"));
        assert!(months_known.0 > 0 && sum != AccountsSum::default());
        house.store.stop().await.unwrap();
        before_the_sums(&house).await;
        let house = house.restart_stopped().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        assert_eq!(names(&house.store, chapter).await, known);
        assert_eq!(months(&house).await, months_known);
        assert_eq!(house.store.accounts_sum(chapter, &all, u64::MAX >> 1).await.unwrap(), sum);
        assert!(house.store.check(chapter).await.unwrap().is_clean());
        // Names are counted on from there.
        let entry = house.store.entry(chapter, before).await.unwrap().unwrap().entry;
        let id = entry.voucher().id.clone();
        house.store.hide_name(chapter, &id, at("2026-11-07")).await.unwrap();
        assert_eq!(names(&house.store, chapter).await, "0-0-0");
    }
}

/// A ledger with an unreadable closing is closed, as without the step; the server starts.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_closing_of_an_older_database_stops_no_start() {
    for ground in grounds().await {
        let Filled { house, chapter, closing, .. } = Filled::on(ground).await;
        house.store.stop().await.unwrap();
        before_the_sums(&house).await;
        let rows = house.break_guards().await;
        let damage = format!("UPDATE entries SET bytes = leaf_hash WHERE seq = {}", closing.seq);
        rows.execute_unprepared(&damage).await.unwrap();
        rows.close().await.unwrap();
        let house = house.restart_stopped().await;
        let Standing::ReadOnly(closure) = house.store.standing(chapter).unwrap() else {
            panic!("not found");
        };
        assert!(closure.to_string().contains(&format!("entry {}", closing.seq)), "{closure}");
        assert_eq!(months(&house).await, (0, 0));
        let other = house.chapter("xuan-dong").await;
        assert_eq!(house.store.standing(other).unwrap(), Standing::Open);
    }
}
