//! The one authenticated cipher of the desk: XChaCha20-Poly1305 with random nonces, and keys
//! derived by HKDF-SHA-256 (RFC 5869).
//!
//! Every use names a label of its own and the circumstances that the ciphertext belongs to; a
//! ciphertext copied to another row, chapter or purpose does not open.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const NONCE: usize = 24;

/// Why something sealed could not be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CipherFault {
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system")]
    Randomness,
    /// Another key, other circumstances, or changed bytes.
    #[error("does not open: another key, another place, or changed bytes")]
    Sealed,
}

/// A symmetric key of 32 bytes, wiped when dropped and never shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct SecretKey([u8; 32]);

impl SecretKey {
    pub(super) fn random() -> Result<Self, CipherFault> {
        let mut key = Self([0; 32]);
        getrandom::fill(&mut key.0).map_err(|_| CipherFault::Randomness)?;
        Ok(key)
    }

    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// A key for one purpose (RFC 5869, without salt: the input is uniform already).
    pub(super) fn derive(input: &[u8], purpose: &str) -> Self {
        let mut key = Self([0; 32]);
        // 32 bytes are far below the 255 blocks at which expand refuses.
        let expanded = Hkdf::<Sha256>::new(None, input).expand(purpose.as_bytes(), &mut key.0);
        debug_assert!(expanded.is_ok(), "one block of output is always allowed");
        key
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 of the circumstances: a check value, or a blinded look-up key.
    pub(super) fn authenticate(&self, context: &Context) -> [u8; 32] {
        self.mac(context).finalize().into_bytes().into()
    }

    /// Compares a check value in constant time.
    pub(super) fn confirms(&self, context: &Context, value: &[u8]) -> bool {
        self.mac(context).verify_slice(value).is_ok()
    }

    fn mac(&self, context: &Context) -> Hmac<Sha256> {
        // HMAC pads a key with zeros to the hash's block of 64 bytes (RFC 2104 section 2).
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        mac.update(&context.0);
        mac
    }

    /// `nonce ‖ ciphertext ‖ tag`.
    pub(super) fn seal(&self, context: &Context, plain: &[u8]) -> Result<Vec<u8>, CipherFault> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| CipherFault::Randomness)?;
        self.seal_with(&nonce, context, plain)
    }

    fn seal_with(
        &self,
        nonce: &[u8; NONCE],
        context: &Context,
        plain: &[u8],
    ) -> Result<Vec<u8>, CipherFault> {
        let payload = Payload { msg: plain, aad: &context.0 };
        let sealed = self
            .cipher()
            .encrypt(<&XNonce>::from(nonce), payload)
            .map_err(|_| CipherFault::Sealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn open(
        &self,
        context: &Context,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CipherFault> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(CipherFault::Sealed)?;
        let payload = Payload { msg: sealed, aad: &context.0 };
        self.cipher()
            .decrypt(<&XNonce>::from(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| CipherFault::Sealed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(<&Key>::from(&self.0))
    }
}

/// What a ciphertext or check value belongs to: a label and parts, each with its length before it
/// so that no two lists of parts have the same bytes.
pub(super) struct Context(Vec<u8>);

impl Context {
    pub(super) fn new(label: &str, parts: &[&[u8]]) -> Self {
        let mut bytes = format!("minhbach/{label}/v1\n").into_bytes();
        for part in parts {
            bytes.extend_from_slice(format!("{}:", part.len()).as_bytes());
            bytes.extend_from_slice(part);
            bytes.push(b'\n');
        }
        Self(bytes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_in_its_place() {
        let (key, other) = (SecretKey::random().unwrap(), SecretKey::random().unwrap());
        let place = Context::new("test", &[b"so.example/a", b"1"]);
        let sealed = key.seal(&place, b"Nguyen Van A").unwrap();
        assert_eq!(key.open(&place, &sealed).unwrap().as_slice(), b"Nguyen Van A");
        assert!(other.open(&place, &sealed).is_err());
        for elsewhere in [
            Context::new("test", &[b"so.example/a", b"2"]),
            Context::new("test", &[b"so.example/a1"]),
            Context::new("other", &[b"so.example/a", b"1"]),
        ] {
            assert_eq!(key.open(&elsewhere, &sealed), Err(CipherFault::Sealed));
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(&place, &changed).is_err(), "byte {at}");
            assert!(key.open(&place, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn two_seals_of_one_value_differ() {
        let key = SecretKey::random().unwrap();
        let place = Context::new("test", &[]);
        assert_ne!(key.seal(&place, b"x").unwrap(), key.seal(&place, b"x").unwrap());
    }

    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1, with the associated data given there.
    #[test]
    fn the_cipher_agrees_with_the_published_vector() {
        let key: Vec<u8> = (0x80..=0x9f).collect();
        let nonce: Vec<u8> = (0x40..=0x57).collect();
        let context = Context(hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap());
        let plain: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you only \
            one tip for the future, sunscreen would be it.";
        let key = SecretKey::from_slice(&key).unwrap();
        let sealed = key.seal_with(&nonce.try_into().unwrap(), &context, plain).unwrap();
        let hexed = hex::encode(&sealed[NONCE..]);
        assert!(hexed.starts_with("bd6d179d3e83d43b9576579493c0e939"), "{hexed}");
        assert!(hexed.ends_with("c0875924c1c7987947deafd8780acf49"), "{hexed}");
    }

    /// RFC 5869 section 2 by hand: extract with a salt of zeros, expand one block.
    #[test]
    fn derived_keys_follow_rfc_5869() {
        let hmac = |key: &[u8], text: &[u8]| -> [u8; 32] {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.update(text);
            mac.finalize().into_bytes().into()
        };
        let extracted = hmac(&[0; 32], b"input");
        let expected = hmac(&extracted, b"purpose\x01");
        assert_eq!(SecretKey::derive(b"input", "purpose").bytes(), &expected);
        assert_ne!(SecretKey::derive(b"input", "purposf").bytes(), &expected);
    }
}
