//! Donors' names by consent, and the erasure of private values.

use chrono::{DateTime, Utc};

use crate::ledger::entry::SignedVoucher;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;
use crate::store::desk::drafts::{self, Draft};
use crate::store::desk::erasures::{self, Asked};
use crate::store::desk::settings::{self, Limit};
use crate::store::desk::vault::{
    self, Consent, Holding, Opening, ShownName, Subject, Target, Withdrawal,
};
use crate::store::desk::{self, DeskFault, DeskRefusal};
use crate::store::{ChapterId, Store};

impl Store {
    /// What is held of everybody who stands in a voucher; opens nothing.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn holdings(
        &self,
        chapter: &desk::Chapter,
        voucher: &VoucherId,
    ) -> Result<Vec<Holding>, DeskFault> {
        vault::holdings(self.shared.database.reader(), chapter, voucher).await
    }

    /// What is held of one subject; opens nothing.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn holding_of(
        &self,
        chapter: &desk::Chapter,
        subject: &Subject,
    ) -> Result<Option<Holding>, DeskFault> {
        vault::holding_of(self.shared.database.reader(), chapter, subject).await
    }

    /// What is held back from everybody.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn restricted(&self, chapter: &desk::Chapter) -> Result<Vec<Holding>, DeskFault> {
        vault::restricted(self.shared.database.reader(), chapter).await
    }

    /// The consents of a donor, each with how it was given. Of a restricted donor that stays
    /// closed.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn consents_of(
        &self,
        chapter: &desk::Chapter,
        held: &Holding,
    ) -> Result<Vec<(Consent, Option<String>)>, DeskFault> {
        let (reader, vault) = (self.shared.database.reader(), self.vault());
        let mut all = Vec::new();
        for consent in vault::consents(reader, chapter, &held.subject).await? {
            let how = match held.restricted {
                true => None,
                false => vault::how(reader, &vault, chapter, &consent).await?,
            };
            all.push((consent, how));
        }
        Ok(all)
    }

    /// Records a donor's consent to be shown on one gift, with how it was given, and shows the
    /// name.
    ///
    /// `seen` is how often the name had been taken back when the officer was asked: an older form
    /// shows nothing again.
    ///
    /// # Errors
    /// [`DeskRefusal::TakenBack`]; as [`vault::record_consent`] and [`vault::publish`].
    pub async fn show_name(
        &self,
        chapter: &desk::Chapter,
        voucher: &VoucherId,
        consent: &Consent,
        (how, seen): (&str, u64),
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let vault = self.vault();
        let officer = &consent.recorded_by;
        let done = async {
            let withdrawn = vault::withdrawal(&write, chapter, voucher).await?;
            if withdrawn.map_or(0, |withdrawn| withdrawn.times) != seen {
                return Err(DeskRefusal::TakenBack.into());
            }
            vault::record_consent(&write, chapter, consent, now).await?;
            vault::note_how(&write, &vault, chapter, consent, how, now).await?;
            vault::publish(&write, &vault, chapter, officer, voucher, consent.name, now).await
        };
        let done = done.await.map(drop);
        Self::end_desk(write, done).await
    }

    /// Takes back what a donor agreed to, for one gift or for all, and unpublishes what stood on
    /// it. The number of names that are no longer shown.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn withdraw_name(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        subject: &Subject,
        voucher: Option<&VoucherId>,
        now: DateTime<Utc>,
    ) -> Result<u64, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = vault::withdraw_consent(&write, chapter, officer, subject, voucher, now).await;
        Self::end_desk(write, done).await
    }

    /// The donor hides their name with the code of the receipt.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn hide_name(
        &self,
        chapter: ChapterId,
        voucher: &VoucherId,
        now: DateTime<Utc>,
    ) -> Result<u64, DeskFault> {
        let desk = self.desk_or_gone(chapter)?;
        let write = self.begin_desk(&desk).await?;
        let done = vault::hide(&write, &desk, voucher, now).await;
        Self::end_desk(write, done).await
    }

    /// Whether and when the name of a gift's donor was taken back.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn name_withdrawal(
        &self,
        chapter: &desk::Chapter,
        voucher: &VoucherId,
    ) -> Result<Option<Withdrawal>, DeskFault> {
        vault::withdrawal(self.shared.database.reader(), chapter, voucher).await
    }

    /// Names on the public pages, of the newest entries below `below` first.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn shown_names(
        &self,
        chapter: &desk::Chapter,
        below: u64,
        most: u32,
    ) -> Result<Vec<ShownName>, DeskFault> {
        vault::shown_names(self.shared.database.reader(), chapter, below, most).await
    }

    /// Holds values back from everybody, or gives them free again. One giver of a batch of imported
    /// lines gets a key of their own for that.
    ///
    /// # Errors
    /// As [`vault::restrict`] and [`vault::stand_alone`].
    pub async fn restrict(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        Target { subject, voucher }: &Target,
        restricted: bool,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let vault = self.vault();
        let done = async {
            let subject = match voucher {
                None => subject.clone(),
                Some(voucher) => {
                    let of = (subject, voucher);
                    vault::stand_alone(&write, &vault, chapter, officer, of, now).await?
                }
            };
            vault::restrict(&write, chapter, officer, &subject, restricted, now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Lays a `privacy_erased` for the second signature, with what it is to destroy.
    ///
    /// # Errors
    /// As [`drafts::lay`] and [`erasures::ask`].
    pub async fn lay_erasure(
        &self,
        chapter: &desk::Chapter,
        signed: &SignedVoucher,
        asked: &[Asked],
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Draft, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let vault = self.vault();
        let done = async {
            let draft = drafts::lay(&write, &vault, chapter, signed, &[], by, now).await?;
            erasures::ask(&write, chapter, &signed.voucher.id, asked, (by, now)).await?;
            Ok(draft)
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Whose values go when a draft is recorded.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn erasure_asked(
        &self,
        chapter: &desk::Chapter,
        draft: &VoucherId,
    ) -> Result<Vec<Asked>, DeskFault> {
        erasures::asked(self.shared.database.reader(), chapter, draft).await
    }

    /// Years for which accounting papers are kept, with the rule that says so.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn retention(&self, chapter: &desk::Chapter) -> Result<Limit, DeskFault> {
        let settings = settings::get(self.shared.database.reader(), chapter).await?;
        Ok(settings.retention_years)
    }

    /// The newest lines of the log of openings.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn openings(
        &self,
        chapter: &desk::Chapter,
        most: u32,
    ) -> Result<Vec<Opening>, DeskFault> {
        vault::openings(self.shared.database.reader(), chapter, most).await
    }
}
