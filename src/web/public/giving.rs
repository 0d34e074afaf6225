//! `/<chapter>/ung-ho`: how to give: by transfer with a QR code and in words, in cash, in goods.
//!
//! The number of the account comes from the signed ledger and nowhere else, and the page says in
//! which entry it stands: nobody can swap it unnoticed. What was typed is read strictly and told
//! again in digits and words.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::http::uri::Origin;
use rocket::{State, get};

use super::home::{months, page};
use super::ledgers::{Ledgers, read, unreadable};
use super::receipt::qr;
use super::told;
use crate::books::statement::FundRow;
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::publish::banks::bank;
use crate::publish::vietqr::{VietQr, VietQrFault};
use crate::store::desk::giving::Both;
use crate::store::facade::{FundGiving, Giving, Taking, View};
use crate::web::desk::giving::taking_key;
use crate::web::forms::{self, Field, Fields, FormView, Noted, Submission};
use crate::web::{Config, Fault, Page};

const FORM: &[Field] =
    &[Field::one("quy", "give-field-fund"), Field::one("so-tien", "give-field-amount")];

/// Today, where the chapter is.
///
/// # Errors
/// A ledger that can't be read.
pub fn today(view: &View, config: &Config) -> Result<Date, Fault> {
    let offset = view.books.chapter().map(|own| own.utc_offset.fixed());
    let today = offset.and_then(|offset| Date::new(config.clock.today(offset)));
    today.ok_or_else(unreadable)
}

/// A text in both languages for templates; nothing where it is empty.
#[must_use]
pub fn both(text: &Both) -> Value {
    context! {
        vi => Some(text.vi.as_str()).filter(|text| !text.is_empty()),
        en => Some(text.en.as_str()).filter(|text| !text.is_empty()),
    }
}

/// Whether a fund takes gifts, for templates.
#[must_use]
pub fn taking(taking: Taking) -> Value {
    let day = match taking {
        Taking::NotYet(day) | Taking::Over(day) => Some(day.to_string()),
        _ => None,
    };
    context! { open => taking == Taking::Open, key => taking_key(taking), day }
}

/// What a fund received, used and has, against its target.
#[must_use]
pub fn progress(row: Option<&FundRow>, target: Option<Money>) -> Value {
    let of = |pick: fn(&FundRow) -> Money| row.map_or(0, |row| pick(row).minor());
    let sum = |all: [Money; 2]| Money::sum(all).unwrap_or_default();
    let received = of(|row| row.received);
    let target = target.map(Money::minor);
    let part = target.map(|target| {
        let part = i128::from(received.max(0)) * 100 / i128::from(target.max(1));
        i64::try_from(part).unwrap_or(i64::MAX)
    });
    context! {
        target,
        received,
        opening => of(|row| row.opening),
        used => row.map_or(0, |row| sum([row.spent, row.lost]).minor()),
        moved => of(|row| row.moved),
        earlier => of(|row| row.earlier),
        left => of(|row| row.closing),
        money => of(|row| row.money),
        stock => of(|row| row.stock),
        lent => of(|row| row.loans),
        percent => part,
        missing => target.map(|target| (target - received).max(0)),
        toward => target.map(|target| received.clamp(0, target)),
    }
}

/// The account of a fund with its QR code; `None` where the chapter has no bank account for it.
///
/// # Errors
/// Faults of the machine.
pub fn account(
    view: &View,
    giving: &Giving,
    own: &FundGiving,
    amount: Option<Money>,
) -> Result<Option<Value>, Fault> {
    let books = &view.books;
    let Some(code) = own.account(books, giving) else { return Ok(None) };
    let state = books.register().places().get(code);
    let Some(place) = state.and_then(|state| state.opened.as_ref()) else { return Ok(None) };
    let bin = place.bank_bin.as_ref().map(|bin| bin.as_str().to_owned());
    let known = bin.as_deref().and_then(bank);
    let whole = |code: VietQr| -> Result<String, VietQrFault> {
        let code = code.with_note(own.chosen.code.as_str())?;
        let code = amount.map_or(Ok(code.clone()), |amount| code.of_amount(amount))?;
        Ok(code.encode())
    };
    let text = VietQr::of_place(place).map(whole).transpose().map_err(Fault::internal)?;
    let holder = books.chapter().map(|own| own.chapter.name.to_string());
    Ok(Some(context! {
        place => told::place(books, code.as_str()),
        bank => known.map(|bank| bank.name),
        registered => known.map(|bank| bank.registered),
        bin,
        number => place.account.as_ref().map(ToString::to_string),
        holder,
        code => own.chosen.code.as_str(),
        entry => giving.places.get(code),
        qr => text.as_deref().map(qr).transpose()?,
        amount => amount.map(Money::minor),
    }))
}

/// What was asked for: a fund, an amount.
struct Asked {
    form: Submission,
    empty: bool,
}

