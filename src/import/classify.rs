//! What kind of voucher a line proposes; a person sees and changes every proposal.
//!
//! Rules are phrases in Vietnamese with all their marks. A word of a bank text that has marks must
//! be the same word; one without marks, as most banks write, is compared without them: the rule
//! `trả lãi` (interest paid) finds `TRA LAI` and `trả lãi`, not `trả lại` (give back). The first
//! rule that is found decides, so words of donors stand before words of banks: "ủng hộ tiền lãi
//! tiết kiệm" is a gift.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::statement::{Direction, StatementLine};
use super::text::fold;

/// What a line becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Money in: a `donation`.
    Donation,
    /// Money in: `income`, such as the bank's interest.
    Income,
    /// Money in that is not ours, such as a mistaken transfer: `custody_received`.
    Custody,
    /// Money between places of the chapter: a `transfer`.
    Transfer,
    /// Money out: `cost_paid` of the category `bank_fee`.
    Fee,
    /// Money out for which a person names or writes the voucher.
    Unmatched,
    /// Nothing is booked.
    Skip,
}

impl Class {
    /// All classes, in the order of pages.
    pub const ALL: [Self; 7] = [
        Self::Donation,
        Self::Income,
        Self::Custody,
        Self::Transfer,
        Self::Fee,
        Self::Unmatched,
        Self::Skip,
    ];

    /// Whether a line of that direction can be of the class.
    #[must_use]
    pub const fn suits(self, direction: Direction) -> bool {
        match self {
            Self::Donation | Self::Income | Self::Custody => {
                matches!(direction, Direction::Credit)
            }
            Self::Fee | Self::Unmatched => matches!(direction, Direction::Debit),
            Self::Transfer | Self::Skip => true,
        }
    }

    /// The class that a line's text proposes.
    #[must_use]
    pub fn propose(line: &StatementLine) -> Self {
        let (rules, otherwise) = match line.movement.direction {
            Direction::Credit => (&CREDIT, Self::Donation),
            Direction::Debit => (&DEBIT, Self::Unmatched),
        };
        let words = Words::of(&line.text);
        let found = rules.iter().find(|(_, phrase)| words.contain(phrase));
        found.map_or(otherwise, |(class, _)| *class)
    }
}

