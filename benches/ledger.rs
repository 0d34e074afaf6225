//! What recording and verifying cost, each beside its bare floor in the same run.
//!
//! | group | ours | floor |
//! |---|---|---|
//! | record one | a gift through the one door, until its answer | its bytes inserted, durable |
//! | record 100 | a hundred gifts sent at once, until every answer | a hundred rows, one commit |
//! | verify | an exported ledger, every check | its signatures and leaf hashes, in memory |
//!
//! Only the ratios within one run mean something: `cargo bench --bench ledger`.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../tests/house/mod.rs"]
mod house;

use std::hint::black_box;
use std::path::Path;

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main,
};
use house::{Ground, TREASURER, TestHouse, donation, key, now};
use minhbach::ledger::entry::{Entry, SignedVoucher, leaf_hash};
use minhbach::ledger::keys::PublicKey;
use minhbach::ledger::word::Origin;
use minhbach::publish::{Tree, export};
use minhbach::store::alongside::Alongside;
use minhbach::store::{ChapterId, Store};
use minhbach::verify::source::Source;
use minhbach::verify::{self, report::Outcome};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use tokio::runtime::{Builder, Runtime};

/// How many gifts are sent at once.
const GROUP: u64 = 100;

/// How many gifts the verified ledger holds.
const VERIFIED: u64 = 2_000;

fn origin() -> Origin {
    "so.example/xa-mau".parse().unwrap()
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Sends vouchers at once and waits for every answer.
async fn record(store: &Store, chapter: ChapterId, vouchers: Vec<SignedVoucher>) {
    let mut waiting = tokio::task::JoinSet::new();
    for voucher in vouchers {
        let store = store.clone();
        waiting.spawn(async move {
            store.record(chapter, voucher, Alongside::nothing(), now()).await.unwrap()
        });
    }
    waiting.join_all().await;
}

/// A bare table in a file beside the store's, with the store's promises on durability.
struct Floor {
    rows: DatabaseConnection,
}

impl Floor {
    async fn open(folder: &Path) -> Self {
        let file = folder.join("floor.sqlite");
        let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
        options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| {
            sqlite.pragma("journal_mode", "WAL").pragma("synchronous", "FULL")
        });
        let rows = Database::connect(options).await.unwrap();
        let table = "CREATE TABLE entries (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT";
        rows.execute_unprepared(table).await.unwrap();
        Self { rows }
    }

    async fn insert(&self, all: Vec<Vec<u8>>) {
        self.rows.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
        let values = vec!["(?)"; all.len()].join(", ");
        let sql = format!("INSERT INTO entries (bytes) VALUES {values}");
        let backend = self.rows.get_database_backend();
        let values = all.into_iter().map(Into::into).collect::<Vec<sea_orm::Value>>();
        self.rows.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
        self.rows.execute_unprepared("COMMIT").await.unwrap();
    }
}

/// The bytes that a gift's entry has.
fn bytes(voucher: SignedVoucher) -> Vec<u8> {
    voucher.voucher.bytes()
}

fn gifts(count: u64) -> Vec<SignedVoucher> {
    (0..count).map(|at| donation(&origin(), 10_000 + i64::try_from(at).unwrap())).collect()
}

/// One group: `count` gifts through the door, and as many rows without it.
fn recording(criterion: &mut Criterion, name: &str, count: u64) {
    let runtime = runtime();
    let (house, chapter, floor) = runtime.block_on(async {
        let house = TestHouse::new(Ground::Sqlite).await;
        let chapter = house.chapter("xa-mau").await;
        let floor = Floor::open(house.folder.path()).await;
        (house, chapter, floor)
    });
    let mut group: BenchmarkGroup<'_, WallTime> = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(count));
    group.bench_function("through the door", |bench| {
        bench.to_async(&runtime).iter_batched(
            || gifts(count),
            |vouchers| record(&house.store, chapter, vouchers),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("floor: bare SQLite", |bench| {
        bench.to_async(&runtime).iter_batched(
            || gifts(count).into_iter().map(bytes).collect(),
            |rows| floor.insert(rows),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    runtime.block_on(house.store.stop()).unwrap();
}

fn record_one(criterion: &mut Criterion) {
    recording(criterion, "record one", 1);
}

fn record_a_group(criterion: &mut Criterion) {
    recording(criterion, "record 100", GROUP);
}

/// A ledger of [`VERIFIED`] gifts in a folder, and its entries.
async fn exported(house: &TestHouse, folder: &Path) -> Vec<Vec<u8>> {
    let chapter = house.chapter("xa-mau").await;
    for _ in 0..VERIFIED / GROUP {
        record(&house.store, chapter, gifts(GROUP)).await;
    }
    let tree = Tree::open(&house.store, chapter).unwrap().unwrap();
    export(&tree, folder).await.unwrap();
    let entries = std::fs::read(folder.join("entries.jsonl")).unwrap();
    entries.trim_ascii_end().split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Signatures and leaf hashes of gifts, and nothing else.
fn bare(gifts: &[(Vec<u8>, Entry, Vec<u8>)], key: &PublicKey) {
    for (bytes, entry, voucher) in gifts {
        black_box(leaf_hash(bytes));
        entry.signatures()[0].verify(voucher, key).unwrap();
    }
}

fn verifying(criterion: &mut Criterion) {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let entries = runtime.block_on(async {
        let house = TestHouse::new(Ground::Sqlite).await;
        let entries = exported(&house, folder.path()).await;
        house.store.stop().await.unwrap();
        entries
    });
    let first_gift = entries.len() - usize::try_from(VERIFIED).unwrap();
    let gifts: Vec<_> = entries[first_gift..]
        .iter()
        .map(|bytes| {
            let entry = Entry::parse(bytes).unwrap();
            let voucher = entry.voucher().bytes();
            (bytes.clone(), entry, voucher)
        })
        .collect();
    let treasurer = key(&origin(), TREASURER).public().clone();
    let source = Source::Folder(folder.path().to_owned());
    let mut group = criterion.benchmark_group("verify");
    group.throughput(Throughput::Elements(VERIFIED)).sample_size(10);
    group.bench_function("the exported ledger", |bench| {
        bench.iter(|| {
            let report = verify::verify(&source, &verify::Options::default(), &mut |_, _| {});
            assert_eq!(report.unwrap().outcome, Outcome::Sound);
        });
    });
    group.bench_function("floor: signatures and hashes", |bench| {
        bench.iter(|| bare(&gifts, &treasurer));
    });
    group.finish();
}

criterion_group!(benches, record_one, record_a_group, verifying);
criterion_main!(benches);
