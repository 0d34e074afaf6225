//! A new plan, and changes of one. The identifier travels with the form, so a second click makes
//! no second plan; the versions of the plan and of its sponsor's record too, so that of two
//! officers the second is told and loses nothing.
//!
//! Other amounts, other families: they hold from a day on, and what was due before stays as it was.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::{
    MOVED, Opened, PATH, RECORD_MOVED, day_of_books, find, funds, open, path, refused, typed,
};
use crate::import::text::fold;
use crate::ledger::keys::new_opaque_id;
use crate::ledger::word::{Amount, Date, Person};
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::register::{Families, Record};
use crate::store::desk::sponsorship::{Every, Link, MOST_FAMILIES, Plan, Sponsor, Step};
use crate::web::desk::Answer;
use crate::web::desk::families::directory;
use crate::web::desk::receipts::{code, optional_date, word};
use crate::web::desk::slip::{Input, programmes, words};
use crate::web::forms::{Field, FormView, ManyFields, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Words for how often.
const EVERY: &[&str] = &["month", "quarter", "year"];
/// A family's row.
const ROW: [&str; 2] = ["family", "amount"];

/// The fields of a new plan.
const NEW: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("step", "field-id"),
    Field::one("sponsor", "sponsor-known"),
    NAME,
    PHONE,
    CONTACT,
    Field::list("family", "sponsor-family"),
    Field::list("amount", "sponsor-amount"),
    Field::one("every", "sponsor-every"),
    Field::one("from", "sponsor-from"),
    UNTIL,
    Field::one("fund", "sponsor-fund"),
    PROGRAMME,
    NOTES,
];

/// The fields of a plan that is there.
const CHANGE: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("record", "field-id"),
    Field::one("step", "field-id"),
    NAME,
    PHONE,
    CONTACT,
    Field::list("family", "sponsor-family"),
    Field::list("amount", "sponsor-amount"),
    Field::one("since", "sponsor-since"),
    UNTIL,
    PROGRAMME,
    NOTES,
];

const NAME: Field = Field::one("name", "sponsor-name");
const PHONE: Field = Field::one("phone", "sponsor-phone");
const CONTACT: Field = Field::one("contact", "sponsor-contact");
const UNTIL: Field = Field::one("until", "sponsor-until");
const PROGRAMME: Field = Field::one("programme", "field-programme");
const NOTES: Field = Field::one("notes", "sponsor-notes");

fn new() -> String {
    format!("{PATH}/moi")
}

fn action(id: &Person) -> String {
    format!("{}/sua", path(id))
}

/// Donors to choose from, by given name.
fn donors(all: &Families) -> Vec<(String, String)> {
    let mut donors: Vec<(String, String)> =
        all.all.iter().map(|own| (own.person.to_string(), own.record.full_name.clone())).collect();
    donors.sort_by_cached_key(|(_, name)| {
        let name = fold(name);
        (name.split_whitespace().last().unwrap_or_default().to_owned(), name)
    });
    donors
}

/// The page of a form; `own` is the plan that is changed.
fn page(
    officer: &Officer,
    form: FormView,
    donors: Vec<(String, String)>,
    own: Option<&Person>,
) -> Page {
    let columns = vec![Input::new("text", "family"), Input::new("money", "amount")];
    crate::web::desk::page(
        officer,
        "desk/sponsors/form.html",
        context! {
            form,
            donors,
            columns => minijinja::value::Serde(columns),
            every => words("sponsor-every", EVERY),
            funds => funds(&officer.books),
            programmes => programmes(&officer.books),
            back => own.map_or_else(|| PATH.to_owned(), path),
            is_new => own.is_none(),
        },
    )
}

/// A blank form.
#[get("/ban/do-dau/moi")]
pub async fn blank(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let id = new_opaque_id().map_err(Fault::internal)?;
    let (donors, funds) = (listed(&officer, kept.0, config).await?, funds(&officer.books));
    let mut form = FormView::blank(&officer.form_secret(), &new(), NEW)
        .with("id", id)
        .with("every", Every::Month.as_str())
        .with("from", officer.today.format("01/%m/%Y").to_string());
    if let [(fund, _)] = funds.as_slice() {
        form = form.with("fund", fund.as_str());
    }
    Ok(page(&officer, form, donors, None))
}

async fn listed(
    officer: &Officer,
    store: &Store,
    config: &Config,
) -> Result<Vec<(String, String)>, Fault> {
    let opened = open(officer, store, config, |all| {
        let donors = donors(&all.donors);
        let number = donors.len();
        (donors, number)
    });
    opened.await
}

