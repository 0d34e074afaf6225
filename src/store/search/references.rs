//! References of banks, by which a donor finds a transfer of which they know day and amount.
//!
//! What is stored is HMAC-SHA-256 under a key that follows from the vault key, over the ledger, the
//! reference, the day and the amount: who has the database alone can try no guess, and the server
//! answers only whoever knows all three. Text of a transfer gives references, too, but only tokens
//! that have letters and digits: a number alone may be a telephone or an account, and nobody shall
//! be able to try whether a gift came from a number that they know.

use std::collections::BTreeSet;

use super::transfer;
use crate::ledger::disclosure::{Disclosure, PrivateName};
use crate::ledger::voucher::Voucher;
use crate::ledger::word::Date;
use crate::money::Money;
use crate::store::desk::Chapter;
use crate::store::desk::vault::Vault;

/// The longest and the shortest reference.
pub const LONGEST_REFERENCE: usize = 64;
const SHORTEST: usize = 6;
/// The shortest token of a text that is taken for one, and how many of one text are.
const SHORTEST_TOKEN: usize = 8;
const MOST_TOKENS: usize = 12;

/// A blinded reference.
pub(in crate::store) type Blinded = [u8; 32];

/// A reference as it is compared: capital ASCII letters and digits alone, 6 to 64 of them, at least
/// one a digit; `None` for anything else.
#[must_use]
pub fn normal_reference(text: &str) -> Option<String> {
    let normal: String =
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let fits = (SHORTEST..=LONGEST_REFERENCE).contains(&normal.len());
    (fits && normal.bytes().any(|byte| byte.is_ascii_digit())).then_some(normal)
}

/// Tokens of a text that only a transaction has.
fn tokens(text: &str) -> impl Iterator<Item = String> + '_ {
    let tokens = text.split(|c: char| !c.is_ascii_alphanumeric());
    let fits = |token: &&str| {
        token.len() >= SHORTEST_TOKEN && token.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    tokens.filter(fits).filter_map(normal_reference).take(MOST_TOKENS)
}

/// The references that a private value holds, blinded for the day and amount of its voucher.
pub(in crate::store) fn blinded(
    vault: &Vault,
    chapter: &Chapter,
    voucher: &Voucher,
    disclosure: &Disclosure,
) -> Vec<Blinded> {
    let (Some(given), Some(text)) = (transfer(voucher), disclosure.value().as_str()) else {
        return Vec::new();
    };
    let found: BTreeSet<String> = match disclosure.name() {
        PrivateName::BankReference => normal_reference(text).into_iter().collect(),
        PrivateName::BankText => tokens(text).collect(),
        _ => return Vec::new(),
    };
    found.iter().map(|reference| blind(vault, chapter, reference, given)).collect()
}

/// One reference, blinded.
pub(super) fn blind(
    vault: &Vault,
    chapter: &Chapter,
    reference: &str,
    (day, amount): (Date, Money),
) -> Blinded {
    let (day, amount) = (day.to_string(), amount.minor().to_string());
    let origin = chapter.identity.as_str().as_bytes();
    let parts = [origin, reference.as_bytes(), day.as_bytes(), amount.as_bytes()];
    vault.blind("gift-reference", &parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_compared_by_letters_and_digits_alone() {
        for text in ["FT26309-123456", " ft26309 123456 ", "FT26309.123456"] {
            assert_eq!(normal_reference(text).as_deref(), Some("FT26309123456"), "{text}");
        }
        for text in ["", "12345", "ung ho", "A".repeat(70).as_str(), "FT٢٦٣"] {
            assert_eq!(normal_reference(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_alone_in_a_text_is_no_reference() {
        let text = "MBVCB8812345678.0987654321.NGUYEN VAN A ung ho 001099012345 FT26309123456";
        let found: Vec<String> = tokens(text).collect();
        assert_eq!(found, ["MBVCB8812345678", "FT26309123456"]);
    }
}
