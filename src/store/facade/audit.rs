//! What an auditor reads: the log of entries, and the series of numbers.

use sea_orm::Value;

use super::journal::{self, Line};
use crate::ledger::voucher::Kind;
use crate::store::database::query;
use crate::store::nodes::{number, unsigned};
use crate::store::{ChapterId, Store, StoreFault};

/// The numbers of one series in one year. Without gaps, `count` = `last` and `first` = 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRow {
    /// The letters, such as PT.
    pub series: String,
    /// The year of the business dates.
    pub year: i64,
    /// How many numbers there are.
    pub count: u64,
    /// The smallest.
    pub first: u64,
    /// The largest.
    pub last: u64,
}

impl Store {
    /// Entries below `below`, newest first; of one kind, or of all.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn lines_before(
        &self,
        chapter: ChapterId,
        kind: Option<Kind>,
        below: u64,
        most: u32,
    ) -> Result<Vec<Line>, StoreFault> {
        let of_kind = if kind.is_some() { "AND entries.kind = ?" } else { "" };
        let sql = format!(
            "{} WHERE entries.chapter = ? AND entries.seq < ? {of_kind} \
             ORDER BY entries.seq DESC LIMIT ?",
            journal::SELECT
        );
        let mut values: Vec<Value> = vec![chapter.0.into(), number(below).into()];
        values.extend(kind.map(|kind| Value::from(kind.as_str())));
        values.push(i64::from(most).into());
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        rows.iter().map(journal::read).collect()
    }

    /// Entries from `from` on, oldest first.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn lines_from(
        &self,
        chapter: ChapterId,
        from: u64,
        most: u32,
    ) -> Result<Vec<Line>, StoreFault> {
        let sql = format!(
            "{} WHERE entries.chapter = ? AND entries.seq >= ? ORDER BY entries.seq LIMIT ?",
            journal::SELECT
        );
        let values = [chapter.0.into(), number(from).into(), i64::from(most).into()];
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        rows.iter().map(journal::read).collect()
    }

    /// The series of numbers by year.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn series(&self, chapter: ChapterId) -> Result<Vec<SeriesRow>, StoreFault> {
        let sql = "SELECT series, year, COUNT(*) AS count, MIN(number) AS first, \
            MAX(number) AS last FROM numbers WHERE chapter = ? GROUP BY series, year \
            ORDER BY year, series";
        let rows = query(self.shared.database.reader(), sql, [chapter.0.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(SeriesRow {
                    series: row.try_get("", "series")?,
                    year: row.try_get("", "year")?,
                    count: unsigned(row.try_get("", "count")?)?,
                    first: unsigned(row.try_get("", "first")?)?,
                    last: unsigned(row.try_get("", "last")?)?,
                })
            })
            .collect()
    }
}
