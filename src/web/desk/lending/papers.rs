//! Papers of a loan: the agreement to be signed by hand, and the passbook with its lines.

use minijinja::context;
use rocket::{State, get};

use super::{Opened, Stage, find, shown};
use crate::books::portfolio::{LoanAccount, Move};
use crate::books::schedule::allocation::Line;
use crate::ledger::voucher::Kind;
use crate::ledger::word::Date;
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

/// One repayment.
pub(super) struct Repayment {
    /// The number of its slip.
    pub(super) slip: Option<String>,
    pub(super) seq: u64,
    pub(super) day: Date,
    pub(super) reversed: bool,
    pub(super) principal: Money,
    pub(super) fee: Money,
    /// Owed after it.
    pub(super) owed: Money,
}

impl Repayment {
    /// Principal and fee.
    pub(super) fn total(&self) -> Money {
        self.principal.checked_add(self.fee).unwrap_or_default()
    }
}

/// The repayment of a loan by an entry.
///
/// # Errors
/// 404 for any other entry; faults of the machine.
pub(super) async fn repayment(
    officer: &Officer,
    store: &Store,
    opened: &Opened,
    so: Option<u64>,
) -> Result<Repayment, Fault> {
    let seq = so.ok_or(Fault::NotFound)?;
    let account = opened.account.as_ref().ok_or(Fault::NotFound)?;
    let paid = |own: &&Move| own.seq == seq && own.nature == Kind::LoanRepaid && !own.reversal;
    let own = account.moves.iter().find(paid).ok_or(Fault::NotFound)?;
    let until = account.moves.iter().take_while(|other| other.seq <= seq);
    let owed = Money::sum(until.flat_map(|own| [own.principal, own.fee])).unwrap_or_default();
    let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
    let line = line.ok_or(Fault::NotFound)?;
    Ok(Repayment {
        slip: line.effects.numbers.first().map(ToString::to_string),
        seq,
        day: own.day,
        reversed: line.reversed_by.is_some(),
        principal: own.principal.negated(),
        fee: own.fee.negated(),
        owed,
    })
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
    let own = repayment(&officer, store, &opened, so).await?;
    let (number, fund) = named(&officer, store, &opened).await?;
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
            slip => own.slip.clone(),
            seq => own.seq,
            day => own.day.to_string(),
            reversed => own.reversed,
            principal => own.principal.minor(),
            fee => own.fee.minor(),
            total => own.total().minor(),
            owed => own.owed.minor(),
        },
    ))
}

/// A payment in the passbook.
pub(super) struct Paid {
    pub(super) seq: u64,
    pub(super) day: Date,
    pub(super) principal: Money,
    pub(super) fee: Money,
    /// Owed after it.
    pub(super) owed: Money,
}

/// The payments of a loan, oldest first.
pub(super) fn payments(account: &LoanAccount) -> Vec<Paid> {
    let paid = [Kind::LoanRepaid, Kind::CustodyAssigned, Kind::LoanFeeWaived];
    let mut owed = Money::ZERO;
    let mut lines = Vec::new();
    for own in &account.moves {
        owed = Money::sum([owed, own.principal, own.fee]).unwrap_or_default();
        if paid.contains(&own.nature) {
            let (principal, fee) = (own.principal.negated(), own.fee.negated());
            lines.push(Paid { seq: own.seq, day: own.day, principal, fee, owed });
        }
    }
    lines
}

/// What is still due: overdue, today, next.
pub(super) fn still_due(opened: &Opened) -> Vec<(Date, Money)> {
    let state = opened.instalments.on(opened.today);
    let next = |line: &Line| (line.agreed.due, line.owed.total());
    state.overdue().chain(state.due()).chain(state.next()).map(next).collect()
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
    let line = |own: &Paid| {
        let (principal, fee) = (own.principal.minor(), own.fee.minor());
        (own.seq, own.day.to_string(), principal, fee, own.owed.minor())
    };
    let lines: Vec<(u64, String, i64, i64, i64)> = payments(account).iter().map(line).collect();
    let next = still_due(&opened);
    let next: Vec<(String, i64)> =
        next.into_iter().map(|(due, amount)| (due.to_string(), amount.minor())).collect();
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
