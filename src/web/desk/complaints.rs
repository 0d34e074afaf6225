//! Phản ánh at the desk: what people told the chapter, the answer to them, and what is published of
//! it. Who sees and who answers, `store::desk::complaints` says. Each opening is noted.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::Answer;
use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::complaints::{
    Actor, CONTACT_DAYS, Complaint, LONGEST_ANSWER, LONGEST_REPLY, LONGEST_SUMMARY, Part,
    Publication,
};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Signer};
use crate::web::{Config, Fault, Page};

/// Where it begins.
const PATH: &str = "/ban/phan-anh";
/// Complaints on the list, of either kind.
const MOST: u32 = 200;

const TAKE: &[Field] = &[Field::one("version", "field-id")];
const ANSWER: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("answer", "complaint-answer"),
    Field::one("summary", "complaint-summary"),
    Field::one("reply", "complaint-reply"),
];
const PUBLISH: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("summary", "complaint-summary"),
    Field::one("reply", "complaint-reply"),
];
const CONTACT: &[Field] = &[];
const ERASE: &[Field] = &[Field::one("version", "field-id"), Field::one("part", "complaint-part")];

fn actor(officer: &Officer) -> Actor<'_> {
    Actor { person: &officer.person, roles: &officer.office.roles }
}

fn path(id: &Person) -> String {
    format!("{PATH}/{id}")
}

fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn title(officer: &Officer, person: &Person) -> Option<String> {
    let all = officer.books.officers().in_office();
    all.get(person).map(|own| own.title.to_string())
}

/// How many wait for an answer of those that the officer may see, for the page of today.
///
/// # Errors
/// Faults of the machine.
pub async fn waiting(officer: &Officer, store: &Store) -> Result<u64, Fault> {
    let waiting = store.complaints_waiting(&officer.desk, actor(officer)).await;
    waiting.map_err(Fault::internal)
}

fn row(officer: &Officer, own: &Complaint) -> Value {
    context! {
        id => own.id.as_str(),
        about => format!("complaint-about-{}", own.about),
        state => own.state.as_str(),
        made => moment(own.made_at),
        seq => own.seq,
        officer => own.officer.as_ref().and_then(|person| title(officer, person)),
        by_code => own.by_code,
        wanted => own.wanted.map(|name| name.as_str()),
        taken => own.taken.as_ref().map(|(who, at)| (title(officer, who), moment(*at))),
        answered => own.answered.as_ref().map(|(who, at)| (title(officer, who), moment(*at))),
        published => own.published.as_ref().map(|(own, at)| {
            let Publication { summary, reply } = own;
            context! { summary, reply, at => moment(*at) }
        }),
        has_contact => own.has_contact,
    }
}

/// All that the officer may see: open ones, the oldest first, then answered ones.
#[get("/ban/phan-anh")]
pub async fn list(officer: Signer, kept: Kept<'_>) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let rows = async |answered| -> Result<Vec<Value>, Fault> {
        let all = store.complaints(&officer.desk, actor(&officer), (answered, MOST)).await;
        let all = all.map_err(Fault::internal)?;
        Ok(all.iter().map(|own| row(&officer, own)).collect())
    };
    let values = context! { open => rows(false).await?, answered => rows(true).await? };
    Ok(super::page(&officer, "desk/complaints.html", values))
}

/// A complaint that was opened.
struct Opened {
    own: Complaint,
    text: Option<String>,
    answer: Option<String>,
    contact: Option<String>,
}

async fn open(
    officer: &Officer,
    store: &Store,
    config: &Config,
    id: &str,
) -> Result<Opened, Fault> {
    let id: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let of = (&id, actor(officer));
    let opened = store.open_complaint(&officer.desk, of, config.clock.now()).await;
    let (own, text, answer) = opened.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    Ok(Opened { own, text, answer, contact: None })
}

