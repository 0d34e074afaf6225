//! Following a gift as the written rules say it, with plain lists: written from the rules, not from
//! the books, to be compared with them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use minhbach::books::effects::{GiftId, LotKey};
use minhbach::books::past::Past as _;

use super::Desk;

/// A lot or a gift: the entry and the line.
pub(super) type Key = (u64, u32);

#[derive(Clone, Debug)]
pub(super) struct Lot {
    pub key: Key,
    pub fund: String,
    pub gift: Key,
    /// How often it was lent before.
    pub turn: u32,
    pub unspent: i64,
}

/// A part of an outflow.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub entry: u64,
    pub since: u64,
    pub order: u64,
    pub lot: Key,
    pub fund: String,
    pub gift: Key,
    pub class: &'static str,
    pub amount: i64,
    /// The goods lot that it paid for.
    pub goods: Option<Key>,
    pub turn: u32,
    /// The line of an opening balance's loan that it funds.
    pub loan: Option<u32>,
}

/// What an outflow does with the parts that it takes.
#[derive(Clone, Copy)]
pub(super) struct Out {
    pub entry: u64,
    pub since: u64,
    pub class: &'static str,
    pub goods: Option<Key>,
    pub loan: Option<u32>,
}

impl Out {
    pub fn of(seq: u64, class: &'static str) -> Self {
        Self { entry: seq, since: seq, class, goods: None, loan: None }
    }

    /// What takes over a part by entry `since`.
    pub fn like(part: &Part, since: u64) -> Self {
        let Part { entry, class, goods, loan, .. } = *part;
        Self { entry, since, class, goods, loan }
    }
}

/// Lots in the order of becoming available, and everything that was taken of them.
#[derive(Default)]
pub struct Naive {
    pub(super) lots: Vec<Lot>,
    pub(super) parts: Vec<Part>,
    pub(super) vouchers: Vec<Value>,
    pub(super) order: u64,
    /// What entries gave back to money lots, in order.
    pub(super) given_back: BTreeMap<u64, Vec<(Part, i64)>>,
    pub(super) stores: super::naive_goods::Stores,
    pub(super) lending: super::naive_loans::Lending,
}

