//! On which days the demonstration lends and is paid: not on Sundays, not at Tết, not on holidays.

use chrono::{Datelike as _, Days, Months, Weekday};

use crate::books::schedule::holidays::lunar_new_year;
use crate::ledger::word::Date;

/// Holidays that the other calendar knows: month and day.
const HOLIDAYS: [(u32, u32); 4] = [(1, 1), (4, 30), (5, 1), (9, 2)];

/// The day, or the next one on which people work.
pub fn working(date: Date) -> Date {
    let mut date = date;
    while is_free(date) {
        date = date.next();
    }
    date
}

/// So many days later.
pub fn days_later(date: Date, days: u64) -> Date {
    date.naive().checked_add_days(Days::new(days)).and_then(Date::new).unwrap_or(date)
}

/// So many days earlier.
pub fn days_earlier(date: Date, days: u64) -> Date {
    date.naive().checked_sub_days(Days::new(days)).and_then(Date::new).unwrap_or(date)
}

/// The same day so many months later; the last one of a shorter month.
pub fn months_later(date: Date, months: u32) -> Date {
    date.naive().checked_add_months(Months::new(months)).and_then(Date::new).unwrap_or(date)
}

/// Days from one day to a later one; below zero when it is earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    to.naive().signed_duration_since(from.naive()).num_days()
}

fn is_free(date: Date) -> bool {
    let day = date.naive();
    day.weekday() == Weekday::Sun
        || HOLIDAYS.contains(&(day.month(), day.day()))
        || is_new_year(date)
}

/// From three days before the lunar year to its sixth day.
fn is_new_year(date: Date) -> bool {
    let first = lunar_new_year(date.year());
    let since = first.map(|first| date.naive().signed_duration_since(first).num_days());
    since.is_some_and(|since| (-3..=5).contains(&since))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nobody_works_on_sundays_at_new_year_and_on_holidays() {
        let moved = |text: &str| working(text.parse().unwrap()).to_string();
        assert_eq!(moved("2026-11-20"), "2026-11-20");
        assert_eq!(moved("2026-11-22"), "2026-11-23");
        // Tết of 2026 begins on 17 February; its sixth day is a Sunday.
        assert_eq!(moved("2026-02-13"), "2026-02-13");
        assert_eq!(moved("2026-02-14"), "2026-02-23");
        assert_eq!(moved("2026-04-30"), "2026-05-02");
    }
}
