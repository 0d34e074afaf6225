//! What was read from derived rows of the entries below a size: kept, and gone on with when there
//! are more, so that a page of a long ledger reads only what is new.

use std::sync::{Arc, Mutex, PoisonError};

/// A value, and of how many entries it is.
#[derive(Debug)]
pub(super) struct SoFar<T>(Mutex<Option<(u64, Arc<T>)>>);

impl<T> Default for SoFar<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> SoFar<T> {
    /// What is known of the entries below `size`, or of fewer of them.
    pub(super) fn known(&self, size: u64) -> Option<(u64, Arc<T>)> {
        self.lock().clone().filter(|(before, _)| *before <= size)
    }

    /// Keeps what is known of the entries below `size`, unless more is known already, or `size` is
    /// beyond the entries that were `shown` before they were read: some of those below it may not
    /// have been there.
    pub(super) fn keep(&self, (size, shown): (u64, u64), value: &Arc<T>) {
        let mut kept = self.lock();
        if size <= shown && kept.as_ref().is_none_or(|(before, _)| *before < size) {
            *kept = Some((size, Arc::clone(value)));
        }
    }

    /// Forgets it, so that it is read anew.
    pub(super) fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(u64, Arc<T>)>> {
        // Nothing in there can be left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_kept_and_nothing_of_entries_that_are_to_come() {
        let kept = SoFar::default();
        assert_eq!(kept.known(9), None);
        kept.keep((5, 7), &Arc::new('a'));
        kept.keep((4, 7), &Arc::new('b'));
        kept.keep((8, 7), &Arc::new('c'));
        assert_eq!(kept.known(4), None, "a smaller size is read for itself");
        assert_eq!(kept.known(5).unwrap(), (5, Arc::new('a')));
        assert_eq!(kept.known(8).unwrap(), (5, Arc::new('a')), "to be gone on with");
        kept.keep((7, 7), &Arc::new('d'));
        assert_eq!(kept.known(9).unwrap(), (7, Arc::new('d')));
        kept.forget();
        assert_eq!(kept.known(9), None);
    }
}
