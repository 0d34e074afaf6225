//! What was agreed about a loan's instalments, and how it stands against what was paid.

use super::lending::Lending;
use crate::books::closing::Overdue;
use crate::books::portfolio::{LoanAccount, Move};
use crate::books::schedule::Instalment;
use crate::books::schedule::allocation::{
    Allocation, Paid, Payment, Proposal, Waiver, allocate, proposal,
};
use crate::books::schedule::arrears::{Arrears, Rescheduled, arrears, portfolio_at_risk};
use crate::ledger::voucher::Kind;
use crate::ledger::word::Date;
use crate::money::Money;
use crate::store::desk::DeskFault;
use crate::store::desk::lending::{Agreed, LoanFile, Standing};

/// A loan's instalments with what was paid on it.
#[derive(Clone, Debug, Default)]
pub struct Instalments {
    /// As agreed first.
    pub original: Vec<Instalment>,
    /// What was agreed instead, later, the oldest first.
    pub later: Vec<Rescheduled>,
    /// Entry of the newest agreement, when it is a later one: what was paid before it is not in it.
    since: Option<u64>,
    /// Payments that stand, with their entries, in ledger order.
    payments: Vec<(u64, Payment)>,
    waivers: Vec<(u64, Waiver)>,
}

impl Instalments {
    /// The schedule in force.
    #[must_use]
    pub fn current(&self) -> &[Instalment] {
        self.later.last().map_or(&self.original, |own| &own.instalments)
    }

    /// What is owed of each instalment of the schedule in force at the end of `day`.
    #[must_use]
    pub fn on(&self, day: Date) -> Allocation {
        let (payments, waivers) = (self.newer(&self.payments), self.newer(&self.waivers));
        allocate(self.current(), &payments, &waivers, day)
    }

    /// How a payment of `amount` on `day` is split.
    #[must_use]
    pub fn proposal(&self, amount: Money, day: Date) -> Proposal {
        let (payments, waivers) = (self.newer(&self.payments), self.newer(&self.waivers));
        let sum = |all: Vec<Money>| Money::sum(all).unwrap_or_default();
        let paid = Paid {
            principal: sum(payments.iter().map(|own| own.principal).collect()),
            fee: sum(payments.iter().map(|own| own.fee).collect()),
            waived: sum(waivers.iter().map(|own| own.fee).collect()),
        };
        proposal(self.current(), paid, amount, day)
    }

    /// How late the loan is on `day`; a later agreement never makes it less late.
    #[must_use]
    pub fn arrears(&self, day: Date) -> Arrears {
        arrears(&self.original, &self.later, &self.payments, &self.waivers, day)
    }

    /// Whether the schedule in force asks for exactly what the ledger says is owed: not where
    /// something was paid, or a payment reversed, between an agreement and its approval.
    #[must_use]
    pub fn fits(&self, account: &LoanAccount) -> bool {
        let (payments, waivers) = (self.newer(&self.payments), self.newer(&self.waivers));
        let sum = |all: Vec<Money>| Money::sum(all).map_or(0, Money::minor);
        let asked = self.current();
        let principal = sum(asked.iter().map(|own| own.principal).collect())
            - sum(payments.iter().map(|own| own.principal).collect());
        let fee = sum(asked.iter().map(|own| own.fee).collect())
            - sum(payments.iter().map(|own| own.fee).collect())
            - sum(waivers.iter().map(|own| own.fee).collect());
        principal == account.owed().minor() && fee == account.fee_owed().minor()
    }

    /// How a payment is split: as the instalments ask for, or, where they do not fit what is owed,
    /// principal before fee.
    #[must_use]
    pub fn split(&self, account: &LoanAccount, amount: Money, day: Date) -> Proposal {
        if self.fits(account) {
            return self.proposal(amount, day);
        }
        let less = |one: Money, other| one.checked_sub(other).unwrap_or_default();
        let principal = amount.min(account.owed());
        let fee = less(amount, principal).min(account.fee_owed());
        Proposal { principal, fee, over: less(less(amount, principal), fee) }
    }

