//! Plans: periods filled oldest first; rows under the keys of those whom they are about.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Date;
use crate::money::Money;
use crate::store::desk::house::{self, House, holds};
use crate::store::desk::vault;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn dong(minor: i64) -> Money {
    Money::new(minor).unwrap()
}

fn id(number: u8) -> Person {
    format!("{number:016x}").parse().unwrap()
}

fn voucher(number: u8) -> VoucherId {
    format!("019a5000-0000-7000-8000-{number:012x}").parse().unwrap()
}

/// Two families each month: 300.000 and 200.000, from 5 January 2026.
fn plan() -> Plan {
    let from = day("2026-01-05");
    let link =
        |number, amount| Link { id: id(number), steps: vec![Step { from, amount: dong(amount) }] };
    Plan {
        fund: "do-dau".parse().unwrap(),
        programme: "do-dau".parse().unwrap(),
        every: Every::Month,
        from,
        until: None,
        links: vec![link(1, 300_000), link(2, 200_000)],
        gifts: Vec::new(),
        handovers: Vec::new(),
        pauses: Vec::new(),
        ended: None,
        notes: None,
        changed: None,
    }
}

fn stands(seq: Option<u64>, on: &str, amount: i64) -> Standing {
    let absent = BTreeSet::new();
    Standing { seq, day: day(on), amount: dong(amount), came_back: Money::ZERO, absent }
}

fn gift(number: u8, from: &str, amount: i64) -> Gift {
    Gift { voucher: voucher(number), from: day(from), amount: dong(amount) }
}

fn handover(link: u8, number: u8, amount: i64) -> Handover {
    let from = day("2026-01-05");
    Handover { link: id(link), voucher: voucher(number), from, amount: dong(amount) }
}

/// Each period: its first day, what was given, what was handed over.
fn told(schedule: &Schedule) -> Vec<(String, i64, i64)> {
    let told = |period: &Period| {
        (period.from.to_string(), period.received().minor(), period.laid().minor())
    };
    schedule.periods.iter().map(told).collect()
}

fn now(plan: &Plan, vouchers: &Vouchers, today: &str) -> Schedule {
    schedule(plan, vouchers, &BTreeMap::new(), day(today))
}

#[test]
fn a_year_in_advance_and_a_part_fill_the_oldest_periods_first() {
    let mut own = plan();
    own.gifts = vec![gift(1, "2026-01-05", 700_000), gift(2, "2026-01-05", 6_000_000)];
    own.handovers = vec![handover(1, 3, 300_000), handover(1, 4, 100_000), handover(2, 3, 200_000)];
    let vouchers = Vouchers::from([
        (voucher(1), stands(Some(1), "2026-01-05", 700_000)),
        (voucher(2), stands(Some(2), "2026-02-01", 6_000_000)),
        (voucher(3), stands(Some(3), "2026-01-12", 500_000)),
        (voucher(4), stands(None, "2026-02-12", 100_000)),
    ]);
    let schedule = now(&own, &vouchers, "2026-02-20");
    let all = told(&schedule);
    assert_eq!(all[0], ("2026-01-05".to_owned(), 500_000, 500_000));
    assert_eq!(all[1], ("2026-02-05".to_owned(), 500_000, 100_000));
    assert_eq!(all[12], ("2027-01-05".to_owned(), 500_000, 0));
    // 6.700.000 are thirteen periods and 200.000 of the fourteenth, which is the next to be given.
    assert_eq!(all[13], ("2027-02-05".to_owned(), 200_000, 0));
    assert_eq!(all.len(), 14);
    assert_eq!(schedule.next_due().unwrap().from, day("2027-02-05"));
    assert_eq!((schedule.received(), schedule.handed()), (dong(6_700_000), dong(500_000)));
    assert_eq!(schedule.periods[0].handover(), Filled::Whole);
    assert_eq!(schedule.periods[1].handover(), Filled::Partly);
    let payable = schedule.payable(day("2026-02-20"));
    assert_eq!(payable, BTreeMap::from([(id(1), dong(200_000)), (id(2), dong(200_000))]));
}

