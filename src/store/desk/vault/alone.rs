//! One giver of a batch gets a key of their own: the lines of an imported file share one, and what
//! is done to that key is done to all of them.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{Subject, TABLE, Vault, value_context, withdraw_consent};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;
use crate::store::desk::sql::{self, values};
use crate::store::desk::{Chapter, DeskFault, DeskRefusal};

/// Seals what a batch holds of one voucher under the voucher's own key, and takes back a consent to
/// show its giver's name, which was sealed with the batch. Who they are from now on.
///
/// # Errors
/// [`DeskRefusal::Gone`] when the batch holds nothing of the voucher.
pub async fn stand_alone<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    officer: &Person,
    (batch, voucher): (&Subject, &VoucherId),
    now: DateTime<Utc>,
) -> Result<Subject, DeskFault> {
    let (shared, _) = vault.key_of(connection, chapter, batch).await?.ok_or(DeskRefusal::Gone)?;
    let text = "SELECT digest, sealed FROM vault_disclosures \
         WHERE chapter = $1 AND voucher = $2 AND subject = $3";
    let values = values![chapter.id, voucher.as_str(), batch.to_string()];
    let rows = sql::all(connection, text, values).await?;
    if rows.is_empty() {
        return Err(DeskRefusal::Gone.into());
    }
    withdraw_consent(connection, chapter, officer, batch, Some(voucher), now).await?;
    let alone = Subject::Voucher(voucher.clone());
    let own = vault.key_for_writing(connection, chapter, &alone, now).await?;
    for row in &rows {
        let digest: String = sql::column(row, "digest")?;
        let sealed: Vec<u8> = sql::column(row, "sealed")?;
        let context = value_context(chapter, voucher, &digest);
        let plain = shared.open(&context, &sealed).map_err(DeskFault::sealed(TABLE))?;
        let sealed = own.seal(&context, &plain).map_err(DeskFault::sealed(TABLE))?;
        let text = "UPDATE vault_disclosures SET subject = $1, sealed = $2 \
             WHERE chapter = $3 AND voucher = $4 AND digest = $5";
        let values =
            values![alone.to_string(), sealed, chapter.id, voucher.as_str(), digest.as_str()];
        sql::execute(connection, text, values).await?;
    }
    Ok(alone)
}
