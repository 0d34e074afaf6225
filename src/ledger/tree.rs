//! The Merkle tree of RFC 6962 / RFC 9162 over the ledger's entries: hashes, appending, proofs.
//!
//! Only complete subtrees are stored, by level and index; every root, proof and tile of every
//! published size follows from those. Index arithmetic and proofs are those of `tlog_tiles`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tlog_tiles::tlog;

mod frontier;
mod tiles;

pub use frontier::Frontier;
pub use tiles::{
    BUNDLE_WIDTH, TileKind, TilePath, encode_bundle, entry_tiles_between, hash_tiles_between,
    parse_bundle,
};

/// The largest tree that is written or proved from: sequence numbers are JSON integers, at most
/// 2^53 − 1. Proofs are verified for any size.
pub const LARGEST_SIZE: u64 = (1 << 53) - 1;

/// The longest proof of any tree in hashes; a longer one is refused before any work.
const LONGEST_PROOF: usize = 65;

/// Why a tree operation was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeFault {
    /// A hash that is not 64 lower-case hex digits or the base64 of 32 bytes.
    #[error("hash {0:?}: must be 32 bytes, as 64 lower-case hex digits or padded base64")]
    HashForm(String),
    /// An index or size outside the tree.
    #[error("{asked} is outside a tree of size {size}")]
    Outside {
        /// The index or smaller size asked for.
        asked: u64,
        /// The size of the tree.
        size: u64,
    },
    /// A stored node that should be there is not.
    #[error("tree node {index} of level {level} is missing: the store is damaged")]
    Missing {
        /// The node's level, leaves being 0.
        level: u8,
        /// The node's index within its level.
        index: u64,
    },
    /// The store could not be read.
    #[error("tree nodes could not be read: {0}")]
    Store(String),
    /// A proof that does not lead to the root.
    #[error("the proof does not lead to the root hash")]
    Proof,
    /// A saved right edge that no tree has.
    #[error("a frontier of {hashes} hashes does not belong to a tree of size {size}")]
    Frontier {
        /// Hashes given.
        hashes: usize,
        /// Size given.
        size: u64,
    },
    /// A path that is not exactly as C2SP tlog-tiles writes it.
    #[error("tile path {0:?}: must be tile/<level>/<index>[.p/<width>] or tile/entries/…")]
    TilePath(String),
    /// An entry too long for the 16-bit length of a bundle, or empty.
    #[error("an entry of {0} bytes cannot stand in a bundle: 1 to 65535 are allowed")]
    EntryLength(usize),
    /// A bundle that ends within an entry, or holds another number of entries than its width.
    #[error("entry bundle: {found} whole entries, must be exactly {expected}")]
    Bundle {
        /// Whole entries found.
        found: usize,
        /// The width of the bundle.
        expected: usize,
    },
}

/// A SHA-256 hash of a leaf, node or root. Text form: 64 lower-case hex digits.
#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// The root of the tree without leaves, SHA-256 of nothing (RFC 6962 section 2.1).
pub const EMPTY_ROOT: Hash = Hash(tlog::EMPTY_HASH.0);

impl Hash {
    /// Sixty-four zeros: `prev` of entry 0.
    pub const ZERO: Self = Self([0; 32]);

    /// The padded standard base64 form that checkpoints and proofs use.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// Reads [`Hash::to_base64`], and only that spelling.
    ///
    /// # Errors
    /// [`TreeFault::HashForm`].
    pub fn from_base64(text: &str) -> Result<Self, TreeFault> {
        let bytes = BASE64_STANDARD.decode(text).ok().and_then(|raw| raw.try_into().ok());
        bytes.map(Self).ok_or_else(|| TreeFault::HashForm(text.to_owned()))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = TreeFault;

    fn from_str(text: &str) -> Result<Self, TreeFault> {
        let malformed = || TreeFault::HashForm(text.to_owned());
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| malformed())?;
        // The hex crate takes capitals too; the ledger has one spelling.
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(malformed());
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl From<tlog::Hash> for Hash {
    fn from(hash: tlog::Hash) -> Self {
        Self(hash.0)
    }
}

impl From<Hash> for tlog::Hash {
    fn from(hash: Hash) -> Self {
        Self(hash.0)
    }
}

/// `SHA-256(0x00 ‖ bytes)`, the hash of an entry (RFC 6962 section 2.1).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    tlog::record_hash(bytes).into()
}

/// `SHA-256(bytes)`, the digest of a file that the ledger names.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    use sha2::Digest;
    Hash(sha2::Sha256::digest(bytes).into())
}

/// `SHA-256(0x01 ‖ left ‖ right)`, the hash of an inner node (RFC 6962 section 2.1).
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    tlog::node_hash(left.into(), right.into()).into()
}

/// The place of a stored node: the `index`-th complete subtree of 2^`level` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoredIndex {
    /// 0 for leaves.
    pub level: u8,
    /// From 0, left to right within the level.
    pub index: u64,
}