#[test]
fn a_voucher_that_stands_no_more_frees_its_period_and_one_that_came_back_takes_less() {
    let mut own = plan();
    own.gifts = vec![gift(1, "2026-01-05", 500_000)];
    own.handovers = vec![handover(1, 2, 300_000)];
    let mut vouchers = Vouchers::from([
        (voucher(1), stands(Some(1), "2026-01-06", 400_000)),
        (voucher(2), stands(None, "2026-01-07", 300_000)),
    ]);
    let first = now(&own, &vouchers, "2026-01-20");
    assert_eq!(told(&first)[0], ("2026-01-05".to_owned(), 400_000, 300_000));
    assert_eq!(first.periods[0].gift(), Filled::Partly);
    assert_eq!(first.handed(), Money::ZERO, "what waits was not handed over yet");
    vouchers.remove(&voucher(2));
    assert_eq!(told(&now(&own, &vouchers, "2026-01-20"))[0].2, 0);
    let waits = |amount| stands(None, "2026-01-06", amount);
    let waiting = Vouchers::from([(voucher(1), waits(500_000))]);
    let first = now(&own, &waiting, "2026-01-20");
    assert_eq!(first.periods[0].gift(), Filled::Waiting);
    assert!(first.payable(day("2026-01-20")).is_empty(), "a gift that waits pays nothing");
    // A family that did not come to a round got nothing by its voucher.
    let mut absent = stands(Some(2), "2026-01-07", 300_000);
    absent.absent.insert(id(9));
    vouchers.insert(voucher(2), absent);
    let families = BTreeMap::from([(id(1), id(9))]);
    assert_eq!(told(&schedule(&own, &vouchers, &families, day("2026-01-20")))[0].2, 0);
}

#[test]
fn amounts_change_from_a_day_on_and_times_of_rest_have_no_periods() {
    let mut own = plan();
    own.links[0].change(day("2026-03-01"), dong(400_000));
    own.links[1].change(day("2026-03-01"), Money::ZERO);
    own.rest(day("2026-04-01"), true);
    assert_eq!(own.state_on(day("2026-04-02")), State::Paused);
    own.rest(day("2026-06-05"), false);
    let all = now(&own, &Vouchers::new(), "2026-06-10").periods;
    let told: Vec<(String, i64)> =
        all.iter().map(|period| (period.from.to_string(), period.expected.minor())).collect();
    let of = |day: &str, amount| (day.to_owned(), amount);
    assert_eq!(
        told,
        [
            of("2026-01-05", 500_000),
            of("2026-02-05", 500_000),
            of("2026-03-05", 400_000),
            of("2026-06-05", 400_000),
            of("2026-07-05", 400_000),
        ]
    );
    own.ended = Some(Ended { on: day("2026-06-30"), reason: "Đã đi làm".to_owned() });
    assert_eq!(now(&own, &Vouchers::new(), "2026-09-01").periods.len(), 4);
    assert_eq!(own.state_on(day("2026-09-01")), State::Ended);
}

#[test]
fn what_no_period_takes_is_said_and_short_months_move_nothing() {
    let mut own = plan();
    (own.from, own.until) = (day("2026-01-31"), Some(day("2026-03-31")));
    for link in &mut own.links {
        link.steps[0].from = own.from;
    }
    own.gifts = vec![gift(1, "2026-01-31", 2_000_000)];
    own.handovers = vec![handover(2, 2, 700_000)];
    let vouchers = Vouchers::from([
        (voucher(1), stands(Some(1), "2026-02-01", 2_000_000)),
        (voucher(2), stands(Some(2), "2026-02-01", 700_000)),
    ]);
    let all = now(&own, &vouchers, "2026-12-01");
    let days: Vec<String> = all.periods.iter().map(|period| period.from.to_string()).collect();
    assert_eq!(days, ["2026-01-31", "2026-02-28", "2026-03-31"]);
    assert_eq!(all.periods[0].to, day("2026-02-27"));
    assert_eq!(all.spare[0].amount, dong(500_000));
    assert_eq!(all.beyond[0].amount, dong(100_000));
    assert_eq!((all.received(), all.handed()), (dong(2_000_000), dong(700_000)));
}

#[test]
fn a_period_is_overdue_after_thirty_days_or_at_its_end() {
    let own = plan();
    let all = now(&own, &Vouchers::new(), "2026-02-10");
    assert!(all.periods[0].is_overdue(day("2026-02-10")));
    assert!(!all.periods[0].is_overdue(day("2026-02-04")));
    assert!(!all.periods[1].is_overdue(day("2026-02-10")));
    let yearly = Plan { every: Every::Year, ..own };
    let all = now(&yearly, &Vouchers::new(), "2026-02-10");
    assert!(all.periods[0].is_overdue(day("2026-02-05")));
    assert!(!all.periods[0].is_overdue(day("2026-02-04")));
}

/// A plan of a known donor for two known families; the donor, the families.
async fn made(house: &House) -> (Person, [Person; 2]) {
    let donor = house.known(Role::Donor, "Phạm Văn Dừa").await;
    let families = [
        house.known(Role::Family, "Võ Thị Sầu Riêng").await,
        house.known(Role::Family, "Lê Thị Măng Cụt").await,
    ];
    let named = [(id(1), families[0].clone()), (id(2), families[1].clone())];
    let sponsor = Sponsor::Known(donor.clone());
    let new = (&id(7), &sponsor, &plan(), named.as_slice());
    for first in [true, false] {
        let officer = house.person(1);
        let done =
            make(&house.db, &house.vault, &house.chapter, new, &officer, house.now).await.unwrap();
        assert_eq!(done, first, "a second click makes no second plan");
    }
    (donor, families)
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, DeskFault>) -> DeskRefusal {
    answer.unwrap_err().refusal().cloned().unwrap()
}

