//! The public accounts: every voucher that moved money, by business day and place in the ledger;
//! or every one that did something to some accounts.
//!
//! Both legs of a transfer between places count, so the sums are those of the statements; a
//! reversal is a minus on the side that it reverses.

use sea_orm::{QueryResult, Value};

use super::accounts_filter::AccountsFilter;
use super::accounts_text::Text;
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

/// What is left of money in and out.
const NET: &str = "money_in - money_out";

/// Sums over days.
const SUMS: &str = "CAST(COALESCE(SUM(many), 0) AS BIGINT) AS many, \
    CAST(COALESCE(SUM(money_in), 0) AS BIGINT) AS money_in, \
    CAST(COALESCE(SUM(money_out), 0) AS BIGINT) AS money_out";

fn read_sum(row: &QueryResult) -> Result<AccountsSum, StoreFault> {
    Ok(AccountsSum {
        count: unsigned(row.try_get("", "many")?)?,
        money_in: money(row.try_get("", "money_in")?)?,
        money_out: money(row.try_get("", "money_out")?)?,
    })
}

/// What a part of a day is added up from.
fn of_day(fund: bool, place: bool) -> String {
    let sum = |what: &str, from: &str| {
        format!("SELECT CAST(COALESCE(SUM({what}), 0) AS BIGINT) FROM {from} WHERE chapter = ? AND")
    };
    match (fund, place) {
        (false, false) => sum(NET, "figures"),
        (false, true) => sum(NET, "place_flows") + " place = ? AND",
        (true, true) => sum("amount", "postings") + " fund = ? AND account = ? AND",
        (true, false) => sum("amount", "postings") + " fund = ? AND account LIKE 'place:%' AND",
    }
}

/// The order of a page of lines, and where it begins.
#[derive(Clone, Copy, Debug)]
enum Page {
    /// Behind a position, or from the beginning.
    After(Option<Position>),
    /// Before a position, or the last ones.
    Before(Option<Position>),
}

impl Page {
    fn position(self) -> Option<Position> {
        let (Self::After(position) | Self::Before(position)) = self;
        position
    }

    /// How what is asked for compares with the position, and its order.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::After(_) => (">", "ASC"),
            Self::Before(_) => ("<", "DESC"),
        }
    }
}

/// Days that are read beyond the lines that are wanted: that of the position, and some of entries
/// that are not shown yet.
const SPARE: i64 = 16;

/// The first and the last of the days that hold a page of lines, and how many lines are wanted yet.
fn days_in(
    rows: &[QueryResult],
    page: Page,
    limit: u32,
) -> Result<(Option<(Date, Date)>, i64), StoreFault> {
    let (mut ends, mut wanted) = (None, i64::from(limit));
    for (at, row) in rows.iter().enumerate() {
        if at == 0 {
            wanted = wanted.saturating_add(row.try_get("", "newer")?);
        }
        if wanted <= 0 {
            break;
        }
        let day: String = row.try_get("", "day")?;
        let day: Date = day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?;
        let (first, last) = ends.unwrap_or((day, day));
        ends = Some((first.min(day), last.max(day)));
        if page.position().is_none_or(|position| position.day != day) {
            wanted = wanted.saturating_sub(row.try_get("", "many")?);
        }
    }
    Ok((ends, wanted))
}

/// What is read of each line.
fn columns() -> String {
    format!(
        "moved.seq AS seq, effective, money_in, money_out, reversed_by, entries.bytes AS bytes, \
         {OPENED}"
    )
}

