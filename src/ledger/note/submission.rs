//! What a log sends to a witness (C2SP tlog-witness, `add-checkpoint`).

use std::fmt;

use super::{Checkpoint, NoteFault, SignedCheckpoint};
use crate::ledger::tree::{EMPTY_ROOT, Hash, TreeFault, old_root_of_proof, verify_consistency};

/// The most proof lines of a request.
const LONGEST_PROOF: usize = 63;

/// A request for a cosignature: the size that the witness knew, the proof from there, the new
/// checkpoint. Nothing is verified by reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The size of the last checkpoint that the witness cosigned for this origin; 0 for none.
    pub old: u64,
    /// The consistency proof; empty from size 0 and for the same size.
    pub proof: Vec<Hash>,
    /// The new checkpoint with the log's signature.
    pub checkpoint: SignedCheckpoint,
}

/// What a witness finds in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It continues what the witness holds: to be stored, cosigned, answered with 200.
    Fits,
    /// It names another old size than the one held, which is this: 409.
    Known(u64),
    /// It does not continue what the witness holds: 422.
    Misfit,
}

/// Two heads of one ledger that do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Both are signed by the log and contradict each other: nobody but the log can have made that.
    Proven,
    /// The proof sent along does not hold: a mistake of the sender, or a fork.
    Unproven,
}

impl Submission {
    /// Reads a request body; `Display` writes the same bytes again.
    ///
    /// # Errors
    /// [`NoteFault::EmptyRoot`] (answered with 422) or another [`NoteFault`] (400).
    pub fn parse(body: &[u8]) -> Result<Self, NoteFault> {
        let text = std::str::from_utf8(body).map_err(|_| NoteFault::Form)?;
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(NoteFault::Submission("an empty line is missing"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(|digits| digits.parse::<u64>().ok().filter(|old| old.to_string() == digits));
        let old = old.ok_or(NoteFault::Submission("the first line must be `old <size>`"))?;
        let hashes: Vec<&str> = lines.collect();
        if hashes.len() > LONGEST_PROOF {
            return Err(NoteFault::Submission("at most 63 proof lines"));
        }
        let proof = hashes.into_iter().map(Hash::from_base64).collect::<Result<_, _>>()?;
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        if old > checkpoint.checkpoint().size {
            return Err(NoteFault::Submission("the old size is beyond that of the checkpoint"));
        }
        Ok(Self { old, proof, checkpoint })
    }

    /// What a witness that holds `held` answers (C2SP tlog-witness), once it has found the log's
    /// signature valid. `None` is a witness that never cosigned this origin.
    #[must_use]
    pub fn judge(&self, held: Option<&Checkpoint>) -> Judgement {
        let known = held.map_or(0, |held| held.size);
        if self.old != known {
            return Judgement::Known(known);
        }
        match self.verify_consistency(held.map_or(EMPTY_ROOT, |held| held.root)) {
            Ok(()) => Judgement::Fits,
            Err(_) => Judgement::Misfit,
        }
    }

    /// Whether this checkpoint and `held`, both signed by the log, cannot both be of one ledger.
    ///
    /// Two roots of one size prove it by themselves. So does a proof that leads to the new root
    /// from another old root than the one held. Any other misfit proves nothing: whoever has a
    /// public checkpoint can send it with a proof of his own making.
    #[must_use]
    pub fn conflict(&self, held: &Checkpoint) -> Option<Conflict> {
        let new = self.checkpoint.checkpoint();
        if new.size == held.size {
            return (new.root != held.root).then_some(Conflict::Proven);
        }
        if self.old != held.size || self.verify_consistency(held.root).is_ok() {
            return None;
        }
        let led_from = old_root_of_proof(self.old, new.size, new.root, &self.proof);
        match led_from {
            Some(root) if root != held.root => Some(Conflict::Proven),
            _ => Some(Conflict::Unproven),
        }
    }

    /// Verifies that the checkpoint continues the tree of size `old` with `old_root`, which the
    /// witness stored ([`EMPTY_ROOT`](crate::ledger::tree::EMPTY_ROOT) when `old` is 0).
    ///
    /// # Errors
    /// [`TreeFault`], answered with 422.
    pub fn verify_consistency(&self, old_root: Hash) -> Result<(), TreeFault> {
        let new = self.checkpoint.checkpoint();
        verify_consistency(self.old, old_root, new.size, new.root, &self.proof)
    }
}

impl fmt::Display for Submission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(out, "{}", hash.to_base64()))?;
        write!(out, "\n{}", self.checkpoint)
    }
}
