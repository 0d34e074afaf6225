//! Others on the same database: chapters that they found, a schema that a newer program made, and
//! stores that only read.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use minhbach::books::Refusal;
use minhbach::ledger::keys::SignatureRole;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::{Closure, RecordFault, Source, Standing, Store, StoreConfig, StoreFault};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use tempfile::TempDir;

use crate::house::{Ground, TREASURER, TestHouse, donation, now, on_both, postgres, sign_voucher};

fn origin(slug: &str) -> Origin {
    format!("so.example/{slug}").parse().unwrap()
}

fn bring_keys(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("keys")).unwrap();
    for file in std::fs::read_dir(from.join("keys")).unwrap().flatten() {
        std::fs::copy(file.path(), to.join("keys").join(file.file_name())).unwrap();
    }
}

/// A second store beside a house, with its keys.
fn beside(house: &TestHouse, folder: &TempDir) -> StoreConfig {
    bring_keys(house.folder.path(), folder.path());
    StoreConfig { folder: folder.path().to_owned(), ..house.config() }
}

/// Waits until something is so, as long as a look around may take.
async fn soon(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(5), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const STEP: &str = "m9999_of_tomorrow";

fn seen_by_newer() -> String {
    format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{STEP}', 0)")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chapter_that_another_instance_founds_is_taken_up() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    house.chapter("xuan-tay").await;
    let folder = TempDir::new().unwrap();
    let other = Store::open(beside(&house, &folder)).await.unwrap();
    // The key of a chapter has to be there before its head can be signed.
    house.store.keys().log_key(&origin("xuan-dong")).unwrap();
    bring_keys(house.folder.path(), folder.path());
    house.chapter("xuan-dong").await;
    soon("it is found", || {
        let found = other.find_slug("xuan-dong").and_then(|id| other.head(id).unwrap());
        found.is_some_and(|head| head.size == 5)
    })
    .await;
    let chapter = other.find_slug("xuan-dong").unwrap();
    let voucher = donation(&origin("xuan-dong"), 1_000);
    let recorded = other.record(chapter, voucher, Alongside::nothing(), now()).await.unwrap();
    assert_eq!(recorded.seq, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_beside_a_newer_schema_writes_no_more_and_reads_on() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let folder = TempDir::new().unwrap();
    let other = Store::open(beside(&house, &folder)).await.unwrap();
    let rows = house.rows().await;
    rows.execute_unprepared(&seen_by_newer()).await.unwrap();
    // At once, whether or not it was looked at since.
    let fault = house.record(chapter, donation(&origin("xuan-tay"), 1)).await.unwrap_err();
    let newer = Closure::Newer { step: STEP.to_owned() };
    assert_eq!(fault, RecordFault::Closed(newer.clone()));
    assert_eq!(house.store.standing(chapter).unwrap(), Standing::ReadOnly(newer.clone()));
    soon("the other one looked", || other.standing(chapter).unwrap() != Standing::Open).await;
    assert_eq!(other.newer_schema(), Some(STEP));
    assert_eq!(house.store.head(chapter).unwrap().unwrap().size, 5);
    assert!(house.store.entry(chapter, 4).await.unwrap().is_some());
    let third = TempDir::new().unwrap();
    let refused = Store::open(beside(&house, &third)).await.unwrap_err();
    assert!(matches!(&refused, StoreFault::Newer(step) if step == STEP), "{refused}");
    // What the newer program records meanwhile is shown here; writing stays closed.
    rows.execute_unprepared("DELETE FROM seaql_migrations WHERE version LIKE 'm9999%'")
        .await
        .unwrap();
    let newest = Store::open(beside(&house, &third)).await.unwrap();
    let voucher = donation(&origin("xuan-tay"), 1_000);
    newest.record(chapter, voucher.clone(), Alongside::nothing(), now()).await.unwrap();
    soon("it is shown", || house.store.head(chapter).unwrap().unwrap().size == 6).await;
    let fault = house.record(chapter, voucher).await.unwrap_err();
    assert_eq!(fault, RecordFault::Closed(newer));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_beside_a_step_of_the_schema() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let rows = house.rows().await;
    let step = rows.begin().await.unwrap();
    // "minhbach" in ASCII.
    let lock = i64::from_be_bytes(*b"minhbach");
    step.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({lock})")).await.unwrap();
    let record = house.record(chapter, donation(&origin("xuan-tay"), 1));
    let change = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        step.execute_unprepared(&seen_by_newer()).await.unwrap();
        step.commit().await.unwrap();
    };
    let (recorded, ()) = tokio::join!(record, change);
    let newer = Closure::Newer { step: STEP.to_owned() };
    assert_eq!(recorded.unwrap_err(), RecordFault::Closed(newer));
    assert_eq!(house.store.head(chapter).unwrap().unwrap().size, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_newer_schema_is_refused_in_words() {
    on_both(async |house: TestHouse| {
        house.store.stop().await.unwrap();
        let rows = house.rows().await;
        let config = house.config();
        rows.execute_unprepared(&seen_by_newer()).await.unwrap();
        let TestHouse { folder: _folder, store, .. } = house;
        drop(store);
        for read_only in [false, true] {
            let config = StoreConfig { read_only, ..config.clone() };
            let refused = loop {
                match Store::open(config.clone()).await.unwrap_err() {
                    StoreFault::InUse { .. } => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    refused => break refused.to_string(),
                }
            };
            assert!(refused.contains(STEP) && refused.contains("newer program"), "{refused}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_takes_in_what_another_instance_appends_meanwhile() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let folder = TempDir::new().unwrap();
    let other = Store::open(beside(&house, &folder)).await.unwrap();
    let gift = || donation(&origin("xuan-tay"), 1_000);
    for _ in 0..50 {
        house.record(chapter, gift()).await.unwrap();
    }
    let before = house.store.head(chapter).unwrap().unwrap().size;
    let done = AtomicBool::new(false);
    let rebuilds = async {
        for _ in 0..5 {
            assert!(house.store.rebuild(chapter).await.unwrap().is_clean());
        }
        done.store(true, Ordering::SeqCst);
    };
    let gifts = async {
        let mut recorded = 0_u64;
        while !done.load(Ordering::SeqCst) {
            match other.record(chapter, gift(), Alongside::nothing(), now()).await {
                Ok(_) => recorded += 1,
                Err(RecordFault::Busy(_)) => {}
                Err(fault) => panic!("{fault}"),
            }
        }
        recorded
    };
    let ((), recorded) = tokio::join!(rebuilds, gifts);
    assert!(recorded > 5, "{recorded} beside five rebuilds");
    let head = |store: &Store| store.head(chapter).unwrap().unwrap();
    let all = || head(&house.store).size == before + recorded && head(&house.store) == head(&other);
    soon("all of them are shown", all).await;
    assert_eq!(house.store.books(chapter).unwrap(), other.books(chapter).unwrap());
    assert!(other.check(chapter).await.unwrap().is_clean());
    house.record(chapter, gift()).await.unwrap();
    other.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_only_reads_follows_and_writes_nothing() {
    let Some(ground) = postgres().await else { return };
    let folder = TempDir::new().unwrap();
    let Ground::Postgres(url) = &ground else { panic!("a server") };
    let empty = StoreConfig { read_only: true, ..StoreConfig::postgres(folder.path(), url) };
    let refused = Store::open(empty.clone()).await.unwrap_err();
    assert!(matches!(refused, StoreFault::Key { .. }), "no keys are made: {refused}");
    let house = TestHouse::new(ground.clone()).await;
    let chapter = house.chapter("xuan-tay").await;
    let config = StoreConfig { read_only: true, ..beside(&house, &folder) };
    let reader = Store::open(config).await.unwrap();
    assert!(reader.is_reading());
    assert_eq!(reader.head(chapter).unwrap(), house.store.head(chapter).unwrap());
    assert_eq!(reader.books(chapter).unwrap(), house.store.books(chapter).unwrap());
    assert_eq!(reader.source().await.unwrap(), Some(Source::Primary));
    let voucher = donation(&origin("xuan-tay"), 1_000);
    let refused = reader.record(chapter, voucher.clone(), Alongside::nothing(), now()).await;
    assert_eq!(refused.unwrap_err(), RecordFault::Closed(Closure::Reading));
    house.record(chapter, voucher).await.unwrap();
    let head = |store: &Store| store.head(chapter).unwrap();
    soon("it is shown", || head(&reader) == head(&house.store)).await;
    assert_eq!(reader.books(chapter).unwrap(), house.store.books(chapter).unwrap());
    assert!(reader.sweep(now()).await.is_err());
    reader.stop().await.unwrap();
    assert!(!folder.path().join("anchor").exists());
    let rows = house.rows().await;
    let fresh = TempDir::new().unwrap();
    bring_keys(house.folder.path(), fresh.path());
    rows.execute_unprepared("DELETE FROM seaql_migrations WHERE version LIKE 'm0021%'")
        .await
        .unwrap();
    let older = StoreConfig { folder: fresh.path().to_owned(), ..empty };
    let refused = Store::open(older).await.unwrap_err();
    assert!(matches!(refused, StoreFault::Older), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_only_read_stays_as_it_is() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let chapter = house.chapter("xuan-tay").await;
    let head = house.store.head(chapter).unwrap();
    house.store.stop().await.unwrap();
    let config = StoreConfig { read_only: true, ..house.config() };
    let TestHouse { folder, store, .. } = house;
    drop(store);
    let file = folder.path().join("minhbach.sqlite");
    let before = std::fs::read(&file).unwrap();
    let reader = loop {
        match Store::open(config.clone()).await {
            Err(StoreFault::InUse { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            opened => break opened.unwrap(),
        }
    };
    assert_eq!(reader.head(chapter).unwrap(), head);
    assert_eq!(reader.source().await.unwrap(), None);
    let voucher = donation(&origin("xuan-tay"), 1_000);
    let refused = reader.record(chapter, voucher, Alongside::nothing(), now()).await;
    assert_eq!(refused.unwrap_err(), RecordFault::Closed(Closure::Reading));
    reader.stop().await.unwrap();
    assert!(std::fs::read(&file).unwrap() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identifier_that_another_chapter_gave_a_receipt_is_taken() {
    on_both(async |house: TestHouse| {
        let one = house.chapter("xuan-tay").await;
        let other = house.chapter("xuan-dong").await;
        let gift = donation(&origin("xuan-tay"), 500_000);
        let receipt = house.record(one, gift.clone()).await.unwrap().receipt.unwrap();
        let mut again = donation(&origin("xuan-dong"), 1_000);
        again.voucher.id = gift.voucher.id;
        let signers = [(TREASURER, SignatureRole::Recorder)];
        let again = sign_voucher(&origin("xuan-dong"), again.voucher, &signers);
        let refused = house.record(other, again).await.unwrap_err();
        assert_eq!(refused, RecordFault::Refused(Refusal::IdUsed));
        let found = house.store.entry_of_receipt(&receipt).await.unwrap();
        assert_eq!(found, Some((one, 5)));
        assert_eq!(house.store.books(other).unwrap().size(), 5);
    })
    .await;
}
