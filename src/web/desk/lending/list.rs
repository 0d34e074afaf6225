//! All loans: those that wait for something first, those that are over last.

use minijinja::context;
use rocket::{State, get};
use serde::Serialize;

use super::{Stage, funds, open, path};
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::desk::DeskFault;
use crate::store::desk::lending::Filed;
use crate::store::facade::Lending;
use crate::web::desk::families::list::today;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// A loan in the list.
#[derive(Debug, Serialize)]
struct Row {
    path: String,
    borrower: String,
    number: Option<String>,
    purpose_key: String,
    stage: &'static str,
    over: bool,
    amount: i64,
    owed: i64,
    overdue: i64,
    days_late: u32,
    next: Option<(String, i64)>,
}

/// A fund that lends, as it stands.
#[derive(Debug, Serialize)]
struct Purse {
    name: String,
    at_hand: i64,
    reserved: i64,
    out: i64,
}

fn row(all: &Lending, own: &Filed, today: Date) -> Result<Option<Row>, DeskFault> {
    let Some(borrower) = all.borrower(own) else { return Ok(None) };
    let (stage, account) = (Stage::of(all, &own.file), all.account(&own.file));
    let instalments = all.instalments(&own.file)?;
    let runs = stage == Stage::Running;
    let late = if runs { instalments.arrears(today) } else { Default::default() };
    let state = instalments.on(today);
    let next = state.due().chain(state.next()).next().filter(|_| runs);
    let principal = Money::sum(instalments.original.iter().map(|own| own.principal));
    let agreed = principal.filter(|own| own.is_positive()).unwrap_or(own.file.wanted);
    Ok(Some(Row {
        path: path(&own.id),
        borrower: borrower.record.full_name.clone(),
        number: account.and_then(|own| own.number).map(|number| number.to_string()),
        purpose_key: super::shown::purpose_key(&own.file),
        stage: stage.as_str(),
        over: stage.is_over(),
        amount: account.map_or(agreed, |own| own.principal).minor(),
        owed: account.map_or(0, |own| own.owed().minor() + own.fee_owed().minor()),
        overdue: late.overdue.total().minor(),
        days_late: late.days_late,
        next: next.map(|line| (line.agreed.due.to_string(), line.owed.total().minor())),
    }))
}

fn purses(officer: &Officer) -> Vec<Purse> {
    let books = &officer.books;
    let purse = |(code, name): (String, String)| {
        let code: Code = code.parse().ok()?;
        Some(Purse {
            name,
            at_hand: books.free_money(&code).minor(),
            reserved: books.loans().reserved(&code).minor(),
            out: books.loans().owed_to(&code).minor(),
        })
    };
    funds(officer).into_iter().filter_map(purse).collect()
}

/// The list. With `het` also those that are over.
#[get("/ban/vay?<het>")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    het: Option<&str>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let today = today(&officer)?;
    let picked = open(&officer, kept.0, config, |all| {
        let rows = all.files.all.iter().map(|own| row(&all, own, today));
        let rows: Result<Vec<Option<Row>>, DeskFault> = rows.collect();
        let mut rows: Vec<Row> = match rows {
            Ok(rows) => rows.into_iter().flatten().collect(),
            Err(fault) => return (Err(fault), 0),
        };
        let over = rows.iter().filter(|row| row.over).count();
        rows.retain(|row| het.is_some() || !row.over);
        rows.sort_by_cached_key(|row| {
            let name = crate::import::text::fold(&row.borrower);
            (row.over, std::cmp::Reverse(row.days_late), row.stage == "running", name)
        });
        let number = rows.len();
        (Ok((rows, over, all.files.held_back)), number)
    });
    let (rows, over, held_back) = picked.await?.map_err(Fault::internal)?;
    Ok(crate::web::desk::page(
        &officer,
        "desk/lending/list.html",
        context! {
            rows => minijinja::value::Serde(rows),
            purses => minijinja::value::Serde(purses(&officer)),
            over,
            all => het.is_some(),
            held_back,
        },
    ))
}
