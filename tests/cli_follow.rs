//! The program follows, copies and refills ledgers as people run it: against a real server on the
//! loopback, cut off at any byte, killed at any moment.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use atom_syndication::Feed;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::{ChapterId, Store, StoreConfig};
use serde_json::Value;
use tempfile::TempDir;

use crate::books::log_key;
use crate::house::{Ground, TestHouse, aid, donation, now};
use crate::tamper::{ledger, published, relinked};

const SLUG: &str = "xuan-tay";

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.env("ROCKET_PORT", "0").env_remove("MINHBACH_DATA").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// Runs with what status it has to end; what it printed.
fn ends(status: i32, arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output));
    text(&output)
}

/// A data folder with a small ledger, and a server when one is wanted.
struct House {
    folder: TempDir,
    chapter: ChapterId,
}

impl House {
    async fn new() -> Self {
        let house = TestHouse::new(Ground::Sqlite).await;
        let chapter = house.chapter(SLUG).await;
        house.record(chapter, donation(&origin(), 500_000)).await.unwrap();
        house.record(chapter, aid(&origin(), 100_000)).await.unwrap();
        house.store.stop().await.unwrap();
        let TestHouse { folder, store, .. } = house;
        drop(store);
        Self { folder, chapter }
    }

    fn data(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    /// Records some gifts while no server runs.
    async fn grows(&self, by: usize) {
        let store = self.open().await;
        for _ in 0..by {
            let voucher = donation(&origin(), 1_000);
            store.record(self.chapter, voucher, Alongside::nothing(), now()).await.unwrap();
        }
        store.stop().await.unwrap();
    }

    /// The lock goes with the last writer.
    async fn open(&self) -> Store {
        for _ in 0..200 {
            if let Ok(store) = Store::open(StoreConfig::sqlite(self.folder.path())).await {
                return store;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the data folder stays locked");
    }

    fn serve(&self) -> Server {
        for _ in 0..100 {
            let mut child = program()
                .args(["serve", "--data", self.data()])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            // A writer of this test may still be about to leave the folder.
            let Some(Ok(said)) = lines.next() else {
                child.wait().unwrap();
                std::thread::sleep(Duration::from_millis(20));
                continue;
            };
            let url = said.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
            let url = format!("{}/{SLUG}", url.trim_end_matches('/'));
            return Server { child, url };
        }
        panic!("the server does not start");
    }
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already, or a test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A static host that sends so many bytes and then hangs up, whatever it was sending.
struct Host {
    address: String,
    left: Arc<AtomicI64>,
    requests: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
}

impl Host {
    fn new(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (left, requests) = (Arc::new(AtomicI64::new(i64::MAX)), Arc::default());
        let stopped = Arc::<AtomicBool>::default();
        let host = Self { address, left, requests, stopped };
        let (left, requests) = (host.left.clone(), host.requests.clone());
        let (stopped, folder) = (host.stopped.clone(), folder.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let (left, folder) = (left.clone(), folder.clone());
                requests.fetch_add(1, Ordering::Relaxed);
                if let Ok(stream) = stream {
                    std::thread::spawn(move || answer(stream, &folder, &left));
                }
            }
        });
        host
    }

    fn url(&self) -> String {
        format!("http://{}/ledger", self.address)
    }

    fn sends(&self, bytes: i64) {
        self.left.store(bytes, Ordering::Relaxed);
        self.requests.store(0, Ordering::Relaxed);
    }

    fn asked(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(&self.address));
    }
}

fn answer(mut stream: TcpStream, folder: &Path, left: &AtomicI64) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).is_err() {
        return;
    }
    let mut line = String::from("-");
    while !line.trim().is_empty() {
        line.clear();
        if reader.read_line(&mut line).is_err() {
            return;
        }
    }
    let path = first.split_whitespace().nth(1).unwrap_or("/");
    let file = folder.join(path.trim_start_matches("/ledger").trim_start_matches('/'));
    let (status, body) = match std::fs::read(&file) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let all = [head.into_bytes(), body].concat();
    let length = i64::try_from(all.len()).unwrap();
    let before = left.fetch_sub(length, Ordering::Relaxed);
    let send = usize::try_from(before.clamp(0, length)).unwrap();
    drop(stream.write_all(&all[..send]));
    // What was sent arrives; then the line is cut.
    drop(stream.shutdown(std::net::Shutdown::Write));
    drop(stream.read(&mut [0; 16]));
}

