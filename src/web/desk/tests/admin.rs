//! The administration: officers and keys come and go, with everybody's own passphrase.

use super::*;
use crate::store::Standing;

const NEW: (&str, &str) = ("ha.thuquy", "sóng trước đổ đâu sóng sau đổ đó");
const OTHER: &str = "chim có tổ người có tông nha";
const DAY: &str = "20/11/2026";

impl House {
    /// Founded with a guardian in the deputy's place; the guardian's secret key.
    async fn with_guardian() -> (Self, String) {
        let house = house().await;
        let mut form = setup_form();
        form.retain(|(name, _)| !name.starts_with("third"));
        form.extend([("third", "guardian"), ("third_title", "Hội cấp trên")]);
        let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
        assert_eq!(status, Status::Ok, "{html}");
        let (_, rest) = html.split_once("PRIVATE+KEY").unwrap();
        let secret = rest.split('<').next().unwrap().replace("&#x2b;", "+");
        (house, format!("PRIVATE+KEY{secret}"))
    }

    /// Sends the form of an invitation; the path of the invitation.
    async fn invite(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let to = self.slip(path, "", fields).await;
        assert!(to.starts_with("/ban/quan-tri/loi-moi/"), "{to}");
        to.split('?').next().unwrap().to_owned()
    }

    /// A new link to an invitation, without the address of the site.
    async fn link(&self, invitation: &str) -> String {
        let (status, html) = self.send(invitation, &format!("{invitation}/duong-dan"), &[]).await;
        assert_eq!(status, Status::Ok, "{html}");
        let (_, rest) = html.split_once("/dang-nhap/moi/").unwrap();
        format!("/dang-nhap/moi/{}", rest.split('"').next().unwrap())
    }

    /// Takes an invitation up with a name and a passphrase.
    async fn take_up(&self, link: &str, (name, passphrase): (&str, &str)) -> (Status, String) {
        let fields = [("name", name), ("new_passphrase", passphrase), ("again", passphrase)];
        self.send(link, link, &fields).await
    }

    /// The recorder signs what was taken up; the draft.
    async fn sign(&self, invitation: &str) -> String {
        let (status, to) = self.send(invitation, &format!("{invitation}/ky"), &[]).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to
    }

    /// Invited, taken up, signed; the draft that waits.
    async fn new_key(&self, path: &str, fields: &[(&str, &str)], who: (&str, &str)) -> String {
        let invitation = self.invite(path, fields).await;
        let link = self.link(&invitation).await;
        let (status, html) = self.take_up(&link, who).await;
        assert_eq!(status, Status::Ok, "{html}");
        self.sign(&invitation).await
    }

    async fn refused(&self, path: &str, fields: &[(&str, &str)], field: &str) {
        let (_, html) = self.get(path).await;
        let (id, token) = (hidden(&html, "id"), token(&html, path));
        let mut all = vec![("id", id.as_str())];
        all.extend_from_slice(fields);
        let (status, html) = self.post(path, &token, &all).await;
        assert_eq!(status, Status::UnprocessableEntity, "{path}: {html}");
        assert!(html.contains(&format!("href=\"#{field}\"")), "{path}: {html}");
    }

    async fn cannot_sign_in(&self, (name, passphrase): (&str, &str)) {
        self.forget().await;
        let fields = [("name", name), ("passphrase", passphrase)];
        let (status, html) = self.send("/dang-nhap", "/dang-nhap", &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{html}");
    }

    fn cookie(&self) -> String {
        self.client.cookies().get("minhbach").unwrap().value().to_owned()
    }

    /// What a page answers to somebody who holds this cookie.
    async fn with_cookie(&self, cookie: &str) -> Status {
        self.forget().await;
        let cookie = Cookie::new("minhbach", cookie.to_owned());
        self.client.get("/ban/viec").cookie(cookie).dispatch().await.status()
    }

    /// The person of an officer as a form offers them, by title.
    async fn person(&self, path: &str, title: &str) -> String {
        let (_, html) = self.get(path).await;
        let (before, _) = html
            .split_once(&format!(">{title} ("))
            .unwrap_or_else(|| panic!("{title} is not offered: {html}"));
        before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
    }
}

fn draft_id(draft: &str) -> &str {
    draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap()
}

const ENROL: &str = "/ban/quan-tri/them-can-bo";
const ROTATE: &str = "/ban/quan-tri/doi-khoa";
const RETIRE: &str = "/ban/quan-tri/thoi-nhiem";

fn enrolled<'a>(title: &'a str, role: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("date", DAY), ("title", title), ("roles[]", role), ("person", ""), ("note", "")]
}

