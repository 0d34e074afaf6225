//! Two chapters on two servers that witness one another, killed at random moments, while somebody
//! shows one of them two histories of a third ledger; and one that was rolled back.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use minhbach::ledger::keys::PublicKey;
use minhbach::ledger::note::{Checkpoint, SignedCheckpoint, SignedNote};
use minhbach::ledger::tree::{Hash, sha256};
use minhbach::ledger::word::Origin;
use minhbach::publish::{Tree, export_all};
use minhbach::store::alongside::Alongside;
use minhbach::store::desk::accounts;
use minhbach::store::desk::passphrase::Passphrase;
use minhbach::store::desk::sealing::Sealer;
use minhbach::store::{ChapterId, Store, StoreConfig};
use serde_json::json;
use tempfile::TempDir;

use crate::house::{Ground, TREASURER, TestHouse, key, two};
use crate::machine::{Browser, Server};
use crate::store::witnessing::{Log, ORIGIN};

const SIGNS_IN: (&str, &str) = ("lan.thuquy", "con trâu đi trước cái cày");

/// A chapter with its data folder and its port.
struct Chapter {
    folder: TempDir,
    origin: Origin,
    log_key: String,
    witness_key: String,
    port: u16,
    witnessed: Vec<String>,
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

impl Chapter {
    async fn new(slug: &str) -> Self {
        let house = TestHouse::new(Ground::Sqlite).await;
        let chapter = house.chapter(slug).await;
        let origin: Origin = format!("so.example/{slug}").parse().unwrap();
        let desk = house.store.desk(chapter).unwrap();
        let rows = house.rows().await;
        let own = key(&origin, TREASURER);
        let (public, person) = (own.public().clone(), TREASURER.parse().unwrap());
        let passphrase = Passphrase::read(SIGNS_IN.1).unwrap();
        let sealer = Sealer::cheap_for_tests();
        let lock = sealer.seal(&origin, &public, passphrase, Some(own)).await.unwrap();
        let now = chrono::Utc::now();
        accounts::create(&rows, &desk, SIGNS_IN.0, &person, &public, &lock, now).await.unwrap();
        rows.close().await.unwrap();
        let keys = house.store.keys();
        let (log_key, witness_key) = (
            keys.log_key(&origin).unwrap().vkey(),
            keys.witness_key(&format!("{slug}.example/nhan-chung")).unwrap().public().vkey(),
        );
        house.store.stop().await.unwrap();
        let TestHouse { folder, store, .. } = house;
        drop(store);
        let port = free_port();
        Self { folder, origin, log_key, witness_key, port, witnessed: Vec::new() }
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/nhan-chung", self.port)
    }

    fn slug(&self) -> &str {
        self.origin.slug()
    }

