//! Reads committed entries back and compares them with what was meant to be written.

use sea_orm::ConnectionTrait;

use super::database::query;
use super::fault::StoreFault;
use super::nodes::number;
use super::state::{self, State, StoredHead};
use crate::ledger::entry::leaf_hash;
use crate::ledger::tree::Hash;

/// Entries, each with the stored head: one question, which sees both at one moment.
const TEXT: &str = "SELECT bytes, leaf_hash, head_size, head_leaf, head_root FROM entries \
    JOIN chapters ON chapters.id = entries.chapter \
    WHERE chapter = ? AND seq >= ? AND seq < ? ORDER BY seq";

/// Compares the newest entries, hashed again, and the stored head. `new` are the leaf hashes that
/// the entries behind the state's last ones were given.
pub(super) async fn compare(
    connection: &impl ConnectionTrait,
    chapter: i64,
    state: &State,
    new: &[Hash],
) -> Result<(), StoreFault> {
    let mut first = state.size().saturating_sub(new.len() as u64);
    let mut head = None;
    for new in new.chunks(1_000) {
        let behind = first + new.len() as u64;
        let values = [chapter, number(first), number(behind)].map(Into::into);
        let rows = query(connection, TEXT, values).await?;
        if rows.len() != new.len() {
            let reason = format!("{} of {} are there", rows.len(), new.len());
            return Err(StoreFault::damaged("the entries just written", reason));
        }
        for ((row, new), seq) in rows.iter().zip(new).zip(first..) {
            let bytes: Vec<u8> = row.try_get("", "bytes")?;
            let leaf: Vec<u8> = row.try_get("", "leaf_hash")?;
            if leaf_hash(&bytes) != *new || leaf != new.0 {
                let what = format!("entry {seq}");
                return Err(StoreFault::damaged(what, "read back it is another"));
            }
        }
        head = rows.last().map(StoredHead::read).transpose()?;
        first = behind;
    }
    let head = match head {
        Some(head) => head,
        None => state::head(connection, chapter).await?,
    };
    // Another instance may have appended since; only what is missing is a fault.
    if head.size < state.size() || (head.size == state.size() && !state.is_at(&head)) {
        return Err(StoreFault::damaged("the stored head", "read back it is another"));
    }
    Ok(())
}
