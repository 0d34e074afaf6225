//! Witnesses of a ledger kept here: asked, believed only with a valid signature, shown and carried
//! along; one that knows more than we do stops writing.

use std::time::Duration;

use minhbach::ledger::keys::{KeyKind, SigningKey};
use minhbach::ledger::note::sign_checkpoint;
use minhbach::ledger::note::{Checkpoint, Policy, SignedCheckpoint, Submission, cosign};
use minhbach::ledger::receipt::Receipt;
use minhbach::ledger::tree::Hash;
use minhbach::publish::{Tree, export_all};
use minhbach::store::alongside::Alongside;
use minhbach::store::{Closure, RecordFault, Standing};
use minhbach::verify::report::{Outcome, Report};
use minhbach::verify::source::Source;
use minhbach::verify::{Options, verify};
use minhbach::web::{BaseUrl, Clock, Config, Cosigning, figment, site};
use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use serde_json::json;

use super::filled::{Filled, SLUG, TWO};
use super::{BASE, one};
use crate::house::witness::{Answers, Witness, honest};
use crate::house::{Ground, donation, postgres};

const NOW: &str = "2026-11-06T04:00:00Z";
const DAY: &str = "2026-11-06";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed_as("hoi-ban.example/w", KeyKind::Cosignature, [seed; 32]).unwrap()
}

fn clock() -> Clock {
    Clock::stopped(NOW.parse().unwrap())
}

fn seconds() -> u64 {
    u64::try_from(clock().now().timestamp()).unwrap()
}

/// A chapter that names a witness.
struct Named {
    filled: Filled,
    witness: Witness,
    cosigning: Cosigning,
}

impl Named {
    async fn new(witness: Witness) -> Self {
        Self::on(Ground::Sqlite, witness).await
    }

    async fn on(ground: Ground, witness: Witness) -> Self {
        let filled = Filled::on(ground).await;
        let members = json!({
            "name": "Hội bạn", "vkey": key(1).public().vkey(), "url": witness.url(),
        });
        filled.pen().write(DAY, "witness_named", members, TWO).await;
        Self { filled, witness, cosigning: Cosigning::default() }
    }

    async fn client(&self) -> Client {
        let mut config = Config::new(BaseUrl::parse(BASE).unwrap());
        config.cosigning = self.cosigning.clone();
        config.clock = clock();
        let figment = figment().merge(("log_level", "off"));
        let site = site(config, figment).manage(self.filled.house.store.clone());
        Client::untracked(site).await.unwrap()
    }

    async fn ask(&self) {
        self.cosigning.round(&self.filled.house.store, &clock()).await;
    }

    fn size(&self) -> u64 {
        self.filled.house.store.head(self.filled.chapter).unwrap().unwrap().size
    }

    fn standing(&self) -> Standing {
        self.filled.house.store.standing(self.filled.chapter).unwrap()
    }

    fn log_key(&self) -> SigningKey {
        let keys = self.filled.house.folder.path().join("keys");
        let files = std::fs::read_dir(keys).unwrap().flatten();
        let mut logs = files.filter(|file| file.file_name().to_string_lossy().starts_with("log-"));
        let text = std::fs::read_to_string(logs.next().unwrap().path()).unwrap();
        SigningKey::from_private_text(text.trim()).unwrap()
    }

    /// A head of this ledger that its log key signed.
    fn head(&self, size: u64, root: Hash) -> SignedCheckpoint {
        let head = Checkpoint::new(self.filled.origin.as_str(), size, root).unwrap();
        sign_checkpoint(&head, &self.log_key()).unwrap()
    }
}

async fn get(client: &Client, path: &str) -> (Status, String) {
    let response = client.get(format!("/{SLUG}{path}")).dispatch().await;
    (response.status(), response.into_string().await.unwrap_or_default())
}

/// When the witness cosigned a checkpoint; `None` when it did not.
fn time_of(text: &str) -> Option<u64> {
    let signed = SignedCheckpoint::parse(text.as_bytes()).unwrap();
    signed.note().verify_cosignature(key(1).public()).ok()
}

async fn exported(named: &Named, policy: Option<Policy>) -> (tempfile::TempDir, Report) {
    let folder = tempfile::tempdir().unwrap();
    let trees = Tree::all(&named.filled.house.store, named.filled.chapter).unwrap();
    export_all(&trees, folder.path()).await.unwrap();
    let options = Options { policy, ..Options::default() };
    let source = Source::Folder(folder.path().to_owned());
    let report = verify(&source, &options, &mut |_, _| {}).unwrap();
    (folder, report)
}

