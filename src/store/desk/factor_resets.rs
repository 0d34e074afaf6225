//! A link by which an officer whose second device is lost sets up another: made by another officer,
//! good for seven days and one use. It takes the passphrase as well, so whoever reads it on its way
//! has nothing. The table holds the SHA-256 of its secret.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use super::accounts::{self, Account};
use super::invitations::LinkSecret;
use super::sql::{self, values};
use super::{Chapter, DeskFault};
use crate::ledger::word::Person;

const TABLE: &str = "desk_factor_resets";

/// How long a link may be used.
pub const LASTS: TimeDelta = TimeDelta::days(7);

/// A link that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Who made it.
    pub made_by: Person,
    /// When.
    pub made_at: DateTime<Utc>,
    /// From when on it opens nothing.
    pub ends_at: DateTime<Utc>,
}

/// Makes a link for an account; the one before opens nothing any more.
///
/// # Errors
/// [`DeskFault::Randomness`], [`DeskFault::Database`].
pub async fn make<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
    by: &Person,
    now: DateTime<Utc>,
) -> Result<LinkSecret, DeskFault> {
    let secret = LinkSecret::random()?;
    let text = "INSERT INTO desk_factor_resets (chapter, account, secret, made_by, made_at, \
         ends_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (chapter, account) DO UPDATE SET \
         secret = excluded.secret, made_by = excluded.made_by, made_at = excluded.made_at, \
         ends_at = excluded.ends_at";
    let values = values![
        chapter.id,
        account.id.as_str(),
        secret.digest(),
        by.as_str(),
        now.timestamp(),
        (now + LASTS).timestamp(),
    ];
    sql::execute(connection, text, values).await?;
    Ok(secret)
}

/// The link of an account that may still be used.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn of_account<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<Option<Reset>, DeskFault> {
    let text = "SELECT made_by, made_at, ends_at FROM desk_factor_resets \
         WHERE chapter = $1 AND account = $2 AND ends_at > $3";
    let values = values![chapter.id, account.id.as_str(), now.timestamp()];
    let Some(row) = sql::one(connection, text, values).await? else { return Ok(None) };
    Ok(Some(Reset {
        made_by: sql::parsed(&row, TABLE, "made_by")?,
        made_at: sql::moment(&row, TABLE, "made_at")?,
        ends_at: sql::moment(&row, TABLE, "ends_at")?,
    }))
}

/// The chapter and the account of a link; `None` when it is unknown, used or over.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn by_link<C: ConnectionTrait>(
    connection: &C,
    secret: &LinkSecret,
    now: DateTime<Utc>,
) -> Result<Option<(i64, String)>, DeskFault> {
    let text = "SELECT chapter, account FROM desk_factor_resets \
         WHERE secret = $1 AND ends_at > $2";
    let row = sql::one(connection, text, values![secret.digest(), now.timestamp()]).await?;
    row.map(|row| Ok((sql::column(&row, "chapter")?, sql::column(&row, "account")?))).transpose()
}

/// The account of a link in its chapter.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn account<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    secret: &LinkSecret,
    now: DateTime<Utc>,
) -> Result<Option<Account>, DeskFault> {
    let Some((id, account)) = by_link(connection, secret, now).await? else { return Ok(None) };
    if id != chapter.id {
        return Ok(None);
    }
    let account = accounts::by_id(connection, chapter, &account).await?;
    Ok(account.filter(|account| !account.disabled))
}

/// Uses a link up; `false` where another request was first.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn use_up<C: ConnectionTrait>(
    connection: &C,
    secret: &LinkSecret,
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    let text = "DELETE FROM desk_factor_resets WHERE secret = $1 AND ends_at > $2";
    Ok(sql::execute(connection, text, values![secret.digest(), now.timestamp()]).await? == 1)
}

/// Takes the link of an account back; `false` where there is none.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn cancel<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
) -> Result<bool, DeskFault> {
    let text = "DELETE FROM desk_factor_resets WHERE chapter = $1 AND account = $2";
    Ok(sql::execute(connection, text, values![chapter.id, account.id.as_str()]).await? == 1)
}

/// Removes links that are over.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sweep<C: ConnectionTrait>(
    connection: &C,
    now: DateTime<Utc>,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM desk_factor_resets WHERE ends_at <= $1";
    sql::execute(connection, text, values![now.timestamp()]).await
}
