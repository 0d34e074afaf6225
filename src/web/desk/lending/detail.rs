//! One loan: where it stands, its instalments and payments, and what can be done next.

use minijinja::context;
use rocket::{State, get};
use serde::Serialize;

use super::{Opened, Stage, find, shown};
use crate::books::portfolio::Move;
use crate::web::session::{Caseworker, Kept};
use crate::web::{Config, Fault, Page};

/// An entry of the loan.
#[derive(Debug, Serialize)]
struct Entry {
    seq: u64,
    day: String,
    kind_key: String,
    reversal: bool,
    principal: i64,
    fee: i64,
    lost: i64,
}

fn entry(own: &Move) -> Entry {
    Entry {
        seq: own.seq,
        day: own.day.to_string(),
        kind_key: format!("kind-{}", own.nature.as_str().replace('_', "-")),
        reversal: own.reversal,
        principal: own.principal.minor(),
        fee: own.fee.minor(),
        lost: own.lost.minor(),
    }
}

/// The steps of a loan's life: the key of each, and how far it is (`done`, `now`, `next`).
fn steps(stage: &Stage) -> Vec<(&'static str, &'static str)> {
    let reached = match stage {
        Stage::Asked | Stage::Refused | Stage::Withdrawn | Stage::NotOpened => 1,
        Stage::Visited => 2,
        Stage::Waiting(_) => 3,
        Stage::Approved(_) | Stage::Cancelled(_) => 4,
        Stage::Running => 5,
        Stage::Settled | Stage::WrittenOff => 6,
    };
    let keys = [
        "loan-step-asked",
        "loan-step-visited",
        "loan-step-approved",
        "loan-step-paid-out",
        "loan-step-repaid",
    ];
    (1..)
        .zip(keys)
        .map(|(at, key)| match reached {
            reached if at < reached => (key, "done"),
            reached if at == reached => (key, "now"),
            _ => (key, "next"),
        })
        .collect()
}

/// The page of a loan.
#[get("/ban/vay/<id>?<xong>")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    xong: Option<&str>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = find(&officer, kept.0, config, id).await?;
    let Opened { stage, account, instalments, today, .. } = &opened;
    let runs = *stage == Stage::Running;
    let late = if runs { instalments.arrears(*today) } else { Default::default() };
    let misfit = runs && account.as_ref().is_some_and(|own| !instalments.fits(own));
    let waiting = opened.waiting.as_ref().filter(|_| runs).map(ToString::to_string);
    let state = instalments.on(*today);
    let approved = match stage {
        Stage::Approved(seq) => Some(*seq),
        _ => None,
    };
    let moves: Vec<Entry> = account.iter().flat_map(|own| &own.moves).map(entry).collect();
    let done = match xong {
        Some("moi") => Some("loan-done-asked"),
        Some("lai") => Some("loan-done-before"),
        Some("tham-dinh") => Some("loan-done-visited"),
        Some("ket-thuc") => Some("loan-done-ended"),
        _ => None,
    };
    Ok(crate::web::desk::page(
        &officer,
        "desk/lending/detail.html",
        context! {
            file => minijinja::value::Serde(shown::opened(&officer, &opened)),
            account => account.as_ref().map(|own| minijinja::value::Serde(shown::account(own))),
            instalments => minijinja::value::Serde(shown::instalments(&state)),
            rescheduled => instalments.later.len(),
            misfit,
            waiting,
            overdue => late.overdue.total().minor(),
            days_late => late.days_late,
            steps => steps(stage),
            moves => minijinja::value::Serde(moves),
            approved,
            done,
        },
    ))
}