/// A reader's policy: this witness has to have cosigned.
fn policy() -> Policy {
    let text = format!("witness ban {}\nquorum ban\n", key(1).public().vkey());
    Policy::parse(&text).unwrap()
}

#[rocket::async_test]
async fn a_cosignature_is_carried_by_checkpoints_and_told_by_pages() {
    let named = Named::new(Witness::honest(key(1), seconds())).await;
    let client = named.client().await;
    let page = client.get(format!("/{SLUG}/kiem-chung")).dispatch().await;
    let tag = one(&page, "ETag").to_owned();
    let html = page.into_string().await.unwrap();
    assert!(html.contains("chưa nhân chứng nào ký lần nào"), "{html}");
    assert_eq!(get(&client, "/cosigned").await.0, Status::NotFound);
    named.ask().await;
    let size = named.size();
    for path in ["/checkpoint".to_owned(), "/cosigned".to_owned(), format!("/checkpoints/{size}")] {
        let (status, text) = get(&client, &path).await;
        assert_eq!(status, Status::Ok, "{path}");
        assert_eq!(time_of(&text), Some(seconds()), "{path}: {text}");
    }
    assert_eq!(time_of(&get(&client, "/checkpoints/3").await.1), None);
    // The page is another one now, and says who, how far and when, in both languages.
    let again = client.get(format!("/{SLUG}/kiem-chung")).header(Header::new("If-None-Match", tag));
    let again = again.dispatch().await;
    assert_eq!(again.status(), Status::Ok);
    let html = again.into_string().await.unwrap();
    assert!(html.contains("Hội bạn</strong> đã ký"), "{html}");
    assert!(html.contains("06/11/2026") && html.contains("11:00"), "{html}");
    let (_, english) = get(&client, "/kiem-chung?lang=en").await;
    assert!(english.contains("Hội bạn</strong> signed the first"), "{english}");
    for path in ["", "/kiem-chung"] {
        assert!(!get(&client, path).await.1.contains("Chưa có Hội nào khác"), "{path}");
    }
    let code = named.filled.gift.receipt.as_ref().unwrap().to_string();
    let receipt = client.get(format!("/bn/{code}")).dispatch().await.into_string().await.unwrap();
    assert!(receipt.contains("Nhân chứng Hội bạn đã ký đầu sổ có chứa khoản này"), "{receipt}");
}

#[rocket::async_test]
async fn a_newer_head_waits_for_its_cosignature_and_what_has_one_stays_to_be_had() {
    let named = Named::new(Witness::honest(key(1), seconds())).await;
    named.ask().await;
    let (client, size) = (named.client().await, named.size());
    let newer = named.filled.pen().gift(DAY, "chung", 120_000).await;
    assert_eq!(time_of(&get(&client, "/checkpoint").await.1), None);
    assert_eq!(time_of(&get(&client, "/cosigned").await.1), Some(seconds()));
    let (_, html) = get(&client, "/kiem-chung").await;
    assert!(html.contains("1 bút toán mới hơn đang chờ ký"), "{html}");
    let proof = async |seq: u64| {
        let (_, text) = get(&client, &format!("/so/{seq}/tlog-proof")).await;
        Receipt::parse(text.as_bytes()).unwrap()
    };
    let old = proof(named.filled.gift.seq).await;
    old.verify([named.log_key().public()]).unwrap();
    assert_eq!(old.checkpoint().checkpoint().size, size);
    assert!(old.checkpoint().note().verify_cosignature(key(1).public()).is_ok());
    let new = proof(newer.seq).await;
    new.verify([named.log_key().public()]).unwrap();
    assert_eq!(new.checkpoint().checkpoint().size, size + 1);
    let own = newer.receipt.as_ref().unwrap();
    let page = client.get(format!("/bn/{own}")).dispatch().await.into_string().await.unwrap();
    assert!(page.contains("Chưa nhân chứng nào ký đầu sổ có chứa khoản này"), "{page}");
    // The published policy asks for nothing; a reader's own does, and is told how far it holds.
    let (_, report) = exported(&named, None).await;
    assert_eq!(report.outcome, Outcome::Sound, "{report}");
    let (_, report) = exported(&named, Some(policy())).await;
    let broken = report.broken.as_ref().unwrap();
    assert_eq!(broken.code, "quorum", "{report}");
    assert!(broken.reason.contains(&format!("first {size} of {}", size + 1)), "{report}");

    named.ask().await;
    let asked: Vec<u64> = named
        .witness
        .asked()
        .iter()
        .map(|(_, body)| Submission::parse(body.as_bytes()).unwrap().old)
        .collect();
    assert_eq!(asked, [0, size]);
    let (folder, report) = exported(&named, Some(policy())).await;
    assert_eq!(report.outcome, Outcome::Sound, "{report}");
    assert_eq!(report.witnesses, [("w1".to_owned(), seconds())]);
    let cosigned = std::fs::read_to_string(folder.path().join("cosigned")).unwrap();
    let newest = std::fs::read_to_string(folder.path().join("checkpoint")).unwrap();
    assert_eq!(cosigned, newest);
    // What was cosigned by somebody whom the reader does not trust is not enough.
    let other = format!("witness w {}\nquorum w\n", key(2).public().vkey());
    let (_, report) = exported(&named, Some(Policy::parse(&other).unwrap())).await;
    assert_eq!(report.broken.unwrap().code, "quorum");
    // Asked again only when there is something new.
    named.ask().await;
    assert_eq!(named.witness.asked().len(), 2);
}

