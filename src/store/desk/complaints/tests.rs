//! Complaints on both databases: sealed, once, answered by whoever may, published in other words.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house::{self, House};
use crate::store::desk::sql::{self, values};
use crate::store::desk::vault::openings;

const KEY: [u8; 32] = [5; 32];
const TEXT: &str = "Thủ quỹ thu của tôi hai trăm nghìn mà chỉ ghi một trăm nghìn vào sổ hôm ấy";
const CONTACT: &str = "0912 345 678, man@vidu.example";

fn new(nonce: &'static str) -> NewComplaint<'static> {
    NewComplaint {
        about: About::Other,
        seq: Some(3),
        officer: None,
        wanted: None,
        by_code: false,
        text: TEXT,
        contact: Some(CONTACT),
        nonce,
    }
}

async fn sent(house: &House, new: &NewComplaint<'_>) -> Filed {
    file(&house.db, &house.vault, &house.chapter, new, &KEY, house.now).await.unwrap()
}

fn refusal<T: fmt::Debug>(done: Result<T, DeskFault>) -> DeskRefusal {
    match done {
        Err(DeskFault::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn publication(summary: &str, reply: &str) -> Publication {
    Publication { summary: summary.to_owned(), reply: reply.to_owned() }
}

const AUDITOR: &[OfficerRole] = &[OfficerRole::Auditor];
const CHAIR: &[OfficerRole] = &[OfficerRole::Chair];
const TREASURER: &[OfficerRole] = &[OfficerRole::Treasurer];
const CASEWORKER: &[OfficerRole] = &[OfficerRole::Caseworker];

#[tokio::test]
async fn the_same_form_is_one_complaint_and_nothing_of_it_stands_in_clear() {
    for house in house::all().await {
        let first = sent(&house, &new("a")).await;
        assert_eq!(sent(&house, &new("a")).await, first);
        assert_ne!(sent(&house, &new("b")).await.code, first.code);
        let other = NewComplaint { text: "Một chuyện khác hẳn", ..new("a") };
        assert_ne!(sent(&house, &other).await.code, first.code, "other words, another complaint");
        let row = "SELECT COUNT(*) AS n FROM desk_complaints WHERE chapter = $1";
        let row = sql::one(&house.db, row, values![house.chapter.id]).await.unwrap().unwrap();
        assert_eq!(sql::column::<i64>(&row, "n").unwrap(), 3);
        let (_, own) = of_code(&house.db, &house.vault, &first.code).await.unwrap().unwrap();
        assert_eq!((own.id.clone(), own.state, own.has_contact), (first.id, State::Received, true));
        let wrong = "0000000000000000".parse().unwrap();
        assert!(of_code(&house.db, &house.vault, &wrong).await.unwrap().is_none());
        if let Some(folder) = &house.folder {
            let file = std::fs::read(folder.path().join("desk.sqlite")).unwrap();
            let wal = std::fs::read(folder.path().join("desk.sqlite-wal")).unwrap_or_default();
            let all = [file, wal].concat();
            let has = |text: &str| all.windows(text.len()).any(|some| some == text.as_bytes());
            assert!(!has("hai trăm nghìn") && !has("0912") && !has(first.code.as_str()));
        }
    }
}

#[tokio::test]
async fn texts_have_their_lengths_and_a_day_its_number() {
    for house in house::all().await {
        let long = "ă".repeat(LONGEST_TEXT + 1);
        let at = |text| NewComplaint { text, ..new("a") };
        for text in ["", long.as_str()] {
            let done =
                file(&house.db, &house.vault, &house.chapter, &at(text), &KEY, house.now).await;
            assert_eq!(refusal(done), DeskRefusal::TextLength("text", LONGEST_TEXT));
        }
        let nonces: Vec<String> = (0..MOST_A_DAY).map(|n| n.to_string()).collect();
        for nonce in &nonces {
            sent(&house, &NewComplaint { nonce, ..new("") }).await;
        }
        let done =
            file(&house.db, &house.vault, &house.chapter, &new("more"), &KEY, house.now).await;
        assert_eq!(refusal(done), DeskRefusal::ComplaintsFull);
        sent(&house, &NewComplaint { nonce: "0", ..new("") }).await;
        let (vault, chapter) = (&house.vault, &house.other);
        file(&house.db, vault, chapter, &new("more"), &KEY, house.now).await.unwrap();
        let tomorrow = house.later(86_401);
        file(&house.db, vault, &house.chapter, &new("more"), &KEY, tomorrow).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_decides_about_themselves_and_the_treasurer_not_about_officers() {
    for house in house::all().await {
        let (one, two) = (house.person(1), house.person(2));
        let about =
            NewComplaint { about: About::Officer, officer: Some(one.clone()), ..new("officer") };
        let filed = sent(&house, &about).await;
        let get = async |person, roles| {
            let actor = Actor { person, roles };
            get(&house.db, &house.chapter, &filed.id, actor).await.unwrap()
        };
        assert!(get(&one, CHAIR).await.is_none(), "the officer themselves");
        assert!(get(&two, CASEWORKER).await.is_none());
        for (roles, may) in [(CHAIR, true), (AUDITOR, true), (TREASURER, false)] {
            let own = get(&two, roles).await.unwrap();
            assert_eq!(own.may_answer(Actor { person: &two, roles }), may, "{roles:?}");
        }
        let actor = Actor { person: &two, roles: TREASURER };
        let done = take(&house.db, &house.chapter, (&filed.id, 0), actor, house.now).await;
        assert_eq!(refusal(done), DeskRefusal::ComplaintNotYours);
        let of = (&filed.id, actor);
        let reached = contact(&house.db, &house.vault, &house.chapter, of, house.now).await;
        assert_eq!(refusal(reached), DeskRefusal::ComplaintNotYours);
        let count = async |person, roles| {
            let actor = Actor { person, roles };
            waiting(&house.db, &house.chapter, actor).await.unwrap()
        };
        assert_eq!(count(&one, CHAIR).await, 0);
        assert_eq!(count(&two, TREASURER).await, 1);
        assert_eq!(count(&two, CASEWORKER).await, 0);
        let elsewhere = Actor { person: &two, roles: CHAIR };
        let found = super::get(&house.db, &house.other, &filed.id, elsewhere).await.unwrap();
        assert!(found.is_none(), "another chapter's");
    }
}

#[tokio::test]
async fn an_answer_is_given_once_published_in_other_words_and_the_contact_goes() {
    for house in house::all().await {
        let filed = sent(&house, &new("a")).await;
        let person = house.person(2);
        let actor = Actor { person: &person, roles: CHAIR };
        let (db, chapter, id) = (&house.db, &house.chapter, &filed.id);
        take(db, chapter, (id, 0), actor, house.now).await.unwrap();
        let again = take(db, chapter, (id, 0), actor, house.now).await;
        assert_eq!(refusal(again), DeskRefusal::ComplaintMoved);
        let say = async |version, said: &str, publication: Option<&Publication>| {
            let said = (said, publication);
            let at = house.later(2 * 86_400);
            answer(db, &house.vault, chapter, (id, version), said, actor, at).await
        };
        for wrong in [
            publication("Có người nói thủ quỹ thu của tôi hai trăm nghìn mà chỉ ghi", "Đã sửa"),
            publication("Một khoản thu ghi thiếu", "Gọi số 0912345678 để hỏi"),
            publication("Một khoản thu ghi thiếu", "Đã trả lời MAN@vidu.example"),
        ] {
            let done = say(1, "Đã kiểm tra", Some(&wrong)).await;
            assert_eq!(refusal(done), DeskRefusal::SendersWords, "{wrong:?}");
        }
        let good = publication("Một khoản thu ghi thiếu 100.000 đồng", "Đã ghi bút toán bù.");
        say(1, "Chúng tôi đã kiểm tra và ghi bù.", Some(&good)).await.unwrap();
        let again = say(3, "Lần nữa", None).await;
        assert_eq!(refusal(again), DeskRefusal::ComplaintMoved);
        let told = published_answers(db, chapter, (0, 10)).await.unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].publication, good);
        let figures = figures(db, chapter, house.later(3 * 86_400)).await.unwrap();
        assert_eq!((figures.received, figures.median_tenths), (1, Some(20)));
        let of = (id, actor);
        let reached = contact(db, &house.vault, chapter, of, house.now).await.unwrap();
        assert_eq!(reached, CONTACT);
        let log = openings(db, chapter, 5).await.unwrap();
        assert_eq!(log[0].what, format!("contact:{id}"));
        assert_eq!(sweep(db, chapter, house.later(31 * 86_400)).await.unwrap(), 0);
        assert_eq!(sweep(db, chapter, house.later(33 * 86_400)).await.unwrap(), 1);
        let gone = contact(db, &house.vault, chapter, of, house.now).await;
        assert_eq!(refusal(gone), DeskRefusal::Gone);
        let (text, said) = texts(db, &house.vault, chapter, id).await.unwrap();
        assert_eq!(text.as_deref(), Some(TEXT));
        assert_eq!(said.as_deref(), Some("Chúng tôi đã kiểm tra và ghi bù."));
        publish(db, &house.vault, chapter, (id, 4), None, actor, house.now).await.unwrap();
        assert!(published_answers(db, chapter, (0, 10)).await.unwrap().is_empty());
        let all = ((id, 5), Part::All);
        erase(db, chapter, all, actor, house.now).await.unwrap();
        assert_eq!(texts(db, &house.vault, chapter, id).await.unwrap(), (None, None));
        let keys = "SELECT COUNT(*) AS n FROM vault_keys WHERE subject LIKE 'co%'";
        let row = sql::one(db, keys, values![]).await.unwrap().unwrap();
        assert_eq!(sql::column::<i64>(&row, "n").unwrap(), 0, "keys are gone");
    }
}

#[test]
fn a_publication_may_say_what_anybody_would() {
    let own = publication("Sai số tiền", "Đã sửa.");
    assert_eq!(own.check(Some("Sai số tiền"), Some("Đến trụ sở")), Ok(()));
    let theirs = publication("  Tôi  bị ghi THIẾU tiền ", "Đã sửa.");
    assert_eq!(theirs.check(Some("tôi bị ghi thiếu tiền"), None), Err(DeskRefusal::SendersWords));
    let nothing = publication("", "Đã sửa.");
    let refused = Err(DeskRefusal::TextLength("summary", LONGEST_SUMMARY));
    assert_eq!(nothing.check(None, None), refused);
}
