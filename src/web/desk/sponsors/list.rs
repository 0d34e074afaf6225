//! All plans, and what is due of them.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use rocket::{State, get};
use serde::Serialize;

use super::{funds, open, shown};
use crate::ledger::word::{Date, Person};
use crate::money::Money;
use crate::store::desk::sponsorship::{Filled, Sponsorship, State as Does};
use crate::store::facade::Sponsorships;
use crate::web::desk::describe;
use crate::web::desk::families::list::today;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// A plan in the list.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    sponsor: String,
    fund: String,
    every: &'static str,
    amount: i64,
    families: usize,
    state: &'static str,
    owed: i64,
    payable: i64,
    overdue: bool,
    idle: bool,
}

/// The sponsor's name; plans of sponsors who are held back are not among those that are read.
fn sponsor(all: &Sponsorships, own: &Sponsorship) -> String {
    let record = all.donors.get(&own.sponsor).map(|donor| donor.record.full_name.clone());
    record.unwrap_or_default()
}

fn row(officer: &Officer, all: &Sponsorships, own: &Sponsorship, today: Date) -> Row {
    let (plan, schedule) = (&own.plan, all.schedule(&own.plan, today));
    let payable = Money::sum(all.payable(plan, today).into_values()).unwrap_or_default();
    let overdue = schedule.due(today).any(|period| period.is_overdue(today));
    Row {
        id: own.id.to_string(),
        sponsor: sponsor(all, own),
        fund: describe::fund_name(&officer.books, plan.fund.as_str()),
        every: plan.every.as_str(),
        amount: Money::sum(plan.links.iter().map(|link| link.newest())).map_or(0, Money::minor),
        families: plan.links.iter().filter(|link| link.newest().is_positive()).count(),
        state: plan.state_on(today).as_str(),
        owed: schedule.owed(today).minor(),
        payable: payable.minor(),
        overdue,
        idle: schedule.idle,
    }
}

/// All plans: those that run first, by the sponsor's name.
#[get("/ban/do-dau")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let today = today(&officer)?;
    let picked = open(&officer, kept.0, config, |all| {
        let mut rows: Vec<Row> =
            all.plans.all.iter().map(|own| row(&officer, &all, own, today)).collect();
        rows.sort_by_cached_key(|row| {
            (row.state == "ended", crate::import::text::fold(&row.sponsor))
        });
        let number = rows.len();
        ((rows, all.plans.held_back), number)
    });
    let (rows, held_back) = picked.await?;
    Ok(crate::web::desk::page(
        &officer,
        "desk/sponsors/list.html",
        context! {
            rows => minijinja::value::Serde(rows),
            held_back,
            funds => funds(&officer.books),
        },
    ))
}

/// A period of somebody's plan.
#[derive(Debug, Serialize)]
struct Due {
    id: String,
    sponsor: String,
    phone: Option<String>,
    payable: bool,
    owed: bool,
    period: shown::Row,
}

/// Periods of a plan that lack something, and the one that goes on now.
fn due_of(all: &Sponsorships, own: &Sponsorship, today: Date) -> Vec<Due> {
    let (plan, schedule) = (&own.plan, all.schedule(&own.plan, today));
    let families = shown::families(all, plan);
    let donor = all.donors.get(&own.sponsor).map(|donor| &donor.record);
    let goes_on = plan.state_on(today) == Does::Running;
    let periods = schedule.periods.iter().filter(|_| !schedule.idle);
    let shown = periods.filter(|period| {
        period.from <= today && (period.is_open() || (goes_on && period.to >= today))
    });
    shown
        .map(|period| {
            let funded = period.gift() == Filled::Whole;
            Due {
                id: own.id.to_string(),
                sponsor: sponsor(all, own),
                phone: donor.and_then(|donor| donor.phone.clone()),
                payable: funded && period.laid() < period.expected,
                owed: period.received() < period.expected,
                period: shown::row(plan.every, period, &families, today),
            }
        })
        .collect()
}

/// Plans that nobody is left for and that did not end: identifier and sponsor.
fn idle(all: &Sponsorships, today: Date) -> Vec<(String, String)> {
    let idle = all
        .plans
        .all
        .iter()
        .filter(|own| own.plan.state_on(today) != Does::Ended && all.is_idle(&own.plan));
    idle.map(|own| (own.id.to_string(), sponsor(all, own))).collect()
}

/// What is due, overdue first.
#[get("/ban/do-dau/den-han")]
pub async fn due(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let today = today(&officer)?;
    let picked = open(&officer, kept.0, config, |all| {
        let mut rows: Vec<Due> =
            all.plans.all.iter().flat_map(|own| due_of(&all, own, today)).collect();
        rows.sort_by_cached_key(|row| {
            let open = row.owed || row.payable;
            (!row.period.overdue, !open, row.period.from.clone(), row.id.clone())
        });
        let mut payable: BTreeMap<String, (BTreeSet<Person>, i64)> = BTreeMap::new();
        for own in &all.plans.all {
            for (family, amount) in all.payable(&own.plan, today) {
                let sum = payable.entry(own.plan.fund.to_string()).or_default();
                sum.0.insert(family);
                sum.1 += amount.minor();
            }
        }
        let idle = idle(&all, today);
        let number = rows.len() + idle.len();
        ((rows, payable, idle), number)
    });
    let (rows, payable, idle) = picked.await?;
    let payable: Vec<(String, String, usize, i64)> = payable
        .into_iter()
        .map(|(fund, (families, sum))| {
            let name = describe::fund_name(&officer.books, &fund);
            (fund, name, families.len(), sum)
        })
        .collect();
    Ok(crate::web::desk::page(
        &officer,
        "desk/sponsors/due.html",
        context! {
            rows => minijinja::value::Serde(rows),
            payable,
            idle,
            today => today.to_string(),
        },
    ))
}
