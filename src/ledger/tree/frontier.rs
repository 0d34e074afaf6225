//! The right edge of the tree: all that appending needs, in O(log n) memory.

use serde::{Deserialize, Serialize};

use super::{EMPTY_ROOT, Hash, Nodes, StoredIndex, TreeFault, check_size, node_hash, root_nodes};

/// The roots of the complete subtrees that make up a tree of `size` leaves, the largest first: one
/// for each 1 in the binary form of `size`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    size: u64,
    hashes: Vec<Hash>,
}

impl From<Frontier> for Saved {
    fn from(frontier: Frontier) -> Self {
        Self { size: frontier.size, hashes: frontier.hashes }
    }
}

impl TryFrom<Saved> for Frontier {
    type Error = TreeFault;

    fn try_from(saved: Saved) -> Result<Self, TreeFault> {
        Self::from_hashes(saved.size, saved.hashes)
    }
}

impl Frontier {
    /// The edge of the empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The edge from its hashes, the largest subtree first.
    ///
    /// # Errors
    /// [`TreeFault::Frontier`] when the number of hashes is not that of `size`.
    pub fn from_hashes(size: u64, hashes: Vec<Hash>) -> Result<Self, TreeFault> {
        check_size(size)?;
        if u64::from(size.count_ones()) == hashes.len() as u64 {
            Ok(Self { size, hashes })
        } else {
            Err(TreeFault::Frontier { hashes: hashes.len(), size })
        }
    }

    /// The edge at `size`, from stored nodes.
    ///
    /// # Errors
    /// [`TreeFault`] of the reader.
    pub fn read(size: u64, nodes: &impl Nodes) -> Result<Self, TreeFault> {
        Self::from_hashes(size, nodes.read(&root_nodes(size)?)?)
    }

    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash and returns the nodes to store: the leaf, then each subtree that it
    /// completes, upwards.
    pub fn append(&mut self, leaf: Hash) -> Vec<(StoredIndex, Hash)> {
        let (mut place, mut hash) = (StoredIndex { level: 0, index: self.size }, leaf);
        let mut stored = vec![(place, hash)];
        while place.index % 2 == 1 {
            // An odd index has its left sibling at the end of the edge.
            let Some(left) = self.hashes.pop() else { break };
            hash = node_hash(left, hash);
            place = StoredIndex { level: place.level + 1, index: place.index / 2 };
            stored.push((place, hash));
        }
        self.hashes.push(hash);
        self.size += 1;
        stored
    }

    /// The root; [`EMPTY_ROOT`] of the empty tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let fold = |right: Hash, left: &Hash| node_hash(*left, right);
        match self.hashes.split_last() {
            None => EMPTY_ROOT,
            Some((last, left)) => left.iter().rev().fold(*last, fold),
        }
    }
}
