//! What programmes did: what was spent on them, whom they reached, what one of them cost.
//!
//! Only vouchers that stand count. A voucher counts in the year of its day, the report of an
//! activity in the year of the last day that it is about. What a cost says of people, classes and
//! so on counts only where no report names that figure for the same programme and year: nothing is
//! counted twice.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::accounts::Account;
use super::effects::Effects;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, FigureOf, Kind, Voucher};
use crate::ledger::word::{Code, Date};
use crate::money::Money;

/// Fewer families than this are never shown by number.
pub const FEWEST_SHOWN: i64 = 5;

/// The kinds that may say something about a programme.
pub const DEEDS: [Kind; 5] = [
    Kind::AidPaid,
    Kind::GoodsDistributed,
    Kind::CostPaid,
    Kind::HandoverReturned,
    Kind::ActivityReported,
];

/// A number that people counted.
pub type Figures = Vec<(FigureOf, u64)>;

/// What one voucher did for a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// Its entry.
    pub seq: u64,
    /// The day under which it counts.
    pub day: Date,
    /// The programme.
    pub programme: Code,
    /// Its kind.
    pub kind: Kind,
    /// Aid in money; below zero when it came back.
    pub money: Money,
    /// Aid in kind at its value; below zero when it came back.
    pub goods: Money,
    /// Costs.
    pub costs: Money,
    /// Families or persons served; below zero for those not served after all.
    pub families: i64,
    /// What was counted.
    pub figures: Figures,
}

impl Deed {
    /// What an entry did; `None` where it is about no programme.
    #[must_use]
    pub fn of(entry: &Entry, effects: &Effects) -> Option<Self> {
        let voucher = entry.voucher();
        if !DEEDS.contains(&voucher.kind()) {
            return None;
        }
        let sum = |wanted: fn(&Account) -> bool| {
            let own = effects.postings.iter().filter(|posting| wanted(&posting.account));
            Money::sum(own.map(|posting| posting.amount)).unwrap_or_default()
        };
        Some(Self {
            seq: effects.seq,
            day: day(voucher),
            programme: programme(voucher).or(effects.programme.as_ref())?.clone(),
            kind: voucher.kind(),
            money: sum(|account| *account == Account::AidInMoney),
            goods: sum(|account| *account == Account::AidInKind),
            costs: sum(|account| matches!(account, Account::ProgrammeCosts(_))),
            families: effects.families,
            figures: figures(voucher),
        })
    }

    /// The year in which it counts.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.day.year()
    }

    /// What it spent in all.
    #[must_use]
    pub fn spent(&self) -> Money {
        Money::sum([self.money, self.goods, self.costs]).unwrap_or_default()
    }
}

/// The day under which a voucher counts: of a report the last day that it is about.
#[must_use]
pub fn day(voucher: &Voucher) -> Date {
    match &voucher.body {
        Body::ActivityReported(body) => body.to,
        _ => voucher.date,
    }
}

/// The programme of a report; that of spending comes with its effects.
#[must_use]
pub fn programme(voucher: &Voucher) -> Option<&Code> {
    match &voucher.body {
        Body::ActivityReported(body) => Some(&body.programme),
        _ => None,
    }
}

/// What a voucher says was counted.
#[must_use]
pub fn figures(voucher: &Voucher) -> Figures {
    let own = match &voucher.body {
        Body::ActivityReported(body) => body.figures.iter().collect::<Vec<_>>(),
        Body::CostPaid(body) => body.figure.iter().collect(),
        _ => Vec::new(),
    };
    own.into_iter().map(|figure| (figure.of, figure.number.get())).collect()
}

/// Whether a figure says how much there is at a time, and is never summed over time: capacity,
/// collaborators.
#[must_use]
pub const fn is_stock(of: FigureOf) -> bool {
    matches!(of, FigureOf::Places | FigureOf::Collaborators)
}

/// Families as they may be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "number")]
pub enum Families {
    /// None.
    #[default]
    None,
    /// Fewer than five: not by number.
    Few,
    /// So many.
    Shown(i64),
}

impl Families {
    /// A number of families as it may be shown.
    #[must_use]
    pub const fn of(number: i64) -> Self {
        match number {
            0 => Self::None,
            FEWEST_SHOWN.. => Self::Shown(number),
            _ => Self::Few,
        }
    }

    /// The sum of what is shown: what is not shown can't be found out from it.
    #[must_use]
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Self {
        let (mut shown, mut few) = (0_i64, false);
        for families in all {
            match families {
                Self::None => {}
                Self::Few => few = true,
                Self::Shown(number) => shown = shown.saturating_add(number),
            }
        }
        if shown == 0 && few { Self::Few } else { Self::of(shown) }
    }
}

/// A counted figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The number.
    pub number: u64,
    /// Of a stock: the day of the newest report.
    pub day: Date,
}

