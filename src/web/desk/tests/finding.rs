//! Finding a gift on the public pages: accents, hostile words, nothing private in any answer.

use super::*;

const FIND: &str = "/xuan-tay/tra-cuu";

/// A gift over the bank whose giver is shown by name; its seq and the receipt's code.
async fn gifted(house: &House) -> (u64, String) {
    house.sign_in(TREASURER).await;
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &gift("1.500.000")).await);
    let path = format!("/ban/but-toan/{seq}/ten");
    let agreed = [("name", "full_name"), ("given_on", "20/11/2026"), ("how", "Phiếu số 3")];
    assert_eq!(house.send(&path, &path, &agreed).await.0, Status::SeeOther);
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}")).await;
    let (_, rest) = html.split_once("href=\"/bn/").unwrap();
    (seq, rest.split(['"', '?']).next().unwrap().to_owned())
}

async fn find(house: &House, query: &str) -> (Status, String) {
    house.get(&format!("{FIND}?{query}")).await
}

fn escaped(text: &str) -> String {
    rocket::http::RawStr::new(text).percent_encode().to_string()
}

#[rocket::async_test]
async fn a_gift_is_found_by_day_amount_and_name_and_leads_to_its_entry_alone() {
    let house = House::founded().await;
    let (seq, code) = gifted(&house).await;
    house.forget().await;
    let entry = format!("href=\"/xuan-tay/so/{seq}\"");
    for query in [
        "tu=19/11/2026",
        "tu=18/11/2026&den=20/11/2026",
        "den=19%2F11%2F2026",
        "so_tien=1.500.000",
        "so_tien=1500000&tu=19/11/2026&loai=tien",
        "ten=nguyen+thi+h",
        "ten=NGUY%E1%BB%84N",
        "ten=Nguyeenx",
        "loai=tien",
        "ten=hanh&lang=en",
        "ten=hanh&lang=vi",
    ] {
        let (status, html) = find(&house, query).await;
        assert_eq!(status, Status::Ok, "{query}");
        assert!(html.contains(&entry) && html.contains("Nguyễn Thị Hạnh"), "{query}: {html}");
        assert!(!html.contains(&code), "a receipt's code: {query}");
        assert!(!html.contains("Ủng hộ tháng 11") || query.is_empty(), "{query}");
    }
    for query in ["tu=18/11/2026", "so_tien=1500001", "ten=hoa", "loai=hien-vat"] {
        let (status, html) = find(&house, query).await;
        assert_eq!(status, Status::Ok, "{query}");
        assert!(!html.contains(&entry) && html.contains("Không tìm thấy"), "{query}: {html}");
        assert!(html.contains("/xuan-tay/phan-anh"), "what to do: {html}");
    }
    let (_, html) = house.get(FIND).await;
    assert!(!html.contains(&entry) && html.contains("điền ô nào cũng được"), "{html}");
}

