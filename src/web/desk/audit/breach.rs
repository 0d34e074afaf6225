//! `/ban/kiem-tra/lo-du-lieu`: whose private values may have been seen, by an account or in a span
//! of days: what a notice of a breach needs (decree 13/2023/NĐ-CP, article 23: within 72 hours).
//!
//! The page shows numbers. The file has names; it takes the passphrase, and both logs note it.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{Responder, State, get, post};

use super::logs;
use crate::ledger::word::Person;
use crate::publish::table::{Cell, Column, Kind, Table};
use crate::store::Store;
use crate::store::desk::breach::{Affected, Category, Report};
use crate::store::desk::security::Filter;
use crate::store::facade::For;
use crate::web::desk::admin::accounts_log::{moment, title};
use crate::web::desk::passphrases;
use crate::web::desk::tables::file;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::public::download::Download;
use crate::web::public::downloads::Ending;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer, Overseer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/kiem-tra/lo-du-lieu";
const FILE: &str = "/ban/kiem-tra/lo-du-lieu/tep";

/// The question, on the page and again with the passphrase.
const FORM: &[Field] = &[
    Field::one("tu", "find-from"),
    Field::one("den", "find-to"),
    Field::one("ai", "breach-account"),
    Field::one("pham_vi", "breach-scope"),
    Field::one("tep", "breach-ending"),
    Field::secret("passphrase", "field-present-passphrase"),
    passphrases::SECOND[0],
    passphrases::SECOND[1],
];
/// What is asked for: seen by the log, or everything that was held.
const SCOPES: [(&str, bool); 2] = [("nhat-ky", false), ("tat-ca", true)];
const ENDINGS: [(&str, Ending); 2] = [("xlsx", Ending::Xlsx), ("csv", Ending::Csv)];

/// A page, or the file.
#[derive(Responder)]
pub enum Answer {
    /// The page.
    Page(Box<Page>),
    /// The file.
    File(Box<Download>),
}

/// A filter, and whether everything counts that was held.
type Question = (Filter, bool);

fn question(officer: &Officer, form: &mut Submission) -> Result<Question, Noted> {
    let span = logs::span(officer, form, ("tu", "den"));
    let scope = match form.typed("pham_vi") {
        "" => Ok(false),
        _ => form.choice("pham_vi", &SCOPES),
    };
    let person = match form.typed("ai").trim() {
        "" => Ok(None),
        typed => match typed.parse::<Person>() {
            Ok(person) => Ok(Some(person)),
            Err(_) => Err(form.note("ai", "fault-choice")),
        },
    };
    let ((from, until), everything, person) = (span?, scope?, person?);
    Ok((Filter { person, from, until, below: None }, everything))
}

async fn page(
    officer: &Officer,
    store: &Store,
    form: FormView,
    report: Option<&Report>,
) -> Result<Page, Fault> {
    let found = store.second_device(&officer.desk, officer.account()).await;
    let codes = found.map_err(Fault::internal)?.0.since.is_some();
    let report = report.map(|report| {
        let by_category = report.by_category().into_iter().map(|(category, number)| {
            let key = format!("breach-of-{}", category.as_str());
            context! { key, number, sensitive => category.is_sensitive() }
        });
        let certain = report.affected.iter().filter(|own| own.certain).count();
        context! {
            number => report.affected.len(),
            certain,
            possible => report.affected.len() - certain,
            lines => report.lines,
            by_category => by_category.collect::<Vec<Value>>(),
        }
    });
    let shown = context! {
        form,
        report,
        codes,
        people => logs::people(officer, store).await?,
        scopes => SCOPES.map(|(word, _)| (word, format!("breach-scope-{word}"))),
        endings => ENDINGS.map(|(word, _)| (word, word.to_uppercase())),
        file => FILE,
        token => officer.form_secret().token(FILE),
    };
    Ok(crate::web::desk::page(officer, "desk/audit/breach.html", shown))
}

/// The question; behind it, how many are affected and of which kinds. No name is opened.
#[get("/ban/kiem-tra/lo-du-lieu?<tu>&<den>&<ai>&<pham_vi>")]
pub async fn show(
    officer: Overseer,
    kept: Kept<'_>,
    config: &State<Config>,
    tu: Option<&str>,
    den: Option<&str>,
    ai: Option<&str>,
    pham_vi: Option<&str>,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let given = [("tu", tu), ("den", den), ("ai", ai), ("pham_vi", pham_vi)];
    if given.iter().all(|(_, value)| value.is_none()) {
        let form = FormView::without_token(PATH, FORM).with("pham_vi", SCOPES[0].0);
        return page(&officer, store, form.with("tep", "xlsx"), None).await;
    }
    let body: Vec<String> = given
        .iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .map(|(name, value)| {
            format!("{name}={}", rocket::http::RawStr::new(value).percent_encode())
        })
        .collect();
    let fields = Fields::parse(body.join("&").as_bytes(), 9).map_err(Fault::BadRequest)?;
    let mut form = fields.only(FORM)?;
    let Ok((filter, everything)) = question(&officer, &mut form) else {
        let page = page(&officer, store, FormView::asked(PATH, &form), None).await?;
        return Ok(page.status(Status::UnprocessableEntity));
    };
    let (of, now) = ((&filter, everything), config.clock.now());
    let report = store.breach_report(&officer.desk, of, For::Numbers, now).await;
    let report = report.map_err(Fault::internal)?;
    let form = FormView::asked(PATH, &form).with("tep", "xlsx");
    page(&officer, store, form, Some(&report)).await
}

