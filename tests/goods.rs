//! Random histories with goods, good and bad, against the invariants of the books and the rules
//! written with plain lists.
//!
//! `MINHBACH_PROPTEST_CASES` sets the number of histories for a long run.

use proptest::prelude::*;
use serde_json::{Value, json};

use minhbach::books::{Books, Refusal};
use minhbach::money::{LARGEST, Quantity};

use crate::books::naive::Naive;
use crate::books::{Desk, Opening};
use crate::properties::{Closings, config};

const STORES: [&str; 2] = ["kho", "nha"];
const FUNDS: [&str; 2] = ["chung", "rieng"];
const ITEMS: [&str; 2] = ["gao", "chan"];
const PLACES: [&str; 2] = ["cash", "vcb"];

/// One step with everything that it may need: what it does not need it ignores.
#[derive(Clone, Debug)]
struct Step {
    verb: u8,
    at: (usize, usize, usize, usize),
    quantity: i64,
    second: i64,
    amount: i64,
    back: usize,
    days: u64,
}

fn step(extreme: bool) -> impl Strategy<Value = Step> {
    let amounts = match extreme {
        false => prop_oneof![0_i64..40, (1_i64..9).prop_map(|tens| tens * 10)].boxed(),
        true => prop::sample::select(vec![LARGEST, LARGEST - 1, LARGEST / 2, 1]).boxed(),
    };
    let quantities = match extreme {
        false => {
            let thirds = prop::sample::select(vec![333_i64, 1_500, 2_250, 700]);
            prop_oneof![(1_i64..7).prop_map(|whole| whole * 1000), thirds].boxed()
        }
        true => prop::sample::select(vec![LARGEST, LARGEST / 1000 * 1000, 1000, 1]).boxed(),
    };
    let at = (0..STORES.len(), 0..FUNDS.len(), 0..ITEMS.len(), 0..PLACES.len());
    (0_u8..30, at, (quantities.clone(), quantities), amounts, 0_usize..8, 0_u64..4).prop_map(
        |(verb, at, (quantity, second), amount, back, days)| Step {
            verb,
            at,
            quantity,
            second,
            amount,
            back,
            days,
        },
    )
}

/// A desk that walks through random steps, day by day.
struct Walk {
    desk: Desk,
    naive: Naive,
    day: chrono::NaiveDate,
}

fn items(rows: &[(&str, i64)]) -> Value {
    let row = |(item, quantity): &(&str, i64)| {
        let quantity = Quantity::new((*quantity).max(1)).unwrap().to_string();
        json!({"item": item, "quantity": quantity})
    };
    rows.iter().map(row).collect()
}

impl Walk {
    fn begin() -> Self {
        let mut walk = Self {
            desk: Desk::open(&Opening::default()),
            naive: Naive::default(),
            day: chrono::NaiveDate::from_ymd_opt(2026, 10, 1).unwrap(),
        };
        walk.naive.absorb(0, &walk.desk.bytes[0], 0);
        let place = json!({"code": "vcb", "type": "bank", "name": "Ngân hàng"});
        walk.enter("place_opened", json!({ "place": place })).unwrap();
        for code in FUNDS {
            let terms = json!({"text": "Điều khoản", "costs": true});
            let fund = json!({"code": code, "type": "general", "name": "Quỹ", "terms": terms});
            walk.enter("fund_opened", json!({ "fund": fund })).unwrap();
        }
        let programme = json!({"code": "tet", "name": "Tết", "type": "tet"});
        walk.enter("programme_opened", json!({ "programme": programme })).unwrap();
        for (code, whole) in [("gao", false), ("chan", true)] {
            let item = json!({"code": code, "name": "Hàng", "unit": "kg", "whole": whole});
            walk.enter("item_opened", json!({ "item": item })).unwrap();
        }
        for code in STORES {
            let store = json!({"code": code, "name": "Kho"});
            walk.enter("store_opened", json!({ "store": store })).unwrap();
        }
        let goods = json!([
            {"item": "gao", "quantity": "7", "value": 100, "fund": "chung", "store": "kho"},
            {"item": "chan", "quantity": "3", "value": 10, "fund": "rieng", "store": "nha"},
        ]);
        let money = json!([{"place": "cash", "fund": "chung", "amount": 90}]);
        let opening = json!({"as_of": "2026-09-30", "money": money, "goods": goods});
        walk.enter("opening_balance", opening).unwrap();
        walk
    }

    fn enter(&mut self, kind: &str, members: Value) -> Result<(), Refusal> {
        let seq = self.desk.size();
        self.desk.enter(kind, members)?;
        let bytes = self.desk.bytes.last().unwrap();
        self.naive.absorb(seq, bytes, self.desk.books.before());
        self.naive.compare(&self.desk);
        Ok(())
    }

