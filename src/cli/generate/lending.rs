//! A few small loans at a time, each paid back in one.

use chrono::Days;
use serde_json::json;

use super::story::{LOANS, Story};
use crate::cli::invented::vouchers::{Draft, dong, dong0};
use crate::cli::invented::{BANK, Fault};
use crate::ledger::disclosure::{Digests, PrivateName};
use crate::ledger::voucher::{LineRef, LoanApproved, LoanDisbursed, LoanRepaid, Purpose};
use crate::ledger::word::{Date, EntryRef};
use crate::store::desk::vault::{PrivateValue, Subject};

/// Fewer than five: a closing says nothing of so few.
const MOST: usize = 4;
/// What is lent, in đồng.
const PRINCIPAL: i64 = 5_000_000;
/// Days until it is paid back.
const TERM: u64 = 90;

/// A loan that runs.
#[derive(Clone, Copy, Debug)]
pub struct Loan {
    due: Date,
    /// The disbursement.
    of: u64,
}

impl Story<'_> {
    /// Whether there is money for another loan.
    pub(super) fn may_lend(&self) -> bool {
        let held = self.purse.fund(LOANS).min(self.purse.place(BANK));
        self.loans.len() < MOST && held >= PRINCIPAL
    }

    /// A loan is approved and paid out.
    pub(super) fn lend(&mut self, date: Date) -> Result<(), Fault> {
        let due = date.naive().checked_add_days(Days::new(TERM)).and_then(Date::new);
        let due = due.ok_or(Fault::Scenario("a day beyond the calendar"))?;
        let (people, seeded) = (self.people, &mut self.seeded);
        let none = || Fault::Scenario("no borrowers");
        let borrower = seeded.pick(&people.borrowers).ok_or_else(none)?;
        let guarantor = seeded.pick(&people.borrowers).ok_or_else(none)?;
        let schedule = json!([{"due": due.to_string(), "principal": PRINCIPAL, "fee": 0}]);
        let values = [
            (borrower, PrivateName::FullName, json!(borrower.record.full_name)),
            (guarantor, PrivateName::Guarantor, json!(guarantor.record.full_name)),
            (borrower, PrivateName::Schedule, schedule),
        ];
        let mut private = Vec::new();
        for (family, name, value) in values {
            let disclosure = self.pen.disclosure(name, value)?;
            let subject = Subject::Person(family.person.clone());
            private.push(PrivateValue { disclosure, subject });
        }
        let digests = private.iter().map(|value| value.disclosure.digest());
        let body = LoanApproved {
            fund: LOANS.parse()?,
            principal: dong(PRINCIPAL)?,
            purpose: Purpose::Livestock,
            fee_total: dong0(0)?,
            group: None,
            private: Some(Digests::sorted(digests)?),
        };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        let approval = self.act(super::story::Act::Write(Box::new(draft)));
        self.purse.add(BANK, LOANS, -PRINCIPAL);
        let of = LineRef::Entry(EntryRef::Seq(approval));
        let of = self.write(date, LoanDisbursed { of, place: BANK.parse()?, private: None });
        self.loans.push(Loan { due, of });
        Ok(())
    }

    /// Pays back one loan that is due; whether there was one.
    pub(super) fn repay_due(&mut self, date: Date) -> Result<bool, Fault> {
        let Some(index) = self.loans.iter().position(|loan| loan.due <= date) else {
            return Ok(false);
        };
        let loan = self.loans.swap_remove(index);
        self.purse.add(BANK, LOANS, PRINCIPAL);
        let body = LoanRepaid {
            of: LineRef::Entry(EntryRef::Seq(loan.of)),
            amount: dong(PRINCIPAL)?,
            principal: dong0(PRINCIPAL)?,
            fee: dong0(0)?,
            place: BANK.parse()?,
            private: None,
        };
        self.write(date, body);
        Ok(true)
    }
}
