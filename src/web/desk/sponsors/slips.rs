//! Slips that are filled in for plans: a sponsor's gift, the handover to their families. The slip
//! carries the plans' opaque identifiers, and what it becomes is matched to them.

use std::collections::{BTreeMap, BTreeSet};

use rocket::{State, get};

use super::{find, open, typed};
use crate::import::text::essence;
use crate::ledger::voucher::{Body, Voucher};
use crate::ledger::word::{Code, Date, Person};
use crate::money::{Currency, Money};
use crate::store::Store;
use crate::store::desk::sponsorship::{Sponsorship, fund_of};
use crate::store::facade::Sponsorships;
use crate::web::desk::families::directory::{Directory, called};
use crate::web::desk::families::list::today;
use crate::web::desk::rounds::laying::MOST_LINES;
use crate::web::desk::slip::filled;
use crate::web::desk::{payments, receipts};
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// The most plans of one slip.
const MOST: usize = 100;

/// The plans that a slip is for.
#[derive(Clone, Default)]
pub struct ForPlans {
    ids: Vec<Person>,
    plans: Vec<ForPlan>,
    lacks: bool,
}

/// What decides whether a slip is matched to a plan, and what its recorder has to be told.
#[derive(Clone)]
struct ForPlan {
    fund: Code,
    sponsor: Person,
    /// The essence of the sponsor's name.
    name: String,
    families: BTreeSet<Person>,
}

impl ForPlans {
    /// The plans that a form names; whether it names more than there are.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn of(
        officer: &Officer,
        store: &Store,
        config: &Config,
        typed: &str,
    ) -> Result<Self, Fault> {
        let named: BTreeSet<&str> = typed.split_whitespace().collect();
        if named.is_empty() {
            return Ok(Self::default());
        }
        let words = typed.split_whitespace().take(MOST);
        let ids: Vec<Person> = words.flat_map(str::parse).collect();
        // Nothing of it is shown: the form has it already.
        let found = open(officer, store, config, |all| {
            let own = ids.iter().filter_map(|id| all.get(id));
            let own: Vec<_> = own.map(|own| (own.id.clone(), ForPlan::of(&all, own))).collect();
            (own, 0)
        });
        let (ids, plans): (Vec<Person>, Vec<ForPlan>) = found.await?.into_iter().unzip();
        let lacks = ids.len() != named.len();
        Ok(Self { ids, plans, lacks })
    }

    /// Whether a plan that the form names is none of this desk, or gone.
    #[must_use]
    pub const fn lacks(&self) -> bool {
        self.lacks
    }

    /// The plans that are there, as a form names them.
    #[must_use]
    pub fn typed(&self) -> String {
        self.ids.iter().map(Person::as_str).collect::<Vec<_>>().join(" ")
    }

    /// What becomes of the slip and its plans, as keys of texts.
    #[must_use]
    pub fn told(
        &self,
        voucher: &Voucher,
        (name, families): (&str, &Directory),
    ) -> Vec<&'static str> {
        if self.plans.is_empty() {
            return Vec::new();
        }
        let fund = fund_of(voucher);
        let fitting: Vec<_> = self.plans.iter().filter(|own| Some(&own.fund) == fund).collect();
        let Some(first) = fitting.first() else { return vec!["sponsor-slip-other-fund"] };
        let serves =
            |own: &&ForPlan| families.persons().any(|family| own.families.contains(family));
        match &voucher.body {
            Body::AidPaid(_) if !fitting.iter().any(serves) => vec!["sponsor-slip-no-family"],
            Body::Donation(_) if essence(name) != first.name => {
                vec!["sponsor-slip-for", "sponsor-slip-other-name"]
            }
            _ => vec!["sponsor-slip-for"],
        }
    }

    /// The plans.
    #[must_use]
    pub fn ids(&self) -> &[Person] {
        &self.ids
    }

    /// The sponsor of the first.
    #[must_use]
    pub fn sponsor(&self) -> Option<&Person> {
        self.plans.first().map(|own| &own.sponsor)
    }
}

