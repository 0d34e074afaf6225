//! Amounts in words, as slips and receipts write them: "Một triệu năm trăm nghìn đồng".
//!
//! The rules of spoken Vietnamese: *lẻ* before a lone unit, *mười* for ten and *mươi* above it,
//! *mốt* and *tư* after *mươi*, *lăm* after any ten; a later group of three speaks its hundred even
//! when that is *không*. Checked against `tests/golden/words.tsv`.

use crate::money::Money;

use super::i18n::Language;

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

const ENGLISH: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const SCALES: [&str; 6] = ["", " thousand", " million", " billion", " trillion", " quadrillion"];

/// An amount of đồng in words, with a capital letter and the unit.
#[must_use]
pub fn amount_in_words(amount: Money, language: Language) -> String {
    let magnitude = amount.minor().unsigned_abs();
    let (minus, number) = match language {
        Language::Vietnamese => ("âm ", vietnamese(magnitude)),
        Language::English => ("minus ", english(magnitude)),
    };
    let sign = if amount.is_negative() { minus } else { "" };
    capitalised(&format!("{sign}{number} đồng"))
}

/// A whole number in Vietnamese words, lower case.
#[must_use]
pub fn vietnamese(number: u64) -> String {
    if number == 0 {
        return DIGITS[0].to_owned();
    }
    let mut words = Vec::new();
    below(number, false, &mut words);
    words.join(" ")
}

/// Speaks `number` > 0. `full`: words stand before it, so the hundred of its first group is spoken.
fn below(number: u64, full: bool, words: &mut Vec<&'static str>) {
    let mut full = full;
    for (scale, unit) in [(1_000_000_000, "tỷ"), (1_000_000, "triệu"), (1_000, "nghìn")] {
        let (count, rest) = (number / scale % 1_000, number % scale);
        // Only "tỷ" repeats: what stands before it may itself have thousands and millions.
        if scale == 1_000_000_000 && number >= scale {
            below(number / scale, full, words);
            words.push(unit);
            full = true;
        } else if scale < 1_000_000_000 && count > 0 {
            group(count, full, words);
            words.push(unit);
            full = true;
        }
        if rest == 0 {
            return;
        }
    }
    let last = number % 1_000;
    if last > 0 {
        group(last, full, words);
    }
}

/// Speaks a group of three digits, 1 … 999.
fn group(number: u64, full: bool, words: &mut Vec<&'static str>) {
    let digit = |value: u64| DIGITS[usize::try_from(value % 10).unwrap_or(0)];
    let (hundreds, tens, units) = (number / 100, number / 10 % 10, number % 10);
    if hundreds > 0 || full {
        words.extend([digit(hundreds), "trăm"]);
    }
    match tens {
        0 if units > 0 && (hundreds > 0 || full) => words.push("lẻ"),
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([digit(tens), "mươi"]),
    }
    match (tens, units) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (2.., 4) => words.push("tư"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(digit(units)),
    }
}

/// A whole number in English words, lower case.
#[must_use]
pub fn english(number: u64) -> String {
    if number == 0 {
        return ENGLISH[0].to_owned();
    }
    let mut groups = Vec::new();
    let mut rest = number;
    for scale in SCALES {
        let group = rest % 1_000;
        if group > 0 {
            groups.push(format!("{}{scale}", english_group(group)));
        }
        rest /= 1_000;
    }
    groups.reverse();
    groups.join(" ")
}

fn english_group(number: u64) -> String {
    let word = |table: &[&'static str], at: u64| {
        usize::try_from(at).ok().and_then(|at| table.get(at).copied()).unwrap_or("")
    };
    let (hundreds, rest) = (number / 100, number % 100);
    let tail = match (rest / 10, rest % 10) {
        (0, 0) => String::new(),
        (0 | 1, _) => word(&ENGLISH, rest).to_owned(),
        (tens, 0) => word(&TENS, tens).to_owned(),
        (tens, units) => format!("{}-{}", word(&TENS, tens), word(&ENGLISH, units)),
    };
    match (hundreds, tail.is_empty()) {
        (0, _) => tail,
        (_, true) => format!("{} hundred", word(&ENGLISH, hundreds)),
        (_, false) => format!("{} hundred and {tail}", word(&ENGLISH, hundreds)),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_numbers_read_as_in_the_published_table() {
        let table = include_str!("../../tests/golden/words.tsv");
        let mut rows = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let (number, words) = line.split_once('\t').unwrap();
            assert_eq!(vietnamese(number.parse().unwrap()), words, "{number}");
            rows += 1;
        }
        assert!(rows >= 300, "{rows}");
    }

    #[test]
    fn english_numbers_read_as_spoken() {
        for (number, words) in [
            (0, "zero"),
            (13, "thirteen"),
            (40, "forty"),
            (105, "one hundred and five"),
            (1_500_000, "one million five hundred thousand"),
            (21_000_042, "twenty-one million forty-two"),
            (
                9_007_199_254_740_991,
                "nine quadrillion seven trillion one hundred and ninety-nine \
              billion two hundred and fifty-four million seven hundred and forty thousand nine \
              hundred and ninety-one",
            ),
        ] {
            assert_eq!(english(number), words);
        }
    }

    #[test]
    fn amounts_have_a_capital_a_sign_and_the_unit() {
        let amount = |minor| Money::new(minor).unwrap();
        let say = amount_in_words;
        let vi = Language::Vietnamese;
        assert_eq!(say(amount(1_500_000), vi), "Một triệu năm trăm nghìn đồng");
        assert_eq!(say(amount(-5), vi), "Âm năm đồng");
        assert_eq!(say(amount(0), Language::English), "Zero đồng");
    }
}
