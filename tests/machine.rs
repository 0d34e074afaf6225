//! The program itself under a load that is cut off, on data that is not its own, and before
//! requests that no browser sends.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use minhbach::store::{Standing, Store, StoreConfig};

use crate::house::gift_form;

const TREASURER: (&str, &str) = ("lan.thuquy", "con trâu đi trước cái cày");

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.arg("--data").arg(data).env("ROCKET_PORT", "0").env_remove("MINHBACH_PASSPHRASE");
    command.stdin(Stdio::null());
    command
}

/// A running server; killed when the test ends before it does.
pub struct Server {
    pub child: Child,
    pub address: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        Self::with(data, &[])
    }

    /// One with settings of its own.
    pub fn with(data: &Path, settings: &[(&str, String)]) -> Self {
        let mut command = program(data);
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.next().expect("the server starts").unwrap();
        let url = said.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { child, address }
    }

    /// SIGTERM, and the status with which it ends.
    pub fn stop(&mut self) -> Option<i32> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().code()
    }

    /// What is answered to bytes as they are.
    fn raw(&self, request: &[u8], is_whole: bool) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // A server may answer and close before it has read all of it.
        let _ = stream.write_all(request);
        if !is_whole {
            // For the rest of such a request a server would wait.
            let _ = stream.shutdown(std::net::Shutdown::Write);
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn lives(&self) {
        let request =
            format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        assert!(self.raw(request.as_bytes(), true).starts_with("HTTP/1.1 200"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser of few words.
#[derive(Clone)]
pub struct Browser {
    pub agent: ureq::Agent,
    pub base: String,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(server: &Server) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(30)));
        let base = format!("http://{}", server.address);
        Self { agent: config.build().into(), base, cookies: BTreeMap::new() }
    }

    fn held(&self) -> String {
        let all = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        all.collect::<Vec<_>>().join("; ")
    }

    /// The status, and where it leads or what it says.
    fn read(&mut self, mut answer: ureq::http::Response<ureq::Body>) -> (u16, String) {
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let body = answer.body_mut().read_to_string().unwrap_or_default();
        (answer.status().as_u16(), to.unwrap_or(body))
    }

    pub fn get(&mut self, path: &str) -> (u16, String) {
        let request = self.agent.get(format!("{}{path}", self.base));
        let answer = request.header("Cookie", self.held()).call().unwrap();
        self.read(answer)
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Option<(u16, String)> {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        self.send(path, "application/x-www-form-urlencoded", body.join("&").as_bytes())
    }

    /// A body of any type; `None` where no answer came.
    pub fn send(&mut self, path: &str, kind: &str, body: &[u8]) -> Option<(u16, String)> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request
            .header("Cookie", self.held())
            .header("Origin", self.base.clone())
            .header("Content-Type", kind);
        let answer = request.send(body).ok()?;
        Some(self.read(answer))
    }

    pub fn token(&mut self, page: &str, action: &str) -> String {
        let (status, html) = self.get(page);
        assert_eq!(status, 200, "{page}: {html}");
        let (_, rest) = html.split_once(&format!("action=\"{action}\"")).unwrap();
        let (_, rest) = rest.split_once("name=\"token\" value=\"").unwrap();
        rest[..64].to_owned()
    }

    pub fn found(&mut self) {
        let token = self.token("/thiet-lap", "/thiet-lap");
        let first = chrono::NaiveDate::parse_from_str(&today(), "%d/%m/%Y").unwrap();
        let books_from = first.format("01/%m/%Y").to_string();
        let (status, html) = self
            .post(
                "/thiet-lap",
                &[
                    ("token", &token),
                    ("name", "Hội Chữ thập đỏ phường Xuân Tây"),
                    ("slug", "xuan-tay"),
                    ("books_from", &books_from),
                    ("treasurer_title", "Thủ quỹ"),
                    ("treasurer_name", TREASURER.0),
                    ("treasurer_pass", TREASURER.1),
                    ("treasurer_again", TREASURER.1),
                    ("chair_title", "Chủ tịch Hội"),
                    ("chair_name", "minh.chutich"),
                    ("chair_pass", "ao sâu nước cả khôn chài cá"),
                    ("chair_again", "ao sâu nước cả khôn chài cá"),
                    ("third", "guardian"),
                    ("third_title", "Hội cấp trên"),
                ],
            )
            .unwrap();
        assert_eq!(status, 200, "{html}");
    }

    pub fn sign_in(&mut self) {
        let token = self.token("/dang-nhap", "/dang-nhap");
        let fields = [("token", &*token), ("name", TREASURER.0), ("passphrase", TREASURER.1)];
        let (status, to) = self.post("/dang-nhap", &fields).unwrap();
        assert_eq!((status, to.as_str()), (303, "/ban/viec"));
    }

    /// Sends a gift of 1 000 đồng; the seq, or `None` where no answer came or it was a 503.
    fn give(&mut self, token: &str, id: &str) -> Option<u64> {
        let day = today();
        let (status, to) = self.post("/ban/phieu-thu", &gift_form(token, id, &day))?;
        match status {
            303 => Some(to.split('?').next()?.rsplit('/').next()?.parse().unwrap()),
            503 => None,
            status => panic!("{status}: {to}"),
        }
    }
}

pub fn escaped(text: &str) -> String {
    rocket::http::RawStr::new(text).percent_encode().to_string()
}

/// Today in Việt Nam.
pub fn today() -> String {
    (chrono::Utc::now() + chrono::TimeDelta::hours(7)).format("%d/%m/%Y").to_string()
}

/// What was sent and acknowledged under load until the server ended.
#[derive(Default)]
struct Load {
    sent: Mutex<Vec<String>>,
    acknowledged: Mutex<Vec<(String, u64)>>,
    over: AtomicBool,
}

impl Load {
    fn run(&self, mut browser: Browser, token: &str) {
        while !self.over.load(Ordering::SeqCst) {
            let id = uuid::Uuid::now_v7().to_string();
            self.sent.lock().unwrap().push(id.clone());
            // Whoever got no answer sends no more before the server is there again.
            let Some(seq) = browser.give(token, &id) else { break };
            self.acknowledged.lock().unwrap().push((id, seq));
        }
    }

    fn is_warm(&self) -> bool {
        self.acknowledged.lock().unwrap().len() >= 40
    }
}

async fn entries_of(data: &Path) -> BTreeMap<String, u64> {
    let store = Store::open(StoreConfig::sqlite(data)).await.unwrap();
    let (chapter, origin) = store.chapters().remove(0);
    assert_eq!(store.standing(chapter).unwrap(), Standing::Open);
    let size = store.head(chapter).unwrap().unwrap().size;
    let anchors: Vec<_> = std::fs::read_dir(data.join("anchor")).unwrap().flatten().collect();
    let anchor = std::fs::read_to_string(anchors[0].path()).unwrap();
    assert_eq!(anchor.lines().nth(1).unwrap(), size.to_string(), "the anchor of {origin}");
    let mut all = BTreeMap::new();
    for seq in 0..size {
        let entry = store.entry(chapter, seq).await.unwrap().unwrap().entry;
        assert!(all.insert(entry.voucher().id.to_string(), seq).is_none(), "{seq} is there twice");
    }
    assert!(store.check(chapter).await.unwrap().is_clean());
    store.stop().await.unwrap();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_told_to_stop_under_load_ends_whole_and_what_it_said_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start(&data);
    let mut browser = Browser::new(&server);
    browser.found();
    browser.sign_in();
    let token = browser.token("/ban/phieu-thu", "/ban/phieu-thu");
    let load = Load::default();
    let status = std::thread::scope(|threads| {
        for _ in 0..6 {
            threads.spawn(|| load.run(browser.clone(), &token));
        }
        let begun = Instant::now();
        while !load.is_warm() && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let status = server.stop();
        load.over.store(true, Ordering::SeqCst);
        status
    });
    assert_eq!(status, Some(0));
    let kept = entries_of(&data).await;
    let acknowledged = load.acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() >= 40);
    for (id, seq) in &acknowledged {
        assert_eq!(kept.get(id), Some(seq), "{id} was acknowledged");
    }
    // Everybody sends again what they are not sure of.
    let sent = load.sent.into_inner().unwrap();
    let founding = kept.len() - sent.iter().filter(|id| kept.contains_key(*id)).count();
    let mut server = Server::start(&data);
    let mut browser = Browser::new(&server);
    browser.sign_in();
    let token = browser.token("/ban/phieu-thu", "/ban/phieu-thu");
    for id in &sent {
        let seq = browser.give(&token, id).unwrap();
        assert!(kept.get(id).is_none_or(|kept| *kept == seq), "{id} moved");
    }
    assert_eq!(server.stop(), Some(0));
    let all = entries_of(&data).await;
    assert_eq!(all.len(), founding + sent.iter().collect::<BTreeSet<_>>().len());
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn a_data_folder_that_is_none_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("so-quy.xlsx");
    std::fs::write(&file, "not a folder").unwrap();
    let foreign = folder.path().join("foreign");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("minhbach.sqlite"), "somebody's text, no database").unwrap();
    let missing = Path::new("/proc/khong-co/du-lieu").to_owned();
    for (data, word) in [(&file, "so-quy.xlsx"), (&missing, "khong-co"), (&foreign, "database")] {
        let refused = program(data).arg("serve").output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
        assert!(text(&refused).contains(word), "{word}: {}", text(&refused));
        assert!(!text(&refused).contains("panicked"), "{}", text(&refused));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder");
    let kept = std::fs::read_to_string(foreign.join("minhbach.sqlite")).unwrap();
    assert_eq!(kept, "somebody's text, no database");
}

