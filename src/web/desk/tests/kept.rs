//! Forms whose session ended, or that were opened in another one: nothing typed is lost, and
//! nothing is done that nobody asked for.

use super::*;

/// The value of a hidden field of the page behind a late form, as it is sent on.
fn kept(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"kept\" value=\"").expect("the form was kept");
    let value = rest.split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&#x2f;", "/").replace("&amp;", "&")
}

/// Signs in on the page that a late form led to; the page that offers it again.
async fn sign_in_late(house: &House, late: &str, (name, passphrase): (&str, &str)) -> String {
    let kept = kept(late);
    let fields = [
        ("name", name),
        ("passphrase", passphrase),
        ("back", &hidden(late, "back")),
        ("kept", kept.as_str()),
    ];
    let (status, html) = house.post("/dang-nhap", &token(late, "/dang-nhap"), &fields).await;
    assert_eq!(status, Status::Ok, "{html}");
    html
}

/// The fields of a form that is offered again, as a browser would send them.
fn offered(html: &str, action: &str) -> Vec<(String, String)> {
    let (_, form) = html.split_once(&format!("<form action=\"{action}\"")).expect(html);
    let form = form.split("</form>").next().unwrap();
    form.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split('"').next().unwrap().to_owned())
        })
        .filter(|(name, _)| name != "token")
        .collect()
}

async fn end_session(house: &House) {
    let (chapter, _) = house.chapter();
    let desk = house.store().desk(chapter).unwrap();
    let account = house.store().account_named(chapter, TREASURER.0).await.unwrap().unwrap();
    let own = (&account.person, &account.person);
    house.store().sign_out_everywhere(&desk, own, house.clock.now()).await.unwrap();
}

#[rocket::async_test]
async fn restricting_somebody_never_becomes_erasing_them_behind_a_new_sign_in() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &gift("100000")).await);
    let path = "/ban/xoa-thong-tin";
    let (_, html) = house.get(&format!("{path}?so={seq}")).await;
    let (_, box_) = html.split_once("name=\"subject[]\" type=\"checkbox\" value=\"").unwrap();
    let subject = box_.split('"').next().unwrap().to_owned();
    let (id, of, old) = (hidden(&html, "id"), hidden(&html, "of"), token(&html, path));
    let fields = [
        ("id", id.as_str()),
        ("of", &of),
        ("person", ""),
        ("subject[]", &subject),
        ("class", "request"),
        ("paper", "yes"),
        ("step", "restrict"),
    ];
    end_session(&house).await;
    let (status, late) = house.post(path, &old, &fields).await;
    assert_eq!(status, Status::Unauthorized, "{late}");
    let html = sign_in_late(&house, &late, TREASURER).await;
    let again = offered(&html, path);
    assert!(again.iter().all(|(name, _)| name != "step"));
    let again: Vec<(&str, &str)> =
        again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let before = house.written().await;
    let (status, html) = house.post(path, &token(&html, path), &again).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("Hãy bấm lại việc cần làm") && html.contains("checked"), "{html}");
    assert_eq!(house.written().await, before, "nothing was laid");
}

#[rocket::async_test]
async fn a_slip_of_four_hundred_families_outlives_its_session() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/phieu-chi").await;
    let (id, old) = (hidden(&html, "id"), token(&html, "/ban/phieu-chi"));
    let names: Vec<String> = (0..400).map(|n| format!("Nguyễn Thị Bưởi Hồng {n}")).collect();
    let mut fields = vec![("id", id.as_str()), ("date", "20/11/2026"), ("step", "record")];
    for name in &names {
        fields.extend([
            ("line_name[]", name.as_str()),
            ("line_category[]", "recently_out_of_poverty"),
            ("line_amount[]", "1.500.000"),
        ]);
    }
    end_session(&house).await;
    let (status, late) = house.post("/ban/phieu-chi", &old, &fields).await;
    assert_eq!(status, Status::Unauthorized);
    let html = sign_in_late(&house, &late, TREASURER).await;
    let again = offered(&html, "/ban/phieu-chi");
    assert_eq!(again.iter().filter(|(name, _)| name == "line_name[]").count(), 400);
    assert!(html.contains("Nguyễn Thị Bưởi Hồng 399"));
}

#[rocket::async_test]
async fn a_form_of_an_earlier_session_is_offered_again_and_looked_at_once_more() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/phieu-thu").await;
    let (id, old) = (hidden(&html, "id"), token(&html, "/ban/phieu-thu"));
    house.forget().await;
    house.sign_in(CHAIR).await;
    let mut fields = gift("1.234.000");
    fields.extend([("id", id.as_str()), ("step", "record")]);
    let before = house.written().await;
    let (status, html) = house.post("/ban/phieu-thu", &old, &fields).await;
    assert_eq!(status, Status::Forbidden);
    assert_eq!(house.written().await, before);
    let again = offered(&html, "/ban/phieu-thu");
    assert!(again.contains(&("amount".to_owned(), "1.234.000".to_owned())), "{again:?}");
    assert!(again.iter().all(|(name, _)| name != "step"), "another officer looks at it first");
    let again: Vec<(&str, &str)> =
        again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (status, html) =
        house.post("/ban/phieu-thu", &token(&html, "/ban/phieu-thu"), &again).await;
    assert_eq!(status, Status::Ok, "the echo: {html}");
    assert_eq!(house.written().await, before);
}
