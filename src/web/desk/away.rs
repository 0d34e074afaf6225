//! `/ban/duyet/ky-ngoai`: the second signature, given on another machine.
//!
//! A file with what waits goes out, `minhbach sign` shows it there and signs, and the file that it
//! writes comes back. Which kinds have to be signed so is the policy's (`away`); an officer whose
//! key never was on this server signs everything so. What comes back is recorded as if it had been
//! approved on the page: the same checks, the same entry.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;
use rocket::http::{ContentType, Status};
use rocket::{State, get, post};
use serde_json::Value as Json;

use super::admin::rows::person_name;
use super::approvals::{self, Shown};
use super::describe::{self, Changed};
use super::goods_words;
use super::signing::{fit, noted_code, record_signed, stand_in};
use super::{Answer, refusals};
use crate::books::authority::{Signs, signs};
use crate::books::officers::InOffice;
use crate::books::{Books, Refusal};
use crate::ledger::away::{
    Asked, AwayFault, Change, MOST_BYTES, MOST_VOUCHERS, Mark, Recorder, Signed, ToSign,
};
use crate::ledger::entry::OfficerSignature;
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{Kind, OfficerRole, Voucher};
use crate::ledger::word::{Person, Time, Words};
use crate::store::desk::accounts::Account;
use crate::store::desk::drafts::{Draft, State as DraftState};
use crate::store::desk::vault::Purpose;
use crate::store::{RecordFault, Store};
use crate::web::forms::{Field, Fields, FormView, Noted, Statement, Submission, Upload};
use crate::web::guards::SameOrigin;
use crate::web::public::download::{Download, Keep};
use crate::web::session::{Kept, Officer, Signer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/duyet/ky-ngoai";
const FILE_PATH: &str = "/ban/duyet/ky-ngoai/tep";

const TAKE_OUT: &[Field] =
    &[Field::list("draft", "approve-drafts"), Field::one("private", "away-private")];
const BRING_BACK: &[Field] = &[Field::one("file", "away-file")];

/// Kinds that lead out of a policy that nobody can keep. They are approved here unless two in
/// office who may approve have keys away, or one has and a guardian is named: whoever loses a key
/// file, somebody is left to sign what gives them a new one.
const LEAD_OUT: [Kind; 5] = [
    Kind::PolicyChanged,
    Kind::KeyRotated,
    Kind::OfficerEnrolled,
    Kind::OfficerRetired,
    Kind::GuardianNamed,
];

/// Kinds that may be asked to be signed away: those that a second person signs.
#[must_use]
pub fn kinds() -> Vec<Kind> {
    let two = |kind: &Kind| matches!(signs(*kind), Signs::Two | Signs::TwoAndAuditor);
    Kind::ALL.iter().copied().filter(two).collect()
}

/// The same as choices of a form: the word, and the key of its text.
#[must_use]
pub fn options() -> Vec<(String, String)> {
    let words: Vec<&str> = kinds().iter().map(|kind| kind.as_str()).collect();
    super::slip::words("kind", &words)
}

/// The kinds that were ticked; `None` for none.
///
/// # Errors
/// [`Noted`] for one that is not offered.
pub(super) fn read(form: &mut Submission) -> Result<Option<Words<Kind>>, Noted> {
    let ticked: Vec<String> = form.list("away").into_iter().map(str::to_owned).collect();
    let offered = kinds();
    // In the order of the table, whatever the order in which they came.
    let chosen: Vec<Kind> =
        offered.into_iter().filter(|kind| ticked.iter().any(|own| own == kind.as_str())).collect();
    if chosen.len() != ticked.len() {
        return Err(form.note("away", "fault-choice"));
    }
    Ok(Words::new(chosen))
}

/// Which kinds are signed away from this server now.
pub(super) struct Rule {
    kinds: BTreeSet<&'static str>,
    /// Whether enough keys are away that one may be lost.
    enough: bool,
}

impl Rule {
    /// The policy's, as the officers' keys allow it.
    pub(super) async fn of(officer: &Officer, store: &Store) -> Result<Self, Fault> {
        let policy = officer.books.policy().and_then(|policy| policy.away.as_ref());
        let kinds: BTreeSet<&str> =
            policy.into_iter().flat_map(|kinds| kinds.iter()).map(|kind| kind.as_str()).collect();
        let officers = officer.books.officers();
        let enough = !kinds.is_empty() && {
            let accounts = store.desk_accounts(&officer.desk).await.map_err(Fault::internal)?;
            let leads = |account: &&Account| {
                let office = officers.in_office().get(&account.person);
                office.is_some_and(InOffice::leads) && is_away(account)
            };
            let away = accounts.iter().filter(leads).count();
            away + usize::from(officers.guardian().is_some() && away > 0) > 1
        };
        Ok(Self { kinds, enough })
    }

    /// Whether a kind is to be signed elsewhere.
    pub(super) fn asks(&self, kind: Kind) -> bool {
        self.kinds.contains(kind.as_str()) && (self.enough || !LEAD_OUT.contains(&kind))
    }
}

/// Whether an account's key is in force and not on this server.
fn is_away(account: &Account) -> bool {
    account.lock.sealed_seed.is_none() && !account.disabled
}

/// Whether somebody else in office who may record has a key on this server: without one nothing
/// would be recorded any more.
pub(super) fn records_without(books: &Books, accounts: &[Account], person: &Person) -> bool {
    let recorders = [OfficerRole::Treasurer, OfficerRole::Chair, OfficerRole::DeputyChair];
    accounts.iter().any(|account| {
        let office = books.officers().in_office().get(&account.person);
        let may = office.is_some_and(|office| recorders.iter().any(|role| office.has(*role)));
        may && account.person != *person && !account.disabled && account.lock.sealed_seed.is_some()
    })
}

/// The text that says why a file was not taken.
#[must_use]
pub const fn fault_key(fault: &AwayFault) -> &'static str {
    match fault {
        AwayFault::TooLarge => "away-fault-large",
        AwayFault::NotOurs => "away-fault-not-ours",
        AwayFault::Swapped => "away-fault-swapped",
        AwayFault::Newer => "away-fault-newer",
        AwayFault::Changed(_) => "away-fault-changed",
        AwayFault::OtherLog => "away-fault-other-log",
        AwayFault::Count => "away-fault-count",
        AwayFault::ManyKeys => "away-fault-many-keys",
        AwayFault::Recorder => "away-fault-recorder",
        AwayFault::Private => "away-fault-private",
        AwayFault::OtherKey => "away-fault-other-key",
        AwayFault::OwnVoucher => "away-fault-own",
    }
}

