//! Sums by business day: balances at the end of a day, and the figures of any span of days.
//!
//! One small record for each day on which anything happened; it grows with days, not with entries.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Bound};

use litemap::LiteMap;
use rpds::RedBlackTreeMapSync as Map;
use serde::{Deserialize, Deserializer, Serialize};

use super::accounts::{Account, CUSTODY_FUND, Column};
use super::effects::{Change, Effects};
use super::goods::net as net_of_goods;
use super::stock::Shelf;
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date, Month};
use crate::money::Money;

/// Money in and out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InOut {
    /// Money in, minor units.
    pub money_in: i128,
    /// Money out, minor units.
    pub money_out: i128,
}

/// Goods in and out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsInOut {
    /// Goods in, thousandths.
    pub quantity_in: i128,
    /// Goods out, thousandths.
    pub quantity_out: i128,
    /// The value of what came in, minor units.
    pub value_in: i128,
    /// The value of what went out, minor units.
    pub value_out: i128,
}

impl GoodsInOut {
    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.quantity_in += other.quantity_in;
        self.quantity_out += other.quantity_out;
        self.value_in += other.value_in;
        self.value_out += other.value_out;
    }
}

/// Sums of one day or of a span of days, money in minor units, goods in thousandths.
///
/// In 128 bits: money may go to and fro without any balance leaving its range, and no number of
/// entries that a ledger can hold makes these sums overflow. In lists instead of trees: most days
/// have a few keys, and a tree takes memory for eleven at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Entries dated here, of any kind.
    pub entries: u64,
    /// Money through each place, by the kind that moved it.
    #[serde(deserialize_with = "listed")]
    pub places: LiteMap<(Code, Kind), InOut>,
    /// What changed each fund, by column.
    #[serde(deserialize_with = "listed")]
    pub funds: LiteMap<(Code, Column), i128>,
    /// Money of each fund (`custody` included) over all places.
    #[serde(deserialize_with = "listed")]
    pub money: LiteMap<Code, i128>,
    /// Income and spending, by fund, account and programme; what is `earlier` is not among them.
    #[serde(deserialize_with = "listed")]
    pub accounts: LiteMap<(Code, Account, Option<Code>), i128>,
    /// Families or persons served, by programme; reversals of `earlier` ones are not taken off.
    #[serde(deserialize_with = "listed")]
    pub families: LiteMap<Option<Code>, i64>,
    /// Principal owed to each fund, by the kind that changed it.
    #[serde(deserialize_with = "listed")]
    pub loans: LiteMap<(Code, Kind), i128>,
    /// Held for others, by the kind that changed it.
    #[serde(deserialize_with = "listed")]
    pub custody: LiteMap<Kind, i128>,
    /// What changed on each shelf: quantity and value.
    #[serde(deserialize_with = "listed")]
    pub shelves: LiteMap<Shelf, (i128, i128)>,
    /// Goods in and out by fund, item and the kind that moved them; stores among each other not.
    #[serde(deserialize_with = "listed")]
    pub goods: LiteMap<(Code, Code, Kind), GoodsInOut>,
    /// Goods held for others, by description and unit: in and out.
    #[serde(deserialize_with = "listed")]
    pub held: LiteMap<(String, String), (i128, i128)>,
}

/// Reads a list by way of a tree: a list asks for room for as many as are said to come, and a
/// damaged snapshot may say anything.
fn listed<'de, K, V, D>(from: D) -> Result<LiteMap<K, V>, D::Error>
where
    K: Ord + Deserialize<'de>,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(BTreeMap::<K, V>::deserialize(from)?.into_iter().collect())
}

