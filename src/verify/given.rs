//! What a person holds in hand: earlier checkpoints, receipts, disclosures.

use std::io::{self, BufRead};

use serde_json::Value;

use super::next_line;
use super::sorted::Sorted;
use crate::ledger::canonical;
use crate::ledger::disclosure::Disclosure;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::receipt::Receipt;
use crate::ledger::tree::sha256;

/// A file that the published ledger is held against.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name, for the report.
    pub name: String,
    /// What it is.
    pub content: GivenContent,
}

/// The three kinds of such files.
#[derive(Clone, Debug)]
pub enum GivenContent {
    /// An earlier (or the same, or a later) checkpoint.
    Checkpoint(SignedCheckpoint),
    /// A donor's offline receipt.
    Receipt(Receipt),
    /// Private values with the entries that hold their digests.
    Disclosures(Vec<Disclosed>),
}

/// One line of a file of disclosures.
#[derive(Clone, Debug, PartialEq)]
pub struct Disclosed {
    /// The entry that holds the digest.
    pub seq: u64,
    /// The value with its salt.
    pub disclosure: Disclosure,
    /// Its text form, as it stands in the line.
    pub text: String,
}

impl Given {
    /// Recognises a file by its beginning.
    ///
    /// # Errors
    /// Why it is none of the three kinds.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, String> {
        let content = if bytes.starts_with(b"c2sp.org/tlog-proof@v1\n") {
            let receipt = Receipt::parse(bytes).map_err(|fault| format!("{name}: {fault}"))?;
            GivenContent::Receipt(receipt)
        } else if bytes.starts_with(b"{") {
            GivenContent::Disclosures(
                read_disclosures(bytes).map_err(|fault| format!("{name}: {fault}"))?,
            )
        } else {
            let checkpoint = SignedCheckpoint::parse(bytes).map_err(|fault| {
                format!("{name}: neither a receipt, nor disclosures, nor a checkpoint: {fault}")
            })?;
            GivenContent::Checkpoint(checkpoint)
        };
        Ok(Self { name: name.to_owned(), content })
    }
}

/// Reads lines of `{"disclosure":…,"seq":…}`, each canonical, none twice.
///
/// # Errors
/// The first line that is not of this form.
pub fn read_disclosures(bytes: &[u8]) -> Result<Vec<Disclosed>, String> {
    let mut reader = bytes;
    let mut lines = DisclosureLines::new(&mut reader, usize::MAX);
    let mut all = Vec::new();
    while let Some(disclosed) = lines.next().map_err(|fault| fault.to_string())? {
        all.push(disclosed);
    }
    Ok(all)
}

/// The lines of such a file one after another, in memory that does not grow with their number.
pub(super) struct DisclosureLines<'r> {
    reader: &'r mut dyn BufRead,
    /// The number of each line by its entry and its hash.
    seen: Sorted,
    number: u64,
}

/// Why there is no next line.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineFault {
    /// It is not of the form.
    #[error("{0}")]
    Form(String),
    /// The file could not be read.
    #[error("{0}")]
    Unread(io::Error),
    /// This machine's disk.
    #[error("{0}")]
    Machine(io::Error),
}

impl<'r> DisclosureLines<'r> {
    /// Begins, and keeps about so many bytes in memory of the lines that were.
    pub fn new(reader: &'r mut dyn BufRead, most: usize) -> Self {
        Self { reader, seen: Sorted::new(most), number: 0 }
    }

