//! `/tong-hop`: two chapters here, a third one as a mirror, and the way of support between them.

use std::path::Path;

use minhbach::ledger::word::Origin;
use minhbach::publish::{Tree, export, export_all};
use minhbach::store::alongside::Alongside;
use minhbach::store::{ChapterId, Recorded};
use minhbach::verify::source::Source;
use minhbach::web::{BaseUrl, Config, Mirrors, figment, site};
use rocket::http::{RawStr, Status};
use rocket::local::asynchronous::Client;
use serde_json::json;

use super::filled::{Filled, ONE, Pen, SLUG, TWO, at, opening};
use super::{BASE, client};
use crate::house::{Ground, TestHouse, postgres};
use crate::store::continued::go_on;

const BESIDE: &str = "so.example/xuan-dong";

/// A second chapter in a house.
struct Beside {
    chapter: ChapterId,
    origin: Origin,
}

impl Beside {
    async fn of(house: &TestHouse) -> Self {
        let origin: Origin = BESIDE.parse().unwrap();
        let opened = opening(house, &origin, "Hội Chữ thập đỏ xã Xuân Đông");
        let found = house.store.found(opened, Alongside::nothing(), at("2026-09-01")).await;
        let (chapter, _) = found.unwrap();
        let beside = Self { chapter, origin };
        let pen = beside.pen(house);
        let terms = json!({"text": "Chi cho mọi việc nhân đạo", "costs": true});
        let fund = json!({"fund": {
            "code": "chung", "type": "general", "name": "Quỹ chung", "terms": terms,
        }});
        pen.write("2026-09-01", "fund_opened", fund, TWO).await;
        let programme = json!({"programme": {"code": "mo-tim", "type": "medical", "name": "Mổ"}});
        pen.write("2026-09-01", "programme_opened", programme, ONE).await;
        // No two entries are a month apart.
        for (day, amount) in [("2026-09-02", 300_000), ("2026-10-02", 300_000)] {
            pen.gift(day, "chung", amount).await;
        }
        pen.gift("2026-11-01", "chung", 100_000).await;
        beside
    }

    fn pen<'a>(&'a self, house: &'a TestHouse) -> Pen<'a> {
        Pen { house, chapter: self.chapter, origin: &self.origin }
    }
}

async fn send(pen: &Pen<'_>, day: &str, fund: &str, amount: i64, to: &str) -> Recorded {
    let sent = json!({"amount": amount, "place": "cash", "fund": fund, "to_log": to});
    pen.write(day, "sent_to_chapter", sent, TWO).await
}

async fn receive(pen: &Pen<'_>, day: &str, amount: i64, log: &str, id: &str) -> Recorded {
    let received = json!({
        "amount": amount, "place": "cash", "fund": "chung", "sender": {"log": log, "id": id},
    });
    pen.write(day, "received_from_chapter", received, ONE).await
}

/// The voucher of an entry.
async fn id(house: &TestHouse, chapter: ChapterId, seq: u64) -> String {
    let kept = house.store.entry(chapter, seq).await.unwrap().unwrap();
    kept.entry.voucher().id.as_str().to_owned()
}

/// A gift of 900 000 for the new year, 400 000 of it sent and received, 100 000 on its way, and
/// 50 000 that the other ledger recorded as 60 000.
async fn exchanged(filled: &Filled, beside: &Beside) -> [Recorded; 4] {
    let (house, from) = (&filled.house, format!("so.example/{SLUG}"));
    let gift = filled.pen().gift("2026-11-06", "tet", 900_000).await;
    // The gift of 3 000 000 came first, and goes first.
    send(&filled.pen(), "2026-11-06", "tet", 3_000_000, "khac.example/xa-khac").await;
    let sent = send(&filled.pen(), "2026-11-06", "tet", 400_000, BESIDE).await;
    send(&filled.pen(), "2026-11-06", "tet", 100_000, BESIDE).await;
    let differs = send(&filled.pen(), "2026-11-06", "tet", 50_000, BESIDE).await;
    let pen = beside.pen(house);
    let of = id(house, filled.chapter, sent.seq).await;
    let received = receive(&pen, "2026-11-07", 400_000, &from, &of).await;
    let of = id(house, filled.chapter, differs.seq).await;
    receive(&pen, "2026-11-07", 60_000, &from, &of).await;
    pen.aid("2026-11-08", "chung", &[500_000, 350_000]).await;
    [gift, sent, received, differs]
}

