//! Complaints: sent, looked up by their senders, worked on at the desk, published.

use chrono::{DateTime, Utc};

use crate::ledger::receipt::ReceiptCode;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Date, Person};
use crate::store::desk::complaints::{
    self, Actor, Complaint, Figures, Filed, NewComplaint, Part, Publication, PublishedAnswer,
};
use crate::store::desk::vault::{self, Action, Subject};
use crate::store::desk::{self, DeskFault};
use crate::store::{ChapterId, Store};

impl Store {
    /// Keeps what somebody sent; the same form again gives the same code.
    ///
    /// # Errors
    /// As [`complaints::file`].
    pub async fn file_complaint(
        &self,
        chapter: ChapterId,
        new: &NewComplaint<'_>,
        now: DateTime<Utc>,
    ) -> Result<Filed, DeskFault> {
        let (desk, vault) = (self.desk_or_gone(chapter)?, self.vault());
        let write = self.begin_desk(&desk).await?;
        let key = self.keys().receipt();
        let done = complaints::file(&write, &vault, &desk, new, key, now).await;
        Self::end_desk(write, done).await
    }

    /// The complaint that a code opens, with what was answered.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn complaint_of_code(
        &self,
        code: &ReceiptCode,
    ) -> Result<Option<(ChapterId, Complaint, Option<String>)>, DeskFault> {
        let (reader, vault) = (self.shared.database.reader(), self.vault());
        let Some((row, own)) = complaints::of_code(reader, &vault, code).await? else {
            return Ok(None);
        };
        let chapter = ChapterId(row);
        let desk = self.desk_or_gone(chapter)?;
        let (_, answer) = complaints::texts(reader, &vault, &desk, &own.id).await?;
        Ok(Some((chapter, own, answer)))
    }

    /// The sender destroys their contact.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn forget_sender(&self, chapter: ChapterId, id: &Person) -> Result<(), DeskFault> {
        let desk = self.desk_or_gone(chapter)?;
        let write = self.begin_desk(&desk).await?;
        let done = complaints::sender_erases(&write, &desk, id).await;
        Self::end_desk(write, done).await?;
        self.scrub().await.map(drop)
    }

    /// Complaints that an officer may see.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn complaints(
        &self,
        chapter: &desk::Chapter,
        actor: Actor<'_>,
        which: (bool, u32),
    ) -> Result<Vec<Complaint>, DeskFault> {
        complaints::list(self.shared.database.reader(), chapter, actor, which).await
    }

    /// How many of them wait for an answer.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn complaints_waiting(
        &self,
        chapter: &desk::Chapter,
        actor: Actor<'_>,
    ) -> Result<u64, DeskFault> {
        complaints::waiting(self.shared.database.reader(), chapter, actor).await
    }

    /// One of them, without its texts: nothing is opened.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn complaint(
        &self,
        chapter: &desk::Chapter,
        (id, actor): (&Person, Actor<'_>),
    ) -> Result<Option<Complaint>, DeskFault> {
        complaints::get(self.shared.database.reader(), chapter, id, actor).await
    }

    /// One of them with its text and answer, which the log notes.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn open_complaint(
        &self,
        chapter: &desk::Chapter,
        (id, actor): (&Person, Actor<'_>),
        now: DateTime<Utc>,
    ) -> Result<Option<(Complaint, Option<String>, Option<String>)>, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let opened = async {
            let Some(own) = complaints::get(&write, chapter, id, actor).await? else {
                return Ok(None);
            };
            let (text, answer) = complaints::texts(&write, &vault, chapter, id).await?;
            if text.is_some() {
                let what = Subject::Complaint(id.clone()).to_string();
                vault::note(&write, chapter, actor.person, Action::Opened, &what, 1, now).await?;
            }
            Ok(Some((own, text, answer)))
        };
        let opened = opened.await;
        Self::end_desk(write, opened).await
    }

    /// How its sender can be reached, which the log notes.
    ///
    /// # Errors
    /// As [`complaints::contact`].
    pub async fn complaints_contact(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, Actor<'_>),
        now: DateTime<Utc>,
    ) -> Result<String, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = complaints::contact(&write, &vault, chapter, of, now).await;
        Self::end_desk(write, done).await
    }

    /// An officer begins to look into it.
    ///
    /// # Errors
    /// As [`complaints::take`].
    pub async fn take_complaint(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64),
        actor: Actor<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = complaints::take(&write, chapter, of, actor, now).await;
        Self::end_desk(write, done).await
    }

    /// Answers it, and publishes what is to be published.
    ///
    /// # Errors
    /// As [`complaints::answer`].
    pub async fn answer_complaint(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64),
        said: (&str, Option<&Publication>),
        actor: Actor<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = complaints::answer(&write, &vault, chapter, of, said, actor, now).await;
        Self::end_desk(write, done).await
    }

    /// Publishes an answered one, or takes it off the public page.
    ///
    /// # Errors
    /// As [`complaints::publish`].
    pub async fn publish_complaint(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64),
        publication: Option<&Publication>,
        actor: Actor<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = complaints::publish(&write, &vault, chapter, of, publication, actor, now).await;
        Self::end_desk(write, done).await
    }

    /// Destroys the sender's contact, or everything private of an answered one.
    ///
    /// # Errors
    /// As [`complaints::erase`].
    pub async fn erase_complaint(
        &self,
        chapter: &desk::Chapter,
        of: ((&Person, u64), Part),
        actor: Actor<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = complaints::erase(&write, chapter, of, actor, now).await;
        Self::end_desk(write, done).await?;
        self.scrub().await.map(drop)
    }

    /// What the public page says of all complaints, and published answers behind the first ones.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn complaints_told(
        &self,
        chapter: ChapterId,
        page: (u32, u32),
        now: DateTime<Utc>,
    ) -> Result<(Figures, Vec<PublishedAnswer>), DeskFault> {
        let (desk, reader) = (self.desk_or_gone(chapter)?, self.shared.database.reader());
        let figures = complaints::figures(reader, &desk, now).await?;
        Ok((figures, complaints::published_answers(reader, &desk, page).await?))
    }

    /// The donor has the masked name shown in place of the full one, with the code of the receipt.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn lessen_name(
        &self,
        chapter: ChapterId,
        of: (&VoucherId, Date),
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let (desk, vault) = (self.desk_or_gone(chapter)?, self.vault());
        let write = self.begin_desk(&desk).await?;
        let done = vault::lessen(&write, &vault, &desk, of, now).await;
        Self::end_desk(write, done).await
    }

    /// Whether there is a masked name that could be shown in place of the full one.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn may_lessen_name(
        &self,
        chapter: ChapterId,
        voucher: &VoucherId,
    ) -> Result<bool, DeskFault> {
        let (desk, vault) = (self.desk_or_gone(chapter)?, self.vault());
        vault::may_lessen(self.shared.database.reader(), &vault, &desk, voucher).await
    }
}
