//! Money that goes out or moves: aid, costs, donations given back, transfers, cash counts.

use super::accounts::CUSTODY_FUND;
use super::draft::{Draft, minus};
use super::effects::{GiftId, Use, UseClass};
use super::inflows::opened_gift;
use super::lots::Outflow;
use super::past::Past;
use super::postings::gift_fund;
use super::refusal::Refusal;
use super::{Books, CheckFault, gift, place_of};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{
    AidPaid, Body, CashCounted, CostPaid, DonationReturned, FundTransfer, Gifts, Kind, LineRef,
    PlaceType, Transfer,
};
use crate::ledger::word::Code;
use crate::money::Money;

impl Books {
    pub(super) fn aid_paid(
        &self,
        body: &AidPaid,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        self.register.place("place", &body.place)?;
        let fund = self.register.fund("fund", &body.fund)?;
        self.register.programme(&body.programme)?;
        let date = draft.entry.voucher().date;
        fund.check_terms(Kind::AidPaid, Some(&body.programme), date)?;
        let gifts = self.gifts(body.gifts.as_ref(), draft.entry, past)?;
        let amount = Money::sum(body.lines.iter().map(|line| line.amount.money()))
            .ok_or(Refusal::TooLarge)?;
        draft.spend(&body.fund, &gifts, amount, UseClass::Spent);
        Ok(())
    }

    pub(super) fn cost_paid(
        &self,
        body: &CostPaid,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        self.register.place("place", &body.place)?;
        let fund = self.register.fund("fund", &body.fund)?;
        if let Some(programme) = &body.programme {
            self.register.programme(programme)?;
        }
        let date = draft.entry.voucher().date;
        fund.check_terms(Kind::CostPaid, body.programme.as_ref(), date)?;
        let gifts = self.gifts(body.gifts.as_ref(), draft.entry, past)?;
        draft.spend(&body.fund, &gifts, body.amount.money(), UseClass::Spent);
        Ok(())
    }

    /// Out of the gift's unspent parts first; then its used parts, newest first, are taken over by
    /// the fund's other lots, and what they free is given back.
    pub(super) fn donation_returned(
        &self,
        body: &DonationReturned,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let of = self.named("of", &body.of, draft.entry, past)?;
        let fund = gift_fund(Some(&of))?;
        let amount = match &of.voucher().body {
            Body::Donation(given) => given.amount.money(),
            Body::CustodyAssigned(given) => given.amount.money(),
            _ => return Err(Refusal::Reference { member: "of" }.into()),
        };
        self.register.place("place", &body.place)?;
        self.register.fund("of", fund)?;
        let id = gift(of.place());
        draft.of = Some(id);
        let uses = past.uses_of_gift(id)?;
        let returned = uses.iter().filter(|part| part.class == UseClass::Returned);
        let returned = Money::sum(returned.map(|part| part.amount)).ok_or(Refusal::TooLarge)?;
        let allowed = minus(amount, returned);
        if body.amount.money() > allowed {
            return Err(Refusal::MoreThanLeft { allowed }.into());
        }
        let out = Outflow::of(draft.entry.place(), UseClass::Returned);
        let taken = draft.working.take_gift(fund, id, body.amount.money(), out);
        let mut rest = minus(body.amount.money(), taken);
        for part in uses.iter().filter(|part| can_be_taken_over(part, fund)) {
            let share = part.amount.min(rest);
            if !share.is_positive() {
                break;
            }
            draft.working.give_back(part, share);
            draft.working.take_lot(fund, part.lot, share, out);
            draft.take_over(fund, share, Outflow::like(part));
            rest = minus(rest, share);
        }
        if rest.is_positive() {
            return Err(Refusal::PartsElsewhere.into());
        }
        draft.named = Some(of);
        Ok(())
    }

    pub(super) fn transfer(&self, body: &Transfer) -> Result<(), Refusal> {
        self.register.place("from_place", &body.from_place)?;
        self.register.place("to_place", &body.to_place)?;
        if body.fund.as_str() != CUSTODY_FUND {
            self.register.fund("fund", &body.fund)?;
        }
        if body.from_place == body.to_place {
            return Err(Refusal::SameEnds { member: "to_place" });
        }
        Ok(())
    }

    /// Lots move with gift and turn. Out of a restricted or sponsorship fund only what the givers
    /// agreed to, or what a rule in its terms allows.
    pub(super) fn fund_transfer(
        &self,
        body: &FundTransfer,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        self.register.place("place", &body.place)?;
        let from = self.register.fund("from_fund", &body.from_fund)?;
        self.register.fund("to_fund", &body.to_fund)?;
        if body.from_fund == body.to_fund {
            return Err(Refusal::SameEnds { member: "to_fund" }.into());
        }
        // Consent is the gifts that agreed and the digest of its proof; it binds no other gift.
        let by_consent = from.is_bound() && body.gifts.is_some() && body.private.is_some();
        let terms = from.check_terms(Kind::FundTransfer, None, draft.entry.voucher().date);
        let by_terms = terms.is_ok() && (!from.is_bound() || from.terms_allow_transfer());
        if !by_consent && !by_terms {
            if from.is_bound() && !from.terms_allow_transfer() {
                return Err(Refusal::ConsentNeeded.into());
            }
            terms?;
        }
        let gifts = self.gifts(body.gifts.as_ref(), draft.entry, past)?;
        if !by_terms {
            let allowed = self.unspent_of(&gifts, &body.from_fund)?;
            if body.amount.money() > allowed {
                return Err(Refusal::ConsentShort { allowed }.into());
            }
        }
        draft.spend(&body.from_fund, &gifts, body.amount.money(), UseClass::Moved);
        draft.move_lots(&body.to_fund);
        Ok(())
    }

