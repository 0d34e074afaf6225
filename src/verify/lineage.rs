//! The ledgers of one chapter: one that continues another lies below the first, in `2`, `3` … All
//! of them are read, the oldest first, whichever of them was named.

use std::time::{Duration, Instant};

use super::given::{Given, GivenContent};
use super::report::Step;
use super::source::{Source, SourceFault};
use super::{Options, Stop, broken, read_head};
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::word::Origin;

/// The most ledgers of a chapter (`FORMAT.md` 9.9): a server could go on naming them for ever.
const MOST: u32 = 100;

/// The longest checkpoint (`docs/FORMAT.md`, section 6).
const HEAD_BYTES: u64 = 1_000_000;

/// The longest time in which one has to come.
const HEAD_TIME: Duration = Duration::from_secs(60);

/// One published ledger.
pub(super) struct Ledger {
    /// Where it lies.
    pub source: Source,
    /// Its newest checkpoint, not yet verified.
    pub head: SignedCheckpoint,
    /// Whether it is the one that was named.
    pub named: bool,
    /// Whether none continues it.
    pub newest: bool,
}

/// Every ledger of the chapter whose ledger lies at `named`.
pub(super) fn ledgers(named: &Source, first: Option<&Source>) -> Result<Vec<Ledger>, Stop> {
    let head = read_head(named)?;
    let own = generation(&head);
    if own > MOST {
        return Err(too_many(&head));
    }
    let base = match (own, first) {
        (1, _) => named.clone(),
        (_, Some(first)) => first.clone(),
        (_, None) => named.parent().ok_or_else(|| not_there(&head, "above it"))?,
    };
    let mut all = Vec::new();
    for number in 1..own {
        let source = base.below(number);
        let found = source.read("checkpoint")?.is_some();
        if !found {
            return Err(not_there(&head, &source.to_string()));
        }
        let head = read_head(&source)?;
        all.push(Ledger { source, head, named: false, newest: false });
    }
    all.push(Ledger { source: named.clone(), head, named: true, newest: false });
    for number in own + 1.. {
        let source = base.below(number);
        if source.read("checkpoint")?.is_none() {
            break;
        }
        let head = read_head(&source)?;
        if number > MOST {
            return Err(too_many(&head));
        }
        all.push(Ledger { source, head, named: false, newest: false });
    }
    if let Some(newest) = all.last_mut() {
        newest.newest = true;
    }
    Ok(all)
}

fn generation(head: &SignedCheckpoint) -> u32 {
    head.checkpoint().origin.parse::<Origin>().map_or(1, |origin| origin.generation())
}

fn too_many(head: &SignedCheckpoint) -> Stop {
    let origin = &head.checkpoint().origin;
    let reason = format!("{origin} is one ledger too many: a chapter has at most {MOST}");
    broken(Step::Tree, "continued", reason)
}

/// The newest checkpoints of the chapter whose first ledger lies at `first`, the oldest ledger
/// first; nothing about them is verified.
///
/// # Errors
/// [`SourceFault`].
pub fn checkpoints(first: &Source) -> Result<Vec<Vec<u8>>, SourceFault> {
    checkpoints_until(first, None)
}

/// The same, `until` some moment at the latest. What is no checkpoint is the last that is read:
/// whoever answers with anything could be asked for ever.
///
/// # Errors
/// [`SourceFault`].
pub fn checkpoints_until(
    first: &Source,
    until: Option<Instant>,
) -> Result<Vec<Vec<u8>>, SourceFault> {
    let mut all = Vec::new();
    for number in 1..=MOST {
        let left = until.map_or(HEAD_TIME, |until| {
            until.saturating_duration_since(Instant::now()).min(HEAD_TIME)
        });
        if left.is_zero() {
            let (path, what) = (first.to_string(), "the time of this run is");
            return Err(SourceFault::Spent { path, what });
        }
        match first.below(number).read_within("checkpoint", left, HEAD_BYTES)? {
            Some(checkpoint) => {
                let is_head = SignedCheckpoint::parse(&checkpoint).is_ok();
                all.push(checkpoint);
                if !is_head {
                    break;
                }
            }
            None => break,
        }
    }
    Ok(all)
}

fn not_there(head: &SignedCheckpoint, place: &str) -> Stop {
    let origin = &head.checkpoint().origin;
    let reason = format!(
        "{origin} continues an earlier ledger, which is not {place}: say with --first where the \
         first one lies"
    );
    broken(Step::Tree, "continued", reason)
}

/// What was given by hand and belongs to this ledger; private values belong to the one named.
pub(super) fn given(against: &[Given], ledger: &Ledger) -> Vec<Given> {
    let belongs = |given: &&Given| match origin_of(given) {
        Some(origin) => origin == ledger.head.checkpoint().origin,
        None => ledger.named,
    };
    against.iter().filter(belongs).cloned().collect()
}

fn origin_of(given: &Given) -> Option<&str> {
    match &given.content {
        GivenContent::Checkpoint(checkpoint) => Some(&checkpoint.checkpoint().origin),
        GivenContent::Receipt(receipt) => Some(&receipt.checkpoint().checkpoint().origin),
        GivenContent::Disclosures(_) => None,
    }
}

/// A key or file of none of the ledgers would be passed over in silence.
pub(super) fn everything_given_belongs(ledgers: &[Ledger], options: &Options) -> Result<(), Stop> {
    let known = |origin: &str| ledgers.iter().any(|own| own.head.checkpoint().origin == origin);
    for given in &options.against {
        if let Some(origin) = origin_of(given).filter(|origin| !known(origin)) {
            let reason = format!("{} belongs to another ledger, {origin}", given.name);
            return Err(broken(Step::Tree, "checkpoint", reason));
        }
    }
    match options.key.as_ref().filter(|key| !known(key.name())) {
        Some(_) => {
            let reason = "the key given by hand signed no checkpoint of this ledger";
            Err(broken(Step::Tree, "log-key", reason))
        }
        None => Ok(()),
    }
}
