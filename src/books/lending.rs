//! Revolving loans: approval sets money aside, disbursement lends lots of the fund, a repayment
//! returns them to their sources for the next turn, a write-off falls on what is left of them.

use super::draft::{Draft, minus};
use super::effects::{Change, GiftId, LotKey, Use, UseClass};
use super::loans::{Loan, Reserved};
use super::lots::Outflow;
use super::past::Past;
use super::refusal::{LoanRefusal, Refusal};
use super::{Books, CheckFault, gift, place_of};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{
    Body, FundType, Kind, LineRef, LoanApproved, LoanCancelled, LoanDisbursed, LoanFeeWaived,
    LoanRecovered, LoanRepaid, LoanWrittenOff, OpeningLoan,
};
use crate::ledger::word::Code;
use crate::money::Money;

/// A loan that a voucher names, as it stands.
pub(super) struct Named {
    /// Its disbursement, or the line of an opening balance.
    pub id: GiftId,
    /// Whether it ran already when the books began.
    pub opening: bool,
    /// What is owed and lost of it.
    pub state: Loan,
}

/// The two parts of a repayment.
pub(super) struct Parts {
    /// Paid together.
    pub amount: Money,
    /// Of that, principal.
    pub principal: Money,
    /// Of that, the service fee.
    pub fee: Money,
}

impl Books {
    /// Sets the principal aside.
    pub(super) fn loan_approved(
        &self,
        body: &LoanApproved,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        let fund = self.register.fund("fund", &body.fund)?;
        self.lends(&body.fund)?;
        fund.check_terms(Kind::LoanApproved, None, draft.entry.voucher().date)?;
        let (fund, principal) = (body.fund.clone(), body.principal.money());
        draft.working.push(Change::Reserved { approval: draft.entry.place(), fund, principal });
        Ok(())
    }

    /// What was set aside is free again.
    pub(super) fn loan_cancelled(
        &self,
        body: &LoanCancelled,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let (approval, own) = self.approval(&body.of, draft, past)?;
        draft.working.push(freed(approval.place(), &own));
        draft.named = Some(approval);
        Ok(())
    }

    /// The fund's oldest lots go out on loan.
    pub(super) fn loan_disbursed(
        &self,
        body: &LoanDisbursed,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let (approval, own) = self.approval(&body.of, draft, past)?;
        let Body::LoanApproved(approved) = &approval.voucher().body else {
            return Err(Refusal::Reference { member: "of" }.into());
        };
        self.register.place("place", &body.place)?;
        let id = gift(draft.entry.place());
        let fee = approved.fee_total.money();
        draft.working.push(freed(approval.place(), &own));
        let (fund, principal, lost) = (own.fund.clone(), own.principal, Money::ZERO);
        draft.working.push(Change::LoanMoved { loan: id, fund, principal, fee, lost });
        draft.spend(&own.fund, &[], own.principal, UseClass::OnLoan);
        draft.loan = Some(id);
        draft.named = Some(approval);
        Ok(())
    }

    pub(super) fn loan_repaid(
        &self,
        body: &LoanRepaid,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let loan = self.loan("of", &body.of, draft.entry, past)?;
        self.register.place("place", &body.place)?;
        draft.of = Some(loan.id);
        let (amount, principal) = (body.amount.money(), body.principal.money());
        let parts = Parts { amount, principal, fee: body.fee.money() };
        self.repay(&loan, &parts, draft, past)
    }

    /// The principal returns to its sources, the fee opens a lot of its own.
    pub(super) fn repay(
        &self,
        loan: &Named,
        parts: &Parts,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let sum = parts.principal.checked_add(parts.fee).ok_or(Refusal::TooLarge)?;
        if sum != parts.amount {
            return Err(LoanRefusal::Parts { sum }.into());
        }
        if let Some(seq) = written_off(loan.id, past)? {
            return Err(LoanRefusal::WrittenOff { seq }.into());
        }
        if !loan.state.is_owed() {
            return Err(LoanRefusal::Closed.into());
        }
        at_most("principal", parts.principal, loan.state.principal)?;
        at_most("fee", parts.fee, loan.state.fee)?;
        let fund = &loan.state.fund;
        self.register.fund("of", fund)?;
        let (principal, fee) = (parts.principal.negated(), parts.fee.negated());
        draft.working.push(moved(loan, principal, fee, Money::ZERO));
        let line = come_back(draft, funding(loan, past)?, parts.principal, 1);
        if parts.fee.is_positive() {
            draft.open_lot(fund, line, parts.fee);
        }
        draft.loan = Some(loan.id);
        Ok(())
    }

    pub(super) fn loan_fee_waived(
        &self,
        body: &LoanFeeWaived,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let loan = self.loan("of", &body.of, draft.entry, past)?;
        draft.of = Some(loan.id);
        if !loan.state.is_owed() {
            return Err(LoanRefusal::Closed.into());
        }
        at_most("fee", body.amount.money(), loan.state.fee)?;
        let fee = body.amount.money().negated();
        draft.working.push(moved(&loan, Money::ZERO, fee, Money::ZERO));
        draft.loan = Some(loan.id);
        Ok(())
    }