#[tokio::test]
async fn a_plan_is_read_back_changed_once_and_unknown_to_the_other_chapter() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (donor, families) = made(&house).await;
        let own = get(db, vault, chapter, &id(7)).await.unwrap().unwrap();
        assert_eq!((&own.sponsor, own.version, own.turn), (&donor, 0, None));
        assert!(own.plan == plan() && format!("{own:?}").contains("hidden"));
        let named = super::families(db, vault, chapter).await.unwrap();
        assert_eq!(named[&id(2)], families[1]);
        assert!(get(db, vault, &house.other, &id(7)).await.unwrap().is_none());
        assert!(all(db, vault, &house.other).await.unwrap().all.is_empty());
        let officer = house.person(1);
        let mut mine = own.clone();
        mine.plan.notes = Some("Gọi trước".to_owned());
        change(db, vault, chapter, (&mine, &[]), &officer, house.now).await.unwrap();
        let second = change(db, vault, chapter, (&own, &[]), &officer, house.now).await;
        assert_eq!(refusal(second), DeskRefusal::PlanMoved);
        let own = get(db, vault, chapter, &id(7)).await.unwrap().unwrap();
        assert_eq!((own.plan.notes.as_deref(), own.version), (Some("Gọi trước"), 1));
        // A family is no sponsor, and somebody unknown neither.
        for nobody in [families[0].clone(), id(99)] {
            let sponsor = Sponsor::Known(nobody);
            let new = (&id(8), &sponsor, &plan(), [].as_slice());
            let done = make(db, vault, chapter, new, &officer, house.now).await;
            assert_eq!(refusal(done), DeskRefusal::Gone);
        }
        let subject = Subject::Person(donor);
        vault::restrict(db, chapter, &officer, &subject, true, house.now).await.unwrap();
        let plans = all(db, vault, chapter).await.unwrap();
        assert_eq!((plans.all.len(), plans.held_back), (0, 1));
        assert!(get(db, vault, chapter, &id(7)).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn erasing_a_family_takes_its_name_and_erasing_the_sponsor_takes_the_plan() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let (donor, families) = made(&house).await;
        if house.folder.is_some() {
            let raw = house.raw_hex();
            for name in [id(1), id(2)] {
                assert!(!holds(&raw, format!("\"{name}\"")), "who helps whom is sealed");
            }
        }
        let erase = async |person: &Person| {
            let subject = Subject::Person(person.clone());
            vault::erase(db, chapter, &officer, &subject, house.now).await.unwrap();
        };
        erase(&families[0]).await;
        let named = super::families(db, vault, chapter).await.unwrap();
        assert_eq!(named.keys().collect::<Vec<_>>(), [&id(2)]);
        let own = get(db, vault, chapter, &id(7)).await.unwrap().unwrap();
        assert_eq!(own.plan.links.len(), 2, "what was handed over is still counted");
        erase(&donor).await;
        assert!(get(db, vault, chapter, &id(7)).await.unwrap().is_none());
        for table in ["desk_sponsorships", "desk_sponsored"] {
            let text = format!("SELECT COUNT(*) AS number FROM {table}");
            let row = sql::one(db, &text, values![]).await.unwrap().unwrap();
            let left = i64::from(table == "desk_sponsored");
            assert_eq!(sql::column::<i64>(&row, "number").unwrap(), left, "{table}");
        }
        vault::scrub(db).await.unwrap();
    }
}

#[tokio::test]
async fn a_code_opens_its_plan_until_it_is_taken_back() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        made(&house).await;
        let key = [3; 32];
        turn_code(db, vault, chapter, (&id(7), 0, true), &key).await.unwrap();
        let own = get(db, vault, chapter, &id(7)).await.unwrap().unwrap();
        let first = own.code(&key, chapter).unwrap();
        assert_eq!(of_code(db, vault, &first).await.unwrap(), Some((chapter.id, id(7))));
        let stale = turn_code(db, vault, chapter, (&id(7), 0, true), &key).await;
        assert_eq!(refusal(stale), DeskRefusal::PlanMoved);
        turn_code(db, vault, chapter, (&id(7), 1, true), &key).await.unwrap();
        assert_eq!(of_code(db, vault, &first).await.unwrap(), None);
        let own = get(db, vault, chapter, &id(7)).await.unwrap().unwrap();
        let second = own.code(&key, chapter).unwrap();
        assert!(second != first && of_code(db, vault, &second).await.unwrap().is_some());
        turn_code(db, vault, chapter, (&id(7), 2, false), &key).await.unwrap();
        assert_eq!(of_code(db, vault, &second).await.unwrap(), None);
        let own = get(db, vault, chapter, &id(7)).await.unwrap().unwrap();
        assert_eq!(own.code(&key, chapter), None);
    }
}
