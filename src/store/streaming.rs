//! A whole file in one transaction, written while its later lines are still being made.
//!
//! Three things go on at once: lines are made and signed (by who calls this, on all cores), a batch
//! of them is placed behind one another (here, in memory), and the batch before is written. Memory
//! holds a few batches, whatever the length of the file. Nobody sees anything of it before all of
//! it is committed and read back.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tracing::trace;

use super::ahead::Ahead;
use super::alongside::{Alongside, Steps};
use super::attempt::{flush, head, keep_snapshot};
use super::bundle::Update;
use super::chapter::Standing;
use super::counts;
use super::database::{Database, give_up};
use super::fault::StoreFault;
use super::importing::Import;
use super::project::Pending;
use super::record::{Ready, RecordAllFault, RecordFault};
use super::writer::{Failure, POINTS, Writer};
use crate::books::{Answers, CheckFault};

/// A voucher that was looked at, with what goes alongside.
pub(super) type Made = (Ready, Alongside);

/// Some vouchers of a file, or why there are no more.
pub(super) type Batch = Result<Vec<Made>, RecordAllFault>;

/// Where a whole file lies in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedFile {
    /// How many entries it has.
    pub count: u64,
    /// The place of its first entry.
    pub first: u64,
}

/// A file that is being made, and where the answer goes.
#[derive(Debug)]
pub(super) struct FileJob {
    /// Its vouchers, in the order of the file.
    pub batches: mpsc::Receiver<Batch>,
    /// How many there are.
    pub count: u64,
    pub now: DateTime<Utc>,
    pub reply: oneshot::Sender<Result<RecordedFile, RecordAllFault>>,
}

impl FileJob {
    /// Says that nothing of it was recorded.
    pub(super) fn refuse(self, fault: RecordFault) {
        let _ = self.reply.send(Err(RecordAllFault { index: 0, fault }));
    }
}

/// Rows that wait, and the index of the first of their vouchers.
type Waiting = (Pending, Steps, usize);

/// How the writing of a file ended, when it did not go well.
enum End {
    Refused(RecordAllFault),
    Failed(Failure),
}

impl<F: Into<Failure>> From<F> for End {
    fn from(fault: F) -> Self {
        Self::Failed(fault.into())
    }
}

impl Writer {
    /// Records a whole file, or nothing of it. Unlike single vouchers it is not tried again: what
    /// made it is gone.
    pub(super) async fn file(&mut self, job: FileJob) {
        let FileJob { mut batches, count, now, reply } = job;
        let import = self.shared.database.imports().enter(self.chapter.lock(), count);
        let done = self.record_file(&mut batches, (count, now), &import).await;
        drop(import);
        let done = match done {
            Ok(recorded) => Ok(recorded),
            Err(end) => Err(self.file_ended(end).await),
        };
        // Nobody waits any more: the file is recorded all the same.
        let _ = reply.send(done);
    }

    /// What those who wait for a file are told that did not go well. Whatever was in memory is
    /// loaded again from the store, and what is committed there is shown: other instances may have
    /// appended, and of a file that was committed only the reading back may have failed.
    async fn file_ended(&mut self, end: End) -> RecordAllFault {
        self.state = None;
        let told = match end {
            End::Refused(fault) => fault,
            End::Failed(failure) => self.refusal_of(failure),
        };
        if self.chapter.standing() == Standing::Open
            && let Err(failure) = self.attempt(&[]).await
        {
            let origin = &self.chapter.identity;
            tracing::warn!(%origin, fault = %failure.fault, "not shown behind a file");
            self.state = None;
        }
        told
    }

    async fn record_file(
        &mut self,
        batches: &mut mpsc::Receiver<Batch>,
        (count, now): (u64, DateTime<Utc>),
        import: &Import,
    ) -> Result<RecordedFile, End> {
        if let Standing::ReadOnly(closure) = self.chapter.standing() {
            return Err(End::Refused(RecordAllFault { index: 0, fault: closure.into() }));
        }
        let begun = self.shared.database.begin_import(self.chapter.lock()).await;
        let write = begun.map_err(|fault| self.not_begun(fault.into()))?;
        trace!(target: POINTS, "a file begun");
        let done = match self.stand(&write).await {
            Ok(state) => {
                let ahead = Ahead::new(&self.shared, &self.chapter, state);
                write_batches(&write, ahead, (batches, count, now), import).await
            }
            Err(fault) => Err(fault.into()),
        };
        let ahead = match done {
            Ok(ahead) => ahead,
            Err(end) => {
                give_up(write).await;
                return Err(end);
            }
        };
        let first = ahead.before;
        self.commit(write, ahead.state, &ahead.new).await?;
        Ok(RecordedFile { count, first })
    }
}

