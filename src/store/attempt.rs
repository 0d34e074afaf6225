//! One attempt to record a group of jobs inside an open transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value};

use super::Shared;
use super::ahead::{Ahead, Known};
use super::alongside::{AlongsideFault, Steps};
use super::bundle::Update;
use super::database::query;
use super::fault::{StoreFault, Trouble};
use super::nodes::{hash, unsigned};
use super::past::{self, OPENED};
use super::project::{Pending, has_receipt};
use super::record::{Job, Ready, RecordAllFault, RecordFault, Recorded};
use super::state::State;
use super::writer::{Failure, sizes, snapshot_due};
use crate::books::effects::Effects;
use crate::books::{Answers, CheckFault};
use crate::ledger::entry::Entry;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::tree::Hash;
use crate::ledger::voucher::{Voucher, VoucherId};

/// Most questions that the books may ask about one entry.
const QUESTIONS: usize = 5_000;
/// Entries gathered before they are written, so that a whole file takes little memory.
pub(super) const FLUSH: usize = 500;

/// What became of a job.
pub(super) type Fate = Result<Vec<Recorded>, RecordAllFault>;

/// The attempt: what runs ahead of the store, inside the transaction that will write it.
pub(super) struct Attempt<'a> {
    pub(super) ahead: Ahead,
    pub(super) write: &'a DatabaseTransaction,
    /// Identifiers that another chapter here has given a receipt.
    elsewhere: BTreeSet<VoucherId>,
}

impl<'a> Attempt<'a> {
    pub(super) const fn new(ahead: Ahead, write: &'a DatabaseTransaction) -> Self {
        Self { ahead, write, elsewhere: BTreeSet::new() }
    }

    /// The state behind the new entries, and their leaf hashes.
    pub(super) fn into_parts(self) -> (State, Vec<Hash>) {
        (self.ahead.state, self.ahead.new)
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
                self.ahead.new.clear();
                return Ok(vec![fate]);
            }
            fates.push(fate);
        }
        self.write_all().await?;
        Ok(fates)
    }

    /// Writes what was gathered, and the new head.
    pub(super) async fn write_all(&mut self) -> Result<(), Failure> {
        if !self.ahead.new.is_empty() {
            let head = Some(head(&self.ahead));
            let Ahead { pending, steps, .. } = &mut self.ahead;
            flush(self.write, (pending, steps), head, 0).await?;
            keep_snapshot(self.write, &self.ahead).await?;
        }
        Ok(())
    }

    async fn job(&mut self, at: usize, job: &Job) -> Result<Fate, Failure> {
        let mut all = Vec::with_capacity(job.vouchers.len());
        for (index, (ready, alongside)) in job.vouchers.iter().enumerate() {
            let recorded = match self.voucher(ready, job.now).await? {
                Ok(recorded) => recorded,
                Err(fault) => return Ok(Err(RecordAllFault { index, fault })),
            };
            if !recorded.repeated {
                self.ahead.goes_with(&recorded, ready.voucher.signed(), alongside.clone());
            }
            all.push(recorded);
            if self.ahead.pending.len() >= FLUSH {
                self.flush(if job.vouchers.len() > 1 { index } else { at }).await?;
            }
        }
        Ok(Ok(all))
    }

    /// Places one voucher, unless it is there already or something says no.
    async fn voucher(
        &mut self,
        ready: &Ready,
        now: DateTime<Utc>,
    ) -> Result<Result<Recorded, RecordFault>, Failure> {
        let (id, voucher) = (&ready.voucher.voucher().id, ready.voucher.bytes());
        if let Some(known) = self.ahead.known.get(id).filter(|known| known.voucher == voucher) {
            return Ok(Ok(Recorded { repeated: true, ..known.recorded.clone() }));
        }
        let (entry, bytes) = match self.ahead.place(&ready.voucher, now)? {
            Ok(placed) => placed,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Err(refusal) = self.ahead.check_signatures(&entry, ready) {
            return Ok(Err(refusal.into()));
        }
        let effects = match self.check(&entry).await? {
            Ok(effects) => effects,
            Err(fault) => return Ok(Err(fault)),
        };
        let recorded = self.ahead.take_in(&entry, bytes, &effects)?;
        let known = Known { voucher: voucher.to_vec(), recorded: recorded.clone() };
        self.ahead.known.insert(id.clone(), known);
        Ok(Ok(recorded))
    }

    /// The rules; the past is looked up as far as the books ask for it.
    pub(super) async fn check(
        &mut self,
        entry: &Entry,
    ) -> Result<Result<Effects, RecordFault>, StoreFault> {
        let mut answers = Answers::default();
        let id = &entry.voucher().id;
        let used = self.ahead.known.contains_key(id) || self.elsewhere.contains(id);
        answers.ids.insert(id.clone(), used);
        for _ in 0..QUESTIONS {
            match self.ahead.state.books.check(entry, &answers) {
                Ok(effects) => return Ok(Ok(effects)),
                Err(CheckFault::Refused(refusal)) => return Ok(Err(refusal.into())),
                Err(CheckFault::Ask(ask)) => {
                    // The answer has to know what this group did so far.
                    self.ahead.pending.flush(self.write).await?;
                    let id = self.ahead.chapter.id.0;
                    past::answer(self.write, id, entry.place(), ask, &mut answers).await?;
                }
            }
        }
        Ok(Err(RecordFault::Store(format!("the books asked more than {QUESTIONS} questions"))))
    }

    /// Finds the vouchers of all jobs that are in the ledger already, and the identifiers under
    /// which another chapter gave a receipt. A code leads to one entry, whatever the chapter;
    /// identifiers of others are public, and who sends one again would take the paper's place.
    async fn look_up_ids(&mut self, jobs: &[Job]) -> Result<(), StoreFault> {
        let vouchers: Vec<&Voucher> = jobs
            .iter()
            .flat_map(|job| &job.vouchers)
            .map(|(own, _)| own.voucher.voucher())
            .collect();
        for vouchers in vouchers.chunks(4_096) {
            let codes: BTreeMap<String, &VoucherId> = vouchers
                .iter()
                .filter(|voucher| has_receipt(&voucher.body))
                .filter_map(|voucher| {
                    let code = self.ahead.shared.code_of(&voucher.id)?;
                    Some((code.as_str().to_owned(), &voucher.id))
                })
                .collect();
            // Few lengths, so that the text recurs: what fills them up is found nowhere.
            let length = vouchers.len().next_power_of_two();
            let sql = known_text(length);
            let ids = vouchers.iter().map(|voucher| voucher.id.as_str());
            let chapter = Value::from(self.ahead.chapter.id.0);
            let values = std::iter::once(chapter.clone())
                .chain(filled(ids, length))
                .chain(filled(codes.keys().map(String::as_str), length))
                .chain([chapter]);
            for row in query(self.write, &sql, values).await? {
                match row.try_get::<Option<String>>("", "code")? {
                    Some(code) => self.elsewhere.extend(codes.get(&code).map(|id| (*id).clone())),
                    None => self.know(&row)?,
                }
            }
        }
        Ok(())
    }

    /// Keeps a voucher that is in the ledger already.
    fn know(&mut self, row: &QueryResult) -> Result<(), StoreFault> {
        let seq = unsigned(row.try_get("", "seq")?)?;
        let entry = past::read_entry(row, seq)?;
        let effects: Effects = serde_json::from_slice(&row.try_get::<Vec<u8>>("", "effects")?)
            .map_err(|fault| StoreFault::damaged("the effects of an entry", fault))?;
        let recorded = Recorded {
            seq,
            at: entry.at,
            leaf: hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")?,
            numbers: effects.numbers,
            receipt: self.ahead.shared.receipt_code(&entry),
            repeated: true,
        };
        let voucher = entry.voucher().bytes();
        self.ahead.known.insert(entry.signed.voucher.id, Known { voucher, recorded });
        Ok(())
    }

    /// Writes what was gathered.
    pub(super) async fn flush(&mut self, job: usize) -> Result<(), Failure> {
        let Ahead { pending, steps, .. } = &mut self.ahead;
        flush(self.write, (pending, steps), None, job).await
    }
}

