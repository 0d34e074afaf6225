//! A server at work that is killed: at random moments, and where a write has come so far.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::crowd::{Crowd, Dice, Site, found, holds_no_secret, number};
use crate::house::{Ground, postgres};
use crate::machine::Server;
use crate::store::machine::POINTS;

/// The lines of a statement that is booked beside everything else.
const LINES: u64 = 60;
/// Rounds with one ledger: each start replays all of it.
const ROUNDS: u64 = 8;
/// How long a start may take.
const START: Duration = Duration::from_secs(5);
/// How far the write of a whole file comes.
const OF_FILES: [&str; 2] = ["a file begun", "a batch written"];

/// What was measured.
#[derive(Default)]
struct Figures {
    kills: u64,
    entries: u64,
    said: u64,
    slowest: Duration,
}

impl Figures {
    fn tell(&self, ground: &Ground) {
        let ground = if matches!(ground, Ground::Sqlite) { "SQLite" } else { "PostgreSQL" };
        println!(
            "figures: {ground}: {} kills, {} entries, {} answers kept, slowest start {} ms",
            self.kills,
            self.entries,
            self.said,
            self.slowest.as_millis()
        );
    }

    /// Starts the server that died, and looks at all that it said.
    fn look(&mut self, site: &Site, crowd: &mut Crowd) -> (Server, u64) {
        let (server, took) = site.serve();
        assert!(took < START, "the start took {took:?}");
        self.slowest = self.slowest.max(took);
        // The start replayed the ledger and compared every derived table with it.
        let (status, lines) = site.ready();
        assert!(status == 200 && lines.contains(": open, checked 20"), "{lines}");
        let entries = crowd.settles(site);
        site.verify();
        self.kills += 1;
        (server, entries)
    }

    fn add(&mut self, entries: u64, crowd: &Crowd) {
        self.entries += entries;
        self.said += crowd.said.load(std::sync::atomic::Ordering::SeqCst);
    }
}

fn site_on(folder: &tempfile::TempDir, ground: &Ground) -> Site {
    let site = Site::in_folder(folder.path()).on("ROCKET_LEAST_FREE", "1 MiB");
    match ground {
        Ground::Sqlite => site,
        Ground::Postgres(url) => site.on("ROCKET_DATABASE_URL", url),
    }
}

/// A place for itself on the same kind of ground.
async fn anew(ground: &Ground) -> Ground {
    match ground {
        Ground::Sqlite => Ground::Sqlite,
        Ground::Postgres(_) => postgres().await.unwrap(),
    }
}

async fn at_random(ground: Ground, kills: u64) -> Figures {
    let (mut figures, mut dice) = (Figures::default(), Dice::new("kill"));
    while figures.kills < kills {
        let (folder, ground) = (tempfile::tempdir().unwrap(), anew(&ground).await);
        let site = site_on(&folder, &ground);
        let (mut server, _) = site.serve();
        let mut crowd = found(&site);
        let mut entries = 0;
        for _ in 0..ROUNDS.min(kills - figures.kills) {
            let moment = Duration::from_micros(20_000 + dice.below(900_000));
            crowd.works(LINES, || {
                std::thread::sleep(moment);
                server.child.kill().unwrap();
                server.child.wait().unwrap();
            });
            (server, entries) = figures.look(&site, &mut crowd);
        }
        assert_eq!(server.stop(), Some(0));
        figures.add(entries, &crowd);
        holds_no_secret(&site.logged());
    }
    figures
}

async fn at_points(ground: Ground, points: &[(&str, u64)]) -> Figures {
    let mut figures = Figures::default();
    for points in points.chunks(4) {
        let (folder, ground) = (tempfile::tempdir().unwrap(), anew(&ground).await);
        let site = site_on(&folder, &ground);
        let (mut server, _) = site.serve();
        let mut crowd = found(&site);
        let mut entries = 0;
        for (point, times) in points {
            assert_eq!(server.stop(), Some(0));
            let mut command = Command::new(std::env::current_exe().unwrap());
            site.settle(&mut command);
            command.args(["--ignored", "--exact", "--nocapture"]);
            command.arg("drills::inside::child_that_serves_until_a_point");
            command.env("MINHBACH_CHILD_FOLDER", &site.data);
            command.env("MINHBACH_CHILD_POINT", format!("{point}:{times}"));
            (server, _) = site.serve_as(command);
            let ended = crowd.works(LINES, || {
                let begun = Instant::now();
                loop {
                    if let Some(ended) = server.child.try_wait().unwrap() {
                        break ended;
                    }
                    assert!(begun.elapsed() < Duration::from_secs(60), "{point} is never reached");
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
            assert_eq!(ended.signal(), Some(9), "{point}: {ended}");
            (server, entries) = figures.look(&site, &mut crowd);
        }
        assert_eq!(server.stop(), Some(0));
        figures.add(entries, &crowd);
        holds_no_secret(&site.logged());
    }
    figures
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_work_keeps_what_it_said_and_nothing_else() {
    at_random(Ground::Sqlite, number("MINHBACH_KILL_ROUNDS", 3)).await.tell(&Ground::Sqlite);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a drill: ./drill kill"]
async fn at_two_hundred_moments() {
    let kills = number("MINHBACH_KILL_ROUNDS", 200);
    at_random(Ground::Sqlite, kills).await.tell(&Ground::Sqlite);
    if let Some(ground) = postgres().await {
        at_random(ground.clone(), kills).await.tell(&ground);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a drill: ./drill kill"]
async fn at_each_point_of_a_write() {
    // A file has one beginning, and one batch.
    let twice = POINTS.iter().chain(&OF_FILES).flat_map(|point| {
        let second = if point.starts_with("a ") { 2 } else { 7 };
        // A start replaces the anchor by itself.
        let first = if *point == "anchored" { 2 } else { 1 };
        [(*point, first), (*point, second)]
    });
    let all: Vec<_> = twice.collect();
    at_points(Ground::Sqlite, &all).await.tell(&Ground::Sqlite);
    if let Some(ground) = postgres().await {
        at_points(ground.clone(), &all).await.tell(&ground);
    }
}
