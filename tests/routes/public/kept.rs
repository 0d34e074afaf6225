//! Finished answers that are kept: what they are given out for, and what they never outlive.

use std::io::Read as _;

use minhbach::store::{Standing, Store, StoreConfig};
use minhbach::web::{BaseUrl, Cache, Clock, Config, figment, site};
use rocket::futures::future::join_all;
use rocket::http::{Cookie, Header, Status};
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket};
use sea_orm::ConnectionTrait as _;

use super::filled::{Filled, SLUG, at};
use super::pages::{code, page};
use super::{BASE, one};
use crate::house;

/// The site over a store at an hour that stands still, for each minute makes pages anew.
fn rocket(store: Store, room: &str) -> Rocket<Build> {
    let clock = Clock::stopped(at("2026-11-10"));
    let config = Config { clock, ..Config::new(BaseUrl::parse(BASE).unwrap()) };
    let figment = figment().merge(("log_level", "off")).merge(("page_cache", room));
    site(config, figment).manage(store)
}

async fn client(filled: &Filled) -> Client {
    Client::untracked(rocket(filled.house.store.clone(), "32 MiB")).await.unwrap()
}

fn counts(client: &Client) -> (u64, u64) {
    let counts = client.rocket().state::<Cache>().unwrap().counts();
    (counts.made, counts.served)
}

fn header(name: &'static str, value: &str) -> Header<'static> {
    Header::new(name, value.to_owned())
}

#[rocket::async_test]
async fn a_page_is_made_once_and_once_more_for_what_is_new() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let uri = format!("/{SLUG}/cong-khai?ky=tat-ca");
    let first = page(&client, &uri).await;
    assert_eq!(counts(&client), (1, 0));
    assert_eq!(page(&client, &uri).await, first);
    assert_eq!(counts(&client), (1, 1));
    filled.pen().gift("2026-11-08", "chung", 7_654_000).await;
    let second = page(&client, &uri).await;
    assert!(!first.contains("7.654.000") && second.contains("7.654.000"), "{second}");
    assert_eq!(counts(&client), (2, 1));
    assert_eq!(page(&client, &uri).await, second);
    assert_eq!(counts(&client), (2, 2));
    // What nobody sees changes nothing: a sign-in that is tried.
    let desk = filled.house.store.desk(filled.chapter).unwrap();
    let (peer, now) = ("192.0.2.7".parse().unwrap(), at("2026-11-08"));
    filled.house.store.begin_sign_in(&desk, "ai-do", peer, now).await.unwrap().unwrap();
    page(&client, &uri).await;
    assert_eq!(counts(&client), (2, 3));
}

#[rocket::async_test]
async fn a_withdrawn_name_is_gone_with_the_very_next_answer() {
    let filled = Filled::new().await;
    let before = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
    filled.publish_a_name().await;
    let client = client(&filled).await;
    let uris = [format!("/{SLUG}/so/{before}"), format!("/{SLUG}/so/{before}?lang=en")];
    for uri in &uris {
        assert!(page(&client, uri).await.contains("Nguyễn Thị Hạnh"), "{uri}");
        page(&client, uri).await;
    }
    assert_eq!(counts(&client), (2, 2));
    let entry = filled.house.store.entry(filled.chapter, before).await.unwrap().unwrap();
    let id = entry.entry.voucher().id.clone();
    filled.house.store.hide_name(filled.chapter, &id, at("2026-11-07")).await.unwrap();
    for uri in &uris {
        assert!(!page(&client, uri).await.contains("Hạnh"), "{uri}");
    }
    assert_eq!(counts(&client), (4, 2));
}

