//! A family as a form, and back: lists of members, categories and referrals have a row each.

use chrono::Datelike as _;
use minijinja::value::Value;

use crate::ledger::voucher::Category;
use crate::ledger::word::Date;
use crate::store::desk::register::{
    Agreed, Disability, Household, Member, Record, Referral, Spell,
};
use crate::web::desk::payments::CATEGORIES;
use crate::web::desk::slip::{Input, words};
use crate::web::forms::{Field, FormView, Noted, Submission, clean, read_day};

/// The fields.
pub const FORM: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("step", "field-id"),
    Field::one("version", "field-id"),
    Field::one("seen", "field-id"),
    Field::list("member_name", "families-member-name"),
    Field::list("member_birth", "families-birth"),
    Field::list("member_relation", "families-relation"),
    Field::list("member_disability", "families-disability"),
    Field::list("member_orange", "families-orange"),
    Field::one("hamlet", "families-hamlet"),
    Field::one("address", "families-address"),
    Field::one("phone", "families-phone"),
    Field::one("identity", "families-identity"),
    Field::list("category_word", "families-category"),
    Field::list("category_from", "families-from"),
    Field::list("category_to", "families-to"),
    Field::one("agreed_what", "families-agreed-what"),
    Field::one("agreed_on", "families-agreed-on"),
    Field::one("agreed_how", "families-agreed-how"),
    Field::list("referral_scheme", "families-scheme"),
    Field::list("referral_on", "families-referred-on"),
    Field::list("referral_outcome", "families-outcome"),
    Field::list("referral_outcome_on", "families-outcome-on"),
    Field::one("notes", "families-notes"),
];

const MEMBER: [&str; 5] =
    ["member_name", "member_birth", "member_relation", "member_disability", "member_orange"];
const CATEGORY: [&str; 3] = ["category_word", "category_from", "category_to"];
const REFERRAL: [&str; 4] =
    ["referral_scheme", "referral_on", "referral_outcome", "referral_outcome_on"];

const GENERATIONS: &[&str] = &["1", "2", "3", "4"];
const DEGREES: &[&str] = &["not_assessed", "mild", "severe", "most_severe"];

/// The columns of the three lists, in the order of the page.
#[must_use]
pub fn columns() -> [(&'static str, Vec<Input>); 3] {
    let text = |name| Input::new("text", name);
    [
        (
            "members",
            vec![
                text("member_name"),
                text("member_birth"),
                text("member_relation"),
                Input::words("member_disability", words("disability", DEGREES)),
                Input::words("member_orange", words("orange", GENERATIONS)),
            ],
        ),
        (
            "categories",
            vec![
                Input::words("category_word", words("category", CATEGORIES)),
                text("category_from"),
                text("category_to"),
            ],
        ),
        (
            "referrals",
            vec![
                text("referral_scheme"),
                text("referral_on"),
                text("referral_outcome"),
                text("referral_outcome_on"),
            ],
        ),
    ]
}

fn shown(day: Date) -> String {
    day.naive().format("%d/%m/%Y").to_string()
}

/// Fills a form in with a record.
#[must_use]
pub fn filled(form: FormView, record: &Record) -> FormView {
    let household = &record.household;
    let text = |own: &Option<String>| own.clone().unwrap_or_default();
    let day = |own: Option<Date>| own.map(shown).unwrap_or_default();
    let agreed = household.agreed.as_ref();
    let mut form = form
        .with("hamlet", text(&record.hamlet))
        .with("address", text(&record.address))
        .with("phone", text(&record.phone))
        .with("identity", text(&record.identity_number))
        .with("notes", text(&record.notes))
        .with("agreed_what", agreed.map(|own| own.what.clone()).unwrap_or_default())
        .with("agreed_on", agreed.map(|own| shown(own.on)).unwrap_or_default())
        .with("agreed_how", agreed.map(|own| own.how.clone()).unwrap_or_default());
    let members = members(record);
    let of = |pick: fn(&Member) -> String| members.iter().map(pick).collect::<Vec<_>>();
    form = form
        .with_list("member_name", of(|own| own.full_name.clone()))
        .with_list("member_birth", of(|own| own.birth_year.map_or(String::new(), year)))
        .with_list("member_relation", of(|own| own.relation.clone().unwrap_or_default()))
        .with_list("member_disability", of(|own| own.disability.map_or("", word).to_owned()))
        .with_list("member_orange", of(|own| own.agent_orange.map_or(String::new(), one)));
    let spells = spells(record);
    form = form
        .with_list("category_word", spells.iter().map(|own| own.category.to_string()).collect())
        .with_list("category_from", spells.iter().map(|own| day(own.from)).collect())
        .with_list("category_to", spells.iter().map(|own| day(own.to)).collect());
    let referrals = &household.referrals;
    form.with_list("referral_scheme", referrals.iter().map(|own| own.scheme.clone()).collect())
        .with_list("referral_on", referrals.iter().map(|own| shown(own.on)).collect())
        .with_list("referral_outcome", referrals.iter().map(|own| text(&own.outcome)).collect())
        .with_list("referral_outcome_on", referrals.iter().map(|own| day(own.outcome_on)).collect())
}

fn year(year: u16) -> String {
    year.to_string()
}

fn one(number: u8) -> String {
    number.to_string()
}

fn word(degree: Disability) -> &'static str {
    degree.as_str()
}

