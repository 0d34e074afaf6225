//! Several servers on one PostgreSQL while fifty officers record, and database and servers are
//! killed: one chain, every acknowledged gift once, nobody mends anything by hand.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::house::cluster::Cluster;
use crate::house::fleet::{
    Answer, FOUNDING, Instance, Officer, Visitor, done, found_all, program, says_what_to_do,
};

const SLUGS: [&str; 3] = ["xuan-tay", "xuan-dong", "xuan-bac"];
/// How long everybody may take to be back after the database is.
const HEALED: Duration = Duration::from_secs(30);
/// How long two servers may show different heads.
const SAME: Duration = Duration::from_secs(2);

/// How large a run is.
#[derive(Clone, Copy)]
pub struct Scale {
    pub servers: usize,
    /// Officers at the desk of the first chapter, and of each of the two others.
    pub writers: usize,
    pub beside: usize,
    /// How long nothing happens.
    pub calm: Duration,
    /// How long the database stays away.
    pub away: Duration,
    pub rounds: usize,
    /// Whether all of it is done: waits for pages, kills both at once, verifies all ledgers.
    pub whole: bool,
}

impl Scale {
    /// For the usual run of the tests.
    pub const SMALL: Self = Self {
        servers: 2,
        writers: 6,
        beside: 1,
        calm: Duration::from_millis(1_000),
        away: Duration::from_millis(700),
        rounds: 1,
        whole: false,
    };

    const fn whole(servers: usize) -> Self {
        Self {
            servers,
            writers: 40,
            beside: 5,
            calm: Duration::from_secs(15),
            away: Duration::from_secs(5),
            rounds: 2,
            whole: true,
        }
    }
}

#[test]
#[ignore = "a drill: ./drill instances"]
fn two_servers_and_fifty_officers_survive_what_is_killed() {
    run(Scale::whole(2));
}

#[test]
#[ignore = "a drill: ./drill instances"]
fn three_servers_and_fifty_officers_survive_what_is_killed() {
    run(Scale::whole(3));
}

/// What officers sent, and what became of it.
#[derive(Default)]
struct Load {
    over: AtomicBool,
    sent: Mutex<Vec<(String, String)>>,
    /// By id: chapter, place, server, when.
    recorded: Mutex<BTreeMap<String, (String, u64, usize, Instant)>>,
    not_now: AtomicUsize,
    nothing: AtomicUsize,
    odd: Mutex<Vec<(u16, String)>>,
    longest: Mutex<Duration>,
}

impl Load {
    /// Records until it is over. What was not acknowledged is sent again to the next server; when
    /// it is over, every second officer gives up instead.
    fn work(&self, mut officer: Officer, servers: &[String], own: usize) {
        let mut at = own;
        while !self.over.load(Ordering::SeqCst) {
            let id = uuid::Uuid::now_v7().to_string();
            self.sent.lock().unwrap().push((id.clone(), officer.slug().to_owned()));
            loop {
                at = (at + 1) % servers.len();
                let begun = Instant::now();
                let answer = officer.give(&servers[at], &id);
                let mut longest = self.longest.lock().unwrap();
                *longest = begun.elapsed().max(*longest);
                drop(longest);
                match answer {
                    Answer::Recorded(seq) => {
                        let place = (officer.slug().to_owned(), seq, at, Instant::now());
                        self.recorded.lock().unwrap().insert(id, place);
                        break;
                    }
                    Answer::NotNow => self.not_now.fetch_add(1, Ordering::SeqCst),
                    Answer::Nothing => self.nothing.fetch_add(1, Ordering::SeqCst),
                    Answer::Odd(status, html) => {
                        self.odd.lock().unwrap().push((status, html));
                        0
                    }
                };
                if self.over.load(Ordering::SeqCst) && own % 2 == 1 {
                    break;
                }
                std::thread::sleep(Duration::from_millis(150));
            }
        }
    }

    fn many(&self) -> usize {
        self.recorded.lock().unwrap().len()
    }

