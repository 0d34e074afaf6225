//! What pages say: numbers, corrections, private values, what can't be undone.

use super::*;

const DAY: &str = "20/11/2026";

impl House {
    /// A founded chapter with its treasurer at the desk.
    async fn open() -> Self {
        let house = Self::founded().await;
        house.sign_in(TREASURER).await;
        house
    }

    async fn donate(&self, day: &'static str, amount: &'static str) -> u64 {
        let mut form = gift(amount);
        form.iter_mut().filter(|(name, _)| *name == "date").for_each(|pair| pair.1 = day);
        seq_of(&self.slip("/ban/phieu-thu", "", &form).await)
    }

    async fn pay(&self, day: &'static str, amount: &'static str) -> String {
        let mut form = cost(amount);
        form.iter_mut().filter(|(name, _)| *name == "date").for_each(|pair| pair.1 = day);
        self.slip("/ban/chi-phi", "", &form).await
    }

    async fn reverse(&self, seq: u64) -> u64 {
        let of = seq.to_string();
        let fields =
            [("of", &*of), ("date", DAY), ("reason", "mistyped"), ("words", ""), ("note", "")];
        let to = self.slip("/ban/but-toan-dao", &format!("?so={seq}"), &fields).await;
        let to = if to.starts_with("/ban/duyet/") { self.approve(&to).await } else { to };
        seq_of(&to)
    }

    async fn entry(&self, seq: u64) -> String {
        self.get(&format!("/ban/but-toan/{seq}")).await.1
    }

    /// The receipt of an entry.
    async fn receipt(&self, seq: u64) -> String {
        let html = self.entry(seq).await;
        let (_, rest) = html.split_once("href=\"/bn/").expect("a receipt");
        self.get(&format!("/bn/{}", rest.split('"').next().unwrap())).await.1
    }
}

/// The row of a table that holds a text.
fn row<'a>(html: &'a str, text: &str) -> &'a str {
    let mut rows = html.split("<tr").skip(1).map(|row| row.split("</tr>").next().unwrap());
    rows.find(|row| row.contains(text)).unwrap_or_else(|| panic!("no row with {text}: {html}"))
}

#[rocket::async_test]
async fn an_empty_site_leads_to_the_set_up_and_every_public_page_to_the_signing_in() {
    let house = house().await;
    let (status, html) = house.get("/").await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("class=\"govuk-button\" href=\"/thiet-lap\""), "{html}");
    assert!(!house_at("http://so.example").await.get("/").await.1.contains("/thiet-lap"));
    let (status, html) = house.send("/thiet-lap", "/thiet-lap", &setup_form()).await;
    assert_eq!(status, Status::Ok, "{html}");
    for path in ["/xuan-tay", "/xuan-tay/cong-khai", "/xuan-tay/kiem-chung", "/gioi-thieu"] {
        let (_, html) = house.get(path).await;
        assert!(html.contains("href=\"/dang-nhap\">Cán bộ đăng nhập"), "{path}: {html}");
        assert!(!html.contains("/thiet-lap"), "{path}");
    }
    house.sign_in(TREASURER).await;
    assert!(!house.get("/ban/viec").await.1.contains("Cán bộ đăng nhập"));
}

#[rocket::async_test]
async fn two_officers_never_share_a_passphrase() {
    let house = house().await;
    for (field, pass, again) in
        [("chair_pass", "chair_pass", "chair_again"), ("third_pass", "third_pass", "third_again")]
    {
        let mut form = setup_form();
        for pair in form.iter_mut().filter(|(name, _)| *name == pass || *name == again) {
            pair.1 = TREASURER.1;
        }
        let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(html.contains(&format!("href=\"#{field}\"")), "{html}");
        assert!(html.contains("không được dùng chung một mật khẩu"), "{html}");
    }
}

