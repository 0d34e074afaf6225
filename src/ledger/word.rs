//! The scalar types of a voucher: words, texts, dates, references, amounts in their ranges.
//!
//! Each type holds only values that `docs/FORMAT.md` allows, so a voucher that was read is right
//! in form down to its leaves.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, Offset, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::money::{LARGEST, Money};

mod lists;
mod spelled;

pub use lists::{EntryRef, List, Words};
use spelled::written;
pub(crate) use spelled::{Spelling, spelled, string_type};

/// Why a scalar was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct WordFault(pub &'static str);

string_type!(
    /// The code of a place, fund, programme, item, store, round or group:
    /// `[a-z0-9][a-z0-9-]{0,31}`.
    Code,
    "a code of 1 to 32 letters a-z, digits and hyphens, not beginning with a hyphen",
    |text| is_code(text)
);

string_type!(
    /// One line of 1 to 200 code points.
    Text,
    "1 to 200 characters on one line",
    |text| is_text(text, 200)
);

string_type!(
    /// A public remark of 1 to 500 code points.
    Note,
    "1 to 500 characters on one line",
    |text| is_text(text, 500)
);

string_type!(
    /// The terms of a fund, 1 to 2 000 code points.
    TermsText,
    "1 to 2000 characters on one line",
    |text| is_text(text, 2000)
);

string_type!(
    /// The opaque identifier of a person: 16 lower-case hex digits, random.
    Person,
    "16 lower-case hex digits",
    |text| is_opaque(text)
);

string_type!(
    /// A ledger's identity: host, slash, slug (and `/2`, `/3` … for one that continues another).
    Origin,
    "a host and a path in lower case, such as so.example/xuan-tay",
    |text| is_origin(text)
);

string_type!(
    /// The name of an officer's key: the ledger's origin, `/officer/`, 16 lower-case hex digits.
    KeyName,
    "an officer's key name, ORIGIN/officer/<16 hex digits>",
    |text| origin_of(text).is_some_and(is_origin)
);

string_type!(
    /// Standard base64 with padding, at least one byte.
    Base64,
    "standard base64 with padding",
    |text| {
        use base64::Engine;
        !text.is_empty() && base64::engine::general_purpose::STANDARD.decode(text).is_ok()
    }
);

impl KeyName {
    /// Whether the key belongs to the ledger `origin`.
    #[must_use]
    pub fn is_of(&self, origin: &Origin) -> bool {
        origin_of(&self.0) == Some(origin.as_str())
    }
}

/// What stands before `/officer/<16 hex digits>`.
fn origin_of(key_name: &str) -> Option<&str> {
    let (before, opaque) = key_name.split_at_checked(key_name.len().checked_sub(16)?)?;
    before.strip_suffix("/officer/").filter(|_| is_opaque(opaque))
}

impl Base64 {
    /// The base64 of some bytes; `None` of none.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(bytes).parse().ok()
    }

    /// The bytes.
    #[must_use]
    pub fn decode(&self) -> Vec<u8> {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.decode(&self.0).unwrap_or_default()
    }
}

impl Origin {
    /// The slug: the first path segment.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }

    /// The identity of its chapter: that of the chapter's first ledger.
    #[must_use]
    pub fn chapter(&self) -> &str {
        chapter_of(&self.0)
    }

    /// Which ledger of its chapter it is: 1, or the number at the end of one that continues
    /// another.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.0.split('/').nth(2).and_then(|number| number.parse().ok()).unwrap_or(1)
    }

    /// The identity of the ledger that continues this one: with `/2`, `/3` … at its end. `None`
    /// when that would be too long.
    #[must_use]
    pub fn next(&self) -> Option<Self> {
        format!("{}/{}", self.chapter(), self.generation().checked_add(1)?).parse().ok()
    }
}

fn is_code(text: &str) -> bool {
    let well_formed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| well_formed(byte) || byte == b'-')
        && !text.starts_with('-')
}

fn is_text(text: &str, most: usize) -> bool {
    let length = text.chars().count();
    length >= 1 && length <= most && text.chars().all(super::canonical::is_allowed)
}

