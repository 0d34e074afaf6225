//! An application, the visit to the household, and applications that end without a loan. The
//! identifier and the version travel with the forms: a second click makes no second file, and of
//! two officers the second is told and loses nothing.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};

use super::{Opened, PATH, Stage, find, funds, open, path, refused, shown};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::voucher::Purpose;
use crate::ledger::word::{Amount, Code, Date, Person};
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::lending::{Assessment, Ended, Guarantor, LoanFile};
use crate::store::desk::register::Families;
use crate::web::desk::Answer;
use crate::web::desk::families::directory;
use crate::web::desk::receipts::{date, word};
use crate::web::desk::slip::words;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// What loans are for.
pub const PURPOSES: &[&str] =
    &["small_trade", "livestock", "crops", "repair", "study", "illness", "other"];

/// The fields of an application.
const NEW: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("borrower", "loan-borrower"),
    Field::one("asked_on", "loan-asked-on"),
    Field::one("purpose", "loan-purpose"),
    Field::one("wanted", "loan-wanted"),
    Field::one("words", "loan-words"),
    Field::one("guarantor", "loan-guarantor"),
    Field::one("guarantor_phone", "loan-guarantor-phone"),
    Field::one("leads", "loan-leads"),
    Field::one("group", "loan-group"),
];

/// The fields of a visit.
const VISIT: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("on", "loan-visit-on"),
    Field::one("income", "loan-income"),
    Field::one("can_pay", "loan-can-pay"),
    Field::one("words", "loan-visit-words"),
    Field::one("advises", "loan-advises"),
];

/// The fields of an end.
const END: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("how", "loan-end-how"),
    Field::one("on", "loan-end-on"),
    Field::one("words", "loan-end-words"),
];

fn new() -> String {
    format!("{PATH}/moi")
}

fn page(officer: &Officer, form: FormView) -> Page {
    crate::web::desk::page(
        officer,
        "desk/lending/application.html",
        context! {
            form,
            purposes => words("word-purpose", PURPOSES),
            leads => words("loan-leads", &["yes", "no"]),
            funds => funds(officer),
        },
    )
}

/// A blank application.
#[get("/ban/vay/moi")]
pub fn blank(officer: Caseworker) -> Result<Page, Fault> {
    let officer = officer.0;
    let id = new_opaque_id().map_err(Fault::internal)?;
    let form = FormView::blank(&officer.form_secret(), &new(), NEW)
        .with("id", id)
        .with("leads", "no")
        .with("asked_on", officer.today.format("%d/%m/%Y").to_string());
    Ok(page(&officer, form))
}

/// Keeps an application.
#[post("/ban/vay/moi", data = "<fields>")]
pub async fn make(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(NEW)?;
    let id: Person = form.hidden("id")?;
    let read = open(&officer, store, config, |all| {
        let read = read_new(&mut form, &officer, &all.families);
        let number = usize::from(read.is_ok());
        (read, number)
    });
    if let Ok((borrower, file)) = read.await? {
        let (new, now) = ((&id, &borrower, &file), config.clock.now());
        match store.file_loan(&officer.desk, new, &officer.person, now).await {
            Ok(true) => return Ok(Answer::go(format!("{}?xong=moi", path(&id)))),
            Ok(false) if is_filed(&officer, store, config, (&id, &borrower, &file)).await? => {
                return Ok(Answer::go(format!("{}?xong=lai", path(&id))));
            }
            Ok(false) => form.note_form("fault-same-id", []),
            Err(fault) => form.note_form(refused(fault)?, []),
        };
    }
    let view = FormView::again(&officer.form_secret(), &new(), &form);
    Ok(page(&officer, view).status(Status::UnprocessableEntity).into())
}

/// Whether this very application is in the file that has its identifier.
async fn is_filed(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (id, borrower, file): (&Person, &Person, &LoanFile),
) -> Result<bool, Fault> {
    let filed = open(officer, store, config, |all| {
        let own = all.get(id).filter(|own| own.borrower == *borrower);
        let asked = own.map(|own| LoanFile {
            assessment: None,
            ended: None,
            approvals: Vec::new(),
            opening: None,
            agreed: Vec::new(),
            ..own.file.clone()
        });
        (asked.as_ref() == Some(file), 0)
    });
    filed.await
}

