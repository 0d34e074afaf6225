//! Whether the receipt key at hand is the one that receipts were made with. Another one would make
//! other codes: those on paper would lead nowhere, and no row could tell them from damage.

use super::chapter::{Chapter, ChapterId, Closure, Standing};
use super::database::query;
use super::{Shared, Store, StoreFault};
use crate::ledger::entry::Entry;

/// Receipts that are looked at. One that was changed is damage; all of them are another key.
const LOOKED_AT: u64 = 8;

impl Shared {
    /// Whether none of the first receipts of a ledger has the code that this key gives it.
    pub(super) async fn receipt_key_is_foreign(&self, id: ChapterId) -> Result<bool, StoreFault> {
        let text = format!(
            "SELECT receipts.code, entries.bytes FROM receipts JOIN entries \
             ON entries.chapter = receipts.chapter AND entries.seq = receipts.seq \
             WHERE receipts.chapter = ? ORDER BY receipts.seq LIMIT {LOOKED_AT}"
        );
        let (mut own, mut foreign) = (0, 0);
        for row in query(self.database.reader(), &text, [id.0.into()]).await? {
            let (code, bytes): (String, Vec<u8>) =
                (row.try_get("", "code")?, row.try_get("", "bytes")?);
            // An entry that can't be read says nothing about the key.
            let Ok(entry) = Entry::parse(&bytes) else { continue };
            match self.receipt_code(&entry) {
                Some(made) if made.as_str() == code => own += 1,
                _ => foreign += 1,
            }
        }
        Ok(own == 0 && foreign > 0)
    }
}

impl Store {
    /// Closes a ledger whose receipts were made with another key.
    pub(super) async fn check_receipt_key(&self, chapter: &Chapter) -> Result<(), StoreFault> {
        let mends = match chapter.standing() {
            Standing::Open | Standing::ReadOnly(Closure::Projections { .. }) => true,
            Standing::ReadOnly(closure) => closure.may_be_continued(),
        };
        if mends && self.shared.receipt_key_is_foreign(chapter.id).await? {
            chapter.close(Closure::ReceiptKey);
        }
        Ok(())
    }
}