/// What was done in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Aid in money.
    pub money: Money,
    /// Aid in kind at its value.
    pub goods: Money,
    /// Costs.
    pub costs: Money,
    /// Families served (lượt hộ).
    pub families: Families,
    /// Families that reports name, as they may be shown.
    pub reported: Families,
    /// What else was counted.
    pub figures: BTreeMap<FigureOf, Counted>,
}

impl Tally {
    /// What was spent in all.
    #[must_use]
    pub fn spent(&self) -> Money {
        Money::sum([self.money, self.goods, self.costs]).unwrap_or_default()
    }

    /// A figure; 0 where nobody counted.
    #[must_use]
    pub fn number(&self, of: FigureOf) -> u64 {
        self.figures.get(&of).map_or(0, |counted| counted.number)
    }

    /// What was spent in all for each one of a figure.
    #[must_use]
    pub fn cost_of_one(&self, of: FigureOf) -> Option<Money> {
        each(self.spent(), self.number(of))
    }

    /// The same programme over several years: of a stock the newest number.
    #[must_use]
    pub fn over_time<'a>(years: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::sum(years, |one, other| if other.day >= one.day { *other } else { *one })
    }

    /// Several programmes: their stocks are added up.
    #[must_use]
    pub fn together<'a>(programmes: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::sum(programmes, |one, other| Counted {
            number: one.number.saturating_add(other.number),
            day: one.day.max(other.day),
        })
    }

    fn sum<'a>(
        all: impl IntoIterator<Item = &'a Self>,
        stocks: impl Fn(&Counted, &Counted) -> Counted,
    ) -> Self {
        let (mut sum, mut families, mut reported) = (Self::default(), Vec::new(), Vec::new());
        for one in all {
            for (own, other) in [
                (&mut sum.money, one.money),
                (&mut sum.goods, one.goods),
                (&mut sum.costs, one.costs),
            ] {
                *own = own.checked_add(other).unwrap_or(*own);
            }
            families.push(one.families);
            reported.push(one.reported);
            for (of, counted) in &one.figures {
                let known = sum.figures.get(of).copied();
                let now = known.map_or(*counted, |known| match is_stock(*of) {
                    true => stocks(&known, counted),
                    false => Counted {
                        number: known.number.saturating_add(counted.number),
                        day: known.day.max(counted.day),
                    },
                });
                sum.figures.insert(*of, now);
            }
        }
        sum.families = Families::sum(families);
        sum.reported = Families::sum(reported);
        sum
    }
}

/// An amount for each of so many, rounded half up to whole minor units; `None` where nothing was
/// spent or nobody counted.
#[must_use]
pub fn each(spent: Money, number: u64) -> Option<Money> {
    if number == 0 || !spent.is_positive() {
        return None;
    }
    let (spent, number) = (i128::from(spent.minor()), i128::from(number));
    let rounded = (2 * spent + number) / (2 * number);
    i64::try_from(rounded).ok().and_then(Money::new)
}

/// A programme in a year.
pub type Key = (Code, i32);

/// What was done by programme and year.
#[must_use]
pub fn tallies<'a>(deeds: impl IntoIterator<Item = &'a Deed> + Clone) -> BTreeMap<Key, Tally> {
    let reported = reported(deeds.clone());
    let (mut all, mut lines) = (BTreeMap::<Key, Tally>::new(), BTreeMap::<Key, i64>::new());
    let mut newest = BTreeMap::<(Key, FigureOf), (Date, u64)>::new();
    for deed in deeds {
        let key = (deed.programme.clone(), deed.year());
        *lines.entry(key.clone()).or_default() += deed.families;
        let tally = all.entry(key.clone()).or_default();
        for (sum, own) in [
            (&mut tally.money, deed.money),
            (&mut tally.goods, deed.goods),
            (&mut tally.costs, deed.costs),
        ] {
            *sum = sum.checked_add(own).unwrap_or(*sum);
        }
        for (of, number) in counted(deed, &reported) {
            let day = deed.day;
            let own = tally.figures.entry(of).or_insert(Counted { number: 0, day });
            if is_stock(of) {
                let place = newest.entry((key.clone(), of)).or_insert((day, deed.seq));
                if (day, deed.seq) >= *place {
                    (*place, *own) = ((day, deed.seq), Counted { number, day });
                }
            } else {
                own.number = own.number.saturating_add(number);
                own.day = own.day.max(day);
            }
        }
    }
    for (key, tally) in &mut all {
        tally.families = Families::of(lines.get(key).copied().unwrap_or(0));
        // A report of fewer than five families is no more shown than their lines are.
        if let Some(counted) = tally.figures.remove(&FigureOf::Families) {
            tally.reported = Families::of(i64::try_from(counted.number).unwrap_or(i64::MAX));
        }
    }
    all
}

