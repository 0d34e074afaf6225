//! A server that only reads, on a standby of the database; and the standby becomes the database.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::house::cluster::Cluster;
use crate::house::fleet::{Answer, FOUNDING, Instance, Officer, Visitor, done, found_all, program};

const SLUG: &str = "xuan-tay";
const STANDBY: &str = "doc";
/// Where the reading server sends officers.
const DESK: &str = "https://ban.so.example";
/// How far a page may be behind: a look every second, and what a slow machine adds.
const BEHIND: Duration = Duration::from_secs(5);
/// How long it may take until gifts are recorded again.
const TAKEN_OVER: Duration = Duration::from_secs(60);

/// How large a run is.
#[derive(Clone, Copy)]
pub struct Scale {
    /// Gifts whose way to the standby is measured.
    pub measured: usize,
    /// Officers at their desks while the primary is killed, and how long before.
    pub writers: usize,
    pub load: Duration,
}

impl Scale {
    /// For the usual run of the tests.
    pub const SMALL: Self = Self { measured: 2, writers: 3, load: Duration::from_millis(800) };
    const WHOLE: Self = Self { measured: 20, writers: 20, load: Duration::from_secs(10) };
}

#[test]
#[ignore = "a drill: ./drill replica"]
fn a_standby_that_is_waited_for_takes_over_with_everything_acknowledged() {
    waited_for(Scale::WHOLE);
}

#[test]
#[ignore = "a drill: ./drill replica"]
fn a_standby_that_was_behind_is_found_out_by_the_anchor_and_refilled() {
    behind();
}

/// Primary, standby, a server that writes and one that reads.
struct Pair {
    primary: Cluster,
    standby: Cluster,
    writes: Instance,
    reads: Instance,
    _keys: TempDir,
}

impl Pair {
    fn start() -> Option<Self> {
        let primary = Cluster::start(&["wal_level=replica", "max_wal_senders=4"])?;
        let keys = TempDir::new().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let url = runtime.block_on(async {
            let url = primary.database("so").await;
            found_all(keys.path(), &url, &[SLUG]).await;
            url
        });
        let standby = primary.standby(STANDBY);
        let own = keys.path().join("keys");
        let writes = Instance::started(&own, &url, &[]);
        let settings = [("ROCKET_READ_ONLY", "true"), ("ROCKET_DESK_URL", DESK)];
        let reads = Instance::started(&own, &standby.url("so"), &settings);
        Some(Self { primary, standby, writes, reads, _keys: keys })
    }

    /// The server that writes goes on with the standby, with the same keys and the same anchor.
    fn take_over(&mut self) {
        self.standby.promote();
        self.writes.url = self.standby.url("so");
        self.writes.start();
    }
}

fn get(server: &Instance, path: &str) -> (u16, String) {
    Visitor::new().get(&server.address, path).unwrap()
}

