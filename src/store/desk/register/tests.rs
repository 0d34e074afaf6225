//! The register.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house;
use crate::store::desk::vault::openings;

fn refusal<T: std::fmt::Debug>(answer: Result<T, DeskFault>) -> DeskRefusal {
    answer.unwrap_err().refusal().cloned().unwrap()
}

#[tokio::test]
async fn records_are_read_back_changed_and_every_look_is_logged() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let donor = house.known(Role::Donor, "Phạm Văn Dừa").await;
        let family = house.known(Role::Family, "Võ Thị Sầu Riêng").await;
        let reader = Reader { person: &officer, purpose: Purpose::Desk };
        let donors = open(db, vault, chapter, reader, Role::Donor, house.now).await.unwrap();
        assert_eq!(donors.len(), 1);
        assert_eq!((&donors[0].person, donors[0].role), (&donor, Role::Donor));
        assert_eq!(donors[0].record.full_name, "Phạm Văn Dừa");

        let record = Record {
            full_name: "Võ Thị Mận".to_owned(),
            category: Some(Category::NearPoor),
            ..Default::default()
        };
        change(db, vault, chapter, (&family, 0, &record), house.now).await.unwrap();
        let again = change(db, vault, chapter, (&family, 0, &record), house.now).await;
        assert_eq!(refusal(again), DeskRefusal::RecordMoved);
        let known = open_one(db, vault, chapter, reader, &family, house.now).await.unwrap();
        assert_eq!(known.record, record);
        let export = Reader { person: &officer, purpose: Purpose::Export };
        open(db, vault, chapter, export, Role::Family, house.now).await.unwrap();
        let log = openings(db, chapter, 9).await.unwrap();
        let lines: Vec<_> = log.iter().map(|line| (line.action, line.what.as_str())).collect();
        let person = format!("person:{family}");
        assert_eq!(
            lines,
            [
                (Action::Exported, "register:family"),
                (Action::Opened, person.as_str()),
                (Action::Opened, "register:donor"),
            ]
        );
        let elsewhere = open_one(db, vault, &house.other, reader, &family, house.now).await;
        assert_eq!(refusal(elsewhere), DeskRefusal::Gone);
    }
}

#[tokio::test]
async fn restricted_people_are_left_out() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let donor = house.known(Role::Donor, "Phạm Văn Dừa").await;
        let subject = Subject::Person(donor.clone());
        vault::restrict(db, chapter, &officer, &subject, true, house.now).await.unwrap();
        let reader = |purpose| Reader { person: &officer, purpose };
        let desk = open(db, vault, chapter, reader(Purpose::Desk), Role::Donor, house.now).await;
        assert!(desk.unwrap().is_empty());
        let law = open_one(db, vault, chapter, reader(Purpose::Law), &donor, house.now).await;
        assert_eq!(law.unwrap().person, donor);
    }
}

#[tokio::test]
async fn names_and_lengths_are_checked() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let long = "x".repeat(201);
        let named = |name: &str| Record { full_name: name.to_owned(), ..Default::default() };
        let phone = Record { phone: Some(long.clone()), ..named("A") };
        for (record, member) in
            [(named(" "), "full_name"), (named(&long), "full_name"), (phone, "phone")]
        {
            let role = Role::Donor;
            let entered = enter(db, vault, chapter, role, &record, &officer, house.now).await;
            assert_eq!(refusal(entered), DeskRefusal::TextLength(member, 200));
        }
    }
}

#[tokio::test]
async fn nobody_is_twice_in_a_round_unnoticed() {
    for house in house::all().await {
        let (db, chapter) = (&house.db, &house.chapter);
        let mut families = Vec::new();
        for number in 0..3 {
            families.push(house.known(Role::Family, &format!("Hộ {number}")).await);
        }
        let code = |text: &str| text.parse::<Code>().unwrap();
        let (tet, first, second) = (code("tet-2027"), code("dot-1"), code("dot-2"));
        let voucher: VoucherId = "019a5000-0000-7000-8000-000000000001".parse().unwrap();
        for _ in 0..2 {
            note_lines(db, chapter, &tet, &first, &voucher, &families[..2]).await.unwrap();
        }
        let served = async |round: &Code| {
            served_in_round(db, chapter, &tet, round, &families[1..]).await.unwrap()
        };
        assert_eq!(served(&first).await, BTreeSet::from([families[1].clone()]));
        assert!(served(&second).await.is_empty());
        forget_lines(db, chapter, &voucher).await.unwrap();
        assert!(served(&first).await.is_empty());
    }
}