#[rocket::async_test]
async fn a_receipt_is_given_with_the_newest_cosigned_head_over_its_entry() {
    for ground in [Some(Ground::Sqlite), postgres().await].into_iter().flatten() {
        receipt_with_the_newest_cosigned_head(ground).await;
    }
}

async fn receipt_with_the_newest_cosigned_head(ground: Ground) {
    let named = Named::on(ground, Witness::honest(key(1), seconds())).await;
    let store = &named.filled.house.store;
    let ledger = store.published(named.filled.chapter).unwrap().pop().unwrap();
    let before = store.receipt(named.filled.chapter, 3).await.unwrap().unwrap();
    assert_eq!(before.checkpoint().note().signatures().len(), 1);
    named.ask().await;
    named.filled.pen().gift(DAY, "chung", 1_000).await;
    let after = store.receipt(named.filled.chapter, 3).await.unwrap().unwrap();
    assert_eq!(after.checkpoint().checkpoint().size, ledger.size);
    assert_eq!(after.checkpoint().note().signatures().len(), 2);
    // The same head cosigned again is one row, with the later time.
    let mut signed = store.checkpoint(&ledger, ledger.size).await.unwrap().unwrap();
    for time in [seconds() + 60, seconds() + 30] {
        let line = cosign(signed.checkpoint(), &key(1), time).unwrap();
        store.keep_cosignature(&ledger, ledger.size, &line, clock().now()).await.unwrap();
    }
    signed = store.with_cosignatures(&ledger, signed).await.unwrap();
    assert_eq!(time_of(&signed.to_string()), Some(seconds() + 60));
    // A row that somebody changed is left out; the checkpoint goes on without it.
    let rows = named.filled.house.rows().await;
    let forged = cosign(&Checkpoint::new("a", 1, Hash([1; 32])).unwrap(), &key(1), 5).unwrap();
    use sea_orm::ConnectionTrait as _;
    rows.execute_unprepared(&format!("UPDATE cosignatures SET line = '{forged}'")).await.unwrap();
    let client = named.client().await;
    let (_, text) = get(&client, &format!("/checkpoints/{}", ledger.size)).await;
    assert_eq!(time_of(&text), None);
    SignedCheckpoint::parse(text.as_bytes()).unwrap();
}

/// Answers every submission with this cosignature of its own head.
fn signs(
    with: SigningKey,
    time: u64,
    head: impl Fn(&Checkpoint) -> Checkpoint + Send + 'static,
) -> Answers {
    Box::new(move |_, body| {
        let submission = Submission::parse(body.as_bytes()).unwrap();
        let head = head(submission.checkpoint.checkpoint());
        (200, "text/plain", format!("{}\n", cosign(&head, &with, time).unwrap()))
    })
}

