//! Identities: what changes them, what does not, and their exact bytes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::statement::{Movement, read_statement};
use super::super::table::read_table;
use super::*;
use crate::import::Layout;
use crate::money::{Currency, Money};

fn line(text: &str) -> StatementLine {
    StatementLine {
        row: 2,
        date: NaiveDate::from_ymd_opt(2026, 11, 5).unwrap(),
        time: NaiveTime::from_hms_opt(8, 0, 1),
        document_number: Some("7001".into()),
        reference: None,
        text: text.into(),
        movement: Movement { direction: Direction::Credit, amount: Money::new(100_000).unwrap() },
        balance: Money::new(-5),
        offset_account: None,
    }
}

fn keys_of_file(bytes: &[u8]) -> Vec<LineKeys> {
    let table = read_table(bytes).unwrap();
    let layout = Layout::detect(&table).unwrap();
    let statement = read_statement(&table, &layout, &Currency::vnd()).unwrap();
    LineKeys::of_lines("bank-1", &statement.lines)
}

fn exact(keys: &[LineKeys]) -> BTreeSet<LineIdentity> {
    keys.iter().map(|keys| keys.exact).collect()
}

#[test]
fn the_bytes_hashed_are_the_documented_ones() {
    let mut bytes = b"minhbach-bank-line/equal/v1\n".to_vec();
    for field in [
        Some("bank-1"),
        Some("2026-11-05"),
        Some("08:00:01"),
        Some("7001"),
        None,
        Some("credit"),
        Some("100000"),
        Some("ủng hộ"),
        Some("-5"),
    ] {
        bytes.push(u8::from(field.is_some()));
        if let Some(field) = field {
            bytes.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            bytes.extend(field.as_bytes());
        }
    }
    let keys = LineKeys::of_lines("bank-1", &[line("ủng hộ")])[0];
    let equal = hex::encode(Sha256::digest(&bytes));
    assert_eq!(keys.equal.to_string(), equal);
    let exact =
        [b"minhbach-bank-line/exact/v1\n\x01\0\0\0\x40", equal.as_bytes(), b"\x01\0\0\0\x010"];
    assert_eq!(keys.exact.to_string(), hex::encode(Sha256::digest(exact.concat())));
}

#[test]
fn every_field_of_the_identity_counts_and_no_other() {
    let first = line("ung ho");
    let mut others = vec![line("ung h")];
    let mut other = |change: &dyn Fn(&mut StatementLine)| {
        let mut line = first.clone();
        change(&mut line);
        others.push(line);
    };
    other(&|line| line.date = line.date.succ_opt().unwrap());
    other(&|line| line.time = None);
    other(&|line| line.document_number = None);
    // The same words in the neighbouring field are another line.
    other(&|line| line.reference = line.document_number.take());
    other(&|line| line.movement.direction = Direction::Debit);
    other(&|line| line.movement.amount = Money::new(100_001).unwrap());
    other(&|line| line.balance = None);
    others.push(first.clone());
    let keys = LineKeys::of_lines("bank-1", &others);
    assert_eq!(keys.iter().map(|keys| keys.equal).collect::<BTreeSet<_>>().len(), others.len());
    let mut same = first.clone();
    same.row = 99;
    same.offset_account = Some("A".into());
    let same = LineKeys::of_lines("bank-1", &[same])[0];
    assert_eq!(same, LineKeys::of_lines("bank-1", std::slice::from_ref(&first))[0]);
    assert_ne!(same.equal, LineKeys::of_lines("bank-2", &[first])[0].equal);
}

#[test]
fn exact_twins_are_two_lines() {
    let keys = keys_of_file(include_bytes!("../../tests/statements/twins.csv"));
    assert_eq!(keys.iter().map(|keys| keys.occurrence).collect::<Vec<_>>(), [0, 1, 2, 0]);
    assert_eq!(exact(&keys).len(), 4);
    assert_eq!(keys[0].equal, keys[2].equal);
    assert!(!keys[0].is_certain());
}

#[test]
fn the_samples_have_no_two_lines_of_one_identity() {
    for (bytes, certain) in [
        (include_bytes!("../../tests/statements/vietcombank.csv").as_slice(), true),
        (include_bytes!("../../tests/statements/agribank.csv"), true),
        (include_bytes!("../../tests/statements/vietinbank.csv"), false),
    ] {
        let keys = keys_of_file(bytes);
        assert_eq!(exact(&keys).len(), keys.len());
        assert!(keys.iter().all(|keys| keys.occurrence == 0 && keys.is_certain() == certain));
    }
}

#[test]
fn a_text_in_two_normal_forms_is_one_text() {
    let composed = keys_of_file(include_bytes!("../../tests/statements/small-utf8.csv"));
    let decomposed = keys_of_file(include_bytes!("../../tests/statements/small-tab-nfd.csv"));
    assert_eq!(composed, decomposed);
}

#[test]
fn identities_are_read_back_from_lower_case_hex_alone() {
    let identity = LineKeys::of_lines("bank-1", &[line("a")])[0].exact;
    let text = identity.to_string();
    assert_eq!(text.parse(), Ok(identity));
    assert_eq!(serde_json::to_string(&identity).unwrap(), format!("\"{text}\""));
    assert_eq!(text.to_uppercase().parse::<LineIdentity>(), Err(IdentityFault));
    assert_eq!(text[1..].parse::<LineIdentity>(), Err(IdentityFault));
}

proptest! {
    #[test]
    fn shuffled_rows_have_the_same_identities(
        order in Just((0..1000_usize).collect::<Vec<_>>()).prop_shuffle(),
        texts in prop::collection::vec("[ab]{0,2}", 30),
    ) {
        // Few texts make many twins.
        let lines: Vec<StatementLine> = texts.iter().map(|text| line(text)).collect();
        let shuffled: Vec<StatementLine> =
            order.iter().filter_map(|at| lines.get(*at).cloned()).collect();
        let first = LineKeys::of_lines("bank-1", &lines);
        prop_assert_eq!(exact(&first).len(), lines.len());
        prop_assert_eq!(exact(&first), exact(&LineKeys::of_lines("bank-1", &shuffled)));
    }
}
