//! Money that comes in: opening balances, donations, other income.

use super::Books;
use super::custody::hold_goods;
use super::draft::Draft;
use super::effects::{Change, Effects, GiftId};
use super::goods::NewLot;
use super::refusal::Refusal;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, Donation, Income, Kind, OpeningBalance, OpeningGoods};
use crate::ledger::word::Date;

impl Books {
    /// Each line of money, goods or loans is a gift of its own; what is held for others is none.
    pub(super) fn opening_balance(
        &self,
        body: &OpeningBalance,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        let Some(chapter) = &self.chapter else { return Err(Refusal::Opening) };
        let expected = chapter.books_from.previous();
        if body.as_of != expected {
            return Err(Refusal::OpeningDay { expected });
        }
        let (_, reversed) = self.openings;
        // A closing has asserted the opening figures of its first day: none changes them after it.
        if !self.closings.is_empty() || (self.has_postings && reversed == 0) {
            return Err(Refusal::OpeningTooLate);
        }
        draft.effective = body.as_of;
        for (line, money) in numbered(body.money.as_deref()) {
            self.register.place("place", &money.place)?;
            self.register.fund("fund", &money.fund)?;
            draft.open_lot(&money.fund, line, money.amount.money());
        }
        for (line, lot) in numbered(body.goods.as_deref()) {
            self.register.fund("fund", &lot.fund)?;
            self.register.store("store", &lot.store)?;
            self.goods(&lot.item, lot.quantity)?;
            draft.open_goods(line, &lot.store, &opening_lot(lot));
        }
        for (line, loan) in numbered(body.loans.as_deref()) {
            self.opening_loan(loan, (line, loan_lot(body, line)), draft)?;
        }
        for (line, held) in numbered(body.custody.as_deref()) {
            let custody = GiftId { seq: draft.entry.place(), line };
            if let Some(goods) = &held.goods {
                hold_goods(draft, custody, goods)?;
            }
            let (Some(amount), Some(place)) = (held.amount, &held.place) else { continue };
            self.register.place("place", place)?;
            draft.working.push(Change::CustodyOpened { custody, amount: amount.money() });
        }
        Ok(())
    }

    pub(super) fn donation(&self, body: &Donation, draft: &mut Draft<'_>) -> Result<(), Refusal> {
        received_before(body.received_on, draft.entry.voucher().date)?;
        self.register.place("place", &body.place)?;
        self.register.fund("fund", &body.fund)?;
        draft.open_lot(&body.fund, 0, body.amount.money());
        Ok(())
    }

    pub(super) fn income(&self, body: &Income, draft: &mut Draft<'_>) -> Result<(), Refusal> {
        received_before(body.received_on, draft.entry.voucher().date)?;
        self.register.place("place", &body.place)?;
        self.register.fund("fund", &body.fund)?;
        draft.open_lot(&body.fund, 0, body.amount.money());
        Ok(())
    }

    /// Counts opening balances that stand and those that wait for a replacement.
    pub(super) fn absorb_openings(&mut self, entry: &Entry, effects: &Effects) {
        let (standing, reversed) = &mut self.openings;
        match (entry.voucher().kind(), effects.nature) {
            (Kind::OpeningBalance, _) => {
                *standing += 1;
                *reversed = reversed.saturating_sub(1);
            }
            (Kind::Reversed, Kind::OpeningBalance) => {
                *standing = standing.saturating_sub(1);
                *reversed += 1;
            }
            _ => self.has_postings |= !effects.postings.is_empty(),
        }
    }
}

/// Money was received on or before the business date.
fn received_before(received_on: Option<Date>, date: Date) -> Result<(), Refusal> {
    match received_on {
        Some(day) if day > date => Err(Refusal::DayOrder { member: "received_on", latest: date }),
        _ => Ok(()),
    }
}

/// The lines of a list with their index.
pub(super) fn numbered<T>(list: Option<&[T]>) -> impl Iterator<Item = (u32, &T)> {
    (0_u32..).zip(list.unwrap_or_default())
}

fn opening_lot(lot: &OpeningGoods) -> NewLot<'_> {
    let (item, fund, value) = (&lot.item, &lot.fund, lot.value.money());
    NewLot { item, fund, expiry: lot.expiry, quantity: lot.quantity, value }
}

/// The line of the lot (and gift) of a loan of an opening balance: behind its lines of money.
pub(super) fn loan_lot(body: &OpeningBalance, line: u32) -> u32 {
    let money = body.money.as_ref().map_or(0, |money| money.len());
    u32::try_from(money).unwrap_or(u32::MAX).saturating_add(line)
}

/// Whether the body opened gifts of money, and on which lines.
pub(super) fn opened_gift(body: &Body, line: Option<u64>) -> bool {
    match body {
        Body::Donation(_) | Body::Income(_) => line.is_none(),
        Body::CustodyAssigned(body) => line.is_none() && body.fund.is_some(),
        Body::CashCounted(body) => line.is_none() && body.difference.is_positive(),
        Body::ReceivedFromChapter(body) => line.is_none() && body.amount.is_some(),
        Body::OpeningBalance(body) => {
            let lines = body.money.as_ref().map_or(0, |money| money.len());
            line.and_then(|line| usize::try_from(line).ok()).is_some_and(|line| line < lines)
        }
        _ => false,
    }
}
