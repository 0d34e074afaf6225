//! Signing away from the server: keys that never were here, files that go out and come back, and
//! every file that must not be taken.

use super::admin::{DAY, ENROL, draft_id};
use super::*;
use crate::ledger::away::{Added, Signed, ToSign};
use crate::ledger::entry::OfficerSignature;
use crate::ledger::keys::{SignatureRole, SigningKey, new_opaque_id, officer_key_name};
use crate::ledger::voucher::{Body, Voucher};

const PATH: &str = "/ban/duyet/ky-ngoai";
const FILE: &str = "/ban/duyet/ky-ngoai/tep";
const ROTATE: &str = "/ban/quan-tri/doi-khoa";
const POLICY: &str = "/ban/quan-tri/quy-che";
const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";
/// What the chair signs in with once the key is elsewhere.
const READS: (&str, &str) = (CHAIR.0, "trăng thanh gió mát đêm rằm");

impl House {
    /// Sends a file in the form of a page.
    pub async fn hand_in(
        &self,
        path: &str,
        token: &str,
        (fields, bytes): (&[(&str, &str)], &[u8]),
    ) -> (Status, String) {
        let mut body = Vec::new();
        for (name, value) in [("token", token)].iter().chain(fields) {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n").into_bytes());
        }
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"da-ky.json\"";
        let kind = "Content-Type: application/json";
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\n{kind}\r\n\r\n").into_bytes());
        body.extend_from_slice(bytes);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
        let content_type = ContentType::new("multipart", "form-data");
        let request = self.client.post(path.to_owned()).header(Header::new("Origin", BASE));
        let request = request.header(content_type.with_params(("boundary", BOUNDARY)));
        let response = request.body(body).dispatch().await;
        let status = response.status();
        match response.headers().get_one("Location").map(str::to_owned) {
            Some(location) => (status, location),
            None => (status, response.into_string().await.unwrap_or_default()),
        }
    }

    /// The file of some drafts, as it is downloaded.
    async fn taken_out(&self, drafts: &[&str], more: &[(&str, &str)]) -> ToSign {
        let token = self.token_of(FILE);
        let mut fields: Vec<(&str, &str)> = drafts.iter().map(|id| ("draft[]", *id)).collect();
        fields.extend_from_slice(more);
        let response = self.post_raw(FILE, &token, &fields).await;
        assert_eq!(response.status(), Status::Ok);
        let name = response.headers().get_one("Content-Disposition").unwrap().to_owned();
        assert!(name.starts_with("attachment; filename=\"cho-ky-"), "{name}");
        ToSign::read(&response.into_bytes().await.unwrap()).unwrap()
    }

    /// Uploads a file at the desk.
    async fn brought(&self, bytes: &[u8]) -> (Status, String) {
        self.hand_in(PATH, &self.token_of(PATH), (&[], bytes)).await
    }

    fn origin(&self) -> String {
        self.chapter().1.to_string()
    }

    fn size(&self) -> u64 {
        self.store().head(self.chapter().0).unwrap().unwrap().size
    }

    /// Takes an invitation up with a key that is made elsewhere.
    async fn taken_up_elsewhere(&self, link: &str, key: &SigningKey) -> (Status, String) {
        let page = format!("{link}/may-khac");
        let (status, html) = self.get(&page).await;
        assert_eq!(status, Status::Ok, "{html}");
        let out = format!("{page}/tep");
        let response = self.post_raw(&out, &token(&html, &out), &[("full_name", "")]).await;
        assert_eq!(response.status(), Status::Ok);
        let file = ToSign::read(&response.into_bytes().await.unwrap()).unwrap();
        let signed = signed(&file, key);
        let fields = [("name", READS.0), ("new_passphrase", READS.1), ("again", READS.1)];
        self.hand_in(&page, &token(&html, &page), (&fields, &signed.bytes())).await
    }

