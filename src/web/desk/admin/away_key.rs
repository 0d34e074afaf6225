//! `/dang-nhap/moi/<secret>/may-khac`: taking an invitation up with a key that never was here.
//!
//! The person takes the voucher out as a file, makes a key on another machine and proves with it
//! (`minhbach sign`) that they hold it; the file comes back with the public half and the holder's
//! signature. Nothing is kept between the two: the voucher comes back whole, and is compared with
//! the invitation in everything that was not theirs to fill in.

use chrono::NaiveDate;
use minijinja::context;
use rocket::http::{ContentType, Status};
use rocket::{State, get, post};

use super::super::away::{fault_key, names, records_without};
use super::super::sealed::Sealed;
use super::super::setup;
use super::accept::{self, Open, login, named};
use crate::ledger::away::{Asked, AwayFault, Signed, ToSign, new_key, put_key};
use crate::ledger::entry::OfficerSignature;
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{Body, Voucher};
use crate::ledger::word::{Date, Time};
use crate::store::Store;
use crate::store::desk::invitations::Access;
use crate::store::desk::vault::PrivateValue;
use crate::web::fault::{Denied, Refused};
use crate::web::forms::{Field, Fields, FormView, Noted, Statement, Submission, Upload};
use crate::web::guards::{FormSecret, SameOrigin};
use crate::web::public::download::{Download, Keep};
use crate::web::public::peer::Peer;
use crate::web::session::Kept;
use crate::web::{Config, Fault, Page};

const TAKE_OUT: &[Field] = &[Field::one("full_name", "field-officer-full-name")];
const BRING_BACK: &[Field] = &[
    Field::one("file", "away-key-file"),
    Field::one("name", "sign-in-name"),
    Field::secret("new_passphrase", "field-new-passphrase"),
    Field::secret("again", "field-new-passphrase-again"),
];

fn path(open: &Open) -> String {
    format!("{}/may-khac", accept::path(open))
}

fn file_path(open: &Open) -> String {
    format!("{}/tep", path(open))
}

fn page(open: &Open, (out, back): (FormView, FormView)) -> Result<Page, Fault> {
    let shown = context! {
        out,
        back,
        origin => open.chapter.origin.as_str(),
        here => accept::path(open),
        ..accept::invited(open)?
    };
    Ok(named(&open.books, Page::new("desk/admin/away_key.html", shown)))
}

/// Both forms, blank.
fn blank(open: &Open, visitor: &FormSecret) -> (FormView, FormView) {
    let out = FormView::blank(visitor, &file_path(open), TAKE_OUT);
    (out, FormView::blank(visitor, &path(open), BRING_BACK))
}

/// The page of an invitation for a key on another machine.
#[get("/dang-nhap/moi/<secret>/may-khac")]
pub async fn show(
    kept: Kept<'_>,
    config: &State<Config>,
    visitor: FormSecret,
    peer: Peer,
    secret: &str,
) -> Result<Page, Fault> {
    if !config.base_url.may_sign_in() {
        return Ok(setup::insecure());
    }
    let open = accept::open(kept.0, config, (secret, &peer)).await?;
    page(&open, blank(&open, &visitor))
}

/// Gives the voucher as a file, for the other machine to put its key in and sign.
#[post("/dang-nhap/moi/<secret>/may-khac/tep", data = "<fields>")]
pub async fn take_out(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    visitor: FormSecret,
    peer: Peer,
    secret: &str,
    fields: Fields,
) -> Result<Result<Download, Page>, Fault> {
    if !config.base_url.may_sign_in() {
        return Ok(Err(setup::insecure()));
    }
    let open = accept::open(kept.0, config, (secret, &peer)).await?;
    let mut form = fields.only(TAKE_OUT)?;
    let Ok(full_name) = form.optional_text("full_name", 200) else {
        let (_, back) = blank(&open, &visitor);
        let out = FormView::again(&visitor, &file_path(&open), &form);
        return Ok(Err(page(&open, (out, back))?.status(Status::UnprocessableEntity)));
    };
    let bytes = to_sign(&open, config, full_name.as_deref())?.bytes();
    let file = Download::whole(ContentType::JSON, Keep::Nothing, bytes);
    Ok(Ok(file.named("khoa-moi.json").private()))
}

fn to_sign(open: &Open, config: &Config, full_name: Option<&str>) -> Result<ToSign, Fault> {
    let mut voucher = open.voucher.clone();
    let mut sealed = Sealed::of(voucher.id.clone());
    if let Body::OfficerEnrolled(body) = &mut voucher.body {
        body.officer.private = Some(sealed.officer(full_name).map_err(Fault::internal)?);
    }
    let state = open.books.chapter().ok_or(Fault::NotFound)?;
    voucher.date = Date::new(today(open, config)?).ok_or(Fault::NotFound)?;
    let private = sealed.values().iter().map(|value| value.disclosure.encode()).collect();
    Ok(ToSign {
        chapter: state.chapter.name.to_string(),
        names: names(&open.books, std::iter::once(&voucher)),
        drafts: vec![Asked {
            role: SignatureRole::Holder,
            changes: Vec::new(),
            code: String::new(),
            private,
            recorder: None,
            signatures: Vec::new(),
            voucher,
        }],
        log: open.chapter.origin.clone(),
        made_at: Time::new(config.clock.now()).ok_or(Fault::NotFound)?,
        utc_offset: state.utc_offset,
    })
}

fn today(open: &Open, config: &Config) -> Result<NaiveDate, Fault> {
    let offset = open.books.chapter().ok_or(Fault::NotFound)?.utc_offset.fixed();
    Ok(config.clock.today(offset))
}

