//! What people with a disability and victims of Agent Orange may ask for: words and sources that
//! the chapter keeps itself. The program vouches for none of them.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::PATH;
use crate::store::desk::settings::{Entitlement, Settings};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::Answer;
use crate::web::desk::slip::{Input, words};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission, clean};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

const FORM: &[Field] = &[
    Field::one("step", "field-id"),
    Field::list("group", "families-ask-group"),
    Field::list("text", "families-ask-text"),
    Field::list("source", "families-ask-source"),
];

fn path() -> String {
    format!("{PATH}/quyen-loi")
}

fn page(officer: &Officer, form: FormView, done: bool) -> Page {
    let columns = vec![
        Input::words("group", words("ask", &Entitlement::GROUPS)),
        Input::new("text", "text"),
        Input::new("text", "source"),
    ];
    crate::web::desk::page(
        officer,
        "desk/families/entitlements.html",
        context! { form, columns => minijinja::value::Serde(columns), done },
    )
}

/// The list as it is.
#[get("/ban/so-ho/quyen-loi?<khoa>")]
pub async fn show(officer: Caseworker, kept: Kept<'_>, khoa: Option<&str>) -> Result<Page, Fault> {
    let officer = officer.0;
    let settings = kept.0.settings(&officer.desk).await.map_err(Fault::internal)?;
    let of = |pick: fn(&Entitlement) -> &String| {
        settings.entitlements.iter().map(|own| pick(own).clone()).collect::<Vec<_>>()
    };
    let form = FormView::blank(&officer.form_secret(), &path(), FORM)
        .with_list("group", of(|own| &own.group))
        .with_list("text", of(|own| &own.text))
        .with_list("source", of(|own| &own.source));
    Ok(page(&officer, form, khoa.is_some()))
}

/// Keeps the list.
#[post("/ban/so-ho/quyen-loi", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(FORM)?;
    let again = |form: &Submission| {
        page(&officer, FormView::again(&officer.form_secret(), &path(), form), false)
    };
    if form.typed("step") == "edit" {
        return Ok(again(&form).into());
    }
    let Ok(entitlements) = read(&mut form) else {
        return Ok(again(&form).status(Status::UnprocessableEntity).into());
    };
    let (change, now) = (|own: &mut Settings| own.entitlements = entitlements, config.clock.now());
    match store.change_settings(&officer.desk, change, &officer.person, now).await {
        Ok(()) => Ok(Answer::go(format!("{}?khoa=1", path()))),
        Err(DeskFault::Refused(DeskRefusal::Setting(_))) => {
            form.note_form("families-ask-refused", []);
            Ok(again(&form).status(Status::UnprocessableEntity).into())
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

fn read(form: &mut Submission) -> Result<Vec<Entitlement>, Noted> {
    let mut all = Vec::new();
    for (at, [group, text, source]) in (1..).zip(form.rows(["group", "text", "source"])) {
        let row = || [("row", Value::from(at))];
        if !Entitlement::GROUPS.contains(&group.as_str()) {
            return Err(form.note_with("group", "families-fault-choice", row()));
        }
        let text = clean(&text, 200).ok().filter(|text| !text.is_empty());
        let Some(text) = text else {
            return Err(form.note_with("text", "families-fault-missing", row()));
        };
        let source = clean(&source, 200).ok().filter(|source| !source.is_empty());
        let Some(source) = source else {
            return Err(form.note_with("source", "families-fault-missing", row()));
        };
        all.push(Entitlement { group, text, source });
    }
    Ok(all)
}
