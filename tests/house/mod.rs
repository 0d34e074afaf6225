//! The harness of the integration tests: a store in a temporary place, a fixed clock, fixed keys.
//!
//! Each house has a data folder of its own and, on PostgreSQL, a database of its own on the server
//! that `MINHBACH_TEST_POSTGRES` names. Without that variable the PostgreSQL half of a test says
//! that it was left out; with `MINHBACH_REQUIRE_POSTGRES=1` it fails instead.

pub mod cluster;
pub mod demonstration;
pub mod fleet;
pub mod proxy;
pub mod witness;

use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use minhbach::ledger::entry::{OfficerSignature, SignedVoucher};
use minhbach::ledger::keys::{SignatureRole, SigningKey, voucher_message};
use minhbach::ledger::voucher::Voucher;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::{ChapterId, RecordFault, Recorded, Store, StoreConfig, StoreFault};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// The recorder of most vouchers.
pub const TREASURER: &str = "1111111111111111";
/// The approver.
pub const CHAIR: &str = "2222222222222222";
/// The third who can approve.
pub const DEPUTY: &str = "3333333333333333";

/// What a house is built on.
#[derive(Clone, Debug)]
pub enum Ground {
    /// A file in the data folder.
    Sqlite,
    /// The address of a database of its own.
    Postgres(String),
}

/// A store in a temporary place.
pub struct TestHouse {
    /// The data folder.
    pub folder: TempDir,
    /// SQLite or PostgreSQL.
    pub ground: Ground,
    /// The open store.
    pub store: Store,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

fn next() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Runs a test on SQLite and on PostgreSQL.
pub async fn on_both<F: Future<Output = ()>>(test: impl Fn(TestHouse) -> F) {
    test(TestHouse::new(Ground::Sqlite).await).await;
    if let Some(ground) = postgres().await {
        test(TestHouse::new(ground).await).await;
    }
}

/// A database of its own on the test server; `None` when no server is named.
pub async fn postgres() -> Option<Ground> {
    let Ok(server) = std::env::var("MINHBACH_TEST_POSTGRES") else {
        let required = std::env::var("MINHBACH_REQUIRE_POSTGRES").is_ok_and(|it| it == "1");
        assert!(!required, "MINHBACH_TEST_POSTGRES names no server, but PostgreSQL is required");
        eprintln!("left out: MINHBACH_TEST_POSTGRES names no PostgreSQL server");
        return None;
    };
    // Process numbers come again on a server that outlives one run.
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let name = format!("house_{}_{}_{now}", std::process::id(), next());
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    admin.close().await.unwrap();
    let (host, _) = server.rsplit_once('/').unwrap();
    Some(Ground::Postgres(format!("{host}/{name}")))
}

impl TestHouse {
    /// An empty house.
    pub async fn new(ground: Ground) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(config(folder.path(), &ground)).await.unwrap();
        Self { folder, ground, store }
    }

    /// The settings of the house, for a second program.
    pub fn config(&self) -> StoreConfig {
        config(self.folder.path(), &self.ground)
    }

    /// Stops cleanly and opens again.
    pub async fn restart(self) -> Self {
        self.store.stop().await.unwrap();
        self.reopen().await
    }

    /// Opens again after the store was stopped.
    pub async fn restart_stopped(self) -> Self {
        self.reopen().await
    }

    /// Drops the store as a crash would, and opens again.
    pub async fn crash(self) -> Self {
        self.reopen().await
    }

    async fn reopen(self) -> Self {
        let Self { folder, ground, store } = self;
        drop(store);
        // The writers end on their own when nobody can reach them; the lock goes with the last.
        for _ in 0..200 {
            match Store::open(config(folder.path(), &ground)).await {
                Ok(store) => return Self { folder, ground, store },
                Err(StoreFault::InUse { .. }) => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                Err(fault) => panic!("{fault}"),
            }
        }
        panic!("the data folder stays locked");
    }

