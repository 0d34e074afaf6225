//! The published tree as plain files, fit for any static host.
//!
//! Every file is written beside its place, made durable and put there by a rename; `checkpoint`
//! comes last but for `cosigned`. Whoever reads the folder meanwhile sees a whole earlier tree or
//! the whole new one.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::tree::{CHUNK, Tree, TreeReadFault};
use crate::disk::{self, UNFINISHED, Unfinished};
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::tree::{TilePath, entry_tiles_between, hash_tiles_between};

/// What lies in the folder of an export.
const OWN: [&str; 8] = [
    "checkpoint",
    "checkpoints",
    "cosigned",
    "disclosures.jsonl",
    "entries.jsonl",
    "policy",
    "statements",
    "tile",
];

/// Why nothing (more) was exported. The earlier tree in the folder, if any, is still whole.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// The folder holds something else.
    #[error("{path}: not part of an export: give an empty folder, or one of an earlier export")]
    Foreign {
        /// What was found.
        path: PathBuf,
    },
    /// The folder holds the export of another ledger, or of a history that this one does not
    /// continue.
    #[error("{path}: {reason}: give another folder")]
    Other {
        /// The checkpoint in the folder.
        path: PathBuf,
        /// What is different.
        reason: String,
    },
    /// A file could not be written.
    #[error("{path}: {reason}: check that there is room and that the folder may be written to")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] TreeReadFault),
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Entries.
    pub size: u64,
    /// Files written; those that were there already are not counted.
    pub files: u64,
}

/// Writes the whole tree into `folder`, which is made when it is missing. An earlier export of the
/// same ledger there is brought up to date; its old partial tiles stay, they are still true.
///
/// # Errors
/// [`ExportFault`].
pub async fn export(tree: &Tree, folder: &Path) -> Result<Exported, ExportFault> {
    disk::make_folder(folder, false).map_err(|fault| file(folder, &fault))?;
    look_at(tree, folder).await?;
    let mut out = Out { folder, files: 0 };
    let tiles = |tiles: Result<Vec<TilePath>, _>| tiles.map_err(TreeReadFault::from);
    let mut paths = tiles(hash_tiles_between(0, tree.size()))?;
    paths.extend(tiles(entry_tiles_between(0, tree.size()))?);
    for path in paths {
        if let Some(bytes) = tree.tile(&path).await? {
            out.put(&path.to_string(), &bytes)?;
        }
    }
    out.stream("entries.jsonl", tree, Lines::Entries).await?;
    out.stream("disclosures.jsonl", tree, Lines::Disclosures).await?;
    let mut sizes = vec![tree.size()];
    sizes.extend(tree.cosigned_size().await?);
    for (name, seq) in tree.statements().await? {
        if let Some(bytes) = tree.statement(&name).await? {
            out.put(&format!("statements/{name}.json"), &bytes)?;
        }
        sizes.push(seq + 1);
    }
    for size in sizes {
        if let Some(checkpoint) = tree.checkpoint_at(size).await? {
            out.put(&format!("checkpoints/{size}"), checkpoint.as_bytes())?;
        }
    }
    out.put("policy", tree.policy()?.as_bytes())?;
    out.put("checkpoint", tree.newest().await?.as_bytes())?;
    // An older one beside a newer checkpoint is true, the other way round it is not.
    if let Some(cosigned) = tree.cosigned().await? {
        out.put("cosigned", cosigned.as_bytes())?;
    }
    Ok(Exported { size: tree.size(), files: out.files })
}

/// Writes every ledger of a chapter, the newest last: the first into `folder` itself, those that
/// continue it into `folder/2`, `folder/3` …, as they lie on the site.
///
/// # Errors
/// [`ExportFault`].
pub async fn export_all(trees: &[Tree], folder: &Path) -> Result<Exported, ExportFault> {
    let mut all = Exported { size: 0, files: 0 };
    for tree in trees {
        let own = match tree.ledger().generation() {
            1 => folder.to_owned(),
            number => folder.join(number.to_string()),
        };
        let done = export(tree, &own).await?;
        all = Exported { size: all.size + done.size, files: all.files + done.files };
    }
    Ok(all)
}

/// The folder of a ledger that continues another: `2`, `3` …
fn is_generation(name: &str) -> bool {
    name.parse::<u32>().is_ok_and(|number| number >= 2 && number.to_string() == name)
}

/// Refuses a folder that holds anything but an earlier export of this very history.
async fn look_at(tree: &Tree, folder: &Path) -> Result<(), ExportFault> {
    let entries = fs::read_dir(folder).map_err(|fault| file(folder, &fault))?;
    for entry in entries {
        let entry = entry.map_err(|fault| file(folder, &fault))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let own = name.strip_suffix(&format!(".{UNFINISHED}")).unwrap_or(&name);
        if !OWN.contains(&own) && !is_generation(own) {
            return Err(ExportFault::Foreign { path: entry.path() });
        }
    }
    let path = folder.join("checkpoint");
    if !path.exists() {
        return Ok(());
    }
    let other = |reason: String| ExportFault::Other { path: path.clone(), reason };
    let bytes = fs::read(&path).map_err(|fault| file(&path, &fault))?;
    let there = SignedCheckpoint::parse(&bytes).map_err(|fault| other(fault.to_string()))?;
    let there = there.checkpoint();
    if there.origin != tree.origin() {
        return Err(other(format!("it belongs to {}", there.origin)));
    }
    let ours = tree.checkpoint_at(there.size).await?;
    let ours = ours.and_then(|text| SignedCheckpoint::parse(text.as_bytes()).ok());
    match ours {
        Some(ours) if ours.checkpoint().root == there.root => Ok(()),
        Some(_) => Err(other(format!("its first {} entries are other ones", there.size))),
        None => Err(other(format!("it has {} entries, more than this ledger", there.size))),
    }
}

/// Which file of lines.
#[derive(Clone, Copy)]
enum Lines {
    Entries,
    Disclosures,
}

/// The folder that is being written.
struct Out<'a> {
    folder: &'a Path,
    files: u64,
}

impl Out<'_> {
    /// Puts a file into its place, unless the same is there already.
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportFault> {
        let path = self.folder.join(name);
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        disk::replace(&path, bytes, false).map_err(|fault| file(&path, &fault))?;
        self.files += 1;
        Ok(())
    }

    /// Writes a file of lines, some entries at a time.
    async fn stream(&mut self, name: &str, tree: &Tree, lines: Lines) -> Result<(), ExportFault> {
        let path = self.folder.join(name);
        let fault = |fault: std::io::Error| file(&path, &fault);
        let mut new = Unfinished::create(&path, false).map_err(fault)?;
        let mut first = 0;
        while first < tree.size() {
            let end = tree.size().min(first + CHUNK);
            let part = match lines {
                Lines::Entries => tree.entry_lines(first, end).await?,
                Lines::Disclosures => tree.disclosure_lines(first, end).await?,
            };
            new.write_all(&part).map_err(fault)?;
            first = end;
        }
        new.finish().map_err(fault)?;
        self.files += 1;
        Ok(())
    }
}

fn file(path: &Path, fault: &std::io::Error) -> ExportFault {
    ExportFault::File { path: path.to_owned(), reason: fault.to_string() }
}
