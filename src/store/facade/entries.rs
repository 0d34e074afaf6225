//! One entry with what is known of it.

use crate::books::effects::DocumentNumber;
use crate::ledger::entry::Entry;
use crate::ledger::tree::Hash;
use crate::ledger::voucher::Kind;
use crate::ledger::word::Date;
use crate::store::database::{first, query};
use crate::store::nodes::{hash, number, unsigned};
use crate::store::past::{OPENED, kind, read_entry};
use crate::store::{ChapterId, Store, StoreFault};

/// A voucher that names an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    /// Its entry.
    pub seq: u64,
    /// Its kind.
    pub kind: Kind,
}

/// An entry with what is known of it.
#[derive(Clone, Debug)]
pub struct KnownEntry {
    /// The entry.
    pub entry: Entry,
    /// Its bytes, as they are in the tree.
    pub bytes: Vec<u8>,
    /// Its leaf hash.
    pub leaf: Hash,
    /// The numbers that people read.
    pub numbers: Vec<DocumentNumber>,
    /// The day on which balances change.
    pub effective: Date,
    /// The entry that reverses it.
    pub reversed_by: Option<u64>,
    /// The vouchers that name it, in ledger order.
    pub named_by: Vec<Naming>,
}

impl Store {
    /// An entry; `None` from `size` on.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn known_entry(
        &self,
        chapter: ChapterId,
        seq: u64,
        size: u64,
    ) -> Result<Option<KnownEntry>, StoreFault> {
        if seq >= size {
            return Ok(None);
        }
        let reader = self.shared.database.reader();
        let sql = format!(
            "SELECT bytes, leaf_hash, effective, reversed_by, {OPENED} FROM entries \
             JOIN figures ON figures.chapter = entries.chapter AND figures.seq = entries.seq \
             WHERE entries.chapter = ? AND entries.seq = ?"
        );
        let row = first(reader, &sql, [chapter.0.into(), number(seq).into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let naming = "SELECT seq, kind FROM entries WHERE chapter = ? AND of_seq = ? AND +seq < ? \
            ORDER BY +seq";
        let values = [chapter.0, number(seq), number(size)].map(Into::into);
        let naming = query(reader, naming, values).await?;
        let bytes: Vec<u8> = row.try_get("", "bytes")?;
        let day: String = row.try_get("", "effective")?;
        let reversed_by: Option<i64> = row.try_get("", "reversed_by")?;
        let reversed_by = reversed_by.map(unsigned).transpose()?.filter(|by| *by < size);
        Ok(Some(KnownEntry {
            entry: read_entry(&row, seq)?,
            leaf: hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")?,
            bytes,
            numbers: self.numbers(chapter, &[seq]).await?.remove(&seq).unwrap_or_default(),
            effective: day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?,
            reversed_by,
            named_by: naming
                .iter()
                .map(|row| {
                    Ok(Naming {
                        seq: unsigned(row.try_get("", "seq")?)?,
                        kind: kind(&row.try_get::<String>("", "kind")?)?,
                    })
                })
                .collect::<Result<_, StoreFault>>()?,
        }))
    }
}
