//! Step 3: every row with what becomes of it, a page at a time; then all of it is entered.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::work::{Found, Other, Plan, Planned, Work, find};
use crate::import::families::FamilyRow;
use crate::ledger::keys::new_opaque_id;
use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::register::{Household, Member, Record, Spell};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::Answer;
use crate::web::desk::families::PATH as REGISTER;
use crate::web::desk::families::list::category_keys;
use crate::web::forms::{Field, FormView, ManyFields, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Rows of a page.
const PER_PAGE: usize = 100;
/// Faults that are listed.
const FAULTS: usize = 100;

const FORM: &[Field] = &[
    Field::one("step", "field-id"),
    Field::one("page", "field-id"),
    Field::one("seen", "field-id"),
    Field::list("row", "field-id"),
    Field::list("apart", "lists-apart"),
];

/// The preview; without columns, the way to them.
#[get("/ban/nhap-so-ho/<id>?<trang>")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    trang: Option<usize>,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let Found::Waiting(work) = find(&officer, store, id, config.clock.now()).await? else {
        return Ok(Answer::go(format!("{}/{id}/xong", super::PATH)));
    };
    let Some(plan) = work.plan(&officer, store, config).await? else {
        return Ok(Answer::go(format!("{}/cot", work.path())));
    };
    let form = FormView::blank(&officer.form_secret(), &work.path(), FORM);
    Ok(page(&officer, &work, &plan, (form, trang.unwrap_or(1))).into())
}

fn shown(planned: &Planned) -> Value {
    let family = &planned.family;
    let (known, row) = match &planned.alike {
        Some((_, Other::Known(person, name))) => {
            (Some((format!("{REGISTER}/{person}"), name.clone())), None)
        }
        Some((_, Other::Row(row))) => (None, Some(row.to_string())),
        None => (None, None),
    };
    context! {
        row => family.row,
        name => family.name.as_str(),
        birth => family.birth_year.map(|year| year.to_string()),
        hamlet => family.hamlet.as_deref(),
        categories => category_keys(&family.categories),
        members => family.members.len() + 1,
        why => planned.alike.as_ref().map(|(why, _)| why.as_str()),
        known,
        same_row => row,
        apart => planned.apart,
    }
}

fn page(officer: &Officer, work: &Work, plan: &Plan, (form, at): (FormView, usize)) -> Page {
    let pages = plan.rows.len().div_ceil(PER_PAGE).max(1);
    let at = at.clamp(1, pages);
    let rows = plan.rows.iter().skip((at - 1) * PER_PAGE).take(PER_PAGE);
    let twice = plan.rows.iter().filter(|row| row.alike.is_some()).count();
    let entered = plan.rows.iter().filter(|row| row.enters()).count();
    let faults: Vec<Value> = plan
        .faults
        .iter()
        .take(FAULTS)
        .map(|fault| {
            context! {
                row => fault.row.to_string(),
                column => fault.column.as_str(),
                wrong => fault.wrong.as_str(),
            }
        })
        .collect();
    crate::web::desk::page(
        officer,
        "desk/families/list_preview.html",
        context! {
            form => form.with("seen", plan.digest()).with("page", at.to_string()),
            path => work.path(),
            discard => officer.form_secret().token(&format!("{}/bo", work.path())),
            file => work.choices.name.as_str(),
            rows => rows.map(shown).collect::<Vec<_>>(),
            all => plan.rows.len() + plan.faults.len(),
            new => plan.rows.len() - twice,
            twice,
            wrong => plan.faults.len(),
            faults,
            entered,
            at,
            last => pages,
        },
    )
}

