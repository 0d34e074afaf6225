//! Kho: what lies in stores, what expires, the card of each item; goods held for others.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days};
use minijinja::context;
use rocket::get;
use serde::Serialize;

use super::describe::{self, Short};
use super::goods_words::{self, Goods};
use crate::books::stock::Shelf;
use crate::ledger::word::{Code, Date};
use crate::store::Store;
use crate::web::session::{Kept, Officer};
use crate::web::{Fault, Page};

/// From so many days before its expiry on a lot is warned of.
const SOON: u64 = 30;

/// An item of one fund in one store.
#[derive(Debug, Serialize)]
struct Row {
    item: String,
    code: String,
    fund: String,
    left: Goods,
    value: i64,
    expiry: Option<String>,
    state: Option<&'static str>,
}

/// A store with its rows.
#[derive(Debug, Serialize)]
struct StoreRows {
    code: String,
    name: String,
    value: i64,
    rows: Vec<Row>,
}

/// Whether goods are past their day, or soon will be.
fn state(expiry: Option<Date>, today: Date) -> Option<&'static str> {
    let day = expiry?.naive();
    if day < today.naive() {
        return Some("stock-expired");
    }
    let soon = today.naive().checked_add_days(Days::new(SOON)).is_some_and(|soon| day <= soon);
    soon.then_some("stock-expires-soon")
}

/// Everything that lies in stores.
#[get("/ban/kho")]
pub fn show(officer: Officer) -> Result<Page, Fault> {
    let books = &officer.books;
    let today = Date::new(officer.today).ok_or(Fault::NotFound)?;
    let mut stores: BTreeMap<&Code, StoreRows> = books
        .register()
        .stores()
        .iter()
        .map(|(code, room)| {
            let (name, rows) = (room.name.to_string(), Vec::new());
            (code, StoreRows { code: code.to_string(), name, value: 0, rows })
        })
        .collect();
    let mut warned = 0;
    for (shelf, total) in books.stock().shelves() {
        let (room, fund, item) = shelf;
        let expiry = books.stock().lots(shelf).filter_map(|(lot, _)| lot.expiry).min();
        let warn =
            |(lot, _): &(crate::books::effects::GoodsLot, _)| state(lot.expiry, today).is_some();
        warned += books.stock().lots(shelf).filter(warn).count();
        let Some(rows) = stores.get_mut(room) else { continue };
        rows.value += total.value.minor();
        rows.rows.push(Row {
            item: goods_words::item_name(books, item.as_str()),
            code: item.to_string(),
            fund: describe::fund_name(books, fund.as_str()),
            left: goods_words::quantity(books, item.as_str(), total.quantity),
            value: total.value.minor(),
            expiry: expiry.map(|day| day.to_string()),
            state: state(expiry, today),
        });
    }
    let held: Vec<(u64, String, Goods)> = books
        .stock()
        .held()
        .map(|(custody, held)| {
            let quantity = crate::money::signed_quantity(held.quantity);
            let goods = Goods { quantity, unit: held.unit.clone(), ..Goods::default() };
            (custody.seq, held.description, goods)
        })
        .collect();
    Ok(super::page(
        &officer,
        "desk/stock.html",
        context! {
            stores => minijinja::value::Serde(full_first(stores.into_values().collect())),
            items => !books.register().items().is_empty(),
            warned,
            worth => books.stock().worth().minor(),
            held => minijinja::value::Serde(held),
        },
    ))
}

/// Stores with goods before empty ones.
fn full_first(mut stores: Vec<StoreRows>) -> Vec<StoreRows> {
    stores.sort_by_key(|store| store.rows.is_empty());
    stores
}

/// A line of a card.
#[derive(Debug, Serialize)]
pub struct CardLine {
    /// The entry.
    pub entry: Short,
    /// What came, where anything did.
    pub goods_in: Option<Goods>,
    /// What went, where anything did.
    pub goods_out: Option<Goods>,
    /// What lies there behind it.
    pub left: Goods,
}

/// A lot that is left.
#[derive(Debug, Serialize)]
struct LotRow {
    seq: u64,
    fund: String,
    left: Goods,
    value: i64,
    expiry: Option<String>,
    state: Option<&'static str>,
}

/// The card of an item in a store over one year.
pub struct Card {
    /// The store.
    pub room: Code,
    /// The item.
    pub item: Code,
    /// The year.
    pub year: i32,
    /// Its first day.
    pub from: Date,
    /// What lay there before it.
    pub opening: Goods,
    /// Its lines, in order.
    pub lines: Vec<CardLine>,
    /// All that came and went, in thousandths.
    pub sums: (i64, i64),
    /// What lies there at its end.
    pub closing: Goods,
}

