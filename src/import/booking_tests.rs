//! What becomes of lines: the same for everybody who books them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::super::statement::read_statement;
use super::super::table::read_table;
use super::*;
use crate::import::{Class, KnownLine, Layout};
use crate::ledger::voucher::Kind as VoucherKind;
use crate::money::Currency;

const SMALL: &[u8] = include_bytes!("../../tests/statements/small-utf8.csv");

fn terms() -> Terms {
    Terms {
        place: "bank-1".parse().unwrap(),
        fund: "chung".parse().unwrap(),
        books_from: "2026-11-01".parse().unwrap(),
        first_open: "2026-11-01".parse().unwrap(),
        today: "2026-12-31".parse().unwrap(),
        two_above: None,
        codes: GivingCodes::default(),
    }
}

fn plan(bytes: &[u8], known: &KnownLines) -> Plan {
    let table = read_table(bytes).unwrap();
    let layout = Layout::detect(&table).unwrap();
    let statement = read_statement(&table, &layout, &Currency::vnd()).unwrap();
    Plan::new("bank-1", statement, known)
}

fn decide(plan: &mut Plan, terms: Terms) -> Bookings {
    Bookings::of(plan, terms, &BTreeMap::new(), &BTreeSet::new())
}

fn decisions(plan: &Plan, bookings: &Bookings) -> Vec<Decision> {
    (0..plan.lines.len()).map(|index| bookings.decision(index).unwrap()).collect()
}

fn seed() -> Seed {
    Seed { random: [7; 32], millis: 1_793_000_000_000 }
}

fn vouchers(plan: &Plan, bookings: &Bookings, known: &KnownLines) -> Vec<Prepared> {
    let log: Origin = "so.example/xuan-tay".parse().unwrap();
    let by = "so.example/xuan-tay/officer/1111111111111111".parse().unwrap();
    let all = bookings.to_book(plan, known);
    all.iter().map(|own| bookings.voucher(plan, own, (&by, &log), &seed()).unwrap()).collect()
}

fn known(plan: &Plan, voucher: Option<uuid::Uuid>) -> KnownLines {
    plan.lines.iter().map(|line| KnownLine { keys: plan.keys(line), voucher }).collect()
}

#[test]
fn credits_become_what_their_words_say_and_money_out_nothing() {
    let none = KnownLines::default();
    let mut plan = plan(SMALL, &none);
    let bookings = decide(&mut plan, terms());
    let wanted = [Decision::Book, Decision::Book, Decision::Left(Left::Debit), Decision::Book];
    assert_eq!(decisions(&plan, &bookings), wanted);
    let vouchers = vouchers(&plan, &bookings, &none);
    let kinds: Vec<VoucherKind> = vouchers.iter().map(|prepared| prepared.voucher.kind()).collect();
    assert_eq!(kinds, [VoucherKind::Donation, VoucherKind::Donation, VoucherKind::Income]);
    for Prepared { voucher, private, .. } in &vouchers {
        voucher.check_form().unwrap();
        let bytes = String::from_utf8(voucher.bytes()).unwrap();
        for said in private.iter().filter_map(|value| value.value().as_str()) {
            assert!(!bytes.contains(said), "{said} stands in the voucher");
        }
        assert!(private.iter().all(|value| bytes.contains(value.digest().as_str())));
    }
    assert!(vouchers[0].private.iter().any(|value| value.value() == "FT001"));
}

#[test]
fn a_file_that_is_sent_again_has_the_same_ids_and_another_one_has_others() {
    let none = KnownLines::default();
    let mut plan = plan(SMALL, &none);
    let bookings = decide(&mut plan, terms());
    let ids = |prepared: Vec<Prepared>| -> Vec<String> {
        prepared.iter().map(|prepared| prepared.voucher.id.to_string()).collect()
    };
    let first = ids(vouchers(&plan, &bookings, &none));
    assert_eq!(first, ids(vouchers(&plan, &bookings, &none)));
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len());
    assert!(first.iter().all(|id| id.starts_with("01a17720-ca00")), "{first:?}");
    let other = Seed { random: [8; 32], ..seed() };
    assert_ne!(other.voucher_id(2, 0).unwrap().as_str(), first[0]);
}

#[test]
fn a_closed_month_is_booked_on_the_first_open_day_and_keeps_its_own() {
    let none = KnownLines::default();
    let mut plan = plan(SMALL, &none);
    let first_open = "2026-12-01".parse().unwrap();
    let bookings = decide(&mut plan, Terms { first_open, ..terms() });
    for Prepared { voucher, .. } in vouchers(&plan, &bookings, &none) {
        assert_eq!(voucher.date, first_open);
        let value = voucher.value();
        assert!(value["received_on"].as_str().unwrap().starts_with("2026-11-"), "{value}");
    }
}

