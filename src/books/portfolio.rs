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
    /// The part of the principal paid back of what was paid back or written off, in tenths of a
    /// percent, never rounded up; `None` while nothing was.
    #[must_use]
    pub fn repayment_rate(&self) -> Option<u64> {
        let repaid = i128::from(self.repaid.minor());
        let ended = repaid + i128::from(self.written_off.minor());
        (repaid >= 0 && ended > 0).then(|| repaid * 1_000 / ended).and_then(whole)
    }

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

/// What a loan is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoanName {
    /// The number of its approval.
    Number(DocumentNumber),
    /// The n-th of those that ran already when the books began.
    Opening(u64),
}

/// The names of loans, which are all there are.
#[must_use]
pub fn names(loans: &[LoanAccount]) -> BTreeMap<GiftId, LoanName> {
    let mut openings = 0;
    let mut name = |own: &LoanAccount| match own.number {
        Some(number) => LoanName::Number(number),
        None => {
            openings += 1;
            LoanName::Opening(openings)
        }
    };
    loans.iter().map(|own| (own.loan, name(own))).collect()
}

/// Where the money of a fund that lends came from and where it is, over all days: Σ of the
/// postings in the fund. Amounts are minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capital {
    /// What was there when the books began, loans that ran among it.
    pub opening: Money,
    /// Donations in money.
    pub donated: Money,
    /// What other chapters sent.
    pub supported: Money,
    /// Donations that were given back.
    pub returned: Money,
    /// From other funds, less what went to them.
    pub moved: Money,
    /// Service fees.
    pub fees: Money,
    /// Interest of the bank, cash found, goods given.
    pub other: Money,
    /// Aid, costs, goods lost, what was sent to other chapters.
    pub spent: Money,
    /// Principal written off.
    pub written_off: Money,
    /// Recovered of it.
    pub recovered: Money,
    /// Money at hand, over all places.
    pub money: Money,
    /// Principal that is owed.
    pub loans: Money,
    /// Goods in stores.
    pub stock: Money,
}

impl Capital {
    /// Takes in the sum of an account, as its word has it: debits are positive.
    pub fn absorb(&mut self, account: &str, amount: Money) {
        let credit = amount.negated();
        let (own, by) = match account {
            "opening_balance" => (&mut self.opening, credit),
            "donations" => (&mut self.donated, credit),
            "support_from_chapters" => (&mut self.supported, credit),
            "donations_returned" => (&mut self.returned, amount),
            "moved_between_funds" => (&mut self.moved, credit),
            "service_fees" => (&mut self.fees, credit),
            "other_income" | "donations_in_kind" => (&mut self.other, credit),
            "recoveries" => (&mut self.recovered, credit),
            "loan_losses" => (&mut self.written_off, amount),
            "loans_receivable" => (&mut self.loans, amount),
            word if word.starts_with("place:") => (&mut self.money, amount),
            word if word.starts_with("stock:") => (&mut self.stock, amount),
            _ => (&mut self.spent, amount),
        };
        *own = plus(*own, by);
    }

    /// What was given to lend: what was there, came from outside less what was returned, and came
    /// from other funds less what went to them.
    #[must_use]
    pub fn given(&self) -> Money {
        let came = plus(plus(self.opening, self.donated), self.supported);
        plus(less(came, self.returned), self.moved)
    }
}

/// How many times an amount was lent, in tenths, to the nearest; `None` where there is none.
#[must_use]
pub fn times_lent(lent: Money, amount: Money) -> Option<u64> {
    let (lent, amount) = (i128::from(lent.minor()), i128::from(amount.minor()));
    (amount > 0 && lent >= 0).then(|| (lent * 20 + amount) / (amount * 2)).and_then(whole)
}

fn whole(number: i128) -> Option<u64> {
    u64::try_from(number).ok()
}

/// What was lent and came back by year of the business date, the oldest first. Loans that ran
/// when the books began are not lent again; what is paid on them counts.
#[must_use]
pub fn by_year(loans: &[&LoanAccount]) -> BTreeMap<i32, Turnover> {
    let mut years: BTreeMap<i32, Turnover> = BTreeMap::new();
    for own in loans.iter().flat_map(|loan| &loan.moves) {
        years.entry(own.day.year()).or_default().absorb(own);
    }
    years
}

/// The same over all years.
#[must_use]
pub fn in_all(loans: &[&LoanAccount]) -> Turnover {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn money(minor: i64) -> Money {
        Money::new(minor).unwrap()
    }

    #[test]
    fn how_often_money_was_lent_is_told_to_the_nearest_tenth() {
        assert_eq!(times_lent(money(620_000), money(500_000)), Some(12));
        assert_eq!(times_lent(money(700_000), money(500_000)), Some(14));
        assert_eq!(times_lent(money(625_000), money(500_000)), Some(13));
        assert_eq!(times_lent(money(0), money(500_000)), Some(0));
        assert_eq!(times_lent(money(1), money(0)), None);
        assert_eq!(times_lent(money(1), money(-5)), None);
    }

    #[test]
    fn a_repayment_rate_is_whole_only_where_nothing_was_lost() {
        let of = |repaid, written_off| Turnover {
            repaid: money(repaid),
            written_off: money(written_off),
            ..Turnover::default()
        };
        assert_eq!(of(0, 0).repayment_rate(), None);
        assert_eq!(of(5, 0).repayment_rate(), Some(1_000));
        assert_eq!(of(999_999, 1).repayment_rate(), Some(999));
        assert_eq!(of(0, 3).repayment_rate(), Some(0));
    }

    #[test]
    fn a_funds_money_ties_with_where_it_came_from() {
        let mut own = Capital::default();
        for (account, amount) in [
            ("opening_balance", -1_000),
            ("donations", -500),
            ("support_from_chapters", -40),
            ("donations_returned", 100),
            ("moved_between_funds", -60),
            ("service_fees", -7),
            ("other_income", -3),
            ("programme_costs:other", 20),
            ("loan_losses", 80),
            ("recoveries", -30),
            ("loans_receivable", 900),
            ("place:tien-mat", 300),
            ("place:bidv", 240),
        ] {
            own.absorb(account, money(amount));
        }
        assert_eq!(own.given(), money(1_500));
        let came = own.given().minor() + own.fees.minor() + own.other.minor();
        let left = came + own.recovered.minor() - own.written_off.minor() - own.spent.minor();
        assert_eq!(left, own.money.minor() + own.loans.minor() + own.stock.minor());
    }
}
