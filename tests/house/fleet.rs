//! Several servers on one database: real processes, each with a data folder of its own and the same
//! keys; and officers who sit at their desks, whichever server answers them.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use minhbach::ledger::entry::SignedVoucher;
use minhbach::ledger::keys::SignatureRole;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::desk::passphrase::Passphrase;
use minhbach::store::desk::sealing::Sealer;
use minhbach::store::facade::NewAccount;
use minhbach::store::{ChapterId, Store, StoreConfig};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{CHAIR, DEPUTY, TREASURER, gift_form, key, opening_members, sign, sign_voucher};

/// The address that all servers of a fleet stand behind.
pub const BASE: &str = "https://so.example";
/// With which the treasurers of all chapters sign in.
const SIGN_IN: (&str, &str) = ("lan.thuquy", "con trâu đi trước cái cày");

/// Now, in Việt Nam.
fn today() -> NaiveDate {
    (Utc::now() + TimeDelta::hours(7)).date_naive()
}

/// The identity of a chapter of a fleet.
pub fn origin(slug: &str) -> Origin {
    format!("so.example/{slug}").parse().unwrap()
}

/// A voucher of today, signed by the first of these as recorder.
fn of_today(slug: &str, kind: &str, members: Value, signers: &[(&str, SignatureRole)]) -> Signed {
    let origin = origin(slug);
    let mut voucher = sign(&origin, kind, members, signers).voucher;
    voucher.date = today().to_string().parse().unwrap();
    sign_voucher(&origin, voucher, signers)
}

type Signed = SignedVoucher;

/// Opens a chapter with a general fund and a treasurer who can sign in.
pub async fn found(store: &Store, slug: &str, now: DateTime<Utc>) -> ChapterId {
    let origin = origin(slug);
    let mut members = opening_members(store, &origin);
    members["books_from"] = json!(today().with_day(1).unwrap().to_string());
    let two = [(TREASURER, SignatureRole::Recorder), (CHAIR, SignatureRole::Approver)];
    let all = [two[0], two[1], (DEPUTY, SignatureRole::Holder)];
    let own = key(&origin, TREASURER);
    let public = own.public().clone();
    let passphrase = Passphrase::read(SIGN_IN.1).unwrap();
    let lock = Sealer::new(1).seal(&origin, &public, passphrase, Some(own)).await.unwrap();
    let sign_in_name = SIGN_IN.0.to_owned();
    let account =
        NewAccount { sign_in_name, person: TREASURER.parse().unwrap(), key: public, lock };
    let beside = Alongside::accounts(&[account], now).unwrap();
    let opening = of_today(slug, "chapter_opened", members, &all);
    let (chapter, _) = store.found(opening, beside, now).await.unwrap();
    let terms = json!({"text": "Quỹ chung", "costs": true});
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ chung", "terms": terms});
    let voucher = of_today(slug, "fund_opened", json!({"fund": fund}), &two);
    store.record(chapter, voucher, Alongside::nothing(), now).await.unwrap();
    chapter
}

/// Entries of a chapter that was just opened.
pub const FOUNDING: u64 = 2;

/// Opens chapters in an empty database, and stops again: what stays behind are the keys.
pub async fn found_all(folder: &Path, url: &str, slugs: &[&str]) {
    let store = Store::open(StoreConfig::postgres(folder, url)).await.unwrap();
    for slug in slugs {
        found(&store, slug, Utc::now()).await;
    }
    store.stop().await.unwrap();
}

/// The program on a data folder.
pub fn program(data: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.arg("--data").arg(data).stdin(Stdio::null()).env_remove("MINHBACH_PASSPHRASE");
    command.env("ROCKET_DATABASE_URL", url).env("ROCKET_BASE_URL", BASE);
    command
}

/// What a command of the program says; it has to succeed.
pub fn done(mut command: Command) -> String {
    let said = command.output().unwrap();
    assert!(said.status.success(), "{command:?}: {}", words(&said));
    words(&said)
}

fn words(said: &Output) -> String {
    String::from_utf8_lossy(&[said.stdout.as_slice(), &said.stderr].concat()).into_owned()
}

/// A server of the fleet. It ends with this value.
pub struct Instance {
    folder: TempDir,
    /// The address of its database.
    pub url: String,
    settings: Vec<(String, String)>,
    child: Option<Child>,
    /// `host:port`.
    pub address: String,
}

impl Instance {
    /// A server with the keys that lie in a folder; it does not run yet.
    pub fn new(keys: &Path, url: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("data/keys");
        std::fs::create_dir_all(&own).unwrap();
        for file in std::fs::read_dir(keys).unwrap().flatten() {
            std::fs::copy(file.path(), own.join(file.file_name())).unwrap();
        }
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let settings = settings.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let (settings, url) = (settings.collect(), url.to_owned());
        Self { folder, url, settings, child: None, address: free.to_string() }
    }

