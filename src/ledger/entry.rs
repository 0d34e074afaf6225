//! An entry: a voucher in its place in the ledger, as the bytes that are hashed and published.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::canonical::{self, CanonicalFault};
use super::json::{self, Json, Members};
use super::keys::{KeyFault, NoteSignature, PublicKey, SignatureRole, SigningKey, voucher_message};
use super::tree::{self, Hash};
use super::voucher::{self, MemberFault, Voucher, VoucherFault};
use super::word::{EntryRef, KeyName, Number, Origin, Time, WordFault};

/// The one version of the entry's form.
pub const VERSION: u64 = 1;

/// What stands before an entry's voucher.
const VOUCHER: &[u8] = b",\"voucher\":";

/// An officer's signature over a voucher in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficerSignature {
    /// The role in which the officer signed.
    pub role: SignatureRole,
    /// The key that signed.
    pub key: KeyName,
    /// The signature as a note carries it.
    pub signature: NoteSignature,
}

/// A voucher with its signatures, not yet in its place: what a recorder hands to the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedVoucher {
    /// What was signed.
    pub voucher: Voucher,
    /// Who signed: recorder, approver, auditor, holders, in this order.
    pub signatures: Vec<OfficerSignature>,
}

/// A signed voucher with its canonical bytes, which was read as every reader of its leaf will read
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadableVoucher {
    signed: SignedVoucher,
    bytes: Vec<u8>,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was appended; never going back.
    pub at: Time,
    /// Leaf hash of the entry before, zeros in entry 0.
    pub prev: Hash,
    /// Its place in its own ledger, from 0.
    pub seq: u64,
    /// How many entries the ledgers hold that its own continues, 0 for nearly all. Not in the
    /// bytes: who reads a ledger knows what lies before it.
    pub before: u64,
    /// The signed voucher.
    pub signed: SignedVoucher,
}

/// Why bytes are not an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// The bytes are not canonical JSON of the profile.
    #[error("not canonical: {0}")]
    Canonical(#[from] CanonicalFault),
    /// A version, kind or rules number above what this program knows.
    #[error("newer format: {0}")]
    Newer(String),
    /// A member that is missing, unknown or out of its form.
    #[error(transparent)]
    Member(#[from] MemberFault),
    /// The entry is longer than a leaf may be.
    #[error("the entry has {0} bytes, a leaf holds at most 65535")]
    TooLong(usize),
}

impl From<VoucherFault> for EntryFault {
    fn from(fault: VoucherFault) -> Self {
        match fault {
            VoucherFault::Member(member) => Self::Member(member),
            newer => Self::Newer(newer.to_string()),
        }
    }
}

impl Entry {
    /// Reads an entry from the bytes of its leaf.
    ///
    /// # Errors
    /// [`EntryFault`]: not canonical, newer than this program, or a member out of its form.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryFault> {
        let json = canonical::read(bytes)?;
        let Json::Object(members) = &json else {
            return Err(CanonicalFault::NotAnObject.into());
        };
        let version: Number = voucher::member(members, "v")?;
        if version.get() != VERSION {
            return Err(EntryFault::Newer(format!("entry version {}", version.get())));
        }
        let voucher = json::member(members, "voucher");
        let voucher = voucher.ok_or_else(|| MemberFault::new("voucher", "missing"))?;
        let voucher = Voucher::read_json(voucher)?;
        let entry = Self {
            at: voucher::member(members, "at")?,
            prev: voucher::member(members, "prev")?,
            seq: voucher::member::<Number>(members, "seq")?.get(),
            before: 0,
            signed: SignedVoucher { signatures: read_signatures(members)?, voucher },
        };
        let log: Origin = voucher::member(members, "log")?;
        if log != entry.voucher().log {
            return Err(MemberFault::new("log", "expected the voucher's own ledger").into());
        }
        no_other(members, &["at", "log", "prev", "seq", "signatures", "v", "voucher"])?;
        Ok(entry)
    }

    /// The same entry of a ledger that continues others with `before` entries in all.
    #[must_use]
    pub fn behind(self, before: u64) -> Self {
        Self { before, ..self }
    }

    /// Its place, counted over the ledgers that its own continues, too.
    #[must_use]
    pub const fn place(&self) -> u64 {
        self.before.saturating_add(self.seq)
    }

    /// The place that a reference of this entry's voucher names; `None` for `old:<n>` in a ledger
    /// that continues none, or that is not as long as that.
    #[must_use]
    pub const fn place_of(&self, reference: EntryRef) -> Option<u64> {
        reference.place(self.before)
    }

    /// The voucher.
    #[must_use]
    pub fn voucher(&self) -> &Voucher {
        &self.signed.voucher
    }

    /// The voucher's canonical bytes, out of those that the entry was read from: no other member of
    /// an entry holds an object with this name before it, and a text holds no bare quotation mark.
    #[must_use]
    pub fn voucher_in<'a>(&self, entry: &'a [u8]) -> Cow<'a, [u8]> {
        let found = entry.windows(VOUCHER.len()).position(|bytes| bytes == VOUCHER);
        let rest = found.and_then(|at| entry.get(at + VOUCHER.len()..));
        let own = rest.and_then(|rest| rest.strip_suffix(b"}"));
        own.map_or_else(|| Cow::Owned(self.voucher().bytes()), Cow::Borrowed)
    }

    /// The officers' signatures in their order.
    #[must_use]
    pub fn signatures(&self) -> &[OfficerSignature] {
        &self.signed.signatures
    }

    /// The canonical bytes of the leaf.
    ///
    /// # Errors
    /// [`EntryFault::TooLong`] when they exceed 65 535.
    pub fn bytes(&self) -> Result<Vec<u8>, EntryFault> {
        self.bytes_around(&self.voucher().bytes())
    }

    /// The same around the voucher's own canonical bytes: the name of no member sorts behind
    /// `voucher`.
    ///
    /// # Errors
    /// As [`Entry::bytes`].
    pub fn bytes_around(&self, voucher: &[u8]) -> Result<Vec<u8>, EntryFault> {
        let signatures: Vec<Value> = self
            .signatures()
            .iter()
            .map(|signature| {
                json!({
                    "as": signature.role.as_str(),
                    "key": signature.key.as_str(),
                    "sig": signature.signature.encode(),
                })
            })
            .collect();
        let mut bytes = canonical::encode(&json!({
            "at": self.at.to_string(),
            "log": self.voucher().log.as_str(),
            "prev": self.prev.to_string(),
            "seq": self.seq,
            "signatures": signatures,
            "v": VERSION,
        }));
        bytes.pop();
        bytes.extend_from_slice(VOUCHER);
        bytes.extend_from_slice(voucher);
        bytes.push(b'}');
        if bytes.len() > canonical::MAX_BYTES {
            Err(EntryFault::TooLong(bytes.len()))
        } else {
            Ok(bytes)
        }
    }
}

