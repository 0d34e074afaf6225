//! Dates, times and amounts as statements write them.
//!
//! One rule each, nothing guessed from a single cell: the [`super::layout::Layout`] says how the
//! whole column is written, and a cell that is not written so is a fault.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::money::{AmountFault, Currency, Money};

/// The first year that a statement may be of.
pub const FIRST_YEAR: i32 = 2000;
/// The last year that a statement may be of.
pub const LAST_YEAR: i32 = 2099;

/// The order of the parts of a date; they are parted by `/`, `-` or `.`, years have four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 05/11/2026 is the fifth of November.
    DayMonthYear,
    /// 11/05/2026 is the fifth of November.
    MonthDayYear,
    /// 2026-11-05.
    YearMonthDay,
}

/// How amounts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountForm {
    /// By the rule of [`Money::parse`]: `1.500.000` and `1,500,000` are a million and a half, but
    /// not both in one file.
    Grouped,
    /// `1,500,000.00`: commas for thousands, a point before decimals.
    PointDecimals,
    /// `1.500.000,00`: points for thousands, a comma before decimals.
    CommaDecimals,
}

/// Why a date or time was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    /// Not three numbers in the layout's order.
    Form,
    /// No such day, such as 31/02.
    NoSuchDay,
    /// A year outside [`FIRST_YEAR`] to [`LAST_YEAR`].
    Year,
    /// Not `HH:MM` or `HH:MM:SS`.
    Time,
}

/// A date, and the time that may follow it in the same cell behind a space or a `T`.
///
/// # Errors
/// [`DateFault`] says what was wrong.
pub fn read_date(
    text: &str,
    order: DateOrder,
) -> Result<(NaiveDate, Option<NaiveTime>), DateFault> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(read_time(time.trim_start())?)),
        None => (text, None),
    };
    let separator = date.chars().find(|c| matches!(c, '/' | '-' | '.')).ok_or(DateFault::Form)?;
    let mut parts = date.split(separator);
    let (Some(first), Some(second), Some(third), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(DateFault::Form);
    };
    let (day, month, year) = match order {
        DateOrder::DayMonthYear => (first, second, third),
        DateOrder::MonthDayYear => (second, first, third),
        DateOrder::YearMonthDay => (third, second, first),
    };
    if year.len() != 4 {
        return Err(DateFault::Form);
    }
    let year: i32 = number(year, 4).ok_or(DateFault::Form)?;
    let month = number(month, 2).ok_or(DateFault::Form)?;
    let day = number(day, 2).ok_or(DateFault::Form)?;
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return Err(DateFault::Year);
    }
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(DateFault::NoSuchDay)?;
    Ok((date, time))
}

/// A time of day, `HH:MM` or `HH:MM:SS`.
///
/// # Errors
/// [`DateFault::Time`].
pub fn read_time(text: &str) -> Result<NaiveTime, DateFault> {
    let mut parts = text.split(':');
    let hour = parts.next().and_then(|part| number(part, 2));
    let minute = parts.next().and_then(|part| number(part, 2));
    let second = parts.next().map_or(Some(0), |part| number(part, 2));
    match (hour, minute, second, parts.next()) {
        (Some(hour), Some(minute), Some(second), None) => {
            NaiveTime::from_hms_opt(hour, minute, second).ok_or(DateFault::Time)
        }
        _ => Err(DateFault::Time),
    }
}