#[rocket::async_test]
async fn what_is_no_valid_cosignature_is_refused_said_and_asked_for_later() {
    let mut named = Named::new(Witness::honest(key(1), seconds())).await;
    let says = |status: u16, kind: &'static str, text: &str| {
        let text = text.to_owned();
        Box::new(move |_: &str, _: &str| (status, kind, text.clone())) as Answers
    };
    let other = |head: &Checkpoint| Checkpoint { root: Hash([3; 32]), ..head.clone() };
    for (what, answers, trouble) in [
        ("another key", signs(key(2), seconds(), Checkpoint::clone), "chữ ký gửi về không đúng"),
        ("another head", signs(key(1), seconds(), other), "chữ ký gửi về không đúng"),
        ("tomorrow", signs(key(1), seconds() + 90_000, Checkpoint::clone), "chữ ký gửi về"),
        ("no lines", says(200, "text/plain", "hello\n"), "không đúng cách của một nhân chứng"),
        ("nothing", says(200, "text/plain", ""), "không đúng cách của một nhân chứng"),
        ("endless", says(200, "text/plain", &"x".repeat(100_000)), "không đúng cách"),
        ("away", says(500, "text/plain", "down"), "không trả lời hoặc đang bận"),
        ("elsewhere", says(302, "text/plain", ""), "không đúng cách của một nhân chứng"),
        ("unknown", says(404, "text/plain", ""), "chưa nhận làm chứng cho sổ này"),
        ("key unknown", says(403, "text/plain", ""), "chưa biết khóa của sổ"),
        ("size as text", says(409, "text/plain", "3\n"), "không đúng cách của một nhân chứng"),
        ("always 3", says(409, "text/x.tlog.size", "3\n"), "không nối tiếp đầu sổ họ đã ký"),
        ("misfit", says(422, "text/plain", ""), "không nối tiếp đầu sổ họ đã ký"),
    ] {
        named.witness.answers(answers);
        named.cosigning = Cosigning::default();
        let client = named.client().await;
        named.ask().await;
        assert_eq!(get(&client, "/cosigned").await.0, Status::NotFound, "{what}");
        let (_, html) = get(&client, "/kiem-chung").await;
        assert!(html.contains(trouble), "{what}: {html}");
        assert_eq!(named.standing(), Standing::Open, "{what}");
        // It is left alone for a while, whatever is new.
        let asked = named.witness.asked().len();
        named.filled.pen().gift(DAY, "chung", 1_000).await;
        named.ask().await;
        assert_eq!(named.witness.asked().len(), asked, "{what}");
    }
    named.witness.answers(honest(key(1), seconds()));
    named.cosigning = Cosigning::default();
    named.ask().await;
    let client = named.client().await;
    assert_eq!(time_of(&get(&client, "/checkpoint").await.1), Some(seconds()));
    assert!(!get(&client, "/kiem-chung").await.1.contains("Lần hỏi gần nhất"));
}

#[rocket::async_test]
async fn a_witness_that_holds_more_entries_stops_writing() {
    let named = Named::new(Witness::honest(key(1), seconds())).await;
    let size = named.size();
    let ahead = format!("{}\n", size + 4);
    named.witness.answers(move |path, _| match path {
        "/w/add-checkpoint" => (409, "text/x.tlog.size", ahead.clone()),
        _ => (404, "text/plain", String::new()),
    });
    // Not asked where the operator knows that it is the witness who is wrong.
    let left_out = Cosigning::without(vec!["Hội bạn".to_owned()]);
    left_out.round(&named.filled.house.store, &clock()).await;
    assert!(named.witness.asked().is_empty());
    assert_eq!(named.standing(), Standing::Open);
    named.ask().await;
    let Standing::ReadOnly(closure) = named.standing() else { panic!("open") };
    let expected =
        Closure::BehindWitness { witness: "Hội bạn".to_owned(), stored: size, known: size + 4 };
    assert_eq!(closure, expected);
    assert!(closure.to_string().contains("unasked_witnesses"), "{closure}");
    let store = &named.filled.house.store;
    assert!(store.head(named.filled.chapter).unwrap().is_none(), "no head is shown any more");
    let refused = store
        .record(
            named.filled.chapter,
            donation(&named.filled.origin, 5_000),
            Alongside::nothing(),
            clock().now(),
        )
        .await;
    assert!(matches!(refused, Err(RecordFault::Closed(_))), "{refused:?}");
    let client = named.client().await;
    let (status, html) = get(&client, "").await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("Một nhân chứng đã ký nhiều bút toán hơn"), "{html}");
    assert_eq!(get(&client, "/checkpoint").await.0, Status::ServiceUnavailable);
    assert_eq!(client.get("/readyz").dispatch().await.status(), Status::ServiceUnavailable);
}

