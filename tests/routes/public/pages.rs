//! The pages: what they show, in both languages, within their budget.

use std::io::Write as _;
use std::process::{Command, Stdio};

use minhbach::ledger::receipt::{Receipt, ReceiptCode, leaf_prefix};
use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;

use super::filled::{Filled, SLUG};
use super::{BASE, client, one};

pub async fn page(client: &Client, uri: &str) -> String {
    let response = client.get(uri.to_owned()).dispatch().await;
    let status = response.status();
    let html = response.into_string().await.unwrap();
    assert_eq!(status, Status::Ok, "{uri}: {html}");
    html.replace('\u{a0}', " ")
}

pub fn code(recorded: &minhbach::store::Recorded) -> String {
    recorded.receipt.as_ref().unwrap().as_str().to_owned()
}

/// Every page of the filled chapter.
fn all(filled: &Filled) -> Vec<String> {
    let mut uris: Vec<String> =
        ["/gioi-thieu", "/rieng-tu", "/tro-giup", "/bn", "/tong-hop", "/tong-hop?nam=tat-ca"]
            .into_iter()
            .chain(["/tinh-lich-tra", super::schedule::FLAT, "/tiep-can", "/phan-anh"])
            .map(ToOwned::to_owned)
            .collect();
    for path in [
        "",
        "/cong-khai",
        "/cong-khai?ky=tat-ca",
        "/cong-khai?ky=2026-10&quy=chung",
        "/cong-khai?ky=tat-ca&ct=mo-tim&loai=aid_paid",
        "/bao-cao/2026-09",
        "/bao-cao/2026-11",
        "/kiem-chung",
        "/hien-vat",
        "/hoat-dong",
        "/hoat-dong?nam=tat-ca",
        "/tra-cuu",
        "/tra-cuu?loai=tien",
        "/tra-cuu?ten=khong-co",
        "/tra-cuu/ma-giao-dich",
        "/phan-anh",
        "/phan-anh?ve=entry&so=3",
        "/hoat-dong/mo-tim",
        "/hoat-dong/qua-tet?nam=2026&cot=chi-phi",
    ] {
        uris.push(format!("/{SLUG}{path}"));
    }
    let size = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
    uris.extend((0..size).map(|seq| format!("/{SLUG}/so/{seq}")));
    uris.push(format!("/bn/{}", code(&filled.gift)));
    uris.push(format!("/bn/{}", code(&filled.wrong)));
    uris.push(format!("/bn/{}", code(&filled.custody)));
    uris
}

pub fn compressed(html: &str) -> usize {
    let mut gzip = Command::new("gzip")
        .arg("-9c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    gzip.stdin.take().unwrap().write_all(html.as_bytes()).unwrap();
    gzip.wait_with_output().unwrap().stdout.len()
}

#[rocket::async_test]
async fn every_page_is_whole_in_both_languages_and_within_its_budget() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    for uri in all(&filled) {
        let joined = if uri.contains('?') { '&' } else { '?' };
        for language in ["vi", "en"] {
            let html = page(&client, &format!("{uri}{joined}lang={language}")).await;
            assert!(html.contains(&format!("lang=\"{language}\"")), "{uri}");
            let keys = ["public-", "member-", "book-", "figure-", "part-", "step-", "done-"];
            let more = ["rolled-", "trace-", "programme-", "schedule-", "find-", "receipt-"];
            for key in keys.into_iter().chain(more).chain(["complaint-", "access-", "name-"]) {
                for quote in ['>', ' ', '"'] {
                    let raw = format!("{quote}{key}");
                    assert!(!html.contains(&raw), "{uri} {language}: a key is shown: {raw}");
                }
            }
            assert!(!html.contains("<script"), "{uri}");
            let requests = html.matches("<link rel=\"stylesheet\"").count() + 1;
            assert_eq!(requests, 2, "{uri}");
            assert!(compressed(&html) <= 14 * 1024, "{uri}: {} bytes", compressed(&html));
        }
    }
}