/// The figures that reports name, by programme and year.
pub type Reported = BTreeSet<(Code, i32, FigureOf)>;

/// The figures that reports name.
#[must_use]
pub fn reported<'a>(deeds: impl IntoIterator<Item = &'a Deed>) -> Reported {
    let reports = deeds.into_iter().filter(|deed| deed.kind == Kind::ActivityReported);
    let own = reports.flat_map(|deed| {
        let figures = deed.figures.iter();
        figures.map(|(of, _)| (deed.programme.clone(), deed.year(), *of))
    });
    own.collect()
}

/// The figures of a deed that count.
#[must_use]
pub fn counted(deed: &Deed, reported: &Reported) -> Figures {
    let counts = |of: FigureOf| {
        deed.kind == Kind::ActivityReported
            || !reported.contains(&(deed.programme.clone(), deed.year(), of))
    };
    deed.figures.iter().copied().filter(|(of, _)| counts(*of)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn deed(seq: u64, day: &str, kind: Kind, spent: i64, figures: &[(FigureOf, u64)]) -> Deed {
        Deed {
            seq,
            day: day.parse().unwrap(),
            programme: "lop".parse().unwrap(),
            kind,
            money: Money::ZERO,
            goods: Money::ZERO,
            costs: Money::new(spent).unwrap(),
            families: 0,
            figures: figures.to_vec(),
        }
    }

    fn one(deeds: &[Deed], year: i32) -> Tally {
        tallies(deeds)[&("lop".parse().unwrap(), year)].clone()
    }

    #[test]
    fn a_cost_for_each_is_rounded_half_up_to_whole_dong() {
        let money = |minor| Money::new(minor).unwrap();
        for (spent, number, said) in
            [(10, 4, 3), (9, 4, 2), (11, 4, 3), (1, 2, 1), (1, 3, 0), (100, 1, 100)]
        {
            assert_eq!(each(money(spent), number), Some(money(said)), "{spent}/{number}");
        }
        assert_eq!(each(money(5), 0), None);
        assert_eq!(each(Money::ZERO, 5), None);
        assert_eq!(each(money(-5), 5), None);
        let most = money(crate::money::LARGEST);
        assert_eq!(each(most, 1), Some(most));
        assert_eq!(each(most, u64::MAX), Some(Money::ZERO));
    }

    #[test]
    fn what_a_cost_counts_gives_way_to_a_report_of_the_same_year() {
        use FigureOf::{Classes, People};
        let deeds = [
            deed(1, "2026-03-01", Kind::CostPaid, 900, &[(People, 30)]),
            deed(2, "2026-04-01", Kind::CostPaid, 100, &[(Classes, 1)]),
            deed(3, "2026-05-01", Kind::ActivityReported, 0, &[(People, 28)]),
            deed(4, "2027-01-01", Kind::CostPaid, 600, &[(People, 12)]),
        ];
        let year = one(&deeds, 2026);
        assert_eq!((year.number(People), year.number(Classes)), (28, 1));
        assert_eq!(year.cost_of_one(People), Money::new(36));
        assert_eq!(one(&deeds, 2027).number(People), 12);
        let both = Tally::over_time(tallies(&deeds).values());
        assert_eq!((both.number(People), both.spent().minor()), (40, 1600));
    }

    #[test]
    fn capacity_is_the_newest_report_and_never_a_sum_over_time() {
        use FigureOf::{Collaborators, People, Places};
        let report = Kind::ActivityReported;
        let deeds = [
            deed(9, "2026-02-01", report, 0, &[(Places, 60), (People, 50)]),
            deed(4, "2026-06-01", report, 0, &[(Places, 80), (People, 70)]),
            deed(5, "2026-06-01", report, 0, &[(Places, 75), (Collaborators, 7)]),
            deed(6, "2025-12-01", report, 0, &[(Places, 40)]),
        ];
        let year = one(&deeds, 2026);
        assert_eq!((year.number(Places), year.number(People)), (75, 120));
        let all = tallies(&deeds);
        assert_eq!(Tally::over_time(all.values()).number(Places), 75);
        assert_eq!(Tally::over_time(all.values().rev()).number(Places), 75);
        assert_eq!(Tally::together([&year, &year]).number(Places), 150);
        assert_eq!(year.number(Collaborators), 7);
    }

    #[test]
    fn fewer_than_five_families_are_not_shown_and_can_not_be_worked_out() {
        use Families::{Few, Shown};
        let all = [(0, Families::None), (1, Few), (4, Few), (5, Shown(5)), (-2, Few)];
        for (number, said) in all {
            assert_eq!(Families::of(number), said, "{number}");
        }
        assert_eq!(Families::sum([Few, Shown(9), Shown(6), Families::None]), Shown(15));
        assert_eq!(Families::sum([Few, Few]), Few);
        assert_eq!(Families::sum([]), Families::None);
    }
}
