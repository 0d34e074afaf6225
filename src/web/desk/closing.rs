//! Khóa sổ: what blocks the closing of a month, its figures, and the draft that closes it.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::slip::{new_id, sign};
use super::{Answer, describe, refusals};
use crate::books::Refusal;
use crate::books::statement::Statement;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::keys::SignatureRole;
use crate::ledger::tree;
use crate::ledger::voucher::{
    Body, FundFigures, PeriodClosed, PlaceFigures, PlaceType, Voucher, VoucherId,
};
use crate::ledger::word::{Amount0, Date, List, Month, Number};
use crate::store::{Standing, Store};
use crate::web::fault::Malformed;
use crate::web::forms::{Field, Fields, FormView, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/khoa-so";
const FORM: &[Field] = &[Field::one("id", "field-id"), Field::one("through", "field-through")];

/// Something in the way, or worth knowing before.
#[derive(Debug, Serialize)]
struct Point {
    key: &'static str,
    blocks: bool,
    name: String,
    number: i64,
}

fn point(key: &'static str, blocks: bool, name: impl Into<String>, number: usize) -> Point {
    Point { key, blocks, name: name.into(), number: i64::try_from(number).unwrap_or(i64::MAX) }
}

async fn points(officer: &Officer, store: &Store, through: Month) -> Result<Vec<Point>, Fault> {
    let mut points = Vec::new();
    let last_day = through.last_day();
    if Date::new(officer.today).is_none_or(|today| today <= last_day) {
        let day = last_day.naive().format("%d/%m/%Y").to_string();
        points.push(point("close-not-over", true, day, 0));
    }
    let drafts = store.drafts_through(&officer.desk, last_day).await.map_err(Fault::internal)?;
    if !drafts.is_empty() {
        points.push(point("close-drafts", true, "", drafts.len()));
    }
    let standing = store.standing(officer.chapter).map_err(Fault::internal)?;
    if standing != Standing::Open {
        points.push(point("close-read-only", true, "", 0));
    }
    for (code, place) in officer.books.register().places() {
        let counted = place.counts.iter().any(|(day, _)| *day >= last_day);
        if !place.closed && place.r#type != PlaceType::Bank && !counted {
            let name = describe::place_name(&officer.books, code.as_str());
            points.push(point("close-not-counted", false, name, 0));
        }
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
    Ok(super::page(
        officer,
        "desk/closing.html",
        context! {
            form => form.with("through", through.to_string()),
            through => through.to_string(),
            points => minijinja::value::Serde(points),
            blocked,
            entries => statement.entries.unwrap_or(0),
            places,
            funds,
            custody,
            closed => books.closings().iter().rev().map(|(month, seq, _)| {
                (month.to_string(), *seq)
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
    let id: VoucherId =
        form.typed("id").parse().map_err(|_| Fault::BadRequest(Malformed::Other))?;
    if store.draft(&officer.desk, &id).await.map_err(Fault::internal)?.is_some() {
        return Ok(Answer::go(format!("/ban/duyet/{id}?lai=1")));
    }
    let through = officer.books.first_open_month().ok_or(Fault::NotFound)?;
    if form.typed("through") != through.to_string() {
        return Err(Fault::Conflict("desk-moved-on"));
    }
    if points(&officer, store, through).await?.iter().any(|point| point.blocks) {
        form.note_form("close-blocked", []);
        return again(&officer, store, &form).await;
    }
    let body = match body(&officer, through) {
        Ok(body) => body,
        Err(refusal) => {
            refusals::note(&mut form, &refusal, &[]);
            return again(&officer, store, &form).await;
        }
    };
    let voucher = Voucher {
        by: officer.office.key.clone(),
        date: Date::new(officer.today).ok_or(Fault::NotFound)?,
        id: id.clone(),
        log: officer.desk.origin.clone(),
        note: None,
        body,
    };
    let signature = sign(SignatureRole::Recorder, &officer.key()?, &voucher)?;
    let signed = SignedVoucher { voucher, signatures: vec![signature] };
    let now = config.clock.now();
    let laid = store.lay(&officer.desk, &signed, &[], &officer.person, now).await;
    laid.map_err(Fault::internal)?;
    Ok(Answer::go(format!("/ban/duyet/{id}?moi=1")))
}

async fn again(officer: &Officer, store: &Store, form: &Submission) -> Result<Answer, Fault> {
    let view = FormView::again(&officer.form_secret(), PATH, form);
    Ok(page(officer, store, view).await?.status(Status::UnprocessableEntity).into())
}

/// The closing as the books would accept it now.
fn body(officer: &Officer, through: Month) -> Result<Body, Refusal> {
    let statement = officer.books.closing_statement(through)?;
    let held = statement.custody.as_ref().map(|custody| custody.closing);
    let places = statement.places.iter().map(|row| PlaceFigures {
        place: row.place.clone(),
        opening: row.opening,
        r#in: row.money_in,
        out: row.money_out,
        closing: row.closing,
        private: None,
    });
    let body = PeriodClosed {
        through,
        entries: statement.entries.and_then(Number::new).ok_or(Refusal::TooLarge)?,
        places: List::new(places.collect()).ok_or(Refusal::Opening)?,
        custody: held.and_then(Amount0::new).ok_or(Refusal::TooLarge)?,
        bank: None,
        loans: None,
        statement: tree::sha256(&statement.bytes()),
        goods: None,
        funds: List::new(funds(&statement)),
        private: None,
    };
    Ok(body.into())
}

fn funds(statement: &Statement) -> Vec<FundFigures> {
    let row = |row: &crate::books::statement::FundRow| FundFigures {
        fund: row.fund.clone(),
        opening: row.opening,
        received: row.received,
        spent: row.spent,
        moved: row.moved,
        lost: row.lost,
        closing: row.closing,
        money: row.money,
        stock: row.stock,
        loans: row.loans,
        earlier: row.earlier,
        private: None,
    };
    statement.funds.iter().map(row).collect()
}
