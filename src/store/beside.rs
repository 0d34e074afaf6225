//! The whole replay of a ledger beside the site: nobody who writes waits for it.
//!
//! It sees one moment of the database on a connection of its own (`Aside`). Temporary tables with
//! the names of those that are derived from the entries stand in front of them on this connection,
//! so the very code that records and rebuilds writes there; afterwards the two are compared. Memory
//! holds the books and one chunk of entries, the disk for temporary files as much as is derived.

use std::sync::Arc;

use sea_orm::ConnectionTrait as _;
use tokio::sync::oneshot;

use super::Shared;
use super::chapter::{ChapterId, Closure, Head, lock_named};
use super::database::{Aside, first, query};
use super::fault::{StoreFault, Trouble};
use super::nodes::root_of_leaves;
use super::project::TABLES;
use super::rebuild::{Findings, Halt, Pace, Replay, difference};
use super::state::State;
use crate::ledger::tree::Hash;
use crate::ledger::word::Origin;

/// How much less than others the thread of a replay may ask of the processors (`nice`).
const NICENESS: i32 = 10;

/// A replay that is to be made.
pub(super) struct Beside {
    pub shared: Arc<Shared>,
    pub chapter: ChapterId,
    pub identity: Origin,
    /// The head that was shown before it began: what is stored has to hold it.
    pub head: Option<Head>,
    pub halt: Halt,
}

/// What a replay saw.
pub(super) struct Seen {
    /// Entries that were replayed; where they do not hold, those that there are.
    pub size: u64,
    /// The leaf hash of the last one.
    pub leaf: Hash,
    /// What does not agree: the reason to write no more.
    pub finding: Option<Closure>,
}

impl Beside {
    /// Replays on a thread of its own, which is in nobody's way. `None` when another instance is
    /// at it.
    pub(super) async fn run(self) -> Result<Option<Seen>, StoreFault> {
        let (tell, told) = oneshot::channel();
        let thread = std::thread::Builder::new().name("self-check".to_owned());
        let spawned = thread.spawn(move || {
            be_modest();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let seen = match runtime {
                Ok(runtime) => runtime.block_on(self.on_own_connection()),
                Err(fault) => Err(StoreFault::Thread(fault.to_string())),
            };
            // Nobody waits any more: the server is stopping.
            let _ = tell.send(seen);
        });
        spawned.map_err(|fault| StoreFault::Thread(fault.to_string()))?;
        told.await.unwrap_or(Err(StoreFault::Stopping))
    }

    async fn on_own_connection(self) -> Result<Option<Seen>, StoreFault> {
        let aside = Aside::open(&self.shared.config.location).await?;
        let seen = self.look(&aside).await;
        aside.end().await;
        seen.map_err(without_room)
    }

