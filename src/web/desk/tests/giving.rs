//! How people give, as officers set it.

use super::*;

const PATH: &str = "/ban/ung-ho";

/// The form of a fund as it stands, with some fields changed.
fn fields<'a>(html: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
    let mut all = vec![
        ("version", hidden(html, "version")),
        ("open", "yes".to_owned()),
        ("name", text(html, "name")),
        ("place", String::new()),
        ("turn", text(html, "turn")),
        ("greeting_vi", String::new()),
        ("greeting_en", String::new()),
    ];
    for (name, value) in changes {
        all.iter_mut().filter(|(own, _)| own == name).for_each(|own| own.1 = (*value).to_owned());
    }
    all
}

/// The value of a field of one line.
fn text(html: &str, name: &str) -> String {
    let (_, rest) = html.split_once(&format!("name=\"{name}\" type=\"text\"")).unwrap();
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

impl House {
    async fn set_fund(&self, fund: &str, changes: &[(&str, &str)]) -> (Status, String) {
        let path = format!("{PATH}/{fund}");
        let (_, html) = self.get(&path).await;
        let fields = fields(&html, changes);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post(&path, &token(&html, &path), &fields).await
    }
}

async fn at_work() -> House {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.fund("restricted", "Tết ấm", "tet-2027").await;
    house
}

#[rocket::async_test]
async fn a_funds_code_is_made_by_itself_and_may_be_chosen() {
    let house = at_work().await;
    let (status, html) = house.get(PATH).await;
    assert_eq!(status, Status::Ok);
    for text in ["GQCHNG9", "GQTET2027J", "Đang nhận ủng hộ", "không có mã QR"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let (status, to) = house.set_fund("tet-2027", &[("name", "tet am"), ("turn", "5")]).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let (_, html) = house.get(&to).await;
    assert!(html.contains("Đã lưu") && html.contains("GQTETAM"), "{html}");
    assert!(html.contains("Mã cũ") && html.contains("GQTET2027J"), "{html}");
    let (_, public) = house.get("/xuan-tay/quy/tet-2027").await;
    assert!(public.contains("GQTETAM") && !public.contains("GQTET2027J"), "{public}");
    // The whole code is taken, too: the old one comes back.
    let (status, to) = house.set_fund("tet-2027", &[("name", "gq tet2027 j")]).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    // Off the page.
    let (status, _) = house.set_fund("tet-2027", &[("open", "no")]).await;
    assert_eq!(status, Status::SeeOther);
    let (_, public) = house.get("/xuan-tay/ung-ho").await;
    assert!(!public.contains("Tết ấm"), "{public}");
}

#[rocket::async_test]
async fn codes_of_other_funds_and_odd_values_are_refused_at_their_field() {
    let house = at_work().await;
    house.set_fund("tet-2027", &[("name", "TETAM")]).await;
    for (changes, said) in [
        (("name", "TETAM"), "dễ nhầm với mã của quỹ đó"),
        // The fund's code of before.
        (("name", "TET2027"), "dễ nhầm với mã của quỹ đó"),
        (("name", "LU LUT"), "trừ I, L, O, U"),
        (("name", "TẾT"), "trừ I, L, O, U"),
        (("name", "T"), "cần 2 đến 12 chữ và số"),
        (("name", "TETTETTETTETTET"), "cần 2 đến 12 chữ và số"),
        (("name", "=1+1"), "trừ I, L, O, U"),
        (("turn", "1000"), "từ 0 đến 999"),
        (("turn", "-1"), "từ 0 đến 999"),
        (("turn", "٥"), "từ 0 đến 999"),
        (("open", "maybe"), "Nhận ủng hộ vào quỹ này"),
        (("place", "cash"), "Tài khoản ngân hàng"),
        (("greeting_vi", "a\u{202e}b"), "Lời ngỏ"),
    ] {
        let (status, html) = house.set_fund("chung", &[changes]).await;
        assert_eq!(status, Status::UnprocessableEntity, "{changes:?}: {html}");
        let summary = html.split_once("govuk-error-summary__body").unwrap().1;
        assert!(summary.split("</div>").next().unwrap().contains(said), "{changes:?}: {html}");
    }
    let long = "a".repeat(501);
    let (status, _) = house.set_fund("chung", &[("greeting_en", &long)]).await;
    assert_eq!(status, Status::UnprocessableEntity);
    let (_, html) = house.get(PATH).await;
    assert!(html.contains("GQCHNG9"), "nothing was changed: {html}");
}

#[rocket::async_test]
async fn doubled_and_unknown_fields_and_late_forms_change_nothing() {
    let house = at_work().await;
    let path = format!("{PATH}/chung");
    let (_, html) = house.get(&path).await;
    let whole = fields(&html, &[("greeting_vi", "Cảm ơn bà con")]);
    let whole: Vec<(&str, &str)> =
        whole.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for more in [("name", "TET"), ("approved", "true"), ("account", "123"), ("version", "0")] {
        let mut odd = whole.clone();
        odd.push(more);
        let (status, _) = house.post(&path, &token(&html, &path), &odd).await;
        assert_eq!(status, Status::BadRequest, "{more:?}");
    }
    let (status, _) = house.post(&path, "0".repeat(64).as_str(), &whole).await;
    assert_eq!(status, Status::Forbidden);
    // Somebody is quicker: what was typed stays, and is kept with the next sending.
    let (status, _) = house.set_fund("tet-2027", &[("turn", "7")]).await;
    assert_eq!(status, Status::SeeOther);
    let (status, late) = house.post(&path, &token(&html, &path), &whole).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(late.contains("vừa thay đổi") && late.contains("Cảm ơn bà con"), "{late}");
    let again = fields(&late, &[("greeting_vi", "Cảm ơn bà con")]);
    let again: Vec<(&str, &str)> =
        again.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (status, _) = house.post(&path, &token(&late, &path), &again).await;
    assert_eq!(status, Status::SeeOther);
    let (_, public) = house.get("/xuan-tay/ung-ho?quy=chung").await;
    assert!(public.contains("Cảm ơn bà con"), "{public}");
    for gone in ["/ban/ung-ho/khong-co", "/ban/ung-ho/custody", "/ban/ung-ho/X"] {
        assert_eq!(house.get(gone).await.0, Status::NotFound, "{gone}");
    }
}

#[rocket::async_test]
async fn the_texts_of_the_chapter_are_kept_in_both_languages() {
    let house = at_work().await;
    let (_, html) = house.get(PATH).await;
    let version = hidden(&html, "version");
    let fields = [
        ("version", version.as_str()),
        ("office_vi", "Sáng thứ Hai\ngặp thủ quỹ"),
        ("office_en", "Monday mornings"),
        ("goods_vi", "Gạo"),
        ("goods_en", ""),
    ];
    let (status, to) = house.post(PATH, &token(&html, PATH), &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    assert!(house.get(&to).await.1.contains("Đã lưu"));
    let (_, public) = house.get("/xuan-tay/ung-ho").await;
    assert!(public.contains("Sáng thứ Hai") && public.contains("Gạo"), "{public}");
    let (_, public) = house.get("/xuan-tay/ung-ho?lang=en").await;
    assert!(public.contains("Monday mornings") && public.contains("lang=\"vi\">Gạo"), "{public}");
    // The same form again is late.
    let (status, html) = house.post(PATH, &token(&html, PATH), &fields).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("vừa thay đổi") || html.contains("has just changed"), "{html}");
}

#[rocket::async_test]
async fn the_number_of_the_account_is_that_of_the_signed_entry() {
    let house = at_work().await;
    let fields = [
        ("date", "19/11/2026"),
        ("type", "bank"),
        ("name", "Agribank Xuân Tây"),
        ("code", "agri"),
        ("bank_bin", "970405"),
        ("account", "1234 567 890123"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/mo-noi-giu-tien", "", &fields).await;
    let entry = seq_of(&house.approve(&draft).await);
    let (_, html) = house.get(PATH).await;
    assert!(html.contains(&format!("href=\"/ban/but-toan/{entry}\"")), "{html}");
    assert!(html.contains("có hai chữ ký") && !html.contains("không có mã QR"), "{html}");
    let (status, _) = house.set_fund("tet-2027", &[("place", "ngan-hang")]).await;
    assert_eq!(status, Status::SeeOther);
    let (_, public) = house.get("/xuan-tay/ung-ho?quy=tet-2027").await;
    assert!(public.contains("101010101010") && !public.contains("1234 567"), "{public}");
    let (_, public) = house.get("/xuan-tay/ung-ho?quy=chung").await;
    assert!(public.contains("1234 567 890123") && public.contains("mb-give__qr"), "{public}");
    assert!(public.contains(&format!("href=\"/xuan-tay/so/{entry}\"")), "{public}");
}
