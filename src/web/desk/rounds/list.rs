//! A round with its list. Names are opened for the page that shows them, which the log notes.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::terms::{DISCARD, discarding, filled, shown};
use super::{LIST, find, goods, laying, path, refused};
use crate::import::text::fold;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Amount, Person};
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::register::Families;
use crate::store::desk::rounds::{Placed, Round, RoundLine, Terms};
use crate::store::desk::vault::{Purpose, Reader};
use crate::web::desk::Answer;
use crate::web::desk::families::list::category_keys;
use crate::web::desk::slip::{funds, items, places, stores};
use crate::web::forms::{Field, FormView, ManyFields, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Families on a page.
pub const PER_PAGE: usize = 200;

/// The list of a page, with amounts and who is taken off.
pub const FORM: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("page", "field-id"),
    Field::list("family", "field-id"),
    Field::list("amount", "field-amount"),
    Field::list("off", "rounds-off"),
];

/// The forms of the page that come back with faults.
#[derive(Default)]
pub struct Forms {
    /// Day, amount, place, fund.
    pub terms: Option<FormView>,
    /// The list.
    pub list: Option<FormView>,
    /// The vouchers.
    pub lay: Option<FormView>,
    /// The button that throws the round away.
    pub discard: Option<FormView>,
}

/// A family on the list.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its number on the printed sheet, from 1.
    pub number: usize,
    /// The family.
    pub id: String,
    /// `None` while the family is held back.
    pub name: Option<String>,
    /// Where it lives.
    pub hamlet: Option<String>,
    categories: Vec<String>,
    /// What it gets.
    pub amount: i64,
    reason: Option<String>,
    /// Whether it lacks a voucher.
    lacks: bool,
    /// Whether it did not come.
    absent: bool,
}

/// The lines with their names, by hamlet and given name; what is written alike stands together.
#[must_use]
pub fn rows(terms: &Terms, lines: &[RoundLine], families: &Families) -> Vec<Row> {
    let row = |line: &RoundLine| {
        let record = families.get(&line.family).map(|family| &family.record);
        Row {
            number: 0,
            id: line.family.to_string(),
            name: record.map(|record| record.full_name.clone()),
            hamlet: record.and_then(|record| record.hamlet.clone()),
            categories: record
                .map(|record| category_keys(&record.categories_on(terms.date)))
                .unwrap_or_default(),
            amount: line.amount.minor(),
            reason: line.reason.clone(),
            lacks: line.lacks_money() || line.lacks_goods(terms),
            absent: line.is_absent(),
        }
    };
    let mut rows: Vec<Row> = lines.iter().map(row).collect();
    rows.sort_by_cached_key(|row| {
        let name = fold(row.name.as_deref().unwrap_or_default());
        let given = name.split_whitespace().last().unwrap_or_default().to_owned();
        let hamlet = fold(row.hamlet.as_deref().unwrap_or_default());
        (hamlet, row.hamlet.clone(), given, name, row.id.clone())
    });
    rows.iter_mut().zip(1..).for_each(|(row, number)| row.number = number);
    rows
}

/// The path to which the list goes.
#[must_use]
pub fn action(id: &Person) -> String {
    format!("{}/danh-sach", path(id))
}

/// The page of a round.
#[get("/ban/dot-cap-phat/<id>?<trang>&<luu>&<moi>")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    trang: Option<usize>,
    luu: Option<&str>,
    moi: Option<&str>,
) -> Result<Page, Fault> {
    let done = match (moi, luu) {
        (Some("vang"), _) => Some("rounds-absent-laid"),
        (Some(_), _) => Some("rounds-laid"),
        (_, Some(_)) => Some("rounds-kept"),
        _ => None,
    };
    let rest = (Forms::default(), trang.unwrap_or(1), done);
    page(&officer.0, kept.0, config, id, rest).await
}

/// A voucher that a list made, or that brings something of it back.
struct Made {
    families: usize,
    total: Money,
    goods: bool,
    back: bool,
}

/// The vouchers of a round: where each is, and what became of it.
async fn vouchers(
    officer: &Officer,
    store: &Store,
    (round, lines): (&Round, &[RoundLine]),
) -> Result<Vec<Value>, Fault> {
    let mut all: BTreeMap<&VoucherId, Made> = BTreeMap::new();
    for line in lines {
        for (part, goods) in [(&line.money, false), (&line.goods, true)] {
            let ids = [(part.voucher.as_ref(), false), (part.returned.as_ref(), true)];
            for (id, back) in ids {
                let Some(id) = id else { continue };
                let blank = Made { families: 0, total: Money::ZERO, goods, back };
                let made = all.entry(id).or_insert(blank);
                made.families += 1;
                made.total = Money::sum([made.total, line.amount]).unwrap_or(made.total);
            }
        }
    }
    let mut shown = Vec::with_capacity(all.len());
    for (id, Made { families, total, goods, back }) in all {
        let own = round.terms.goods.as_ref().filter(|_| goods);
        let draft = store.draft(&officer.desk, id).await.map_err(Fault::internal)?;
        let Some(draft) = draft else { continue };
        shown.push(context! {
            id => id.to_string(),
            code => draft.code,
            state => draft.state.as_str(),
            seq => draft.seq,
            families,
            total => total.minor(),
            goods => own.map(|own| goods::words(&officer.books, own, families)),
            back,
        });
    }
    Ok(shown)
}

