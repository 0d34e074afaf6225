//! The one door: every voucher that enters a ledger goes through here.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;

use super::Store;
use super::alongside::Alongside;
use super::chapter::{Chapter, ChapterId, Closure, Handle, Standing};
use super::desk::DeskFault;
use super::fault::{Passing, StoreFault};
use super::streaming::{FileJob, Make, RecordedFile, make_batches};
use super::writer::{Order, opens_another};
use crate::books::Refusal;
use crate::books::effects::DocumentNumber;
use crate::ledger::entry::{EntryFault, ReadableVoucher, SignedVoucher};
use crate::ledger::keys::PublicKey;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::tree::Hash;
use crate::ledger::word::Time;

/// A voucher that is in the ledger: committed, read back, under a signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place.
    pub seq: u64,
    /// When it was appended.
    pub at: Time,
    /// Its leaf hash.
    pub leaf: Hash,
    /// The numbers that people read.
    pub numbers: Vec<DocumentNumber>,
    /// The code of its receipt, for kinds that have one.
    pub receipt: Option<ReceiptCode>,
    /// Whether it was there already: the same voucher came before.
    pub repeated: bool,
}

/// Why a voucher was not recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The entry's form is not that of a leaf.
    #[error(transparent)]
    Form(#[from] EntryFault),
    /// What goes with the voucher is not possible any more, such as a draft that was sent back.
    #[error("{0}")]
    Alongside(String),
    /// A chapter that is to be founded has the slug of another one here.
    #[error("another chapter here has this slug: choose another")]
    SlugTaken,
    /// The ledger takes no writes.
    #[error(transparent)]
    Closed(#[from] Closure),
    /// Nothing was written, and the same voucher may be sent again.
    #[error("the ledger is busy ({0}): nothing was recorded, try again in a moment")]
    Busy(String),
    /// A file is being recorded, and nothing else can be meanwhile; nothing was written.
    #[error("a file is being recorded: nothing else was; try again in some minutes")]
    Importing,
    /// No room on the disk; nothing was written.
    #[error("the disk is full: nothing was recorded; make room and try again")]
    DiskFull,
    /// Whether it was written is not known. Sending the same voucher again is safe: it is recorded
    /// once, and the answer is then certain.
    #[error("whether the voucher was recorded is not known: send the same one again")]
    Unknown,
    /// The machine failed; nothing was written.
    #[error("nothing was recorded: {0}")]
    Store(String),
}

impl RecordFault {
    /// A failure before anything was written.
    fn before(passing: Option<Passing>, fault: String) -> Self {
        match passing {
            Some(Passing::Busy) => Self::Busy(fault),
            Some(Passing::DiskFull) => Self::DiskFull,
            Some(Passing::Importing) => Self::Importing,
            Some(Passing::Reading) => Self::Closed(Closure::Reading),
            Some(Passing::Newer) => {
                let step = fault.rsplit(' ').next().unwrap_or_default().to_owned();
                Self::Closed(Closure::Newer { step })
            }
            None => Self::Store(fault),
        }
    }
}

impl From<StoreFault> for RecordFault {
    fn from(fault: StoreFault) -> Self {
        Self::before(fault.passing(), fault.to_string())
    }
}

impl From<DeskFault> for RecordFault {
    fn from(fault: DeskFault) -> Self {
        Self::before(fault.passing(), fault.to_string())
    }
}

/// Why a whole file was not recorded: none of it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("voucher {index}: {fault}")]
pub struct RecordAllFault {
    /// Which voucher of the list said no, from 0.
    pub index: usize,
    /// Why.
    pub fault: RecordFault,
}

/// A voucher that was looked at before its turn, as far as that asks for nothing that only its
/// writer knows: many are at once, while the writer writes.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub voucher: ReadableVoucher,
    /// With which keys its signatures hold; `None` when they are to be verified in its turn.
    pub keys: Option<Vec<PublicKey>>,
}

