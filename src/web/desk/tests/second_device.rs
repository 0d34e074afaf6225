//! Signing in with two steps, sessions that are ended, resets, and the logs of it all, at the door.

use rocket::futures::future::join_all;
use rocket::http::Method;
use totp_rs::{Builder, Secret};

use super::people::{AUDITOR, CASEWORKER};
use super::*;

const OWN: &str = "/ban/quan-tri/tai-khoan/hai-buoc";
const PROVE: &str = "/ban/quan-tri/tai-khoan/hai-buoc/ma";
const CODE: &str = "/dang-nhap/ma";
const SET_UP: &str = "/dang-nhap/bat";

/// The secret that a page shows.
fn secret_of(html: &str) -> String {
    let (_, rest) = html.split_once("<span class=\"mb-code\">").expect(html);
    rest.split('<').next().unwrap().replace(' ', "")
}

/// The recovery codes that a page shows.
fn codes_of(html: &str) -> Vec<String> {
    let codes = html.split("<li><span class=\"mb-code\">").skip(1);
    codes.map(|code| code.split('<').next().unwrap().to_owned()).collect()
}

/// A path with something in the place of each id.
fn with_ids(path: &str) -> String {
    let id = match path.contains("<seq>") {
        true => "1",
        false => "01934f00-0000-7000-8000-000000000000",
    };
    let parts = path.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest));
    parts.collect::<Vec<_>>().join(id)
}

impl House {
    fn code(&self, secret: &str) -> String {
        let secret = Secret::try_from_base32(secret).unwrap();
        let totp = Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
        totp.generate(u64::try_from(self.clock.now().timestamp()).unwrap()).to_string()
    }

    fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now() + chrono::TimeDelta::seconds(seconds));
    }

    /// Whoever is signed in turns codes on: the secret, and the recovery codes.
    pub async fn turns_on(&self, (_, passphrase): (&str, &str)) -> (String, Vec<String>) {
        let fields = [("wanted", "device"), ("passphrase", passphrase)];
        let (status, to) = self.send(OWN, OWN, &fields).await;
        assert_eq!((status, to.as_str()), (Status::SeeOther, PROVE), "{to}");
        let (_, html) = self.get(PROVE).await;
        let secret = secret_of(&html);
        let code = self.code(&secret);
        let (status, html) = self.post(PROVE, &token(&html, PROVE), &[("one_time", &code)]).await;
        assert_eq!(status, Status::Ok, "{html}");
        (secret, codes_of(&html))
    }

    /// The passphrase alone: half a session.
    async fn half(&self, (name, passphrase): (&str, &str)) {
        let fields = [("name", name), ("passphrase", passphrase)];
        let (status, to) = self.send("/dang-nhap", "/dang-nhap", &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        assert!(to.starts_with(CODE), "{to}");
    }

    /// What a session's cookie opens, beside whoever is signed in.
    async fn alive(&self, value: &str) -> Status {
        let cookie = Cookie::new("minhbach", value.to_owned());
        self.client.get("/ban/viec").cookie(cookie).dispatch().await.status()
    }

    /// Every route of the desk leads whoever has half a session to the way in: under the half's own
    /// name, and passed off as a session's.
    async fn opens_no_page(&self, half: &str) {
        let visitor = self.cookie("minhbach-form");
        for route in crate::web::desk::routes() {
            let path = route.uri.path().to_owned();
            if !path.starts_with("/ban/") {
                continue;
            }
            let uri = with_ids(&path);
            for (name, secret) in [("minhbach-code", visitor.as_str()), ("minhbach", half)] {
                let request = self.client.req(route.method, uri.clone());
                let request = request.cookie(Cookie::new(name, half.to_owned()));
                let token = FormSecret::of_session(secret).token(&uri);
                let request = match route.method {
                    Method::Get => request,
                    _ => request
                        .header(ContentType::Form)
                        .header(Header::new("Origin", BASE))
                        .body(format!("token={token}")),
                };
                let wanted = match route.method {
                    Method::Get => Status::SeeOther,
                    _ => Status::Unauthorized,
                };
                let answer = request.dispatch().await;
                assert_eq!(answer.status(), wanted, "{} {uri} with {name}", route.method);
            }
        }
    }

    async fn gives(&self, fields: &[(&str, &str)]) -> (Status, String) {
        self.send(CODE, CODE, fields).await
    }
}

