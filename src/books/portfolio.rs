//! What became of loans: a view of the entries that moved them, for pages and figures.
//!
//! Public: numbers, funds, amounts, purposes. Who borrows and what is due when is private.

use std::collections::BTreeMap;

use super::effects::{DocumentNumber, GiftId};
use crate::ledger::voucher::{Kind, Purpose};
use crate::ledger::word::{Code, Date};
use crate::money::Money;

/// What one entry moved of a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The entry.
    pub seq: u64,
    /// Its kind; of a reversal that of what it reverses.
    pub nature: Kind,
    /// Whether it is a reversal.
    pub reversal: bool,
    /// The day on which balances change.
    pub day: Date,
    /// Added to the principal owed, minor units with their sign.
    pub principal: Money,
    /// Added to the fee owed.
    pub fee: Money,
    /// Added to what is lost.
    pub lost: Money,
}

/// Where a loan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Principal or fee is owed.
    Running,
    /// Everything was paid or waived.
    Settled,
    /// The rest was written off.
    WrittenOff,
}

impl State {
    /// The word in files and, with a prefix, in texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Settled => "settled",
            Self::WrittenOff => "written_off",
        }
    }
}

/// A loan with everything that was paid on it. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanAccount {
    /// Its disbursement, or the line of an opening balance.
    pub loan: GiftId,
    /// The approval; `None` for a loan that ran already when the books began.
    pub approval: Option<u64>,
    /// Its name, `KU-2026-0004`; `None` likewise.
    pub number: Option<DocumentNumber>,
    /// The fund that lent.
    pub fund: Code,
    /// The day on which it was paid out.
    pub disbursed: Date,
    /// What it was for.
    pub purpose: Purpose,
    /// The group of borrowers.
    pub group: Option<Code>,
    /// What was lent, also before the books began.
    pub principal: Money,
    /// The whole service fee.
    pub fee_total: Money,
    /// Principal paid back, also before the books began.
    pub repaid: Money,
    /// Fee paid, likewise.
    pub fee_paid: Money,
    /// Fee waived.
    pub fee_waived: Money,
    /// Principal written off; recoveries are not taken off.
    pub written_off: Money,
    /// Of that, what was recovered.
    pub recovered: Money,
    /// The entries behind it, oldest first, reversals and what they reverse among them.
    pub moves: Vec<Move>,
}

impl LoanAccount {
    /// Principal owed.
    #[must_use]
    pub fn owed(&self) -> Money {
        less(less(self.principal, self.repaid), self.written_off)
    }

    /// Fee owed.
    #[must_use]
    pub fn fee_owed(&self) -> Money {
        less(less(self.fee_total, self.fee_paid), self.fee_waived)
    }

    /// Principal owed at the end of `day`, by business date.
    #[must_use]
    pub fn owed_on(&self, day: Date) -> Money {
        let moved = self.moves.iter().filter(|own| own.day <= day);
        Money::sum(moved.map(|own| own.principal)).unwrap_or_default()
    }

    /// Written off and not recovered.
    #[must_use]
    pub fn lost(&self) -> Money {
        less(self.written_off, self.recovered)
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        if self.written_off.is_positive() {
            State::WrittenOff
        } else if self.owed().is_positive() || self.fee_owed().is_positive() {
            State::Running
        } else {
            State::Settled
        }
    }

    /// The last day on which anything was paid or written off, if ever.
    #[must_use]
    pub fn last_moved(&self) -> Option<Date> {
        self.moves.iter().filter(|own| own.nature != Kind::LoanDisbursed).map(|own| own.day).max()
    }

    /// Takes in what an entry moved.
    pub fn absorb(&mut self, own: Move) {
        let (principal, fee) = (own.principal.negated(), own.fee.negated());
        match own.nature {
            Kind::LoanRepaid | Kind::CustodyAssigned => {
                self.repaid = plus(self.repaid, principal);
                self.fee_paid = plus(self.fee_paid, fee);
            }
            Kind::LoanFeeWaived => self.fee_waived = plus(self.fee_waived, fee),
            Kind::LoanWrittenOff => self.written_off = plus(self.written_off, principal),
            Kind::LoanRecovered => self.recovered = plus(self.recovered, own.lost.negated()),
            _ => {}
        }
        self.moves.push(own);
    }

    /// Whether the loan stands: neither its disbursement nor its opening line was reversed.
    #[must_use]
    pub fn stands(&self) -> bool {
        let begun = |own: &&Move| matches!(own.nature, Kind::LoanDisbursed | Kind::OpeningBalance);
        !self.moves.iter().filter(begun).any(|own| own.reversal)
    }
}

/// The figures of a fund that lends, of one year or of all. Amounts are minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnover {
    /// Loans paid out.
    pub loans: u64,
    /// Principal paid out.
    pub lent: Money,
    /// Principal paid back.
    pub repaid: Money,
    /// Fees paid.
    pub fees: Money,
    /// Principal written off.
    pub written_off: Money,
    /// Recovered of it.
    pub recovered: Money,
}

impl Turnover {
    fn absorb(&mut self, own: &Move) {
        let (back, one) = (own.principal.negated(), u64::from(!own.reversal));
        match own.nature {
            Kind::LoanDisbursed => {
                self.loans =
                    if own.reversal { self.loans.saturating_sub(1) } else { self.loans + one };
                self.lent = plus(self.lent, own.principal);
            }
            Kind::LoanRepaid | Kind::CustodyAssigned => {
                self.repaid = plus(self.repaid, back);
                self.fees = plus(self.fees, own.fee.negated());
            }
            Kind::LoanWrittenOff => self.written_off = plus(self.written_off, back),
            Kind::LoanRecovered => self.recovered = plus(self.recovered, own.lost.negated()),
            _ => {}
        }
    }
}

/// What was lent and came back by year of the business date, the oldest first. Loans that ran
/// when the books began are not lent again; what is paid on them counts.
#[must_use]
pub fn by_year(loans: &[LoanAccount]) -> BTreeMap<i32, Turnover> {
    let mut years: BTreeMap<i32, Turnover> = BTreeMap::new();
    for own in loans.iter().flat_map(|loan| &loan.moves) {
        years.entry(own.day.year()).or_default().absorb(own);
    }
    years
}

/// The same over all years.
#[must_use]
pub fn in_all(loans: &[LoanAccount]) -> Turnover {
    let mut all = Turnover::default();
    loans.iter().flat_map(|loan| &loan.moves).for_each(|own| all.absorb(own));
    all
}

fn plus(amount: Money, by: Money) -> Money {
    amount.checked_add(by).unwrap_or(amount)
}

fn less(amount: Money, by: Money) -> Money {
    amount.checked_sub(by).unwrap_or(Money::ZERO)
}
