//! Papers as PDF files: what stands on them, whose names, who may print them, what the log says.

use super::people::{AUDITOR, CASEWORKER};
use super::rounds::furnished;
use super::*;
use crate::store::desk::vault::Action;

pub const NAME: &str = "Nguyễn Thị Hạnh";
const HOME: &str = "12/3 hẻm Cây Me";

/// The text of a file as another program reads it, in single spaces, and how many pages it has.
pub fn read(bytes: &[u8]) -> (String, usize) {
    let file = lopdf::Document::load_mem(bytes).unwrap();
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    let text = file.extract_text(&pages).unwrap();
    (text.split_whitespace().collect::<Vec<_>>().join(" "), pages.len())
}

/// Width and height of the first page in points.
pub fn size(bytes: &[u8]) -> (i64, i64) {
    let file = lopdf::Document::load_mem(bytes).unwrap();
    let page = file.get_pages()[&1];
    let media = file.get_dictionary(page).unwrap().get(b"MediaBox").unwrap().as_array().unwrap();
    let side = |at: usize| media[at].as_float().unwrap().round() as i64;
    (side(2), side(3))
}

const A5_ACROSS: (i64, i64) = (595, 420);
const A5: (i64, i64) = (420, 595);
pub const A4: (i64, i64) = (595, 842);

impl House {
    /// The bytes of a paper, which is nobody else's and is kept by no browser.
    pub async fn paper_bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.client.get(path.to_owned()).dispatch().await;
        assert_eq!(answer.status(), Status::Ok, "{path}");
        let header = |name: &str| answer.headers().get_one(name).unwrap_or_default().to_owned();
        assert_eq!(header("Content-Type"), "application/pdf");
        assert_eq!(header("Cache-Control"), "no-store");
        assert!(!answer.headers().contains("Access-Control-Allow-Origin"));
        let named = header("Content-Disposition");
        let name = named.strip_prefix("inline; filename=\"").and_then(|own| own.strip_suffix('"'));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        assert!(
            name.is_some_and(|name| name.ends_with(".pdf") && name.bytes().all(plain)),
            "{named}"
        );
        answer.into_bytes().await.unwrap()
    }

    /// The text of a paper and how many pages it has.
    pub async fn paper(&self, path: &str) -> (String, usize) {
        read(&self.paper_bytes(path).await)
    }

    /// How often values were opened.
    async fn opened(&self) -> usize {
        let (chapter, _) = self.chapter();
        let desk = self.store().desk(chapter).unwrap();
        let all = self.store().openings(&desk, 1_000).await.unwrap();
        all.iter().filter(|own| [Action::Opened, Action::Exported].contains(&own.action)).count()
    }

    /// A gift of cash with the giver's address.
    async fn given(&self, amount: &'static str) -> u64 {
        let mut fields = gift(amount);
        fields.iter_mut().filter(|(name, _)| *name == "donor_address").for_each(|own| own.1 = HOME);
        seq_of(&self.slip("/ban/phieu-thu", "", &fields).await)
    }
}

#[rocket::async_test]
async fn a_cash_slip_has_the_seven_items_of_a_voucher_on_half_a_sheet() {
    let house = House::founded_with(&[("name", "Hội Chữ thập đỏ xã Ưng Ức")]).await;
    house.sign_in(TREASURER).await;
    let seq = house.given("1500000").await;
    let path = format!("/ban/but-toan/{seq}/phieu.pdf");
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}")).await;
    assert!(html.contains(&format!("href=\"{path}\"")), "{html}");
    let bytes = house.paper_bytes(&path).await;
    assert_eq!((size(&bytes), read(&bytes).1), (A5_ACROSS, 1));
    assert_eq!(bytes, house.paper_bytes(&path).await, "the same each time");
    let text = read(&bytes).0;
    for own in [
        "Hội Chữ thập đỏ xã Ưng Ức",
        "Mẫu số C40-BB",
        "Tham khảo",
        "PHIẾU THU",
        "Số: PT-2026-00001",
        "Ngày 19 tháng 11 năm 2026",
        NAME,
        HOME,
        "Tiền ủng hộ · Ủng hộ tháng 11",
        "1.500.000 ₫",
        "Một triệu năm trăm nghìn đồng",
        "Nợ: Tiền mặt / Có: Ủng hộ bằng tiền",
        "chứng từ gốc",
        "Người nộp tiền",
        "Người lập",
        "Chủ tịch Hội",
        "(Ký, họ tên)",
        "Thủ quỹ (người lập)",
    ] {
        assert!(text.contains(own), "{own}: {text}");
    }
    let (text, _) = house.paper(&format!("{path}?lang=en")).await;
    for own in ["CASH RECEIPT VOUCHER", "19 Nov 2026", "1,500,000 ₫", NAME] {
        assert!(text.contains(own), "{own}: {text}");
    }
}

