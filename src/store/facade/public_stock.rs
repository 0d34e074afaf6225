//! An item in and out over all stores, entry by entry: what the public list of goods adds up.

use sea_orm::QueryResult;

use super::AccountsLine;
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::database::query;
use crate::store::nodes::{number, unsigned};
use crate::store::past::money;
use crate::store::{ChapterId, Store, StoreFault};

/// What an entry did to an item, over all stores and funds; moves between stores do not count.
/// Quantities are thousandths of the item's unit; a reversal is a minus on the side that it
/// reverses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemFlow {
    /// The entry.
    pub seq: u64,
    /// The day on which balances change.
    pub effective: Date,
    /// Came in.
    pub goods_in: i64,
    /// Went out.
    pub goods_out: i64,
    /// The value of what came in.
    pub value_in: Money,
    /// The value of what went out.
    pub value_out: Money,
}

impl Store {
    /// What entries below `size` did to an item, by business day and place in the ledger.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn item_flows(
        &self,
        chapter: ChapterId,
        item: &Code,
        size: u64,
    ) -> Result<Vec<ItemFlow>, StoreFault> {
        let sql = "SELECT seq, effective, CAST(SUM(quantity_in) AS BIGINT) AS goods_in, \
            CAST(SUM(quantity_out) AS BIGINT) AS goods_out, \
            CAST(SUM(value_in) AS BIGINT) AS value_in, \
            CAST(SUM(value_out) AS BIGINT) AS value_out FROM goods_flows \
            WHERE chapter = ? AND item = ? AND +seq < ? GROUP BY seq, effective \
            HAVING SUM(quantity_in) <> 0 OR SUM(quantity_out) <> 0 OR SUM(value_in) <> 0 \
            OR SUM(value_out) <> 0 ORDER BY effective, seq";
        let values = [chapter.0.into(), item.as_str().into(), number(size).into()];
        let rows = query(self.shared.database.reader(), sql, values).await?;
        let read = |row: &QueryResult| {
            let day: String = row.try_get("", "effective")?;
            Ok(ItemFlow {
                seq: unsigned(row.try_get("", "seq")?)?,
                effective: day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?,
                goods_in: row.try_get("", "goods_in")?,
                goods_out: row.try_get("", "goods_out")?,
                value_in: money(row.try_get("", "value_in")?)?,
                value_out: money(row.try_get("", "value_out")?)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Some entries as lines of the accounts, in their order; what they moved is left at nothing.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn lines_of(
        &self,
        chapter: ChapterId,
        seqs: &[u64],
        size: u64,
    ) -> Result<Vec<AccountsLine>, StoreFault> {
        let mut lines = Vec::with_capacity(seqs.len());
        for seq in seqs {
            let Some(known) = self.known_entry(chapter, *seq, size).await? else { continue };
            lines.push(AccountsLine {
                effective: known.effective,
                money_in: Money::ZERO,
                money_out: Money::ZERO,
                numbers: known.numbers,
                reversed_by: known.reversed_by,
                entry: known.entry,
            });
        }
        Ok(lines)
    }
}