#[rocket::async_test]
async fn who_has_a_page_is_told_so_and_each_language_and_coding_is_its_own() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let uri = format!("/{SLUG}/cong-khai");
    // The very first to ask has it already: it is made all the same, for all others.
    let bare = client.get(&uri).dispatch().await;
    let tag = one(&bare, "ETag").to_owned();
    assert_eq!(one(&bare, "Vary"), "Cookie, Accept-Encoding");
    assert_eq!(one(&bare, "Cache-Control"), "no-cache");
    assert!(one(&bare, "Content-Security-Policy").starts_with("default-src 'none'"));
    assert!(!bare.headers().contains("Content-Encoding"));
    let bare = bare.into_bytes().await.unwrap();
    let known = client.get(&uri).header(header("If-None-Match", &tag)).dispatch().await;
    assert_eq!(known.status(), Status::NotModified);
    assert_eq!(one(&known, "ETag"), tag);
    assert_eq!(one(&known, "Vary"), "Cookie, Accept-Encoding");
    assert_eq!(one(&known, "Cache-Control"), "no-cache");
    assert_eq!(one(&known, "X-Content-Type-Options"), "nosniff");
    assert!(one(&known, "Content-Security-Policy").starts_with("default-src 'none'"));
    // What else was said with the page stays in force.
    assert!(!known.headers().contains("Permissions-Policy"));
    assert!(known.into_bytes().await.unwrap_or_default().is_empty());
    let packed = client.get(&uri).header(header("Accept-Encoding", "br, gzip;q=0.5"));
    let packed = packed.dispatch().await;
    assert_eq!(one(&packed, "Content-Encoding"), "gzip");
    let packed = packed.into_bytes().await.unwrap();
    assert!(packed.len() < bare.len() / 2);
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, bare);
    let head = client.head(&uri).dispatch().await;
    assert_eq!(head.status(), Status::Ok);
    assert_eq!(one(&head, "ETag"), tag);
    assert!(head.into_bytes().await.unwrap_or_default().is_empty());
    assert_eq!(counts(&client), (1, 3));
    let english = || client.get(&uri).cookie(Cookie::new("lang", "en"));
    let told = english().header(header("If-None-Match", &tag)).dispatch().await;
    assert_eq!(told.status(), Status::Ok);
    assert_eq!(one(&told, "Content-Language"), "en");
    assert_eq!(counts(&client), (2, 3));
    let again = english().dispatch().await;
    assert_eq!(one(&again, "Content-Language"), "en");
    assert_eq!(counts(&client), (2, 4));
    // The choice of a language is remembered however the page came.
    for _ in 0..2 {
        let chosen = client.get(format!("{uri}?lang=en")).dispatch().await;
        assert!(one(&chosen, "Set-Cookie").starts_with("lang=en"));
    }
}

#[rocket::async_test]
async fn files_have_a_tag_for_each_coding_and_what_is_packed_already_is_left_as_it_is() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let gzip = || header("Accept-Encoding", "gzip");
    for (file, packs) in [("hien-vat.json", true), ("cong-khai.xlsx", false)] {
        let uri = format!("/{SLUG}/{file}");
        let bare = client.get(&uri).dispatch().await;
        let tag = one(&bare, "ETag").to_owned();
        assert_eq!(bare.headers().contains("Vary"), packs);
        assert_eq!(one(&bare, "Access-Control-Allow-Origin"), "*");
        let packed = client.get(&uri).header(gzip()).dispatch().await;
        assert_eq!(packed.headers().contains("Content-Encoding"), packs, "{file}");
        assert_eq!(one(&packed, "ETag") != tag, packs, "{file}");
        assert!(one(&packed, "Content-Disposition").contains(file.split('.').next_back().unwrap()));
        let tag = one(&packed, "ETag").to_owned();
        let known = client.get(&uri).header(gzip()).header(header("If-None-Match", &tag));
        assert_eq!(known.dispatch().await.status(), Status::NotModified);
    }
    assert_eq!(counts(&client), (2, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_ask_at_once_get_one_page() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let uri = format!("/{SLUG}/dong-tien");
    let all = join_all((0..50).map(|_| page(&client, &uri))).await;
    assert!(all.iter().all(|one| *one == all[0]));
    assert_eq!(counts(&client), (1, 49));
}

#[rocket::async_test]
async fn nothing_that_is_somebodys_own_is_kept_or_packed() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let receipt = format!("/bn/{}", code(&filled.gift));
    let paper = format!("{receipt}/bien-nhan.pdf");
    let secret = "a".repeat(64);
    for uri in [
        "/".to_owned(),
        "/ban/viec".to_owned(),
        "/dang-nhap".to_owned(),
        "/phan-anh".to_owned(),
        "/readyz".to_owned(),
        "/khong-co".to_owned(),
        format!("/{SLUG}/khong-co"),
        format!("/{SLUG}/so/999999"),
        format!("/{SLUG}/phan-anh"),
        format!("/{SLUG}/tra-cuu"),
        format!("/{SLUG}/tra-cuu?loai=tien"),
        format!("/{SLUG}/tra-cuu/ma-giao-dich"),
        format!("/{SLUG}/cong-khai?ky=nonsense"),
        format!("{receipt}/ten"),
        receipt,
        paper,
    ] {
        for cookie in [None, Some(Cookie::new("__Host-minhbach-form", secret.clone()))] {
            let mut asked = client.get(&uri).header(header("Accept-Encoding", "gzip"));
            if let Some(cookie) = cookie {
                asked = asked.cookie(cookie);
            }
            let answer = asked.dispatch().await;
            assert!(!answer.headers().contains("Content-Encoding"), "{uri}");
            assert_eq!(counts(&client), (0, 0), "{uri}");
        }
    }
    for other in [client.post(format!("/{SLUG}")), client.put(format!("/{SLUG}/cong-khai"))] {
        assert!(!other.dispatch().await.headers().contains("Content-Encoding"));
    }
    assert_eq!(counts(&client), (0, 0));
}

