//! An ordered map of bytes that is as large as the disk and small in memory.
//!
//! What was put last lies in a tree; once that is full it is written out, as a sorted run in an
//! unnamed temporary file, with one key in memory for each block. What comes behind the newest run
//! is added to it, as nearly everything in a ledger does, and runs of like size are merged, so that
//! there are never more than a few. A newer run says more than an older one, and the tree most.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// What a pair in the tree costs beside its bytes.
const OVERHEAD: usize = 100;

/// Bytes of a run between two keys that are in memory.
const BLOCK: u64 = 1 << 13;

/// A value, or that there is none any more.
type Found = Option<Vec<u8>>;

/// The map.
pub(super) struct Sorted {
    recent: BTreeMap<Vec<u8>, Found>,
    bytes: usize,
    most: usize,
    /// The oldest first.
    runs: Vec<Run>,
}

impl Sorted {
    /// An empty map that keeps about so many bytes in its tree, counting what a pair costs beside
    /// its own.
    pub fn new(most: usize) -> Self {
        Self { recent: BTreeMap::new(), bytes: 0, most, runs: Vec::new() }
    }

    /// Puts a value in place of the one before.
    ///
    /// # Errors
    /// When a temporary file cannot be read or written.
    pub fn insert(&mut self, key: Vec<u8>, value: Vec<u8>) -> io::Result<()> {
        self.put(key, Some(value))
    }

    /// Takes a key out.
    ///
    /// # Errors
    /// As [`Sorted::insert`].
    pub fn remove(&mut self, key: Vec<u8>) -> io::Result<()> {
        if self.runs.is_empty() {
            self.recent.remove(&key);
            return Ok(());
        }
        self.put(key, None)
    }

