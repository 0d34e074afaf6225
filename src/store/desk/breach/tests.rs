//! Reports of what may have leaked, on both databases.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house::{self, House};
use crate::store::desk::vault::{Purpose, Query, Reader};

async fn reported(house: &House, asked: &Asked) -> Report {
    report(&house.db, &house.vault, &house.chapter, asked).await.unwrap()
}

fn of<'a>(report: &'a Report, subject: &Subject) -> Option<&'a Affected> {
    report.affected.iter().find(|own| own.whose.0 == *subject)
}

#[tokio::test]
async fn what_the_log_names_is_certain_and_a_list_makes_everybody_on_it_possible() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (lan, minh) = (house.person(1), house.person(2));
        let donor = house.known(Role::Donor, "Nguyễn Thị Hạnh").await;
        let family = house.known(Role::Family, "Võ Thị Mận").await;
        let other = house.known(Role::Family, "Trần Văn Ba").await;
        let subject = Subject::Person(donor.clone());
        let (signed, values) = house.donation(7, "Nguyễn Thị Hạnh", &subject);
        vault.hold(db, chapter, &signed.voucher, Some(7), &values, house.now).await.unwrap();
        let reader = Reader { person: &lan, purpose: Purpose::Desk };
        let query = Query::Voucher(signed.voucher.id.clone());
        vault.open(db, chapter, reader, &query, house.later(60)).await.unwrap();
        let reader = Reader { person: &minh, purpose: Purpose::Desk };
        register::open_one(db, vault, chapter, reader, &family, house.later(120)).await.unwrap();
        register::open(db, vault, chapter, reader, Role::Family, house.later(180)).await.unwrap();

        let found = reported(&house, &Asked::default()).await;
        assert_eq!((found.affected.len(), found.lines), (3, 3));
        let giver = of(&found, &subject).unwrap();
        assert!(giver.certain && giver.times == 1 && giver.name.is_none());
        assert!(giver.categories.contains(&Category::Bank), "{:?}", giver.categories);
        assert_eq!(giver.seen, Some((house.later(60), house.later(60))));
        let known = of(&found, &Subject::Person(family.clone())).unwrap();
        assert!(known.certain && known.times == 2);
        assert!(!of(&found, &Subject::Person(other.clone())).unwrap().certain);
        assert_eq!(found.by_category()[&Category::Name], 3);

        let only = |person: &Person| Filter { person: Some(person.clone()), ..Filter::default() };
        let names = Asked { filter: only(&lan), names: true, ..Asked::default() };
        let named = reported(&house, &names).await;
        assert_eq!(named.affected.len(), 1);
        assert_eq!(named.affected[0].name.as_deref(), Some("Nguyễn Thị Hạnh"));
        let span = Filter { until: Some(house.later(60)), ..Filter::default() };
        let before = reported(&house, &Asked { filter: span, ..Asked::default() }).await;
        assert!(before.affected.is_empty());
        let all = Asked { everything: true, filter: only(&house.person(9)), names: false };
        let held = reported(&house, &all).await;
        assert!(held.affected.len() >= 3 && held.affected.iter().all(|own| own.times == 0));
    }
}

#[tokio::test]
async fn erased_and_restricted_people_stand_there_without_a_name() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let lan = house.person(1);
        let (gone, held) = (
            house.known(Role::Family, "Võ Thị Mận").await,
            house.known(Role::Family, "Trần Văn Ba").await,
        );
        let reader = Reader { person: &lan, purpose: Purpose::Desk };
        for family in [&gone, &held] {
            register::open_one(db, vault, chapter, reader, family, house.now).await.unwrap();
        }
        let (gone, held) = (Subject::Person(gone), Subject::Person(held));
        vault::erase(db, chapter, &lan, &gone, house.now).await.unwrap();
        vault::restrict(db, chapter, &lan, &held, true, house.now).await.unwrap();
        let found = reported(&house, &Asked { names: true, ..Asked::default() }).await;
        let erased = of(&found, &gone).unwrap();
        assert!(erased.erased && erased.categories.is_empty() && erased.name.is_none());
        let restricted = of(&found, &held).unwrap();
        assert!(restricted.restricted && restricted.name.is_none() && restricted.certain);
    }
}
