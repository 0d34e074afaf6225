//! What the site says of itself to programs: `/healthz`, `/readyz`, the numbers.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use minhbach::store::Halt;
use minhbach::web::metrics::gathered::Sources;
use minhbach::web::metrics::port;
use minhbach::web::{BaseUrl, Cache, Clock, Config, Watch, figment, site};
use rocket::http::Status;
use rocket::local::asynchronous::Client;
use sea_orm::ConnectionTrait as _;

use super::filled::{Filled, SLUG, at};
use super::pages::page;
use super::{BASE, one};

fn config(day: &str) -> Config {
    let clock = Clock::stopped(at(day));
    Config { clock, ..Config::new(BaseUrl::parse(BASE).unwrap()) }
}

async fn serve(filled: &Filled, config: Config) -> Client {
    let figment = figment().merge(("log_level", "off"));
    let rocket = site(config, figment).manage(filled.house.store.clone());
    Client::untracked(rocket).await.unwrap()
}

async fn ready(client: &Client) -> (Status, String) {
    let response = client.get("/readyz").dispatch().await;
    assert_eq!(one(&response, "Cache-Control"), "no-store");
    (response.status(), response.into_string().await.unwrap())
}

#[rocket::async_test]
async fn readiness_names_each_thing_and_says_what_is_not_so() {
    let filled = Filled::new().await;
    let client = serve(&filled, config("2026-11-10")).await;
    assert_eq!(page(&client, "/healthz").await, "ok\n");
    let (status, lines) = ready(&client).await;
    let well = format!("ready\ndatabase: ok\ndisk: ok\nclock: ok\nso.example/{SLUG}: open\n");
    assert_eq!((status, lines), (Status::Ok, well));
    let halt = Halt::default();
    let checked = filled.house.store.check_beside(filled.chapter, at("2026-11-10"), &halt).await;
    assert!(checked.unwrap().unwrap().clean);
    let (_, lines) = ready(&client).await;
    assert!(lines.ends_with(": open, checked 2026-11-10T03:00:00Z\n"), "{lines}");
    // A ledger that rested is in order; somebody has to say that the clock is.
    let rested = serve(&filled, config("2027-03-01")).await;
    let (status, lines) = ready(&rested).await;
    assert!(status == Status::Ok && lines.contains("open, clock to be confirmed"), "{lines}");
    let early = serve(&filled, config("2026-10-01")).await;
    let (status, lines) = ready(&early).await;
    assert_eq!(status, Status::ServiceUnavailable);
    assert!(lines.starts_with("not ready\n"), "{lines}");
    assert!(lines.contains("\nclock: behind the last entry\n"), "{lines}");
}

#[rocket::async_test]
async fn little_room_and_a_clock_that_was_set_are_said_without_figures() {
    let filled = Filled::new().await;
    let full = Config { watch: Watch::new(u64::MAX), ..config("2026-11-10") };
    let (status, lines) = ready(&serve(&filled, full).await).await;
    assert_eq!(status, Status::Ok);
    assert!(lines.starts_with("ready, with warnings\n"), "{lines}");
    assert!(lines.contains("\ndisk: nearly full\n") && !lines.contains("MiB"), "{lines}");
    let set = config("2026-11-10");
    set.watch.look(at("2026-11-10"));
    set.watch.look(at("2026-11-10") + TimeDelta::hours(3));
    let (status, lines) = ready(&serve(&filled, set).await).await;
    assert_eq!(status, Status::Ok);
    assert!(lines.contains("\nclock: set within the last hour\n"), "{lines}");
}

#[rocket::async_test]
async fn what_a_replay_finds_is_on_the_pages_and_no_old_result_is() {
    let filled = Filled::new().await;
    let (store, chapter) = (&filled.house.store, filled.chapter);
    let client = serve(&filled, config("2026-11-10")).await;
    let check = format!("/{SLUG}/kiem-chung");
    assert!(page(&client, &check).await.contains("chưa tự kiểm tra lại toàn bộ sổ"));
    let halt = Halt::default();
    store.check_beside(chapter, at("2026-11-10"), &halt).await.unwrap().unwrap();
    let html = page(&client, &check).await;
    assert!(html.contains("10/11/2026 10:00") && html.contains("đều khớp"), "{html}");
    assert!(html.contains("Mất 0 phút 1 giây"), "{html}");
    let rows = filled.house.rows().await;
    rows.execute_unprepared("UPDATE fund_days SET amount = amount + 1").await.unwrap();
    rows.close().await.unwrap();
    let found = at("2026-11-11");
    assert!(!store.check_beside(chapter, found, &halt).await.unwrap().unwrap().clean);
    for (lang, day, word) in [
        ("vi", "11/11/2026 10:00", "dữ liệu không khớp"),
        ("en", "11 Nov 2026, 10:00", "something stored does not agree"),
    ] {
        let html = page(&client, &format!("{check}?lang={lang}")).await;
        assert!(html.contains(day) && html.contains(word), "{html}");
        assert!(!html.contains("10/11/2026 10:00") && !html.contains("đều khớp"), "{html}");
        assert!(!html.contains("không có kết quả tự kiểm tra"), "one result: {html}");
        assert!(!html.contains("fund_days"), "what is wrong is for the operator: {html}");
    }
    let (status, lines) = ready(&client).await;
    assert_eq!(status, Status::ServiceUnavailable);
    let line = format!("{SLUG}: closed for writing, differences found 2026-11-11T03:00:00Z\n");
    assert!(lines.contains(&line), "{lines}");
}