impl ForPlan {
    fn of(all: &Sponsorships, own: &Sponsorship) -> Self {
        let name = all.donors.get(&own.sponsor).map(|donor| essence(&donor.record.full_name));
        let families = own.plan.links.iter().filter_map(|link| all.named.get(&link.id));
        Self {
            fund: own.plan.fund.clone(),
            sponsor: own.sponsor.clone(),
            name: name.unwrap_or_default(),
            families: families.cloned().collect(),
        }
    }
}

/// The gift of a plan's sponsor.
#[get("/ban/do-dau/<id>/phieu-thu")]
pub async fn gift(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let own = find(&officer, kept.0, config, id).await?;
    let owed = own.schedule.owed(own.today);
    let next = own.schedule.next_due().map_or(Money::ZERO, |period| period.expected);
    let amount = if owed.is_positive() { owed } else { next };
    let amount = match amount.is_positive() {
        true => typed(amount, &officer.books.currency()),
        false => String::new(),
    };
    let words = [
        ("sponsor", own.own.id.to_string()),
        ("donor_name", own.sponsor.full_name.clone()),
        ("donor_address", own.sponsor.address.clone().unwrap_or_default()),
        ("amount", amount),
        ("fund", own.own.plan.fund.to_string()),
    ];
    filled(&receipts::DONATION, &officer, words)
}

/// The handover of what is due of one plan.
#[get("/ban/do-dau/<id>/phieu-chi")]
pub async fn handover(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let own = find(&officer, kept.0, config, id).await?;
    let values = rows(&own.all, (&own.own, &[&own.own]), own.today, &officer.books.currency()).0;
    filled(&payments::AID, &officer, values)
}

/// The handover of what is due of a fund: of as many plans as one slip takes.
#[get("/ban/do-dau/den-han/phieu-chi/<fund>")]
pub async fn handovers(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fund: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let fund: Code = fund.parse().map_err(|_| Fault::NotFound)?;
    let today = today(&officer)?;
    let picked = open(&officer, kept.0, config, |all| {
        let first = all.plans.all.iter().find(|own| own.plan.fund == fund);
        let Some(first) = first else { return (None, 0) };
        let (own, left) = fitting(&all, &fund, today);
        let (mut values, number) = rows(&all, (first, &own), today, &officer.books.currency());
        values.push(("plans_left", left.to_string()));
        (Some(values), number)
    });
    let values = picked.await?.ok_or(Fault::NotFound)?;
    filled(&payments::AID, &officer, values)
}

/// The plans of a fund of which something is due and that one slip takes whole, the oldest first;
/// and how many are left for a further one.
fn fitting<'a>(all: &'a Sponsorships, fund: &Code, today: Date) -> (Vec<&'a Sponsorship>, usize) {
    let (mut fitting, mut left) = (Vec::new(), 0);
    let mut families: BTreeSet<Person> = BTreeSet::new();
    for own in all.plans.all.iter().filter(|own| own.plan.fund == *fund) {
        let payable = all.payable(&own.plan, today);
        let new = payable.keys().filter(|family| !families.contains(*family)).count();
        if payable.is_empty() {
            continue;
        }
        if left > 0 || fitting.len() == MOST || families.len() + new > MOST_LINES {
            left += 1;
            continue;
        }
        families.extend(payable.into_keys());
        fitting.push(own);
    }
    (fitting, left)
}

