//! Whole files: all of one or nothing, in its order, and nobody else beside it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use minhbach::ledger::entry::SignedVoucher;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::desk::imports::BankLine;
use minhbach::store::facade::{Import, ImportFile, ImportedLine, MakeLine};
use minhbach::store::{
    ChapterId, RecordAllFault, RecordFault, RecordedFile, Standing, Store, StoreConfig,
};

use super::machine::{Reaper, reopened};
use crate::house::{Ground, TestHouse, donation, now, on_both};

/// More than two batches, and a part of one.
const LINES: usize = 1_100;

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

/// Vouchers of a file, each with the bank line that it is made of.
pub fn made(vouchers: Vec<SignedVoucher>) -> (usize, MakeLine) {
    let count = vouchers.len();
    let make = move |index: usize| {
        let number = u64::try_from(index).unwrap().to_be_bytes();
        let mut identity = [7; 32];
        identity[..8].copy_from_slice(&number);
        Ok(ImportedLine {
            signed: vouchers[index].clone(),
            private: Vec::new(),
            line: BankLine {
                identity,
                occurrence: 0,
                document: None,
                reference: None,
                words: None,
                day: "2026-11-05".parse().unwrap(),
                time: None,
                has_balance: false,
            },
            was_left_out: false,
        })
    };
    (count, Arc::new(make))
}

pub fn gifts(count: usize) -> Vec<SignedVoucher> {
    (1..).take(count).map(|amount| donation(&origin(), amount)).collect()
}

pub async fn import(
    store: &Store,
    chapter: ChapterId,
    (count, make): (usize, MakeLine),
) -> Result<Option<RecordedFile>, RecordAllFault> {
    let (place, officer) = ("tien-mat".parse().unwrap(), "1111111111111111".parse().unwrap());
    let file = ImportFile { place: &place, sha256: &[1; 32], name: "t11.csv" };
    let left_out = Vec::new();
    let import = Import { file, officer: &officer, count, make, left_out, ended: None };
    store.record_import(chapter, import, now()).await
}