impl Card {
    /// The name of the item.
    #[must_use]
    pub fn item_name(&self, officer: &Officer) -> String {
        goods_words::item_name(&officer.books, self.item.as_str())
    }
}

/// The card of an item in a store over the year of an address (`2026`; today's without).
///
/// # Errors
/// [`Fault::NotFound`] for what is no store, item or year; faults of the store.
pub async fn card_of(
    officer: &Officer,
    store: &Store,
    (room, hang, nam): (&str, Option<&str>, Option<&str>),
) -> Result<Card, Fault> {
    let books = &officer.books;
    let known = |text: &str| text.parse::<Code>().map_err(|_| Fault::NotFound);
    let (room, item) = (known(room)?, known(hang.unwrap_or_default())?);
    let register = books.register();
    if !register.stores().contains_key(&room) || !register.items().contains_key(&item) {
        return Err(Fault::NotFound);
    }
    let year = match nam {
        Some(text) => text.parse().ok().filter(|year| (1..=9999).contains(year)),
        None => Some(officer.today.year()),
    };
    let year: i32 = year.ok_or(Fault::NotFound)?;
    let day = |month, day| {
        chrono::NaiveDate::from_ymd_opt(year, month, day).and_then(Date::new).ok_or(Fault::NotFound)
    };
    let (from, to) = (day(1, 1)?, day(12, 31)?);
    // What was there when the books began is opened with.
    let begun = books.chapter().map_or(from, |chapter| chapter.books_from);
    let from = if to >= begun { from.max(begun) } else { from };
    let of = (&room, &item);
    let opening = store.stock_before(officer.chapter, of, from).await.map_err(Fault::internal)?;
    let goods = |thousandths| goods_words::quantity(books, item.as_str(), thousandths);
    let some = |thousandths: i64| (thousandths != 0).then(|| goods(thousandths));
    let (mut left, mut lines, mut sums) = (opening, Vec::new(), (0, 0));
    let card = store.stock_card(officer.chapter, of, (from, to)).await.map_err(Fault::internal)?;
    for flow in card {
        left += flow.goods_in - flow.goods_out;
        sums = (sums.0 + flow.goods_in, sums.1 + flow.goods_out);
        lines.push(CardLine {
            entry: describe::line(books, &flow.line),
            goods_in: some(flow.goods_in),
            goods_out: some(flow.goods_out),
            left: goods(left),
        });
    }
    let (opening, closing) = (goods(opening), goods(left));
    Ok(Card { room, item, year, from, opening, lines, sums, closing })
}

/// Thẻ kho: an item (`hang=gao`) in a store over one year (`nam=2026`; today's without).
#[get("/ban/kho/<room>?<hang>&<nam>")]
pub async fn card(
    officer: Officer,
    kept: Kept<'_>,
    room: &str,
    hang: Option<&str>,
    nam: Option<&str>,
) -> Result<Page, Fault> {
    let card = card_of(&officer, kept.0, (room, hang, nam)).await?;
    Ok(super::page(
        &officer,
        "desk/stock_card.html",
        context! {
            room => goods_words::store_name(&officer.books, card.room.as_str()),
            room_code => card.room.as_str(),
            item => card.item_name(&officer),
            code => card.item.as_str(),
            year => card.year,
            opening => minijinja::value::Serde(&card.opening),
            lines => minijinja::value::Serde(&card.lines),
            closing => minijinja::value::Serde(&card.closing),
            lots => minijinja::value::Serde(lots(&officer, &card.room, &card.item)?),
        },
    ))
}

/// The lots that are left of an item in a store, in the order in which they go out.
fn lots(officer: &Officer, room: &Code, item: &Code) -> Result<Vec<LotRow>, Fault> {
    let books = &officer.books;
    let today = Date::new(officer.today).ok_or(Fault::NotFound)?;
    let own = books.stock().shelves().filter(|((at, _, of), _)| at == room && of == item);
    let shelves: Vec<Shelf> = own.map(|(shelf, _)| shelf.clone()).collect();
    let row =
        |(lot, left): (crate::books::effects::GoodsLot, crate::books::effects::Valued)| LotRow {
            seq: lot.key.seq,
            fund: describe::fund_name(books, lot.fund.as_str()),
            left: goods_words::quantity(books, item.as_str(), left.quantity),
            value: left.value.minor(),
            expiry: lot.expiry.map(|day| day.to_string()),
            state: state(lot.expiry, today),
        };
    Ok(shelves.iter().flat_map(|shelf| books.stock().lots(shelf)).map(row).collect())
}
