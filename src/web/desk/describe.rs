//! Vouchers and entries in the words of the desk: what templates show of them.

use serde::Serialize;
use serde_json::Value;

use super::goods_words::Goods;
use crate::books::Books;
use crate::books::accounts::{Account, CUSTODY_FUND};
use crate::books::effects::Effects;
use crate::ledger::voucher::{Body, Kind, Voucher};
use crate::ledger::word::{Code, Month};
use crate::money::Money;
use crate::store::facade::Line;
use crate::web::vocabulary;

/// A row of a voucher: the key of its label, and the value in one of several forms.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The key of the label.
    pub label: String,
    /// `money`, `date`, `key` (of a text), `number`, `entry`, `both`, `goods`, `lot`, or `text`.
    pub form: &'static str,
    /// A text, date or key.
    pub text: String,
    /// An amount or number.
    pub number: i64,
    /// A quantity, for `goods` and `lot`.
    pub goods: Option<Goods>,
}

/// An entry in short.
#[derive(Clone, Debug, Serialize)]
pub struct Short {
    /// Its place in the ledger.
    pub seq: u64,
    /// The business date.
    pub date: String,
    /// The kind.
    pub kind: &'static str,
    /// The public remark.
    pub note: Option<String>,
    /// The numbers that people read, such as PT-2026-00012: one of each series that it touches.
    pub numbers: Vec<String>,
    /// Money in over all places.
    pub money_in: i64,
    /// Money out over all places.
    pub money_out: i64,
    /// The entry that it reverses.
    pub reverses: Option<u64>,
    /// The entry that reverses it.
    pub reversed_by: Option<u64>,
    /// When it was appended.
    pub at: String,
    /// Its leaf hash.
    pub leaf: String,
}

/// A balance before and after.
#[derive(Clone, Debug, Serialize)]
pub struct Changed {
    /// `place`, `fund` or `stock`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// Before.
    pub before: i64,
    /// After.
    pub after: i64,
    /// The same of goods.
    pub goods: Option<(Goods, Goods)>,
}

/// What a closing says of places and funds: opening, in, out and closing of each.
#[derive(Clone, Debug, Serialize)]
pub struct Closed {
    /// The statement's name in addresses.
    pub period: String,
    /// Name; opening, in, out, closing.
    pub places: Vec<(String, Vec<i64>)>,
    /// Name; opening, received, spent, the rest, closing.
    pub funds: Vec<(String, Vec<i64>)>,
    /// What is held for others.
    pub custody: i64,
}

/// The figures of a closing; `None` of any other voucher.
#[must_use]
pub fn closed(books: &Books, voucher: &Voucher) -> Option<Closed> {
    let Body::PeriodClosed(body) = &voucher.body else { return None };
    let value = voucher.value();
    let rows = |list: &str, code: &str, names: &[&str], name: fn(&Books, &str) -> String| {
        let rows = value.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
        let of = |row: &Value, name: &str| row.get(name).and_then(Value::as_i64).unwrap_or(0);
        rows.iter()
            .map(|row| {
                let code = row.get(code).and_then(Value::as_str).unwrap_or_default();
                let figures: Vec<i64> = names.iter().map(|name| of(row, name)).collect();
                (name(books, code), figures)
            })
            .collect::<Vec<_>>()
    };
    let places = ["opening", "in", "out", "closing"];
    let mut funds = rows("funds", "fund", &["opening", "received", "spent", "closing"], fund_name);
    for (_, figures) in &mut funds {
        // What moved between funds, was lost or corrects an earlier period makes up the rest.
        let rest = figures[3] - figures[0] - figures[1] + figures[2];
        figures.insert(3, rest);
    }
    Some(Closed {
        period: body.through.to_string(),
        places: rows("places", "place", &places, place_name),
        funds,
        custody: body.custody.minor(),
    })
}

/// The name of a place of money.
#[must_use]
pub fn place_name(books: &Books, code: &str) -> String {
    let found = code.parse::<Code>().ok();
    let place = found.as_ref().and_then(|code| books.register().places().get(code));
    let name = place.and_then(|place| place.opened.as_ref()).map(|place| place.name.to_string());
    name.unwrap_or_else(|| if code == "cash" { "Tiền mặt".to_owned() } else { code.to_owned() })
}

