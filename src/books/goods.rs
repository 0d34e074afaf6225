//! Goods on their way: out of lots in the order of issue, back to them last taken first, and the
//! money behind them. Lots hold a quantity and a value; a part takes its floor of the value.

use std::collections::BTreeMap;

use super::Books;
use super::days::Balance;
use super::draft::{Draft, minus};
use super::effects::{Change, GoodsFlow, GoodsLot, GoodsUse, LotKey, Use, UseClass, Valued};
use super::lots::{Outflow, Working};
use super::refusal::{GoodsRefusal, Refusal};
use super::stock::Shelf;
use crate::ledger::voucher::ItemQuantity;
use crate::ledger::word::{Code, Date};
use crate::money::{LARGEST, Money, Quantity};

/// Which lots of a shelf may be taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pick {
    /// Every lot.
    Any,
    /// Every lot, but never one that is past its expiry on this day.
    Good(Date),
    /// Those that came in by an entry, or by one line of an opening balance.
    Of(u64, Option<u32>),
}

/// Goods that are to leave a store.
pub(super) struct Wanted<'a> {
    pub store: &'a Code,
    pub fund: &'a Code,
    pub item: &'a Code,
    pub quantity: Quantity,
    pub pick: Pick,
}

impl Working {
    /// The parts that would leave, lot by lot in the order of issue.
    ///
    /// # Errors
    /// [`GoodsRefusal::Expired`] or [`GoodsRefusal::StockTooLow`], whichever comes first in order.
    pub(super) fn parts(
        &mut self,
        wanted: &Wanted<'_>,
        day: Date,
    ) -> Result<Vec<(GoodsLot, Valued)>, Refusal> {
        let shelf: Shelf = (wanted.store.clone(), wanted.fund.clone(), wanted.item.clone());
        let mut rest = wanted.quantity.thousandths();
        let mut parts = Vec::new();
        for (lot, here) in self.stock().lots(&shelf) {
            if rest == 0 {
                break;
            }
            let expired = |day| lot.expiry.is_some_and(|expiry| expiry < day);
            match wanted.pick {
                Pick::Of(seq, _) if lot.key.seq != seq => continue,
                Pick::Of(_, Some(line)) if lot.key.line != line => continue,
                Pick::Good(day) if expired(day) => {
                    let expiry = lot.expiry.unwrap_or(day);
                    return Err(
                        GoodsRefusal::Expired { item: wanted.item.to_string(), expiry }.into()
                    );
                }
                _ => {}
            }
            let taken = here.part(rest.min(here.quantity));
            rest -= taken.quantity;
            parts.push((lot, taken));
        }
        if rest == 0 {
            return Ok(parts);
        }
        let allowed = thousandths(wanted.quantity.thousandths() - rest);
        let (item, store) = (wanted.item.to_string(), wanted.store.to_string());
        Err(GoodsRefusal::StockTooLow { item, store, day, allowed }.into())
    }

    /// A part of a lot leaves its store.
    pub(super) fn take_part(
        &mut self,
        (lot, goods): &(GoodsLot, Valued),
        store: &Code,
        (entry, class): (u64, UseClass),
    ) {
        let part = GoodsUse {
            entry,
            since: self.seq(),
            line: self.part(),
            lot: lot.clone(),
            store: store.clone(),
            class,
            goods: *goods,
        };
        self.push(Change::GoodsTaken(part));
    }

    /// The oldest money behind a lot goes the way of its goods.
    pub(super) fn spend_behind(&mut self, lot: LotKey, amount: Money, entry: u64, class: UseClass) {
        if !amount.is_positive() || !self.stock().was_bought(lot) {
            return;
        }
        let (since, line) = (self.seq(), self.line());
        self.push(Change::Behind { goods: lot, entry, since, line, class, amount });
    }

    /// The newest money behind a lot, up to `amount`, use by use.
    pub(super) fn newest_behind(&mut self, lot: &GoodsLot, amount: Money) -> Vec<(Use, Money)> {
        newest_first(self.stock().behind(lot), amount)
    }

