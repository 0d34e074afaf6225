//! The families' register: entered, looked for, told apart, changed by two at once, erased.

use super::erasure::{ERASE, files, holds};
use super::people::{AUDITOR, CASEWORKER};
use super::*;
use crate::store::desk::vault::Action;

/// A family as its form sends it.
pub const FAMILY: [(&str, &str); 17] = [
    ("member_name[]", "Nguyễn Thị Đào"),
    ("member_birth[]", "1958"),
    ("member_relation[]", "Chủ hộ"),
    ("member_disability[]", "severe"),
    ("member_orange[]", "4"),
    ("hamlet", "Ấp Bình Hòa"),
    ("address", "12/3 hẻm Cây Me"),
    ("phone", "0987654321"),
    ("identity", "079058123456"),
    ("category_word[]", "poor"),
    ("category_from[]", "01/01/2026"),
    ("category_to[]", ""),
    ("agreed_what", "Lưu hồ sơ tại Hội"),
    ("agreed_on", "01/11/2026"),
    ("agreed_how", "Ký giấy"),
    ("referral_scheme[]", ""),
    ("notes", "Ở một mình"),
];

const PATH: &str = "/ban/so-ho";
const NEW: &str = "/ban/so-ho/moi";

impl House {
    /// Enters a family; its identifier.
    pub async fn family(&self, fields: &[(&str, &str)]) -> String {
        let (status, to) = self.enter(fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    async fn enter(&self, fields: &[(&str, &str)]) -> (Status, String) {
        let (_, html) = self.get(NEW).await;
        let id = hidden(&html, "id");
        let mut all = vec![("id", id.as_str())];
        all.extend_from_slice(fields);
        self.post(NEW, &token(&html, NEW), &all).await
    }

    async fn look(&self, fields: &[(&str, &str)]) -> String {
        let (status, html) = self.send(PATH, PATH, fields).await;
        assert_eq!(status, Status::Ok, "{html}");
        html
    }
}

/// The family with some fields changed.
fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut all = FAMILY.to_vec();
    for (name, value) in changes {
        match all.iter_mut().find(|(own, _)| own == name) {
            Some(field) => field.1 = value,
            None => all.push((name, value)),
        }
    }
    all
}

#[rocket::async_test]
async fn a_family_is_entered_found_without_marks_and_every_look_is_logged() {
    let house = House::founded().await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(CASEWORKER).await;
    let id = house.family(&FAMILY).await;
    let (_, html) = house.get(&format!("{PATH}/{id}?moi=1")).await;
    for text in ["Nguyễn Thị Đào", "079058123456", "Ấp Bình Hòa", "Hộ nghèo", "Ký giấy"]
    {
        assert!(html.contains(text), "{text}: {html}");
    }
    // What to ask for is a question and never a promise.
    assert!(html.contains("Tham khảo – hỏi cơ quan") && html.contains("thế hệ 4 thường chưa"));
    let found = ["nguyen dao", "DAO", "binh hoa", "4321", "079058"];
    for words in found {
        let html = house.look(&[("words", words)]).await;
        assert!(html.contains("Nguyễn Thị Đào"), "{words}");
        assert!(!html.contains(&format!("?words={words}")), "no name in an address");
    }
    for other in [("words", "Trần"), ("category", "near_poor"), ("hamlet", "Ấp khác")] {
        assert!(!house.look(&[other]).await.contains("Nguyễn Thị Đào"), "{other:?}");
    }
    for other in [("category", "poor"), ("hamlet", "ap binh hoa"), ("page", "99")] {
        assert!(house.look(&[other]).await.contains("Nguyễn Thị Đào"), "{other:?}");
    }
    let (status, table) = house.get("/ban/so-ho/so-ho.csv").await;
    assert!(status == Status::Ok && table.contains("Nguyễn Thị Đào,1958,Hộ nghèo"), "{table}");
    let desk = house.store().desk(house.chapter().0).unwrap();
    let log = house.store().openings(&desk, 50).await.unwrap();
    assert_eq!((log[0].action, log[0].number), (Action::Exported, 1));
    let person = format!("person:{id}");
    assert!(log.iter().any(|line| line.what == person && line.action == Action::Opened));
    house.enrol(AUDITOR, "auditor").await;
    house.sign_in(AUDITOR).await;
    for path in [PATH.to_owned(), format!("{PATH}/{id}"), format!("{PATH}/so-ho.csv")] {
        let (status, html) = house.get(&path).await;
        assert!(status == Status::Forbidden && !html.contains("Đào"), "{path}");
    }
}

#[rocket::async_test]
async fn look_alikes_are_shown_and_a_person_tells_them_apart() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let first = house.family(&FAMILY).await;
    let twin = with(&[
        ("member_name[]", "NGUYEN THI DAO"),
        ("member_birth[]", ""),
        ("hamlet", "ap binh hoa"),
        ("identity", ""),
    ]);
    let (status, html) = house.enter(&twin).await;
    assert_eq!(status, Status::Conflict);
    assert!(html.contains(&format!("href=\"{PATH}/{first}\"")), "{html}");
    assert!(html.contains("cùng địa bàn") && html.contains("NGUYEN THI DAO"));
    // Whoever was not shown a look-alike has not told it apart.
    let (id, seen) = (hidden(&html, "id"), hidden(&html, "seen"));
    let mut fields = vec![("id", id.as_str()), ("step", "another"), ("seen", "")];
    fields.extend(twin.iter().copied());
    let token = token(&html, NEW);
    assert_eq!(house.post(NEW, &token, &fields).await.0, Status::Conflict);
    fields[2].1 = seen.as_str();
    let (status, to) = house.post(NEW, &token, &fields).await;
    assert_eq!((status, to), (Status::SeeOther, format!("{PATH}/{id}?moi=1")));
    // A second click enters nobody; and once told apart, nobody asks again.
    let (_, to) = house.post(NEW, &token, &fields).await;
    assert_eq!(to, format!("{PATH}/{id}?lai=1"));
    let (_, html) = house.get(PATH).await;
    assert!(html.contains("2 hộ trong 2 hộ"), "{html}");
    for own in [first, id] {
        let action = format!("{PATH}/{own}/sua");
        let (_, html) = house.get(&action).await;
        let version = hidden(&html, "version");
        let mut fields = with(&[("identity", "")]);
        fields.push(("version", version.as_str()));
        let (status, to) = house.send(&action, &action, &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
    }
}

#[rocket::async_test]
async fn of_two_officers_the_second_is_told_and_what_they_typed_stays() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let id = house.family(&FAMILY).await;
    let action = format!("{PATH}/{id}/sua");
    let (_, html) = house.get(&action).await;
    assert!(html.contains("value=\"01/01/2026\"") && html.contains("value=\"Ký giấy\""), "{html}");
    let version = hidden(&html, "version");
    let mut mine = with(&[("phone", "0901111111")]);
    mine.push(("version", version.as_str()));
    let mut theirs = with(&[("notes", "Đã chuyển sang nhà con")]);
    theirs.push(("version", version.as_str()));
    assert_eq!(house.send(&action, &action, &theirs).await.0, Status::SeeOther);
    let (status, html) = house.send(&action, &action, &mine).await;
    assert_eq!(status, Status::Conflict);
    for text in ["Đã chuyển sang nhà con", "0901111111", "Thủ quỹ"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let newest = hidden(&html, "version");
    mine.last_mut().unwrap().1 = newest.as_str();
    assert_eq!(house.send(&action, &action, &mine).await.0, Status::SeeOther);
    assert!(house.get(&format!("{PATH}/{id}")).await.1.contains("0901111111"));
}

#[rocket::async_test]
async fn faults_stand_at_their_rows_and_more_rows_lose_nothing() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    for (field, value) in [
        ("member_birth[]", "58"),
        ("member_birth[]", "2027"),
        ("member_name[]", ""),
        ("category_from[]", "31/02/2026"),
        ("category_to[]", "31/12/2025"),
        ("category_word[]", "rich"),
        ("agreed_on", "01/12/2026"),
        ("referral_on[]", "01/11/2026"),
        ("member_orange[]", "x"),
    ] {
        let (status, html) = house.enter(&with(&[(field, value)])).await;
        assert_eq!(status, Status::UnprocessableEntity, "{field}={value}");
        let at = format!("href=\"#{}\"", field.trim_end_matches("[]"));
        let other = "href=\"#referral_scheme\"";
        assert!(html.contains(&at) || html.contains(other), "{field}: {html}");
        assert!(html.contains("12/3 hẻm Cây Me"));
    }
    let (status, html) = house.enter(&with(&[("step", "edit")])).await;
    assert!(status == Status::Ok && html.contains("Nguyễn Thị Đào"));
    assert_eq!(html.matches("name=\"member_name[]\"").count(), 6);
    assert!(house.get(PATH).await.1.contains("Sổ chưa có hộ nào"));
}