    /// The value of a key.
    ///
    /// # Errors
    /// As [`Sorted::insert`].
    pub fn get(&self, key: &[u8]) -> io::Result<Found> {
        // Most that is asked for lies behind everything else.
        let behind = |(last, _): (&Vec<u8>, &Found)| last.as_slice() < key;
        if !self.recent.last_key_value().is_none_or(behind)
            && let Some(found) = self.recent.get(key)
        {
            return Ok(found.clone());
        }
        for run in self.runs.iter().rev() {
            if let Some(found) = run.get(key)? {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Whether there is a value under a key.
    ///
    /// # Errors
    /// As [`Sorted::insert`].
    pub fn contains(&self, key: &[u8]) -> io::Result<bool> {
        Ok(self.get(key)?.is_some())
    }

    /// Everything whose key begins with `prefix`, in the order of keys.
    ///
    /// # Errors
    /// As [`Sorted::insert`].
    pub fn beginning(&self, prefix: &[u8]) -> io::Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut all = BTreeMap::new();
        for run in &self.runs {
            run.beginning(prefix, &mut all)?;
        }
        let recent = self.recent.range(prefix.to_vec()..);
        let recent = recent.take_while(|(key, _)| key.starts_with(prefix));
        all.extend(recent.map(|(key, found)| (key.clone(), found.clone())));
        Ok(all.into_iter().filter_map(|(key, found)| Some((key, found?))).collect())
    }

    fn put(&mut self, key: Vec<u8>, found: Found) -> io::Result<()> {
        self.bytes += key.len() + found.as_ref().map_or(0, Vec::len) + OVERHEAD;
        self.recent.insert(key, found);
        if self.bytes > self.most { self.write_out() } else { Ok(()) }
    }

    /// The tree becomes a part of the newest run, or a run of its own.
    fn write_out(&mut self) -> io::Result<()> {
        let recent = std::mem::take(&mut self.recent);
        self.bytes = 0;
        let behind = |run: &Run| recent.keys().next().is_some_and(|first| run.last < *first);
        let run = match self.runs.pop_if(|run| behind(run)) {
            Some(run) => run,
            None => Run::new()?,
        };
        let mut writer = Writer::new(run)?;
        let oldest = self.runs.is_empty();
        for (key, found) in recent.iter().filter(|(_, found)| found.is_some() || !oldest) {
            writer.push(key, found.as_deref())?;
        }
        self.runs.push(writer.finish()?);
        while let [.., older, newer] = self.runs.as_slice() {
            if older.size >= newer.size.saturating_mul(2) {
                break;
            }
            self.merge()?;
        }
        Ok(())
    }

    /// The two newest runs become one.
    fn merge(&mut self) -> io::Result<()> {
        let (Some(newer), Some(older)) = (self.runs.pop(), self.runs.pop()) else { return Ok(()) };
        let oldest = self.runs.is_empty();
        let mut writer = Writer::new(Run::new()?)?;
        let (mut newer, mut older) = (newer.read()?, older.read()?);
        let (mut new, mut old) = (newer.next()?, older.next()?);
        while new || old {
            let order = match (new, old) {
                (true, true) => newer.key.cmp(&older.key),
                (true, false) => Ordering::Less,
                _ => Ordering::Greater,
            };
            let taken = if order.is_gt() { &older } else { &newer };
            if let found @ Some(_) = taken.found() {
                writer.push(&taken.key, found)?;
            } else if !oldest {
                writer.push(&taken.key, None)?;
            }
            if order.is_le() {
                new = newer.next()?;
            }
            if order.is_ge() {
                old = older.next()?;
            }
        }
        self.runs.push(writer.finish()?);
        Ok(())
    }
}

/// Pairs in the order of their keys, in a file of their own.
struct Run {
    file: File,
    size: u64,
    /// The first key of each block, and where it lies.
    blocks: Vec<(Vec<u8>, u64)>,
    last: Vec<u8>,
}

impl Run {
    fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, size: 0, blocks: Vec::new(), last: Vec::new() })
    }

    /// What the run says of a key, if anything.
    fn get(&self, key: &[u8]) -> io::Result<Option<Found>> {
        if key > self.last.as_slice() {
            return Ok(None);
        }
        let at = self.blocks.partition_point(|(first, _)| first.as_slice() <= key);
        let Some(at) = at.checked_sub(1) else { return Ok(None) };
        let block = self.block(at)?;
        let mut rest = block.as_slice();
        while let Some((own, found)) = split(&mut rest)? {
            match own.cmp(key) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(Some(found.map(<[u8]>::to_vec))),
                Ordering::Greater => break,
            }
        }
        Ok(None)
    }

    fn beginning(&self, prefix: &[u8], all: &mut BTreeMap<Vec<u8>, Found>) -> io::Result<()> {
        let first = self.blocks.partition_point(|(first, _)| first.as_slice() <= prefix);
        for at in first.saturating_sub(1)..self.blocks.len() {
            let begin = &self.blocks[at].0;
            if begin.as_slice() > prefix && !begin.starts_with(prefix) {
                break;
            }
            let block = self.block(at)?;
            let mut rest = block.as_slice();
            while let Some((key, found)) = split(&mut rest)? {
                if key.starts_with(prefix) {
                    all.insert(key.to_vec(), found.map(<[u8]>::to_vec));
                }
            }
        }
        Ok(())
    }

    fn block(&self, at: usize) -> io::Result<Vec<u8>> {
        let start = self.blocks[at].1;
        let end = self.blocks.get(at + 1).map_or(self.size, |(_, next)| *next);
        let mut bytes = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn read(self) -> io::Result<Pairs> {
        let mut file = self.file;
        file.seek(SeekFrom::Start(0))?;
        let file = BufReader::with_capacity(1 << 16, file);
        Ok(Pairs { file, key: Vec::new(), value: Vec::new(), has_value: false })
    }
}

/// Writes behind what a run has.
struct Writer {
    file: BufWriter<File>,
    size: u64,
    blocks: Vec<(Vec<u8>, u64)>,
    last: Vec<u8>,
}

impl Writer {
    fn new(run: Run) -> io::Result<Self> {
        let Run { mut file, size, blocks, last } = run;
        file.seek(SeekFrom::Start(size))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 16, file), size, blocks, last })
    }

    fn push(&mut self, key: &[u8], found: Option<&[u8]>) -> io::Result<()> {
        let short = |length: usize| u16::try_from(length).map_err(io::Error::other);
        let value = found.unwrap_or_default();
        // The length of a value and one, 0 where there is none.
        let length = if found.is_some() { short(value.len() + 1)? } else { 0 };
        if self.blocks.last().is_none_or(|(_, start)| self.size - start >= BLOCK) {
            self.blocks.push((key.to_vec(), self.size));
        }
        self.file.write_all(&short(key.len())?.to_le_bytes())?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(key)?;
        self.file.write_all(value)?;
        self.size += u64::try_from(4 + key.len() + value.len()).unwrap_or(0);
        self.last.clear();
        self.last.extend_from_slice(key);
        Ok(())
    }

    fn finish(self) -> io::Result<Run> {
        let Self { file, size, blocks, last } = self;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Run { file, size, blocks, last })
    }
}

/// The pairs of a run one after another, each in the room of the one before.
struct Pairs {
    file: BufReader<File>,
    key: Vec<u8>,
    value: Vec<u8>,
    has_value: bool,
}

