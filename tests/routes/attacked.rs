//! A ledger whose rows were changed behind the server: every page says so, none shows an old "all
//! is well", the desk writes nothing and loses nothing that was typed.

use minhbach::store::desk::accounts;
use minhbach::store::desk::passphrase::Passphrase;
use minhbach::store::desk::register::Record;
use minhbach::store::desk::sealing::Sealer;
use minhbach::store::desk::sponsorship::{Every, Plan, Sponsor};
use minhbach::web::{BaseUrl, Clock, Config, figment, site};
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::Client;
use sea_orm::ConnectionTrait as _;

use super::public::filled::{Filled, SLUG};
use crate::house::proxy::Proxy;
use crate::house::{Ground, TREASURER, TestHouse, key, postgres};

const BASE: &str = "http://localhost:8000";
const SIGNS_IN: (&str, &str) = ("lan.thuquy", "con trâu đi trước cái cày");

/// The site, with an account for the treasurer.
async fn opened(filled: &Filled) -> Client {
    let (origin, store) = (&filled.origin, &filled.house.store);
    let desk = store.desk(filled.chapter).unwrap();
    let rows = filled.house.rows().await;
    let own = key(origin, TREASURER);
    let sealer = Sealer::cheap_for_tests();
    let passphrase = Passphrase::read(SIGNS_IN.1).unwrap();
    let (public, person) = (own.public().clone(), TREASURER.parse().unwrap());
    let lock = sealer.seal(origin, &public, passphrase, Some(own)).await.unwrap();
    let now = "2026-11-05T04:00:00Z".parse().unwrap();
    accounts::create(&rows, &desk, SIGNS_IN.0, &person, &public, &lock, now).await.unwrap();
    rows.close().await.unwrap();
    on(&filled.house).await
}

async fn on(house: &TestHouse) -> Client {
    let mut config = Config::new(BaseUrl::parse(BASE).unwrap());
    config.clock = Clock::stopped("2026-11-05T04:00:00Z".parse().unwrap());
    config.sealer = Sealer::cheap_for_tests();
    let figment = figment().merge(("log_level", "off"));
    Client::tracked(site(config, figment).manage(house.store.clone())).await.unwrap()
}

async fn get(client: &Client, uri: &str) -> (Status, String) {
    let response = client.get(uri.to_owned()).dispatch().await;
    (response.status(), response.into_string().await.unwrap_or_default())
}

/// The token of a page's form.
fn token<'h>(html: &'h str, page: &str) -> &'h str {
    let (_, form) =
        html.split_once(&format!("action=\"{page}\"")).unwrap_or_else(|| panic!("{html}"));
    &form.split_once("name=\"token\" value=\"").unwrap().1[..64]
}

async fn post(client: &Client, page: &str, fields: &[(&str, &str)]) -> (Status, String) {
    let (_, html) = get(client, page).await;
    send(client, page, token(&html, page), fields).await
}

async fn send(
    client: &Client,
    page: &str,
    token: &str,
    fields: &[(&str, &str)],
) -> (Status, String) {
    let mut body = format!("token={token}");
    for (name, value) in fields {
        let value = rocket::http::RawStr::new(*value).percent_encode().to_string();
        body.push_str(&format!("&{name}={value}"));
    }
    let request = client.post(page.to_owned()).header(ContentType::Form);
    let response = request.header(Header::new("Origin", BASE)).body(body).dispatch().await;
    (response.status(), response.into_string().await.unwrap_or_default())
}

/// A PostgreSQL server that is gone for a while.
#[rocket::async_test]
async fn a_database_that_is_away_is_said_and_back_without_a_restart() {
    let Some(Ground::Postgres(url)) = postgres().await else { return };
    let (who, rest) = url.rsplit_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let door = Proxy::to(server).await;
    let ground = Ground::Postgres(format!("{who}@{}/{database}", door.address()));
    let filled = Filled::on(ground).await;
    let client = opened(&filled).await;
    let signs_in = [("name", SIGNS_IN.0), ("passphrase", SIGNS_IN.1)];
    assert_eq!(post(&client, "/dang-nhap", &signs_in).await.0, Status::SeeOther);
    let (_, form) = get(&client, "/ban/phieu-thu").await;
    door.shut(true);
    let accounts = format!("/{SLUG}/cong-khai");
    for uri in [accounts.as_str(), "/ban/viec", "/ban/phieu-thu"] {
        let response = client.get(uri).dispatch().await;
        assert_eq!(response.status(), Status::ServiceUnavailable, "{uri}");
        assert!(response.headers().contains("Retry-After"), "{uri}");
        let html = response.into_string().await.unwrap();
        assert!(html.contains("Cơ sở dữ liệu đang bận"), "{uri}: {html}");
    }
    assert_eq!(get(&client, "/healthz").await.0, Status::Ok);
    // What was asked a moment ago is not asked again.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let (status, lines) = get(&client, "/readyz").await;
    assert_eq!(status, Status::ServiceUnavailable, "{lines}");
    assert!(lines.starts_with("not ready\ndatabase: away\ndisk: ok\n"), "{lines}");
    let gift = [
        ("id", "0193a000-0000-7000-8000-000000000001"),
        ("donor_name", "Nguyễn \"Hạnh\""),
        ("amount", "1.234"),
        ("passphrase", "not to be seen"),
    ];
    let old = token(&form, "/ban/phieu-thu").to_owned();
    let (status, html) = send(&client, "/ban/phieu-thu", &old, &gift).await;
    assert_eq!(status, Status::ServiceUnavailable, "{html}");
    assert!(html.contains("Cơ sở dữ liệu đang bận"), "{html}");
    assert!(html.contains("value=\"1.234\"") && html.contains("Hạnh&quot;"), "lost: {html}");
    assert!(!html.contains("not to be seen"), "{html}");
    assert_eq!(token(&html, "/ban/phieu-thu"), old, "the same form, sent again by a button");
    door.shut(false);
    assert_eq!(get(&client, &accounts).await.0, Status::Ok, "it heals alone");
    assert_eq!(get(&client, "/ban/viec").await.0, Status::Ok, "the session is there");
}

