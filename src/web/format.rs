//! How amounts, dates, times and quantities are shown in each language. No floats anywhere.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use crate::money::{Currency, Money};

use super::i18n::Language;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An amount of đồng: `1.500.000 ₫`, in English `1,500,000 ₫`, the space a no-break one (U+00A0).
#[must_use]
pub fn money(amount: Money, language: Language) -> String {
    format!("{}\u{a0}₫", amount.grouped(group(language), &Currency::vnd()))
}

/// An amount with its sign also when it comes in: `+1.500.000 ₫`, `−200.000 ₫`, `0 ₫`.
#[must_use]
pub fn signed_money(amount: Money, language: Language) -> String {
    let plus = if amount.is_positive() { "+" } else { "" };
    format!("{plus}{}", money(amount, language))
}

/// A whole number with thousands grouped; a true minus (U+2212) before negative ones.
#[must_use]
pub fn number(value: i64, language: Language) -> String {
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(&digits, group(language)))
}

/// A quantity in the ledger's form (`"1234.5"`) as people write it: `1.234,5`, in English
/// `1,234.5`.
/// `None` for text that is not digits with at most one full stop, after a minus at most.
#[must_use]
pub fn quantity(canonical: &str, language: Language) -> Option<String> {
    let (sign, magnitude) =
        canonical.strip_prefix('-').map_or(("", canonical), |magnitude| ("−", magnitude));
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = grouped(whole, group(language));
    let point = if language == Language::English { '.' } else { ',' };
    Some(if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}{point}{fraction}")
    })
}

/// A date: `05/11/2026`, in English `5 Nov 2026`.
#[must_use]
pub fn date(date: NaiveDate, language: Language) -> String {
    use chrono::Datelike as _;
    match language {
        Language::Vietnamese => date.format("%d/%m/%Y").to_string(),
        Language::English => {
            let month = usize::try_from(date.month0()).ok().and_then(|at| MONTHS.get(at));
            format!("{}\u{a0}{}\u{a0}{}", date.day(), month.unwrap_or(&""), date.year())
        }
    }
}

/// A moment in the chapter's offset: `05/11/2026 07:30`, in English `5 Nov 2026, 07:30`.
#[must_use]
pub fn date_time(at: DateTime<Utc>, offset: FixedOffset, language: Language) -> String {
    let local = at.with_timezone(&offset);
    let comma = if language == Language::English { "," } else { "" };
    format!("{}{comma} {}", date(local.date_naive(), language), local.format("%H:%M"))
}

/// An offset such as `+07:00`; `None` for any other form.
#[must_use]
pub fn offset(text: &str) -> Option<FixedOffset> {
    if text.len() == 6 { text.parse().ok() } else { None }
}

const fn group(language: Language) -> char {
    match language {
        Language::Vietnamese => '.',
        Language::English => ',',
    }
}

fn grouped(digits: &str, group: char) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use Language::{English, Vietnamese};

    #[test]
    fn amounts_follow_each_language() {
        let amount = Money::new(1_500_000).unwrap();
        assert_eq!(money(amount, Vietnamese), "1.500.000\u{a0}₫");
        assert_eq!(money(amount, English), "1,500,000\u{a0}₫");
        assert_eq!(signed_money(amount, Vietnamese), "+1.500.000\u{a0}₫");
        assert_eq!(signed_money(amount.negated(), Vietnamese), "−1.500.000\u{a0}₫");
        assert_eq!(signed_money(Money::ZERO, English), "0\u{a0}₫");
        assert_eq!(number(i64::MIN, English), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn dates_and_times_follow_each_language_and_the_chapters_offset() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 5).unwrap();
        assert_eq!(date(day, Vietnamese), "05/11/2026");
        assert_eq!(date(day, English), "5\u{a0}Nov\u{a0}2026");
        let at = "2026-11-04T20:05:00Z".parse().unwrap();
        let seven = offset("+07:00").unwrap();
        assert_eq!(date_time(at, seven, Vietnamese), "05/11/2026 03:05");
        assert_eq!(date_time(at, seven, English), "5\u{a0}Nov\u{a0}2026, 03:05");
        assert_eq!(offset("7"), None);
    }

    #[test]
    fn quantities_change_their_marks_and_nothing_else() {
        assert_eq!(quantity("1234.5", Vietnamese).as_deref(), Some("1.234,5"));
        assert_eq!(quantity("-1234.5", English).as_deref(), Some("−1,234.5"));
        assert_eq!(quantity("12", Vietnamese).as_deref(), Some("12"));
        for text in ["", "-", "1e3", "1,5", "+1", "<b>"] {
            assert_eq!(quantity(text, Vietnamese), None, "{text}");
        }
    }
}
