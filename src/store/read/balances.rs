//! Sums by day: balances of places and funds without scanning entries.

use sea_orm::QueryResult;

use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::database::{first, query};
use crate::store::past::{code, money};
use crate::store::{ChapterId, Store, StoreFault};

use super::entries::day;

/// Money through one place in a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceSums {
    /// The place.
    pub place: Code,
    /// Money in.
    pub money_in: Money,
    /// Money out.
    pub money_out: Money,
}

/// What one day did to one account of a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundDay {
    /// The fund.
    pub fund: Code,
    /// The account's word, as in `Account::word`.
    pub account: String,
    /// The day on which balances changed.
    pub day: Date,
    /// Whether these reverse what lies in a closed period.
    pub earlier: bool,
    /// Σ debits less credits.
    pub amount: Money,
}

impl Store {
    /// Money in and out of every place from `from` to `to`, by code.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn place_sums(
        &self,
        chapter: ChapterId,
        from: Date,
        to: Date,
    ) -> Result<Vec<PlaceSums>, StoreFault> {
        let sql = "SELECT place, CAST(SUM(money_in) AS BIGINT) AS money_in, \
            CAST(SUM(money_out) AS BIGINT) AS money_out FROM place_days \
            WHERE chapter = ? AND day >= ? AND day <= ? GROUP BY place ORDER BY place";
        let values = [chapter.0.into(), from.to_string().into(), to.to_string().into()];
        let rows = query(self.reader(), sql, values).await?;
        let read = |row: &QueryResult| {
            Ok(PlaceSums {
                place: code(&row.try_get::<String>("", "place")?)?,
                money_in: money(row.try_get("", "money_in")?)?,
                money_out: money(row.try_get("", "money_out")?)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The balance of a place, or of all, at the end of the day before `day`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn balance_before(
        &self,
        chapter: ChapterId,
        place: Option<&Code>,
        day: Date,
    ) -> Result<Money, StoreFault> {
        let sql = "SELECT CAST(COALESCE(SUM(money_in - money_out), 0) AS BIGINT) AS balance \
            FROM place_days WHERE chapter = ? AND day < ?";
        let mut values = vec![chapter.0.into(), day.to_string().into()];
        let row = match place {
            None => first(self.reader(), sql, values).await?,
            Some(place) => {
                values.push(place.as_str().into());
                first(self.reader(), &format!("{sql} AND place = ?"), values).await?
            }
        };
        row.map_or(Ok(Money::ZERO), |row| money(row.try_get("", "balance")?))
    }

    /// The money of a fund over all places at the end of the day before `day`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn fund_money_before(
        &self,
        chapter: ChapterId,
        fund: &Code,
        day: Date,
    ) -> Result<Money, StoreFault> {
        let sql = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS balance FROM fund_days \
            WHERE chapter = ? AND fund = ? AND day < ? AND account LIKE 'place:%'";
        let values = [chapter.0.into(), fund.as_str().into(), day.to_string().into()];
        let row = first(self.reader(), sql, values).await?;
        row.map_or(Ok(Money::ZERO), |row| money(row.try_get("", "balance")?))
    }

    /// Sums by fund, account and day from `from` to `to`: what charts and views are drawn from.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn fund_days(
        &self,
        chapter: ChapterId,
        from: Date,
        to: Date,
    ) -> Result<Vec<FundDay>, StoreFault> {
        let sql = "SELECT fund, account, day, earlier, amount FROM fund_days \
            WHERE chapter = ? AND day >= ? AND day <= ? ORDER BY fund, account, day, earlier";
        let values = [chapter.0.into(), from.to_string().into(), to.to_string().into()];
        let rows = query(self.reader(), sql, values).await?;
        let read = |row: &QueryResult| {
            Ok(FundDay {
                fund: code(&row.try_get::<String>("", "fund")?)?,
                account: row.try_get("", "account")?,
                day: day(row.try_get("", "day")?)?,
                earlier: row.try_get::<i64>("", "earlier")? == 1,
                amount: money(row.try_get("", "amount")?)?,
            })
        };
        rows.iter().map(read).collect()
    }
}
