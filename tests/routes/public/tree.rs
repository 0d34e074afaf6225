//! The published tree, over HTTP and as files, against the verifier.

use std::path::Path;

use minhbach::ledger::note::{Policy, SignedCheckpoint};
use minhbach::ledger::tree::{Hash, leaf_hash, parse_bundle};
use minhbach::publish::{ExportFault, Tree, export};
use minhbach::verify::report::Outcome;
use minhbach::verify::source::Source;
use minhbach::verify::{Options, verify};
use rocket::http::{ContentType, Header, Method, Status};
use rocket::local::asynchronous::Client;

use super::filled::{Filled, SLUG};
use super::{client, one};

async fn bytes(client: &Client, path: &str) -> Vec<u8> {
    let response = client.get(format!("/{SLUG}/{path}")).dispatch().await;
    assert_eq!(response.status(), Status::Ok, "{path}");
    response.into_bytes().await.unwrap()
}

fn size_of(filled: &Filled) -> u64 {
    filled.house.store.head(filled.chapter).unwrap().unwrap().size
}

#[rocket::async_test]
async fn the_tree_over_http_is_the_signed_ledger() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let size = size_of(&filled);
    let checkpoint = bytes(&client, "checkpoint").await;
    let signed = SignedCheckpoint::parse(&checkpoint).unwrap();
    let policy = String::from_utf8(bytes(&client, "policy").await).unwrap();
    assert!(policy.ends_with("quorum none\n"), "{policy}");
    let verdict = Policy::parse(&policy).unwrap().evaluate(&signed).unwrap();
    assert!(verdict.is_valid());
    assert_eq!(signed.checkpoint().size, size);
    let bundle = bytes(&client, &format!("tile/entries/000.p/{size}")).await;
    let entries = parse_bundle(&bundle, u16::try_from(size).unwrap()).unwrap();
    let hashes: Vec<u8> = entries.iter().flat_map(|entry| leaf_hash(entry).0).collect();
    assert_eq!(hashes, bytes(&client, &format!("tile/0/000.p/{size}")).await);
    let lines = bytes(&client, "entries.jsonl").await;
    let joined: Vec<u8> = entries.iter().flat_map(|entry| [entry, &b"\n"[..]].concat()).collect();
    assert_eq!(lines, joined);
    let statement = bytes(&client, "statements/2026-09.json").await;
    let digest = minhbach::ledger::tree::sha256(&statement).to_string();
    let closing = entries[usize::try_from(filled.closing.seq).unwrap()];
    assert!(String::from_utf8_lossy(closing).contains(&digest));
    let earlier = bytes(&client, "checkpoints/3").await;
    assert_eq!(SignedCheckpoint::parse(&earlier).unwrap().checkpoint().size, 3);
    assert_eq!(bytes(&client, &format!("checkpoints/{size}")).await, checkpoint);
    assert_eq!(bytes(&client, "disclosures.jsonl").await, b"");
}