/// The members of a record; of an older one, its head alone.
#[must_use]
pub fn members(record: &Record) -> Vec<Member> {
    if record.household.members.is_empty() {
        return vec![Member { full_name: record.full_name.clone(), ..Member::default() }];
    }
    record.household.members.clone()
}

/// The categories of a record; what an older one says has no days.
#[must_use]
pub fn spells(record: &Record) -> Vec<Spell> {
    match record.category.filter(|_| record.household.categories.is_empty()) {
        Some(category) => vec![Spell { category, from: None, to: None }],
        None => record.household.categories.clone(),
    }
}

/// Reads a family. `before` keeps what the form does not ask.
///
/// # Errors
/// [`Noted`] with every fault at its field.
pub fn read(form: &mut Submission, before: &Record, today: Date) -> Result<Record, Noted> {
    let members = read_members(form, today);
    let hamlet = form.optional_text("hamlet", 200);
    let address = form.optional_text("address", 200);
    let phone = form.optional_text("phone", 40);
    let identity_number = form.optional_text("identity", 40);
    let categories = read_spells(form);
    let agreed = read_agreed(form, today);
    let referrals = read_referrals(form, today);
    let notes = form.optional_lines("notes", 2_000);
    let members = members?;
    let full_name = members.first().map(|head| head.full_name.clone()).unwrap_or_default();
    let household = Household {
        members,
        categories: categories?,
        agreed: agreed?,
        referrals: referrals?,
        told_apart: before.household.told_apart.clone(),
    };
    Ok(Record {
        full_name,
        phone: phone?,
        address: address?,
        hamlet: hamlet?,
        identity_number: identity_number?,
        category: household.categories.first().map(|spell| spell.category),
        notes: notes?,
        household,
    })
}

/// One text of a row.
fn text(
    form: &mut Submission,
    field: &'static str,
    row: usize,
    typed: &str,
) -> Result<Option<String>, Noted> {
    match clean(typed, 200) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(_) => Err(form.note_with(field, "families-fault-text", [("row", Value::from(row))])),
    }
}

fn needed(
    form: &mut Submission,
    field: &'static str,
    row: usize,
    typed: &str,
) -> Result<String, Noted> {
    let read = text(form, field, row, typed)?;
    read.ok_or_else(|| form.note_with(field, "families-fault-missing", [("row", Value::from(row))]))
}

/// One day of a row, not after `latest`.
fn day(
    form: &mut Submission,
    field: &'static str,
    row: usize,
    (typed, latest): (&str, Option<Date>),
) -> Result<Option<Date>, Noted> {
    if typed.is_empty() {
        return Ok(None);
    }
    let read = read_day(typed).ok().and_then(Date::new);
    let late = |day: &Date| latest.is_some_and(|latest| *day > latest);
    match read {
        Some(day) if late(&day) => {
            Err(form.note_with(field, "families-fault-later", [("row", Value::from(row))]))
        }
        Some(day) => Ok(Some(day)),
        None => Err(form.note_with(field, "families-fault-date", [("row", Value::from(row))])),
    }
}

fn many(form: &mut Submission, field: &'static str, rows: usize) -> Result<(), Noted> {
    let most = crate::store::desk::register::MOST_ROWS;
    if rows <= most {
        return Ok(());
    }
    Err(form.note_with(field, "families-fault-many", [("most", Value::from(most))]))
}

