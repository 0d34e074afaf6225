//! The administration: officers and keys come and go, with everybody's own passphrase.

use super::*;
use crate::store::Standing;

pub(super) const NEW: (&str, &str) = ("ha.thuquy", "sóng trước đổ đâu sóng sau đổ đó");
pub(super) const OTHER: &str = "chim có tổ người có tông nha";
pub(super) const DAY: &str = "20/11/2026";

impl House {
    /// Founded with a guardian in the deputy's place; the guardian's secret key.
    pub(super) async fn with_guardian() -> (Self, String) {
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
    pub(super) async fn invite(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let to = self.slip(path, "", fields).await;
        assert!(to.starts_with("/ban/quan-tri/loi-moi/"), "{to}");
        to.split('?').next().unwrap().to_owned()
    }

    /// A new link to an invitation, without the address of the site.
    pub(super) async fn link(&self, invitation: &str) -> String {
        let (status, html) = self.send(invitation, &format!("{invitation}/duong-dan"), &[]).await;
        assert_eq!(status, Status::Ok, "{html}");
        let (_, rest) = html.split_once("/dang-nhap/moi/").unwrap();
        format!("/dang-nhap/moi/{}", rest.split('"').next().unwrap())
    }

    /// Takes an invitation up with a name and a passphrase.
    pub(super) async fn take_up(
        &self,
        link: &str,
        (name, passphrase): (&str, &str),
    ) -> (Status, String) {
        let fields = [("name", name), ("new_passphrase", passphrase), ("again", passphrase)];
        self.send(link, link, &fields).await
    }

    /// The recorder signs what was taken up; the draft.
    pub(super) async fn sign(&self, invitation: &str) -> String {
        let (status, to) = self.send(invitation, &format!("{invitation}/ky"), &[]).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to
    }

    /// Invited, taken up, signed; the draft that waits.
    pub(super) async fn new_key(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        who: (&str, &str),
    ) -> String {
        let invitation = self.invite(path, fields).await;
        let link = self.link(&invitation).await;
        let (status, html) = self.take_up(&link, who).await;
        assert_eq!(status, Status::Ok, "{html}");
        self.sign(&invitation).await
    }

    pub(super) async fn refused(&self, path: &str, fields: &[(&str, &str)], field: &str) -> String {
        let (_, html) = self.get(path).await;
        let (id, token) = (hidden(&html, "id"), token(&html, path));
        let mut all = vec![("id", id.as_str())];
        all.extend_from_slice(fields);
        let (status, html) = self.post(path, &token, &all).await;
        assert_eq!(status, Status::UnprocessableEntity, "{path}: {html}");
        assert!(html.contains(&format!("href=\"#{field}\"")), "{path}: {html}");
        html
    }

    pub(super) async fn cannot_sign_in(&self, (name, passphrase): (&str, &str)) {
        self.forget().await;
        let fields = [("name", name), ("passphrase", passphrase)];
        let (status, html) = self.send("/dang-nhap", "/dang-nhap", &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{html}");
    }

    /// What a page answers to somebody who holds this cookie.
    pub(super) async fn with_cookie(&self, cookie: &str) -> Status {
        self.forget().await;
        let cookie = Cookie::new("minhbach", cookie.to_owned());
        self.client.get("/ban/viec").cookie(cookie).dispatch().await.status()
    }

    /// The person of an officer as a form offers them, by title.
    pub(super) async fn person(&self, path: &str, title: &str) -> String {
        let (_, html) = self.get(path).await;
        let (before, _) = html
            .split_once(&format!(">{title} ("))
            .unwrap_or_else(|| panic!("{title} is not offered: {html}"));
        before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
    }
}

pub(super) fn draft_id(draft: &str) -> &str {
    draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap()
}

pub(super) const ENROL: &str = "/ban/quan-tri/them-can-bo";
const ROTATE: &str = "/ban/quan-tri/doi-khoa";
const RETIRE: &str = "/ban/quan-tri/thoi-nhiem";

pub(super) fn enrolled<'a>(title: &'a str, role: &'a str) -> Vec<(&'a str, &'a str)> {
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
    let old = house.cookie("minhbach");
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
async fn a_key_in_strange_hands_ends_and_everybody_sees_from_where_on_it_is_disputed() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let before = seq_of(&house.slip("/ban/phieu-thu", "", &gift("20000")).await);
    let after = seq_of(&house.slip("/ban/phieu-thu", "", &gift("30000")).await);
    house.forget().await;
    let (_, html) = house.get("/xuan-tay/khoa").await;
    assert!(html.contains("Thủ quỹ") && !html.contains("Đã lộ"), "{html}");
    house.sign_in(DEPUTY).await;
    let person = house.person(ROTATE, "Thủ quỹ").await;
    let from = after.to_string();
    let fields = [
        ("date", DAY),
        ("person", person.as_str()),
        ("compromised_from_seq", from.as_str()),
        ("note", ""),
    ];
    let draft = house.new_key(ROTATE, &fields, (TREASURER.0, OTHER)).await;
    house.forget().await;
    house.sign_in(CHAIR).await;
    let fields = [("draft[]", draft_id(&draft)), ("passphrase", CHAIR.1)];
    let (status, entry) = house.send("/ban/duyet", "/ban/duyet", &fields).await;
    assert_eq!(status, Status::SeeOther, "{entry}");
    house.forget().await;
    let (_, html) = house.get("/xuan-tay/khoa").await;
    for own in ["Đã lộ", "Tranh chấp từ bút toán", &format!("/xuan-tay/so/{after}\"")] {
        assert!(html.contains(own), "{own}: {html}");
    }
    // The key before is on the page beside the new one.
    assert_eq!(html.matches("Thủ quỹ</h3>").count() + html.matches("Thủ quỹ <strong").count(), 2);
    for (seq, disputed) in [(before, false), (after, true)] {
        let (_, html) = house.get(&format!("/xuan-tay/so/{seq}")).await;
        assert_eq!(html.contains("Chữ ký bị tranh chấp"), disputed, "{html}");
    }
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
    assert!(html.contains("giám hộ"), "{html}");
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
    let deputy = house.cookie("minhbach");
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
    // The key of a ledger is none of a witness, and an address is one that heads can be sent to.
    let log = crate::ledger::keys::SigningKey::generate("so.example/khac").unwrap();
    let log = log.public().vkey();
    let fields = [("date", DAY), ("name", "Nhân chứng"), ("vkey", log.as_str()), ("note", "")];
    let html = house.refused("/ban/quan-tri/nhan-chung", &fields, "vkey").await;
    assert!(html.contains("đây là khóa của một sổ"), "{html}");
    let witness = crate::ledger::keys::SigningKey::generate_as(
        "hoi-ban.example/nhan-chung",
        crate::ledger::keys::KeyKind::Cosignature,
    );
    let witness = witness.unwrap().public().vkey();
    for url in
        ["hoi-ban.example", "ftp://x", "https://", "https://a b", "https://u@x", "http://x?a"]
    {
        let fields = [
            ("date", DAY),
            ("name", "Nhân chứng"),
            ("vkey", witness.as_str()),
            ("url", url),
            ("note", ""),
        ];
        house.refused("/ban/quan-tri/nhan-chung", &fields, "url").await;
    }
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
    // For a while the old key signs beside the new one, for who knows that one alone.
    assert_eq!((signed_by(old), signed_by(new)), ((*from, true), (*from, true)));
    for key in [old, new] {
        let folder = tempfile::tempdir().unwrap();
        let tree = crate::publish::tree::Tree::open(&store, chapter).unwrap().unwrap();
        crate::publish::export::export(&tree, folder.path()).await.unwrap();
        let source = crate::verify::source::Source::Folder(folder.path().to_owned());
        let options =
            crate::verify::Options { key: Some(key.clone()), ..crate::verify::Options::default() };
        let report = crate::verify::verify(&source, &options, &mut |_, _| {}).unwrap();
        assert_eq!((report.exit_status(), report.log_key_given), (0, true), "{report}");
        assert_eq!(report.log_key, Some(new.vkey()), "{report}");
    }
    assert_eq!(store.standing(chapter).unwrap(), Standing::Open);
    assert!(house.get("/ban/quan-tri").await.1.contains(&hex::encode(new.id())));
}

#[rocket::async_test]
async fn a_chapter_ends_its_ledger_when_nothing_is_left_in_it() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let path = "/ban/quan-tri/dong-so-hoi";
    assert!(house.get("/ban/quan-tri").await.1.contains(path));
    let fields = [("date", DAY), ("note", "Hội sáp nhập")];
    house.slip("/ban/phieu-thu", "", &gift("1000")).await;
    let (_, html) = house.get(path).await;
    let token = token(&html, path);
    let id = hidden(&html, "id");
    let form = [("id", id.as_str()), ("step", "record"), fields[0], fields[1]];
    let (status, html) = house.post(path, &token, &form).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("Tiền mặt") && html.contains("1.000"), "what is left is named: {html}");

    let draft = house.slip("/ban/chi-phi", "", &cost("1000")).await;
    house.approve(&draft).await;
    let draft = house.slip(path, "", &fields).await;
    assert!(house.approve(&draft).await.starts_with("/ban/but-toan/"));
    let (_, html) = house.get("/xuan-tay").await;
    assert!(html.contains("Sổ này đã đóng"), "{html}");
    let (_, html) = house.get("/ban/viec").await;
    assert!(html.contains("Sổ này đã đóng"), "{html}");
    // Nothing more is taken in; officers may still go.
    let path = "/ban/phieu-thu";
    let (_, html) = house.get(path).await;
    let token = self::token(&html, path);
    let new = hidden(&html, "id");
    let mut form = gift("1000");
    form.extend([("id", new.as_str()), ("step", "record")]);
    let (status, html) = house.post(path, &token, &form).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("Sổ đã đóng"), "{html}");
    assert_eq!(house.get("/xuan-tay/cong-khai").await.0, Status::Ok);
}
