//! Verified files come into the copy: all of them or, after a crash, the rest at the next start.
//!
//! Everything lies beside the copy first. A mark says that all of it was verified; from then on it
//! is moved file by file, what no older checkpoint speaks of first, the checkpoints last, and
//! behind them those that witnesses cosigned, which may be as new.

use std::fs;
use std::path::{Path, PathBuf};

use super::FollowFault;
use super::cache::remove_folder;
use crate::disk;

/// What is going to be moved, below the folder of a run.
pub(super) const TREE: &str = "tree";
/// The mark that all of it was verified.
const READY: &str = "ready";
/// The state behind it.
pub(super) const KEPT: &str = "kept";

/// Moves what was verified in `next` to the copy in `folder`, the state to `own`. How many files
/// were new.
pub(super) fn commit(next: &Path, folder: &Path, own: &Path) -> Result<u64, FollowFault> {
    leave_what_is_there(next, folder)?;
    let mark = next.join(READY);
    disk::replace(&mark, b"", false).map_err(FollowFault::disk(mark))?;
    carry_out(next, folder, own)
}

/// Ends the moves of a run that was cut off in the middle of them.
pub(super) fn recover(next: &Path, folder: &Path, own: &Path) -> Result<(), FollowFault> {
    if next.join(READY).exists() {
        carry_out(next, folder, own)?;
    }
    Ok(())
}

/// Takes away what the copy has already, byte for byte; makes the rest durable.
fn leave_what_is_there(next: &Path, folder: &Path) -> Result<(), FollowFault> {
    for inner in files(&next.join(TREE))? {
        let new = next.join(TREE).join(&inner);
        let bytes = disk::read(&new).map_err(FollowFault::disk(&new))?;
        let there = disk::read(&folder.join(&inner)).map_err(FollowFault::disk(&new))?;
        match bytes == there {
            true => fs::remove_file(&new).map_err(FollowFault::disk(&new))?,
            false => disk::sync(&new).map_err(FollowFault::disk(&new))?,
        }
    }
    Ok(())
}

fn carry_out(next: &Path, folder: &Path, own: &Path) -> Result<u64, FollowFault> {
    let tree = next.join(TREE);
    let mut all = files(&tree)?;
    all.sort_by_key(|inner| (turn(inner), inner.clone()));
    for inner in &all {
        let (from, to) = (tree.join(inner), folder.join(inner));
        let parent = to.parent().unwrap_or(folder);
        disk::make_folder(parent, false).map_err(FollowFault::disk(parent))?;
        if turn(inner) >= LAST {
            // Everything that the checkpoint speaks of is durable before it, and it itself before
            // the cosigned one.
            sync(&all, folder)?;
        }
        fs::rename(&from, &to).map_err(FollowFault::disk(&to))?;
    }
    sync(&all, folder)?;
    let kept = next.join(KEPT);
    if kept.exists() {
        fs::rename(&kept, own.join(KEPT)).map_err(FollowFault::disk(kept))?;
    }
    disk::sync_folder(own).map_err(FollowFault::disk(own))?;
    remove_folder(next)?;
    Ok(u64::try_from(all.len()).unwrap_or(u64::MAX))
}

/// When a checkpoint is moved.
const LAST: u8 = 2;

/// In which turn a file is moved: tiles and bundles are no news to an older checkpoint.
fn turn(inner: &Path) -> u8 {
    match inner.file_name().and_then(|name| name.to_str()) {
        Some("checkpoint") => LAST,
        Some("cosigned") => LAST + 1,
        _ if inner.components().any(|part| part.as_os_str() == "tile") => 0,
        _ => 1,
    }
}

fn sync(all: &[PathBuf], folder: &Path) -> Result<(), FollowFault> {
    let mut parents: Vec<PathBuf> =
        all.iter().filter_map(|inner| Some(folder.join(inner.parent()?))).collect();
    parents.sort();
    parents.dedup();
    for parent in parents.iter().filter(|parent| parent.is_dir()) {
        disk::sync_folder(parent).map_err(FollowFault::disk(parent))?;
    }
    Ok(())
}

/// The files below a folder, unfinished ones left out.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, FollowFault> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(inner) = waiting.pop() {
        let here = folder.join(&inner);
        if !here.is_dir() {
            continue;
        }
        for file in fs::read_dir(&here).map_err(FollowFault::disk(&here))? {
            let file = file.map_err(FollowFault::disk(&here))?;
            let inner = inner.join(file.file_name());
            let ending = inner.extension().and_then(|ending| ending.to_str());
            if file.path().is_dir() {
                waiting.push(inner);
            } else if ending != Some(disk::UNFINISHED) {
                found.push(inner);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_ready_is_moved_after_a_cut_and_what_was_not_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let [next, copy, own] = ["next", "copy", "own"].map(|name| folder.path().join(name));
        let put = |path: PathBuf, text: &str| disk::replace(&path, text.as_bytes(), false).unwrap();
        let text = |name: &str| fs::read_to_string(copy.join(name)).unwrap_or_default();
        for name in ["checkpoint", "tile/0/000", "policy", "2/checkpoint"] {
            put(next.join(TREE).join(name), "new");
        }
        put(own.join("x"), "");
        put(copy.join("checkpoint"), "old");
        recover(&next, &copy, &own).unwrap();
        assert_eq!((text("checkpoint"), text("policy")), ("old".into(), String::new()));
        // Cut off when one file was moved.
        put(next.join(READY), "");
        put(next.join(KEPT), "state");
        put(copy.join("tile/0/000"), "new");
        fs::remove_file(next.join(TREE).join("tile/0/000")).unwrap();
        recover(&next, &copy, &own).unwrap();
        for name in ["checkpoint", "tile/0/000", "policy", "2/checkpoint"] {
            assert_eq!(text(name), "new", "{name}");
        }
        assert_eq!(fs::read_to_string(own.join(KEPT)).unwrap(), "state");
        assert!(!next.exists());
        put(next.join(TREE).join("policy"), "new");
        put(next.join(TREE).join("disclosures.jsonl"), "x");
        assert_eq!(commit(&next, &copy, &own).unwrap(), 1);
        assert_eq!(turn(Path::new("2/checkpoint")), LAST);
        assert!(turn(Path::new("cosigned")) > turn(Path::new("2/checkpoint")));
        assert!(turn(Path::new("checkpoints/7")) < LAST);
    }
}
