//! Schedules of loans against published tables, and their rules over random terms.

mod properties;

use std::collections::{BTreeMap, BTreeSet};

use minhbach::books::schedule::allocation::{Payment, allocate};
use minhbach::books::schedule::holidays::shift_for_holidays;
use minhbach::books::schedule::{DayCount, Instalment, Interval, Method, Terms, Unit, calculate};
use minhbach::ledger::word::Date;
use minhbach::money::Money;
use rust_decimal::Decimal;
use serde_json::Value;

/// Published cases of which a figure is another one under a rule of ours.
const DIFFERENT: [(&str, &str); 1] = [(
    "fineract-reschedule-shift-one-due-date",
    "there one moved due date moves all later ones; here a holiday moves one date alone, and a \
     reschedule is a schedule of its own: that one is checked",
)];

fn cases() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schedules/published-schedules.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn case(id: &str) -> Value {
    cases().into_iter().find(|case| case["id"] == id).unwrap()
}

/// A number of the file, exactly: 416.67 → 41667 at two decimals.
fn minor(value: &Value, scale: u32) -> Money {
    let mut decimal = Decimal::from_str_exact(&value.to_string()).unwrap();
    decimal.rescale(scale);
    Money::new(decimal.mantissa().try_into().unwrap()).unwrap()
}

fn date(value: &Value) -> Date {
    value.as_str().unwrap().parse().unwrap()
}

fn interval(case: &Value) -> Interval {
    match case["frequency"].as_str().unwrap() {
        "monthly" => Interval::new(1, Unit::Month),
        "every 15 days" => Interval::new(15, Unit::Day),
        other => panic!("an interval to be read: {other}"),
    }
}

fn scale(case: &Value) -> u32 {
    case["rounding"]["decimals"].as_u64().unwrap_or(2).try_into().unwrap()
}

fn terms(case: &Value) -> Terms {
    let scale = scale(case);
    let method = match case["method"].as_str().unwrap() {
        "interest_free_equal_instalment" => Method::InterestFreeEqual,
        "flat_equal_instalment" => Method::Flat,
        "declining_equal_instalment" | "dates_only" => Method::DecliningEqualInstalment,
        other => panic!("a method to be read: {other}"),
    };
    let interval = interval(case);
    let rows = case["expected"].as_array().unwrap();
    let count = case["periods"].as_u64().unwrap().try_into().unwrap();
    let first_due =
        rows.first().map_or_else(|| date(&case["disbursed_on"]), |row| date(&row["due"]));
    let grace = case["grace"]["principal"].as_u64().unwrap().try_into().unwrap();
    let unit = &case["rounding"]["instalment_multiple_of"];
    Terms {
        principal: minor(&case["principal"], scale),
        instalments: count,
        interval,
        // One case names no day of disbursement; only its due dates are published.
        disbursed: case["disbursed_on"].as_str().map_or(first_due, |day| day.parse().unwrap()),
        first_due,
        method,
        rate: Decimal::from_str_exact(&case["annual_rate_percent"].to_string()).unwrap(),
        amount: None,
        principal_grace: grace,
        round: (!unit.is_null()).then(|| minor(unit, scale)),
        scale: scale.try_into().unwrap(),
        day_count: interval.usual_day_count(),
        rows: Vec::new(),
    }
}

/// The figures of a published row: due, principal, interest, total, balance.
type Figures = (Date, Money, Money, Money, Money);

fn published(case: &Value, name: &str) -> Vec<Figures> {
    let money = |row: &Value, member: &str| minor(&row[member], scale(case));
    let figures = |row: &Value| {
        (
            date(&row["due"]),
            money(row, "principal"),
            money(row, "interest"),
            money(row, "total"),
            money(row, "balance"),
        )
    };
    case[name].as_array().unwrap().iter().map(figures).collect()
}

fn ours(terms: &Terms, holidays: &BTreeSet<Date>) -> Vec<Figures> {
    let rows = shift_for_holidays(&calculate(terms).unwrap(), holidays);
    rows.iter().map(|row| (row.due, row.principal, row.fee, row.total, row.balance)).collect()
}

/// Saturdays and Sundays, as one published system knows them beside holidays.
fn weekends() -> BTreeSet<Date> {
    use chrono::Datelike as _;
    let first: Date = "2006-01-01".parse().unwrap();
    let days = std::iter::successors(Some(first), |day| Some(day.next())).take(365);
    days.filter(|day| day.naive().weekday().num_days_from_monday() >= 5).collect()
}

#[test]
fn published_tables_come_out_to_the_last_digit() {
    let mut checked = 0;
    for case in cases() {
        let id = case["id"].as_str().unwrap();
        let special = ["fineract-overpay-next-instalment", "fineract-write-off-outstanding"];
        let different = DIFFERENT.iter().any(|(own, _)| *own == id);
        if different || special.contains(&id) || case["method"] == "dates_only" {
            continue;
        }
        let weekend = id.starts_with("opencbs");
        let holidays = if weekend { weekends() } else { BTreeSet::new() };
        // The first due date of that system is none of its weekends.
        assert_eq!(ours(&terms(&case), &holidays), published(&case, "expected"), "{id}");
        checked += 1;
    }
    assert_eq!(checked, 8);
}

