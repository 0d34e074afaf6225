//! Appending where there is much already: a long ledger, many chapters.

use std::path::Path;

use chrono::{DateTime, Days, Utc};
use minhbach::ledger::entry::{OfficerSignature, SignedVoucher};
use minhbach::ledger::keys::{SignatureRole, SigningKey};
use minhbach::ledger::voucher::Voucher;
use minhbach::store::alongside::Alongside;
use minhbach::store::desk::passphrase::Passphrase;
use minhbach::store::desk::sealing::Sealer;
use minhbach::store::{ChapterId, Store, StoreConfig};
use serde_json::json;

use crate::data::{Officer, SLUG};
use crate::house::{Ground, TestHouse, digests};
use crate::programs::copy;
use crate::record::{gifts_of, one_by_one};
use crate::table::{Row, Table, Wanted, alternate};
use crate::{Report, runtime};

/// Gifts of a round.
const GIFTS: usize = 100;
/// Entries of a ledger that has hardly begun.
const FEW: u64 = 200;
/// Chapters of one store.
const CHAPTERS: usize = 2_000;

/// An open chapter and what signs in it.
struct Desk {
    store: Store,
    chapter: ChapterId,
    key: SigningKey,
    now: DateTime<Utc>,
    next: u64,
}

impl Desk {
    async fn open(data: &Path, officer: &Officer) -> Result<Self, String> {
        let store = Store::open(StoreConfig::sqlite(data)).await.map_err(|why| why.to_string())?;
        let chapter = store.find_slug(SLUG).ok_or("no chapter")?;
        let account = store.account_named(chapter, &officer.name).await;
        let account = account.map_err(|fault| fault.to_string())?.ok_or("no account")?;
        let books = store.books(chapter).map_err(|fault| fault.to_string())?;
        let origin = books.chapter().map(|own| own.origin.clone()).ok_or("an empty ledger")?;
        let passphrase = Passphrase::read(&officer.passphrase).map_err(|why| why.to_string())?;
        let opened = Sealer::new(1).open(&origin, &account.key, &account.lock, passphrase).await;
        let key = opened.map_err(|fault| fault.to_string())?.key.ok_or("no key")?;
        let size = store.head(chapter).map_err(|why| why.to_string())?.map_or(0, |head| head.size);
        let last = store.entry(chapter, size - 1).await.map_err(|fault| fault.to_string())?;
        let last: DateTime<Utc> = last
            .and_then(|kept| kept.entry.at.to_string().parse().ok())
            .ok_or("no time of the last entry")?;
        let now = last.checked_add_days(Days::new(1)).ok_or("a day too late")?;
        Ok(Self { store, chapter, key, now, next: 0 })
    }

    fn gift(&mut self) -> Result<SignedVoucher, String> {
        self.next += 1;
        let origin = self.key.name().split("/officer/").next().unwrap_or_default().to_owned();
        let millis = u64::try_from(self.now.timestamp_millis()).unwrap_or(0);
        let id = uuid(millis, self.next);
        let voucher = json!({
            "by": self.key.name(), "date": self.now.format("%Y-%m-%d").to_string(), "id": id,
            "kind": "donation", "log": origin, "amount": 10_000 + self.next, "place": "bank",
            "fund": "chung", "method": "transfer",
            "donor": {"type": "unknown", "_sd": digests(2)},
        });
        let voucher = Voucher::read(&voucher).map_err(|fault| fault.to_string())?;
        let role = SignatureRole::Recorder;
        let signature = OfficerSignature::sign(role, &self.key, &voucher.bytes());
        let signatures = vec![signature.map_err(|fault| fault.to_string())?];
        Ok(SignedVoucher { voucher, signatures })
    }

    /// Gifts a second, one after another.
    async fn record(&mut self) -> Result<f64, String> {
        let gifts = (0..GIFTS).map(|_| self.gift()).collect::<Result<Vec<_>, _>>()?;
        let begun = std::time::Instant::now();
        for gift in gifts {
            let nothing = Alongside::nothing();
            let done = self.store.record(self.chapter, gift, nothing, self.now).await;
            done.map_err(|fault| fault.to_string())?;
        }
        Ok(GIFTS as f64 / begun.elapsed().as_secs_f64())
    }
}

/// A UUIDv7 of a moment and a number.
fn uuid(millis: u64, number: u64) -> String {
    let time = format!("{millis:012x}");
    format!("{}-{}-7000-8000-{number:012x}", &time[..8], &time[8..12])
}

/// Seconds for a gift where there are many entries, by those where there are few.
pub fn long(report: &Report, table: &mut Table) -> Result<(), String> {
    let (_, entries) = report.ends();
    let scratch = report.cache.scratch("append")?;
    let runtime = runtime()?;
    let open = |entries: u64, name: &str| {
        let data = report.cache.history(entries)?;
        let officer = report.cache.treasurer(&data)?;
        let own = copy(&data, &scratch.join(name))?;
        runtime.block_on(Desk::open(&own, &officer))
    };
    let (mut many, mut few) = (open(entries, "many")?, open(FEW, "few")?);
    let one = |desk: &mut Desk| runtime.block_on(desk.record()).map(|rate| 1e3 / rate);
    let (ours, floor) = alternate(report.rounds, || one(&mut many), || one(&mut few))?;
    table.add(Row {
        measure: format!("append one gift to {entries} entries"),
        unit: "ms",
        ours,
        floor: Some((format!("to {FEW}"), floor)),
        wanted: Wanted::AtMost(1.3),
    });
    for desk in [many, few] {
        runtime.block_on(desk.store.stop()).map_err(|fault| fault.to_string())?;
    }
    Ok(())
}

/// The same with many chapters in one store.
pub fn wide(report: &Report, table: &mut Table) -> Result<(), String> {
    let runtime = runtime()?;
    let many = runtime.block_on(TestHouse::new(Ground::Sqlite));
    eprintln!("opening {CHAPTERS} chapters …");
    let mut last = None;
    for index in 0..CHAPTERS {
        last = Some(runtime.block_on(many.chapter(&format!("xa-{index}"))));
    }
    let few = runtime.block_on(TestHouse::new(Ground::Sqlite));
    let (last, only) = (last.ok_or("no chapters")?, runtime.block_on(few.chapter("xa-mau")));
    let record = |house: &TestHouse, chapter, log: &str| {
        let gifts = gifts_of(log, GIFTS)?;
        Ok(1e3 * runtime.block_on(one_by_one(&house.store, chapter, gifts)) / GIFTS as f64)
    };
    let log = format!("so.example/xa-{}", CHAPTERS - 1);
    let (ours, floor) = alternate(
        report.rounds,
        || record(&many, last, &log),
        || record(&few, only, "so.example/xa-mau"),
    )?;
    table.add(Row {
        measure: format!("append one gift, {CHAPTERS} chapters in the store"),
        unit: "ms",
        ours,
        floor: Some(("1 chapter".to_owned(), floor)),
        wanted: Wanted::AtMost(1.5),
    });
    let memory = crate::programs::memory(std::process::id(), "VmRSS:").unwrap_or(f64::NAN);
    table.note(format!("this program with {CHAPTERS} chapters open: {memory:.0} MiB"));
    for house in [many, few] {
        runtime.block_on(house.store.stop()).map_err(|fault| fault.to_string())?;
    }
    Ok(())
}
