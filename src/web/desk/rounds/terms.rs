//! Rounds, and what is known of one beforehand.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::{PATH, find, goods, path, refused};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;
use crate::store::desk::rounds::{Goods, Round, Terms};
use crate::web::desk::goods_rows::ITEMS;
use crate::web::desk::receipts::{code, date};
use crate::web::desk::slip::{funds, items, places, programmes, stores};
use crate::web::desk::{Answer, describe};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// The fields of a new round.
const FORM: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("programme", "field-programme"),
    Field::one("round", "field-round"),
    Field::one("date", "rounds-date"),
    Field::one("amount", "rounds-amount"),
    Field::one("place", "field-place-out"),
    Field::one("fund", "field-fund-out"),
    ITEMS[0],
    ITEMS[1],
    Field::one("store", "field-store-out"),
    Field::one("goods_fund", "rounds-goods-fund"),
];

/// The fields of a round whose list is open.
pub const CHANGE: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("date", "rounds-date"),
    Field::one("amount", "rounds-amount"),
    Field::one("place", "field-place-out"),
    Field::one("fund", "field-fund-out"),
    ITEMS[0],
    ITEMS[1],
    Field::one("store", "field-store-out"),
    Field::one("goods_fund", "rounds-goods-fund"),
];

/// A round as pages show it.
#[derive(Debug, Serialize)]
pub struct Shown {
    id: String,
    programme: String,
    round: String,
    date: String,
    place: String,
    fund: String,
    amount: i64,
    families: u64,
    total: i64,
    served: u64,
    goods: Option<goods::Shown>,
}

impl Shown {
    /// What a round is called in a choice.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} · {}", self.programme, self.round)
    }
}

/// A round as pages show it.
#[must_use]
pub fn shown(officer: &Officer, round: &Round) -> Shown {
    let (books, terms) = (&officer.books, &round.terms);
    Shown {
        id: round.id.to_string(),
        programme: describe::programme_name(books, terms.programme.as_str()),
        round: terms.round.to_string(),
        date: terms.date.to_string(),
        place: describe::place_name(books, terms.place.as_str()),
        fund: describe::fund_name(books, terms.fund.as_str()),
        amount: terms.amount.minor(),
        families: round.families,
        total: round.total.minor(),
        served: round.served,
        goods: terms.goods.as_ref().map(|own| goods::shown(books, own, round.families)),
    }
}

/// All rounds.
#[get("/ban/dot-cap-phat")]
pub async fn all(officer: Caseworker, kept: Kept<'_>) -> Result<Page, Fault> {
    let officer = officer.0;
    let rounds = kept.0.rounds(&officer.desk).await.map_err(Fault::internal)?;
    let rounds: Vec<Shown> = rounds.iter().map(|round| shown(&officer, round)).collect();
    let rounds = minijinja::value::Serde(rounds);
    Ok(crate::web::desk::page(&officer, "desk/rounds/all.html", context! { rounds }))
}

fn new() -> String {
    format!("{PATH}/moi")
}

fn page(officer: &Officer, form: FormView) -> Page {
    let books = &officer.books;
    crate::web::desk::page(
        officer,
        "desk/rounds/new.html",
        context! {
            form,
            programmes => programmes(books),
            places => places(books),
            funds => funds(books),
            items => items(books),
            stores => stores(books),
        },
    )
}

/// A blank form.
#[get("/ban/dot-cap-phat/moi")]
pub async fn blank(officer: Caseworker) -> Result<Page, Fault> {
    let officer = officer.0;
    let id = new_opaque_id().map_err(Fault::internal)?;
    let form = FormView::blank(&officer.form_secret(), &new(), FORM)
        .with("id", id)
        .with("place", "cash")
        .with("fund", "chung")
        .with("goods_fund", "chung")
        .with("date", officer.today.format("%d/%m/%Y").to_string());
    Ok(page(&officer, form))
}

/// Makes a round.
#[post("/ban/dot-cap-phat/moi", data = "<fields>")]
pub async fn make(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let officer = officer.0;
    let mut form = fields.only(FORM)?;
    let id: Person = form.hidden("id")?;
    if let Ok(terms) = read_new(&mut form, &officer) {
        let (by, now) = (&officer.person, config.clock.now());
        match kept.0.make_round(&officer.desk, (&id, &terms), by, now).await {
            Ok(()) => return Ok(Answer::go(path(&id))),
            Err(fault) => form.note("round", refused(fault)?),
        };
    }
    let form = FormView::again(&officer.form_secret(), &new(), &form);
    Ok(page(&officer, form).status(Status::UnprocessableEntity).into())
}

