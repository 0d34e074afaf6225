//! One writer for each chapter: takes what waits, records it in one transaction, reads it back.
//!
//! A job whose voucher is refused refuses alone; a fault of the database undoes the whole group,
//! and the state in memory is dropped and loaded again from the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tracing::trace;

use super::ahead::Ahead;
use super::attempt::{Attempt, Fate};
use super::chapter::{Chapter, Closure, Standing};
use super::database::{Write, begin_reading, give_up};
use super::fault::{StoreFault, Trouble};
use super::nodes::number;
use super::rebuild::Findings;
use super::record::{Job, RecordAllFault, RecordFault};
use super::refill::{Lost, RefillStop};
use super::state::{self, State, StoredHead};
use super::streaming::FileJob;
use super::{Shared, readback, steps};
use crate::books::continues;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::tree::Hash;

/// The most jobs in one transaction.
const GROUP: usize = 200;
/// The most attempts at one transaction before the one who waits is told.
const ATTEMPTS: u32 = 6;
/// The pause before the second attempt; doubled before each further one.
const PAUSE: Duration = Duration::from_millis(20);

/// The target of the trace lines that name how far a write has come: where the tests of crashes
/// end the process.
pub(super) const POINTS: &str = "minhbach::write";

/// What a writer is asked to do, in the order of asking.
#[derive(Debug)]
pub(super) enum Order {
    /// Record vouchers.
    Record(Job),
    /// Record a whole file.
    File(FileJob),
    /// Take in what other instances appended.
    CatchUp,
    /// Take entries that were recorded before, and lost.
    Refill { lost: Lost, reply: oneshot::Sender<Result<u64, RefillStop>> },
    /// Replay all entries and compare what is derived from them; keep the replay if asked to.
    Check { keep: bool, reply: oneshot::Sender<Result<Findings, StoreFault>> },
    /// Keep the state and end.
    Stop { reply: oneshot::Sender<()> },
}

/// The writer of one chapter.
pub(super) struct Writer {
    pub shared: Arc<Shared>,
    pub chapter: Arc<Chapter>,
    /// The state behind the stored head; dropped after every fault.
    pub state: Option<State>,
}

/// How an attempt failed.
pub(super) struct Failure {
    pub(super) fault: StoreFault,
    /// Whether the transaction may have been committed all the same.
    committed: bool,
    /// The job whose own rows the schema refused, when that is known.
    refused: Option<(usize, String)>,
}

impl From<StoreFault> for Failure {
    fn from(fault: StoreFault) -> Self {
        Self { fault, committed: false, refused: None }
    }
}

impl Failure {
    pub(super) fn refused(job: usize, reason: String) -> Self {
        let fault = StoreFault::damaged("what goes with a voucher", &reason);
        Self { fault, committed: false, refused: Some((job, reason)) }
    }
}

