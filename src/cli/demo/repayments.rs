//! What comes back of loans in the demonstration, and what does not: repayments, corrections, money
//! paid beyond, waivers, later schedules, losses and recoveries.

use serde_json::json;

use super::Fault;
use super::loans::{FUND, rows, signed};
use super::scenario::{Act, BANK, CASH, Story};
use super::vouchers::{Draft, dong, dong0};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{
    AssignedAs, BadLoanReason, CustodyAssigned, CustodyClass, CustodyReceived, LineRef,
    LoanFeeWaived, LoanRecovered, LoanRepaid, LoanRescheduled, LoanWrittenOff, Reason, Reversed,
};
use crate::ledger::word::{Date, EntryRef};

/// The reserved fund of what is held for others.
const CUSTODY: &str = "custody";

impl Story<'_> {
    /// A repayment, in the cash box or over the bank; its seq.
    pub(super) fn repay(
        &mut self,
        date: Date,
        index: usize,
        (principal, fee): (i64, i64),
        place: Option<&'static str>,
    ) -> Result<u64, Fault> {
        let usual = if self.lending.chance.below(100) < 55 { CASH } else { BANK };
        let (place, of) = (place.unwrap_or(usual), self.of_loan(index)?);
        let loan = self.loan(index)?;
        loan.moves.push((date, principal));
        loan.fee -= fee;
        self.purse.add(place, FUND, principal + fee);
        let body = LoanRepaid {
            of,
            amount: dong(principal + fee)?,
            principal: dong0(principal)?,
            fee: dong0(fee)?,
            place: place.parse()?,
            private: None,
        };
        Ok(self.write(date, body))
    }

    /// One instalment is paid, and two are typed.
    pub(super) fn mistype_repayment(
        &mut self,
        date: Date,
        index: usize,
        typed: i64,
    ) -> Result<(), Fault> {
        let seq = self.repay(date, index, (typed, 0), Some(CASH))?;
        self.loan(index)?.named = Some(seq);
        Ok(())
    }

    /// That repayment is reversed and recorded as it was.
    pub(super) fn correct_repayment(
        &mut self,
        date: Date,
        index: usize,
        right: (i64, i64),
    ) -> Result<(), Fault> {
        let loan = self.loan(index)?;
        let seq = loan.named.take().ok_or(Fault::Scenario("a repayment that was not told yet"))?;
        let typed = loan.moves.last().map_or(0, |(_, principal)| *principal);
        loan.moves.push((date, -typed));
        self.ensure_cash(date, typed)?;
        self.purse.add(CASH, FUND, -typed);
        let of = LineRef::Entry(EntryRef::Seq(seq));
        let mut draft = Draft::new(date, Reversed { of, reason: Reason::Mistyped, private: None });
        draft.note = Some("Ghi nhầm số tiền trả vốn vay, lập lại phiếu thu".parse()?);
        self.act(Act::Write(Box::new(draft)));
        self.repay(date, index, right, Some(CASH)).map(drop)
    }

    /// More comes over the bank than was meant: the rest is held for the borrower.
    pub(super) fn overpay(
        &mut self,
        date: Date,
        index: usize,
        meant: (i64, i64),
        more: i64,
    ) -> Result<(), Fault> {
        self.repay(date, index, meant, Some(BANK))?;
        let people = self.people;
        let borrower = self.loan(index)?.borrower;
        let borrower = people.borrowers.get(borrower).ok_or(Fault::Scenario("no borrowers"))?;
        let (donor, private) = self.pen.donor(&borrower.giver())?;
        self.purse.add(BANK, CUSTODY, more);
        let body = CustodyReceived {
            class: CustodyClass::Overpaid,
            donor,
            to: None,
            amount: Some(dong(more)?),
            place: Some(BANK.parse()?),
            goods: None,
            private: None,
        };
        let seq = self.write_sealed(date, body, private);
        self.loan(index)?.named = Some(seq);
        Ok(())
    }

    /// What was held is the next instalment.
    pub(super) fn assign_to_loan(
        &mut self,
        date: Date,
        index: usize,
        principal: i64,
    ) -> Result<(), Fault> {
        let loan = Some(self.of_loan(index)?);
        let own = self.loan(index)?;
        own.moves.push((date, principal));
        let held = own.named.take().ok_or(Fault::Scenario("nothing is held of a borrower"))?;
        self.purse.add(BANK, CUSTODY, -principal);
        self.purse.add(BANK, FUND, principal);
        let body = CustodyAssigned {
            of: LineRef::Entry(EntryRef::Seq(held)),
            amount: dong(principal)?,
            r#as: AssignedAs::Repayment,
            fund: None,
            loan,
            donor: None,
            principal: Some(dong0(principal)?),
            fee: Some(dong0(0)?),
            place: None,
            private: None,
        };
        self.write(date, body);
        Ok(())
    }

    pub(super) fn waive(&mut self, date: Date, index: usize) -> Result<(), Fault> {
        let of = self.of_loan(index)?;
        let fee = std::mem::take(&mut self.loan(index)?.fee);
        let (amount, reason) = (dong(fee)?, BadLoanReason::Illness);
        self.write(date, LoanFeeWaived { of, amount, reason, private: None });
        Ok(())
    }

    /// What is owed is spread over more months; which loan it is, how and why is sealed.
    pub(super) fn reschedule(&mut self, date: Date, index: usize) -> Result<(), Fault> {
        let people = self.people;
        let loan = self.loan(index)?;
        let months = u32::try_from(loan.rows.len()).unwrap_or(12);
        let (owed, fee) = (loan.owed(date), loan.fee);
        let later = rows(owed, fee, months, date);
        loan.later = Some((date, later.clone()));
        let number = loan.number.clone();
        let borrower = loan.borrower;
        let borrower = people.borrowers.get(borrower).ok_or(Fault::Scenario("no borrowers"))?;
        let (digests, private) = self.seal([
            (borrower, PrivateName::Loan, json!(number)),
            (borrower, PrivateName::Schedule, signed(&later)),
            (borrower, PrivateName::Words, json!("Mất mùa, xin giãn thời gian trả")),
        ])?;
        self.write_sealed(date, LoanRescheduled { private: Some(digests) }, private);
        self.lending.plan_rows(index, &later);
        Ok(())
    }

    pub(super) fn write_off(&mut self, date: Date, index: usize) -> Result<(), Fault> {
        let of = self.of_loan(index)?;
        let loan = self.loan(index)?;
        let rest = loan.owed(date);
        loan.moves.push((date, rest));
        let reason = BadLoanReason::Death;
        self.write(date, LoanWrittenOff { of, reason, private: None });
        Ok(())
    }

    /// The family pays a part of what was lost.
    pub(super) fn recover(&mut self, date: Date, index: usize, amount: i64) -> Result<(), Fault> {
        let of = self.of_loan(index)?;
        self.purse.add(CASH, FUND, amount);
        let (amount, place) = (dong(amount)?, CASH.parse()?);
        self.write(date, LoanRecovered { of, amount, place, private: None });
        Ok(())
    }
}