#[rocket::async_test]
async fn a_new_officer_chooses_the_passphrase_alone_and_signs_in_once_two_have_signed() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let invitation = house.invite(ENROL, &enrolled("Thủ quỹ hai", "treasurer")).await;
    let (_, html) = house.get("/ban/quan-tri").await;
    assert!(html.contains("Thủ quỹ hai") && html.contains(&invitation), "{html}");
    let first = house.link(&invitation).await;
    let link = house.link(&invitation).await;
    assert_eq!(house.get(&first).await.0, Status::NotFound, "a link made anew ends the one before");
    // Nobody signs before the person made the key.
    let (status, _) = {
        let (_, html) = house.get(&invitation).await;
        let action = format!("{invitation}/ky");
        assert!(token(&html, &action).is_empty());
        house.post(&action, &token(&html, &format!("{invitation}/huy")), &[]).await
    };
    assert_eq!(status, Status::Forbidden);
    house.forget().await;
    let (status, html) = house.get(&link).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("Thủ quỹ hai") && !html.contains("voucher-"), "{html}");
    // Somebody's name, a weak passphrase, and two that differ.
    for (name, passphrase, field) in
        [(TREASURER.0, NEW.1, "name"), (NEW.0, "ngắn", "new_passphrase"), ("X Y", NEW.1, "name")]
    {
        let (status, html) = house.take_up(&link, (name, passphrase)).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(html.contains(&format!("href=\"#{field}\"")), "{name}: {html}");
        assert!(!html.contains(passphrase), "a passphrase came back");
    }
    let held = token(&house.get(&link).await.1, &link);
    let (status, html) = house.take_up(&link, NEW).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains(NEW.0) && !html.contains("PRIVATE+KEY"), "{html}");
    assert_eq!(house.get(&link).await.0, Status::NotFound, "a link works once");
    let again = [("name", NEW.0), ("new_passphrase", OTHER), ("again", OTHER)];
    assert_eq!(house.post(&link, &held, &again).await.0, Status::NotFound);
    house.cannot_sign_in(NEW).await;
    house.sign_in(TREASURER).await;
    let draft = house.sign(&invitation).await;
    assert_eq!(house.get(&invitation).await.0, Status::SeeOther, "it is the draft now");
    house.cannot_sign_in(NEW).await;
    house.sign_in(TREASURER).await;
    let entry = house.approve(&draft).await;
    assert!(house.get(&entry).await.1.contains("Người giữ khóa"), "{entry}");
    house.sign_in(NEW).await;
    assert!(house.get("/ban/quan-tri").await.1.contains("Bạn"));
    house.slip("/ban/phieu-thu", "", &gift("20000")).await;
}

#[rocket::async_test]
async fn a_link_ends_with_its_time_its_invitation_and_its_recorders_key() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let invitation = house.invite(ENROL, &enrolled("Cán bộ", "caseworker")).await;
    let link = house.link(&invitation).await;
    let (status, _) = house.send(&invitation, &format!("{invitation}/huy"), &[]).await;
    assert_eq!(status, Status::SeeOther);
    assert_eq!(house.get(&link).await.0, Status::NotFound);
    assert_eq!(house.get(&invitation).await.0, Status::NotFound);
    let late = house.invite(ENROL, &enrolled("Cán bộ", "caseworker")).await;
    let late_link = house.link(&late).await;
    assert_eq!(house.get(&late_link).await.0, Status::Ok);
    house.clock.set("2026-11-27T03:00:01Z".parse().unwrap());
    assert_eq!(house.get(&late_link).await.0, Status::NotFound);
    for wrong in ["x", &"A".repeat(43), &"A".repeat(44)] {
        assert_eq!(house.get(&format!("/dang-nhap/moi/{wrong}")).await.0, Status::NotFound);
    }
}

