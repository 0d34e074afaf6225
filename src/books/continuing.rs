//! A ledger that continues another one (`continues` of entry 0): it starts from the old one's
//! books.
//!
//! What was recorded stays where it is and goes on: places, funds, stock, gifts, what is held,
//! days, numbers, closings. Who may sign, and with which keys, is said anew: that they were lost is
//! the usual reason for a new ledger. Places count over all ledgers of the chapter, so that an
//! entry of any of them has one name.

use serde::{Deserialize, Serialize};

use super::officers::Officers;
use super::refusal::Refusal;
use super::{Books, ChapterState};
use crate::ledger::entry::Entry;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::voucher::{Body, ChapterOpened, Continues, CurrencyMember};
use crate::ledger::word::Origin;

/// A ledger that a later one continues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierLedger {
    /// Its identity.
    pub origin: Origin,
    /// The place of its entry 0.
    pub before: u64,
    /// How many entries of it are continued.
    pub size: u64,
    /// The signed checkpoint over these, as the later ledger's entry 0 holds it.
    pub checkpoint: String,
    /// Its log keys with the size from which each is on every checkpoint.
    pub log_keys: Vec<(PublicKey, u64)>,
    /// The witnesses that it named.
    pub witnesses: Vec<(String, PublicKey, Option<String>)>,
}

/// The log key that signs the checkpoint of a size, of keys in the order of the sizes from which on
/// each signs; `None` when the first of them begins later.
#[must_use]
pub fn key_at(keys: &[(PublicKey, u64)], size: u64) -> Option<&PublicKey> {
    keys.iter().rev().find(|(_, from)| *from <= size).map(|(key, _)| key)
}

/// What an entry 0 continues, when it does.
pub(super) fn continued(entry: &Entry) -> Option<(&ChapterOpened, &Continues)> {
    match &entry.voucher().body {
        Body::ChapterOpened(body) => body.continues.as_ref().map(|continues| (body, continues)),
        _ => None,
    }
}

/// The member `continues` of a voucher that has one.
#[must_use]
pub fn continues(body: &Body) -> Option<&Continues> {
    match body {
        Body::ChapterOpened(body) => body.continues.as_ref(),
        _ => None,
    }
}

/// The checkpoint that an entry 0 continues, as it can be read. Whether its root is that of the old
/// ledger's entries is for whoever has their tree: the store and the verifier compare it.
///
/// # Errors
/// [`Refusal::Continues`] when it is no signed checkpoint.
pub fn checkpoint(continues: &Continues) -> Result<SignedCheckpoint, Refusal> {
    let bytes = continues.checkpoint.decode();
    SignedCheckpoint::parse(&bytes).map_err(|_| Refusal::Continues { what: "checkpoint" })
}

impl Books {
    /// Whether an entry 0 may take up these books; nothing to say of one that continues none.
    ///
    /// # Errors
    /// [`Refusal::Continues`] with what does not fit, in this order: no old ledger before it, its
    /// own origin, the old ledger closed, slug, currency, offset, first day, rules, the
    /// checkpoint's form, origin, size, signature; then [`Refusal::KeyUsed`].
    pub(super) fn check_continues(&self, entry: &Entry) -> Result<(), Refusal> {
        let no = |what| Err(Refusal::Continues { what });
        let Some((body, continues)) = continued(entry) else {
            return if entry.voucher().log.generation() == 1 { Ok(()) } else { no("nothing") };
        };
        let Some(old) = &self.chapter else { return no("nothing") };
        if old.origin.next().as_ref() != Some(&entry.voucher().log) {
            return no("origin");
        }
        if old.closed.is_some() {
            return no("closed");
        }
        let same = [
            ("slug", old.chapter.slug == body.chapter.slug),
            ("currency", same_currency(&old.currency, &body.currency)),
            ("utc_offset", old.utc_offset == body.utc_offset),
            ("books_from", old.books_from == body.books_from),
            ("rules", old.rules == body.rules.get()),
        ];
        if let Some((what, _)) = same.iter().find(|(_, same)| !same) {
            return no(what);
        }
        let signed = checkpoint(continues)?;
        let head = signed.checkpoint();
        if head.origin != old.origin.as_str() {
            return no("checkpoint-origin");
        }
        if head.size != self.own_size() {
            return no("checkpoint-size");
        }
        if signed.verify_log(key_at(&old.log_keys, head.size)).is_err() {
            return no("log-signature");
        }
        if old.had_log_key(&body.log_key) { Err(Refusal::KeyUsed) } else { Ok(()) }
    }

    /// The ledgers before one that an entry 0 opens over these books, this one the last.
    pub(super) fn earlier_ledgers(&self, entry: &Entry) -> Vec<EarlierLedger> {
        let (Some(old), Some((_, continues))) = (&self.chapter, continued(entry)) else {
            return Vec::new();
        };
        let mut all = old.earlier.clone();
        all.push(EarlierLedger {
            origin: old.origin.clone(),
            before: old.before,
            size: self.own_size(),
            checkpoint: String::from_utf8_lossy(&continues.checkpoint.decode()).into_owned(),
            log_keys: old.log_keys.clone(),
            witnesses: old.witnesses.clone(),
        });
        all
    }

    /// The officers before those whom an entry 0 names: nobody is in office any more, but no key
    /// is ever used twice.
    pub(super) fn officers_before(&self, entry: &Entry) -> Officers {
        match (&self.chapter, continued(entry)) {
            (Some(_), Some(_)) => self.officers.ended(entry.place()),
            _ => Officers::default(),
        }
    }
}

/// Code and scale alone: a digest beside them says nothing of amounts.
fn same_currency(one: &CurrencyMember, other: &CurrencyMember) -> bool {
    (one.code, one.scale) == (other.code, other.scale)
}

impl ChapterState {
    /// Whether a key was a log key of any of the chapter's ledgers, under whatever name.
    pub(super) fn had_log_key(&self, key: &PublicKey) -> bool {
        let earlier = self.earlier.iter().flat_map(|ledger| &ledger.log_keys);
        earlier.chain(&self.log_keys).any(|(own, _)| own.bytes() == key.bytes())
    }

    /// Every ledger of the chapter with the place of its entry 0, the oldest first.
    pub fn ledgers(&self) -> impl Iterator<Item = (&Origin, u64)> {
        let earlier = self.earlier.iter().map(|ledger| (&ledger.origin, ledger.before));
        earlier.chain(std::iter::once((&self.origin, self.before)))
    }

    /// The place of the entry 0 of the ledger in which the entry at `place` lies.
    #[must_use]
    pub fn before_of(&self, place: u64) -> u64 {
        self.ledgers()
            .map(|(_, before)| before)
            .filter(|before| *before <= place)
            .last()
            .unwrap_or(0)
    }
}
