//! Donors' names that may be shown, as the published tree has them.

use crate::store::database::first;
use crate::store::desk::DeskFault;
use crate::store::desk::vault::{self, Published};
use crate::store::{ChapterId, Store, StoreFault};

impl Store {
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
        let own = self.desk(chapter)?;
        let found = vault::published(self.shared.database.reader(), &own, first, end).await;
        found.map_err(|fault| match fault {
            DeskFault::Database(fault) => StoreFault::Database(fault),
            fault => StoreFault::damaged("a published name", fault),
        })
    }

    /// A text that changes with the names that may be shown: how many, how many of them in full,
    /// of which entries, and how often they changed.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn names_state(&self, chapter: ChapterId) -> Result<String, StoreFault> {
        let sql = "SELECT names, whole, seqs, changes FROM names_shown WHERE chapter = ?";
        let row = first(self.shared.database.reader(), sql, [chapter.0.into()]).await?;
        let Some(row) = row else { return Ok("0".to_owned()) };
        let figure = |name: &str| row.try_get::<i64>("", name);
        let (names, whole) = (figure("names")?, figure("whole")?);
        Ok(format!("{names}-{whole}-{}-{}", figure("seqs")?, figure("changes")?))
    }
}
