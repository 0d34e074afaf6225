//! Officers', log and witness keys: Ed25519 (RFC 8032) in the clothes of C2SP signed notes.
//!
//! A public key travels as a *vkey*, `<name>+<8 hex of key id>+<base64(type ‖ key)>`; a signature
//! as `base64(key id ‖ 64 bytes)`, the third field of a note signature line. Every verification
//! answers as `verify_strict` does: no small-order key or R, no S ≥ L.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

mod signature;
mod signing;
mod tables;

pub use signature::{NoteSignature, SignatureRole, voucher_message};
pub use signing::SigningKey;

/// Why a key, a key name or a signature was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// A key name that a signed note cannot carry.
    #[error("key name {0:?}: must be printable ASCII without space and +, and not empty")]
    Name(String),
    /// A vkey that is not `<name>+<8 lower-case hex>+<base64>`.
    #[error("verifier key {0:?}: must be <name>+<8 lower-case hex digits>+<base64>")]
    VkeyForm(String),
    /// The key id written in a vkey is not that of its name and key.
    #[error("verifier key {name}: its key id is {found}, must be {expected}: copied wrongly?")]
    KeyId {
        /// The key's name.
        name: String,
        /// The id as written, hex.
        found: String,
        /// The id as computed, hex.
        expected: String,
    },
    /// A signature type other than 0x01 and 0x04.
    #[error("key {name}: type 0x{kind:02x} is neither 0x01 (note) nor 0x04 (cosignature)")]
    Kind {
        /// The key's name.
        name: String,
        /// The type byte.
        kind: u8,
    },
    /// Not a point of the curve, or not its only encoding.
    #[error("key {0}: not the canonical encoding of a curve point")]
    Point(String),
    /// A point of small order, for which anybody can make signatures.
    #[error("key {0}: a weak (small-order) key is refused")]
    Weak(String),
    /// A signature that is not the strict base64 of 68 bytes.
    #[error("signature: must be the padded base64 of a key id and 64 bytes")]
    SignatureForm,
    /// A signature by another key than the one it is checked with.
    #[error("signature: made with key id {found}, not by {name} ({expected})")]
    OtherKey {
        /// The name of the key it is checked with.
        name: String,
        /// The id in the signature, hex.
        found: String,
        /// The id of the key it is checked with, hex.
        expected: String,
    },
    /// A key of one type used for what the other is for.
    #[error("key {0}: a note key (0x01) and a cosignature key (0x04) cannot stand in for another")]
    WrongKind(String),
    /// The signature does not hold for this key and message.
    #[error("signature by {0}: does not hold for these bytes")]
    Signature(String),
    /// A private key that is not in its form, or whose key id is another: copied wrongly. What was
    /// read is not repeated.
    #[error("private key: must be PRIVATE+KEY+<name>+<8 hex digits of its id>+<base64>")]
    PrivateForm,
    /// A role other than the four.
    #[error("role {0:?}: must be recorder, approver, auditor or holder")]
    Role(String),
    /// An opaque id that is not 16 lower-case hex digits.
    #[error("opaque id {0:?}: must be 16 lower-case hex digits")]
    OpaqueId(String),
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Randomness(String),
}

/// What a key signs; the byte is the signature type of C2SP signed-note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// Notes: vouchers and checkpoints.
    Note = 0x01,
    /// Timestamped cosignatures of checkpoints (C2SP tlog-cosignature, v1).
    Cosignature = 0x04,
}

impl KeyKind {
    /// The signature type byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self as u8
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Note),
            0x04 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// Whether `name` may name a key: printable ASCII, not empty, no space and no `+`.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+')
}

fn checked_name(name: &str) -> Result<String, KeyFault> {
    if is_key_name(name) { Ok(name.to_owned()) } else { Err(KeyFault::Name(name.to_owned())) }
}

/// Whether `text` is an opaque id: 16 lower-case hex digits.
#[must_use]
pub fn is_opaque_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A new random opaque id, for a person or the last part of an officer's key name.
///
/// # Errors
/// [`KeyFault::Randomness`] when the operating system gives none.
pub fn new_opaque_id() -> Result<String, KeyFault> {
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// The name of an officer's key, `<origin>/officer/<opaque>`.
///
/// # Errors
/// [`KeyFault::OpaqueId`] or [`KeyFault::Name`].
pub fn officer_key_name(origin: &str, opaque: &str) -> Result<String, KeyFault> {
    if !is_opaque_id(opaque) {
        return Err(KeyFault::OpaqueId(opaque.to_owned()));
    }
    checked_name(origin)?;
    Ok(format!("{origin}/officer/{opaque}"))
}

/// Whether `name` is an officer's key name of the ledger `origin`.
#[must_use]
pub fn is_officer_key_name(origin: &str, name: &str) -> bool {
    name.strip_prefix(origin)
        .and_then(|rest| rest.strip_prefix("/officer/"))
        .is_some_and(is_opaque_id)
}

fn fill(bytes: &mut [u8]) -> Result<(), KeyFault> {
    getrandom::fill(bytes).map_err(|fault| KeyFault::Randomness(fault.to_string()))
}

/// `SHA-256(name ‖ 0x0A ‖ type ‖ key)[:4]` (C2SP signed-note).
fn key_id(name: &str, kind: KeyKind, key: &[u8; 32]) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', kind.byte()])
        .chain_update(key)
        .finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// A named public key. Only canonical, strong keys exist as values of this type.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    name: String,
    kind: KeyKind,
    key: VerifyingKey,
}

