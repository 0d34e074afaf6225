//! PostgreSQL: eight chapters at once beside bare commits, groups beside bare multi-row inserts.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use minhbach::store::alongside::Alongside;
use tokio::task::JoinSet;

use crate::house::{self, TestHouse, now};
use crate::programs::{output, version};
use crate::record::gifts_of;
use crate::table::{Row, Table, Wanted, alternate};
use crate::{Report, runtime};

/// Clients at once, each with a chapter of its own.
const CLIENTS: usize = 8;
/// Gifts of each in a round.
const EACH: usize = 40;
/// Rows of a group, and groups of a round.
const GROUP: usize = 100;
const GROUPS: usize = 10;

/// The group.
pub fn measure(report: &Report, table: &mut Table) -> Result<(), String> {
    let server = std::env::var("MINHBACH_TEST_POSTGRES").map_err(|_| {
        "MINHBACH_TEST_POSTGRES names no server: start one and name it, or --skip postgres"
            .to_owned()
    })?;
    let pgbench = version("pgbench", "apt-get install postgresql-contrib")?;
    let runtime = runtime()?;
    let ground = runtime.block_on(house::postgres()).ok_or("no server")?;
    let house = runtime.block_on(TestHouse::new(ground));
    let mut chapters = Vec::new();
    for index in 0..CLIENTS {
        let slug = format!("xa-{index}");
        chapters.push((runtime.block_on(house.chapter(&slug)), format!("so.example/{slug}")));
    }
    let settings = runtime.block_on(house.store.durability());
    table.note(format!("PostgreSQL, ours: {}", settings.map_err(|fault| fault.to_string())?));
    let scratch = report.cache.scratch("postgres")?;
    let one = prepare(&server, &scratch)?;
    let rate = |script: &Path, clients: usize, transactions: usize| {
        bench(&server, script, clients, transactions)
    };
    let (ours, floor) = alternate(
        report.rounds,
        || Ok(runtime.block_on(eight(&house, &chapters))),
        || rate(&one.0, CLIENTS, EACH),
    )?;
    table.add(Row {
        measure: format!("PostgreSQL: {CLIENTS} clients, a chapter each, one gift a time"),
        unit: "/s",
        ours,
        floor: Some((format!("{pgbench}, one row a commit"), floor)),
        wanted: Wanted::AtLeast(0.2),
    });
    let (first, log) = &chapters[0];
    let (ours, floor) = alternate(
        report.rounds,
        || {
            let groups: Vec<_> =
                (0..GROUPS).map(|_| gifts_of(log, GROUP).unwrap_or_default()).collect();
            let begun = Instant::now();
            for group in groups {
                let all = group.into_iter().map(|gift| (gift, Alongside::nothing())).collect();
                let done = runtime.block_on(house.store.record_all(*first, all, now()));
                assert!(done.is_ok(), "{done:?}");
            }
            Ok((GROUP * GROUPS) as f64 / begun.elapsed().as_secs_f64())
        },
        || Ok(GROUP as f64 * rate(&one.1, 1, GROUPS)?),
    )?;
    table.add(Row {
        measure: format!("PostgreSQL: groups of {GROUP}"),
        unit: "/s",
        ours,
        floor: Some((format!("{pgbench}, {GROUP} rows an insert"), floor)),
        wanted: Wanted::AtLeast(0.4),
    });
    runtime.block_on(house.store.stop()).map_err(|fault| fault.to_string())
}

/// Gifts a second of all clients together.
async fn eight(house: &TestHouse, chapters: &[(minhbach::store::ChapterId, String)]) -> f64 {
    let mut clients = JoinSet::new();
    let ready: Vec<_> = chapters
        .iter()
        .map(|(chapter, log)| (*chapter, gifts_of(log, EACH).unwrap_or_default()))
        .collect();
    let begun = Instant::now();
    for (chapter, gifts) in ready {
        let store = house.store.clone();
        clients.spawn(async move {
            for gift in gifts {
                let done = store.record(chapter, gift, Alongside::nothing(), now()).await;
                assert!(done.is_ok(), "{done:?}");
            }
        });
    }
    clients.join_all().await;
    (CLIENTS * EACH) as f64 / begun.elapsed().as_secs_f64()
}

/// The table of the floor, and the scripts of one row and of many.
fn prepare(
    server: &str,
    scratch: &Path,
) -> Result<(std::path::PathBuf, std::path::PathBuf), String> {
    let create = "DROP TABLE IF EXISTS report_bare;
        CREATE TABLE report_bare (seq bigserial PRIMARY KEY, bytes bytea NOT NULL)";
    output(Command::new("psql").args(["-q", "-d", server, "-c", create]))?;
    let value = "(decode(repeat('07', 900), 'hex'))";
    let script = |name: &str, rows: usize| {
        let path = scratch.join(name);
        let values = vec![value; rows].join(", ");
        let sql = format!("INSERT INTO report_bare (bytes) VALUES {values};\n");
        fs::write(&path, sql).map_err(|fault| fault.to_string()).map(|()| path)
    };
    Ok((script("one.sql", 1)?, script("many.sql", GROUP)?))
}

/// Transactions a second, without the time of connecting.
fn bench(server: &str, script: &Path, clients: usize, transactions: usize) -> Result<f64, String> {
    let (clients, transactions) = (clients.to_string(), transactions.to_string());
    let mut command = Command::new("pgbench");
    command.args(["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-t", &transactions, "-f"]);
    let said = output(command.arg(script).arg(server))?;
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let number = line.and_then(|line| line.split(' ').next()).and_then(|text| text.parse().ok());
    number.ok_or_else(|| "pgbench says no tps".to_owned())
}