    async fn look(&self, aside: &Aside) -> Result<Option<Seen>, StoreFault> {
        if aside.is_postgres() {
            let lock = lock_named(&format!("self-check {}", self.identity));
            let sql = "SELECT pg_try_advisory_xact_lock(?) AS got";
            let row = first(&**aside, sql, [lock.into()]).await?;
            let got = row.map(|row| row.try_get::<bool>("", "got")).transpose()?;
            if got != Some(true) {
                return Ok(None);
            }
        }
        let schema = Schema::in_front(aside).await?;
        match self.replay(aside, &schema).await {
            Ok((state, finding)) => {
                Ok(Some(Seen { size: state.size(), leaf: state.leaf, finding }))
            }
            Err(StoreFault::Damaged { what, reason }) => {
                let head = super::state::head(&**aside, self.chapter.0).await?;
                let finding = Some(Closure::Broken { reason: format!("{what}: {reason}") });
                Ok(Some(Seen { size: head.size, leaf: head.leaf, finding }))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn replay(
        &self,
        aside: &Aside,
        schema: &Schema,
    ) -> Result<(State, Option<Closure>), StoreFault> {
        let (of, pace) = ((self.chapter, &self.identity), Pace::Gentle(self.halt.clone()));
        let state = replay(&self.shared, aside, of, pace).await?;
        if let Some(closure) = self.against_head(aside, &state).await? {
            return Ok((state, Some(closure)));
        }
        let findings = schema.findings(aside, self.chapter, &state).await?;
        let tables = findings.to_string();
        let finding = (!findings.is_clean()).then_some(Closure::Projections { tables });
        Ok((state, finding))
    }

    /// Whether the entries are still those under the head that was shown.
    async fn against_head(
        &self,
        aside: &Aside,
        state: &State,
    ) -> Result<Option<Closure>, StoreFault> {
        let Some(head) = &self.head else { return Ok(None) };
        if state.size() < head.size {
            return Ok(Some(Closure::Behind { stored: state.size(), signed: head.size }));
        }
        let (before, size) = (head.before, head.size.saturating_sub(head.before));
        let tree = super::nodes::LedgerTree { chapter: self.chapter.0, before };
        let root = root_of_leaves(&**aside, tree, size).await?;
        Ok((root != head.root).then_some(Closure::Forked { size }))
    }
}

/// Replays a ledger before it is served, as fast as it can: what differs, and the state behind it.
/// On a connection of its own as well, so that all that it needed is gone afterwards.
pub(super) async fn at_start(
    shared: &Shared,
    chapter: ChapterId,
    identity: &Origin,
) -> Result<(Findings, State), StoreFault> {
    let aside = Aside::open(&shared.config.location).await?;
    let compared = async {
        let schema = Schema::in_front(&aside).await?;
        let state = replay(shared, &aside, (chapter, identity), Pace::Swift).await?;
        Ok((schema.findings(&aside, chapter, &state).await?, state))
    };
    let compared = compared.await;
    aside.end().await;
    compared.map_err(without_room)
}

/// What is full beside a database that nothing is written to is the place of temporary files.
fn without_room(fault: StoreFault) -> StoreFault {
    match fault.trouble() {
        Trouble::Full => StoreFault::TemporaryFull,
        _ => fault,
    }
}

/// Replays into the temporary tables.
async fn replay(
    shared: &Shared,
    aside: &Aside,
    (chapter, identity): (ChapterId, &Origin),
    pace: Pace,
) -> Result<State, StoreFault> {
    Replay::new(shared, aside, (chapter.0, identity), pace).await?.run().await
}

/// Lets others go first, as far as the operating system knows that of threads.
fn be_modest() {
    #[cfg(target_os = "linux")]
    if let Err(fault) = rustix::process::nice(NICENESS) {
        tracing::debug!(%fault, "the replay has the priority of everything else");
    }
}

/// Where the stored tables lie, as statements name it.
struct Schema {
    stored: String,
    temporary: &'static str,
}

impl Schema {
    async fn find(aside: &Aside) -> Result<Self, StoreFault> {
        if !aside.is_postgres() {
            return Ok(Self { stored: "main".to_owned(), temporary: "temp" });
        }
        let sql = "SELECT quote_ident(nspname) AS name FROM pg_namespace JOIN pg_class \
            ON pg_class.relnamespace = pg_namespace.oid WHERE pg_class.oid = 'entries'::regclass";
        let row = first(&**aside, sql, []).await?;
        let row = row.ok_or_else(|| StoreFault::damaged("the schema", "there are no entries"))?;
        Ok(Self { stored: row.try_get("", "name")?, temporary: "pg_temp" })
    }

    /// Puts empty temporary tables in front of all that is derived from the entries.
    async fn in_front(aside: &Aside) -> Result<Self, StoreFault> {
        let schema = Self::find(aside).await?;
        for table in TABLES {
            schema.put_in_front(aside, table).await?;
        }
        if aside.is_postgres() {
            // Temporary tables begin empty and nobody counts their rows: a plan that was made then
            // would read all of a table for every question when it is full.
            aside.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan").await?;
            // From here on only temporary tables can be written to.
            aside.execute_unprepared("SET TRANSACTION READ ONLY").await?;
        }
        Ok(schema)
    }

    /// What was derived now beside what is stored.
    async fn findings(
        &self,
        aside: &Aside,
        chapter: ChapterId,
        state: &State,
    ) -> Result<Findings, StoreFault> {
        let mut findings = Findings { entries: state.size(), differing: Vec::new() };
        for table in TABLES.into_iter().filter(|table| *table != "snapshots") {
            let names = (self.temporary(table), self.stored(table));
            findings.differing.extend(difference(aside, chapter.0, table, names).await?);
        }
        Ok(findings)
    }

    fn stored(&self, table: &str) -> String {
        format!("{}.{table}", self.stored)
    }

    fn temporary(&self, table: &str) -> String {
        format!("{}.{table}", self.temporary)
    }

    /// Makes an empty temporary table like a stored one, with its indexes and under its name.
    async fn put_in_front(&self, aside: &Aside, table: &str) -> Result<(), StoreFault> {
        if aside.is_postgres() {
            let like = format!(
                "CREATE TEMPORARY TABLE {table} (LIKE {} INCLUDING ALL) ON COMMIT DROP",
                self.stored(table)
            );
            aside.execute_unprepared(&like).await?;
            return Ok(());
        }
        let sql = "SELECT sql FROM main.sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL \
            AND type IN ('table', 'index') ORDER BY type DESC";
        let rows = query(&**aside, sql, [table.into()]).await?;
        if rows.is_empty() {
            return Err(StoreFault::damaged("the schema", format!("there is no {table}")));
        }
        for row in rows {
            let own: String = row.try_get("", "sql")?;
            let own = temporary(&own, table)
                .ok_or_else(|| StoreFault::damaged("the schema", format!("{table}: {own}")))?;
            aside.execute_unprepared(&own).await?;
        }
        Ok(())
    }
}

/// The statement that makes a table or an index of SQLite, for its temporary twin.
fn temporary(sql: &str, table: &str) -> Option<String> {
    let body = &sql[sql.find('(')?..];
    if sql.starts_with("CREATE TABLE ") {
        return Some(format!("CREATE TEMPORARY TABLE {table} {body}"));
    }
    let (make, rest) = sql.split_once("INDEX ")?;
    let (name, _) = rest.split_once(" ON ")?;
    Some(format!("{make}INDEX temp.{name} ON {table} {body}"))
}

#[cfg(test)]
mod tests {
    use super::temporary;

    #[test]
    fn statements_of_tables_and_indexes_are_those_of_their_temporary_twins() {
        for (own, twin) in [
            (
                "CREATE TABLE \"nodes\" (a INT) STRICT",
                "CREATE TEMPORARY TABLE nodes (a INT) STRICT",
            ),
            (
                "CREATE UNIQUE INDEX nodes_a ON \"nodes\" (a) WHERE a > 0",
                "CREATE UNIQUE INDEX temp.nodes_a ON nodes (a) WHERE a > 0",
            ),
        ] {
            assert_eq!(temporary(own, "nodes").as_deref(), Some(twin));
        }
        assert_eq!(temporary("CREATE VIEW x AS SELECT 1", "x"), None);
    }
}