fn is_opaque(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_origin(text: &str) -> bool {
    let mut segments = text.split('/');
    let host = segments.next().unwrap_or_default();
    let host_byte = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':')
    };
    text.len() <= 200
        && !host.is_empty()
        && host.bytes().all(host_byte)
        && segments.next().is_some_and(is_code)
        && segments.next().is_none_or(is_continuation)
        && segments.next().is_none()
}

/// The identity of a chapter's first ledger, of whichever of its ledgers `log` names; other text is
/// left as it is.
#[must_use]
pub fn chapter_of(log: &str) -> &str {
    match log.rsplit_once('/') {
        Some((first, number)) if first.contains('/') && is_continuation(number) => first,
        _ => log,
    }
}

/// `2`, `3` … of a ledger that continues another.
fn is_continuation(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number >= 2 && number.to_string() == text)
}

/// A calendar day, `YYYY-MM-DD`, years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

impl Date {
    /// The day; `None` outside years 1 to 9999.
    #[must_use]
    pub fn new(day: NaiveDate) -> Option<Self> {
        (1..=9999).contains(&day.year()).then_some(Self(day))
    }

    /// The day as chrono knows it.
    #[must_use]
    pub fn naive(self) -> NaiveDate {
        self.0
    }

    /// The calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month that the day lies in.
    #[must_use]
    pub fn month(self) -> Month {
        Month { year: self.0.year(), month: self.0.month() }
    }

    /// The day before; the first representable day stays.
    #[must_use]
    pub fn previous(self) -> Self {
        self.0.checked_sub_days(Days::new(1)).and_then(Self::new).unwrap_or(self)
    }

    /// The day after; the last representable day stays.
    #[must_use]
    pub fn next(self) -> Self {
        self.0.checked_add_days(Days::new(1)).and_then(Self::new).unwrap_or(self)
    }
}

spelled!(Date);
written!(Date);

impl FromStr for Date {
    type Err = WordFault;

    fn from_str(text: &str) -> Result<Self, WordFault> {
        const EXPECTED: WordFault = WordFault("a day such as 2026-11-05");
        text.as_bytes().try_into().ok().and_then(day).and_then(Self::new).ok_or(EXPECTED)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

/// The number that some decimal digits write.
fn decimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// `YYYY-MM-DD`.
fn day(text: &[u8; 10]) -> Option<NaiveDate> {
    let [year @ .., b'-', m, mm, b'-', d, dd] = text else { return None };
    let (month, day) = (decimal(&[*m, *mm])?, decimal(&[*d, *dd])?);
    NaiveDate::from_ymd_opt(i32::try_from(decimal(year)?).ok()?, month, day)
}

/// `YYYY-MM-DDTHH:MM:SSZ`.
fn moment(text: &[u8]) -> Option<DateTime<Utc>> {
    let (date, [b'T', h, hh, b':', m, mm, b':', s, ss, b'Z']) = text.split_first_chunk()? else {
        return None;
    };
    let (hour, minute) = (decimal(&[*h, *hh])?, decimal(&[*m, *mm])?);
    Some(day(date)?.and_hms_opt(hour, minute, decimal(&[*s, *ss])?)?.and_utc())
}

/// A calendar month, `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// The first day.
    #[must_use]
    pub fn first_day(self) -> Date {
        Date(NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default())
    }

    /// The last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        let first = self.first_day().0;
        let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
        Date(next.pred_opt().unwrap_or(first))
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 {
            Self { year: self.year + 1, month: 1 }
        } else {
            Self { year: self.year, month: self.month + 1 }
        }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.month == 1 {
            Self { year: self.year - 1, month: 12 }
        } else {
            Self { year: self.year, month: self.month - 1 }
        }
    }
}

spelled!(Month);
written!(Month);

impl FromStr for Month {
    type Err = WordFault;

