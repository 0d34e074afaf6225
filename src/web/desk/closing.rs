//! Khóa sổ: what blocks the closing of a month, its figures, and the draft that closes it.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::slip::{laying, new_id};
use super::{Answer, describe, lending, refusals};
use crate::ledger::voucher::{BankBalance, PlaceType};
use crate::ledger::word::{Date, Month};
use crate::money::Money;
use crate::store::{Standing, Store};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/khoa-so";
const FORM: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("through", "field-through"),
    Field::list("bank_place", "field-place"),
    Field::list("bank_balance", "closing-bank"),
    Field::one("bank_differs", "closing-bank-differs"),
];

/// Something in the way, or worth knowing before.
#[derive(Debug, Serialize)]
struct Point {
    key: &'static str,
    blocks: bool,
    name: String,
    /// Where it can be mended.
    href: Option<String>,
}

fn point(
    key: &'static str,
    blocks: bool,
    name: impl Into<String>,
    href: impl Into<Option<String>>,
) -> Point {
    Point { key, blocks, name: name.into(), href: href.into() }
}

async fn points(officer: &Officer, store: &Store, through: Month) -> Result<Vec<Point>, Fault> {
    let mut points = Vec::new();
    let last_day = through.last_day();
    if Date::new(officer.today).is_none_or(|today| today <= last_day) {
        let day = last_day.naive().format("%d/%m/%Y").to_string();
        points.push(point("close-not-over", true, day, None));
    }
    let drafts = store.drafts_through(&officer.desk, last_day).await.map_err(Fault::internal)?;
    for draft in drafts {
        let path = format!("/ban/duyet/{}", draft.voucher.id);
        points.push(point("close-draft", true, draft.code, path));
    }
    let standing = store.standing(officer.chapter).map_err(Fault::internal)?;
    if standing != Standing::Open {
        points.push(point("close-read-only", true, "", "/ban/viec".to_owned()));
    }
    for (code, place) in officer.books.register().places() {
        let counted = place.counts.iter().any(|(day, _)| *day >= last_day);
        if !place.closed && place.r#type != PlaceType::Bank && !counted {
            let name = describe::place_name(&officer.books, code.as_str());
            let counts = officer.may_record().then(|| "/ban/kiem-ke".to_owned());
            points.push(point("close-not-counted", false, name, counts));
        }
    }
    if officer.books.officers().has_auditor() {
        points.push(point("close-auditor", false, "", None));
    }
    Ok(points)
}

/// What blocks, and the figures as they stand.
#[get("/ban/khoa-so")]
pub async fn show(officer: Officer, kept: Kept<'_>) -> Result<Page, Fault> {
    let store = kept.0;
    let form = FormView::blank(&officer.form_secret(), PATH, FORM);
    page(&officer, store, form.with("id", new_id().as_str())).await
}

async fn page(officer: &Officer, store: &Store, form: FormView) -> Result<Page, Fault> {
    let books = &officer.books;
    let through = books.first_open_month().ok_or(Fault::NotFound)?;
    let points = points(officer, store, through).await?;
    let blocked = points.iter().any(|point| point.blocks);
    let statement = books.closing_statement(through).map_err(Fault::internal)?;
    let places: Vec<_> = statement
        .places
        .iter()
        .map(|row| {
            let name = describe::place_name(books, row.place.as_str());
            let figures = [row.opening, row.money_in, row.money_out, row.closing];
            (name, figures.map(|amount| amount.minor()).to_vec())
        })
        .collect();
    let funds: Vec<_> = statement
        .funds
        .iter()
        .map(|row| {
            let name = describe::fund_name(books, row.fund.as_str());
            let other = row.moved.minor() - row.lost.minor() + row.earlier.minor();
            let figures = [row.opening, row.received, row.spent, row.closing];
            let mut figures = figures.map(|amount| amount.minor()).to_vec();
            figures.insert(3, other);
            (name, figures)
        })
        .collect();
    let custody = statement.custody.as_ref().map_or(0, |custody| custody.closing.minor());
    let banks: Vec<_> = books
        .banks()
        .into_iter()
        .map(|place| {
            let book = statement.places.iter().find(|row| row.place == place);
            let name = describe::place_name(books, place.as_str());
            (place.to_string(), name, book.map_or(0, |row| row.closing.minor()))
        })
        .collect();
    Ok(super::page(
        officer,
        "desk/closing.html",
        context! {
            form => form.with("through", through.to_string()),
            through => describe::month(&through),
            banks,
            points => minijinja::value::Serde(points),
            blocked,
            entries => statement.entries.unwrap_or(0),
            places,
            funds,
            custody,
            closed => books.closings().iter().rev().map(|(month, seq, _)| {
                (describe::month(month), *seq)
            }).collect::<Vec<_>>(),
        },
    ))
}