#[rocket::async_test]
async fn an_entry_shows_all_its_numbers_and_the_book_of_a_place_its_own() {
    let house = House::open().await;
    house.donate("19/11/2026", "500000").await;
    let transfer = [
        ("date", DAY),
        ("from_place", "cash"),
        ("to_place", "ngan-hang"),
        ("fund", "chung"),
        ("amount", "200000"),
        ("note", "Nộp tiền"),
    ];
    let seq = seq_of(&house.slip("/ban/chuyen-tien", "", &transfer).await);
    let (paid, received) = ("PC-2026-00001", "BC-2026-00001");
    let title = house.entry(seq).await;
    let title = title.split("<h1").nth(1).unwrap().split("</h1>").next().unwrap().to_owned();
    assert!(title.contains(paid) && title.contains(received), "{title}");
    let today = house.get("/ban/viec").await.1;
    assert!(row(&today, "Nộp tiền").contains(paid) && row(&today, "Nộp tiền").contains(received));
    for (place, own, other) in [("cash", paid, received), ("ngan-hang", received, paid)] {
        let (_, html) = house.get(&format!("/ban/so-quy/{place}")).await;
        let row = row(&html, "Nộp tiền");
        assert!(row.contains(own) && !row.contains(other), "{place}: {row}");
    }
    // A line breaks between two numbers, and never inside one.
    let (_, html) = house.get("/xuan-tay/cong-khai").await;
    let both = format!("<span class=\"mb-nowrap\">{received} ·</span> ");
    assert!(html.contains(&both) && !html.contains("mb-book__number"), "{html}");
    // Nobody is led to months before the books begin.
    assert!(!house.get("/ban/so-quy/cash").await.1.contains("ky=2026-10"));
}

#[rocket::async_test]
async fn a_receipt_names_the_day_of_each_correction_that_touched_it() {
    let house = House::open().await;
    let wrong = house.donate("18/11/2026", "1000000").await;
    house.approve(&house.pay("19/11/2026", "300000").await).await;
    let right = house.donate(DAY, "500000").await;
    let by = house.reverse(wrong).await;
    let html = house.receipt(right).await;
    let corrected = format!("được gán lại do điều chỉnh ngày 20/11/2026 (bút toán {by})");
    assert!(html.contains(&corrected), "{html}");
    assert!(html.contains("Khoản chi có trước ngày nhận"), "{html}");
    // The reversed one says so first, and nothing as if it stood.
    let html = house.receipt(wrong).await;
    let title = html.split("<h1").nth(1).unwrap().split("</h1>").next().unwrap();
    assert!(title.contains("đã bị đảo ngày 20/11/2026"), "{title}");
    assert!(html.contains("Lý do: Gõ sai."), "{html}");
    for gone in ["mb-steps", "mb-bar", "khi có chi", "Phân bổ"] {
        assert!(!html.contains(gone), "{gone}: {html}");
    }
}

#[rocket::async_test]
async fn a_reversal_shows_the_amount_and_the_line_that_it_reverses() {
    let house = House::open().await;
    let wrong = house.donate("19/11/2026", "1500000").await;
    let of = wrong.to_string();
    let wait = [("of", &*of), ("date", DAY), ("reason", "mistyped"), ("words", ""), ("note", "")];
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={wrong}"), &wait).await;
    let (_, html) = house.get(&draft).await;
    assert!(html.contains("1.500.000") && html.contains("PT-2026-00001"), "{html}");
    let by = seq_of(&house.approve(&draft).await);
    for html in [house.entry(by).await, house.get(&format!("/xuan-tay/so/{by}")).await.1] {
        assert!(html.contains("1.500.000") && html.contains("PT-2026-00001"), "{html}");
        assert!(html.contains("19/11/2026"), "{html}");
    }
    // Words and amounts of the line are struck through; what was left in the box is not.
    let style = include_str!("../../../../public/site.css");
    let struck = ".mb-book__reversed .mb-number:not(.mb-book__stands) span{";
    assert!(style.contains(struck), "the style sheet was built anew");
    for path in ["/ban/so-quy/cash", "/xuan-tay/cong-khai"] {
        let (_, html) = house.get(path).await;
        let row = row(&html, "PT-2026-00001");
        assert!(row.contains("mb-book__reversed"), "{path}: {row}");
        assert_eq!(row.matches("mb-book__stands").count(), 1, "{path}: {row}");
    }
}

