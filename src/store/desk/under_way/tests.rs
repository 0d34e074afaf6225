//! Statements on their way: their officer's alone, sealed, for a limited time.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::alongside::Steps;
use crate::store::desk::house::{self, House};
use crate::store::desk::imports::open_batch;

const FILE: &[u8] = b"Date,Details,Credit\n05/11/2026,NGUYEN THI HANH ung ho,500.000\n";

async fn bring(house: &House, officer: u8, seconds: i64) -> Result<Person, DeskFault> {
    let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
    let officer = house.person(officer);
    let what = (What::Statement, FILE, b"first choices".as_slice());
    take_in(db, vault, chapter, &officer, what, house.later(seconds)).await
}

async fn look(house: &House, officer: u8, id: &Person, seconds: i64) -> Option<UnderWay> {
    let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
    let of = (What::Statement, &house.person(officer));
    find(db, vault, chapter, of, id, house.later(seconds)).await.unwrap()
}

async fn run(house: &House, seq: i64, alongside: &Alongside) -> bool {
    let mut steps = Steps::default();
    steps.add(house.chapter.id, seq, alongside.clone());
    steps.run(&house.db).await.is_ok()
}

async fn number_of_keys(house: &House) -> usize {
    let text = "SELECT subject FROM vault_keys WHERE chapter = $1";
    sql::all(&house.db, text, values![house.chapter.id]).await.unwrap().len()
}

#[tokio::test]
async fn a_statement_is_its_officers_alone_and_waits_for_twelve_hours() {
    for house in house::all().await {
        let id = bring(&house, 1, 0).await.unwrap();
        let Some(UnderWay::Waiting(waiting, file)) = look(&house, 1, &id, 60).await else {
            panic!("it waits");
        };
        assert_eq!((file.as_slice(), waiting.choices.as_slice()), (FILE, &b"first choices"[..]));
        assert_eq!((waiting.id, waiting.version), (id.clone(), 0));
        assert!(look(&house, 2, &id, 60).await.is_none(), "somebody else's");
        let other = house.person(9);
        assert!(look(&house, 1, &other, 60).await.is_none(), "no such statement");
        let half_a_day = LONGEST.num_seconds();
        assert!(look(&house, 1, &id, half_a_day - 1).await.is_some());
        assert!(look(&house, 1, &id, half_a_day).await.is_none(), "forgotten");
        assert_eq!(number_of_keys(&house).await, 1);
        bring(&house, 2, half_a_day).await.unwrap();
        assert_eq!(number_of_keys(&house).await, 1, "the old one is swept with its key");
    }
}

#[tokio::test]
async fn nothing_of_a_statement_stands_in_clear_and_none_of_it_stays() {
    let house = house::sqlite().await;
    let id = bring(&house, 1, 0).await.unwrap();
    for secret in ["NGUYEN THI HANH", "first choices"] {
        assert!(!house::holds(&house.raw_hex(), secret), "{secret}");
    }
    assert!(house::holds(&house.raw_hex(), id.as_str()), "the search finds what is there");
    discard(&house.db, &house.chapter, &house.person(2), &id).await.unwrap();
    assert!(look(&house, 1, &id, 0).await.is_some(), "nobody else throws it away");
    discard(&house.db, &house.chapter, &house.person(1), &id).await.unwrap();
    assert!(look(&house, 1, &id, 0).await.is_none());
    assert_eq!(number_of_keys(&house).await, 0);
}

#[tokio::test]
async fn of_two_who_change_choices_at_once_one_is_told() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let id = bring(&house, 1, 0).await.unwrap();
        change(db, vault, chapter, (&id, 0), b"second", house.now).await.unwrap();
        let late = change(db, vault, chapter, (&id, 0), b"late", house.now).await.unwrap_err();
        assert_eq!(late.refusal(), Some(&DeskRefusal::ImportMoved));
        change(db, vault, chapter, (&id, 1), b"third", house.now).await.unwrap();
        let person = house.person(1);
        let all = waiting(db, vault, chapter, (What::Statement, &person), house.now).await.unwrap();
        assert_eq!((all[0].version, all[0].choices.as_slice()), (2, &b"third"[..]));
    }
}

#[tokio::test]
async fn an_officer_has_three_at_most() {
    for house in house::all().await {
        for _ in 0..MOST {
            bring(&house, 1, 0).await.unwrap();
        }
        let refused = bring(&house, 1, 0).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(&DeskRefusal::ImportsWait(MOST)));
        bring(&house, 2, 0).await.unwrap();
    }
}

#[tokio::test]
async fn a_statement_is_recorded_once_with_the_choices_that_were_signed() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (person, place) = (house.person(1), "vietinbank".parse().unwrap());
        let id = bring(&house, 1, 0).await.unwrap();
        let batch = open_batch(db, vault, chapter, &place, &[1; 32], "a.csv", &person, house.now);
        let batch = batch.await.unwrap();
        change(db, vault, chapter, (&id, 0), b"second", house.now).await.unwrap();
        assert!(!run(&house, 5, &recorded((&id, 0), &batch, "{}")).await, "other choices");
        let steps = recorded((&id, 1), &batch, "{}").and(entry(&id));
        assert!(run(&house, 5, &steps).await);
        assert!(run(&house, 9, &entry(&id)).await);
        let Some(UnderWay::Recorded(what)) = look(&house, 1, &id, 0).await else {
            panic!("it was recorded");
        };
        assert_eq!(what, Recorded { outcome: "{}".to_owned(), entries: Some((5, 9)) });
        assert!(!run(&house, 10, &recorded((&id, 1), &batch, "{}")).await, "a second click");
        let keys = number_of_keys(&house).await;
        assert_eq!(keys, 1, "the batch's key alone: the statement's is gone");
        assert!(look(&house, 1, &id, 2 * LONGEST.num_seconds()).await.is_some(), "it is kept");
    }
}

#[tokio::test]
async fn a_list_of_families_is_no_statement_and_is_done_once() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (officer, now) = (house.person(1), house.now);
        let what = (What::Families, FILE, b"choices".as_slice());
        let id = take_in(db, vault, chapter, &officer, what, now).await.unwrap();
        let statement = (What::Statement, &officer);
        assert!(find(db, vault, chapter, statement, &id, now).await.unwrap().is_none());
        assert!(waiting(db, vault, chapter, statement, now).await.unwrap().is_empty());
        let families = (What::Families, &officer);
        assert_eq!(waiting(db, vault, chapter, families, now).await.unwrap().len(), 1);
        done(db, chapter, (&id, 0), "12").await.unwrap();
        let again = done(db, chapter, (&id, 0), "12").await.unwrap_err();
        assert_eq!(again.refusal(), Some(&DeskRefusal::ImportMoved));
        let found = find(db, vault, chapter, families, &id, now).await.unwrap();
        let recorded = Recorded { outcome: "12".to_owned(), entries: None };
        assert!(matches!(found, Some(UnderWay::Recorded(own)) if own == recorded));
    }
}
