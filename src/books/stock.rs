//! Stock: what lies in stores, lot by lot, the money that paid for it, and goods held for others.

use std::collections::BTreeMap;

use rpds::RedBlackTreeMapSync as Map;
use serde::{Deserialize, Serialize};

use super::days::within_range;
use super::effects::{Change, GiftId, GoodsLot, HeldGoods, LotKey, Use, UseClass, Valued};
use super::lots::Lots;
use crate::ledger::word::{Code, Date};
use crate::money::Money;

/// A lot's place in the order of issue: earliest expiry, then none, then when it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IssueKey {
    never_expires: bool,
    expiry: Option<Date>,
    lot: LotKey,
}

impl IssueKey {
    const fn of(lot: &GoodsLot) -> Self {
        Self { never_expires: lot.expiry.is_none(), expiry: lot.expiry, lot: lot.key }
    }
}

/// Where goods lie and what they are: store, fund, item.
pub type Shelf = (Code, Code, Code);

/// Money of one lot that lies in goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Backing {
    gift: GiftId,
    turn: u32,
    amount: Money,
}

/// A use of money behind goods: its lot, and where the use was made. The order of use.
type BackingKey = (LotKey, u64, u32);

/// Everything in stores, and goods held for others. Copies are cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    shelves: Map<Shelf, Map<IssueKey, Valued>>,
    /// In 128 bits: within one entry more may come in and go out than any shelf holds.
    totals: Map<Shelf, (i128, i128)>,
    worth: i128,
    behind: Map<LotKey, Map<BackingKey, Backing>>,
    custody: Map<GiftId, Map<(String, String), i64>>,
}

