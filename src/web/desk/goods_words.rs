//! Goods in the words of the desk: members of vouchers, and what a store has before and after.

use serde::Serialize;
use serde_json::Value;

use super::describe::{Changed, Row, fund_name};
use crate::books::Books;
use crate::books::effects::Effects;
use crate::ledger::voucher::Kind;
use crate::ledger::word::Code;
use crate::money::signed_quantity;
use crate::web::vocabulary;

/// The name of an item, with the unit in which it is counted.
fn item(books: &Books, code: &str) -> (String, String) {
    let found = code.parse::<Code>().ok();
    let item = found.as_ref().and_then(|code| books.register().items().get(code));
    item.map_or_else(
        || (code.to_owned(), String::new()),
        |item| (item.name.to_string(), item.unit.to_string()),
    )
}

/// The name of an item.
#[must_use]
pub fn item_name(books: &Books, code: &str) -> String {
    item(books, code).0
}

/// The name of a store.
#[must_use]
pub fn store_name(books: &Books, code: &str) -> String {
    let found = code.parse::<Code>().ok();
    let store = found.as_ref().and_then(|code| books.register().stores().get(code));
    store.map_or_else(|| code.to_owned(), |store| store.name.to_string())
}

/// A quantity of goods with what else is known of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Goods {
    /// As the ledger writes quantities.
    pub quantity: String,
    /// The unit in which the item is counted.
    pub unit: String,
    /// The last good day.
    pub expiry: Option<String>,
    /// Condition and fund.
    pub more: Vec<String>,
}

/// A quantity as the ledger writes it, as people here do and with the item's unit: `12,5 kg`.
#[must_use]
pub fn with_unit(books: &Books, code: &str, quantity: &str) -> String {
    format!("{} {}", quantity.replace('.', ","), item(books, code).1).trim_end().to_owned()
}

/// A quantity in thousandths, in the item's unit.
#[must_use]
pub fn quantity(books: &Books, code: &str, thousandths: i64) -> Goods {
    let quantity = signed_quantity(thousandths);
    Goods { quantity, unit: item(books, code).1, ..Goods::default() }
}

fn row(label: &str, form: &'static str, text: impl Into<String>, number: i64) -> Row {
    let (label, goods) = (format!("voucher-{label}"), None);
    Row { label, form, text: text.into(), number, goods }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// `Gạo tẻ: 12,5 kg`.
fn goods(books: &Books, label: &str, line: &Value) -> Row {
    let (name, unit) = item(books, text(line, "item"));
    let goods = Goods { quantity: text(line, "quantity").to_owned(), unit, ..Goods::default() };
    Row { goods: Some(goods), ..row(label, "goods", name, 0) }
}

/// The rows of a member that is about goods; `None` for any other.
pub(super) fn member(books: &Books, kind: Kind, name: &str, value: &Value) -> Option<Vec<Row>> {
    let rows = match (name, value) {
        ("store" | "from_store" | "to_store", Value::String(code)) => {
            vec![row(&name.replace('_', "-"), "text", store_name(books, code), 0)]
        }
        ("item" | "store", Value::Object(opened)) => opened
            .iter()
            .map(|(name, value)| match value {
                Value::Bool(whole) => {
                    row("whole", "key", if *whole { "unit-whole" } else { "unit-parts" }, 0)
                }
                value => row(name, "text", value.as_str().unwrap_or_default(), 0),
            })
            .collect(),
        ("lots", Value::Array(lots)) => lots.iter().map(|lot| of_lot(books, lot)).collect(),
        ("goods", Value::Array(all)) if kind == Kind::OpeningBalance => {
            all.iter().map(|lot| of_lot(books, lot)).collect()
        }
        // The figures of a closing are on the statement's page.
        ("goods", Value::Array(_)) if kind == Kind::PeriodClosed => Vec::new(),
        ("goods", Value::Array(held)) => held.iter().map(of_held).collect(),
        ("items", Value::Array(items)) => {
            items.iter().map(|line| goods(books, "items", line)).collect()
        }
        ("lines", Value::Array(lines)) if kind == Kind::GoodsDistributed => {
            distributed(books, lines)
        }
        ("differences", Value::Array(all)) => {
            all.iter().flat_map(|line| of_difference(books, kind, line)).collect()
        }
        ("extra", Value::Number(extra)) => {
            vec![row("extra", "money", "", extra.as_i64().unwrap_or(0))]
        }
        ("sender", Value::Object(_)) => vec![
            row("sender-log", "text", text(value, "log"), 0),
            row("sender-id", "text", text(value, "id"), 0),
        ],
        ("to_log", Value::String(log)) => vec![row("to-log", "text", log, 0)],
        ("allow_expired", Value::Bool(allowed)) => {
            vec![row(
                "allow-expired",
                "key",
                if *allowed { "expired-yes" } else { "expired-no" },
                0,
            )]
        }
        ("lines", Value::Number(absent)) => {
            vec![row("lines", "number", "", absent.as_i64().unwrap_or(0))]
        }
        _ => return None,
    };
    Some(rows)
}

fn of_lot(books: &Books, lot: &Value) -> Row {
    let mut row = goods(books, "lots", lot);
    row.form = "lot";
    row.number = lot.get("value").and_then(Value::as_i64).unwrap_or(0);
    if let Some(goods) = &mut row.goods {
        goods.expiry = Some(text(lot, "expiry").to_owned()).filter(|day| !day.is_empty());
        let fund = text(lot, "fund");
        let fund = if fund.is_empty() { String::new() } else { fund_name(books, fund) };
        let more = [text(lot, "condition").to_owned(), fund];
        goods.more = more.into_iter().filter(|word| !word.is_empty()).collect();
    }
    row
}

fn of_held(held: &Value) -> Row {
    let (quantity, unit) = (text(held, "quantity").to_owned(), text(held, "unit").to_owned());
    let goods = Goods { quantity, unit, ..Goods::default() };
    Row { goods: Some(goods), ..row("goods", "goods", text(held, "description"), 0) }
}

/// Families in sum alone; what each gets where all get the same.
fn distributed(books: &Books, lines: &[Value]) -> Vec<Row> {
    let number = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let mut rows = vec![row("families", "number", "", number)];
    let first = lines.first().and_then(|line| line.get("items"));
    let same = lines.iter().all(|line| line.get("items") == first);
    if let Some(Value::Array(items)) = first.filter(|_| same) {
        rows.extend(items.iter().map(|line| goods(books, "each", line)));
    }
    rows
}

fn of_difference(books: &Books, kind: Kind, line: &Value) -> Vec<Row> {
    let key = |member: &str| {
        vocabulary::key(kind, Some("differences"), member, text(line, member)).unwrap_or_default()
    };
    vec![
        goods(books, "differences", line),
        row("differences", "key", key("direction"), 0),
        row("differences", "key", key("reason"), 0),
    ]
}

/// Stock before and after, item by item.
pub(super) fn changes(books: &Books, effects: &Effects) -> Vec<Changed> {
    let changed = |flow: &crate::books::effects::GoodsFlow| {
        let shelf = (flow.store.clone(), flow.fund.clone(), flow.item.clone());
        let before = books.stock().total(&shelf).quantity;
        let after = before + flow.goods_in.quantity - flow.goods_out.quantity;
        let (code, store) = (flow.item.as_str(), store_name(books, flow.store.as_str()));
        Changed {
            what: "stock",
            name: format!("{} · {store}", item_name(books, code)),
            before: 0,
            after: 0,
            goods: Some((quantity(books, code, before), quantity(books, code, after))),
        }
    };
    effects.goods.iter().map(changed).collect()
}
