//! Rounds of distribution.

use chrono::{DateTime, Utc};

use crate::ledger::entry::SignedVoucher;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Code, Person};
use crate::store::Store;
use crate::store::desk::rounds::{self, Placed, Round, RoundLine, Terms};
use crate::store::desk::vault::PrivateValue;
use crate::store::desk::{self, DeskFault, drafts, register};

/// A voucher of a round with whom it serves.
#[derive(Clone, Debug)]
pub struct RoundVoucher {
    /// Signed by its recorder.
    pub signed: SignedVoucher,
    /// Its private values.
    pub private: Vec<PrivateValue>,
    /// The families on the list.
    pub families: Vec<Person>,
}

/// A voucher that brings back what families that did not come were to get.
#[derive(Clone, Debug)]
pub struct RoundReturn {
    /// Signed by its recorder.
    pub signed: SignedVoucher,
    /// The voucher with which it was handed out.
    pub handover: VoucherId,
    /// The families that did not come.
    pub families: Vec<Person>,
}

impl Store {
    /// All rounds, the newest first.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn rounds(&self, chapter: &desk::Chapter) -> Result<Vec<Round>, DeskFault> {
        rounds::all(self.shared.database.reader(), chapter).await
    }

    /// A round with its list.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn round(
        &self,
        chapter: &desk::Chapter,
        id: &Person,
    ) -> Result<Option<(Round, Vec<RoundLine>)>, DeskFault> {
        let reader = self.shared.database.reader();
        let Some(round) = rounds::get(reader, chapter, id).await? else { return Ok(None) };
        let lines = rounds::lines(reader, &self.vault(), chapter, id).await?;
        Ok(Some((round, lines)))
    }

    /// Which of some families are served in a round already.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn served_in_round(
        &self,
        chapter: &desk::Chapter,
        (programme, round): (&Code, &Code),
        families: &[Person],
    ) -> Result<std::collections::BTreeSet<Person>, DeskFault> {
        let reader = self.shared.database.reader();
        register::served_in_round(reader, chapter, programme, round, families).await
    }

    /// Whom other vouchers of a round serve.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn served_by_others(
        &self,
        chapter: &desk::Chapter,
        round: (&Code, &Code),
        voucher: &VoucherId,
    ) -> Result<std::collections::BTreeSet<Person>, DeskFault> {
        rounds::served_by_others(self.shared.database.reader(), chapter, round, voucher).await
    }

    /// Families that did not come to the last round of the programme on whose list they were.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn absent_before(
        &self,
        chapter: &desk::Chapter,
        terms: &Terms,
    ) -> Result<std::collections::BTreeSet<Person>, DeskFault> {
        rounds::absent_before(self.shared.database.reader(), chapter, terms).await
    }

    /// Makes a round.
    ///
    /// # Errors
    /// As [`rounds::make`].
    pub async fn make_round(
        &self,
        chapter: &desk::Chapter,
        round: (&Person, &Terms),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = rounds::make(&write, chapter, round, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// Changes what is known of a round beforehand.
    ///
    /// # Errors
    /// As [`rounds::change`].
    pub async fn change_round(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64),
        terms: &Terms,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = rounds::change(&write, chapter, of, terms).await;
        Self::end_desk(write, done).await
    }

    /// Throws a round away.
    ///
    /// # Errors
    /// As [`rounds::discard`].
    pub async fn discard_round(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64),
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = rounds::discard(&write, chapter, of).await;
        Self::end_desk(write, done).await
    }

    /// Puts families on the list of a round, and takes others off it.
    ///
    /// # Errors
    /// As [`rounds::place`].
    pub async fn place_families(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64),
        changes: (&[Placed], &[Person]),
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = rounds::place(&write, &vault, chapter, of, changes, now).await;
        Self::end_desk(write, done).await
    }

    /// Freezes the list of a round and lays its vouchers for approval: all of them, or none.
    ///
    /// # Errors
    /// As [`rounds::freeze`], [`drafts::lay`], [`rounds::note_served`].
    pub async fn lay_round(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64),
        vouchers: &[RoundVoucher],
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = async {
            rounds::freeze(&write, chapter, of).await?;
            for RoundVoucher { signed, private, families } in vouchers {
                let draft = drafts::lay(&write, &vault, chapter, signed, private, by, now).await?;
                let own = (&signed.voucher.id, signed.voucher.kind());
                rounds::assign(&write, chapter, of.0, own, families).await?;
                rounds::note_served(&write, chapter, &draft, private).await?;
            }
            Ok(())
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Lays the vouchers that bring back what families that did not come were to get: all of them,
    /// or none.
    ///
    /// # Errors
    /// As [`rounds::freeze`], [`drafts::lay`], [`rounds::note_returned`].
    pub async fn lay_absent(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64),
        vouchers: &[RoundReturn],
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = async {
            let Terms { programme, round, .. } = rounds::freeze(&write, chapter, of).await?.terms;
            for RoundReturn { signed, handover, families } in vouchers {
                drafts::lay(&write, &vault, chapter, signed, &[], by, now).await?;
                let (of, ids) = ((&programme, &round), (handover, &signed.voucher.id));
                rounds::note_returned(&write, chapter, of, ids, families).await?;
            }
            Ok(())
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }
}
