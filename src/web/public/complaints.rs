//! Phản ánh: `/phan-anh` (which chapter, or the answer to an earlier one), `/<chapter>/phan-anh`
//! (the form, figures, published answers), `/phan-anh/<code>` (the sender's own page).
//!
//! Nobody has to say who they are. The sender's code is a secret as that of a receipt is.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::{State, get, post};

use super::home::page;
use super::ledgers::{Ledgers, read};
use super::peer::Peer;
use crate::books::effects::{DocumentNumber, Series};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::word::Person;
use crate::store::desk::DeskRefusal;
use crate::store::desk::complaints::{
    About, CONTACT_DAYS, Complaint, Figures, LONGEST_CONTACT, LONGEST_TEXT, NewComplaint,
    PublishedAnswer,
};
use crate::store::facade::View;
use crate::web::desk::Answer;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::{FormSecret, SameOrigin};
use crate::web::{Config, Fault, Page};

/// Published answers on a page.
const ANSWERS: u32 = 10;
/// Pages of them that can be asked for.
const MOST_PAGES: u32 = 10_000;

const FORM: &[Field] = &[
    Field::one("id", "complaint-text"),
    Field::one("about", "complaint-about"),
    Field::one("entry", "complaint-entry"),
    Field::one("officer", "complaint-officer"),
    Field::one("text", "complaint-text"),
    Field::one("contact", "complaint-contact"),
];

/// What the page puts into a form so that it is one complaint however often it is sent.
///
/// # Errors
/// [`Fault`] without randomness.
pub fn new_nonce() -> Result<String, Fault> {
    new_opaque_id().map_err(Fault::internal)
}

/// Which chapter; and with `ma` the way to an answer.
#[get("/phan-anh?<ma>")]
pub fn choose(ma: Option<&str>, ledgers: Ledgers<'_>) -> Result<Result<Redirect, Page>, Fault> {
    let typed = ma.unwrap_or_default();
    if let Ok(code) = typed.parse::<ReceiptCode>() {
        return Ok(Ok(Redirect::to(format!("/phan-anh/{code}"))));
    }
    let wrong = !typed.trim().is_empty();
    let shown = context! { wrong, chapters => ledgers.named()? };
    let status = if wrong { Status::UnprocessableEntity } else { Status::Ok };
    Ok(Err(Page::new("public/complaint-choose.html", shown).status(status).private_address()))
}

/// The form, and what became of others. `ve` and `so` fill in what it is about.
#[get("/<chapter>/phan-anh?<ve>&<so>&<trang>", rank = 20)]
pub async fn show(
    chapter: &str,
    ve: Option<&str>,
    so: Option<u64>,
    trang: Option<u32>,
    secret: FormSecret,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let about = ve.and_then(|word| word.parse::<About>().ok());
    let mut form = FormView::blank(&secret, &path(&view), FORM).with("id", new_nonce()?);
    if let Some(about) = about {
        form = form.with("about", about.as_str());
    }
    if let Some(seq) = so.filter(|seq| *seq < view.size()) {
        form = form.with("entry", seq.to_string());
    }
    form_page(&view, form, trang, config, &ledgers).await
}

fn path(view: &View) -> String {
    format!("/{}/phan-anh", view.origin.slug())
}

async fn form_page(
    view: &View,
    form: FormView,
    number: Option<u32>,
    config: &Config,
    ledgers: &Ledgers<'_>,
) -> Result<Page, Fault> {
    let number = number.unwrap_or(1).clamp(1, MOST_PAGES);
    let behind = (number - 1) * ANSWERS;
    let told =
        ledgers.store().complaints_told(view.chapter, (behind, ANSWERS + 1), config.clock.now());
    let (figures, mut answers) = told.await.map_err(Fault::internal)?;
    let more = answers.len() > usize::try_from(ANSWERS).unwrap_or(usize::MAX);
    answers.truncate(usize::try_from(ANSWERS).unwrap_or(usize::MAX));
    let officers = view.books.officers().in_office().iter();
    let shown = context! {
        form,
        abouts => abouts(),
        officers => officers.map(|(person, own)| (person.to_string(), own.title.to_string()))
            .collect::<Vec<_>>(),
        figures => told_figures(&figures),
        answers => answers.iter().map(told_answer).collect::<Vec<_>>(),
        here => path(view),
        number,
        more,
        days => CONTACT_DAYS,
    };
    Ok(page(view, "public/complaint.html", shown).private_address())
}