impl Sums {
    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.entries += other.entries;
        for (key, flow) in &other.places {
            let sum = self.places.entry(key.clone()).or_default();
            sum.money_in += flow.money_in;
            sum.money_out += flow.money_out;
        }
        add_all(&mut self.funds, &other.funds);
        add_all(&mut self.money, &other.money);
        add_all(&mut self.accounts, &other.accounts);
        add_all(&mut self.families, &other.families);
        add_all(&mut self.loans, &other.loans);
        add_all(&mut self.custody, &other.custody);
        for (shelf, (quantity, value)) in &other.shelves {
            let sum = self.shelves.entry(shelf.clone()).or_default();
            *sum = (sum.0 + quantity, sum.1 + value);
        }
        for (key, flow) in &other.goods {
            self.goods.entry(key.clone()).or_default().add(flow);
        }
        for (key, (more, less)) in &other.held {
            let sum = self.held.entry(key.clone()).or_default();
            *sum = (sum.0 + more, sum.1 + less);
        }
    }

    /// Adds what an entry does to money, goods and families.
    fn absorb(&mut self, effects: &Effects) {
        for flow in &effects.flows {
            let sum = self.places.entry((flow.place.clone(), effects.nature)).or_default();
            sum.money_in += i128::from(flow.money_in.minor());
            sum.money_out += i128::from(flow.money_out.minor());
        }
        for posting in &effects.postings {
            let amount = i128::from(posting.amount.minor());
            match &posting.account {
                Account::Place(_) => *self.money.entry(posting.fund.clone()).or_default() += amount,
                // What lies in stores is added up from the goods themselves.
                Account::Stock(_) => {}
                Account::LoansReceivable => {
                    let key = (posting.fund.clone(), effects.nature);
                    *self.loans.entry(key).or_default() += amount;
                }
                Account::HeldForOthers => {
                    *self.custody.entry(effects.nature).or_default() -= amount;
                }
                account => {
                    let own = account.column().unwrap_or(Column::Earlier);
                    let column = if effects.earlier { Column::Earlier } else { own };
                    // Income is a credit and spending a debit: each column counts its own way up,
                    // so that closing = opening + received − spent + moved − lost + earlier.
                    let sign = if matches!(column, Column::Spent | Column::Lost) { 1 } else { -1 };
                    *self.funds.entry((posting.fund.clone(), column)).or_default() += sign * amount;
                    if !effects.earlier {
                        let (fund, programme) = (posting.fund.clone(), effects.programme.clone());
                        let key = (fund, account.clone(), programme);
                        *self.accounts.entry(key).or_default() += sign * amount;
                    }
                }
            }
        }
        if effects.families != 0 && !effects.earlier {
            *self.families.entry(effects.programme.clone()).or_default() += effects.families;
        }
        absorb_goods(self, effects);
    }

    /// Net value of a fund's stock.
    #[must_use]
    pub fn stock(&self, fund: &Code) -> i128 {
        let of_fund = self.shelves.iter().filter(|((_, own, _), _)| own == fund);
        of_fund.map(|(_, (_, value))| value).sum()
    }

    /// Net principal owed to a fund.
    #[must_use]
    pub fn lent(&self, fund: &Code) -> i128 {
        self.loans.iter().filter(|((own, _), _)| own == fund).map(|(_, amount)| amount).sum()
    }

    /// Net money through a place.
    #[must_use]
    pub fn place(&self, place: &Code) -> i128 {
        let through = |((code, _), flow): (&(Code, Kind), &InOut)| {
            if code == place { flow.money_in - flow.money_out } else { 0 }
        };
        self.places.iter().map(through).sum()
    }

    /// Net change of a fund's column.
    #[must_use]
    pub fn fund(&self, fund: &Code, column: Column) -> i128 {
        self.funds.get(&(fund.clone(), column)).copied().unwrap_or(0)
    }
}

/// Changes the sums that stand under a key, or makes them.
fn within<K: Ord + Clone>(all: &mut Map<K, Sums>, key: K, change: impl Fn(&mut Sums)) {
    if let Some(sums) = all.get_mut(&key) {
        change(sums);
        return;
    }
    let mut sums = Sums::default();
    change(&mut sums);
    all.insert_mut(key, sums);
}

fn add_all<K, N>(sums: &mut LiteMap<K, N>, others: &LiteMap<K, N>)
where
    K: Ord + Clone,
    N: AddAssign + Copy + Default,
{
    for (key, amount) in others {
        *sums.entry(key.clone()).or_default() += *amount;
    }
}

/// The sums of every day on which anything happened, and of every month. Copies are cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    by_day: Map<Date, Sums>,
    /// The same by month: a span of years is added up from these.
    by_month: Map<Month, Sums>,
}

