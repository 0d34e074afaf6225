//! Random histories of vouchers, good and bad, against the invariants of the books.
//!
//! `MINHBACH_PROPTEST_CASES` sets the number of histories for a long run.

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};

use minhbach::books::{Books, Refusal};
use minhbach::money::LARGEST;

use crate::books::naive::Naive;
use crate::books::{Desk, Opening};

const PLACES: [&str; 4] = ["cash", "vcb", "mb", "tay"];
const FUNDS: [&str; 3] = ["chung", "lu", "rieng"];

/// One step with everything that it may need: what it does not need it ignores.
#[derive(Clone, Debug)]
struct Step {
    verb: u8,
    place: usize,
    other: usize,
    fund: usize,
    into: usize,
    amount: i64,
    second: i64,
    back: u64,
    named: Vec<u64>,
    days: u64,
}

fn step(amounts: BoxedStrategy<i64>) -> impl Strategy<Value = Step> {
    (
        0_u8..24,
        (0..PLACES.len(), 0..PLACES.len(), 0..FUNDS.len(), 0..FUNDS.len()),
        (amounts.clone(), amounts),
        0_u64..14,
        prop::collection::vec(0_u64..14, 0..3),
        0_u64..4,
    )
        .prop_map(|(verb, (place, other, fund, into), (amount, second), back, named, days)| {
            Step { verb, place, other, fund, into, amount, second, back, named, days }
        })
}

fn usual_amounts() -> BoxedStrategy<i64> {
    prop_oneof![1_i64..40, (1_i64..9).prop_map(|tens| tens * 10), Just(100)].boxed()
}

fn extreme_amounts() -> BoxedStrategy<i64> {
    let large = prop::sample::select(vec![LARGEST, LARGEST - 1, LARGEST / 2, LARGEST / 2 + 1]);
    prop_oneof![large, 1_i64..3].boxed()
}

