//! What became of a gift.

use sea_orm::QueryResult;

use crate::books::effects::{GiftId, UseClass};
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::database::{first, query};
use crate::store::nodes::{number, unsigned};
use crate::store::past::{code, kind, money, use_class};
use crate::store::{ChapterId, Store, StoreFault};

/// A part of a gift that left, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftUse {
    /// The outflow.
    pub entry: u64,
    /// The entry by which this part belongs to it: the outflow, or a later correction.
    pub since: u64,
    /// Its business day.
    pub day: Date,
    /// The kind of the outflow.
    pub kind: Kind,
    /// The programme that it was for.
    pub programme: Option<Code>,
    /// The fund that it left.
    pub fund: Code,
    /// What became of it.
    pub class: UseClass,
    /// The part.
    pub amount: Money,
}

/// Where a gift is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GiftState {
    /// Unspent, over all funds.
    pub unspent: Money,
    /// What left, oldest first.
    pub uses: Vec<GiftUse>,
    /// For something held for others: what is still held.
    pub held: Option<Money>,
}

impl GiftState {
    /// Σ of the parts of a class.
    #[must_use]
    pub fn sum(&self, class: UseClass) -> Money {
        let of_class = self.uses.iter().filter(|part| part.class == class);
        Money::sum(of_class.map(|part| part.amount)).unwrap_or_default()
    }
}

/// Explicit uses, and those that lots taken whole remember, by outflow.
const USES: &str = "SELECT used.entry AS entry, used.since AS since, used.class AS class, \
    used.fund AS fund, CAST(SUM(used.amount) AS BIGINT) AS amount, figures.effective AS effective, \
    figures.kind AS kind, figures.programme AS programme FROM ( \
        SELECT entry, since, class, fund, amount FROM uses \
        WHERE chapter = ? AND gift_seq = ? AND gift_line = ? \
        UNION ALL \
        SELECT whole_entry, whole_since, whole_class, fund, whole_amount FROM lots \
        WHERE chapter = ? AND gift_seq = ? AND gift_line = ? AND whole_amount > 0 \
    ) AS used \
    JOIN figures ON figures.chapter = ? AND figures.seq = used.entry \
    WHERE used.amount > 0 AND used.since < ? \
    GROUP BY used.entry, used.since, used.class, used.fund, figures.effective, figures.kind, \
    figures.programme ORDER BY figures.effective, used.entry, used.since";

impl Store {
    /// Where a gift is now. Entries from `size` on are passed over.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn gift_state(
        &self,
        chapter: ChapterId,
        gift: GiftId,
        size: u64,
    ) -> Result<GiftState, StoreFault> {
        let reader = self.shared.database.reader();
        let (seq, line) = (number(gift.seq), i64::from(gift.line));
        let own = [chapter.0, seq, line];
        let unspent = "SELECT CAST(COALESCE(SUM(unspent), 0) AS BIGINT) AS sum FROM lots \
            WHERE chapter = ? AND gift_seq = ? AND gift_line = ?";
        let unspent = first(reader, unspent, own.map(Into::into)).await?;
        let held = "SELECT held FROM custody WHERE chapter = ? AND seq = ? AND line = ?";
        let held = first(reader, held, own.map(Into::into)).await?;
        let values = own.into_iter().chain(own).chain([chapter.0, number(size)]).map(Into::into);
        let uses = query(reader, USES, values).await?;
        Ok(GiftState {
            unspent: money(unspent.map_or(Ok(0), |row| row.try_get("", "sum"))?)?,
            uses: uses.iter().map(read_use).collect::<Result<_, _>>()?,
            held: held.map(|row| money(row.try_get("", "held")?)).transpose()?,
        })
    }
}

fn read_use(row: &QueryResult) -> Result<GiftUse, StoreFault> {
    let day: String = row.try_get("", "effective")?;
    let programme: Option<String> = row.try_get("", "programme")?;
    Ok(GiftUse {
        entry: unsigned(row.try_get("", "entry")?)?,
        since: unsigned(row.try_get("", "since")?)?,
        day: day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?,
        kind: kind(&row.try_get::<String>("", "kind")?)?,
        programme: programme.as_deref().map(code).transpose()?,
        fund: code(&row.try_get::<String>("", "fund")?)?,
        class: use_class(&row.try_get::<String>("", "class")?)?,
        amount: money(row.try_get("", "amount")?)?,
    })
}
