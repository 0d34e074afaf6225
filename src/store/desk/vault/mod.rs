//! The vault: disclosures of private values, and the keys that they stand under.
//!
//! Every person (or voucher, or import batch) has a data key of its own, wrapped under the vault
//! key, which comes from a file or the environment and is in no database. A disclosure is
//! encrypted under its subject's data key and bound to chapter, voucher and digest. Destroying one
//! data key makes every copy of a person's values in every backup of the database unreadable.
//!
//! Reading is [`Vault::open`] alone, and writes a line into the log of openings.

mod alone;
mod erasure;
mod holdings;
mod notes;
mod openings;
mod published;
mod quiet;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use super::cipher::{Context, SecretKey};
use super::sql::{self, values};
use super::{Chapter, DeskFault, DeskRefusal, factors};
use crate::ledger::disclosure::{Disclosure, digests};
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::ledger::word::Person;
use crate::store::search::{self, Blinded};

pub use alone::stand_alone;
pub use erasure::{Erased, Scrubbed, Target, erase, erase_target, restrict, scrub};
pub(super) use erasure::{delete_published, waiting_drafts};
pub use holdings::{Holding, holding_of, holdings, restricted, vouchers_of};
pub(in crate::store) use openings::note;
pub use openings::{
    Action, OpenedValue, Opening, OpeningSums, Purpose, Query, Reader, opening_sums, openings,
    openings_of,
};
pub use published::{
    Consent, Published, ShownName, Withdrawal, consents, hide, how, lessen, may_lessen, note_how,
    publish, published, record_consent, shown_names, withdraw_consent, withdrawal,
};
pub use quiet::Held;

const TABLE: &str = "vault_disclosures";
const KEYS: &str = "vault_keys";

/// Whose data key something stands under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A person of the register: donor, family, officer.
    Person(Person),
    /// An import batch, for donors without a register record: 16 hex digits.
    Batch(Person),
    /// A person who stands in one line of one voucher and not in the register: 16 hex digits.
    Line(Person),
    /// One voucher: its giver, and values that are about nobody in particular.
    Voucher(VoucherId),
    /// A complaint: its text and the answer.
    Complaint(Person),
    /// How the sender of a complaint can be reached, which goes before the rest.
    Contact(Person),
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(out, "person:{id}"),
            Self::Batch(id) => write!(out, "batch:{id}"),
            Self::Line(id) => write!(out, "line:{id}"),
            Self::Voucher(id) => write!(out, "voucher:{id}"),
            Self::Complaint(id) => write!(out, "complaint:{id}"),
            Self::Contact(id) => write!(out, "contact:{id}"),
        }
    }
}

impl FromStr for Subject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "not a subject of the vault";
        match text.split_once(':').ok_or(EXPECTED)? {
            ("person", id) => id.parse().map(Self::Person).map_err(|_| EXPECTED),
            ("batch", id) => id.parse().map(Self::Batch).map_err(|_| EXPECTED),
            ("line", id) => id.parse().map(Self::Line).map_err(|_| EXPECTED),
            ("voucher", id) => id.parse().map(Self::Voucher).map_err(|_| EXPECTED),
            ("complaint", id) => id.parse().map(Self::Complaint).map_err(|_| EXPECTED),
            ("contact", id) => id.parse().map(Self::Contact).map_err(|_| EXPECTED),
            _ => Err(EXPECTED),
        }
    }
}

/// A private value of a voucher and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateValue {
    /// Salt, name and value; its digest stands in the voucher.
    pub disclosure: Disclosure,
    /// Whose data key it is sealed under.
    pub subject: Subject,
}

/// A private value as its row holds it.
pub(super) struct SealedValue {
    pub(super) digest: String,
    pub(super) subject: String,
    pub(super) of_donor: bool,
    pub(super) sealed: Vec<u8>,
    /// By what a transfer is found, blinded.
    pub(super) references: Vec<Blinded>,
}

/// The data key of a subject, opened to seal with.
pub(in crate::store) struct SealingKey {
    key: SecretKey,
    subject: String,
}

/// What was brought under another vault key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrapped {
    /// How many data keys.
    pub keys: usize,
    /// The accounts whose second device's secret did not open under the key before, and was left
    /// as it was: their owners sign in with a recovery code, or need a link for another device.
    pub without_device: BTreeSet<String>,
}

