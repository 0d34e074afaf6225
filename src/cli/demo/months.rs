//! What every month brings: gifts, help, costs, the bank, the count and the closing.

use chrono::Datelike as _;
use serde_json::json;

use super::Fault;
use super::people::{Donor as Giver, Family};
use super::scenario::{
    Act, BANK, BLOOD, CASH, GENERAL, REGULAR, SCHOOL, STORM, Story, TET, number,
};
use super::vouchers::{Draft, cost_paid, counts, dong, moved, paid_interest};
use crate::import::text::fold;
use crate::ledger::disclosure::{Digests, PrivateName};
use crate::ledger::voucher::{
    ActivityReported, AidPaid, CostCategory, CostPaid, Donation, DonorType, Figure, FigureOf,
    FundType, Method, ProgrammeType, StatementType,
};
use crate::ledger::word::{Date, List};
use crate::money::Money;
use crate::store::desk::vault::{PrivateValue, Subject};

/// Usual gifts in đồng; what stands more often is given more often.
const GIFTS: [i64; 12] = [
    50_000, 100_000, 100_000, 100_000, 200_000, 200_000, 300_000, 500_000, 500_000, 1_000_000,
    1_000_000, 2_000_000,
];

/// What a payout of aid is for.
pub(super) struct Round<'a> {
    pub(super) place: &'static str,
    pub(super) fund: &'static str,
    pub(super) programme: &'static str,
    pub(super) code: String,
    pub(super) families: usize,
    /// At most so much for each, and at most so much in all.
    pub(super) each: i64,
    pub(super) most: i64,
    pub(super) note: &'a str,
}

