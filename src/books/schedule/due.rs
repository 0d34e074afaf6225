//! Due dates, and which part of a year lies between two of them.

use std::str::FromStr;

use chrono::{Days, Months};

use super::terms::{Allowed, Field, Method, Reason, ScheduleFault, Terms};
use crate::ledger::word::Date;

/// What an interval is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Calendar months.
    Month,
}

impl Unit {
    /// The longest interval in this unit: ten years, or a little less.
    #[must_use]
    pub const fn most(self) -> u32 {
        match self {
            Self::Day => super::LONGEST_WAIT,
            Self::Week => 520,
            Self::Month => 120,
        }
    }
}

/// Every so many days, weeks or months; quarterly is every three months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// How many, from 1 to [`Unit::most`].
    pub every: u32,
    /// Of what.
    pub unit: Unit,
}

impl Interval {
    /// Every `every` of `unit`; the number is checked with the terms.
    #[must_use]
    pub const fn new(every: u32, unit: Unit) -> Self {
        Self { every, unit }
    }

    /// The day that lies `times` intervals from `from`, backwards below 0. Of months the day of the
    /// month is kept, and is the last one where a month is too short: 31/01, 28/02, 31/03 when
    /// counted from 31/01. `None` outside the years 1 to 9999.
    #[must_use]
    pub fn step(self, from: Date, times: i64) -> Option<Date> {
        let count = u64::from(self.every).checked_mul(times.unsigned_abs())?;
        let day = from.naive();
        let there = match self.unit {
            Unit::Month => {
                let months = Months::new(u32::try_from(count).ok()?);
                if times < 0 {
                    day.checked_sub_months(months)
                } else {
                    day.checked_add_months(months)
                }
            }
            Unit::Day | Unit::Week => {
                let days = Days::new(if self.unit == Unit::Week { count * 7 } else { count });
                if times < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
            }
        };
        there.and_then(Date::new)
    }

    /// The day count that is used where none is named: months count as twelfths of a year, weeks as
    /// 52nds, days as 365ths.
    #[must_use]
    pub const fn usual_day_count(self) -> DayCount {
        match self.unit {
            Unit::Month => DayCount::Thirty360,
            Unit::Week => DayCount::Actual364,
            Unit::Day => DayCount::Actual365,
        }
    }
}

impl FromStr for Interval {
    type Err = IntervalFault;

    /// Reads `weekly`, `monthly`, `quarterly`, or a number with `d`, `w` or `m` behind it: `10d`.
    fn from_str(text: &str) -> Result<Self, IntervalFault> {
        match text {
            "weekly" => return Ok(Self::new(1, Unit::Week)),
            "monthly" => return Ok(Self::new(1, Unit::Month)),
            "quarterly" => return Ok(Self::new(3, Unit::Month)),
            _ => {}
        }
        let unit = match text.as_bytes().last() {
            Some(b'd') => Unit::Day,
            Some(b'w') => Unit::Week,
            Some(b'm') => Unit::Month,
            _ => return Err(IntervalFault),
        };
        let digits = text.get(..text.len() - 1).ok_or(IntervalFault)?;
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let every: u32 = digits.parse().map_err(|_| IntervalFault)?;
        let good = plain && (1..=unit.most()).contains(&every);
        if good { Ok(Self::new(every, unit)) } else { Err(IntervalFault) }
    }
}

/// A text that names no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected weekly, monthly, quarterly, or every so many days, weeks or months: 1d to 3660d, \
     1w to 520w, 1m to 120m"
)]
pub struct IntervalFault;

/// How the part of a year between two due dates is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayCount {
    /// A month is a twelfth of a year, whatever its days; a part of an interval counts by its days.
    /// Between days and weeks, and between given dates: days in months of 30 days (30E/360) for
    /// given dates, real days over 360 for days and weeks.
    Thirty360,
    /// Real days over 365, in leap years too.
    Actual365,
    /// Real days over 364: 52 weeks are a year.
    Actual364,
    /// Real days over 360.
    Actual360,
}

impl DayCount {
    /// Every one, with its name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("30/360", Self::Thirty360),
        ("actual/365", Self::Actual365),
        ("actual/364", Self::Actual364),
        ("actual/360", Self::Actual360),
    ];

    const fn days_of_year(self) -> i64 {
        match self {
            Self::Actual365 => 365,
            Self::Actual364 => 364,
            Self::Thirty360 | Self::Actual360 => 360,
        }
    }
}

impl FromStr for DayCount {
    type Err = DayCountFault;

    fn from_str(text: &str) -> Result<Self, DayCountFault> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found.map(|(_, own)| *own).ok_or(DayCountFault)
    }
}

/// A text that names no day count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 30/360, actual/365, actual/364 or actual/360")]
pub struct DayCountFault;

/// The parts of a year of all periods, over one denominator.
#[derive(Debug)]
pub(super) struct Years {
    /// One a period, 0 or more.
    pub(super) parts: Vec<i64>,
    /// What they are parts of: above 0.
    pub(super) whole: i64,
}

/// Days from one to the other; below 0 when `to` lies before.
pub(super) fn days(from: Date, to: Date) -> i64 {
    to.naive().signed_duration_since(from.naive()).num_days()
}

/// Days in months of 30 days (30E/360): a 31st counts as a 30th.
fn days_of_thirty(from: Date, to: Date) -> i64 {
    use chrono::Datelike as _;
    let count = |date: Date| {
        let day = date.naive();
        i64::from(day.year()) * 360 + i64::from(day.month0()) * 30 + i64::from(day.day().min(30))
    };
    count(to) - count(from)
}