/// A page without the marks of its links.
pub fn unlinked(html: &str) -> String {
    let mut parts = html.split("<a ");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    rest.fold(first, |all, part| all + part).replace("</a>", "")
}

#[rocket::async_test]
async fn the_chapters_page_says_what_there_is_and_its_figures_tie() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let home = client.get("/").dispatch().await;
    assert_eq!(home.status(), Status::SeeOther);
    assert_eq!(one(&home, "Location"), format!("/{SLUG}"));
    let html = unlinked(&page(&client, &format!("/{SLUG}")).await);
    // 2 000 000 + 4 400 000 + 1 500 000 + 3 000 000 + 1 250 + 700 000 held
    // − 6 000 000 − 900 000 − 120 000.
    for text in [
        "Tồn quỹ</dt><dd>4.581.250 ₫",
        "Đã nhận</dt><dd>8.901.250 ₫",
        "Đã dùng</dt><dd>7.020.000 ₫",
        "Đang giữ hộ</dt><dd>700.000 ₫",
        "Quỹ chung",
        "Tết vì người nghèo",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let response = client.get(format!("/{SLUG}")).dispatch().await;
    let tag = one(&response, "ETag").to_owned();
    let ask = || client.get(format!("/{SLUG}")).header(Header::new("If-None-Match", tag.clone()));
    assert_eq!(ask().dispatch().await.status(), Status::NotModified);
    filled.pen().gift("2026-11-06", "chung", 1_000).await;
    assert_eq!(ask().dispatch().await.status(), Status::Ok);
    let missing = client.get("/khong-co").dispatch().await;
    assert_eq!(missing.status(), Status::NotFound);
}

