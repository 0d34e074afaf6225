//! Random terms, payments and reschedules against the rules of schedules.

use std::collections::BTreeSet;

use minhbach::books::schedule::allocation::{Paid, Payment, Waiver, allocate, proposal};
use minhbach::books::schedule::arrears::{Rescheduled, arrears};
use minhbach::books::schedule::holidays::{shift_for_holidays, tet_of};
use minhbach::books::schedule::signed::{from_value, to_value};
use minhbach::books::schedule::{DayCount, Instalment, Interval, Method, Terms, Unit, calculate};
use minhbach::ledger::word::Date;
use minhbach::money::{LARGEST, Money};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::properties::config;

fn money(minor: i64) -> Money {
    Money::new(minor).unwrap()
}

fn day(after: u64) -> Date {
    let start = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    Date::new(start + chrono::Days::new(after)).unwrap()
}

fn terms() -> impl Strategy<Value = Terms> {
    let principal = prop_oneof![1_i64..2_000, 100_000_i64..50_000_000, Just(LARGEST)];
    let interval = prop_oneof![
        (1_u32..40).prop_map(|every| Interval::new(every, Unit::Day)),
        (1_u32..6).prop_map(|every| Interval::new(every, Unit::Week)),
        (1_u32..13).prop_map(|every| Interval::new(every, Unit::Month)),
    ];
    let round = prop_oneof![
        Just(None),
        prop::sample::select(vec![1_i64, 7, 500, 1_000, 50_000]).prop_map(Some)
    ];
    let methods: Vec<Method> = Method::ALL.iter().map(|(_, own)| *own).collect();
    let counts: Vec<DayCount> = DayCount::ALL.iter().map(|(_, own)| *own).collect();
    (
        (principal, 1_u32..60, interval, 0_u64..900, 0_u64..90),
        (prop::sample::select(methods), 0_i64..=40_000, 0_u32..4, round),
        (prop::sample::select(counts), 1_i64..1_000_000, prop::collection::vec(1_u64..200, 1..8)),
    )
        .prop_map(|(size, how, more)| {
            let (principal, instalments, interval, start, wait) = size;
            let (method, rate, grace, round) = how;
            let (day_count, amount, gaps) = more;
            let rate = if method == Method::InterestFreeEqual { 0 } else { rate };
            let explicit = method == Method::Explicit;
            let plain = explicit || method == Method::FixedAmount;
            let count = u32::try_from(gaps.len()).unwrap();
            let parts = money(principal).allocate(count);
            let mut due = start;
            let rows = gaps.iter().zip(parts).map(|(gap, part)| {
                due += gap;
                (day(due), part)
            });
            Terms {
                principal: money(principal),
                instalments,
                interval,
                disbursed: day(start),
                first_due: day(start + wait),
                method,
                rate: Decimal::new(rate, 3),
                amount: (method == Method::FixedAmount).then(|| money(amount)),
                principal_grace: if explicit { 0 } else { grace },
                round: round.filter(|_| !plain).map(money),
                scale: 0,
                day_count,
                rows: if explicit { rows.collect() } else { Vec::new() },
            }
        })
}

/// Instalments that ascend, some of them in the past of the days below.
fn instalments(first: u64) -> impl Strategy<Value = Vec<Instalment>> {
    prop::collection::vec((1_u64..40, 0_i64..300, 0_i64..30), 1..7).prop_map(move |all| {
        let mut due = first;
        let own = all.into_iter().map(|(gap, principal, fee)| {
            due += gap;
            Instalment { due: day(due), principal: money(principal), fee: money(fee) }
        });
        own.collect()
    })
}

fn payments() -> impl Strategy<Value = (Vec<Payment>, Vec<Waiver>)> {
    let payment = (0_u64..400, 0_i64..400, 0_i64..40).prop_map(|(on, principal, fee)| Payment {
        on: day(on),
        principal: money(principal),
        fee: money(fee),
    });
    let waiver =
        (0_u64..400, 1_i64..30).prop_map(|(on, fee)| Waiver { on: day(on), fee: money(fee) });
    (prop::collection::vec(payment, 0..6), prop::collection::vec(waiver, 0..3))
}

