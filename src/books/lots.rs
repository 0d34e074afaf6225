//! Lots: the parts of gifts that are not used yet, and how outflows take them.
//!
//! An outflow takes the gifts that it names, then the oldest available; the order is (seq of
//! becoming available, line). See "Following a gift" in `docs/FORMAT.md`.

use rpds::RedBlackTreeMapSync as Map;
use serde::{Deserialize, Serialize};

use super::blocks::Blocks;
use super::effects::{Change, GiftId, LotKey, Use, UseClass};
use super::stock::Stock;
use crate::ledger::word::Code;
use crate::money::Money;

/// A lot with something unspent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// The gift that it comes from.
    pub gift: GiftId,
    /// How often it was lent before.
    pub turn: u32,
    /// What is left, above zero.
    pub unspent: Money,
}

/// All lots with something unspent, and what is held for others. Copies are cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lots {
    by_fund: Map<Code, Blocks<LotKey, Lot>>,
    /// Lots that came back or were moved, by their gifts. A gift's first lot has the place of the
    /// gift itself, and is found without this.
    strays: Map<GiftId, Map<LotKey, Code>>,
    custody: Map<GiftId, Money>,
}

impl Lots {
    /// The unspent lots of a fund in the order of use.
    pub fn of_fund(&self, fund: &Code) -> impl Iterator<Item = (LotKey, Lot)> + '_ {
        self.by_fund.get(fund).into_iter().flat_map(Blocks::iter)
    }

    /// The unspent lots of a gift in a fund, in the order of use.
    #[must_use]
    pub fn of_gift(&self, gift: GiftId, fund: &Code) -> Vec<(LotKey, Lot)> {
        let first = Some(first_lot(gift));
        let strays = self.strays.get(&gift).into_iter().flat_map(|keys| keys.iter());
        let strays = strays.filter(|(_, place)| *place == fund).map(|(key, _)| *key);
        let lots = first.into_iter().chain(strays);
        let own = |key: LotKey| self.get(fund, key).map(|lot| (key, lot));
        let mut lots: Vec<_> = lots.filter_map(own).filter(|(_, lot)| lot.gift == gift).collect();
        lots.sort_by_key(|(key, _)| *key);
        lots
    }

    /// Whether any part of a gift is unspent anywhere.
    #[must_use]
    pub fn has_gift(&self, gift: GiftId) -> bool {
        let first = first_lot(gift);
        let is_whole =
            |lots: &Blocks<LotKey, Lot>| lots.get(&first).is_some_and(|lot| lot.gift == gift);
        self.strays.contains_key(&gift) || self.by_fund.values().any(is_whole)
    }

    /// What is held for others under `custody`; `None` when nothing is.
    #[must_use]
    pub fn held(&self, custody: GiftId) -> Option<Money> {
        self.custody.get(&custody).copied()
    }

    /// Σ of what is held for others.
    #[must_use]
    pub fn held_in_all(&self) -> Money {
        Money::sum(self.custody.values().copied()).unwrap_or(Money::ZERO)
    }

    /// Σ unspent of a fund.
    #[must_use]
    pub fn unspent(&self, fund: &Code) -> Money {
        Money::sum(self.of_fund(fund).map(|(_, lot)| lot.unspent)).unwrap_or(Money::ZERO)
    }

    /// The lot at `key` of a fund, while anything of it is unspent.
    #[must_use]
    pub fn get(&self, fund: &Code, key: LotKey) -> Option<Lot> {
        self.by_fund.get(fund)?.get(&key)
    }

    /// Applies one change. Changes come from `check` over this very state.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::LotOpened { lot, fund, gift, turn, amount, .. } => {
                self.put(fund, *lot, Lot { gift: *gift, turn: *turn, unspent: *amount });
            }
            Change::LotClosed { lot, fund, amount } => self.take_from(fund, *lot, *amount),
            Change::TakenWhole { fund, first, last, .. } => {
                self.remove_whole(fund, *first, *last);
            }
            Change::Taken(part) => self.take_from(&part.fund, part.lot, part.amount),
            Change::GivenBack { part, amount } => {
                let unspent = self.get(&part.fund, part.lot).map_or(Money::ZERO, |lot| lot.unspent);
                let unspent = unspent.checked_add(*amount).unwrap_or(unspent);
                let lot = Lot { gift: part.gift, turn: part.turn, unspent };
                self.put(&part.fund, part.lot, lot);
            }
            Change::CameBack { part, amount, lot, turn } => {
                let own = Lot { gift: part.gift, turn: *turn, unspent: *amount };
                self.put(&part.fund, *lot, own);
            }
            Change::WentAgain { lot, part } => self.take_from(&part.fund, *lot, part.amount),
            Change::CustodyOpened { custody, amount } => self.hold(*custody, *amount),
            Change::CustodyMoved { custody, amount } => self.hold(*custody, *amount),
            // Goods, and money that is used already.
            _ => {}
        }
    }

    fn hold(&mut self, custody: GiftId, amount: Money) {
        let held = self.held(custody).unwrap_or(Money::ZERO);
        let held = held.checked_add(amount).unwrap_or(held);
        if held == Money::ZERO {
            self.custody.remove_mut(&custody);
        } else {
            self.custody.insert_mut(custody, held);
        }
    }

    fn put(&mut self, fund: &Code, key: LotKey, lot: Lot) {
        match self.by_fund.get_mut(fund) {
            Some(lots) => lots.insert(key, lot),
            None => {
                self.by_fund.insert_mut(fund.clone(), std::iter::once((key, lot)).collect());
            }
        }
        if key != first_lot(lot.gift) {
            let mut keys = self.strays.get(&lot.gift).cloned().unwrap_or_default();
            keys.insert_mut(key, fund.clone());
            self.strays.insert_mut(lot.gift, keys);
        }
    }

    /// Takes a range of lots out.
    fn remove_whole(&mut self, fund: &Code, first: LotKey, last: LotKey) {
        let Some(lots) = self.by_fund.get_mut(fund) else { return };
        if self.strays.is_empty() {
            lots.remove_range(first..=last);
            return;
        }
        let taken = lots.iter().skip_while(|(key, _)| *key < first);
        let taken: Vec<_> = taken.take_while(|(key, _)| *key <= last).collect();
        lots.remove_range(first..=last);
        taken.into_iter().for_each(|(key, lot)| self.forget_stray(lot.gift, key));
    }

    fn forget_stray(&mut self, gift: GiftId, key: LotKey) {
        let Some(mut keys) = self.strays.get(&gift).cloned() else { return };
        if key == first_lot(gift) || !keys.remove_mut(&key) {
            return;
        }
        if keys.is_empty() {
            self.strays.remove_mut(&gift);
        } else {
            self.strays.insert_mut(gift, keys);
        }
    }

    fn remove(&mut self, fund: &Code, key: LotKey) {
        let Some(lot) = self.get(fund, key) else { return };
        if let Some(lots) = self.by_fund.get_mut(fund) {
            lots.remove(&key);
        }
        self.forget_stray(lot.gift, key);
    }

    fn take_from(&mut self, fund: &Code, key: LotKey, amount: Money) {
        let Some(mut lot) = self.get(fund, key) else { return };
        lot.unspent = lot.unspent.checked_sub(amount).unwrap_or(Money::ZERO);
        if lot.unspent.is_positive() {
            self.put(fund, key, lot);
        } else {
            self.remove(fund, key);
        }
    }
}

