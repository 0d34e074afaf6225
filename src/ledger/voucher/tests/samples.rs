//! Values of every kind, built from the golden list of kinds.

use serde_json::{Map, Value, json};

use crate::ledger::keys::{KeyKind, SigningKey};

/// The ledger of all samples.
pub const LOG: &str = "so.example/xuan-tay";

const GOLDEN: &str = include_str!("../../../../tests/golden/kinds.json");

/// Members that name the ledger's keys; the form, not the type, knows whose they are.
pub const KEYS: [&str; 3] = ["officer_vkey", "log_vkey", "witness_vkey"];

/// The golden list.
pub fn golden() -> Value {
    serde_json::from_str(GOLDEN).unwrap()
}

/// What a value is built from.
#[derive(Clone, Copy, PartialEq)]
pub enum Size {
    /// Every member that may stand, digests in every object.
    Largest,
    /// Required members only.
    Least,
}

/// What stands where in a value, as JSON pointers.
#[derive(Default)]
pub struct Places {
    pub required: Vec<String>,
    pub objects: Vec<String>,
    pub lists: Vec<String>,
    pub scalars: Vec<(String, String)>,
}

/// Builds values from the golden description.
struct Builder<'a> {
    types: &'a Value,
    size: Size,
    /// Which of `exactly_one` (and of a choice of types) is built.
    choice: usize,
    digests: u32,
    places: Places,
    in_line: bool,
}