fn sum(amounts: impl Iterator<Item = Money>) -> i64 {
    amounts.map(Money::minor).sum()
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn principal_adds_up_balances_fall_to_nothing_and_dates_ascend(terms in terms()) {
        let Ok(rows) = calculate(&terms) else { return Ok(()) };
        prop_assert_eq!(sum(rows.iter().map(|row| row.principal)), terms.principal.minor());
        let mut balance = terms.principal.minor();
        for (at, row) in rows.iter().enumerate() {
            prop_assert_eq!(row.number, u32::try_from(at).unwrap() + 1);
            prop_assert!(!row.principal.is_negative() && !row.fee.is_negative());
            prop_assert_eq!(row.total.minor(), row.principal.minor() + row.fee.minor());
            balance -= row.principal.minor();
            prop_assert_eq!(row.balance.minor(), balance);
            if let (Some(unit), false) = (terms.round, terms.method == Method::Bullet) {
                let last = at + 1 == rows.len();
                let grace = at < usize::try_from(terms.principal_grace).unwrap();
                prop_assert!(last || grace || row.total.minor() % unit.minor() == 0);
                prop_assert!(last || grace || row.total >= unit);
            }
        }
        prop_assert_eq!(balance, 0);
        prop_assert!(rows.last().unwrap().principal.is_positive());
        prop_assert!(rows[0].due >= terms.disbursed);
        prop_assert!(rows.windows(2).all(|pair| pair[0].due < pair[1].due));
        let explicit = terms.method == Method::Explicit;
        prop_assert!(explicit || rows[0].due == terms.first_due);

        let moved = shift_for_holidays(&rows, &tet_of(&rows));
        prop_assert!(moved.windows(2).all(|pair| pair[0].due < pair[1].due));
        prop_assert!(moved.iter().zip(&rows).all(|(new, old)| new.due >= old.due));
        let tet: BTreeSet<Date> = tet_of(&rows);
        prop_assert!(moved.iter().all(|row| !tet.contains(&row.due)));
        let some: Vec<Instalment> =
            rows.iter().filter(|row| row.total.is_positive()).map(Instalment::from).collect();
        prop_assert_eq!(from_value(&to_value(&some)), Ok(some));
    }

    #[test]
    fn allocation_keeps_every_dong_and_depends_on_the_order_of_payments_alone(
        schedule in instalments(0),
        (payments, waivers) in payments(),
        now in 0_u64..500,
        later in 0_u64..100,
    ) {
        let state = allocate(&schedule, &payments, &waivers, day(now));
        let counted = |on: Date| on <= day(now);
        let given: i64 = payments.iter().filter(|own| counted(own.on))
            .map(|own| own.principal.minor() + own.fee.minor()).sum::<i64>()
            + waivers.iter().filter(|own| counted(own.on)).map(|own| own.fee.minor()).sum::<i64>();
        let parts = state.lines.iter().flat_map(|line| &line.parts);
        let used = parts.map(|own| sum([own.principal, own.fee, own.waived].into_iter()));
        prop_assert_eq!(used.sum::<i64>() + state.over.total().minor(), given);
        for line in &state.lines {
            let paid = |part: fn(&minhbach::books::schedule::allocation::Part) -> i64| {
                line.parts.iter().map(part).sum::<i64>()
            };
            let principal = paid(|part| part.principal.minor());
            let fee = paid(|part| part.fee.minor() + part.waived.minor());
            prop_assert_eq!(line.owed.principal.minor(), line.agreed.principal.minor() - principal);
            prop_assert_eq!(line.owed.fee.minor(), line.agreed.fee.minor() - fee);
        }
        // Given in another order, they are still taken by their dates.
        let mut sorted = payments.clone();
        sorted.sort_by_key(|own| own.on);
        prop_assert_eq!(&allocate(&schedule, &sorted, &waivers, day(now)).lines, &state.lines);
        // A later day without further payments finds the same parts.
        if payments.iter().all(|own| counted(own.on)) && waivers.iter().all(|own| counted(own.on)) {
            let after = allocate(&schedule, &payments, &waivers, day(now + later));
            prop_assert_eq!(&after.lines, &state.lines);
            prop_assert!(after.days_late() >= state.days_late());
        }
    }

    #[test]
    fn a_proposal_adds_up_and_pays_no_fee_before_overdue_principal(
        schedule in instalments(0),
        paid in (0_i64..500, 0_i64..40, 0_i64..20),
        amount in 0_i64..1_500,
        now in 0_u64..300,
    ) {
        let paid =
            Paid { principal: money(paid.0), fee: money(paid.1), waived: money(paid.2) };
        let own = proposal(&schedule, paid, money(amount), day(now));
        prop_assert_eq!(own.principal.minor() + own.fee.minor() + own.over.minor(), amount);
        let so_far = [Payment { on: day(now), principal: paid.principal, fee: paid.fee }];
        let waived = [Waiver { on: day(now), fee: paid.waived }];
        let before = allocate(&schedule, &so_far, &waived, day(now));
        let owed = before.outstanding();
        prop_assert!(own.principal <= owed.principal && own.fee <= owed.fee);
        let all = (own.principal, own.fee) == (owed.principal, owed.fee);
        prop_assert!(own.over == Money::ZERO || all);
        let overdue = before.overdue_sum();
        prop_assert!(own.fee == Money::ZERO || own.principal >= overdue.principal);
        // Recorded, it lowers what is overdue by all that it can.
        let left = overdue.total().minor() - amount.min(overdue.total().minor());
        let more = Payment { on: day(now), principal: own.principal, fee: own.fee };
        let after = allocate(&schedule, &[so_far[0], more], &waived, day(now));
        prop_assert_eq!(after.overdue_sum().total().minor(), left);
        prop_assert!(after.days_late() <= before.days_late());
    }

    #[test]
    fn arrears_never_improve_by_rescheduling(
        original in instalments(0),
        first in (30_u64..150, instalments(150)),
        second in (0_u64..100, instalments(260)),
        (payments, waivers) in payments(),
        after in 0_u64..200,
    ) {
        let agreed = |on: u64, instalments: &Vec<Instalment>| {
            Rescheduled { on: day(on), seq: 2 * on + 1, instalments: instalments.clone() }
        };
        let one = vec![agreed(first.0, &first.1)];
        let second_day = first.0 + second.0;
        let two = vec![one[0].clone(), agreed(second_day, &second.1)];
        // Recorded in the order of days; an agreement at the end of its day.
        let seq = |on: Date| {
            let days = (on.naive() - day(0).naive()).num_days();
            2 * u64::try_from(days).unwrap()
        };
        let recorded: Vec<_> = payments.iter().map(|own| (seq(own.on), *own)).collect();
        let waived: Vec<_> = waivers.iter().map(|own| (seq(own.on), *own)).collect();
        let late = |later: &[Rescheduled], on: u64| {
            arrears(&original, later, &recorded, &waived, day(on))
        };
        // On the day of an agreement nothing is less late than it was.
        for (without, with, on) in [(&[][..], &one[..], first.0), (&one, &two, second_day)] {
            let (before, now) = (late(without, on), late(with, on));
            prop_assert!(now.days_late >= before.days_late);
            prop_assert!(now.overdue.principal >= before.overdue.principal);
            prop_assert!(now.overdue.fee >= before.overdue.fee);
        }
        // Until what was overdue is paid, the loan is at least as late as without the agreement.
        let on = first.0 + after;
        let (overdue, now) = (late(&[], first.0).overdue, late(&one, on));
        let since = |own: Date| own > day(first.0) && own <= day(on);
        let principal = sum(payments.iter().filter(|own| since(own.on)).map(|own| own.principal));
        let fees = sum(payments.iter().filter(|own| since(own.on)).map(|own| own.fee))
            + sum(waivers.iter().filter(|own| since(own.on)).map(|own| own.fee));
        if principal < overdue.principal.minor() || fees < overdue.fee.minor() {
            prop_assert!(now.days_late >= late(&[], on).days_late);
            prop_assert!(now.days_late > 0);
        }
    }
}

#[test]
fn random_terms_of_every_method_often_give_a_schedule() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut given = std::collections::BTreeMap::<&str, u32>::new();
    for _ in 0..500 {
        let terms = terms().new_tree(&mut runner).unwrap().current();
        let accepted = u32::from(calculate(&terms).is_ok());
        *given.entry(terms.method.as_str()).or_default() += accepted;
    }
    for (name, _) in Method::ALL {
        let found = given.get(name).copied().unwrap_or(0);
        assert!(found >= 10, "{name} gave {found} schedules: the terms test little of it");
    }
}
