//! "Ghi sổ": one passphrase, every voucher signed, the whole file recorded as one transaction or
//! not at all, and the key forgotten. And what became of it.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;
use rocket::{State, get};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::going::{Ended, Going};
use super::known;
use super::work::{Found, Planned, Work, find};
use crate::import::{Decision, ToBook};
use crate::ledger::keys::SigningKey;
use crate::ledger::word::{Code, Person};
use crate::store::desk::imports::BankLine;
use crate::store::desk::under_way::UnderWay;
use crate::store::facade::{self, Import, ImportFile};
use crate::store::{ChapterId, RecordFault, Store};
use crate::web::desk::describe::Short;
use crate::web::desk::{Answer, describe, passphrases, refusals};
use crate::web::forms::{Noted, Submission};
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault};

/// Entries of a page of the result.
const PER_PAGE: u64 = 100;

/// What is kept of a statement that was recorded: nothing of it is private.
#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    place: String,
    /// Kinds of vouchers, how many, and their sum.
    kinds: Vec<(String, u64, i64)>,
    left_out: u64,
}

impl Outcome {
    fn of(work: &Work, planned: &Planned) -> Self {
        let mut kinds = BTreeMap::<&'static str, (u64, i64)>::new();
        for (index, line) in planned.plan.lines.iter().enumerate() {
            if planned.bookings.decision(index) != Some(Decision::Book) {
                continue;
            }
            let kind = planned.bookings.kind(index).map_or("", voucher_kind);
            let sum = kinds.entry(kind).or_default();
            sum.0 += 1;
            sum.1 += line.line.movement.amount.minor();
        }
        Self {
            place: work.choices.place.to_string(),
            kinds: kinds.into_iter().map(|(kind, sum)| (kind.to_owned(), sum.0, sum.1)).collect(),
            left_out: planned.bookings.left_out() as u64,
        }
    }
}

/// The kind of voucher that a line's kind becomes.
const fn voucher_kind(kind: &crate::import::Kind) -> &'static str {
    use crate::import::Kind;
    match kind {
        Kind::Donation(_) => "donation",
        Kind::Income(_) => "income",
        Kind::Custody(_) => "custody_received",
        Kind::Transfer(_) => "transfer",
        Kind::LeaveOut(_) | Kind::Later => "",
    }
}

/// How far the recording came while the request lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Everything is in the ledger.
    Done,
    /// It goes on behind the request.
    Going,
}

/// Records a statement: all of it, or nothing with the faults noted.
///
/// # Errors
/// Faults of the machine.
pub async fn record(
    officer: &Officer,
    (store, config, going): (&Store, &Config, &Going),
    (work, planned): (&Work, Planned),
    form: &mut Submission,
    now: DateTime<Utc>,
) -> Result<Result<Reached, Noted>, Fault> {
    if let Err(noted) = may_be_recorded(&planned, form) {
        return Ok(Err(noted));
    }
    let own = (&officer.person, &work.id);
    // Sent twice: the first is at work, and there is nothing more to sign.
    if let Some(told) = going.running(own) {
        return match going.wait(own, told).await {
            None => Ok(Ok(Reached::Going)),
            Some(end) => end.settle(officer, store, &work.id, form, now).await,
        };
    }
    if store.importing(officer.chapter).is_some() {
        return Err(refusals::fault(RecordFault::Importing));
    }
    let key = match passphrases::key(officer, store, config, form, now).await {
        Ok(Ok(key)) => key,
        Ok(Err(noted)) => return Ok(Err(noted)),
        // The other one of two was quicker.
        Err(_) if going.running(own).is_some() => return Ok(Ok(Reached::Going)),
        Err(fault) => return Err(fault),
    };
    let told = going.start(own, run(Job::new(officer, work, planned, key)?, store.clone(), now));
    match going.wait(own, told).await {
        None => Ok(Ok(Reached::Going)),
        Some(end) => end.settle(officer, store, &work.id, form, now).await,
    }
}

