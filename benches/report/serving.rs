//! What a served site takes: its start, its memory at rest, its pages, and how they grow.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use minhbach::ledger::tree::{BUNDLE_WIDTH, TilePath};
use minhbach::store::{Store, StoreConfig};
use rocket::{Config, get, routes};

use crate::client::{Client, load};
use crate::data::SLUG;
use crate::programs::{Served, minhbach, run_well};
use crate::table::{Figures, Row, Table, Wanted, alternate};
use crate::{Report, runtime};

/// How long a page is asked for in a round.
const DURING: Duration = Duration::from_millis(1_500);
/// Rounds of a page; with the one that is not counted as many receipts as one address may open in a
/// minute.
const ASKED: usize = 7;
/// Pages that list something, the first of each.
const LISTS: [&str; 8] =
    ["", "/cong-khai", "/quy", "/bao-cao", "/hoat-dong", "/hien-vat", "/von-vay", "/dong-tien"];

/// Start, memory at rest, export.
pub fn starting(report: &Report, table: &mut Table) -> Result<(), String> {
    let (_, entries) = report.ends();
    let data = report.cache.history(entries)?;
    let (mut start, mut idle) = (Figures::default(), Figures::default());
    for _ in 0..report.rounds {
        let served = Served::start(&data)?;
        thread::sleep(Duration::from_secs(2));
        start.0.push(served.start);
        idle.0.push(served.memory("VmRSS:"));
    }
    let resting = idle.median();
    let row =
        |measure: String, unit, ours, wanted| Row { measure, unit, ours, floor: None, wanted };
    let measure = format!("start with {entries} entries, to the first page");
    table.add(row(measure, "s", start, Wanted::AtMost(1.0)));
    let measure = format!("memory at rest with {entries} entries");
    table.add(row(measure, "MiB", idle, Wanted::AtMost(48.0)));
    let (mut over, mut seconds) = (Figures::default(), Figures::default());
    for _ in 0..report.rounds {
        let folder = report.cache.scratch("export")?;
        let mut command = minhbach();
        let took = run_well(command.arg("--data").arg(&data).args(["export", SLUG]).arg(&folder))?;
        over.0.push(took.peak - resting);
        seconds.0.push(took.seconds);
    }
    let measure = format!("peak memory of exporting {entries} entries, over the site at rest");
    table.add(row(measure, "MiB", over, Wanted::AtMost(32.0)));
    table.add(row(format!("export {entries} entries"), "s", seconds, Wanted::Shown));
    Ok(())
}

/// All rows that are derived, made again and compared; once, for it takes minutes.
pub fn rebuilding(report: &Report, table: &mut Table) -> Result<(), String> {
    let (_, entries) = report.ends();
    let data = report.cache.history(entries)?;
    let took = run_well(minhbach().arg("--data").arg(&data).arg("rebuild"))?;
    let row = |measure: String, unit, figure| Row {
        measure,
        unit,
        ours: Figures(vec![figure]),
        floor: None,
        wanted: Wanted::Shown,
    };
    table.add(row(format!("rebuild {entries} entries"), "s", took.seconds));
    table.add(row("its peak memory".to_owned(), "MiB", took.peak));
    Ok(())
}

/// Pages at the largest size beside the same at the smallest.
pub fn growing(report: &Report, table: &mut Table) -> Result<(), String> {
    let (small, large) = report.ends();
    if small == large {
        return Err("two sizes are needed: --entries 10000,100000".to_owned());
    }
    let codes = [codes(report, small)?, codes(report, large)?];
    let (one, other) = (report.cache.history(large)?, report.cache.history(small)?);
    // Nothing is kept: what is measured is the page and not the memory of it.
    let (large_site, small_site) =
        (Served::keeping_nothing(&one)?, Served::keeping_nothing(&other)?);
    let mut times = |path: &dyn Fn(usize, usize) -> String, measure: String, wanted: f64| {
        let ask = |which: usize, served: &Served, round: &mut usize| {
            *round += 1;
            milliseconds(&served.address, &path(which, *round))
        };
        let mut round = [0_usize; 2];
        let [first, second] = &mut round;
        let (ours, floor) =
            alternate(ASKED, || ask(0, &large_site, first), || ask(1, &small_site, second))?;
        let floor = Some((format!("{small} entries"), floor));
        table.add(Row { measure, unit: "ms", ours, floor, wanted: Wanted::AtMost(wanted) });
        Ok::<_, String>(())
    };
    for list in LISTS {
        let measure = format!("/{SLUG}{list} with {large} entries");
        times(&|_, _| format!("/{SLUG}{list}"), measure, 1.5)?;
    }
    // A month that nothing keeps: another one each time.
    let month = |_: usize, round: usize| {
        let month = chrono::Utc::now().date_naive() - chrono::Months::new(2 + round as u32);
        format!("/{SLUG}/cong-khai?ky={}", month.format("%Y-%m"))
    };
    times(&month, format!("accounts of a month not asked before, {large} entries"), 1.5)?;
    let find = |_: usize, round: usize| format!("/{SLUG}/tra-cuu?so_tien={}00000", round + 1);
    times(&find, format!("search by amount, {large} entries"), 1.5)?;
    let proof = |which: usize, round: usize| {
        let size = if which == 0 { large } else { small };
        format!("/{SLUG}/so/{}/tlog-proof", size / 2 + round as u64)
    };
    times(&proof, format!("proof of an entry, {large} entries"), f64::INFINITY)?;
    let receipt = |which: usize, round: usize| format!("/bn/{}", codes[1 - which][round - 1]);
    times(&receipt, format!("receipt, {large} entries"), 3.0)?;
    for entries in [false, true] {
        let tile = |which: usize, round: usize| {
            let size = if which == 0 { large } else { small };
            let index = size / 512 + round as u64;
            let path = match entries {
                true => TilePath::entries(index, BUNDLE_WIDTH),
                false => TilePath::hashes(0, index, BUNDLE_WIDTH),
            };
            path.map_or_else(|fault| fault.to_string(), |path| format!("/{SLUG}/{path}"))
        };
        let what = if entries { "tile of entries" } else { "tile of hashes" };
        times(&tile, format!("{what}, {large} entries"), f64::INFINITY)?;
    }
    table.peak(&format!("pages with {large} entries"), large_site.pid());
    table.peak(&format!("pages with {small} entries"), small_site.pid());
    Ok(())
}

