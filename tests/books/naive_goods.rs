//! Goods as the written rules say it, with plain lists: written from the rules, not from the books.

use std::collections::BTreeMap;

use serde_json::Value;

use minhbach::books::past::Past as _;
use minhbach::money::Quantity;

use super::Desk;
use super::naive::{Key, Naive, Out, Part, money, word};

/// A quantity and its value.
type Amount = (i64, i64);
/// A part that came back, as it stood, and how much of it.
type Brought = (GoodsPart, Amount);
/// A lot, from where to where, and how much.
type Moved = (Key, String, String, Amount);

/// A goods lot with what lies where of it.
#[derive(Clone, Debug)]
struct GoodsLot {
    key: Key,
    item: String,
    fund: String,
    expiry: Option<String>,
    store: String,
    came_in: (i64, i64),
    here: BTreeMap<String, (i64, i64)>,
}

/// A part that left its store.
#[derive(Clone, Debug)]
struct GoodsPart {
    entry: u64,
    since: u64,
    order: u64,
    lot: Key,
    store: String,
    class: &'static str,
    goods: (i64, i64),
}

/// Lots, parts, and what entries brought back or moved.
#[derive(Default)]
pub struct Stores {
    lots: Vec<GoodsLot>,
    parts: Vec<GoodsPart>,
    brought: BTreeMap<u64, Vec<Brought>>,
    moved: BTreeMap<u64, Vec<Moved>>,
    taken: BTreeMap<u64, i64>,
    /// What suppliers paid beyond the value, with its fund.
    beyond: BTreeMap<u64, (String, i64)>,
    order: u64,
}

fn quantity(value: &Value) -> i64 {
    value["quantity"].as_str().unwrap().parse::<Quantity>().unwrap().thousandths()
}

/// floor(V·q/Q), all of V at the end.
fn part((q, v): (i64, i64), taken: i64) -> (i64, i64) {
    if taken == q {
        return (q, v);
    }
    let value = i128::from(v) * i128::from(taken) / i128::from(q);
    (taken, i64::try_from(value).unwrap())
}

