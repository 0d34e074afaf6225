//! Erasures: asked by one, carried out with the second, forgotten with what they destroyed.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::ledger::disclosure::PrivateName;
use crate::store::desk::house;
use crate::store::desk::register::Role;
use crate::store::desk::vault::{Consent, Subject};
use crate::store::desk::{drafts, vault};

fn refusal<T: std::fmt::Debug>(answer: Result<T, DeskFault>) -> DeskRefusal {
    answer.unwrap_err().refusal().cloned().unwrap()
}

#[tokio::test]
async fn what_is_asked_goes_with_the_draft_and_leaves_no_trace_of_whom() {
    for house in house::all().await {
        let (db, keys, chapter) = (&house.db, &house.vault, &house.chapter);
        let person = house.known(Role::Donor, "Nguyễn Văn Ổi").await;
        let subject = Subject::Person(person);
        let (gift, values) = house.donation(7, "Nguyễn Văn Ổi", &subject);
        let id = gift.voucher.id.clone();
        keys.hold(db, chapter, &gift.voucher, Some(7), &values, house.now).await.unwrap();
        let consent = Consent {
            subject: subject.clone(),
            voucher: Some(id.clone()),
            name: PrivateName::FullName,
            given_on: "2026-11-06".parse().unwrap(),
            recorded_by: house.person(1),
        };
        vault::record_consent(db, chapter, &consent, house.now).await.unwrap();
        vault::note_how(db, keys, chapter, &consent, "ký giấy", house.now).await.unwrap();
        let how = vault::how(db, keys, chapter, &consent).await.unwrap();
        assert_eq!(how.as_deref(), Some("ký giấy"));
        let (officer, name) = (house.person(1), PrivateName::FullName);
        vault::publish(db, keys, chapter, &officer, &id, name, house.now).await.unwrap();

        // Any draft serves as the one that two officers sign.
        let (draft, own) = house.donation(8, "Ai đó", &Subject::Voucher(id.clone()));
        let by = house.person(1);
        drafts::lay(db, keys, chapter, &draft, &own, &by, house.now).await.unwrap();
        let draft = draft.voucher.id;
        let target = Target::of(subject.clone(), &id);
        assert_eq!(target.voucher, None);
        let wanted = vec![Asked { target, seq: Some(7), held: 3 }];
        assert_eq!(
            refusal(ask(db, chapter, &draft, &[], (&by, house.now)).await),
            DeskRefusal::Gone
        );
        ask(db, chapter, &draft, &wanted, (&by, house.now)).await.unwrap();
        assert_eq!(asked(db, chapter, &draft).await.unwrap(), wanted);
        assert!(vault::published(db, chapter, 0, 100).await.unwrap().is_empty());
        let held = vault::holding_of(db, chapter, &subject).await.unwrap().unwrap();
        assert_eq!((held.values, held.vouchers, held.published), (3, 1, 0));
        let log = vault::openings(db, chapter, 1).await.unwrap();
        assert_eq!((log[0].action, log[0].what.as_str()), (Action::Withdrawn, "person"));

        let erasure = Erasure {
            chapter: chapter.clone(),
            draft: draft.clone(),
            officer: house.person(2),
            now: house.now,
        };
        carry_out(db, &erasure).await.unwrap();
        assert!(asked(db, chapter, &draft).await.unwrap().is_empty());
        assert_eq!(vault::holding_of(db, chapter, &subject).await.unwrap(), None);
        assert!(vault::consents(db, chapter, &subject).await.unwrap().is_empty());
        assert_eq!(refusal(carry_out(db, &erasure).await), DeskRefusal::Gone);
        let log = vault::openings(db, chapter, 1).await.unwrap();
        assert_eq!((log[0].what.as_str(), log[0].number), ("person", 3));
    }
}