#[rocket::async_test]
async fn nothing_past_the_head_and_no_second_spelling_of_a_path_is_served() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let size = size_of(&filled);
    let past = size + 1;
    for path in [
        format!("checkpoints/{past}"),
        format!("tile/0/000.p/{past}"),
        format!("tile/entries/000.p/{past}"),
        "tile/0/000".to_owned(),
        "tile/entries/001".to_owned(),
        "tile/1/000.p/1".to_owned(),
    ] {
        let response = client.get(format!("/{SLUG}/{path}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{path}");
    }
    for path in [
        "checkpoints/0",
        "checkpoints/03",
        "checkpoints/+3",
        "checkpoints/-1",
        "checkpoints/18446744073709551616",
        "tile/0/000.p/0",
        "tile/0/000.p/03",
        "tile/0/0.p/3",
        "tile/0/%30%30%30.p/3",
        "tile/0/x000/000.p/3",
        "tile/0//000.p/3",
        "tile/00/000.p/3",
        "tile/8/000.p/3",
        "tile/0/../0/000.p/3",
        "tile/0/%2e%2e/000.p/3",
        "tile/0/000.p/3/",
        "tile",
        "tile/",
        "statements/2026-09",
        "statements/2026-08.json",
        "statements/..%2f..%2fCargo.json",
        "statements/%00.json",
        "policy.txt",
    ] {
        let response = client.get(format!("/{SLUG}/{path}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{path}");
    }
    for path in ["/dau-do/checkpoint", "/XUAN-TAY/checkpoint", "/xuan-tay%00/policy"] {
        assert_eq!(client.get(path).dispatch().await.status(), Status::NotFound, "{path}");
    }
}

#[rocket::async_test]
async fn answers_say_what_they_are_and_whether_they_may_be_kept() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let size = size_of(&filled);
    let (text, binary) = (ContentType::Plain, ContentType::Binary);
    let lines = ContentType::new("application", "jsonl");
    for (path, kind, keeps) in [
        ("checkpoint".to_owned(), text.clone(), "no-cache"),
        ("policy".to_owned(), text.clone(), "no-cache"),
        // A witness may cosign it later: its bytes do not stay for ever.
        ("checkpoints/3".to_owned(), text, "no-cache"),
        ("tile/0/000.p/3".to_owned(), binary.clone(), "public, max-age=31536000, immutable"),
        (format!("tile/entries/000.p/{size}"), binary, "public, max-age=31536000, immutable"),
        ("entries.jsonl".to_owned(), lines.clone(), "no-cache"),
        ("disclosures.jsonl".to_owned(), lines, "no-cache"),
        ("statements/2026-09.json".to_owned(), ContentType::JSON, "no-cache"),
    ] {
        let uri = format!("/{SLUG}/{path}");
        let response = client.get(uri.clone()).dispatch().await;
        assert_eq!(response.status(), Status::Ok, "{path}");
        assert_eq!(response.content_type(), Some(kind), "{path}");
        assert_eq!(one(&response, "Cache-Control"), keeps, "{path}");
        assert!(one(&response, "Content-Security-Policy").starts_with("default-src 'none'"));
        assert_eq!(one(&response, "X-Content-Type-Options"), "nosniff");
        assert_eq!(one(&response, "Access-Control-Allow-Origin"), "*");
        let tag = one(&response, "ETag").to_owned();
        let again = client.get(uri.clone()).header(Header::new("If-None-Match", tag));
        assert_eq!(again.dispatch().await.status(), Status::NotModified, "{path}");
        let head = client.head(uri.clone()).dispatch().await;
        assert_eq!(head.status(), Status::Ok, "{path}");
        assert!(head.into_bytes().await.unwrap_or_default().is_empty(), "{path}");
        for method in [Method::Post, Method::Put, Method::Delete] {
            let status = client.req(method, uri.clone()).dispatch().await.status();
            assert!(status.code == 404 || status.code == 405, "{method} {path}: {status}");
        }
    }
    assert_eq!(size_of(&filled), size);
}

fn verified(folder: &Path) -> minhbach::verify::report::Report {
    let source = Source::new(folder.to_str().unwrap());
    verify(&source, &Options::default(), &mut |_, _| {}).unwrap()
}

#[rocket::async_test]
async fn an_export_is_verified_whole_and_brought_up_to_date() {
    let filled = Filled::new().await;
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("xuat");
    let open = || Tree::open(&filled.house.store, filled.chapter).unwrap().unwrap();
    let first = export(&open(), &folder).await.unwrap();
    assert_eq!(first.size, size_of(&filled));
    let report = verified(&folder);
    assert!(matches!(report.outcome, Outcome::Sound), "{report:?}");
    filled.pen().gift("2026-11-06", "chung", 250_000).await;
    let second = export(&open(), &folder).await.unwrap();
    assert_eq!(second.size, first.size + 1);
    assert!(second.files < first.files, "what is there already is not written again");
    assert!(matches!(verified(&folder).outcome, Outcome::Sound));
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.ends_with(".new"), "{name}");
    }
}

#[rocket::async_test]
async fn an_export_is_refused_where_something_else_lies() {
    let (filled, other) = (Filled::new().await, Filled::new().await);
    let place = tempfile::tempdir().unwrap();
    let open = |of: &Filled| Tree::open(&of.house.store, of.chapter).unwrap().unwrap();
    let foreign = place.path().join("khac");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("so-quy.xlsx"), "x").unwrap();
    let refused = export(&open(&filled), &foreign).await.unwrap_err();
    assert!(matches!(refused, ExportFault::Foreign { .. }), "{refused}");
    let folder = place.path().join("xuat");
    export(&open(&filled), &folder).await.unwrap();
    let before = std::fs::read(folder.join("checkpoint")).unwrap();
    // The same identity, other keys and entries: a history that this one does not continue.
    let refused = export(&open(&other), &folder).await.unwrap_err();
    assert!(matches!(refused, ExportFault::Other { .. }), "{refused}");
    assert_eq!(std::fs::read(folder.join("checkpoint")).unwrap(), before);
    let root = SignedCheckpoint::parse(&before).unwrap().checkpoint().root;
    assert_ne!(root, Hash::ZERO);
}