impl Story<'_> {
    /// One day.
    pub(super) fn live(&mut self, date: Date) -> Result<(), Fault> {
        let (day, month) = (date.naive().day(), date.naive().month());
        if day == 5 && date.month() != self.books_from.month() {
            self.close(date)?;
        }
        if day == 8 {
            self.statements(date);
        }
        self.storm(date)?;
        self.events(date)?;
        self.goods(date)?;
        self.activities(date)?;
        self.gifts(date)?;
        self.appeal(date)?;
        match (day, month) {
            (12, _) => self.regular_help(date, 10)?,
            (14, 1) => self.new_year(date)?,
            (16, 4 | 10) => self.blood_day(date)?,
            (20, _) => self.costs(date)?,
            (28, 8) => self.scholarships(date)?,
            _ => {}
        }
        if date.next().month() != date.month() {
            self.end_of_month(date)?;
        }
        Ok(())
    }

    /// Gifts of a day, more of them before the new year.
    fn gifts(&mut self, date: Date) -> Result<(), Fault> {
        let chance = if matches!(date.naive().month(), 12 | 1) { 95 } else { 42 };
        if self.seeded.below(100) < chance {
            self.gift(date, GENERAL)?;
        }
        let school = matches!(date.naive().month(), 7 | 8) && self.seeded.below(100) < 30;
        if school { self.gift(date, SCHOOL).map(drop) } else { Ok(()) }
    }

    /// One gift from somebody, over the bank or in cash; its seq and amount.
    pub(super) fn gift(&mut self, date: Date, fund: &'static str) -> Result<(u64, i64), Fault> {
        let amount = self.seeded.pick(&GIFTS).copied().unwrap_or(100_000);
        let place = if self.seeded.below(100) < 65 { BANK } else { CASH };
        if self.seeded.below(100) < 18 {
            let seq = self.gift_of_nobody(date, place, fund, amount)?;
            return Ok((seq, amount));
        }
        let people = self.people;
        let giver = self.seeded.pick(&people.donors).ok_or(Fault::Scenario("no donors"))?;
        let amount = if giver.r#type == DonorType::Organisation { amount * 5 } else { amount };
        Ok((self.gift_of(date, giver, place, fund, amount)?, amount))
    }

    /// A collection in cash, or a transfer of which nobody knows whose it is; its seq.
    pub(super) fn gift_of_nobody(
        &mut self,
        date: Date,
        place: &'static str,
        fund: &'static str,
        amount: i64,
    ) -> Result<u64, Fault> {
        let in_cash = place == CASH;
        let r#type = if in_cash { DonorType::Collection } else { DonorType::Unknown };
        let donor = self.pen.nobody(r#type)?;
        self.purse.add(place, fund, amount);
        let body = Donation {
            amount: dong(amount)?,
            place: place.parse()?,
            fund: fund.parse()?,
            donor,
            method: if in_cash { Method::Cash } else { Method::Transfer },
            received_on: None,
            paper_no: None,
            private: None,
        };
        Ok(self.write(date, body))
    }

    /// A gift of a donor of the register.
    pub(super) fn gift_of(
        &mut self,
        date: Date,
        giver: &Giver,
        place: &'static str,
        fund: &'static str,
        amount: i64,
    ) -> Result<u64, Fault> {
        let (donor, mut private) = self.pen.donor(giver)?;
        let subject = Subject::Person(giver.person.clone());
        let mut digests = Vec::new();
        if place == BANK {
            let text = format!("{} ung ho {}", fold(&giver.full_name).to_uppercase(), fund);
            let reference = format!("FT{:012}", self.seeded.below(1_000_000_000_000));
            for (name, value) in
                [(PrivateName::BankText, text), (PrivateName::BankReference, reference)]
            {
                let disclosure = self.pen.disclosure(name, json!(value))?;
                digests.push(disclosure.digest());
                private.push(PrivateValue { disclosure, subject: subject.clone() });
            }
        } else {
            self.slips += 1;
        }
        self.purse.add(place, fund, amount);
        let in_cash = place == CASH;
        let body = Donation {
            amount: dong(amount)?,
            place: place.parse()?,
            fund: fund.parse()?,
            donor,
            method: if in_cash { Method::Cash } else { Method::Transfer },
            received_on: None,
            paper_no: in_cash.then(|| format!("{:05}", self.slips).parse()).transpose()?,
            private: if digests.is_empty() { None } else { Some(Digests::sorted(digests)?) },
        };
        // Most persons who agreed to be shown prefer initials.
        let whole = giver.r#type == DonorType::Organisation
            || fold(&giver.full_name).chars().count().is_multiple_of(3);
        let name = if whole { PrivateName::FullName } else { PrivateName::MaskedName };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        draft.shown = giver.consents.then_some((subject, name));
        Ok(self.act(Act::Write(Box::new(draft))))
    }

    /// Takes cash from the bank when the box would not hold enough.
    pub(super) fn ensure_cash(&mut self, date: Date, need: i64) -> Result<(), Fault> {
        let missing = need - self.purse.place(CASH);
        if missing > 0 {
            // Rounded up to half a million.
            let amount = (missing + 499_999) / 500_000 * 500_000;
            self.transfer(date, (BANK, CASH), GENERAL, amount)?;
        }
        Ok(())
    }

    /// Money of a fund from a place to another.
    pub(super) fn transfer(
        &mut self,
        date: Date,
        (from, to): (&'static str, &'static str),
        fund: &'static str,
        amount: i64,
    ) -> Result<(), Fault> {
        self.purse.add(from, fund, -amount);
        self.purse.add(to, fund, amount);
        self.write(date, moved(from, to, fund, amount)?);
        Ok(())
    }

    /// The help of a month, for so many families at most.
    pub(super) fn regular_help(&mut self, date: Date, families: usize) -> Result<(), Fault> {
        self.help(
            date,
            Round {
                place: CASH,
                fund: GENERAL,
                programme: REGULAR,
                code: format!("thang-{}", date.month()),
                families,
                each: 300_000,
                most: self.purse.fund(GENERAL) / 3,
                note: "Trợ giúp hằng tháng",
            },
        )
    }

    fn new_year(&mut self, date: Date) -> Result<(), Fault> {
        self.help(
            date,
            Round {
                place: CASH,
                fund: GENERAL,
                programme: TET,
                code: format!("tet-{}", date.year()),
                families: 40,
                each: 500_000,
                most: self.purse.fund(GENERAL) * 3 / 5,
                note: "Quà Tết bằng tiền",
            },
        )
    }

    fn scholarships(&mut self, date: Date) -> Result<(), Fault> {
        self.help(
            date,
            Round {
                place: BANK,
                fund: SCHOOL,
                programme: SCHOOL,
                code: format!("nam-hoc-{}", date.year()),
                families: 12,
                each: 800_000,
                most: self.purse.fund(SCHOOL),
                note: "Học bổng đầu năm học",
            },
        )
    }

    /// Hands out money to families drawn from the register; nothing when there is too little.
    pub(super) fn help(&mut self, date: Date, round: Round<'_>) -> Result<(), Fault> {
        // Whole notes of 50.000 for each, as many families as the money is enough for.
        let each = round.each.min(round.most / 5) / 50_000 * 50_000;
        if each < 50_000 {
            return Ok(());
        }
        let families = i64::try_from(round.families).unwrap_or(1).min(round.most / each);
        let number = usize::try_from(families).unwrap_or(0);
        let families = self.people.draw(&mut self.seeded, number);
        let total = each * i64::try_from(families.len()).unwrap_or(0);
        if round.place == CASH {
            self.ensure_cash(date, total)?;
        }
        let amount = Money::new(each).ok_or(Fault::Scenario("an amount beyond the range"))?;
        let list: Vec<(&Family, Money)> = families.iter().map(|family| (*family, amount)).collect();
        let (lines, private) = self.pen.lines(&list)?;
        self.purse.add(round.place, round.fund, -total);
        let mut draft = Draft::new(
            date,
            AidPaid {
                place: round.place.parse()?,
                fund: round.fund.parse()?,
                programme: round.programme.parse()?,
                round: Some(round.code.parse()?),
                lines,
                counts: counts(&families)?,
                gifts: None,
                papers: None,
                private: None,
            },
        );
        draft.private = private;
        draft.note = Some(round.note.parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    fn costs(&mut self, date: Date) -> Result<(), Fault> {
        let costs = [
            (CostCategory::Printing, "Tiệm in Ví Dụ", 80_000, 220_000),
            (CostCategory::Transport, "Nhà xe Thử Nghiệm", 150_000, 450_000),
            (CostCategory::Communication, "Đài truyền thanh Xã Mẫu", 60_000, 120_000),
        ];
        let Some((category, payee, least, most)) = self.seeded.pick(&costs).copied() else {
            return Ok(());
        };
        let amount = self.seeded.between(least / 1_000, most / 1_000) * 1_000;
        self.ensure_cash(date, i64::try_from(amount).unwrap_or(0))?;
        let body = self.cost(CASH, category, payee, i64::try_from(amount).unwrap_or(0))?;
        self.write(date, body);
        Ok(())
    }

    /// A cost of the general fund, paid to a firm.
    pub(super) fn cost(
        &mut self,
        place: &'static str,
        category: CostCategory,
        payee: &str,
        amount: i64,
    ) -> Result<CostPaid, Fault> {
        self.purse.add(place, GENERAL, -amount);
        cost_paid(place, category, payee, amount)
    }

    fn blood_day(&mut self, date: Date) -> Result<(), Fault> {
        let people = self.seeded.between(40, 90);
        let units = people - self.seeded.between(2, 9);
        let figure =
            |of, count| Ok::<_, Fault>(Figure { of, number: number(count)?, private: None });
        let figures = vec![figure(FigureOf::People, people)?, figure(FigureOf::BloodUnits, units)?];
        let body = ActivityReported {
            programme: BLOOD.parse()?,
            from: date.previous(),
            to: date,
            figures: List::new(figures).ok_or(Fault::Scenario("no figures"))?,
            private: None,
        };
        self.write(date, body);
        Ok(())
    }

    /// Interest, the bank's fee, what goes to the bank, and the count of the cash box.
    fn end_of_month(&mut self, date: Date) -> Result<(), Fault> {
        let interest = i64::try_from(self.seeded.between(9_000, 48_000)).unwrap_or(9_000);
        self.purse.add(BANK, GENERAL, interest);
        self.write(date, paid_interest(BANK, GENERAL, interest)?);
        let fee = self.cost(BANK, CostCategory::BankFee, "Ngân hàng (ví dụ)", 11_000)?;
        self.write(date, fee);
        let spare = (self.purse.place(CASH) - 2_000_000) / 1_000_000 * 1_000_000;
        if spare >= 2_000_000 {
            self.transfer(date, (CASH, BANK), GENERAL, spare)?;
        }
        // Once in two years a note is missing.
        let missing = if self.is_month(date, 9) { 5_000 } else { 0 };
        self.purse.add(CASH, GENERAL, -missing);
        self.act(Act::CountCash { missing });
        Ok(())
    }

    /// Whether the day lies in the so-manieth month of the full life, from 0.
    pub(super) fn is_month(&self, date: Date, index: u32) -> bool {
        let months =
            |date: Date| date.year() * 12 + i32::try_from(date.naive().month0()).unwrap_or(0);
        u32::try_from(months(date) - months(self.begun)).is_ok_and(|months| months == index)
    }

    /// Quarters and years that are closed by now, and the appeal at the end of its year.
    fn statements(&mut self, date: Date) {
        let last = date.month().previous();
        let quarter = last.previous().previous().first_day();
        let month = date.naive().month();
        if matches!(month, 1 | 4 | 7 | 10) && quarter >= self.books_from {
            let (from, to) = (quarter, last.last_day());
            self.act(Act::Publish { r#type: StatementType::Quarter, from, to, fund: None });
        }
        if month != 1 {
            return;
        }
        let year = (0..11).fold(last, |month, _| month.previous()).first_day();
        if year >= self.books_from {
            let (from, to) = (year, last.last_day());
            self.act(Act::Publish { r#type: StatementType::Year, from, to, fund: None });
        }
        if let (Some(from), Ok(fund)) = (self.storm_opened, STORM.parse()) {
            let (to, fund) = (last.last_day(), Some(fund));
            self.act(Act::Publish { r#type: StatementType::Campaign, from, to, fund });
        }
    }

    /// The storm appeal: opened at the first storm, gifts through September, two payouts, and
    /// what is left at the end goes to the general fund with the givers' consent.
    fn storm(&mut self, date: Date) -> Result<(), Fault> {
        let (day, month) = (date.naive().day(), date.naive().month());
        if (month, day) == (9, 9) && self.storm_opened.is_none() {
            self.storm_opened = Some(date);
            let terms = Some(("Chỉ giúp các hộ bị thiệt hại do bão lũ.", STORM));
            self.open_programme(date, STORM, "Cứu trợ bão lũ", ProgrammeType::Disaster)?;
            self.open_fund(date, STORM, FundType::Restricted, "Quỹ cứu trợ bão lũ", terms)?;
        }
        if self.storm_opened.is_none() {
            return Ok(());
        }
        if month == 9 && day >= 9 {
            for _ in 0..self.seeded.below(4) {
                let gift = self.gift(date, STORM)?;
                self.storm.push(gift);
            }
        }
        match (month, day) {
            (9, 21) => self.storm_help(date, 30, 60),
            (10, 11) => self.storm_help(date, 20, 100),
            (12, 3) => self.storm_rest(date),
            _ => Ok(()),
        }
    }

    /// Pays out a share of the appeal, the last gifts left alone.
    fn storm_help(&mut self, date: Date, families: usize, percent: i64) -> Result<(), Fault> {
        let kept: i64 = self.storm_kept().iter().map(|(_, amount)| amount).sum();
        let most = (self.purse.fund(STORM) - kept) * percent / 100;
        self.help(
            date,
            Round {
                place: BANK,
                fund: STORM,
                programme: STORM,
                code: format!("bao-{}-{}", date.year(), date.naive().month()),
                families,
                each: 2_000_000,
                most,
                note: "Hỗ trợ hộ bị thiệt hại do bão",
            },
        )
    }

    /// The last three gifts of the appeal: their givers are asked when the need is met.
    pub(super) fn storm_kept(&self) -> Vec<(u64, i64)> {
        self.storm.iter().rev().take(3).copied().collect()
    }
}