    async fn open(&self) -> (Store, ChapterId) {
        for _ in 0..200 {
            if let Ok(store) = Store::open(StoreConfig::sqlite(self.data())).await {
                let chapter = store.chapters().remove(0).0;
                return (store, chapter);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} stays locked", self.data().display());
    }

    /// Names the other's witness in this ledger, at the machine's own time.
    async fn names(&mut self, other: &Self) {
        let (store, chapter) = self.open().await;
        let now = chrono::Utc::now();
        store.confirm_clock(chapter, now).unwrap();
        let members = json!({
            "name": format!("Hội {}", other.slug()), "vkey": other.witness_key, "url": other.url(),
        });
        let signed = two(&self.origin, "witness_named", members);
        store.record(chapter, signed, Alongside::nothing(), now).await.unwrap();
        store.stop().await.unwrap();
        self.witnessed.push(other.log_key.clone());
    }

    fn serve(&self) -> Server {
        let keys: Vec<String> = self.witnessed.iter().map(|key| format!("{key:?}")).collect();
        let settings = [
            ("ROCKET_PORT", self.port.to_string()),
            ("ROCKET_WITNESSED", format!("[{}]", keys.join(", "))),
        ];
        Server::with(self.data(), &settings)
    }

    /// A checkpoint that the other's witness cosigned, published under a path; its size.
    fn cosigned(&self, browser: &mut Browser, path: &str, by: &Chapter) -> Option<u64> {
        let (status, text) = browser.get(&format!("/{}/{path}", self.slug()));
        let signed = SignedCheckpoint::parse(text.as_bytes()).ok().filter(|_| status == 200)?;
        let witness = PublicKey::parse(&by.witness_key).unwrap();
        signed.note().verify_cosignature(&witness).ok()?;
        Some(signed.checkpoint().size)
    }

    /// Waits until the newest head is cosigned.
    fn is_cosigned(&self, server: &Server, by: &Chapter) -> u64 {
        let mut browser = Browser::new(server);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(90) {
            if let Some(size) = self.cosigned(&mut browser, "checkpoint", by) {
                return size;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{} was not cosigned: {:?}", self.origin, browser.get(&self.check_page()));
    }

    fn check_page(&self) -> String {
        format!("/{}/kiem-chung", self.slug())
    }
}

async fn pair() -> [Chapter; 2] {
    let (mut one, mut other) = (Chapter::new("xuan-tay").await, Chapter::new("xuan-dong").await);
    one.names(&other).await;
    other.names(&one).await;
    [one, other]
}

fn sign_in(server: &Server) -> Option<(Browser, String)> {
    let mut browser = Browser::new(server);
    let token = browser.token("/dang-nhap", "/dang-nhap");
    let fields = [("token", &*token), ("name", SIGNS_IN.0), ("passphrase", SIGNS_IN.1)];
    let (status, to) = browser.post("/dang-nhap", &fields)?;
    assert_eq!((status, to.as_str()), (303, "/ban/viec"));
    let token = browser.token("/ban/phieu-thu", "/ban/phieu-thu");
    Some((browser, token))
}

/// Records a gift; whether it was acknowledged.
fn give(browser: &mut Browser, token: &str) -> Option<(u16, String)> {
    let id = uuid::Uuid::now_v7().to_string();
    let day = (chrono::Utc::now() + chrono::TimeDelta::hours(7)).format("%d/%m/%Y").to_string();
    let fields = [
        ("token", token),
        ("id", &id),
        ("step", "record"),
        ("date", &day),
        ("donor_type", "unknown"),
        ("amount", "1000"),
        ("method", "cash"),
        ("place", "tien-mat"),
        ("fund", "chung"),
    ];
    browser.post("/ban/phieu-thu", &fields)
}

/// What a witness said it cosigned of the third ledger: size, root, time.
type Cosigned = Mutex<Vec<(u64, Hash, u64)>>;

/// Submits one of two histories of a third ledger until told to stop; whatever is cosigned is kept.
fn split_view(at: &str, log: &Log, witness: &PublicKey, over: &AtomicBool, kept: &Cosigned) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(5)))
        .build()
        .into();
    let mut old = 0;
    let mut step = 0;
    while !over.load(Ordering::SeqCst) {
        step += 1;
        // Below what one peer may submit in a minute, both together.
        std::thread::sleep(Duration::from_millis(40));
        let size = (old + 1 + step % 2).min(400).max(old);
        let body = log.submission(old, size).to_string();
        let Ok(answer) = agent.post(format!("{at}/add-checkpoint")).send(body) else {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        let status = answer.status().as_u16();
        let Ok(text) = answer.into_body().read_to_string() else { continue };
        match status {
            200 => {
                let head = Checkpoint::new(ORIGIN, size, log.root(size)).unwrap();
                let note = format!("{head}\n{text}");
                let note = SignedNote::parse(note.as_bytes()).unwrap();
                let time = note.verify_cosignature(witness).unwrap();
                kept.lock().unwrap().push((size, log.root(size), time));
                old = size;
            }
            409 => old = text.trim().parse::<u64>().unwrap().min(400),
            422 => std::thread::sleep(Duration::from_millis(10)),
            429 => std::thread::sleep(Duration::from_millis(200)),
            status => assert!(status >= 500, "{status}: {text}"),
        }
    }
}

fn rounds() -> u32 {
    let rounds = std::env::var("MINHBACH_KILL_ROUNDS").ok().and_then(|text| text.parse().ok());
    rounds.unwrap_or(4)
}

/// A moment up to so many milliseconds from now, other ones in every run.
fn random(most: u64) -> Duration {
    let bytes = *uuid::Uuid::now_v7().as_bytes();
    let number = u64::from_be_bytes(bytes[8..].try_into().unwrap());
    Duration::from_millis(number % most)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_killed_at_random_moments_never_cosign_a_fork() {
    let [one, mut other] = pair().await;
    let histories = [Log::new(20, 390, "one"), Log::new(20, 390, "other")];
    other.witnessed.push(histories[0].key.public().vkey());
    let witness = PublicKey::parse(&other.witness_key).unwrap();
    let kept = Cosigned::default();
    for round in 0..rounds() {
        let over = AtomicBool::new(false);
        let servers = [one.serve(), other.serve()];
        let largest = kept.lock().unwrap().iter().map(|(size, ..)| *size).max();
        if let Some(largest) = largest {
            let place = sha256(ORIGIN.as_bytes());
            let held = Browser::new(&servers[1]).get(&format!("/nhan-chung/{place}/checkpoint"));
            let held = SignedCheckpoint::parse(held.1.as_bytes()).unwrap();
            assert!(held.checkpoint().size >= largest, "round {round}: the memory shrank");
        }
        std::thread::scope(|threads| {
            for log in &histories {
                let at = other.url();
                let (witness, over, kept) = (&witness, &over, &kept);
                threads.spawn(move || split_view(&at, log, witness, over, kept));
            }
            for server in &servers {
                let over = &over;
                threads.spawn(move || {
                    let Some((mut browser, token)) = sign_in(server) else { return };
                    while !over.load(Ordering::SeqCst) && give(&mut browser, &token).is_some() {}
                });
            }
            std::thread::sleep(Duration::from_millis(1_500) + random(2_500));
            let killed = usize::try_from(round % 3).unwrap();
            for (at, server) in servers.iter().enumerate() {
                if killed == 2 || killed == at {
                    let id = server.child.id().to_string();
                    assert!(Command::new("kill").args(["-9", &id]).status().unwrap().success());
                }
            }
            // The one that lives goes on without its witness for a moment.
            std::thread::sleep(random(400));
            over.store(true, Ordering::SeqCst);
        });
        drop(servers);
    }
    no_fork(&kept.into_inner().unwrap(), &histories);
    let mut servers = [one.serve(), other.serve()];
    let sizes = [one.is_cosigned(&servers[0], &other), other.is_cosigned(&servers[1], &one)];
    assert!(sizes[0] > 7 && sizes[1] > 7, "{sizes:?}");
    for (server, own) in servers.iter().zip([&one, &other]) {
        let address = format!("http://{}/{}", server.address, own.slug());
        let policy = own.data().join("policy-of-a-reader");
        let by = if own.slug() == one.slug() { &other } else { &one };
        std::fs::write(&policy, format!("witness w {}\nquorum w\n", by.witness_key)).unwrap();
        let said = Command::new(env!("CARGO_BIN_EXE_minhbach"))
            .args(["verify", &address, "--policy"])
            .arg(&policy)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.contains("SOUND") && said.contains("witness  w1"), "{said}");
    }
    // The first is stopped while its witness is still there, then the other.
    assert_eq!(servers[0].stop(), Some(0));
    assert_eq!(servers[1].stop(), Some(0));
    for (own, by) in [(&one, &other), (&other, &one)] {
        every_cosignature_holds(own, by).await;
    }
}

/// Exports the ledger, with a receipt, to where other people's checkers look (`./test` names the
/// folder).
async fn take_home(store: &Store, chapter: ChapterId) {
    let Some(folder) = std::env::var_os("MINHBACH_COSIGNED") else { return };
    let folder = Path::new(&folder).to_owned();
    export_all(&Tree::all(store, chapter).unwrap(), &folder).await.unwrap();
    let receipt = store.receipt(chapter, 5).await.unwrap().unwrap().to_string();
    std::fs::write(folder.join("gift.tlog-proof"), receipt).unwrap();
}

/// All heads that were cosigned lie on one of the histories; later statements are of larger heads.
fn no_fork(cosigned: &[(u64, Hash, u64)], histories: &[Log; 2]) {
    assert!(cosigned.len() > 10, "{}", cosigned.len());
    let on = |log: &Log| cosigned.iter().all(|(size, root, _)| log.root(*size) == *root);
    assert!(histories.iter().any(on), "a fork was cosigned: {cosigned:?}");
    let mut by_time: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for (size, _, time) in cosigned {
        let span = by_time.entry(*time).or_insert((*size, *size));
        *span = (span.0.min(*size), span.1.max(*size));
    }
    let spans: Vec<(u64, u64)> = by_time.into_values().collect();
    for pair in spans.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "an older head was cosigned later: {spans:?}");
    }
}

