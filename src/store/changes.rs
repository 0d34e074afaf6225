//! What changed since somebody looked: one number for everything that a store shows.
//!
//! Whoever keeps something that was made from the store reads the number *before* reading the
//! store, and shows what was kept only while the number is the same. Nobody has to know which
//! tables a page is made of: every transaction that is committed through this instance counts, and
//! so does every change of what is shown of a ledger from memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How old the last look at a database that other instances write to may be: the usual pause
/// between two looks, and as much again for a slow answer.
const STALE: Duration = Duration::from_secs(2);

/// Counts changes. A copy is the same counter.
#[derive(Clone, Debug)]
pub(super) struct Changes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    count: AtomicU64,
    begun: Instant,
    /// Milliseconds from `begun` to the last look at what other instances wrote; `u64::MAX` where
    /// there are no others.
    looked: AtomicU64,
}

impl Changes {
    /// A counter; `shared` says whether other instances may write to the same database.
    pub(super) fn new(shared: bool) -> Self {
        let looked = AtomicU64::new(if shared { 0 } else { u64::MAX });
        Self(Arc::new(Inner { count: AtomicU64::new(1), begun: Instant::now(), looked }))
    }

    /// Something that may be shown has changed. To be called when readers see the change, before
    /// anybody is told of it.
    pub(super) fn note(&self) {
        self.0.count.fetch_add(1, Ordering::AcqRel);
    }

    /// A note that is taken in any case when it is dropped: also by a panic or a dropped future.
    pub(super) fn pending(&self) -> Pending {
        Pending(Some(self.clone()))
    }

    /// The number; `None` while it cannot be said whether other instances changed something.
    pub(super) fn count(&self) -> Option<u64> {
        let looked = self.0.looked.load(Ordering::Acquire);
        if looked != u64::MAX {
            let at = self.0.begun + Duration::from_millis(looked);
            if at.elapsed() > STALE {
                return None;
            }
        }
        Some(self.0.count.load(Ordering::Acquire))
    }

    /// What other instances wrote until `at` is counted.
    pub(super) fn looked(&self, at: Instant) {
        let since = at.saturating_duration_since(self.0.begun).as_millis();
        self.0.looked.store(u64::try_from(since).unwrap_or(u64::MAX - 1), Ordering::Release);
    }
}

/// A change that is being made.
#[derive(Debug)]
pub(super) struct Pending(Option<Changes>);

impl Pending {
    /// Nothing that may be shown has changed.
    pub(super) fn nothing(mut self) {
        self.0 = None;
    }

    /// The same for what is still to come.
    pub(super) fn unseen(&mut self) {
        self.0 = None;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(changes) = &self.0 {
            changes.note();
        }
    }
}

impl super::Store {
    /// A number that is another one as soon as anything that this store shows has changed. Read it
    /// before what is shown. `None` while nobody can say (other instances write to the same
    /// database, and it does not answer).
    ///
    /// What other instances write is counted within about a second, like their entries.
    #[must_use]
    pub fn changes(&self) -> Option<u64> {
        self.shared.database.changes().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_however_it_ends_unless_it_was_none() {
        let changes = Changes::new(false);
        let first = changes.count();
        drop(changes.pending());
        let second = changes.count();
        assert!(first.is_some() && first != second);
        changes.pending().nothing();
        assert_eq!(changes.count(), second);
        let mut unseen = changes.pending();
        unseen.unseen();
        drop(unseen);
        assert_eq!(changes.count(), second);
    }

    #[test]
    fn nothing_is_said_of_other_instances_that_were_not_asked_for_long() {
        let changes = Changes::new(true);
        assert!(changes.count().is_some());
        let long_ago = Instant::now().checked_sub(STALE * 2);
        let Some(begun) = long_ago else { return };
        let inner = Inner { count: AtomicU64::new(1), begun, looked: AtomicU64::new(0) };
        let changes = Changes(Arc::new(inner));
        assert_eq!(changes.count(), None);
        changes.looked(Instant::now());
        assert_eq!(changes.count(), Some(1));
    }
}