/// One to `most` ASCII digits as a number.
fn number<N: FromStr>(text: &str, most: usize) -> Option<N> {
    let plain = text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Reads the amounts of one file: remembers which character parts thousands in it, so that
/// `1.500` and `1,500` never stand for two meanings in one file.
#[derive(Clone, Debug)]
pub struct AmountReader {
    form: AmountForm,
    currency: Currency,
    group: Option<char>,
}

impl AmountReader {
    /// A reader for one file.
    #[must_use]
    pub const fn new(form: AmountForm, currency: Currency) -> Self {
        Self { form, currency, group: None }
    }

    /// An amount without a sign; `None` for an empty cell, a lone dash or a zero, the ways in
    /// which banks leave a column out.
    ///
    /// # Errors
    /// [`AmountFault`]; [`AmountFault::Ambiguous`] also where thousands are parted otherwise than
    /// in an earlier cell.
    pub fn unsigned(&mut self, text: &str) -> Result<Option<Money>, AmountFault> {
        if is_nothing(text) {
            return Ok(None);
        }
        let amount = match self.form {
            AmountForm::Grouped => Money::parse(text, &self.currency)?,
            AmountForm::PointDecimals => self.with_decimals(text, ',', '.')?,
            AmountForm::CommaDecimals => self.with_decimals(text, '.', ',')?,
        };
        if self.currency.scale == 0 && self.form == AmountForm::Grouped {
            self.hold_to_one_separator(text)?;
        }
        Ok(amount.is_positive().then_some(amount))
    }

    /// An amount with a sign before or behind it (`-`, `−` or `+`); `None` for an empty cell or a
    /// lone dash.
    ///
    /// # Errors
    /// As [`Self::unsigned`].
    pub fn signed(&mut self, text: &str) -> Result<Option<Money>, AmountFault> {
        if is_nothing(text) {
            return Ok(None);
        }
        let is_minus = |c: char| matches!(c, '-' | '\u{2212}');
        let is_sign = |c: char| is_minus(c) || c == '+';
        let unsigned = text
            .strip_prefix(is_sign)
            .or_else(|| text.strip_suffix(is_sign))
            .unwrap_or(text)
            .trim();
        if is_nothing(unsigned) {
            return Err(AmountFault::NotANumber);
        }
        let amount = self.unsigned(unsigned)?.unwrap_or(Money::ZERO);
        let negative = text.starts_with(is_minus) || text.ends_with(is_minus);
        Ok(Some(if negative { amount.negated() } else { amount }))
    }

    fn hold_to_one_separator(&mut self, text: &str) -> Result<(), AmountFault> {
        let found = text.chars().find(|c| matches!(c, '.' | ','));
        match (found, self.group) {
            (Some(found), Some(before)) if found != before => Err(AmountFault::Ambiguous),
            (Some(found), _) => {
                self.group = Some(found);
                Ok(())
            }
            (None, _) => Ok(()),
        }
    }

    fn with_decimals(&self, text: &str, group: char, point: char) -> Result<Money, AmountFault> {
        let (whole, fraction) = text.split_once(point).unwrap_or((text, ""));
        if whole.contains(['.', ',']) && !whole.contains(group) || fraction.contains(['.', ',']) {
            return Err(AmountFault::Ambiguous);
        }
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AmountFault::NotANumber);
        }
        let units = Currency { code: self.currency.code.clone(), scale: 0 };
        let whole = Money::parse(whole, &units)?.minor();
        let scale = usize::from(self.currency.scale);
        let (kept, beyond) = fraction.split_at(fraction.len().min(scale));
        if beyond.bytes().any(|digit| digit != b'0') {
            // Smaller than the currency's smallest unit: rounding would invent money.
            return Err(AmountFault::Ambiguous);
        }
        let kept: i64 = format!("{kept:0<scale$}").parse().unwrap_or(0);
        10_i64
            .checked_pow(u32::from(self.currency.scale))
            .and_then(|unit| whole.checked_mul(unit))
            .and_then(|minor| minor.checked_add(kept))
            .and_then(Money::new)
            .ok_or(AmountFault::TooLarge)
    }
}

