//! Vouchers with what is private in them: recorded at once, or laid for approval.

use chrono::{DateTime, Utc};

use super::super::alongside::{Alongside, Cell, Step};
use super::super::fault::StoreFault;
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::voucher::{Kind, VoucherId};
use crate::ledger::word::{Date, Person};
use crate::store::desk::drafts::{self, Draft, State};
use crate::store::desk::erasures::Erasure;
use crate::store::desk::vault::{OpenedValue, PrivateValue, Purpose, Query, Reader as VaultReader};
use crate::store::desk::{self, DeskFault, rounds, together};
use crate::store::{ChapterId, RecordAllFault, RecordFault, Recorded, Store};

impl Store {
    /// Records a voucher with its private values, sealed, in one transaction.
    ///
    /// # Errors
    /// [`RecordFault`]; a value without its digest in the voucher is one of the form.
    pub async fn record_with(
        &self,
        chapter: ChapterId,
        signed: SignedVoucher,
        private: &[PrivateValue],
        now: DateTime<Utc>,
    ) -> Result<Recorded, RecordFault> {
        let desk = self.desk(chapter)?;
        let alongside = self.sealed(&desk, &signed, private, now).await?;
        self.record(chapter, signed, alongside, now).await
    }

    pub(in crate::store) async fn sealed(
        &self,
        desk: &desk::Chapter,
        signed: &SignedVoucher,
        private: &[PrivateValue],
        now: DateTime<Utc>,
    ) -> Result<Alongside, DeskFault> {
        if private.is_empty() {
            return Ok(Alongside::nothing());
        }
        let (write, vault) = (self.begin_desk(desk).await?, self.vault());
        let voucher = &signed.voucher;
        let sealed = together::private_values(&write, &vault, desk, voucher, private, now).await;
        Self::end_desk(write, sealed).await
    }

