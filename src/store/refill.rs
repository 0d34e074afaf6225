//! Entries that were recorded here before and are lost (yesterday's backup was restored) come back,
//! byte for byte, the way every entry comes in: checked by the books, projected, read back, signed.

use sea_orm::DatabaseTransaction;

use super::ahead::Ahead;
use super::anchor::Anchors;
use super::attempt::{Attempt, FLUSH};
use super::chapter::{Closure, Standing};
use super::database::give_up;
use super::desk::together;
use super::fault::StoreFault;
use super::nodes::{self, LedgerTree};
use super::record::{RecordFault, Recorded};
use super::state::State;
use super::writer::{Failure, Writer};
use crate::ledger::entry::Entry;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::word::Origin;

/// What was lost, as published files have it.
#[derive(Clone, Debug)]
pub(super) struct Lost {
    /// The place of the first entry.
    pub from: u64,
    /// The bytes of the entries from there on, over all ledgers of the chapter.
    pub entries: Vec<Vec<u8>>,
}

/// Why nothing was taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefillStop {
    /// The ledger is closed for another reason, which comes first.
    #[error("the ledger is closed for another reason: {0}")]
    Closed(Closure),
    /// The entries do not follow those that are stored.
    #[error("entry {place} of the copy does not follow the stored ones: {reason}")]
    Follows {
        /// Its place.
        place: u64,
        /// Why.
        reason: String,
    },
    /// Behind the entries the tree is not that of a checkpoint that was signed here.
    #[error(
        "behind the entries of the copy the tree is not that of the anchor ({signed} entries of \
         {origin}): it is another history, or an older copy"
    )]
    Anchor {
        /// The ledger.
        origin: String,
        /// Entries under its anchor.
        signed: u64,
    },
    /// The copy does not hold all that a witness says that it cosigned.
    #[error("the witness {witness} says that it cosigned {known} entries: the copy has fewer")]
    Witness {
        /// The witness, as the ledger names it.
        witness: String,
        /// Entries under the head that it holds.
        known: u64,
    },
    /// The machine; nothing was taken.
    #[error("nothing was taken: {0}")]
    Store(String),
}

impl From<Failure> for RefillStop {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.fault.to_string())
    }
}

impl From<StoreFault> for RefillStop {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault.to_string())
    }
}

impl Writer {
    /// Takes lost entries in one transaction, all or none; how many there were. Entries that are
    /// there meanwhile are left out.
    pub(super) async fn refill(&mut self, lost: &Lost) -> Result<u64, RefillStop> {
        let standing = self.chapter.standing();
        if let Standing::ReadOnly(closure) = &standing
            && !closure.may_be_refilled()
        {
            return Err(RefillStop::Closed(closure.clone()));
        }
        let begun = self.shared.database.begin_write(self.chapter.lock()).await;
        let write = begun.map_err(StoreFault::from)?;
        let state = match self.stand(&write).await {
            Ok(state) => state,
            Err(fault) => {
                give_up(write).await;
                return Err(fault.into());
            }
        };
        let ahead = Ahead::new(&self.shared, &self.chapter, state);
        let mut attempt = Attempt::new(ahead, &write);
        let done = match attempt.refill(lost).await {
            Ok(()) => attempt.reaches_witness(&standing),
            Err(stop) => Err(stop),
        };
        let (state, new) = attempt.into_parts();
        if let Err(stop) = done {
            give_up(write).await;
            self.state = None;
            return Err(stop);
        }
        if new.is_empty() {
            give_up(write).await;
            return Ok(0);
        }
        // Shown with the head that `commit` signs.
        self.chapter.refilled();
        let taken = u64::try_from(new.len()).unwrap_or(u64::MAX);
        match self.commit(write, state, &new).await {
            Ok(()) => Ok(taken),
            Err(failure) => {
                self.state = None;
                self.chapter.not_refilled(&standing);
                Err(failure.into())
            }
        }
    }
}

