//! Checkpoints, proofs, tiles and offline receipts, none of them past the published head.

use crate::ledger::note::{Checkpoint, SignedCheckpoint, sign_checkpoint};
use crate::ledger::receipt::Receipt;
use crate::ledger::tree::{Hash, Nodes as _, TileKind, TilePath, encode_bundle};
use crate::store::nodes;
use crate::store::{ChapterId, Head, Store, StoreFault};

impl Store {
    /// The signed checkpoint of any published size; `None` beyond the head, for 0, and when the
    /// key of that size is not here.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn checkpoint(
        &self,
        chapter: ChapterId,
        size: u64,
    ) -> Result<Option<SignedCheckpoint>, StoreFault> {
        let Some(head) = self.published(chapter, size)? else { return Ok(None) };
        if size == 0 {
            return Ok(None);
        }
        let handle = self.handle(chapter)?;
        let shown = handle.chapter.shown();
        let Some(public) = shown.log_key(size) else { return Ok(None) };
        let origin = &handle.chapter.origin;
        let Some(key) = self.shared.keys.signing(origin, public)? else { return Ok(None) };
        let root = match size == head.size {
            true => head.root,
            false => nodes::root(self.reader(), chapter.0, size).await?,
        };
        let damaged = |fault| StoreFault::damaged("a head", fault);
        let checkpoint = Checkpoint::new(origin.as_str(), size, root).map_err(damaged)?;
        sign_checkpoint(&checkpoint, &key).map(Some).map_err(damaged)
    }

    /// The proof that entry `seq` is in the tree of `size`; `None` beyond the published head.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn inclusion_proof(
        &self,
        chapter: ChapterId,
        seq: u64,
        size: u64,
    ) -> Result<Option<Vec<Hash>>, StoreFault> {
        if seq >= size || self.published(chapter, size)?.is_none() {
            return Ok(None);
        }
        nodes::inclusion(self.reader(), chapter.0, seq, size).await.map(Some)
    }

    /// The proof that the tree of `old` is a beginning of that of `new`; `None` beyond the
    /// published head.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn consistency_proof(
        &self,
        chapter: ChapterId,
        old: u64,
        new: u64,
    ) -> Result<Option<Vec<Hash>>, StoreFault> {
        if old > new || self.published(chapter, new)?.is_none() {
            return Ok(None);
        }
        nodes::consistency(self.reader(), chapter.0, old, new).await.map(Some)
    }

    /// The bytes of a tile or bundle (C2SP tlog-tiles); `None` when it is not published whole.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn tile(
        &self,
        chapter: ChapterId,
        path: &TilePath,
    ) -> Result<Option<Vec<u8>>, StoreFault> {
        let published = self.head(chapter)?.map_or(0, |head| head.size);
        if !path.is_within(published) {
            return Ok(None);
        }
        let damaged = |fault| StoreFault::damaged("the tree", fault);
        let bytes = match path.kind() {
            TileKind::Entries => {
                let until = path.start() + u64::from(path.width());
                let entries = self.entry_bytes(chapter, path.start(), until).await?;
                encode_bundle(entries.iter().map(Vec::as_slice)).map_err(damaged)?
            }
            TileKind::Hashes { level } => {
                let places = path.nodes().map_err(damaged)?;
                let nodes = nodes::read(self.reader(), chapter.0, &places).await?;
                nodes.hash_tile_bytes(level, path.index(), path.width()).map_err(damaged)?
            }
        };
        Ok(Some(bytes))
    }

    /// The offline receipt of an entry under the newest published head; `None` while it is not
    /// published.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn receipt(
        &self,
        chapter: ChapterId,
        seq: u64,
    ) -> Result<Option<Receipt>, StoreFault> {
        let Some(head) = self.head(chapter)? else { return Ok(None) };
        let Some(proof) = self.inclusion_proof(chapter, seq, head.size).await? else {
            return Ok(None);
        };
        let Some(kept) = self.entry(chapter, seq).await? else { return Ok(None) };
        let signed = SignedCheckpoint::parse(head.checkpoint.as_bytes())
            .map_err(|fault| StoreFault::damaged("the head", fault))?;
        let receipt = Receipt::new(kept.bytes, seq, proof, signed);
        receipt.map(Some).map_err(|fault| StoreFault::damaged(format!("entry {seq}"), fault))
    }

    /// The published head when it covers `size`.
    fn published(&self, chapter: ChapterId, size: u64) -> Result<Option<Head>, StoreFault> {
        Ok(self.head(chapter)?.filter(|head| head.size >= size))
    }
}