#[rocket::async_test]
async fn a_family_without_any_voucher_is_held_back_and_erased() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let id = house.family(&FAMILY).await;
    let query = format!("nguoi={id}");
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(html.contains(&format!("/ban/xoa-thong-tin?{query}")), "{html}");
    assert_eq!(house.erase(&query, &[("step", "restrict")]).await.0, Status::SeeOther);
    let (status, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(status == Status::Ok && html.contains("khóa lại") && !html.contains("Đào"), "{html}");
    let (_, html) = house.get(PATH).await;
    assert!(html.contains("1 hộ đang được khóa lại") && !html.contains("Đào"), "{html}");
    assert_eq!(house.get(&format!("{PATH}/{id}/sua")).await.0, Status::NotFound);
    assert_eq!(house.erase(&query, &[("step", "release")]).await.0, Status::SeeOther);
    let (status, draft) = house.erase(&query, &ERASE).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    house.approve(&draft).await;
    assert_eq!(house.get(&format!("{PATH}/{id}")).await.0, Status::NotFound);
    for (name, bytes) in files(house.folder.path()) {
        for text in ["Nguyễn Thị Đào", "0987654321", "079058123456", "hẻm Cây Me", "Ở một mình"]
        {
            assert!(!holds(&bytes, text), "{name} holds {text}");
        }
    }
}