    /// Founded, and the chair's key is on another machine. The treasurer is signed in.
    async fn with_a_key_away() -> (Self, SigningKey) {
        let house = Self::founded().await;
        house.sign_in(TREASURER).await;
        let person = house.person(ROTATE, "Chủ tịch Hội").await;
        let fields = [("date", DAY), ("person", person.as_str()), ("note", "")];
        let invitation = house.invite(ROTATE, &fields).await;
        let link = house.link(&invitation).await;
        let key = officer(&house.origin());
        let (status, html) = house.taken_up_elsewhere(&link, &key).await;
        assert_eq!(status, Status::Ok, "{html}");
        assert!(html.contains(&super::super::admin::rows::short(&key.public().vkey())), "{html}");
        assert!(!html.contains("PRIVATE+KEY"), "{html}");
        assert_eq!(house.get(&link).await.0, Status::NotFound, "the link is used up");
        let draft = house.sign(&invitation).await;
        house.sign_in(DEPUTY).await;
        let id = draft_id(&draft);
        // Its holder signed before whom it waits for: nothing is wrong with that.
        let (_, html) = house.get("/ban/duyet").await;
        assert!(html.contains(&format!("value=\"{id}\" checked")), "{html}");
        let fields = [("draft[]", id), ("passphrase", DEPUTY.1)];
        let (status, to) = house.send(&format!("/ban/duyet/{id}"), "/ban/duyet", &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        house.sign_in(TREASURER).await;
        (house, key)
    }

    /// A cost that the treasurer laid.
    async fn laid(&self, amount: &'static str) -> String {
        draft_id(&self.slip("/ban/chi-phi", "", &cost(amount)).await).to_owned()
    }
}

/// A new key of an officer of a ledger.
fn officer(origin: &str) -> SigningKey {
    let name = officer_key_name(origin, &new_opaque_id().unwrap()).unwrap();
    SigningKey::generate(&name).unwrap()
}

/// What the other machine makes of a file.
pub fn signed(file: &ToSign, key: &SigningKey) -> Signed {
    let added = file.drafts.iter().map(|asked| asked.sign(key).unwrap());
    let private = file.drafts.iter().filter(|asked| asked.role == SignatureRole::Holder);
    Signed {
        log: file.log.clone(),
        private: private.flat_map(|asked| asked.private.clone()).collect(),
        signatures: added.collect(),
    }
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    text.replacen(from, to, 1).into_bytes()
}

#[rocket::async_test]
async fn an_officer_approves_with_a_key_that_never_was_here() {
    let (house, key) = House::with_a_key_away().await;
    house.slip("/ban/phieu-thu", "", &gift("900000")).await;
    let id = house.laid("120000").await;
    house.sign_in(READS).await;
    let page = format!("/ban/duyet/{id}");
    let (_, html) = house.get(&page).await;
    assert!(html.contains(&format!("{PATH}?draft={id}")), "{html}");
    assert!(!html.contains("name=\"passphrase\""), "{html}");
    // The page's own form, as an old copy of it would be sent.
    let fields = [("draft[]", id.as_str()), ("passphrase", READS.1)];
    let (status, html) = house.post("/ban/duyet", &house.token_of("/ban/duyet"), &fields).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("Khóa của bạn không nằm trên máy chủ này"), "{html}");

    let (_, html) = house.get(&format!("{PATH}?draft={id}")).await;
    assert!(html.contains(&format!("value=\"{id}\" checked")), "{html}");
    let file = house.taken_out(&[&id], &[]).await;
    assert_eq!(file.chapter, "Hội Chữ thập đỏ phường Xuân Tây");
    let asked = &file.drafts[0];
    assert_eq!((asked.role, asked.voucher.id.as_str()), (SignatureRole::Approver, id.as_str()));
    assert_eq!(asked.recorder.as_ref().unwrap().title, "Thủ quỹ");
    assert!(asked.private.is_empty() && asked.changes.len() == 2, "{asked:?}");
    assert_eq!(file.names["fund"]["chung"], "Quỹ chung");
    let size = house.size();
    let signed = signed(&file, &key).bytes();
    let (status, to) = house.brought(&signed).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, &*format!("/ban/but-toan/{size}?moi=1")));
    let chapter = house.chapter().0;
    let line = house.store().line(chapter, size).await.unwrap().unwrap();
    let last = line.entry.signatures().last().unwrap();
    assert_eq!((last.role, last.key.as_str()), (SignatureRole::Approver, key.name()));
    assert_eq!(last.verify(&line.entry.voucher().bytes(), key.public()), Ok(()));
    // The same file once more changes nothing and leads to the same entry.
    let (status, to) = house.brought(&signed).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, &*format!("/ban/but-toan/{size}?lai=1")));
    assert_eq!(house.size(), size + 1);

    // Nothing that signs lies here, and recording asks for a key that does.
    let account = house.store().account_named(chapter, READS.0).await.unwrap().unwrap();
    assert_eq!((account.key.name(), &account.lock.sealed_seed), (key.name(), &None));
    let (status, html) = house.get("/ban/chi-phi").await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("nhờ cán bộ khác lập"), "{html}");
}