fn read_new(
    form: &mut Submission,
    officer: &Officer,
    families: &Families,
) -> Result<(Person, LoanFile), Noted> {
    let borrower = read_borrower(form, families);
    let asked_on = past_day(form, officer, "asked_on");
    let purpose = word::<Purpose>(form, "purpose", PURPOSES);
    let wanted = read_amount(form, officer, "wanted");
    let words = read_lines(form, "words");
    let guarantor = read_guarantor(form);
    let group = read_group(form);
    let file = LoanFile {
        asked_on: asked_on?,
        purpose: purpose?,
        wanted: wanted?,
        words: words?,
        guarantor: guarantor?,
        group: group?,
        assessment: None,
        ended: None,
        approvals: Vec::new(),
        opening: None,
        agreed: Vec::new(),
    };
    Ok((borrower?, file))
}

/// A day that has been.
fn past_day(form: &mut Submission, officer: &Officer, name: &'static str) -> Result<Date, Noted> {
    let day = date(form, name)?;
    if day.naive() > officer.today {
        return Err(form.note(name, "fault-date-future"));
    }
    Ok(day)
}

/// Exactly one family of the register.
pub(super) fn read_borrower(form: &mut Submission, families: &Families) -> Result<Person, Noted> {
    let typed = form.text("borrower", 200)?;
    match directory::find(&families.all, &typed) {
        Some(family) => Ok(family.person.clone()),
        None => Err(form.note("borrower", "loan-which-family")),
    }
}

pub(super) fn read_amount(
    form: &mut Submission,
    officer: &Officer,
    name: &'static str,
) -> Result<Money, Noted> {
    let money = form.money(name, &officer.books.currency())?;
    let money = Amount::new(money).ok_or_else(|| form.note(name, "fault-amount-zero"))?;
    Ok(money.money())
}

fn read_optional_amount(
    form: &mut Submission,
    officer: &Officer,
    name: &'static str,
) -> Result<Option<Money>, Noted> {
    if form.typed(name).trim().is_empty() {
        return Ok(None);
    }
    form.money_or_zero(name, &officer.books.currency()).map(Some)
}

fn read_lines(form: &mut Submission, name: &'static str) -> Result<String, Noted> {
    let lines = form.optional_lines(name, 2000)?;
    lines.ok_or_else(|| form.note(name, "fault-missing"))
}

fn read_guarantor(form: &mut Submission) -> Result<Option<Guarantor>, Noted> {
    let name = form.optional_text("guarantor", 200);
    let phone = form.optional_text("guarantor_phone", 200);
    let (name, phone, leads_group) = (name?, phone?, form.ticked("leads"));
    match name {
        Some(full_name) => Ok(Some(Guarantor { full_name, phone, leads_group })),
        None if phone.is_some() || leads_group => Err(form.note("guarantor", "fault-missing")),
        None => Ok(None),
    }
}

fn read_group(form: &mut Submission) -> Result<Option<Code>, Noted> {
    let typed = form.typed("group").trim().to_lowercase();
    if typed.is_empty() {
        return Ok(None);
    }
    typed.parse().map(Some).map_err(|_| form.note("group", "fault-code"))
}

/// The form of a visit.
#[get("/ban/vay/<id>/tham-dinh")]
pub async fn visit(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = find(&officer, kept.0, config, id).await?;
    let action = format!("{}/tham-dinh", path(&opened.own.id));
    let mut form = FormView::blank(&officer.form_secret(), &action, VISIT)
        .with("version", opened.own.version.to_string())
        .with("on", officer.today.format("%d/%m/%Y").to_string());
    if let Some(visit) = &opened.own.file.assessment {
        let currency = officer.books.currency();
        let typed =
            |own: Option<Money>| own.map_or(String::new(), |own| own.grouped('.', &currency));
        form = form
            .with("on", visit.on.naive().format("%d/%m/%Y").to_string())
            .with("income", typed(visit.income))
            .with("can_pay", typed(visit.can_pay))
            .with("words", visit.words.clone())
            .with("advises", if visit.advises { "yes" } else { "no" });
    }
    Ok(visit_page(&officer, &opened, form))
}

fn visit_page(officer: &Officer, opened: &Opened, form: FormView) -> Page {
    let file = minijinja::value::Serde(shown::opened(officer, opened));
    let advice = words("loan-advises", &["yes", "no"]);
    let values = context! { form, file, advice };
    crate::web::desk::page(officer, "desk/lending/visit.html", values)
}