#[rocket::async_test]
async fn private_values_say_what_they_are_and_what_became_of_them() {
    let house = House::open().await;
    let held = [
        ("date", DAY),
        ("class", "named_family"),
        ("donor_type", "person"),
        ("donor_name", "Trần Thị Gửi"),
        ("to_name", "Gia đình anh Tư"),
        ("note", ""),
        ("amount", "300000"),
        ("place", "cash"),
    ];
    let seq = seq_of(&house.slip("/ban/nhan-giu-ho", "", &held).await);
    let path = format!("/ban/but-toan/{seq}?rieng=1");
    let (_, html) = house.get(&path).await;
    assert!(html.contains("Người gửi: Trần Thị Gửi"), "{html}");
    assert!(html.contains("Gia đình được nhận: Gia đình anh Tư"), "{html}");
    for offered in ["trao-tien-giu-ho", "tra-tien-giu-ho", "but-toan-dao"] {
        assert!(html.contains(&format!("href=\"/ban/{offered}?so={seq}\"")), "{offered}: {html}");
    }
    let subject = |html: &str| {
        let (_, rest) = html.split_once("value=\"voucher:").expect("the giver");
        format!("voucher:{}", rest.split('"').next().unwrap())
    };
    // Held back is not gone, and gone is not "none".
    let erase = format!("/ban/xoa-thong-tin?so={seq}");
    let (_, html) = house.get(&erase).await;
    let line = html.split_once("value=\"line:").expect("the family").1.split('"').next().unwrap();
    let (giver, family) = (subject(&html), format!("line:{line}"));
    let of = seq.to_string();
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/xoa-thong-tin"));
    let fields = [
        ("id", id.as_str()),
        ("of", of.as_str()),
        ("person", ""),
        ("subject[]", giver.as_str()),
        ("subject[]", family.as_str()),
        ("class", "request"),
        ("step", "restrict"),
    ];
    let (status, to) = house.post("/ban/xoa-thong-tin", &token, &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    assert!(house.get(&path).await.1.contains("đang bị khóa"));
    // Nothing private was ever asked about a transfer.
    let transfer = [
        ("date", DAY),
        ("from_place", "cash"),
        ("to_place", "ngan-hang"),
        ("fund", "custody"),
        ("amount", "1000"),
        ("note", ""),
    ];
    let mut transfer = transfer;
    house.donate("19/11/2026", "5000").await;
    transfer[3].1 = "chung";
    let seq = seq_of(&house.slip("/ban/chuyen-tien", "", &transfer).await);
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}?rieng=1")).await;
    assert!(html.contains("không có thông tin riêng"), "{html}");
    assert!(!html.contains("/ban/xoa-thong-tin?so="), "{html}");
    // The officers' names are called what they are.
    let mut unnamed = gift("1000");
    unnamed.iter_mut().filter(|(name, _)| *name == "donor_name").for_each(|pair| pair.1 = "");
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &unnamed).await);
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}?rieng=1")).await;
    assert!(html.contains("lúc ghi đã không có, hoặc đã xóa"), "{html}");
}