/// What complaints are about: value and key of its text.
fn abouts() -> Vec<(&'static str, String)> {
    About::ALL.iter().map(|own| (own.as_str(), format!("complaint-about-{own}"))).collect()
}

/// Tenths as people write them: `3.5`.
fn tenths(number: u64) -> String {
    match number % 10 {
        0 => (number / 10).to_string(),
        part => format!("{}.{part}", number / 10),
    }
}

fn told_figures(figures: &Figures) -> Value {
    context! {
        received => figures.received,
        answered => figures.answered,
        waiting => figures.received - figures.answered,
        looked_at => figures.looked_at,
        median => figures.median_tenths.map(tenths),
        mean => figures.mean_tenths.map(tenths),
        open => figures.open,
    }
}

fn told_answer(own: &PublishedAnswer) -> Value {
    context! {
        about => format!("complaint-about-{}", own.about),
        made => moment(own.made_at),
        answered => moment(own.answered_at),
        summary => own.publication.summary.as_str(),
        reply => own.publication.reply.as_str(),
    }
}

fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Takes a complaint.
#[allow(clippy::too_many_arguments)]
#[post("/<chapter>/phan-anh", data = "<fields>", rank = 30)]
pub async fn send(
    _same: SameOrigin,
    chapter: &str,
    peer: Peer,
    secret: FormSecret,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let view = ledgers.view(chapter)?;
    let mut form = fields.only(FORM)?;
    let nonce: Person = form.hidden("id")?;
    if let Ok(sent) = read_sent(&mut form, &view, &ledgers).await? {
        peer.complains()?;
        let new = NewComplaint {
            about: sent.about,
            seq: sent.seq,
            officer: sent.officer,
            wanted: None,
            by_code: false,
            text: &sent.text,
            contact: sent.contact.as_deref(),
            nonce: nonce.as_str(),
        };
        let (store, now) = (ledgers.store(), config.clock.now());
        match store.file_complaint(view.chapter, &new, now).await {
            Ok(filed) => return Ok(Answer::go(format!("/phan-anh/{}?moi=1", filed.code))),
            Err(fault) if fault.refusal() == Some(&DeskRefusal::ComplaintsFull) => {
                form.note_form("complaint-full", []);
            }
            Err(fault) => return Err(Fault::internal(fault)),
        }
    }
    let again = FormView::again(&secret, &path(&view), &form);
    let page = form_page(&view, again, None, config, &ledgers).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

struct Sent {
    about: About,
    seq: Option<u64>,
    officer: Option<Person>,
    text: String,
    contact: Option<String>,
}

async fn read_sent(
    form: &mut Submission,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Result<Sent, Noted>, Fault> {
    let offered: Vec<(&str, About)> = About::ALL.iter().map(|own| (own.as_str(), *own)).collect();
    let about = form.choice("about", &offered);
    let seq = read_entry(form, view, ledgers).await?;
    let officer = read_officer(form, view);
    let text = form.optional_lines("text", LONGEST_TEXT);
    let text = text.and_then(|text| text.ok_or_else(|| form.note("text", "complaint-no-text")));
    let contact = form.optional_text("contact", LONGEST_CONTACT);
    let sent = || -> Result<Sent, Noted> {
        let (seq, officer) = (seq?, officer?);
        Ok(Sent { about: about?, seq, officer, text: text?, contact: contact? })
    };
    Ok(sent())
}

fn read_officer(form: &mut Submission, view: &View) -> Result<Option<Person>, Noted> {
    if form.typed("officer").is_empty() {
        return Ok(None);
    }
    let all = view.books.officers().in_office();
    let all: Vec<(String, Person)> =
        all.keys().map(|person| (person.to_string(), person.clone())).collect();
    let offered: Vec<(&str, Person)> =
        all.iter().map(|(text, person)| (text.as_str(), person.clone())).collect();
    form.choice("officer", &offered).map(Some)
}

/// The entry of a typed number: its place (`#12`), or a voucher's number (`PT-2026-00012`).
async fn read_entry(
    form: &mut Submission,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Result<Option<u64>, Noted>, Fault> {
    let typed = match form.optional_text("entry", 40) {
        Ok(Some(typed)) => typed,
        Ok(None) => return Ok(Ok(None)),
        Err(noted) => return Ok(Err(noted)),
    };
    if typed.parse::<ReceiptCode>().is_ok() {
        return Ok(Err(form.note("entry", "complaint-entry-code")));
    }
    let digits = typed.trim_start_matches('#').trim();
    let seq = match digits.parse::<u64>() {
        Ok(seq) => Some(seq),
        Err(_) => match number(&typed) {
            Some(own) => ledgers.store().entry_of_number(view.chapter, own).await.map_err(read)?,
            None => None,
        },
    };
    let seq = seq.filter(|seq| *seq < view.size());
    Ok(seq.map(Some).ok_or_else(|| form.note("entry", "complaint-entry-unknown")))
}

/// A voucher's number, however its three parts are parted.
fn number(typed: &str) -> Option<DocumentNumber> {
    const ALL: [Series; 8] = [
        Series::PT,
        Series::PC,
        Series::BC,
        Series::BN,
        Series::PN,
        Series::PX,
        Series::BT,
        Series::KU,
    ];
    let typed = typed.to_ascii_uppercase();
    let parts: Vec<&str> =
        typed.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let [series, year, number] = parts[..] else { return None };
    let series = ALL.into_iter().find(|own| own.as_str() == series)?;
    Some(DocumentNumber { series, year: year.parse().ok()?, number: number.parse().ok()? })
}

/// The complaint that a code opens.
async fn open(
    code: &str,
    peer: &Peer,
    ledgers: &Ledgers<'_>,
) -> Result<(ReceiptCode, View, Complaint, Option<String>), Fault> {
    peer.looks_up()?;
    let found = match code.parse::<ReceiptCode>() {
        Ok(code) => {
            let found = ledgers.store().complaint_of_code(&code).await.map_err(Fault::internal)?;
            found.map(|found| (code, found))
        }
        Err(_) => None,
    };
    let Some((code, (chapter, own, answer))) = found else {
        peer.misses()?;
        return Err(Fault::NotFound);
    };
    Ok((code, ledgers.view_of(chapter)?, own, answer))
}

/// The sender's own page: how far it is, and the answer.
#[get("/phan-anh/<code>?<moi>", rank = 10)]
pub async fn track(
    code: &str,
    moi: Option<&str>,
    peer: Peer,
    secret: FormSecret,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let (code, view, own, answer) = open(code, &peer, &ledgers).await?;
    let shown = context! {
        code => code.as_str(),
        link => config.base_url.join(&format!("/phan-anh/{code}")),
        new => moi.is_some(),
        about => format!("complaint-about-{}", own.about),
        seq => own.seq,
        state => own.state.as_str(),
        made => moment(own.made_at),
        taken => own.taken.as_ref().map(|(_, at)| moment(*at)),
        answered => own.answered.as_ref().map(|(_, at)| moment(*at)),
        answer,
        published => own.published.is_some(),
        has_contact => own.has_contact,
        forget => FormView::blank(&secret, &format!("/phan-anh/{code}/xoa"), &[]),
        days => CONTACT_DAYS,
    };
    Ok(page(&view, "public/complaint-own.html", shown).private_address())
}

/// The sender has their contact destroyed.
#[post("/phan-anh/<code>/xoa", data = "<fields>", rank = 10)]
pub async fn forget(
    _same: SameOrigin,
    code: &str,
    peer: Peer,
    ledgers: Ledgers<'_>,
    fields: Fields,
) -> Result<Redirect, Fault> {
    fields.only(&[])?;
    let (code, view, own, _) = open(code, &peer, &ledgers).await?;
    let done = ledgers.store().forget_sender(view.chapter, &own.id).await;
    done.map_err(Fault::internal)?;
    Ok(Redirect::to(format!("/phan-anh/{code}")))
}
