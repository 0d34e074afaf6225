//! Passphrases: how they are read, which are accepted, and a proposal of five words.
//!
//! Text is prepared by the OpaqueString profile of RFC 8265 section 4.2: every Unicode space
//! becomes U+0020, then NFC; case and width stay as typed, controls are refused. So one passphrase
//! with Vietnamese marks opens from every keyboard, and nothing that a person typed is dropped.

use std::collections::BTreeSet;
use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;
use zeroize::{Zeroize as _, Zeroizing};

/// The least length of a new passphrase, in code points.
pub const LEAST_LENGTH: usize = 10;
/// The least number of different characters in a new passphrase.
pub const LEAST_DISTINCT: usize = 5;
/// The most bytes of UTF-8 that are looked at.
pub const MOST_BYTES: usize = 1024;

/// Why a passphrase was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseFault {
    /// Shorter than [`LEAST_LENGTH`].
    #[error("passphrase: shorter than {LEAST_LENGTH} characters; take several words")]
    TooShort,
    /// Longer than [`MOST_BYTES`].
    #[error("passphrase: longer than {MOST_BYTES} bytes; take fewer words")]
    TooLong,
    /// Fewer than [`LEAST_DISTINCT`] different characters.
    #[error("passphrase: fewer than {LEAST_DISTINCT} different characters; take several words")]
    TooPlain,
    /// A run such as `1234567890`, `abcdefghij` or `qwertyuiop`.
    #[error("passphrase: a run of the keyboard or alphabet; take several words")]
    Run,
    /// It holds the sign-in name.
    #[error("passphrase: contains the sign-in name; take other words")]
    HoldsName,
    /// A control character.
    #[error("passphrase: contains a control character; type it again")]
    Control,
    /// The operating system gave no randomness for a proposal.
    #[error("no randomness from the operating system")]
    Randomness,
}

/// A prepared passphrase; wiped when dropped, never shown.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Prepares what somebody typed to sign in. No rule of strength: those are for new ones.
    ///
    /// # Errors
    /// [`PassphraseFault::TooLong`] or [`PassphraseFault::Control`].
    pub fn read(typed: &str) -> Result<Self, PassphraseFault> {
        if typed.len() > MOST_BYTES {
            return Err(PassphraseFault::TooLong);
        }
        if typed.chars().any(char::is_control) {
            return Err(PassphraseFault::Control);
        }
        let spaced: String =
            typed.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
        let spaced = Zeroizing::new(spaced);
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&spaced).into_owned();
        Ok(Self(Zeroizing::new(composed)))
    }

    /// Prepares a new passphrase and holds it to the rules.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn choose(typed: &str, sign_in_name: &str) -> Result<Self, PassphraseFault> {
        let passphrase = Self::read(typed)?;
        let text = passphrase.0.as_str();
        if text.chars().count() < LEAST_LENGTH {
            return Err(PassphraseFault::TooShort);
        }
        if text.chars().collect::<BTreeSet<char>>().len() < LEAST_DISTINCT {
            return Err(PassphraseFault::TooPlain);
        }
        let lower = Zeroizing::new(text.to_lowercase());
        if is_run(&lower) {
            return Err(PassphraseFault::Run);
        }
        let name = sign_in_name.trim().to_lowercase();
        if name.chars().count() >= 3 && lower.contains(&name) {
            return Err(PassphraseFault::HoldsName);
        }
        Ok(passphrase)
    }

    /// Five random words of 1 024, 50 bits: with the cost of Argon2id more than anybody searches.
    ///
    /// # Errors
    /// [`PassphraseFault::Randomness`].
    pub fn propose() -> Result<Zeroizing<String>, PassphraseFault> {
        let mut random = Zeroizing::new([0_u8; 2 * WORDS]);
        getrandom::fill(random.as_mut_slice()).map_err(|_| PassphraseFault::Randomness)?;
        let mut proposal = Zeroizing::new(String::with_capacity(64));
        for pair in random.chunks_exact(2) {
            if !proposal.is_empty() {
                proposal.push(' ');
            }
            // 16 beginnings and 64 ends divide a byte evenly: no word is likelier than another.
            proposal.push_str(BEGINNINGS[usize::from(pair[0]) % BEGINNINGS.len()]);
            proposal.push_str(ENDS[usize::from(pair[1]) % ENDS.len()]);
        }
        match Self::choose(&proposal, "") {
            Ok(_) => Ok(proposal),
            // Five times nearly the same word: draw again.
            Err(_) => {
                proposal.zeroize();
                Self::propose()
            }
        }
    }

    /// Whether it is the same as another one. For two that somebody has typed just now: how long it
    /// takes tells where they differ.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Passphrase(hidden)")
    }
}

