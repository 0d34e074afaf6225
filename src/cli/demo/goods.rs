//! Goods of the demonstration: stores, gifts in kind, purchases, handing out.

use chrono::{Datelike as _, Days};

use super::Fault;
use super::people::Donor as Giver;
use super::scenario::{Act, BANK, GENERAL, REGULAR, STORM, Story, TET, number};
use super::shelves::{Parcel, UNIT};
use super::vouchers::{Draft, counts, dong, firm};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{
    DonorType, GoodsDistributed, GoodsMoved, GoodsPurchased, GoodsReceived, HandoverReturned, Item,
    ItemOpened, ItemQuantity, Items, LineRef, Lot, Payee, StoreOpened, StoreRoom,
};
use crate::ledger::word::{Amount0, Date, EntryRef, List};
use crate::money::{Money, Quantity};
use crate::store::desk::vault::Subject;

/// The store at the chapter's house.
pub const MAIN: &str = "tru-so";
/// The store in a hamlet.
pub const HALL: &str = "thon-dong";
/// Rice in kilograms.
pub const RICE: &str = "gao";
/// Quilts.
pub const QUILT: &str = "chan";
/// Bags for the new year.
pub const BAG: &str = "qua-tet";
/// Boxes of noodles, which expire.
pub const NOODLES: &str = "mi";

/// What is bought together.
struct Purchase<'a> {
    fund: &'static str,
    payee: &'a str,
    units: &'a [(&'static str, i64)],
    extra: i64,
}

/// What each of so many families gets.
pub(super) struct HandOut<'a> {
    pub store: &'static str,
    pub fund: &'static str,
    pub programme: &'static str,
    pub round: String,
    pub families: i64,
    pub each: &'a [(&'static str, i64)],
    pub note: &'a str,
}

