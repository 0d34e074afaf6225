//! Entering and changing a family.
//!
//! The identifier travels with the form, so a second click enters nobody twice; the version too, so
//! that of two officers the second is told and loses nothing. Families that look the same are shown
//! and a person tells them apart, or opens the one that is there.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::form::{FORM, columns, filled, read};
use super::list::{category_keys, today};
use super::{PATH, REGISTER, detail, likeness};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::register::{Families, Family, Record};
use crate::store::desk::vault::{Purpose, Reader};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::Answer;
use crate::web::fault::Malformed;
use crate::web::forms::{FormView, ManyFields, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// A family that looks the same.
#[derive(Debug, Serialize)]
struct LookAlike {
    id: String,
    name: String,
    hamlet: Option<String>,
    categories: Vec<String>,
    why: &'static str,
}

fn new() -> String {
    format!("{PATH}/moi")
}

fn path(person: &Person) -> String {
    format!("{PATH}/{person}")
}

/// Opens one family, which the log notes; 404 for an unknown one or one that is held back.
///
/// # Errors
/// Faults of the machine, and 404.
pub async fn find(
    officer: &Officer,
    store: &Store,
    config: &Config,
    id: &str,
) -> Result<Family, Fault> {
    let person: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let (what, now) = (format!("person:{person}"), config.clock.now());
    let found = store.families(&officer.desk, reader, &what, now, |families| {
        let family = families.get(&person).cloned();
        let number = usize::from(family.is_some());
        (family, number)
    });
    found.await.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

/// What the page is about beside the form.
#[derive(Default)]
struct Beside {
    alike: Vec<LookAlike>,
    /// The family as it is there now, when somebody changed it meanwhile.
    moved: Option<Family>,
}

fn page(officer: &Officer, form: FormView, id: Option<&Person>, beside: Beside) -> Page {
    let moved = beside.moved.as_ref();
    let moved = moved.map(|family| minijinja::value::Serde(detail::shown(officer, family)));
    let lists = columns();
    let lists = lists.map(|(name, columns)| (name, minijinja::value::Serde(columns)));
    crate::web::desk::page(
        officer,
        "desk/families/form.html",
        context! {
            form,
            lists => lists.map(|(name, columns)| context! { name, columns }).to_vec(),
            back => id.map_or_else(|| PATH.to_owned(), path),
            is_new => id.is_none(),
            alike => minijinja::value::Serde(beside.alike),
            moved,
        },
    )
}

/// A blank form.
#[get("/ban/so-ho/moi")]
pub async fn blank(officer: Caseworker) -> Result<Page, Fault> {
    let officer = officer.0;
    let id = new_opaque_id().map_err(Fault::internal)?;
    let form = FormView::blank(&officer.form_secret(), &new(), FORM).with("id", id);
    Ok(page(&officer, form, None, Beside::default()))
}

/// A family's form.
#[get("/ban/so-ho/<id>/sua")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let family = find(&officer, kept.0, config, id).await?;
    let form = FormView::blank(&officer.form_secret(), &action(&family.person), FORM);
    let form = filled(form, &family.record).with("version", family.version.to_string());
    Ok(page(&officer, form, Some(&family.person), Beside::default()))
}

fn action(person: &Person) -> String {
    format!("{}/sua", path(person))
}

/// Enters a family.
#[post("/ban/so-ho/moi", data = "<fields>")]
pub async fn enter(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.0.only(FORM)?;
    let id: Person = form.hidden("id")?;
    let secret = officer.form_secret();
    let again = |form: &Submission, beside| {
        page(&officer, FormView::again(&secret, &new(), form), None, beside)
    };
    if form.typed("step") == "edit" {
        return Ok(again(&form, Beside::default()).into());
    }
    let read = read(&mut form, &Record::default(), today(&officer)?);
    let Ok(mut record) = read else {
        let page = again(&form, Beside::default()).status(Status::UnprocessableEntity);
        return Ok(page.into());
    };
    let alike = look_alikes(&officer, store, config, (&id, &record), &form).await?;
    match alike {
        Decided::Ask(alike, seen) => {
            form.note_form("families-alike", []);
            let view = FormView::again(&secret, &new(), &form).with("seen", seen);
            let beside = Beside { alike, moved: None };
            return Ok(page(&officer, view, None, beside).status(Status::Conflict).into());
        }
        Decided::Apart(others) => record.household.told_apart.extend(others),
    }
    let now = config.clock.now();
    match store.enter_family(&officer.desk, (&id, &record), &officer.person, now).await {
        Ok(entered) => {
            let word = if entered { "moi" } else { "lai" };
            Ok(Answer::go(format!("{}?{word}=1", path(&id))))
        }
        Err(DeskFault::Refused(DeskRefusal::HasAccount)) => {
            Err(Fault::BadRequest(Malformed::Other))
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// Changes a family.
#[post("/ban/so-ho/<id>/sua", data = "<fields>")]
pub async fn change(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.0.only(FORM)?;
    let family = find(&officer, store, config, id).await?;
    let version: u64 = form.hidden("version")?;
    let (secret, of) = (officer.form_secret(), &family.person);
    let view = |form: &Submission| FormView::again(&secret, &action(of), form);
    if form.typed("step") == "edit" {
        return Ok(page(&officer, view(&form), Some(of), Beside::default()).into());
    }
    let Ok(mut record) = read(&mut form, &family.record, today(&officer)?) else {
        let page = page(&officer, view(&form), Some(of), Beside::default());
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    match look_alikes(&officer, store, config, (of, &record), &form).await? {
        Decided::Ask(alike, seen) => {
            form.note_form("families-alike", []);
            let beside = Beside { alike, moved: None };
            let page = page(&officer, view(&form).with("seen", seen), Some(of), beside);
            return Ok(page.status(Status::Conflict).into());
        }
        Decided::Apart(others) => record.household.told_apart.extend(others),
    }
    let (person, now) = (&officer.person, config.clock.now());
    match store.change_family(&officer.desk, (of, version, &record), person, now).await {
        Ok(()) => Ok(Answer::go(format!("{}?sua=1", path(of)))),
        Err(DeskFault::Refused(DeskRefusal::RecordMoved)) => {
            // What the other one wrote stands beside what was typed; sending again is a decision.
            let newest = find(&officer, store, config, id).await?;
            form.note_form("families-moved", []);
            let view = view(&form).with("version", newest.version.to_string());
            let beside = Beside { alike: Vec::new(), moved: Some(newest) };
            Ok(page(&officer, view, Some(of), beside).status(Status::Conflict).into())
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// Whether a person has told the look-alikes apart.
enum Decided {
    /// Not yet: those that look the same, and how the form remembers that they were shown.
    Ask(Vec<LookAlike>, String),
    /// They did, or there are none.
    Apart(Vec<Person>),
}

/// Looks for families that are perhaps the same. They were told apart when exactly they had been
/// shown and the form was sent as another family.
async fn look_alikes(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (own, record): (&Person, &Record),
    form: &Submission,
) -> Result<Decided, Fault> {
    let (today, now) = (today(officer)?, config.clock.now());
    let (wanted, told) = (likeness(record), &record.household.told_apart);
    let shown: Vec<Person> = form.typed("seen").split(' ').flat_map(str::parse).collect();
    let apart = form.typed("step") == "another";
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let pick = |families: Families| {
        let others = families.all.iter().filter(|other| {
            let apart = &other.record.household.told_apart;
            other.person != *own && !told.contains(&other.person) && !apart.contains(own)
        });
        let mut alike = Vec::new();
        for other in others {
            let Some(why) = wanted.alike(&likeness(&other.record)) else { continue };
            alike.push((
                other.person.clone(),
                LookAlike {
                    id: other.person.to_string(),
                    name: other.record.full_name.clone(),
                    hamlet: other.record.hamlet.clone(),
                    categories: category_keys(&other.record.categories_on(today)),
                    why: why.as_str(),
                },
            ));
        }
        let persons: Vec<Person> = alike.iter().map(|(person, _)| person.clone()).collect();
        if persons.is_empty() || (apart && persons.iter().all(|own| shown.contains(own))) {
            return (Decided::Apart(persons), 0);
        }
        let seen: Vec<&str> = persons.iter().map(Person::as_str).collect();
        let (seen, number) = (seen.join(" "), alike.len());
        (Decided::Ask(alike.into_iter().map(|(_, alike)| alike).collect(), seen), number)
    };
    let decided = store.families(&officer.desk, reader, REGISTER, now, pick).await;
    decided.map_err(Fault::internal)
}
