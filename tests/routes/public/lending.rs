//! The pages of loans: figures that tie, nobody's name, and what receipts say to the đồng.

use minhbach::books::closing::Overdue;
use minhbach::money::Money;
use minhbach::store::Recorded;
use rocket::http::Status;
use rocket::local::asynchronous::Client;
use serde_json::{Value, json};

use super::client;
use super::filled::{Filled, ONE, SLUG, TWO, digests};
use super::pages::{code, compressed, page, unlinked};
use crate::house::{Ground, donation};

/// What nobody may find on a public page: the private values behind the digests of a loan.
const PRIVATE: &str = "to-hop-tac-ap-3";

/// A chapter that lends: a fund of 500.000 + 1.000.000 given, three loans in all states, one that
/// ran already, one approved, one whose disbursement was reversed.
pub struct Lending {
    pub filled: Filled,
    /// 500 000, lent wholly, back, 120 000 of it lent again.
    pub gift: Recorded,
    /// 1 000 000 that came later: lost and recovered.
    pub later: Recorded,
    pub settled: u64,
    pub running: u64,
    pub lost: u64,
    pub undone: u64,
}

impl Lending {
    pub async fn new() -> Self {
        Self::on(Ground::Sqlite).await
    }

    pub async fn on(ground: Ground) -> Self {
        let filled = Filled::on(ground).await;
        let pen = filled.pen();
        let terms = json!({"text": "Cho hộ nghèo vay vốn, không lãi", "costs": false});
        let fund =
            json!({"code": "von", "type": "revolving", "name": "Vốn quay vòng", "terms": terms});
        pen.write("2026-11-06", "fund_opened", json!({"fund": fund}), TWO).await;
        let gift = pen.gift("2026-11-07", "von", 500_000).await;
        let own = Self {
            gift,
            later: filled.gift.clone(),
            filled,
            settled: 0,
            running: 0,
            lost: 0,
            undone: 0,
        };
        let settled = own.lend("2026-11-08", 300_000, 0).await;
        let second = own.lend("2026-11-08", 200_000, 0).await;
        own.repay("2026-11-09", settled, 300_000, 0).await;
        own.repay("2026-11-09", second, 200_000, 0).await;
        let running = own.lend("2026-11-10", 120_000, 6_000).await;
        let later = own.filled.pen().gift("2026-11-11", "von", 1_000_000).await;
        // The rest of the first gift, then the second one.
        let lost = own.lend("2026-11-12", 700_000, 0).await;
        own.repay("2026-11-13", lost, 380_000, 0).await;
        let reason = json!({"of": lost, "reason": "death"});
        own.write("2026-11-14", "loan_written_off", reason).await;
        let back = json!({"of": lost, "amount": 20_000, "place": "cash"});
        own.filled.pen().write("2026-11-15", "loan_recovered", back, ONE).await;
        own.approve("2026-11-16", 50_000, 0).await;
        let undone = own.lend("2026-11-16", 40_000, 0).await;
        let reason = json!({"of": undone, "reason": "mistyped"});
        own.write("2026-11-17", "reversed", reason).await;
        Self { later, settled, running, lost, undone, ..own }
    }

    async fn write(&self, day: &str, kind: &str, members: Value) -> u64 {
        self.filled.pen().write(day, kind, members, TWO).await.seq
    }

    async fn approve(&self, day: &str, principal: i64, fee: i64) -> u64 {
        let members = json!({
            "fund": "von", "principal": principal, "purpose": "livestock", "fee_total": fee,
            "group": PRIVATE, "_sd": digests(4),
        });
        self.write(day, "loan_approved", members).await
    }

    async fn lend(&self, day: &str, principal: i64, fee: i64) -> u64 {
        let approval = self.approve(day, principal, fee).await;
        self.write(day, "loan_disbursed", json!({"of": approval, "place": "cash"})).await
    }

    async fn repay(&self, day: &str, of: u64, principal: i64, fee: i64) -> u64 {
        let members = json!({
            "of": of, "amount": principal + fee, "principal": principal, "fee": fee,
            "place": "cash",
        });
        self.filled.pen().write(day, "loan_repaid", members, ONE).await.seq
    }
}

