//! Lending in the demonstration, day by day: who is next, approvals with what is sealed of them,
//! disbursements, and the gift that is followed through its turns.

use std::collections::VecDeque;

use serde_json::json;

use super::Fault;
use super::calendar::{days_later, months_later, working};
use super::loans::{Deed, FUND, Fate, Followed, Loan, ROUND, rows, signed};
use super::people::Family;
use super::scenario::{Act, BANK, CASH, Story};
use super::vouchers::{Draft, dong, dong0};
use crate::ledger::disclosure::{Digests, Disclosure, PrivateName};
use crate::ledger::voucher::{
    Body, LineRef, LoanApproved, LoanCancelled, LoanDisbursed, Purpose, Reason,
};
use crate::ledger::word::{Date, EntryRef};
use crate::store::desk::vault::{PrivateValue, Subject};

/// The group of two borrowers who stand in for each other.
const GROUP: &str = "to-thon-dong";
/// The smallest loan, and the largest.
const LEAST: i64 = 3_000_000;
const MOST: i64 = 10_000_000;
/// So much of the followed gift is lent again.
const AGAIN: i64 = 120_000;

impl<'a> Story<'a> {
    /// What a day brings in lending: what was agreed on for it, then the next approval.
    pub(super) fn lend(&mut self, date: Date) -> Result<(), Fault> {
        for (index, deed) in self.lending.due(date) {
            self.deed(date, index, deed)?;
        }
        while self.approve_next(date)? {}
        Ok(())
    }

    fn deed(&mut self, date: Date, index: usize, deed: Deed) -> Result<(), Fault> {
        match deed {
            Deed::Disburse => self.disburse(date, index),
            Deed::Cancel => self.cancel(date, index),
            Deed::Repay(principal, fee) => {
                self.before_return(date, index)?;
                self.repay(date, index, (principal, fee), None).map(drop)
            }
            Deed::Mistype(principal) => self.mistype_repayment(date, index, principal),
            Deed::Correct(principal, fee) => self.correct_repayment(date, index, (principal, fee)),
            Deed::Overpay(principal, fee, more) => {
                self.overpay(date, index, (principal, fee), more)
            }
            Deed::Assign(principal) => self.assign_to_loan(date, index, principal),
            Deed::Waive => self.waive(date, index),
            Deed::Reschedule => self.reschedule(date, index),
            Deed::WriteOff => self.write_off(date, index),
            Deed::Recover(amount) => self.recover(date, index, amount),
        }
    }

    pub(super) fn loan(&mut self, index: usize) -> Result<&mut Loan, Fault> {
        self.lending.loans.get_mut(index).ok_or(Fault::Scenario("a loan that was not told yet"))
    }

    pub(super) fn of_loan(&mut self, index: usize) -> Result<LineRef, Fault> {
        let of = self.loan(index)?.of.clone();
        of.ok_or(Fault::Scenario("a loan that was not paid out"))
    }

    /// Approves the loan whose turn it is, once its day has come and there is money for it.
    fn approve_next(&mut self, date: Date) -> Result<bool, Fault> {
        let Some((month, fate, has_fee)) = self.lending.slots.front().copied() else {
            return Ok(false);
        };
        let is_back = matches!(self.lending.followed, Followed::Back(_));
        if is_back && fate != Fate::Again {
            // It would change what is lent before the followed gift.
            return Ok(self.lending.slots.pop_front().is_some());
        }
        let day = days_later(months_later(self.books_from, month), 8);
        if date < day || working(date) != date {
            return Ok(false);
        }
        let free = (self.purse.fund(FUND) - self.lending.reserved) / ROUND * ROUND;
        let principal = match (fate, &self.lending.followed) {
            (Fate::Followed, Followed::Given(before)) => {
                ((*before + ROUND * 2 - 1) / ROUND * ROUND).max(LEAST)
            }
            (Fate::Again, Followed::Back(rest)) => match rest.front() {
                Some(principal) => *principal,
                None => return Ok(false),
            },
            (Fate::Followed | Fate::Again, _) => return Ok(false),
            (Fate::Draining, _) => free.min(MOST),
            _ => match usual_size(month) {
                (least, _, _) if free < least => return Ok(false),
                (_, from, to) => free
                    .min(i64::try_from(self.lending.chance.between(from, to)).unwrap_or(6) * ROUND),
            },
        };
        if free < principal || principal < LEAST {
            return Ok(false);
        }
        self.lending.slots.pop_front();
        if let Followed::Back(rest) = &mut self.lending.followed {
            rest.pop_front();
        }
        self.approve(date, month, (fate, has_fee), principal)?;
        Ok(true)
    }

