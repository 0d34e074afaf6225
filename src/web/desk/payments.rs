//! Phiếu chi: aid to families, and costs.

use std::collections::{BTreeMap, BTreeSet};

use super::activity::{FIGURES, one_figure};
use super::families::directory;
use super::receipts::{amount, code, date, note, optional_code, optional_text, plain, word};
use super::sealed::Sealed;
use super::slip::{Ctx, Input, Slip, Written, funds, nothing, places, programmes, words};
use crate::ledger::disclosure::Digests;
use crate::ledger::voucher::{
    AidLine, AidPaid, Category, CostCategory, CostPaid, Counts, DonorType, Firm, Organisation,
    Paper, Papers, Payee,
};
use crate::ledger::word::{Amount, Code, Date, List, Number};
use crate::money::Money;
use crate::store::desk::register::Family;
use crate::web::forms::{Field, Noted, Submission};

pub(super) const CATEGORIES: &[&str] = &[
    "poor",
    "near_poor",
    "recently_out_of_poverty",
    "disability",
    "agent_orange",
    "lonely_elderly",
    "orphan",
    "serious_illness",
    "disaster",
    "other",
];
const COSTS: &[&str] =
    &["training", "transport", "printing", "storage", "bank_fee", "communication", "other"];
const PAYEES: &[&str] = &["firm", "person"];

/// `/ban/phieu-chi`: money handed to families, one row each.
pub const AID: Slip = Slip {
    path: "/ban/phieu-chi",
    name: "aid",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("programme", "field-programme"),
        Field::one("round", "field-round"),
        Field::one("note", "field-note"),
        Field::list("line_name", "field-line-name"),
        Field::list("line_category", "field-line-category"),
        Field::list("line_amount", "field-line-amount"),
        Field::one("place", "field-place-out"),
        Field::one("fund", "field-fund-out"),
        Field::one("gifts", "field-gifts"),
        Field::one("paper_no", "field-paper"),
        Field::one("again", "rounds-reason"),
        Field::one("sponsor", "field-id"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            Input::select("programme", programmes(books)).hint("hint-programme"),
            Input::new("text", "round").hint("hint-round").optional(),
            Input::note(),
            Input::rows(
                "lines",
                vec![
                    Input::new("text", "line_name"),
                    Input::words("line_category", words("category", CATEGORIES)),
                    Input::new("money", "line_amount"),
                ],
            )
            .hint("hint-lines"),
            Input::select("place", places(books)),
            Input::select("fund", funds(books)),
            Input::new("text", "gifts").hint("hint-gifts-first").optional(),
            Input::new("text", "paper_no").hint("hint-paper").optional(),
            Input::new("text", "again").hint("rounds-reason-hint").optional(),
        ]
    },
    beforehand: nothing,
    read: aid,
};

fn aid(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let programme = code(form, "programme", &programmes(books));
    let round = round(form);
    let note = note(form);
    let mut sealed = Sealed::of(ctx.id.clone());
    let lines = lines(form, ctx, &mut sealed, date.as_ref().ok());
    let again = again(form, ctx, &mut sealed, matches!(round, Ok(Some(_))));
    let place = code(form, "place", &places(books));
    let fund = code(form, "fund", &funds(books));
    let gifts = super::movements::gifts(form, ctx);
    let papers = papers(form);
    let (lines, counts, total) = lines?;
    let body = AidPaid {
        place: place?,
        fund: fund?,
        programme: programme?,
        round: round?,
        lines,
        counts,
        gifts: gifts?,
        papers: papers?,
        private: again?,
    };
    let (date, note, total) = (date?, note?, Some(total));
    Ok(Written { body: body.into(), date, note, private: sealed.values(), total })
}

/// A round's code: typed as people write it.
pub(super) fn round(form: &mut Submission) -> Result<Option<Code>, Noted> {
    let typed = form.optional_text("round", 32)?;
    let parsed = typed.map(|text| text.to_lowercase().parse()).transpose();
    parsed.map_err(|_| form.note("round", "fault-code"))
}

/// Numbers of papers that are kept with the slip.
pub(super) fn papers(form: &mut Submission) -> Result<Option<Papers>, Noted> {
    let no = optional_text(form, "paper_no")?;
    let Some(no) = no else { return Ok(None) };
    let private = super::sealed::paper().map_err(|_| form.note("paper_no", "fault-sealed"))?;
    Ok(List::new(vec![Paper { no: Some(no), private: Some(private) }]))
}

