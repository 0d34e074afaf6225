//! A ledger that is kept here: what is shown of it, and whether it may be written to.

use std::fmt;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::ahead::{AHEAD, SLACK};
use super::changes::Changes;
use super::checks::Stored;
use super::desk;
use super::facade::Done;
use super::so_far::SoFar;
use super::writer::Order;
use crate::books::Books;
use crate::books::portfolio::LoanAccount;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::keys::PublicKey;
use crate::ledger::tree::Hash;
use crate::ledger::word::{Origin, Time};

/// A ledger of this store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChapterId(pub(super) i64);

/// Whether a ledger may be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything is in order.
    Open,
    /// Nothing is written until a person has seen to it; reading goes on.
    ReadOnly(Closure),
}

/// Why nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closure {
    /// An entry, the chain or the tree is not what was written.
    #[error(
        "the ledger is damaged: {reason}; restore the right backup, or missing entries from \
             a mirror or export"
    )]
    Broken {
        /// Which row, and what is wrong with it.
        reason: String,
    },
    /// There are fewer entries than the newest checkpoint says.
    #[error(
        "{stored} entries are stored, but a checkpoint over {signed} was signed: restore a \
             newer backup, or take the missing entries from a mirror or export (`minhbach refill`)"
    )]
    Behind {
        /// Entries in the database.
        stored: u64,
        /// Entries under the checkpoint.
        signed: u64,
    },
    /// A ledger that continues this one was signed: these are the entries from before.
    #[error(
        "a later ledger, {origin}, was signed over {signed} entries: this is the state from \
             before it; restore a newer backup, or take the missing entries from a mirror or \
             export (`minhbach refill`)"
    )]
    Superseded {
        /// The later ledger.
        origin: String,
        /// Its entries under the newest checkpoint.
        signed: u64,
    },
    /// The entries are other ones than those under the newest checkpoint.
    #[error(
        "the first {size} entries are not those under the signed checkpoint: restore the \
             right backup"
    )]
    Forked {
        /// The size at which the roots differ.
        size: u64,
    },
    /// A witness holds a head of this ledger that the stored entries do not reach.
    #[error(
        "{stored} entries are stored, but the witness {witness} says that it cosigned {known}: an \
             old state was restored. Restore a newer backup, or the missing entries from a mirror \
             or export; if it is the witness that is wrong, name it under `unasked_witnesses`"
    )]
    BehindWitness {
        /// The witness, as the ledger names it.
        witness: String,
        /// Entries in the database.
        stored: u64,
        /// Entries under the head that the witness holds.
        known: u64,
    },
    /// A witness holds a head of this ledger, signed by its log key, over other entries.
    #[error(
        "the first {size} entries are not those under the signed checkpoint that the witness \
             {witness} holds: restore the right backup"
    )]
    ForkedFromWitness {
        /// The witness, as the ledger names it.
        witness: String,
        /// The size at which the roots differ.
        size: u64,
    },
    /// Something derived from the entries was changed.
    #[error("derived rows differ from the entries: {tables}; rebuild them")]
    Projections {
        /// The tables, how many rows, and the first.
        tables: String,
    },
    /// The key that has to sign checkpoints is not here.
    #[error("the log key {vkey} is not here: restore it to keys/ or give it in the environment")]
    NoLogKey {
        /// The key that the ledger names.
        vkey: String,
    },
    /// The vault key is not the one that private values are sealed under.
    #[error(
        "the vault key is not the one that private values were sealed with: restore \
             keys/vault.key, or give the right one in the environment"
    )]
    VaultKey,
    /// The receipt key is not the one that receipts were made with.
    #[error(
        "the receipt key is not the one that receipts were made with: restore \
             keys/receipt.key, or give the right one in the environment. If it is lost for good, \
             `minhbach rebuild --new-receipt-codes` gives every receipt another code"
    )]
    ReceiptKey,
    /// The clock is more than 10 minutes behind or 31 days ahead of the last entry.
    #[error(
        "the clock says {now}, the last entry {last}: set the clock, or confirm that it is right"
    )]
    Clock {
        /// When the last entry was written.
        last: Time,
        /// The server's time.
        now: Time,
    },
    /// A newer program brought the database up to date.
    #[error(
        "the database was brought up to date by a newer program ({step}): this one writes no \
             more. Replace it on every server, and start again"
    )]
    Newer {
        /// The step of the schema that this program does not know.
        step: String,
    },
    /// This server only reads.
    #[error("this server only reads: record at the one that writes")]
    Reading,
    /// The store is stopping.
    #[error("the server is stopping: try again in a moment")]
    Stopping,
}

impl Closure {
    /// Whether the stored rows are not what was signed last: their head is neither shown nor
    /// anchored, or the anchor would no longer know better.
    #[must_use]
    pub const fn denies_head(&self) -> bool {
        matches!(
            self,
            Self::Behind { .. }
                | Self::Superseded { .. }
                | Self::Forked { .. }
                | Self::BehindWitness { .. }
                | Self::ForkedFromWitness { .. }
        )
    }

