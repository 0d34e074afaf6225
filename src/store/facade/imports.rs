//! Bank statements: what is known of their lines, statements on their way, and the one call that
//! records a whole file.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::super::alongside::{Alongside, Steps};
use super::super::record::Ready;
use super::super::streaming::Made;
use crate::books::Books;
use crate::ledger::disclosure::Disclosure;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::word::{Code, Date, Person};
use crate::store::desk::imports::{self, BankLine, Batch, KnownLine};
use crate::store::desk::under_way::{self, UnderWay, Waiting, What};
use crate::store::desk::vault::{SealingKey, Vault};
use crate::store::desk::{self, DeskFault, together};
use crate::store::{ChapterId, RecordAllFault, RecordFault, RecordedFile, Store};

/// A statement file that is about to be booked.
#[derive(Clone, Copy, Debug)]
pub struct ImportFile<'a> {
    /// The place of money that the statement is of.
    pub place: &'a Code,
    /// SHA-256 of its bytes.
    pub sha256: &'a [u8; 32],
    /// Its name, which is kept sealed.
    pub name: &'a str,
}

/// A line of a file and the voucher that it becomes.
#[derive(Clone, Debug)]
pub struct ImportedLine {
    /// The voucher, signed.
    pub signed: SignedVoucher,
    /// Its private values, sealed with the batch's key.
    pub private: Vec<Disclosure>,
    /// By what the line is recognised.
    pub line: BankLine,
    /// Whether somebody left it out before: that decision ends.
    pub was_left_out: bool,
}

/// The statement that waits, and what is to be kept of it.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// Its identifier.
    pub id: &'a Person,
    /// The version of the choices that were signed.
    pub version: u64,
    /// What became of it, in the desk's words.
    pub outcome: &'a str,
}

/// Makes the line at an index, each by itself, on several threads and in any order; the reason when
/// it cannot.
pub type MakeLine = Arc<dyn Fn(usize) -> Result<ImportedLine, String> + Send + Sync>;

/// A whole file, decided.
pub struct Import<'a> {
    /// The file.
    pub file: ImportFile<'a>,
    /// Who records it.
    pub officer: &'a Person,
    /// How many lines become entries.
    pub count: usize,
    /// Makes each of them.
    pub make: MakeLine,
    /// The lines that are left out for good, each with the word of the reason.
    pub left_out: Vec<(BankLine, &'static str)>,
    /// The statement at the desk that ends with it.
    pub ended: Option<Ended<'a>>,
}

/// A file's lines with all that it takes to make a voucher of each.
struct Lines {
    vault: Vault,
    desk: desk::Chapter,
    batch: Batch,
    key: SealingKey,
    books: Books,
    make: MakeLine,
    /// What goes with the file's first entry.
    around: Alongside,
    /// The statement at the desk that ends with it.
    ended: Option<Person>,
    /// The index of the last line.
    last: usize,
    now: DateTime<Utc>,
}

impl Lines {
    /// The line at an index: made, sealed, looked at. A signature that does not hold is told in the
    /// line's turn.
    fn line(&self, index: usize) -> Result<Made, RecordAllFault> {
        let refused = |fault| RecordAllFault { index, fault };
        let made = (self.make)(index).map_err(|fault| refused(RecordFault::Store(fault)))?;
        let ImportedLine { signed, private, line, was_left_out } = made;
        let file = (&self.desk, &self.batch, &self.key);
        let (voucher, decided) = (&signed.voucher, (&line, was_left_out));
        let own = together::imported(&self.vault, file, (voucher, &private), decided, self.now);
        let mut steps = own.map_err(|fault| refused(fault.into()))?;
        if index == 0 {
            steps = self.around.clone().and(steps);
        }
        if let Some(id) = self.ended.as_ref().filter(|_| index == 0 || index == self.last) {
            steps = steps.and(under_way::entry(id));
        }
        let ready = Ready::new(self.books.keys_before(&signed), signed);
        Ok((ready.map_err(|fault| refused(fault.into()))?, steps))
    }
}

impl Store {
    /// What is known of a place on some days, as [`imports::known`] has it.
    ///
    /// # Errors
    /// As [`imports::known`], and of the store.
    pub async fn known_lines(
        &self,
        chapter: ChapterId,
        of: (&Code, &BTreeSet<Date>),
        lines: impl IntoIterator<Item = BankLine>,
    ) -> Result<Vec<KnownLine>, DeskFault> {
        let reader = self.shared.database.reader();
        let desk = self.desk_or_gone(chapter)?;
        imports::known(reader, &self.vault(), &desk, of, lines).await
    }

    /// Earlier batches of exactly this file of which lines are booked.
    ///
    /// # Errors
    /// As [`imports::batches_of_file`], and of the store.
    pub async fn same_file(
        &self,
        chapter: ChapterId,
        sha256: &[u8; 32],
    ) -> Result<Vec<Batch>, DeskFault> {
        let reader = self.shared.database.reader();
        let desk = self.desk_or_gone(chapter)?;
        imports::batches_of_file(reader, &self.vault(), &desk, sha256).await
    }

    /// Records a whole file in one transaction, or nothing of it. A line that was decided about
    /// meanwhile refuses all.
    ///
    /// # Errors
    /// [`RecordAllFault`] with the index of the first line that said no.
    pub async fn record_import(
        &self,
        chapter: ChapterId,
        import: Import<'_>,
        now: DateTime<Utc>,
    ) -> Result<Option<RecordedFile>, RecordAllFault> {
        let failed = |fault: DeskFault| RecordAllFault { index: 0, fault: fault.into() };
        let desk = self.desk_or_gone(chapter).map_err(failed)?;
        let batch = self.open_batch(&desk, import.file, import.officer, now).await;
        let batch = batch.map_err(failed)?;
        let done = self.record_batch(chapter, &desk, &batch, import, now).await;
        let certain = |fault: &RecordAllFault| fault.fault != RecordFault::Unknown;
        if done.as_ref().is_err_and(certain)
            && let Err(fault) = self.abandon_batch(&desk, &batch).await
        {
            tracing::warn!(origin = %desk.identity, %fault, "an empty batch stays behind");
        }
        done
    }