impl StoredIndex {
    fn from_dense(dense: u64) -> Self {
        let (level, index) = tlog::split_stored_hash_index(dense);
        Self { level, index }
    }
}

/// The nodes needed for the root at `size`, left to right.
///
/// # Errors
/// [`TreeFault::Outside`] beyond [`LARGEST_SIZE`].
pub fn root_nodes(size: u64) -> Result<Vec<StoredIndex>, TreeFault> {
    check_size(size)?;
    Ok(wanted(|recorder| tlog::tree_hash(size, recorder).map(drop)))
}

/// The nodes needed to prove entry `index` in the tree of `size`, for a store that reads them
/// ahead.
///
/// # Errors
/// [`TreeFault::Outside`].
pub fn inclusion_nodes(index: u64, size: u64) -> Result<Vec<StoredIndex>, TreeFault> {
    check_inclusion(index, size)?;
    Ok(wanted(|recorder| tlog::prove_record(size, index, recorder).map(drop)))
}

/// The nodes needed to prove that the tree of size `old` is a beginning of that of size `new`.
///
/// # Errors
/// [`TreeFault::Outside`].
pub fn consistency_nodes(old: u64, new: u64) -> Result<Vec<StoredIndex>, TreeFault> {
    check_consistency(old, new)?;
    Ok(wanted(|recorder| tlog::prove_tree(new, old, recorder).map(drop)))
}

const fn check_size(size: u64) -> Result<(), TreeFault> {
    if size > LARGEST_SIZE {
        return Err(TreeFault::Outside { asked: size, size: LARGEST_SIZE });
    }
    Ok(())
}

fn check_inclusion(index: u64, size: u64) -> Result<(), TreeFault> {
    check_size(size)?;
    if index >= size { Err(TreeFault::Outside { asked: index, size }) } else { Ok(()) }
}

fn check_consistency(old: u64, new: u64) -> Result<(), TreeFault> {
    check_size(new)?;
    if old > new { Err(TreeFault::Outside { asked: old, size: new }) } else { Ok(()) }
}

/// Runs a prover of `tlog_tiles` against a reader that notes down what is asked for.
fn wanted(run: impl FnOnce(&Recorder) -> Result<(), tlog::Error>) -> Vec<StoredIndex> {
    let recorder = Recorder(RefCell::new(Vec::new()));
    // A consistency proof from size 0 is refused there; it needs no node, and none is recorded.
    let _ = run(&recorder);
    recorder.0.into_inner()
}

struct Recorder(RefCell<Vec<StoredIndex>>);

impl tlog::HashReader for Recorder {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        self.0.borrow_mut().extend(indexes.iter().copied().map(StoredIndex::from_dense));
        Ok(vec![tlog::EMPTY_HASH; indexes.len()])
    }
}

/// Stored nodes, and what follows from them.
pub trait Nodes {
    /// The hashes at the given places, in the same order.
    ///
    /// # Errors
    /// [`TreeFault::Missing`] or [`TreeFault::Store`].
    fn read(&self, places: &[StoredIndex]) -> Result<Vec<Hash>, TreeFault>;

    /// The root at `size`; [`EMPTY_ROOT`] at 0.
    ///
    /// # Errors
    /// [`TreeFault`] of the reader, or a size out of range.
    fn root_at(&self, size: u64) -> Result<Hash, TreeFault> {
        check_size(size)?;
        Reader::run(self, |reader| tlog::tree_hash(size, reader)).map(Hash::from)
    }

    /// The proof that entry `index` is in the tree of `size`, the leaf's sibling first
    /// (RFC 6962 section 2.1.1).
    ///
    /// # Errors
    /// [`TreeFault`] of the reader, or an index out of range.
    fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, TreeFault> {
        check_inclusion(index, size)?;
        let proof = Reader::run(self, |reader| tlog::prove_record(size, index, reader))?;
        Ok(proof.into_iter().map(Hash::from).collect())
    }

    /// The proof that the tree of size `old` is a beginning of that of size `new` (RFC 6962
    /// section 2.1.2); empty from 0 and between equal sizes.
    ///
    /// # Errors
    /// [`TreeFault`] of the reader, or sizes out of range.
    fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, TreeFault> {
        check_consistency(old, new)?;
        if old == 0 {
            return Ok(Vec::new());
        }
        let proof = Reader::run(self, |reader| tlog::prove_tree(new, old, reader))?;
        Ok(proof.into_iter().map(Hash::from).collect())
    }

    /// The bytes of a hash tile: the first `width` hashes (1 to 256) of the `n`-th tile of
    /// `level`, 32 bytes each (C2SP tlog-tiles).
    ///
    /// # Errors
    /// [`TreeFault`] of the reader, or a tile that no tree has.
    fn hash_tile_bytes(&self, level: u8, n: u64, width: u16) -> Result<Vec<u8>, TreeFault> {
        let places = TilePath::hashes(level, n, width)?.nodes()?;
        let hashes = read_exactly(self, &places)?;
        Ok(hashes.iter().flat_map(|hash| hash.0).collect())
    }
}

