//! Where the demonstration's revolving fund has its money from: an opening balance with loans that
//! ran already, gifts, the general fund, the chapter above. It grows to 70 million đồng.

use chrono::NaiveTime;

use super::Fault;
use super::calendar::{days_earlier, days_later, months_later, working};
use super::loans::{FUND, Fate, Followed, Loan, rows};
use super::people::Donor as Giver;
use super::scenario::{Act, BANK, CASH, GENERAL, Story, number};
use super::seeded::Seeded;
use super::vouchers::{dong, dong0, id_of};
use crate::ledger::voucher::{
    DonorType, Fund, FundOpened, FundTransfer, FundType, Kind, LineRef, MoveReason, OpeningBalance,
    OpeningLineRef, OpeningLoan, OpeningMoney, Purpose, ReceivedFromChapter, Sender, Terms,
    VoucherId,
};
use crate::ledger::word::{Date, EntryRef, List, Words};
use crate::store::desk::vault::PrivateValue;

/// What the fund grows to.
const GOAL: i64 = 70_000_000;
/// The gift that is followed through its turns.
const GIFT: i64 = 500_000;
/// What comes from the chapter above.
const SUPPORT: i64 = 25_000_000;

/// Money of the opening balance: place, fund, amount.
const OPENING: [(&str, &str, i64); 3] =
    [(CASH, GENERAL, 1_250_000), (BANK, GENERAL, 12_400_000), (BANK, FUND, 6_500_000)];
/// Loans of the opening balance: principal, paid, months that are left, and since how many months
/// they run.
const RUNNING: [(i64, i64, u32, u32, Purpose); 3] = [
    (4_000_000, 2_000_000, 5, 5, Purpose::SmallTrade),
    (3_000_000, 1_000_000, 8, 4, Purpose::Livestock),
    (3_000_000, 1_500_000, 6, 6, Purpose::Crops),
];

/// Gifts into the fund by month of the books: of a person, of an organisation, and how much.
const GIFTS: [(u32, Option<usize>, i64); 12] = [
    (1, Some(8), 1_000_000),
    (6, None, 2_000_000),
    (13, Some(9), 500_000),
    (15, None, 1_500_000),
    (27, Some(10), 1_000_000),
    (34, None, 2_000_000),
    (43, Some(11), 1_000_000),
    (52, None, 2_000_000),
    (60, Some(12), 1_000_000),
    (75, None, 2_000_000),
    (100, None, 5_000_000),
    (108, None, 6_000_000),
];
/// The months in which the general fund lends a hand, the chapter above, and who makes it round.
const FROM_GENERAL: u32 = 20;
const FROM_ABOVE: u32 = 101;
const ROUNDED: u32 = 116;

/// The voucher of the gift that is followed, in a demonstration whose full life begins on a day.
pub fn followed_id(root: &Seeded, begun: Date) -> Result<VoucherId, Fault> {
    let at = begun.naive().and_time(NaiveTime::MIN).and_utc();
    id_of(&root.child("followed gift").bytes(), at)
}

impl<'a> Story<'a> {
    /// The fund, and the loans and the money that there are when the books begin.
    pub(super) fn open_revolving(&mut self, date: Date) -> Result<(), Fault> {
        let text = "Cho hộ khó khăn vay không lãi, trả dần; thu về lại cho hộ khác vay.";
        let fund = Fund {
            code: FUND.parse()?,
            r#type: FundType::Revolving,
            name: "Vốn quay vòng".parse()?,
            terms: Terms {
                text: text.parse()?,
                kinds: Words::new(vec![Kind::LoanApproved]),
                costs: false,
                programmes: None,
                until: None,
                private: None,
            },
            target: Some(dong(GOAL)?),
            from: None,
            to: None,
            private: None,
        };
        self.write(date, FundOpened { fund, private: None });
        let mut money = Vec::new();
        for (place, fund, amount) in OPENING {
            self.purse.add(place, fund, amount);
            money.push(OpeningMoney {
                place: place.parse()?,
                fund: fund.parse()?,
                amount: dong(amount)?,
                private: None,
            });
        }
        let (loans, private) = self.running_loans(date)?;
        let opening = OpeningBalance {
            as_of: date.previous(),
            money: List::new(money),
            goods: None,
            loans: List::new(loans),
            custody: None,
            private: None,
        };
        self.write_sealed(date, opening, private);
        Ok(())
    }

    /// Loans that run already; the opening balance that holds them is the next entry.
    fn running_loans(
        &mut self,
        date: Date,
    ) -> Result<(Vec<OpeningLoan>, Vec<PrivateValue>), Fault> {
        let (mut lines, mut values) = (Vec::new(), Vec::new());
        for (line, (principal, paid, months, since, purpose)) in (0..).zip(RUNNING) {
            let out = working(months_later(days_earlier(date, 366), 12 - since));
            let of = OpeningLineRef {
                line: number(line)?,
                seq: EntryRef::Seq(self.next_seq()),
                private: None,
            };
            let loan = Loan {
                borrower: self.lending.loans.len(),
                fate: Fate::Usual,
                principal,
                purpose,
                number: String::new(),
                approval: self.next_seq(),
                of: Some(LineRef::Line(of)),
                rows: rows(principal - paid, 0, months, days_later(date, 9)),
                later: None,
                moves: Vec::new(),
                fee: 0,
                named: None,
            };
            let (digests, private) = self.seal_loan(&loan)?;
            values.extend(private);
            lines.push(OpeningLoan {
                fund: FUND.parse()?,
                principal: dong(principal)?,
                paid: dong0(paid)?,
                fee_total: dong0(0)?,
                fees_paid: dong0(0)?,
                purpose,
                disbursed: out,
                group: None,
                private: Some(digests),
            });
            // From here on only what is left of it counts.
            self.lending.loans.push(Loan { principal: principal - paid, ..loan });
            self.lending.plan_repayments(self.lending.loans.len() - 1);
        }
        Ok((lines, values))
    }

