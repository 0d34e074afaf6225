//! Figures as pictures: rows with their addresses, laid out by `publish::chart`, for the macros of
//! `templates/macros/charts.html`. Every column and every bar leads to the entries behind it.

use minijinja::context;
use minijinja::value::{Serde, Value};

use super::chosen::{Chosen, Period, ends};
use super::ledgers::{Ledgers, read};
use crate::ledger::word::Month;
use crate::publish::chart::{Way, columns, lengths, percents};
use crate::store::facade::{AccountsFilter, AccountsSum, View};
use crate::web::Fault;

/// Columns of a picture: so many can still be touched on a phone.
pub const MOST: usize = 12;
/// The length of the longest bar in a table.
const LONGEST: i64 = 100;

/// A series of bars: the key of its name, how it is told apart, and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Series {
    /// The key of its name.
    pub key: &'static str,
    /// `in`, `out` or `left`: which pattern.
    pub style: &'static str,
    /// Upwards or downwards.
    pub way: Way,
}

/// Money in and out.
pub const IN_AND_OUT: [Series; 2] = [
    Series { key: "book-in", style: "in", way: Way::Up },
    Series { key: "book-out", style: "out", way: Way::Down },
];
/// Goods in and out, by value, and what lies there at the end.
pub const STOCK: [Series; 3] = [
    Series { key: "stock-in", style: "in", way: Way::Up },
    Series { key: "stock-out", style: "out", way: Way::Down },
    Series { key: "chart-left", style: "left", way: Way::Up },
];
/// Lent and paid back.
pub const LENT: [Series; 2] = [
    Series { key: "lent-chart-lent", style: "out", way: Way::Up },
    Series { key: "lent-chart-repaid", style: "in", way: Way::Up },
];
/// One amount of some accounts.
pub const ONE: [Series; 1] = [Series { key: "public-amount", style: "in", way: Way::Up }];
/// More and less of something that is held.
pub const MORE_AND_LESS: [Series; 2] = [
    Series { key: "accounts-more", style: "in", way: Way::Up },
    Series { key: "accounts-less", style: "out", way: Way::Down },
];

/// A column of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `2026-10`, or `2026`.
    pub name: String,
    /// Where its entries are.
    pub href: Option<String>,
    /// One amount a series.
    pub amounts: Vec<i64>,
}

/// The picture of some rows; `None` where there is nothing in any.
#[must_use]
pub fn picture(series: &[Series], rows: &[Row]) -> Option<Value> {
    if rows.iter().all(|row| row.amounts.iter().all(|amount| *amount == 0)) {
        return None;
    }
    let ways: Vec<Way> = series.iter().map(|own| own.way).collect();
    let amounts: Vec<Vec<i64>> = rows.iter().map(|row| row.amounts.clone()).collect();
    let picture = columns(&ways, &amounts);
    let mut before = "";
    let told = rows.iter().zip(&picture.slots).map(|(row, slot)| {
        let (year, month) = row.name.split_once('-').unwrap_or((&row.name, ""));
        // The year stands under the first of its months.
        let new = year != before;
        before = year;
        context! {
            name => row.name.as_str(),
            short => if month.is_empty() { year } else { month.trim_start_matches('0') },
            year => (new && !month.is_empty()).then_some(year),
            href => row.href.as_deref(),
            amounts => row.amounts.clone(),
            slot => Serde(slot.clone()),
        }
    });
    let rows: Vec<Value> = told.collect();
    Some(context! {
        rows,
        series => series.iter().map(|own| context! {
            key => own.key,
            style => own.style,
            down => own.way == Way::Down,
        }).collect::<Vec<_>>(),
        width => picture.width,
        height => picture.height,
        zero => picture.zero,
        top => picture.top,
        bottom => picture.bottom,
        above => picture.above.map(Serde),
        below => picture.below.map(Serde),
    })
}

/// A bar in a table: its name for the template, its address, its amount.
#[derive(Clone, Debug)]
pub struct Share {
    /// What the template makes a name of.
    pub name: Value,
    /// Where its entries are.
    pub href: String,
    /// The amount.
    pub amount: i64,
}

/// Bars of a table, the largest first, with their shares in whole percents.
#[must_use]
pub fn shares(mut all: Vec<Share>) -> Vec<Value> {
    all.sort_by_key(|own| std::cmp::Reverse(own.amount));
    let amounts: Vec<i64> = all.iter().map(|own| own.amount).collect();
    let parts = percents(&amounts);
    let told = all.into_iter().zip(lengths(&amounts, LONGEST)).enumerate();
    told.map(|(at, (own, length))| {
        let percent = parts.as_ref().and_then(|parts| parts.get(at).copied());
        context! { name => own.name, href => own.href, amount => own.amount, length, percent }
    })
    .collect()
}