#[rocket::async_test]
async fn the_funds_page_has_its_figures_and_every_loan_without_a_name() {
    let own = Lending::new().await;
    let client = client(&own.filled).await;
    let html = page(&client, &format!("/{SLUG}/von-vay")).await;
    for text in [
        "Vốn đã góp</dt><dd>1.500.000 ₫",
        // 300 000 + 200 000 + 120 000 + 700 000.
        "Đã cho vay tất cả</dt><dd>1.320.000 ₫",
        "Đang cho vay</dt><dd>120.000 ₫",
        "Đã thu nợ gốc</dt><dd>880.000 ₫",
        "Tiền đang ở quỹ</dt><dd>1.080.000 ₫",
        // The loan that was approved only, and the one whose disbursement was reversed.
        "Dành cho khoản đã duyệt</dt><dd>90.000 ₫",
        "Mất vốn</dt><dd>300.000 ₫",
        "Số vòng quay</dt><dd>0,9 vòng",
        "Khoản đã cho vay</dt><dd>4",
        "Lượt hộ được vay</dt><dd>4",
        // 880 000 of 1 200 000, never rounded up.
        "Tỷ lệ hoàn trả</dt><dd>73,3",
        "vốn đã góp 1.500.000 ₫ + phí và thu khác 0 ₫ − đã chi 0 ₫ − mất vốn \
         300.000 ₫ = đang cho vay 120.000 ₫ + đang ở quỹ 1.080.000 ₫.",
        "2 khoản đã duyệt, chưa giải ngân: 90.000 ₫",
        "role=\"group\" aria-labelledby=\"bieu-do-von\"",
        "KU-2026-0001",
        "Đã tất toán",
        "Đang vay",
        "Đã xóa nợ",
        "Chăn nuôi",
        "Có 4 khoản vay.",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains(&format!("/von-vay/{}", own.undone)), "a reversed loan is none");
    assert!(!html.contains(PRIVATE) && !html.contains("Nợ trễ hạn"), "{html}");
    // Newest first.
    let at = |seq: u64| html.find(&format!("/von-vay/{seq}\"")).unwrap();
    assert!(at(own.lost) < at(own.running) && at(own.running) < at(own.settled));
    let english = page(&client, &format!("/{SLUG}/von-vay?lang=en")).await;
    for text in ["Capital given</dt><dd>1,500,000 ₫", "0.9 times", "Settled", "Livestock"] {
        assert!(english.contains(text), "{text}: {english}");
    }
    assert!(page(&client, &format!("/{SLUG}")).await.contains("/xuan-tay/von-vay"));
    assert!(compressed(&html) <= 14 * 1024, "{}", compressed(&html));
}

#[rocket::async_test]
async fn a_receipt_says_where_the_gift_was_lent_to_the_dong() {
    let own = Lending::new().await;
    let client = client(&own.filled).await;
    let html = page(&client, &format!("/bn/{}", code(&own.gift))).await;
    let said = html.split("Trong 500.000 ₫ của bạn: ").nth(1).unwrap_or_else(|| panic!("{html}"));
    let said: Vec<&str> = said.split("</p>").next().unwrap().split_whitespace().collect();
    // Lent: 300 000, 200 000, 120 000, and the 380 000 that were left, of the loan that was lost:
    // they came back first.
    assert_eq!(
        said.join(" "),
        "1.000.000 ₫ đã cho vay trong 4 khoản (2,0 vòng), 380.000 ₫ đang ở quỹ, \
         120.000 ₫ đang cho vay ở KU-2026-0003."
    );
    assert!(html.contains("Đã dùng <strong class=\"mb-money\">0 ₫"), "{html}");
    assert!(html.contains("mb-bar__lent"));
    assert!(html.contains("Vòng 2"));
    let later = page(&client, &format!("/bn/{}", code(&own.later))).await;
    let said = later.split("Trong 1.000.000 ₫ của bạn: ").nth(1).unwrap();
    let said: Vec<&str> = said.split("</p>").next().unwrap().split_whitespace().collect();
    assert_eq!(
        said.join(" "),
        "320.000 ₫ đã cho vay trong 1 khoản (0,3 vòng), 700.000 ₫ đang ở quỹ, 300.000 ₫ đã mất."
    );
    let english = page(&client, &format!("/bn/{}?lang=en", code(&own.gift))).await;
    assert!(english.contains("Of your 500,000 ₫: 1,000,000 ₫ was lent in 4 loans (2.0 times)"));
    // Another gift, that no loan touched, has nothing of it.
    let other = page(&client, &format!("/bn/{}", code(&own.filled.gift))).await;
    assert!(!other.contains("Đã cho vay ở đâu"));
}