#[rocket::async_test]
async fn kinds_of_the_policy_are_signed_elsewhere_alone() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let policy = [("date", DAY), ("two_above", ""), ("note", "")];
    let away = |kinds: &[&'static str]| {
        let mut fields = policy.to_vec();
        fields.extend(kinds.iter().map(|kind| ("away[]", *kind)));
        fields
    };
    let all = away(&["cost_paid", "policy_changed"]);
    house.approve(&house.slip(POLICY, "", &all).await).await;
    let (_, html) = house.get(POLICY).await;
    assert!(html.contains("value=\"cost_paid\" checked"), "{html}");
    let (_, html) = house.get("/ban/quan-tri").await;
    assert!(html.contains("Chi phí, ") || html.contains(", Chi phí"), "{html}");
    house.slip("/ban/phieu-thu", "", &gift("900000")).await;
    let id = house.laid("120000").await;
    house.sign_in(CHAIR).await;
    let size = house.size();
    for language in ["vi", "en"] {
        house.get(&format!("/ban/duyet?lang={language}")).await;
        let fields = [("draft[]", id.as_str()), ("passphrase", CHAIR.1)];
        let (status, html) = house.post("/ban/duyet", &house.token_of("/ban/duyet"), &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{html}");
        let words =
            if language == "vi" { "phải ký ngoài máy chủ" } else { "signed away from the" };
        assert!(html.contains(words), "{html}");
    }
    house.get("/ban/duyet?lang=vi").await;
    // A key that lies here is none that signs elsewhere, whoever got hold of it.
    let file = house.taken_out(&[&id], &[]).await;
    let here = house.key_of(CHAIR).await;
    let (status, html) = house.brought(&signed(&file, &here).bytes()).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("khóa không nằm trên máy chủ này"), "{html}");
    assert_eq!(house.size(), size);
    // Nobody has a key elsewhere yet: the way out of the policy stays open here.
    house.sign_in(TREASURER).await;
    let none = house.slip(POLICY, "", &policy).await;
    house.approve(&none).await;
    let fields = [("draft[]", id.as_str()), ("passphrase", CHAIR.1)];
    house.sign_in(CHAIR).await;
    let (status, to) = house.post("/ban/duyet", &house.token_of("/ban/duyet"), &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    assert_eq!(house.size(), size + 2);
}

#[rocket::async_test]
async fn one_key_away_that_is_lost_locks_nobody_out() {
    let (house, _lost) = House::with_a_key_away().await;
    let plain = [("date", DAY), ("two_above", ""), ("note", "")];
    let mut away = plain.to_vec();
    away.extend([("away[]", "policy_changed"), ("away[]", "key_rotated")]);
    for fields in [away.as_slice(), plain.as_slice()] {
        house.sign_in(TREASURER).await;
        let id = draft_id(&house.slip(POLICY, "", fields).await).to_owned();
        house.sign_in(DEPUTY).await;
        let fields = [("draft[]", id.as_str()), ("passphrase", DEPUTY.1)];
        let (status, to) = house.send(&format!("/ban/duyet/{id}"), "/ban/duyet", &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
    }
}

#[rocket::async_test]
async fn a_policy_with_keys_elsewhere_is_kept_and_chosen_at_the_set_up() {
    let mut form = setup_form();
    form.extend([("away[]", "aid_paid"), ("away[]", "cost_paid")]);
    let founded = house().await;
    let (status, html) = founded.send("/thiet-lap", "/thiet-lap", &form).await;
    assert_eq!(status, Status::Ok, "{html}");
    let books = founded.store().books(founded.chapter().0).unwrap();
    let away = books.policy().unwrap().away.clone().unwrap();
    let words: Vec<&str> = away.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words, ["aid_paid", "cost_paid"]);
    let other = house().await;
    let mut form = setup_form();
    form.push(("away[]", "donation"));
    let (status, html) = other.send("/thiet-lap", "/thiet-lap", &form).await;
    assert_eq!(status, Status::UnprocessableEntity, "one person signs it: {html}");
}

