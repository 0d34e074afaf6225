//! Programs that die, connections that break, instances beside one another.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::desk::foundings::Call;
use minhbach::store::{ChapterId, RecordFault, Standing, Store, StoreConfig};
use sea_orm::ConnectionTrait;

use super::concurrency::futures;
use crate::house::{Ground, TestHouse, donation, now, on_both, opening, postgres};

/// How far the write of a voucher comes.
pub const POINTS: [&str; 7] =
    ["begun", "rows inserted", "written", "committed", "read back", "published", "anchored"];

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

/// Not a test by itself: the program that [`a_killed_program_keeps_what_it_acknowledged`] kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test that kills it"]
async fn child_that_records() {
    record_for_ever().await;
}

async fn record_for_ever() {
    let folder = std::env::var("MINHBACH_CHILD_FOLDER").unwrap();
    let store = Store::open(StoreConfig::sqlite(folder)).await.unwrap();
    let chapter = store.find(&origin()).unwrap();
    loop {
        let all = (0..8).map(|_| {
            let mut voucher = donation(&origin(), 1_000);
            // Each child makes ids of its own.
            voucher.voucher.id = uuid::Uuid::now_v7().to_string().parse().unwrap();
            let signers =
                [(crate::house::TREASURER, minhbach::ledger::keys::SignatureRole::Recorder)];
            let voucher = crate::house::sign_voucher(&origin(), voucher.voucher, &signers);
            let store = &store;
            async move {
                let recorded =
                    store.record(chapter, voucher, Alongside::nothing(), now()).await.unwrap();
                println!("acknowledged {} {}", recorded.seq, recorded.leaf);
            }
        });
        futures(all).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_keeps_what_it_acknowledged() {
    let mut house = TestHouse::new(Ground::Sqlite).await;
    let mut chapter = house.chapter("xuan-tay").await;
    let rounds = std::env::var("MINHBACH_KILL_ROUNDS").map_or(6, |text| text.parse().unwrap());
    for round in 0..rounds {
        if round % 10 == 9 {
            // Each start replays the whole ledger: a new one keeps many rounds short.
            house = TestHouse::new(Ground::Sqlite).await;
            chapter = house.chapter("xuan-tay").await;
        }
        house.store.stop().await.unwrap();
        let TestHouse { folder, ground, store } = house;
        drop(store);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "store::machine::child_that_records", "--nocapture"])
            .env("MINHBACH_CHILD_FOLDER", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut acknowledged = Vec::new();
        let mut line = String::new();
        while acknowledged.len() < 3 + usize::try_from(round % 7).unwrap() * 5 {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the child ended by itself");
            acknowledged.extend(read_acknowledged(&line));
        }
        // A moment that no clock of ours ticks with.
        std::thread::sleep(Duration::from_micros(round * 7_919 % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        acknowledged.extend(rest.lines().filter_map(read_acknowledged));
        house = reopened(folder, ground).await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        for (seq, leaf) in acknowledged {
            let kept = house.store.entry(chapter, seq).await.unwrap().unwrap();
            assert_eq!(kept.leaf.to_string(), leaf);
        }
        assert!(house.store.check(chapter).await.unwrap().is_clean());
    }
}

/// Ends this process as `kill -9` does, when a write has come so far a number of times: no
/// destructor runs, nothing is flushed.
pub struct Reaper {
    point: String,
    left: AtomicUsize,
}

impl Reaper {
    /// Ends the process when a write reaches a point for the n-th time.
    pub fn new(point: &str, times: usize) -> Self {
        Self { point: point.to_owned(), left: AtomicUsize::new(times) }
    }
}

impl tracing::Subscriber for Reaper {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "minhbach::write"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Message(String);
        impl tracing::field::Visit for Message {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0 = format!("{value:?}");
            }
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        if message.0 == self.point && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            println!("reached {}", self.point);
            let me = std::process::id().to_string();
            Command::new("kill").args(["-9", &me]).status().unwrap();
            loop {
                std::thread::park();
            }
        }
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// Not a test by itself: [`child_that_records`], ended at a named point of a write.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test that names the point"]
async fn child_that_ends_at_a_point() {
    let (point, times) =
        std::env::var("MINHBACH_CHILD_POINT").unwrap().split_once(':').map_or_else(
            || panic!("<point>:<times>"),
            |(point, times)| (point.to_owned(), times.parse().unwrap()),
        );
    tracing::subscriber::set_global_default(Reaper::new(&point, times)).unwrap();
    record_for_ever().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_dies_at_any_point_of_a_write_opens_again_whole() {
    let mut house = TestHouse::new(Ground::Sqlite).await;
    let chapter = house.chapter("xuan-tay").await;
    for point in POINTS {
        for times in [1, 3] {
            house.store.stop().await.unwrap();
            let TestHouse { folder, ground, store } = house;
            drop(store);
            let child = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "store::machine::child_that_ends_at_a_point"])
                .arg("--nocapture")
                .env("MINHBACH_CHILD_FOLDER", folder.path())
                .env("MINHBACH_CHILD_POINT", format!("{point}:{times}"))
                .stderr(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8(child.stdout).unwrap();
            assert!(said.contains(&format!("reached {point}")), "{point}: {said}");
            assert_eq!(child.status.signal(), Some(9), "{point}");
            let begun = std::time::Instant::now();
            house = reopened(folder, ground).await;
            assert!(begun.elapsed() < Duration::from_secs(5), "{point}: {:?}", begun.elapsed());
            assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open, "{point}");
            for (seq, leaf) in said.lines().filter_map(read_acknowledged) {
                let kept = house.store.entry(chapter, seq).await.unwrap().unwrap();
                assert_eq!(kept.leaf.to_string(), leaf, "{point}");
            }
            assert!(house.store.check(chapter).await.unwrap().is_clean(), "{point}");
        }
    }
}

pub(super) async fn reopened(folder: tempfile::TempDir, ground: Ground) -> TestHouse {
    let store = Store::open(StoreConfig::sqlite(folder.path())).await.unwrap();
    TestHouse { folder, ground, store }
}

/// The seq and leaf hash of a whole line; a line that was cut off was never acknowledged.
fn read_acknowledged(line: &str) -> Option<(u64, String)> {
    let (_, rest) = line.split_once("acknowledged ")?;
    let (seq, leaf) = rest.trim_end().split_once(' ')?;
    (leaf.len() == 64).then(|| (seq.parse().unwrap(), leaf.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_dropped_in_the_middle_opens_again_whole() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let store = house.store.clone();
        let work = tokio::spawn(async move {
            let all = (0..40).map(|_| {
                let voucher = donation(&origin(), 1_000);
                store.record(chapter, voucher, Alongside::nothing(), now())
            });
            futures(all).await
        });
        tokio::time::sleep(Duration::from_millis(5)).await;
        work.abort();
        let _ = work.await;
        let house = house.crash().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        assert!(house.store.check(chapter).await.unwrap().is_clean());
        house.record(chapter, donation(&origin(), 1)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_taken_away_takes_nothing_until_it_is_back() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let chapter = house.chapter("xuan-tay").await;
    let [here, aside] = ["minhbach.sqlite", "aside"].map(|name| house.folder.path().join(name));
    std::fs::rename(&here, &aside).unwrap();
    let gift = donation(&origin(), 1_000);
    let away = house.record(chapter, gift.clone()).await;
    assert!(matches!(away, Err(RecordFault::Busy(_))), "{away:?}");
    assert!(!house.store.answers().await && !here.exists());
    std::fs::rename(&aside, &here).unwrap();
    assert_eq!(house.record(chapter, gift).await.unwrap().seq, 5);
    assert!(house.store.answers().await);
    assert!(house.store.check(chapter).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_connections_lose_nothing_and_heal_alone() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let rows = house.rows().await;
    let work = (0..60).map(|n| {
        let house = &house;
        async move {
            tokio::time::sleep(Duration::from_millis(n * 5)).await;
            let voucher = donation(&origin(), 1_000);
            loop {
                match house.record(chapter, voucher.clone()).await {
                    Ok(recorded) => break recorded.seq,
                    Err(RecordFault::Busy(_) | RecordFault::Unknown) => {}
                    Err(fault) => panic!("{fault}"),
                }
            }
        }
    });
    let cut = async {
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_millis(25)).await;
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND application_name = 'minhbach' \
                AND pid <> pg_backend_pid()";
            rows.execute_unprepared(sql).await.unwrap();
        }
    };
    let (seqs, ()) = tokio::join!(futures(work), cut);
    assert_eq!(seqs.iter().collect::<BTreeSet<_>>().len(), 60);
    let findings = house.store.check(chapter).await.unwrap();
    assert!(findings.is_clean(), "{findings}");
    assert_eq!(findings.entries, 65);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_on_one_server_write_one_ledger() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let second = tempfile::tempdir().unwrap();
    std::fs::create_dir(second.path().join("keys")).unwrap();
    for file in std::fs::read_dir(house.folder.path().join("keys")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), second.path().join("keys").join(file.file_name())).unwrap();
    }
    let other = StoreConfig { folder: second.path().to_owned(), ..house.config() };
    let other = Store::open(other).await.unwrap();
    let stores = [&house.store, &other];
    let work = (0..80).map(|n| {
        let store = stores[n % 2];
        async move {
            let voucher = donation(&origin(), 1_000);
            store.record(chapter, voucher, Alongside::nothing(), now()).await.unwrap().seq
        }
    });
    let seqs: BTreeSet<u64> = futures(work).await.into_iter().collect();
    assert_eq!(seqs, (5..85).collect());
    assert!(other.check(chapter).await.unwrap().is_clean());
    for _ in 0..100 {
        if stores.iter().all(|store| store.head(chapter).unwrap().unwrap().size == 85) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(house.store.head(chapter).unwrap(), other.head(chapter).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_chapter_is_founded_on_one_instance_and_seen_by_the_other() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let second = tempfile::tempdir().unwrap();
    let other = StoreConfig { folder: second.path().to_owned(), ..house.config() };
    let other = Store::open(other).await.unwrap();
    assert!(house.store.founds_first().await.unwrap() && other.founds_first().await.unwrap());
    let (one, two): (Origin, Origin) =
        ("so.example/xuan-tay".parse().unwrap(), "so.example/xuan-dong".parse().unwrap());
    let found = |store: &Store, origin: &Origin| {
        let (store, opening) = (store.clone(), opening(store, origin));
        async move {
            let beside = (Alongside::nothing(), &[][..]);
            store.found_with(opening, beside, Vec::new(), (Call::First, now())).await
        }
    };
    let both = tokio::join!(found(&house.store, &one), found(&other, &two));
    let (founded, refused) = match both {
        (Ok((chapter, _)), Err(fault)) | (Err(fault), Ok((chapter, _))) => (chapter, fault),
        both => panic!("one of the two: {both:?}"),
    };
    let known = matches!(&refused, RecordFault::Alongside(why) if why.contains("meanwhile"));
    assert!(known, "{refused:?}");
    assert!(!house.store.founds_first().await.unwrap());
    assert!(!other.founds_first().await.unwrap());
    for store in [&house.store, &other] {
        for _ in 0..100 {
            if store.chapters().len() == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let seen: Vec<_> = store.chapters().into_iter().map(|(chapter, _)| chapter).collect();
        assert_eq!(seen, [founded]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chapters_founded_on_two_instances_at_once_get_a_row_each() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let second = tempfile::tempdir().unwrap();
    let other = StoreConfig { folder: second.path().to_owned(), ..house.config() };
    let other = Store::open(other).await.unwrap();
    let work = (0..16).map(|n| {
        let store = [&house.store, &other][n % 2];
        async move {
            let origin: Origin = format!("so.example/xa-{n}").parse().unwrap();
            let opening = opening(store, &origin);
            store.found(opening, Alongside::nothing(), now()).await.unwrap().0
        }
    });
    let chapters: BTreeSet<_> = futures(work).await.into_iter().collect();
    assert_eq!(chapters.len(), 16);
}

/// Founds a chapter by an identity, with the log key that a store has for it.
async fn founds(store: &Store, origin: &str) -> Result<ChapterId, RecordFault> {
    let opening = opening(store, &origin.parse().unwrap());
    store.found(opening, Alongside::nothing(), now()).await.map(|(chapter, _)| chapter)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_is_of_one_chapter() {
    on_both(async |house: TestHouse| {
        founds(&house.store, "mot.example/xa").await.unwrap();
        let again = founds(&house.store, "hai.example/xa").await;
        assert_eq!(again, Err(RecordFault::SlugTaken));
        founds(&house.store, "hai.example/xa-hai").await.unwrap();
        assert_eq!(house.store.chapters().len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_is_of_one_chapter_when_two_instances_found_it_at_once() {
    let Some(ground) = postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let second = tempfile::tempdir().unwrap();
    let other = StoreConfig { folder: second.path().to_owned(), ..house.config() };
    let other = Store::open(other).await.unwrap();
    // Under two hosts, and under the same one: there each has a log key of its own.
    for (round, host) in ["hai.example", "mot.example"].into_iter().cycle().take(8).enumerate() {
        let (one, two) = (format!("mot.example/xa-{round}"), format!("{host}/xa-{round}"));
        match tokio::join!(founds(&house.store, &one), founds(&other, &two)) {
            (Ok(_), Err(fault)) | (Err(fault), Ok(_)) => assert_eq!(fault, RecordFault::SlugTaken),
            both => panic!("one of the two: {both:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_ledger_starts_from_its_snapshot_and_still_sees_what_was_changed_behind_it() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        house.store.stop().await.unwrap();
        let short = StoreConfig { check_at_start: 0, snapshot_every: 4, ..house.config() };
        let TestHouse { folder, ground, store } = house;
        drop(store);
        let open = async || loop {
            match Store::open(short.clone()).await {
                Err(minhbach::store::StoreFault::InUse { .. }) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                opened => break opened.unwrap(),
            }
        };
        let store = open().await;
        for amount in 1..=10 {
            let voucher = donation(&origin(), amount);
            store.record(chapter, voucher, Alongside::nothing(), now()).await.unwrap();
        }
        let (books, head) = (store.books(chapter).unwrap(), store.head(chapter).unwrap());
        drop(store);
        let store = open().await;
        assert_eq!(store.books(chapter).unwrap(), books);
        assert_eq!(store.head(chapter).unwrap(), head);
        assert!(store.check(chapter).await.unwrap().is_clean());
        drop(store);
        let house = TestHouse { folder, ground, store: open().await };
        let rows = house.break_guards().await;
        rows.execute_unprepared("UPDATE entries SET bytes = leaf_hash WHERE seq = 13")
            .await
            .unwrap();
        let TestHouse { folder: _folder, ground: _, store } = house;
        drop(store);
        let standing = open().await.standing(chapter).unwrap();
        let Standing::ReadOnly(closure) = standing else { panic!("not found") };
        assert!(closure.to_string().contains("entry 13"), "{closure}");
    })
    .await;
}
