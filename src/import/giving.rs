//! Giving codes in the text of a bank line.
//!
//! Banks put their own words before a note (`MBVCB.1305608723.745754.`, `CT nhanh 247 den:`), glue
//! words together, wrap a text in the middle of a word, drop hyphens and accents, and write all in
//! capitals. So a code is looked for in the letters and digits of the text alone, wherever it
//! stands. Whatever is near a code without being one (a letter mistyped, swapped, lost or too much,
//! the end cut off, the mark left out) is told and books nothing: a person decides.

use super::text::fold;
use crate::ledger::giving::{GivingCode, LONGEST, MARK, SHORTEST};
use crate::ledger::legible::digit;
use crate::ledger::word::Code;

/// A code that may stand in a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCode {
    /// The code.
    pub code: GivingCode,
    /// The fund that it leads to; several codes may lead to one.
    pub fund: Code,
    /// Whether money may still be booked to the fund.
    pub open: bool,
}

/// What the text of a line says of giving codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    #[default]
    Nothing,
    /// One code, or several of one fund.
    Fund(KnownCode),
    /// A code of a fund that takes no money any more.
    Closed(KnownCode),
    /// Codes of different funds, or a code and something near another one.
    Several,
    /// Something that is meant to be a code and is none; the one code that it is near.
    Mistyped(Option<KnownCode>),
}

impl Found {
    /// The code that was found, or that is near.
    #[must_use]
    pub const fn code(&self) -> Option<&KnownCode> {
        match self {
            Self::Fund(own) | Self::Closed(own) | Self::Mistyped(Some(own)) => Some(own),
            _ => None,
        }
    }

    /// Whether a person has to find out which fund was meant.
    #[must_use]
    pub const fn asks(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Several | Self::Mistyped(_))
    }
}

/// The codes of a chapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivingCodes {
    all: Vec<KnownCode>,
}

impl FromIterator<KnownCode> for GivingCodes {
    fn from_iter<T: IntoIterator<Item = KnownCode>>(codes: T) -> Self {
        Self { all: codes.into_iter().collect() }
    }
}

/// Letters and digits of a text, and which of them begin a word.
struct Glued {
    digits: Vec<u8>,
    begins: Vec<bool>,
}

impl Glued {
    fn of(text: &str) -> Self {
        let folded = fold(text);
        let (mut digits, mut begins) = (Vec::with_capacity(folded.len()), Vec::new());
        let mut begin = true;
        for character in folded.chars() {
            if !character.is_alphanumeric() {
                begin = true;
                continue;
            }
            let byte = u8::try_from(character).ok();
            // What no code can hold keeps its place, so that nothing is found across it.
            digits.push(byte.and_then(digit).unwrap_or(b'?'));
            begins.push(begin);
            begin = false;
        }
        Self { digits, begins }
    }

    /// Where a text stands, every time.
    fn places(&self, of: &str) -> Vec<usize> {
        let windows = self.digits.windows(of.len().max(1)).enumerate();
        windows.filter(|(_, window)| *window == of.as_bytes()).map(|(at, _)| at).collect()
    }

    /// Whether the word that begins here, or what is glued to it, is as long as a code.
    fn is_long_word(&self, at: usize) -> bool {
        let begins = self.begins.get(at) == Some(&true);
        let rest = self.begins.get(at + 1..).unwrap_or_default();
        let length = 1 + rest.iter().take_while(|begin| !**begin).count();
        begins && (MARK.len() + SHORTEST + 1..=MARK.len() + LONGEST + 1).contains(&length)
    }
}

impl GivingCodes {
    /// What a text says.
    #[must_use]
    pub fn find(&self, text: &str) -> Found {
        let glued = Glued::of(text);
        let mut exact: Vec<(usize, &KnownCode)> = Vec::new();
        for own in &self.all {
            exact.extend(glued.places(own.code.as_str()).into_iter().map(|at| (at, own)));
        }
        let inside = |at: usize| {
            exact.iter().any(|(from, own)| (*from..from + own.code.as_str().len()).contains(&at))
        };
        let mut near: Vec<&KnownCode> = Vec::new();
        let mut unknown = false;
        // A code that is found may be the beginning of a longer one that is mistyped.
        let length = |at: usize| {
            let begin = exact.iter().filter(|(from, _)| *from == at);
            begin.map(|(_, own)| own.code.as_str().len()).max()
        };
        for at in glued.places(MARK).into_iter().filter(|at| length(*at).is_some() || !inside(*at))
        {
            let found = length(at);
            let mut alike = self.alike(glued.digits.get(at + MARK.len()..).unwrap_or_default());
            alike.retain(|own| found.is_none_or(|found| own.code.as_str().len() > found));
            unknown |= alike.is_empty() && found.is_none() && glued.is_long_word(at);
            near.extend(alike);
        }
        near.extend(self.all.iter().filter(|own| {
            let rest = rest(&own.code);
            // Shorter ones are found in any text.
            rest.len() > 5 && glued.places(rest).into_iter().any(|at| !inside(at))
        }));
        told(&exact.into_iter().map(|(_, own)| own).collect::<Vec<_>>(), &near, unknown)
    }

    /// The codes that a text behind the mark is near.
    fn alike(&self, text: &[u8]) -> Vec<&KnownCode> {
        let near = |own: &&KnownCode| {
            let rest = rest(&own.code).as_bytes();
            let cut = text.len() >= SHORTEST && text.len() < rest.len() && rest.starts_with(text);
            let lengths = rest.len() - 1..=(rest.len() + 1);
            cut || lengths
                .into_iter()
                .any(|most| text.get(..most).is_some_and(|own| one_off(own, rest)))
        };
        self.all.iter().filter(near).collect()
    }
}

/// A code without its mark.
fn rest(code: &GivingCode) -> &str {
    code.as_str().get(MARK.len()..).unwrap_or_default()
}

fn told(exact: &[&KnownCode], near: &[&KnownCode], unknown: bool) -> Found {
    let one = |all: &[&KnownCode]| -> Option<KnownCode> {
        let first = all.first()?;
        all.iter().all(|own| own.fund == first.fund).then(|| (*first).clone())
    };
    match (one(exact), exact.is_empty()) {
        (None, false) => Found::Several,
        (Some(own), _) => {
            if unknown || near.iter().any(|other| other.fund != own.fund) {
                Found::Several
            } else if own.open {
                Found::Fund(own)
            } else {
                Found::Closed(own)
            }
        }
        (None, true) if near.is_empty() && !unknown => Found::Nothing,
        (None, true) => Found::Mistyped(one(near).filter(|_| !unknown)),
    }
}

/// Whether one text becomes the other by one letter changed, lost or added, or two neighbours
/// swapped.
fn one_off(one: &[u8], other: &[u8]) -> bool {
    let same = one.iter().zip(other).take_while(|(own, other)| own == other).count();
    let (one, other) = (&one[same..], &other[same..]);
    match (one, other) {
        ([], []) => true,
        ([a, b, one @ ..], [c, d, other @ ..]) if one == other && (a, b) == (d, c) => true,
        ([_, one @ ..], [_, rest @ ..]) if one == rest => true,
        ([_, rest @ ..], other) if rest == other => true,
        (one, [_, rest @ ..]) => one == rest,
        _ => false,
    }
}

#[cfg(test)]
#[path = "giving_tests.rs"]
mod tests;
