//! A ledger that was changed behind the store's back takes no writes, and says why.

use minhbach::ledger::word::Origin;
use minhbach::store::{Closure, RecordFault, Standing};
use sea_orm::ConnectionTrait;

use crate::house::{TestHouse, donation, on_both};

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

async fn filled(house: &TestHouse) -> minhbach::store::ChapterId {
    let chapter = house.chapter("xuan-tay").await;
    for amount in [100_000, 200_000, 300_000] {
        house.record(chapter, donation(&origin(), amount)).await.unwrap();
    }
    chapter
}

/// Changes rows with the server stopped, and starts again.
async fn attacked(house: TestHouse, sql: &str) -> TestHouse {
    house.store.stop().await.unwrap();
    let rows = house.break_guards().await;
    rows.execute_unprepared(sql).await.unwrap();
    rows.close().await.unwrap();
    house.restart_stopped().await
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_rows_are_found_named_and_close_the_ledger() {
    for (sql, names) in [
        (
            "UPDATE entries SET voucher_id = '01934f00-0000-7000-8000-ffffffffffff' WHERE seq = 6",
            "entry 6",
        ),
        ("UPDATE entries SET bytes = leaf_hash WHERE seq = 6", "entry 6"),
        ("DELETE FROM entries WHERE seq = 6", "entry 6"),
        ("UPDATE lots SET unspent = 1 WHERE seq = 6", "lots"),
        ("UPDATE postings SET amount = amount + 1 WHERE seq = 6 AND amount > 0", "postings"),
        ("UPDATE place_days SET money_in = money_in + 1", "place_days"),
        ("UPDATE accounts_days SET many = many + 1 WHERE scope = 'money'", "accounts_days"),
        ("UPDATE numbers SET number = 9 WHERE seq = 6", "numbers"),
        ("DELETE FROM effects WHERE seq = 6", "effects"),
        ("UPDATE nodes SET hash = (SELECT leaf_hash FROM entries WHERE seq = 3)", "nodes"),
    ] {
        on_both(async |house: TestHouse| {
            let chapter = filled(&house).await;
            let house = attacked(house, sql).await;
            let Standing::ReadOnly(closure) = house.store.standing(chapter).unwrap() else {
                panic!("not found: {sql}");
            };
            assert!(closure.to_string().contains(names), "{sql}: {closure}");
            let refused = house.record(chapter, donation(&origin(), 1)).await.unwrap_err();
            assert_eq!(refused, RecordFault::Closed(closure));
            // The other ledgers go on.
            let other = house.chapter("xuan-dong").await;
            assert_eq!(house.store.standing(other).unwrap(), Standing::Open);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_rows_are_behind_the_anchor() {
    on_both(async |house: TestHouse| {
        let chapter = filled(&house).await;
        let cut = "
            DELETE FROM lots WHERE seq = 7; DELETE FROM receipts WHERE seq = 7;
            DELETE FROM numbers WHERE seq = 7; DELETE FROM place_flows WHERE seq = 7;
            DELETE FROM postings WHERE seq = 7; DELETE FROM figures WHERE seq = 7;
            DELETE FROM effects WHERE seq = 7; DELETE FROM snapshots;
            DELETE FROM nodes WHERE place * 2 + 2 > 7 AND level = 1;
            DELETE FROM nodes WHERE place * 4 + 4 > 7 AND level = 2;
            DELETE FROM nodes WHERE level = 3;
            UPDATE place_days SET money_in = 300000;
            UPDATE fund_days SET amount = 300000 WHERE amount > 0;
            UPDATE fund_days SET amount = -300000 WHERE amount < 0;
            UPDATE chapters SET published_size = 0, head_size = 7,
                head_leaf = (SELECT leaf_hash FROM entries WHERE seq = 6),
                head_root = (SELECT prev FROM entries WHERE seq = 0);
            DELETE FROM entries WHERE seq = 7;";
        let house = attacked(house, cut).await;
        // The root of seven is not at hand here, so the head itself gives the cut away as well.
        let standing = house.store.standing(chapter).unwrap();
        assert!(matches!(standing, Standing::ReadOnly(_)), "{standing:?}");
        assert_eq!(house.store.head(chapter).unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_database_takes_no_writes() {
    let house = TestHouse::new(crate::house::Ground::Sqlite).await;
    let chapter = filled(&house).await;
    let house = house.restart().await;
    house.store.stop().await.unwrap();
    let file = house.folder.path().join("minhbach.sqlite");
    let copy = house.folder.path().join("yesterday");
    std::fs::copy(&file, &copy).unwrap();
    let house = house.restart_stopped().await;
    house.record(chapter, donation(&origin(), 5)).await.unwrap();
    house.store.stop().await.unwrap();
    std::fs::copy(&copy, &file).unwrap();
    let house = house.restart_stopped().await;
    let closure = Closure::Behind { stored: 8, signed: 9 };
    assert_eq!(house.store.standing(chapter).unwrap(), Standing::ReadOnly(closure));
    assert_eq!(house.store.books(chapter).unwrap().size(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_can_be_neither_changed_nor_removed_nor_forged_in_between() {
    on_both(async |house: TestHouse| {
        filled(&house).await;
        let rows = house.rows().await;
        for sql in [
            "UPDATE entries SET date = '2026-01-01' WHERE seq = 6",
            "DELETE FROM entries WHERE seq = 7",
            "DELETE FROM chapters",
            "UPDATE chapters SET head_size = 3",
            "INSERT INTO entries SELECT chapter, 9, prev, leaf_hash, \
             '01934f00-0000-7000-8000-ffffffffffff', kind, date, at, of_seq, of_line, bytes \
             FROM entries WHERE seq = 7",
            "INSERT INTO entries SELECT chapter, 8, prev, prev, \
             '01934f00-0000-7000-8000-ffffffffffff', kind, date, at, of_seq, of_line, bytes \
             FROM entries WHERE seq = 7",
        ] {
            assert!(rows.execute_unprepared(sql).await.is_err(), "{sql}");
        }
        if matches!(house.ground, crate::house::Ground::Sqlite) {
            let replace = "REPLACE INTO entries SELECT * FROM entries WHERE seq = 6";
            assert!(rows.execute_unprepared(replace).await.is_err());
        }
    })
    .await;
}
