//! Papers of goods as PDF files: slips, the card of an item, the minutes of a count.

use super::goods::handed;
use super::papers::{A4, NAME, read, size};
use super::*;

#[rocket::async_test]
async fn goods_print_as_slips_with_prices_and_a_list_and_as_a_stock_card() {
    let house = House::founded().await;
    house.stocked().await;
    let gift = house.received().await;
    let (text, pages) = house.paper(&format!("/ban/but-toan/{gift}/phieu.pdf")).await;
    for own in [
        "PHIẾU NHẬP KHO",
        "PN-2026-00001",
        NAME,
        "Gạo tẻ · HSD 31/12/2026",
        "100,5",
        "15.000",
        "1.507.500",
        "Chăn bông",
        "Một triệu năm trăm lẻ bảy nghìn năm trăm đồng",
        "Kho trụ sở",
        "Thủ kho",
    ] {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert_eq!(pages, 1);
    let (text, _) = house.paper(&format!("/ban/but-toan/{gift}/bien-nhan.pdf")).await;
    for own in ["Chăn bông", "100,5", "1.507.500 ₫", "Hàng hết hạn trước"] {
        assert!(text.contains(own), "{own}: {text}");
    }
    let draft = house.slip("/ban/xuat-kho", "", &handed(6, "10")).await;
    let entry = seq_of(&house.approve(&draft).await);
    let path = format!("/ban/but-toan/{entry}/phieu.pdf");
    let (text, _) = house.paper(&path).await;
    for own in ["PHIẾU XUẤT KHO", "PX-2026-00001", "Theo danh sách 6 hộ", "900.000", "Ký nhận"]
    {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert_eq!(text.matches("Trần Thị Mít").count(), 6, "{text}");
    assert_eq!(text.matches("Gạo tẻ 10 kg").count(), 6, "{text}");
    let (text, _) = house.paper(&format!("{path}?rieng=0")).await;
    assert!(!text.contains("Trần Thị Mít") && !text.contains("Danh sách kèm theo"), "{text}");
    let (_, html) = house.get("/ban/kho/kho?hang=gao").await;
    let card = "/ban/kho/kho/the-kho.pdf?hang=gao&amp;nam=2026";
    assert!(html.contains(card), "{html}");
    let bytes = house.paper_bytes(&card.replace("&amp;", "&")).await;
    assert_eq!(size(&bytes), A4);
    let (text, _) = read(&bytes);
    for own in
        ["THẺ KHO", "Gạo tẻ", "Kho trụ sở", "PN-2026-00001", "100,5", "60", "40,5", "Năm 2026"]
    {
        assert!(text.contains(own), "{own}: {text}");
    }
    for path in ["kho/the-kho.pdf", "kho/the-kho.pdf?hang=vang", "kho/the-kho.pdf?hang=gao&nam=x"] {
        assert_eq!(house.get(&format!("/ban/kho/{path}")).await.0, Status::NotFound, "{path}");
    }
}

#[rocket::async_test]
async fn goods_that_are_only_held_have_a_slip_and_a_receipt_without_a_value() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let held = [
        ("date", "20/11/2026"),
        ("donor_type", "person"),
        ("donor_name", NAME),
        ("to_name", "Võ Thị Mận"),
        ("goods_what[]", "Xe lăn"),
        ("goods_quantity[]", "2"),
        ("goods_unit[]", "chiếc"),
        ("note", ""),
    ];
    let seq = seq_of(&house.slip("/ban/giu-ho-hien-vat", "", &held).await);
    let (text, _) = house.paper(&format!("/ban/but-toan/{seq}/phieu.pdf")).await;
    for own in ["PHIẾU KẾ TOÁN", "Xe lăn", "chiếc", NAME] {
        assert!(text.contains(own), "{own}: {text}");
    }
    let (text, _) = house.paper(&format!("/ban/but-toan/{seq}/bien-nhan.pdf")).await;
    for own in ["BIÊN NHẬN GIỮ HỘ", "Xe lăn", "2", "Hội giữ hộ cho đúng người"] {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert!(!text.contains("Võ Thị Mận") && !text.contains("không phải tiền mặt"), "{text}");
}

#[rocket::async_test]
async fn the_minutes_of_a_stock_count_say_what_lay_there_before_it() {
    let house = House::founded().await;
    house.stocked().await;
    house.received().await;
    let counted = [
        ("date", "20/11/2026"),
        ("store", "kho"),
        ("fund", "chung"),
        ("count_item[]", "gao"),
        ("count_quantity[]", "0,5"),
        ("count_direction[]", "less"),
        ("count_reason[]", "spoiled"),
        ("note", "Chuột cắn bao"),
    ];
    let draft = house.slip("/ban/kiem-ke-kho", "", &counted).await;
    let id = draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap().to_owned();
    let path = format!("/ban/kho/kiem-ke/{id}/bien-ban.pdf");
    let mut page = draft.clone();
    for recorded in [false, true] {
        let (_, html) = house.get(&page).await;
        assert!(html.contains(&path), "{html}");
        let (text, pages) = house.paper(&path).await;
        for own in [
            "BIÊN BẢN KIỂM KÊ KHO",
            "Kho trụ sở",
            "Gạo tẻ",
            "100,5",
            "100",
            "−0,5",
            "Hư hỏng",
            "Chuột cắn bao",
            "khớp với sổ",
            "Thủ kho",
        ] {
            assert!(text.contains(own), "{own}: {text}");
        }
        assert_eq!((pages, text.contains("Số #")), (1, recorded), "{text}");
        if !recorded {
            page = format!("/ban/but-toan/{}", seq_of(&house.approve(&draft).await));
        }
    }
}
