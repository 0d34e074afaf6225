//! Ledgers that are replayed whole beside the site, and what becomes of the results.

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::{
    ChapterId, Closure, Halt, RecordFault, Standing, Store, StoreConfig, StoreFault,
};
use sea_orm::ConnectionTrait as _;

use super::concurrency::futures;
use crate::house::{Ground, TestHouse, aid, donation, now, on_both, postgres, reversal};

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

/// A chapter with gifts, aid and a reversal: every question that the books ask is asked.
async fn lively(house: &TestHouse) -> ChapterId {
    let chapter = house.chapter("xuan-tay").await;
    let gift = house.record(chapter, donation(&origin(), 100_000)).await.unwrap().seq;
    house.record(chapter, donation(&origin(), 70_000)).await.unwrap();
    let spent = house.record(chapter, aid(&origin(), 120_000)).await.unwrap().seq;
    house.record(chapter, reversal(&origin(), spent)).await.unwrap();
    house.record(chapter, reversal(&origin(), gift)).await.unwrap();
    house.record(chapter, aid(&origin(), 30_000)).await.unwrap();
    chapter
}

/// Many gifts, so that a replay takes a while.
async fn long(house: &TestHouse, chapter: ChapterId) {
    let gifts = (0..1_200).map(|_| (donation(&origin(), 1_000), Alongside::nothing()));
    house.store.record_all(chapter, gifts.collect(), now()).await.unwrap();
}

