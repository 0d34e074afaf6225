//! What a treasurer and a chair do, from the first run to the closing.

use super::*;

#[rocket::async_test]
async fn a_chapter_is_founded_once_and_the_page_is_gone() {
    let house = house().await;
    let (status, to) = {
        let response = house.client.get("/dang-nhap").dispatch().await;
        (response.status(), response.headers().get_one("Location").map(str::to_owned))
    };
    assert_eq!((status, to.as_deref()), (Status::SeeOther, Some("/thiet-lap")));
    let (status, html) = house.send("/thiet-lap", "/thiet-lap", &setup_form()).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains(".invalid/xuan-tay") && html.contains("Tờ khẩn cấp"), "{html}");
    assert!(!html.contains(TREASURER.1) && !html.contains("PRIVATE+KEY"));
    assert_eq!(house.get("/thiet-lap").await.0, Status::NotFound);
    house.sign_in(TREASURER).await;
    let (status, html) = house.get("/ban/viec").await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("Quỹ chung") && html.contains("VietinBank"), "{html}");
}

#[rocket::async_test]
async fn a_guardians_secret_is_shown_once_and_needs_no_passphrase() {
    let house = house().await;
    let mut form = setup_form();
    form.retain(|(name, _)| !name.starts_with("third"));
    form.extend([("third", "guardian"), ("third_title", "Hội cấp trên")]);
    let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains("PRIVATE+KEY+"), "{html}");
    // The secret is printed on a sheet of its own: the two others go to other hands.
    let (_, secret) = html.split_once("mb-own-page").expect("a page of its own");
    assert!(secret.contains("PRIVATE+KEY+"), "{html}");
    let style = include_str!("../../../../public/site.css");
    assert!(style.contains(".mb-own-page{break-before:page}"), "the style sheet was built anew");
}

#[rocket::async_test]
async fn a_weak_or_mistyped_passphrase_founds_nothing() {
    let house = house().await;
    for (field, value, fault) in [
        ("treasurer_pass", "ngắn", "treasurer_pass"),
        ("chair_again", "khác hẳn lần trước", "chair_again"),
        ("third_name", TREASURER.0, "third_name"),
        ("slug", "ban", "slug"),
        ("books_from", "02/11/2026", "books_from"),
        ("host", "a..b", "host"),
        ("host", "-a.b", "host"),
        ("host", "a.b.", "host"),
        ("host", "a.b:x", "host"),
        ("host", "a.b:80:80", "host"),
    ] {
        let mut form = setup_form();
        form.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
        assert_eq!(status, Status::UnprocessableEntity, "{field}");
        assert!(html.contains(&format!("href=\"#{fault}\"")), "{field}: {html}");
        assert!(!html.contains(CHAIR.1), "a passphrase came back");
    }
    assert_eq!(house.get("/thiet-lap").await.0, Status::Ok);
}

#[rocket::async_test]
async fn no_passphrase_travels_over_plain_http() {
    let house = house_at("http://so.example").await;
    for path in ["/thiet-lap"] {
        let (status, html) = house.get(path).await;
        assert_eq!(status, Status::Forbidden);
        assert!(html.contains("https") && !html.contains("type=\"password\""));
    }
}

#[rocket::async_test]
async fn a_wrong_name_and_a_wrong_passphrase_get_the_same_words_and_waits_grow() {
    let house = House::founded().await;
    let mut bodies = Vec::new();
    for (name, passphrase) in [("khong.ai", "mot hai ba bon"), (TREASURER.0, "mot hai ba bon")] {
        let fields = [("name", name), ("passphrase", passphrase)];
        let (status, html) = house.send("/dang-nhap", "/dang-nhap", &fields).await;
        assert_eq!(status, Status::UnprocessableEntity);
        bodies.push(html.replace(name, ""));
    }
    assert_eq!(bodies[0], bodies[1]);
    let fields = [("name", TREASURER.0), ("passphrase", "mot hai ba bon")];
    let mut last = Status::Ok;
    for _ in 0..8 {
        last = house.send("/dang-nhap", "/dang-nhap", &fields).await.0;
    }
    assert_eq!(last, Status::TooManyRequests);
}

