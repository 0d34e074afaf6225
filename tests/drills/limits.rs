//! Little of everything: 300 open files, 256 MiB, fifty who sign in at once. Slower, and alive.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::crowd::{CHAIR, Crowd, Site, TREASURER, found, holds_no_secret, stranger};
use crate::machine::{Browser, Server};

/// Bytes that the program may have in memory.
const MEMORY: u64 = 256 << 20;

/// A group of processes with a limit of memory, where one can be made (as root, cgroup v2 or v1).
struct Group(PathBuf);

impl Group {
    fn new() -> Option<Self> {
        let name = format!("minhbach-drill-{}", std::process::id());
        for (root, limit) in
            [("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")]
        {
            let own = PathBuf::from(root).join(&name);
            if std::fs::create_dir(&own).is_err() {
                continue;
            }
            if std::fs::write(own.join(limit), MEMORY.to_string()).is_ok() {
                return Some(Self(own));
            }
            let _ = std::fs::remove_dir(own);
        }
        None
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A group is gone a moment after its last process.
        for _ in 0..50 {
            if std::fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A server with so many open files at most, in a group if there is one.
fn serve(site: &Site, group: Option<&Group>) -> Server {
    let script = "[ -z \"$1\" ] || echo $$ > \"$1/cgroup.procs\" || exit 77
        ulimit -n 300 || exit 77; shift; exec \"$@\"";
    let mut command = Command::new("sh");
    site.settle(&mut command);
    command.args(["-c", script, "sh"]);
    command.arg(group.map_or_else(PathBuf::new, |group| group.0.clone()));
    command.arg(env!("CARGO_BIN_EXE_minhbach")).arg("--data").arg(&site.data).arg("serve");
    site.serve_as(command).0
}

/// The most memory that a process ever had, but for what is only its own file, mapped: an
/// unoptimised program is a large one, and the system can drop that whenever it likes.
fn peak(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
    };
    of("VmHWM:").saturating_sub(of("RssFile:"))
}

fn open_files(server: &Server) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", server.child.id())).unwrap().count()
}

/// Fifty at once, some with a wrong passphrase; how many got in, and the slowest answer.
fn fifty_sign_in(site: &Site) -> (u64, Duration) {
    let base = format!("http://{}", site.address());
    let (welcome, over) = (std::sync::atomic::AtomicU64::new(0), AtomicBool::new(false));
    let slowest = std::thread::scope(|threads| {
        let watching = threads.spawn(|| {
            let mut slowest = Duration::ZERO;
            while !over.load(Ordering::SeqCst) {
                let begun = Instant::now();
                assert_eq!(site.page("/healthz").0, 200);
                assert_eq!(site.page("/xuan-tay").0, 200);
                slowest = slowest.max(begun.elapsed());
                std::thread::sleep(Duration::from_millis(20));
            }
            slowest
        });
        let all: Vec<_> = (0..50)
            .map(|n| {
                let (base, welcome) = (base.clone(), &welcome);
                threads.spawn(move || {
                    let mut browser = stranger(&base, Duration::from_secs(120));
                    let token = browser.token("/dang-nhap", "/dang-nhap");
                    let who = [TREASURER, CHAIR, TREASURER, ("khong.ai", "mot hai ba bon")][n % 4];
                    let fields = [("token", &*token), ("name", who.0), ("passphrase", who.1)];
                    let begun = Instant::now();
                    let (status, html) = browser.post("/dang-nhap", &fields).expect("an answer");
                    assert!(matches!(status, 303 | 422 | 429), "{status}: {html}");
                    welcome.fetch_add(u64::from(status == 303), Ordering::SeqCst);
                    begun.elapsed()
                })
            })
            .collect();
        let slowest = all.into_iter().map(|one| one.join().unwrap()).max().unwrap();
        over.store(true, Ordering::SeqCst);
        let page = watching.join().unwrap();
        assert!(page < Duration::from_secs(10), "a page took {page:?} beside them");
        slowest
    });
    (welcome.into_inner(), slowest)
}

/// Holds more connections than there are files, for a while; what happened to others meanwhile.
fn too_many_connections(site: &Site, server: &Server, crowd: &mut Crowd) -> String {
    let held: Vec<TcpStream> =
        (0..400).filter_map(|_| TcpStream::connect(site.address()).ok()).collect();
    std::thread::sleep(Duration::from_secs(1));
    let (most, begun) = (open_files(server), Instant::now());
    assert!(most <= 300, "{most} open files");
    // Who comes now waits in the line of the listener.
    let mut late = stranger(&format!("http://{}", site.address()), Duration::from_secs(60));
    let waiting = std::thread::spawn(move || (late.get("/healthz").0, begun.elapsed()));
    std::thread::sleep(Duration::from_secs(2));
    let count = held.len();
    drop(held);
    let (status, waited) = waiting.join().unwrap();
    assert_eq!(status, 200);
    crowd.works(0, || std::thread::sleep(Duration::from_millis(500)));
    format!(
        "{count} connections, {most} open files, who came then waited {} ms",
        waited.as_millis()
    )
}

/// What costs memory: long statements, tables, papers, many readers.
fn reads_at_once(browser: &Browser) {
    let paths = [
        "/xuan-tay/cong-khai.xlsx",
        "/xuan-tay/cong-khai.csv",
        "/xuan-tay/entries.jsonl",
        "/xuan-tay",
        "/ban/so-quy/ngan-hang",
        "/ban/viec",
        "/tong-hop",
        "/xuan-tay/360giving.json",
    ];
    std::thread::scope(|threads| {
        for n in 0..8 {
            // Slower is allowed: tables of thousands of rows are made for all of them at once.
            let patient = stranger(&browser.base, Duration::from_secs(240));
            let mut browser = Browser { cookies: browser.cookies.clone(), ..patient };
            threads.spawn(move || {
                for round in 0..paths.len() {
                    let path = paths[(n + round) % paths.len()];
                    let (status, _) = browser.get(path);
                    assert!(status < 500, "{path}: {status}");
                }
            });
        }
    });
}

#[test]
#[ignore = "a drill: ./drill limits"]
fn few_files_little_memory_and_fifty_at_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::in_folder(folder.path()).on("ROCKET_LEAST_FREE", "1 MiB");
    let group = Group::new();
    let mut server = serve(&site, group.as_ref());
    let mut crowd = found(&site);
    let (welcome, slowest) = fifty_sign_in(&site);
    assert!(welcome > 0, "nobody got in");
    println!(
        "figures: fifty at the door: {welcome} got in, the slowest answer after {} ms, {} MiB",
        slowest.as_millis(),
        peak(&server) >> 20
    );
    let told = too_many_connections(&site, &server, &mut crowd);
    println!("figures: 300 files: {told}");
    let mut person = crowd.treasurer.anew();
    let (status, path) = person.bring("S7", 4_000, 7).unwrap();
    assert_eq!(status, 303, "{path}");
    let (status, to) = person.book_to_the_end(&path).unwrap();
    assert!(status == 303 && to.ends_with("/xong"), "{status}: {to}");
    crowd.files_are(&[(7, 4_000)]);
    let begun = Instant::now();
    reads_at_once(&person.browser);
    let read = begun.elapsed();
    let entries = crowd.settles(&site);
    site.verify();
    let most = peak(&server);
    assert!(most < MEMORY, "{} MiB", most >> 20);
    let held =
        if group.is_some() { "held to 256 MiB" } else { "measured (no group could be made)" };
    println!(
        "figures: memory: {} MiB at most with {entries} entries, eight readers in {} s, {held}",
        most >> 20,
        read.as_secs()
    );
    assert!(server.child.try_wait().unwrap().is_none(), "it lives");
    assert_eq!(server.stop(), Some(0));
    holds_no_secret(&site.logged());
}