async fn reopened(house: TestHouse, config: StoreConfig) -> TestHouse {
    let TestHouse { folder, ground, store } = house;
    // A store that was not stopped ends when nobody has it any more.
    drop(store);
    for _ in 0..200 {
        match Store::open(config.clone()).await {
            Ok(store) => return TestHouse { folder, ground, store },
            Err(StoreFault::InUse { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(fault) => panic!("{fault}"),
        }
    }
    panic!("the data folder stays locked");
}

fn tables(closure: &Standing) -> String {
    match closure {
        Standing::ReadOnly(Closure::Projections { tables }) => tables.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_beside_the_site_finds_everything_in_order_and_its_result_outlives_a_restart() {
    on_both(async |house: TestHouse| {
        let chapter = lively(&house).await;
        assert_eq!(house.store.checked(chapter).unwrap(), None);
        let checked = house.store.check_beside(chapter, now(), &Halt::default()).await;
        let checked = checked.unwrap().unwrap();
        assert!(checked.clean && checked.at == Some(now()), "{checked:?}");
        assert_eq!(checked.size, house.store.head(chapter).unwrap().unwrap().size);
        assert_eq!(house.store.checked(chapter).unwrap(), Some(checked));
        // Nothing of it is left, and nothing was changed.
        house.record(chapter, donation(&origin(), 1_000)).await.unwrap();
        assert!(house.store.check(chapter).await.unwrap().is_clean());
        house.store.stop().await.unwrap();
        // A ledger that is too long for the start.
        let config = StoreConfig { check_at_start: 0, ..house.config() };
        let house = reopened(house, config).await;
        assert_eq!(house.store.checked(chapter).unwrap(), None);
        let later = now() + TimeDelta::days(1);
        house.store.date_checks(later).await.unwrap();
        let told = house.store.checked(chapter).unwrap().unwrap();
        assert_eq!((told.at, told.size, told.clean), (Some(now()), checked.size, true));
        // The start of a short one replays it itself, and that is kept as well.
        house.store.stop().await.unwrap();
        let config = house.config();
        let house = reopened(house, config).await;
        house.store.date_checks(later).await.unwrap();
        let told = house.store.kept_check(chapter).await.unwrap().unwrap();
        assert_eq!((told.at, told.size), (Some(later), checked.size + 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_records_does_not_wait_for_a_replay() {
    on_both(async |house: TestHouse| {
        let chapter = lively(&house).await;
        long(&house, chapter).await;
        let size = house.store.head(chapter).unwrap().unwrap().size;
        let store = house.store.clone();
        let replay =
            tokio::spawn(async move { store.check_beside(chapter, now(), &Halt::default()).await });
        let mut meanwhile = 0;
        while !replay.is_finished() {
            house.record(chapter, donation(&origin(), 1_000)).await.unwrap();
            meanwhile += usize::from(!replay.is_finished());
        }
        let checked = replay.await.unwrap().unwrap().unwrap();
        assert!(checked.clean, "{checked:?}");
        assert!(meanwhile > 3, "{meanwhile} entries were recorded meanwhile");
        assert!(checked.size >= size);
        assert!(house.store.check(chapter).await.unwrap().is_clean());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replay_finds_closes_the_ledger_and_stays_until_it_is_mended() {
    on_both(async |house: TestHouse| {
        let chapter = lively(&house).await;
        let halt = Halt::default();
        house.store.check_beside(chapter, now(), &halt).await.unwrap().unwrap();
        let rows = house.rows().await;
        let change = |by: i64| format!("UPDATE place_days SET money_in = money_in + {by}");
        rows.execute_unprepared(&change(1)).await.unwrap();
        rows.close().await.unwrap();
        let night = now() + TimeDelta::days(1);
        let found = house.store.check_beside(chapter, night, &halt).await.unwrap().unwrap();
        assert!(!found.clean && found.at == Some(night), "{found:?}");
        let standing = house.store.standing(chapter).unwrap();
        assert!(tables(&standing).starts_with("place_days (2 rows"), "{standing:?}");
        let refused = house.record(chapter, donation(&origin(), 1_000)).await.unwrap_err();
        assert!(matches!(refused, RecordFault::Closed(_)), "{refused}");
        // The result in order from before is told no more, and a closed ledger is not asked again.
        assert_eq!(house.store.checked(chapter).unwrap(), Some(found));
        assert_eq!(house.store.check_beside(chapter, night, &halt).await.unwrap(), None);
        house.store.stop().await.unwrap();
        // However long it is, the next start replays it.
        let short = |house: &TestHouse| StoreConfig { check_at_start: 0, ..house.config() };
        let config = short(&house);
        let house = reopened(house, config).await;
        house.store.date_checks(night + TimeDelta::days(1)).await.unwrap();
        tables(&house.store.standing(chapter).unwrap());
        assert_eq!(house.store.checked(chapter).unwrap().map(|own| own.clean), Some(false));
        let rows = house.rows().await;
        rows.execute_unprepared(&change(-1)).await.unwrap();
        rows.close().await.unwrap();
        house.store.stop().await.unwrap();
        let config = short(&house);
        let house = reopened(house, config).await;
        let mended = night + TimeDelta::days(2);
        house.store.date_checks(mended).await.unwrap();
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        let told = house.store.checked(chapter).unwrap().unwrap();
        assert_eq!((told.clean, told.at), (true, Some(mended)));
        house.record(chapter, donation(&origin(), 1_000)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_result_is_the_last_that_came_whatever_the_clock_said() {
    on_both(async |house: TestHouse| {
        let chapter = lively(&house).await;
        let halt = Halt::default();
        for at in [now() + TimeDelta::days(3_650), now()] {
            house.store.check_beside(chapter, at, &halt).await.unwrap().unwrap();
            let kept = house.store.kept_check(chapter).await.unwrap().unwrap();
            assert_eq!(kept.at, Some(at));
            assert_eq!(house.store.take_up_check(chapter).await.unwrap(), Some(at));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_that_could_not_be_stored_is_held_until_it_is() {
    on_both(async |house: TestHouse| {
        let chapter = lively(&house).await;
        let rows = house.rows().await;
        for sql in [
            "UPDATE place_days SET money_in = money_in + 1",
            "ALTER TABLE self_checks RENAME TO away",
        ] {
            rows.execute_unprepared(sql).await.unwrap();
        }
        let found = house.store.check_beside(chapter, now(), &Halt::default()).await;
        assert!(!found.unwrap().unwrap().clean);
        tables(&house.store.standing(chapter).unwrap());
        assert_eq!(house.store.take_up_check(chapter).await.unwrap(), Some(now()));
        rows.execute_unprepared("ALTER TABLE away RENAME TO self_checks").await.unwrap();
        rows.close().await.unwrap();
        // Closed as it is, the next round keeps it.
        assert_eq!(house.store.kept_check(chapter).await.unwrap(), None);
        assert_eq!(house.store.take_up_check(chapter).await.unwrap(), Some(now()));
        let kept = house.store.kept_check(chapter).await.unwrap().unwrap();
        assert!(!kept.clean, "{kept:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_was_changed_behind_the_server_is_found_at_night() {
    on_both(async |house: TestHouse| {
        let chapter = lively(&house).await;
        let rows = house.break_guards().await;
        rows.execute_unprepared("UPDATE entries SET kind = 'aid_paid' WHERE seq = 5")
            .await
            .unwrap();
        rows.close().await.unwrap();
        let found = house.store.check_beside(chapter, now(), &Halt::default()).await;
        assert!(!found.unwrap().unwrap().clean);
        let standing = house.store.standing(chapter).unwrap();
        let Standing::ReadOnly(Closure::Broken { reason }) = &standing else {
            panic!("{standing:?}");
        };
        assert!(reason.starts_with("entry 5"), "{reason}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_were_taken_away_under_the_server_are_missed() {
    on_both(async |house: TestHouse| {
        let chapter = lively(&house).await;
        let before = house.store.head(chapter).unwrap().unwrap();
        let backup = Snapshot::take(&house).await;
        house.record(chapter, donation(&origin(), 1_000)).await.unwrap();
        backup.put_back(&house, before.size).await;
        let found = house.store.check_beside(chapter, now(), &Halt::default()).await;
        assert!(!found.unwrap().unwrap().clean);
        let standing = house.store.standing(chapter).unwrap();
        let Standing::ReadOnly(Closure::Behind { stored, signed }) = standing else {
            panic!("{standing:?}");
        };
        assert_eq!((stored, signed), (before.size, before.size + 1));
        assert_eq!(house.store.head(chapter).unwrap(), None, "what was signed is not denied");
    })
    .await;
}

/// The row of a chapter, as a restored backup brings it back.
struct Snapshot {
    leaf: String,
    root: String,
}

impl Snapshot {
    async fn take(house: &TestHouse) -> Self {
        let rows = house.rows().await;
        let hex =
            if matches!(house.ground, Ground::Sqlite) { "hex({})" } else { "encode({}, 'hex')" };
        let column = |name: &str| hex.replace("{}", name);
        let sql = format!(
            "SELECT {} AS leaf, {} AS root FROM chapters",
            column("head_leaf"),
            column("head_root")
        );
        let statement = sea_orm::Statement::from_string(rows.get_database_backend(), sql);
        let row = rows.query_one_raw(statement).await.unwrap().unwrap();
        let (leaf, root) = (row.try_get("", "leaf").unwrap(), row.try_get("", "root").unwrap());
        rows.close().await.unwrap();
        Self { leaf, root }
    }

    async fn put_back(&self, house: &TestHouse, size: u64) {
        let rows = house.break_guards().await;
        let bytes = |hex: &str| match house.ground {
            Ground::Sqlite => format!("x'{hex}'"),
            Ground::Postgres(_) => format!("'\\x{hex}'"),
        };
        let tables = [
            "figures",
            "postings",
            "place_flows",
            "numbers",
            "lots",
            "receipts",
            "gifts",
            "effects",
            "entries",
        ];
        for table in tables {
            let sql = format!("DELETE FROM {table} WHERE seq >= {size}");
            rows.execute_unprepared(&sql).await.unwrap();
        }
        let sql = format!(
            "UPDATE chapters SET head_size = {size}, published_size = {size}, head_leaf = {}, \
             head_root = {}",
            bytes(&self.leaf),
            bytes(&self.root)
        );
        rows.execute_unprepared(&sql).await.unwrap();
        rows.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_broken_off_when_the_server_stops() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let chapter = lively(&house).await;
    let halt = Halt::default();
    halt.halt();
    let stopped = house.store.check_beside(chapter, now(), &halt).await.unwrap_err();
    assert!(matches!(stopped, StoreFault::Stopping), "{stopped}");
    assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
    assert_eq!(house.store.kept_check(chapter).await.unwrap(), None);
}

fn copy_keys(from: &Path, to: &Path) {
    std::fs::create_dir(to.join("keys")).unwrap();
    for file in std::fs::read_dir(from.join("keys")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join("keys").join(file.file_name())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_instances_one_replays_and_all_know_what_it_found() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = lively(&house).await;
    long(&house, chapter).await;
    let second = tempfile::tempdir().unwrap();
    copy_keys(house.folder.path(), second.path());
    let other = StoreConfig { folder: second.path().to_owned(), ..house.config() };
    let other = Store::open(other).await.unwrap();
    let halt = Halt::default();
    let both = [&house.store, &other];
    let replays = both.map(|store| store.check_beside(chapter, now(), &halt));
    let done: Vec<_> = futures(replays).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(done.iter().filter(|own| own.is_some()).count(), 1, "{done:?}");
    for store in both {
        assert_eq!(store.take_up_check(chapter).await.unwrap(), Some(now()));
        assert!(store.checked(chapter).unwrap().unwrap().clean);
    }
    let rows = house.rows().await;
    rows.execute_unprepared("UPDATE lots SET unspent = unspent - 1 WHERE seq = 20").await.unwrap();
    rows.close().await.unwrap();
    let night = now() + TimeDelta::days(1);
    house.store.check_beside(chapter, night, &halt).await.unwrap().unwrap();
    assert_eq!(other.standing(chapter).unwrap(), Standing::Open);
    other.take_up_check(chapter).await.unwrap();
    assert!(tables(&other.standing(chapter).unwrap()).starts_with("lots"), "closed there, too");
    assert!(!other.checked(chapter).unwrap().unwrap().clean);
}