impl Writer {
    /// Works until it is told to stop or nobody can reach it any more.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut kept: Option<Order> = None;
        loop {
            let next = match kept.take() {
                Some(order) => Some(order),
                None => orders.recv().await,
            };
            match next {
                None => break,
                Some(Order::Record(job)) => {
                    let mut jobs = vec![job];
                    while jobs.len() < GROUP && kept.is_none() {
                        match orders.try_recv() {
                            Ok(Order::Record(job)) => jobs.push(job),
                            Ok(other) => kept = Some(other),
                            Err(_) => break,
                        }
                    }
                    self.record(jobs).await;
                }
                Some(Order::File(job)) => self.file(job).await,
                Some(Order::CatchUp) => self.catch_up().await,
                Some(Order::Refill { lost, reply }) => {
                    let _ = reply.send(self.refill(&lost).await);
                }
                Some(Order::Check { keep, reply }) => {
                    let _ = reply.send(self.check(keep).await);
                }
                Some(Order::Stop { reply }) => {
                    orders.close();
                    while let Ok(order) = orders.try_recv() {
                        match order {
                            Order::Record(job) => self.record(vec![job]).await,
                            // A whole file would hold the end up for minutes.
                            Order::File(job) => job.refuse(Closure::Stopping.into()),
                            _ => {}
                        }
                    }
                    self.keep_state().await;
                    let _ = reply.send(());
                    break;
                }
            }
        }
    }

    /// Records single vouchers in groups, whole files each by itself.
    async fn record(&mut self, jobs: Vec<Job>) {
        let (single, whole): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|job| job.vouchers.len() == 1);
        if !single.is_empty() {
            self.group(single).await;
        }
        for job in whole {
            self.group(vec![job]).await;
        }
    }

    /// Records a group; when the schema refuses a row of somebody's, everybody alone.
    async fn group(&mut self, jobs: Vec<Job>) {
        let failure = match self.attempts(&jobs).await {
            Ok(fates) => {
                for (job, fate) in jobs.into_iter().zip(fates) {
                    // Nobody waits any more: the voucher is recorded all the same.
                    let _ = job.reply.send(fate);
                }
                return;
            }
            Err(failure) => failure,
        };
        let refused = failure.refused.is_some();
        if jobs.len() > 1 && (refused || failure.fault.trouble() == Trouble::Constraint) {
            for job in jobs {
                Box::pin(self.group(vec![job])).await;
            }
            return;
        }
        let refused = self.refusal_of(failure);
        for job in jobs {
            let _ = job.reply.send(Err(refused.clone()));
        }
    }

    /// What those who wait are told of a failure.
    pub(super) fn refusal_of(&self, failure: Failure) -> RecordAllFault {
        let origin = &self.chapter.identity;
        let whole = |fault| RecordAllFault { index: 0, fault };
        if let Some((index, reason)) = failure.refused {
            // Somebody else was faster, such as with the same draft: nothing is wrong here.
            tracing::info!(%origin, reason, "nothing recorded");
            return RecordAllFault { index, fault: RecordFault::Alongside(reason) };
        }
        tracing::error!(%origin, fault = %failure.fault, "nothing recorded");
        if failure.committed {
            return whole(RecordFault::Unknown);
        }
        if let Standing::ReadOnly(closure) = self.chapter.standing() {
            return whole(closure.into());
        }
        whole(match failure.fault.trouble() {
            Trouble::Full => RecordFault::DiskFull,
            Trouble::Importing => RecordFault::Importing,
            Trouble::Reading => Closure::Reading.into(),
            Trouble::Newer => RecordFault::Store(failure.fault.to_string()),
            Trouble::Again | Trouble::Lost => RecordFault::Busy(failure.fault.to_string()),
            Trouble::Constraint | Trouble::Other => RecordFault::Store(failure.fault.to_string()),
        })
    }

    /// Tries again after conflicts and lost connections. A lost COMMIT is no special case: the
    /// next attempt waits for the chapter's lock, finds the vouchers by their ids if they were
    /// committed, and answers with those.
    async fn attempts(&mut self, jobs: &[Job]) -> Result<Vec<Fate>, Failure> {
        let (mut pause, mut committed) = (PAUSE, false);
        for attempt in 1.. {
            let failure = match self.attempt(jobs).await {
                Ok(fates) => return Ok(fates),
                Err(failure) => failure,
            };
            // Whatever was in memory is loaded again from the store.
            self.state = None;
            committed |= failure.committed;
            let again = matches!(failure.fault.trouble(), Trouble::Again | Trouble::Lost);
            if !(again || failure.committed) || attempt >= ATTEMPTS {
                return Err(Failure { committed, ..failure });
            }
            tracing::warn!(origin = %self.chapter.identity, fault = %failure.fault, "trying again");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(StoreFault::Stopping.into())
    }

    /// One transaction from the lock to the signed checkpoint.
    pub(super) async fn attempt(&mut self, jobs: &[Job]) -> Result<Vec<Fate>, Failure> {
        if let Standing::ReadOnly(closure) = self.chapter.standing()
            && !(closure.may_be_continued() && (jobs.is_empty() || continue_it(jobs)))
        {
            let fault = RecordAllFault { index: 0, fault: closure.into() };
            return Ok(jobs.iter().map(|_| Err(fault.clone())).collect());
        }
        let place = (self.chapter.lock(), self.chapter.id.0);
        let begun = self.shared.database.begin_write_at_head(place).await;
        let (write, head) = begun.map_err(|fault| self.not_begun(fault))?;
        trace!(target: POINTS, "begun");
        let mut attempt = match self.stand_at(&write, &head).await {
            // A closed ledger is looked at only for another one that goes on.
            Ok(state) if jobs.is_empty() && self.still_closed(&state) => {
                give_up(write).await;
                return Ok(Vec::new());
            }
            Ok(state) => Attempt::new(Ahead::new(&self.shared, &self.chapter, state), &write),
            Err(fault) => {
                give_up(write).await;
                return Err(fault.into());
            }
        };
        let done = attempt.all(jobs).await;
        let (state, new) = attempt.into_parts();
        let fates = match done {
            Ok(fates) => fates,
            Err(failure) => {
                give_up(write).await;
                return Err(failure);
            }
        };
        if new.is_empty() {
            give_up(write).await;
            // What another instance appended may have been taken in.
            if let Some(state) = &self.state {
                self.shared.publish(&self.chapter, state)?;
            }
            return Ok(fates);
        }
        self.commit(write, state, &new).await?;
        Ok(fates)
    }

    /// A write that was refused because of the schema closes the ledger.
    pub(super) fn not_begun(&self, fault: StoreFault) -> StoreFault {
        if let Some(closure) = steps::closure(&fault) {
            self.chapter.close(closure);
        }
        fault
    }

    /// Commits what was written, reads it back, and shows it.
    pub(super) async fn commit(
        &mut self,
        write: Write,
        state: State,
        new: &[Hash],
    ) -> Result<(), Failure> {
        trace!(target: POINTS, "written");
        if let Err(fault) = write.commit().await {
            let fault = StoreFault::from(fault);
            // A full disk says no before anything of a commit counts.
            let committed = fault.trouble() != Trouble::Full;
            return Err(Failure { fault, committed, refused: None });
        }
        trace!(target: POINTS, "committed");
        self.shared.meters.appended(&self.chapter.identity, new.len());
        let (before, after) = (state.size().saturating_sub(new.len() as u64), state.size());
        self.finish(state, new).await?;
        trace!(target: POINTS, "published");
        let grown = self.shared.database.has_grown(new.len());
        if grown || snapshot_due(before, after, self.shared.config.snapshot_every) {
            // Who waits for an answer does not wait for this.
            let database = self.shared.database.clone();
            tokio::spawn(async move { database.keep_counted().await });
        }
        Ok(())
    }

    /// Whether the ledger is closed, and another instance has not continued it.
    fn still_closed(&self, state: &State) -> bool {
        let newest = state.books.chapter().map(|newest| &newest.origin);
        self.chapter.standing() != Standing::Open && newest == Some(&self.chapter.origin())
    }

    /// The state at the stored head, read under the lock.
    pub(super) async fn stand(
        &mut self,
        write: &sea_orm::DatabaseTransaction,
    ) -> Result<State, StoreFault> {
        let head = state::head(write, self.chapter.id.0).await?;
        self.stand_at(write, &head).await
    }

    /// The same, when the stored head was read already.
    async fn stand_at(
        &mut self,
        write: &sea_orm::DatabaseTransaction,
        head: &StoredHead,
    ) -> Result<State, StoreFault> {
        let (id, origin) = (self.chapter.id.0, &self.chapter.identity);
        let state = match self.state.take() {
            Some(state) if state.is_at(head) => Ok(state),
            Some(mut state) if state.size() < head.size => {
                state.catch_up(write, id, origin, head).await.map(|()| state)
            }
            Some(state) => Err(StoreFault::damaged(
                "the stored head",
                format!("it was at {} entries before, now it is at {}", state.size(), head.size),
            )),
            None => State::load(write, id, origin).await,
        };
        if let Err(StoreFault::Damaged { what, reason }) = &state {
            self.chapter.close(Closure::Broken { reason: format!("{what}: {reason}") });
        }
        let state = state?;
        self.state = Some(state.clone());
        Ok(state)
    }

    /// Reads back what was committed, signs the new head and shows it.
    async fn finish(&mut self, state: State, new: &[Hash]) -> Result<(), Failure> {
        let at_commit = |fault| Failure { fault, committed: true, refused: None };
        let reader = self.shared.database.reader();
        let checked = readback::compare(reader, self.chapter.id.0, &state, new).await;
        if let Err(StoreFault::Damaged { what, reason }) = &checked {
            self.chapter.close(Closure::Broken { reason: format!("{what}: {reason}") });
        }
        checked.map_err(at_commit)?;
        trace!(target: POINTS, "read back");
        self.state = Some(state.clone());
        self.shared.publish(&self.chapter, &state).map_err(at_commit)
    }

    /// Takes in what other instances appended, and shows it.
    async fn catch_up(&mut self) {
        let reader = self.shared.database.reader().clone();
        let id = self.chapter.id.0;
        let seen = self.state.as_ref().map_or(0, State::size);
        let behind = state::head(&reader, id).await.is_ok_and(|head| head.size > seen);
        let (closed, newer) = match self.chapter.standing() {
            Standing::Open => (false, false),
            Standing::ReadOnly(Closure::Newer { .. }) => (false, true),
            Standing::ReadOnly(closure) => (!closure.may_be_continued(), false),
        };
        if !behind || closed {
            return;
        }
        let done = match newer || self.shared.database.is_reading() {
            true => self.follow().await,
            false => self.attempt(&[]).await.map(drop).map_err(|failure| failure.fault),
        };
        if let Err(fault) = done {
            let origin = &self.chapter.identity;
            tracing::warn!(%origin, %fault, "not caught up");
            self.state = None;
        }
    }

    /// The same without the chapter's lock, which only who may write can take: what is read is one
    /// moment of the database.
    async fn follow(&mut self) -> Result<(), StoreFault> {
        let reading = begin_reading(self.shared.database.reader()).await?;
        let stood = self.stand(&reading).await;
        reading.end().await;
        self.shared.publish(&self.chapter, &stood?)
    }

    /// Keeps a snapshot of the state at a clean stop.
    async fn keep_state(&mut self) {
        let Some(state) = self.state.take().filter(|state| state.size() > 0) else { return };
        if let Standing::ReadOnly(_) = self.chapter.standing() {
            return;
        }
        let begun = self.shared.database.begin_write(self.chapter.lock()).await;
        let Ok(write) = begun else { return };
        let id = self.chapter.id.0;
        let kept = match state::head(&write, id).await {
            Ok(head) if state.is_at(&head) => state.save(&write, id).await,
            Ok(_) => Ok(()),
            Err(fault) => Err(fault),
        };
        let ended = match kept {
            Ok(()) => write.commit().await.map_err(StoreFault::from),
            Err(fault) => {
                give_up(write).await;
                Err(fault)
            }
        };
        if let Err(fault) = ended {
            tracing::warn!(origin = %self.chapter.identity, %fault, "no snapshot kept");
        }
    }

    /// Replays all entries, and keeps what they give where that is asked for.
    async fn check(&mut self, keep: bool) -> Result<Findings, StoreFault> {
        let (id, identity) = (self.chapter.id, &self.chapter.identity);
        let replayed = super::rebuild::check(&self.shared, id, identity, keep).await;
        if let Err(StoreFault::Damaged { what, reason }) = &replayed {
            self.chapter.close(Closure::Broken { reason: format!("{what}: {reason}") });
        }
        if keep {
            // Read from tables that may have been other ones than they are now.
            self.chapter.forget_kept();
        }
        let (findings, state) = replayed?;
        if keep || findings.is_clean() {
            // Where the start showed no head (entries are missing, or other ones than were signed)
            // none is signed now: it would take the place of the anchor that says so.
            if self.chapter.shown().head.is_some() {
                self.shared.publish(&self.chapter, &state)?;
            }
            self.state = Some(state);
        } else {
            self.chapter.close(Closure::Projections { tables: findings.to_string() });
        }
        Ok(findings)
    }
}

/// Whether what waits is a new ledger that continues this one, and nothing else.
fn continue_it(jobs: &[Job]) -> bool {
    let first = |job: &Job| {
        let first = job.vouchers.first();
        first.is_some_and(|(ready, _)| opens_another(ready.voucher.signed()))
    };
    matches!(jobs, [job] if first(job))
}

/// Whether a voucher opens a ledger that continues another.
pub(super) fn opens_another(signed: &SignedVoucher) -> bool {
    continues(&signed.voucher.body).is_some()
}

/// Whether a snapshot is due when a ledger grows from `before` to `after` entries.
pub(super) const fn snapshot_due(before: u64, after: u64, every: u64) -> bool {
    every > 0 && before / every < after / every
}

/// Both sizes as the head row takes them.
pub(super) fn sizes(state: &State, published: u64) -> (i64, i64) {
    (number(state.size()), number(published.min(state.size())))
}