/// What is recorded, of nobody's request any more.
struct Job {
    chapter: ChapterId,
    officer: Person,
    id: Person,
    version: u64,
    place: Code,
    sha256: [u8; 32],
    name: String,
    outcome: String,
    left_out: Vec<(BankLine, &'static str)>,
    rows: Vec<u32>,
    signing: known::Signing,
}

impl Job {
    fn new(
        officer: &Officer,
        work: &Work,
        planned: Planned,
        key: SigningKey,
    ) -> Result<Self, Fault> {
        let outcome = serde_json::to_string(&Outcome::of(work, &planned));
        let Planned { plan, known, bookings } = planned;
        let left_out = bookings.left_out_lines(&plan).into_iter();
        let left_out = left_out
            .filter_map(|(keys, reason)| Some((known::bank_line(&keys)?, reason.as_str())))
            .collect();
        let to_book = bookings.to_book(&plan, &known.lines);
        let row = |own: &ToBook| plan.lines.get(own.index).map_or(0, |planned| planned.line.row);
        let rows = to_book.iter().map(row).collect();
        let (log, seed) = (officer.desk.origin.clone(), work.choices.seed()?);
        Ok(Self {
            chapter: officer.chapter,
            officer: officer.person.clone(),
            id: work.id.clone(),
            version: work.version,
            place: work.choices.place.clone(),
            sha256: work.sha256(),
            name: work.choices.name.clone(),
            outcome: outcome.map_err(Fault::internal)?,
            left_out,
            rows,
            signing: known::Signing { plan, bookings, to_book, log, seed, key },
        })
    }
}

/// Records it. The key goes with the last line that is signed.
async fn run(job: Job, store: Store, now: DateTime<Utc>) -> Ended {
    let import = Import {
        file: ImportFile { place: &job.place, sha256: &job.sha256, name: &job.name },
        officer: &job.officer,
        count: job.signing.count(),
        make: job.signing.make(),
        left_out: job.left_out,
        ended: Some(facade::Ended { id: &job.id, version: job.version, outcome: &job.outcome }),
    };
    let recorded = store.record_import(job.chapter, import, now).await;
    Ended(recorded.map(drop).map_err(|refused| {
        let row = job.rows.get(refused.index).map(ToString::to_string).unwrap_or_default();
        (row, refused.fault)
    }))
}

impl Ended {
    /// Says how it ended; what a person has to mend is noted.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn settle(
        self,
        officer: &Officer,
        store: &Store,
        id: &Person,
        form: &mut Submission,
        now: DateTime<Utc>,
    ) -> Result<Result<Reached, Noted>, Fault> {
        let Err((row, fault)) = self.0 else { return Ok(Ok(Reached::Done)) };
        // Sent twice at once, or the answer to a commit got lost: it is there already.
        let found = store.import_under_way(&officer.desk, &officer.person, id, now).await;
        if matches!(found.map_err(Fault::internal)?, Some(UnderWay::Recorded(_))) {
            return Ok(Ok(Reached::Done));
        }
        match fault {
            RecordFault::Refused(refusal) => {
                form.note_form("import-fault-row", [("row", Value::from(row))]);
                Ok(Err(refusals::note(form, &refusal, &[])))
            }
            RecordFault::Alongside(_) => Ok(Err(form.note_form("import-fault-changed", []))),
            fault => Err(refusals::fault(fault)),
        }
    }
}

/// What a person has to have seen and settled before anything is signed.
fn may_be_recorded(planned: &Planned, form: &mut Submission) -> Result<(), Noted> {
    if form.typed("seen") != planned.digest() {
        return Err(form.note_form("import-fault-changed", []));
    }
    let wrong = planned.bookings.wrong(&planned.plan);
    if let [(row, _), ..] = wrong.as_slice() {
        let arguments =
            [("number", Value::from(wrong.len())), ("row", Value::from(row.to_string()))];
        return Err(form.note_form("import-fault-wrong", arguments));
    }
    if planned.bookings.booked() + planned.bookings.left_out() == 0 {
        return Err(form.note_form("import-fault-nothing", []));
    }
    if !planned.days_shared().is_empty() && !form.ticked("days") {
        return Err(form.note("days", "import-fault-days"));
    }
    Ok(())
}

/// An entry of the result.
#[derive(Debug, Serialize)]
struct Entry {
    entry: Short,
    receipt: Option<String>,
}

/// What became of a statement.
#[get("/ban/nhap-tep/<id>/xong?<trang>")]
pub async fn done(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    trang: Option<u64>,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let recorded = match find(&officer, store, id, config.clock.now()).await? {
        Found::Recorded(recorded) => recorded,
        Found::Waiting(work) => return Ok(Answer::go(work.path())),
    };
    let outcome: Outcome = serde_json::from_str(&recorded.outcome).map_err(Fault::internal)?;
    let number = recorded.entries.map_or(0, |(first, last)| last - first + 1);
    let pages = number.div_ceil(PER_PAGE).max(1);
    let page = trang.unwrap_or(1).clamp(1, pages);
    let mut entries = Vec::new();
    if let Some((first, last)) = recorded.entries {
        let from = first + (page - 1) * PER_PAGE;
        let to = last.min(from + PER_PAGE - 1);
        let lines = store.lines_between(officer.chapter, from, to).await;
        for line in lines.map_err(Fault::internal)? {
            entries.push(Entry {
                entry: describe::line(&officer.books, &line),
                receipt: store.receipt_code(&line.entry).map(|code| code.link("", line.leaf)),
            });
        }
    }
    let sum: i64 = outcome.kinds.iter().map(|(_, _, amount)| amount).sum();
    let page = crate::web::desk::page(
        &officer,
        "desk/import_done.html",
        context! {
            path => format!("{}/{id}/xong", super::PATH),
            place => describe::place_name(&officer.books, &outcome.place),
            code => outcome.place.as_str(),
            kinds => outcome.kinds.clone(),
            left_out => outcome.left_out,
            number,
            sum,
            first => recorded.entries.map(|(first, _)| first),
            last => recorded.entries.map(|(_, last)| last),
            entries => minijinja::value::Serde(entries),
            at => page,
            pages,
        },
    );
    Ok(page.into())
}