impl Attempt<'_> {
    async fn refill(&mut self, lost: &Lost) -> Result<(), RefillStop> {
        let stored = self.ahead.state.size();
        let skip = stored.checked_sub(lost.from).ok_or_else(|| RefillStop::Follows {
            place: lost.from,
            reason: format!("only {stored} entries are stored"),
        })?;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        for (index, bytes) in lost.entries.iter().enumerate().skip(skip) {
            self.lost_entry(bytes).await?;
            if self.ahead.pending.len() >= FLUSH {
                self.flush(index).await?;
            }
        }
        self.write_all().await?;
        reaches_anchors(
            self.write,
            &self.ahead.state,
            (self.ahead.chapter.id.0, &self.ahead.chapter.identity),
            &self.ahead.shared.anchors,
        )
        .await
    }

    fn reaches_witness(&self, standing: &Standing) -> Result<(), RefillStop> {
        match standing {
            Standing::ReadOnly(Closure::BehindWitness { witness, known, .. })
                if self.ahead.state.frontier.size() < *known =>
            {
                Err(RefillStop::Witness { witness: witness.clone(), known: *known })
            }
            _ => Ok(()),
        }
    }

    /// One entry at its place, as it was.
    async fn lost_entry(&mut self, bytes: &[u8]) -> Result<(), RefillStop> {
        let place = self.ahead.state.size();
        let no = |reason: String| RefillStop::Follows { place, reason };
        let leaf = crate::ledger::entry::leaf_hash(bytes);
        let followed = self.ahead.state.follow(&self.ahead.chapter.identity, bytes, &leaf.0);
        let (entry, _) = followed.map_err(|fault| no(fault.to_string()))?;
        let signed = self.ahead.state.books.verify_signatures(&entry);
        signed.map_err(|refusal| no(refusal.to_string()))?;
        let effects = match self.check(&entry).await? {
            Ok(effects) => effects,
            Err(RecordFault::Store(reason)) => return Err(RefillStop::Store(reason)),
            Err(fault) => return Err(no(fault.to_string())),
        };
        let by = self.decided_by(&entry);
        let recorded: Recorded = self.ahead.take_in(&entry, bytes.to_vec(), &effects)?;
        let voucher = entry.voucher();
        let alongside = together::recorded_before(&voucher.id, by.as_ref(), recorded.at.utc());
        self.ahead.goes_with(&recorded, &entry.signed, alongside);
        Ok(())
    }

    /// Whose signature came last.
    fn decided_by(&self, entry: &Entry) -> Option<crate::ledger::word::Person> {
        let last = entry.signatures().last()?;
        let key = self.ahead.state.books.officers().keys().get(&last.key)?;
        Some(key.person.clone())
    }
}

/// Whether the trees are those of every anchor of the chapter's ledgers, and hold all of their
/// entries.
async fn reaches_anchors(
    write: &DatabaseTransaction,
    state: &State,
    (chapter, identity): (i64, &Origin),
    anchors: &Anchors,
) -> Result<(), RefillStop> {
    let newest = state.books.chapter();
    let mut ledgers: Vec<(Origin, u64, u64)> = Vec::new();
    for own in newest.map_or(&[][..], |newest| &newest.earlier) {
        ledgers.push((own.origin.clone(), own.before, own.size));
    }
    let origin = newest.map_or_else(|| identity.clone(), |newest| newest.origin.clone());
    ledgers.push((origin.clone(), state.books.before(), state.frontier.size()));
    // A ledger behind these that was signed here, too.
    ledgers.extend(origin.next().map(|next| (next, state.size(), 0)));
    for (origin, before, size) in ledgers {
        let Some(anchor) = anchors.read(&origin)? else { continue };
        let signed: &SignedCheckpoint = &anchor;
        let head = signed.checkpoint();
        let no = || RefillStop::Anchor { origin: origin.to_string(), signed: head.size };
        if head.size > size {
            return Err(no());
        }
        let tree = LedgerTree { chapter, before };
        if nodes::root(write, tree, head.size).await? != head.root {
            return Err(no());
        }
    }
    Ok(())
}
