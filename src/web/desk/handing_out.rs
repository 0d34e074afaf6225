//! Phiếu xuất kho: goods handed to families, and what comes back of a handover.

use super::custody::of;
use super::goods_rows::{ITEMS, item_rows, items_read};
use super::payments::{CATEGORIES, again, counts, helped, round};
use super::receipts::{amount, code, date, note, optional_code, plain};
use super::sealed::Sealed;
use super::slip::{Ctx, Input, Slip, Written, funds, places, programmes, stores, words};
use crate::ledger::voucher::{
    Body, Category, GoodsDistributed, GoodsLine, HandoverReturned, ItemQuantity,
};
use crate::ledger::word::{Date, List, Number};
use crate::web::forms::{Field, Noted, Submission};

const EXPIRED: &[&str] = &["no", "yes"];

/// `/ban/xuat-kho`: the same goods to each family of a list.
pub const DISTRIBUTED: Slip = Slip {
    path: "/ban/xuat-kho",
    name: "goods-distributed",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("programme", "field-programme"),
        Field::one("round", "field-round"),
        Field::one("note", "field-note"),
        ITEMS[0],
        ITEMS[1],
        Field::list("line_name", "field-line-name"),
        Field::list("line_category", "field-line-category"),
        Field::one("store", "field-store-out"),
        Field::one("fund", "field-fund-out"),
        Field::one("allow_expired", "field-allow-expired"),
        Field::one("again", "rounds-reason"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        let families = vec![
            Input::new("text", "line_name"),
            Input::words("line_category", words("category", CATEGORIES)),
        ];
        vec![
            Input::date(),
            Input::select("programme", programmes(books)).hint("hint-programme"),
            Input::new("text", "round").hint("hint-round").optional(),
            Input::note(),
            item_rows(books).titled("rows-each").hint("hint-each"),
            Input::rows("lines", families).hint("hint-lines"),
            Input::select("store", stores(books)),
            Input::select("fund", funds(books)),
            Input::words("allow_expired", words("expired", EXPIRED)).hint("hint-expired"),
            Input::new("text", "again").hint("rounds-reason-hint").optional(),
        ]
    },
    beforehand: |_| vec![("allow_expired", "no".to_owned()), ("fund", "chung".to_owned())],
    read: distributed,
};

fn distributed(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let programme = code(form, "programme", &programmes(books));
    let round = round(form);
    let note = note(form);
    let each = items_read(form, &ctx.officer.books, &ITEMS);
    let store = code(form, "store", &stores(books));
    let fund = code(form, "fund", &funds(books));
    let expired = form.choice("allow_expired", &[("no", None), ("yes", Some(true))]);
    let mut sealed = Sealed::of(ctx.id.clone());
    let again = again(form, ctx, &mut sealed, matches!(round, Ok(Some(_))));
    let (lines, categories) = lines(form, ctx, &each?, (&mut sealed, date.as_ref().ok()))?;
    let body = GoodsDistributed {
        store: store?,
        fund: fund?,
        programme: programme?,
        round: round?,
        lines,
        counts: counts(&categories),
        allow_expired: expired?,
        private: again?,
    };
    let (date, note) = (date?, note?);
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total: None })
}

const LINE: [&str; 2] = ["line_name", "line_category"];

/// A line for each family, sorted by their digests.
fn lines(
    form: &mut Submission,
    ctx: &Ctx<'_>,
    each: &List<ItemQuantity>,
    (sealed, day): (&mut Sealed, Option<&Date>),
) -> Result<(List<GoodsLine, 400>, Vec<Category>), Noted> {
    let (mut lines, mut categories) = (Vec::new(), Vec::new());
    for (at, [name, category]) in form.rows(LINE).iter().enumerate() {
        let row = (at + 1, name.as_str(), category.as_str());
        let (digests, category) = helped(form, ctx, (&mut *sealed, day), row)?;
        lines.push(GoodsLine { items: each.clone(), private: Some(digests) });
        categories.push(category);
    }
    lines.sort_by_key(|line| {
        line.private.as_ref().and_then(|digests| digests.as_slice().first().cloned())
    });
    let none = lines.is_empty();
    let lines = List::new(lines).ok_or_else(|| {
        form.note("line_name", if none { "fault-lines-none" } else { "fault-lines-many" })
    })?;
    Ok((lines, categories))
}

/// `/ban/tra-lai-cap-phat`: absent families' money or goods come back.
pub const GIVEN_BACK: Slip = Slip {
    path: "/ban/tra-lai-cap-phat",
    name: "handover-returned",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("of", "field-of"),
        Field::one("date", "field-date"),
        Field::one("absent", "field-absent"),
        Field::one("amount", "field-amount-back"),
        Field::one("place", "field-place-in"),
        ITEMS[0],
        ITEMS[1],
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        let mut all = vec![Input::date(), Input::new("text", "absent").hint("hint-absent")];
        if is_of_goods(ctx) {
            all.push(item_rows(books).titled("rows-back"));
        } else {
            all.push(Input::new("money", "amount"));
            all.push(Input::select("place", places(books)).hint("hint-place-back").optional());
        }
        all.push(Input::note());
        all
    },
    beforehand: |_| Vec::new(),
    read: given_back,
};

fn is_of_goods(ctx: &Ctx<'_>) -> bool {
    let body = ctx.of.as_ref().map(|line| &line.entry.voucher().body);
    matches!(body, Some(Body::GoodsDistributed(_)))
}

fn given_back(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let absent = form.text("absent", 6).and_then(|typed| {
        let number = typed.parse::<u64>().ok().filter(|number| *number > 0);
        let number = number.and_then(Number::new);
        number.ok_or_else(|| form.note("absent", "fault-number"))
    });
    let note = note(form);
    let of = of(ctx)?;
    let (mut items, mut money, mut place, mut total) = (None, None, None, None);
    if is_of_goods(ctx) {
        items = Some(items_read(form, &ctx.officer.books, &ITEMS)?);
    } else {
        let amount = amount(form, ctx, "amount");
        place = optional_code(form, "place", &places(&ctx.officer.books))?;
        let amount = amount?;
        total = Some(amount.money());
        money = Some(amount);
    }
    let lines = absent?;
    let body = HandoverReturned { of, amount: money, items, lines, place, private: None };
    plain(body, date?, note?, total)
}
