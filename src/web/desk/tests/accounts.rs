//! One's own account, approvals with a passphrase, forms that come twice or too late.

use super::admin::{DAY, ENROL, NEW, OTHER, draft_id, enrolled};
use super::*;

#[rocket::async_test]
async fn another_passphrase_ends_every_other_session_and_opens_the_same_key() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let first = house.cookie("minhbach");
    house.forget().await;
    house.sign_in(TREASURER).await;
    let second = house.cookie("minhbach");
    let path = "/ban/quan-tri/tai-khoan";
    assert_eq!(house.get(path).await.1.matches("lần cuối").count(), 2);
    for (present, new, again, field) in [
        ("không phải mật khẩu", OTHER, OTHER, "passphrase"),
        (TREASURER.1, "ngắn", "ngắn", "new_passphrase"),
        (TREASURER.1, OTHER, "khác đi một chút", "again"),
    ] {
        let fields = [("passphrase", present), ("new_passphrase", new), ("again", again)];
        let (status, html) = house.send(path, path, &fields).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(html.contains(&format!("href=\"#{field}\"")), "{html}");
        assert!(!html.contains(OTHER) && !html.contains(TREASURER.1));
    }
    let fields = [("passphrase", TREASURER.1), ("new_passphrase", OTHER), ("again", OTHER)];
    let (status, to) = house.send(path, path, &fields).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, "/ban/quan-tri/tai-khoan?moi=1"));
    let present = house.cookie("minhbach");
    assert!(present != second);
    // The session that goes on signs with the same key.
    house.slip("/ban/phieu-thu", "", &gift("20000")).await;
    for ended in [first, second] {
        assert_eq!(house.with_cookie(&ended).await, Status::SeeOther);
    }
    house.cannot_sign_in(TREASURER).await;
    house.sign_in((TREASURER.0, OTHER)).await;
    assert_eq!(house.with_cookie(&present).await, Status::Ok);
}

#[rocket::async_test]
async fn signing_out_everywhere_ends_all_sessions_of_that_person_alone() {
    let house = House::founded().await;
    house.sign_in(CHAIR).await;
    let chair = house.cookie("minhbach");
    house.forget().await;
    house.sign_in(TREASURER).await;
    let first = house.cookie("minhbach");
    house.forget().await;
    house.sign_in(TREASURER).await;
    let second = house.cookie("minhbach");
    let (path, action) = ("/ban/quan-tri/tai-khoan", "/ban/quan-tri/tai-khoan/dang-xuat");
    let (status, to) = house.send(path, action, &[]).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, "/dang-nhap"));
    for ended in [first, second] {
        assert_eq!(house.with_cookie(&ended).await, Status::SeeOther);
    }
    assert_eq!(house.with_cookie(&chair).await, Status::Ok);
}

#[rocket::async_test]
async fn mistyping_at_approval_closes_nobodys_sign_in_and_waits_are_told() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let policy = [("date", DAY), ("two_above", "5000000"), ("note", "")];
    let draft = house.slip("/ban/quan-tri/quy-che", "", &policy).await;
    house.sign_in(CHAIR).await;
    let fields = [("draft[]", draft_id(&draft)), ("passphrase", "gõ nhầm mãi thôi")];
    let mut html = String::new();
    for _ in 0..8 {
        html = house.send("/ban/duyet", "/ban/duyet", &fields).await.1;
    }
    assert!(html.contains("Hãy chờ"), "{html}");
    house.forget().await;
    house.sign_in(CHAIR).await;
    // Signing in anew has opened the other counter, too.
    let fields = [("draft[]", draft_id(&draft)), ("passphrase", CHAIR.1)];
    let (status, to) = house.send("/ban/duyet", "/ban/duyet", &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    house.forget().await;
    let fields = [("name", DEPUTY.0), ("passphrase", "gõ nhầm mãi thôi")];
    let (_, html) = house.get("/dang-nhap").await;
    let token = token(&html, "/dang-nhap");
    for _ in 0..7 {
        house.post("/dang-nhap", &token, &fields).await;
    }
    let response = house.post_raw("/dang-nhap", &token, &fields).await;
    assert_eq!(response.status(), Status::TooManyRequests);
    let after: u64 = response.headers().get_one("Retry-After").unwrap().parse().unwrap();
    assert!((1..=900).contains(&after));
}