    /// Everything that is left of the principal is lost, and what is left of its sources with it.
    pub(super) fn loan_written_off(
        &self,
        body: &LoanWrittenOff,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let loan = self.loan("of", &body.of, draft.entry, past)?;
        draft.of = Some(loan.id);
        if let Some(seq) = written_off(loan.id, past)? {
            return Err(LoanRefusal::WrittenOff { seq }.into());
        }
        let principal = loan.state.principal;
        if principal == Money::ZERO {
            return Err(LoanRefusal::Closed.into());
        }
        for voucher in past.of_loan(loan.id)? {
            let earliest = past.entry(voucher.seq)?.map(|entry| entry.voucher().date);
            if let Some(earliest) = earliest.filter(|day| *day > draft.entry.voucher().date) {
                return Err(Refusal::DateBeforeOf { earliest }.into());
            }
        }
        self.register.fund("of", &loan.state.fund)?;
        draft.working.push(moved(&loan, principal.negated(), Money::ZERO, principal));
        let place = draft.entry.place();
        for part in funding(&loan, past)? {
            draft.working.reclass(&part, part.amount, place, UseClass::Lost);
        }
        draft.loan = Some(loan.id);
        Ok(())
    }

    /// What was lost is there again, in the same turn.
    pub(super) fn loan_recovered(
        &self,
        body: &LoanRecovered,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let loan = self.loan("of", &body.of, draft.entry, past)?;
        self.register.place("place", &body.place)?;
        draft.of = Some(loan.id);
        let seq = written_off(loan.id, past)?.ok_or(LoanRefusal::NotWrittenOff)?;
        let earliest = past.entry(seq)?.map(|entry| entry.voucher().date);
        if let Some(earliest) = earliest.filter(|day| *day > draft.entry.voucher().date) {
            return Err(Refusal::DateBeforeOf { earliest }.into());
        }
        let (amount, allowed) = (body.amount.money(), loan.state.lost);
        if amount > allowed {
            return Err(Refusal::MoreThanLeft { allowed }.into());
        }
        self.register.fund("of", &loan.state.fund)?;
        draft.working.push(moved(&loan, Money::ZERO, Money::ZERO, amount.negated()));
        let mut lost = past.uses_of_entry(seq)?;
        lost.sort_by_key(in_funding_order);
        come_back(draft, lost, amount, 0);
        draft.loan = Some(loan.id);
        Ok(())
    }

    /// A loan that runs already: a lot of its own that is wholly out.
    pub(super) fn opening_loan(
        &self,
        loan: &OpeningLoan,
        (line, lot): (u32, u32),
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        self.register.fund("fund", &loan.fund)?;
        self.lends(&loan.fund)?;
        let (principal, total) = (loan.principal.money(), loan.fee_total.money());
        let (paid, fees_paid) = (loan.paid.money(), loan.fees_paid.money());
        if paid > principal || (paid == principal && fees_paid == total) {
            return Err(LoanRefusal::OpeningLoan { member: "paid", allowed: principal }.into());
        }
        if fees_paid > total {
            return Err(LoanRefusal::OpeningLoan { member: "fees_paid", allowed: total }.into());
        }
        let latest = draft.effective;
        if loan.disbursed > latest {
            return Err(Refusal::DayOrder { member: "disbursed", latest });
        }
        let (seq, principal) = (draft.entry.place(), minus(principal, paid));
        let (id, fund, fee) = (GiftId { seq, line }, loan.fund.clone(), minus(total, fees_paid));
        draft.working.push(Change::LoanMoved { loan: id, fund, principal, fee, lost: Money::ZERO });
        if principal.is_positive() {
            draft.open_lot(&loan.fund, lot, principal);
            let out = Outflow::opening_loan(seq, line);
            draft.working.take_lot(&loan.fund, LotKey { seq, line: lot }, principal, out);
        }
        Ok(())
    }

    /// Only a revolving fund lends.
    fn lends(&self, fund: &Code) -> Result<(), Refusal> {
        match self.register.funds().get(fund) {
            Some(state) if state.fund.r#type == FundType::Revolving => Ok(()),
            _ => Err(LoanRefusal::NotRevolving { fund: fund.to_string() }.into()),
        }
    }

