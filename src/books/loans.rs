//! Loans that run: what is set aside for those approved, what is owed of those paid out.
//!
//! Only what is open is kept: a loan goes once nothing of it is owed or lost and the days on which
//! it changed are closed. Schedules are private and no business of the books. See "Loans" in
//! `docs/FORMAT.md`.

use rpds::RedBlackTreeMapSync as Map;
use serde::{Deserialize, Serialize};

use super::days::within_range;
use super::effects::{Change, GiftId};
use crate::ledger::word::{Code, Date};
use crate::money::Money;

/// A loan that was paid out, or that ran already when the books began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loan {
    /// The fund that lent.
    pub fund: Code,
    /// Principal that is owed.
    pub principal: Money,
    /// The service fee that is owed.
    pub fee: Money,
    /// Principal that was written off and not recovered.
    pub lost: Money,
    /// Principal owed at the end of the last closed day, minor units.
    before: i64,
    /// What changed the principal on days that are open, minor units.
    moves: Vec<(Date, i64)>,
}

/// Money that is set aside for an approved loan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// The fund that will lend.
    pub fund: Code,
    /// The principal.
    pub principal: Money,
}

/// Everything that is lent or about to be. Copies are cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loans {
    approved: Map<u64, Reserved>,
    loans: Map<GiftId, Loan>,
}

impl Loan {
    /// A loan of which nothing is owed.
    pub(super) fn of(fund: &Code) -> Self {
        let (principal, fee, lost) = (Money::ZERO, Money::ZERO, Money::ZERO);
        Self { fund: fund.clone(), principal, fee, lost, before: 0, moves: Vec::new() }
    }

    /// Whether principal or fee is owed.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        self.principal != Money::ZERO || self.fee != Money::ZERO
    }

    /// Principal owed at the end of `day`, minor units; of a closed day that of the last one.
    fn principal_at(&self, day: Date) -> i128 {
        let moves = self.moves.iter().filter(|(on, _)| *on <= day);
        i128::from(self.before) + moves.map(|(_, by)| i128::from(*by)).sum::<i128>()
    }

    /// The least principal owed at the end of any day from `from` on, minor units.
    fn lowest_from(&self, from: Date) -> i128 {
        let later = self.moves.iter().map(|(day, _)| *day).filter(|day| *day > from);
        let days = later.chain([from]);
        days.map(|day| self.principal_at(day)).min().unwrap_or(0)
    }

    fn is_gone(&self) -> bool {
        !self.is_owed() && self.lost == Money::ZERO && self.moves.is_empty()
    }
}

impl Loans {
    /// The approved loans that were neither paid out nor cancelled, by the entry of the approval.
    pub fn approved(&self) -> impl Iterator<Item = (u64, &Reserved)> {
        self.approved.iter().map(|(approval, own)| (*approval, own))
    }

    /// What is set aside for the loan that the entry `approval` approved.
    #[must_use]
    pub fn reserved_for(&self, approval: u64) -> Option<&Reserved> {
        self.approved.get(&approval)
    }

    /// Σ set aside of a fund's money.
    #[must_use]
    pub fn reserved(&self, fund: &Code) -> Money {
        let own = self.approved.values().filter(|own| own.fund == *fund);
        Money::sum(own.map(|own| own.principal)).unwrap_or(Money::ZERO)
    }

    /// A loan by its disbursement, or by the line of an opening balance; `None` once it is gone.
    #[must_use]
    pub fn get(&self, loan: GiftId) -> Option<&Loan> {
        self.loans.get(&loan)
    }

    /// Every loan of which something is owed or lost, or that changed on an open day.
    pub fn all(&self) -> impl Iterator<Item = (GiftId, &Loan)> {
        self.loans.iter().map(|(loan, own)| (*loan, own))
    }

    /// Σ principal owed to a fund.
    #[must_use]
    pub fn owed_to(&self, fund: &Code) -> Money {
        let own = self.loans.values().filter(|own| own.fund == *fund);
        Money::sum(own.map(|own| own.principal)).unwrap_or(Money::ZERO)
    }

    /// Σ principal owed, to all funds, minor units.
    #[must_use]
    pub fn owed(&self) -> i128 {
        self.loans.values().map(|own| i128::from(own.principal.minor())).sum()
    }

    /// A fund, and whether it (or any, with `None`) still has something lent or set aside.
    #[must_use]
    pub fn first_left(&self, fund: Option<&Code>) -> Option<(Code, Money)> {
        let wanted = |own: &Code| fund.is_none_or(|fund| fund == own);
        let approved = self.approved.values().map(|own| (&own.fund, own.principal));
        let owed = self.loans.values().filter(|own| own.is_owed());
        let owed = owed.map(|own| {
            let left = if own.principal == Money::ZERO { own.fee } else { own.principal };
            (&own.fund, left)
        });
        let mut left = approved.chain(owed).filter(|(own, _)| wanted(own));
        left.next().map(|(own, amount)| (own.clone(), amount))
    }

    /// How many loans run at the end of `day`: principal owed by business date.
    #[must_use]
    pub fn running_at(&self, day: Date) -> u64 {
        let running = self.loans.values().filter(|own| own.principal_at(day) > 0);
        u64::try_from(running.count()).unwrap_or(u64::MAX)
    }

    /// The least principal of a loan that is owed at the end of any day from `from` on.
    #[must_use]
    pub fn lowest_from(&self, loan: GiftId, from: Date) -> Money {
        let lowest = self.loans.get(&loan).map_or(0, |own| own.lowest_from(from));
        within_range(lowest.max(0)).unwrap_or(Money::ZERO)
    }

    /// Applies one change of an entry whose balances change on `day`. Changes come from `check`
    /// over this very state.
    pub fn apply(&mut self, change: &Change, day: Date) {
        match change {
            Change::Reserved { approval, fund, principal } if principal.is_positive() => {
                let own = Reserved { fund: fund.clone(), principal: *principal };
                self.approved.insert_mut(*approval, own);
            }
            Change::Reserved { approval, .. } => {
                self.approved.remove_mut(approval);
            }
            Change::LoanMoved { loan, fund, principal, fee, lost } => {
                let mut own = self.loans.get(loan).cloned().unwrap_or_else(|| Loan::of(fund));
                own.principal = sum(own.principal, *principal);
                own.fee = sum(own.fee, *fee);
                own.lost = sum(own.lost, *lost);
                if *principal != Money::ZERO {
                    own.moves.push((day, principal.minor()));
                }
                self.put(*loan, own);
            }
            _ => {}
        }
    }

    /// Forgets the single days up to `last`, which are closed.
    pub fn close(&mut self, last: Date) {
        let all: Vec<(GiftId, Loan)> = self.all().map(|(loan, own)| (loan, own.clone())).collect();
        for (loan, mut own) in all {
            let closed: i64 =
                own.moves.iter().filter(|(on, _)| *on <= last).map(|(_, by)| by).sum();
            own.before += closed;
            own.moves.retain(|(on, _)| *on > last);
            self.put(loan, own);
        }
    }

    fn put(&mut self, loan: GiftId, own: Loan) {
        if own.is_gone() {
            self.loans.remove_mut(&loan);
        } else {
            self.loans.insert_mut(loan, own);
        }
    }
}

/// A sum that `check` found within the range.
fn sum(amount: Money, by: Money) -> Money {
    let after = amount.checked_add(by);
    debug_assert!(after.is_some(), "an accepted entry led out of the range of an amount");
    after.unwrap_or(amount)
}
