//! What a break means: which entry is the first that is another one than was verified before, and
//! whether the log itself signed both.

use std::path::PathBuf;

use super::FollowFault;
use super::cache::Limits;
use super::copy::{Asked, Copy, Looked, below};
use super::diverge::first_difference;
use super::evidence::Evidence;
use super::{kept, moves};
use crate::ledger::note::{Checkpoint, NoteFault, Policy, SignedCheckpoint, Verdict};
use crate::ledger::tree::Nodes as _;
use crate::verify::nodes::TileNodes;
use crate::verify::report::{Break, Outcome, Report, Step};
use crate::verify::source::Source;

/// How a head stands to the one that was verified before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// It continues it, or nobody can say.
    Open,
    /// It has fewer entries, the same as far as they go.
    Shrunk,
    /// Its entries are other ones.
    Split,
}

impl Copy {
    /// Names the first entry that is another one than was known, and keeps both heads.
    pub(super) fn explain(
        &self,
        source: &Source,
        asked: &Asked,
        (ours, found): (&[SignedCheckpoint], &[Vec<u8>]),
        looked: &mut Looked,
    ) -> Result<(), FollowFault> {
        let mut heads = (ours.last().map(ToString::to_string), found.last().cloned());
        for (at, own) in ours.iter().enumerate() {
            let theirs = found.get(at).and_then(|bytes| SignedCheckpoint::parse(bytes).ok());
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let there = source.below(number);
            let Some(theirs) = theirs else {
                let reason = format!("{} is not there any more", own.checkpoint().origin);
                self.name(looked, at, ("shrunk", Some(0), reason));
                heads.0 = Some(own.to_string());
                break;
            };
            let relation = self.relation(at, own.checkpoint(), (theirs.checkpoint(), &there));
            let folder = Source::Folder(self.folder.join(below(at)));
            let sizes = (own.checkpoint().size, theirs.checkpoint().size);
            let seq = first_difference((&folder, sizes.0), (&there, sizes.1), &asked.limits);
            if relation == Relation::Open && seq.is_none() {
                continue;
            }
            heads = (Some(own.to_string()), found.get(at).cloned());
            let (code, reason) = self.meaning(relation, own, &theirs)?;
            self.name(looked, at, (code, seq, reason));
            break;
        }
        let evidence = Evidence {
            ours: heads.0.as_ref().map(String::as_bytes),
            theirs: heads.1.as_deref().unwrap_or_default(),
            from: &source.to_string(),
            about: serde_json::to_string_pretty(&looked.report).unwrap_or_default(),
        };
        looked.evidence = Some(evidence.keep(&self.own)?);
        Ok(())
    }

    /// How a head of the ledger `at` stands to ours, by the trees alone.
    fn relation(
        &self,
        at: usize,
        own: &Checkpoint,
        (theirs, there): (&Checkpoint, &Source),
    ) -> Relation {
        let folder = Source::Folder(self.folder.join(below(at)));
        if theirs.size <= own.size {
            let root = TileNodes::new(&folder, own.size).root_at(theirs.size);
            return match root {
                Ok(root) if root != theirs.root => Relation::Split,
                _ if theirs.size < own.size => Relation::Shrunk,
                _ => Relation::Open,
            };
        }
        let nodes = TileNodes::new(there, theirs.size);
        let whole = nodes.root_at(theirs.size).is_ok_and(|root| root == theirs.root);
        match nodes.root_at(own.size) {
            Ok(root) if whole && root != own.root => Relation::Split,
            _ => Relation::Open,
        }
    }

    /// The word and the reason for people.
    fn meaning(
        &self,
        relation: Relation,
        own: &SignedCheckpoint,
        theirs: &SignedCheckpoint,
    ) -> Result<(&'static str, String), FollowFault> {
        let (ours, size) = (own.checkpoint().size, theirs.checkpoint().size);
        if relation != Relation::Open && !self.is_signed(theirs)? {
            let reason = format!("a head of {size} entries that no log key of the ledger signed");
            return Ok(("log-signature", reason));
        }
        Ok(match relation {
            Relation::Split => (
                "split",
                format!(
                    "two signed heads that cannot both be true: one over {ours} entries, known \
                     before, and one over {size}"
                ),
            ),
            Relation::Shrunk => {
                ("shrunk", format!("it has {size} entries, and had {ours}: they were taken away"))
            }
            Relation::Open => (
                "changed",
                "an entry is another one than was verified before, under the same head".to_owned(),
            ),
        })
    }

