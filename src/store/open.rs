//! The start: lock the folder, connect, verify every ledger from disk, only then sign and write.
//!
//! Fails closed: a ledger that is not what was written takes no writes, and says why. Reading goes
//! on, and so do the other ledgers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Instant;

use sea_orm::EntityTrait as _;
use tokio::sync::{Mutex, mpsc};

use super::alongside::Alongside;
use super::anchor::Anchors;
use super::chapter::{Chapter, ChapterId, Checked, Closure, Handle, Shown, Standing, lock_of};
use super::database::{Database, execute, first, give_up};
use super::desk::DeskFault;
use super::desk::foundings::Call;
use super::desk::vault::{PrivateValue, Vault};
use super::facade::founding::{self, founded};
use super::fault::StoreFault;
use super::folder::FolderLock;
use super::keys::Keys;
use super::meters::Meters;
use super::nodes::LedgerTree;
use super::record::RecordFault;
use super::state::{self, State};
use super::writer::Writer;
use super::{
    Recorded, Shared, Store, StoreConfig, accounts_days, beside, checks, nodes, rows, search,
};
use crate::books::{Answers, Books, CheckFault};
use crate::ledger::entry::{Entry, SignedVoucher};
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::tree::{EMPTY_ROOT, Hash};
use crate::ledger::word::{Origin, Time};

/// Jobs that may wait for one chapter's writer.
const QUEUE: usize = 4_096;

impl Store {
    /// Opens the store of a data folder, and verifies every ledger in it.
    ///
    /// # Errors
    /// [`StoreFault`]: the folder is in use or cannot be used, the database cannot be reached or
    /// brought up to date, a key file is damaged. A damaged *ledger* is no error but a
    /// [`Standing::ReadOnly`].
    pub async fn open(config: StoreConfig) -> Result<Self, StoreFault> {
        let lock = FolderLock::take(&config.folder)?;
        let (folder, reading) = (config.folder.join("keys"), config.read_only);
        let keys = match reading {
            true => Keys::open_reading(folder, &config.secrets)?,
            false => Keys::open(folder, &config.secrets)?,
        };
        let anchors = match reading {
            true => Anchors::open_reading(config.anchor_folder()),
            false => Anchors::open(config.anchor_folder())?,
        };
        let database = match reading {
            true => Database::open_reading(&config.location).await?,
            false => Database::open(&config.location, config.restoring).await?,
        };
        // What a crash kept from being scrubbed is made up for; PostgreSQL would lock its tables.
        let scrub_due = AtomicBool::new(!database.is_postgres());
        let shared = Arc::new(Shared {
            config,
            database,
            keys,
            anchors,
            heads: tokio::sync::watch::Sender::new(()),
            founding: Mutex::default(),
            foreign_vault: AtomicBool::new(false),
            newer: OnceLock::new(),
            scrub_due,
            meters: Meters::default(),
            _lock: lock,
        });
        let store = Self { shared, chapters: Arc::default() };
        match reading {
            // What a step of the schema left to be made is made by who writes.
            true if accounts_days::is_due(&store.shared).await? => return Err(StoreFault::Older),
            true => {}
            false => accounts_days::make_if_due(&store.shared).await?,
        }
        let rows = rows::chapters::Entity::find().all(store.shared.database.reader()).await?;
        for row in rows {
            let origin: Origin = row
                .origin
                .parse()
                .map_err(|fault| StoreFault::damaged("a ledger's identity", fault))?;
            store.take_up(ChapterId(row.id), origin).await?;
        }
        if store.shared.database.is_postgres() {
            store.poll_in_background();
        }
        Ok(store)
    }

    /// Verifies a ledger and starts its writer.
    pub(super) async fn take_up(
        &self,
        id: ChapterId,
        origin: Origin,
    ) -> Result<Handle, StoreFault> {
        let shown =
            Shown { head: None, books: None, log_keys: Vec::new(), standing: Standing::Open };
        let changes = self.shared.database.changes().clone();
        let chapter = Arc::new(Chapter::new(id, origin, shown, changes));
        let state = match self.verify(&chapter).await {
            Ok(state) => Some(state),
            Err(StoreFault::Damaged { what, reason }) => {
                chapter.close(Closure::Broken { reason: format!("{what}: {reason}") });
                None
            }
            Err(fault) => return Err(fault),
        };
        self.check_vault(&chapter).await?;
        self.check_search(&chapter).await;
        self.check_receipt_key(&chapter).await?;
        let (orders, queue) = mpsc::channel(QUEUE);
        self.shared.meters.show(&chapter.identity);
        let shared = self.shared.clone();
        let writer = Writer { shared, chapter: chapter.clone(), state };
        tokio::spawn(writer.run(queue));
        let handle = Handle { chapter, orders };
        let mut chapters = self.chapters.write().unwrap_or_else(PoisonError::into_inner);
        chapters.insert(id, handle.clone());
        Ok(handle)
    }

