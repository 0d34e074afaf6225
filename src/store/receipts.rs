//! Receipt codes: unguessable names of receipt pages, the same after a rebuild.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::ledger::voucher::{Kind, VoucherId};

/// Crockford's base 32 alphabet.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The code of a receipt, 16 letters: the first 80 bits of HMAC-SHA-256(receipt key, voucher id)
/// in Crockford's base 32.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptCode(String);

/// A text that is no receipt code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a receipt code has 16 letters and digits, as printed on the receipt")]
pub struct ReceiptCodeFault;

impl ReceiptCode {
    /// The code of a voucher.
    #[must_use]
    pub fn of(key: &[u8; 32], voucher: &VoucherId) -> Self {
        let mut hash = <Hmac<Sha256> as hmac::KeyInit>::new(key.into());
        hash.update(voucher.as_str().as_bytes());
        let bits = hash.finalize().into_bytes().iter().take(10).fold(0_u128, |bits, byte| {
            (bits << 8) | u128::from(*byte)
        });
        let letter = |at: u32| {
            let five = usize::try_from((bits >> (75 - 5 * at)) & 31).unwrap_or_default();
            char::from(ALPHABET[five])
        };
        Self((0..16).map(letter).collect())
    }

    /// The code as it is printed, capitals and digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether vouchers of this kind get a receipt: somebody gave something.
    #[must_use]
    pub const fn is_given_for(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::Donation | Kind::GoodsReceived | Kind::CustodyReceived | Kind::ReceivedFromChapter
        )
    }
}

impl FromStr for ReceiptCode {
    type Err = ReceiptCodeFault;

    /// Reads a code as people type it: any case, with spaces or hyphens, O for 0, I and L for 1.
    fn from_str(text: &str) -> Result<Self, ReceiptCodeFault> {
        let letters = text.chars().filter(|letter| !matches!(letter, ' ' | '-'));
        let code: String = letters
            .take(17)
            .map(|letter| match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let known = code.bytes().all(|letter| ALPHABET.contains(&letter));
        if known && code.len() == 16 { Ok(Self(code)) } else { Err(ReceiptCodeFault) }
    }
}

impl fmt::Display for ReceiptCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_eighty_bits_of_the_hmac() {
        let id: VoucherId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let code = ReceiptCode::of(&[7; 32], &id);
        // Python: hmac.new(bytes([7])*32, id, 'sha256').digest()[:10], in Crockford's base 32.
        assert_eq!(code.as_str(), EXPECTED);
        assert_ne!(code, ReceiptCode::of(&[8; 32], &id));
    }

    const EXPECTED: &str = "EAVH8XN2T57AXSF2";

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code: ReceiptCode = "0123 4567-89ab cdef".parse().unwrap();
        assert_eq!(code.as_str(), "0123456789ABCDEF");
        assert_eq!("oiL3456789abcdef".parse::<ReceiptCode>().unwrap().as_str(), "0113456789ABCDEF");
        for text in ["", "0123456789ABCDE", "0123456789ABCDEFG", "0123456789ABCDEU", "%00"] {
            assert!(text.parse::<ReceiptCode>().is_err(), "{text}");
        }
    }
}
