//! Loans in words: what a voucher did to one, what a loan is called, and in which loans a gift was
//! lent. Who borrows and what is due when is not known here.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use minijinja::value::Value;

use super::ledgers::{Ledgers, read};
use crate::books::effects::{GiftId, UseClass};
use crate::books::portfolio::{LoanAccount, LoanName, State, times_lent};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, Kind};
use crate::money::Money;
use crate::store::Store;
use crate::store::facade::{GiftState, LentPart, LoanMention, View, lent_in_all};
use crate::web::Fault;

/// Loans that are called by name where money is out on several; of more their number is told.
const NAMED: usize = 3;

/// Loans of a gift that are listed, the latest; those before are told as one sum.
const LISTED: usize = 100;

/// What vouchers are about that moved a loan, by entry.
pub type Mentions = BTreeMap<u64, LoanMention>;

/// What some entries did to loans.
///
/// # Errors
/// As the store has them.
pub async fn mentions<'a>(
    store: &Store,
    view: &View,
    entries: impl IntoIterator<Item = &'a Entry>,
) -> Result<Mentions, Fault> {
    let of_loans = |entry: &&Entry| {
        matches!(
            entry.voucher().kind(),
            Kind::LoanApproved
                | Kind::LoanCancelled
                | Kind::LoanDisbursed
                | Kind::LoanRepaid
                | Kind::LoanFeeWaived
                | Kind::LoanWrittenOff
                | Kind::LoanRecovered
                | Kind::CustodyAssigned
                | Kind::Reversed
        )
    };
    let seqs: Vec<u64> = entries.into_iter().filter(of_loans).map(Entry::place).collect();
    store.loan_mentions(view.chapter, &seqs).await.map_err(read)
}

/// The name of a loan for templates.
#[must_use]
pub fn name(name: Option<LoanName>) -> Value {
    let (number, opening) = match name {
        Some(LoanName::Number(number)) => (Some(number.to_string()), None),
        Some(LoanName::Opening(place)) => (None, Some(place)),
        None => (None, None),
    };
    context! { number, opening }
}

/// The last part of the address of a loan: the place of its disbursement, or place and line of an
/// opening balance.
#[must_use]
pub fn address(loan: GiftId, of: Option<LoanName>) -> String {
    match of {
        Some(LoanName::Opening(_)) => format!("{}.{}", loan.seq, loan.line),
        _ => loan.seq.to_string(),
    }
}

/// The word of a loan's state: one of which only the fee is owed is told apart.
#[must_use]
pub fn state(own: &LoanAccount) -> String {
    match own.state() {
        State::Running if !own.owed().is_positive() => "fee".to_owned(),
        state => state.as_str().replace('_', "-"),
    }
}

/// What a voucher did to a loan, with its amounts; `None` for every other voucher.
#[must_use]
pub fn said(entry: &Entry, mention: Option<&LoanMention>) -> Option<Value> {
    let (zero, own) = (Money::ZERO, mention.copied().unwrap_or_default());
    let (principal, fee) = match &entry.voucher().body {
        Body::LoanApproved(body) => (body.principal.money(), body.fee_total.money()),
        Body::LoanCancelled(_) | Body::LoanRescheduled(_) => (zero, zero),
        Body::LoanDisbursed(_) => (own.principal, own.fee),
        Body::LoanRepaid(body) => (body.principal.money(), body.fee.money()),
        Body::CustodyAssigned(body) if body.loan.is_some() => {
            let part = |part: Option<crate::ledger::word::Amount0>| {
                part.map_or(zero, crate::ledger::word::Amount0::money)
            };
            (part(body.principal), part(body.fee))
        }
        Body::LoanFeeWaived(body) => (zero, body.amount.money()),
        Body::LoanWrittenOff(_) => (own.lost, zero),
        Body::LoanRecovered(body) => (body.amount.money(), zero),
        _ => return None,
    };
    let kind = entry.voucher().kind().as_str().replace('_', "-");
    Some(context! {
        key => format!("lent-said-{kind}"),
        name => name(own.name),
        principal => principal.minor(),
        fee => fee.minor(),
    })
}