/// Takes the invitation up with the key that signed.
#[post("/dang-nhap/moi/<secret>/may-khac", data = "<sent>")]
pub async fn bring_back(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    visitor: FormSecret,
    peer: Peer,
    secret: &str,
    sent: Result<Statement, Refused>,
) -> Result<Page, Fault> {
    if !config.base_url.may_sign_in() {
        return Ok(setup::insecure());
    }
    let open = accept::open(kept.0, config, (secret, &peer)).await?;
    // A link that opens nothing says so first, whatever was sent to it. Of forms of ours only one
    // without its token gets here.
    let sent = sent.map_err(|_| Fault::Forbidden(Denied::Token))?;
    let (mut form, file) = match sent {
        Statement::Sent(fields, file) => (fields.only(BRING_BACK)?, Some(file)),
        Statement::TooLarge(_) => (Fields::none().only(BRING_BACK)?, None),
    };
    let status = if file.is_none() { Status::PayloadTooLarge } else { Status::UnprocessableEntity };
    let done = match file {
        None => Err(form.note("file", "away-fault-large")),
        Some(file) => taken_up(&open, kept.0, config, &mut form, file).await?,
    };
    match done {
        Ok(page) => Ok(named(&open.books, page)),
        Err(Noted) => {
            let (out, _) = blank(&open, &visitor);
            let back = FormView::again(&visitor, &path(&open), &form);
            Ok(page(&open, (out, back))?.status(status))
        }
    }
}

/// What came back, compared with the invitation: the voucher, and what is private about it.
fn proved(
    open: &Open,
    today: NaiveDate,
    form: &mut Submission,
    file: Option<&Upload>,
) -> Result<(Voucher, OfficerSignature, Vec<PrivateValue>), Noted> {
    let file = file.ok_or_else(|| form.note("file", "import-fault-no-file"))?;
    let signed = Signed::read(&file.bytes);
    let signed = signed.map_err(|fault| form.note("file", fault_key(&fault)))?;
    let [added] = signed.signatures.as_slice() else {
        return Err(form.note("file", "away-fault-no-key"));
    };
    let (voucher, mark) = (&added.voucher, &added.mark);
    let key = new_key(&voucher.body).filter(|key| key.name() == mark.key.as_str());
    let Some(key) = key.filter(|_| mark.role == SignatureRole::Holder) else {
        return Err(form.note("file", "away-fault-no-key"));
    };
    if signed.log != open.chapter.origin {
        return Err(form.note("file", fault_key(&AwayFault::OtherLog)));
    }
    // Theirs to fill in are the key, and the digest of their name; the day is that of the file.
    let mut expected = open.voucher.clone();
    put_key(&mut expected.body, key);
    expected.date = voucher.date;
    if let (Body::OfficerEnrolled(mine), Body::OfficerEnrolled(theirs)) =
        (&mut expected.body, &voucher.body)
    {
        mine.officer.private.clone_from(&theirs.officer.private);
    }
    let named = match &voucher.body {
        Body::OfficerEnrolled(body) => {
            body.officer.private.as_ref().is_some_and(|own| own.as_slice().len() == 1)
        }
        _ => true,
    };
    let date = voucher.date.naive();
    if expected != *voucher || !named || date < open.made_on || date > today {
        return Err(form.note("file", "away-fault-other-invitation"));
    }
    let signature = OfficerSignature::from(mark);
    if signature.verify(&voucher.bytes(), key).is_err() {
        return Err(form.note("file", "away-fault-proof"));
    }
    let keys = open.books.officers().keys();
    if keys.values().any(|own| own.vkey.name() == key.name() || own.vkey.bytes() == key.bytes()) {
        return Err(form.note("file", "away-fault-key-used"));
    }
    let opened = signed.opened(voucher);
    let opened = opened.map_err(|fault| form.note("file", fault_key(&fault)))?;
    let private = Sealed::officers(opened);
    let private = private.map_err(|_| form.note("file", "away-fault-private"))?;
    Ok((voucher.clone(), signature, private))
}

async fn taken_up(
    open: &Open,
    store: &Store,
    config: &Config,
    form: &mut Submission,
    file: Option<Upload>,
) -> Result<Result<Page, Noted>, Fault> {
    let proved = proved(open, today(open, config)?, form, file.as_ref());
    if let Some(person) = &open.person {
        let accounts = store.desk_accounts(&open.chapter).await.map_err(Fault::internal)?;
        if !records_without(&open.books, &accounts, person) {
            return Ok(Err(form.note_form("away-fault-last-recorder", [])));
        }
    }
    let login = match &open.person {
        None => Ok(None),
        Some(person) => login(open, form).map(|both| Some((person.clone(), both))),
    };
    let (Ok((voucher, signature, private)), Ok(login)) = (proved, login) else {
        return Ok(Err(Noted));
    };
    let Some(key) = new_key(&voucher.body) else { return Err(Fault::NotFound) };
    let access = match login {
        None => None,
        Some((person, (sign_in_name, passphrase))) => {
            let lock = config.sealer.seal(&open.chapter.origin, key, passphrase, None).await;
            Some(Access { sign_in_name, person, lock: lock.map_err(Fault::internal)? })
        }
    };
    let now = config.clock.now();
    let (signed, named) = ((key, &signature.signature), (&voucher, &private[..]));
    let (chapter, secret) = (&open.chapter, &open.secret);
    let done = store.take_up_invitation(chapter, secret, named, signed, access.as_ref(), now).await;
    if let Err(Noted) = accept::taken(form, done)? {
        return Ok(Err(Noted));
    }
    Ok(Ok(accept::accepted(open, key, access.as_ref(), None)))
}
