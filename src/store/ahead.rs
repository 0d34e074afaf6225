//! Entries placed one behind another, ahead of the store: what is worked out in memory alone.
//!
//! Nothing here asks or writes the database. `attempt` does, with the past that the books ask for;
//! a whole file goes without (`streaming`).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::Shared;
use super::alongside::{Alongside, Steps};
use super::chapter::{Chapter, Closure};
use super::desk::consequences::Consequences;
use super::desk::together;
use super::fault::StoreFault;
use super::nodes::number;
use super::project::{Pending, Projected};
use super::record::{Ready, RecordFault, Recorded};
use super::state::State;
use crate::books::effects::Effects;
use crate::books::{Refusal, continues};
use crate::ledger::entry::{Entry, ReadableVoucher, SignedVoucher, leaf_hash};
use crate::ledger::tree::Hash;
use crate::ledger::voucher::{Body, VoucherId};
use crate::ledger::word::Time;

/// How far the clock may be behind the last entry: that entry's time is used then.
pub(in crate::store) const SLACK: TimeDelta = TimeDelta::minutes(10);
/// How far the clock may be ahead of the last entry before a person has to confirm it.
pub(in crate::store) const AHEAD: TimeDelta = TimeDelta::days(31);

/// A voucher that is in the ledger already, or earlier in this group.
pub(super) struct Known {
    pub voucher: Vec<u8>,
    pub recorded: Recorded,
}

/// A copy of the state that runs ahead of the store, and what is not written yet.
pub(super) struct Ahead {
    pub shared: Arc<Shared>,
    pub chapter: Arc<Chapter>,
    pub state: State,
    /// Entries before the first new one.
    pub before: u64,
    pub pending: Pending,
    pub steps: Steps,
    pub known: HashMap<VoucherId, Known>,
    /// The leaf hashes of the new entries, in their order: what has to be read back.
    pub new: Vec<Hash>,
}

impl Ahead {
    /// Begins behind `state`.
    pub(super) fn new(shared: &Arc<Shared>, chapter: &Arc<Chapter>, state: State) -> Self {
        Self {
            shared: shared.clone(),
            before: state.size(),
            state,
            pending: Pending::new(chapter.id.0, false),
            chapter: chapter.clone(),
            steps: Steps::default(),
            known: HashMap::new(),
            new: Vec::new(),
        }
    }

    /// What becomes true in the same transaction as a new entry: the steps that come with it, and
    /// what the desk does because of it.
    pub(super) fn goes_with(
        &mut self,
        recorded: &Recorded,
        signed: &SignedVoucher,
        alongside: Alongside,
    ) {
        let voucher = &signed.voucher;
        let (chapter, seq) = (self.chapter.id.0, number(recorded.seq));
        self.steps.add(chapter, seq, alongside);
        // By whatever way a reversal comes, what the desk keeps of the entry ends with it.
        if let Some(of) = self.reversed_entry(&voucher.body) {
            self.steps.add(chapter, seq, together::reversed(of));
        }
        let (officers, place) = (self.state.books.officers(), (recorded.seq, recorded.at.utc()));
        let desk = || self.chapter.desk();
        if let Some(follows) = Consequences::of(desk, officers, place, signed) {
            self.steps.follow(follows);
        }
    }

    /// The entry that a voucher becomes at the next place, and its bytes, before the books are
    /// asked.
    pub(super) fn place(
        &self,
        voucher: &ReadableVoucher,
        now: DateTime<Utc>,
    ) -> Result<Result<(Entry, Vec<u8>), RecordFault>, StoreFault> {
        let signed = voucher.signed();
        if let Some(closure) = self.missing_log_key(signed)? {
            return Ok(Err(closure.into()));
        }
        let opens = continues(&signed.voucher.body).is_some();
        let at = match self.time(now, opens) {
            Ok(at) => at,
            Err(fault) => return Ok(Err(fault)),
        };
        let entry = self.state.place(signed.clone(), at);
        if !self.state.is_continued_by(&entry.voucher().body) {
            return Ok(Err(Refusal::Continues { what: "checkpoint-root" }.into()));
        }
        let bytes = entry.bytes_around(voucher.bytes());
        Ok(bytes.map(|bytes| (entry, bytes)).map_err(RecordFault::from))
    }

    /// Whether an entry is signed: verified now, unless it was before with the very keys that are
    /// in force.
    pub(super) fn check_signatures(&self, entry: &Entry, ready: &Ready) -> Result<(), Refusal> {
        let books = &self.state.books;
        match &ready.keys {
            Some(keys) if books.verifies_with(entry, keys) => Ok(()),
            _ => books.verify_signatures_over(entry, ready.voucher.bytes()),
        }
    }

    /// Takes in an entry that the books accepted.
    pub(super) fn take_in(
        &mut self,
        entry: &Entry,
        bytes: Vec<u8>,
        effects: &Effects,
    ) -> Result<Recorded, StoreFault> {
        let leaf = leaf_hash(&bytes);
        let follows = self.state.leaf;
        let nodes = self.state.absorb(entry, leaf, effects);
        let receipt = self.shared.receipt_code(entry);
        self.pending.add(&Projected {
            entry,
            follows,
            bytes: &bytes,
            leaf,
            effects,
            nodes: &nodes,
            receipt: receipt.as_ref(),
        })?;
        self.new.push(leaf);
        let numbers = effects.numbers.clone();
        Ok(Recorded { seq: entry.place(), at: entry.at, leaf, numbers, receipt, repeated: false })
    }

    /// A rotation to a log key that is not here would stop the ledger at its size, as would a new
    /// ledger with such a key: it is refused before it is an entry.
    fn missing_log_key(&self, signed: &SignedVoucher) -> Result<Option<Closure>, StoreFault> {
        let key = match &signed.voucher.body {
            Body::LogKeyRotated(body) => &body.new_vkey,
            Body::ChapterOpened(body) => &body.log_key,
            _ => return Ok(None),
        };
        let held = self.shared.keys.signing(&signed.voucher.log, key)?;
        let missing = || Closure::NoLogKey { vkey: key.vkey() };
        Ok(held.is_none().then(missing))
    }

    /// The writer's clock: never back, and not far from the last entry unless a person said so. Who
    /// calls officers to a ledger that continues one at rest has said so.
    fn time(&self, now: DateTime<Utc>, opens: bool) -> Result<Time, RecordFault> {
        let Some(time) = Time::new(now) else {
            return Err(RecordFault::Store(format!("the clock says {now}: set it")));
        };
        let Some(last) = self.state.at() else { return Ok(time) };
        let away = now - last.utc();
        let confirmed = self.chapter.is_clock_confirmed(now);
        let ahead = away > AHEAD && !opens;
        if (away < -SLACK || ahead) && !confirmed {
            return Err(Closure::Clock { last, now: time }.into());
        }
        Ok(time.max(last))
    }

    /// The place of the entry that a voucher reverses.
    fn reversed_entry(&self, body: &Body) -> Option<u64> {
        match body {
            Body::Reversed(reversed) => reversed.of.entry().place(self.state.books.before()),
            _ => None,
        }
    }
}
