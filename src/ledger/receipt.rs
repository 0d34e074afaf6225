//! The offline receipt (C2SP tlog-proof): an entry, its proof and the checkpoint, in one text; and
//! the unguessable code under which the site shows it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use super::canonical::MAX_BYTES;
use super::keys::PublicKey;
use super::legible::{DIGITS, digit};
use super::note::{Checkpoint, NoteFault, SignedCheckpoint};
use super::tree::{Hash, TreeFault, leaf_hash, verify_inclusion};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The longest receipt in bytes: an entry in base64, a proof, and the largest note that is read.
const LONGEST: usize = 1_200_000;

/// The most hashes of a proof.
const LONGEST_PROOF: usize = 64;

/// Why a receipt or a receipt code was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// Longer than any receipt.
    #[error("receipt: {0} bytes, longer than any receipt")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("receipt: not UTF-8")]
    NotUtf8,
    /// A first line other than that of tlog-proof.
    #[error("receipt: the first line must be c2sp.org/tlog-proof@v1")]
    Header,
    /// No entry, or one that is not strict base64 of 1 to 65535 bytes.
    #[error("receipt: the second line must be `extra` and the entry in padded base64")]
    Entry,
    /// No index, or one that is not a plain decimal number.
    #[error("receipt: the third line must be `index` and a decimal number without leading zeros")]
    Index,
    /// No empty line behind at most 64 hashes.
    #[error("receipt: an empty line must follow the proof of at most 64 hashes")]
    Separator,
    /// The checkpoint was refused, or no given key of the log signed it.
    #[error("receipt: {0}")]
    Note(#[from] NoteFault),
    /// A hash or the proof was refused.
    #[error("receipt: {0}")]
    Tree(#[from] TreeFault),
    /// A code that is not 16 letters of Crockford base32.
    #[error("receipt code: must be 16 letters and digits, without U")]
    Code,
}

/// An entry with the proof that a checkpoint covers it. Nothing is verified by reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    entry: Vec<u8>,
    index: u64,
    proof: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

/// What a receipt proves once it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven<'a> {
    /// The bytes of the entry. That its officers' keys were in force is not proven.
    pub entry: &'a [u8],
    /// Its leaf hash.
    pub leaf: Hash,
    /// Its place in the ledger.
    pub index: u64,
    /// The head that covers it.
    pub checkpoint: &'a Checkpoint,
    /// The log key that signed that head.
    pub log_key: &'a PublicKey,
}

impl Receipt {
    /// A receipt from its parts, checked as a reader would, all but the signature.
    ///
    /// # Errors
    /// [`ReceiptFault::Entry`] for an entry of an impossible length, [`ReceiptFault::Tree`] when
    /// the proof does not lead to the checkpoint's root.
    pub fn new(
        entry: Vec<u8>,
        index: u64,
        proof: Vec<Hash>,
        checkpoint: SignedCheckpoint,
    ) -> Result<Self, ReceiptFault> {
        if entry.is_empty() || entry.len() > MAX_BYTES {
            return Err(ReceiptFault::Entry);
        }
        let head = checkpoint.checkpoint();
        verify_inclusion(leaf_hash(&entry), index, head.size, &proof, head.root)?;
        Ok(Self { entry, index, proof, checkpoint })
    }

