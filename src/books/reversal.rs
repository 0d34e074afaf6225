//! Corrections: a reversal posts the exact opposite, on its own date, and puts gifts right.
//!
//! Reversing an outflow gives each part back to its lot. Reversing an inflow closes its lots; what
//! was used of them already is taken over, newest first, by the fund's other lots.

use std::cmp::Reverse;

use super::accounts::Posting;
use super::custody::held_goods;
use super::draft::{Draft, minus};
use super::effects::{Change, GiftId, GoodsLot, LotKey, Use, UseClass, Valued};
use super::inflows::numbered;
use super::lots::Outflow;
use super::outflows::can_be_taken_over;
use super::past::{Past, asks_what_it_made, is_undone_by_what_it_made};
use super::postings::{families, names, postings, programme};
use super::refusal::Refusal;
use super::undoing::{close_goods, undo_goods};
use super::{Books, CheckFault, place_of};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, CustodyGoods, FundTransfer, Kind, OpeningBalance, Reversed};
use crate::ledger::word::Code;
use crate::money::Money;

impl Books {
    pub(super) fn reversed(
        &self,
        body: &Reversed,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let original = self.reversible(body, draft.entry, past)?;
        let seq = original.place();
        let voucher = original.voucher();
        draft.of = Some(GiftId { seq, line: 0 });
        draft.nature = voucher.kind();
        draft.reversing = true;
        let closed = self.closed_through().map(|month| month.last_day());
        draft.earlier = closed.is_some_and(|last| voucher.date <= last);
        draft.families = -families(&voucher.body);
        let named = match names(&voucher.body) {
            Some(of) => past.entry(place_of("of", of.entry(), &original)?)?,
            None => None,
        };
        draft.programme = programme(&voucher.body, named.as_ref()).cloned();
        if asks_what_it_made(&voucher.body) {
            let made = past.made(seq)?;
            draft.postings = opposite(made.postings.clone());
            self.still_open(&draft.postings)?;
            self.stock_still_open(&made.changes)?;
            if !is_undone_by_what_it_made(voucher.kind()) {
                return self.undo_loan(&original, &made, draft, past);
            }
            return undo_goods(&voucher.body, &made, draft, seq, past);
        }
        draft.postings = opposite(postings(&voucher.body, named.as_ref(), &[])?);
        self.still_open(&draft.postings)?;
        match &voucher.body {
            Body::OpeningBalance(opening) => self.undo_opening(opening, draft, seq, past)?,
            Body::Donation(given) => {
                let gift = GiftId { seq, line: 0 };
                undo_gift(draft, gift, &given.fund, given.amount.money(), past)?;
            }
            Body::Income(got) => {
                let gift = GiftId { seq, line: 0 };
                undo_gift(draft, gift, &got.fund, got.amount.money(), past)?;
            }
            Body::CashCounted(count) => {
                draft.ignored_count = Some(seq);
                match &count.fund {
                    Some(fund) if count.difference.is_positive() => {
                        let gift = GiftId { seq, line: 0 };
                        undo_gift(draft, gift, fund, count.difference, past)?;
                    }
                    _ => undo_outflow(draft, seq, past)?,
                }
            }
            Body::FundTransfer(transfer) => undo_fund_transfer(draft, seq, transfer, past)?,
            body => undo_rest(body, named.as_ref(), draft, seq, past)?,
        }
        Ok(())
    }

    /// Its gifts of money and goods never were, and nothing was held for others.
    fn undo_opening(
        &self,
        opening: &OpeningBalance,
        draft: &mut Draft<'_>,
        seq: u64,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        draft.effective = opening.as_of;
        for lot in opening.goods.iter().flat_map(|goods| goods.iter()) {
            self.register.fund("of", &lot.fund)?;
        }
        let mut all = Vec::new();
        all.extend(self.opening_loans(opening, draft, seq, past)?);
        for (line, money) in numbered(opening.money.as_deref()) {
            let (gift, amount) = (GiftId { seq, line }, money.amount.money());
            all.push(gift_to_undo(draft, gift, &money.fund, amount, past)?);
        }
        close_lots(draft, all)?;
        for (line, lot) in numbered(opening.goods.as_deref()) {
            let (item, fund) = (lot.item.clone(), lot.fund.clone());
            let key = LotKey { seq, line };
            let goods = Valued { quantity: lot.quantity.thousandths(), value: lot.value.money() };
            let lot_of = GoodsLot { key, item, fund, expiry: lot.expiry };
            close_goods(draft, &lot_of, &lot.store, goods)?;
        }
        for (line, held) in numbered(opening.custody.as_deref()) {
            let amount = held.amount.map_or(Money::ZERO, |amount| amount.money());
            undo_custody(draft, GiftId { seq, line }, amount.negated());
            undo_held(draft, GiftId { seq, line }, held.goods.as_deref(), -1);
        }
        Ok(())
    }