fn read_members(form: &mut Submission, today: Date) -> Result<Vec<Member>, Noted> {
    let rows = form.rows(MEMBER);
    many(form, "member_name", rows.len())?;
    if rows.is_empty() {
        return Err(form.note("member_name", "fault-missing"));
    }
    let mut members = Vec::with_capacity(rows.len());
    let this_year = u16::try_from(today.naive().year()).unwrap_or(u16::MAX);
    for (at, [name, birth, relation, disability, orange]) in (1..).zip(&rows) {
        let full_name = needed(form, "member_name", at, name);
        let relation = text(form, "member_relation", at, relation);
        let birth_year = match birth.as_str() {
            "" => Ok(None),
            typed => match typed.parse::<u16>() {
                Ok(year) if (1880..=this_year).contains(&year) => Ok(Some(year)),
                _ => {
                    let row = [("row", Value::from(at))];
                    Err(form.note_with("member_birth", "families-fault-year", row))
                }
            },
        };
        let disability = choice(form, "member_disability", (at, disability));
        let orange: Result<Option<u8>, Noted> = choice(form, "member_orange", (at, orange));
        members.push(Member {
            full_name: full_name?,
            birth_year: birth_year?,
            relation: relation?,
            disability: disability?,
            agent_orange: orange?.filter(|generation| (1..=4).contains(generation)),
        });
    }
    Ok(members)
}

fn choice<T: std::str::FromStr>(
    form: &mut Submission,
    field: &'static str,
    (row, typed): (usize, &str),
) -> Result<Option<T>, Noted> {
    if typed.is_empty() {
        return Ok(None);
    }
    let read = typed.parse().map(Some);
    read.map_err(|_| form.note_with(field, "families-fault-choice", [("row", Value::from(row))]))
}

fn read_spells(form: &mut Submission) -> Result<Vec<Spell>, Noted> {
    let rows = form.rows(CATEGORY);
    many(form, "category_word", rows.len())?;
    let mut spells = Vec::with_capacity(rows.len());
    for (at, [category, from, to]) in (1..).zip(&rows) {
        let category: Option<Category> = choice(form, "category_word", (at, category))?;
        let Some(category) = category else {
            let row = [("row", Value::from(at))];
            return Err(form.note_with("category_word", "families-fault-missing", row));
        };
        let from = day(form, "category_from", at, (from, None))?;
        let to = day(form, "category_to", at, (to, None))?;
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            let row = [("row", Value::from(at))];
            return Err(form.note_with("category_to", "families-fault-order", row));
        }
        spells.push(Spell { category, from, to });
    }
    Ok(spells)
}

fn read_agreed(form: &mut Submission, today: Date) -> Result<Option<Agreed>, Noted> {
    let typed = ["agreed_what", "agreed_on", "agreed_how"];
    if typed.iter().all(|name| form.typed(name).trim().is_empty()) {
        return Ok(None);
    }
    let what = form.text("agreed_what", 200);
    let on = form.date("agreed_on");
    let how = form.text("agreed_how", 200);
    let (what, on, how) = (what?, on?, how?);
    let on = Date::new(on).filter(|on| *on <= today);
    let on = on.ok_or_else(|| form.note("agreed_on", "fault-not-in-future"))?;
    Ok(Some(Agreed { what, on, how }))
}

fn read_referrals(form: &mut Submission, today: Date) -> Result<Vec<Referral>, Noted> {
    let rows = form.rows(REFERRAL);
    many(form, "referral_scheme", rows.len())?;
    let mut referrals = Vec::with_capacity(rows.len());
    for (at, [scheme, on, outcome, outcome_on]) in (1..).zip(&rows) {
        let scheme = needed(form, "referral_scheme", at, scheme)?;
        let on = day(form, "referral_on", at, (on, Some(today)))?;
        let Some(on) = on else {
            let row = [("row", Value::from(at))];
            return Err(form.note_with("referral_on", "families-fault-missing", row));
        };
        let outcome = text(form, "referral_outcome", at, outcome)?;
        let outcome_on = day(form, "referral_outcome_on", at, (outcome_on, Some(today)))?;
        if outcome_on.is_some_and(|known| known < on) {
            let row = [("row", Value::from(at))];
            return Err(form.note_with("referral_outcome_on", "families-fault-order", row));
        }
        referrals.push(Referral { scheme, on, outcome, outcome_on });
    }
    Ok(referrals)
}
