//! The register of donors, families and officers.

use chrono::{DateTime, Utc};

use super::{FacadeFault, end};
use crate::ledger::word::Person;
use crate::store::desk::register::{self, Record, Role};
use crate::store::{ChapterId, Store};

impl Store {
    /// Enters persons under identifiers of the caller's: all of them or none.
    ///
    /// # Errors
    /// As [`register::enter_as`], and of the store.
    pub async fn enter_persons(
        &self,
        chapter: ChapterId,
        persons: &[(Person, Role, Record)],
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), FacadeFault> {
        let desk = self.desk(chapter)?;
        let vault = self.vault();
        let write = self.shared.desk_write(&desk).await?;
        let mut done = Ok(());
        for (person, role, record) in persons {
            done = register::enter_as(&write, &vault, &desk, person, *role, record, officer, now)
                .await;
            if done.is_err() {
                break;
            }
        }
        end(write, done).await
    }
}
