//! The state behind a copy's entries, kept beside it, so that a run reads only what came since.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::FollowFault;
use crate::disk;
use crate::ledger::note::{Checkpoint, SignedCheckpoint};
use crate::ledger::tree::BUNDLE_WIDTH;
use crate::verify::bundle_of;
use crate::verify::history::Older;
use crate::verify::kept::Kept;
use crate::verify::source::Source;

/// The checkpoints of the ledgers in a copy, the oldest ledger first.
pub(super) fn heads(folder: &Path) -> Result<Vec<SignedCheckpoint>, FollowFault> {
    let found = crate::verify::lineage::checkpoints(&Source::Folder(folder.to_owned()))?;
    let read = |bytes: &Vec<u8>| {
        SignedCheckpoint::parse(bytes).map_err(|fault| {
            FollowFault::disk(folder)(io::Error::new(io::ErrorKind::InvalidData, fault))
        })
    };
    found.iter().map(read).collect()
}

/// The state kept in `file` of the copy in `folder`; `None` when there is none that fits: the
/// entries of the copy are replayed then.
pub(super) fn load(file: &Path, folder: &Path) -> Result<Option<Kept>, FollowFault> {
    let fault = || FollowFault::disk(file);
    let Some(bytes) = disk::read(file).map_err(fault())? else { return Ok(None) };
    let heads = heads(folder)?;
    let checkpoints: Vec<Checkpoint> = heads.iter().map(|own| own.checkpoint().clone()).collect();
    let kept = Kept::load(&bytes, older(folder, &checkpoints)).map_err(fault())?;
    let fits = |kept: &Kept| {
        let own = kept.ledgers().iter().map(|own| (own.origin.as_str(), own.size, own.root));
        own.eq(checkpoints.iter().map(|head| (head.origin.as_str(), head.size, head.root)))
    };
    Ok(kept.filter(fits))
}

/// Reads entries of a copy by their places over all its ledgers.
fn older(folder: &Path, heads: &[Checkpoint]) -> Older {
    let mut ledgers = Vec::new();
    let mut before = 0;
    for (number, head) in (1..).zip(heads) {
        let source = Source::Folder(folder.to_owned()).below(number);
        ledgers.push((before, head.size, source));
        before += head.size;
    }
    let last: Mutex<(u64, Vec<Vec<u8>>)> = Mutex::new((u64::MAX, Vec::new()));
    Box::new(move |place| {
        let Some((before, size, source)) =
            ledgers.iter().rev().find(|(before, ..)| *before <= place)
        else {
            return Ok(None);
        };
        let seq = place - before;
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let first = seq - seq % u64::from(BUNDLE_WIDTH);
        if last.0 != before + first {
            let bundle = bundle_of(source, seq, *size).map_err(io::Error::other)?;
            *last = (before + first, bundle);
        }
        let at = usize::try_from(seq - first).unwrap_or(usize::MAX);
        Ok(last.1.get(at).cloned())
    })
}
