//! Schedules that were agreed after the approval: another one instead of what is still owed, and
//! those of loans that ran already when the books began. Rows are typed as days and amounts, as on
//! the paper that both sides signed.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::application::{PURPOSES, read_amount, read_borrower};
use super::{Opened, PATH, Stage, find, funds, open, path, refused, shown};
use crate::books::schedule::{Instalment, MOST_INSTALMENTS, signed};
use crate::ledger::keys::{SignatureRole, new_opaque_id};
use crate::ledger::voucher::{
    Body, LoanRescheduled, OpeningBalance, OpeningLoan, Purpose, VoucherId,
};
use crate::ledger::word::{Amount, Amount0, Code, Date, List, Person};
use crate::money::{Currency, Money};
use crate::store::desk::lending::{Agreed, Filed, LoanFile};
use crate::store::desk::register::{Families, Family};
use crate::store::desk::vault::PrivateValue;
use crate::store::{RecordFault, Store};
use crate::web::desk::receipts::{code, date, word};
use crate::web::desk::sealed::Sealed;
use crate::web::desk::slip::{laying, new_id, preview, words};
use crate::web::desk::{Answer, refusals};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission, read_day};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// The fields of another schedule.
const AGAIN: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("id", "field-id"),
    Field::one("rows", "loan-rows"),
    Field::one("words", "loan-reschedule-words"),
];

/// The fields of a loan that ran already.
const OPENING: &[Field] = &[
    Field::one("file", "field-id"),
    Field::one("id", "field-id"),
    Field::one("borrower", "loan-borrower"),
    Field::one("fund", "loan-fund"),
    Field::one("purpose", "loan-purpose"),
    Field::one("disbursed", "voucher-disbursed"),
    Field::one("principal", "loan-amount"),
    Field::one("paid", "voucher-paid"),
    Field::one("fee_total", "voucher-fee-total"),
    Field::one("fees_paid", "voucher-fees-paid"),
    Field::one("rows", "loan-rows"),
    Field::one("words", "loan-words"),
];

/// Lines of a day, principal and perhaps a fee: `20/06/2026 1.000.000 20.000`.
fn read_rows(form: &mut Submission, currency: &Currency) -> Result<Vec<Instalment>, Noted> {
    let line = |text: &str| {
        let mut words = text.split_whitespace();
        let due = read_day(words.next()?).ok().and_then(Date::new)?;
        let principal = words.next().map_or(Some(Money::ZERO), |own| amount(own, currency))?;
        let fee = words.next().map_or(Some(Money::ZERO), |own| amount(own, currency))?;
        let whole = words.next().is_none() && (principal.is_positive() || fee.is_positive());
        whole.then_some(Instalment { due, principal, fee })
    };
    let typed = form.typed("rows").to_owned();
    let lines = (1_i64..).zip(typed.lines()).filter(|(_, text)| !text.trim().is_empty());
    let read: Result<Vec<Instalment>, i64> = lines.map(|(at, text)| line(text).ok_or(at)).collect();
    let rows =
        read.map_err(|at| form.note_with("rows", "loan-fault-line", [("line", Value::from(at))]))?;
    if rows.is_empty() {
        return Err(form.note("rows", "fault-missing"));
    }
    if signed::from_value(&signed::to_value(&rows)).is_err() {
        let most = [("most", Value::from(MOST_INSTALMENTS))];
        return Err(form.note_with("rows", "loan-rows-many", most));
    }
    if rows.windows(2).any(|two| two[0].due >= two[1].due) {
        return Err(form.note("rows", "schedule-fault-order"));
    }
    Ok(rows)
}

fn amount(text: &str, currency: &Currency) -> Option<Money> {
    if text == "0" { Some(Money::ZERO) } else { Money::parse(text, currency).ok() }
}

/// The rows add up to what is owed.
fn adds_up(
    form: &mut Submission,
    rows: &[Instalment],
    (principal, fee): (Money, Money),
) -> Result<(), Noted> {
    let sum = |part: fn(&Instalment) -> Money| Money::sum(rows.iter().map(part));
    if sum(|own| own.principal) == Some(principal) && sum(|own| own.fee) == Some(fee) {
        return Ok(());
    }
    let owed = [("principal", principal.minor().into()), ("fee", fee.minor().into())];
    Err(form.note_with("rows", "loan-rows-sum", owed))
}