/// A complaint that something is done to; its texts stay closed.
async fn found(officer: &Officer, store: &Store, id: &str) -> Result<Complaint, Fault> {
    let id: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let own = store.complaint(&officer.desk, (&id, actor(officer))).await;
    own.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

/// The forms of a complaint's page; one of them may be what was sent.
#[derive(Default)]
struct Forms {
    answer: Option<FormView>,
    publish: Option<FormView>,
    erase: Option<FormView>,
}

fn page(officer: &Officer, opened: &Opened, forms: Forms) -> Page {
    let Opened { own, text, answer, contact } = opened;
    let secret = officer.form_secret();
    let version = own.version.to_string();
    let blank = |path: &str, form: &'static [Field]| {
        let form = FormView::blank(&secret, path, form);
        form.with("version", version.clone())
    };
    let here = path(&own.id);
    let publication = own.published.as_ref().map(|(own, _)| own.clone());
    let publish = blank(&format!("{here}/cong-bo"), PUBLISH);
    let publish = match publication {
        Some(said) => publish.with("summary", said.summary).with("reply", said.reply),
        None => publish,
    };
    let values = context! {
        own => row(officer, own),
        text,
        answer,
        contact,
        may => own.may_answer(actor(officer)),
        take => blank(&format!("{here}/nhan"), TAKE),
        answering => forms.answer.unwrap_or_else(|| blank(&format!("{here}/tra-loi"), ANSWER)),
        publish => forms.publish.unwrap_or(publish),
        reach => FormView::blank(&secret, &format!("{here}/lien-he"), CONTACT),
        erase => forms.erase
            .unwrap_or_else(|| blank(&format!("{here}/xoa"), ERASE).with("part", "contact")),
        days => CONTACT_DAYS,
    };
    super::page(officer, "desk/complaint.html", values)
}

/// One complaint with its text, which the log notes.
#[get("/ban/phan-anh/<id>")]
pub async fn show(
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = open(&officer, kept.0, config, id).await?;
    Ok(page(&officer, &opened, Forms::default()))
}

/// The key of the text that says why nothing was done; faults of the machine go on.
fn refused(fault: DeskFault) -> Result<&'static str, Fault> {
    match fault.refusal() {
        Some(DeskRefusal::ComplaintMoved) => Ok("complaint-moved"),
        Some(DeskRefusal::SendersWords) => Ok("complaint-senders-words"),
        Some(DeskRefusal::TextLength(..)) => Ok("complaint-length"),
        Some(DeskRefusal::ComplaintNotYours) => {
            Err(Fault::Forbidden(crate::web::fault::Denied::Role))
        }
        Some(DeskRefusal::Gone) => Err(Fault::NotFound),
        _ => Err(Fault::internal(fault)),
    }
}

/// An officer begins to look into it.
#[post("/ban/phan-anh/<id>/nhan", data = "<fields>")]
pub async fn take(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let own = found(&officer, store, id).await?;
    let form = fields.only(TAKE)?;
    let of = (&own.id, form.hidden("version")?);
    let done = store.take_complaint(&officer.desk, of, actor(&officer), config.clock.now()).await;
    match done.map_err(refused) {
        // A second click finds it taken.
        Ok(()) | Err(Ok(_)) => Ok(Answer::go(path(&own.id))),
        Err(Err(fault)) => Err(fault),
    }
}

/// What is to be published; `None` where both fields are empty.
fn read_publication(form: &mut Submission) -> Result<Option<Publication>, Noted> {
    let summary = form.optional_lines("summary", LONGEST_SUMMARY);
    let reply = form.optional_lines("reply", LONGEST_REPLY);
    match (summary?, reply?) {
        (Some(summary), Some(reply)) => Ok(Some(Publication { summary, reply })),
        (None, None) => Ok(None),
        (None, _) => Err(form.note("summary", "fault-missing")),
        (_, None) => Err(form.note("reply", "fault-missing")),
    }
}

