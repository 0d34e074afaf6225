//! The public accounts in SQL: the vouchers of a filter with what is counted of each, and the sums
//! by day that they add up to.

use sea_orm::Value;

use super::accounts_filter::{AccountsFilter, OfProgramme};
use crate::store::ChapterId;
use crate::store::accounts_days::TABLE;
use crate::store::nodes::number;

/// A query with its values, built up together.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// The money that a voucher moved in all.
const OF_ALL: &str = "SELECT chapter, seq, effective, kind, nature, programme, reversed_by, \
    money_in, money_out FROM figures WHERE chapter = ? AND (money_in <> 0 OR money_out <> 0)";

/// The money that a voucher moved in a place.
const OF_PLACE: &str = "SELECT place_flows.chapter AS chapter, place_flows.seq AS seq, \
    place_flows.effective AS effective, kind, nature, programme, reversed_by, \
    place_flows.money_in AS money_in, place_flows.money_out AS money_out \
    FROM place_flows JOIN figures ON figures.chapter = place_flows.chapter \
    AND figures.seq = place_flows.seq WHERE place_flows.chapter = ? AND place = ?";

/// What a voucher moved on the accounts of a condition, added up from its postings: a reversal is a
/// minus on the side that it reverses.
fn of_postings((condition, values): (&str, &[Value]), chapter: ChapterId) -> Text {
    let sum = |debits: &str, credits: &str| {
        format!(
            "(SELECT CAST(SUM(CASE WHEN (amount > 0) = (figures.reverses IS NULL) \
             THEN {debits} ELSE {credits} END) AS BIGINT) FROM postings \
             WHERE postings.chapter = figures.chapter AND postings.seq = figures.seq \
             AND {condition})"
        )
    };
    let sql = format!(
        "SELECT chapter, seq, effective, kind, nature, programme, reversed_by, earlier, \
         {} AS money_in, {} AS money_out FROM figures WHERE chapter = ?",
        sum("amount", "0"),
        sum("0", "-amount"),
    );
    let values = values.iter().chain(values).cloned().chain([chapter.0.into()]);
    Text { sql, values: values.collect() }
}

/// The vouchers of one scope, each with what is counted of it.
fn moved(chapter: ChapterId, filter: &AccountsFilter) -> Text {
    let own_fund = filter.fund.as_ref().map(|fund| Value::from(fund.as_str()));
    if let Some(group) = &filter.group {
        let (mut condition, mut values) = group.condition();
        if own_fund.is_some() {
            condition.push_str(" AND postings.fund = ?");
        }
        values.extend(own_fund);
        let mut text = of_postings((&condition, &values), chapter);
        if let Some(earlier) = group.earlier() {
            text.and("earlier = ?", [i64::from(earlier).into()]);
        }
        return text;
    }
    let of = |sql: &str, values: Vec<Value>| Text { sql: sql.to_owned(), values };
    match (own_fund, &filter.place) {
        (None, None) => of(OF_ALL, vec![chapter.0.into()]),
        (None, Some(place)) => of(OF_PLACE, vec![chapter.0.into(), place.as_str().into()]),
        (Some(fund), None) => {
            of_postings(("postings.fund = ? AND account LIKE 'place:%'", &[fund]), chapter)
        }
        (Some(fund), Some(place)) => {
            let values = [fund, format!("place:{place}").into()];
            of_postings(("postings.fund = ? AND account = ?", &values), chapter)
        }
    }
}

impl Text {
    /// `SELECT {columns} FROM` the vouchers of a filter (`moved`) and whatever is joined to them.
    pub(super) fn select(
        columns: &str,
        joined: &str,
        chapter: ChapterId,
        filter: &AccountsFilter,
    ) -> Self {
        let Self { sql, values } = moved(chapter, filter);
        let sql = format!("SELECT {columns} FROM ({sql}) AS moved {joined} WHERE 1 = 1");
        let mut text = Self { sql, values };
        text.counted(filter);
        text
    }

    /// Those of `moved` that count for a filter.
    fn counted(&mut self, filter: &AccountsFilter) {
        if filter.group.is_some() || filter.fund.is_some() {
            self.and("(moved.money_in <> 0 OR moved.money_out <> 0)", []);
        }
        self.only(filter, ("moved", "effective"), "moved.programme IS NULL");
    }

    /// `SELECT {columns} FROM` the sums by day of a filter (`days`: month, day, programme, many,
    /// money_in, money_out), less what entries from `size` on added to them. One statement, so that
    /// no entry comes between.
    pub(super) fn sums(
        columns: &str,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
    ) -> Self {
        let mut known = Self::by_day("day, programme, many, money_in, money_out", chapter, filter);
        let beyond = "moved.effective AS day, COALESCE(moved.programme, '') AS programme, \
            -1 AS many, -moved.money_in AS money_in, -moved.money_out AS money_out";
        let beyond = Self::of_newer(beyond, chapter, filter, size);
        known.values.extend(beyond.values);
        Self {
            sql: format!("SELECT {columns} FROM ({} UNION ALL {}) AS days", known.sql, beyond.sql),
            values: known.values,
        }
    }

    /// `SELECT {columns} FROM` the vouchers of a filter from `size` on. These few are looked up one
    /// by one: SQLite keeps to the order of a CROSS JOIN, and nothing finds a row more surely than
    /// its place.
    fn of_newer(columns: &str, chapter: ChapterId, filter: &AccountsFilter, size: u64) -> Self {
        let Self { sql, values } = moved(chapter, filter);
        let newer = "(SELECT seq AS place FROM figures WHERE chapter = ? AND seq >= ?) AS newer";
        let sql = format!(
            "SELECT {columns} FROM {newer} CROSS JOIN ({sql}) AS moved \
             WHERE moved.seq = newer.place"
        );
        let own = [chapter.0.into(), number(size).into()];
        let mut text = Self { sql, values: own.into_iter().chain(values).collect() };
        text.counted(filter);
        text
    }

    /// `SELECT {columns} FROM accounts_days`, the rows of a filter.
    pub(super) fn by_day(columns: &str, chapter: ChapterId, filter: &AccountsFilter) -> Self {
        let mut text = Self {
            sql: format!("SELECT {columns} FROM {TABLE} WHERE chapter = ? AND scope = ?"),
            values: vec![chapter.0.into(), filter.scope().into()],
        };
        text.only(filter, (TABLE, "day"), "programme = ''");
        text
    }

    /// Of the days, programme and kind of a filter.
    fn only(
        &mut self,
        filter: &AccountsFilter,
        (table, day): (&str, &str),
        without_programme: &str,
    ) {
        if let Some(from) = filter.from {
            self.and(&format!("{table}.{day} >= ?"), [from.to_string().into()]);
        }
        if let Some(to) = filter.to {
            self.and(&format!("{table}.{day} <= ?"), [to.to_string().into()]);
        }
        match &filter.programme {
            Some(OfProgramme::One(code)) => {
                self.and(&format!("{table}.programme = ?"), [code.as_str().into()]);
            }
            Some(OfProgramme::None) => self.and(without_programme, []),
            None => {}
        }
        if let Some(kind) = filter.kind {
            let column = if filter.natural { "nature" } else { "kind" };
            self.and(&format!("{table}.{column} = ?"), [kind.as_str().into()]);
        }
    }

    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }
}