async fn page(client: &Client, uri: &str) -> String {
    let response = client.get(uri.to_owned()).dispatch().await;
    let status = response.status();
    let html = response.into_string().await.unwrap();
    assert_eq!(status, Status::Ok, "{uri}: {html}");
    html.replace('\u{a0}', " ")
}

/// The cells of the row that begins with a text.
fn cells(html: &str, row: &str) -> Vec<String> {
    let after = html.split(&format!(">{row}<")).nth(1).unwrap_or_else(|| panic!("{row}: {html}"));
    let row = after.split("</tr>").next().unwrap();
    let amounts = row.split(['<', '>']).filter(|text| text.contains('₫'));
    amounts.map(str::to_owned).collect()
}

#[rocket::async_test]
async fn what_chapters_sent_each_other_is_taken_off_once_and_the_rest_is_shown() {
    let filled = Filled::new().await;
    let beside = Beside::of(&filled.house).await;
    let [_, sent, received, _] = exchanged(&filled, &beside).await;
    let client = client(&filled).await;
    let html = page(&client, "/tong-hop").await;
    assert_eq!(cells(&html, "Gửi Hội khác"), ["3.550.000 ₫", "−400.000 ₫", "3.150.000 ₫"]);
    assert_eq!(cells(&html, "Nhận từ Hội khác"), ["460.000 ₫", "−400.000 ₫", "60.000 ₫"]);
    for said in [
        "Đang chuyển</dt><dd>100.000 ₫",
        "đang chuyển đến",
        "gửi đến sổ không có ở đây:",
        "href=\"https://khac.example/xa-khac/\"",
        "khác với chứng từ gửi của",
        "số bên nhận ghi lại khác:",
        "Hội Chữ thập đỏ tỉnh Đồng Nai",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    let pair = html.split("được trừ</h2>").nth(1).unwrap().split("</ul>").next().unwrap();
    assert_eq!(pair.matches("<li>").count(), 1, "{pair}");
    assert!(pair.contains(&format!("/{SLUG}/so/{}\"", sent.seq)), "{pair}");
    assert!(pair.contains(&format!("/xuan-dong/so/{}\"", received.seq)), "{pair}");
    let upper = RawStr::new("Hội Chữ thập đỏ tỉnh Đồng Nai").percent_encode().to_string();
    let same = page(&client, &format!("/tong-hop?tren={upper}")).await;
    assert_eq!(cells(&same, "Gửi Hội khác")[0], "3.550.000 ₫");
    let english = page(&client, "/tong-hop?lang=en").await;
    assert!(english.contains("on its way to"), "{english}");
    let home = page(&client, "/").await;
    assert!(home.contains("href=\"/tong-hop\""), "{home}");
    for odd in ["nam=-1", "nam=99999", "nam=2025", "tren=x", "tren=%00"] {
        let response = client.get(format!("/tong-hop?{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
}

#[rocket::async_test]
async fn a_donor_follows_the_gift_into_the_other_ledger_and_back() {
    let filled = Filled::new().await;
    let beside = Beside::of(&filled.house).await;
    let [gift, sent, received, differs] = exchanged(&filled, &beside).await;
    let client = client(&filled).await;
    let there = format!("href=\"/xuan-dong/so/{}\"", received.seq);
    let html = page(&client, &format!("/{SLUG}/so/{}", sent.seq)).await;
    assert!(html.contains("Hội nhận đã ghi sổ:") && html.contains(&there), "{html}");
    let back = page(&client, &format!("/xuan-dong/so/{}", received.seq)).await;
    assert!(back.contains("Hội gửi đã ghi sổ:"), "{back}");
    assert!(back.contains(&format!("href=\"/{SLUG}/so/{}\"", sent.seq)), "{back}");
    let html = page(&client, &format!("/{SLUG}/so/{}", sent.seq + 1)).await;
    assert!(html.contains("Đang chuyển, chưa thấy ghi nhận trong sổ của"), "{html}");
    let html = page(&client, &format!("/{SLUG}/so/{}", differs.seq)).await;
    assert!(html.contains("ghi khác về số lượng"), "{html}");
    let html = page(&client, &format!("/{SLUG}/so/{}", sent.seq - 1)).await;
    assert!(html.contains("href=\"https://khac.example/xa-khac/\""), "{html}");
    let code = gift.receipt.as_ref().unwrap().as_str();
    let receipt = page(&client, &format!("/bn/{code}")).await;
    for said in [
        "Đã chuyển Hội khác <strong class=\"mb-money\">550.000 ₫",
        "Phần đã chuyển sang Hội khác",
        // 700 000 of its own went first, then 150 000 of what came.
        "Trong cả khoản 400.000 ₫ Hội đó nhận: đã dùng 150.000 ₫, còn 250.000 ₫.",
        "Đã dùng cho: Mổ.",
        &there,
    ] {
        assert!(receipt.contains(said), "{said}: {receipt}");
    }
}

#[rocket::async_test]
async fn a_ledger_that_can_not_exist_is_no_link() {
    let filled = Filled::new().await;
    let sent = send(&filled.pen(), "2026-11-06", "tet", 1_000, "abc.invalid/xa-x").await;
    let client = client(&filled).await;
    let html = page(&client, &format!("/{SLUG}/so/{}", sent.seq)).await;
    assert!(html.contains("abc.invalid/xa-x") && !html.contains("https://abc.invalid"), "{html}");
    let received = receive(&filled.pen(), "2026-11-07", 5, "khac.example/x", VOUCHER).await;
    let html = page(&client, &format!("/{SLUG}/so/{}", received.seq)).await;
    assert!(html.contains("Sổ của Hội gửi ở nơi khác:"), "{html}");
}

const VOUCHER: &str = "01890000-0000-7000-8000-000000000001";

/// The site of a chapter, with a mirror of another house's one.
async fn with_mirrors(filled: &Filled, mirrors: Mirrors) -> Client {
    let config = Config { mirrors, ..Config::new(BaseUrl::parse(BASE).unwrap()) };
    let figment = figment().merge(("log_level", "off"));
    let rocket = site(config, figment).manage(filled.house.store.clone());
    Client::untracked(rocket).await.unwrap()
}

async fn copy(house: &TestHouse, chapter: ChapterId, folder: &Path) {
    let tree = Tree::open(&house.store, chapter).unwrap().unwrap();
    export(&tree, folder).await.unwrap();
}

#[rocket::async_test]
async fn a_mirror_counts_once_it_was_verified_and_no_more_when_it_is_not() {
    let filled = Filled::new().await;
    let elsewhere = TestHouse::new(Ground::Sqlite).await;
    let beside = Beside::of(&elsewhere).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("xuan-dong");
    copy(&elsewhere, beside.chapter, &place).await;
    let own = folder.path().join("xuan-tay");
    copy(&filled.house, filled.chapter, &own).await;
    let nothing = folder.path().join("khong-co");
    let mirrors = Mirrors::new(vec![place.clone(), own, nothing]);
    let client = with_mirrors(&filled, mirrors.clone()).await;
    let before = page(&client, "/tong-hop").await;
    assert!(before.contains("đang kiểm chứng, chưa tính"), "{before}");
    assert!(before.contains("Số Hội</dt><dd>1<"), "{before}");

    let sent = send(&filled.pen(), "2026-11-06", "tet", 90_000, BESIDE).await;
    let of = id(&filled.house, filled.chapter, sent.seq).await;
    let pen = beside.pen(&elsewhere);
    receive(&pen, "2026-11-07", 90_000, &format!("so.example/{SLUG}"), &of).await;
    copy(&elsewhere, beside.chapter, &place).await;
    refresh(&mirrors).await;
    let html = page(&client, "/tong-hop").await;
    for said in [
        "Số Hội</dt><dd>2<",
        "đã kiểm chứng toàn bộ, có tính",
        "bản sao của sổ có ở đây",
        "không đọc được tệp, không tính",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains(folder.path().to_str().unwrap()), "{html}");
    assert_eq!(cells(&html, "Gửi Hội khác"), ["90.000 ₫", "−90.000 ₫", "0 ₫"]);

    // A copy that was written anew does not continue what was counted.
    let anew = TestHouse::new(Ground::Sqlite).await;
    let other = Beside::of(&anew).await;
    std::fs::remove_dir_all(&place).unwrap();
    copy(&anew, other.chapter, &place).await;
    let fresh = Source::new(place.to_str().unwrap());
    let options = minhbach::verify::Options::default();
    assert!(minhbach::verify::verify(&fresh, &options, &mut |_, _| {}).unwrap().exit_status() == 0);
    refresh(&mirrors).await;
    let html = page(&client, "/tong-hop").await;
    assert!(html.contains("Số Hội</dt><dd>1<"), "{html}");
    assert!(html.contains("cây hoặc dấu chốt không khớp, không tính"), "{html}");
    mirrors.stop();
    assert!(mirrors.is_stopped());
}

#[cfg(unix)]
#[rocket::async_test]
async fn a_mirror_counts_with_all_its_ledgers_and_a_pipe_holds_up_nobody() {
    let filled = Filled::new().await;
    let elsewhere = TestHouse::new(Ground::Sqlite).await;
    let beside = Beside::of(&elsewhere).await;
    let folder = tempfile::tempdir().unwrap();
    let (pipe, place) = (folder.path().join("ong"), folder.path().join("xuan-dong"));
    std::fs::create_dir(&pipe).unwrap();
    let made = std::process::Command::new("mkfifo").arg(pipe.join("checkpoint")).status();
    assert!(made.unwrap().success());
    copy(&elsewhere, beside.chapter, &place).await;
    let mirrors = Mirrors::new(vec![pipe, place.clone()]);
    let client = with_mirrors(&filled, mirrors.clone()).await;
    refresh(&mirrors).await;
    let html = page(&client, "/tong-hop").await;
    assert!(html.contains("Số Hội</dt><dd>2<"), "{html}");
    assert!(html.contains("không đọc được tệp, không tính"), "{html}");

    // What the next ledger receives counts as soon as its files are there.
    let next = beside.origin.next().unwrap();
    go_on(&elsewhere, beside.chapter, &next).await;
    let sent = send(&filled.pen(), "2026-11-06", "tet", 90_000, BESIDE).await;
    let of = id(&filled.house, filled.chapter, sent.seq).await;
    let continued = Beside { chapter: beside.chapter, origin: next };
    let pen = continued.pen(&elsewhere);
    receive(&pen, "2026-11-07", 90_000, &format!("so.example/{SLUG}"), &of).await;
    let trees = Tree::all(&elsewhere.store, beside.chapter).unwrap();
    export_all(&trees, &place).await.unwrap();
    refresh(&mirrors).await;
    let html = page(&client, "/tong-hop").await;
    assert!(html.contains("Số Hội</dt><dd>2<"), "{html}");
    assert_eq!(cells(&html, "Gửi Hội khác"), ["90.000 ₫", "−90.000 ₫", "0 ₫"]);

    // A mirror whose later ledger is gone goes back.
    std::fs::remove_dir_all(place.join("2")).unwrap();
    refresh(&mirrors).await;
    let html = page(&client, "/tong-hop").await;
    assert!(html.contains("Số Hội</dt><dd>1<"), "{html}");
    assert!(html.contains("cây hoặc dấu chốt không khớp, không tính"), "{html}");
}

/// As the task beside the site does it.
async fn refresh(mirrors: &Mirrors) {
    let mirrors = mirrors.clone();
    tokio::task::spawn_blocking(move || mirrors.refresh()).await.unwrap();
}

#[rocket::async_test]
async fn both_databases_roll_up_the_same() {
    let Some(ground) = postgres().await else { return };
    let mut shown = Vec::new();
    for ground in [Ground::Sqlite, ground] {
        let filled = Filled::on(ground).await;
        let beside = Beside::of(&filled.house).await;
        let [_, sent, ..] = exchanged(&filled, &beside).await;
        let undone = json!({"of": sent.seq + 1, "reason": "mistyped"});
        filled.pen().write("2026-11-09", "reversed", undone, TWO).await;
        let client = client(&filled).await;
        let mut all = Vec::new();
        for uri in ["/tong-hop", "/tong-hop?nam=tat-ca"] {
            all.push(page(&client, uri).await);
        }
        assert!(!all[0].contains("100.000 ₫"), "{}", all[0]);
        shown.push(all);
    }
    assert_eq!(shown[0], shown[1]);
}
