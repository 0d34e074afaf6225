//! The public accounts and the cash book: pages by key, with a running balance.

use std::collections::BTreeMap;

use sea_orm::Value;

use super::entries::{EntryFigures, FIGURES, read_figures};
use crate::books::effects::DocumentNumber;
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::database::{first, query};
use crate::store::nodes::number;
use crate::store::past::money;
use crate::store::{ChapterId, Store, StoreFault};

/// A row's place in a list: its effective day, then its seq.
pub type Key = (Date, u64);

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// As the paper book is written.
    #[default]
    OldestFirst,
    /// As a public page is read.
    NewestFirst,
}

/// Which entries are shown, and from where on.
#[derive(Clone, Debug, Default)]
pub struct AccountsQuery {
    /// The first day, by which balances change.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Only entries that post in this fund; amounts and balance are then the fund's.
    pub fund: Option<Code>,
    /// Only spending for this programme.
    pub programme: Option<Code>,
    /// Only vouchers of this kind.
    pub kind: Option<Kind>,
    /// The order.
    pub direction: Direction,
    /// The last row of the page before.
    pub after: Option<Key>,
    /// Rows of a page, at most 1 000.
    pub limit: u64,
}

/// One row of the accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The entry. With a fund asked for, in and out are those of the fund.
    pub figures: EntryFigures,
    /// The numbers that people read.
    pub numbers: Vec<DocumentNumber>,
    /// The balance behind the row; none when only some entries are shown.
    pub balance: Option<Money>,
}

/// One page of the accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountsPage {
    /// The rows.
    pub rows: Vec<AccountRow>,
    /// Whether more follow.
    pub more: bool,
}

/// One row of a cash book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashBookRow {
    /// The entry; in and out are those of the place.
    pub figures: EntryFigures,
    /// The numbers that people read.
    pub numbers: Vec<DocumentNumber>,
    /// The balance of the place behind the row.
    pub balance: Money,
}

/// A page of the book of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashBook {
    /// The balance before the first row of the page.
    pub opening: Money,
    /// The rows, oldest first.
    pub rows: Vec<CashBookRow>,
    /// Whether more follow.
    pub more: bool,
}

/// The parts of a statement, put together with their values.
struct Parts {
    sql: String,
    values: Vec<Value>,
}

impl Parts {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }
}

impl Store {
    /// A page of the accounts.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn accounts(
        &self,
        chapter: ChapterId,
        asked: &AccountsQuery,
    ) -> Result<AccountsPage, StoreFault> {
        let limit = asked.limit.clamp(1, 1_000);
        let parts = select(chapter, asked, limit + 1);
        let rows = query(self.reader(), &parts.sql, parts.values).await?;
        let more = rows.len() as u64 > limit;
        let shown = rows.iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
        let figures: Vec<EntryFigures> = shown.map(read_figures).collect::<Result<_, _>>()?;
        let balances = if asked.programme.is_some() || asked.kind.is_some() {
            Vec::new()
        } else {
            self.balances(chapter, asked, &figures).await?
        };
        let mut numbers = self.numbers_of(chapter, &figures).await?;
        let row = |(at, figures): (usize, EntryFigures)| AccountRow {
            numbers: numbers.remove(&figures.seq).unwrap_or_default(),
            balance: balances.get(at).copied(),
            figures,
        };
        Ok(AccountsPage { rows: figures.into_iter().enumerate().map(row).collect(), more })
    }

    /// The balance behind each row: that behind the oldest of the page, and on from there.
    async fn balances(
        &self,
        chapter: ChapterId,
        asked: &AccountsQuery,
        figures: &[EntryFigures],
    ) -> Result<Vec<Money>, StoreFault> {
        let newest_first = asked.direction == Direction::NewestFirst;
        let oldest = if newest_first { figures.last() } else { figures.first() };
        let Some(oldest) = oldest else { return Ok(Vec::new()) };
        let key = (oldest.effective, oldest.seq);
        let balance = match &asked.fund {
            None => {
                let sum = "SELECT CAST(COALESCE(SUM(money_in - money_out), 0) AS BIGINT) AS sum \
                    FROM figures WHERE chapter = ?";
                let before = self.balance_before(chapter, None, key.0).await?;
                self.rest_of_day(before, sum, vec![chapter.0.into()], key).await?
            }
            Some(fund) => {
                let sum = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS sum FROM postings \
                    WHERE chapter = ? AND fund = ? AND account LIKE 'place:%'";
                let before = self.fund_money_before(chapter, fund, key.0).await?;
                let values = vec![chapter.0.into(), fund.as_str().into()];
                self.rest_of_day(before, sum, values, key).await?
            }
        };
        let ordered: Vec<&EntryFigures> = match newest_first {
            true => figures.iter().rev().collect(),
            false => figures.iter().collect(),
        };
        let mut balances = run(balance, &ordered)?;
        if newest_first {
            balances.reverse();
        }
        Ok(balances)
    }

    /// Adds what came on the day of `key` before it.
    async fn rest_of_day(
        &self,
        before: Money,
        sum: &str,
        values: Vec<Value>,
        key: Key,
    ) -> Result<Money, StoreFault> {
        let mut parts = Parts { sql: sum.to_owned(), values };
        parts.and("effective = ? AND seq < ?", [key.0.to_string().into(), number(key.1).into()]);
        let row = first(self.reader(), &parts.sql, parts.values).await?;
        let same_day = row.map_or(Ok(0), |row| row.try_get::<i64>("", "sum"))?;
        before.checked_add(money(same_day)?).ok_or_else(beyond)
    }

    /// A page of the book of one place, oldest first, behind `after`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn cash_book(
        &self,
        chapter: ChapterId,
        place: &Code,
        days: (Date, Date),
        after: Option<Key>,
        limit: u64,
    ) -> Result<CashBook, StoreFault> {
        let limit = limit.clamp(1, 1_000);
        let columns = FIGURES.replace("figures.money_in", "place_flows.money_in");
        let columns = columns.replace("figures.money_out", "place_flows.money_out");
        let mut parts = Parts {
            sql: format!(
                "SELECT {columns} FROM place_flows JOIN figures ON figures.chapter = \
                 place_flows.chapter AND figures.seq = place_flows.seq \
                 WHERE place_flows.chapter = ? AND place = ? AND place_flows.effective >= ? \
                 AND place_flows.effective <= ?"
            ),
            values: vec![
                chapter.0.into(),
                place.as_str().into(),
                days.0.to_string().into(),
                days.1.to_string().into(),
            ],
        };
        if let Some((day, seq)) = after {
            let key = [day.to_string().into(), number(seq).into()];
            parts.and("(place_flows.effective, place_flows.seq) > (?, ?)", key);
        }
        parts.sql.push_str(" ORDER BY place_flows.effective, place_flows.seq LIMIT ?");
        parts.values.push(number(limit + 1).into());
        let rows = query(self.reader(), &parts.sql, parts.values).await?;
        let more = rows.len() as u64 > limit;
        let shown = rows.iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
        let figures: Vec<EntryFigures> = shown.map(read_figures).collect::<Result<_, _>>()?;
        let key = figures.first().map_or((days.0, 0), |first| (first.effective, first.seq));
        let sum = "SELECT CAST(COALESCE(SUM(money_in - money_out), 0) AS BIGINT) AS sum \
            FROM place_flows WHERE chapter = ? AND place = ?";
        let before = self.balance_before(chapter, Some(place), key.0).await?;
        let values = vec![chapter.0.into(), place.as_str().into()];
        let opening = self.rest_of_day(before, sum, values, key).await?;
        let balances = run(opening, &figures.iter().collect::<Vec<_>>())?;
        let mut numbers = self.numbers_of(chapter, &figures).await?;
        let row = |(figures, balance): (EntryFigures, Money)| CashBookRow {
            numbers: numbers.remove(&figures.seq).unwrap_or_default(),
            figures,
            balance,
        };
        Ok(CashBook { opening, rows: figures.into_iter().zip(balances).map(row).collect(), more })
    }

    async fn numbers_of(
        &self,
        chapter: ChapterId,
        figures: &[EntryFigures],
    ) -> Result<BTreeMap<u64, Vec<DocumentNumber>>, StoreFault> {
        let seqs: Vec<u64> = figures.iter().map(|figures| figures.seq).collect();
        self.numbers(chapter, &seqs).await
    }
}