    /// Another connection to the rows, as somebody with the database in hand has it.
    pub async fn rows(&self) -> DatabaseConnection {
        match &self.ground {
            Ground::Postgres(url) => Database::connect(url).await.unwrap(),
            Ground::Sqlite => {
                let file = self.folder.path().join("minhbach.sqlite");
                Database::connect(format!("sqlite://{}", file.display())).await.unwrap()
            }
        }
    }

    /// Removes the guards of `entries` and `chapters`, as an attacker would.
    pub async fn break_guards(&self) -> DatabaseConnection {
        let rows = self.rows().await;
        let drop = match self.ground {
            Ground::Sqlite => {
                "DROP TRIGGER entries_never_change; DROP TRIGGER entries_never_leave;
                 DROP TRIGGER entries_continue_the_chain; DROP TRIGGER chapters_only_grow;
                 PRAGMA foreign_keys = OFF;"
            }
            Ground::Postgres(_) => {
                "ALTER TABLE entries DISABLE TRIGGER ALL; ALTER TABLE chapters DISABLE TRIGGER ALL"
            }
        };
        rows.execute_unprepared(drop).await.unwrap();
        rows
    }

    /// Opens a chapter with cash, a bank, a general fund and a programme.
    pub async fn chapter(&self, slug: &str) -> ChapterId {
        let origin: Origin = format!("so.example/{slug}").parse().unwrap();
        let opening = self.opening(&origin);
        let (chapter, opened) =
            self.store.found(opening, Alongside::nothing(), now()).await.unwrap();
        assert_eq!(opened.seq, 0);
        let log = &origin;
        let place = |code: &str, kind: &str| json!({"code": code, "type": kind, "name": code});
        for voucher in [
            two(log, "place_opened", json!({"place": place("tien-mat", "cash")})),
            two(log, "place_opened", json!({"place": place("bidv", "bank")})),
            two(log, "fund_opened", fund("chung")),
            one(
                log,
                "programme_opened",
                json!({"programme": {"code": "tet", "name": "Tết", "type": "tet"}}),
            ),
        ] {
            self.record(chapter, voucher).await.unwrap();
        }
        chapter
    }

    /// Records a voucher at the fixed time.
    pub async fn record(
        &self,
        chapter: ChapterId,
        voucher: SignedVoucher,
    ) -> Result<Recorded, RecordFault> {
        self.store.record(chapter, voucher, Alongside::nothing(), now()).await
    }

    /// Entry 0 of a ledger, signed by all three officers.
    pub fn opening(&self, origin: &Origin) -> SignedVoucher {
        opening(&self.store, origin)
    }
}

/// Entry 0 of a ledger of a store, signed by all three officers.
pub fn opening(store: &Store, origin: &Origin) -> SignedVoucher {
    let members = opening_members(store, origin);
    let signers = [
        (TREASURER, SignatureRole::Recorder),
        (CHAIR, SignatureRole::Approver),
        (DEPUTY, SignatureRole::Holder),
    ];
    sign(origin, "chapter_opened", members, &signers)
}

/// The members of entry 0.
pub fn opening_members(store: &Store, origin: &Origin) -> Value {
    let log_key = store.keys().log_key(origin).unwrap().vkey();
    let officer = |person: &str, role: &str| {
        let vkey = key(origin, person).public().vkey();
        json!({"vkey": vkey, "person": person, "roles": [role], "title": role})
    };
    json!({
        "chapter": {"name": "Hội Chữ thập đỏ Xuân Tây", "slug": origin.slug()},
        "currency": {"code": "VND", "scale": 0},
        "utc_offset": "+07:00",
        "books_from": "2026-11-01",
        "log_key": log_key,
        "officers": [
            officer(TREASURER, "treasurer"), officer(CHAIR, "chair"),
            officer(DEPUTY, "deputy_chair"),
        ],
        "policy": {},
        "rules": 1,
    })
}

fn config(folder: &Path, ground: &Ground) -> StoreConfig {
    match ground {
        Ground::Sqlite => StoreConfig::sqlite(folder),
        Ground::Postgres(url) => StoreConfig::postgres(folder, url),
    }
}

/// The fixed clock: 5 November 2026, 9:30 in Việt Nam.
pub fn now() -> DateTime<Utc> {
    "2026-11-05T02:30:00Z".parse().unwrap()
}

