//! What goes wrong with goods or comes once: counts, a mistyped gift, a wheelchair, two chapters.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveTime};
use serde_json::json;

use super::Fault;
use super::goods::{HALL, MAIN, NOODLES, QUILT, RICE, items, later, quantity};
use super::neighbour::SENT;
use super::scenario::{Act, BANK, GENERAL, Story};
use super::shelves::{Parcel, UNIT};
use super::vouchers::{Draft, dong};
use crate::ledger::disclosure::{Digests, PrivateName};
use crate::ledger::voucher::{
    CustodyClass, CustodyGoods, CustodyHandedOver, CustodyReceived, Direction, LineRef, LossReason,
    Reason, ReceivedFromChapter, Recipient, Reversed, Sender, SentToChapter, StockCounted,
    StockDifference,
};
use crate::ledger::word::{Date, EntryRef, List};
use crate::store::desk::vault::{PrivateValue, Subject};

impl Story<'_> {
    /// What is special about a day.
    pub(super) fn goods_events(&mut self, date: Date) -> Result<(), Fault> {
        let month = (0..24).find(|index| self.is_month(date, *index));
        match (month, date.naive().day()) {
            (Some(0), 18) => self.gift_of_organisation(date, MAIN, (QUILT, 30), None),
            (Some(2 | 10 | 18), 24) => self.buy_for_all(date),
            (Some(3), 21) => self.mistype_rice(date),
            (Some(3), 23) => self.correct_rice(date),
            (Some(4), 25) => self.spoiled(date),
            (Some(5), 4) => {
                self.gift_of_organisation(date, HALL, (NOODLES, 20), Some(later(date, 75)))
            }
            (Some(6), 9) => self.wheelchair(date),
            (Some(6), 10) => self.carry(date, HALL, MAIN, GENERAL, &[(NOODLES, 8 * UNIT)]),
            (Some(6), 19) => self.hand_wheelchair(date),
            (Some(8), 25) => self.found(date),
            (Some(11), 6) => self.gift_of_organisation(date, MAIN, (QUILT, 25), None),
            (Some(11), 15) => self.send(date),
            (Some(13), 15) => self.money_of_chapter(date),
            (Some(23), 26) => self.send_money(date),
            _ => Ok(()),
        }
    }

    fn gift_of_organisation(
        &mut self,
        date: Date,
        store: &'static str,
        what: (&'static str, i64),
        expiry: Option<Date>,
    ) -> Result<(), Fault> {
        let people = self.people;
        let giver = people.donors.first().ok_or(Fault::Scenario("no donors"))?;
        self.receive(date, giver, store, what, expiry).map(drop)
    }

    /// 50 kg of rice become 500 in the books.
    fn mistype_rice(&mut self, date: Date) -> Result<(), Fault> {
        let giver = self.giver(6)?;
        let seq = self.receive(date, giver, MAIN, (RICE, 500), None)?;
        self.named.insert("mistyped_rice", seq);
        Ok(())
    }

    /// The receipt is reversed and recorded as it was.
    fn correct_rice(&mut self, date: Date) -> Result<(), Fault> {
        let of = self.of("mistyped_rice")?;
        if let LineRef::Entry(EntryRef::Seq(seq)) = &of {
            self.shelves.take_parcel((MAIN, GENERAL, RICE), Parcel::new(*seq, 0, None));
        }
        let mut draft = Draft::new(date, Reversed { of, reason: Reason::Mistyped, private: None });
        draft.note = Some("Ghi nhầm 500 kg, thực nhận 50 kg".parse()?);
        self.act(Act::Write(Box::new(draft)));
        let giver = self.giver(6)?;
        self.receive(date, giver, MAIN, (RICE, 50), None).map(drop)
    }

    /// The count of the main store: damp rice.
    fn spoiled(&mut self, date: Date) -> Result<(), Fault> {
        let (shelf, spoiled) = ((MAIN, GENERAL, RICE), 12 * UNIT + UNIT / 2);
        if self.shelves.total(shelf) < spoiled {
            return Ok(());
        }
        self.shelves.take(shelf, spoiled);
        let less = difference(RICE, spoiled, Direction::Less, LossReason::Spoiled, None)?;
        self.count(date, MAIN, GENERAL, vec![less], "Gạo bị ẩm mốc, có biên bản hủy")
    }

    /// The count of the main store: two quilts that nobody had recorded.
    fn found(&mut self, date: Date) -> Result<(), Fault> {
        let shelf = (MAIN, GENERAL, QUILT);
        self.shelves.put(shelf, Parcel::new(self.next_seq(), 0, None), 2 * UNIT);
        let more = difference(QUILT, 2 * UNIT, Direction::More, LossReason::Found, None)?;
        self.count(date, MAIN, GENERAL, vec![more], "Kiểm kê thấy thừa hai chăn chưa ghi sổ")
    }

    /// What is past its day leaves the books, store by store.
    pub(super) fn count_out_expired(&mut self, date: Date) -> Result<(), Fault> {
        let mut counts = BTreeMap::<_, Vec<StockDifference>>::new();
        for (shelf, parcel, here) in self.shelves.expired(date) {
            let (store, fund, item) = shelf;
            self.shelves.take_parcel(shelf, parcel);
            let lot = Some(LineRef::Entry(EntryRef::Seq(parcel.seq)));
            let less = difference(item, here, Direction::Less, LossReason::Expired, lot)?;
            counts.entry((store, fund)).or_default().push(less);
        }
        for ((store, fund), differences) in counts {
            self.count(date, store, fund, differences, "Hàng quá hạn dùng, đã hủy")?;
        }
        Ok(())
    }

    fn count(
        &mut self,
        date: Date,
        store: &str,
        fund: &str,
        differences: Vec<StockDifference>,
        note: &str,
    ) -> Result<(), Fault> {
        let body = StockCounted {
            store: store.parse()?,
            fund: fund.parse()?,
            differences: List::new(differences).ok_or(Fault::Scenario("no differences"))?,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.note = Some(note.parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// Somebody brings a wheelchair for one named family: not the chapter's.
    fn wheelchair(&mut self, date: Date) -> Result<(), Fault> {
        let people = self.people;
        let family = people.families.get(1).ok_or(Fault::Scenario("no families"))?;
        let named = self.pen.disclosure(PrivateName::FullName, json!(family.record.full_name))?;
        let (donor, mut private) = self.pen.donor(self.giver(7)?)?;
        let to = Recipient { private: Some(Digests::sorted([named.digest()])?) };
        let subject = Subject::Person(family.person.clone());
        private.push(PrivateValue { disclosure: named, subject });
        let body = CustodyReceived {
            class: CustodyClass::NamedFamily,
            donor,
            to: Some(to),
            amount: None,
            place: None,
            goods: Some(one_wheelchair()?),
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        let seq = self.act(Act::Write(Box::new(draft)));
        self.named.insert("wheelchair", seq);
        Ok(())
    }

    fn hand_wheelchair(&mut self, date: Date) -> Result<(), Fault> {
        let handed = CustodyHandedOver {
            of: self.of("wheelchair")?,
            amount: None,
            goods: Some(one_wheelchair()?),
            papers: None,
            place: None,
            private: None,
        };
        self.write(date, handed);
        Ok(())
    }

    /// Quilts for another chapter.
    fn send(&mut self, date: Date) -> Result<(), Fault> {
        let shelf = (MAIN, GENERAL, QUILT);
        let sent = self.shelves.total(shelf).min(10 * UNIT);
        if sent == 0 {
            return Ok(());
        }
        self.shelves.take(shelf, sent);
        let body = SentToChapter {
            amount: None,
            items: Some(items(&[(QUILT, sent)])?),
            place: None,
            store: Some(MAIN.parse()?),
            fund: GENERAL.parse()?,
            to_log: self.other.as_str().parse()?,
            gifts: None,
            private: None,
        };
        let id = self.pen.id(date.naive().and_time(NaiveTime::MIN).and_utc())?;
        self.exchanged.quilts = Some((date, id.clone(), sent / UNIT));
        let mut draft = Draft::new(date, body);
        draft.id = Some(id);
        draft.note = Some("Chia sẻ chăn ấm với Hội Xã Ví Dụ".parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// Money from the other chapter.
    fn money_of_chapter(&mut self, date: Date) -> Result<(), Fault> {
        let sent = date.previous().naive().and_time(NaiveTime::MIN).and_utc();
        let id = self.pen.id(sent)?;
        self.exchanged.money = Some((date, id.clone()));
        let sender = Sender { log: self.other.as_str().parse()?, id, private: None };
        self.purse.add(BANK, GENERAL, SENT);
        let body = ReceivedFromChapter {
            amount: Some(dong(SENT)?),
            lots: None,
            place: Some(BANK.parse()?),
            store: None,
            fund: GENERAL.parse()?,
            sender,
            private: None,
        };
        self.write(date, body);
        Ok(())
    }
}

impl Story<'_> {
    /// Money for the other chapter, which has not recorded it yet: on its way.
    fn send_money(&mut self, date: Date) -> Result<(), Fault> {
        const AMOUNT: i64 = 1_500_000;
        if self.purse.fund(GENERAL) < 2 * AMOUNT || self.purse.place(BANK) < 2 * AMOUNT {
            return Ok(());
        }
        self.purse.add(BANK, GENERAL, -AMOUNT);
        let body = SentToChapter {
            amount: Some(dong(AMOUNT)?),
            items: None,
            place: Some(BANK.parse()?),
            store: None,
            fund: GENERAL.parse()?,
            to_log: self.other.as_str().parse()?,
            gifts: None,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.note = Some("Góp sửa trạm y tế Xã Ví Dụ".parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }
}

fn one_wheelchair() -> Result<List<CustodyGoods>, Fault> {
    let (description, unit) = ("Xe lăn".parse()?, "chiếc".parse()?);
    let chair = CustodyGoods { description, quantity: quantity(UNIT)?, unit, private: None };
    List::new(vec![chair]).ok_or(Fault::Scenario("no goods"))
}

fn difference(
    item: &str,
    thousandths: i64,
    direction: Direction,
    reason: LossReason,
    lot: Option<LineRef>,
) -> Result<StockDifference, Fault> {
    let (item, quantity) = (item.parse()?, quantity(thousandths)?);
    Ok(StockDifference { item, quantity, direction, reason, lot, private: None })
}
