//! What each kind posts: debits and credits that follow from the voucher alone (and, where it
//! names another one, from that). A reversal posts the exact opposite of what stands here.

use std::collections::BTreeMap;

use super::accounts::{Account, Posting};
use super::draft::custody_fund;
use super::effects::Change;
use super::past::is_undone_by_what_it_made;
use super::refusal::Refusal;
use crate::books::accounts::Cost;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, GoodsReturned, LineRef, OpeningBalance};
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

    /// The same, unless there is nothing to post.
    fn post_some(&mut self, debit: Account, credit: Account, fund: &Code, amount: Money) {
        if amount.is_positive() {
            self.post(debit, credit, fund, amount);
        }
    }
}

/// The postings of a voucher; `named` is the entry that its `of` names, `changes` say what goods
/// it moved at which value.
///
/// # Errors
/// [`Refusal::TooLarge`] when a sum leaves the range; [`Refusal::Reference`] when `named` is
/// missing or not of a kind that the voucher can name.
pub(super) fn postings(
    body: &Body,
    named: Option<&Entry>,
    changes: &[Change],
) -> Result<Vec<Posting>, Refusal> {
    if is_undone_by_what_it_made(body.kind()) {
        return goods_postings(body, named, changes);
    }
    let mut all = Postings::default();
    let place = |code: &Code| Account::Place(code.clone());
    match body {
        Body::OpeningBalance(body) => opening(&mut all, body)?,
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
        body => {
            custody_postings(body, named, &mut all, changes)?;
            loan_postings(&mut all, body, changes);
        }
    }
    Ok(all.0)
}

/// What a loan posts in the fund that lent: its principal against a place, the fee as income.
fn loan_postings(all: &mut Postings, body: &Body, changes: &[Change]) {
    let place = |code: &Code| Account::Place(code.clone());
    for change in changes {
        let Change::LoanMoved { fund, principal, fee, .. } = change else { continue };
        let (receivable, back) = (Account::LoansReceivable, principal.negated());
        match body {
            Body::LoanDisbursed(body) => {
                all.post(receivable, place(&body.place), fund, *principal);
            }
            Body::LoanRepaid(body) => {
                all.post_some(place(&body.place), receivable, fund, back);
                all.post_some(place(&body.place), Account::ServiceFees, fund, fee.negated());
            }
            Body::LoanWrittenOff(_) => all.post(Account::LoanLosses, receivable, fund, back),
            Body::LoanRecovered(body) => {
                let amount = body.amount.money();
                all.post(place(&body.place), Account::Recoveries, fund, amount);
            }
            _ => {}
        }
    }
}

/// What repays a loan out of custody, in the fund that lent.
fn assigned_to_loan(all: &mut Postings, place: &Account, changes: &[Change]) {
    for change in changes {
        let Change::LoanMoved { fund, principal, fee, .. } = change else { continue };
        all.post_some(place.clone(), Account::LoansReceivable, fund, principal.negated());
        all.post_some(place.clone(), Account::ServiceFees, fund, fee.negated());
    }
}

/// Each line of money, goods, loans and what is held for others.
fn opening(all: &mut Postings, body: &OpeningBalance) -> Result<(), Refusal> {
    let place = |code: &Code| Account::Place(code.clone());
    for money in body.money.iter().flat_map(|list| list.iter()) {
        let amount = money.amount.money();
        all.post(place(&money.place), Account::OpeningBalance, &money.fund, amount);
    }
    for lot in body.goods.iter().flat_map(|list| list.iter()) {
        let (stock, opening) = (Account::Stock(lot.item.clone()), Account::OpeningBalance);
        all.post_some(stock, opening, &lot.fund, lot.value.money());
    }
    for loan in body.loans.iter().flat_map(|list| list.iter()) {
        let owed = loan.principal.money().checked_sub(loan.paid.money());
        let (receivable, opening) = (Account::LoansReceivable, Account::OpeningBalance);
        all.post_some(receivable, opening, &loan.fund, owed.ok_or(Refusal::TooLarge)?);
    }
    for held in body.custody.iter().flat_map(|list| list.iter()) {
        if let (Some(amount), Some(code)) = (held.amount, &held.place) {
            let custody = custody_fund()?;
            all.post(place(code), Account::HeldForOthers, &custody, amount.money());
        }
    }
    Ok(())
}

/// What goods post: by item, at the value of the lots that they came from or went to; and the
/// money that is sent to other chapters, received from them or not handed over.
fn goods_postings(
    body: &Body,
    named: Option<&Entry>,
    changes: &[Change],
) -> Result<Vec<Posting>, Refusal> {
    let mut all = Postings::default();
    let place = |code: &Code| Account::Place(code.clone());
    let handed = |named: Option<&Entry>| match named.map(|entry| &entry.voucher().body) {
        Some(Body::AidPaid(paid)) => Ok((paid.fund.clone(), Some(paid.place.clone()))),
        Some(Body::GoodsDistributed(given)) => Ok((given.fund.clone(), None)),
        _ => Err(Refusal::Reference { member: "of" }),
    };
    match body {
        Body::GoodsReceived(body) => {
            by_item(&mut all, &body.fund, changes, &Account::DonationsInKind)?;
        }
        Body::GoodsPurchased(body) => {
            by_item(&mut all, &body.fund, changes, &place(&body.place))?;
        }
        Body::GoodsReturned(body) => goods_returned(&mut all, body, named, changes)?,
        Body::GoodsDistributed(body) => {
            by_item(&mut all, &body.fund, changes, &Account::AidInKind)?;
        }
        Body::StockCounted(body) => by_item(&mut all, &body.fund, changes, &Account::StockLosses)?,
        Body::HandoverReturned(body) => {
            let (fund, own) = handed(named)?;
            by_item(&mut all, &fund, changes, &Account::AidInKind)?;
            if let (Some(amount), Some(to)) = (body.amount, body.place.as_ref().or(own.as_ref())) {
                all.post(place(to), Account::AidInMoney, &fund, amount.money());
            }
        }
        Body::SentToChapter(body) => {
            by_item(&mut all, &body.fund, changes, &Account::SupportToChapters)?;
            if let (Some(amount), Some(from)) = (body.amount, &body.place) {
                all.post(Account::SupportToChapters, place(from), &body.fund, amount.money());
            }
        }
        Body::ReceivedFromChapter(body) => {
            by_item(&mut all, &body.fund, changes, &Account::SupportFromChapters)?;
            if let (Some(amount), Some(to)) = (body.amount, &body.place) {
                all.post(place(to), Account::SupportFromChapters, &body.fund, amount.money());
            }
        }
        _ => {}
    }
    Ok(all.0)
}