fn whole() -> Record {
    let day = |text: &str| text.parse::<Date>().unwrap();
    Record {
        full_name: "Võ Thị Sầu Riêng".to_owned(),
        identity_number: Some("079012345678".to_owned()),
        household: Household {
            members: vec![Member {
                full_name: "Võ Thị Sầu Riêng".to_owned(),
                birth_year: Some(1950),
                agent_orange: Some(1),
                ..Member::default()
            }],
            categories: vec![
                Spell {
                    category: Category::Poor,
                    from: Some(day("2025-01-01")),
                    to: Some(day("2025-12-31")),
                },
                Spell { category: Category::NearPoor, from: Some(day("2026-01-01")), to: None },
            ],
            agreed: Some(Agreed {
                what: "Lưu hồ sơ".to_owned(),
                on: day("2026-11-01"),
                how: "Ký giấy".to_owned(),
            }),
            ..Household::default()
        },
        ..Record::default()
    }
}

#[tokio::test]
async fn of_two_who_change_a_family_the_second_is_told_and_a_second_click_enters_nobody() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let (id, now) = (house.person(77), house.now);
        let mut record = whole();
        for entered in [true, false] {
            let done = enter_family(db, vault, chapter, (&id, &record), &officer, now).await;
            assert_eq!(done.unwrap(), entered);
        }
        house.known(Role::Donor, "Người cho").await;
        let found = families(db, vault, chapter).await.unwrap();
        assert_eq!((found.all.len(), found.all[0].version), (1, 0));
        assert_eq!(found.all[0].record, record);
        record.phone = Some("0901".to_owned());
        change_from(db, vault, chapter, (&id, 0, &record), &officer, now).await.unwrap();
        let second = change_from(db, vault, chapter, (&id, 0, &whole()), &officer, now).await;
        assert_eq!(refusal(second), DeskRefusal::RecordMoved);
        let found = families(db, vault, chapter).await.unwrap();
        assert_eq!(found.get(&id).unwrap().record, record);
        assert_eq!(found.all[0].changed_by, Some(officer.clone()));
        vault::restrict(db, chapter, &officer, &Subject::Person(id.clone()), true, now)
            .await
            .unwrap();
        let found = families(db, vault, chapter).await.unwrap();
        assert!(found.all.is_empty() && found.restricted == [id]);
    }
}

#[test]
fn categories_hold_from_a_day_to_another_and_an_older_record_still_reads() {
    let (record, day) = (whole(), |text: &str| text.parse().unwrap());
    assert_eq!(record.categories_on(day("2025-12-31")), [Category::Poor]);
    assert_eq!(record.categories_on(day("2026-11-20")), [Category::NearPoor]);
    let old = r#"{"full_name":"Hộ cũ","phone":null,"category":"orphan"}"#;
    let old: Record = serde_json::from_str(old).unwrap();
    assert_eq!(old.categories_on(day("2026-11-20")), [Category::Orphan]);
    assert!(old.household.is_empty());
    assert!(!serde_json::to_string(&old).unwrap().contains("household"));
}

#[tokio::test]
async fn nothing_of_a_family_is_readable_in_the_files_before_or_after_it_is_erased() {
    let house = house::sqlite().await;
    let (db, vault, chapter, officer) = (&house.db, &house.vault, &house.chapter, house.person(1));
    let id = house.person(77);
    enter_family(db, vault, chapter, (&id, &whole()), &officer, house.now).await.unwrap();
    let texts = ["Võ Thị Sầu Riêng", "079012345678", "Ký giấy", "Lưu hồ sơ"];
    let raw = house.raw_hex();
    assert!(texts.iter().all(|text| !house::holds(&raw, text)) && house::holds(&raw, id.as_str()));
    vault::erase(db, chapter, &officer, &Subject::Person(id.clone()), house.now).await.unwrap();
    vault::scrub(db).await.unwrap();
    let raw = house.raw_hex();
    assert!(!house::holds(&raw, id.as_str()), "the identifier is gone, too");
}
