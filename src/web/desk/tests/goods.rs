//! Goods at the desk: in, out, counted, given back; a caseworker's part of it.

use super::people::CASEWORKER;
use super::*;

const DAY: &str = "20/11/2026";

impl House {
    /// What the public table of carried goods says of one: received, handed over, given back, held.
    async fn carried(&self, description: &str) -> Vec<String> {
        let (_, html) = self.get("/xuan-tay/hien-vat").await;
        let row = html.split("<tr ").find(|row| row.contains(description)).unwrap_or_default();
        let cells = row.split("mb-money\">").skip(1);
        cells.map(|cell| cell.split('<').next().unwrap_or_default().to_owned()).collect()
    }

    /// A store, two items and a programme.
    pub async fn stocked(&self) {
        self.sign_in(TREASURER).await;
        self.shelves().await;
        let programme = [
            ("date", DAY),
            ("type", "tet"),
            ("name", "Tết vì người nghèo"),
            ("code", "tet"),
            ("note", ""),
        ];
        self.slip("/ban/mo-chuong-trinh", "", &programme).await;
    }

    /// Two stores and two items.
    pub async fn shelves(&self) {
        let store = [("date", DAY), ("name", "Kho trụ sở"), ("code", "kho"), ("note", "")];
        self.slip("/ban/mo-kho", "", &store).await;
        let other = [("date", DAY), ("name", "Kho thôn 2"), ("code", "thon-2"), ("note", "")];
        self.slip("/ban/mo-kho", "", &other).await;
        for (name, code, unit, whole) in
            [("Gạo tẻ", "gao", "kg", "parts"), ("Chăn bông", "chan", "cái", "whole")]
        {
            let item = [
                ("date", DAY),
                ("name", name),
                ("code", code),
                ("unit", unit),
                ("whole", whole),
                ("note", ""),
            ];
            self.slip("/ban/mo-mat-hang", "", &item).await;
        }
    }

    pub async fn received(&self) -> u64 {
        let fields = [
            ("date", DAY),
            ("donor_type", "person"),
            ("donor_name", "Nguyễn Thị Hạnh"),
            ("donor_address", ""),
            ("note", ""),
            ("lot_item[]", "gao"),
            ("lot_quantity[]", "100,5"),
            ("lot_value[]", "1.507.500"),
            ("lot_expiry[]", "31/12/2026"),
            ("lot_condition[]", "Bao 50 kg"),
            ("lot_item[]", "chan"),
            ("lot_quantity[]", "20"),
            ("lot_value[]", "0"),
            ("lot_expiry[]", ""),
            ("lot_condition[]", ""),
            ("store", "kho"),
            ("fund", "chung"),
            ("paper_no", ""),
        ];
        seq_of(&self.slip("/ban/nhap-kho", "", &fields).await)
    }
}

/// So many families of one category, each with the same goods.
pub fn handed(families: usize, quantity: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut fields = vec![
        ("date", DAY),
        ("programme", "tet"),
        ("round", "dot-1"),
        ("note", ""),
        ("item[]", "gao"),
        ("quantity[]", quantity),
        ("store", "kho"),
        ("fund", "chung"),
        ("allow_expired", "no"),
    ];
    for _ in 0..families {
        fields.extend([("line_name[]", "Trần Thị Mít"), ("line_category[]", "poor")]);
    }
    fields
}

