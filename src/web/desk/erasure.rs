//! Xóa thông tin riêng: restricting a person's values at once, and destroying them by two officers.
//!
//! The voucher `privacy_erased` names nothing. Whose values it destroys is chosen here and kept
//! beside the draft; they go in the transaction that records it (`store::desk::erasures`).

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::slip::{laying, new_id, words};
use super::{Answer, describe, lending};
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{ErasureClass, PrivacyErased, VoucherId};
use crate::ledger::word::Date;
use crate::store::Store;
use crate::store::desk::erasures::Asked;
use crate::store::desk::settings::Limit;
use crate::store::desk::vault::{Holding, OpenedValue, Purpose, Subject, Target};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::facade::Line;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/xoa-thong-tin";
const FORM: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("step", "field-id"),
    Field::one("of", "field-of"),
    Field::one("person", "field-id"),
    Field::list("subject", "erase-subjects"),
    Field::one("class", "erase-class"),
    Field::one("paper", "erase-paper"),
];
const CLASSES: &[&str] = &["request", "retention", "error"];

/// What the page is about: an entry, a person of the register, or nothing in particular.
#[derive(Default)]
struct About {
    line: Option<Line>,
    held: Vec<Holding>,
}

async fn about(
    officer: &Officer,
    store: &Store,
    seq: Option<u64>,
    person: Option<&str>,
) -> Result<About, Fault> {
    let desk = &officer.desk;
    if let Some(seq) = seq {
        let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
        let line = line.ok_or(Fault::NotFound)?;
        let held = store.holdings(desk, &line.entry.voucher().id).await;
        return Ok(About { held: held.map_err(Fault::internal)?, line: Some(line) });
    }
    let Some(person) = person.filter(|person| !person.is_empty()) else {
        return Ok(About::default());
    };
    let subject = Subject::Person(person.parse().map_err(|_| Fault::NotFound)?);
    let held = store.holding_of(desk, &subject).await.map_err(Fault::internal)?;
    Ok(About { line: None, held: vec![held.ok_or(Fault::NotFound)?] })
}

/// Somebody whose values may go.
#[derive(Debug, Serialize)]
struct Shown {
    subject: String,
    what: &'static str,
    of_donor: bool,
    restricted: bool,
    values: u64,
    vouchers: u64,
    published: u64,
    kept_until: Option<String>,
    /// Names of private values, and the values.
    opened: Vec<(&'static str, String)>,
}

fn what(subject: &Subject) -> &'static str {
    match subject {
        Subject::Person(_) => "person",
        Subject::Batch(_) => "batch",
        Subject::Line(_) => "line",
        // Complaints stand in no voucher: none of them is ever listed here.
        Subject::Voucher(_) | Subject::Complaint(_) | Subject::Contact(_) => "voucher",
    }
}

/// The last day for which the accounting papers behind some values have to be kept.
fn kept_until(held: &Holding, limit: &Limit) -> Option<Date> {
    held.latest.and_then(|latest| limit.years_after(latest))
}