fn typed_rows(rows: impl Iterator<Item = Instalment>, currency: &Currency) -> String {
    let line = |own: Instalment| {
        let due = own.due.naive().format("%d/%m/%Y");
        let principal = own.principal.grouped('.', currency);
        match own.fee.is_positive() {
            true => format!("{due} {principal} {}", own.fee.grouped('.', currency)),
            false => format!("{due} {principal}"),
        }
    };
    rows.map(line).collect::<Vec<_>>().join("\n")
}

/// The form of another schedule, filled in with what is still owed of this one.
#[get("/ban/vay/<id>/gian-no")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = find(&officer, kept.0, config, id).await?;
    if opened.stage != Stage::Running {
        return Err(Fault::NotFound);
    }
    let state = opened.instalments.on(opened.today);
    let left = state.lines.iter().filter(|line| !line.owed.is_nothing()).map(|line| Instalment {
        due: line.agreed.due,
        principal: line.owed.principal,
        fee: line.owed.fee,
    });
    let action = format!("{}/gian-no", path(&opened.own.id));
    let form = FormView::blank(&officer.form_secret(), &action, AGAIN)
        .with("version", opened.own.version.to_string())
        .with("id", new_id().as_str())
        .with("rows", typed_rows(left, &officer.books.currency()));
    Ok(page(&officer, &opened, form))
}

fn page(officer: &Officer, opened: &Opened, form: FormView) -> Page {
    crate::web::desk::page(
        officer,
        "desk/lending/reschedule.html",
        context! {
            form,
            file => minijinja::value::Serde(shown::opened(officer, opened)),
            account => opened.account.as_ref().map(shown::account).map(minijinja::value::Serde),
        },
    )
}

/// Lays another schedule for approval.
#[post("/ban/vay/<id>/gian-no", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(AGAIN)?;
    let mut opened = find(&officer, store, config, id).await?;
    let voucher: VoucherId = form.hidden("id")?;
    if opened.own.file.agreed.iter().any(|own| own.voucher == voucher) {
        return Ok(laying::before(&voucher));
    }
    opened.own.version = form.hidden("version")?;
    if let Ok((body, private)) = rescheduled(&mut form, &officer, (&mut opened, &voucher)) {
        let new = (voucher, body, private);
        if let Some(answer) = lay(&officer, store, config, new, (&opened.own, &mut form)).await? {
            return Ok(answer);
        }
    }
    let action = format!("{}/gian-no", path(&opened.own.id));
    let view = FormView::again(&officer.form_secret(), &action, &form);
    Ok(page(&officer, &opened, view).status(Status::UnprocessableEntity).into())
}

fn rescheduled(
    form: &mut Submission,
    officer: &Officer,
    (opened, voucher): (&mut Opened, &VoucherId),
) -> Result<(Body, Vec<PrivateValue>), Noted> {
    let account = opened.account.clone().filter(|_| opened.stage == Stage::Running);
    let Some(account) = account else { return Err(form.note_form("loan-not-running", [])) };
    if opened.waiting.is_some() {
        return Err(form.note_form("loan-reschedule-waits", []));
    }
    let why = form.optional_lines("words", 2000);
    let rows = read_rows(form, &officer.books.currency())?;
    adds_up(form, &rows, (account.owed(), account.fee_owed()))?;
    let why = why?.ok_or_else(|| form.note("words", "fault-missing"))?;
    let name = account.number.map_or_else(
        || format!("{}.{}", account.loan.seq, account.loan.line),
        |number| number.to_string(),
    );
    let schedule = signed::to_value(&rows);
    let mut sealed = Sealed::given_by(voucher.clone(), Some(&opened.own.borrower));
    let digests = sealed.rescheduled(&name, schedule.clone(), &why);
    let private = digests.map_err(|_| form.note_form("fault-sealed", []))?;
    opened.own.file.agreed.push(Agreed {
        on: Date::new(officer.today).ok_or(Noted)?,
        voucher: voucher.clone(),
        schedule,
        words: Some(why),
    });
    let body = LoanRescheduled { private: Some(private) };
    Ok((body.into(), sealed.values()))
}