    /// An accepted entry of one of `kinds`, some way back among those; else any entry.
    fn entry_of(&self, kinds: &[&str], back: usize) -> u64 {
        let effects = self.desk.effects.iter().rev();
        let found: Vec<u64> = effects
            .filter(|effects| kinds.is_empty() || kinds.contains(&effects.kind.as_str()))
            .map(|effects| effects.seq)
            .collect();
        found.get(back % found.len().max(1)).copied().unwrap_or(0)
    }

    fn take(&mut self, step: &Step) {
        if step.verb.is_multiple_of(3) {
            self.day = self.day + chrono::Days::new(step.days);
        }
        self.desk.at = format!("{}T02:00:00Z", self.day);
        let back = if step.verb.is_multiple_of(2) { step.days } else { 0 };
        self.desk.date = (self.day - chrono::Days::new(back)).to_string();
        let (kind, members) = self.voucher(step);
        // A refusal is an answer as good as any other; the desk asserts that it changes nothing.
        drop(self.enter(kind, members));
    }

    /// Another ledger continues this one: everything goes on as it is.
    fn go_on(&mut self) {
        let seq = self.desk.size();
        self.desk.at = format!("{}T02:00:00Z", self.day);
        self.desk.date = self.day.to_string();
        self.desk.go_on();
        self.naive.absorb(seq, self.desk.bytes.last().unwrap(), self.desk.books.before());
        self.naive.compare(&self.desk);
    }

    fn lots(&self, step: &Step) -> Value {
        let (item, other) = (ITEMS[step.at.2], ITEMS[step.back % 2]);
        let mut lots = items(&[(item, step.quantity), (other, step.second)]);
        lots[0]["value"] = json!(step.amount);
        lots[1]["value"] = json!(step.amount / 3);
        if step.days > 0 {
            let expiry = self.day + chrono::Days::new(step.days * 5);
            lots[0]["expiry"] = json!(expiry.to_string());
        }
        lots
    }

    fn voucher(&mut self, step: &Step) -> (&'static str, Value) {
        let (store, fund) = (STORES[step.at.0], FUNDS[step.at.1]);
        let (item, place) = (ITEMS[step.at.2], PLACES[step.at.3]);
        let amount = step.amount.max(1);
        match step.verb {
            0..=2 => {
                let donor = self.desk.donor();
                let mut members = json!({"amount": amount, "place": place, "fund": fund});
                members["donor"] = donor;
                members["method"] = json!("cash");
                ("donation", members)
            }
            3..=4 => {
                let (lots, donor) = (self.lots(step), self.desk.donor());
                let members = json!({"store": store, "fund": fund, "lots": lots, "donor": donor});
                ("goods_received", members)
            }
            5..=7 => {
                let payee = json!({"type": "organisation", "name": "Cửa hàng"});
                let mut members = json!({
                    "place": place, "fund": fund, "store": store, "lots": self.lots(step),
                    "payee": payee,
                });
                if step.back > 3 {
                    members["extra"] = json!(1 + step.days * 7);
                }
                if step.back.is_multiple_of(3) {
                    members["gifts"] = json!([self.entry_of(&["donation"], step.back)]);
                }
                ("goods_purchased", members)
            }
            8..=10 => {
                let other = ITEMS[step.back % 2];
                let lines = [
                    items(&[(item, step.quantity), (other, step.second)]),
                    items(&[(item, step.second)]),
                ];
                let lines = self.desk.goods_lines(&lines[..1 + step.back % 2]);
                let mut members = json!({
                    "store": store, "fund": fund, "programme": "tet", "lines": lines,
                });
                members["allow_expired"] = json!(step.days < 3);
                ("goods_distributed", members)
            }
            11 => {
                let members = json!({
                    "from_store": store, "to_store": STORES[1 - step.at.0], "fund": fund,
                    "items": items(&[(item, step.quantity)]),
                });
                ("goods_moved", members)
            }
            12..=14 => self.count(step),
            15..=16 => {
                let of = self.entry_of(&["goods_purchased", "goods_received"], step.back);
                let mut members = json!({"of": of, "items": items(&[(item, step.second)])});
                if step.days < 2 {
                    members["amount"] = json!(amount);
                    members["place"] = json!(place);
                }
                ("goods_returned", members)
            }
            17..=18 => {
                let of = self.entry_of(&["goods_distributed"], step.back);
                let items = items(&[(item, step.second)]);
                ("handover_returned", json!({"of": of, "items": items, "lines": step.days % 2}))
            }
            verb => self.more(verb, step),
        }
    }