#[rocket::async_test]
async fn a_forgotten_passphrase_is_a_new_key_and_the_old_ones_drafts_are_void() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    let old = house.cookie();
    let cost = [
        ("date", DAY),
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
    let waiting = house.slip("/ban/chi-phi", "", &cost).await;
    let waiting = waiting.split('?').next().unwrap();
    house.forget().await;
    house.sign_in(DEPUTY).await;
    let person = house.person(ROTATE, "Thủ quỹ").await;
    let fields = [("date", DAY), ("person", &person), ("compromised_from_seq", ""), ("note", "")];
    let again = (TREASURER.0, OTHER);
    let draft = house.new_key(ROTATE, &fields, again).await;
    assert_eq!(house.with_cookie(&old).await, Status::Ok, "in force until it is recorded");
    house.forget().await;
    house.sign_in(CHAIR).await;
    let fields = [("draft[]", draft_id(&draft)), ("passphrase", CHAIR.1)];
    let (status, entry) = house.send("/ban/duyet", "/ban/duyet", &fields).await;
    assert_eq!(status, Status::SeeOther, "{entry}");
    assert!(house.get(waiting).await.1.contains("Hết hiệu lực"));
    assert_eq!(house.with_cookie(&old).await, Status::SeeOther, "the old session is nobody's");
    house.cannot_sign_in(TREASURER).await;
    house.sign_in(again).await;
    house.slip("/ban/phieu-thu", "", &gift("30000")).await;
}

