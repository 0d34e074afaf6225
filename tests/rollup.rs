//! The roll-up of several ledgers: nothing counts twice, whatever the order and however often
//! something is claimed.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use minhbach::books::exchange::{
    Exchange, Received, Sent, Side, Thing, Undone, What, Why, matched,
};
use minhbach::books::rollup::{Part, RollUp, Totals};
use minhbach::ledger::voucher::VoucherId;
use minhbach::ledger::word::Date;
use minhbach::money::Money;

use crate::properties::config;

fn day(number: u32) -> Date {
    format!("2026-{:02}-{:02}", number / 28 + 1, number % 28 + 1).parse().unwrap()
}

fn id(number: u64) -> VoucherId {
    format!("01890000-0000-7000-8000-{number:012x}").parse().unwrap()
}

fn log(number: usize) -> String {
    format!("so.example/hoi-{number}")
}

fn money(minor: i64) -> Money {
    Money::new(minor).unwrap()
}

fn quilts(number: i64, value: i64) -> What {
    let thing = Thing { name: "Chăn".to_owned(), unit: "cái".to_owned() };
    What { value: money(value), goods: vec![(thing, number * 1000)] }
}

/// A ledger whose columns of a span hold what its vouchers and their reversals put there.
fn part(number: usize, exchange: Exchange, span: (Date, Date)) -> Part {
    let column = |until, day, value: Money| value.minor() * Undone::counted(until, day, span);
    let sent = exchange.sent.iter().map(|own| column(own.until, own.day, own.what.value));
    let to_chapters = money(sent.sum());
    let received = exchange.received.iter().map(|own| column(own.until, own.day, own.what.value));
    let from_chapters = money(received.sum());
    Part {
        log: log(number),
        name: format!("Hội {number}"),
        upper: None,
        size: 1 + exchange.sent.len() as u64,
        totals: Totals { to_chapters, from_chapters, ..Totals::default() },
        types: BTreeMap::new(),
        goods: BTreeMap::new(),
        exchange,
    }
}

/// One sending, and who claims to have received it.
#[derive(Clone, Debug)]
struct Step {
    from: usize,
    to: usize,
    amount: i64,
    goods: bool,
    sent: u32,
    /// Whether its receiver records it, another ledger too, and a number that differs.
    claims: (bool, bool, bool),
    later: u32,
    /// Whether it was reversed, and whether its receiver's receipt was.
    reversed: (bool, bool),
    /// Whether both had been in closed periods then.
    closed: bool,
}

impl Step {
    /// The reversal of a voucher of a day.
    fn undone(&self, own: u32) -> Undone {
        Undone { day: day(own + 30), earlier: self.closed }
    }

    /// Whether it was sent, received, and reversed on both sides.
    fn is_over(&self) -> bool {
        let (own, _, differs) = self.claims;
        self.reversed == (true, true) && own && !differs && self.to < 4 && self.from != self.to
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        (0_usize..4, 0_usize..6),
        1_i64..50,
        any::<bool>(),
        0_u32..200,
        any::<(bool, bool, bool)>(),
        0_u32..60,
        (prop::bool::weighted(0.2), prop::bool::weighted(0.2)),
        any::<bool>(),
    )
        .prop_map(|((from, to), amount, goods, sent, claims, later, reversed, closed)| Step {
            from,
            to,
            amount,
            goods,
            sent,
            claims,
            later,
            reversed,
            closed,
        });
    prop::collection::vec(step, 0..24)
}

/// The ledgers of a history over a span; 4 and 5 are not among them.
fn parts(steps: &[Step], span: (Date, Date)) -> Vec<Part> {
    let mut exchanges = vec![Exchange::default(); 4];
    for (number, step) in (0_u64..).zip(steps) {
        let what = |amount| match step.goods {
            true => quilts(amount, amount * 7),
            false => What::money(money(amount)),
        };
        let until = step.reversed.0.then(|| step.undone(step.sent));
        exchanges[step.from].sent.push(Sent {
            seq: 100 + number,
            day: day(step.sent),
            until,
            id: id(number),
            to: log(step.to),
            what: what(step.amount),
        });
        let (own, other, differs) = step.claims;
        let amount = step.amount + i64::from(differs);
        let claims = [(own, step.to), (other, (step.to + 1) % 4)];
        for (claims, receiver) in claims.into_iter().filter(|(_, receiver)| *receiver < 4) {
            let undone = step.reversed.1 && receiver == step.to;
            if claims {
                exchanges[receiver].received.push(Received {
                    seq: 500 + 2 * number + u64::from(receiver != step.to),
                    day: day(step.sent + step.later),
                    until: undone.then(|| step.undone(step.sent + step.later)),
                    from: log(step.from),
                    id: id(number),
                    what: what(amount),
                });
            }
        }
    }
    exchanges.into_iter().enumerate().map(|(number, own)| part(number, own, span)).collect()
}