/// An officer's key: its seed is the hash of ledger and person.
pub fn key(origin: &Origin, person: &str) -> SigningKey {
    let seed = Sha256::digest(format!("{origin} {person}")).into();
    SigningKey::from_seed(&format!("{origin}/officer/{person}"), seed).unwrap()
}

/// A voucher recorded by the treasurer alone.
pub fn one(origin: &Origin, kind: &str, members: Value) -> SignedVoucher {
    sign(origin, kind, members, &[(TREASURER, SignatureRole::Recorder)])
}

/// A voucher recorded by the treasurer and approved by the chair.
pub fn two(origin: &Origin, kind: &str, members: Value) -> SignedVoucher {
    let signers = [(TREASURER, SignatureRole::Recorder), (CHAIR, SignatureRole::Approver)];
    sign(origin, kind, members, &signers)
}

/// A donation into the general fund, in cash.
pub fn donation(origin: &Origin, amount: i64) -> SignedVoucher {
    let donor = json!({"type": "person", "_sd": digests(2)});
    one(
        origin,
        "donation",
        json!({
            "amount": amount, "place": "tien-mat", "fund": "chung", "donor": donor,
            "method": "cash",
        }),
    )
}

/// Aid in cash out of the general fund, one line.
pub fn aid(origin: &Origin, amount: i64) -> SignedVoucher {
    two(
        origin,
        "aid_paid",
        json!({
            "place": "tien-mat", "fund": "chung", "programme": "tet",
            "lines": [{"_sd": digests(2), "amount": amount}],
        }),
    )
}

/// A reversal of an entry.
pub fn reversal(origin: &Origin, of: u64) -> SignedVoucher {
    two(origin, "reversed", json!({"of": of, "reason": "mistyped"}))
}

/// A voucher of 5 November 2026 with an id of its own.
pub fn sign(
    origin: &Origin,
    kind: &str,
    members: Value,
    signers: &[(&str, SignatureRole)],
) -> SignedVoucher {
    let Value::Object(mut members) = members else { panic!("members are an object") };
    let number = next();
    let id = format!("01934f00-0000-7000-8000-{number:012x}");
    members.insert("by".to_owned(), json!(format!("{origin}/officer/{}", signers[0].0)));
    members.insert("date".to_owned(), json!("2026-11-05"));
    members.insert("id".to_owned(), json!(id));
    members.insert("kind".to_owned(), json!(kind));
    members.insert("log".to_owned(), json!(origin.as_str()));
    let voucher = Voucher::read(&Value::Object(members)).unwrap();
    sign_voucher(origin, voucher, signers)
}

/// Signs a voucher in the given roles.
pub fn sign_voucher(
    origin: &Origin,
    voucher: Voucher,
    signers: &[(&str, SignatureRole)],
) -> SignedVoucher {
    let sign = |(person, role): &(&str, SignatureRole)| {
        let key = key(origin, person);
        OfficerSignature {
            role: *role,
            key: key.name().parse().unwrap(),
            signature: key.sign(&voucher_message(*role, &voucher.bytes())),
        }
    };
    SignedVoucher { signatures: signers.iter().map(sign).collect(), voucher }
}

/// Digests of nothing, in their order.
pub fn digests(count: usize) -> Vec<String> {
    let digest = |_| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(next().to_be_bytes()));
    let mut digests: Vec<String> = (0..count).map(digest).collect();
    digests.sort();
    digests
}

fn fund(code: &str) -> Value {
    let terms = json!({"text": "Quỹ chung", "costs": true});
    json!({"fund": {"code": code, "type": "general", "name": "Quỹ chung", "terms": terms}})
}

/// The desk's form of a gift of 1 000 đồng in cash on a day, as it is recorded.
pub fn gift_form<'a>(token: &'a str, id: &'a str, day: &'a str) -> [(&'a str, &'a str); 9] {
    [
        ("token", token),
        ("id", id),
        ("step", "record"),
        ("date", day),
        ("donor_type", "unknown"),
        ("amount", "1000"),
        ("method", "cash"),
        ("place", "cash"),
        ("fund", "chung"),
    ]
}
