//! Random histories with loans, good and bad, against the invariants of the books and the rules
//! written with plain lists.
//!
//! `MINHBACH_PROPTEST_CASES` sets the number of histories for a long run.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use minhbach::books::effects::GiftId;
use minhbach::books::past::Past as _;
use minhbach::books::{Books, Effects, Refusal};
use minhbach::ledger::voucher::Kind;
use minhbach::money::LARGEST;

use crate::books::naive::Naive;
use crate::books::{Desk, Opening};
use crate::properties::{Closings, config};

const PLACES: [&str; 2] = ["cash", "vcb"];
const FUNDS: [&str; 3] = ["xoay", "von", "chung"];

/// One step with everything that it may need: what it does not need it ignores.
#[derive(Clone, Debug)]
pub struct Step {
    verb: u8,
    place: usize,
    fund: usize,
    into: usize,
    amount: i64,
    second: i64,
    back: usize,
    days: u64,
    undone: bool,
}

/// One random step; with extreme amounts for what may overflow.
pub fn step(extreme: bool) -> impl Strategy<Value = Step> {
    let amounts = match extreme {
        false => prop_oneof![1_i64..40, (1_i64..9).prop_map(|tens| tens * 10)].boxed(),
        true => prop::sample::select(vec![LARGEST, LARGEST - 1, LARGEST / 2, 1]).boxed(),
    };
    (
        0_u8..40,
        (0..PLACES.len(), 0..FUNDS.len(), 0..FUNDS.len()),
        (amounts.clone(), amounts),
        (0_usize..12, 0_u64..4),
        prop::bool::weighted(0.3),
    )
        .prop_map(|(verb, (place, fund, into), (amount, second), (back, days), undone)| Step {
            verb,
            place,
            fund,
            into,
            amount,
            second,
            back,
            days,
            undone,
        })
}

/// A desk that walks through random steps, day by day.
pub struct Walk {
    /// The desk.
    pub desk: Desk,
    naive: Naive,
    day: chrono::NaiveDate,
}

impl Walk {
    /// With three funds of which two lend, and loans that run already.
    pub fn begin() -> Self {
        let mut walk = Self {
            desk: Desk::open(&Opening::default()),
            naive: Naive::default(),
            day: chrono::NaiveDate::from_ymd_opt(2026, 10, 1).unwrap(),
        };
        walk.naive.absorb(0, &walk.desk.bytes[0], 0);
        let place = json!({"code": "vcb", "type": "bank", "name": "Ngân hàng"});
        walk.enter("place_opened", json!({ "place": place })).unwrap();
        for (code, kind) in FUNDS.iter().zip(["revolving", "revolving", "general"]) {
            let terms = json!({"text": "Điều khoản", "costs": true});
            let fund = json!({"code": code, "type": kind, "name": "Quỹ", "terms": terms});
            walk.enter("fund_opened", json!({ "fund": fund })).unwrap();
        }
        let programme = json!({"code": "tet", "name": "Tết", "type": "tet"});
        walk.enter("programme_opened", json!({ "programme": programme })).unwrap();
        let item = json!({"code": "gao", "name": "Gạo", "unit": "kg", "whole": false});
        walk.enter("item_opened", json!({ "item": item })).unwrap();
        let store = json!({"code": "kho", "name": "Kho"});
        walk.enter("store_opened", json!({ "store": store })).unwrap();
        let members = walk.opening(60);
        walk.enter("opening_balance", members).unwrap();
        walk
    }

    fn opening(&mut self, amount: i64) -> Value {
        let mut loan = |fund: &str, paid: i64, fee: i64| {
            json!({
                "fund": fund, "principal": amount, "paid": paid, "fee_total": fee,
                "fees_paid": 0, "purpose": "crops", "disbursed": "2026-08-01",
                "_sd": self.desk.sd(2),
            })
        };
        let loans =
            json!([loan("xoay", 0, 4), loan("von", amount / 2, 0), loan("xoay", amount, 7)]);
        let money = json!([
            {"place": "cash", "fund": "xoay", "amount": amount},
            {"place": "vcb", "fund": "von", "amount": amount},
        ]);
        let held = json!([{"class": "mistaken", "place": "cash", "amount": amount}]);
        json!({"as_of": "2026-09-30", "money": money, "loans": loans, "custody": held})
    }

