//! Gifts and handovers of plans: what a slip is matched to, and what frees its periods again.

use std::collections::BTreeMap;

use minhbach::ledger::disclosure::{Disclosure, PrivateName};
use minhbach::ledger::voucher::VoucherId;
use minhbach::ledger::word::{Date, Person};
use minhbach::money::Money;
use minhbach::store::ChapterId;
use minhbach::store::desk::DeskRefusal;
use minhbach::store::desk::register::{Record, Role};
use minhbach::store::desk::sponsorship::{
    Every, Gift, Handover, Link, Plan, Schedule, Sponsor, Sponsorship, Step,
};
use minhbach::store::desk::vault::{PrivateValue, Purpose, Reader, Subject, Target};
use serde_json::json;

use crate::house::{TestHouse, now, on_both, one, reversal, two};

fn id(text: &str) -> Person {
    format!("{text:0>16}").parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn sealed(name: PrivateName, text: &str, person: &str) -> PrivateValue {
    let disclosure = Disclosure::make(name, text.into()).unwrap();
    PrivateValue { disclosure, subject: Subject::Person(id(person)) }
}

/// The digests of some values, in their order.
fn digests(values: &[PrivateValue]) -> Vec<String> {
    let mut all: Vec<String> =
        values.iter().map(|value| value.disclosure.digest().to_string()).collect();
    all.sort();
    all
}

/// A chapter with a fund for sponsorship, a donor `d`, families `f1` and `f2` (as hex), and a plan
/// from 1 September 2026: 300.000 and 200.000 each month.
async fn furnished(house: &TestHouse) -> ChapterId {
    let chapter = house.chapter("xuan-tay").await;
    let log = house.store.desk(chapter).unwrap().origin;
    let terms = json!({"text": "Trao cho hộ được đỡ đầu", "costs": false});
    let fund = json!({"code": "do-dau", "type": "sponsorship", "name": "Đỡ đầu", "terms": terms});
    house.record(chapter, two(&log, "fund_opened", json!({"fund": fund}))).await.unwrap();
    let named = |name: &str| Record { full_name: name.to_owned(), ..Record::default() };
    let persons = [
        (id("d"), Role::Donor, named("Phạm Văn Dừa")),
        (id("f1"), Role::Family, named("Võ Thị Mận")),
        (id("f2"), Role::Family, named("Lê Thị Bưởi")),
    ];
    house.store.enter_persons(chapter, &persons, &id("1"), now()).await.unwrap();
    let from = day("2026-09-01");
    let link = |name, amount| Link {
        id: id(name),
        steps: vec![Step { from, amount: Money::new(amount).unwrap() }],
    };
    let plan = Plan {
        fund: "do-dau".parse().unwrap(),
        programme: "tet".parse().unwrap(),
        every: Every::Month,
        from,
        until: None,
        links: vec![link("a1", 300_000), link("a2", 200_000)],
        gifts: Vec::new(),
        handovers: Vec::new(),
        pauses: Vec::new(),
        ended: None,
        notes: None,
        changed: None,
    };
    let desk = house.store.desk(chapter).unwrap();
    let sponsor = Sponsor::Known(id("d"));
    let named = [(id("a1"), id("f1")), (id("a2"), id("f2"))];
    let new = (&id("7"), &sponsor, &plan, named.as_slice());
    assert!(house.store.make_sponsorship(&desk, new, &id("1"), now()).await.unwrap());
    chapter
}

/// Records a gift of the donor and matches it to the plan; its seq.
async fn give(house: &TestHouse, chapter: ChapterId, amount: i64) -> u64 {
    let desk = house.store.desk(chapter).unwrap();
    let private = [
        sealed(PrivateName::FullName, "Phạm Văn Dừa", "d"),
        sealed(PrivateName::MaskedName, "P. V. D.", "d"),
    ];
    let members = json!({
        "amount": amount, "place": "bidv", "fund": "do-dau", "method": "transfer",
        "donor": {"type": "person", "_sd": digests(&private)},
    });
    let signed = one(&desk.origin, "donation", members);
    let voucher = signed.voucher.clone();
    let recorded = house.store.record_with(chapter, signed, &private, now()).await.unwrap();
    for _ in 0..2 {
        let plans = [id("7")];
        let slip = (&voucher, private.as_slice(), plans.as_slice());
        house.store.match_slip(&desk, slip, &id("1"), now()).await.unwrap();
    }
    recorded.seq
}

/// Records aid to families and matches it, where that is asked for; its seq.
async fn hand(
    house: &TestHouse,
    chapter: ChapterId,
    families: &[(&str, i64)],
    matched: bool,
) -> u64 {
    let desk = house.store.desk(chapter).unwrap();
    let mut private = Vec::new();
    let mut lines = Vec::new();
    for (family, amount) in families {
        let own = [
            sealed(PrivateName::FullName, "Một hộ", family),
            sealed(PrivateName::Category, "poor", family),
        ];
        lines.push((digests(&own), *amount));
        private.extend(own);
    }
    lines.sort();
    let lines: Vec<_> =
        lines.into_iter().map(|(own, amount)| json!({"_sd": own, "amount": amount})).collect();
    let members = json!({"place": "bidv", "fund": "do-dau", "programme": "tet", "lines": lines});
    let signed = two(&desk.origin, "aid_paid", members);
    let voucher = signed.voucher.clone();
    let recorded = house.store.record_with(chapter, signed, &private, now()).await.unwrap();
    if matched {
        let plans = [id("7")];
        let slip = (&voucher, private.as_slice(), plans.as_slice());
        house.store.match_slip(&desk, slip, &id("1"), now()).await.unwrap();
    }
    recorded.seq
}

async fn due(house: &TestHouse, chapter: ChapterId) -> Schedule {
    let desk = house.store.desk(chapter).unwrap();
    let (person, purpose) = (id("1"), Purpose::Desk);
    let reader = Reader { person: &person, purpose };
    let opened = house.store.sponsorships(&desk, reader, now(), |all| {
        assert_eq!(all.donors.all.len(), 1);
        (all.schedule(&all.plans.all[0].plan, day("2026-11-05")), 1)
    });
    opened.await.unwrap()
}

/// What was given and handed over of each period.
fn told(schedule: &Schedule) -> Vec<(i64, i64)> {
    let all = schedule.periods.iter();
    all.map(|period| (period.received().minor(), period.laid().minor())).collect()
}

#[tokio::test]
async fn slips_are_matched_once_and_what_comes_back_frees_their_periods() {
    on_both(|house| async move {
        let chapter = furnished(&house).await;
        let log = house.store.desk(chapter).unwrap().origin;
        let gift = give(&house, chapter, 1_200_000).await;
        let aid = hand(&house, chapter, &[("f1", 600_000), ("f2", 200_000)], true).await;
        let all = due(&house, chapter).await;
        // The fourth is the next one that is due.
        let expected = [(500_000, 500_000), (500_000, 300_000), (200_000, 0), (0, 0)];
        assert_eq!(told(&all), expected);
        assert_eq!(all.payable(day("2026-11-05")), BTreeMap::from([(id("a2"), money(200_000))]));
        // A part of the gift goes back, and one family's handover, nobody knows which one's.
        let back = json!({"of": gift, "amount": 300_000, "place": "bidv", "reason": "not_a_gift"});
        house.record(chapter, two(&log, "donation_returned", back)).await.unwrap();
        let back = json!({"of": aid, "amount": 200_000, "lines": 1});
        house.record(chapter, two(&log, "handover_returned", back)).await.unwrap();
        let all = due(&house, chapter).await;
        assert_eq!(told(&all)[..2], [(500_000, 500_000), (400_000, 300_000)]);
        let back = json!({"of": aid, "amount": 600_000, "lines": 1});
        house.record(chapter, two(&log, "handover_returned", back)).await.unwrap();
        assert_eq!(told(&due(&house, chapter).await)[0], (500_000, 0), "all of it is back");
        // One family alone: what is back is theirs.
        let aid = hand(&house, chapter, &[("f1", 300_000)], true).await;
        let back = json!({"of": aid, "amount": 100_000, "lines": 1});
        house.record(chapter, two(&log, "handover_returned", back)).await.unwrap();
        assert_eq!(told(&due(&house, chapter).await)[0], (500_000, 200_000));
    })
    .await;
}

fn money(minor: i64) -> Money {
    Money::new(minor).unwrap()
}

#[tokio::test]
async fn a_reversed_gift_counts_no_more_and_what_may_belong_is_offered() {
    on_both(|house| async move {
        let chapter = furnished(&house).await;
        let desk = house.store.desk(chapter).unwrap();
        let gift = give(&house, chapter, 500_000).await;
        let fund = "do-dau".parse().unwrap();
        let offered = house.store.gifts_into(&desk, &fund, &id("d")).await.unwrap();
        assert_eq!(offered.len(), 1);
        assert!(offered[0].own && offered[0].amount == money(500_000));
        let other = house.store.gifts_into(&desk, &fund, &id("f1")).await.unwrap();
        assert!(!other[0].own);
        house.record(chapter, reversal(&desk.origin, gift)).await.unwrap();
        assert_eq!(told(&due(&house, chapter).await)[0], (0, 0));
        assert!(house.store.gifts_into(&desk, &fund, &id("d")).await.unwrap().is_empty());
        give(&house, chapter, 500_000).await;
        let seq = hand(&house, chapter, &[("f1", 250_000), ("f2", 200_000)], false).await;
        assert_eq!(told(&due(&house, chapter).await)[0], (500_000, 0));
        let aid = house.store.aid_of(&desk, &fund, &id("f1")).await.unwrap();
        assert_eq!((aid[0].seq, aid[0].amount), (Some(seq), money(250_000)));
        let none: Vec<VoucherId> = Vec::new();
        let elsewhere = "chung".parse().unwrap();
        let aid = house.store.aid_of(&desk, &elsewhere, &id("f1")).await.unwrap();
        assert_eq!(aid.into_iter().map(|aid| aid.voucher).collect::<Vec<_>>(), none);
    })
    .await;
}

/// The plans as an officer opens them.
async fn plans(house: &TestHouse, chapter: ChapterId) -> Vec<Sponsorship> {
    let desk = house.store.desk(chapter).unwrap();
    let (person, purpose) = (id("1"), Purpose::Desk);
    let reader = Reader { person: &person, purpose };
    house.store.sponsorships(&desk, reader, now(), |all| (all.plans.all, 1)).await.unwrap()
}

/// Changes a plan; whether it was refused as others were quicker.
async fn change(house: &TestHouse, chapter: ChapterId, own: &Sponsorship) -> bool {
    let desk = house.store.desk(chapter).unwrap();
    let done = house.store.change_sponsorship(&desk, (own, &[], None), &id("1"), now()).await;
    match done {
        Ok(()) => true,
        Err(fault) => {
            assert_eq!(fault.refusal(), Some(&DeskRefusal::PlanMoved));
            false
        }
    }
}

#[tokio::test]
async fn two_plans_never_take_more_of_a_voucher_than_there_is() {
    on_both(|house| async move {
        let chapter = furnished(&house).await;
        let desk = house.store.desk(chapter).unwrap();
        let first = plans(&house, chapter).await.remove(0);
        let link = Link { id: id("b1"), ..first.plan.links[0].clone() };
        let plan = Plan { links: vec![link], ..first.plan };
        let (sponsor, named) = (Sponsor::Known(id("d")), [(id("b1"), id("f1"))]);
        let new = (&id("8"), &sponsor, &plan, named.as_slice());
        assert!(house.store.make_sponsorship(&desk, new, &id("1"), now()).await.unwrap());
        give(&house, chapter, 500_000).await;
        let mut own = plans(&house, chapter).await.remove(0);
        let gift = own.plan.gifts.remove(0);
        assert!(change(&house, chapter, &own).await, "what is taken off is not asked for");
        hand(&house, chapter, &[("f1", 300_000), ("f2", 200_000)], false).await;
        let aid = house.store.aid_of(&desk, &plan.fund, &id("f1")).await.unwrap().remove(0);

        // Both officers see the whole gift, and the whole handover.
        let both = plans(&house, chapter).await;
        let taking = |own: &Sponsorship, amount| {
            let mut own = own.clone();
            own.plan.gifts.push(Gift { amount: money(amount), ..gift.clone() });
            own
        };
        assert!(change(&house, chapter, &taking(&both[0], 400_000)).await);
        assert!(!change(&house, chapter, &taking(&both[1], 500_000)).await);
        assert!(!change(&house, chapter, &taking(&both[1], 100_001)).await);
        assert!(change(&house, chapter, &taking(&both[1], 100_000)).await, "what is left");
        let both = plans(&house, chapter).await;
        let handed = |own: &Sponsorship, link: &str, amount| {
            let (mut own, link) = (own.clone(), id(link));
            let (voucher, from) = (aid.voucher.clone(), own.plan.from);
            own.plan.handovers.push(Handover { link, voucher, from, amount: money(amount) });
            own
        };
        assert!(change(&house, chapter, &handed(&both[0], "a1", 300_000)).await);
        assert!(!change(&house, chapter, &handed(&both[1], "b1", 300_000)).await);
        let own = plans(&house, chapter).await.remove(0);
        assert!(!change(&house, chapter, &handed(&own, "a2", 200_001)).await);
        assert!(change(&house, chapter, &handed(&own, "a2", 200_000)).await, "of another family");
    })
    .await;
}

#[tokio::test]
async fn a_slip_gets_what_others_left_of_it() {
    on_both(|house| async move {
        let chapter = furnished(&house).await;
        let desk = house.store.desk(chapter).unwrap();
        let plan = plans(&house, chapter).await.remove(0).plan;
        let (sponsor, named) = (Sponsor::Known(id("d")), [(id("b1"), id("f1"))]);
        let link = Link { id: id("b1"), ..plan.links[0].clone() };
        let plan = Plan { links: vec![link], ..plan };
        let new = (&id("8"), &sponsor, &plan, named.as_slice());
        assert!(house.store.make_sponsorship(&desk, new, &id("1"), now()).await.unwrap());
        let seq = give(&house, chapter, 500_000).await;
        // The slip was for both plans, and comes a second time: the first has all of it.
        let line = house.store.line(chapter, seq).await.unwrap().unwrap();
        let both = [id("7"), id("8")];
        let slip = (line.entry.voucher(), [].as_slice(), both.as_slice());
        house.store.match_slip(&desk, slip, &id("1"), now()).await.unwrap();
        let all = plans(&house, chapter).await;
        assert_eq!((all[0].plan.gifts.len(), all[1].plan.gifts.len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_sponsor_is_asked_nothing_while_every_family_is_held_back() {
    on_both(|house| async move {
        let chapter = furnished(&house).await;
        let desk = house.store.desk(chapter).unwrap();
        for (family, idle) in [("f1", false), ("f2", true)] {
            let target = Target { subject: Subject::Person(id(family)), voucher: None };
            house.store.restrict(&desk, &id("1"), &target, true, now()).await.unwrap();
            let view = house.store.sponsors_view(chapter, &id("7"), day("2026-11-20")).await;
            let schedule = view.unwrap().unwrap().schedule;
            assert_eq!(schedule.idle, idle, "{family}");
            assert_eq!(schedule.next_due().is_none(), idle, "{family}");
        }
    })
    .await;
}
