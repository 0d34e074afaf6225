//! Closing periods, audits and published statements: assertions that the books recompute.

use std::fmt::Display;

use super::draft::Draft;
use super::effects::StatementFile;
use super::past::Past;
use super::refusal::Refusal;
use super::statement::{Covers, Statement};
use super::{Books, CheckFault, place_of};
use crate::ledger::tree::{self, Hash};
use crate::ledger::voucher::{
    FundFigures, GoodsFigures, PeriodAudited, PeriodClosed, PlaceFigures, StatementPublished,
    StatementType,
};
use crate::ledger::word::{Date, Month};

/// The fewest running loans of which a closing states how many are overdue.
pub const FEWEST_LOANS: u64 = 5;

impl Books {
    /// The first month that is still open.
    #[must_use]
    pub fn first_open_month(&self) -> Option<Month> {
        self.first_open_day().map(Date::month)
    }

    /// The statement with which the months up to `through` would close now.
    ///
    /// # Errors
    /// [`Refusal::NotNextPeriod`] when they are closed already, or what [`Books::statement`] says.
    pub fn closing_statement(&self, through: Month) -> Result<Statement, Refusal> {
        let first = self.first_open_month().ok_or(Refusal::Opening)?;
        if through < first {
            return Err(Refusal::NotNextPeriod { expected: first });
        }
        self.statement(first.first_day(), through.last_day(), &Covers::Chapter)
    }

    pub(super) fn period_closed(
        &self,
        body: &PeriodClosed,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        let statement = self.closing_statement(body.through)?;
        let last_day = body.through.last_day();
        if draft.entry.voucher().date <= last_day {
            return Err(Refusal::PeriodNotOver { last_day });
        }
        same("entries", body.entries.get(), statement.entries.unwrap_or(0))?;
        check_places(body, &statement)?;
        check_funds(body, &statement)?;
        let held = statement.custody.as_ref().map_or(0, |custody| custody.closing.minor());
        same("custody", body.custody.minor(), held)?;
        let mut known = Vec::new();
        for balance in body.bank.iter().flat_map(|bank| bank.iter()) {
            let place = self.register.places().get(&balance.place);
            let is_bank =
                place.is_some_and(|place| place.r#type == crate::ledger::voucher::PlaceType::Bank);
            if !is_bank || known.contains(&&balance.place) {
                let code = balance.place.to_string();
                return Err(Refusal::Unknown { member: "bank", code });
            }
            known.push(&balance.place);
        }
        check_goods(body, &statement)?;
        self.check_running(body, last_day)?;
        let bytes = statement.bytes();
        same("statement", body.statement, digest(&bytes))?;
        draft.statement = Some(StatementFile { name: body.through.to_string(), bytes });
        Ok(())
    }

    /// From five running loans on a closing states them; with fewer, their figures would tell of
    /// single families. How much is overdue is the officers' word: schedules are private.
    fn check_running(&self, body: &PeriodClosed, last_day: Date) -> Result<(), Refusal> {
        let running = self.loans.running_at(last_day);
        let stated = if running < FEWEST_LOANS { 0 } else { running };
        same("loans", u64::from(body.loans.is_some()), u64::from(stated > 0))?;
        same("loans.running", body.loans.as_ref().map_or(0, |own| own.running.get()), stated)
    }

    pub(super) fn period_audited(
        &self,
        body: &PeriodAudited,
        draft: &Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let through = body.through;
        if !self.closings.iter().any(|(month, _, _)| *month == through) {
            return Err(Refusal::NothingClosed { through }.into());
        }
        for reference in body.sample.iter().flat_map(|sample| sample.iter()) {
            let seq = place_of("sample", *reference, draft.entry)?;
            if seq >= draft.entry.place() || past.entry(seq)?.is_none() {
                return Err(Refusal::Reference { member: "sample" }.into());
            }
        }
        Ok(())
    }

    pub(super) fn statement_published(
        &self,
        body: &StatementPublished,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        let file = self.published_statement(body)?;
        same("sha256", body.sha256, digest(&file.bytes))?;
        draft.statement = Some(file);
        Ok(())
    }

    /// The file of a quarter, a year or a fund's campaign, once its months are closed.
    ///
    /// # Errors
    /// [`Refusal::StatementRange`] when the days are not such a span, or not closed yet.
    pub fn published_statement(&self, body: &StatementPublished) -> Result<StatementFile, Refusal> {
        let closed = self.closed_through().ok_or(Refusal::StatementRange)?;
        let books_from = self.chapter.as_ref().map_or(body.from, |chapter| chapter.books_from);
        let is_closed = body.from.max(books_from) <= body.to && body.to <= closed.last_day();
        let year = body.from.year();
        let (covers, name) = match (body.r#type, &body.fund) {
            (StatementType::Quarter, None) => {
                let quarter = (1..=4).find(|quarter| quarter_of(year, *quarter) == span(body));
                let quarter = quarter.ok_or(Refusal::StatementRange)?;
                (Covers::Chapter, format!("{year:04}-q{quarter}"))
            }
            (StatementType::Year, None) if year_of(year) == span(body) => {
                (Covers::Chapter, format!("{year:04}"))
            }
            (StatementType::Campaign, Some(fund)) => {
                (Covers::Fund(fund.clone()), format!("{fund}_{}_{}", body.from, body.to))
            }
            _ => return Err(Refusal::StatementRange),
        };
        if !is_closed {
            return Err(Refusal::StatementRange);
        }
        let bytes = self.statement(body.from, body.to, &covers)?.bytes();
        Ok(StatementFile { name, bytes })
    }

    /// Keeps a closing.
    pub(super) fn absorb_closing(&mut self, body: &PeriodClosed, seq: u64) {
        self.closings.push((body.through, seq, body.statement));
        self.loans.close(body.through.last_day());
    }
}

/// SHA-256 of a statement's bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> Hash {
    tree::sha256(bytes)
}

