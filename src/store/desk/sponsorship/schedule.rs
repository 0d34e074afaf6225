//! What is due of a plan: its periods, filled by gifts and handovers, oldest first.
//!
//! INVARIANT: pure; the same plan, vouchers and day give the same periods. Nothing here is a rule
//! of the books: the ledger knows a gift into a fund and aid out of it, and no periods.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Plan, State};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Date, Person};
use crate::money::Money;

/// The most periods that are ever counted: fifty years of months.
const MOST: u32 = 600;
/// Periods to come that pages show.
const AHEAD: usize = 24;
/// Days after the beginning of a period from which on it is overdue.
const GRACE: u64 = 30;

/// A voucher that was matched, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its entry; `None` while it waits for approval.
    pub seq: Option<u64>,
    /// Its day.
    pub day: Date,
    /// Its amount without what came back.
    pub amount: Money,
    /// What came back of a voucher of several families, nobody knows of which.
    pub came_back: Money,
    /// Families of it that did not come, and whose part is back.
    pub absent: BTreeSet<Person>,
}

/// Vouchers that stand: recorded and not reversed, or waiting.
pub type Vouchers = BTreeMap<VoucherId, Standing>;

/// A part of a voucher in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The voucher.
    pub voucher: VoucherId,
    /// Its entry.
    pub seq: Option<u64>,
    /// Its day.
    pub day: Date,
    /// The part.
    pub amount: Money,
}

/// A family in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What the plan calls it.
    pub link: Person,
    /// What it is to get.
    pub expected: Money,
    /// What it got, or waits for approval.
    pub parts: Vec<Part>,
}

impl Share {
    /// What it got, what waits included.
    #[must_use]
    pub fn laid(&self) -> Money {
        sum(&self.parts)
    }

    /// What it is still to get.
    #[must_use]
    pub fn missing(&self) -> Money {
        less(self.expected, self.laid())
    }
}

/// How far a side of a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filled {
    /// Nothing came.
    Not,
    /// Not everything.
    Partly,
    /// Everything, of which something waits for approval.
    Waiting,
    /// Everything.
    Whole,
}

impl Filled {
    /// The word in the keys of texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Not => "not",
            Self::Partly => "partly",
            Self::Waiting => "waiting",
            Self::Whole => "whole",
        }
    }

    fn of(expected: Money, laid: Money, waits: bool) -> Self {
        match laid {
            Money::ZERO => Self::Not,
            laid if laid < expected => Self::Partly,
            _ if waits => Self::Waiting,
            _ => Self::Whole,
        }
    }
}

/// A period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// What the sponsor is to give.
    pub expected: Money,
    /// What they gave.
    pub gifts: Vec<Part>,
    /// The families.
    pub shares: Vec<Share>,
}

impl Period {
    /// What the sponsor gave, what waits for approval included.
    #[must_use]
    pub fn received(&self) -> Money {
        sum(&self.gifts)
    }

    /// What the families got, what waits for approval included.
    #[must_use]
    pub fn laid(&self) -> Money {
        Money::sum(self.shares.iter().map(Share::laid)).unwrap_or_default()
    }

    /// How far the gift is.
    #[must_use]
    pub fn gift(&self) -> Filled {
        Filled::of(self.expected, self.received(), waits(&self.gifts))
    }

    /// How far the handover is.
    #[must_use]
    pub fn handover(&self) -> Filled {
        let waits = self.shares.iter().any(|share| waits(&share.parts));
        Filled::of(self.expected, self.laid(), waits)
    }

    /// Whether something of it is missing.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.received() < self.expected || self.laid() < self.expected
    }

    /// Whether something of it is missing for too long.
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        let grace = self.from.naive().checked_add_days(chrono::Days::new(GRACE));
        let last = grace.and_then(Date::new).unwrap_or(self.to).min(self.to);
        self.is_open() && last < today
    }

    /// Handovers of the period as the sponsor may see them: by voucher, with the number of
    /// families and no word of which.
    #[must_use]
    pub fn handed(&self) -> Vec<(Part, u64)> {
        let mut all: Vec<(Part, u64)> = Vec::new();
        for share in &self.shares {
            for part in &share.parts {
                match all.iter_mut().find(|(own, _)| own.voucher == part.voucher) {
                    Some((own, families)) => {
                        own.amount = more(own.amount, part.amount);
                        *families += 1;
                    }
                    None => all.push((part.clone(), 1)),
                }
            }
        }
        all.sort_by_key(|(part, _)| (part.day, part.voucher.clone()));
        all
    }
}

