//! `/<chapter>/tra-cuu`: find a gift by day, amount, fund, or a part of a published name; and by a
//! bank's reference together with the exact day and amount.
//!
//! What is found is public anyway, and leads to the public entry: never to a receipt. A reference
//! is private, so it travels in a body and not in an address, and a peer has few tries.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::uri::Origin;
use rocket::http::{RawStr, Status};
use rocket::{get, post};

use super::chosen::{position, spelled};
use super::home::page;
use super::ledgers::{Ledgers, read};
use super::peer::Peer;
use super::told;
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::facade::View;
use crate::store::search::{FoundGift, GiftQuery, LONGEST_REFERENCE, NameWords, normal_reference};
use crate::web::forms::{self, Field, Fields, FormView, Noted, Submission};
use crate::web::guards::{FormSecret, SameOrigin};
use crate::web::{Fault, Page};

/// Gifts on a page.
const LINES: u32 = 25;
/// The longest part of a name that is looked for.
const LONGEST_NAME: usize = 100;

const FORM: &[Field] = &[
    Field::one("tu", "find-from"),
    Field::one("den", "find-to"),
    Field::one("so_tien", "find-amount"),
    Field::one("ten", "find-name"),
    Field::one("loai", "find-kind"),
    Field::one("quy", "find-fund"),
    Field::one("sau", "find-name"),
];
const REFERENCE: &[Field] = &[
    Field::one("ngay", "find-day"),
    Field::one("so_tien", "find-amount"),
    Field::one("ma", "find-reference"),
];

/// The form; where something is asked for, what was found.
#[get("/<chapter>/tra-cuu", rank = 20)]
pub async fn find(
    chapter: &str,
    uri: &Origin<'_>,
    peer: Peer,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let action = format!("/{}/tra-cuu", view.origin.slug());
    let asked = forms::asked(uri);
    let fields = Fields::parse(asked.join("&").as_bytes(), 20).map_err(Fault::BadRequest)?;
    let mut form = fields.only(FORM)?;
    let Ok(wanted) = wanted(&mut form, &view)? else {
        let form = FormView::asked(&action, &form);
        return Ok(shown(&view, form, None).status(Status::UnprocessableEntity));
    };
    let form_view = FormView::asked(&action, &form);
    let Some(wanted) = wanted else { return Ok(shown(&view, form_view, None)) };
    peer.searches()?;
    let store = ledgers.store();
    let found = store.find_gifts(view.chapter, &wanted, view.size(), LINES + 1).await;
    let mut found = found.map_err(read)?;
    let more = found.len() > usize::try_from(LINES).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(LINES).unwrap_or(usize::MAX));
    let last = found.last().filter(|_| more).map(|gift| spelled(gift.position()));
    let result = context! {
        rows => rows(&view, &found),
        next => last.map(|last| format!("{action}?{}&sau={last}", again(&form))),
        first => format!("{action}?{}", again(&form)),
        behind => wanted.before.is_some(),
    };
    Ok(shown(&view, form_view, Some(result)))
}

fn shown(view: &View, form: FormView, result: Option<Value>) -> Page {
    let funds = view.books.register().funds().values();
    let shown = context! {
        form,
        result,
        kinds => [("tien", "find-kind-money"), ("hien-vat", "find-kind-goods")],
        funds => funds.map(|own| (own.fund.code.to_string(), own.fund.name.to_string()))
            .collect::<Vec<_>>(),
    };
    page(view, "public/finding.html", shown).private_address()
}

/// The same question without its place, as a query. Everything typed is escaped.
fn again(form: &Submission) -> String {
    let asked = FORM.iter().filter(|field| field.name != "sau");
    let pairs = asked.map(|field| (field.name, form.typed(field.name).trim()));
    let pairs = pairs.filter(|(_, typed)| !typed.is_empty());
    let escaped =
        pairs.map(|(name, typed)| format!("{name}={}", RawStr::new(typed).percent_encode()));
    escaped.collect::<Vec<_>>().join("&")
}

/// What is asked for; `None` where nothing is.
///
/// The outer fault is an address that no page of ours makes.
fn wanted(form: &mut Submission, view: &View) -> Result<Result<Option<GiftQuery>, Noted>, Fault> {
    let before = position(Some(form.typed("sau")).filter(|text| !text.is_empty()))?;
    let (from, to) = (optional_day(form, "tu"), optional_day(form, "den"));
    let amount = optional_amount(form, view);
    let name = name_words(form);
    let goods = optional_choice(form, "loai", &[("tien", false), ("hien-vat", true)]);
    let funds = view.books.register().funds().keys();
    let funds: Vec<(String, Code)> = funds.map(|code| (code.to_string(), code.clone())).collect();
    let offered: Vec<(&str, Code)> =
        funds.iter().map(|(text, code)| (text.as_str(), code.clone())).collect();
    let fund = optional_choice(form, "quy", &offered);
    let read = || -> Result<GiftQuery, Noted> {
        let (from, to) = (from?, to?);
        Ok(GiftQuery {
            // A first day alone is that day; a last day alone, all until then.
            from,
            to: to.or(from),
            amount: amount?,
            goods: goods?,
            fund: fund?,
            name: name?,
            before,
        })
    };
    let Ok(mut query) = read() else { return Ok(Err(Noted)) };
    if query.from.is_some() && query.from > query.to {
        return Ok(Err(form.note("den", "find-fault-order")));
    }
    let nothing = GiftQuery { before, ..GiftQuery::default() };
    if query == nothing {
        return Ok(Ok(None));
    }
    query.before = before;
    Ok(Ok(Some(query)))
}

