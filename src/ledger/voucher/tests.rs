//! The structures of vouchers against the golden list of kinds: what it allows is read, what it
//! does not is refused, for every kind and every member.

#![allow(clippy::unwrap_used)]

mod samples;

use serde_json::{Map, Value, json};

use super::*;
use crate::ledger::keys::SigningKey;
use crate::money::LARGEST;
use samples::{KEYS, LOG, Size, digest, golden, sample, samples, vkey};

fn read(value: &Value) -> Result<Voucher, VoucherFault> {
    Voucher::read(value)
}

/// Asserts that the value with one change is refused, naming the change.
#[track_caller]
fn refused(value: &Value, what: &str, change: impl FnOnce(&mut Value)) {
    let mut changed = value.clone();
    change(&mut changed);
    let kind = value["kind"].as_str().unwrap();
    assert!(read(&changed).is_err(), "{kind} with {what} was read:\n{changed:#}");
}

fn parent<'a>(value: &'a mut Value, path: &str) -> (&'a mut Map<String, Value>, String) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    (value.pointer_mut(parent).unwrap().as_object_mut().unwrap(), name.to_owned())
}

#[test]
fn the_kinds_are_those_of_the_golden_file() {
    let golden = golden();
    let expected: Vec<&str> = golden["kinds"].as_object().unwrap().keys().map(|k| &**k).collect();
    let mut found: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    let words = |name: &str| golden[name].as_array().unwrap().clone();
    let categories: Vec<Value> = Category::ALL.iter().map(|c| json!(c.as_str())).collect();
    assert_eq!(categories, words("categories"));
    let roles: Vec<Value> = OfficerRole::ALL.iter().map(|role| json!(role.as_str())).collect();
    assert_eq!(roles, words("officer_roles"));
}

#[test]
fn every_kind_is_read_in_its_largest_and_its_least_form_and_written_the_same() {
    for (kind, value, _) in samples() {
        match read(&value) {
            Ok(voucher) => assert_eq!(voucher.value(), value),
            Err(fault) => panic!("{kind}: {fault}\n{value:#}"),
        }
    }
}

#[test]
fn a_required_member_that_is_missing_is_refused() {
    for (_, value, places) in samples() {
        for path in &places.required {
            refused(&value, &format!("{path} missing"), |changed| {
                let (members, name) = parent(changed, path);
                members.remove(&name).unwrap();
            });
        }
    }
}

#[test]
fn an_unknown_member_is_refused_wherever_it_stands() {
    for (_, value, places) in samples() {
        for path in &places.objects {
            for name in ["approved", "_sd2", "Amount"] {
                refused(&value, &format!("{path}/{name}"), |changed| {
                    let object = changed.pointer_mut(path).unwrap();
                    object[name] = json!(1);
                });
            }
        }
    }
}

#[test]
fn empty_lists_and_objects_are_refused() {
    for (_, value, places) in samples() {
        for path in &places.lists {
            refused(&value, &format!("{path} = []"), |changed| {
                *changed.pointer_mut(path).unwrap() = json!([]);
            });
            refused(&value, &format!("{path} = {{}}"), |changed| {
                *changed.pointer_mut(path).unwrap() = json!({});
            });
        }
        for path in places.objects.iter().filter(|path| !path.is_empty()) {
            // A policy may ask for nothing.
            if path != "/policy" {
                refused(&value, &format!("{path} = {{}}"), |changed| {
                    *changed.pointer_mut(path).unwrap() = json!({});
                });
            }
            refused(&value, &format!("{path} = []"), |changed| {
                *changed.pointer_mut(path).unwrap() = json!([]);
            });
            refused(&value, &format!("{path}/_sd = []"), |changed| {
                changed.pointer_mut(path).unwrap()["_sd"] = json!([]);
            });
        }
    }
}

#[test]
fn objects_written_as_lists_are_refused() {
    for (_, value, places) in samples() {
        for path in places.objects.iter().filter(|path| !path.is_empty()) {
            refused(&value, &format!("{path} as a list"), |changed| {
                let object = changed.pointer_mut(path).unwrap();
                let members = object.as_object().unwrap().values().cloned().collect();
                *object = Value::Array(members);
            });
        }
    }
}

#[test]
fn a_member_that_is_null_is_refused_wherever_it_may_be_missing() {
    for (_, value, places) in samples() {
        for path in &places.objects {
            for name in ["_sd", "note"] {
                refused(&value, &format!("{path}/{name} = null"), |changed| {
                    let object = changed.pointer_mut(path).unwrap();
                    object[name] = Value::Null;
                });
            }
        }
    }
}