/// What a payment is filled in with: each family once, with what it is to get of these plans; and
/// the number of families. Fund and programme are those of `first`.
fn rows(
    all: &Sponsorships,
    (first, plans): (&Sponsorship, &[&Sponsorship]),
    today: Date,
    currency: &Currency,
) -> (Vec<(&'static str, String)>, usize) {
    let mut amounts: BTreeMap<Person, Money> = BTreeMap::new();
    let mut ids = Vec::new();
    for own in plans {
        let payable = all.payable(&own.plan, today);
        ids.push(own.id.as_str());
        for (family, amount) in payable {
            let sum = amounts.entry(family).or_insert(Money::ZERO);
            *sum = sum.checked_add(amount).unwrap_or(*sum);
        }
    }
    let mut values = vec![
        ("sponsor", ids.join(" ")),
        ("place", "cash".to_owned()),
        ("fund", first.plan.fund.to_string()),
        ("programme", first.plan.programme.to_string()),
    ];
    let mut known: Vec<(String, Money)> =
        amounts.iter().map(|(family, amount)| (called(family, &all.families), *amount)).collect();
    known.sort();
    let number = known.len();
    for (name, amount) in known {
        values.push(("line_name", name));
        values.push(("line_category", String::new()));
        values.push(("line_amount", typed(amount, currency)));
    }
    (values, number)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ledger::voucher::VoucherId;
    use crate::store::desk::register::{Family, Record};
    use crate::store::desk::sponsorship::{Every, Gift, Link, Plan, Standing, Step};

    fn id(number: usize) -> Person {
        format!("{number:016x}").parse().unwrap()
    }

    /// A plan that was given whole for so many families, counted from a number on.
    fn plan(fund: &str, number: usize, families: std::ops::Range<usize>) -> Sponsorship {
        let (from, amount) = ("2026-11-01".parse().unwrap(), Money::new(1_000).unwrap());
        let whole = Money::new(i64::try_from(families.len()).unwrap() * 1_000).unwrap();
        let link = |family| Link { id: id(family), steps: vec![Step { from, amount }] };
        let plan = Plan {
            fund: fund.parse().unwrap(),
            programme: "do-dau".parse().unwrap(),
            every: Every::Month,
            from,
            until: None,
            links: families.map(link).collect(),
            gifts: vec![Gift { voucher: voucher(), from, amount: whole }],
            handovers: Vec::new(),
            pauses: Vec::new(),
            ended: None,
            notes: None,
            changed: None,
        };
        Sponsorship { id: id(number), sponsor: id(0), plan, version: 0, turn: None }
    }

    fn voucher() -> VoucherId {
        "019a5000-0000-7000-8000-000000000001".parse().unwrap()
    }

    /// Which plans fit, and how many are left.
    fn told(plans: Vec<Sponsorship>) -> (Vec<Person>, usize) {
        let mut all = Sponsorships::default();
        let links = plans.iter().flat_map(|own| &own.plan.links);
        all.named = links.map(|link| (link.id.clone(), link.id.clone())).collect();
        let family = |person: &Person| Family {
            person: person.clone(),
            version: 0,
            changed_by: None,
            changed_at: None,
            record: Record::default(),
        };
        all.families.all = all.named.keys().map(family).collect();
        let standing = Standing {
            seq: Some(1),
            day: "2026-11-01".parse().unwrap(),
            amount: Money::new(9_000_000).unwrap(),
            came_back: Money::ZERO,
            absent: BTreeSet::new(),
        };
        all.vouchers.insert(voucher(), standing);
        all.plans.all = plans;
        let (fund, today) = ("do-dau".parse().unwrap(), "2026-11-20".parse().unwrap());
        let (fitting, left) = fitting(&all, &fund, today);
        (fitting.into_iter().map(|own| own.id.clone()).collect(), left)
    }

    #[test]
    fn a_slip_takes_whole_plans_of_at_most_four_hundred_families_and_a_hundred_plans() {
        let fifty = |at: usize| plan("do-dau", at, at * 50..at * 50 + 50);
        let first: Vec<Person> = (0..8).map(id).collect();
        assert_eq!(told((0..8).map(fifty).collect()), (first.clone(), 0));
        assert_eq!(told((0..11).map(fifty).collect()), (first.clone(), 3));
        // Families whom it has already need no further lines; plans of another fund don't count.
        let mut plans: Vec<_> = (0..8).map(fifty).collect();
        plans.push(plan("khac", 90, 900..950));
        plans.push(plan("do-dau", 91, 20..70));
        let mut more = first;
        more.push(id(91));
        assert_eq!(told(plans), (more, 0));
        // A plan across the border waits whole, and those behind it wait with it.
        let plans = vec![fifty(0), plan("do-dau", 1, 50..401), fifty(9)];
        assert_eq!(told(plans), (vec![id(0)], 2));
        let one = |at| plan("do-dau", at, 0..1);
        let (fitting, left) = told((0..103).map(one).collect());
        assert_eq!((fitting.len(), left), (100, 3));
    }
}
