//! The figures of goods, loans and programmes as tables, for files: what their pages show.

use super::activities::{Done, spelled, year};
use super::downloads::about;
use super::ledgers::{Ledgers, Speech, read};
use super::tallied::{Column as Of, columns};
use super::{goods as of_goods, lent, revolving as of_loans, told};
use crate::books::portfolio::{LoanAccount, LoanName, by_year, in_all, names};
use crate::books::programmes::Tally;
use crate::ledger::word::Code;
use crate::money::{Money, signed_quantity};
use crate::publish::table::{Cell, Column, File, Kind, Table};
use crate::store::facade::View;
use crate::web::Fault;

/// A file of a ledger.
#[must_use]
pub fn file(view: &View, speech: &Speech<'_>, name: &str, title: &str, all: Vec<Table>) -> File {
    File {
        name: format!("{}-{name}", view.origin.slug()),
        title: speech.say(title),
        about: about(view, speech),
        at: view.books.last_at().map(|at| at.utc()),
        tables: all,
    }
}

/// The name of a fund as people read it.
#[must_use]
pub fn fund(view: &View, code: &str, speech: &Speech<'_>) -> String {
    if code == crate::books::accounts::CUSTODY_FUND {
        return speech.say("public-custody");
    }
    told::fund_name(&view.books, code).unwrap_or_else(|| code.to_owned())
}

/// A column whose title is a text of the site.
#[must_use]
pub fn column(name: &'static str, key: &str, kind: Kind, speech: &Speech<'_>) -> Column {
    Column::new(name, speech.say(key), kind)
}

/// Goods: what came in and went out, what is left; and what is held for others.
///
/// # Errors
/// As the store has them.
pub async fn goods(view: &View, ledgers: &Ledgers<'_>, speech: &Speech<'_>) -> Result<File, Fault> {
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let columns = vec![
        own("item", "stock-item", Kind::Text).tagged("#item+name"),
        own("unit", "table-unit", Kind::Short).tagged("#item+unit"),
        own("opening", "book-opening", Kind::Quantity).tagged("#item+num+opening"),
        own("in", "stock-in", Kind::Quantity).tagged("#item+num+in"),
        own("out", "stock-out", Kind::Quantity).tagged("#item+num+out"),
        own("left", "stock-left", Kind::Quantity).tagged("#item+num+left"),
        own("value", "stock-value", Kind::Money).tagged("#value"),
        own("expiry", "stock-expiry", Kind::Day).tagged("#date+expiry"),
    ];
    let mut table = Table::new("goods", speech.say("goods-public-table"), columns);
    let expiries = of_goods::expiries(&view.books);
    let statement = super::home::whole(&view.books);
    for row in statement.iter().flat_map(|statement| &statement.goods) {
        let (name, unit) = of_goods::item(&view.books, row.item.as_str());
        let quantity =
            |own: &crate::ledger::voucher::SignedQuantity| Cell::Quantity(own.as_str().to_owned());
        table.push(vec![
            Cell::Text(name),
            Cell::Text(unit),
            quantity(&row.opening),
            quantity(&row.goods_in),
            quantity(&row.goods_out),
            quantity(&row.closing),
            Cell::Money(row.value.closing),
            expiries.get(&row.item).map_or(Cell::Empty, |day| Cell::Day(*day)),
        ]);
    }
    let held = ledgers.store().carried_goods(view.chapter, view.size()).await.map_err(read)?;
    let columns = vec![
        own("description", "stock-item", Kind::Text),
        own("unit", "table-unit", Kind::Short),
        own("date", "carried-on", Kind::Day),
        own("received", "carried-received", Kind::Quantity),
        own("handed", "carried-handed", Kind::Quantity),
        own("returned", "carried-returned", Kind::Quantity),
        own("held", "carried-held", Kind::Quantity),
    ];
    let mut carried = Table::new("held", speech.say("stock-held"), columns);
    for line in &held {
        let quantity = |thousandths| Cell::Quantity(signed_quantity(thousandths));
        carried.push(vec![
            Cell::text(line.description.as_str()),
            Cell::text(line.unit.as_str()),
            Cell::Day(line.day),
            quantity(line.received),
            quantity(line.handed),
            quantity(line.returned),
            quantity(line.held()),
        ]);
    }
    let mut all = vec![table.summed(speech.say("public-sum"))];
    all.extend(Some(carried).filter(|carried| !carried.rows.is_empty()));
    Ok(file(view, speech, "hien-vat", "goods-public-title", all))
}