/// Answers the sender; with a summary and a reply it is published, too.
#[post("/ban/phan-anh/<id>/tra-loi", data = "<fields>")]
pub async fn answer(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let own = found(&officer, store, id).await?;
    let mut form = fields.only(ANSWER)?;
    let of = (&own.id, form.hidden("version")?);
    let said = form.optional_lines("answer", LONGEST_ANSWER);
    let said = said.and_then(|said| said.ok_or_else(|| form.note("answer", "fault-missing")));
    let publication = read_publication(&mut form);
    if let (Ok(said), Ok(publication)) = (said, publication) {
        let said = (said.as_str(), publication.as_ref());
        let (by, now) = (actor(&officer), config.clock.now());
        match store.answer_complaint(&officer.desk, of, said, by, now).await.map_err(refused) {
            Ok(()) => return Ok(Answer::go(path(&own.id))),
            Err(Ok(key)) => drop(form.note_form(key, [])),
            Err(Err(fault)) => return Err(fault),
        }
    } else if !own.may_answer(actor(&officer)) {
        return Err(Fault::Forbidden(crate::web::fault::Denied::Role));
    }
    let put = |form| Forms { answer: Some(form), ..Forms::default() };
    again((&officer, store, config.inner()), id, (&form, "tra-loi"), put).await
}

/// The page with a form that can be mended on it, as it was typed. What was changed meanwhile is on
/// the page, too: the next press is about that.
async fn again(
    (officer, store, config): (&Officer, &Store, &Config),
    id: &str,
    (form, part): (&Submission, &str),
    put: impl FnOnce(FormView) -> Forms,
) -> Result<Answer, Fault> {
    let opened = open(officer, store, config, id).await?;
    let action = format!("{}/{part}", path(&opened.own.id));
    let view = FormView::again(&officer.form_secret(), &action, form)
        .with("version", opened.own.version.to_string());
    Ok(page(officer, &opened, put(view)).status(Status::UnprocessableEntity).into())
}

/// Publishes an answered one in the officer's own words; with both fields empty it leaves the
/// public page.
#[post("/ban/phan-anh/<id>/cong-bo", data = "<fields>")]
pub async fn publish(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let own = found(&officer, store, id).await?;
    let mut form = fields.only(PUBLISH)?;
    let of = (&own.id, form.hidden("version")?);
    if let Ok(publication) = read_publication(&mut form) {
        let (by, now) = (actor(&officer), config.clock.now());
        let done = store.publish_complaint(&officer.desk, of, publication.as_ref(), by, now);
        match done.await.map_err(refused) {
            Ok(()) => return Ok(Answer::go(path(&own.id))),
            Err(Ok(key)) => drop(form.note_form(key, [])),
            Err(Err(fault)) => return Err(fault),
        }
    }
    let put = |form| Forms { publish: Some(form), ..Forms::default() };
    again((&officer, store, config.inner()), id, (&form, "cong-bo"), put).await
}

/// How the sender can be reached: opened on purpose, by a button, and noted.
#[post("/ban/phan-anh/<id>/lien-he", data = "<fields>")]
pub async fn contact(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    fields.only(CONTACT)?;
    let mut opened = open(&officer, store, config, id).await?;
    if opened.own.has_contact {
        let (of, now) = ((&opened.own.id, actor(&officer)), config.clock.now());
        match store.complaints_contact(&officer.desk, of, now).await.map_err(refused) {
            Ok(contact) => opened.contact = Some(contact),
            // Destroyed meanwhile: the page says so.
            Err(Err(Fault::NotFound)) => opened.own.has_contact = false,
            Err(Err(fault)) => return Err(fault),
            Err(Ok(_)) => {}
        }
    }
    Ok(page(&officer, &opened, Forms::default()))
}

/// Destroys the sender's contact, or everything private.
#[post("/ban/phan-anh/<id>/xoa", data = "<fields>")]
pub async fn erase(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let own = found(&officer, store, id).await?;
    let mut form = fields.only(ERASE)?;
    let of = (&own.id, form.hidden("version")?);
    if let Ok(part) = form.choice("part", &[("contact", Part::Contact), ("all", Part::All)]) {
        let (by, now) = (actor(&officer), config.clock.now());
        match store.erase_complaint(&officer.desk, (of, part), by, now).await.map_err(refused) {
            Ok(()) => return Ok(Answer::go(path(&own.id))),
            Err(Ok(key)) => drop(form.note_form(key, [])),
            Err(Err(fault)) => return Err(fault),
        }
    }
    let put = |form| Forms { erase: Some(form), ..Forms::default() };
    again((&officer, store, config.inner()), id, (&form, "xoa"), put).await
}
