//! Money behind goods: paid out of whole ranges of lots, and used oldest first with the goods that
//! leave. A few statements, whatever the number of gifts.

use sea_orm::{ConnectionTrait, Value};

use super::database::{execute, first};
use super::fault::StoreFault;
use super::lots::{Range, mismatch};
use super::nodes::number;
use crate::books::effects::{Change, LotKey};

/// The oldest money behind a goods lot becomes uses of an outflow.
pub(super) struct Step {
    goods: LotKey,
    entry: u64,
    since: u64,
    line: u32,
    class: &'static str,
    amount: i64,
}

impl Step {
    pub(super) const fn of(change: &Change) -> Option<Self> {
        let Change::Behind { goods, entry, since, line, class, amount } = change else {
            return None;
        };
        let (goods, entry, since, line) = (*goods, *entry, *since, *line);
        Some(Self { goods, entry, since, line, class: class.as_str(), amount: amount.minor() })
    }
}

/// The money behind a lot with what stands before each use in their order.
const ORDERED: &str = "\
    SELECT uses.*, CAST(SUM(amount) OVER (ORDER BY lot_seq, lot_line, since, line \
        ROWS UNBOUNDED PRECEDING) AS BIGINT) - amount AS before FROM uses \
    WHERE chapter = ? AND goods_seq = ? AND goods_line = ? AND class = 'in_goods'";

/// Takes the unspent lots of a range whole, each as a use of its own: money behind goods is told
/// apart again when they leave.
pub(super) async fn pay_whole(
    write: &impl ConnectionTrait,
    (within, bounds): &(&str, Vec<Value>),
    range: &Range<'_>,
) -> Result<(), StoreFault> {
    let or_null = |own: Option<u64>| own.map_or_else(|| "NULL".to_owned(), |own| own.to_string());
    let pay = format!(
        "INSERT INTO uses (chapter, since, line, lot_seq, lot_line, entry, fund, gift_seq, \
         gift_line, turn, class, amount, goods_seq, goods_line, loan_line) SELECT chapter, {}, {}, \
         seq, line, {}, fund, gift_seq, gift_line, turn, '{}', unspent, {}, {}, {} FROM lots \
         WHERE {within}",
        range.since,
        range.line,
        range.entry,
        range.class,
        or_null(range.goods.map(|goods| goods.seq)),
        or_null(range.goods.map(|goods| goods.line.into())),
        or_null(range.loan.map(Into::into)),
    );
    let paid = execute(write, &pay, bounds.clone()).await?.rows_affected();
    let take = format!("UPDATE lots SET unspent = 0 WHERE {within}");
    let taken = execute(write, &take, bounds.clone()).await?.rows_affected();
    if paid == range.lots && taken == range.lots {
        Ok(())
    } else {
        Err(mismatch("the lots", range.lots, paid.min(taken)))
    }
}

/// Uses the oldest money behind a goods lot. What one step takes of one lot is one use.
pub(super) async fn use_oldest(
    write: &impl ConnectionTrait,
    chapter: i64,
    step: &Step,
) -> Result<(), StoreFault> {
    let lot = || [chapter, number(step.goods.seq), step.goods.line.into()].map(Value::from);
    let (since, entry, amount) = (number(step.since), number(step.entry), step.amount);
    let sum = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS amount FROM uses \
        WHERE chapter = ? AND goods_seq = ? AND goods_line = ? AND class = 'in_goods'";
    let found = first(write, sum, lot()).await?;
    let found: i64 = found.map_or(Ok(0), |row| row.try_get("", "amount"))?;
    if found < amount {
        let reason =
            format!("{amount} behind goods lot {} expected, {found} found", step.goods.seq);
        return Err(StoreFault::damaged("the uses", reason));
    }
    let share =
        format!("CASE WHEN before + amount <= {amount} THEN amount ELSE {amount} - before END");
    let use_them = format!(
        "INSERT INTO uses (chapter, since, line, lot_seq, lot_line, entry, fund, gift_seq, \
         gift_line, turn, class, amount, goods_seq, goods_line) SELECT chapter, {since}, {}, \
         lot_seq, lot_line, {entry}, fund, gift_seq, gift_line, turn, '{}', \
         CAST(SUM({share}) AS BIGINT), goods_seq, goods_line FROM ({ORDERED}) AS ordered \
         WHERE before < {amount} GROUP BY chapter, lot_seq, lot_line, fund, gift_seq, gift_line, \
         turn, goods_seq, goods_line",
        step.line, step.class,
    );
    execute(write, &use_them, lot()).await?;
    let lessen = format!(
        "UPDATE uses SET amount = uses.amount - taken.share FROM (SELECT since, line, lot_seq, \
         lot_line, {share} AS share FROM ({ORDERED}) AS ordered WHERE before < {amount}) AS taken \
         WHERE uses.chapter = ? AND uses.since = taken.since AND uses.line = taken.line \
         AND uses.lot_seq = taken.lot_seq AND uses.lot_line = taken.lot_line"
    );
    execute(write, &lessen, lot().into_iter().chain([chapter.into()])).await?;
    let empty = "DELETE FROM uses WHERE chapter = ? AND goods_seq = ? AND goods_line = ? \
        AND class = 'in_goods' AND amount = 0";
    execute(write, empty, lot()).await?;
    Ok(())
}
