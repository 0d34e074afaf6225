//! Every figure leads to the entries behind it, and these add up to it; files hold what pages show.

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use minhbach::money::Money;
use minhbach::web::Language;
use minhbach::web::format::money;
use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use serde_json::{Value, json};

use super::filled::{Filled, ONE, SLUG, TWO, digests};
use super::lending::Lending;
use super::pages::{compressed, page};
use super::{client, one};
use crate::house::{Ground, postgres};

/// The chapter of loans, with goods: bought, given and handed out; a campaign's month is closed,
/// and something of it reversed later.
pub async fn furnished(ground: Ground) -> Lending {
    let own = Lending::on(ground).await;
    let pen = own.filled.pen();
    let day = "2026-11-18";
    let item = json!({"item": {"code": "gao", "name": "Gạo tẻ", "unit": "kg", "whole": false}});
    pen.write(day, "item_opened", item, ONE).await;
    pen.write(day, "store_opened", json!({"store": {"code": "kho", "name": "Kho xã"}}), ONE).await;
    let lots = json!([{"item": "gao", "quantity": "100.5", "value": 2_010_000}]);
    let donor = json!({"type": "person", "_sd": digests(2)});
    let given = json!({"store": "kho", "fund": "chung", "donor": donor, "lots": lots});
    pen.write(day, "goods_received", given, ONE).await;
    let lots = json!([{"item": "gao", "quantity": "50", "value": 800_000}]);
    let bought = json!({
        "place": "cash", "store": "kho", "fund": "chung", "lots": lots,
        "payee": {"type": "organisation", "name": "Đại lý =Hạnh"},
    });
    pen.write(day, "goods_purchased", bought, TWO).await;
    let items = |quantity: &str| json!([{"item": "gao", "quantity": quantity}]);
    let line = |quantity: &str| json!({"items": items(quantity), "_sd": digests(2)});
    let mut lines = vec![line("10"), line("12.5"), line("10"), line("10"), line("10")];
    lines.sort_by_key(|line| line["_sd"][0].as_str().unwrap().to_owned());
    let handed = json!({"store": "kho", "fund": "chung", "programme": "qua-tet", "lines": lines});
    pen.write("2026-11-19", "goods_distributed", handed, TWO).await;
    own
}

fn told(amount: i64) -> String {
    money(Money::new(amount).unwrap(), Language::Vietnamese).replace('\u{a0}', " ")
}

/// Links to the accounts with the amount that they show: `<a href="…cong-khai?…">…1.500 ₫…</a>`.
fn links(html: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in html.split("<a ").skip(1) {
        let Some((inside, _)) = part.split_once("</a>") else { continue };
        let Some((_, rest)) = inside.split_once("href=\"") else { continue };
        let Some((href, text)) = rest.split_once('"') else { continue };
        let text = text.split_once('>').map_or("", |(_, text)| text);
        let plain: String =
            text.split('<').map(|own| own.split_once('>').map_or(own, |(_, t)| t)).collect();
        if href.contains("/cong-khai?") && plain.contains('₫') {
            found.push((href.replace("&amp;", "&"), plain.trim().replace('+', "")));
        }
    }
    found
}

async fn data(client: &Client, uri: &str) -> Value {
    let response = client.get(uri.to_owned()).dispatch().await;
    assert_eq!(response.status(), Status::Ok, "{uri}");
    serde_json::from_slice(&response.into_bytes().await.unwrap()).unwrap()
}

/// What the entries behind an address of the accounts add up to: every reading of it that a figure
/// may have.
async fn readings(client: &Client, href: &str) -> BTreeSet<String> {
    let uri = href.replacen("/cong-khai?", "/cong-khai.json?", 1);
    let all = data(client, &uri).await;
    let lines = all["lines"].as_array().unwrap();
    let sum = |name: &str| lines.iter().filter_map(|line| line[name].as_i64()).sum::<i64>();
    let mut found = BTreeSet::new();
    assert_eq!(all["sums"]["in"], sum("in"), "{uri}");
    assert_eq!(all["sums"]["out"], sum("out"), "{uri}");
    assert_eq!(all["sums"]["count"], lines.len(), "{uri}");
    if all["account"].is_null() || lines.iter().any(|line| line["amount"].is_null()) {
        found.extend([told(sum("in")), told(sum("out")), told(sum("in") - sum("out"))]);
        if let Some(balance) = lines.last().and_then(|line| line["balance"].as_i64()) {
            found.insert(told(balance));
        }
    } else {
        assert_eq!(all["sums"]["amount"], sum("amount"), "{uri}");
        found.extend([told(sum("amount")), told(-sum("amount"))]);
    }
    // The page says the same.
    let html = page(client, href).await;
    assert!(html.contains(&format!("Có {} bút toán", lines.len())), "{href}");
    found
}

