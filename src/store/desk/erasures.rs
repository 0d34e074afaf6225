//! Erasures that two officers decide: whose values go, kept beside the draft of `privacy_erased`
//! until the second one signs.
//!
//! The names leave the public pages when the first officer asks. The values are destroyed in the
//! transaction that records the entry, together with the rows here: afterwards nothing says whom
//! the entry was about.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::sql::{self, values};
use super::vault::{self, Action, Target};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;

const TABLE: &str = "desk_erasures";

/// A target, and the entry that the officer had before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whose values go.
    pub target: Target,
    /// The entry that it was asked about.
    pub seq: Option<u64>,
    /// How many values there were then: what the officers saw is what goes.
    pub held: u64,
}

/// What is destroyed when a draft is recorded.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// The desk.
    pub chapter: Chapter,
    /// The draft.
    pub draft: VoucherId,
    /// Who signs it last.
    pub officer: Person,
    /// When.
    pub now: DateTime<Utc>,
}

/// Notes whose values go with a draft, and takes their names off the public pages at once; the log
/// says who did that.
///
/// # Errors
/// [`DeskRefusal::Gone`] for nobody or somebody unknown, [`DeskRefusal::DraftsWait`].
pub async fn ask<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    draft: &VoucherId,
    asked: &[Asked],
    (officer, now): (&Person, DateTime<Utc>),
) -> Result<(), DeskFault> {
    if asked.is_empty() {
        return Err(DeskRefusal::Gone.into());
    }
    for Asked { target, seq, held } in asked {
        if vault::holding_of(connection, chapter, &target.subject).await?.is_none() {
            return Err(DeskRefusal::Gone.into());
        }
        let waiting = vault::waiting_drafts(connection, chapter, target).await?;
        if waiting > 0 {
            return Err(DeskRefusal::DraftsWait(waiting).into());
        }
        let text = "INSERT INTO desk_erasures (chapter, draft, subject, voucher, seq, held) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let values = values![
            chapter.id,
            draft.as_str(),
            target.subject.to_string(),
            target.voucher_text(),
            seq.map(sql::signed),
            sql::signed(*held),
        ];
        sql::execute(connection, text, values).await?;
        let hidden = vault::delete_published(connection, chapter, target).await?;
        if hidden > 0 {
            // As with the erasure itself, the log does not remember whom it was about.
            let subject = target.subject.to_string();
            let what = subject.split(':').next().unwrap_or_default();
            let number = usize::try_from(hidden).unwrap_or(usize::MAX);
            vault::note(connection, chapter, officer, Action::Withdrawn, what, number, now).await?;
        }
    }
    Ok(())
}

/// Whose values go with a draft.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn asked<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    draft: &VoucherId,
) -> Result<Vec<Asked>, DeskFault> {
    let text = "SELECT subject, voucher, seq, held FROM desk_erasures \
         WHERE chapter = $1 AND draft = $2 ORDER BY subject, voucher";
    let rows = sql::all(connection, text, values![chapter.id, draft.as_str()]).await?;
    rows.iter()
        .map(|row| {
            let voucher: String = sql::column(row, "voucher")?;
            let voucher = (!voucher.is_empty()).then(|| voucher.parse()).transpose();
            let voucher = voucher.map_err(|fault| DeskFault::damaged(TABLE, fault))?;
            let target = Target { subject: sql::parsed(row, TABLE, "subject")?, voucher };
            let held = sql::unsigned(row, TABLE, "held")?.unwrap_or_default();
            Ok(Asked { target, seq: sql::unsigned(row, TABLE, "seq")?, held })
        })
        .collect()
}

/// The draft will not be recorded: nobody's values go.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn forget<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    draft: &VoucherId,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM desk_erasures WHERE chapter = $1 AND draft = $2";
    sql::execute(connection, text, values![chapter.id, draft.as_str()]).await.map(drop)
}

/// Destroys what was asked for, in the transaction that records the draft. Commit, then
/// [`vault::scrub`].
///
/// # Errors
/// [`DeskRefusal::Gone`], [`DeskRefusal::DraftsWait`], [`DeskRefusal::HeldChanged`] when something
/// was recorded of a person meanwhile: roll the entry back.
pub async fn carry_out<C: ConnectionTrait>(
    connection: &C,
    erasure: &Erasure,
) -> Result<(), DeskFault> {
    let Erasure { chapter, draft, officer, now } = erasure;
    let all = asked(connection, chapter, draft).await?;
    if all.is_empty() {
        return Err(DeskRefusal::Gone.into());
    }
    for Asked { target, held, .. } in &all {
        let erased = vault::erase_target(connection, chapter, officer, target, *now).await?;
        if erased.values != *held {
            return Err(DeskRefusal::HeldChanged.into());
        }
    }
    forget(connection, chapter, draft).await
}

#[cfg(test)]
mod tests;
