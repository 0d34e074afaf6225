//! Hash tiles, recomputed while the leaves pass by: at most 256 hashes of each level are kept.

use serde::{Deserialize, Serialize};

use super::nodes::root_of;
use super::source::{Source, SourceFault};
use crate::ledger::tree::{Hash, TilePath, TreeFault};

/// Hashes in a full tile.
const WIDTH: usize = 256;

/// The open tile of each level.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Tiles {
    levels: Vec<Level>,
    #[serde(skip)]
    compared: u64,
}

#[derive(Default, Serialize, Deserialize)]
struct Level {
    index: u64,
    hashes: Vec<Hash>,
}

/// Why a tile does not hold.
#[derive(Debug, thiserror::Error)]
pub(super) enum TileFault {
    #[error(transparent)]
    Source(#[from] SourceFault),
    #[error(transparent)]
    Tree(#[from] TreeFault),
    #[error("{0} is missing")]
    Missing(TilePath),
    #[error("{path} is not the tile of these entries")]
    Differs { path: TilePath, seq: Option<u64> },
}

impl TileFault {
    /// The first entry whose hash the tile does not hold, when it is a tile of leaves.
    pub const fn seq(&self) -> Option<u64> {
        match self {
            Self::Differs { seq, .. } => *seq,
            _ => None,
        }
    }
}

impl Tiles {
    /// Takes the next leaf, and compares each tile that it fills.
    pub fn append(&mut self, leaf: Hash, source: &Source) -> Result<(), TileFault> {
        let (mut level, mut hash) = (0, leaf);
        loop {
            if self.levels.len() == level {
                self.levels.push(Level::default());
            }
            let open = &mut self.levels[level];
            open.hashes.push(hash);
            if open.hashes.len() < WIDTH {
                return Ok(());
            }
            let full = std::mem::take(&mut open.hashes);
            let index = open.index;
            open.index += 1;
            self.compare(level, index, &full, source)?;
            self.compared += 1;
            hash = root_of(&full);
            level += 1;
        }
    }

    /// Compares the partial tiles at the end; how many tiles there were in all.
    pub fn finish(&mut self, source: &Source) -> Result<u64, TileFault> {
        for (level, open) in self.levels.iter().enumerate() {
            if !open.hashes.is_empty() {
                self.compare(level, open.index, &open.hashes, source)?;
                self.compared += 1;
            }
        }
        Ok(std::mem::take(&mut self.compared))
    }

    fn compare(
        &self,
        level: usize,
        index: u64,
        hashes: &[Hash],
        source: &Source,
    ) -> Result<(), TileFault> {
        let level = u8::try_from(level).unwrap_or(u8::MAX);
        let width = u16::try_from(hashes.len()).unwrap_or(u16::MAX);
        let path = TilePath::hashes(level, index, width)?;
        let found = source.read(&path.to_string())?.ok_or(TileFault::Missing(path))?;
        let same =
            |(at, hash): (usize, &Hash)| found.get(at * 32..at * 32 + 32) == Some(&hash.0[..]);
        let first = hashes.iter().enumerate().position(|pair| !same(pair));
        if first.is_none() && found.len() == hashes.len() * 32 {
            return Ok(());
        }
        let full = u64::try_from(WIDTH).unwrap_or(0);
        let seq = first.filter(|_| level == 0).and_then(|at| u64::try_from(at).ok());
        Err(TileFault::Differs { path, seq: seq.map(|at| index * full + at) })
    }
}