/// What waits for this officer, and the two forms.
#[get("/ban/duyet/ky-ngoai?<draft>")]
pub async fn show(
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    draft: Option<&str>,
) -> Result<Page, Fault> {
    let secret = officer.0.form_secret();
    let mut out = FormView::blank(&secret, FILE_PATH, TAKE_OUT);
    if let Some(draft) = draft {
        out = out.with("draft", draft);
    }
    let back = FormView::blank(&secret, PATH, BRING_BACK);
    page(&officer.0, kept.0, (out, back), config.clock.now()).await
}

async fn page(
    officer: &Officer,
    store: &Store,
    (out, back): (FormView, FormView),
    now: DateTime<Utc>,
) -> Result<Page, Fault> {
    let rule = Rule::of(officer, store).await?;
    let waiting = store.drafts(&officer.desk, DraftState::Waiting).await;
    let mut mine = Vec::new();
    for draft in waiting.map_err(Fault::internal)? {
        let shown = approvals::shown(officer, store, (&draft, &rule), now).await?;
        mine.extend(shown.mine.then_some(shown));
    }
    Ok(super::page(
        officer,
        "desk/away.html",
        context! {
            out,
            back,
            mine => minijinja::value::Serde(mine),
            private => officer.may_record(),
            key_away => officer.key_is_away(),
        },
    ))
}

/// Gives the drafts that were ticked as a file.
#[post("/ban/duyet/ky-ngoai/tep", data = "<fields>")]
pub async fn take_out(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Result<Download, Page>, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let mut form = fields.only(TAKE_OUT)?;
    match taken_out(&officer, store, &mut form, now).await? {
        Ok((name, bytes)) => {
            let file = Download::whole(ContentType::JSON, Keep::Nothing, bytes);
            Ok(Ok(file.named(name).private()))
        }
        Err(Noted) => {
            let secret = officer.form_secret();
            let out = FormView::again(&secret, FILE_PATH, &form);
            let back = FormView::blank(&secret, PATH, BRING_BACK);
            let page = page(&officer, store, (out, back), now).await?;
            Ok(Err(page.status(Status::UnprocessableEntity)))
        }
    }
}

