//! What of the desk becomes true in the very transaction that records an entry.
//!
//! Keys are made and values sealed before; the steps hold only rows to write and one change that
//! must touch exactly the rows it expects. So an entry is never there without its private values,
//! a draft is recorded once, and a bank line twice refuses the entry with it.

use chrono::{DateTime, Timelike as _, Utc};
use sea_orm::ConnectionTrait;

use super::imports::{BankLine, Batch, Blind};
use super::sql::{self, values};
use super::vault::{PrivateValue, SealedValue, SealingKey, Vault};
use super::{Chapter, DeskFault};
use crate::ledger::disclosure::Disclosure;
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::ledger::word::{Code, Person};
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
    Ok(sealed_rows(&voucher.id, sealed, now))
}

/// A line of a file becomes the entry of its voucher: its private values, sealed under the file's
/// key, and by what it is recognised.
///
/// # Errors
/// [`DeskFault::Randomness`].
pub(in crate::store) fn imported(
    vault: &Vault,
    (chapter, batch, key): (&Chapter, &Batch, &SealingKey),
    (voucher, private): (&Voucher, &[Disclosure]),
    (line, was_left_out): (&BankLine, bool),
    now: DateTime<Utc>,
) -> Result<Alongside, DeskFault> {
    let sealed = vault.seal_with(key, (chapter, voucher), private)?;
    let mut steps = sealed_rows(&voucher.id, sealed, now);
    if was_left_out {
        steps = steps.and(taken_up(vault, chapter, &batch.place, line));
    }
    Ok(steps.and(bank_line(vault, chapter, batch, line, &voucher.id)))
}

/// The rows of sealed values of a voucher.
fn sealed_rows(voucher: &VoucherId, sealed: Vec<SealedValue>, now: DateTime<Utc>) -> Alongside {
    let mut alongside = Alongside::nothing();
    if sealed.is_empty() {
        return alongside;
    }
    let mut references = Vec::new();
    let rows = sealed.into_iter().map(|value| {
        references.extend(value.references.iter().map(|blind| -> Vec<Cell> {
            vec![
                Cell::Chapter,
                voucher.as_str().into(),
                value.digest.as_str().into(),
                blind.to_vec().into(),
            ]
        }));
        vec![
            Cell::Chapter,
            voucher.as_str().into(),
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
    if !references.is_empty() {
        alongside.push(Step::Insert {
            table: "search_references",
            columns: &["chapter", "voucher", "digest", "blind"],
            rows: references,
        });
    }
    alongside
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

/// An entry that was lost is there again: where its draft still waits here, it waits no more, and
/// values that lie with the draft are the entry's.
#[must_use]
pub fn recorded_before(id: &VoucherId, by: Option<&Person>, at: DateTime<Utc>) -> Alongside {
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Clear {
        sql: "UPDATE desk_drafts SET state = 'recorded', decided_by = ?, decided_at = ?, seq = ? \
            WHERE chapter = ? AND id = ? AND state = 'waiting'",
        values: vec![
            by.map(|person| person.as_str().to_owned()).into(),
            at.timestamp().into(),
            Cell::Seq,
            Cell::Chapter,
            id.as_str().into(),
        ],
    });
    alongside.push(Step::Clear {
        sql: "UPDATE vault_disclosures SET seq = ? \
            WHERE chapter = ? AND voucher = ? AND seq IS NULL",
        values: vec![Cell::Seq, Cell::Chapter, id.as_str().into()],
    });
    alongside
}

/// A bank line becomes the entry of `voucher`.
#[must_use]
pub fn bank_line(
    vault: &Vault,
    chapter: &Chapter,
    batch: &Batch,
    line: &BankLine,
    voucher: &VoucherId,
) -> Alongside {
    let decided = [voucher.as_str().into(), Cell::Seq, None::<String>.into()];
    decided_line(vault, chapter, batch, line, decided)
}

/// A person leaves a bank line out for good; `reason` is a word of a closed list.
#[must_use]
pub fn left_out(
    vault: &Vault,
    chapter: &Chapter,
    batch: &Batch,
    line: &BankLine,
    reason: &str,
) -> Alongside {
    let decided = [None::<String>.into(), None::<i64>.into(), reason.into()];
    decided_line(vault, chapter, batch, line, decided)
}

fn decided_line(
    vault: &Vault,
    chapter: &Chapter,
    batch: &Batch,
    line: &BankLine,
    [voucher, seq, left_out]: [Cell; 3],
) -> Alongside {
    let blind = Blind { vault, chapter, place: &batch.place };
    let bytes = |digest: Option<[u8; 32]>| digest.map(|digest| digest.to_vec());
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Insert {
        table: "desk_bank_lines",
        columns: &[
            "chapter",
            "place",
            "identity",
            "occurrence",
            "document",
            "reference",
            "words",
            "day",
            "time",
            "has_balance",
            "batch",
            "voucher",
            "seq",
            "left_out",
        ],
        rows: vec![vec![
            Cell::Chapter,
            batch.place.as_str().into(),
            blind.identity(&line.identity).to_vec().into(),
            i64::from(line.occurrence).into(),
            bytes(blind.document(line)).into(),
            bytes(blind.reference(line)).into(),
            bytes(blind.words(line)).into(),
            line.day.to_string().into(),
            line.time.map(|time| i64::from(time.num_seconds_from_midnight())).into(),
            i64::from(line.has_balance).into(),
            batch.id.as_str().into(),
            voucher,
            seq,
            left_out,
        ]],
    });
    alongside
}

/// A line that was left out is decided anew: goes before the step that books it.
#[must_use]
pub fn taken_up(vault: &Vault, chapter: &Chapter, place: &Code, line: &BankLine) -> Alongside {
    let identity = Blind { vault, chapter, place }.identity(&line.identity);
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Change {
        sql: "DELETE FROM desk_bank_lines WHERE chapter = ? AND place = ? AND identity = ? \
            AND occurrence = ? AND left_out IS NOT NULL",
        values: vec![
            Cell::Chapter,
            place.as_str().into(),
            identity.to_vec().into(),
            i64::from(line.occurrence).into(),
        ],
        rows: 1,
        otherwise: "bank line: decided by somebody else meanwhile",
    });
    alongside
}

/// The entry at `seq` is reversed: its bank line may be booked again, and its voucher serves no
/// family of a round any more, or what it brought back did not come.
#[must_use]
pub fn reversed(seq: u64) -> Alongside {
    let seq = || Cell::from(sql::signed(seq));
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Clear {
        sql: "DELETE FROM desk_bank_lines WHERE chapter = ? AND seq = ?",
        values: vec![Cell::Chapter, seq()],
    });
    alongside.push(Step::Clear {
        sql: "DELETE FROM desk_round_lines WHERE chapter = ? AND voucher IN \
            (SELECT voucher_id FROM entries WHERE chapter = ? AND seq = ?)",
        values: vec![Cell::Chapter, Cell::Chapter, seq()],
    });
    alongside.push(Step::Clear {
        sql: "UPDATE desk_round_lines SET returned = NULL WHERE chapter = ? AND returned IN \
            (SELECT voucher_id FROM entries WHERE chapter = ? AND seq = ?)",
        values: vec![Cell::Chapter, Cell::Chapter, seq()],
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
