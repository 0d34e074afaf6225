//! What the public accounts add up to by month, of closed periods: a page over ten years reads some
//! hundreds of rows and not one a day.
//!
//! INVARIANT: no voucher is dated in a closed period (`vouchers.md`, `period_closed`), and opening
//! balances are neither made nor reversed behind the first closing. So a closing writes the months
//! that it closes, once and for all, and recording costs nothing more.

use sea_orm::{ConnectionTrait, DbErr};

use super::accounts_days::TABLE as DAYS;
use super::database::{execute, first};
use super::fault::StoreFault;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::Body;
use crate::ledger::word::Month;

/// The table, and its name in `projections_due`.
pub(super) const TABLE: &str = "accounts_months";

/// What is behind every day of a month, and before the next one.
pub(super) const END: &str = "-99";

/// Writes the months up to `through` that are not there yet; their days have to be there.
pub(super) async fn close(
    write: &impl ConnectionTrait,
    chapter: i64,
    through: Month,
) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO {TABLE} \
         (chapter, scope, month, kind, nature, programme, many, money_in, money_out) \
         SELECT chapter, scope, SUBSTR(day, 1, 7), kind, nature, programme, \
         CAST(SUM(many) AS BIGINT), CAST(SUM(money_in) AS BIGINT), CAST(SUM(money_out) AS BIGINT) \
         FROM {DAYS} WHERE chapter = ? AND day <= ? AND day > \
         COALESCE((SELECT MAX(month) FROM {TABLE} WHERE chapter = ?), '') || '{END}' \
         GROUP BY chapter, scope, SUBSTR(day, 1, 7), kind, nature, programme"
    );
    let values = [chapter.into(), through.last_day().to_string().into(), chapter.into()];
    execute(write, &sql, values).await.map(drop)
}

/// Makes the rows of a ledger that is older than the table. One whose last closing can't be read
/// gets none, and is told of when its entries are verified: sums are right without them.
pub(super) async fn make_for(write: &impl ConnectionTrait, chapter: i64) -> Result<(), StoreFault> {
    let last = "SELECT bytes FROM entries WHERE chapter = ? AND kind = 'period_closed' \
        ORDER BY seq DESC LIMIT 1";
    let Some(row) = first(write, last, [chapter.into()]).await? else { return Ok(()) };
    let Ok(entry) = Entry::parse(&row.try_get::<Vec<u8>>("", "bytes")?) else { return Ok(()) };
    match &entry.voucher().body {
        Body::PeriodClosed(closing) => Ok(close(write, chapter, closing.through).await?),
        _ => Ok(()),
    }
}
