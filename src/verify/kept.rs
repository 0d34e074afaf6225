//! What a verification keeps so that the next one need not read everything again.
//!
//! It is as good as the disk that it lies on: whoever can write there can make it say anything.
//! Keep it where only the one who verifies can write. A form of an earlier program is not read; the
//! entries are replayed instead.

use std::collections::BTreeSet;
use std::io;

use serde::{Deserialize, Serialize};

use super::files::Statements;
use super::heads::Known;
use super::history::Older;
use super::replay::{Replay, SavedReplay};
use super::report::Step;
use super::tiles::Tiles;
use super::{Stop, broken};
use crate::books::Books;
use crate::books::SNAPSHOT_FORMAT;
use crate::ledger::note::Checkpoint;
use crate::ledger::tree::{Hash, sha256};

/// The version of the form.
const FORMAT: u32 = 2;

/// The ledgers of a chapter as far as they were verified.
pub struct Kept {
    pub(super) replay: Replay,
    pub(super) tiles: Tiles,
    pub(super) statements: Statements,
    /// Bytes of `entries.jsonl` of the newest ledger.
    pub(super) bytes: u64,
    pub(super) ledgers: Vec<KeptLedger>,
    /// Log keys given by hand that were seen to have signed.
    pub(super) vouched: BTreeSet<String>,
}

/// One ledger as far as it was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLedger {
    /// Its identity.
    pub origin: String,
    /// How many entries lie in the ledgers that it continues.
    pub before: u64,
    /// Its own entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// All of it, as bytes.
#[derive(Serialize, Deserialize)]
struct Saved {
    replay: SavedReplay,
    tiles: Tiles,
    statements: Statements,
    bytes: u64,
    ledgers: Vec<KeptLedger>,
    vouched: BTreeSet<String>,
}

impl Kept {
    /// Before entry 0.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            replay: Replay::new()?,
            tiles: Tiles::default(),
            statements: Statements::default(),
            bytes: 0,
            ledgers: Vec::new(),
            vouched: BTreeSet::new(),
        })
    }

    /// The ledgers, the oldest first.
    #[must_use]
    pub fn ledgers(&self) -> &[KeptLedger] {
        &self.ledgers
    }

    /// The books behind the last entry.
    #[must_use]
    pub fn books(&self) -> &Books {
        self.replay.books()
    }

    /// The bytes to keep: head, digest, state.
    ///
    /// # Errors
    /// When a temporary file cannot be read, or the state cannot be encoded.
    pub fn save(self) -> io::Result<Vec<u8>> {
        let saved = Saved {
            replay: self.replay.save()?,
            tiles: self.tiles,
            statements: self.statements,
            bytes: self.bytes,
            ledgers: self.ledgers,
            vouched: self.vouched,
        };
        let state = postcard::to_stdvec(&saved).map_err(io::Error::other)?;
        let mut bytes = format(&state).into_bytes();
        bytes.extend_from_slice(&state);
        Ok(bytes)
    }

    /// What was kept; `None` when it is of another program or damaged. `older` reads the entries
    /// that were taken then.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn load(bytes: &[u8], older: Older) -> io::Result<Option<Self>> {
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let state = bytes.get(end + 1..).unwrap_or_default();
        if bytes.get(..=end) != Some(format(state).as_bytes()) {
            return Ok(None);
        }
        let Ok(saved) = postcard::from_bytes::<Saved>(state) else { return Ok(None) };
        let Some(replay) = Replay::resume(saved.replay, older)? else { return Ok(None) };
        let kept = Self {
            replay,
            tiles: saved.tiles,
            statements: saved.statements,
            bytes: saved.bytes,
            ledgers: saved.ledgers,
            vouched: saved.vouched,
        };
        let last = kept.ledgers.last();
        let fits = last.is_some_and(|last| last.root == kept.replay.root());
        Ok(fits.then_some(kept))
    }

    /// Whether a later ledger continues it already: it has all its entries.
    pub(super) fn is_finished(&self, at: usize) -> bool {
        at + 1 < self.ledgers.len()
    }

    /// A ledger's turn: how many of its entries are known. Its checkpoint may not fall behind them.
    pub(super) fn take_up(&mut self, at: usize, head: &Checkpoint) -> Result<u64, Stop> {
        let Some(known) = self.ledgers.get(at) else {
            self.replay.begin_ledger();
            self.tiles = Tiles::default();
            self.statements = Statements::default();
            self.bytes = 0;
            return Ok(0);
        };
        if known.origin != head.origin {
            let reason = format!("the ledger here was {}, now it is {}", known.origin, head.origin);
            return Err(broken(Step::Tree, "checkpoint", reason));
        }
        if head.size < known.size {
            let (has, had) = (head.size, known.size);
            let reason = format!("it has {has} entries, and had {had}: entries were taken away");
            return Err(broken(Step::Tree, "shrunk", reason));
        }
        let continued = self.is_finished(at) && head.size > known.size;
        if continued || (head.size == known.size && head.root != known.root) {
            let reason = match continued {
                true => "it has more entries than the ledger that continues it says",
                false => "it has another root than before, over as many entries",
            };
            return Err(broken(Step::Tree, "root", reason));
        }
        Ok(known.size)
    }

    /// All entries under a checkpoint were read.
    pub(super) fn ends_at(&mut self, head: &Checkpoint) -> Result<(), Stop> {
        let before = self.replay.books().before();
        let (origin, size, root) = (head.origin.clone(), head.size, self.replay.root());
        self.ledgers.retain(|own| own.before < before || own.origin != origin);
        self.ledgers.push(KeptLedger { origin, before, size, root });
        Ok(())
    }

    /// A ledger as others are held against it.
    pub(super) fn known(&self, at: usize) -> Result<Known<'_>, Stop> {
        let empty = || broken(Step::Tree, "checkpoint", "the ledger is empty");
        let newest = self.replay.books().chapter().ok_or_else(empty)?;
        let replay = &self.replay;
        Ok(match newest.earlier.get(at) {
            Some(own) => Known {
                before: own.before,
                origin: own.origin.as_str(),
                log_keys: &own.log_keys,
                replay,
            },
            None => Known {
                before: newest.before,
                origin: newest.origin.as_str(),
                log_keys: &newest.log_keys,
                replay,
            },
        })
    }
}

/// The first line: forms, program, digest.
fn format(state: &[u8]) -> String {
    let program = env!("CARGO_PKG_VERSION");
    format!("minhbach-kept {FORMAT} {SNAPSHOT_FORMAT} {program} {}\n", sha256(state))
}
