//! This server as a witness, over HTTP: every answer of C2SP tlog-witness, and what pages tell.

use std::sync::Arc;

use minhbach::ledger::keys::{PublicKey, SigningKey};
use minhbach::ledger::note::{
    Checkpoint, SignedCheckpoint, Submission, parse_signature_lines, sign_checkpoint,
};
use minhbach::ledger::tree::{Hash, sha256};
use minhbach::web::{BaseUrl, Clock, Config, figment, site};
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::Client;

use super::BASE;
use crate::house::{Ground, TestHouse};
use crate::store::witnessing::{Log, ORIGIN};

const ADD: &str = "/nhan-chung/add-checkpoint";

async fn client(house: &TestHouse, keys: Vec<PublicKey>) -> Client {
    let mut config = Config::new(BaseUrl::parse(BASE).unwrap());
    config.clock = Clock::stopped("2026-11-05T04:00:00Z".parse().unwrap());
    config.witnessed = Arc::from(keys);
    let figment = figment().merge(("log_level", "off"));
    Client::untracked(site(config, figment).manage(house.store.clone())).await.unwrap()
}

struct Told {
    status: u16,
    kind: Option<ContentType>,
    text: String,
}

/// Submits as a log does: no cookie, no `Origin`, no form.
async fn submit(client: &Client, body: impl ToString) -> Told {
    let response = client.post(ADD).body(body.to_string()).dispatch().await;
    let (status, kind) = (response.status().code, response.content_type());
    Told { status, kind, text: response.into_string().await.unwrap_or_default() }
}

async fn page(client: &Client, path: &str) -> (Status, String) {
    let response = client.get(path.to_owned()).dispatch().await;
    (response.status(), response.into_string().await.unwrap_or_default())
}

#[rocket::async_test]
async fn every_answer_is_that_of_the_protocol() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let log = Log::new(40, 0, "");
    let client = client(&house, vec![log.key.public().clone()]).await;
    let place = format!("/nhan-chung/{}/checkpoint", sha256(ORIGIN.as_bytes()));
    assert_eq!(page(&client, &place).await.0, Status::NotFound);

    let first = submit(&client, log.submission(0, 11)).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let lines = parse_signature_lines(&first.text).unwrap();
    let own = house.store.keys().witness().unwrap();
    assert_eq!(own.name(), "so.example/nhan-chung");
    let mut signed = log.signed(11);
    signed.add(lines[0].clone());
    let at = i64::try_from(signed.note().verify_cosignature(own.public()).unwrap()).unwrap();
    assert_eq!(
        at,
        "2026-11-05T04:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
    );
    // The monitoring prefix gives out what was cosigned, with both signatures.
    let (status, held) = page(&client, &place).await;
    assert_eq!((status, held), (Status::Ok, signed.to_string()));

    let known = submit(&client, log.submission(0, 20)).await;
    assert_eq!((known.status, known.text.as_str()), (409, "11\n"));
    assert_eq!(known.kind, Some(ContentType::new("text", "x.tlog.size")));
    let known = submit(&client, log.submission(3, 5)).await;
    assert_eq!((known.status, known.text.as_str()), (409, "11\n"));
}

/// What is refused, and how, of a witness that holds 11 entries of a log.
fn refused(log: &Log) -> Vec<(&'static str, String, u16)> {
    let other_key = SigningKey::generate(ORIGIN).unwrap();
    let head = |size, root| Checkpoint::new(ORIGIN, size, root).unwrap();
    let by = |key: &SigningKey, size| sign_checkpoint(&head(size, log.root(size)), key).unwrap();
    let good = log.submission(11, 20);
    let bad_line = {
        // A line that names the right key and does not hold: such a note is malformed.
        let text = good.to_string();
        let at = text.rfind(' ').unwrap() + 9;
        let changed = if &text[at..=at] == "A" { "B" } else { "A" };
        format!("{}{changed}{}", &text[..at], &text[at + 1..])
    };
    let stranger = SigningKey::generate("so.example/la").unwrap();
    let unknown = Checkpoint::new("so.example/la", 20, log.root(20)).unwrap();
    let unknown = sign_checkpoint(&unknown, &stranger).unwrap();
    vec![
        (
            "no log signature",
            Submission { checkpoint: by(&other_key, 20), ..good.clone() }.to_string(),
            403,
        ),
        ("a broken one", bad_line, 403),
        ("an unknown origin", Submission { checkpoint: unknown, ..good.clone() }.to_string(), 404),
        ("no proof", Submission { proof: Vec::new(), ..good.clone() }.to_string(), 422),
        (
            "another proof",
            Submission { proof: vec![Hash([1; 32])], ..good.clone() }.to_string(),
            422,
        ),
        (
            "a proof for the same size",
            Submission { proof: vec![Hash([1; 32])], ..log.submission(11, 11) }.to_string(),
            422,
        ),
        ("old beyond the checkpoint", good.to_string().replacen("old 11", "old 21", 1), 400),
        ("a leading zero", good.to_string().replacen("old 11", "old 011", 1), 400),
        ("nothing", String::new(), 400),
        ("a form", "token=x&step=record".to_owned(), 400),
        ("no old line", good.to_string().replacen("old 11\n", "", 1), 400),
        ("an extension line", good.to_string().replacen("=\n\n", "=\nmore\n\n", 1), 400),
        (
            "a size of 0 with a root",
            {
                let text = good.to_string().replacen("old 11", "old 0", 1);
                text.replacen("\n20\n", "\n0\n", 1)
            },
            422,
        ),
        ("too long", format!("{good}{}", "x".repeat(70_000)), 413),
    ]
}