    fn more(&mut self, verb: u8, step: &Step) -> (&'static str, Value) {
        let (store, fund) = (STORES[step.at.0], FUNDS[step.at.1]);
        let (item, place) = (ITEMS[step.at.2], PLACES[step.at.3]);
        let amount = step.amount.max(1);
        match verb {
            19 => {
                let lines = self.desk.lines(&[amount, amount]);
                let members =
                    json!({"lines": lines, "place": place, "fund": fund, "programme": "tet"});
                ("aid_paid", members)
            }
            20 => {
                let of = self.entry_of(&["aid_paid"], step.back);
                let lines = step.days % 2;
                ("handover_returned", json!({"of": of, "amount": amount, "lines": lines}))
            }
            21 => {
                let mut members = json!({"fund": fund, "to_log": "so.example/khac"});
                if step.back < 3 {
                    members["amount"] = json!(amount);
                    members["place"] = json!(place);
                } else {
                    members["items"] = items(&[(item, step.quantity)]);
                    members["store"] = json!(store);
                }
                ("sent_to_chapter", members)
            }
            22 => {
                let id = format!("018f0000-0000-7000-9000-{:012}", step.back);
                let sender = json!({"log": "so.example/khac", "id": id});
                let mut members = json!({"fund": fund, "sender": sender});
                if step.days < 2 {
                    members["amount"] = json!(amount);
                    members["place"] = json!(place);
                } else {
                    members["lots"] = self.lots(step);
                    members["store"] = json!(store);
                }
                ("received_from_chapter", members)
            }
            23 => {
                let of = self.entry_of(&["donation"], step.back);
                let members = json!({
                    "of": of, "amount": amount, "place": place, "reason": "other",
                });
                ("donation_returned", members)
            }
            24 if step.back < 3 => self.close(),
            _ => {
                let kinds: &[&str] = match verb {
                    25 => &["goods_moved", "goods_distributed", "sent_to_chapter"],
                    26 => &["goods_moved", "goods_returned", "handover_returned"],
                    _ => &[],
                };
                let of = self.entry_of(kinds, step.back);
                ("reversed", json!({"of": of, "reason": "other"}))
            }
        }
    }

    fn count(&self, step: &Step) -> (&'static str, Value) {
        let (item, other) = (ITEMS[step.at.2], ITEMS[step.back % 2]);
        let mut rows = items(&[(item, step.quantity), (other, step.second)]);
        let directions = if step.verb == 12 { ["less", "more"] } else { ["more", "less"] };
        for (row, direction) in rows.as_array_mut().unwrap().iter_mut().zip(directions) {
            row["direction"] = json!(direction);
            row["reason"] = json!("miscounted");
        }
        if step.back < 4 {
            rows.as_array_mut().unwrap().truncate(1);
        }
        let (store, fund) = (STORES[step.at.0], FUNDS[step.at.1]);
        ("stock_counted", json!({"store": store, "fund": fund, "differences": rows}))
    }

    /// The closing of everything up to the month before; the day moves into the next month.
    fn close(&mut self) -> (&'static str, Value) {
        let date: minhbach::ledger::word::Date = self.day.to_string().parse().unwrap();
        let month = date.month();
        self.day = month.next().first_day().naive();
        self.desk.date = self.day.to_string();
        self.desk.at = format!("{}T02:00:00Z", self.day);
        match self.desk.books.closing_statement(month) {
            // More to and fro in one period than a closing can write: no figure is invented.
            Err(Refusal::TooLarge) => ("privacy_erased", json!({"class": "error"})),
            _ => ("period_closed", self.desk.closing(&month.to_string())),
        }
    }

    /// Closes what is open, and asserts what must hold of the whole.
    fn end(mut self) {
        let (kind, members) = self.close();
        self.enter(kind, members).expect("the figures of the vouchers close the books");
        assert_eq!(self.desk.replay(), self.desk.books, "live state = replay");
        let snapshot = self.desk.books.snapshot().unwrap();
        let restored = Books::from_snapshot(&snapshot).unwrap();
        assert_eq!(restored, self.desk.books, "live state = snapshot");
        let mut closings = Closings::default();
        for effects in &self.desk.effects {
            if let Some(file) = &effects.statement {
                let statement: Value = serde_json::from_slice(&file.bytes).unwrap();
                closings.tie(&statement);
                goods_tie(&statement);
            }
        }
    }
}

