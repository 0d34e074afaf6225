//! Letters and digits that people copy without mistakes: Crockford's base32 digits. The one home of
//! how a code is read as people type it, for receipts and for giving codes.

/// The digits, by their value: no I, L, O, U.
pub const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The digit that a byte stands for: small letters are taken, O is 0, I and L are 1. `None` for
/// anything else, U among it.
#[must_use]
pub fn digit(byte: u8) -> Option<u8> {
    match byte.to_ascii_uppercase() {
        b'O' => Some(b'0'),
        b'I' | b'L' => Some(b'1'),
        upper => DIGITS.contains(&upper).then_some(upper),
    }
}

/// The value of a digit, 0 to 31; `None` for what is none of [`DIGITS`].
#[must_use]
pub fn value(digit: u8) -> Option<u8> {
    let at = DIGITS.iter().position(|own| *own == digit)?;
    u8::try_from(at).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_as_people_type_them_and_have_a_value_each() {
        for (at, own) in DIGITS.iter().enumerate() {
            assert_eq!(digit(own.to_ascii_lowercase()), Some(*own));
            assert_eq!(value(*own).map(usize::from), Some(at));
        }
        for (typed, read) in [(b'o', b'0'), (b'O', b'0'), (b'i', b'1'), (b'L', b'1')] {
            assert_eq!(digit(typed), Some(read));
        }
        for other in *b"uU- .\xc3" {
            assert_eq!(digit(other), None);
        }
        assert_eq!(value(b'O'), None);
    }
}
