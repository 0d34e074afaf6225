//! Of what a run fetched, only what it read and verified comes into the copy.
//!
//! A source that may grow shows things that no verified head speaks of: a newer cosigned head,
//! names of entries to come. They are passed over in a verification, and are not ours to show.

use std::fs;
use std::path::Path;

use super::FollowFault;
use super::cache::Cache;
use super::copy::below;
use super::moves::files;
use crate::books::key_at;
use crate::disk;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::tree::{EMPTY_ROOT, Nodes as _};
use crate::verify::given::read_disclosures;
use crate::verify::kept::{Kept, KeptLedger};
use crate::verify::nodes::TileNodes;
use crate::verify::source::Source;

/// Takes out of `tree` what a sound run read through `cache` but did not verify, and what an
/// interrupted one left there and this one did not read.
pub(super) fn sift(
    kept: &Kept,
    (cache, through): (&Cache, &Source),
    tree: &Path,
) -> Result<(), FollowFault> {
    // What is read from here on is nobody's proof.
    let read = cache.read();
    for (at, ledger) in kept.ledgers().iter().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let (there, inner) = (through.below(number), below(at));
        let nodes = TileNodes::new(&there, ledger.size);
        let earlier = Source::Folder(tree.join(&inner)).list("checkpoints")?.unwrap_or_default();
        let earlier = earlier.iter().map(|name| format!("checkpoints/{name}"));
        for name in earlier.chain(["cosigned".to_owned()]) {
            let path = tree.join(format!("{inner}{name}"));
            let bytes = disk::read(&path).map_err(FollowFault::disk(&path))?;
            let is_head = |bytes: &[u8]| is_head(bytes, ledger, (log_keys(kept, at), &nodes));
            if bytes.is_some_and(|bytes| !is_head(&bytes)) {
                fs::remove_file(&path).map_err(FollowFault::disk(&path))?;
            }
        }
        names(&tree.join(format!("{inner}disclosures.jsonl")), ledger.size)?;
    }
    for inner in files(tree)?.iter().filter(|inner| !read.contains(*inner)) {
        let path = tree.join(inner);
        fs::remove_file(&path).map_err(FollowFault::disk(path))?;
    }
    Ok(())
}

fn log_keys(kept: &Kept, at: usize) -> &[(PublicKey, u64)] {
    let Some(newest) = kept.books().chapter() else { return &[] };
    newest.earlier.get(at).map_or(&newest.log_keys, |own| &own.log_keys)
}

/// Whether these are the bytes of a signed head of the ledger's tree.
fn is_head(
    bytes: &[u8],
    ledger: &KeptLedger,
    (keys, nodes): (&[(PublicKey, u64)], &TileNodes<'_>),
) -> bool {
    let Ok(signed) = SignedCheckpoint::parse(bytes) else { return false };
    let head = signed.checkpoint();
    let root = || match head.size {
        0 => Some(EMPTY_ROOT),
        size if size == ledger.size => Some(ledger.root),
        size => nodes.root_at(size).ok(),
    };
    head.origin == ledger.origin
        && head.size <= ledger.size
        && root() == Some(head.root)
        && key_at(keys, head.size).is_some_and(|key| signed.verify_log([key]).is_ok())
}

/// Keeps the lines of entries that were read.
fn names(path: &Path, size: u64) -> Result<(), FollowFault> {
    let Some(bytes) = disk::read(path).map_err(FollowFault::disk(path))? else { return Ok(()) };
    let shown = read_disclosures(&bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().zip(&shown).filter(|(_, disclosed)| disclosed.seq < size);
    let held: String = lines.map(|(line, _)| format!("{line}\n")).collect();
    if held.as_bytes() == bytes {
        return Ok(());
    }
    disk::replace(path, held.as_bytes(), false).map_err(FollowFault::disk(path))
}