fn year() -> (Date, Date) {
    ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap())
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn nothing_counts_twice_and_all_sums_tie(steps in steps(), turn in 0_usize..24) {
        let given = parts(&steps, year());
        let rolled = RollUp::of(given.clone(), year()).unwrap();
        let (mut sent, mut received) = (BTreeSet::new(), BTreeSet::new());
        let (mut off_sent, mut off_received) = (0, 0);
        for pair in &rolled.between.pairs {
            prop_assert!(sent.insert(pair.sent.clone()), "sent twice: {pair:?}");
            prop_assert!(received.insert(pair.received.clone()), "received twice: {pair:?}");
            prop_assert_ne!(&pair.sent.log, &pair.received.log);
            off_sent += pair.what.value.minor();
            off_received += pair.value_there.minor();
        }
        for alone in &rolled.between.alone {
            let fresh = match alone.side {
                Side::Sent => sent.insert(alone.at.clone()),
                Side::Received => received.insert(alone.at.clone()),
            };
            prop_assert!(fresh, "counted beside its pair: {alone:?}");
        }
        prop_assert_eq!(sent.len(), steps.iter().filter(|step| !step.reversed.0).count());
        let receipts = given.iter().flat_map(|part| &part.exchange.received);
        prop_assert_eq!(received.len(), receipts.filter(|own| own.until.is_none()).count());
        // A pair that is over leaves the columns of a closed period as they are: it is off, too.
        for step in steps.iter().filter(|step| step.is_over() && step.closed) {
            let value = step.amount * if step.goods { 7 } else { 1 };
            off_sent += value;
            off_received += value;
        }
        prop_assert_eq!(rolled.netted.to_chapters.minor(), off_sent);
        prop_assert_eq!(rolled.netted.from_chapters.minor(), off_received);
        let sum = |of: fn(&Totals) -> Money| -> i64 {
            given.iter().map(|part| of(&part.totals).minor()).sum()
        };
        let to = sum(|totals| totals.to_chapters);
        prop_assert_eq!(to - off_sent, rolled.total.to_chapters.minor());
        let from = sum(|totals| totals.from_chapters);
        prop_assert_eq!(from - off_received, rolled.total.from_chapters.minor());

        // Another order of ledgers and of vouchers says the same.
        let mut turned = given.clone();
        turned.rotate_left(turn % given.len());
        for part in &mut turned {
            part.exchange.sent.reverse();
            let many = part.exchange.received.len().max(1);
            part.exchange.received.rotate_left(turn % many);
        }
        let again = RollUp::of(turned, year()).unwrap();
        prop_assert_eq!(&again.between, &rolled.between);
        prop_assert_eq!(again.total, rolled.total);

        // A ledger that is given twice counts once.
        let twice = [given.clone(), given].concat();
        let twice = RollUp::of(twice, year()).unwrap();
        prop_assert_eq!(&twice.between, &rolled.between);
        prop_assert_eq!(twice.total, rolled.total);
        prop_assert_eq!(twice.repeated.len(), 4);
    }
}

fn step(from: usize, to: usize) -> Step {
    let claims = (true, false, false);
    Step {
        from,
        to,
        amount: 9,
        goods: false,
        sent: 3,
        claims,
        later: 2,
        reversed: (false, false),
        closed: false,
    }
}

fn whys(rolled: &RollUp) -> Vec<(Side, Why)> {
    rolled.between.alone.iter().map(|alone| (alone.side, alone.why)).collect()
}

