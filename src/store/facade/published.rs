//! Bytes of the published tree. Nothing here knows what is published already: callers ask for
//! nothing past the head that they show.

use crate::books::Effects;
use crate::books::effects::StatementFile;
use crate::ledger::note::{Checkpoint, sign_checkpoint};
use crate::ledger::tree::{Hash, TilePath};
use crate::store::chapter::key_at;
use crate::store::database::{first, query};
use crate::store::desk::vault::{self, Published};
use crate::store::desk::{self, DeskFault};
use crate::store::nodes::{self, number, unsigned};
use crate::store::{ChapterId, Store, StoreFault};

impl Store {
    /// The bytes of the entries from `first` on and below `end`.
    ///
    /// # Errors
    /// [`StoreFault`], also when one of them is missing.
    pub async fn entry_bytes(
        &self,
        chapter: ChapterId,
        first: u64,
        end: u64,
    ) -> Result<Vec<Vec<u8>>, StoreFault> {
        let sql = "SELECT bytes FROM entries WHERE chapter = ? AND seq >= ? AND seq < ? \
            ORDER BY seq";
        let values = [chapter.0, number(first), number(end)].map(Into::into);
        let rows = query(self.shared.database.reader(), sql, values).await?;
        if rows.len() as u64 != end.saturating_sub(first) {
            let reason = format!("{} of {} rows found", rows.len(), end.saturating_sub(first));
            return Err(StoreFault::damaged(format!("entries {first} to {end}"), reason));
        }
        rows.iter().map(|row| Ok(row.try_get("", "bytes")?)).collect()
    }

    /// The hashes of a tile, in their order.
    ///
    /// # Errors
    /// [`StoreFault`], also when one of them is missing.
    pub async fn tile_hashes(
        &self,
        chapter: ChapterId,
        tile: &TilePath,
    ) -> Result<Vec<Hash>, StoreFault> {
        let damaged = |reason: String| StoreFault::damaged(tile.to_string(), reason);
        let wanted = tile.nodes().map_err(|fault| damaged(fault.to_string()))?;
        let found = nodes::read(self.shared.database.reader(), chapter.0, &wanted).await?;
        let hash = |place| found.get(place).copied().ok_or_else(|| damaged(format!("{place:?}")));
        wanted.iter().map(hash).collect()
    }

    /// The proof that entry `index` is in the tree of `size`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn inclusion_proof(
        &self,
        chapter: ChapterId,
        index: u64,
        size: u64,
    ) -> Result<Vec<Hash>, StoreFault> {
        nodes::inclusion(self.shared.database.reader(), chapter.0, index, size).await
    }

    /// The checkpoint over the first `size` entries, signed by the key in force at that size;
    /// `None` past the newest head, or when that key is not here.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn checkpoint_at(
        &self,
        chapter: ChapterId,
        size: u64,
    ) -> Result<Option<String>, StoreFault> {
        let Some(view) = self.view(chapter)? else { return Ok(None) };
        let Some(head) = view.head.filter(|head| size > 0 && size <= head.size) else {
            return Ok(None);
        };
        if size == head.size {
            return Ok(Some(head.checkpoint.to_string()));
        }
        let Some(public) = key_at(&view.log_keys, size) else { return Ok(None) };
        let Some(key) = self.shared.keys.signing(&view.origin, public)? else { return Ok(None) };
        let root = nodes::root(self.shared.database.reader(), chapter.0, size).await?;
        let damaged = |fault| StoreFault::damaged("an earlier head", fault);
        let checkpoint = Checkpoint::new(view.origin.as_str(), size, root).map_err(damaged)?;
        Ok(Some(sign_checkpoint(&checkpoint, &key).map_err(damaged)?.to_string()))
    }

    /// The statements named by the entries below `size`, each with its entry, in ledger order.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn statement_files(
        &self,
        chapter: ChapterId,
        size: u64,
    ) -> Result<Vec<(u64, StatementFile)>, StoreFault> {
        let sql = "SELECT effects.seq AS seq, effects.bytes AS bytes FROM figures \
            JOIN effects ON effects.chapter = figures.chapter AND effects.seq = figures.seq \
            WHERE figures.chapter = ? AND figures.seq < ? \
            AND figures.kind IN ('period_closed', 'statement_published') ORDER BY figures.seq";
        let values = [chapter.0, number(size)].map(Into::into);
        let mut files = Vec::new();
        for row in query(self.shared.database.reader(), sql, values).await? {
            let seq = unsigned(row.try_get("", "seq")?)?;
            let bytes: Vec<u8> = row.try_get("", "bytes")?;
            let effects: Effects = serde_json::from_slice(&bytes)
                .map_err(|fault| StoreFault::damaged(format!("effects of entry {seq}"), fault))?;
            files.extend(effects.statement.map(|file| (seq, file)));
        }
        Ok(files)
    }

    /// The donors' names that may be shown, of the entries from `first` on and below `end`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn published_names(
        &self,
        chapter: ChapterId,
        first: u64,
        end: u64,
    ) -> Result<Vec<Published>, StoreFault> {
        let origin = self.handle(chapter)?.chapter.origin.clone();
        let own = desk::Chapter { id: chapter.0, origin };
        let found = vault::published(self.shared.database.reader(), &own, first, end).await;
        found.map_err(|fault| match fault {
            DeskFault::Database(fault) => StoreFault::Database(fault),
            fault => StoreFault::damaged("a published name", fault),
        })
    }

    /// A text that changes with the names that may be shown: how many, and when the last came.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn names_state(&self, chapter: ChapterId) -> Result<String, StoreFault> {
        let sql = "SELECT COUNT(*) AS names, COALESCE(MAX(published_at), 0) AS last \
            FROM vault_published WHERE chapter = ?";
        let row = first(self.shared.database.reader(), sql, [chapter.0.into()]).await?;
        let Some(row) = row else { return Ok("0".to_owned()) };
        let (names, last): (i64, i64) = (row.try_get("", "names")?, row.try_get("", "last")?);
        Ok(format!("{names}-{last}"))
    }
}
