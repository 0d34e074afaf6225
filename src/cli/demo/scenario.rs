//! What happens in the demonstration, day by day: ten years of a small chapter, the first eight
//! with little beside a fund that lends, the last two in full.
//!
//! The story is pure: the same seed and days give the same acts. It keeps a purse of its own, so
//! that nothing is planned that the books would refuse; the books check it all the same.

use std::collections::BTreeMap;

use super::Fault;
use super::capital::followed_id;
use super::loans::Lending;
use super::neighbour::Exchanged;
use super::people::People;
use super::seeded::Seeded;
use super::shelves::Shelves;
use super::sponsors::sponsors;
use super::vouchers::{Draft, Pen};
use crate::books::closing::Overdue;
use crate::ledger::keys::PublicKey;
use crate::ledger::voucher::{
    Body, Chapter, ChapterOpened, CurrencyCode, CurrencyMember, Fund, FundOpened, FundType, Place,
    PlaceOpened, PlaceType, Policy, Programme, ProgrammeOpened, ProgrammeType, RULES,
    StatementType, Terms, VoucherId,
};
use crate::ledger::word::{Code, Date, List, Month, Origin, UtcOffset, Words};

pub use super::super::invented::purse::Purse;
pub use super::super::invented::{BANK, CASH, GENERAL, number};
use super::vouchers::dong;

/// The fund of the storm appeal.
pub const STORM: &str = "bao-lu";
/// The fund of scholarships.
pub const SCHOOL: &str = "hoc-bong";
/// The programme of monthly help.
pub const REGULAR: &str = "thuong-xuyen";
/// The programme of the new year.
pub const TET: &str = "tet";
/// The programme of blood days.
pub const BLOOD: &str = "hien-mau";

/// One voucher to be written; its seq is its place in the story.
#[derive(Debug)]
pub enum Act {
    /// A voucher whose members are known beforehand.
    Write(Box<Draft>),
    /// The cash box is counted, and so much is missing.
    CountCash {
        /// Đồng that are missing.
        missing: i64,
    },
    /// The months up to this one are closed, with what is at risk of loans.
    Close(Month, Overdue),
    /// A statement of closed months is published.
    Publish {
        /// What it covers.
        r#type: StatementType,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// The fund of a campaign.
        fund: Option<Code>,
    },
}

/// What happens on one day.
#[derive(Debug)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// In this order.
    pub acts: Vec<Act>,
}

/// The story while it is told.
#[derive(Debug)]
pub struct Story<'a> {
    pub(super) people: &'a People,
    pub(super) pen: &'a mut Pen,
    pub(super) seeded: Seeded,
    /// Chance of its own for goods, so that they leave money as it is.
    pub(super) kind: Seeded,
    /// And for activities.
    pub(super) deeds: Seeded,
    /// And for the first years.
    pub(super) quiet: Seeded,
    /// And for the appeal that runs.
    pub(super) appeal: Seeded,
    /// What the second chapter has to know.
    pub(super) exchanged: Exchanged,
    /// The second chapter's ledger.
    pub(super) other: Origin,
    pub(super) books_from: Date,
    /// The day on which the full life begins.
    pub(super) begun: Date,
    pub(super) lending: Lending,
    pub(super) purse: Purse,
    pub(super) shelves: Shelves,
    /// Gifts for the storm appeal of this year: seq and amount.
    pub(super) storm: Vec<(u64, i64)>,
    pub(super) storm_opened: Option<Date>,
    /// What a later act names: the seq of an earlier one.
    pub(super) named: BTreeMap<&'static str, u64>,
    pub(super) slips: u64,
    /// The day of the last act before this day.
    pub(super) last: Option<Date>,
    seq: u64,
    acts: Vec<Act>,
}

/// The whole story from the first day of the books to the last day that is over.
pub fn tell(
    root: &Seeded,
    people: &People,
    pen: &mut Pen,
    log_key: &PublicKey,
    (books_from, begun, until): (Date, Date, Date),
    other: &Origin,
) -> Result<(Vec<Day>, Exchanged), Fault> {
    let mut story = Story::new(root, people, pen, (books_from, begun))?;
    story.other = other.clone();
    let sponsors = sponsors(root, people)?;
    let mut days = Vec::new();
    let mut date = books_from;
    while date <= until {
        if date == books_from {
            story.open_books(date, log_key)?;
        }
        if date == begun {
            story.open_life(date)?;
        }
        story.capital(date)?;
        story.lend(date)?;
        if date < begun {
            story.quiet(date)?;
        } else {
            story.live(date)?;
            story.sponsorship(date, &sponsors)?;
            story.running_appeal(date)?;
        }
        let acts = story.take_acts();
        if !acts.is_empty() {
            story.last = Some(date);
            days.push(Day { date, acts });
        }
        date = date.next();
    }
    Ok((days, story.exchanged))
}

impl<'a> Story<'a> {
    /// A story of which nothing is told yet.
    pub(super) fn new(
        root: &Seeded,
        people: &'a People,
        pen: &'a mut Pen,
        (books_from, begun): (Date, Date),
    ) -> Result<Self, Fault> {
        let gift = followed_id(root, begun)?;
        Ok(Self {
            people,
            seeded: root.child("story"),
            kind: root.child("goods"),
            deeds: root.child("deeds"),
            quiet: root.child("quiet"),
            appeal: root.child("appeal"),
            exchanged: Exchanged::default(),
            other: pen.origin().clone(),
            pen,
            books_from,
            begun,
            lending: Lending::new(root.child("lending"), gift),
            purse: Purse::default(),
            shelves: Shelves::default(),
            storm: Vec::new(),
            storm_opened: None,
            named: BTreeMap::new(),
            slips: 0,
            last: None,
            seq: 0,
            acts: Vec::new(),
        })
    }

