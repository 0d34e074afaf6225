//! The log of accounts on both databases.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house;

#[tokio::test]
async fn the_log_is_kept_filtered_and_never_changed() {
    for house in house::all().await {
        let (db, chapter) = (&house.db, &house.chapter);
        let (one, two) = (house.person(1), house.person(2));
        for (event, who, seconds) in [
            (Event::SignedIn, Who::own(&one), 0),
            (Event::ResetMade, Who::of(&one, &two), 60),
            (Event::SignedIn, Who::own(&two), 120),
            (Event::BreachReported, Who::default(), 180),
        ] {
            note(db, chapter, event, who, &"x".repeat(300), house.later(seconds)).await.unwrap();
        }
        let events = async |filter: Filter| {
            let all = lines(db, chapter, &filter, 10).await.unwrap();
            all.into_iter().map(|line| line.event).collect::<Vec<_>>()
        };
        let of = |person: &Person| Filter { person: Some(person.clone()), ..Filter::default() };
        assert_eq!(events(Filter::default()).await.len(), 4);
        assert_eq!(events(of(&one)).await, [Event::ResetMade, Event::SignedIn]);
        assert_eq!(events(of(&two)).await, [Event::SignedIn, Event::ResetMade]);
        let span = Filter {
            from: Some(house.later(60)),
            until: Some(house.later(120)),
            ..Filter::default()
        };
        assert_eq!(events(span).await, [Event::ResetMade]);
        let first = lines(db, chapter, &Filter::default(), 2).await.unwrap();
        assert_eq!(first[0].detail.len(), 120);
        let rest = Filter { below: Some(first[1].id), ..Filter::default() };
        assert_eq!(events(rest).await, [Event::ResetMade, Event::SignedIn]);
        assert!(lines(db, &house.other, &Filter::default(), 9).await.unwrap().is_empty());
        for text in ["UPDATE desk_security_log SET detail = ''", "DELETE FROM desk_security_log"] {
            assert!(sql::execute(db, text, Vec::new()).await.is_err(), "{text}");
        }
    }
}

#[tokio::test]
async fn pages_of_the_log_walk_along_its_indexes() {
    let house = house::sqlite().await;
    let person = Some(house.person(1));
    for (filter, indexes) in [
        (Filter::default(), vec!["desk_security_log_order"]),
        (
            Filter { person, below: Some(9), ..Filter::default() },
            vec!["desk_security_log_person", "desk_security_log_doer"],
        ),
    ] {
        let (text, own) = lines_text(&filter, 10);
        let mut values = values![house.chapter.id];
        values.extend(own);
        let rows = sql::all(&house.db, &format!("EXPLAIN QUERY PLAN {text}"), values).await;
        let plan: Vec<String> =
            rows.unwrap().iter().map(|row| sql::column(row, "detail").unwrap()).collect();
        let plan = plan.join("\n");
        for index in indexes {
            assert!(plan.contains(index), "{index}: {plan}");
        }
        assert!(!plan.contains("SCAN desk_security_log"), "{plan}");
    }
}

#[tokio::test]
async fn sign_ins_are_counted_good_and_failed_by_account_and_hour() {
    for house in house::all().await {
        let (db, chapter) = (&house.db, &house.chapter);
        let one = house.person(1);
        let hour = house.now.timestamp().rem_euclid(3_600);
        for seconds in 0..50 {
            let at = house.later(seconds - hour);
            failed(db, chapter, None, Failure::Passphrase, at).await.unwrap();
            failed(db, chapter, Some(&one), Failure::Code, at).await.unwrap();
        }
        failed(db, chapter, Some(&one), Failure::Waited, house.later(-7_200)).await.unwrap();
        note(db, chapter, Event::SignedIn, Who::own(&one), "", house.now).await.unwrap();
        let rows = "SELECT COUNT(*) AS number FROM desk_failed_sign_ins";
        let row = sql::one(db, rows, Vec::new()).await.unwrap().unwrap();
        assert_eq!(sql::column::<i64>(&row, "number").unwrap(), 3, "whoever guesses fills nothing");
        let all = sign_ins(db, chapter, &Filter::default()).await.unwrap();
        assert_eq!(all[&None], SignIns { passphrase: 50, ..SignIns::default() });
        let own = SignIns { good: 1, code: 50, waited: 1, ..SignIns::default() };
        assert_eq!(all[&Some(one.clone())], own);
        let since = Filter { from: Some(house.later(-hour)), ..Filter::default() };
        let late = sign_ins(db, chapter, &since).await.unwrap();
        assert_eq!(late[&Some(one)], SignIns { waited: 0, ..own });
    }
}

#[test]
fn every_event_is_read_back() {
    for event in Event::ALL {
        assert_eq!(event.as_str().parse(), Ok(*event));
    }
    assert!("".parse::<Event>().is_err());
}
