//! The roll-up as tables, for files: what its page shows.

use super::ledgers::Speech;
use super::tables::column;
use super::tallied::{Column as Of, all_columns};
use crate::books::rollup::{RollUp, Totals};
use crate::money::{Money, signed_quantity};
use crate::publish::table::{Cell, Column, File, Kind, Table};

/// A figure of the roll-up: its name in JSON, the key of its title, and where it stands.
type Figure = (&'static str, &'static str, fn(&Totals) -> Money);

/// The figures in the order of the page.
const FIGURES: [Figure; 13] = [
    ("opening", "public-opening", |own| own.opening),
    ("received", "rolled-received", |own| own.received),
    ("from_chapters", "rolled-from-chapters", |own| own.from_chapters),
    ("aid_in_money", "rolled-aid-money", |own| own.aid_in_money),
    ("aid_in_kind", "rolled-aid-kind", |own| own.aid_in_kind),
    ("costs", "rolled-costs", |own| own.costs),
    ("to_chapters", "rolled-to-chapters", |own| own.to_chapters),
    ("lost", "part-lost", |own| own.lost),
    ("earlier", "rolled-earlier", |own| own.earlier),
    ("closing", "public-closing", |own| own.closing),
    ("money", "table-money", |own| own.money),
    ("goods", "stock-value", |own| own.goods),
    ("loans", "lent-of-that", |own| own.loans),
];

/// The figures: the sum of all ledgers, what is taken off, and what is left.
fn figures(rolled: &RollUp, speech: &Speech<'_>) -> Table {
    let own = |name, key: &str| column(name, key, Kind::Money, speech);
    let columns = vec![
        column("figure", "rolled-figure", Kind::Text, speech),
        own("sum", "rolled-sum"),
        own("netted", "rolled-netted"),
        own("total", "rolled-total"),
    ];
    let mut table = Table::new("figures", speech.say("rolled-figures"), columns);
    for (name, key, figure) in FIGURES {
        let netted = match name {
            "from_chapters" => Cell::some(rolled.netted.from_chapters.negated()),
            "to_chapters" => Cell::some(rolled.netted.to_chapters.negated()),
            _ => Cell::Empty,
        };
        table.push(vec![
            Cell::Text(speech.say(key)),
            Cell::Money(figure(&rolled.sum)),
            netted,
            Cell::Money(figure(&rolled.total)),
        ]);
    }
    table
}

/// The figures by chapter.
fn chapters(rolled: &RollUp, speech: &Speech<'_>) -> Table {
    let first = [
        column("chapter", "rolled-chapter", Kind::Text, speech),
        column("log", "table-log", Kind::Text, speech),
        column("size", "table-size", Kind::Number, speech),
    ];
    let amounts = FIGURES.iter().map(|(name, key, _)| column(name, key, Kind::Money, speech));
    let columns: Vec<Column> = first.into_iter().chain(amounts).collect();
    let mut table = Table::new("chapters", speech.say("rolled-by-chapter"), columns);
    for part in &rolled.parts {
        let first =
            [Cell::text(part.name.as_str()), Cell::text(part.log.as_str()), Cell::count(part.size)];
        let amounts = FIGURES.iter().map(|(_, _, figure)| Cell::Money(figure(&part.totals)));
        table.push(first.into_iter().chain(amounts).collect());
    }
    table.summed(speech.say("public-sum"))
}

