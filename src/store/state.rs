//! The state of a ledger in memory: books, right edge of the tree, last leaf. Loaded from the
//! newest snapshot and the entries behind it; each entry is hashed and chained again on the way.

use sea_orm::{ConnectionTrait, QueryResult};

use super::database::{execute, first, query};
use super::fault::StoreFault;
use super::nodes::{self, LedgerTree, hash, number, unsigned};
use crate::books::effects::Effects;
use crate::books::key_at;
use crate::books::{Books, SNAPSHOT_FORMAT, checkpoint, continues};
use crate::ledger::entry::{Entry, EntryFault, SignedVoucher, leaf_hash};
use crate::ledger::keys::PublicKey;
use crate::ledger::tree::{Frontier, Hash, StoredIndex};
use crate::ledger::voucher::Body;
use crate::ledger::word::{Origin, Time};

/// Entries read at a time.
const CHUNK: u64 = 500;

/// The head as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredHead {
    pub size: u64,
    pub leaf: Hash,
    pub root: Hash,
}

/// The columns of a [`StoredHead`]. A writer asks for them before it knows the steps of the schema:
/// no step may give them other names.
pub(super) const HEAD: &str = "head_size, head_leaf, head_root";

/// The stored head of a chapter.
pub(super) async fn head(
    connection: &impl ConnectionTrait,
    chapter: i64,
) -> Result<StoredHead, StoreFault> {
    let sql = format!("SELECT {HEAD} FROM chapters WHERE id = ?");
    let row = first(connection, &sql, [chapter.into()]).await?.ok_or(StoreFault::NoChapter)?;
    StoredHead::read(&row)
}

impl StoredHead {
    /// From a row with the columns of a head.
    pub(super) fn read(row: &QueryResult) -> Result<Self, StoreFault> {
        Ok(Self {
            size: unsigned(row.try_get("", "head_size")?)?,
            leaf: hash(&row.try_get::<Vec<u8>>("", "head_leaf")?, "head")?,
            root: hash(&row.try_get::<Vec<u8>>("", "head_root")?, "head")?,
        })
    }
}

/// What the bytes of an entry say, wherever it stands.
pub(super) struct Read {
    leaf: Hash,
    entry: Result<Entry, EntryFault>,
}

impl Read {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { leaf: leaf_hash(bytes), entry: Entry::parse(bytes) }
    }
}

/// The state behind a number of entries. Copies are cheap. The tree is that of the newest ledger:
/// one that continues another begins with a tree of its own.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub books: Books,
    pub frontier: Frontier,
    pub leaf: Hash,
}

impl State {
    /// Before entry 0.
    pub(super) fn new() -> Self {
        Self { books: Books::new(), frontier: Frontier::new(), leaf: Hash::ZERO }
    }

    /// The number of entries, over all ledgers of the chapter.
    pub(super) fn size(&self) -> u64 {
        self.books.size()
    }

    /// The tree of the newest ledger.
    pub(super) fn tree(&self, chapter: i64) -> LedgerTree {
        LedgerTree { chapter, before: self.books.before() }
    }

    /// A voucher in the place behind the last entry.
    pub(super) fn place(&self, signed: SignedVoucher, at: Time) -> Entry {
        let (before, prev) = self.behind(&signed.voucher.body);
        Entry { at, prev, seq: self.size() - before, before, signed }
    }

    /// How many entries lie before the ledger of the next one, and the leaf that it follows.
    fn behind(&self, body: &Body) -> (u64, Hash) {
        match self.size() > 0 && continues(body).is_some() {
            true => (self.size(), Hash::ZERO),
            false => (self.books.before(), self.leaf),
        }
    }

    /// Whether this is the state behind the stored head.
    pub(super) fn is_at(&self, head: &StoredHead) -> bool {
        self.size() == head.size && self.leaf == head.leaf && self.frontier.root() == head.root
    }

    /// When the last entry was appended.
    pub(super) fn at(&self) -> Option<Time> {
        self.books.last_at()
    }

    /// The log keys that the entries name, each with the size from which on it signs.
    pub(super) fn log_keys(&self) -> &[(PublicKey, u64)] {
        self.books.chapter().map_or(&[], |chapter| &chapter.log_keys)
    }

    /// The log key that signs the head.
    pub(super) fn log_key(&self) -> Option<&PublicKey> {
        key_at(self.log_keys(), self.frontier.size())
    }