const LINE: [&str; 3] = ["line_name", "line_category", "line_amount"];

/// Why families of the register are served again in the round, each under its own key. A reason is
/// needed where another voucher serves one of them, or where this one names it twice.
pub(super) fn again(
    form: &mut Submission,
    ctx: &Ctx<'_>,
    sealed: &mut Sealed,
    in_a_round: bool,
) -> Result<Option<Digests>, Noted> {
    let reason = form.optional_text("again", 200)?;
    let mut named = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for name in form.list("line_name").into_iter().filter(|_| in_a_round) {
        let Some(family) = ctx.families.family(name) else { continue };
        if !named.insert(family.person.clone()) || ctx.families.is_served(family) {
            twice.insert(family.person.clone());
        }
    }
    if twice.is_empty() {
        return Ok(None);
    }
    let reason = reason.ok_or_else(|| form.note("again", "rounds-reason-needed"))?;
    let digests = twice.iter().map(|family| sealed.again(family, &reason));
    let digests = digests.collect::<Result<Vec<_>, _>>().and_then(Digests::sorted);
    digests.map(Some).map_err(|_| form.note("again", "fault-sealed"))
}

/// Families' lines, sorted by their digests; counts where every category has five or more. A family
/// of the register stands under its own key, and has its category there.
fn lines(
    form: &mut Submission,
    ctx: &Ctx<'_>,
    sealed: &mut Sealed,
    day: Option<&Date>,
) -> Result<(List<AidLine, 400>, Option<Counts>, Money), Noted> {
    let rows = form.rows(LINE);
    let mut lines = Vec::with_capacity(rows.len());
    let mut categories = Vec::with_capacity(rows.len());
    for (at, [name, category, amount]) in rows.iter().enumerate() {
        let number = minijinja::value::Value::from(at + 1);
        let money = Money::parse(amount, &ctx.officer.books.currency()).ok().and_then(Amount::new);
        let Some(money) = money else {
            let key = "fault-line-amount";
            return Err(form.note_with("line_amount", key, [("row", number)]));
        };
        let (digests, category) = helped(form, ctx, (sealed, day), (at + 1, name, category))?;
        lines.push(AidLine { amount: money, private: Some(digests) });
        categories.push(category);
    }
    lines.sort_by_key(|line| {
        line.private.as_ref().and_then(|digests| digests.as_slice().first().cloned())
    });
    let total = Money::sum(lines.iter().map(|line| line.amount.money()));
    let total = total.ok_or_else(|| form.note("line_amount", "fault-amount-large"))?;
    let none = lines.is_empty();
    let lines = List::new(lines).ok_or_else(|| {
        form.note("line_name", if none { "fault-lines-none" } else { "fault-lines-many" })
    })?;
    Ok((lines, counts(&categories), total))
}

/// One family of a slip: the digests of its name and category. A family of the register stands
/// under its own key, and has its category there unless another one is chosen.
pub(super) fn helped(
    form: &mut Submission,
    ctx: &Ctx<'_>,
    (sealed, day): (&mut Sealed, Option<&Date>),
    (row, name, category): (usize, &str, &str),
) -> Result<(Digests, Category), Noted> {
    let number = || [("row", minijinja::value::Value::from(row))];
    let family = ctx.families.family(name);
    let known = family.zip(day).filter(|_| category.is_empty());
    let known = known.map(|(family, day)| directory::category(family, *day));
    let Some(category) = known.or_else(|| category.parse::<Category>().ok()) else {
        return Err(form.note_with("line_category", "fault-line-category", number()));
    };
    let clean = crate::web::forms::clean(name, 200).ok().filter(|name| !name.is_empty());
    let Some(clean) = clean else {
        return Err(form.note_with("line_name", "fault-line-name", number()));
    };
    let digests = match family {
        Some(Family { person, record, .. }) => {
            sealed.registered(person, &record.full_name, category.as_str())
        }
        None => sealed.family(Some(&clean), Some(category.as_str())),
    };
    let digests = digests.map_err(|_| form.note("line_name", "fault-sealed"))?;
    Ok((digests, category))
}

/// Families per category. Categories below five are merged into `other`; no counts at all where
/// that is still below five (`docs/FORMAT.md`).
pub(super) fn counts(categories: &[Category]) -> Option<Counts> {
    let mut by_category: BTreeMap<Category, u64> = BTreeMap::new();
    for category in categories {
        *by_category.entry(*category).or_default() += 1;
    }
    let small: u64 = by_category.values().filter(|number| **number < 5).sum();
    by_category.retain(|_, number| *number >= 5);
    if small > 0 {
        *by_category.entry(Category::Other).or_default() += small;
    }
    if by_category.is_empty() || by_category.values().any(|number| *number < 5) {
        return None;
    }
    by_category.into_iter().map(|(word, number)| Some((word, Number::new(number)?))).collect()
}