pub fn config(cases: u32) -> Config {
    let wanted = std::env::var("MINHBACH_PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    Config {
        cases: wanted.unwrap_or(cases),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}

/// A desk that walks through random steps, day by day.
struct Walk {
    desk: Desk,
    naive: Naive,
    day: chrono::NaiveDate,
    accepted: u64,
}

impl Walk {
    fn begin(opening: &[i64]) -> Self {
        let mut walk = Self {
            desk: Desk::open(&Opening::default()),
            naive: Naive::default(),
            day: chrono::NaiveDate::from_ymd_opt(2026, 10, 1).unwrap(),
            accepted: 0,
        };
        walk.naive.absorb(0, &walk.desk.bytes[0], 0);
        for (code, kind) in [("vcb", "bank"), ("mb", "bank"), ("tay", "advance")] {
            let place = json!({"code": code, "type": kind, "name": "Nơi giữ tiền"});
            walk.enter("place_opened", json!({ "place": place })).unwrap();
        }
        for (code, kind) in [("chung", "general"), ("lu", "restricted"), ("rieng", "general")] {
            let terms = json!({"text": "Điều khoản", "costs": true});
            let fund = json!({"code": code, "type": kind, "name": "Quỹ", "terms": terms});
            walk.enter("fund_opened", json!({ "fund": fund })).unwrap();
        }
        let programme = json!({"code": "tet", "name": "Tết", "type": "tet"});
        walk.enter("programme_opened", json!({ "programme": programme })).unwrap();
        if !opening.is_empty() {
            let line = |(at, amount): (usize, &i64)| {
                let (place, fund) = (PLACES[at % 3], FUNDS[at % 3]);
                json!({"place": place, "fund": fund, "amount": amount})
            };
            let money: Vec<Value> = opening.iter().enumerate().map(line).collect();
            let held = json!([{"class": "mistaken", "place": "cash", "amount": 30}]);
            let members = json!({"as_of": "2026-09-30", "money": money, "custody": held});
            drop(walk.enter("opening_balance", members));
        }
        walk
    }

    fn enter(&mut self, kind: &str, members: Value) -> Result<(), Refusal> {
        let seq = self.desk.size();
        self.desk.enter(kind, members)?;
        self.accepted += 1;
        let bytes = self.desk.bytes.last().unwrap();
        self.naive.absorb(seq, bytes, self.desk.books.before());
        self.naive.compare(&self.desk);
        Ok(())
    }

    /// An entry some way back; a line of the opening balance when it is one.
    fn reference(&self, back: u64) -> Value {
        let seq = self.desk.size().saturating_sub(1 + back);
        let kind = self.desk.effects[usize::try_from(seq).unwrap()].kind;
        if kind.as_str() == "opening_balance" {
            json!({"line": back % 3, "seq": seq})
        } else {
            json!(seq)
        }
    }

    /// Mostly an entry of one of `kinds`, some way back among those; else any entry.
    fn reference_to(&self, kinds: &[&str], back: u64) -> Value {
        let effects = self.desk.effects.iter().rev();
        let found: Vec<u64> = effects
            .filter(|effects| kinds.contains(&effects.kind.as_str()))
            .map(|effects| effects.seq)
            .collect();
        let at = usize::try_from(back).unwrap() % 5;
        match found.get(at % found.len().max(1)) {
            Some(seq) if back < 12 => self.reference(self.desk.size() - 1 - seq),
            _ => self.reference(back),
        }
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

    fn voucher(&mut self, step: &Step) -> (&'static str, Value) {
        let (place, other) = (PLACES[step.place], PLACES[step.other]);
        let (fund, into) = (FUNDS[step.fund], FUNDS[step.into]);
        let amount = step.amount;
        match step.verb {
            0..=3 => {
                let donor = self.desk.donor();
                let mut members = json!({"amount": amount, "place": place, "fund": fund});
                members["donor"] = donor;
                members["method"] = json!("cash");
                ("donation", members)
            }
            4 => {
                let members =
                    json!({"amount": amount, "place": place, "fund": fund, "type": "other"});
                ("income", members)
            }
            5..=7 => {
                let lines = self.desk.lines(&[amount, step.second]);
                let members =
                    json!({"lines": lines, "place": place, "fund": fund, "programme": "tet"});
                ("aid_paid", self.with_gifts(members, step))
            }
            8 => {
                let members = json!({
                    "amount": amount, "place": place, "fund": fund, "category": "transport",
                    "payee": {"type": "organisation", "name": "Hãng xe"},
                });
                ("cost_paid", self.with_gifts(members, step))
            }
            9..=10 => {
                let of = self.reference_to(&["donation", "custody_assigned"], step.back);
                let members = json!({
                    "of": of, "amount": amount, "place": place, "reason": "other",
                });
                ("donation_returned", members)
            }
            11 => {
                let fund = if step.back == 0 { "custody" } else { fund };
                let members = json!({
                    "from_place": place, "to_place": other, "fund": fund, "amount": amount,
                });
                ("transfer", members)
            }
            12..=14 => {
                let mut members = json!({
                    "from_fund": fund, "to_fund": into, "place": place, "amount": amount,
                    "reason": "other",
                });
                members["_sd"] = self.desk.sd(1);
                ("fund_transfer", self.with_gifts(members, step))
            }
            15 => ("cash_counted", self.count(step)),
            16..=19 => self.custody(step),
            20 if step.back < 4 => self.close(),
            _ => {
                let of = self.reference(step.back);
                let seq = of.as_u64().or(of["seq"].as_u64()).unwrap();
                ("reversed", json!({"of": seq, "reason": "other"}))
            }
        }
    }

    fn custody(&mut self, step: &Step) -> (&'static str, Value) {
        let (amount, place, fund) = (step.amount, PLACES[step.place], FUNDS[step.fund]);
        if step.verb == 16 {
            let donor = self.desk.donor();
            let members = json!({
                "class": "mistaken", "donor": donor, "amount": amount, "place": place,
            });
            return ("custody_received", members);
        }
        let of = self.reference_to(&["custody_received", "opening_balance"], step.back);
        let mut members = json!({"of": of, "amount": amount});
        if step.days == 0 {
            members["place"] = json!(place);
        }
        if step.verb < 19 {
            let kinds = ["custody_handed_over", "custody_returned"];
            return (kinds[usize::from(step.verb - 17)], members);
        }
        members["as"] = json!("donation");
        members["fund"] = json!(fund);
        members["donor"] = self.desk.donor();
        ("custody_assigned", members)
    }

    fn with_gifts(&self, mut members: Value, step: &Step) -> Value {
        if !step.named.is_empty() {
            members["gifts"] = step.named.iter().map(|back| self.reference(*back)).collect();
        }
        members
    }

    /// A count for the day of the voucher: right, or off by the second amount.
    fn count(&self, step: &Step) -> Value {
        let place = PLACES[step.place];
        let mut book = 0;
        for effects in &self.desk.effects {
            if effects.effective.to_string() <= self.desk.date {
                let flows = effects.flows.iter().filter(|flow| flow.place.as_str() == place);
                book +=
                    flows.map(|flow| flow.money_in.minor() - flow.money_out.minor()).sum::<i64>();
            }
        }
        let wanted = match step.back % 3 {
            0 => 0,
            1 => step.second,
            _ => -step.second,
        };
        let counted = book.saturating_add(wanted).clamp(0, LARGEST);
        let difference = counted - book;
        let mut members = json!({"place": place, "counted": counted, "difference": difference});
        if difference != 0 {
            members["fund"] = json!(FUNDS[step.fund]);
        }
        members
    }

    /// The closing of everything up to the month before; the day moves into the next month.
    fn close(&mut self) -> (&'static str, Value) {
        let date: minhbach::ledger::word::Date = self.day.to_string().parse().unwrap();
        let month = date.month();
        self.day = month.next().first_day().naive();
        self.desk.date = self.day.to_string();
        self.desk.at = format!("{}T02:00:00Z", self.day);
        match self.desk.books.closing_statement(month) {
            // More money to and fro in one period than a closing can write: no figure is invented.
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
        assert_eq!(restored.snapshot().unwrap(), snapshot);
        let mut closings = Closings::default();
        for effects in &self.desk.effects {
            if let Some(file) = &effects.statement {
                closings.tie(&serde_json::from_slice(&file.bytes).unwrap());
            }
        }
    }
}

/// Closing figures of the period before, by table and code.
#[derive(Default)]
pub struct Closings(std::collections::BTreeMap<(String, String), i64>);

impl Closings {
    /// The tables of one statement tie, and it begins where the one before ended.
    pub fn tie(&mut self, statement: &Value) {
        let of = |row: &Value, name: &str| row[name].as_i64().unwrap();
        let first = self.0.is_empty();
        let (mut lying, mut owned) = (0, 0);
        for row in statement["places"].as_array().unwrap() {
            assert_eq!(of(row, "closing"), of(row, "opening") + of(row, "in") - of(row, "out"));
            lying += of(row, "closing");
            self.follows(first, "place", row);
            let kinds = row["rows"].as_array().unwrap();
            let sum = |name: &str| kinds.iter().map(|row| of(row, name)).sum::<i64>();
            assert_eq!((sum("in"), sum("out")), (of(row, "in"), of(row, "out")));
        }
        let (mut received, mut spent) = (0, 0);
        for row in statement["funds"].as_array().unwrap() {
            let sum = of(row, "opening") + of(row, "received") - of(row, "spent")
                + of(row, "moved")
                - of(row, "lost")
                + of(row, "earlier");
            assert_eq!(of(row, "closing"), sum);
            assert_eq!(of(row, "closing"), of(row, "money") + of(row, "stock") + of(row, "loans"));
            owned += of(row, "money");
            received += of(row, "received");
            spent += of(row, "spent") + of(row, "lost");
            self.follows(first, "fund", row);
        }
        let total = |name: &str| -> i64 {
            statement[name].as_array().unwrap().iter().map(|row| of(row, "amount")).sum()
        };
        assert_eq!((total("income"), total("spending")), (received, spent));
        let custody = &statement["custody"];
        let rows = custody["rows"].as_array().unwrap();
        let changed: i64 = rows.iter().map(|row| of(row, "amount")).sum();
        assert_eq!(of(custody, "closing"), of(custody, "opening") + changed);
        assert_eq!(lying, owned + of(custody, "closing"), "places = funds + custody");
        let bridge = [("places", lying), ("funds", owned), ("custody", of(custody, "closing"))];
        for (name, sum) in bridge {
            assert_eq!(statement["bridge"][name], json!(sum), "{name}");
        }
    }

    fn follows(&mut self, first: bool, table: &str, row: &Value) {
        let key = (table.to_owned(), row[table].as_str().unwrap().to_owned());
        let before = self.0.insert(key, row["closing"].as_i64().unwrap());
        if !first {
            assert_eq!(before.unwrap_or(0), row["opening"].as_i64().unwrap(), "opening = closing");
        }
    }
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn every_history_keeps_the_invariants_and_follows_gifts_as_the_rules_say(
        opening in prop::collection::vec(50_i64..200, 0..5),
        steps in prop::collection::vec(step(usual_amounts()), 1..60),
    ) {
        let mut walk = Walk::begin(&opening);
        for step in &steps {
            walk.take(step);
        }
        walk.end();
    }

    #[test]
    fn a_history_that_goes_on_in_later_ledgers_keeps_them_too(
        opening in prop::collection::vec(50_i64..200, 0..5),
        parts in prop::collection::vec(prop::collection::vec(step(usual_amounts()), 1..25), 2..4),
    ) {
        let mut walk = Walk::begin(&opening);
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
    fn extreme_amounts_are_refused_or_add_up_but_never_overflow(
        opening in prop::collection::vec(extreme_amounts(), 0..5),
        steps in prop::collection::vec(step(extreme_amounts()), 1..40),
    ) {
        let mut walk = Walk::begin(&opening);
        for step in &steps {
            walk.take(step);
        }
        prop_assert!(walk.desk.books.first_open_month().is_some());
    }
}

#[test]
fn most_kinds_of_steps_are_accepted_now_and_then() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut kinds = std::collections::BTreeMap::<&str, u64>::new();
    for _ in 0..12 {
        let steps = prop::collection::vec(step(usual_amounts()), 60);
        let mut walk = Walk::begin(&[90, 90, 90]);
        for step in &steps.new_tree(&mut runner).unwrap().current() {
            walk.take(step);
        }
        for effects in &walk.desk.effects {
            *kinds.entry(effects.kind.as_str()).or_default() += 1;
        }
    }
    for kind in [
        "donation",
        "income",
        "aid_paid",
        "cost_paid",
        "donation_returned",
        "transfer",
        "fund_transfer",
        "cash_counted",
        "custody_received",
        "custody_handed_over",
        "custody_returned",
        "custody_assigned",
        "reversed",
        "period_closed",
    ] {
        let found = kinds.get(kind).copied().unwrap_or(0);
        assert!(found >= 3, "{kind} was accepted {found} times: the histories test little of it");
    }
}

#[test]
fn money_to_and_fro_does_not_overflow_the_sums_of_a_day() {
    let mut desk = Desk::open(&Opening::default());
    let place = json!({"code": "vcb", "type": "bank", "name": "Ngân hàng"});
    desk.enter("place_opened", json!({ "place": place })).unwrap();
    let terms = json!({"text": "Điều khoản", "costs": true});
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ", "terms": terms});
    desk.enter("fund_opened", json!({ "fund": fund })).unwrap();
    let income = json!({"amount": LARGEST, "place": "cash", "fund": "chung", "type": "other"});
    desk.enter("income", income).unwrap();
    for round in 0..1_100 {
        let (from, to) = if round % 2 == 0 { ("cash", "vcb") } else { ("vcb", "cash") };
        let members =
            json!({"from_place": from, "to_place": to, "fund": "chung", "amount": LARGEST});
        desk.enter("transfer", members).unwrap();
    }
    let spent = json!({
        "amount": LARGEST, "place": "cash", "fund": "chung", "category": "other",
        "payee": {"type": "organisation", "name": "Hãng xe"},
    });
    assert!(desk.enter("cost_paid", spent).is_ok());
}
