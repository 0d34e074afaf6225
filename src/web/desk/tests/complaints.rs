//! Complaints from the public form to the published answer.

use super::people::{AUDITOR, CASEWORKER};
use super::*;

const FORM: &str = "/xuan-tay/phan-anh";
const TEXT: &str = "Tôi gửi hai trăm nghìn hôm thứ bảy mà trong sổ chỉ thấy một trăm nghìn đồng";

fn said(text: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![("about", "other"), ("entry", ""), ("officer", ""), ("text", text), ("contact", "")]
}

impl House {
    /// Sends a complaint; the sender's path.
    pub(super) async fn complain(&self, fields: &[(&str, &str)]) -> String {
        let form = format!("/{}/phan-anh", self.chapter().1.slug());
        let (status, html) = self.get(&form).await;
        assert_eq!(status, Status::Ok, "{html}");
        let id = hidden(&html, "id");
        let mut all = vec![("id", id.as_str())];
        all.extend_from_slice(fields);
        let (status, to) = self.post(&form, &token(&html, &form), &all).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to.split('?').next().unwrap().to_owned()
    }

    /// The desk's path of the newest complaint that the signed-in officer sees.
    pub(super) async fn complaint(&self) -> String {
        let (status, html) = self.get("/ban/phan-anh").await;
        assert_eq!(status, Status::Ok, "{html}");
        let found = html.match_indices("/ban/phan-anh/").next().map(|(at, _)| at);
        let at = found.unwrap_or_else(|| panic!("no complaint: {html}"));
        html[at..].split('"').next().unwrap().to_owned()
    }
}

#[rocket::async_test]
async fn a_complaint_is_answered_to_its_sender_and_published_in_other_words() {
    let house = House::founded().await;
    let mut form = said(TEXT);
    form.iter_mut().filter(|(name, _)| *name == "contact").for_each(|f| f.1 = "0912 345 678");
    let own = house.complain(&form).await;
    let (_, html) = house.get(&format!("{own}?moi=1")).await;
    assert!(html.contains("Hội đã nhận phản ánh của bạn") && html.contains(&own[10..]), "{html}");
    assert!(!html.contains("hai trăm nghìn") && !html.contains("0912"), "{html}");
    house.sign_in(CHAIR).await;
    assert!(house.get("/ban/viec").await.1.contains("1 phản ánh chờ trả lời"));
    let path = house.complaint().await;
    let (_, html) = house.get(&path).await;
    assert!(html.contains("hai trăm nghìn") && !html.contains("0912"), "{html}");
    let version = hidden(&html, "version");
    let take = format!("{path}/nhan");
    assert_eq!(house.send(&path, &take, &[("version", &version)]).await.0, Status::SeeOther);
    assert!(house.get(&own).await.1.contains("aria-current=\"step\""));
    let (status, html) = house.send(&path, &format!("{path}/lien-he"), &[]).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("0912 345 678"), "{html}");
    let answer = format!("{path}/tra-loi");
    let reply = async |summary: &str, reply: &str| {
        let (_, html) = house.get(&path).await;
        let version = hidden(&html, "version");
        let fields = [
            ("version", version.as_str()),
            ("answer", "Chúng tôi đã kiểm tra, khoản thứ hai nằm ở bút toán sau."),
            ("summary", summary),
            ("reply", reply),
        ];
        house.post(&answer, &token(&html, &answer), &fields).await
    };
    let (status, html) = reply(TEXT, "Đã trả lời.").await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("có lời hoặc cách liên hệ của người gửi"), "{html}");
    assert!(html.contains("khoản thứ hai nằm ở bút toán sau"), "typed text stays: {html}");
    assert_eq!(reply("Hỏi về một khoản", "").await.0, Status::UnprocessableEntity);
    let done = reply("Hỏi về một khoản ủng hộ", "Khoản đó nằm ở hai bút toán.").await;
    assert_eq!(done.0, Status::SeeOther, "{}", done.1);
    house.forget().await;
    let (_, html) = house.get(&own).await;
    assert!(html.contains("khoản thứ hai nằm ở bút toán sau"), "{html}");
    let (_, html) = house.get(FORM).await;
    assert!(html.contains("Khoản đó nằm ở hai bút toán.") && html.contains("1 ngày"), "{html}");
    for secret in ["hai trăm nghìn hôm thứ bảy", "0912", "khoản thứ hai nằm", &own[10..]]
    {
        for page in [FORM, "/xuan-tay", "/phan-anh", "/xuan-tay/cong-khai"] {
            assert!(!house.get(page).await.1.contains(secret), "{secret} on {page}");
        }
    }
    house.sign_in(CHAIR).await;
    let log = house.get("/ban/kiem-tra/mo-xem").await.1;
    assert!(log.contains("Cách liên hệ của người phản ánh"), "{log}");
    assert!(log.contains("Một phản ánh"), "{log}");
    assert!(!log.contains("0912"));
}

