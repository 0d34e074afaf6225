//! `/ban/quan-tri/han-cong-khai`: the chapter's own days and sources, and who changed them when.

use minijinja::context;
use minijinja::value::{Serde, Value};
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use crate::ledger::word::{Date, Person};
use crate::store::Store;
use crate::store::desk::publication::{Deadline, Deadlines, LONGEST, MOST_DAYS, Rule, Version};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::Answer;
use crate::web::duties::key;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/quan-tri/han-cong-khai";
const RESET: &str = "/ban/quan-tri/han-cong-khai/mac-dinh";

/// Four fields a rule.
macro_rules! form {
    ($($rule:literal),*) => {
        &[
            Field::one("version", "field-id"),
            Field::one("since", "clock-since"),
            $(
                Field::one(concat!($rule, "_days"), "clock-days"),
                Field::one(concat!($rule, "_source"), "clock-source"),
                Field::one(concat!($rule, "_check"), "clock-check"),
                Field::one(concat!($rule, "_on"), "clock-on"),
            )*
        ]
    };
}

const FORM: &[Field] = form!(
    "month_closed",
    "quarter_published",
    "year_published",
    "receipt_given",
    "appeal_intake",
    "appeal_handed_out",
    "appeal_results",
    "appeal_used",
    "notice_posted",
    "notice_kept"
);
const RESET_FORM: &[Field] = &[Field::one("version", "field-id")];

/// The name of a rule's field.
fn field(rule: Rule, part: &str) -> &'static str {
    let name = format!("{}_{part}", rule.as_str());
    FORM.iter().map(|field| field.name).find(|own| *own == name).unwrap_or("version")
}

/// A rule on the page: its texts and the names of its fields.
#[derive(Debug, Serialize)]
struct Shown {
    key: String,
    days: &'static str,
    source: &'static str,
    check: &'static str,
    on: &'static str,
}

fn rules() -> Vec<Shown> {
    let shown = |rule| Shown {
        key: key(rule),
        days: field(rule, "days"),
        source: field(rule, "source"),
        check: field(rule, "check"),
        on: field(rule, "on"),
    };
    Rule::ALL.into_iter().map(shown).collect()
}

/// A rule that was changed: how it stood before, and how after.
#[derive(Debug, Serialize)]
struct Changed {
    key: String,
    before: Deadline,
    after: Deadline,
}

fn changes(before: &Deadlines, after: &Deadlines) -> Vec<Changed> {
    let all = Rule::ALL.into_iter().map(|rule| (rule, before.of(rule), after.of(rule)));
    all.filter(|(_, before, after)| before != after)
        .map(|(rule, before, after)| Changed { key: key(rule), before, after })
        .collect()
}

fn title(officer: &Officer, person: &Person) -> String {
    let office = officer.books.officers().in_office().get(person);
    office.map_or_else(|| person.to_string(), |office| office.title.to_string())
}

/// Every change, the latest first.
fn history(officer: &Officer, versions: &[Version]) -> Vec<Value> {
    let pairs = versions.windows(2).rev();
    pairs
        .filter_map(|pair| {
            let [before, after] = pair else { return None };
            let (person, at) = after.changed.as_ref()?;
            let day = |own: &Version| own.deadlines.since.map(|day| day.to_string());
            Some(context! {
                at => at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                who => title(officer, person),
                reset => after.usual,
                changes => Serde(changes(&before.deadlines, &after.deadlines)),
                since => (before.deadlines.since != after.deadlines.since)
                    .then(|| day(after).unwrap_or_default()),
            })
        })
        .collect()
}

async fn page(officer: &Officer, store: &Store, form: FormView, done: bool) -> Result<Page, Fault> {
    let versions = store.deadline_versions(&officer.desk).await.map_err(Fault::internal)?;
    let now = versions.last();
    let version = now.map_or(0, |own| own.number).to_string();
    let secret = officer.form_secret();
    let reset = FormView::blank(&secret, RESET, RESET_FORM).with("version", version);
    Ok(crate::web::desk::page(
        officer,
        "desk/publication/deadlines.html",
        context! {
            form,
            reset,
            rules => Serde(rules()),
            usual => now.is_none_or(|own| own.usual),
            history => history(officer, &versions),
            done,
        },
    ))
}

/// The form filled with the deadlines in force.
fn filled(officer: &Officer, version: &Version) -> FormView {
    let own = &version.deadlines;
    let since = own.since.map(|day| day.naive().format("%d/%m/%Y").to_string());
    let mut form = FormView::blank(&officer.form_secret(), PATH, FORM)
        .with("version", version.number.to_string())
        .with("since", since.unwrap_or_default());
    let ticked = |own: bool| if own { "yes" } else { "" };
    for rule in Rule::ALL {
        let own = own.of(rule);
        form = form
            .with(field(rule, "days"), own.days.to_string())
            .with(field(rule, "source"), own.source)
            .with(field(rule, "check"), ticked(own.check))
            .with(field(rule, "on"), ticked(own.on));
    }
    form
}