#[rocket::async_test]
async fn the_guardian_approves_when_the_chair_is_gone_and_pages_say_so() {
    let (house, secret) = House::with_guardian().await;
    house.sign_in(TREASURER).await;
    let person = house.person(ROTATE, "Chủ tịch Hội").await;
    let fields = [("date", DAY), ("person", &person), ("compromised_from_seq", ""), ("note", "")];
    let draft = house.new_key(ROTATE, &fields, (CHAIR.0, OTHER)).await;
    let path = "/ban/quan-tri/giam-ho";
    let id = draft_id(&draft);
    let wrong = {
        let mut wrong = secret.clone();
        let last = wrong.pop().unwrap();
        wrong.push(if last == 'A' { 'B' } else { 'A' });
        wrong
    };
    for (typed, field) in [(wrong.as_str(), "secret"), ("", "secret"), (TREASURER.1, "secret")] {
        let fields = [("draft[]", id), ("secret", typed)];
        let (status, html) = house.send(path, path, &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{html}");
        assert!(html.contains(&format!("href=\"#{field}\"")), "{html}");
        assert!(typed.is_empty() || !html.contains(typed), "the secret came back");
    }
    let (status, html) = house.send(path, path, &[("secret", &secret)]).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#draft\""), "{html}");
    let (head, tail) = secret.split_at(40);
    let spaced = format!("{head} {tail}");
    let fields = [("draft[]", id), ("secret", spaced.as_str())];
    let (status, entry) = house.send(path, path, &fields).await;
    assert_eq!(status, Status::SeeOther, "{entry}");
    assert!(house.get(&entry).await.1.contains("Khóa giám hộ"));
    let seq = entry.trim_start_matches("/ban/but-toan/").split('?').next().unwrap();
    let (_, html) = house.get(&format!("/xuan-tay/so/{seq}")).await;
    assert!(html.contains("bảo hộ"), "{html}");
    house.cannot_sign_in(CHAIR).await;
    house.sign_in((CHAIR.0, OTHER)).await;
}

#[rocket::async_test]
async fn the_guardian_approves_nothing_else() {
    let (house, secret) = House::with_guardian().await;
    house.sign_in(TREASURER).await;
    let policy = [("date", DAY), ("two_above", "5000000"), ("note", "")];
    let draft = house.slip("/ban/quan-tri/quy-che", "", &policy).await;
    // A voucher that is the guardian's to approve makes the form appear.
    let person = house.person(ROTATE, "Chủ tịch Hội").await;
    let fields = [("date", DAY), ("person", &person), ("compromised_from_seq", ""), ("note", "")];
    house.new_key(ROTATE, &fields, (CHAIR.0, OTHER)).await;
    let path = "/ban/quan-tri/giam-ho";
    let (_, html) = house.get(path).await;
    assert!(!html.contains(draft_id(&draft)), "{html}");
    let fields = [("draft[]", draft_id(&draft)), ("secret", secret.as_str())];
    assert_eq!(house.send(path, path, &fields).await.0, Status::NotFound);
    assert!(house.get(draft.split('?').next().unwrap()).await.1.contains("Chờ duyệt"));
}

#[rocket::async_test]
async fn a_new_guardian_prints_the_key_once_and_the_old_one_ends() {
    let (house, old) = House::with_guardian().await;
    house.sign_in(TREASURER).await;
    let fields = [("date", DAY), ("title", "Hội Chữ thập đỏ tỉnh"), ("note", "")];
    let invitation = house.invite("/ban/quan-tri/giam-ho-moi", &fields).await;
    let link = house.link(&invitation).await;
    house.forget().await;
    let (status, html) = house.send(&link, &link, &[]).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains("PRIVATE+KEY"), "{html}");
    house.sign_in(TREASURER).await;
    assert!(!house.get(&invitation).await.1.contains("PRIVATE+KEY"));
    let draft = house.sign(&invitation).await;
    house.approve(&draft).await;
    assert!(house.get("/ban/quan-tri").await.1.contains("Hội Chữ thập đỏ tỉnh"));
    let person = house.person(ROTATE, "Chủ tịch Hội").await;
    let fields = [("date", DAY), ("person", &person), ("compromised_from_seq", ""), ("note", "")];
    let draft = house.new_key(ROTATE, &fields, (CHAIR.0, OTHER)).await;
    let path = "/ban/quan-tri/giam-ho";
    let fields = [("draft[]", draft_id(&draft)), ("secret", old.as_str())];
    let (status, html) = house.send(path, path, &fields).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#secret\""), "{html}");
}

#[rocket::async_test]
async fn who_is_retired_is_signed_out_at_once_and_comes_back_with_a_key_of_their_own() {
    let house = House::founded().await;
    house.sign_in(DEPUTY).await;
    let deputy = house.cookie();
    house.forget().await;
    house.sign_in(TREASURER).await;
    let person = house.person(RETIRE, "Chủ tịch Hội").await;
    let fields = [("date", DAY), ("person", person.as_str()), ("note", "")];
    house.refused(RETIRE, &fields, "person").await;
    let person = house.person(RETIRE, "Phó Chủ tịch Hội").await;
    let fields = [("date", DAY), ("person", person.as_str()), ("note", "")];
    house.refused(RETIRE, &fields, "person").await;
    // With a second deputy there are enough.
    let draft = house.new_key(ENROL, &enrolled("Phó hai", "deputy_chair"), NEW).await;
    house.approve(&draft).await;
    let draft = house.slip(RETIRE, "", &fields).await;
    assert_eq!(house.with_cookie(&deputy).await, Status::Ok);
    house.forget().await;
    house.sign_in(TREASURER).await;
    house.approve(&draft).await;
    assert_eq!(house.with_cookie(&deputy).await, Status::SeeOther, "a lost office ends rights");
    house.cannot_sign_in(DEPUTY).await;
    // The same person again, with another duty: the name stays theirs, the passphrase is new.
    house.sign_in(TREASURER).await;
    let (_, html) = house.get(ENROL).await;
    assert!(html.contains(&person), "{html}");
    let mut fields = enrolled("Ban kiểm tra", "auditor");
    fields.iter_mut().filter(|(name, _)| *name == "person").for_each(|pair| pair.1 = &person);
    let draft = house.new_key(ENROL, &fields, ("khong.dung", OTHER)).await;
    house.approve(&draft).await;
    house.cannot_sign_in(DEPUTY).await;
    house.sign_in((DEPUTY.0, OTHER)).await;
    assert!(house.get("/ban/quan-tri").await.1.contains("Đã có ban kiểm tra"));
    assert_eq!(house.get(RETIRE).await.0, Status::Forbidden, "an auditor records nothing");
}

