//! Asking witnesses: each new head goes to the witnesses that the ledger names (C2SP tlog-witness).
//!
//! In the background, so nobody who records waits for it. Heads that follow one another quickly
//! become one request; a witness that does not answer is asked again later and later. What comes
//! back counts only with a valid signature. A witness that holds more entries than we do, or other
//! ones, tells that an old state was restored: writing stops.

mod exchange;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rocket::futures::StreamExt as _;
use rocket::futures::stream;
use tokio::sync::{oneshot, watch};

use self::exchange::Heard;
use super::config::Clock;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{SignedCheckpoint, Submission};
use crate::store::{PublishedLedger, Said, Store, StoreFault};

/// How long heads that follow one another are gathered.
const GATHER: Duration = Duration::from_secs(1);
/// The pause after the first failure; doubled with each further one, up to the longest.
const PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// The longest time between two looks at what is due.
const LOOK: Duration = Duration::from_secs(60);
/// A head that stays the newest is cosigned anew after so many hours: a witness's silence shows.
const ANEW: i64 = 24;
/// Witnesses that are asked at once.
const AT_ONCE: usize = 8;

/// Who is asked, and how the last asking ended. A copy is the same one.
#[derive(Clone, Debug)]
pub struct Cosigning(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Names of witnesses, in the ledger or of their keys, that are not asked.
    unasked: BTreeSet<String>,
    /// By ledger and key of the witness.
    asked: Mutex<BTreeMap<(String, String), Asked>>,
    /// Counts changes of what pages show.
    version: AtomicU64,
    stop: watch::Sender<bool>,
}

/// How asking one witness about one ledger stands.
#[derive(Clone, Debug, Default)]
struct Asked {
    /// Failures in a row.
    failures: u32,
    /// Not before.
    next: Option<Instant>,
    /// The size that the witness said it knows.
    known: Option<u64>,
    trouble: Option<Trouble>,
    /// Whether it answered since the start.
    answered: bool,
}

/// Why there is no cosignature of the newest head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No answer, or one that it is busy.
    Unreachable,
    /// It does not know this ledger or its key.
    Unknown,
    /// An answer that is none of the protocol's.
    Strange,
    /// A cosignature that does not hold.
    BadSignature,
    /// It says that this head does not continue the one that it holds.
    Misfit,
    /// It holds more entries than are stored here, or other ones: writing was stopped.
    Ahead,
    /// Our own store failed, or is stopping.
    Store,
}

impl Trouble {
    /// The key of the text that says it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unreachable => "witness-trouble-unreachable",
            Self::Unknown => "witness-trouble-unknown",
            Self::Strange => "witness-trouble-strange",
            Self::BadSignature => "witness-trouble-signature",
            Self::Misfit => "witness-trouble-misfit",
            Self::Ahead => "witness-trouble-ahead",
            Self::Store => "witness-trouble-store",
        }
    }
}

/// One request that is due.
struct Due {
    ledger: PublishedLedger,
    name: String,
    key: PublicKey,
    url: String,
    known: u64,
}

impl Default for Cosigning {
    fn default() -> Self {
        Self::without(Vec::new())
    }
}

impl Cosigning {
    /// Asks every witness but those of these names.
    #[must_use]
    pub fn without(unasked: Vec<String>) -> Self {
        Self(Arc::new(Inner {
            unasked: unasked.into_iter().collect(),
            asked: Mutex::default(),
            // Another one after each start, so that no copy of a page is taken for the new one.
            version: AtomicU64::new(RandomState::new().hash_one(()) >> 16),
            stop: watch::Sender::new(false),
        }))
    }

