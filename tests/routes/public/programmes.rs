//! What programmes did: the figures of a year, and the vouchers behind each of them.

use rocket::http::Status;
use rocket::local::asynchronous::Client;
use serde_json::json;

use super::client;
use super::filled::{Filled, ONE, Pen, SLUG, TWO};
use crate::house::{Ground, postgres};

/// A programme of classes with costs and reports; the entries of the report, of the cost that it
/// overrules, and of a cost that was reversed.
async fn classes(pen: &Pen<'_>) -> [u64; 3] {
    pen.gift("2026-11-06", "chung", 3_000_000).await;
    let programme = json!({"code": "lop", "type": "training", "name": "Sơ cấp cứu"});
    let programme = json!({"programme": programme});
    pen.write("2026-11-06", "programme_opened", programme, ONE).await;
    let cost = |amount: i64, people: i64| {
        json!({
            "place": "cash", "fund": "chung", "programme": "lop", "category": "training",
            "amount": amount, "payee": {"type": "organisation", "name": "Trường Xuân Tây"},
            "figure": {"of": "people", "number": people},
        })
    };
    let cost_paid = pen.write("2026-11-06", "cost_paid", cost(1_000_000, 30), TWO).await;
    let report = |from: &str, to: &str, figures| {
        let mut members = json!({"programme": "lop", "from": from, "to": to});
        members["figures"] = figures;
        members
    };
    let figures = json!([
        {"of": "classes", "number": 3}, {"of": "people", "number": 64},
        {"of": "places", "number": 20}, {"of": "collaborators", "number": 7},
    ]);
    let first = report("2026-11-01", "2026-11-06", figures);
    let reported = pen.write("2026-11-06", "activity_reported", first, ONE).await;
    let figures = json!([{"of": "places", "number": 24}]);
    let newer = report("2026-11-06", "2026-11-07", figures);
    pen.write("2026-11-07", "activity_reported", newer, ONE).await;
    let wrong = pen.write("2026-11-07", "cost_paid", cost(500_000, 10), TWO).await;
    let undone = json!({"of": wrong.seq, "reason": "mistyped"});
    pen.write("2026-11-07", "reversed", undone, TWO).await;
    [reported.seq, cost_paid.seq, wrong.seq]
}

async fn text(client: &Client, uri: &str) -> String {
    let response = client.get(uri.to_owned()).dispatch().await;
    let status = response.status();
    let html = response.into_string().await.unwrap();
    assert_eq!(status, Status::Ok, "{uri}: {html}");
    html.replace('\u{a0}', " ")
}

