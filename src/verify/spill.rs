//! Bytes one after another in unnamed temporary files: in memory are only the last of them.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// Bytes that wait to be written together.
const TOGETHER: usize = 1 << 16;

/// Texts by their numbers, from 0.
pub(super) struct Spill {
    bytes: Appended,
    /// Where each ends: 8 bytes, little-endian.
    ends: Appended,
    last: u64,
}

impl Spill {
    /// None yet.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new() -> io::Result<Self> {
        Ok(Self { bytes: Appended::new()?, ends: Appended::new()?, last: 0 })
    }

    /// Keeps the next text.
    ///
    /// # Errors
    /// When a temporary file cannot be written.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.push(bytes)?;
        self.last += u64::try_from(bytes.len()).map_err(io::Error::other)?;
        self.ends.push(&self.last.to_le_bytes())
    }

    /// How many there are.
    pub fn number(&self) -> u64 {
        (self.ends.written + len(&self.ends.tail)) / 8
    }

    /// The text of a number; `None` when there is none.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn read(&self, number: u64) -> io::Result<Option<Vec<u8>>> {
        if number >= self.number() {
            return Ok(None);
        }
        let start = number.checked_sub(1).map_or(Ok(0), |before| self.end(before))?;
        let mut bytes = vec![0; usize::try_from(self.end(number)? - start).unwrap_or(0)];
        self.bytes.read(start, &mut bytes)?;
        Ok(Some(bytes))
    }

    fn end(&self, number: u64) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.ends.read(number * 8, &mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

/// A file that grows; what was pushed at once is read at once.
struct Appended {
    file: File,
    written: u64,
    tail: Vec<u8>,
}

impl Appended {
    fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, written: 0, tail: Vec::new() })
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tail.extend_from_slice(bytes);
        if self.tail.len() >= TOGETHER {
            self.file.seek(SeekFrom::Start(self.written))?;
            self.file.write_all(&self.tail)?;
            self.written += len(&self.tail);
            self.tail.clear();
        }
        Ok(())
    }

    fn read(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let Some(within) = at.checked_sub(self.written) else {
            let mut file = &self.file;
            file.seek(SeekFrom::Start(at))?;
            return file.read_exact(bytes);
        };
        let within = usize::try_from(within).unwrap_or(usize::MAX);
        self.tail.get(within..).unwrap_or_default().read_exact(bytes)
    }
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_again_wherever_it_lies() {
        let mut spill = Spill::new().unwrap();
        let text =
            |at: u64| vec![u8::try_from(at % 251).unwrap(); usize::try_from(at % 700).unwrap()];
        for at in 0..2_000 {
            assert_eq!(spill.number(), at);
            assert_eq!(spill.read(at).unwrap(), None);
            spill.push(&text(at)).unwrap();
            for back in [0, at / 2, at] {
                assert_eq!(spill.read(back).unwrap(), Some(text(back)));
            }
        }
        assert!(spill.bytes.tail.len() < TOGETHER && spill.bytes.written > 0);
    }
}
