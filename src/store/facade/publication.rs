//! What was published when, deadlines of publication, notices on the board.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseBackend, QueryResult, Value};

use crate::ledger::word::{Date, Person, Time, UtcOffset};
use crate::store::database::query;
use crate::store::desk::publication::{self, Deadlines, Notice, Version};
use crate::store::desk::{self, DeskFault};
use crate::store::nodes::{number, unsigned};
use crate::store::{ChapterId, Store, StoreFault};

/// A statement of the published tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Its name, such as `2026-q3`.
    pub name: String,
    /// The entry that published it first.
    pub first: u64,
    /// The entry that published the newest of this name.
    pub last: u64,
}

/// Gifts that came on a day and were recorded on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gifts {
    /// The day on which they came.
    pub came: Date,
    /// The day on which they were recorded: from then on they have their receipts.
    pub recorded: Date,
    /// How many.
    pub number: u64,
}

/// Gifts that stand, money and goods, dated from a day on and below an entry.
const GIVEN: &str = "figures.chapter = ? AND figures.kind IN ('donation', 'goods_received') \
    AND figures.reversed_by IS NULL AND figures.date >= ? AND +figures.seq < ?";

/// Members in the bytes of an entry stand in plain text; inside a text quotes would be escaped.
const RECEIVED_ON: &[u8] = b"\"received_on\":\"";

impl Store {
    /// The statements that entries below `size` published, by name.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn publications(
        &self,
        chapter: ChapterId,
        size: u64,
    ) -> Result<Vec<Publication>, StoreFault> {
        let sql = "SELECT name, MIN(seq) AS first, MAX(seq) AS last FROM statements \
            WHERE chapter = ? AND seq < ? GROUP BY name ORDER BY name";
        let values: [Value; 2] = [chapter.0.into(), number(size).into()];
        let rows = query(self.reader(), sql, values).await?;
        let read = |row: &QueryResult| {
            Ok(Publication {
                name: row.try_get("", "name")?,
                first: unsigned(row.try_get("", "first")?)?,
                last: unsigned(row.try_get("", "last")?)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// When entries were appended.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn appended(
        &self,
        chapter: ChapterId,
        seqs: &[u64],
    ) -> Result<BTreeMap<u64, Time>, StoreFault> {
        let mut found = BTreeMap::new();
        for seqs in seqs.chunks(5_000) {
            let places = vec!["?"; seqs.len()].join(", ");
            let sql =
                format!("SELECT seq, at FROM figures WHERE chapter = ? AND seq IN ({places})");
            let values = std::iter::once(chapter.0).chain(seqs.iter().copied().map(number));
            for row in query(self.reader(), &sql, values.map(Value::from)).await? {
                let at = time(&row.try_get::<String>("", "at")?)?;
                found.insert(unsigned(row.try_get("", "seq")?)?, at);
            }
        }
        Ok(found)
    }

    /// Gifts that came, and are dated, from `from` on, of entries below `size`, by the day on
    /// which they came and the day on which they were recorded.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn gifts_by_day(
        &self,
        chapter: ChapterId,
        from: Date,
        size: u64,
        offset: UtcOffset,
    ) -> Result<Vec<Gifts>, StoreFault> {
        let postgres = self.reader().get_database_backend() == DatabaseBackend::Postgres;
        let said = if postgres { "position(? in entries.bytes)" } else { "instr(bytes, ?)" };
        let join = "FROM figures JOIN entries ON entries.chapter = figures.chapter \
            AND entries.seq = figures.seq WHERE";
        let values = || -> Vec<Value> {
            vec![
                RECEIVED_ON.to_vec().into(),
                chapter.0.into(),
                from.to_string().into(),
                number(size).into(),
            ]
        };
        let sql = format!(
            "SELECT figures.date AS date, substr(figures.at, 1, 16) AS minute, \
             COUNT(*) AS gifts {join} {said} = 0 AND {GIVEN} \
             GROUP BY figures.date, substr(figures.at, 1, 16)"
        );
        let mut sums: BTreeMap<(Date, Date), u64> = BTreeMap::new();
        for row in query(self.reader(), &sql, values()).await? {
            let minute: String = row.try_get("", "minute")?;
            let recorded = time(&format!("{minute}:00Z"))?.local_date(offset);
            let came = day(&row.try_get::<String>("", "date")?)?;
            *sums.entry((came, recorded)).or_default() += unsigned(row.try_get("", "gifts")?)?;
        }
        let sql = format!("SELECT figures.at AS at, bytes {join} {said} > 0 AND {GIVEN}");
        for row in query(self.reader(), &sql, values()).await? {
            let recorded = time(&row.try_get::<String>("", "at")?)?.local_date(offset);
            *sums.entry((received_on(&row)?, recorded)).or_default() += 1;
        }
        let gifts = sums.into_iter().filter(|((came, _), _)| *came >= from);
        Ok(gifts.map(|((came, recorded), number)| Gifts { came, recorded, number }).collect())
    }

    /// The deadlines in force.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn deadlines(&self, chapter: &desk::Chapter) -> Result<Version, DeskFault> {
        publication::in_force(self.shared.database.reader(), chapter).await
    }

    /// Every version of the deadlines, the oldest first.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn deadline_versions(
        &self,
        chapter: &desk::Chapter,
    ) -> Result<Vec<Version>, DeskFault> {
        publication::versions(self.shared.database.reader(), chapter).await
    }

    /// Puts deadlines, or the program's own, in the place of the version that the officer saw.
    ///
    /// # Errors
    /// As [`publication::change`].
    pub async fn change_deadlines(
        &self,
        chapter: &desk::Chapter,
        change: (u64, Option<&Deadlines>),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = publication::change(&write, chapter, change, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// What hangs or hung on the notice board.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn notices(&self, chapter: &desk::Chapter) -> Result<Vec<Notice>, DeskFault> {
        publication::notices(self.shared.database.reader(), chapter).await
    }

    /// Notes that a statement hangs on the notice board; `false` on a second click.
    ///
    /// # Errors
    /// As [`publication::post`].
    pub async fn post_notice(
        &self,
        chapter: &desk::Chapter,
        notice: &Notice,
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = publication::post(&write, chapter, notice, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// Takes such a note back; `false` when it was taken back already.
    ///
    /// # Errors
    /// As [`publication::remove`].
    pub async fn remove_notice(
        &self,
        chapter: &desk::Chapter,
        id: &Person,
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = publication::remove(&write, chapter, id, officer, now).await;
        Self::end_desk(write, done).await
    }
}

fn time(stored: &str) -> Result<Time, StoreFault> {
    stored.parse().map_err(|fault| StoreFault::damaged("a time", fault))
}

fn day(stored: &str) -> Result<Date, StoreFault> {
    stored.parse().map_err(|fault| StoreFault::damaged("a day", fault))
}

/// The day on which a gift came, from the bytes of its entry.
fn received_on(row: &QueryResult) -> Result<Date, StoreFault> {
    let bytes: Vec<u8> = row.try_get("", "bytes")?;
    let entry: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|fault| StoreFault::damaged("an entry", fault))?;
    day(entry["voucher"]["received_on"].as_str().unwrap_or_default())
}
