//! Matching: the same file again, in part, in another order, in another form.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::super::statement::{Direction, Movement, StatementLine, read_statement};
use super::super::table::read_table;
use super::*;
use crate::import::Layout;
use crate::money::{Currency, Money};

fn statement(bytes: &[u8]) -> Statement {
    let table = read_table(bytes).unwrap();
    let layout = Layout::detect(&table).unwrap();
    read_statement(&table, &layout, &Currency::vnd()).unwrap()
}

fn keys(bytes: &[u8]) -> Vec<LineKeys> {
    LineKeys::of_lines("bank-1", &statement(bytes).lines)
}

fn known(lines: &[LineKeys]) -> KnownLines {
    let voucher = |index: usize| Some(Uuid::from_u128(index as u128));
    lines
        .iter()
        .enumerate()
        .map(|(at, keys)| KnownLine { keys: *keys, voucher: voucher(at) })
        .collect()
}

fn matches(lines: &[LineKeys], known: &KnownLines) -> Vec<Match> {
    match_lines(lines.len(), |index| lines[index], known)
}

/// One letter a line: new, booked, or why perhaps twice.
fn letters(lines: &[LineKeys], known: &KnownLines) -> String {
    let letter = |found: &Match| match found {
        Match::New => 'n',
        Match::Booked { .. } => 'b',
        Match::PerhapsTwice { why, .. } => match why {
            WhyTwice::NothingTellsApart => '?',
            WhyTwice::SameDocumentNumber => 'd',
            WhyTwice::SameReference => 'r',
            WhyTwice::SameText => 't',
            WhyTwice::SameBalanceInFile => 'f',
        },
    };
    matches(lines, known).iter().map(letter).collect()
}

const VIETCOMBANK: &[u8] = include_bytes!("../../tests/statements/vietcombank.csv");
const AGRIBANK: &[u8] = include_bytes!("../../tests/statements/agribank.csv");
const VIETINBANK: &[u8] = include_bytes!("../../tests/statements/vietinbank.csv");
const MORNING: &[u8] = include_bytes!("../../tests/statements/times-morning.csv");

#[test]
fn a_file_is_new_once_and_known_ever_after() {
    for (bytes, letter) in [(VIETCOMBANK, 'b'), (AGRIBANK, 'b'), (VIETINBANK, '?')] {
        let mut lines = keys(bytes);
        assert!(letters(&lines, &KnownLines::default()).chars().all(|found| found == 'n'));
        let known = known(&lines);
        assert!(letters(&lines, &known).chars().all(|found| found == letter));
        lines.reverse();
        assert!(letters(&lines, &known).chars().all(|found| found == letter));
    }
}

#[test]
fn twins_of_a_bank_without_numbers_are_two_new_lines_and_then_two_doubts() {
    let morning = keys(MORNING);
    assert_eq!(letters(&morning, &KnownLines::default()), "nnnnn");
    let again = keys(include_bytes!("../../tests/statements/times-reordered.csv"));
    assert_eq!(letters(&again, &known(&morning)), "?????");
    let half = keys(include_bytes!("../../tests/statements/times-afternoon.csv"));
    assert_eq!(letters(&half, &known(&morning)), "???nn");
}

#[test]
fn half_of_a_numbered_file_is_booked_and_the_other_half_new() {
    let first = keys(include_bytes!("../../tests/statements/numbers-first.csv"));
    let second = keys(include_bytes!("../../tests/statements/numbers-second.csv"));
    assert_eq!(letters(&second, &known(&first)), "bbnn");
}

#[test]
fn a_day_cut_between_two_twins_is_asked_and_named() {
    let first = keys(include_bytes!("../../tests/statements/day-split-1.csv"));
    let rest = statement(include_bytes!("../../tests/statements/day-split-2.csv"));
    let known = known(&first);
    // The second twin looks like the first: a machine cannot know, a person is asked.
    assert_eq!(letters(&LineKeys::of_lines("bank-1", &rest.lines), &known), "?nnn");
    let shared: Vec<String> =
        days_shared(&rest, &known.days()).iter().map(NaiveDate::to_string).collect();
    assert_eq!(shared, ["2026-11-05"]);
    assert_eq!(days_shared(&rest, &BTreeSet::new()), []);
}

#[test]
fn another_place_knows_nothing() {
    let other = LineKeys::of_lines("bank-2", &statement(AGRIBANK).lines);
    assert!(letters(&other, &known(&keys(AGRIBANK))).chars().all(|found| found == 'n'));
}

fn line(
    number: &str,
    reference: &str,
    time: Option<u32>,
    text: &str,
    balance: i64,
) -> StatementLine {
    let some = |text: &str| (!text.is_empty()).then(|| text.into());
    StatementLine {
        row: 2,
        date: NaiveDate::from_ymd_opt(2026, 11, 5).unwrap(),
        time: time.and_then(|hour| NaiveTime::from_hms_opt(hour, 0, 0)),
        document_number: some(number),
        reference: some(reference),
        text: text.into(),
        movement: Movement { direction: Direction::Credit, amount: Money::new(5).unwrap() },
        balance: (balance != 0).then(|| Money::new(balance).unwrap()),
        offset_account: None,
    }
}

fn compare(before: &[StatementLine], now: &[StatementLine]) -> String {
    letters(&LineKeys::of_lines("p", now), &known(&LineKeys::of_lines("p", before)))
}

