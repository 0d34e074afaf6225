//! The account of an officer who signs at the command line.

use crate::store::desk::DeskFault;
use crate::store::desk::accounts::{self, Account};
use crate::store::{ChapterId, Store};

impl Store {
    /// The account with a sign-in name, as typed; `None` when there is none or it is disabled.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn account_named(
        &self,
        chapter: ChapterId,
        sign_in_name: &str,
    ) -> Result<Option<Account>, DeskFault> {
        let desk = self.desk_or_gone(chapter)?;
        let reader = self.shared.database.reader();
        let account = accounts::by_name(reader, &desk, sign_in_name).await?;
        Ok(account.filter(|account| !account.disabled))
    }
}
