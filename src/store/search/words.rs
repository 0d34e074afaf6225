//! Names as they are compared: small letters without marks, đ as d, in either form of Unicode.
//!
//! Somebody who types without marks finds what has them, and the other way round. A word that was
//! typed while the input method was off (`Nguyeenx`, Telex) is also read as what it would have
//! become: it has to be the whole word then, because more words of other languages end like that.

use icu_normalizer::DecomposingNormalizerBorrowed;
use sea_orm::Value;

/// Words of one name that are kept, and letters of one word.
const MOST_WORDS: usize = 12;
const LONGEST: usize = 40;

/// The words of a name as they are compared, each once.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word: String = word.chars().take(LONGEST).collect();
        if !all.contains(&word) && all.len() < MOST_WORDS {
            all.push(word);
        }
    }
    all
}

/// Small letters without marks. Compatibility forms (full-width letters) become the usual ones.
pub(in crate::store) fn fold(text: &str) -> String {
    DecomposingNormalizerBorrowed::new_nfkd()
        .normalize(&text.to_lowercase())
        .chars()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}'))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

/// What a word becomes that was typed with Telex keys: `dd` is đ, doubled vowels and `w` are marks,
/// `s f r x j` behind a vowel are tones. `None` where that changes nothing.
fn telex(word: &str) -> Option<String> {
    let mut made = String::with_capacity(word.len());
    let mut after_vowel = false;
    for letter in word.chars() {
        let last = made.chars().next_back();
        match letter {
            'd' if made == "d" => {}
            'a' | 'e' | 'o' if last == Some(letter) => {}
            'w' if matches!(last, Some('a' | 'o' | 'u')) => {}
            'w' => {
                made.push('u');
                after_vowel = true;
            }
            's' | 'f' | 'r' | 'x' | 'j' if after_vowel => {}
            letter => {
                after_vowel |= matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
                made.push(letter);
            }
        }
    }
    (made != word && !made.is_empty()).then_some(made)
}

/// One word that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    begins: String,
    or_is: Option<String>,
}

impl Word {
    fn new(word: String) -> Self {
        Self { or_is: telex(&word), begins: word }
    }

    /// The condition on `own.word`, with its values.
    pub(super) fn condition(&self) -> (&'static str, Vec<Value>) {
        // Words are letters and digits: whatever begins with this one lies below this end.
        let end = format!("{}\u{10ffff}", self.begins);
        let range = [self.begins.as_str().into(), end.into()];
        match &self.or_is {
            None => ("own.word >= ? AND own.word < ?", range.to_vec()),
            Some(word) => (
                "((own.word >= ? AND own.word < ?) OR own.word = ?)",
                range.into_iter().chain([word.as_str().into()]).collect(),
            ),
        }
    }
}

/// The words of a part of a name, all of which a name has to have, in whatever order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameWords(Vec<Word>);

impl NameWords {
    /// The words of a typed text; `None` where it has no letter or digit.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let words: Vec<Word> = words(text).into_iter().map(Word::new).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    pub(super) fn words(&self) -> &[Word] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_case_and_form_of_unicode_make_no_difference() {
        let plain = words("nguyen van do");
        for text in [
            "Nguyễn Văn Đỗ",
            "NGUYỄN VĂN ĐỖ",
            "Nguye\u{302}\u{303}n Va\u{306}n \u{110}o\u{302}\u{303}",
            "  nguyễn,văn—đỗ. ",
            "Ｎｇｕｙễn văn đỗ",
        ] {
            assert_eq!(words(text), plain, "{text}");
        }
    }

    #[test]
    fn what_is_no_letter_is_no_word() {
        for text in ["", "  ", "%_%", "'\"--", "🙏🙏", "\u{301}\u{301}"] {
            assert_eq!(NameWords::of(text), None, "{text}");
        }
        assert_eq!(words("N. T. H."), ["n", "t", "h"]);
        let many = "a".repeat(10_000);
        assert_eq!(words(&many), ["a".repeat(LONGEST)]);
        let heap: String = (0..500).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&heap).len(), MOST_WORDS);
    }

    #[test]
    fn telex_keys_are_read_as_what_they_would_have_become() {
        for (typed, made) in [
            ("nguyeenx", "nguyen"),
            ("nguyexn", "nguyen"),
            ("ddoox", "do"),
            ("vawn", "van"),
            ("thuwowng", "thuong"),
            ("wng", "ung"),
            ("hanhj", "hanh"),
        ] {
            assert_eq!(telex(typed).as_deref(), Some(made), "{typed}");
        }
        for plain in ["nguyen", "trang", "sen", "xuan", "d", ""] {
            assert_eq!(telex(plain), None, "{plain}");
        }
    }
}
