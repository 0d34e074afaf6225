//! The appeal that runs in the demonstration: gifts with its code in their notes, and a few lines
//! of the bank of which nobody knows yet what for. It takes nothing of the chance of other days.

use chrono::Datelike as _;
use serde_json::json;

use super::Fault;
use super::calendar::days_later;
use super::people::{Donor as Giver, People};
use super::scenario::{Act, BANK, STORM, Story, TET};
use super::vouchers::{Draft, dong};
use super::writer::evening;
use crate::import::text::fold;
use crate::ledger::disclosure::{Digests, PrivateName};
use crate::ledger::giving::GivingCode;
use crate::ledger::voucher::{
    CustodyClass, CustodyReceived, Donation, DonorType, Fund, FundOpened, FundType, Method, Terms,
};
use crate::ledger::word::{Code, Date, Origin, Words};
use crate::store::Store;
use crate::store::desk::giving::{Both, Texts};
use crate::store::desk::vault::{PrivateValue, Subject};

/// The fund of the appeal.
pub const FUND: &str = "tet-am";
/// The month in which it begins, and for how many days it runs.
const FIRST: u32 = 23;
const DAYS: u64 = 100;
/// What it asks for, and what people give.
const TARGET: i64 = 60_000_000;
const GIFTS: [i64; 8] =
    [100_000, 200_000, 200_000, 300_000, 500_000, 500_000, 1_000_000, 2_000_000];

/// The code of a fund, as its page shows it.
fn code(fund: &str) -> Result<GivingCode, Fault> {
    Ok(GivingCode::of_fund(&fund.parse()?, 0))
}

impl<'a> Story<'a> {
    /// What a day brings.
    pub(super) fn running_appeal(&mut self, date: Date) -> Result<(), Fault> {
        let month = (FIRST..=FIRST + 1).find(|index| self.is_month(date, *index));
        let day = date.naive().day();
        match (month, day) {
            (Some(FIRST), 2) => self.open_running_appeal(date)?,
            (Some(FIRST), 11) => self.unclear(date, CustodyClass::Unidentified, 300_000)?,
            (Some(FIRST), 19) => self.unclear(date, CustodyClass::Unidentified, 500_000)?,
            (Some(FIRST), 27) => self.unclear(date, CustodyClass::Mistaken, 1_000_000)?,
            _ => {}
        }
        let runs = month.is_some_and(|month| month > FIRST || day > 2);
        if runs && self.appeal.below(100) < 55 { self.running_gift(date) } else { Ok(()) }
    }

    fn open_running_appeal(&mut self, date: Date) -> Result<(), Fault> {
        let fund = Fund {
            code: FUND.parse()?,
            r#type: FundType::Restricted,
            name: format!("Tết ấm cho hộ nghèo {}", date.year() + 1).parse()?,
            terms: Terms {
                text: "Chỉ mua quà Tết và trao tiền cho hộ nghèo, cận nghèo trong xã.".parse()?,
                kinds: None,
                costs: false,
                programmes: Words::new(vec![TET.parse()?]),
                until: None,
                private: None,
            },
            target: Some(dong(TARGET)?),
            from: Some(date),
            to: Some(days_later(date, DAYS)),
            private: None,
        };
        self.write(date, FundOpened { fund, private: None });
        Ok(())
    }

    fn running_gift(&mut self, date: Date) -> Result<(), Fault> {
        let people = self.people;
        let giver = self.appeal.pick(&people.donors).ok_or(Fault::Scenario("no donors"))?;
        let amount = self.appeal.pick(&GIFTS).copied().unwrap_or(200_000);
        let (donor, mut private) = self.pen.donor(giver)?;
        let text = format!("{} {} ung ho", code(FUND)?, fold(&giver.full_name).to_uppercase());
        let note = self.pen.disclosure(PrivateName::BankText, json!(text))?;
        let digests = Some(Digests::sorted([note.digest()])?);
        let subject = Subject::Person(giver.person.clone());
        private.push(PrivateValue { disclosure: note, subject: subject.clone() });
        self.purse.add(BANK, FUND, amount);
        let body = Donation {
            amount: dong(amount)?,
            place: BANK.parse()?,
            fund: FUND.parse()?,
            donor,
            method: Method::Transfer,
            received_on: None,
            paper_no: None,
            private: digests,
        };
        let mut draft = Draft::new(date, body);
        draft.private = private;
        draft.shown = giver.consents.then(|| (subject, shown_name(giver)));
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// A line of the bank that leads nowhere: a code that is mistyped, two codes, or a mistake.
    fn unclear(&mut self, date: Date, class: CustodyClass, amount: i64) -> Result<(), Fault> {
        let text = match (class, amount) {
            (CustodyClass::Mistaken, _) => "CT nhanh 247 den: chuyen nham (CT4369)".to_owned(),
            (_, 300_000) => {
                let mut bent = code(FUND)?.to_string();
                bent.replace_range(4..5, "R");
                format!("MBVCB.2694350543.501346.{bent} ung ho tet.CT tu 0000000000")
            }
            _ => format!("Chuyen tien den tu NAPAS Noi dung: {} {}", code(FUND)?, code(STORM)?),
        };
        let note = self.pen.disclosure(PrivateName::BankText, json!(text))?;
        self.purse.add(BANK, "custody", amount);
        let body = CustodyReceived {
            class,
            donor: self.pen.nobody(DonorType::Unknown)?,
            to: None,
            amount: Some(dong(amount)?),
            place: Some(BANK.parse()?),
            goods: None,
            private: Some(Digests::sorted([note.digest()])?),
        };
        let subject = Subject::Batch(self.appeal.opaque().parse()?);
        let mut draft = Draft::new(date, body);
        draft.private = vec![PrivateValue { disclosure: note, subject }];
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }
}

fn shown_name(giver: &Giver) -> PrivateName {
    match giver.r#type {
        DonorType::Organisation => PrivateName::FullName,
        _ => PrivateName::MaskedName,
    }
}

fn both(vi: &str, en: &str) -> Both {
    Both { vi: vi.to_owned(), en: en.to_owned() }
}

/// What the chapter says about giving.
pub async fn say(store: &Store, origin: &Origin, people: &People, date: Date) -> Result<(), Fault> {
    let chapter = store.find(origin).ok_or(Fault::Scenario("a chapter that was not founded"))?;
    let (desk, now) = (store.desk(chapter)?, evening(date)?);
    let officer = &people.treasurer().person;
    let texts = Texts {
        office: both(
            "Thứ Hai đến thứ Sáu, 8–11 giờ; gặp thủ quỹ.",
            "Monday to Friday, 8–11; ask for the treasurer.",
        ),
        goods: both(
            "Gạo, mì, dầu ăn còn hạn; chăn và áo ấm còn tốt. Không nhận thuốc đã bóc.",
            "Rice, noodles, oil within date; good blankets, warm clothes. No opened medicine.",
        ),
    };
    store.set_giving_texts(&desk, (0, &texts), officer, now).await?;
    let fund: Code = FUND.parse()?;
    let giving = store.giving(chapter, &store.books(chapter)?).await?;
    let Some(own) = giving.fund(&fund) else { return Ok(()) };
    let mut chosen = own.chosen.clone();
    chosen.turn = 10;
    chosen.greeting = both(
        "Một phần quà 500.000 đồng giúp một hộ nghèo có Tết. Cảm ơn bà con.",
        "A parcel of 500,000 đồng gives a poor family a new year's feast. Thank you.",
    );
    Ok(store.set_giving(&desk, &giving, (&fund, &chosen), officer, now).await?)
}