/// Keeps what was decided about look-alikes, or enters the whole list.
#[post("/ban/nhap-so-ho/<id>", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let mut form = fields.0.only(FORM)?;
    let Found::Waiting(mut work) = find(&officer, store, id, now).await? else {
        return Ok(Answer::go(format!("{}/{id}/xong", super::PATH)));
    };
    let Some(plan) = work.plan(&officer, store, config).await? else {
        return Ok(Answer::go(format!("{}/cot", work.path())));
    };
    let at: usize = form.typed("page").parse().unwrap_or(1);
    let same = plan.digest() == form.typed("seen");
    let changed = decided(&form, &mut work);
    if changed {
        work.keep(&officer, store, now).await?;
    }
    if form.typed("step") != "record" {
        let to = form.typed("step").parse().unwrap_or(at);
        return Ok(Answer::go(format!("{}?trang={to}", work.path())));
    }
    let plan = match changed {
        true => work.plan(&officer, store, config).await?.unwrap_or_default(),
        false => plan,
    };
    let secret = officer.form_secret();
    let again = |form: &Submission| {
        page(&officer, &work, &plan, (FormView::again(&secret, &work.path(), form), at))
    };
    let key = match () {
        () if !same => Some("lists-moved"),
        () if !plan.faults.is_empty() => Some("lists-wrong-left"),
        () if !plan.rows.iter().any(Planned::enters) => Some("lists-nothing"),
        () => None,
    };
    if let Some(key) = key {
        form.note_form(key, []);
        return Ok(again(&form).status(Status::UnprocessableEntity).into());
    }
    enter(&officer, store, config, &work, &plan).await
}

/// Takes what was ticked on this page into the choices; whether that changed them.
fn decided(form: &Submission, work: &mut Work) -> bool {
    let rows: Vec<u32> = form.list("row").into_iter().flat_map(str::parse).collect();
    let apart: Vec<u32> = form.list("apart").into_iter().flat_map(str::parse).collect();
    let before = work.choices.apart.clone();
    for row in rows {
        if apart.contains(&row) {
            work.choices.apart.insert(row);
        } else {
            work.choices.apart.remove(&row);
        }
    }
    work.choices.apart != before
}

fn record(planned: &Planned) -> Record {
    let FamilyRow { name, birth_year, categories, hamlet, address, phone, identity, .. } =
        planned.family.clone();
    let head = Member { full_name: name.clone(), birth_year, ..Member::default() };
    let members = planned.family.members.iter();
    let others = members.map(|own| Member { full_name: own.clone(), ..Member::default() });
    let spell = |category| Spell { category, from: None, to: None };
    let told_apart = match &planned.alike {
        Some((_, Other::Known(person, _))) => vec![person.clone()],
        _ => Vec::new(),
    };
    Record {
        full_name: name,
        phone,
        address,
        hamlet,
        identity_number: identity,
        category: categories.first().copied(),
        notes: planned.family.notes.clone(),
        household: Household {
            members: std::iter::once(head).chain(others).collect(),
            categories: categories.into_iter().map(spell).collect(),
            told_apart,
            ..Household::default()
        },
    }
}

async fn enter(
    officer: &Officer,
    store: &Store,
    config: &Config,
    work: &Work,
    plan: &Plan,
) -> Result<Answer, Fault> {
    let mut families: Vec<(Person, Record)> = Vec::with_capacity(plan.rows.len());
    for planned in plan.rows.iter().filter(|row| row.enters()) {
        let id = new_opaque_id().map_err(Fault::internal)?;
        families.push((id.parse().map_err(Fault::internal)?, record(planned)));
    }
    let (of, now) = ((&work.id, work.version), config.clock.now());
    match store.record_families(&officer.desk, of, &families, &officer.person, now).await {
        // A second click at the same moment finds what the first one did.
        Ok(()) | Err(DeskFault::Refused(DeskRefusal::ImportMoved)) => {
            Ok(Answer::go(format!("{}/xong", work.path())))
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// What became of a list.
#[get("/ban/nhap-so-ho/<id>/xong")]
pub async fn done(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Answer, Fault> {
    let officer = officer.0;
    match find(&officer, kept.0, id, config.clock.now()).await? {
        Found::Waiting(work) => Ok(Answer::go(work.path())),
        Found::Recorded(outcome) => {
            let number: i64 = outcome.parse().unwrap_or_default();
            let template = "desk/families/list_done.html";
            Ok(crate::web::desk::page(&officer, template, context! { number }).into())
        }
    }
}