#[rocket::async_test]
async fn a_gift_is_echoed_recorded_once_and_shown_in_the_book() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/phieu-thu").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/phieu-thu"));
    let mut fields = vec![("id", id.as_str())];
    fields.extend(gift("1.500.000"));
    let (_, html) = house.post("/ban/phieu-thu", &token, &fields).await;
    assert!(html.contains("Một triệu năm trăm nghìn đồng"), "{html}");
    fields.push(("step", "record"));
    let (status, first) = house.post("/ban/phieu-thu", &token, &fields).await;
    assert_eq!(status, Status::SeeOther, "{first}");
    let (status, again) = house.post("/ban/phieu-thu", &token, &fields).await;
    assert_eq!(status, Status::SeeOther);
    assert_eq!(again, first.replace("moi", "lai"));
    let (_, html) = house.get("/ban/so-quy/cash").await;
    assert_eq!(html.matches("Ủng hộ tháng 11").count(), 1, "{html}");
    assert!(html.contains("1.500.000") && !html.contains("Hạnh"), "{html}");
    let entry = first.split('?').next().unwrap();
    assert!(!house.get(entry).await.1.contains("Hạnh"));
    assert!(house.get(&format!("{entry}?rieng=1")).await.1.contains("Nguyễn Thị Hạnh"));
}

#[rocket::async_test]
async fn faults_come_back_at_their_fields_with_what_was_typed() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    for (field, value, at) in [
        ("amount", "1.5", "amount"),
        ("amount", "0", "amount"),
        ("date", "31/02/2026", "date"),
        ("date", "21/11/2026", "date"),
        ("date", "31/10/2026", "date"),
        ("place", "gold", "place"),
    ] {
        let mut form = gift("1.500.000");
        form.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        let (_, html) = house.get("/ban/phieu-thu").await;
        let id = hidden(&html, "id");
        form.push(("id", &id));
        let token = token(&html, "/ban/phieu-thu");
        let (status, html) = house.post("/ban/phieu-thu", &token, &form).await;
        assert_eq!(status, Status::UnprocessableEntity, "{field}={value}");
        assert!(html.contains(&format!("href=\"#{at}\"")), "{field}={value}: {html}");
        assert!(html.contains("Nguyễn Thị Hạnh") && html.contains(&id));
    }
}

#[rocket::async_test]
async fn aid_waits_for_the_chair_and_more_than_there_is_is_refused_with_the_figure() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    let programme = [
        ("date", "19/11/2026"),
        ("type", "tet"),
        ("name", "Tết vì người nghèo"),
        ("code", "tet"),
        ("note", ""),
    ];
    house.slip("/ban/mo-chuong-trinh", "", &programme).await;
    let aid = |amount: &'static str| {
        vec![
            ("date", "20/11/2026"),
            ("programme", "tet"),
            ("round", ""),
            ("note", ""),
            ("line_name[]", "Trần Văn Ba"),
            ("line_category[]", "poor"),
            ("line_amount[]", amount),
            ("line_name[]", ""),
            ("line_category[]", ""),
            ("line_amount[]", ""),
            ("place", "cash"),
            ("fund", "chung"),
            ("gifts", ""),
            ("paper_no", "DS-1"),
        ]
    };
    let (_, html) = house.get("/ban/phieu-chi").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/phieu-chi"));
    let mut too_much = aid("1000001");
    too_much.push(("id", &id));
    let (status, html) = house.post("/ban/phieu-chi", &token, &too_much).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("1.000.000 ₫") && html.contains("href=\"#line_amount\""), "{html}");
    let draft = house.slip("/ban/phieu-chi", "", &aid("400000")).await;
    assert!(draft.starts_with("/ban/duyet/"), "{draft}");
    // One's own draft is not approved.
    let own = draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap();
    let fields = [("draft[]", own), ("passphrase", TREASURER.1)];
    let (_, html) = house.get("/ban/duyet").await;
    assert!(!html.contains("name=\"passphrase\""), "{html}");
    let (status, _) = house.post("/ban/duyet", &"0".repeat(64), &fields).await;
    assert_eq!(status, Status::Forbidden);
    house.sign_in(CHAIR).await;
    let (_, html) = house.get(draft.split('?').next().unwrap()).await;
    assert!(html.contains("Trần Văn Ba") && html.contains("600.000"), "{html}");
    let wrong = [("draft[]", own), ("passphrase", "sai mật khẩu rồi")];
    let (status, html) = house.send("/ban/duyet", "/ban/duyet", &wrong).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#passphrase\""));
    let entry = house.approve(&draft).await;
    assert!(entry.starts_with("/ban/but-toan/"), "{entry}");
    assert!(house.get("/ban/so-quy/cash").await.1.contains("600.000"));
    // Approved twice: decided already.
    house.sign_in(CHAIR).await;
    let fields = [("draft[]", own), ("passphrase", CHAIR.1)];
    let (_, html) = house.get("/ban/duyet").await;
    assert!(html.contains("Không có phiếu nào"), "{html}");
    let token = super::token(&html, "/ban/duyet");
    assert!(token.is_empty());
    assert_eq!(house.post("/ban/duyet", &token, &fields).await.0, Status::Forbidden);
}

