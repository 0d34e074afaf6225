//! The published files beside the tree: `entries.jsonl`, statements, disclosures.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, BufRead, Read as _};

use serde::{Deserialize, Serialize};

use super::given::{Disclosed, DisclosureLines, Given, GivenContent, LineFault};
use super::history::KEPT;
use super::pool::{Pool, Task};
use super::replay::Replay;
use super::report::{Break, Report, Step};
use super::source::{MOST_BYTES, Source, SourceFault};
use super::{Stop, broken, next_line};
use crate::books::effects::StatementFile;
use crate::ledger::entry::Entry;

/// `entries.jsonl`, read along with the bundles.
pub(super) struct Lines(Box<dyn BufRead>);

impl Lines {
    /// The lines from the byte `skip` on, where an earlier run ended.
    pub fn open(source: &Source, skip: u64) -> Result<Self, Stop> {
        let reader = source.open_at("entries.jsonl", skip, None)?;
        reader
            .map(Self)
            .ok_or_else(|| broken(Step::Tree, "entries-jsonl", "the file entries.jsonl is missing"))
    }

    pub fn compare(&mut self, seq: u64, bytes: &[u8]) -> Result<(), Stop> {
        let line = next_line(self.0.as_mut()).map_err(unread)?;
        let same = line.as_deref().and_then(|line| line.strip_suffix(b"\n")) == Some(bytes);
        if same {
            return Ok(());
        }
        Err(Stop::Broken(Break {
            step: Step::Tree,
            ledger: None,
            seq: Some(seq),
            code: "entries-jsonl".to_owned(),
            reason: "the line of entries.jsonl is not the entry of the bundle".to_owned(),
        }))
    }

    /// A published stream may have grown since the checkpoint was read, and what follows is not
    /// judged (`FORMAT.md` 1); a folder may not.
    pub fn end(mut self, source: &Source) -> Result<(), Stop> {
        let ends = source.may_grow() || next_line(self.0.as_mut()).map_err(unread)?.is_none();
        let reason = "entries.jsonl has more than the entries";
        ends.then_some(()).ok_or_else(|| broken(Step::Tree, "entries-jsonl", reason))
    }
}

fn unread(source: io::Error) -> SourceFault {
    SourceFault::File { path: "entries.jsonl".to_owned(), source }
}

/// The statements that the ledger names by digest.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Statements {
    /// All names.
    names: BTreeSet<String>,
    /// Those named in this run: the last bytes of each, for a name can be published again.
    #[serde(skip)]
    latest: BTreeMap<String, (u64, Vec<u8>)>,
}

impl Statements {
    pub fn name(&mut self, seq: u64, file: &StatementFile) {
        self.names.insert(file.name.clone());
        self.latest.insert(file.name.clone(), (seq, file.bytes.clone()));
    }

    /// Compares each published file with the recomputed one; how many there were.
    pub fn finish(&mut self, source: &Source) -> Result<u64, Stop> {
        let mut compared = 0;
        for (name, (seq, bytes)) in &std::mem::take(&mut self.latest) {
            let path = format!("statements/{name}.json");
            let fault = |reason: &str| {
                Stop::Broken(Break {
                    step: Step::Statements,
                    ledger: None,
                    seq: Some(*seq),
                    code: "statement".to_owned(),
                    reason: format!("{path} {reason}"),
                })
            };
            let found = source.read(&path)?.ok_or_else(|| fault("is missing"))?;
            if found != *bytes {
                return Err(fault("is not what the books say"));
            }
            compared += 1;
        }
        for name in source.list("statements")?.unwrap_or_default() {
            let known = name.strip_suffix(".json").is_some_and(|n| self.names.contains(n));
            if !known {
                let reason = format!("statements/{name}: no entry names such a statement");
                return Err(broken(Step::Statements, "statement", reason));
            }
        }
        Ok(compared)
    }
}

/// Published names that are looked at together, and how many such pieces may wait.
const PIECE: usize = 64;
const BEHIND: usize = 8;

