//! Bank lines: nothing twice without a person saying so.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house::{self, House};

fn voucher(number: u16) -> VoucherId {
    format!("019a5000-0000-7000-8000-{number:012x}").parse().unwrap()
}

fn line(identity: u8, occurrence: u32, day: &str, number: u16) -> BookedLine {
    BookedLine {
        identity: [identity; 32],
        occurrence,
        day: day.parse().unwrap(),
        voucher: voucher(number),
        seq: u64::from(number),
    }
}

async fn batch(house: &House, file: u8) -> Batch {
    let place = "vietinbank".parse().unwrap();
    let (db, vault, officer) = (&house.db, &house.vault, house.person(1));
    let name = "Sao kê bà Hoa.xlsx";
    open_batch(db, vault, &house.chapter, &place, &[file; 32], name, &officer, house.now)
        .await
        .unwrap()
}

#[tokio::test]
async fn booked_lines_are_known_again_each_occurrence_by_itself() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let batch = batch(&house, 1).await;
        let lines =
            [line(1, 0, "2026-11-05", 1), line(1, 1, "2026-11-05", 2), line(2, 0, "2026-11-07", 3)];
        book(db, vault, chapter, &batch, &lines).await.unwrap();
        let asked = [([3; 32], 0), ([1; 32], 1), ([1; 32], 2), ([2; 32], 0)];
        let found = known(db, vault, chapter, &batch.place, &asked).await.unwrap();
        let seqs: Vec<_> = found.iter().map(|(index, line)| (*index, line.seq)).collect();
        assert_eq!(seqs, [(1, 2), (3, 3)]);
        let cash = "cash".parse().unwrap();
        assert!(known(db, vault, chapter, &cash, &asked).await.unwrap().is_empty());
        let elsewhere = known(db, vault, &house.other, &batch.place, &asked).await.unwrap();
        assert!(elsewhere.is_empty());

        let days = ["2026-11-05", "2026-11-06", "2026-11-07"].map(|day| day.parse().unwrap());
        let days = known_days(db, chapter, &batch.place, &BTreeSet::from(days)).await.unwrap();
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        assert_eq!(days, ["2026-11-05", "2026-11-07"]);
        let none = known_days(db, chapter, &batch.place, &BTreeSet::new()).await.unwrap();
        assert!(none.is_empty());
    }
}

#[tokio::test]
async fn a_line_is_not_booked_twice_but_as_another_occurrence() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let batch = batch(&house, 1).await;
        book(db, vault, chapter, &batch, &[line(1, 0, "2026-11-05", 1)]).await.unwrap();
        let twice = [line(9, 0, "2026-11-05", 2), line(1, 0, "2026-11-05", 3)];
        let refused = book(db, vault, chapter, &batch, &twice).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(&DeskRefusal::BookedAlready(1)));
        let next = next_occurrence(db, vault, chapter, &batch.place, &[1; 32]).await.unwrap();
        assert_eq!(next, 1);
        book(db, vault, chapter, &batch, &[line(1, next, "2026-11-05", 3)]).await.unwrap();
        assert_eq!(release(db, chapter, &voucher(1)).await.unwrap(), 1);
        let free = next_occurrence(db, vault, chapter, &batch.place, &[1; 32]).await.unwrap();
        assert_eq!(free, 0, "a reversed entry gives its line free");
    }
}

#[tokio::test]
async fn the_same_file_is_recognised_once_it_booked_something() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let first = batch(&house, 1).await;
        assert!(batches_of_file(db, vault, chapter, &[1; 32]).await.unwrap().is_empty());
        book(db, vault, chapter, &first, &[line(1, 0, "2026-11-05", 1)]).await.unwrap();
        batch(&house, 1).await;
        let batches = batches_of_file(db, vault, chapter, &[1; 32]).await.unwrap();
        assert_eq!(batches, std::slice::from_ref(&first));
        assert!(batches_of_file(db, vault, chapter, &[2; 32]).await.unwrap().is_empty());
        let name = file_name(db, vault, chapter, &first.id).await.unwrap();
        assert_eq!(name.as_deref(), Some("Sao kê bà Hoa.xlsx"));
        crate::store::desk::vault::erase(
            db,
            chapter,
            &house.person(1),
            &first.subject(),
            house.now,
        )
        .await
        .unwrap();
        assert_eq!(file_name(db, vault, chapter, &first.id).await.unwrap(), None);
        let still = known(db, vault, chapter, &first.place, &[([1; 32], 0)]).await.unwrap();
        assert_eq!(still.len(), 1, "what is booked stays booked");
    }
}

#[tokio::test]
async fn a_copy_of_the_database_does_not_tell_which_line_was_booked() {
    let house = house::sqlite().await;
    let batch = batch(&house, 1).await;
    let identity: Identity = core::array::from_fn(|at| at as u8 + 100);
    let booked = BookedLine { identity, ..line(1, 0, "2026-11-05", 1) };
    book(&house.db, &house.vault, &house.chapter, &batch, &[booked]).await.unwrap();
    let raw = house.raw_hex();
    assert!(!house::holds(&raw, identity), "only the blinded identity is stored");
    assert!(house::holds(&raw, "vietinbank"), "the search finds what is there");
    assert!(!house::holds(&raw, "Sao kê bà Hoa"));
}

#[tokio::test]
async fn a_thousand_lines_are_asked_for_at_once() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let batch = batch(&house, 1).await;
        let identity = |number: u16| {
            let mut identity = [0; 32];
            identity[..2].copy_from_slice(&number.to_be_bytes());
            identity
        };
        let lines: Vec<BookedLine> = (0..1200)
            .map(|number| BookedLine {
                identity: identity(number),
                ..line(0, 0, "2026-11-05", number)
            })
            .collect();
        book(db, vault, chapter, &batch, &lines).await.unwrap();
        let asked: Vec<_> = (0..1300).map(|number| (identity(number), 0)).collect();
        let found = known(db, vault, chapter, &batch.place, &asked).await.unwrap();
        assert_eq!(found.len(), 1200);
    }
}