#[test]
fn a_list_is_no_line_of_an_opening_balance_and_no_payee() {
    let digests = [digest(1)];
    let line = |value: Value| LineRef::deserialize(&Json::from(&value));
    assert!(line(json!({"line": 0, "seq": 5, "_sd": digests})).is_ok());
    assert!(line(json!([0, 5, digests])).is_err());
    let payee = |value: Value| Payee::deserialize(&Json::from(&value));
    let firm = json!({"type": "organisation", "name": "Nhà xe Hải Vân"});
    assert!(matches!(payee(firm), Ok(Payee::Firm(_))));
    let sealed = payee(json!({"type": "organisation", "_sd": digests}));
    assert!(matches!(sealed, Ok(Payee::Sealed(_))));
    assert!(payee(json!({"type": "person", "name": "Ai đó"})).is_err());
    assert!(payee(json!(["organisation", "Nhà xe Hải Vân", digests])).is_err());
    let word = |value: Value| OfficerRole::deserialize(&Json::from(&value));
    assert!(word(json!("chair")).is_ok());
    assert!(word(json!(0)).is_err());
    assert!(word(json!({"chair": null})).is_err());
}

/// Keys of another kind, of another ledger, or misspelt.
fn wrong_keys(kind: &str) -> Value {
    let others = KEYS.iter().filter(|other| **other != kind).map(|other| vkey(other, 7));
    let mut keys: Vec<String> = others.collect();
    keys.push(vkey(kind, 7).replace('+', " "));
    keys.push(format!("{} ", vkey(kind, 7)));
    if kind != "witness_vkey" {
        let foreign = SigningKey::from_seed("so.example/b/officer/0123456789abcdef", [9; 32]);
        keys.push(foreign.unwrap().public().vkey());
    }
    json!(keys)
}

/// Days, months and offsets that are none.
fn wrong_times(kind: &str) -> Value {
    match kind {
        "date" | "month_start" => json!([
            20_261_105,
            "2026-11-31",
            "2026-02-30",
            "0000-01-01",
            "10000-01-01",
            "2026-1-01",
            "2026-11-5",
            "26-11-01",
            " 2026-11-01",
            "2026-11-01 ",
            "2026-11-01T00:00:00Z",
            "+2026-11-01"
        ]),
        "month" => json!([202_611, "2026-13", "2026-00", "2026-1", "2026-11-01", "0000-01"]),
        _ => json!([7, "07:00", "+7:00", "+07:60", "+15:00", "+0700", "Z", "+14:01"]),
    }
}

/// Values that a scalar of the golden file does not take.
fn wrong(kind: &str) -> Vec<Value> {
    let mut all = vec![Value::Null, json!([]), json!({}), json!([1]), json!("")];
    let fraction: Value = serde_json::from_str("1.5").unwrap();
    let beyond = LARGEST + 1;
    all.push(fraction);
    let more = match kind {
        "money" => json!([0, -1, beyond, "1", true]),
        "money0" | "number" => json!([-1, beyond, "1", false]),
        "signed" => json!([beyond, -beyond, "1", true]),
        "bool" => json!([0, 1, "true"]),
        "ref" => json!([-1, beyond, "3", "old:", "old:03", "old:-3", "old:+3", "new:3", {"seq": 3},
            {"line": 0}, {"line": -1, "seq": 3}, {"line": 0, "seq": {"line": 0, "seq": 3}}]),
        "text" | "text500" | "text2000" => {
            json!([7, true, "a\nb", "a\tb", "a\u{0}b", "a\u{202e}b", "a\u{200b}b", "\u{feff}a"])
        }
        "code" => json!([7, "-a", "A", "a_b", "á", "a b", "a".repeat(33)]),
        "date" | "month_start" | "month" | "utc_offset" => wrong_times(kind),
        "person" => json!([7, "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef0"]),
        "quantity" => json!([
            1,
            "0",
            "-1",
            "+1",
            "1.0",
            "01",
            ".5",
            "1.",
            "1e3",
            "0.0001",
            "1,5",
            "9007199254740.992",
            "٥"
        ]),
        "signed_quantity" => json!([1, "-0", "--1", "+1", "1.0", "-1.50", "-.5", "0.0", "00"]),
        "uuid7" => json!([
            7,
            "018f0000-0000-4000-8000-000000000001",
            "018F0000-0000-7000-8000-000000000001",
            "018f0000-0000-7000-c000-000000000001",
            "018f0000000070008000000000000001",
            "{018f0000-0000-7000-8000-000000000001}"
        ]),
        "base64" => json!([7, "AAA", "AAA_", "AA==\n", "AB=="]),
        "sha256" => json!([7, "0".repeat(63), "0".repeat(65), "A".repeat(64)]),
        key if KEYS.contains(&key) => wrong_keys(key),
        words => {
            let first = words.split('|').next().unwrap();
            json!([7, true, "nonsense", first.to_uppercase(), format!("{first} "), words])
        }
    };
    let words_of_one = |value: &Value| value == kind && !kind.contains('|');
    all.extend(more.as_array().unwrap().iter().filter(|value| !words_of_one(value)).cloned());
    all
}

