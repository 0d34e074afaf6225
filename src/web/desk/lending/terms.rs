//! What a loan's instalments will be: methods side by side, and the approval that is laid for the
//! one that was chosen. The schedule is signed with it, as a private value.

use chrono::Months;
use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::{Opened, find, funds, path, refused, shown};
use crate::books::schedule::{Instalment, Row, signed};
use crate::ledger::disclosure::{DisclosureFault, PrivateName};
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{LoanApproved, VoucherId};
use crate::ledger::word::{Amount, Amount0, Code, Date};
use crate::money::Money;
use crate::store::desk::lending::Agreed;
use crate::store::desk::vault::PrivateValue;
use crate::store::{RecordFault, Store};
use crate::web::desk::receipts::code;
use crate::web::desk::sealed::Sealed;
use crate::web::desk::slip::laying;
use crate::web::desk::{Answer, refusals};
use crate::web::fault::Denied;
use crate::web::forms::{Field, FormView, ManyFields, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::loan_terms::{self, FIELDS};
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Language, Page};

/// The fields of the terms of a loan.
const FORM: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("id", "field-id"),
    Field::one("step", "field-id"),
    Field::one("fund", "loan-fund"),
    FIELDS[0],
    FIELDS[1],
    FIELDS[2],
    FIELDS[3],
    FIELDS[4],
    FIELDS[5],
    FIELDS[6],
    FIELDS[7],
    FIELDS[8],
    FIELDS[9],
    FIELDS[10],
    FIELDS[11],
    FIELDS[12],
    FIELDS[13],
];

fn action(opened: &Opened) -> String {
    format!("{}/phuong-an", path(&opened.own.id))
}

fn page(officer: &Officer, opened: &Opened, form: FormView, result: Option<Value>) -> Page {
    crate::web::desk::page(
        officer,
        "desk/lending/terms.html",
        context! {
            choices => loan_terms::choices(&form),
            form,
            result,
            file => minijinja::value::Serde(shown::opened(officer, opened)),
            funds => funds(officer),
            may_lay => officer.may_record(),
        },
    )
}

/// The form, filled in with what was asked for.
#[get("/ban/vay/<id>/phuong-an")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = find(&officer, kept.0, config, id).await?;
    let currency = officer.books.currency();
    let mut form = FormView::blank(&officer.form_secret(), &action(&opened), FORM)
        .with("version", opened.own.version.to_string())
        .with("id", crate::web::desk::slip::new_id().as_str())
        .with("cach", "interest_free_equal")
        .with("goc", opened.own.file.wanted.grouped('.', &currency))
        .with("ky", "10")
        .with("moi", "1")
        .with("don-vi", "thang")
        .with("giai-ngan", officer.today.format("%d/%m/%Y").to_string());
    if let [(fund, _)] = funds(&officer).as_slice() {
        form = form.with("fund", fund.as_str());
    }
    Ok(page(&officer, &opened, form, None))
}

/// Shows the schedule of what was typed, or lays the approval.
#[post("/ban/vay/<id>/phuong-an", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    language: Language,
    id: &str,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.0.only(FORM)?;
    let mut opened = find(&officer, store, config, id).await?;
    let voucher: VoucherId = form.hidden("id")?;
    if opened.own.file.approvals.contains(&voucher) {
        return Ok(laying::before(&voucher));
    }
    opened.own.version = form.hidden("version")?;
    let lays = form.typed("step") == "lay";
    if lays && !officer.may_record() {
        return Err(Fault::Forbidden(Denied::Role));
    }
    let read = read(&mut form, &officer, opened.own.file.asked_on, language);
    if let Ok((fund, rows, _)) = &read
        && lays
    {
        let terms = (voucher, fund.clone(), rows.as_slice());
        if let Some(answer) = lay(&officer, store, config, (&mut opened, &mut form), terms).await? {
            return Ok(answer);
        }
    }
    let view = FormView::again(&officer.form_secret(), &action(&opened), &form);
    let wrong = read.is_err() || lays;
    let page = page(&officer, &opened, view, read.ok().map(|(_, _, result)| result));
    Ok(if wrong { page.status(Status::UnprocessableEntity) } else { page }.into())
}