impl PublicKey {
    /// A key from its 32 bytes (RFC 8032 encoding).
    ///
    /// # Errors
    /// [`KeyFault`] for a bad name, bytes that are not the canonical encoding of a point, and
    /// points of small order.
    pub fn new(name: &str, kind: KeyKind, key: &[u8; 32]) -> Result<Self, KeyFault> {
        let name = checked_name(name)?;
        let Ok(key) = VerifyingKey::from_bytes(key) else { return Err(KeyFault::Point(name)) };
        // Decompression reduces y and drops the sign of x = 0: only compressing shows that.
        if key.to_edwards().compress().as_bytes() != key.as_bytes() {
            return Err(KeyFault::Point(name));
        }
        if key.is_weak() {
            return Err(KeyFault::Weak(name));
        }
        Ok(Self { name, kind, key })
    }

    /// Reads a vkey; what it accepts, [`PublicKey::vkey`] writes again byte for byte.
    ///
    /// # Errors
    /// [`KeyFault`] says which part is wrong.
    pub fn parse(vkey: &str) -> Result<Self, KeyFault> {
        let malformed = || KeyFault::VkeyForm(vkey.to_owned());
        let (name, rest) = vkey.split_once('+').ok_or_else(malformed)?;
        let (id, material) = rest.split_once('+').ok_or_else(malformed)?;
        let material = BASE64_STANDARD.decode(material).map_err(|_| malformed())?;
        let (kind, key) = material.split_first().ok_or_else(malformed)?;
        let kind = KeyKind::from_byte(*kind)
            .ok_or_else(|| KeyFault::Kind { name: name.to_owned(), kind: *kind })?;
        let key: &[u8; 32] = key.try_into().map_err(|_| malformed())?;
        let public = Self::new(name, kind, key)?;
        let expected = hex::encode(public.id());
        if id != expected {
            return Err(KeyFault::KeyId { name: name.to_owned(), found: id.to_owned(), expected });
        }
        if public.vkey() == vkey { Ok(public) } else { Err(malformed()) }
    }

    /// The vkey, `<name>+<8 hex of key id>+<base64(type ‖ key)>`.
    #[must_use]
    pub fn vkey(&self) -> String {
        let mut material = [self.kind.byte(); 33];
        material[1..].copy_from_slice(self.key.as_bytes());
        let id = hex::encode(self.id());
        format!("{}+{id}+{}", self.name, BASE64_STANDARD.encode(material))
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The 32 bytes of the key. Two keys that wrap the same bytes are duplicates, whatever their
    /// names.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The key id, the first four bytes of a signature.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, self.kind, self.key.as_bytes())
    }

    /// Verifies a note signature (type 0x01) over `message`, strictly.
    ///
    /// # Errors
    /// [`KeyFault`] when the key is of another kind, the signature names another key, or it does
    /// not hold.
    pub fn verify(&self, message: &[u8], signature: &NoteSignature) -> Result<(), KeyFault> {
        if self.kind != KeyKind::Note {
            return Err(KeyFault::WrongKind(self.name.clone()));
        }
        if signature.key_id != self.id() {
            return Err(KeyFault::OtherKey {
                name: self.name.clone(),
                found: hex::encode(signature.key_id),
                expected: hex::encode(self.id()),
            });
        }
        self.verify_bytes(message, &signature.bytes)
    }

    /// Whether [`PublicKey::verify`] accepts all of these: a key, a message and its signature. Many
    /// at once take less time than one by one; which of them does not hold is not said.
    #[must_use]
    pub fn all_hold(signed: &[(&Self, Vec<u8>, &NoteSignature)]) -> bool {
        let named = signed
            .iter()
            .all(|(key, _, signature)| key.kind == KeyKind::Note && signature.key_id == key.id());
        let signed: Vec<tables::Signed<'_>> = signed
            .iter()
            .map(|(key, message, signature)| (&key.key, message.as_slice(), &signature.bytes))
            .collect();
        named && tables::all_hold(&signed)
    }

    /// Verifies 64 signature bytes over `message`, whatever the kind of the key.
    pub(in crate::ledger) fn verify_bytes(
        &self,
        message: &[u8],
        bytes: &[u8; 64],
    ) -> Result<(), KeyFault> {
        let holds = tables::holds(&self.key, message, bytes);
        holds.then_some(()).ok_or_else(|| KeyFault::Signature(self.name.clone()))
    }

    fn order(&self) -> (&str, KeyKind, &[u8; 32]) {
        (&self.name, self.kind, self.key.as_bytes())
    }
}

impl Ord for PublicKey {
    /// By name bytewise, then kind, then key.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.vkey())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = KeyFault;

    fn from_str(vkey: &str) -> Result<Self, KeyFault> {
        Self::parse(vkey)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let vkey = String::deserialize(deserializer)?;
        Self::parse(&vkey).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
