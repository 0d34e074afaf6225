//! The public accounts: every voucher that moved money, by business day and place in the ledger.
//!
//! Both legs of a transfer between places count, so the sums are those of the statements; a
//! reversal is a minus on the side that it reverses.

use sea_orm::{QueryResult, Value};

use crate::books::effects::DocumentNumber;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::database::{first, query};
use crate::store::nodes::{number, unsigned};
use crate::store::past::{OPENED, money, read_entry};
use crate::store::{ChapterId, Store, StoreFault};

/// Which vouchers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountsFilter {
    /// The first day; none: from the beginning, the opening balances included.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// One fund; `custody` is what is held for others.
    pub fund: Option<Code>,
    /// One programme.
    pub programme: Option<Code>,
    /// One kind of voucher.
    pub kind: Option<Kind>,
}

impl AccountsFilter {
    /// Whether every voucher that moved money in the span (of the fund) is among them: only then a
    /// running balance means anything.
    #[must_use]
    pub fn has_balance(&self) -> bool {
        self.programme.is_none() && self.kind.is_none()
    }
}

/// A place in the accounts: business day, then seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The business day.
    pub day: Date,
    /// The entry.
    pub seq: u64,
}

/// One voucher of the accounts.
#[derive(Clone, Debug)]
pub struct AccountsLine {
    /// The day on which balances change.
    pub effective: Date,
    /// Money in.
    pub money_in: Money,
    /// Money out.
    pub money_out: Money,
    /// The numbers that people read.
    pub numbers: Vec<DocumentNumber>,
    /// The entry that reverses it.
    pub reversed_by: Option<u64>,
    /// The entry.
    pub entry: Entry,
}

/// Sums over vouchers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountsSum {
    /// How many vouchers.
    pub count: u64,
    /// Money in.
    pub money_in: Money,
    /// Money out.
    pub money_out: Money,
}

/// The money that a voucher moved in one fund: as `PlaceFlow` is made, posting by posting.
const OF_FUND: &str = "SELECT postings.seq AS seq, \
    CAST(SUM(CASE WHEN (amount > 0) = (reverses IS NULL) THEN amount ELSE 0 END) AS BIGINT) \
    AS money_in, \
    CAST(SUM(CASE WHEN (amount > 0) = (reverses IS NULL) THEN 0 ELSE -amount END) AS BIGINT) \
    AS money_out \
    FROM postings JOIN figures ON figures.chapter = postings.chapter \
    AND figures.seq = postings.seq \
    WHERE postings.chapter = ? AND postings.fund = ? AND account LIKE 'place:%' \
    GROUP BY postings.seq";

/// The money that a voucher moved in all.
const OF_ALL: &str = "SELECT seq, money_in, money_out FROM figures \
    WHERE chapter = ? AND (money_in <> 0 OR money_out <> 0)";

/// A query with its values, built up together.
struct Text {
    sql: String,
    values: Vec<Value>,
}

impl Text {
    /// `SELECT {columns} FROM` the vouchers of a filter below `size`.
    fn select(columns: &str, chapter: ChapterId, filter: &AccountsFilter, size: u64) -> Self {
        let moved = if filter.fund.is_some() { OF_FUND } else { OF_ALL };
        let mut values: Vec<Value> = vec![chapter.0.into()];
        values.extend(filter.fund.as_ref().map(|fund| fund.as_str().into()));
        let mut text = Self {
            sql: format!(
                "SELECT {columns} FROM ({moved}) AS moved \
                 JOIN figures ON figures.seq = moved.seq AND figures.chapter = ? \
                 JOIN entries ON entries.seq = moved.seq AND entries.chapter = figures.chapter \
                 WHERE 1 = 1"
            ),
            values,
        };
        text.values.push(chapter.0.into());
        text.and("figures.seq < ?", [number(size).into()]);
        if let Some(from) = filter.from {
            text.and("effective >= ?", [from.to_string().into()]);
        }
        if let Some(to) = filter.to {
            text.and("effective <= ?", [to.to_string().into()]);
        }
        if let Some(programme) = &filter.programme {
            text.and("programme = ?", [programme.as_str().into()]);
        }
        if let Some(kind) = filter.kind {
            text.and("figures.kind = ?", [kind.as_str().into()]);
        }
        text
    }

    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    fn after(&mut self, position: Position) {
        let day = position.day.to_string();
        self.and(
            "(effective > ? OR (effective = ? AND figures.seq > ?))",
            [day.clone().into(), day.into(), number(position.seq).into()],
        );
    }

    fn before(&mut self, position: Position) {
        let day = position.day.to_string();
        self.and(
            "(effective < ? OR (effective = ? AND figures.seq < ?))",
            [day.clone().into(), day.into(), number(position.seq).into()],
        );
    }
}

fn columns() -> String {
    format!(
        "figures.seq AS seq, effective, moved.money_in AS money_in, \
         moved.money_out AS money_out, reversed_by, bytes, {OPENED}"
    )
}