    /// A use of money becomes one of another outflow or class.
    pub(super) fn reclass(&mut self, part: &Use, amount: Money, entry: u64, class: UseClass) {
        let (since, line) = (self.seq(), self.line());
        let part = part.clone();
        self.push(Change::Reclassed { part, entry, since, line, class, amount });
    }

    /// Money that went the way of goods lies in them again.
    pub(super) fn put_behind(&mut self, part: &Use, amount: Money) {
        if let Some(goods) = part.goods {
            let out = Outflow::into_goods(goods);
            self.reclass(part, amount, out.entry, out.class);
        }
    }

    /// Goods that came into a store leave it again because that is reversed.
    ///
    /// # Errors
    /// [`GoodsRefusal::NotWhole`] unless the lot has at least that quantity and value there, and
    /// more quantity or exactly that value.
    pub(super) fn can_leave(
        &mut self,
        lot: &GoodsLot,
        store: &Code,
        goods: Valued,
    ) -> Result<(), Refusal> {
        let here = self.stock().at(lot, store);
        let enough = here.quantity >= goods.quantity && here.value >= goods.value;
        if enough && (here.quantity > goods.quantity || here.value == goods.value) {
            return Ok(());
        }
        let (item, store) = (lot.item.to_string(), store.to_string());
        Err(GoodsRefusal::NotWhole { item, store, allowed: thousandths(here.quantity) }.into())
    }
}

/// Uses from the last to the first until `amount` is reached, each with how much of it.
pub(super) fn newest_first(mut uses: Vec<Use>, amount: Money) -> Vec<(Use, Money)> {
    uses.sort_by_key(|part| std::cmp::Reverse((part.since, part.line, part.lot)));
    let mut rest = amount;
    let mut found = Vec::new();
    for part in uses {
        let share = part.amount.min(rest);
        if !share.is_positive() {
            break;
        }
        rest = minus(rest, share);
        found.push((part, share));
    }
    found
}

impl Books {
    /// A known item in a quantity that it can have.
    pub(super) fn goods(&self, item: &Code, quantity: Quantity) -> Result<(), Refusal> {
        if self.register.item("item", item)?.whole && !quantity.is_whole() {
            return Err(GoodsRefusal::Fraction { item: item.to_string() }.into());
        }
        Ok(())
    }

    /// Every item of a list known, in quantities that they can have.
    pub(super) fn all_goods(&self, items: &[ItemQuantity]) -> Result<(), Refusal> {
        items.iter().try_for_each(|wanted| self.goods(&wanted.item, wanted.quantity))
    }
}