/// The file with names, behind the passphrase.
#[post("/ban/kiem-tra/lo-du-lieu/tep", data = "<fields>")]
pub async fn take_out(
    _same: SameOrigin,
    officer: Overseer,
    kept: Kept<'_>,
    config: &State<Config>,
    speech: Speech<'_>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, &kept);
    let mut form = fields.only(FORM)?;
    let (question, ending) = (question(&officer, &mut form), form.choice("tep", &ENDINGS));
    let sure = match (&question, &ending) {
        (Ok(_), Ok(_)) => passphrases::confirmed(&officer, store.0, config, &mut form).await?,
        _ => Err(Noted),
    };
    let (Ok((filter, everything)), Ok(ending), Ok(())) = (question, ending, sure) else {
        let page = page(&officer, store.0, FormView::asked(PATH, &form), None).await?;
        return Ok(Answer::Page(Box::new(page.status(Status::UnprocessableEntity))));
    };
    let (of, now) = ((&filter, everything), config.clock.now());
    let whom = For::File(&officer.person);
    let report = store.0.breach_report(&officer.desk, of, whom, now).await;
    let report = report.map_err(Fault::internal)?;
    let table = table(&officer, &report, &speech);
    let name = format!("lo-du-lieu-{}", logs::stamp(&officer, config).get(..10).unwrap_or(""));
    let download = file((&officer, store, &speech), name, table, ending)?;
    Ok(Answer::File(Box::new(download)))
}

fn table(officer: &Officer, report: &Report, speech: &Speech<'_>) -> Table {
    let own = |name, key: &str, kind| Column::new(name, speech.say(key), kind);
    let columns = vec![
        own("subject", "breach-subject", Kind::Text),
        own("voucher", "audit-about-voucher", Kind::Text),
        own("name", "breach-name", Kind::Text),
        own("categories", "breach-categories", Kind::Text),
        own("sensitive", "breach-sensitive", Kind::Short),
        own("basis", "breach-basis", Kind::Text),
        own("times", "audit-times", Kind::Number),
        own("first", "audit-first", Kind::Short),
        own("last", "audit-last", Kind::Short),
        own("by", "audit-who", Kind::Text),
        own("state", "breach-state", Kind::Text),
    ];
    let mut table = Table::new("breach", speech.say("breach-title"), columns);
    for affected in &report.affected {
        table.push(cells(officer, affected, speech));
    }
    table
}

fn cells(officer: &Officer, own: &Affected, speech: &Speech<'_>) -> Vec<Cell> {
    let word = |category: &Category| speech.say(&format!("breach-of-{}", category.as_str()));
    let categories: Vec<String> = own.categories.iter().map(word).collect();
    let sensitive = own.categories.iter().any(|category| category.is_sensitive());
    let by: Vec<String> = own.by.iter().map(|person| title(officer, person)).collect();
    let state = match (own.erased, own.restricted) {
        (true, _) => "breach-erased",
        (_, true) => "breach-restricted",
        _ => "breach-held",
    };
    let basis = match (own.certain, own.times) {
        (true, _) => "breach-certain",
        (false, 0) => "breach-only-held",
        (false, _) => "breach-possible",
    };
    vec![
        Cell::Text(own.whose.0.to_string()),
        own.whose.1.as_ref().map_or(Cell::Empty, |voucher| Cell::text(voucher.as_str())),
        own.name.as_ref().map_or(Cell::Empty, |name| Cell::text(name.as_str())),
        Cell::Text(categories.join(", ")),
        if sensitive { Cell::Text(speech.say("breach-yes")) } else { Cell::Empty },
        Cell::Text(speech.say(basis)),
        Cell::count(own.times),
        own.seen.map_or(Cell::Empty, |(first, _)| Cell::Text(moment(first))),
        own.seen.map_or(Cell::Empty, |(_, last)| Cell::Text(moment(last))),
        Cell::Text(by.join(", ")),
        Cell::Text(speech.say(state)),
    ]
}
