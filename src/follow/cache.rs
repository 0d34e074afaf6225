//! Published files as a verification asks for them: from the verified copy where they never change,
//! from what an interrupted run fetched, else from where they are published.
//!
//! Full tiles, full bundles and earlier checkpoints never change once they are in the copy. What
//! may change (the newest checkpoint, partial tiles, the policy, statements, names) is fetched once
//! in each run. Time and bytes of a run are bounded.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, BufRead, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::FollowFault;
use crate::disk;
use crate::ledger::tree::TilePath;
use crate::verify::source::{Files, MOST_BYTES, Source, SourceFault, whole};

/// The most earlier checkpoints asked for where nobody lists them.
const MOST_PROBES: u64 = 100;

/// What one run may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until when.
    pub until: Option<Instant>,
    /// Bytes that may be fetched.
    pub bytes: u64,
}

impl Default for Limits {
    /// No end in time, and 4 GiB.
    fn default() -> Self {
        Self { until: None, bytes: 4 << 30 }
    }
}

impl Limits {
    /// Whether the time is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// The files of one source, before those of a copy.
#[derive(Debug)]
pub struct Cache {
    upstream: Source,
    /// The verified copy.
    under: PathBuf,
    /// What was fetched and is not verified yet.
    over: PathBuf,
    limits: Limits,
    spent: Arc<AtomicU64>,
    /// What was fetched in this run: whether it was there.
    fresh: Mutex<HashMap<String, bool>>,
    /// Sizes whose earlier checkpoints are asked for, by folder.
    probes: Mutex<BTreeMap<String, Vec<u64>>>,
    /// What an interrupted run had fetched and this one used.
    reused: Mutex<BTreeSet<String>>,
}

/// How a file may be kept.
enum Nature {
    /// It never changes.
    Fixed,
    /// It is asked for in each run.
    Changing,
    /// It is long, and read as a stream.
    Stream,
}

fn nature(path: &str) -> Nature {
    let inner = path.split_once('/').filter(|(first, _)| first.parse::<u32>().is_ok());
    let inner = inner.map_or(path, |(_, inner)| inner);
    match inner.parse::<TilePath>() {
        Ok(tile) if tile.is_full() => return Nature::Fixed,
        Ok(_) => return Nature::Changing,
        Err(_) => {}
    }
    match inner {
        "entries.jsonl" => Nature::Stream,
        inner if inner.starts_with("checkpoints/") => Nature::Fixed,
        _ => Nature::Changing,
    }
}

impl Cache {
    /// The files of `upstream` before the copy in `under`; what is fetched goes to `over`.
    #[must_use]
    pub fn new(upstream: Source, under: &Path, over: &Path, limits: Limits) -> Self {
        Self {
            upstream,
            under: under.to_owned(),
            over: over.to_owned(),
            limits,
            spent: Arc::default(),
            fresh: Mutex::default(),
            probes: Mutex::default(),
            reused: Mutex::default(),
        }
    }

    /// Has the checkpoints between two sizes of the ledger in `folder` asked for, where nobody
    /// lists them; some of them, spread evenly, where they are very many.
    pub fn probe(&self, folder: &str, old: u64, new: u64) {
        let all = new.saturating_sub(old);
        let count = all.min(MOST_PROBES);
        let step = |at: u64| old + u64::try_from(spread(all, at, count)).unwrap_or(all);
        let sizes = (1..=count).map(step).collect();
        let mut probes = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        probes.insert(folder.to_owned(), sizes);
    }

