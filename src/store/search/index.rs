//! The rows that are searched. New ones are written with what they stand for; those of an older
//! database, or of an older way of reading words, are made anew at the start.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::references::Blinded;
use super::{blinded, words};
use crate::ledger::disclosure::Disclosure;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::store::database::{execute, first, give_up, places, query};
use crate::store::desk::vault::Vault;
use crate::store::desk::{Chapter, DeskFault};
use crate::store::nodes::number;
use crate::store::{Shared, StoreFault};

/// How words and references are made: another number makes all rows anew.
const MADE: i64 = 1;
/// Rows read and written at a time.
const CHUNK: usize = 500;

/// Writes the words of a name that is published from now on.
pub(in crate::store) async fn index_name(
    write: &impl ConnectionTrait,
    chapter: i64,
    (voucher, digest, seq): (&VoucherId, &str, u64),
    name: &str,
) -> Result<(), DbErr> {
    let words = words::words(name);
    if words.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO search_names (chapter, voucher, digest, word, seq) VALUES {} \
         ON CONFLICT DO NOTHING",
        places(words.len(), 5)
    );
    let row = |word: String| -> [Value; 5] {
        let voucher = voucher.as_str();
        [chapter.into(), voucher.into(), digest.into(), word.into(), number(seq).into()]
    };
    execute(write, &sql, words.into_iter().flat_map(row)).await.map(drop)
}

/// Writes blinded references of a private value.
pub(in crate::store) async fn index_references(
    write: &impl ConnectionTrait,
    chapter: i64,
    (voucher, digest): (&VoucherId, &str),
    all: &[Blinded],
) -> Result<(), DbErr> {
    if all.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO search_references (chapter, voucher, digest, blind) VALUES {} \
         ON CONFLICT DO NOTHING",
        places(all.len(), 4)
    );
    let row = |blind: &Blinded| -> [Value; 4] {
        [chapter.into(), voucher.as_str().into(), digest.into(), blind.to_vec().into()]
    };
    execute(write, &sql, all.iter().flat_map(row)).await.map(drop)
}

/// Makes the rows of a chapter anew where they are older than this program.
///
/// # Errors
/// [`DeskFault`]: the database, or a sealed value that does not open.
pub(in crate::store) async fn remake_if_behind(
    shared: &Shared,
    vault: &Vault,
    chapter: &Chapter,
    lock: i64,
) -> Result<(), DeskFault> {
    let made = "SELECT made FROM search_state WHERE chapter = ?";
    let row = first(shared.database.reader(), made, [chapter.id.into()]).await?;
    let made: i64 = row.map_or(Ok(0), |row| row.try_get("", "made"))?;
    if made == MADE { Ok(()) } else { remake(shared, vault, chapter, lock).await }
}

/// Makes the rows of a chapter anew, in one transaction.
///
/// # Errors
/// As for [`remake_if_behind`].
pub(in crate::store) async fn remake(
    shared: &Shared,
    vault: &Vault,
    chapter: &Chapter,
    lock: i64,
) -> Result<(), DeskFault> {
    let write = shared.database.begin_write(lock).await?;
    match make(&write, vault, chapter).await {
        Ok(()) => Ok(write.commit().await?),
        Err(fault) => {
            give_up(write).await;
            Err(fault)
        }
    }
}

async fn make(
    write: &impl ConnectionTrait,
    vault: &Vault,
    chapter: &Chapter,
) -> Result<(), DeskFault> {
    for table in ["search_names", "search_references"] {
        let sql = format!("DELETE FROM {table} WHERE chapter = ?");
        execute(write, &sql, [chapter.id.into()]).await?;
    }
    names(write, chapter).await?;
    references(write, vault, chapter).await?;
    let state = "INSERT INTO search_state (chapter, made) VALUES (?, ?) \
        ON CONFLICT (chapter) DO UPDATE SET made = excluded.made";
    execute(write, state, [chapter.id.into(), MADE.into()]).await?;
    Ok(())
}

async fn names(write: &impl ConnectionTrait, chapter: &Chapter) -> Result<(), DeskFault> {
    let mut behind = String::new();
    loop {
        // A voucher has one published name at most.
        let sql = format!(
            "SELECT voucher, digest, seq, disclosure FROM vault_published \
             WHERE chapter = ? AND voucher > ? ORDER BY voucher LIMIT {CHUNK}"
        );
        let values = [chapter.id.into(), behind.as_str().into()];
        let rows = query(write, &sql, values).await?;
        for row in &rows {
            let voucher = voucher_id(row)?;
            let digest: String = row.try_get("", "digest")?;
            let seq: i64 = row.try_get("", "seq")?;
            let text: String = row.try_get("", "disclosure")?;
            let disclosure = Disclosure::parse(&text).map_err(|fault| damaged(&fault))?;
            let of = (&voucher, digest.as_str(), u64::try_from(seq).unwrap_or_default());
            let name = disclosure.value().as_str().unwrap_or_default();
            index_name(write, chapter.id, of, name).await?;
            behind = voucher.to_string();
        }
        if rows.len() < CHUNK {
            return Ok(());
        }
    }
}

/// References of recorded vouchers, and of those that still wait for approval.
async fn references(
    write: &impl ConnectionTrait,
    vault: &Vault,
    chapter: &Chapter,
) -> Result<(), DeskFault> {
    for (table, id, bytes, wanted) in [
        ("entries", "voucher_id", "bytes", "own.kind IN ('donation', 'custody_received')"),
        ("desk_drafts", "id", "voucher", "own.state = 'waiting'"),
    ] {
        let mut behind = String::new();
        loop {
            let sql = format!(
                "SELECT own.{id} AS id, own.{bytes} AS bytes FROM {table} AS own \
                 WHERE own.chapter = ? AND own.{id} > ? AND {wanted} AND EXISTS \
                 (SELECT 1 FROM vault_disclosures AS held WHERE held.chapter = own.chapter \
                 AND held.voucher = own.{id}) ORDER BY own.{id} LIMIT {CHUNK}"
            );
            let values = [chapter.id.into(), behind.as_str().into()];
            let rows = query(write, &sql, values).await?;
            for row in &rows {
                let stored: Vec<u8> = row.try_get("", "bytes")?;
                behind = row.try_get("", "id")?;
                // What can't be read is for the check of the ledger to name.
                let voucher = match table {
                    "entries" => Entry::parse(&stored).ok().map(|entry| entry.signed.voucher),
                    _ => serde_json::from_slice(&stored)
                        .ok()
                        .and_then(|value| Voucher::read(&value).ok()),
                };
                let Some(voucher) = voucher else { continue };
                for (disclosure, digest) in vault.quietly(write, chapter, &voucher.id).await? {
                    let all = blinded(vault, chapter, &voucher, &disclosure);
                    index_references(write, chapter.id, (&voucher.id, &digest), &all).await?;
                }
            }
            if rows.len() < CHUNK {
                break;
            }
        }
    }
    Ok(())
}

fn voucher_id(row: &QueryResult) -> Result<VoucherId, DeskFault> {
    let text: String = row.try_get("", "voucher")?;
    text.parse().map_err(|fault| damaged(&fault))
}

fn damaged(fault: &dyn std::fmt::Display) -> DeskFault {
    StoreFault::damaged("a published name", fault).into()
}