    fn approve(
        &mut self,
        date: Date,
        month: u32,
        (fate, has_fee): (Fate, bool),
        principal: i64,
    ) -> Result<(), Fault> {
        let months = match fate {
            Fate::Followed => 6,
            Fate::Grouped => 10,
            Fate::Usual | Fate::Early | Fate::Late if month < 60 => {
                u32::try_from(self.lending.chance.between(6, 12)).unwrap_or(12)
            }
            _ => 12,
        };
        let fee = if has_fee { i64::from(months) * 10_000 } else { 0 };
        let out = working(days_later(date, self.lending.chance.between(2, 5)));
        let all = rows(principal, fee, months, out);
        // What is followed is paid back at once: fattened pigs are sold together.
        let rows = match (fate, all.last()) {
            (Fate::Followed, Some(last)) => {
                vec![super::loans::Row { principal, ..*last }]
            }
            _ => all,
        };
        let purpose = match fate {
            Fate::Followed => Purpose::Livestock,
            _ => self.purpose(),
        };
        let index = self.lending.loans.len();
        let loan = Loan {
            borrower: index % self.people.borrowers.len().max(1),
            fate,
            principal,
            purpose,
            number: self.lending.next_number(date.year()),
            approval: self.next_seq(),
            of: None,
            rows,
            later: None,
            moves: Vec::new(),
            fee,
            named: None,
        };
        let (digests, private) = self.seal_loan(&loan)?;
        let group = (fate == Fate::Grouped).then(|| GROUP.parse()).transpose()?;
        let body = LoanApproved {
            fund: FUND.parse()?,
            principal: dong(principal)?,
            purpose,
            fee_total: dong0(fee)?,
            group,
            private: Some(digests),
        };
        self.write_sealed(date, body, private);
        self.lending.reserved += principal;
        self.lending.loans.push(loan);
        match fate {
            Fate::Cancelled => self.lending.plan(out, index, Deed::Cancel),
            _ => self.lending.plan(out, index, Deed::Disburse),
        }
        Ok(())
    }

    fn purpose(&mut self) -> Purpose {
        const PURPOSES: [Purpose; 9] = [
            Purpose::SmallTrade,
            Purpose::SmallTrade,
            Purpose::Livestock,
            Purpose::Livestock,
            Purpose::Livestock,
            Purpose::Crops,
            Purpose::Crops,
            Purpose::Repair,
            Purpose::Study,
        ];
        self.lending.chance.pick(&PURPOSES).copied().unwrap_or(Purpose::Livestock)
    }

    /// Who borrows, who stands in, what is due when, and what for: sealed.
    pub(super) fn seal_loan(&mut self, loan: &Loan) -> Result<(Digests, Vec<PrivateValue>), Fault> {
        let people = self.people;
        let count = people.borrowers.len().max(1);
        let person = |index: usize| {
            people.borrowers.get(index % count).ok_or(Fault::Scenario("no borrowers"))
        };
        let (borrower, guarantor) = (person(loan.borrower)?, person(loan.borrower + count / 2)?);
        let values = [
            (borrower, PrivateName::FullName, json!(borrower.record.full_name)),
            (guarantor, PrivateName::Guarantor, json!(guarantor.record.full_name)),
            (borrower, PrivateName::Schedule, signed(&loan.rows)),
            (borrower, PrivateName::Words, json!(words(loan.purpose))),
        ];
        self.seal(values)
    }

