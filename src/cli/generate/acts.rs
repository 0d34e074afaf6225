//! What happens again and again in a generated history: gifts, corrections, costs, cash, goods.

use serde_json::{Value, json};

use super::notes;
use super::opening::{RICE, STORE};
use super::story::{Act, REGULAR, Story};
use crate::cli::invented::people::Donor as Giver;
use crate::cli::invented::vouchers::{Draft, cost_paid, counts, dong, moved, paid_interest};
use crate::cli::invented::{BANK, CASH, Fault, GENERAL};
use crate::import::text::fold;
use crate::ledger::disclosure::{Digests, PrivateName};
use crate::ledger::voucher::{
    CostCategory, Donation, Donor, DonorType, GoodsDistributed, GoodsReceived, ItemQuantity,
    LineRef, Lot, Method, Reason, Reversed,
};
use crate::ledger::word::{Amount0, Date, EntryRef, List, Person};
use crate::money::{Money, Quantity};
use crate::store::desk::vault::{PrivateValue, Subject};

/// What a kilogram of rice is worth in đồng.
const RICE_PRICE: i64 = 16_000;
/// What each family gets, in kilograms.
const RICE_EACH: i64 = 10;

/// What stays in the cash box at the end of a month, in đồng.
const CASH_LEFT: i64 = 10_000_000;

/// What the bank takes each month, in đồng.
const BANK_FEE: i64 = 11_000;

/// A gift before it is written.
struct Gift {
    place: &'static str,
    fund: &'static str,
    amount: i64,
    donor: Donor,
}

