//! Vouchers with what is private in them: recorded at once, or laid for approval.

use chrono::{DateTime, Utc};

use super::super::alongside::{Alongside, Cell, Step};
use super::super::database::first;
use super::super::fault::StoreFault;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::voucher::{Body, VoucherId};
use crate::ledger::word::{Date, Person};
use crate::store::desk::drafts::{self, Draft, State};
use crate::store::desk::vault::{OpenedValue, PrivateValue, Purpose, Query, Reader as VaultReader};
use crate::store::desk::{self, DeskFault, together};
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
        let released = self.released(&desk, &signed).await?;
        self.record(chapter, signed, alongside.and(released), now).await
    }

    async fn sealed(
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

    /// The bank line of a voucher that is reversed may be booked again.
    async fn released(
        &self,
        desk: &desk::Chapter,
        signed: &SignedVoucher,
    ) -> Result<Alongside, StoreFault> {
        let mut alongside = Alongside::nothing();
        let Body::Reversed(reversed) = &signed.voucher.body else { return Ok(alongside) };
        let crate::ledger::word::EntryRef::Seq(seq) = reversed.of.entry() else {
            return Ok(alongside);
        };
        let sql = "SELECT entries.voucher_id AS id, COUNT(*) AS lines FROM entries \
            JOIN desk_bank_lines ON desk_bank_lines.chapter = entries.chapter \
            AND desk_bank_lines.voucher = entries.voucher_id \
            WHERE entries.chapter = ? AND entries.seq = ? GROUP BY entries.voucher_id";
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        let reader = self.shared.database.reader();
        if let Some(row) = first(reader, sql, [desk.id.into(), seq.into()]).await? {
            let id: String = row.try_get("", "id")?;
            let lines: i64 = row.try_get("", "lines")?;
            alongside.push(Step::Change {
                sql: "DELETE FROM desk_bank_lines WHERE chapter = ? AND voucher = ?",
                values: vec![Cell::Chapter, id.into()],
                rows: lines.unsigned_abs(),
                otherwise: "the bank line was booked by somebody else meanwhile",
            });
        }
        Ok(alongside)
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
        let laid = drafts::lay(&write, &vault, chapter, signed, private, by, now).await;
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
    ) -> Result<Option<String>, DeskFault> {
        drafts::reason(self.shared.database.reader(), &self.vault(), chapter, draft).await
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

    /// Adds one more signature to a waiting draft.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn sign_draft(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
        signature: &crate::ledger::entry::OfficerSignature,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = drafts::add_signature(&write, chapter, id, signature, now).await;
        Self::end_desk(write, done).await
    }

    /// Records approved drafts: all of them, or none.
    ///
    /// # Errors
    /// [`RecordAllFault`] with the first that said no.
    pub async fn record_drafts(
        &self,
        chapter: ChapterId,
        approved: Vec<SignedVoucher>,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Vec<Recorded>, RecordAllFault> {
        let fault = |index: usize, fault: StoreFault| RecordAllFault { index, fault: fault.into() };
        let desk = self.desk(chapter).map_err(|no| fault(0, no))?;
        let mut vouchers = Vec::with_capacity(approved.len());
        for (index, signed) in approved.into_iter().enumerate() {
            let decided = self.decided(&desk, &signed.voucher.id, by, now).await;
            let decided = decided.map_err(|no| fault(index, no))?;
            let released = self.released(&desk, &signed).await;
            let released = released.map_err(|no| fault(index, no))?;
            vouchers.push((signed, decided.and(released)));
        }
        self.record_all(chapter, vouchers, now).await
    }

    /// The draft becomes the entry, and so do its private values.
    async fn decided(
        &self,
        desk: &desk::Chapter,
        id: &VoucherId,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Alongside, StoreFault> {
        let mut alongside = Alongside::nothing();
        alongside.push(Step::Change {
            sql: "UPDATE desk_drafts SET state = 'recorded', decided_by = ?, decided_at = ?, \
                seq = ? WHERE chapter = ? AND id = ? AND state = 'waiting'",
            values: vec![
                by.as_str().into(),
                now.timestamp().into(),
                Cell::Seq,
                Cell::Chapter,
                id.as_str().into(),
            ],
            rows: 1,
            otherwise: "the draft was decided already",
        });
        let sql = "SELECT COUNT(*) AS held FROM vault_disclosures \
            WHERE chapter = ? AND voucher = ? AND seq IS NULL";
        let reader = self.shared.database.reader();
        let row = first(reader, sql, [desk.id.into(), id.as_str().into()]).await?;
        let held: i64 = row.map_or(Ok(0), |row| row.try_get("", "held"))?;
        if held > 0 {
            alongside.push(Step::Change {
                sql: "UPDATE vault_disclosures SET seq = ? \
                    WHERE chapter = ? AND voucher = ? AND seq IS NULL",
                values: vec![Cell::Seq, Cell::Chapter, id.as_str().into()],
                rows: held.unsigned_abs(),
                otherwise: "the draft's private values changed meanwhile",
            });
        }
        Ok(alongside)
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
