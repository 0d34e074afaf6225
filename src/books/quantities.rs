//! Goods in effects: quantities with their value, lots, parts that left, flows through stores.

use serde::{Deserialize, Serialize};

use super::effects::{LotKey, UseClass};
use crate::ledger::word::{Code, Date};
use crate::money::{LARGEST, Money};

/// A quantity of goods in thousandths of the item's unit, with its value in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Valued {
    /// Thousandths of the unit.
    pub quantity: i64,
    /// What they are worth in the books; 0 is allowed.
    pub value: Money,
}

impl Valued {
    /// The part of a quantity: floor(value · quantity / all of it), the whole value with the last.
    #[must_use]
    pub fn part(self, quantity: i64) -> Self {
        if quantity >= self.quantity {
            return self;
        }
        let value = self.value.share(quantity, self.quantity).unwrap_or(Money::ZERO);
        Self { quantity, value }
    }

    /// Both together; `None` beyond 2^53 − 1.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let quantity = self.quantity.checked_add(other.quantity)?;
        let value = self.value.checked_add(other.value)?;
        (quantity.abs() <= LARGEST).then_some(Self { quantity, value })
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { quantity: -self.quantity, value: self.value.negated() }
    }

    /// What is left without `other`; nothing where `other` has more.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        let quantity = (self.quantity - other.quantity).max(0);
        let value = self.value.checked_sub(other.value).unwrap_or(Money::ZERO);
        Self { quantity, value }
    }
}

/// Goods of one item in one fund that came in together; parts of it may lie in several stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsLot {
    /// The entry and the line that they came in by; for ever the same.
    pub key: LotKey,
    /// What they are.
    pub item: Code,
    /// Whose they are.
    pub fund: Code,
    /// The last day on which they are good.
    pub expiry: Option<Date>,
}

/// A part of a goods lot that left its store, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsUse {
    /// The outflow it belongs to.
    pub entry: u64,
    /// The entry that made it so: the outflow, or the reversal of what had come back.
    pub since: u64,
    /// The part's index within `since`.
    pub line: u32,
    /// The lot it came from.
    pub lot: GoodsLot,
    /// The store that it lay in.
    pub store: Code,
    /// What became of it.
    pub class: UseClass,
    /// How much, and its value.
    pub goods: Valued,
}

/// Goods of one description and unit that are held for somebody else: counted, never valued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldGoods {
    /// What they are.
    pub description: String,
    /// The unit that they are counted in.
    pub unit: String,
    /// Thousandths; below zero when they leave.
    pub quantity: i64,
}

/// The flow of an item's goods through one store and fund that a voucher causes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsFlow {
    /// The store.
    pub store: Code,
    /// The fund.
    pub fund: Code,
    /// The item.
    pub item: Code,
    /// Goods in; below zero when an inflow is reversed.
    pub goods_in: Valued,
    /// Goods out; below zero when an outflow is reversed.
    pub goods_out: Valued,
    /// From other stores, or as a minus to them.
    pub moved: Valued,
}
