//! Adding a signature to drafts, made here or elsewhere: whether they may be signed as they are,
//! and their recording, all of them or none.

use chrono::{DateTime, Utc};
use minijinja::value::Value;

use super::approvals::PATH;
use super::{lending, refusals, slip};
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{SignatureRole, SigningKey};
use crate::ledger::voucher::{Kind, OfficerRole};
use crate::ledger::word::Person;
use crate::store::desk::drafts::{Draft, State as DraftState};
use crate::store::{RecordFault, Store};
use crate::web::Fault;
use crate::web::forms::{Noted, Submission};
use crate::web::session::Officer;

/// Whether a draft is never one of a list: values are destroyed by it, or the ledger ends.
pub(super) fn is_alone(draft: &Draft) -> bool {
    matches!(draft.voucher.kind(), Kind::PrivacyErased | Kind::ChapterClosed)
}

/// The draft as if everybody had signed: this officer by name in `role`, and whoever else is
/// still asked for.
pub(super) fn stand_in(
    officer: &Officer,
    mut signed: SignedVoucher,
    role: SignatureRole,
) -> SignedVoucher {
    let Some(first) = signed.signatures.first().cloned() else { return signed };
    let in_office = officer.books.officers().in_office();
    let made_by = in_office.iter().find(|(_, office)| office.key == first.key);
    for (wanted, key) in officer.books.signature_list(&signed.voucher) {
        if signed.signatures.iter().any(|signature| signature.role == wanted) {
            continue;
        }
        let leads = |roles: &[OfficerRole]| match wanted {
            SignatureRole::Auditor => roles.contains(&OfficerRole::Auditor),
            _ => roles
                .iter()
                .any(|role| matches!(role, OfficerRole::Chair | OfficerRole::DeputyChair)),
        };
        let own = made_by.is_some_and(|(person, _)| *person == officer.person);
        let key = key.or_else(|| {
            if wanted == role && !own {
                return Some(officer.office.key.clone());
            }
            let other = |(person, office): &(&Person, &crate::books::officers::InOffice)| {
                leads(&office.roles) && made_by.is_none_or(|(maker, _)| maker != *person)
            };
            in_office.iter().find(other).map(|(_, office)| office.key.clone())
        });
        if let Some(key) = key {
            let signature = first.signature;
            signed.signatures.push(OfficerSignature { role: wanted, key, signature });
        }
    }
    // A holder has signed before the approver, and stands behind.
    signed.signatures.sort_by(|one, other| (one.role, &one.key).cmp(&(other.role, &other.key)));
    signed
}

/// Whether drafts may be signed as they are, and together.
pub(super) async fn fit(
    officer: &Officer,
    store: &Store,
    form: &mut Submission,
    drafts: &[Draft],
    now: DateTime<Utc>,
) -> Result<Result<(), Noted>, Fault> {
    for draft in drafts.iter().filter(|draft| draft.state == DraftState::Waiting) {
        let loan = lending::drafted(officer, store, now, &draft.voucher).await?;
        if loan.is_some_and(|loan| loan.stale) {
            return Ok(Err(noted_code(form, "loan-reschedule-stale", &draft.code)));
        }
    }
    let alone = drafts.iter().find(|draft| drafts.len() > 1 && is_alone(draft));
    Ok(match alone {
        Some(draft) => Err(noted_code(form, "fault-approve-alone", &draft.code)),
        None => Ok(()),
    })
}

/// Who adds a signature to drafts.
pub(super) struct Signing<'a> {
    /// The role.
    pub role: SignatureRole,
    /// The key.
    pub key: &'a SigningKey,
    /// Whose it is.
    pub person: &'a Person,
}

/// Signs drafts and records those that have all signatures then: every one of the drafts, or none.
/// The page of the entry, when one was recorded alone.
pub(super) async fn sign_and_record(
    officer: &Officer,
    store: &Store,
    form: &mut Submission,
    (drafts, signing): (Vec<Draft>, &Signing<'_>),
    now: DateTime<Utc>,
) -> Result<Result<Option<String>, Noted>, Fault> {
    let mut made = Vec::new();
    for draft in drafts {
        let signature = slip::sign(signing.role, signing.key, &draft.voucher)?;
        made.push((draft, signature));
    }
    record_signed(officer, store, form, (made, signing.person), now).await
}

/// Records drafts with signatures of one person that were made here or elsewhere: every one of the
/// drafts, or none.
pub(super) async fn record_signed(
    officer: &Officer,
    store: &Store,
    form: &mut Submission,
    (made, person): (Vec<(Draft, OfficerSignature)>, &Person),
    now: DateTime<Utc>,
) -> Result<Result<Option<String>, Noted>, Fault> {
    let (mut whole, mut waiting) = (Vec::new(), Vec::new());
    for (draft, signature) in made {
        if draft.state != DraftState::Waiting {
            return Ok(Err(noted_code(form, "fault-draft-decided", &draft.code)));
        }
        if draft.made_by == *person {
            return Ok(Err(noted_code(form, "fault-draft-own", &draft.code)));
        }
        let id = &draft.voucher.id;
        let mut signed = store.draft_signed(&officer.desk, id).await.map_err(Fault::internal)?;
        if signed.signatures.iter().any(|held| held.role == signature.role) {
            return Ok(Err(noted_code(form, "fault-draft-decided", &draft.code)));
        }
        signed.signatures.push(signature.clone());
        signed.signatures.sort_by(|one, other| (one.role, &one.key).cmp(&(other.role, &other.key)));
        if signed.signatures.len() < officer.books.signature_list(&draft.voucher).len() {
            waiting.push((id.clone(), signature));
        } else {
            whole.push((draft.code, signed));
        }
    }
    let (codes, vouchers): (Vec<String>, Vec<SignedVoucher>) = whole.into_iter().unzip();
    let approved = (vouchers, waiting);
    match store.record_drafts(officer.chapter, approved, person, now).await {
        Ok(recorded) => Ok(Ok(match recorded.as_slice() {
            [] => None,
            [one] => {
                let word = if one.repeated { "lai" } else { "moi" };
                Some(format!("/ban/but-toan/{}?{word}=1", one.seq))
            }
            [first, ..] => {
                // One transaction: they stand one behind the other.
                let last = recorded.iter().map(|one| one.seq).max().unwrap_or(first.seq);
                let first = recorded.iter().map(|one| one.seq).min().unwrap_or(first.seq);
                Some(format!("{PATH}?tu={first}&den={last}"))
            }
        })),
        Err(refused) => match refused.fault {
            RecordFault::Refused(refusal) => {
                let code = codes.get(refused.index).cloned().unwrap_or_default();
                noted_code(form, "fault-draft-refused", &code);
                let refusal = refusals::named(&refusal, &officer.books);
                Ok(Err(refusals::note(form, &refusal, &[])))
            }
            fault => Err(refusals::fault(fault)),
        },
    }
}

pub(super) fn noted_code(form: &mut Submission, key: &'static str, code: &str) -> Noted {
    form.note_form(key, [("code", Value::from(code))])
}