    /// Lays a voucher, signed by its recorder, for approval.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn lay(
        &self,
        chapter: &desk::Chapter,
        signed: &SignedVoucher,
        private: &[PrivateValue],
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Draft, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let vault = self.vault();
        let laid = async {
            let draft = drafts::lay(&write, &vault, chapter, signed, private, by, now).await?;
            rounds::note_served(&write, chapter, &draft, private).await?;
            Ok(draft)
        };
        let laid = laid.await;
        Self::end_desk(write, laid).await
    }

    /// The draft of a voucher.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn draft(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
    ) -> Result<Option<Draft>, DeskFault> {
        drafts::get(self.shared.database.reader(), chapter, id).await
    }

    /// Drafts in a state, oldest first.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn drafts(
        &self,
        chapter: &desk::Chapter,
        state: State,
    ) -> Result<Vec<Draft>, DeskFault> {
        drafts::in_state(self.shared.database.reader(), chapter, state).await
    }

    /// Waiting drafts dated up to a day: they hold up its closing.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn drafts_through(
        &self,
        chapter: &desk::Chapter,
        through: Date,
    ) -> Result<Vec<Draft>, DeskFault> {
        drafts::waiting_through(self.shared.database.reader(), chapter, through).await
    }

    /// A draft's voucher with the signatures that it has.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn draft_signed(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
    ) -> Result<SignedVoucher, DeskFault> {
        drafts::signed(self.shared.database.reader(), chapter, id).await
    }

    /// Why a draft was sent back.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn draft_reason(
        &self,
        chapter: &desk::Chapter,
        draft: &Draft,
        reader: &Person,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, DeskFault> {
        if !draft.has_reason() {
            return Ok(None);
        }
        let write = self.begin_desk(chapter).await?;
        let read = drafts::reason(&write, &self.vault(), chapter, draft, (reader, now)).await;
        Self::end_desk(write, read).await
    }

    /// Sends a draft back to its recorder.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn send_back(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
        by: &Person,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let vault = self.vault();
        let done = drafts::send_back(&write, &vault, chapter, id, by, reason, now).await;
        Self::end_desk(write, done).await
    }

    /// Its recorder takes a draft back.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn withdraw(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = drafts::withdraw(&write, chapter, id, by, now).await;
        Self::end_desk(write, done).await
    }

    /// Adds one more signature to each of some waiting drafts: to all of them, or to none.
    ///
    /// # Errors
    /// [`DeskFault`].
    async fn sign_drafts(
        &self,
        chapter: &desk::Chapter,
        signatures: &[(VoucherId, OfficerSignature)],
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let mut done = Ok(());
        for (id, signature) in signatures {
            done = drafts::add_signature(&write, chapter, id, signature, now).await;
            if done.is_err() {
                break;
            }
        }
        Self::end_desk(write, done).await
    }

    /// Records drafts that have all their signatures, and adds the one given to others that wait
    /// for more: all of it in one transaction, or nothing. What an approved
    /// `privacy_erased` was asked to destroy goes with it.
    ///
    /// # Errors
    /// [`RecordAllFault`] with the first that said no.
    pub async fn record_drafts(
        &self,
        chapter: ChapterId,
        (approved, waiting): (Vec<SignedVoucher>, Vec<(VoucherId, OfficerSignature)>),
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Vec<Recorded>, RecordAllFault> {
        let fault = |index: usize, fault: StoreFault| RecordAllFault { index, fault: fault.into() };
        let desk = self.desk(chapter).map_err(|no| fault(0, no))?;
        if approved.is_empty() {
            let added = self.sign_drafts(&desk, &waiting, now).await;
            return added.map(|()| Vec::new()).map_err(|no| match no {
                DeskFault::Refused(no) => {
                    RecordAllFault { index: 0, fault: RecordFault::Alongside(no.to_string()) }
                }
                no => RecordAllFault { index: 0, fault: no.into() },
            });
        }
        let mut vouchers = Vec::with_capacity(approved.len());
        let mut erases = false;
        for (index, signed) in approved.into_iter().enumerate() {
            let (reader, id) = (self.shared.database.reader(), &signed.voucher.id);
            let decided = together::draft_recorded(reader, &desk, id, by, now).await;
            let mut alongside = decided.map_err(|no| RecordAllFault { index, fault: no.into() })?;
            if signed.voucher.kind() == Kind::PrivacyErased {
                erases = true;
                alongside.push(Step::Erase(Box::new(Erasure {
                    chapter: desk.clone(),
                    draft: signed.voucher.id.clone(),
                    officer: by.clone(),
                    now,
                })));
            }
            vouchers.push((signed, alongside));
        }
        if let Some((_, alongside)) = vouchers.last_mut() {
            waiting.iter().for_each(|more| alongside.push(signature_added(more, now)));
        }
        let recorded = self.record_all(chapter, vouchers, now).await?;
        // A repetition changes nothing, what was to go with it neither.
        if recorded.last().is_some_and(|last| last.repeated) {
            let added = self.sign_drafts(&desk, &waiting, now).await;
            added.map_err(|no| RecordAllFault { index: 0, fault: no.into() })?;
        }
        if erases && let Err(fault) = self.scrub().await {
            tracing::error!(%fault, "erased values may still lie in the database's files");
        }
        Ok(recorded)
    }

    /// Opens the private values of a voucher for an officer; the vault notes who looked.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn open_private(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
        reader: &Person,
        purpose: Purpose,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenedValue>, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let reader = VaultReader { person: reader, purpose };
        let query = Query::Voucher(id.clone());
        let opened = self.vault().open(&write, chapter, reader, &query, now).await;
        Self::end_desk(write, opened).await
    }
}

/// One more signature of a draft that goes on waiting, with the entry of another.
fn signature_added((id, signature): &(VoucherId, OfficerSignature), now: DateTime<Utc>) -> Step {
    Step::Change {
        sql: "INSERT INTO desk_draft_signatures (chapter, draft, role, key_name, signature, at) \
            SELECT chapter, id, ?, ?, ?, CAST(? AS BIGINT) FROM desk_drafts \
            WHERE chapter = ? AND id = ? AND state = 'waiting'",
        values: vec![
            signature.role.as_str().into(),
            signature.key.as_str().into(),
            signature.signature.encode().into(),
            now.timestamp().into(),
            Cell::Chapter,
            id.as_str().into(),
        ],
        rows: 1,
        otherwise: "a draft was decided meanwhile; nothing was changed",
    }
}