/// `/ban/chi-phi`: transport, printing, bank fees.
pub const COST: Slip = Slip {
    path: "/ban/chi-phi",
    name: "cost",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("payee_type", "field-payee-type"),
        Field::one("payee_name", "field-payee-name"),
        Field::one("category", "field-cost-category"),
        Field::one("note", "field-note"),
        Field::one("amount", "field-amount"),
        Field::one("place", "field-place-out"),
        Field::one("fund", "field-fund-out"),
        Field::one("programme", "field-programme"),
        Field::one("figure_of", "activity-figure-of"),
        Field::one("figure_number", "activity-figure-number"),
        Field::one("paper_no", "field-paper"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        let [payee_type, payee_name] = payee_inputs();
        vec![
            Input::date(),
            payee_type,
            payee_name,
            Input::words("category", words("cost", COSTS)),
            Input::note(),
            Input::new("money", "amount"),
            Input::select("place", places(books)),
            Input::select("fund", funds(books)),
            Input::select("programme", programmes(books)).optional(),
            Input::words("figure_of", words("activity-of", FIGURES))
                .hint("cost-hint-figure")
                .optional(),
            Input::new("text", "figure_number").optional(),
            Input::new("text", "paper_no").hint("hint-paper").optional(),
        ]
    },
    beforehand: |_| vec![("payee_type", "firm".to_owned())],
    read: cost,
};

fn cost(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let mut sealed = Sealed::of(ctx.id.clone());
    let payee = payee(form, &mut sealed);
    let category = word::<CostCategory>(form, "category", COSTS);
    let note = note(form);
    let amount = amount(form, ctx, "amount");
    let place = code(form, "place", &places(books));
    let fund = code(form, "fund", &funds(books));
    let programme = optional_code(form, "programme", &programmes(books));
    let figure = one_figure(form);
    let papers = papers(form);
    let amount = amount?;
    let body = CostPaid {
        place: place?,
        fund: fund?,
        programme: programme?,
        category: category?,
        amount,
        payee: payee?,
        gifts: None,
        papers: papers?,
        figure: figure?,
        private: None,
    };
    let written = plain(body, date?, note?, Some(amount.money()))?;
    Ok(Written { private: sealed.values(), ..written })
}

/// Who is paid: a firm by its public name, or a person whose name is sealed.
pub(super) fn payee_inputs() -> [Input; 2] {
    [
        Input::words("payee_type", words("payee", PAYEES)),
        Input::new("text", "payee_name").hint("hint-payee-name"),
    ]
}

/// Reads who is paid.
///
/// # Errors
/// [`Noted`] at its field.
pub(super) fn payee(form: &mut Submission, sealed: &mut Sealed) -> Result<Payee, Noted> {
    let is_firm = form.choice("payee_type", &[("firm", true), ("person", false)]);
    let name = super::receipts::text(form, "payee_name");
    let (is_firm, name) = (is_firm?, name?);
    if is_firm {
        return Ok(Payee::Firm(Firm { r#type: Organisation::Organisation, name, private: None }));
    }
    let person = sealed.donor(DonorType::Person, Some(name.as_str()));
    person.map(Payee::Sealed).map_err(|_| form.note("payee_name", "fault-sealed"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn counts_never_name_fewer_than_five_families() {
        use Category::*;
        let of = |parts: &[(Category, usize)]| {
            let all: Vec<Category> =
                parts.iter().flat_map(|(word, times)| vec![*word; *times]).collect();
            counts(&all).map(|counts| {
                counts.into_iter().map(|(word, number)| (word, number.get())).collect::<Vec<_>>()
            })
        };
        assert_eq!(of(&[(Poor, 4)]), None);
        assert_eq!(of(&[(Poor, 5)]), Some(vec![(Poor, 5)]));
        assert_eq!(of(&[(Poor, 5), (Orphan, 1)]), None);
        let merged = of(&[(Poor, 6), (Orphan, 3), (Disability, 2)]);
        assert_eq!(merged, Some(vec![(Poor, 6), (Other, 5)]));
        assert_eq!(of(&[]), None);
    }
}
