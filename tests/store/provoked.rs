//! A PostgreSQL server that refuses, cuts, loses answers and holds locks: a bounded number of
//! tries, once in the ledger, and no restart afterwards.

use std::time::{Duration, Instant};

use minhbach::ledger::word::Origin;
use minhbach::store::{ChapterId, RecordFault, Standing};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait as _};
use sha2::{Digest as _, Sha256};

use super::concurrency::futures;
use crate::house::proxy::Proxy;
use crate::house::{Ground, TestHouse, donation, postgres};

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

/// Has the server do something at each of the next `times` new entries: in the middle of the
/// transaction, or when it is committed.
async fn provoke(rows: &DatabaseConnection, what: &str, times: u32, when: &str) {
    let how = match when {
        "commit" => {
            "CONSTRAINT TRIGGER provoked AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED"
        }
        _ => "TRIGGER provoked BEFORE INSERT ON entries",
    };
    // A sequence keeps counting where a transaction is undone.
    let sql = format!(
        "DROP TRIGGER IF EXISTS provoked ON entries;
         DROP SEQUENCE IF EXISTS provocations; CREATE SEQUENCE provocations;
         CREATE OR REPLACE FUNCTION provoke() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('provocations') <= {times} THEN {what}; END IF; RETURN NEW; END $$;
         CREATE {how} FOR EACH ROW EXECUTE FUNCTION provoke();"
    );
    rows.execute_unprepared(&sql).await.unwrap();
}

fn raises(code: &str) -> String {
    format!("RAISE EXCEPTION 'provoked' USING ERRCODE = '{code}'")
}

const CUT: &str = "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5)";

async fn calm(rows: &DatabaseConnection) {
    rows.execute_unprepared("DROP TRIGGER provoked ON entries").await.unwrap();
}

async fn size(house: &TestHouse, chapter: ChapterId) -> u64 {
    assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
    let findings = house.store.check(chapter).await.unwrap();
    assert!(findings.is_clean(), "{findings}");
    findings.entries
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_and_cuts_are_tried_again_and_nobody_notices() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let rows = house.rows().await;
    let mut entries = 5;
    for what in ["40001", "40P01", "55P03", "57014"].map(raises).into_iter().chain([CUT.to_owned()])
    {
        for when in ["insert", "commit"] {
            provoke(&rows, &what, 3, when).await;
            let recorded = house.record(chapter, donation(&origin(), 1_000)).await;
            let recorded = recorded.unwrap_or_else(|fault| panic!("{what} at {when}: {fault}"));
            assert_eq!(recorded.seq, entries, "{what} at {when}");
            entries += 1;
        }
    }
    calm(&rows).await;
    assert_eq!(size(&house, chapter).await, entries);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_is_given_up_after_a_few_tries_and_goes_on_when_it_is_over() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let rows = house.rows().await;
    for (entries, (what, full)) in
        (5_u64..).zip([(raises("40001"), false), (raises("53100"), true), (CUT.to_owned(), false)])
    {
        provoke(&rows, &what, 1_000, "insert").await;
        let (voucher, begun) = (donation(&origin(), 1_000), Instant::now());
        let fault = house.record(chapter, voucher.clone()).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {:?}", begun.elapsed());
        match fault {
            RecordFault::DiskFull => assert!(full, "{what}"),
            RecordFault::Busy(_) => assert!(!full, "{what}"),
            fault => panic!("{what}: {fault}"),
        }
        calm(&rows).await;
        assert_eq!(house.record(chapter, voucher).await.unwrap().seq, entries, "{what}");
    }
    assert_eq!(size(&house, chapter).await, 8);
}

/// A house whose connections go through a door.
async fn behind_a_door() -> Option<(TestHouse, Proxy)> {
    let Some(Ground::Postgres(url)) = postgres().await else { return None };
    let (who, rest) = url.rsplit_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let door = Proxy::to(server).await;
    let url = format!("{who}@{}/{database}", door.address());
    Some((TestHouse::new(Ground::Postgres(url)).await, door))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_recorded_once() {
    let Some((house, door)) = behind_a_door().await else { return };
    let chapter = house.chapter("xuan-tay").await;
    for entries in 5..9 {
        door.lose_answers(1);
        let voucher = donation(&origin(), 1_000);
        let first = house.record(chapter, voucher.clone()).await.unwrap();
        assert_eq!((first.seq, door.to_lose()), (entries, 0));
        let again = house.record(chapter, voucher).await.unwrap();
        assert!(again.repeated && again.leaf == first.leaf);
    }
    door.lose_answers(2);
    let all = futures((0..40).map(|_| house.record(chapter, donation(&origin(), 1_000)))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(size(&house, chapter).await, 49);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_for_a_moment_is_waited_for() {
    let Some((house, door)) = behind_a_door().await else { return };
    let chapter = house.chapter("xuan-tay").await;
    door.shut(true);
    let record = house.record(chapter, donation(&origin(), 1_000));
    let back = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        door.shut(false);
    };
    let (recorded, ()) = tokio::join!(record, back);
    assert_eq!(recorded.unwrap().seq, 5);
    door.shut(true);
    let voucher = donation(&origin(), 1_000);
    let away = house.record(chapter, voucher.clone()).await.unwrap_err();
    assert!(matches!(away, RecordFault::Busy(_)), "{away:?}");
    door.shut(false);
    assert_eq!(house.record(chapter, voucher).await.unwrap().seq, 6, "it heals alone");
    assert_eq!(size(&house, chapter).await, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_deadlock_costs_one_try() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let rows = house.rows().await;
    let other = rows.begin().await.unwrap();
    other.execute_unprepared("SELECT 1 FROM chapters FOR UPDATE").await.unwrap();
    let record = house.record(chapter, donation(&origin(), 1_000));
    let crossing = async {
        // The writer holds the chapter's lock by now and waits for the row.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let wait = format!("SELECT pg_advisory_xact_lock({})", lock());
        other.execute_unprepared(&wait).await.unwrap();
        other.commit().await.unwrap();
    };
    let (recorded, ()) = tokio::join!(record, crossing);
    assert_eq!(recorded.unwrap().seq, 5);
    assert_eq!(size(&house, chapter).await, 6);
}

/// The lock of the chapter: the first eight bytes of its identity's SHA-256.
fn lock() -> i64 {
    let digest = Sha256::digest(origin().as_str());
    i64::from_be_bytes(digest[..8].try_into().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_held_is_waited_for_but_not_for_ever() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let rows = house.rows().await;
    let slow = std::env::var_os("MINHBACH_SLOW").is_some();
    let held = Duration::from_secs(if slow { 60 } else { 2 });
    let other = rows.begin().await.unwrap();
    let take = format!("SELECT pg_advisory_xact_lock({})", lock());
    other.execute_unprepared(&take).await.unwrap();
    let voucher = donation(&origin(), 1_000);
    let begun = Instant::now();
    let record = async { (house.record(chapter, voucher.clone()).await, begun.elapsed()) };
    let release = async {
        tokio::time::sleep(held).await;
        other.rollback().await.unwrap();
    };
    let ((first, took), ()) = tokio::join!(record, release);
    if slow {
        assert!(matches!(first, Err(RecordFault::Busy(_))), "{first:?}");
        assert!(took < Duration::from_secs(45), "{took:?}");
    } else {
        assert_eq!(first.unwrap().seq, 5);
    }
    assert_eq!(house.record(chapter, voucher).await.unwrap().seq, 5, "it heals alone");
}
