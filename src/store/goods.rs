//! Changes to goods: lots, what lies in stores, what was taken, and goods held for others.
//!
//! Summed up in memory over a group of entries and written together.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, Value};

use super::bundle::Bundle;
use super::database::{execute, places};
use super::fault::StoreFault;
use super::lots::{CHUNK, expect_rows, mismatch};
use super::nodes::number;
use super::project::insert;
use super::rows;
use crate::books::effects::{Change, GiftId, GoodsLot, GoodsUse, HeldGoods, LotKey, Valued};
use crate::ledger::word::Code;

/// Changes of several entries that are not written yet.
#[derive(Debug, Default)]
pub(super) struct GoodsChanges {
    chapter: i64,
    opened: BTreeMap<LotKey, rows::goods_lots::Model>,
    closed: BTreeSet<LotKey>,
    /// Added to what lies in a store of a lot.
    stock: BTreeMap<(LotKey, Code), (GoodsLot, i64, i64)>,
    taken: BTreeMap<(u64, u32), rows::goods_uses::Model>,
    /// Taken off parts that are stored already: quantity and value.
    given_back: BTreeMap<(u64, u32), (i64, i64)>,
    held: BTreeMap<(GiftId, String, String), i64>,
}

impl GoodsChanges {
    pub(super) fn new(chapter: i64) -> Self {
        Self { chapter, ..Self::default() }
    }

    /// Adds one change; one that has nothing to do with goods is left alone.
    pub(super) fn add(&mut self, change: &Change) {
        match change {
            Change::GoodsOpened { lot, store, goods } => {
                self.opened.insert(lot.key, lot_row(self.chapter, lot, store, *goods));
                self.put(lot, store, *goods);
            }
            Change::GoodsClosed { lot, store, goods } => {
                self.closed.insert(lot.key);
                self.put(lot, store, goods.negated());
            }
            Change::GoodsTaken(part) => {
                self.put(&part.lot, &part.store, part.goods.negated());
                self.taken.insert((part.since, part.line), use_row(self.chapter, part));
            }
            Change::GoodsGivenBack { part, goods } => {
                self.put(&part.lot, &part.store, *goods);
                let (quantity, value) = (goods.quantity, goods.value.minor());
                match self.taken.get_mut(&(part.since, part.line)) {
                    Some(row) => {
                        row.quantity -= quantity;
                        row.value -= value;
                    }
                    None => {
                        let sum = self.given_back.entry((part.since, part.line)).or_default();
                        *sum = (sum.0 + quantity, sum.1 + value);
                    }
                }
            }
            Change::GoodsMoved { lot, from, to, goods } => {
                self.put(lot, from, goods.negated());
                self.put(lot, to, *goods);
            }
            Change::CustodyGoods { custody, goods } => {
                for HeldGoods { description, unit, quantity } in goods {
                    let key = (*custody, description.clone(), unit.clone());
                    *self.held.entry(key).or_default() += quantity;
                }
            }
            _ => {}
        }
    }

    fn put(&mut self, lot: &GoodsLot, store: &Code, goods: Valued) {
        let key = (lot.key, store.clone());
        let sum = self.stock.entry(key).or_insert_with(|| (lot.clone(), 0, 0));
        sum.1 += goods.quantity;
        sum.2 += goods.value.minor();
    }

    /// Writes what was added.
    pub(super) async fn flush(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        for lot in &self.closed {
            if let Some(row) = self.opened.get_mut(lot) {
                row.closed = 1;
            }
        }
        let opened = std::mem::take(&mut self.opened);
        self.closed.retain(|lot| !opened.contains_key(lot));
        insert(bundle, &mut opened.into_values().collect())?;
        let closed: Vec<_> = std::mem::take(&mut self.closed).into_iter().collect();
        for closed in closed.chunks(CHUNK) {
            bundle.run(write).await?;
            let sql = format!(
                "UPDATE goods_lots SET closed = 1 WHERE chapter = ? AND (seq, line) IN (VALUES {})",
                places(closed.len(), 2)
            );
            let keys = closed.iter().flat_map(|lot| [number(lot.seq), lot.line.into()]);
            let values = std::iter::once(self.chapter).chain(keys);
            expect_rows(write, &sql, values, closed.len(), "the lots of goods").await?;
        }
        self.flush_stock(bundle, write).await?;
        self.flush_uses(bundle, write).await?;
        self.flush_held(bundle, write).await
    }