/// Whether a cell says that there is no amount.
fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "-" | "–" | "—")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn date(text: &str, order: DateOrder) -> Result<String, DateFault> {
        read_date(text, order).map(|(date, time)| match time {
            Some(time) => format!("{date} {time}"),
            None => date.to_string(),
        })
    }

    #[test]
    fn dates_are_read_in_the_order_of_the_layout() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        assert_eq!(date("05/11/2026", DayMonthYear).unwrap(), "2026-11-05");
        assert_eq!(date("5.1.2026", DayMonthYear).unwrap(), "2026-01-05");
        assert_eq!(date("11/05/2026", MonthDayYear).unwrap(), "2026-11-05");
        assert_eq!(date("2026-11-05T08:01:02", YearMonthDay).unwrap(), "2026-11-05 08:01:02");
        assert_eq!(date("05/11/2026  08:01", DayMonthYear).unwrap(), "2026-11-05 08:01:00");
        assert_eq!(date("29/02/2024", DayMonthYear).unwrap(), "2024-02-29");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for (text, fault) in [
            ("31/02/2026", DateFault::NoSuchDay),
            ("29/02/2026", DateFault::NoSuchDay),
            ("00/11/2026", DateFault::NoSuchDay),
            ("05/13/2026", DateFault::NoSuchDay),
            ("05/11/0000", DateFault::Year),
            ("05/11/9999", DateFault::Year),
            ("05/11/1999", DateFault::Year),
            ("05/11/26", DateFault::Form),
            ("05/11-2026", DateFault::Form),
            ("05/11/2026/1", DateFault::Form),
            ("+5/11/2026", DateFault::Form),
            ("٠٥/11/2026", DateFault::Form),
            ("46331", DateFault::Form),
            ("05/11/2026 25:00", DateFault::Time),
            ("05/11/2026 08:00 CH", DateFault::Time),
        ] {
            assert_eq!(date(text, DateOrder::DayMonthYear), Err(fault), "{text}");
        }
        for text in ["24:00:00", "08", "08:60", "8:0:0:0", "-1:00", "08:00:60", ""] {
            assert_eq!(read_time(text), Err(DateFault::Time), "{text}");
        }
    }

    fn reader(form: AmountForm) -> AmountReader {
        AmountReader::new(form, Currency::vnd())
    }

    #[test]
    fn one_file_parts_its_thousands_in_one_way() {
        let mut reader = reader(AmountForm::Grouped);
        assert_eq!(reader.unsigned("1.500.000").unwrap(), Money::new(1_500_000));
        assert_eq!(reader.unsigned("1500").unwrap(), Money::new(1500));
        assert_eq!(reader.unsigned("1,500"), Err(AmountFault::Ambiguous));
        assert_eq!(reader.unsigned("0").unwrap(), None);
        assert_eq!(reader.unsigned("-").unwrap(), None);
        assert_eq!(reader.unsigned("-5"), Err(AmountFault::NotANumber));
    }

    #[test]
    fn decimals_are_read_only_where_the_layout_says_so() {
        let mut points = reader(AmountForm::PointDecimals);
        assert_eq!(points.unsigned("1,500,000.00").unwrap(), Money::new(1_500_000));
        assert_eq!(points.unsigned("500").unwrap(), Money::new(500));
        assert_eq!(points.unsigned("1,500.50"), Err(AmountFault::Ambiguous));
        assert_eq!(points.unsigned("1.500,00"), Err(AmountFault::Ambiguous));
        assert_eq!(points.unsigned("1,500.x"), Err(AmountFault::NotANumber));
        let mut commas = reader(AmountForm::CommaDecimals);
        assert_eq!(commas.unsigned("1.500.000,00").unwrap(), Money::new(1_500_000));
        assert_eq!(reader(AmountForm::Grouped).unsigned("1,500.00"), Err(AmountFault::Ambiguous));
        let dollars = Currency { code: "USD".to_owned(), scale: 2 };
        let mut dollars = AmountReader::new(AmountForm::PointDecimals, dollars);
        assert_eq!(dollars.unsigned("1,500.5").unwrap(), Money::new(150_050));
        assert_eq!(dollars.unsigned("9999999999999999.00"), Err(AmountFault::TooLarge));
    }

    #[test]
    fn signs_are_read_where_they_may_stand() {
        let mut reader = reader(AmountForm::PointDecimals);
        for text in ["-11,000.00", "\u{2212}11,000", "- 11,000", "11,000-"] {
            assert_eq!(reader.signed(text).unwrap(), Money::new(-11_000), "{text}");
        }
        assert_eq!(reader.signed("+11,000").unwrap(), Money::new(11_000));
        assert_eq!(reader.signed("0").unwrap(), Some(Money::ZERO));
        assert_eq!(reader.signed("").unwrap(), None);
        for text in ["--5", "+-5", "(5)", "+", "5+5"] {
            assert_eq!(reader.signed(text), Err(AmountFault::NotANumber), "{text}");
        }
    }
}