#[rocket::async_test]
async fn what_is_not_to_be_cosigned_is_refused_as_the_protocol_says_and_changes_nothing() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let log = Log::new(40, 0, "");
    let client = client(&house, vec![log.key.public().clone()]).await;
    assert_eq!(submit(&client, log.submission(0, 11)).await.status, 200);
    for (what, body, status) in refused(&log) {
        let told = submit(&client, body).await;
        assert_eq!(told.status, status, "{what}: {}", told.text);
        assert!(!told.text.contains("\u{2014} so.example/nhan-chung"), "{what}");
    }
    assert_eq!(house.store.witnessed_head(ORIGIN).await.unwrap().unwrap().size, 11);
    // Neither cookies nor a foreign page make a difference: the log's key alone decides.
    let foreign = client.post(ADD).header(Header::new("Origin", "https://evil.example"));
    let foreign = foreign.header(Header::new("Sec-Fetch-Site", "cross-site"));
    let response = foreign.body(log.submission(11, 20).to_string()).dispatch().await;
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(response.headers().get("Set-Cookie").count(), 0);
    assert!(response.headers().get_one("Access-Control-Allow-Origin").is_none());
}

#[rocket::async_test]
async fn a_log_whose_key_is_being_changed_is_followed_with_both_keys() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let log = Log::new(40, 0, "");
    let next = SigningKey::generate(ORIGIN).unwrap();
    let both = vec![log.key.public().clone(), next.public().clone()];
    let client = client(&house, both).await;
    assert_eq!(submit(&client, log.submission(0, 7)).await.status, 200);
    let head = Checkpoint::new(ORIGIN, 12, log.root(12)).unwrap();
    let rotated = sign_checkpoint(&head, &next).unwrap();
    let rotated = Submission { checkpoint: rotated, ..log.submission(7, 12) };
    assert_eq!(submit(&client, rotated).await.status, 200);
    // One signature that holds is no cover for another that does not.
    let mut mixed = log.signed(15);
    let wrong = sign_checkpoint(&Checkpoint::new(ORIGIN, 15, Hash([1; 32])).unwrap(), &next);
    mixed.add(wrong.unwrap().note().signatures()[0].clone());
    let mixed = Submission { checkpoint: mixed, ..log.submission(12, 15) };
    assert_eq!(submit(&client, mixed).await.status, 403);
}

#[rocket::async_test]
async fn a_fork_is_refused_and_shown_to_everybody_with_its_evidence() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let (one, other) = (Log::new(5, 30, "one"), Log::new(5, 30, "other"));
    let client = client(&house, vec![one.key.public().clone()]).await;
    let (status, html) = page(&client, "/nhan-chung").await;
    assert_eq!(status, Status::Ok);
    assert!(
        html.contains("chưa có khóa nhân chứng") && html.contains("chưa gửi đầu sổ nào"),
        "{html}"
    );
    assert_eq!(submit(&client, one.submission(0, 11)).await.status, 200);
    assert_eq!(submit(&client, other.submission(11, 25)).await.status, 422);
    let (_, html) = page(&client, "/nhan-chung").await;
    assert!(html.contains("Hai sổ khác nhau dưới cùng một tên"), "{html}");
    let vkey = house.store.keys().witness().unwrap().public().vkey();
    assert!(html.contains(&vkey.replace('=', "&#61;")) || html.contains(&vkey), "{html}");
    let (_, english) = page(&client, "/nhan-chung?lang=en").await;
    assert!(english.contains("Two different ledgers under one name"), "{english}");
    let at = html.find("/nhan-chung/bang-chung/").unwrap();
    let href: String = html[at..].chars().take_while(|c| *c != '"').collect();
    let (status, evidence) = page(&client, &href).await;
    assert_eq!(status, Status::Ok);
    // Both heads, each signed by the log: what anybody needs to check it.
    let (held, submitted) = evidence.split_at(evidence.find("\nold ").unwrap());
    let held = SignedCheckpoint::parse(held.as_bytes()).unwrap();
    let submitted = Submission::parse(submitted.trim_start().as_bytes()).unwrap();
    held.verify_log([one.key.public()]).unwrap();
    submitted.checkpoint.verify_log([one.key.public()]).unwrap();
    assert_eq!(held.checkpoint().root, one.root(11));
    assert_eq!(submitted.checkpoint.checkpoint().root, other.root(25));
    let missing = format!("/nhan-chung/bang-chung/{}", "0".repeat(64));
    assert_eq!(page(&client, &missing).await.0, Status::NotFound);
}