#[rocket::async_test]
async fn two_steps_sign_in_and_half_of_them_opens_no_page() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (secret, codes) = house.turns_on(TREASURER).await;
    assert_eq!(codes.len(), 10);
    house.forget().await;
    house.half(TREASURER).await;
    let half = house.cookie("minhbach-code");
    assert!(!half.is_empty() && house.cookie("minhbach").is_empty());
    house.opens_no_page(&half).await;
    let used = house.gives(&[("one_time", &house.code(&secret))]).await;
    assert_eq!(used.0, Status::UnprocessableEntity, "the code that turned it on: {}", used.1);
    let wrong = house.gives(&[("one_time", "000000")]).await;
    assert!(used.1.contains("đã dùng rồi") && wrong.1.contains("đã dùng rồi"), "the same words");
    house.pass(60);
    let code = house.code(&secret);
    let (status, to) = house.gives(&[("one_time", &code)]).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, "/ban/viec"));
    assert_ne!(house.cookie("minhbach"), half);
    assert!(house.cookie("minhbach-code").is_empty());
    assert_eq!(house.get("/ban/viec").await.0, Status::Ok);
    house.slip("/ban/phieu-thu", "", &gift("20000")).await;
    // Replayed by somebody who looked over the shoulder and knows the passphrase.
    house.forget().await;
    house.half(TREASURER).await;
    assert_eq!(house.gives(&[("one_time", &code)]).await.0, Status::UnprocessableEntity);
    let typed = [("recovery", codes[0].as_str())];
    assert_eq!(house.gives(&typed).await.0, Status::SeeOther);
    house.forget().await;
    house.half(TREASURER).await;
    assert_eq!(house.gives(&typed).await.0, Status::UnprocessableEntity, "a recovery code twice");
}

#[rocket::async_test]
async fn half_a_session_ends_after_five_minutes_and_typed_text_survives_both_steps() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (secret, _) = house.turns_on(TREASURER).await;
    house.pass(60);
    let (_, html) = house.get("/ban/phieu-thu").await;
    let (id, old) = (hidden(&html, "id"), token(&html, "/ban/phieu-thu"));
    house.pass(31 * 60);
    let mut fields = gift("1.234.000");
    fields.push(("id", id.as_str()));
    let (status, late) = house.post("/ban/phieu-thu", &old, &fields).await;
    assert_eq!(status, Status::Unauthorized);
    let unescaped = |html: &str| {
        let (_, rest) = html.split_once("name=\"kept\" value=\"").expect(html);
        let value = rest.split('"').next().unwrap();
        value.replace("&quot;", "\"").replace("&#x2f;", "/").replace("&amp;", "&")
    };
    let kept = unescaped(&late);
    let back = hidden(&late, "back").replace("&#x2f;", "/");
    let first = [
        ("name", TREASURER.0),
        ("passphrase", TREASURER.1),
        ("back", back.as_str()),
        ("kept", kept.as_str()),
    ];
    let (status, html) = house.post("/dang-nhap", &token(&late, "/dang-nhap"), &first).await;
    assert_eq!(status, Status::Ok, "the code page with what was typed: {html}");
    house.pass(5 * 60);
    let code = house.code(&secret);
    let typed = [("one_time", code.as_str()), ("back", back.as_str()), ("kept", kept.as_str())];
    let (status, html) = house.post(CODE, &token(&html, CODE), &typed).await;
    assert_eq!(status, Status::Unauthorized, "too late, and nothing typed is lost");
    assert_eq!(unescaped(&html), kept);
    let (_, html) = house.post("/dang-nhap", &token(&html, "/dang-nhap"), &first).await;
    let code = house.code(&secret);
    let typed = [("one_time", code.as_str()), ("back", back.as_str()), ("kept", kept.as_str())];
    let (status, html) = house.post(CODE, &token(&html, CODE), &typed).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains("value=\"1.234.000\"") && html.contains("/ban/phieu-thu"), "{html}");
}