    /// Whether the vault key at hand opens what was sealed. Another one would seal new values so
    /// that no one key opens all of them: nothing is written then.
    async fn check_vault(&self, chapter: &Chapter) -> Result<(), StoreFault> {
        let desk = chapter.desk();
        let vault = Vault::new(self.shared.keys.vault());
        match vault.check(self.shared.database.reader(), &desk).await {
            Ok(()) => Ok(()),
            Err(DeskFault::Database(fault)) => Err(fault.into()),
            Err(_) => {
                self.shared.foreign_vault.store(true, Ordering::Relaxed);
                let graver = matches!(
                    chapter.standing(),
                    Standing::ReadOnly(closure) if !closure.may_be_continued()
                );
                if !graver {
                    chapter.close(Closure::VaultKey);
                }
                Ok(())
            }
        }
    }

    /// Makes the rows of the search anew where an older program made them, or none. A ledger opens
    /// without them as well: what failed is logged, and made up for at the next start.
    async fn check_search(&self, chapter: &Chapter) {
        if self.is_reading() || self.shared.foreign_vault.load(Ordering::Relaxed) {
            return;
        }
        let (vault, desk) = (Vault::new(self.shared.keys.vault()), chapter.desk());
        let lock = lock_of(&chapter.identity);
        if let Err(fault) = search::remake_if_behind(&self.shared, &vault, &desk, lock).await {
            tracing::warn!(%fault, "the rows of the search were not made anew");
        }
    }

    /// Replays a ledger whole. `None` where there is no room for that: it is then taken up as a
    /// long one is, unless the last replay found something (`found`).
    async fn replay(&self, chapter: &Chapter, found: bool) -> Result<Option<State>, StoreFault> {
        let began = Instant::now();
        let replayed = beside::at_start(&self.shared, chapter.id, &chapter.identity).await;
        let (findings, state) = match replayed {
            Err(fault @ StoreFault::TemporaryFull) if !found => {
                tracing::warn!(origin = %chapter.identity, %fault, "not replayed at the start");
                return Ok(None);
            }
            replayed => replayed?,
        };
        if !findings.is_clean() {
            chapter.close(Closure::Projections { tables: findings.to_string() });
        } else if state.size() > 0 {
            let (size, took) = (state.size(), began.elapsed());
            chapter.note_checked(Checked { size, at: None, took, clean: true });
        }
        Ok(Some(state))
    }

    /// The state at the stored head, after everything that can be checked was. Shows the books and,
    /// unless the ledger is not what was signed, its head.
    async fn verify(&self, chapter: &Chapter) -> Result<State, StoreFault> {
        let reader = self.shared.database.reader();
        let head = state::head(reader, chapter.id.0).await?;
        // What a replay found stays found until another one finds nothing.
        let found = checks::last_found_something(reader, chapter.id.0).await?;
        let whole = head.size <= self.shared.config.check_at_start || found;
        // A server that only reads takes the word of those that write.
        let whole = whole && !self.is_reading();
        let replayed = match whole {
            true => self.replay(chapter, found).await?,
            false => None,
        };
        let whole = replayed.is_some();
        let state = match replayed {
            Some(state) => state,
            None => State::load(reader, chapter.id.0, &chapter.identity).await?,
        };
        let closure = self.against_anchor(chapter, &state, whole).await?;
        // A standby is always a little behind what was signed: that is no loss.
        if let Some(closure) = closure.filter(|own| !self.is_reading() || !own.may_be_lag()) {
            chapter.close(closure);
            let (books, standing) = (Some(state.books.clone()), chapter.standing());
            let log_keys = state.log_keys().to_vec();
            chapter.show(Shown { head: None, books, log_keys, standing });
        } else {
            self.shared.publish(chapter, &state)?;
        }
        Ok(state)
    }