async fn every_link_adds_up(ground: Ground) {
    let own = furnished(ground).await;
    let client = client(&own.filled).await;
    let mut followed = 0;
    for path in [
        "",
        "/bao-cao/2026-09",
        "/bao-cao/2026-11",
        "/cong-khai?ky=2026-11",
        "/cong-khai?ky=2026",
        "/cong-khai?ky=tat-ca&quy=chung",
    ] {
        let html = page(&client, &format!("/{SLUG}{path}")).await;
        for (href, amount) in links(&html) {
            let readings = readings(&client, &href).await;
            assert!(readings.contains(&amount), "{path}: {href}: {amount} of {readings:?}");
            followed += 1;
        }
    }
    assert!(followed > 25, "{followed}");
}

#[rocket::async_test]
async fn the_entries_behind_every_amount_add_up_to_it() {
    every_link_adds_up(Ground::Sqlite).await;
}

#[rocket::async_test]
async fn the_entries_behind_every_amount_add_up_to_it_on_postgres() {
    if let Some(ground) = postgres().await {
        every_link_adds_up(ground).await;
    }
}

/// The rows of a table of a page: link, and the amount beside it.
fn rows(html: &str) -> Vec<(String, String)> {
    let rows = html.split("<tr ").filter_map(|row| {
        let href = row.split_once("href=\"")?.1.split('"').next()?;
        let (before, _) = row.split_once(" ₫")?;
        let amount = before.rsplit('>').next()?;
        Some((href.replace("&amp;", "&"), format!("{amount} ₫")))
    });
    rows.collect()
}

