//! What the desk reads of stores: the card of an item in a store.

use sea_orm::QueryResult;

use super::super::database::{first, query};
use super::journal::{Line, SELECT, read};
use crate::ledger::word::{Code, Date};
use crate::store::{ChapterId, Store, StoreFault};

/// A line of a stock card, all funds together. Quantities are thousandths of the item's unit.
#[derive(Clone, Debug)]
pub struct StockLine {
    /// The entry.
    pub line: Line,
    /// Into the store, moves from other stores included; below zero when an inflow is reversed.
    pub goods_in: i64,
    /// Out of it, moves to other stores included; below zero when an outflow is reversed.
    pub goods_out: i64,
    /// What the book's value changed by, in minor units.
    pub value: i64,
}

const FLOW_IN: &str = "SUM(quantity_in + CASE WHEN quantity_moved > 0 THEN quantity_moved \
    ELSE 0 END)";
const FLOW_OUT: &str = "SUM(quantity_out - CASE WHEN quantity_moved < 0 THEN quantity_moved \
    ELSE 0 END)";

impl Store {
    /// The card of an item in a store between two days, both included, in the order of days and
    /// entries.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn stock_card(
        &self,
        chapter: ChapterId,
        (store, item): (&Code, &Code),
        (from, to): (Date, Date),
    ) -> Result<Vec<StockLine>, StoreFault> {
        let columns = "SELECT flows.goods_in AS goods_in, flows.goods_out AS goods_out, \
            flows.worth AS worth,";
        let sql = format!(
            "{} JOIN (SELECT chapter, seq, effective, CAST({FLOW_IN} AS BIGINT) AS goods_in, \
             CAST({FLOW_OUT} AS BIGINT) AS goods_out, \
             CAST(SUM(value_in - value_out + value_moved) AS BIGINT) AS worth \
             FROM goods_flows WHERE chapter = ? AND store = ? AND item = ? AND effective >= ? \
             AND effective <= ? GROUP BY chapter, seq, effective) AS flows \
             ON flows.chapter = entries.chapter AND flows.seq = entries.seq \
             ORDER BY flows.effective, entries.seq",
            SELECT.replacen("SELECT", columns, 1)
        );
        let values = [
            chapter.0.into(),
            store.as_str().into(),
            item.as_str().into(),
            from.to_string().into(),
            to.to_string().into(),
        ];
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        let line = |row: &QueryResult| {
            Ok(StockLine {
                line: read(row)?,
                goods_in: row.try_get("", "goods_in")?,
                goods_out: row.try_get("", "goods_out")?,
                value: row.try_get("", "worth")?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// What lay of an item in a store at the end of the day before `day`, in thousandths of its
    /// unit.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn stock_before(
        &self,
        chapter: ChapterId,
        (store, item): (&Code, &Code),
        day: Date,
    ) -> Result<i64, StoreFault> {
        let sql = "SELECT CAST(COALESCE(SUM(quantity_in - quantity_out + quantity_moved), 0) \
            AS BIGINT) AS quantity FROM goods_flows \
            WHERE chapter = ? AND store = ? AND item = ? AND effective < ?";
        let values =
            [chapter.0.into(), store.as_str().into(), item.as_str().into(), day.to_string().into()];
        let row = first(self.shared.database.reader(), sql, values).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get("", "quantity"))?)
    }

    /// What the book said of a fund's item in a store when it was counted at the end of `day`, in
    /// thousandths of its unit: without the count's own entry `seq` and whatever came after it.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn stock_counted_against(
        &self,
        chapter: ChapterId,
        (store, fund, item): (&Code, &Code, &Code),
        (day, seq): (Date, Option<u64>),
    ) -> Result<i64, StoreFault> {
        let sql = "SELECT CAST(COALESCE(SUM(quantity_in - quantity_out + quantity_moved), 0) \
            AS BIGINT) AS quantity FROM goods_flows WHERE chapter = ? AND store = ? \
            AND fund = ? AND item = ? AND effective <= ? AND seq < ?";
        let before = seq.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
        let values = [
            chapter.0.into(),
            store.as_str().into(),
            fund.as_str().into(),
            item.as_str().into(),
            day.to_string().into(),
            before.into(),
        ];
        let row = first(self.shared.database.reader(), sql, values).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get("", "quantity"))?)
    }
}