#[rocket::async_test]
async fn gifts_in_kind_come_in_go_out_and_stand_on_the_card() {
    let house = House::founded().await;
    house.stocked().await;
    let gift = house.received().await;
    let (_, html) = house.get(&format!("/ban/but-toan/{gift}")).await;
    for word in ["PN-2026-00001", "Gạo tẻ", "100,5 kg", "Bao 50 kg", "31/12/2026", "/ban/tra-hang"]
    {
        assert!(html.contains(word), "{word}: {html}");
    }
    let (_, html) = house.get("/ban/kho").await;
    assert!(html.contains("100,5 kg") && html.contains("20 cái"), "{html}");
    assert!(html.contains("1.507.500"), "{html}");
    let draft = house.slip("/ban/xuat-kho", "", &handed(6, "10")).await;
    let (_, html) = house.get(&draft).await;
    assert!(html.contains("100,5 kg") && html.contains("40,5 kg"), "before and after: {html}");
    let entry = seq_of(&house.approve(&draft).await);
    let (_, html) = house.get(&format!("/ban/but-toan/{entry}")).await;
    assert!(html.contains("PX-2026-00001") && html.contains("Mỗi hộ nhận"), "{html}");
    let back = [
        ("date", DAY),
        ("absent", "1"),
        ("amount", ""),
        ("place", ""),
        ("item[]", "gao"),
        ("quantity[]", "10"),
        ("note", "Hộ vắng mặt"),
    ];
    let so = format!("?so={entry}");
    let mut fields = back.to_vec();
    let own = entry.to_string();
    fields.push(("of", &own));
    let draft = house.slip("/ban/tra-lai-cap-phat", &so, &fields).await;
    house.approve(&draft).await;
    let (_, html) = house.get("/ban/kho/kho?hang=gao").await;
    for word in ["100,5 kg", "60 kg", "40,5 kg", "50,5 kg", "Lô của bút toán"] {
        assert!(html.contains(word), "{word}: {html}");
    }
    let (status, _) = house.get("/ban/kho/kho?hang=vang").await;
    assert_eq!(status, Status::NotFound);
    let (_, html) = house.get("/xuan-tay/hien-vat").await;
    for word in ["Gạo tẻ", "50,5 kg", "20 cái", "31/12/2026"] {
        assert!(html.contains(word), "{word}: {html}");
    }
    assert!(house.get(&format!("/xuan-tay/so/{gift}")).await.1.contains("Gạo tẻ"));
    let (_, html) = house.get("/xuan-tay/bao-cao/2026-11").await;
    assert!(html.contains("Chăn bông") && html.contains("50,5 kg"), "{html}");
    let code = house.store().receipt_code(&house.line(gift).await.entry).unwrap();
    let (_, html) = house.get(&format!("/bn/{code}")).await;
    for word in ["Hội đã nhận hiện vật ngày 20/11/2026", "100,5 kg", "50,5 kg", "50 kg", "Tết vì"]
    {
        assert!(html.contains(word), "{word}: {html}");
    }
    assert_clean(&house).await;
}

#[rocket::async_test]
async fn what_is_wrong_with_a_row_is_said_at_its_row_and_nothing_is_lost() {
    let house = House::founded().await;
    house.stocked().await;
    house.received().await;
    for (quantity, word) in [
        ("0", "Số lượng, dòng 1"),
        ("-1", "Số lượng, dòng 1"),
        ("1.500", "Số lượng, dòng 1"),
        ("1e3", "Số lượng, dòng 1"),
        ("", "Số lượng, dòng 1"),
        ("101", "100,5"),
    ] {
        let (_, html) = house.get("/ban/xuat-kho").await;
        let (id, token) = (hidden(&html, "id"), token(&html, "/ban/xuat-kho"));
        let mut fields = handed(1, quantity);
        fields.push(("id", &id));
        let (status, html) = house.post("/ban/xuat-kho", &token, &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{quantity}: {html}");
        assert!(html.contains(word) && html.contains("Trần Thị Mít"), "{quantity}: {html}");
    }
    // Half a quilt.
    let (_, html) = house.get("/ban/chuyen-kho").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/chuyen-kho"));
    let fields = [
        ("id", id.as_str()),
        ("date", DAY),
        ("from_store", "kho"),
        ("to_store", "thon-2"),
        ("fund", "chung"),
        ("item[]", "chan"),
        ("quantity[]", "0,5"),
        ("note", ""),
    ];
    let (status, html) = house.post("/ban/chuyen-kho", &token, &fields).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("Chăn bông"), "{html}");
}

#[rocket::async_test]
async fn a_caseworker_records_goods_and_no_money() {
    let house = House::founded().await;
    house.stocked().await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.forget().await;
    house.sign_in(CASEWORKER).await;
    let gift = house.received().await;
    assert!(gift > 0);
    let (_, html) = house.get("/ban/viec").await;
    assert!(html.contains("/ban/nhap-kho") && !html.contains("/ban/phieu-thu"), "{html}");
    assert_eq!(house.get("/ban/mua-hang").await.0, Status::Forbidden);
    assert_eq!(house.get("/ban/phieu-thu").await.0, Status::Forbidden);
    let draft = house.slip("/ban/xuat-kho", "", &handed(6, "1")).await;
    let path = draft.split('?').next().unwrap();
    let (status, to) = house.send(path, &format!("{path}/rut"), &[]).await;
    assert_eq!(status, Status::SeeOther, "its own draft is taken back: {to}");
}

/// Rice bought for the store `kho`.
const BOUGHT: [(&str, &str); 14] = [
    ("date", DAY),
    ("payee_type", "firm"),
    ("payee_name", "Cửa hàng Xuân Tây"),
    ("note", ""),
    ("lot_item[]", "gao"),
    ("lot_quantity[]", "200"),
    ("lot_value[]", "3.000.000"),
    ("lot_expiry[]", ""),
    ("lot_condition[]", ""),
    ("extra", "100.000"),
    ("store", "kho"),
    ("place", "cash"),
    ("fund", "chung"),
    ("gifts", ""),
];

