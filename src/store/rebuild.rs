//! Replays a ledger from the bytes of its entries through the books, and compares everything that
//! is derived from them. The same code that records writes the rows again: live state = replay.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Value,
};
use tokio::task::spawn_blocking;

use super::chapter::{ChapterId, lock_of};
use super::database::{execute, first, give_up, query};
use super::fault::StoreFault;
use super::nodes::{number, unsigned};
use super::project::{Pending, Projected, TABLES, entry_row};
use super::state::{self, Read, State};
use super::writer::Order;
use super::{Shared, Store, beside, past, rows, search};
use crate::books::authority::SignedEntry;
use crate::books::effects::Effects;
use crate::books::{Answers, CheckFault};
use crate::ledger::entry::Entry;
use crate::ledger::word::Origin;

/// Entries replayed at a time.
const CHUNK: u64 = 512;
/// Entries whose signatures are verified together.
const TOGETHER: usize = 32;
/// Most questions that the books may ask about one entry.
const QUESTIONS: usize = 1_000;
/// The longest rest of a gentle replay after a chunk: less than a server lets a transaction idle.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// What a replay found to differ from the stored rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Entries replayed.
    pub entries: u64,
    /// Tables that differ: how many rows, and where the first difference is.
    pub differing: Vec<Difference>,
}

/// A table whose rows are not those that the entries give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// Rows that are wrong, missing or too many.
    pub rows: u64,
    /// The smallest key among them: a seq, a day, or the index of a tree node.
    pub first: String,
}

impl Findings {
    /// Whether all rows are those that the entries give.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differing.is_empty()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, table) in self.differing.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(out, "{comma}{} ({} rows, first {})", table.table, table.rows, table.first)?;
        }
        Ok(())
    }
}

impl Store {
    /// Replays all entries, signatures included, and compares what is stored; nothing is changed.
    /// A difference closes the ledger for writes. Writers of this chapter wait meanwhile.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] names an entry that is not what was written.
    pub async fn check(&self, chapter: ChapterId) -> Result<Findings, StoreFault> {
        self.order(chapter, |reply| Order::Check { keep: false, reply }).await?
    }

    /// Replays all entries, and where what is derived from them differs, drops all of it and makes
    /// it again; says what differed. A ledger that was closed for differing projections stays so
    /// until the next start.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] names an entry that is not what was written;
    /// [`StoreFault::ReceiptKey`]: every receipt would get another code. Nothing is changed then.
    pub async fn rebuild(&self, chapter: ChapterId) -> Result<Findings, StoreFault> {
        if self.shared.receipt_key_is_foreign(chapter).await? {
            return Err(StoreFault::ReceiptKey);
        }
        self.rebuild_with_new_codes(chapter).await
    }

    /// The same with a receipt key that is not the one before: the codes of all receipts become
    /// others, and those on paper lead nowhere any more.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`].
    pub async fn rebuild_with_new_codes(&self, chapter: ChapterId) -> Result<Findings, StoreFault> {
        let findings = self.order(chapter, |reply| Order::Check { keep: true, reply }).await??;
        let (desk, vault) = (self.desk(chapter)?, self.vault());
        let remade = search::remake(&self.shared, &vault, &desk, lock_of(&desk.identity)).await;
        if let Err(fault) = remade {
            // What is sealed with another key is no part of the ledger.
            tracing::warn!(%fault, "the rows of the search were not made anew");
        }
        Ok(findings)
    }
}

/// Replays beside what is stored, and says what differs. What is to be kept is written only where
/// something does: everything derived from the entries is made anew then.
pub(super) async fn check(
    shared: &Shared,
    chapter: ChapterId,
    origin: &Origin,
    keep: bool,
) -> Result<(Findings, State), StoreFault> {
    // Who may not write is told before the replay, and not behind it.
    give_up(shared.database.begin_write(lock_of(origin)).await?).await;
    let seen = beside::at_start(shared, chapter, origin).await?;
    if !keep {
        return Ok(seen);
    }
    let write = shared.database.begin_write(lock_of(origin)).await?;
    match settle(shared, &write, (chapter.0, origin), seen).await {
        Ok(settled) => {
            write.commit().await?;
            Ok(settled)
        }
        Err(fault) => {
            give_up(write).await;
            Err(fault)
        }
    }
}