    /// Whatever of a batch that recorded nothing would stay is undone.
    async fn abandon_batch(&self, desk: &desk::Chapter, batch: &Batch) -> Result<(), DeskFault> {
        let write = self.begin_desk(desk).await?;
        let done = imports::abandon_batch(&write, desk, batch).await;
        Self::end_desk(write, done).await
    }

    async fn record_batch(
        &self,
        chapter: ChapterId,
        desk: &desk::Chapter,
        batch: &Batch,
        Import { count, make, left_out, ended, .. }: Import<'_>,
        now: DateTime<Utc>,
    ) -> Result<Option<RecordedFile>, RecordAllFault> {
        let failed = |fault: DeskFault| RecordAllFault { index: 0, fault: fault.into() };
        let vault = self.vault();
        let mut around = Alongside::nothing();
        if let Some(Ended { id, version, outcome }) = ended {
            around = under_way::recorded((id, version), batch, outcome);
        }
        for (line, reason) in &left_out {
            around = around.and(together::left_out(&vault, desk, batch, line, reason));
        }
        if count == 0 {
            return self.end_without_entries(desk, around).await.map(|()| None);
        }
        let lines = Lines {
            key: self.batch_key(desk, batch, now).await.map_err(failed)?,
            books: self.books(chapter).map_err(|fault| failed(fault.into()))?,
            ended: ended.map(|ended| ended.id.clone()),
            batch: batch.clone(),
            desk: desk.clone(),
            vault,
            make,
            around,
            last: count - 1,
            now,
        };
        let make = Arc::new(move |index| lines.line(index));
        self.record_file(chapter, (count, make), now).await.map(Some)
    }

    /// The key under which all private values of a batch are sealed.
    async fn batch_key(
        &self,
        desk: &desk::Chapter,
        batch: &Batch,
        now: DateTime<Utc>,
    ) -> Result<SealingKey, DeskFault> {
        let write = self.begin_desk(desk).await?;
        let key = self.vault().sealing_key(&write, desk, &batch.subject(), now).await;
        Self::end_desk(write, key).await
    }

    async fn open_batch(
        &self,
        desk: &desk::Chapter,
        file: ImportFile<'_>,
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<Batch, DeskFault> {
        let vault = self.vault();
        let write = self.begin_desk(desk).await?;
        let ImportFile { place, sha256, name } = file;
        let opened =
            imports::open_batch(&write, &vault, desk, place, sha256, name, officer, now).await;
        Self::end_desk(write, opened).await
    }

    /// A file of which no line becomes an entry: the ledger has no part in it.
    async fn end_without_entries(
        &self,
        desk: &desk::Chapter,
        alongside: Alongside,
    ) -> Result<(), RecordAllFault> {
        let failed = |fault: DeskFault| RecordAllFault { index: 0, fault: fault.into() };
        let write = self.begin_desk(desk).await.map_err(failed)?;
        let mut steps = Steps::default();
        steps.add(desk.id, 0, alongside);
        let done = steps.run(&write).await;
        let refused = done.err().map(|fault| RecordFault::Alongside(fault.to_string()));
        let ended = match refused {
            None => Self::end_desk(write, Ok(())).await,
            Some(fault) => {
                super::super::database::give_up(write).await;
                return Err(RecordAllFault { index: 0, fault });
            }
        };
        ended.map_err(failed)
    }

    /// Takes a statement file in; it waits, sealed, for its officer.
    ///
    /// # Errors
    /// As [`under_way::take_in`], and of the store.
    pub async fn begin_import(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        file: &[u8],
        choices: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Person, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let what = (What::Statement, file, choices);
        let begun = under_way::take_in(&write, &vault, chapter, officer, what, now).await;
        Self::end_desk(write, begun).await
    }

    /// An officer's statements that wait.
    ///
    /// # Errors
    /// As [`under_way::waiting`].
    pub async fn waiting_imports(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<Vec<Waiting>, DeskFault> {
        let reader = self.shared.database.reader();
        let of = (What::Statement, officer);
        under_way::waiting(reader, &self.vault(), chapter, of, now).await
    }

    /// A statement of this officer.
    ///
    /// # Errors
    /// As [`under_way::find`].
    pub async fn import_under_way(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        id: &Person,
        now: DateTime<Utc>,
    ) -> Result<Option<UnderWay>, DeskFault> {
        let reader = self.shared.database.reader();
        let of = (What::Statement, officer);
        under_way::find(reader, &self.vault(), chapter, of, id, now).await
    }

    /// Keeps the choices of a statement that waits.
    ///
    /// # Errors
    /// As [`under_way::change`], and of the store.
    pub async fn change_import(
        &self,
        chapter: &desk::Chapter,
        (id, version): (&Person, u64),
        choices: &Zeroizing<Vec<u8>>,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = under_way::change(&write, &vault, chapter, (id, version), choices, now).await;
        Self::end_desk(write, done).await
    }

    /// Throws a statement away.
    ///
    /// # Errors
    /// As [`under_way::discard`], and of the store.
    pub async fn discard_import(
        &self,
        chapter: &desk::Chapter,
        officer: &Person,
        id: &Person,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = under_way::discard(&write, chapter, officer, id).await;
        Self::end_desk(write, done).await
    }
}
