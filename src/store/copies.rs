//! Copies of the database: made beside a running server, and looked at before they count.
//!
//! A copy is looked at without trusting any of its columns: every entry is hashed from its bytes,
//! the chain followed, and the tree built; chain and tree have to end in the stored head.

use std::collections::BTreeMap;
use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde::{Deserialize, Serialize};

use super::database::{first, query};
use super::fault::StoreFault;
use super::folder;
use super::nodes::{hash, number, unsigned};
use super::{Location, StoreConfig};
use crate::ledger::entry::{Entry, leaf_hash};
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::tree::{Frontier, Hash};

/// Entries read at a time.
const CHUNK: u64 = 500;

/// What a copy holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// The newest ledger of each chapter with entries, in the order of their making.
    pub ledgers: Vec<StoredLedger>,
    /// Rows of each table.
    pub tables: BTreeMap<String, u64>,
}

/// A ledger as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredLedger {
    /// The identity of the newest ledger of the chapter.
    pub origin: String,
    /// The chapter's word in addresses.
    pub slug: String,
    /// Entries of all ledgers of the chapter.
    pub size: u64,
    /// Entries of the ledgers that the newest one continues.
    pub before: u64,
    /// The leaf hash of the last entry, 64 hex digits.
    pub leaf: String,
    /// The root of the newest ledger's tree, 64 hex digits.
    pub root: String,
    /// The newest checkpoint that was signed over these entries and is known where the copy was
    /// made.
    pub checkpoint: Option<String>,
}

/// Checkpoints by the ledger's identity.
pub type Signed = BTreeMap<String, SignedCheckpoint>;

/// What the rows of `chapters` and `entries` say, in whatever order they come.
#[derive(Debug, Default)]
pub(super) struct Looked {
    chapters: BTreeMap<i64, (String, u64, Hash, Hash)>,
    chains: BTreeMap<i64, Chain>,
}

/// The leaves of a chapter.
#[derive(Debug, Default)]
struct Chain {
    leaves: Vec<Option<Hash>>,
    // What entries say of the one before that was not met yet.
    ahead: BTreeMap<u64, Hash>,
    last: Option<(u64, Vec<u8>)>,
}

/// A row of `entries`.
pub(super) struct StoredEntry<'a> {
    pub seq: u64,
    pub prev: Hash,
    pub leaf: Hash,
    pub bytes: &'a [u8],
}

impl Looked {
    /// Takes in a row of `chapters`: the slug and the stored head.
    pub(super) fn chapter(&mut self, id: i64, slug: String, size: u64, leaf: Hash, root: Hash) {
        self.chapters.insert(id, (slug, size, leaf, root));
    }

    /// Takes in a row of `entries`.
    pub(super) fn entry(&mut self, chapter: i64, row: &StoredEntry<'_>) -> Result<(), StoreFault> {
        let damaged =
            |why: &str| StoreFault::damaged(format!("entry {} of the copy", row.seq), why);
        let leaf = leaf_hash(row.bytes);
        if leaf != row.leaf {
            return Err(damaged("its bytes do not have its leaf hash"));
        }
        let chain = self.chains.entry(chapter).or_default();
        let at = usize::try_from(row.seq).map_err(|_| damaged("no such place"))?;
        // Rows come nearly in order; one far ahead would be a hole as large.
        if at > chain.leaves.len() + (1 << 20) {
            return Err(damaged("entries before it are missing"));
        }
        if at >= chain.leaves.len() {
            chain.leaves.resize(at + 1, None);
        }
        if chain.leaves[at].replace(leaf).is_some() {
            return Err(damaged("it is there twice"));
        }
        let before = at.checked_sub(1).map_or(Some(Hash::ZERO), |before| chain.leaves[before]);
        match before {
            Some(before) if before == row.prev => {}
            Some(_) => return Err(damaged("it does not continue the chain")),
            None => drop(chain.ahead.insert(row.seq - 1, row.prev)),
        }
        if chain.ahead.remove(&row.seq).is_some_and(|wanted| wanted != leaf) {
            return Err(damaged("the next one does not continue the chain"));
        }
        if chain.last.as_ref().is_none_or(|(seq, _)| *seq < row.seq) {
            chain.last = Some((row.seq, row.bytes.to_vec()));
        }
        Ok(())
    }

