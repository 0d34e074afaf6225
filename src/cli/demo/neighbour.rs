//! The second chapter of the demonstration: smaller, with whom the first one exchanges support.
//!
//! Its story is told with the same people's lists under seeds of its own, and follows what the
//! first chapter's ledger says that it sent and received.

use super::Fault;
use super::people::People;
use super::scenario::{Act, BANK, CASH, Day, GENERAL, REGULAR, Story};
use super::seeded::Seeded;
use super::vouchers::Pen;
use super::{MONTHS, goods};
use crate::books::closing::Overdue;
use crate::ledger::keys::PublicKey;
use crate::ledger::voucher::{
    Donation, DonorType, FundType, Item, ItemOpened, Method, Place, PlaceOpened, PlaceType,
    ProgrammeType, ReceivedFromChapter, Sender, SentToChapter, StoreOpened, StoreRoom, VoucherId,
};
use crate::ledger::word::{Amount0, Date, List, Origin};
use crate::money::Money;

use super::vouchers::{Draft, dong};

/// The slug of the second chapter.
pub const SLUG: &str = "xa-vi-du";
/// Its name.
pub const NAME: &str = "Hội Chữ thập đỏ Xã Ví Dụ (ví dụ)";
/// The chapter above both.
pub const UPPER: &str = "Hội Chữ thập đỏ Tỉnh Ví Dụ (ví dụ)";

/// The slug of the chapter above.
pub const UPPER_SLUG: &str = "tinh-vi-du";

/// What the first chapter's story says about this one.
#[derive(Clone, Debug, Default)]
pub struct Exchanged {
    /// Quilts that were sent here: the day, the voucher, how many.
    pub quilts: Option<(Date, VoucherId, i64)>,
    /// Money that came from here: the day, and the voucher that sent it.
    pub money: Option<(Date, VoucherId)>,
}

/// What was sent here and received, what was received there and sent.
pub const SENT: i64 = 3_000_000;

/// The story of the second chapter.
pub fn tell(
    root: &Seeded,
    people: &People,
    pen: &mut Pen,
    (first, log_key): (&Origin, &PublicKey),
    (books_from, until): (Date, Date),
    exchanged: &Exchanged,
) -> Result<Vec<Day>, Fault> {
    let both = (books_from, books_from);
    let mut story = Story::new(&root.child("neighbour"), people, pen, both)?;
    let mut days = Vec::new();
    let mut date = books_from;
    while date <= until {
        if date == books_from {
            story.open_neighbour(date, log_key)?;
        }
        story.live_neighbour(date, first, exchanged)?;
        let acts = story.take_acts();
        if !acts.is_empty() {
            days.push(Day { date, acts });
        }
        date = date.next();
    }
    Ok(days)
}

