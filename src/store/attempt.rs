//! One attempt to record a group of jobs inside an open transaction.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{DatabaseTransaction, Value};

use super::Shared;
use super::alongside::{Alongside, AlongsideFault, Steps};
use super::chapter::{Chapter, Closure};
use super::database::{execute, query};
use super::desk::consequences::Consequences;
use super::desk::together;
use super::fault::{StoreFault, Trouble};
use super::nodes::{hash, number, unsigned};
use super::past::{self, OPENED};
use super::project::{Pending, Projected, has_receipt};
use super::record::{Job, RecordAllFault, RecordFault, Recorded};
use super::state::State;
use super::writer::{Failure, sizes, snapshot_due};
use crate::books::effects::Effects;
use crate::books::{Answers, CheckFault, Refusal, continues};
use crate::ledger::entry::{Entry, SignedVoucher, leaf_hash};
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::tree::Hash;
use crate::ledger::voucher::{Body, Voucher, VoucherId};
use crate::ledger::word::Time;

/// Most questions that the books may ask about one entry.
const QUESTIONS: usize = 5_000;
/// Entries gathered before they are written, so that a whole file takes little memory.
pub(super) const FLUSH: usize = 500;
/// How far the clock may be behind the last entry: that entry's time is used then.
const SLACK: TimeDelta = TimeDelta::minutes(10);
/// How far the clock may be ahead of the last entry before a person has to confirm it.
const AHEAD: TimeDelta = TimeDelta::days(31);

/// What became of a job.
pub(super) type Fate = Result<Vec<Recorded>, RecordAllFault>;

/// A new entry, to be compared with what is read back.
#[derive(Clone, Debug)]
pub(super) struct New {
    pub seq: u64,
    pub leaf: Hash,
    pub bytes: Vec<u8>,
}

/// A voucher that is in the ledger already, or earlier in this group.
struct Known {
    voucher: Vec<u8>,
    recorded: Recorded,
}