#[rocket::async_test]
async fn the_same_form_twice_is_one_complaint_and_a_sender_may_forget_their_contact() {
    let house = House::founded().await;
    let (_, html) = house.get(FORM).await;
    let (id, token_) = (hidden(&html, "id"), token(&html, FORM));
    let mut form = said("Trang này đọc không được trên điện thoại cũ");
    form.push(("id", &id));
    form.iter_mut().filter(|(name, _)| *name == "contact").for_each(|f| f.1 = "man@vidu.example");
    let first = house.post(FORM, &token_, &form).await;
    let second = house.post(FORM, &token_, &form).await;
    assert_eq!(first, second);
    let own = first.1.split('?').next().unwrap().to_owned();
    let (_, html) = house.get(FORM).await;
    assert!(html.contains("<dt>Đã nhận</dt><dd>1</dd>"), "{html}");
    let forget = format!("{own}/xoa");
    assert!(house.get(&own).await.1.contains(&forget));
    assert_eq!(house.send(&own, &forget, &[]).await.0, Status::SeeOther);
    let (_, html) = house.get(&own).await;
    assert!(!html.contains(&forget), "{html}");
    house.sign_in(CHAIR).await;
    let path = house.complaint().await;
    let (status, html) = house.send(&path, &format!("{path}/lien-he"), &[]).await;
    // The page has no such form any more; nor does its token open anything.
    assert!(status == Status::Forbidden || !html.contains("man@vidu"), "{html}");
}

#[rocket::async_test]
async fn hostile_text_is_text_and_wrong_fields_go_back_with_what_was_typed() {
    let house = House::founded().await;
    let hostile = "<script>alert(1)</script> {{7*7}} =1+1 \"'&";
    let own = house.complain(&said(hostile)).await;
    house.sign_in(AUDITOR_OF_HOUSE).await;
    let path = house.complaint().await;
    let (_, html) = house.get(&path).await;
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} =1+1"), "{html}");
    assert!(house.get(&own).await.0 == Status::Ok);
    let long = "x".repeat(4_001);
    for (field, value) in [
        ("text", ""),
        ("text", long.as_str()),
        ("text", "a\u{202e}b"),
        ("about", "money"),
        ("about", ""),
        ("entry", "999999"),
        ("entry", "PT-2026-99999"),
        ("entry", "7Q2MX4TB9KD10VHZ"),
        ("officer", "0000000000000000"),
        ("contact", "\u{0}"),
    ] {
        let (_, html) = house.get(FORM).await;
        let (id, token) = (hidden(&html, "id"), token(&html, FORM));
        let mut form = vec![("id", id.as_str())];
        form.extend(said("Một lời phản ánh bình thường").into_iter().map(|pair| match pair {
            (name, _) if name == field => (name, value),
            pair => pair,
        }));
        let (status, html) = house.post(FORM, &token, &form).await;
        assert_eq!(status, Status::UnprocessableEntity, "{field}={value}");
        assert!(html.contains(&format!("href=\"#{field}\"")), "{field}: {html}");
        assert!(html.contains("<title>Lỗi: "), "{field}");
        assert!(!html.contains("7Q2MX4TB9KD10VHZ\" class"), "{html}");
    }
    let (_, html) = house.get(FORM).await;
    let (id, token) = (hidden(&html, "id"), token(&html, FORM));
    let mut form = said("Một lời");
    form.extend([("id", id.as_str()), ("state", "answered")]);
    assert_eq!(house.post(FORM, &token, &form).await.0, Status::BadRequest);
    let mut form = said("Một lời");
    form.extend([("id", id.as_str()), ("text", "hai lời")]);
    assert_eq!(house.post(FORM, &token, &form).await.0, Status::BadRequest);
    let wrong = [("id", id.as_str())];
    assert_eq!(house.post(FORM, &"0".repeat(64), &wrong).await.0, Status::Forbidden);
}