    /// Less than the book: a cost. More: other income, a lot of its own.
    pub(super) fn cash_counted(
        &self,
        body: &CashCounted,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        let place = self.register.place("place", &body.place)?;
        if place.r#type == PlaceType::Bank {
            return Err(Refusal::NotCountable);
        }
        if let Some(fund) = &body.fund {
            self.register.fund("fund", fund)?;
        }
        if let Some(denominations) = &body.denominations {
            let sum = denominations.iter().try_fold(0_i64, |sum, notes| {
                let number = i64::try_from(notes.number.get()).ok()?;
                sum.checked_add(notes.value.minor().checked_mul(number)?)
            });
            let sum = sum.and_then(Money::new).ok_or(Refusal::TooLarge)?;
            if sum != body.counted.money() {
                return Err(Refusal::Denominations { sum });
            }
        }
        let date = draft.entry.voucher().date;
        let of = super::days::Balance::Place(&body.place);
        let book = self.days.balance_at(of, date, place.balance).ok_or(Refusal::TooLarge)?;
        let expected = body.counted.money().checked_sub(book).ok_or(Refusal::TooLarge)?;
        if body.difference != expected {
            return Err(Refusal::Difference { expected });
        }
        let Some(fund) = &body.fund else { return Ok(()) };
        if expected.is_positive() {
            draft.open_lot(fund, 0, expected);
        } else {
            draft.spend(fund, &[], expected.negated(), UseClass::Spent);
        }
        Ok(())
    }

    /// The gifts that a voucher names, each a standing gift of money.
    pub(super) fn gifts(
        &self,
        gifts: Option<&Gifts>,
        entry: &Entry,
        past: &impl Past,
    ) -> Result<Vec<GiftId>, CheckFault> {
        let mut found = Vec::new();
        for reference in gifts.iter().flat_map(|gifts| gifts.iter()) {
            let named = place_of("gifts", reference.entry(), entry)?;
            let line = reference.line().and_then(|line| u32::try_from(line).ok());
            let id = GiftId { seq: named, line: line.unwrap_or(0) };
            let refused = CheckFault::from(Refusal::NotAGift { seq: named });
            if named >= entry.place() {
                return Err(refused);
            }
            match past.entry(named)? {
                Some(entry) if opened_gift(&entry.voucher().body, reference.line()) => {}
                _ => return Err(refused),
            }
            if !self.lots.has_gift(id) && is_reversed(named, past)? {
                return Err(refused);
            }
            found.push(id);
        }
        Ok(found)
    }

    fn unspent_of(&self, gifts: &[GiftId], fund: &Code) -> Result<Money, Refusal> {
        let mut distinct = gifts.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let lots = distinct.iter().flat_map(|id| self.lots.of_gift(*id, fund));
        Money::sum(lots.map(|(_, lot)| lot.unspent)).ok_or(Refusal::TooLarge)
    }

    /// The standing entry that a voucher names, not dated after it.
    pub(super) fn named(
        &self,
        member: &'static str,
        of: &LineRef,
        entry: &Entry,
        past: &impl Past,
    ) -> Result<Entry, CheckFault> {
        let seq = place_of(member, of.entry(), entry)?;
        let reference = CheckFault::from(Refusal::Reference { member });
        if seq >= entry.place() {
            return Err(reference);
        }
        let named = past.entry(seq)?.ok_or(Refusal::Reference { member })?;
        let opening = match &named.voucher().body {
            Body::OpeningBalance(body) => Some(body.as_of),
            _ => None,
        };
        if opening.is_some() != of.line().is_some() {
            return Err(reference);
        }
        if is_reversed(seq, past)? {
            return Err(reference);
        }
        let earliest = opening.unwrap_or(named.voucher().date);
        if entry.voucher().date < earliest {
            return Err(Refusal::DateBeforeOf { earliest }.into());
        }
        Ok(named)
    }

    /// Keeps the standing cash counts of each place.
    pub(super) fn absorb_counts(&mut self, entry: &Entry, effects: &super::Effects) {
        match &entry.voucher().body {
            Body::CashCounted(body) => {
                if let Some(place) = self.register.place_mut(&body.place) {
                    place.counts.push((effects.date, effects.seq));
                }
            }
            Body::Reversed(_) if effects.nature == Kind::CashCounted => {
                let of = effects.of.map(|of| of.seq);
                let places: Vec<Code> = self.register.places().keys().cloned().collect();
                for code in places {
                    if let Some(place) = self.register.place_mut(&code) {
                        place.counts.retain(|(_, seq)| Some(*seq) != of);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a standing `reversed` names the entry.
pub(super) fn is_reversed(seq: u64, past: &impl Past) -> Result<bool, CheckFault> {
    Ok(past.standing(seq)?.iter().any(|standing| standing.kind == Kind::Reversed))
}

/// A used part that other lots of the same fund can take over: never what was returned or moved.
pub(super) fn can_be_taken_over(part: &Use, fund: &Code) -> bool {
    let gone = matches!(part.class, UseClass::Returned | UseClass::Moved);
    part.fund == *fund && !gone
}
