//! `/<chapter>/dong-tien`: where the money of a fund (or of all of them) came from in a period and
//! what became of it. Both sides are figures of the statement; each leads to its entries.

use minijinja::context;
use minijinja::value::{Serde, Value};
use rocket::get;

use super::accounts::{choices, group_key};
use super::chosen::{Asked, Chosen, Period, period};
use super::home::page;
use super::ledgers::Ledgers;
use super::told;
use crate::books::accounts::Account;
use crate::books::statement::{Covers, FundRow, Statement};
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::publish::chart;
use crate::store::facade::{AccountsFilter, Group, OfProgramme, View};
use crate::web::guards::Once;
use crate::web::{Fault, Page};

/// Programmes that have a band of their own; the smaller ones share one.
const BANDS: usize = 7;

/// A source or a use.
#[derive(Clone, Debug)]
struct Part {
    /// The key of its name, where it has no name of its own.
    key: String,
    name: Option<String>,
    /// Where its entries are.
    href: Option<String>,
    /// Above zero.
    amount: i64,
    /// `came`, `used`, `left`, `goods`, `lent`, `lost` or `moved`: which pattern.
    style: &'static str,
}

/// What both sides are made from.
struct Asking<'a> {
    view: &'a View,
    fund: Option<Code>,
    period: Period,
    /// First and last day that count.
    days: (Date, Date),
}

impl Asking<'_> {
    /// The address of the entries of some accounts.
    fn of(&self, group: Group, programme: Option<OfProgramme>) -> String {
        self.in_period(self.period, Some(group), programme)
    }

    fn in_period(
        &self,
        period: Period,
        group: Option<Group>,
        programme: Option<OfProgramme>,
    ) -> String {
        let (fund, view) = (self.fund.clone(), self.view);
        let filter = AccountsFilter { fund, programme, group, ..AccountsFilter::default() };
        format!("/{}/cong-khai?{}", view.origin.slug(), Chosen { filter, period }.query())
    }

    /// What was there before the first day: as the books began with it, or as the flow up to the
    /// day before ends.
    fn opening(&self) -> String {
        let begun = self.view.books.chapter().map(|own| own.books_from);
        if begun == Some(self.days.0) && self.view.books.before() == 0 {
            return self.in_period(Period::All, Some(Group::Opening), None);
        }
        let until = Period::Days(None, Some(self.days.0.previous()));
        let fund = self.fund.as_ref().map(|code| format!("&quy={code}")).unwrap_or_default();
        format!("/{}/dong-tien?{}{fund}", self.view.origin.slug(), until.query())
    }

    /// What is there at the end of the last day.
    fn closing(&self, group: Option<Group>) -> String {
        let until = match self.period {
            Period::All => Period::All,
            _ => Period::Days(None, Some(self.days.1)),
        };
        self.in_period(until, group, None)
    }
}

/// Both sides, sources and uses.
#[derive(Default)]
struct Sides {
    sources: Vec<Part>,
    uses: Vec<Part>,
}

impl Sides {
    /// A figure with the key of its name; one below zero stands on the other side.
    fn source(&mut self, key: &str, amount: Money, href: Option<String>, style: &'static str) {
        self.put(true, key.to_owned(), None, (amount, href, style));
    }

