//! Kho: items and stores are opened; goods come in as gifts or are bought.

use super::goods_rows::{LOTS, lots, lots_read};
use super::movements::gifts;
use super::openings::new_code;
use super::payments::{papers, payee, payee_inputs};
use super::receipts::{DONOR_TYPES, code, date, note, plain, text, word};
use super::sealed::Sealed;
use super::slip::{Ctx, Input, Slip, Written, funds, nothing, places, stores, words};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{
    DonorType, GoodsPurchased, GoodsReceived, Item, ItemOpened, StoreOpened, StoreRoom,
};
use crate::ledger::word::Amount;
use crate::web::forms::{Field, Noted, Submission};

const UNITS: &[&str] = &["whole", "parts"];

/// `/ban/mo-mat-hang`: a kind of goods, with the unit in which it is counted.
pub const ITEM: Slip = Slip {
    path: "/ban/mo-mat-hang",
    name: "item",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("name", "field-item-name"),
        Field::one("code", "field-code"),
        Field::one("unit", "field-unit"),
        Field::one("whole", "field-whole"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::new("text", "name").hint("hint-item-name"),
            Input::new("text", "code").hint("hint-code"),
            Input::new("text", "unit").hint("hint-unit"),
            Input::words("whole", words("unit", UNITS)),
            Input::note(),
        ]
    },
    beforehand: |_| vec![("whole", "whole".to_owned())],
    read: |form, _| {
        let date = date(form, "date");
        let name = text(form, "name");
        let code = new_code(form);
        let unit = text(form, "unit");
        let whole = form.choice("whole", &[("whole", true), ("parts", false)]);
        let note = note(form);
        let item = Item { code: code?, name: name?, unit: unit?, whole: whole?, private: None };
        plain(ItemOpened { item, private: None }, date?, note?, None)
    },
};

/// `/ban/mo-kho`: a place where goods lie.
pub const STORE: Slip = Slip {
    path: "/ban/mo-kho",
    name: "store",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("name", "field-store-name"),
        Field::one("code", "field-code"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::new("text", "name").hint("hint-store-name"),
            Input::new("text", "code").hint("hint-code"),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: |form, _| {
        let date = date(form, "date");
        let name = text(form, "name");
        let code = new_code(form);
        let note = note(form);
        let store = StoreRoom { code: code?, name: name?, private: None };
        plain(StoreOpened { store, private: None }, date?, note?, None)
    },
};

/// `/ban/nhap-kho`: gifts in kind.
pub const RECEIVED: Slip = Slip {
    path: "/ban/nhap-kho",
    name: "goods-received",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("donor_type", "field-donor-type"),
        Field::one("donor_name", "field-donor-name"),
        Field::one("donor_address", "field-donor-address"),
        Field::one("note", "field-note"),
        LOTS[0],
        LOTS[1],
        LOTS[2],
        LOTS[3],
        LOTS[4],
        Field::one("store", "field-store-in"),
        Field::one("fund", "field-fund-in"),
        Field::one("paper_no", "field-paper"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            Input::words("donor_type", words("donor", DONOR_TYPES)),
            Input::new("text", "donor_name").hint("hint-donor-name").optional(),
            Input::new("text", "donor_address").hint("hint-private").optional(),
            Input::note(),
            lots(books).hint("hint-lots"),
            Input::select("store", stores(books)),
            Input::select("fund", funds(books)),
            Input::new("text", "paper_no").hint("hint-paper").optional(),
        ]
    },
    beforehand: |_| vec![("donor_type", "person".to_owned()), ("fund", "chung".to_owned())],
    read: received,
};

fn received(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let donor_type = word::<DonorType>(form, "donor_type", DONOR_TYPES);
    let name = form.optional_text("donor_name", 200);
    let address = form.optional_text("donor_address", 200);
    let note = note(form);
    let lots = lots_read(form, ctx);
    let store = code(form, "store", &stores(books));
    let fund = code(form, "fund", &funds(books));
    let papers = papers(form);
    let (donor_type, name, address) = (donor_type?, name?, address?);
    let mut sealed = Sealed::of(ctx.id.clone());
    let private = sealed.texts(&[(PrivateName::Address, address.as_deref())]);
    let donor = sealed.donor(donor_type, name.as_deref());
    let (Ok(private), Ok(donor)) = (private, donor) else {
        return Err(form.note("donor_name", "fault-sealed"));
    };
    let (lots, total) = lots?;
    let body = GoodsReceived { fund: fund?, store: store?, donor, lots, papers: papers?, private };
    let (date, note, total) = (date?, note?, Some(total));
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total })
}

/// `/ban/mua-hang`: bought out of a fund, with what it cost to bring them.
pub const PURCHASED: Slip = Slip {
    path: "/ban/mua-hang",
    name: "goods-purchased",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("payee_type", "field-payee-type"),
        Field::one("payee_name", "field-payee-name"),
        Field::one("note", "field-note"),
        LOTS[0],
        LOTS[1],
        LOTS[2],
        LOTS[3],
        LOTS[4],
        Field::one("extra", "field-extra"),
        Field::one("store", "field-store-in"),
        Field::one("place", "field-place-out"),
        Field::one("fund", "field-fund-out"),
        Field::one("gifts", "field-gifts"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        let [payee_type, payee_name] = payee_inputs();
        vec![
            Input::date(),
            payee_type,
            payee_name,
            Input::note(),
            lots(books).hint("hint-lots-bought"),
            Input::new("money", "extra").hint("hint-extra").optional(),
            Input::select("store", stores(books)),
            Input::select("place", places(books)),
            Input::select("fund", funds(books)),
            Input::new("text", "gifts").hint("hint-gifts-first").optional(),
        ]
    },
    beforehand: |_| vec![("payee_type", "firm".to_owned())],
    read: purchased,
};

fn purchased(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let mut sealed = Sealed::of(ctx.id.clone());
    let payee = payee(form, &mut sealed);
    let note = note(form);
    let lots = lots_read(form, ctx);
    let extra = if form.typed("extra").trim().is_empty() {
        Ok(None)
    } else {
        super::receipts::amount(form, ctx, "extra").map(Some)
    };
    let store = code(form, "store", &stores(books));
    let place = code(form, "place", &places(books));
    let fund = code(form, "fund", &funds(books));
    let gifts = gifts(form, ctx);
    let ((lots, value), extra) = (lots?, extra?);
    let total = value.checked_add(extra.map_or(crate::money::Money::ZERO, Amount::money));
    let total = total.ok_or_else(|| form.note("extra", "fault-amount-large"))?;
    let body = GoodsPurchased {
        place: place?,
        fund: fund?,
        store: store?,
        payee: payee?,
        lots,
        extra,
        gifts: gifts?,
        private: None,
    };
    let (date, note, total) = (date?, note?, Some(total));
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total })
}
