//! What the vault holds of whom: numbers and marks, no values, so that nothing is opened by it.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, QueryResult};

use super::Subject;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Date;
use crate::store::desk::sql::{self, values};
use crate::store::desk::{Chapter, DeskFault};

const TABLE: &str = "vault_keys";

/// What the vault holds of one subject. Of a batch of imported lines, whose givers share one key,
/// only what the voucher that was asked about holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Whose it is.
    pub subject: Subject,
    /// Whether the values open for the law alone.
    pub restricted: bool,
    /// Whether they are the names of the voucher's giver.
    pub of_donor: bool,
    /// Private values.
    pub values: u64,
    /// Vouchers that they stand in.
    pub vouchers: u64,
    /// Names among them that are shown in public.
    pub published: u64,
    /// The newest entry that they stand in.
    pub newest: Option<u64>,
    /// The latest business date among the entries that they stand in.
    pub latest: Option<Date>,
}

fn select(join: &str, of_donor: &str, filter: &str) -> String {
    format!(
        "SELECT own.subject, own.restricted, COUNT(held.digest) AS number, \
         COUNT(DISTINCT held.voucher) AS vouchers, COUNT(shown.digest) AS shown, \
         MAX({of_donor}) AS of_donor, MAX(entries.seq) AS newest, \
         MAX(entries.date) AS latest FROM vault_keys AS own \
         LEFT JOIN vault_disclosures AS held ON held.chapter = own.chapter \
         AND held.subject = own.subject {join} \
         LEFT JOIN vault_published AS shown ON shown.chapter = held.chapter \
         AND shown.voucher = held.voucher AND shown.digest = held.digest \
         LEFT JOIN entries ON entries.chapter = held.chapter \
         AND entries.voucher_id = held.voucher \
         WHERE own.chapter = $1 AND {filter} GROUP BY own.subject, own.restricted \
         ORDER BY own.subject"
    )
}

/// What is held of everybody who stands in a voucher.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn holdings<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &VoucherId,
) -> Result<Vec<Holding>, DeskFault> {
    let text = select(
        "AND (own.subject NOT LIKE 'batch:%' OR held.voucher = $2)",
        "CASE WHEN held.voucher = $2 THEN held.of_donor ELSE 0 END",
        "own.subject IN (SELECT subject FROM vault_disclosures \
         WHERE chapter = $1 AND voucher = $2)",
    );
    let rows = sql::all(connection, &text, values![chapter.id, voucher.as_str()]).await?;
    rows.iter().map(read).collect()
}

/// What is held of one subject; `None` for an unknown or erased one.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn holding_of<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    subject: &Subject,
) -> Result<Option<Holding>, DeskFault> {
    let text = select("", "held.of_donor", "own.subject = $2");
    let row = sql::one(connection, &text, values![chapter.id, subject.to_string()]).await?;
    row.map(|row| read(&row)).transpose()
}

/// What is held back from everybody: it waits for the end of the time for which accounting papers
/// are kept.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn restricted<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<Vec<Holding>, DeskFault> {
    let text = select("", "held.of_donor", "own.restricted = 1");
    let rows = sql::all(connection, &text, values![chapter.id]).await?;
    rows.iter().map(read).collect()
}

/// The vouchers in which values of a subject stand, each with its entry, the newest first.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn vouchers_of<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    subject: &Subject,
) -> Result<Vec<(VoucherId, Option<u64>)>, DeskFault> {
    // Asked for one row of each voucher, SQLite would look through all of the chapter.
    let text = "SELECT voucher, seq FROM vault_disclosures WHERE chapter = $1 AND subject = $2";
    let rows = sql::all(connection, text, values![chapter.id, subject.to_string()]).await?;
    let mut vouchers = BTreeMap::new();
    for row in &rows {
        let seq = sql::unsigned(row, TABLE, "seq")?;
        let own = vouchers.entry(sql::parsed(row, TABLE, "voucher")?).or_default();
        *own = seq.max(*own);
    }
    Ok(vouchers.into_iter().rev().collect())
}

fn read(row: &QueryResult) -> Result<Holding, DeskFault> {
    let number = |name| sql::unsigned(row, TABLE, name).map(Option::unwrap_or_default);
    let latest: Option<String> = sql::column(row, "latest")?;
    Ok(Holding {
        subject: sql::parsed(row, TABLE, "subject")?,
        restricted: sql::column::<i64>(row, "restricted")? == 1,
        of_donor: sql::column::<Option<i64>>(row, "of_donor")? == Some(1),
        values: number("number")?,
        vouchers: number("vouchers")?,
        published: number("shown")?,
        newest: sql::unsigned(row, TABLE, "newest")?,
        latest: latest
            .map(|day| day.parse().map_err(|fault| DeskFault::damaged("entries", fault)))
            .transpose()?,
    })
}
