//! `/<chapter>/hien-vat`: goods in and out since the books began, what is left and until when it is
//! good; and goods that are only held for others, which are never the chapter's.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value;
use rocket::get;

use super::home::{months, page, whole};
use super::ledgers::{Ledgers, read};
use super::pictures;
use crate::books::Books;
use crate::books::carried::Carried;
use crate::ledger::word::{Code, Date};
use crate::web::{Fault, Page};

/// The name of an item and the unit in which it is counted.
#[must_use]
pub fn item(books: &Books, code: &str) -> (String, String) {
    let found = code.parse::<Code>().ok();
    let item = found.as_ref().and_then(|code| books.register().items().get(code));
    item.map_or_else(
        || (code.to_owned(), String::new()),
        |item| (item.name.to_string(), item.unit.to_string()),
    )
}

/// The earliest expiry of each item that lies in a store.
#[must_use]
pub fn expiries(books: &Books) -> BTreeMap<Code, Date> {
    let mut all: BTreeMap<Code, Date> = BTreeMap::new();
    for (shelf, _) in books.stock().shelves() {
        for day in books.stock().lots(shelf).filter_map(|(lot, _)| lot.expiry) {
            all.entry(shelf.2.clone()).and_modify(|first| *first = day.min(*first)).or_insert(day);
        }
    }
    all
}

/// Goods that were carried for somebody, and what became of them; for whom is nobody's business.
fn carried(own: &Carried) -> Value {
    let quantity = crate::money::signed_quantity;
    context! {
        seq => own.gift.seq,
        day => own.day.to_string(),
        description => own.description.as_str(),
        unit => own.unit.as_str(),
        received => quantity(own.received),
        handed => quantity(own.handed),
        returned => quantity(own.returned),
        held => quantity(own.held()),
        left_with => own.left_with.clone(),
    }
}

/// The page.
#[get("/<chapter>/hien-vat", rank = 19)]
pub async fn goods(chapter: &str, ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let books = &view.books;
    let expiries = expiries(books);
    let statement = whole(books);
    let rows = statement.as_ref().map_or(&[][..], |statement| &statement.goods);
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            let (name, unit) = item(books, row.item.as_str());
            context! {
                code => row.item.as_str(),
                name,
                unit,
                opening => row.opening.as_str(),
                received => row.goods_in.as_str(),
                handed => row.goods_out.as_str(),
                left => row.closing.as_str(),
                value => row.value.closing.minor(),
                expiry => expiries.get(&row.item).map(ToString::to_string),
            }
        })
        .collect();
    let held = ledgers.store().carried_goods(view.chapter, view.size()).await.map_err(read)?;
    let held: Vec<Value> = held.iter().map(carried).collect();
    let here = format!("/{}/cong-khai", view.origin.slug());
    let shown = context! {
        rows,
        picture => pictures::of_stock(&here, &view, &ledgers).await?,
        worth => books.stock().worth().minor(),
        held,
        months => months(books),
        size => view.size(),
    };
    Ok(page(&view, "public/goods.html", shown).of_state(view.state()))
}