    /// What was told since the last time.
    pub(super) fn take_acts(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.acts)
    }
}

impl Story<'_> {
    /// Adds an act; its seq.
    pub(super) fn act(&mut self, act: Act) -> u64 {
        self.acts.push(act);
        self.seq += 1;
        self.seq - 1
    }

    /// The seq of the next act.
    pub(super) fn next_seq(&self) -> u64 {
        self.seq
    }

    /// Gives the last act an identifier that others know beforehand.
    pub(super) fn name_last(&mut self, id: VoucherId) {
        if let Some(Act::Write(draft)) = self.acts.last_mut() {
            draft.id = Some(id);
        }
    }

    /// Adds a voucher without private values; its seq.
    pub(super) fn write(&mut self, date: Date, body: impl Into<Body>) -> u64 {
        self.act(Act::Write(Box::new(Draft::new(date, body))))
    }

    /// The chapter opens with its places, two funds and what it has already.
    fn open_books(&mut self, date: Date, log_key: &PublicKey) -> Result<(), Fault> {
        let words = (super::SLUG, "Hội Chữ thập đỏ Xã Mẫu (ví dụ)", "Thôn Trung, Xã Mẫu");
        let opened = self.chapter_opened(date, log_key, words)?;
        self.write(date, opened);
        let place = Place {
            code: BANK.parse()?,
            r#type: PlaceType::Bank,
            name: "Tài khoản ngân hàng (ví dụ)".parse()?,
            // A bank's real number, and an account that no bank gives to anybody.
            bank_bin: Some("970436".parse()?),
            account: Some("0000 000 000".parse()?),
            private: None,
        };
        self.write(date, PlaceOpened { place, private: None });
        self.open_fund(date, GENERAL, FundType::General, "Quỹ nhân đạo chung", None)?;
        self.open_revolving(date)
    }

    /// The chapter begins to keep everything in these books: programmes, scholarships, stores.
    fn open_life(&mut self, date: Date) -> Result<(), Fault> {
        let school = Some(("Chỉ dùng làm học bổng cho học sinh khó khăn.", SCHOOL));
        self.open_programme(date, SCHOOL, "Tiếp bước đến trường", ProgrammeType::Education)?;
        self.open_fund(date, SCHOOL, FundType::Restricted, "Quỹ học bổng", school)?;
        self.open_programme(date, REGULAR, "Trợ giúp thường xuyên", ProgrammeType::Regular)?;
        self.open_programme(date, TET, "Tết vì người nghèo", ProgrammeType::Tet)?;
        self.open_programme(date, BLOOD, "Hiến máu nhân đạo", ProgrammeType::Blood)?;
        self.open_activities(date)?;
        self.open_stores(date)?;
        self.first_goods(date)
    }

    /// Entry 0 of a chapter by slug, name and address.
    pub(super) fn chapter_opened(
        &self,
        date: Date,
        log_key: &PublicKey,
        (slug, name, address): (&str, &str, &str),
    ) -> Result<ChapterOpened, Fault> {
        let officers = self.people.officers.iter();
        let officers =
            officers.map(super::people::Officer::registered).collect::<Result<Vec<_>, _>>()?;
        Ok(ChapterOpened {
            chapter: Chapter {
                name: name.parse()?,
                slug: slug.parse()?,
                address: Some(address.parse()?),
                province: Some("Tỉnh Ví Dụ".parse()?),
                upper: Some(super::neighbour::UPPER.parse()?),
                private: None,
            },
            currency: CurrencyMember { code: CurrencyCode::Vnd, scale: number(0)?, private: None },
            utc_offset: UtcOffset::try_from("+07:00".to_owned())?,
            books_from: date,
            log_key: log_key.clone(),
            officers: List::new(officers).ok_or(Fault::Scenario("no officers"))?,
            guardian: None,
            policy: Policy { two_above: Some(dong(20_000_000)?), away: None, private: None },
            continues: None,
            rules: number(RULES)?,
            private: None,
        })
    }

    /// Opens a fund; a restricted one comes with its terms and its one programme.
    pub(super) fn open_fund(
        &mut self,
        date: Date,
        code: &str,
        r#type: FundType,
        name: &str,
        terms: Option<(&str, &str)>,
    ) -> Result<(), Fault> {
        let (text, programme) = terms.unwrap_or(("Dùng cho mọi hoạt động nhân đạo của Hội.", ""));
        let programmes = match programme {
            "" => None,
            programme => Words::new(vec![programme.parse()?]),
        };
        let fund = Fund {
            code: code.parse()?,
            r#type,
            name: name.parse()?,
            terms: Terms {
                text: text.parse()?,
                kinds: None,
                costs: programmes.is_none(),
                programmes,
                until: None,
                private: None,
            },
            target: None,
            from: None,
            to: None,
            private: None,
        };
        self.write(date, FundOpened { fund, private: None });
        Ok(())
    }

    pub(super) fn open_programme(
        &mut self,
        date: Date,
        code: &str,
        name: &str,
        r#type: ProgrammeType,
    ) -> Result<(), Fault> {
        let programme =
            Programme { code: code.parse()?, name: name.parse()?, r#type, private: None };
        self.write(date, ProgrammeOpened { programme, private: None });
        Ok(())
    }
}
