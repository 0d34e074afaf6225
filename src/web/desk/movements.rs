//! Money from place to place, and from fund to fund.

use super::receipts::{amount, code, date, note, plain, word};
use super::sealed::Sealed;
use super::slip::{Ctx, Input, Slip, Written, funds, nothing, places, words};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{FundTransfer, Gifts, LineRef, MoveReason, Transfer};
use crate::web::forms::{Field, Noted, Submission};

const REASONS: &[&str] = &["consent", "terms", "purpose_fulfilled", "other"];

/// Funds, with what is held for others among them: its money moves between places, too.
fn funds_and_custody(ctx: &Ctx<'_>) -> Vec<(String, String)> {
    let mut all = funds(&ctx.officer.books);
    all.push(("custody".to_owned(), "Tiền giữ hộ".to_owned()));
    all
}

/// `/ban/chuyen-tien`: from one place to another, the fund stays.
pub const TRANSFER: Slip = Slip {
    path: "/ban/chuyen-tien",
    name: "transfer",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("from_place", "field-from-place"),
        Field::one("to_place", "field-to-place"),
        Field::one("fund", "field-fund"),
        Field::one("amount", "field-amount"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::select("from_place", places(&ctx.officer.books)),
            Input::select("to_place", places(&ctx.officer.books)),
            Input::select("fund", funds_and_custody(ctx)),
            Input::new("money", "amount"),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: transfer,
};

fn transfer(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let offered = places(&ctx.officer.books);
    let from_place = code(form, "from_place", &offered);
    let to_place = code(form, "to_place", &offered);
    let fund = code(form, "fund", &funds_and_custody(ctx));
    let amount = amount(form, ctx, "amount");
    let note = note(form);
    let amount = amount?;
    let body = Transfer {
        from_place: from_place?,
        to_place: to_place?,
        fund: fund?,
        amount,
        private: None,
    };
    plain(body, date?, note?, Some(amount.money()))
}

/// `/ban/dieu-chuyen-quy`: from one fund to another; of bound funds with the givers' consent.
pub const FUND_TRANSFER: Slip = Slip {
    path: "/ban/dieu-chuyen-quy",
    name: "fund-transfer",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("from_fund", "field-from-fund"),
        Field::one("to_fund", "field-to-fund"),
        Field::one("place", "field-place"),
        Field::one("amount", "field-amount"),
        Field::one("reason", "field-reason"),
        Field::one("gifts", "field-gifts"),
        Field::one("consent", "field-consent"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::select("from_fund", funds(&ctx.officer.books)),
            Input::select("to_fund", funds(&ctx.officer.books)),
            Input::select("place", places(&ctx.officer.books)),
            Input::new("money", "amount"),
            Input::words("reason", words("move", REASONS)),
            Input::new("text", "gifts").hint("hint-gifts").optional(),
            Input::new("text", "consent").hint("hint-consent").optional(),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: fund_transfer,
};

fn fund_transfer(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let offered = funds(&ctx.officer.books);
    let from_fund = code(form, "from_fund", &offered);
    let to_fund = code(form, "to_fund", &offered);
    let place = code(form, "place", &places(&ctx.officer.books));
    let amount = amount(form, ctx, "amount");
    let reason = word::<MoveReason>(form, "reason", REASONS);
    let gifts = gifts(form, ctx);
    let consent = form.optional_text("consent", 200);
    let note = note(form);
    let (gifts, consent, reason) = (gifts?, consent?, reason?);
    if reason == MoveReason::Consent && consent.is_none() {
        return Err(form.note("consent", "fault-missing"));
    }
    let mut sealed = Sealed::of(ctx.id.clone());
    let private = sealed.texts(&[(PrivateName::Consent, consent.as_deref())]);
    let private = private.map_err(|_| form.note("consent", "fault-sealed"))?;
    let amount = amount?;
    let body = FundTransfer {
        from_fund: from_fund?,
        to_fund: to_fund?,
        place: place?,
        amount,
        gifts,
        reason,
        private,
    };
    let total = Some(amount.money());
    let (date, note) = (date?, note?);
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total })
}

/// Entries of gifts, parted by commas or spaces.
pub(super) fn gifts(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Option<Gifts>, Noted> {
    let books = &ctx.officer.books;
    let Some(typed) = form.optional_text("gifts", 2_000)? else { return Ok(None) };
    let parts = typed.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let named = |seq| LineRef::Entry(books.reference(seq));
    let refs = parts
        .map(|part| part.trim_start_matches('#').parse().map(named))
        .collect::<Result<Vec<_>, _>>();
    let refs = refs.map_err(|_| form.note("gifts", "fault-gifts"))?;
    Gifts::new(refs).map(Some).ok_or_else(|| form.note("gifts", "fault-gifts"))
}
