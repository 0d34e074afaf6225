//! Reversals of what a loan is made of, last first: what came back goes out again, what was lost is
//! owed again, what was set aside is free.

use super::draft::{Draft, minus};
use super::effects::{Change, GiftId, Use, UseClass};
use super::inflows::{loan_lot, numbered};
use super::lending::loan_of;
use super::lots::Outflow;
use super::past::{Made, Past};
use super::refusal::{LoanRefusal, Refusal};
use super::reversal::{Undo, gift_to_undo, undo_custody, undo_gift, undo_outflow};
use super::{Books, CheckFault, gift};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, OpeningBalance};
use crate::money::Money;

impl Books {
    /// Vouchers of one loan are reversed last first, and all of them before the loan itself.
    pub(super) fn last_of_loan(
        &self,
        original: &Entry,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let (seq, body) = (original.place(), &original.voucher().body);
        let begun: Vec<GiftId> = match body {
            Body::LoanDisbursed(_) => vec![gift(seq)],
            Body::OpeningBalance(body) => {
                numbered(body.loans.as_deref()).map(|(line, _)| GiftId { seq, line }).collect()
            }
            _ => Vec::new(),
        };
        for loan in begun {
            if let Some(other) = past.of_loan(loan)?.first() {
                return Err(Refusal::NamedByStanding { seq: other.seq }.into());
            }
        }
        if let Some(loan) = loan_of(body, original) {
            match past.of_loan(loan)?.last() {
                Some(last) if last.seq != seq => {
                    return Err(LoanRefusal::LaterOfLoan { seq: last.seq }.into());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The exact opposite of what a voucher of a loan made.
    pub(super) fn undo_loan(
        &self,
        original: &Entry,
        made: &Made,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let seq = original.place();
        for change in &made.changes {
            match change {
                Change::Reserved { approval, fund, principal } => {
                    self.register.fund("of", fund)?;
                    let (approval, fund, principal) =
                        (*approval, fund.clone(), principal.negated());
                    draft.working.push(Change::Reserved { approval, fund, principal });
                }
                Change::LoanMoved { loan, fund, principal, fee, lost } => {
                    self.register.fund("of", fund)?;
                    draft.loan = Some(*loan);
                    let (principal, fee) = (principal.negated(), fee.negated());
                    let (loan, fund, lost) = (*loan, fund.clone(), lost.negated());
                    let back = Change::LoanMoved { loan, fund, principal, fee, lost };
                    draft.working.push(back);
                }
                _ => {}
            }
        }
        match &original.voucher().body {
            Body::LoanDisbursed(_) => undo_outflow(draft, seq, past)?,
            Body::LoanRepaid(_) | Body::LoanRecovered(_) => went_again(made, draft, past)?,
            Body::CustodyAssigned(body) => {
                went_again(made, draft, past)?;
                let custody = made.changes.iter().find_map(|change| match change {
                    Change::CustodyMoved { custody, .. } => Some(*custody),
                    _ => None,
                });
                if let Some(custody) = custody {
                    undo_custody(draft, custody, body.amount.money());
                }
            }
            Body::LoanWrittenOff(_) => owed_again(draft, seq, past)?,
            _ => {}
        }
        Ok(())
    }

    /// Loans that an opening balance should not have held: what funds them goes back first, so that
    /// only what became of repaid parts is taken over.
    pub(super) fn opening_loans(
        &self,
        opening: &OpeningBalance,
        draft: &mut Draft<'_>,
        seq: u64,
        past: &impl Past,
    ) -> Result<Vec<Undo>, CheckFault> {
        let mut all = Vec::new();
        if opening.loans.is_none() {
            return Ok(all);
        }
        for part in past.uses_of_entry(seq)? {
            if part.class == UseClass::OnLoan {
                draft.working.give_back(&part, part.amount);
            }
        }
        for (line, loan) in numbered(opening.loans.as_deref()) {
            self.register.fund("of", &loan.fund)?;
            let id = GiftId { seq, line };
            let principal = minus(loan.principal.money(), loan.paid.money()).negated();
            let fee = minus(loan.fee_total.money(), loan.fees_paid.money()).negated();
            let (fund, lost) = (loan.fund.clone(), Money::ZERO);
            draft.working.push(Change::LoanMoved { loan: id, fund, principal, fee, lost });
            let lot = GiftId { seq, line: loan_lot(opening, line) };
            let mut undo = gift_to_undo(draft, lot, &loan.fund, principal.negated(), past)?;
            undo.used.retain(|part| part.entry != seq || part.class != UseClass::OnLoan);
            all.push(undo);
        }
        Ok(all)
    }
}

/// What had come back of a loan leaves the lots that it opened, as far as it is there; what is
/// missing is supplied by the fund, oldest first. A fee that came with it never was.
fn went_again(made: &Made, draft: &mut Draft<'_>, past: &impl Past) -> Result<(), CheckFault> {
    let mut missing: Vec<(Use, Money)> = Vec::new();
    for change in &made.changes {
        let Change::CameBack { part, amount, lot, .. } = change else { continue };
        let there = draft.working.lots().get(&part.fund, *lot).map(|lot| lot.unspent);
        let got = there.unwrap_or(Money::ZERO).min(*amount);
        if got.is_positive() {
            let (since, line) = (draft.entry.place(), draft.working.line());
            let part = Use { since, line, amount: got, ..part.clone() };
            draft.working.push(Change::WentAgain { lot: *lot, part });
        }
        if got < *amount {
            missing.push((part.clone(), minus(*amount, got)));
        }
    }
    for change in &made.changes {
        if let Change::LotOpened { gift, fund, amount, .. } = change {
            undo_gift(draft, *gift, fund, *amount, past)?;
        }
    }
    for (part, amount) in missing {
        draft.take_over(&part.fund, amount, Outflow::like(&part));
    }
    Ok(())
}

/// What was lost with a loan is out on it again.
fn owed_again(draft: &mut Draft<'_>, seq: u64, past: &impl Past) -> Result<(), CheckFault> {
    let Some(loan) = draft.loan else { return Ok(()) };
    for part in past.uses_of_entry(seq)? {
        draft.working.reclass(&part, part.amount, loan.seq, UseClass::OnLoan);
    }
    Ok(())
}
