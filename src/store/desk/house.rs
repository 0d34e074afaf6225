//! A desk for tests: databases, two chapters, officers, vouchers with private values.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};

use super::sql::{self, values};
use super::vault::{PrivateValue, Subject, Vault};
use super::{Chapter, register};
use crate::ledger::disclosure::{Digest, Disclosure, PrivateName};
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{SignatureRole, SigningKey, voucher_message};
use crate::ledger::voucher::Voucher;
use crate::ledger::word::Person;
use crate::store::alongside::{Alongside, Steps};

/// A database with two chapters.
pub(crate) struct House {
    pub db: DatabaseConnection,
    pub chapter: Chapter,
    pub other: Chapter,
    pub vault: Vault,
    pub now: DateTime<Utc>,
    /// The folder of the SQLite files.
    pub folder: Option<tempfile::TempDir>,
    _turn: Option<tokio::sync::MutexGuard<'static, ()>>,
}

static POSTGRES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// One house on SQLite and, when `MINHBACH_TEST_POSTGRES` names a database, one there.
pub(crate) async fn all() -> Vec<House> {
    let mut houses = vec![sqlite().await];
    if let Ok(url) = std::env::var("MINHBACH_TEST_POSTGRES") {
        houses.push(postgres(&url).await);
    }
    houses
}

pub(crate) async fn sqlite() -> House {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/desk.sqlite?mode=rwc", folder.path().display());
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    for pragma in ["journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=FULL"] {
        db.execute_unprepared(&format!("PRAGMA {pragma}")).await.unwrap();
    }
    furnish(db, Some(folder), None).await
}

/// Every house has a schema of its own, dropped before the next is made with the same name.
async fn postgres(url: &str) -> House {
    let turn = POSTGRES.lock().await;
    let schema = format!("desk_{}", std::process::id());
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    for text in [
        format!("DROP SCHEMA IF EXISTS {schema} CASCADE"),
        format!("CREATE SCHEMA {schema}"),
        format!("SET search_path TO {schema}"),
    ] {
        db.execute_unprepared(&text).await.unwrap();
    }
    furnish(db, None, Some(turn)).await
}

async fn furnish(
    db: DatabaseConnection,
    folder: Option<tempfile::TempDir>,
    turn: Option<tokio::sync::MutexGuard<'static, ()>>,
) -> House {
    Migrator::up(&db, None).await.unwrap();
    for (id, slug) in [(1, "xuan-tay"), (2, "xuan-dong")] {
        let row = "INSERT INTO chapters (id, origin, slug, head_leaf, head_root) \
             VALUES ($1, $2, $3, $4, $4)";
        let values = values![id, format!("so.example/{slug}"), slug, vec![0_u8; 32]];
        sql::execute(&db, row, values).await.unwrap();
    }
    let chapter = |id, origin: &str| Chapter {
        id,
        origin: origin.parse().unwrap(),
        identity: origin.parse().unwrap(),
    };
    House {
        db,
        chapter: chapter(1, "so.example/xuan-tay"),
        other: chapter(2, "so.example/xuan-dong"),
        vault: Vault::new(&[9; 32]),
        now: DateTime::from_timestamp(1_793_000_000, 0).unwrap(),
        folder,
        _turn: turn,
    }
}

impl House {
    pub fn later(&self, seconds: i64) -> DateTime<Utc> {
        self.now + TimeDelta::seconds(seconds)
    }

    pub fn person(&self, number: u8) -> Person {
        format!("{number:016x}").parse().unwrap()
    }

    pub fn key(&self, number: u8) -> SigningKey {
        let name = format!("{}/officer/{number:016x}", self.chapter.origin);
        SigningKey::from_seed(&name, [number; 32]).unwrap()
    }

    /// A registered donor or family.
    pub async fn known(&self, role: register::Role, name: &str) -> Person {
        let record = register::Record { full_name: name.to_owned(), ..Default::default() };
        let officer = self.person(1);
        register::enter(&self.db, &self.vault, &self.chapter, role, &record, &officer, self.now)
            .await
            .unwrap()
    }

    /// A donation number `number` on 5 November 2026 with the donor's names and a bank text.
    pub fn donation(
        &self,
        number: u16,
        name: &str,
        subject: &Subject,
    ) -> (SignedVoucher, Vec<PrivateValue>) {
        let private = |member, value: Value| PrivateValue {
            disclosure: Disclosure::make(member, value).unwrap(),
            subject: subject.clone(),
        };
        let values = vec![
            private(PrivateName::FullName, name.into()),
            private(PrivateName::MaskedName, format!("{}.", &name[..1]).into()),
            private(PrivateName::BankText, format!("{name} ung ho").into()),
        ];
        let mut donor = [values[0].disclosure.digest(), values[1].disclosure.digest()];
        donor.sort();
        let value = json!({
            "_sd": [values[2].disclosure.digest().as_str()],
            "amount": 500_000,
            "by": self.key(1).name(),
            "date": "2026-11-05",
            "donor": {"_sd": donor.map(|digest: Digest| digest.to_string()), "type": "person"},
            "fund": "chung",
            "id": format!("019a5000-0000-7000-8000-{number:012x}"),
            "kind": "donation",
            "log": self.chapter.origin.as_str(),
            "method": "transfer",
            "place": "vietinbank",
        });
        (self.signed(&Voucher::read(&value).unwrap()), values)
    }

    /// A voucher signed by its recorder, officer 1.
    pub fn signed(&self, voucher: &Voucher) -> SignedVoucher {
        let signature = self.signature(voucher, SignatureRole::Recorder, &self.key(1));
        SignedVoucher { voucher: voucher.clone(), signatures: vec![signature] }
    }

    pub fn signature(
        &self,
        voucher: &Voucher,
        role: SignatureRole,
        key: &SigningKey,
    ) -> OfficerSignature {
        OfficerSignature {
            role,
            key: key.name().parse().unwrap(),
            signature: key.sign(&voucher_message(role, &voucher.bytes())),
        }
    }

    /// Runs the steps of entry `seq` as the writer does; whether they were taken.
    pub async fn run(&self, seq: i64, alongside: &Alongside) -> bool {
        let mut steps = Steps::default();
        steps.add(self.chapter.id, seq, alongside.clone());
        steps.run(&self.db).await.is_ok()
    }

    /// Every byte that the database's files hold, index and write-ahead log included, as hex.
    pub fn raw_hex(&self) -> String {
        let folder: PathBuf = self.folder.as_ref().unwrap().path().to_owned();
        let files = std::fs::read_dir(folder).unwrap();
        files.map(|file| hex::encode(std::fs::read(file.unwrap().path()).unwrap())).collect()
    }
}

/// Whether bytes given as hex hold these, as they are or written as hex.
pub(crate) fn holds(raw_hex: &str, bytes: impl AsRef<[u8]>) -> bool {
    let once = hex::encode(bytes);
    raw_hex.contains(&once) || raw_hex.contains(&hex::encode(&once))
}