/// Phrases and the class they propose; the first that is found decides. A `^` in front: only at
/// the beginning of the text. A `!` in front: only with its marks.
type Rules = &'static [(Class, &'static [&'static str])];

const CREDIT_RULES: Rules = &[
    (
        Class::Custody,
        &[
            "chuyển nhầm",
            "chuyển khoản nhầm",
            "chuyển tiền nhầm",
            "ck nhầm",
            "nhầm tài khoản",
            "nhầm số tài khoản",
            "giữ hộ",
        ],
    ),
    (
        Class::Donation,
        &[
            "ủng hộ",
            "quyên góp",
            "đóng góp",
            "góp",
            "giúp đỡ",
            "hỗ trợ",
            "từ thiện",
            "cứu trợ",
            "chia sẻ",
            "chung tay",
            "tấm lòng",
            "đồng bào",
            "tặng",
            "donate",
            "donation",
        ],
    ),
    (
        Class::Income,
        &[
            "!lãi",
            "^lãi",
            "trả lãi",
            "tiền lãi",
            "lãi tiền gửi",
            "lãi suất",
            "lãi nhập gốc",
            "lãi không kỳ hạn",
            "lãi kkh",
            "nhập lãi",
            "interest",
            "credit interest",
            "hoàn phí",
        ],
    ),
    (
        Class::Transfer,
        &[
            "nộp tiền mặt vào tài khoản",
            "nộp quỹ tiền mặt",
            "chuyển nội bộ",
            "điều chuyển vốn",
            "chuyển tiền giữa các tài khoản",
        ],
    ),
];

const DEBIT_RULES: Rules = &[
    (
        Class::Fee,
        &[
            "!phí",
            "^phí",
            "thu phí",
            "trừ phí",
            "lệ phí",
            "phí dịch vụ",
            "phí quản lý",
            "phí duy trì",
            "phí thường niên",
            "phí chuyển tiền",
            "phí chuyển khoản",
            "phí sms",
            "phí qltk",
            "phí gd",
            "phí giao dịch",
            "fee",
            "fees",
            "charge",
            "charges",
        ],
    ),
    (
        Class::Transfer,
        &[
            "rút tiền mặt nhập quỹ",
            "rút quỹ tiền mặt",
            "chuyển nội bộ",
            "điều chuyển vốn",
            "chuyển tiền giữa các tài khoản",
        ],
    ),
];

static CREDIT: LazyLock<Vec<(Class, Phrase)>> = LazyLock::new(|| Phrase::all(CREDIT_RULES));
static DEBIT: LazyLock<Vec<(Class, Phrase)>> = LazyLock::new(|| Phrase::all(DEBIT_RULES));

/// A phrase of a rule, ready to be looked for.
struct Phrase {
    words: Words,
    only_first: bool,
    only_marked: bool,
}

impl Phrase {
    fn all(rules: Rules) -> Vec<(Class, Self)> {
        let of = |phrase: &str| Self {
            words: Words::of(phrase),
            only_first: phrase.starts_with('^'),
            only_marked: phrase.starts_with('!'),
        };
        let phrases = |rule: &(Class, &[&str])| {
            let class = rule.0;
            rule.1.iter().map(move |phrase| (class, of(phrase))).collect::<Vec<_>>()
        };
        rules.iter().flat_map(phrases).collect()
    }
}

/// The words of a text in lower case, a space before and behind each, with and without marks.
struct Words {
    marked: String,
    plain: String,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut marked = String::with_capacity(text.len() + 2);
        marked.push(' ');
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            marked.push_str(&word.to_lowercase());
            marked.push(' ');
        }
        let plain = fold(&marked);
        Self { marked, plain }
    }

    /// Each word with and without its marks.
    fn pairs(&self) -> Vec<(&str, &str)> {
        self.marked.split_whitespace().zip(self.plain.split_whitespace()).collect()
    }

    fn contain(&self, phrase: &Phrase) -> bool {
        // Marks only narrow down what is found without them, and that is one search in a string.
        let wanted = &phrase.words;
        let may = if phrase.only_first {
            self.plain.starts_with(&wanted.plain)
        } else {
            self.plain.contains(&wanted.plain)
        };
        may && self.contain_marked(phrase)
    }

    fn contain_marked(&self, phrase: &Phrase) -> bool {
        let (text, wanted) = (self.pairs(), phrase.words.pairs());
        let mut places = text.windows(wanted.len().max(1));
        let found = |place: &[(&str, &str)]| {
            place.iter().zip(&wanted).all(|(word, wanted)| {
                let unmarked = word.0 == word.1 && word.1 == wanted.1;
                word.0 == wanted.0 || (unmarked && !phrase.only_marked)
            })
        };
        if phrase.only_first { places.next().is_some_and(found) } else { places.any(found) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use chrono::NaiveDate;

    use super::super::statement::Movement;
    use super::*;
    use crate::money::Money;

    fn propose(direction: Direction, text: &str) -> Class {
        Class::propose(&StatementLine {
            row: 2,
            date: NaiveDate::from_ymd_opt(2026, 11, 5).unwrap(),
            time: None,
            document_number: None,
            reference: None,
            text: text.into(),
            movement: Movement { direction, amount: Money::new(1).unwrap() },
            balance: None,
            offset_account: None,
        })
    }

    #[test]
    fn money_in_is_a_gift_unless_its_words_say_otherwise() {
        for (text, class) in [
            ("NGUYEN VAN A chuyen tien", Class::Donation),
            ("", Class::Donation),
            ("TRA LAI TIEN GUI THANG 11", Class::Income),
            ("Trả lãi tiền gửi", Class::Income),
            ("lãi T11", Class::Income),
            ("Lai nhap goc", Class::Income),
            ("INTEREST PAYMENT", Class::Income),
            ("Trả lại tiền mượn", Class::Donation),
            ("em Lai gui tien", Class::Donation),
            ("ủng hộ tiền lãi tiết kiệm", Class::Donation),
            ("UNG HO TIEN LAI TIET KIEM", Class::Donation),
            ("toi chuyen nham, xin lai", Class::Custody),
            ("ung ho, chuyển nhầm", Class::Custody),
            ("Nop tien mat vao tai khoan", Class::Transfer),
        ] {
            assert_eq!(propose(Direction::Credit, text), class, "{text}");
        }
    }

    #[test]
    fn money_out_is_a_fee_or_waits_for_a_person() {
        for (text, class) in [
            ("Thu phi SMS", Class::Fee),
            ("PHI QLTK T11", Class::Fee),
            ("VAT va phí thường niên", Class::Fee),
            ("Account fee", Class::Fee),
            ("chi cho anh Phi va chi Lai", Class::Unmatched),
            ("chi phì đại", Class::Unmatched),
            ("chuyen noi bo", Class::Transfer),
            ("", Class::Unmatched),
        ] {
            assert_eq!(propose(Direction::Debit, text), class, "{text}");
        }
    }

    #[test]
    fn every_phrase_is_found_and_proposes_a_class_of_its_direction() {
        for (direction, rules) in
            [(Direction::Credit, CREDIT_RULES), (Direction::Debit, DEBIT_RULES)]
        {
            for (class, phrases) in rules {
                assert!(class.suits(direction));
                for phrase in *phrases {
                    let text = phrase.trim_start_matches(['^', '!']);
                    assert_eq!(propose(direction, text), *class, "{phrase}");
                }
            }
        }
        assert!(!Class::Donation.suits(Direction::Debit));
        assert!(!Class::Fee.suits(Direction::Credit));
    }
}