/// Whether the voucher of a form was laid meanwhile.
async fn laid_already(officer: &Officer, store: &Store, form: &Submission) -> Result<bool, Fault> {
    let id: VoucherId = form.hidden("id")?;
    let draft = store.draft(&officer.desk, &id).await.map_err(Fault::internal)?;
    Ok(draft.is_some())
}

/// Lays a voucher with the file that it changes; `None` when a rule says no, which is noted on the
/// form.
async fn lay(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (voucher, body, private): (VoucherId, Body, Vec<PrivateValue>),
    (own, form): (&Filed, &mut Submission),
) -> Result<Option<Answer>, Fault> {
    let key = officer.key()?;
    let role = (SignatureRole::Recorder, &key);
    let signed = laying::signed(officer, role, voucher.clone(), body, None)?;
    let now = config.clock.now();
    match preview(officer, store, &signed.voucher, now).await {
        Ok(_) => {}
        Err(RecordFault::Refused(refusal)) => {
            let refusal = refusals::named(&refusal, &officer.books);
            refusals::note(form, &refusal, AGAIN);
            return Ok(None);
        }
        Err(fault) => return Err(refusals::fault(fault)),
    }
    let new = (&signed, private.as_slice(), own);
    match store.lay_for_loan(&officer.desk, new, &officer.person, now).await {
        Ok(_) => Ok(Some(laying::new(&voucher))),
        // The same form sent twice at once: the other one was quicker.
        Err(_) if laid_already(officer, store, form).await? => Ok(Some(laying::before(&voucher))),
        Err(fault) => {
            form.note_form(refused(fault)?, []);
            Ok(None)
        }
    }
}

/// The form of a loan that ran already when the books began.
#[get("/ban/vay/dau-ky")]
pub fn opening(officer: Treasurer) -> Result<Page, Fault> {
    let officer = officer.0;
    let file = new_opaque_id().map_err(Fault::internal)?;
    let mut form = FormView::blank(&officer.form_secret(), &format!("{PATH}/dau-ky"), OPENING)
        .with("file", file)
        .with("id", new_id().as_str());
    if let [(fund, _)] = funds(&officer).as_slice() {
        form = form.with("fund", fund.as_str());
    }
    Ok(opening_page(&officer, form))
}

fn opening_page(officer: &Officer, form: FormView) -> Page {
    let as_of = officer.books.chapter().map(|own| own.books_from.previous().to_string());
    crate::web::desk::page(
        officer,
        "desk/lending/opening.html",
        context! {
            form,
            funds => funds(officer),
            purposes => words("word-purpose", PURPOSES),
            as_of,
        },
    )
}

/// Lays a loan that ran already, and makes its file.
#[post("/ban/vay/dau-ky", data = "<fields>")]
pub async fn open_loan(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(OPENING)?;
    let (id, file): (VoucherId, Person) = (form.hidden("id")?, form.hidden("file")?);
    let draft = store.draft(&officer.desk, &id).await.map_err(Fault::internal)?;
    if draft.is_some() {
        return Ok(laying::before(&id));
    }
    let read = open(&officer, store, config, |all| {
        let read = read_opening(&mut form, &officer, (&all.families, &id));
        let number = usize::from(read.is_ok());
        (read, number)
    });
    if let Ok((borrower, own, body, private)) = read.await? {
        let key = officer.key()?;
        let role = (SignatureRole::Recorder, &key);
        let signed = laying::signed(&officer, role, id.clone(), body, None)?;
        let now = config.clock.now();
        match preview(&officer, store, &signed.voucher, now).await {
            Ok(_) => {
                let new = (&file, &borrower, &own);
                let laid = store.lay_opening_loan(
                    &officer.desk,
                    (&signed, private.as_slice(), new),
                    &officer.person,
                    now,
                );
                match laid.await {
                    Ok(_) => return Ok(laying::new(&id)),
                    Err(_) if laid_already(&officer, store, &form).await? => {
                        return Ok(laying::before(&id));
                    }
                    Err(fault) => form.note_form(refused(fault)?, []),
                };
            }
            Err(RecordFault::Refused(refusal)) => {
                let refusal = refusals::named(&refusal, &officer.books);
                refusals::note(&mut form, &refusal, OPENING);
            }
            Err(fault) => return Err(refusals::fault(fault)),
        }
    }
    let view = FormView::again(&officer.form_secret(), &format!("{PATH}/dau-ky"), &form);
    Ok(opening_page(&officer, view).status(Status::UnprocessableEntity).into())
}