#[test]
fn another_export_of_a_line_is_a_doubt() {
    let before = [line("7", "", None, "ung ho", 0)];
    // A balance is printed on another row of the page.
    assert_eq!(compare(&before, &[line("7", "", None, "ung ho", 9)]), "d");
    assert_eq!(compare(&before, &[line("7", "R", None, "Ung ho!", 0)]), "d");
    assert_eq!(compare(&before, &[line("", "", Some(8), "Ủng  hộ", 0)]), "t");
    assert_eq!(compare(&[line("7", "R", None, "a", 0)], &[line("7", "R", None, "b", 0)]), "d");
    assert_eq!(compare(&[line("", "R", None, "a", 0)], &[line("7", "R", None, "b", 0)]), "r");
    assert_eq!(compare(&[line("", "", Some(8), "a", 0)], &[line("", "", None, "A", 0)]), "t");
}

#[test]
fn another_number_or_time_is_another_line() {
    let before = [line("7", "R", Some(8), "ung ho", 0)];
    assert_eq!(compare(&before, &[line("8", "R", Some(8), "ung ho", 0)]), "n");
    assert_eq!(compare(&before, &[line("7", "S", Some(8), "ung ho", 0)]), "n");
    assert_eq!(compare(&before, &[line("7", "R", Some(9), "ung ho", 1)]), "n");
    assert_eq!(compare(&before, &[line("", "", Some(8), "khac", 0)]), "n");
}

#[test]
fn one_known_line_explains_one_line() {
    let before = [line("", "", None, "ung ho", 0)];
    let now = [line("1", "", None, "ung ho", 0), line("2", "", None, "ung ho", 0)];
    assert_eq!(compare(&before, &now), "tn");
    // The exact one first, whatever the order of the rows.
    let now = [line("2", "", None, "ung ho", 0), line("", "", None, "ung ho", 0)];
    assert_eq!(compare(&before, &now), "n?");
}

#[test]
fn a_row_that_stands_twice_with_its_balance_is_a_doubt() {
    let twin = line("7", "", None, "ung ho", 9);
    assert_eq!(compare(&[], &[twin.clone(), twin]), "nf");
}

#[test]
fn a_line_left_out_by_a_person_stays_known() {
    let lines = LineKeys::of_lines("p", &[line("7", "", None, "a", 0)]);
    let known: KnownLines = [KnownLine { keys: lines[0], voucher: None }].into_iter().collect();
    assert_eq!(matches(&lines, &known), [Match::Booked { voucher: None }]);
}

#[test]
fn very_many_alike_lines_are_compared_in_time() {
    let numbered = |first: usize| -> Vec<StatementLine> {
        (first..first + 20_000).map(|n| line(&n.to_string(), "", None, "ung ho", 0)).collect()
    };
    assert!(compare(&numbered(0), &numbered(20_000)).chars().all(|found| found == 'n'));
    let timeless: Vec<_> = (0..20_000).map(|n| line("", "", None, "ung ho", n + 1)).collect();
    assert!(compare(&numbered(0), &timeless).chars().all(|found| found == 't'));
}

fn contradict(one: &LineKeys, other: &LineKeys) -> bool {
    fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
        matches!((one, other), (Some(one), Some(other)) if one != other)
    }
    differ(one.document, other.document)
        || differ(one.reference, other.reference)
        || differ(one.time, other.time)
}

fn some_line() -> impl Strategy<Value = StatementLine> {
    ("[12]?", "[RS]?", prop::option::of(7..9_u32), "[ab]?", 0..3_i64).prop_map(
        |(number, reference, time, text, balance)| line(&number, &reference, time, &text, balance),
    )
}

proptest! {
    #[test]
    fn every_doubt_is_explained_by_a_line_of_its_own(
        before in prop::collection::vec(some_line(), 0..20),
        now in prop::collection::vec(some_line(), 0..20),
    ) {
        let (before, now) = (LineKeys::of_lines("p", &before), LineKeys::of_lines("p", &now));
        let mut used = BTreeSet::new();
        for (line, found) in now.iter().zip(matches(&now, &known(&before))) {
            let voucher = match found {
                Match::New => {
                    prop_assert!(before.iter().all(|keys| keys.exact != line.exact));
                    continue;
                }
                Match::PerhapsTwice { why: WhyTwice::SameBalanceInFile, .. } => continue,
                Match::Booked { voucher } | Match::PerhapsTwice { voucher, .. } => voucher,
            };
            let index = usize::try_from(voucher.unwrap().as_u128()).unwrap();
            prop_assert!(used.insert(index), "one known line for two");
            prop_assert!(!contradict(line, &before[index]));
        }
        // A new line has no look-alike left that does not contradict it.
        for (line, found) in now.iter().zip(matches(&now, &known(&before))) {
            let left = before.iter().enumerate().filter(|(index, _)| !used.contains(index));
            for (_, keys) in left.filter(|(_, keys)| !contradict(line, keys)) {
                let alike = |one: Option<LineIdentity>, other| one.is_some() && one == other;
                let any = alike(line.document, keys.document)
                    || alike(line.reference, keys.reference)
                    || alike(line.text, keys.text);
                prop_assert!(!(found == Match::New && any));
            }
        }
    }
}