/// The file's name and bytes.
async fn taken_out(
    officer: &Officer,
    store: &Store,
    form: &mut Submission,
    now: DateTime<Utc>,
) -> Result<Result<(String, Vec<u8>), Noted>, Fault> {
    let chosen: Vec<String> = form.list("draft").into_iter().map(str::to_owned).collect();
    if chosen.is_empty() {
        return Ok(Err(form.note("draft", "fault-choose")));
    }
    let most = || [("most", Value::from(MOST_VOUCHERS))];
    if chosen.len() > MOST_VOUCHERS {
        return Ok(Err(form.note_with("draft", "away-fault-many", most())));
    }
    let private = form.ticked("private") && officer.may_record();
    let rule = Rule::of(officer, store).await?;
    let mut drafts = Vec::new();
    for id in &chosen {
        let draft = approvals::find(officer, store, id).await?;
        let shown = approvals::shown(officer, store, (&draft, &rule), now).await?;
        if !shown.mine {
            return Ok(Err(noted_code(form, "away-fault-not-yours", &draft.code)));
        }
        drafts.push(asked(officer, store, (&draft, &shown, private), now).await?);
    }
    let state = officer.books.chapter().ok_or(Fault::NotFound)?;
    let name = match drafts.as_slice() {
        [one] => format!("cho-ky-{}.json", one.code),
        several => format!("cho-ky-{}-{}-phieu.json", officer.desk.origin.slug(), several.len()),
    };
    let file = ToSign {
        chapter: state.chapter.name.to_string(),
        names: names(&officer.books, drafts.iter().map(|draft| &draft.voucher)),
        drafts,
        log: officer.desk.origin.clone(),
        made_at: Time::new(now).ok_or(Fault::NotFound)?,
        utc_offset: state.utc_offset,
    };
    let bytes = file.bytes();
    if bytes.len() > MOST_BYTES {
        return Ok(Err(form.note_with("draft", "away-fault-many", most())));
    }
    Ok(Ok((name, bytes)))
}

/// A draft as the other machine is asked to sign it.
async fn asked(
    officer: &Officer,
    store: &Store,
    (draft, shown, private): (&Draft, &Shown, bool),
    now: DateTime<Utc>,
) -> Result<Asked, Fault> {
    let (desk, voucher) = (&officer.desk, &draft.voucher);
    let signed = store.draft_signed(desk, &voucher.id).await.map_err(Fault::internal)?;
    let vkey = officer.books.officers().verifier(&voucher.by);
    // A draft whose recorder's key ended is void, and void ones are nobody's to sign.
    let vkey = vkey.cloned().ok_or(Fault::Conflict("desk-moved-on"))?;
    let opened = match private {
        true => {
            let person = &officer.person;
            let values = store.open_private(desk, &voucher.id, person, Purpose::Export, now);
            values.await.map_err(Fault::internal)?
        }
        false => Vec::new(),
    };
    Ok(Asked {
        role: approvals::role(officer),
        changes: shown.changes.iter().map(change).collect(),
        code: draft.code.clone(),
        private: opened.iter().map(|value| value.disclosure.encode()).collect(),
        recorder: Some(Recorder { title: approvals::title(officer, &draft.made_by), vkey }),
        signatures: signed.signatures.iter().map(Mark::from).collect(),
        voucher: voucher.clone(),
    })
}

fn change(changed: &Changed) -> Change {
    let goods = changed.goods.as_ref();
    let told = |goods: &goods_words::Goods| format!("{} {}", goods.quantity, goods.unit);
    Change {
        what: changed.what.to_owned(),
        name: changed.name.clone(),
        before: changed.before,
        after: changed.after,
        goods: goods.map(|(before, after)| [told(before), told(after)]),
    }
}

/// The names of the codes in vouchers: by what they are, then by code.
pub(super) fn names<'a>(
    books: &Books,
    vouchers: impl Iterator<Item = &'a Voucher>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    vouchers.for_each(|voucher| gather(books, &voucher.value(), &mut names));
    names
}