    /// The ledgers, once all rows were taken in. A checkpoint of `signed` is kept with its ledger
    /// when it signs no more than is there; one that signs another tree is a fault.
    pub(super) fn finish(self, signed: &Signed) -> Result<Vec<StoredLedger>, StoreFault> {
        let mut ledgers = Vec::new();
        let Self { chapters, mut chains } = self;
        for (id, (slug, size, leaf, root)) in chapters {
            let chain = chains.remove(&id).unwrap_or_default();
            if size == 0 && chain.leaves.is_empty() {
                continue;
            }
            ledgers.push(chain.finish((slug, size, leaf, root), signed)?);
        }
        match chains.is_empty() {
            true => Ok(ledgers),
            false => Err(StoreFault::damaged("the copy", "entries of a chapter without its row")),
        }
    }
}

impl Chain {
    fn finish(
        self,
        (slug, size, leaf, root): (String, u64, Hash, Hash),
        signed: &Signed,
    ) -> Result<StoredLedger, StoreFault> {
        let damaged = |why: String| StoreFault::damaged(format!("the copy of /{slug}"), why);
        let there = self.leaves.len() as u64;
        let leaves: Option<Vec<Hash>> = self.leaves.into_iter().collect();
        let leaves = leaves.ok_or_else(|| damaged("entries are missing in between".to_owned()))?;
        if there != size || leaves.last() != Some(&leaf) {
            return Err(damaged(format!("its head names {size} entries, {there} are there")));
        }
        let bytes = self.last.map(|(_, bytes)| bytes).unwrap_or_default();
        let last = Entry::parse(&bytes).map_err(|fault| damaged(fault.to_string()))?;
        let before = (size - 1).checked_sub(last.seq);
        let before =
            before.ok_or_else(|| damaged("its last entry is numbered wrong".to_owned()))?;
        let origin = last.voucher().log.as_str().to_owned();
        let known = signed.get(&origin).filter(|known| known.checkpoint().size <= size - before);
        let known = known.map(|known| (known, known.checkpoint().clone()));
        let mut tree = Frontier::new();
        for leaf in leaves.into_iter().skip(usize::try_from(before).unwrap_or(usize::MAX)) {
            tree.append(leaf);
            if let Some((_, head)) = &known
                && head.size == tree.size()
                && head.root != tree.root()
            {
                let why = format!("its first {} entries are not those that were signed", head.size);
                return Err(damaged(why));
            }
        }
        if tree.root() != root {
            return Err(damaged("its tree does not have the stored root".to_owned()));
        }
        let checkpoint = known.map(|(known, _)| known.to_string());
        let (leaf, root) = (leaf.to_string(), root.to_string());
        Ok(StoredLedger { origin, slug, size, before, leaf, root, checkpoint })
    }
}

/// Copies an SQLite database whole, also while a server writes to it: a reader's moment, without
/// what was erased.
///
/// # Errors
/// [`StoreFault`]: there is no database, no room, or something at `to`.
pub async fn copy_sqlite(from: &Path, to: &Path) -> Result<(), StoreFault> {
    let database = sea_orm::Database::connect(Location::Sqlite(from.to_owned()).reader()).await?;
    let to = to.display().to_string();
    let copied = super::database::execute(&database, "VACUUM INTO ?", [to.into()]).await;
    database.close().await?;
    copied.map(drop).map_err(StoreFault::from)
}

/// Looks an SQLite database over: SQLite's own check, every entry, every head; reads only.
///
/// # Errors
/// [`StoreFault::Damaged`] says what is wrong.
pub async fn look_at_sqlite(path: &Path, signed: &Signed) -> Result<Contents, StoreFault> {
    if !path.is_file() {
        let reason = "there is no database".to_owned();
        return Err(StoreFault::Folder { path: path.to_owned(), reason });
    }
    let database = sea_orm::Database::connect(Location::Sqlite(path.to_owned()).reader()).await?;
    let looked = look(&database, signed).await;
    database.close().await?;
    looked
}

