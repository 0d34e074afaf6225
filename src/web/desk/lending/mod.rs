//! Cho vay: who asked for a loan, what the visit found, what was agreed, what was paid. Who
//! borrows stands in no entry, no address and no log; names are opened for the page that shows
//! them, which the log notes.
//!
//! | file | what it is |
//! |---|---|
//! | [`list`] | all loans, those that wait for something first |
//! | [`application`] | a new application; the visit; no loan after all |
//! | [`terms`] | schedules side by side, and the approval that is laid for one of them |
//! | [`detail`] | one loan: instalments, payments, what can be done next |
//! | [`due`], [`papers`] | the list to collect by, what is late; paper |
//! | [`printed`], [`printed_payments`] | as PDF: the agreement; passbook and slip of a repayment |
//! | [`later`] | other schedules; loans that ran when the books began |
//! | [`slips`] | paid out, repaid, waived, written off, recovered |
//! | [`shown`] | stages, instalments and borrowers as pages show them |

pub mod application;
pub mod detail;
pub mod due;
pub mod later;
pub mod list;
pub mod papers;
pub mod printed;
pub mod printed_payments;
pub mod shown;
pub mod slips;
pub mod terms;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rocket::{Route, routes};

use crate::books::portfolio::{LoanAccount, State};
use crate::ledger::voucher::{FundType, Kind, Voucher, VoucherId};
use crate::ledger::word::{Date, Person};
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::lending::{Agreed, Filed, LoanFile, Standing};
use crate::store::desk::register::Family;
use crate::store::desk::vault::{Purpose, Reader};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::facade::{Instalments, Lending};
use crate::web::desk::families::list::today;
use crate::web::session::Officer;
use crate::web::{Config, Fault};

/// Where it begins.
pub const PATH: &str = "/ban/vay";

/// The routes of loans.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        list::show,
        application::blank,
        application::make,
        application::visit,
        application::visited,
        application::ending,
        application::end,
        terms::show,
        terms::send,
        detail::show,
        due::list,
        due::late,
        due::reminders,
        later::show,
        later::send,
        later::opening,
        later::open_loan,
        papers::agreement,
        printed::agreement,
        papers::passbook,
        papers::receipt,
        printed_payments::passbook,
        printed_payments::receipt,
    ]
}

/// The path of a loan's file.
#[must_use]
pub fn path(id: &Person) -> String {
    format!("{PATH}/{id}")
}

/// Where a loan stands, from the application to the last đồng.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Somebody asked for it.
    Asked,
    /// The visit was made.
    Visited,
    /// The chapter said no.
    Refused,
    /// The borrower took it back.
    Withdrawn,
    /// The approval (or opening balance) is laid and waits for the second signature.
    Waiting(VoucherId),
    /// Approved by an entry: the money is set aside.
    Approved(u64),
    /// The approval was cancelled by an entry.
    Cancelled(u64),
    /// The opening balance that held it was sent back, withdrawn or reversed.
    NotOpened,
    /// Paid out, and something is owed.
    Running,
    /// Everything was paid.
    Settled,
    /// The rest was written off.
    WrittenOff,
}

impl Stage {
    /// The stage of a file.
    #[must_use]
    pub fn of(all: &Lending, file: &LoanFile) -> Self {
        if let Some(account) = all.account(file) {
            return match account.state() {
                State::Running => Self::Running,
                State::Settled => Self::Settled,
                State::WrittenOff => Self::WrittenOff,
            };
        }
        let opening = file.opening.as_ref().map(|(voucher, _)| voucher);
        let voucher = file.approvals.last().or(opening);
        match voucher.and_then(|voucher| Some((voucher, all.vouchers.get(voucher)?))) {
            Some((voucher, Standing::Waiting)) => return Self::Waiting(voucher.clone()),
            Some((_, Standing::Recorded { seq, reversed: false, .. })) => {
                return match all.cancelled.get(seq) {
                    Some(by) => Self::Cancelled(*by),
                    None => Self::Approved(*seq),
                };
            }
            _ => {}
        }
        if file.opening.is_some() {
            return Self::NotOpened;
        }
        match (&file.ended, &file.assessment) {
            (Some(ended), _) if ended.refused => Self::Refused,
            (Some(_), _) => Self::Withdrawn,
            (None, Some(_)) => Self::Visited,
            (None, None) => Self::Asked,
        }
    }

    /// The word in texts: `loan-stage-<word>`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Visited => "visited",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Waiting(_) => "waiting",
            Self::Approved(_) => "approved",
            Self::Cancelled(_) => "cancelled",
            Self::NotOpened => "not-opened",
            Self::Running => "running",
            Self::Settled => "settled",
            Self::WrittenOff => "written-off",
        }
    }

    /// Whether nobody has to do anything about it any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Refused
                | Self::Withdrawn
                | Self::Cancelled(_)
                | Self::NotOpened
                | Self::Settled
                | Self::WrittenOff
        )
    }

    /// Whether an approval may be laid.
    #[must_use]
    pub const fn can_be_approved(&self) -> bool {
        matches!(self, Self::Visited)
    }
}

/// Opens files of loans; `pick` says what is shown of them, and of how many persons that is.
///
/// # Errors
/// Faults of the machine.
pub async fn open<T>(
    officer: &Officer,
    store: &Store,
    config: &Config,
    pick: impl FnOnce(Lending) -> (T, usize),
) -> Result<T, Fault> {
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let opened = store.lending(&officer.desk, reader, config.clock.now(), pick).await;
    opened.map_err(Fault::internal)
}