    /// Whether a log key of the ledger signed a head, as far as its keys are known here.
    fn is_signed(&self, head: &SignedCheckpoint) -> Result<bool, FollowFault> {
        let kept = kept::load(&self.own.join(moves::KEPT), &self.folder)?;
        let Some(newest) = kept.as_ref().and_then(|kept| kept.books().chapter().cloned()) else {
            return Ok(true);
        };
        let earlier = newest.earlier.iter().flat_map(|own| &own.log_keys);
        let keys = newest.log_keys.iter().chain(earlier).map(|(key, _)| key);
        Ok(head.verify_log(keys).is_ok())
    }

    /// Says of a break at which entry the history parts from the one known before.
    fn name(
        &self,
        looked: &mut Looked,
        at: usize,
        (code, seq, reason): (&str, Option<u64>, String),
    ) {
        let Some(found) = &mut looked.report.broken else { return };
        if code == "changed" {
            found.seq = seq.or(found.seq);
            return;
        }
        let said = match found.code.as_str() {
            own if own == code => reason,
            own => format!("{reason}; {} ({own})", found.reason),
        };
        let ledger = (at > 0).then(|| looked.report.origin.clone()).flatten();
        *found = Break {
            step: Step::Tree,
            ledger: ledger.or(found.ledger.take()),
            seq: seq.or(found.seq),
            code: code.to_owned(),
            reason: said,
        };
        looked.report.outcome = Outcome::Broken;
    }

    /// Keeps a head that does not fit, beside our own; where they lie. Says in the break which
    /// entry is the first that differs, when its source shows it.
    ///
    /// # Errors
    /// [`FollowFault`].
    pub fn keep_evidence(
        &self,
        head: &SignedCheckpoint,
        (from, source): (&str, Option<&Source>),
        found: &mut Break,
        limits: &Limits,
    ) -> Result<PathBuf, FollowFault> {
        let ours = self.heads()?;
        let theirs = head.checkpoint();
        let at = ours.iter().position(|own| own.checkpoint().origin == theirs.origin);
        if let Some(at) = at {
            let own = &ours[at];
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let there = source.map(|source| source.below(number));
            let folder = Source::Folder(self.folder.join(below(at)));
            let sizes = (own.checkpoint().size, theirs.size);
            let seq = there
                .as_ref()
                .and_then(|there| first_difference((&folder, sizes.0), (there, sizes.1), limits));
            let signed = self.is_signed(head)?;
            let split = theirs.size <= sizes.0 && found.code == "root";
            if signed && split {
                let (code, reason) = self.meaning(Relation::Split, own, head)?;
                (found.code, found.reason) = (code.to_owned(), format!("{from}: {reason}"));
            }
            found.seq = seq.or(found.seq);
        }
        let (ours, theirs) = (at.map(|at| ours[at].to_string()), head.to_string());
        let evidence = Evidence {
            ours: ours.as_ref().map(String::as_bytes),
            theirs: theirs.as_bytes(),
            from,
            about: serde_json::to_string_pretty(&found).unwrap_or_default(),
        };
        evidence.keep(&self.own)
    }
}

/// The follower's own policy, of the newest checkpoint or, as witnesses sign a moment later, of the
/// newest one that they signed: one that the verification held to the tree, and no other.
pub(super) fn against_policy(
    policy: &Policy,
    (newest, cosigned): (&[u8], Option<&[u8]>),
    report: &mut Report,
) -> Option<Break> {
    let found = |reason: String| Break {
        step: Step::Tree,
        ledger: None,
        seq: None,
        code: "own-policy".to_owned(),
        reason,
    };
    let read = |bytes: &[u8]| {
        let head = SignedCheckpoint::parse(bytes)?;
        let verdict = policy.evaluate(&head)?;
        Ok::<_, NoteFault>((head, verdict))
    };
    let (newest, mut verdict) = match read(newest) {
        Ok(read) => read,
        Err(fault) => return Some(found(fault.to_string())),
    };
    let Checkpoint { origin, size, .. } = newest.checkpoint();
    // A larger one is passed over where files may grow: nobody said that it is of this tree.
    let was_held = |head: &Checkpoint| head.origin == *origin && head.size <= *size;
    if !is_met(policy, &verdict)
        && let Some(Ok((earlier, met))) = cosigned.map(read)
        && was_held(earlier.checkpoint())
        && is_met(policy, &met)
    {
        let earlier = earlier.checkpoint().size;
        report.remarks.push(format!(
            "the first {earlier} of {size} entries are cosigned as your policy asks, the others \
             not yet"
        ));
        verdict = met;
    }
    report.witnesses = verdict.cosigned.iter().map(|own| (own.witness.clone(), own.time)).collect();
    (!is_met(policy, &verdict))
        .then(|| found("the checkpoint does not meet the policy given for it".to_owned()))
}

fn is_met(policy: &Policy, verdict: &Verdict) -> bool {
    verdict.quorum_met && (policy.logs().is_empty() || verdict.log.is_some())
}
