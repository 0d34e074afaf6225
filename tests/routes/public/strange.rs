//! Addresses, methods and hosts that no link of ours has: a clear no, and nothing changes.

use minhbach::publish::{Tree, export};
use minhbach::verify::report::Outcome;
use minhbach::verify::source::Source;
use minhbach::verify::{Options, verify};
use rocket::http::{Header, Method, Status};

use super::filled::{Filled, SLUG};
use super::{BASE, client};
use crate::house::{Ground, postgres};

#[rocket::async_test]
async fn filters_that_name_nothing_are_no_shorter_accounts() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let status = async |query: &str, ending: &str| {
        let uri = format!("/{SLUG}/cong-khai{ending}?{query}");
        client.get(uri).dispatch().await.status().code
    };
    for query in [
        "",
        "ky=tat-ca",
        "ky=2026-10",
        "ky=&quy=&ct=&loai=",
        "quy=tet",
        "quy=custody",
        "ct=mo-tim",
        "loai=aid_paid",
        "loai=opening_balance",
        "page=-1&sort=password",
        "utm_source=zalo&fbclid=x",
        "sau=2026-11-03.20",
    ] {
        for ending in ["", ".csv", ".json"] {
            assert_eq!(status(query, ending).await, 200, "{query}{ending}");
        }
    }
    for query in [
        "quy=khong-co",
        "ky=tat-ca&quy=custody&quy=chung",
        "ky=2026-10&ky=2026-11",
        "ky=tat-ca&%71uy=custody&quy=chung",
        "ky=tat-ca&quy.a=custody&quy=chung",
        "quy=CHUNG",
        "quy=%27%20OR%201=1",
        "ct=khong-co",
        "loai=gold_received",
        "loai=chapter_opened",
        "loai=-1",
        "ky=2026-13",
        "ky=2026-08",
        "ky=2027-01",
        "ky=9999-12",
        "ky=0000-01",
        "ky=-1",
        "sau=x",
        "sau=2026-11-03.-1",
        "truoc=2026-02-30.1",
        "sau=2026-11-03.99999999999999999999",
    ] {
        for ending in ["", ".csv", ".json"] {
            let found = status(query, ending).await;
            let positions = query.starts_with("sau") || query.starts_with("truoc");
            assert!(found == 404 || (positions && !ending.is_empty()), "{query}{ending}: {found}");
        }
    }
    for query in ["quy=%ff", "quy=%00", "ky=%", "ky[]=x&ky[a]=y"] {
        assert!(status(query, "").await < 500, "{query}");
    }
}

#[rocket::async_test]
async fn odd_addresses_lead_nowhere_and_never_to_a_fault() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let long = format!("/{}", "a/".repeat(2_000));
    let odd = [
        "/..",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/xuan-tay/..%2f..%2fCargo.toml",
        "/xuan-tay/so/%00",
        "/xuan-tay/so/%ff",
        "/xuan-tay/%ff",
        "/%ff",
        "/%00",
        "//xuan-tay",
        "/xuan-tay//so//3",
        "/xuan-tay/so/3/",
        "/XUAN-TAY",
        "/xuan-tay.json",
        "/xuan-tay/cong-khai/",
        "/bn/..%2f..",
        "/bn/%3Cscript%3E",
        "/public/..%2fCargo.toml",
        "/%F0%9F%98%80",
        "/xuan-tay/bao-cao/2026-10%0d%0aX:%20y",
        &long,
    ];
    for uri in odd {
        let response = client.get(uri.to_owned()).dispatch().await;
        let status = response.status().code;
        assert!(status < 500, "{uri}: {status}");
        let to = response.headers().get_one("Location").unwrap_or("/").to_owned();
        assert!(to.starts_with('/') && !to.starts_with("//"), "{uri} leads to {to}");
        let html = response.into_string().await.unwrap_or_default();
        assert!(!html.contains("<script") && !html.contains("root:"), "{uri}");
    }
}

