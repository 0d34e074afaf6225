//! `/ban/but-toan/<seq>`: one entry as the desk sees it, with its corrections linked both ways.

use minijinja::context;
use rocket::{State, get};
use serde::Serialize;
use serde_json::Value as Json;

use super::describe;
use super::payments::CATEGORIES;
use crate::books::schedule::signed;
use crate::ledger::disclosure::{Disclosure, PrivateName};
use crate::ledger::voucher::{
    Body, CustodyAssigned, CustodyClass, CustodyReceived, DonorType, Kind, Voucher,
};
use crate::money::{Currency, Money};
use crate::store::Store;
use crate::store::desk::vault::{Holding, OpenedValue, Purpose, Subject};
use crate::store::facade::Line;
use crate::web::session::{Kept, Officer};
use crate::web::signers::signers;
use crate::web::{Config, Fault, Page};

/// A private value for its readers at the desk.
#[derive(Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Private {
    /// The key of what it is.
    label: String,
    value: String,
    /// Whether the value is the key of a text.
    is_key: bool,
}

/// All private values of a voucher, each with what it is.
pub(super) fn private(kind: Kind, values: &[OpenedValue]) -> Vec<Private> {
    let own_line =
        |value: &OpenedValue| matches!(value.subject, Subject::Line(_) | Subject::Person(_));
    let told = values.iter().map(|value| told(kind, &value.disclosure, own_line(value)));
    let mut all: Vec<Private> = told.collect();
    all.sort();
    all
}

/// The same of values that came along with a voucher, of which nobody knows whose they are.
pub fn disclosed<'a>(kind: Kind, values: impl Iterator<Item = &'a Disclosure>) -> Vec<Private> {
    let mut all: Vec<Private> = values.map(|value| told(kind, value, false)).collect();
    all.sort();
    all
}

fn told(kind: Kind, disclosure: &Disclosure, own_line: bool) -> Private {
    let (held, name) = (disclosure.value(), disclosure.name());
    let text = match (held.as_str(), name) {
        (Some(text), _) => text.to_owned(),
        (None, PrivateName::Schedule) => instalments(held),
        (None, _) => held.to_string(),
    };
    let is_key = name == PrivateName::Category && CATEGORIES.contains(&text.as_str());
    let value = match is_key {
        true => format!("category-{}", text.replace('_', "-")),
        false => text,
    };
    Private { label: label(kind, own_line, name), value, is_key }
}

/// Instalments in one line: day and amount of each; as it stands where it is no schedule.
fn instalments(held: &Json) -> String {
    let Ok(rows) = signed::from_value(held) else { return held.to_string() };
    let shown = rows.iter().map(|own| {
        let total = Money::sum([own.principal, own.fee]).unwrap_or_default();
        let amount = total.grouped('.', &Currency::vnd());
        format!("{} {amount}", own.due.naive().format("%d/%m/%Y"))
    });
    shown.collect::<Vec<_>>().join(" · ")
}

/// What a private value is, as the key of a text: of names, whose.
fn label(kind: Kind, own_line: bool, name: PrivateName) -> String {
    let key = match (name, kind) {
        (PrivateName::FullName, Kind::CustodyReceived) if own_line => "private-to-name",
        (PrivateName::FullName, Kind::CustodyReceived) => "private-sender",
        (PrivateName::FullName, Kind::ChapterOpened | Kind::OfficerEnrolled) => {
            "private-officer-name"
        }
        (PrivateName::Title, _) => "private-paper-title",
        _ => return format!("private-{}", name.as_str().replace('_', "-")),
    };
    key.to_owned()
}

/// Why nothing private of a voucher is shown, as the key of a text. A digest may be one that
/// nothing ever stood behind (a donor without a name has them, too), save among the voucher's own:
/// there only what was written has one.
fn nothing_private(voucher: &Voucher, held: &[Holding]) -> &'static str {
    let value = voucher.value();
    if held.iter().any(|held| held.restricted) {
        "private-restricted"
    } else if value.get("_sd").is_some() {
        "private-erased"
    } else if sealed(&value) {
        "private-gone"
    } else {
        "private-none"
    }
}

/// Whether there are digests of private values anywhere.
fn sealed(value: &Json) -> bool {
    match value {
        Json::Object(members) => members.iter().any(|(name, value)| name == "_sd" || sealed(value)),
        Json::Array(values) => values.iter().any(sealed),
        _ => false,
    }
}

/// Whether somebody gave something by a voucher: their name may be shown if they agree.
fn gave(body: &Body) -> bool {
    match body {
        Body::Donation(body) => body.donor.r#type != DonorType::Unknown,
        Body::GoodsReceived(body) => body.donor.r#type != DonorType::Unknown,
        Body::CustodyReceived(body) => body.donor.r#type != DonorType::Unknown,
        Body::CustodyAssigned(body) => body.donor.is_some(),
        _ => false,
    }
}

