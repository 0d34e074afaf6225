//! Regular sponsorship: a plan, what is due, a gift and a handover matched to it, the sponsor's
//! own page; families and sponsors erased, and no word of who helps whom where it does not belong.

use super::erasure::{ERASE, files, holds};
use super::people::{AUDITOR, CASEWORKER, NEIGHBOUR};
use super::*;

pub const PATH: &str = "/ban/do-dau";
const NEW: &str = "/ban/do-dau/moi";
pub const SPONSOR: &str = "Trương Thị Thanh Long";
const FAMILIES: [(&str, &str); 2] = [("Hồ Văn Mít", "Ấp Cây Me"), ("Kiều Thị Ổi", "Ấp Bàu Sen")];
pub const CONTACT: &str = "0911222333";

/// Everything private that was typed.
const PLANTED: [&str; 6] =
    [SPONSOR, CONTACT, "Hồ Văn Mít", "Kiều Thị Ổi", "Ấp Cây Me", "Gọi sau giờ làm"];

/// A plan as its form sends it.
pub fn plan() -> Vec<(&'static str, &'static str)> {
    vec![
        ("sponsor", ""),
        ("name", SPONSOR),
        ("phone", CONTACT),
        ("contact", ""),
        ("family[]", "ho van mit"),
        ("amount[]", "300.000"),
        ("family[]", "Kiều Thị Ổi"),
        ("amount[]", "200.000"),
        ("every", "month"),
        ("from", "01/10/2026"),
        ("until", ""),
        ("fund", "do-dau"),
        ("programme", "do-dau"),
        ("notes", "Gọi sau giờ làm"),
    ]
}

pub fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut all = plan();
    for (name, value) in changes {
        match all.iter_mut().find(|(own, _)| own == name) {
            Some(field) => field.1 = value,
            None => all.push((name, value)),
        }
    }
    all
}

