//! Periods, families and sponsors as pages show them.

use serde::Serialize;

use crate::ledger::word::{Date, Person};
use crate::money::Money;
use crate::store::desk::sponsorship::{Every, Part, Period, Plan};
use crate::store::facade::Sponsorships;

/// A family of a plan: by name, or why it has none here.
#[derive(Clone, Debug, Serialize)]
pub struct Family {
    /// What the plan calls it.
    pub link: String,
    /// Its identifier in the register.
    pub id: Option<String>,
    /// Its name; `None` for one that is held back or erased.
    pub name: Option<String>,
    /// Where it lives.
    pub hamlet: Option<String>,
    /// What it gets of each period now.
    pub amount: i64,
}

/// The families of a plan, those first that get something.
#[must_use]
pub fn families(all: &Sponsorships, plan: &Plan) -> Vec<Family> {
    let shown = |link: &crate::store::desk::sponsorship::Link| {
        let person = all.named.get(&link.id);
        let record = person.and_then(|person| all.families.get(person)).map(|own| &own.record);
        Family {
            link: link.id.to_string(),
            id: person.map(Person::to_string),
            name: record.map(|record| record.full_name.clone()),
            hamlet: record.and_then(|record| record.hamlet.clone()),
            amount: link.newest().minor(),
        }
    };
    let mut all: Vec<Family> = plan.links.iter().map(shown).collect();
    all.sort_by_key(|family| family.amount == 0);
    all
}

/// A part of a voucher.
#[derive(Clone, Debug, Serialize)]
pub struct ShownPart {
    seq: Option<u64>,
    voucher: String,
    day: String,
    amount: i64,
}

/// A part of a voucher as pages show it.
#[must_use]
pub fn part(part: &Part) -> ShownPart {
    ShownPart {
        seq: part.seq,
        voucher: part.voucher.to_string(),
        day: part.day.to_string(),
        amount: part.amount.minor(),
    }
}

/// What a family of a period lacks.
#[derive(Clone, Debug, Serialize)]
pub struct Lacks {
    /// Its name.
    name: Option<String>,
    /// What it is still to get.
    missing: i64,
}

/// A period.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The word for how long it is.
    every: &'static str,
    /// The month in which it begins, `MM/YYYY`.
    month: String,
    /// Its first day.
    pub from: String,
    to: String,
    expected: i64,
    received: i64,
    laid: i64,
    gift: &'static str,
    handover: &'static str,
    /// Whether something is missing for too long.
    pub overdue: bool,
    /// Whether it began.
    pub began: bool,
    gifts: Vec<ShownPart>,
    handovers: Vec<(ShownPart, u64)>,
    lacks: Vec<Lacks>,
}

/// The month of a period as its label says it.
#[must_use]
pub fn month(from: Date) -> String {
    from.naive().format("%m/%Y").to_string()
}

/// A period as pages show it.
#[must_use]
pub fn row(every: Every, period: &Period, families: &[Family], today: Date) -> Row {
    let lacks = period.shares.iter().filter(|share| share.missing().is_positive()).map(|share| {
        let own = families.iter().find(|family| family.link == share.link.as_str());
        Lacks { name: own.and_then(|family| family.name.clone()), missing: share.missing().minor() }
    });
    Row {
        every: every.as_str(),
        month: month(period.from),
        from: period.from.to_string(),
        to: period.to.to_string(),
        expected: period.expected.minor(),
        received: period.received().minor(),
        laid: period.laid().minor(),
        gift: period.gift().as_str(),
        handover: period.handover().as_str(),
        overdue: period.is_overdue(today),
        began: period.from <= today,
        gifts: period.gifts.iter().map(part).collect(),
        handovers: period.handed().iter().map(|(own, number)| (part(own), *number)).collect(),
        lacks: lacks.collect(),
    }
}

/// What is at hand: given and not handed over.
#[must_use]
pub fn at_hand(received: Money, handed: Money) -> i64 {
    received.minor() - handed.minor()
}