/// The pages that show something of the ledger.
async fn pages(filled: &Filled) -> Vec<String> {
    let code = filled.gift.receipt.as_ref().unwrap().as_str();
    let paths = ["", "/cong-khai", "/so/3", "/bao-cao/2026-09", "/bao-cao/2026-11", "/kiem-chung"];
    let mut all: Vec<String> = paths.iter().map(|path| format!("/{SLUG}{path}")).collect();
    all.push(format!("/bn/{code}"));
    all.push(format!("/do-dau/{}", sponsors_code(filled).await));
    all
}

/// The code of the page of a sponsor, whose plan is made for it.
async fn sponsors_code(filled: &Filled) -> String {
    let (store, officer) = (&filled.house.store, TREASURER.parse().unwrap());
    let desk = store.desk(filled.chapter).unwrap();
    let plan = Plan {
        fund: "chung".parse().unwrap(),
        programme: "tet".parse().unwrap(),
        every: Every::Month,
        from: "2026-09-01".parse().unwrap(),
        until: None,
        links: Vec::new(),
        gifts: Vec::new(),
        handovers: Vec::new(),
        pauses: Vec::new(),
        ended: None,
        notes: None,
        changed: None,
    };
    let (id, now) = ("0000000000000077".parse().unwrap(), "2026-11-05T04:00:00Z".parse().unwrap());
    let record = Record { full_name: "Phạm Văn Dừa".to_owned(), ..Record::default() };
    let sponsor = Sponsor::New(Box::new(record));
    let new = (&id, &sponsor, &plan, [].as_slice());
    assert!(store.make_sponsorship(&desk, new, &officer, now).await.unwrap());
    store.turn_sponsors_code(&desk, (&id, 0, true)).await.unwrap();
    store.sponsors_code(&desk, &id).await.unwrap().unwrap().to_string()
}

const DAMAGED: &str = "không khớp với những gì đã ký";
const DERIVED: &str = "Bản thân các bút toán vẫn nguyên vẹn";
const BEHIND: &str = "ít bút toán hơn số đã ký";

/// Every page tells, in the status that it has to have, and the desk takes nothing.
async fn tells(client: &Client, pages: &[String], status: Status, word: &str) {
    for uri in pages {
        let (found, html) = get(client, uri).await;
        assert_eq!(found, status, "{uri}: {html}");
        assert!(html.contains(word), "{uri} says nothing of it: {html}");
    }
    // Nor is a later ledger said to be gone while nobody can know.
    if status != Status::Ok {
        let (found, text) = get(client, &format!("/{SLUG}/2/checkpoint")).await;
        assert_eq!(found, status, "{text}");
    }
    let (ready, lines) = get(client, "/readyz").await;
    assert_eq!(ready, Status::ServiceUnavailable, "{lines}");
    assert_eq!(get(client, "/healthz").await.0, Status::Ok);
    let (signed_in, html) =
        post(client, "/dang-nhap", &[("name", SIGNS_IN.0), ("passphrase", SIGNS_IN.1)]).await;
    assert_eq!(signed_in, Status::SeeOther, "{html}");
    let (found, html) = get(client, "/ban/viec").await;
    if status != Status::Ok {
        assert_eq!(found, Status::ServiceUnavailable);
        assert!(html.contains(word), "{html}");
        return;
    }
    assert!(found == Status::Ok && html.contains("chỉ đọc"), "{html}");
    assert!(html.contains(word) && html.contains("gọi người vận hành máy chủ"), "{html}");
    assert!(!html.contains("mb-paused"), "the same twice: {html}");
    let (_, html) = get(client, "/ban/phieu-thu").await;
    assert!(html.contains("mb-paused"), "a form to be filled in for nothing: {html}");
    let id = uuid::Uuid::now_v7().to_string();
    let gift = [
        ("id", id.as_str()),
        ("step", "record"),
        ("date", "05/11/2026"),
        ("donor_type", "person"),
        ("donor_name", "Nguyễn Thị Hạnh"),
        ("amount", "1.234.000"),
        ("method", "cash"),
        ("place", "cash"),
        ("fund", "chung"),
    ];
    let (found, html) = post(client, "/ban/phieu-thu", &gift).await;
    assert_eq!(found, Status::ServiceUnavailable, "{html}");
    assert!(html.contains("<title>Lỗi: ") && html.contains("Sổ đang tạm đóng"), "{html}");
    assert!(html.contains("Nguyễn Thị Hạnh") && html.contains("1.234.000"), "typed text is lost");
}