    /// Whether a new ledger may continue this one: its entries are sound as far as they go, but it
    /// cannot go on itself.
    #[must_use]
    pub const fn may_be_continued(&self) -> bool {
        matches!(self, Self::Behind { .. } | Self::BehindWitness { .. } | Self::NoLogKey { .. })
    }

    /// Whether it says no more than that entries are not here yet, where another database is
    /// followed.
    pub(super) const fn may_be_lag(&self) -> bool {
        matches!(self, Self::Behind { .. } | Self::BehindWitness { .. } | Self::Superseded { .. })
    }

    /// Whether entries are missing, and nothing else is wrong: they may be taken from a mirror.
    #[must_use]
    pub const fn may_be_refilled(&self) -> bool {
        matches!(self, Self::Behind { .. } | Self::BehindWitness { .. } | Self::Superseded { .. })
    }
}

/// The published head of a chapter: that of its newest ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Entries, those of the ledgers that it continues among them: what stands below is published.
    pub size: u64,
    /// How many of these are those of continued ledgers; 0 for nearly all.
    pub before: u64,
    /// The root over the ledger's own entries.
    pub root: Hash,
    /// The signed checkpoint, byte for byte.
    pub checkpoint: Arc<str>,
}

/// What is shown of a ledger now.
#[derive(Clone)]
pub(super) struct Shown {
    /// The newest signed head; none when the stored rows may not be signed.
    pub head: Option<Head>,
    /// The books at that head; none when the entries can't be read.
    pub books: Option<Books>,
    /// The log keys, each with the size from which on it signs.
    pub log_keys: Vec<(PublicKey, u64)>,
    pub standing: Standing,
}

/// A ledger with the way to its writer. The writer ends when the last of these is gone.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    pub chapter: Arc<Chapter>,
    pub orders: mpsc::Sender<Order>,
}

/// A ledger of this store, as its writer and its readers share it.
pub(super) struct Chapter {
    pub id: ChapterId,
    /// The identity of its first ledger: what it is called by here for ever, and what its private
    /// values are sealed for. [`Chapter::origin`] is that of the newest.
    pub identity: Origin,
    shown: RwLock<Shown>,
    checked: RwLock<Option<Checked>>,
    /// Which stored result [`Chapter::last_check`] is, or came after.
    pub kept_check: AtomicI64,
    /// A result that could not be stored yet.
    pub unkept_check: Mutex<Option<Stored>>,
    /// What programmes did, as far as somebody asked.
    pub done: SoFar<Done>,
    /// The loans, as far as somebody asked.
    pub loans: SoFar<Vec<LoanAccount>>,
    /// When a person said here that the clock is right.
    confirmed: Mutex<Option<DateTime<Utc>>>,
    changes: Changes,
}

/// The last time that all entries of a ledger were replayed, signatures included, and compared with
/// everything that is derived from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many entries there were.
    pub size: u64,
    /// Of which moment they were; `None` until [`crate::store::Store::date_checks`] says it.
    pub at: Option<DateTime<Utc>>,
    /// How long it took.
    pub took: Duration,
    /// Whether everything agreed.
    pub clean: bool,
}

impl Chapter {
    pub(super) fn new(id: ChapterId, identity: Origin, shown: Shown, changes: Changes) -> Self {
        let (shown, checked) = (RwLock::new(shown), RwLock::new(None));
        Self {
            id,
            identity,
            shown,
            checked,
            kept_check: AtomicI64::new(0),
            unkept_check: Mutex::default(),
            done: SoFar::default(),
            loans: SoFar::default(),
            confirmed: Mutex::default(),
            changes,
        }
    }

    /// Forgets what was read from derived rows, so that it is read again.
    pub(super) fn forget_kept(&self) {
        self.done.forget();
        self.loans.forget();
    }

