//! Khoản chưa rõ: money that came in and of which it is not known what for, looked through by day,
//! amount and the bank's words; and the ways on: to a fund, back to the sender, or left as it is.
//!
//! What is looked for never stands in an address. Names are never taken from the bank's text: who
//! assigns money knows the giver, or says that nobody does.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::{known, preview};
use crate::import::text::fold;
use crate::import::{Found, GivingCodes};
use crate::ledger::voucher::{Body, CustodyClass};
use crate::ledger::word::{Code, Date};
use crate::store::Store;
use crate::store::facade::{Loose, LooseFilter};
use crate::web::desk::slip::{self, So};
use crate::web::desk::{Answer, custody, describe, movements};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::public::entry::seq;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// Where it is.
pub const PATH: &str = "/ban/nhap-tep/chua-ro";
/// Lines of a page.
const PER_PAGE: usize = 50;
/// The longest text of a line that is shown, in characters.
const TEXT: usize = 240;

const FORM: &[Field] = &[
    Field::one("words", "give-loose-words"),
    Field::one("amount", "field-amount"),
    Field::one("from", "give-loose-from"),
    Field::one("to", "give-loose-to"),
    Field::one("page", "field-id"),
];

/// What was looked for.
#[derive(Default)]
struct Asked {
    filter: LooseFilter,
    words: Vec<String>,
    page: usize,
}

impl Asked {
    fn read(form: &mut Submission, officer: &Officer) -> Result<Self, Noted> {
        let words = form.optional_text("words", 100);
        let amount = match form.typed("amount").trim().is_empty() {
            true => Ok(None),
            false => form.money("amount", &officer.books.currency()).map(Some),
        };
        let (from, to) = (form.optional_date("from"), form.optional_date("to"));
        let words = fold(&words?.unwrap_or_default());
        let (from, to) = (from?.and_then(Date::new), to?.and_then(Date::new));
        Ok(Self {
            filter: LooseFilter { from, to, amount: amount? },
            words: words.split_whitespace().map(str::to_owned).collect(),
            page: form.typed("page").parse().unwrap_or(1),
        })
    }

    fn fits(&self, text: &str) -> bool {
        let text = fold(text);
        self.words.iter().all(|word| text.contains(word))
    }
}

/// A line as the page shows it.
#[derive(Debug, Serialize)]
struct Row {
    entry: describe::Short,
    day: String,
    amount: i64,
    left: i64,
    /// Why it is held: the key of a text; `None` for a gift.
    class: Option<&'static str>,
    text: String,
    code: Option<(&'static str, String, String)>,
}

const fn class_key(class: CustodyClass) -> &'static str {
    match class {
        CustodyClass::Mistaken => "custody-mistaken",
        CustodyClass::Overpaid => "custody-overpaid",
        CustodyClass::Unidentified | CustodyClass::NamedFamily => "custody-unidentified",
    }
}

fn row(officer: &Officer, codes: &GivingCodes, own: &Loose) -> Row {
    let whole = own.text.clone().unwrap_or_default();
    let mut text: String = whole.chars().take(TEXT).collect();
    if whole.chars().nth(TEXT).is_some() {
        text.push('…');
    }
    Row {
        entry: describe::line(&officer.books, &own.line),
        day: own.day.to_string(),
        amount: own.amount.minor(),
        left: own.left.minor(),
        class: own.class.map(class_key),
        text,
        code: preview::code(officer, &codes.find(&whole)),
    }
}

async fn codes(officer: &Officer, store: &Store) -> Result<GivingCodes, Fault> {
    let giving = store.giving(officer.chapter, &officer.books).await.map_err(Fault::internal)?;
    Ok(known::codes(&officer.books, &giving))
}

/// The newest lines.
#[get("/ban/nhap-tep/chua-ro")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let form = FormView::blank(&officer.0.form_secret(), PATH, FORM);
    page(&officer.0, kept.0, config, form, &Asked::default()).await
}

/// What was looked for.
#[post("/ban/nhap-tep/chua-ro", data = "<fields>")]
pub async fn search(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(FORM)?;
    let asked = Asked::read(&mut form, &officer);
    let view = FormView::again(&officer.form_secret(), PATH, &form);
    Ok(match asked {
        Ok(asked) => page(&officer, store, config, view, &asked).await?.into(),
        Err(Noted) => {
            let page = page(&officer, store, config, view, &Asked::default()).await?;
            page.status(Status::UnprocessableEntity).into()
        }
    })
}