impl Draft<'_> {
    /// Takes goods out of a store, and the money behind them the same way.
    pub(super) fn issue(&mut self, wanted: &Wanted<'_>, class: UseClass) -> Result<(), Refusal> {
        let seq = self.entry.place();
        for part in self.working.parts(wanted, self.entry.voucher().date)? {
            self.working.take_part(&part, wanted.store, (seq, class));
            self.working.spend_behind(part.0.key, part.1.value, seq, class);
        }
        Ok(())
    }

    /// Opens a goods lot of this entry.
    pub(super) fn open_goods(&mut self, line: u32, store: &Code, lot: &NewLot<'_>) {
        let key = LotKey { seq: self.entry.place(), line };
        let (item, fund) = (lot.item.clone(), lot.fund.clone());
        let lot_of = GoodsLot { key, item, fund, expiry: lot.expiry };
        let goods = Valued { quantity: lot.quantity.thousandths(), value: lot.value };
        self.working.push(Change::GoodsOpened { lot: lot_of, store: store.clone(), goods });
    }

    /// Goods in and out of each store, fund and item; a reversal is a minus on the side that it
    /// reverses, a move is on neither.
    pub(super) fn goods_flows(&self) -> Result<Vec<GoodsFlow>, Refusal> {
        let mut flows: BTreeMap<Shelf, [Valued; 3]> = BTreeMap::new();
        for change in &self.working.changes {
            for (lot, store, goods, moved) in movements(change) {
                let shelf = (store.clone(), lot.fund.clone(), lot.item.clone());
                let flow = flows.entry(shelf).or_default();
                let inwards = (goods.quantity > 0) != self.reversing;
                let (side, goods) = match (moved, inwards) {
                    (true, _) => (&mut flow[2], goods),
                    (false, true) => (&mut flow[0], goods),
                    (false, false) => (&mut flow[1], goods.negated()),
                };
                *side = side.plus(goods).ok_or(Refusal::TooLarge)?;
            }
        }
        let flows = flows.into_iter().map(|((store, fund, item), [goods_in, goods_out, moved])| {
            GoodsFlow { store, fund, item, goods_in, goods_out, moved }
        });
        Ok(flows.collect())
    }

    /// No item of a store and fund below zero, in quantity or value, at the end of any day from
    /// the date on; all of an item, and all of the value, within their range.
    pub(super) fn check_goods(&self, flows: &[GoodsFlow]) -> Result<(), Refusal> {
        let stock = &self.books.stock;
        let mut items: BTreeMap<&Code, i128> = BTreeMap::new();
        for flow in flows {
            *items.entry(&flow.item).or_default() += net(flow).0;
        }
        for (item, net) in items {
            let of_item = stock.shelves().filter(|((_, _, own), _)| own == item);
            let now: i128 = of_item.map(|(_, goods)| i128::from(goods.quantity)).sum();
            if now + net > i128::from(LARGEST) {
                return Err(Refusal::TooLarge);
            }
        }
        for flow in flows {
            let shelf: Shelf = (flow.store.clone(), flow.fund.clone(), flow.item.clone());
            let (quantity, value) = net(flow);
            let now = stock.total(&shelf);
            let from = self.entry.voucher().date;
            let of = Balance::Quantity(&shelf);
            let (day, lowest) = self.books.days.lowest_from(of, from, i128::from(now.quantity));
            if quantity < 0 && lowest + quantity < 0 {
                let (item, store) = (flow.item.to_string(), flow.store.to_string());
                let allowed = thousandths(i64::try_from(lowest.max(0)).unwrap_or(LARGEST));
                return Err(GoodsRefusal::StockTooLow { item, store, day, allowed }.into());
            }
            let of = Balance::Value(&shelf);
            let (day, lowest) = self.books.days.lowest_from(of, from, wide(now.value));
            if value < 0 && lowest + value < 0 {
                let (item, store) = (flow.item.to_string(), flow.store.to_string());
                return Err(GoodsRefusal::StockValueTooLow { item, store, day }.into());
            }
        }
        Ok(())
    }
}

/// A lot that comes in.
pub(super) struct NewLot<'a> {
    pub item: &'a Code,
    pub fund: &'a Code,
    pub expiry: Option<Date>,
    pub quantity: Quantity,
    pub value: Money,
}

/// What a change puts into a store, or as a minus takes out; and whether it only moves it.
fn movements(change: &Change) -> Vec<(&GoodsLot, &Code, Valued, bool)> {
    match change {
        Change::GoodsOpened { lot, store, goods } => vec![(lot, store, *goods, false)],
        Change::GoodsClosed { lot, store, goods } => vec![(lot, store, goods.negated(), false)],
        Change::GoodsTaken(part) => vec![(&part.lot, &part.store, part.goods.negated(), false)],
        Change::GoodsGivenBack { part, goods } => vec![(&part.lot, &part.store, *goods, false)],
        Change::GoodsMoved { lot, from, to, goods } => {
            vec![(lot, from, goods.negated(), true), (lot, to, *goods, true)]
        }
        _ => Vec::new(),
    }
}

/// The change of a shelf's quantity and value.
pub(super) fn net(flow: &GoodsFlow) -> (i128, i128) {
    let of =
        |pick: fn(Valued) -> i128| pick(flow.goods_in) - pick(flow.goods_out) + pick(flow.moved);
    (of(|goods| i128::from(goods.quantity)), of(|goods| wide(goods.value)))
}

/// A quantity as people read it.
pub(super) fn thousandths(quantity: i64) -> String {
    Quantity::new(quantity).map_or_else(|| "0".to_owned(), |quantity| quantity.to_string())
}

fn wide(amount: Money) -> i128 {
    i128::from(amount.minor())
}
