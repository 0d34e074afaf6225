//! `/tinh-lich-tra`: a form whose address holds the terms, on a site without any chapter, too.

use minhbach::web::{BaseUrl, Config, figment, site};
use rocket::http::Status;
use rocket::local::asynchronous::Client;

use super::BASE;

/// A loan of a year with flat interest.
pub const FLAT: &str = "/tinh-lich-tra?cach=flat&goc=12.000.000&ky=12&moi=1&don-vi=thang&\
    giai-ngan=05/03/2026&ky-dau=&lai=6&so-tien=&an-han=&lam-tron=1.000&cach-tinh=&dong=";

async fn client() -> Client {
    let config = Config::new(BaseUrl::parse(BASE).unwrap());
    // No store is managed: the page needs no chapter.
    Client::untracked(site(config, figment().merge(("log_level", "off")))).await.unwrap()
}

async fn page(client: &Client, uri: &str) -> (Status, String) {
    let response = client.get(uri.to_owned()).dispatch().await;
    let cookies = response.headers().get("Set-Cookie");
    assert_eq!(cookies.filter(|set| !set.starts_with("lang=")).count(), 0, "{uri}");
    let status = response.status();
    (status, response.into_string().await.unwrap().replace('\u{a0}', " "))
}

#[rocket::async_test]
async fn the_address_holds_the_terms_and_the_page_their_schedule() {
    let client = client().await;
    let (status, blank) = page(&client, "/tinh-lich-tra").await;
    assert_eq!(status, Status::Ok);
    assert!(blank.contains("method=\"get\"") && !blank.contains("name=\"token\""), "{blank}");
    assert!(blank.contains("href=\"/tinh-lich-tra?cach=interest_free_equal&amp;goc=12.000.000"));
    let (status, html) = page(&client, FLAT).await;
    assert_eq!(status, Status::Ok, "{html}");
    for text in [
        "<dt>Tổng phải trả</dt><dd>12.720.000 ₫</dd>",
        "<dt>Lãi</dt><dd>720.000 ₫</dd>",
        "<time datetime=\"2026-04-05\">05/04/2026</time>",
        "<time datetime=\"2027-03-05\">05/03/2027</time>",
        "data-label=\"Phải trả\"><span>1.060.000 ₫</span>",
        "value=\"12.000.000\"",
        "<option value=\"flat\" selected>",
        "href=\"/tinh-lich-tra?cach=declining_equal_instalment&amp;goc=12%2E000%2E000",
    ] {
        assert!(html.contains(text) || html.contains(&text.replace("%2E", ".")), "{text}: {html}");
    }
    // Ways of repaying that other terms fit are not offered beside these.
    assert!(!html.contains("href=\"/tinh-lich-tra?cach=interest_free_equal"), "{html}");
    let (status, english) = page(&client, &format!("{FLAT}&lang=en")).await;
    assert_eq!((status, english.contains("12,720,000 ₫")), (Status::Ok, true), "{english}");
    assert!(html.contains("&amp;lang=en\""));
}

#[rocket::async_test]
async fn faults_stand_beside_their_fields_and_what_was_typed_stays() {
    let client = client().await;
    let with = |name: &str, value: &str| {
        let (path, query) = FLAT.split_once('?').unwrap();
        let kept = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}=")));
        let kept: Vec<&str> = kept.collect();
        format!("{path}?{}&{name}={value}", kept.join("&"))
    };
    for (name, value, words) in [
        ("goc", "12.5", "Số tiền vay: dấu chấm, dấu phẩy đặt không rõ"),
        ("goc", "0", "Số tiền vay: số tiền phải lớn hơn 0"),
        ("ky", "601", "Số kỳ: phải từ 1 đến 600"),
        ("ky", "-1", "Số kỳ: hãy gõ một số nguyên"),
        ("ky", "", "Số kỳ: hãy điền vào ô này"),
        ("moi", "0", "Cách nhau: phải từ 1 đến 120"),
        ("giai-ngan", "31/02/2026", "Ngày giải ngân: ngày này không có trong lịch"),
        ("ky-dau", "04/03/2026", "Ngày trả kỳ đầu: phải từ 05/03/2026 đến 12/03/2036"),
        ("lai", "101", "Lãi suất, % một năm: hãy gõ từ 0 đến 100"),
        ("lai", "1e2", "Lãi suất, % một năm: hãy gõ từ 0 đến 100"),
        ("lam-tron", "5.000.000", "hãy làm tròn đến 1.000.000 ₫ hoặc ít hơn"),
        ("an-han", "12", "Số kỳ ân hạn gốc: phải từ 0 đến 11"),
        ("cach", "interest_free_equal", "cách trả này không tính lãi"),
        ("cach", "fixed_amount", "Số tiền trả mỗi kỳ: hãy điền vào ô này"),
        ("cach", "explicit", "Các ngày trả tự chọn: hãy điền vào ô này"),
        ("cach", "khac", "Cách trả: mục đã chọn không có trong danh sách"),
    ] {
        let (status, html) = page(&client, &with(name, value)).await;
        assert_eq!(status, Status::UnprocessableEntity, "{name}={value}: {html}");
        assert!(html.contains(words), "{name}={value}, {words}: {html}");
        assert!(html.contains("<title>Lỗi: Tính lịch trả góp"), "{html}");
        assert!(name == "cach" || html.contains(&format!("value=\"{value}\"")), "{name}={value}");
        assert!(!html.contains("mb-figures"), "{name}={value}");
    }
    for odd in ["cach=flat&cach=bullet", "la=1", "goc=%ff"] {
        let (status, _) = page(&client, &format!("/tinh-lich-tra?{odd}")).await;
        assert_eq!(status, Status::BadRequest, "{odd}");
    }
}

#[rocket::async_test]
async fn a_harvest_and_a_fixed_amount_are_worked_out_and_tet_is_kept_free() {
    let client = client().await;
    let harvest = "/tinh-lich-tra?cach=explicit&goc=3000000&giai-ngan=5/3/2026&\
        dong=20/06/2026%201.000.000%0D%0A17/02/2027%202.000.000";
    let (status, html) = page(&client, harvest).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains("17/02/2027") && html.contains("2.000.000 ₫"), "{html}");
    assert!(html.contains("\n20/06/2026 1.000.000\n17/02/2027 2.000.000</textarea>"), "{html}");
    let (_, wrong) = page(&client, &format!("{harvest}%0D%0Axyz")).await;
    assert!(wrong.contains("dòng 3 chưa đúng"), "{wrong}");
    let (_, wrong) = page(&client, &harvest.replace("3000000", "3000001")).await;
    assert!(wrong.contains("phải cộng lại đúng 3.000.001 ₫"), "{wrong}");
    let fixed = "/tinh-lich-tra?cach=fixed_amount&goc=5.000.000&moi=1&don-vi=thang&\
        giai-ngan=06/12/2026&so-tien=2.000.000&tet%5B%5D=yes";
    let (status, html) = page(&client, fixed).await;
    assert_eq!(status, Status::Ok, "{html}");
    // The second one is due on the first day of the lunar year, 6 February 2027.
    assert!(html.contains("<time datetime=\"2027-02-10\">") && html.contains("Kỳ 3"), "{html}");
    assert!(!html.contains("Kỳ 4"), "{html}");
}
