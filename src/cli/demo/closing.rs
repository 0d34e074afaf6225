//! Vouchers whose figures come from the books: counts, closings, statements.

use super::Fault;
use super::scenario::{CASH, GENERAL, number};
use crate::books::Books;

use crate::books::statement::Statement;
use crate::ledger::tree::sha256;
use crate::ledger::voucher::{
    BankBalance, CashCounted, Denomination, FundFigures, PeriodClosed, PlaceFigures, PlaceType,
    StatementPublished,
};
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

/// The closing of the months up to `through`, with the bank's own balance.
pub fn period_closed(books: &Books, through: Month) -> Result<PeriodClosed, Fault> {
    let statement = books.closing_statement(through)?;
    let held = statement.custody.as_ref().map_or(Money::ZERO, |custody| custody.closing);
    Ok(PeriodClosed {
        through,
        entries: number(statement.entries.unwrap_or(0))?,
        places: List::new(places(&statement)).ok_or(Fault::Scenario("no places"))?,
        custody: not_below_zero(held)?,
        bank: List::new(bank(books, &statement)),
        loans: None,
        statement: sha256(&statement.bytes()),
        goods: None,
        funds: List::new(funds(&statement)),
        private: None,
    })
}

/// A published statement with the digest of its file.
pub fn published(
    books: &Books,
    mut statement: StatementPublished,
) -> Result<StatementPublished, Fault> {
    let file = books.published_statement(&statement)?;
    statement.sha256 = sha256(&file.bytes);
    Ok(statement)
}

fn not_below_zero(money: Money) -> Result<Amount0, Fault> {
    Amount0::new(money).ok_or(Fault::Scenario("an amount below zero"))
}

fn places(statement: &Statement) -> Vec<PlaceFigures> {
    let figures = |row: &crate::books::statement::PlaceRow| PlaceFigures {
        place: row.place.clone(),
        opening: row.opening,
        r#in: row.money_in,
        out: row.money_out,
        closing: row.closing,
        private: None,
    };
    statement.places.iter().map(figures).collect()
}

fn bank(books: &Books, statement: &Statement) -> Vec<BankBalance> {
    let banks =
        statement.places.iter().filter(|row| books.place_type(&row.place) == Some(PlaceType::Bank));
    banks
        .map(|row| BankBalance {
            place: row.place.clone(),
            statement_balance: row.closing,
            private: None,
        })
        .collect()
}

fn funds(statement: &Statement) -> Vec<FundFigures> {
    let figures = |row: &crate::books::statement::FundRow| FundFigures {
        fund: row.fund.clone(),
        opening: row.opening,
        received: row.received,
        spent: row.spent,
        moved: row.moved,
        lost: row.lost,
        closing: row.closing,
        money: row.money,
        stock: row.stock,
        loans: row.loans,
        earlier: row.earlier,
        private: None,
    };
    statement.funds.iter().map(figures).collect()
}
