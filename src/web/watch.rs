//! The machine under the site: room on its disk, its clock, whether its database answers.
//!
//! Everybody may ask (`/readyz`), so each thing is looked at once a second at most.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::config::Clock;
use crate::disk::{self, Room};
use crate::store::Store;

/// Free bytes of the data folder's disk below which people are told, unless the settings say
/// otherwise: 512 MiB.
pub const USUAL_LEAST: u64 = 512 << 20;
/// Free bytes below which nothing can be written: less than a voucher needs with all its rows.
const FULL: u64 = 1 << 20;
/// How old what was seen may be.
const FRESH: Duration = Duration::from_secs(1);
/// The longest time that the database has for an answer.
const ANSWER: Duration = Duration::from_secs(2);
/// The pause between two looks at clock and disk.
const LOOK: Duration = Duration::from_secs(15);
/// A clock that moved so much against the time that passed was set by somebody.
const JUMP: TimeDelta = TimeDelta::seconds(60);
/// How long after that it is doubted.
const DOUBT: Duration = Duration::from_secs(3_600);

/// What is seen of the machine. A copy is the same one.
#[derive(Clone, Debug)]
pub struct Watch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    least: u64,
    disk: Mutex<Option<(Instant, Option<Room>)>>,
    database: tokio::sync::Mutex<Option<(Instant, bool)>>,
    reading: Mutex<Option<Reading>>,
    jump: Mutex<Option<Jump>>,
    stop: watch::Sender<bool>,
}

/// What clock and machine said in the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    wall: DateTime<Utc>,
    /// Since the machine was started, times of sleep included.
    since_boot: Duration,
}

/// The clock was set while the program ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// By how much; below zero for back.
    pub by: TimeDelta,
    /// What it said afterwards.
    pub at: DateTime<Utc>,
    since_boot: Duration,
}

impl Default for Watch {
    fn default() -> Self {
        Self::new(USUAL_LEAST)
    }
}

impl Watch {
    /// Nothing is seen yet; less free than `least` bytes is to be told.
    #[must_use]
    pub fn new(least: u64) -> Self {
        Self(Arc::new(Inner {
            least,
            disk: Mutex::default(),
            database: tokio::sync::Mutex::default(),
            reading: Mutex::default(),
            jump: Mutex::default(),
            stop: watch::Sender::new(false),
        }))
    }

    /// Free bytes below which people are told.
    #[must_use]
    pub fn least(&self) -> u64 {
        self.0.least
    }

    /// The room of the disk that a folder is on; `None` when the system does not say.
    #[must_use]
    pub fn disk(&self, folder: &Path) -> Option<Room> {
        let mut seen = self.0.disk.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, room)) = seen.filter(|(at, _)| at.elapsed() < FRESH) {
            return room;
        }
        let room = disk::room(folder).ok();
        *seen = Some((Instant::now(), room));
        room
    }

    /// Whether the disk of a folder has less room than it should.
    #[must_use]
    pub fn is_nearly_full(&self, folder: &Path) -> bool {
        self.disk(folder).is_none_or(|room| room.free < self.0.least)
    }

    /// Whether nothing can be written to the disk of a folder any more.
    #[must_use]
    pub fn is_full(&self, folder: &Path) -> bool {
        self.disk(folder).is_some_and(|room| room.free < FULL)
    }

    /// Whether the database answers. Who asks while somebody else does waits for that answer.
    pub async fn database(&self, store: &Store) -> bool {
        let mut seen = self.0.database.lock().await;
        if let Some((_, answers)) = seen.filter(|(at, _)| at.elapsed() < FRESH) {
            return answers;
        }
        let answers = tokio::time::timeout(ANSWER, store.answers()).await.unwrap_or(false);
        *seen = Some((Instant::now(), answers));
        answers
    }

    /// The last time that the clock was set, as long as that makes it doubtful.
    #[must_use]
    pub fn jump(&self) -> Option<Jump> {
        let jump = *self.0.jump.lock().unwrap_or_else(PoisonError::into_inner);
        jump.filter(|jump| since_boot().saturating_sub(jump.since_boot) < DOUBT)
    }

    /// Looks at the clock.
    pub fn look(&self, wall: DateTime<Utc>) {
        self.take(Reading { wall, since_boot: since_boot() });
    }

    fn take(&self, now: Reading) {
        let before = self.0.reading.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        let Some(by) = before.and_then(|before| moved(before, now)) else { return };
        tracing::warn!(seconds = by.num_seconds(), "the clock was set while the server ran");
        let jump = Jump { by, at: now.wall, since_boot: now.since_boot };
        *self.0.jump.lock().unwrap_or_else(PoisonError::into_inner) = Some(jump);
    }

    /// Looks every few seconds until it is stopped, and logs what people have to see to. A clock
    /// that stands still is nobody's.
    pub async fn run(self, store: Store, clock: Clock) {
        let mut stopped = self.0.stop.subscribe();
        let mut was_full = false;
        while !*stopped.borrow_and_update() {
            if clock.is_system() {
                self.look(clock.now());
            }
            let full = self.is_nearly_full(store.folder());
            if full && !was_full {
                let free = self.disk(store.folder()).map(|room| room.free >> 20);
                tracing::warn!(free_mebibytes = free, "the disk of the data folder is nearly full");
            }
            was_full = full;
            // Whichever comes first.
            let _ = tokio::time::timeout(LOOK, stopped.changed()).await;
        }
    }

    /// Ends [`Watch::run`].
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }
}

