//! Goods of a round: up to five items with a quantity each, the same for every family.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::books::Books;
use crate::ledger::voucher::{ItemQuantity, Items};
use crate::ledger::word::List;
use crate::money::{Quantity, signed_quantity};
use crate::store::desk::rounds::Goods;
use crate::web::desk::describe;
use crate::web::desk::goods_rows::{ITEMS, any_typed, items_read};
use crate::web::desk::goods_words::{item_name, store_name, with_unit};
use crate::web::desk::receipts::code;
use crate::web::desk::slip::{funds, stores};
use crate::web::forms::{FormView, Noted, Submission};

/// Items of a round, at most.
const MOST: usize = 5;

/// The goods that a form names; `None` when no row is filled in.
///
/// # Errors
/// [`Noted`] at the field.
pub fn read(form: &mut Submission, books: &Books) -> Result<Option<Goods>, Noted> {
    if !any_typed(form, &ITEMS) {
        return Ok(None);
    }
    let items = items_read(form, books, &ITEMS);
    let store = code(form, "store", &stores(books));
    let fund = code(form, "goods_fund", &funds(books));
    let items = items?;
    if items.len() > MOST {
        return Err(form.note("item", "rounds-items-many"));
    }
    let different: BTreeSet<_> = items.iter().map(|line| &line.item).collect();
    if different.len() < items.len() {
        return Err(form.note("item", "rounds-items-twice"));
    }
    Ok(Some(Goods { store: store?, fund: fund?, items }))
}

/// A form with the goods of a round in it.
#[must_use]
pub fn filled(form: FormView, goods: &Goods) -> FormView {
    let Goods { store, fund, items } = goods;
    let typed = |line: &ItemQuantity| line.quantity.to_string().replace('.', ",");
    form.with("store", store.as_str())
        .with("goods_fund", fund.as_str())
        .with_list("item", items.iter().map(|line| line.item.to_string()).collect())
        .with_list("quantity", items.iter().map(typed).collect())
}

/// What so many families get together; `None` when it is too much to be written.
#[must_use]
pub fn together(goods: &Goods, families: usize) -> Option<Items> {
    let families = i64::try_from(families).ok()?;
    let sum = |line: &ItemQuantity| {
        let quantity = Quantity::new(line.quantity.thousandths().checked_mul(families)?)?;
        Some(ItemQuantity { item: line.item.clone(), quantity, private: None })
    };
    List::new(goods.items.iter().map(sum).collect::<Option<Vec<_>>>()?)
}

/// `12,5 kg Gạo tẻ · 2 cái Chăn bông`: what so many families get together.
#[must_use]
pub fn words(books: &Books, goods: &Goods, families: usize) -> String {
    let items = together(goods, families);
    let item = |line: &ItemQuantity| {
        let quantity = with_unit(books, line.item.as_str(), &line.quantity.to_string());
        format!("{quantity} {}", item_name(books, line.item.as_str()))
    };
    let items = items.iter().flat_map(|items| items.iter().map(item));
    items.collect::<Vec<_>>().join(" · ")
}

/// An item as the sheet shows it.
#[derive(Debug, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What one family gets.
    pub each: String,
    /// What all get together.
    pub total: String,
}

/// The goods of a round as pages show them.
#[derive(Debug, Serialize)]
pub struct Shown {
    store: String,
    fund: String,
    /// Its items.
    pub columns: Vec<Column>,
}

/// The goods of a round, each item with what so many families get.
#[must_use]
pub fn shown(books: &Books, goods: &Goods, families: u64) -> Shown {
    let column = |line: &ItemQuantity| {
        let code = line.item.as_str();
        let families = i64::try_from(families).unwrap_or(i64::MAX);
        let total = signed_quantity(line.quantity.thousandths().saturating_mul(families));
        Column {
            name: item_name(books, code),
            each: with_unit(books, code, &line.quantity.to_string()),
            total: with_unit(books, code, &total),
        }
    };
    Shown {
        store: store_name(books, goods.store.as_str()),
        fund: describe::fund_name(books, goods.fund.as_str()),
        columns: goods.items.iter().map(column).collect(),
    }
}