    fn from_str(text: &str) -> Result<Self, WordFault> {
        let day = format!("{text}-01").parse::<Date>();
        day.map(Date::month).map_err(|_| WordFault("a month such as 2026-11"))
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

/// A moment in whole seconds of UTC, `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(DateTime<Utc>);

impl Time {
    /// The first moment of 1970.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// The moment, cut to whole seconds; `None` outside years 1 to 9999.
    #[must_use]
    pub fn new(moment: DateTime<Utc>) -> Option<Self> {
        let whole = Utc.timestamp_opt(moment.timestamp(), 0).single()?;
        (1..=9999).contains(&whole.year()).then_some(Self(whole))
    }

    /// The moment as chrono knows it.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The local day at `offset`.
    #[must_use]
    pub fn local_date(self, offset: UtcOffset) -> Date {
        Date(self.0.with_timezone(&offset.fixed()).date_naive())
    }
}

spelled!(Time);
written!(Time);

impl FromStr for Time {
    type Err = WordFault;

    fn from_str(text: &str) -> Result<Self, WordFault> {
        const EXPECTED: WordFault = WordFault("a time such as 2026-11-05T02:30:00Z");
        moment(text.as_bytes()).and_then(Self::new).ok_or(EXPECTED)
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// The chapter's distance from UTC, `+07:00`; at most 14 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UtcOffset {
    minutes: i32,
    negative: bool,
}

impl UtcOffset {
    /// The offset as chrono knows it.
    #[must_use]
    pub fn fixed(self) -> FixedOffset {
        let seconds = self.minutes * 60 * if self.negative { -1 } else { 1 };
        FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix())
    }
}

spelled!(UtcOffset);
written!(UtcOffset);

impl FromStr for UtcOffset {
    type Err = WordFault;

    fn from_str(text: &str) -> Result<Self, WordFault> {
        const EXPECTED: WordFault = WordFault("an offset such as +07:00");
        let bytes = text.as_bytes();
        let digit = |at: usize| match bytes.get(at) {
            Some(byte) if byte.is_ascii_digit() => Ok(i32::from(byte - b'0')),
            _ => Err(EXPECTED),
        };
        if bytes.len() != 6 || !matches!(bytes[0], b'+' | b'-') || bytes[3] != b':' {
            return Err(EXPECTED);
        }
        let (hours, minutes) = (digit(1)? * 10 + digit(2)?, digit(4)? * 10 + digit(5)?);
        let all = hours * 60 + minutes;
        if minutes > 59 || all > 14 * 60 {
            return Err(EXPECTED);
        }
        Ok(Self { minutes: all, negative: bytes[0] == b'-' })
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { '-' } else { '+' };
        write!(out, "{sign}{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl From<UtcOffset> for String {
    fn from(offset: UtcOffset) -> Self {
        offset.to_string()
    }
}

/// An amount above zero, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Amount(Money);

/// An amount of zero or above, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Amount0(Money);

macro_rules! amount_type {
    ($name:ident, $least:literal, $expected:literal) => {
        impl $name {
            /// The amount; `None` below the type's least value.
            #[must_use]
            pub fn new(money: Money) -> Option<Self> {
                (money.minor() >= $least).then_some(Self(money))
            }

            /// The amount as money.
            #[must_use]
            pub fn money(self) -> Money {
                self.0
            }

            /// The amount in minor units.
            #[must_use]
            pub fn minor(self) -> i64 {
                self.0.minor()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let money = Money::deserialize(deserializer)?;
                Self::new(money).ok_or_else(|| de::Error::custom(WordFault($expected)))
            }
        }
    };
}
amount_type!(Amount, 1, "an amount above 0");
amount_type!(Amount0, 0, "an amount of 0 or above");

/// A count, 0 … 2^53 − 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Number(u64);

impl Number {
    /// The count; `None` above 2^53 − 1.
    #[must_use]
    pub const fn new(count: u64) -> Option<Self> {
        if count <= LARGEST.unsigned_abs() { Some(Self(count)) } else { None }
    }

    /// The count itself.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let count = u64::deserialize(deserializer)?;
        Self::new(count).ok_or_else(|| de::Error::custom(WordFault("a count of at most 2^53-1")))
    }
}

#[cfg(test)]
mod tests;
