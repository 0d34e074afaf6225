//! What web, the command line and publication ask of the desk: each method one transaction, no
//! rule of its own.

mod accounts;
mod health;
mod imports;
mod private;
mod register;

use sea_orm::DatabaseTransaction;

pub use health::Health;
pub use imports::{Booking, ImportFile};

use super::chapter::{ChapterId, lock_of};
use super::database::give_up;
use super::desk::vault::Vault;
use super::desk::{self, DeskFault};
use super::fault::StoreFault;
use super::{Shared, Store};

/// Why the desk did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum FacadeFault {
    /// The desk said no, or what it keeps is damaged.
    #[error(transparent)]
    Desk(#[from] DeskFault),
    /// The store or the machine failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl From<sea_orm::DbErr> for FacadeFault {
    fn from(fault: sea_orm::DbErr) -> Self {
        Self::Store(fault.into())
    }
}

impl Store {
    /// A chapter as the desk calls it.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub(in crate::store) fn desk(&self, chapter: ChapterId) -> Result<desk::Chapter, StoreFault> {
        let origin = self.handle(chapter)?.chapter.origin.clone();
        Ok(desk::Chapter { id: chapter.0, origin })
    }

    /// The vault under this server's key.
    pub(in crate::store) fn vault(&self) -> Vault {
        Vault::new(self.shared.keys.vault())
    }
}

impl Shared {
    /// Begins a write of the desk of a chapter.
    async fn desk_write(&self, chapter: &desk::Chapter) -> Result<DatabaseTransaction, StoreFault> {
        Ok(self.database.begin_write(lock_of(&chapter.origin)).await?)
    }
}

/// Commits what was done, or undoes it.
async fn end<T>(write: DatabaseTransaction, done: Result<T, DeskFault>) -> Result<T, FacadeFault> {
    match done {
        Ok(value) => {
            write.commit().await?;
            Ok(value)
        }
        Err(fault) => {
            give_up(write).await;
            Err(fault.into())
        }
    }
}