/// What has a balance at the end of a day.
#[derive(Clone, Copy, Debug)]
pub enum Balance<'a> {
    /// A place of money, over all funds.
    Place(&'a Code),
    /// A fund's money, over all places.
    Fund(&'a Code),
    /// The quantity on a shelf.
    Quantity(&'a Shelf),
    /// The value on a shelf.
    Value(&'a Shelf),
}

impl Days {
    /// Takes in what an entry does: money on its effective day, the entry itself on its own date.
    pub fn absorb(&mut self, effects: &Effects) {
        let nothing = effects.postings.is_empty() && effects.changes.is_empty();
        let moves = !nothing || effects.families != 0;
        let same_day = effects.date == effects.effective;
        self.on(effects.date, |sums| {
            sums.entries += 1;
            if moves && same_day {
                sums.absorb(effects);
            }
        });
        if moves && !same_day {
            self.on(effects.effective, |sums| sums.absorb(effects));
        }
    }

    /// Changes the sums of a day and those of its month.
    fn on(&mut self, day: Date, change: impl Fn(&mut Sums)) {
        within(&mut self.by_day, day, &change);
        within(&mut self.by_month, day.month(), &change);
    }

    /// The sums from `from` to `to`, both included.
    #[must_use]
    pub fn sums(&self, from: Date, to: Date) -> Sums {
        let mut sums = Sums::default();
        let mut days = |from: Date, to: Date| {
            if from <= to {
                self.by_day.range(from..=to).for_each(|(_, day)| sums.add(day));
            }
        };
        let (first, last) = (from.month(), to.month());
        if first >= last {
            days(from, to);
            return sums;
        }
        // The parts of months at both ends, and the whole months between them.
        days(from, first.last_day());
        days(last.first_day(), to);
        let between = self.by_month.range((Bound::Excluded(first), Bound::Excluded(last)));
        between.for_each(|(_, month)| sums.add(month));
        sums
    }

    /// The sums of all days before `day`.
    #[must_use]
    pub fn before(&self, day: Date) -> Sums {
        let mut sums = Sums::default();
        self.by_month.range(..day.month()).for_each(|(_, month)| sums.add(month));
        let own = self.by_day.range(day.month().first_day()..day);
        own.for_each(|(_, sum)| sums.add(sum));
        sums
    }

    /// The lowest balance at the end of any day from `from` on, and that day, when the balance at
    /// the end of the last day is `now`.
    #[must_use]
    pub fn lowest_from(&self, of: Balance<'_>, from: Date, now: i128) -> (Date, i128) {
        let mut balance = now;
        let mut lowest = (from, balance);
        let mut last = None;
        for (day, sums) in self.by_day.range(from..).rev() {
            if last.is_none() {
                lowest = (*day, balance);
            }
            last = Some(*day);
            if balance < lowest.1 {
                lowest = (*day, balance);
            }
            balance -= net(of, sums);
        }
        // The end of `from` itself, when nothing was dated on it.
        if last.is_some_and(|day| day > from) && balance < lowest.1 {
            lowest = (from, balance);
        }
        lowest
    }

    /// The balance at the end of `day`, when the balance at the end of the last day is `now`;
    /// `None` beyond 2^53 − 1.
    #[must_use]
    pub fn balance_at(&self, of: Balance<'_>, day: Date, now: Money) -> Option<Money> {
        let later = self.by_day.iter().rev().take_while(|(other, _)| **other > day);
        let later: i128 = later.map(|(_, sums)| net(of, sums)).sum();
        within_range(i128::from(now.minor()) - later)
    }

    /// The last day on which money, goods or loans of a fund moved.
    #[must_use]
    pub fn last_moved(&self, fund: &Code) -> Option<Date> {
        let moved = |sums: &Sums| {
            sums.money.contains_key(fund)
                || sums.shelves.keys().any(|(_, own, _)| own == fund)
                || sums.loans.keys().any(|(own, _)| own == fund)
        };
        self.by_day.iter().rev().find(|(_, sums)| moved(sums)).map(|(day, _)| *day)
    }

    /// What is held for others at the end of `day`.
    #[must_use]
    pub fn custody_at(&self, day: Date) -> Money {
        let custody: Code = match CUSTODY_FUND.parse() {
            Ok(code) => code,
            Err(_) => return Money::ZERO,
        };
        let held = self.by_day.range(..=day).filter_map(|(_, sums)| sums.money.get(&custody)).sum();
        within_range(held).unwrap_or(Money::ZERO)
    }
}

/// A sum as an amount; `None` beyond 2^53 − 1.
#[must_use]
pub fn within_range(minor: i128) -> Option<Money> {
    i64::try_from(minor).ok().and_then(Money::new)
}

fn net(of: Balance<'_>, sums: &Sums) -> i128 {
    match of {
        Balance::Place(place) => sums.place(place),
        Balance::Fund(fund) => sums.money.get(fund).copied().unwrap_or(0),
        Balance::Quantity(shelf) => sums.shelves.get(shelf).map_or(0, |(quantity, _)| *quantity),
        Balance::Value(shelf) => sums.shelves.get(shelf).map_or(0, |(_, value)| *value),
    }
}

/// Goods through stores, and goods held for others.
fn absorb_goods(day: &mut Sums, effects: &Effects) {
    for flow in &effects.goods {
        let shelf = (flow.store.clone(), flow.fund.clone(), flow.item.clone());
        let (quantity, value) = net_of_goods(flow);
        let sum = day.shelves.entry(shelf).or_default();
        *sum = (sum.0 + quantity, sum.1 + value);
        if effects.nature == Kind::GoodsMoved {
            continue;
        }
        let key = (flow.fund.clone(), flow.item.clone(), effects.nature);
        day.goods.entry(key).or_default().add(&GoodsInOut {
            quantity_in: flow.goods_in.quantity.into(),
            quantity_out: flow.goods_out.quantity.into(),
            value_in: flow.goods_in.value.minor().into(),
            value_out: flow.goods_out.value.minor().into(),
        });
    }
    for change in &effects.changes {
        let Change::CustodyGoods { goods, .. } = change else { continue };
        for held in goods {
            let sum = day.held.entry((held.description.clone(), held.unit.clone())).or_default();
            let quantity = i128::from(held.quantity);
            // A reversal is a minus on the side that it reverses.
            if (quantity > 0) != (effects.kind == Kind::Reversed) {
                sum.0 += quantity;
            } else {
                sum.1 -= quantity;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_said_to_be_endless_is_refused_and_takes_no_memory() {
        let bytes = postcard::to_stdvec(&Sums::default()).unwrap();
        assert_eq!(bytes, [0; 11], "entries, then one list after another");
        assert_eq!(postcard::from_bytes::<Sums>(&bytes).unwrap(), Sums::default());
        for at in 1..bytes.len() {
            let mut said = bytes[..at].to_vec();
            said.extend([0xFF; 9]);
            said.push(1);
            said.extend(&bytes[at + 1..]);
            assert!(postcard::from_bytes::<Sums>(&said).is_err(), "{at}");
        }
    }
}