/// The vault key: opens data keys, which open values.
#[derive(Clone)]
pub struct Vault {
    key: SecretKey,
    /// For look-up digests.
    blind: SecretKey,
    foreign: bool,
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Vault(key hidden)")
    }
}

impl Vault {
    /// The vault of a key of 32 random bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let key = SecretKey::derive(key, "minhbach/vault/v1");
        let blind = SecretKey::derive(key.bytes(), "minhbach/blind/v1");
        Self { key, blind, foreign: false }
    }

    /// The same vault, that seals nothing for anybody new: its key was found to be another one than
    /// that of the database, and no one key would open all of it any more.
    #[must_use]
    pub fn foreign(self) -> Self {
        Self { foreign: true, ..self }
    }

    /// Whether its key was found to be another one than that of the database.
    pub(super) const fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// What secrets of second devices are sealed under: another key than that of any value.
    pub(super) fn second_device(&self) -> SecretKey {
        SecretKey::derive(self.key.bytes(), "minhbach/second-device/v1")
    }

    /// A digest that only who has the vault key can compute: for looking up what must not be
    /// guessed from a copy of the database, such as bank lines.
    pub(in crate::store) fn blind(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.blind.authenticate(&Context::new(label, parts))
    }

    /// Whether this is the key that the database was written with. Call it at start.
    ///
    /// # Errors
    /// [`DeskFault::Damaged`] when a stored data key does not open.
    pub async fn check<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
    ) -> Result<(), DeskFault> {
        let text = "SELECT subject, wrapped FROM vault_keys WHERE chapter = $1 \
             ORDER BY made_at DESC, subject LIMIT 1";
        let Some(row) = sql::one(connection, text, values![chapter.id]).await? else {
            return Ok(());
        };
        let subject: Subject = sql::parsed(&row, KEYS, "subject")?;
        self.unwrap_key(chapter, &subject, &sql::column::<Vec<u8>>(&row, "wrapped")?).map(drop)
    }

    /// Wraps every data key of a chapter under another vault key, and seals the secrets of second
    /// devices under it. In one transaction, then start with the new key.
    ///
    /// # Errors
    /// [`DeskFault::Damaged`] when a data key does not open; nothing may be committed then.
    pub async fn rewrap<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        new: &Self,
    ) -> Result<Rewrapped, DeskFault> {
        let text = "SELECT subject, wrapped FROM vault_keys WHERE chapter = $1";
        let rows = sql::all(connection, text, values![chapter.id]).await?;
        for row in &rows {
            let subject: Subject = sql::parsed(row, KEYS, "subject")?;
            let key =
                self.unwrap_key(chapter, &subject, &sql::column::<Vec<u8>>(row, "wrapped")?)?;
            let wrapped = new.wrap(chapter, &subject, &key)?;
            let text = "UPDATE vault_keys SET wrapped = $1 WHERE chapter = $2 AND subject = $3";
            let values = values![wrapped, chapter.id, subject.to_string()];
            sql::execute(connection, text, values).await?;
        }
        let without_device = factors::reseal(connection, chapter, (self, new)).await?;
        Ok(Rewrapped { keys: rows.len(), without_device })
    }

    fn wrap(
        &self,
        chapter: &Chapter,
        subject: &Subject,
        key: &SecretKey,
    ) -> Result<Vec<u8>, DeskFault> {
        let context = key_context(chapter, subject);
        self.key.seal(&context, key.bytes()).map_err(DeskFault::sealed(KEYS))
    }

    fn unwrap_key(
        &self,
        chapter: &Chapter,
        subject: &Subject,
        wrapped: &[u8],
    ) -> Result<SecretKey, DeskFault> {
        let opened = self.key.open(&key_context(chapter, subject), wrapped);
        let bytes = opened.map_err(DeskFault::sealed(KEYS))?;
        SecretKey::from_slice(&bytes).ok_or_else(|| DeskFault::damaged(KEYS, "not 32 bytes"))
    }

    /// The data key of a subject, and whether its values are restricted.
    async fn key_of<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        subject: &Subject,
    ) -> Result<Option<(SecretKey, bool)>, DeskFault> {
        let text = "SELECT wrapped, restricted FROM vault_keys WHERE chapter = $1 AND subject = $2";
        let values = values![chapter.id, subject.to_string()];
        let Some(row) = sql::one(connection, text, values).await? else { return Ok(None) };
        let wrapped: Vec<u8> = sql::column(&row, "wrapped")?;
        let restricted = sql::column::<i64>(&row, "restricted")? == 1;
        Ok(Some((self.unwrap_key(chapter, subject, &wrapped)?, restricted)))
    }

    /// Makes the data key of a subject, unless it has one.
    pub(super) async fn make_key<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        subject: &Subject,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        if self.foreign {
            return Err(DeskFault::damaged(KEYS, "sealed with another vault key: nothing new"));
        }
        let key = SecretKey::random().map_err(DeskFault::sealed(KEYS))?;
        let wrapped = self.wrap(chapter, subject, &key)?;
        let text = "INSERT INTO vault_keys (chapter, subject, wrapped, made_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let values = values![chapter.id, subject.to_string(), wrapped, now.timestamp()];
        sql::execute(connection, text, values).await.map(drop)
    }

    /// The key to write with. Persons get theirs in the register: an erased one does not come
    /// back by itself.
    async fn key_for_writing<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        subject: &Subject,
        now: DateTime<Utc>,
    ) -> Result<SecretKey, DeskFault> {
        if let Some((key, _)) = self.key_of(connection, chapter, subject).await? {
            return Ok(key);
        }
        if matches!(subject, Subject::Person(_)) {
            return Err(DeskRefusal::Gone.into());
        }
        self.make_key(connection, chapter, subject, now).await?;
        let made = self.key_of(connection, chapter, subject).await?;
        made.map(|(key, _)| key).ok_or_else(|| DeskRefusal::Gone.into())
    }

    /// Keeps the private values of a voucher: pending (`seq` is `None`) beside a draft, or in the
    /// same transaction as the entry. Kept once, however often it is asked.
    ///
    /// # Errors
    /// [`DeskRefusal::NotInVoucher`] for a value whose digest the voucher does not hold,
    /// [`DeskRefusal::Gone`] for an erased person.
    pub async fn hold<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        voucher: &Voucher,
        seq: Option<u64>,
        private: &[PrivateValue],
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        for value in self.seal_values(connection, chapter, voucher, private, now).await? {
            let text = "INSERT INTO vault_disclosures (chapter, voucher, digest, seq, subject, \
                 of_donor, sealed, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT DO NOTHING";
            let values = values![
                chapter.id,
                voucher.id.as_str(),
                value.digest.as_str(),
                seq.map(sql::signed),
                value.subject,
                i64::from(value.of_donor),
                value.sealed,
                now.timestamp(),
            ];
            sql::execute(connection, text, values).await?;
            let of = (&voucher.id, value.digest.as_str());
            search::index_references(connection, chapter.id, of, &value.references).await?;
        }
        Ok(())
    }

    /// Seals the private values of a voucher; makes the data keys that are missing.
    pub(super) async fn seal_values<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        voucher: &Voucher,
        private: &[PrivateValue],
        now: DateTime<Utc>,
    ) -> Result<Vec<SealedValue>, DeskFault> {
        let value = voucher.value();
        let (all, of_donor) = (digests(&value), digests(&value["donor"]));
        let mut keys = BTreeMap::new();
        let mut sealed = Vec::with_capacity(private.len());
        for PrivateValue { disclosure, subject } in private {
            let digest = disclosure.digest();
            if !all.contains(digest.as_str()) {
                return Err(DeskRefusal::NotInVoucher.into());
            }
            if !keys.contains_key(subject) {
                let key = self.key_for_writing(connection, chapter, subject, now).await?;
                keys.insert(subject, key);
            }
            let context = value_context(chapter, &voucher.id, digest.as_str());
            let plain = Zeroizing::new(disclosure.encode());
            let bytes = keys[subject].seal(&context, plain.as_bytes());
            sealed.push(SealedValue {
                digest: digest.to_string(),
                subject: subject.to_string(),
                of_donor: of_donor.contains(digest.as_str()),
                sealed: bytes.map_err(DeskFault::sealed(TABLE))?,
                references: search::blinded(self, chapter, voucher, disclosure),
            });
        }
        Ok(sealed)
    }

    /// The key of a subject of whom many values will be sealed; made when it is missing.
    pub(in crate::store) async fn sealing_key<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        subject: &Subject,
        now: DateTime<Utc>,
    ) -> Result<SealingKey, DeskFault> {
        let key = self.key_for_writing(connection, chapter, subject, now).await?;
        Ok(SealingKey { key, subject: subject.to_string() })
    }

    /// Seals values of a voucher that was just made with them, under a key at hand: asks the
    /// database nothing, so that many vouchers are sealed at once. None of them is a donor's.
    pub(super) fn seal_with(
        &self,
        key: &SealingKey,
        (chapter, voucher): (&Chapter, &Voucher),
        private: &[Disclosure],
    ) -> Result<Vec<SealedValue>, DeskFault> {
        let seal = |disclosure: &Disclosure| {
            let digest = disclosure.digest().to_string();
            let context = value_context(chapter, &voucher.id, &digest);
            let plain = Zeroizing::new(disclosure.encode());
            let sealed = key.key.seal(&context, plain.as_bytes());
            Ok(SealedValue {
                subject: key.subject.clone(),
                of_donor: false,
                sealed: sealed.map_err(DeskFault::sealed(TABLE))?,
                references: search::blinded(self, chapter, voucher, disclosure),
                digest,
            })
        };
        private.iter().map(seal).collect()
    }

    /// Seals a text that is no private value of a voucher, such as a reason or a register record.
    pub(super) async fn seal_note<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        subject: &Subject,
        label: &str,
        plain: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, DeskFault> {
        let key = self.key_for_writing(connection, chapter, subject, now).await?;
        let context = note_context(chapter, subject, label);
        key.seal(&context, plain).map_err(DeskFault::sealed(KEYS))
    }

    pub(super) async fn open_note<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        subject: &Subject,
        label: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DeskFault> {
        let key = self.key_of(connection, chapter, subject).await?;
        let (key, _) = key.ok_or(DeskRefusal::Gone)?;
        key.open(&note_context(chapter, subject, label), sealed).map_err(DeskFault::sealed(KEYS))
    }
}