/// A loan's file that was opened.
pub struct Opened {
    /// The file.
    pub own: Filed,
    /// Who borrows.
    pub borrower: Family,
    /// Where it stands.
    pub stage: Stage,
    /// The loan as the ledger knows it, once it was paid out.
    pub account: Option<LoanAccount>,
    /// What was agreed, against what was paid.
    pub instalments: Instalments,
    /// Another schedule that waits for the second signature.
    pub waiting: Option<VoucherId>,
    /// The day on which it was asked.
    pub today: Date,
}

/// Opens one file, which the log notes.
///
/// # Errors
/// 404 for an unknown file, an erased one, and one that is held back; faults of the machine.
pub async fn find(
    officer: &Officer,
    store: &Store,
    config: &Config,
    id: &str,
) -> Result<Opened, Fault> {
    let id: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let today = today(officer)?;
    let opened = open(officer, store, config, |all| {
        let opened = opened(&all, &id, today);
        let number = opened.as_ref().map_or(0, |own| usize::from(own.is_ok()));
        (opened, number)
    });
    opened.await?.ok_or(Fault::NotFound)?.map_err(Fault::internal)
}

fn opened(all: &Lending, id: &Person, today: Date) -> Option<Result<Opened, DeskFault>> {
    opened_of(all, all.get(id)?, today).transpose()
}

/// A file with what belongs to it; `None` while its borrower is held back.
fn opened_of(all: &Lending, own: &Filed, today: Date) -> Result<Option<Opened>, DeskFault> {
    let Some(borrower) = all.borrower(own).cloned() else { return Ok(None) };
    let (stage, account) = (Stage::of(all, &own.file), all.account(&own.file).cloned());
    let (own, instalments) = (own.clone(), all.instalments(&own.file)?);
    let waits = |agreed: &&Agreed| all.vouchers.get(&agreed.voucher) == Some(&Standing::Waiting);
    let waiting = own.file.agreed.iter().find(waits).map(|agreed| agreed.voucher.clone());
    Ok(Some(Opened { own, borrower, stage, account, instalments, waiting, today }))
}

/// What an approver has to know of the loan that a draft is about.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Drafted {
    /// The path of its file.
    path: String,
    /// What was asked for, in minor units.
    wanted: i64,
    /// Whether the visitor was for it.
    advises: Option<bool>,
    /// Whether a new schedule asks for something else than is owed by now.
    pub stale: bool,
}

/// The loan whose approval or new schedule a draft is; nothing for any other draft.
///
/// # Errors
/// Faults of the machine.
pub async fn drafted(
    officer: &Officer,
    store: &Store,
    now: DateTime<Utc>,
    voucher: &Voucher,
) -> Result<Option<Drafted>, Fault> {
    if !matches!(voucher.kind(), Kind::LoanApproved | Kind::LoanRescheduled) {
        return Ok(None);
    }
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let picked = store.lending(&officer.desk, reader, now, |all| (about(&all, voucher), 0));
    picked.await.map_err(Fault::internal)?.map_err(Fault::internal)
}

fn about(all: &Lending, voucher: &Voucher) -> Result<Option<Drafted>, DeskFault> {
    let own = all.files.all.iter().find_map(|own| {
        let agreed = own.file.agreed.iter().find(|agreed| agreed.voucher == voucher.id)?;
        Some((own, agreed))
    });
    let Some((own, agreed)) = own else { return Ok(None) };
    let stale = match all.account(&own.file).filter(|_| voucher.kind() == Kind::LoanRescheduled) {
        Some(account) => {
            let rows = agreed.instalments()?;
            let sum = |amounts: Vec<Money>| Money::sum(amounts).unwrap_or_default();
            sum(rows.iter().map(|row| row.principal).collect()) != account.owed()
                || sum(rows.iter().map(|row| row.fee).collect()) != account.fee_owed()
        }
        None => voucher.kind() == Kind::LoanRescheduled,
    };
    Ok(Some(Drafted {
        path: path(&own.id),
        wanted: own.file.wanted.minor(),
        advises: own.file.assessment.as_ref().map(|visit| visit.advises),
        stale,
    }))
}

/// How many loans of some persons are laid, approved or running: with their values erased, nobody
/// would know whom to collect from.
///
/// # Errors
/// Faults of the machine.
pub async fn unfinished(
    officer: &Officer,
    store: &Store,
    persons: BTreeSet<&Person>,
    now: DateTime<Utc>,
) -> Result<usize, Fault> {
    let stands = |stage| matches!(stage, Stage::Waiting(_) | Stage::Approved(_) | Stage::Running);
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let counted = store.lending(&officer.desk, reader, now, |all| {
        let own = all.files.all.iter().filter(|own| persons.contains(&own.borrower));
        (own.filter(|own| stands(Stage::of(&all, &own.file))).count(), 0)
    });
    counted.await.map_err(Fault::internal)
}

/// Open funds that lend: code and name.
#[must_use]
pub fn funds(officer: &Officer) -> Vec<(String, String)> {
    let all = officer.books.register().funds().iter();
    let own = all.filter(|(_, own)| !own.closed && own.fund.r#type == FundType::Revolving);
    own.map(|(code, own)| (code.to_string(), own.fund.name.to_string())).collect()
}

/// The key of the text that says why a file was not changed; faults of the machine go on.
///
/// # Errors
/// Whatever is no rule of files.
pub fn refused(fault: DeskFault) -> Result<&'static str, Fault> {
    match fault.refusal() {
        Some(DeskRefusal::LoanMoved) => Ok("loan-moved"),
        Some(DeskRefusal::Gone) => Ok("loan-borrower-gone"),
        Some(DeskRefusal::TextLength(..)) => Ok("loan-too-long"),
        Some(DeskRefusal::IdTaken) => Ok("fault-same-id"),
        _ => Err(Fault::internal(fault)),
    }
}