#[rocket::async_test]
async fn a_year_shows_what_was_spent_and_counted_and_what_each_one_cost() {
    let filled = Filled::new().await;
    classes(&filled.pen()).await;
    let client = client(&filled).await;
    let html = text(&client, &format!("/{SLUG}/hoat-dong")).await;
    for said in [
        "Năm 2026",
        "Sơ cấp cứu",
        // 6 900 000 of aid to four families, 120 000 of transport, 1 000 000 of classes.
        "Đã chi</dt><dd>8.020.000 ₫",
        "Người</dt><dd>64",
        "Lớp</dt><dd>3",
        "dưới 5",
        // 1 000 000 / 64 = 15 625 and 1 000 000 / 3 = 333 333,3.
        "15.625 ₫",
        "333.333 ₫",
        "24 chỗ",
        "7 cộng tác viên",
        "báo cáo đến 07/11/2026",
        "báo cáo đến 06/11/2026",
        "hoat-dong/lop?nam=2026&amp;cot=nguoi#khoan",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    for wrong in ["500.000", "94", "44 chỗ", "104"] {
        assert!(!html.contains(wrong), "{wrong}: {html}");
    }
    let english = text(&client, &format!("/{SLUG}/hoat-dong?lang=en")).await;
    assert!(english.contains("24 places") && english.contains("under 5"), "{english}");
}

#[rocket::async_test]
async fn a_figure_leads_to_the_vouchers_behind_it_and_to_no_others() {
    let filled = Filled::new().await;
    let [report, cost, wrong] = classes(&filled.pen()).await;
    let client = client(&filled).await;
    let link = |seq: u64| format!("href=\"/{SLUG}/so/{seq}\"");
    let behind = |column: &str| format!("/{SLUG}/hoat-dong/lop?nam=2026&cot={column}");
    let people = text(&client, &behind("nguoi")).await;
    assert!(people.contains(&link(report)) && !people.contains(&link(cost)), "{people}");
    let costs = text(&client, &behind("chi-phi")).await;
    assert!(costs.contains(&link(cost)) && !costs.contains(&link(report)), "{costs}");
    assert!(!costs.contains(&link(wrong)), "{costs}");
    let all = text(&client, &format!("/{SLUG}/hoat-dong/lop")).await;
    assert!(
        all.contains(&link(cost)) && all.contains(&link(report)) && !all.contains(&link(wrong))
    );
    assert!(all.contains("Tập huấn"), "{all}");
    let families = text(&client, &format!("/{SLUG}/hoat-dong/mo-tim?cot=luot-ho")).await;
    assert!(families.contains("dưới 5 hộ") && !families.contains("2 lượt hộ"), "{families}");
    let none = text(&client, &format!("/{SLUG}/hoat-dong/lop?cot=mau")).await;
    assert!(none.contains("Chưa có khoản chi hay báo cáo"), "{none}");
}

#[rocket::async_test]
async fn many_vouchers_come_in_pages() {
    let filled = Filled::new().await;
    filled.pen().gift("2026-11-06", "chung", 3_000_000).await;
    for amount in 1..=45 {
        filled.pen().aid("2026-11-06", "chung", &[amount * 1_000]).await;
    }
    let client = client(&filled).await;
    let path = format!("/{SLUG}/hoat-dong/mo-tim?nam=2026&cot=tien");
    let links = |html: &str| html.matches(&format!("href=\"/{SLUG}/so/")).count();
    let first = text(&client, &path).await;
    assert_eq!(links(&first), 40);
    assert!(first.contains("trang=2#khoan\" rel=\"next\""), "{first}");
    let second = text(&client, &format!("{path}&trang=2")).await;
    assert_eq!(links(&second), 7);
    // Four families before, forty-five now: enough to be told.
    let html = text(&client, &format!("/{SLUG}/hoat-dong")).await;
    assert!(html.contains(">49<"), "{html}");
}

#[rocket::async_test]
async fn odd_addresses_of_activities_lead_nowhere() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    for odd in [
        "hoat-dong?nam=-1",
        "hoat-dong?nam=99999",
        "hoat-dong?nam=2025",
        "hoat-dong?nam=02026",
        "hoat-dong?nam=2026%00",
        "hoat-dong?nam=%D9%A2%D9%A0%D9%A2%D9%A6",
        "hoat-dong?nam=tat-ca-x",
        "hoat-dong/khong-co",
        "hoat-dong/MO-TIM",
        "hoat-dong/%00",
        "hoat-dong/mo-tim?nam=1",
        "hoat-dong/mo-tim?cot=password",
        "hoat-dong/mo-tim?trang=0",
        "hoat-dong/mo-tim?trang=-1",
        "hoat-dong/mo-tim?trang=99",
        "hoat-dong/mo-tim?trang=18446744073709551616",
    ] {
        let response = client.get(format!("/{SLUG}/{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
    let response = client.get("/khong-co/hoat-dong").dispatch().await;
    assert_eq!(response.status(), Status::NotFound);
    let empty = text(&client, &format!("/{SLUG}/hoat-dong?nam=")).await;
    assert!(empty.contains("Năm 2026"));
}

#[rocket::async_test]
async fn both_databases_count_the_same_deeds() {
    let Some(ground) = postgres().await else { return };
    let mut shown = Vec::new();
    for ground in [Ground::Sqlite, ground] {
        let filled = Filled::on(ground).await;
        classes(&filled.pen()).await;
        let client = client(&filled).await;
        let pages = ["hoat-dong", "hoat-dong?nam=tat-ca", "hoat-dong/lop", "hoat-dong/mo-tim"];
        let mut all = Vec::new();
        for path in pages {
            all.push(text(&client, &format!("/{SLUG}/{path}")).await);
        }
        let store = &filled.house.store;
        let size = store.view(filled.chapter).unwrap().unwrap().size();
        shown.push((all, store.done(filled.chapter, size).await.unwrap().deeds().to_vec()));
    }
    assert_eq!(shown[0], shown[1]);
    assert!(shown[0].1.len() > 5, "{:?}", shown[0].1);
}
