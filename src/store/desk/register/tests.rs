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
        change(db, vault, chapter, &family, &record, house.now).await.unwrap();
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