    /// Asks until it is stopped. `first` is told when every witness was asked once.
    pub async fn run(self, store: Store, clock: Clock, first: oneshot::Sender<()>) {
        let mut first = Some(first);
        let mut heads = store.watch_heads();
        let mut stopped = self.0.stop.subscribe();
        while !*stopped.borrow_and_update() {
            heads.borrow_and_update();
            let pause = self.round(&store, &clock).await;
            if let Some(first) = first.take() {
                // Nobody waits any more: that is no trouble.
                let _ = first.send(());
            }
            tokio::select! {
                _ = stopped.changed() => {}
                _ = tokio::time::sleep(pause) => {}
                changed = heads.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    // Whichever comes first.
                    let _ = tokio::time::timeout(GATHER, stopped.changed()).await;
                }
            }
        }
    }

    /// Ends pauses and waits for answers; what is being stored is finished.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Whether a witness is not to be asked, by its name in the ledger or that of its key.
    #[must_use]
    pub fn leaves_out(&self, name: &str, key: &PublicKey) -> bool {
        self.0.unasked.contains(name) || self.0.unasked.contains(key.name())
    }

    /// Why a witness has not cosigned the newest head of a ledger; `None` when nothing is wrong.
    #[must_use]
    pub fn trouble(&self, ledger: &PublishedLedger, key: &PublicKey) -> Option<Trouble> {
        self.asked(ledger, key).trouble
    }

    /// Changes with every trouble that begins or ends.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Relaxed)
    }

    /// Asks every witness that is due, and waits for the answers; the pause until the next is.
    pub async fn round(&self, store: &Store, clock: &Clock) -> Duration {
        let (due, wait) = match self.due(store, clock.now()).await {
            Ok(found) => found,
            Err(fault) => {
                tracing::warn!(%fault, "witnesses are asked later");
                return PAUSE;
            }
        };
        let now = clock.now();
        let asking = due.into_iter().map(|due| async move {
            let answer = self.ask(store, &due, now).await;
            self.note(&due, answer)
        });
        let pauses: Vec<Option<Duration>> =
            stream::iter(asking).buffer_unordered(AT_ONCE).collect().await;
        pauses.into_iter().flatten().fold(wait, Duration::min)
    }

    /// What has to be asked now, and how long nothing else will be.
    async fn due(
        &self,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Due>, Duration), StoreFault> {
        let (mut all, mut wait) = (Vec::new(), LOOK);
        for (chapter, _) in store.chapters() {
            let before = store.books(chapter)?.before();
            let newest = store.published(chapter)?.pop().filter(|own| own.before == before);
            let Some(ledger) = newest else { continue };
            let heads = store.cosigned_heads(&ledger).await?;
            for (name, key, url) in &ledger.witnesses {
                let Some(url) = url.as_ref().filter(|_| !self.leaves_out(name, key)) else {
                    continue;
                };
                let asked = self.asked(&ledger, key);
                if let Some(left) = asked.next.map(|at| at.saturating_duration_since(now_here()))
                    && !left.is_zero()
                {
                    wait = wait.min(left);
                    continue;
                }
                let last = heads.iter().find(|own| own.key == *key);
                let fresh = last.is_some_and(|own| {
                    own.size == ledger.size && now - own.at < TimeDelta::hours(ANEW)
                });
                if fresh && asked.answered {
                    continue;
                }
                let known = asked.known.or(last.map(|own| own.size)).unwrap_or(0);
                all.push(Due {
                    name: name.clone(),
                    key: key.clone(),
                    url: url.clone(),
                    known: known.min(ledger.size),
                    ledger: ledger.clone(),
                });
            }
        }
        Ok((all, wait))
    }

    /// Sends the head to one witness; the size that it knows from now on.
    async fn ask(&self, store: &Store, due: &Due, now: DateTime<Utc>) -> Result<u64, Trouble> {
        let ours = |fault: StoreFault| {
            tracing::warn!(%fault, "a witness could not be asked");
            Trouble::Store
        };
        let Due { ledger, key, url, .. } = due;
        let mut old = due.known;
        // Once more with the size that it says it knows.
        for _ in 0..2 {
            let proof = store.consistency_proof(ledger, old, ledger.size).await.map_err(ours)?;
            let checkpoint = SignedCheckpoint::parse(ledger.checkpoint.as_bytes());
            let (Some(proof), Ok(checkpoint)) = (proof, checkpoint) else {
                return Err(Trouble::Store);
            };
            let body = Submission { old, proof, checkpoint }.to_string();
            match self.wait(exchange::submit(url.clone(), body)).await {
                Heard::Cosigned(lines) => {
                    let own = lines.iter().find(|line| line.names(key));
                    let own = own.ok_or(Trouble::BadSignature)?;
                    let kept = store.keep_cosignature(ledger, ledger.size, own, now).await;
                    return match kept {
                        Ok(kept) => Ok(kept.size),
                        Err(StoreFault::Damaged { reason, .. }) => {
                            let witness = due.name.as_str();
                            tracing::error!(witness, reason, "a bad cosignature was refused");
                            Err(Trouble::BadSignature)
                        }
                        Err(fault) => Err(ours(fault)),
                    };
                }
                Heard::Known(size) if size > ledger.size => {
                    return match self.hear(store, due, size).await.map_err(ours)? {
                        true => Err(Trouble::Ahead),
                        // Another instance is ahead of this one, and had that cosigned.
                        false => Ok(ledger.size),
                    };
                }
                Heard::Known(size) if size != old => old = size,
                // Some say 409 with the size that was submitted, where the roots differ.
                Heard::Known(_) | Heard::Status(422) => {
                    return match self.hear(store, due, old).await.map_err(ours)? {
                        true => Err(Trouble::Ahead),
                        false => Err(Trouble::Misfit),
                    };
                }
                Heard::Status(403 | 404) => return Err(Trouble::Unknown),
                Heard::Status(429 | 500..) => return Err(Trouble::Unreachable),
                Heard::Status(_) | Heard::Strange => return Err(Trouble::Strange),
                Heard::Nothing => return Err(Trouble::Unreachable),
            }
        }
        Err(Trouble::Strange)
    }

    /// Asks a witness for the head that it holds, and compares that with the stored rows; whether
    /// these are behind.
    async fn hear(&self, store: &Store, due: &Due, known: u64) -> Result<bool, StoreFault> {
        let origin = due.ledger.origin.as_str().to_owned();
        let held = self.wait(exchange::held(due.url.clone(), origin)).await;
        let said = Said { witness: &due.name, known, signed: held.as_ref() };
        store.hear_witness(&due.ledger, &said).await
    }

    /// The answer of a thread that talks to a witness. After a stop nobody waits for it: the
    /// program may end while it runs.
    async fn wait<T: Default>(&self, answer: oneshot::Receiver<T>) -> T {
        let mut stopped = self.0.stop.subscribe();
        tokio::select! {
            answer = answer => answer.unwrap_or_default(),
            _ = stopped.wait_for(|stopped| *stopped) => T::default(),
        }
    }

    fn asked(&self, ledger: &PublishedLedger, key: &PublicKey) -> Asked {
        let asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (ledger.origin.as_str().to_owned(), key.vkey());
        asked.get(&place).cloned().unwrap_or_default()
    }

    /// Remembers how it went; the pause before the witness is asked again, after a failure.
    fn note(&self, due: &Due, answer: Result<u64, Trouble>) -> Option<Duration> {
        let (origin, witness) = (due.ledger.origin.as_str(), due.name.as_str());
        let place = (origin.to_owned(), due.key.vkey());
        let mut all = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = all.entry(place).or_default();
        let trouble = answer.err();
        if trouble != asked.trouble {
            self.0.version.fetch_add(1, Ordering::Relaxed);
            if let Some(trouble) = trouble {
                tracing::warn!(%origin, witness, ?trouble, "a witness did not cosign");
            }
        }
        asked.trouble = trouble;
        let Ok(size) = answer else {
            // What was thought to be known may be what it does not agree with.
            asked.known = None;
            asked.failures = asked.failures.saturating_add(1);
            let pause = PAUSE * 2_u32.pow(asked.failures.min(10) - 1);
            let pause = pause.min(LONGEST_PAUSE);
            asked.next = now_here().checked_add(pause);
            return Some(pause);
        };
        let known = Some(size);
        *asked = Asked { known, answered: true, ..Asked::default() };
        None
    }
}

/// The machine's running clock, for pauses: no moment that is ever written down.
fn now_here() -> Instant {
    Instant::now()
}