/// The deadlines in force.
#[get("/ban/quan-tri/han-cong-khai?<khoa>")]
pub async fn show(officer: Treasurer, kept: Kept<'_>, khoa: Option<&str>) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let version = store.deadlines(&officer.desk).await.map_err(Fault::internal)?;
    page(&officer, store, filled(&officer, &version), khoa.is_some()).await
}

/// Puts what was typed in force.
#[post("/ban/quan-tri/han-cong-khai", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(FORM)?;
    let seen: u64 = form.hidden("version")?;
    let version = store.deadlines(&officer.desk).await.map_err(Fault::internal)?;
    let again = |form: &Submission| {
        FormView::again(&officer.form_secret(), PATH, form)
            .with("version", version.number.to_string())
    };
    let Ok(deadlines) = read(&mut form, &officer, &version.deadlines) else {
        // What the officer saw is what the next change replaces.
        let view = again(&form).with("version", seen.to_string());
        let page = page(&officer, store, view, false).await?;
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    // A second click changes nothing.
    if deadlines == version.deadlines {
        return Ok(Answer::go(format!("{PATH}?khoa=1")));
    }
    let (change, now) = ((seen, Some(&deadlines)), config.clock.now());
    match store.change_deadlines(&officer.desk, change, &officer.person, now).await {
        Ok(()) => Ok(Answer::go(format!("{PATH}?khoa=1"))),
        Err(DeskFault::Refused(DeskRefusal::RecordMoved)) => {
            form.note_form("clock-moved", []);
            let page = page(&officer, store, again(&form), false).await?;
            Ok(page.status(Status::Conflict).into())
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// Puts the program's own deadlines in force.
#[post("/ban/quan-tri/han-cong-khai/mac-dinh", data = "<fields>")]
pub async fn reset(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let seen: u64 = fields.only(RESET_FORM)?.hidden("version")?;
    let version = store.deadlines(&officer.desk).await.map_err(Fault::internal)?;
    if version.usual {
        return Ok(Answer::go(format!("{PATH}?khoa=1")));
    }
    let now = config.clock.now();
    match store.change_deadlines(&officer.desk, (seen, None), &officer.person, now).await {
        Ok(()) => Ok(Answer::go(format!("{PATH}?khoa=1"))),
        Err(DeskFault::Refused(DeskRefusal::RecordMoved)) => Err(Fault::Conflict("clock-moved")),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// What was typed, beside what this program does not know of.
fn read(form: &mut Submission, officer: &Officer, before: &Deadlines) -> Result<Deadlines, Noted> {
    let since = since(form, officer);
    let read: Vec<_> = Rule::ALL.into_iter().map(|rule| (rule, one(form, rule))).collect();
    let mut deadlines = before.clone();
    deadlines.since = since?;
    for (rule, own) in read {
        deadlines.set(rule, own?);
    }
    Ok(deadlines)
}

/// The first day that counts, today at the latest.
fn since(form: &mut Submission, officer: &Officer) -> Result<Option<Date>, Noted> {
    match form.optional_date("since")? {
        Some(day) if day > officer.today => Err(form.note("since", "clock-fault-since")),
        day => Ok(day.and_then(Date::new)),
    }
}

fn one(form: &mut Submission, rule: Rule) -> Result<Deadline, Noted> {
    let typed = form.typed(field(rule, "days")).trim().to_owned();
    // Digits alone: no sign, no point, no letters of other scripts.
    let plain = (1..=5).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_digit());
    let days = typed.parse::<u32>().ok().filter(|_| plain);
    let days = days.filter(|days| (1..=MOST_DAYS).contains(days));
    let days = days.ok_or_else(|| {
        let arguments = [("rule_key", Value::from(key(rule))), ("most", Value::from(MOST_DAYS))];
        form.note_with(field(rule, "days"), "clock-fault-days", arguments)
    });
    let source = form.optional_text(field(rule, "source"), LONGEST);
    Ok(Deadline {
        days: days?,
        source: source?.unwrap_or_default(),
        check: form.ticked(field(rule, "check")),
        on: form.ticked(field(rule, "on")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_fields() {
        for rule in Rule::ALL {
            for part in ["days", "source", "check", "on"] {
                assert_eq!(field(rule, part), format!("{}_{part}", rule.as_str()));
            }
        }
        assert_eq!(FORM.len(), 2 + 4 * Rule::ALL.len());
    }
}
