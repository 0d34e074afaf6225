//! Accounts of a chapter's desk.

use chrono::{DateTime, Utc};

use super::{FacadeFault, end};
use crate::ledger::keys::PublicKey;
use crate::ledger::word::Person;
use crate::store::desk::accounts::{self, Account};
use crate::store::desk::sealing::Lock;
use crate::store::{ChapterId, Store};

impl Store {
    /// Makes an account for a person with a key of this chapter.
    ///
    /// # Errors
    /// As [`accounts::create`], and of the store.
    pub async fn add_account(
        &self,
        chapter: ChapterId,
        sign_in_name: &str,
        person: &Person,
        key: &PublicKey,
        lock: &Lock,
        now: DateTime<Utc>,
    ) -> Result<Account, FacadeFault> {
        let desk = self.desk(chapter)?;
        let write = self.shared.desk_write(&desk).await?;
        let made = accounts::create(&write, &desk, sign_in_name, person, key, lock, now).await;
        end(write, made).await
    }

    /// The account with a sign-in name, as typed.
    ///
    /// # Errors
    /// Of the store.
    pub async fn account(
        &self,
        chapter: ChapterId,
        sign_in_name: &str,
    ) -> Result<Option<Account>, FacadeFault> {
        let reader = self.shared.database.reader();
        Ok(accounts::by_name(reader, &self.desk(chapter)?, sign_in_name).await?)
    }
}