/// The statement of a page of accounts. With a fund, in and out are what is posted on places in it.
fn select(chapter: ChapterId, asked: &AccountsQuery, limit: u64) -> Parts {
    let mut parts = Parts { sql: String::new(), values: Vec::new() };
    match &asked.fund {
        None => parts.sql = format!("SELECT {FIGURES} FROM figures WHERE figures.chapter = ?"),
        Some(fund) => {
            let columns = FIGURES.replace("figures.money_in", "own.money_in");
            let columns = columns.replace("figures.money_out", "own.money_out");
            parts.sql = format!(
                "SELECT {columns} FROM (SELECT seq, \
                 CAST(SUM(CASE WHEN amount > 0 AND account LIKE 'place:%' THEN amount ELSE 0 END) \
                    AS BIGINT) AS money_in, \
                 CAST(SUM(CASE WHEN amount < 0 AND account LIKE 'place:%' THEN -amount ELSE 0 END) \
                    AS BIGINT) AS money_out \
                 FROM postings WHERE chapter = ? AND fund = ? GROUP BY seq) AS own \
                 JOIN figures ON figures.seq = own.seq WHERE figures.chapter = ?"
            );
            parts.values.extend([chapter.0.into(), fund.as_str().into()]);
        }
    }
    parts.values.push(chapter.0.into());
    if let Some(from) = asked.from {
        parts.and("figures.effective >= ?", [from.to_string().into()]);
    }
    if let Some(to) = asked.to {
        parts.and("figures.effective <= ?", [to.to_string().into()]);
    }
    if let Some(programme) = &asked.programme {
        parts.and("programme = ?", [programme.as_str().into()]);
    }
    if let Some(kind) = asked.kind {
        parts.and("figures.kind = ?", [kind.as_str().into()]);
    }
    let (before, order) = match asked.direction {
        Direction::OldestFirst => (">", "ASC"),
        Direction::NewestFirst => ("<", "DESC"),
    };
    if let Some((day, seq)) = asked.after {
        let key = [day.to_string().into(), number(seq).into()];
        parts.and(&format!("(figures.effective, figures.seq) {before} (?, ?)"), key);
    }
    parts
        .sql
        .push_str(&format!(" ORDER BY figures.effective {order}, figures.seq {order} LIMIT ?"));
    parts.values.push(number(limit).into());
    parts
}

/// The balance behind each row, oldest first, from the one before the first.
fn run(opening: Money, figures: &[&EntryFigures]) -> Result<Vec<Money>, StoreFault> {
    let mut balance = opening;
    let mut next = |figures: &&EntryFigures| {
        balance = balance
            .checked_add(figures.money_in)
            .and_then(|balance| balance.checked_sub(figures.money_out))
            .ok_or_else(beyond)?;
        Ok(balance)
    };
    figures.iter().map(&mut next).collect()
}

fn beyond() -> StoreFault {
    StoreFault::damaged("a balance", "beyond 2^53 - 1")
}
