//! A ledger as it is shown now.

use crate::books::Books;
use crate::books::key_at;
use crate::ledger::keys::PublicKey;
use crate::ledger::word::Origin;
use crate::store::{ChapterId, Head, Standing, Store, StoreFault};

/// Head, books and keys of one moment: they belong together.
#[derive(Clone)]
pub struct View {
    /// The ledger.
    pub chapter: ChapterId,
    /// The identity of its newest ledger.
    pub origin: Origin,
    /// The newest signed head; `None` while the stored entries may not be signed.
    pub head: Option<Head>,
    /// The books.
    pub books: Books,
    /// The log keys, each with the size from which on it signs.
    pub log_keys: Vec<(PublicKey, u64)>,
    /// Whether the ledger takes writes, and if not, why.
    pub standing: Standing,
}

impl View {
    /// The number of entries shown.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.books.size()
    }

    /// The log key that signs the newest checkpoint.
    #[must_use]
    pub fn log_key(&self) -> Option<&PublicKey> {
        key_at(&self.log_keys, self.books.own_size())
    }

    /// A text that changes whenever anything shown of the ledger does.
    #[must_use]
    pub fn state(&self) -> String {
        let standing = if self.standing == Standing::Open { "" } else { "-closed" };
        match &self.head {
            Some(head) => {
                let root = head.root.to_string();
                format!("{}-{}{standing}", head.size, root.get(..16).unwrap_or(&root))
            }
            None => format!("{}-unsigned{standing}", self.size()),
        }
    }
}

impl Store {
    /// What is shown of a ledger now; `None` when its entries can't be read.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn view(&self, chapter: ChapterId) -> Result<Option<View>, StoreFault> {
        let handle = self.handle(chapter)?;
        let shown = handle.chapter.shown();
        Ok(shown.books.map(|books| View {
            chapter,
            origin: handle.chapter.origin(),
            head: shown.head,
            books,
            log_keys: shown.log_keys,
            standing: shown.standing,
        }))
    }
}