pub(super) fn money(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

pub(super) fn word(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The gift that a `of` or a member of `gifts` names.
pub(super) fn named(reference: &Value) -> Key {
    match reference.as_u64() {
        Some(seq) => (seq, 0),
        None => {
            let line = u32::try_from(reference["line"].as_u64().unwrap()).unwrap();
            (reference["seq"].as_u64().unwrap(), line)
        }
    }
}

/// What a correction takes away: of which lots, which used parts, how much.
pub(super) struct Undo {
    pub lots: Vec<Key>,
    pub fund: String,
    pub amount: i64,
}

impl Naive {
    /// How many entries were taken in.
    pub fn size(&self) -> usize {
        self.vouchers.len()
    }

    /// Takes in the voucher of an accepted entry.
    pub fn absorb(&mut self, seq: u64, bytes: &[u8], before: u64) {
        let entry: Value = serde_json::from_slice(bytes).unwrap();
        let mut voucher = entry["voucher"].clone();
        super::continued::name_places(&mut voucher, before);
        self.vouchers.push(voucher.clone());
        let v = &voucher;
        let gifts: Vec<Key> = v["gifts"].as_array().into_iter().flatten().map(named).collect();
        match v["kind"].as_str().unwrap() {
            "reversed" => self.reverse(seq, v["of"].as_u64().unwrap()),
            "opening_balance" => {
                for (line, money_line) in (0..).zip(v["money"].as_array().into_iter().flatten()) {
                    self.open(seq, line, &word(&money_line["fund"]), money(&money_line["amount"]));
                }
                self.goods(seq, v, &gifts);
                self.lend(seq, v);
            }
            "donation" | "income" => self.open(seq, 0, &word(&v["fund"]), money(&v["amount"])),
            "custody_assigned" if v.get("loan").is_some() => self.lend(seq, v),
            "custody_assigned" => self.open(seq, 0, &word(&v["fund"]), money(&v["amount"])),
            "cash_counted" => match money(&v["difference"]) {
                0 => {}
                more @ 1.. => self.open(seq, 0, &word(&v["fund"]), more),
                less => self.spend(Out::of(seq, "spent"), &word(&v["fund"]), &[], -less),
            },
            "aid_paid" => {
                let lines = v["lines"].as_array().unwrap();
                let amount = lines.iter().map(|line| money(&line["amount"])).sum();
                self.spend(Out::of(seq, "spent"), &word(&v["fund"]), &gifts, amount);
            }
            "cost_paid" => {
                let amount = money(&v["amount"]);
                self.spend(Out::of(seq, "spent"), &word(&v["fund"]), &gifts, amount);
            }
            "fund_transfer" => {
                let (from, to) = (word(&v["from_fund"]), word(&v["to_fund"]));
                self.spend(Out::of(seq, "moved"), &from, &gifts, money(&v["amount"]));
                let moved: Vec<Part> =
                    self.parts.iter().filter(|part| part.since == seq).cloned().collect();
                for (line, part) in (0..).zip(moved) {
                    let (fund, unspent) = (to.clone(), part.amount);
                    let Part { gift, turn, .. } = part;
                    self.lots.push(Lot { key: (seq, line), fund, gift, turn, unspent });
                }
            }
            "donation_returned" => self.give_back_to_donor(seq, v),
            "sent_to_chapter" if v.get("amount").is_some() => {
                let amount = money(&v["amount"]);
                self.spend(Out::of(seq, "passed_on"), &word(&v["fund"]), &gifts, amount);
            }
            "received_from_chapter" if v.get("amount").is_some() => {
                self.open(seq, 0, &word(&v["fund"]), money(&v["amount"]));
            }
            "handover_returned" if v.get("amount").is_some() => {
                let uses = self.parts_of(v["of"].as_u64().unwrap()).cloned().collect();
                self.take_back(seq, uses, money(&v["amount"]));
            }
            kind if kind.starts_with("loan_") => self.lend(seq, v),
            _ => self.goods(seq, v, &gifts),
        }
    }

    /// The newest uses give back to their lots, until the amount is reached.
    pub(super) fn take_back(&mut self, seq: u64, mut uses: Vec<Part>, amount: i64) {
        uses.sort_by_key(|part| std::cmp::Reverse((part.since, part.order, part.lot)));
        let mut rest = amount;
        for part in uses {
            let share = part.amount.min(rest);
            if share == 0 {
                continue;
            }
            rest -= share;
            self.lessen(&part, share);
            let lot = self.lots.iter_mut().find(|lot| lot.key == part.lot).unwrap();
            lot.unspent += share;
            self.given_back.entry(seq).or_default().push((part, share));
        }
        assert_eq!(rest, 0, "the books gave back more than was used");
    }

    pub(super) fn lessen(&mut self, part: &Part, by: i64) {
        let same = |other: &Part| (other.order, other.lot) == (part.order, part.lot);
        let at = self.parts.iter().position(same).unwrap();
        self.parts[at].amount -= by;
        self.parts.retain(|part| part.amount > 0);
    }

    /// What `of` gave back leaves the same lots again, as far as it is there; the rest of each.
    pub(super) fn take_again(&mut self, seq: u64, of: u64) -> Vec<(Part, i64)> {
        let given = self.given_back.get(&of).cloned().unwrap_or_default();
        let mut missing = Vec::new();
        for (part, share) in given {
            let at = self.lots.iter().position(|lot| lot.key == part.lot).unwrap();
            let got = self.take(at, share, Out::like(&part, seq));
            missing.push((part, share - got));
        }
        missing
    }

    pub(super) fn open(&mut self, seq: u64, line: u32, fund: &str, amount: i64) {
        let key = (seq, line);
        let fund = fund.to_owned();
        self.lots.push(Lot { key, fund, gift: key, turn: 0, unspent: amount });
    }

    /// Takes an amount of some lots, one after another.
    pub(super) fn take_all(&mut self, lots: &[Key], amount: i64, out: Out) {
        let mut rest = amount;
        for lot in lots {
            let at = self.lots.iter().position(|own| own.key == *lot).unwrap();
            rest -= self.take(at, rest, out);
        }
        assert_eq!(rest, 0, "more was taken of {lots:?} than they have");
    }

    fn take(&mut self, at: usize, most: i64, out: Out) -> i64 {
        let amount = self.lots[at].unspent.min(most);
        if amount > 0 {
            self.lots[at].unspent -= amount;
            let Lot { key, fund, gift, turn, .. } = self.lots[at].clone();
            self.order += 1;
            let (order, lot) = (self.order, key);
            let Out { entry, since, class, goods, loan } = out;
            self.parts.push(Part {
                entry,
                since,
                order,
                lot,
                fund,
                gift,
                class,
                amount,
                goods,
                turn,
                loan,
            });
        }
        amount
    }

    /// The named gifts in their order, all their lots in the fund; then the oldest of the fund.
    pub(super) fn spend(&mut self, out: Out, fund: &str, gifts: &[Key], amount: i64) {
        let mut rest = amount;
        for gift in gifts {
            for at in 0..self.lots.len() {
                if self.lots[at].gift == *gift && self.lots[at].fund == fund {
                    rest -= self.take(at, rest, out);
                }
            }
        }
        for at in 0..self.lots.len() {
            if self.lots[at].fund == fund {
                rest -= self.take(at, rest, out);
            }
        }
        assert_eq!(rest, 0, "the books accepted more than {fund} has");
    }

    /// Spent parts of the fund's lots that `which` picks, newest first.
    fn used(&self, fund: &str, which: impl Fn(&Part) -> bool) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.parts.len())
            .filter(|at| {
                let part = &self.parts[*at];
                let gone = part.class == "returned" || part.class == "moved";
                !gone && part.fund == fund && which(part) && part.amount > 0
            })
            .collect();
        let place = |part: &Part| (part.since, part.order, part.lot);
        found.sort_by_key(|at| std::cmp::Reverse(place(&self.parts[*at])));
        found
    }

    fn give_back_to_donor(&mut self, seq: u64, v: &Value) {
        let gift = named(&v["of"]);
        let fund = word(&self.vouchers[usize::try_from(gift.0).unwrap()]["fund"]);
        let mut rest = money(&v["amount"]);
        for at in 0..self.lots.len() {
            if self.lots[at].gift == gift && self.lots[at].fund == fund {
                rest -= self.take(at, rest, Out::of(seq, "returned"));
            }
        }
        for at in self.used(&fund, |part| part.gift == gift) {
            let share = self.parts[at].amount.min(rest);
            if share == 0 {
                continue;
            }
            rest -= share;
            let lot = self.parts[at].lot;
            let from = self.lots.iter().position(|other| other.key == lot).unwrap();
            self.parts[at].amount -= share;
            self.lots[from].unspent += share;
            self.take(from, share, Out::of(seq, "returned"));
            self.spend(Out::like(&self.parts[at], seq), &fund, &[], share);
        }
        assert_eq!(rest, 0, "the books gave back more than there is");
        self.parts.retain(|part| part.amount > 0);
    }

    fn reverse(&mut self, seq: u64, of: u64) {
        let v = self.vouchers[usize::try_from(of).unwrap()].clone();
        let whole_gift = |naive: &Self, gift: Key, fund: String, amount: i64| {
            let here = naive.lots.iter().filter(|lot| lot.gift == gift && lot.fund == fund);
            Undo { lots: here.map(|lot| lot.key).collect(), fund: fund.clone(), amount }
        };
        match v["kind"].as_str().unwrap() {
            "opening_balance" => {
                let lines = (0..).zip(v["money"].as_array().into_iter().flatten());
                let undo = lines.map(|(line, held)| {
                    whole_gift(self, (of, line), word(&held["fund"]), money(&held["amount"]))
                });
                let money: Vec<Undo> = undo.collect();
                let mut all = self.undo_opening_loans(of, &v);
                all.extend(money);
                self.close(seq, all);
                self.undo_goods(seq, of, &v);
            }
            kind if kind.starts_with("loan_") || v.get("loan").is_some() => {
                self.take_back_loan(seq, of, &v);
            }
            "donation" | "income" | "custody_assigned" => {
                let undo = whole_gift(self, (of, 0), word(&v["fund"]), money(&v["amount"]));
                self.close(seq, vec![undo]);
            }
            "cash_counted" if money(&v["difference"]) > 0 => {
                let undo = whole_gift(self, (of, 0), word(&v["fund"]), money(&v["difference"]));
                self.close(seq, vec![undo]);
            }
            "fund_transfer" => {
                let to = word(&v["to_fund"]);
                let moved: Vec<i64> = self.parts_of(of).map(|part| part.amount).collect();
                let undo = (0..).zip(moved).map(|(line, amount)| Undo {
                    lots: vec![(of, line)],
                    fund: to.clone(),
                    amount,
                });
                self.close(seq, undo.collect());
                self.restore(of);
            }
            "received_from_chapter" if v.get("amount").is_some() => {
                let undo = whole_gift(self, (of, 0), word(&v["fund"]), money(&v["amount"]));
                self.close(seq, vec![undo]);
            }
            "handover_returned" if v.get("amount").is_some() => {
                for (part, missing) in self.take_again(seq, of) {
                    self.spend(Out::like(&part, seq), &part.fund, &[], missing);
                }
            }
            kind if kind.starts_with("goods_") => self.undo_goods(seq, of, &v),
            "stock_counted" | "handover_returned" => self.undo_goods(seq, of, &v),
            "sent_to_chapter" | "received_from_chapter" if v.get("amount").is_none() => {
                self.undo_goods(seq, of, &v);
            }
            _ => self.restore(of),
        }
    }

    pub(super) fn parts_of(&self, entry: u64) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.entry == entry)
    }

    /// Each part of an outflow goes back to its lot.
    pub(super) fn restore(&mut self, entry: u64) {
        for part in self.parts.iter().filter(|part| part.entry == entry) {
            let lot = self.lots.iter_mut().find(|lot| lot.key == part.lot).unwrap();
            lot.unspent += part.amount;
        }
        self.parts.retain(|part| part.entry != entry);
    }

    /// What a gift never was: all its lots in the fund, also those that came back of a loan.
    pub(super) fn close_gift(&mut self, seq: u64, gift: Key, fund: String, amount: i64) {
        let here = self.lots.iter().filter(|lot| lot.gift == gift && lot.fund == fund);
        let lots = here.map(|lot| lot.key).collect();
        self.close(seq, vec![Undo { lots, fund, amount }]);
    }

    /// The unspent of all of them leaves first, then used parts are taken over, newest first.
    pub(super) fn close(&mut self, seq: u64, mut all: Vec<Undo>) {
        for undo in &mut all {
            for lot in self.lots.iter_mut().filter(|lot| undo.lots.contains(&lot.key)) {
                let share = lot.unspent.min(undo.amount);
                lot.unspent -= share;
                undo.amount -= share;
            }
        }
        let funds: BTreeSet<String> = all.iter().map(|undo| undo.fund.clone()).collect();
        for fund in funds {
            let lots: Vec<Key> = all.iter().flat_map(|undo| undo.lots.clone()).collect();
            for at in self.used(&fund, |part| lots.contains(&part.lot)) {
                let part = self.parts[at].clone();
                let undo = all.iter_mut().find(|undo| undo.lots.contains(&part.lot)).unwrap();
                let share = part.amount.min(undo.amount);
                if share > 0 {
                    undo.amount -= share;
                    self.parts[at].amount -= share;
                    self.spend(Out::like(&part, seq), &fund, &[], share);
                }
            }
        }
        assert!(all.iter().all(|undo| undo.amount == 0), "the books closed more than there is");
        self.parts.retain(|part| part.amount > 0);
    }

    /// Asserts that lots and uses of the books are those of the plain lists.
    pub fn compare(&self, desk: &Desk) {
        let mut lots: BTreeMap<String, Vec<(Key, Key, u32, i64)>> = BTreeMap::new();
        for lot in self.lots.iter().filter(|lot| lot.unspent > 0) {
            let own = (lot.key, lot.gift, lot.turn, lot.unspent);
            lots.entry(lot.fund.clone()).or_default().push(own);
        }
        let pair = |key: LotKey| (key.seq, key.line);
        let id = |gift: GiftId| (gift.seq, gift.line);
        for code in desk.books.register().funds().keys() {
            let found: Vec<(Key, Key, u32, i64)> = desk
                .books
                .lots()
                .of_fund(code)
                .map(|(key, lot)| (pair(key), id(lot.gift), lot.turn, lot.unspent.minor()))
                .collect();
            let expected = lots.remove(code.as_str()).unwrap_or_default();
            assert_eq!(found, expected, "lots of {code}");
        }
        for entry in 0..desk.size() {
            let mut found: Vec<(u64, Key, String, u32, i64)> = desk
                .history
                .uses_of_entry(entry)
                .unwrap()
                .iter()
                .map(|part| {
                    let class = part.class.as_str().to_owned();
                    (part.since, pair(part.lot), class, part.turn, part.amount.minor())
                })
                .collect();
            let own =
                |part: &Part| (part.since, part.lot, part.class.to_owned(), part.turn, part.amount);
            let mut expected: Vec<_> = self.parts_of(entry).map(own).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "uses of entry {entry}");
        }
        self.compare_goods(desk);
        self.compare_loans(desk);
    }
}
