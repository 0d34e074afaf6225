//! Clients that trickle, rest or hang up, beside people who work; and SIGTERM in the middle of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::crowd::{Crowd, Site, found, holds_no_secret};

/// How a bad client behaves.
#[derive(Clone, Copy)]
enum Client {
    /// Connects, and says nothing.
    Rests,
    /// One byte of a head now and then.
    TricklesHead,
    /// A head that promises a body, and one byte of that now and then.
    TricklesBody,
    /// Asks, and is gone before the answer.
    HangsUp,
    /// Asks for the longest file, and does not read it.
    DoesNotRead,
}

impl Client {
    fn behave(self, address: &str, over: &AtomicBool) {
        while !over.load(Ordering::SeqCst) {
            let Ok(mut stream) = TcpStream::connect(address) else {
                std::thread::sleep(Duration::from_millis(50));
                continue;
            };
            stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            let head = match self {
                Self::Rests => String::new(),
                Self::TricklesHead => "GET /xuan-tay HTTP/1.1\r\nX-A: ".to_owned(),
                Self::TricklesBody => format!(
                    "POST /dang-nhap HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\
                     \r\n"
                ),
                Self::HangsUp | Self::DoesNotRead => {
                    format!("GET /xuan-tay/entries.jsonl HTTP/1.1\r\nHost: {address}\r\n\r\n")
                }
            };
            let mut gone = stream.write_all(head.as_bytes()).is_err();
            if matches!(self, Self::HangsUp) {
                std::thread::sleep(Duration::from_millis(2));
                drop(stream);
                // Some, not a flood: how many a second a peer may ask is the proxy's.
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
            while !gone && !over.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(100));
                match self {
                    Self::TricklesHead | Self::TricklesBody => {
                        gone = stream.write_all(b"a").is_err();
                    }
                    Self::DoesNotRead => {}
                    _ => gone = matches!(stream.read(&mut [0]), Ok(0)),
                }
            }
        }
    }
}

/// The slowest of what an honest reader asked for, and how often it asked.
fn reads(site: &Site, over: &AtomicBool) -> (u64, Duration) {
    let (mut count, mut slowest) = (0, Duration::ZERO);
    while !over.load(Ordering::SeqCst) {
        let begun = Instant::now();
        let (status, _) = site.page("/xuan-tay");
        assert_eq!(status, 200);
        slowest = slowest.max(begun.elapsed());
        count += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
    (count, slowest)
}

/// Bad clients for as long as `then` takes.
fn beside<T>(site: &Site, clients: &[(Client, usize)], then: impl FnOnce() -> T) -> T {
    let (over, address) = (&AtomicBool::new(false), &site.address());
    std::thread::scope(|threads| {
        for (client, count) in clients {
            for _ in 0..*count {
                threads.spawn(move || client.behave(address, over));
            }
        }
        std::thread::sleep(Duration::from_millis(500));
        let done = then();
        over.store(true, Ordering::SeqCst);
        done
    })
}

const BAD: [(Client, usize); 5] = [
    (Client::Rests, 200),
    (Client::TricklesHead, 60),
    (Client::TricklesBody, 40),
    (Client::HangsUp, 4),
    (Client::DoesNotRead, 20),
];

#[test]
#[ignore = "a drill: ./drill load"]
fn bad_clients_hold_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::in_folder(folder.path()).on("ROCKET_LEAST_FREE", "1 MiB");
    let (mut server, _) = site.serve();
    let mut crowd = found(&site);
    let said = |crowd: &Crowd| crowd.said.load(Ordering::SeqCst);
    let alone = Duration::from_secs(5);
    crowd.works(0, || std::thread::sleep(alone));
    let quiet = said(&crowd);
    let (asked, slowest) = beside(&site, &BAD, || {
        let over = AtomicBool::new(false);
        std::thread::scope(|threads| {
            let reading = threads.spawn(|| reads(&site, &over));
            crowd.works(0, || std::thread::sleep(alone));
            over.store(true, Ordering::SeqCst);
            reading.join().unwrap()
        })
    });
    let busy = said(&crowd) - quiet;
    assert!(slowest < Duration::from_secs(5), "a page took {slowest:?}");
    assert!(busy * 10 > quiet, "{busy} recorded beside bad clients, {quiet} without them");
    let entries = crowd.settles(&site);
    site.verify();
    assert_eq!(server.stop(), Some(0));
    holds_no_secret(&site.logged());
    println!(
        "figures: bad clients: {quiet} answers in 5 s without them, {busy} beside 324 of them; \
         {asked} pages, the slowest {} ms; {entries} entries",
        slowest.as_millis()
    );
}

#[test]
#[ignore = "a drill: ./drill load"]
fn told_to_stop_at_work_it_ends_whole() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::in_folder(folder.path()).on("ROCKET_LEAST_FREE", "1 MiB");
    let (mut server, _) = site.serve();
    let mut crowd = found(&site);
    let mut slowest = Duration::ZERO;
    for clients in [&[][..], &BAD[..], &BAD[..]] {
        let (status, took) = beside(&site, clients, || {
            crowd.works(60, || {
                std::thread::sleep(Duration::from_millis(700));
                let begun = Instant::now();
                (server.stop(), begun.elapsed())
            })
        });
        assert_eq!(status, Some(0));
        assert!(took < Duration::from_secs(10), "it took {took:?}");
        slowest = slowest.max(took);
        (server, _) = site.serve();
        crowd.settles(&site);
        site.verify();
    }
    let entries = crowd.settles(&site);
    assert_eq!(server.stop(), Some(0));
    holds_no_secret(&site.logged());
    println!(
        "figures: SIGTERM at work, three times: status 0, at most {} ms, {entries} entries",
        slowest.as_millis()
    );
}
