//! The stored nodes of a ledger's tree: leaves in `entries`, complete subtrees in `nodes`.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;

use super::database::{places, query};
use super::fault::StoreFault;
use crate::ledger::tree::{
    EMPTY_ROOT, Frontier, Hash, Nodes as _, StoredIndex, consistency_nodes, inclusion_nodes,
    root_nodes,
};

/// The most places asked for in one statement.
const CHUNK: usize = 5_000;

/// Nodes read ahead: what a proof or a tile of one size needs. A [`crate::ledger::tree::Nodes`].
pub type ReadNodes = HashMap<StoredIndex, Hash>;

/// The tree of one ledger: the chapter, and the place of the ledger's entry 0 (above 0 where it
/// continues another).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LedgerTree {
    pub chapter: i64,
    pub before: u64,
}

/// Reads the nodes at `wanted`. One that is missing is missing from the answer.
pub(super) async fn read(
    connection: &impl ConnectionTrait,
    LedgerTree { chapter, before }: LedgerTree,
    wanted: &[StoredIndex],
) -> Result<ReadNodes, StoreFault> {
    let mut found = ReadNodes::with_capacity(wanted.len());
    let (leaves, inner): (Vec<&StoredIndex>, Vec<&StoredIndex>) =
        wanted.iter().partition(|place| place.level == 0);
    for leaves in leaves.chunks(CHUNK) {
        let list = vec!["?"; leaves.len()].join(", ");
        let sql =
            format!("SELECT seq, leaf_hash FROM entries WHERE chapter = ? AND seq IN ({list})");
        let seqs = leaves.iter().map(|place| number(before.saturating_add(place.index)));
        for row in query(connection, &sql, with(chapter, seqs)).await? {
            let index = unsigned(row.try_get("", "seq")?)?.saturating_sub(before);
            let place = StoredIndex { level: 0, index };
            found.insert(place, hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")?);
        }
    }
    for inner in inner.chunks(CHUNK) {
        let sql = format!(
            "SELECT level, place, hash FROM nodes WHERE chapter = ? AND before = ? \
             AND (level, place) IN (VALUES {})",
            places(inner.len(), 2)
        );
        let keys = inner.iter().flat_map(|place| [i64::from(place.level), number(place.index)]);
        let keys = std::iter::once(number(before)).chain(keys);
        for row in query(connection, &sql, with(chapter, keys)).await? {
            let level = u8::try_from(row.try_get::<i64>("", "level")?)
                .map_err(|fault| StoreFault::damaged("tree node", fault))?;
            let place = StoredIndex { level, index: unsigned(row.try_get("", "place")?)? };
            found.insert(place, hash(&row.try_get::<Vec<u8>>("", "hash")?, "tree node")?);
        }
    }
    Ok(found)
}

/// The right edge of the tree at `size`.
pub(super) async fn frontier(
    connection: &impl ConnectionTrait,
    tree: LedgerTree,
    size: u64,
) -> Result<Frontier, StoreFault> {
    let wanted = root_nodes(size).map_err(damaged)?;
    let nodes = read(connection, tree, &wanted).await?;
    Frontier::read(size, &nodes).map_err(damaged)
}

/// The root of the tree at `size`.
pub(super) async fn root(
    connection: &impl ConnectionTrait,
    tree: LedgerTree,
    size: u64,
) -> Result<Hash, StoreFault> {
    if size == 0 {
        return Ok(EMPTY_ROOT);
    }
    let wanted = root_nodes(size).map_err(damaged)?;
    read(connection, tree, &wanted).await?.root_at(size).map_err(damaged)
}

/// The root of the first `size` leaves, from nothing but their hashes.
pub(super) async fn root_of_leaves(
    connection: &impl ConnectionTrait,
    tree: LedgerTree,
    size: u64,
) -> Result<Hash, StoreFault> {
    let LedgerTree { chapter, before } = tree;
    let mut frontier = Frontier::new();
    while frontier.size() < size {
        let sql = "SELECT leaf_hash FROM entries WHERE chapter = ? AND seq >= ? AND seq < ? \
            ORDER BY seq LIMIT 5000";
        let (from, until) = (before + frontier.size(), before.saturating_add(size));
        let values = [chapter, number(from), number(until)].map(Into::into);
        let rows = query(connection, sql, values).await?;
        if rows.is_empty() {
            return Err(StoreFault::damaged(format!("entry {from}"), "missing"));
        }
        for row in rows {
            frontier.append(hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")?);
        }
    }
    Ok(frontier.root())
}

/// The proof that entry `index` is in the tree of `size`.
pub(super) async fn inclusion(
    connection: &impl ConnectionTrait,
    tree: LedgerTree,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, StoreFault> {
    let wanted = inclusion_nodes(index, size).map_err(damaged)?;
    let nodes = read(connection, tree, &wanted).await?;
    nodes.inclusion_proof(index, size).map_err(damaged)
}

/// The proof that the tree of `old` is a beginning of that of `new`.
pub(super) async fn consistency(
    connection: &impl ConnectionTrait,
    tree: LedgerTree,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, StoreFault> {
    let wanted = consistency_nodes(old, new).map_err(damaged)?;
    let nodes = read(connection, tree, &wanted).await?;
    nodes.consistency_proof(old, new).map_err(damaged)
}

fn with(chapter: i64, values: impl Iterator<Item = i64>) -> impl Iterator<Item = sea_orm::Value> {
    std::iter::once(chapter).chain(values).map(Into::into)
}

/// A stored hash.
pub(super) fn hash(bytes: &[u8], what: &str) -> Result<Hash, StoreFault> {
    let bytes = bytes.try_into().map_err(|_| StoreFault::damaged(what, "must be 32 bytes"))?;
    Ok(Hash(bytes))
}

/// A stored count or seq.
pub(super) fn unsigned(stored: i64) -> Result<u64, StoreFault> {
    u64::try_from(stored).map_err(|_| StoreFault::damaged("a count", "below zero"))
}

/// A count or seq as it is stored. Seqs stay below 2^53, so this never cuts.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn damaged(fault: crate::ledger::tree::TreeFault) -> StoreFault {
    StoreFault::damaged("the tree", fault)
}