impl<S: BuildHasher> Nodes for HashMap<StoredIndex, Hash, S> {
    fn read(&self, places: &[StoredIndex]) -> Result<Vec<Hash>, TreeFault> {
        let find = |place: &StoredIndex| {
            let missing = TreeFault::Missing { level: place.level, index: place.index };
            self.get(place).copied().ok_or(missing)
        };
        places.iter().map(find).collect()
    }
}

fn read_exactly<N: Nodes + ?Sized>(
    nodes: &N,
    places: &[StoredIndex],
) -> Result<Vec<Hash>, TreeFault> {
    let hashes = nodes.read(places)?;
    if hashes.len() == places.len() {
        Ok(hashes)
    } else {
        Err(TreeFault::Store(format!("{} nodes for {} asked", hashes.len(), places.len())))
    }
}

/// Lets `tlog_tiles` read [`Nodes`], and keeps the fault that its own error type cannot carry.
struct Reader<'a, N: ?Sized> {
    nodes: &'a N,
    fault: RefCell<Option<TreeFault>>,
}

impl<'a, N: Nodes + ?Sized> Reader<'a, N> {
    fn run<T>(
        nodes: &'a N,
        prove: impl FnOnce(&Self) -> Result<T, tlog::Error>,
    ) -> Result<T, TreeFault> {
        let reader = Self { nodes, fault: RefCell::new(None) };
        prove(&reader).map_err(|error| {
            reader.fault.take().unwrap_or_else(|| TreeFault::Store(error.to_string()))
        })
    }
}

impl<N: Nodes + ?Sized> tlog::HashReader for Reader<'_, N> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let places: Vec<_> = indexes.iter().copied().map(StoredIndex::from_dense).collect();
        match read_exactly(self.nodes, &places) {
            Ok(hashes) => Ok(hashes.into_iter().map(tlog::Hash::from).collect()),
            Err(fault) => {
                self.fault.replace(Some(fault));
                Err(tlog::Error::IndexesNotInTree)
            }
        }
    }
}

/// Verifies that the tree of `size` with `root` has the leaf hash `leaf` at `index`
/// (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// [`TreeFault::Outside`] or [`TreeFault::Proof`].
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: Hash,
) -> Result<(), TreeFault> {
    if index >= size {
        return Err(TreeFault::Outside { asked: index, size });
    }
    let proof = checked_proof(proof)?;
    tlog::check_record(&proof, size, root.into(), index, leaf.into()).map_err(|_| TreeFault::Proof)
}

/// Verifies that the tree of size `old` with `old_root` is a beginning of the tree of size `new`
/// with `new_root` (RFC 9162 section 2.1.4.2). From size 0, and between equal sizes, the proof
/// must be empty.
///
/// # Errors
/// [`TreeFault::Outside`] or [`TreeFault::Proof`].
pub fn verify_consistency(
    old: u64,
    old_root: Hash,
    new: u64,
    new_root: Hash,
    proof: &[Hash],
) -> Result<(), TreeFault> {
    if old > new {
        return Err(TreeFault::Outside { asked: old, size: new });
    }
    if old == 0 {
        let empty = old_root == EMPTY_ROOT && (new > 0 || new_root == EMPTY_ROOT);
        return if empty && proof.is_empty() { Ok(()) } else { Err(TreeFault::Proof) };
    }
    let proof = checked_proof(proof)?;
    tlog::check_tree(&proof, new, new_root.into(), old, old_root.into())
        .map_err(|_| TreeFault::Proof)
}

/// The root at size `old` that a consistency proof to the tree of `new` with `new_root` is about;
/// `None` when it does not lead to that root, and when `old` is a power of two: such a proof leaves
/// the old root out (RFC 9162 section 2.1.4.2). Whoever signed the new root is bound by it to this
/// old one.
#[must_use]
pub fn old_root_of_proof(old: u64, new: u64, new_root: Hash, proof: &[Hash]) -> Option<Hash> {
    if old == 0 || old >= new || old.is_power_of_two() {
        return None;
    }
    let (first, rest) = proof.split_first()?;
    let (mut left, mut right) = (old - 1, new - 1);
    while left & 1 == 1 {
        (left, right) = (left >> 1, right >> 1);
    }
    let (mut old_root, mut root) = (*first, *first);
    for hash in rest {
        if right == 0 {
            return None;
        }
        if left & 1 == 1 || left == right {
            (old_root, root) = (node_hash(*hash, old_root), node_hash(*hash, root));
            while left & 1 == 0 && left != 0 {
                (left, right) = (left >> 1, right >> 1);
            }
        } else {
            root = node_hash(root, *hash);
        }
        (left, right) = (left >> 1, right >> 1);
    }
    (right == 0 && root == new_root).then_some(old_root)
}

fn checked_proof(proof: &[Hash]) -> Result<Vec<tlog::Hash>, TreeFault> {
    if proof.len() > LONGEST_PROOF {
        return Err(TreeFault::Proof);
    }
    Ok(proof.iter().copied().map(tlog::Hash::from).collect())
}

#[cfg(test)]
mod tests;
