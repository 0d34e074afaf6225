//! The JSON API: every route is described, every answer is as the description says, and what is
//! wrong is told.

use std::collections::BTreeSet;

use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::Client;
use serde_json::{Value, json};

use super::figures::furnished;
use super::filled::SLUG;
use super::lending::Lending;
use super::{BASE, client, one};
use crate::house::Ground;

const API: &str = "/api/v1/chapters";

async fn get(client: &Client, uri: &str) -> (Status, Value) {
    let response = client.get(uri.to_owned()).dispatch().await;
    let status = response.status();
    assert_eq!(one(&response, "Access-Control-Allow-Origin"), "*", "{uri}");
    let kind = response.content_type().unwrap();
    match status == Status::Ok {
        true => assert_eq!(kind, ContentType::JSON, "{uri}"),
        false => assert_eq!(kind, ContentType::new("application", "problem+json"), "{uri}"),
    }
    let bytes = response.into_bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("{uri}: no JSON")))
}

async fn ok(client: &Client, uri: &str) -> Value {
    let (status, value) = get(client, uri).await;
    assert_eq!(status, Status::Ok, "{uri}: {value}");
    value
}

/// Checks a value against a schema of the description.
fn check(described: &Value, schema: &Value, value: &Value, uri: &str) {
    let mut whole = schema.clone();
    whole["components"] = described["components"].clone();
    let validator = jsonschema::validator_for(&whole).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(value)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{uri}: {faults:#?}");
}

/// An answer as its route describes it.
async fn described(client: &Client, all: &Value, path: &str, uri: &str) -> Value {
    let (status, value) = get(client, uri).await;
    let answers = &all["paths"][path]["get"]["responses"];
    let answer = &answers[status.code.to_string()];
    assert!(answer.is_object(), "{uri}: {status} is not described");
    let schema = &answer["content"].as_object().unwrap().values().next().unwrap()["schema"];
    check(all, schema, &value, uri);
    value
}

async fn house() -> (Lending, Client) {
    let own = furnished(Ground::Sqlite).await;
    let client = client(&own.filled).await;
    (own, client)
}

#[rocket::async_test]
async fn every_route_is_described_and_answers_as_it_is_described() {
    let (_own, client) = house().await;
    let all = ok(&client, "/api/v1/openapi.json").await;
    assert_eq!(all["openapi"].as_str().unwrap().split('.').next(), Some("3"));
    assert_eq!(all["servers"][0]["url"], BASE);
    let named = |path: &str| path.replace('<', "{").replace('>', "}");
    let routes: BTreeSet<String> = client
        .rocket()
        .routes()
        .map(|route| named(route.uri.path()))
        .filter(|path| path.starts_with("/api/v1/") && !path.contains(".."))
        .collect();
    let paths: BTreeSet<String> = all["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(routes, paths);
    assert!(paths.len() >= 12);
    let (chapter, chapters) = (format!("{API}/{SLUG}"), "/api/v1/chapters/{slug}");
    for (path, uris) in [
        ("/api/v1/chapters", vec![API.to_owned(), format!("{API}?x=1")]),
        (chapters, vec![chapter.clone(), format!("{API}/khong-co")]),
        ("/api/v1/chapters/{slug}/funds", vec![format!("{chapter}/funds")]),
        (
            "/api/v1/chapters/{slug}/funds/{code}",
            vec![
                format!("{chapter}/funds/von"),
                format!("{chapter}/funds/khong-co"),
                format!("{chapter}/funds/%ff"),
            ],
        ),
        ("/api/v1/chapters/{slug}/stock", vec![format!("{chapter}/stock")]),
        (
            "/api/v1/chapters/{slug}/loans",
            vec![
                format!("{chapter}/loans"),
                format!("{chapter}/loans?fund=von&limit=1"),
                format!("{chapter}/loans?limit=0"),
            ],
        ),
        (
            "/api/v1/chapters/{slug}/entries",
            vec![
                format!("{chapter}/entries"),
                format!("{chapter}/entries?account=thu&limit=2"),
                format!("{chapter}/entries?limit=201"),
            ],
        ),
        (
            "/api/v1/chapters/{slug}/entries/{seq}",
            vec![
                format!("{chapter}/entries/0"),
                format!("{chapter}/entries/07"),
                format!("{chapter}/entries/99999"),
            ],
        ),
        ("/api/v1/chapters/{slug}/statements", vec![format!("{chapter}/statements")]),
        (
            "/api/v1/chapters/{slug}/statements/{name}",
            vec![format!("{chapter}/statements/2026-09"), format!("{chapter}/statements/2026-12")],
        ),
        ("/api/v1/chapters/{slug}/checkpoint", vec![format!("{chapter}/checkpoint")]),
    ] {
        for uri in uris {
            described(&client, &all, path, &uri).await;
        }
    }
    let (status, problem) = get(&client, "/api/v1/khong-co/gi").await;
    assert_eq!((status, &problem["title"]), (Status::NotFound, &json!("Not Found")));
}

#[rocket::async_test]
async fn pages_of_entries_follow_one_another_and_add_up() {
    let (own, client) = house().await;
    let (mut seqs, mut sum_in, mut sum_out) = (Vec::new(), 0, 0);
    let mut next = Some(format!("{API}/{SLUG}/entries?limit=7"));
    let mut first = Value::Null;
    while let Some(uri) = next {
        let all = ok(&client, &uri).await;
        for entry in all["entries"].as_array().unwrap() {
            seqs.push(entry["seq"].as_u64().unwrap());
            sum_in += entry["in"].as_i64().unwrap();
            sum_out += entry["out"].as_i64().unwrap();
        }
        assert!(all["entries"].as_array().unwrap().len() <= 7);
        next = all["next"].as_str().map(str::to_owned);
        first = all;
    }
    assert_eq!(first["count"], seqs.len());
    assert_eq!((&first["sum_in"], &first["sum_out"]), (&json!(sum_in), &json!(sum_out)));
    assert_eq!(seqs.iter().collect::<BTreeSet<_>>().len(), seqs.len(), "none twice");
    let books = own.filled.house.store.books(own.filled.chapter).unwrap();
    let lies: i64 = books.register().places().values().map(|place| place.balance.minor()).sum();
    assert_eq!(sum_in - sum_out, lies);
    let (mut loans, mut next) = (Vec::new(), Some(format!("{API}/{SLUG}/loans?limit=1&fund=von")));
    while let Some(uri) = next {
        let all = ok(&client, &uri).await;
        loans.extend(all["loans"].as_array().unwrap().iter().map(|own| own["id"].clone()));
        next = all["next"].as_str().map(str::to_owned);
    }
    assert_eq!(loans.len(), 4);
}

#[rocket::async_test]
async fn figures_are_those_of_the_pages_and_tie() {
    let (_own, client) = house().await;
    let all = ok(&client, &format!("{API}/{SLUG}")).await;
    let figure = |name: &str| all["figures"][name].as_i64().unwrap();
    let left = figure("opening") + figure("received") - figure("spent") - figure("lost")
        + figure("earlier");
    assert_eq!(left, figure("money") + figure("stock") + figure("loans"));
    for fund in all["funds"].as_array().unwrap() {
        let code = fund["code"].as_str().unwrap();
        assert_eq!(*fund, ok(&client, &format!("{API}/{SLUG}/funds/{code}")).await);
        let entries = ok(&client, fund["entries"].as_str().unwrap()).await;
        let money = entries["sum_in"].as_i64().unwrap() - entries["sum_out"].as_i64().unwrap();
        assert_eq!(fund["money"], money, "{code}");
        let lent = ok(&client, &format!("{API}/{SLUG}/entries?account=vay&fund={code}")).await;
        let owed = lent["sum_in"].as_i64().unwrap() - lent["sum_out"].as_i64().unwrap();
        assert_eq!(fund["loans"], owed, "{code}");
    }
    let places: i64 =
        all["places"].as_array().unwrap().iter().map(|own| own["balance"].as_i64().unwrap()).sum();
    assert_eq!(places, figure("money") + figure("held"));
}

#[rocket::async_test]
async fn nothing_private_is_in_any_answer() {
    let (own, client) = house().await;
    own.filled.publish_a_name_on("2026-11-20").await;
    let chapter = format!("{API}/{SLUG}");
    let size = own.filled.house.store.head(own.filled.chapter).unwrap().unwrap().size;
    let mut uris: Vec<String> =
        ["", "/funds", "/stock", "/loans", "/entries?limit=200", "/statements"]
            .iter()
            .map(|path| format!("{chapter}{path}"))
            .collect();
    uris.extend((0..size).map(|seq| format!("{chapter}/entries/{seq}")));
    uris.push(format!("/{SLUG}/360giving.json"));
    uris.push(format!("/{SLUG}/feed.atom"));
    let receipt = own.gift.receipt.as_ref().unwrap().as_str().to_owned();
    for uri in uris {
        let text = client.get(uri.clone()).dispatch().await.into_string().await.unwrap();
        for private in ["Nguyễn Thị Hạnh", "N. T. H.", receipt.as_str()] {
            assert!(!text.contains(private), "{uri}: {private}");
        }
    }
    // The group of a loan is a member of its signed approval, and of nothing that is made from it.
    let loans = ok(&client, &format!("{chapter}/loans")).await;
    assert!(!loans.to_string().contains("to-hop-tac"), "{loans}");
}

#[rocket::async_test]
async fn an_unchanged_ledger_is_not_sent_again() {
    let (own, client) = house().await;
    let uri = format!("{API}/{SLUG}/entries?limit=3");
    let response = client.get(uri.clone()).dispatch().await;
    let tag = one(&response, "ETag").to_owned();
    assert_eq!(one(&response, "Cache-Control"), "no-cache");
    let ask = |uri: String| client.get(uri).header(Header::new("If-None-Match", tag.clone()));
    assert_eq!(ask(uri.clone()).dispatch().await.status(), Status::NotModified);
    assert_eq!(ask(format!("{API}/{SLUG}/entries?limit=4")).dispatch().await.status(), Status::Ok);
    own.filled.pen().gift("2026-11-20", "chung", 1_000).await;
    assert_eq!(ask(uri).dispatch().await.status(), Status::Ok);
    let head = client.head(format!("{API}/{SLUG}")).dispatch().await;
    assert_eq!(head.status(), Status::Ok);
}

#[rocket::async_test]
async fn what_is_wrong_is_told_and_nothing_is_passed_over() {
    let (_own, client) = house().await;
    let chapter = format!("{API}/{SLUG}");
    for (query, said) in [
        ("entries?quy=chung", "unknown parameter \"quy\""),
        ("entries?fund=chung&fund=tet", "\"fund\" twice"),
        ("entries?fund=khong-co", "none of this ledger"),
        ("entries?fund=%27%20OR%201=1", "none of this ledger"),
        ("entries?kind=gold_received", "none of this ledger"),
        ("entries?account=place:cash", "none of this ledger"),
        ("entries?account=thu&place=cash", "none of this ledger"),
        ("entries?programme=--", "none of this ledger"),
        ("entries?from=2026-13-01", "a day such as"),
        ("entries?from=2026-11-02&to=2026-11-01", "is after"),
        ("entries?natural=1", "true or false"),
        ("entries?after=x", "a position such as"),
        ("entries?limit=-1", "a number from 1 to 200"),
        ("entries?limit=1e9", "a number from 1 to 200"),
        ("entries?fund=%ff", "not UTF-8"),
        ("entries?lang=en", "unknown parameter \"lang\""),
        ("loans?fund=CHUNG", "the code of a fund"),
        ("loans?fund=khong-co", "no such fund"),
        ("loans?after=7", "the id of a loan"),
        ("funds?page=2", "known ones: none"),
    ] {
        let (status, problem) = get(&client, &format!("{chapter}/{query}")).await;
        assert_eq!(status, Status::BadRequest, "{query}: {problem}");
        assert_eq!((&problem["status"], &problem["type"]), (&json!(400), &json!("about:blank")));
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{query}: {detail}");
    }
    let long = format!("{chapter}/entries?{}=1", "x".repeat(5_000));
    let (status, problem) = get(&client, &long).await;
    assert!(status == Status::BadRequest && problem.to_string().len() < 400, "{problem}");
}

#[rocket::async_test]
async fn the_page_for_people_lists_every_route_and_every_file_that_it_names_is_there() {
    let (_own, client) = house().await;
    for language in ["vi", "en"] {
        let html = super::pages::page(&client, &format!("/api?lang={language}")).await;
        let all = ok(&client, "/api/v1/openapi.json").await;
        for path in all["paths"].as_object().unwrap().keys() {
            let listed = path.ends_with("openapi.json") || path.ends_with("{code}");
            assert!(listed || html.contains(&format!(">{path}<")), "{path}");
        }
        let links = html.split("href=\"").skip(1).map(|link| link.split('"').next().unwrap());
        let mut files = 0;
        for link in
            links.filter(|link| link.contains(&format!("/{SLUG}/")) || link.contains(".json"))
        {
            let response = client.get(link.replace("&amp;", "&")).dispatch().await;
            assert_eq!(response.status(), Status::Ok, "{link}");
            files += 1;
        }
        assert!(files >= 20, "{files}");
        assert!(super::pages::compressed(&html) <= 14 * 1024);
        assert!(!html.contains(">api-") && !html.contains("\"api-"), "{html}");
    }
}