    /// The entry to be reversed, when it may be.
    fn reversible(
        &self,
        body: &Reversed,
        entry: &Entry,
        past: &impl Past,
    ) -> Result<Entry, CheckFault> {
        let seq = place_of("of", body.of.entry(), entry)?;
        let reference = Refusal::Reference { member: "of" };
        if seq >= entry.place() || body.of.line().is_some() {
            return Err(reference.into());
        }
        let original = past.entry(seq)?.ok_or(reference)?;
        let kind = original.voucher().kind();
        if !is_reversible(kind) {
            return Err(Refusal::NotReversible.into());
        }
        let standing = past.standing(seq)?;
        if standing.iter().any(|other| other.kind == Kind::Reversed) {
            return Err(Refusal::AlreadyReversed.into());
        }
        if let Some(other) = standing.first() {
            return Err(Refusal::NamedByStanding { seq: other.seq }.into());
        }
        self.last_of_loan(&original, past)?;
        if kind == Kind::OpeningBalance && !self.closings.is_empty() {
            return Err(Refusal::OpeningTooLate.into());
        }
        let earliest = original.voucher().date;
        if entry.voucher().date < earliest {
            return Err(Refusal::DateBeforeOf { earliest }.into());
        }
        Ok(original)
    }

    /// Nothing posts on a closed place or fund, a reversal neither.
    fn still_open(&self, postings: &[Posting]) -> Result<(), Refusal> {
        for posting in postings {
            if let super::accounts::Account::Place(place) = &posting.account {
                self.register.place("of", place)?;
            }
            if posting.fund.as_str() != super::accounts::CUSTODY_FUND {
                self.register.fund("of", &posting.fund)?;
            }
        }
        Ok(())
    }
}

/// Kinds with postings, goods or loans, and counts also when they posted nothing.
fn is_reversible(kind: Kind) -> bool {
    let with_goods = is_undone_by_what_it_made(kind);
    with_goods
        || matches!(
            kind,
            Kind::OpeningBalance
                | Kind::Donation
                | Kind::Income
                | Kind::DonationReturned
                | Kind::AidPaid
                | Kind::CostPaid
                | Kind::Transfer
                | Kind::FundTransfer
                | Kind::CashCounted
                | Kind::CustodyReceived
                | Kind::CustodyHandedOver
                | Kind::CustodyReturned
                | Kind::CustodyAssigned
                | Kind::LoanApproved
                | Kind::LoanCancelled
                | Kind::LoanDisbursed
                | Kind::LoanRepaid
                | Kind::LoanFeeWaived
                | Kind::LoanWrittenOff
                | Kind::LoanRecovered
        )
}

fn opposite(postings: Vec<Posting>) -> Vec<Posting> {
    postings
        .into_iter()
        .map(|posting| Posting { amount: posting.amount.negated(), ..posting })
        .collect()
}

/// Outflows and custody.
fn undo_rest(
    body: &Body,
    named: Option<&Entry>,
    draft: &mut Draft<'_>,
    seq: u64,
    past: &impl Past,
) -> Result<(), CheckFault> {
    let custody = |of: &crate::ledger::voucher::LineRef| GiftId {
        seq: named.map_or(u64::MAX, Entry::place),
        line: of.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(0),
    };
    let money = |amount: Option<crate::ledger::word::Amount>| {
        amount.map_or(Money::ZERO, |amount| amount.money())
    };
    match body {
        Body::DonationReturned(_) | Body::AidPaid(_) | Body::CostPaid(_) => {
            undo_outflow(draft, seq, past)?;
        }
        Body::CustodyReceived(body) => {
            undo_custody(draft, GiftId { seq, line: 0 }, money(body.amount).negated());
            undo_held(draft, GiftId { seq, line: 0 }, body.goods.as_deref(), -1);
        }
        Body::CustodyHandedOver(body) => {
            undo_custody(draft, custody(&body.of), money(body.amount));
            undo_held(draft, custody(&body.of), body.goods.as_deref(), 1);
        }
        Body::CustodyReturned(body) => {
            undo_custody(draft, custody(&body.of), money(body.amount));
            undo_held(draft, custody(&body.of), body.goods.as_deref(), 1);
        }
        Body::CustodyAssigned(body) => {
            if let Some(fund) = &body.fund {
                let gift = GiftId { seq, line: 0 };
                undo_gift(draft, gift, fund, body.amount.money(), past)?;
            }
            undo_custody(draft, custody(&body.of), body.amount.money());
        }
        _ => {}
    }
    Ok(())
}