    /// Whether something was used that an earlier, interrupted run had fetched.
    #[must_use]
    pub fn has_reused(&self) -> bool {
        !self.reused.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Whether a file was fetched in this run, and was there.
    #[must_use]
    pub fn is_fetched(&self, path: &str) -> bool {
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.get(path) == Some(&true)
    }

    /// The files beside the copy that this run has read.
    pub(super) fn read(&self) -> BTreeSet<PathBuf> {
        let reused = self.reused.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let there = fresh.iter().filter(|(_, there)| **there).map(|(path, _)| path);
        there.chain(reused.iter()).map(PathBuf::from).collect()
    }

    /// What is left of the run.
    pub(super) fn left(&self) -> Limits {
        let spent = self.spent.load(Ordering::Relaxed);
        Limits { bytes: self.limits.bytes.saturating_sub(spent), ..self.limits }
    }

    /// A file as it is published now, past every copy.
    ///
    /// # Errors
    /// [`SourceFault`].
    pub fn published(&self, path: &str) -> Result<Option<Vec<u8>>, SourceFault> {
        let Some(reader) = self.stream(path, 0)? else { return Ok(None) };
        whole(reader, path, MOST_BYTES).map(Some)
    }

    fn stream(&self, path: &str, skip: u64) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
        let within = self.within(path)?;
        let Some(reader) = self.upstream.open_at(path, skip, within)? else { return Ok(None) };
        let (limits, spent) = (self.limits, self.spent.clone());
        Ok(Some(Box::new(Metered { reader, limits, spent })))
    }

    fn within(&self, path: &str) -> Result<Option<Duration>, SourceFault> {
        let spent = |what| SourceFault::Spent { path: path.to_owned(), what };
        if self.spent.load(Ordering::Relaxed) >= self.limits.bytes {
            return Err(spent("the bytes of this run are"));
        }
        let Some(until) = self.limits.until else { return Ok(None) };
        match until.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(Some(left)),
            _ => Err(spent("the time of this run is")),
        }
    }

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, SourceFault> {
        let found = self.published(path)?;
        let target = self.over.join(path);
        let fault = |source| SourceFault::File { path: target.display().to_string(), source };
        match &found {
            Some(bytes) => disk::place(&target, bytes).map_err(fault)?,
            None => match std::fs::remove_file(&target) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
                _ => {}
            },
        }
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.insert(path.to_owned(), found.is_some());
        Ok(found)
    }

    fn held(&self, path: &str) -> Result<Option<Vec<u8>>, SourceFault> {
        let read = |folder: &Path| {
            let path = folder.join(path);
            let fault = |source| SourceFault::File { path: path.display().to_string(), source };
            disk::read(&path).map_err(fault)
        };
        if let Some(bytes) = read(&self.under)? {
            return Ok(Some(bytes));
        }
        let found = read(&self.over)?;
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if found.is_some() && !fresh.contains_key(path) {
            let mut reused = self.reused.lock().unwrap_or_else(PoisonError::into_inner);
            reused.insert(path.to_owned());
        }
        Ok(found)
    }

    fn changing(&self, path: &str) -> Result<Option<Vec<u8>>, SourceFault> {
        let known = {
            let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
            fresh.get(path).copied()
        };
        match known {
            None => self.fetch(path),
            Some(false) => Ok(None),
            Some(true) => {
                let path = self.over.join(path);
                let fault = |source| SourceFault::File { path: path.display().to_string(), source };
                disk::read(&path).map_err(fault)
            }
        }
    }
}

/// The `at`-th of `count` places spread evenly over `all`.
fn spread(all: u64, at: u64, count: u64) -> u128 {
    u128::from(all) * u128::from(at) / u128::from(count.max(1))
}

impl Files for Cache {
    fn open(&self, path: &str, skip: u64) -> Result<Option<Box<dyn BufRead>>, SourceFault> {
        let found = match nature(path) {
            Nature::Stream => return self.stream(path, skip),
            Nature::Changing => self.changing(path)?,
            Nature::Fixed => match self.held(path)? {
                Some(bytes) => Some(bytes),
                None => self.fetch(path)?,
            },
        };
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        Ok(found.map(|mut bytes| -> Box<dyn BufRead> {
            bytes.drain(..skip.min(bytes.len()));
            Box::new(Cursor::new(bytes))
        }))
    }

    fn list(&self, path: &str) -> Result<Option<Vec<String>>, SourceFault> {
        if let Some(names) = self.upstream.list(path)? {
            return Ok(Some(names));
        }
        let Some(folder) = path.strip_suffix("checkpoints") else { return Ok(None) };
        let sizes = {
            let probes = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
            probes.get(folder).cloned()
        };
        let Some(sizes) = sizes else { return Ok(None) };
        let mut names = Vec::new();
        for size in sizes {
            if self.open(&format!("{path}/{size}"), 0)?.is_some() {
                names.push(size.to_string());
            }
        }
        Ok(Some(names))
    }

