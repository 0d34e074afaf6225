//! What an address of the accounts asks for: a period and a filter, read once, and spelled again in
//! the addresses of pages, downloads and figures.

use rocket::FromForm;

use super::ledgers::{Ledgers, read};
use crate::books::accounts::CUSTODY_FUND;
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date, Month};
use crate::store::facade::{AccountsFilter, Group, OfProgramme, Position, View};
use crate::web::Fault;

/// The word for all periods.
pub const ALL: &str = "tat-ca";
/// The word for vouchers without a programme; no code begins with a hyphen.
pub const NONE: &str = "-";

/// The kinds that move money, in the order in which they are offered.
pub const KINDS: [Kind; 20] = [
    Kind::Donation,
    Kind::Income,
    Kind::AidPaid,
    Kind::CostPaid,
    Kind::GoodsPurchased,
    Kind::SentToChapter,
    Kind::ReceivedFromChapter,
    Kind::Transfer,
    Kind::FundTransfer,
    Kind::DonationReturned,
    Kind::CustodyReceived,
    Kind::CustodyHandedOver,
    Kind::CustodyReturned,
    Kind::CustodyAssigned,
    Kind::LoanDisbursed,
    Kind::LoanRepaid,
    Kind::LoanRecovered,
    Kind::CashCounted,
    Kind::Reversed,
    Kind::OpeningBalance,
];

/// What an address asks for. Members that are left out or empty ask for everything.
#[derive(Clone, Debug, Default, FromForm)]
pub struct Asked<'r> {
    /// `2026-10`, `2026`, or `tat-ca` for all months; the newest month with money when it is left
    /// out and no day is named.
    pub ky: Option<&'r str>,
    /// The first day, where no period is named.
    pub tu: Option<&'r str>,
    /// The last day.
    pub den: Option<&'r str>,
    /// A fund.
    pub quy: Option<&'r str>,
    /// A programme; `-` for none.
    pub ct: Option<&'r str>,
    /// A kind of voucher.
    pub loai: Option<&'r str>,
    /// `1`: reversals stand under the kind that they reverse.
    pub gop: Option<&'r str>,
    /// A place of money.
    pub noi: Option<&'r str>,
    /// What of the vouchers is counted, instead of money.
    pub khoan: Option<&'r str>,
    /// Lines behind this position.
    pub sau: Option<&'r str>,
    /// Lines before this position.
    pub truoc: Option<&'r str>,
    /// A year, of pages that go by years.
    pub nam: Option<&'r str>,
    /// `1`: a CSV file has a row of HXL hashtags.
    pub hxl: Option<&'r str>,
}

/// A period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// All days, the opening balances included.
    All,
    /// A year.
    Year(i32),
    /// A month.
    Month(Month),
    /// The days between two, both included; open at an end that is not named.
    Days(Option<Date>, Option<Date>),
}

impl Period {
    /// As addresses have it.
    #[must_use]
    pub fn query(self) -> String {
        match self {
            Self::All => format!("ky={ALL}"),
            Self::Year(year) => format!("ky={year:04}"),
            Self::Month(month) => format!("ky={month}"),
            Self::Days(from, to) => {
                let day = |name: &str, day: Option<Date>| day.map(|day| format!("{name}={day}"));
                let days = [day("tu", from), day("den", to)];
                days.into_iter().flatten().collect::<Vec<_>>().join("&")
            }
        }
    }

    /// The value of the choice of a period; `None` for days.
    #[must_use]
    pub fn word(self) -> Option<String> {
        match self {
            Self::Days(..) => None,
            own => own.query().strip_prefix("ky=").map(ToOwned::to_owned),
        }
    }

    /// As the names of files have it.
    #[must_use]
    pub fn file_name(self) -> String {
        match self {
            Self::Days(from, to) => {
                let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
                format!("{}_{}", day(from), day(to))
            }
            own => own.word().unwrap_or_default(),
        }
    }

