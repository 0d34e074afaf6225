//! Aid in money: lists of families, often enough that few gifts stay unspent.

use super::story::{Act, REGULAR, RELIEF, Story};
use crate::cli::invented::people::Family;
use crate::cli::invented::vouchers::{Draft, counts};
use crate::cli::invented::{BANK, CASH, Fault, GENERAL};
use crate::ledger::voucher::AidPaid;
use crate::ledger::word::Date;
use crate::money::Money;

/// Unspent gifts of a fund at which the older ones are paid out, and how many of them are.
const MANY: usize = 1_500;
const PAID: usize = 1_000;
/// What they leave at the bank: enough for the loans, the cash box and the bank's fee of a while.
const LEFT: i64 = 50_000_000;
/// About so much for each family.
const EACH: i64 = 2_000_000;
/// Families of a list.
const FEWEST: i64 = 5;
const MOST: i64 = 200;

impl Story<'_> {
    /// Pays out the older gifts of a fund once there are many.
    pub(super) fn pay_out_when_many(
        &mut self,
        date: Date,
        fund: &'static str,
    ) -> Result<(), Fault> {
        let lots = self.lots.entry(fund).or_default();
        if lots.len() < MANY || self.left() < 2 {
            return Ok(());
        }
        let lots = self.lots.entry(fund).or_default();
        let sum: i64 = lots.iter().take(PAID).sum();
        let sum = sum.min(self.purse.place(BANK) - LEFT);
        if sum < FEWEST * EACH {
            return Ok(());
        }
        let count = (sum / EACH).clamp(FEWEST, MOST);
        let each = sum / count / 50_000 * 50_000;
        self.pay(date, (BANK, fund), (count, each))
    }

    /// Every month 20 families get something in cash.
    pub(super) fn monthly_help(&mut self, date: Date) -> Result<(), Fault> {
        let (count, each) = (20, 300_000);
        if self.purse.fund(GENERAL) < 2 * count * each || !self.has_for_cash(count * each) {
            return Ok(());
        }
        self.ensure_cash(date, count * each)?;
        self.pay(date, (CASH, GENERAL), (count, each))
    }

    fn pay(
        &mut self,
        date: Date,
        (place, fund): (&'static str, &'static str),
        (count, each): (i64, i64),
    ) -> Result<(), Fault> {
        let (people, seeded) = (self.people, &mut self.seeded);
        let families = people.draw(seeded, usize::try_from(count).unwrap_or(0));
        let amount = Money::new(each).ok_or(Fault::Scenario("an amount beyond the range"))?;
        let list: Vec<(&Family, Money)> = families.iter().map(|family| (*family, amount)).collect();
        let (lines, private) = self.pen.lines(&list)?;
        self.spend(place, fund, each * i64::try_from(families.len()).unwrap_or(0));
        let programme = if fund == RELIEF { RELIEF } else { REGULAR };
        let body = AidPaid {
            place: place.parse()?,
            fund: fund.parse()?,
            programme: programme.parse()?,
            round: Some(self.next_round().parse()?),
            lines,
            counts: counts(&families)?,
            gifts: None,
            papers: None,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// The code of a round that no other has.
    pub(super) fn next_round(&mut self) -> String {
        self.rounds += 1;
        format!("dot-{}", self.rounds)
    }

    /// Takes money of a fund, oldest gifts first.
    pub(super) fn spend(&mut self, place: &'static str, fund: &'static str, amount: i64) {
        self.purse.add(place, fund, -amount);
        let lots = self.lots.entry(fund).or_default();
        let mut rest = amount;
        while let Some(lot) = lots.front_mut() {
            if *lot > rest {
                *lot -= rest;
                return;
            }
            rest -= *lot;
            lots.pop_front();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::cli::generate::history::{SLUG, people};
    use crate::cli::generate::story::{Calendar, LOANS};
    use crate::cli::invented::origin;
    use crate::cli::invented::seeded::Seeded;
    use crate::cli::invented::vouchers::Pen;

    #[test]
    fn however_little_the_bank_holds_nothing_is_told_that_it_cannot_pay() {
        let root = Seeded::new(1);
        let origin = origin(&root, SLUG).unwrap();
        let people = people(&root, &origin).unwrap();
        let (today, day) = ("2026-12-01".parse().unwrap(), "2024-06-30".parse().unwrap());
        for held in [0, 1_500, 4_464_415, 49_999_999, 60_000_000, 900_000_000] {
            let calendar = Calendar::new(1_000_000, today).unwrap();
            let pen = Pen::new(&root.child("story"), origin.clone());
            let mut story = Story::new(&root, &people, pen, calendar);
            // The funds have very much, but nearly all of it lies somewhere else.
            for fund in [GENERAL, RELIEF, LOANS] {
                story.purse.add("elsewhere", fund, 2_000_000_000);
                story.lots.entry(fund).or_default().extend([1_000_000; MANY]);
            }
            story.purse.add(BANK, GENERAL, held);
            let never_below = |story: &Story<'_>| {
                assert!(story.purse.place(BANK) >= 0 && story.purse.place(CASH) >= 0, "{held}");
            };
            story.pay_out_when_many(day, RELIEF).unwrap();
            never_below(&story);
            assert!(story.purse.place(BANK) >= held.min(LEFT));
            for _ in 0..4 {
                if story.may_lend() {
                    story.lend(day).unwrap();
                    never_below(&story);
                }
                story.monthly_help(day).unwrap();
                story.cost(day).unwrap();
                never_below(&story);
            }
            story.end_of_month(day).unwrap();
            never_below(&story);
        }
    }
}