#[rocket::async_test]
async fn many_drafts_are_one_file_and_one_of_them_spoils_it_whole() {
    let (house, key) = House::with_a_key_away().await;
    house.slip("/ban/phieu-thu", "", &gift("900000")).await;
    let mut ids = Vec::new();
    for amount in ["1000", "2000", "3000", "4000"] {
        ids.push(house.laid(amount).await);
    }
    house.sign_in(READS).await;
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    let file = house.taken_out(&all, &[("private", "yes")]).await;
    let size = house.size();
    let mut spoiled = signed(&file, &key);
    spoiled.signatures[2].mark.sig = spoiled.signatures[1].mark.sig;
    let (status, html) = house.brought(&spoiled.bytes()).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("Chữ ký trên phiếu"), "{html}");
    assert_eq!(house.size(), size, "all of them or none");
    // One was sent back meanwhile.
    house.sign_in(DEPUTY).await;
    let back = format!("/ban/duyet/{}", ids[3]);
    let fields = [("reason", "Thiếu hóa đơn")];
    let sent = house.send(&back, &format!("{back}/tra-lai"), &fields).await;
    assert_eq!(sent.0, Status::SeeOther, "{}", sent.1);
    let (status, html) = house.brought(&signed(&file, &key).bytes()).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert_eq!(house.size(), size);
    let mut rest = signed(&file, &key);
    rest.signatures.pop();
    // The treasurer brings the chair's file: the signature counts, not who carries it.
    house.sign_in(TREASURER).await;
    let (status, to) = house.brought(&rest.bytes()).await;
    let last = size + 2;
    assert_eq!(status, Status::SeeOther, "{to}");
    assert_eq!(to, format!("/ban/duyet?tu={size}&den={last}"));
    assert_eq!(house.size(), size + 3);
}

/// Two costs that wait, the files of each, and who signs elsewhere; the chair is signed in.
struct Waiting {
    house: House,
    key: SigningKey,
    first: String,
    one: ToSign,
    two: ToSign,
}

impl Waiting {
    async fn new() -> Self {
        let (house, key) = House::with_a_key_away().await;
        house.slip("/ban/phieu-thu", "", &gift("900000")).await;
        let (first, second) = (house.laid("1000").await, house.laid("2000").await);
        house.sign_in(READS).await;
        let one = house.taken_out(&[&first], &[]).await;
        let two = house.taken_out(&[&second], &[]).await;
        Self { house, key, first, one, two }
    }

    fn voucher(&self) -> Voucher {
        self.one.drafts[0].voucher.clone()
    }

    /// A file with one voucher, signed by a key in a role.
    fn by(&self, key: &SigningKey, role: SignatureRole, voucher: &Voucher) -> Vec<u8> {
        let signature = OfficerSignature::sign(role, key, &voucher.bytes()).unwrap();
        let added = Added { mark: (&signature).into(), voucher: voucher.clone() };
        Signed { log: self.one.log.clone(), private: Vec::new(), signatures: vec![added] }.bytes()
    }

    /// The file is refused with these words, and nothing was recorded.
    async fn refused(&self, what: &str, bytes: &[u8], words: &str) {
        let before = self.house.written().await;
        let (status, html) = self.house.brought(bytes).await;
        let clear = [Status::UnprocessableEntity, Status::PayloadTooLarge].contains(&status);
        assert!(clear, "{what}: {status} {html}");
        assert!(html.contains(words), "{what}: {html}");
        assert_eq!(self.house.written().await, before, "{what}");
    }
}