#[test]
fn lines_outside_the_books_are_wrong_until_a_person_leaves_them_out() {
    let mut plan = plan(SMALL, &KnownLines::default());
    let narrow = Terms {
        books_from: "2026-11-06".parse().unwrap(),
        today: "2026-11-20".parse().unwrap(),
        ..terms()
    };
    let bookings = decide(&mut plan, narrow.clone());
    let wrong = [(2, Left::BeforeBooks), (3, Left::BeforeBooks), (5, Left::AfterToday)];
    assert_eq!(bookings.wrong(&plan), wrong);
    assert_eq!(bookings.booked(), 0);
    let opening = Kind::LeaveOut(Reason::Opening);
    let chosen = BTreeMap::from([(2, opening.clone()), (3, opening), (5, Kind::Later)]);
    let bookings = Bookings::of(&mut plan, narrow, &chosen, &BTreeSet::new());
    assert!(bookings.wrong(&plan).is_empty());
    assert_eq!((bookings.booked(), bookings.left_out()), (0, 2));
    assert_eq!(bookings.decision(3), Some(Decision::Left(Left::Undecided)));
    let left: Vec<Reason> =
        bookings.left_out_lines(&plan).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(left, [Reason::Opening; 2]);
}

#[test]
fn an_amount_above_the_policy_waits_for_its_slip() {
    let mut plan = plan(SMALL, &KnownLines::default());
    let bookings = decide(&mut plan, Terms { two_above: Money::new(200_000), ..terms() });
    assert_eq!(bookings.decision(0), Some(Decision::Left(Left::TwoSignatures)));
    assert_eq!(bookings.decision(1), Some(Decision::Book), "exactly the amount is not above it");
}

#[test]
fn what_may_be_known_is_booked_only_when_a_person_says_so() {
    let bytes = include_bytes!("../../tests/statements/times-morning.csv");
    let somewhere = Some(uuid::Uuid::from_u128(1));
    let twins = known(&plan(bytes, &KnownLines::default()), somewhere);
    let mut again = plan(bytes, &twins);
    let bookings = decide(&mut again, terms());
    assert_eq!(decisions(&again, &bookings), [Decision::Left(Left::PerhapsTwice); 5]);
    let apart = BTreeSet::from([3]);
    let bookings = Bookings::of(&mut again, terms(), &BTreeMap::new(), &apart);
    assert_eq!(bookings.decision(1), Some(Decision::Book));
    assert_eq!(bookings.booked(), 1);
    let prepared = vouchers(&again, &bookings, &twins);
    assert_eq!((prepared[0].row, prepared[0].keys.occurrence), (3, 1));

    // A line with a number that is booked stays booked, whatever is ticked.
    let bytes = include_bytes!("../../tests/statements/numbers-first.csv");
    let certain = known(&plan(bytes, &KnownLines::default()), somewhere);
    let mut again = plan(bytes, &certain);
    let all = BTreeSet::from([2, 3, 4]);
    let bookings = Bookings::of(&mut again, terms(), &BTreeMap::new(), &all);
    assert_eq!(decisions(&again, &bookings), [Decision::Left(Left::Known); 3]);

    // One that was left out may be taken up, as itself.
    let left = known(&plan(bytes, &KnownLines::default()), None);
    let mut again = plan(bytes, &left);
    assert_eq!(decide(&mut again, terms()).booked(), 0);
    let bookings = Bookings::of(&mut again, terms(), &BTreeMap::new(), &BTreeSet::from([2]));
    let prepared = vouchers(&again, &bookings, &left);
    assert!(prepared.len() == 1 && prepared[0].was_left_out);
    assert_eq!(prepared[0].keys, again.keys(&again.lines[0]));
}

