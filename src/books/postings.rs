//! What each kind posts: debits and credits that follow from the voucher alone (and, where it
//! names another one, from that). A reversal posts the exact opposite of what stands here.

use super::accounts::{Account, Posting};
use super::draft::custody_fund;
use super::refusal::Refusal;
use crate::books::accounts::Cost;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, LineRef};
use crate::ledger::word::Code;
use crate::money::Money;

/// Debits and credits, equal in each fund.
#[derive(Default)]
struct Postings(Vec<Posting>);

impl Postings {
    fn post(&mut self, debit: Account, credit: Account, fund: &Code, amount: Money) {
        self.0.push(Posting { account: debit, fund: fund.clone(), amount });
        self.0.push(Posting { account: credit, fund: fund.clone(), amount: amount.negated() });
    }
}

/// The postings of a voucher; `named` is the entry that its `of` names.
///
/// # Errors
/// [`Refusal::TooLarge`] when a sum leaves the range; [`Refusal::Reference`] when `named` is
/// missing or not of a kind that the voucher can name.
pub(super) fn postings(body: &Body, named: Option<&Entry>) -> Result<Vec<Posting>, Refusal> {
    let mut all = Postings::default();
    let place = |code: &Code| Account::Place(code.clone());
    match body {
        Body::OpeningBalance(body) => {
            for money in body.money.iter().flat_map(|list| list.iter()) {
                let amount = money.amount.money();
                all.post(place(&money.place), Account::OpeningBalance, &money.fund, amount);
            }
            for held in body.custody.iter().flat_map(|list| list.iter()) {
                if let (Some(amount), Some(code)) = (held.amount, &held.place) {
                    let custody = custody_fund()?;
                    all.post(place(code), Account::HeldForOthers, &custody, amount.money());
                }
            }
        }
        Body::Donation(body) => {
            all.post(place(&body.place), Account::Donations, &body.fund, body.amount.money());
        }
        Body::Income(body) => {
            all.post(place(&body.place), Account::OtherIncome, &body.fund, body.amount.money());
        }
        Body::DonationReturned(body) => {
            let fund = gift_fund(named)?;
            let amount = body.amount.money();
            all.post(Account::DonationsReturned, place(&body.place), fund, amount);
        }
        Body::AidPaid(body) => {
            let amounts = body.lines.iter().map(|line| line.amount.money());
            let amount = Money::sum(amounts).ok_or(Refusal::TooLarge)?;
            all.post(Account::AidInMoney, place(&body.place), &body.fund, amount);
        }
        Body::CostPaid(body) => {
            let cost = Account::ProgrammeCosts(Cost::Category(body.category));
            all.post(cost, place(&body.place), &body.fund, body.amount.money());
        }
        Body::Transfer(body) => {
            let (from, to) = (place(&body.from_place), place(&body.to_place));
            all.post(to, from, &body.fund, body.amount.money());
        }
        Body::FundTransfer(body) => {
            let (amount, moved) = (body.amount.money(), Account::MovedBetweenFunds);
            all.post(moved.clone(), place(&body.place), &body.from_fund, amount);
            all.post(place(&body.place), moved, &body.to_fund, amount);
        }
        Body::CashCounted(body) => {
            if let Some(fund) = &body.fund {
                let (place, difference) = (place(&body.place), body.difference);
                if difference.is_positive() {
                    all.post(place, Account::OtherIncome, fund, difference);
                } else {
                    let cost = Account::ProgrammeCosts(Cost::CashDifference);
                    all.post(cost, place, fund, difference.negated());
                }
            }
        }
        body => custody_postings(body, named, &mut all)?,
    }
    Ok(all.0)
}