#[rocket::async_test]
async fn a_list_with_one_refused_draft_adds_no_signature_and_own_drafts_are_not_sent_back() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let draft = house.new_key(ENROL, &enrolled("Ban kiểm tra", "auditor"), NEW).await;
    house.approve(&draft).await;
    house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    house.clock.set("2026-12-01T03:00:00Z".parse().unwrap());
    house.forget().await;
    house.sign_in(TREASURER).await;
    // A closing waits for approver and auditor; a cost of more than there is can't be recorded.
    let closing = house.close("0").await;
    let cost = |amount| {
        [
            ("date", "01/12/2026"),
            ("payee_type", "firm"),
            ("payee_name", "Nhà in Xuân Tây"),
            ("category", "printing"),
            ("note", ""),
            ("amount", amount),
            ("place", "cash"),
            ("fund", "chung"),
            ("programme", ""),
            ("paper_no", ""),
        ]
    };
    let first = house.slip("/ban/chi-phi", "", &cost("600000")).await;
    let second = house.slip("/ban/chi-phi", "", &cost("600000")).await;
    let path = first.split('?').next().unwrap();
    let (_, html) = house.get(path).await;
    assert!(token(&html, &format!("{path}/tra-lai")).is_empty(), "own drafts are withdrawn");
    house.forget().await;
    house.sign_in(CHAIR).await;
    let fields = [
        ("draft[]", draft_id(&closing)),
        ("draft[]", draft_id(&first)),
        ("draft[]", draft_id(&second)),
        ("passphrase", CHAIR.1),
    ];
    let (status, html) = house.send("/ban/duyet", "/ban/duyet", &fields).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    // The chair's signature is still asked for: none was kept.
    assert!(house.get(closing.split('?').next().unwrap()).await.1.contains("name=\"draft[]\""));
    let fields =
        [("draft[]", draft_id(&closing)), ("draft[]", draft_id(&first)), ("passphrase", CHAIR.1)];
    let (status, to) = house.send("/ban/duyet", "/ban/duyet", &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let (_, html) = house.get(closing.split('?').next().unwrap()).await;
    assert!(!html.contains("name=\"draft[]\"") && html.contains("Chờ duyệt"), "{html}");
    house.forget().await;
    house.sign_in(NEW).await;
    let fields = [("draft[]", draft_id(&closing)), ("passphrase", NEW.1)];
    let (status, to) = house.send("/ban/duyet", "/ban/duyet", &fields).await;
    assert_eq!(status, Status::SeeOther);
    assert!(to.starts_with("/ban/but-toan/"), "{to}");
}

#[rocket::async_test]
async fn the_same_id_with_other_content_says_what_is_there_and_records_nothing() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let path = "/ban/phieu-thu";
    let (_, html) = house.get(path).await;
    let (id, token) = (hidden(&html, "id"), token(&html, path));
    let sent = |change: (&'static str, &'static str)| {
        let mut form = gift("1.500.000");
        form.iter_mut().filter(|(name, _)| *name == change.0).for_each(|pair| pair.1 = change.1);
        form.push(("step", "record"));
        form
    };
    let with_id = |form: Vec<(&'static str, &'static str)>| {
        let mut form: Vec<(&str, &str)> = form;
        form.push(("id", id.as_str()));
        form
    };
    let (status, first) = house.post(path, &token, &with_id(sent(("", "")))).await;
    assert_eq!(status, Status::SeeOther, "{first}");
    let (status, same) = house.post(path, &token, &with_id(sent(("", "")))).await;
    assert_eq!((status, same), (Status::SeeOther, first.replace("moi", "lai")));
    let entry = first.split('?').next().unwrap();
    for change in [("amount", "2.500.000"), ("donor_name", "Trần Văn Ba"), ("amount", "x")] {
        let (status, html) = house.post(path, &token, &with_id(sent(change))).await;
        assert_eq!(status, Status::Conflict, "{change:?}: {html}");
        assert!(html.contains(&format!("href=\"{entry}\"")), "{change:?}: {html}");
        assert!(html.contains("1.500.000") && html.contains(change.1), "{html}");
        assert!(hidden(&html, "id") != id, "it goes on as a voucher of its own");
    }
    assert_eq!(house.get("/ban/so-quy/cash").await.1.matches("Ủng hộ tháng 11").count(), 1);
}

#[rocket::async_test]
async fn a_set_up_is_whole_or_nothing_and_never_twice() {
    let house = House::founded().await;
    let store = house.client.rocket().state::<Store>().unwrap().clone();
    let (chapter, _) = store.chapters()[0].clone();
    // Entry 0, the fund and the bank account lie under one head: no head in between was signed.
    assert_eq!(store.head(chapter).unwrap().unwrap().size, 3);
    house.forget().await;
    let (_, html) = house.get("/dang-nhap").await;
    let token = token(&html, "/dang-nhap");
    let (status, _) = house.post("/thiet-lap", &token, &setup_form()).await;
    assert_eq!(status, Status::Forbidden, "no token of a page that is gone");
    assert_eq!(house.get("/thiet-lap").await.0, Status::NotFound);
}

#[rocket::async_test]
async fn a_form_that_came_too_late_keeps_no_secret() {
    let (house, secret) = House::with_guardian().await;
    house.sign_in(TREASURER).await;
    let path = "/ban/quan-tri/tai-khoan";
    let (_, html) = house.get(path).await;
    let token = token(&html, path);
    house.clock.set("2026-11-20T03:31:00Z".parse().unwrap());
    let fields = [
        ("passphrase", TREASURER.1),
        ("new_passphrase", OTHER),
        ("again", OTHER),
        ("secret", secret.as_str()),
        ("note", "còn lại"),
    ];
    let (status, html) = house.post(path, &token, &fields).await;
    assert_eq!(status, Status::Unauthorized);
    assert!(html.contains("còn lại"), "{html}");
    assert!(!html.contains(OTHER) && !html.contains(TREASURER.1), "{html}");
    assert!(!html.contains("PRIVATE"), "{html}");
}
