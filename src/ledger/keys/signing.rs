//! Private keys: made, opened from a seed, used, wiped.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::Signer as _;
use zeroize::{Zeroize as _, Zeroizing};

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

    /// The key as C2SP tools write private keys: `PRIVATE+KEY+<name>+<8 hex of key id>+<base64(type
    /// ‖ seed)>`. Whoever has this text can sign: to be printed and sealed, or kept in a key file.
    #[must_use]
    pub fn private_text(&self) -> Zeroizing<String> {
        let mut material = Zeroizing::new([self.public.kind().byte(); 33]);
        material[1..].copy_from_slice(self.seed());
        let (name, id) = (self.name(), hex::encode(self.public.id()));
        let material = Zeroizing::new(BASE64_STANDARD.encode(material.as_slice()));
        Zeroizing::new(format!("PRIVATE+KEY+{name}+{id}+{}", *material))
    }

    /// Reads a note key from that text.
    ///
    /// # Errors
    /// [`KeyFault::PrivateForm`] for any other text, and [`KeyFault::Name`]; neither repeats it.
    pub fn from_private_text(text: &str) -> Result<Self, KeyFault> {
        Self::from_private_text_as(text, KeyKind::Note)
    }

    /// Reads a key of one type from that text.
    ///
    /// # Errors
    /// [`KeyFault::PrivateForm`] for any other text or type, and [`KeyFault::Name`]; neither
    /// repeats it.
    pub fn from_private_text_as(text: &str, kind: KeyKind) -> Result<Self, KeyFault> {
        let malformed = || KeyFault::PrivateForm;
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or_else(malformed)?;
        let (name, rest) = rest.split_once('+').ok_or_else(malformed)?;
        let (id, material) = rest.split_once('+').ok_or_else(malformed)?;
        let material = Zeroizing::new(BASE64_STANDARD.decode(material).map_err(|_| malformed())?);
        let Some((byte, seed)) = material.split_first() else { return Err(malformed()) };
        if *byte != kind.byte() {
            return Err(malformed());
        }
        let key = Self::from_seed_as(name, kind, seed.try_into().map_err(|_| malformed())?)?;
        if hex::encode(key.public.id()) == id { Ok(key) } else { Err(malformed()) }
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