impl SignedVoucher {
    /// Writes the voucher's bytes, and reads them within an entry as every reader will: where that
    /// entry stands changes nothing but its length.
    ///
    /// # Errors
    /// [`EntryFault`]: why readers would refuse it.
    pub fn readable(self) -> Result<ReadableVoucher, EntryFault> {
        let bytes = self.voucher.bytes();
        let (at, prev) = (Time::EPOCH, Hash::ZERO);
        let entry = Entry { at, prev, seq: 0, before: 0, signed: self };
        Entry::parse(&entry.bytes_around(&bytes)?)?;
        Ok(ReadableVoucher { signed: entry.signed, bytes })
    }
}

impl ReadableVoucher {
    /// The voucher with its signatures.
    #[must_use]
    pub const fn signed(&self) -> &SignedVoucher {
        &self.signed
    }

    /// The voucher.
    #[must_use]
    pub const fn voucher(&self) -> &Voucher {
        &self.signed.voucher
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether its signatures hold, each with its own of these keys.
    #[must_use]
    pub fn holds_with(&self, keys: &[PublicKey]) -> bool {
        let signatures = &self.signed.signatures;
        signatures.len() == keys.len()
            && signatures.iter().zip(keys).all(|(own, key)| own.verify(&self.bytes, key).is_ok())
    }
}

impl OfficerSignature {
    /// Signs a voucher's canonical bytes in a role.
    ///
    /// # Errors
    /// [`WordFault`] when the key's name is not that of an officer's key.
    pub fn sign(role: SignatureRole, key: &SigningKey, voucher: &[u8]) -> Result<Self, WordFault> {
        let signature = key.sign(&voucher_message(role, voucher));
        Ok(Self { role, key: key.name().parse()?, signature })
    }

    /// Verifies the signature over a voucher's canonical bytes, strictly.
    ///
    /// # Errors
    /// [`KeyFault`] when it is not by that key over this voucher in this role.
    pub fn verify(&self, voucher: &[u8], key: &PublicKey) -> Result<(), KeyFault> {
        key.verify(&self.message(voucher), &self.signature)
    }

    /// What was signed of a voucher's canonical bytes.
    #[must_use]
    pub fn message(&self, voucher: &[u8]) -> Vec<u8> {
        voucher_message(self.role, voucher)
    }
}

/// The leaf hash of an entry's bytes (RFC 6962 section 2.1).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    tree::leaf_hash(bytes)
}

fn read_signatures(members: &Members<'_>) -> Result<Vec<OfficerSignature>, MemberFault> {
    let list = json::member(members, "signatures");
    let list = list.ok_or_else(|| MemberFault::new("signatures", "missing"))?.list();
    match list {
        Some([]) => Err(MemberFault::new("signatures", "expected at least one")),
        Some(list) => list.iter().enumerate().map(|(at, own)| read_signature(at, own)).collect(),
        None => Err(MemberFault::new("signatures", "expected a list")),
    }
}

fn read_signature(at: usize, own: &Json<'_>) -> Result<OfficerSignature, MemberFault> {
    let within = |fault: MemberFault| {
        MemberFault::new(format!("signatures[{at}].{}", fault.member), fault.reason)
    };
    let Json::Object(members) = own else {
        return Err(MemberFault::new(format!("signatures[{at}]"), "expected an object"));
    };
    let text = voucher::text(members, "sig").map_err(within)?;
    let signature = NoteSignature::parse(text)
        .map_err(|fault| within(MemberFault::new("sig", fault.to_string())))?;
    let officer = OfficerSignature {
        role: voucher::member(members, "as").map_err(within)?,
        key: voucher::member(members, "key").map_err(within)?,
        signature,
    };
    no_other(members, &["as", "key", "sig"]).map_err(within)?;
    Ok(officer)
}

/// Refuses a member with another name.
fn no_other(members: &Members<'_>, names: &[&str]) -> Result<(), MemberFault> {
    match members.iter().find(|(name, _)| !names.contains(&name.as_ref())) {
        Some((unknown, _)) => Err(MemberFault::new(unknown.as_ref(), "unknown member")),
        None => Ok(()),
    }
}
