//! Signing away from the server: the file that a desk gives, and the one that it takes back.
//!
//! Both are one canonical JSON object (RFC 8785, the profile of entries), with `format` in front of
//! what they are. The first holds whole vouchers with the signatures that they have, and what is
//! needed to show them in words; the second holds whole vouchers with one more signature each, so
//! that a desk can tell an edited voucher from a wrong key. What is signed is the note text of
//! [`voucher_message`](super::keys::voucher_message) and nothing of these files.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical;
use super::disclosure::{Disclosure, digests};
use super::entry::OfficerSignature;
use super::keys::{NoteSignature, PublicKey, SignatureRole, SigningKey, is_officer_key_name};
use super::voucher::{Body, Voucher};
use super::word::{KeyName, Origin, Time, UtcOffset};

/// `format` of a file to be signed.
const TO_SIGN: &str = "minhbach-to-sign/v1";
/// `format` of a file that was signed.
const SIGNED: &str = "minhbach-signed/v1";

/// The most bytes of either file.
pub const MOST_BYTES: usize = 4 << 20;
/// The most vouchers in either file.
pub const MOST_VOUCHERS: usize = 200;

/// Why a file was not taken, or a voucher not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwayFault {
    /// Longer than [`MOST_BYTES`], or more than [`MOST_VOUCHERS`].
    #[error("larger than any file of this kind")]
    TooLarge,
    /// Neither kind of file.
    #[error("not a file of this program")]
    NotOurs,
    /// The other kind of file.
    #[error("the other file: what is to be signed and what was signed were mixed up")]
    Swapped,
    /// A later version of the form.
    #[error("written by a newer version of this program")]
    Newer,
    /// Not the canonical bytes: edited, cut, or changed on the way.
    #[error("changed or cut on the way: {0}")]
    Changed(String),
    /// A voucher of another ledger than the file names.
    #[error("a voucher of another ledger stands in it")]
    OtherLog,
    /// A voucher that stands twice, or none at all.
    #[error("a voucher stands in it twice, or none does")]
    Count,
    /// Signatures by more than one key.
    #[error("signed by more than one key")]
    ManyKeys,
    /// Not signed by the recorder that the voucher names, or not validly.
    #[error("the recorder's signature does not hold")]
    Recorder,
    /// A private value without a digest in its voucher.
    #[error("a private value does not belong to its voucher")]
    Private,
    /// A key of another ledger, or no officer's.
    #[error("the key is not one of an officer of this ledger")]
    OtherKey,
    /// The key that recorded the voucher.
    #[error("the key recorded this voucher itself")]
    OwnVoucher,
}

/// One signature, as both files write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The role.
    #[serde(rename = "as")]
    pub role: SignatureRole,
    /// The key.
    pub key: KeyName,
    /// The signature.
    pub sig: NoteSignature,
}

impl From<&OfficerSignature> for Mark {
    fn from(signature: &OfficerSignature) -> Self {
        let (role, key) = (signature.role, signature.key.clone());
        Self { role, key, sig: signature.signature }
    }
}

impl From<&Mark> for OfficerSignature {
    fn from(mark: &Mark) -> Self {
        Self { role: mark.role, key: mark.key.clone(), signature: mark.sig }
    }
}

/// Who recorded a voucher: the desk's word for the title, and the key that has to have signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorder {
    /// The title in office.
    pub title: String,
    /// The key.
    pub vkey: PublicKey,
}

/// What a voucher would change, by the desk's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// `place`, `fund` or `stock`.
    pub what: String,
    /// Its name.
    pub name: String,
    /// Minor units before.
    pub before: i64,
    /// Minor units after.
    pub after: i64,
    /// Quantities before and after, of goods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods: Option<[String; 2]>,
}

/// A voucher that is to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The role in which it is to be signed.
    #[serde(rename = "as")]
    pub role: SignatureRole,
    /// What it would change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The short code of the draft; empty for a new key.
    pub code: String,
    /// Disclosures, where they were included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private: Vec<String>,
    /// Who recorded it; missing for a new key, which signs first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder: Option<Recorder>,
    /// The signatures that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Mark>,
    /// The voucher, whole. For a new key a placeholder stands in the key's place.
    #[serde(with = "whole")]
    pub voucher: Voucher,
}

/// The file that a desk gives: vouchers that wait for one officer's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToSign {
    /// The chapter's name.
    pub chapter: String,
    /// What waits, in the desk's order.
    pub drafts: Vec<Asked>,
    /// The ledger.
    pub log: Origin,
    /// When the file was made.
    pub made_at: Time,
    /// Names of codes by what they are (`fund`, `place` …), by the desk's word.
    pub names: BTreeMap<String, BTreeMap<String, String>>,
    /// Where the chapter's clocks stand.
    pub utc_offset: UtcOffset,
}