impl Ready {
    /// Reads a voucher as every reader will, and verifies it with the keys that are in force now.
    /// That a signature does not hold is said in its turn.
    pub(super) fn new(
        keys: Option<Vec<PublicKey>>,
        signed: SignedVoucher,
    ) -> Result<Self, EntryFault> {
        let voucher = signed.readable()?;
        let keys = keys.filter(|keys| voucher.holds_with(keys));
        Ok(Self { voucher, keys })
    }
}

/// Vouchers that are recorded together or not at all, and where the answer goes.
pub(super) struct Job {
    pub vouchers: Vec<(Ready, Alongside)>,
    pub now: DateTime<Utc>,
    pub reply: oneshot::Sender<Result<Vec<Recorded>, RecordAllFault>>,
}

impl fmt::Debug for Job {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Job({} vouchers)", self.vouchers.len())
    }
}

impl Store {
    /// Records a signed voucher, with what goes alongside in the same transaction. The answer
    /// comes when the entry was committed, read back and put under a signed checkpoint.
    ///
    /// The same voucher twice gives the result of the first: sending again is always safe.
    ///
    /// # Errors
    /// [`RecordFault`]; in every case but [`RecordFault::Unknown`] nothing was written.
    pub async fn record(
        &self,
        chapter: ChapterId,
        signed: SignedVoucher,
        alongside: Alongside,
        now: DateTime<Utc>,
    ) -> Result<Recorded, RecordFault> {
        let all = self.record_all(chapter, vec![(signed, alongside)], now).await;
        let mut all = all.map_err(|refused| refused.fault)?;
        all.pop().ok_or(RecordFault::Unknown)
    }

