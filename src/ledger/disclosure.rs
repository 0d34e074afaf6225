//! Private values: salted digests in the ledger, disclosures outside it (RFC 9901).
//!
//! A voucher holds only digests. Showing a value is giving its disclosure; erasing it is destroying
//! the disclosure. With 256 bits of salt nothing can be guessed, and two digests of the same value
//! have nothing in common.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::canonical::{self, CanonicalFault};

/// Bytes of a salt and of a digest.
const LENGTH: usize = 32;

/// Characters of a salt and of a digest: 32 bytes in base64url without padding.
const TEXT_LENGTH: usize = 43;

/// Why a disclosure, digest or list of digests was refused. No fault shows a private value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureFault {
    /// Not base64url without padding.
    #[error("disclosure: must be base64url without padding")]
    Encoding,
    /// Base64url, but of bytes that are not canonical JSON within the profile.
    #[error("disclosure: {0}")]
    Canonical(CanonicalFault),
    /// Canonical JSON, but not `[salt, name, value]`.
    #[error("disclosure: must be an array of a salt, a name and a value")]
    Form,
    /// A salt that is not 32 bytes.
    #[error("disclosure: its salt must be 32 bytes in base64url without padding")]
    Salt,
    /// A name outside the closed list of private members.
    #[error("disclosure: {0:?} is not the name of a private value")]
    Name(String),
    /// A digest that is not 43 characters of base64url.
    #[error("digest {0:?}: must be 32 bytes in base64url without padding")]
    Digest(String),
    /// A list of digests without any.
    #[error("_sd: at least one digest, or leave the member out")]
    NoDigests,
    /// Digests that do not ascend, or one that stands twice.
    #[error("_sd: digests must ascend strictly, byte by byte: {0} does not")]
    Order(String),
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Randomness(String),
}

impl From<CanonicalFault> for DisclosureFault {
    fn from(fault: CanonicalFault) -> Self {
        // The number itself may be private: an account, an amount owed.
        Self::Canonical(match fault {
            CanonicalFault::Number { at, .. } => {
                CanonicalFault::Number { at, token: "(hidden)".to_owned() }
            }
            other => other,
        })
    }
}

macro_rules! private_names {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// What a private value is: the closed list of names inside disclosures.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PrivateName {
            $($(#[$doc])* $variant,)+
        }

        impl PrivateName {
            /// Every name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name as it stands in disclosures.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

private_names! {
    /// A person's or donor's full name.
    FullName = "full_name",
    /// The name as it may be shown with most of it hidden.
    MaskedName = "masked_name",
    /// A telephone number.
    Phone = "phone",
    /// An address.
    Address = "address",
    /// The number of an identity card.
    IdentityNumber = "identity_number",
    /// The year of birth.
    BirthYear = "birth_year",
    /// Why a family is helped.
    Category = "category",
    /// Which family of the register.
    Family = "family",
    /// The text of a bank transfer.
    BankText = "bank_text",
    /// The reference of a bank transfer.
    BankReference = "bank_reference",
    /// Which row of which statement.
    BankRow = "bank_row",
    /// An account number.
    Account = "account",
    /// Who stands in for a borrower.
    Guarantor = "guarantor",
    /// The instalments of a loan.
    Schedule = "schedule",
    /// Which loan a voucher means.
    Loan = "loan",
    /// The title of a paper.
    Title = "title",
    /// The SHA-256 of a scan.
    Sha256 = "sha256",
    /// The proof of a consent.
    Consent = "consent",
    /// The words of a reason.
    Words = "words",
}

impl PrivateName {
    /// Whether a disclosure of this name may be published: only donors' names may, with consent.
    #[must_use]
    pub const fn is_publishable(self) -> bool {
        matches!(self, Self::FullName | Self::MaskedName)
    }
}

impl fmt::Display for PrivateName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for PrivateName {
    type Err = DisclosureFault;

    fn from_str(text: &str) -> Result<Self, DisclosureFault> {
        let known = Self::ALL.iter().find(|name| name.as_str() == text);
        known.copied().ok_or_else(|| DisclosureFault::Name(text.chars().take(40).collect()))
    }
}

impl Serialize for PrivateName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PrivateName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// One private value with its salt. `Debug` shows the name only.
#[derive(Clone, PartialEq, Eq)]
pub struct Disclosure {
    salt: String,
    name: PrivateName,
    value: Value,
}

impl Disclosure {
    /// A new disclosure with a salt of its own: make one for each occurrence of a value, so that
    /// two occurrences of one person cannot be linked.
    ///
    /// # Errors
    /// [`DisclosureFault`] for a value outside the profile of the ledger, and without randomness.
    pub fn make(name: PrivateName, value: Value) -> Result<Self, DisclosureFault> {
        let made = Self { salt: random_text()?, name, value };
        // What is too long or outside the profile would be refused by every reader.
        canonical::decode_any(&made.canonical())?;
        Ok(made)
    }

    /// Reads [`Disclosure::encode`], and only that spelling.
    ///
    /// # Errors
    /// [`DisclosureFault`].
    pub fn parse(text: &str) -> Result<Self, DisclosureFault> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| DisclosureFault::Encoding)?;
        let Value::Array(items) = canonical::decode_any(&bytes)? else {
            return Err(DisclosureFault::Form);
        };
        let [Value::String(salt), Value::String(name), value]: [Value; 3] =
            items.try_into().map_err(|_| DisclosureFault::Form)?
        else {
            return Err(DisclosureFault::Form);
        };
        if !is_32_bytes(&salt) {
            return Err(DisclosureFault::Salt);
        }
        Ok(Self { name: name.parse()?, salt, value })
    }

    /// The text form: base64url without padding of the canonical `[salt, name, value]`.
    #[must_use]
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.canonical())
    }

    /// The digest that stands for the value in the ledger: SHA-256 of the text form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.encode())))
    }

    /// What the value is.
    #[must_use]
    pub const fn name(&self) -> PrivateName {
        self.name
    }

    /// The private value.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    fn canonical(&self) -> Vec<u8> {
        let items = [self.salt.as_str().into(), self.name.as_str().into(), self.value.clone()];
        canonical::encode(&Value::Array(items.into()))
    }
}