    /// Compares the stored entries with the newest checkpoint that was signed over them; by their
    /// leaf hashes when these were verified `whole`, for stored nodes could be any.
    async fn against_anchor(
        &self,
        chapter: &Chapter,
        state: &State,
        whole: bool,
    ) -> Result<Option<Closure>, StoreFault> {
        let newest = state.books.chapter().map_or(&chapter.identity, |newest| &newest.origin);
        let (stored, tree) = (state.frontier.size(), state.tree(chapter.id.0));
        if let Some(closure) = self.against_other_ledgers(newest, state, chapter.id.0).await? {
            return Ok(Some(closure));
        }
        let known = self.cosigned_beyond(chapter.id, state.books.before()).await?;
        if let Some((known, root, witness)) = known {
            if known > stored {
                return Ok(Some(Closure::BehindWitness { witness, stored, known }));
            }
            if nodes::root(self.shared.database.reader(), tree, known).await?.0 != *root {
                return Ok(Some(Closure::ForkedFromWitness { witness, size: known }));
            }
        }
        let Some(anchor) = self.shared.anchors.read(newest)? else {
            if state.size() > 0 {
                tracing::warn!(origin = %newest, "no anchor: the tail cannot be compared");
            }
            return Ok(None);
        };
        let signed = anchor.checkpoint();
        if signed.origin != newest.as_str() {
            return Err(StoreFault::damaged("the anchor", "it is another ledger's"));
        }
        if signed.size > stored {
            return Ok(Some(Closure::Behind { stored, signed: signed.size }));
        }
        let keys = state.log_keys().iter().map(|(key, _)| key);
        if let Err(fault) = anchor.verify_log(keys) {
            return Err(StoreFault::damaged("the anchor", fault));
        }
        let reader = self.shared.database.reader();
        let root = match whole {
            true => nodes::root_of_leaves(reader, tree, signed.size).await?,
            false => nodes::root(reader, tree, signed.size).await?,
        };
        Ok((root != signed.root).then_some(Closure::Forked { size: signed.size }))
    }

    /// The trees of the ledgers that the newest one continues, against the checkpoints that it
    /// names; and whether there was once a ledger that continues the newest.
    async fn against_other_ledgers(
        &self,
        newest: &Origin,
        state: &State,
        chapter: i64,
    ) -> Result<Option<Closure>, StoreFault> {
        for earlier in state.books.chapter().map_or(&[][..], |newest| &newest.earlier) {
            let tree = LedgerTree { chapter, before: earlier.before };
            let root = nodes::root(self.shared.database.reader(), tree, earlier.size).await?;
            let signed = SignedCheckpoint::parse(earlier.checkpoint.as_bytes());
            if signed.is_ok_and(|signed| signed.checkpoint().root != root) {
                return Ok(Some(Closure::Forked { size: earlier.before + earlier.size }));
            }
        }
        let Some(next) = newest.next() else { return Ok(None) };
        let anchor = self.shared.anchors.read(&next)?;
        let superseded = |anchor: SignedCheckpoint| Closure::Superseded {
            origin: next.to_string(),
            signed: anchor.checkpoint().size,
        };
        Ok(anchor.map(superseded))
    }