#[rocket::async_test]
async fn of_fifty_with_the_same_code_at_once_one_gets_in() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (secret, _) = house.turns_on(TREASURER).await;
    house.forget().await;
    house.half(TREASURER).await;
    house.pass(60);
    let (half, token) = (house.cookie("minhbach-code"), house.token_of(CODE));
    let visitor = house.cookie("minhbach-form");
    let body = format!("token={token}&one_time={}", house.code(&secret));
    let all = join_all((0..50).map(|n: u8| {
        let peer = format!("203.0.{n}.7:4711").parse().unwrap();
        let request = house.client.post(CODE).header(ContentType::Form).remote(peer);
        let request = request.cookie(Cookie::new("minhbach-code", half.clone()));
        let request = request.cookie(Cookie::new("minhbach-form", visitor.clone()));
        request.header(Header::new("Origin", BASE)).body(body.clone()).dispatch()
    }))
    .await;
    let codes: Vec<u16> = all.iter().map(|one| one.status().code).collect();
    assert_eq!(codes.iter().filter(|code| **code == 303).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, 303 | 401 | 422 | 429)), "{codes:?}");
}

#[rocket::async_test]
async fn a_chapter_that_asks_for_it_leads_everybody_to_set_it_up_first() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    assert_eq!(house.get("/ban/quan-tri/hai-buoc").await.0, Status::Forbidden);
    house.forget().await;
    house.sign_in(CHAIR).await;
    let path = "/ban/quan-tri/hai-buoc";
    let wrong = [("required", "yes"), ("passphrase", "không phải mật khẩu")];
    assert_eq!(house.send(path, path, &wrong).await.0, Status::UnprocessableEntity);
    let fields = [("required", "yes"), ("passphrase", CHAIR.1)];
    assert_eq!(house.send(path, path, &fields).await.0, Status::SeeOther);
    assert_eq!(house.get("/ban/viec").await.0, Status::Ok, "open sessions go on");
    house.forget().await;
    let first = [("name", TREASURER.0), ("passphrase", TREASURER.1)];
    let (status, to) = house.send("/dang-nhap", "/dang-nhap", &first).await;
    assert_eq!(status, Status::SeeOther);
    assert!(to.starts_with(SET_UP), "{to}");
    assert_eq!(house.get("/ban/viec").await.0, Status::SeeOther, "before anything else");
    let (_, html) = house.get(&to).await;
    let secret = secret_of(&html);
    let token = token(&html, SET_UP);
    let (status, _) = house.post(SET_UP, &token, &[("one_time", "000000")]).await;
    assert_eq!(status, Status::UnprocessableEntity);
    let code = house.code(&secret);
    let (status, html) = house.post(SET_UP, &token, &[("one_time", &code)]).await;
    assert_eq!((status, codes_of(&html).len()), (Status::Ok, 10), "{html}");
    assert_eq!(house.get("/ban/viec").await.0, Status::Ok);
    // It is not turned off while the chapter asks for it.
    house.pass(60);
    let code = house.code(&secret);
    let off = [("wanted", "off"), ("passphrase", TREASURER.1), ("one_time", code.as_str())];
    let (status, html) = house.send(OWN, OWN, &off).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("không tắt được"), "{html}");
}