impl Story<'_> {
    /// The stores and the items.
    pub(super) fn open_stores(&mut self, date: Date) -> Result<(), Fault> {
        for (code, name) in [(MAIN, "Kho trụ sở"), (HALL, "Nhà văn hóa thôn Đông")] {
            let store = StoreRoom { code: code.parse()?, name: name.parse()?, private: None };
            self.write(date, StoreOpened { store, private: None });
        }
        let items = [
            (RICE, "Gạo tẻ", "kg", false),
            (QUILT, "Chăn bông", "cái", true),
            (BAG, "Quà Tết", "suất", true),
            (NOODLES, "Mì tôm", "thùng", true),
        ];
        for (code, name, unit, whole) in items {
            let (code, name, unit) = (code.parse()?, name.parse()?, unit.parse()?);
            let item = Item { code, name, unit, whole, private: None };
            self.write(date, ItemOpened { item, private: None });
        }
        Ok(())
    }

    /// What organisations bring for the new stores.
    pub(super) fn first_goods(&mut self, date: Date) -> Result<(), Fault> {
        let people = self.people;
        for (giver, what) in people.donors.iter().zip([(RICE, 150), (QUILT, 20)]) {
            self.receive(date, giver, MAIN, what, None)?;
        }
        Ok(())
    }

    /// What a day brings in goods.
    pub(super) fn goods(&mut self, date: Date) -> Result<(), Fault> {
        self.goods_events(date)?;
        self.gift_in_kind(date)?;
        match (date.naive().month(), date.naive().day()) {
            (1, 10) => self.buy_for_tet(date),
            (1, 15) => self.hand_out_tet(date),
            (1, 22) => self.absent(date),
            (1, 26) => self.second_try(date),
            (9, 11) => self.firm_for_storm(date),
            (9, 14) => self.buy_for_storm(date),
            (9, 15) => self.bring_to_hall(date),
            (9, 16) => self.hand_out_storm(date),
            (12, 18) => self.quilts(date),
            (_, 11) => self.count_out_expired(date),
            (_, 13) => self.monthly_goods(date),
            _ => Ok(()),
        }
    }

    /// On some days somebody brings something.
    fn gift_in_kind(&mut self, date: Date) -> Result<(), Fault> {
        let chance = if matches!(date.naive().month(), 12 | 1) { 18 } else { 9 };
        if self.kind.below(100) >= chance {
            return Ok(());
        }
        let people = self.people;
        let giver = self.kind.pick(&people.donors).ok_or(Fault::Scenario("no donors"))?;
        let choices = [(RICE, 4, 14, 5), (RICE, 2, 8, 5), (QUILT, 1, 2, 5), (NOODLES, 1, 2, 5)];
        let Some((item, least, most, step)) = self.kind.pick(&choices).copied() else {
            return Ok(());
        };
        let units = i64::try_from(self.kind.between(least, most) * step).unwrap_or(5);
        let days = self.kind.between(120, 180);
        let expiry = (item == NOODLES).then(|| later(date, days));
        self.receive(date, giver, MAIN, (item, units), expiry).map(drop)
    }

    /// Goods that somebody gave for the general fund; the seq.
    pub(super) fn receive(
        &mut self,
        date: Date,
        giver: &Giver,
        store: &'static str,
        (item, units): (&'static str, i64),
        expiry: Option<Date>,
    ) -> Result<u64, Fault> {
        let (donor, private) = self.pen.donor(giver)?;
        let mut lot = lot(item, units, expiry)?;
        if item == QUILT {
            lot.condition = Some("Mới".parse()?);
        }
        let body = GoodsReceived {
            fund: GENERAL.parse()?,
            store: store.parse()?,
            donor,
            lots: List::new(vec![lot]).ok_or(Fault::Scenario("no goods"))?,
            papers: None,
            private: None,
        };
        let name = match giver.r#type {
            DonorType::Organisation => PrivateName::FullName,
            _ => PrivateName::MaskedName,
        };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        draft.shown = giver.consents.then(|| (Subject::Person(giver.person.clone()), name));
        let seq = self.act(Act::Write(Box::new(draft)));
        self.shelves.put((store, GENERAL, item), Parcel::new(seq, 0, expiry), units * UNIT);
        Ok(seq)
    }

    /// Buys into the main store, over the bank.
    fn buy(&mut self, date: Date, purchase: &Purchase<'_>) -> Result<(), Fault> {
        let seq = self.next_seq();
        let (mut lots, mut total) = (Vec::new(), purchase.extra);
        for (line, (item, units)) in purchase.units.iter().copied().enumerate() {
            let expiry = (item == NOODLES).then(|| later(date, 150));
            let shelf = (MAIN, purchase.fund, item);
            self.shelves.put(shelf, Parcel::new(seq, line, expiry), units * UNIT);
            lots.push(lot(item, units, expiry)?);
            total += price(item) * units;
        }
        self.purse.add(BANK, purchase.fund, -total);
        let body = GoodsPurchased {
            place: BANK.parse()?,
            fund: purchase.fund.parse()?,
            store: MAIN.parse()?,
            payee: Payee::Firm(firm(purchase.payee)?),
            lots: List::new(lots).ok_or(Fault::Scenario("nothing to buy"))?,
            extra: Some(dong(purchase.extra)?),
            gifts: None,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.note = Some("Giá mua và tiền xe chở về kho".parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// Money for a purchase: a third of what is free of a fund, and half of the bank account.
    fn means(&self, fund: &'static str, kept: i64) -> i64 {
        ((self.purse.fund(fund) - kept) / 3).min(self.purse.place(BANK) / 2)
    }

    pub(super) fn buy_for_all(&mut self, date: Date) -> Result<(), Fault> {
        let (payee, extra) = ("Đại lý gạo Thử Nghiệm", 150_000);
        let units = [(RICE, 200), (NOODLES, 20)];
        let total = units.iter().map(|(item, units)| price(item) * units).sum::<i64>() + extra;
        if total > self.means(GENERAL, 0) {
            return Ok(());
        }
        self.buy(date, &Purchase { fund: GENERAL, payee, units: &units, extra })
    }

    fn buy_for_tet(&mut self, date: Date) -> Result<(), Fault> {
        let (payee, extra) = ("Cửa hàng Bách hóa Thử Nghiệm", 200_000);
        let each = price(BAG) + 5 * price(RICE);
        let families = ((self.means(GENERAL, 0) - extra) / each).min(40);
        if families < 5 {
            return Ok(());
        }
        let units = [(BAG, families), (RICE, 5 * families)];
        self.buy(date, &Purchase { fund: GENERAL, payee, units: &units, extra })
    }

    /// An organisation gives for the appeal what the first goods are bought with.
    fn firm_for_storm(&mut self, date: Date) -> Result<(), Fault> {
        let people = self.people;
        let giver = people.donors.first().filter(|_| self.storm_opened.is_some());
        let Some(giver) = giver else { return Ok(()) };
        self.gift_of(date, giver, BANK, STORM, 12_000_000).map(drop)
    }

    fn buy_for_storm(&mut self, date: Date) -> Result<(), Fault> {
        let (payee, extra) = ("Đại lý gạo Thử Nghiệm", 250_000);
        let kept = self.storm_kept().iter().map(|(_, amount)| amount).sum();
        let each = 10 * price(RICE) + price(NOODLES);
        let families = ((self.means(STORM, kept) - extra) / each).min(30);
        if self.storm_opened.is_none() || families < 5 {
            return Ok(());
        }
        let units = [(RICE, 10 * families), (NOODLES, families)];
        self.buy(date, &Purchase { fund: STORM, payee, units: &units, extra })
    }

    /// What was bought after the storm goes nearer to those who need it.
    fn bring_to_hall(&mut self, date: Date) -> Result<(), Fault> {
        let shelf = |item| (MAIN, STORM, item);
        let there = [RICE, NOODLES].map(|item| (item, self.shelves.total(shelf(item))));
        if there.iter().any(|(_, there)| *there == 0) {
            return Ok(());
        }
        self.carry(date, MAIN, HALL, STORM, &there)
    }

    /// Carries thousandths of goods from a store to another.
    pub(super) fn carry(
        &mut self,
        date: Date,
        from: &'static str,
        to: &'static str,
        fund: &'static str,
        goods: &[(&'static str, i64)],
    ) -> Result<(), Fault> {
        for (item, thousandths) in goods {
            for (parcel, part) in self.shelves.take((from, fund, item), *thousandths) {
                self.shelves.put((to, fund, item), parcel, part);
            }
        }
        let body = GoodsMoved {
            from_store: from.parse()?,
            to_store: to.parse()?,
            fund: fund.parse()?,
            items: items(goods)?,
            private: None,
        };
        self.write(date, body);
        Ok(())
    }

    fn hand_out_tet(&mut self, date: Date) -> Result<(), Fault> {
        let round = format!("qua-tet-{}", date.year());
        let each = [(BAG, 1), (RICE, 5)];
        let seq = self.hand_out(date, &tet(round, 40, &each, "Quà Tết tận tay từng hộ"))?;
        if let Some(seq) = seq {
            self.named.insert("tet", seq);
        }
        Ok(())
    }

    /// One family was away: what was meant for it is in the store again.
    fn absent(&mut self, date: Date) -> Result<(), Fault> {
        let Some(seq) = self.named.remove("tet") else { return Ok(()) };
        let of = LineRef::Entry(EntryRef::Seq(seq));
        let goods = [(BAG, UNIT), (RICE, 5 * UNIT)];
        for (item, thousandths) in goods {
            let parcel = Parcel::new(u64::MAX, 0, None);
            self.shelves.put((MAIN, GENERAL, item), parcel, thousandths);
        }
        let body = HandoverReturned {
            of,
            amount: None,
            items: Some(items(&goods)?),
            lines: number(1)?,
            place: None,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.note = Some("Hộ đi vắng, quà chuyển về kho".parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// What came back is handed to another family.
    fn second_try(&mut self, date: Date) -> Result<(), Fault> {
        let round = format!("qua-tet-{}-2", date.year());
        let each = [(BAG, 1), (RICE, 5)];
        self.hand_out(date, &tet(round, 1, &each, "Phần quà của hộ đi vắng")).map(drop)
    }

    fn hand_out_storm(&mut self, date: Date) -> Result<(), Fault> {
        let what = HandOut {
            store: HALL,
            fund: STORM,
            programme: STORM,
            round: format!("bao-hien-vat-{}", date.year()),
            families: 30,
            each: &[(RICE, 10), (NOODLES, 1)],
            note: "Gạo và mì cho hộ bị ngập",
        };
        self.hand_out(date, &what).map(drop)
    }

    /// Rice and noodles for ten families; rice alone when there are no noodles.
    fn monthly_goods(&mut self, date: Date) -> Result<(), Fault> {
        let both = [(RICE, 10), (NOODLES, 1)];
        let each =
            if self.enough(date, MAIN, GENERAL, &both) >= 5 { &both[..] } else { &both[..1] };
        if self.enough(date, MAIN, GENERAL, each) < 5 {
            return Ok(());
        }
        let round = format!("gao-{}", date.month());
        self.hand_out(date, &regular(round, 10, each, "Gạo hằng tháng")).map(drop)
    }

    fn quilts(&mut self, date: Date) -> Result<(), Fault> {
        let round = format!("chan-am-{}", date.year());
        self.hand_out(date, &regular(round, 40, &[(QUILT, 1)], "Chăn ấm mùa đông")).map(drop)
    }

    /// For how many families the goods are enough.
    fn enough(
        &self,
        date: Date,
        store: &'static str,
        fund: &'static str,
        each: &[(&'static str, i64)],
    ) -> i64 {
        let all = each.iter().map(|(item, units)| {
            let good = self.shelves.good((store, fund, item), date);
            good / units
        });
        all.min().unwrap_or(0)
    }

    /// Hands goods to families drawn from the register, as many as there is enough for; the seq.
    pub(super) fn hand_out(
        &mut self,
        date: Date,
        what: &HandOut<'_>,
    ) -> Result<Option<u64>, Fault> {
        let families =
            self.enough(date, what.store, what.fund, what.each).min(what.families).max(0);
        let number = usize::try_from(families).unwrap_or(0);
        let families = self.people.draw(&mut self.kind, number);
        if families.is_empty() {
            return Ok(None);
        }
        let drawn = i64::try_from(families.len()).unwrap_or(0);
        let mut each = Vec::new();
        for (item, units) in what.each {
            self.shelves.take((what.store, what.fund, item), units * drawn * UNIT);
            each.push((*item, units * UNIT));
        }
        let (lines, private) = self.pen.goods_lines(&families, &items(&each)?)?;
        let body = GoodsDistributed {
            store: what.store.parse()?,
            fund: what.fund.parse()?,
            programme: what.programme.parse()?,
            round: Some(what.round.parse()?),
            lines,
            counts: counts(&families)?,
            allow_expired: None,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        draft.note = Some(what.note.parse()?);
        Ok(Some(self.act(Act::Write(Box::new(draft)))))
    }
}

fn tet<'a>(
    round: String,
    families: i64,
    each: &'a [(&'static str, i64)],
    note: &'a str,
) -> HandOut<'a> {
    HandOut { programme: TET, ..regular(round, families, each, note) }
}

fn regular<'a>(
    round: String,
    families: i64,
    each: &'a [(&'static str, i64)],
    note: &'a str,
) -> HandOut<'a> {
    let (store, fund, programme) = (MAIN, GENERAL, REGULAR);
    HandOut { store, fund, programme, round, families, each, note }
}

/// Goods by item, in thousandths.
pub fn items(goods: &[(&'static str, i64)]) -> Result<Items, Fault> {
    let items = goods.iter().map(|(item, thousandths)| {
        let quantity = quantity(*thousandths)?;
        Ok(ItemQuantity { item: item.parse()?, quantity, private: None })
    });
    let items = items.collect::<Result<Vec<_>, Fault>>()?;
    List::new(items).ok_or(Fault::Scenario("no goods"))
}

/// A quantity in thousandths.
pub fn quantity(thousandths: i64) -> Result<Quantity, Fault> {
    Quantity::new(thousandths).ok_or(Fault::Scenario("a quantity that is not above zero"))
}

/// A day so many days later.
pub fn later(date: Date, days: u64) -> Date {
    date.naive().checked_add_days(Days::new(days)).and_then(Date::new).unwrap_or(date)
}

fn lot(item: &str, units: i64, expiry: Option<Date>) -> Result<Lot, Fault> {
    Ok(Lot {
        item: item.parse()?,
        quantity: quantity(units * UNIT)?,
        value: worth(item, units)?,
        expiry,
        condition: None,
        private: None,
    })
}

/// What so many units cost in the market.
fn worth(item: &str, units: i64) -> Result<Amount0, Fault> {
    let money = Money::new(price(item) * units);
    money.and_then(Amount0::new).ok_or(Fault::Scenario("a value out of its range"))
}

/// What a unit costs in the market.
pub fn price(item: &str) -> i64 {
    match item {
        RICE => 14_000,
        QUILT => 180_000,
        NOODLES => 110_000,
        _ => 300_000,
    }
}