    /// The next line.
    ///
    /// # Errors
    /// [`LineFault`]: it is not of the form, repeats another one, or cannot be read.
    pub fn next(&mut self) -> Result<Option<Disclosed>, LineFault> {
        let Some(line) = next_line(self.reader).map_err(LineFault::Unread)? else {
            return Ok(None);
        };
        self.number += 1;
        let number = self.number;
        let fault = |reason: String| LineFault::Form(format!("line {number}: {reason}"));
        let line = line.strip_suffix(b"\n").ok_or_else(|| {
            fault("it does not end in a newline, or is longer than 65535 bytes".to_owned())
        })?;
        let text = std::str::from_utf8(line).map_err(|_| fault("not UTF-8".to_owned()))?;
        let disclosed = read_line(text).map_err(fault)?;
        // Behind its entry: files are in the order of entries, and what comes in order is never
        // looked for among all that was before.
        let place = disclosed.seq.to_be_bytes();
        let key = [place.as_slice(), &sha256(line).0].concat();
        let first = self.seen.get(&key).map_err(LineFault::Machine)?;
        if let Some(first) = first.and_then(|first| <[u8; 8]>::try_from(first).ok()) {
            let first = u64::from_be_bytes(first);
            return Err(LineFault::Form(format!("line {number} repeats line {first}")));
        }
        let kept = self.seen.insert(key, number.to_be_bytes().to_vec());
        kept.map_err(LineFault::Machine)?;
        Ok(Some(disclosed))
    }
}

/// Reads one line, without its newline.
///
/// # Errors
/// What it is not.
pub fn read_line(line: &str) -> Result<Disclosed, String> {
    let value = canonical::decode(line.as_bytes()).map_err(|fault| fault.to_string())?;
    let members = value.as_object().filter(|members| members.len() == 2);
    let text = members.and_then(|members| members.get("disclosure")).and_then(Value::as_str);
    let seq = members.and_then(|members| members.get("seq")).and_then(Value::as_u64);
    let (Some(text), Some(seq)) = (text, seq) else {
        return Err("expected {\"disclosure\":…,\"seq\":…}".to_owned());
    };
    let disclosure = Disclosure::parse(text).map_err(|fault| fault.to_string())?;
    Ok(Disclosed { seq, disclosure, text: text.to_owned() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::disclosure::PrivateName;

    fn line(seq: u64) -> String {
        let disclosure = Disclosure::make(PrivateName::FullName, json!(format!("Người {seq}")));
        let line = json!({"disclosure": disclosure.unwrap().encode(), "seq": seq});
        String::from_utf8(canonical::encode(&line)).unwrap() + "\n"
    }

    /// What is read of a file where hardly anything stays in memory: how many lines, and why no
    /// more.
    fn read(file: &[u8]) -> (u64, String) {
        let mut reader = file;
        let mut lines = DisclosureLines::new(&mut reader, 1_000);
        let mut number = 0;
        loop {
            match lines.next() {
                Ok(Some(_)) => number += 1,
                Ok(None) => return (number, String::new()),
                Err(fault) => return (number, fault.to_string()),
            }
        }
    }

    #[test]
    fn a_line_that_stands_twice_is_found_however_far_apart_the_two_are() {
        let all: Vec<String> = (0..500).map(line).collect();
        assert_eq!(read(all.concat().as_bytes()), (500, String::new()));
        for again in [0, 7, 499] {
            let file = all.concat() + &all[again];
            let said = format!("line 501 repeats line {}", again + 1);
            assert_eq!(read(file.as_bytes()), (500, said.clone()));
            assert_eq!(read_disclosures(file.as_bytes()).unwrap_err(), said);
        }
    }

    #[test]
    fn lines_that_do_not_end_or_are_no_text_are_named_by_their_number() {
        let (first, open) = (line(1), line(2).trim_end().to_owned());
        let long = format!("{}\n", "x".repeat(canonical::MAX_BYTES + 1));
        for (second, said) in [
            (open.as_bytes(), "line 2: it does not end"),
            (long.as_bytes(), "line 2: it does not end"),
            (b"\xff\n", "line 2: not UTF-8"),
            (b"\n", "line 2: not JSON"),
            (b"{}\n", "line 2: expected"),
        ] {
            let (number, found) = read(&[first.as_bytes(), second].concat());
            assert_eq!(number, 1);
            assert!(found.starts_with(said), "{found}");
        }
        assert_eq!(read(b""), (0, String::new()));
    }
}
