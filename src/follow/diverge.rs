//! Where two histories of one ledger part.

use super::cache::Limits;
use crate::ledger::tree::BUNDLE_WIDTH;
use crate::verify::bundle_of;
use crate::verify::source::Source;

/// The first entry that `theirs` has otherwise than `ours`, or has no more; `None` where none was
/// found: they may agree, or cannot be read so far. Reads no further than that entry.
pub(super) fn first_difference(
    (ours, our_size): (&Source, u64),
    (theirs, their_size): (&Source, u64),
    limits: &Limits,
) -> Option<u64> {
    let end = our_size.min(their_size);
    let mut seq = 0;
    while seq < end && !limits.is_over() {
        let own = bundle_of(ours, seq, our_size).ok()?;
        let other = bundle_of(theirs, seq, their_size).ok()?;
        let length = usize::try_from((end - seq).min(u64::from(BUNDLE_WIDTH))).ok()?;
        let differs = (0..length).find(|at| own.get(*at) != other.get(*at));
        if let Some(at) = differs {
            // One that cannot be read is no other one.
            own.get(at).and(other.get(at))?;
            return Some(seq + u64::try_from(at).ok()?);
        }
        seq += u64::from(BUNDLE_WIDTH);
    }
    (their_size < our_size && seq >= end).then_some(their_size)
}
