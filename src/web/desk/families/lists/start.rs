//! Step 1: the file. Lists that wait, and the template.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;
use rocket::http::{ContentType, Status};
use rocket::{State, get, post};
use zeroize::Zeroizing;

use super::PATH;
use super::work::{self, Choices};
use crate::import::families::Columns;
use crate::import::sheet::{SheetFault, is_workbook};
use crate::import::{ImportFault, read_table};
use crate::ledger::word::Person;
use crate::publish::csv;
use crate::store::Store;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::Answer;
use crate::web::desk::families::list::COLUMNS;
use crate::web::desk::imports::start::note;
use crate::web::desk::imports::work::beside;
use crate::web::forms::{Field, Fields, FormView, Noted, Statement, Submission, Upload};
use crate::web::guards::SameOrigin;
use crate::web::public::download::{Download, Keep};
use crate::web::public::ledgers::Speech;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

const FORM: &[Field] = &[Field::one("file", "lists-file")];

/// The form, and what waits.
#[get("/ban/nhap-so-ho")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let form = FormView::blank(&officer.0.form_secret(), PATH, FORM);
    page(&officer.0, kept.0, config.clock.now(), form).await
}

async fn page(
    officer: &Officer,
    store: &Store,
    now: DateTime<Utc>,
    form: FormView,
) -> Result<Page, Fault> {
    let waiting = store.waiting_families(&officer.desk, &officer.person, now).await;
    let secret = officer.form_secret();
    let mut rows: Vec<Value> = Vec::new();
    for waiting in waiting.map_err(Fault::internal)? {
        rows.push(context! {
            token => secret.token(&format!("{}/bo", work::path(&waiting.id))),
            id => waiting.id.to_string(),
            name => Choices::of(&waiting)?.name,
            at => waiting.made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        });
    }
    let values = context! { form, waiting => rows };
    Ok(crate::web::desk::page(officer, "desk/families/list_start.html", values))
}

/// The largest list in bytes: no commune has more families.
const MOST_BYTES: usize = 8 << 20;

/// Takes the file in, sealed.
#[post("/ban/nhap-so-ho", data = "<sent>")]
pub async fn upload(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    sent: Statement,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let secret = officer.form_secret();
    let (fields, file) = match sent {
        Statement::Sent(fields, file)
            if file.as_ref().is_none_or(|file| file.bytes.len() <= MOST_BYTES) =>
        {
            (fields, file)
        }
        Statement::Sent(..) | Statement::TooLarge(_) => {
            let mut form = Fields::none().only(FORM)?;
            let most = Value::from(MOST_BYTES >> 20);
            form.note_with("file", "import-fault-size", [("most", most)]);
            let form = FormView::again(&secret, PATH, &form);
            let page = page(&officer, store, now, form).await?;
            return Ok(page.status(Status::PayloadTooLarge).into());
        }
    };
    let mut form = fields.only(FORM)?;
    match taken(&officer, store, config, &mut form, file).await? {
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
    config: &Config,
    form: &mut Submission,
    file: Option<Upload>,
) -> Result<Result<Person, Noted>, Fault> {
    let Some(Upload { name, mut bytes }) = file else {
        return Ok(Err(form.note("file", "import-fault-no-file")));
    };
    if is_workbook(&bytes) {
        let sheets = config.sheets.clone();
        bytes = match beside(move || sheets.csv(&bytes).map(Zeroizing::new)).await? {
            Ok(csv) => csv,
            Err(fault) => return Ok(Err(form.note("file", sheet_key(fault)))),
        };
    }
    let read = beside(move || {
        let table = read_table(&bytes)?;
        Ok::<_, ImportFault>((bytes, Columns::detect(&table)))
    });
    let (bytes, columns) = match read.await? {
        Ok(read) => read,
        Err(fault) => return Ok(Err(note(form, &fault))),
    };
    let now = config.clock.now();
    let choices = Choices { name, columns, ..Choices::default() }.bytes()?;
    let begun = store.begin_families(&officer.desk, &officer.person, (&bytes, &choices), now).await;
    match begun {
        Ok(id) => Ok(Ok(id)),
        Err(DeskFault::Refused(DeskRefusal::ImportsWait(number))) => {
            Ok(Err(form.note_form("import-fault-wait", [("number", Value::from(number))])))
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

const fn sheet_key(fault: SheetFault) -> &'static str {
    match fault {
        SheetFault::Unreadable => "lists-sheet-unreadable",
        SheetFault::TooLarge => "lists-sheet-too-large",
        SheetFault::Suspicious => "lists-sheet-suspicious",
    }
}

/// A table with the titles that are recognised, and one row to show how they are meant.
#[get("/ban/nhap-so-ho/mau.csv")]
pub async fn template(officer: Caseworker, speech: Speech<'_>) -> Download {
    let _ = officer;
    let titles: Vec<String> = COLUMNS.iter().map(|key| speech.say(key)).collect();
    let example = [
        "Nguyễn Thị A (dòng ví dụ, hãy xóa)",
        "1958",
        "Hộ nghèo; Người khuyết tật",
        "Ấp 1",
        "12/3 đường số 1",
        "",
        "",
        "Trần Văn B; Trần Thị C",
        "",
    ];
    let rows = [titles, example.map(str::to_owned).to_vec()];
    let kind = ContentType::CSV.with_params(("charset", "utf-8"));
    Download::whole(kind, Keep::Nothing, csv::table(&rows)).named("mau-so-ho.csv").private()
}

/// Throws a list away: its file, its choices, and the key that both were sealed under.
#[post("/ban/nhap-so-ho/<id>/bo", data = "<fields>")]
pub async fn discard(
    _same: SameOrigin,
    officer: Caseworker,
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