#[tokio::test]
async fn one_line_goes_alone_and_a_donor_of_a_batch_without_the_others() {
    for house in house::all().await {
        let (db, keys, chapter) = (&house.db, &house.vault, &house.chapter);
        let line = |number: u8| Subject::Line(house.person(number));
        let batch = Subject::Batch(house.person(9));
        let mut ids = Vec::new();
        for (seq, subject) in [(1, line(1)), (2, line(2)), (3, batch.clone()), (4, batch.clone())] {
            let (gift, values) = house.donation(seq, "Trần Thị Na", &subject);
            let at = Some(u64::from(seq));
            keys.hold(db, chapter, &gift.voucher, at, &values, house.now).await.unwrap();
            ids.push(gift.voucher.id);
        }
        let officer = house.person(1);
        let target = Target::of(line(1), &ids[0]);
        vault::erase_target(db, chapter, &officer, &target, house.now).await.unwrap();
        assert!(vault::holding_of(db, chapter, &line(1)).await.unwrap().is_none());
        assert!(vault::holding_of(db, chapter, &line(2)).await.unwrap().is_some());
        let target = Target::of(batch.clone(), &ids[2]);
        assert_eq!(target.voucher.as_ref(), Some(&ids[2]));
        let erased = vault::erase_target(db, chapter, &officer, &target, house.now).await.unwrap();
        assert_eq!(erased.values, 3);
        let again = vault::erase_target(db, chapter, &officer, &target, house.now).await;
        assert_eq!(refusal(again), DeskRefusal::Gone);
        let rest = vault::holdings(db, chapter, &ids[3]).await.unwrap();
        assert_eq!((rest.len(), rest[0].values, rest[0].of_donor), (1, 3, true));
        assert!(vault::holdings(db, chapter, &ids[2]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_draft_that_is_withdrawn_forgets_its_lines_and_whom_it_was_about() {
    for house in house::all().await {
        let (db, keys, chapter) = (&house.db, &house.vault, &house.chapter);
        let line = Subject::Line(house.person(5));
        let (draft, values) = house.donation(3, "Trần Thị Na", &line);
        let by = house.person(1);
        drafts::lay(db, keys, chapter, &draft, &values, &by, house.now).await.unwrap();
        let id = draft.voucher.id;
        let waits = Asked { target: Target::of(line.clone(), &id), seq: None, held: 3 };
        let refused = ask(db, chapter, &id, &[waits], (&by, house.now)).await;
        assert_eq!(refusal(refused), DeskRefusal::DraftsWait(1));
        drafts::withdraw(db, chapter, &id, &by, house.now).await.unwrap();
        assert!(vault::holding_of(db, chapter, &line).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_came_after_it_was_asked_for_stops_an_erasure() {
    for house in house::all().await {
        let (db, keys, chapter) = (&house.db, &house.vault, &house.chapter);
        let subject = Subject::Person(house.known(Role::Donor, "Nguyễn Văn Ổi").await);
        let by = house.person(1);
        let hold = async |number: u16| {
            let (gift, values) = house.donation(number, "Nguyễn Văn Ổi", &subject);
            let at = Some(u64::from(number));
            keys.hold(db, chapter, &gift.voucher, at, &values, house.now).await.unwrap();
            gift.voucher.id
        };
        let id = hold(7).await;
        let (draft, own) = house.donation(8, "Ai đó", &Subject::Voucher(id.clone()));
        drafts::lay(db, keys, chapter, &draft, &own, &by, house.now).await.unwrap();
        let asked = [Asked { target: Target::of(subject.clone(), &id), seq: Some(7), held: 3 }];
        ask(db, chapter, &draft.voucher.id, &asked, (&by, house.now)).await.unwrap();
        hold(9).await;
        let erasure = Erasure {
            chapter: chapter.clone(),
            draft: draft.voucher.id,
            officer: house.person(2),
            now: house.now,
        };
        assert_eq!(refusal(carry_out(db, &erasure).await), DeskRefusal::HeldChanged);
    }
}
