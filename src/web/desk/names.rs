//! Nhà hảo tâm: a consent to be shown by name, its withdrawal, and the names that are shown.
//!
//! No name is in the ledger: a shown one is a published disclosure beside it. It goes as soon as
//! the consent does.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::{Answer, describe};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Date;
use crate::store::Store;
use crate::store::desk::vault::{Consent, Holding, Purpose, Subject, Withdrawal};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::facade::Line;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// Names on a page of the list.
const MOST: u32 = 50;

const SHOW: &[Field] = &[
    Field::one("seen", "field-id"),
    Field::one("name", "names-name"),
    Field::one("given_on", "names-given-on"),
    Field::one("how", "names-how"),
];
const WITHDRAW: &[Field] = &[Field::one("scope", "names-scope")];

/// The giver of an entry, as far as the vault knows them.
struct Giver {
    line: Line,
    held: Option<Holding>,
    full: Option<String>,
    masked: Option<String>,
    withdrawn: Option<Withdrawal>,
}

impl Giver {
    /// How often their name was taken back so far.
    fn times(&self) -> u64 {
        self.withdrawn.map_or(0, |withdrawn| withdrawn.times)
    }

    /// Whether a name of theirs may be put on the public pages.
    fn may_be_shown(&self) -> bool {
        let open = self.held.as_ref().is_some_and(|held| !held.restricted);
        open && self.line.reversed_by.is_none() && (self.full.is_some() || self.masked.is_some())
    }

    fn subject(&self) -> Option<&Subject> {
        self.held.as_ref().map(|held| &held.subject)
    }

    fn id(&self) -> &VoucherId {
        &self.line.entry.voucher().id
    }
}

async fn line(officer: &Officer, store: &Store, seq: u64) -> Result<Line, Fault> {
    let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
    line.ok_or(Fault::NotFound)
}

async fn held(officer: &Officer, store: &Store, line: &Line) -> Result<Option<Holding>, Fault> {
    let id = &line.entry.voucher().id;
    let held = store.holdings(&officer.desk, id).await.map_err(Fault::internal)?;
    Ok(held.into_iter().find(|held| held.of_donor))
}

/// Opens the names of an entry's giver; the vault notes by whom.
async fn giver(
    officer: &Officer,
    store: &Store,
    config: &Config,
    seq: u64,
) -> Result<Giver, Fault> {
    let line = line(officer, store, seq).await?;
    let held = held(officer, store, &line).await?;
    let (mut full, mut masked) = (None, None);
    if let Some(held) = &held {
        let (id, now) = (&line.entry.voucher().id, config.clock.now());
        let opened = store.open_private(&officer.desk, id, &officer.person, Purpose::Desk, now);
        for value in opened.await.map_err(Fault::internal)? {
            let text = || value.disclosure.value().as_str().map(str::to_owned);
            match value.disclosure.name() {
                PrivateName::FullName if value.subject == held.subject => full = text(),
                PrivateName::MaskedName if value.subject == held.subject => masked = text(),
                _ => {}
            }
        }
    }
    let withdrawn = store.name_withdrawal(&officer.desk, &line.entry.voucher().id).await;
    let withdrawn = withdrawn.map_err(Fault::internal)?;
    Ok(Giver { line, held, full, masked, withdrawn })
}

/// A consent as its page shows it.
#[derive(Debug, Serialize)]
struct Given {
    name: &'static str,
    on: String,
    how: Option<String>,
    general: bool,
}