/// The page of a round, with the forms that came back.
///
/// # Errors
/// 404, and faults of the machine.
pub async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    id: &str,
    (forms, at, done): (Forms, usize, Option<&'static str>),
) -> Result<Page, Fault> {
    let (round, lines) = find(officer, store, id).await?;
    let pages = lines.len().div_ceil(PER_PAGE).max(1);
    let at = at.clamp(1, pages);
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let now = config.clock.now();
    let shown_rows = store.families(&officer.desk, reader, LIST, now, |families| {
        let rows = rows(&round.terms, &lines, &families).into_iter();
        let rows: Vec<Row> = rows.skip((at - 1) * PER_PAGE).take(PER_PAGE).collect();
        let number = rows.len();
        (rows, number)
    });
    let rows = shown_rows.await.map_err(Fault::internal)?;
    let secret = officer.form_secret();
    let version = round.version.to_string();
    let list = forms.list.unwrap_or_else(|| {
        let amounts = rows.iter().map(|row| row.amount.to_string()).collect();
        FormView::blank(&secret, &action(&round.id), FORM).with_list("amount", amounts)
    });
    let list = list.with("version", version.clone()).with("page", at.to_string());
    let lay = forms
        .lay
        .unwrap_or_else(|| FormView::blank(&secret, &laying::action(&round.id), laying::FORM));
    let discard =
        forms.discard.unwrap_or_else(|| FormView::blank(&secret, &discarding(&round.id), DISCARD));
    let left = laying::Left::of(&round.terms, &lines);
    let total = Money::sum(left.money.iter().map(|line| line.amount)).map(Money::minor);
    let books = &officer.books;
    Ok(crate::web::desk::page(
        officer,
        "desk/rounds/round.html",
        context! {
            round => minijinja::value::Serde(shown(officer, &round)),
            frozen => round.is_frozen(),
            terms => forms.terms.unwrap_or_else(|| filled(officer, &round)),
            list,
            lay => lay.with("version", version.clone()),
            discard => discard.with("version", version),
            rows => minijinja::value::Serde(rows),
            at,
            last => pages,
            left => left.families,
            lays => left.may_be_laid_by(officer),
            total => total.filter(|total| *total > 0),
            goods => round.terms.goods.as_ref()
                .filter(|_| !left.goods.is_empty())
                .map(|own| goods::words(books, own, left.goods.len())),
            parts => left.vouchers().len(),
            vouchers => vouchers(officer, store, (&round, &lines)).await?,
            places => places(books),
            funds => funds(books),
            items => items(books),
            stores => stores(books),
            done,
        },
    ))
}

/// Changes amounts of families on the list, and takes some off it.
#[post("/ban/dot-cap-phat/<id>/danh-sach", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.0.only(FORM)?;
    let (round, lines) = find(&officer, store, id).await?;
    let version: u64 = form.hidden("version")?;
    let at: usize = form.typed("page").parse().unwrap_or(1);
    if let Ok((placed, off)) = read(&mut form, &officer, (&round, &lines)) {
        let (of, now) = ((&round.id, version), config.clock.now());
        match store.place_families(&officer.desk, of, (&placed, &off), now).await {
            Ok(()) => {
                return Ok(Answer::go(format!("{}?trang={at}&luu=1", path(&round.id))));
            }
            Err(fault) => form.note_form(refused(fault)?, []),
        };
    }
    let view = FormView::again(&officer.form_secret(), &action(&round.id), &form);
    let forms = Forms { list: Some(view), ..Default::default() };
    let page = page(&officer, store, config, id, (forms, at, None)).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

/// What is changed: lines with another amount, and those that go.
fn read(
    form: &mut Submission,
    officer: &Officer,
    (round, lines): (&Round, &[RoundLine]),
) -> Result<(Vec<Placed>, Vec<Person>), Noted> {
    let off: Vec<Person> = form.list("off").into_iter().flat_map(str::parse).collect();
    let (families, amounts) = (form.list("family"), form.list("amount"));
    let typed: Vec<(String, String)> = families
        .into_iter()
        .zip(amounts)
        .map(|(family, amount)| (family.to_owned(), amount.to_owned()))
        .collect();
    let mut placed = Vec::new();
    for (at, (family, amount)) in (1..).zip(typed) {
        let own = lines.iter().find(|line| line.family.as_str() == family);
        let Some(own) = own.filter(|own| !off.contains(&own.family)) else { continue };
        let money = match amount.trim() {
            "" | "0" if round.terms.goods.is_some() => Some(Money::ZERO),
            amount => Money::parse(amount, &officer.books.currency())
                .ok()
                .filter(|money| Amount::new(*money).is_some()),
        };
        let Some(money) = money else {
            let row = [("row", Value::from(at))];
            return Err(form.note_with("amount", "fault-line-amount", row));
        };
        if money != own.amount {
            let (family, reason) = (own.family.clone(), own.reason.clone());
            placed.push(Placed { family, amount: money, reason });
        }
    }
    Ok((placed, off))
}
