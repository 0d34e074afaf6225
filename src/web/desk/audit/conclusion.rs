//! `/ban/kiem-tra/ket-luan`: what the auditor concludes of a closed period, signed by them alone.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};

use crate::books::Books;
use crate::books::Refusal;
use crate::ledger::keys::SignatureRole;
use crate::ledger::tree::sha256;
use crate::ledger::voucher::{AuditResult, PeriodAudited, VoucherId};
use crate::ledger::word::{EntryRef, List, Month, Note};
use crate::store::{RecordFault, Store};
use crate::web::desk::slip::{laying, new_id, words};
use crate::web::desk::{Answer, describe, passphrases, receipts, refusals};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Auditor, Kept, Officer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/kiem-tra/ket-luan";
const FORM: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("through", "audit-through"),
    Field::one("result", "audit-result"),
    Field::one("sample", "audit-sample"),
    Field::one("note", "field-note"),
    Field::secret("passphrase", "sign-in-passphrase"),
];
const RESULTS: &[&str] = &["sound", "remarks", "refused"];
/// Entries of a proposed sample.
const SAMPLE: u8 = 10;
/// Entries that a sample may name.
const MOST: usize = 500;

/// Closed months, the latest first.
fn months(officer: &Officer) -> Vec<(String, String)> {
    let closed = officer.books.closings().iter().rev();
    closed.map(|(month, _, _)| (month.to_string(), describe::month(month))).collect()
}

/// Entries that nobody can have chosen: they follow from the root over the whole ledger, which no
/// officer can steer.
fn proposal(officer: &Officer, store: &Store) -> Result<Vec<u64>, Fault> {
    let head = store.head(officer.chapter).map_err(Fault::internal)?;
    let Some(head) = head.filter(|head| head.size > 1) else { return Ok(Vec::new()) };
    let drawn = (0..SAMPLE).filter_map(|draw| {
        let hash = sha256(format!("{} {draw}", head.root).as_bytes());
        let bytes = hash.0.first_chunk::<8>().copied()?;
        Some(1 + u64::from_be_bytes(bytes) % (head.size - 1))
    });
    let drawn: std::collections::BTreeSet<u64> = drawn.collect();
    Ok(drawn.into_iter().collect())
}

fn page(officer: &Officer, store: &Store, form: FormView) -> Result<Page, Fault> {
    let shown = context! {
        form,
        months => months(officer),
        results => words("word-result", RESULTS),
        proposal => proposal(officer, store)?,
    };
    Ok(crate::web::desk::page(officer, "desk/audit/conclusion.html", shown))
}

/// The form.
#[get("/ban/kiem-tra/ket-luan")]
pub async fn show(officer: Auditor, kept: Kept<'_>) -> Result<Page, Fault> {
    let officer = officer.0;
    let latest = months(&officer).first().map(|(month, _)| month.clone());
    let form = FormView::blank(&officer.form_secret(), PATH, FORM)
        .with("id", new_id().as_str())
        .with("through", latest.unwrap_or_default());
    page(&officer, kept.0, form)
}

/// Signs with the passphrase typed once more, and records.
#[post("/ban/kiem-tra/ket-luan", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Auditor,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(FORM)?;
    let id: VoucherId = form.hidden("id")?;
    if let Some(seq) = store.seq_of(officer.chapter, &id).await.map_err(Fault::internal)? {
        return Ok(Answer::go(format!("/ban/but-toan/{seq}?lai=1")));
    }
    let done = record(&officer, store, config, &mut form, id).await?;
    match done {
        Ok(seq) => Ok(Answer::go(format!("/ban/but-toan/{seq}?moi=1"))),
        Err(Noted) => {
            let view = FormView::again(&officer.form_secret(), PATH, &form);
            Ok(page(&officer, store, view)?.status(Status::UnprocessableEntity).into())
        }
    }
}

async fn record(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
    id: VoucherId,
) -> Result<Result<u64, Noted>, Fault> {
    let Ok((body, note)) = read(form, officer) else { return Ok(Err(Noted)) };
    let now = config.clock.now();
    let key = match passphrases::key(officer, store, config, form, now).await? {
        Ok(key) => key,
        Err(Noted) => return Ok(Err(Noted)),
    };
    let signer = (SignatureRole::Auditor, &key);
    let signed = laying::signed(officer, signer, id.clone(), body.into(), note)?;
    match store.record_with(officer.chapter, signed, &[], now).await {
        Ok(recorded) => Ok(Ok(recorded.seq)),
        Err(RecordFault::Refused(Refusal::IdUsed)) => {
            let seq = store.seq_of(officer.chapter, &id).await.map_err(Fault::internal)?;
            seq.map(Ok).ok_or(Fault::NotFound)
        }
        Err(RecordFault::Refused(refusal)) => {
            let refusal = refusals::named(&refusal, &officer.books);
            Ok(Err(refusals::note(form, &refusal, FORM)))
        }
        Err(fault) => Err(refusals::fault(fault)),
    }
}

fn read(form: &mut Submission, officer: &Officer) -> Result<(PeriodAudited, Option<Note>), Noted> {
    let offered = months(officer);
    let choices: Vec<(&str, &str)> =
        offered.iter().map(|(month, _)| (month.as_str(), month.as_str())).collect();
    let through = form.choice("through", &choices).map(str::to_owned);
    let result = receipts::word::<AuditResult>(form, "result", RESULTS);
    let sample = sample(form, &officer.books);
    let note = receipts::note(form);
    let through: Month = through?.parse().map_err(|_| form.note("through", "fault-choice"))?;
    let (result, sample, note) = (result?, sample?, note?);
    if result != AuditResult::Sound && note.is_none() {
        return Err(form.note("note", "audit-note-needed"));
    }
    Ok((PeriodAudited { through, result, sample, private: None }, note))
}

/// Entries that were looked at, parted by commas or spaces.
fn sample(form: &mut Submission, books: &Books) -> Result<Option<List<EntryRef>>, Noted> {
    let Some(typed) = form.optional_text("sample", 4_000)? else { return Ok(None) };
    let parts = typed.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let mut seqs = parts
        .map(|part| part.trim_start_matches('#').parse::<u64>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| form.note("sample", "fault-gifts"))?;
    seqs.sort_unstable();
    seqs.dedup();
    if seqs.len() > MOST {
        return Err(form.note("sample", "fault-gifts"));
    }
    Ok(List::new(seqs.into_iter().map(|seq| books.reference(seq)).collect()))
}