fn rows(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

impl Stores {
    fn lot(&mut self, key: Key) -> &mut GoodsLot {
        self.lots.iter_mut().find(|lot| lot.key == key).unwrap()
    }

    fn put(&mut self, key: Key, store: &str, (q, v): (i64, i64)) {
        let here = self.lot(key).here.entry(store.to_owned()).or_default();
        *here = (here.0 + q, here.1 + v);
        assert!(here.0 >= 0 && here.1 >= 0, "less than nothing of {key:?} in {store}");
        assert!(here.0 > 0 || here.1 == 0, "value without goods of {key:?} in {store}");
    }

    fn come_in(&mut self, key: Key, store: &str, fund: &str, row: &Value, cost: i64) {
        let came_in = (quantity(row), cost);
        self.lots.push(GoodsLot {
            key,
            item: word(&row["item"]),
            fund: fund.to_owned(),
            expiry: row.get("expiry").map(word),
            store: store.to_owned(),
            came_in,
            here: BTreeMap::from([(store.to_owned(), came_in)]),
        });
    }

    /// Lots of a shelf in the order of issue.
    fn shelf(&self, store: &str, fund: &str, item: &str) -> Vec<GoodsLot> {
        let mut lots: Vec<GoodsLot> = self
            .lots
            .iter()
            .filter(|lot| lot.fund == fund && lot.item == item)
            .filter(|lot| lot.here.get(store).is_some_and(|here| here.0 > 0))
            .cloned()
            .collect();
        lots.sort_by_key(|lot| (lot.expiry.is_none(), lot.expiry.clone(), lot.key));
        lots
    }

    fn parts(
        &self,
        (store, fund): (&str, &str),
        row: &Value,
        which: impl Fn(&GoodsLot) -> bool,
    ) -> Vec<(Key, (i64, i64))> {
        let mut rest = quantity(row);
        let mut found = Vec::new();
        for lot in self.shelf(store, fund, row["item"].as_str().unwrap()) {
            if !which(&lot) || rest == 0 {
                continue;
            }
            let here = lot.here[store];
            let taken = part(here, here.0.min(rest));
            rest -= taken.0;
            found.push((lot.key, taken));
        }
        assert_eq!(rest, 0, "the books took more goods than there are");
        found
    }
}

impl Naive {
    fn leave(
        &mut self,
        (lot, goods): (Key, (i64, i64)),
        store: &str,
        (entry, since): (u64, u64),
        class: &'static str,
    ) {
        self.stores.put(lot, store, (-goods.0, -goods.1));
        self.stores.order += 1;
        let (order, store) = (self.stores.order, store.to_owned());
        *self.stores.taken.entry(since).or_default() += goods.0;
        self.stores.parts.push(GoodsPart { entry, since, order, lot, store, class, goods });
    }

    fn behind(&self, lot: Key) -> Vec<Part> {
        let lies = |part: &&Part| part.class == "in_goods" && part.goods == Some(lot);
        self.parts.iter().filter(lies).cloned().collect()
    }

    /// The oldest money behind a lot; what one step takes of one money lot is one part.
    fn use_behind(&mut self, lot: Key, amount: i64, out: (u64, u64), class: &'static str) {
        let mut uses = self.behind(lot);
        if uses.is_empty() {
            return;
        }
        uses.sort_by_key(|part| (part.lot, part.since, part.order));
        self.order += 1;
        let order = self.order;
        let mut rest = amount;
        let mut made: BTreeMap<Key, Part> = BTreeMap::new();
        for part in uses {
            let share = part.amount.min(rest);
            if share == 0 {
                continue;
            }
            rest -= share;
            self.lessen(&part, share);
            let (entry, since) = out;
            let new = Part { entry, since, order, class, amount: 0, ..part };
            made.entry(new.lot).or_insert(new).amount += share;
        }
        assert_eq!(rest, 0, "goods are worth more than was paid for them");
        self.parts.extend(made.into_values());
    }

    fn reclass(&mut self, part: &Part, share: i64, seq: u64, entry: u64, class: &'static str) {
        self.lessen(part, share);
        self.order += 1;
        let (order, since, amount) = (self.order, seq, share);
        self.parts.push(Part { entry, since, order, class, amount, ..part.clone() });
    }

    /// Uses from the newest on until the amount is reached.
    fn newest(mut uses: Vec<Part>, amount: i64) -> Vec<(Part, i64)> {
        uses.sort_by_key(|part| std::cmp::Reverse((part.since, part.order, part.lot)));
        let mut rest = amount;
        let mut found = Vec::new();
        for part in uses {
            let share = part.amount.min(rest);
            rest -= share;
            if share > 0 {
                found.push((part, share));
            }
        }
        found
    }

    fn issue(
        &mut self,
        seq: u64,
        at: (&str, &str),
        row: &Value,
        class: &'static str,
        which: impl Fn(&GoodsLot) -> bool,
    ) {
        for (lot, goods) in self.stores.parts(at, row, which) {
            self.leave((lot, goods), at.0, (seq, seq), class);
            self.use_behind(lot, goods.1, (seq, seq), class);
        }
    }

    fn bring_back(&mut self, seq: u64, part_back: &GoodsPart, taken: i64) {
        let goods = part(part_back.goods, taken);
        self.stores.put(part_back.lot, &part_back.store, goods);
        let known =
            self.stores.parts.iter_mut().find(|other| other.order == part_back.order).unwrap();
        known.goods = (known.goods.0 - goods.0, known.goods.1 - goods.1);
        self.stores.parts.retain(|part| part.goods.0 > 0);
        let uses = self.parts_of(part_back.entry);
        let uses = uses.filter(|paid| paid.goods == Some(part_back.lot));
        let uses = uses.filter(|paid| paid.class == part_back.class).cloned().collect();
        for (paid, share) in Self::newest(uses, goods.1) {
            self.reclass(&paid, share, seq, part_back.lot.0, "in_goods");
        }
        self.stores.brought.entry(seq).or_default().push((part_back.clone(), goods));
    }

    /// Parts of goods that `which` picks, the last first.
    fn goods_parts(&self, which: impl Fn(&GoodsPart) -> bool) -> Vec<GoodsPart> {
        let mut parts: Vec<GoodsPart> =
            self.stores.parts.iter().filter(|part| which(part)).cloned().collect();
        parts.sort_by_key(|part| std::cmp::Reverse((part.since, part.order)));
        parts
    }

    /// Takes in the goods of an accepted voucher.
    pub(super) fn goods(&mut self, seq: u64, v: &Value, gifts: &[Key]) {
        let fund = v["fund"].as_str().unwrap_or("").to_owned();
        let store = v["store"].as_str().unwrap_or("").to_owned();
        let at = (store.as_str(), fund.as_str());
        match v["kind"].as_str().unwrap() {
            "opening_balance" => {
                for (line, row) in (0..).zip(rows(&v["goods"])) {
                    let (store, fund) = (word(&row["store"]), word(&row["fund"]));
                    self.stores.come_in((seq, line), &store, &fund, &row, money(&row["value"]));
                }
            }
            "goods_received" | "received_from_chapter" => {
                for (line, row) in (0..).zip(rows(&v["lots"])) {
                    self.stores.come_in((seq, line), &store, &fund, &row, money(&row["value"]));
                }
            }
            "goods_purchased" => self.purchase(seq, v, gifts),
            "goods_distributed" => {
                for line in rows(&v["lines"]) {
                    for row in rows(&line["items"]) {
                        self.issue(seq, at, &row, "spent", |_| true);
                    }
                }
            }
            "sent_to_chapter" => {
                for row in rows(&v["items"]) {
                    self.issue(seq, at, &row, "passed_on", |_| true);
                }
            }
            "goods_moved" => {
                let (from, to) = (word(&v["from_store"]), word(&v["to_store"]));
                for row in rows(&v["items"]) {
                    for (lot, goods) in self.stores.parts((&from, &fund), &row, |_| true) {
                        self.stores.put(lot, &from, (-goods.0, -goods.1));
                        self.stores.put(lot, &to, goods);
                        let moved = (lot, from.clone(), to.clone(), goods);
                        self.stores.moved.entry(seq).or_default().push(moved);
                    }
                }
            }
            "stock_counted" => self.count(seq, v, at),
            "goods_returned" => self.send_back(seq, v),
            "handover_returned" => {
                let of = v["of"].as_u64().unwrap();
                for row in rows(&v["items"]) {
                    let item = word(&row["item"]);
                    let mut rest = quantity(&row);
                    loop {
                        let parts = self.goods_parts(|part| part.entry == of);
                        let mut of_item =
                            parts.into_iter().filter(|part| self.stores_item(part.lot) == item);
                        let Some(next) = of_item.next().filter(|_| rest > 0) else { break };
                        let taken = next.goods.0.min(rest);
                        rest -= taken;
                        self.bring_back(seq, &next, taken);
                    }
                    assert_eq!(rest, 0, "the books took back more than was handed over");
                }
            }
            _ => {}
        }
    }

    fn stores_item(&self, lot: Key) -> String {
        self.stores.lots.iter().find(|other| other.key == lot).unwrap().item.clone()
    }

    fn purchase(&mut self, seq: u64, v: &Value, gifts: &[Key]) {
        let (fund, store) = (word(&v["fund"]), word(&v["store"]));
        let lots = rows(&v["lots"]);
        let sum: i128 = lots.iter().map(|row| i128::from(money(&row["value"]))).sum();
        let extra = v["extra"].as_i64().unwrap_or(0);
        let mut left = extra;
        for (at, row) in lots.iter().enumerate() {
            let value = money(&row["value"]);
            let share = match at + 1 == lots.len() {
                true => left,
                false if extra == 0 => 0,
                false => i64::try_from(i128::from(extra) * i128::from(value) / sum).unwrap(),
            };
            left -= share;
            let key = (seq, u32::try_from(at).unwrap());
            self.stores.come_in(key, &store, &fund, row, value + share);
            let out = Out { goods: Some(key), ..Out::of(seq, "in_goods") };
            self.spend(out, &fund, gifts, value + share);
        }
    }

    fn count(&mut self, seq: u64, v: &Value, at: (&str, &str)) {
        for (line, row) in (0..).zip(rows(&v["differences"])) {
            if row["direction"] == "less" {
                let lot = row.get("lot").map(super::naive::named);
                let is_opening = row.get("lot").is_some_and(|lot| lot.is_object());
                let named = |own: &GoodsLot| match lot {
                    Some(lot) => own.key.0 == lot.0 && (!is_opening || own.key.1 == lot.1),
                    None => true,
                };
                self.issue(seq, at, &row, "lost", named);
                continue;
            }
            let item = word(&row["item"]);
            let mut rest = quantity(&row);
            loop {
                let lost = self.goods_parts(|part| {
                    part.class == "lost" && part.store == at.0 && part.since < seq
                });
                let of_fund = |lot: Key| {
                    let lot = self.stores.lots.iter().find(|other| other.key == lot).unwrap();
                    lot.fund == at.1 && lot.item == item
                };
                let next = lost.into_iter().find(|part| of_fund(part.lot));
                let Some(next) = next.filter(|_| rest > 0) else { break };
                let taken = next.goods.0.min(rest);
                rest -= taken;
                self.bring_back(seq, &next, taken);
            }
            if let Some(rest) = Quantity::new(rest) {
                let mut found = row.clone();
                found["quantity"] = serde_json::json!(rest.to_string());
                self.stores.come_in((seq, line), at.0, at.1, &found, 0);
            }
        }
    }

    fn send_back(&mut self, seq: u64, v: &Value) {
        let of = v["of"].as_u64().unwrap();
        let named = self.vouchers[usize::try_from(of).unwrap()].clone();
        let (fund, store) = (word(&named["fund"]), word(&named["store"]));
        let mut parts = Vec::new();
        for row in rows(&v["items"]) {
            for part in self.stores.parts((&store, &fund), &row, |lot| lot.key.0 == of) {
                self.leave(part, &store, (seq, seq), "returned");
                parts.push(part);
            }
        }
        if named["kind"] == "goods_received" {
            return;
        }
        let mut rest = v["amount"].as_i64().unwrap_or(0);
        for (lot, (_, value)) in parts {
            let back = value.min(rest);
            rest -= back;
            self.take_back(seq, self.behind(lot), back);
            self.use_behind(lot, value - back, (seq, seq), "lost");
        }
        if rest > 0 {
            self.stores.beyond.insert(seq, (fund.clone(), rest));
            self.open(seq, 0, &fund, rest);
        }
    }

    /// Every part of an outflow goes back.
    fn back(&mut self, seq: u64, of: u64) {
        for part in self.goods_parts(|part| part.entry == of) {
            self.stores.put(part.lot, &part.store, part.goods);
        }
        self.stores.parts.retain(|part| part.entry != of);
        let mut uses: Vec<Part> = self.parts_of(of).cloned().collect();
        uses.sort_by_key(|part| (part.since, part.order, part.lot));
        for part in uses {
            let goods = part.goods.unwrap();
            self.reclass(&part, part.amount, seq, goods.0, "in_goods");
        }
    }

    fn take_out_again(&mut self, seq: u64, part: &GoodsPart, goods: (i64, i64)) {
        for (paid, share) in Self::newest(self.behind(part.lot), goods.1) {
            self.reclass(&paid, share, seq, part.entry, part.class);
        }
        self.leave((part.lot, goods), &part.store, (part.entry, seq), part.class);
    }

    /// The goods of a reversed voucher.
    pub(super) fn undo_goods(&mut self, seq: u64, of: u64, v: &Value) {
        let own: Vec<GoodsLot> =
            self.stores.lots.iter().filter(|lot| lot.key.0 == of).cloned().collect();
        let close = |naive: &mut Self| {
            for lot in own.iter().rev() {
                let (q, value) = lot.came_in;
                naive.stores.put(lot.key, &lot.store, (-q, -value));
            }
        };
        match v["kind"].as_str().unwrap() {
            "goods_purchased" => {
                close(self);
                self.restore(of);
            }
            "goods_distributed" | "sent_to_chapter" => self.back(seq, of),
            "goods_moved" => {
                let moved = self.stores.moved.remove(&of).unwrap_or_default();
                for (lot, from, to, (q, value)) in moved.into_iter().rev() {
                    self.stores.put(lot, &to, (-q, -value));
                    self.stores.put(lot, &from, (q, value));
                }
            }
            "stock_counted" => {
                self.back(seq, of);
                for (part, goods) in self.brought_back(of) {
                    self.take_out_again(seq, &part, goods);
                }
                close(self);
            }
            "goods_returned" => {
                self.back(seq, of);
                let missing = self.take_again(seq, of);
                if let Some((fund, amount)) = self.stores.beyond.get(&of).cloned() {
                    self.close_gift(seq, (of, 0), fund, amount);
                }
                for (part, share) in missing {
                    self.spend(Out::like(&part, seq), &part.fund, &[], share);
                }
            }
            "handover_returned" => {
                for (part, goods) in self.brought_back(of) {
                    self.take_out_again(seq, &part, goods);
                }
            }
            _ => close(self),
        }
    }

    /// What an entry brought back, from the last to the first.
    fn brought_back(&mut self, of: u64) -> Vec<Brought> {
        let mut brought = self.stores.brought.remove(&of).unwrap_or_default();
        brought.reverse();
        brought
    }

    /// Asserts that stores and parts of the books are those of the plain lists, and that each lot
    /// is whole: what came in = what is here + what became of it.
    pub(super) fn compare_goods(&self, desk: &Desk) {
        let mut shelves: BTreeMap<(String, String, String), (i64, i64)> = BTreeMap::new();
        for lot in &self.stores.lots {
            for (store, (q, value)) in lot.here.iter().filter(|(_, (q, _))| *q > 0) {
                let shelf = (store.clone(), lot.fund.clone(), lot.item.clone());
                let sum = shelves.entry(shelf).or_default();
                *sum = (sum.0 + q, sum.1 + value);
            }
        }
        let found: BTreeMap<(String, String, String), (i64, i64)> = desk
            .books
            .stock()
            .shelves()
            .map(|((store, fund, item), goods)| {
                let shelf = (store.to_string(), fund.to_string(), item.to_string());
                (shelf, (goods.quantity, goods.value.minor()))
            })
            .collect();
        assert_eq!(found, shelves, "what lies in stores");
        let all: i64 = shelves.values().map(|(_, value)| value).sum();
        assert_eq!(desk.books.stock().worth().minor(), all, "all of it together");
        for entry in 0..desk.size() {
            let mut found: Vec<(u64, Key, String, (i64, i64))> = desk
                .history
                .goods_of_entry(entry)
                .unwrap()
                .iter()
                .map(|part| {
                    let lot = (part.lot.key.seq, part.lot.key.line);
                    let goods = (part.goods.quantity, part.goods.value.minor());
                    (part.since, lot, part.class.as_str().to_owned(), goods)
                })
                .collect();
            let own = self.stores.parts.iter().filter(|part| part.entry == entry);
            let mut expected: Vec<(u64, Key, String, (i64, i64))> =
                own.map(|part| (part.since, part.lot, part.class.to_owned(), part.goods)).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "goods of entry {entry}");
        }
        self.goods_are_whole();
    }

    fn goods_are_whole(&self) {
        for lot in &self.stores.lots {
            let here = lot.here.values();
            let gone = self.stores.parts.iter().filter(|part| part.lot == lot.key);
            let all = here.chain(gone.map(|part| &part.goods));
            let sum = all.fold((0, 0), |sum, goods| (sum.0 + goods.0, sum.1 + goods.1));
            assert!(sum == lot.came_in || sum == (0, 0), "identity of {lot:?}: {sum:?}");
            let lying: i64 = lot.here.values().map(|(_, value)| value).sum();
            let paid: i64 = self.behind(lot.key).iter().map(|part| part.amount).sum();
            assert!(paid == lying || paid == 0, "{lying} lie there, {paid} were paid: {lot:?}");
            let bought =
                self.vouchers[usize::try_from(lot.key.0).unwrap()]["kind"] == "goods_purchased";
            assert!(paid == lying || !bought, "{lying} bought, {paid} paid: {lot:?}");
        }
    }
}
