//! The register of donors, families and officers.

use chrono::{DateTime, Utc};

use crate::ledger::word::Person;
use crate::store::desk::DeskFault;
use crate::store::desk::register::{self, Record, Role};
use crate::store::{ChapterId, Store};

impl Store {
    /// Enters persons under identifiers of the caller's: all of them or none.
    ///
    /// # Errors
    /// As [`register::enter_as`].
    pub async fn enter_persons(
        &self,
        chapter: ChapterId,
        persons: &[(Person, Role, Record)],
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let desk = self.desk_or_gone(chapter)?;
        let vault = self.vault();
        let write = self.begin_desk(&desk).await?;
        let mut done = Ok(());
        for (person, role, record) in persons {
            done = register::enter_as(&write, &vault, &desk, person, *role, record, officer, now)
                .await;
            if done.is_err() {
                break;
            }
        }
        Self::end_desk(write, done).await
    }
}
