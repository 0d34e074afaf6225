//! `/tro-giup/thanh-phan`: every component of our pages in one place, to be looked at and tested.
//!
//! Nothing is kept: the form is read, and what was read, or its faults, is shown.

use minijinja::context;
use rocket::http::Status;
use rocket::{get, post};
use serde::Serialize;

use crate::money::{Currency, Money};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::{FormSecret, SameOrigin};
use crate::web::{Fault, Page};

const PATH: &str = "/tro-giup/thanh-phan";

const FORM: &[Field] = &[
    Field::one("date", "components-date"),
    Field::one("name", "components-name"),
    Field::one("amount", "components-amount"),
    Field::one("place", "components-place"),
    Field::one("kind", "components-kind"),
    Field::list("papers", "components-papers"),
    Field::one("reason", "components-reason"),
    Field::secret("passphrase", "components-passphrase"),
];

const PLACES: [(&str, &str); 2] = [("cash", "place-cash"), ("bank", "place-bank")];
const KINDS: [(&str, &str); 2] =
    [("person", "donor-person"), ("organisation", "donor-organisation")];
const PAPERS: [(&str, &str); 2] = [("list", "paper-list"), ("photo", "paper-photo")];

/// What was read from the form.
#[derive(Debug, Serialize)]
struct Read {
    date: chrono::NaiveDate,
    name: String,
    amount: Money,
    place: &'static str,
    kind: &'static str,
    reason: Option<String>,
}

/// A line of the sample cash book.
#[derive(Serialize)]
struct Line {
    date: &'static str,
    received: Option<&'static str>,
    paid: Option<&'static str>,
    words: &'static str,
    money_in: Option<i64>,
    money_out: Option<i64>,
    balance: i64,
    reversed: bool,
}

impl Line {
    const fn money_in(
        number: &'static str,
        words: &'static str,
        amount: i64,
        balance: i64,
    ) -> Self {
        Self {
            date: "2026-11-05",
            received: Some(number),
            paid: None,
            words,
            money_in: Some(amount),
            money_out: None,
            balance,
            reversed: false,
        }
    }

    const fn money_out(
        number: &'static str,
        words: &'static str,
        amount: i64,
        balance: i64,
    ) -> Self {
        Self {
            date: "2026-11-06",
            received: None,
            paid: Some(number),
            words,
            money_in: None,
            money_out: Some(amount),
            balance,
            reversed: false,
        }
    }
}

fn sample_book() -> [Line; 4] {
    [
        Line::money_in("PT00012", "components-line-gift", 1_500_000, 13_500_000),
        Line::money_out("PC00007", "components-line-aid", 900_000, 12_600_000),
        Line {
            reversed: true,
            ..Line::money_in("PT00013", "components-line-wrong", 5_000_000, 17_600_000)
        },
        Line::money_out("PC00008", "components-line-back", 5_000_000, 12_600_000),
    ]
}

fn page(form: FormView, read: Option<&Read>) -> Page {
    Page::new(
        "public/components.html",
        context! {
            form,
            read => read.map(minijinja::value::Serde),
            places => PLACES.to_vec(),
            kinds => KINDS.to_vec(),
            papers => PAPERS.to_vec(),
            book => minijinja::value::Serde(sample_book()),
        },
    )
}

/// All components, with a blank form.
#[get("/tro-giup/thanh-phan")]
pub fn show(secret: FormSecret) -> Page {
    page(FormView::blank(&secret, PATH, FORM).with("date", "05/11/2026"), None)
}

/// The same with what was read, or with the form's faults: 422.
#[post("/tro-giup/thanh-phan", data = "<fields>")]
pub fn check(_same: SameOrigin, secret: FormSecret, fields: Fields) -> Result<Page, Fault> {
    let mut form = fields.only(FORM)?;
    Ok(match read(&mut form) {
        Ok(read) => page(FormView::again(&secret, PATH, &form), Some(&read)),
        Err(Noted) => {
            page(FormView::again(&secret, PATH, &form), None).status(Status::UnprocessableEntity)
        }
    })
}

fn read(form: &mut Submission) -> Result<Read, Noted> {
    let date = form.date("date");
    let name = form.text("name", 200);
    let amount = form.money("amount", &Currency::vnd());
    let place = form.choice("place", &PLACES);
    let kind = form.choice("kind", &KINDS);
    let reason = form.optional_lines("reason", 500);
    let passphrase = form.passphrase("passphrase");
    let papers = form.list("papers");
    if papers.iter().any(|paper| !PAPERS.iter().any(|(offered, _)| offered == paper)) {
        return Err(form.note("papers", "fault-choice"));
    }
    passphrase?;
    Ok(Read {
        date: date?,
        name: name?,
        amount: amount?,
        place: place?,
        kind: kind?,
        reason: reason?,
    })
}
