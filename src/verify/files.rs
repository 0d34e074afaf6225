//! The published files beside the tree: `entries.jsonl`, statements, disclosures.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};

use super::given::{Disclosed, Given, GivenContent, read_disclosures};
use super::replay::Replay;
use super::report::{Break, Report, Step};
use super::source::{Source, SourceFault};
use super::{Stop, broken, next_line};
use crate::books::Past;
use crate::books::effects::StatementFile;

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

/// Published names, and private values that a person holds in hand, of the ledger whose `size`
/// entries lie behind `before` others.
pub(super) fn disclosures(
    source: &Source,
    against: &[Given],
    (before, size): (u64, u64),
    (replay, report): (&Replay, &mut Report),
) -> Result<(), Stop> {
    let bytes = source.read("disclosures.jsonl")?.ok_or_else(|| {
        broken(Step::Disclosures, "disclosures", "the file disclosures.jsonl is missing")
    })?;
    let fault = |reason: String| broken(Step::Disclosures, "disclosures", reason);
    let published =
        read_disclosures(&bytes).map_err(|reason| fault(format!("disclosures.jsonl: {reason}")))?;
    for disclosed in &published {
        if disclosed.seq >= size && source.may_grow() {
            report.not_checked.push(format!("the name of entry {}: it is newer", disclosed.seq));
            continue;
        }
        let name = disclosed.disclosure.name();
        if !name.is_publishable() || !disclosed.disclosure.value().is_string() {
            return Err(not_held(disclosed, "is not a name as text: only names are published"));
        }
        if !holds(replay, before, disclosed, true)? {
            return Err(not_held(disclosed, "is not a donor's name of that entry"));
        }
    }
    report.count("published names", u64::try_from(published.len()).unwrap_or(0));
    for given in against {
        let GivenContent::Disclosures(list) = &given.content else { continue };
        for disclosed in list {
            if !holds(replay, before, disclosed, false)? {
                return Err(not_held(disclosed, "has no digest in that entry"));
            }
        }
        let number = u64::try_from(list.len()).unwrap_or(0);
        report.count("private values given by hand", number);
    }
    Ok(())
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
fn holds(
    replay: &Replay,
    before: u64,
    disclosed: &Disclosed,
    in_donor: bool,
) -> Result<bool, Stop> {
    let place = before.saturating_add(disclosed.seq);
    let entry = replay.history().entry(place).map_err(|ask| {
        broken(Step::Disclosures, "machine", format!("an entry could not be read back: {ask:?}"))
    })?;
    let Some(entry) = entry else { return Ok(false) };
    let digest = disclosed.disclosure.digest();
    let voucher = entry.voucher();
    Ok(if in_donor {
        voucher.donor_digests().is_some_and(|digests| digests.contains(&digest))
    } else {
        voucher.all_digests().iter().any(|found| found == digest.as_str())
    })
}