/// What a form of a loan that ran already says.
type Opening = (Person, LoanFile, Body, Vec<PrivateValue>);

fn read_opening(
    form: &mut Submission,
    officer: &Officer,
    (families, voucher): (&Families, &VoucherId),
) -> Result<Opening, Noted> {
    let currency = officer.books.currency();
    let borrower = read_borrower(form, families);
    let fund = code(form, "fund", &funds(officer));
    let purpose = word::<Purpose>(form, "purpose", PURPOSES);
    let disbursed = date(form, "disbursed");
    let principal = read_amount(form, officer, "principal");
    let zero = |form: &mut Submission, name| match form.typed(name).trim().is_empty() {
        true => Ok(Money::ZERO),
        false => form.money_or_zero(name, &currency),
    };
    let (paid, fee_total) = (zero(form, "paid"), zero(form, "fee_total"));
    let fees_paid = zero(form, "fees_paid");
    let rows = read_rows(form, &currency);
    let words = form.optional_lines("words", 2000);
    let (principal, paid, fee_total, fees_paid) = (principal?, paid?, fee_total?, fees_paid?);
    let (rows, borrower) = (rows?, borrower?);
    let left = |all: Money, part| all.checked_sub(part).unwrap_or_default().max(Money::ZERO);
    adds_up(form, &rows, (left(principal, paid), left(fee_total, fees_paid)))?;
    let family = families.get(&borrower).ok_or(Noted)?;
    let amounts = Amounts { principal, paid, fee_total, fees_paid };
    let terms = (fund?, purpose?, disbursed?);
    let made = loan_line(family, voucher, (terms.clone(), amounts), &rows);
    let (loan, private) = made.ok_or_else(|| form.note_form("fault-sealed", []))?;
    let as_of = officer.books.chapter().map(|own| own.books_from.previous()).ok_or(Noted)?;
    let loans = List::new(vec![loan]);
    let body =
        OpeningBalance { as_of, money: None, goods: None, loans, custody: None, private: None };
    let file = LoanFile {
        asked_on: terms.2,
        purpose: terms.1,
        wanted: principal,
        words: words?.ok_or_else(|| form.note("words", "fault-missing"))?,
        guarantor: None,
        group: None,
        assessment: None,
        ended: None,
        approvals: Vec::new(),
        opening: Some((voucher.clone(), 0)),
        agreed: vec![Agreed {
            on: as_of,
            voucher: voucher.clone(),
            schedule: signed::to_value(&rows),
            words: None,
        }],
    };
    Ok((borrower, file, body.into(), private))
}

/// The amounts of a loan that ran already.
struct Amounts {
    principal: Money,
    paid: Money,
    fee_total: Money,
    fees_paid: Money,
}

fn loan_line(
    family: &Family,
    voucher: &VoucherId,
    ((fund, purpose, disbursed), amounts): ((Code, Purpose, Date), Amounts),
    rows: &[Instalment],
) -> Option<(OpeningLoan, Vec<PrivateValue>)> {
    let mut sealed = Sealed::given_by(voucher.clone(), Some(&family.person));
    let schedule = signed::to_value(rows);
    let digests = sealed.loan(&family.record.full_name, None, schedule).ok()?;
    let loan = OpeningLoan {
        fund,
        principal: Amount::new(amounts.principal)?,
        paid: Amount0::new(amounts.paid)?,
        fee_total: Amount0::new(amounts.fee_total)?,
        fees_paid: Amount0::new(amounts.fees_paid)?,
        purpose,
        disbursed,
        group: None,
        private: Some(digests),
    };
    Some((loan, sealed.values()))
}