#[rocket::async_test]
async fn names_are_opened_for_who_may_see_them_and_the_log_says_so() {
    let house = House::founded().await;
    house.enrol(AUDITOR, "auditor").await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(TREASURER).await;
    let seq = house.given("1500000").await;
    let (slip, receipt) =
        (format!("/ban/but-toan/{seq}/phieu.pdf"), format!("/ban/but-toan/{seq}/bien-nhan.pdf"));
    for path in [&slip, &receipt] {
        let before = house.opened().await;
        assert!(house.paper(path).await.0.contains(NAME), "{path}");
        assert_eq!(house.opened().await, before + 1, "{path}");
        let (text, _) = house.paper(&format!("{path}?rieng=0")).await;
        assert!(!text.contains("Hạnh") && !text.contains(HOME), "{text}");
        assert_eq!(house.opened().await, before + 1, "a copy without names opens none");
    }
    for other in [AUDITOR, CASEWORKER] {
        house.sign_in(other).await;
        let before = house.opened().await;
        for path in [&slip, &receipt] {
            for path in [path.clone(), format!("{path}?rieng=1")] {
                let (text, _) = house.paper(&path).await;
                assert!(!text.contains("Hạnh") && !text.contains(HOME), "{path}: {text}");
            }
        }
        assert_eq!(house.opened().await, before);
    }
    // What is held back stays closed, and the room is left free.
    house.sign_in(TREASURER).await;
    let (_, html) = house.get(&format!("/ban/xoa-thong-tin?so={seq}")).await;
    assert!(html.contains("Hạnh"));
}

