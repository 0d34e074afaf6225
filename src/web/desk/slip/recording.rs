//! From what was read to an entry, or to a draft that waits for the second signature.

use chrono::{DateTime, Utc};

use super::{Ctx, Written};
use crate::books::effects::Effects;
use crate::books::{Refusal, authority::Signs};
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{SignatureRole, SigningKey};
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::store::desk::vault::PrivateValue;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::{RecordFault, Store};
use crate::web::Fault;
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

/// Where a voucher is that came before: its entry or its draft.
pub(super) async fn known(
    officer: &Officer,
    store: &Store,
    id: &VoucherId,
) -> Result<Option<String>, Fault> {
    if let Some(seq) = store.seq_of(officer.chapter, id).await.map_err(Fault::internal)? {
        return Ok(Some(format!("/ban/but-toan/{seq}")));
    }
    let draft = store.draft(&officer.desk, id).await.map_err(Fault::internal)?;
    Ok(draft.map(|_| format!("/ban/duyet/{id}")))
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
pub(super) async fn preview(
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

/// Records what needs one signature, lays what needs more; the path of what it became.
pub(super) async fn record(
    officer: &Officer,
    store: &Store,
    voucher: Voucher,
    private: &[PrivateValue],
    now: DateTime<Utc>,
) -> Result<String, NotRecorded> {
    let key = officer.key().map_err(NotRecorded::Fault)?;
    let signature = sign(SignatureRole::Recorder, &key, &voucher).map_err(NotRecorded::Fault)?;
    let alone = officer.books.required(&voucher) == Signs::One;
    let id = voucher.id.clone();
    let signed = SignedVoucher { voucher, signatures: vec![signature] };
    let done = if alone {
        match store.record_with(officer.chapter, signed, private, now).await {
            Ok(recorded) => return Ok(format!("/ban/but-toan/{}?moi=1", recorded.seq)),
            // Somebody was quicker with the very same voucher: theirs is the answer.
            Err(RecordFault::Refused(Refusal::IdUsed)) => known(officer, store, &id).await,
            Err(RecordFault::Refused(refusal)) => return Err(NotRecorded::Refused(refusal)),
            Err(fault) => return Err(NotRecorded::Fault(refusals::fault(fault))),
        }
    } else {
        match store.lay(&officer.desk, &signed, private, &officer.person, now).await {
            Ok(_) => return Ok(format!("/ban/duyet/{id}?moi=1")),
            Err(DeskFault::Refused(DeskRefusal::IdTaken)) => known(officer, store, &id).await,
            Err(fault) => return Err(NotRecorded::Fault(Fault::internal(fault))),
        }
    };
    let path = done.map_err(NotRecorded::Fault)?;
    path.map(|path| format!("{path}?lai=1")).ok_or(NotRecorded::Fault(Fault::NotFound))
}