    /// Reads a receipt; `Display` writes the same bytes again.
    ///
    /// # Errors
    /// [`ReceiptFault`] names the part that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptFault> {
        if bytes.len() > LONGEST {
            return Err(ReceiptFault::TooLong(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ReceiptFault::NotUtf8)?;
        let rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let (extra, rest) = split_line(rest.ok_or(ReceiptFault::Header)?);
        let entry = extra.strip_prefix("extra ").and_then(|entry| {
            let bytes = BASE64_STANDARD.decode(entry).ok()?;
            (1..=MAX_BYTES).contains(&bytes.len()).then_some(bytes)
        });
        let entry = entry.ok_or(ReceiptFault::Entry)?;
        let (index, mut rest) = split_line(rest);
        let index = index.strip_prefix("index ").and_then(|digits| {
            digits.parse::<u64>().ok().filter(|index| index.to_string() == digits)
        });
        let index = index.ok_or(ReceiptFault::Index)?;
        let mut proof = Vec::new();
        loop {
            let (line, tail) = split_line(rest);
            rest = tail;
            if line.is_empty() {
                break;
            }
            if proof.len() == LONGEST_PROOF {
                return Err(ReceiptFault::Separator);
            }
            proof.push(Hash::from_base64(line)?);
        }
        if rest.is_empty() {
            return Err(ReceiptFault::Separator);
        }
        let checkpoint = SignedCheckpoint::parse(rest.as_bytes())?;
        Ok(Self { entry, index, proof, checkpoint })
    }

    /// The bytes of the entry, not yet proven.
    #[must_use]
    pub fn entry(&self) -> &[u8] {
        &self.entry
    }

    /// The place that the receipt claims.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The checkpoint, with its cosignatures; a policy weighs them.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Verifies, without a network, that one of `log_keys` signed the checkpoint and that the
    /// checkpoint covers the entry at its index.
    ///
    /// Left to the caller: where the keys come from, the cosignatures (a policy), the entry's own
    /// form and its officers' signatures.
    ///
    /// # Errors
    /// [`ReceiptFault::Note`] or [`ReceiptFault::Tree`].
    pub fn verify<'a>(
        &'a self,
        log_keys: impl IntoIterator<Item = &'a PublicKey>,
    ) -> Result<Proven<'a>, ReceiptFault> {
        let log_key = self.checkpoint.verify_log(log_keys)?;
        let checkpoint = self.checkpoint.checkpoint();
        let leaf = leaf_hash(&self.entry);
        verify_inclusion(leaf, self.index, checkpoint.size, &self.proof, checkpoint.root)?;
        Ok(Proven { entry: &self.entry, leaf, index: self.index, checkpoint, log_key })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{HEADER}\nextra {}", BASE64_STANDARD.encode(&self.entry))?;
        writeln!(out, "index {}", self.index)?;
        self.proof.iter().try_for_each(|hash| writeln!(out, "{}", hash.to_base64()))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

/// The first line and what follows it; all of a text without a newline is its first line.
fn split_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// Letters of a code, five bits each.
const CODE_LENGTH: usize = 16;

/// The code of a receipt page, `/bn/<code>`: 80 bits that only the holder of the receipt key can
/// compute, the same after every rebuild, in no public file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptCode(String);

impl ReceiptCode {
    /// The code of a voucher: HMAC-SHA-256 of its id as lower-case text, the first 80 bits.
    #[must_use]
    pub fn of(receipt_key: &[u8; 32], voucher_id: &Uuid) -> Self {
        let mut buffer = Uuid::encode_buffer();
        Self::about(receipt_key, voucher_id.hyphenated().encode_lower(&mut buffer))
    }

    /// The code of something else that has a page of its own, by a text that is no voucher's id.
    #[must_use]
    pub fn about(receipt_key: &[u8; 32], text: &str) -> Self {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(receipt_key) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(text.as_bytes());
        let tag = mac.finalize().into_bytes();
        let bits = tag.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let letter = |at| char::from(DIGITS[(bits >> (5 * (CODE_LENGTH - 1 - at)) & 31) as usize]);
        Self((0..CODE_LENGTH).map(letter).collect())
    }

    /// The sixteen letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text of the receipt's QR code: `<base>/bn/<code>?h=<first 16 hex of the leaf hash>`.
    /// `base` is the configured address, without a slash at its end.
    #[must_use]
    pub fn link(&self, base: &str, leaf: Hash) -> String {
        format!("{base}/bn/{}?h={}", self.0, leaf_prefix(leaf))
    }
}

/// The first 16 hex digits of a leaf hash, printed in the QR code: a page that shows another entry
/// is caught by the paper.
#[must_use]
pub fn leaf_prefix(leaf: Hash) -> String {
    hex::encode(&leaf.0[..8])
}

impl fmt::Display for ReceiptCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for ReceiptCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ReceiptCode(hidden)")
    }
}

impl FromStr for ReceiptCode {
    type Err = ReceiptFault;