fn read_new(form: &mut Submission, officer: &Officer) -> Result<Terms, Noted> {
    let programme = code(form, "programme", &programmes(&officer.books));
    let round = form.text("round", 32);
    let round = round.and_then(|typed| {
        let parsed: Result<Code, _> = typed.to_lowercase().parse();
        parsed.map_err(|_| form.note("round", "fault-code"))
    });
    let known = read_known(form, officer);
    let (programme, round, Known { date, amount, place, fund, goods }) =
        (programme?, round?, known?);
    Ok(Terms { programme, round, date, place, fund, amount, goods })
}

/// What a form says of a round beside its programme and code.
struct Known {
    date: Date,
    amount: Money,
    place: Code,
    fund: Code,
    goods: Option<Goods>,
}

fn read_known(form: &mut Submission, officer: &Officer) -> Result<Known, Noted> {
    let books = &officer.books;
    let date = date(form, "date");
    let amount = match form.typed("amount").trim() {
        "" => Ok(Money::ZERO),
        _ => form.money("amount", &books.currency()),
    };
    let place = code(form, "place", &places(books));
    let fund = code(form, "fund", &funds(books));
    let goods = goods::read(form, books);
    Ok(Known { date: date?, amount: amount?, place: place?, fund: fund?, goods: goods? })
}

/// The path to which changes of a round go.
#[must_use]
pub fn action(id: &Person) -> String {
    format!("{}/thong-tin", path(id))
}

/// The form of a round as it is.
#[must_use]
pub fn filled(officer: &Officer, round: &Round) -> FormView {
    let terms = &round.terms;
    let amount = match terms.amount {
        Money::ZERO => String::new(),
        amount => amount.minor().to_string(),
    };
    let form = FormView::blank(&officer.form_secret(), &action(&round.id), CHANGE)
        .with("version", round.version.to_string())
        .with("date", terms.date.naive().format("%d/%m/%Y").to_string())
        .with("amount", amount)
        .with("place", terms.place.as_str())
        .with("fund", terms.fund.as_str());
    match &terms.goods {
        Some(own) => goods::filled(form, own),
        None => form.with("goods_fund", terms.fund.as_str()),
    }
}

/// Changes day, amount, place, fund and goods of a round whose list is open.
#[post("/ban/dot-cap-phat/<id>/thong-tin", data = "<fields>")]
pub async fn change(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(CHANGE)?;
    let (round, _) = find(&officer, store, id).await?;
    let version: u64 = form.hidden("version")?;
    if let Ok(Known { date, amount, place, fund, goods }) = read_known(&mut form, &officer) {
        let terms = Terms { date, amount, place, fund, goods, ..round.terms.clone() };
        match store.change_round(&officer.desk, (&round.id, version), &terms).await {
            Ok(()) => return Ok(Answer::go(format!("{}?luu=1", path(&round.id)))),
            Err(fault) => form.note_form(refused(fault)?, []),
        };
    }
    let view = FormView::again(&officer.form_secret(), &action(&round.id), &form);
    let forms = super::list::Forms { terms: Some(view), ..Default::default() };
    let page = super::list::page(&officer, store, config, id, (forms, 1, None)).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

/// The form that throws a round away.
pub const DISCARD: &[Field] = &[Field::one("version", "field-id")];

/// The path of the button that throws a round away.
#[must_use]
pub fn discarding(id: &Person) -> String {
    format!("{}/bo", path(id))
}

/// Throws a round away of which no voucher waits or is recorded.
#[post("/ban/dot-cap-phat/<id>/bo", data = "<fields>")]
pub async fn discard(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(DISCARD)?;
    let (round, _) = find(&officer, store, id).await?;
    let version: u64 = form.hidden("version")?;
    match store.discard_round(&officer.desk, (&round.id, version)).await {
        Ok(()) => return Ok(Answer::go(PATH)),
        Err(fault) => form.note_form(refused(fault)?, []),
    };
    let view = FormView::again(&officer.form_secret(), &discarding(&round.id), &form);
    let forms = super::list::Forms { discard: Some(view), ..Default::default() };
    let page = super::list::page(&officer, store, config, id, (forms, 1, None)).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}
