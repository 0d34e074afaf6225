//! The public accounts in SQL: the vouchers of a filter with what is counted of each, and the sums
//! by day and month that they add up to.

use sea_orm::Value;

use super::accounts_filter::{AccountsFilter, OfProgramme};
use crate::ledger::word::Date;
use crate::store::ChapterId;
use crate::store::accounts_days::TABLE;
use crate::store::accounts_months::{END, TABLE as MONTHS};
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

/// The columns of [`Text::sums`] of a day.
const SUMS_OF_DAY: &str = "day, programme, many, money_in, money_out";

/// Where the closed months of a scope end, behind their last day: later than nothing without any.
fn last_closed() -> String {
    format!(
        "SELECT COALESCE(MAX(month), '') || '{END}' AS last FROM {MONTHS} \
         WHERE chapter = ? AND scope = ?"
    )
}

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

    /// `SELECT {columns} FROM` the sums of a filter (`days`: day, of which only the month counts,
    /// programme, many, money_in, money_out), less what entries from `size` on added to them. One
    /// statement, so that no entry comes between.
    pub(super) fn sums(
        columns: &str,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
    ) -> Self {
        let beyond = "moved.effective AS day, COALESCE(moved.programme, '') AS programme, \
            -1 AS many, -moved.money_in AS money_in, -moved.money_out AS money_out";
        let mut parts = Self::known(chapter, filter);
        parts.push(Self::of_newer(beyond, chapter, filter, size));
        let sql: Vec<&str> = parts.iter().map(|part| part.sql.as_str()).collect();
        let sql = format!("SELECT {columns} FROM ({}) AS days", sql.join(" UNION ALL "));
        Self { sql, values: parts.into_iter().flat_map(|part| part.values).collect() }
    }

    /// Sums that no day is in twice: of the whole months that are closed; of the days behind these;
    /// and of the days of a month that the filter cuts into.
    fn known(chapter: ChapterId, filter: &AccountsFilter) -> Vec<Self> {
        let (from, to) = (filter.from, filter.to);
        let cut = from.filter(|day| *day != day.month().first_day());
        let cut_to = to.filter(|day| *day != day.month().last_day());
        let whole = AccountsFilter {
            // By days, which end with the year 9999 as the order of their texts does.
            from: cut.map_or(from, |day| Some(day.month().last_day().next())),
            to: cut_to.map_or(to, |day| Some(day.month().first_day().previous())),
            ..filter.clone()
        };
        let mut parts = vec![Self::by_month(chapter, &whole), Self::unclosed(chapter, filter)];
        if let Some(day) = cut {
            let last = day.month().last_day();
            parts.push(Self::closed(chapter, filter, (day, to.map_or(last, |to| to.min(last)))));
        }
        // A month that both ends cut into was that one.
        if let Some(day) = cut_to.filter(|day| cut.is_none_or(|from| from.month() != day.month())) {
            let first = day.month().first_day();
            parts.push(Self::closed(
                chapter,
                filter,
                (from.map_or(first, |own| own.max(first)), day),
            ));
        }
        parts
    }

    /// The months of a filter that begins and ends with one, as far as they are closed.
    fn by_month(chapter: ChapterId, filter: &AccountsFilter) -> Self {
        let columns = "month || '-01' AS day, programme, many, money_in, money_out";
        let mut text = Self::of_scope(columns, MONTHS, chapter, filter);
        if let Some(from) = filter.from {
            text.and("month >= ?", [from.month().to_string().into()]);
        }
        if let Some(to) = filter.to {
            text.and("month <= ?", [to.month().to_string().into()]);
        }
        text.of_kind(filter, MONTHS, "programme = ''");
        text
    }

    /// The days of a filter behind the closed months. The later of two bounds is the only one, or
    /// an index is read from the earlier one on.
    fn unclosed(chapter: ChapterId, filter: &AccountsFilter) -> Self {
        let mut text = Self::of_scope(SUMS_OF_DAY, TABLE, chapter, filter);
        let from = filter.from.map_or_else(String::new, |from| from.previous().to_string());
        let later = format!(
            "day > (SELECT CASE WHEN closed.last > ? THEN closed.last ELSE ? END \
             FROM ({}) AS closed)",
            last_closed()
        );
        text.and(&later, [from.clone().into(), from.into()]);
        text.values.extend([chapter.0.into(), filter.scope().into()]);
        if let Some(to) = filter.to {
            text.and("day <= ?", [to.to_string().into()]);
        }
        text.of_kind(filter, TABLE, "programme = ''");
        text
    }

    /// Days of a closed month.
    fn closed(chapter: ChapterId, filter: &AccountsFilter, (from, to): (Date, Date)) -> Self {
        let mut text = Self::of_scope(SUMS_OF_DAY, TABLE, chapter, filter);
        text.and("day >= ? AND day <= ?", [from.to_string().into(), to.to_string().into()]);
        let within = format!("(day || '') <= ({})", last_closed());
        text.and(&within, [chapter.0.into(), filter.scope().into()]);
        text.of_kind(filter, TABLE, "programme = ''");
        text
    }

    /// `SELECT {columns} FROM` a table of sums, the rows of what a filter counts.
    fn of_scope(columns: &str, table: &str, chapter: ChapterId, filter: &AccountsFilter) -> Self {
        Self {
            sql: format!("SELECT {columns} FROM {table} WHERE chapter = ? AND scope = ?"),
            values: vec![chapter.0.into(), filter.scope().into()],
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
        let mut text = Self::of_scope(columns, TABLE, chapter, filter);
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
        self.of_kind(filter, table, without_programme);
    }

    /// Of the programme and kind of a filter.
    fn of_kind(&mut self, filter: &AccountsFilter, table: &str, without_programme: &str) {
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