/// Keeps what was seen beside, where nothing differs; else replays once more, in the transaction
/// that writes.
async fn settle(
    shared: &Shared,
    write: &DatabaseTransaction,
    (chapter, origin): (i64, &Origin),
    (findings, mut state): (Findings, State),
) -> Result<(Findings, State), StoreFault> {
    let head = state::head(write, chapter).await?;
    let (findings, state) = if findings.is_clean() && state.size() <= head.size {
        // Another instance may have appended since. Snapshots were compared with nothing.
        state.catch_up(write, chapter, origin, &head).await?;
        execute(write, "DELETE FROM snapshots WHERE chapter = ?", [chapter.into()]).await?;
        (findings, state)
    } else {
        drop(state);
        replay_and_compare(shared, write, chapter, origin).await?
    };
    state.save(write, chapter).await?;
    Ok((findings, state))
}

async fn replay_and_compare(
    shared: &Shared,
    write: &DatabaseTransaction,
    chapter: i64,
    origin: &Origin,
) -> Result<(Findings, State), StoreFault> {
    let on_commit = if shared.database.is_postgres() { "ON COMMIT DROP" } else { "" };
    for table in TABLES {
        let keep = format!(
            "CREATE TEMPORARY TABLE before_{table} {on_commit} AS \
             SELECT * FROM {table} WHERE chapter = {chapter}"
        );
        write.execute_unprepared(&keep).await?;
        execute(write, &format!("DELETE FROM {table} WHERE chapter = ?"), [chapter.into()]).await?;
    }
    let replay = Replay::new(shared, write, (chapter, origin), Pace::Swift).await?;
    let state = replay.run().await?;
    let mut findings = Findings { entries: state.size(), differing: Vec::new() };
    for table in TABLES {
        if table != "snapshots" {
            let names = (table.to_owned(), format!("before_{table}"));
            findings.differing.extend(difference(write, chapter, table, names).await?);
        }
        write.execute_unprepared(&format!("DROP TABLE before_{table}")).await?;
    }
    Ok((findings, state))
}

/// Rows of one table that only one of the two has: the one that was made anew, and the one that
/// was there.
pub(super) async fn difference(
    write: &DatabaseTransaction,
    chapter: i64,
    table: &'static str,
    (new, old): (String, String),
) -> Result<Option<Difference>, StoreFault> {
    let key = match table {
        "uses" | "goods_uses" => "since",
        "stock" => "lot_seq",
        "place_days" | "fund_days" | "accounts_days" => "day",
        "accounts_months" => "month",
        "nodes" => "place",
        _ => "seq",
    };
    let (now, before) = (
        format!("SELECT * FROM {new} WHERE chapter = ?"),
        format!("SELECT * FROM {old} WHERE chapter = ?"),
    );
    // No row stands twice: as many, and none that the other does not have, are the same.
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM {new} WHERE chapter = ?) AS now, \
         (SELECT COUNT(*) FROM {old} WHERE chapter = ?) AS before, \
         CAST(CASE WHEN EXISTS ({now} EXCEPT {before}) THEN 1 ELSE 0 END AS BIGINT) AS other"
    );
    let row = first(write, &sql, [chapter; 4].map(Into::into)).await?;
    if let Some(row) = row {
        let count = |name: &str| row.try_get::<i64>("", name);
        if count("now")? == count("before")? && count("other")? == 0 {
            return Ok(None);
        }
    }
    let only =
        |these: &str, those: &str| format!("SELECT * FROM ({these} EXCEPT {those}) AS only_one");
    let sql = format!(
        "SELECT COUNT(*) AS n, CAST(MIN({key}) AS TEXT) AS first \
         FROM ({} UNION ALL {}) AS both_ways",
        only(&now, &before),
        only(&before, &now),
    );
    let row = first(write, &sql, [chapter; 4].map(Into::into)).await?;
    let Some(row) = row else { return Ok(None) };
    let rows = unsigned(row.try_get("", "n")?)?;
    let first: Option<String> = row.try_get("", "first")?;
    Ok((rows > 0).then(|| Difference { table, rows, first: first.unwrap_or_default() }))
}

