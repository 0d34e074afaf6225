//! The nodes of a published tree, read from its tiles as somebody asks for them (C2SP tlog-tiles).

use std::cell::RefCell;
use std::collections::HashMap;

use super::source::{Source, SourceFault};
use crate::ledger::tree::{BUNDLE_WIDTH, Hash, Nodes, StoredIndex, TilePath, TreeFault, node_hash};

/// Levels of a tree that one level of tiles spans.
const HEIGHT: u8 = 8;

/// The nodes of a tree of some size. What is read is not verified: only a root that was signed
/// says whether the nodes are its own.
pub struct TileNodes<'a> {
    source: &'a Source,
    size: u64,
    tiles: RefCell<HashMap<(u8, u64), Vec<Hash>>>,
    fault: RefCell<Option<SourceFault>>,
}

impl<'a> TileNodes<'a> {
    /// The nodes of the tree of `size` leaves that lies in `source`.
    #[must_use]
    pub fn new(source: &'a Source, size: u64) -> Self {
        Self { source, size, tiles: RefCell::default(), fault: RefCell::default() }
    }

    /// Why a tile could not be read, when that was the reason of a fault.
    #[must_use]
    pub fn fault(&self) -> Option<SourceFault> {
        self.fault.take()
    }

    /// The hashes of the `index`-th tile of a level, as many as the tree has.
    ///
    /// # Errors
    /// [`TreeFault::Missing`] when it is not there or holds fewer.
    pub fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, TreeFault> {
        if let Some(known) = self.tiles.borrow().get(&(level, index)) {
            return Ok(known.clone());
        }
        let width = width_at(self.size, level, index);
        let missing = TreeFault::Missing { level: level.saturating_mul(HEIGHT), index };
        let width = width.ok_or_else(|| missing.clone())?;
        let bytes = self.bytes(level, index, width)?.ok_or_else(|| missing.clone())?;
        let hashes: Vec<Hash> = bytes
            .as_chunks::<32>()
            .0
            .iter()
            .take(usize::from(width))
            .map(|hash| Hash(*hash))
            .collect();
        if hashes.len() < usize::from(width) {
            return Err(missing);
        }
        self.tiles.borrow_mut().insert((level, index), hashes.clone());
        Ok(hashes)
    }

    /// A partial tile may be gone once the full one is there.
    fn bytes(&self, level: u8, index: u64, width: u16) -> Result<Option<Vec<u8>>, TreeFault> {
        for width in [width, BUNDLE_WIDTH] {
            let path = TilePath::hashes(level, index, width)?;
            match self.source.read(&path.to_string()) {
                Ok(Some(bytes)) => return Ok(Some(bytes)),
                Ok(None) => {}
                Err(fault) => {
                    let said = fault.to_string();
                    self.fault.replace(Some(fault));
                    return Err(TreeFault::Store(said));
                }
            }
        }
        Ok(None)
    }

    fn node(&self, place: StoredIndex) -> Result<Hash, TreeFault> {
        let (level, inner) = (place.level / HEIGHT, place.level % HEIGHT);
        let first = place.index << inner;
        let tile = first / u64::from(BUNDLE_WIDTH);
        let at = usize::try_from(first % u64::from(BUNDLE_WIDTH)).unwrap_or(usize::MAX);
        let hashes = self.tile(level, tile)?;
        let missing = TreeFault::Missing { level: place.level, index: place.index };
        hashes.get(at..at + (1 << inner)).map(root_of).ok_or(missing)
    }
}

impl Nodes for TileNodes<'_> {
    fn read(&self, places: &[StoredIndex]) -> Result<Vec<Hash>, TreeFault> {
        places.iter().map(|place| self.node(*place)).collect()
    }
}

/// How many hashes the `index`-th tile of a level has in a tree of `size` leaves; `None` of none.
#[must_use]
pub fn width_at(size: u64, level: u8, index: u64) -> Option<u16> {
    let hashes = size.checked_shr(u32::from(HEIGHT) * u32::from(level)).unwrap_or(0);
    let before = index.checked_mul(u64::from(BUNDLE_WIDTH))?;
    let left = hashes.checked_sub(before).filter(|left| *left > 0)?;
    Some(u16::try_from(left).unwrap_or(BUNDLE_WIDTH).min(BUNDLE_WIDTH))
}

/// The root over a perfect tree of hashes, as many as a power of two.
#[must_use]
pub fn root_of(hashes: &[Hash]) -> Hash {
    let mut hashes = hashes.to_vec();
    while hashes.len() > 1 {
        hashes = hashes.chunks(2).map(|pair| node_hash(pair[0], pair[pair.len() - 1])).collect();
    }
    hashes.first().copied().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ledger::tree::{Frontier, hash_tiles_between, leaf_hash};

    #[test]
    fn roots_of_every_size_follow_from_the_tiles_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let (mut frontier, mut nodes, mut roots) = (Frontier::new(), HashMap::new(), Vec::new());
        for leaf in 0..700_u32 {
            nodes.extend(frontier.append(leaf_hash(&leaf.to_be_bytes())));
            roots.push(frontier.root());
        }
        for tile in hash_tiles_between(0, 700).unwrap() {
            let path = folder.path().join(tile.to_string());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let bytes = nodes.hash_tile_bytes(tile.level(), tile.index(), tile.width()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let source = Source::Folder(folder.path().to_owned());
        let tiles = TileNodes::new(&source, 700);
        for size in [1_u64, 2, 3, 255, 256, 257, 511, 512, 513, 699, 700] {
            let at = usize::try_from(size).unwrap() - 1;
            assert_eq!(tiles.root_at(size).unwrap(), roots[at], "{size}");
            let proof = tiles.consistency_proof(size, 700).unwrap();
            let new = roots[699];
            crate::ledger::tree::verify_consistency(size, roots[at], 700, new, &proof).unwrap();
        }
        assert_eq!((width_at(700, 0, 2), width_at(700, 1, 0)), (Some(188), Some(2)));
        assert_eq!((width_at(700, 0, 3), width_at(700, 9, 0)), (None, None));
        std::fs::remove_file(folder.path().join("tile/0/001")).unwrap();
        let tiles = TileNodes::new(&source, 700);
        assert!(matches!(tiles.root_at(257), Err(TreeFault::Missing { .. })));
    }
}
