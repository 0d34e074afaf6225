//! Checkpoints, proofs, tiles and offline receipts of one ledger, none of them past its checkpoint.

use crate::books::key_at;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::receipt::Receipt;
use crate::ledger::tree::{Hash, Nodes as _, TileKind, TilePath, encode_bundle};
use crate::store::nodes;
use crate::store::{ChapterId, PublishedLedger, Store, StoreFault};

impl Store {
    /// The signed checkpoint of any published size of a ledger; `None` beyond its own, for 0, and
    /// when the key of that size is not here.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn checkpoint(
        &self,
        ledger: &PublishedLedger,
        size: u64,
    ) -> Result<Option<SignedCheckpoint>, StoreFault> {
        let damaged = |fault| StoreFault::damaged("a head", fault);
        if size == 0 || size > ledger.size {
            return Ok(None);
        }
        if size == ledger.size {
            return SignedCheckpoint::parse(ledger.checkpoint.as_bytes())
                .map(Some)
                .map_err(damaged);
        }
        let origin = &ledger.origin;
        let keys = self.shared.keys.in_force(origin, &ledger.log_keys, size)?;
        let Some(keys) = keys else { return Ok(None) };
        let root = nodes::root(self.reader(), ledger.tree(), size).await?;
        crate::store::signed_head(origin, size, root, &keys).map(Some)
    }

    /// The proof that entry `seq` of a ledger is in its tree of `size`; `None` beyond its own size.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn inclusion_proof(
        &self,
        ledger: &PublishedLedger,
        seq: u64,
        size: u64,
    ) -> Result<Option<Vec<Hash>>, StoreFault> {
        if seq >= size || size > ledger.size {
            return Ok(None);
        }
        nodes::inclusion(self.reader(), ledger.tree(), seq, size).await.map(Some)
    }

    /// The proof that a ledger's tree of `old` is a beginning of that of `new`; `None` beyond its
    /// own size.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn consistency_proof(
        &self,
        ledger: &PublishedLedger,
        old: u64,
        new: u64,
    ) -> Result<Option<Vec<Hash>>, StoreFault> {
        if old > new || new > ledger.size {
            return Ok(None);
        }
        nodes::consistency(self.reader(), ledger.tree(), old, new).await.map(Some)
    }

    /// The bytes of a tile or bundle (C2SP tlog-tiles) of a ledger; `None` when it is not published
    /// whole.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn tile(
        &self,
        ledger: &PublishedLedger,
        path: &TilePath,
    ) -> Result<Option<Vec<u8>>, StoreFault> {
        if !path.is_within(ledger.size) {
            return Ok(None);
        }
        let damaged = |fault| StoreFault::damaged("the tree", fault);
        let bytes = match path.kind() {
            TileKind::Entries => {
                let from = ledger.before + path.start();
                let until = from + u64::from(path.width());
                let entries = self.entry_bytes(ledger.chapter, from, until).await?;
                encode_bundle(entries.iter().map(Vec::as_slice)).map_err(damaged)?
            }
            TileKind::Hashes { level } => {
                let places = path.nodes().map_err(damaged)?;
                let nodes = nodes::read(self.reader(), ledger.tree(), &places).await?;
                nodes.hash_tile_bytes(level, path.index(), path.width()).map_err(damaged)?
            }
        };
        Ok(Some(bytes))
    }

    /// The offline receipt of the entry at a place, with the cosignatures of its head: that is the
    /// newest head with the entry that a witness cosigned, or, before one did, the newest. `None`
    /// while it is not published.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn receipt(
        &self,
        chapter: ChapterId,
        place: u64,
    ) -> Result<Option<Receipt>, StoreFault> {
        let Some(ledger) = self.published_with(chapter, place)? else { return Ok(None) };
        let seq = place - ledger.before;
        let cosigned = self.cosigned_size(&ledger).await?.filter(|size| *size > seq);
        // The key that hangs on the board signs it, or the paper would not agree with it.
        let key = ledger.log_key();
        let cosigned = cosigned.filter(|size| key_at(&ledger.log_keys, *size) == key);
        let size = cosigned.unwrap_or(ledger.size);
        let Some(proof) = self.inclusion_proof(&ledger, seq, size).await? else {
            return Ok(None);
        };
        let Some(kept) = self.entry(chapter, place).await? else { return Ok(None) };
        let Some(signed) = self.checkpoint(&ledger, size).await? else { return Ok(None) };
        let signed = self.with_cosignatures(&ledger, signed).await?;
        let receipt = Receipt::new(kept.bytes, seq, proof, signed);
        receipt.map(Some).map_err(|fault| StoreFault::damaged(format!("entry {place}"), fault))
    }
}
