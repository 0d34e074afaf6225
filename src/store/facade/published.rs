//! Donors' names that may be shown, as the published tree has them.

use crate::store::database::first;
use crate::store::desk::vault::{self, Published};
use crate::store::desk::{self, DeskFault};
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