/// The chair reads all of them, too.
const AUDITOR_OF_HOUSE: (&str, &str) = CHAIR;

#[rocket::async_test]
async fn an_officer_neither_sees_nor_answers_what_is_about_them() {
    let house = House::founded().await;
    house.enrol(AUDITOR, "auditor").await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.forget().await;
    let (_, html) = house.get(FORM).await;
    let (_, options) = html.split_once("name=\"officer\"").unwrap();
    let at = options.find(">Chủ tịch Hội<").unwrap();
    let chair = options[..at].rsplit("value=\"").next().unwrap()[..16].to_owned();
    let mut form = said("Chủ tịch nói năng không đúng mực với bà con");
    let about = [("about", "officer"), ("officer", chair.as_str())];
    for (name, value) in about {
        form.retain(|(own, _)| *own != name);
        form.push((name, value));
    }
    house.complain(&form).await;
    house.sign_in(CHAIR).await;
    let (_, html) = house.get("/ban/phan-anh").await;
    assert!(!html.contains("/ban/phan-anh/"), "{html}");
    assert!(!house.get("/ban/viec").await.1.contains("phản ánh chờ"));
    house.sign_in(TREASURER).await;
    let path = house.complaint().await;
    let (_, html) = house.get(&path).await;
    assert!(html.contains("không đúng mực") && !html.contains("name=\"answer\""), "{html}");
    for (action, fields) in [
        ("nhan", vec![("version", "0")]),
        ("tra-loi", vec![("version", "0"), ("answer", "Không"), ("summary", ""), ("reply", "")]),
        ("xoa", vec![("version", "0"), ("part", "contact")]),
    ] {
        let uri = format!("{path}/{action}");
        let (status, html) = house.post(&uri, &house.token_of(&uri), &fields).await;
        assert_eq!(status, Status::Forbidden, "{action}: {html}");
    }
    house.sign_in(CHAIR).await;
    assert_eq!(house.get(&path).await.0, Status::NotFound);
    house.sign_in(CASEWORKER).await;
    assert_eq!(house.get(&path).await.0, Status::Forbidden);
    house.sign_in(AUDITOR).await;
    let (_, html) = house.get(&path).await;
    let version = hidden(&html, "version");
    let fields = [
        ("version", version.as_str()),
        ("answer", "Ban kiểm tra đã làm việc với cán bộ."),
        ("summary", ""),
        ("reply", ""),
    ];
    let answer = format!("{path}/tra-loi");
    assert_eq!(house.send(&path, &answer, &fields).await.0, Status::SeeOther);
}

#[rocket::async_test]
async fn codes_are_not_guessed_and_floods_are_held_back() {
    let house = House::founded().await;
    assert_eq!(house.get("/phan-anh/7Q2MX4TB9KD10VHZ").await.0, Status::NotFound);
    assert_eq!(house.get("/phan-anh/%3Cscript%3E").await.0, Status::NotFound);
    assert_eq!(house.get("/phan-anh?ma=sai").await.0, Status::UnprocessableEntity);
    let answer = house.client.get("/phan-anh?ma=7q2m-x4tb-9kd1-0vhz").dispatch().await;
    assert_eq!(answer.headers().get_one("Location"), Some("/phan-anh/7Q2MX4TB9KD10VHZ"));
    let peer = "203.0.113.78:4000".parse().unwrap();
    let mut last = Status::Ok;
    for n in 0..25 {
        let path = format!("/phan-anh/7Q2MX4TB9KD10V{n:02}");
        last = house.client.get(path).remote(peer).dispatch().await.status();
    }
    assert_eq!(last, Status::TooManyRequests);
    let (_, html) = house.get(FORM).await;
    let token = token(&html, FORM);
    let mut statuses = Vec::new();
    for n in 0..7 {
        let body =
            format!("token={token}&id=00000000000000{n:02}&about=other&text=lan+thu+{n}+day");
        let request = house.client.post(FORM).header(ContentType::Form).remote(peer);
        let request = request.header(Header::new("Origin", BASE)).body(body);
        statuses.push(request.dispatch().await.status());
    }
    assert_eq!(statuses[0], Status::SeeOther);
    assert_eq!(statuses[6], Status::TooManyRequests);
}
