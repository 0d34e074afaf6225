//! `/ban/quan-tri/loi-moi/<id>`: an invitation as its recorder sees it.
//!
//! Three steps: the link is handed over; the person chooses their passphrase with it; the recorder
//! compares the key by voice, signs, and the voucher waits for approval like any other.

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};

use super::super::{Answer, describe, refusals, slip};
use crate::ledger::entry::SignedVoucher;
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::VoucherId;
use crate::store::desk::invitations::{Invitation, LinkSecret};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::{RecordFault, Store};
use crate::web::forms::{Fields, FormView, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// The path of an invitation.
#[must_use]
pub fn path(id: &VoucherId) -> String {
    format!("/ban/quan-tri/loi-moi/{id}")
}

/// What a refusal of the store means here.
fn refused<T>(done: Result<T, DeskFault>) -> Result<T, Fault> {
    done.map_err(|fault| match fault {
        DeskFault::Refused(DeskRefusal::InvitationOver) => Fault::Conflict("admin-invitation-over"),
        DeskFault::Refused(_) => Fault::Conflict("desk-moved-on"),
        fault => Fault::internal(fault),
    })
}

async fn find(officer: &Officer, store: &Store, id: &str) -> Result<Invitation, Fault> {
    let id: VoucherId = id.parse().map_err(|_| Fault::NotFound)?;
    let found = store.invitation(&officer.desk, &id).await.map_err(Fault::internal)?;
    found.ok_or(Fault::NotFound)
}

/// What there is to show beside the invitation itself.
#[derive(Default)]
struct Shown<'a> {
    form: Option<&'a Submission>,
    link: Option<&'a LinkSecret>,
    new: bool,
    repeated: bool,
}

fn page(officer: &Officer, config: &Config, invitation: &Invitation, shown: Shown<'_>) -> Page {
    let (secret, now) = (officer.form_secret(), config.clock.now());
    let path = path(&invitation.voucher.id);
    let sign = format!("{path}/ky");
    let form = match shown.form {
        Some(form) => FormView::again(&secret, &sign, form),
        None => FormView::blank(&secret, &sign, &[]),
    };
    let voucher = &invitation.voucher;
    let mut rows = describe::voucher(&officer.books, voucher);
    let taken_up = invitation.taken_up.as_ref();
    if taken_up.is_none() {
        // A placeholder stands there until the person made the key.
        rows.retain(|row| !["voucher-vkey", "voucher-new-vkey"].contains(&row.label.as_str()));
    }
    let base = config.base_url.origin();
    super::super::page(
        officer,
        "desk/admin/invitation.html",
        context! {
            form,
            kind => voucher.kind().as_str(),
            rows => minijinja::value::Serde(rows),
            path => path.as_str(),
            link => shown.link.map(|link| format!("{base}/dang-nhap/moi/{}", *link.text())),
            new => shown.new,
            repeated => shown.repeated,
            own => voucher.by == officer.office.key,
            over => invitation.ends_at <= now,
            ends_at => invitation.ends_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            name => taken_up.and_then(|taken_up| taken_up.sign_in_name.clone()),
            key => taken_up.map(|taken_up| super::rows::short(&taken_up.key.vkey())),
            tokens => context! {
                link => secret.token(&format!("{path}/duong-dan")),
                cancel => secret.token(&format!("{path}/huy")),
            },
        },
    )
}

/// An invitation. One whose draft waits is shown as that.
#[get("/ban/quan-tri/loi-moi/<id>?<moi>&<lai>")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    moi: Option<&str>,
    lai: Option<&str>,
) -> Result<Answer, Fault> {
    let (store, officer) = (kept.0, officer.0);
    let invitation = find(&officer, store, id).await?;
    let id = &invitation.voucher.id;
    if store.draft(&officer.desk, id).await.map_err(Fault::internal)?.is_some() {
        return Ok(Answer::go(format!("/ban/duyet/{id}")));
    }
    let shown = Shown { new: moi.is_some(), repeated: lai.is_some(), ..Shown::default() };
    Ok(page(&officer, config, &invitation, shown).into())
}

/// Makes a new link and shows it, this once: the desk keeps only what recognises it.
#[post("/ban/quan-tri/loi-moi/<id>/duong-dan", data = "<fields>")]
pub async fn link(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Page, Fault> {
    let (store, officer) = (kept.0, officer.0);
    fields.only(&[])?;
    let invitation = find(&officer, store, id).await?;
    // Whoever holds the link can take the key: only who answers for the voucher hands it out.
    if invitation.voucher.by != officer.office.key {
        return Err(Fault::Conflict("admin-invitation-others"));
    }
    let id = &invitation.voucher.id;
    let link =
        refused(store.new_link(&officer.desk, id, &officer.person, config.clock.now()).await)?;
    let invitation = find(&officer, store, id.as_str()).await?;
    let shown = Shown { link: Some(&link), ..Shown::default() };
    Ok(page(&officer, config, &invitation, shown).private_address())
}

/// The recorder signs what was taken up, and lays it for approval.
#[post("/ban/quan-tri/loi-moi/<id>/ky", data = "<fields>")]
pub async fn sign(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (store, officer) = (kept.0, officer.0);
    let mut form = fields.only(&[])?;
    let invitation = find(&officer, store, id).await?;
    let (voucher, now) = (&invitation.voucher, config.clock.now());
    if voucher.by != officer.office.key {
        return Err(Fault::Conflict("admin-invitation-others"));
    }
    if invitation.ends_at <= now {
        return Err(Fault::Conflict("admin-invitation-over"));
    }
    if invitation.taken_up.is_none() {
        return Err(Fault::Conflict("admin-invitation-waits"));
    }
    let key = officer.key()?;
    match slip::preview(&officer, store, voucher, now).await {
        Ok(_) => {}
        Err(RecordFault::Refused(refusal)) => {
            refusals::note(&mut form, &refusal, &[]);
            let shown = Shown { form: Some(&form), ..Shown::default() };
            let page = page(&officer, config, &invitation, shown);
            return Ok(page.status(Status::UnprocessableEntity).into());
        }
        Err(fault) => return Err(refusals::fault(fault)),
    }
    let signature = slip::sign(SignatureRole::Recorder, &key, voucher)?;
    let signed = SignedVoucher { voucher: voucher.clone(), signatures: vec![signature] };
    refused(store.lay_invited(&officer.desk, &signed, &officer.person, now).await)?;
    Ok(Answer::go(format!("/ban/duyet/{}?moi=1", voucher.id)))
}

/// Takes an invitation back.
#[post("/ban/quan-tri/loi-moi/<id>/huy", data = "<fields>")]
pub async fn cancel(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (store, officer) = (kept.0, officer.0);
    fields.only(&[])?;
    let invitation = find(&officer, store, id).await?;
    let (id, now) = (&invitation.voucher.id, config.clock.now());
    refused(store.cancel_invitation(&officer.desk, id, &officer.person, now).await)?;
    Ok(Answer::go("/ban/quan-tri"))
}
