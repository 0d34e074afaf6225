//! Rows of goods in forms: lots that come in, items that go out, goods that are only held.

use super::slip::{Ctx, Input, items};
use crate::books::Books;
use crate::ledger::voucher::{CustodyGoods, ItemQuantity, Lot};
use crate::ledger::word::{Amount0, Code, Date, List, Text};
use crate::money::{Money, Quantity};
use crate::web::forms::{Field, Noted, Submission, clean, quantity_typed, read_day};

/// Fields of a lot.
pub(super) const LOTS: [Field; 5] = [
    Field::list("lot_item", "field-lot-item"),
    Field::list("lot_quantity", "field-lot-quantity"),
    Field::list("lot_value", "field-lot-value"),
    Field::list("lot_expiry", "field-lot-expiry"),
    Field::list("lot_condition", "field-lot-condition"),
];

/// Fields of an item with a quantity.
pub(super) const ITEMS: [Field; 2] =
    [Field::list("item", "field-lot-item"), Field::list("quantity", "field-lot-quantity")];

/// Fields of goods that are held for others.
pub(super) const HELD: [Field; 3] = [
    Field::list("goods_what", "field-goods-what"),
    Field::list("goods_quantity", "field-lot-quantity"),
    Field::list("goods_unit", "field-unit"),
];

/// A table of lots.
pub(super) fn lots(books: &Books) -> Input {
    Input::rows(
        "lots",
        vec![
            Input::select("lot_item", items(books)),
            Input::new("quantity", "lot_quantity"),
            Input::new("money", "lot_value"),
            Input::new("text", "lot_expiry"),
            Input::new("text", "lot_condition"),
        ],
    )
    .titled("rows-lots")
}

/// A table of items.
pub(super) fn item_rows(books: &Books) -> Input {
    let columns = vec![Input::select("item", items(books)), Input::new("quantity", "quantity")];
    Input::rows("items", columns).titled("rows-items")
}

/// A table of goods that are held for others.
pub(super) fn held_rows() -> Input {
    let columns = vec![
        Input::new("text", "goods_what"),
        Input::new("quantity", "goods_quantity"),
        Input::new("text", "goods_unit"),
    ];
    Input::rows("goods", columns).titled("rows-held")
}

/// One row as it was typed, with its number for people.
struct Typed<const N: usize> {
    row: usize,
    cells: [String; N],
}

/// The rows in which something was typed.
fn typed<const N: usize>(form: &Submission, fields: &[Field; N]) -> Vec<Typed<N>> {
    let most = fields.iter().map(|field| form.list(field.name).len()).max().unwrap_or(0);
    (0..most)
        .map(|row| Typed {
            row: row + 1,
            cells: fields.map(|field| {
                form.list(field.name).get(row).map_or("", |typed| typed.trim()).into()
            }),
        })
        .filter(|typed: &Typed<N>| typed.cells.iter().any(|cell| !cell.is_empty()))
        .collect()
}

fn fault(form: &mut Submission, field: &'static str, key: &'static str, row: usize) -> Noted {
    form.note_with(field, key, [("row", minijinja::value::Value::from(row))])
}

fn item(
    form: &mut Submission,
    books: &Books,
    (field, text, row): (&'static str, &str, usize),
) -> Result<Code, Noted> {
    let known = items(books).iter().any(|(code, _)| code == text);
    let code = text.parse().ok().filter(|_| known);
    code.ok_or_else(|| fault(form, field, "fault-row-item", row))
}

fn quantity(
    form: &mut Submission,
    (field, text, row): (&'static str, &str, usize),
) -> Result<Quantity, Noted> {
    quantity_typed(text).ok_or_else(|| fault(form, field, "fault-row-quantity", row))
}

fn optional_word(
    form: &mut Submission,
    (field, text, row): (&'static str, &str, usize),
) -> Result<Option<Text>, Noted> {
    if text.is_empty() {
        return Ok(None);
    }
    let word = clean(text, 200).ok().and_then(|text| text.parse().ok());
    word.map(Some).ok_or_else(|| fault(form, field, "fault-row-text", row))
}

/// The lots of a form, with their value in all.
///
/// # Errors
/// [`Noted`] at the field, with the row.
pub(super) fn lots_read(form: &mut Submission, ctx: &Ctx<'_>) -> Result<(List<Lot>, Money), Noted> {
    let mut lots = Vec::new();
    for Typed { row, cells: [code, number, value, expiry, condition] } in typed(form, &LOTS) {
        let item = item(form, &ctx.officer.books, ("lot_item", &code, row))?;
        let quantity = quantity(form, ("lot_quantity", &number, row))?;
        let value = Money::parse(&value, &ctx.officer.books.currency()).ok().and_then(Amount0::new);
        let value = value.ok_or_else(|| fault(form, "lot_value", "fault-row-value", row))?;
        let expiry = match expiry.is_empty() {
            true => None,
            false => {
                let day = read_day(&expiry).ok().and_then(Date::new);
                Some(day.ok_or_else(|| fault(form, "lot_expiry", "fault-row-day", row))?)
            }
        };
        let condition = optional_word(form, ("lot_condition", &condition, row))?;
        lots.push(Lot { item, quantity, value, expiry, condition, private: None });
    }
    let total = Money::sum(lots.iter().map(|lot| lot.value.money()));
    let total = total.ok_or_else(|| form.note("lot_value", "fault-amount-large"))?;
    let lots = List::new(lots).ok_or_else(|| form.note("lot_item", "fault-rows-none"))?;
    Ok((lots, total))
}

/// Whether something was typed in any row of the fields named.
pub(super) fn any_typed(form: &Submission, fields: &[Field; 2]) -> bool {
    !typed(form, fields).is_empty()
}

/// Items with quantities, from the two fields named.
///
/// # Errors
/// [`Noted`] at the field, with the row.
pub(super) fn items_read(
    form: &mut Submission,
    books: &Books,
    fields: &[Field; 2],
) -> Result<List<ItemQuantity>, Noted> {
    let mut all = Vec::new();
    for Typed { row, cells: [code, number] } in typed(form, fields) {
        let item = item(form, books, (fields[0].name, &code, row))?;
        let quantity = quantity(form, (fields[1].name, &number, row))?;
        all.push(ItemQuantity { item, quantity, private: None });
    }
    List::new(all).ok_or_else(|| form.note(fields[0].name, "fault-rows-none"))
}

/// Goods that are held for others.
///
/// # Errors
/// [`Noted`] at the field, with the row.
pub(super) fn held_read(form: &mut Submission) -> Result<List<CustodyGoods>, Noted> {
    let mut all = Vec::new();
    for Typed { row, cells: [what, number, unit] } in typed(form, &HELD) {
        let description = optional_word(form, ("goods_what", &what, row))?;
        let description =
            description.ok_or_else(|| fault(form, "goods_what", "fault-row-text", row))?;
        let quantity = quantity(form, ("goods_quantity", &number, row))?;
        let unit = optional_word(form, ("goods_unit", &unit, row))?;
        let unit = unit.ok_or_else(|| fault(form, "goods_unit", "fault-row-text", row))?;
        all.push(CustodyGoods { description, quantity, unit, private: None });
    }
    List::new(all).ok_or_else(|| form.note("goods_what", "fault-rows-none"))
}
