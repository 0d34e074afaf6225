//! `/ban/ung-ho`: how people give: which funds take gifts, under which code, into which account;
//! when the office is open, which goods are taken. The pages `/<chapter>/ung-ho` and
//! `/<chapter>/quy/<fund>` show it.
//!
//! The number of an account is not typed here: it stands in the signed ledger, or nowhere.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{Route, State, get, post, routes};
use serde::Serialize;

use super::receipts::optional_code;
use super::{Answer, describe};
use crate::ledger::giving::{GivingCode, GivingFault};
use crate::ledger::voucher::PlaceType;
use crate::ledger::word::{Code, Date};
use crate::publish::vietqr::VietQr;
use crate::store::Store;
use crate::store::desk::giving::{Both, Chosen, LAST, LONGEST, Texts};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::facade::{FundGiving, Giving, Taking};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// Where it is.
pub const PATH: &str = "/ban/ung-ho";

const TEXTS: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("office_vi", "give-office-vi"),
    Field::one("office_en", "give-office-en"),
    Field::one("goods_vi", "give-goods-vi"),
    Field::one("goods_en", "give-goods-en"),
];

const FUND: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("open", "give-open"),
    Field::one("name", "give-name"),
    Field::one("place", "give-place"),
    Field::one("turn", "give-turn"),
    Field::one("greeting_vi", "give-greeting-vi"),
    Field::one("greeting_en", "give-greeting-en"),
];

/// The routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![show, send, fund, send_fund]
}

async fn giving(officer: &Officer, store: &Store) -> Result<Giving, Fault> {
    store.giving(officer.chapter, &officer.books).await.map_err(Fault::internal)
}

/// A fund in the list.
#[derive(Debug, Serialize)]
struct Row {
    fund: String,
    name: String,
    code: String,
    /// The key of the text that says whether it takes gifts.
    taking: &'static str,
    place: Option<String>,
    /// The entry in which the ledger says the number of the account.
    entry: Option<u64>,
    /// Whether there is a QR code.
    qr: bool,
    closed: bool,
}

/// The key of the text that says whether a fund takes gifts.
#[must_use]
pub const fn taking_key(taking: Taking) -> &'static str {
    match taking {
        Taking::Open => "give-taking-open",
        Taking::NotYet(_) => "give-taking-not-yet",
        Taking::Over(_) => "give-taking-over",
        Taking::NotAsked => "give-taking-not-asked",
        Taking::Closed => "give-taking-closed",
    }
}

fn row(officer: &Officer, giving: &Giving, own: &FundGiving, today: Date) -> Row {
    let books = &officer.books;
    let taking = own.taking(books, today);
    let place = own.account(books, giving);
    let opened = place.and_then(|code| books.register().places().get(code)?.opened.as_ref());
    Row {
        fund: own.fund.to_string(),
        name: describe::fund_name(books, own.fund.as_str()),
        code: own.chosen.code.to_string(),
        taking: taking_key(taking),
        place: place.map(|code| describe::place_name(books, code.as_str())),
        entry: place.and_then(|code| giving.places.get(code).copied()),
        qr: opened.is_some_and(|place| VietQr::of_place(place).is_some()),
        closed: taking == Taking::Closed,
    }
}

/// The funds, and the texts of the chapter.
#[get("/ban/ung-ho?<luu>")]
pub async fn show(officer: Treasurer, kept: Kept<'_>, luu: Option<&str>) -> Result<Page, Fault> {
    let officer = officer.0;
    let giving = giving(&officer, kept.0).await?;
    let Texts { office, goods } = &giving.texts;
    let form = FormView::blank(&officer.form_secret(), PATH, TEXTS)
        .with("version", giving.version.to_string())
        .with("office_vi", office.vi.as_str())
        .with("office_en", office.en.as_str())
        .with("goods_vi", goods.vi.as_str())
        .with("goods_en", goods.en.as_str());
    page(&officer, &giving, form, luu.is_some())
}

