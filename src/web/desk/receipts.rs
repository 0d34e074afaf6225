//! Phiếu thu: gifts and other income.

use super::sealed::Sealed;
use super::slip::{Ctx, Input, Slip, Written, codes, funds, nothing, places, words};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{Donation, DonorType, Income, IncomeType, Method};
use crate::ledger::word::{Amount, Code, Date, Note, Text};
use crate::money::Money;
use crate::web::forms::{Field, Noted, Submission};

pub(super) const DONOR_TYPES: &[&str] = &["person", "organisation", "collection", "unknown"];
const METHODS: &[&str] = &["cash", "transfer", "card", "other"];
const INCOMES: &[&str] = &["bank_interest", "other"];

/// `/ban/phieu-thu`: money given.
pub const DONATION: Slip = Slip {
    path: "/ban/phieu-thu",
    name: "donation",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("donor_type", "field-donor-type"),
        Field::one("donor_name", "field-donor-name"),
        Field::one("donor_address", "field-donor-address"),
        Field::one("note", "field-note"),
        Field::one("amount", "field-amount"),
        Field::one("method", "field-method"),
        Field::one("place", "field-place-in"),
        Field::one("fund", "field-fund-in"),
        Field::one("received_on", "field-received-on"),
        Field::one("paper_no", "field-paper-no"),
        Field::one("sponsor", "field-id"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::words("donor_type", words("donor", DONOR_TYPES)),
            Input::new("text", "donor_name").hint("hint-donor-name").optional(),
            Input::new("text", "donor_address").hint("hint-private").optional(),
            Input::note(),
            Input::new("money", "amount"),
            Input::words("method", words("method", METHODS)),
            Input::select("place", places(&ctx.officer.books)),
            Input::select("fund", funds(&ctx.officer.books)),
            Input::new("date", "received_on").hint("hint-received-on").optional(),
            Input::new("text", "paper_no").hint("hint-paper-no").optional(),
        ]
    },
    beforehand: |_| {
        let word = |name, value: &str| (name, value.to_owned());
        vec![
            word("donor_type", "person"),
            word("method", "cash"),
            word("place", "cash"),
            word("fund", "chung"),
        ]
    },
    read: donation,
};

fn donation(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let donor_type = word::<DonorType>(form, "donor_type", DONOR_TYPES);
    let name = form.optional_text("donor_name", 200);
    let address = form.optional_text("donor_address", 200);
    let note = note(form);
    let amount = amount(form, ctx, "amount");
    let method = word::<Method>(form, "method", METHODS);
    let place = code(form, "place", &places(&ctx.officer.books));
    let fund = code(form, "fund", &funds(&ctx.officer.books));
    let received_on = optional_date(form, "received_on");
    let paper_no = optional_text(form, "paper_no");
    let (donor_type, name, address) = (donor_type?, name?, address?);
    let mut sealed = Sealed::given_by(ctx.id.clone(), ctx.plans.sponsor());
    let private = sealed.texts(&[(PrivateName::Address, address.as_deref())]);
    let donor = sealed.donor(donor_type, name.as_deref());
    let unfit = |form: &mut Submission| form.note("donor_name", "fault-sealed");
    let (private, donor) = match (private, donor) {
        (Ok(private), Ok(donor)) => (private, donor),
        _ => return Err(unfit(form)),
    };
    let amount = amount?;
    let body = Donation {
        amount,
        place: place?,
        fund: fund?,
        donor,
        method: method?,
        received_on: received_on?,
        paper_no: paper_no?,
        private,
    };
    let total = Some(amount.money());
    let (date, note) = (date?, note?);
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total })
}

/// `/ban/thu-khac`: bank interest and other income that nobody gave.
pub const INCOME: Slip = Slip {
    path: "/ban/thu-khac",
    name: "income",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("type", "field-income-type"),
        Field::one("note", "field-note"),
        Field::one("amount", "field-amount"),
        Field::one("place", "field-place-in"),
        Field::one("fund", "field-fund-in"),
        Field::one("received_on", "field-received-on"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::words("type", words("income", INCOMES)),
            Input::note(),
            Input::new("money", "amount"),
            Input::select("place", places(&ctx.officer.books)),
            Input::select("fund", funds(&ctx.officer.books)),
            Input::new("date", "received_on").hint("hint-received-on").optional(),
        ]
    },
    beforehand: nothing,
    read: income,
};

