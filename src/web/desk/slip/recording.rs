//! From what was read to an entry, or to a draft that waits for the second signature.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Ctx, Slip, Written};
use crate::books::effects::Effects;
use crate::books::{Refusal, authority::Signs};
use crate::ledger::away::put_key;
use crate::ledger::disclosure::Disclosure;
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{SignatureRole, SigningKey};
use crate::ledger::voucher::{Kind, Voucher, VoucherId};
use crate::ledger::word::Person;
use crate::store::desk::vault::{PrivateValue, Purpose};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::{RecordFault, Store};
use crate::web::Fault;
use crate::web::desk::admin::{invitations, keys};
use crate::web::desk::refusals;
use crate::web::forms::{Noted, Submission};
use crate::web::session::Officer;

/// Why nothing was recorded.
pub(super) enum NotRecorded {
    Refused(Refusal),
    Fault(Fault),
}

/// A new voucher id: UUID version 7 (RFC 9562).
#[must_use]
pub fn new_id() -> VoucherId {
    loop {
        // Version 7 in lower case is what the type asks for: the first is taken.
        if let Ok(id) = uuid::Uuid::now_v7().hyphenated().to_string().parse() {
            return id;
        }
    }
}

/// Signs a voucher in a role.
///
/// # Errors
/// A key that is not an officer's, which no session opens.
pub fn sign(
    role: SignatureRole,
    key: &SigningKey,
    voucher: &Voucher,
) -> Result<OfficerSignature, Fault> {
    OfficerSignature::sign(role, key, &voucher.bytes()).map_err(Fault::internal)
}

/// A voucher that came before, and where it is: its entry, its draft or its invitation.
pub(super) struct Known {
    pub path: String,
    pub voucher: Voucher,
}

/// What became of a voucher that came before.
pub(super) async fn known(
    officer: &Officer,
    store: &Store,
    id: &VoucherId,
) -> Result<Option<Known>, Fault> {
    if let Some(seq) = store.seq_of(officer.chapter, id).await.map_err(Fault::internal)? {
        let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
        let voucher = line.ok_or(Fault::NotFound)?.entry.voucher().clone();
        return Ok(Some(Known { path: format!("/ban/but-toan/{seq}"), voucher }));
    }
    if let Some(draft) = store.draft(&officer.desk, id).await.map_err(Fault::internal)? {
        return Ok(Some(Known { path: format!("/ban/duyet/{id}"), voucher: draft.voucher }));
    }
    let invitation = store.invitation(&officer.desk, id).await.map_err(Fault::internal)?;
    Ok(invitation
        .map(|invitation| Known { path: invitations::path(id), voucher: invitation.voucher }))
}

/// Whether a form says the same as the voucher that came before with its id: public members and
/// private values alike. Salts and new keys are made anew each time and say nothing.
pub(super) async fn is_same(
    slip: &Slip,
    ctx: &Ctx<'_>,
    store: &Store,
    (known, form): (&Known, &mut Submission),
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let Ok(written) = (slip.read)(form, ctx) else { return Ok(false) };
    let Ok(voucher) = voucher(form, ctx, &written) else { return Ok(false) };
    if said(&voucher) != said(&known.voucher) {
        return Ok(false);
    }
    let texts = |values: Vec<&Disclosure>| {
        let mut texts: Vec<(&'static str, String)> =
            values.iter().map(|value| (value.name().as_str(), value.value().to_string())).collect();
        texts.sort();
        texts
    };
    let (desk, person) = (&ctx.officer.desk, &ctx.officer.person);
    let held = store.open_private(desk, &known.voucher.id, person, Purpose::Desk, now).await;
    let held = held.map_err(Fault::internal)?;
    let typed = texts(written.private.iter().map(|value| &value.disclosure).collect());
    Ok(typed == texts(held.iter().map(|value| &value.disclosure).collect()))
}

/// What a person said with a voucher: its members without what is made anew each time.
fn said(voucher: &Voucher) -> Value {
    fn strip(value: &mut Value, made: &[&str]) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !made.contains(&name.as_str()));
                members.values_mut().for_each(|value| strip(value, made));
            }
            Value::Array(values) => {
                values.iter_mut().for_each(|value| strip(value, made));
                // Lines stand in the order of their digests.
                values.sort_by_cached_key(ToString::to_string);
            }
            _ => {}
        }
    }
    let mut made = vec!["_sd", "by"];
    match voucher.kind() {
        // Of these the day is that of taking the invitation up.
        Kind::OfficerEnrolled | Kind::GuardianNamed => made.extend(["vkey", "person", "date"]),
        Kind::KeyRotated => made.extend(["new_vkey", "date"]),
        Kind::LogKeyRotated => made.push("new_vkey"),
        _ => {}
    }
    let mut value = voucher.value();
    strip(&mut value, &made);
    value
}

/// The voucher of what was read, its form checked whole.
pub(super) fn voucher(
    form: &mut Submission,
    ctx: &Ctx<'_>,
    written: &Written,
) -> Result<Voucher, Noted> {
    let voucher = Voucher {
        by: ctx.officer.office.key.clone(),
        date: written.date,
        id: ctx.id.clone(),
        log: ctx.officer.desk.origin.clone(),
        note: written.note.clone(),
        body: written.body.clone(),
    };
    match voucher.check_form() {
        Ok(()) => Ok(voucher),
        Err(fault) => {
            let member = refusals::member_key(&fault.member).into();
            Err(form.note_form("refusal-form", [("member_key", member)]))
        }
    }
}

