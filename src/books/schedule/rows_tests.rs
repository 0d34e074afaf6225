//! Unit tests of the methods, with figures worked out by hand.

#![allow(clippy::unwrap_used)]

use rust_decimal::Decimal;

use super::super::due::{DayCount, Interval, Unit};
use super::*;

fn money(minor: i64) -> Money {
    Money::new(minor).unwrap()
}

fn terms(principal: i64, instalments: u32, method: Method, rate: &str) -> Terms {
    Terms {
        principal: money(principal),
        instalments,
        interval: Interval::new(1, Unit::Month),
        disbursed: "2026-03-05".parse().unwrap(),
        first_due: "2026-04-05".parse().unwrap(),
        method,
        rate: Decimal::from_str_exact(rate).unwrap(),
        amount: None,
        principal_grace: 0,
        round: None,
        scale: 0,
        day_count: DayCount::Thirty360,
        rows: Vec::new(),
    }
}

/// Principal and fee of each row.
fn parts(terms: &Terms) -> Vec<(i64, i64)> {
    let rows = calculate(terms).unwrap();
    rows.iter().map(|row| (row.principal.minor(), row.fee.minor())).collect()
}

fn fault(terms: &Terms) -> (Field, Reason, Allowed) {
    let fault = calculate(terms).unwrap_err();
    (fault.field, fault.reason, fault.allowed)
}

use Method::{
    Bullet, DecliningEqualInstalment as EqualInstalment, DecliningEqualPrincipal as EqualPrincipal,
    FixedAmount, Flat, InterestFreeEqual as Free,
};

#[test]
fn halves_go_to_the_even_number() {
    for (part, whole, expected) in
        [(1, 2, 0), (3, 2, 2), (5, 2, 2), (7, 2, 4), (2, 3, 1), (1, 3, 0)]
    {
        assert_eq!(rounded(part, whole), expected, "{part}/{whole}");
    }
}

#[test]
fn equal_parts_are_round_and_the_last_takes_the_rest() {
    let mut own = terms(1_000_000, 3, Free, "0");
    assert_eq!(parts(&own), [(333_333, 0), (333_333, 0), (333_334, 0)]);
    own.round = Some(money(10_000));
    assert_eq!(parts(&own), [(330_000, 0), (330_000, 0), (340_000, 0)]);
    own.principal_grace = 1;
    assert_eq!(parts(&own), [(0, 0), (500_000, 0), (500_000, 0)]);
}

#[test]
fn flat_interest_stays_whole_when_instalments_are_round() {
    let mut own = terms(125_000, 3, Flat, "12");
    own.round = Some(money(2_000));
    // 416.67 and 12.50 are each brought to multiples of 20: 420 + 20; the fee stays 12.50.
    assert_eq!(parts(&own), [(42_750, 1_250), (42_750, 1_250), (39_500, 1_250)]);
    own.round = Some(money(100));
    assert_eq!(parts(&own), [(41_650, 1_250), (41_650, 1_250), (41_700, 1_250)]);
    // 100 · 1 % · 3 is 3: no instalment takes more than there is.
    assert_eq!(parts(&terms(60, 10, Flat, "12")).iter().map(|(_, fee)| fee).sum::<i64>(), 6);
    // A broken first period is an instalment like the others.
    own.first_due = "2026-05-30".parse().unwrap();
    assert_eq!(parts(&own)[0].1, 1_250);
}

#[test]
fn grace_pays_interest_and_spreads_the_principal_over_the_rest() {
    let mut own = terms(1_200_000, 4, EqualPrincipal, "12");
    own.principal_grace = 2;
    assert_eq!(parts(&own), [(0, 12_000), (0, 12_000), (600_000, 12_000), (600_000, 6_000)]);
    own.method = EqualInstalment;
    let rows = parts(&own);
    assert_eq!(rows[..2], [(0, 12_000), (0, 12_000)]);
    // 1 200 000 · 0.01 / (1 − 1.01⁻²) = 609 014.93
    assert_eq!(rows[2], (597_015, 12_000));
    own.principal_grace = 4;
    let allowed = Allowed::Whole { least: 0, most: 3 };
    assert_eq!(fault(&own), (Field::PrincipalGrace, Reason::Range, allowed));
}