/// What the store kept are cosignatures of this very history.
async fn every_cosignature_holds(own: &Chapter, by: &Chapter) {
    let (store, chapter) = own.open().await;
    let ledger = store.published(chapter).unwrap().pop().unwrap();
    let witness = PublicKey::parse(&by.witness_key).unwrap();
    let mut held = 0;
    for size in 1..=ledger.size {
        let signed = store.checkpoint(&ledger, size).await.unwrap().unwrap();
        let signed = store.with_cosignatures(&ledger, signed).await.unwrap();
        held += usize::from(signed.note().verify_cosignature(&witness).is_ok());
    }
    assert!(held > 0, "{} was never cosigned", own.origin);
    let rows = rows_of(own.data()).await;
    assert_eq!(held, rows, "every stored cosignature holds");
    assert!(store.witness_evidence().await.unwrap().iter().all(|own| own.origin == ORIGIN));
    if own.slug() == "xuan-tay" {
        take_home(&store, chapter).await;
    }
    store.stop().await.unwrap();
}

async fn rows_of(data: &Path) -> usize {
    use sea_orm::ConnectionTrait as _;
    let file = data.join("minhbach.sqlite");
    let rows = sea_orm::Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
    let sql = "SELECT COUNT(*) AS number FROM cosignatures";
    let backend = rows.get_database_backend();
    let row = rows.query_one_raw(sea_orm::Statement::from_string(backend, sql)).await.unwrap();
    let number = row.unwrap().try_get::<i64>("", "number").unwrap();
    rows.close().await.unwrap();
    usize::try_from(number).unwrap()
}