    /// Opens a new ledger with its entry 0, `chapter_opened`.
    ///
    /// # Errors
    /// [`RecordFault`], as for any other voucher.
    pub async fn found(
        &self,
        signed: SignedVoucher,
        alongside: Alongside,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<(ChapterId, Recorded), RecordFault> {
        let beside = (alongside, &[][..]);
        self.found_with(signed, beside, Vec::new(), (Call::Operator, now)).await
    }

    /// Opens a new ledger with its entry 0 and what comes right behind it (the first fund, the bank
    /// account), in one transaction: a ledger is never there without them. `private` are the values
    /// behind the digests of entry 0, `call` is by what it is founded.
    ///
    /// # Errors
    /// [`RecordFault`], as for any other voucher; nothing was recorded then.
    pub async fn found_with(
        &self,
        signed: SignedVoucher,
        (alongside, private): (Alongside, &[PrivateValue]),
        behind: Vec<SignedVoucher>,
        (call, now): (Call<'_>, chrono::DateTime<chrono::Utc>),
    ) -> Result<(ChapterId, Recorded), RecordFault> {
        // Looked at before the ledger gets its row, so that none is left of what the books refuse.
        check_entry_0(&signed, now)?;
        let origin = signed.voucher.log.clone();
        let id = {
            // One at a time, so that a ledger gets one writer.
            let _one = self.shared.founding.lock().await;
            let id = self.chapter_row(&origin).await?;
            if self.handle(id).is_err() {
                self.take_up(id, origin).await?;
            }
            id
        };
        let sealed = self.sealed(&self.desk(id)?, &signed, private, now).await?;
        let alongside = founded(call, now).and(alongside).and(sealed);
        let mut all = vec![(signed, alongside)];
        all.extend(behind.into_iter().map(|signed| (signed, Alongside::nothing())));
        let recorded = self.record_all(id, all, now).await;
        let recorded = recorded.map_err(|refused| self.not_founded(id, refused.fault))?;
        let opening = recorded.into_iter().next().ok_or(RecordFault::Unknown)?;
        Ok((id, opening))
    }

    /// Why a founding was refused. Where somebody else founded the very same chapter meanwhile,
    /// what their ledger says of ours (its log key is elsewhere, it has an entry 0) is beside the
    /// point.
    fn not_founded(&self, id: ChapterId, fault: RecordFault) -> RecordFault {
        let begun = self.handle(id).is_ok_and(|handle| handle.chapter.has_begun());
        match fault {
            RecordFault::Alongside(reason) if reason == founding::SLUG_TAKEN => {
                RecordFault::SlugTaken
            }
            RecordFault::Refused(_) | RecordFault::Closed(Closure::NoLogKey { .. }) if begun => {
                RecordFault::SlugTaken
            }
            fault => fault,
        }
    }

    /// A ledger as another instance begins it, which this one has not seen yet.
    #[cfg(test)]
    pub(crate) async fn founded_elsewhere(&self, origin: &Origin) -> Result<(), StoreFault> {
        let chapter = self.chapter_row(origin).await?;
        let begun = "UPDATE chapters SET head_size = 1 WHERE id = ?";
        let write = self.shared.database.begin_write(founding::LOCK).await?;
        execute(&write, begun, [chapter.0.into()]).await?;
        Ok(write.commit().await?)
    }

    /// The row of a ledger, made when it is missing.
    async fn chapter_row(&self, origin: &Origin) -> Result<ChapterId, StoreFault> {
        let write = self.shared.database.begin_write(founding::LOCK).await?;
        match find_or_make_row(&write, origin).await {
            Ok(id) => {
                write.commit().await?;
                Ok(ChapterId(id))
            }
            Err(fault) => {
                give_up(write).await;
                Err(fault)
            }
        }
    }
}

async fn find_or_make_row(
    write: &sea_orm::DatabaseTransaction,
    origin: &Origin,
) -> Result<i64, StoreFault> {
    let find = "SELECT id FROM chapters WHERE origin = ?";
    if let Some(row) = first(write, find, [origin.as_str().into()]).await? {
        return Ok(row.try_get("", "id")?);
    }
    let make = "INSERT INTO chapters (id, origin, slug, head_leaf, head_root) \
        VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM chapters), ?, ?, ?, ?)";
    let values = [
        origin.as_str().into(),
        origin.slug().into(),
        Hash::ZERO.0.to_vec().into(),
        EMPTY_ROOT.0.to_vec().into(),
    ];
    execute(write, make, values).await?;
    let row = first(write, find, [origin.as_str().into()]).await?.ok_or(StoreFault::NoChapter)?;
    Ok(row.try_get("", "id")?)
}

/// What the books say of an entry 0 by itself.
fn check_entry_0(
    signed: &SignedVoucher,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), RecordFault> {
    let at = Time::new(now).ok_or_else(|| RecordFault::Store(format!("the clock says {now}")))?;
    let entry = Entry { at, prev: Hash::ZERO, seq: 0, before: 0, signed: signed.clone() };
    Entry::parse(&entry.bytes()?)?;
    let books = Books::new();
    books.verify_signatures(&entry)?;
    let mut answers = Answers::default();
    answers.ids.insert(entry.voucher().id.clone(), false);
    match books.check(&entry, &answers) {
        Ok(_) => Ok(()),
        Err(CheckFault::Refused(refusal)) => Err(refusal.into()),
        Err(CheckFault::Ask(ask)) => Err(RecordFault::Store(format!("entry 0 asks {ask:?}"))),
    }
}