    /// Adds to what lies in stores; what is empty leaves no row.
    async fn flush_stock(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        let moved: Vec<_> = std::mem::take(&mut self.stock).into_iter().collect();
        for moved in moved.chunks(CHUNK) {
            bundle.run(write).await?;
            let sql = format!(
                "INSERT INTO stock (chapter, lot_seq, lot_line, store, item, fund, expiry, \
                 quantity, value) VALUES {} ON CONFLICT DO NOTHING",
                places(moved.len(), 9)
            );
            let values = moved.iter().flat_map(|((key, store), (lot, _, _))| {
                let expiry = lot.expiry.map(|day| day.to_string());
                let (item, fund) = (lot.item.as_str(), lot.fund.as_str());
                let key: [Value; 3] =
                    [self.chapter.into(), number(key.seq).into(), i64::from(key.line).into()];
                let words: [Value; 4] =
                    [store.as_str().into(), item.into(), fund.into(), expiry.into()];
                key.into_iter().chain(words).chain([0_i64.into(), 0_i64.into()])
            });
            execute(write, &sql, values).await?;
            let sql = format!(
                "UPDATE stock SET quantity = stock.quantity + moved.column4, \
                 value = stock.value + moved.column5 FROM (VALUES {}) AS moved \
                 WHERE stock.chapter = ? AND stock.lot_seq = moved.column1 \
                 AND stock.lot_line = moved.column2 AND stock.store = moved.column3",
                places(moved.len(), 5)
            );
            let values = moved.iter().flat_map(|((key, store), (_, quantity, value))| {
                let row: [Value; 5] = [
                    number(key.seq).into(),
                    i64::from(key.line).into(),
                    store.as_str().into(),
                    (*quantity).into(),
                    (*value).into(),
                ];
                row
            });
            let values = values.chain([self.chapter.into()]);
            let done = execute(write, &sql, values).await?.rows_affected();
            if done != moved.len() as u64 {
                return Err(mismatch("what lies in stores", moved.len() as u64, done));
            }
            let empty = "DELETE FROM stock WHERE chapter = ? AND quantity = 0";
            execute(write, empty, [self.chapter.into()]).await?;
        }
        Ok(())
    }

    async fn flush_uses(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        let back: Vec<_> = std::mem::take(&mut self.given_back).into_iter().collect();
        for back in back.chunks(CHUNK) {
            bundle.run(write).await?;
            let sql = format!(
                "UPDATE goods_uses SET quantity = goods_uses.quantity - back.column3, \
                 value = goods_uses.value - back.column4 FROM (VALUES {}) AS back \
                 WHERE goods_uses.chapter = ? AND goods_uses.since = back.column1 \
                 AND goods_uses.line = back.column2",
                places(back.len(), 4)
            );
            let values = back
                .iter()
                .flat_map(|((since, line), sum)| [number(*since), (*line).into(), sum.0, sum.1])
                .chain([self.chapter]);
            expect_rows(write, &sql, values, back.len(), "the uses of goods").await?;
            let empty = "DELETE FROM goods_uses WHERE chapter = ? AND quantity = 0";
            execute(write, empty, [self.chapter.into()]).await?;
        }
        let taken = std::mem::take(&mut self.taken).into_values();
        insert(bundle, &mut taken.filter(|row| row.quantity > 0).collect())?;
        Ok(())
    }

    async fn flush_held(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        let held: Vec<_> = std::mem::take(&mut self.held).into_iter().collect();
        for held in held.chunks(CHUNK) {
            bundle.run(write).await?;
            let row = |(custody, description, unit): &(GiftId, String, String)| -> [Value; 4] {
                let (seq, line) = (number(custody.seq), i64::from(custody.line));
                [seq.into(), line.into(), description.as_str().into(), unit.as_str().into()]
            };
            let sql = format!(
                "INSERT INTO custody_goods (seq, line, description, unit, chapter, held) \
                 VALUES {} ON CONFLICT DO NOTHING",
                places(held.len(), 6)
            );
            let values = held
                .iter()
                .flat_map(|(key, _)| row(key).into_iter().chain([self.chapter.into(), 0.into()]));
            execute(write, &sql, values).await?;
            let sql = format!(
                "UPDATE custody_goods SET held = custody_goods.held + moved.column5 \
                 FROM (VALUES {}) AS moved WHERE custody_goods.chapter = ? \
                 AND custody_goods.seq = moved.column1 AND custody_goods.line = moved.column2 \
                 AND custody_goods.description = moved.column3 \
                 AND custody_goods.unit = moved.column4",
                places(held.len(), 5)
            );
            let values = held
                .iter()
                .flat_map(|(key, by)| row(key).into_iter().chain([Value::from(*by)]))
                .chain([self.chapter.into()]);
            let done = execute(write, &sql, values).await?.rows_affected();
            if done != held.len() as u64 {
                return Err(mismatch("goods held for others", held.len() as u64, done));
            }
        }
        Ok(())
    }
}

fn lot_row(chapter: i64, lot: &GoodsLot, store: &Code, goods: Valued) -> rows::goods_lots::Model {
    rows::goods_lots::Model {
        chapter,
        seq: number(lot.key.seq),
        line: lot.key.line.into(),
        item: lot.item.to_string(),
        fund: lot.fund.to_string(),
        store: store.to_string(),
        expiry: lot.expiry.map(|day| day.to_string()),
        quantity: goods.quantity,
        value: goods.value.minor(),
        closed: 0,
    }
}

fn use_row(chapter: i64, part: &GoodsUse) -> rows::goods_uses::Model {
    rows::goods_uses::Model {
        chapter,
        since: number(part.since),
        line: part.line.into(),
        entry: number(part.entry),
        lot_seq: number(part.lot.key.seq),
        lot_line: part.lot.key.line.into(),
        item: part.lot.item.to_string(),
        fund: part.lot.fund.to_string(),
        expiry: part.lot.expiry.map(|day| day.to_string()),
        store: part.store.to_string(),
        class: part.class.as_str().to_owned(),
        quantity: part.goods.quantity,
        value: part.goods.value.minor(),
    }
}
