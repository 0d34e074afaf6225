//! `/do-dau/<code>`: what a sponsor promised, gave, and what became of it; a year of it on paper.
//!
//! The code is the key, as with a receipt: the address is never logged, never a referrer, and
//! nothing of the page is kept. Families are a number here, and nothing else.

use std::collections::BTreeSet;

use minijinja::context;
use minijinja::value::Value;
use rocket::{State, get};

use super::home::page;
use super::ledgers::{Ledgers, read, unreadable};
use super::peer::Peer;
use super::told;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Date;
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::DeskFault;
use crate::store::desk::sponsorship::{Part, Period, Schedule};
use crate::store::facade::{SponsorsView, View};
use crate::web::{Config, Fault, Page};

fn desk(fault: DeskFault) -> Fault {
    Fault::internal(fault)
}

/// A sponsor's own page; with `nam` the summary of a year.
#[get("/do-dau/<code>?<nam>", rank = 10)]
pub async fn sponsor(
    code: &str,
    nam: Option<i32>,
    peer: Peer,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    peer.looks_up()?;
    let store = ledgers.store();
    let found = match code.parse::<ReceiptCode>() {
        Ok(code) => {
            let found = store.sponsors_plan(&code).await.map_err(desk)?;
            found.map(|found| (code, found))
        }
        Err(_) => None,
    };
    let Some((code, (chapter, id))) = found else {
        peer.misses()?;
        return Err(Fault::NotFound);
    };
    // Whoever has a code that is right is not told that they mistyped it.
    let view = ledgers.view_of(chapter)?;
    let offset = view.books.chapter().map(|own| own.utc_offset.fixed());
    let today = offset.and_then(|offset| Date::new(config.clock.today(offset)));
    let today = today.ok_or_else(unreadable)?;
    let found = store.sponsors_view(chapter, &id, today).await.map_err(desk)?;
    let SponsorsView { plan, schedule } = found.ok_or(Fault::NotFound)?;
    let year = nam.filter(|year| years(&schedule).contains(year));
    let in_year = |day: Date| year.is_none_or(|year| day.year() == year);
    let next = schedule.next_due().filter(|_| plan.ended.is_none());
    let (near, far) = schedule.near_and_far(today);
    let rows = near.iter().filter(|period| {
        let touched = period.gifts.iter().chain(period.shares.iter().flat_map(|own| &own.parts));
        year.is_none_or(|year| period.from.year() == year)
            || touched.into_iter().any(|part| in_year(part.day))
    });
    let rows: Vec<Value> = rows.rev().map(|period| row(period, year, today)).collect();
    let gifts = gifts(store, &view, &schedule, in_year).await?;
    let handed = schedule.handovers().filter(|part| part.seq.is_some() && in_year(part.day));
    let shown = context! {
        code => code.as_str(),
        year,
        years => years(&schedule).into_iter().rev().collect::<Vec<_>>(),
        does => plan.state_on(today).as_str(),
        every => plan.every.as_str(),
        fund => told::fund(&view.books, plan.fund.as_str()),
        programme => told::programme_name(&view.books, plan.programme.as_str()),
        from => plan.from.to_string(),
        until => plan.until.map(|until| until.to_string()),
        promised => plan.amount_on(today.max(plan.from)).minor(),
        families => plan.links.iter()
            .filter(|link| link.amount_on(today.max(plan.from)).is_positive()).count(),
        received => gifts.1.minor(),
        handed => Money::sum(handed.map(|part| part.amount)).map_or(0, Money::minor),
        at_hand => schedule.received().minor() - schedule.handed().minor(),
        next => next.map(|period| context! {
            day => period.from.to_string(),
            amount => period.expected.minor() - period.received().minor(),
            began => period.from <= today,
        }),
        gifts => gifts.0,
        rows,
        ahead => ahead(far, in_year),
        today => today.to_string(),
    };
    Ok(page(&view, "public/sponsor.html", shown).private_address())
}

/// What was given, and what was handed over, for periods further ahead than the page shows.
fn ahead(far: &[Period], wanted: impl Fn(Date) -> bool) -> [i64; 2] {
    let given = far.iter().flat_map(|period| &period.gifts);
    let handed = far.iter().flat_map(|period| &period.shares).flat_map(|share| &share.parts);
    let sum = |parts: &mut dyn Iterator<Item = &Part>| {
        let own = parts.filter(|part| part.seq.is_some() && wanted(part.day));
        Money::sum(own.map(|part| part.amount)).map_or(0, Money::minor)
    };
    [sum(&mut given.into_iter()), sum(&mut handed.into_iter())]
}

/// The years in which something was given or handed over.
fn years(schedule: &Schedule) -> BTreeSet<i32> {
    schedule.gifts().chain(schedule.handovers()).map(|part| part.day.year()).collect()
}

fn row(period: &Period, year: Option<i32>, today: Date) -> Value {
    let own = |part: &Part| year.is_none_or(|year| part.day.year() == year);
    let handed = period.handed().into_iter().filter(|(part, _)| part.seq.is_some() && own(part));
    let handed: Vec<Value> = handed
        .map(|(part, families)| {
            context! {
                seq => part.seq,
                day => part.day.to_string(),
                amount => part.amount.minor(),
                families,
            }
        })
        .collect();
    context! {
        month => period.from.naive().format("%m/%Y").to_string(),
        expected => period.expected.minor(),
        received => period.received().minor(),
        gift => period.gift().as_str(),
        handover => period.handover().as_str(),
        handed,
        began => period.from <= today,
    }
}

/// The gifts, each with its receipt, the newest first; and their sum.
async fn gifts(
    store: &Store,
    view: &View,
    schedule: &Schedule,
    wanted: impl Fn(Date) -> bool,
) -> Result<(Vec<Value>, Money), Fault> {
    let mut all: Vec<(VoucherId, u64, Date, Money)> = Vec::new();
    for part in schedule.gifts().filter(|part| wanted(part.day)) {
        let Some(seq) = part.seq else { continue };
        match all.iter_mut().find(|(voucher, ..)| *voucher == part.voucher) {
            Some((.., sum)) => *sum = sum.checked_add(part.amount).unwrap_or(*sum),
            None => all.push((part.voucher.clone(), seq, part.day, part.amount)),
        }
    }
    all.sort_by_key(|(_, seq, day, _)| std::cmp::Reverse((*day, *seq)));
    let mut shown = Vec::with_capacity(all.len());
    for (_, seq, day, amount) in &all {
        let known = store.known_entry(view.chapter, *seq, view.size()).await.map_err(read)?;
        let receipt = known.and_then(|known| store.receipt_code(&known.entry));
        shown.push(context! {
            seq,
            day => day.to_string(),
            amount => amount.minor(),
            receipt => receipt.map(|code| code.to_string()),
        });
    }
    let sum = Money::sum(all.into_iter().map(|(.., amount)| amount)).unwrap_or_default();
    Ok((shown, sum))
}
