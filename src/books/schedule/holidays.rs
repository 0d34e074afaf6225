//! Due dates that fall on holidays, above all on Tết.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};

use super::Row;
use crate::ledger::word::Date;

/// The first and the last year of [`lunar_new_year`].
pub const TET_YEARS: (i32, i32) = (2008, 2050);

/// Month and day of the first day of the lunar year, from 2008 on, in the calendar of Việt Nam
/// (UTC+7, decision 121/CP of 8 August 1967; computed with Hồ Ngọc Đức's published algorithm). In
/// 2030 it is a day earlier than in China.
const NEW_YEARS: [(u32, u32); 43] = [
    (2, 7),
    (1, 26),
    (2, 14),
    (2, 3),
    (1, 23),
    (2, 10),
    (1, 31),
    (2, 19),
    (2, 8),
    (1, 28),
    (2, 16),
    (2, 5),
    (1, 25),
    (2, 12),
    (2, 1),
    (1, 22),
    (2, 10),
    (1, 29),
    (2, 17),
    (2, 6),
    (1, 26),
    (2, 13),
    (2, 2),
    (1, 23),
    (2, 11),
    (1, 31),
    (2, 19),
    (2, 8),
    (1, 28),
    (2, 15),
    (2, 4),
    (1, 24),
    (2, 12),
    (2, 1),
    (1, 22),
    (2, 10),
    (1, 30),
    (2, 17),
    (2, 6),
    (1, 26),
    (2, 14),
    (2, 2),
    (1, 23),
];

/// The first day of the lunar year that begins in a year; `None` outside [`TET_YEARS`].
#[must_use]
pub fn lunar_new_year(year: i32) -> Option<NaiveDate> {
    let at = usize::try_from(year - TET_YEARS.0).ok()?;
    let (month, day) = NEW_YEARS.get(at)?;
    NaiveDate::from_ymd_opt(year, *month, *day)
}

/// The holidays of Tết in a year: the eve and the first four days of the lunar year, five days in
/// all (Labour Code 45/2019/QH14, article 112). Which five they are is set anew each year, so a
/// chapter may use a list of its own. Empty outside [`TET_YEARS`].
#[must_use]
pub fn tet_holidays(year: i32) -> Vec<Date> {
    let first = lunar_new_year(year);
    let days = first.into_iter().flat_map(|first| first.pred_opt().into_iter().chain([first]));
    let mut all: Vec<Date> = days.filter_map(Date::new).collect();
    while let (1..5, Some(last)) = (all.len(), all.last()) {
        all.push(last.next());
    }
    all
}

/// The holidays of Tết in every year that some rows touch.
#[must_use]
pub fn tet_of(rows: &[Row]) -> BTreeSet<Date> {
    let years: BTreeSet<i32> = rows.iter().map(|row| row.due.naive().year()).collect();
    years.into_iter().flat_map(tet_holidays).collect()
}

/// Moves each due date that falls on a holiday to the next day that is none. It costs nothing, and
/// the others stay where they are; only where a date would meet the next one, that one goes on to
/// the first free day behind it.
#[must_use]
pub fn shift_for_holidays(rows: &[Row], holidays: &BTreeSet<Date>) -> Vec<Row> {
    let mut before: Option<Date> = None;
    let moved = rows.iter().map(|row| {
        let mut due = before.map_or(row.due, |before| row.due.max(before.next()));
        while holidays.contains(&due) && due.next() != due {
            due = due.next();
        }
        before = Some(due);
        Row { due, ..*row }
    });
    moved.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::money::Money;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn rows(dues: &[&str]) -> Vec<Row> {
        let zero = Money::ZERO;
        let row = |(number, due): (u32, &&str)| Row {
            number,
            due: date(due),
            principal: zero,
            fee: zero,
            total: zero,
            balance: zero,
        };
        (1..).zip(dues).map(row).collect()
    }

    fn shifted(dues: &[&str], holidays: &BTreeSet<Date>) -> Vec<String> {
        shift_for_holidays(&rows(dues), holidays).iter().map(|row| row.due.to_string()).collect()
    }

    #[test]
    fn tet_is_the_eve_and_four_days() {
        let days: Vec<String> = tet_holidays(2026).iter().map(ToString::to_string).collect();
        let expected = ["2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20"];
        assert_eq!(days, expected);
        assert_eq!(tet_holidays(2030)[1], date("2030-02-02"));
        assert_eq!(tet_holidays(2050)[0], date("2050-01-22"));
        assert!(tet_holidays(2007).is_empty() && tet_holidays(2051).is_empty());
        assert!(tet_holidays(i32::MIN + 2_100).is_empty());
    }

    #[test]
    fn one_date_moves_and_the_others_stay() {
        let tet: BTreeSet<Date> = tet_holidays(2026).into_iter().collect();
        let moved = shifted(&["2026-01-17", "2026-02-17", "2026-03-17"], &tet);
        assert_eq!(moved, ["2026-01-17", "2026-02-21", "2026-03-17"]);
    }

    #[test]
    fn daily_dates_go_on_behind_each_other() {
        let tet: BTreeSet<Date> = tet_holidays(2026).into_iter().collect();
        let moved = shifted(&["2026-02-15", "2026-02-16", "2026-02-17", "2026-02-24"], &tet);
        assert_eq!(moved, ["2026-02-15", "2026-02-21", "2026-02-22", "2026-02-24"]);
    }
}