/// The name of a fund.
#[must_use]
pub fn fund_name(books: &Books, code: &str) -> String {
    if code == CUSTODY_FUND {
        return "Tiền giữ hộ".to_owned();
    }
    let found = code.parse::<Code>().ok();
    let fund = found.as_ref().and_then(|code| books.register().funds().get(code));
    fund.map_or_else(|| code.to_owned(), |fund| fund.fund.name.to_string())
}

/// The name of a programme.
#[must_use]
pub fn programme_name(books: &Books, code: &str) -> String {
    let found = code.parse::<Code>().ok();
    let programme = found.as_ref().and_then(|code| books.register().programmes().get(code));
    programme.map_or_else(|| code.to_owned(), |programme| programme.name.to_string())
}

/// A month as people here write it: `11/2026`.
#[must_use]
pub fn month(month: &Month) -> String {
    month.first_day().naive().format("%m/%Y").to_string()
}

/// An entry in short.
#[must_use]
pub fn line(_: &Books, line: &Line) -> Short {
    let voucher = line.entry.voucher();
    let sum = |of: fn(&crate::books::effects::PlaceFlow) -> Money| {
        line.effects.flows.iter().map(|flow| of(flow).minor()).sum()
    };
    Short {
        seq: line.entry.place(),
        date: voucher.date.to_string(),
        kind: voucher.kind().as_str(),
        note: voucher.note.as_ref().map(ToString::to_string),
        numbers: line.effects.numbers.iter().map(ToString::to_string).collect(),
        money_in: sum(|flow| flow.money_in),
        money_out: sum(|flow| flow.money_out),
        reverses: line.reverses,
        reversed_by: line.reversed_by,
        at: line.entry.at.to_string(),
        leaf: line.leaf.to_string(),
    }
}

/// Balances of places and funds before and after a voucher.
#[must_use]
pub fn changes(books: &Books, effects: &Effects) -> Vec<Changed> {
    let mut all = Vec::new();
    for flow in &effects.flows {
        let now = books.register().places().get(&flow.place);
        let before = now.map_or(0, |place| place.balance.minor());
        let name = place_name(books, flow.place.as_str());
        let after = before + flow.money_in.minor() - flow.money_out.minor();
        all.push(Changed { what: "place", name, before, after, goods: None });
    }
    let mut funds: std::collections::BTreeMap<&Code, i64> = std::collections::BTreeMap::new();
    for posting in &effects.postings {
        if let Account::Place(_) = posting.account {
            *funds.entry(&posting.fund).or_default() += posting.amount.minor();
        }
    }
    for (fund, change) in funds {
        let before = books.fund_money(fund).minor();
        let name = fund_name(books, fund.as_str());
        all.push(Changed { what: "fund", name, before, after: before + change, goods: None });
    }
    all.extend(super::goods_words::changes(books, effects));
    all
}

/// A voucher in full: every public member.
#[must_use]
pub fn voucher(books: &Books, voucher: &Voucher) -> Vec<Row> {
    let mut rows = Vec::new();
    let Value::Object(members) = voucher.value() else { return rows };
    let closing = voucher.kind() == Kind::PeriodClosed;
    let mut members: Vec<(&String, &Value)> = members.iter().collect();
    if closing {
        // Places, funds and what is held for others are tables of their own (`closed`).
        members.retain(|(name, _)| !["places", "funds", "custody"].contains(&name.as_str()));
        members.sort_by_key(|(name, _)| {
            let order = ["through", "date", "entries", "bank", "goods", "loans"];
            order.iter().position(|own| own == name).unwrap_or(order.len())
        });
    }
    for (name, value) in members {
        if !["by", "id", "log", "kind", "_sd"].contains(&name.as_str()) {
            member(books, voucher.kind(), name, value, &mut rows);
        }
    }
    rows
}