fn report(state: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(state.join("report.json")).unwrap()).unwrap()
}

fn feed(state: &Path) -> Feed {
    Feed::read_from(std::fs::read(state.join("feed.atom")).unwrap().as_slice()).unwrap()
}

fn settings(folder: &Path, ledgers: &[(&str, &[&str], &str)]) -> PathBuf {
    let path = folder.join("monitor.toml");
    let mut file = "state = 'state'\nlanguage = 'vi'\n[feed]\n\
        address = 'https://bao.example/feed.atom'\nauthor = 'Báo'\n"
        .to_owned();
    for (name, sources, more) in ledgers {
        file.push_str(&format!("[[ledger]]\nname = '{name}'\nsources = {sources:?}\n{more}\n"));
    }
    std::fs::write(&path, file).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newspaper_follows_a_server_and_is_told_only_what_is_new() {
    let (house, folder) = (House::new().await, tempfile::tempdir().unwrap());
    let (state, server) = (folder.path().join("state"), house.serve());
    let url = server.url.clone();
    let config = settings(folder.path(), &[("xuan-tay", &[&url], "")]);
    let config = config.to_str().unwrap();
    let said = ends(0, &["monitor", "--config", config]);
    assert!(said.contains("[ĐÚNG] xuan-tay") && said.contains("7 bút toán"), "{said}");
    assert_eq!(ends(0, &["monitor", "--config", config, "--quiet"]), "");
    assert_eq!(feed(&state).entries().len(), 1, "the second run found nothing new");
    server.stop();
    house.grows(3).await;

    let gone = ends(4, &["monitor", "--config", config, "--quiet"]);
    assert_eq!(gone, "", "away for a moment is no news");
    let said = ends(4, &["monitor", "--config", config, "--lang", "en"]);
    assert!(said.contains("[NOT READ] xuan-tay"), "{said}");

    let server = house.serve();
    let config = settings(folder.path(), &[("xuan-tay", &[&server.url], "")]);
    let config = config.to_str().unwrap();
    let said = ends(0, &["monitor", "--config", config, "--lang", "en"]);
    assert!(said.contains("10 entries; 3 more than last time"), "{said}");
    assert_eq!(feed(&state).entries().len(), 2);
    let all = report(&state);
    let entries = all["ledgers"][0]["report"]["checked"].as_array().unwrap();
    assert!(entries.contains(&serde_json::json!(["entries", 3])), "only the new ones: {all:#}");
    let full = ends(0, &["monitor", "--config", config, "--full", "--json"]);
    let full: Value = serde_json::from_str(&full).unwrap();
    assert_eq!((&full["status"], &full["ledgers"][0]["size"]), (&0.into(), &10.into()));
    for name in ["report.vi.txt", "report.en.txt", "report.json"] {
        assert!(state.join(name).exists(), "{name}");
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_went_back_is_told_with_both_heads_and_the_others_are_followed() {
    let (house, folder) = (House::new().await, tempfile::tempdir().unwrap());
    let yesterday = std::fs::read(house.folder.path().join("minhbach.sqlite")).unwrap();
    house.grows(4).await;
    let honest = ledger().folder(&log_key("log"));
    let state = folder.path().join("state");
    let other = honest.path().to_str().unwrap();
    let key = format!("keys = ['{}']", log_key("log").public().vkey());
    // The address changes with each server, and stays one and the same place.
    let server = house.serve();
    let host = Host::new(&folder.path().join("site"));
    let copy = |url: &str| {
        let site = folder.path().join("site");
        drop(std::fs::remove_dir_all(&site));
        ends(0, &["mirror", url, site.to_str().unwrap(), "--quiet"]);
    };
    copy(&server.url);
    server.stop();
    let url = host.url();
    let config = settings(folder.path(), &[("a", &[&url], ""), ("b", &[other], &key)]);
    let config = config.to_str().unwrap();
    ends(0, &["monitor", "--config", config]);

    // Whoever runs the server puts yesterday's database back, and takes the anchor away.
    std::fs::remove_dir_all(house.folder.path().join("anchor")).unwrap();
    for file in ["minhbach.sqlite-wal", "minhbach.sqlite-shm"] {
        drop(std::fs::remove_file(house.folder.path().join(file)));
    }
    std::fs::write(house.folder.path().join("minhbach.sqlite"), yesterday).unwrap();
    house.grows(1).await;
    let server = house.serve();
    copy(&server.url);
    server.stop();
    let said = ends(1, &["monitor", "--config", config, "--quiet", "--lang", "en"]);
    assert!(said.contains("[BROKEN] a"), "{said}");
    assert!(said.contains("entry 7:") && said.contains("two different histories"), "{said}");
    assert!(said.contains("| 11") && said.contains("| 8"), "both heads: {said}");
    assert!(!said.contains("[SOUND] b"), "a quiet run says nothing of it: {said}");
    let all = report(&state);
    assert_eq!(all["ledgers"][1]["status"], "sound", "{all:#}");
    let evidence = all["ledgers"][0]["found"][0]["evidence"].as_str().unwrap();
    assert!(Path::new(evidence).join("known-before").exists());
    let entries = feed(&state).entries().to_vec();
    assert_eq!((entries.len(), entries[0].categories()[0].term()), (2, "broken"));
    assert!(entries[0].summary().unwrap().value.contains("bút toán số 7"));
    ends(1, &["monitor", "--config", config, "--quiet"]);
    assert_eq!(feed(&state).entries().len(), 2, "told once");
    // What was seen at the beginning is still there to be shown.
    let copy = state.join("ledgers/a/copy");
    ends(0, &["verify", copy.to_str().unwrap()]);
}

#[test]
fn what_is_wrong_with_the_command_line_has_a_status_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    ends(2, &["monitor"]);
    ends(2, &["monitor", "--state", state, "--lang", "fr", "https://so.example/x"]);
    let config = settings(folder.path(), &[("x", &["nowhere"], "colour = 'red'")]);
    let said = ends(2, &["monitor", "--config", config.to_str().unwrap()]);
    assert!(said.contains("colour"), "{said}");
    ends(4, &["monitor", "--state", state, "http://127.0.0.1:9/xuan-tay"]);
    let newer = relinked(&ledger().entries, |seq, value| {
        if seq == 7 {
            value["v"] = serde_json::json!(2);
        }
    });
    let newer = published(newer).folder(&log_key("log"));
    ends(3, &["monitor", "--state", state, newer.path().to_str().unwrap()]);
    let mirror = folder.path().join("mirror");
    let to = mirror.to_str().unwrap();
    ends(3, &["mirror", newer.path().to_str().unwrap(), to]);
    assert!(!mirror.join("checkpoint").exists());
    ends(4, &["mirror", "http://127.0.0.1:9/xuan-tay", to]);
}

#[test]
fn a_mirror_that_is_cut_off_at_any_byte_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, key) = (ledger(), log_key("log"));
    let site = folder.path().join("site");
    published(ledger.entries[..9].to_vec()).write(&site, &key);
    let host = Host::new(&site);
    let mirror = folder.path().join("mirror");
    let (url, to) = (host.url(), mirror.to_str().unwrap().to_owned());
    let arguments = ["mirror", url.as_str(), to.as_str()];
    ends(0, &arguments);
    let before = std::fs::read(mirror.join("checkpoint")).unwrap();
    std::fs::remove_dir_all(&site).unwrap();
    ledger.write(&site, &key);
    let mut cuts = 0;
    for bytes in (40..).step_by(611) {
        host.sends(bytes);
        let output = run(&arguments);
        match output.status.code() {
            Some(0) => break,
            Some(4) => cuts += 1,
            status => panic!("{status:?} after {bytes} bytes: {}", text(&output)),
        }
        assert_eq!(std::fs::read(mirror.join("checkpoint")).unwrap(), before, "{bytes}");
        ends(0, &["verify", &to]);
    }
    assert!(cuts > 5, "{cuts} cuts");
    ends(0, &["verify", &to]);
    let newest = std::fs::read(mirror.join("checkpoint")).unwrap();
    assert_eq!(newest, std::fs::read(site.join("checkpoint")).unwrap());
    host.sends(i64::MAX);
    ends(0, &arguments);
    let few = host.asked();
    let fresh = folder.path().join("fresh");
    host.sends(i64::MAX);
    ends(0, &["mirror", &url, fresh.to_str().unwrap()]);
    assert!(few < host.asked(), "{few} requests for nothing new, {} for all", host.asked());
    // A fork is not followed, whatever it promises.
    let mut other = ledger.entries.clone();
    other.remove(4);
    std::fs::remove_dir_all(&site).unwrap();
    published(relinked(&other, |_, _| {})).write(&site, &key);
    let said = ends(1, &arguments);
    assert!(said.contains("seq 4") && said.contains("as it was"), "{said}");
    assert_eq!(std::fs::read(mirror.join("checkpoint")).unwrap(), newest);
    ends(0, &["verify", &to]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_and_a_monitor_that_are_killed_at_any_moment_leave_nothing_half_done() {
    let (house, folder) = (House::new().await, tempfile::tempdir().unwrap());
    let rounds = std::env::var("MINHBACH_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let [mirror, state] = ["mirror", "state"].map(|name| folder.path().join(name));
    let [mirror, state] = [&mirror, &state].map(|path| path.to_str().unwrap());
    for round in 0..rounds.unwrap_or(6_u64) {
        house.grows(2).await;
        let server = house.serve();
        let commands: [&[&str]; 2] = [
            &["mirror", &server.url, mirror, "--quiet"],
            &["monitor", &server.url, "--state", state, "--quiet"],
        ];
        for arguments in commands {
            let mut child = program().args(arguments).stdout(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(17 * (1 + round * 7 % 23)));
            drop(child.kill());
            child.wait().unwrap();
            if Path::new(mirror).join("checkpoint").exists() {
                ends(0, &["mirror", &server.url, mirror, "--quiet"]);
                ends(0, &["verify", mirror]);
            }
        }
        ends(0, &["mirror", &server.url, mirror, "--quiet"]);
        ends(0, &["verify", mirror]);
        // Each server has another address here: it is the same ledger under another name.
        ends(0, &["monitor", &server.url, "--state", state, "--quiet"]);
        server.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_backup_is_refilled_from_a_mirror_and_takes_writes_again() {
    let (house, folder) = (House::new().await, tempfile::tempdir().unwrap());
    let data = house.data();
    let file = house.folder.path().join("minhbach.sqlite");
    let yesterday = std::fs::read(&file).unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    let [old, new] = [&old, &new].map(|path| path.to_str().unwrap());
    ends(0, &["export", SLUG, old, "--data", data]);
    house.grows(6).await;
    ends(0, &["export", SLUG, new, "--data", data]);
    let restore = || {
        for file in ["minhbach.sqlite-wal", "minhbach.sqlite-shm"] {
            drop(std::fs::remove_file(house.folder.path().join(file)));
        }
        std::fs::write(&file, &yesterday).unwrap();
    };
    restore();
    let closed = run(&["doctor", "--data", data]);
    assert!(text(&closed).contains("minhbach refill"), "{}", text(&closed));
    let said = ends(1, &["refill", SLUG, old, "--data", data]);
    assert!(said.contains("nothing was taken"), "{said}");
    // Killed at any moment it is as if it had not run, or as if it had ended.
    for pause in [5, 30, 60, 90, 120, 200] {
        restore();
        let mut child = program()
            .args(["refill", SLUG, new, "--data", data])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        drop(child.kill());
        child.wait().unwrap();
        let said = ends(0, &["refill", SLUG, new, "--data", data]);
        let done = said.contains("6 entries came back") || said.contains("nothing is missing");
        assert!(done, "{said}");
    }
    restore();
    let said = ends(0, &["refill", SLUG, new, "--data", data]);
    assert!(said.contains("6 entries came back") && said.contains("takes writes again"), "{said}");
    assert!(said.contains("12 private values in 6 entries"), "{said}");
    assert!(ends(0, &["refill", SLUG, new, "--data", data]).contains("nothing is missing"));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(data, mode).unwrap();
    // Nobody backs this up; all else is well.
    let said = ends(1, &["doctor", "--data", data]);
    let wrong: Vec<&str> = said.lines().filter(|line| line.starts_with("WRONG")).collect();
    assert!(matches!(wrong[..], [own] if own.starts_with("WRONG backups")), "{said}");
    house.grows(1).await;
    let server = house.serve();
    let said = ends(0, &["verify", &server.url, "--against", &format!("{new}/checkpoint")]);
    assert!(said.contains("all 14 entries hold"), "{said}");
    server.stop();
}
