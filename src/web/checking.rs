//! The nightly replay of every ledger kept here, beside the site.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::config::Clock;
use crate::store::{ChapterId, Halt, Standing, Store, StoreFault};

/// The pause between two looks at what is due.
const LOOK: Duration = Duration::from_secs(60);
/// A replay that was missed at night is not made in the first minutes of the server.
const SETTLE: Duration = Duration::from_secs(5 * 60);
/// The least pause between two replays of a ledger here, whatever the clock says meanwhile.
const REST: Duration = Duration::from_secs(6 * 60 * 60);
/// The pause after a replay that could not be made.
const AGAIN: Duration = Duration::from_secs(15 * 60);

/// When ledgers are replayed whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nightly {
    /// Never but at the start.
    Off,
    /// Each day at this time, where the chapter is.
    At(NaiveTime),
}

impl Default for Nightly {
    /// 02:30.
    fn default() -> Self {
        Self::At(NaiveTime::MIN + TimeDelta::minutes(150))
    }
}

impl FromStr for Nightly {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let time = NaiveTime::parse_from_str(text, "%H:%M");
        time.map(Self::At)
            .map_err(|_| format!("{text:?}: give a time such as \"02:30\", or \"off\""))
    }
}

/// Replays what is due. A copy is the same one.
#[derive(Clone, Debug)]
pub struct Checking {
    nightly: Nightly,
    halt: Halt,
    stop: watch::Sender<bool>,
}

/// When each ledger may be replayed again: a pause behind one that failed, a night's behind one
/// that was made. Not by the clock, which somebody may set back and forth.
type Tried = BTreeMap<ChapterId, Instant>;

impl Checking {
    /// Nothing is made before [`Checking::run`].
    #[must_use]
    pub fn new(nightly: Nightly) -> Self {
        Self { nightly, halt: Halt::default(), stop: watch::Sender::new(false) }
    }

    /// Replays at the set time until it is stopped. What other instances found is taken up in any
    /// case.
    pub async fn run(self, store: Store, clock: Clock) {
        let mut stopped = self.stop.subscribe();
        let (began, mut tried) = (Instant::now(), Tried::new());
        while !*stopped.borrow_and_update() {
            let settled = began.elapsed() >= SETTLE;
            self.round(&store, clock.now(), settled, &mut tried).await;
            // Whichever comes first.
            let _ = tokio::time::timeout(LOOK, stopped.changed()).await;
        }
    }

    /// Breaks off what is under way, and ends [`Checking::run`].
    pub fn stop(&self) {
        self.halt.halt();
        self.stop.send_replace(true);
    }

    async fn round(&self, store: &Store, now: DateTime<Utc>, settled: bool, tried: &mut Tried) {
        let mut counted = false;
        for (chapter, origin) in store.chapters() {
            if *self.stop.borrow() {
                return;
            }
            let known = store.take_up_check(chapter).await.unwrap_or_else(|fault| {
                tracing::warn!(%origin, %fault, "what replays found could not be read");
                Some(now)
            });
            let waits = tried.get(&chapter).is_some_and(|again| *again > Instant::now());
            if waits || !self.is_due(store, chapter, (known, now, settled)) {
                continue;
            }
            match store.check_beside(chapter, now, &self.halt).await {
                Ok(Some(_)) => {
                    tried.insert(chapter, Instant::now() + REST);
                    counted = true;
                }
                // Another instance is at it; its result is taken up.
                Ok(None) => {}
                Err(StoreFault::Stopping) => return,
                Err(fault) => {
                    tracing::warn!(%origin, %fault, "the ledger was not replayed; later again");
                    tried.insert(chapter, Instant::now() + AGAIN);
                }
            }
        }
        if counted && let Err(fault) = store.count_rows().await {
            tracing::warn!(%fault, "the rows of the tables were not counted");
        }
    }

    fn is_due(
        &self,
        store: &Store,
        chapter: ChapterId,
        (known, now, settled): (Option<DateTime<Utc>>, DateTime<Utc>, bool),
    ) -> bool {
        let Nightly::At(time) = self.nightly else { return false };
        let open = store.standing(chapter).is_ok_and(|standing| standing == Standing::Open);
        let books = store.books(chapter).unwrap_or_default();
        let Some(offset) = books.chapter().map(|own| own.utc_offset.fixed()).filter(|_| open)
        else {
            return false;
        };
        let due = last(time, now, offset);
        let night = now - due < TimeDelta::hours(1);
        // A clock that was set back has results of tomorrow, which say nothing of this night.
        let done = known.is_some_and(|known| known >= due && known <= now);
        !done && (settled || night)
    }
}

/// The last moment at which it was this time of the day.
fn last(time: NaiveTime, now: DateTime<Utc>, offset: FixedOffset) -> DateTime<Utc> {
    let local = now.with_timezone(&offset).naive_local();
    let today = local.date().and_time(time);
    let last = if today <= local { today } else { today - TimeDelta::days(1) };
    (last - TimeDelta::seconds(offset.local_minus_utc().into())).and_utc()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_one_of_the_day_or_off() {
        assert_eq!("02:30".parse::<Nightly>().unwrap(), Nightly::default());
        assert_eq!("off".parse::<Nightly>().unwrap(), Nightly::Off);
        for wrong in ["", "2", "24:00", "02:30:00", "nightly"] {
            assert!(wrong.parse::<Nightly>().unwrap_err().contains("02:30"), "{wrong}");
        }
    }

    #[test]
    fn the_last_night_is_that_of_the_chapter() {
        let hanoi = FixedOffset::east_opt(7 * 3_600).unwrap();
        let Nightly::At(time) = Nightly::default() else { panic!("a time") };
        for (now, expected) in [
            ("2026-11-20T19:29:59Z", "2026-11-19T19:30:00Z"),
            ("2026-11-20T19:30:00Z", "2026-11-20T19:30:00Z"),
            ("2026-11-20T03:00:00Z", "2026-11-19T19:30:00Z"),
        ] {
            let expected: DateTime<Utc> = expected.parse().unwrap();
            assert_eq!(last(time, now.parse().unwrap(), hanoi), expected, "{now}");
        }
    }
}
