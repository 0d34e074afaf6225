//! Goods in a statement: each item in units and value, and what is held for others.

use std::collections::BTreeMap;

use serde::Serialize;

use super::days::{GoodsInOut, Sums, within_range};
use super::refusal::Refusal;
use crate::ledger::voucher::{Kind, SignedQuantity};
use crate::ledger::word::Code;
use crate::money::{Money, Quantity};

/// One item over all stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemRow {
    /// Its code.
    pub item: Code,
    /// The quantity at the end of the day before.
    pub opening: SignedQuantity,
    /// What came in; moves between stores do not count.
    #[serde(rename = "in")]
    pub goods_in: SignedQuantity,
    /// What went out.
    #[serde(rename = "out")]
    pub goods_out: SignedQuantity,
    /// The quantity at the end of the last day.
    pub closing: SignedQuantity,
    /// The same in money.
    pub value: ItemValue,
    /// The same by kind of voucher.
    pub rows: Vec<ItemKindRow>,
}

/// The value of an item's goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemValue {
    /// At the end of the day before.
    pub opening: Money,
    /// Of what came in.
    #[serde(rename = "in")]
    pub value_in: Money,
    /// Of what went out.
    #[serde(rename = "out")]
    pub value_out: Money,
    /// At the end of the last day.
    pub closing: Money,
}

/// Goods of an item by one kind of voucher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemKindRow {
    /// The kind; reversals stand under what they reverse.
    pub kind: Kind,
    /// What came in.
    #[serde(rename = "in")]
    pub goods_in: SignedQuantity,
    /// What went out.
    #[serde(rename = "out")]
    pub goods_out: SignedQuantity,
    /// The value of what came in.
    pub value_in: Money,
    /// The value of what went out.
    pub value_out: Money,
}

/// Goods held for others, of one description and unit: counted, never valued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// What they are.
    pub description: String,
    /// The unit that they are counted in.
    pub unit: String,
    /// At the end of the day before.
    pub opening: SignedQuantity,
    /// What came in.
    #[serde(rename = "in")]
    pub goods_in: SignedQuantity,
    /// What went out.
    #[serde(rename = "out")]
    pub goods_out: SignedQuantity,
    /// At the end of the last day.
    pub closing: SignedQuantity,
}

/// The row of an item, over one fund or all of them.
pub(super) fn item_row(
    item: &Code,
    only: Option<&Code>,
    before: &Sums,
    within: &Sums,
) -> Result<ItemRow, Refusal> {
    let opening = whole(&by_kind(item, only, before));
    let kinds = by_kind(item, only, within);
    let flow = whole(&kinds);
    let (quantity, value) =
        (opening.quantity_in - opening.quantity_out, opening.value_in - opening.value_out);
    let rows = kinds.iter().map(|(kind, flow)| {
        Ok(ItemKindRow {
            kind: *kind,
            goods_in: signed(flow.quantity_in)?,
            goods_out: signed(flow.quantity_out)?,
            value_in: money(flow.value_in)?,
            value_out: money(flow.value_out)?,
        })
    });
    Ok(ItemRow {
        item: item.clone(),
        opening: signed(quantity)?,
        goods_in: signed(flow.quantity_in)?,
        goods_out: signed(flow.quantity_out)?,
        closing: signed(quantity + flow.quantity_in - flow.quantity_out)?,
        value: ItemValue {
            opening: money(value)?,
            value_in: money(flow.value_in)?,
            value_out: money(flow.value_out)?,
            closing: money(value + flow.value_in - flow.value_out)?,
        },
        rows: rows.collect::<Result<_, Refusal>>()?,
    })
}

impl ItemRow {
    /// Whether nothing of the item was there, came or went.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.opening.as_str() == "0" && self.value.opening == Money::ZERO
    }
}

/// What is held for others, of each description and unit that ever was up to the end.
pub(super) fn held_rows(before: &Sums, within: &Sums) -> Result<Vec<HeldRow>, Refusal> {
    let mut keys: Vec<&(String, String)> = before.held.keys().chain(within.held.keys()).collect();
    keys.sort();
    keys.dedup();
    let of = |sums: &Sums, key: &(String, String)| sums.held.get(key).copied().unwrap_or_default();
    let row = |key: &(String, String)| {
        let ((more, less), (goods_in, goods_out)) = (of(before, key), of(within, key));
        Ok(HeldRow {
            description: key.0.clone(),
            unit: key.1.clone(),
            opening: signed(more - less)?,
            goods_in: signed(goods_in)?,
            goods_out: signed(goods_out)?,
            closing: signed(more - less + goods_in - goods_out)?,
        })
    };
    keys.into_iter().map(row).collect()
}

fn by_kind(item: &Code, only: Option<&Code>, sums: &Sums) -> BTreeMap<Kind, GoodsInOut> {
    let mut kinds: BTreeMap<Kind, GoodsInOut> = BTreeMap::new();
    for ((fund, own, kind), flow) in &sums.goods {
        if own == item && only.is_none_or(|only| only == fund) {
            kinds.entry(*kind).or_default().add(flow);
        }
    }
    kinds
}

fn whole(kinds: &BTreeMap<Kind, GoodsInOut>) -> GoodsInOut {
    let mut sum = GoodsInOut::default();
    kinds.values().for_each(|flow| sum.add(flow));
    sum
}

fn signed(thousandths: i128) -> Result<SignedQuantity, Refusal> {
    let sign = if thousandths < 0 { "-" } else { "" };
    let text = match i64::try_from(thousandths.unsigned_abs()) {
        Ok(0) => "0".to_owned(),
        Ok(size) => format!("{sign}{}", Quantity::new(size).ok_or(Refusal::TooLarge)?),
        Err(_) => return Err(Refusal::TooLarge),
    };
    text.parse().map_err(|_| Refusal::TooLarge)
}

fn money(minor: i128) -> Result<Money, Refusal> {
    within_range(minor).ok_or(Refusal::TooLarge)
}