/// What was spent by type of programme, and whom it reached.
fn types(rolled: &RollUp, speech: &Speech<'_>) -> Option<Table> {
    let mut shown = all_columns(rolled.types.values().map(|own| &own.done));
    shown.retain(|column| matches!(column, Of::Figure(_)));
    let mut columns = vec![
        column("type", "rolled-type", Kind::Text, speech),
        column("spent", "done-spent", Kind::Money, speech),
        Of::Families.column(speech),
    ];
    columns.extend(shown.iter().map(|own| own.column(speech)));
    let mut table = Table::new("types", speech.say("rolled-by-type"), columns);
    for (word, own) in &rolled.types {
        let key = format!("programme-{}", word.as_str().replace('_', "-"));
        let tally = crate::books::programmes::Tally {
            families: own.families,
            ..crate::books::programmes::Tally::default()
        };
        let mut row = vec![
            Cell::Text(speech.say(&key)),
            Cell::Money(own.spent),
            Of::Families.typed(&tally, speech),
        ];
        row.extend(shown.iter().map(|column| column.typed(&own.done, speech)));
        table.push(row);
    }
    (!table.rows.is_empty()).then(|| table.summed(speech.say("public-sum")))
}

/// Goods by name and unit.
fn goods(rolled: &RollUp, speech: &Speech<'_>) -> Option<Table> {
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let columns = vec![
        own("item", "stock-item", Kind::Text),
        own("unit", "table-unit", Kind::Short),
        own("in", "stock-in", Kind::Quantity),
        own("out", "stock-out", Kind::Quantity),
        own("left", "stock-left", Kind::Quantity),
        own("value", "stock-value", Kind::Money),
    ];
    let mut table = Table::new("goods", speech.say("goods-public-title"), columns);
    for (thing, own) in &rolled.goods {
        let quantity = |thousandths| Cell::Quantity(signed_quantity(thousandths));
        table.push(vec![
            Cell::text(thing.name.as_str()),
            Cell::text(thing.unit.as_str()),
            quantity(own.came_in),
            quantity(own.went_out),
            quantity(own.closing),
            Cell::Money(own.value),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.summed(speech.say("public-sum")))
}

/// What chapters sent each other: pairs, and what has no other side.
fn between(rolled: &RollUp, speech: &Speech<'_>) -> Option<Table> {
    let own = |name, key: &str, kind| column(name, key, kind, speech);
    let columns = vec![
        own("sent_by", "table-sent-by", Kind::Text),
        own("sent_seq", "table-entry", Kind::Ordinal),
        own("sent_on", "table-sent-on", Kind::Day),
        own("received_by", "table-received-by", Kind::Text),
        own("received_seq", "table-entry", Kind::Ordinal),
        own("received_on", "table-received-on", Kind::Day),
        own("value", "stock-value", Kind::Money),
    ];
    let mut table = Table::new("between", speech.say("rolled-pairs"), columns);
    let at = |own: &crate::books::exchange::At| {
        [Cell::text(own.log.as_str()), Cell::count(own.seq), Cell::Day(own.day)]
    };
    for own in &rolled.between.pairs {
        let sides = at(&own.sent).into_iter().chain(at(&own.received));
        table.push(sides.chain([Cell::Money(own.what.value)]).collect());
    }
    for own in &rolled.between.alone {
        let other = [Cell::text(own.other.as_str()), Cell::Empty, Cell::Empty];
        let sent = own.side == crate::books::exchange::Side::Sent;
        let (first, second) = if sent { (at(&own.at), other) } else { (other, at(&own.at)) };
        let sides = first.into_iter().chain(second);
        table.push(sides.chain([Cell::Money(own.what.value)]).collect());
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The tables of a roll-up; `name` is that of the file.
#[must_use]
pub fn roll_up(rolled: &RollUp, name: String, speech: &Speech<'_>) -> File {
    let all = [
        Some(figures(rolled, speech)),
        Some(chapters(rolled, speech)),
        types(rolled, speech),
        goods(rolled, speech),
        between(rolled, speech),
    ];
    let span = format!("{} – {}", rolled.from, rolled.to);
    let parts = rolled.parts.iter().map(|part| format!("{} ({})", part.log, part.size));
    File {
        name,
        title: speech.say("rolled-title"),
        about: vec![
            (speech.say("public-period"), span),
            (speech.say("rolled-chapters"), parts.collect::<Vec<_>>().join(", ")),
        ],
        at: None,
        tables: all.into_iter().flatten().collect(),
    }
}
