//! Recording one gift after another through the door, beside the same rows by bare SQL.

use std::path::Path;
use std::time::Instant;

use minhbach::ledger::entry::SignedVoucher;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::{ChapterId, Store};
use tokio::runtime::Runtime;

use crate::house::{Ground, TestHouse, donation, now};
use crate::programs::{Floor, word};
use crate::table::{Row, Table, Wanted, alternate};
use crate::{Report, runtime};

/// Gifts of a round.
const GIFTS: usize = 200;
/// Gifts of a batch, and batches of a round.
const BATCH: usize = 100;
const BATCHES: usize = 5;

/// So many signed gifts.
pub fn gifts(count: usize) -> Result<Vec<SignedVoucher>, String> {
    gifts_of("so.example/xa-mau", count)
}

/// So many signed gifts of a ledger.
pub fn gifts_of(log: &str, count: usize) -> Result<Vec<SignedVoucher>, String> {
    let origin: Origin = log.parse().map_err(|fault| format!("{fault}"))?;
    Ok((0..count).map(|index| donation(&origin, 10_000 + index as i64)).collect())
}

/// Records gifts one after another, each answered before the next; seconds.
pub async fn one_by_one(store: &Store, chapter: ChapterId, gifts: Vec<SignedVoucher>) -> f64 {
    let begun = Instant::now();
    for gift in gifts {
        let done = store.record(chapter, gift, Alongside::nothing(), now()).await;
        assert!(done.is_ok(), "{done:?}");
    }
    begun.elapsed().as_secs_f64()
}

/// The group.
pub fn measure(report: &Report, table: &mut Table) -> Result<(), String> {
    let rounds = report.rounds;
    let scratch = report.cache.scratch("record")?;
    let runtime = runtime()?;
    let (before, after) = (scratch.join("before.sqlite"), scratch.join("after.sqlite"));
    runtime.block_on(learn(&before, &after, GIFTS * (rounds + 1)))?;
    let mut floor = Floor::start(report.target())?;
    let shares = (GIFTS * (rounds + 1)).to_string();
    let target = scratch.join("floor.sqlite");
    let words = ["load", &word(&before), &word(&after), &word(&target), &shares];
    let loaded = floor.ask(&words)?;
    table.note(format!("the floor of `record one` writes these rows of our tables: {loaded}"));
    let house = runtime.block_on(TestHouse::new(Ground::Sqlite));
    let chapter = runtime.block_on(house.chapter("xa-mau"));
    let settings = runtime.block_on(house.store.durability());
    table.note(format!("our own connection: {}", settings.map_err(|fault| fault.to_string())?));
    let gifts: Vec<_> = (0..=rounds).map(|_| gifts(GIFTS)).collect::<Result<_, _>>()?;
    let mut gifts = gifts.into_iter();
    let count = GIFTS.to_string();
    let (ours, floors) = alternate(
        rounds,
        || {
            let gifts = gifts.next().unwrap_or_default();
            let number = gifts.len() as f64;
            Ok(number / runtime.block_on(one_by_one(&house.store, chapter, gifts)))
        },
        || Ok(GIFTS as f64 / floor.seconds(&["play", &count])?),
    )?;
    table.add(Row {
        measure: "record one gift, durable, through the door".to_owned(),
        unit: "/s",
        ours,
        floor: Some(("the same rows, rusqlite".to_owned(), floors)),
        wanted: Wanted::AtLeast(0.35),
    });
    batches(report, table, (&runtime, &house, chapter), &mut floor)?;
    runtime.block_on(house.store.stop()).map_err(|fault| fault.to_string())?;
    table.peak("record", std::process::id());
    Ok(())
}

/// Batches that are recorded whole or not at all, beside rows of a table in one transaction.
fn batches(
    report: &Report,
    table: &mut Table,
    (runtime, house, chapter): (&Runtime, &TestHouse, ChapterId),
    floor: &mut Floor,
) -> Result<(), String> {
    floor.ask(&["bare", &word(&report.cache.scratch("batches")?.join("bare.sqlite"))])?;
    let (rows, all) = (BATCH.to_string(), (BATCH * BATCHES) as f64);
    let (ours, floors) = alternate(
        report.rounds,
        || {
            let batches = (0..BATCHES).map(|_| gifts(BATCH)).collect::<Result<Vec<_>, _>>()?;
            let begun = Instant::now();
            for batch in batches {
                let batch = batch.into_iter().map(|gift| (gift, Alongside::nothing())).collect();
                let done = runtime.block_on(house.store.record_all(chapter, batch, now()));
                done.map_err(|fault| fault.to_string())?;
            }
            Ok(all / begun.elapsed().as_secs_f64())
        },
        || {
            let seconds = (0..BATCHES).map(|_| floor.seconds(&["many", &rows, "900"]));
            Ok(all / seconds.sum::<Result<f64, _>>()?)
        },
    )?;
    table.add(Row {
        measure: format!("record in batches of {BATCH}, through the door"),
        unit: "/s",
        ours,
        floor: Some((format!("{BATCH} bare rows a transaction, rusqlite"), floors)),
        wanted: Wanted::Shown,
    });
    Ok(())
}

/// Keeps a chapter's database from before and after gifts.
async fn learn(before: &Path, after: &Path, gifts: usize) -> Result<(), String> {
    let failed = |fault: std::io::Error| fault.to_string();
    let mut house = TestHouse::new(Ground::Sqlite).await;
    let chapter = house.chapter("xa-mau").await;
    house = house.restart().await;
    house.store.stop().await.map_err(|fault| fault.to_string())?;
    let file = house.folder.path().join("minhbach.sqlite");
    std::fs::copy(&file, before).map_err(failed)?;
    house = house.restart_stopped().await;
    one_by_one(&house.store, chapter, self::gifts(gifts)?).await;
    house.store.stop().await.map_err(|fault| fault.to_string())?;
    std::fs::copy(&file, after).map_err(failed)?;
    Ok(())
}