    fn enter(&mut self, kind: &str, members: Value) -> Result<Effects, Refusal> {
        let seq = self.desk.size();
        let effects = self.desk.enter(kind, members)?;
        let bytes = self.desk.bytes.last().unwrap();
        self.naive.absorb(seq, bytes, self.desk.books.before());
        self.naive.compare(&self.desk);
        Ok(effects)
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

    /// Mostly a loan of which something is owed or lost; else any that there was.
    fn loan(&self, back: usize) -> GiftId {
        let all: Vec<GiftId> = self.desk.books.loans().all().map(|(id, _)| id).collect();
        let any = GiftId { seq: self.entry_of(&["loan_disbursed"], back), line: 0 };
        match all.get(back % all.len().max(1)) {
            Some(id) if back < 10 => *id,
            _ => any,
        }
    }

    fn name(&self, loan: GiftId) -> Value {
        let kind = self.desk.effects[usize::try_from(loan.seq).unwrap()].kind;
        match kind {
            Kind::OpeningBalance => json!({"line": loan.line, "seq": loan.seq}),
            _ => json!(loan.seq),
        }
    }

    /// Takes a step; now and then what it did to loans is undone at once, and leaves no trace.
    pub fn take(&mut self, step: &Step) {
        if step.verb.is_multiple_of(3) {
            self.day = self.day + chrono::Days::new(step.days);
        }
        self.desk.at = format!("{}T02:00:00Z", self.day);
        let back = if step.verb.is_multiple_of(2) { step.days } else { 0 };
        self.desk.date = (self.day - chrono::Days::new(back)).to_string();
        let before = step.undone.then(|| self.state());
        let (kind, members) = self.voucher(step);
        // A refusal is an answer as good as any other; the desk asserts that it changes nothing.
        let Ok(effects) = self.enter(kind, members) else { return };
        let of_loan = kind.starts_with("loan_") && kind != "loan_rescheduled";
        let settled = kind == "custody_assigned" && effects.loan.is_some();
        if let Some(before) = before.filter(|_| of_loan || settled) {
            let members = json!({"of": effects.seq, "reason": "mistyped"});
            self.enter("reversed", members).expect("what was just done can be undone");
            assert_eq!(self.state(), before, "{kind} and its reversal leave no trace");
        }
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

    /// Books and history, but for the numbers that order uses and for what reversals leave on days.
    fn state(&self) -> Vec<String> {
        let (books, mut lines) = (&self.desk.books, Vec::new());
        for (code, fund) in books.register().funds() {
            let lots: Vec<_> = books.lots().of_fund(code).collect();
            let aside = books.loans().reserved(code);
            lines.push(format!("{code} {:?} {aside:?} {lots:?}", fund.money));
        }
        for (code, place) in books.register().places() {
            lines.push(format!("{code} {:?}", place.balance));
        }
        lines.push(format!("{:?}", books.lots().held_in_all()));
        lines.extend(books.loans().approved().map(|own| format!("{own:?}")));
        for (id, own) in books.loans().all() {
            if own.is_owed() || own.lost.is_positive() {
                let figures = (own.principal, own.fee, own.lost);
                lines.push(format!("{id:?} {} {figures:?}", own.fund));
            }
        }
        let mut uses: BTreeMap<String, i64> = BTreeMap::new();
        for entry in 0..self.desk.size() {
            for part in self.desk.history.uses_of_entry(entry).unwrap() {
                let of = (part.class, part.lot, part.gift, part.turn, part.goods, part.loan);
                *uses.entry(format!("{entry} {of:?}")).or_default() += part.amount.minor();
            }
        }
        lines.extend(uses.into_iter().map(|(of, amount)| format!("{of} {amount}")));
        lines
    }

    fn voucher(&mut self, step: &Step) -> (&'static str, Value) {
        let (place, fund) = (PLACES[step.place], FUNDS[step.fund]);
        let amount = step.amount;
        match step.verb {
            0..=4 => {
                let donor = self.desk.donor();
                let mut members = json!({"amount": amount, "place": place, "fund": fund});
                members["donor"] = donor;
                members["method"] = json!("cash");
                ("donation", members)
            }
            5..=9 => {
                let members = json!({
                    "fund": fund, "principal": amount, "purpose": "repair",
                    "fee_total": step.second / 5, "_sd": self.desk.sd(3),
                });
                ("loan_approved", members)
            }
            10..=15 => {
                let approved: Vec<u64> =
                    self.desk.books.loans().approved().map(|(seq, _)| seq).collect();
                let of = match approved.get(step.back % approved.len().max(1)) {
                    Some(seq) if step.back < 11 => *seq,
                    _ => self.entry_of(&["loan_approved"], step.back),
                };
                match step.verb {
                    10 => ("loan_cancelled", json!({"of": of, "reason": "other"})),
                    _ => ("loan_disbursed", json!({"of": of, "place": place})),
                }
            }
            16..=25 => self.about_a_loan(step),
            _ => self.beside_loans(step),
        }
    }

    fn about_a_loan(&mut self, step: &Step) -> (&'static str, Value) {
        let (place, amount, loan) = (PLACES[step.place], step.amount, self.loan(step.back));
        let own = self.desk.books.loans().get(loan);
        let (owed, fee) = own.map_or((0, 0), |own| (own.principal.minor(), own.fee.minor()));
        let of = self.name(loan);
        match step.verb {
            16..=19 => {
                let principal = if step.second < 30 { owed.min(amount) } else { owed };
                let fee = if step.days == 1 { fee } else { step.second / 25 };
                let (principal, fee) = if principal + fee == 0 { (1, 0) } else { (principal, fee) };
                let sum = principal.checked_add(fee).filter(|sum| *sum <= LARGEST);
                let mut members = json!({
                    "amount": sum.unwrap_or(1), "principal": principal, "fee": fee,
                });
                if step.verb < 19 {
                    (members["of"], members["place"]) = (of, json!(place));
                    return ("loan_repaid", members);
                }
                members["of"] = self.held(step.back);
                (members["loan"], members["as"]) = (of, json!("repayment"));
                ("custody_assigned", members)
            }
            20 => {
                let members = json!({"of": of, "amount": amount.min(fee.max(1)), "reason": "left"});
                ("loan_fee_waived", members)
            }
            21 => ("loan_rescheduled", json!({"_sd": self.desk.sd(2)})),
            22..=23 => ("loan_written_off", json!({"of": of, "reason": "death"})),
            _ => {
                let lost = own.map_or(0, |own| own.lost.minor());
                let amount = if step.second < 30 { lost.min(amount).max(1) } else { lost.max(1) };
                ("loan_recovered", json!({"of": of, "amount": amount, "place": place}))
            }
        }
    }

    /// Something held for others: a voucher, or the line of an opening balance.
    fn held(&self, back: usize) -> Value {
        let seq = self.entry_of(&["custody_received", "opening_balance"], back);
        self.name(GiftId { seq, line: 0 })
    }

    fn beside_loans(&mut self, step: &Step) -> (&'static str, Value) {
        let (place, amount) = (PLACES[step.place], step.amount);
        let (fund, into) = (FUNDS[step.fund], FUNDS[step.into]);
        match step.verb {
            26 => {
                let lines = self.desk.lines(&[amount]);
                let members =
                    json!({"lines": lines, "place": place, "fund": fund, "programme": "tet"});
                ("aid_paid", members)
            }
            27..=28 => {
                let members = json!({
                    "from_fund": fund, "to_fund": into, "place": place, "amount": amount,
                    "reason": "terms",
                });
                ("fund_transfer", members)
            }
            29 => {
                let of = self.entry_of(&["donation"], step.back);
                let members = json!({
                    "of": of, "amount": amount, "place": place, "reason": "other",
                });
                ("donation_returned", members)
            }
            30 => {
                let donor = self.desk.donor();
                let members = json!({
                    "class": "mistaken", "donor": donor, "amount": amount, "place": place,
                });
                ("custody_received", members)
            }
            31 => {
                let lots = json!([{"item": "gao", "quantity": "2", "value": amount}]);
                let payee = json!({"type": "organisation", "name": "Cửa hàng"});
                let members = json!({
                    "place": place, "fund": fund, "store": "kho", "lots": lots, "payee": payee,
                });
                ("goods_purchased", members)
            }
            32 => {
                let of = self.entry_of(&["goods_purchased"], step.back);
                let items = json!([{"item": "gao", "quantity": "1"}]);
                let members = json!({"of": of, "items": items, "amount": amount, "place": place});
                ("goods_returned", members)
            }
            33 if step.back < 3 => self.close(),
            34 if step.back < 2 => ("opening_balance", self.opening(amount)),
            _ => {
                let kinds: &[&str] = match step.verb {
                    33 => &["donation", "fund_transfer"],
                    34 => &["opening_balance", "donation_returned", "loan_approved"],
                    35 => &["loan_repaid", "custody_assigned", "loan_fee_waived"],
                    36 => &["loan_written_off", "loan_recovered"],
                    37 => &["loan_disbursed", "loan_cancelled"],
                    38 => return self.last_of_a_loan(step),
                    _ => &[],
                };
                ("reversed", json!({"of": self.entry_of(kinds, step.back), "reason": "other"}))
            }
        }
    }

    /// The reversal of the last voucher of a loan, or of the loan itself.
    fn last_of_a_loan(&self, step: &Step) -> (&'static str, Value) {
        let loan = self.loan(step.back);
        let all = self.desk.history.of_loan(loan).unwrap();
        let of = all.last().map_or(loan.seq, |last| last.seq);
        ("reversed", json!({"of": of, "reason": "other"}))
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
    pub fn end(mut self) -> Desk {
        let (kind, members) = self.close();
        self.enter(kind, members).expect("the figures of the vouchers close the books");
        assert_eq!(self.desk.replay(), self.desk.books, "live state = replay");
        let snapshot = self.desk.books.snapshot().unwrap();
        let restored = Books::from_snapshot(&snapshot).unwrap();
        assert_eq!(restored, self.desk.books, "live state = snapshot");
        let mut closings = Closings::default();
        let mut owed = None;
        for effects in &self.desk.effects {
            if let Some(file) = &effects.statement {
                let statement: Value = serde_json::from_slice(&file.bytes).unwrap();
                closings.tie(&statement);
                loans_tie(&statement, &mut owed);
            }
        }
        self.desk
    }
}

/// What is owed adds up by kind, begins where the statement before ended, and is the funds' loans.
fn loans_tie(statement: &Value, owed: &mut Option<i64>) {
    let of = |row: &Value, name: &str| row[name].as_i64().unwrap();
    let loans = &statement["loans"];
    let rows = loans["rows"].as_array().unwrap();
    let changed: i64 = rows.iter().map(|row| of(row, "amount")).sum();
    assert_eq!(of(loans, "closing"), of(loans, "opening") + changed, "{loans}");
    assert_eq!(owed.unwrap_or(of(loans, "opening")), of(loans, "opening"), "{loans}");
    *owed = Some(of(loans, "closing"));
    let funds = statement["funds"].as_array().unwrap();
    let lent: i64 = funds.iter().map(|row| of(row, "loans")).sum();
    assert_eq!(of(loans, "closing"), lent, "loans = the funds' loans");
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn every_history_with_loans_keeps_the_invariants_and_follows_the_written_rules(
        steps in prop::collection::vec(step(false), 1..80),
    ) {
        let mut walk = Walk::begin();
        for step in &steps {
            walk.take(step);
        }
        walk.end();
    }

    #[test]
    fn a_history_with_loans_that_goes_on_in_a_later_ledger_keeps_them_too(
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
    fn extreme_loans_are_refused_or_add_up_but_never_overflow(
        steps in prop::collection::vec(step(true), 1..40),
    ) {
        let mut walk = Walk::begin();
        for step in &steps {
            walk.take(step);
        }
        prop_assert!(walk.desk.books.first_open_month().is_some());
    }
}

/// Desks of as many random histories as a long run asks for, always the same ones.
pub fn histories(number: u32, steps: usize) -> impl Iterator<Item = Desk> {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    (0..config(number).cases).map(move |_| {
        let steps = prop::collection::vec(step(false), steps);
        let mut walk = Walk::begin();
        for step in &steps.new_tree(&mut runner).unwrap().current() {
            walk.take(step);
        }
        walk.end()
    })
}

#[test]
fn most_kinds_of_loans_are_accepted_now_and_then() {
    let mut kinds = BTreeMap::<String, u64>::new();
    for desk in histories(14, 80) {
        for effects in &desk.effects {
            let undone = effects.kind != effects.nature;
            let word =
                if undone { format!("- {}", effects.nature) } else { effects.kind.to_string() };
            *kinds.entry(word).or_default() += 1;
        }
    }
    for kind in [
        "opening_balance",
        "donation_returned",
        "fund_transfer",
        "custody_assigned",
        "loan_approved",
        "loan_cancelled",
        "loan_disbursed",
        "loan_repaid",
        "loan_fee_waived",
        "loan_written_off",
        "loan_recovered",
        "period_closed",
    ] {
        let found = kinds.get(kind).copied().unwrap_or(0);
        assert!(found >= 3, "{kind} was accepted {found} times: {kinds:?}");
        let undone = kinds.get(&format!("- {kind}")).copied().unwrap_or(0);
        let least = u64::from(kind != "period_closed");
        assert!(undone >= least, "{kind} was reversed {undone} times: {kinds:?}");
    }
}