/// The months of a picture around a period: those of a year, the twelve up to a month, all of them
/// while they are few. `None` where years or days are meant.
fn months(period: Period, (first, last): (Month, Month)) -> Option<Vec<Month>> {
    let (mut month, end) = match period {
        Period::Month(month) => (first, month),
        Period::Year(year) => {
            let of = |month: u8| format!("{year:04}-{month:02}").parse::<Month>().ok();
            (of(1)?.max(first), of(12)?.min(last))
        }
        Period::All => (first, last),
        Period::Days(..) => return None,
    };
    let mut months = Vec::new();
    while month <= end && months.len() <= 12_000 {
        months.push(month);
        month = month.next();
    }
    if period == Period::All && months.len() > MOST {
        return None;
    }
    Some(months.split_off(months.len().saturating_sub(MOST)))
}

/// What a filter has in the months or years around a period, by month or year.
async fn sums(
    chosen: &Chosen,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Vec<(Period, AccountsSum)>, Fault> {
    let (Some(ends), Some(chapter)) = (ends(view), view.books.chapter()) else {
        return Ok(Vec::new());
    };
    if matches!(chosen.period, Period::Days(..)) {
        return Ok(Vec::new());
    }
    let months = months(chosen.period, ends);
    let (from, to) = match &months {
        Some(months) => match (months.first(), months.last()) {
            (Some(first), Some(last)) => {
                (first.first_day().max(chapter.books_from), Some(last.last_day()))
            }
            _ => return Ok(Vec::new()),
        },
        None => (chapter.books_from, None),
    };
    let filter = AccountsFilter { from: Some(from), to, ..chosen.filter.clone() };
    let known = ledgers.store().accounts_by_month(view.chapter, &filter, view.size()).await;
    let known = known.map_err(read)?;
    if let Some(months) = months {
        let of = |month: Month| known.iter().find(|(own, _)| *own == month).map(|(_, sum)| *sum);
        let told = months.into_iter().map(|month| (Period::Month(month), of(month)));
        return Ok(told.map(|(month, sum)| (month, sum.unwrap_or_default())).collect());
    }
    let years = ends.0.first_day().year()..=ends.1.first_day().year();
    let all = years.map(|year| {
        let own = known.iter().filter(|(month, _)| month.first_day().year() == year);
        (Period::Year(year), added(own.map(|(_, sum)| *sum)))
    });
    let mut all: Vec<(Period, AccountsSum)> = all.collect();
    Ok(all.split_off(all.len().saturating_sub(MOST)))
}

/// Sums of months together.
fn added(sums: impl Iterator<Item = AccountsSum>) -> AccountsSum {
    sums.fold(AccountsSum::default(), |all, own| AccountsSum {
        count: all.count + own.count,
        money_in: all.money_in.checked_add(own.money_in).unwrap_or(all.money_in),
        money_out: all.money_out.checked_add(own.money_out).unwrap_or(all.money_out),
    })
}

/// The amounts of a sum, as a filter shows them: in and out, or one.
#[must_use]
pub fn amounts(filter: &AccountsFilter, sum: &AccountsSum) -> Vec<i64> {
    let (money_in, money_out) = (sum.money_in.minor(), sum.money_out.minor());
    match &filter.group {
        Some(group) if !group.is_asset() => vec![one(group.is_credit(), money_in, money_out)],
        _ => vec![money_in, money_out],
    }
}

/// The one amount of accounts whose credit or debit counts.
#[must_use]
pub const fn one(credit: bool, debits: i64, credits: i64) -> i64 {
    if credit { credits - debits } else { debits - credits }
}

/// The series of a filter.
#[must_use]
pub fn series(filter: &AccountsFilter) -> &'static [Series] {
    match &filter.group {
        None => &IN_AND_OUT,
        Some(group) if group.is_asset() => &MORE_AND_LESS,
        Some(_) => &ONE,
    }
}