/// The due dates of all instalments.
pub(super) fn dates(terms: &Terms) -> Result<Vec<Date>, ScheduleFault> {
    if terms.method == Method::Explicit {
        return Ok(terms.rows.iter().map(|(due, _)| *due).collect());
    }
    let all: Option<Vec<Date>> =
        (0..terms.instalments).map(|at| terms.interval.step(terms.first_due, at.into())).collect();
    let most = i64::from(super::MOST_INSTALMENTS);
    let allowed = Allowed::Whole { least: 1, most };
    all.ok_or(ScheduleFault { field: Field::Instalments, reason: Reason::Range, allowed })
}

/// Which part of a year each period is, from the disbursement through all due dates.
pub(super) fn years(terms: &Terms, dates: &[Date]) -> Years {
    let count = terms.day_count;
    let starts = std::iter::once(&terms.disbursed).chain(dates);
    let periods = starts.zip(dates);
    if count != DayCount::Thirty360 || terms.interval.unit != Unit::Month {
        let parts = periods.map(|(from, to)| days(*from, *to)).collect();
        if terms.method != Method::Explicit || count != DayCount::Thirty360 {
            return Years { parts, whole: count.days_of_year() };
        }
    }
    if terms.method == Method::Explicit {
        let starts = std::iter::once(&terms.disbursed).chain(dates);
        let parts = starts.zip(dates).map(|(from, to)| days_of_thirty(*from, *to)).collect();
        return Years { parts, whole: 360 };
    }
    let month = 30 * i64::from(terms.interval.every);
    let (first, of) = first_period(terms.interval, terms.disbursed, terms.first_due);
    let later = std::iter::repeat_n(month * of, dates.len().saturating_sub(1));
    Years { parts: std::iter::once(month * first).chain(later).collect(), whole: 360 * of }
}

/// The same for flat interest, which is agreed per instalment: each period is one interval, however
/// far away the first due date is. Months of real days have no length of their own: they count as
/// in [`years`].
pub(super) fn flat_years(terms: &Terms, dates: &[Date]) -> Years {
    let every = i64::from(terms.interval.every);
    let each = match (terms.interval.unit, terms.day_count) {
        (Unit::Day, _) => every,
        (Unit::Week, _) => every * 7,
        (Unit::Month, DayCount::Thirty360) => every * 30,
        (Unit::Month, _) => return years(terms, dates),
    };
    Years { parts: vec![each; dates.len()], whole: terms.day_count.days_of_year() }
}

/// How many intervals lie between the disbursement and the first due date, as a fraction: whole
/// ones, counted back from the due date, and the days that are left over the days of the interval
/// in which they lie.
fn first_period(interval: Interval, disbursed: Date, first_due: Date) -> (i64, i64) {
    let back = |times: i64| interval.step(first_due, -times);
    let mut whole = 0;
    while back(whole + 1).is_some_and(|day| day >= disbursed) {
        whole += 1;
    }
    // From the 30th of January to the 28th of February is a month, too.
    for times in [whole, whole + 1] {
        if interval.step(disbursed, times) == Some(first_due) {
            return (times, 1);
        }
    }
    match (back(whole), back(whole + 1)) {
        (Some(end), Some(start)) if end > disbursed => {
            let length = days(start, end);
            (whole * length + days(disbursed, end), length)
        }
        _ => (whole, 1),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_of_the_month_comes_back_after_short_months() {
        let monthly: Interval = "monthly".parse().unwrap();
        let dues: Vec<String> =
            (0..4).map(|at| monthly.step(date("2024-01-31"), at).unwrap().to_string()).collect();
        assert_eq!(dues, ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]);
        assert_eq!(monthly.step(date("2026-03-31"), -1), Some(date("2026-02-28")));
        assert_eq!(monthly.step(date("9999-12-01"), 1), None);
        assert_eq!(
            Interval::new(2, Unit::Week).step(date("2026-01-01"), 1),
            Some(date("2026-01-15"))
        );
    }

    #[test]
    fn intervals_are_words_or_a_number_with_a_letter() {
        assert_eq!("quarterly".parse(), Ok(Interval::new(3, Unit::Month)));
        assert_eq!("15d".parse(), Ok(Interval::new(15, Unit::Day)));
        assert_eq!("2w".parse(), Ok(Interval::new(2, Unit::Week)));
        for text in ["", "d", "0d", "-1d", "+1d", "3661d", "121m", "1y", "1 m", "ngày", "1.5m"] {
            assert_eq!(text.parse::<Interval>(), Err(IntervalFault), "{text}");
        }
    }

    #[test]
    fn a_broken_first_month_counts_by_its_days() {
        let monthly = Interval::new(1, Unit::Month);
        let part = |from, to| first_period(monthly, date(from), date(to));
        assert_eq!(part("2024-01-01", "2024-02-01"), (1, 1));
        assert_eq!(part("2024-01-08", "2024-02-01"), (24, 31));
        assert_eq!(part("2022-12-30", "2023-01-31"), (32, 31));
        assert_eq!(part("2024-01-31", "2024-02-29"), (1, 1));
        assert_eq!(part("2023-01-30", "2023-02-28"), (1, 1));
        assert_eq!(part("2024-02-29", "2024-03-31"), (1, 1));
        assert_eq!(part("2024-02-01", "2024-02-01"), (0, 1));
        assert_eq!(part("2023-11-01", "2024-02-01"), (3, 1));
        assert_eq!(days_of_thirty(date("2023-01-31"), date("2023-02-28")), 28);
        assert_eq!(days_of_thirty(date("2023-01-15"), date("2024-01-15")), 360);
    }
}