async fn look(database: &DatabaseConnection, signed: &Signed) -> Result<Contents, StoreFault> {
    for row in query(database, "PRAGMA integrity_check", []).await? {
        let said: String = row.try_get("", "integrity_check")?;
        if said != "ok" {
            return Err(StoreFault::damaged("the copy", said));
        }
    }
    if let Some(row) = first(database, "PRAGMA foreign_key_check", []).await? {
        let table: String = row.try_get("", "table")?;
        return Err(StoreFault::damaged(format!("table {table}"), "a row names one that is gone"));
    }
    let tables = counts(database, tables_of_sqlite(database).await?).await?;
    Ok(Contents { ledgers: ledgers(database, signed).await?, tables })
}

/// The same of a PostgreSQL database that was restored; the server itself keeps its files whole.
///
/// # Errors
/// [`StoreFault`].
pub async fn look_at_postgres(url: &str, signed: &Signed) -> Result<Contents, StoreFault> {
    let mut options = Location::Postgres(url.to_owned()).reader();
    options.max_connections(1);
    let database = sea_orm::Database::connect(options).await?;
    let looked = async {
        let names = "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables \
            WHERE schemaname = current_schema() ORDER BY name";
        let mut names = query(&database, names, []).await?;
        let names = names.drain(..).map(|row| row.try_get("", "name"));
        let names: Vec<String> = names.collect::<Result<_, _>>()?;
        let tables = counts(&database, names).await?;
        Ok(Contents { ledgers: ledgers(&database, signed).await?, tables })
    };
    let looked = looked.await;
    database.close().await?;
    looked
}

/// Folds the log file of an SQLite database into it, so that it is one file.
///
/// # Errors
/// [`StoreFault::Database`] when it is damaged.
pub async fn fold(path: &Path) -> Result<(), StoreFault> {
    let database = sea_orm::Database::connect(Location::Sqlite(path.to_owned()).writer()).await?;
    let folded = database.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await;
    database.close().await?;
    folded.map(drop).map_err(StoreFault::from)
}

async fn counts(
    database: &impl ConnectionTrait,
    names: Vec<String>,
) -> Result<BTreeMap<String, u64>, StoreFault> {
    let mut tables = BTreeMap::new();
    for table in names {
        let count = format!("SELECT COUNT(*) AS n FROM \"{table}\"");
        let row = first(database, &count, []).await?;
        let rows = row.map(|row| row.try_get::<i64>("", "n")).transpose()?.unwrap_or_default();
        tables.insert(table, unsigned(rows)?);
    }
    Ok(tables)
}

/// The tables of an SQLite database, without SQLite's own.
pub(super) async fn tables_of_sqlite(
    database: &impl ConnectionTrait,
) -> Result<Vec<String>, StoreFault> {
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' \
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let rows = query(database, names, []).await?;
    Ok(rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?)
}

/// Every ledger of a database, each entry hashed anew.
pub(super) async fn ledgers(
    database: &impl ConnectionTrait,
    signed: &Signed,
) -> Result<Vec<StoredLedger>, StoreFault> {
    let mut looked = Looked::default();
    let heads = "SELECT id, slug, head_size, head_leaf, head_root FROM chapters ORDER BY id";
    for head in query(database, heads, []).await? {
        let id: i64 = head.try_get("", "id")?;
        let leaf = hash(&head.try_get::<Vec<u8>>("", "head_leaf")?, "head")?;
        let root = hash(&head.try_get::<Vec<u8>>("", "head_root")?, "head")?;
        let size = unsigned(head.try_get("", "head_size")?)?;
        looked.chapter(id, head.try_get("", "slug")?, size, leaf, root);
        let mut from = 0;
        loop {
            let text = "SELECT seq, prev, leaf_hash, bytes FROM entries \
                WHERE chapter = ? AND seq >= ? ORDER BY seq LIMIT ?";
            let values = [id, number(from), number(CHUNK)].map(Into::into);
            let rows = query(database, text, values).await?;
            for row in &rows {
                let bytes: Vec<u8> = row.try_get("", "bytes")?;
                let seq = unsigned(row.try_get("", "seq")?)?;
                let prev = hash(&row.try_get::<Vec<u8>>("", "prev")?, "prev")?;
                let leaf = hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")?;
                looked.entry(id, &StoredEntry { seq, prev, leaf, bytes: &bytes })?;
                from = seq + 1;
            }
            if (rows.len() as u64) < CHUNK {
                break;
            }
        }
    }
    looked.finish(signed)
}