/// The picture of a filter around its period; `page` is the address of the accounts.
///
/// # Errors
/// As the store has them.
pub async fn of_accounts(
    chosen: &Chosen,
    page: &str,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Option<Value>, Fault> {
    let sums = sums(chosen, view, ledgers).await?;
    let row = |(period, sum): &(Period, AccountsSum)| Row {
        name: period.word().unwrap_or_default(),
        href: Some(format!("{page}?{}", chosen.query_in(*period))),
        amounts: amounts(&chosen.filter, sum),
    };
    let rows: Vec<Row> = sums.iter().map(row).collect();
    Ok(picture(series(&chosen.filter), &rows))
}

/// The picture of what lies in stores, by value.
///
/// # Errors
/// As the store has them.
pub async fn of_stock(
    page: &str,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Option<Value>, Fault> {
    use crate::store::facade::Group;
    let filter = AccountsFilter { group: Some(Group::Stock), ..AccountsFilter::default() };
    let Some((_, last)) = ends(view) else { return Ok(None) };
    let chosen = Chosen { filter, period: Period::Month(last) };
    let shown = sums(&chosen, view, ledgers).await?;
    // What lay there before the first column.
    let before = match shown.first() {
        Some((Period::Month(month), _)) => {
            let from = view
                .books
                .chapter()
                .map_or(month.first_day(), |own| month.first_day().max(own.books_from));
            let earlier = AccountsFilter { to: Some(from.previous()), ..chosen.filter.clone() };
            let sum = ledgers.store().accounts_sum(view.chapter, &earlier, view.size()).await;
            let sum = sum.map_err(read)?;
            sum.money_in.minor() - sum.money_out.minor()
        }
        _ => 0,
    };
    let mut left = before;
    let row = |(period, sum): &(Period, AccountsSum)| {
        left += sum.money_in.minor() - sum.money_out.minor();
        Row {
            name: period.word().unwrap_or_default(),
            href: Some(format!("{page}?{}", chosen.query_in(*period))),
            amounts: vec![sum.money_in.minor(), sum.money_out.minor(), left],
        }
    };
    let rows: Vec<Row> = shown.iter().map(row).collect();
    Ok(picture(&STOCK, &rows))
}

/// Money in and out of the last twelve months, for the chapter's own page.
///
/// # Errors
/// As the store has them.
pub async fn of_chapter(view: &View, ledgers: &Ledgers<'_>) -> Result<Option<Value>, Fault> {
    let Some((_, last)) = ends(view) else { return Ok(None) };
    let chosen = Chosen { filter: AccountsFilter::default(), period: Period::Month(last) };
    let page = format!("/{}/cong-khai", view.origin.slug());
    of_accounts(&chosen, &page, view, ledgers).await
}

/// What a filter spent by programme, with the addresses of the entries.
///
/// # Errors
/// As the store has them.
pub async fn of_programmes(
    chosen: &Chosen,
    page: &str,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Vec<Value>, Fault> {
    use crate::store::facade::{Group, OfProgramme};
    let filter = AccountsFilter {
        from: chosen.filter.from,
        to: chosen.filter.to,
        fund: chosen.filter.fund.clone(),
        group: Some(Group::Spending),
        ..AccountsFilter::default()
    };
    let sums = ledgers.store().accounts_by_programme(view.chapter, &filter, view.size()).await;
    let share = |(code, sum): (Option<crate::ledger::word::Code>, AccountsSum)| {
        let programme = match &code {
            Some(code) => OfProgramme::One(code.clone()),
            None => OfProgramme::None,
        };
        let filter = AccountsFilter { programme: Some(programme), ..filter.clone() };
        let own = Chosen { filter, period: chosen.period };
        let name = code.as_ref().map(|code| {
            super::told::programme_name(&view.books, code.as_str())
                .unwrap_or_else(|| code.to_string())
        });
        Share {
            name: Value::from(name),
            href: format!("{page}?{}", own.query()),
            amount: sum.money_in.minor() - sum.money_out.minor(),
        }
    };
    let all: Vec<Share> = sums.map_err(read)?.into_iter().map(share).collect();
    Ok(shares(all.into_iter().filter(|own| own.amount != 0).collect()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn named(period: Period) -> Option<Vec<String>> {
        let ends = ("2025-11".parse().unwrap(), "2026-12".parse().unwrap());
        months(period, ends).map(|all| all.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_picture_has_the_months_around_a_period_and_never_more_than_a_phone_can_show() {
        let month = |text: &str| Period::Month(text.parse().unwrap());
        let own = named(month("2026-11")).unwrap();
        assert_eq!((own.len(), own[0].as_str(), own[11].as_str()), (12, "2025-12", "2026-11"));
        assert_eq!(named(month("2025-12")).unwrap(), ["2025-11", "2025-12"]);
        assert_eq!(named(Period::Year(2025)).unwrap(), ["2025-11", "2025-12"]);
        assert_eq!(named(Period::Year(2026)).unwrap().len(), 12);
        assert_eq!(named(Period::All), None, "fourteen months: by year");
        assert_eq!(named(Period::Days(None, None)), None);
    }

    #[test]
    fn a_picture_of_nothing_is_none() {
        let row = |amount| Row { name: "2026-10".into(), href: None, amounts: vec![amount, 0] };
        assert!(picture(&IN_AND_OUT, &[row(0)]).is_none());
        assert!(picture(&IN_AND_OUT, &[]).is_none());
        assert!(picture(&IN_AND_OUT, &[row(-1)]).is_some());
    }
}