#[rocket::async_test]
async fn rows_that_were_changed_are_told_on_every_page() {
    let (unavailable, ok) = (Status::ServiceUnavailable, Status::Ok);
    for (sql, status, word) in [
        ("UPDATE entries SET bytes = leaf_hash WHERE seq = 12", unavailable, DAMAGED),
        ("UPDATE lots SET unspent = unspent - 1 WHERE unspent > 0", ok, DERIVED),
        ("UPDATE place_days SET money_in = money_in + 1", ok, DERIVED),
        ("UPDATE figures SET reversed_by = NULL", ok, DERIVED),
    ] {
        let filled = Filled::new().await;
        let client = opened(&filled).await;
        let pages = pages(&filled).await;
        let tag = {
            let page = client.get(pages[0].clone()).dispatch().await;
            page.headers().get_one("ETag").unwrap().to_owned()
        };
        drop(client);
        filled.house.store.stop().await.unwrap();
        let rows = filled.house.break_guards().await;
        rows.execute_unprepared(sql).await.unwrap();
        rows.close().await.unwrap();
        let house = filled.house.restart_stopped().await;
        let client = on(&house).await;
        tells(&client, &pages, status, word).await;
        // Whoever has the page from before is not told that it still holds.
        let request = client.get(pages[0].clone()).header(Header::new("If-None-Match", tag));
        assert_eq!(request.dispatch().await.status(), status, "{sql}");
    }
}

#[rocket::async_test]
async fn yesterdays_database_is_told_on_every_page() {
    let filled = Filled::new().await;
    let (client, pages) = (opened(&filled).await, pages(&filled).await);
    drop(client);
    let (chapter, origin) = (filled.chapter, filled.origin.clone());
    let house = filled.house.restart().await;
    house.store.stop().await.unwrap();
    let file = house.folder.path().join("minhbach.sqlite");
    let copy = house.folder.path().join("yesterday");
    std::fs::copy(&file, &copy).unwrap();
    let house = house.restart_stopped().await;
    let pen = super::public::filled::Pen { house: &house, chapter, origin: &origin };
    pen.gift("2026-11-05", "chung", 1_000).await;
    house.store.stop().await.unwrap();
    std::fs::copy(&copy, &file).unwrap();
    let house = house.restart_stopped().await;
    let client = on(&house).await;
    tells(&client, &pages, Status::Ok, BEHIND).await;
    let (_, html) = get(&client, &format!("/{SLUG}/kiem-chung")).await;
    assert!(html.contains("Đã ký một sổ dài hơn"), "{html}");
    let untrue = ["chưa có đầu sổ nào được ký", "Các tệp của sổ", "minhbach verify "];
    assert!(untrue.iter().all(|word| !html.contains(word)), "{html}");
    let (status, html) = get(&client, &format!("/{SLUG}/checkpoint")).await;
    assert_eq!(status, Status::ServiceUnavailable, "no head is given out: {html}");
}

#[rocket::async_test]
async fn a_check_of_a_running_server_tells_at_once() {
    let filled = Filled::new().await;
    let (client, pages) = (opened(&filled).await, pages(&filled).await);
    let (status, html) = get(&client, &pages[0]).await;
    assert!(status == Status::Ok && !html.contains(DERIVED), "{html}");
    let rows = filled.house.rows().await;
    rows.execute_unprepared("UPDATE numbers SET number = number + 100").await.unwrap();
    let findings = filled.house.store.check(filled.chapter).await.unwrap();
    assert!(findings.to_string().contains("numbers"), "{findings}");
    tells(&client, &pages, Status::Ok, DERIVED).await;
    let (_, html) = get(&client, "/ban/viec").await;
    assert!(!html.contains(DAMAGED) && !html.contains("Đừng sửa"), "one notice: {html}");
}