fn income(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let r#type = word::<IncomeType>(form, "type", INCOMES);
    let note = note(form);
    let amount = amount(form, ctx, "amount");
    let place = code(form, "place", &places(&ctx.officer.books));
    let fund = code(form, "fund", &funds(&ctx.officer.books));
    let received_on = optional_date(form, "received_on");
    let amount = amount?;
    let body = Income {
        amount,
        place: place?,
        fund: fund?,
        r#type: r#type?,
        received_on: received_on?,
        private: None,
    };
    plain(body, date?, note?, Some(amount.money()))
}

/// A voucher without private values.
pub(super) fn plain(
    body: impl Into<crate::ledger::voucher::Body>,
    date: Date,
    note: Option<Note>,
    total: Option<Money>,
) -> Result<Written, Noted> {
    Ok(Written { body: body.into(), date, note, private: Vec::new(), total })
}

/// A day as vouchers have it.
pub(super) fn date(form: &mut Submission, name: &'static str) -> Result<Date, Noted> {
    let day = form.date(name)?;
    Date::new(day).ok_or_else(|| form.note(name, "fault-date-real"))
}

/// A day that may be left empty.
pub(super) fn optional_date(
    form: &mut Submission,
    name: &'static str,
) -> Result<Option<Date>, Noted> {
    if form.typed(name).trim().is_empty() { Ok(None) } else { date(form, name).map(Some) }
}

/// The public remark.
pub(super) fn note(form: &mut Submission) -> Result<Option<Note>, Noted> {
    let typed = form.optional_text("note", 500)?;
    typed.map(|text| text.parse().map_err(|_| form.note("note", "fault-sealed"))).transpose()
}

/// A line of text that may be left empty.
pub(super) fn optional_text(
    form: &mut Submission,
    name: &'static str,
) -> Result<Option<Text>, Noted> {
    let typed = form.optional_text(name, 200)?;
    typed.map(|text| text.parse().map_err(|_| form.note(name, "fault-sealed"))).transpose()
}

/// A line of text.
pub(super) fn text(form: &mut Submission, name: &'static str) -> Result<Text, Noted> {
    let typed = form.text(name, 200)?;
    typed.parse().map_err(|_| form.note(name, "fault-sealed"))
}

/// An amount above zero.
pub(super) fn amount(
    form: &mut Submission,
    ctx: &Ctx<'_>,
    name: &'static str,
) -> Result<Amount, Noted> {
    let money = form.money(name, &ctx.officer.books.currency())?;
    Amount::new(money).ok_or_else(|| form.note(name, "fault-amount-zero"))
}

/// One of the codes that were offered.
pub(super) fn code(
    form: &mut Submission,
    name: &'static str,
    offered: &[(String, String)],
) -> Result<Code, Noted> {
    let chosen = form.choice(name, &codes(offered))?;
    chosen.parse().map_err(|_| form.note(name, "fault-choice"))
}

/// A code that may be left empty.
pub(super) fn optional_code(
    form: &mut Submission,
    name: &'static str,
    offered: &[(String, String)],
) -> Result<Option<Code>, Noted> {
    if form.typed(name).is_empty() { Ok(None) } else { code(form, name, offered).map(Some) }
}

/// A word of a closed list, of those that were offered.
pub(super) fn word<T: std::str::FromStr>(
    form: &mut Submission,
    name: &'static str,
    offered: &[&str],
) -> Result<T, Noted> {
    let choices: Vec<(&str, &str)> = offered.iter().map(|word| (*word, *word)).collect();
    let chosen = form.choice(name, &choices)?.to_owned();
    chosen.parse().map_err(|_| form.note(name, "fault-choice"))
}