#[test]
fn a_bullet_and_a_single_instalment_pay_all_at_the_end() {
    assert_eq!(parts(&terms(900, 3, Bullet, "0")), [(0, 0), (0, 0), (900, 0)]);
    assert_eq!(parts(&terms(120_000, 2, Bullet, "12")), [(0, 1_200), (120_000, 1_200)]);
    for method in [Free, Bullet, Flat, EqualPrincipal, EqualInstalment] {
        let mut own = terms(500, 1, method, "0");
        // The rest is not rounded: it may be below the unit.
        own.round = Some(money(1_000));
        assert_eq!(parts(&own), [(500, 0)], "{method:?}");
    }
    let own = Terms { amount: Some(money(700)), ..terms(500, 1, FixedAmount, "0") };
    assert_eq!(parts(&own), [(500, 0)]);
}

#[test]
fn a_fixed_amount_ends_when_all_is_paid_or_leaves_the_rest_to_the_last() {
    let own = |instalments| Terms {
        amount: Some(money(300)),
        ..terms(1_000, instalments, FixedAmount, "0")
    };
    assert_eq!(parts(&own(12)), [(300, 0), (300, 0), (300, 0), (100, 0)]);
    assert_eq!(parts(&own(3)), [(300, 0), (300, 0), (400, 0)]);
    let low = Terms { amount: Some(money(1_000)), ..terms(100_000, 12, FixedAmount, "12") };
    let allowed = Allowed::Amount { least: money(1_001), most: super::super::LARGEST };
    assert_eq!(fault(&low), (Field::Amount, Reason::BelowInterest, allowed));
    let missing = terms(1_000, 3, FixedAmount, "0");
    assert_eq!(fault(&missing), (Field::Amount, Reason::Missing, Allowed::Something));
}

#[test]
fn given_rows_are_kept_and_have_to_add_up() {
    let row = |due: &str, principal| (due.parse().unwrap(), money(principal));
    let mut own = terms(1_000, 0, Method::Explicit, "36.5");
    own.day_count = DayCount::Actual365;
    own.rows = vec![row("2026-06-03", 400), row("2026-12-20", 600)];
    // 90 days on 1 000, 200 days on 600.
    assert_eq!(parts(&own), [(400, 90), (600, 120)]);
    own.rows[1] = row("2026-12-20", 500);
    assert_eq!(fault(&own), (Field::Rows, Reason::Sum, Allowed::Sum(money(1_000))));
    own.rows[1] = row("2026-06-03", 600);
    assert_eq!(fault(&own).1, Reason::Order);
    own.rows = vec![row("2026-03-04", 1_000)];
    assert_eq!((fault(&own).0, fault(&own).1), (Field::Rows, Reason::Range));
    own.rows.clear();
    assert_eq!(fault(&own).1, Reason::Missing);
}

#[test]
fn a_unit_that_leaves_nothing_for_the_last_is_refused_with_one_that_works() {
    let mut own = terms(1_000, 12, Free, "0");
    own.round = Some(money(100));
    let allowed = Allowed::Amount { least: money(1), most: money(20) };
    assert_eq!(fault(&own), (Field::Round, Reason::NothingLeft, allowed));
    own.round = Some(money(20));
    assert_eq!(parts(&own).last(), Some(&(120, 0)));
    let small = terms(5, 12, Free, "0");
    let allowed = Allowed::Whole { least: 1, most: 3 };
    assert_eq!(fault(&small), (Field::Instalments, Reason::NothingLeft, allowed));
    // Below half a unit, an instalment is one unit.
    let own = Terms { round: Some(money(1_000)), ..terms(1_400, 2, Free, "0") };
    assert_eq!(parts(&own), [(1_000, 0), (400, 0)]);
    let own = Terms { round: Some(money(1_000)), ..terms(1_000, 3, Free, "0") };
    assert_eq!(fault(&own).1, Reason::NothingLeft);
}

