//! How to give, and the pages of funds: codes, accounts from the ledger, figures that tie.

use minhbach::ledger::giving::GivingCode;
use minhbach::publish::vietqr::VietQr;
use minhbach::store::desk::giving::{Both, Chosen, Texts};
use minhbach::web::{BaseUrl, Clock, Config, figment, site};
use rocket::http::Status;
use rocket::local::asynchronous::Client;
use serde_json::{Value, json};

use super::filled::{Filled, ONE, SLUG, TWO, at, digests};
use super::pages::{compressed, page};
use super::{BASE, one};
use crate::house::TREASURER;

/// A chapter with a campaign that runs, one that is over, one to come, and a closed fund.
struct Giving {
    filled: Filled,
    client: Client,
    /// The entry that opened the account.
    account: u64,
}

const ACCOUNT: &str = "1234 567 890123";

async fn fund(filled: &Filled, code: &str, name: &str, more: Value) {
    let mut fund = json!({
        "code": code, "type": "restricted", "name": name,
        "terms": {"text": format!("Chỉ dùng cho {name}"), "costs": false},
    });
    for (key, value) in more.as_object().unwrap() {
        fund[key] = value.clone();
    }
    filled.pen().write("2026-11-06", "fund_opened", json!({"fund": fund}), TWO).await;
}

impl Giving {
    /// As it is on 20 November 2026.
    async fn new() -> Self {
        let filled = Filled::new().await;
        let client = Self::client_of(&filled).await;
        let pen = filled.pen();
        let bank = json!({"place": {
            "code": "agri", "type": "bank", "name": "Agribank Xuân Tây", "bank_bin": "970405",
            "account": ACCOUNT,
        }});
        let account = pen.write("2026-11-06", "place_opened", bank, TWO).await.seq;
        let days = |from: &str, to: &str| json!({"target": 2_000_000, "from": from, "to": to});
        fund(&filled, "xuan-am", "Xuân ấm", days("2026-11-06", "2026-11-30")).await;
        fund(&filled, "mua-dong", "Mùa đông", days("2026-09-01", "2026-11-10")).await;
        fund(&filled, "he-sang", "Hè sáng", days("2026-12-01", "2027-06-30")).await;
        fund(&filled, "cu", "Quỹ cũ", json!({})).await;
        pen.gift("2026-11-07", "xuan-am", 500_000).await;
        pen.gift("2026-11-08", "xuan-am", 250_000).await;
        pen.gift("2026-11-08", "mua-dong", 2_500_000).await;
        let gift = pen.gift("2026-11-08", "cu", 90_000).await;
        let moved = json!({
            "from_fund": "cu", "to_fund": "xuan-am", "place": "cash", "amount": 90_000,
            "gifts": [gift.seq], "reason": "consent", "_sd": digests(1),
        });
        pen.write("2026-11-09", "fund_transfer", moved, TWO).await;
        pen.write("2026-11-09", "fund_closed", json!({"fund": "cu"}), TWO).await;
        pen.aid("2026-11-09", "mua-dong", &[200_000, 100_000]).await;
        Self { filled, client, account }
    }

    async fn client_of(filled: &Filled) -> Client {
        let mut config = Config::new(BaseUrl::parse(BASE).unwrap());
        config.clock = Clock::stopped(at("2026-11-20"));
        let figment = figment().merge(("log_level", "off"));
        let rocket = site(config, figment).manage(filled.house.store.clone());
        Client::untracked(rocket).await.unwrap()
    }

    async fn status(&self, uri: &str) -> (Status, String) {
        let response = self.client.get(uri.to_owned()).dispatch().await;
        let status = response.status();
        (status, response.into_string().await.unwrap_or_default().replace('\u{a0}', " "))
    }

    /// The picture of the code for a fund.
    fn picture(&self, code: &str, amount: Option<i64>) -> String {
        let qr = VietQr::to_account("970405", ACCOUNT).unwrap().with_note(code).unwrap();
        let qr = match amount {
            Some(minor) => qr.of_amount(minhbach::money::Money::new(minor).unwrap()).unwrap(),
            None => qr,
        };
        minhbach::web::public::receipt::qr(&qr.encode()).unwrap().to_string()
    }
}