/// What may be done about an entry, as paths of forms.
/// `held`: something of what was taken to be held for others is still there.
fn actions(body: &Body, standing: bool, held: bool) -> Vec<(&'static str, &'static str)> {
    if !standing {
        return Vec::new();
    }
    let reverse = ("action-reverse", "/ban/but-toan-dao");
    if let Body::CustodyReceived(CustodyReceived { goods: Some(_), .. }) = body {
        return vec![
            ("action-hand-over", "/ban/trao-hien-vat-giu-ho"),
            ("action-give-back", "/ban/tra-hien-vat-giu-ho"),
            reverse,
        ];
    }
    if let Body::CustodyReceived(body) = body {
        if !held {
            return vec![reverse];
        }
        let mut all = Vec::new();
        if body.class == CustodyClass::NamedFamily {
            all.push(("action-hand-over", "/ban/trao-tien-giu-ho"));
        }
        all.push(("action-give-back", "/ban/tra-tien-giu-ho"));
        all.push(("action-assign", "/ban/ghi-nhan-tien-giu-ho"));
        all.push(("action-repay-loan", "/ban/tra-no-tien-giu-ho"));
        all.push(reverse);
        return all;
    }
    if let Body::CustodyAssigned(CustodyAssigned { loan: Some(_), .. }) = body {
        return vec![reverse];
    }
    let of_loan = loan_actions(body.kind());
    if !of_loan.is_empty() {
        return of_loan.iter().copied().chain([reverse]).collect();
    }
    match body.kind() {
        Kind::LoanCancelled
        | Kind::LoanRepaid
        | Kind::LoanFeeWaived
        | Kind::LoanWrittenOff
        | Kind::LoanRecovered => vec![reverse],
        Kind::GoodsReceived | Kind::GoodsPurchased => {
            vec![("action-goods-back", "/ban/tra-hang"), reverse]
        }
        Kind::AidPaid | Kind::GoodsDistributed => {
            vec![("action-not-handed", "/ban/tra-lai-cap-phat"), reverse]
        }
        Kind::Donation | Kind::CustodyAssigned => {
            vec![("action-return", "/ban/hoan-tra"), reverse]
        }
        Kind::Income
        | Kind::CostPaid
        | Kind::Transfer
        | Kind::FundTransfer
        | Kind::OpeningBalance
        | Kind::DonationReturned
        | Kind::CashCounted
        | Kind::SentToChapter
        | Kind::ReceivedFromChapter
        | Kind::GoodsReturned
        | Kind::GoodsMoved
        | Kind::StockCounted
        | Kind::HandoverReturned
        | Kind::CustodyHandedOver
        | Kind::CustodyReturned => vec![reverse],
        _ => Vec::new(),
    }
}

/// What may come after the approval or the disbursement of a loan.
const fn loan_actions(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::LoanApproved => {
            &[("action-pay-out", "/ban/giai-ngan"), ("action-cancel-loan", "/ban/huy-duyet-vay")]
        }
        Kind::LoanDisbursed => &[
            ("action-take-repayment", "/ban/thu-no"),
            ("action-waive-fee", "/ban/mien-phi-vay"),
            ("action-write-off", "/ban/xoa-no"),
            ("action-recover", "/ban/thu-hoi-no"),
        ],
        _ => &[],
    }
}

/// What an officer may do about an entry now.
async fn offered(
    officer: &Officer,
    store: &Store,
    line: &Line,
) -> Result<Vec<(&'static str, &'static str)>, Fault> {
    if !officer.may_record() {
        return Ok(Vec::new());
    }
    let open = officer.books.chapter().is_some_and(|own| own.closed.is_none());
    let standing = open && line.reversed_by.is_none() && line.reverses.is_none();
    let held = store.held_custody(officer.chapter).await.map_err(Fault::internal)?;
    let held = held.iter().any(|(of, _)| *of == line.entry.place());
    Ok(actions(&line.entry.voucher().body, standing, held))
}

/// One entry. `moi`: it was recorded just now; `lai`: it came a second time and changed nothing.
/// `rieng`: private values are opened, and the vault notes by whom.
#[get("/ban/but-toan/<seq>?<moi>&<lai>&<rieng>")]
pub async fn show(
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    seq: &str,
    moi: Option<&str>,
    lai: Option<&str>,
    rieng: Option<&str>,
) -> Result<Page, Fault> {
    let store = kept.0;
    let seq = crate::web::public::entry::seq(seq)?;
    let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
    let line = line.ok_or(Fault::NotFound)?;
    let voucher = line.entry.voucher();
    let values = if rieng.is_some() && officer.may_record() {
        let (person, now) = (&officer.person, config.clock.now());
        let opened = store.open_private(&officer.desk, &voucher.id, person, Purpose::Desk, now);
        private(voucher.kind(), &opened.await.map_err(Fault::internal)?)
    } else {
        Vec::new()
    };
    let nothing = match rieng.is_some() && values.is_empty() {
        true => {
            let held = store.holdings(&officer.desk, &voucher.id).await;
            Some(nothing_private(voucher, &held.map_err(Fault::internal)?))
        }
        false => None,
    };
    let original = match line.reverses {
        Some(seq) => store.line(officer.chapter, seq).await.map_err(Fault::internal)?,
        None => None,
    };
    let about = original.as_ref().map_or(voucher, |line| line.entry.voucher());
    let signers = signers(store, officer.chapter, officer.books.officers(), &line.entry);
    let signers = signers.await.map_err(Fault::internal)?;
    let actions = offered(&officer, store, &line).await?;
    Ok(super::page(
        &officer,
        "desk/entry.html",
        context! {
            entry => minijinja::value::Serde(describe::line(&officer.books, &line)),
            rows => minijinja::value::Serde(describe::voucher(&officer.books, voucher)),
            total => describe::total(about),
            original => original.as_ref().map(|line| {
                minijinja::value::Serde(describe::line(&officer.books, line))
            }),
            closed => describe::closed(&officer.books, voucher).map(minijinja::value::Serde),
            slug => officer.desk.origin.slug(),
            signers => minijinja::value::Serde(signers),
            sealed => sealed(&voucher.value()),
            giver => officer.may_record() && gave(&voucher.body),
            id => voucher.id.as_str(),
            // The path suffices on the site itself; the paper gets the whole address as a QR code.
            receipt => store.receipt_code(&line.entry).map(|code| {
                code.link("", line.leaf)
            }),
            private => minijinja::value::Serde(values),
            slips => super::papers::voucher::slips(&line).len(),
            nothing,
            actions,
            new => moi.is_some(),
            repeated => lai.is_some(),
        },
    ))
}
