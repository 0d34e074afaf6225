//! Slips that are filled in for plans: a sponsor's gift, the handover to their families. The slip
//! carries the plans' opaque identifiers, and what it becomes is matched to them.

use std::collections::BTreeMap;

use rocket::{State, get};

use super::{find, open};
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::sponsorship::Sponsorship;
use crate::store::facade::Sponsorships;
use crate::web::desk::families::directory::called;
use crate::web::desk::families::list::today;
use crate::web::desk::slip::filled;
use crate::web::desk::{payments, receipts};
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// The most plans of one slip.
const MOST: usize = 100;

/// The plans that a slip is for.
#[derive(Clone, Debug, Default)]
pub struct ForPlans {
    ids: Vec<Person>,
    sponsor: Option<Person>,
}

impl ForPlans {
    /// The plans that a form names; those that are gone meanwhile are passed over.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn of(
        officer: &Officer,
        store: &Store,
        config: &Config,
        typed: &str,
    ) -> Result<Self, Fault> {
        let ids: Vec<Person> = typed.split(' ').take(MOST).flat_map(str::parse).collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        // Nothing of it is shown: the form has it already.
        let found = open(officer, store, config, |all| {
            let own = ids.iter().filter_map(|id| all.get(id));
            let own: Vec<(Person, Person)> =
                own.map(|own| (own.id.clone(), own.sponsor.clone())).collect();
            (own, 0)
        });
        let found = found.await?;
        let sponsor = found.first().map(|(_, sponsor)| sponsor.clone());
        Ok(Self { ids: found.into_iter().map(|(id, _)| id).collect(), sponsor })
    }

    /// The plans.
    #[must_use]
    pub fn ids(&self) -> &[Person] {
        &self.ids
    }

    /// The sponsor of the first.
    #[must_use]
    pub const fn sponsor(&self) -> Option<&Person> {
        self.sponsor.as_ref()
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
    let words = [
        ("sponsor", own.own.id.to_string()),
        ("donor_name", own.sponsor.full_name.clone()),
        ("donor_address", own.sponsor.address.clone().unwrap_or_default()),
        ("amount", amount.minor().to_string()),
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
    let values = rows(&own.all, &[&own.own], own.today).0;
    filled(&payments::AID, &officer, values)
}

/// The handover of everything that is due of a fund.
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
        let own: Vec<&Sponsorship> =
            all.plans.all.iter().filter(|own| own.plan.fund == fund).take(MOST).collect();
        let (values, number) = rows(&all, &own, today);
        ((values, own.is_empty()), number)
    });
    let (values, none) = picked.await?;
    if none {
        return Err(Fault::NotFound);
    }
    filled(&payments::AID, &officer, values)
}

/// What a payment is filled in with: each family once, with what it is to get of these plans; and
/// the number of families.
fn rows(
    all: &Sponsorships,
    plans: &[&Sponsorship],
    today: Date,
) -> (Vec<(&'static str, String)>, usize) {
    let mut amounts: BTreeMap<Person, Money> = BTreeMap::new();
    let mut ids = Vec::new();
    for own in plans {
        let payable = all.payable(&own.plan, today);
        if !payable.is_empty() || plans.len() == 1 {
            ids.push(own.id.as_str());
        }
        for (family, amount) in payable {
            let sum = amounts.entry(family).or_insert(Money::ZERO);
            *sum = sum.checked_add(amount).unwrap_or(*sum);
        }
    }
    let mut values = vec![("sponsor", ids.join(" ")), ("place", "cash".to_owned())];
    if let Some(first) = plans.first() {
        values.push(("fund", first.plan.fund.to_string()));
        values.push(("programme", first.plan.programme.to_string()));
    }
    let mut known: Vec<(String, Money)> =
        amounts.iter().map(|(family, amount)| (called(family, &all.families), *amount)).collect();
    known.sort();
    let number = known.len();
    for (name, amount) in known {
        values.push(("line_name", name));
        values.push(("line_category", String::new()));
        values.push(("line_amount", amount.minor().to_string()));
    }
    (values, number)
}
