//! `/<chapter>/cong-khai`: the published accounts, a page at a time, with their pictures. The same
//! page lists the entries behind any figure of a statement: what they did to some accounts.

use minijinja::context;
use minijinja::value::Value;
use rocket::get;

use super::chosen::{ALL, Asked, Chosen, KINDS, Period, ends, position, spelled};
use super::home::page;
use super::ledgers::{Ledgers, read};
use super::lent::{self, Mentions};
use super::{pictures, told};
use crate::money::Money;
use crate::store::Store;
use crate::store::facade::{
    AccountsFilter, AccountsLine, AccountsSum, Group, OfProgramme, Position, View,
};
use crate::web::guards::Once;
use crate::web::{Fault, Page};

/// Lines of a page.
const LINES: u32 = 40;

/// Where a line stands in the list.
pub fn place_of(line: &AccountsLine) -> Position {
    Position { day: line.effective, seq: line.entry.place() }
}

/// A line with the balance behind it, where a balance means anything.
pub type Balanced = (AccountsLine, Option<Money>);

/// Lines with the balance behind each: from the one that is given, or from what the books had
/// before the first of them.
///
/// # Errors
/// As the store has them.
pub async fn with_balances(
    lines: Vec<AccountsLine>,
    filter: &AccountsFilter,
    view: &View,
    (store, before): (&Store, Option<Money>),
) -> Result<Vec<Balanced>, Fault> {
    let mut balance = match lines.first().filter(|_| filter.has_balance()) {
        Some(_) if before.is_some() => before,
        Some(first) => {
            let at = place_of(first);
            let before = store.money_before(view.chapter, filter, view.size(), at).await;
            Some(before.map_err(read)?)
        }
        None => None,
    };
    let mut told = Vec::with_capacity(lines.len());
    for line in lines {
        balance = balance
            .and_then(|balance| balance.checked_add(line.money_in)?.checked_sub(line.money_out));
        told.push((line, balance));
    }
    Ok(told)
}

/// The lines of a page, and the positions of the pages beside it.
struct Shown {
    lines: Vec<AccountsLine>,
    previous: Option<String>,
    next: Option<String>,
}

impl Shown {
    async fn of(
        asked: &Asked<'_>,
        filter: &AccountsFilter,
        view: &View,
        store: &Store,
    ) -> Result<Self, Fault> {
        let (after, before) = (position(asked.sau)?, position(asked.truoc)?);
        let backwards = before.is_some() && after.is_none();
        let (chapter, size) = (view.chapter, view.size());
        let mut lines = if backwards {
            store.accounts_before(chapter, filter, size, before, LINES + 1).await
        } else {
            store.accounts_after(chapter, filter, size, after, LINES + 1).await
        }
        .map_err(read)?;
        let more = lines.len() > usize::try_from(LINES).unwrap_or(usize::MAX);
        if more && backwards {
            lines.remove(0);
        } else if more {
            lines.pop();
        }
        let has_previous = if backwards { more } else { after.is_some() };
        let has_next = if backwards { !lines.is_empty() } else { more };
        let previous = lines.first().map(place_of).filter(|_| has_previous).map(spelled);
        let next = lines.last().map(place_of).filter(|_| has_next).map(spelled);
        Ok(Self { lines, previous, next })
    }
}

/// The published accounts.
#[get("/<chapter>/cong-khai?<asked..>", rank = 20)]
pub async fn accounts(
    chapter: &str,
    asked: Asked<'_>,
    _once: Once,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let chosen = asked.chosen(&view, &ledgers).await?;
    let (store, size) = (ledgers.store(), view.size());
    let filter = &chosen.filter;
    let names = store.names_state(view.chapter).await.map_err(read)?;
    let Shown { lines, previous, next } = Shown::of(&asked, filter, &view, store).await?;
    let first_page = previous.is_none();
    let sum = store.accounts_sum(view.chapter, filter, size).await.map_err(read)?;
    let lines = with_balances(lines, filter, &view, (store, None)).await?;
    let mentions = mentions(&lines, &view, store).await?;
    let here = format!("/{}/cong-khai", view.origin.slug());
    // A later page of a long list is read for its lines.
    let (picture, programmes) = match first_page {
        true => (
            pictures::of_accounts(&chosen, &here, &view, &ledgers).await?,
            match filter.programme.is_none()
                && filter.place.is_none()
                && filter.kind.is_none()
                && matches!(filter.group, None | Some(Group::Spending))
            {
                true => pictures::of_programmes(&chosen, &here, &view, &ledgers).await?,
                false => Vec::new(),
            },
        ),
        false => (None, Vec::new()),
    };
    let shown = context! {
        lines => lines.iter().map(|(line, balance)| {
            told_line(&view, filter, line, *balance, &mentions)
        }).collect::<Vec<_>>(),
        query => chosen.query(),
        previous,
        next,
        has_balance => filter.has_balance(),
        ends => balances(&chosen, &sum, &view, store).await?,
        sum => told_sum(filter, &sum),
        picture,
        programmes,
        chosen => told_choice(&chosen, &view),
        choices => choices(&view),
    };
    let place = asked.sau.or(asked.truoc).unwrap_or("0");
    // Positions were read above: letters of days and digits alone.
    let state = format!("{}-{names}-{}-{place}", view.state(), chosen.query());
    Ok(page(&view, "public/accounts.html", shown).of_state(state))
}

