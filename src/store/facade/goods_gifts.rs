//! What became of a gift in kind.

use sea_orm::QueryResult;

use crate::books::effects::UseClass;
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date};
use crate::store::database::query;
use crate::store::nodes::{number, unsigned};
use crate::store::past::{code, kind, use_class};
use crate::store::{ChapterId, Store, StoreFault};

/// A part of a goods lot that left its store, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodsGiftUse {
    /// The outflow.
    pub entry: u64,
    /// Its business day.
    pub day: Date,
    /// Its kind.
    pub kind: Kind,
    /// The programme that it was for.
    pub programme: Option<Code>,
    /// What became of it.
    pub class: UseClass,
    /// How much, in thousandths of the item's unit.
    pub quantity: i64,
}

/// A lot of a gift in kind, with where it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodsGift {
    /// The item.
    pub item: Code,
    /// What was given, in thousandths of the item's unit.
    pub quantity: i64,
    /// What lies in stores of it.
    pub left: i64,
    /// What left, oldest first.
    pub uses: Vec<GoodsGiftUse>,
}

const LOTS: &str = "SELECT goods_lots.line AS line, goods_lots.item AS item, \
    goods_lots.quantity AS quantity, CAST(COALESCE((SELECT SUM(stock.quantity) FROM stock \
    WHERE stock.chapter = goods_lots.chapter AND stock.lot_seq = goods_lots.seq \
    AND stock.lot_line = goods_lots.line), 0) AS BIGINT) AS remaining \
    FROM goods_lots WHERE goods_lots.chapter = ? AND goods_lots.seq = ? ORDER BY goods_lots.line";

const USES: &str = "SELECT goods_uses.lot_line AS line, goods_uses.entry AS entry, \
    goods_uses.class AS class, CAST(SUM(goods_uses.quantity) AS BIGINT) AS quantity, \
    figures.effective AS effective, figures.kind AS kind, figures.programme AS programme \
    FROM goods_uses JOIN figures ON figures.chapter = goods_uses.chapter \
    AND figures.seq = goods_uses.entry \
    WHERE goods_uses.chapter = ? AND goods_uses.lot_seq = ? AND goods_uses.quantity > 0 \
    AND goods_uses.since < ? GROUP BY goods_uses.lot_line, goods_uses.entry, goods_uses.class, \
    figures.effective, figures.kind, figures.programme \
    ORDER BY figures.effective, goods_uses.entry";

impl Store {
    /// Where the lots of a gift in kind are now. Entries from `size` on are passed over.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn goods_gift(
        &self,
        chapter: ChapterId,
        seq: u64,
        size: u64,
    ) -> Result<Vec<GoodsGift>, StoreFault> {
        let reader = self.shared.database.reader();
        let own = [chapter.0, number(seq)];
        let mut lots = Vec::new();
        for row in query(reader, LOTS, own.map(Into::into)).await? {
            let item = code(&row.try_get::<String>("", "item")?)?;
            let (quantity, left) = (row.try_get("", "quantity")?, row.try_get("", "remaining")?);
            let line: i64 = row.try_get("", "line")?;
            lots.push((line, GoodsGift { item, quantity, left, uses: Vec::new() }));
        }
        let values = own.into_iter().chain([number(size)]).map(Into::into);
        for row in query(reader, USES, values).await? {
            let line: i64 = row.try_get("", "line")?;
            if let Some((_, lot)) = lots.iter_mut().find(|(own, _)| *own == line) {
                lot.uses.push(read_use(&row)?);
            }
        }
        Ok(lots.into_iter().map(|(_, lot)| lot).collect())
    }
}

fn read_use(row: &QueryResult) -> Result<GoodsGiftUse, StoreFault> {
    let day: String = row.try_get("", "effective")?;
    let programme: Option<String> = row.try_get("", "programme")?;
    Ok(GoodsGiftUse {
        entry: unsigned(row.try_get("", "entry")?)?,
        day: day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?,
        kind: kind(&row.try_get::<String>("", "kind")?)?,
        programme: programme.as_deref().map(code).transpose()?,
        class: use_class(&row.try_get::<String>("", "class")?)?,
        quantity: row.try_get("", "quantity")?,
    })
}