/// Whether a gift stands in the very fund whose code came with it: nothing of it is unclear.
fn is_clear(own: &Loose, found: &Found) -> bool {
    let Body::Donation(body) = &own.line.entry.voucher().body else { return false };
    matches!(found, Found::Fund(code) if own.class.is_none() && code.fund == body.fund)
}

async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: FormView,
    asked: &Asked,
) -> Result<Page, Fault> {
    let (now, at) = (config.clock.now(), asked.page.clamp(1, 1_000));
    let codes = codes(officer, store).await?;
    let fits = |own: &Loose, text: Option<&str>| {
        let searched = asked.words.is_empty() || text.is_some_and(|text| asked.fits(text));
        searched && !text.is_some_and(|text| is_clear(own, &codes.find(text)))
    };
    let shown = ((at - 1) * PER_PAGE, PER_PAGE);
    let of = (&officer.person, now);
    let found = store.loose(&officer.desk, &officer.books, (asked.filter, &fits), shown, of).await;
    let (lines, found) = found.map_err(Fault::internal)?;
    let rows: Vec<Row> = lines.iter().map(|own| row(officer, &codes, own)).collect();
    let waiting = store.waiting_imports(&officer.desk, &officer.person, now).await;
    let waits = store.loose_count(officer.chapter).await.map_err(Fault::internal)?;
    Ok(crate::web::desk::page(
        officer,
        "desk/import_unclear.html",
        context! {
            form,
            rows => minijinja::value::Serde(rows),
            found,
            waits,
            at,
            last => found.div_ceil(PER_PAGE).max(1),
            waiting => waiting.map_err(Fault::internal)?.len(),
        },
    ))
}

/// The line of an entry.
async fn line(officer: &Officer, store: &Store, number: &str) -> Result<Loose, Fault> {
    let seq = seq(number)?;
    let found = store.loose_line(officer.chapter, &officer.books, seq).await;
    found.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

/// The fund that a line's code is near, where it may still be booked to.
async fn near(
    officer: &Officer,
    store: &Store,
    config: &Config,
    own: &Loose,
) -> Result<Option<Code>, Fault> {
    let of = (&officer.person, config.clock.now());
    let text = store.loose_text(&officer.desk, own.line.entry.place(), of).await;
    let Some(text) = text.map_err(Fault::internal)? else { return Ok(None) };
    Ok(match codes(officer, store).await?.find(&text) {
        Found::Fund(own) | Found::Mistyped(Some(own)) if own.open => Some(own.fund),
        _ => None,
    })
}

/// The slip that makes a gift of money that is held: what is left of it, for the fund that its code
/// is near.
#[get("/ban/nhap-tep/chua-ro/<number>/ghi-nhan")]
pub async fn assign(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    number: &str,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let own = line(&officer, store, number).await?;
    if own.class.is_none() {
        return Err(Fault::NotFound);
    }
    let mut more = vec![("donor_type", "unknown".to_owned())];
    let fund = near(&officer, store, config, &own).await?;
    more.extend(fund.map(|fund| ("fund", fund.to_string())));
    let so = So { place: own.line.entry.place(), line: None };
    slip::filled_about(&custody::ASSIGNED, &officer, store, config, Some(so), more).await
}

/// The slip that moves what is left of a gift to the fund that it was meant for.
#[get("/ban/nhap-tep/chua-ro/<number>/chuyen-quy")]
pub async fn move_on(officer: Treasurer, kept: Kept<'_>, number: &str) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let own = line(&officer, store, number).await?;
    let Body::Donation(body) = &own.line.entry.voucher().body else {
        return Err(Fault::NotFound);
    };
    let values = [
        ("from_fund", body.fund.to_string()),
        ("place", body.place.to_string()),
        ("amount", own.left.minor().to_string()),
        ("reason", "consent".to_owned()),
        ("gifts", own.line.entry.place().to_string()),
    ];
    slip::filled(&movements::FUND_TRANSFER, &officer, values)
}