#[test]
fn published_due_dates_come_back_to_their_day_of_the_month() {
    for id in ["fineract-due-dates-seed-day-31", "frappe-due-dates-17th"] {
        let case = case(id);
        let dues: Vec<Date> = calculate(&terms(&case)).unwrap().iter().map(|row| row.due).collect();
        let rows = case["rows_asserted_by_source"].as_array();
        let asserted = rows.map(|rows| rows.iter().map(|row| row.as_u64().unwrap()).collect());
        let asserted: Vec<u64> = asserted.unwrap_or_else(|| (1..=14).collect());
        let expected: Vec<Date> =
            case["expected"].as_array().unwrap().iter().map(|row| date(&row["due"])).collect();
        let found: Vec<Date> =
            asserted.iter().map(|row| dues[usize::try_from(*row).unwrap() - 1]).collect();
        assert_eq!(found, expected, "{id}");
    }
}

#[test]
fn a_rescheduled_loan_is_a_schedule_of_what_is_left() {
    let case = case(DIFFERENT[0].0);
    let before = terms(&case);
    let none = BTreeSet::new();
    assert_eq!(ours(&before, &none), published(&case, "before_reschedule"));
    let expected = published(&case, "expected");
    let rest = Terms {
        principal: expected[0].4,
        instalments: 2,
        disbursed: expected[0].0,
        first_due: date(&case["reschedule"]["adjusted_due_date"]),
        ..before
    };
    assert_eq!(ours(&rest, &none), expected[1..]);
}

/// The instalments of a loan of which a quarter is paid on the day it is handed over.
fn with_a_quarter_down(case: &Value) -> Vec<Instalment> {
    let mut terms = terms(case);
    let quarter = terms.principal.share(25, 100).unwrap();
    let down = Instalment { due: terms.disbursed, principal: quarter, fee: Money::ZERO };
    terms.principal = terms.principal.checked_sub(quarter).unwrap();
    terms.first_due = terms.interval.step(terms.disbursed, 1).unwrap();
    let rows = calculate(&terms).unwrap();
    std::iter::once(down).chain(rows.iter().map(Instalment::from)).collect()
}

fn payments(case: &Value, down: Money) -> Vec<Payment> {
    let pay = |on: Date, principal: Money| Payment { on, principal, fee: Money::ZERO };
    let later = case["payments"].as_array().unwrap().iter();
    let later = later.map(|own| pay(date(&own["on"]), minor(&own["amount"], 2)));
    std::iter::once(pay(date(&case["disbursed_on"]), down)).chain(later).collect()
}

#[test]
fn what_is_paid_beyond_an_instalment_pays_the_next_one() {
    let case = case("fineract-overpay-next-instalment");
    let schedule = with_a_quarter_down(&case);
    let payments = payments(&case, schedule[0].principal);
    let state = allocate(&schedule, &payments, &[], "2023-09-20".parse().unwrap());
    let rows = case["expected"].as_array().unwrap();
    assert_eq!(state.lines.len(), rows.len());
    for (line, row) in state.lines.iter().zip(rows) {
        let sum = |when: fn(Date, Date) -> bool| {
            let parts = line.parts.iter().filter(|part| when(part.on, line.agreed.due));
            Money::sum(parts.map(|part| part.principal)).unwrap()
        };
        let found = BTreeMap::from([
            ("principal", line.agreed.principal),
            ("paid", sum(|_, _| true)),
            ("paid_in_advance", sum(|on, due| on < due)),
            ("paid_late", sum(|on, due| on > due)),
            ("outstanding", line.owed.total()),
        ]);
        for (name, amount) in found {
            assert_eq!(amount, minor(&row[name], 2), "{name} of {}", line.number);
        }
        assert_eq!(line.agreed.due, date(&row["due"]));
        let settled = line.settled().map(|on| on.to_string());
        assert_eq!(settled.as_deref(), row["paid_date"].as_str(), "{}", line.number);
    }
}

#[test]
fn what_is_written_off_is_what_payments_left() {
    let case = case("fineract-write-off-outstanding");
    let schedule = with_a_quarter_down(&case);
    let payments = payments(&case, schedule[0].principal);
    let after = &case["expected_after"];
    let state = allocate(&schedule, &payments, &[], date(&after["write_off_on"]));
    assert_eq!(state.outstanding().principal, minor(&after["written_off_principal"], 2));
    assert!(state.outstanding().fee == Money::ZERO && state.over.is_nothing());
}

#[test]
fn every_published_case_is_checked_by_one_of_these_tests() {
    let elsewhere = [
        "fineract-overpay-next-instalment",
        "fineract-write-off-outstanding",
        "fineract-due-dates-seed-day-31",
        "frappe-due-dates-17th",
        DIFFERENT[0].0,
    ];
    for id in elsewhere {
        drop(case(id));
    }
    assert_eq!(cases().len(), 8 + elsewhere.len());
    assert!(DIFFERENT.iter().all(|(_, reason)| !reason.is_empty()));
    assert_eq!(Interval::new(1, Unit::Month).usual_day_count(), DayCount::Thirty360);
}
