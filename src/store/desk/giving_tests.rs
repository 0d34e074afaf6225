//! What is kept about giving, on both databases.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house;

fn code(name: &str) -> GivingCode {
    GivingCode::of_name(name).unwrap()
}

fn chosen(name: &str) -> Chosen {
    Chosen { open: true, code: code(name), place: None, turn: 10, greeting: Both::default() }
}

fn fund(code: &str) -> Code {
    code.parse().unwrap()
}

fn refused(done: Result<(), DeskFault>) -> DeskRefusal {
    match done.unwrap_err() {
        DeskFault::Refused(refusal) => refusal,
        fault => panic!("{fault}"),
    }
}

#[tokio::test]
async fn what_was_chosen_is_kept_per_chapter_and_a_late_form_is_refused() {
    for house in house::all().await {
        let (db, chapter, officer) = (&house.db, &house.chapter, &house.person(1));
        assert_eq!(get(db, chapter).await.unwrap(), Kept::default());
        let texts = Texts {
            office: Both { vi: "Sáng thứ Hai".to_owned(), en: "Monday mornings".to_owned() },
            goods: Both { vi: "Gạo, áo ấm".to_owned(), en: String::new() },
        };
        set_texts(db, chapter, (0, &texts), officer, house.now).await.unwrap();
        let own = Chosen { place: Some(fund("bank")), turn: 3, ..chosen("TET2027") };
        set_fund(db, chapter, (1, &fund("tet"), &own), &[], officer, house.now).await.unwrap();
        let kept = get(db, chapter).await.unwrap();
        assert_eq!((kept.version, &kept.texts), (2, &texts));
        assert_eq!(kept.funds, BTreeMap::from([(fund("tet"), own.clone())]));
        assert_eq!(kept.codes, BTreeMap::from([(code("TET2027"), fund("tet"))]));
        for late in [0, 1] {
            let done = set_texts(db, chapter, (late, &texts), officer, house.now).await;
            assert_eq!(refused(done), DeskRefusal::GivingMoved);
            let own = (late, &fund("tet"), &own);
            let done = set_fund(db, chapter, own, &[], officer, house.now).await;
            assert_eq!(refused(done), DeskRefusal::GivingMoved);
        }
        assert_eq!(get(db, &house.other).await.unwrap(), Kept::default());
        let other = (0, &fund("tet"), &own);
        set_fund(db, &house.other, other, &[], officer, house.now).await.unwrap();
    }
}

#[tokio::test]
async fn a_code_leads_to_its_fund_for_ever_and_never_to_another_one() {
    for house in house::all().await {
        let (db, chapter, officer) = (&house.db, &house.chapter, &house.person(1));
        let set = async |version, of: &str, own: &Chosen, codes: &[(GivingCode, Code)]| {
            let own = (version, &fund(of), own);
            set_fund(db, chapter, own, codes, officer, house.now).await
        };
        let all = [(code("CHNG"), fund("chung")), (code("TET"), fund("tet"))];
        set(0, "tet", &chosen("TET2027"), &all).await.unwrap();
        set(1, "tet", &chosen("TET2028"), &all).await.unwrap();
        let kept = get(db, chapter).await.unwrap();
        assert_eq!(kept.funds[&fund("tet")].code, code("TET2028"));
        assert_eq!(kept.codes.len(), 4, "{:?}", kept.codes);
        // Of today, of yesterday, and those that nobody chose.
        for (name, of, by) in
            [("TET2028", "chung", "tet"), ("TET2027", "chung", "tet"), ("CHNG", "tet", "chung")]
        {
            let done = set(2, of, &chosen(name), &[]).await;
            assert_eq!(refused(done), DeskRefusal::CodeTaken(fund(by)), "{name}");
        }
        // One that begins like another one could be taken for it.
        let longer = format!("{}X", &code("CHNG").as_str()[2..]);
        let done = set(2, "hoc-bong", &chosen(&longer), &[]).await;
        assert_eq!(refused(done), DeskRefusal::CodeTaken(fund("chung")));
        // One's own old code may come back.
        set(2, "tet", &chosen("TET2027"), &[]).await.unwrap();
        assert_eq!(get(db, chapter).await.unwrap().version, 3);
    }
}

#[tokio::test]
async fn texts_and_turns_stay_in_their_range() {
    for house in house::all().await {
        let (db, chapter, officer) = (&house.db, &house.chapter, &house.person(1));
        let long = Both { vi: "ệ".repeat(LONGEST), en: String::new() };
        let texts = Texts { office: long.clone(), goods: Both::default() };
        set_texts(db, chapter, (0, &texts), officer, house.now).await.unwrap();
        let longer = Both { vi: String::new(), en: "a".repeat(LONGEST + 1) };
        let texts = Texts { office: Both::default(), goods: longer.clone() };
        let done = set_texts(db, chapter, (1, &texts), officer, house.now).await;
        assert_eq!(refused(done), DeskRefusal::TextLength("goods", LONGEST));
        for own in [
            Chosen { greeting: longer, ..chosen("TET") },
            Chosen { turn: LAST + 1, ..chosen("TET") },
        ] {
            let of = (1, &fund("tet"), &own);
            let done = set_fund(db, chapter, of, &[], officer, house.now).await;
            assert!(matches!(refused(done), DeskRefusal::TextLength(..) | DeskRefusal::Setting(_)));
        }
        assert_eq!(get(db, chapter).await.unwrap().version, 1);
    }
}