fn code(fund: &str) -> String {
    GivingCode::of_fund(&fund.parse().unwrap(), 0).to_string()
}

#[rocket::async_test]
async fn the_page_shows_how_to_give_with_the_account_of_the_ledger() {
    let own = Giving::new().await;
    let html = page(&own.client, &format!("/{SLUG}/ung-ho")).await;
    for text in [
        "Xuân ấm",
        "Tết vì người nghèo",
        "Sẽ nhận ủng hộ từ ngày 01/12/2026",
        "Ấp 3, xã Xuân Tây",
        "Luôn hỏi lấy biên nhận",
        "trên mục tiêu 2.000.000 ₫ (37 %)",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("Mùa đông") && !html.contains("Quỹ cũ"), "{html}");
    assert!(!html.contains("mb-qr"), "no code before a fund is chosen");
    let html = page(&own.client, &format!("/{SLUG}/ung-ho?quy=xuan-am&so-tien=")).await;
    let code = code("xuan-am");
    for text in ["Agribank", ACCOUNT, code.as_str(), "Hội Chữ thập đỏ xã Xuân Tây"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let entry = format!("href=\"/{SLUG}/so/{}\"", own.account);
    assert!(html.contains(&entry) && html.contains("lấy từ sổ đã ký"), "{html}");
    assert!(html.contains(&own.picture(&code, None).replace('\u{a0}', " ")), "the QR code");
}

#[rocket::async_test]
async fn an_amount_is_read_strictly_and_told_again_in_digits_and_words() {
    let own = Giving::new().await;
    let path = format!("/{SLUG}/ung-ho?quy=xuan-am&so-tien=");
    for typed in ["500.000", "500000", "500%20000", "+500.000+"] {
        let (status, html) = own.status(&format!("{path}{typed}")).await;
        assert_eq!(status, Status::Ok, "{typed}");
        for text in ["500.000 ₫", "Năm trăm nghìn đồng"] {
            assert!(html.contains(text), "{typed}: {text}");
        }
        assert!(html.contains(&own.picture(&code("xuan-am"), Some(500_000))), "{typed}");
    }
    for typed in [
        "-1",
        "0",
        "%2B5",
        "1e3",
        "0x10",
        "1.5",
        "NaN",
        "%D9%A5",
        "%EF%BC%91%EF%BC%90",
        "10.000.000.000.000",
        "99999999999999999999",
        "1,000.00",
        "%00",
        "%3Cscript%3E",
        "%7B%7B7*7%7D%7D",
        "%E2%80%AE5",
    ] {
        let (status, html) = own.status(&format!("{path}{typed}")).await;
        assert_eq!(status, Status::UnprocessableEntity, "{typed}: {html}");
        assert!(html.contains("govuk-error-summary") && !html.contains("mb-give__qr"), "{typed}");
        assert!(!html.contains("<script"), "{typed}");
    }
    // An amount without a fund asks for one.
    let (status, html) = own.status(&format!("/{SLUG}/ung-ho?so-tien=500.000")).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#quy\"") && html.contains("value=\"500.000\""), "{html}");
    for query in ["quy=xuan-am&quy=tet", "so-tien=1&so-tien=2", "approved=true", "quy[]=xuan-am"] {
        let (status, _) = own.status(&format!("/{SLUG}/ung-ho?{query}")).await;
        assert_eq!(status, Status::BadRequest, "{query}");
    }
    for query in ["quy=khong-co", "quy=X", "quy=%00", "quy=custody"] {
        let (status, _) = own.status(&format!("/{SLUG}/ung-ho?{query}")).await;
        assert_eq!(status, Status::NotFound, "{query}");
    }
}

#[rocket::async_test]
async fn a_fund_that_takes_nothing_says_so_and_shows_no_account() {
    let own = Giving::new().await;
    for (fund, said) in [
        ("mua-dong", "Đã hết hạn vận động ngày 10/11/2026"),
        ("he-sang", "Sẽ nhận ủng hộ từ ngày 01/12/2026"),
        ("cu", "Đã đóng"),
    ] {
        for uri in [format!("/{SLUG}/ung-ho?quy={fund}"), format!("/{SLUG}/quy/{fund}")] {
            let html = page(&own.client, &uri).await;
            assert!(html.contains(said), "{uri}: {html}");
            assert!(!html.contains("mb-give__qr") && !html.contains(ACCOUNT), "{uri}");
        }
    }
    let html = page(&own.client, &format!("/{SLUG}/quy/cu")).await;
    assert!(html.contains("Phần còn lại đã đi đâu") && html.contains("90.000 ₫"), "{html}");
    for uri in ["quy/khong-co", "quy/X", "quy/custody", "quy/cu/them"] {
        let (status, _) = own.status(&format!("/{SLUG}/{uri}")).await;
        assert_eq!(status, Status::NotFound, "{uri}");
    }
}

#[rocket::async_test]
async fn a_funds_figures_are_those_of_the_books() {
    let own = Giving::new().await;
    let html = page(&own.client, &format!("/{SLUG}/quy/xuan-am")).await;
    for text in [
        "Mục tiêu</dt><dd>2.000.000 ₫",
        "Đã nhận</dt><dd>750.000 ₫",
        "Đã dùng</dt><dd>0 ₫",
        "Điều chuyển</dt><dd>+90.000 ₫",
        "Còn lại</dt><dd>840.000 ₫",
        "Đã nhận 750.000 ₫ trên mục tiêu 2.000.000 ₫ (37 %).",
        "từ ngày 06/11/2026 đến ngày 30/11/2026",
        "Không được trích cho chi phí tổ chức",
        "Không công khai tên",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let html = page(&own.client, &format!("/{SLUG}/quy/mua-dong")).await;
    for text in [
        "Đã nhận</dt><dd>2.500.000 ₫",
        "Đã dùng</dt><dd>300.000 ₫",
        "Còn lại</dt><dd>2.200.000 ₫",
        "(125 %)",
        "/hoat-dong/mo-tim",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    // More than the target: nothing is missing.
    assert!(html.contains("Còn thiếu <strong class=\"mb-money\">0 ₫"), "{html}");
    let list = page(&own.client, &format!("/{SLUG}/quy")).await;
    for text in ["Xuân ấm", "Mùa đông", "Hè sáng", "Quỹ cũ", "Quỹ chung", "2.200.000 ₫"]
    {
        assert!(list.contains(text), "{text}: {list}");
    }
    let home = page(&own.client, &format!("/{SLUG}")).await;
    assert!(home.contains(&format!("href=\"/{SLUG}/quy/xuan-am\"")), "{home}");
}

#[rocket::async_test]
async fn names_are_shown_only_where_their_givers_agreed() {
    let filled = Filled::new().await;
    filled.publish_a_name().await;
    let client = Giving::client_of(&filled).await;
    let html = page(&client, &format!("/{SLUG}/quy/chung")).await;
    assert!(html.contains("Nguyễn Thị Hạnh") && html.contains("Không công khai tên"), "{html}");
}

#[rocket::async_test]
async fn without_the_number_of_an_account_there_are_words_and_no_code() {
    let filled = Filled::new().await;
    let client = Giving::client_of(&filled).await;
    // The only bank account has a BIN and no number.
    let html = page(&client, &format!("/{SLUG}/ung-ho?quy=tet")).await;
    assert!(html.contains("BIDV") && html.contains(&code("tet")), "{html}");
    assert!(html.contains("chưa có mã QR") && !html.contains("mb-give__qr"), "{html}");
    // Closed: there is none at all.
    let transfer = json!({
        "from_place": "bidv", "to_place": "cash", "fund": "chung", "amount": 401_250,
    });
    filled.pen().write("2026-11-07", "transfer", transfer, ONE).await;
    filled.pen().write("2026-11-07", "place_closed", json!({"place": "bidv"}), TWO).await;
    let html = page(&client, &format!("/{SLUG}/ung-ho?quy=tet")).await;
    assert!(html.contains("chưa có tài khoản ngân hàng") && !html.contains("BIDV"), "{html}");
}

#[rocket::async_test]
async fn what_the_desk_chose_is_shown_and_changes_the_tag() {
    let own = Giving::new().await;
    let (store, chapter) = (&own.filled.house.store, own.filled.chapter);
    let uri = format!("/{SLUG}/quy/xuan-am");
    let tag = async || {
        let response = own.client.get(uri.clone()).dispatch().await;
        one(&response, "ETag").to_owned()
    };
    let before = tag().await;
    let (desk, officer) = (store.desk(chapter).unwrap(), TREASURER.parse().unwrap());
    let texts = Texts {
        office: Both { vi: "Sáng thứ Hai".to_owned(), en: String::new() },
        goods: Both { vi: "Gạo".to_owned(), en: "Rice <b>".to_owned() },
    };
    let now = at("2026-11-20");
    store.set_giving_texts(&desk, (0, &texts), &officer, now).await.unwrap();
    let giving = store.giving(chapter, &store.books(chapter).unwrap()).await.unwrap();
    let fund = "xuan-am".parse().unwrap();
    let chosen = Chosen {
        code: GivingCode::of_name("XVANAM").unwrap(),
        greeting: Both { vi: "Cảm ơn\nbà con".to_owned(), en: String::new() },
        ..giving.fund(&fund).unwrap().chosen.clone()
    };
    store.set_giving(&desk, &giving, (&fund, &chosen), &officer, now).await.unwrap();
    assert_ne!(tag().await, before);
    let html = page(&own.client, &uri).await;
    assert!(html.contains(chosen.code.as_str()) && html.contains("Cảm ơn\nbà con"), "{html}");
    assert!(!html.contains(&code("xuan-am")), "{html}");
    let html = page(&own.client, &format!("/{SLUG}/ung-ho?lang=en")).await;
    assert!(html.contains("Rice &lt;b&gt;") && html.contains("lang=\"vi\">Sáng thứ Hai"), "{html}");
    // Nothing of it is the ledger's: it verifies as before, and closed to gifts is a choice, too.
    let giving = store.giving(chapter, &store.books(chapter).unwrap()).await.unwrap();
    let chosen = Chosen { open: false, ..chosen };
    store.set_giving(&desk, &giving, (&fund, &chosen), &officer, now).await.unwrap();
    let html = page(&own.client, &uri).await;
    assert!(html.contains("Không vận động ủng hộ") && !html.contains("mb-give__qr"), "{html}");
}

#[rocket::async_test]
async fn every_page_is_whole_in_both_languages_and_within_its_budget() {
    let own = Giving::new().await;
    let mut paths = vec!["ung-ho".to_owned(), "ung-ho?quy=xuan-am&so-tien=1.500.000".to_owned()];
    paths.push("quy".to_owned());
    for fund in ["xuan-am", "mua-dong", "he-sang", "cu", "chung", "tet"] {
        paths.push(format!("quy/{fund}"));
    }
    for path in paths {
        let joined = if path.contains('?') { '&' } else { '?' };
        for language in ["vi", "en"] {
            let html = page(&own.client, &format!("/{SLUG}/{path}{joined}lang={language}")).await;
            for quote in ['>', ' ', '"'] {
                for key in ["give-", "public-", "figure-", "part-", "fund-type-"] {
                    let raw = format!("{quote}{key}");
                    assert!(!html.contains(&raw), "{path} {language}: a key is shown: {raw}");
                }
            }
            assert!(!html.contains("<script") && !html.contains(" style="), "{path}");
            assert!(compressed(&html) <= 14 * 1024, "{path}: {} bytes", compressed(&html));
        }
    }
}