    /// First and last day in the books; open where none is named. What was there when the books
    /// began lies on the day before them, and belongs to all days alone.
    #[must_use]
    pub fn days(self, view: &View) -> (Option<Date>, Option<Date>) {
        let begun = view.books.chapter().map(|chapter| chapter.books_from);
        let from = |day: Date| Some(begun.map_or(day, |begun| begun.max(day)));
        match self {
            Self::All => (None, None),
            Self::Year(year) => match months_of(year) {
                Some((first, last)) => (from(first.first_day()), Some(last.last_day())),
                None => (None, None),
            },
            Self::Month(month) => (from(month.first_day()), Some(month.last_day())),
            // Days before the books have no entries but what was there when they began.
            Self::Days(first, to) => match begun {
                Some(begun) if to.is_none_or(|to| to >= begun) => (first.and_then(from), to),
                _ => (first, to),
            },
        }
    }
}

/// January and December.
fn months_of(year: i32) -> Option<(Month, Month)> {
    let month = |month: u8| format!("{year:04}-{month:02}").parse().ok();
    Some((month(1)?, month(12)?))
}

/// The filter that was asked for.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Which vouchers, and what of them.
    pub filter: AccountsFilter,
    /// The period.
    pub period: Period,
}

impl Chosen {
    /// The address of the same vouchers in another period, without a question mark.
    #[must_use]
    pub fn query_in(&self, period: Period) -> String {
        let mut query = period.query();
        let filter = &self.filter;
        let programme = filter.programme.as_ref().map(|programme| match programme {
            OfProgramme::One(code) => code.to_string(),
            OfProgramme::None => NONE.to_owned(),
        });
        // Codes, kinds and groups are letters, digits, hyphens, underscores and colons: nothing to
        // escape.
        for (name, chosen) in [
            ("quy", filter.fund.as_ref().map(ToString::to_string)),
            ("ct", programme),
            ("loai", filter.kind.map(|kind| kind.to_string())),
            ("gop", filter.natural.then(|| "1".to_owned())),
            ("noi", filter.place.as_ref().map(ToString::to_string)),
            ("khoan", filter.group.as_ref().map(Group::word)),
        ] {
            if let Some(chosen) = chosen {
                query.push_str(&format!("&{name}={chosen}"));
            }
        }
        query
    }

    /// The address of what was asked for.
    #[must_use]
    pub fn query(&self) -> String {
        self.query_in(self.period)
    }
}

/// A value of the address: nothing, or what it says; a wrong one is no page of ours.
fn value<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Fault> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|_| Fault::NotFound)).transpose()
}

/// A switch: nothing, or `1`.
///
/// # Errors
/// [`Fault::NotFound`] for anything else.
pub fn switch(text: Option<&str>) -> Result<bool, Fault> {
    match text {
        None | Some("") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Fault::NotFound),
    }
}

/// The period of an address; `None` where it names none.
///
/// # Errors
/// [`Fault::NotFound`] for what is no period of the ledger.
pub fn period(asked: &Asked<'_>, view: &View) -> Result<Option<Period>, Fault> {
    let days = (value::<Date>(asked.tu)?, value::<Date>(asked.den)?);
    let period = match (asked.ky.filter(|text| !text.is_empty()), days) {
        (Some(ALL), _) => Period::All,
        (Some(text), _) if text.len() == 4 => {
            let year = text.parse().ok().filter(|year: &i32| format!("{year:04}") == text);
            Period::Year(year.ok_or(Fault::NotFound)?)
        }
        (Some(text), _) => Period::Month(text.parse().map_err(|_| Fault::NotFound)?),
        (None, (None, None)) => return Ok(None),
        (None, (from, to)) => Period::Days(from, to),
    };
    if is_offered(period, view) { Ok(Some(period)) } else { Err(Fault::NotFound) }
}

fn is_offered(period: Period, view: &View) -> bool {
    let ends = ends(view);
    match period {
        Period::All => true,
        Period::Year(year) => ends.is_some_and(|(first, last)| {
            first.first_day().year() <= year && year <= last.first_day().year()
        }),
        Period::Month(month) => ends.is_some_and(|(first, last)| first <= month && month <= last),
        Period::Days(Some(from), Some(to)) => from <= to,
        Period::Days(..) => true,
    }
}