#[rocket::async_test]
async fn a_signature_that_is_not_asked_for_is_refused_by_its_reason() {
    let waiting = Waiting::new().await;
    let (house, voucher) = (&waiting.house, waiting.voucher());
    let (approver, key) = (SignatureRole::Approver, &waiting.key);
    let mut edited = voucher.clone();
    edited.note = Some("Thêm một câu".to_owned().try_into().unwrap());
    let mut unknown = voucher.clone();
    unknown.id = super::super::slip::new_id();
    let mut other = signed(&waiting.two, key);
    other.signatures[0].voucher = voucher.clone();
    let (ended, foreign) = ("không phải khóa đang dùng", officer("so.example/xuan-dong"));
    let role = "không cần chữ ký trong vai này";
    let mut two = signed(&waiting.two, &house.key_of(DEPUTY).await);
    two.signatures.extend(signed(&waiting.one, key).signatures);
    let (stranger, treasurer) = (officer(&house.origin()), house.key_of(TREASURER).await);
    for (what, bytes, words) in [
        ("for another draft", other.bytes(), "Chữ ký trên phiếu"),
        ("an edited voucher", waiting.by(key, approver, &edited), "khác phiếu đang chờ"),
        ("a voucher from nowhere", waiting.by(key, approver, &unknown), "ở đây không có"),
        ("a key nobody enrolled", waiting.by(&stranger, approver, &voucher), ended),
        ("another chapter's key", waiting.by(&foreign, approver, &voucher), ended),
        ("the recorder's own", waiting.by(&treasurer, approver, &voucher), "người khác phải"),
        ("as auditor", waiting.by(key, SignatureRole::Auditor, &voucher), role),
        ("as recorder", waiting.by(key, SignatureRole::Recorder, &voucher), role),
        ("two keys", two.bytes(), "nhiều khóa"),
    ] {
        waiting.refused(what, &bytes, words).await;
    }
}

#[rocket::async_test]
async fn a_file_that_is_not_what_it_says_is_refused_by_its_reason() {
    let waiting = Waiting::new().await;
    let house = &waiting.house;
    let good = signed(&waiting.one, &waiting.key).bytes();
    let own = format!("\"log\":\"{}\",\"sig", house.origin());
    let (cut, not_ours) = ("bị sửa hoặc bị cụt", "không phải tệp của chương trình");
    for (what, bytes, words) in [
        ("another chapter's", replaced(&good, &own, "\"log\":\"so.example/x\",\"sig"), "sổ khác"),
        ("what was to be signed", waiting.one.bytes(), "Nhầm tệp"),
        ("a newer one", replaced(&good, "signed/v1", "signed/v9"), "bản chương trình mới"),
        ("a space", replaced(&good, "{\"format\"", "{ \"format\""), cut),
        ("half of it", good[..200].to_vec(), cut),
        ("a receipt", b"c2sp.org/tlog-proof@v1\n".to_vec(), not_ours),
        ("nothing", Vec::new(), not_ours),
        ("5 MiB", vec![b'{'; 5 << 20], "quá lớn"),
        ("9 MiB", vec![b'{'; 9 << 20], "quá lớn"),
    ] {
        waiting.refused(what, &bytes, words).await;
    }
    // A form of another type, and nothing chosen.
    let (status, _) = house.post(PATH, &house.token_of(PATH), &[]).await;
    assert_eq!(status, Status::BadRequest);
    let (status, html) = house.post(FILE, &house.token_of(FILE), &[]).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
}