#[rocket::async_test]
async fn the_chapter_words_itself_what_may_be_asked_for() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let id = house.family(&FAMILY).await;
    let path = "/ban/so-ho/quyen-loi";
    let fields = [
        ("group[]", "agent_orange_4"),
        ("text[]", "Hỏi <b>trợ cấp</b> cho cháu"),
        ("source[]", "Ủy ban nhân dân phường"),
    ];
    let missing = [fields[0], fields[1], ("source[]", "")];
    assert_eq!(house.send(path, path, &missing).await.0, Status::UnprocessableEntity);
    assert_eq!(house.send(path, path, &fields).await.0, Status::SeeOther);
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(html.contains("Hỏi &lt;b&gt;trợ cấp&lt;/b&gt; cho cháu"), "{html}");
    assert!(html.contains("☐") && !html.contains("☑"));
    let action = format!("{PATH}/{id}/sua");
    let mut referred = with(&[
        ("referral_scheme[]", "hỏi <b>trợ cấp</b> cho cháu"),
        ("referral_on[]", "10/11/2026"),
        ("referral_outcome[]", "Không thuộc diện"),
        ("referral_outcome_on[]", "15/11/2026"),
        ("version", "0"),
    ]);
    referred.retain(|(name, _)| *name != "id");
    let (status, to) = house.send(&action, &action, &referred).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(html.contains("☑") && html.contains("Không thuộc diện"), "{html}");
}