impl Story<'_> {
    fn open_neighbour(&mut self, date: Date, log_key: &PublicKey) -> Result<(), Fault> {
        let opened = self.chapter_opened(date, log_key, (SLUG, NAME, "Thôn Hạ, Xã Ví Dụ"))?;
        self.write(date, opened);
        let place = Place {
            code: BANK.parse()?,
            r#type: PlaceType::Bank,
            name: "Tài khoản ngân hàng (ví dụ)".parse()?,
            bank_bin: None,
            account: None,
            private: None,
        };
        self.write(date, PlaceOpened { place, private: None });
        self.open_fund(date, GENERAL, FundType::General, "Quỹ nhân đạo chung", None)?;
        self.open_programme(date, REGULAR, "Trợ giúp thường xuyên", ProgrammeType::Regular)?;
        let (code, name) = (goods::MAIN.parse()?, "Kho nhà văn hóa xã".parse()?);
        let store = StoreRoom { code, name, private: None };
        self.write(date, StoreOpened { store, private: None });
        let (code, name) = (goods::QUILT.parse()?, "Chăn bông".parse()?);
        let item = Item { code, name, unit: "cái".parse()?, whole: true, private: None };
        self.write(date, ItemOpened { item, private: None });
        Ok(())
    }

    fn live_neighbour(
        &mut self,
        date: Date,
        first: &Origin,
        exchanged: &Exchanged,
    ) -> Result<(), Fault> {
        let day = chrono::Datelike::day(&date.naive());
        if day == 6 && date.month() != self.books_from.month() {
            self.act(Act::Close(date.month().previous(), Overdue::default()));
        }
        if day == 4 {
            self.collected(date)?;
        }
        if day == 14 {
            self.regular_help(date, 5)?;
        }
        if let Some((came, id)) = &exchanged.money
            && came.previous() == date
        {
            self.answer_need(date, first, id)?;
        }
        if let Some((sent, id, quilts)) = &exchanged.quilts
            && sent.next().next() == date
        {
            self.receive_quilts(date, first, id, *quilts)?;
        }
        let month = (0..MONTHS).find(|index| self.is_month(date, *index));
        if (month, day) == (Some(11), 21) {
            self.hand_out_quilts(date)?;
        }
        Ok(())
    }

    /// A collection of the month.
    fn collected(&mut self, date: Date) -> Result<(), Fault> {
        let amount = i64::try_from(self.seeded.between(12, 30)).unwrap_or(12) * 100_000;
        let donor = self.pen.nobody(DonorType::Collection)?;
        self.purse.add(CASH, GENERAL, amount);
        let body = Donation {
            amount: dong(amount)?,
            place: CASH.parse()?,
            fund: GENERAL.parse()?,
            donor,
            method: Method::Cash,
            received_on: None,
            paper_no: None,
            private: None,
        };
        self.write(date, body);
        Ok(())
    }

    fn answer_need(&mut self, date: Date, to: &Origin, id: &VoucherId) -> Result<(), Fault> {
        if self.purse.place(CASH) < SENT {
            return Err(Fault::Scenario("the second chapter has too little to send"));
        }
        self.purse.add(CASH, GENERAL, -SENT);
        let body = SentToChapter {
            amount: Some(dong(SENT)?),
            items: None,
            place: Some(CASH.parse()?),
            store: None,
            fund: GENERAL.parse()?,
            to_log: to.as_str().parse()?,
            gifts: None,
            private: None,
        };
        let mut draft = Draft::new(date, body);
        draft.id = Some(id.clone());
        draft.note = Some("Góp cho hộ bị ngập ở Xã Mẫu".parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    fn receive_quilts(
        &mut self,
        date: Date,
        from: &Origin,
        id: &VoucherId,
        quilts: i64,
    ) -> Result<(), Fault> {
        let value = Money::new(goods::price(goods::QUILT) * quilts).and_then(Amount0::new);
        let lot = crate::ledger::voucher::Lot {
            item: goods::QUILT.parse()?,
            quantity: goods::quantity(quilts * super::shelves::UNIT)?,
            value: value.ok_or(Fault::Scenario("a value out of its range"))?,
            expiry: None,
            condition: None,
            private: None,
        };
        let parcel = super::shelves::Parcel::new(self.next_seq(), 0, None);
        let shelf = (goods::MAIN, GENERAL, goods::QUILT);
        self.shelves.put(shelf, parcel, quilts * super::shelves::UNIT);
        let body = ReceivedFromChapter {
            amount: None,
            lots: List::new(vec![lot]),
            place: None,
            store: Some(goods::MAIN.parse()?),
            fund: GENERAL.parse()?,
            sender: Sender { log: from.as_str().parse()?, id: id.clone(), private: None },
            private: None,
        };
        self.write(date, body);
        Ok(())
    }

    fn hand_out_quilts(&mut self, date: Date) -> Result<(), Fault> {
        let what = goods::HandOut {
            store: goods::MAIN,
            fund: GENERAL,
            programme: REGULAR,
            round: "chan-am".to_owned(),
            families: 6,
            each: &[(goods::QUILT, 1)],
            note: "Chăn ấm từ Xã Mẫu",
        };
        self.hand_out(date, &what).map(drop)
    }
}