    /// How long it takes from now until each of these servers has recorded something new.
    fn heals(&self, servers: &[usize]) -> Duration {
        let begun = Instant::now();
        while begun.elapsed() < HEALED {
            let recorded = self.recorded.lock().unwrap();
            let back = |server: &usize| {
                recorded.values().any(|(_, _, at, when)| at == server && *when > begun)
            };
            if servers.iter().all(back) {
                return begun.elapsed();
            }
            drop(recorded);
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("not healed after {HEALED:?}: {} recorded", self.many());
    }
}

/// The whole run.
pub fn run(scale: Scale) {
    let Some(cluster) = Cluster::start(&[]) else { return };
    let keys = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = runtime.block_on(async {
        let url = cluster.database("so").await;
        found_all(keys.path(), &url, &SLUGS).await;
        url
    });
    let keys = keys.path().join("keys");
    let mut servers: Vec<Instance> =
        (0..scale.servers).map(|_| Instance::started(&keys, &url, &[])).collect();
    let addresses: Vec<String> = servers.iter().map(|own| own.address.clone()).collect();
    let load = Load::default();
    std::thread::scope(|threads| {
        // Whatever happens here, the officers end, too.
        let _over = Over(&load.over);
        for (own, officer) in officers(scale, &addresses).into_iter().enumerate() {
            let (load, addresses) = (&load, &addresses);
            threads.spawn(move || load.work(officer, addresses, own));
        }
        shake(scale, &cluster, &mut servers, &load);
    });
    let odd = load.odd.lock().unwrap().clone();
    assert!(odd.is_empty(), "{} odd answers, the first: {:?}", odd.len(), odd[0]);
    println!(
        "instances: {} acknowledged, {} refused with 503, {} connections broken, longest answer \
         {:.1?}",
        load.many(),
        load.not_now.load(Ordering::SeqCst),
        load.nothing.load(Ordering::SeqCst),
        load.longest.lock().unwrap(),
    );
    alike(&addresses);
    servers.iter_mut().for_each(Instance::stop);
    let (servers, slugs) = match scale.whole {
        true => (&servers[..], &SLUGS[..]),
        false => (&servers[..1], &SLUGS[..1]),
    };
    servers.iter().for_each(|server| done_whole(server, &url));
    slugs.iter().for_each(|slug| whole(&load, slug, &servers[0], &url));
    println!("instances: {} sent in all", load.sent.lock().unwrap().len());
}

/// Ends the officers.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Each signs in on one server, and records on all. One behind the other at a desk: who opens one
/// account forty times at once is slowed down.
fn officers(scale: Scale, addresses: &[String]) -> Vec<Officer> {
    let desks = SLUGS.iter().zip([scale.writers, scale.beside, scale.beside]);
    std::thread::scope(|threads| {
        let all = desks.map(|(slug, desks)| {
            let sign_in = |own: usize| Officer::sign_in(&addresses[own % addresses.len()], slug);
            threads.spawn(move || (0..desks).map(sign_in).collect::<Vec<_>>())
        });
        let all: Vec<_> = all.collect();
        all.into_iter().flat_map(|own| own.join().unwrap()).collect()
    })
}

/// Kills database and servers while everybody records.
fn shake(scale: Scale, cluster: &Cluster, servers: &mut [Instance], load: &Load) {
    let everybody: Vec<usize> = (0..servers.len()).collect();
    let first = load.heals(&everybody);
    println!("instances: {} servers, first entry on each after {first:.1?}", servers.len());
    let (begun, before) = (Instant::now(), load.many());
    std::thread::sleep(scale.calm);
    let rate = (load.many() - before) as u128 * 1_000 / begun.elapsed().as_millis();
    println!("instances: {rate} entries/s with nothing broken");
    for round in 0..scale.rounds {
        cluster.kill();
        while_away(scale, servers);
        cluster.up();
        println!("instances: database killed and back, healed in {:.1?}", load.heals(&everybody));
        ready(servers);
        if scale.whole {
            cluster.restart_at_once();
            println!("instances: database restarted at once, {:.1?}", load.heals(&everybody));
        }
        let victim = (round + 1) % servers.len();
        servers[victim].kill();
        load.heals(&everybody.iter().copied().filter(|own| *own != victim).collect::<Vec<_>>());
        servers[victim].start();
        println!("instances: server killed and back, {:.1?}", load.heals(&everybody));
        if !scale.whole {
            continue;
        }
        cluster.kill();
        servers[victim].kill();
        std::thread::sleep(scale.away);
        cluster.up();
        servers[victim].start();
        println!("instances: both killed and back, {:.1?}", load.heals(&everybody));
    }
}

/// While the database is away: programs are told so, readers and officers in words.
fn while_away(scale: Scale, servers: &[Instance]) {
    let begun = Instant::now();
    for server in servers {
        let mut stranger = Visitor::new();
        let mut told = || stranger.get(&server.address, "/readyz").unwrap();
        let mut ready = told();
        while !ready.1.contains("database: away") && begun.elapsed() < HEALED {
            ready = told();
        }
        assert_eq!(ready.0, 503, "{}", ready.1);
        assert!(ready.1.starts_with("not ready\n"), "{}", ready.1);
        assert_eq!(stranger.get(&server.address, "/healthz").unwrap().0, 200);
    }
    if scale.whole {
        let (status, html) = Visitor::new().get(&servers[0].address, "/xuan-tay/so/0").unwrap();
        assert!(status == 503 && says_what_to_do(&html), "{status}: {html}");
    }
    std::thread::sleep(scale.away.saturating_sub(begun.elapsed()));
}

/// Programs are told that all is well again.
fn ready(servers: &[Instance]) {
    let begun = Instant::now();
    for server in servers {
        loop {
            let (status, said) = Visitor::new().get(&server.address, "/readyz").unwrap();
            if status == 200 {
                break;
            }
            assert!(begun.elapsed() < HEALED, "{said}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// All servers show the same heads and figures, soon after the last entry.
fn alike(addresses: &[String]) {
    let begun = Instant::now();
    for slug in SLUGS {
        for path in [format!("/{slug}/checkpoint"), format!("/api/v1/chapters/{slug}")] {
            loop {
                let said = addresses.iter().map(|own| Visitor::new().get(own, &path).unwrap());
                let said: Vec<(u16, String)> = said.collect();
                if said.iter().all(|own| own.0 == 200 && *own == said[0]) {
                    break;
                }
                assert!(begun.elapsed() < SAME, "{path}: {said:#?}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
    println!("instances: all show the same heads and figures after {:.1?}", begun.elapsed());
}

/// The doctor replays each ledger, compares what is derived from it, and the server's own anchor.
fn done_whole(server: &Instance, url: &str) {
    let mut command = program(&server.data(), url);
    command.args(["doctor", "--json"]);
    let said = command.output().unwrap();
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    for check in said["checks"].as_array().unwrap() {
        let name = check["name"].as_str().unwrap();
        assert!(check["ok"] == true || !name.starts_with('/'), "{check:#}");
    }
}

/// A published ledger verifies; what was acknowledged is there once and where it was said to be,
/// and what was not is there once or not at all.
fn whole(load: &Load, slug: &str, server: &Instance, url: &str) {
    let recorded = load.recorded.lock().unwrap();
    let sent = load.sent.lock().unwrap();
    let copy = server.data().join(format!("copy-{slug}"));
    let mut export = program(&server.data(), url);
    export.arg("export").arg(slug).arg(&copy);
    done(export);
    let mut verify = program(&server.data(), url);
    verify.arg("verify").arg(&copy);
    done(verify);
    let lines = std::fs::read_to_string(copy.join("entries.jsonl")).unwrap();
    let mut places = BTreeMap::new();
    for (place, line) in (0_u64..).zip(lines.lines()) {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["seq"], place, "a gap");
        let id = entry["voucher"]["id"].as_str().unwrap().to_owned();
        assert!(places.insert(id.clone(), place).is_none(), "{id} is there twice");
    }
    let mut there = 0;
    for (id, _) in sent.iter().filter(|(_, of)| of == slug) {
        there += u64::from(places.contains_key(id));
        if let Some((_, seq, ..)) = recorded.get(id) {
            assert_eq!(places.get(id), Some(seq), "{id} was acknowledged");
        }
    }
    assert_eq!(places.len() as u64, FOUNDING + there, "{slug}: entries nobody sent");
}
