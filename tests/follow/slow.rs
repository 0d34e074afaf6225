//! A site that answers a byte at a time, and one that answers whatever is asked: neither holds a
//! follower beyond its time, nor has itself asked without end.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use minhbach::follow::cache::Limits;
use minhbach::follow::copy::Asked;
use minhbach::follow::watch::{Status, Watched};
use minhbach::verify::source::Source;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n";

/// A server whose answers `say` writes; its address, and how often it was asked.
fn site(say: fn(&mut TcpStream)) -> (Source, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicU64::new(0));
    let count = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                drop(stream.read(&mut [0; 4096]));
                say(&mut stream);
            });
        }
    });
    (Source::new(&format!("http://{address}/log")), asked)
}

fn watched(source: Source, books: bool) -> Watched {
    let (keys, papers) = (Vec::new(), Vec::new());
    Watched { name: "xuan-tay".to_owned(), trees: vec![source], papers, keys, policy: None, books }
}

#[test]
fn a_site_that_trickles_holds_nobody_beyond_the_time_of_the_run() {
    let (source, _) = site(|stream| {
        let mut bytes = HEAD.iter().chain(std::iter::repeat(&b'x'));
        while bytes.next().is_some_and(|byte| stream.write_all(&[*byte]).is_ok()) {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    for books in [true, false] {
        let state = tempfile::tempdir().unwrap();
        let until = Instant::now() + Duration::from_secs(2);
        let limits = Limits { until: Some(until), ..Limits::default() };
        let asked = Asked { limits, ..Asked::default() };
        let finding = watched(source.clone(), books).look(state.path(), &asked);
        assert_eq!(finding.status, Status::Away, "{finding:?}");
        // Its whole answer would take eight minutes.
        assert!(until.elapsed() < Duration::from_secs(60), "{:?}", until.elapsed());
    }
}

#[test]
fn a_site_that_answers_whatever_is_asked_is_not_asked_for_a_hundred_ledgers() {
    let (source, asked) = site(|stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close";
        drop(write!(stream, "{head}\r\n\r\nhello"));
    });
    let state = tempfile::tempdir().unwrap();
    let finding = watched(source, true).look(state.path(), &Asked::default());
    assert_eq!(finding.size, None);
    assert_eq!(finding.status, Status::Away, "{finding:?}");
    assert!(asked.load(Ordering::Relaxed) < 10, "{asked:?}");
}
