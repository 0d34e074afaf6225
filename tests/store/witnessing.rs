//! The witness's memory: it only grows, whoever submits what at once, over two instances and a
//! crash, and heads that do not fit together are kept.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use minhbach::ledger::keys::{KeyKind, SigningKey};
use minhbach::ledger::note::{Checkpoint, SignedCheckpoint, Submission, sign_checkpoint};
use minhbach::ledger::tree::{Frontier, Hash, Nodes as _, StoredIndex, leaf_hash};
use minhbach::store::{Store, Witnessing};
use sea_orm::ConnectionTrait as _;

use crate::house::{Ground, TestHouse, now, on_both};

/// A log of somebody else, made of plain leaves: two that share their beginning and their key are
/// a split view.
pub struct Log {
    pub key: SigningKey,
    nodes: HashMap<StoredIndex, Hash>,
    roots: Vec<Hash>,
}

pub const ORIGIN: &str = "so.example/hoi-ban";

impl Log {
    /// `shared` leaves that every such log has, and `own` ones with a mark of its own.
    pub fn new(shared: u64, own: u64, mark: &str) -> Self {
        let key = SigningKey::from_seed(ORIGIN, [7; 32]).unwrap();
        let (mut frontier, mut nodes, mut roots) = (Frontier::new(), HashMap::new(), Vec::new());
        roots.push(frontier.root());
        for number in 0..shared + own {
            let leaf = match number < shared {
                true => format!("{number}"),
                false => format!("{number} {mark}"),
            };
            nodes.extend(frontier.append(leaf_hash(leaf.as_bytes())));
            roots.push(frontier.root());
        }
        Self { key, nodes, roots }
    }

    pub fn root(&self, size: u64) -> Hash {
        self.roots[usize::try_from(size).unwrap()]
    }

    pub fn signed(&self, size: u64) -> SignedCheckpoint {
        let head = Checkpoint::new(ORIGIN, size, self.root(size)).unwrap();
        sign_checkpoint(&head, &self.key).unwrap()
    }

    pub fn submission(&self, old: u64, size: u64) -> Submission {
        let proof = self.nodes.consistency_proof(old, size).unwrap();
        Submission { old, proof, checkpoint: self.signed(size) }
    }
}

pub fn witness_key() -> SigningKey {
    SigningKey::from_seed_as("w.example", KeyKind::Cosignature, [9; 32]).unwrap()
}

async fn submit(store: &Store, submission: &Submission, at: DateTime<Utc>) -> Witnessing {
    let signed = submission.checkpoint.clone();
    store.witness(submission, signed, &witness_key(), at).await.unwrap()
}