fn shown(held: &Holding, limit: &Limit, opened: Vec<(&'static str, String)>) -> Shown {
    Shown {
        subject: held.subject.to_string(),
        what: what(&held.subject),
        of_donor: held.of_donor,
        restricted: held.restricted,
        values: held.values,
        vouchers: held.vouchers,
        published: held.published,
        kept_until: kept_until(held, limit).map(|day| day.to_string()),
        opened,
    }
}

/// Somebody whose values go with a draft.
#[derive(Debug, Serialize)]
pub(super) struct Going {
    /// The entry that it was asked about.
    seq: Option<u64>,
    /// The person of the register.
    person: Option<String>,
    own: Shown,
}

/// Whose values a draft is to destroy, as its approver has to see them. The vault notes what is
/// opened for that.
pub(super) async fn targets(
    officer: &Officer,
    store: &Store,
    draft: &VoucherId,
    now: DateTime<Utc>,
) -> Result<Vec<Going>, Fault> {
    let asked = store.erasure_asked(&officer.desk, draft).await.map_err(Fault::internal)?;
    let limit = store.retention(&officer.desk).await.map_err(Fault::internal)?;
    let mut all = Vec::with_capacity(asked.len());
    for Asked { target, seq, .. } in asked {
        let person = match &target.subject {
            Subject::Person(person) => Some(person.to_string()),
            _ => None,
        };
        let about = about(officer, store, seq, person.as_deref()).await?;
        let Some(held) = about.held.iter().find(|held| held.subject == target.subject) else {
            continue;
        };
        let opened = match &about.line {
            Some(line) if officer.may_record() => {
                let id = &line.entry.voucher().id;
                let opened =
                    store.open_private(&officer.desk, id, &officer.person, Purpose::Desk, now);
                texts(&opened.await.map_err(Fault::internal)?, &held.subject)
            }
            _ => Vec::new(),
        };
        all.push(Going { seq, person, own: shown(held, &limit, opened) });
    }
    Ok(all)
}

/// How many loans are not over of those whose values are to go.
async fn owing(
    officer: &Officer,
    store: &Store,
    subjects: impl Iterator<Item = &Subject>,
    now: DateTime<Utc>,
) -> Result<usize, Fault> {
    let persons = subjects.filter_map(|subject| match subject {
        Subject::Person(person) => Some(person),
        _ => None,
    });
    lending::unfinished(officer, store, persons.collect(), now).await
}

/// What a subject's values say, by name.
fn texts(values: &[OpenedValue], subject: &Subject) -> Vec<(&'static str, String)> {
    let own = values.iter().filter(|value| value.subject == *subject);
    own.filter_map(|value| {
        let text = value.disclosure.value().as_str()?.to_owned();
        Some((value.disclosure.name().as_str(), text))
    })
    .collect()
}

async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    about: &About,
    form: FormView,
    done: Option<&'static str>,
) -> Result<Page, Fault> {
    let limit = store.retention(&officer.desk).await.map_err(Fault::internal)?;
    let mut values = Vec::new();
    if let Some(line) = &about.line {
        let (id, now) = (&line.entry.voucher().id, config.clock.now());
        let opened = store.open_private(&officer.desk, id, &officer.person, Purpose::Desk, now);
        values = opened.await.map_err(Fault::internal)?;
    }
    let own = |held: &Holding| shown(held, &limit, texts(&values, &held.subject));
    let held: Vec<Shown> = about.held.iter().map(own).collect();
    let restricted = store.restricted(&officer.desk).await.map_err(Fault::internal)?;
    let today = Date::new(officer.today);
    let restricted: Vec<Value> = restricted
        .iter()
        .map(|held| {
            let last = kept_until(held, &limit);
            context! {
                what => what(&held.subject),
                seq => held.newest,
                values => held.values,
                kept_until => last.map(|day| day.to_string()),
                due => last.zip(today).is_none_or(|(last, today)| last < today),
            }
        })
        .collect();
    Ok(super::page(
        officer,
        "desk/erasure.html",
        context! {
            form,
            entry => about.line.as_ref().map(|line| {
                minijinja::value::Serde(describe::line(&officer.books, line))
            }),
            about => !about.held.is_empty() || about.line.is_some(),
            held => minijinja::value::Serde(held),
            restricted,
            classes => words("word-erasure", CLASSES),
            years => limit.number,
            source => limit.source,
            done,
        },
    ))
}

fn blank(officer: &Officer, seq: Option<u64>, person: Option<&str>) -> FormView {
    FormView::blank(&officer.form_secret(), PATH, FORM)
        .with("id", new_id().as_str())
        .with("of", seq.map(|seq| seq.to_string()).unwrap_or_default())
        .with("person", person.unwrap_or_default())
        .with("class", "request")
}

/// Whose values an entry holds (`so`), or what is held of a person of the register (`nguoi`);
/// without either, what is held back already.
#[get("/ban/xoa-thong-tin?<so>&<nguoi>&<khoa>")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    so: Option<u64>,
    nguoi: Option<&str>,
    khoa: Option<&str>,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let about = about(&officer, store, so, nguoi).await?;
    let done = khoa.map(|_| "erase-done");
    page(&officer, store, config, &about, blank(&officer, so, nguoi), done).await
}

/// Restricts, gives free, or lays the erasure for the second signature.
#[post("/ban/xoa-thong-tin", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(FORM)?;
    let id = match laying::id_or_draft(&officer, store, &form).await? {
        Ok(id) => id,
        Err(before) => return Ok(before),
    };
    let seq: Option<u64> = form.typed("of").parse().ok();
    let person = form.typed("person").to_owned();
    let about = about(&officer, store, seq, Some(&person)).await?;
    let step = form.typed("step").to_owned();
    let done = match chosen(&mut form, &about) {
        Err(Noted) => Err(Noted),
        Ok(chosen) if step == "restrict" || step == "release" => {
            hold_back(&officer, store, config, (&about, &chosen), step == "restrict").await?
        }
        Ok(chosen) if step == "erase" => {
            lay(&officer, store, config, &mut form, &about, &chosen, id).await?
        }
        // A form that was gone on with after a sign-in: what it was to do is chosen again. To
        // destroy is never what a form does by itself.
        Ok(_) => Err(form.note_form("erase-choose-step", [])),
    };
    match done {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => {
            let query = match seq {
                Some(seq) => format!("so={seq}"),
                None => format!("nguoi={person}"),
            };
            Ok(Answer::go(format!("{PATH}?{query}&khoa=1")))
        }
        Err(Noted) => {
            let view = FormView::again(&officer.form_secret(), PATH, &form);
            let page = page(&officer, store, config, &about, view, None).await?;
            Ok(page.status(Status::UnprocessableEntity).into())
        }
    }
}