/// The lot that a gift opens itself.
const fn first_lot(gift: GiftId) -> LotKey {
    LotKey { seq: gift.seq, line: gift.line }
}

/// The lots while one entry is checked: its changes are kept in order, and applied to a copy once
/// somebody looks at it.
pub struct Working {
    lots: Lots,
    stock: Stock,
    /// How many of the changes were applied.
    applied: usize,
    /// The changes so far.
    pub changes: Vec<Change>,
    seq: u64,
    next_line: u32,
    next_part: u32,
}

/// What an outflow does with the parts that it takes.
#[derive(Clone, Copy, Debug)]
pub struct Outflow {
    /// The entry that the parts belong to.
    pub entry: u64,
    /// What becomes of them.
    pub class: UseClass,
    /// The goods lot that they pay for.
    pub goods: Option<LotKey>,
    /// The line of an opening balance's loan that they fund.
    pub loan: Option<u32>,
}

impl Outflow {
    /// Parts that belong to `entry`, without goods.
    #[must_use]
    pub const fn of(entry: u64, class: UseClass) -> Self {
        Self { entry, class, goods: None, loan: None }
    }

    /// What takes over a part: the same outflow, class and goods.
    #[must_use]
    pub const fn like(part: &Use) -> Self {
        Self { entry: part.entry, class: part.class, goods: part.goods, loan: part.loan }
    }

    /// Money that lies in goods: it belongs to their purchase.
    #[must_use]
    pub const fn into_goods(goods: LotKey) -> Self {
        Self { entry: goods.seq, class: UseClass::InGoods, goods: Some(goods), loan: None }
    }