#[rocket::async_test]
async fn turning_off_and_new_codes_take_passphrase_and_code_with_the_same_words() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (secret, old) = house.turns_on(TREASURER).await;
    house.pass(60);
    let code = house.code(&secret);
    for (passphrase, code) in [("không phải mật khẩu", code.as_str()), (TREASURER.1, "000000")]
    {
        let fields = [("wanted", "off"), ("passphrase", passphrase), ("one_time", code)];
        let (status, html) = house.send(OWN, OWN, &fields).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(html.contains("Mật khẩu hoặc mã không đúng"), "{html}");
    }
    let fields = [("wanted", "off"), ("passphrase", TREASURER.1)];
    assert_eq!(house.send(OWN, OWN, &fields).await.0, Status::UnprocessableEntity, "no code");
    let fields = [("wanted", "codes"), ("passphrase", TREASURER.1), ("one_time", code.as_str())];
    let (status, html) = house.send(OWN, OWN, &fields).await;
    let new = codes_of(&html);
    assert_eq!((status, new.len()), (Status::Ok, 10), "{html}");
    let with = |recovery| [("wanted", "off"), ("passphrase", TREASURER.1), ("recovery", recovery)];
    assert_eq!(house.send(OWN, OWN, &with(&old[0])).await.0, Status::UnprocessableEntity);
    assert_eq!(house.send(OWN, OWN, &with(&new[0])).await.0, Status::SeeOther);
    house.forget().await;
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/quan-tri/tai-khoan").await;
    for said in ["Bật đăng nhập hai bước", "Tạo lại mã dự phòng", "Tắt đăng nhập hai bước"]
    {
        assert!(html.contains(said), "the officer sees what happened: {said}");
    }
    assert!(!html.contains(&secret) && !html.contains(&new[1]));
}

#[rocket::async_test]
async fn who_lost_phone_and_codes_gets_another_by_a_link_and_the_passphrase() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.turns_on(TREASURER).await;
    let session = house.cookie("minhbach");
    let (chapter, _) = house.chapter();
    let own = house.store().account_named(chapter, TREASURER.0).await.unwrap().unwrap().person;
    let path = format!("/ban/quan-tri/can-bo/{own}");
    let make = format!("{path}/dat-lai");
    let (_, html) = house.get(&path).await;
    assert!(token(&html, &make).is_empty(), "nobody resets their own");
    assert_eq!(house.post(&make, &house.token_of(&make), &[]).await.0, Status::Conflict);
    house.forget().await;
    house.sign_in(CHAIR).await;
    let link_of = |html: &str| {
        let (_, rest) = html.split_once("/dang-nhap/lai/").expect(html);
        format!("/dang-nhap/lai/{}", &rest[..43])
    };
    let (_, html) = house.send(&path, &make, &[("passphrase", CHAIR.1)]).await;
    let replaced = link_of(&html);
    let (_, html) = house.send(&path, &make, &[("passphrase", CHAIR.1)]).await;
    let cancelled = link_of(&html);
    house.send(&path, &format!("{path}/huy-dat-lai"), &[]).await;
    let (_, html) = house.send(&path, &make, &[("passphrase", CHAIR.1)]).await;
    let link = link_of(&html);
    house.forget().await;
    for gone in [&replaced, &cancelled] {
        assert_eq!(house.get(gone).await.0, Status::NotFound);
    }
    let wrong = house.send(&link, &link, &[("passphrase", CHAIR.1)]).await;
    assert_eq!(wrong.0, Status::UnprocessableEntity, "the link alone opens nothing");
    assert_eq!(house.with_cookie(&session).await, Status::Ok, "nothing has changed yet");
    house.forget().await;
    let (status, to) = house.send(&link, &link, &[("passphrase", TREASURER.1)]).await;
    assert_eq!(status, Status::SeeOther);
    assert!(to.starts_with(SET_UP), "{to}");
    assert_eq!(house.get(&link).await.0, Status::NotFound, "once");
    let (_, html) = house.get(&to).await;
    let code = house.code(&secret_of(&html));
    let (status, _) = house.post(SET_UP, &token(&html, SET_UP), &[("one_time", &code)]).await;
    assert_eq!(status, Status::Ok);
    let (_, html) = house.get("/ban/quan-tri/tai-khoan").await;
    assert!(html.contains("Dùng đường dẫn đặt lại bước hai") && html.contains("Chủ tịch Hội"));
    assert_eq!(house.with_cookie(&session).await, Status::SeeOther, "older sessions ended");
}