fn page(officer: &Officer, giving: &Giving, form: FormView, kept: bool) -> Result<Page, Fault> {
    let today = Date::new(officer.today).ok_or(Fault::NotFound)?;
    let rows: Vec<Row> = giving.funds.iter().map(|own| row(officer, giving, own, today)).collect();
    Ok(super::page(
        officer,
        "desk/giving.html",
        context! {
            form,
            rows => minijinja::value::Serde(rows),
            slug => officer.desk.origin.slug(),
            kept,
        },
    ))
}

/// The version that a form was shown with.
fn version(form: &Submission) -> Result<u64, Fault> {
    form.hidden("version")
}

/// Keeps the texts of the chapter.
#[post("/ban/ung-ho", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(TEXTS)?;
    let version = version(&form)?;
    let read = read_texts(&mut form);
    let done = match &read {
        Ok(texts) => {
            let (of, now) = ((version, texts), config.clock.now());
            let done = store.set_giving_texts(&officer.desk, of, &officer.person, now).await;
            noted(&officer, done, &mut form)?
        }
        Err(Noted) => Err(Noted),
    };
    if done.is_ok() {
        return Ok(Answer::go(format!("{PATH}?luu=1")));
    }
    let giving = giving(&officer, store).await?;
    let view = FormView::again(&officer.form_secret(), PATH, &form);
    let view = view.with("version", giving.version.to_string());
    Ok(page(&officer, &giving, view, false)?.status(Status::UnprocessableEntity).into())
}

/// What the desk says no to, at its field.
fn noted(
    officer: &Officer,
    done: Result<(), DeskFault>,
    form: &mut Submission,
) -> Result<Result<(), Noted>, Fault> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(DeskFault::Refused(DeskRefusal::GivingMoved)) => {
            Ok(Err(form.note_form("give-fault-moved", [])))
        }
        Err(DeskFault::Refused(DeskRefusal::CodeTaken(fund))) => {
            let name = describe::fund_name(&officer.books, fund.as_str());
            let fund = [("fund", Value::from(name))];
            Ok(Err(form.note_with("name", "give-fault-taken", fund)))
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

fn both(form: &mut Submission, vi: &'static str, en: &'static str) -> Result<Both, Noted> {
    let (vi, en) = (form.optional_lines(vi, LONGEST), form.optional_lines(en, LONGEST));
    Ok(Both { vi: vi?.unwrap_or_default(), en: en?.unwrap_or_default() })
}

fn read_texts(form: &mut Submission) -> Result<Texts, Noted> {
    let office = both(form, "office_vi", "office_en");
    let goods = both(form, "goods_vi", "goods_en");
    Ok(Texts { office: office?, goods: goods? })
}

/// A fund that is open in the books.
fn find<'g>(officer: &Officer, giving: &'g Giving, fund: &str) -> Result<&'g FundGiving, Fault> {
    let code: Code = fund.parse().map_err(|_| Fault::NotFound)?;
    let open = officer.books.register().fund("fund", &code).is_ok();
    giving.fund(&code).filter(|_| open).ok_or(Fault::NotFound)
}

fn fund_path(own: &FundGiving) -> String {
    format!("{PATH}/{}", own.fund)
}

/// The open bank accounts of the chapter.
fn banks(officer: &Officer) -> Vec<(String, String)> {
    let all = super::slip::places(&officer.books).into_iter();
    all.filter(|(code, _)| {
        let kind = code.parse().ok().and_then(|code| officer.books.place_type(&code));
        kind == Some(PlaceType::Bank)
    })
    .collect()
}