#[rocket::async_test]
async fn a_loans_page_shows_every_payment_and_no_gift_by_name() {
    let own = Lending::new().await;
    let client = client(&own.filled).await;
    let html = page(&client, &format!("/{SLUG}/von-vay/{}", own.lost)).await;
    for text in [
        "Khoản vay KU-2026-0004",
        "Đã xóa nợ",
        "Giải ngân",
        "380.000 ₫",
        "Thu hồi nợ đã xóa",
        // 380 000 of the first gift were lent once more.
        "Vòng 2",
        "Tiền vay từ đâu",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains(PRIVATE), "{html}");
    for odd in ["0", "99999", "07", "x", "3.0", "3.x", "1.2.3", "-1"] {
        let response = client.get(format!("/{SLUG}/von-vay/{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
    let gone = client.get(format!("/{SLUG}/von-vay/{}", own.undone)).dispatch().await;
    assert_eq!(gone.status(), Status::NotFound);
    for odd in ["quy=chung", "quy=x", "trang=0", "trang=2", "trang=01"] {
        let response = client.get(format!("/{SLUG}/von-vay?{odd}")).dispatch().await;
        assert_eq!(response.status(), Status::NotFound, "{odd}");
    }
    for good in ["quy=von", "quy=&trang=1", "utm_source=zalo"] {
        page(&client, &format!("/{SLUG}/von-vay?{good}")).await;
    }
}

#[rocket::async_test]
async fn accounts_and_statements_tell_loans_in_words() {
    let own = Lending::new().await;
    let client = client(&own.filled).await;
    let html = page(&client, &format!("/{SLUG}/cong-khai?ky=2026-11&quy=von")).await;
    for text in [
        "Cho vay KU-2026-0001: 300.000 ₫",
        "Thu nợ KU-2026-0001: gốc 300.000 ₫ + phí 0 ₫",
        "Thu hồi nợ đã xóa KU-2026-0004: 20.000 ₫",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let csv = client.get(format!("/{SLUG}/cong-khai.csv?ky=tat-ca&loai=loan_repaid")).dispatch();
    let csv = csv.await.into_string().await.unwrap().replace('\u{a0}', " ");
    assert!(csv.contains("Thu nợ KU-2026-0002: gốc 200.000 ₫ + phí 0 ₫"), "{csv}");
    let report = page(&client, &format!("/{SLUG}/bao-cao/2026-11")).await;
    for text in [
        "Thu hồi nợ đã xóa",
        "Mất vốn cho vay (xóa nợ)",
        "Dư nợ cho vay",
        "Trong đó đang cho vay",
        "Giải ngân",
    ] {
        assert!(report.contains(text), "{text}: {report}");
    }
    let home = unlinked(&page(&client, &format!("/{SLUG}")).await);
    assert!(home.contains("Đang cho vay</dt><dd>120.000 ₫"), "{home}");
    for (seq, text) in [
        (own.lost - 1, "Duyệt vay KU-2026-0004: 700.000 ₫"),
        (own.lost, "Cho vay KU-2026-0004: 700.000 ₫"),
        (own.lost + 2, "Xóa nợ KU-2026-0004: 320.000 ₫"),
    ] {
        let html = page(&client, &format!("/{SLUG}/so/{seq}")).await;
        assert!(html.contains(text), "{text}: {html}");
    }
    let check = page(&client, &format!("/{SLUG}/kiem-chung")).await;
    assert!(check.contains("số nợ trễ là lời của Hội"));
    sound_in_both_languages(&own, &client).await;
}

/// Every page with loans on it: no key instead of a text, within its budget.
async fn sound_in_both_languages(own: &Lending, client: &Client) {
    let size = own.filled.house.store.head(own.filled.chapter).unwrap().unwrap().size;
    let mut uris: Vec<String> = (0..size).map(|seq| format!("/{SLUG}/so/{seq}")).collect();
    for path in ["", "/von-vay", "/cong-khai?ky=tat-ca", "/bao-cao/2026-11", "/kiem-chung"] {
        uris.push(format!("/{SLUG}{path}"));
    }
    let loans = [own.settled, own.running, own.lost];
    uris.extend(loans.map(|seq| format!("/{SLUG}/von-vay/{seq}")));
    uris.extend([&own.gift, &own.later].map(|gift| format!("/bn/{}", code(gift))));
    for uri in uris {
        let joined = if uri.contains('?') { '&' } else { '?' };
        for language in ["vi", "en"] {
            let html = page(client, &format!("{uri}{joined}lang={language}")).await;
            for key in ["public-", "member-", "lent-", "word-", "part-", "book-"] {
                for quote in ['>', ' ', '"'] {
                    let raw = format!("{quote}{key}");
                    assert!(!html.contains(&raw), "{uri} {language}: a key is shown: {raw}");
                }
            }
            assert!(compressed(&html) <= 14 * 1024, "{uri}: {}", compressed(&html));
        }
    }
}

#[rocket::async_test]
async fn lateness_is_told_from_closings_and_only_where_five_loans_run() {
    let own = Lending::new().await;
    for _ in 0..4 {
        own.lend("2026-11-20", 50_000, 0).await;
    }
    let (pen, late) = (own.filled.pen(), Money::new(30_000).unwrap());
    let books = own.filled.house.store.books(own.filled.chapter).unwrap();
    let overdue = Overdue { par30: late, par90: Money::ZERO };
    let body = books.closing("2026-11".parse().unwrap(), Vec::new(), overdue).unwrap();
    assert_eq!(body.loans.as_ref().map(|own| own.running.get()), Some(5));
    let mut voucher = donation(&own.filled.origin, 1).voucher;
    voucher.body = body.into();
    pen.write("2026-12-02", "period_closed", voucher.value(), TWO).await;
    let client = client(&own.filled).await;
    let html = page(&client, &format!("/{SLUG}/von-vay")).await;
    for text in [
        "Khi khóa sổ Tháng 11/2026: 5 khoản đang vay",
        "trễ trên 30 ngày 30.000 ₫, trên 90 ngày 0 ₫",
        "Đây là lời ký của cán bộ",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
}

#[rocket::async_test]
async fn a_long_list_of_loans_is_turned_page_by_page() {
    let own = Lending::new().await;
    own.filled.pen().gift("2026-11-20", "von", 9_000_000).await;
    for _ in 0..50 {
        own.lend("2026-11-20", 100_000, 1_000).await;
    }
    let client = client(&own.filled).await;
    let first = page(&client, &format!("/{SLUG}/von-vay")).await;
    assert!(first.contains("Trang 1 / 2") && compressed(&first) <= 14 * 1024);
    let rows =
        |html: &str| html.matches("<a class=\"govuk-link\" href=\"/xuan-tay/von-vay/").count();
    assert_eq!(rows(&first), 50);
    let second = page(&client, &format!("/{SLUG}/von-vay?quy=&trang=2")).await;
    assert_eq!(rows(&second), 4);
    assert!(second.contains("KU-2026-0001") && !first.contains("KU-2026-0001"));
}

#[rocket::async_test]
async fn a_fund_without_loans_has_a_page_and_a_chapter_without_a_fund_says_so() {
    let filled = Filled::new().await;
    let client = client(&filled).await;
    let html = page(&client, &format!("/{SLUG}/von-vay")).await;
    assert!(html.contains("Hội chưa mở quỹ quay vòng nào."), "{html}");
    assert!(!page(&client, &format!("/{SLUG}")).await.contains("/von-vay"));
    let terms = json!({"text": "Cho vay vốn", "costs": false});
    let fund = json!({"code": "von", "type": "revolving", "name": "Vốn", "terms": terms});
    filled.pen().write("2026-11-06", "fund_opened", json!({"fund": fund}), TWO).await;
    let html = page(&client, &format!("/{SLUG}/von-vay")).await;
    for text in ["Chưa có khoản vay nào.", "Vốn đã góp</dt><dd>0 ₫", "Số vòng quay</dt><dd>chưa có"]
    {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("mb-chart"));
}