impl Pairs {
    /// Goes on to the next pair; whether there is one.
    fn next(&mut self) -> io::Result<bool> {
        let mut lengths = [0; 4];
        match self.file.read(&mut lengths)? {
            0 => return Ok(false),
            read => self.file.read_exact(&mut lengths[read..])?,
        }
        let (key, value) = lengths_in(lengths);
        self.key.resize(key, 0);
        self.file.read_exact(&mut self.key)?;
        self.has_value = value.is_some();
        self.value.resize(value.unwrap_or(0), 0);
        self.file.read_exact(&mut self.value)?;
        Ok(true)
    }

    fn found(&self) -> Option<&[u8]> {
        self.has_value.then_some(&self.value)
    }
}

/// A key, and its value if it has one.
type Pair<'b> = (&'b [u8], Option<&'b [u8]>);

/// The next pair of a block; `None` at the end.
fn split<'b>(rest: &mut &'b [u8]) -> io::Result<Option<Pair<'b>>> {
    if rest.is_empty() {
        return Ok(None);
    }
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (lengths, pairs) = rest.split_first_chunk().ok_or_else(cut)?;
    let (key, value) = lengths_in(*lengths);
    let (key, pairs) = pairs.split_at_checked(key).ok_or_else(cut)?;
    let (found, pairs) = pairs.split_at_checked(value.unwrap_or(0)).ok_or_else(cut)?;
    *rest = pairs;
    Ok(Some((key, value.map(|_| found))))
}

/// The lengths of a key and of its value, if it has one.
fn lengths_in([key, more, value, most]: [u8; 4]) -> (usize, Option<usize>) {
    let value = usize::from(u16::from_le_bytes([value, most]));
    (u16::from_le_bytes([key, more]).into(), value.checked_sub(1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Keys that come in order, and some from anywhere.
    fn steps() -> impl Strategy<Value = Vec<(u16, bool, u8)>> {
        let key = prop_oneof![Just(None), (0_u16..300).prop_map(Some)];
        prop::collection::vec((key, any::<bool>(), any::<u8>()), 0..400).prop_map(|steps| {
            let mut up = 0;
            let each = |(key, puts, value): (Option<u16>, bool, u8)| {
                up += 1;
                (key.unwrap_or(up), puts || key.is_none(), value)
            };
            steps.into_iter().map(each).collect()
        })
    }

    proptest! {
        #[test]
        fn it_answers_as_a_map_in_memory_does(steps in steps(), most in 100_usize..4_000) {
            let mut sorted = Sorted::new(most);
            let mut model = BTreeMap::new();
            for (key, puts, value) in steps {
                let key = key.to_be_bytes().to_vec();
                if puts {
                    let value = vec![value; usize::from(value) * 3];
                    sorted.insert(key.clone(), value.clone()).unwrap();
                    model.insert(key.clone(), value);
                } else {
                    sorted.remove(key.clone()).unwrap();
                    model.remove(&key);
                }
                prop_assert_eq!(sorted.get(&key).unwrap(), model.get(&key).cloned());
            }
            for key in 0_u16..300 {
                let key = key.to_be_bytes();
                prop_assert_eq!(sorted.contains(&key).unwrap(), model.contains_key(&key[..]));
            }
            for prefix in [&[][..], &[0], &[1], &[0, 7]] {
                let own = model.iter().filter(|(key, _)| key.starts_with(prefix));
                let own: Vec<_> = own.map(|(key, value)| (key.clone(), value.clone())).collect();
                prop_assert_eq!(sorted.beginning(prefix).unwrap(), own);
            }
        }
    }

    #[test]
    fn what_comes_in_order_is_written_once_and_keeps_little_in_memory() {
        let mut sorted = Sorted::new(10_000);
        for at in 0..50_000_u64 {
            sorted.insert(at.to_be_bytes().to_vec(), vec![1; 20]).unwrap();
        }
        assert_eq!(sorted.runs.len(), 1);
        assert!(sorted.recent.len() < 100 && sorted.runs[0].blocks.len() < 250);
        assert_eq!(sorted.get(&77_u64.to_be_bytes()).unwrap(), Some(vec![1; 20]));
        assert_eq!(sorted.get(&50_001_u64.to_be_bytes()).unwrap(), None);
    }

    #[test]
    fn what_comes_in_any_order_lies_in_few_runs() {
        let mut sorted = Sorted::new(10_000);
        for at in 0..50_000_u64 {
            let key = at.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            sorted.insert(key.to_be_bytes().to_vec(), at.to_be_bytes().to_vec()).unwrap();
        }
        assert!(sorted.runs.len() < 12, "{}", sorted.runs.len());
        let all = sorted.beginning(&[]).unwrap();
        assert_eq!(all.len(), 50_000);
        assert!(all.is_sorted());
    }
}
