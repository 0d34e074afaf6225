//! Signatures of notes, and the text that an officer signs for a voucher.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::KeyFault;

/// A note signature of type 0x01: the id of the key that made it and the Ed25519 signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoteSignature {
    /// The id of the key that made it.
    pub key_id: [u8; 4],
    /// The signature (RFC 8032).
    pub bytes: [u8; 64],
}

impl NoteSignature {
    /// Reads `base64(key id ‖ signature)`, standard alphabet, padded, no stray bits.
    ///
    /// # Errors
    /// [`KeyFault::SignatureForm`].
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        // What is longer than a signature finds no room.
        let mut raw = [0; 69];
        let length = BASE64_STANDARD.decode_slice(text, &mut raw);
        let length = length.map_err(|_| KeyFault::SignatureForm)?;
        let raw = raw.get(..length).and_then(|raw| raw.split_first_chunk());
        let (key_id, bytes) = raw.ok_or(KeyFault::SignatureForm)?;
        let bytes = bytes.try_into().map_err(|_| KeyFault::SignatureForm)?;
        Ok(Self { key_id: *key_id, bytes })
    }

    /// The one text form, `base64(key id ‖ signature)`.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut raw = [0; 68];
        raw[..4].copy_from_slice(&self.key_id);
        raw[4..].copy_from_slice(&self.bytes);
        BASE64_STANDARD.encode(raw)
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.encode())
    }
}

impl FromStr for NoteSignature {
    type Err = KeyFault;

    fn from_str(text: &str) -> Result<Self, KeyFault> {
        Self::parse(text)
    }
}

impl Serialize for NoteSignature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NoteSignature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// As what an officer signs a voucher, in the order in which an entry lists the signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignatureRole {
    /// Who recorded it.
    Recorder,
    /// Who approved it.
    Approver,
    /// Who audited the period.
    Auditor,
    /// The holder of a key that the voucher registers: proof of possession only.
    Holder,
}

impl SignatureRole {
    /// The word in `"as"` and in the first line of the signed text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorder => "recorder",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Holder => "holder",
        }
    }
}

impl fmt::Display for SignatureRole {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for SignatureRole {
    type Err = KeyFault;

    fn from_str(text: &str) -> Result<Self, KeyFault> {
        [Self::Recorder, Self::Approver, Self::Auditor, Self::Holder]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| KeyFault::Role(text.to_owned()))
    }
}

/// The note text that an officer signs: `minhbach-voucher/<role>/v1`, a newline, the canonical
/// bytes of the voucher, a newline. The first line parts the roles from one another and from
/// checkpoints.
#[must_use]
pub fn voucher_message(role: SignatureRole, canonical_voucher_bytes: &[u8]) -> Vec<u8> {
    let mut message = format!("minhbach-voucher/{role}/v1\n").into_bytes();
    message.extend_from_slice(canonical_voucher_bytes);
    message.push(b'\n');
    message
}