#[rocket::async_test]
async fn what_the_books_refuse_comes_back_at_its_field() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let mut both = enrolled("Một người", "auditor");
    both.push(("roles[]", "treasurer"));
    house.refused(ENROL, &both, "roles").await;
    house.refused(ENROL, &enrolled("Một người", "king"), "roles").await;
    let none = [("date", DAY), ("title", "Một người"), ("person", ""), ("note", "")];
    house.refused(ENROL, &none, "roles").await;
    let person = house.person(ROTATE, "Chủ tịch Hội").await;
    for typed in ["999", "-1", "mười"] {
        let fields = [
            ("date", DAY),
            ("person", person.as_str()),
            ("compromised_from_seq", typed),
            ("note", ""),
        ];
        house.refused(ROTATE, &fields, "compromised_from_seq").await;
    }
    let fields = [("date", DAY), ("from_size", "1"), ("note", "")];
    house.refused("/ban/quan-tri/khoa-cua-so", &fields, "from_size").await;
    house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    let fields = [("date", DAY), ("place", "cash"), ("note", "")];
    house.refused("/ban/quan-tri/dong-noi-giu-tien", &fields, "place").await;
    let fields = [("date", DAY), ("fund", "chung"), ("note", "")];
    house.refused("/ban/quan-tri/dong-quy", &fields, "fund").await;
    let fields = [("date", DAY), ("name", "Nhân chứng"), ("vkey", "sai+sai"), ("note", "")];
    house.refused("/ban/quan-tri/nhan-chung", &fields, "vkey").await;
    // A slug is part of the ledger's identity: no form takes another.
    let (_, html) = house.get("/ban/quan-tri/thong-tin-hoi").await;
    let token = token(&html, "/ban/quan-tri/thong-tin-hoi");
    let fields = [("id", "x"), ("name", "Hội khác"), ("slug", "khac")];
    let (status, _) = house.post("/ban/quan-tri/thong-tin-hoi", &token, &fields).await;
    assert_eq!(status, Status::BadRequest);
}

