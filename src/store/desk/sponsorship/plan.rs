//! A plan as it is sealed: what the sponsor promised for whom, and what was matched to it.
//!
//! Families have names of their own here (`Link`), which mean nothing without the family's row: a
//! plan whose families were erased still says what was handed over, and to whom no more.

use chrono::Months;
use serde::{Deserialize, Serialize};

use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;
use crate::store::desk::DeskRefusal;

/// The longest text of several lines, and of one line.
const LONGEST: usize = 2000;
const LONGEST_REASON: usize = 200;
/// The most families of one plan.
pub const MOST_FAMILIES: usize = 60;

/// How often the sponsor gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Each month.
    Month,
    /// Each quarter of a year.
    Quarter,
    /// Each year.
    Year,
}

impl Every {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// The word in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// Months of a period.
    #[must_use]
    pub const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

impl std::str::FromStr for Every {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|every| every.as_str() == text).ok_or("not a period")
    }
}

/// How much a family gets from a day on; 0 for a family that is not part of the plan any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The day.
    pub from: Date,
    /// The amount of each period.
    pub amount: Money,
}

/// A family of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What the plan calls it.
    pub id: Person,
    /// What it gets, oldest first.
    pub steps: Vec<Step>,
}

impl Link {
    /// What the family gets in the period that begins on a day.
    #[must_use]
    pub fn amount_on(&self, day: Date) -> Money {
        let holding = self.steps.iter().rev().find(|step| step.from <= day);
        holding.map_or(Money::ZERO, |step| step.amount)
    }

    /// The amount that was agreed last.
    #[must_use]
    pub fn newest(&self) -> Money {
        self.steps.last().map_or(Money::ZERO, |step| step.amount)
    }

    /// Another amount from a day on; what was agreed for later days goes.
    pub fn change(&mut self, from: Date, amount: Money) {
        if self.newest() == amount {
            return;
        }
        self.steps.retain(|step| step.from < from);
        if self.newest() != amount {
            self.steps.push(Step { from, amount });
        }
    }
}

/// A gift that a person matched to the plan: it fills the periods from one on, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gift {
    /// The voucher.
    pub voucher: VoucherId,
    /// The period from which on it counts.
    pub from: Date,
    /// The part of it that belongs to this plan.
    pub amount: Money,
}

/// Money handed to a family of the plan: it fills that family's periods likewise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The family.
    pub link: Person,
    /// The voucher.
    pub voucher: VoucherId,
    /// The period from which on it counts.
    pub from: Date,
    /// What the family got of this sponsor.
    pub amount: Money,
}

/// A time in which no period begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The first day.
    pub from: Date,
    /// The day on which it goes on.
    pub to: Option<Date>,
}

/// The end of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The day: no period begins after it.
    pub on: Date,
    /// Why.
    pub reason: String,
}

/// What a plan does on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Periods begin.
    Running,
    /// They will again.
    Paused,
    /// They won't.
    Ended,
}

impl State {
    /// The word in the keys of texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }
}

/// A plan. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The fund, of the type `sponsorship`.
    pub fund: Code,
    /// The programme of its handovers.
    pub programme: Code,
    /// How often.
    pub every: Every,
    /// The first day of the first period.
    pub from: Date,
    /// No period begins after this day.
    pub until: Option<Date>,
    /// The families.
    pub links: Vec<Link>,
    /// Gifts.
    #[serde(default)]
    pub gifts: Vec<Gift>,
    /// Handovers.
    #[serde(default)]
    pub handovers: Vec<Handover>,
    /// Times in which it rested.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// Its end.
    pub ended: Option<Ended>,
    /// Notes of the desk.
    pub notes: Option<String>,
    /// Who changed it last, and when.
    #[serde(default)]
    pub changed: Option<Changed>,
}

/// A change. It is sealed: beside the time of a payment it would say which families are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The officer.
    pub by: Person,
    /// Seconds since 1970.
    pub at: i64,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Plan(hidden)")
    }
}

impl Plan {
    /// The first day of a period, counted from 0. Always from the first one, so that the end of a
    /// short month moves nothing.
    #[must_use]
    pub fn begins(&self, number: u32) -> Option<Date> {
        let months = Months::new(number.checked_mul(self.every.months())?);
        self.from.naive().checked_add_months(months).and_then(Date::new)
    }

    /// Whether no period begins on this day or later.
    #[must_use]
    pub fn is_over_on(&self, day: Date) -> bool {
        self.until.is_some_and(|until| until < day)
            || self.ended.as_ref().is_some_and(|ended| ended.on < day)
    }

    /// Whether the plan rests on a day.
    #[must_use]
    pub fn rests_on(&self, day: Date) -> bool {
        let holds =
            |pause: &Pause| pause.from <= day && pause.to.is_none_or(|goes_on| day < goes_on);
        self.pauses.iter().any(holds)
    }

    /// What the plan does on a day.
    #[must_use]
    pub fn state_on(&self, day: Date) -> State {
        if self.ended.is_some() || self.is_over_on(day) {
            State::Ended
        } else if self.rests_on(day) {
            State::Paused
        } else {
            State::Running
        }
    }

    /// A family of the plan.
    #[must_use]
    pub fn link(&self, id: &Person) -> Option<&Link> {
        self.links.iter().find(|link| link.id == *id)
    }

    /// What the sponsor gives in the period that begins on a day.
    #[must_use]
    pub fn amount_on(&self, day: Date) -> Money {
        Money::sum(self.links.iter().map(|link| link.amount_on(day))).unwrap_or_default()
    }

    /// Whether nobody is left whom the plan could support; `may` says of whom it could.
    #[must_use]
    pub fn is_idle(&self, may: impl Fn(&Person) -> bool) -> bool {
        !self.links.iter().any(|link| link.newest().is_positive() && may(&link.id))
    }

    /// The vouchers that were matched.
    pub fn vouchers(&self) -> impl Iterator<Item = &VoucherId> {
        let gifts = self.gifts.iter().map(|gift| &gift.voucher);
        gifts.chain(self.handovers.iter().map(|handover| &handover.voucher))
    }

    /// Takes the plan out of rest, or lays it to rest, from a day on.
    pub fn rest(&mut self, day: Date, rests: bool) {
        if rests && !self.rests_on(day) {
            self.pauses.push(Pause { from: day, to: None });
        }
        if !rests {
            for pause in self.pauses.iter_mut().filter(|pause| pause.to.is_none()) {
                pause.to = Some(day.max(pause.from));
            }
        }
    }

    /// Holds every text and list to its length.
    pub(super) fn check(&self) -> Result<(), DeskRefusal> {
        let long = |text: Option<&str>, most| text.is_some_and(|own| own.chars().count() > most);
        if long(self.notes.as_deref(), LONGEST) {
            return Err(DeskRefusal::TextLength("notes", LONGEST));
        }
        let reason = self.ended.as_ref().map(|ended| ended.reason.as_str());
        if long(reason, LONGEST_REASON) || reason.is_some_and(str::is_empty) {
            return Err(DeskRefusal::TextLength("reason", LONGEST_REASON));
        }
        let holding = self.links.iter().filter(|link| link.newest().is_positive()).count();
        if holding > MOST_FAMILIES {
            return Err(DeskRefusal::TextLength("families", MOST_FAMILIES));
        }
        Ok(())
    }
}
