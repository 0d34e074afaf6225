//! Amounts and quantities: whole minor units and whole thousandths, checked, never a float.
//!
//! INVARIANT: no value here leaves ±(2^53 − 1), the largest integer that every JSON reader keeps.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, de};

/// The largest magnitude of an amount in minor units and of a quantity in thousandths: 2^53 − 1.
pub const LARGEST: i64 = (1 << 53) - 1;

/// An amount in minor units of the ledger's currency (đồng for VND), of either sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount of `minor` units; `None` outside ±(2^53 − 1).
    #[must_use]
    pub const fn new(minor: i64) -> Option<Self> {
        if minor >= -LARGEST && minor <= LARGEST { Some(Self(minor)) } else { None }
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// The sum; `None` outside the range.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        // Two values within ±2^53 never overflow an i64.
        Self::new(self.0 + other.0)
    }

    /// The difference; `None` outside the range.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        Self::new(self.0 - other.0)
    }

    /// The opposite amount.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum of many amounts; `None` when any partial sum leaves the range.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// `floor(self · part / whole)`, with a 128-bit product.
    ///
    /// `None` when `whole` is not above zero or the result leaves the range.
    #[must_use]
    pub fn share(self, part: i64, whole: i64) -> Option<Self> {
        if whole <= 0 {
            return None;
        }
        let product = i128::from(self.0) * i128::from(part);
        let share = product.div_euclid(i128::from(whole));
        i64::try_from(share).ok().and_then(Self::new)
    }

    /// Splits the amount into `parts` that differ by at most one unit and add up to it again,
    /// the larger ones first. Empty for 0 parts.
    #[must_use]
    pub fn allocate(self, parts: u32) -> Vec<Self> {
        if parts == 0 {
            return Vec::new();
        }
        let count = i64::from(parts);
        let (each, rest) = (self.0.div_euclid(count), self.0.rem_euclid(count));
        (0..count).map(|index| Self(each + i64::from(index < rest))).collect()
    }

    /// Reads an amount as a person or a bank writes it.
    ///
    /// One rule: digits alone, or digits in groups of three parted by one kind of separator (full
    /// stop, comma, space, no-break space), the first group of one to three. With a currency of
    /// two decimals a last group of exactly two digits behind the *other* separator (or behind a
    /// single one) is the fraction. `₫`, `đ` or `VND` may follow. A sign, a leading `+`, an
    /// exponent or digits of another script are refused.
    ///
    /// # Errors
    /// [`AmountFault`] says what was wrong.
    pub fn parse(text: &str, currency: &Currency) -> Result<Self, AmountFault> {
        let text = strip_unit(text.trim());
        if text.is_empty() {
            return Err(AmountFault::Empty);
        }
        let (whole, fraction) = split_fraction(text, currency.scale);
        let mut digits = ungroup(whole)?;
        if currency.scale > 0 {
            let fraction = fraction.unwrap_or("");
            if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(AmountFault::NotANumber);
            }
            digits.push_str(fraction);
            for _ in fraction.len()..usize::from(currency.scale) {
                digits.push('0');
            }
        }
        let significant = digits.trim_start_matches('0');
        if significant.len() > 16 {
            return Err(AmountFault::TooLarge);
        }
        let minor = significant.parse::<i64>().unwrap_or(0);
        Self::new(minor).ok_or(AmountFault::TooLarge)
    }

    /// The amount with `group` between thousands and, for currencies with decimals, a comma (or a
    /// full stop when `group` is a comma) before them. No unit.
    #[must_use]
    pub fn grouped(self, group: char, currency: &Currency) -> String {
        let point = if group == ',' { '.' } else { ',' };
        let digits =
            format!("{:0width$}", self.0.unsigned_abs(), width = usize::from(currency.scale) + 1);
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(currency.scale));
        let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 2);
        if self.0 < 0 {
            text.push('−');
        }
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index) % 3 == 0 {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let minor = i64::deserialize(deserializer)?;
        Self::new(minor).ok_or_else(|| de::Error::custom("an amount beyond 2^53 - 1"))
    }
}

fn strip_unit(text: &str) -> &str {
    ["₫", "đ", "VND", "VNĐ", "vnd", "vnđ"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text)
        .trim_end()
}

/// Parts a fraction from the whole: only where the currency has one, and only exactly as long.
fn split_fraction(text: &str, scale: u8) -> (&str, Option<&str>) {
    let scale = usize::from(scale);
    if scale == 0 || scale == 3 || text.len() <= scale {
        // Three decimals cannot be told from a group of thousands: they are not read at all.
        return (text, None);
    }
    match text.rfind(['.', ',']) {
        Some(at) if text.len() - at - 1 == scale => (&text[..at], Some(&text[at + 1..])),
        _ => (text, None),
    }
}

/// The digits of a number whose thousands may be grouped.
fn ungroup(text: &str) -> Result<String, AmountFault> {
    let is_separator = |c: char| matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}');
    let separators: Vec<char> = text.chars().filter(|c| is_separator(*c)).collect();
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_digit() || is_separator(c)) {
        return Err(AmountFault::NotANumber);
    }
    if separators.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(AmountFault::Ambiguous);
    }
    let groups: Vec<&str> = text.split(is_separator).collect();
    let grouped_well = groups.len() == 1
        || (matches!(groups[0].len(), 1..=3) && groups[1..].iter().all(|group| group.len() == 3));
    if grouped_well { Ok(groups.concat()) } else { Err(AmountFault::Ambiguous) }
}

