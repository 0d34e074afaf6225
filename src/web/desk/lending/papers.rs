//! Papers of a loan: the agreement to be signed by hand, and the passbook with its lines.

use minijinja::context;
use rocket::{State, get};

use super::{Opened, Stage, find, shown};
use crate::books::portfolio::Move;
use crate::books::schedule::allocation::Line;
use crate::ledger::voucher::Kind;
use crate::money::Money;
use crate::store::Store;
use crate::web::desk::describe;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// The name of the loan, from its approval on, and its fund.
pub(super) async fn named(
    officer: &Officer,
    store: &Store,
    opened: &Opened,
) -> Result<(Option<String>, String), Fault> {
    let approval = match (&opened.account, &opened.stage) {
        (Some(account), _) => account.approval,
        (None, Stage::Approved(seq)) => Some(*seq),
        _ => return Err(Fault::NotFound),
    };
    let fund = |code: &str| describe::fund_name(&officer.books, code);
    let Some(approval) = approval else {
        return Ok((
            None,
            opened.account.as_ref().map_or_else(String::new, |own| fund(own.fund.as_str())),
        ));
    };
    let line = store.line(officer.chapter, approval).await.map_err(Fault::internal)?;
    let line = line.ok_or(Fault::NotFound)?;
    let number = line.effects.numbers.first().map(ToString::to_string);
    let code = match &line.entry.voucher().body {
        crate::ledger::voucher::Body::LoanApproved(body) => fund(body.fund.as_str()),
        _ => String::new(),
    };
    Ok((number, code))
}

/// The agreement: both sides, the amount in figures and words, the instalments, what is public of
/// it, room for signatures.
#[get("/ban/vay/<id>/khe-uoc")]
pub async fn agreement(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let opened = find(&officer, store, config, id).await?;
    let (number, fund) = named(&officer, store, &opened).await?;
    let original = &opened.instalments.original;
    let sum = |part: fn(&crate::books::schedule::Instalment) -> Money| {
        Money::sum(original.iter().map(part)).unwrap_or_default().minor()
    };
    let rows: Vec<(u32, String, i64, i64)> = (1..)
        .zip(original)
        .map(|(at, own)| (at, own.due.to_string(), own.principal.minor(), own.fee.minor()))
        .collect();
    let (books, record) = (&officer.books, &opened.borrower.record);
    let chapter = books.chapter().map(|state| &state.chapter);
    Ok(crate::web::desk::page(
        &officer,
        "desk/lending/agreement.html",
        context! {
            name => chapter.map_or("", |chapter| chapter.name.as_str()),
            address => chapter.and_then(|own| own.address.as_ref()).map(|own| own.as_str()),
            file => minijinja::value::Serde(shown::opened(&officer, &opened)),
            number,
            fund,
            identity => record.identity_number.clone(),
            home => record.address.clone(),
            rows,
            principal => sum(|own| own.principal),
            fee => sum(|own| own.fee),
        },
    ))
}

/// One repayment on paper: who paid, how much in figures and words, what is still owed.
#[get("/ban/vay/<id>/phieu-thu?<so>")]
pub async fn receipt(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    so: Option<u64>,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let opened = find(&officer, store, config, id).await?;
    let seq = so.ok_or(Fault::NotFound)?;
    let (number, fund) = named(&officer, store, &opened).await?;
    let account = opened.account.as_ref().ok_or(Fault::NotFound)?;
    let paid = |own: &&Move| own.seq == seq && own.nature == Kind::LoanRepaid && !own.reversal;
    let own = account.moves.iter().find(paid).ok_or(Fault::NotFound)?;
    let until = account.moves.iter().take_while(|other| other.seq <= seq);
    let owed: i64 = until.map(|own| own.principal.minor() + own.fee.minor()).sum();
    let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
    let line = line.ok_or(Fault::NotFound)?;
    let (principal, fee) = (-own.principal.minor(), -own.fee.minor());
    let chapter = officer.books.chapter().map(|state| &state.chapter);
    Ok(crate::web::desk::page(
        &officer,
        "desk/lending/receipt.html",
        context! {
            name => chapter.map_or("", |chapter| chapter.name.as_str()),
            address => chapter.and_then(|own| own.address.as_ref()).map(|own| own.as_str()),
            file => minijinja::value::Serde(shown::opened(&officer, &opened)),
            number,
            fund,
            slip => line.effects.numbers.first().map(ToString::to_string),
            seq,
            day => own.day.to_string(),
            reversed => line.reversed_by.is_some(),
            principal,
            fee,
            total => principal + fee,
            owed,
        },
    ))
}

/// The passbook: each payment as a line with what is owed after it, and what comes next.
#[get("/ban/vay/<id>/so-tra-no")]
pub async fn passbook(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let opened = find(&officer, store, config, id).await?;
    let (number, fund) = named(&officer, store, &opened).await?;
    let account = opened.account.as_ref().ok_or(Fault::NotFound)?;
    let paid = [Kind::LoanRepaid, Kind::CustodyAssigned, Kind::LoanFeeWaived];
    let mut owed = 0;
    let mut lines: Vec<(u64, String, i64, i64, i64)> = Vec::new();
    for own in &account.moves {
        owed += own.principal.minor() + own.fee.minor();
        if paid.contains(&own.nature) {
            let (principal, fee) = (-own.principal.minor(), -own.fee.minor());
            lines.push((own.seq, own.day.to_string(), principal, fee, owed));
        }
    }
    let state = opened.instalments.on(opened.today);
    let next = |line: &Line| (line.agreed.due.to_string(), line.owed.total().minor());
    let open = state.overdue().chain(state.due()).chain(state.next());
    let next: Vec<(String, i64)> = open.map(next).collect();
    let chapter = officer.books.chapter().map(|state| &state.chapter);
    Ok(crate::web::desk::page(
        &officer,
        "desk/lending/passbook.html",
        context! {
            name => chapter.map_or("", |chapter| chapter.name.as_str()),
            file => minijinja::value::Serde(shown::opened(&officer, &opened)),
            account => minijinja::value::Serde(shown::account(account)),
            number,
            fund,
            lines,
            next,
        },
    ))
}
