//! Corrections: a gift given back, an entry struck through by its opposite. Nothing is erased.

use super::custody::of;
use super::receipts::{amount, code, date, note, word};
use super::sealed::Sealed;
use super::slip::{Ctx, Input, Slip, Written, nothing, places, words};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{Body, DonationReturned, Reason, Reversed};
use crate::ledger::word::Amount;
use crate::web::forms::{Field, Noted, Submission};

const REASONS: &[&str] = &[
    "mistyped",
    "duplicate",
    "wrong_fund",
    "wrong_person",
    "returned_by_bank",
    "not_a_gift",
    "other",
];

/// `/ban/hoan-tra`: a gift goes back to its giver.
pub const RETURNED: Slip = Slip {
    path: "/ban/hoan-tra",
    name: "donation-returned",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("of", "field-of"),
        Field::one("date", "field-date"),
        Field::one("reason", "field-reason"),
        Field::one("words", "field-words"),
        Field::one("amount", "field-amount"),
        Field::one("place", "field-place-out"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::words("reason", words("reason", REASONS)),
            Input::new("text", "words").hint("hint-private").optional(),
            Input::new("money", "amount"),
            Input::select("place", places(&ctx.officer.books)),
            Input::note(),
        ]
    },
    beforehand: |ctx| {
        let body = ctx.of.as_ref().map(|line| &line.entry.voucher().body);
        let known = |amount: Amount, place: Option<String>| {
            let place = place.unwrap_or_default();
            vec![("amount", amount.minor().to_string()), ("place", place)]
        };
        match body {
            Some(Body::Donation(gift)) => known(gift.amount, Some(gift.place.to_string())),
            Some(Body::CustodyAssigned(gift)) => {
                known(gift.amount, gift.place.as_ref().map(ToString::to_string))
            }
            _ => Vec::new(),
        }
    },
    read: returned,
};

fn returned(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let reason = word::<Reason>(form, "reason", REASONS);
    let why = form.optional_text("words", 200);
    let amount = amount(form, ctx, "amount");
    let place = code(form, "place", &places(&ctx.officer.books));
    let note = note(form);
    let of = of(ctx)?;
    let why = why?;
    let mut sealed = Sealed::of(ctx.id.clone());
    let private = sealed.texts(&[(PrivateName::Words, why.as_deref())]);
    let private = private.map_err(|_| form.note("words", "fault-sealed"))?;
    let amount = amount?;
    let body = DonationReturned { of, amount, place: place?, reason: reason?, private };
    let (date, note, total) = (date?, note?, Some(amount.money()));
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total })
}

/// `/ban/but-toan-dao`: the exact opposite of an entry, on its own date.
pub const REVERSED: Slip = Slip {
    path: "/ban/but-toan-dao",
    name: "reversed",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("of", "field-of"),
        Field::one("date", "field-date"),
        Field::one("reason", "field-reason"),
        Field::one("words", "field-words"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::words("reason", words("reason", REASONS)),
            Input::new("text", "words").hint("hint-private").optional(),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: reversed,
};

fn reversed(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let reason = word::<Reason>(form, "reason", REASONS);
    let why = form.optional_text("words", 200);
    let note = note(form);
    let of = of(ctx)?;
    let why = why?;
    let mut sealed = Sealed::of(ctx.id.clone());
    let private = sealed.texts(&[(PrivateName::Words, why.as_deref())]);
    let private = private.map_err(|_| form.note("words", "fault-sealed"))?;
    let body = Reversed { of, reason: reason?, private };
    let (date, note) = (date?, note?);
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total: None })
}
