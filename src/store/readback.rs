//! Reads committed entries back and compares them with what was meant to be written.

use sea_orm::ConnectionTrait;

use super::attempt::New;
use super::database::query;
use super::fault::StoreFault;
use super::nodes::number;
use super::state::{self, State};
use crate::ledger::entry::leaf_hash;

/// Compares the stored entries, byte for byte and hashed again, and the stored head.
pub(super) async fn compare(
    connection: &impl ConnectionTrait,
    chapter: i64,
    state: &State,
    new: &[New],
) -> Result<(), StoreFault> {
    for new in new.chunks(1_000) {
        let (Some(first), Some(last)) = (new.first(), new.last()) else { continue };
        let sql = "SELECT bytes, leaf_hash FROM entries \
            WHERE chapter = ? AND seq >= ? AND seq <= ? ORDER BY seq";
        let values = [chapter, number(first.seq), number(last.seq)].map(Into::into);
        let rows = query(connection, sql, values).await?;
        if rows.len() != new.len() {
            let reason = format!("{} of {} are there", rows.len(), new.len());
            return Err(StoreFault::damaged("the entries just written", reason));
        }
        for (row, new) in rows.iter().zip(new) {
            let bytes: Vec<u8> = row.try_get("", "bytes")?;
            let leaf: Vec<u8> = row.try_get("", "leaf_hash")?;
            if bytes != new.bytes || leaf_hash(&bytes) != new.leaf || leaf != new.leaf.0 {
                let what = format!("entry {}", new.seq);
                return Err(StoreFault::damaged(what, "read back it is another"));
            }
        }
    }
    // Another instance may have appended since; only what is missing is a fault.
    let head = state::head(connection, chapter).await?;
    if head.size < state.size() || (head.size == state.size() && !state.is_at(&head)) {
        return Err(StoreFault::damaged("the stored head", "read back it is another"));
    }
    Ok(())
}
