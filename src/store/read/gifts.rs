//! What became of gifts: their lots, their uses, what is held for others.

use sea_orm::QueryResult;

use crate::books::effects::{GiftId, GoodsUse, LotKey, Use};
use crate::ledger::word::Code;
use crate::money::Money;
use crate::store::database::query;
use crate::store::nodes::{number, unsigned};
use crate::store::past::{self, code, money, small};
use crate::store::{ChapterId, Store, StoreFault};

/// A lot of a gift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftLot {
    /// Its place in the order of use.
    pub lot: LotKey,
    /// The fund that it lies in.
    pub fund: Code,
    /// How often it was lent before.
    pub turn: u32,
    /// What it was opened with.
    pub amount: Money,
    /// What is left.
    pub unspent: Money,
    /// Whether its inflow was reversed.
    pub closed: bool,
}

/// Money held for others under one voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustodyItem {
    /// The voucher, with the line of an opening balance.
    pub custody: GiftId,
    /// What was received.
    pub amount: Money,
    /// What is still held.
    pub held: Money,
}

impl Store {
    /// The uses of a gift as they stand now, newest first.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn uses_of_gift(
        &self,
        chapter: ChapterId,
        gift: GiftId,
    ) -> Result<Vec<Use>, StoreFault> {
        past::uses_of_gift(self.reader(), chapter.0, gift).await
    }

    /// The uses of an outflow as they stand now.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn uses_of_entry(
        &self,
        chapter: ChapterId,
        seq: u64,
    ) -> Result<Vec<Use>, StoreFault> {
        past::uses_of_entry(self.reader(), chapter.0, seq).await
    }

    /// The parts of goods that an outflow took, as they stand now.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn goods_of_entry(
        &self,
        chapter: ChapterId,
        seq: u64,
    ) -> Result<Vec<GoodsUse>, StoreFault> {
        past::goods_of_entry(self.reader(), chapter.0, seq).await
    }

    /// The lots of a gift, in the order of use.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn lots_of_gift(
        &self,
        chapter: ChapterId,
        gift: GiftId,
    ) -> Result<Vec<GiftLot>, StoreFault> {
        let sql = "SELECT seq, line, fund, turn, amount, unspent, closed FROM lots \
            WHERE chapter = ? AND gift_seq = ? AND gift_line = ? ORDER BY seq, line";
        let values = [chapter.0, number(gift.seq), gift.line.into()].map(Into::into);
        let rows = query(self.reader(), sql, values).await?;
        let read = |row: &QueryResult| {
            Ok(GiftLot {
                lot: LotKey {
                    seq: unsigned(row.try_get("", "seq")?)?,
                    line: small(row.try_get("", "line")?)?,
                },
                fund: code(&row.try_get::<String>("", "fund")?)?,
                turn: small(row.try_get("", "turn")?)?,
                amount: money(row.try_get("", "amount")?)?,
                unspent: money(row.try_get("", "unspent")?)?,
                closed: row.try_get::<i64>("", "closed")? == 1,
            })
        };
        rows.iter().map(read).collect()
    }

    /// What is held for others, the oldest first; with `all` also what was handed over.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn custody(
        &self,
        chapter: ChapterId,
        all: bool,
    ) -> Result<Vec<CustodyItem>, StoreFault> {
        let least = i64::from(!all);
        let sql = "SELECT seq, line, amount, held FROM custody WHERE chapter = ? AND held >= ? \
            ORDER BY seq, line";
        let rows = query(self.reader(), sql, [chapter.0.into(), least.into()]).await?;
        let read = |row: &QueryResult| {
            Ok(CustodyItem {
                custody: GiftId {
                    seq: unsigned(row.try_get("", "seq")?)?,
                    line: small(row.try_get("", "line")?)?,
                },
                amount: money(row.try_get("", "amount")?)?,
                held: money(row.try_get("", "held")?)?,
            })
        };
        rows.iter().map(read).collect()
    }
}
