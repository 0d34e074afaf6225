//! The report of a verification: what was checked, what was not, and the first break.

use crate::ledger::note::Checkpoint;
use std::fmt;

use serde::Serialize;

/// The steps in their order (`docs/FORMAT.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 1: the bytes of every entry.
    Form,
    /// 2: seq, prev, time, ledger, unique ids.
    Chain,
    /// 3: tree, tiles, checkpoints, log signature, quorum, `entries.jsonl`.
    Tree,
    /// 4: every officer's signature.
    Signatures,
    /// 5: who had to sign.
    Authority,
    /// 6: the books.
    Books,
    /// 7: the statements.
    Statements,
    /// 8: published and given disclosures.
    Disclosures,
}

impl Step {
    const ALL: [Self; 8] = [
        Self::Form,
        Self::Chain,
        Self::Tree,
        Self::Signatures,
        Self::Authority,
        Self::Books,
        Self::Statements,
        Self::Disclosures,
    ];

    const fn words(self) -> &'static str {
        match self {
            Self::Form => "form of every entry",
            Self::Chain => "chain",
            Self::Tree => "tree, tiles and checkpoints",
            Self::Signatures => "officers' signatures",
            Self::Authority => "authority of the signers",
            Self::Books => "books",
            Self::Statements => "statements",
            Self::Disclosures => "disclosures",
        }
    }
}

/// How a verification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything that was asked for holds.
    Sound,
    /// Something does not hold.
    Broken,
    /// The entries hold as far as they go, but the checkpoint promises more of them.
    Prefix,
    /// The ledger is newer than this program; what came before holds.
    Newer,
}

/// The first break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The step that it belongs to.
    pub step: Step,
    /// The ledger, when several were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// The entry, when it is one entry's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// A stable word for the reason; refusals of the books keep their code.
    pub code: String,
    /// The reason for people.
    pub reason: String,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// The ledgers that this one continues, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub continues: Vec<Continued>,
    /// The ledger, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The size that the checkpoint promises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The root of that size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Entries that were verified whole, from 0; those of continued ledgers among them.
    pub verified: u64,
    /// The log key that signed the checkpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_key: Option<String>,
    /// Whether that key came from somewhere else than the ledger itself.
    pub log_key_given: bool,
    /// Witnesses that cosigned the checkpoint, with seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
    /// What was checked, in numbers: entries, signatures, tiles, statements and so on.
    pub checked: Vec<(String, u64)>,
    /// What was not checked, and why.
    pub not_checked: Vec<String>,
    /// Things to know that break nothing.
    pub remarks: Vec<String>,
    /// The first break.
    #[serde(rename = "break", skip_serializing_if = "Option::is_none")]
    pub broken: Option<Break>,
}

/// A ledger that was read before the one that continues it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Continued {
    /// Its identity.
    pub origin: String,
    /// Its entries.
    pub size: u64,
    /// Their root.
    pub root: String,
    /// The log key that signed its last checkpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_key: Option<String>,
    /// Whether that key came from somewhere else than the ledger itself.
    pub log_key_given: bool,
}

impl Report {
    /// The next ledger is read: what was said of the one before moves to those that it continues.
    pub(super) fn begins(&mut self, head: &Checkpoint) {
        let before = (self.origin.take(), self.size.take(), self.root.take());
        if let (Some(origin), Some(size), Some(root)) = before {
            let (log_key, log_key_given) = (self.log_key.take(), self.log_key_given);
            self.continues.push(Continued { origin, size, root, log_key, log_key_given });
        }
        self.log_key_given = false;
        self.witnesses.clear();
        self.origin = Some(head.origin.clone());
        self.size = Some(head.size);
        self.root = Some(head.root.to_string());
    }

    /// An empty report.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            outcome: Outcome::Sound,
            continues: Vec::new(),
            origin: None,
            size: None,
            root: None,
            verified: 0,
            log_key: None,
            log_key_given: false,
            witnesses: Vec::new(),
            checked: Vec::new(),
            not_checked: Vec::new(),
            remarks: Vec::new(),
            broken: None,
        }
    }

    /// The exit status of the command: 0 sound, 1 broken or a prefix, 3 newer.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self.outcome {
            Outcome::Sound => 0,
            Outcome::Broken | Outcome::Prefix => 1,
            Outcome::Newer => 3,
        }
    }

    /// Counts something that was checked.
    pub(crate) fn count(&mut self, what: &str, number: u64) {
        match self.checked.iter_mut().find(|(known, _)| known == what) {
            Some((_, sum)) => *sum += number,
            None => self.checked.push((what.to_owned(), number)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Continued { origin, size, root, .. } in &self.continues {
            writeln!(out, "ledger   {origin}, continued\nsize     {size}\nroot     {root}")?;
        }
        if let (Some(origin), Some(size), Some(root)) = (&self.origin, self.size, &self.root) {
            writeln!(out, "ledger   {origin}\nsize     {size}\nroot     {root}")?;
        }
        if let Some(key) = &self.log_key {
            writeln!(out, "log key  {key}")?;
            if !self.log_key_given {
                writeln!(out, "         taken from the ledger itself: compare it with your paper")?;
            }
        }
        for (witness, time) in &self.witnesses {
            writeln!(out, "witness  {witness} cosigned at {time} s since 1970")?;
        }
        for (what, number) in &self.checked {
            writeln!(out, "checked  {number} {what}")?;
        }
        for what in &self.not_checked {
            writeln!(out, "not checked: {what}")?;
        }
        for remark in &self.remarks {
            writeln!(out, "note: {remark}")?;
        }
        let verified = self.verified;
        match (&self.outcome, &self.broken) {
            (Outcome::Sound, _) => {
                let steps: Vec<&str> = Step::ALL.iter().map(|step| step.words()).collect();
                writeln!(out, "SOUND: all {verified} entries hold: {}", steps.join(", "))
            }
            (Outcome::Prefix, broken) => {
                writeln!(out, "PREFIX: {verified} entries hold, the checkpoint promises more")?;
                broken.as_ref().map_or(Ok(()), |broken| writeln!(out, "{}", broken.reason))
            }
            (Outcome::Newer, broken) => {
                match verified.checked_sub(1) {
                    Some(last) => writeln!(out, "NEWER FORMAT; verified up to seq {last}")?,
                    None => writeln!(out, "NEWER FORMAT; nothing could be verified")?,
                }
                broken.as_ref().map_or(Ok(()), |broken| writeln!(out, "{}", broken.reason))
            }
            (Outcome::Broken, Some(broken)) => {
                let place = broken.seq.map_or_else(String::new, |seq| format!(" at seq {seq}"));
                let ledger = broken.ledger.as_ref().map(|ledger| format!(" of {ledger}"));
                let place = format!("{place}{}", ledger.unwrap_or_default());
                let step = broken.step.words();
                writeln!(out, "BROKEN{place}: {step}: {} ({})", broken.reason, broken.code)
            }
            (Outcome::Broken, None) => writeln!(out, "BROKEN"),
        }
    }
}