    /// Reads a code as people type it: small letters and hyphens are taken, O is 0, I and L are 1
    /// (Crockford).
    fn from_str(text: &str) -> Result<Self, ReceiptFault> {
        if text.len() > 2 * CODE_LENGTH {
            return Err(ReceiptFault::Code);
        }
        let read = |byte: u8| digit(byte).map(char::from);
        let digits = text.bytes().filter(|byte| *byte != b'-').map(read);
        let code = digits.collect::<Option<String>>().filter(|code| code.len() == CODE_LENGTH);
        code.map(Self).ok_or(ReceiptFault::Code)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ledger::keys::SigningKey;
    use crate::ledger::note::sign_checkpoint;
    use crate::ledger::tree::{Frontier, Nodes as _};

    /// Made with Python's `hashlib` and `cryptography`: entry 1 of a ledger of three.
    const GOLDEN: &str = include_str!("../../tests/golden/receipt.tlog-proof");
    const LOG: &str = "so.example/xuan-tay+e44e85ff+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";

    fn log() -> PublicKey {
        PublicKey::parse(LOG).unwrap()
    }

    #[test]
    fn a_receipt_of_an_independent_program_verifies_offline() {
        let receipt = Receipt::parse(GOLDEN.as_bytes()).unwrap();
        assert_eq!(receipt.to_string(), GOLDEN);
        let log = log();
        let proven = receipt.verify([&log]).unwrap();
        assert_eq!(proven.entry, br#"{"log":"so.example/xuan-tay","seq":1}"#);
        assert_eq!((proven.index, proven.checkpoint.size), (1, 3));
        assert_eq!(proven.log_key, &log);
        assert_eq!(leaf_prefix(proven.leaf), "53b3e6cebc9d3c5e");
    }

    #[test]
    fn every_entry_of_a_ledger_has_a_receipt() {
        let key = SigningKey::from_seed("so.example/a", [3; 32]).unwrap();
        let (mut frontier, mut store) = (Frontier::new(), HashMap::new());
        let entries: Vec<Vec<u8>> = (0..9).map(|n| format!("{{\"n\":{n}}}").into()).collect();
        for entry in &entries {
            store.extend(frontier.append(leaf_hash(entry)));
        }
        let head = Checkpoint::new("so.example/a", 9, frontier.root()).unwrap();
        let head = sign_checkpoint(&head, &key).unwrap();
        for (index, entry) in (0..).zip(&entries) {
            let proof = store.inclusion_proof(index, 9).unwrap();
            let made = Receipt::new(entry.clone(), index, proof.clone(), head.clone()).unwrap();
            let read = Receipt::parse(made.to_string().as_bytes()).unwrap();
            assert_eq!(read, made);
            assert_eq!(read.verify([key.public()]).unwrap().entry, entry);
            let other = (index + 1) % 9;
            assert!(Receipt::new(entry.clone(), other, proof, head.clone()).is_err());
        }
        assert!(Receipt::new(Vec::new(), 0, Vec::new(), head).is_err());
    }

    #[test]
    fn a_receipt_under_another_key_is_refused() {
        let receipt = Receipt::parse(GOLDEN.as_bytes()).unwrap();
        let same_name = SigningKey::from_seed("so.example/xuan-tay", [9; 32]).unwrap();
        let same_key = SigningKey::from_seed("so.example/other", [1; 32]).unwrap();
        let witness = "witness.example/upper+6f524b44+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
        let witness = PublicKey::parse(witness).unwrap();
        for keys in [vec![], vec![same_name.public()], vec![same_key.public()], vec![&witness]] {
            let refused = receipt.verify(keys);
            assert!(matches!(refused, Err(ReceiptFault::Note(NoteFault::NotSigned(_)))));
        }
    }

    #[test]
    fn every_changed_byte_before_the_cosignature_is_noticed() {
        let end = GOLDEN.find("— witness").unwrap();
        let log = log();
        for at in 0..end {
            for change in [1_u8, 0x20, 0x80] {
                let mut bytes = GOLDEN.as_bytes().to_vec();
                bytes[at] ^= change;
                let verified = Receipt::parse(&bytes).is_ok_and(|read| read.verify([&log]).is_ok());
                assert!(!verified, "byte {at} with bits {change:02x}");
            }
        }
        for end in 0..GOLDEN.len() {
            let cut = &GOLDEN.as_bytes()[..end];
            if let Ok(read) = Receipt::parse(cut) {
                // Only the whole cosignature line can be missing.
                assert_eq!(read.checkpoint().note().signatures().len(), 1);
                assert!(GOLDEN[end..].starts_with('—'));
            }
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let lines: Vec<&str> = GOLDEN.lines().collect();
        let without = |at: usize| {
            let kept = lines.iter().enumerate().filter(|(line, _)| *line != at);
            kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
        };
        let long_proof = GOLDEN.replace(
            "index 1\n",
            &format!("index 1\n{}", { format!("{}\n", lines[3]).repeat(65) }),
        );
        for (wrong, fault) in [
            (String::new(), ReceiptFault::Header),
            (without(0), ReceiptFault::Header),
            (GOLDEN.replace("@v1", "@v2"), ReceiptFault::Header),
            (without(1), ReceiptFault::Entry),
            (GOLDEN.replace("extra ", "extra"), ReceiptFault::Entry),
            (GOLDEN.replace("fQ==\n", "fQ\n"), ReceiptFault::Entry),
            (GOLDEN.replace("fQ==\n", "fR==\n"), ReceiptFault::Entry),
            (GOLDEN.replace(lines[1], "extra "), ReceiptFault::Entry),
            (without(2), ReceiptFault::Index),
            (GOLDEN.replace("index 1", "index 01"), ReceiptFault::Index),
            (GOLDEN.replace("index 1", "index +1"), ReceiptFault::Index),
            (GOLDEN.replace("index 1", "index 1 "), ReceiptFault::Index),
            (GOLDEN.replace("index 1", "index 18446744073709551616"), ReceiptFault::Index),
            (GOLDEN.split("\n\n").next().unwrap().to_owned(), ReceiptFault::Separator),
            (long_proof, ReceiptFault::Separator),
            (format!("{GOLDEN}{}", " ".repeat(LONGEST)), ReceiptFault::TooLong(LONGEST + 1006)),
        ] {
            let found = Receipt::parse(wrong.as_bytes()).unwrap_err();
            let same = std::mem::discriminant(&found) == std::mem::discriminant(&fault);
            assert!(same, "{found} instead of {fault}");
        }
        for wrong in [GOLDEN.replace('\n', "\r\n"), format!("{GOLDEN}\n"), without(5)] {
            assert!(Receipt::parse(wrong.as_bytes()).is_err());
        }
        assert_eq!(Receipt::parse(b"\xff"), Err(ReceiptFault::NotUtf8));
    }

    #[test]
    fn codes_are_those_of_an_independent_program() {
        let id = Uuid::parse_str("01890A5D-AC96-774B-BCCE-B302099A8057").unwrap();
        let code = ReceiptCode::of(&[3; 32], &id);
        assert_eq!(code.as_str(), "HZTHE7CMEJPKRWGX");
        assert_ne!(ReceiptCode::of(&[4; 32], &id), code);
        assert_eq!(
            code.link("https://so.example", leaf_hash(b"")),
            "https://so.example/bn/HZTHE7CMEJPKRWGX?h=6e340b9cffb37a98"
        );
        assert!(!format!("{code:?}").contains("HZTH"));
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        for text in ["HZTHE7CMEJPKRWGX", "hzthe7cmejpkrwgx", "HZTH-E7CM-EJPK-RWGX"] {
            assert_eq!(text.parse::<ReceiptCode>().unwrap().as_str(), "HZTHE7CMEJPKRWGX");
        }
        assert_eq!("oOiIlL0000000000".parse::<ReceiptCode>().unwrap().as_str(), "0011110000000000");
        for text in ["", "HZTHE7CMEJPKRWG", "HZTHE7CMEJPKRWGX0", "UZTHE7CMEJPKRWGX", "đ"] {
            assert_eq!(text.parse::<ReceiptCode>(), Err(ReceiptFault::Code), "{text}");
        }
        assert!("-".repeat(40).parse::<ReceiptCode>().is_err());
    }

    proptest! {
        #[test]
        fn garbage_is_refused_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,40}"
        ) {
            prop_assert!(Receipt::parse(&bytes).is_err());
            let tail = [HEADER.as_bytes(), b"\n", &bytes].concat();
            prop_assert!(Receipt::parse(&tail).is_err());
            let _ = text.parse::<ReceiptCode>();
        }

        #[test]
        fn a_code_is_read_as_it_is_written(key in any::<[u8; 32]>(), id in any::<u128>()) {
            let code = ReceiptCode::of(&key, &Uuid::from_u128(id));
            prop_assert_eq!(code.as_str().parse(), Ok(code.clone()));
        }
    }
}