/// Copies what a backup of the database holds, and takes it back: neither keys nor anchor.
fn copy(from: &Path, to: &Path) {
    let sqlite = |folder: &Path| -> Vec<PathBuf> {
        let names = ["minhbach.sqlite", "minhbach.sqlite-wal", "minhbach.sqlite-shm"];
        names.iter().map(|name| folder.join(name)).collect()
    };
    for (from, to) in sqlite(from).into_iter().zip(sqlite(to)) {
        let _ = std::fs::remove_file(&to);
        if from.exists() {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_rolled_back_is_told_by_its_witness_and_writes_no_more() {
    let [one, other] = pair().await;
    let mut witness = other.serve();
    let mut server = one.serve();
    one.is_cosigned(&server, &other);
    assert_eq!(server.stop(), Some(0));
    let backup = tempfile::tempdir().unwrap();
    copy(one.data(), backup.path());
    let mut server = one.serve();
    let (mut browser, token) = sign_in(&server).unwrap();
    for _ in 0..3 {
        assert_eq!(give(&mut browser, &token).unwrap().0, 303);
    }
    let size = one.is_cosigned(&server, &other);
    assert_eq!(server.stop(), Some(0));
    // Yesterday's database comes back, and whoever brings it removes the anchor.
    copy(backup.path(), one.data());
    std::fs::remove_dir_all(one.data().join("anchor")).unwrap();
    for witness_is_there in [true, false] {
        let mut server = one.serve();
        let mut browser = Browser::new(&server);
        let (status, said) = browser.get("/readyz");
        assert_eq!((status, said.contains("closed for writing")), (503, true), "{said}");
        let (status, html) = browser.get(&format!("/{}", one.slug()));
        assert_eq!(status, 200);
        let told = ["nhân chứng đã ký nhiều bút toán hơn", "ít bút toán hơn số đã ký"];
        assert!(told.iter().any(|told| html.contains(told)), "{html}");
        let (mut signed_in, token) = sign_in(&server).unwrap();
        let (status, _) = give(&mut signed_in, &token).unwrap();
        assert_ne!(status, 303, "nothing is recorded");
        assert_eq!(server.stop(), Some(0));
        // What the witness held is the anchor now: it needs not be there to be believed.
        assert_eq!(anchored(&one), size);
        if witness_is_there {
            assert_eq!(witness.stop(), Some(0));
        }
    }
    let said = Command::new(env!("CARGO_BIN_EXE_minhbach"))
        .args(["doctor", "--data"])
        .arg(one.data())
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("checkpoint over"), "{said}");
    // Looking does not replace the evidence.
    assert_eq!(anchored(&one), size);
    let server = one.serve();
    assert_eq!(Browser::new(&server).get("/readyz").0, 503);
}

/// The size of the anchor.
fn anchored(own: &Chapter) -> u64 {
    let anchors = std::fs::read_dir(own.data().join("anchor")).unwrap().flatten();
    let texts: Vec<String> =
        anchors.map(|file| std::fs::read_to_string(file.path()).unwrap()).collect();
    SignedCheckpoint::parse(texts[0].as_bytes()).unwrap().checkpoint().size
}