/// Keeps what a visit found.
#[post("/ban/vay/<id>/tham-dinh", data = "<fields>")]
pub async fn visited(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(VISIT)?;
    let mut opened = find(&officer, store, config, id).await?;
    opened.own.version = form.hidden("version")?;
    if !matches!(opened.stage, Stage::Asked | Stage::Visited) {
        form.note_form("loan-too-late", []);
    } else if let Ok(visit) = read_visit(&mut form, &officer) {
        opened.own.file.assessment = Some(visit);
        if keep(&officer, store, config, (&opened, &mut form)).await? {
            return Ok(Answer::go(format!("{}?xong=tham-dinh", path(&opened.own.id))));
        }
    }
    let action = format!("{}/tham-dinh", path(&opened.own.id));
    let view = FormView::again(&officer.form_secret(), &action, &form);
    Ok(visit_page(&officer, &opened, view).status(Status::UnprocessableEntity).into())
}

/// Keeps a file that was changed; `false` when a rule says no, which is noted on the form. A second
/// click finds the same there, and is content.
async fn keep(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (opened, form): (&Opened, &mut Submission),
) -> Result<bool, Fault> {
    match store.change_loan(&officer.desk, &opened.own, config.clock.now()).await {
        Ok(()) => Ok(true),
        Err(fault) => {
            let key = refused(fault)?;
            let there = find(officer, store, config, opened.own.id.as_str()).await?;
            if there.own.file == opened.own.file {
                return Ok(true);
            }
            form.note_form(key, []);
            Ok(false)
        }
    }
}

fn read_visit(form: &mut Submission, officer: &Officer) -> Result<Assessment, Noted> {
    let on = past_day(form, officer, "on");
    let income = read_optional_amount(form, officer, "income");
    let can_pay = read_optional_amount(form, officer, "can_pay");
    let words = read_lines(form, "words");
    let advises = form.choice("advises", &[("yes", true), ("no", false)]);
    Ok(Assessment {
        by: officer.person.clone(),
        on: on?,
        income: income?,
        can_pay: can_pay?,
        words: words?,
        advises: advises?,
    })
}

/// The form of an end.
#[get("/ban/vay/<id>/ket-thuc")]
pub async fn ending(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = find(&officer, kept.0, config, id).await?;
    let action = format!("{}/ket-thuc", path(&opened.own.id));
    let form = FormView::blank(&officer.form_secret(), &action, END)
        .with("version", opened.own.version.to_string())
        .with("on", officer.today.format("%d/%m/%Y").to_string());
    Ok(end_page(&officer, &opened, form))
}

fn end_page(officer: &Officer, opened: &Opened, form: FormView) -> Page {
    let file = minijinja::value::Serde(shown::opened(officer, opened));
    let how = words("loan-end", &["refused", "withdrawn"]);
    crate::web::desk::page(officer, "desk/lending/end.html", context! { form, file, how })
}

/// Ends an application without a loan.
#[post("/ban/vay/<id>/ket-thuc", data = "<fields>")]
pub async fn end(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(END)?;
    let mut opened = find(&officer, store, config, id).await?;
    opened.own.version = form.hidden("version")?;
    if !matches!(opened.stage, Stage::Asked | Stage::Visited) {
        form.note_form("loan-too-late", []);
    } else if let Ok(ended) = read_end(&mut form, &officer) {
        opened.own.file.ended = Some(ended);
        if keep(&officer, store, config, (&opened, &mut form)).await? {
            return Ok(Answer::go(format!("{}?xong=ket-thuc", path(&opened.own.id))));
        }
    }
    let action = format!("{}/ket-thuc", path(&opened.own.id));
    let view = FormView::again(&officer.form_secret(), &action, &form);
    Ok(end_page(&officer, &opened, view).status(Status::UnprocessableEntity).into())
}

fn read_end(form: &mut Submission, officer: &Officer) -> Result<Ended, Noted> {
    let refused = form.choice("how", &[("refused", true), ("withdrawn", false)]);
    let on = past_day(form, officer, "on");
    let words = read_lines(form, "words");
    Ok(Ended { refused: refused?, on: on?, words: words? })
}