#[rocket::async_test]
async fn officers_legal_names_stand_under_the_room_for_their_signatures() {
    let house = house().await;
    let mut form = setup_form();
    form.push(("treasurer_full", "Hoàng Thị Ngọc Lan"));
    form.push(("chair_full", "Bùi Quốc Khánh"));
    let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
    assert_eq!(status, Status::Ok, "{html}");
    house.sign_in(TREASURER).await;
    house.given("1500000").await;
    let draft = house.slip("/ban/chi-phi", "", &cost("50000")).await;
    let seq = seq_of(&house.approve(&draft).await);
    let path = format!("/ban/but-toan/{seq}/phieu.pdf");
    let (text, pages) = house.paper(&path).await;
    for own in [
        "PHIẾU CHI",
        "Mẫu số C41-BB",
        "PC-2026-00001",
        "Nhà in Xuân Tây",
        "In ấn",
        "Hoàng Thị Ngọc Lan",
        "Bùi Quốc Khánh",
        "Chủ tịch Hội (người duyệt)",
        "Đã nhận đủ số tiền (viết bằng chữ): Năm mươi nghìn đồng",
    ] {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert_eq!(pages, 1);
    let (text, _) = house.paper(&format!("{path}?rieng=0")).await;
    assert!(!text.contains("Ngọc Lan") && text.contains("Nhà in Xuân Tây"), "{text}");
}

#[rocket::async_test]
async fn a_receipt_on_paper_leads_back_to_its_page_and_names_nobody_unasked() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let seq = house.given("1500000").await;
    let entry = house.line(seq).await;
    let code = house.store().receipt_code(&entry.entry).unwrap();
    let grouped: Vec<&str> = [0, 4, 8, 12].iter().map(|at| &code.as_str()[*at..at + 4]).collect();
    let (_, html) = house.get(&format!("/bn/{code}")).await;
    let path = format!("/bn/{code}/bien-nhan.pdf");
    assert!(html.contains(&format!("href=\"{path}\"")), "{html}");
    let (_, rest) = html.split_once("Khóa của sổ").unwrap();
    let (_, rest) = rest.split_once("mb-code\">").unwrap();
    let key = rest.split('<').next().unwrap().replace("&#x2f;", "/").replace("&#x2F;", "/");
    let bytes = house.paper_bytes(&path).await;
    assert_eq!((size(&bytes), read(&bytes).1), (A5, 1));
    assert_eq!(bytes, house.paper_bytes(&path).await, "the same each time");
    let (text, _) = read(&bytes);
    let prefix = crate::ledger::receipt::leaf_prefix(entry.leaf);
    for own in [
        "BIÊN NHẬN ỦNG HỘ",
        "Ngày 19 tháng 11 năm 2026",
        "1.500.000 ₫",
        "Một triệu năm trăm nghìn đồng",
        "PT-2026-00001",
        &grouped.join("-"),
        &prefix,
        "khoản đến trước dùng trước",
        "http://localhost:8000",
        "không nêu tên",
    ] {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert!(text.replace(' ', "").contains(&key.replace(' ', "")), "{key}: {text}");
    assert!(!text.contains("Hạnh"), "{text}");
    let answer = house.client.get(path.clone()).dispatch().await;
    assert_eq!(answer.headers().get_one("Referrer-Policy"), Some("no-referrer"));
    assert_eq!(answer.headers().get_one("X-Robots-Tag"), Some("noindex, nofollow"));
    assert_eq!(house.get("/bn/0000000000000000/bien-nhan.pdf").await.0, Status::NotFound);
    assert_eq!(house.get("/ban/but-toan/0/bien-nhan.pdf").await.0, Status::NotFound);
    // The desk's has the name and room to sign; the public one once the giver agreed.
    let own = format!("/ban/but-toan/{seq}/bien-nhan.pdf");
    let (text, pages) = house.paper(&own).await;
    assert!(text.contains(NAME) && text.contains("Người nhận") && pages == 1, "{text}");
    let consent = [("name", "full_name"), ("given_on", "20/11/2026"), ("how", "Ký giấy")];
    let names = format!("/ban/but-toan/{seq}/ten");
    assert_eq!(house.send(&names, &names, &consent).await.0, Status::SeeOther);
    assert!(house.paper(&path).await.0.contains(NAME));
    assert!(house.paper(&format!("{path}?lang=en")).await.0.contains("RECEIPT OF A DONATION"));
}

#[rocket::async_test]
async fn what_was_reversed_says_so_on_every_paper() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let seq = house.given("1500000").await;
    let own = seq.to_string();
    let fields = [
        ("of", own.as_str()),
        ("date", "20/11/2026"),
        ("reason", "mistyped"),
        ("words", "Gõ nhầm"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={own}"), &fields).await;
    let reversal = seq_of(&house.approve(&draft).await);
    let (text, _) = house.paper(&format!("/ban/but-toan/{seq}/phieu.pdf")).await;
    assert!(text.contains(&format!("ĐÃ BỊ ĐẢO bởi bút toán #{reversal}")), "{text}");
    let (text, pages) = house.paper(&format!("/ban/but-toan/{reversal}/phieu.pdf")).await;
    for own in [
        "PHIẾU KẾ TOÁN",
        "BT-2026-00001",
        "BÚT TOÁN ĐẢO của PT-2026-00001",
        "ngày 19/11/2026",
        "Gõ sai",
        "Ủng hộ bằng tiền",
        "1.500.000",
    ] {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert!(pages == 1 && !text.contains("Hạnh") && !text.contains("Gõ nhầm"), "{text}");
    let code = house.store().receipt_code(&house.line(seq).await.entry).unwrap();
    let (text, _) = house.paper(&format!("/bn/{code}/bien-nhan.pdf")).await;
    assert!(text.contains("đã bị đảo ngày 20/11/2026"), "{text}");
    let (text, _) = house.paper("/ban/so-quy/cash/so-quy.pdf?ky=2026-11").await;
    assert!(text.contains(&format!("(Đã đảo #{reversal})")), "{text}");
}

#[rocket::async_test]
async fn money_that_changes_its_place_is_two_slips_in_one_file() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.given("1500000").await;
    let transfer = [
        ("date", "20/11/2026"),
        ("from_place", "cash"),
        ("to_place", "ngan-hang"),
        ("fund", "chung"),
        ("amount", "200.000"),
        ("note", ""),
    ];
    let seq = seq_of(&house.slip("/ban/chuyen-tien", "", &transfer).await);
    let (text, pages) = house.paper(&format!("/ban/but-toan/{seq}/phieu.pdf")).await;
    assert_eq!(pages, 2);
    for own in ["PHIẾU CHI", "PHIẾU BÁO CÓ", "PC-2026-00001", "BC-2026-00001", "Nội bộ Hội"]
    {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert_eq!(text.matches("Hai trăm nghìn đồng").count(), 2, "{text}");
    // What has no number has no slip.
    assert_eq!(house.get("/ban/but-toan/0/phieu.pdf").await.0, Status::NotFound);
    assert!(!house.get("/ban/but-toan/0").await.1.contains("phieu.pdf"));
}

#[rocket::async_test]
async fn the_cash_book_prints_a_month_or_a_year_with_its_balances() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.given("1500000").await;
    let draft = house.slip("/ban/chi-phi", "", &cost("50000")).await;
    house.approve(&draft).await;
    let (_, html) = house.get("/ban/so-quy/cash?ky=2026-11").await;
    for query in ["2026-11", "2026"] {
        let path = format!("/ban/so-quy/cash/so-quy.pdf?ky={query}");
        assert!(html.contains(&path), "{html}");
        let (text, _) = house.paper(&path).await;
        for own in [
            "SỔ QUỸ TIỀN MẶT",
            "Số dư đầu kỳ",
            "PT-2026-00001",
            "PC-2026-00001",
            "Tiền ủng hộ: Ủng hộ tháng 11",
            "1.500.000",
            "50.000",
            "1.450.000",
            "Một triệu bốn trăm năm mươi nghìn đồng",
        ] {
            assert!(text.contains(own), "{own}: {text}");
        }
    }
    let (text, _) = house.paper("/ban/so-quy/ngan-hang/so-quy.pdf?ky=2026-12").await;
    assert!(text.contains("SỔ TIỀN GỬI NGÂN HÀNG") && text.contains("Không đồng"), "{text}");
    for query in ["?ky=0000", "?ky=2026-13", "?ky=x", "?ky=20261"] {
        let path = format!("/ban/so-quy/cash/so-quy.pdf{query}");
        assert_eq!(house.get(&path).await.0, Status::NotFound, "{query}");
    }
}

#[rocket::async_test]
async fn the_minutes_of_a_count_are_a_file_before_and_after_they_are_recorded() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.given("1500000").await;
    let count = [
        ("date", "20/11/2026"),
        ("place", "cash"),
        ("note_500000", "2"),
        ("note_200000", "2"),
        ("counted", ""),
        ("fund", "chung"),
        ("note", "Trả nhầm tiền lẻ"),
    ];
    let draft = house.slip("/ban/kiem-ke", "", &count).await;
    let id = draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap().to_owned();
    let path = format!("/ban/kiem-ke/{id}/bien-ban");
    for recorded in [false, true] {
        let (_, html) = house.get(&path).await;
        assert!(html.contains(&format!("{path}.pdf")), "{html}");
        let (text, pages) = house.paper(&format!("{path}.pdf")).await;
        for own in [
            "BIÊN BẢN KIỂM KÊ QUỸ",
            "500.000",
            "1.000.000",
            "1.400.000 ₫",
            "Một triệu bốn trăm nghìn đồng",
            "−100.000 ₫ (thiếu)",
            "Trả nhầm tiền lẻ",
            "Ban kiểm tra",
        ] {
            assert!(text.contains(own), "{own}: {text}");
        }
        assert_eq!((pages, text.contains("Số #")), (1, recorded), "{text}");
        if !recorded {
            house.approve(&draft).await;
        }
    }
}

#[rocket::async_test]
async fn a_sheet_to_sign_goes_over_pages_and_each_taking_is_logged() {
    let (house, _) = furnished(40).await;
    house.enrol(CASEWORKER, "caseworker").await;
    let round = house.round("dot-1", "500.000").await;
    for category in ["poor", "orphan"] {
        let all = [("category", category), ("amount", "500.000"), ("step", "all")];
        assert_eq!(house.choose(&round, &all).await.0, Status::SeeOther);
    }
    house.sign_in(CASEWORKER).await;
    let path = format!("{}/{round}/ky-nhan.pdf", rounds::PATH);
    let before = house.opened().await;
    let bytes = house.paper_bytes(&path).await;
    assert_eq!(house.opened().await, before + 1);
    let (text, pages) = read(&bytes);
    assert!(pages > 1 && size(&bytes) == A4, "{pages} pages");
    assert_eq!(text.matches("Ký nhận").count(), pages, "a head on each page: {text}");
    for own in ["DANH SÁCH KÝ NHẬN", "Hộ Thử 00", "Hộ Thử 39", "Cộng 40 hộ", "Hai mươi triệu đồng"]
    {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert!(text.contains("Danh sách chưa chốt") && !text.contains("Hộ nghèo"), "{text}");
    let (text, _) = house.paper(&format!("{path}?xom=2")).await;
    assert!(text.contains("Ấp 1") && text.contains("Cộng 20 hộ"), "{text}");
    assert!(!text.contains("Ấp 0"), "{text}");
    for xom in ["3", "0", "x", "-1"] {
        assert_eq!(house.get(&format!("{path}?xom={xom}")).await.0, Status::NotFound, "{xom}");
    }
    // A caseworker records no payment; the slip of the treasurer has the list.
    house.sign_in(TREASURER).await;
    house.lay_list(&round).await;
    let (_, to) = house.approve_all(&house.drafts_of(&round).await).await;
    let slip = format!("/ban/but-toan/{}/phieu.pdf", seq_of(&to));
    let (text, pages) = house.paper(&slip).await;
    assert!(pages > 1, "{pages}");
    for own in ["PHIẾU CHI", "Theo danh sách 40 hộ", "Tết vì người nghèo", "đợt dot-1", "Hộ Thử 17"]
    {
        assert!(text.contains(own), "{own}: {text}");
    }
    house.sign_in(CASEWORKER).await;
    assert!(!house.paper(&slip).await.0.contains("Hộ Thử"), "as on the page");
}

#[rocket::async_test]
async fn hostile_texts_are_text_on_papers_and_break_no_page() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let word = "Ư".repeat(200);
    for (name, kept) in [
        ("<script>alert(1)</script> {{7*7}} =1+1", "<script>alert(1)</script> {{7*7}} =1+1"),
        ("Trần 😀 مرحبا Văn", "Trần"),
        (word.as_str(), "ƯƯƯƯƯƯƯƯ"),
        ("a\u{300}\u{302}\u{323}b", "b"),
    ] {
        let note = "x ".repeat(240);
        let mut fields = gift("1000");
        for (field, value) in &mut fields {
            match *field {
                "donor_name" => *value = name,
                "donor_address" => *value = name,
                "note" => *value = &note,
                _ => {}
            }
        }
        let seq = seq_of(&house.slip("/ban/phieu-thu", "", &fields).await);
        for paper in ["phieu", "bien-nhan"] {
            let (text, pages) = house.paper(&format!("/ban/but-toan/{seq}/{paper}.pdf")).await;
            assert!(text.contains(kept), "{name}: {text}");
            assert!(pages <= 2, "{paper} {name}: {pages} pages");
        }
    }
    let (text, _) = house.paper("/ban/so-quy/cash/so-quy.pdf?ky=2026-11").await;
    assert!(text.contains("4.000"), "{text}");
}

#[rocket::async_test]
async fn the_numbers_of_forms_are_the_chapters_own() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let seq = house.given("1500000").await;
    let path = "/ban/quan-tri/mau-so";
    let (_, html) = house.get(path).await;
    assert!(html.contains("value=\"Mẫu số C40-BB\""), "{html}");
    let papers = crate::store::desk::settings::PaperForm::PAPERS;
    let names: Vec<String> =
        papers.iter().flat_map(|own| [format!("{own}_number"), format!("{own}_source")]).collect();
    let long = "x".repeat(61);
    let form = |number: &str| -> Vec<(String, String)> {
        let value = |name: &String| match name.as_str() {
            "receipt_number" => number.to_owned(),
            "receipt_source" => "Quy chế chi tiêu <b>".to_owned(),
            _ => String::new(),
        };
        names.iter().map(|name| (name.clone(), value(name))).collect()
    };
    let send = async |number: &str| {
        let fields = form(number);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        house.send(path, path, &fields).await
    };
    let (status, html) = send(&long).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains(&long) && html.contains("Quy chế chi tiêu &lt;b&gt;"), "{html}");
    let (status, to) = send("Mẫu 01-TT").await;
    assert_eq!((status, to), (Status::SeeOther, format!("{path}?khoa=1")));
    let slip = format!("/ban/but-toan/{seq}/phieu.pdf");
    let (text, _) = house.paper(&slip).await;
    assert!(text.contains("Mẫu 01-TT") && text.contains("Quy chế chi tiêu <b>"), "{text}");
    assert!(!text.contains("C40-BB"), "{text}");
    assert_eq!(send("").await.0, Status::SeeOther);
    let (text, _) = house.paper(&slip).await;
    assert!(!text.contains("Mẫu") && !text.contains("Quy chế"), "{text}");
    // A doubled field, and one that the form does not have.
    let token = token(&house.get(path).await.1, path);
    for (name, value) in [("receipt_number", "A"), ("role", "chair")] {
        let mut fields = form("B");
        fields.push((name.to_owned(), value.to_owned()));
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(house.post(path, &token, &fields).await.0, Status::BadRequest, "{name}");
    }
    assert!(!house.paper(&slip).await.0.contains("Mẫu"));
}