/// Tenths as templates show them: `"1.2"`.
#[must_use]
pub fn tenths(number: u64) -> String {
    format!("{}.{}", number / 10, number % 10)
}

/// In which loans a gift was lent, and where it is now; `None` for one that never was.
///
/// # Errors
/// As the store has them.
pub async fn of_gift(
    ledgers: &Ledgers<'_>,
    view: &View,
    (gift, amount): (GiftId, Money),
    state: &GiftState,
) -> Result<Option<Value>, Fault> {
    let (store, size) = (ledgers.store(), view.size());
    let parts = store.lent_of_gift(view.chapter, gift, size).await.map_err(read)?;
    if parts.is_empty() {
        return Ok(None);
    }
    let loans: BTreeSet<GiftId> = parts.iter().map(|part| part.loan).collect();
    let loans: Vec<GiftId> = loans.into_iter().collect();
    let seqs: BTreeSet<u64> = loans.iter().map(|loan| loan.seq).collect();
    let seqs: Vec<u64> = seqs.into_iter().collect();
    let accounts = store.loans_of(view.chapter, size, &seqs).await.map_err(read)?;
    let accounts: BTreeMap<GiftId, LoanAccount> =
        accounts.into_iter().map(|own| (own.loan, own)).collect();
    let names = store.loan_names(view.chapter, &loans).await.map_err(read)?;
    let of = |loan: &GiftId| names.get(loan).copied();
    let out: BTreeSet<GiftId> =
        parts.iter().filter(|part| part.on_loan.is_positive()).map(|part| part.loan).collect();
    let sum = |class| state.sum(class).minor();
    let lent = lent_in_all(&parts);
    let (before, listed) = parts.split_at(parts.len().saturating_sub(LISTED));
    Ok(Some(context! {
        amount => amount.minor(),
        lent => lent.minor(),
        loans => loans.len(),
        times => times_lent(lent, amount).map(tenths),
        left => state.unspent.minor(),
        out => sum(UseClass::OnLoan),
        out_loans => out.len(),
        out_names => out.iter().take(NAMED).map(|loan| name(of(loan))).collect::<Vec<_>>(),
        others => [
            ("lent-spent", sum(UseClass::Spent)),
            ("lent-goods", sum(UseClass::InGoods)),
            ("lent-passed-on", sum(UseClass::PassedOn)),
            ("lent-part-lost", sum(UseClass::Lost)),
            ("lent-returned", sum(UseClass::Returned)),
        ],
        rows => listed.iter().map(|part| {
            row(part, of(&part.loan), accounts.get(&part.loan))
        }).collect::<Vec<_>>(),
        earlier => earlier(before),
    }))
}

/// Parts that are told as one sum.
fn earlier(parts: &[LentPart]) -> Value {
    let sum =
        |of: fn(&LentPart) -> Money| Money::sum(parts.iter().map(of)).unwrap_or_default().minor();
    context! {
        count => parts.len(),
        lent => sum(LentPart::lent),
        back => sum(back),
        on_loan => sum(|part| part.on_loan),
        lost => sum(|part| part.lost),
    }
}

/// What came back, also after it was lost.
fn back(part: &LentPart) -> Money {
    part.repaid.checked_add(part.recovered).unwrap_or_default()
}

/// One loan that a gift was lent in.
fn row(part: &LentPart, of: Option<LoanName>, account: Option<&LoanAccount>) -> Value {
    context! {
        turn => u64::from(part.turn) + 1,
        name => name(of),
        address => address(part.loan, of),
        day => account.map(|own| own.disbursed.to_string()),
        state => account.map(state),
        lent => part.lent().minor(),
        back => back(part).minor(),
        on_loan => part.on_loan.minor(),
        lost => part.lost.minor(),
    }
}