    /// What a day brings into the fund.
    pub(super) fn capital(&mut self, date: Date) -> Result<(), Fault> {
        let day = |month: u32, days: u64| {
            working(days_later(months_later(self.books_from, month), days)) == date
        };
        let gifts: Vec<_> = GIFTS.into_iter().filter(|(month, ..)| day(*month, 3)).collect();
        let (from_general, from_above) = (day(FROM_GENERAL, 13), day(FROM_ABOVE, 16));
        let rounded = day(ROUNDED, 20);
        for (month, person, amount) in gifts {
            let giver = self.fund_giver(person, month)?;
            self.gift_of(date, giver, BANK, FUND, amount)?;
        }
        if from_general {
            self.general_gives(date, 4_000_000)?;
        }
        if from_above {
            self.support_from_above(date)?;
        }
        let missing = GOAL - self.purse.fund(FUND) - self.lending.owed(date);
        if rounded && missing > 0 {
            let giver = self.fund_giver(None, 2)?;
            self.gift_of(date, giver, BANK, FUND, missing)?;
        }
        self.give_followed(date)
    }

    /// A person of the register, or one of its organisations.
    fn fund_giver(&self, person: Option<usize>, organisation: u32) -> Result<&'a Giver, Fault> {
        let Some(index) = person else {
            let people = self.people;
            let all = people.donors.iter().filter(|own| own.r#type == DonorType::Organisation);
            let all: Vec<&Giver> = all.collect();
            let index = usize::try_from(organisation).unwrap_or(0).checked_rem(all.len());
            let giver = index.and_then(|index| all.get(index).copied());
            return giver.ok_or(Fault::Scenario("too few donors"));
        };
        self.giver(index)
    }

    fn general_gives(&mut self, date: Date, amount: i64) -> Result<(), Fault> {
        self.purse.add(BANK, GENERAL, -amount);
        self.purse.add(BANK, FUND, amount);
        let body = FundTransfer {
            from_fund: GENERAL.parse()?,
            to_fund: FUND.parse()?,
            place: BANK.parse()?,
            amount: dong(amount)?,
            gifts: None,
            reason: MoveReason::Other,
            private: None,
        };
        self.write(date, body);
        Ok(())
    }

    fn support_from_above(&mut self, date: Date) -> Result<(), Fault> {
        let host = self.other.as_str().split('/').next().unwrap_or_default();
        let log = format!("{host}/{}", super::neighbour::UPPER_SLUG).parse()?;
        let id = self.pen.id(date.previous().naive().and_time(NaiveTime::MIN).and_utc())?;
        self.purse.add(BANK, FUND, SUPPORT);
        let body = ReceivedFromChapter {
            amount: Some(dong(SUPPORT)?),
            lots: None,
            place: Some(BANK.parse()?),
            store: None,
            fund: FUND.parse()?,
            sender: Sender { log, id, private: None },
            private: None,
        };
        self.write(date, body);
        Ok(())
    }

    /// Puts down the day on which the followed gift is to come.
    pub(super) fn followed_gift(&mut self, date: Date) {
        self.lending.gift_on = Some(date);
    }

    /// The followed gift, of somebody who agreed to be named. What lies before it has to fit into
    /// one loan with it; else another loan goes first.
    fn give_followed(&mut self, date: Date) -> Result<(), Fault> {
        let is_due = self.lending.gift_on.is_some_and(|day| day <= date) && working(date) == date;
        if !is_due || self.lending.followed != Followed::ToCome || self.lending.reserved > 0 {
            return Ok(());
        }
        let before = self.purse.fund(FUND);
        if before > 9_000_000 {
            self.lending.gift_on = None;
            self.lending.slots.push_front((0, Fate::Draining, false));
            return Ok(());
        }
        let persons = self.people.donors.iter().skip(20);
        let mut named = persons.filter(|own| own.consents && own.r#type == DonorType::Person);
        let giver = named.next().ok_or(Fault::Scenario("too few donors"))?;
        self.gift_of(date, giver, BANK, FUND, GIFT)?;
        let id = self.lending.gift.clone();
        self.name_last(id);
        self.lending.followed = Followed::Given(before);
        Ok(())
    }
}

impl Story<'_> {
    /// Cash that came back goes to the bank, but for what the box needs.
    pub(super) fn bring_to_bank(&mut self, date: Date) -> Result<(), Fault> {
        let spare = (self.purse.place(CASH) - 1_500_000) / 100_000 * 100_000;
        if spare > 0 { self.transfer(date, (CASH, BANK), FUND, spare) } else { Ok(()) }
    }

    /// The box is counted when nothing else happened for weeks.
    pub(super) fn count_cash(&mut self) {
        self.act(Act::CountCash { missing: 0 });
    }
}
