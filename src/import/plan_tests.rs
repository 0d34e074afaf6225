//! Plans: nothing is lost between the file, the classes and what is booked.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use uuid::Uuid;

use super::super::statement::read_statement;
use super::super::table::read_table;
use super::*;
use crate::import::{KnownLine, Layout};
use crate::money::Currency;

fn plan(bytes: &[u8], known: &KnownLines) -> Plan {
    let table = read_table(bytes).unwrap();
    let layout = Layout::detect(&table).unwrap();
    let statement = read_statement(&table, &layout, &Currency::vnd()).unwrap();
    Plan::new("bank-1", statement, known)
}

fn known(plan: &Plan) -> KnownLines {
    let voucher = Some(Uuid::from_u128(1));
    plan.lines.iter().map(|line| KnownLine { keys: plan.keys(line), voucher }).collect()
}

fn holds_together(side: &Side) -> bool {
    let lines = |sums: &[Sum]| sums.iter().map(|sum| sum.lines).sum::<usize>();
    let money = |sums: &[Sum]| sums.iter().map(|sum| sum.amount.minor()).sum::<i64>();
    let classes: Vec<Sum> = side.by_class.values().copied().collect();
    let matches = [side.new, side.known, side.perhaps_twice];
    let all = (side.all.lines, side.all.amount.minor());
    all == (lines(&classes), money(&classes)) && all == (lines(&matches), money(&matches))
}

const SAMPLES: [(&[u8], i64, i64); 3] = [
    (include_bytes!("../../tests/statements/vietcombank.csv"), 1_330_658_182, 55_000),
    (include_bytes!("../../tests/statements/agribank.csv"), 727_011_260, 0),
    (include_bytes!("../../tests/statements/vietinbank.csv"), 738_706_715, 0),
];

#[test]
fn the_classes_of_the_samples_add_up_to_their_real_sums() {
    for (bytes, credits, debits) in SAMPLES {
        let plan = plan(bytes, &known_none());
        let totals = plan.totals();
        assert!(holds_together(&totals.credits) && holds_together(&totals.debits));
        assert_eq!(totals.credits.all.amount.minor(), credits);
        assert_eq!(totals.debits.all.amount.minor(), debits);
        assert_eq!(totals.credits.booked, totals.credits.all);
        assert!(plan.days_shared.is_empty());
        // These are gifts of a campaign: a rule that finds much else would be a bad rule.
        assert_eq!(totals.credits.by_class[&Class::Donation], totals.credits.all);
    }
}

#[test]
fn the_same_file_again_books_nothing() {
    for (bytes, credits, _) in SAMPLES {
        let again = plan(bytes, &known(&plan(bytes, &known_none())));
        let totals = again.totals();
        assert_eq!((totals.credits.booked.lines, totals.debits.booked.lines), (0, 0));
        assert_eq!(totals.credits.all.amount.minor(), credits);
        assert!(holds_together(&totals.credits));
        assert!(!again.days_shared.is_empty());
    }
}

#[test]
fn a_person_may_book_a_doubt_but_never_a_booked_line() {
    let doubtful = include_bytes!("../../tests/statements/times-morning.csv");
    let mut again = plan(doubtful, &known(&plan(doubtful, &known_none())));
    again.choose(0, Class::Custody, true).unwrap();
    let totals = again.totals();
    assert_eq!(totals.credits.booked.amount, Money::new(100_000).unwrap());
    assert_eq!(totals.credits.by_class[&Class::Custody].lines, 1);
    assert!(holds_together(&totals.credits));

    let certain = include_bytes!("../../tests/statements/numbers-first.csv");
    let mut again = plan(certain, &known(&plan(certain, &known_none())));
    let fault = again.choose(0, Class::Donation, true);
    assert_eq!(fault, Err(ChoiceFault::BookedAlready { row: 2 }));
    assert_eq!(again.totals().credits.booked.lines, 0);
}