/// Destroys the pending values of a draft that will never be an entry, the voucher's own key, and
/// those of its lines.
pub(super) async fn destroy_pending<C: ConnectionTrait>(
    connection: &C,
    chapter: i64,
    voucher: &VoucherId,
) -> Result<(), DeskFault> {
    // A line stands in one voucher alone: its values go with its key.
    let text = "DELETE FROM vault_keys WHERE chapter = $1 AND subject LIKE 'line:%' AND subject IN \
         (SELECT subject FROM vault_disclosures \
         WHERE chapter = $1 AND voucher = $2 AND seq IS NULL)";
    sql::execute(connection, text, values![chapter, voucher.as_str()]).await?;
    let text = "DELETE FROM vault_disclosures \
         WHERE chapter = $1 AND voucher = $2 AND seq IS NULL";
    sql::execute(connection, text, values![chapter, voucher.as_str()]).await?;
    let text = "DELETE FROM vault_keys WHERE chapter = $1 AND subject = $2 AND NOT EXISTS \
         (SELECT 1 FROM vault_disclosures WHERE chapter = $1 AND subject = $2)";
    let subject = Subject::Voucher(voucher.clone());
    sql::execute(connection, text, values![chapter, subject.to_string()]).await.map(drop)
}

fn key_context(chapter: &Chapter, subject: &Subject) -> Context {
    let subject = subject.to_string();
    Context::new("data-key", &[chapter.identity.as_str().as_bytes(), subject.as_bytes()])
}

fn value_context(chapter: &Chapter, voucher: &VoucherId, digest: &str) -> Context {
    let parts: [&[u8]; 3] =
        [chapter.identity.as_str().as_bytes(), voucher.as_str().as_bytes(), digest.as_bytes()];
    Context::new("disclosure", &parts)
}

fn note_context(chapter: &Chapter, subject: &Subject, label: &str) -> Context {
    let subject = subject.to_string();
    let parts: [&[u8]; 3] =
        [chapter.identity.as_str().as_bytes(), subject.as_bytes(), label.as_bytes()];
    Context::new("note", &parts)
}

#[cfg(test)]
mod tests;
