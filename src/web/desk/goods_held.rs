//! Goods that are not the chapter's: held for a family by name, handed on or given back; and the
//! stock that was there when the books began.

use super::custody::of;
use super::goods_rows::{HELD, LOTS, held_read, held_rows, lots, lots_read};
use super::payments::papers;
use super::receipts::{DONOR_TYPES, code, date, note, plain, word};
use super::sealed::Sealed;
use super::slip::{Ctx, Input, Slip, Written, funds, stores, words};
use crate::ledger::voucher::{
    Body, CustodyClass, CustodyGoods, CustodyHandedOver, CustodyReceived, CustodyReturned,
    DonorType, OpeningBalance, OpeningGoods, Recipient,
};
use crate::ledger::word::List;
use crate::web::forms::{Field, Noted, Submission};

/// `/ban/giu-ho-hien-vat`: a gift for one family, which the chapter only carries.
pub const RECEIVED: Slip = Slip {
    path: "/ban/giu-ho-hien-vat",
    name: "goods-custody",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("donor_type", "field-donor-type"),
        Field::one("donor_name", "field-donor-name"),
        Field::one("to_name", "field-to-name"),
        HELD[0],
        HELD[1],
        HELD[2],
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::words("donor_type", words("donor", DONOR_TYPES)),
            Input::new("text", "donor_name").hint("hint-donor-name").optional(),
            Input::new("text", "to_name").hint("hint-to-name"),
            held_rows(),
            Input::note(),
        ]
    },
    beforehand: |_| vec![("donor_type", "person".to_owned())],
    read: received,
};

fn received(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let donor_type = word::<DonorType>(form, "donor_type", DONOR_TYPES);
    let name = form.optional_text("donor_name", 200);
    let to = form.text("to_name", 200);
    let goods = held_read(form);
    let note = note(form);
    let (donor_type, name, to) = (donor_type?, name?, to?);
    let mut sealed = Sealed::of(ctx.id.clone());
    let donor = sealed.donor(donor_type, name.as_deref());
    let donor = donor.map_err(|_| form.note("donor_name", "fault-sealed"))?;
    let digests = sealed.family(Some(&to), None);
    let digests = digests.map_err(|_| form.note("to_name", "fault-sealed"))?;
    let body = CustodyReceived {
        class: CustodyClass::NamedFamily,
        donor,
        to: Some(Recipient { private: Some(digests) }),
        amount: None,
        place: None,
        goods: Some(goods?),
        private: None,
    };
    let (date, note) = (date?, note?);
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total: None })
}

const PASSED_ON: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("step", "field-id"),
    Field::one("of", "field-of"),
    Field::one("date", "field-date"),
    HELD[0],
    HELD[1],
    HELD[2],
    Field::one("paper_no", "field-paper"),
    Field::one("note", "field-note"),
];

fn passed_on_inputs(_: &Ctx<'_>) -> Vec<Input> {
    vec![
        Input::date(),
        held_rows(),
        Input::new("text", "paper_no").hint("hint-paper").optional(),
        Input::note(),
    ]
}

/// What the entry received, row by row.
fn as_received(ctx: &Ctx<'_>) -> Vec<(&'static str, String)> {
    let body = ctx.of.as_ref().map(|line| &line.entry.voucher().body);
    let Some(Body::CustodyReceived(received)) = body else { return Vec::new() };
    let goods = received.goods.as_deref().unwrap_or_default();
    let row = |goods: &CustodyGoods| {
        [
            ("goods_what", goods.description.to_string()),
            ("goods_quantity", goods.quantity.to_string().replace('.', ",")),
            ("goods_unit", goods.unit.to_string()),
        ]
    };
    goods.iter().flat_map(row).collect()
}

/// `/ban/trao-hien-vat-giu-ho`: to the family that it was meant for.
pub const HANDED_OVER: Slip = Slip {
    path: "/ban/trao-hien-vat-giu-ho",
    name: "goods-custody-handed",
    form: PASSED_ON,
    inputs: passed_on_inputs,
    beforehand: as_received,
    read: |form, ctx| passed_on(form, ctx, true),
};

/// `/ban/tra-hien-vat-giu-ho`: back to the giver.
pub const RETURNED: Slip = Slip {
    path: "/ban/tra-hien-vat-giu-ho",
    name: "goods-custody-returned",
    form: PASSED_ON,
    inputs: passed_on_inputs,
    beforehand: as_received,
    read: |form, ctx| passed_on(form, ctx, false),
};

fn passed_on(form: &mut Submission, ctx: &Ctx<'_>, handed_over: bool) -> Result<Written, Noted> {
    let date = date(form, "date");
    let goods = held_read(form);
    let papers = papers(form);
    let note = note(form);
    let of = of(ctx)?;
    let (goods, papers) = (Some(goods?), papers?);
    let (amount, place) = (None, None);
    let body: Body = if handed_over {
        CustodyHandedOver { of, amount, goods, papers, place, private: None }.into()
    } else {
        CustodyReturned { of, amount, goods, papers, place, private: None }.into()
    };
    plain(body, date?, note?, None)
}

/// `/ban/ton-kho-dau-ky`: goods on the day before the books begin.
pub const OPENING: Slip = Slip {
    path: "/ban/ton-kho-dau-ky",
    name: "goods-opening",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        LOTS[0],
        LOTS[1],
        LOTS[2],
        LOTS[3],
        LOTS[4],
        Field::one("store", "field-store"),
        Field::one("fund", "field-fund"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            lots(books).hint("hint-lots"),
            Input::select("store", stores(books)),
            Input::select("fund", funds(books)),
            Input::note(),
        ]
    },
    beforehand: |_| vec![("fund", "chung".to_owned())],
    read: opening,
};

fn opening(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let lots = lots_read(form, ctx);
    let store = code(form, "store", &stores(books));
    let fund = code(form, "fund", &funds(books));
    let note = note(form);
    let as_of = books.chapter().ok_or(Noted)?.books_from.previous();
    let ((lots, total), store, fund) = (lots?, store?, fund?);
    let goods = lots.iter().map(|lot| OpeningGoods {
        item: lot.item.clone(),
        quantity: lot.quantity,
        value: lot.value,
        expiry: lot.expiry,
        condition: lot.condition.clone(),
        fund: fund.clone(),
        store: store.clone(),
        private: None,
    });
    let body = OpeningBalance {
        as_of,
        money: None,
        goods: List::new(goods.collect()),
        loans: None,
        custody: None,
        private: None,
    };
    plain(body, date?, note?, Some(total))
}
