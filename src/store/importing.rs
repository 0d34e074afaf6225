//! Which files are being recorded, and how far they have come: nobody else writes meanwhile, and
//! is told so at once instead of waiting.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::{ChapterId, Store};

/// How far the recording of a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Importing {
    /// Lines that are written; they count when all are.
    pub done: u64,
    /// Lines that become entries.
    pub all: u64,
    /// For how long it has been going on.
    pub since: Duration,
}

impl Importing {
    /// Lines in a second so far; 0 at first.
    #[must_use]
    pub fn rate(&self) -> u64 {
        let millis = u64::try_from(self.since.as_millis()).unwrap_or(u64::MAX);
        self.done.saturating_mul(1_000).checked_div(millis).unwrap_or(0)
    }

    /// How long it will take at this rate; `None` while nothing can be said.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let rate = self.rate();
        let left = self.all.saturating_sub(self.done);
        (rate > 0).then(|| Duration::from_secs(left.div_ceil(rate)))
    }
}

/// The file that one chapter records.
#[derive(Debug)]
struct Running {
    done: AtomicU64,
    all: u64,
    begun: Instant,
}

/// The files that are being recorded, by their chapters' locks.
#[derive(Clone, Debug, Default)]
pub(super) struct Imports {
    running: Arc<RwLock<BTreeMap<i64, Arc<Running>>>>,
}

/// A file that is being recorded; it is not any more when this is dropped.
#[derive(Debug)]
pub(super) struct Import {
    imports: Imports,
    lock: i64,
    running: Arc<Running>,
}

impl Imports {
    /// Begins one of `all` lines.
    pub(super) fn enter(&self, lock: i64, all: u64) -> Import {
        let running = Arc::new(Running { done: AtomicU64::new(0), all, begun: Instant::now() });
        let mut all = self.running.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(lock, running.clone());
        Import { imports: self.clone(), lock, running }
    }

    /// That of a chapter.
    fn of(&self, lock: i64) -> Option<Importing> {
        let all = self.running.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&lock).map(|running| Importing {
            done: running.done.load(Ordering::Relaxed),
            all: running.all,
            since: running.begun.elapsed(),
        })
    }

    /// Whether one is in the way of a writer with this lock; `alone` where the database has one
    /// writer at a time, whatever the chapter.
    pub(super) fn hinders(&self, lock: i64, alone: bool) -> bool {
        let all = self.running.read().unwrap_or_else(PoisonError::into_inner);
        if alone { !all.is_empty() } else { all.contains_key(&lock) }
    }
}

impl Import {
    /// So many lines more were written.
    pub(super) fn wrote(&self, lines: usize) {
        self.running.done.fetch_add(lines as u64, Ordering::Relaxed);
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        let mut all = self.imports.running.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.lock);
    }
}

impl Store {
    /// How far the file that a chapter is recording has come; `None` while it records none.
    #[must_use]
    pub fn importing(&self, chapter: ChapterId) -> Option<Importing> {
        let handle = self.handle(chapter).ok()?;
        self.shared.database.imports().of(handle.chapter.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_and_what_is_left_follow_from_what_is_done() {
        let importing = |done, millis| {
            let since = Duration::from_millis(millis);
            let now = Importing { done, all: 1_000, since };
            (now.rate(), now.left().map(|left| left.as_secs()))
        };
        assert_eq!(importing(0, 0), (0, None));
        assert_eq!(importing(0, 5_000), (0, None));
        assert_eq!(importing(100, 500), (200, Some(5)));
        assert_eq!(importing(1_000, 3_000), (333, Some(0)));
    }

    #[test]
    fn a_file_is_in_the_way_until_it_is_done() {
        let imports = Imports::default();
        let one = imports.enter(7, 10);
        one.wrote(4);
        assert_eq!(imports.of(7).map(|now| (now.done, now.all)), Some((4, 10)));
        assert!(imports.hinders(7, false) && imports.hinders(8, true));
        assert!(!imports.hinders(8, false));
        drop(one);
        assert!(imports.of(7).is_none() && !imports.hinders(7, true));
    }
}
