//! Finished answers of public pages, so that each is made once for everybody.
//!
//! INVARIANT: an answer is given out only while nothing that this site shows has changed since
//! before it was made ([`Moment`]), and only what its maker offered for keeping is kept
//! ([`hook::offer`]): never an answer that sets a cookie, belongs to a secret address, holds a
//! form's token, or was counted against somebody ([`hook::personal`]).
//!
//! | file | what it is |
//! |---|---|
//! | this one | what is kept, for how long, and who makes what is missing |
//! | [`kept`] | an answer as it is kept, packed and not |
//! | [`coding`] | which coding a browser takes |
//! | [`hook`] | where requests come in and answers go by |

pub mod coding;
pub mod hook;
pub mod kept;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::DefaultLifecycle;
use quick_cache::{DefaultHashBuilder, Equivalent, OptionsBuilder, Weighter};
use rocket::tokio::sync::watch;

use self::kept::Kept;
use super::config::Config;
use super::i18n::Language;
use crate::store::Store;

/// Bytes of answers that are kept unless the settings say otherwise.
pub const USUAL_SIZE: u64 = 32 * 1024 * 1024;
/// Longer addresses (path and query, in bytes) are answered, but not kept.
const LONGEST_ADDRESS: usize = 1_024;
/// The largest answer that is kept, in bytes; and no more than this part of all that may be.
const LARGEST: usize = 1024 * 1024;
const LARGEST_PART: usize = 16;
/// What an answer weighs beside its bytes: its key, its headers, its place.
const OVERHEAD: u64 = 1_024;
/// Parts of the memory, each with a lock of its own.
const SHARDS: usize = 4;

/// What an answer was made from: equal moments show the same.
///
/// Nobody lists what pages show. The store counts every change ([`Store::changes`]), mirrors and
/// witnesses theirs; and as the minute of the clock is part of it, no answer gets older than a
/// minute, nor outlives a day: the day of a chapter begins with a minute of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    store: u64,
    mirrors: u64,
    cosigning: u64,
    minute: i64,
}

impl Moment {
    /// The present one; `None` while the store cannot say whether something changed. Taken before
    /// anything is read that an answer is made from.
    #[must_use]
    pub fn now(store: &Store, config: &Config) -> Option<Self> {
        Some(Self {
            store: store.changes()?,
            mirrors: config.mirrors.version(),
            cosigning: config.cosigning.version(),
            minute: config.clock.now().timestamp().div_euclid(60),
        })
    }
}

/// What an answer is kept under: everything of a request that its makers look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asked<'r> {
    path: &'r str,
    query: Option<&'r str>,
    language: Language,
}

/// The same, kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    path: Box<str>,
    query: Option<Box<str>>,
    language: Language,
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.path == &*key.path
            && self.query == key.query.as_deref()
            && self.language == key.language
    }
}

impl<'r> Asked<'r> {
    /// A path with its query, in a language; `None` of one that is too long to be kept.
    #[must_use]
    pub fn new(path: &'r str, query: Option<&'r str>, language: Language) -> Option<Self> {
        let length = path.len() + query.map_or(0, str::len);
        (length <= LONGEST_ADDRESS).then_some(Self { path, query, language })
    }

    fn key(self) -> Key {
        Key { path: self.path.into(), query: self.query.map(Into::into), language: self.language }
    }
}

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Key, Arc<Kept>> for Weight {
    fn weight(&self, key: &Key, kept: &Arc<Kept>) -> u64 {
        let name = key.path.len() + key.query.as_deref().map_or(0, str::len);
        kept.bytes() + OVERHEAD + u64::try_from(name).unwrap_or(u64::MAX)
    }
}

/// What is kept. A copy is the same one.
#[derive(Clone)]
pub struct Cache(Arc<Inner>);

struct Inner {
    answers: quick_cache::sync::Cache<Key, Arc<Kept>, Weight>,
    /// Answers that are being made.
    under_way: Mutex<HashMap<Key, UnderWay>>,
    largest: usize,
    numbers: AtomicU64,
    /// The minute in which what is over was last thrown away.
    swept: AtomicI64,
    made: AtomicU64,
    served: AtomicU64,
}

/// An answer that somebody makes from a moment; whoever holds `done` is told of its end.
struct UnderWay {
    number: u64,
    moment: Moment,
    done: watch::Receiver<()>,
}

/// How often answers were made for keeping, and given out as they were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Made, and kept.
    pub made: u64,
    /// Given out without making anything.
    pub served: u64,
    /// Bytes that are kept now.
    pub bytes: u64,
}

/// What to do with a request.
pub enum Found {
    /// Give this out.
    Kept(Arc<Kept>),
    /// Make the answer; others may wait for it.
    Make(Ticket),
}

