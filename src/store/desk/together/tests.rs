//! Steps that go with an entry, run as the writer runs them.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house::{self, House};
use crate::store::desk::vault::{Purpose, Query, Reader, Subject};
use crate::store::desk::{drafts, imports, register};

async fn seqs(house: &House, voucher: &VoucherId) -> Vec<Option<u64>> {
    let person = house.person(1);
    let reader = Reader { person: &person, purpose: Purpose::Desk };
    let query = Query::Voucher(voucher.clone());
    let opened = house.vault.open(&house.db, &house.chapter, reader, &query, house.now).await;
    opened.unwrap().iter().map(|value| value.seq).collect()
}

#[tokio::test]
async fn values_recorded_at_once_open_under_the_seq_of_their_entry() {
    for house in house::all().await {
        let subject = Subject::Person(house.known(register::Role::Donor, "Lê Thị Na").await);
        let (signed, values) = house.donation(1, "Lê Thị Na", &subject);
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let voucher = &signed.voucher;
        let steps = private_values(db, vault, chapter, voucher, &values, house.now).await.unwrap();
        assert!(seqs(&house, &voucher.id).await.is_empty(), "not before the entry");
        assert!(house.run(5, &steps).await);
        assert_eq!(seqs(&house, &voucher.id).await, [Some(5); 3]);
        let none = private_values(db, vault, chapter, voucher, &[], house.now).await.unwrap();
        assert!(none.is_empty());
    }
}

#[tokio::test]
async fn a_draft_becomes_one_entry() {
    for house in house::all().await {
        let subject = Subject::Batch("00000000000000b1".parse().unwrap());
        let (signed, values) = house.donation(1, "Lê Thị Na", &subject);
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (by, chair) = (house.person(1), house.person(2));
        drafts::lay(db, vault, chapter, &signed, &values, &by, house.now).await.unwrap();
        let id = &signed.voucher.id;
        let steps = draft_recorded(db, chapter, id, &chair, house.now).await.unwrap();
        assert!(house.run(6, &steps).await);
        assert_eq!(seqs(&house, id).await, [Some(6); 3]);
        let draft = drafts::get(db, chapter, id).await.unwrap().unwrap();
        assert_eq!((draft.state, draft.seq), (drafts::State::Recorded, Some(6)));
        assert!(!house.run(7, &steps).await, "the second of two approvals");
    }
}

#[tokio::test]
async fn a_bank_line_and_a_round_go_with_their_entry() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (officer, place) = (house.person(1), "vietinbank".parse().unwrap());
        let batch =
            imports::open_batch(db, vault, chapter, &place, &[1; 32], "a.csv", &officer, house.now);
        let batch = batch.await.unwrap();
        let voucher: VoucherId = "019a5000-0000-7000-8000-000000000001".parse().unwrap();
        let line = BankLine {
            identity: [4; 32],
            occurrence: 0,
            document: None,
            reference: None,
            words: None,
            day: "2026-11-05".parse().unwrap(),
            time: None,
            has_balance: false,
        };
        let asked = [line.clone()];
        let line = bank_line(vault, chapter, &batch, &line, &voucher);
        let family = house.known(register::Role::Family, "Hộ 1").await;
        let (programme, round) = ("tet".parse().unwrap(), "dot-1".parse().unwrap());
        let families = [family.clone()];
        let served = round_lines(&programme, &round, &voucher, &families);
        assert!(house.run(8, &line.clone().and(served)).await);
        let days = asked.iter().map(|line| line.day).collect();
        let known = imports::known(db, vault, chapter, (&place, &days), asked).await.unwrap();
        let booked = imports::Decided::Booked { voucher: voucher.clone(), seq: 8 };
        assert_eq!(known[0].decided, booked);
        let again = register::served_in_round(db, chapter, &programme, &round, &families).await;
        assert_eq!(again.unwrap().len(), 1);
        assert!(!house.run(9, &line).await, "the same line is not booked twice");
    }
}