    /// Takes in an entry whose effects are known; the nodes to store for it.
    pub(super) fn absorb(
        &mut self,
        entry: &Entry,
        leaf: Hash,
        effects: &Effects,
    ) -> Vec<(StoredIndex, Hash)> {
        self.books.absorb(entry, effects);
        self.leaf = leaf;
        if entry.before > 0 && entry.seq == 0 {
            self.frontier = Frontier::new();
        }
        self.frontier.append(leaf)
    }

    /// Reads a stored entry and checks its hash and its place in the chain.
    pub(super) fn follow(
        &self,
        origin: &Origin,
        bytes: &[u8],
        stored_leaf: &[u8],
    ) -> Result<(Entry, Hash), StoreFault> {
        self.follow_read(origin, Read::of(bytes), stored_leaf)
    }

    /// The same of one that was read before its turn.
    pub(super) fn follow_read(
        &self,
        origin: &Origin,
        Read { leaf, entry }: Read,
        stored_leaf: &[u8],
    ) -> Result<(Entry, Hash), StoreFault> {
        let seq = self.size();
        let damaged = |reason: &str| StoreFault::damaged(format!("entry {seq}"), reason);
        if leaf.0 != stored_leaf {
            return Err(damaged("its bytes do not have its leaf hash"));
        }
        let entry = entry.map_err(|fault| damaged(&fault.to_string()))?;
        let (before, prev) = self.behind(&entry.voucher().body);
        if entry.seq != seq - before {
            return Err(damaged(&format!("says that it is {}", entry.seq)));
        }
        let entry = entry.behind(before);
        if entry.prev != prev {
            return Err(damaged("it does not continue the chain"));
        }
        if entry.voucher().log != self.log_of_next(origin, &entry) {
            return Err(damaged("it belongs to another ledger"));
        }
        if !self.is_continued_by(&entry.voucher().body) {
            return Err(damaged("the checkpoint that it continues is not that of the entries"));
        }
        if self.at().is_some_and(|last| entry.at < last) {
            return Err(damaged("its time goes back"));
        }
        Ok((entry, leaf))
    }

    /// The ledger of the next entry; `first` is the chapter's first.
    fn log_of_next(&self, first: &Origin, next: &Entry) -> Origin {
        let newest = self.books.chapter().map_or(first, |chapter| &chapter.origin);
        let begins = next.before > 0 && next.seq == 0;
        newest.next().filter(|_| begins).unwrap_or_else(|| newest.clone())
    }

    /// Whether the checkpoint that a later ledger's entry 0 continues has the root of this very
    /// tree; all the rest of it is for the books. True of every other entry.
    pub(super) fn is_continued_by(&self, body: &Body) -> bool {
        let Some(continues) = continues(body).filter(|_| self.size() > 0) else { return true };
        let head = checkpoint(continues).map(|signed| signed.checkpoint().clone());
        head.is_ok_and(|head| {
            head.size == self.frontier.size() && head.root == self.frontier.root()
        })
    }

    /// The state at the stored head: the newest snapshot that fits, and what came behind it.
    pub(super) async fn load(
        connection: &impl ConnectionTrait,
        chapter: i64,
        origin: &Origin,
    ) -> Result<Self, StoreFault> {
        let head = head(connection, chapter).await?;
        let mut state = match Self::from_snapshot(connection, chapter, head.size).await? {
            Some(state) => state,
            None => Self::new(),
        };
        state.catch_up(connection, chapter, origin, &head).await?;
        Ok(state)
    }

    /// Takes in the entries up to the stored head that this state has not seen.
    pub(super) async fn catch_up(
        &mut self,
        connection: &impl ConnectionTrait,
        chapter: i64,
        origin: &Origin,
        head: &StoredHead,
    ) -> Result<(), StoreFault> {
        while self.size() < head.size {
            let from = self.size();
            let until = head.size.min(from + CHUNK);
            let sql = "\
                SELECT entries.bytes AS bytes, leaf_hash, effects.bytes AS effects FROM entries \
                LEFT JOIN effects ON effects.chapter = entries.chapter \
                AND effects.seq = entries.seq \
                WHERE entries.chapter = ? AND entries.seq >= ? AND entries.seq < ? \
                ORDER BY entries.seq";
            let values = [chapter, number(from), number(until)].map(Into::into);
            let rows = query(connection, sql, values).await?;
            if rows.len() as u64 != until - from {
                let reason = format!("{} of {} rows found", rows.len(), until - from);
                return Err(StoreFault::damaged(format!("entries {from} to {until}"), reason));
            }
            for row in &rows {
                self.take_in(origin, row)?;
            }
        }
        if !self.is_at(head) {
            let reason = format!("it is not that of the {} entries behind it", self.size());
            return Err(StoreFault::damaged("the stored head", reason));
        }
        let own = self.frontier.size();
        if nodes::root(connection, self.tree(chapter), own).await? != head.root {
            return Err(StoreFault::damaged("the tree", "its nodes do not have the stored root"));
        }
        Ok(())
    }