#[rocket::async_test]
async fn a_draft_is_sent_back_with_a_reason_and_withdrawn_by_its_recorder() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    let cost = [
        ("date", "20/11/2026"),
        ("payee_type", "firm"),
        ("payee_name", "Nhà in Xuân Tây"),
        ("category", "printing"),
        ("note", ""),
        ("amount", "50000"),
        ("place", "cash"),
        ("fund", "chung"),
        ("programme", ""),
        ("paper_no", ""),
    ];
    let draft = house.slip("/ban/chi-phi", "", &cost).await;
    let path = draft.split('?').next().unwrap();
    house.sign_in(CHAIR).await;
    let action = format!("{path}/tra-lai");
    let (status, html) = house.send(path, &action, &[("reason", "")]).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#reason\""));
    let (status, to) = house.send(path, &action, &[("reason", "Thiếu hóa đơn")]).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, "/ban/duyet"));
    house.sign_in(TREASURER).await;
    assert!(house.get(path).await.1.contains("Thiếu hóa đơn"));
    let (status, _) = house.send(path, &format!("{path}/rut"), &[]).await;
    assert_eq!(status, Status::SeeOther);
}

#[rocket::async_test]
async fn a_reversal_strikes_the_original_through_and_links_both_ways() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let gift = house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    let entry = gift.split('?').next().unwrap();
    let seq = entry.rsplit('/').next().unwrap();
    let fields = [
        ("of", seq),
        ("date", "20/11/2026"),
        ("reason", "mistyped"),
        ("words", "Gõ nhầm số"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={seq}"), &fields).await;
    let reversal = house.approve(&draft).await;
    let reversal = reversal.split('?').next().unwrap();
    let (_, html) = house.get(entry).await;
    assert!(html.contains("<del>") && html.contains(&format!("href=\"{reversal}\"")), "{html}");
    let (_, html) = house.get(reversal).await;
    assert!(html.contains(&format!("href=\"{entry}\"")), "{html}");
}

#[rocket::async_test]
async fn custody_fund_moves_counts_and_openings_find_their_way() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let opening = [
        ("date", "20/11/2026"),
        ("money_place[]", "cash"),
        ("money_fund[]", "chung"),
        ("money_amount[]", "2.000.000"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/so-du-dau-ky", "", &opening).await;
    house.approve(&draft).await;
    let transfer = [
        ("date", "20/11/2026"),
        ("from_place", "cash"),
        ("to_place", "ngan-hang"),
        ("fund", "chung"),
        ("amount", "500000"),
        ("note", ""),
    ];
    house.slip("/ban/chuyen-tien", "", &transfer).await;
    let held = [
        ("date", "20/11/2026"),
        ("class", "named_family"),
        ("donor_type", "person"),
        ("donor_name", ""),
        ("to_name", "Gia đình anh Tư"),
        ("note", ""),
        ("amount", "300000"),
        ("place", "cash"),
    ];
    let held = house.slip("/ban/nhan-giu-ho", "", &held).await;
    let seq = held.split('?').next().unwrap().rsplit('/').next().unwrap();
    let handed = [
        ("of", seq),
        ("date", "20/11/2026"),
        ("amount", "300000"),
        ("place", "cash"),
        ("paper_no", ""),
        ("note", ""),
    ];
    let draft = house.slip("/ban/trao-tien-giu-ho", &format!("?so={seq}"), &handed).await;
    house.approve(&draft).await;
    let count = [
        ("date", "20/11/2026"),
        ("place", "cash"),
        ("note_500000", "3"),
        ("counted", ""),
        ("fund", ""),
        ("note", ""),
    ];
    let draft = house.slip("/ban/kiem-ke", "", &count).await;
    house.approve(&draft).await;
    let (_, html) = house.get("/ban/quy").await;
    assert!(html.contains("2.000.000"), "{html}");
}

#[rocket::async_test]
async fn a_month_is_closed_when_it_is_over_and_nothing_waits() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    let aid = [
        ("date", "20/11/2026"),
        ("payee_type", "firm"),
        ("payee_name", "Nhà in Xuân Tây"),
        ("category", "printing"),
        ("note", ""),
        ("amount", "50000"),
        ("place", "cash"),
        ("fund", "chung"),
        ("programme", ""),
        ("paper_no", ""),
    ];
    let waits = house.slip("/ban/chi-phi", "", &aid).await;
    let waits = waits.split('?').next().unwrap();
    let (_, html) = house.get("/ban/khoa-so").await;
    // Each point leads to where it can be mended.
    assert!(html.contains(&format!("href=\"{waits}\"")), "{html}");
    assert!(html.contains("href=\"/ban/kiem-ke\""), "{html}");
    let (status, _) = house.send(waits, &format!("{waits}/rut"), &[]).await;
    assert_eq!(status, Status::SeeOther);
    let (_, html) = house.get("/ban/khoa-so").await;
    assert!(html.contains("30/11/2026") && !html.contains("name=\"through\""), "{html}");
    house.clock.set("2026-12-01T03:00:00Z".parse().unwrap());
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/khoa-so").await;
    let (id, through) = (hidden(&html, "id"), hidden(&html, "through"));
    let mut fields = vec![("id", id.as_str()), ("through", through.as_str())];
    // The bank's word is asked for, and a figure that differs from the book has to be meant.
    for (said, fault) in [("", "bank_balance"), ("1,5", "bank_balance"), ("5", "bank_differs")] {
        let mut fields = fields.clone();
        fields.extend([("bank_place[]", "ngan-hang"), ("bank_balance[]", said)]);
        let (status, html) = house.send("/ban/khoa-so", "/ban/khoa-so", &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{said}");
        assert!(html.contains(&format!("href=\"#{fault}\"")), "{said}: {html}");
    }
    fields.extend([("bank_place[]", "ngan-hang"), ("bank_balance[]", "0")]);
    let (status, draft) = house.send("/ban/khoa-so", "/ban/khoa-so", &fields).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    let entry = house.approve(&draft).await;
    assert!(entry.starts_with("/ban/but-toan/"), "{entry}");
    assert!(house.get("/ban/khoa-so").await.1.contains("12/2026"));
}

#[rocket::async_test]
async fn a_form_that_came_after_its_session_is_offered_again() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/phieu-thu").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/phieu-thu"));
    house.clock.set("2026-11-20T03:31:00Z".parse().unwrap());
    let mut fields = vec![("id", id.as_str())];
    fields.extend(gift("1500000"));
    let (status, html) = house.post("/ban/phieu-thu", &token, &fields).await;
    assert_eq!(status, Status::Unauthorized);
    let kept = hidden(&html, "kept").replace("&quot;", "\"");
    assert!(kept.contains("Nguyễn Thị Hạnh"), "{html}");
    let sign_in = super::token(&html, "/dang-nhap");
    let fields = [
        ("name", TREASURER.0),
        ("passphrase", TREASURER.1),
        ("back", "/ban/phieu-thu"),
        ("kept", kept.as_str()),
    ];
    let (status, html) = house.post("/dang-nhap", &sign_in, &fields).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains("Nguyễn Thị Hạnh") && html.contains(&id), "{html}");
    let offered = super::token(&html, "/ban/phieu-thu");
    let mut fields = vec![("id", id.as_str())];
    fields.extend(gift("1500000"));
    let (status, html) = house.post("/ban/phieu-thu", &offered, &fields).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("value=\"record\""), "{html}");
}

#[rocket::async_test]
async fn signing_out_ends_the_session_and_next_stays_here() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let cookie = house.client.cookies().get("minhbach").unwrap().value().to_owned();
    let (status, _) = house.send("/ban/viec", "/dang-xuat", &[]).await;
    assert_eq!(status, Status::SeeOther);
    let response =
        house.client.get("/ban/viec").cookie(Cookie::new("minhbach", cookie)).dispatch().await;
    assert_eq!(response.status(), Status::SeeOther);
    assert_eq!(response.headers().get_one("Location"), Some("/dang-nhap?ve=%2Fban%2Fviec"));
    let elsewhere = ["//evil.example", "https://evil.example/", "/\\evil", "javascript:alert(1)"];
    // What could not stand in a header would make a right passphrase end in a fault.
    let unfit = ["/ban/%C3%A9", "/ban/a%09b", "/ban/a%20b", "/ban/%0d%0aX:%20y"];
    for away in elsewhere.into_iter().chain(unfit) {
        let (_, html) = house.get(&format!("/dang-nhap?ve={away}")).await;
        assert_eq!(hidden(&html, "back"), "/ban/viec", "{away}");
    }
}