/// The digest of a number.
pub fn digest(number: u32) -> String {
    use base64::Engine as _;
    let mut bytes = [0_u8; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A verifier key of the kind that the golden list names.
pub fn vkey(kind: &str, number: u32) -> String {
    let seed = [u8::try_from(number % 250).unwrap() + 1; 32];
    let key = match kind {
        "officer_vkey" => SigningKey::from_seed(&format!("{LOG}/officer/{number:016x}"), seed),
        "log_vkey" => SigningKey::from_seed(LOG, seed),
        _ => SigningKey::from_seed_as("witness.example", KeyKind::Cosignature, seed),
    };
    key.unwrap().public().vkey()
}

impl Builder<'_> {
    fn digests(&mut self, number: u32) -> Value {
        self.digests += number;
        (self.digests - number..self.digests).map(digest).collect()
    }

    fn build(&mut self, kind: &Value, at: &str) -> Value {
        match kind {
            Value::String(word) => match word.strip_prefix('$') {
                Some("line_ref") => self.scalar("ref", at),
                Some(name) => self.build(&self.types[name], at),
                None => self.scalar(word, at),
            },
            Value::Array(element) => {
                self.places.lists.push(at.to_owned());
                let in_line = self.in_line;
                self.in_line |= at == "/lines";
                let member = self.build(&element[0], &format!("{at}/0"));
                self.in_line = in_line;
                json!([member])
            }
            Value::Object(members) => match members.get("?") {
                Some(choices) => {
                    let number = choices.as_array().unwrap().len();
                    self.build(&choices[self.choice % number], at)
                }
                None => self.object(members, kind, at),
            },
            other => panic!("no type: {other}"),
        }
    }

    fn object(&mut self, members: &Map<String, Value>, rules: &Value, at: &str) -> Value {
        self.places.objects.push(at.to_owned());
        let left_out = self.left_out(rules);
        let mut value = Map::new();
        for (name, kind) in members {
            if matches!(name.as_str(), "exactly_one" | "pairs") {
                continue;
            }
            let bare = name.trim_end_matches('?');
            let optional = bare != name;
            let excluded = left_out.iter().any(|other| other == bare);
            let chosen = self.chosen(rules).iter().any(|other| other == bare);
            if excluded || (optional && self.size == Size::Least && !chosen) {
                continue;
            }
            let path = format!("{at}/{bare}");
            if !optional || chosen {
                self.places.required.push(path.clone());
            }
            let built = self.build(kind, &path);
            value.insert(bare.to_owned(), built);
        }
        let line = at.starts_with("/lines/") && at.matches('/').count() == 2;
        let inside = self.in_line && !line;
        if self.size == Size::Largest && !value.contains_key("_sd") && !inside {
            let digests = self.digests(1);
            value.insert("_sd".to_owned(), digests);
        }
        Value::Object(value)
    }

    /// The member of `exactly_one` that stands, with what belongs to it.
    fn chosen(&self, rules: &Value) -> Vec<String> {
        let Some(one) = rules["exactly_one"].as_array() else { return Vec::new() };
        let leader = one[self.choice % one.len()].as_str().unwrap();
        std::iter::once(leader.to_owned()).chain(followers(rules, leader)).collect()
    }

    /// The members that exclude the chosen one, with what belongs to them.
    fn left_out(&self, rules: &Value) -> Vec<String> {
        let Some(one) = rules["exactly_one"].as_array() else { return Vec::new() };
        let chosen = self.choice % one.len();
        let others = one.iter().enumerate().filter(|(at, _)| *at != chosen);
        others
            .map(|(_, other)| other.as_str().unwrap())
            .flat_map(|other| std::iter::once(other.to_owned()).chain(followers(rules, other)))
            .collect()
    }

    fn scalar(&mut self, kind: &str, at: &str) -> Value {
        self.places.scalars.push((at.to_owned(), kind.to_owned()));
        match kind {
            "sd" => {
                self.places.scalars.pop();
                let donor = at.ends_with("donor/_sd") || at.ends_with("payee/_sd");
                self.digests(if donor { 2 } else { 1 })
            }
            "text" | "text500" | "text2000" => json!("Tết ở xã Xuân Tây"),
            "code" => json!("xuan-tay"),
            "date" => json!("2026-11-05"),
            "month" => json!("2026-11"),
            "month_start" => json!("2026-11-01"),
            "utc_offset" => json!("+07:00"),
            "person" => json!("0123456789abcdef"),
            "money" | "number" | "signed" => json!(1),
            "money0" => json!(0),
            "quantity" => json!("12.5"),
            "signed_quantity" => json!("-12.5"),
            "bool" => json!(false),
            "ref" => json!(3),
            "either" => json!(3),
            "uuid7" => json!("018f0000-0000-7000-8000-000000000001"),
            "base64" => json!("AAAA"),
            "sha256" => json!("0".repeat(64)),
            "kind" => json!("aid_paid"),
            "counts" => {
                self.places.scalars.pop();
                json!({"poor": 5})
            }
            kind if KEYS.contains(&kind) => {
                self.digests += 1;
                json!(vkey(kind, self.digests))
            }
            words => json!(words.split('|').next().unwrap()),
        }
    }
}

fn followers(rules: &Value, leader: &str) -> Vec<String> {
    let pairs = rules["pairs"].as_array().into_iter().flatten();
    pairs
        .filter(|pair| pair[0] == leader)
        .map(|pair| pair[1].as_str().unwrap().to_owned())
        .collect()
}

/// A value of the kind, and what stands where in it.
pub fn sample(golden: &Value, kind: &str, size: Size, choice: usize) -> (Value, Places) {
    let row = &golden["kinds"][kind];
    let mut builder = Builder {
        types: &golden["types"],
        size,
        choice,
        digests: 1,
        places: Places::default(),
        in_line: false,
    };
    let mut rules = row.clone();
    // Members that the notes, not the pairs, tie to an amount.
    if kind == "custody_assigned" {
        rules["pairs"] = json!([["fund", "donor"], ["loan", "principal"], ["loan", "fee"]]);
    }
    if matches!(kind, "handover_returned" | "custody_handed_over" | "custody_returned")
        && (choice % 2 == 1 || size == Size::Least)
    {
        rules["members"].as_object_mut().unwrap().remove("place?");
    }
    let members = rules["members"].as_object().unwrap().clone();
    let mut value = builder.object(&members, &rules, "");
    settle(kind, size, choice, &mut value, &mut builder.places);
    let common = [
        ("by", format!("{LOG}/officer/00000000000000aa")),
        ("date", "2026-11-05".to_owned()),
        ("id", "018f0000-0000-7000-8000-00000000000f".to_owned()),
        ("kind", kind.to_owned()),
        ("log", LOG.to_owned()),
    ];
    for (name, text) in common {
        value[name] = json!(text);
        builder.places.required.push(format!("/{name}"));
    }
    if size == Size::Largest {
        value["note"] = json!("Ghi chú");
    }
    (value, builder.places)
}

/// What the notes of the golden file say in words.
fn settle(kind: &str, size: Size, choice: usize, value: &mut Value, places: &mut Places) {
    match kind {
        "opening_balance" if size == Size::Least => {
            let mut money = json!([{"place": "cash", "fund": "chung", "amount": 1}]);
            std::mem::swap(&mut value["money"], &mut money);
        }
        "cash_counted" if size == Size::Least => value["difference"] = json!(0),
        "cash_counted" => places.required.push("/fund".to_owned()),
        "custody_assigned" if choice % 2 == 1 => value["as"] = json!("repayment"),
        "aid_paid" | "goods_distributed" if size == Size::Largest => {
            // Five families, so that they may be counted.
            let line = value["lines"][0].clone();
            let number = |at: u32| {
                let mut line = line.clone();
                line["_sd"] = json!([digest(900 + at)]);
                line
            };
            value["lines"] = (0..5).map(number).collect();
        }
        "loan_approved" | "loan_rescheduled" => places.required.push("/_sd".to_owned()),
        _ => {}
    }
}

/// Every kind in both sizes and with every choice.
pub fn samples() -> Vec<(String, Value, Places)> {
    let golden = golden();
    let mut all = Vec::new();
    for kind in golden["kinds"].as_object().unwrap().keys() {
        for size in [Size::Largest, Size::Least] {
            for choice in 0..2 {
                let (value, places) = sample(&golden, kind, size, choice);
                all.push((kind.clone(), value, places));
            }
        }
    }
    all
}
