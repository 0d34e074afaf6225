//! `/<chapter>/quy`: the funds; `/<chapter>/quy/<code>`: one of them, or a campaign: what it asks
//! for, received, used and has, what it may be used for, and how to give.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value;
use rocket::{State, get};

use super::giving::{account, both, progress, taking, today};
use super::home::{months, page, whole};
use super::ledgers::{Ledgers, read};
use super::{lent, told};
use crate::books::statement::{Covers, Statement};
use crate::ledger::voucher::{FundType, Kind};
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::facade::{AccountsFilter, Taking, View};
use crate::web::{Config, Fault, Page};

/// Newest gifts of a fund's page, and lines that moved money to other funds.
const GIFTS: u32 = 8;
const MOVED: u32 = 10;

/// All funds.
#[get("/<chapter>/quy", rank = 19)]
pub async fn funds(
    chapter: &str,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let giving = ledgers.store().giving(view.chapter, &view.books).await.map_err(read)?;
    let today = today(&view, config)?;
    let statement = whole(&view.books);
    let rows = statement.as_ref().map_or(&[][..], |statement| &statement.funds);
    let all = giving.funds.iter().filter_map(|own| {
        let fund = &view.books.register().funds().get(&own.fund)?.fund;
        let row = rows.iter().find(|row| row.fund == own.fund);
        Some(context! {
            fund => told::fund(&view.books, own.fund.as_str()),
            kind => fund_type(fund.r#type),
            taking => taking(own.taking(&view.books, today)),
            figures => progress(row, fund.target.map(|own| own.money())),
        })
    });
    let shown = context! { funds => all.collect::<Vec<_>>(), months => months(&view.books) };
    let state = format!("{}-{}-{today}", view.state(), giving.version);
    Ok(page(&view, "public/funds.html", shown).of_state(state))
}

/// The key of a type's name.
fn fund_type(kind: FundType) -> String {
    format!("fund-type-{}", kind.as_str())
}

/// The figures of a fund over all days.
fn statement(view: &View, code: &Code) -> Option<Statement> {
    let first = view.books.chapter()?.books_from;
    let last = chrono::NaiveDate::from_ymd_opt(9999, 12, 31).and_then(Date::new)?;
    view.books.statement(first, last, &Covers::Fund(code.clone())).ok()
}

/// One fund.
#[get("/<chapter>/quy/<fund>", rank = 19)]
pub async fn fund(
    chapter: &str,
    fund: &str,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let code: Code = fund.parse().map_err(|_| Fault::NotFound)?;
    let state = view.books.register().funds().get(&code).ok_or(Fault::NotFound)?;
    let store = ledgers.store();
    let giving = store.giving(view.chapter, &view.books).await.map_err(read)?;
    let own = giving.fund(&code).ok_or(Fault::NotFound)?;
    // Before the names: one that is hidden meanwhile is not shown under what is told from then on.
    let names = store.names_state(view.chapter).await.map_err(read)?;
    let today = today(&view, config)?;
    let takes = own.taking(&view.books, today);
    let account = match takes {
        Taking::Open => account(&view, &giving, own, None)?,
        _ => None,
    };
    let statement = statement(&view, &code);
    let row = statement.as_ref().and_then(|own| own.funds.first());
    let moved = row.is_some_and(|row| row.moved != Money::ZERO) || state.closed;
    let shown = context! {
        fund => told::fund(&view.books, code.as_str()),
        kind => fund_type(state.fund.r#type),
        opened => own.opened,
        closed => state.closed,
        from => state.fund.from.map(|day| day.to_string()),
        to => state.fund.to.map(|day| day.to_string()),
        figures => progress(row, state.fund.target.map(|own| own.money())),
        terms => terms(&view, &code),
        taking => taking(takes),
        greeting => both(&own.chosen.greeting),
        account,
        code => own.chosen.code.as_str(),
        spending => spending(&view, statement.as_ref()),
        gifts => gifts(&ledgers, &view, &code).await?,
        moves => match moved {
            true => moves(&ledgers, &view, &code).await?,
            false => Vec::new(),
        },
        lends => state.fund.r#type == FundType::Revolving,
        sponsors => state.fund.r#type == FundType::Sponsorship,
        months => months(&view.books),
    };
    let state = format!("{}-{names}-{}-{today}", view.state(), giving.version);
    Ok(page(&view, "public/fund.html", shown).of_state(state))
}

/// What a fund may be used for.
fn terms(view: &View, code: &Code) -> Value {
    let Some(state) = view.books.register().funds().get(code) else { return Value::UNDEFINED };
    let terms = &state.fund.terms;
    let kinds = terms.kinds.iter().flat_map(|kinds| kinds.iter());
    let programmes = terms.programmes.iter().flat_map(|all| all.iter());
    context! {
        text => terms.text.to_string(),
        costs => terms.costs,
        until => terms.until.map(|day| day.to_string()),
        kinds => kinds.map(|kind| told::kind_key(*kind)).collect::<Vec<_>>(),
        programmes => programmes.map(|code| programme(view, code)).collect::<Vec<_>>(),
    }
}

fn programme(view: &View, code: &Code) -> (String, String) {
    let name = told::programme_name(&view.books, code.as_str());
    (code.to_string(), name.unwrap_or_else(|| code.to_string()))
}

/// What was spent and lost by programme, the largest first.
fn spending(view: &View, statement: Option<&Statement>) -> Vec<Value> {
    let mut all: BTreeMap<Option<&Code>, Money> = BTreeMap::new();
    for row in statement.iter().flat_map(|own| &own.spending) {
        let sum = all.entry(row.programme.as_ref()).or_default();
        *sum = sum.checked_add(row.amount).unwrap_or(*sum);
    }
    let mut all: Vec<(Option<&Code>, Money)> =
        all.into_iter().filter(|(_, sum)| *sum != Money::ZERO).collect();
    all.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let told = |(code, sum): (Option<&Code>, Money)| {
        context! { programme => code.map(|code| programme(view, code)), amount => sum.minor() }
    };
    all.into_iter().map(told).collect()
}

/// The newest gifts of money, each with the name that may be shown.
async fn gifts(ledgers: &Ledgers<'_>, view: &View, code: &Code) -> Result<Vec<Value>, Fault> {
    let store = ledgers.store();
    let filter = AccountsFilter {
        fund: Some(code.clone()),
        kind: Some(Kind::Donation),
        ..AccountsFilter::default()
    };
    let lines = store.accounts_before(view.chapter, &filter, view.size(), None, GIFTS).await;
    let mut all = Vec::new();
    for line in lines.map_err(read)?.iter().rev() {
        let seq = line.entry.place();
        let names = store.published_names(view.chapter, seq, seq + 1).await.map_err(read)?;
        let name = names.first().and_then(|name| name.disclosure.value().as_str());
        all.push(context! {
            seq,
            day => line.effective.to_string(),
            numbers => line.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            amount => line.money_in.minor(),
            name,
            reversed => line.reversed_by.is_some(),
        });
    }
    Ok(all)
}

/// Where money of the fund went on, and came from.
async fn moves(ledgers: &Ledgers<'_>, view: &View, code: &Code) -> Result<Vec<Value>, Fault> {
    let filter = AccountsFilter {
        fund: Some(code.clone()),
        kind: Some(Kind::FundTransfer),
        ..AccountsFilter::default()
    };
    let store = ledgers.store();
    let lines = store.accounts_before(view.chapter, &filter, view.size(), None, MOVED).await;
    let lines = lines.map_err(read)?;
    let mentions =
        lent::mentions(ledgers.store(), view, lines.iter().map(|line| &line.entry)).await?;
    Ok(lines.iter().rev().map(|line| told::line(view, line, None, &mentions)).collect())
}
