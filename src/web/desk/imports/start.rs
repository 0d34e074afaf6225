//! Step 1: a file, the account that it is of, and the fund of its gifts.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::PATH;
use super::work::{self, Choices};
use crate::import::{ImportFault, read_table};
use crate::ledger::voucher::PlaceType;
use crate::ledger::word::{Code, Person};
use crate::store::Store;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::{Answer, describe, slip};
use crate::web::forms::{Field, Fields, FormView, Noted, Statement, Submission, Upload};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const FORM: &[Field] = &[
    Field::one("file", "import-file"),
    Field::one("place", "import-place"),
    Field::one("fund", "import-fund"),
];

/// Rows of a statement that are none of its lines: headings, sums, the bank's remarks.
const NO_LINES: usize = 200;

/// A statement in the list of those that wait.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    place: String,
    at: String,
    token: String,
}

/// Open bank accounts: code and name.
fn banks(officer: &Officer) -> Vec<(String, String)> {
    let open = officer.books.register().places().iter();
    open.filter(|(_, place)| !place.closed && place.r#type == PlaceType::Bank)
        .map(|(code, _)| (code.to_string(), describe::place_name(&officer.books, code.as_str())))
        .collect()
}

/// The form, and what waits.
#[get("/ban/nhap-tep")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let mut form = FormView::blank(&officer.form_secret(), PATH, FORM);
    if let [(bank, _)] = banks(&officer).as_slice() {
        form = form.with("place", bank.as_str());
    }
    if let [(fund, _)] = slip::funds(&officer.books).as_slice() {
        form = form.with("fund", fund.as_str());
    }
    page(&officer, kept.0, config.clock.now(), form).await
}

async fn page(
    officer: &Officer,
    store: &Store,
    now: DateTime<Utc>,
    form: FormView,
) -> Result<Page, Fault> {
    let waiting = store.waiting_imports(&officer.desk, &officer.person, now).await;
    let secret = officer.form_secret();
    let mut rows = Vec::new();
    for waiting in waiting.map_err(Fault::internal)? {
        let choices = work::choices(&waiting)?;
        rows.push(Row {
            token: secret.token(&format!("{}/bo", work::path(&waiting.id))),
            id: waiting.id.to_string(),
            name: choices.name,
            place: describe::place_name(&officer.books, choices.place.as_str()),
            at: waiting.made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        });
    }
    Ok(crate::web::desk::page(
        officer,
        "desk/import_start.html",
        context! {
            form,
            banks => banks(officer),
            funds => slip::funds(&officer.books),
            waiting => minijinja::value::Serde(rows),
        },
    ))
}

/// Takes the file in, sealed.
#[post("/ban/nhap-tep", data = "<sent>")]
pub async fn upload(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    sent: Statement,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let secret = officer.form_secret();
    let (fields, file) = match sent {
        Statement::Sent(fields, file) => (fields, file),
        Statement::TooLarge(limit) => {
            let mut form = Fields::none().only(FORM)?;
            let most = Value::from(limit >> 20);
            form.note_with("file", "import-fault-size", [("most", most)]);
            let form = FormView::again(&secret, PATH, &form);
            let page = page(&officer, store, now, form).await?;
            return Ok(page.status(Status::PayloadTooLarge).into());
        }
    };
    let mut form = fields.only(FORM)?;
    match taken(&officer, store, &mut form, file, now).await? {
        Ok(id) => Ok(Answer::go(format!("{}/cot", work::path(&id)))),
        Err(Noted) => {
            let form = FormView::again(&secret, PATH, &form);
            let page = page(&officer, store, now, form).await?;
            Ok(page.status(Status::UnprocessableEntity).into())
        }
    }
}

async fn taken(
    officer: &Officer,
    store: &Store,
    form: &mut Submission,
    file: Option<Upload>,
    now: DateTime<Utc>,
) -> Result<Result<Person, Noted>, Fault> {
    let place = choice(form, "place", &banks(officer));
    let fund = choice(form, "fund", &slip::funds(&officer.books));
    let file = match file {
        None => Err(form.note("file", "import-fault-no-file")),
        Some(Upload { name, bytes }) => {
            let (bytes, read) = work::beside(move || {
                let read = read_table(&bytes);
                (bytes, read)
            })
            .await?;
            match read {
                Ok(table) if table.len() > work::MOST_LINES + NO_LINES => {
                    let most = Value::from(work::MOST_LINES);
                    let lines = Value::from(table.len());
                    let facts = [("lines", lines), ("most", most)];
                    Err(form.note_with("file", "import-too-many-lines", facts))
                }
                Ok(_) => Ok((name, bytes)),
                Err(fault) => Err(note(form, &fault)),
            }
        }
    };
    let (Ok(place), Ok(fund), Ok((name, bytes))) = (place, fund, file) else {
        return Ok(Err(Noted));
    };
    let choices = Choices::new(name, place, fund, now)?;
    let sealed = choices.bytes()?;
    let begun = store.begin_import(&officer.desk, &officer.person, &bytes, &sealed, now).await;
    match begun {
        Ok(id) => Ok(Ok(id)),
        Err(DeskFault::Refused(DeskRefusal::ImportsWait(number))) => {
            Ok(Err(form.note_form("import-fault-wait", [("number", Value::from(number))])))
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

fn choice(
    form: &mut Submission,
    name: &'static str,
    offered: &[(String, String)],
) -> Result<Code, Noted> {
    let code = form.choice(name, &slip::codes(offered))?;
    code.parse().map_err(|_| form.note(name, "fault-choice"))
}

/// Notes why a file is no table, with its row and column where it has them.
pub fn note(form: &mut Submission, fault: &ImportFault) -> Noted {
    let key = match fault {
        ImportFault::Empty => "import-empty",
        ImportFault::TooLarge { .. } => "import-too-large",
        ImportFault::OtherFormat { .. } => "import-other-format",
        ImportFault::BadCharacter { .. } => "import-bad-character",
        ImportFault::UnclosedQuote { .. } => "import-unclosed-quote",
        ImportFault::TextAfterQuote { .. } => "import-text-after-quote",
        ImportFault::CellTooLarge { .. } => "import-cell-too-large",
        ImportFault::TooManyColumns { .. } => "import-too-many-columns",
        ImportFault::TooManyRows { .. } => "import-too-many-rows",
        ImportFault::OneColumn { .. } => "import-one-column",
    };
    let (row, column) = fault.position().unwrap_or_default();
    // As texts: a spreadsheet does not group the number of a row.
    let place = [("row", row.to_string().into()), ("column", column.to_string().into())];
    form.note_with("file", key, place)
}

/// Throws a statement away: its file, its choices, and the key that both were sealed under.
#[post("/ban/nhap-tep/<id>/bo", data = "<fields>")]
pub async fn discard(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    fields.only(&[])?;
    let officer = officer.0;
    let found = work::find(&officer, kept.0, id, config.clock.now()).await?;
    if let work::Found::Waiting(work) = found {
        let done = kept.0.discard_import(&officer.desk, &officer.person, &work.id).await;
        done.map_err(Fault::internal)?;
    }
    Ok(Answer::go(PATH))
}