impl Cache {
    /// Room for answers of so many bytes in all; 0 keeps nothing.
    ///
    /// # Errors
    /// What the library says of such a size.
    pub fn new(size: u64) -> Result<Self, String> {
        let mut options = OptionsBuilder::new();
        let items = usize::try_from(size / 16_384).unwrap_or(usize::MAX).max(64);
        options.weight_capacity(size).estimated_items_capacity(items).shards(SHARDS);
        let options = options.build().map_err(|fault| fault.to_string())?;
        let answers = quick_cache::sync::Cache::with_options(
            options,
            Weight,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        );
        let part = usize::try_from(size).unwrap_or(usize::MAX) / LARGEST_PART;
        Ok(Self(Arc::new(Inner {
            answers,
            under_way: Mutex::default(),
            largest: part.min(LARGEST),
            numbers: AtomicU64::new(0),
            swept: AtomicI64::new(0),
            made: AtomicU64::new(0),
            served: AtomicU64::new(0),
        })))
    }

    /// What was made and given out so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            made: self.0.made.load(Ordering::Relaxed),
            served: self.0.served.load(Ordering::Relaxed),
            bytes: self.0.answers.weight(),
        }
    }

    /// The largest answer that is kept, in bytes; 0 when none is.
    #[must_use]
    pub fn largest(&self) -> usize {
        self.0.largest
    }

    /// The answer as it is kept, or one that somebody is making right now, or a ticket to make it.
    ///
    /// What somebody else makes from the same moment is as new as this request. When they don't
    /// keep it, everybody who waited makes their own.
    pub async fn find(&self, asked: Asked<'_>, moment: Moment) -> Found {
        if let Some(kept) = self.kept(asked, moment) {
            return Found::Kept(kept);
        }
        let mut done = match self.join(asked, moment) {
            Ok(found) => return found,
            Err(done) => done,
        };
        // Ends when the maker is through, and also when they are dropped.
        let _ = done.changed().await;
        match self.kept(asked, moment) {
            Some(kept) => Found::Kept(kept),
            None => Found::Make(Ticket::new(self.clone(), asked.key(), moment, None)),
        }
    }

    fn kept(&self, asked: Asked<'_>, moment: Moment) -> Option<Arc<Kept>> {
        let kept = self.0.answers.get(&asked).filter(|kept| kept.moment() == moment)?;
        self.0.served.fetch_add(1, Ordering::Relaxed);
        Some(kept)
    }

    /// Who is to make the answer: this request, or somebody who is at it. No lock is held longer
    /// than this takes.
    fn join(&self, asked: Asked<'_>, moment: Moment) -> Result<Found, watch::Receiver<()>> {
        let mut under_way = self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have been kept since the first look: what is under way is ended after that.
        if let Some(kept) = self.kept(asked, moment) {
            return Ok(Found::Kept(kept));
        }
        let key = asked.key();
        if let Some(other) = under_way.get(&key).filter(|other| other.moment == moment) {
            return Err(other.done.clone());
        }
        let number = self.0.numbers.fetch_add(1, Ordering::Relaxed);
        let (tell, done) = watch::channel(());
        under_way.insert(key.clone(), UnderWay { number, moment, done });
        Ok(Found::Make(Ticket::new(self.clone(), key, moment, Some((number, tell)))))
    }

    fn keep(&self, key: Key, kept: Arc<Kept>) {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        let minute = kept.moment().minute;
        self.0.answers.insert(key, kept);
        // What is over would be made anew when asked for; a name that was withdrawn must not stay
        // in memory for pages that nobody asks for.
        if self.0.swept.swap(minute, Ordering::Relaxed) != minute {
            self.0.answers.retain(|_, kept| kept.moment().minute == minute);
        }
    }

    fn end(&self, key: &Key, number: u64) {
        let mut under_way = self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way.get(key).is_some_and(|own| own.number == number) {
            under_way.remove(key);
        }
    }
}

/// The right, and for the others' sake the duty, to make an answer. However it is dropped, nobody
/// waits any longer.
pub struct Ticket {
    cache: Cache,
    key: Key,
    moment: Moment,
    under_way: Mutex<Option<(u64, watch::Sender<()>)>>,
    pub(super) offered: std::sync::atomic::AtomicBool,
    pub(super) personal: std::sync::atomic::AtomicBool,
}

impl Ticket {
    fn new(
        cache: Cache,
        key: Key,
        moment: Moment,
        under_way: Option<(u64, watch::Sender<()>)>,
    ) -> Self {
        let (offered, personal) = Default::default();
        Self { cache, key, moment, under_way: Mutex::new(under_way), offered, personal }
    }

    /// The largest answer that is kept, in bytes.
    pub(super) fn largest(&self) -> usize {
        self.cache.largest()
    }

    /// The moment before which nothing was read for the answer.
    pub(super) const fn moment(&self) -> Moment {
        self.moment
    }

    /// Keeps the answer.
    pub(super) fn keep(&self, kept: &Arc<Kept>) {
        self.cache.keep(self.key.clone(), kept.clone());
    }

    /// The answer is kept, or will not be: nobody waits any longer.
    pub(super) fn end(&self) {
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((number, tell)) = under_way {
            self.cache.end(&self.key, number);
            drop(tell);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests;
