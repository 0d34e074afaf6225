//! Many recorders at once: through the library and through the desk's form, beside bare commits.

use std::sync::Arc;
use std::time::Instant;

use minhbach::ledger::entry::SignedVoucher;
use minhbach::store::alongside::Alongside;
use minhbach::store::{ChapterId, Store};
use tokio::task::JoinSet;

use crate::client::{Answer, Client};
use crate::data::Officer;
use crate::house::{Ground, TestHouse, now};
use crate::programs::{Floor, Served, copy, word};
use crate::record::gifts;
use crate::table::{Row, Table, Wanted, alternate};
use crate::{Report, runtime};

/// Recorders at once, and gifts of each in a round.
const RECORDERS: usize = 32;
const EACH: usize = 20;
const ALL: usize = RECORDERS * EACH;
/// Bytes of the floor's row: about an entry.
const BYTES: &str = "900";
/// The desk's form.
const FORM: &str = "/ban/phieu-thu";
/// Entries of the chapter whose desk is used.
const BEFORE: u64 = 10_000;

/// The group.
pub fn measure(report: &Report, table: &mut Table) -> Result<(), String> {
    let scratch = report.cache.scratch("recorders")?;
    let mut floor = Floor::start(report.target())?;
    let opened = floor.ask(&["bare", &word(&scratch.join("bare.sqlite"))])?;
    table.note(format!("bare one-row commits: {opened}"));
    let all = ALL.to_string();
    let mut bare = || Ok(ALL as f64 / floor.seconds(&["one", &all, BYTES])?);
    library(report, table, &mut bare)?;
    let data = report.cache.history(BEFORE)?;
    let officer = report.cache.treasurer(&data)?;
    let own = copy(&data, &scratch.join("data"))?;
    let served = Served::start(&own)?;
    let cookies = Arc::new(sign_in(&served.address, &officer)?);
    let (ours, floors) = alternate(report.rounds, || desk(&served.address, &cookies), &mut bare)?;
    table.add(Row {
        measure: format!("{RECORDERS} recorders at once, the desk's form over HTTP"),
        unit: "/s",
        ours,
        floor: Some(("one-row commits, rusqlite".to_owned(), floors)),
        wanted: Wanted::AtLeast(0.7),
    });
    table.peak("recorders, this program", std::process::id());
    table.peak("recorders, the site", served.pid());
    Ok(())
}

fn library(
    report: &Report,
    table: &mut Table,
    bare: &mut impl FnMut() -> Result<f64, String>,
) -> Result<(), String> {
    let runtime = runtime()?;
    let house = runtime.block_on(TestHouse::new(Ground::Sqlite));
    let chapter = runtime.block_on(house.chapter("xa-mau"));
    let mut waiting: Vec<_> = (0..=report.rounds).map(|_| gifts(ALL)).collect::<Result<_, _>>()?;
    let (ours, floors) = alternate(
        report.rounds,
        || {
            let gifts = waiting.pop().unwrap_or_default();
            Ok(ALL as f64 / runtime.block_on(at_once(&house.store, chapter, gifts)))
        },
        bare,
    )?;
    table.add(Row {
        measure: format!("{RECORDERS} recorders at once, through the door"),
        unit: "/s",
        ours,
        floor: Some(("one-row commits, rusqlite".to_owned(), floors)),
        wanted: Wanted::AtLeast(1.5),
    });
    runtime.block_on(house.store.stop()).map_err(|fault| fault.to_string())
}

/// Each recorder waits for its answer before it sends the next; seconds until all are answered.
async fn at_once(store: &Store, chapter: ChapterId, gifts: Vec<SignedVoucher>) -> f64 {
    let begun = Instant::now();
    let mut recorders = JoinSet::new();
    for own in gifts.chunks(EACH) {
        let (store, own) = (store.clone(), own.to_vec());
        recorders.spawn(async move {
            for gift in own {
                let done = store.record(chapter, gift, Alongside::nothing(), now()).await;
                assert!(done.is_ok(), "{done:?}");
            }
        });
    }
    recorders.join_all().await;
    begun.elapsed().as_secs_f64()
}

/// Signs in; the cookies as a line of the head.
fn sign_in(address: &str, officer: &Officer) -> Result<String, String> {
    let failed = |fault: std::io::Error| fault.to_string();
    let mut client = Client::new(address).map_err(failed)?;
    let page = client.get("/dang-nhap", "").map_err(failed)?;
    let cookie = cookies(&page);
    let token = token(&page.text(), "/dang-nhap");
    let passphrase = officer.passphrase.replace(' ', "+");
    let form = format!("token={token}&name={}&passphrase={}", officer.name, encoded(&passphrase));
    let answer = client.post("/dang-nhap", &cookie, &form).map_err(failed)?;
    if answer.status != 303 {
        return Err(format!("signing in: status {}", answer.status));
    }
    Ok(cookies(&answer))
}

/// The cookies of an answer as a line of the next question.
fn cookies(answer: &Answer) -> String {
    let all = answer.head.iter().filter(|(name, _)| name == "set-cookie");
    let all: Vec<&str> = all.filter_map(|(_, value)| value.split(';').next()).collect();
    if all.is_empty() { String::new() } else { format!("Cookie: {}\r\n", all.join("; ")) }
}

/// The token of the form with this action.
fn token(html: &str, action: &str) -> String {
    let after = html.split_once(&format!("action=\"{action}\"")).map_or("", |(_, rest)| rest);
    value(after, "token")
}

fn value(html: &str, name: &str) -> String {
    let after = html.split_once(&format!("name=\"{name}\" value=\""));
    after.and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// Letters beyond ASCII as forms send them.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'+' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Gifts a second: the slips are opened beforehand, then sent at once by all recorders.
fn desk(address: &str, cookies: &Arc<String>) -> Result<f64, String> {
    let failed = |fault: std::io::Error| fault.to_string();
    // Vietnam is seven hours ahead.
    let day = chrono::Utc::now() + chrono::TimeDelta::hours(7);
    let mut recorders = Vec::new();
    for _ in 0..RECORDERS {
        let mut client = Client::new(address).map_err(failed)?;
        let mut forms = Vec::new();
        for index in 0..EACH {
            let html = client.get(FORM, cookies).map_err(failed)?.text();
            let (id, token) = (value(&html, "id"), token(&html, FORM));
            forms.push(format!(
                "token={token}&id={id}&step=record&date={}&donor_type=unknown&amount={}\
                 &method=cash&place=cash&fund=chung",
                day.format("%d%%2F%m%%2F%Y"),
                20_000 + index
            ));
        }
        recorders.push((client, forms));
    }
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let all: Vec<_> = recorders
            .into_iter()
            .map(|(mut client, forms)| {
                scope.spawn(move || -> Result<(), String> {
                    for form in forms {
                        let answer = client.post(FORM, cookies, &form);
                        let answer = answer.map_err(|fault| fault.to_string())?;
                        if answer.status != 303 {
                            let said: String = answer.text().chars().take(300).collect();
                            return Err(format!("a gift: status {}: {said}", answer.status));
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        all.into_iter().try_for_each(|one| one.join().map_err(|_| "a recorder".to_owned())?)
    })?;
    Ok(ALL as f64 / begun.elapsed().as_secs_f64())
}