    fn take_in(&mut self, origin: &Origin, row: &QueryResult) -> Result<(), StoreFault> {
        let bytes: Vec<u8> = row.try_get("", "bytes")?;
        let (entry, leaf) =
            self.follow(origin, &bytes, &row.try_get::<Vec<u8>>("", "leaf_hash")?)?;
        let damaged = |reason: String| {
            StoreFault::damaged(format!("the effects of entry {}", entry.place()), reason)
        };
        let effects: Option<Vec<u8>> = row.try_get("", "effects")?;
        let effects = effects.ok_or_else(|| damaged("they are missing".to_owned()))?;
        let effects: Effects =
            serde_json::from_slice(&effects).map_err(|fault| damaged(fault.to_string()))?;
        if effects.seq != entry.place() || effects.id != entry.voucher().id {
            return Err(damaged("they belong to another entry".to_owned()));
        }
        self.absorb(&entry, leaf, &effects);
        Ok(())
    }

    /// The newest snapshot of this format that belongs to the entries stored; older formats and
    /// snapshots of other entries are passed over, for a replay does the same more slowly.
    async fn from_snapshot(
        connection: &impl ConnectionTrait,
        chapter: i64,
        size: u64,
    ) -> Result<Option<Self>, StoreFault> {
        let sql = "\
            SELECT size, snapshots.bytes AS state, entries.leaf_hash AS leaf \
            FROM snapshots JOIN entries ON entries.chapter = snapshots.chapter \
            AND entries.seq = snapshots.size - 1 AND entries.leaf_hash = snapshots.leaf_hash \
            WHERE snapshots.chapter = ? AND snapshots.format = ? AND size <= ? \
            ORDER BY size DESC LIMIT 1";
        let values = [chapter, i64::from(SNAPSHOT_FORMAT), number(size)].map(Into::into);
        let Some(row) = first(connection, sql, values).await? else { return Ok(None) };
        let size = unsigned(row.try_get("", "size")?)?;
        let bytes: Vec<u8> = row.try_get("", "state")?;
        let Some(books) = Books::from_snapshot(&bytes).filter(|books| books.size() == size) else {
            return Ok(None);
        };
        let tree = LedgerTree { chapter, before: books.before() };
        let frontier = nodes::frontier(connection, tree, books.own_size()).await?;
        Ok(Some(Self {
            books,
            frontier,
            leaf: hash(&row.try_get::<Vec<u8>>("", "leaf")?, "leaf hash")?,
        }))
    }

    /// Keeps the state for the next start.
    pub(super) async fn save(
        &self,
        write: &impl ConnectionTrait,
        chapter: i64,
    ) -> Result<(), StoreFault> {
        if self.size() == 0 {
            return Ok(());
        }
        let bytes = self
            .books
            .snapshot()
            .map_err(|fault| StoreFault::damaged("the state of the books", fault))?;
        // The newest two are enough: one to start from, one in case its last entries are cut off.
        let old = "DELETE FROM snapshots WHERE chapter = ? AND size NOT IN (SELECT size FROM \
            snapshots AS kept WHERE kept.chapter = ? AND kept.size < ? ORDER BY size DESC LIMIT 1)";
        let size = number(self.size());
        execute(write, old, [chapter, chapter, size].map(Into::into)).await?;
        let new = "INSERT INTO snapshots (chapter, size, leaf_hash, format, bytes) \
            VALUES (?, ?, ?, ?, ?)";
        let values = [
            chapter.into(),
            size.into(),
            self.leaf.0.to_vec().into(),
            i64::from(SNAPSHOT_FORMAT).into(),
            bytes.into(),
        ];
        execute(write, new, values).await?;
        Ok(())
    }
}
