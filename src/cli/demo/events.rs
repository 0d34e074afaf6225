//! What goes wrong or comes once: corrections, gifts given back, money that is not the chapter's.

use chrono::Datelike as _;
use serde_json::json;

use super::Fault;
use super::people::Donor as Giver;
use super::scenario::{Act, BANK, CASH, GENERAL, STORM, Story};
use super::vouchers::{Draft, dong};
use crate::ledger::disclosure::{Digests, PrivateName};
use crate::ledger::voucher::{
    AssignedAs, CostCategory, CustodyAssigned, CustodyClass, CustodyHandedOver, CustodyReceived,
    CustodyReturned, DonationReturned, DonorType, FundTransfer, LineRef, MoveReason, Reason,
    Recipient, Reversed,
};
use crate::ledger::word::{Date, EntryRef, List};
use crate::store::desk::vault::{PrivateValue, Subject};

/// The reserved fund of what is held for others.
const CUSTODY: &str = "custody";
/// What the treasurer typed, and what was given.
const TYPED: i64 = 5_000_000;
const GIVEN: i64 = 500_000;
const SPENT: i64 = 800_000;

impl<'a> Story<'a> {
    /// What is special about a day.
    pub(super) fn events(&mut self, date: Date) -> Result<(), Fault> {
        let month = (0..24).find(|index| self.is_month(date, *index));
        match (month, date.naive().day()) {
            (Some(1), 6) => self.mistype(date),
            (Some(1), 9) => self.spend_of_mistyped(date),
            (Some(1), 17) => self.correct(date),
            (Some(3), 7) => self.unwanted_gift(date),
            (Some(3), 11) => self.give_back(date),
            (Some(4), 8) => self.mistaken_transfer(date),
            (Some(4), 12) => self.return_custody(date),
            (Some(5), 9) => self.for_a_family(date),
            (Some(5), 18) => self.hand_over(date),
            (Some(7), 10) => self.unidentified(date),
            (Some(7), 20) => self.assign(date),
            _ => Ok(()),
        }
    }

    /// A person of the register.
    pub(super) fn giver(&self, index: usize) -> Result<&'a Giver, Fault> {
        let mut persons =
            self.people.donors.iter().filter(|donor| donor.r#type == DonorType::Person);
        persons.nth(index).ok_or(Fault::Scenario("too few donors"))
    }

    pub(super) fn of(&self, name: &'static str) -> Result<LineRef, Fault> {
        let seq = self.named.get(name).ok_or(Fault::Scenario("an act that was not told yet"))?;
        Ok(LineRef::Entry(EntryRef::Seq(*seq)))
    }

    /// 500.000 ₫ in cash become 5.000.000 ₫ in the books.
    fn mistype(&mut self, date: Date) -> Result<(), Fault> {
        let giver = self.giver(0)?;
        let seq = self.gift_of(date, giver, CASH, GENERAL, TYPED)?;
        self.named.insert("mistyped", seq);
        Ok(())
    }