/// Signs the closing and lays it for approval.
#[post("/ban/khoa-so", data = "<fields>")]
pub async fn close(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let officer = officer.0;
    let mut form = fields.only(FORM)?;
    let id = match laying::id_or_draft(&officer, store, &form).await? {
        Ok(id) => id,
        Err(before) => return Ok(before),
    };
    let through = officer.books.first_open_month().ok_or(Fault::NotFound)?;
    if form.typed("through") != through.to_string() {
        return Err(Fault::Conflict("desk-moved-on"));
    }
    if points(&officer, store, through).await?.iter().any(|point| point.blocks) {
        form.note_form("close-blocked", []);
        return again(&officer, store, &form).await;
    }
    let Ok(bank) = bank(&mut form, &officer, through) else {
        return again(&officer, store, &form).await;
    };
    let overdue =
        lending::open(&officer, store, config, |all| (all.overdue(through.last_day()), 0));
    let overdue = overdue.await?.map_err(Fault::internal)?;
    match officer.books.closing(through, bank, overdue) {
        Ok(body) => laying::lay(&officer, store, id, body.into(), config.clock.now()).await,
        Err(refusal) => {
            refusals::note(&mut form, &refusal, &[]);
            again(&officer, store, &form).await
        }
    }
}

async fn again(officer: &Officer, store: &Store, form: &Submission) -> Result<Answer, Fault> {
    let view = FormView::again(&officer.form_secret(), PATH, form);
    Ok(page(officer, store, view).await?.status(Status::UnprocessableEntity).into())
}

/// What the bank says of each account, typed from its statement. A balance that differs from the
/// book is taken when the officers say that they know.
fn bank(
    form: &mut Submission,
    officer: &Officer,
    through: Month,
) -> Result<Vec<BankBalance>, Noted> {
    let books = &officer.books;
    let rows = books.closing_statement(through).map(|statement| statement.places);
    let rows = rows.unwrap_or_default();
    let typed = |name| -> Vec<String> {
        form.list(name).into_iter().map(|text| text.trim().to_owned()).collect()
    };
    let (places, balances) = (typed("bank_place"), typed("bank_balance"));
    let (mut all, mut differs) = (Vec::new(), None);
    for place in books.banks() {
        let at = places.iter().position(|own| own == place.as_str());
        let text = at.and_then(|at| balances.get(at)).map_or("", String::as_str);
        let name = describe::place_name(books, place.as_str());
        let name = || [("name", Value::from(name.as_str()))];
        if text.is_empty() {
            return Err(form.note_with("bank_balance", "closing-bank-missing", name()));
        }
        let Ok(said) = Money::parse(text, &books.currency()) else {
            return Err(form.note_with("bank_balance", "closing-bank-amount", name()));
        };
        let book = rows.iter().find(|row| row.place == place).map(|row| row.closing);
        differs =
            differs.or_else(|| book.filter(|book| *book != said).map(|book| (book, place.clone())));
        all.push(BankBalance { place, statement_balance: said, private: None });
    }
    let Some((book, place)) = differs.filter(|_| !form.ticked("bank_differs")) else {
        return Ok(all);
    };
    let name = describe::place_name(books, place.as_str());
    let arguments = [("name", Value::from(name)), ("book", Value::from(book.minor()))];
    Err(form.note_with("bank_differs", "closing-bank-book", arguments))
}