#[rocket::async_test]
async fn a_reset_link_ends_after_seven_days() {
    let house = House::founded().await;
    house.sign_in(CHAIR).await;
    let (chapter, _) = house.chapter();
    let own = house.store().account_named(chapter, TREASURER.0).await.unwrap().unwrap().person;
    let path = format!("/ban/quan-tri/can-bo/{own}");
    let (_, html) = house.send(&path, &format!("{path}/dat-lai"), &[("passphrase", CHAIR.1)]).await;
    let (_, rest) = html.split_once("/dang-nhap/lai/").unwrap();
    let link = format!("/dang-nhap/lai/{}", &rest[..43]);
    house.pass(7 * 86_400 - 1);
    assert_eq!(house.get(&link).await.0, Status::Ok);
    house.pass(1);
    assert_eq!(house.get(&link).await.0, Status::NotFound);
}

#[rocket::async_test]
async fn sessions_are_listed_coarsely_and_ended_one_by_one_or_by_the_chair() {
    let house = House::founded().await;
    house.get("/dang-nhap").await;
    let said = "Mozilla/5.0 (Windows NT 10.0; rv:131.0) Gecko/20100101 Firefox/131.0 secret-build";
    let passphrase = rocket::http::RawStr::new(TREASURER.1).percent_encode().to_string();
    let token = house.token_of("/dang-nhap");
    let body = format!("token={token}&name={}&passphrase={passphrase}", TREASURER.0);
    let request = house.client.post("/dang-nhap").header(ContentType::Form).body(body);
    let request =
        request.header(Header::new("Origin", BASE)).header(Header::new("User-Agent", said));
    request.remote("203.0.113.77:4711".parse().unwrap()).dispatch().await;
    let first = house.cookie("minhbach");
    house.forget().await;
    house.sign_in(TREASURER).await;
    let second = house.cookie("minhbach");
    house.forget().await;
    house.sign_in(TREASURER).await;
    let path = "/ban/quan-tri/tai-khoan";
    let (_, html) = house.get(path).await;
    assert!(html.contains("Firefox, Windows") && html.contains("203.0.113.0/24"), "{html}");
    assert!(!html.contains("203.0.113.77") && !html.contains("secret-build"));
    let one = "/ban/quan-tri/tai-khoan/phien";
    let (_, after) = html.split_once("Firefox, Windows").unwrap();
    let handle = hidden(after, "session");
    house.send(path, one, &[("session", handle.as_str())]).await;
    assert_eq!(house.alive(&first).await, Status::SeeOther);
    assert_eq!(house.alive(&second).await, Status::Ok);
    house.send(path, "/ban/quan-tri/tai-khoan/phien-khac", &[]).await;
    assert_eq!(house.alive(&second).await, Status::SeeOther);
    let present = house.cookie("minhbach");
    assert_eq!(house.alive(&present).await, Status::Ok);
    let (chapter, _) = house.chapter();
    let own = house.store().account_named(chapter, TREASURER.0).await.unwrap().unwrap().person;
    house.forget().await;
    house.sign_in(CHAIR).await;
    let page = format!("/ban/quan-tri/can-bo/{own}");
    house.send(&page, &format!("{page}/phien"), &[]).await;
    assert_eq!(house.alive(&present).await, Status::SeeOther, "by the chair, at once");
    assert_eq!(house.get("/ban/viec").await.0, Status::Ok);
}

