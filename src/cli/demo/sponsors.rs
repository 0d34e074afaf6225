//! Two sponsors of the demonstration: one each month for two families, whose gift of this month is
//! still to come; one each quarter for one family, whose newest gift was not handed over yet.

use super::Fault;
use super::people::{Donor as Giver, Family, People};
use super::scenario::{Act, BANK, Story};
use super::seeded::Seeded;
use super::vouchers::{Draft, dong};
use crate::ledger::voucher::{AidPaid, Donation, DonorType, FundType, Method, ProgrammeType};
use crate::ledger::word::{Date, Person};
use crate::money::Money;
use crate::store::desk::sponsorship::{Every, Link, Plan, Step};

/// The fund and the programme of sponsors.
const FUND: &str = "do-dau";
/// The month in which the first plan begins; the fund is opened then.
const FIRST: u32 = 12;
/// The month in which the second one begins.
const SECOND: u32 = 15;

/// A sponsor, their families, and what each gets of each period.
pub struct Sponsoring<'a> {
    /// The plan's identifier.
    pub id: Person,
    /// Who gives.
    pub giver: &'a Giver,
    /// Who is helped, and what the plan calls them.
    pub families: Vec<(Person, &'a Family)>,
    every: Every,
    amount: i64,
    months: u32,
}

/// The sponsors of a seed. Neither of them agreed to be shown.
pub fn sponsors<'a>(root: &Seeded, people: &'a People) -> Result<[Sponsoring<'a>; 2], Fault> {
    let mut seeded = root.child("sponsors");
    let mut givers =
        people.donors.iter().filter(|donor| donor.r#type == DonorType::Person && !donor.consents);
    let mut families = people.families.iter();
    let mut one = |every, number: usize, amount, months| {
        let families = families.by_ref().take(number);
        let families = families
            .map(|family| Ok((seeded.opaque().parse()?, family)))
            .collect::<Result<_, Fault>>()?;
        Ok::<_, Fault>(Sponsoring {
            id: seeded.opaque().parse()?,
            giver: givers.next().ok_or(Fault::Scenario("too few donors"))?,
            families,
            every,
            amount,
            months,
        })
    };
    Ok([one(Every::Month, 2, 300_000, FIRST)?, one(Every::Quarter, 1, 900_000, SECOND)?])
}

impl Sponsoring<'_> {
    /// The plan, when it begins on this day.
    pub fn plan(&self, books_from: Date, date: Date) -> Result<Option<Plan>, Fault> {
        let months = chrono::Months::new(self.months);
        let from = books_from.naive().checked_add_months(months).and_then(Date::new);
        let Some(from) = from.filter(|from| *from == date) else { return Ok(None) };
        let amount =
            Money::new(self.amount).ok_or(Fault::Scenario("an amount beyond the range"))?;
        let link = |(id, _): &(Person, &Family)| Link {
            id: id.clone(),
            steps: vec![Step { from, amount }],
        };
        Ok(Some(Plan {
            fund: FUND.parse()?,
            programme: FUND.parse()?,
            every: self.every,
            from,
            until: None,
            links: self.families.iter().map(link).collect(),
            gifts: Vec::new(),
            handovers: Vec::new(),
            pauses: Vec::new(),
            ended: None,
            notes: None,
            changed: None,
        }))
    }

    /// What the sponsor gives for a period.
    fn total(&self) -> i64 {
        self.amount * i64::try_from(self.families.len()).unwrap_or(1)
    }
}

impl<'a> Story<'a> {
    /// The fund, and what sponsors do on a day. It takes nothing of the chance of other days.
    pub(super) fn sponsorship(
        &mut self,
        date: Date,
        [monthly, quarterly]: &[Sponsoring<'a>; 2],
    ) -> Result<(), Fault> {
        use chrono::Datelike as _;
        let month = (FIRST..=24).find(|index| self.is_month(date, *index));
        match (month, date.naive().day()) {
            (Some(FIRST), 1) => {
                let terms = Some(("Chỉ trao cho các hộ được đỡ đầu.", FUND));
                let name = "Đỡ đầu thường xuyên";
                self.open_programme(date, FUND, name, ProgrammeType::Regular)?;
                self.open_fund(date, FUND, FundType::Sponsorship, "Quỹ đỡ đầu", terms)?;
            }
            // The gift of this month is still to come.
            (Some(FIRST..24), 3) => self.sponsors_gift(date, monthly)?,
            (Some(FIRST..24), 15) => self.sponsors_handover(date, monthly)?,
            (Some(SECOND | 18 | 21), 4) => self.sponsors_gift(date, quarterly)?,
            (Some(SECOND | 18), 16) => self.sponsors_handover(date, quarterly)?,
            _ => {}
        }
        Ok(())
    }

    fn sponsors_gift(&mut self, date: Date, own: &Sponsoring<'a>) -> Result<(), Fault> {
        let (donor, private) = self.pen.donor(own.giver)?;
        self.purse.add(BANK, FUND, own.total());
        let body = Donation {
            amount: dong(own.total())?,
            place: BANK.parse()?,
            fund: FUND.parse()?,
            donor,
            method: Method::Transfer,
            received_on: None,
            paper_no: None,
            private: None,
        };
        let draft = Draft { private, plan: Some(own.id.clone()), ..Draft::new(date, body) };
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    fn sponsors_handover(&mut self, date: Date, own: &Sponsoring<'a>) -> Result<(), Fault> {
        let amount = Money::new(own.amount).ok_or(Fault::Scenario("an amount beyond the range"))?;
        let list: Vec<(&Family, Money)> =
            own.families.iter().map(|(_, family)| (*family, amount)).collect();
        let (lines, private) = self.pen.lines(&list)?;
        self.purse.add(BANK, FUND, -own.total());
        let body = AidPaid {
            place: BANK.parse()?,
            fund: FUND.parse()?,
            programme: FUND.parse()?,
            round: None,
            lines,
            counts: None,
            gifts: None,
            papers: None,
            private: None,
        };
        let draft = Draft { private, plan: Some(own.id.clone()), ..Draft::new(date, body) };
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }
}
