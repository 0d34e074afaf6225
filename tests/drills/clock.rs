//! A clock that is set a day back or ten years on: under a running server, and before a start.
//!
//! libfaketime stands between the program and the system's clock; what it says is in a file, so it
//! changes while the server runs. Times that pass (timeouts, pauses) are the real ones.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};

use super::crowd::{Crowd, Person, Site, TREASURER, found, holds_no_secret, new_id};
use crate::machine::Server;

/// The library of the package `libfaketime`, for programs of several threads.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    let found = found.chain([PathBuf::from("/usr/lib/faketime/libfaketimeMT.so.1")]);
    let mut found = found.filter(|path| path.exists());
    found.next().expect("no libfaketime here: apt-get install libfaketime")
}

struct Clock(PathBuf);

impl Clock {
    /// How far the program's clock is from the right one.
    fn set(&self, away: &str) {
        // Replaced whole: the program may read it at any moment.
        let new = self.0.with_extension("new");
        std::fs::write(&new, format!("{away}\n")).unwrap();
        std::fs::rename(new, &self.0).unwrap();
    }
}

fn serve(site: &Site, clock: &Clock) -> Server {
    let mut command = site.program();
    command.arg("serve").env("LD_PRELOAD", library());
    command.env("FAKETIME_TIMESTAMP_FILE", &clock.0).env("FAKETIME_NO_CACHE", "1");
    command.env("DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    site.serve_as(command).0
}

fn place(folder: &Path) -> (Site, Clock) {
    let site = Site::in_folder(folder).on("ROCKET_LEAST_FREE", "1 MiB");
    let clock = Clock(folder.join("clock"));
    clock.set("+0");
    (site, clock)
}

/// The day on a clock that is so far away, in Việt Nam.
fn day(days: i64) -> String {
    (Utc::now() + TimeDelta::hours(7) + TimeDelta::days(days)).format("%d/%m/%Y").to_string()
}

/// Nothing can be recorded, the form comes back with what was typed, and everybody reads on.
fn writes_nothing(site: &Site, person: &mut Person, days: i64) {
    let (before, id) = (site.entries().len(), new_id());
    // A day that is in no future, whichever clock is right.
    let (status, html) = person.give_on(&day(days.min(0)), &id, "777000").unwrap();
    assert_eq!(status, 409, "{days}: {html}");
    let said = html.contains("href=\"/ban/dong-ho\"");
    assert!(said && html.contains("777000") && html.contains(&id), "{html}");
    assert_eq!(site.entries().len(), before);
    for path in ["/xuan-tay", "/xuan-tay/cong-khai", "/xuan-tay/kiem-chung", "/xuan-tay/quy"] {
        assert_eq!(site.page(path).0, 200, "{path}");
    }
    assert_eq!(person.asked("/ban/viec").unwrap().0, 200);
    site.verify();
}

fn records(crowd: &mut Crowd) {
    let said = crowd.treasurer.give(&new_id(), "1000").unwrap();
    assert_eq!(said.0, 303, "{}", said.1);
}

#[test]
#[ignore = "a drill: ./drill clock"]
fn under_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let (site, clock) = place(folder.path());
    let mut server = serve(&site, &clock);
    let mut crowd = found(&site);
    records(&mut crowd);

    clock.set("-1d");
    let begun = Instant::now();
    // The session is of tomorrow now: nobody can tell how old it is.
    let mut yesterday = Person::signed_in(&site, TREASURER);
    writes_nothing(&site, &mut yesterday, -1);
    let (status, lines) = site.ready();
    assert!(status == 503 && lines.contains("clock: behind the last entry"), "{lines}");
    let back = begun.elapsed();

    clock.set("+0");
    records(&mut crowd);

    clock.set("+3652d");
    let (status, html) = crowd.treasurer.give(&new_id(), "5000").unwrap();
    assert!(status == 401 && html.contains("5000"), "the session is over: {status}: {html}");
    let mut later = Person::signed_in(&site, TREASURER);
    writes_nothing(&site, &mut later, 3_652);
    let (_, lines) = site.ready();
    assert!(lines.contains("clock to be confirmed"), "{lines}");

    let begun = Instant::now();
    while !site.ready().1.contains("clock: set within the last hour") {
        assert!(begun.elapsed() < Duration::from_secs(40), "nobody is told: {}", site.ready().1);
        std::thread::sleep(Duration::from_millis(200));
    }
    let told = begun.elapsed();

    clock.set("+0");
    // A session of the future has ended, and so has one that was used in it.
    assert_eq!(later.asked("/ban/viec").unwrap().0, 303, "a session of ten years on");
    crowd.treasurer = Person::signed_in(&site, TREASURER);
    records(&mut crowd);
    let entries = crowd.settles_with(&site, 3);
    site.verify();
    assert_eq!(server.stop(), Some(0));
    assert!(site.logged().contains("the clock was set"), "{}", site.logged());
    holds_no_secret(&site.logged());
    println!(
        "figures: running: a day back and ten years on wrote nothing ({} ms to look), {entries} \
         entries, told within {} s",
        back.as_millis(),
        told.as_secs()
    );
}

#[test]
#[ignore = "a drill: ./drill clock"]
fn before_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let (site, clock) = place(folder.path());
    let mut server = serve(&site, &clock);
    let mut crowd = found(&site);
    // Wrong for hours at a time, and right again, in turn.
    for (away, days) in [("-1d", -1), ("+0", 0), ("+3652d", 3_652), ("+0", 0)] {
        assert_eq!(server.stop(), Some(0));
        clock.set(away);
        server = serve(&site, &clock);
        if days == 0 {
            crowd.treasurer = Person::signed_in(&site, TREASURER);
            records(&mut crowd);
        } else {
            writes_nothing(&site, &mut Person::signed_in(&site, TREASURER), days);
        }
    }
    let entries = crowd.settles_with(&site, 2);
    site.verify();
    assert_eq!(server.stop(), Some(0));
    println!(
        "figures: starts: a day back and ten years on started and wrote nothing; {entries} entries"
    );
}
