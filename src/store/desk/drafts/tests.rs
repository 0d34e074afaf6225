//! Drafts: laid once, decided once.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::ledger::keys::voucher_message;
use crate::store::desk::house::{self, House};
use crate::store::desk::together::draft_recorded;
use crate::store::desk::vault::{Purpose, Query, Reader};

async fn laid(house: &House, number: u16) -> Draft {
    let id = format!("019a5000-0000-7000-8000-{number:012x}").parse().unwrap();
    let (signed, values) = house.donation(number, "Trần Thị Bưởi", &Subject::Voucher(id));
    let by = house.person(1);
    lay(&house.db, &house.vault, &house.chapter, &signed, &values, &by, house.now).await.unwrap()
}

async fn held(house: &House, id: &VoucherId) -> Vec<Option<u64>> {
    let person = house.person(1);
    let reader = Reader { person: &person, purpose: Purpose::Desk };
    let query = Query::Voucher(id.clone());
    let opened = house.vault.open(&house.db, &house.chapter, reader, &query, house.now).await;
    opened.unwrap().into_iter().map(|value| value.seq).collect()
}

/// Whether the chair's approval made the draft an entry.
async fn recorded(house: &House, id: &VoucherId, seq: i64) -> bool {
    let (chapter, chair) = (&house.chapter, house.person(2));
    let steps = draft_recorded(&house.db, chapter, id, &chair, house.now).await.unwrap();
    house.run(seq, &steps).await
}

fn refusal<T: fmt::Debug>(answer: Result<T, DeskFault>) -> DeskRefusal {
    answer.unwrap_err().refusal().cloned().unwrap()
}

#[tokio::test]
async fn laying_twice_is_laying_once() {
    for house in house::all().await {
        let subject = Subject::Voucher("019a5000-0000-7000-8000-000000000001".parse().unwrap());
        let (signed, values) = house.donation(1, "Trần Thị Bưởi", &subject);
        let (db, vault, chapter, by) = (&house.db, &house.vault, &house.chapter, house.person(1));
        let first = lay(db, vault, chapter, &signed, &values, &by, house.now).await.unwrap();
        let again = lay(db, vault, chapter, &signed, &values, &by, house.later(9)).await.unwrap();
        assert_eq!(first, again);
        let waiting = in_state(db, chapter, State::Waiting).await.unwrap();
        assert_eq!(waiting, std::slice::from_ref(&first));
        assert_eq!(held(&house, &first.voucher.id).await.len(), 3);
        assert_eq!(super::signed(db, chapter, &first.voucher.id).await.unwrap(), signed);

        let (other, values) = house.donation(1, "Lê Văn Cam", &subject);
        let taken = lay(db, vault, chapter, &other, &values, &by, house.now).await;
        assert_eq!(refusal(taken), DeskRefusal::IdTaken);
    }
}

#[tokio::test]
async fn a_draft_is_laid_by_its_recorder_in_its_own_chapter_with_its_own_values() {
    for house in house::all().await {
        let subject = Subject::Voucher("019a5000-0000-7000-8000-000000000001".parse().unwrap());
        let (signed, values) = house.donation(1, "Trần Thị Bưởi", &subject);
        let (db, vault, by) = (&house.db, &house.vault, house.person(1));
        let foreign = lay(db, vault, &house.other, &signed, &values, &by, house.now).await;
        assert_eq!(refusal(foreign), DeskRefusal::ForeignVoucher);
        let mut unsigned = signed.clone();
        unsigned.signatures.clear();
        let unsigned = lay(db, vault, &house.chapter, &unsigned, &values, &by, house.now).await;
        assert_eq!(refusal(unsigned), DeskRefusal::NotByRecorder);
        let (_, others) = house.donation(2, "Lê Văn Cam", &subject);
        let strange = lay(db, vault, &house.chapter, &signed, &others, &by, house.now).await;
        assert_eq!(refusal(strange), DeskRefusal::NotInVoucher);
    }
}

#[tokio::test]
async fn a_draft_is_recorded_once_and_its_values_get_its_seq() {
    for house in house::all().await {
        let (db, chapter, chair) = (&house.db, &house.chapter, house.person(2));
        let id = laid(&house, 1).await.voucher.id;
        assert_eq!(held(&house, &id).await, [None; 3]);
        assert!(recorded(&house, &id, 17).await);
        assert_eq!(held(&house, &id).await, [Some(17); 3]);
        assert!(!recorded(&house, &id, 18).await, "once");
        let back = send_back(db, &house.vault, chapter, &id, &chair, "sai", house.now).await;
        assert_eq!(refusal(back), DeskRefusal::Decided(State::Recorded));
        let own = withdraw(db, chapter, &id, &house.person(1), house.now).await;
        assert_eq!(refusal(own), DeskRefusal::Decided(State::Recorded));
        let draft = get(db, chapter, &id).await.unwrap().unwrap();
        assert_eq!((draft.seq, draft.decided_by), (Some(17), Some(chair.clone())));
        let unknown = "019a5000-0000-7000-8000-0000000000ff".parse().unwrap();
        assert!(!recorded(&house, &unknown, 19).await);
    }
}