#[rocket::async_test]
async fn the_logs_are_read_by_auditor_and_chair_and_a_download_is_noted() {
    let house = House::founded().await;
    house.enrol(AUDITOR, "auditor").await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.cannot_sign_in((TREASURER.0, "không phải mật khẩu")).await;
    house.sign_in(TREASURER).await;
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &gift("20000")).await);
    house.get(&format!("/ban/but-toan/{seq}/phieu.pdf")).await;
    house.forget().await;
    house.sign_in(AUDITOR).await;
    let (_, html) = house.get("/ban/kiem-tra/mo-xem").await;
    assert!(html.contains("Thủ quỹ"), "{html}");
    let (status, csv) = house.get("/ban/kiem-tra/mo-xem.csv?tu=2026-11-20&den=2026-11-20").await;
    assert_eq!(status, Status::Ok);
    assert!(csv.contains("Mở xem") && !csv.contains("Nguyễn Thị Hạnh"), "{csv}");
    let (_, none) = house.get("/ban/kiem-tra/mo-xem?den=2026-11-19").await;
    assert!(none.contains("Chưa có gì"), "{none}");
    let odd = house.get("/ban/kiem-tra/mo-xem?tu=31/02/2026").await.0;
    assert_eq!(odd, Status::UnprocessableEntity);
    for odd in ["?ai=x", "?truoc=-1", "?sort=password", "?tu=1/1/2026&tu=2/1/2026"] {
        let found = house.get(&format!("/ban/kiem-tra/an-toan{odd}")).await.0;
        assert_eq!(found, Status::BadRequest, "{odd}");
    }
    let (_, html) = house.get("/ban/kiem-tra/an-toan").await;
    for said in ["Tải nhật ký xem dữ liệu riêng", "Sai mật khẩu", "Đăng nhập"] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains(TREASURER.1) && !html.contains("không phải mật khẩu"));
    assert_eq!(house.get("/ban/kiem-tra/an-toan.xlsx").await.0, Status::Ok);
}

#[rocket::async_test]
async fn a_report_of_a_leak_has_names_for_chair_and_auditor_alone_and_is_noted() {
    let house = House::founded().await;
    house.enrol(AUDITOR, "auditor").await;
    house.sign_in(TREASURER).await;
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &gift("20000")).await);
    house.get(&format!("/ban/but-toan/{seq}/phieu.pdf")).await;
    let path = "/ban/kiem-tra/lo-du-lieu";
    assert_eq!(house.get(path).await.0, Status::Forbidden);
    house.forget().await;
    house.sign_in(CHAIR).await;
    let asked = format!("{path}?tu=20/11/2026&den=20/11/2026&ai=&pham_vi=nhat-ky");
    let (status, html) = house.get(&asked).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("72 giờ") && !html.contains("Nguyễn Thị Hạnh"), "{html}");
    let file = "/ban/kiem-tra/lo-du-lieu/tep";
    let with = |passphrase| {
        [
            ("tu", "20/11/2026"),
            ("den", "20/11/2026"),
            ("ai", ""),
            ("pham_vi", "nhat-ky"),
            ("tep", "csv"),
            ("passphrase", passphrase),
        ]
    };
    let token = token(&html, file);
    let (status, html) = house.post(file, &token, &with("không phải mật khẩu")).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(!html.contains("Nguyễn Thị Hạnh"));
    let (status, csv) = house.post(file, &token, &with(CHAIR.1)).await;
    assert_eq!(status, Status::Ok);
    assert!(csv.contains("Nguyễn Thị Hạnh") && csv.contains("Họ tên"), "{csv}");
    let (_, log) = house.get("/ban/kiem-tra/an-toan").await;
    assert!(log.contains("Lập báo cáo lộ dữ liệu"), "{log}");
    let (_, log) = house.get("/ban/kiem-tra/mo-xem").await;
    assert!(log.contains("Báo cáo lộ dữ liệu"), "{log}");
}
