//! What typed text may hold: the ledger's profile of strings, in NFC.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

use crate::ledger::canonical;

/// Whether a character may not stand in any text that is kept: the ledger's own list.
#[must_use]
pub fn is_forbidden(character: char) -> bool {
    !canonical::is_allowed(character)
}

/// Marks that may follow one letter after composition. Vietnamese needs none, no living script more
/// than three; a heap of them covers the lines above and below.
const MOST_MARKS: usize = 4;

/// Whether a character has no meaning of its own: private use, or no character at all. Each
/// machine shows another thing for it. The ledger's readers take them; our own forms do not.
const fn is_without_meaning(character: char) -> bool {
    let point = character as u32;
    matches!(point, 0xe000..=0xf8ff | 0xf_0000..=0x10_ffff | 0xfdd0..=0xfdef)
        || point & 0xfffe == 0xfffe
}

/// The mark that is one too many on its letter, or has no letter at all.
fn heaped(text: &str) -> Option<char> {
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let mut marks = MOST_MARKS;
    text.chars().find(|character| {
        let is_mark = classes.get_u8(*character) != 0;
        marks = if is_mark { marks + 1 } else { 0 };
        is_mark && marks > MOST_MARKS
    })
}

/// Text in the composed form (NFC) in which everything is kept and compared.
#[must_use]
pub fn composed(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// One line of typed text: composed, without space at either end, of at most `longest` code points.
///
/// # Errors
/// [`Unfit`] for text that is longer, holds a character that is forbidden or means nothing, or has
/// marks heaped on a letter.
pub fn clean(text: &str, longest: usize) -> Result<String, Unfit> {
    fit(composed(text).trim(), longest, false)
}

/// Typed text of several lines, parted by `\n` alone; as [`clean`] otherwise.
///
/// # Errors
/// As for [`clean`].
pub fn clean_lines(text: &str, longest: usize) -> Result<String, Unfit> {
    fit(composed(text).replace("\r\n", "\n").trim(), longest, true)
}

fn fit(text: &str, longest: usize, lines: bool) -> Result<String, Unfit> {
    let forbidden = |c: &char| is_forbidden(*c) && !(lines && *c == '\n');
    if let Some(character) = text.chars().find(forbidden) {
        return Err(Unfit::Forbidden(character));
    }
    if text.chars().nth(longest).is_some() {
        return Err(Unfit::TooLong(longest));
    }
    if let Some(character) = text.chars().find(|character| is_without_meaning(*character)) {
        return Err(Unfit::WithoutMeaning(character));
    }
    if let Some(mark) = heaped(text) {
        return Err(Unfit::Heaped(mark));
    }
    Ok(text.to_owned())
}

/// The text without the characters that can't be kept, to be shown again in its field.
#[must_use]
pub fn showable(text: &str) -> String {
    text.chars().filter(|c| !is_forbidden(*c) || matches!(c, '\n' | '\t')).collect()
}

/// Why a text can't be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A control, invisible or directional character.
    #[error("the character U+{:04X} is not allowed", u32::from(*.0))]
    Forbidden(char),
    /// More code points than that.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A character of private use, or none at all.
    #[error("the character U+{:04X} means nothing", u32::from(*.0))]
    WithoutMeaning(char),
    /// A mark that is one too many on its letter, or has none.
    #[error("too many marks on a letter, the last U+{:04X}", u32::from(*.0))]
    Heaped(char),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_in_two_forms_of_unicode_become_one() {
        assert_eq!(clean("Xuân Tây", 200), clean("Xua\u{302}n Ta\u{302}y", 200));
        assert_eq!(clean("  hai  chữ \u{a0}", 200).as_deref(), Ok("hai  chữ"));
    }

    #[test]
    fn invisible_and_directional_characters_are_named() {
        for bad in [
            '\0',
            '\u{202e}',
            '\u{200b}',
            '\u{200d}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{e0041}',
            '\u{7f}',
            '\u{85}',
            '\n',
            '\r',
            '\t',
            '\u{ad}',
        ] {
            let text = format!("a{bad}b");
            assert_eq!(clean(&text, 200), Err(Unfit::Forbidden(bad)), "{bad:?}");
        }
        assert_eq!(Unfit::Forbidden('\u{202e}').to_string(), "the character U+202E is not allowed");
        assert_eq!(clean("đồng ₫ – “x” 🙂", 200).as_deref(), Ok("đồng ₫ – “x” 🙂"));
    }

    #[test]
    fn length_is_counted_in_code_points_after_composition() {
        assert_eq!(clean(&"ấ".repeat(200), 200).map(|text| text.chars().count()), Ok(200));
        assert_eq!(clean(&"a".repeat(201), 200), Err(Unfit::TooLong(200)));
        let heap = format!("a{}", "\u{301}".repeat(10_000));
        assert_eq!(clean(&heap, 200), Err(Unfit::TooLong(200)));
    }

    #[test]
    fn marks_are_not_heaped_and_characters_mean_something() {
        assert_eq!(clean("Ngu\u{31b}\u{323}i", 200).as_deref(), Ok("Ngựi"));
        // A letter that no composed form has keeps its marks.
        assert_eq!(clean("q\u{301}\u{323}", 200).map(|text| text.chars().count()), Ok(3));
        let heap = |marks: usize| clean(&format!("a{}b", "\u{336}".repeat(marks)), 200);
        assert!(heap(4).is_ok());
        assert_eq!(heap(5), Err(Unfit::Heaped('\u{336}')));
        assert_eq!(clean("\u{338}x", 200), Err(Unfit::Heaped('\u{338}')));
        assert_eq!(clean_lines("a\n\u{338}x", 200), Ok("a\n\u{338}x".to_owned()));
        for bad in ['\u{e000}', '\u{f8ff}', '\u{f0000}', '\u{10fffd}', '\u{fdd0}', '\u{1fffe}'] {
            assert_eq!(clean(&format!("a{bad}"), 200), Err(Unfit::WithoutMeaning(bad)));
        }
    }

    #[test]
    fn several_lines_are_parted_by_line_feeds_alone() {
        assert_eq!(clean_lines("một\r\nhai\n", 200).as_deref(), Ok("một\nhai"));
        assert_eq!(clean_lines("một\rhai", 200), Err(Unfit::Forbidden('\r')));
        assert_eq!(showable("a\u{202e}b\nc"), "ab\nc");
    }
}