impl Asked {
    fn of(uri: &Origin<'_>) -> Result<Self, Fault> {
        let asked = forms::asked(uri);
        let fields = Fields::parse(asked.join("&").as_bytes(), 10).map_err(Fault::BadRequest)?;
        Ok(Self { form: fields.only(FORM)?, empty: asked.is_empty() })
    }

    /// The fund; 404 for one that there is not.
    fn fund<'g>(&self, giving: &'g Giving) -> Result<Option<&'g FundGiving>, Fault> {
        match self.form.typed("quy") {
            "" => Ok(None),
            typed => {
                let code: Code = typed.parse().map_err(|_| Fault::NotFound)?;
                giving.fund(&code).map(Some).ok_or(Fault::NotFound)
            }
        }
    }

    /// The amount, where one was typed.
    fn amount(&mut self, view: &View) -> Result<Option<Money>, Noted> {
        let name = "so-tien";
        if self.form.typed(name).trim().is_empty() {
            return Ok(None);
        }
        let amount = self.form.money(name, &view.books.currency())?;
        let fits = VietQr::to_account("000000", "0").and_then(|code| code.of_amount(amount));
        fits.map(|_| Some(amount)).map_err(|_| self.form.note(name, "fault-amount-large"))
    }
}

/// How to give.
#[get("/<chapter>/ung-ho", rank = 19)]
pub async fn giving(
    chapter: &str,
    uri: &Origin<'_>,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let mut asked = Asked::of(uri)?;
    let giving = ledgers.store().giving(view.chapter, &view.books).await.map_err(read)?;
    let today = today(&view, config)?;
    let funds: Vec<(&FundGiving, Taking)> = giving
        .funds
        .iter()
        .map(|own| (own, own.taking(&view.books, today)))
        .filter(|(_, state)| matches!(state, Taking::Open | Taking::NotYet(_)))
        .collect();
    let open: Vec<&FundGiving> =
        funds.iter().filter(|(_, own)| *own == Taking::Open).map(|(own, _)| *own).collect();
    let chosen = match (asked.fund(&giving)?, open.as_slice()) {
        (None, [only]) => Some(*only),
        (chosen, _) => chosen,
    };
    let state = chosen.map(|own| own.taking(&view.books, today));
    let amount = asked.amount(&view);
    if chosen.is_none() && !asked.empty && !asked.form.has_faults() {
        asked.form.note("quy", "fault-choose");
    }
    let takes = chosen.filter(|_| state == Some(Taking::Open) && !asked.form.has_faults());
    let account = match takes {
        Some(own) => account(&view, &giving, own, amount.ok().flatten())?,
        None => None,
    };
    let path = format!("/{chapter}/ung-ho");
    let form = FormView::asked(&path, &asked.form);
    let form = form.with("quy", chosen.map(|own| own.fund.to_string()).unwrap_or_default());
    let statement = super::home::whole(&view.books);
    let row = |code: &Code| {
        let rows = statement.as_ref()?.funds.iter();
        rows.into_iter().find(|row| row.fund == *code)
    };
    let shown = context! {
        form,
        funds => funds.iter().map(|(own, state)| card(&view, own, *state, row(&own.fund)))
            .collect::<Vec<_>>(),
        options => open.iter().map(|own| {
            (own.fund.to_string(), told::fund_name(&view.books, own.fund.as_str()))
        }).collect::<Vec<_>>(),
        chosen => chosen.map(|own| context! {
            fund => told::fund(&view.books, own.fund.as_str()),
            taking => state.map(taking),
            greeting => both(&own.chosen.greeting),
        }),
        account,
        code => takes.map(|own| own.chosen.code.as_str()),
        address => view.books.chapter().and_then(|own| {
            own.chapter.address.as_ref().map(ToString::to_string)
        }),
        office => both(&giving.texts.office),
        goods => both(&giving.texts.goods),
        months => months(&view.books),
    };
    let made = page(&view, "public/giving.html", shown);
    Ok(match (asked.form.has_faults(), asked.empty) {
        (true, _) => made.status(Status::UnprocessableEntity),
        (false, true) => made.of_state(format!("{}-{}-{today}", view.state(), giving.version)),
        (false, false) => made,
    })
}

/// A fund that asks for gifts.
fn card(view: &View, own: &FundGiving, state: Taking, row: Option<&FundRow>) -> Value {
    let fund = view.books.register().funds().get(&own.fund).map(|own| &own.fund);
    context! {
        fund => told::fund(&view.books, own.fund.as_str()),
        terms => fund.map(|fund| fund.terms.text.to_string()),
        to => fund.and_then(|fund| fund.to.map(|day| day.to_string())),
        taking => taking(state),
        figures => progress(row, fund.and_then(|fund| fund.target).map(|own| own.money())),
    }
}
