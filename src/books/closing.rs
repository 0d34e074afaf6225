//! The vouchers whose figures the books give: what closes a period, and what publishes a statement.

use super::Books;
use super::periods::FEWEST_LOANS;
use super::refusal::Refusal;
use super::statement::{FundRow, PlaceRow};
use super::stocktaking::ItemRow;
use crate::ledger::tree::{self, Hash};
use crate::ledger::voucher::{
    BankBalance, FundFigures, GoodsFigures, LoanFigures, PeriodClosed, PlaceFigures, PlaceType,
    StatementPublished, StatementType,
};
use crate::ledger::word::{Amount0, Code, Date, List, Month, Number};
use crate::money::Money;

/// Principal owed of loans with an overdue instalment: the portfolio at risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Late by more than 30 days.
    pub par30: Money,
    /// Late by more than 90 days.
    pub par90: Money,
}

impl Books {
    /// The bank accounts that are open, by code: a closing states what the bank says of each.
    #[must_use]
    pub fn banks(&self) -> Vec<Code> {
        let places = self.register.places().iter();
        let banks = places.filter(|(_, place)| place.r#type == PlaceType::Bank && !place.closed);
        banks.map(|(code, _)| code.clone()).collect()
    }

    /// The `period_closed` that these books accept now for the months up to `through`. `bank` and
    /// `overdue` are the officers' word: what the bank's own statement says of each account, and
    /// what is owed of loans with an instalment late by more than 30 and 90 days, which is stated
    /// where enough loans run.
    ///
    /// # Errors
    /// As for [`Books::closing_statement`]; [`Refusal::TooLarge`] for a custody below zero, which
    /// no accepted entry leads to.
    pub fn closing(
        &self,
        through: Month,
        bank: Vec<BankBalance>,
        overdue: Overdue,
    ) -> Result<PeriodClosed, Refusal> {
        let statement = self.closing_statement(through)?;
        let held = statement.custody.as_ref().map(|custody| custody.closing);
        let places = statement.places.iter().map(place_figures).collect();
        Ok(PeriodClosed {
            through,
            entries: statement.entries.and_then(Number::new).ok_or(Refusal::TooLarge)?,
            places: List::new(places).ok_or(Refusal::Opening)?,
            custody: held.and_then(Amount0::new).ok_or(Refusal::TooLarge)?,
            bank: List::new(bank),
            loans: self.loan_figures(through, overdue),
            statement: tree::sha256(&statement.bytes()),
            goods: List::new(statement.goods.iter().map(goods_figures).collect()),
            funds: List::new(statement.funds.iter().map(fund_figures).collect()),
            private: None,
        })
    }

    /// What a closing states of loans; nothing where few run.
    fn loan_figures(&self, through: Month, overdue: Overdue) -> Option<LoanFigures> {
        let running = self.loans.running_at(through.last_day());
        let (par30, par90) = (Amount0::new(overdue.par30)?, Amount0::new(overdue.par90)?);
        let running = Number::new(running).filter(|own| own.get() >= FEWEST_LOANS)?;
        Some(LoanFigures { running, par30, par90, private: None })
    }

    /// The `statement_published` that these books accept now for a span.
    ///
    /// # Errors
    /// As for [`Books::published_statement`].
    pub fn publication(
        &self,
        r#type: StatementType,
        (from, to): (Date, Date),
        fund: Option<Code>,
    ) -> Result<StatementPublished, Refusal> {
        let mut body = unsealed(r#type, (from, to), fund);
        body.sha256 = tree::sha256(&self.published_statement(&body)?.bytes);
        Ok(body)
    }

    /// The quarters and years whose months are all closed, the latest first, each with the name of
    /// its file.
    #[must_use]
    pub fn closed_spans(&self) -> Vec<(StatementType, Date, Date, String)> {
        let closed = self.closed_through().map(Month::last_day);
        let begun = self.chapter.as_ref().map(|chapter| chapter.books_from);
        let Some((last, first)) = closed.zip(begun) else { return Vec::new() };
        let mut spans = Vec::new();
        for year in first.year()..=last.year() {
            let month = |number: u32| format!("{year:04}-{number:02}").parse::<Month>().ok();
            for (kind, from, to) in [
                (StatementType::Quarter, month(1), month(3)),
                (StatementType::Quarter, month(4), month(6)),
                (StatementType::Quarter, month(7), month(9)),
                (StatementType::Quarter, month(10), month(12)),
                (StatementType::Year, month(1), month(12)),
            ] {
                let Some((from, to)) = from.zip(to) else { continue };
                let (from, to) = (from.first_day(), to.last_day());
                if let Ok(file) = self.published_statement(&unsealed(kind, (from, to), None)) {
                    spans.push((kind, from, to, file.name));
                }
            }
        }
        spans.reverse();
        spans
    }
}

/// A published statement whose digest is not known yet.
fn unsealed(
    r#type: StatementType,
    (from, to): (Date, Date),
    fund: Option<Code>,
) -> StatementPublished {
    StatementPublished { r#type, from, to, fund, sha256: Hash::ZERO, private: None }
}

fn place_figures(row: &PlaceRow) -> PlaceFigures {
    PlaceFigures {
        place: row.place.clone(),
        opening: row.opening,
        r#in: row.money_in,
        out: row.money_out,
        closing: row.closing,
        private: None,
    }
}

fn goods_figures(row: &ItemRow) -> GoodsFigures {
    GoodsFigures {
        item: row.item.clone(),
        opening: row.opening.clone(),
        r#in: row.goods_in.clone(),
        out: row.goods_out.clone(),
        closing: row.closing.clone(),
        private: None,
    }
}

fn fund_figures(row: &FundRow) -> FundFigures {
    FundFigures {
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
    }
}