/// The first and the last month that can be asked for.
#[must_use]
pub fn ends(view: &View) -> Option<(Month, Month)> {
    let chapter = view.books.chapter()?;
    let last = view.books.last_at()?.local_date(chapter.utc_offset).month();
    Some((chapter.books_from.month(), last))
}

async fn newest(view: &View, ledgers: &Ledgers<'_>) -> Result<Period, Fault> {
    let all = AccountsFilter::default();
    let last = ledgers.store().accounts_before(view.chapter, &all, view.size(), None, 1).await;
    let last = last.map_err(read)?;
    let newest = last.first().map(|line| line.effective.month());
    // An opening balance alone lies on the day before the books: all months show it.
    let from = view.books.chapter().map(|chapter| chapter.books_from.month());
    let newest = newest.filter(|newest| from.is_some_and(|from| *newest >= from));
    Ok(newest.map_or(Period::All, Period::Month))
}

impl Asked<'_> {
    /// The filter that an address asks for.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for what names nothing of the ledger; faults of the store.
    pub async fn chosen(&self, view: &View, ledgers: &Ledgers<'_>) -> Result<Chosen, Fault> {
        let filter = self.filter(view)?;
        let period = match period(self, view)? {
            Some(period) => period,
            None => newest(view, ledgers).await?,
        };
        let (from, to) = period.days(view);
        Ok(Chosen { filter: AccountsFilter { from, to, ..filter }, period })
    }

    /// The filter of an address without its days.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for what names nothing of the ledger.
    pub fn filter(&self, view: &View) -> Result<AccountsFilter, Fault> {
        let programme = match self.ct {
            Some(NONE) => Some(OfProgramme::None),
            text => value::<Code>(text)?.map(OfProgramme::One),
        };
        let group = self.khoan.filter(|text| !text.is_empty());
        let filter = AccountsFilter {
            from: None,
            to: None,
            fund: value::<Code>(self.quy)?,
            programme,
            kind: value::<Kind>(self.loai)?,
            natural: switch(self.gop)?,
            place: value::<Code>(self.noi)?,
            group: group.map(|text| Group::of(text).ok_or(Fault::NotFound)).transpose()?,
        };
        if is_there(&filter, view) { Ok(filter) } else { Err(Fault::NotFound) }
    }

    /// Whether hashtags are wanted.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for a switch that is none.
    pub fn tags(&self) -> Result<bool, Fault> {
        switch(self.hxl)
    }
}

/// Whether everything that a filter names is there: a list of fewer lines under a word that means
/// nothing would be taken for the whole.
fn is_there(filter: &AccountsFilter, view: &View) -> bool {
    let register = view.books.register();
    let fund = filter
        .fund
        .as_ref()
        .is_none_or(|code| register.funds().contains_key(code) || code.as_str() == CUSTODY_FUND);
    let programme = match &filter.programme {
        Some(OfProgramme::One(code)) => register.programmes().contains_key(code),
        Some(OfProgramme::None) | None => true,
    };
    // What moves no money may still have moved goods or a loan, and statements name every kind.
    let any = filter.group.is_some() || filter.natural;
    let kind = filter.kind.is_none_or(|kind| KINDS.contains(&kind) || any);
    let place = filter.place.as_ref().is_none_or(|code| register.places().contains_key(code));
    // Money is what lies in places; other accounts have none.
    let both = filter.group.is_some() && filter.place.is_some();
    fund && programme && kind && place && !both
}

/// A place in the list, as addresses spell it: day and seq.
///
/// # Errors
/// [`Fault::NotFound`] for anything else.
pub fn position(text: Option<&str>) -> Result<Option<Position>, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let (day, seq) = text.split_once('.').ok_or(Fault::NotFound)?;
    let day = day.parse().map_err(|_| Fault::NotFound)?;
    Ok(Some(Position { day, seq: seq.parse().map_err(|_| Fault::NotFound)? }))
}

/// The spelling of a place in the list.
#[must_use]
pub fn spelled(position: Position) -> String {
    format!("{}.{}", position.day, position.seq)
}