#[test]
fn a_person_chooses_fund_type_and_place() {
    let none = KnownLines::default();
    let mut plan = plan(SMALL, &none);
    let kind = |text: &str| text.parse::<Kind>().unwrap();
    let chosen = BTreeMap::from([
        (2, kind("donation:bao-lu")),
        (3, kind("transfer:cash")),
        (4, kind("donation")),
        (5, kind("custody:overpaid")),
    ]);
    let bookings = Bookings::of(&mut plan, terms(), &chosen, &BTreeSet::new());
    assert_eq!(bookings.decision(2), Some(Decision::Left(Left::Debit)), "no choice turns money");
    let bodies: Vec<serde_json::Value> =
        vouchers(&plan, &bookings, &none).iter().map(|line| line.voucher.value()).collect();
    assert_eq!((&bodies[0]["kind"], &bodies[0]["fund"]), (&"donation".into(), &"bao-lu".into()));
    assert_eq!(bodies[1]["kind"], "transfer");
    assert_eq!(
        (&bodies[1]["from_place"], &bodies[1]["to_place"]),
        (&"cash".into(), &"bank-1".into())
    );
    assert_eq!(
        (&bodies[2]["kind"], &bodies[2]["class"]),
        (&"custody_received".into(), &"overpaid".into())
    );
    assert_eq!(plan.lines[1].class, Class::Transfer);
    let credits = plan.totals().credits;
    assert_eq!(credits.booked, credits.all);
}

/// A line of money in with this text.
fn credit(row: u32, text: &str) -> String {
    format!("{row:02}/11/2026,{text},,200000\n")
}

#[test]
fn a_gift_goes_to_the_fund_of_its_code_and_is_held_where_the_code_is_none() {
    let known = |name: &str, fund: &str, open| crate::import::KnownCode {
        code: crate::ledger::giving::GivingCode::of_name(name).unwrap(),
        fund: fund.parse().unwrap(),
        open,
    };
    let codes = [
        known("TET2027", "tet", true),
        known("CHNG", "chung", true),
        known("MA26", "mai-am", false),
    ];
    let closed = codes[2].code.to_string();
    let terms = Terms { codes: codes.into_iter().collect(), ..terms() };
    let texts = [
        ("MBVCB.1.2.GQTET2027J ung ho.CT tu 1", "donation:tet"),
        ("gqtet2027j tra lai tien gui", "donation:tet"),
        ("GQCHNG9", "donation"),
        ("ung ho", "donation"),
        ("GQTET2028J", "custody:unidentified"),
        ("GQTET2027J GQCHNG9", "custody:unidentified"),
        (closed.as_str(), "custody:unidentified"),
        ("chuyen nham GQTET2027J", "custody:mistaken"),
        ("tra lai tien gui", "income:bank_interest"),
    ];
    let mut file = "Ngày,Nội dung,Ghi nợ,Ghi có\n".to_owned();
    for (row, (text, _)) in (1..).zip(texts) {
        file.push_str(&credit(row, text));
    }
    file.push_str("20/11/2026,tra lai GQTET2027J,150000,\n");
    let none = KnownLines::default();
    let mut plan = plan(file.as_bytes(), &none);
    let bookings = decide(&mut plan, terms);
    for (index, (text, kind)) in texts.iter().enumerate() {
        assert_eq!(bookings.kind(index).unwrap().to_string(), *kind, "{text}");
        assert_eq!(bookings.decision(index), Some(Decision::Book), "{text}");
    }
    // Money out has no giver.
    assert_eq!(*bookings.found(texts.len()), Found::Nothing);
    assert_eq!(bookings.decision(texts.len()), Some(Decision::Left(Left::Debit)));
    // A person has the last word.
    let chosen =
        BTreeMap::from([(plan.lines[4].line.row, Kind::Donation(Some("tet".parse().unwrap())))]);
    let bookings = Bookings::of(&mut plan, bookings.terms.clone(), &chosen, &BTreeSet::new());
    assert_eq!(bookings.kind(4).unwrap().to_string(), "donation:tet");
    assert!(bookings.found(4).asks());
}

#[test]
fn the_ids_of_a_file_ascend_and_differ_between_files() {
    let ids = |random: u8| -> Vec<String> {
        let seed = Seed { random: [random; 32], millis: 1_793_000_000_000 };
        let places = [0, 1, 2, 15, 16, 255, 4_095, 4_096, 262_143, 262_144, 1_000_099];
        places.iter().map(|place| seed.voucher_id(7, *place).unwrap().to_string()).collect()
    };
    let (one, other) = (ids(1), ids(2));
    assert!(one.is_sorted() && other.is_sorted(), "{one:?}");
    assert!(one.iter().all(|id| uuid::Uuid::parse_str(id).unwrap().get_version_num() == 7));
    assert!(one.iter().zip(&other).all(|(one, other)| one != other));
    assert_eq!(one, ids(1));
    // Which row it is cannot be read off: rows of one place differ in their last bits alone.
    let seed = Seed { random: [1; 32], millis: 1_793_000_000_000 };
    let [first, second] = [2, 900_000].map(|row| seed.voucher_id(row, 5).unwrap().to_string());
    assert_eq!((&first[..19], first == second), (&second[..19], false));
}