async fn page(
    officer: &Officer,
    store: &Store,
    giver: &Giver,
    (show, withdraw): (FormView, FormView),
    done: Option<&'static str>,
) -> Result<Page, Fault> {
    let seq = giver.line.entry.place();
    let shown = store.published_names(officer.chapter, seq, seq + 1).await;
    let shown = shown.map_err(Fault::internal)?.into_iter().next();
    let mut consents = Vec::new();
    if let Some(held) = &giver.held {
        let all = store.consents_of(&officer.desk, held).await.map_err(Fault::internal)?;
        let own = all.into_iter().filter(|(consent, _)| {
            consent.voucher.as_ref().is_none_or(|voucher| voucher == giver.id())
        });
        consents.extend(own.map(|(consent, how)| Given {
            name: consent.name.as_str(),
            on: consent.given_on.to_string(),
            how,
            general: consent.voucher.is_none(),
        }));
    }
    let offered = names(giver);
    Ok(super::page(
        officer,
        "desk/name.html",
        context! {
            entry => minijinja::value::Serde(describe::line(&officer.books, &giver.line)),
            show => show.with("seen", giver.times().to_string()),
            withdraw,
            offered,
            hidden_at => giver.withdrawn.filter(|withdrawn| withdrawn.by_donor)
                .map(|withdrawn| withdrawn.at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            may => giver.may_be_shown(),
            restricted => giver.held.as_ref().is_some_and(|held| held.restricted),
            registered => matches!(giver.subject(), Some(Subject::Person(_))),
            shown => shown.map(|shown| {
                let text = shown.disclosure.value().as_str().unwrap_or_default().to_owned();
                (shown.disclosure.name().as_str(), text)
            }),
            consents => minijinja::value::Serde(consents),
            done,
        },
    ))
}

/// The names that the vault holds: value of the choice, and the name itself.
fn names(giver: &Giver) -> Vec<(String, String)> {
    let all = [(PrivateName::FullName, &giver.full), (PrivateName::MaskedName, &giver.masked)];
    all.into_iter()
        .filter_map(|(name, text)| text.clone().map(|text| (name.as_str().to_owned(), text)))
        .collect()
}

fn path(seq: u64) -> String {
    format!("/ban/but-toan/{seq}/ten")
}

fn blank(officer: &Officer, seq: u64) -> (FormView, FormView) {
    let secret = officer.form_secret();
    let today = officer.today.format("%d/%m/%Y").to_string();
    (
        FormView::blank(&secret, &path(seq), SHOW).with("given_on", today),
        FormView::blank(&secret, &format!("{}/rut", path(seq)), WITHDRAW).with("scope", "gift"),
    )
}

/// How the giver of an entry is shown, and what they agreed to.
#[get("/ban/but-toan/<seq>/ten?<moi>&<rut>")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    seq: u64,
    moi: Option<&str>,
    rut: Option<&str>,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let giver = giver(&officer, store, config, seq).await?;
    let done = match (moi, rut) {
        (Some(_), _) => Some("names-done"),
        (_, Some(_)) => Some("names-withdrawn"),
        _ => None,
    };
    page(&officer, store, &giver, blank(&officer, seq), done).await
}