    /// A person says that the clock is right.
    pub(super) fn confirm_clock(&self, now: DateTime<Utc>) {
        *self.confirmed.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether a person said of a clock that shows `now` that it is right: lately, and not of one
    /// that was set to another time since.
    pub(super) fn is_clock_confirmed(&self, now: DateTime<Utc>) -> bool {
        let confirmed = *self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
        confirmed.is_some_and(|at| now >= at - SLACK && now - at <= AHEAD)
    }

    /// The one place that changes what is shown; it counts as a change when it is done.
    fn change(&self, change: impl FnOnce(&mut Shown)) {
        let _noted = self.changes.pending();
        change(&mut self.shown.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The advisory lock of the ledger: a hash of its identity, the same for every instance.
    pub(super) fn lock(&self) -> i64 {
        lock_of(&self.identity)
    }

    /// The identity of the newest ledger: what new vouchers belong to.
    pub(super) fn origin(&self) -> Origin {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        let books = shown.books.as_ref().and_then(Books::chapter);
        books.map_or_else(|| self.identity.clone(), |chapter| chapter.origin.clone())
    }

    /// The keys with which the signatures of a voucher may be verified before its turn.
    pub(super) fn keys_before(&self, signed: &SignedVoucher) -> Option<Vec<PublicKey>> {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        shown.books.as_ref().and_then(|books| books.keys_before(signed))
    }

    /// The ledger as its desk knows it.
    pub(super) fn desk(&self) -> desk::Chapter {
        desk::Chapter { id: self.id.0, origin: self.origin(), identity: self.identity.clone() }
    }

    /// A new ledger continues one that could not go on: writing is open again.
    pub(super) fn reopen(&self) {
        self.change(|shown| {
            if matches!(&shown.standing, Standing::ReadOnly(known) if known.may_be_continued()) {
                shown.standing = Standing::Open;
            }
        });
    }

    /// Shows no head any more: the stored rows are not what was signed last.
    pub(super) fn withdraw_head(&self) {
        self.change(|shown| shown.head = None);
    }

    /// What was to come back did not: it stands as before.
    pub(super) fn not_refilled(&self, before: &Standing) {
        self.change(|shown| shown.standing = before.clone());
    }

    /// The entries that were missing are there again: writing is open.
    pub(super) fn refilled(&self) {
        self.change(|shown| {
            if matches!(&shown.standing, Standing::ReadOnly(known) if known.may_be_refilled()) {
                shown.standing = Standing::Open;
            }
        });
    }

    /// How many entries lie below the signed head.
    pub(super) fn size(&self) -> u64 {
        self.shown().head.map_or(0, |head| head.size)
    }

    /// How many entries are shown: also in a ledger that is closed and shows no head.
    pub(super) fn shown_size(&self) -> u64 {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        shown.books.as_ref().map_or(0, Books::size)
    }

    pub(super) fn shown(&self) -> Shown {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn show(&self, shown: Shown) {
        self.change(|before| *before = shown);
    }

    /// Whether there is an entry, or something is wrong that a person has to see.
    pub(super) fn has_begun(&self) -> bool {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        shown.books.as_ref().is_none_or(|books| books.size() > 0)
    }

    pub(super) fn standing(&self) -> Standing {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).standing.clone()
    }

    /// The last check, where it says something of how the ledger stands now: of one in order that
    /// everything agreed, of a closed one that something did not.
    pub(super) fn checked(&self) -> Option<Checked> {
        let open = self.standing() == Standing::Open;
        self.last_check().filter(|checked| checked.clean == open)
    }

    /// The last check, whatever came after it.
    pub(super) fn last_check(&self) -> Option<Checked> {
        *self.checked.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note_checked(&self, checked: Checked) {
        let _noted = self.changes.pending();
        *self.checked.write().unwrap_or_else(PoisonError::into_inner) = Some(checked);
    }

    /// Takes no more writes. A reason for which another ledger could go on never hides one for
    /// which none may.
    pub(super) fn close(&self, closure: Closure) {
        let origin = self.origin();
        tracing::error!(%origin, %closure, "no more writes to this ledger");
        self.change(|shown| match &shown.standing {
            Standing::ReadOnly(known)
                if !known.may_be_continued() && closure.may_be_continued() => {}
            // Rows that are not what was signed last come before all that was derived from them.
            Standing::ReadOnly(known) if known.denies_head() && !closure.denies_head() => {}
            // What a newer program wrote may look like damage to this one.
            Standing::ReadOnly(Closure::Newer { .. }) if !closure.denies_head() => {}
            // With another key all receipts differ: to rebuild them would make it worse.
            Standing::ReadOnly(Closure::ReceiptKey)
                if matches!(closure, Closure::Projections { .. }) => {}
            _ => shown.standing = Standing::ReadOnly(closure),
        });
    }
}

impl fmt::Debug for Chapter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Chapter({}, {})", self.id.0, self.identity)
    }
}

/// The advisory lock of a ledger's identity.
pub(super) fn lock_of(origin: &Origin) -> i64 {
    lock_named(origin.as_str())
}

/// The advisory lock of a name, the same for every instance.
pub(super) fn lock_named(name: &str) -> i64 {
    let digest = Sha256::digest(name);
    digest.iter().take(8).fold(0, |lock: i64, byte| (lock << 8) | i64::from(*byte))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_check_says_nothing_of_a_ledger_that_is_not_in_order_now() {
        let shown =
            Shown { head: None, books: None, log_keys: Vec::new(), standing: Standing::Open };
        let chapter =
            Chapter::new(ChapterId(1), "so.example/x".parse().unwrap(), shown, Changes::new(false));
        assert_eq!(chapter.checked(), None);
        let checked = Checked { size: 3, at: None, took: Duration::ZERO, clean: true };
        chapter.note_checked(checked);
        assert!(chapter.checked().is_some());
        chapter.close(Closure::VaultKey);
        assert_eq!(chapter.checked(), None);
        let found = Checked { clean: false, ..checked };
        chapter.note_checked(found);
        assert_eq!(chapter.checked(), Some(found));
    }
}
