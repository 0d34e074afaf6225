//! Deadlines and notices, on both databases.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house;

fn refused(done: Result<impl std::fmt::Debug, DeskFault>) -> DeskRefusal {
    done.unwrap_err().refusal().unwrap().clone()
}

#[tokio::test]
async fn deadlines_have_defaults_are_kept_version_by_version_and_can_be_reset() {
    for house in house::all().await {
        let (db, own) = (&house.db, &house.chapter);
        let before = in_force(db, own).await.unwrap();
        assert_eq!((before.number, before.usual), (0, true));
        let mut changed = before.deadlines.clone();
        let month = Deadline { days: 15, source: "Quy chế".to_owned(), check: false, on: false };
        changed.set(Rule::MonthClosed, month.clone());
        changed.since = Some("2026-01-01".parse().unwrap());
        let person = house.person(1);
        change(db, own, (0, Some(&changed)), &person, house.now).await.unwrap();
        let now = in_force(db, own).await.unwrap();
        assert_eq!((now.number, now.usual, &now.deadlines), (1, false, &changed));
        assert_eq!(now.deadlines.of(Rule::MonthClosed), month);
        assert_eq!(now.changed, Some((person.clone(), house.now)));
        // Somebody who saw the version before does not overwrite it.
        let late = change(db, own, (0, Some(&before.deadlines)), &person, house.now).await;
        assert_eq!(refused(late), DeskRefusal::RecordMoved);
        change(db, own, (1, None), &person, house.later(5)).await.unwrap();
        let all = versions(db, own).await.unwrap();
        let told: Vec<_> = all.iter().map(|own| (own.number, own.usual)).collect();
        assert_eq!(told, [(0, true), (1, false), (2, true)]);
        assert_eq!(in_force(db, own).await.unwrap().deadlines, Deadlines::default());
        // The neighbours have theirs.
        assert_eq!(in_force(db, &house.other).await.unwrap().number, 0);
    }
}

#[tokio::test]
async fn deadlines_out_of_their_range_are_refused() {
    let house = house::sqlite().await;
    let (db, own, person) = (&house.db, &house.chapter, house.person(1));
    for (days, source) in
        [(0, ""), (MOST_DAYS + 1, ""), (u32::MAX, ""), (10, "một\nhai"), (10, &"x".repeat(201))]
    {
        let mut changed = Deadlines::default();
        let source = (*source).to_owned();
        changed.set(Rule::AppealUsed, Deadline { days, source, check: true, on: true });
        assert!(change(db, own, (0, Some(&changed)), &person, house.now).await.is_err(), "{days}");
    }
    assert_eq!(in_force(db, own).await.unwrap().number, 0);
}

#[test]
fn rules_of_a_newer_program_are_kept_and_missing_ones_are_the_usual() {
    let text = r#"{"rules":{"complaint_answered":{"days":9},"year_published":{"days":60,
        "source":"","check":false,"on":true}}}"#;
    let read: Deadlines = serde_json::from_str(text).unwrap();
    assert_eq!(read.of(Rule::YearPublished).days, 60);
    assert_eq!(read.of(Rule::MonthClosed), Rule::MonthClosed.usual());
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!(written["rules"]["complaint_answered"]["days"], 9);
    assert_eq!(written["rules"]["appeal_intake"]["days"], 90);
}

#[tokio::test]
async fn a_notice_is_kept_once_and_taken_back_once() {
    for house in house::all().await {
        let (db, own, person) = (&house.db, &house.chapter, house.person(1));
        let notice = Notice {
            id: house.person(9),
            statement: "2026-q3".to_owned(),
            posted_on: "2026-10-09".parse().unwrap(),
            until_on: "2026-11-08".parse().unwrap(),
            place: "Nhà văn hóa thôn Thượng".to_owned(),
        };
        assert!(post(db, own, &notice, &person, house.now).await.unwrap());
        assert!(!post(db, own, &notice, &person, house.now).await.unwrap());
        assert_eq!(notices(db, own).await.unwrap(), std::slice::from_ref(&notice));
        assert_eq!(notices(db, &house.other).await.unwrap(), []);
        let backwards = Notice { until_on: "2026-10-08".parse().unwrap(), ..notice.clone() };
        let odd = Notice { place: String::new(), ..notice.clone() };
        for wrong in [backwards, odd] {
            assert!(post(db, own, &wrong, &person, house.now).await.is_err());
        }
        let foreign = remove(db, &house.other, &notice.id, &person, house.now).await;
        assert_eq!(refused(foreign), DeskRefusal::Gone);
        assert!(remove(db, own, &notice.id, &person, house.now).await.unwrap());
        assert!(!remove(db, own, &notice.id, &person, house.now).await.unwrap());
        assert_eq!(notices(db, own).await.unwrap(), []);
    }
}
