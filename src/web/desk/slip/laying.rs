//! Vouchers that are typed on pages of their own (closings, statements, erasures, conclusions):
//! dated today, signed once, laid once.

use chrono::{DateTime, Utc};

use super::sign;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::keys::{SignatureRole, SigningKey};
use crate::ledger::voucher::{Body, Voucher, VoucherId};
use crate::ledger::word::{Date, Note};
use crate::store::Store;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::Fault;
use crate::web::desk::Answer;
use crate::web::forms::Submission;
use crate::web::session::Officer;

/// The id of the voucher that a form makes; the way to the draft that it became already.
///
/// # Errors
/// [`Fault`] for a form without an id, which no page of ours sends.
pub async fn id_or_draft(
    officer: &Officer,
    store: &Store,
    form: &Submission,
) -> Result<Result<VoucherId, Answer>, Fault> {
    let id: VoucherId = form.hidden("id")?;
    let draft = store.draft(&officer.desk, &id).await.map_err(Fault::internal)?;
    Ok(if draft.is_some() { Err(before(&id)) } else { Ok(id) })
}

/// A voucher of today, signed by one officer.
///
/// # Errors
/// [`Fault`] of a key that is not an officer's.
pub fn signed(
    officer: &Officer,
    (role, key): (SignatureRole, &SigningKey),
    id: VoucherId,
    body: Body,
    note: Option<Note>,
) -> Result<SignedVoucher, Fault> {
    let voucher = Voucher {
        by: officer.office.key.clone(),
        date: Date::new(officer.today).ok_or(Fault::NotFound)?,
        id,
        log: officer.desk.origin.clone(),
        note,
        body,
    };
    let signatures = vec![sign(role, key, &voucher)?];
    Ok(SignedVoucher { voucher, signatures })
}

/// Signs as the recorder and lays for the second signature; the way to the draft.
///
/// # Errors
/// [`Fault`] of the machine, and an officer whose key is kept away from this server.
pub async fn lay(
    officer: &Officer,
    store: &Store,
    id: VoucherId,
    body: Body,
    now: DateTime<Utc>,
) -> Result<Answer, Fault> {
    let signed =
        signed(officer, (SignatureRole::Recorder, &officer.key()?), id.clone(), body, None)?;
    match store.lay(&officer.desk, &signed, &[], &officer.person, now).await {
        Ok(_) => Ok(new(&id)),
        // The same form sent twice at once: the other one was quicker.
        Err(DeskFault::Refused(DeskRefusal::IdTaken)) => Ok(before(&id)),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// The way to a draft that was laid just now.
#[must_use]
pub fn new(id: &VoucherId) -> Answer {
    Answer::go(format!("/ban/duyet/{id}?moi=1"))
}

/// The way to a draft that was laid before.
#[must_use]
pub fn before(id: &VoucherId) -> Answer {
    Answer::go(format!("/ban/duyet/{id}?lai=1"))
}