impl Stock {
    /// The lots on a shelf in the order of issue, each with what lies there of it.
    pub fn lots(&self, shelf: &Shelf) -> impl Iterator<Item = (GoodsLot, Valued)> + '_ {
        let (_, fund, item) = shelf.clone();
        self.shelves.get(shelf).into_iter().flat_map(|lots| lots.iter()).map(move |(key, goods)| {
            let (fund, item) = (fund.clone(), item.clone());
            (GoodsLot { key: key.lot, item, fund, expiry: key.expiry }, *goods)
        })
    }

    /// What lies in a store of a lot.
    #[must_use]
    pub fn at(&self, lot: &GoodsLot, store: &Code) -> Valued {
        let shelf = (store.clone(), lot.fund.clone(), lot.item.clone());
        let lots = self.shelves.get(&shelf);
        lots.and_then(|lots| lots.get(&IssueKey::of(lot))).copied().unwrap_or_default()
    }

    /// Every shelf on which anything lies, with all of it.
    pub fn shelves(&self) -> impl Iterator<Item = (&Shelf, Valued)> + '_ {
        self.totals.iter().map(|(shelf, total)| (shelf, whole(*total)))
    }

    /// All that lies on a shelf.
    #[must_use]
    pub fn total(&self, shelf: &Shelf) -> Valued {
        whole(self.totals.get(shelf).copied().unwrap_or_default())
    }

    /// The value of everything in all stores.
    #[must_use]
    pub fn worth(&self) -> Money {
        within_range(self.worth).unwrap_or(Money::ZERO)
    }

    /// The money behind a lot in the order of use, as uses of its purchase.
    #[must_use]
    pub fn behind(&self, lot: &GoodsLot) -> Vec<Use> {
        let uses = self.behind.get(&lot.key).into_iter().flat_map(|uses| uses.iter());
        uses.map(|((from, since, line), backing)| Use {
            entry: lot.key.seq,
            since: *since,
            line: *line,
            lot: *from,
            fund: lot.fund.clone(),
            gift: backing.gift,
            turn: backing.turn,
            class: UseClass::InGoods,
            amount: backing.amount,
            goods: Some(lot.key),
            loan: None,
        })
        .collect()
    }

    /// Whether money was paid for what is left of a lot.
    #[must_use]
    pub fn was_bought(&self, lot: LotKey) -> bool {
        self.behind.contains_key(&lot)
    }

    /// Goods held for others, by whose voucher; by description and unit.
    pub fn held(&self) -> impl Iterator<Item = (GiftId, HeldGoods)> + '_ {
        self.custody.iter().flat_map(|(custody, goods)| {
            goods.iter().map(|((description, unit), quantity)| {
                let (description, unit) = (description.clone(), unit.clone());
                (*custody, HeldGoods { description, unit, quantity: *quantity })
            })
        })
    }

    /// How much is held of a description and unit under `custody`.
    #[must_use]
    pub fn held_of(&self, custody: GiftId, description: &str, unit: &str) -> i64 {
        let key = (description.to_owned(), unit.to_owned());
        self.custody.get(&custody).and_then(|goods| goods.get(&key)).copied().unwrap_or(0)
    }

    /// How much is held of each description and unit, by all vouchers together.
    #[must_use]
    pub fn held_in_all(&self) -> BTreeMap<(String, String), i128> {
        let mut sums = BTreeMap::new();
        for (_, held) in self.held() {
            *sums.entry((held.description, held.unit)).or_default() += i128::from(held.quantity);
        }
        sums
    }

    /// Applies one change; `lots` are those before it. Changes come from `check` over this state.
    pub fn apply(&mut self, change: &Change, lots: &Lots) {
        match change {
            Change::GoodsOpened { lot, store, goods } => self.put(lot, store, *goods),
            Change::GoodsClosed { lot, store, goods } => self.put(lot, store, goods.negated()),
            Change::GoodsTaken(part) => self.put(&part.lot, &part.store, part.goods.negated()),
            Change::GoodsGivenBack { part, goods } => self.put(&part.lot, &part.store, *goods),
            Change::GoodsMoved { lot, from, to, goods } => {
                self.put(lot, from, goods.negated());
                self.put(lot, to, *goods);
            }
            Change::CustodyGoods { custody, goods } => self.hold(*custody, goods),
            change => self.apply_money(change, lots),
        }
    }

    /// Money that goes into goods, or out of them.
    fn apply_money(&mut self, change: &Change, lots: &Lots) {
        let in_goods = UseClass::InGoods;
        match change {
            Change::Taken(part) if part.class == in_goods => self.back(part, part.amount),
            Change::TakenWhole { since, line, fund, first, last, class, goods, .. } => {
                let (Some(goods), true) = (goods, *class == in_goods) else { return };
                let taken = lots.of_fund(fund).filter(|(key, _)| (*first..=*last).contains(key));
                for (key, lot) in taken {
                    let backing = Backing { gift: lot.gift, turn: lot.turn, amount: lot.unspent };
                    self.back_by(*goods, (key, *since, *line), backing);
                }
            }
            Change::GivenBack { part, amount } if part.class == in_goods => {
                self.back(part, amount.negated());
            }
            Change::Reclassed { part, since, line, class, amount, .. } => {
                if part.class == in_goods {
                    self.back(part, amount.negated());
                }
                if *class == in_goods {
                    let part = Use { since: *since, line: *line, ..part.clone() };
                    self.back(&part, *amount);
                }
            }
            Change::Behind { goods, amount, .. } => {
                let mut rest = *amount;
                let uses = self.behind.get(goods).cloned().unwrap_or_default();
                for (key, backing) in uses.iter() {
                    let share = backing.amount.min(rest);
                    if !share.is_positive() {
                        break;
                    }
                    rest = rest.checked_sub(share).unwrap_or(Money::ZERO);
                    let taken = Backing { amount: share.negated(), ..*backing };
                    self.back_by(*goods, *key, taken);
                }
            }
            _ => {}
        }
    }

    fn back(&mut self, part: &Use, amount: Money) {
        if let Some(goods) = part.goods {
            let backing = Backing { gift: part.gift, turn: part.turn, amount };
            self.back_by(goods, (part.lot, part.since, part.line), backing);
        }
    }

    fn back_by(&mut self, goods: LotKey, key: BackingKey, more: Backing) {
        let mut uses = self.behind.get(&goods).cloned().unwrap_or_default();
        let before = uses.get(&key).map_or(Money::ZERO, |backing| backing.amount);
        let amount = before.checked_add(more.amount).unwrap_or(before);
        if amount == Money::ZERO {
            uses.remove_mut(&key);
        } else {
            uses.insert_mut(key, Backing { amount, ..more });
        }
        if uses.is_empty() {
            self.behind.remove_mut(&goods);
        } else {
            self.behind.insert_mut(goods, uses);
        }
    }

    fn put(&mut self, lot: &GoodsLot, store: &Code, more: Valued) {
        let shelf = (store.clone(), lot.fund.clone(), lot.item.clone());
        let mut lots = self.shelves.get(&shelf).cloned().unwrap_or_default();
        let key = IssueKey::of(lot);
        let before = lots.get(&key).copied().unwrap_or_default();
        let here = before.plus(more).unwrap_or(before);
        if here == Valued::default() {
            lots.remove_mut(&key);
        } else {
            lots.insert_mut(key, here);
        }
        let total = self.totals.get(&shelf).copied().unwrap_or_default();
        let value = i128::from(more.value.minor());
        let total = (total.0 + i128::from(more.quantity), total.1 + value);
        if lots.is_empty() {
            self.shelves.remove_mut(&shelf);
            self.totals.remove_mut(&shelf);
        } else {
            self.shelves.insert_mut(shelf.clone(), lots);
            self.totals.insert_mut(shelf, total);
        }
        self.worth += value;
    }

    fn hold(&mut self, custody: GiftId, goods: &[HeldGoods]) {
        let mut held = self.custody.get(&custody).cloned().unwrap_or_default();
        for more in goods {
            let key = (more.description.clone(), more.unit.clone());
            let quantity = held.get(&key).copied().unwrap_or(0) + more.quantity;
            if quantity == 0 {
                held.remove_mut(&key);
            } else {
                held.insert_mut(key, quantity);
            }
        }
        if held.is_empty() {
            self.custody.remove_mut(&custody);
        } else {
            self.custody.insert_mut(custody, held);
        }
    }
}

/// A total as `check` left it within the range.
fn whole((quantity, value): (i128, i128)) -> Valued {
    Valued {
        quantity: i64::try_from(quantity).unwrap_or(0),
        value: within_range(value).unwrap_or(Money::ZERO),
    }
}
