//! A known disclosure, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Made with Python's `base64` and `hashlib` from the salt 00 01 … 1f and "Nguyễn Thị Hoa".
const DISCLOSURE: &str = "WyJBQUVDQXdRRkJnY0lDUW9MREEwT0R4QVJFaE1VRlJZWEdCa2FHeHdkSGg4IiwiZnVsbF9u\
                          YW1lIiwiTmd1eeG7hW4gVGjhu4sgSG9hIl0";
const DIGEST: &str = "ccSGzbYLs--lJwSYAuC1NvdxEgr3Lk0XGTe3t0LX1-k";

fn parse_json(json: &str) -> Result<Disclosure, DisclosureFault> {
    Disclosure::parse(&BASE64_URL_SAFE_NO_PAD.encode(json))
}

#[test]
fn a_disclosure_has_the_digest_of_an_independent_program() {
    let read = Disclosure::parse(DISCLOSURE).unwrap();
    assert_eq!((read.name(), read.value()), (PrivateName::FullName, &json!("Nguyễn Thị Hoa")));
    assert_eq!(read.encode(), DISCLOSURE);
    assert_eq!(read.digest().as_str(), DIGEST);
    assert!(!format!("{read:?}").contains("Hoa"));
}

#[test]
fn the_same_value_twice_gives_digests_that_cannot_be_linked() {
    let make = || Disclosure::make(PrivateName::Phone, json!("0901234567")).unwrap();
    let (one, other) = (make(), make());
    assert_ne!(one.digest(), other.digest());
    assert_ne!(one.salt, other.salt);
    assert_eq!(Disclosure::parse(&one.encode()), Ok(one));
    assert_ne!(Digest::decoy().unwrap(), Digest::decoy().unwrap());
}

/// A number with a fraction, which no ledger knows.
fn decimal(token: &str) -> Value {
    serde_json::from_str(token).unwrap()
}

#[test]
fn values_outside_the_profile_are_refused_when_made_and_when_read() {
    let salt = "A".repeat(43);
    for value in [json!(null), decimal("1.5"), json!(9_007_199_254_740_992_i64), json!("a\u{200b}")]
    {
        let made = Disclosure::make(PrivateName::Words, value.clone());
        assert!(matches!(made, Err(DisclosureFault::Canonical(_))), "{value}");
        let read = parse_json(&format!("[\"{salt}\",\"words\",{value}]"));
        assert!(matches!(read, Err(DisclosureFault::Canonical(_))), "{value}");
    }
    let shown = Disclosure::make(PrivateName::Account, decimal("12345.5")).unwrap_err().to_string();
    assert!(!shown.contains("12345"), "{shown}");
    let long = json!("x".repeat(65_535));
    assert!(Disclosure::make(PrivateName::Words, long).is_err());
    let rows = json!([{"due": "2026-02-01", "principal": 1_000_000}]);
    assert!(Disclosure::make(PrivateName::Schedule, rows).is_ok());
}

#[test]
fn other_spellings_and_forms_are_refused() {
    let salt = "A".repeat(43);
    assert!(parse_json(&format!("[\"{salt}\",\"words\",\"a\"]")).is_ok());
    for (json, fault) in [
        (format!("[\"{salt}\",\"words\"]"), DisclosureFault::Form),
        (format!("[\"{salt}\",\"words\",\"a\",1]"), DisclosureFault::Form),
        (format!("[1,\"words\",\"{salt}\"]"), DisclosureFault::Form),
        (format!("[\"{salt}\",1,\"a\"]"), DisclosureFault::Form),
        ("{}".to_owned(), DisclosureFault::Form),
        ("\"a\"".to_owned(), DisclosureFault::Form),
        (format!("[\"{}\",\"words\",\"a\"]", "A".repeat(42)), DisclosureFault::Salt),
        (format!("[\"{}B\",\"words\",\"a\"]", "A".repeat(42)), DisclosureFault::Salt),
        (format!("[\"{salt}=\",\"words\",\"a\"]"), DisclosureFault::Salt),
        (format!("[\"{salt}\",\"Words\",\"a\"]"), DisclosureFault::Name("Words".to_owned())),
        (format!("[\"{salt}\",\"_sd\",\"a\"]"), DisclosureFault::Name("_sd".to_owned())),
    ] {
        assert_eq!(parse_json(&json), Err(fault), "{json}");
    }
    for json in [
        format!("[\"{salt}\", \"words\",\"a\"]"),
        format!("[\"{salt}\",\"words\",\"a\"]\n"),
        format!("[\"{salt}\",\"words\",\"\\u0061\"]"),
        String::new(),
    ] {
        assert!(matches!(parse_json(&json), Err(DisclosureFault::Canonical(_))), "{json}");
    }
    for text in [format!("{DISCLOSURE}="), format!(" {DISCLOSURE}"), format!("{DISCLOSURE}\n")] {
        assert_eq!(Disclosure::parse(&text), Err(DisclosureFault::Encoding));
    }
}