    /// What came after the newest agreement.
    fn newer<T: Copy>(&self, all: &[(u64, T)]) -> Vec<T> {
        let newer = all.iter().filter(|(seq, _)| self.since.is_none_or(|since| *seq > since));
        newer.map(|(_, own)| *own).collect()
    }
}

impl Lending {
    /// The portfolio at risk at the end of `day`: what is owed of loans with an instalment late by
    /// more than 30 and 90 days. Loans whose files are held back or gone count as not late.
    ///
    /// # Errors
    /// [`DeskFault::Damaged`] when a schedule is out of its form.
    pub fn overdue(&self, day: Date) -> Result<Overdue, DeskFault> {
        let mut late: Vec<(Money, u32)> = Vec::new();
        for own in &self.files.all {
            let Some(account) = self.account(&own.file) else { continue };
            let owed = account.owed_on(day);
            if owed.is_positive() {
                late.push((owed, self.instalments(&own.file)?.arrears(day).days_late));
            }
        }
        let at_risk = |days| portfolio_at_risk(late.iter().copied(), days).unwrap_or_default();
        Ok(Overdue { par30: at_risk(30), par90: at_risk(90) })
    }

    /// The instalments of a file that are in force, against what the ledger says was paid.
    ///
    /// # Errors
    /// [`DeskFault::Damaged`] when a schedule is out of its form.
    pub fn instalments(&self, file: &LoanFile) -> Result<Instalments, DeskFault> {
        let mut own = Instalments::default();
        for agreed in &file.agreed {
            self.agree(file, agreed, &mut own)?;
        }
        own.later.sort_by_key(|later| later.seq);
        own.since = own.later.last().map(|later| later.seq);
        if let Some(account) = self.account(file) {
            paid(account, &mut own);
        }
        Ok(own)
    }

    fn agree(
        &self,
        file: &LoanFile,
        agreed: &Agreed,
        own: &mut Instalments,
    ) -> Result<(), DeskFault> {
        let opening = file.opening.as_ref().map(|(voucher, _)| voucher);
        if Some(&agreed.voucher) == file.approvals.last().or(opening) {
            own.original = agreed.instalments()?;
        } else if let Some(Standing::Recorded { seq, reschedules: true, .. }) =
            self.vouchers.get(&agreed.voucher)
            // One of a disbursement that was reversed is none of the next.
            && self.account(file).is_none_or(|account| account.loan.seq < *seq)
        {
            let instalments = agreed.instalments()?;
            own.later.push(Rescheduled { on: agreed.on, seq: *seq, instalments });
        }
        Ok(())
    }
}

/// Payments and waivers that stand: what was reversed goes with what reverses it.
fn paid(account: &LoanAccount, own: &mut Instalments) {
    for (seq, payment) in standing(account, &[Kind::LoanRepaid, Kind::CustodyAssigned]) {
        let (principal, fee) = (payment.principal.negated(), payment.fee.negated());
        own.payments.push((seq, Payment { on: payment.day, principal, fee }));
    }
    for (seq, waived) in standing(account, &[Kind::LoanFeeWaived]) {
        own.waivers.push((seq, Waiver { on: waived.day, fee: waived.fee.negated() }));
    }
}

/// Moves of some kinds that no later one reversed; vouchers of a loan are reversed last first.
fn standing<'m>(account: &'m LoanAccount, kinds: &[Kind]) -> Vec<(u64, &'m Move)> {
    let mut all: Vec<(u64, &Move)> = Vec::new();
    for own in account.moves.iter().filter(|own| kinds.contains(&own.nature)) {
        if own.reversal {
            let reversed = |(_, other): &(u64, &Move)| {
                other.principal == own.principal.negated() && other.fee == own.fee.negated()
            };
            if let Some(at) = all.iter().rposition(reversed) {
                all.remove(at);
            }
        } else {
            all.push((own.seq, own));
        }
    }
    all
}