/// The numbers, and the names of their series with labels.
async fn numbers(filled: &Filled, config: &Config, site: &Client) -> (String, BTreeSet<String>) {
    let cache = site.rocket().state::<Cache>().cloned();
    let sources = Sources { config: config.clone(), store: filled.house.store.clone(), cache };
    let place = port::Port { address: "127.0.0.1".parse().unwrap(), port: 1 };
    let client = Client::untracked(port::site(place, sources)).await.unwrap();
    let response = client.get("/metrics").dispatch().await;
    assert_eq!(response.status(), Status::Ok);
    let kind = response.content_type().unwrap().to_string();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    let text = response.into_string().await.unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let series = lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect();
    (text, series)
}

#[rocket::async_test]
async fn the_numbers_tell_what_happened_and_hold_no_private_word() {
    let filled = Filled::new().await;
    let config = config("2026-11-10");
    let site = serve(&filled, config.clone()).await;
    let uri = format!("/{SLUG}/cong-khai");
    page(&site, &uri).await;
    page(&site, &uri).await;
    let code = super::pages::code(&filled.gift);
    page(&site, &format!("/bn/{code}")).await;
    site.get(format!("/{SLUG}/tra-cuu?loai=tien&ten=Nguyen+Thi+Hanh")).dispatch().await;
    site.get("/dang-nhap/moi/secret-of-a-link").dispatch().await;
    let refused = filled
        .pen()
        .house
        .record(filled.chapter, crate::house::aid(&filled.origin, 999_000_000_000));
    refused.await.unwrap_err();
    filled
        .house
        .store
        .check_beside(filled.chapter, at("2026-11-10"), &Halt::default())
        .await
        .unwrap();
    let (text, series) = numbers(&filled, &config, &site).await;
    let has = |line: &str| assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    let size = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
    let chapter = format!("{{chapter=\"so.example/{SLUG}\"}}");
    has(&format!("minhbach_head_entries{chapter} {size}"));
    has(&format!("minhbach_entries_appended_total{chapter} {size}"));
    has(&format!("minhbach_ledger_open{chapter} 1"));
    has(&format!("minhbach_self_check_ok{chapter} 1"));
    has(&format!("minhbach_self_check_entries{chapter} {size}"));
    has(&format!("minhbach_writer_queue{chapter} 0"));
    has("minhbach_database_up 1");
    has("minhbach_page_cache_total{result=\"hit\"} 1");
    has("minhbach_requests_total{route=\"(kept)\",method=\"GET\",status=\"2xx\"} 1");
    has("minhbach_requests_total{route=\"/<chapter>/cong-khai\",method=\"GET\",status=\"2xx\"} 1");
    has("minhbach_requests_total{route=\"/bn/<code>\",method=\"GET\",status=\"2xx\"} 1");
    for begin in [
        "minhbach_build_info{version=\"",
        "minhbach_request_seconds_bucket{le=\"0.001\",route=\"/bn/<code>\"} ",
        "minhbach_record_seconds_count ",
        "minhbach_records_refused_total{code=\"",
        "minhbach_disk_free_bytes ",
        "minhbach_page_cache_bytes ",
        "minhbach_self_check_duration_seconds",
        "minhbach_self_check_timestamp_seconds",
        "minhbach_database_connections{pool=\"writer\",state=\"open\"} ",
        "process_resident_memory_bytes ",
    ] {
        assert!(text.lines().any(|line| line.starts_with(begin)), "{begin}\n{text}");
    }
    for private in [code.as_str(), "Hanh", "Hạnh", "secret-of-a-link", "ten="] {
        assert!(!text.contains(private), "{private}: {text}");
    }
    // Whatever people ask for, the series are those of the routes.
    for number in 0..40 {
        for path in [format!("/khong-co-{number}"), format!("/{SLUG}/so/x{number}")] {
            site.get(path).dispatch().await;
        }
    }
    let (_, again) = numbers(&filled, &config, &site).await;
    assert!(again.len() <= series.len() + 40, "{:?}", again.difference(&series));
    assert!(again.iter().all(|own| !own.contains("khong-co") && !own.contains("x39")));
}