impl Store {
    /// At most `limit` lines of the accounts behind a position, or from the beginning, in order.
    /// Entries from `size` on are passed over.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn accounts_after(
        &self,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
        position: Option<Position>,
        limit: u32,
    ) -> Result<Vec<AccountsLine>, StoreFault> {
        let mut text = Text::select(&columns(), chapter, filter, size);
        if let Some(position) = position {
            text.after(position);
        }
        text.sql.push_str(&format!(" ORDER BY effective, figures.seq LIMIT {limit}"));
        self.accounts_lines(chapter, size, text).await
    }

    /// At most `limit` lines of the accounts before a position, or the last ones, in order.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn accounts_before(
        &self,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
        position: Option<Position>,
        limit: u32,
    ) -> Result<Vec<AccountsLine>, StoreFault> {
        let mut text = Text::select(&columns(), chapter, filter, size);
        if let Some(position) = position {
            text.before(position);
        }
        text.sql.push_str(&format!(" ORDER BY effective DESC, figures.seq DESC LIMIT {limit}"));
        let mut lines = self.accounts_lines(chapter, size, text).await?;
        lines.reverse();
        Ok(lines)
    }

    /// The sums over all lines of a filter.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn accounts_sum(
        &self,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
    ) -> Result<AccountsSum, StoreFault> {
        let columns = "COUNT(*) AS many, \
            CAST(COALESCE(SUM(moved.money_in), 0) AS BIGINT) AS money_in, \
            CAST(COALESCE(SUM(moved.money_out), 0) AS BIGINT) AS money_out";
        let text = Text::select(columns, chapter, filter, size);
        let row = first(self.shared.database.reader(), &text.sql, text.values).await?;
        let Some(row) = row else { return Ok(AccountsSum::default()) };
        Ok(AccountsSum {
            count: unsigned(row.try_get("", "many")?)?,
            money_in: money(row.try_get("", "money_in")?)?,
            money_out: money(row.try_get("", "money_out")?)?,
        })
    }

    /// The money of all places, or of one fund, before a position: what the lines there start from.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn money_before(
        &self,
        chapter: ChapterId,
        fund: Option<&Code>,
        size: u64,
        position: Position,
    ) -> Result<Money, StoreFault> {
        // Sums of whole days, less what came behind the head that is shown, and the day's own part.
        let (days, of_day) = match fund {
            None => (
                "SELECT CAST(COALESCE(SUM(money_in - money_out), 0) AS BIGINT) AS sum \
                 FROM place_days WHERE chapter = ? AND day < ?",
                "SELECT CAST(COALESCE(SUM(money_in - money_out), 0) AS BIGINT) AS sum \
                 FROM figures WHERE chapter = ? AND",
            ),
            Some(_) => (
                "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS sum FROM fund_days \
                 WHERE chapter = ? AND day < ? AND fund = ? AND account LIKE 'place:%'",
                "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS sum FROM postings \
                 WHERE chapter = ? AND account LIKE 'place:%' AND fund = ? AND",
            ),
        };
        let (day, fund) = (position.day.to_string(), fund.map(|fund| Value::from(fund.as_str())));
        let mut values: Vec<Value> = vec![chapter.0.into(), day.clone().into()];
        values.extend(fund.clone());
        let mut own: Vec<Value> = vec![chapter.0.into()];
        own.extend(fund);
        let mut beyond = own.clone();
        own.extend([day.clone().into(), number(position.seq.min(size)).into()]);
        beyond.extend([day.into(), number(size).into()]);
        let whole = self.sum(days, values).await?;
        let part = self.sum(&format!("{of_day} effective = ? AND seq < ?"), own).await?;
        let beyond = self.sum(&format!("{of_day} effective < ? AND seq >= ?"), beyond).await?;
        money(whole + part - beyond)
    }

    async fn sum(&self, sql: &str, values: Vec<Value>) -> Result<i64, StoreFault> {
        let row = first(self.shared.database.reader(), sql, values).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get("", "sum"))?)
    }

    async fn accounts_lines(
        &self,
        chapter: ChapterId,
        size: u64,
        text: Text,
    ) -> Result<Vec<AccountsLine>, StoreFault> {
        let rows = query(self.shared.database.reader(), &text.sql, text.values).await?;
        let lines: Result<Vec<_>, _> = rows.iter().map(|row| read_line(row, size)).collect();
        let mut lines = lines?;
        let seqs: Vec<u64> = lines.iter().map(|line| line.entry.place()).collect();
        let mut numbers = self.numbers(chapter, &seqs).await?;
        for line in &mut lines {
            line.numbers = numbers.remove(&line.entry.place()).unwrap_or_default();
        }
        Ok(lines)
    }
}

fn read_line(row: &QueryResult, size: u64) -> Result<AccountsLine, StoreFault> {
    let seq = unsigned(row.try_get("", "seq")?)?;
    let day: String = row.try_get("", "effective")?;
    let reversed_by: Option<i64> = row.try_get("", "reversed_by")?;
    let reversed_by = reversed_by.map(unsigned).transpose()?;
    Ok(AccountsLine {
        effective: day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?,
        money_in: money(row.try_get("", "money_in")?)?,
        money_out: money(row.try_get("", "money_out")?)?,
        numbers: Vec::new(),
        reversed_by: reversed_by.filter(|by| *by < size),
        entry: read_entry(row, seq)?,
    })
}