/// A plan with its periods, oldest first: those that began, those that gifts or handovers reach,
/// and the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The periods.
    pub periods: Vec<Period>,
    /// Gifts that no period takes.
    pub spare: Vec<Part>,
    /// Handovers that no period takes.
    pub beyond: Vec<Part>,
    /// Whether nobody is left whom the plan could support: then nothing of it is due.
    pub idle: bool,
}

impl Schedule {
    /// What was given, recorded.
    #[must_use]
    pub fn received(&self) -> Money {
        recorded(self.gifts())
    }

    /// Every part of a gift.
    pub fn gifts(&self) -> impl Iterator<Item = &Part> {
        self.periods.iter().flat_map(|period| &period.gifts).chain(&self.spare)
    }

    /// Every part of a handover.
    pub fn handovers(&self) -> impl Iterator<Item = &Part> {
        let shares = self.periods.iter().flat_map(|period| &period.shares);
        shares.flat_map(|share| &share.parts).chain(&self.beyond)
    }

    /// What was handed over, recorded.
    #[must_use]
    pub fn handed(&self) -> Money {
        recorded(self.handovers())
    }

    /// The periods that pages show, and those further ahead, of which they tell the sum.
    #[must_use]
    pub fn near_and_far(&self, today: Date) -> (&[Period], &[Period]) {
        let began = self.periods.partition_point(|period| period.from <= today);
        self.periods.split_at(began.saturating_add(AHEAD).min(self.periods.len()))
    }

    fn open(&self, today: Date) -> impl Iterator<Item = &Period> {
        self.periods.iter().filter(move |period| period.from <= today && period.is_open())
    }

    /// Periods that began and lack something.
    pub fn due(&self, today: Date) -> impl Iterator<Item = &Period> {
        self.open(today).filter(|_| !self.idle)
    }

    /// What can be handed to each family now: of periods that began and whose gift is recorded.
    #[must_use]
    pub fn payable(&self, today: Date) -> BTreeMap<Person, Money> {
        let mut all = BTreeMap::new();
        let funded = self.open(today).filter(|period| period.gift() == Filled::Whole);
        for share in funded.flat_map(|period| &period.shares) {
            let missing = share.missing();
            if missing.is_positive() {
                let own = all.entry(share.link.clone()).or_insert(Money::ZERO);
                *own = more(*own, missing);
            }
        }
        all
    }

    /// What the sponsor is to give for all periods that began.
    #[must_use]
    pub fn owed(&self, today: Date) -> Money {
        Money::sum(self.due(today).map(|period| less(period.expected, period.received())))
            .unwrap_or_default()
    }

    /// The next period whose gift is not there yet.
    #[must_use]
    pub fn next_due(&self) -> Option<&Period> {
        let mut periods = self.periods.iter().filter(|_| !self.idle);
        periods.find(|period| period.received() < period.expected)
    }
}

fn sum(parts: &[Part]) -> Money {
    Money::sum(parts.iter().map(|part| part.amount)).unwrap_or_default()
}

fn recorded<'a>(parts: impl Iterator<Item = &'a Part>) -> Money {
    let recorded = parts.filter(|part| part.seq.is_some());
    Money::sum(recorded.map(|part| part.amount)).unwrap_or_default()
}

fn waits(parts: &[Part]) -> bool {
    parts.iter().any(|part| part.seq.is_none())
}

fn more(one: Money, other: Money) -> Money {
    one.checked_add(other).unwrap_or(one)
}

/// The difference, or 0.
fn less(one: Money, other: Money) -> Money {
    one.checked_sub(other).filter(|left| left.is_positive()).unwrap_or_default()
}

/// The periods of a plan as they grow.
struct Growing<'a> {
    plan: &'a Plan,
    number: u32,
    periods: Vec<Period>,
}