/// The values of what came in and of what went out, by item.
fn values(changes: &[Change]) -> Result<BTreeMap<Code, (Money, Money)>, Refusal> {
    let mut sums: BTreeMap<Code, (Money, Money)> = BTreeMap::new();
    for change in changes {
        let (lot, value, inwards) = match change {
            Change::GoodsOpened { lot, goods, .. } => (lot, goods.value, true),
            Change::GoodsGivenBack { part, goods } => (&part.lot, goods.value, true),
            Change::GoodsTaken(part) => (&part.lot, part.goods.value, false),
            _ => continue,
        };
        let sums = sums.entry(lot.item.clone()).or_default();
        let sum = if inwards { &mut sums.0 } else { &mut sums.1 };
        *sum = sum.checked_add(value).ok_or(Refusal::TooLarge)?;
    }
    Ok(sums)
}

/// Stock of each item against one other account.
fn by_item(
    all: &mut Postings,
    fund: &Code,
    changes: &[Change],
    other: &Account,
) -> Result<(), Refusal> {
    for (item, (came_in, went_out)) in values(changes)? {
        let stock = || Account::Stock(item.clone());
        all.post_some(stock(), other.clone(), fund, came_in);
        all.post_some(other.clone(), stock(), fund, went_out);
    }
    Ok(())
}

/// A gift goes back without money; of a purchase what was not paid back is lost, what was paid
/// beyond the value is income.
fn goods_returned(
    all: &mut Postings,
    body: &GoodsReturned,
    named: Option<&Entry>,
    changes: &[Change],
) -> Result<(), Refusal> {
    let fund = match named.map(|entry| &entry.voucher().body) {
        Some(Body::GoodsReceived(given)) => {
            return by_item(all, &given.fund, changes, &Account::DonationsReturned);
        }
        Some(Body::GoodsPurchased(bought)) => &bought.fund,
        _ => return Err(Refusal::Reference { member: "of" }),
    };
    let mut rest = Money::ZERO;
    for (item, (_, went_out)) in values(changes)? {
        rest = rest.checked_add(went_out).ok_or(Refusal::TooLarge)?;
        if went_out.is_positive() {
            let (account, amount) = (Account::Stock(item), went_out.negated());
            all.0.push(Posting { account, fund: fund.clone(), amount });
        }
    }
    let paid = body.amount.map_or(Money::ZERO, |amount| amount.money());
    if let (Some(place), true) = (&body.place, paid.is_positive()) {
        let account = Account::Place(place.clone());
        all.0.push(Posting { account, fund: fund.clone(), amount: paid });
    }
    // A debit of what was lost, or a credit of what came beyond the value.
    let amount = rest.checked_sub(paid).ok_or(Refusal::TooLarge)?;
    let account = if amount.is_positive() { Account::StockLosses } else { Account::OtherIncome };
    if amount != Money::ZERO {
        all.0.push(Posting { account, fund: fund.clone(), amount });
    }
    Ok(())
}

fn custody_postings(
    body: &Body,
    named: Option<&Entry>,
    all: &mut Postings,
    changes: &[Change],
) -> Result<(), Refusal> {
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
            let place = custody_place(body.place.as_ref(), &body.of, named)?;
            let (place, amount) = (Account::Place(place), body.amount.money());
            all.post(held, place.clone(), &custody, amount);
            match &body.fund {
                Some(fund) => all.post(place, Account::Donations, fund, amount),
                None => assigned_to_loan(all, &place, changes),
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

/// The programme that a voucher's spending is for; of what comes back, that of the handover.
pub(super) fn programme<'a>(body: &'a Body, named: Option<&'a Entry>) -> Option<&'a Code> {
    match body {
        Body::AidPaid(body) => Some(&body.programme),
        Body::CostPaid(body) => body.programme.as_ref(),
        Body::GoodsDistributed(body) => Some(&body.programme),
        Body::HandoverReturned(_) => match &named?.voucher().body {
            Body::HandoverReturned(_) => None,
            handed => programme(handed, None),
        },
        _ => None,
    }
}

/// Families or persons that a voucher serves: its lines, the borrower; a minus for those not served
/// after all.
pub(super) fn families(body: &Body) -> i64 {
    match body {
        Body::AidPaid(body) => i64::try_from(body.lines.len()).unwrap_or(i64::MAX),
        Body::GoodsDistributed(body) => i64::try_from(body.lines.len()).unwrap_or(i64::MAX),
        Body::LoanDisbursed(_) => 1,
        Body::HandoverReturned(body) => -i64::try_from(body.lines.get()).unwrap_or(i64::MAX),
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
