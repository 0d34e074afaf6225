//! The public accounts: every voucher that moved money, by business day and place in the ledger;
//! or every one that did something to some accounts.
//!
//! Both legs of a transfer between places count, so the sums are those of the statements; a
//! reversal is a minus on the side that it reverses.

use sea_orm::{QueryResult, Value};

use super::accounts_filter::{AccountsFilter, Text};
use crate::books::effects::DocumentNumber;
use crate::ledger::entry::Entry;
use crate::ledger::word::{Code, Date, Month};
use crate::money::Money;
use crate::store::database::{first, query};
use crate::store::nodes::{number, unsigned};
use crate::store::past::{OPENED, code, money, read_entry};
use crate::store::{ChapterId, Store, StoreFault};

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

impl Text {
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

/// Sums over lines.
const SUMS: &str = "COUNT(*) AS many, \
    CAST(COALESCE(SUM(moved.money_in), 0) AS BIGINT) AS money_in, \
    CAST(COALESCE(SUM(moved.money_out), 0) AS BIGINT) AS money_out";

fn read_sum(row: &QueryResult) -> Result<AccountsSum, StoreFault> {
    Ok(AccountsSum {
        count: unsigned(row.try_get("", "many")?)?,
        money_in: money(row.try_get("", "money_in")?)?,
        money_out: money(row.try_get("", "money_out")?)?,
    })
}

/// What sums of days before one, and of a part of a day, are added up from.
fn sources(fund: bool, place: bool) -> (String, String) {
    let sum = |what: &str, from: &str, day: &str| {
        format!(
            "SELECT CAST(COALESCE(SUM({what}), 0) AS BIGINT) AS sum FROM {from} \
             WHERE chapter = ? AND{day}"
        )
    };
    let (net, before) = ("money_in - money_out", " day < ?");
    match (fund, place) {
        (false, false) => (sum(net, "place_days", before), sum(net, "figures", "")),
        (false, true) => (
            sum(net, "place_days", &format!("{before} AND place = ?")),
            sum(net, "place_flows", " place = ? AND"),
        ),
        (true, place) => {
            let account = if place { "account = ?" } else { "account LIKE 'place:%'" };
            let of = format!(" fund = ? AND {account}");
            (
                sum("amount", "fund_days", &format!("{before} AND{of}")),
                sum("amount", "postings", &format!("{of} AND")),
            )
        }
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
        let text = Text::select(SUMS, chapter, filter, size);
        let row = first(self.shared.database.reader(), &text.sql, text.values).await?;
        row.map_or_else(|| Ok(AccountsSum::default()), |row| read_sum(&row))
    }

    /// The sums of a filter by month, the oldest first; months without any line are left out.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn accounts_by_month(
        &self,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
    ) -> Result<Vec<(Month, AccountsSum)>, StoreFault> {
        let columns = format!("SUBSTR(effective, 1, 7) AS month, {SUMS}");
        let mut text = Text::select(&columns, chapter, filter, size);
        text.sql.push_str(" GROUP BY SUBSTR(effective, 1, 7) ORDER BY SUBSTR(effective, 1, 7)");
        let rows = query(self.shared.database.reader(), &text.sql, text.values).await?;
        let read = |row: &QueryResult| {
            let month: String = row.try_get("", "month")?;
            let month = month.parse().map_err(|fault| StoreFault::damaged("a day", fault))?;
            Ok((month, read_sum(row)?))
        };
        rows.iter().map(read).collect()
    }

    /// The sums of a filter by programme, by code; `None` where vouchers have none.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn accounts_by_programme(
        &self,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
    ) -> Result<Vec<(Option<Code>, AccountsSum)>, StoreFault> {
        let columns = format!("programme, {SUMS}");
        let mut text = Text::select(&columns, chapter, filter, size);
        text.sql.push_str(" GROUP BY programme ORDER BY programme");
        let rows = query(self.shared.database.reader(), &text.sql, text.values).await?;
        let read = |row: &QueryResult| {
            let own: Option<String> = row.try_get("", "programme")?;
            Ok((own.as_deref().map(code).transpose()?, read_sum(row)?))
        };
        rows.iter().map(read).collect()
    }

    /// The money of all places, of one fund, of one place, or of one fund in one place, before a
    /// position: what the lines there start from.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn money_before(
        &self,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
        position: Position,
    ) -> Result<Money, StoreFault> {
        // Sums of whole days, less what came behind the head that is shown, and the day's own part.
        let (fund, place) = (filter.fund.as_ref(), filter.place.as_ref());
        let day = position.day.to_string();
        let (days, of_day) = sources(fund.is_some(), place.is_some());
        let account = match (fund, place) {
            (Some(_), Some(place)) => Some(Value::from(format!("place:{place}"))),
            (None, Some(place)) => Some(Value::from(place.as_str())),
            _ => None,
        };
        let of: Vec<Value> =
            fund.map(|fund| Value::from(fund.as_str())).into_iter().chain(account).collect();
        let mut values: Vec<Value> = vec![chapter.0.into(), day.clone().into()];
        values.extend(of.clone());
        let mut own: Vec<Value> = vec![chapter.0.into()];
        own.extend(of);
        let mut beyond = own.clone();
        own.extend([day.clone().into(), number(position.seq.min(size)).into()]);
        beyond.extend([day.into(), number(size).into()]);
        let whole = self.sum(&days, values).await?;
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