/// Those of the offered ones that were ticked.
fn chosen(form: &mut Submission, about: &About) -> Result<Vec<Holding>, Noted> {
    let ticked: Vec<String> = form.list("subject").into_iter().map(str::to_owned).collect();
    let chosen: Vec<Holding> = about
        .held
        .iter()
        .filter(|held| ticked.contains(&held.subject.to_string()))
        .cloned()
        .collect();
    if chosen.is_empty() || chosen.len() != ticked.len() {
        return Err(form.note("subject", "fault-choose"));
    }
    Ok(chosen)
}

type Done = Result<Option<Answer>, Noted>;

/// What is meant by a ticked box: on an entry's page, of a batch the entry's giver alone.
fn target(about: &About, held: &Holding) -> Target {
    match &about.line {
        Some(line) => Target::of(held.subject.clone(), &line.entry.voucher().id),
        None => Target { subject: held.subject.clone(), voucher: None },
    }
}

async fn hold_back(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (about, chosen): (&About, &[Holding]),
    restrict: bool,
) -> Result<Done, Fault> {
    let (person, now) = (&officer.person, config.clock.now());
    for held in chosen {
        let target = target(about, held);
        let done = store.restrict(&officer.desk, person, &target, restrict, now).await;
        done.map_err(Fault::internal)?;
    }
    Ok(Ok(None))
}

async fn lay(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
    about: &About,
    chosen: &[Holding],
    id: VoucherId,
) -> Result<Done, Fault> {
    let limit = store.retention(&officer.desk).await.map_err(Fault::internal)?;
    let Ok(class) = allowed_class(form, officer, chosen, &limit) else { return Ok(Err(Noted)) };
    let now = config.clock.now();
    let running = owing(officer, store, chosen.iter().map(|held| &held.subject), now).await?;
    if running > 0 {
        return Ok(Err(form.note_form("erase-loan-runs", [("number", Value::from(running))])));
    }
    let body = PrivacyErased { class, private: None }.into();
    let signer = (SignatureRole::Recorder, &officer.key()?);
    let signed = laying::signed(officer, signer, id.clone(), body, None)?;
    let seq = about.line.as_ref().map(|line| line.entry.place());
    let asked: Vec<Asked> = chosen
        .iter()
        .map(|held| Asked { target: target(about, held), seq, held: held.values })
        .collect();
    match store.lay_erasure(&officer.desk, &signed, &asked, &officer.person, now).await {
        Ok(_) => Ok(Ok(Some(laying::new(&id)))),
        Err(DeskFault::Refused(DeskRefusal::IdTaken)) => Ok(Ok(Some(laying::before(&id)))),
        Err(DeskFault::Refused(DeskRefusal::DraftsWait(number))) => {
            Ok(Err(form.note_form("erase-drafts-wait", [("number", Value::from(number))])))
        }
        Err(DeskFault::Refused(DeskRefusal::Gone)) => Err(Fault::Conflict("desk-moved-on")),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// The class, held to the time for which accounting papers are kept: within it values go only when
/// the signed paper is kept in their place, and its end can't be the reason yet.
fn allowed_class(
    form: &mut Submission,
    officer: &Officer,
    chosen: &[Holding],
    limit: &Limit,
) -> Result<ErasureClass, Noted> {
    let class = super::receipts::word::<ErasureClass>(form, "class", CLASSES)?;
    let last = chosen.iter().filter_map(|held| kept_until(held, limit)).max();
    let early = last.zip(Date::new(officer.today)).filter(|(last, today)| last >= today);
    let Some((last, _)) = early else { return Ok(class) };
    let day = [("day", Value::from(last.naive().format("%d/%m/%Y").to_string()))];
    if class == ErasureClass::Retention {
        return Err(form.note_with("class", "erase-too-early", day));
    }
    if !form.ticked("paper") {
        return Err(form.note_with("paper", "erase-paper-needed", day));
    }
    Ok(class)
}
