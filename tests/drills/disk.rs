//! A data folder whose disk is full, cannot be written to, or is not there any more, under a server
//! at work.
//!
//! The disk is a small file system in memory, in a mount namespace of its own (`unshare`).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::crowd::{Crowd, Person, Site, found, holds_no_secret};
use crate::backup::Vault;
use crate::machine::Server;

/// What everybody reads.
const PUBLIC: [&str; 7] = [
    "/xuan-tay",
    "/xuan-tay/cong-khai",
    "/xuan-tay/quy",
    "/xuan-tay/kiem-chung",
    "/xuan-tay/checkpoint",
    "/xuan-tay/entries.jsonl",
    "/api/v1/chapters/xuan-tay",
];
/// What officers read.
const DESK: [&str; 4] = ["/ban/viec", "/ban/so-quy/cash", "/ban/duyet", "/ban/phieu-thu"];

/// The small disk of this process.
pub struct Disk(PathBuf);

impl Disk {
    /// The one that the parent mounted.
    pub fn of_parent() -> Self {
        Self(std::env::var_os("MINHBACH_SMALL_DISK").expect("started by a drill").into())
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Fills it but for so many bytes.
    fn fill(&self, but: u64) {
        let mut file =
            std::fs::OpenOptions::new().create(true).append(true).open(self.ballast()).unwrap();
        while file.write_all(&[7; 65_536]).is_ok() {}
        while file.write_all(&[7; 512]).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(but)).unwrap();
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn site(&self, name: &str) -> Site {
        let folder = self.0.join(name);
        std::fs::create_dir(&folder).unwrap();
        // Its log lies elsewhere: nobody reads it off a full disk.
        let log = std::env::temp_dir().join(format!("drill-{}-{name}.log", std::process::id()));
        Site { log, ..Site::in_folder(&folder) }.on("ROCKET_LEAST_FREE", "1 MiB")
    }
}

/// Starts a test of `inside` on a small disk; without the right to mount one, says who has it.
fn on_a_small_disk(child: &str) {
    let place = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=40m none \"$1\" || exit 77
        export MINHBACH_SMALL_DISK=\"$1\"
        exec \"$2\" --ignored --exact \"drills::inside::$3\" --nocapture";
    let ended = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(place.path())
        .arg(std::env::current_exe().unwrap())
        .arg(child)
        .status()
        .expect("unshare, of util-linux");
    assert_ne!(ended.code(), Some(77), "nothing may be mounted here: sudo ./drill disk");
    assert!(ended.success(), "{child}");
}

/// Whether everything can be read, and how long the slowest page took.
fn reads(site: &Site, person: &mut Person) -> Duration {
    let mut slowest = Duration::ZERO;
    let mut look = |path: &str, (status, html): (u16, String), begun: Instant| {
        assert_eq!(status, 200, "{path}: {html}");
        slowest = slowest.max(begun.elapsed());
    };
    for path in PUBLIC {
        let begun = Instant::now();
        look(path, site.page(path), begun);
    }
    for path in DESK {
        let begun = Instant::now();
        look(path, person.asked(path).unwrap(), begun);
    }
    slowest
}

fn said(crowd: &Crowd) -> u64 {
    crowd.said.load(Ordering::SeqCst)
}

fn turned_away(crowd: &Crowd) -> u64 {
    crowd.turned_away.load(Ordering::SeqCst)
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}

fn ends_well(site: &Site, mut server: Server) {
    site.verify();
    assert_eq!(server.stop(), Some(0));
    holds_no_secret(&site.logged());
    let _ = std::fs::remove_file(&site.log);
}

/// Full in the middle of records, twice; then there is room again.
pub fn full_under_writers(disk: &Disk) {
    let site = disk.site("records");
    let (server, _) = site.serve();
    let mut crowd = found(&site);
    let mut reader = crowd.treasurer.anew();
    for round in 1..=2 {
        let (slowest, back) = crowd.works(0, || {
            let before = said(&crowd);
            until("writers begin", || said(&crowd) > before + 10);
            until("the disk is full", || {
                disk.fill(0);
                turned_away(&crowd) >= round * 25
            });
            let told = crowd.told_full.load(Ordering::SeqCst);
            assert!(told > 0, "nobody was told that the disk is full");
            let (status, lines) = site.ready();
            assert!(status == 503 && lines.contains("disk: full"), "{lines}");
            let slowest = reads(&site, &mut reader);
            let before = said(&crowd);
            disk.make_room();
            (slowest, until("writing goes on", || said(&crowd) > before + 20))
        });
        let entries = crowd.settles(&site);
        println!(
            "figures: full under writers, round {round}: {} forms sent back, slowest page {} ms, \
             twenty recorded {} ms after there was room, {entries} entries",
            turned_away(&crowd),
            slowest.as_millis(),
            back.as_millis(),
        );
    }
    ends_well(&site, server);
}

/// Full in the middle of a statement: none of it is booked, and all of it afterwards.
pub fn full_under_an_import(disk: &Disk) {
    let site = disk.site("import");
    let (server, _) = site.serve();
    let mut crowd = found(&site);
    let mut person = crowd.treasurer.anew();
    let before = site.entries().len();
    let (status, path) = person.bring("S7", 3_000, 7).unwrap();
    assert_eq!(status, 303, "{path}");
    let mut tries = 0;
    // Less room each time: it ends at the first batch, or at the last.
    for room in [1_500, 700, 200, 0] {
        disk.fill(room << 10);
        let (status, html) = person.book_to_the_end(&path).unwrap();
        let html = html.replace('\u{a0}', " ");
        assert!(status == 503 && html.contains("Ổ đĩa"), "{room} KiB: {status}: {html}");
        assert_eq!(site.entries().len(), before, "{room} KiB");
        reads(&site, &mut person);
        disk.make_room();
        tries += 1;
    }
    let begun = Instant::now();
    let (status, to) = person.book_to_the_end(&path).unwrap();
    assert!(status == 303 && to.ends_with("/xong"), "{status}: {to}");
    assert_eq!(site.entries().len(), before + 3_000);
    println!(
        "figures: full under a statement: {tries} times nothing of 3 000 lines, then all of them \
         in {} ms",
        begun.elapsed().as_millis()
    );
    crowd.files_are(&[(7, 3_000)]);
    crowd.settles(&site);
    ends_well(&site, server);
}

/// Full in the middle of a backup: no backup, and the server does not mind.
pub fn full_under_a_backup(disk: &Disk) {
    let (site, vault) = (disk.site("backup"), Vault::new());
    let (server, _) = site.serve();
    let mut crowd = found(&site);
    let mut left = Vec::new();
    for room in [0, 100, 400] {
        disk.fill(room << 10);
        let mut backup = site.program();
        backup.arg("backup").arg(vault.backups()).args(["--recipient", &vault.recipient]);
        let said = crate::backup::bad(&mut backup);
        assert!(said.contains("no room") || said.contains("disk is full"), "{said}");
        assert_eq!(vault.files().len(), 0, "{said}");
        let names = crate::backup::names(&site.data);
        assert!(!names.iter().any(|name| name.ends_with(".work")), "{names:?}");
        disk.make_room();
        left.push(room);
    }
    crowd.works(0, || std::thread::sleep(Duration::from_millis(500)));
    let mut backup = site.program();
    backup.arg("backup").arg(vault.backups()).args(["--recipient", &vault.recipient]);
    crate::backup::good(&mut backup);
    let entries = crowd.settles(&site);
    println!(
        "figures: full under a backup: {} refused, then one made; {entries} entries",
        left.len()
    );
    ends_well(&site, server);
}

fn remount(disk: &Path, how: &str) {
    let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(disk).status();
    assert!(done.unwrap().success(), "mount -o remount,{how}");
}

/// A folder that can only be read starts nothing, and is as it was.
pub fn read_only(disk: &Disk) {
    let site = disk.site("read-only");
    let (mut server, _) = site.serve();
    let mut crowd = found(&site);
    let entries = crowd.settles(&site);
    assert_eq!(server.stop(), Some(0));
    let before = crate::backup::names(&site.data);
    remount(&disk.0, "ro");
    for command in ["serve", "doctor"] {
        let output = site.program().arg(command).output().unwrap();
        let said = crate::backup::said(&output);
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(!said.contains("panicked"), "{command}: {said}");
        assert!(command == "doctor" || said.contains(&*site.data.to_string_lossy()), "{said}");
    }
    remount(&disk.0, "rw");
    assert_eq!(crate::backup::names(&site.data), before);
    let (server, took) = site.serve();
    assert_eq!(crowd.settles(&site), entries);
    println!("figures: read-only: refused twice, started in {} ms afterwards", took.as_millis());
    ends_well(&site, server);
}

/// The folder is moved away under writers, and put back; in the end it is deleted.
pub fn taken_away(disk: &Disk) {
    let site = disk.site("away");
    let (mut server, _) = site.serve();
    let mut crowd = found(&site);
    let aside = site.data.with_file_name("aside");
    let (away, back) = crowd.works(0, || {
        let before = said(&crowd);
        until("writers begin", || said(&crowd) > before + 10);
        std::fs::rename(&site.data, &aside).unwrap();
        until("writers are sent back", || turned_away(&crowd) >= 10);
        // Who was told yes a moment before is in the moved folder; nobody is any more.
        let (before, away) = (said(&crowd), turned_away(&crowd));
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(said(&crowd), before, "recorded into a folder that is not there");
        assert!(turned_away(&crowd) > away);
        until("it is told", || site.ready().1.contains("database: away"));
        assert!(!site.data.exists(), "a folder was made in its place");
        let away = turned_away(&crowd);
        std::fs::rename(&aside, &site.data).unwrap();
        (away, until("writing goes on", || said(&crowd) > before + 20))
    });
    let entries = crowd.settles(&site);
    // What `/readyz` says may be a second old.
    until("it is told", || site.ready().0 == 200);
    site.verify();
    crowd.works(0, || {
        std::thread::sleep(Duration::from_millis(300));
        // Files come and go in it while it goes.
        until("it is gone", || std::fs::remove_dir_all(&site.data).is_ok() || !site.data.exists());
        let before = turned_away(&crowd);
        until("writers are sent back", || turned_away(&crowd) >= before + 10);
    });
    let begun = Instant::now();
    let ended = server.stop();
    assert!(ended.is_some(), "it was killed by a signal");
    println!(
        "figures: taken away: {away} forms sent back, twenty recorded {} ms after it was back, \
         {entries} entries; deleted: ended with {ended:?} in {} ms",
        back.as_millis(),
        begun.elapsed().as_millis()
    );
    holds_no_secret(&site.logged());
    let _ = std::fs::remove_file(&site.log);
}

/// There is no room for temporary files: a replay says so and changes nothing, the site starts.
pub fn full_of_temporary_files(disk: &Disk) {
    let folder = tempfile::tempdir().unwrap();
    let small = disk.0.to_string_lossy();
    let site = Site::in_folder(folder.path()).on("ROCKET_LEAST_FREE", "1 MiB");
    let made = site.program().args(["generate", "history", "--entries", "8000"]).output().unwrap();
    assert!(made.status.success(), "{}", crate::backup::said(&made));
    let site = site.on("SQLITE_TMPDIR", &small);
    disk.fill(0);
    let rebuild = || {
        let output = site.program().arg("rebuild").output().unwrap();
        (output.status.code(), crate::backup::said(&output))
    };
    let (status, said) = rebuild();
    assert!(status == Some(1) && said.contains("SQLITE_TMPDIR"), "{status:?}: {said}");
    let (mut server, took) = site.serve();
    assert_eq!(site.page("/xa-mau").0, 200);
    assert!(site.logged().contains("not replayed at the start"), "{}", site.logged());
    assert_eq!(server.stop(), Some(0));
    disk.make_room();
    let (status, said) = rebuild();
    assert!(status == Some(0) && said.contains("nothing differed"), "{status:?}: {said}");
    println!("figures: no temporary files: rebuild refused, started in {} ms", took.as_millis());
}

#[test]
#[ignore = "a drill: ./drill disk"]
fn a_full_folder_of_temporary_files() {
    on_a_small_disk("child_without_room_for_temporary_files");
}

#[test]
#[ignore = "a drill: ./drill disk"]
fn a_full_disk_under_writers() {
    on_a_small_disk("child_on_a_disk_that_fills_under_writers");
}

#[test]
#[ignore = "a drill: ./drill disk"]
fn a_full_disk_under_a_statement() {
    on_a_small_disk("child_on_a_disk_that_fills_under_an_import");
}

#[test]
#[ignore = "a drill: ./drill disk"]
fn a_full_disk_under_a_backup() {
    on_a_small_disk("child_on_a_disk_that_fills_under_a_backup");
}

#[test]
#[ignore = "a drill: ./drill disk"]
fn a_disk_that_can_only_be_read() {
    on_a_small_disk("child_on_a_disk_that_can_only_be_read");
}

#[test]
#[ignore = "a drill: ./drill disk"]
fn a_data_folder_that_is_taken_away() {
    on_a_small_disk("child_whose_folder_is_taken_away");
}