/// Why a typed amount was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountFault {
    /// Nothing was typed.
    #[error("no amount")]
    Empty,
    /// Something beside digits and separators.
    #[error("not a plain number")]
    NotANumber,
    /// Separators that do not stand between groups of three digits.
    #[error("separators that could mean thousands or decimals")]
    Ambiguous,
    /// Above 2^53 − 1 minor units.
    #[error("too large an amount")]
    TooLarge,
}

/// The currency of a ledger: its ISO 4217 code and the number of its decimals (0 to 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Currency {
    /// ISO 4217 code, `VND`.
    pub code: String,
    /// Decimals of the currency, 0 to 3.
    pub scale: u8,
}

impl Currency {
    /// The Vietnamese đồng: no decimals.
    #[must_use]
    pub fn vnd() -> Self {
        Self { code: "VND".to_owned(), scale: 0 }
    }
}

/// A quantity of goods above zero, in thousandths of the item's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

impl Quantity {
    /// A quantity of `thousandths`; `None` outside 1 … 2^53 − 1.
    #[must_use]
    pub const fn new(thousandths: i64) -> Option<Self> {
        if thousandths >= 1 && thousandths <= LARGEST { Some(Self(thousandths)) } else { None }
    }

    /// The quantity in thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Whether it is a whole number of units.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.0 % 1000 == 0
    }
}

/// A quantity of either sign, or none, in thousandths, as the ledger writes it: `-12.5`, `0`.
#[must_use]
pub fn signed_quantity(thousandths: i64) -> String {
    Decimal::new(thousandths, 3).normalize().to_string()
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", Decimal::new(self.0, 3).normalize())
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityFault;

    /// Reads the one canonical form: no sign, no exponent, no superfluous zero, at most three
    /// decimals.
    fn from_str(text: &str) -> Result<Self, QuantityFault> {
        let thousandths = thousandths(text)?;
        let quantity = Self::new(thousandths).ok_or(QuantityFault)?;
        if quantity.to_string() == text { Ok(quantity) } else { Err(QuantityFault) }
    }
}

fn thousandths(text: &str) -> Result<i64, QuantityFault> {
    if text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(QuantityFault);
    }
    let mut decimal = Decimal::from_str_exact(text).map_err(|_| QuantityFault)?;
    if decimal.scale() > 3 {
        return Err(QuantityFault);
    }
    decimal.rescale(3);
    i64::try_from(decimal.mantissa()).map_err(|_| QuantityFault)
}

/// A quantity that is not in the canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a quantity such as \"12.5\", above 0, with at most three decimals")]
pub struct QuantityFault;

impl Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<i64, AmountFault> {
        Money::parse(text, &Currency::vnd()).map(Money::minor)
    }

    #[test]
    fn people_and_banks_write_thousands_in_several_ways() {
        for text in ["1500000", "1.500.000", "1,500,000", "1 500 000", "1\u{a0}500\u{a0}000 ₫"] {
            assert_eq!(parse(text), Ok(1_500_000), "{text}");
        }
        assert_eq!(parse("0"), Ok(0));
        assert_eq!(parse("1.000"), Ok(1000));
    }

    #[test]
    fn doubtful_amounts_are_refused() {
        for text in ["-1", "-0", "+5", "1e3", "0x10", "NaN", "٥", "１０", "5-", "₫5"] {
            assert_eq!(parse(text), Err(AmountFault::NotANumber), "{text}");
        }
        for text in ["1.5", "1.50", "1.000,000", "1..000", "1000.000", ".500", "1.000.", "1. 000"] {
            assert_eq!(parse(text), Err(AmountFault::Ambiguous), "{text}");
        }
        assert_eq!(parse("9007199254740991"), Ok(LARGEST));
        assert_eq!(parse("9007199254740992"), Err(AmountFault::TooLarge));
        assert_eq!(parse("9999999999999999999"), Err(AmountFault::TooLarge));
        assert_eq!(parse(" "), Err(AmountFault::Empty));
    }

    #[test]
    fn two_decimals_are_read_and_shown() {
        let dollars = Currency { code: "USD".to_owned(), scale: 2 };
        let read = |text| Money::parse(text, &dollars).map(Money::minor);
        assert_eq!(read("1.234,50"), Ok(123_450));
        assert_eq!(read("12"), Ok(1200));
        assert_eq!(read("12.5"), Err(AmountFault::Ambiguous));
        assert_eq!(Money(123_450).grouped('.', &dollars), "1.234,50");
        assert_eq!(Money(5).grouped(',', &dollars), "0.05");
    }

    #[test]
    fn shares_and_parts_lose_nothing() {
        assert_eq!(Money(100_000).allocate(3), [Money(33_334), Money(33_333), Money(33_333)]);
        assert_eq!(Money(10).share(1, 3), Some(Money(3)));
        assert_eq!(Money(LARGEST).share(LARGEST, LARGEST), Some(Money(LARGEST)));
        assert_eq!(Money(1).share(1, 0), None);
        assert_eq!(Money(1_500_000).grouped('.', &Currency::vnd()), "1.500.000");
        assert_eq!(Money(-999).grouped('.', &Currency::vnd()), "−999");
    }

    #[test]
    fn quantities_have_one_form() {
        for text in ["1", "12.5", "0.001", "9007199254740.991"] {
            assert_eq!(text.parse::<Quantity>().map(|q| q.to_string()), Ok(text.to_owned()));
        }
        let wrong =
            ["0", "-1", "+1", "1.0", "01", ".5", "1.", "1e3", "0.0001", "9007199254740.992"];
        for text in wrong {
            assert_eq!(text.parse::<Quantity>(), Err(QuantityFault), "{text}");
        }
    }
}