fn optional_day(form: &mut Submission, name: &'static str) -> Result<Option<Date>, Noted> {
    let day = form.optional_date(name)?;
    let day = day.map(|day| Date::new(day).ok_or(Noted)).transpose();
    day.map_err(|_| form.note(name, "fault-date-real"))
}

fn optional_amount(form: &mut Submission, view: &View) -> Result<Option<Money>, Noted> {
    if form.typed("so_tien").trim().is_empty() {
        return Ok(None);
    }
    form.money("so_tien", &view.books.currency()).map(Some)
}

fn optional_choice<T: Clone>(
    form: &mut Submission,
    name: &'static str,
    offered: &[(&str, T)],
) -> Result<Option<T>, Noted> {
    if form.typed(name).is_empty() {
        return Ok(None);
    }
    form.choice(name, offered).map(Some)
}

fn name_words(form: &mut Submission) -> Result<Option<NameWords>, Noted> {
    let Some(text) = form.optional_text("ten", LONGEST_NAME)? else { return Ok(None) };
    // A text of signs alone would be taken for no question at all.
    NameWords::of(&text).map(Some).ok_or_else(|| form.note("ten", "find-fault-name"))
}

fn rows(view: &View, found: &[FoundGift]) -> Vec<Value> {
    let row = |gift: &FoundGift| {
        context! {
            seq => gift.seq,
            day => gift.day.to_string(),
            numbers => gift.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            kind => told::kind_key(gift.kind),
            amount => (gift.amount != Money::ZERO).then_some(gift.amount.minor()),
            goods => gift.goods,
            fund => gift.fund.as_ref().map(|fund| told::fund(&view.books, fund.as_str())),
            name => gift.name.as_deref(),
            reversed => gift.reversed_by,
        }
    };
    found.iter().map(row).collect()
}

fn by_reference(view: &View, form: FormView, result: Option<Value>) -> Page {
    let shown = context! { form, result };
    page(view, "public/finding-reference.html", shown).private_address()
}

/// The form for a bank's reference.
#[get("/<chapter>/tra-cuu/ma-giao-dich", rank = 20)]
pub fn reference(chapter: &str, secret: FormSecret, ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let action = format!("/{}/tra-cuu/ma-giao-dich", view.origin.slug());
    Ok(by_reference(&view, FormView::blank(&secret, &action, REFERENCE), None))
}

/// Whether there is a gift of exactly this day, amount and reference.
#[post("/<chapter>/tra-cuu/ma-giao-dich", data = "<fields>", rank = 30)]
pub async fn find_reference(
    _same: SameOrigin,
    chapter: &str,
    secret: FormSecret,
    peer: Peer,
    ledgers: Ledgers<'_>,
    fields: Fields,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let action = format!("/{}/tra-cuu/ma-giao-dich", view.origin.slug());
    let mut form = fields.only(REFERENCE)?;
    let Ok((reference, day, amount)) = read_reference(&mut form, &view) else {
        let form = FormView::again(&secret, &action, &form);
        return Ok(by_reference(&view, form, None).status(Status::UnprocessableEntity));
    };
    peer.tries_reference()?;
    let asked = (reference.as_str(), day, amount);
    let found = ledgers.store().find_by_reference(view.chapter, asked, view.size()).await;
    let result = context! { rows => rows(&view, &found.map_err(read)?) };
    Ok(by_reference(&view, FormView::again(&secret, &action, &form), Some(result)))
}

fn read_reference(form: &mut Submission, view: &View) -> Result<(String, Date, Money), Noted> {
    let day = form.date("ngay").and_then(|day| {
        Date::new(day).ok_or(Noted).map_err(|_| form.note("ngay", "fault-date-real"))
    });
    let amount = form.money("so_tien", &view.books.currency());
    let reference = form.text("ma", 2 * LONGEST_REFERENCE).and_then(|text| {
        normal_reference(&text).ok_or_else(|| form.note("ma", "find-fault-reference"))
    });
    Ok((reference?, day?, amount?))
}