async fn amount_at(house: &TestHouse, chapter: ChapterId, seq: u64) -> i64 {
    use minhbach::ledger::voucher::Body;
    let kept = house.store.entry(chapter, seq).await.unwrap().unwrap();
    match &kept.entry.voucher().body {
        Body::Donation(gift) => gift.amount.money().minor(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_recorded_whole_and_in_its_order() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let first = house.store.head(chapter).unwrap().unwrap().size;
        let recorded = import(&house.store, chapter, made(gifts(LINES))).await.unwrap();
        let count = LINES as u64;
        assert_eq!(recorded, Some(RecordedFile { count, first }));
        assert_eq!(house.store.head(chapter).unwrap().unwrap().size, first + count);
        for index in [0, 1, 511, 512, 513, 1_024, count - 1] {
            let amount = amount_at(&house, chapter, first + index).await;
            assert_eq!(amount, i64::try_from(index).unwrap() + 1);
        }
        assert!(house.store.importing(chapter).is_none());
        assert!(house.store.check(chapter).await.unwrap().is_clean());
        // The very same again: the ledger has its vouchers.
        assert_eq!(import(&house.store, chapter, made(Vec::new())).await, Ok(None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_line_that_is_refused_is_named_and_nothing_stays() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let before = house.store.head(chapter).unwrap();
        for wrong in [0, 700, LINES - 1] {
            let mut vouchers = gifts(LINES);
            for index in [wrong, LINES - 1] {
                // Of another ledger: signed well, and refused.
                vouchers[index] = donation(&"so.example/xa-khac".parse().unwrap(), 5);
            }
            let refused = import(&house.store, chapter, made(vouchers)).await.unwrap_err();
            assert_eq!(refused.index, wrong, "{refused}");
            assert!(matches!(refused.fault, RecordFault::Refused(_)), "{refused}");
            assert_eq!(house.store.head(chapter).unwrap(), before);
            assert!(house.store.importing(chapter).is_none());
        }
        // What makes the lines fails, or panics: nothing of the file either, and the next is taken.
        let broken: MakeLine = Arc::new(|index| match index {
            600 => Err("no such line".to_owned()),
            _ => made(gifts(1)).1(0),
        });
        let refused = import(&house.store, chapter, (LINES, broken)).await.unwrap_err();
        assert!(matches!(refused.fault, RecordFault::Store(_)), "{refused}");
        let panics: MakeLine = Arc::new(|_| panic!("on purpose"));
        let refused = import(&house.store, chapter, (LINES, panics)).await.unwrap_err();
        assert!(matches!(refused.fault, RecordFault::Store(_)), "{refused}");
        assert_eq!(house.store.head(chapter).unwrap(), before);
        assert!(import(&house.store, chapter, made(gifts(3))).await.is_ok());
        assert!(house.store.check(chapter).await.unwrap().is_clean());
    })
    .await;
}

/// Whether it is open, and who waits for that.
type Gate = Arc<(Mutex<bool>, Condvar)>;

/// Lines of which one, in the third batch, is not made before the gate opens: the first batch is
/// written when the second is there. One alone: the threads that make lines verify signatures of
/// others, too.
fn behind((count, make): (usize, MakeLine)) -> (Gate, (usize, MakeLine)) {
    let gate: Gate = Arc::default();
    let own = gate.clone();
    let slow = move |index: usize| {
        let (open, told) = &*own;
        let mut open = open.lock().unwrap();
        while !*open && index == 1_050 {
            open = told.wait(open).unwrap();
        }
        drop(open);
        make(index)
    };
    (gate, (count, Arc::new(slow)))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_writes_beside_a_file_and_everybody_is_told() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let other = house.chapter("xa-khac").await;
        let elsewhere = "so.example/xa-khac".parse().unwrap();
        let (gate, lines) = behind(made(gifts(LINES)));
        let store = house.store.clone();
        let file = tokio::spawn(async move { import(&store, chapter, lines).await });
        while house.store.importing(chapter).is_none_or(|now| now.done == 0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let now_importing = house.store.importing(chapter).unwrap();
        assert_eq!(now_importing.all, LINES as u64);
        let record = async |chapter, origin: &Origin| {
            let gift = donation(origin, 9);
            house.store.record(chapter, gift, Alongside::nothing(), now()).await
        };
        assert_eq!(record(chapter, &origin()).await, Err(RecordFault::Importing));
        let second = import(&house.store, chapter, made(gifts(3))).await;
        assert_eq!(second.map_err(|fault| fault.fault), Err(RecordFault::Importing));
        // One writer at a time where the database is a file; a chapter of its own elsewhere.
        let beside = record(other, &elsewhere).await;
        match house.ground {
            Ground::Sqlite => assert_eq!(beside, Err(RecordFault::Importing)),
            _ => assert!(beside.is_ok(), "{beside:?}"),
        }
        // Nothing of it is shown, and reading goes on.
        assert!(house.store.head(chapter).unwrap().unwrap().size < 512);
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        assert!(file.await.unwrap().is_ok());
        assert!(record(chapter, &origin()).await.is_ok());
        assert!(record(other, &elsewhere).await.is_ok());
    })
    .await;
}

/// Not a test by itself: a program that dies while it records a file.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test that names the point"]
async fn child_that_records_a_file() {
    let store = Store::open(StoreConfig::sqlite(std::env::var("MINHBACH_CHILD_FOLDER").unwrap()));
    let store = store.await.unwrap();
    let chapter = store.find(&origin()).unwrap();
    let point = std::env::var("MINHBACH_CHILD_POINT").unwrap();
    tracing::subscriber::set_global_default(Reaper::new(&point, 1)).unwrap();
    import(&store, chapter, made(gifts(LINES))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_dies_in_a_file_has_all_of_it_or_nothing() {
    for (point, is_there) in [
        ("a file begun", false),
        ("a batch written", false),
        ("written", false),
        ("committed", true),
        ("read back", true),
        ("published", true),
    ] {
        let mut house = TestHouse::new(Ground::Sqlite).await;
        let chapter = house.chapter("xuan-tay").await;
        let before = house.store.head(chapter).unwrap().unwrap().size;
        house.store.stop().await.unwrap();
        let TestHouse { folder, ground, store } = house;
        drop(store);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "store::whole_files::child_that_records_a_file"])
            .arg("--nocapture")
            .env("MINHBACH_CHILD_FOLDER", folder.path())
            .env("MINHBACH_CHILD_POINT", point)
            .stderr(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8(child.stdout).unwrap();
        assert!(said.contains(&format!("reached {point}")), "{point}: {said}");
        assert_eq!(child.status.signal(), Some(9), "{point}");
        house = reopened(folder, ground).await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open, "{point}");
        let after = house.store.head(chapter).unwrap().unwrap().size;
        let expected = if is_there { before + LINES as u64 } else { before };
        assert_eq!(after, expected, "{point}");
        assert!(house.store.check(chapter).await.unwrap().is_clean(), "{point}");
        if !is_there {
            assert!(import(&house.store, chapter, made(gifts(LINES))).await.is_ok(), "{point}");
        }
    }
}
