//! Công bố báo cáo: quarter, year and campaign, computed by the books and signed by two.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::slip::{laying, new_id};
use super::{Answer, refusals};
use crate::ledger::voucher::{StatementPublished, StatementType};
use crate::ledger::word::{Code, Date};
use crate::store::Store;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Signer, Treasurer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/bao-cao";
const FORM: &[Field] = &[
    Field::one("id", "field-id"),
    Field::one("what", "publish-what"),
    Field::one("fund", "field-fund"),
    Field::one("from", "publish-from"),
    Field::one("to", "publish-to"),
];
/// The choice of a fund's campaign.
const CAMPAIGN: &str = "campaign";

/// All funds that were ever opened: a campaign may be over and its fund closed.
fn funds(officer: &Officer) -> Vec<(String, String)> {
    let all = officer.books.register().funds().iter();
    all.map(|(code, fund)| (code.to_string(), fund.fund.name.to_string())).collect()
}

async fn page(officer: &Officer, store: &Store, form: FormView) -> Result<Page, Fault> {
    let published = store.statements(officer.chapter).await.map_err(Fault::internal)?;
    let seq = |name: &str| published.iter().find(|(own, _)| own == name).map(|(_, seq)| *seq);
    let spans = officer.books.closed_spans();
    let spans: Vec<Value> = spans
        .iter()
        .map(|(_, from, to, name)| {
            context! {
                name => name.as_str(),
                from => from.to_string(),
                to => to.to_string(),
                seq => seq(name),
            }
        })
        .collect();
    let campaigns: Vec<Value> = published
        .iter()
        .filter_map(|(name, seq)| campaign(officer, name).map(|shown| (shown, name, seq)))
        .map(|((fund, from, to), name, seq)| context! { fund, from, to, name, seq => *seq })
        .collect();
    Ok(super::page(
        officer,
        "desk/statements.html",
        context! {
            form,
            spans,
            campaigns,
            funds => funds(officer),
            slug => officer.desk.origin.slug(),
            closed => officer.books.closed_through().map(|month| super::describe::month(&month)),
        },
    ))
}

/// A campaign's fund and days, from the name of its file.
fn campaign(officer: &Officer, name: &str) -> Option<(String, String, String)> {
    let mut parts = name.split('_');
    let (fund, from, to) = (parts.next()?, parts.next()?, parts.next()?);
    let fund = super::describe::fund_name(&officer.books, fund);
    Some((fund, from.to_owned(), to.to_owned()))
}

/// What can be published, and what was.
#[get("/ban/bao-cao")]
pub async fn show(officer: Signer, kept: Kept<'_>) -> Result<Page, Fault> {
    let officer = officer.0;
    let form = FormView::blank(&officer.form_secret(), PATH, FORM).with("id", new_id().as_str());
    page(&officer, kept.0, form).await
}

/// Computes the statement, signs it, and lays it for the second signature.
#[post("/ban/bao-cao", data = "<fields>")]
pub async fn publish(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(FORM)?;
    let id = match laying::id_or_draft(&officer, store, &form).await? {
        Ok(id) => id,
        Err(before) => return Ok(before),
    };
    let Ok(body) = read(&mut form, &officer) else {
        let view = FormView::again(&officer.form_secret(), PATH, &form);
        let page = page(&officer, store, view).await?;
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    laying::lay(&officer, store, id, body.into(), config.clock.now()).await
}

fn read(form: &mut Submission, officer: &Officer) -> Result<StatementPublished, Noted> {
    let books = &officer.books;
    let spans = books.closed_spans();
    let mut choices: Vec<(&str, Option<usize>)> =
        spans.iter().enumerate().map(|(at, (.., name))| (name.as_str(), Some(at))).collect();
    choices.push((CAMPAIGN, None));
    let chosen = form.choice("what", &choices)?;
    let body = match chosen.and_then(|at| spans.get(at)) {
        Some((kind, from, to, _)) => books.publication(*kind, (*from, *to), None),
        None => {
            let fund = super::receipts::code(form, "fund", &funds(officer));
            let from = super::receipts::date(form, "from");
            let to = super::receipts::date(form, "to");
            let (fund, from, to): (Code, Date, Date) = (fund?, from?, to?);
            if from > to {
                return Err(form.note("to", "fault-days-order"));
            }
            books.publication(StatementType::Campaign, (from, to), Some(fund))
        }
    };
    body.map_err(|refusal| {
        let field = (chosen.is_none()).then_some("to");
        let refusal = refusals::named(&refusal, books);
        form.note_at(field, refusals::key(&refusal), refusals::arguments(&refusal))
    })
}
