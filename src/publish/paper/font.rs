//! The two fonts of papers: which glyph a letter has, and how wide it is.
//!
//! Every letter of Vietnamese is one glyph with its own width, so that no shaping is needed; a
//! letter that the fonts don't have is shown as `�`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

use super::PaperFault;

static REGULAR: &[u8] = include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../assets/fonts/NotoSans-Bold.ttf");

static FONTS: LazyLock<Option<Fonts>> =
    LazyLock::new(|| Some(Fonts { regular: Face::read(REGULAR)?, bold: Face::read(BOLD)? }));

/// Stands for a letter that the fonts don't have.
const UNKNOWN: char = '\u{fffd}';

/// How thick letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// As usual.
    Regular,
    /// Thick.
    Bold,
}

/// A letter of a font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its glyph.
    pub glyph: u32,
    /// Its width in units of the font.
    pub width: u16,
}

/// One font.
#[derive(Debug)]
pub struct Face {
    /// The font as it goes into files.
    pub font: Font,
    /// Units of an em.
    pub em: u16,
    letters: HashMap<char, Letter>,
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let own = FontRef::new(bytes).ok()?;
        let metrics = own.glyph_metrics(Size::unscaled(), LocationRef::default());
        let mut letters = HashMap::new();
        for (code, glyph) in own.charmap().mappings() {
            let (Some(letter), Some(width)) = (char::from_u32(code), metrics.advance_width(glyph))
            else {
                continue;
            };
            // Whole units, and never more than an em or two.
            letters.insert(letter, Letter { glyph: glyph.to_u32(), width: width as u16 });
        }
        let em = own.metrics(Size::unscaled(), LocationRef::default()).units_per_em;
        let font = Font::new(bytes.into(), 0)?;
        (letters.contains_key(&UNKNOWN) && em > 0).then_some(Self { font, em, letters })
    }

    /// A letter; `None` for one that the font doesn't have.
    #[must_use]
    pub fn letter(&self, letter: char) -> Option<Letter> {
        self.letters.get(&letter).copied()
    }
}

/// Both fonts.
#[derive(Debug)]
pub struct Fonts {
    regular: Face,
    bold: Face,
}

impl Fonts {
    /// The fonts inside the program.
    ///
    /// # Errors
    /// [`PaperFault::Font`].
    pub fn get() -> Result<&'static Self, PaperFault> {
        FONTS.as_ref().ok_or(PaperFault::Font)
    }

    /// The font of a weight.
    #[must_use]
    pub const fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// How wide a text is at a size, in the unit of the size.
    #[must_use]
    pub fn width(&self, text: &str, weight: Weight, size: i64) -> i64 {
        let face = self.face(weight);
        let width = |letter| face.letter(letter).map_or(0, |own| i64::from(own.width));
        let units: i64 = text.chars().map(width).sum();
        units * size / i64::from(face.em)
    }

    /// The text as the fonts can show it: composed, nothing invisible but spaces.
    #[must_use]
    pub fn legible(&self, text: &str) -> String {
        let composed: Cow<'_, str> = ComposingNormalizerBorrowed::new_nfc().normalize(text);
        composed.chars().filter_map(|letter| self.shown(letter)).collect()
    }

    fn shown(&self, letter: char) -> Option<char> {
        match letter {
            '\n' => Some('\n'),
            // What is there to be invisible is left out.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => None,
            '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => None,
            // A no-break space holds together; every other one is a space.
            '\u{a0}' | '\u{202f}' => Some('\u{a0}'),
            own if own.is_whitespace() || own.is_control() => Some(' '),
            own if self.regular.letter(own).is_some() && self.bold.letter(own).is_some() => {
                Some(own)
            }
            _ => Some(UNKNOWN),
        }
    }
}
