//! Who may found a chapter here: whoever comes first, and afterwards who was called by a link.
//!
//! The first one is founded by whoever reaches the set-up page of a new site. Further chapters are
//! founded by officers whom the operator calls at the command line; a link works once. The table is
//! the site's and no chapter's: it says that there was a first one, and holds the SHA-256 of each
//! link's secret.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use super::DeskFault;
use super::invitations::LinkSecret;
use super::sql::{self, values};

/// How long a link may be followed.
pub const LASTS: TimeDelta = TimeDelta::days(7);

/// By what a chapter is founded.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    /// It is the first one here.
    First,
    /// A link, which is used up.
    Link(&'a LinkSecret),
    /// The operator, at this machine.
    Operator,
}

/// Calls officers to found a chapter; the secret of the link. Links that are over are forgotten.
///
/// # Errors
/// [`DeskFault::Randomness`], [`DeskFault::Database`].
pub async fn make<C: ConnectionTrait>(
    connection: &C,
    now: DateTime<Utc>,
) -> Result<LinkSecret, DeskFault> {
    let secret = LinkSecret::random()?;
    let text = "DELETE FROM desk_foundings WHERE length(code) > 0 AND made_at <= $1";
    sql::execute(connection, text, values![(now - LASTS).timestamp()]).await?;
    let text = "INSERT INTO desk_foundings (code, made_at) VALUES ($1, $2)";
    sql::execute(connection, text, values![secret.digest(), now.timestamp()]).await?;
    Ok(secret)
}

/// Whether a link may be followed.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn is_open<C: ConnectionTrait>(
    connection: &C,
    secret: &LinkSecret,
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    let text = "SELECT 1 AS one FROM desk_foundings WHERE code = $1 AND made_at > $2";
    let values = values![secret.digest(), (now - LASTS).timestamp()];
    Ok(sql::one(connection, text, values).await?.is_some())
}

/// Whether nobody founded a chapter here yet.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn is_first<C: ConnectionTrait>(connection: &C) -> Result<bool, DeskFault> {
    let text = "SELECT 1 AS one FROM desk_foundings WHERE length(code) = 0";
    Ok(sql::one(connection, text, values![]).await?.is_none())
}