#[test]
fn wrong_types_and_values_are_refused_in_every_member() {
    for (_, value, places) in samples() {
        for (path, kind) in &places.scalars {
            for other in wrong(kind) {
                // The one word of a list of one, in capitals already.
                if value.pointer(path) == Some(&other) {
                    continue;
                }
                refused(&value, &format!("{path} ({kind}) = {other}"), |changed| {
                    *changed.pointer_mut(path).unwrap() = other.clone();
                });
            }
        }
    }
}

#[test]
fn every_word_of_a_list_is_read() {
    for (kind, value, places) in samples() {
        for (path, words) in places.scalars.iter().filter(|(_, words)| words.contains('|')) {
            // These two decide which other members stand.
            if matches!(path.as_str(), "/as") || path.ends_with("payee/type") {
                continue;
            }
            for word in words.split('|') {
                let mut changed = value.clone();
                *changed.pointer_mut(path).unwrap() = json!(word);
                assert!(read(&changed).is_ok(), "{kind}: {path} = {word}: {:?}", read(&changed));
            }
        }
    }
}

#[test]
fn members_that_exclude_one_another_or_belong_together_are_held_to_it() {
    let golden = golden();
    let take = |kind: &str, choice: usize| sample(&golden, kind, Size::Largest, choice).0;
    for (kind, row) in golden["kinds"].as_object().unwrap() {
        if row["exactly_one"].is_null() {
            continue;
        }
        // The least forms share no digests that could be the reason instead.
        let least = |choice: usize| sample(&golden, kind, Size::Least, choice).0;
        let (one, other) = (least(0), least(1));
        let both = |changed: &mut Value| {
            for (name, member) in other.as_object().unwrap() {
                if changed.get(name).is_none() {
                    changed[name] = member.clone();
                }
            }
        };
        refused(&one, "both of what excludes each other", both);
    }
    let returned = take("goods_returned", 0);
    refused(&returned, "an amount without its place", |changed| {
        changed.as_object_mut().unwrap().remove("place");
    });
    refused(&returned, "a place without its amount", |changed| {
        changed.as_object_mut().unwrap().remove("amount");
    });
    for kind in ["handover_returned", "custody_handed_over", "custody_returned"] {
        refused(&take(kind, 1), "a place without money", |changed| {
            changed["place"] = json!("cash")
        });
    }
    let counted = take("cash_counted", 0);
    refused(&counted, "a fund without a difference", |changed| changed["difference"] = json!(0));
    let opening = sample(&golden, "opening_balance", Size::Least, 0).0;
    refused(&opening, "no list at all", |changed| {
        changed.as_object_mut().unwrap().remove("money");
    });
    let opened = take("chapter_opened", 0);
    refused(&opened, "books from the second", |changed| {
        changed["books_from"] = json!("2026-11-02");
    });
    refused(&opened, "four decimals", |changed| changed["currency"]["scale"] = json!(4));
    refused(&opened, "a role twice", |changed| {
        changed["officers"][0]["roles"] = json!(["chair", "chair"]);
    });
    refused(&take("policy_changed", 0), "a word twice", |changed| {
        changed["policy"]["away"] = json!(["aid_paid", "aid_paid"]);
    });
    refused(&take("fund_opened", 0), "a programme twice", |changed| {
        changed["fund"]["terms"]["programmes"] = json!(["tet", "tet"]);
    });
    let mut changed = take("policy_changed", 0);
    changed["policy"] = json!({});
    assert!(read(&changed).is_ok(), "a policy may ask for nothing");
}