#[rocket::async_test]
async fn chapter_policy_places_funds_and_witnesses_change_with_two_signatures() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let chapter = [
        ("date", DAY),
        ("name", "Hội Chữ thập đỏ phường Xuân Tây Mới"),
        ("address", "Số 1 đường Mẫu"),
        ("province", ""),
        ("upper", ""),
        ("note", ""),
    ];
    let (_, html) = house.get("/ban/quan-tri/thong-tin-hoi").await;
    assert!(html.contains("value=\"Hội Chữ thập đỏ phường Xuân Tây\""), "{html}");
    let policy = [("date", DAY), ("two_above", "1000000"), ("note", "")];
    let fund = [
        ("date", DAY),
        ("type", "restricted"),
        ("name", "Quỹ thử"),
        ("code", "thu"),
        ("terms", "Thử."),
        ("costs", "no"),
    ];
    let key = crate::ledger::keys::SigningKey::generate_as(
        "nhan-chung.example/w1",
        crate::ledger::keys::KeyKind::Cosignature,
    );
    let vkey = key.unwrap().public().vkey();
    let witness = [
        ("date", DAY),
        ("name", "Hội bạn"),
        ("vkey", vkey.as_str()),
        ("url", "https://nhan-chung.example/"),
        ("note", ""),
    ];
    let closed = [("date", DAY), ("fund", "thu"), ("note", "")];
    let place = [("date", DAY), ("place", "ngan-hang"), ("note", "")];
    for (path, fields) in [
        ("/ban/quan-tri/thong-tin-hoi", &chapter[..]),
        ("/ban/quan-tri/quy-che", &policy[..]),
        ("/ban/quan-tri/nhan-chung", &witness[..]),
        ("/ban/mo-quy", &fund[..]),
        ("/ban/quan-tri/dong-quy", &closed[..]),
        ("/ban/quan-tri/dong-noi-giu-tien", &place[..]),
    ] {
        let draft = house.slip(path, "", fields).await;
        assert!(draft.starts_with("/ban/duyet/"), "{path}: {draft}");
        let entry = house.approve(&draft).await;
        assert!(entry.starts_with("/ban/but-toan/"), "{path}: {entry}");
    }
    let (_, html) = house.get("/ban/quan-tri").await;
    assert!(html.contains("Xuân Tây Mới") && html.contains("1.000.000"), "{html}");
    assert!(html.contains("Hội bạn"), "{html}");
    house.refused("/ban/quan-tri/nhan-chung", &witness, "name").await;
    let (_, html) = house.get("/ban/phieu-thu").await;
    assert!(!html.contains("value=\"ngan-hang\"") && !html.contains("value=\"thu\""), "{html}");
    // Above the policy's amount a receipt waits for the second person.
    let waits = house.slip("/ban/phieu-thu", "", &gift("1000001")).await;
    assert!(waits.starts_with("/ban/duyet/"), "{waits}");
}

#[rocket::async_test]
async fn the_ledger_is_signed_with_the_new_log_key_from_its_size_on() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let store = house.client.rocket().state::<Store>().unwrap().clone();
    let (chapter, _) = store.chapters()[0].clone();
    let size = store.head(chapter).unwrap().unwrap().size;
    let from = (size + 3).to_string();
    let fields = [("date", DAY), ("from_size", from.as_str()), ("note", "")];
    let draft = house.slip("/ban/quan-tri/khoa-cua-so", "", &fields).await;
    house.approve(&draft).await;
    let keys = store.books(chapter).unwrap().chapter().unwrap().log_keys.clone();
    let [(old, 0), (new, from)] = keys.as_slice() else { panic!("{keys:?}") };
    let signed_by = |key: &crate::ledger::keys::PublicKey| {
        let head = store.head(chapter).unwrap().unwrap();
        let checkpoint = head.checkpoint.as_bytes();
        let signed = crate::ledger::note::SignedCheckpoint::parse(checkpoint).unwrap();
        (head.size, signed.verify_log([key]).is_ok())
    };
    assert_eq!((signed_by(old), signed_by(new)), ((size + 1, true), (size + 1, false)));
    house.slip("/ban/phieu-thu", "", &gift("10000")).await;
    assert_eq!((signed_by(old), signed_by(new)), ((size + 2, true), (size + 2, false)));
    house.slip("/ban/phieu-thu", "", &gift("10000")).await;
    assert_eq!((signed_by(old), signed_by(new)), ((*from, false), (*from, true)));
    assert_eq!(store.standing(chapter).unwrap(), Standing::Open);
    assert!(house.get("/ban/quan-tri").await.1.contains(&hex::encode(new.id())));
}

#[rocket::async_test]
async fn another_passphrase_ends_every_other_session_and_opens_the_same_key() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let first = house.cookie();
    house.forget().await;
    house.sign_in(TREASURER).await;
    let second = house.cookie();
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
    let present = house.cookie();
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
    let chair = house.cookie();
    house.forget().await;
    house.sign_in(TREASURER).await;
    let first = house.cookie();
    house.forget().await;
    house.sign_in(TREASURER).await;
    let second = house.cookie();
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
    let (_, html) = house.get("/ban/khoa-so").await;
    let fields = [("id", hidden(&html, "id")), ("through", hidden(&html, "through"))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (_, closing) = house.send("/ban/khoa-so", "/ban/khoa-so", &fields).await;
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