#[rocket::async_test]
async fn an_old_file_is_worth_nothing_once_its_draft_or_its_key_has_ended() {
    let waiting = Waiting::new().await;
    let house = &waiting.house;
    let back = format!("/ban/duyet/{}", waiting.first);
    let reason = [("reason", "Thiếu hóa đơn")];
    let (status, to) = house.send(&back, &format!("{back}/tra-lai"), &reason).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let old = signed(&waiting.one, &waiting.key).bytes();
    waiting.refused("sent back", &old, "đã có người xử lý").await;

    let late = signed(&waiting.two, &waiting.key).bytes();
    house.sign_in(TREASURER).await;
    let person = house.person(ROTATE, "Chủ tịch Hội").await;
    let fields = [("date", DAY), ("person", person.as_str()), ("note", "")];
    let draft = house.new_key(ROTATE, &fields, READS).await;
    house.sign_in(DEPUTY).await;
    let id = draft_id(&draft);
    let fields = [("draft[]", id), ("passphrase", DEPUTY.1)];
    let (status, to) = house.send(&format!("/ban/duyet/{id}"), "/ban/duyet", &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    waiting.refused("another key", &late, "không phải khóa đang dùng").await;
}

#[rocket::async_test]
async fn a_new_officers_name_comes_back_sealed_and_other_proofs_are_refused() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let fields =
        [("date", DAY), ("title", "Phó Chủ tịch"), ("roles[]", "deputy_chair"), ("note", "")];
    let invitation = house.invite(ENROL, &fields).await;
    let other = house.invite(ENROL, &fields).await;
    let (link, elsewhere) = (house.link(&invitation).await, house.link(&other).await);
    let page = format!("{link}/may-khac");
    let (_, html) = house.get(&page).await;
    let out = format!("{page}/tep");
    let named = [("full_name", "Đặng Văn Thử")];
    let file = house.post_raw(&out, &token(&html, &out), &named).await;
    let file = ToSign::read(&file.into_bytes().await.unwrap()).unwrap();
    let key = officer(&house.origin());
    let good = signed(&file, &key);
    assert_eq!(good.private.len(), 1);
    let way_in = [("name", "pho.moi"), ("new_passphrase", READS.1), ("again", READS.1)];
    let again = token(&html, &page);
    let here = house.key_of(TREASURER).await;
    let mut titled = good.clone();
    let Body::OfficerEnrolled(body) = &mut titled.signatures[0].voucher.body else {
        panic!("an officer")
    };
    body.officer.title = "Chủ tịch Hội".to_owned().try_into().unwrap();
    let bytes = titled.signatures[0].voucher.bytes();
    let mark = OfficerSignature::sign(SignatureRole::Holder, &key, &bytes).unwrap();
    titled.signatures[0].mark = (&mark).into();
    let mut unproved = good.clone();
    unproved.signatures[0].mark.sig = here.sign(b"x");
    let mut stranger = good.clone();
    stranger.private = vec![named_elsewhere()];
    let foreign = Signed {
        signatures: vec![Added {
            mark: (&mark).into(),
            voucher: good.signatures[0].voucher.clone(),
        }],
        ..good.clone()
    };
    for (what, bytes, words) in [
        ("another title", titled.bytes(), "lời mời khác"),
        ("no proof", unproved.bytes(), "Chữ ký của khóa mới không đúng"),
        ("a name from elsewhere", stranger.bytes(), "không thuộc về phiếu này"),
        ("a signature over something else", foreign.bytes(), "Chữ ký của khóa mới không đúng"),
        ("the file itself", file.bytes(), "Nhầm tệp"),
        ("too large", vec![b'{'; 5 << 20], "quá lớn"),
    ] {
        let (status, html) = house.hand_in(&page, &again, (&way_in, &bytes)).await;
        assert_eq!(status, Status::UnprocessableEntity, "{what}: {html}");
        assert!(html.contains(words), "{what}: {html}");
    }
    let (_, html) = house.get(&format!("{elsewhere}/may-khac")).await;
    let token = token(&html, &format!("{elsewhere}/may-khac"));
    let (status, html) =
        house.hand_in(&format!("{elsewhere}/may-khac"), &token, (&way_in, &good.bytes())).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("lời mời khác"), "{html}");

    let (status, html) = house.hand_in(&page, &again, (&way_in, &good.bytes())).await;
    assert_eq!(status, Status::Ok, "{html}");
    let draft = house.sign(&invitation).await;
    let (_, html) = house.get(draft.split('?').next().unwrap()).await;
    assert!(html.contains("Đặng Văn Thử"), "the desk keeps the name: {html}");
    house.approve(&draft).await;
    house.sign_in(("pho.moi", READS.1)).await;
}

/// A disclosure that belongs to no voucher.
fn named_elsewhere() -> String {
    let name = crate::ledger::disclosure::PrivateName::FullName;
    crate::ledger::disclosure::Disclosure::make(name, "Người lạ".into()).unwrap().encode()
}

#[rocket::async_test]
async fn the_last_who_can_record_keeps_the_key_on_the_server() {
    let (house, chair) = House::with_a_key_away().await;
    for (title, refused) in [("Phó Chủ tịch Hội", false), ("Thủ quỹ", true)] {
        let person = house.person(ROTATE, title).await;
        let fields = [("date", DAY), ("person", person.as_str()), ("note", "")];
        let invitation = house.invite(ROTATE, &fields).await;
        let link = house.link(&invitation).await;
        let key = officer(&house.origin());
        let (status, html) = house.taken_up_elsewhere(&link, &key).await;
        if refused {
            assert_eq!(status, Status::UnprocessableEntity, "{html}");
            assert!(html.contains("Không còn ai khác lập phiếu"), "{html}");
            continue;
        }
        assert_eq!(status, Status::Ok, "{html}");
        let id = draft_id(&house.sign(&invitation).await).to_owned();
        // The chair's key is elsewhere, too: it signs the deputy's.
        house.sign_in(READS).await;
        let file = house.taken_out(&[&id], &[]).await;
        let (status, to) = house.brought(&signed(&file, &chair).bytes()).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        house.sign_in(TREASURER).await;
    }
}