/// Makes a plan.
#[post("/ban/do-dau/moi", data = "<fields>")]
pub async fn make(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.0.only(NEW)?;
    let id: Person = form.hidden("id")?;
    let edits = form.typed("step") == "edit";
    let opened = open(&officer, store, config, |all| {
        let donors = donors(&all.donors);
        let number = donors.len();
        let read = if edits { Err(Noted) } else { read_new(&mut form, &officer, &all.families) };
        ((donors, read), number)
    });
    let (donors, read) = opened.await?;
    if let Ok((sponsor, plan, named)) = read {
        let (new, now) = ((&id, &sponsor, &plan, named.as_slice()), config.clock.now());
        match store.make_sponsorship(&officer.desk, new, &officer.person, now).await {
            Ok(made) => {
                let word = if made { "moi" } else { "lai" };
                return Ok(Answer::go(format!("{}?xong={word}", path(&id))));
            }
            Err(fault) => form.note_form(refused(fault)?, []),
        };
    }
    let view = FormView::again(&officer.form_secret(), &new(), &form);
    let page = page(&officer, view, donors, None);
    Ok(if edits { page } else { page.status(Status::UnprocessableEntity) }.into())
}

/// What a plan calls a family, and the family.
type Named = Vec<(Person, Person)>;

fn read_new(
    form: &mut Submission,
    officer: &Officer,
    families: &Families,
) -> Result<(Sponsor, Plan, Named), Noted> {
    let sponsor = read_sponsor(form);
    let rows = read_rows(form, officer, (families, false));
    let every = word::<Every>(form, "every", EVERY);
    let from = day_of_books(form, "from", &officer.books);
    let until = read_until(form, from.as_ref().ok());
    let fund = code(form, "fund", &funds(&officer.books));
    let programme = code(form, "programme", &programmes(&officer.books));
    let notes = form.optional_lines("notes", 2000);
    let (rows, from) = (rows?, from?);
    let (mut links, mut named) = (Vec::new(), Vec::new());
    for (family, amount) in rows {
        let id = name(form)?;
        links.push(Link { id: id.clone(), steps: vec![Step { from, amount }] });
        named.push((id, family));
    }
    let plan = Plan {
        fund: fund?,
        programme: programme?,
        every: every?,
        from,
        until: until?,
        links,
        gifts: Vec::new(),
        handovers: Vec::new(),
        pauses: Vec::new(),
        ended: None,
        notes: notes?,
        changed: None,
    };
    Ok((sponsor?, plan, named))
}

/// A new name for a family.
fn name(form: &mut Submission) -> Result<Person, Noted> {
    let id = new_opaque_id().ok().and_then(|id| id.parse().ok());
    id.ok_or_else(|| form.note("family", "fault-sealed"))
}

/// Somebody of the register, or somebody new.
fn read_sponsor(form: &mut Submission) -> Result<Sponsor, Noted> {
    let chosen = form.typed("sponsor").to_owned();
    let typed = [NAME, PHONE, CONTACT].iter().any(|own| !form.typed(own.name).trim().is_empty());
    if chosen.is_empty() {
        return read_record(form, Record::default()).map(|own| Sponsor::New(Box::new(own)));
    }
    if typed {
        return Err(form.note("name", "sponsor-known-or-new"));
    }
    chosen.parse().map(Sponsor::Known).map_err(|_| form.note("sponsor", "fault-choice"))
}

fn read_record(form: &mut Submission, before: Record) -> Result<Record, Noted> {
    let full_name = form.text("name", 200);
    let phone = form.optional_text("phone", 200);
    let address = form.optional_text("contact", 200);
    Ok(Record { full_name: full_name?, phone: phone?, address: address?, ..before })
}

fn read_until(form: &mut Submission, from: Option<&Date>) -> Result<Option<Date>, Noted> {
    let until = optional_date(form, "until")?;
    match until.zip(from) {
        Some((until, from)) if until < *from => Err(form.note("until", "sponsor-until-before")),
        _ => Ok(until),
    }
}

/// Families with their amounts: each exactly one of the register, and each once; none at all where
/// `idle` says that the plan has nobody left.
fn read_rows(
    form: &mut Submission,
    officer: &Officer,
    (families, idle): (&Families, bool),
) -> Result<Vec<(Person, Money)>, Noted> {
    let rows = form.rows(ROW);
    if rows.is_empty() && !idle {
        return Err(form.note("family", "sponsor-no-family"));
    }
    if rows.len() > MOST_FAMILIES {
        let most = [("most", Value::from(MOST_FAMILIES))];
        return Err(form.note_with("family", "families-fault-many", most));
    }
    let mut all: Vec<(Person, Money)> = Vec::with_capacity(rows.len());
    for (at, [name, amount]) in (1..).zip(&rows) {
        let row = || [("row", Value::from(at))];
        let Some(family) = directory::find(&families.all, name) else {
            return Err(form.note_with("family", "sponsor-which-family", row()));
        };
        if all.iter().any(|(own, _)| *own == family.person) {
            return Err(form.note_with("family", "sponsor-family-twice", row()));
        }
        let money = Money::parse(amount, &officer.books.currency()).ok().and_then(Amount::new);
        let Some(money) = money else {
            return Err(form.note_with("amount", "fault-line-amount", row()));
        };
        all.push((family.person.clone(), money.money()));
    }
    match Money::sum(all.iter().map(|(_, amount)| *amount)) {
        Some(_) => Ok(all),
        None => Err(form.note("amount", "fault-amount-large")),
    }
}