/// Vouchers by their ids, and receipts of other chapters by their codes.
fn known_text(length: usize) -> String {
    let list = vec!["?"; length].join(", ");
    format!(
        "SELECT entries.seq AS seq, leaf_hash, entries.bytes AS bytes, effects.bytes AS effects, \
         {OPENED}, NULL AS code FROM entries JOIN effects ON effects.chapter = entries.chapter \
         AND effects.seq = entries.seq WHERE entries.chapter = ? AND voucher_id IN ({list}) \
         UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, code FROM receipts \
         WHERE code IN ({list}) AND chapter <> ?"
    )
}

/// Words, and empty ones up to a length.
fn filled<'w>(words: impl Iterator<Item = &'w str>, length: usize) -> impl Iterator<Item = Value> {
    words.chain(std::iter::repeat("")).take(length).map(Value::from)
}

/// Writes entries, the new head if they are the last, and what goes alongside. A constraint of what
/// goes alongside refuses the job, not the ledger.
pub(super) async fn flush(
    write: &impl ConnectionTrait,
    (pending, steps): (&mut Pending, &mut Steps),
    head: Option<Update>,
    job: usize,
) -> Result<(), Failure> {
    pending.flush_with(write, head).await?;
    match steps.run(write).await {
        Ok(()) => Ok(()),
        Err(AlongsideFault::Refused(reason)) => Err(Failure::refused(job, reason)),
        Err(AlongsideFault::Store(fault)) if fault.trouble() == Trouble::Constraint => {
            Err(Failure::refused(job, fault.to_string()))
        }
        Err(AlongsideFault::Store(fault)) => Err(fault.into()),
    }
}

/// The new head, behind all new entries.
pub(super) fn head(ahead: &Ahead) -> Update {
    let (shared, state, id) = (&ahead.shared, &ahead.state, ahead.chapter.id.0);
    let published = ahead.chapter.size();
    let (size, published) = sizes(state, published);
    let published_sql = match shared.database.is_postgres() {
        true => "GREATEST(published_size, ?)",
        false => "MAX(published_size, ?)",
    };
    let sql = format!(
        "UPDATE chapters SET head_size = ?, head_leaf = ?, head_root = ?, \
         published_size = {published_sql} WHERE id = ?"
    );
    let root = state.frontier.root();
    let values = [
        size.into(),
        state.leaf.0.to_vec().into(),
        root.0.to_vec().into(),
        published.into(),
        id.into(),
    ];
    Update { sql, values: values.into() }
}

/// Keeps a snapshot behind the new head, when one is due.
pub(super) async fn keep_snapshot(
    write: &impl ConnectionTrait,
    ahead: &Ahead,
) -> Result<(), StoreFault> {
    if snapshot_due(ahead.before, ahead.state.size(), ahead.shared.config.snapshot_every) {
        ahead.state.save(write, ahead.chapter.id.0).await?;
    }
    Ok(())
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
        has_receipt(&voucher.body).then(|| self.code_of(&voucher.id)).flatten()
    }

    /// The receipt code of a voucher.
    fn code_of(&self, id: &VoucherId) -> Option<ReceiptCode> {
        let id = uuid::Uuid::try_parse(id.as_str()).ok()?;
        Some(ReceiptCode::of(self.keys.receipt(), &id))
    }
}
