//! Bank lines: nothing twice without a person saying so.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::alongside::Alongside;
use crate::store::desk::house::{self, House};
use crate::store::desk::together;

fn voucher(number: u16) -> VoucherId {
    format!("019a5000-0000-7000-8000-{number:012x}").parse().unwrap()
}

fn line(identity: u8, occurrence: u32, day: &str) -> BankLine {
    BankLine {
        identity: [identity; 32],
        occurrence,
        document: Some([identity + 100; 32]),
        reference: None,
        words: Some([identity + 150; 32]),
        day: day.parse().unwrap(),
        time: NaiveTime::from_hms_opt(8, 0, u32::from(identity)),
        has_balance: identity.is_multiple_of(2),
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

/// Books a line as the entry of its number.
async fn book(house: &House, batch: &Batch, line: &BankLine, number: u16) -> bool {
    let steps = together::bank_line(&house.vault, &house.chapter, batch, line, &voucher(number));
    house.run(number.into(), &steps).await
}

async fn found(house: &House, place: &Code, lines: &[BankLine]) -> Vec<KnownLine> {
    asked(house, &house.chapter, place, lines).await
}

async fn asked(
    house: &House,
    chapter: &Chapter,
    place: &Code,
    lines: &[BankLine],
) -> Vec<KnownLine> {
    let days = lines.iter().map(|line| line.day).collect();
    let lines = lines.iter().cloned();
    known(&house.db, &house.vault, chapter, (place, &days), lines).await.unwrap()
}

fn booked(line: &BankLine, number: u16) -> KnownLine {
    let decided = Decided::Booked { voucher: voucher(number), seq: number.into() };
    KnownLine { line: line.clone(), decided }
}

#[tokio::test]
async fn booked_lines_are_known_again_with_all_that_they_are_recognised_by() {
    for house in house::all().await {
        let batch = batch(&house, 1).await;
        let lines = [line(1, 0, "2026-11-05"), line(1, 1, "2026-11-05"), line(2, 0, "2026-11-07")];
        for (number, line) in (1..).zip(&lines) {
            assert!(book(&house, &batch, line, number).await);
        }
        let all: Vec<KnownLine> = (1..).zip(&lines).map(|(at, line)| booked(line, at)).collect();
        assert_eq!(found(&house, &batch.place, &lines).await, all);
        assert!(found(&house, &"cash".parse().unwrap(), &lines).await.is_empty());
        assert!(asked(&house, &house.other, &batch.place, &lines).await.is_empty());
        assert!(found(&house, &batch.place, &[]).await.is_empty());

        // Of a day between two others nothing is known, and only days of the file are looked at.
        assert!(found(&house, &batch.place, &[line(9, 0, "2026-11-06")]).await.is_empty());
        let two = [line(9, 0, "2026-11-05"), line(9, 0, "2026-11-06")];
        assert_eq!(found(&house, &batch.place, &two).await.len(), 2);
    }
}

#[tokio::test]
async fn a_line_that_the_file_has_not_is_known_by_what_both_share() {
    for house in house::all().await {
        let batch = batch(&house, 1).await;
        let before = line(1, 0, "2026-11-05");
        assert!(book(&house, &batch, &before, 1).await);
        // Another balance: another identity, the same words; the number is left out.
        let now = BankLine { identity: [7; 32], document: None, ..before.clone() };
        let known = found(&house, &batch.place, &[now]).await;
        assert_eq!(known[0].line.words, before.words);
        assert_ne!(known[0].line.identity, before.identity, "kept blinded");
        assert!(known[0].line.document.is_some_and(|kept| Some(kept) != before.document));
        assert_eq!((known[0].line.day, known[0].line.time), (before.day, before.time));
    }
}

#[tokio::test]
async fn a_line_is_decided_once_until_its_entry_is_reversed() {
    for house in house::all().await {
        let batch = batch(&house, 1).await;
        let first = line(1, 0, "2026-11-05");
        assert!(book(&house, &batch, &first, 1).await);
        assert!(!book(&house, &batch, &first, 2).await, "the same line again");
        assert!(book(&house, &batch, &line(1, 1, "2026-11-05"), 2).await, "another occurrence");
        assert!(house.run(3, &together::reversed(1)).await);
        let left = found(&house, &batch.place, std::slice::from_ref(&first)).await;
        assert_eq!(left, [booked(&line(1, 1, "2026-11-05"), 2)]);
        assert!(book(&house, &batch, &first, 4).await, "free again");
        assert!(house.run(5, &together::reversed(77)).await, "an entry without a bank line");
    }
}

#[tokio::test]
async fn a_line_that_was_left_out_is_known_by_its_reason_and_taken_up_once() {
    for house in house::all().await {
        let (vault, chapter) = (&house.vault, &house.chapter);
        let batch = batch(&house, 1).await;
        let line = line(1, 0, "2026-11-05");
        let left = together::left_out(vault, chapter, &batch, &line, "slip");
        assert!(house.run(0, &left).await);
        assert!(!house.run(0, &left).await, "left out twice");
        let known = found(&house, &batch.place, std::slice::from_ref(&line)).await;
        assert_eq!(known[0].decided, Decided::LeftOut("slip".to_owned()));
        assert!(!book(&house, &batch, &line, 1).await, "the decision stands");
        let taken_up = together::taken_up(vault, chapter, &batch.place, &line);
        assert!(house.run(1, &taken_up).await);
        assert!(book(&house, &batch, &line, 1).await);
        assert!(!house.run(2, &taken_up).await, "a booked line is not taken up");
        let known = found(&house, &batch.place, std::slice::from_ref(&line)).await;
        assert_eq!(known, [booked(&line, 1)]);
    }
}

#[tokio::test]
async fn the_same_file_is_recognised_once_it_booked_something() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let first = batch(&house, 1).await;
        assert!(batches_of_file(db, vault, chapter, &[1; 32]).await.unwrap().is_empty());
        let line = line(1, 0, "2026-11-05");
        assert!(book(&house, &first, &line, 1).await);
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
        let still = found(&house, &first.place, &[line]).await;
        assert_eq!(still.len(), 1, "what is booked stays booked");
    }
}

