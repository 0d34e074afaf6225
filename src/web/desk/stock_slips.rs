//! Slips of the store: goods move, are counted, or go back to where they came from.

use super::custody::of;
use super::goods_rows::{ITEMS, item_rows, items_read};
use super::receipts::{amount, code, date, note, optional_code, plain};
use super::slip::{Ctx, Input, Slip, Written, funds, items, nothing, places, stores, words};
use crate::ledger::voucher::{
    Direction, GoodsMoved, GoodsReturned, LossReason, StockCounted, StockDifference,
};
use crate::ledger::word::List;
use crate::web::forms::{Field, Noted, Submission, quantity_typed};

/// `/ban/chuyen-kho`: from one store to another.
pub const MOVED: Slip = Slip {
    path: "/ban/chuyen-kho",
    name: "goods-moved",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("from_store", "field-store-out"),
        Field::one("to_store", "field-store-in"),
        Field::one("fund", "field-fund"),
        ITEMS[0],
        ITEMS[1],
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            Input::select("from_store", stores(books)),
            Input::select("to_store", stores(books)),
            Input::select("fund", funds(books)),
            item_rows(books),
            Input::note(),
        ]
    },
    beforehand: |_| vec![("fund", "chung".to_owned())],
    read: |form, ctx| {
        let books = &ctx.officer.books;
        let date = date(form, "date");
        let from_store = code(form, "from_store", &stores(books));
        let to_store = code(form, "to_store", &stores(books));
        let fund = code(form, "fund", &funds(books));
        let items = items_read(form, &ctx.officer.books, &ITEMS);
        let note = note(form);
        let body = GoodsMoved {
            from_store: from_store?,
            to_store: to_store?,
            fund: fund?,
            items: items?,
            private: None,
        };
        plain(body, date?, note?, None)
    },
};

/// `/ban/tra-hang`: back to the shop, or to the giver.
pub const RETURNED: Slip = Slip {
    path: "/ban/tra-hang",
    name: "goods-returned",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("of", "field-of"),
        Field::one("date", "field-date"),
        ITEMS[0],
        ITEMS[1],
        Field::one("amount", "field-amount-back"),
        Field::one("place", "field-place-in"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        let mut all = vec![Input::date(), item_rows(books)];
        if is_of_purchase(ctx) {
            all.push(Input::new("money", "amount").hint("hint-paid-back").optional());
            all.push(Input::select("place", places(books)).optional());
        }
        all.push(Input::note());
        all
    },
    beforehand: nothing,
    read: returned,
};

fn is_of_purchase(ctx: &Ctx<'_>) -> bool {
    use crate::ledger::voucher::Body;
    let body = ctx.of.as_ref().map(|line| &line.entry.voucher().body);
    matches!(body, Some(Body::GoodsPurchased(_)))
}

fn returned(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let items = items_read(form, &ctx.officer.books, &ITEMS);
    let paid = if form.typed("amount").trim().is_empty() {
        Ok(None)
    } else {
        amount(form, ctx, "amount").map(Some)
    };
    let place = optional_code(form, "place", &places(&ctx.officer.books));
    let note = note(form);
    let of = of(ctx)?;
    let (paid, mut place) = (paid?, place?);
    match (paid, &place) {
        (Some(_), None) => return Err(form.note("place", "fault-choose")),
        (None, Some(_)) => place = None,
        _ => {}
    }
    let total = paid.map(|amount| amount.money());
    let body = GoodsReturned { of, items: items?, place, amount: paid, private: None };
    plain(body, date?, note?, total)
}

const REASONS: &[&str] = &["spoiled", "expired", "lost", "stolen", "found", "miscounted", "other"];
const DIRECTIONS: &[&str] = &["less", "more"];

const COUNTED: [Field; 4] = [
    Field::list("count_item", "field-lot-item"),
    Field::list("count_direction", "field-count-direction"),
    Field::list("count_quantity", "field-count-quantity"),
    Field::list("count_reason", "field-count-reason"),
];

/// `/ban/kiem-ke-kho`: what a count found to be less or more than the book.
pub const STOCKTAKING: Slip = Slip {
    path: "/ban/kiem-ke-kho",
    name: "stock-counted",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("store", "field-store"),
        Field::one("fund", "field-fund"),
        COUNTED[0],
        COUNTED[1],
        COUNTED[2],
        COUNTED[3],
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        let columns = vec![
            Input::select("count_item", items(books)),
            Input::words("count_direction", words("word-direction", DIRECTIONS)),
            Input::new("quantity", "count_quantity"),
            Input::words("count_reason", words("word-loss", REASONS)),
        ];
        vec![
            Input::date(),
            Input::select("store", stores(books)),
            Input::select("fund", funds(books)),
            Input::rows("differences", columns).titled("rows-differences").hint("hint-differences"),
            Input::note(),
        ]
    },
    beforehand: |_| vec![("fund", "chung".to_owned())],
    read: counted,
};

fn counted(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let store = code(form, "store", &stores(books));
    let fund = code(form, "fund", &funds(books));
    let differences = differences(form, ctx);
    let note = note(form);
    let body =
        StockCounted { store: store?, fund: fund?, differences: differences?, private: None };
    plain(body, date?, note?, None)
}

fn differences(form: &mut Submission, ctx: &Ctx<'_>) -> Result<List<StockDifference>, Noted> {
    let rows = COUNTED.iter().map(|field| form.list(field.name).len()).max().unwrap_or(0);
    let known = items(&ctx.officer.books);
    let mut all = Vec::new();
    for row in 0..rows {
        let cells = COUNTED.map(|field| {
            form.list(field.name).get(row).map_or("", |typed| typed.trim()).to_owned()
        });
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let [item, direction, quantity, reason] = cells;
        let number = [("row", minijinja::value::Value::from(row + 1))];
        let item = known.iter().any(|(code, _)| *code == item).then(|| item.parse().ok()).flatten();
        let Some(item) = item else {
            return Err(form.note_with("count_item", "fault-row-item", number));
        };
        let Ok(direction) = direction.parse::<Direction>() else {
            return Err(form.note_with("count_direction", "fault-row-choice", number));
        };
        let Some(quantity) = quantity_typed(&quantity) else {
            return Err(form.note_with("count_quantity", "fault-row-quantity", number));
        };
        let Ok(reason) = reason.parse::<LossReason>() else {
            return Err(form.note_with("count_reason", "fault-row-choice", number));
        };
        all.push(StockDifference { item, quantity, direction, reason, lot: None, private: None });
    }
    List::new(all).ok_or_else(|| form.note("count_item", "fault-rows-none"))
}