/// Whether the whole text is one run of a row, forwards or backwards, however often repeated.
fn is_run(lower: &str) -> bool {
    const ROWS: [&str; 5] =
        ["0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let letters = Zeroizing::new(lower.chars().collect::<Vec<char>>());
    ROWS.iter().any(|row| {
        let place = |letter: char| row.chars().position(|known| known == letter);
        let length = row.len();
        [1, length - 1].into_iter().any(|step| {
            letters.windows(2).all(|pair| match (place(pair[0]), place(pair[1])) {
                (Some(first), Some(second)) => (first + step) % length == second,
                _ => false,
            })
        })
    })
}

const WORDS: usize = 5;

/// Beginnings of Vietnamese syllables without marks.
const BEGINNINGS: [&str; 16] =
    ["b", "ch", "d", "h", "kh", "l", "m", "n", "nh", "ph", "r", "s", "t", "th", "tr", "v"];

/// Ends of Vietnamese syllables without marks.
const ENDS: [&str; 64] = [
    "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "e", "ech",
    "em", "en", "eng", "enh", "eo", "ep", "et", "eu", "i", "ich", "iec", "iem", "ien", "iep",
    "iet", "ieu", "im", "in", "inh", "ip", "it", "iu", "o", "oa", "oai", "oan", "oc", "oi", "om",
    "on", "ong", "op", "ot", "u", "ua", "uc", "ui", "um", "un", "ung", "uoc", "uoi", "uom", "uon",
    "uong", "uot", "up", "ut", "uy",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn marks_typed_in_two_ways_are_one_passphrase() {
        let composed = Passphrase::read("cây đa bến nước").unwrap();
        let typed = "ca\u{302}y\u{a0}đa be\u{302}\u{301}n nu\u{31b}o\u{31b}\u{301}c";
        assert_eq!(Passphrase::read(typed).unwrap().bytes(), composed.bytes());
        assert_ne!(
            Passphrase::read("ABC").unwrap().bytes(),
            Passphrase::read("abc").unwrap().bytes()
        );
    }

    #[test]
    fn weak_passphrases_are_refused_by_the_rule_they_break() {
        use PassphraseFault::*;
        for (typed, fault) in [
            ("ngắn quá", TooShort),
            ("aaaaaaaaaaaaaaa", TooPlain),
            ("1234567890", Run),
            ("0987654321", Run),
            ("abcdefghijklmnop", Run),
            ("QWERTYUIOP", Run),
            ("lan.thuquy va me", HoldsName),
            ("mot hai\tba bon", Control),
            ("mot hai\0ba bon", Control),
        ] {
            let refused = Passphrase::choose(typed, "Lan.ThuQuy").unwrap_err();
            assert_eq!(refused, fault, "{typed:?}");
        }
        assert_eq!(Passphrase::read(&"x".repeat(1025)).unwrap_err(), TooLong);
        assert!(Passphrase::choose("con trâu đi trước", "lan").is_ok());
        assert!(Passphrase::choose("1234567891", "lan").is_ok(), "not a run to its end");
    }

    #[test]
    fn a_proposal_keeps_the_rules_and_is_never_the_same() {
        let all: BTreeSet<String> =
            (0..200).map(|_| Passphrase::propose().unwrap().to_string()).collect();
        assert_eq!(all.len(), 200);
        for proposal in &all {
            assert_eq!(proposal.split(' ').count(), 5, "{proposal}");
            assert!(Passphrase::choose(proposal, "thu.quy").is_ok(), "{proposal}");
        }
    }

    #[test]
    fn there_are_1024_different_words() {
        let words: BTreeSet<String> = BEGINNINGS
            .iter()
            .flat_map(|begin| ENDS.iter().map(move |end| format!("{begin}{end}")))
            .collect();
        // "n" + "h…" never meets "nh" + "…": no end begins with h.
        assert_eq!(words.len(), 1024);
    }

    #[test]
    fn a_passphrase_never_shows_itself() {
        let shown = format!("{:?}", Passphrase::read("con trâu đi trước").unwrap());
        assert_eq!(shown, "Passphrase(hidden)");
    }
}