#[tokio::test]
async fn a_reason_is_read_back_but_never_stored_in_clear() {
    for house in house::all().await {
        let (db, vault, chapter, chair) =
            (&house.db, &house.vault, &house.chapter, house.person(2));
        let id = laid(&house, 1).await.voucher.id;
        let words = "Ghi nhầm người: bà Đặng Thị Mít mới đúng";
        for bad in ["", "  ", &"x".repeat(2001)] {
            let refused = send_back(db, vault, chapter, &id, &chair, bad, house.now).await;
            assert_eq!(refusal(refused), DeskRefusal::TextLength("reason", 2000));
        }
        send_back(db, vault, chapter, &id, &chair, words, house.now).await.unwrap();
        let draft = get(db, chapter, &id).await.unwrap().unwrap();
        assert_eq!(draft.state, State::SentBack);
        let reason = reason(db, vault, chapter, &draft, (&chair, house.now)).await.unwrap();
        assert_eq!(reason.as_deref(), Some(words));
        assert!(!house::holds(&hex::encode(draft.sealed_reason.as_ref().unwrap()), "Mít"));
        assert_eq!(held(&house, &id).await.len(), 3, "kept for the corrected one");
        withdraw(db, chapter, &id, &house.person(1), house.now).await.unwrap();
        assert!(held(&house, &id).await.is_empty());
    }
}

#[tokio::test]
async fn only_the_recorder_withdraws_and_the_values_go() {
    for house in house::all().await {
        let (db, chapter) = (&house.db, &house.chapter);
        let id = laid(&house, 1).await.voucher.id;
        let foreign = withdraw(db, chapter, &id, &house.person(2), house.now).await;
        assert_eq!(refusal(foreign), DeskRefusal::NotYours);
        withdraw(db, chapter, &id, &house.person(1), house.now).await.unwrap();
        assert!(held(&house, &id).await.is_empty());
        assert!(!recorded(&house, &id, 3).await);
    }
}

#[tokio::test]
async fn signatures_stand_in_the_order_of_an_entry() {
    for house in house::all().await {
        let (db, chapter) = (&house.db, &house.chapter);
        let draft = laid(&house, 1).await;
        let id = &draft.voucher.id;
        let further = [
            (SignatureRole::Holder, 6),
            (SignatureRole::Holder, 5),
            (SignatureRole::Auditor, 4),
            (SignatureRole::Approver, 3),
        ];
        for (role, number) in further.iter().chain(&further) {
            let signature = house.signature(&draft.voucher, *role, &house.key(*number));
            add_signature(db, chapter, id, &signature, house.now).await.unwrap();
        }
        let signed = signed(db, chapter, id).await.unwrap();
        let keys = [1, 3, 4, 5, 6].map(|number| house.key(number));
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(signed.signatures[at].key.as_str(), key.name());
            let one = &signed.signatures[at];
            let message = voucher_message(one.role, &signed.voucher.bytes());
            key.public().verify(&message, &one.signature).unwrap();
        }
        assert!(recorded(&house, id, 1).await);
        let late = house.signature(&draft.voucher, SignatureRole::Approver, &house.key(7));
        let late = add_signature(db, chapter, id, &late, house.now).await;
        assert_eq!(refusal(late), DeskRefusal::Decided(State::Recorded));
    }
}

#[tokio::test]
async fn drafts_of_a_rotated_key_are_void() {
    for house in house::all().await {
        let (db, chapter) = (&house.db, &house.chapter);
        let (first, second) = (laid(&house, 1).await, laid(&house, 2).await);
        let chair = house.key(2);
        let approval = house.signature(&second.voucher, SignatureRole::Approver, &chair);
        add_signature(db, chapter, &second.voucher.id, &approval, house.now).await.unwrap();
        assert_eq!(void_by_key(db, chapter, chair.public(), house.now).await.unwrap(), 0);
        let left = signed(db, chapter, &second.voucher.id).await.unwrap();
        assert_eq!(left.signatures.len(), 1, "the approver's signature fell off");
        let id = &first.voucher.id;
        assert!(recorded(&house, id, 9).await);
        assert_eq!(void_by_key(db, chapter, house.key(1).public(), house.now).await.unwrap(), 1);
        let void = get(db, chapter, &second.voucher.id).await.unwrap().unwrap();
        assert_eq!(void.state, State::Void);
        assert!(held(&house, &second.voucher.id).await.is_empty());
        assert_eq!(held(&house, id).await.len(), 3, "what is recorded stays");
    }
}

#[tokio::test]
async fn waiting_drafts_hold_up_their_period() {
    for house in house::all().await {
        let draft = laid(&house, 1).await;
        let through = async |day: &str| {
            waiting_through(&house.db, &house.chapter, day.parse().unwrap()).await.unwrap().len()
        };
        assert_eq!(through("2026-11-04").await, 0);
        assert_eq!(through("2026-11-05").await, 1);
        withdraw(&house.db, &house.chapter, &draft.voucher.id, &house.person(1), house.now)
            .await
            .unwrap();
        assert_eq!(through("2026-11-30").await, 0);
    }
}