/// The attempt: a copy of the state that runs ahead of the store.
pub(super) struct Attempt<'a> {
    shared: &'a Shared,
    pub(super) chapter: &'a Chapter,
    pub(super) write: &'a DatabaseTransaction,
    pub(super) state: State,
    before: u64,
    confirmed: Option<DateTime<Utc>>,
    pub(super) pending: Pending,
    steps: Steps,
    known: HashMap<VoucherId, Known>,
    new: Vec<New>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        chapter: &'a Chapter,
        write: &'a DatabaseTransaction,
        state: State,
        confirmed: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            shared,
            chapter,
            write,
            before: state.size(),
            state,
            confirmed,
            pending: Pending::new(chapter.id.0, false),
            steps: Steps::default(),
            known: HashMap::new(),
            new: Vec::new(),
        }
    }

    /// The state behind the new entries, and these.
    pub(super) fn into_parts(self) -> (State, Vec<New>) {
        (self.state, self.new)
    }

    /// Records what can be recorded and writes the new head.
    pub(super) async fn all(&mut self, jobs: &[Job]) -> Result<Vec<Fate>, Failure> {
        self.look_up_ids(jobs).await?;
        let mut fates = Vec::with_capacity(jobs.len());
        for (at, job) in jobs.iter().enumerate() {
            let fate = self.job(at, job).await?;
            // A whole file is alone in its transaction: when one of it is refused, nothing of it
            // stays.
            if fate.is_err() && job.vouchers.len() > 1 {
                self.new.clear();
                return Ok(vec![fate]);
            }
            fates.push(fate);
        }
        self.write_all().await?;
        Ok(fates)
    }

    /// Writes what was gathered, and the new head.
    pub(super) async fn write_all(&mut self) -> Result<(), Failure> {
        if !self.new.is_empty() {
            self.flush(0).await?;
            self.write_head().await?;
        }
        Ok(())
    }

    async fn job(&mut self, at: usize, job: &Job) -> Result<Fate, Failure> {
        let mut all = Vec::with_capacity(job.vouchers.len());
        for (index, (signed, alongside)) in job.vouchers.iter().enumerate() {
            let recorded = match self.voucher(signed, job.now).await? {
                Ok(recorded) => recorded,
                Err(fault) => return Ok(Err(RecordAllFault { index, fault })),
            };
            if !recorded.repeated {
                self.goes_with(&recorded, &signed.voucher, alongside);
            }
            all.push(recorded);
            if self.pending.len() >= FLUSH {
                self.flush(if job.vouchers.len() > 1 { index } else { at }).await?;
            }
        }
        Ok(Ok(all))
    }

    /// What becomes true in the same transaction as a new entry: the steps that come with it, and
    /// what the desk does because of it.
    pub(super) fn goes_with(
        &mut self,
        recorded: &Recorded,
        voucher: &Voucher,
        alongside: &Alongside,
    ) {
        let (chapter, seq) = (self.chapter.id.0, number(recorded.seq));
        self.steps.add(chapter, seq, alongside);
        // By whatever way a reversal comes, what the desk keeps of the entry ends with it.
        if let Some(of) = self.reversed_entry(&voucher.body) {
            self.steps.add(chapter, seq, &together::reversed(of));
        }
        let (officers, place) = (self.state.books.officers(), (recorded.seq, recorded.at.utc()));
        let desk = self.chapter.desk();
        if let Some(follows) = Consequences::of(desk, officers, place, voucher) {
            self.steps.follow(follows);
        }
    }

    /// Places one voucher, unless it is there already or something says no.
    async fn voucher(
        &mut self,
        signed: &SignedVoucher,
        now: DateTime<Utc>,
    ) -> Result<Result<Recorded, RecordFault>, Failure> {
        let id = &signed.voucher.id;
        let voucher = signed.voucher.bytes();
        if let Some(known) = self.known.get(id).filter(|known| known.voucher == voucher) {
            return Ok(Ok(Recorded { repeated: true, ..known.recorded.clone() }));
        }
        if let Some(closure) = self.missing_log_key(signed)? {
            return Ok(Err(closure.into()));
        }
        let opens = continues(&signed.voucher.body).is_some();
        let at = match self.time(now, opens) {
            Ok(at) => at,
            Err(fault) => return Ok(Err(fault)),
        };
        let entry = self.state.place(signed.clone(), at);
        if !self.state.is_continued_by(&signed.voucher.body) {
            return Ok(Err(Refusal::Continues { what: "checkpoint-root" }.into()));
        }
        let bytes = match readable_bytes(&entry) {
            Ok(bytes) => bytes,
            Err(fault) => return Ok(Err(fault)),
        };
        let effects = match self.check(&entry).await? {
            Ok(effects) => effects,
            Err(fault) => return Ok(Err(fault)),
        };
        let recorded = self.take_in(&entry, bytes, &effects)?;
        self.known.insert(id.clone(), Known { voucher, recorded: recorded.clone() });
        Ok(Ok(recorded))
    }

    pub(super) fn take_in(
        &mut self,
        entry: &Entry,
        bytes: Vec<u8>,
        effects: &Effects,
    ) -> Result<Recorded, StoreFault> {
        let leaf = leaf_hash(&bytes);
        let follows = self.state.leaf;
        let nodes = self.state.absorb(entry, leaf, effects);
        let receipt = self.shared.receipt_code(entry);
        self.pending.add(&Projected {
            entry,
            follows,
            bytes: &bytes,
            leaf,
            effects,
            nodes: &nodes,
            receipt: receipt.as_ref(),
        })?;
        let seq = entry.place();
        self.new.push(New { seq, leaf, bytes });
        let numbers = effects.numbers.clone();
        Ok(Recorded { seq, at: entry.at, leaf, numbers, receipt, repeated: false })
    }

    /// Signatures and rules; the past is looked up as far as the books ask for it.
    pub(super) async fn check(
        &mut self,
        entry: &Entry,
    ) -> Result<Result<Effects, RecordFault>, StoreFault> {
        if let Err(refusal) = self.state.books.verify_signatures(entry) {
            return Ok(Err(refusal.into()));
        }
        let mut answers = Answers::default();
        let id = &entry.voucher().id;
        answers.ids.insert(id.clone(), self.known.contains_key(id));
        for _ in 0..QUESTIONS {
            match self.state.books.check(entry, &answers) {
                Ok(effects) => return Ok(Ok(effects)),
                Err(CheckFault::Refused(refusal)) => return Ok(Err(refusal.into())),
                Err(CheckFault::Ask(ask)) => {
                    // The answer has to know what this group did so far.
                    self.pending.flush(self.write).await?;
                    let id = self.chapter.id.0;
                    past::answer(self.write, id, entry.place(), ask, &mut answers).await?;
                }
            }
        }
        Ok(Err(RecordFault::Store(format!("the books asked more than {QUESTIONS} questions"))))
    }

    /// A rotation to a log key that is not here would stop the ledger at its size, as would a new
    /// ledger with such a key: it is refused before it is an entry.
    fn missing_log_key(&self, signed: &SignedVoucher) -> Result<Option<Closure>, StoreFault> {
        let key = match &signed.voucher.body {
            Body::LogKeyRotated(body) => &body.new_vkey,
            Body::ChapterOpened(body) => &body.log_key,
            _ => return Ok(None),
        };
        let held = self.shared.keys.signing(&signed.voucher.log, key)?;
        let missing = || Closure::NoLogKey { vkey: key.vkey() };
        Ok(held.is_none().then(missing))
    }

    /// The writer's clock: never back, and not far from the last entry unless a person said so. Who
    /// calls officers to a ledger that continues one at rest has said so.
    fn time(&self, now: DateTime<Utc>, opens: bool) -> Result<Time, RecordFault> {
        let Some(time) = Time::new(now) else {
            return Err(RecordFault::Store(format!("the clock says {now}: set it")));
        };
        let Some(last) = self.state.at() else { return Ok(time) };
        let away = now - last.utc();
        let confirmed = self.confirmed.is_some_and(|at| now >= at - SLACK && now - at <= AHEAD);
        let ahead = away > AHEAD && !opens;
        if (away < -SLACK || ahead) && !confirmed {
            return Err(Closure::Clock { last, now: time }.into());
        }
        Ok(time.max(last))
    }

    /// Finds the vouchers of all jobs that are in the ledger already.
    async fn look_up_ids(&mut self, jobs: &[Job]) -> Result<(), StoreFault> {
        let ids: Vec<&VoucherId> = jobs
            .iter()
            .flat_map(|job| &job.vouchers)
            .map(|(signed, _)| &signed.voucher.id)
            .collect();
        for ids in ids.chunks(5_000) {
            let sql = format!(
                "SELECT entries.seq AS seq, leaf_hash, entries.bytes AS bytes, effects.bytes AS \
                 effects, {OPENED} FROM entries JOIN effects ON effects.chapter = entries.chapter \
                 AND effects.seq = entries.seq WHERE entries.chapter = ? AND voucher_id IN ({})",
                vec!["?"; ids.len()].join(", ")
            );
            let values = std::iter::once(Value::from(self.chapter.id.0))
                .chain(ids.iter().map(|id| Value::from(id.as_str())));
            for row in query(self.write, &sql, values).await? {
                let seq = unsigned(row.try_get("", "seq")?)?;
                let entry = past::read_entry(&row, seq)?;
                let effects: Effects =
                    serde_json::from_slice(&row.try_get::<Vec<u8>>("", "effects")?)
                        .map_err(|fault| StoreFault::damaged("the effects of an entry", fault))?;
                let recorded = Recorded {
                    seq,
                    at: entry.at,
                    leaf: hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")?,
                    numbers: effects.numbers,
                    receipt: self.shared.receipt_code(&entry),
                    repeated: true,
                };
                let voucher = entry.voucher().bytes();
                self.known.insert(entry.signed.voucher.id, Known { voucher, recorded });
            }
        }
        Ok(())
    }

    /// Writes what was gathered. A constraint of what goes alongside refuses the job, not the
    /// ledger.
    pub(super) async fn flush(&mut self, job: usize) -> Result<(), Failure> {
        self.pending.flush(self.write).await?;
        match self.steps.run(self.write).await {
            Ok(()) => Ok(()),
            Err(AlongsideFault::Refused(reason)) => Err(Failure::refused(job, reason)),
            Err(AlongsideFault::Store(fault)) if fault.trouble() == Trouble::Constraint => {
                Err(Failure::refused(job, fault.to_string()))
            }
            Err(AlongsideFault::Store(fault)) => Err(fault.into()),
        }
    }

    async fn write_head(&self) -> Result<(), StoreFault> {
        let id = self.chapter.id.0;
        let published = self.chapter.shown().head.map_or(0, |head| head.size);
        let (size, published) = sizes(&self.state, published);
        let published_sql = match self.write_backend_is_postgres() {
            true => "GREATEST(published_size, ?)",
            false => "MAX(published_size, ?)",
        };
        let sql = format!(
            "UPDATE chapters SET head_size = ?, head_leaf = ?, head_root = ?, \
             published_size = {published_sql} WHERE id = ?"
        );
        let root = self.state.frontier.root();
        let values = [
            size.into(),
            self.state.leaf.0.to_vec().into(),
            root.0.to_vec().into(),
            published.into(),
            id.into(),
        ];
        if execute(self.write, &sql, values).await?.rows_affected() != 1 {
            return Err(StoreFault::NoChapter);
        }
        if snapshot_due(self.before, self.state.size(), self.shared.config.snapshot_every) {
            self.state.save(self.write, id).await?;
        }
        Ok(())
    }

    /// The place of the entry that a voucher reverses.
    fn reversed_entry(&self, body: &Body) -> Option<u64> {
        match body {
            Body::Reversed(reversed) => reversed.of.entry().place(self.state.books.before()),
            _ => None,
        }
    }

    fn write_backend_is_postgres(&self) -> bool {
        self.shared.database.is_postgres()
    }
}

/// The bytes of a new leaf, as every reader will accept them.
fn readable_bytes(entry: &Entry) -> Result<Vec<u8>, RecordFault> {
    let bytes = entry.bytes()?;
    Entry::parse(&bytes)?;
    Ok(bytes)
}

impl super::Store {
    /// The receipt code of an entry, for kinds that have one: what its giver is handed.
    #[must_use]
    pub fn receipt_code(&self, entry: &Entry) -> Option<ReceiptCode> {
        self.shared.receipt_code(entry)
    }
}

impl Shared {
    /// The receipt code of an entry, for kinds that have one.
    pub(super) fn receipt_code(&self, entry: &Entry) -> Option<ReceiptCode> {
        let voucher = entry.voucher();
        let id = uuid::Uuid::try_parse(voucher.id.as_str()).ok()?;
        has_receipt(&voucher.body).then(|| ReceiptCode::of(self.keys.receipt(), &id))
    }
}