    /// Money that is out on a loan which ran already when the books began.
    #[must_use]
    pub const fn opening_loan(entry: u64, line: u32) -> Self {
        Self { entry, class: UseClass::OnLoan, goods: None, loan: Some(line) }
    }
}

impl Working {
    /// Begins with lots and stock as they stand before entry `seq`.
    #[must_use]
    pub fn new(lots: &Lots, stock: &Stock, seq: u64) -> Self {
        let (lots, stock) = (lots.clone(), stock.clone());
        Self { lots, stock, applied: 0, changes: Vec::new(), seq, next_line: 0, next_part: 0 }
    }

    /// Keeps one change.
    pub fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// The lots as the changes left them.
    pub fn lots(&mut self) -> &Lots {
        self.catch_up();
        &self.lots
    }

    /// The stock as the changes left it.
    pub fn stock(&mut self) -> &Stock {
        self.catch_up();
        &self.stock
    }

    fn catch_up(&mut self) {
        for change in self.changes.iter().skip(self.applied) {
            self.stock.apply(change, &self.lots);
            self.lots.apply(change);
        }
        self.applied = self.changes.len();
    }

    /// The index of the next use of money.
    pub(super) fn line(&mut self) -> u32 {
        let line = self.next_line;
        self.next_line += 1;
        line
    }

    /// The index of the next use of goods.
    pub(super) fn part(&mut self) -> u32 {
        let part = self.next_part;
        self.next_part += 1;
        part
    }

    /// The entry that makes the changes.
    pub(super) const fn seq(&self) -> u64 {
        self.seq
    }

    /// Takes up to `most` of one lot.
    pub fn take_lot(&mut self, fund: &Code, key: LotKey, most: Money, out: Outflow) -> Money {
        let Some(lot) = self.lots().get(fund, key) else { return Money::ZERO };
        let amount = lot.unspent.min(most);
        if amount.is_positive() {
            let part = Use {
                entry: out.entry,
                since: self.seq,
                line: self.line(),
                lot: key,
                fund: fund.clone(),
                gift: lot.gift,
                turn: lot.turn,
                class: out.class,
                amount,
                goods: out.goods,
                loan: out.loan,
            };
            self.push(Change::Taken(part));
        }
        amount
    }

    /// Takes up to `most` of a gift's lots in a fund, all turns, oldest first; what it got.
    pub fn take_gift(&mut self, fund: &Code, gift: GiftId, most: Money, out: Outflow) -> Money {
        let mut rest = most;
        for (key, _) in self.lots().of_gift(gift, fund) {
            rest = less(rest, self.take_lot(fund, key, rest, out));
        }
        less(most, rest)
    }

    /// Takes `amount` of a fund's lots, oldest first: whole lots as one range, then a part of the
    /// next. What could not be taken is returned; zero when the fund had enough.
    pub fn take_oldest(&mut self, fund: &Code, amount: Money, out: Outflow) -> Money {
        let mut rest = amount;
        let mut range: Option<(LotKey, LotKey, Money, u64)> = None;
        for (key, lot) in self.lots().of_fund(fund) {
            if lot.unspent > rest || rest == Money::ZERO {
                break;
            }
            rest = less(rest, lot.unspent);
            range = Some(match range {
                None => (key, key, lot.unspent, 1),
                Some((first, _, sum, lots)) => {
                    (first, key, sum.checked_add(lot.unspent).unwrap_or(sum), lots + 1)
                }
            });
        }
        if let Some((first, last, sum, lots)) = range {
            let line = self.line();
            self.push(Change::TakenWhole {
                entry: out.entry,
                since: self.seq,
                line,
                fund: fund.clone(),
                first,
                last,
                class: out.class,
                amount: sum,
                lots,
                goods: out.goods,
                loan: out.loan,
            });
        }
        let next = self.lots().of_fund(fund).next();
        if let (true, Some((key, _))) = (rest.is_positive(), next) {
            rest = less(rest, self.take_lot(fund, key, rest, out));
        }
        rest
    }

    /// Gives a part back to its lot.
    pub fn give_back(&mut self, part: &Use, amount: Money) {
        self.push(Change::GivenBack { part: part.clone(), amount });
    }

    /// Opens the next lot of this entry.
    pub fn open(&mut self, fund: &Code, line: u32, amount: Money) {
        let seq = self.seq;
        self.push(Change::LotOpened {
            lot: LotKey { seq, line },
            fund: fund.clone(),
            gift: GiftId { seq, line },
            turn: 0,
            amount,
            moved_from: None,
        });
    }
}

/// The difference of two amounts of which the second is not larger.
fn less(amount: Money, taken: Money) -> Money {
    amount.checked_sub(taken).unwrap_or(Money::ZERO)
}