    /// Records all vouchers in one transaction, or none.
    ///
    /// # Errors
    /// [`RecordAllFault`] with the first voucher that said no. One that no reader would accept says
    /// so before all others.
    pub async fn record_all(
        &self,
        chapter: ChapterId,
        vouchers: Vec<(SignedVoucher, Alongside)>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Recorded>, RecordAllFault> {
        let began = Instant::now();
        let done = self.ask_to_record(chapter, vouchers, now).await;
        self.shared.meters.answered(&done, began.elapsed());
        done
    }

    async fn ask_to_record(
        &self,
        chapter: ChapterId,
        vouchers: Vec<(SignedVoucher, Alongside)>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Recorded>, RecordAllFault> {
        let first = |fault| RecordAllFault { index: 0, fault };
        let handle =
            self.handle(chapter).map_err(|fault| first(RecordFault::Store(fault.to_string())))?;
        if vouchers.is_empty() {
            return Ok(Vec::new());
        }
        if let Standing::ReadOnly(closure) = handle.chapter.standing()
            && !(closure.may_be_continued() && opens_another(&vouchers[0].0))
        {
            return Err(first(closure.into()));
        }
        if self.importing(chapter).is_some() {
            return Err(first(RecordFault::Importing));
        }
        if handle.orders.capacity() == 0 {
            return Err(first(too_many()));
        }
        let vouchers = make_ready(&handle.chapter, vouchers).await?;
        let (reply, answer) = oneshot::channel();
        let job = Job { vouchers, now, reply };
        send(&handle, Order::Record(job)).map_err(first)?;
        // The writer answers every job; a lost answer means that it was stopped in the middle.
        answer.await.unwrap_or_else(|_| Err(first(RecordFault::Unknown)))
    }

    /// Records a whole file in one transaction, or none of it: so many vouchers, and what makes
    /// each, on threads of its own and in any order. Whoever else wants to write is told that a
    /// file is being recorded.
    ///
    /// # Errors
    /// [`RecordAllFault`] with the first voucher that said no; in every case but
    /// [`RecordFault::Unknown`] nothing was written.
    pub(super) async fn record_file(
        &self,
        chapter: ChapterId,
        file: (usize, Make),
        now: DateTime<Utc>,
    ) -> Result<RecordedFile, RecordAllFault> {
        let began = Instant::now();
        let done = self.ask_to_record_file(chapter, file, now).await;
        self.shared.meters.answered(&done, began.elapsed());
        done
    }

    async fn ask_to_record_file(
        &self,
        chapter: ChapterId,
        (count, make): (usize, Make),
        now: DateTime<Utc>,
    ) -> Result<RecordedFile, RecordAllFault> {
        let first = |fault| RecordAllFault { index: 0, fault };
        let handle =
            self.handle(chapter).map_err(|fault| first(RecordFault::Store(fault.to_string())))?;
        if self.importing(chapter).is_some() {
            return Err(first(RecordFault::Importing));
        }
        let (sender, batches) = mpsc::channel(1);
        let (reply, answer) = oneshot::channel();
        let job = FileJob { batches, count: count as u64, now, reply };
        send(&handle, Order::File(job)).map_err(first)?;
        spawn_blocking(move || make_batches(&make, count, &sender));
        answer.await.unwrap_or_else(|_| Err(first(RecordFault::Unknown)))
    }

    /// A person confirms that the clock is right although the last entry is far away from it. It
    /// counts on this instance, for the 31 days that an entry may be behind the clock.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn confirm_clock(&self, chapter: ChapterId, now: DateTime<Utc>) -> Result<(), StoreFault> {
        let chapter = &self.handle(chapter)?.chapter;
        tracing::warn!(origin = %chapter.identity, %now, "a person confirmed the clock");
        chapter.confirm_clock(now);
        Ok(())
    }

    /// Gives an order to a chapter's writer and waits for the answer.
    pub(super) async fn order<T>(
        &self,
        chapter: ChapterId,
        order: impl FnOnce(oneshot::Sender<T>) -> Order,
    ) -> Result<T, StoreFault> {
        let handle = self.handle(chapter)?;
        let (reply, answer) = oneshot::channel();
        handle.orders.send(order(reply)).await.map_err(|_| StoreFault::Stopping)?;
        answer.await.map_err(|_| StoreFault::Stopping)
    }
}

fn too_many() -> RecordFault {
    RecordFault::Busy("too many wait".to_owned())
}

/// Vouchers that are few enough to be looked at without a thread of their own.
const FEW: usize = 4;

/// Looks at vouchers before their turn, many of them on all processors.
async fn make_ready(
    chapter: &Arc<Chapter>,
    vouchers: Vec<(SignedVoucher, Alongside)>,
) -> Result<Vec<(Ready, Alongside)>, RecordAllFault> {
    let of = chapter.clone();
    let ready = move |(index, (signed, alongside)): (usize, (SignedVoucher, Alongside))| {
        let ready = Ready::new(of.keys_before(&signed), signed);
        let no = |fault: EntryFault| RecordAllFault { index, fault: fault.into() };
        ready.map(|ready| (ready, alongside)).map_err(no)
    };
    if vouchers.len() <= FEW {
        return vouchers.into_iter().enumerate().map(ready).collect();
    }
    let all = spawn_blocking(move || -> Vec<_> {
        vouchers.into_par_iter().enumerate().map(ready).collect()
    });
    // The first that says no, in their order.
    let lost = |_| {
        let said = "a thread that reads vouchers ended before its work was done".to_owned();
        RecordAllFault { index: 0, fault: RecordFault::Store(said) }
    };
    all.await.map_err(lost)?.into_iter().collect()
}

/// Puts an order into the writer's queue, without waiting for room in it.
fn send(handle: &Handle, order: Order) -> Result<(), RecordFault> {
    handle.orders.try_send(order).map_err(|fault| match fault {
        mpsc::error::TrySendError::Full(_) => too_many(),
        mpsc::error::TrySendError::Closed(_) => Closure::Stopping.into(),
    })
}
