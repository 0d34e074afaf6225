//! What of the desk becomes true in the very transaction that records an entry.
//!
//! Keys are made and values sealed before; the steps hold only rows to write and one change that
//! must touch exactly the rows it expects. So an entry is never there without its private values,
//! a draft is recorded once, and a bank line twice refuses the entry with it.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::imports::{self, Batch, Identity};
use super::sql::{self, values};
use super::vault::{PrivateValue, Vault};
use super::{Chapter, DeskFault};
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::ledger::word::{Code, Date, Person};
use crate::store::alongside::{Alongside, Cell, Step};

/// The private values of a voucher that is recorded at once. `connection` writes: data keys that
/// are missing are made and have to be committed before the voucher is recorded.
///
/// # Errors
/// As [`Vault::hold`].
pub async fn private_values<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    voucher: &Voucher,
    private: &[PrivateValue],
    now: DateTime<Utc>,
) -> Result<Alongside, DeskFault> {
    let sealed = vault.seal_values(connection, chapter, voucher, private, now).await?;
    let mut alongside = Alongside::nothing();
    if sealed.is_empty() {
        return Ok(alongside);
    }
    let rows = sealed.into_iter().map(|value| {
        vec![
            Cell::Chapter,
            voucher.id.as_str().into(),
            value.digest.into(),
            Cell::Seq,
            value.subject.into(),
            i64::from(value.of_donor).into(),
            value.sealed.into(),
            now.timestamp().into(),
        ]
    });
    alongside.push(Step::Insert {
        table: "vault_disclosures",
        columns: &[
            "chapter", "voucher", "digest", "seq", "subject", "of_donor", "sealed", "made_at",
        ],
        rows: rows.collect(),
    });
    Ok(alongside)
}

/// A waiting draft becomes the entry, and its pending values the entry's.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn draft_recorded<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
    by: &Person,
    now: DateTime<Utc>,
) -> Result<Alongside, DeskFault> {
    let text = "SELECT digest FROM vault_disclosures \
         WHERE chapter = $1 AND voucher = $2 AND seq IS NULL";
    let pending = sql::all(connection, text, values![chapter.id, id.as_str()]).await?.len();
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Change {
        sql: "UPDATE desk_drafts SET state = 'recorded', decided_by = ?, decided_at = ?, seq = ? \
             WHERE chapter = ? AND id = ? AND state = 'waiting'",
        values: vec![
            by.as_str().into(),
            now.timestamp().into(),
            Cell::Seq,
            Cell::Chapter,
            id.as_str().into(),
        ],
        rows: 1,
        otherwise: "draft: decided already; nothing was changed",
    });
    alongside.push(Step::Change {
        sql: "UPDATE vault_disclosures SET seq = ? \
             WHERE chapter = ? AND voucher = ? AND seq IS NULL",
        values: vec![Cell::Seq, Cell::Chapter, id.as_str().into()],
        rows: u64::try_from(pending).unwrap_or(u64::MAX),
        otherwise: "private values: changed meanwhile; open the draft again",
    });
    Ok(alongside)
}

/// A bank line becomes the entry of `voucher`.
#[must_use]
pub fn bank_line(
    vault: &Vault,
    chapter: &Chapter,
    batch: &Batch,
    (identity, occurrence): (&Identity, u32),
    day: Date,
    voucher: &VoucherId,
) -> Alongside {
    let blinded = imports::blind_line(vault, chapter, &batch.place, identity);
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Insert {
        table: "desk_bank_lines",
        columns: &["chapter", "place", "identity", "occurrence", "day", "batch", "voucher", "seq"],
        rows: vec![vec![
            Cell::Chapter,
            batch.place.as_str().into(),
            blinded.to_vec().into(),
            i64::from(occurrence).into(),
            day.to_string().into(),
            batch.id.as_str().into(),
            voucher.as_str().into(),
            Cell::Seq,
        ]],
    });
    alongside
}

/// The families that a voucher of a round serves.
#[must_use]
pub fn round_lines(
    programme: &Code,
    round: &Code,
    voucher: &VoucherId,
    families: &[Person],
) -> Alongside {
    let mut alongside = Alongside::nothing();
    if families.is_empty() {
        return alongside;
    }
    let row = |family: &Person| {
        vec![
            Cell::Chapter,
            programme.as_str().into(),
            round.as_str().into(),
            family.as_str().into(),
            voucher.as_str().into(),
        ]
    };
    alongside.push(Step::Insert {
        table: "desk_round_lines",
        columns: &["chapter", "programme", "round", "family", "voucher"],
        rows: families.iter().map(row).collect(),
    });
    alongside
}

#[cfg(test)]
mod tests;
