//! Money and goods between chapters: sent to one, received from one.

use super::goods_rows::{ITEMS, LOTS, item_rows, items_read, lots, lots_read};
use super::movements::gifts;
use super::receipts::{amount, code, date, note, plain, text};
use super::slip::{Input, Slip, funds, nothing, places, stores};
use crate::ledger::voucher::{ReceivedFromChapter, Sender, SentToChapter, VoucherId};
use crate::ledger::word::Origin;
use crate::web::forms::{Field, Noted, Submission};

/// `/ban/gui-tien-hoi-khac`: money to another chapter.
pub const MONEY_SENT: Slip = Slip {
    path: "/ban/gui-tien-hoi-khac",
    name: "money-sent",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("to_log", "field-to-log"),
        Field::one("note", "field-note"),
        Field::one("amount", "field-amount"),
        Field::one("place", "field-place-out"),
        Field::one("fund", "field-fund-out"),
        Field::one("gifts", "field-gifts"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            Input::new("text", "to_log").hint("hint-to-log"),
            Input::note(),
            Input::new("money", "amount"),
            Input::select("place", places(books)),
            Input::select("fund", funds(books)),
            Input::new("text", "gifts").hint("hint-gifts-first").optional(),
        ]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let books = &ctx.officer.books;
        let date = date(form, "date");
        let to_log = log(form, "to_log");
        let note = note(form);
        let amount = amount(form, ctx, "amount");
        let place = code(form, "place", &places(books));
        let fund = code(form, "fund", &funds(books));
        let gifts = gifts(form, ctx);
        let amount = amount?;
        let body = SentToChapter {
            amount: Some(amount),
            items: None,
            place: Some(place?),
            store: None,
            fund: fund?,
            to_log: to_log?,
            gifts: gifts?,
            private: None,
        };
        plain(body, date?, note?, Some(amount.money()))
    },
};

/// `/ban/gui-hang-hoi-khac`: goods to another chapter.
pub const GOODS_SENT: Slip = Slip {
    path: "/ban/gui-hang-hoi-khac",
    name: "goods-sent",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("to_log", "field-to-log"),
        Field::one("note", "field-note"),
        ITEMS[0],
        ITEMS[1],
        Field::one("store", "field-store-out"),
        Field::one("fund", "field-fund-out"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            Input::new("text", "to_log").hint("hint-to-log"),
            Input::note(),
            item_rows(books),
            Input::select("store", stores(books)),
            Input::select("fund", funds(books)),
        ]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let books = &ctx.officer.books;
        let date = date(form, "date");
        let to_log = log(form, "to_log");
        let note = note(form);
        let items = items_read(form, &ctx.officer.books, &ITEMS);
        let store = code(form, "store", &stores(books));
        let fund = code(form, "fund", &funds(books));
        let body = SentToChapter {
            amount: None,
            items: Some(items?),
            place: None,
            store: Some(store?),
            fund: fund?,
            to_log: to_log?,
            gifts: None,
            private: None,
        };
        plain(body, date?, note?, None)
    },
};

/// `/ban/nhan-tien-hoi-khac`: money from another chapter.
pub const MONEY_RECEIVED: Slip = Slip {
    path: "/ban/nhan-tien-hoi-khac",
    name: "money-from-chapter",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("sender_log", "field-sender-log"),
        Field::one("sender_id", "field-sender-id"),
        Field::one("note", "field-note"),
        Field::one("amount", "field-amount"),
        Field::one("place", "field-place-in"),
        Field::one("fund", "field-fund-in"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            Input::new("text", "sender_log").hint("hint-sender-log"),
            Input::new("text", "sender_id").hint("hint-sender-id"),
            Input::note(),
            Input::new("money", "amount"),
            Input::select("place", places(books)),
            Input::select("fund", funds(books)),
        ]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let books = &ctx.officer.books;
        let date = date(form, "date");
        let sender = sender(form);
        let note = note(form);
        let amount = amount(form, ctx, "amount");
        let place = code(form, "place", &places(books));
        let fund = code(form, "fund", &funds(books));
        let amount = amount?;
        let body = ReceivedFromChapter {
            amount: Some(amount),
            lots: None,
            place: Some(place?),
            store: None,
            fund: fund?,
            sender: sender?,
            private: None,
        };
        plain(body, date?, note?, Some(amount.money()))
    },
};

/// `/ban/nhan-hang-hoi-khac`: goods from another chapter.
pub const GOODS_RECEIVED: Slip = Slip {
    path: "/ban/nhan-hang-hoi-khac",
    name: "goods-from-chapter",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("sender_log", "field-sender-log"),
        Field::one("sender_id", "field-sender-id"),
        Field::one("note", "field-note"),
        LOTS[0],
        LOTS[1],
        LOTS[2],
        LOTS[3],
        LOTS[4],
        Field::one("store", "field-store-in"),
        Field::one("fund", "field-fund-in"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            Input::new("text", "sender_log").hint("hint-sender-log"),
            Input::new("text", "sender_id").hint("hint-sender-id"),
            Input::note(),
            lots(books).hint("hint-lots-from-chapter"),
            Input::select("store", stores(books)),
            Input::select("fund", funds(books)),
        ]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let books = &ctx.officer.books;
        let date = date(form, "date");
        let sender = sender(form);
        let note = note(form);
        let lots = lots_read(form, ctx);
        let store = code(form, "store", &stores(books));
        let fund = code(form, "fund", &funds(books));
        let (lots, total) = lots?;
        let body = ReceivedFromChapter {
            amount: None,
            lots: Some(lots),
            place: None,
            store: Some(store?),
            fund: fund?,
            sender: sender?,
            private: None,
        };
        plain(body, date?, note?, Some(total))
    },
};

/// A ledger's identity, as its pages show it; `https://` in front and a slash behind are taken off.
fn log(form: &mut Submission, name: &'static str) -> Result<crate::ledger::word::Text, Noted> {
    let typed = text(form, name)?;
    let bare = typed.as_str().trim_start_matches("https://").trim_end_matches('/');
    let origin: Result<Origin, _> = bare.parse();
    let origin = origin.map_err(|_| form.note(name, "fault-log"))?;
    origin.as_str().parse().map_err(|_| form.note(name, "fault-log"))
}

fn sender(form: &mut Submission) -> Result<Sender, Noted> {
    let log = log(form, "sender_log");
    let id: Result<VoucherId, Noted> = form.text("sender_id", 36).and_then(|typed| {
        typed.to_lowercase().parse().map_err(|_| form.note("sender_id", "fault-voucher-id"))
    });
    Ok(Sender { log: log?, id: id?, private: None })
}
