//! Bank text as the ledger can hold it, and folded text for comparisons.
//!
//! What [`clean`] does to every cell, in this order:
//! 1. each line break or tab, with the white space around it, becomes one space (banks wrap long
//!    texts; the break means nothing);
//! 2. all other characters that the ledger's profile refuses are taken out: the controls
//!    U+0000–001F and 007F–009F and the invisible ones 00AD 034F 061C 115F–1160 17B4–17B5 180E
//!    200B–200F 2028–202E 2060–206F 3164 FE00–FE0F FEFF FFA0 FFF0–FFFF E0000–E0FFF;
//! 3. Unicode normalisation form C;
//! 4. white space at both ends is taken off.
//!
//! U+0085, U+2028 and U+2029 are line breaks too.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// Whether the ledger's profile refuses the character in a text.
#[must_use]
pub const fn is_refused(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

const fn breaks_a_line(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The text as the ledger can hold it; see the head of this file.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if plain {
        return Cow::Borrowed(text.trim());
    }
    let stripped = if text.chars().any(is_refused) { Cow::Owned(strip(text)) } else { text.into() };
    let normalizer = ComposingNormalizerBorrowed::new_nfc();
    match stripped {
        Cow::Borrowed(text) => normalizer.normalize(text.trim()),
        Cow::Owned(text) => Cow::Owned(normalizer.normalize(text.trim()).into_owned()),
    }
}

fn strip(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    let mut after_break = false;
    for character in text.chars() {
        if breaks_a_line(character) {
            stripped.truncate(stripped.trim_end().len());
            after_break = true;
        } else if is_refused(character) || (after_break && character.is_whitespace()) {
            continue;
        } else {
            if after_break && !stripped.is_empty() {
                stripped.push(' ');
            }
            after_break = false;
            stripped.push(character);
        }
    }
    stripped
}

/// Lower case without marks, đ as d: `Ủng hộ ĐỒNG BÀO` and `ung ho dong bao` fold to one text.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.to_lowercase();
    DecomposingNormalizerBorrowed::new_nfd()
        .normalize(&lower)
        .chars()
        .filter(|character| !matches!(character, '\u{300}'..='\u{36f}'))
        .map(|character| if character == 'đ' { 'd' } else { character })
        .collect()
}

/// Only the letters and digits of the folded text: what two exports of one line still share when
/// they wrap, space or punctuate it differently.
#[must_use]
pub fn essence(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(char::is_alphanumeric);
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn line_breaks_inside_a_cell_become_one_space() {
        assert_eq!(clean("bao lu \r\n lut\n(CT2977)\n"), "bao lu lut (CT2977)");
        assert_eq!(clean("\n\ta\u{2028}\u{85}b"), "a b");
        assert_eq!(clean("two  spaces stay"), "two  spaces stay");
    }

    #[test]
    fn controls_and_invisible_characters_are_taken_out() {
        assert_eq!(clean("a\u{0}b\u{202e}c\u{200b}d\u{feff}\u{7f}e\u{ad}"), "abcde");
        assert_eq!(clean("\u{200b}\u{e0041}"), "");
        assert_eq!(clean("a \u{200b}\nb"), "a b");
    }

    #[test]
    fn marks_are_composed_also_across_an_invisible_character() {
        assert_eq!(clean("Tie\u{302}\u{301}ng Vie\u{323}\u{302}t"), "Tiếng Việt");
        assert_eq!(clean("e\u{200d}\u{301}"), "é");
        assert_eq!(clean(&format!("a{}", "\u{301}".repeat(10_000))).chars().count(), 10_000);
    }

    #[test]
    fn folding_is_blind_to_marks_and_case() {
        assert_eq!(fold("Ủng hộ ĐỒNG BÀO"), "ung ho dong bao");
        assert_eq!(essence("Ủng hộ\n Đồng-bào 08/12"), "unghodongbao0812");
    }

    proptest! {
        #[test]
        fn clean_text_holds_nothing_refused_and_stays_as_it_is(text in any::<String>()) {
            let cleaned = clean(&text).into_owned();
            prop_assert!(!cleaned.chars().any(is_refused));
            prop_assert_eq!(clean(&cleaned), cleaned.as_str());
        }
    }
}
