//! Reads committed entries back and compares them with what was meant to be written.

use sea_orm::ConnectionTrait;

use super::database::query;
use super::fault::StoreFault;
use super::nodes::number;
use super::state::{self, State};
use crate::ledger::entry::leaf_hash;
use crate::ledger::tree::Hash;

/// Compares the newest entries, hashed again, and the stored head. `new` are the leaf hashes that
/// the entries behind the state's last ones were given.
pub(super) async fn compare(
    connection: &impl ConnectionTrait,
    chapter: i64,
    state: &State,
    new: &[Hash],
) -> Result<(), StoreFault> {
    let mut first = state.size().saturating_sub(new.len() as u64);
    for new in new.chunks(1_000) {
        let behind = first + new.len() as u64;
        let sql = "SELECT bytes, leaf_hash FROM entries \
            WHERE chapter = ? AND seq >= ? AND seq < ? ORDER BY seq";
        let values = [chapter, number(first), number(behind)].map(Into::into);
        let rows = query(connection, sql, values).await?;
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
        first = behind;
    }
    // Another instance may have appended since; only what is missing is a fault.
    let head = state::head(connection, chapter).await?;
    if head.size < state.size() || (head.size == state.size() && !state.is_at(&head)) {
        return Err(StoreFault::damaged("the stored head", "read back it is another"));
    }
    Ok(())
}