/// The amount that a voucher is about.
#[must_use]
pub fn total(voucher: &Voucher) -> Option<i64> {
    let value = voucher.value();
    let lines = |name: &str| -> Option<i64> {
        let lines = value.get(name)?.as_array()?;
        lines.iter().map(|line| line.get("amount").and_then(Value::as_i64)).sum()
    };
    value
        .get("amount")
        .and_then(Value::as_i64)
        .or_else(|| lines("lines"))
        .or_else(|| lines("money"))
        .or_else(|| value.get("counted").and_then(Value::as_i64))
        .or_else(|| value.get("principal").and_then(Value::as_i64))
}

fn row(label: &str, form: &'static str, text: impl Into<String>, number: i64) -> Row {
    let label = format!("voucher-{}", label.replace('_', "-"));
    Row { label, form, text: text.into(), number, goods: None }
}

fn member(books: &Books, kind: Kind, name: &str, value: &Value, rows: &mut Vec<Row>) {
    if let Some(own) = super::admin::rows::member(books, name, value) {
        rows.extend(own);
        return;
    }
    if let Some(own) = super::goods_words::member(books, kind, name, value) {
        rows.extend(own);
        return;
    }
    match (name, value) {
        (
            "amount" | "counted" | "difference" | "target" | "principal" | "fee" | "fee_total",
            Value::Number(number),
        ) => {
            rows.push(row(name, "money", "", number.as_i64().unwrap_or(0)));
        }
        (
            "date" | "books_from" | "received_on" | "as_of" | "until" | "from" | "to",
            Value::String(day),
        ) => {
            rows.push(row(name, "date", day, 0));
        }
        ("place" | "from_place" | "to_place", Value::String(code)) => {
            rows.push(row(name, "text", place_name(books, code), 0));
        }
        ("fund" | "from_fund" | "to_fund", Value::String(code)) => {
            rows.push(row(name, "text", fund_name(books, code), 0));
        }
        ("programme", Value::String(code)) => {
            rows.push(row(name, "text", programme_name(books, code), 0));
        }
        ("of" | "loan", Value::Number(_) | Value::Object(_)) => rows.push(named(name, value)),
        (_, Value::Array(list)) => listed(books, kind, name, list, rows),
        ("counts", Value::Object(counts)) => counted(counts, rows),
        ("donor", Value::Object(donor)) => {
            let word = donor.get("type").and_then(Value::as_str).unwrap_or_default();
            rows.push(row("donor", "key", format!("donor-{word}"), 0));
        }
        ("payee", Value::Object(payee)) => match payee.get("name").and_then(Value::as_str) {
            Some(name) => rows.push(row("payee", "text", name, 0)),
            None => rows.push(row("payee", "key", "payee-person", 0)),
        },
        ("place" | "fund" | "programme", Value::Object(inner)) => {
            for (name, value) in inner {
                nested(kind, name, value, rows);
            }
        }
        ("figure", Value::Object(_)) => {
            listed(books, kind, "figures", std::slice::from_ref(value), rows)
        }
        ("to", Value::Object(_)) | ("_sd", _) => {}
        ("through", Value::String(text)) => {
            let shown = text.parse().map_or_else(|_| text.clone(), |own| month(&own));
            rows.push(row(name, "text", shown, 0));
        }
        (name, Value::String(text)) => match vocabulary::key(kind, None, name, text) {
            // The same member as the class of what is held for others, and another question.
            Some(key) if kind == Kind::PrivacyErased => {
                rows.push(row("erasure-class", "key", key, 0));
            }
            Some(key) => rows.push(row(name, "key", key, 0)),
            None => rows.push(row(name, "text", text, 0)),
        },
        (name, Value::Number(number)) => {
            rows.push(row(name, "number", "", number.as_i64().unwrap_or(0)));
        }
        _ => {}
    }
}

/// A loan that ran when the books began: its fund, and what was owed.
fn running(books: &Books, loan: &Value) -> Row {
    let of = |name: &str| loan.get(name).and_then(Value::as_i64).unwrap_or(0);
    let code = loan.get("fund").and_then(Value::as_str).unwrap_or_default();
    row("loan", "both", fund_name(books, code), of("principal") - of("paid"))
}

/// The entry that a member names, alone or with the line of an opening balance.
fn named(name: &str, value: &Value) -> Row {
    let seq = value.as_i64().or_else(|| value.get("seq")?.as_i64());
    row(name, "entry", "", seq.unwrap_or(0))
}