#[rocket::async_test]
async fn the_accounts_and_their_downloads_show_the_same_lines_and_sums() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    for query in ["", "?ky=tat-ca", "?ky=2026-10", "?ky=tat-ca&quy=tet", "?ky=tat-ca&loai=donation"]
    {
        let data = client.get(format!("/{SLUG}/cong-khai.json{query}")).dispatch().await;
        let data = data.into_bytes().await.unwrap();
        let data: serde_json::Value = serde_json::from_slice(&data).unwrap();
        let lines = data["lines"].as_array().unwrap();
        let sum =
            |name: &str| -> i64 { lines.iter().map(|line| line[name].as_i64().unwrap()).sum() };
        let html = page(&client, &format!("/{SLUG}/cong-khai{query}")).await;
        let money = |amount| {
            let amount = minhbach::money::Money::new(amount).unwrap();
            minhbach::web::format::money(amount, minhbach::web::Language::Vietnamese)
                .replace('\u{a0}', " ")
        };
        assert!(html.contains(&format!("Cộng thu</dt><dd>{}", money(sum("in")))), "{query}");
        assert!(html.contains(&format!("Cộng chi</dt><dd>{}", money(sum("out")))), "{query}");
        assert!(html.contains(&format!("Có {} bút toán", lines.len())), "{query}: {html}");
        for pair in lines.windows(2) {
            if let Some(balance) = pair[1]["balance"].as_i64() {
                let moved = pair[1]["in"].as_i64().unwrap() - pair[1]["out"].as_i64().unwrap();
                assert_eq!(balance, pair[0]["balance"].as_i64().unwrap() + moved, "{query}");
            }
        }
        let csv = client.get(format!("/{SLUG}/cong-khai.csv{query}")).dispatch().await;
        assert!(one(&csv, "Content-Disposition").starts_with("attachment; filename=\"xuan-tay-"));
        let csv = csv.into_string().await.unwrap();
        assert!(csv.starts_with("\u{feff}Ngày,Số hiệu,Diễn giải,Thu,Chi,Tồn\r\n"), "{csv}");
        assert_eq!(csv.lines().count(), lines.len() + 1, "{query}");
    }
    let all = client.get(format!("/{SLUG}/cong-khai.json?ky=tat-ca")).dispatch().await;
    let all = all.into_bytes().await.unwrap();
    let all: serde_json::Value = serde_json::from_slice(&all).unwrap();
    let books = filled.house.store.books(filled.chapter).unwrap();
    let lies: i64 = books.register().places().values().map(|place| place.balance.minor()).sum();
    assert_eq!(all["lines"].as_array().unwrap().last().unwrap()["balance"], lies);
    for odd in ["ky=2026-13", "quy=%00", "loai=password", "sau=-1", "truoc=2026-10-01.x"] {
        let response = client.get(format!("/{SLUG}/cong-khai?{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
}

#[rocket::async_test]
async fn pages_of_the_accounts_follow_one_another_without_gap_or_repeat() {
    let filled = Filled::new().await;
    for _ in 0..50 {
        filled.pen().gift("2026-11-06", "chung", 1_000).await;
    }
    let client = client(&filled).await;
    let numbers = |html: &str| -> Vec<u64> {
        let table = html.rsplit("<tbody").next().unwrap();
        let links = table.split("/so/").skip(1);
        links.map(|link| link.split('"').next().unwrap().parse().unwrap()).collect()
    };
    let link = |html: &str, rel: &str| -> Option<String> {
        let before = html.split(&format!("\" rel=\"{rel}\"")).next()?;
        html.contains(&format!("rel=\"{rel}\""))
            .then(|| before.rsplit("href=\"").next().unwrap().replace("&amp;", "&"))
    };
    let first = page(&client, &format!("/{SLUG}/cong-khai?ky=2026-11")).await;
    assert_eq!(numbers(&first).len(), 40);
    assert!(link(&first, "prev").is_none());
    let next = link(&first, "next").unwrap();
    let second = page(&client, &format!("/{SLUG}/cong-khai{next}")).await;
    assert!(link(&second, "next").is_none());
    let (one, two) = (numbers(&first), numbers(&second));
    assert_eq!(one.len() + two.len(), 53);
    assert!(one.iter().all(|seq| !two.contains(seq)));
    let back = link(&second, "prev").unwrap();
    let back = page(&client, &format!("/{SLUG}/cong-khai{back}")).await;
    assert_eq!(numbers(&back), one);
    assert!(compressed(&first) <= 14 * 1024, "{}", compressed(&first));
}

#[rocket::async_test]
async fn a_reversal_and_what_it_reverses_are_linked_both_ways() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let (wrong, reversal) = (filled.wrong.seq, filled.reversal.seq);
    let html = page(&client, &format!("/{SLUG}/so/{wrong}")).await;
    assert!(html.contains(&format!(
        "Bút toán này đã được đảo bởi <a class=\"govuk-link\" href=\"/{SLUG}/so/{reversal}\""
    )));
    assert!(html.contains("<del>Tiếp nhận ủng hộ"));
    let html = page(&client, &format!("/{SLUG}/so/{reversal}")).await;
    assert!(html.contains(&format!(
        "Bút toán này đảo lại <a class=\"govuk-link\" href=\"/{SLUG}/so/{wrong}\""
    )));
    assert!(html.contains("Thủ quỹ") && html.contains("Chủ tịch Hội"), "{html}");
    let raw = client.get(format!("/{SLUG}/so/{wrong}/json")).dispatch().await;
    let raw = raw.into_bytes().await.unwrap();
    assert_eq!(minhbach::ledger::tree::leaf_hash(&raw), filled.wrong.leaf);
    for odd in ["99999", "-1", "07", "1.0", "%00", "18446744073709551616"] {
        let response = client.get(format!("/{SLUG}/so/{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
}

#[rocket::async_test]
async fn a_receipt_says_what_became_of_the_gift_and_proves_it_offline() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let uri = format!("/bn/{}", code(&filled.gift));
    let response = client.get(uri.clone()).dispatch().await;
    assert_eq!(one(&response, "Referrer-Policy"), "no-referrer");
    assert_eq!(one(&response, "X-Robots-Tag"), "noindex, nofollow");
    assert_eq!(one(&response, "Cache-Control"), "no-store");
    let html = response.into_string().await.unwrap().replace('\u{a0}', " ");
    let order = [
        "Hội đã nhận 1.500.000 ₫ ngày 05/10/2026",
        "Một triệu năm trăm nghìn đồng",
        "mb-steps",
        "Đã dùng <strong class=\"mb-money\">620.000 ₫",
        "Còn lại <strong class=\"mb-money\">880.000 ₫",
        "Chi trợ giúp · Mổ tim cho em",
        "Tên không hiện ở đâu cả",
        "tlog-proof",
        "<svg",
    ];
    let mut rest = html.as_str();
    for text in order {
        let (_, after) = rest.split_once(text).unwrap_or_else(|| panic!("{text}: {html}"));
        rest = after;
    }
    let file = client.get(format!("{uri}/tlog-proof")).dispatch().await;
    assert!(one(&file, "Content-Disposition").contains("PT-2026-"));
    assert_eq!(file.headers().get_one("Access-Control-Allow-Origin"), None);
    let receipt = Receipt::parse(&file.into_bytes().await.unwrap()).unwrap();
    let key = filled.house.store.keys().log_key(&filled.origin).unwrap();
    assert_eq!(receipt.verify([&key]).unwrap().leaf, filled.gift.leaf);
    let prefix = leaf_prefix(filled.gift.leaf);
    let right = page(&client, &format!("{uri}?h={prefix}")).await;
    assert!(right.contains("Khớp với mã trên giấy") && !right.contains("role=\"alert\""));
    for wrong in ["0000000000000000", "", "x"] {
        let html = page(&client, &format!("{uri}?h={wrong}")).await;
        assert!(html.contains("Không khớp với biên nhận giấy"), "{wrong}");
    }
    let typed = code(&filled.gift).to_lowercase();
    let found = client.get(format!("/bn?ma={typed}")).dispatch().await;
    assert_eq!(one(&found, "Location"), uri);
    let link = filled.gift.receipt.as_ref().unwrap().link(BASE, filled.gift.leaf);
    assert!(link.starts_with(&format!("{BASE}{uri}?h=")));
}

#[rocket::async_test]
async fn codes_that_lead_nowhere_are_throttled_by_peer() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let peer = "203.0.113.7:4711".parse().unwrap();
    let mut statuses = Vec::new();
    for number in 0..30 {
        let code: ReceiptCode = format!("{number:016}").parse().unwrap();
        let request = client.get(format!("/bn/{code}")).remote(peer);
        statuses.push(request.dispatch().await.status().code);
    }
    assert_eq!(statuses[0], 404);
    assert_eq!(*statuses.last().unwrap(), 429);
    let other = "203.0.113.8:4711".parse().unwrap();
    let response = client.get("/bn/0000000000000000").remote(other).dispatch().await;
    assert_eq!(response.status(), Status::NotFound);
}

#[rocket::async_test]
async fn a_closed_month_is_shown_from_its_file_and_an_open_one_as_a_preview() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let closed = page(&client, &format!("/{SLUG}/bao-cao/2026-09")).await;
    assert!(closed.contains("Kỳ này đã khóa sổ") && closed.contains("statements/2026-09.json"));
    // 2 000 000 at the beginning, 4 400 000 in, 6 000 000 of aid.
    assert!(closed.contains("400.000 ₫"), "{closed}");
    let open = page(&client, &format!("/{SLUG}/bao-cao/2026-11")).await;
    assert!(open.contains("Bản xem trước"));
    assert!(open.contains("4.581.250 ₫ = tiền của các quỹ 3.881.250 ₫ + giữ hộ 700.000 ₫"));
    for odd in ["2026-08", "2026-12", "2027-06", "2026-13", "x", "9999-12"] {
        let response = client.get(format!("/{SLUG}/bao-cao/{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
}