/// How fast a replay goes.
#[derive(Clone, Debug)]
pub(super) enum Pace {
    /// As fast as it can: others wait for it.
    Swift,
    /// With a rest after each chunk that is as long as the work, until it is told to stop.
    Gentle(Halt),
}

impl Pace {
    async fn rest(&self, worked: Duration) -> Result<(), StoreFault> {
        let Self::Gentle(halt) = self else { return Ok(()) };
        halt.check()?;
        tokio::time::sleep(worked.min(LONGEST_REST)).await;
        halt.check()
    }
}

/// Breaks off replays beside the site. A copy is the same one.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<AtomicBool>);

impl Halt {
    /// From now on there is none.
    pub fn halt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> Result<(), StoreFault> {
        if self.0.load(Ordering::Relaxed) { Err(StoreFault::Stopping) } else { Ok(()) }
    }
}

/// Reads entries from their bytes, on all processors.
async fn read_all(
    stored: Vec<rows::entries::Model>,
) -> Result<(Vec<rows::entries::Model>, Vec<Read>), StoreFault> {
    let all = spawn_blocking(move || {
        let read = stored.par_iter().map(|row| Read::of(&row.bytes)).collect();
        (stored, read)
    });
    all.await.map_err(|fault| StoreFault::damaged("the entries", fault))
}

/// Verifies the signatures of entries, on all processors.
async fn verify_all(signed: Vec<SignedEntry>) -> Result<(), StoreFault> {
    let verify = |some: &[SignedEntry]| {
        SignedEntry::verify_all(some).1.map_err(|(at, refusal)| {
            let place = some.get(at).map_or(0, |own| own.entry().place());
            StoreFault::damaged(format!("entry {place}"), refusal)
        })
    };
    let all = spawn_blocking(move || {
        let each: Vec<_> = signed.par_chunks(TOGETHER).map(verify).collect();
        // The first that does not hold, in the order of the entries.
        each.into_iter().collect()
    });
    all.await.map_err(|fault| StoreFault::damaged("the signatures", fault))?
}

/// A replay inside an open transaction, whose projections are empty.
pub(super) struct Replay<'a> {
    shared: &'a Shared,
    write: &'a DatabaseTransaction,
    chapter: i64,
    origin: &'a Origin,
    pace: Pace,
    head: state::StoredHead,
    state: State,
    pending: Pending,
}