    fn may_grow(&self) -> bool {
        self.upstream.may_grow()
    }
}

/// A stream that ends with an error where the run has used what it may.
struct Metered {
    reader: Box<dyn BufRead>,
    limits: Limits,
    spent: Arc<AtomicU64>,
}

impl Metered {
    fn allowed(&self) -> io::Result<()> {
        if self.limits.is_over() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the time of this run is used up"));
        }
        if self.spent.load(Ordering::Relaxed) > self.limits.bytes {
            return Err(io::Error::other("the bytes of this run are used up"));
        }
        Ok(())
    }
}

impl Read for Metered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.allowed()?;
        let read = self.reader.read(into)?;
        self.spent.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
        Ok(read)
    }
}

impl BufRead for Metered {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.allowed()?;
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.spent.fetch_add(u64::try_from(amount).unwrap_or(0), Ordering::Relaxed);
        self.reader.consume(amount);
    }
}

/// Takes the files of an earlier run away.
///
/// # Errors
/// [`FollowFault::Disk`].
pub(super) fn remove_folder(folder: &Path) -> Result<(), FollowFault> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FollowFault::disk(folder)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_never_changes_is_fetched_once_and_all_else_in_each_run() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let put =
            |name: &str, text: &str| disk::replace(&at(name), text.as_bytes(), false).unwrap();
        for name in
            ["tile/0/000", "2/tile/entries/000", "checkpoints/7", "policy", "tile/0/001.p/9"]
        {
            put(&format!("up/{name}"), "one");
        }
        let run = || {
            let upstream = Source::Folder(at("up"));
            Cache::new(upstream, &at("under"), &at("over"), Limits::default())
        };
        let text = |cache: &Cache, path: &str| {
            let mut read = String::new();
            cache.open(path, 0).unwrap()?.read_to_string(&mut read).unwrap();
            Some(read)
        };
        let first = run();
        let names =
            ["tile/0/000", "2/tile/entries/000", "checkpoints/7", "policy", "tile/0/001.p/9"];
        for name in names {
            assert_eq!(text(&first, name).as_deref(), Some("one"), "{name}");
            put(&format!("up/{name}"), "two");
            assert_eq!(text(&first, name).as_deref(), Some("one"), "{name}");
        }
        assert!(!first.has_reused());
        let second = run();
        let said = names.map(|name| text(&second, name).unwrap());
        assert_eq!(said, ["one", "one", "one", "two", "two"]);
        assert!(second.has_reused());
        assert_eq!(text(&second, "statements/x.json"), None);
    }

    #[test]
    fn a_run_ends_where_its_bytes_or_its_time_do() {
        let folder = tempfile::tempdir().unwrap();
        let up = folder.path().join("up");
        for name in ["a", "b"] {
            disk::replace(&up.join(name), &[b'x'; 100_000], false).unwrap();
        }
        let over = folder.path().join("over");
        let with = |limits| Cache::new(Source::Folder(up.clone()), &over, &over, limits);
        let few = with(Limits { until: None, bytes: 100_000 });
        assert!(few.open("a", 0).is_ok());
        assert!(matches!(few.open("b", 0), Err(SourceFault::Spent { .. })));
        let late = with(Limits { until: Some(Instant::now()), ..Limits::default() });
        assert!(matches!(late.open("a", 0), Err(SourceFault::Spent { .. })));
        let huge = with(Limits { until: None, bytes: 10 });
        assert!(huge.open("b", 0).is_err() || huge.open("a", 0).is_err());
    }

    #[test]
    fn earlier_checkpoints_are_asked_for_evenly() {
        let places = |all, count| (1..=count).map(|at| spread(all, at, count)).collect::<Vec<_>>();
        assert_eq!(places(3, 3), [1, 2, 3]);
        assert_eq!(places(1_000, 4), [250, 500, 750, 1_000]);
    }
}