impl fmt::Debug for Disclosure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Disclosure({}, value hidden)", self.name)
    }
}

/// The digest of a disclosure, or a decoy: 43 characters of base64url. Order is bytewise on the
/// text, as in `_sd`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// A digest of nothing, which nobody can tell from one of a value.
    ///
    /// # Errors
    /// [`DisclosureFault::Randomness`].
    pub fn decoy() -> Result<Self, DisclosureFault> {
        random_text().map(Self)
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for Digest {
    type Err = DisclosureFault;

    fn from_str(text: &str) -> Result<Self, DisclosureFault> {
        if is_32_bytes(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DisclosureFault::Digest(text.chars().take(60).collect()))
        }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if is_32_bytes(&text) { Ok(Self(text)) } else { text.parse().map_err(de::Error::custom) }
    }
}

/// The value of `_sd`: one or more digests, strictly ascending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Digest>", into = "Vec<Digest>")]
pub struct Digests(Vec<Digest>);

impl Digests {
    /// Puts digests in order.
    ///
    /// # Errors
    /// [`DisclosureFault::NoDigests`] for none, [`DisclosureFault::Order`] for one twice.
    pub fn sorted(digests: impl IntoIterator<Item = Digest>) -> Result<Self, DisclosureFault> {
        let mut digests: Vec<Digest> = digests.into_iter().collect();
        digests.sort_unstable();
        Self::try_from(digests)
    }

    /// The digests, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[Digest] {
        &self.0
    }

    /// The digests, ascending.
    pub fn iter(&self) -> std::slice::Iter<'_, Digest> {
        self.0.iter()
    }

    /// Whether `digest` is among them.
    #[must_use]
    pub fn contains(&self, digest: &Digest) -> bool {
        self.0.binary_search(digest).is_ok()
    }
}

impl<'a> IntoIterator for &'a Digests {
    type Item = &'a Digest;
    type IntoIter = std::slice::Iter<'a, Digest>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<Digest>> for Digests {
    type Error = DisclosureFault;

    fn try_from(digests: Vec<Digest>) -> Result<Self, DisclosureFault> {
        if digests.is_empty() {
            return Err(DisclosureFault::NoDigests);
        }
        match digests.windows(2).find(|pair| pair[0] >= pair[1]) {
            None => Ok(Self(digests)),
            Some(pair) => Err(DisclosureFault::Order(pair[1].to_string())),
        }
    }
}

impl From<Digests> for Vec<Digest> {
    fn from(digests: Digests) -> Self {
        digests.0
    }
}

fn is_32_bytes(text: &str) -> bool {
    // The engine refuses padding and stray bits, so 32 bytes have one spelling.
    let mut bytes = [0; LENGTH + 1];
    text.len() == TEXT_LENGTH && BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) == Ok(LENGTH)
}

fn random_text() -> Result<String, DisclosureFault> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|fault| DisclosureFault::Randomness(fault.to_string()))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Every digest in a value, wherever it stands.
#[must_use]
pub fn digests(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| match member {
                Value::Array(list) if name == "_sd" => {
                    list.iter().filter_map(Value::as_str).collect()
                }
                _ => digests(member),
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(digests).collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests;