/// What a loan is called.
fn loan_name(name: Option<LoanName>, speech: &Speech<'_>) -> String {
    match name {
        Some(LoanName::Number(number)) => number.to_string(),
        Some(LoanName::Opening(place)) => {
            speech.say_of("lent-opening", &[("number", place.to_string())])
        }
        None => speech.say("lent-loan"),
    }
}

/// The tables of funds that lend and of their years, still without rows.
fn lending_tables(speech: &Speech<'_>) -> (Table, Table) {
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let funds = Table::new(
        "funds",
        speech.say("lent-title"),
        vec![
            own("fund", "public-fund", Kind::Text),
            own("given", "lent-given", Kind::Money),
            own("lent", "lent-in-all", Kind::Money),
            own("outstanding", "lent-outstanding", Kind::Money),
            own("repaid", "lent-repaid", Kind::Money),
            own("lost", "lent-lost", Kind::Money),
            own("money", "lent-at-hand-figure", Kind::Money),
            own("loans", "lent-made", Kind::Number),
        ],
    );
    let years = Table::new(
        "years",
        speech.say("lent-years"),
        vec![
            own("fund", "public-fund", Kind::Text),
            own("year", "lent-year", Kind::Ordinal),
            own("loans", "lent-year-loans", Kind::Number),
            own("lent", "lent-chart-lent", Kind::Money),
            own("repaid", "lent-chart-repaid", Kind::Money),
            own("fees", "lent-year-fees", Kind::Money),
            own("written_off", "lent-year-written-off", Kind::Money),
            own("recovered", "lent-year-recovered", Kind::Money),
        ],
    );
    (funds, years)
}

/// The funds that lend, what was lent year by year, and every loan without a name; of one fund, or
/// of all.
///
/// # Errors
/// [`Fault::NotFound`] for what is no fund that lends; as the store has them.
pub async fn revolving(
    view: &View,
    ledgers: &Ledgers<'_>,
    speech: &Speech<'_>,
    quy: Option<&str>,
) -> Result<File, Fault> {
    let codes = of_loans::funds(view);
    let chosen = quy.filter(|text| !text.is_empty());
    if chosen.is_some_and(|text| !codes.iter().any(|code| code.as_str() == text)) {
        return Err(Fault::NotFound);
    }
    let codes: Vec<Code> =
        codes.into_iter().filter(|code| chosen.is_none_or(|text| code.as_str() == text)).collect();
    let (store, size) = (ledgers.store(), view.size());
    let loans = store.loans(view.chapter, size).await.map_err(read)?;
    let names = names(&loans);
    let name = |own: &LoanAccount| loan_name(names.get(&own.loan).copied(), speech);
    let (mut funds, mut years) = lending_tables(speech);
    for code in &codes {
        let capital = store.capital(view.chapter, code, size).await.map_err(read)?;
        let of_fund: Vec<&LoanAccount> = loans.iter().filter(|loan| loan.fund == *code).collect();
        let (all, fund) = (in_all(&of_fund), fund(view, code.as_str(), speech));
        let lost = capital.written_off.checked_sub(capital.recovered).unwrap_or_default();
        funds.push(vec![
            Cell::text(fund.as_str()),
            Cell::Money(capital.given()),
            Cell::Money(of_loans::lent_with_carried(&of_fund).0),
            Cell::Money(capital.loans),
            Cell::Money(all.repaid),
            Cell::Money(lost),
            Cell::Money(capital.money),
            Cell::count(all.loans),
        ]);
        for (year, own) in by_year(&of_fund) {
            years.push(vec![
                Cell::text(fund.as_str()),
                Cell::Number(year.into()),
                Cell::count(own.loans),
                Cell::Money(own.lent),
                Cell::Money(own.repaid),
                Cell::Money(own.fees),
                Cell::Money(own.written_off),
                Cell::Money(own.recovered),
            ]);
        }
    }
    let mut listed: Vec<&LoanAccount> =
        loans.iter().filter(|loan| codes.contains(&loan.fund)).collect();
    listed.sort_by_key(|loan| std::cmp::Reverse((loan.disbursed, loan.loan)));
    let loans = loans_table(&listed, view, speech, name);
    let word = || speech.say("public-sum");
    let all = vec![funds.summed(word()), years.summed(word()), loans.summed(word())];
    Ok(file(view, speech, "von-vay", "lent-title", all))
}

