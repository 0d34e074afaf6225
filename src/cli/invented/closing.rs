//! Vouchers whose figures come from the books: counts and closings.

use super::Fault;
use super::{CASH, GENERAL, number};
use crate::books::Books;
use crate::books::closing::Overdue;
use crate::ledger::voucher::{BankBalance, CashCounted, Denomination, PeriodClosed};
use crate::ledger::word::{Amount0, List, Month};
use crate::money::Money;

/// Banknotes in đồng.
const NOTES: [i64; 9] = [500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000];

/// The count of the cash box, of which so much is missing.
pub fn cash_counted(books: &Books, missing: i64) -> Result<CashCounted, Fault> {
    let place = CASH.parse()?;
    let book = books.register().places().get(&place).map_or(0, |place| place.balance.minor());
    let counted = book - missing;
    let mut rest = counted;
    let mut denominations = Vec::new();
    for note in NOTES {
        let (pieces, below) = (rest / note, rest % note);
        rest = below;
        if pieces > 0 {
            let value = super::vouchers::dong(note)?;
            let pieces = number(u64::try_from(pieces).unwrap_or(0))?;
            denominations.push(Denomination { value, number: pieces, private: None });
        }
    }
    let money = |minor| Money::new(minor).ok_or(Fault::Scenario("an amount beyond the range"));
    Ok(CashCounted {
        place,
        counted: not_below_zero(money(counted)?)?,
        difference: money(-missing)?,
        fund: if missing == 0 { None } else { Some(GENERAL.parse()?) },
        denominations: List::new(denominations),
        private: None,
    })
}

/// The closing of the months up to `through`, with the bank's own balance, which agrees.
/// `overdue` is stated where enough loans run.
pub fn period_closed(
    books: &Books,
    through: Month,
    overdue: Overdue,
) -> Result<PeriodClosed, Fault> {
    let statement = books.closing_statement(through)?;
    let banks = books.banks();
    let bank = statement.places.iter().filter(|row| banks.contains(&row.place));
    let bank = bank.map(|row| BankBalance {
        place: row.place.clone(),
        statement_balance: row.closing,
        private: None,
    });
    Ok(books.closing(through, bank.collect(), overdue)?)
}

fn not_below_zero(money: Money) -> Result<Amount0, Fault> {
    Amount0::new(money).ok_or(Fault::Scenario("an amount below zero"))
}
