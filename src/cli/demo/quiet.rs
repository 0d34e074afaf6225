//! The first eight years of the demonstration: a fund that lends, a collection each year for the
//! general fund, the bank's interest, counts, closings of quarters and the statements of years.

use chrono::Datelike as _;

use super::Fault;
use super::calendar::{days_between, working};
use super::people::Donor as Giver;
use super::scenario::{Act, BANK, CASH, GENERAL, Story};
use super::vouchers::paid_interest;
use crate::ledger::voucher::{DonorType, StatementType};
use crate::ledger::word::Date;

/// After so many days without a voucher the cash box is counted.
const MOST_IDLE: i64 = 28;

impl Story<'_> {
    /// One day of these years.
    pub(super) fn quiet(&mut self, date: Date) -> Result<(), Fault> {
        let (day, month) = (date.naive().day(), date.naive().month());
        match (day, month) {
            (5, 1 | 4 | 7 | 10) if date.month() != self.books_from.month() => {
                self.close(date)?;
            }
            (8, 1) => self.statement_of_year(date),
            (12, 1) => self.yearly_collection(date)?,
            _ => {}
        }
        if date.next().month() != date.month() && month % 3 == 0 {
            self.end_of_quarter(date)?;
        } else if self.idle_since(date) >= MOST_IDLE {
            self.count_cash();
        }
        Ok(())
    }

    /// The closing of the months that are over.
    pub(super) fn close(&mut self, date: Date) -> Result<(), Fault> {
        let through = date.month().previous();
        let overdue = self.lending.overdue(through.last_day())?;
        self.act(Act::Close(through, overdue));
        Ok(())
    }

    fn statement_of_year(&mut self, date: Date) {
        let last = date.month().previous();
        let first = (0..11).fold(last, |month, _| month.previous()).first_day();
        if first >= self.books_from {
            let (from, to) = (first, last.last_day());
            self.act(Act::Publish { r#type: StatementType::Year, from, to, fund: None });
        }
    }

    /// What the hamlets collect before the new year, and what an organisation adds.
    fn yearly_collection(&mut self, date: Date) -> Result<(), Fault> {
        let people = self.people;
        let collected = i64::try_from(self.quiet.between(15, 23)).unwrap_or(15) * 100_000;
        self.gift_of_nobody(date, CASH, GENERAL, collected)?;
        let mut organisations =
            people.donors.iter().filter(|own| own.r#type == DonorType::Organisation);
        let index = usize::try_from(self.quiet.below(6)).unwrap_or(0);
        let giver: Option<&Giver> = organisations.nth(index);
        let giver = giver.ok_or(Fault::Scenario("too few donors"))?;
        self.gift_of(date, giver, BANK, GENERAL, 500_000).map(drop)
    }

    /// Interest once a year, cash that goes to the bank, and the count of the box.
    fn end_of_quarter(&mut self, date: Date) -> Result<(), Fault> {
        if date.naive().month() == 12 {
            let interest = i64::try_from(self.quiet.between(12_000, 60_000)).unwrap_or(12_000);
            self.purse.add(BANK, GENERAL, interest);
            let body = paid_interest(BANK, GENERAL, interest)?;
            self.write(date, body);
        }
        if working(date) == date {
            self.bring_to_bank(date)?;
        }
        self.count_cash();
        Ok(())
    }

    /// Days since the last voucher.
    fn idle_since(&self, date: Date) -> i64 {
        self.last.map_or(0, |last| days_between(last, date))
    }
}
