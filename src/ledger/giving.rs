//! Giving codes: what people write in the note of a transfer, so that their gift reaches its fund.
//!
//! A code is the mark `GQ` ("góp quỹ"), a name of 2 to 12 digits and a check digit, all of the
//! letters and digits of [`legible`](super::legible): `GQTET2027` + check. The check digit is a
//! weighted sum over the field of 32 elements (weights are the powers of a generator), so any one
//! digit that is mistyped and any two that are swapped are noticed: the gift is then asked about,
//! never booked to another fund. The mark is in no word of Vietnamese and in none of the prefixes
//! that banks write before a note.

use std::fmt;
use std::str::FromStr;

use super::legible::{DIGITS, digit, value};
use super::tree::sha256;
use super::word::Code;

/// What every code begins with.
pub const MARK: &str = "GQ";
/// Fewest digits of a name.
pub const SHORTEST: usize = 2;
/// Most digits of a name: with mark and check 15, of the 25 that VietQR takes in a note.
pub const LONGEST: usize = 12;
/// Digits that a name made from a fund's code has at most.
const DERIVED: usize = 8;

/// Why a text is no giving code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GivingFault {
    /// It does not begin with the mark.
    #[error("a giving code begins with {MARK}")]
    Mark,
    /// Its name is too short or too long.
    #[error("the name of a giving code has {SHORTEST} to {LONGEST} letters and digits")]
    Length,
    /// A letter that is easily mistaken for another one.
    #[error("a giving code has the letters A to Z without I, L, O, U, and digits")]
    Letter,
    /// The check digit is that of another code: something was mistyped.
    #[error("the last letter of the giving code does not fit the others")]
    Check,
}

/// A giving code, in its one spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GivingCode(String);

impl GivingCode {
    /// The code of a name. Small letters, spaces and hyphens are taken.
    ///
    /// # Errors
    /// [`GivingFault::Length`]; [`GivingFault::Letter`] for I, L, O, U too: in a name that people
    /// choose they would not come back as they were typed.
    pub fn of_name(name: &str) -> Result<Self, GivingFault> {
        let mut digits = Vec::with_capacity(LONGEST);
        for byte in name.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
            let upper = byte.to_ascii_uppercase();
            if !DIGITS.contains(&upper) {
                return Err(GivingFault::Letter);
            }
            if digits.len() == LONGEST {
                return Err(GivingFault::Length);
            }
            digits.push(upper);
        }
        Self::of_digits(&digits)
    }

    /// A code for a fund that nobody chose one for: the fund's own letters, without those that are
    /// easily mistaken. `turn` counts up where another fund has that code already; the same fund
    /// and turn give the same code for ever.
    #[must_use]
    pub fn of_fund(fund: &Code, turn: u32) -> Self {
        let own = fund.as_str().bytes().map(|byte| byte.to_ascii_uppercase());
        let mut digits: Vec<u8> = own.filter(|byte| DIGITS.contains(byte)).take(DERIVED).collect();
        if digits.len() < SHORTEST || turn > 0 {
            // Three digits that follow from fund and turn.
            let hash = sha256(format!("giving code {fund} {turn}").as_bytes());
            digits.extend(hash.0.iter().take(3).map(|byte| DIGITS[usize::from(byte & 31)]));
        }
        Self::of_digits(&digits).unwrap_or_else(|_| unreachable!("2 to 11 digits"))
    }

    fn of_digits(digits: &[u8]) -> Result<Self, GivingFault> {
        if !(SHORTEST..=LONGEST).contains(&digits.len()) {
            return Err(GivingFault::Length);
        }
        let mut code: Vec<u8> = MARK.bytes().chain(digits.iter().copied()).collect();
        let check = check(&code).ok_or(GivingFault::Letter)?;
        code.push(check);
        Ok(Self(code.into_iter().map(char::from).collect()))
    }

    /// The whole code, as it is shown and looked for.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name: the code without mark and check digit.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.get(MARK.len()..self.0.len() - 1).unwrap_or_default()
    }

    /// Whether a text that holds one of both codes could be taken for the other one.
    #[must_use]
    pub fn clashes_with(&self, other: &Self) -> bool {
        self.0.contains(&other.0) || other.0.contains(&self.0)
    }
}

/// The check digit of mark and name: the sum of all digits, each times its power of the generator,
/// is zero with it.
fn check(digits: &[u8]) -> Option<u8> {
    let sum = digits.iter().try_fold(0, |sum, digit| Some(times_generator(sum) ^ value(*digit)?));
    sum.map(|sum| DIGITS[usize::from(times_generator(sum))])
}