/// The form of a plan.
#[get("/ban/do-dau/<id>/sua")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = find(&officer, kept.0, config, id).await?;
    let form = filled(&officer, &opened);
    Ok(page(&officer, form, Vec::new(), Some(&opened.own.id)))
}

fn filled(officer: &Officer, Opened { own, sponsor, record, all, .. }: &Opened) -> FormView {
    let plan = &own.plan;
    let day = |day: Date| day.naive().format("%d/%m/%Y").to_string();
    let mut form = FormView::blank(&officer.form_secret(), &action(&own.id), CHANGE)
        .with("version", own.version.to_string())
        .with("record", record.to_string())
        .with("name", sponsor.full_name.as_str())
        .with("phone", sponsor.phone.clone().unwrap_or_default())
        .with("contact", sponsor.address.clone().unwrap_or_default())
        .with("since", officer.today.format("%d/%m/%Y").to_string())
        .with("until", plan.until.map(day).unwrap_or_default())
        .with("programme", plan.programme.as_str())
        .with("notes", plan.notes.clone().unwrap_or_default());
    for link in plan.links.iter().filter(|link| link.newest().is_positive()) {
        let Some(family) = all.named.get(&link.id) else { continue };
        if all.families.get(family).is_some() {
            form = form
                .with("family", directory::called(family, &all.families))
                .with("amount", typed(link.newest(), &officer.books.currency()));
        }
    }
    form
}

/// Changes a plan.
#[post("/ban/do-dau/<id>/sua", data = "<fields>")]
pub async fn change(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.0.only(CHANGE)?;
    let mut opened = find(&officer, store, config, id).await?;
    let (version, of_record): (u64, u64) = (form.hidden("version")?, form.hidden("record")?);
    let newest = (opened.own.version, opened.record);
    let (secret, of) = (officer.form_secret(), opened.own.id.clone());
    let view = |form: &Submission| FormView::again(&secret, &action(&of), form);
    if form.typed("step") == "edit" {
        return Ok(page(&officer, view(&form), Vec::new(), Some(&of)).into());
    }
    let mut why = None;
    if let Ok((record, named)) = read_change(&mut form, &officer, &mut opened) {
        opened.own.version = version;
        // A record that says what it said is not written.
        let record = (record != opened.sponsor).then_some((of_record, &record));
        let (own, now) = ((&opened.own, named.as_slice(), record), config.clock.now());
        match store.change_sponsorship(&officer.desk, own, &officer.person, now).await {
            Ok(()) => return Ok(Answer::go(format!("{}?xong=sua", path(&of)))),
            Err(fault) => form.note_form(why.insert(refused(fault)?), []),
        };
    }
    // What others matched meanwhile stays: what was typed is put into the plan as it is then.
    // Sending it again is a decision, and only who was told can take it.
    let view = match why {
        Some(MOVED) => view(&form).with("version", newest.0.to_string()),
        Some(RECORD_MOVED) => view(&form).with("record", newest.1.to_string()),
        _ => view(&form),
    };
    let page = page(&officer, view, Vec::new(), Some(&of));
    Ok(page.status(Status::UnprocessableEntity).into())
}

/// Puts what was typed into the plan; the sponsor's record, and families that are new to it.
fn read_change(
    form: &mut Submission,
    officer: &Officer,
    opened: &mut Opened,
) -> Result<(Record, Named), Noted> {
    let record = read_record(form, opened.sponsor.clone());
    let idle = opened.all.is_idle(&opened.own.plan);
    let rows = read_rows(form, officer, (&opened.all.families, idle));
    let since = day_of_books(form, "since", &officer.books);
    let until = read_until(form, Some(&opened.own.plan.from));
    let programme = code(form, "programme", &programmes(&officer.books));
    let notes = form.optional_lines("notes", 2000);
    let (record, rows, since) = (record?, rows?, since?);
    let (until, programme, notes) = (until?, programme?, notes?);
    let (named, held) = (&opened.all.named, &opened.all.families.restricted);
    let plan = &mut opened.own.plan;
    for link in &mut plan.links {
        let family = named.get(&link.id);
        let row = family.and_then(|family| rows.iter().find(|(own, _)| own == family));
        // Who is held back is not in the form, and stays as it is; of nobody the form says nothing.
        if !rows.is_empty() && family.is_none_or(|family| !held.contains(family)) {
            link.change(since, row.map_or(Money::ZERO, |(_, amount)| *amount));
        }
    }
    let mut new = Vec::new();
    for (family, amount) in rows {
        let known = plan.links.iter().any(|link| named.get(&link.id) == Some(&family));
        if !known {
            let id = name(form)?;
            plan.links.push(Link { id: id.clone(), steps: vec![Step { from: since, amount }] });
            new.push((id, family));
        }
    }
    (plan.until, plan.programme, plan.notes) = (until, programme, notes);
    Ok((record, new))
}