fn span(body: &StatementPublished) -> Option<(Date, Date)> {
    Some((body.from, body.to))
}

fn quarter_of(year: i32, quarter: u32) -> Option<(Date, Date)> {
    let first: Month = format!("{year:04}-{:02}", quarter * 3 - 2).parse().ok()?;
    Some((first.first_day(), first.next().next().last_day()))
}

fn year_of(year: i32) -> Option<(Date, Date)> {
    let first: Month = format!("{year:04}-01").parse().ok()?;
    let last: Month = format!("{year:04}-12").parse().ok()?;
    Some((first.first_day(), last.last_day()))
}

fn same<T: PartialEq + Display>(member: &str, given: T, expected: T) -> Result<(), Refusal> {
    if given == expected {
        return Ok(());
    }
    Err(Refusal::Figure { member: member.to_owned(), expected: expected.to_string() })
}

fn check_places(body: &PeriodClosed, statement: &Statement) -> Result<(), Refusal> {
    same("places", body.places.len(), statement.places.len())?;
    for (at, (given, row)) in body.places.iter().zip(&statement.places).enumerate() {
        let PlaceFigures { place, opening, r#in: money_in, out, closing, .. } = given;
        let member = |name: &str| format!("places[{at}].{name}");
        same(&member("place"), place, &row.place)?;
        same(&member("opening"), opening.minor(), row.opening.minor())?;
        same(&member("in"), money_in.minor(), row.money_in.minor())?;
        same(&member("out"), out.minor(), row.money_out.minor())?;
        same(&member("closing"), closing.minor(), row.closing.minor())?;
    }
    Ok(())
}

fn check_goods(body: &PeriodClosed, statement: &Statement) -> Result<(), Refusal> {
    let given: &[GoodsFigures] = body.goods.as_deref().unwrap_or_default();
    same("goods", given.len(), statement.goods.len())?;
    for (at, (given, row)) in given.iter().zip(&statement.goods).enumerate() {
        let member = |name: &str| format!("goods[{at}].{name}");
        same(&member("item"), &given.item, &row.item)?;
        same(&member("opening"), &given.opening, &row.opening)?;
        same(&member("in"), &given.r#in, &row.goods_in)?;
        same(&member("out"), &given.out, &row.goods_out)?;
        same(&member("closing"), &given.closing, &row.closing)?;
    }
    Ok(())
}

fn check_funds(body: &PeriodClosed, statement: &Statement) -> Result<(), Refusal> {
    let given: &[FundFigures] = body.funds.as_deref().unwrap_or_default();
    same("funds", given.len(), statement.funds.len())?;
    for (at, (given, row)) in given.iter().zip(&statement.funds).enumerate() {
        let member = |name: &str| format!("funds[{at}].{name}");
        same(&member("fund"), &given.fund, &row.fund)?;
        let figures = [
            ("opening", given.opening, row.opening),
            ("received", given.received, row.received),
            ("spent", given.spent, row.spent),
            ("moved", given.moved, row.moved),
            ("lost", given.lost, row.lost),
            ("earlier", given.earlier, row.earlier),
            ("closing", given.closing, row.closing),
            ("money", given.money, row.money),
            ("stock", given.stock, row.stock),
            ("loans", given.loans, row.loans),
        ];
        for (name, given, row) in figures {
            same(&member(name), given.minor(), row.minor())?;
        }
    }
    Ok(())
}