/// In the field of 32 elements with the polynomial x⁵ + x² + 1, whose root x is a generator.
const fn times_generator(element: u8) -> u8 {
    let shifted = element << 1;
    if shifted & 32 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

impl fmt::Display for GivingCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for GivingCode {
    type Err = GivingFault;

    /// Reads a code as people type it: small letters, spaces and hyphens are taken, O is 0, I and L
    /// are 1.
    fn from_str(text: &str) -> Result<Self, GivingFault> {
        let typed = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-'));
        let mut read = Vec::with_capacity(MARK.len() + LONGEST + 1);
        for byte in typed {
            if read.len() > MARK.len() + LONGEST {
                return Err(GivingFault::Length);
            }
            read.push(digit(byte).ok_or(GivingFault::Letter)?);
        }
        let name = read.strip_prefix(MARK.as_bytes()).ok_or(GivingFault::Mark)?;
        let (last, name) = name.split_last().ok_or(GivingFault::Length)?;
        let code = Self::of_digits(name)?;
        if code.0.as_bytes().last() == Some(last) { Ok(code) } else { Err(GivingFault::Check) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name() -> impl Strategy<Value = String> {
        prop::collection::vec(0..32_usize, SHORTEST..=LONGEST)
            .prop_map(|digits| digits.iter().map(|at| char::from(DIGITS[*at])).collect())
    }

    #[test]
    fn codes_stay_what_they_were_printed_as() {
        for (fund, turn, code) in [
            ("chung", 0, "GQCHNG9"),
            ("bao-lu", 0, "GQBAS"),
            ("tet-2027", 0, "GQTET2027J"),
            ("hoc-bong-vung-cao-2027", 0, "GQHCBNGVNGT"),
        ] {
            let made = GivingCode::of_fund(&fund.parse().unwrap(), turn);
            assert_eq!(made.as_str(), code, "{fund}");
            assert_eq!(made.as_str().parse(), Ok(made.clone()));
        }
        // Nothing legible in the fund's own code, or somebody else has it: letters from a digest.
        let other = GivingCode::of_fund(&"loi".parse().unwrap(), 0);
        assert_eq!(other.name().len(), 3);
        let later = GivingCode::of_fund(&"chung".parse().unwrap(), 1);
        assert!(later.name().starts_with("CHNG") && later.name().len() == 7);
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = GivingCode::of_name("tet 2027").unwrap();
        for typed in ["gqtet2027j", "GQ TET-2027 J", "GQ-TET2O27-J", "g q t e t 2 o 2 7 j"] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
        for (typed, fault) in [
            ("", GivingFault::Mark),
            ("TET2027J", GivingFault::Mark),
            ("GQ", GivingFault::Length),
            ("GQT9", GivingFault::Length),
            ("GQTETVN2027TETVN2027", GivingFault::Length),
            ("GQTETU279", GivingFault::Letter),
            ("GQTẾT2027J", GivingFault::Letter),
            ("GQTET2028J", GivingFault::Check),
        ] {
            assert_eq!(typed.parse::<GivingCode>(), Err(fault), "{typed}");
        }
        for (name, fault) in [
            ("", GivingFault::Length),
            ("T", GivingFault::Length),
            ("TETVN20272028", GivingFault::Length),
            ("LU", GivingFault::Letter),
            ("TẾT", GivingFault::Letter),
            ("T.T", GivingFault::Letter),
        ] {
            assert_eq!(GivingCode::of_name(name), Err(fault), "{name}");
        }
    }

    #[test]
    fn codes_that_could_be_taken_for_each_other_clash() {
        let of = |name: &str| GivingCode::of_name(name).unwrap();
        let long = of("TET2027");
        assert!(long.clashes_with(&long) && !long.clashes_with(&of("TET2028")));
        // A short one that is the beginning of a long one.
        let short = of("TE");
        let long = of(&format!("{}X", &short.as_str()[MARK.len()..]));
        assert!(short.clashes_with(&long) && long.clashes_with(&short));
    }

    proptest! {
        #[test]
        fn one_digit_mistyped_or_two_swapped_are_noticed(
            name in name(), at in 0..12_usize, other in 0..32_usize, with in 0..12_usize,
        ) {
            let code = GivingCode::of_name(&name).unwrap();
            prop_assert_eq!(code.as_str().parse(), Ok(code.clone()));
            prop_assert_eq!(code.name(), name.as_str());
            let mut digits = code.as_str().as_bytes().to_vec();
            let own = MARK.len() + at % (name.len() + 1);
            if digits[own] != DIGITS[other] {
                let kept = std::mem::replace(&mut digits[own], DIGITS[other]);
                let text = String::from_utf8(digits.clone()).unwrap();
                prop_assert_eq!(text.parse::<GivingCode>(), Err(GivingFault::Check));
                digits[own] = kept;
            }
            let second = MARK.len() + with % (name.len() + 1);
            if digits[own] != digits[second] {
                digits.swap(own, second);
                let text = String::from_utf8(digits).unwrap();
                prop_assert_eq!(text.parse::<GivingCode>(), Err(GivingFault::Check));
            }
        }

        #[test]
        fn garbage_is_refused_without_a_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<GivingCode>();
            let _ = GivingCode::of_name(&text);
        }

        #[test]
        fn every_fund_has_a_code(fund in "[a-z0-9][a-z0-9-]{0,31}", turn in 0..9_u32) {
            let code = GivingCode::of_fund(&fund.parse().unwrap(), turn);
            prop_assert_eq!(code.as_str().parse(), Ok(code.clone()));
        }
    }
}
