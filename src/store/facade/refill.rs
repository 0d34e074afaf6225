//! Entries that were lost, taken from a mirror or an export that was verified.

use std::collections::BTreeSet;

use crate::ledger::entry::Entry;
use crate::ledger::note::SignedCheckpoint;
use crate::store::database::query;
use crate::store::refill::{Lost, RefillStop};
use crate::store::writer::Order;
use crate::store::{ChapterId, Standing, Store, StoreFault};

/// The most vouchers whose values are looked up in one statement.
const CHUNK: usize = 1_000;

/// Why no entries were taken.
#[derive(Debug, thiserror::Error)]
pub enum RefillFault {
    /// They do not fit, or the machine failed; nothing was taken.
    #[error(transparent)]
    Stop(#[from] RefillStop),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// What was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refilled {
    /// Entries that came back.
    pub entries: u64,
    /// Private values that these entries seal.
    pub sealed: u64,
    /// How many of those are not here: no public file has them.
    pub lost: u64,
    /// In how many entries these are.
    pub lost_in: u64,
    /// How the ledger stands now.
    pub standing: Standing,
}

impl Store {
    /// The checkpoints that were signed here last, of the newest ledger whose entries are stored
    /// and of those behind it.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn anchored(&self, chapter: ChapterId) -> Result<Vec<SignedCheckpoint>, StoreFault> {
        let mut origin = Some(self.handle(chapter)?.chapter.origin());
        let mut all = Vec::new();
        while let Some(own) = origin {
            let anchor = self.shared.anchors.read(&own)?;
            origin = own.next().filter(|_| anchor.is_some());
            all.extend(anchor);
        }
        Ok(all)
    }

    /// Takes the entries from the place `from` on, which whoever calls has verified whole. They
    /// have to follow the stored ones and to reach every checkpoint that was signed here. All of
    /// them come in one transaction, through the checks of every other entry.
    ///
    /// # Errors
    /// [`RefillFault`]; nothing was taken then.
    pub async fn refill(
        &self,
        chapter: ChapterId,
        from: u64,
        entries: Vec<Vec<u8>>,
    ) -> Result<Refilled, RefillFault> {
        let lost = Lost { from, entries: entries.clone() };
        let taken = self.order(chapter, |reply| Order::Refill { lost, reply }).await??;
        let mut refilled = Refilled {
            entries: taken,
            sealed: 0,
            lost: 0,
            lost_in: 0,
            standing: self.standing(chapter)?,
        };
        let skip = entries.len().saturating_sub(usize::try_from(taken).unwrap_or(usize::MAX));
        for chunk in entries[skip..].chunks(CHUNK) {
            self.count_values(chapter, chunk, &mut refilled).await?;
        }
        Ok(refilled)
    }

    async fn count_values(
        &self,
        chapter: ChapterId,
        entries: &[Vec<u8>],
        refilled: &mut Refilled,
    ) -> Result<(), StoreFault> {
        let parsed = entries.iter().map(|bytes| {
            Entry::parse(bytes).map_err(|fault| StoreFault::damaged("an entry of the copy", fault))
        });
        let parsed: Vec<Entry> = parsed.collect::<Result<_, _>>()?;
        let list = vec!["?"; parsed.len()].join(", ");
        let sql = format!(
            "SELECT digest FROM vault_disclosures WHERE chapter = ? AND voucher IN ({list})"
        );
        let ids = parsed.iter().map(|entry| entry.voucher().id.as_str().into());
        let values = std::iter::once(chapter.0.into()).chain(ids);
        let mut held = BTreeSet::new();
        for row in query(self.shared.database.reader(), &sql, values).await? {
            held.insert(row.try_get::<String>("", "digest")?);
        }
        for entry in &parsed {
            let digests = entry.voucher().all_digests();
            let gone = digests.iter().filter(|digest| !held.contains(*digest)).count();
            refilled.sealed += u64::try_from(digests.len()).unwrap_or(0);
            refilled.lost += u64::try_from(gone).unwrap_or(0);
            refilled.lost_in += u64::from(gone > 0);
        }
        Ok(())
    }
}