    fn put(
        &mut self,
        source: bool,
        key: String,
        name: Option<String>,
        (amount, href, style): (Money, Option<String>, &'static str),
    ) {
        let own = amount.minor();
        let part = |amount| Part { key, name, href, amount, style };
        match (own > 0) == source {
            _ if own == 0 => {}
            true => self.sources.push(part(own.abs())),
            false => self.uses.push(part(own.abs())),
        }
    }
}

/// The figures of all funds of a statement together.
fn together(rows: &[FundRow]) -> Option<FundRow> {
    let mut rows = rows.iter().cloned();
    let first = rows.next()?;
    rows.try_fold(first, |all, row| {
        Some(FundRow {
            opening: all.opening.checked_add(row.opening)?,
            received: all.received.checked_add(row.received)?,
            spent: all.spent.checked_add(row.spent)?,
            moved: all.moved.checked_add(row.moved)?,
            lost: all.lost.checked_add(row.lost)?,
            earlier: all.earlier.checked_add(row.earlier)?,
            closing: all.closing.checked_add(row.closing)?,
            money: all.money.checked_add(row.money)?,
            stock: all.stock.checked_add(row.stock)?,
            loans: all.loans.checked_add(row.loans)?,
            ..all
        })
    })
}

/// Sources and uses of a statement.
fn sides(asking: &Asking<'_>, statement: &Statement) -> Sides {
    let mut sides = Sides::default();
    let Some(fund) = together(&statement.funds) else { return sides };
    sides.source("flow-opening", fund.opening, Some(asking.opening()), "came");
    for row in &statement.income {
        let Some(group) = Group::of(&row.account) else { continue };
        let key = group_key(&group);
        sides.source(&key, row.amount, Some(asking.of(group, None)), "came");
    }
    sides.source("flow-moved", fund.moved, Some(asking.of(Group::Moved, None)), "moved");
    let earlier = Some(asking.of(Group::Earlier, None));
    sides.source("public-earlier", fund.earlier, earlier, "moved");
    spending(asking, statement, &mut sides);
    let lost = Some(asking.of(Group::Lost, None));
    sides.put(false, "public-lost".to_owned(), None, (fund.lost, lost, "lost"));
    // What is held for others lies in the same places, and is no money of a fund.
    let held = statement.custody.as_ref().is_some_and(|own| own.closing != Money::ZERO);
    let money = (!held).then(|| asking.closing(None));
    sides.put(false, "flow-left".to_owned(), None, (fund.money, money, "left"));
    let stock = Some(asking.closing(Some(Group::Stock)));
    sides.put(false, "flow-goods".to_owned(), None, (fund.stock, stock, "goods"));
    let loans = Some(asking.closing(Some(Group::Loans)));
    sides.put(false, "flow-lent".to_owned(), None, (fund.loans, loans, "lent"));
    sides
}

/// What was spent: by programme, and without one by account.
fn spending(asking: &Asking<'_>, statement: &Statement, sides: &mut Sides) {
    let lost = [Account::LoanLosses, Account::StockLosses].map(|account| account.word());
    let rows = statement.spending.iter().filter(|row| !lost.contains(&row.account));
    let mut programmes: std::collections::BTreeMap<&Code, Money> = Default::default();
    let mut others = Vec::new();
    for row in rows {
        match &row.programme {
            Some(code) => {
                let sum = programmes.entry(code).or_default();
                *sum = sum.checked_add(row.amount).unwrap_or(*sum);
            }
            None => others.push(row),
        }
    }
    let mut programmes: Vec<_> = programmes.into_iter().collect();
    programmes.sort_by_key(|(_, amount)| std::cmp::Reverse(*amount));
    for (code, amount) in programmes {
        let name = told::programme_name(&asking.view.books, code.as_str());
        let href = asking.of(Group::Spending, Some(OfProgramme::One(code.clone())));
        let name = name.unwrap_or_else(|| code.to_string());
        sides.put(false, String::new(), Some(name), (amount, Some(href), "used"));
    }
    for row in others {
        let Some(group) = Group::of(&row.account) else { continue };
        let key = group_key(&group);
        let href = asking.of(group, Some(OfProgramme::None));
        sides.put(false, key, None, (row.amount, Some(href), "used"));
    }
}

/// What has a band of its own: the smaller programmes share one.
fn bands(parts: &[Part]) -> Vec<Part> {
    let (used, rest): (Vec<_>, Vec<_>) =
        parts.iter().cloned().partition(|part| part.style == "used");
    if used.len() <= BANDS + 1 {
        return parts.to_vec();
    }
    let (own, others) = used.split_at(BANDS);
    let amount = others.iter().map(|part| part.amount).sum();
    let key = "flow-others".to_owned();
    let others = Part { key, name: None, href: None, amount, style: "used" };
    own.iter().cloned().chain([others]).chain(rest).collect()
}

fn told_parts(parts: &[Part]) -> Vec<Value> {
    let told = parts.iter().map(|own| {
        context! {
            key => own.key.as_str(),
            name => own.name.as_deref(),
            href => own.href.as_deref(),
            amount => own.amount,
            style => own.style,
        }
    });
    told.collect()
}

/// The picture, with the words of each node.
fn picture(sides: &Sides) -> Option<Value> {
    let (sources, uses) = (bands(&sides.sources), bands(&sides.uses));
    if sources.is_empty() || uses.is_empty() {
        return None;
    }
    let amounts = |parts: &[Part]| parts.iter().map(|part| part.amount).collect::<Vec<_>>();
    let flow = chart::flow(&amounts(&sources), &amounts(&uses));
    let nodes = |parts: &[Part], nodes: Vec<chart::flow::Node>| -> Vec<Value> {
        let both = told_parts(parts).into_iter().zip(nodes);
        both.map(|(part, node)| context! { node => Serde(node), ..part }).collect()
    };
    Some(context! {
        width => flow.width,
        height => flow.height,
        middle => Serde(flow.middle),
        sources => nodes(&sources, flow.sources),
        uses => nodes(&uses, flow.uses),
    })
}

/// The page.
#[get("/<chapter>/dong-tien?<asked..>", rank = 19)]
pub async fn flow(
    chapter: &str,
    asked: Asked<'_>,
    _once: Once,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let fund = asked.filter(&view)?.fund;
    if fund.as_ref().is_some_and(|code| !view.books.register().funds().contains_key(code)) {
        return Err(Fault::NotFound);
    }
    let period = period(&asked, &view)?.unwrap_or(Period::All);
    let begun = view.books.chapter().ok_or(Fault::NotFound)?.books_from;
    let newest = super::chosen::ends(&view).ok_or(Fault::NotFound)?.1.last_day();
    let (from, to) = period.days(&view);
    // Nothing is dated behind the newest month of the books.
    let days = (from.unwrap_or(begun).max(begun), to.unwrap_or(newest));
    let covers = fund.clone().map_or(Covers::Chapter, Covers::Fund);
    let statement = view.books.statement(days.0, days.1, &covers).map_err(Fault::internal)?;
    let asking = Asking { view: &view, fund, period, days };
    let sides = sides(&asking, &statement);
    let sum = |parts: &[Part]| parts.iter().map(|part| part.amount).sum::<i64>();
    let fund = asking.fund.as_ref();
    let shown = context! {
        picture => picture(&sides),
        sources => told_parts(&sides.sources),
        uses => told_parts(&sides.uses),
        sum => sum(&sides.sources),
        fund => fund.map(|code| told::fund(&view.books, code.as_str())),
        fund_code => fund.map(ToString::to_string),
        period => period.word(),
        month => matches!(period, Period::Month(_)).then(|| period.word()).flatten(),
        days => context! { from => days.0.to_string(), to => to.map(|day| day.to_string()) },
        choices => choices(&view),
    };
    let code = fund.map_or("", |code| code.as_str());
    let state = format!("{}-{code}-{}", view.state(), period.query());
    Ok(page(&view, "public/flow.html", shown).of_state(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_programmes_share_a_band_and_the_sum_stays() {
        let part =
            |amount| Part { key: String::new(), name: None, href: None, amount, style: "used" };
        let mut parts: Vec<Part> = (1..=12).rev().map(part).collect();
        parts.push(Part { style: "left", ..part(5) });
        let own = bands(&parts);
        assert_eq!(own.len(), BANDS + 2);
        assert_eq!(own[BANDS].key, "flow-others");
        let sum = |parts: &[Part]| parts.iter().map(|part| part.amount).sum::<i64>();
        assert_eq!(sum(&own), sum(&parts));
        assert_eq!(bands(&parts[..8]).len(), 8);
    }
}