#[rocket::async_test]
async fn hostile_words_find_nothing_and_break_nothing() {
    let house = House::founded().await;
    gifted(&house).await;
    for typed in ["%", "_", "%_%", "'", "\"><script>alert(1)</script>", "🙏", "a' OR '1'='1", "\\"]
    {
        let (status, html) = find(&house, &format!("ten={}", escaped(typed))).await;
        let none = !typed.chars().any(char::is_alphanumeric);
        let wanted = if none { Status::UnprocessableEntity } else { Status::Ok };
        assert_eq!(status, wanted, "{typed}: {html}");
        assert!(!html.contains("<script>alert") && !html.contains("Hạnh"), "{typed}: {html}");
    }
    let long = "a".repeat(10_000);
    for (query, wanted) in [
        (format!("ten={long}"), Status::UnprocessableEntity),
        ("ten=a%CC%81".to_owned(), Status::Ok),
        ("tu=31/02/2026".to_owned(), Status::UnprocessableEntity),
        ("tu=20/11/2026&den=19/11/2026".to_owned(), Status::UnprocessableEntity),
        ("so_tien=1.5".to_owned(), Status::UnprocessableEntity),
        ("so_tien=-5".to_owned(), Status::UnprocessableEntity),
        ("loai=vang".to_owned(), Status::UnprocessableEntity),
        ("quy=khong-co".to_owned(), Status::UnprocessableEntity),
        ("ten=a&ten=b".to_owned(), Status::BadRequest),
        ("code=1".to_owned(), Status::BadRequest),
        ("ten=%ff".to_owned(), Status::BadRequest),
        ("ten=hanh&sau=2026-11-19".to_owned(), Status::NotFound),
        ("ten=hanh&sau=2026-11-19.-1".to_owned(), Status::NotFound),
        ("ten=hanh&sau=2026-11-19.0".to_owned(), Status::Ok),
    ] {
        let (status, html) = find(&house, &query).await;
        let short: String = query.chars().take(40).collect();
        assert_eq!(status, wanted, "{short}: {html}");
    }
    let (_, html) = find(&house, "tu=31/02/2026").await;
    assert!(html.contains("<title>Lỗi: ") && html.contains("value=\"31/02/2026\""), "{html}");
}

#[rocket::async_test]
async fn the_list_goes_on_behind_its_pages() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    for _ in 0..27 {
        house.slip("/ban/phieu-thu", "", &gift("50.000")).await;
    }
    let (_, html) = find(&house, "so_tien=50.000").await;
    assert_eq!(html.matches("mb-book__words").count(), 25, "{html}");
    let (_, rest) = html.split_once("rel=\"next\"").map_or(("", ""), |both| both);
    assert!(!rest.is_empty(), "{html}");
    let (before, _) = html.split_once("\" rel=\"next\"").unwrap();
    let next = before.rsplit("href=\"").next().unwrap().replace("&amp;", "&");
    let (status, html) = house.get(&next).await;
    assert_eq!(status, Status::Ok);
    assert_eq!(html.matches("mb-book__words").count(), 2, "{html}");
    assert!(!html.contains("rel=\"next\""), "{html}");
}

#[rocket::async_test]
async fn a_withdrawn_name_is_found_no_more_at_once() {
    let house = House::founded().await;
    let (seq, code) = gifted(&house).await;
    let entry = format!("/xuan-tay/so/{seq}\"");
    assert!(find(&house, "ten=hanh").await.1.contains(&entry));
    let name = format!("/bn/{code}/ten");
    let lessen = format!("{name}/viet-tat");
    assert_eq!(house.send(&name, &lessen, &[]).await.0, Status::SeeOther);
    let (_, html) = find(&house, "ten=hanh").await;
    assert!(!html.contains(&entry), "{html}");
    assert!(find(&house, "ten=n+t+h").await.1.contains(&entry), "by initials");
    assert_eq!(house.send(&name, &name, &[]).await.0, Status::SeeOther);
    assert!(!find(&house, "ten=n+t+h").await.1.contains(&entry));
    let (_, html) = find(&house, "so_tien=1500000").await;
    assert!(html.contains(&entry) && !html.contains("N. T. H."), "the gift itself stays: {html}");
}

