//! What the chapter holds for others: never its own income, no lot until it is assigned.

use super::draft::Draft;
use super::effects::{Change, GiftId};
use super::past::Past;
use super::postings::custody_place;
use super::refusal::Refusal;
use super::{Books, CheckFault};
use crate::ledger::voucher::{CustodyAssigned, CustodyReceived, LineRef};
use crate::ledger::word::{Amount, Code};
use crate::money::Money;

/// What leaves custody, and how.
pub(super) struct Leaving<'a> {
    /// The voucher (and line) that received it.
    pub of: &'a LineRef,
    /// The money.
    pub amount: Option<Amount>,
    /// Where the money leaves, when it is not where it came in.
    pub place: &'a Option<Code>,
}

impl Books {
    pub(super) fn custody_received(
        &self,
        body: &CustodyReceived,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        let (Some(amount), Some(place)) = (body.amount, &body.place) else { return Ok(()) };
        self.register.place("place", place)?;
        let custody = GiftId { seq: draft.entry.seq, line: 0 };
        draft.working.push(Change::CustodyOpened { custody, amount: amount.money() });
        Ok(())
    }

    /// Handed over to the family, or returned to the giver.
    pub(super) fn custody_leaves(
        &self,
        leaving: &Leaving<'_>,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let Some(amount) = leaving.amount else { return Ok(()) };
        self.take_out(leaving, amount, draft, past)
    }

    /// It becomes a donation: out of custody, into the fund, a gift from now on.
    pub(super) fn custody_assigned(
        &self,
        body: &CustodyAssigned,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let Some(fund) = &body.fund else {
            return Err(Refusal::NotBuilt { what: "repayment by custody".to_owned() }.into());
        };
        let leaving = Leaving { of: &body.of, amount: Some(body.amount), place: &body.place };
        self.register.fund("fund", fund)?;
        self.take_out(&leaving, body.amount, draft, past)?;
        draft.open_lot(fund, 0, body.amount.money());
        Ok(())
    }

    /// Takes an amount out of what is held.
    fn take_out(
        &self,
        leaving: &Leaving<'_>,
        amount: Amount,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let of = self.named("of", leaving.of, draft.entry, past)?;
        let place = custody_place(leaving.place.as_ref(), leaving.of, Some(&of))?;
        self.register.place("place", &place)?;
        let line = leaving.of.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
        let custody = GiftId { seq: of.seq, line };
        draft.of = Some(custody);
        let allowed = self.lots.held(custody).unwrap_or(Money::ZERO);
        if amount.money() > allowed {
            return Err(Refusal::MoreThanLeft { allowed }.into());
        }
        draft.working.push(Change::CustodyMoved { custody, amount: amount.money().negated() });
        draft.named = Some(of);
        Ok(())
    }
}
