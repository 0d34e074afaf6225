//! Loans as the desk works with them: files, borrowers, and what the ledger says of each.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::books::portfolio::LoanAccount;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::drafts::{self, Draft};
use crate::store::desk::lending::{self, Filed, Files, LoanFile, Standing};
use crate::store::desk::register::{self, Families, Family};
use crate::store::desk::vault::{self, Action, PrivateValue, Reader};
use crate::store::desk::{self, DeskFault};

/// Files with their borrowers, and the ledger's loans.
#[derive(Clone, Debug, Default)]
pub struct Lending {
    /// The files.
    pub files: Files,
    /// The register.
    pub families: Families,
    /// Loans as the ledger knows them.
    pub accounts: Vec<LoanAccount>,
    /// Where the vouchers stand that files name.
    pub vouchers: BTreeMap<VoucherId, Standing>,
    /// Approvals that were cancelled, by their entry.
    pub cancelled: BTreeMap<u64, u64>,
}

impl Lending {
    /// A file by its identifier.
    #[must_use]
    pub fn get(&self, id: &Person) -> Option<&Filed> {
        self.files.all.iter().find(|own| own.id == *id)
    }

    /// The borrower of a file, unless their values are held back.
    #[must_use]
    pub fn borrower(&self, own: &Filed) -> Option<&Family> {
        self.families.get(&own.borrower)
    }

    /// The entry of a file's last approval, when it was recorded and stands.
    #[must_use]
    pub fn approval(&self, file: &LoanFile) -> Option<u64> {
        match self.vouchers.get(file.approvals.last()?)? {
            Standing::Recorded { seq, reschedules: false, reversed: false } => Some(*seq),
            _ => None,
        }
    }

    /// The loan of a file as the ledger knows it, once it was paid out.
    #[must_use]
    pub fn account(&self, file: &LoanFile) -> Option<&LoanAccount> {
        if let Some((voucher, line)) = &file.opening {
            let Some(Standing::Recorded { seq, .. }) = self.vouchers.get(voucher) else {
                return None;
            };
            let is_own = |own: &&LoanAccount| own.loan.seq == *seq && own.loan.line == *line;
            return self.accounts.iter().find(is_own);
        }
        let approval = self.approval(file)?;
        self.accounts.iter().find(|own| own.approval == Some(approval))
    }

    /// The file of a loan that the ledger knows.
    #[must_use]
    pub fn file_of(&self, account: &LoanAccount) -> Option<&Filed> {
        let is_own =
            |own: &&Filed| self.account(&own.file).map(|own| own.loan) == Some(account.loan);
        self.files.all.iter().find(is_own)
    }
}

impl Store {
    /// Opens the files of loans for an officer. `pick` takes out what is shown and says of how many
    /// persons that is; the log notes this number before anything is shown.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn lending<T>(
        &self,
        chapter: &desk::Chapter,
        Reader { person, .. }: Reader<'_>,
        now: DateTime<Utc>,
        pick: impl FnOnce(Lending) -> (T, usize),
    ) -> Result<T, DeskFault> {
        let (reader, vault) = (self.shared.database.reader(), self.vault());
        let files = lending::all(reader, &vault, chapter).await?;
        let ids = files.all.iter().flat_map(|own| own.file.vouchers());
        let vouchers = lending::standing(reader, chapter, ids).await?;
        let id = crate::store::ChapterId(chapter.id);
        let (picked, number) = pick(Lending {
            families: register::families(reader, &vault, chapter).await?,
            accounts: self.loans_among(id, u64::MAX >> 1, None).await?,
            cancelled: lending::cancelled(reader, chapter).await?,
            files,
            vouchers,
        });
        if number > 0 {
            let write = self.begin_desk(chapter).await?;
            let (action, what) = (Action::Opened, "register:loans");
            let noted = vault::note(&write, chapter, person, action, what, number, now).await;
            Self::end_desk(write, noted).await?;
        }
        Ok(picked)
    }

    /// Makes a loan's file; `false` when a second click finds it there.
    ///
    /// # Errors
    /// As [`lending::make`].
    pub async fn file_loan(
        &self,
        chapter: &desk::Chapter,
        new: (&Person, &Person, &LoanFile),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = lending::make(&write, &vault, chapter, new, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// Replaces a loan's file, if nobody changed it since its version.
    ///
    /// # Errors
    /// As [`lending::change`].
    pub async fn change_loan(
        &self,
        chapter: &desk::Chapter,
        own: &Filed,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = lending::change(&write, &vault, chapter, own, now).await;
        Self::end_desk(write, done).await
    }

    /// Lays the opening balance of a loan that ran already, and makes its file: both, or neither.
    ///
    /// # Errors
    /// As [`lending::make`] and [`drafts::lay`].
    pub async fn lay_opening_loan(
        &self,
        chapter: &desk::Chapter,
        (signed, private, new): (&SignedVoucher, &[PrivateValue], (&Person, &Person, &LoanFile)),
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Draft, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let laid = async {
            lending::make(&write, &vault, chapter, new, by, now).await?;
            drafts::lay(&write, &vault, chapter, signed, private, by, now).await
        };
        let laid = laid.await;
        Self::end_desk(write, laid).await
    }

    /// Lays a voucher, signed by its recorder, for approval, and keeps in the loan's file what it
    /// is about: both, or neither.
    ///
    /// # Errors
    /// As [`lending::change`] and [`drafts::lay`].
    pub async fn lay_for_loan(
        &self,
        chapter: &desk::Chapter,
        (signed, private, own): (&SignedVoucher, &[PrivateValue], &Filed),
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Draft, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let laid = async {
            lending::change(&write, &vault, chapter, own, now).await?;
            drafts::lay(&write, &vault, chapter, signed, private, by, now).await
        };
        let laid = laid.await;
        Self::end_desk(write, laid).await
    }
}