#[rocket::async_test]
async fn no_other_method_changes_anything() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let store = &filled.house.store;
    let before = store.head(filled.chapter).unwrap();
    for route in client.rocket().routes() {
        let path: String = route.uri.path().replace("<chapter>", SLUG).replace("<seq>", "7");
        let path = path.split('<').next().unwrap().to_owned();
        for method in [Method::Put, Method::Delete, Method::Patch, Method::Trace, Method::Options] {
            let response = client.req(method, path.clone()).body("amount=1").dispatch().await;
            assert_eq!(response.status(), Status::MethodNotAllowed, "{method} {path}");
            assert_eq!(response.headers().get_one("Allow"), Some("GET, HEAD, POST"));
        }
        let head = client.head(path.clone()).dispatch().await;
        assert!(head.status().code < 500, "HEAD {path}");
        assert!(head.into_bytes().await.unwrap_or_default().is_empty(), "HEAD {path}");
    }
    assert_eq!(store.head(filled.chapter).unwrap(), before);
}

#[rocket::async_test]
async fn a_foreign_host_reaches_no_link_no_receipt_and_no_file() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let code = filled.gift.receipt.as_ref().unwrap().as_str();
    for path in [
        "/".to_owned(),
        format!("/{SLUG}"),
        format!("/{SLUG}/kiem-chung"),
        format!("/{SLUG}/cong-khai.json"),
        format!("/{SLUG}/policy"),
        format!("/bn/{code}"),
        format!("/bn/{code}/tlog-proof"),
        "/dang-nhap".to_owned(),
    ] {
        let request = client
            .get(path.clone())
            .header(Header::new("Host", "evil.example"))
            .header(Header::new("X-Forwarded-Host", "evil.example"))
            .header(Header::new("Forwarded", "host=evil.example"));
        let response = request.dispatch().await;
        let all: Vec<String> = response.headers().iter().map(|header| header.to_string()).collect();
        assert!(!all.concat().contains("evil.example"), "{path}: {all:?}");
        let body = response.into_string().await.unwrap_or_default();
        assert!(!body.contains("evil.example"), "{path}: {body}");
    }
    let response = client.get(format!("/{SLUG}/kiem-chung")).dispatch().await;
    assert!(response.into_string().await.unwrap().contains(&format!("{BASE}/{SLUG}")));
}

/// What a page shows but for what is drawn by lot: ids, keys, hashes, codes.
fn figures(html: &str) -> Vec<String> {
    let plain = html.replace('\u{a0}', " ");
    let money =
        plain.split(['<', '>']).filter(|word| word.contains('₫') || word.contains("-2026-"));
    money.map(str::to_owned).collect()
}

#[rocket::async_test]
async fn both_databases_show_the_same_accounts() {
    let Some(ground) = postgres().await else { return };
    let (one, two) = (Filled::on(Ground::Sqlite).await, Filled::on(ground).await);
    for filled in [&one, &two] {
        filled.publish_a_name().await;
    }
    let (first, second) = (client(&one).await, client(&two).await);
    for path in [
        "",
        "/cong-khai",
        "/cong-khai?ky=tat-ca",
        "/cong-khai?ky=2026-10&quy=chung",
        "/cong-khai?ky=tat-ca&ct=mo-tim&loai=aid_paid",
        "/cong-khai?ky=tat-ca&truoc=2026-10-20.30",
        "/cong-khai.csv?ky=tat-ca",
        "/bao-cao/2026-09",
        "/bao-cao/2026-11",
        "/so/7",
        "/kiem-chung",
        "/disclosures.jsonl",
    ] {
        let mut shown = Vec::new();
        for client in [&first, &second] {
            let response = client.get(format!("/{SLUG}{path}")).dispatch().await;
            assert_eq!(response.status(), Status::Ok, "{path}");
            let body = response.into_string().await.unwrap();
            if path == "/disclosures.jsonl" {
                assert_eq!(body.lines().count(), 1, "{body}");
            }
            shown.push(if path.contains(".csv") { vec![body] } else { figures(&body) });
        }
        assert_eq!(shown[0], shown[1], "{path}");
        let figures = !["/kiem-chung", "/disclosures.jsonl"].contains(&path);
        assert_eq!(!shown[0].is_empty(), figures, "{path}: {shown:?}");
    }
    for filled in [&one, &two] {
        let place = tempfile::tempdir().unwrap();
        let tree = Tree::open(&filled.house.store, filled.chapter).unwrap().unwrap();
        export(&tree, place.path()).await.unwrap();
        let source = Source::new(place.path().to_str().unwrap());
        let report = verify(&source, &Options::default(), &mut |_, _| {}).unwrap();
        assert_eq!(report.outcome, Outcome::Sound, "{report}");
    }
}
