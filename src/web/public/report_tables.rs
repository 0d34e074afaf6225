//! The tables of a statement, as a file: what its page shows.

use serde_json::Value as Json;

use super::ledgers::Speech;
use super::tables::{column, file, fund, minor};
use super::{goods, told};
use crate::books::programmes::FEWEST_SHOWN;
use crate::publish::table::{Cell, Column, File, Kind, Table};
use crate::store::facade::View;

/// Rows of a list in the file.
fn rows<'a>(statement: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    statement[name].as_array().into_iter().flatten()
}

fn text<'a>(row: &'a Json, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

/// Names, titles and kinds of columns of money.
fn moneys(speech: &Speech<'_>, all: &[(&'static str, &str)]) -> Vec<Column> {
    let own = all.iter().map(|(name, key)| column(name, key, Kind::Money, speech));
    own.map(|own| own.tagged("#value")).collect()
}

/// A table of rows with a name and amounts.
fn named(
    statement: &Json,
    (name, title): (&'static str, &str),
    first: Column,
    amounts: &[(&'static str, &str)],
    speech: &Speech<'_>,
    called: impl Fn(&Json) -> String,
) -> Table {
    let columns = [vec![first], moneys(speech, amounts)].concat();
    let mut table = Table::new(name, speech.say(title), columns);
    for row in rows(statement, name) {
        let cells = amounts.iter().map(|(own, _)| minor(&row[*own]));
        table.push([Cell::Text(called(row))].into_iter().chain(cells).collect());
    }
    table.summed(speech.say("public-sum"))
}

/// The place of a row, as people call it.
fn place(view: &View, code: &str, speech: &Speech<'_>) -> String {
    let key = told::place(&view.books, code).get_attr("key").unwrap_or_default();
    told::place_name(&view.books, code)
        .unwrap_or_else(|| speech.say(key.as_str().unwrap_or("place-cash")))
}

/// An account with the programme, as the page has it.
fn account(view: &View, row: &Json, speech: &Speech<'_>) -> String {
    let word = text(row, "account").replace(['_', ':'], "-");
    let name = speech.say(&format!("public-account-{word}"));
    match row["programme"].as_str() {
        Some(code) => {
            let programme = told::programme_name(&view.books, code);
            format!("{name} · {}", programme.unwrap_or_else(|| code.to_owned()))
        }
        None => name,
    }
}

/// Money by place, with the kinds of vouchers that moved it.
fn places(view: &View, statement: &Json, speech: &Speech<'_>) -> Option<Table> {
    let amounts = [
        ("opening", "public-opening"),
        ("in", "book-in"),
        ("out", "book-out"),
        ("closing", "public-closing"),
    ];
    let first = column("place", "public-place", Kind::Text, speech);
    let called = |row: &Json| place(view, text(row, "place"), speech);
    let table =
        named(statement, ("places", "public-table-places"), first, &amounts, speech, called);
    (!table.rows.is_empty()).then_some(table)
}

/// The money of places by the kind of voucher that moved it.
fn kinds(view: &View, statement: &Json, speech: &Speech<'_>) -> Option<Table> {
    let mut columns = vec![
        column("place", "public-place", Kind::Text, speech),
        column("kind", "public-kind", Kind::Text, speech),
    ];
    columns.extend(moneys(speech, &[("in", "book-in"), ("out", "book-out")]));
    let mut table = Table::new("places_by_kind", speech.say("table-by-kind"), columns);
    for own in rows(statement, "places") {
        for row in rows(own, "rows") {
            let kind = format!("public-kind-{}", text(row, "kind").replace('_', "-"));
            table.push(vec![
                Cell::Text(place(view, text(own, "place"), speech)),
                Cell::Text(speech.say(&kind)),
                minor(&row["in"]),
                minor(&row["out"]),
            ]);
        }
    }
    (!table.rows.is_empty()).then(|| table.summed(speech.say("public-sum")))
}

/// Principal that is owed: at both ends, and what changed it.
fn loans(statement: &Json, speech: &Speech<'_>) -> Option<Table> {
    let own = statement["loans"].as_object()?;
    let columns = [
        vec![column("what", "public-what", Kind::Text, speech)],
        moneys(speech, &[("amount", "public-amount")]),
    ];
    let mut table = Table::new("loans", speech.say("lent-report"), columns.concat());
    let line = |key: &str, amount: &Json| vec![Cell::Text(speech.say(key)), minor(amount)];
    table.push(line("public-opening", &own["opening"]));
    for row in own["rows"].as_array().into_iter().flatten() {
        let kind = format!("public-kind-{}", text(row, "kind").replace('_', "-"));
        table.push(line(&kind, &row["amount"]));
    }
    table.push(line("public-closing", &own["closing"]));
    Some(table)
}

/// Goods in units and in value.
fn items(view: &View, statement: &Json, speech: &Speech<'_>) -> Option<Table> {
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let mut table = Table::new(
        "goods",
        speech.say("goods-public-title"),
        vec![
            own("item", "stock-item", Kind::Text),
            own("unit", "table-unit", Kind::Short),
            own("opening", "public-opening", Kind::Quantity),
            own("in", "stock-in", Kind::Quantity),
            own("out", "stock-out", Kind::Quantity),
            own("closing", "public-closing", Kind::Quantity),
            own("value", "stock-value", Kind::Money),
        ],
    );
    for row in rows(statement, "goods") {
        let (name, unit) = goods::item(&view.books, text(row, "item"));
        let quantity = |name: &str| Cell::Quantity(row[name].as_str().unwrap_or("0").to_owned());
        table.push(vec![
            Cell::Text(name),
            Cell::Text(unit),
            quantity("opening"),
            quantity("in"),
            quantity("out"),
            quantity("closing"),
            minor(&row["value"]["closing"]),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.summed(speech.say("public-sum")))
}

/// Families served, by programme.
fn families(view: &View, statement: &Json, speech: &Speech<'_>) -> Option<Table> {
    let columns = vec![
        column("programme", "public-programme", Kind::Text, speech),
        column("lines", "public-families", Kind::Number, speech),
    ];
    let mut table = Table::new("families", speech.say("public-families"), columns);
    for row in rows(statement, "families") {
        let code = text(row, "programme");
        let name = told::programme_name(&view.books, code).unwrap_or_else(|| code.to_owned());
        // A number of a few points at somebody.
        let lines = match row["lines"].as_i64() {
            Some(few) if few < FEWEST_SHOWN => Cell::Text(speech.say("done-few-cell")),
            own => own.map_or(Cell::Empty, Cell::Number),
        };
        table.push(vec![Cell::Text(name), lines]);
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The tables of a statement.
#[must_use]
pub fn report(view: &View, period: &str, statement: &Json, speech: &Speech<'_>) -> File {
    let funds = [
        ("opening", "public-opening"),
        ("received", "figure-received"),
        ("spent", "figure-used"),
        ("moved", "public-moved-column"),
        ("lost", "public-lost"),
        ("earlier", "public-earlier"),
        ("closing", "public-closing"),
        ("loans", "lent-of-that"),
    ];
    let first = column("fund", "public-fund", Kind::Text, speech);
    let called = |row: &Json| fund(view, text(row, "fund"), speech);
    let funds = named(statement, ("funds", "public-table-funds"), first, &funds, speech, called);
    let accounts = |name: &'static str, title: &str| {
        let first = column("account", "public-account", Kind::Text, speech);
        let amount = [("amount", "public-amount")];
        let called = |row: &Json| account(view, row, speech);
        let table = named(statement, (name, title), first, &amount, speech, called);
        (!table.rows.is_empty()).then_some(table)
    };
    let all = [
        places(view, statement, speech),
        kinds(view, statement, speech),
        Some(funds),
        accounts("income", "public-table-income"),
        accounts("spending", "public-table-spending"),
        loans(statement, speech),
        items(view, statement, speech),
        families(view, statement, speech),
    ];
    let name = format!("bao-cao-{period}");
    let mut made = file(view, speech, &name, "public-report-title", Vec::new());
    made.tables = all.into_iter().flatten().collect();
    let span = format!("{} – {}", text(statement, "from"), text(statement, "to"));
    made.about.push((speech.say("public-period"), span));
    made
}