#[test]
fn a_folder_that_can_only_be_read_is_refused_with_its_name() {
    let place = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs none \"$1\" && mkdir \"$1/data\" && \
        mount -o remount,ro \"$1\" || exit 77; exec \"$2\" --data \"$1/data\" serve";
    let said = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(place.path())
        .arg(env!("CARGO_BIN_EXE_minhbach"))
        .env("ROCKET_PORT", "0")
        .output();
    let allowed = said
        .as_ref()
        .is_ok_and(|said| said.status.code() != Some(77) && !text(said).contains("unshare: "));
    if !allowed {
        eprintln!("left out: no mount namespace may be made here ({said:?})");
        return;
    }
    let said = said.unwrap();
    assert_eq!(said.status.code(), Some(1), "{}", text(&said));
    assert!(text(&said).contains("/data") && !text(&said).contains("panicked"), "{}", text(&said));
}

#[test]
fn requests_that_no_browser_sends_are_answered_or_dropped_and_the_server_lives() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"));
    let host = &server.address;
    let form = "Content-Type: application/x-www-form-urlencoded";
    let mebibyte = "x".repeat(1 << 20);
    let many = "a=1&".repeat(5_000);
    let post = |body: &str| {
        format!(
            "POST /dang-nhap HTTP/1.1\r\nHost: {host}\r\n{form}\r\nOrigin: http://{host}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let get = |target: &str, headers: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n")
    };
    for (what, request, answers) in [
        ("1 MiB form", post(&mebibyte), &["413"][..]),
        ("5 000 fields", post(&many), &["400", "413"]),
        ("nested names", post("a[b][c][d]=1&a[]=2"), &["400", "403"]),
        ("64 KiB address", get(&format!("/{}", "a".repeat(65_536)), ""), &["404", "414", "431"]),
        (
            "64 KiB query",
            get(&format!("/tro-giup?q={}", "a".repeat(65_536)), ""),
            &["200", "414", "431"],
        ),
        (
            "8 KiB cookie",
            get("/dang-nhap", &format!("Cookie: minhbach={}\r\n", "A".repeat(8_192))),
            &["303", "431"],
        ),
        ("two cookies", get("/ban/viec", "Cookie: minhbach=a; minhbach=b\r\n"), &["303"]),
        ("300 headers", get("/healthz", &"X-A: b\r\n".repeat(300)), &["200", "400", "431"]),
        ("foreign host", get("/tro-giup", "X-Forwarded-Host: evil.example\r\n"), &["200"]),
        ("odd version", "GET / HTTP/9.9\r\n\r\n".to_owned(), &["400", "505", ""]),
        ("no line", "\r\n\r\n\0\0\0".to_owned(), &["400", ""]),
        ("endless line", "G".repeat(200_000), &["400", "431", ""]),
        (
            "bad length",
            format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n"),
            &["400", ""],
        ),
        (
            "two lengths",
            post("hello").replace("Connection", "Content-Length: 1\r\nConnection"),
            &["400", ""],
        ),
    ] {
        let answer = server.raw(request.as_bytes(), !answers.contains(&""));
        let code = answer.strip_prefix("HTTP/1.1 ").map_or("", |rest| &rest[..3]);
        assert!(
            answers.contains(&code),
            "{what}: {}",
            answer.chars().take(400).collect::<String>()
        );
        assert!(!answer.contains("evil.example"), "{what}");
        server.lives();
    }
}
