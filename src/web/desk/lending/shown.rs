//! Loans as pages of the desk show them.

use serde::Serialize;

use super::{Opened, Stage, path};
use crate::books::portfolio::LoanAccount;
use crate::books::schedule::allocation::{Allocation, Line};
use crate::store::desk::lending::{Filed, LoanFile};
use crate::store::desk::register::Family;

/// An instalment with what was paid of it.
#[derive(Debug, Serialize)]
pub struct Instalment {
    number: u32,
    due: String,
    principal: i64,
    fee: i64,
    total: i64,
    owed: i64,
    /// `paid`, `late`, `due` (today) or `next`.
    state: &'static str,
}

/// The instalments of a schedule on a day.
#[must_use]
pub fn instalments(allocation: &Allocation) -> Vec<Instalment> {
    let row = |line: &Line| {
        let state = match line.agreed.due {
            _ if line.owed.is_nothing() => "paid",
            due if due < allocation.day => "late",
            due if due == allocation.day => "due",
            _ => "next",
        };
        Instalment {
            number: line.number,
            due: line.agreed.due.to_string(),
            principal: line.agreed.principal.minor(),
            fee: line.agreed.fee.minor(),
            total: line.agreed.principal.minor() + line.agreed.fee.minor(),
            owed: line.owed.total().minor(),
            state,
        }
    };
    allocation.lines.iter().map(row).collect()
}

/// What everybody may know of a loan: its name (or place), and its figures.
#[derive(Debug, Serialize)]
pub struct Account {
    /// `KU-2026-0004`; `None` for one that ran when the books began.
    pub number: Option<String>,
    place: u64,
    line: u32,
    approval: Option<u64>,
    disbursed: String,
    fund: String,
    principal: i64,
    fee_total: i64,
    repaid: i64,
    fee_paid: i64,
    fee_waived: i64,
    owed: i64,
    fee_owed: i64,
    written_off: i64,
    recovered: i64,
    lost: i64,
}

/// A loan of the ledger.
#[must_use]
pub fn account(own: &LoanAccount) -> Account {
    Account {
        number: own.number.map(|number| number.to_string()),
        place: own.loan.seq,
        line: own.loan.line,
        approval: own.approval,
        disbursed: own.disbursed.to_string(),
        fund: own.fund.to_string(),
        principal: own.principal.minor(),
        fee_total: own.fee_total.minor(),
        repaid: own.repaid.minor(),
        fee_paid: own.fee_paid.minor(),
        fee_waived: own.fee_waived.minor(),
        owed: own.owed().minor(),
        fee_owed: own.fee_owed().minor(),
        written_off: own.written_off.minor(),
        recovered: own.recovered.minor(),
        lost: own.lost().minor(),
    }
}

/// A file without its instalments.
#[derive(Debug, Serialize)]
pub struct File {
    id: String,
    path: String,
    borrower: String,
    borrower_path: String,
    hamlet: Option<String>,
    phone: Option<String>,
    asked_on: String,
    purpose_key: String,
    words: String,
    wanted: i64,
    guarantor: Option<(String, Option<String>, bool)>,
    group: Option<String>,
    assessment: Option<Visit>,
    ended: Option<(bool, String, String)>,
    stage: &'static str,
    over: bool,
    waiting: Option<String>,
}

/// What the visit found.
#[derive(Debug, Serialize)]
struct Visit {
    on: String,
    by: String,
    income: Option<i64>,
    can_pay: Option<i64>,
    words: String,
    advises: bool,
}

/// The key of a purpose's text.
#[must_use]
pub fn purpose_key(file: &LoanFile) -> String {
    format!("word-purpose-{}", file.purpose.as_str().replace('_', "-"))
}

/// A file as pages show it; `title` names an officer.
#[must_use]
pub fn file(
    own: &Filed,
    borrower: &Family,
    stage: &Stage,
    title: impl Fn(&crate::ledger::word::Person) -> String,
) -> File {
    let (file, record) = (&own.file, &borrower.record);
    let guarantor = file.guarantor.as_ref();
    File {
        id: own.id.to_string(),
        path: path(&own.id),
        borrower: record.full_name.clone(),
        borrower_path: format!("{}/{}", crate::web::desk::families::PATH, borrower.person),
        hamlet: record.hamlet.clone(),
        phone: record.phone.clone(),
        asked_on: file.asked_on.to_string(),
        purpose_key: purpose_key(file),
        words: file.words.clone(),
        wanted: file.wanted.minor(),
        guarantor: guarantor.map(|own| (own.full_name.clone(), own.phone.clone(), own.leads_group)),
        group: file.group.as_ref().map(ToString::to_string),
        assessment: file.assessment.as_ref().map(|visit| Visit {
            on: visit.on.to_string(),
            by: title(&visit.by),
            income: visit.income.map(|own| own.minor()),
            can_pay: visit.can_pay.map(|own| own.minor()),
            words: visit.words.clone(),
            advises: visit.advises,
        }),
        ended: file.ended.as_ref().map(|own| (own.refused, own.on.to_string(), own.words.clone())),
        stage: stage.as_str(),
        over: stage.is_over(),
        waiting: match stage {
            Stage::Waiting(voucher) => Some(voucher.to_string()),
            _ => None,
        },
    }
}

/// The file of a page.
#[must_use]
pub fn opened(officer: &crate::web::session::Officer, opened: &Opened) -> File {
    let title = |person: &_| crate::web::desk::approvals::title(officer, person);
    file(&opened.own, &opened.borrower, &opened.stage, title)
}