#[tokio::test]
async fn a_batch_is_undone_only_while_it_has_no_line() {
    for house in house::all().await {
        let (db, chapter) = (&house.db, &house.chapter);
        let (empty, kept) = (batch(&house, 1).await, batch(&house, 2).await);
        let line = line(1, 0, "2026-11-05");
        assert!(book(&house, &kept, &line, 1).await);
        for batch in [&empty, &kept] {
            abandon_batch(db, chapter, batch).await.unwrap();
        }
        let name = async |batch: &Batch| file_name(db, &house.vault, chapter, &batch.id).await;
        assert_eq!(name(&empty).await.unwrap_err().refusal(), Some(&DeskRefusal::UnknownBatch));
        assert!(name(&kept).await.unwrap().is_some());
        let text = "SELECT subject FROM vault_keys WHERE chapter = $1";
        assert_eq!(sql::all(db, text, values![chapter.id]).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_copy_of_the_database_does_not_tell_which_line_was_booked() {
    let house = house::sqlite().await;
    let batch = batch(&house, 1).await;
    let digest = |first: usize| -> Identity { core::array::from_fn(|at| (at + first) as u8) };
    let secret = BankLine {
        identity: digest(100),
        document: Some(digest(40)),
        reference: Some(digest(60)),
        words: Some(digest(160)),
        ..line(1, 0, "2026-11-05")
    };
    assert!(book(&house, &batch, &secret, 1).await);
    let raw = house.raw_hex();
    for first in [40, 60, 100, 160] {
        assert!(!house::holds(&raw, digest(first)), "only blinded digests are stored");
    }
    assert!(house::holds(&raw, "vietinbank"), "the search finds what is there");
    assert!(!house::holds(&raw, "Sao kê bà Hoa"));
}

#[tokio::test]
async fn a_thousand_lines_are_asked_for_at_once() {
    for house in house::all().await {
        let batch = batch(&house, 1).await;
        let numbered = |number: u16| {
            let mut identity = [0; 32];
            identity[..2].copy_from_slice(&number.to_be_bytes());
            BankLine { identity, ..line(0, 0, "2026-11-05") }
        };
        let mut steps = Alongside::nothing();
        for number in 0..1200 {
            let (line, id) = (numbered(number), voucher(number));
            let next = together::bank_line(&house.vault, &house.chapter, &batch, &line, &id);
            steps = steps.and(next);
        }
        assert!(house.run(1, &steps).await);
        let asked: Vec<_> = (0..1300).map(numbered).collect();
        let known = found(&house, &batch.place, &asked).await;
        let identities: BTreeSet<_> = known.iter().map(|known| known.line.identity).collect();
        assert_eq!(identities, asked[..1200].iter().map(|line| line.identity).collect());
    }
}