    /// A part of it is spent before anybody notices.
    fn spend_of_mistyped(&mut self, date: Date) -> Result<(), Fault> {
        self.ensure_cash(date, SPENT)?;
        let mut cost = self.cost(CASH, CostCategory::Transport, "Nhà xe Thử Nghiệm", SPENT)?;
        cost.gifts = List::new(vec![self.of("mistyped")?]);
        let mut draft = Draft::new(date, cost);
        draft.note = Some("Xe đưa bệnh nhân nghèo đi khám".parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// The gift is reversed and recorded as it was.
    fn correct(&mut self, date: Date) -> Result<(), Fault> {
        self.ensure_cash(date, TYPED)?;
        self.purse.add(CASH, GENERAL, -TYPED);
        let reversed =
            Reversed { of: self.of("mistyped")?, reason: Reason::Mistyped, private: None };
        let mut draft = Draft::new(date, reversed);
        draft.note = Some("Ghi nhầm 5.000.000 đ, thực thu 500.000 đ".parse()?);
        self.act(Act::Write(Box::new(draft)));
        let giver = self.giver(0)?;
        self.gift_of(date, giver, CASH, GENERAL, GIVEN).map(drop)
    }

    fn unwanted_gift(&mut self, date: Date) -> Result<(), Fault> {
        let giver = self.giver(1)?;
        let seq = self.gift_of(date, giver, BANK, GENERAL, 2_000_000)?;
        self.named.insert("unwanted", seq);
        Ok(())
    }

    /// The giver meant another chapter and asks for it back.
    fn give_back(&mut self, date: Date) -> Result<(), Fault> {
        self.purse.add(BANK, GENERAL, -2_000_000);
        let returned = DonationReturned {
            of: self.of("unwanted")?,
            amount: dong(2_000_000)?,
            place: BANK.parse()?,
            reason: Reason::WrongPerson,
            private: None,
        };
        self.write(date, returned);
        Ok(())
    }

    fn mistaken_transfer(&mut self, date: Date) -> Result<(), Fault> {
        self.hold(date, "mistaken", CustodyClass::Mistaken, 2, BANK, 3_000_000, None)
    }

    fn return_custody(&mut self, date: Date) -> Result<(), Fault> {
        self.purse.add(BANK, CUSTODY, -3_000_000);
        let returned = CustodyReturned {
            of: self.of("mistaken")?,
            amount: Some(dong(3_000_000)?),
            goods: None,
            papers: None,
            place: None,
            private: None,
        };
        self.write(date, returned);
        Ok(())
    }

    /// Somebody gives for one named family: not the chapter's money.
    fn for_a_family(&mut self, date: Date) -> Result<(), Fault> {
        let people = self.people;
        let family = people.families.first().ok_or(Fault::Scenario("no families"))?;
        let named = self.pen.disclosure(PrivateName::FullName, json!(family.record.full_name))?;
        let subject = Subject::Person(family.person.clone());
        let to = PrivateValue { disclosure: named, subject };
        let class = CustodyClass::NamedFamily;
        self.hold(date, "named_family", class, 3, CASH, 1_500_000, Some(to))
    }

    fn hand_over(&mut self, date: Date) -> Result<(), Fault> {
        self.ensure_cash(date, 1_500_000)?;
        self.purse.add(CASH, CUSTODY, -1_500_000);
        let handed = CustodyHandedOver {
            of: self.of("named_family")?,
            amount: Some(dong(1_500_000)?),
            goods: None,
            papers: None,
            place: None,
            private: None,
        };
        self.write(date, handed);
        Ok(())
    }

    fn unidentified(&mut self, date: Date) -> Result<(), Fault> {
        self.hold(date, "unidentified", CustodyClass::Unidentified, 4, BANK, 700_000, None)
    }

    /// The sender is found: it was a gift.
    fn assign(&mut self, date: Date) -> Result<(), Fault> {
        let giver = self.giver(4)?;
        let (donor, private) = self.pen.donor(giver)?;
        self.purse.add(BANK, CUSTODY, -700_000);
        self.purse.add(BANK, GENERAL, 700_000);
        let mut draft = Draft::new(
            date,
            CustodyAssigned {
                of: self.of("unidentified")?,
                amount: dong(700_000)?,
                r#as: AssignedAs::Donation,
                fund: Some(GENERAL.parse()?),
                loan: None,
                donor: Some(donor),
                principal: None,
                fee: None,
                place: None,
                private: None,
            },
        );
        draft.private = private;
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn hold(
        &mut self,
        date: Date,
        name: &'static str,
        class: CustodyClass,
        giver: usize,
        place: &'static str,
        amount: i64,
        to: Option<PrivateValue>,
    ) -> Result<(), Fault> {
        // Whose money came by mistake is not known to be a donor's.
        let (donor, mut private) = match class {
            CustodyClass::NamedFamily => self.pen.donor(self.giver(giver)?)?,
            _ => (self.pen.nobody(DonorType::Unknown)?, Vec::new()),
        };
        self.purse.add(place, CUSTODY, amount);
        let recipient = match &to {
            Some(value) => {
                let private = Some(Digests::sorted([value.disclosure.digest()])?);
                Some(Recipient { private })
            }
            None => None,
        };
        private.extend(to);
        let mut draft = Draft::new(
            date,
            CustodyReceived {
                class,
                donor,
                to: recipient,
                amount: Some(dong(amount)?),
                place: Some(place.parse()?),
                goods: None,
                private: None,
            },
        );
        draft.private = private;
        let seq = self.act(Act::Write(Box::new(draft)));
        self.named.insert(name, seq);
        Ok(())
    }

    /// What the last givers of the appeal agreed to give for other needs.
    pub(super) fn storm_rest(&mut self, date: Date) -> Result<(), Fault> {
        let kept = self.storm_kept();
        self.storm.clear();
        let amount: i64 = kept.iter().map(|(_, amount)| amount).sum();
        if amount == 0 || amount > self.purse.fund(STORM) {
            return Ok(());
        }
        let consent = self.pen.disclosure(
            PrivateName::Consent,
            json!("Nhà hảo tâm đồng ý chuyển sang quỹ chung (điện thoại, có ghi biên bản)"),
        )?;
        let treasurer = Subject::Person(self.people.treasurer().person.clone());
        self.purse.add(BANK, STORM, -amount);
        self.purse.add(BANK, GENERAL, amount);
        let gifts =
            kept.iter().map(|(seq, _)| LineRef::Entry(EntryRef::Seq(*seq))).collect::<Vec<_>>();
        let mut draft = Draft::new(
            date,
            FundTransfer {
                from_fund: STORM.parse()?,
                to_fund: GENERAL.parse()?,
                place: BANK.parse()?,
                amount: dong(amount)?,
                gifts: List::new(gifts),
                reason: MoveReason::Consent,
                private: Some(Digests::sorted([consent.digest()])?),
            },
        );
        draft.private = vec![PrivateValue { disclosure: consent, subject: treasurer }];
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }
}