/// Families per category.
fn counted(counts: &serde_json::Map<String, Value>, rows: &mut Vec<Row>) {
    for (category, number) in counts {
        let label = format!("category-{}", category.replace('_', "-"));
        let number = number.as_i64().unwrap_or(0);
        rows.push(Row { label, form: "number", text: String::new(), number, goods: None });
    }
}

/// Members that are lists: families in sum alone, balances and notes one by one.
fn listed(books: &Books, kind: Kind, name: &str, list: &[Value], rows: &mut Vec<Row>) {
    let of = |line: &Value, name: &str| line.get(name).and_then(Value::as_i64).unwrap_or(0);
    match name {
        "lines" => {
            let number = i64::try_from(list.len()).unwrap_or(i64::MAX);
            rows.push(row("families", "number", "", number));
            rows.push(row("total", "money", "", list.iter().map(|line| of(line, "amount")).sum()));
        }
        "money" => {
            for line in list {
                let code = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
                let (place, fund) =
                    (place_name(books, code("place")), fund_name(books, code("fund")));
                rows.push(row(name, "both", format!("{place} · {fund}"), of(line, "amount")));
            }
        }
        "loans" => rows.extend(list.iter().map(|line| running(books, line))),
        "figures" => {
            for figure in list {
                let word = figure.get("of").and_then(Value::as_str).unwrap_or_default();
                let key = vocabulary::key(kind, Some("figures"), "of", word);
                rows.push(Row {
                    label: key.unwrap_or_else(|| word.to_owned()),
                    form: "number",
                    text: String::new(),
                    number: of(figure, "number"),
                    goods: None,
                });
            }
        }
        "bank" => {
            for bank in list {
                let code = bank.get("place").and_then(Value::as_str).unwrap_or_default();
                let said = of(bank, "statement_balance");
                rows.push(row(name, "both", place_name(books, code), said));
            }
        }
        "sample" => {
            let text = list.iter().map(|seq| format!("#{seq}")).collect::<Vec<_>>().join(", ");
            rows.push(row(name, "text", text, 0));
        }
        "places" | "funds" => {
            for line in list {
                let code = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
                let own = match name {
                    "places" => place_name(books, code("place")),
                    _ => fund_name(books, code("fund")),
                };
                rows.push(row(name, "both", own, of(line, "closing")));
            }
        }
        "denominations" => {
            for note in list {
                let times = format!("{} ×", of(note, "number"));
                rows.push(row(name, "both", times, of(note, "value")));
            }
        }
        "papers" => {
            let numbers = list.iter().filter_map(|paper| paper.get("no").and_then(Value::as_str));
            rows.push(row(name, "text", numbers.collect::<Vec<_>>().join(", "), 0));
        }
        "gifts" => {
            let text = list.iter().map(|gift| format!("#{gift}")).collect::<Vec<_>>().join(", ");
            rows.push(row(name, "text", text, 0));
        }
        _ => {}
    }
}

/// Members of a place, fund or programme that is opened.
fn nested(kind: Kind, name: &str, value: &Value, rows: &mut Vec<Row>) {
    match value {
        Value::String(word) if name == "type" => {
            let parent = match kind {
                Kind::PlaceOpened => "place",
                Kind::FundOpened => "fund",
                _ => "programme",
            };
            if let Some(key) = vocabulary::key(kind, Some(parent), name, word) {
                rows.push(row(name, "key", key, 0));
            }
        }
        Value::String(day) if ["until", "from", "to"].contains(&name) => {
            rows.push(row(name, "date", day, 0));
        }
        Value::String(text) => rows.push(row(name, "text", text, 0)),
        Value::Number(number) if name == "target" => {
            rows.push(row(name, "money", "", number.as_i64().unwrap_or(0)));
        }
        Value::Bool(yes) => {
            rows.push(row(name, "key", if *yes { "costs-yes" } else { "costs-no" }, 0));
        }
        Value::Object(inner) if name == "terms" => {
            for (name, value) in inner {
                nested(kind, name, value, rows);
            }
        }
        _ => {}
    }
}