/// How people give into one fund.
#[get("/ban/ung-ho/<fund>?<luu>")]
pub async fn fund(
    officer: Treasurer,
    kept: Kept<'_>,
    fund: &str,
    luu: Option<&str>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let giving = giving(&officer, kept.0).await?;
    let own = find(&officer, &giving, fund)?;
    let chosen = &own.chosen;
    let form = FormView::blank(&officer.form_secret(), &fund_path(own), FUND)
        .with("version", giving.version.to_string())
        .with("open", if chosen.open { "yes" } else { "no" })
        .with("name", chosen.code.name())
        .with("place", chosen.place.as_ref().map(Code::to_string).unwrap_or_default())
        .with("turn", chosen.turn.to_string())
        .with("greeting_vi", chosen.greeting.vi.as_str())
        .with("greeting_en", chosen.greeting.en.as_str());
    fund_page(&officer, &giving, own, (form, luu.is_some()))
}

fn fund_page(
    officer: &Officer,
    giving: &Giving,
    own: &FundGiving,
    (form, kept): (FormView, bool),
) -> Result<Page, Fault> {
    let today = Date::new(officer.today).ok_or(Fault::NotFound)?;
    let former: Vec<String> = giving
        .codes()
        .into_iter()
        .filter(|(code, fund)| *fund == own.fund && *code != own.chosen.code)
        .map(|(code, _)| code.to_string())
        .collect();
    Ok(super::page(
        officer,
        "desk/giving_fund.html",
        context! {
            form,
            row => minijinja::value::Serde(row(officer, giving, own, today)),
            banks => banks(officer),
            former,
            slug => officer.desk.origin.slug(),
            kept,
        },
    ))
}

/// Keeps what was chosen for a fund.
#[post("/ban/ung-ho/<fund>", data = "<fields>")]
pub async fn send_fund(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fund: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut giving = giving(&officer, store).await?;
    let code = find(&officer, &giving, fund)?.fund.clone();
    let mut form = fields.only(FUND)?;
    // What was seen when the form was shown is what is changed.
    let newest = std::mem::replace(&mut giving.version, version(&form)?);
    let read = read_fund(&mut form, &officer);
    let done = match &read {
        Ok(chosen) => {
            let (of, now) = ((&code, chosen), config.clock.now());
            let done = store.set_giving(&officer.desk, &giving, of, &officer.person, now).await;
            noted(&officer, done, &mut form)?
        }
        Err(Noted) => Err(Noted),
    };
    if done.is_ok() {
        return Ok(Answer::go(format!("{PATH}/{code}?luu=1")));
    }
    giving.version = newest;
    let own = find(&officer, &giving, fund)?;
    let view = FormView::again(&officer.form_secret(), &fund_path(own), &form);
    let view = view.with("version", newest.to_string());
    let page = fund_page(&officer, &giving, own, (view, false))?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

fn read_fund(form: &mut Submission, officer: &Officer) -> Result<Chosen, Noted> {
    let open = form.choice("open", &[("yes", true), ("no", false)]);
    let code = code(form);
    let place = optional_code(form, "place", &banks(officer));
    let turn = turn(form);
    let greeting = both(form, "greeting_vi", "greeting_en");
    Ok(Chosen { open: open?, code: code?, place: place?, turn: turn?, greeting: greeting? })
}

/// The code of a name as people type it; the whole code is taken, too.
fn code(form: &mut Submission) -> Result<GivingCode, Noted> {
    let typed = form.text("name", 40)?;
    if let Ok(whole) = typed.parse::<GivingCode>() {
        return Ok(whole);
    }
    GivingCode::of_name(&typed).map_err(|fault| match fault {
        GivingFault::Length => form.note("name", "give-fault-length"),
        _ => form.note("name", "give-fault-letter"),
    })
}

/// A place in the order: digits alone.
fn turn(form: &mut Submission) -> Result<u32, Noted> {
    let typed = form.typed("turn").trim();
    let digits = (1..=3).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_digit());
    let turn = typed.parse().ok().filter(|turn| digits && *turn <= LAST);
    turn.ok_or_else(|| form.note("turn", "give-fault-turn"))
}