#[test]
fn each_reason_to_stand_alone_has_its_word() {
    use Side::{Received, Sent};
    use Why::{Differs, NotForIt, NotFound, OnItsWay, Outside};
    let rolled = |step: Step| RollUp::of(parts(&[step], year()), year()).unwrap();
    assert_eq!(whys(&rolled(step(0, 1))), []);
    let open = Step { claims: (false, false, false), ..step(0, 1) };
    let way = rolled(open.clone());
    assert_eq!(whys(&way), [(Sent, OnItsWay)]);
    assert_eq!(way.on_their_way, money(9));
    assert_eq!(whys(&rolled(Step { to: 5, ..open })), [(Sent, Outside)]);
    let differs = Step { claims: (true, false, true), ..step(0, 1) };
    assert_eq!(whys(&rolled(differs)), [(Sent, Differs), (Received, Differs)]);
    let other = Step { claims: (false, true, false), ..step(0, 1) };
    assert_eq!(whys(&rolled(other)), [(Sent, OnItsWay), (Received, NotForIt)]);
    let undone = Step { reversed: (true, false), ..step(0, 1) };
    assert_eq!(whys(&rolled(undone)), [(Received, NotFound)]);
    // Two ledgers claim the same sending: the one it was sent to has it.
    let both = rolled(Step { claims: (true, true, false), ..step(0, 1) });
    assert_eq!(both.between.pairs.len(), 1);
    assert_eq!(both.between.pairs[0].received.log, log(1));
    assert_eq!(whys(&both), [(Received, NotForIt)]);
}

#[test]
fn goods_agree_in_units_whatever_each_ledger_values_them_at() {
    let mut parts = parts(&[Step { goods: true, ..step(0, 1) }], year());
    parts[1].exchange.received[0].what.value = money(100);
    parts[1].totals.from_chapters = money(100);
    let rolled = RollUp::of(parts.clone(), year()).unwrap();
    assert_eq!(rolled.between.pairs.len(), 1);
    assert_eq!((rolled.netted.to_chapters, rolled.netted.from_chapters), (money(63), money(100)));
    assert_eq!((rolled.total.to_chapters, rolled.total.from_chapters), (money(0), money(0)));
    parts[1].exchange.received[0].what = What::money(money(63));
    assert!(RollUp::of(parts, year()).unwrap().between.pairs.is_empty());
}

fn month(number: u32) -> (Date, Date) {
    let day = |day: u32| format!("2026-{number:02}-{day:02}").parse().unwrap();
    (day(1), day(28))
}

#[test]
fn a_pair_counts_on_each_side_in_the_span_of_its_own_day() {
    let steps = [Step { sent: 3, later: 30, ..step(0, 1) }];
    let rolled = |number: u32| RollUp::of(parts(&steps, month(number)), month(number)).unwrap();
    let first = rolled(1);
    assert_eq!(whys(&first), [(Side::Sent, Why::OnItsWay)]);
    assert_eq!(first.netted.to_chapters, Money::ZERO);
    let second = rolled(2);
    assert_eq!(second.between.pairs.len(), 1);
    assert_eq!(second.netted.to_chapters, Money::ZERO);
    assert_eq!(second.netted.from_chapters, money(9));
    // What was over before is not among the pairs of a later span.
    let third = rolled(3);
    assert!(third.between.pairs.is_empty() && third.between.alone.is_empty());
    let given = parts(&steps, year());
    let exchanges = given.iter().map(|part| (part.log.as_str(), &part.exchange)).collect();
    assert_eq!(matched(&exchanges, year().1).pairs.len(), 1);
}

#[test]
fn a_pair_that_both_sides_reversed_leaves_no_month_with_more_than_it_had() {
    for closed in [false, true] {
        let steps = [Step { later: 0, reversed: (true, true), closed, ..step(0, 1) }];
        let mut columns = Vec::new();
        for number in 1..=3 {
            let rolled = RollUp::of(parts(&steps, month(number)), month(number)).unwrap();
            columns.push(rolled.sum.to_chapters.minor());
            let left = (rolled.total.to_chapters, rolled.total.from_chapters);
            assert_eq!(left, (Money::ZERO, Money::ZERO), "{closed} {number}");
        }
        // The closed period keeps what it counted; an open one takes it off on the later day.
        assert_eq!(columns, if closed { [9, 0, 0] } else { [9, -9, 0] });
    }
}