/// What the voucher would do now; the signatures still to come are put in by name.
pub(in crate::web::desk) async fn preview(
    officer: &Officer,
    store: &Store,
    voucher: &Voucher,
    now: DateTime<Utc>,
) -> Result<Effects, RecordFault> {
    let signed =
        with_stand_ins(officer, voucher).map_err(|fault| RecordFault::Store(fault.to_string()))?;
    store.preview(officer.chapter, signed, now).await
}

/// The voucher signed by its recorder, and by name alone by those who may sign after them.
fn with_stand_ins(officer: &Officer, voucher: &Voucher) -> Result<SignedVoucher, Fault> {
    use crate::ledger::voucher::OfficerRole;
    let own = sign(SignatureRole::Recorder, &officer.key()?, voucher)?;
    let officers = officer.books.officers().in_office();
    let chair = officer.has_any(&[OfficerRole::Chair]);
    let mut signatures = vec![own.clone()];
    for (role, key) in officer.books.signature_list(voucher) {
        let fits = |roles: &[OfficerRole]| match role {
            SignatureRole::Approver => roles.iter().any(|role| {
                matches!(role, OfficerRole::Chair | OfficerRole::DeputyChair)
                    || (chair && *role == OfficerRole::Treasurer)
            }),
            _ => roles.contains(&OfficerRole::Auditor),
        };
        let key = match (role, key) {
            (SignatureRole::Recorder, _) => continue,
            (_, Some(key)) => Some(key),
            _ => officers
                .iter()
                .find(|(person, office)| **person != officer.person && fits(&office.roles))
                .map(|(_, office)| office.key.clone()),
        };
        if let Some(key) = key {
            signatures.push(OfficerSignature { role, key, signature: own.signature });
        }
    }
    Ok(SignedVoucher { voucher: voucher.clone(), signatures })
}

/// Records what needs one signature, lays what needs more, and matches it to the plans of
/// sponsorship that it is for; the path of what it became.
pub(super) async fn record(
    ctx: &Ctx<'_>,
    store: &Store,
    voucher: Voucher,
    private: &[PrivateValue],
    now: DateTime<Utc>,
) -> Result<String, NotRecorded> {
    let (officer, plans) = (ctx.officer, ctx.plans.ids());
    if keys::invites(voucher.kind()) {
        let made = store.invite(&officer.desk, &voucher, &officer.person, now).await;
        return match made {
            Ok(()) => Ok(format!("{}?moi=1", invitations::path(&voucher.id))),
            Err(DeskFault::Refused(DeskRefusal::IdTaken)) => {
                Ok(format!("{}?lai=1", invitations::path(&voucher.id)))
            }
            Err(fault) => Err(NotRecorded::Fault(Fault::internal(fault))),
        };
    }
    let voucher = with_log_key(officer, store, voucher).map_err(NotRecorded::Fault)?;
    let key = officer.key().map_err(NotRecorded::Fault)?;
    let signature = sign(SignatureRole::Recorder, &key, &voucher).map_err(NotRecorded::Fault)?;
    let alone = officer.books.required(&voucher) == Signs::One;
    let id = voucher.id.clone();
    let signed = SignedVoucher { voucher, signatures: vec![signature] };
    let done = if alone {
        let voucher = signed.voucher.clone();
        match store.record_with(officer.chapter, signed, private, now).await {
            Ok(recorded) => {
                matched(officer, store, (&voucher, private, plans), now).await;
                return Ok(format!("/ban/but-toan/{}?moi=1", recorded.seq));
            }
            // Somebody was quicker with the very same voucher: theirs is the answer.
            Err(RecordFault::Refused(Refusal::IdUsed)) => known(officer, store, &id).await,
            Err(RecordFault::Refused(refusal)) => return Err(NotRecorded::Refused(refusal)),
            Err(fault) => return Err(NotRecorded::Fault(refusals::fault(fault))),
        }
    } else {
        let slip = (&signed, private, plans);
        match store.lay_for_plans(&officer.desk, slip, &officer.person, now).await {
            Ok(_) => return Ok(format!("/ban/duyet/{id}?moi=1")),
            Err(DeskFault::Refused(DeskRefusal::IdTaken)) => known(officer, store, &id).await,
            Err(DeskFault::Refused(DeskRefusal::ServedInRound(_))) => {
                return Err(NotRecorded::Fault(Fault::Conflict("rounds-served-again")));
            }
            Err(fault) => return Err(NotRecorded::Fault(Fault::internal(fault))),
        }
    };
    let path = done.map_err(NotRecorded::Fault)?;
    let lead = |known: Known| format!("{}?lai=1", known.path);
    path.map(lead).ok_or(NotRecorded::Fault(Fault::NotFound))
}

/// Matches what was recorded. That it is in the ledger stays true when this fails: the plan's page
/// offers it then.
async fn matched(
    officer: &Officer,
    store: &Store,
    slip: (&Voucher, &[PrivateValue], &[Person]),
    now: DateTime<Utc>,
) {
    if slip.2.is_empty() {
        return;
    }
    let done = store.match_slip(&officer.desk, slip, &officer.person, now).await;
    if let Err(fault) = done {
        tracing::error!(%fault, "a gift was recorded and not matched to its plan");
    }
}

/// A new log key is made when its voucher is signed, not when it is looked at.
fn with_log_key(officer: &Officer, store: &Store, mut voucher: Voucher) -> Result<Voucher, Fault> {
    if voucher.kind() == Kind::LogKeyRotated {
        let key = store.next_log_key(officer.chapter).map_err(Fault::internal)?;
        let key = key.ok_or(Fault::Unprocessable("admin-log-key-environment"))?;
        put_key(&mut voucher.body, &key);
    }
    Ok(voucher)
}