/// Loans without a name.
fn loans_table(
    listed: &[&LoanAccount],
    view: &View,
    speech: &Speech<'_>,
    name: impl Fn(&LoanAccount) -> String,
) -> Table {
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let mut table = Table::new(
        "loans",
        speech.say("lent-loans"),
        vec![
            own("loan", "lent-number", Kind::Short),
            own("date", "book-date", Kind::Day),
            own("fund", "public-fund", Kind::Text),
            own("purpose", "table-purpose", Kind::Short),
            own("principal", "lent-principal", Kind::Money),
            own("fee", "lent-fee", Kind::Money),
            own("repaid", "lent-paid-back", Kind::Money),
            own("owed", "lent-owed", Kind::Money),
            own("state", "lent-state", Kind::Short),
        ],
    );
    for loan in listed {
        let purpose = format!("word-purpose-{}", loan.purpose.as_str().replace('_', "-"));
        table.push(vec![
            Cell::Text(name(loan)),
            Cell::Day(loan.disbursed),
            Cell::Text(fund(view, loan.fund.as_str(), speech)),
            Cell::Text(speech.say(&purpose)),
            Cell::Money(loan.principal),
            Cell::Money(loan.fee_total),
            Cell::Money(loan.repaid),
            Cell::Money(loan.owed()),
            Cell::Text(speech.say(&format!("lent-state-{}", lent::state(loan)))),
        ]);
    }
    table
}

/// What programmes did: of a year or of all, and year by year.
///
/// # Errors
/// [`Fault::NotFound`] for what is no year of the ledger; as the store has them.
pub async fn activities(
    view: &View,
    ledgers: &Ledgers<'_>,
    speech: &Speech<'_>,
    nam: Option<&str>,
) -> Result<File, Fault> {
    let done = Done::of(view, ledgers).await?;
    let (offered, unasked) = done.years(view);
    let chosen = year(nam, &offered, unasked)?;
    let programmes = done.by_programme(chosen);
    let first = |name, key: &str, kind| column(name, key, kind, speech);
    let shown = columns(programmes.values());
    let sums = Tally::together(programmes.values());
    let rows = programmes.iter().map(|(code, tally)| {
        let name = told::programme_name(&view.books, code.as_str());
        (Cell::Text(name.unwrap_or_else(|| code.to_string())), tally)
    });
    let head = first("programme", "public-programme", Kind::Text).tagged("#activity+name");
    let mut own = tallies("programmes", head, &shown, rows, speech);
    let mut line = vec![Cell::Text(speech.say("public-sum"))];
    line.extend(shown.iter().map(|column| column.typed(&sums, speech)));
    line.push(Cell::Money(sums.spent()));
    own.sums = Some(line);
    own.title = match chosen {
        Some(year) => speech.say_of("done-in-year", &[("year", year.to_string())]),
        None => speech.say("done-in-all"),
    };
    let by_year = done.by_year(None);
    let of_years = columns(by_year.iter().map(|(_, tally)| tally));
    let rows = by_year.iter().map(|(year, tally)| (Cell::Number((*year).into()), tally));
    let head = first("year", "done-year", Kind::Ordinal).tagged("#date+year");
    let mut years = tallies("years", head, &of_years, rows, speech);
    years.title = speech.say("done-by-year");
    let name = format!("hoat-dong-{}", spelled(chosen));
    Ok(file(view, speech, &name, "done-title", vec![own, years]))
}

/// Tallies under a first column, with what was spent at the end.
fn tallies<'a>(
    name: &'static str,
    first: Column,
    shown: &[Of],
    rows: impl Iterator<Item = (Cell, &'a Tally)>,
    speech: &Speech<'_>,
) -> Table {
    let mut columns = vec![first];
    columns.extend(shown.iter().map(|of| of.column(speech)));
    columns.push(column("spent", "done-spent", Kind::Money, speech).tagged("#value+spent"));
    let mut table = Table::new(name, "", columns);
    for (head, tally) in rows {
        let mut row = vec![head];
        row.extend(shown.iter().map(|of| of.typed(tally, speech)));
        row.push(Cell::Money(tally.spent()));
        table.push(row);
    }
    table
}

/// An amount of a file that was read as JSON.
#[must_use]
pub fn minor(value: &serde_json::Value) -> Cell {
    Cell::amount(value.as_i64().and_then(Money::new))
}