pub(super) fn undo_custody(draft: &mut Draft<'_>, custody: GiftId, amount: Money) {
    if amount != Money::ZERO {
        draft.working.push(Change::CustodyMoved { custody, amount });
    }
}

fn undo_held(draft: &mut Draft<'_>, custody: GiftId, goods: Option<&[CustodyGoods]>, sign: i64) {
    let goods: Vec<_> = goods.iter().flat_map(|goods| goods.iter()).collect();
    if !goods.is_empty() {
        let goods = goods.into_iter().map(|goods| held_goods(goods, sign)).collect();
        draft.working.push(Change::CustodyGoods { custody, goods });
    }
}

/// Each part of an outflow goes back to its lot at its old place in the order.
pub(super) fn undo_outflow(
    draft: &mut Draft<'_>,
    seq: u64,
    past: &impl Past,
) -> Result<(), CheckFault> {
    for part in past.uses_of_entry(seq)? {
        draft.working.give_back(&part, part.amount);
    }
    Ok(())
}

/// Lots that should never have been, with what was used of them.
pub(super) struct Undo {
    fund: Code,
    lots: Vec<LotKey>,
    /// What was used of them, newest first.
    pub used: Vec<Use>,
    amount: Money,
}

/// A gift's lots in its fund, and the uses of it there, newest first.
pub(super) fn gift_to_undo(
    draft: &mut Draft<'_>,
    gift: GiftId,
    fund: &Code,
    amount: Money,
    past: &impl Past,
) -> Result<Undo, CheckFault> {
    let lots = draft.working.lots().of_gift(gift, fund).into_iter().map(|(key, _)| key).collect();
    let mut used = past.uses_of_gift(gift)?;
    used.retain(|part| can_be_taken_over(part, fund));
    Ok(Undo { fund: fund.clone(), lots, used, amount })
}

pub(super) fn undo_gift(
    draft: &mut Draft<'_>,
    gift: GiftId,
    fund: &Code,
    amount: Money,
    past: &impl Past,
) -> Result<(), CheckFault> {
    let undo = gift_to_undo(draft, gift, fund, amount, past)?;
    close_lots(draft, vec![undo])
}

/// Closes lots: first what is unspent in all of them, so that none takes over parts of another
/// that closes too; then the used parts of all of them, newest first.
fn close_lots(draft: &mut Draft<'_>, all: Vec<Undo>) -> Result<(), CheckFault> {
    let mut rests = Vec::with_capacity(all.len());
    for undo in &all {
        let mut rest = undo.amount;
        for lot in &undo.lots {
            let unspent = draft.working.lots().get(&undo.fund, *lot).map(|lot| lot.unspent);
            let share = unspent.unwrap_or(Money::ZERO).min(rest);
            if share.is_positive() {
                draft.working.push(close(*lot, &undo.fund, share));
                rest = minus(rest, share);
            }
        }
        rests.push(rest);
    }
    let mut used: Vec<(usize, Use)> = Vec::new();
    for (at, undo) in all.into_iter().enumerate() {
        used.extend(undo.used.into_iter().map(|part| (at, part)));
    }
    used.sort_by_key(|(_, part)| Reverse((part.since, part.line, part.lot)));
    for (at, part) in used {
        let share = part.amount.min(rests[at]);
        if share.is_positive() {
            draft.working.give_back(&part, share);
            draft.working.push(close(part.lot, &part.fund, share));
            draft.take_over(&part.fund, share, Outflow::like(&part));
            rests[at] = minus(rests[at], share);
        }
    }
    if rests.iter().any(|rest| rest.is_positive()) {
        return Err(Refusal::PartsElsewhere.into());
    }
    Ok(())
}

fn close(lot: LotKey, fund: &Code, amount: Money) -> Change {
    Change::LotClosed { lot, fund: fund.clone(), amount }
}

/// What was moved goes back: each lot in the new fund closes (used parts are taken over there),
/// each part returns to the lot that it was moved out of.
fn undo_fund_transfer(
    draft: &mut Draft<'_>,
    seq: u64,
    transfer: &FundTransfer,
    past: &impl Past,
) -> Result<(), CheckFault> {
    let mut moved = past.uses_of_entry(seq)?;
    moved.retain(|part| part.class == UseClass::Moved);
    let mut all = Vec::with_capacity(moved.len());
    for (line, part) in (0_u32..).zip(&moved) {
        let lot = LotKey { seq, line };
        let mut used = past.uses_of_gift(part.gift)?;
        used.retain(|used| used.lot == lot && can_be_taken_over(used, &transfer.to_fund));
        let fund = transfer.to_fund.clone();
        all.push(Undo { fund, lots: vec![lot], used, amount: part.amount });
    }
    close_lots(draft, all)?;
    for part in &moved {
        draft.working.give_back(part, part.amount);
    }
    Ok(())
}