/// Writes all batches and the new head.
async fn write_batches(
    write: &DatabaseTransaction,
    mut ahead: Ahead,
    (batches, count, now): (&mut mpsc::Receiver<Batch>, u64, DateTime<Utc>),
    import: &Import,
) -> Result<Ahead, End> {
    let shared = ahead.shared.clone();
    let told = (import, &shared.database);
    let mut waiting: Option<Waiting> = None;
    let mut index = 0;
    while let Some(batch) = batches.recv().await {
        let batch = batch.map_err(End::Refused)?;
        let lines = batch.len();
        let placing = spawn_blocking(move || ahead.place_batch(batch, (index, now)));
        let (placed, written) = tokio::join!(placing, write_one(write, waiting, None, told));
        let placed = placed.map_err(|fault| StoreFault::damaged("a batch of lines", fault))?;
        written?;
        let (back, placed) = placed;
        ahead = back;
        placed?;
        waiting = Some(ahead.take_waiting(index));
        index += lines;
    }
    if index as u64 != count {
        let reason = format!("{index} of {count} lines of the file were made");
        return Err(End::Refused(RecordAllFault { index, fault: RecordFault::Store(reason) }));
    }
    write_one(write, waiting, Some(head(&ahead)), told).await?;
    keep_snapshot(write, &ahead).await?;
    Ok(ahead)
}

async fn write_one(
    write: &DatabaseTransaction,
    waiting: Option<Waiting>,
    head: Option<Update>,
    (import, database): (&Import, &Database),
) -> Result<(), Failure> {
    let Some((mut pending, mut steps, first)) = waiting else { return Ok(()) };
    let lines = pending.len();
    flush(write, (&mut pending, &mut steps), head, first).await?;
    import.wrote(lines);
    let (before, after) = (first as u64, (first + lines) as u64);
    if database.is_postgres() && counts::is_due(before, after) {
        counts::young_within(write).await.map_err(StoreFault::from)?;
    }
    trace!(target: POINTS, "a batch written");
    Ok(())
}

impl Ahead {
    /// Takes out what waits to be written.
    fn take_waiting(&mut self, first: usize) -> Waiting {
        let pending = Pending::new(self.chapter.id.0, false);
        (std::mem::replace(&mut self.pending, pending), std::mem::take(&mut self.steps), first)
    }

    /// Places vouchers behind one another. Comes back itself, for it runs on another thread.
    fn place_batch(
        mut self,
        batch: Vec<Made>,
        (first, now): (usize, DateTime<Utc>),
    ) -> (Self, Result<(), End>) {
        for (index, (ready, alongside)) in (first..).zip(batch) {
            match self.place_one(&ready, alongside, now) {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => {
                    return (self, Err(End::Refused(RecordAllFault { index, fault })));
                }
                Err(fault) => return (self, Err(fault.into())),
            }
        }
        (self, Ok(()))
    }

    /// Places one voucher. Its identifier is looked up nowhere: that of a voucher that is in the
    /// ledger already is refused by the schema, and the file with it.
    fn place_one(
        &mut self,
        ready: &Ready,
        alongside: Alongside,
        now: DateTime<Utc>,
    ) -> Result<Result<(), RecordFault>, StoreFault> {
        let (entry, bytes) = match self.place(&ready.voucher, now)? {
            Ok(placed) => placed,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Err(refusal) = self.check_signatures(&entry, ready) {
            return Ok(Err(refusal.into()));
        }
        let mut answers = Answers::default();
        answers.ids.insert(entry.voucher().id.clone(), false);
        let effects = match self.state.books.check(&entry, &answers) {
            Ok(effects) => effects,
            Err(CheckFault::Refused(refusal)) => return Ok(Err(refusal.into())),
            Err(CheckFault::Ask(ask)) => {
                let said = format!("a line of a file may not name what was recorded: {ask:?}");
                return Ok(Err(RecordFault::Store(said)));
            }
        };
        let recorded = self.take_in(&entry, bytes, &effects)?;
        self.goes_with(&recorded, &entry.signed, alongside);
        Ok(Ok(()))
    }
}

/// A file's lines as something that can be shared by the threads that make them.
pub(super) type Make = Arc<dyn Fn(usize) -> Result<Made, RecordAllFault> + Send + Sync>;

/// Makes `count` lines, a batch at a time on all cores; ends early when nobody takes them.
pub(super) fn make_batches(make: &Make, count: usize, batches: &mpsc::Sender<Batch>) {
    use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
    let mut first = 0;
    while first < count {
        let end = count.min(first + BATCH);
        let all: Vec<_> = (first..end).into_par_iter().map(|index| make(index)).collect();
        // The first that said no, in the order of the file.
        let batch: Batch = all.into_iter().collect();
        let failed = batch.is_err();
        if batches.blocking_send(batch).is_err() || failed {
            return;
        }
        first = end;
    }
}

/// Lines of a batch: as many as the longest statement of a `Bundle` takes.
const BATCH: usize = 512;