impl Growing<'_> {
    /// One more period; `false` when there is none. Times of rest and periods in which nobody gets
    /// anything are passed over.
    fn grow(&mut self) -> bool {
        while self.number < MOST {
            let (from, next) =
                (self.plan.begins(self.number), self.plan.begins(self.number.saturating_add(1)));
            let (Some(from), Some(next)) = (from, next) else { return false };
            if self.plan.is_over_on(from) {
                return false;
            }
            self.number += 1;
            let expected = self.plan.amount_on(from);
            if self.plan.rests_on(from) || !expected.is_positive() {
                continue;
            }
            let share = |link: &super::plan::Link| Share {
                link: link.id.clone(),
                expected: link.amount_on(from),
                parts: Vec::new(),
            };
            let shares = self.plan.links.iter().map(share);
            self.periods.push(Period {
                from,
                to: next.previous(),
                expected,
                gifts: Vec::new(),
                shares: shares.filter(|share| share.expected.is_positive()).collect(),
            });
            return true;
        }
        false
    }

    /// Puts an amount into the periods from a day on; what none of them took. `take` says how much
    /// a period takes, and puts it there.
    fn fill(
        &mut self,
        from: Date,
        mut left: Money,
        mut take: impl FnMut(&mut Period, Money) -> Money,
    ) -> Money {
        let mut at = 0;
        while left.is_positive() {
            if at == self.periods.len() && !self.grow() {
                break;
            }
            if let Some(period) = self.periods.get_mut(at).filter(|period| period.from >= from) {
                left = less(left, take(period, left));
            }
            at += 1;
        }
        left
    }
}

/// What is left of each voucher while its matches are put in.
struct Rest<'a> {
    vouchers: &'a Vouchers,
    taken: BTreeMap<&'a VoucherId, Money>,
}

impl<'a> Rest<'a> {
    /// The part of a match that its voucher still covers.
    fn part(&mut self, voucher: &'a VoucherId, amount: Money) -> Option<Part> {
        let standing = self.vouchers.get(voucher)?;
        let taken = self.taken.entry(voucher).or_insert(Money::ZERO);
        let amount = amount.min(less(standing.amount, *taken));
        *taken = more(*taken, amount);
        let part = Part { voucher: voucher.clone(), seq: standing.seq, day: standing.day, amount };
        Some(part).filter(|part| part.amount.is_positive())
    }
}

/// What is due of a plan, as its vouchers stand. `absent` families got nothing by a voucher of
/// which their part is back; `families` says which family a link is.
#[must_use]
pub fn schedule(
    plan: &Plan,
    vouchers: &Vouchers,
    families: &BTreeMap<Person, Person>,
    today: Date,
) -> Schedule {
    let mut growing = Growing { plan, number: 0, periods: Vec::new() };
    let mut rest = Rest { vouchers, taken: BTreeMap::new() };
    let (mut spare, mut beyond) = (Vec::new(), Vec::new());
    let day_of = |voucher: &VoucherId| vouchers.get(voucher).map(|standing| standing.day);
    let mut gifts: Vec<_> = plan.gifts.iter().collect();
    gifts.sort_by_key(|gift| (day_of(&gift.voucher), gift.from));
    for gift in gifts {
        let Some(part) = rest.part(&gift.voucher, gift.amount) else { continue };
        let left = growing.fill(gift.from, part.amount, |period, left| {
            let amount = left.min(less(period.expected, period.received()));
            if amount.is_positive() {
                period.gifts.push(Part { amount, ..part.clone() });
            }
            amount
        });
        if left.is_positive() {
            spare.push(Part { amount: left, ..part });
        }
    }
    rest.taken.clear();
    let mut handovers: Vec<_> = plan.handovers.iter().collect();
    handovers.sort_by_key(|handover| (day_of(&handover.voucher), handover.from));
    for handover in handovers {
        let absent = families.get(&handover.link).is_some_and(|family| {
            vouchers.get(&handover.voucher).is_some_and(|own| own.absent.contains(family))
        });
        if absent {
            continue;
        }
        let Some(part) = rest.part(&handover.voucher, handover.amount) else { continue };
        let left = growing.fill(handover.from, part.amount, |period, left| {
            let own = period.shares.iter_mut().find(|share| share.link == handover.link);
            let Some(share) = own else { return Money::ZERO };
            let amount = left.min(share.missing());
            if amount.is_positive() {
                share.parts.push(Part { amount, ..part.clone() });
            }
            amount
        });
        if left.is_positive() {
            beyond.push(Part { amount: left, ..part });
        }
    }
    let later = |growing: &Growing<'_>| {
        let last = growing.periods.last();
        last.is_some_and(|last| last.from > today && last.received() < last.expected)
    };
    while !later(&growing) {
        if !growing.grow() {
            break;
        }
    }
    if plan.state_on(today) == State::Paused {
        growing.periods.retain(|period| period.from <= today || !period.gifts.is_empty());
    }
    Schedule { periods: growing.periods, spare, beyond, idle: false }
}