/// The entry of each line.
const ENTRIES: &str = "JOIN entries ON entries.chapter = moved.chapter AND entries.seq = moved.seq";

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
        self.accounts_page(chapter, filter, size, Page::After(position), limit).await
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
        let page = Page::Before(position);
        let mut lines = self.accounts_page(chapter, filter, size, page, limit).await?;
        lines.reverse();
        Ok(lines)
    }

    async fn accounts_page(
        &self,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
        page: Page,
        limit: u32,
    ) -> Result<Vec<AccountsLine>, StoreFault> {
        let Some((first, last)) = self.days_of(chapter, filter, size, page, limit).await? else {
            return Ok(Vec::new());
        };
        // One bound at each end, or an index is read from the wrong one on: the position is one.
        let mut filter = AccountsFilter { from: Some(first), to: Some(last), ..filter.clone() };
        match page {
            Page::After(Some(_)) => filter.from = None,
            Page::Before(Some(_)) => filter.to = None,
            _ => {}
        }
        let mut text = Text::select(&columns(), ENTRIES, chapter, &filter);
        text.and("moved.seq + 0 < ?", [number(size).into()]);
        let (beyond, order) = page.words();
        if let Some(Position { day, seq }) = page.position() {
            let key = [day.to_string().into(), number(seq).into()];
            text.and(&format!("(effective, moved.seq) {beyond} (?, ?)"), key);
        }
        let order = format!(" ORDER BY effective {order}, moved.seq {order} LIMIT {limit}");
        text.sql.push_str(&order);
        self.accounts_lines(chapter, size, text).await
    }

    /// The days in which a page of lines lies, from their sums: however seldom a filter finds
    /// something, no more days are looked through than these. `None` where nothing is.
    async fn days_of(
        &self,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
        page: Page,
        limit: u32,
    ) -> Result<Option<(Date, Date)>, StoreFault> {
        // Entries that are there and not shown yet count for their days, too; they are counted in
        // the same statement, so that none comes between.
        let mut text = Text::by_day("day, many", chapter, filter);
        let (beyond, order) = page.words();
        if let Some(position) = page.position() {
            text.and(&format!("day {beyond}= ?"), [position.day.to_string().into()]);
        }
        let newer = "(SELECT COUNT(*) FROM figures WHERE chapter = ? AND seq >= ?) AS newer";
        let values = [chapter.0.into(), number(size).into()].into_iter().chain(text.values);
        let values: Vec<Value> = values.collect();
        let mut days = i64::from(limit) + SPARE;
        loop {
            let sql = format!(
                "SELECT day, CAST(SUM(many) AS BIGINT) AS many, {newer} FROM ({}) AS days \
                 GROUP BY day ORDER BY day {order} LIMIT {days}",
                text.sql
            );
            let rows = query(self.shared.database.reader(), &sql, values.clone()).await?;
            let (ends, wanted) = days_in(&rows, page, limit)?;
            // Each day has a line at least: more of them are needed only when so many are newer.
            if wanted <= 0 || (rows.len() as u64) < days.unsigned_abs() {
                return Ok(ends);
            }
            days = days.saturating_add(wanted);
        }
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
        let text = Text::sums(SUMS, chapter, filter, size);
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
        let columns = format!("SUBSTR(day, 1, 7) AS month, {SUMS}");
        let mut text = Text::sums(&columns, chapter, filter, size);
        text.sql.push_str(
            " GROUP BY SUBSTR(day, 1, 7) HAVING SUM(many) <> 0 ORDER BY SUBSTR(day, 1, 7)",
        );
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
        let mut text = Text::sums(&columns, chapter, filter, size);
        text.sql.push_str(" GROUP BY programme HAVING SUM(many) <> 0 ORDER BY programme");
        let rows = query(self.shared.database.reader(), &text.sql, text.values).await?;
        let read = |row: &QueryResult| {
            let own: String = row.try_get("", "programme")?;
            let own = Some(own.as_str()).filter(|own| !own.is_empty());
            Ok((own.map(code).transpose()?, read_sum(row)?))
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
        let account = match (fund, place) {
            (Some(_), Some(place)) => Some(Value::from(format!("place:{place}"))),
            (None, Some(place)) => Some(Value::from(place.as_str())),
            _ => None,
        };
        let before = AccountsFilter {
            to: Some(position.day.previous()),
            fund: filter.fund.clone(),
            place: filter.place.clone(),
            ..AccountsFilter::default()
        };
        let net = format!("CAST(COALESCE(SUM({NET}), 0) AS BIGINT)");
        let Text { sql, mut values } = Text::sums(&net, chapter, &before, size);
        values.push(chapter.0.into());
        values.extend(fund.map(|fund| Value::from(fund.as_str())));
        values.extend(account);
        let seq = number(position.seq.min(size)).into();
        values.extend([position.day.to_string().into(), seq]);
        let of_day = of_day(fund.is_some(), place.is_some());
        // One statement, so that no entry comes between. What is added to nothing is no bound of an
        // index: the other one is the short way.
        let sql = format!("SELECT ({sql}) + ({of_day} effective = ? AND seq + 0 < ?) AS sum");
        money(self.sum(&sql, values).await?)
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