    /// Seals values of persons.
    pub(super) fn seal(
        &mut self,
        values: impl IntoIterator<Item = (&'a Family, PrivateName, serde_json::Value)>,
    ) -> Result<(Digests, Vec<PrivateValue>), Fault> {
        let mut private = Vec::new();
        for (person, name, value) in values {
            let disclosure = self.pen.disclosure(name, value)?;
            let subject = Subject::Person(person.person.clone());
            private.push(PrivateValue { disclosure, subject });
        }
        let digests = private.iter().map(|value| &value.disclosure).map(Disclosure::digest);
        Ok((Digests::sorted(digests)?, private))
    }

    pub(super) fn write_sealed(
        &mut self,
        date: Date,
        body: impl Into<Body>,
        private: Vec<PrivateValue>,
    ) -> u64 {
        let mut draft = Draft::new(date, body);
        draft.private = private;
        self.act(Act::Write(Box::new(draft)))
    }

    fn cancel(&mut self, date: Date, index: usize) -> Result<(), Fault> {
        let loan = self.loan(index)?;
        let (approval, principal) = (loan.approval, loan.principal);
        self.lending.reserved -= principal;
        let of = LineRef::Entry(EntryRef::Seq(approval));
        self.write(date, LoanCancelled { of, reason: Reason::Other, private: None });
        Ok(())
    }

    fn disburse(&mut self, date: Date, index: usize) -> Result<(), Fault> {
        let loan = self.loan(index)?;
        let (approval, principal, fate) = (loan.approval, loan.principal, loan.fate);
        let in_cash = self.lending.chance.below(100) < 30 && self.purse.place(CASH) >= principal;
        let place = if in_cash { CASH } else { BANK };
        let missing = principal - self.purse.place(place);
        if missing > 0 {
            // Rounded up to half a million, as far as the box has it.
            let amount = ((missing + ROUND - 1) / ROUND * ROUND).min(self.purse.place(CASH));
            self.transfer(date, (CASH, BANK), FUND, amount)?;
        }
        self.purse.add(place, FUND, -principal);
        self.lending.reserved -= principal;
        let of = LineRef::Entry(EntryRef::Seq(approval));
        let body = LoanDisbursed { of, place: place.parse()?, private: None };
        let seq = self.write(date, body);
        self.loan(index)?.of = Some(LineRef::Entry(EntryRef::Seq(seq)));
        match fate {
            Fate::Draining => self.followed_gift(working(days_later(date, 2))),
            Fate::Followed => {
                if let Followed::Given(before) = self.lending.followed {
                    self.lending.followed = Followed::Lent(index, before);
                }
            }
            _ => {}
        }
        self.lending.plan_repayments(index);
        Ok(())
    }

    /// The day on which the followed gift comes back: what is lent from now on is chosen so that
    /// it ends with 120.000 of it, and a collection makes that a round sum.
    fn before_return(&mut self, date: Date, index: usize) -> Result<(), Fault> {
        let Followed::Lent(followed, before) = self.lending.followed else { return Ok(()) };
        if followed != index {
            return Ok(());
        }
        let there = self.purse.fund(FUND) + before + AGAIN;
        // Enough for five loans, most of which run today.
        let least = (there + 300_000).max(20_000_000 + self.lending.reserved);
        let total = (least + ROUND - 1) / ROUND * ROUND;
        self.gift_of_nobody(date, CASH, FUND, total - there)?;
        let mut left = total - self.lending.reserved;
        let count = if left > 9 * 5_000_000 { 6 } else { 5 };
        let mut rest = VecDeque::new();
        for after in (1..count).rev() {
            let more = if after % 2 == 0 { ROUND } else { -ROUND };
            let principal = (left / (after + 1) / ROUND * ROUND + more).max(LEAST);
            rest.push_back(principal);
            left -= principal;
        }
        rest.push_back(left);
        self.lending.followed = Followed::Back(rest);
        Ok(())
    }
}

/// What a principal of a month is: so much there has to be, then from and to, in half millions.
const fn usual_size(month: u32) -> (i64, u64, u64) {
    match month {
        0..24 => (LEAST, 6, 8),
        24..60 => (LEAST, 6, 12),
        _ => (5_000_000, 12, 18),
    }
}

/// What a loan is for, in the words of the borrower.
const fn words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::SmallTrade => "Mua hàng bán ở chợ xã",
        Purpose::Livestock => "Mua lợn giống và cám",
        Purpose::Crops => "Mua giống và phân bón vụ tới",
        Purpose::Repair => "Lợp lại mái nhà trước mùa mưa",
        Purpose::Study => "Đóng học phí cho con",
        _ => "Việc gia đình",
    }
}
