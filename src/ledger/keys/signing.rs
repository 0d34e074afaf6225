//! Private keys: made, opened from a seed, used, wiped.

use std::fmt;

use ed25519_dalek::Signer as _;
use zeroize::Zeroize as _;

use super::{KeyFault, KeyKind, NoteSignature, PublicKey, fill};

/// A named private key. Its seed is wiped from memory when the value is dropped and never shown
/// by `Debug`.
pub struct SigningKey {
    public: PublicKey,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// A new random note key.
    ///
    /// # Errors
    /// [`KeyFault`] for a bad name, or when the operating system gives no randomness.
    pub fn generate(name: &str) -> Result<Self, KeyFault> {
        Self::generate_as(name, KeyKind::Note)
    }

    /// A new random key of the given kind.
    ///
    /// # Errors
    /// [`KeyFault`] for a bad name, or when the operating system gives no randomness.
    pub fn generate_as(name: &str, kind: KeyKind) -> Result<Self, KeyFault> {
        let mut seed = [0; 32];
        let made = fill(&mut seed).and_then(|()| Self::from_seed_as(name, kind, seed));
        seed.zeroize();
        made
    }

    /// The note key of a 32-byte seed (the private key of RFC 8032).
    ///
    /// # Errors
    /// [`KeyFault::Name`] for a bad name.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, KeyFault> {
        Self::from_seed_as(name, KeyKind::Note, seed)
    }

    /// The key of the given kind and 32-byte seed.
    ///
    /// # Errors
    /// [`KeyFault::Name`] for a bad name.
    pub fn from_seed_as(name: &str, kind: KeyKind, mut seed: [u8; 32]) -> Result<Self, KeyFault> {
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        seed.zeroize();
        let public = PublicKey::new(name, kind, key.verifying_key().as_bytes())?;
        Ok(Self { public, key })
    }

    /// The public half. Compare it with the ledger's before signing with a key just unsealed.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.public.name()
    }

    /// The seed, to be sealed; never to be stored or shown as it is.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Signs `message`; the same key and message always give the same signature (RFC 8032).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> NoteSignature {
        NoteSignature { key_id: self.public.id(), bytes: self.sign_bytes(message) }
    }

    /// The bare 64 bytes of a signature over `message`.
    pub(in crate::ledger) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({}, seed hidden)", self.public)
    }
}