/// By how much the clock moved against the time that passed, if somebody set it.
fn moved(before: Reading, now: Reading) -> Option<TimeDelta> {
    let passed = now.since_boot.saturating_sub(before.since_boot);
    let passed = TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX);
    let by = (now.wall - before.wall) - passed;
    (by.abs() >= JUMP).then_some(by)
}

/// A machine that slept was not set: its clock is compared with one that counts sleep, too.
#[cfg(target_os = "linux")]
fn since_boot() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
}

#[cfg(not(target_os = "linux"))]
fn since_boot() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn reading(seconds: u64, wall: &str) -> Reading {
        Reading { wall: wall.parse().unwrap(), since_boot: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_clock_that_is_set_is_told_from_one_that_goes() {
        let before = reading(100, "2026-11-20T03:00:00Z");
        assert_eq!(moved(before, reading(115, "2026-11-20T03:00:15Z")), None);
        assert_eq!(moved(before, reading(115, "2026-11-20T03:00:50Z")), None, "a time service");
        let back = moved(before, reading(115, "2026-11-19T03:00:15Z")).unwrap();
        assert_eq!(back.num_hours(), -24);
        let on = moved(before, reading(115, "2036-11-20T03:00:15Z")).unwrap();
        assert_eq!(on.num_days(), 3653);
        // It slept through the night.
        assert_eq!(moved(before, reading(28_900, "2026-11-20T11:00:00Z")), None);
    }

    #[test]
    fn a_clock_that_was_set_is_doubted_for_a_while() {
        let watch = Watch::default();
        let now = since_boot();
        let wall: DateTime<Utc> = "2026-11-20T03:00:00Z".parse().unwrap();
        watch.take(Reading { wall, since_boot: now });
        assert_eq!(watch.jump(), None);
        let later = wall + TimeDelta::hours(5);
        watch.take(Reading { wall: later, since_boot: now });
        assert_eq!(watch.jump().map(|jump| jump.by), Some(TimeDelta::hours(5)));
        let mut jump = watch.0.jump.lock().unwrap();
        *jump = jump.map(|own| Jump { since_boot: now.saturating_sub(DOUBT), ..own });
        drop(jump);
        assert!(now < DOUBT || watch.jump().is_none());
    }

    #[test]
    fn little_room_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Watch::new(0).is_nearly_full(folder.path()));
        assert!(Watch::new(u64::MAX).is_nearly_full(folder.path()));
        assert!(!Watch::new(u64::MAX).is_full(folder.path()));
        let gone = folder.path().join("gone");
        assert!(Watch::new(0).is_nearly_full(&gone) && !Watch::new(0).is_full(&gone));
    }
}