/// Published names, and private values that a person holds in hand, of the ledger whose `size`
/// entries lie behind `before` others.
pub(super) fn disclosures(
    (source, pool): (&Source, &Pool),
    against: &[Given],
    (before, size): (u64, u64),
    (replay, report): (&Replay, &mut Report),
) -> Result<(), Stop> {
    let file = source.open(NAMES)?.ok_or_else(|| {
        broken(Step::Disclosures, "disclosures", format!("the file {NAMES} is missing"))
    })?;
    // Names that are newer than the head are passed over: a file of other people may have no end.
    let most = MOST_BYTES.saturating_add(size.saturating_mul(BYTES_OF_AN_ENTRY));
    let mut file = file.take(most);
    let mut lines = DisclosureLines::new(&mut file, KEPT);
    let mut names = Names { pool, piece: Vec::new(), waiting: VecDeque::new() };
    let mut number = 0;
    let mut read = || -> Result<(), Stop> {
        while let Some(disclosed) = lines.next().map_err(not_a_line)? {
            number += 1;
            if disclosed.seq >= size && source.may_grow() {
                let newer = format!("the name of entry {}: it is newer", disclosed.seq);
                report.not_checked.push(newer);
                continue;
            }
            let entry = replay.history().bytes(before.saturating_add(disclosed.seq))?;
            names.add(disclosed, entry)?;
        }
        Ok(())
    };
    let read = read();
    // A name that does not hold comes before a line behind it that is none.
    names.finish()?;
    read?;
    report.count("published names", number);
    for given in against {
        let GivenContent::Disclosures(list) = &given.content else { continue };
        for disclosed in list {
            let entry = replay.history().bytes(before.saturating_add(disclosed.seq))?;
            if !read_back(entry)?.is_some_and(|entry| holds(&entry, disclosed, false)) {
                return Err(not_held(disclosed, "has no digest in that entry"));
            }
        }
        let number = u64::try_from(list.len()).unwrap_or(0);
        report.count("private values given by hand", number);
    }
    Ok(())
}

/// Bytes of published names that an entry may have at most, over all entries.
const BYTES_OF_AN_ENTRY: u64 = 1 << 10;

/// The file of published names.
const NAMES: &str = "disclosures.jsonl";

fn not_a_line(fault: LineFault) -> Stop {
    match fault {
        LineFault::Form(reason) => {
            broken(Step::Disclosures, "disclosures", format!("{NAMES}: {reason}"))
        }
        LineFault::Unread(source) => SourceFault::File { path: NAMES.to_owned(), source }.into(),
        LineFault::Machine(fault) => fault.into(),
    }
}

/// A published name, and the bytes of the entry that it says it is of.
type Named = (Disclosed, Option<Vec<u8>>);

/// Published names on their way through the pool, in the order of their file.
struct Names<'a> {
    pool: &'a Pool,
    piece: Vec<Named>,
    waiting: VecDeque<Task<Result<(), Stop>>>,
}

impl Names<'_> {
    fn add(&mut self, disclosed: Disclosed, entry: Option<Vec<u8>>) -> Result<(), Stop> {
        self.piece.push((disclosed, entry));
        if self.piece.len() < PIECE {
            return Ok(());
        }
        self.hand_out();
        if self.waiting.len() > BEHIND { self.first() } else { Ok(()) }
    }

    fn hand_out(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        self.waiting.push_back(self.pool.submit(|| piece.into_iter().try_for_each(is_name)));
    }

    /// Waits for the oldest piece; behind a name that does not hold nothing is looked at.
    fn first(&mut self) -> Result<(), Stop> {
        let Some(task) = self.waiting.pop_front() else { return Ok(()) };
        let held = self.pool.wait(&task).map_err(Stop::from).and_then(|held| held);
        if held.is_err() {
            self.waiting.clear();
            self.piece.clear();
        }
        held
    }

    fn finish(mut self) -> Result<(), Stop> {
        self.hand_out();
        while !self.waiting.is_empty() {
            self.first()?;
        }
        Ok(())
    }
}

/// Whether a disclosure is a donor's name of its entry.
fn is_name((disclosed, entry): Named) -> Result<(), Stop> {
    let name = disclosed.disclosure.name();
    if !name.is_publishable() || !disclosed.disclosure.value().is_string() {
        return Err(not_held(&disclosed, "is not a name as text: only names are published"));
    }
    if read_back(entry)?.is_some_and(|entry| holds(&entry, &disclosed, true)) {
        return Ok(());
    }
    Err(not_held(&disclosed, "is not a donor's name of that entry"))
}

/// An entry that was verified before.
fn read_back(bytes: Option<Vec<u8>>) -> Result<Option<Entry>, Stop> {
    let entry = bytes.map(|bytes| Entry::parse(&bytes)).transpose();
    entry.map_err(|fault| Stop::from(io::Error::other(fault)))
}

fn not_held(disclosed: &Disclosed, reason: &str) -> Stop {
    Stop::Broken(Break {
        step: Step::Disclosures,
        ledger: None,
        seq: Some(disclosed.seq),
        code: "disclosure".to_owned(),
        reason: format!("a disclosure ({}) {reason}", disclosed.disclosure.name()),
    })
}

/// Whether the entry holds the digest: anywhere, or in its donor.
fn holds(entry: &Entry, disclosed: &Disclosed, in_donor: bool) -> bool {
    let digest = disclosed.disclosure.digest();
    let voucher = entry.voucher();
    match in_donor {
        true => voucher.donor_digests().is_some_and(|digests| digests.contains(&digest)),
        false => voucher.all_digests().iter().any(|found| found == digest.as_str()),
    }
}