#[rocket::async_test]
async fn a_familys_category_is_a_word_of_the_readers_and_a_fund_is_named_once() {
    let house = House::open().await;
    house.donate("19/11/2026", "50000").await;
    let programme =
        [("date", "19/11/2026"), ("type", "tet"), ("name", "Tết"), ("code", "tet"), ("note", "")];
    house.slip("/ban/mo-chuong-trinh", "", &programme).await;
    let aid = [
        ("date", DAY),
        ("programme", "tet"),
        ("round", ""),
        ("note", ""),
        ("line_name[]", "Trần Văn Thử"),
        ("line_category[]", "near_poor"),
        ("line_amount[]", "10000"),
        ("place", "cash"),
        ("fund", "chung"),
        ("gifts", ""),
        ("paper_no", ""),
    ];
    let draft = house.slip("/ban/phieu-chi", "", &aid).await;
    assert!(house.get(&draft).await.1.contains("Đối tượng: Hộ cận nghèo"));
    let seq = seq_of(&house.approve(&draft).await);
    let (_, html) = house.get(&format!("/ban/xoa-thong-tin?so={seq}")).await;
    assert!(html.contains("Đối tượng: Hộ cận nghèo ·") && !html.contains("near_poor"), "{html}");
    let (_, html) = house.get("/ban/quy").await;
    assert_eq!(row(&html, "<strong>Quỹ chung</strong>").matches("Quỹ chung").count(), 1);
    // Nobody gave anything by a payment, and no receipt comes after it.
    let html = house.entry(seq).await;
    for gone in ["/ten\"", "href=\"/ban/phieu-thu\"", "href=\"/ban/hoan-tra?"] {
        assert!(!html.contains(gone), "{gone}: {html}");
    }
}

#[rocket::async_test]
async fn officers_names_are_not_called_a_family() {
    let house = house().await;
    let mut form = setup_form();
    form.push(("treasurer_full", "Lê Thị Lan"));
    let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
    assert_eq!(status, Status::Ok, "{html}");
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/xoa-thong-tin?so=0").await;
    assert!(html.contains("Họ tên cán bộ") && !html.contains("Một gia đình"), "{html}");
    let (_, html) = house.get("/ban/but-toan/0?rieng=1").await;
    assert!(html.contains("Họ tên cán bộ: Lê Thị Lan"), "{html}");
    assert!(html.contains("01/11/2026") && !html.contains(">2026-11-01"), "{html}");
}

#[rocket::async_test]
async fn the_end_of_a_ledger_is_approved_by_itself_and_leaves_what_is_possible() {
    let house = House::open().await;
    house.donate("19/11/2026", "5000").await;
    let pay = house.pay(DAY, "5000").await;
    let pay = house.approve(&pay).await;
    let end = [("date", DAY), ("note", "")];
    let (_, html) = house.get("/ban/quan-tri/dong-so-hoi").await;
    assert!(html.contains("đóng vĩnh viễn"), "{html}");
    let draft = house.slip("/ban/quan-tri/dong-so-hoi", "", &end).await;
    let (_, html) = house.get(&draft).await;
    let (name, warned) = ("Đóng vĩnh viễn sổ của Hội", "không ai mở lại được");
    assert!(html.contains(name) && html.contains(warned), "{html}");
    let programme =
        [("date", DAY), ("type", "tet"), ("name", "Tết"), ("code", "tet"), ("note", "")];
    house.slip("/ban/mo-chuong-trinh", "", &programme).await;
    house.sign_in(CHAIR).await;
    let (_, html) = house.get("/ban/duyet").await;
    assert!(html.contains(name) && !html.contains("name=\"draft[]\""), "never in a list: {html}");
    house.approve(&draft).await;
    let (_, html) = house.get("/ban/viec").await;
    for gone in ["/ban/phieu-thu", "/ban/chi-phi", "/ban/nhap-tep", "/ban/nhap-kho"] {
        assert!(!html.contains(&format!("href=\"{gone}\"")), "{gone}: {html}");
    }
    assert!(html.contains("href=\"/ban/bao-cao\""), "{html}");
    assert!(!house.entry(seq_of(&pay)).await.contains("/ban/but-toan-dao"));
}