#[test]
fn numbers_at_the_ends_of_their_ranges_give_rows_or_a_fault_and_never_overflow() {
    let largest = LARGEST;
    let own = terms(largest, 600, Free, "0");
    assert_eq!(calculate(&own).unwrap().len(), 600);
    for method in [Flat, EqualPrincipal, EqualInstalment, Bullet] {
        assert_eq!(fault(&terms(largest, 600, method, "100")).1, Reason::TooLarge, "{method:?}");
        let mut own = terms(largest / 1_000, 600, method, "99.999999");
        own.interval = Interval::new(120, Unit::Month);
        own.first_due = "2036-03-05".parse().unwrap();
        assert!(calculate(&own).is_err(), "{method:?}");
        let mut own = terms(1, 600, method, "100");
        own.day_count = DayCount::Actual365;
        drop(calculate(&own));
    }
    let amount = Allowed::Amount { least: money(1), most: super::super::LARGEST };
    assert_eq!(fault(&terms(0, 1, Free, "0")), (Field::Principal, Reason::Range, amount));
    assert_eq!(fault(&terms(-1, 1, Free, "0")).0, Field::Principal);
    for count in [0, 601] {
        let allowed = Allowed::Whole { least: 1, most: 600 };
        let found = fault(&terms(1_000, count, Free, "0"));
        assert_eq!(found, (Field::Instalments, Reason::Range, allowed));
    }
    assert_eq!(fault(&terms(1_000, 1, Flat, "100.1")).1, Reason::Range);
    assert_eq!(fault(&terms(1_000, 1, Flat, "-1")).1, Reason::Range);
    assert_eq!(fault(&terms(1_000, 1, Flat, "1.0000001")).1, Reason::Decimals);
    assert_eq!(parts(&terms(1_000, 1, Flat, "1.0000000")).len(), 1);
    assert_eq!(fault(&terms(1_000, 1, Free, "1")).1, Reason::NotUsed);
}

#[test]
fn the_first_due_date_lies_behind_the_disbursement_and_not_years_away() {
    let mut own = terms(1_000, 2, EqualPrincipal, "12");
    own.first_due = own.disbursed;
    assert_eq!(parts(&own), [(500, 0), (500, 5)]);
    own.first_due = own.disbursed.previous();
    let (field, reason, allowed) = fault(&own);
    assert_eq!((field, reason), (Field::FirstDue, Reason::Range));
    let last = "2036-03-12".parse().unwrap();
    assert_eq!(allowed, Allowed::Days { first: own.disbursed, last });
    own.first_due = last.next();
    assert_eq!(fault(&own).0, Field::FirstDue);
    own.disbursed = "9999-12-01".parse().unwrap();
    own.first_due = "9999-12-31".parse().unwrap();
    assert_eq!(fault(&own).0, Field::Instalments);
}

#[test]
fn weeks_and_days_count_as_real_days() {
    let mut own = terms(10_000, 6, EqualInstalment, "9.4822");
    own.scale = 2;
    own.interval = Interval::new(1, Unit::Week);
    own.disbursed = "2024-01-01".parse().unwrap();
    own.first_due = "2024-01-08".parse().unwrap();
    own.day_count = own.interval.usual_day_count();
    assert_eq!(parts(&own), [(1659, 18), (1662, 15), (1665, 12), (1668, 9), (1671, 6), (1675, 3)]);
    own.interval = Interval::new(15, Unit::Day);
    own.first_due = "2024-01-16".parse().unwrap();
    own.day_count = DayCount::Actual360;
    let expected = [(1650, 40), (1657, 33), (1664, 26), (1670, 20), (1677, 13), (1682, 7)];
    assert_eq!(parts(&own), expected);
    own.day_count = DayCount::Thirty360;
    assert_eq!(parts(&own), expected);
}