#[rocket::async_test]
async fn goods_are_bought_moved_counted_and_given_back() {
    let house = House::founded().await;
    house.stocked().await;
    let gift = seq_of(&house.slip("/ban/phieu-thu", "", &gift("5.000.000")).await);
    let draft = house.slip("/ban/mua-hang", "", &BOUGHT).await;
    let purchase = seq_of(&house.approve(&draft).await);
    let moved = [
        ("date", DAY),
        ("from_store", "kho"),
        ("to_store", "thon-2"),
        ("fund", "chung"),
        ("item[]", "gao"),
        ("quantity[]", "50"),
        ("note", ""),
    ];
    house.slip("/ban/chuyen-kho", "", &moved).await;
    let counted = [
        ("date", DAY),
        ("store", "kho"),
        ("fund", "chung"),
        ("count_item[]", "gao"),
        ("count_direction[]", "less"),
        ("count_quantity[]", "2"),
        ("count_reason[]", "spoiled"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/kiem-ke-kho", "", &counted).await;
    house.approve(&draft).await;
    let own = purchase.to_string();
    let returned = [
        ("of", own.as_str()),
        ("date", DAY),
        ("item[]", "gao"),
        ("quantity[]", "10"),
        ("amount", "150.000"),
        ("place", "cash"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/tra-hang", &format!("?so={purchase}"), &returned).await;
    house.approve(&draft).await;
    // Of the gift: rice in store, rice that went bad, what is left.
    let code = house.store().receipt_code(&house.line(gift).await.entry).unwrap();
    let (_, html) = house.get(&format!("/bn/{code}")).await;
    for word in ["Đã mua, chưa trao", "Đã mất hoặc hỏng", "Còn lại"] {
        assert!(html.contains(word), "{word}: {html}");
    }
    let (_, html) = house.get("/ban/kho").await;
    assert!(html.contains("138 kg") && html.contains("50 kg"), "{html}");
    assert_clean(&house).await;
}

/// An amount of the chapter's page, behind its label.
fn figure(html: &str, label: &str) -> i64 {
    let Some((_, rest)) = html.split_once(&format!("<dt>{label}</dt><dd>")) else { return 0 };
    let text = rest.split("</dd>").next().unwrap();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// The books are clean, and every page about what was recorded can be read in both languages.
pub async fn assert_clean(house: &House) {
    let (chapter, _) = house.chapter();
    let findings = house.store().check(chapter).await.unwrap();
    assert!(findings.is_clean(), "{findings}");
    let (_, html) = house.get("/xuan-tay").await;
    let of = |label| figure(&html, label);
    let there = of("Tồn quỹ") + of("Giá trị còn trong kho") + of("Đang cho vay");
    let should = of("Số dư đầu") + of("Đã nhận") - of("Đã dùng") + of("Đang giữ hộ");
    assert_eq!(there, should, "the figures tie: {html}");
    let mut pages: Vec<String> = ["", "/hien-vat", "/cong-khai", "/bao-cao/2026-11"]
        .map(|page| format!("/xuan-tay{page}"))
        .to_vec();
    pages.extend(
        (0..findings.entries)
            .flat_map(|seq| [format!("/xuan-tay/so/{seq}"), format!("/ban/but-toan/{seq}")]),
    );
    for page in pages {
        for page in [page.clone(), format!("{page}?lang=en")] {
            let (status, html) = house.get(&page).await;
            assert_eq!(status, Status::Ok, "{page}: {html}");
        }
    }
}

#[rocket::async_test]
async fn goods_go_to_other_chapters_and_come_from_them() {
    let house = House::founded().await;
    house.stocked().await;
    house.received().await;
    let sent = [
        ("date", DAY),
        ("to_log", "https://so.example/xuan-dong/"),
        ("note", ""),
        ("item[]", "gao"),
        ("quantity[]", "20"),
        ("store", "kho"),
        ("fund", "chung"),
    ];
    let draft = house.slip("/ban/gui-hang-hoi-khac", "", &sent).await;
    house.approve(&draft).await;
    let from = [
        ("date", DAY),
        ("sender_log", "so.example/xuan-dong"),
        ("sender_id", "01934f00-0000-7000-8000-000000000001"),
        ("note", ""),
        ("lot_item[]", "chan"),
        ("lot_quantity[]", "5"),
        ("lot_value[]", "500000"),
        ("lot_expiry[]", ""),
        ("lot_condition[]", ""),
        ("store", "kho"),
        ("fund", "chung"),
    ];
    house.slip("/ban/nhan-hang-hoi-khac", "", &from).await;
    let (_, html) = house.get("/ban/kho").await;
    assert!(html.contains("80,5 kg") && html.contains("25 cái"), "{html}");
    // The same sending twice.
    let (_, html) = house.get("/ban/nhan-hang-hoi-khac").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/nhan-hang-hoi-khac"));
    let mut again = from.to_vec();
    again.push(("id", &id));
    let (status, html) = house.post("/ban/nhan-hang-hoi-khac", &token, &again).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert_clean(&house).await;
}

#[rocket::async_test]
async fn what_is_carried_for_a_family_is_handed_on_as_it_came() {
    let house = House::founded().await;
    house.stocked().await;
    let held = [
        ("date", DAY),
        ("donor_type", "person"),
        ("donor_name", "Nguyễn Thị Hạnh"),
        ("to_name", "Hộ bà Năm Bưởi"),
        ("goods_what[]", "Xe lăn"),
        ("goods_quantity[]", "1"),
        ("goods_unit[]", "chiếc"),
        ("note", ""),
    ];
    let carried = seq_of(&house.slip("/ban/giu-ho-hien-vat", "", &held).await);
    let (_, html) = house.get("/ban/kho").await;
    assert!(html.contains("Xe lăn") && html.contains("1 chiếc"), "{html}");
    assert_eq!(house.carried("Xe lăn").await, ["1 chiếc", "0 chiếc", "0 chiếc", "1 chiếc"]);
    let path = format!("/ban/trao-hien-vat-giu-ho?so={carried}");
    let (_, html) = house.get(&path).await;
    assert!(html.contains("value=\"Xe lăn\"") && html.contains("value=\"chiếc\""), "{html}");
    let own = carried.to_string();
    let over = [
        ("of", own.as_str()),
        ("date", DAY),
        ("goods_what[]", "Xe lăn"),
        ("goods_quantity[]", "1"),
        ("goods_unit[]", "chiếc"),
        ("paper_no", "BB-1"),
        ("note", ""),
    ];
    let so = format!("?so={carried}");
    let draft = house.slip("/ban/trao-hien-vat-giu-ho", &so, &over).await;
    let handed = seq_of(&house.approve(&draft).await);
    assert!(!house.get("/ban/kho").await.1.contains("Xe lăn"));
    // Everybody sees what became of it, and for whom it was nobody.
    assert_eq!(house.carried("Xe lăn").await, ["1 chiếc", "1 chiếc", "0 chiếc", "0 chiếc"]);
    let (_, html) = house.get("/xuan-tay/hien-vat").await;
    assert!(html.contains(&format!("/xuan-tay/so/{handed}\"")), "{html}");
    assert!(!html.contains("Năm Bưởi") && !html.contains("Hạnh"), "{html}");
    // A second one goes back to its giver; a handover that is reversed was none.
    let (_, html) = house.get("/ban/giu-ho-hien-vat").await;
    let id = hidden(&html, "id");
    assert_ne!(id, "");
    let mut two = held;
    two[4].1 = "Nạng gỗ";
    two[5].1 = "2";
    let crutches = seq_of(&house.slip("/ban/giu-ho-hien-vat", "", &two).await);
    let (own, so) = (crutches.to_string(), format!("?so={crutches}"));
    let mut back = over;
    (back[0].1, back[2].1, back[3].1) = (own.as_str(), "Nạng gỗ", "0,5");
    let draft = house.slip("/ban/tra-hien-vat-giu-ho", &so, &back).await;
    house.approve(&draft).await;
    let shown = ["2 chiếc", "0 chiếc", "0,5 chiếc", "1,5 chiếc"];
    assert_eq!(house.carried("Nạng gỗ").await, shown);
    let undone = [
        ("of", handed.to_string()),
        ("date", DAY.to_owned()),
        ("reason", "mistyped".to_owned()),
        ("words", "Nhầm".to_owned()),
        ("note", String::new()),
    ];
    let undone: Vec<(&str, &str)> =
        undone.iter().map(|(name, own)| (*name, own.as_str())).collect();
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={handed}"), &undone).await;
    house.approve(&draft).await;
    assert_eq!(house.carried("Xe lăn").await, ["1 chiếc", "0 chiếc", "0 chiếc", "1 chiếc"]);
    assert_clean(&house).await;
}