fn is_cosigned(answer: &Witnessing) -> bool {
    matches!(answer, Witnessing::Cosigned(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_follows_one_history_and_remembers_it_over_a_crash() {
    on_both(async |house: TestHouse| {
        let log = Log::new(40, 0, "");
        let store = &house.store;
        assert!(is_cosigned(&submit(store, &log.submission(0, 3), now()).await));
        let known = submit(store, &log.submission(0, 5), now()).await;
        assert_eq!(known, Witnessing::Known(3));
        assert!(is_cosigned(&submit(store, &log.submission(3, 11), now()).await));
        // The same head once more is a statement of a later moment.
        let later = now() + chrono::TimeDelta::hours(2);
        assert!(is_cosigned(&submit(store, &log.submission(11, 11), later).await));
        let held = store.witnessed_head(ORIGIN).await.unwrap().unwrap();
        assert_eq!((held.size, held.root, held.cosigned_at), (11, log.root(11), later));
        let note = SignedCheckpoint::parse(held.checkpoint.as_bytes()).unwrap();
        note.verify_log([log.key.public()]).unwrap();
        let time = note.note().verify_cosignature(witness_key().public()).unwrap();
        assert_eq!(i64::try_from(time).unwrap(), later.timestamp());
        let house = house.crash().await;
        let again = house.store.witnessed_head(ORIGIN).await.unwrap().unwrap();
        assert_eq!(again, held);
        // A clock that was set back makes no earlier statement.
        let early = now() - chrono::TimeDelta::days(30);
        assert!(is_cosigned(&submit(&house.store, &log.submission(11, 12), early).await));
        let held = house.store.witnessed_head(ORIGIN).await.unwrap().unwrap();
        assert_eq!((held.size, held.cosigned_at), (12, later));
        assert!(house.store.witness_evidence().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_split_view_is_refused_and_kept_as_evidence() {
    on_both(async |house: TestHouse| {
        let (one, other) = (Log::new(5, 30, "one"), Log::new(5, 30, "other"));
        let store = &house.store;
        assert!(is_cosigned(&submit(store, &one.submission(0, 11), now()).await));
        // Another root of the same size, whatever old size it names.
        let same = other.submission(11, 11);
        assert_eq!(submit(store, &same, now()).await, Witnessing::Misfit);
        let same = Submission { old: 7, ..same };
        assert_eq!(submit(store, &same, now()).await, Witnessing::Known(11));
        // A proof of the other history binds its log to another root at our size.
        assert_eq!(submit(store, &other.submission(11, 20), now()).await, Witnessing::Misfit);
        let all = store.witness_evidence().await.unwrap();
        assert_eq!(all.iter().map(|own| own.proven).collect::<Vec<_>>(), [true, true]);
        for own in &all {
            assert_eq!(own.held_head().unwrap().root, one.root(11));
            let submitted = own.submitted_head().unwrap();
            assert_eq!(submitted.root, other.root(submitted.size));
            let read = Submission::parse(own.submitted.as_bytes()).unwrap();
            read.checkpoint.verify_log([one.key.public()]).unwrap();
        }
        // A proof that leads nowhere proves nothing, and can't fill the disk.
        for size in 12..30 {
            let garbage = Submission { proof: vec![Hash([1; 32])], ..one.submission(11, size) };
            assert_eq!(submit(store, &garbage, now()).await, Witnessing::Misfit);
        }
        let all = store.witness_evidence().await.unwrap();
        assert_eq!(all.iter().filter(|own| own.proven).count(), 2);
        assert_eq!(all.iter().filter(|own| !own.proven).count(), 5);
        // The honest history goes on.
        assert!(is_cosigned(&submit(store, &one.submission(11, 20), now()).await));
        assert_eq!(store.witnessed().await.unwrap().len(), 1);
    })
    .await;
}

/// Two histories of one log race for the witness, from two instances where there are two.
async fn race(stores: [Store; 2]) {
    let (one, other) = (Log::new(4, 60, "one"), Log::new(4, 60, "other"));
    let mut running = Vec::new();
    for turn in 0..8_u64 {
        let store = stores[usize::try_from(turn % 2).unwrap()].clone();
        let log = if turn % 4 < 2 { Log::new(4, 60, "one") } else { Log::new(4, 60, "other") };
        running.push(tokio::spawn(async move {
            let mut cosigned = Vec::new();
            let mut old = 0;
            for step in 0..30 {
                let size = (old + 1 + (turn + step) % 3).min(64);
                match submit(&store, &log.submission(old.min(size), size), now()).await {
                    Witnessing::Cosigned(_) => {
                        cosigned.push((size, log.root(size)));
                        old = size;
                    }
                    Witnessing::Known(known) => old = known,
                    Witnessing::Misfit => {}
                }
            }
            cosigned
        }));
    }
    let mut cosigned = Vec::new();
    for run in running {
        cosigned.extend(run.await.unwrap());
    }
    assert!(cosigned.len() > 8, "{cosigned:?}");
    let of = |log: &Log| cosigned.iter().all(|(size, root)| log.root(*size) == *root);
    assert!(of(&one) || of(&other), "a fork was cosigned: {cosigned:?}");
    let most = cosigned.iter().map(|(size, _)| *size).max().unwrap();
    let held = stores[0].witnessed_head(ORIGIN).await.unwrap().unwrap();
    assert_eq!(held.size, most, "the memory is the largest head that was cosigned");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_histories_at_once_are_never_both_cosigned() {
    on_both(async |house: TestHouse| match &house.ground {
        Ground::Sqlite => race([house.store.clone(), house.store.clone()]).await,
        Ground::Postgres(url) => {
            let folder = tempfile::tempdir().unwrap();
            let config = minhbach::store::StoreConfig::postgres(folder.path(), url.as_str());
            let second = Store::open(config).await.unwrap();
            race([house.store.clone(), second.clone()]).await;
            second.stop().await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_itself_refuses_a_memory_that_shrinks() {
    on_both(async |house: TestHouse| {
        let log = Log::new(20, 0, "");
        assert!(is_cosigned(&submit(&house.store, &log.submission(0, 9), now()).await));
        let rows = house.rows().await;
        let other = match house.ground {
            Ground::Sqlite => "UPDATE witnessed SET root = zeroblob(32)",
            Ground::Postgres(_) => "UPDATE witnessed SET root = decode(repeat('00', 32), 'hex')",
        };
        for sql in [
            "UPDATE witnessed SET size = 8",
            "UPDATE witnessed SET origin = 'so.example/khac'",
            "DELETE FROM witnessed",
            other,
        ] {
            assert!(rows.execute_unprepared(sql).await.is_err(), "{sql}");
        }
        let held = house.store.witnessed_head(ORIGIN).await.unwrap().unwrap();
        assert_eq!((held.size, held.root), (9, log.root(9)));
    })
    .await;
}