#[test]
fn the_private_names_are_the_closed_list() {
    let names: Vec<&str> = PrivateName::ALL.iter().map(|name| name.as_str()).collect();
    assert_eq!(
        names.join(" "),
        "full_name masked_name phone address identity_number birth_year category family bank_text \
         bank_reference bank_row account guarantor schedule loan title sha256 consent words"
    );
    for name in PrivateName::ALL {
        assert_eq!(name.as_str().parse(), Ok(*name));
        assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
        assert_eq!(name.is_publishable(), name.as_str().ends_with("_name"));
    }
}

#[test]
fn digests_ascend_by_the_bytes_of_their_text() {
    // "-" < "0" < "A" < "_" < "a" in ASCII, which is not the order of the bytes they stand for.
    let of = |first: char| format!("{first}{}", "A".repeat(42));
    let ascending: Vec<String> = "-0A_a".chars().map(of).collect();
    let digests: Digests = serde_json::from_value(json!(ascending)).unwrap();
    assert_eq!(serde_json::to_value(&digests).unwrap(), json!(ascending));
    let shuffled = [4, 1, 3, 0, 2].map(|at: usize| ascending[at].parse::<Digest>().unwrap());
    assert_eq!(Digests::sorted(shuffled), Ok(digests.clone()));
    assert!(digests.iter().all(|digest| digests.contains(digest)));
    assert!(!digests.contains(&DIGEST.parse().unwrap()));
    for wrong in [
        json!([]),
        json!([ascending[1], ascending[0]]),
        json!([ascending[0], ascending[0]]),
        json!([ascending[0], ascending[2], ascending[1]]),
        json!(["short"]),
        json!([format!("{}B", "A".repeat(42))]),
        json!([format!("{}=", "A".repeat(43))]),
        json!([format!("+{}", "A".repeat(42))]),
        json!([1]),
        json!("A"),
    ] {
        assert!(serde_json::from_value::<Digests>(wrong.clone()).is_err(), "{wrong}");
    }
    let twice = [DIGEST.parse().unwrap(), DIGEST.parse().unwrap()];
    assert!(matches!(Digests::sorted(twice), Err(DisclosureFault::Order(_))));
}

proptest! {
    #[test]
    fn garbage_is_refused_without_a_panic(
        text in "\\PC{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..120)
    ) {
        prop_assert!(Disclosure::parse(&text).is_err());
        prop_assert!(Disclosure::parse(&BASE64_URL_SAFE_NO_PAD.encode(bytes)).is_err());
        let _ = text.parse::<Digest>();
    }

    #[test]
    fn a_changed_disclosure_has_another_digest(
        at in any::<prop::sample::Index>(), c in "[A-Za-z0-9_-]"
    ) {
        let at = at.index(DISCLOSURE.len());
        let changed = format!("{}{c}{}", &DISCLOSURE[..at], &DISCLOSURE[at + 1..]);
        if let Ok(read) = Disclosure::parse(&changed) {
            prop_assert_eq!(read.digest().as_str() == DIGEST, changed == DISCLOSURE);
        }
    }
}
