//! Lists of families on their way into the register.

use chrono::{DateTime, Utc};

use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::register::{self, Record};
use crate::store::desk::under_way::{self, UnderWay, Waiting, What};
use crate::store::desk::{self, DeskFault};

impl Store {
    /// Takes a list in; it waits, sealed, for its officer.
    ///
    /// # Errors
    /// As [`under_way::take_in`], and of the store.
    pub async fn begin_families(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        (file, choices): (&[u8], &[u8]),
        now: DateTime<Utc>,
    ) -> Result<Person, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let what = (What::Families, file, choices);
        let begun = under_way::take_in(&write, &vault, chapter, officer, what, now).await;
        Self::end_desk(write, begun).await
    }

    /// An officer's lists that wait.
    ///
    /// # Errors
    /// As [`under_way::waiting`].
    pub async fn waiting_families(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<Vec<Waiting>, DeskFault> {
        let (reader, of) = (self.shared.database.reader(), (What::Families, officer));
        under_way::waiting(reader, &self.vault(), chapter, of, now).await
    }

    /// A list of this officer.
    ///
    /// # Errors
    /// As [`under_way::find`].
    pub async fn families_under_way(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        id: &Person,
        now: DateTime<Utc>,
    ) -> Result<Option<UnderWay>, DeskFault> {
        let (reader, of) = (self.shared.database.reader(), (What::Families, officer));
        under_way::find(reader, &self.vault(), chapter, of, id, now).await
    }

    /// Enters the families of a list, all of them or none, once; the list goes.
    ///
    /// # Errors
    /// As [`under_way::done`] and [`register::enter_family`].
    pub async fn record_families(
        &self,
        chapter: &desk::Chapter,
        (id, version): (&Person, u64),
        families: &[(Person, Record)],
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = async {
            let outcome = families.len().to_string();
            under_way::done(&write, chapter, (id, version), &outcome).await?;
            for (person, record) in families {
                let family = (person, record);
                register::enter_family(&write, &vault, chapter, family, officer, now).await?;
            }
            Ok(())
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }
}
