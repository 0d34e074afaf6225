//! "Ghi sổ": one passphrase, every voucher signed, the key forgotten, the whole file recorded as
//! one transaction or not at all. And what became of it.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;
use rocket::{State, get};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::known;
use super::work::{Found, Planned, Work, beside, find};
use crate::import::{Decision, Prepared};
use crate::store::desk::under_way::UnderWay;
use crate::store::facade::{Ended, Import, ImportFile};
use crate::store::{RecordFault, Store};
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

/// Records a statement: all of it, or nothing with the faults noted.
///
/// # Errors
/// Faults of the machine.
pub async fn record(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (work, planned): (&Work, &Planned),
    form: &mut Submission,
    now: DateTime<Utc>,
) -> Result<Result<(), Noted>, Fault> {
    if let Err(noted) = may_be_recorded(planned, form) {
        return Ok(Err(noted));
    }
    let key = match passphrases::key(officer, store, config, form, now).await? {
        Ok(key) => key,
        Err(noted) => return Ok(Err(noted)),
    };
    let (by, log) = (&officer.office.key, &officer.desk.origin);
    let seed = work.choices.seed()?;
    let prepared = planned.bookings.vouchers(&planned.plan, &planned.known.lines, (by, log), &seed);
    let prepared = prepared.map_err(Fault::internal)?;
    let rows: Vec<u32> = prepared.iter().map(|prepared: &Prepared| prepared.row).collect();
    // The key ends with the closure: nothing is written while it is open.
    let lines = beside(move || known::sign(prepared, &key, || {})).await?;
    let lines = lines.map_err(Fault::internal)?;
    let left_out = planned.bookings.left_out_lines(&planned.plan);
    let left_out = left_out
        .into_iter()
        .filter_map(|(keys, reason)| Some((known::bank_line(&keys)?, reason.as_str())));
    let outcome = serde_json::to_string(&Outcome::of(work, planned)).map_err(Fault::internal)?;
    let import = Import {
        file: ImportFile {
            place: &work.choices.place,
            sha256: &work.sha256(),
            name: &work.choices.name,
        },
        officer: &officer.person,
        lines,
        left_out: left_out.collect(),
        ended: Some(Ended { id: &work.id, version: work.version, outcome: &outcome }),
    };
    match store.record_import(officer.chapter, import, now).await {
        Ok(_) => Ok(Ok(())),
        Err(refused) => {
            // Sent twice at once, or the answer to a commit got lost: it is there already.
            let found = store.import_under_way(&officer.desk, &officer.person, &work.id, now).await;
            if matches!(found.map_err(Fault::internal)?, Some(UnderWay::Recorded(_))) {
                return Ok(Ok(()));
            }
            let row = rows.get(refused.index).map(ToString::to_string).unwrap_or_default();
            let row = Value::from(row);
            match refused.fault {
                RecordFault::Refused(refusal) => {
                    form.note_form("import-fault-row", [("row", row)]);
                    Ok(Err(refusals::note(form, &refusal, &[])))
                }
                RecordFault::Alongside(_) => Ok(Err(form.note_form("import-fault-changed", []))),
                fault => Err(refusals::fault(fault)),
            }
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