#[rocket::async_test]
async fn a_head_that_our_key_signed_over_other_entries_closes_the_ledger_for_good() {
    let mut named = Named::new(Witness::honest(key(1), seconds())).await;
    let size = named.size();
    // Somebody else's head of the same ledger proves nothing.
    let strange = SigningKey::generate(named.filled.origin.as_str()).unwrap();
    let head = Checkpoint::new(named.filled.origin.as_str(), size, Hash([8; 32])).unwrap();
    let forged = sign_checkpoint(&head, &strange).unwrap().to_string();
    let holds = |text: String| {
        move |path: &str, _: &str| match path {
            "/w/add-checkpoint" => (422, "text/plain", String::new()),
            path if path.ends_with("/checkpoint") => (200, "text/plain", text.clone()),
            _ => (404, "text/plain", String::new()),
        }
    };
    named.witness.answers(holds(forged));
    named.ask().await;
    assert_eq!(named.standing(), Standing::Open);
    // Nor does our own head.
    let store = named.filled.house.store.clone();
    let own = store.head(named.filled.chapter).unwrap().unwrap().checkpoint.to_string();
    named.witness.answers(holds(own));
    named.cosigning = Cosigning::default();
    named.ask().await;
    assert_eq!(named.standing(), Standing::Open);
    let split = named.head(size, Hash([8; 32])).to_string();
    named.witness.answers(holds(split));
    named.cosigning = Cosigning::default();
    named.ask().await;
    let forked = |standing| {
        matches!(
            standing,
            Standing::ReadOnly(Closure::ForkedFromWitness { .. } | Closure::Forked { .. })
        )
    };
    assert!(forked(named.standing()), "{:?}", named.standing());
    drop(store);
    // The proof is the anchor now: the next start needs no witness to know.
    let Named { filled, .. } = named;
    let Filled { house, chapter, .. } = filled;
    let house = house.restart().await;
    assert!(forked(house.store.standing(chapter).unwrap()));
}

#[rocket::async_test]
async fn rows_taken_away_behind_a_cosignature_are_found_without_the_anchor() {
    let named = Named::new(Witness::honest(key(1), seconds())).await;
    named.ask().await;
    let size = named.size();
    let Named { filled, .. } = named;
    let Filled { house, chapter, .. } = filled;
    house.store.stop().await.unwrap();
    std::fs::remove_dir_all(house.folder.path().join("anchor")).unwrap();
    let rows = house.break_guards().await;
    use sea_orm::ConnectionTrait as _;
    let sql = format!("UPDATE cosignatures SET size = {}", size + 3);
    rows.execute_unprepared(&sql).await.unwrap();
    rows.close().await.unwrap();
    let house = house.restart_stopped().await;
    let standing = house.store.standing(chapter).unwrap();
    assert!(
        matches!(&standing, Standing::ReadOnly(Closure::BehindWitness { known, .. })
            if *known == size + 3),
        "{standing:?}"
    );
}

#[rocket::async_test]
async fn a_site_without_witnesses_says_so_plainly() {
    let filled = Filled::new().await;
    let client = super::client(&filled).await;
    for (path, text) in [
        ("/kiem-chung", "Chưa có Hội nào khác làm chứng cho sổ này"),
        ("", "Chưa có Hội nào khác làm chứng cho sổ này"),
        ("/kiem-chung?lang=en", "No other chapter witnesses this ledger yet"),
    ] {
        let (status, html) = get(&client, path).await;
        assert_eq!(status, Status::Ok);
        assert!(html.contains(text), "{path}: {html}");
    }
    let code = filled.gift.receipt.as_ref().unwrap();
    let page = client.get(format!("/bn/{code}")).dispatch().await.into_string().await.unwrap();
    assert!(page.contains("Chưa có Hội nào khác làm chứng cho sổ này"), "{page}");
}

#[rocket::async_test]
async fn many_entries_at_once_are_asked_for_together_and_a_stop_waits_for_no_witness() {
    let named = Named::new(Witness::honest(key(1), seconds())).await;
    let store = named.filled.house.store.clone();
    let (first, asked) = tokio::sync::oneshot::channel();
    let running = tokio::spawn(named.cosigning.clone().run(store.clone(), clock(), first));
    asked.await.unwrap();
    assert_eq!(named.witness.asked().len(), 1);
    for _ in 0..12 {
        named.filled.pen().gift(DAY, "chung", 1_000).await;
    }
    let size = named.size();
    let ledger = store.published(named.filled.chapter).unwrap().pop().unwrap();
    for _ in 0..200 {
        if store.cosigned_size(&ledger).await.unwrap() == Some(size) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(store.cosigned_size(&ledger).await.unwrap(), Some(size));
    let asked = named.witness.asked().len();
    assert!(asked <= 4, "{asked} requests for 12 entries");
    // A witness that takes the request and never answers.
    named.witness.answers(|_, _| {
        std::thread::sleep(Duration::from_secs(30));
        (200, "text/plain", String::new())
    });
    named.filled.pen().gift(DAY, "chung", 1_000).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    named.cosigning.stop();
    let ended = tokio::time::timeout(Duration::from_secs(3), running).await;
    ended.expect("it ends at once").unwrap();
    assert_eq!(named.standing(), Standing::Open);
}
