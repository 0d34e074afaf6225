//! Step 2: which column means what: as recognised, or chosen by hand.

use std::collections::BTreeMap;

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};

use super::work::{Found, MOST, Work, find};
use crate::import::Table;
use crate::import::families::{Column, Columns};
use crate::web::desk::Answer;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

const FORM: &[Field] = &[
    Field::one("header_row", "import-header-row"),
    Field::one("name", "families-head"),
    Field::one("birth", "families-birth"),
    Field::one("category", "families-category"),
    Field::one("hamlet", "families-hamlet"),
    Field::one("address", "families-address"),
    Field::one("phone", "families-phone"),
    Field::one("identity", "families-identity"),
    Field::one("members", "families-members"),
    Field::one("notes", "families-notes"),
];

/// Rows that the page shows.
const SAMPLE: usize = 6;
/// The longest cell that it shows, in characters.
const CELL: usize = 40;
/// Columns that it shows.
const SHOWN_COLUMNS: usize = 20;

fn action(work: &Work) -> String {
    format!("{}/cot", work.path())
}

/// The columns as they are now.
#[get("/ban/nhap-so-ho/<id>/cot")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Answer, Fault> {
    let officer = officer.0;
    let Found::Waiting(work) = find(&officer, kept.0, id, config.clock.now()).await? else {
        return Ok(Answer::go(format!("{}/{id}/xong", super::PATH)));
    };
    let table = work.table().await?;
    let mut form = FormView::blank(&officer.form_secret(), &action(&work), FORM);
    form = match &work.choices.columns {
        Some(columns) => Column::ALL.into_iter().fold(
            form.with("header_row", columns.header_row.to_string()),
            |form, own| {
                let at = columns.columns.get(&own).map(u16::to_string);
                form.with(own.as_str(), at.unwrap_or_default())
            },
        ),
        None => form.with("header_row", "1"),
    };
    Ok(page(&officer, &work, &table, form).into())
}

fn shortened(cell: &str) -> String {
    let mut short: String = cell.chars().take(CELL).collect();
    if cell.chars().nth(CELL).is_some() {
        short.push('…');
    }
    short
}

fn page(officer: &Officer, work: &Work, table: &Table, form: FormView) -> Page {
    let header_row: u32 = form.value("header_row").trim().parse().unwrap_or(1);
    let header = table.rows().find(|row| row.number() >= header_row);
    let width = header.map_or(0, |header| header.len());
    let options: Vec<(String, String)> = (0..width)
        .map(|at| {
            let title = header.and_then(|header| header.cell(at)).unwrap_or_default();
            (at.to_string(), format!("{} · {}", at + 1, shortened(title)))
        })
        .collect();
    let rows = table.rows().filter(|row| row.number() >= header_row).take(SAMPLE);
    let rows: Vec<(u32, Vec<String>)> = rows
        .map(|row| (row.number(), row.cells().take(SHOWN_COLUMNS).map(shortened).collect()))
        .collect();
    crate::web::desk::page(
        officer,
        "desk/families/list_columns.html",
        context! {
            form,
            file => work.choices.name.as_str(),
            recognised => work.choices.columns.is_some(),
            options,
            rows,
            names => Column::ALL.map(Column::as_str).to_vec(),
        },
    )
}

/// Keeps the columns, and goes on to the preview.
#[post("/ban/nhap-so-ho/<id>/cot", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let mut form = fields.only(FORM)?;
    let Found::Waiting(mut work) = find(&officer, store, id, now).await? else {
        return Ok(Answer::go(format!("{}/{id}/xong", super::PATH)));
    };
    let table = work.table().await?;
    let Ok(columns) = read(&mut form, &table) else {
        let form = FormView::again(&officer.form_secret(), &action(&work), &form);
        let page = page(&officer, &work, &table, form);
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    if work.choices.columns.as_ref() != Some(&columns) {
        work.choices.columns = Some(columns);
        work.choices.apart.clear();
    }
    work.keep(&officer, store, now).await?;
    Ok(Answer::go(work.path()))
}

fn read(form: &mut Submission, table: &Table) -> Result<Columns, Noted> {
    let typed: Option<u32> = form.typed("header_row").trim().parse().ok();
    let there = |row: &u32| table.rows().any(|other| other.number() == *row);
    let Some(header_row) = typed.filter(there) else {
        return Err(form.note("header_row", "import-fault-header-row"));
    };
    let header = table.rows().find(|row| row.number() == header_row);
    let width = header.map_or(0, |header| header.len());
    let mut columns: BTreeMap<Column, u16> = BTreeMap::new();
    for own in Column::ALL {
        let name = own.as_str();
        if form.typed(name).is_empty() {
            continue;
        }
        let at = form.typed(name).parse::<u16>().ok().filter(|at| usize::from(*at) < width);
        let at = at.ok_or_else(|| form.note(name, "fault-choice"))?;
        if columns.values().any(|taken| *taken == at) {
            return Err(form.note(name, "import-fault-column-twice"));
        }
        columns.insert(own, at);
    }
    if !columns.contains_key(&Column::Name) {
        return Err(form.note("name", "fault-choose"));
    }
    let below = table.rows().filter(|row| row.number() > header_row).count();
    if below > MOST {
        let most = [("most", minijinja::value::Value::from(MOST))];
        return Err(form.note_with("header_row", "lists-fault-many", most));
    }
    Ok(Columns { header_row, columns })
}
