//! Chờ duyệt: the second signature. A list is approved with one passphrase, whole or not at all.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::describe::{self, Changed, Row};
use super::signing::{Signing, fit, is_alone, noted_code, sign_and_record, stand_in};
use super::{Answer, away, erasure, lending, passphrases, refusals};
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{Kind, OfficerRole, Voucher, VoucherId};
use crate::ledger::word::Person;
use crate::money::Money;
use crate::store::desk::drafts::{Draft, State as DraftState};
use crate::store::desk::vault::Purpose;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::{RecordFault, Store};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer, Signer};
use crate::web::{Config, Fault, Page};

pub(super) const PATH: &str = "/ban/duyet";
/// The longest list of new entries that is shown after an approval.
const MOST_AT_ONCE: u64 = 200;

const APPROVE: &[Field] =
    &[Field::list("draft", "approve-drafts"), Field::secret("passphrase", "sign-in-passphrase")];
const SEND_BACK: &[Field] = &[Field::one("reason", "approve-reason")];

/// A draft as its pages show it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: String,
    pub(super) code: String,
    state: &'static str,
    kind: &'static str,
    date: String,
    made_by: String,
    made_at: String,
    own: bool,
    total: Option<i64>,
    note: Option<String>,
    rows: Vec<Row>,
    closed: Option<describe::Closed>,
    pub(super) changes: Vec<Changed>,
    /// Whether this officer's signature is one that it waits for.
    pub(super) mine: bool,
    /// Whether it is to be signed away from this server.
    away: bool,
    /// Why the books would refuse it now: key, and arguments.
    refusal: Option<(&'static str, std::collections::BTreeMap<&'static str, Value>)>,
    seq: Option<u64>,
}

/// The role in which an officer signs what another recorded.
pub(super) fn role(officer: &Officer) -> SignatureRole {
    if officer.has_any(&[OfficerRole::Auditor]) {
        SignatureRole::Auditor
    } else {
        SignatureRole::Approver
    }
}

/// The title of a person in office.
pub(super) fn title(officer: &Officer, person: &Person) -> String {
    let office = officer.books.officers().in_office().get(person);
    office.map_or_else(|| person.to_string(), |office| office.title.to_string())
}

/// The list in full with its total, for who may sign.
#[get("/ban/duyet?<tu>&<den>")]
pub async fn list(
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    tu: Option<u64>,
    den: Option<u64>,
) -> Result<Page, Fault> {
    let store = kept.0;
    let form = FormView::blank(&officer.form_secret(), PATH, APPROVE);
    let recorded = recorded(&officer, store, tu.zip(den)).await?;
    page(&officer, store, config.clock.now(), form, recorded).await
}

/// The entries that an approval has just made, from the first to the last.
async fn recorded(
    officer: &Officer,
    store: &Store,
    span: Option<(u64, u64)>,
) -> Result<Vec<describe::Short>, Fault> {
    let mut all = Vec::new();
    let Some((first, last)) = span else { return Ok(all) };
    for seq in first..=last.min(first.saturating_add(MOST_AT_ONCE)) {
        match store.line(officer.chapter, seq).await.map_err(Fault::internal)? {
            Some(line) => all.push(describe::line(&officer.books, &line)),
            None => break,
        }
    }
    Ok(all)
}