#[rocket::async_test]
async fn with_the_code_a_name_goes_from_full_to_initials_to_none_and_never_back() {
    let house = House::founded().await;
    let (seq, code) = gifted(&house).await;
    house.forget().await;
    let name = format!("/bn/{code}/ten");
    let lessen = format!("{name}/viet-tat");
    let (_, html) = house.get(&name).await;
    assert!(html.contains("Nguyễn Thị Hạnh") && html.contains(&lessen), "{html}");
    assert!(!html.contains("name=\"wanted\""), "nothing more to ask for: {html}");
    assert_eq!(house.send(&name, &lessen, &[]).await.0, Status::SeeOther);
    let (_, html) = house.get(&name).await;
    assert!(html.contains("N. T. H.") && !html.contains("Hạnh"), "{html}");
    assert!(!html.contains(&lessen), "{html}");
    for page in [format!("/xuan-tay/so/{seq}"), "/xuan-tay/disclosures.jsonl".to_owned()] {
        assert!(!house.get(&page).await.1.contains("Hạnh"), "{page}");
    }
    assert_eq!(house.send(&name, &name, &[]).await.0, Status::SeeOther);
    // A form from before brings nothing back.
    let token = token_of_visitor(&house, &name).await;
    assert_eq!(house.post(&lessen, &token, &[]).await.0, Status::SeeOther);
    let (_, html) = house.get(&name).await;
    assert!(!html.contains("N. T. H.</strong>") && html.contains("name=\"wanted\""), "{html}");
    // Asking for more shows nothing: it lands at the desk, with the name page beside it.
    let ask = format!("{name}/xin");
    let id = hidden(&html, "id");
    let fields = [("id", id.as_str()), ("wanted", "full_name"), ("contact", ""), ("text", "")];
    let (status, to) = house.send(&name, &ask, &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    assert!(to.starts_with("/phan-anh/"), "{to}");
    assert!(!house.get(&format!("/xuan-tay/so/{seq}")).await.1.contains("Hạnh"));
    let wrong = [("id", id.as_str()), ("wanted", "everything"), ("contact", ""), ("text", "")];
    assert_eq!(house.send(&name, &ask, &wrong).await.0, Status::UnprocessableEntity);
    house.sign_in(TREASURER).await;
    let (_, list) = house.get("/ban/phan-anh").await;
    let (_, rest) = list.split_once("/ban/phan-anh/").unwrap();
    let (_, html) = house.get(&format!("/ban/phan-anh/{}", &rest[..16])).await;
    assert!(html.contains("Xin hiện tên đầy đủ"), "{html}");
    assert!(html.contains(&format!("/ban/but-toan/{seq}/ten")), "{html}");
    assert!(html.contains("có mã biên nhận"), "{html}");
}

/// The token of the form that lessens a name, whose page shows it no more.
async fn token_of_visitor(house: &House, name: &str) -> String {
    house.get(name).await;
    house.token_of(&format!("{name}/viet-tat"))
}

#[rocket::async_test]
async fn a_banks_reference_travels_in_a_body_and_few_are_tried_in_a_minute() {
    let house = House::founded().await;
    gifted(&house).await;
    let path = "/xuan-tay/tra-cuu/ma-giao-dich";
    let fields = |reference: &'static str| {
        [("ngay", "19/11/2026"), ("so_tien", "1.500.000"), ("ma", reference)]
    };
    let (status, html) = house.send(path, path, &fields("FT26309123456")).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("Không tìm thấy"), "{html}");
    for missing in ["ngay", "so_tien", "ma"] {
        let mut form = fields("FT26309123456");
        form.iter_mut().filter(|(name, _)| *name == missing).for_each(|pair| pair.1 = "");
        let (status, html) = house.send(path, path, &form).await;
        assert_eq!(status, Status::UnprocessableEntity, "{missing}");
        assert!(html.contains(&format!("href=\"#{missing}\"")), "{missing}: {html}");
    }
    let (status, _) = house.send(path, path, &fields("ung ho")).await;
    assert_eq!(status, Status::UnprocessableEntity, "no reference");
    assert_eq!(house.get(&format!("{path}?ma=FT26309123456")).await.0, Status::Ok);
    let peer = "203.0.113.77:4000".parse().unwrap();
    house.get(path).await;
    let body =
        format!("token={}&ngay=19%2F11%2F2026&so_tien=5&ma=FT26309123456", house.token_of(path));
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let request = house.client.post(path).header(ContentType::Form).remote(peer);
        let request = request.header(Header::new("Origin", BASE)).body(&body);
        statuses.push(request.dispatch().await.status());
    }
    assert_eq!(statuses[0], Status::Ok);
    assert_eq!(statuses[11], Status::TooManyRequests);
}
