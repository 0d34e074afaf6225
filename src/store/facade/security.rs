//! The log of accounts, the log of openings with its filters, and reports of what may have leaked.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::breach::{self, Asked, Report};
use crate::store::desk::security::{self, Event, Filter, Line, SignIns, Who};
use crate::store::desk::vault::{self, Action, Opening, OpeningSums};
use crate::store::desk::{self, DeskFault};

/// Whom a report of what may have leaked is for.
#[derive(Clone, Copy, Debug)]
pub enum For<'a> {
    /// An officer who looks at its numbers: no name is opened, and nothing is noted.
    Numbers,
    /// An officer who takes the file with its names out: both logs note it.
    File(&'a Person),
    /// Whoever runs the machine, without names: the log of accounts notes it.
    Machine,
}

impl Store {
    /// Lines of the log of accounts, the newest first.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn security_log(
        &self,
        chapter: &desk::Chapter,
        filter: &Filter,
        most: u32,
    ) -> Result<Vec<Line>, DeskFault> {
        security::lines(self.shared.database.reader(), chapter, filter, most).await
    }

    /// Sign-ins by account, good and failed.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn sign_ins(
        &self,
        chapter: &desk::Chapter,
        filter: &Filter,
    ) -> Result<BTreeMap<Option<Person>, SignIns>, DeskFault> {
        security::sign_ins(self.shared.database.reader(), chapter, filter).await
    }

    /// Adds a line to the log of accounts.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn note_security(
        &self,
        chapter: &desk::Chapter,
        event: Event,
        who: Who<'_>,
        detail: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?.unseen();
        let done = security::note(&write, chapter, event, who, detail, now).await;
        Self::end_desk(write, done).await
    }

    /// Lines of the log of openings, the newest first.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn filtered_openings(
        &self,
        chapter: &desk::Chapter,
        filter: &Filter,
        most: u32,
    ) -> Result<Vec<Opening>, DeskFault> {
        vault::openings_of(self.shared.database.reader(), chapter, filter, most).await
    }

    /// Its sums by person and act.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn opening_sums(
        &self,
        chapter: &desk::Chapter,
        filter: &Filter,
    ) -> Result<OpeningSums, DeskFault> {
        vault::opening_sums(self.shared.database.reader(), chapter, filter).await
    }

    /// A report of whose private values may have been seen; handed out only once it is noted.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine; [`DeskFault::Damaged`] under another vault key.
    pub async fn breach_report(
        &self,
        chapter: &desk::Chapter,
        (filter, everything): (&Filter, bool),
        whom: For<'_>,
        now: DateTime<Utc>,
    ) -> Result<Report, DeskFault> {
        let names = matches!(whom, For::File(_));
        let asked = Asked { filter: filter.clone(), everything, names };
        let (reader, vault) = (self.shared.database.reader(), self.vault());
        let report = breach::report(reader, &vault, chapter, &asked).await?;
        let by = match whom {
            For::Numbers => return Ok(report),
            For::File(officer) => Some(officer),
            For::Machine => None,
        };
        let day = |at: Option<DateTime<Utc>>| {
            at.map_or_else(|| "…".to_owned(), |at| at.format("%Y-%m-%dT%H:%MZ").to_string())
        };
        let detail = format!("{} – {}", day(filter.from), day(filter.until));
        let who = Who { person: filter.person.as_ref(), by };
        let write = self.begin_desk(chapter).await?.unseen();
        let done = async {
            security::note(&write, chapter, Event::BreachReported, who, &detail, now).await?;
            let Some(officer) = by else { return Ok(()) };
            let (action, what, persons) = (Action::Exported, "breach", report.affected.len());
            vault::note(&write, chapter, officer, action, what, persons, now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await?;
        Ok(report)
    }
}