    /// The same, running.
    pub fn started(keys: &Path, url: &str, settings: &[(&str, &str)]) -> Self {
        let mut instance = Self::new(keys, url, settings);
        instance.start();
        instance
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn command(&self) -> Command {
        let mut command = program(&self.data(), &self.url);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.env("ROCKET_PORT", self.address.rsplit_once(':').unwrap().1);
        let mut log = std::fs::OpenOptions::new();
        let log = log.create(true).append(true).open(self.folder.path().join("log")).unwrap();
        command.arg("serve").stdout(log.try_clone().unwrap()).stderr(log);
        command
    }

    /// Starts it without waiting for anything.
    pub fn launch(&mut self) {
        self.child = Some(self.command().spawn().unwrap());
    }

    /// Starts it, and waits until it answers.
    pub fn start(&mut self) {
        self.launch();
        let begun = Instant::now();
        while !self.lives() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "it ended by itself: {}", self.log());
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the process answers.
    pub fn lives(&self) -> bool {
        Visitor::new().get(&self.address, "/healthz").is_some_and(|(status, _)| status == 200)
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// SIGTERM; it has to end whole.
    pub fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        let told = Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(told.success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{}", self.log());
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Somebody with a browser, which sends its cookies to whichever server stands behind the address.
#[derive(Clone)]
pub struct Visitor {
    agent: ureq::Agent,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(100)));
        Self { agent: config.build().into(), cookies: BTreeMap::new() }
    }

    fn held(&self) -> String {
        let all = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        all.collect::<Vec<_>>().join("; ")
    }

    /// The status, and where it leads or what it says; `None` when the connection broke.
    fn read(&mut self, mut answer: ureq::http::Response<ureq::Body>) -> Option<(u16, String)> {
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let mut body = Vec::new();
        std::io::Read::read_to_end(&mut answer.body_mut().as_reader(), &mut body).ok()?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Some((answer.status().as_u16(), to.unwrap_or(body)))
    }

    pub fn get(&mut self, server: &str, path: &str) -> Option<(u16, String)> {
        let request = self.agent.get(format!("http://{server}{path}"));
        let answer = request.header("Cookie", self.held()).call().ok()?;
        self.read(answer)
    }

    pub fn post(
        &mut self,
        server: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Option<(u16, String)> {
        let escaped = |text: &str| rocket::http::RawStr::new(text).percent_encode().to_string();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = self.agent.post(format!("http://{server}{path}"));
        let request = request
            .header("Cookie", self.held())
            .header("Origin", BASE)
            .header("Content-Type", "application/x-www-form-urlencoded");
        let answer = request.send(body.join("&")).ok()?;
        self.read(answer)
    }

    /// The token of a form.
    pub fn token(&mut self, server: &str, page: &str) -> String {
        let (status, html) = self.get(server, page).unwrap();
        assert_eq!(status, 200, "{page}: {html}");
        let (_, rest) = html.split_once(&format!("action=\"{page}\"")).unwrap();
        let (_, rest) = rest.split_once("name=\"token\" value=\"").unwrap();
        rest[..64].to_owned()
    }
}

/// A treasurer with a session.
#[derive(Clone)]
pub struct Officer {
    browser: Visitor,
    slug: String,
    token: String,
}

/// What became of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is in the ledger, there.
    Recorded(u64),
    /// 503, with what to do.
    NotNow,
    /// The connection broke: nobody knows.
    Nothing,
    /// Anything else: none of these may come.
    Odd(u16, String),
}

impl Officer {
    /// Signs in on a server.
    pub fn sign_in(server: &str, slug: &str) -> Self {
        let mut browser = Visitor::new();
        let token = browser.token(server, "/dang-nhap");
        let chapter = origin(slug).to_string();
        let fields = [
            ("chapter", chapter.as_str()),
            ("token", &token),
            ("name", SIGN_IN.0),
            ("passphrase", SIGN_IN.1),
        ];
        let (status, to) = browser.post(server, "/dang-nhap", &fields).unwrap();
        assert_eq!((status, to.as_str()), (303, "/ban/viec"));
        let token = browser.token(server, "/ban/phieu-thu");
        Self { browser, slug: slug.to_owned(), token }
    }

    /// The chapter.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// What the desk shows on a path.
    pub fn see(&mut self, server: &str, path: &str) -> Option<(u16, String)> {
        self.browser.get(server, path)
    }

    /// Records a gift of 1 000 đồng under an id.
    pub fn give(&mut self, server: &str, id: &str) -> Answer {
        let day = today().format("%d/%m/%Y").to_string();
        let fields = gift_form(&self.token, id, &day);
        let answer = self.browser.post(server, "/ban/phieu-thu", &fields);
        match answer {
            None => Answer::Nothing,
            Some((303, to)) => match seq_of(&to) {
                Some(seq) => Answer::Recorded(seq),
                None => Answer::Odd(303, to),
            },
            Some((503, html)) if says_what_to_do(&html) => Answer::NotNow,
            Some((status, html)) => Answer::Odd(status, html),
        }
    }
}

fn seq_of(to: &str) -> Option<u64> {
    to.split('?').next()?.rsplit('/').next()?.parse().ok()
}

/// Whether a page of a fault has words for who reads it, and no reference to look up alone.
pub fn says_what_to_do(html: &str) -> bool {
    [
        "Cơ sở dữ liệu đang bận hoặc mất kết nối",
        "chưa rõ chứng từ đã vào sổ hay chưa",
        "Máy chủ đang dừng để bảo trì",
    ]
    .iter()
    .any(|words| html.contains(words))
}