fn gather(books: &Books, value: &Json, names: &mut BTreeMap<String, BTreeMap<String, String>>) {
    match value {
        Json::Array(list) => list.iter().for_each(|value| gather(books, value, names)),
        Json::Object(members) => {
            for (member, value) in members {
                let Some((what, code)) = sort(member).zip(value.as_str()) else {
                    gather(books, value, names);
                    continue;
                };
                let name = match what {
                    "place" => describe::place_name(books, code),
                    "fund" => describe::fund_name(books, code),
                    "programme" => describe::programme_name(books, code),
                    "item" => goods_words::item_name(books, code),
                    "store" => goods_words::store_name(books, code),
                    _ => person_name(books, code),
                };
                if name != code {
                    names.entry(what.to_owned()).or_default().insert(code.to_owned(), name);
                }
            }
        }
        _ => {}
    }
}

/// What a member's code is the code of.
#[must_use]
pub fn sort(member: &str) -> Option<&'static str> {
    let last = member.rsplit(['_', '-']).next().unwrap_or(member);
    ["place", "fund", "programme", "item", "store", "person"].into_iter().find(|own| *own == last)
}

/// Takes a signed file back: all of its signatures, or none.
#[post("/ban/duyet/ky-ngoai", data = "<sent>")]
pub async fn bring_back(
    _same: SameOrigin,
    officer: Signer,
    kept: Kept<'_>,
    config: &State<Config>,
    sent: Statement,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let (mut form, file) = match sent {
        Statement::Sent(fields, file) => (fields.only(BRING_BACK)?, Some(file)),
        Statement::TooLarge(_) => (Fields::none().only(BRING_BACK)?, None),
    };
    let status = if file.is_none() { Status::PayloadTooLarge } else { Status::UnprocessableEntity };
    let done = match file {
        None => Err(form.note("file", "away-fault-large")),
        Some(file) => brought_back(&officer, store, &mut form, file, now).await?,
    };
    match done {
        Ok(Some(path)) => Ok(Answer::go(path)),
        Ok(None) => Ok(Answer::go("/ban/duyet")),
        Err(Noted) => {
            let secret = officer.form_secret();
            let out = FormView::blank(&secret, FILE_PATH, TAKE_OUT);
            let back = FormView::again(&secret, PATH, &form);
            let page = page(&officer, store, (out, back), now).await?;
            Ok(page.status(status).into())
        }
    }
}

/// Who signed a file: the person, and whether a sealed copy of the key lies here.
async fn signer(
    officer: &Officer,
    store: &Store,
    form: &mut Submission,
    signed: &Signed,
) -> Result<Result<(Person, bool), Noted>, Fault> {
    let officers = officer.books.officers();
    let key = signed.signatures.first().map(|added| &added.mark.key);
    let found = key.and_then(|key| {
        let guardian = officers.guardian_by_key(key).map(|own| (own.person.clone(), false));
        guardian.or_else(|| officers.by_key(key).ok().map(|(person, _)| (person.clone(), true)))
    });
    let Some((person, in_office)) = found else {
        return Ok(Err(form.note("file", "away-fault-key")));
    };
    let accounts = store.desk_accounts(&officer.desk).await.map_err(Fault::internal)?;
    let own = accounts.iter().find(|account| account.person == person);
    let here = in_office && own.is_some_and(|account| account.lock.sealed_seed.is_some());
    Ok(Ok((person, here)))
}