#[rocket::async_test]
async fn odd_addresses_are_answered_and_leave_room_for_the_others() {
    let filled = Filled::new().await;
    let client = rocket(filled.house.store.clone(), "1 MiB");
    let client = Client::untracked(client).await.unwrap();
    for number in 0..60 {
        page(&client, &format!("/{SLUG}/hien-vat?x={number}")).await;
    }
    let long = format!("/{SLUG}/hien-vat?x={}", "y".repeat(2_000));
    let (made, _) = counts(&client);
    page(&client, &long).await;
    assert_eq!(counts(&client).0, made);
    // The order of a query is part of its address, and of the page's links.
    let one = page(&client, &format!("/{SLUG}/hien-vat?a=1&b=2")).await;
    let two = page(&client, &format!("/{SLUG}/hien-vat?b=2&a=1")).await;
    assert!(one.contains("?a=1&amp;b=2&amp;lang=en") && two.contains("?b=2&amp;a=1&amp;lang=en"));
    let kept = client.rocket().state::<Cache>().unwrap().counts();
    assert!(kept.bytes <= 1024 * 1024, "{kept:?}");
}

#[rocket::async_test]
async fn no_room_keeps_nothing_and_a_size_that_is_none_ends_the_start() {
    let filled = Filled::new().await;
    let start =
        async |room: &str| Client::untracked(rocket(filled.house.store.clone(), room)).await;
    let client = start("0").await.unwrap();
    for _ in 0..2 {
        let answer = client.get(format!("/{SLUG}")).dispatch().await;
        assert_eq!(answer.status(), Status::Ok);
        assert_eq!(one(&answer, "Vary"), "Cookie");
    }
    assert_eq!(counts(&client), (0, 0));
    let refused = start("much").await.map(drop).unwrap_err();
    let refused = refused.kind().to_string();
    assert!(refused.contains("fairing"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_warning_of_a_closed_ledger_stands_on_the_very_next_answer() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let uri = format!("/{SLUG}/hoat-dong");
    assert!(!page(&client, &uri).await.contains("govuk-warning-text"));
    page(&client, &uri).await;
    let rows = filled.house.rows().await;
    rows.execute_unprepared("UPDATE place_days SET money_in = money_in + 1").await.unwrap();
    filled.house.store.check(filled.chapter).await.unwrap();
    let standing = filled.house.store.standing(filled.chapter).unwrap();
    assert!(matches!(standing, Standing::ReadOnly(_)), "{standing:?}");
    assert!(page(&client, &uri).await.contains("govuk-warning-text"));
    rows.close().await.unwrap();
}

/// A second instance on the same database.
async fn beside(filled: &Filled) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("keys")).unwrap();
    for file in std::fs::read_dir(filled.house.folder.path().join("keys")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.path().join("keys").join(file.file_name())).unwrap();
    }
    let config = StoreConfig { folder: folder.path().to_owned(), ..filled.house.config() };
    let store = Store::open(config).await.unwrap();
    (folder, store)
}

/// Asks until a page is as it should be; how long that took, in milliseconds.
async fn until(client: &Client, uri: &str, right: impl Fn(&str) -> bool) -> u128 {
    let begun = std::time::Instant::now();
    while !right(&page(client, uri).await) {
        assert!(begun.elapsed().as_secs() < 10, "{uri}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    begun.elapsed().as_millis()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_instance_writes_is_shown_within_its_poll() {
    let Some(ground) = house::postgres().await else { return };
    let filled = Filled::on(ground).await;
    let before = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
    filled.publish_a_name().await;
    let (_folder, other) = beside(&filled).await;
    let client = Client::untracked(rocket(other.clone(), "32 MiB")).await.unwrap();
    let (accounts, entry) =
        (format!("/{SLUG}/cong-khai?ky=tat-ca"), format!("/{SLUG}/so/{before}"));
    assert!(!page(&client, &accounts).await.contains("7.654.000"));
    assert!(page(&client, &entry).await.contains("Nguyễn Thị Hạnh"));
    // An entry, and something of the desk that is no entry.
    filled.pen().gift("2026-11-08", "chung", 7_654_000).await;
    let took = until(&client, &accounts, |html| html.contains("7.654.000")).await;
    assert!(took < 5_000, "{took} ms");
    let id = filled.house.store.entry(filled.chapter, before).await.unwrap().unwrap();
    let id = id.entry.voucher().id.clone();
    page(&client, &entry).await;
    filled.house.store.hide_name(filled.chapter, &id, at("2026-11-08")).await.unwrap();
    let took = until(&client, &entry, |html| !html.contains("Hạnh")).await;
    assert!(took < 5_000, "{took} ms");
    other.stop().await.unwrap();
}