impl House {
    /// Makes a plan; its identifier.
    pub async fn sponsorship(&self, fields: &[(&str, &str)]) -> String {
        let (status, to) = self.new_plan(fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    pub async fn new_plan(&self, fields: &[(&str, &str)]) -> (Status, String) {
        let (_, html) = self.get(NEW).await;
        let id = hidden(&html, "id");
        let mut all = vec![("id", id.as_str())];
        all.extend_from_slice(fields);
        self.post(NEW, &token(&html, NEW), &all).await
    }

    /// Sends a form of a plan's page, with the version that the page has now.
    pub async fn of_plan(&self, id: &str, part: &str, fields: &[(&str, &str)]) -> (Status, String) {
        let page = match part {
            "sua" | "khop" => format!("{PATH}/{id}/{part}"),
            _ => format!("{PATH}/{id}"),
        };
        let action = format!("{PATH}/{id}/{part}");
        let (_, html) = self.get(&page).await;
        let version = hidden(&html, "version");
        let mut all = vec![("version", version.as_str())];
        all.extend_from_slice(fields);
        self.post(&action, &token(&html, &action), &all).await
    }

    /// Sends a slip that a page filled in, as it is; where that leads.
    pub async fn filled(&self, page: &str, action: &str) -> String {
        let (status, html) = self.get(page).await;
        assert_eq!(status, Status::Ok, "{page}: {html}");
        let fields = typed(&html, action);
        let mut all: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let token = token(&html, action);
        let (status, html) = self.post(action, &token, &all).await;
        assert_eq!(status, Status::Ok, "{page}: {html}");
        assert!(html.contains("lập cho kế hoạch đỡ đầu"), "{html}");
        all.push(("step", "record"));
        let (status, to) = self.post(action, &token, &all).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to
    }

    /// The sponsor's link as the page of a plan shows it.
    pub async fn sponsors_link(&self, id: &str) -> Option<String> {
        let (_, html) = self.get(&format!("{PATH}/{id}")).await;
        let (_, rest) = html.split_once(&format!("href=\"{BASE}/do-dau/"))?;
        Some(format!("/do-dau/{}", rest.split('"').next().unwrap()))
    }
}

/// The fields of a form as a browser would send them: inputs and what is chosen.
pub fn typed(html: &str, action: &str) -> Vec<(String, String)> {
    let (_, form) = html.split_once(&format!("<form action=\"{action}\"")).expect(html);
    let form = form.split("</form>").next().unwrap();
    let between = |text: &str, from: &str| {
        text.split_once(from).and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned)
    };
    let mut all = Vec::new();
    for part in form.split('<').filter(|part| part.starts_with("input")) {
        let (Some(name), Some(value)) = (between(part, " name=\""), between(part, "value=\""))
        else {
            continue;
        };
        if name != "token" && !value.is_empty() {
            all.push((name, value));
        }
    }
    for part in form.split("<select").skip(1) {
        let name = between(part, " name=\"").unwrap();
        let part = part.split("</select>").next().unwrap();
        let chosen = part.split("<option ").find(|option| option.contains(" selected"));
        all.extend(chosen.and_then(|option| between(option, "value=\"")).map(|own| (name, own)));
    }
    all
}

/// What the boxes of the matches send, the newest match first.
pub fn boxes(html: &str) -> Vec<String> {
    let parts = html.split("name=\"match[]\" type=\"checkbox\" value=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

/// A house with a fund and a programme for sponsorship, and two families; their identifiers.
pub async fn furnished() -> (House, Vec<String>) {
    let house = House::founded_with(&[("books_from", "01/10/2026")]).await;
    house.sign_in(TREASURER).await;
    let programme = [
        ("date", "19/11/2026"),
        ("type", "regular"),
        ("name", "Đỡ đầu thường xuyên"),
        ("code", "do-dau"),
        ("note", ""),
    ];
    house.slip("/ban/mo-chuong-trinh", "", &programme).await;
    house.fund("sponsorship", "Quỹ đỡ đầu", "do-dau").await;
    let mut families = Vec::new();
    for (name, hamlet) in FAMILIES {
        let fields =
            [("member_name[]", name), ("hamlet", hamlet), ("category_word[]", "lonely_elderly")];
        families.push(house.family(&fields).await);
    }
    (house, families)
}

#[rocket::async_test]
async fn a_plan_goes_over_what_is_due_and_its_gift_to_the_handover_and_the_sponsors_page() {
    let (house, families) = furnished().await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(CASEWORKER).await;
    let id = house.sponsorship(&plan()).await;
    let (_, html) = house.get(&format!("{PATH}/den-han")).await;
    for text in [SPONSOR, CONTACT, "Tháng 10/2026", "Tháng 11/2026", "Chưa nhận", "Quá hạn"]
    {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("/phieu-thu\""), "a caseworker records no gift: {html}");

    house.sign_in(TREASURER).await;
    let page = format!("{PATH}/{id}");
    let (_, html) = house.get(&format!("{page}/phieu-thu")).await;
    assert!(html.contains("value=\"1.000.000\"") && html.contains(SPONSOR), "{html}");
    let gift = house.filled(&format!("{page}/phieu-thu"), "/ban/phieu-thu").await;
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Còn giữ để trao") && html.contains("1.000.000"), "{html}");
    let (_, html) = house.get(&format!("{PATH}/den-han")).await;
    assert!(html.contains("/den-han/phieu-chi/do-dau\"") && html.contains("2 hộ"), "{html}");

    let slip = format!("{PATH}/den-han/phieu-chi/do-dau");
    let draft = house.filled(&slip, "/ban/phieu-chi").await;
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Phiếu chi chờ duyệt"), "{html}");
    let (_, html) = house.get(&slip).await;
    assert!(!html.contains("value=\"Hồ Văn Mít\""), "nobody is paid twice: {html}");
    let aid = house.approve(&draft).await;
    let (_, html) = house.get(&page).await;
    assert!(html.contains(&format!("/ban/but-toan/{}\"", seq_of(&aid))), "{html}");
    let (_, html) = house.get(&format!("/ban/so-ho/{}", families[0])).await;
    assert!(html.contains(&format!("/ban/but-toan/{}", seq_of(&aid))), "{html}");

    let (status, to) = house.of_plan(&id, "ma", &[("step", "make")]).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let link = house.sponsors_link(&id).await.unwrap();
    house.forget().await;
    let response = house.client.get(link.clone()).dispatch().await;
    for (name, value) in [
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Robots-Tag", "noindex, nofollow"),
    ] {
        assert_eq!(response.headers().get_one(name), Some(value));
    }
    assert_eq!(response.headers().get_one("ETag"), None);
    let html = response.into_string().await.unwrap();
    for text in [
        "Đã góp 1.000.000",
        "Đã trao 1.000.000",
        "2 hộ",
        "Kỳ góp tới, ngày 01/12/2026",
        &format!("/xuan-tay/so/{}", seq_of(&aid)),
        &format!("Biên nhận của bút toán {}", seq_of(&gift)),
        "/bn/",
    ] {
        assert!(html.replace('\u{a0}', " ").contains(text), "{text}: {html}");
    }
    let (_, html) = house.get(&format!("{link}?nam=2026")).await;
    assert!(html.contains("Năm 2026: đã góp") && html.contains("Một triệu đồng"), "{html}");
    assert_eq!(house.get("/do-dau/7Q2MX4TB9KD10VHZ").await.0, Status::NotFound);
    nothing_private(&house, &[&link, &format!("{link}?nam=2026"), &format!("{link}?lang=en")])
        .await;

    house.sign_in(TREASURER).await;
    house.of_plan(&id, "ma", &[("step", "take")]).await;
    assert_eq!(house.get(&link).await.0, Status::NotFound, "the link was taken back");
    assert_eq!(house.sponsors_link(&id).await, None);
}

/// No page for everybody and no exported file knows anybody, and neither do these.
async fn nothing_private(house: &House, more: &[&str]) {
    let mut pages = vec!["/xuan-tay", "/xuan-tay/cong-khai", "/xuan-tay/entries.jsonl"];
    pages.extend(more);
    for page in pages {
        let (status, body) = house.get(page).await;
        assert_eq!(status, Status::Ok, "{page}");
        for text in PLANTED {
            assert!(!body.contains(text), "{page} says {text}");
        }
    }
    let (out, store) = (tempfile::tempdir().unwrap(), house.store());
    let tree = crate::publish::Tree::open(store, store.chapters()[0].0).unwrap().unwrap();
    crate::publish::export(&tree, &out.path().join("copy")).await.unwrap();
    for (name, bytes) in files(out.path()) {
        for text in PLANTED {
            assert!(!holds(&bytes, text), "{name} holds {text}");
        }
    }
}

#[rocket::async_test]
async fn a_slip_that_is_sent_back_or_reversed_frees_its_periods() {
    let (house, _) = furnished().await;
    let id = house.sponsorship(&plan()).await;
    let page = format!("{PATH}/{id}");
    let gift = house.filled(&format!("{page}/phieu-thu"), "/ban/phieu-thu").await;
    let slip = format!("{page}/phieu-chi");
    let draft = house.filled(&slip, "/ban/phieu-chi").await;
    let path = draft.split('?').next().unwrap();
    assert_eq!(house.send(path, &format!("{path}/rut"), &[]).await.0, Status::SeeOther);
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Không còn hiệu lực") && html.contains("Chưa trao"), "{html}");
    let (_, html) = house.get(&slip).await;
    assert!(html.contains("value=\"Hồ Văn Mít\"") && html.contains("value=\"600.000\""), "{html}");

    let seq = seq_of(&gift).to_string();
    let fields =
        [("of", seq.as_str()), ("date", "20/11/2026"), ("reason", "mistyped"), ("words", "")];
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={seq}"), &fields).await;
    house.approve(&draft).await;
    let (_, html) = house.get(&format!("{page}/phieu-thu")).await;
    assert!(html.contains("value=\"1.000.000\""), "owed again: {html}");
    let boxes = boxes(&house.get(&page).await.1);
    assert_eq!(boxes.len(), 3);
    let boxes: Vec<_> = boxes.iter().map(|own| ("match[]", own.as_str())).collect();
    let (status, to) = house.of_plan(&id, "go-khop", &boxes).await;
    assert_eq!((status, to), (Status::SeeOther, format!("{page}?xong=khop")));
    assert!(!house.get(&page).await.1.contains("Không còn hiệu lực"));
}

#[rocket::async_test]
async fn gifts_and_handovers_recorded_before_are_offered_and_a_person_matches_them() {
    let (house, _) = furnished().await;
    let id = house.sponsorship(&plan()).await;
    let mut fields = gift("6.000.000");
    fields.retain(|(name, _)| *name != "fund");
    fields.push(("fund", "do-dau"));
    let gift = seq_of(&house.slip("/ban/phieu-thu", "", &fields).await);
    let slip = [
        ("date", "20/11/2026"),
        ("programme", "do-dau"),
        ("round", ""),
        ("note", ""),
        ("line_name[]", "Hồ Văn Mít"),
        ("line_category[]", ""),
        ("line_amount[]", "300.000"),
        ("place", "cash"),
        ("fund", "do-dau"),
        ("gifts", ""),
        ("paper_no", ""),
        ("again", ""),
    ];
    let draft = house.slip("/ban/phieu-chi", "", &slip).await;
    house.approve(&draft).await;
    let page = format!("{PATH}/{id}/khop");
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Đúng số tiền") && html.contains(&format!("#{gift}")), "{html}");
    let keys: Vec<String> = html
        .split("name=\"take[]\" type=\"checkbox\" value=\"")
        .skip(1)
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(keys.len(), 2);
    for (fields, at) in [
        (vec![], "take"),
        (vec![("take[]", "01934f00-0000-7000-8000-000000000000")], "take"),
        (vec![("take[]", keys[0].as_str()), ("amount", "6.000.001")], "amount"),
        (vec![("take[]", keys[0].as_str()), ("amount", "x")], "amount"),
        (vec![("take[]", keys[0].as_str()), ("from", "2026-01-01")], "from"),
        (
            vec![("take[]", keys[0].as_str()), ("take[]", keys[1].as_str()), ("amount", "5")],
            "amount",
        ),
    ] {
        let (status, html) = house.of_plan(&id, "khop", &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{fields:?}");
        assert!(html.contains(&format!("href=\"#{at}\"")), "{fields:?}: {html}");
    }
    let part = [("take[]", keys[0].as_str()), ("amount", "700.000"), ("from", "")];
    assert_eq!(house.of_plan(&id, "khop", &part).await.0, Status::SeeOther);
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(html.contains("Nhận một phần"), "{html}");
    let rest = [("take[]", keys[0].as_str()), ("take[]", keys[1].as_str()), ("from", "2026-11-01")];
    let (status, html) = house.of_plan(&id, "khop", &rest).await;
    assert_eq!(status, Status::SeeOther, "{html}");
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Không có chứng từ nào"), "{html}");
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(html.contains("Trao một phần") && html.contains("10/2027"), "a year ahead: {html}");
}

#[rocket::async_test]
async fn faults_name_their_fields_and_rows_and_nothing_typed_is_lost() {
    let (house, _) = furnished().await;
    let twin = [("member_name[]", "Hồ Văn Mít"), ("hamlet", "Ấp Khác")];
    house.family(&twin).await;
    for (changes, at) in [
        (vec![("name", "")], "name"),
        (vec![("sponsor", "0000000000000001")], "name"),
        (vec![("family[]", "ho van mit")], "family"),
        (vec![("family[]", "Không Có Ai")], "family"),
        (vec![("family[]", "Kiều Thị Ổi")], "family"),
        (vec![("family[]", "Hồ Văn Mít Ấp Cây Me"), ("amount[]", "0")], "amount"),
        (vec![("every", "week")], "every"),
        (vec![("from", "31/02/2026")], "from"),
        (vec![("until", "01/09/2026")], "until"),
        (vec![("fund", "chung")], "fund"),
        (vec![("programme", "")], "programme"),
    ] {
        let (status, html) = house.new_plan(&with(&changes)).await;
        assert_eq!(status, Status::UnprocessableEntity, "{changes:?}");
        assert!(html.contains(&format!("href=\"#{at}\"")), "{changes:?}: {html}");
        assert!(html.contains("Gọi sau giờ làm"), "nothing typed is lost");
    }
    // A doubled field is no form of ours.
    let mut doubled = plan();
    doubled.push(("fund", "do-dau"));
    assert_eq!(house.new_plan(&doubled).await.0, Status::BadRequest);
}

#[rocket::async_test]
async fn of_two_officers_the_second_is_told_and_a_plan_rests_goes_on_and_ends() {
    let (house, _) = furnished().await;
    let twin = [("member_name[]", "Hồ Văn Mít"), ("hamlet", "Ấp Khác")];
    house.family(&twin).await;
    let named = with(&[("family[]", "Hồ Văn Mít, ấp Cây Me")]);
    let id = house.sponsorship(&named).await;
    let (status, html) = house.get(&format!("{PATH}/{id}/sua")).await;
    assert!(status == Status::Ok && html.contains("value=\"Hồ Văn Mít Ấp Cây Me\""), "{html}");
    let version = hidden(&html, "version");
    let action = format!("{PATH}/{id}/sua");
    let change = [
        ("version", version.as_str()),
        ("record", "0"),
        ("name", SPONSOR),
        ("phone", "0999888777"),
        ("contact", ""),
        ("family[]", "Kiều Thị Ổi"),
        ("amount[]", "450.000"),
        ("since", "01/11/2026"),
        ("until", ""),
        ("programme", "do-dau"),
        ("notes", "Đổi số hộ"),
    ];
    assert_eq!(house.send(&action, &action, &change).await.0, Status::SeeOther);
    let (status, html) = house.send(&action, &action, &change).await;
    assert!(status == Status::UnprocessableEntity && html.contains("Người khác vừa sửa"));
    assert!(html.contains("Đổi số hộ"), "nothing typed is lost");
    let newest = hidden(&html, "version");
    let mut again = change;
    again[0].1 = newest.as_str();
    assert_eq!(house.send(&action, &action, &again).await.0, Status::SeeOther);
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    for text in ["0999888777", "450.000", "đã hết"] {
        assert!(html.replace('\u{a0}', " ").contains(text), "{text}: {html}");
    }
    let (_, html) = house.get(&format!("{PATH}/{id}/phieu-thu")).await;
    assert!(html.contains("value=\"950.000\""), "500.000 of October, 450.000 of now: {html}");
    let without = [("step", "end"), ("on", "20/11/2026"), ("reason", "")];
    let (status, html) = house.of_plan(&id, "trang-thai", &without).await;
    assert!(status == Status::UnprocessableEntity && html.contains("href=\"#reason\""), "{html}");
    for (step, reason, word) in [
        ("pause", "", "Tạm dừng"),
        ("resume", "", "Đang chạy"),
        ("end", "Cháu đã đi làm", "Cháu đã đi làm"),
    ] {
        let fields = [("step", step), ("on", "20/11/2026"), ("reason", reason)];
        let (status, to) = house.of_plan(&id, "trang-thai", &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        assert!(house.get(&format!("{PATH}/{id}")).await.1.contains(word), "{word}");
    }
}

#[rocket::async_test]
async fn an_erased_family_leaves_its_plan_an_erased_sponsor_takes_it_and_the_ledger_verifies() {
    let (house, families) = furnished().await;
    let id = house.sponsorship(&plan()).await;
    let page = format!("{PATH}/{id}");
    house.filled(&format!("{page}/phieu-thu"), "/ban/phieu-thu").await;
    let draft = house.filled(&format!("{page}/phieu-chi"), "/ban/phieu-chi").await;
    house.approve(&draft).await;
    house.of_plan(&id, "ma", &[("step", "make")]).await;
    let link = house.sponsors_link(&id).await.unwrap();
    let (status, draft) = house.erase(&format!("nguoi={}", families[0]), &ERASE).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    house.approve(&draft).await;
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Thông tin đã xóa") && !html.contains("Hồ Văn Mít"), "{html}");
    let (_, html) = house.get(&link).await;
    assert!(html.replace('\u{a0}', " ").contains("Đã trao 1.000.000"), "{html}");
    verifies(&house).await;
    // What is known of the sponsor goes with the plan, the name in the gift too.
    let (_, html) = house.get(&page).await;
    let (_, rest) = html.split_once("/ban/xoa-thong-tin?").unwrap();
    let query = rest.split('"').next().unwrap().to_owned();
    let (status, draft) = house.erase(&query, &ERASE).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    house.approve(&draft).await;
    for gone in [page.as_str(), &link] {
        assert_eq!(house.get(gone).await.0, Status::NotFound, "{gone}");
    }
    verifies(&house).await;
    for (name, bytes) in files(house.folder.path()) {
        for text in [SPONSOR, CONTACT, "Hồ Văn Mít", "Ấp Cây Me", "Gọi sau giờ làm"] {
            assert!(!holds(&bytes, text), "{name} holds {text}");
        }
    }
}

async fn verifies(house: &House) {
    use crate::verify::source::Source;
    use crate::verify::{Options, verify};
    let (out, store) = (tempfile::tempdir().unwrap(), house.store());
    let tree = crate::publish::Tree::open(store, store.chapters()[0].0).unwrap().unwrap();
    crate::publish::export(&tree, &out.path().join("copy")).await.unwrap();
    let source = Source::new(&out.path().join("copy").display().to_string());
    let options = Options::default();
    let report = verify(&source, &options, &mut |_, _| {}).unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
}

#[rocket::async_test]
async fn neither_the_auditor_nor_another_chapter_sees_a_plan_and_each_look_is_logged() {
    let (house, _) = furnished().await;
    let id = house.sponsorship(&plan()).await;
    let page = format!("{PATH}/{id}");
    house.get(&page).await;
    let desk = house.store().desk(house.chapter().0).unwrap();
    let log = house.store().openings(&desk, 9).await.unwrap();
    let looked = log.iter().filter(|line| line.what == "register:sponsorship");
    assert_eq!(looked.map(|line| line.number).next(), Some(3), "sponsor and two families");
    assert!(log.iter().all(|line| !line.what.contains(&id)), "{log:?}");
    house.enrol(AUDITOR, "auditor").await;
    house.sign_in(AUDITOR).await;
    for path in [PATH, NEW, &format!("{PATH}/den-han"), &page, &format!("{page}/khop")] {
        let (status, html) = house.get(path).await;
        assert!(status == Status::Forbidden && !html.contains(SPONSOR), "{path}");
    }
    let (_, html) = house.get("/ban/kiem-tra/mo-xem").await;
    assert!(!html.contains(&id) && !html.contains(SPONSOR));
    let (chapter, _) = house.neighbours().await;
    let (_, origin) =
        house.store().chapters().into_iter().find(|(own, _)| *own == chapter).unwrap();
    house.sign_in_at(&origin, NEIGHBOUR).await;
    for path in [page.clone(), format!("{page}/sua"), format!("{page}/phieu-thu")] {
        assert_eq!(house.get(&path).await.0, Status::NotFound, "{path}");
    }
    let (_, html) = house.get(PATH).await;
    assert!(!html.contains(SPONSOR), "{html}");
}
