//! What the pages of the desk ask of the store, in their own words: no rule, one transaction each.

mod accounts;
mod drafts;
mod health;
mod imports;
mod journal;
mod names;
mod register;
mod signing;

pub use accounts::NewAccount;
pub use health::Health;
pub use imports::{Booking, ImportFile};
pub use journal::{Line, PlaceLine};

use sea_orm::DatabaseTransaction;

use super::chapter::lock_of;
use super::database::give_up;
use super::desk::vault::Vault;
use super::desk::{self, DeskFault};
use super::{ChapterId, Store, StoreFault};

impl Store {
    /// A ledger as its desk knows it.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn desk(&self, chapter: ChapterId) -> Result<desk::Chapter, StoreFault> {
        let origin = self.handle(chapter)?.chapter.origin.clone();
        Ok(desk::Chapter { id: chapter.0, origin })
    }

    /// The same, where an unknown ledger is the desk's own refusal.
    fn desk_or_gone(&self, chapter: ChapterId) -> Result<desk::Chapter, DeskFault> {
        self.desk(chapter).map_err(|_| desk::DeskRefusal::Gone.into())
    }

    fn vault(&self) -> Vault {
        Vault::new(self.keys().vault())
    }

    async fn begin_desk(&self, chapter: &desk::Chapter) -> Result<DatabaseTransaction, DeskFault> {
        Ok(self.shared.database.begin_write(lock_of(&chapter.origin)).await?)
    }

    /// Commits what went well, and undoes the rest.
    async fn end_desk<T>(
        write: DatabaseTransaction,
        done: Result<T, DeskFault>,
    ) -> Result<T, DeskFault> {
        match done {
            Ok(value) => {
                write.commit().await?;
                Ok(value)
            }
            Err(fault) => {
                give_up(write).await;
                Err(fault)
            }
        }
    }
}