/// Records the consent, and shows the name.
#[post("/ban/but-toan/<seq>/ten", data = "<fields>")]
pub async fn publish(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    seq: u64,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(SHOW)?;
    let giver = giver(&officer, store, config, seq).await?;
    if let Ok((consent, how)) = read(&mut form, &officer, &giver) {
        let (id, now) = (giver.id(), config.clock.now());
        // A form without it was opened when nothing had been taken back yet.
        let seen = form.typed("seen").parse().unwrap_or(0);
        match store.show_name(&officer.desk, id, &consent, (&how, seen), now).await {
            Ok(()) => return Ok(Answer::go(format!("{}?moi=1", path(seq)))),
            Err(DeskFault::Refused(DeskRefusal::TakenBack)) => {
                form.note("name", "names-taken-back");
            }
            Err(DeskFault::Refused(DeskRefusal::Gone | DeskRefusal::NotAName)) => {
                form.note("name", "names-gone");
            }
            Err(fault) => return Err(Fault::internal(fault)),
        }
    }
    let (_, withdraw) = blank(&officer, seq);
    let show = FormView::again(&officer.form_secret(), &path(seq), &form);
    let page = page(&officer, store, &giver, (show, withdraw), None).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

fn read(
    form: &mut Submission,
    officer: &Officer,
    giver: &Giver,
) -> Result<(Consent, String), Noted> {
    let offered = names(giver);
    let choices: Vec<(&str, &str)> =
        offered.iter().map(|(name, _)| (name.as_str(), name.as_str())).collect();
    let chosen = form.choice("name", &choices).map(str::to_owned);
    let given_on = super::receipts::date(form, "given_on");
    let how = form.text("how", 200);
    let (chosen, given_on, how) = (chosen?, given_on?, how?);
    let name: PrivateName = chosen.parse().map_err(|_| form.note("name", "fault-choice"))?;
    if Date::new(officer.today).is_some_and(|today| given_on > today) {
        return Err(form.note("given_on", "fault-not-in-future"));
    }
    let Some(subject) = giver.subject().filter(|_| giver.may_be_shown()) else {
        return Err(form.note("name", "names-gone"));
    };
    let consent = Consent {
        subject: subject.clone(),
        voucher: Some(giver.id().clone()),
        name,
        given_on,
        recorded_by: officer.person.clone(),
    };
    Ok((consent, how))
}

/// Takes the consent back: of this gift, or of all gifts of a registered donor.
#[post("/ban/but-toan/<seq>/ten/rut", data = "<fields>")]
pub async fn withdraw(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    seq: u64,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(WITHDRAW)?;
    let line = line(&officer, store, seq).await?;
    let held = held(&officer, store, &line).await?.ok_or(Fault::NotFound)?;
    let registered = matches!(held.subject, Subject::Person(_));
    let choices = [("gift", false), ("all", true)];
    let Ok(all) = form.choice("scope", &choices[..1 + usize::from(registered)]) else {
        let giver = giver(&officer, store, config, seq).await?;
        let (show, _) = blank(&officer, seq);
        let action = format!("{}/rut", path(seq));
        let again = FormView::again(&officer.form_secret(), &action, &form);
        let page = page(&officer, store, &giver, (show, again), None).await?;
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    let id = (!all).then_some(&line.entry.voucher().id);
    let (person, now) = (&officer.person, config.clock.now());
    let done = store.withdraw_name(&officer.desk, person, &held.subject, id, now).await;
    done.map_err(Fault::internal)?;
    Ok(Answer::go(format!("{}?rut=1", path(seq))))
}

/// A name that stands on the public pages.
pub struct ShownName {
    /// The gift.
    pub entry: describe::Short,
    /// Its amount.
    pub total: Option<i64>,
    /// Which form of the name is shown.
    pub name: String,
    /// The name.
    pub text: String,
    /// Since when.
    pub since: String,
}

/// Every name that stands on the public pages, of the newest gifts first.
///
/// # Errors
/// Faults of the store.
pub async fn all_shown(officer: &Officer, store: &Store) -> Result<Vec<ShownName>, Fault> {
    let (mut all, mut below) = (Vec::new(), officer.books.size());
    loop {
        let shown = store.shown_names(&officer.desk, below, MOST).await.map_err(Fault::internal)?;
        let Some(last) = shown.last() else { return Ok(all) };
        below = last.seq;
        for shown in &shown {
            let line = line(officer, store, shown.seq).await?;
            all.push(ShownName {
                entry: describe::line(&officer.books, &line),
                total: describe::total(line.entry.voucher()),
                name: shown.name.as_str().to_owned(),
                text: shown.text.as_str().to_owned(),
                since: shown.since.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            });
        }
    }
}

/// Every name that stands on the public pages, of the newest gifts first. These names are public:
/// nothing is opened.
#[get("/ban/nha-hao-tam?<truoc>")]
pub async fn list(officer: Officer, kept: Kept<'_>, truoc: Option<u64>) -> Result<Page, Fault> {
    let store = kept.0;
    let below = truoc.unwrap_or_else(|| officer.books.size());
    let shown = store.shown_names(&officer.desk, below, MOST).await.map_err(Fault::internal)?;
    let full = shown.len() == usize::try_from(MOST).unwrap_or(usize::MAX);
    let next = shown.last().map(|last| last.seq).filter(|_| full);
    let mut rows = Vec::with_capacity(shown.len());
    for shown in &shown {
        let line = line(&officer, store, shown.seq).await?;
        rows.push(context! {
            entry => minijinja::value::Serde(describe::line(&officer.books, &line)),
            total => describe::total(line.entry.voucher()),
            name => shown.name.as_str(),
            text => shown.text.as_str(),
            since => shown.since.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        });
    }
    let rows: Vec<Value> = rows;
    Ok(super::page(&officer, "desk/donors.html", context! { rows, next }))
}