/// How long it takes until both show the same.
fn alike(pair: &Pair, path: &str) -> Duration {
    let begun = Instant::now();
    loop {
        let (own, mut other) = (get(&pair.writes, path), get(&pair.reads, path));
        // But for where to sign in.
        let sign_in = |at: &str| format!("href=\"{at}/dang-nhap\"");
        other.1 = other.1.replace(&sign_in(DESK), &sign_in(""));
        if own.0 < 400 && own == other {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < BEHIND, "{path}: {own:?} and {other:?}\n{}", pair.reads.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn recorded(answer: &Answer) -> u64 {
    match answer {
        Answer::Recorded(seq) => *seq,
        other => panic!("{other:?}"),
    }
}

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// With a standby that every commit waits for: the reading server shows what the writing one does,
/// and takes over with everything.
pub fn waited_for(scale: Scale) {
    let Some(mut pair) = Pair::start() else { return };
    pair.primary.configure(&[&format!("synchronous_standby_names='{STANDBY}'")]);
    pair.primary.reload();
    let mut officer = Officer::sign_in(&pair.writes.address, SLUG);
    let checkpoint = format!("/{SLUG}/checkpoint");
    let mut longest = Duration::ZERO;
    let mut last = 0;
    for _ in 0..scale.measured {
        last = recorded(&officer.give(&pair.writes.address, &id()));
        longest = longest.max(alike(&pair, &checkpoint));
    }
    println!("replica: a gift is on the reading server after {longest:.1?} at most");
    same_pages(&pair, &mut officer, last);
    refuses_desk(&pair);
    let lost = under_load(scale, &mut pair, &officer);
    println!("replica: {lost}");
    assert!(alike(&pair, &checkpoint) < BEHIND);
    let (status, said) = get(&pair.reads, "/readyz");
    assert!(status == 200 && said.contains("follows: a server that takes writes"), "{said}");
    assert!(!pair.reads.data().join("anchor").exists(), "nothing is anchored by who only reads");
}

/// Pages, files and proofs are the same, byte for byte.
fn same_pages(pair: &Pair, officer: &mut Officer, last: u64) {
    let (_, entry) = officer.see(&pair.writes.address, &format!("/ban/but-toan/{last}")).unwrap();
    let (_, code) = entry.split_once("/bn/").expect("an entry leads to its receipt");
    let receipt = format!("/bn/{}", &code[..16]);
    let size = last + 1;
    let ledger = |path: &str| format!("/{SLUG}/{path}");
    for path in [
        "/".to_owned(),
        format!("/{SLUG}"),
        ledger("cong-khai"),
        ledger("quy"),
        ledger("ung-ho"),
        ledger("hien-vat"),
        ledger("lich-cong-khai"),
        ledger(&format!("so/{last}")),
        ledger("checkpoint"),
        ledger(&format!("checkpoints/{size}")),
        ledger(&format!("tile/entries/000.p/{size}")),
        ledger(&format!("tile/0/000.p/{size}")),
        ledger("entries.jsonl"),
        ledger("policy"),
        ledger("feed.atom"),
        receipt,
        "/tong-hop".to_owned(),
        "/tro-giup".to_owned(),
        "/api/v1/chapters".to_owned(),
        format!("/api/v1/chapters/{SLUG}"),
        format!("/api/v1/chapters/{SLUG}/entries"),
    ] {
        alike(pair, &path);
    }
    // With a token in it, or the time of a replay.
    for path in [ledger("kiem-chung"), ledger("tra-cuu"), ledger("phan-anh"), "/kiem-tra".into()] {
        assert_eq!(get(&pair.reads, &path).0, 200, "{path}");
    }
    let mut verify = program(&pair.reads.data(), &pair.reads.url);
    verify.arg("verify").arg(format!("http://{}/{SLUG}", pair.reads.address));
    done(verify);
    let begun = Instant::now();
    loop {
        let (status, said) = get(&pair.reads, "/readyz");
        if status == 200
            && said.starts_with("read only\ndatabase: ok\nfollows: a primary, 0 s behind\n")
            && said.contains(&format!("so.example/{SLUG}: shown"))
        {
            return;
        }
        assert!(begun.elapsed() < BEHIND, "{said}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whoever wants to sign in or sends a form is told where.
fn refuses_desk(pair: &Pair) {
    let server = &pair.reads.address;
    for path in ["/dang-nhap", "/ban/viec", "/ban/phieu-thu", "/thiet-lap", "/dang-nhap/ma"] {
        let (status, html) = Visitor::new().get(server, path).unwrap();
        assert!(status == 503 && html.contains(DESK), "{path}: {status} {html}");
    }
    let complaint = format!("/{SLUG}/phan-anh");
    let about = format!("{complaint}?ve=entry&so=1");
    for path in [&complaint, &about, &format!("/{SLUG}/tra-cuu/ma-giao-dich")] {
        let (_, html) = get(&pair.reads, path);
        let here = path.replace('&', "&amp;");
        assert!(html.contains(&format!("href=\"{DESK}{here}\"")), "{html}");
        assert!(html.contains(&format!("href=\"{DESK}/dang-nhap\"")), "{html}");
        assert!(!html.contains("method=\"post\""), "a form that nobody takes: {html}");
    }
    for path in ["/dang-nhap", "/ban/phieu-thu", &complaint, "/nhan-chung/add-checkpoint", "/x"] {
        let (status, html) = Visitor::new().post(server, path, &[("a", "b")]).unwrap();
        assert!(status == 503 && html.contains(DESK), "{path}: {status} {html}");
        assert!(html.contains("Chưa có gì được ghi"), "{html}");
    }
}

/// Kills the primary and the server on it while officers record; what was acknowledged is there.
fn under_load(scale: Scale, pair: &mut Pair, officer: &Officer) -> String {
    let over = AtomicBool::new(false);
    let acknowledged = Mutex::new(BTreeMap::new());
    let server = pair.writes.address.clone();
    let took = std::thread::scope(|threads| {
        for _ in 0..scale.writers {
            let (mut officer, over, acknowledged, server) =
                (officer.clone(), &over, &acknowledged, &server);
            threads.spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    let id = id();
                    loop {
                        match officer.give(server, &id) {
                            Answer::Recorded(seq) => {
                                acknowledged.lock().unwrap().insert(id, seq);
                                break;
                            }
                            Answer::NotNow | Answer::Nothing => {}
                            Answer::Odd(status, html) => panic!("{status}: {html}"),
                        }
                        std::thread::sleep(Duration::from_millis(100));
                        if over.load(Ordering::SeqCst) {
                            return;
                        }
                    }
                }
            });
        }
        let _over = Over(&over);
        std::thread::sleep(scale.load);
        let begun = Instant::now();
        pair.primary.kill();
        pair.writes.kill();
        let before = acknowledged.lock().unwrap().len();
        pair.take_over();
        while acknowledged.lock().unwrap().len() <= before + scale.writers {
            assert!(begun.elapsed() < TAKEN_OVER, "{}", pair.writes.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        begun.elapsed()
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    let places = places(&pair.writes);
    for (id, seq) in &acknowledged {
        assert_eq!(places.get(id), Some(seq), "{id} was acknowledged");
    }
    let (status, said) = get(&pair.writes, "/readyz");
    assert_eq!(status, 200, "{said}");
    format!("{} acknowledged, none lost; recording again {took:.1?} after it", acknowledged.len())
}

/// Ends the officers.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The vouchers of a ledger as it is published, each once.
fn places(server: &Instance) -> BTreeMap<String, u64> {
    let (status, lines) = get(server, &format!("/{SLUG}/entries.jsonl"));
    assert_eq!(status, 200, "{lines}");
    let mut places = BTreeMap::new();
    for (place, line) in (0_u64..).zip(lines.lines()) {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["seq"], place, "a gap");
        let id = entry["voucher"]["id"].as_str().unwrap().to_owned();
        assert!(places.insert(id.clone(), place).is_none(), "{id} is there twice");
    }
    places
}

/// With a standby that nobody waits for, and that missed the last gifts: the anchor knows, writing
/// stays closed, and a mirror brings them back.
pub fn behind() {
    let Some(mut pair) = Pair::start() else { return };
    let mut officer = Officer::sign_in(&pair.writes.address, SLUG);
    recorded(&officer.give(&pair.writes.address, &id()));
    alike(&pair, &format!("/{SLUG}/checkpoint"));
    pair.standby.down();
    let lost: Vec<String> = (0..5).map(|_| id()).collect();
    for id in &lost {
        recorded(&officer.give(&pair.writes.address, id));
    }
    let (status, said) = get(&pair.reads, "/readyz");
    assert!(status == 503 && said.starts_with("read only, not ready\n"), "{said}");
    let copy = TempDir::new().unwrap();
    let copy = copy.path().join("mirror");
    let mut mirror = program(&pair.writes.data(), &pair.writes.url);
    mirror.arg("mirror").arg(format!("http://{}/{SLUG}", pair.writes.address)).arg(&copy);
    done(mirror);
    // The anchor is a second behind at most.
    std::thread::sleep(Duration::from_millis(1_500));
    pair.primary.kill();
    pair.writes.kill();
    pair.standby.up();
    pair.take_over();
    let (status, said) = get(&pair.writes, "/readyz");
    assert!(status == 503 && said.contains("closed for writing"), "{said}");
    let answer = officer.give(&pair.writes.address, &id());
    assert!(matches!(&answer, Answer::Odd(503, html) if html.contains("Sổ đang tạm đóng")));
    assert!(pair.writes.log().contains("a checkpoint over"), "{}", pair.writes.log());
    pair.writes.stop();
    let mut refill = program(&pair.writes.data(), &pair.writes.url);
    refill.arg("refill").arg(SLUG).arg(&copy);
    println!("replica: {}", done(refill).lines().last().unwrap_or_default());
    pair.writes.start();
    let places = places(&pair.writes);
    assert!(lost.iter().all(|id| places.contains_key(id)), "{places:?}");
    let next = recorded(&officer.give(&pair.writes.address, &id()));
    assert_eq!(next, FOUNDING + 1 + lost.len() as u64);
    alike(&pair, &format!("/{SLUG}/checkpoint"));
}