/// The checkpoints that the anchors of a data folder hold now; damaged ones are left out, for the
/// start will name them.
///
/// # Errors
/// [`StoreFault::Folder`] when a folder that is there cannot be read.
pub fn anchored(config: &StoreConfig) -> Result<Signed, StoreFault> {
    let folder = config.anchor_folder();
    let mut signed = Signed::new();
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(signed),
        Err(fault) => return Err(folder::fault_at(&folder, &fault)),
    };
    // A pipe or a device that somebody laid there would be read for ever.
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        let Some(text) = folder::read(&path).ok().flatten() else { continue };
        if let Ok(head) = SignedCheckpoint::parse(text.as_bytes()) {
            signed.insert(head.checkpoint().origin.clone(), head);
        }
    }
    Ok(signed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rows(count: u64) -> Vec<(u64, Hash, Hash, Vec<u8>)> {
        let mut prev = Hash::ZERO;
        let row = |seq: u64| {
            let bytes = format!("entry {seq}").into_bytes();
            let leaf = leaf_hash(&bytes);
            let row = (seq, prev, leaf, bytes);
            prev = leaf;
            row
        };
        (0..count).map(row).collect()
    }

    fn take(order: &[usize], rows: &[(u64, Hash, Hash, Vec<u8>)]) -> Result<Looked, StoreFault> {
        let mut looked = Looked::default();
        for at in order {
            let (seq, prev, leaf, bytes) = &rows[*at];
            looked.entry(1, &StoredEntry { seq: *seq, prev: *prev, leaf: *leaf, bytes })?;
        }
        Ok(looked)
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_among_the_anchors_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig::sqlite(folder.path());
        let anchors = config.anchor_folder();
        std::fs::create_dir(&anchors).unwrap();
        let made = std::process::Command::new("mkfifo").arg(anchors.join("pipe")).status();
        assert!(made.unwrap().success());
        std::fs::write(anchors.join("text"), "no checkpoint").unwrap();
        assert!(anchored(&config).unwrap().is_empty());
    }

    #[test]
    fn a_chain_holds_in_any_order_and_breaks_in_any_order() {
        let whole = rows(4);
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            assert!(take(&order, &whole).is_ok(), "{order:?}");
            let mut broken = rows(4);
            broken[2].1 = Hash::ZERO;
            assert!(take(&order, &broken).is_err(), "{order:?}");
        }
        assert!(take(&[0, 1, 1], &whole).is_err());
        let mut changed = rows(2);
        changed[1].3 = b"another".to_vec();
        assert!(take(&[0, 1], &changed).is_err());
    }

    #[test]
    fn entries_that_are_missing_or_have_no_chapter_are_found() {
        let whole = rows(3);
        let head = |looked: &mut Looked| {
            looked.chapter(1, "xuan-tay".to_owned(), 3, whole[2].2, Hash::ZERO);
        };
        let mut hole = take(&[0, 2], &whole).unwrap();
        head(&mut hole);
        assert!(hole.finish(&Signed::new()).unwrap_err().to_string().contains("in between"));
        let mut short = take(&[0, 1], &whole).unwrap();
        head(&mut short);
        assert!(short.finish(&Signed::new()).unwrap_err().to_string().contains("2 are there"));
        let orphans = take(&[0], &whole).unwrap().finish(&Signed::new());
        assert!(orphans.unwrap_err().to_string().contains("without its row"));
    }
}
