//! `/ban/quan-tri/giam-ho`: approving with the guardian's key when the others can't.
//!
//! The key is typed from the emergency sheet at the desk of a signed-in officer, signs the drafts
//! that were ticked, and is forgotten: it is in no session, table or log.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::super::Answer;
use super::super::approvals;
use super::super::describe::{self, Row};
use super::super::signing::{Signing, sign_and_record};
use crate::books::authority::guardian_may_approve;
use crate::ledger::keys::{SignatureRole, SigningKey};
use crate::store::Store;
use crate::store::desk::drafts::{Draft, State as DraftState};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/quan-tri/giam-ho";

const FORM: &[Field] =
    &[Field::list("draft", "approve-drafts"), Field::secret("secret", "field-guardian-secret")];

#[derive(Debug, Serialize)]
struct Waiting {
    id: String,
    code: String,
    kind: &'static str,
    date: String,
    made_by: String,
    rows: Vec<Row>,
}

/// Drafts that wait for an approver and that the guardian may approve.
async fn waiting(officer: &Officer, store: &Store) -> Result<Vec<Draft>, Fault> {
    let drafts = store.drafts(&officer.desk, DraftState::Waiting).await;
    let mut drafts = drafts.map_err(Fault::internal)?;
    drafts.retain(|draft| guardian_may_approve(draft.voucher.kind()));
    Ok(drafts)
}

async fn page(officer: &Officer, store: &Store, form: FormView) -> Result<Page, Fault> {
    let drafts = waiting(officer, store).await?.into_iter().map(|draft| Waiting {
        id: draft.voucher.id.to_string(),
        code: draft.code,
        kind: draft.voucher.kind().as_str(),
        date: draft.voucher.date.to_string(),
        made_by: approvals::title(officer, &draft.made_by),
        rows: describe::voucher(&officer.books, &draft.voucher),
    });
    let guardian = officer.books.officers().guardian();
    Ok(super::super::page(
        officer,
        "desk/admin/guardian.html",
        context! {
            form,
            drafts => minijinja::value::Serde(drafts.collect::<Vec<_>>()),
            guardian => guardian.map(|guardian| guardian.title.to_string()),
            key => guardian.and_then(|guardian| {
                officer.books.officers().verifier(&guardian.key)
            }).map(|key| super::rows::short(&key.vkey())),
        },
    ))
}

/// What the guardian may approve now.
#[get("/ban/quan-tri/giam-ho")]
pub async fn show(officer: Treasurer, kept: Kept<'_>) -> Result<Page, Fault> {
    let form = FormView::blank(&officer.0.form_secret(), PATH, FORM);
    page(&officer.0, kept.0, form).await
}

/// Approves the drafts that were ticked: all of them, or none.
#[post("/ban/quan-tri/giam-ho", data = "<fields>")]
pub async fn approve(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (store, officer) = (kept.0, officer.0);
    let mut form = fields.only(FORM)?;
    match approved(&officer, store, config, &mut form).await? {
        Ok(Some(path)) => Ok(Answer::go(path)),
        Ok(None) => Ok(Answer::go("/ban/quan-tri")),
        Err(Noted) => {
            let form = FormView::again(&officer.form_secret(), PATH, &form);
            let page = page(&officer, store, form).await?;
            Ok(page.status(Status::UnprocessableEntity).into())
        }
    }
}

async fn approved(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
) -> Result<Result<Option<String>, Noted>, Fault> {
    let key = secret(officer, form);
    if form.list("draft").is_empty() {
        return Ok(Err(form.note("draft", "fault-choose")));
    }
    let Ok(key) = key else { return Ok(Err(Noted)) };
    let mut drafts = Vec::new();
    for id in form.list("draft") {
        let draft = approvals::find(officer, store, id).await?;
        if !guardian_may_approve(draft.voucher.kind()) {
            return Err(Fault::NotFound);
        }
        drafts.push(draft);
    }
    let guardian = officer.books.officers().guardian().ok_or(Fault::NotFound)?;
    let signing = Signing { role: SignatureRole::Approver, key: &key, person: &guardian.person };
    let now = config.clock.now();
    sign_and_record(officer, store, form, (drafts, &signing), now).await
}

/// The guardian's key of the sheet: it must be the one that the ledger has now.
fn secret(officer: &Officer, form: &mut Submission) -> Result<SigningKey, Noted> {
    let typed = form.passphrase("secret")?;
    // A key printed over several lines is typed with spaces; it has none of its own.
    let joined: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(typed.split_whitespace().collect());
    let officers = officer.books.officers();
    let present = officers.guardian().and_then(|guardian| officers.verifier(&guardian.key));
    let key = SigningKey::from_private_text(&joined);
    let key = key.map_err(|_| form.note("secret", "fault-guardian-secret-form"))?;
    if Some(key.public()) == present {
        Ok(key)
    } else {
        Err(form.note("secret", "fault-guardian-secret"))
    }
}
