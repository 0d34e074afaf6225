//! `/ban/but-toan/<seq>`: one entry as the desk sees it, with its corrections linked both ways.

use minijinja::context;
use rocket::{State, get};
use serde::Serialize;

use super::{custody, describe, payments};
use crate::ledger::voucher::{Body, CustodyReceived, Kind};
use crate::store::desk::vault::{OpenedValue, Purpose};
use crate::web::session::{Kept, Officer};
use crate::web::signers::signers;
use crate::web::{Config, Fault, Page};

/// A private value for its readers at the desk.
#[derive(Debug, Serialize)]
pub(super) struct Private {
    name: &'static str,
    value: String,
}

/// The values that officers read: names, not the digests' technical ones.
pub(super) fn private(values: Vec<OpenedValue>) -> Vec<Private> {
    let shown = |value: &OpenedValue| {
        let name = value.disclosure.name();
        payments::SHOWN.contains(&name) || custody::SHOWN.contains(&name)
    };
    let mut all: Vec<Private> = values
        .into_iter()
        .filter(shown)
        .filter_map(|value| {
            let text = value.disclosure.value().as_str()?.to_owned();
            Some(Private { name: value.disclosure.name().as_str(), value: text })
        })
        .collect();
    all.sort_by(|one, other| (one.name, &one.value).cmp(&(other.name, &other.value)));
    all
}

/// Whether somebody gave something by a voucher: their name may be shown if they agree.
fn gave(body: &Body) -> bool {
    match body {
        Body::Donation(_) | Body::GoodsReceived(_) | Body::CustodyReceived(_) => true,
        Body::CustodyAssigned(body) => body.donor.is_some(),
        _ => false,
    }
}

/// What may be done about an entry, as paths of forms.
fn actions(body: &Body, standing: bool) -> Vec<(&'static str, &'static str)> {
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
    match body.kind() {
        Kind::GoodsReceived | Kind::GoodsPurchased => {
            vec![("action-goods-back", "/ban/tra-hang"), reverse]
        }
        Kind::AidPaid | Kind::GoodsDistributed => {
            vec![("action-not-handed", "/ban/tra-lai-cap-phat"), reverse]
        }
        Kind::Donation | Kind::CustodyAssigned => {
            vec![("action-return", "/ban/hoan-tra"), reverse]
        }
        Kind::CustodyReceived => vec![
            ("action-hand-over", "/ban/trao-tien-giu-ho"),
            ("action-give-back", "/ban/tra-tien-giu-ho"),
            ("action-assign", "/ban/ghi-nhan-tien-giu-ho"),
            reverse,
        ],
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
        private(opened.await.map_err(Fault::internal)?)
    } else {
        Vec::new()
    };
    let signers = signers(store, officer.chapter, officer.books.officers(), &line.entry);
    let signers = signers.await.map_err(Fault::internal)?;
    let actions = if officer.may_record() {
        actions(&voucher.body, line.reversed_by.is_none() && line.reverses.is_none())
    } else {
        Vec::new()
    };
    Ok(super::page(
        &officer,
        "desk/entry.html",
        context! {
            entry => minijinja::value::Serde(describe::line(&officer.books, &line)),
            rows => minijinja::value::Serde(describe::voucher(&officer.books, voucher)),
            total => describe::total(voucher),
            signers => minijinja::value::Serde(signers),
            giver => officer.may_record() && gave(&voucher.body),
            id => voucher.id.as_str(),
            // The path suffices on the site itself; the paper gets the whole address as a QR code.
            receipt => store.receipt_code(&line.entry).map(|code| {
                code.link("", line.leaf)
            }),
            private => minijinja::value::Serde(values),
            opened => rieng.is_some(),
            actions,
            new => moi.is_some(),
            repeated => lai.is_some(),
        },
    ))
}
