//! The register of donors, families and officers.

use chrono::{DateTime, Utc};

use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;
use crate::store::desk::register::{self, Families, Record, Role};
use crate::store::desk::settings::{self, Settings};
use crate::store::desk::vault::{self, Action, Purpose, Reader, Subject};
use crate::store::desk::{self, DeskFault};
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

    /// Opens the families' register for an officer. `pick` takes out what is shown and says of how
    /// many families that is; the log notes this number, about `what`, before anything is shown.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn families<T>(
        &self,
        chapter: &desk::Chapter,
        Reader { person, purpose }: Reader<'_>,
        what: &str,
        now: DateTime<Utc>,
        pick: impl FnOnce(Families) -> (T, usize),
    ) -> Result<T, DeskFault> {
        let reader = self.shared.database.reader();
        let (picked, number) = pick(register::families(reader, &self.vault(), chapter).await?);
        if number > 0 {
            let exported = purpose == Purpose::Export;
            let action = if exported { Action::Exported } else { Action::Opened };
            let write = self.begin_desk(chapter).await?;
            let noted = vault::note(&write, chapter, person, action, what, number, now).await;
            Self::end_desk(write, noted).await?;
        }
        Ok(picked)
    }

    /// Enters a family; `false` when a second click finds it there.
    ///
    /// # Errors
    /// As [`register::enter_family`].
    pub async fn enter_family(
        &self,
        chapter: &desk::Chapter,
        family: (&Person, &Record),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = register::enter_family(&write, &vault, chapter, family, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// Replaces a family's record, if nobody changed it since the version.
    ///
    /// # Errors
    /// As [`register::change_from`].
    pub async fn change_family(
        &self,
        chapter: &desk::Chapter,
        family: (&Person, u64, &Record),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = register::change_from(&write, &vault, chapter, family, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// The vouchers in which something of a person stands, the newest first; opens nothing.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn vouchers_of(
        &self,
        chapter: &desk::Chapter,
        person: &Person,
    ) -> Result<Vec<(VoucherId, Option<u64>)>, DeskFault> {
        let subject = Subject::Person(person.clone());
        vault::vouchers_of(self.shared.database.reader(), chapter, &subject).await
    }

    /// A chapter's own words and limits.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn settings(&self, chapter: &desk::Chapter) -> Result<Settings, DeskFault> {
        settings::get(self.shared.database.reader(), chapter).await
    }

    /// Changes them: read and stored in one transaction, so that of two changes at once neither
    /// undoes the other.
    ///
    /// # Errors
    /// As [`settings::set`].
    pub async fn change_settings(
        &self,
        chapter: &desk::Chapter,
        change: impl FnOnce(&mut Settings),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = async {
            let mut settings = settings::get(&write, chapter).await?;
            change(&mut settings);
            settings::set(&write, chapter, &settings, officer, now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }
}