/// A voucher with the signature that was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// The signature.
    pub mark: Mark,
    /// What was signed.
    #[serde(with = "whole")]
    pub voucher: Voucher,
}

/// The file that a desk takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The ledger.
    pub log: Origin,
    /// Disclosures that came along, of a new officer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private: Vec<String>,
    /// The vouchers, each with its new signature.
    pub signatures: Vec<Added>,
}

/// Vouchers inside these files: the object that entries hold.
mod whole {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de};
    use serde_json::Value;

    use crate::ledger::voucher::Voucher;

    pub fn serialize<S: Serializer>(voucher: &Voucher, out: S) -> Result<S::Ok, S::Error> {
        voucher.value().serialize(out)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(read: D) -> Result<Voucher, D::Error> {
        Voucher::read(&Value::deserialize(read)?).map_err(de::Error::custom)
    }
}

/// A format without its version.
fn family(format: &str) -> &str {
    format.split('/').next().unwrap_or_default()
}

/// Reads either file: canonical bytes, a line end behind them or none, and of its own format.
fn read<T: DeserializeOwned>(bytes: &[u8], format: &str, other: &str) -> Result<T, AwayFault> {
    if bytes.len() > MOST_BYTES {
        return Err(AwayFault::TooLarge);
    }
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let value: Result<Value, _> = serde_json::from_slice(bytes);
    let mut value = value.map_err(|fault| match bytes.starts_with(b"{\"") {
        true => AwayFault::Changed(fault.to_string()),
        false => AwayFault::NotOurs,
    })?;
    match value.get("format").and_then(Value::as_str) {
        Some(own) if own == format => {}
        Some(own) if own == other => return Err(AwayFault::Swapped),
        Some(own) if [format, other].iter().any(|known| family(known) == family(own)) => {
            return Err(AwayFault::Newer);
        }
        _ => return Err(AwayFault::NotOurs),
    }
    canonical::check_profile(&value).map_err(|fault| AwayFault::Changed(fault.to_string()))?;
    if canonical::encode(&value) != bytes {
        return Err(AwayFault::Changed("not in RFC 8785 form".to_owned()));
    }
    if let Value::Object(members) = &mut value {
        members.remove("format");
    }
    serde_json::from_value(value).map_err(|fault| AwayFault::Changed(fault.to_string()))
}

fn write<T: Serialize>(file: &T, format: &str) -> Vec<u8> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(file) else {
        unreachable!("a struct of texts and numbers is always a JSON object")
    };
    members.insert("format".to_owned(), format.into());
    let mut bytes = canonical::encode(&Value::Object(members));
    bytes.push(b'\n');
    bytes
}

/// Each voucher once, at least one, all of one ledger.
fn check_vouchers<'a>(
    log: &Origin,
    vouchers: impl Iterator<Item = &'a Voucher>,
) -> Result<(), AwayFault> {
    let mut ids = BTreeSet::new();
    for voucher in vouchers {
        if voucher.log != *log {
            return Err(AwayFault::OtherLog);
        }
        if !ids.insert(&voucher.id) {
            return Err(AwayFault::Count);
        }
    }
    match ids.len() {
        0 => Err(AwayFault::Count),
        number if number > MOST_VOUCHERS => Err(AwayFault::TooLarge),
        _ => Ok(()),
    }
}

impl ToSign {
    /// Reads a file that is to be signed: every voucher is whole and of one ledger, the recorder's
    /// signature holds for the key that came along, private values belong to their voucher.
    ///
    /// # Errors
    /// [`AwayFault`] with the first rule that it breaks.
    pub fn read(bytes: &[u8]) -> Result<Self, AwayFault> {
        let file: Self = read(bytes, TO_SIGN, SIGNED)?;
        check_vouchers(&file.log, file.drafts.iter().map(|asked| &asked.voucher))?;
        file.drafts.iter().try_for_each(Asked::check)?;
        Ok(file)
    }

    /// The file's bytes, which [`ToSign::read`] reads again.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        write(self, TO_SIGN)
    }
}