/// A line for the template: money in and out, or the amount of the accounts that are asked for.
fn told_line(
    view: &View,
    filter: &AccountsFilter,
    line: &AccountsLine,
    balance: Option<Money>,
    mentions: &Mentions,
) -> Value {
    let own = told::line(view, line, balance.map(Money::minor), mentions);
    let Some(group) = filter.group.as_ref().filter(|group| !group.is_asset()) else { return own };
    let amount = pictures::one(group.is_credit(), line.money_in.minor(), line.money_out.minor());
    context! { amount, ..own }
}

fn told_sum(filter: &AccountsFilter, sum: &AccountsSum) -> Value {
    let (money_in, money_out) = (sum.money_in.minor(), sum.money_out.minor());
    let credit = filter.group.as_ref().is_some_and(Group::is_credit);
    context! {
        count => sum.count,
        money_in,
        money_out,
        net => money_in - money_out,
        amount => pictures::one(credit, money_in, money_out),
    }
}

/// What was chosen, for the form and the words above the list.
fn told_choice(chosen: &Chosen, view: &View) -> Value {
    let filter = &chosen.filter;
    let days = match chosen.period {
        Period::Days(from, to) => {
            let day = |day: Option<crate::ledger::word::Date>| day.map(|day| day.to_string());
            Some(context! { from => day(from), to => day(to) })
        }
        _ => None,
    };
    context! {
        period => chosen.period.word(),
        month => matches!(chosen.period, Period::Month(_)).then(|| chosen.period.word()).flatten(),
        year => matches!(chosen.period, Period::Year(_)).then(|| chosen.period.word()).flatten(),
        days,
        fund => filter.fund.as_ref().map(ToString::to_string),
        programme => filter.programme.as_ref().map(|programme| match programme {
            OfProgramme::One(code) => code.to_string(),
            OfProgramme::None => super::chosen::NONE.to_owned(),
        }),
        kind => filter.kind.map(|kind| kind.as_str()),
        natural => filter.natural,
        place => filter.place.as_ref().map(|place| told::place(&view.books, place.as_str())),
        place_code => filter.place.as_ref().map(ToString::to_string),
        group => filter.group.as_ref().map(|group| context! {
            word => group.word(),
            key => group_key(group),
            asset => group.is_asset(),
        }),
    }
}

/// The key of what a group of accounts is called.
#[must_use]
pub fn group_key(group: &Group) -> String {
    match group {
        Group::One(account) => {
            format!("public-account-{}", account.word().replace(['_', ':'], "-"))
        }
        own => format!("accounts-group-{}", own.word()),
    }
}

/// The balances at both ends of what is shown, where a balance means anything.
async fn balances(
    chosen: &Chosen,
    sum: &AccountsSum,
    view: &View,
    store: &Store,
) -> Result<Option<Value>, Fault> {
    let filter = &chosen.filter;
    if !filter.has_balance() {
        return Ok(None);
    }
    let opening = opening(filter, view, store).await?;
    let closing = opening.checked_add(sum.money_in).and_then(|all| all.checked_sub(sum.money_out));
    Ok(closing.map(|closing| context! { opening => opening.minor(), closing => closing.minor() }))
}

/// What the lines of a filter start from.
///
/// # Errors
/// As the store has them.
pub async fn opening(filter: &AccountsFilter, view: &View, store: &Store) -> Result<Money, Fault> {
    let Some(day) = filter.from else { return Ok(Money::ZERO) };
    let at = Position { day, seq: 0 };
    store.money_before(view.chapter, filter, view.size(), at).await.map_err(read)
}

/// What can be asked for.
#[must_use]
pub fn choices(view: &View) -> Value {
    let (mut months, mut years) = (Vec::new(), Vec::new());
    if let Some((first, mut month)) = ends(view) {
        while month >= first && months.len() < 240 {
            months.push(month.to_string());
            let year = month.first_day().year().to_string();
            if years.last() != Some(&year) {
                years.push(year);
            }
            month = month.previous();
        }
    }
    let register = view.books.register();
    context! {
        all => ALL,
        months,
        years,
        funds => register.funds().values().map(|fund| {
            (fund.fund.code.to_string(), fund.fund.name.to_string())
        }).collect::<Vec<_>>(),
        programmes => register.programmes().values().map(|programme| {
            (programme.code.to_string(), programme.name.to_string())
        }).collect::<Vec<_>>(),
        kinds => KINDS.iter().map(|kind| {
            (kind.as_str(), told::kind_key(*kind))
        }).collect::<Vec<_>>(),
    }
}

/// What lines did to loans.
///
/// # Errors
/// As the store has them.
pub async fn mentions(lines: &[Balanced], view: &View, store: &Store) -> Result<Mentions, Fault> {
    lent::mentions(store, view, lines.iter().map(|(line, _)| &line.entry)).await
}