#[rocket::async_test]
async fn an_approval_of_several_slips_says_how_many_and_their_numbers() {
    let house = House::open().await;
    house.donate("18/11/2026", "900000").await;
    let mut ids = Vec::new();
    for amount in ["1000", "2000"] {
        let draft = house.pay(DAY, amount).await;
        let id = draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap().to_owned();
        ids.push(id);
    }
    house.sign_in(CHAIR).await;
    let fields = [("draft[]", &*ids[0]), ("draft[]", &*ids[1]), ("passphrase", CHAIR.1)];
    let (status, to) = house.send("/ban/duyet", "/ban/duyet", &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let (_, html) = house.get(&to).await;
    assert!(html.contains("Đã duyệt và ghi sổ 2 phiếu"), "{html}");
    assert!(html.contains("PC-2026-00001") && html.contains("PC-2026-00002"), "{html}");
}

#[rocket::async_test]
async fn a_count_is_echoed_beside_the_book() {
    let house = House::open().await;
    house.donate("19/11/2026", "50000").await;
    let (_, html) = house.get("/ban/kiem-ke").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/kiem-ke"));
    let fields = [
        ("id", id.as_str()),
        ("date", DAY),
        ("place", "cash"),
        ("counted", "48000"),
        ("fund", "chung"),
    ];
    let (status, html) = house.post("/ban/kiem-ke", &token, &fields).await;
    assert_eq!(status, Status::Ok, "{html}");
    let html = html.replace('\u{a0}', " ");
    for said in ["<dt>Sổ</dt><dd>50.000 ₫", "<dt>Đếm được</dt><dd>48.000 ₫", "<dd>−2.000 ₫"]
    {
        assert!(html.contains(said), "{said}: {html}");
    }
}

#[rocket::async_test]
async fn a_closing_is_told_as_its_statement_is_and_leads_to_it() {
    let house = House::open().await;
    house.donate("19/11/2026", "50000").await;
    house.clock.set("2026-12-01T03:00:00Z".parse().unwrap());
    house.sign_in(TREASURER).await;
    assert!(house.get("/ban/viec").await.1.contains("Tháng 11/2026 đã hết"));
    let (_, html) = house.get("/ban/khoa-so").await;
    let (id, through) = (hidden(&html, "id"), hidden(&html, "through"));
    let fields = [
        ("id", id.as_str()),
        ("through", through.as_str()),
        ("bank_place[]", "ngan-hang"),
        ("bank_balance[]", "0"),
    ];
    let (status, draft) = house.send("/ban/khoa-so", "/ban/khoa-so", &fields).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    let seq = seq_of(&house.approve(&draft).await);
    let html = house.entry(seq).await;
    assert!(html.contains("href=\"/xuan-tay/bao-cao/2026-11\""), "{html}");
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("no {text}: {html}"));
    assert!(at("Đến hết tháng") < at("Số bút toán"), "{html}");
    assert!(at("Số bút toán") < at("Tiền theo nơi giữ"), "{html}");
    let (_, html) = house.get(&format!("/xuan-tay/so/{seq}")).await;
    assert!(html.contains("href=\"/xuan-tay/bao-cao/2026-11\""), "{html}");
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("no {text}: {html}"));
    assert!(at("Đến hết tháng") < at("Các nơi giữ tiền"), "{html}");
    assert!(at("Đầu kỳ") < at("Cuối kỳ") && html.contains("Tháng 11/2026"), "{html}");
}

#[rocket::async_test]
async fn the_last_check_of_the_server_is_told_and_never_an_old_one() {
    let house = House::founded().await;
    let page = "/xuan-tay/kiem-chung";
    assert!(house.get(page).await.1.contains("chưa tự kiểm tra lại toàn bộ sổ"));
    house.store().stop().await.unwrap();
    let House { client, folder, .. } = house;
    drop(client);
    let store = Store::open(StoreConfig::sqlite(folder.path())).await.unwrap();
    store.date_checks("2026-11-21T01:30:00Z".parse().unwrap()).await.unwrap();
    let config = Config::new(BaseUrl::parse(BASE).unwrap());
    let rocket = site(config, figment().merge(("log_level", "off"))).manage(store);
    let client = Client::tracked(rocket).await.unwrap();
    let html = client.get(page).dispatch().await.into_string().await.unwrap();
    assert!(html.contains("tự kiểm tra lần cuối") && html.contains("21/11/2026 08:30"), "{html}");
    assert!(html.contains("đều khớp"), "{html}");
}