impl<'a> Replay<'a> {
    pub(super) async fn new(
        shared: &'a Shared,
        write: &'a DatabaseTransaction,
        (chapter, origin): (i64, &'a Origin),
        pace: Pace,
    ) -> Result<Self, StoreFault> {
        let head = state::head(write, chapter).await?;
        let (state, pending) = (State::new(), Pending::new(chapter, true));
        Ok(Self { shared, write, chapter, origin, pace, head, state, pending })
    }

    pub(super) async fn run(mut self) -> Result<State, StoreFault> {
        loop {
            use rows::entries::{Column, Entity};
            let began = Instant::now();
            let stored = Entity::find()
                .filter(Column::Chapter.eq(self.chapter))
                .filter(Column::Seq.gte(number(self.state.size())))
                .order_by_asc(Column::Seq)
                .limit(CHUNK)
                .all(self.write)
                .await?;
            if stored.is_empty() {
                break;
            }
            let ids = self.first_places(&stored).await?;
            let (stored, read) = read_all(stored).await?;
            let mut signed = Vec::with_capacity(stored.len());
            for (row, read) in stored.iter().zip(read) {
                match self.entry(row, read, &ids).await {
                    Ok(own) => signed.push(own),
                    // An entry before it that is not signed as it says is the one to be named.
                    Err(fault) => return Err(verify_all(signed).await.err().unwrap_or(fault)),
                }
            }
            let (written, held) = tokio::join!(self.pending.flush(self.write), verify_all(signed));
            held?;
            written?;
            self.pace.rest(began.elapsed()).await?;
        }
        if self.state.is_at(&self.head) {
            return Ok(self.state);
        }
        let reason = format!(
            "{} entries are there, the head says {}, or its hashes differ",
            self.state.size(),
            self.head.size
        );
        Err(StoreFault::damaged("the stored head", reason))
    }

    /// Where each voucher id of these entries stands first: one question instead of one each.
    async fn first_places(
        &self,
        stored: &[rows::entries::Model],
    ) -> Result<HashMap<String, u64>, StoreFault> {
        let sql = format!(
            "SELECT voucher_id, MIN(seq) AS seq FROM entries WHERE chapter = ? \
             AND voucher_id IN ({}) GROUP BY voucher_id",
            vec!["?"; stored.len()].join(", ")
        );
        let ids = stored.iter().map(|row| Value::from(row.voucher_id.as_str()));
        let values = std::iter::once(Value::from(self.chapter)).chain(ids);
        let rows = query(self.write, &sql, values).await?;
        let read = |row: &sea_orm::QueryResult| {
            Ok((row.try_get("", "voucher_id")?, unsigned(row.try_get("", "seq")?)?))
        };
        rows.iter().map(read).collect()
    }

    async fn entry(
        &mut self,
        row: &rows::entries::Model,
        read: Read,
        ids: &HashMap<String, u64>,
    ) -> Result<SignedEntry, StoreFault> {
        let seq = self.state.size();
        let damaged = |reason: String| StoreFault::damaged(format!("entry {seq}"), reason);
        let (entry, leaf) = self.state.follow_read(self.origin, read, &row.leaf_hash)?;
        let Some(keys) = self.state.books.signing_keys(&entry) else {
            let refused = self.state.books.verify_signatures(&entry);
            let refusal = refused.map_or_else(|refusal| refusal.to_string(), |()| String::new());
            return Err(damaged(refusal));
        };
        let mut answers = Answers::default();
        let id = &entry.voucher().id;
        if let Some(first) = ids.get(id.as_str()) {
            answers.ids.insert(id.clone(), *first < seq);
        }
        let effects = self.check(&entry, answers).await?;
        let follows = self.state.leaf;
        let nodes = self.state.absorb(&entry, leaf, &effects);
        let receipt = self.shared.receipt_code(&entry);
        let projected = Projected {
            entry: &entry,
            follows,
            bytes: &row.bytes,
            leaf,
            effects: &effects,
            nodes: &nodes,
            receipt: receipt.as_ref(),
        };
        if entry_row(self.chapter, &projected) != *row {
            return Err(damaged("its columns are not those of its bytes".to_owned()));
        }
        self.pending.add(&projected)?;
        Ok(SignedEntry::new(entry, row.bytes.clone(), keys))
    }

    async fn check(&mut self, entry: &Entry, mut answers: Answers) -> Result<Effects, StoreFault> {
        for _ in 0..QUESTIONS {
            match self.state.books.check(entry, &answers) {
                Ok(effects) => return Ok(effects),
                Err(CheckFault::Refused(refusal)) => {
                    return Err(StoreFault::damaged(format!("entry {}", entry.place()), refusal));
                }
                Err(CheckFault::Ask(ask)) => {
                    self.pending.flush(self.write).await?;
                    past::answer(self.write, self.chapter, entry.place(), ask, &mut answers)
                        .await?;
                }
            }
        }
        Err(StoreFault::damaged(format!("entry {}", entry.place()), "the books asked too much"))
    }
}
