//! Giving codes in statements, and money of which it is not known what for.

use super::*;

const UNCLEAR: &str = "/ban/nhap-tep/chua-ro";

/// A statement of lines with these texts, 100.000 đồng more each time.
fn statement(texts: &[&str]) -> Vec<u8> {
    let mut file = "Ngày,Số CT,Nội dung,Số tiền ghi nợ,Số tiền ghi có,Số dư\n".to_owned();
    let mut balance = 0;
    for (row, text) in (1..).zip(texts) {
        balance += row * 100_000;
        file.push_str(&format!(
            "{:02}/11/2026,FT{row:03},{text},,{},{balance}\n",
            row,
            row * 100_000
        ));
    }
    file.into_bytes()
}

async fn at_work() -> House {
    let house = House::at_work().await;
    house.fund("restricted", "Tết ấm", "tet-2027").await;
    house
}

/// The page with what was looked for.
async fn look(house: &House, fields: &[(&str, &str)]) -> (Status, String) {
    house.send(UNCLEAR, UNCLEAR, fields).await
}

/// The entry that a row of the page is about, by a word of its text.
fn entry(html: &str, word: &str) -> String {
    let row = html.split("<tr ").find(|row| row.contains(word)).unwrap_or_default();
    between(row, "/ban/but-toan/", "\"").to_owned()
}