/// Milliseconds of one answer that has to be good.
fn milliseconds(address: &str, path: &str) -> Result<f64, String> {
    let mut client = Client::new(address).map_err(|fault| fault.to_string())?;
    let begun = Instant::now();
    let answer = client.get(path, "").map_err(|fault| format!("{path}: {fault}"))?;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    if answer.status == 200 { Ok(took) } else { Err(format!("{path}: status {}", answer.status)) }
}

/// Codes of receipts in the middle of a ledger.
fn codes(report: &Report, entries: u64) -> Result<Vec<String>, String> {
    let data = report.cache.history(entries)?;
    runtime()?.block_on(async {
        let store = Store::open(StoreConfig::sqlite(&data)).await.map_err(|why| why.to_string())?;
        let chapter = store.find_slug(SLUG).ok_or("no chapter")?;
        let (mut codes, mut seq) = (Vec::new(), entries / 2);
        while codes.len() <= ASKED && seq < entries {
            let kept = store.entry(chapter, seq).await.map_err(|fault| fault.to_string())?;
            codes.extend(kept.and_then(|kept| store.receipt_code(&kept.entry)));
            seq += 7;
        }
        store.stop().await.map_err(|fault| fault.to_string())?;
        Ok(codes.into_iter().map(|code| code.to_string()).collect())
    })
}

/// What every browser says that it takes.
const PACKED: &str = "Accept-Encoding: gzip, deflate, br\r\n";

/// A page that stays, beside a route that does nothing, in the same kind of server.
pub fn cached(report: &Report, table: &mut Table) -> Result<(), String> {
    let (small, _) = report.ends();
    let data = report.cache.history(small)?;
    let site = Served::start(&data)?;
    let mut command = Command::new(std::env::current_exe().map_err(|fault| fault.to_string())?);
    command.env(EMPTY, "1");
    let empty = Served::of(command)?;
    let page = format!("/{SLUG}/cong-khai");
    let mut client = Client::new(&site.address).map_err(|fault| fault.to_string())?;
    let answer = client.get(&page, PACKED).map_err(|fault| fault.to_string())?;
    let tag = answer.line("etag").map(|tag| format!("{PACKED}If-None-Match: {tag}\r\n"));
    drop(client);
    let unchanged = tag.as_deref().map(|tag| (page.as_str(), tag, 304));
    if unchanged.is_none() {
        table.errors.push(format!("cached: {page} has no ETag yet: no answer 304 to measure"));
    }
    let asked = [Some((page.as_str(), PACKED, 200)), unchanged];
    for (what, wanted) in asked.into_iter().zip([0.6, 0.85]) {
        let Some(what) = what else { continue };
        for connections in [1, 8] {
            one_load(report, table, (&site, &empty), what, (connections, wanted))?;
        }
    }
    Ok(())
}

fn one_load(
    report: &Report,
    table: &mut Table,
    (site, empty): (&Served, &Served),
    what: (&str, &str, u16),
    (connections, wanted): (usize, f64),
) -> Result<(), String> {
    let (mut slow, mut slow_floor) = (Figures::default(), Figures::default());
    let (ours, floor) = alternate(
        report.rounds,
        || {
            let load = load(&site.address, what, connections, DURING)?;
            slow.0.push(load.p99);
            Ok(load.rate)
        },
        || {
            let load = load(&empty.address, ("/", "", 200), connections, DURING)?;
            slow_floor.0.push(load.p99);
            Ok(load.rate)
        },
    )?;
    let (path, _, status) = what;
    let name = || "an empty route".to_owned();
    let measure = format!("{path} ({status}), {connections} connections");
    let floor = Some((name(), floor));
    table.add(Row { measure, unit: "/s", ours, floor, wanted: Wanted::AtLeast(wanted) });
    if connections == 1 && status == 200 {
        let measure = format!("{path}, 99 of 100 answers within, 1 connection");
        let floor = Some((name(), slow_floor));
        table.add(Row { measure, unit: "ms", ours: slow, floor, wanted: Wanted::AtMost(2.0) });
    }
    Ok(())
}

/// The variable that makes this program the server of an empty route.
pub const EMPTY: &str = "MINHBACH_REPORT_EMPTY";

#[get("/")]
const fn nothing() -> &'static str {
    ""
}

/// Serves a route that does nothing until it is told to stop.
pub fn serve_nothing() -> Result<(), String> {
    let figment = Config::figment().merge(("log_level", "off"));
    let launched = async { rocket::custom(figment).mount("/", routes![nothing]).launch().await };
    runtime()?.block_on(launched).map(drop).map_err(|fault| fault.to_string())
}
