//! Money held for others: received, handed on, given back, or found to be ours.

use super::receipts::{DONOR_TYPES, amount, code, date, note, word};
use super::sealed::Sealed;
use super::slip::{Ctx, Input, Slip, Written, funds, places, words};
use crate::books::effects::GiftId;
use crate::ledger::voucher::{
    AssignedAs, Body, CustodyAssigned, CustodyClass, CustodyHandedOver, CustodyReceived,
    CustodyReturned, DonorType, LineRef, Recipient,
};
use crate::ledger::word::Amount;
use crate::web::forms::{Field, Noted, Submission};

const CLASSES: &[&str] = &["named_family", "mistaken", "unidentified", "overpaid"];

/// `/ban/nhan-giu-ho`: it is in our box, but it is not ours.
pub const RECEIVED: Slip = Slip {
    path: "/ban/nhan-giu-ho",
    name: "custody",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("class", "field-custody-class"),
        Field::one("donor_type", "field-donor-type"),
        Field::one("donor_name", "field-donor-name"),
        Field::one("to_name", "field-to-name"),
        Field::one("note", "field-note"),
        Field::one("amount", "field-amount"),
        Field::one("place", "field-place-in"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::words("class", words("custody", CLASSES)),
            Input::words("donor_type", words("donor", DONOR_TYPES)),
            Input::new("text", "donor_name").hint("hint-donor-name").optional(),
            Input::new("text", "to_name").hint("hint-to-name").optional(),
            Input::note(),
            Input::new("money", "amount"),
            Input::select("place", places(&ctx.officer.books)),
        ]
    },
    beforehand: |_| vec![("donor_type", "person".to_owned()), ("place", "cash".to_owned())],
    read: received,
};

fn received(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let class = word::<CustodyClass>(form, "class", CLASSES);
    let donor_type = word::<DonorType>(form, "donor_type", DONOR_TYPES);
    let name = form.optional_text("donor_name", 200);
    let to = form.optional_text("to_name", 200);
    let note = note(form);
    let amount = amount(form, ctx, "amount");
    let place = code(form, "place", &places(&ctx.officer.books));
    let (class, donor_type, name, to) = (class?, donor_type?, name?, to?);
    if class == CustodyClass::NamedFamily && to.is_none() {
        return Err(form.note("to_name", "fault-missing"));
    }
    let mut sealed = Sealed::of(ctx.id.clone());
    let donor = sealed.donor(donor_type, name.as_deref());
    let donor = donor.map_err(|_| form.note("donor_name", "fault-sealed"))?;
    let to = match to {
        None => None,
        Some(to) => {
            let digests = sealed.family(Some(&to), None);
            let digests = digests.map_err(|_| form.note("to_name", "fault-sealed"))?;
            Some(Recipient { private: Some(digests) })
        }
    };
    let amount = amount?;
    let body = CustodyReceived {
        class,
        donor,
        to,
        amount: Some(amount),
        place: Some(place?),
        goods: None,
        private: None,
    };
    let total = Some(amount.money());
    let (date, note) = (date?, note?);
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total })
}

const PASSED_ON: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("step", "field-id"),
    Field::one("of", "field-of"),
    Field::one("date", "field-date"),
    Field::one("amount", "field-amount"),
    Field::one("place", "field-place-out"),
    Field::one("paper_no", "field-paper"),
    Field::one("note", "field-note"),
];

fn passed_on_inputs(ctx: &Ctx<'_>) -> Vec<Input> {
    vec![
        Input::date(),
        Input::new("money", "amount"),
        Input::select("place", places(&ctx.officer.books)),
        Input::new("text", "paper_no").hint("hint-paper").optional(),
        Input::note(),
    ]
}

/// What is still held of the entry that was received, and its place.
pub(super) fn as_received(ctx: &Ctx<'_>) -> Vec<(&'static str, String)> {
    let body = ctx.of.as_ref().map(|line| &line.entry.voucher().body);
    let Some(Body::CustodyReceived(received)) = body else { return Vec::new() };
    let seq = ctx.of.as_ref().map_or(0, |line| line.entry.place());
    let held = ctx.officer.books.lots().held(GiftId { seq, line: 0 });
    let amount = held.or(received.amount.map(Amount::money));
    let amount = amount.map(|amount| amount.minor().to_string());
    let place = received.place.as_ref().map(ToString::to_string);
    vec![("amount", amount.unwrap_or_default()), ("place", place.unwrap_or_default())]
}