fn read(
    form: &mut Submission,
    officer: &Officer,
    asked_on: Date,
    language: Language,
) -> Result<(Code, Vec<Row>, Value), Noted> {
    let fund = code(form, "fund", &funds(officer));
    let terms = loan_terms::read(form)?;
    let latest = officer.today.checked_add_months(Months::new(12));
    if terms.disbursed < asked_on || latest.is_some_and(|day| terms.disbursed.naive() > day) {
        return Err(form.note("giai-ngan", "loan-fault-payout-day"));
    }
    let rows = loan_terms::worked_out(form, &terms, language)?;
    let others = loan_terms::previews(&terms, form, |_| String::new());
    let result = loan_terms::result(&rows, &others);
    Ok((fund?, rows, result))
}

/// Lays the approval, and keeps what was agreed in the file; `None` when a rule says no, which is
/// noted on the form.
async fn lay(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (opened, form): (&mut Opened, &mut Submission),
    (voucher, fund, rows): (VoucherId, Code, &[Row]),
) -> Result<Option<Answer>, Fault> {
    if !opened.stage.can_be_approved() {
        form.note_form("loan-not-visited", []);
        return Ok(None);
    }
    let instalments: Vec<Instalment> = rows.iter().map(Instalment::from).collect();
    let Ok((body, private)) = approval(opened, (&voucher, fund), &instalments) else {
        form.note_form("fault-sealed", []);
        return Ok(None);
    };
    let key = officer.key()?;
    let role = (SignatureRole::Recorder, &key);
    let signed = laying::signed(officer, role, voucher.clone(), body.into(), None)?;
    let now = config.clock.now();
    match crate::web::desk::slip::preview(officer, store, &signed.voucher, now).await {
        Ok(_) => {}
        Err(RecordFault::Refused(refusal)) => {
            let refusal = refusals::named(&refusal, &officer.books);
            refusals::note(form, &refusal, FORM);
            return Ok(None);
        }
        Err(fault) => return Err(refusals::fault(fault)),
    }
    let file = &mut opened.own.file;
    file.approvals.push(voucher.clone());
    file.agreed.push(Agreed {
        on: Date::new(officer.today).ok_or(Fault::NotFound)?,
        voucher: voucher.clone(),
        schedule: signed::to_value(&instalments),
        words: None,
    });
    let new = (&signed, private.as_slice(), &opened.own);
    match store.lay_for_loan(&officer.desk, new, &officer.person, now).await {
        Ok(_) => Ok(Some(laying::new(&voucher))),
        Err(fault) => {
            // The same form sent twice at once: the other one was quicker.
            let draft = store.draft(&officer.desk, &voucher).await.map_err(Fault::internal)?;
            if draft.is_some() {
                return Ok(Some(laying::before(&voucher)));
            }
            form.note_form(refused(fault)?, []);
            Ok(None)
        }
    }
}

/// The voucher: always three digests, so that nobody sees who has nobody to vouch for them.
fn approval(
    opened: &Opened,
    (voucher, fund): (&VoucherId, Code),
    instalments: &[Instalment],
) -> Result<(LoanApproved, Vec<PrivateValue>), DisclosureFault> {
    let (file, borrower) = (&opened.own.file, &opened.borrower);
    let mut sealed = Sealed::given_by(voucher.clone(), Some(&borrower.person));
    let guarantor = file.guarantor.as_ref().map(|own| own.full_name.as_str());
    let digests =
        sealed.loan(&borrower.record.full_name, guarantor, signed::to_value(instalments))?;
    let sum = |part: fn(&Instalment) -> Money| {
        Money::sum(instalments.iter().map(part)).unwrap_or_default()
    };
    let failed = || DisclosureFault::Randomness(PrivateName::Schedule.as_str().to_owned());
    let body = LoanApproved {
        fund,
        principal: Amount::new(sum(|own| own.principal)).ok_or_else(failed)?,
        purpose: file.purpose,
        fee_total: Amount0::new(sum(|own| own.fee)).ok_or_else(failed)?,
        group: file.group.clone(),
        private: Some(digests),
    };
    Ok((body, sealed.values()))
}