impl Story<'_> {
    /// A transfer of which the bank's line is all that is known, as the import books it; its seq,
    /// fund and amount.
    pub(super) fn gift_of_nobody(&mut self, date: Date) -> Result<(u64, &'static str, i64), Fault> {
        let (fund, amount) = (self.fund_of(date), notes::amount(&mut self.seeded));
        let donor = self.pen.nobody(DonorType::Unknown)?;
        let text = notes::text(&mut self.seeded, None);
        let values = [
            (PrivateName::BankRow, json!(self.told() % 20_000 + 2)),
            (PrivateName::BankText, json!(text)),
            (PrivateName::BankReference, json!(notes::reference(&mut self.seeded))),
        ];
        // One file of the bank a day.
        let batch: Person = self.calendar_key(date).parse()?;
        let (digests, private) = self.seal(values, &Subject::Batch(batch))?;
        let gift = Gift { place: BANK, fund, amount, donor };
        let seq = self.give(date, gift, Some(digests), (private, None))?;
        Ok((seq, fund, amount))
    }

    /// A gift of somebody of the register.
    pub(super) fn gift_of_known(&mut self, date: Date, place: &'static str) -> Result<(), Fault> {
        let (people, fund) = (self.people, self.fund_of(date));
        let giver: &Giver = self.seeded.pick(&people.donors).ok_or(Fault::Scenario("no donors"))?;
        let is_group = giver.r#type == DonorType::Organisation;
        let amount = notes::amount(&mut self.seeded) / 1_000 * 1_000;
        let amount = amount.max(1_000) * if is_group { 5 } else { 1 };
        let (donor, mut private) = self.pen.donor(giver)?;
        let subject = Subject::Person(giver.person.clone());
        let mut digests = None;
        if place == BANK {
            let text = format!("{} ung ho", fold(&giver.full_name).to_uppercase());
            let values = [
                (PrivateName::BankText, json!(text)),
                (PrivateName::BankReference, json!(notes::reference(&mut self.seeded))),
            ];
            let (sealed, more) = self.seal(values, &subject)?;
            digests = Some(sealed);
            private.extend(more);
        }
        let name = if is_group { PrivateName::FullName } else { PrivateName::MaskedName };
        let shown = giver.consents.then_some((subject, name));
        let gift = Gift { place, fund, amount, donor };
        self.give(date, gift, digests, (private, shown)).map(drop)
    }

    fn give(
        &mut self,
        date: Date,
        Gift { place, fund, amount, donor }: Gift,
        digests: Option<Digests>,
        (private, shown): (Vec<PrivateValue>, Option<(Subject, PrivateName)>),
    ) -> Result<u64, Fault> {
        let in_cash = place == CASH;
        if in_cash {
            self.slips += 1;
        }
        self.purse.add(place, fund, amount);
        self.lots.entry(fund).or_default().push_back(amount);
        let body = Donation {
            amount: dong(amount)?,
            place: place.parse()?,
            fund: fund.parse()?,
            donor,
            method: if in_cash { Method::Cash } else { Method::Transfer },
            received_on: None,
            paper_no: in_cash.then(|| format!("{:06}", self.slips).parse()).transpose()?,
            private: digests,
        };
        let mut draft = Draft::new(date, body);
        (draft.private, draft.shown) = (private, shown);
        let seq = self.act(Act::Write(Box::new(draft)));
        self.pay_out_when_many(date, fund)?;
        Ok(seq)
    }

    fn seal<const N: usize>(
        &mut self,
        values: [(PrivateName, Value); N],
        subject: &Subject,
    ) -> Result<(Digests, Vec<PrivateValue>), Fault> {
        let mut private = Vec::with_capacity(N);
        for (name, value) in values {
            let disclosure = self.pen.disclosure(name, value)?;
            private.push(PrivateValue { disclosure, subject: subject.clone() });
        }
        let digests = private.iter().map(|value| value.disclosure.digest());
        Ok((Digests::sorted(digests)?, private))
    }

    /// 16 hex digits that follow from the day.
    fn calendar_key(&self, date: Date) -> String {
        self.seeded.child("batch").child(&date.to_string()).opaque()
    }

    /// A gift is mistyped, reversed, and recorded again.
    pub(super) fn correct(&mut self, date: Date) -> Result<(), Fault> {
        let (seq, fund, amount) = self.gift_of_nobody(date)?;
        if seq + 1 != self.told() {
            // It was paid out at once.
            return Ok(());
        }
        self.lots.entry(fund).or_default().pop_back();
        self.purse.add(BANK, fund, -amount);
        let of = LineRef::Entry(EntryRef::Seq(seq));
        self.write(date, Reversed { of, reason: Reason::Mistyped, private: None });
        self.gift_of_nobody(date).map(drop)
    }

    /// A cost of the general fund in cash.
    pub(super) fn cost(&mut self, date: Date) -> Result<(), Fault> {
        let costs = [
            (CostCategory::Printing, "Tiệm in Ví Dụ", 80, 220),
            (CostCategory::Transport, "Nhà xe Thử Nghiệm", 150, 450),
            (CostCategory::Communication, "Đài truyền thanh Xã Mẫu", 60, 120),
        ];
        let Some((category, payee, least, most)) = self.seeded.pick(&costs).copied() else {
            return Ok(());
        };
        let amount = i64::try_from(self.seeded.between(least, most)).unwrap_or(100) * 1_000;
        if self.purse.fund(GENERAL) < amount * 4 || !self.has_for_cash(amount) {
            return self.gift_of_nobody(date).map(drop);
        }
        self.ensure_cash(date, amount)?;
        self.spend(CASH, GENERAL, amount);
        self.write(date, cost_paid(CASH, category, payee, amount)?);
        Ok(())
    }

    /// Whether cash box and bank hold so much.
    pub(super) fn has_for_cash(&self, need: i64) -> bool {
        self.purse.place(CASH) + self.purse.place(BANK) >= need
    }

    /// Takes cash from the bank when the box would not hold enough.
    pub(super) fn ensure_cash(&mut self, date: Date, need: i64) -> Result<(), Fault> {
        let missing = need - self.purse.place(CASH);
        if missing <= 0 {
            return Ok(());
        }
        // Two million more than needed, rounded up.
        let amount = (missing + 2_999_999) / 1_000_000 * 1_000_000;
        let amount = amount.min(self.purse.place(BANK) / 1_000 * 1_000).max(missing);
        self.purse.add(BANK, GENERAL, -amount);
        self.purse.add(CASH, GENERAL, amount);
        self.write(date, moved(BANK, CASH, GENERAL, amount)?);
        Ok(())
    }

    /// Cash goes to the bank, interest, the bank's fee, and the count of the cash box.
    pub(super) fn end_of_month(&mut self, date: Date) -> Result<(), Fault> {
        let more = self.purse.place(CASH) - CASH_LEFT;
        if more >= CASH_LEFT {
            self.purse.add(CASH, GENERAL, -more);
            self.purse.add(BANK, GENERAL, more);
            self.write(date, moved(CASH, BANK, GENERAL, more)?);
        }
        let interest = i64::try_from(self.seeded.between(9_000, 48_000)).unwrap_or(9_000);
        self.purse.add(BANK, GENERAL, interest);
        self.lots.entry(GENERAL).or_default().push_back(interest);
        self.write(date, paid_interest(BANK, GENERAL, interest)?);
        if self.purse.place(BANK) >= BANK_FEE {
            self.spend(BANK, GENERAL, BANK_FEE);
            let payee = "Ngân hàng (ví dụ)";
            self.write(date, cost_paid(BANK, CostCategory::BankFee, payee, BANK_FEE)?);
        }
        self.act(Act::CountCash);
        Ok(())
    }

    /// Rice that somebody of the register gives.
    pub(super) fn goods_in(&mut self, date: Date) -> Result<(), Fault> {
        let people = self.people;
        let giver = self.seeded.pick(&people.donors).ok_or(Fault::Scenario("no donors"))?;
        let (donor, private) = self.pen.donor(giver)?;
        let units = i64::try_from(self.seeded.between(4, 40)).unwrap_or(4) * 10;
        let value = Money::new(units * RICE_PRICE).and_then(Amount0::new);
        let lot = Lot {
            item: RICE.parse()?,
            quantity: quantity(units)?,
            value: value.ok_or(Fault::Scenario("a value out of its range"))?,
            expiry: None,
            condition: None,
            private: None,
        };
        self.rice += units;
        let body = GoodsReceived {
            fund: GENERAL.parse()?,
            store: STORE.parse()?,
            donor,
            lots: List::new(vec![lot]).ok_or(Fault::Scenario("no goods"))?,
            papers: None,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// Rice for families, all that the store has or 30 of them.
    pub(super) fn goods_out(&mut self, date: Date) -> Result<(), Fault> {
        let count = (self.rice / RICE_EACH).min(30);
        let (people, seeded) = (self.people, &mut self.seeded);
        let families = people.draw(seeded, usize::try_from(count).unwrap_or(0));
        let each =
            ItemQuantity { item: RICE.parse()?, quantity: quantity(RICE_EACH)?, private: None };
        let items = List::new(vec![each]).ok_or(Fault::Scenario("no items"))?;
        let (lines, private) = self.pen.goods_lines(&families, &items)?;
        self.rice -= RICE_EACH * count;
        let body = GoodsDistributed {
            store: STORE.parse()?,
            fund: GENERAL.parse()?,
            programme: REGULAR.parse()?,
            round: Some(self.next_round().parse()?),
            lines,
            counts: counts(&families)?,
            allow_expired: None,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }
}

fn quantity(units: i64) -> Result<Quantity, Fault> {
    Quantity::new(units * 1_000).ok_or(Fault::Scenario("a quantity out of its range"))
}