async fn page(
    officer: &Officer,
    store: &Store,
    now: DateTime<Utc>,
    form: FormView,
    recorded: Vec<describe::Short>,
) -> Result<Page, Fault> {
    let (mut mine, mut alone, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut elsewhere = Vec::new();
    let rule = away::Rule::of(officer, store).await?;
    let waiting = store.drafts(&officer.desk, DraftState::Waiting).await;
    for draft in waiting.map_err(Fault::internal)? {
        let shown = shown(officer, store, (&draft, &rule), now).await?;
        match shown.mine {
            true if shown.away => elsewhere.push(shown),
            // What can't be undone is told on its own page.
            true if is_alone(&draft) => alone.push(shown),
            true => mine.push(shown),
            false => others.push(shown),
        }
    }
    let back = store.drafts(&officer.desk, DraftState::SentBack).await;
    let mut returned = Vec::new();
    for draft in back.map_err(Fault::internal)? {
        returned.push(shown(officer, store, (&draft, &rule), now).await?);
    }
    // Drafts are not in the books: nothing keeps their sum within what money holds.
    let total = Money::sum(mine.iter().filter_map(|draft| draft.total.and_then(Money::new)));
    let total = total.map(Money::minor);
    Ok(super::page(
        officer,
        "desk/approvals.html",
        context! {
            form,
            mine => minijinja::value::Serde(mine),
            alone => minijinja::value::Serde(alone),
            elsewhere => minijinja::value::Serde(elsewhere),
            others => minijinja::value::Serde(others),
            returned => minijinja::value::Serde(returned),
            recorded => minijinja::value::Serde(recorded),
            total,
        },
    ))
}

pub(super) async fn shown(
    officer: &Officer,
    store: &Store,
    (draft, rule): (&Draft, &away::Rule),
    now: DateTime<Utc>,
) -> Result<Shown, Fault> {
    let voucher = &draft.voucher;
    let own = draft.made_by == officer.person;
    let waiting = draft.state == DraftState::Waiting;
    let signed = store.draft_signed(&officer.desk, &voucher.id).await.map_err(Fault::internal)?;
    let wanted = officer.books.signature_list(voucher);
    let role = role(officer);
    let lacks = |role| !signed.signatures.iter().any(|signature| signature.role == role);
    let asked = wanted.iter().any(|(wanted, _)| *wanted == role) && lacks(role);
    let (mut changes, mut refusal) = (Vec::new(), None);
    let mut may = asked && waiting && !own;
    if waiting {
        match store.preview(officer.chapter, stand_in(officer, signed, role), now).await {
            Ok(effects) => changes = describe::changes(&officer.books, &effects),
            Err(RecordFault::Refused(no)) => {
                may &= !matches!(no, crate::books::Refusal::ApproverMayNot);
                let no = refusals::named(&no, &officer.books);
                let arguments = refusals::arguments(&no).into_iter().collect();
                refusal = (!own).then(|| (refusals::key(&no), arguments));
            }
            Err(fault) => return Err(refusals::fault(fault)),
        }
    }
    Ok(Shown {
        id: voucher.id.to_string(),
        code: draft.code.clone(),
        state: draft.state.as_str(),
        kind: voucher.kind().as_str(),
        date: voucher.date.to_string(),
        made_by: title(officer, &draft.made_by),
        made_at: draft.made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        own,
        total: describe::total(voucher),
        note: voucher.note.as_ref().map(ToString::to_string),
        rows: describe::voucher(&officer.books, voucher),
        closed: describe::closed(&officer.books, voucher),
        changes,
        mine: may,
        away: rule.asks(voucher.kind()) || officer.key_is_away(),
        refusal,
        seq: draft.seq,
    })
}

/// One draft, opened: every member, private values, balances before and after.
#[get("/ban/duyet/<id>?<moi>&<lai>")]
pub async fn one(
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    moi: Option<&str>,
    lai: Option<&str>,
) -> Result<Page, Fault> {
    let store = kept.0;
    let secret = officer.form_secret();
    let forms = (
        FormView::blank(&secret, PATH, APPROVE),
        FormView::blank(&secret, &format!("{PATH}/{id}/tra-lai"), SEND_BACK),
    );
    let notice = (moi.is_some(), lai.is_some());
    opened(&officer, store, config.clock.now(), id, forms, notice).await
}

/// A draft by its voucher's id, as it stands in forms.
pub(super) async fn find(officer: &Officer, store: &Store, id: &str) -> Result<Draft, Fault> {
    let id: VoucherId = id.parse().map_err(|_| Fault::NotFound)?;
    let draft = store.draft(&officer.desk, &id).await.map_err(Fault::internal)?;
    draft.ok_or(Fault::NotFound)
}

async fn opened(
    officer: &Officer,
    store: &Store,
    now: DateTime<Utc>,
    id: &str,
    (approve, back): (FormView, FormView),
    (new, repeated): (bool, bool),
) -> Result<Page, Fault> {
    let draft = find(officer, store, id).await?;
    let voucher = &draft.voucher;
    // Names are for those who record and approve; the vault notes that they were read.
    let private = if officer.may_record() {
        let values =
            store.open_private(&officer.desk, &voucher.id, &officer.person, Purpose::Desk, now);
        super::entry::private(voucher.kind(), &values.await.map_err(Fault::internal)?)
    } else {
        Vec::new()
    };
    let loan = match officer.may_record() {
        true => lending::drafted(officer, store, now, voucher).await?,
        false => None,
    };
    let erasure = erasure::targets(officer, store, &voucher.id, now).await?;
    let erasure = with_kinds(officer, store, &erasure).await?;
    // People write names into reasons: they are for recorders, and the vault notes who read them.
    let reason = if officer.may_record() {
        let reason = store.draft_reason(&officer.desk, &draft, &officer.person, now).await;
        reason.map_err(Fault::internal)?
    } else {
        None
    };
    let original = original(officer, store, voucher).await?;
    let withdraw = officer.form_secret().token(&format!("{PATH}/{id}/rut"));
    let rule = away::Rule::of(officer, store).await?;
    Ok(super::page(
        officer,
        "desk/draft.html",
        context! {
            draft => minijinja::value::Serde(shown(officer, store, (&draft, &rule), now).await?),
            private => minijinja::value::Serde(private),
            loan => loan.map(minijinja::value::Serde),
            erasure => minijinja::value::Serde(erasure),
            original => original.map(minijinja::value::Serde),
            for_good => voucher.kind() == Kind::ChapterClosed,
            minutes => minutes_of(voucher),
            approve,
            back,
            withdraw,
            reason,
            new,
            repeated,
        },
    ))
}

/// The entry that a draft would reverse.
async fn original(
    officer: &Officer,
    store: &Store,
    voucher: &Voucher,
) -> Result<Option<describe::Short>, Fault> {
    let named = crate::books::postings::names(&voucher.body).map(|named| named.entry());
    let named = named.filter(|_| voucher.kind() == Kind::Reversed);
    let Some(seq) = named.and_then(|named| named.place(officer.books.before())) else {
        return Ok(None);
    };
    let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
    Ok(line.map(|line| describe::line(&officer.books, &line)))
}

/// Whose values go, each with the kind of the entry in which they stand.
async fn with_kinds(
    officer: &Officer,
    store: &Store,
    going: &[erasure::Going],
) -> Result<Vec<serde_json::Value>, Fault> {
    let mut all = Vec::with_capacity(going.len());
    for going in going {
        let mut going = serde_json::to_value(going).map_err(Fault::internal)?;
        let line = match going["seq"].as_u64() {
            Some(seq) => store.line(officer.chapter, seq).await.map_err(Fault::internal)?,
            None => None,
        };
        going["kind"] = line.map(|line| line.entry.voucher().kind().as_str()).into();
        all.push(going);
    }
    Ok(all)
}

/// Approves the drafts that were ticked: all of them, or none.
#[post("/ban/duyet", data = "<fields>")]
pub async fn approve(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let officer = officer.0;
    let mut form = fields.only(APPROVE)?;
    let now = config.clock.now();
    let done = approved(&officer, store, config, &mut form, now).await?;
    match done {
        Ok(Some(path)) => Ok(Answer::go(path)),
        Ok(None) => Ok(Answer::go("/ban/duyet")),
        Err(Noted) => {
            let form = FormView::again(&officer.form_secret(), PATH, &form);
            let page = page(&officer, store, now, form, Vec::new()).await?;
            Ok(page.status(Status::UnprocessableEntity).into())
        }
    }
}

/// The way to the entry, when one draft alone was recorded, now or by an earlier sending.
async fn approved(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
    now: DateTime<Utc>,
) -> Result<Result<Option<String>, Noted>, Fault> {
    if form.list("draft").is_empty() {
        return Ok(Err(form.note("draft", "fault-choose")));
    }
    // Looked at first: what is to be signed elsewhere costs no passphrase here.
    let rule = away::Rule::of(officer, store).await?;
    if officer.key_is_away() {
        return Ok(Err(form.note_form("fault-approve-key-away", [])));
    }
    for id in form.list("draft") {
        let draft = find(officer, store, id).await?;
        if draft.state == DraftState::Waiting && rule.asks(draft.voucher.kind()) {
            return Ok(Err(noted_code(form, "fault-approve-away", &draft.code)));
        }
    }
    let key = match passphrases::key(officer, store, config, form, now).await? {
        Ok(key) => key,
        Err(Noted) => return Ok(Err(Noted)),
    };
    let role = role(officer);
    let (mut drafts, mut known) = (Vec::new(), None);
    for id in form.list("draft") {
        let draft = find(officer, store, id).await?;
        if let (DraftState::Recorded, Some(seq)) = (draft.state, draft.seq) {
            known = Some(format!("/ban/but-toan/{seq}?lai=1"));
            continue;
        }
        let (waits, own) = (draft.state == DraftState::Waiting, draft.made_by == officer.person);
        // Whose signature is not asked for adds none: it would spoil the list for ever.
        if waits && !own && !shown(officer, store, (&draft, &rule), now).await?.mine {
            return Err(Fault::Forbidden(crate::web::fault::Denied::Role));
        }
        drafts.push(draft);
    }
    if drafts.is_empty() {
        return Ok(Ok(known));
    }
    if let Err(Noted) = fit(officer, store, form, &drafts, now).await? {
        return Ok(Err(Noted));
    }
    let signer = Signing { role, key: &key, person: &officer.person };
    sign_and_record(officer, store, form, (drafts, &signer), now).await
}

/// Sends a draft back with a reason.
#[post("/ban/duyet/<id>/tra-lai", data = "<fields>")]
pub async fn send_back(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let officer = officer.0;
    let mut form = fields.only(SEND_BACK)?;
    let now = config.clock.now();
    let draft = find(&officer, store, id).await?;
    let reason = form.optional_lines("reason", 2_000);
    let reason =
        reason.and_then(|reason| reason.ok_or_else(|| form.note("reason", "fault-missing")));
    let Ok(reason) = reason else {
        let secret = officer.form_secret();
        let forms = (
            FormView::blank(&secret, PATH, APPROVE),
            FormView::again(&secret, &format!("{PATH}/{id}/tra-lai"), &form),
        );
        let page = opened(&officer, store, now, id, forms, (false, false)).await?;
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    let waits = draft.state == DraftState::Waiting && draft.made_by != officer.person;
    let rule = away::Rule::of(&officer, store).await?;
    if waits && !shown(&officer, store, (&draft, &rule), now).await?.mine {
        return Err(Fault::Forbidden(crate::web::fault::Denied::Role));
    }
    let id = &draft.voucher.id;
    let done = store.send_back(&officer.desk, id, &officer.person, &reason, now).await;
    decided(done)?;
    Ok(Answer::go(PATH))
}

/// Its recorder takes a draft back.
#[post("/ban/duyet/<id>/rut", data = "<fields>")]
pub async fn withdraw(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    fields.only(&[])?;
    let officer = officer.0;
    let draft = find(&officer, store, id).await?;
    let now = config.clock.now();
    decided(store.withdraw(&officer.desk, &draft.voucher.id, &officer.person, now).await)?;
    Ok(Answer::go(PATH))
}

/// Of several who decide at once one succeeds; the others are told.
fn decided(done: Result<(), DeskFault>) -> Result<(), Fault> {
    match done {
        Err(DeskFault::Refused(DeskRefusal::NotYours | DeskRefusal::OwnDraft)) => {
            Err(Fault::Forbidden(crate::web::fault::Denied::Role))
        }
        Err(DeskFault::Refused(_)) => Err(Fault::Conflict("desk-moved-on")),
        done => done.map_err(Fault::internal),
    }
}

/// Where the minutes of a count are printed from.
fn minutes_of(voucher: &Voucher) -> Option<String> {
    match voucher.kind() {
        Kind::CashCounted => Some(format!("/ban/kiem-ke/{}/bien-ban", voucher.id)),
        Kind::StockCounted => Some(format!("/ban/kho/kiem-ke/{}/bien-ban.pdf", voucher.id)),
        _ => None,
    }
}