/// The page of the entry, when one was recorded alone.
async fn brought_back(
    officer: &Officer,
    store: &Store,
    form: &mut Submission,
    file: Option<Upload>,
    now: DateTime<Utc>,
) -> Result<Result<Option<String>, Noted>, Fault> {
    let Some(file) = file else { return Ok(Err(form.note("file", "import-fault-no-file"))) };
    let signed = match Signed::read(&file.bytes) {
        Ok(signed) if signed.log == officer.desk.origin => signed,
        Ok(_) => return Ok(Err(form.note("file", fault_key(&AwayFault::OtherLog)))),
        Err(fault) => return Ok(Err(form.note("file", fault_key(&fault)))),
    };
    let (person, here) = match signer(officer, store, form, &signed).await? {
        Ok(both) => both,
        Err(Noted) => return Ok(Err(Noted)),
    };
    let rule = Rule::of(officer, store).await?;
    let (mut made, mut known) = (Vec::new(), None);
    for added in &signed.signatures {
        let id = &added.voucher.id;
        let draft = store.draft(&officer.desk, id).await.map_err(Fault::internal)?;
        let Some(draft) = draft else { return Ok(Err(form.note("file", "away-fault-unknown"))) };
        if draft.voucher != added.voucher {
            return Ok(Err(noted_code(form, "away-fault-edited", &draft.code)));
        }
        if here && rule.asks(draft.voucher.kind()) {
            return Ok(Err(noted_code(form, "away-fault-key-here", &draft.code)));
        }
        if let (DraftState::Recorded, Some(seq)) = (draft.state, draft.seq) {
            known = Some(format!("/ban/but-toan/{seq}?lai=1"));
            continue;
        }
        match holds(officer, store, form, (&draft, &added.mark, &person), now).await? {
            Ok(signature) => made.push((draft, signature)),
            Err(Noted) => return Ok(Err(Noted)),
        }
    }
    if made.is_empty() {
        return Ok(Ok(known));
    }
    let drafts: Vec<Draft> = made.iter().map(|(draft, _)| draft.clone()).collect();
    if let Err(Noted) = fit(officer, store, form, &drafts, now).await? {
        return Ok(Err(Noted));
    }
    record_signed(officer, store, form, (made, &person), now).await
}

/// A signature that a waiting draft asks for, valid, by somebody who may give it.
async fn holds(
    officer: &Officer,
    store: &Store,
    form: &mut Submission,
    (draft, mark, person): (&Draft, &Mark, &Person),
    now: DateTime<Utc>,
) -> Result<Result<OfficerSignature, Noted>, Fault> {
    let signature = OfficerSignature::from(mark);
    if draft.state != DraftState::Waiting {
        return Ok(Err(noted_code(form, "fault-draft-decided", &draft.code)));
    }
    if draft.made_by == *person {
        return Ok(Err(noted_code(form, "fault-draft-own", &draft.code)));
    }
    let wanted = officer.books.signature_list(&draft.voucher);
    let role = signature.role;
    let second = [SignatureRole::Approver, SignatureRole::Auditor].contains(&role);
    if !second || !wanted.iter().any(|(own, _)| *own == role) {
        return Ok(Err(noted_code(form, "away-fault-role", &draft.code)));
    }
    let bytes = draft.voucher.bytes();
    let key = officer.books.officers().verifier(&signature.key);
    let holds = key.is_some_and(|key| signature.verify(&bytes, key).is_ok());
    if !holds {
        return Ok(Err(noted_code(form, "away-fault-signature", &draft.code)));
    }
    // Whether this person may: the books' word, with stand-ins for whoever signs after them.
    let id = &draft.voucher.id;
    let mut signed = store.draft_signed(&officer.desk, id).await.map_err(Fault::internal)?;
    if signed.signatures.iter().any(|held| held.role == role) {
        return Ok(Err(noted_code(form, "fault-draft-decided", &draft.code)));
    }
    signed.signatures.push(signature.clone());
    let signed = stand_in(officer, signed, role);
    match store.preview(officer.chapter, signed, now).await {
        Ok(_) => Ok(Ok(signature)),
        // What the books say of the rest they say when all of the file is recorded.
        Err(RecordFault::Refused(refusal)) if !is_of_authority(&refusal) => Ok(Ok(signature)),
        Err(RecordFault::Refused(refusal)) => {
            noted_code(form, "fault-draft-refused", &draft.code);
            let refusal = refusals::named(&refusal, &officer.books);
            Ok(Err(refusals::note(form, &refusal, &[])))
        }
        Err(fault) => Err(refusals::fault(fault)),
    }
}

/// Whether it is about who may sign.
const fn is_of_authority(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::ApproverMayNot
            | Refusal::RecorderMayNot
            | Refusal::NotAnAuditor
            | Refusal::SamePerson
            | Refusal::KeyNotInForce { .. }
            | Refusal::SignatureList { .. }
    )
}