#[test]
fn lines_are_alike_sorted_and_sealed_and_counts_are_never_small() {
    let golden = golden();
    for kind in ["aid_paid", "goods_distributed"] {
        let (good, _) = sample(&golden, kind, Size::Largest, 0);
        refused(&good, "a line without digests", |changed| {
            changed["lines"][2].as_object_mut().unwrap().remove("_sd");
        });
        refused(&good, "a line with more digests", |changed| {
            changed["lines"][2]["_sd"] = json!([digest(902), digest(950)]);
        });
        refused(&good, "lines out of order", |changed| {
            changed["lines"].as_array_mut().unwrap().swap(1, 2);
        });
        refused(&good, "a digest twice", |changed| changed["_sd"] = json!([digest(902)]));
        refused(&good, "digests out of order", |changed| {
            changed["_sd"] = json!([digest(961), digest(960)]);
        });
        for counts in [
            json!({"poor": 4}),
            json!({"poor": 6}),
            json!({"poor": 5, "other": 0}),
            json!({"poor": 4, "other": 1}),
            json!({"rich": 5}),
            json!({}),
            json!({"_sd": [digest(970)], "poor": 5}),
        ] {
            refused(&good, &format!("counts {counts}"), |changed| changed["counts"] = counts);
        }
    }
    let (goods, _) = sample(&golden, "goods_distributed", Size::Largest, 0);
    refused(&goods, "digests inside a line", |changed| {
        changed["lines"][4]["items"][0]["_sd"] = json!([digest(980)]);
    });
    for kind in ["donation", "goods_received", "custody_received"] {
        let (good, _) = sample(&golden, kind, Size::Least, 0);
        for number in [1, 3] {
            let digests: Value = (990..990 + number).map(digest).collect();
            refused(&good, "other than two digests of a donor", |changed| {
                changed["donor"]["_sd"] = digests;
            });
        }
        refused(&good, "a donor's name in the leaf", |changed| {
            changed["donor"]["name"] = json!("Nguyễn Văn A");
        });
    }
}

#[test]
fn limits_are_those_of_the_golden_file() {
    let golden = golden();
    let limit = |name: &str| usize::try_from(golden["limits"][name].as_u64().unwrap()).unwrap();
    let (aid, _) = sample(&golden, "aid_paid", Size::Least, 0);
    let lines = |number: usize| -> Value {
        let mut digests: Vec<String> = (1..).map(digest).take(number).collect();
        digests.sort();
        digests.into_iter().map(|digest| json!({"amount": 1, "_sd": [digest]})).collect()
    };
    let with = |value: &Value, name: &str, member: Value| {
        let mut changed = value.clone();
        changed[name] = member;
        read(&changed).is_ok()
    };
    assert!(with(&aid, "lines", lines(limit("lines"))));
    assert!(!with(&aid, "lines", lines(limit("lines") + 1)));
    let gifts = |number: usize| -> Value { (1..=number).map(|seq| json!(seq)).collect() };
    assert!(with(&aid, "gifts", gifts(limit("gifts"))));
    assert!(!with(&aid, "gifts", gifts(limit("gifts") + 1)));
    assert!(with(&aid, "note", json!("ệ".repeat(limit("note")))));
    assert!(!with(&aid, "note", json!("ệ".repeat(limit("note") + 1))));
    let (witness, _) = sample(&golden, "witness_named", Size::Least, 0);
    assert!(with(&witness, "name", json!("ệ".repeat(limit("text")))));
    assert!(!with(&witness, "name", json!("ệ".repeat(limit("text") + 1))));
    let (fund, _) = sample(&golden, "fund_opened", Size::Least, 0);
    let terms = |length: usize| {
        let mut changed = fund.clone();
        changed["fund"]["terms"]["text"] = json!("ệ".repeat(length));
        read(&changed).is_ok()
    };
    assert!(terms(limit("terms_text")));
    assert!(!terms(limit("terms_text") + 1));
    assert_eq!(canonical::MAX_NESTING, limit("nesting"));
    assert_eq!(canonical::MAX_BYTES, limit("leaf_bytes"));
}

#[test]
fn a_newer_kind_or_number_of_rules_is_called_newer() {
    let (mut adopted, _) = sample(&golden(), "rules_adopted", Size::Least, 0);
    adopted["rules"] = json!(2);
    assert_eq!(read(&adopted), Err(VoucherFault::UnknownRules(2)));
    adopted["kind"] = json!("raffle_held");
    let newer = VoucherFault::UnknownKind("raffle_held".to_owned());
    assert_eq!(read(&adopted), Err(newer));
}

#[test]
fn a_voucher_is_by_a_key_of_its_own_ledger() {
    let (closed, _) = sample(&golden(), "chapter_closed", Size::Least, 0);
    for by in ["so.example/b/officer/00000000000000aa", LOG, "00000000000000aa"] {
        refused(&closed, by, |changed| changed["by"] = json!(by));
    }
}
