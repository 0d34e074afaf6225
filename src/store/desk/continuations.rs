//! A new ledger that officers are called to open, because the one before cannot go on.
//!
//! Whoever runs the machine makes the call at the command line; the officers open it by its link,
//! once, and choose new passphrases. The table holds the SHA-256 of the link's secret.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use super::invitations::LinkSecret;
use super::sql::{self, values};
use super::{Chapter, DeskFault};

const TABLE: &str = "desk_continuations";

/// How long a call may be answered.
pub const LASTS: TimeDelta = TimeDelta::days(7);

/// What a link opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// How many entries the new ledger continues, counted over all ledgers of the chapter.
    pub size: u64,
    /// The signed checkpoint that it continues, byte for byte.
    pub checkpoint: Vec<u8>,
    /// Whether it was made although the ledger could go on. One that was made because it could not
    /// is void as soon as it can again.
    pub while_open: bool,
}

/// Makes a call, in place of one before; the secret of its link.
///
/// # Errors
/// [`DeskFault::Randomness`], [`DeskFault::Database`].
pub async fn make<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<LinkSecret, DeskFault> {
    let secret = LinkSecret::random()?;
    let text = "INSERT INTO desk_continuations (chapter, code, size, checkpoint, while_open, \
         made_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (chapter) DO UPDATE SET \
         code = excluded.code, size = excluded.size, checkpoint = excluded.checkpoint, \
         while_open = excluded.while_open, made_at = excluded.made_at";
    let values = values![
        chapter.id,
        secret.digest(),
        sql::signed(call.size),
        call.checkpoint.clone(),
        i64::from(call.while_open),
        now.timestamp(),
    ];
    sql::execute(connection, text, values).await?;
    Ok(secret)
}

/// The call that a link opens, with the number of its chapter.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn by_link<C: ConnectionTrait>(
    connection: &C,
    secret: &LinkSecret,
    now: DateTime<Utc>,
) -> Result<Option<(i64, Call)>, DeskFault> {
    let text = "SELECT chapter, size, checkpoint, while_open FROM desk_continuations \
         WHERE code = $1 AND made_at > $2";
    let values = values![secret.digest(), (now - LASTS).timestamp()];
    let Some(row) = sql::one(connection, text, values).await? else { return Ok(None) };
    let size = sql::unsigned(&row, TABLE, "size")?.unwrap_or(0);
    let call = Call {
        size,
        checkpoint: sql::column(&row, "checkpoint")?,
        while_open: sql::column::<i64>(&row, "while_open")? == 1,
    };
    Ok(Some((sql::column(&row, "chapter")?, call)))
}