fn custody_postings(body: &Body, named: Option<&Entry>, all: &mut Postings) -> Result<(), Refusal> {
    let custody = custody_fund()?;
    let held = Account::HeldForOthers;
    match body {
        Body::CustodyReceived(body) => {
            if let (Some(amount), Some(place)) = (body.amount, &body.place) {
                all.post(Account::Place(place.clone()), held, &custody, amount.money());
            }
        }
        Body::CustodyHandedOver(body) => {
            if let Some(amount) = body.amount {
                let place = custody_place(body.place.as_ref(), &body.of, named)?;
                all.post(held, Account::Place(place), &custody, amount.money());
            }
        }
        Body::CustodyReturned(body) => {
            if let Some(amount) = body.amount {
                let place = custody_place(body.place.as_ref(), &body.of, named)?;
                all.post(held, Account::Place(place), &custody, amount.money());
            }
        }
        Body::CustodyAssigned(body) => {
            if let Some(fund) = &body.fund {
                let place = custody_place(body.place.as_ref(), &body.of, named)?;
                let (place, amount) = (Account::Place(place), body.amount.money());
                all.post(held, place.clone(), &custody, amount);
                all.post(place, Account::Donations, fund, amount);
            }
        }
        _ => {}
    }
    Ok(())
}

/// The fund of a gift that can be returned: a donation, or custody assigned as one.
pub(super) fn gift_fund(named: Option<&Entry>) -> Result<&Code, Refusal> {
    let fund = match named.map(|entry| &entry.voucher().body) {
        Some(Body::Donation(given)) => Some(&given.fund),
        Some(Body::CustodyAssigned(given)) => given.fund.as_ref(),
        _ => None,
    };
    fund.ok_or(Refusal::Reference { member: "of" })
}

/// Where custody leaves: the voucher's own place, or where it came in.
pub(super) fn custody_place(
    own: Option<&Code>,
    of: &LineRef,
    named: Option<&Entry>,
) -> Result<Code, Refusal> {
    let origin = match named.map(|entry| &entry.voucher().body) {
        Some(Body::CustodyReceived(body)) => body.place.as_ref(),
        Some(Body::OpeningBalance(body)) => {
            let line = of.line().and_then(|line| usize::try_from(line).ok());
            let held = line.and_then(|line| body.custody.as_ref()?.get(line));
            let held = held.ok_or(Refusal::Reference { member: "of" })?;
            held.place.as_ref()
        }
        _ => return Err(Refusal::Reference { member: "of" }),
    };
    own.or(origin).cloned().ok_or(Refusal::Reference { member: "of" })
}

/// The programme that a voucher's spending is for.
pub(super) fn programme(body: &Body) -> Option<&Code> {
    match body {
        Body::AidPaid(body) => Some(&body.programme),
        Body::CostPaid(body) => body.programme.as_ref(),
        _ => None,
    }
}

/// Families or persons that a voucher serves: its lines.
pub(super) fn families(body: &Body) -> i64 {
    match body {
        Body::AidPaid(body) => i64::try_from(body.lines.len()).unwrap_or(i64::MAX),
        _ => 0,
    }
}

/// The entry that a voucher names by `of`, with the line of an opening balance.
pub fn names(body: &Body) -> Option<&LineRef> {
    match body {
        Body::DonationReturned(body) => Some(&body.of),
        Body::GoodsReturned(body) => Some(&body.of),
        Body::HandoverReturned(body) => Some(&body.of),
        Body::CustodyHandedOver(body) => Some(&body.of),
        Body::CustodyReturned(body) => Some(&body.of),
        Body::CustodyAssigned(body) => Some(&body.of),
        Body::LoanCancelled(body) => Some(&body.of),
        Body::LoanDisbursed(body) => Some(&body.of),
        Body::LoanRepaid(body) => Some(&body.of),
        Body::LoanFeeWaived(body) => Some(&body.of),
        Body::LoanWrittenOff(body) => Some(&body.of),
        Body::LoanRecovered(body) => Some(&body.of),
        Body::Reversed(body) => Some(&body.of),
        _ => None,
    }
}