/// Goods add up in units and in value, and their value is the stock of the funds.
fn goods_tie(statement: &Value) {
    let units = |value: &Value| -> i64 {
        let text = value.as_str().unwrap();
        let digits = text.trim_start_matches('-');
        let size =
            if digits == "0" { 0 } else { digits.parse::<Quantity>().unwrap().thousandths() };
        if text.starts_with('-') { -size } else { size }
    };
    let mut worth = 0;
    for row in statement["goods"].as_array().unwrap() {
        let (opening, closing) = (units(&row["opening"]), units(&row["closing"]));
        assert_eq!(closing, opening + units(&row["in"]) - units(&row["out"]), "{row}");
        let value = |name: &str| row["value"][name].as_i64().unwrap();
        assert_eq!(value("closing"), value("opening") + value("in") - value("out"), "{row}");
        let rows = row["rows"].as_array().unwrap();
        let sum = |name: &str| rows.iter().map(|row| units(&row[name])).sum::<i64>();
        assert_eq!((sum("in"), sum("out")), (units(&row["in"]), units(&row["out"])), "{row}");
        worth += value("closing");
    }
    let funds = statement["funds"].as_array().unwrap();
    let stock: i64 = funds.iter().map(|row| row["stock"].as_i64().unwrap()).sum();
    assert_eq!(worth, stock, "goods = the funds' stock");
    assert_eq!(statement["bridge"]["stock"], json!(stock));
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn every_history_with_goods_keeps_the_invariants_and_follows_the_written_rules(
        steps in prop::collection::vec(step(false), 1..70),
    ) {
        let mut walk = Walk::begin();
        for step in &steps {
            walk.take(step);
        }
        walk.end();
    }

    #[test]
    fn a_history_with_goods_that_goes_on_in_a_later_ledger_keeps_them_too(
        parts in prop::collection::vec(prop::collection::vec(step(false), 1..30), 2..3),
    ) {
        let mut walk = Walk::begin();
        for (at, steps) in parts.iter().enumerate() {
            if at > 0 {
                walk.go_on();
            }
            for step in steps {
                walk.take(step);
            }
        }
        walk.end();
    }

    #[test]
    fn extreme_quantities_are_refused_or_add_up_but_never_overflow(
        steps in prop::collection::vec(step(true), 1..40),
    ) {
        let mut walk = Walk::begin();
        for step in &steps {
            walk.take(step);
        }
        prop_assert!(walk.desk.books.first_open_month().is_some());
    }
}

#[test]
fn most_kinds_of_goods_are_accepted_now_and_then() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut kinds = std::collections::BTreeMap::<String, u64>::new();
    for _ in 0..14 {
        let steps = prop::collection::vec(step(false), 70);
        let mut walk = Walk::begin();
        for step in &steps.new_tree(&mut runner).unwrap().current() {
            walk.take(step);
        }
        for effects in &walk.desk.effects {
            let undone = effects.kind != effects.nature;
            let word =
                if undone { format!("- {}", effects.nature) } else { effects.kind.to_string() };
            *kinds.entry(word).or_default() += 1;
        }
    }
    for kind in [
        "goods_received",
        "goods_purchased",
        "goods_distributed",
        "goods_moved",
        "goods_returned",
        "stock_counted",
        "handover_returned",
        "sent_to_chapter",
        "received_from_chapter",
        "period_closed",
    ] {
        let found = kinds.get(kind).copied().unwrap_or(0);
        assert!(found >= 3, "{kind} was accepted {found} times: the histories test little of it");
        let undone = kinds.get(&format!("- {kind}")).copied().unwrap_or(0);
        let least = u64::from(kind != "period_closed");
        assert!(undone >= least, "{kind} was reversed {undone} times: {kinds:?}");
    }
}

#[test]
fn goods_paid_out_of_many_small_gifts_change_little_at_once() {
    let mut walk = Walk::begin();
    for _ in 0..150 {
        let donor = walk.desk.donor();
        let mut gift = json!({"amount": 10, "place": "cash", "fund": "rieng", "donor": donor});
        gift["method"] = json!("cash");
        walk.desk.enter("donation", gift).unwrap();
    }
    let lots = json!([{"item": "chan", "quantity": "100", "value": 1_495}]);
    let bought = walk.desk.enter(
        "goods_purchased",
        json!({
            "place": "cash", "fund": "rieng", "store": "kho", "lots": lots,
            "payee": {"type": "organisation", "name": "Cửa hàng"},
        }),
    );
    assert!(bought.unwrap().changes.len() <= 3, "a lot of goods, a range of gifts, a part of one");
    let lines = walk.desk.goods_lines(&[items(&[("chan", 99_000)])]);
    let members = json!({"store": "kho", "fund": "rieng", "programme": "tet", "lines": lines});
    let given = walk.desk.enter("goods_distributed", members).unwrap();
    assert!(given.changes.len() <= 2, "goods and the money behind them: {:?}", given.changes);
    // floor(1 495 · 99 / 100) = 1 480: that many gifts of 10 whole.
    assert_eq!(walk.desk.uses(given.seq).len(), 148);
}