#[test]
fn a_twin_in_another_file_is_booked_under_an_identity_of_its_own() {
    let first = plan(include_bytes!("../../tests/statements/day-split-1.csv"), &known_none());
    let known = known(&first);
    let rest = include_bytes!("../../tests/statements/day-split-2.csv");
    let mut rest = plan(rest, &known);
    assert_eq!(rest.bookings(&known).count(), 3);
    rest.choose(0, Class::Donation, true).unwrap();
    let bookings: Vec<_> = rest.bookings(&known).collect();
    assert_eq!(bookings[0].1, Occurrence { number: 1, ..rest.lines[0].occurrence });
    assert!(bookings.iter().all(|(_, own)| !known.contains(&own.exact())));
    assert!(bookings[1..].iter().all(|(index, own)| rest.lines[*index].occurrence == *own));

    // Three twins of which the first two are known already, one of them under occurrence 1.
    let twins = include_bytes!("../../tests/statements/twins.csv");
    let mut all = plan(twins, &known_none());
    let voucher = Some(Uuid::from_u128(1));
    let two: KnownLines =
        all.lines[..2].iter().map(|line| KnownLine { keys: all.keys(line), voucher }).collect();
    all = plan(twins, &two);
    (0..4).for_each(|index| all.choose(index, Class::Donation, true).unwrap());
    let occurrences: Vec<u32> = all.bookings(&two).map(|(_, own)| own.number).collect();
    assert_eq!(occurrences, [3, 4, 2, 0]);
}

#[test]
fn a_line_that_was_left_out_is_taken_up_as_itself() {
    let bytes = include_bytes!("../../tests/statements/numbers-first.csv");
    let first = plan(bytes, &known_none());
    let left: KnownLines = first
        .lines
        .iter()
        .map(|line| KnownLine { keys: first.keys(line), voucher: None })
        .collect();
    let mut again = plan(bytes, &left);
    assert!(again.lines.iter().all(|line| line.found == Match::Booked { voucher: None }));
    again.choose(0, Class::Donation, true).unwrap();
    let bookings: Vec<_> = again.bookings(&left).collect();
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0].1, first.lines[0].occurrence);
}

fn known_none() -> KnownLines {
    KnownLines::default()
}

#[test]
fn a_choice_that_does_not_fit_changes_nothing() {
    let bytes = include_bytes!("../../tests/statements/numbers-second.csv");
    let mut plan = plan(bytes, &known_none());
    let before = plan.clone();
    assert_eq!(before.lines[3].class, Class::Fee);
    let fault = ChoiceFault::OtherDirection { row: 5 };
    assert_eq!(plan.choose(3, Class::Donation, true), Err(fault));
    assert_eq!(plan.choose(4, Class::Fee, true), Err(ChoiceFault::NoSuchLine { index: 4 }));
    assert_eq!(plan, before);
    plan.choose(3, Class::Skip, true).unwrap();
    assert_eq!(plan.totals().debits.booked.lines, 0);
}

proptest! {
    #[test]
    fn whatever_a_person_chooses_the_sums_stay_the_files(
        amounts in prop::collection::vec((1..1_000_000_i64, any::<bool>()), 1..40),
        choices in prop::collection::vec((0..40_usize, 0..7_usize, any::<bool>()), 0..60),
    ) {
        let mut bytes = String::from("Date,Details,Debit,Credit\n");
        for (amount, is_credit) in &amounts {
            let (debit, credit) = if *is_credit { (0, *amount) } else { (*amount, 0) };
            bytes.push_str(&format!("05/11/2026,thu phi,{debit},{credit}\n"));
        }
        let mut plan = plan(bytes.as_bytes(), &known_none());
        for (index, class, booked) in choices {
            let _ = plan.choose(index, Class::ALL[class], booked);
        }
        let totals = plan.totals();
        prop_assert!(holds_together(&totals.credits) && holds_together(&totals.debits));
        let sum = |wanted| amounts.iter().filter(|(_, is_credit)| *is_credit == wanted)
            .map(|(amount, _)| amount).sum::<i64>();
        prop_assert_eq!(totals.credits.all.amount.minor(), sum(true));
        prop_assert_eq!(totals.debits.all.amount.minor(), sum(false));
        prop_assert!(plan.lines.iter().all(|line| line.class.suits(line.line.movement.direction)));
    }
}
