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
        let sum = sum.min(self.purse.place(BANK));
        let count = (sum / EACH).clamp(FEWEST, MOST);
        let each = sum / count / 50_000 * 50_000;
        if each == 0 { Ok(()) } else { self.pay(date, (BANK, fund), (count, each)) }
    }

    /// Every month 20 families get something in cash.
    pub(super) fn monthly_help(&mut self, date: Date) -> Result<(), Fault> {
        let (count, each) = (20, 300_000);
        if self.purse.fund(GENERAL) < 2 * count * each {
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
