//! What was handed over and stands: one line an entry, less what came back of it.

use std::collections::BTreeMap;

use sea_orm::QueryResult;

use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date, Time};
use crate::money::Money;
use crate::store::database::query;
use crate::store::nodes::{number, unsigned};
use crate::store::past::{code, kind, money};
use crate::store::{ChapterId, Store, StoreFault};

/// An entry that handed something over. Whom it served is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The entry.
    pub seq: u64,
    /// Aid in money, or goods.
    pub kind: Kind,
    /// The business date.
    pub date: Date,
    /// When it came into the ledger.
    pub at: Time,
    /// The programme.
    pub programme: Option<Code>,
    /// What was handed over; of goods the value.
    pub amount: Money,
    /// What came back of it.
    pub returned: Money,
}

/// Σ of aid by entry.
const HANDED: &str = "SELECT figures.seq AS seq, figures.kind AS kind, figures.date AS date, \
    figures.at AS at, figures.programme AS programme, \
    CAST(SUM(postings.amount) AS BIGINT) AS amount FROM figures \
    JOIN postings ON postings.chapter = figures.chapter AND postings.seq = figures.seq \
    AND postings.account IN ('aid_in_money', 'aid_in_kind') \
    WHERE figures.chapter = ? AND figures.seq < ? \
    AND figures.kind IN ('aid_paid', 'goods_distributed') \
    AND (figures.reversed_by IS NULL OR figures.reversed_by >= ?) \
    GROUP BY figures.seq, figures.kind, figures.date, figures.at, figures.programme \
    ORDER BY figures.seq";

/// Σ of aid that came back, by the entry that had handed it over.
const RETURNED: &str = "SELECT entries.of_seq AS seq, \
    CAST(-SUM(postings.amount) AS BIGINT) AS amount FROM figures \
    JOIN entries ON entries.chapter = figures.chapter AND entries.seq = figures.seq \
    JOIN postings ON postings.chapter = figures.chapter AND postings.seq = figures.seq \
    AND postings.account IN ('aid_in_money', 'aid_in_kind') \
    WHERE figures.chapter = ? AND figures.seq < ? AND figures.kind = 'handover_returned' \
    AND (figures.reversed_by IS NULL OR figures.reversed_by >= ?) \
    AND entries.of_seq IS NOT NULL GROUP BY entries.of_seq";

impl Store {
    /// What the vouchers that stand below `size` handed over, in ledger order.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn handovers(
        &self,
        chapter: ChapterId,
        size: u64,
    ) -> Result<Vec<Handover>, StoreFault> {
        let values = || [chapter.0, number(size), number(size)].map(Into::into);
        let reader = self.shared.database.reader();
        let mut returned: BTreeMap<u64, Money> = BTreeMap::new();
        for row in query(reader, RETURNED, values()).await? {
            let seq = unsigned(row.try_get("", "seq")?)?;
            returned.insert(seq, money(row.try_get("", "amount")?)?);
        }
        let read = |row: &QueryResult| {
            let seq = unsigned(row.try_get("", "seq")?)?;
            let (day, at): (String, String) = (row.try_get("", "date")?, row.try_get("", "at")?);
            let programme: Option<String> = row.try_get("", "programme")?;
            Ok(Handover {
                seq,
                kind: kind(&row.try_get::<String>("", "kind")?)?,
                date: day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?,
                at: at.parse().map_err(|fault| StoreFault::damaged("a time", fault))?,
                programme: programme.as_deref().map(code).transpose()?,
                amount: money(row.try_get("", "amount")?)?,
                returned: returned.get(&seq).copied().unwrap_or_default(),
            })
        };
        let rows = query(reader, HANDED, values()).await?;
        rows.iter().map(read).collect()
    }
}