impl Asked {
    fn check(&self) -> Result<(), AwayFault> {
        let bytes = self.voucher.bytes();
        match (&self.recorder, self.role) {
            (None, SignatureRole::Holder) => {}
            (Some(recorder), SignatureRole::Approver | SignatureRole::Auditor) => {
                let by = &self.voucher.by;
                let mark = self.signatures.iter().find(|mark| mark.role == SignatureRole::Recorder);
                let mark = mark.filter(|mark| mark.key == *by).ok_or(AwayFault::Recorder)?;
                if recorder.vkey.name() != by.as_str() {
                    return Err(AwayFault::Recorder);
                }
                let held = OfficerSignature::from(mark).verify(&bytes, &recorder.vkey);
                held.map_err(|_| AwayFault::Recorder)?;
            }
            _ => return Err(AwayFault::Recorder),
        }
        self.opened().map(drop)
    }

    /// The private values that were included, each checked against the voucher's digests.
    ///
    /// # Errors
    /// [`AwayFault::Private`].
    pub fn opened(&self) -> Result<Vec<Disclosure>, AwayFault> {
        opened(&self.private, &self.voucher)
    }

    /// Whether a key may sign it at all, as far as this file tells.
    ///
    /// # Errors
    /// [`AwayFault::OtherKey`] for a key of another ledger, [`AwayFault::OwnVoucher`] for the key
    /// that recorded it.
    pub fn check_key(&self, key: &PublicKey) -> Result<(), AwayFault> {
        if !is_officer_key_name(self.voucher.log.as_str(), key.name()) {
            return Err(AwayFault::OtherKey);
        }
        if key.name() == self.voucher.by.as_str() {
            return Err(AwayFault::OwnVoucher);
        }
        Ok(())
    }

    /// Signs the voucher, in the role that is asked for. A new key is put in its place first.
    ///
    /// # Errors
    /// As [`Asked::check_key`].
    pub fn sign(&self, key: &SigningKey) -> Result<Added, AwayFault> {
        self.check_key(key.public())?;
        let mut voucher = self.voucher.clone();
        if self.role == SignatureRole::Holder && !put_key(&mut voucher.body, key.public()) {
            return Err(AwayFault::OtherKey);
        }
        let signature = OfficerSignature::sign(self.role, key, &voucher.bytes());
        let signature = signature.map_err(|_| AwayFault::OtherKey)?;
        Ok(Added { mark: Mark::from(&signature), voucher })
    }
}

impl Signed {
    /// Reads a file that was signed: whole vouchers of one ledger, one signature each, all by one
    /// key. Whether a signature holds is for who knows the key.
    ///
    /// # Errors
    /// [`AwayFault`] with the first rule that it breaks.
    pub fn read(bytes: &[u8]) -> Result<Self, AwayFault> {
        let file: Self = read(bytes, SIGNED, TO_SIGN)?;
        check_vouchers(&file.log, file.signatures.iter().map(|added| &added.voucher))?;
        let keys: BTreeSet<&KeyName> = file.signatures.iter().map(|own| &own.mark.key).collect();
        if keys.len() == 1 { Ok(file) } else { Err(AwayFault::ManyKeys) }
    }

    /// The file's bytes, which [`Signed::read`] reads again.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        write(self, SIGNED)
    }

    /// The private values that came along with the only voucher.
    ///
    /// # Errors
    /// [`AwayFault::Private`].
    pub fn opened(&self, voucher: &Voucher) -> Result<Vec<Disclosure>, AwayFault> {
        opened(&self.private, voucher)
    }
}

fn opened(private: &[String], voucher: &Voucher) -> Result<Vec<Disclosure>, AwayFault> {
    let value = voucher.value();
    let known = digests(&value);
    let open = |text: &String| {
        let disclosure = Disclosure::parse(text).ok()?;
        known.contains(disclosure.digest().as_str()).then_some(disclosure)
    };
    private.iter().map(|text| open(text).ok_or(AwayFault::Private)).collect()
}

/// Puts a key in the place of the one that a voucher registers; `false` for a kind without one.
pub fn put_key(body: &mut Body, key: &PublicKey) -> bool {
    let place = match body {
        Body::OfficerEnrolled(body) => &mut body.officer.vkey,
        Body::KeyRotated(body) => &mut body.new_vkey,
        Body::GuardianNamed(body) => &mut body.guardian.vkey,
        Body::LogKeyRotated(body) => &mut body.new_vkey,
        _ => return false,
    };
    *place = key.clone();
    true
}

/// The key that a voucher registers.
#[must_use]
pub const fn new_key(body: &Body) -> Option<&PublicKey> {
    match body {
        Body::OfficerEnrolled(body) => Some(&body.officer.vkey),
        Body::KeyRotated(body) => Some(&body.new_vkey),
        Body::GuardianNamed(body) => Some(&body.guardian.vkey),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