#[rocket::async_test]
async fn money_goes_to_the_fund_of_its_code_and_what_is_unclear_is_held() {
    let house = at_work().await;
    let texts = [
        "MBVCB.2694350543.501346.GQTET2027J ung ho.CT tu 1",
        "CT nhanh 247 den: TRAN NGA SON ung ho (CT6093)",
        "GQTET2028J HO YEN chuyen tien",
        "GQTET2027J GQCHNG9",
    ];
    let path = house.bring(&statement(&texts)).await;
    let (_, html) = house.get(&path).await;
    for text in [
        "Mã GQTET2027J: Tết ấm",
        "Mã viết sai, gần giống GQTET2027J (Tết ấm)",
        "Có mã của nhiều quỹ",
        "<option value=\"donation:tet-2027\" selected>",
        "<option value=\"custody:unidentified\" selected>",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let (status, to) = house.book(&path).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let (_, public) = house.get("/xuan-tay/quy/tet-2027").await;
    assert!(public.replace('\u{a0}', " ").contains("Đã nhận</dt><dd>100.000 ₫"), "{public}");
    let (_, today) = house.get("/ban/viec").await;
    assert!(today.contains("2 khoản tiền về chưa rõ") && today.contains(UNCLEAR), "{today}");
    let (status, html) = house.get(UNCLEAR).await;
    assert_eq!(status, Status::Ok);
    for text in ["HO YEN", "gần giống GQTET2027J", "TRAN NGA SON", "2 khoản đang giữ"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("MBVCB.2694350543"), "what has its fund is clear: {html}");
}

#[rocket::async_test]
async fn lines_are_looked_for_by_day_amount_and_words_and_never_by_address() {
    let house = at_work().await;
    let texts = ["HO YEN ung ho", "GQTET2028J Trần Nga Sơn", "GQTET2029J HO YEN"];
    let path = house.bring(&statement(&texts)).await;
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    for (fields, found) in [
        (vec![], 3),
        (vec![("words", "ho yen")], 2),
        (vec![("words", "yến hồ")], 2),
        (vec![("words", "tran nga son")], 1),
        (vec![("words", "khong co ai")], 0),
        (vec![("amount", "300.000")], 1),
        (vec![("from", "02/11/2026"), ("to", "2/11/2026")], 1),
        (vec![("from", "02/11/2026"), ("words", "ho")], 1),
        (vec![("page", "7")], 0),
    ] {
        let (status, html) = look(&house, &fields).await;
        assert_eq!(status, Status::Ok, "{fields:?}");
        assert_eq!(html.matches("/ban/but-toan/").count(), found, "{fields:?}: {html}");
    }
    for (field, status) in [
        (("amount", "-5"), Status::UnprocessableEntity),
        (("from", "31/02/2026"), Status::UnprocessableEntity),
        (("approved", "true"), Status::BadRequest),
    ] {
        assert_eq!(look(&house, &[field]).await.0, status, "{field:?}");
    }
    let twice = look(&house, &[("words", "a"), ("words", "b")]).await;
    assert_eq!(twice.0, Status::BadRequest);
    // Every look at the banks' texts is noted.
    let (chapter, _) = house.chapter();
    let desk = house.store().desk(chapter).unwrap();
    let noted = house.store().openings(&desk, 50).await.unwrap();
    assert!(noted.iter().any(|own| own.what == "bank-texts" && own.number == 3), "{noted:?}");
}

#[rocket::async_test]
async fn held_money_becomes_a_gift_of_its_fund_or_goes_back() {
    let house = at_work().await;
    let path = house.bring(&statement(&["GQTET2028J HO YEN", "toi chuyen nham"])).await;
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    let (_, html) = house.get(UNCLEAR).await;
    let (near, mistake) = (entry(&html, "HO YEN"), entry(&html, "chuyen nham"));
    let page = format!("{UNCLEAR}/{near}/ghi-nhan");
    let (status, html) = house.get(&page).await;
    assert_eq!(status, Status::Ok);
    let slip = "/ban/ghi-nhan-tien-giu-ho";
    assert!(html.contains("<option value=\"tet-2027\" selected>"), "the fund of the code: {html}");
    assert!(html.contains("value=\"100000\"") && !html.contains("HO YEN"), "{html}");
    let (id, of) = (hidden(&html, "id"), hidden(&html, "of"));
    let mut fields = vec![
        ("id", id.as_str()),
        ("of", of.as_str()),
        ("date", "20/11/2026"),
        ("donor_type", "unknown"),
        ("donor_name", ""),
        ("amount", "60.000"),
        ("fund", "tet-2027"),
        ("place", "ngan-hang"),
        ("note", ""),
    ];
    fields.push(("step", "record"));
    let (status, draft) = house.post(slip, &token(&html, slip), &fields).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    house.approve(&draft).await;
    // What is left of it is filled in the next time.
    let (_, html) = house.get(&page).await;
    assert!(html.contains("value=\"40000\""), "{html}");
    let (_, html) = house.get(UNCLEAR).await;
    assert!(html.replace('\u{a0}', " ").contains("Còn 40.000 ₫"), "{html}");
    assert!(html.contains(&format!("/ban/tra-tien-giu-ho?so={mistake}")), "{html}");
    let (_, html) = house.get(&format!("/ban/tra-tien-giu-ho?so={mistake}")).await;
    assert!(html.contains("value=\"200000\""), "{html}");
    for gone in ["0", "999", "1.1", "-1", "khong-co"] {
        let (status, _) = house.get(&format!("{UNCLEAR}/{gone}/ghi-nhan")).await;
        assert_eq!(status, Status::NotFound, "{gone}");
        let (status, _) = house.get(&format!("{UNCLEAR}/{gone}/chuyen-quy")).await;
        assert_eq!(status, Status::NotFound, "{gone}");
    }
}

#[rocket::async_test]
async fn a_gift_without_a_word_is_moved_to_the_fund_that_it_was_meant_for() {
    let house = at_work().await;
    let path = house.bring(&statement(&["HO YEN ung ho"])).await;
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    let (_, html) = house.get(UNCLEAR).await;
    let gift = entry(&html, "HO YEN");
    let (status, html) = house.get(&format!("{UNCLEAR}/{gift}/chuyen-quy")).await;
    assert_eq!(status, Status::Ok);
    for text in [
        "action=\"/ban/dieu-chuyen-quy\"".to_owned(),
        "<option value=\"chung\" selected>".to_owned(),
        "<option value=\"consent\" selected>".to_owned(),
        "value=\"100000\"".to_owned(),
        format!("value=\"{gift}\""),
    ] {
        assert!(html.contains(&text), "{text}: {html}");
    }
    let (status, _) = house.get(&format!("{UNCLEAR}/{gift}/ghi-nhan")).await;
    assert_eq!(status, Status::NotFound, "it is held for nobody");
    let (_, today) = house.get("/ban/viec").await;
    assert!(!today.contains("chưa rõ"), "a general gift waits for nobody: {today}");
}