    /// The approval that a voucher names, with what is set aside for it.
    fn approval(
        &self,
        of: &LineRef,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(Entry, Reserved), CheckFault> {
        let approval = self.named("of", of, draft.entry, past)?;
        if approval.voucher().kind() != Kind::LoanApproved {
            return Err(Refusal::Reference { member: "of" }.into());
        }
        draft.of = Some(gift(approval.place()));
        for standing in past.standing(approval.place())? {
            let seq = standing.seq;
            match standing.kind {
                Kind::LoanCancelled => return Err(LoanRefusal::Cancelled { seq }.into()),
                Kind::LoanDisbursed => return Err(LoanRefusal::Disbursed { seq }.into()),
                _ => {}
            }
        }
        let own = self.loans.reserved_for(approval.place()).cloned();
        let own = own.ok_or(Refusal::Reference { member: "of" })?;
        Ok((approval, own))
    }

    /// The loan that a voucher names by its disbursement or by the line of an opening balance.
    pub(super) fn loan(
        &self,
        member: &'static str,
        of: &LineRef,
        entry: &Entry,
        past: &impl Past,
    ) -> Result<Named, CheckFault> {
        let named = self.named(member, of, entry, past)?;
        let line = of.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
        let id = GiftId { seq: named.place(), line };
        let opening = match &named.voucher().body {
            Body::LoanDisbursed(_) => false,
            Body::OpeningBalance(body) if has_line(body.loans.as_deref(), line) => true,
            _ => return Err(Refusal::Reference { member }.into()),
        };
        let state = match self.loans.get(id) {
            Some(own) => own.clone(),
            None => Loan::of(&lender(&named, line, past)?),
        };
        Ok(Named { id, opening, state })
    }
}

/// The loan that a voucher is about, when it comes after the disbursement.
pub(super) fn loan_of(body: &Body, entry: &Entry) -> Option<GiftId> {
    let of = match body {
        Body::LoanRepaid(body) => &body.of,
        Body::LoanFeeWaived(body) => &body.of,
        Body::LoanWrittenOff(body) => &body.of,
        Body::LoanRecovered(body) => &body.of,
        Body::CustodyAssigned(body) => body.loan.as_ref()?,
        _ => return None,
    };
    let seq = place_of("of", of.entry(), entry).ok()?;
    let line = of.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
    Some(GiftId { seq, line })
}

/// The fund that lent.
fn lender(loan: &Entry, line: u32, past: &impl Past) -> Result<Code, CheckFault> {
    let approval = match &loan.voucher().body {
        Body::LoanDisbursed(body) => past.entry(place_of("of", body.of.entry(), loan)?)?,
        _ => None,
    };
    let fund = match (&loan.voucher().body, approval.as_ref().map(|entry| &entry.voucher().body)) {
        (_, Some(Body::LoanApproved(body))) => Some(&body.fund),
        (Body::OpeningBalance(body), _) => {
            let lines = body.loans.as_deref().unwrap_or_default();
            usize::try_from(line).ok().and_then(|line| lines.get(line)).map(|loan| &loan.fund)
        }
        _ => None,
    };
    fund.cloned().ok_or_else(|| Refusal::Reference { member: "of" }.into())
}

/// The uses that fund a loan, in the order in which a repayment returns to them.
fn funding(loan: &Named, past: &impl Past) -> Result<Vec<Use>, CheckFault> {
    let line = loan.opening.then_some(loan.id.line);
    let mut uses = past.uses_of_entry(loan.id.seq)?;
    uses.retain(|part| part.class == UseClass::OnLoan && part.loan == line);
    uses.sort_by_key(in_funding_order);
    Ok(uses)
}

/// Sources in the order of their lots.
fn in_funding_order(part: &Use) -> (LotKey, u64, u32) {
    (part.lot, part.since, part.line)
}

/// Returns an amount to the uses that it came from, as lots that are available from now on; the
/// line of the next lot.
fn come_back(draft: &mut Draft<'_>, sources: Vec<Use>, amount: Money, turns: u32) -> u32 {
    let (mut rest, mut line, seq) = (amount, 0, draft.entry.place());
    for part in sources {
        let share = part.amount.min(rest);
        if !share.is_positive() {
            break;
        }
        rest = minus(rest, share);
        let (lot, turn) = (LotKey { seq, line }, part.turn.saturating_add(turns));
        draft.working.push(Change::CameBack { part, amount: share, lot, turn });
        line += 1;
    }
    debug_assert!(rest == Money::ZERO, "a loan is funded by what is owed of it");
    line
}

/// The standing voucher that wrote a loan off.
fn written_off(loan: GiftId, past: &impl Past) -> Result<Option<u64>, CheckFault> {
    let all = past.of_loan(loan)?;
    Ok(all.iter().find(|other| other.kind == Kind::LoanWrittenOff).map(|other| other.seq))
}

fn freed(approval: u64, own: &Reserved) -> Change {
    let (fund, principal) = (own.fund.clone(), own.principal.negated());
    Change::Reserved { approval, fund, principal }
}

fn moved(loan: &Named, principal: Money, fee: Money, lost: Money) -> Change {
    Change::LoanMoved { loan: loan.id, fund: loan.state.fund.clone(), principal, fee, lost }
}

fn at_most(member: &'static str, amount: Money, allowed: Money) -> Result<(), Refusal> {
    if amount > allowed {
        return Err(LoanRefusal::MoreThanOwed { member, allowed }.into());
    }
    Ok(())
}

fn has_line<T>(list: Option<&[T]>, line: u32) -> bool {
    usize::try_from(line).is_ok_and(|line| list.is_some_and(|list| line < list.len()))
}