#[rocket::async_test]
async fn a_funds_flow_has_equal_sides_and_each_of_its_lines_its_entries() {
    let own = furnished(Ground::Sqlite).await;
    let client = client(&own.filled).await;
    let mut followed = 0;
    for query in
        ["", "?quy=chung", "?quy=von", "?quy=tet&ky=2026-10", "?quy=von&ky=2026-11", "?ky=2026"]
    {
        let uri = format!("/{SLUG}/dong-tien{query}");
        let html = page(&client, &uri).await;
        let sums: Vec<&str> = html.split("Cộng</th>").skip(1).collect();
        let amount =
            |text: &str| text.split("<span>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert_eq!(sums.len(), 2, "{uri}");
        assert_eq!(amount(sums[0]), amount(sums[1]), "{uri}");
        for (href, amount) in rows(&html) {
            if href.contains("/dong-tien?") {
                let before = page(&client, &href).await;
                assert!(before.contains(&format!("<span>{amount}</span>")), "{uri}: {href}");
                continue;
            }
            // What lies in stores and what is out on loan have pages of their own.
            let own = ["?", "/hien-vat", "/von-vay"].iter().any(|part| href.contains(part));
            if !own {
                continue;
            }
            if !href.contains("/cong-khai?") {
                let there = page(&client, &href).await;
                assert!(there.contains(&amount), "{uri}: {href}: {amount}");
                continue;
            }
            let readings = readings(&client, &href).await;
            assert!(readings.contains(&amount), "{uri}: {href}: {amount} of {readings:?}");
            followed += 1;
        }
        assert!(compressed(&html) <= 14 * 1024, "{uri}: {}", compressed(&html));
    }
    assert!(followed > 20, "{followed}");
    for odd in [
        "quy=custody",
        "quy=x",
        "ky=2027",
        "ky=tat",
        "tu=2026-13-01",
        "tu=2026-11-02&den=2026-11-01",
    ] {
        let response = client.get(format!("/{SLUG}/dong-tien?{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
}

#[rocket::async_test]
async fn each_column_of_a_picture_has_the_sums_of_its_month() {
    let own = furnished(Ground::Sqlite).await;
    let client = client(&own.filled).await;
    for (path, sides) in [
        ("", ["in", "out"]),
        ("/cong-khai?ky=2026&quy=chung", ["in", "out"]),
        ("/hien-vat", ["in", "out"]),
        ("/cong-khai?ky=tat-ca&khoan=chi", ["amount", "amount"]),
    ] {
        let html = page(&client, &format!("/{SLUG}{path}")).await;
        let columns: Vec<&str> = html.split("aria-label=\"Tháng ").skip(1).collect();
        assert_eq!(columns.len(), 3, "{path}: three months of books");
        for column in columns {
            let label = column.split('"').next().unwrap();
            let before = html.split(&format!("aria-label=\"Tháng {label}")).next().unwrap();
            let href = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
            let href = href.replace("&amp;", "&");
            let uri = href.replacen("/cong-khai?", "/cong-khai.json?", 1);
            let all = data(&client, &uri).await;
            for side in sides {
                let amount = told(all["sums"][side].as_i64().unwrap());
                assert!(label.contains(&amount), "{path}: {label}: {side} {amount}");
            }
        }
        // The table behind the picture has every month, too.
        assert!(html.contains("Xem bảng số liệu của biểu đồ"), "{path}");
        assert!(compressed(&html) <= 14 * 1024, "{path}: {}", compressed(&html));
    }
}

/// The cells of a column of a sheet, from a row on.
fn amounts(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str, column: u32) -> Vec<f64> {
    let range = book.worksheet_range(sheet).unwrap();
    let end = range.end().unwrap().0;
    let cell = |row| range.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    (1..=end).map(|row| if let Data::Float(own) = cell(row) { own } else { 0.0 }).collect()
}

async fn book(client: &Client, uri: &str) -> Xlsx<Cursor<Vec<u8>>> {
    let response = client.get(uri.to_owned()).dispatch().await;
    assert_eq!(response.status(), Status::Ok, "{uri}");
    assert!(one(&response, "Content-Disposition").contains(".xlsx\""), "{uri}");
    let tag = one(&response, "ETag").to_owned();
    let again = client.get(uri.to_owned()).header(Header::new("If-None-Match", tag));
    assert_eq!(again.dispatch().await.status(), Status::NotModified, "{uri}");
    Xlsx::new(Cursor::new(response.into_bytes().await.unwrap())).unwrap()
}

#[rocket::async_test]
async fn workbooks_hold_what_the_pages_show_and_their_sums() {
    let own = furnished(Ground::Sqlite).await;
    let client = client(&own.filled).await;
    for query in [
        "ky=tat-ca",
        "ky=2026-11",
        "ky=tat-ca&quy=chung",
        "ky=2026&khoan=chi",
        "ky=2026&khoan=hang",
    ] {
        let all = data(&client, &format!("/{SLUG}/cong-khai.json?{query}")).await;
        let uri = format!("/{SLUG}/cong-khai.xlsx?{query}");
        let mut book = book(&client, &uri).await;
        assert_eq!(book.sheet_names(), ["Công khai thu chi", "Nguồn số liệu"]);
        let (first, name) = match query.contains("khoan=chi") {
            true => (3, "amount"),
            false => (3, "in"),
        };
        let mut own = amounts(&mut book, "Công khai thu chi", first);
        let sum = own.pop().unwrap();
        let lines = all["lines"].as_array().unwrap();
        assert_eq!(own.len(), lines.len(), "{query}");
        for (cell, line) in own.iter().zip(lines) {
            assert_eq!(*cell as i64, line[name].as_i64().unwrap(), "{query}");
        }
        assert_eq!(sum as i64, all["sums"][name].as_i64().unwrap(), "{query}");
        let csv = client.get(format!("/{SLUG}/cong-khai.csv?{query}&hxl=1")).dispatch().await;
        let csv = csv.into_string().await.unwrap();
        assert_eq!(csv.lines().count(), lines.len() + 2, "{query}");
        assert!(csv.lines().nth(1).unwrap().starts_with("#date,#meta+id,#description,#value"));
    }
    let words = book(&client, &format!("/{SLUG}/cong-khai.xlsx?ky=tat-ca")).await;
    let mut words = words;
    let formulas = words.worksheet_formula("Công khai thu chi").unwrap();
    assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()));
}

#[rocket::async_test]
async fn the_other_tables_are_files_too_in_both_languages() {
    let own = furnished(Ground::Sqlite).await;
    let client = client(&own.filled).await;
    let goods = data(&client, &format!("/{SLUG}/hien-vat.json")).await;
    let row = &goods["tables"]["goods"]["rows"][0];
    assert_eq!(
        (&row["item"], &row["in"], &row["out"], &row["left"]),
        (&json!("Gạo tẻ"), &json!("150.5"), &json!("52.5"), &json!("98"))
    );
    let html = page(&client, &format!("/{SLUG}/hien-vat")).await;
    assert!(html.contains(&told(row["value"].as_i64().unwrap())), "{html}");
    let item = page(&client, &format!("/{SLUG}/hien-vat/gao")).await;
    for text in ["150,5 kg", "52,5 kg", "98 kg", "Có 3 bút toán"] {
        assert!(item.contains(text), "{text}: {item}");
    }
    for odd in ["khong-co", "gao?trang=2", "gao?trang=0", "gao?trang=x"] {
        let response = client.get(format!("/{SLUG}/hien-vat/{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
    let loans = data(&client, &format!("/{SLUG}/von-vay.json")).await;
    assert_eq!(loans["tables"]["loans"]["rows"].as_array().unwrap().len(), 4);
    assert_eq!(
        loans["tables"]["loans"]["sums"]["principal"],
        300_000 + 200_000 + 120_000 + 700_000
    );
    let done = data(&client, &format!("/{SLUG}/hoat-dong.json?nam=2026")).await;
    let spent = done["tables"]["programmes"]["sums"]["spent"].as_i64().unwrap();
    let html = page(&client, &format!("/{SLUG}/hoat-dong?nam=2026")).await;
    assert!(html.contains(&format!("Đã chi</dt><dd>{}", told(spent))), "{spent}: {html}");
    for (uri, sheets) in [
        (format!("/{SLUG}/hien-vat.xlsx"), 2),
        (format!("/{SLUG}/von-vay.xlsx"), 4),
        (format!("/{SLUG}/von-vay.xlsx?quy=von"), 4),
        (format!("/{SLUG}/hoat-dong.xlsx?nam=tat-ca&lang=en"), 3),
        (format!("/{SLUG}/bao-cao/2026-11.xlsx"), 9),
        (format!("/{SLUG}/bao-cao/2026-09.xlsx?lang=en"), 7),
        ("/tong-hop/tong-hop.xlsx?nam=2026".to_owned(), 5),
    ] {
        assert_eq!(book(&client, &uri).await.sheet_names().len(), sheets, "{uri}");
        let csv = client.get(uri.replace(".xlsx", ".csv")).dispatch().await;
        let csv = csv.into_string().await.unwrap();
        assert!(csv.starts_with('\u{feff}'), "{uri}");
        for raw in ["public-", "table-", "stock-", "lent-", "done-", "rolled-"] {
            assert!(!csv.contains(raw), "{uri}: a key is shown: {raw}: {csv}");
        }
        assert!(!csv.contains("to-hop-tac"), "{uri}: a group of borrowers");
    }
    for odd in [
        "cong-khai.pdf",
        "cong-khai.xlsx?quy=x",
        "von-vay.csv?quy=chung",
        "hoat-dong.json?nam=1999",
        "bao-cao/2026-13.csv",
        "hien-vat.csv?hxl=2",
        "x.csv",
    ] {
        let response = client.get(format!("/{SLUG}/{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
    let odd = client.get("/tong-hop/khac.csv").dispatch().await;
    assert_eq!(odd.status(), Status::NotFound);
}

#[rocket::async_test]
async fn a_report_and_its_file_have_the_same_figures() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let file = data(&client, &format!("/{SLUG}/bao-cao/2026-09.json")).await;
    let html = page(&client, &format!("/{SLUG}/bao-cao/2026-09")).await;
    for (table, column) in
        [("places", "closing"), ("funds", "closing"), ("income", "amount"), ("spending", "amount")]
    {
        let sum = file["tables"][table]["sums"][column].as_i64().unwrap();
        assert!(html.contains(&told(sum)), "{table} {column}: {sum}");
        let rows = file["tables"][table]["rows"].as_array().unwrap();
        assert_eq!(rows.iter().map(|row| row[column].as_i64().unwrap()).sum::<i64>(), sum);
    }
}
