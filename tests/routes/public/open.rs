//! The feed and the file of handovers, for programs that know nothing of us.

use std::collections::BTreeSet;

use atom_syndication::Feed;
use rocket::http::{Header, Status};
use serde_json::Value;

use super::figures::furnished;
use super::filled::{Filled, SLUG};
use super::{BASE, client, one};
use crate::house::Ground;

/// The schemas of the 360Giving Data Standard 1.4.3 (Creative Commons Attribution 4.0, 360Giving).
const GRANT: &str = include_str!("../../360giving/360-giving-schema.json");
const PACKAGE: &str = include_str!("../../360giving/360-giving-package-schema.json");

#[rocket::async_test]
async fn the_feed_tells_the_newest_entries_in_words_and_changes_with_the_ledger() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let uri = format!("/{SLUG}/feed.atom");
    let response = client.get(uri.clone()).dispatch().await;
    assert_eq!(response.status(), Status::Ok);
    let kind = response.content_type().unwrap().to_string();
    assert_eq!(kind, "application/atom+xml; charset=utf-8");
    let tag = one(&response, "ETag").to_owned();
    let ask = || client.get(uri.clone()).header(Header::new("If-None-Match", tag.clone()));
    assert_eq!(ask().dispatch().await.status(), Status::NotModified);
    let text = response.into_string().await.unwrap();
    let feed = Feed::read_from(text.as_bytes()).unwrap();
    let size = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
    assert_eq!(feed.entries().len() as u64, size.min(40));
    assert_eq!(feed.id(), "tag:so.example,2026-09-01:xuan-tay/feed");
    let own = feed.links().iter().find(|link| link.rel() == "self").unwrap();
    assert_eq!(own.href(), format!("{BASE}{uri}"));
    let ids: BTreeSet<&str> = feed.entries().iter().map(|entry| entry.id()).collect();
    assert_eq!(ids.len(), feed.entries().len());
    let of = |seq: u64| {
        let id = format!("tag:so.example,2026-09-01:xuan-tay/so/{seq}");
        feed.entries().iter().find(|entry| *entry.id() == id).unwrap()
    };
    let gift = of(filled.gift.seq).summary().unwrap().value.replace('\u{a0}', " ");
    assert!(gift.contains("1.500.000 ₫") && gift.contains("PT-2026-"), "{gift}");
    let closing = of(filled.closing.seq);
    assert_eq!(closing.links()[0].href(), format!("{BASE}/{SLUG}/bao-cao/2026-09"));
    for entry in feed.entries() {
        let path = entry.links()[0].href().strip_prefix(BASE).unwrap();
        assert_eq!(client.get(path.to_owned()).dispatch().await.status(), Status::Ok, "{path}");
        assert!(!entry.title().value.contains("public-"), "{}", entry.title().value);
    }
    let english = client.get(format!("{uri}?lang=en")).dispatch().await;
    assert!(english.into_string().await.unwrap().contains("xml:lang=\"en\""));
    filled.pen().gift("2026-11-06", "chung", 1_000).await;
    assert_eq!(ask().dispatch().await.status(), Status::Ok);
    let html = super::pages::page(&client, &format!("/{SLUG}")).await;
    assert!(html.contains("rel=\"alternate\" type=\"application/atom+xml\""), "{html}");
}

#[rocket::async_test]
async fn handovers_are_grants_of_the_standard_and_point_to_nobody() {
    let own = furnished(Ground::Sqlite).await;
    let client = client(&own.filled).await;
    let response = client.get(format!("/{SLUG}/360giving.json")).dispatch().await;
    assert_eq!(response.status(), Status::Ok);
    let bytes = response.into_bytes().await.unwrap();
    let all: Value = serde_json::from_slice(&bytes).unwrap();
    let grants = all["grants"].as_array().unwrap();
    // Aid to two families twice, rice to five.
    assert_eq!(grants.len(), 3);
    let grant: Value = serde_json::from_str(GRANT).unwrap();
    // A day and a moment are told apart by their formats.
    let check = jsonschema::options().should_validate_formats(true).build(&grant).unwrap();
    for own in grants {
        let faults: Vec<String> = check.iter_errors(own).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:#?}: {own}");
    }
    // The package names the schema of a grant by its address, of another minor version.
    let mut package: Value = serde_json::from_str(PACKAGE).unwrap();
    package["properties"]["grants"]["items"] = serde_json::json!({"type": "object"});
    let check = jsonschema::options().should_validate_formats(true).build(&package).unwrap();
    let faults: Vec<String> = check.iter_errors(&all).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let sum: i64 = grants.iter().map(|own| own["amountAwarded"].as_i64().unwrap()).sum();
    let books = own.filled.house.store.books(own.filled.chapter).unwrap();
    let (from, to) = ("2026-09-01".parse().unwrap(), "2026-12-31".parse().unwrap());
    let statement =
        books.statement(from, to, &minhbach::books::statement::Covers::Chapter).unwrap();
    let aid = statement.spending.iter().filter(|row| row.account.starts_with("aid_in_"));
    assert_eq!(sum, aid.map(|row| row.amount.minor()).sum::<i64>());
    let text = String::from_utf8(bytes).unwrap();
    let recipients: BTreeSet<&str> =
        grants.iter().map(|own| own["recipientIndividual"]["id"].as_str().unwrap()).collect();
    assert_eq!(recipients.len(), grants.len(), "one identifier an entry, none a family");
    for private in ["_sd", "lines", "hộ gia đình", "families"] {
        assert!(!text.contains(&format!("\"{private}\"")), "{private}");
    }
}

#[rocket::async_test]
async fn what_was_reversed_or_came_back_is_no_grant_any_more() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let pen = filled.pen();
    let before = client.get(format!("/{SLUG}/360giving.json")).dispatch().await;
    let before: Value = serde_json::from_slice(&before.into_bytes().await.unwrap()).unwrap();
    let aid = pen.aid("2026-11-06", "chung", &[50_000, 60_000]).await;
    let reason = serde_json::json!({"of": aid.seq, "reason": "mistyped"});
    pen.write("2026-11-07", "reversed", reason, super::filled::TWO).await;
    let after = client.get(format!("/{SLUG}/360giving.json")).dispatch().await;
    let after: Value = serde_json::from_slice(&after.into_bytes().await.unwrap()).unwrap();
    assert_eq!(before["grants"], after["grants"]);
}