/// The entry that the form is about.
pub(super) fn of(ctx: &Ctx<'_>) -> Result<LineRef, Noted> {
    let so = ctx.so.filter(|_| ctx.of.is_some()).ok_or(Noted)?;
    Ok(so.reference(&ctx.officer.books))
}

/// `/ban/trao-tien-giu-ho`: to the family that it was meant for.
pub const HANDED_OVER: Slip = Slip {
    path: "/ban/trao-tien-giu-ho",
    name: "custody-handed",
    form: PASSED_ON,
    inputs: passed_on_inputs,
    beforehand: as_received,
    read: |form, ctx| passed_on(form, ctx, true),
};

/// `/ban/tra-tien-giu-ho`: back to the giver.
pub const RETURNED: Slip = Slip {
    path: "/ban/tra-tien-giu-ho",
    name: "custody-returned",
    form: PASSED_ON,
    inputs: passed_on_inputs,
    beforehand: as_received,
    read: |form, ctx| passed_on(form, ctx, false),
};

fn passed_on(form: &mut Submission, ctx: &Ctx<'_>, handed_over: bool) -> Result<Written, Noted> {
    let date = date(form, "date");
    let amount = amount(form, ctx, "amount");
    let place = code(form, "place", &places(&ctx.officer.books));
    let papers = super::payments::papers(form);
    let note = note(form);
    let of = of(ctx)?;
    let (amount, place, papers) = (amount?, place?, papers?);
    let (amount, place, total) = (Some(amount), Some(place), Some(amount.money()));
    let body: Body = if handed_over {
        CustodyHandedOver { of, amount, goods: None, papers, place, private: None }.into()
    } else {
        CustodyReturned { of, amount, goods: None, papers, place, private: None }.into()
    };
    Ok(Written { body, date: date?, note: note?, private: Vec::new(), total })
}

/// `/ban/ghi-nhan-tien-giu-ho`: the giver is known now, and it is a gift.
pub const ASSIGNED: Slip = Slip {
    path: "/ban/ghi-nhan-tien-giu-ho",
    name: "custody-assigned",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("of", "field-of"),
        Field::one("date", "field-date"),
        Field::one("donor_type", "field-donor-type"),
        Field::one("donor_name", "field-donor-name"),
        Field::one("amount", "field-amount"),
        Field::one("fund", "field-fund-in"),
        Field::one("place", "field-place"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::words("donor_type", words("donor", DONOR_TYPES)),
            Input::new("text", "donor_name").hint("hint-donor-name").optional(),
            Input::new("money", "amount"),
            Input::select("fund", funds(&ctx.officer.books)),
            Input::select("place", places(&ctx.officer.books)),
            Input::note(),
        ]
    },
    beforehand: |ctx| {
        let mut known = as_received(ctx);
        known.push(("donor_type", "person".to_owned()));
        known
    },
    read: assigned,
};

fn assigned(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let donor_type = word::<DonorType>(form, "donor_type", DONOR_TYPES);
    let name = form.optional_text("donor_name", 200);
    let amount = amount(form, ctx, "amount");
    let fund = code(form, "fund", &funds(&ctx.officer.books));
    let place = code(form, "place", &places(&ctx.officer.books));
    let note = note(form);
    let of = of(ctx)?;
    let (donor_type, name) = (donor_type?, name?);
    let mut sealed = Sealed::of(ctx.id.clone());
    let donor = sealed.donor(donor_type, name.as_deref());
    let donor = donor.map_err(|_| form.note("donor_name", "fault-sealed"))?;
    let amount = amount?;
    let body = CustodyAssigned {
        of,
        amount,
        r#as: AssignedAs::Donation,
        fund: Some(fund?),
        loan: None,
        donor: Some(donor),
        principal: None,
        fee: None,
        place: Some(place?),
        private: None,
    };
    let total = Some(amount.money());
    let (date, note) = (date?, note?);
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total })
}
