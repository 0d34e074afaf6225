//! `/dang-nhap/moi/<secret>`: who was invited chooses the passphrase of their new key themselves.
//!
//! The key is made here, signs the voucher as its holder, and is sealed by the passphrase; nobody
//! else sees either. A guardian has no passphrase: the key is shown once, to be printed and sealed.

use chrono::NaiveDate;
use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::super::sealed::Sealed;
use super::super::{passphrases, setup};
use super::keys::new_key;
use crate::books::Books;
use crate::ledger::away::put_key;
use crate::ledger::entry::OfficerSignature;
use crate::ledger::keys::{PublicKey, SignatureRole, SigningKey};
use crate::ledger::voucher::{Body, Voucher};
use crate::ledger::word::{Date, Person};
use crate::store::Store;
use crate::store::desk::accounts::sign_in_name;
use crate::store::desk::invitations::{Access, LinkSecret};
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::{self, DeskFault, DeskRefusal};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::{FormSecret, SameOrigin};
use crate::web::public::peer::Peer;
use crate::web::session::Kept;
use crate::web::{Config, Fault, Page};

const FORM: &[Field] = &[
    Field::one("name", "sign-in-name"),
    Field::one("full_name", "field-officer-full-name"),
    Field::secret("new_passphrase", "field-new-passphrase"),
    Field::secret("again", "field-new-passphrase-again"),
];

/// An invitation that is open, with what it is about.
pub(super) struct Open {
    pub(super) secret: LinkSecret,
    pub(super) chapter: desk::Chapter,
    pub(super) books: Books,
    pub(super) voucher: Voucher,
    /// The local day on which it was made.
    pub(super) made_on: NaiveDate,
    /// Who gets an account; none for a guardian.
    pub(super) person: Option<Person>,
    /// The name that they sign in with already.
    pub(super) known_as: Option<String>,
}

/// Finds what a link opens. What is over, taken up or was never there is not found, all alike.
/// A peer that tries links which lead nowhere is slowed down.
pub(super) async fn open(
    store: &Store,
    config: &Config,
    (secret, peer): (&str, &Peer),
) -> Result<Open, Fault> {
    peer.looks_up()?;
    match opened(store, config, secret).await {
        Err(Fault::NotFound) => {
            peer.misses()?;
            Err(Fault::NotFound)
        }
        found => found,
    }
}

async fn opened(store: &Store, config: &Config, secret: &str) -> Result<Open, Fault> {
    let secret = LinkSecret::parse(secret).ok_or(Fault::NotFound)?;
    let found = store.invited(&secret, config.clock.now()).await.map_err(Fault::internal)?;
    let (id, chapter, invitation) = found.ok_or(Fault::NotFound)?;
    let books = store.books(id).map_err(Fault::internal)?;
    let offset = books.chapter().ok_or(Fault::NotFound)?.utc_offset.fixed();
    let made_on = invitation.made_at.with_timezone(&offset).date_naive();
    let voucher = invitation.voucher;
    // Signed by a key that ended meanwhile, it could never be recorded.
    books.officers().by_key(&voucher.by).map_err(|_| Fault::NotFound)?;
    let person = match &voucher.body {
        Body::OfficerEnrolled(body) => Some(body.officer.person.clone()),
        Body::KeyRotated(body) => {
            let officer = books.officers().in_office().contains_key(&body.person);
            officer.then(|| body.person.clone())
        }
        _ => None,
    };
    let known_as = match &person {
        None => None,
        Some(person) => match store.account(&chapter, person).await {
            Ok(account) => Some(account.sign_in_name),
            Err(DeskFault::Refused(DeskRefusal::UnknownAccount)) => None,
            Err(fault) => return Err(Fault::internal(fault)),
        },
    };
    Ok(Open { secret, chapter, books, voucher, made_on, person, known_as })
}

pub(super) fn path(open: &Open) -> String {
    format!("/dang-nhap/moi/{}", *open.secret.text())
}

/// Three passphrases to choose from.
fn proposals() -> Result<Vec<String>, Fault> {
    (0..3)
        .map(|_| Passphrase::propose().map(|words| words.to_string()))
        .collect::<Result<Vec<String>, _>>()
        .map_err(Fault::internal)
}

/// What every page of an invitation shows: what was decided, and passphrases to choose from.
pub(super) fn invited(open: &Open) -> Result<Value, Fault> {
    let mut rows = super::super::describe::voucher(&open.books, &open.voucher);
    rows.retain(|row| !row.label.ends_with("vkey") && row.label != "voucher-date");
    Ok(context! {
        proposals => proposals()?,
        kind => open.voucher.kind().as_str(),
        rows => minijinja::value::Serde(rows),
        guardian => open.person.is_none(),
        enrols => matches!(open.voucher.body, Body::OfficerEnrolled(_)),
        known_as => open.known_as.as_deref(),
    })
}

fn page(open: &Open, form: FormView) -> Result<Page, Fault> {
    let elsewhere = format!("{}/may-khac", path(open));
    let shown = context! { form, elsewhere, ..invited(open)? };
    Ok(named(&open.books, Page::new("desk/admin/accept.html", shown)))
}

/// With the chapter's name on top; its address is a secret.
pub(in crate::web::desk) fn named(books: &Books, page: Page) -> Page {
    let name = books.chapter().map_or("", |state| state.chapter.name.as_str());
    page.chapter(name, "/").private_address()
}

/// The form of an invitation.
#[get("/dang-nhap/moi/<secret>")]
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
    let open = open(kept.0, config, (secret, &peer)).await?;
    let form = FormView::blank(&visitor, &path(&open), FORM);
    page(&open, form)
}

/// Makes the key, and takes the invitation up.
#[post("/dang-nhap/moi/<secret>", data = "<fields>")]
pub async fn take_up(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    visitor: FormSecret,
    peer: Peer,
    secret: &str,
    fields: Fields,
) -> Result<Page, Fault> {
    let store = kept.0;
    if !config.base_url.may_sign_in() {
        return Ok(setup::insecure());
    }
    let open = open(store, config, (secret, &peer)).await?;
    let mut form = fields.only(FORM)?;
    match taken_up(&open, store, config, &mut form).await? {
        Ok(page) => Ok(named(&open.books, page)),
        Err(Noted) => {
            let again = FormView::again(&visitor, &path(&open), &form);
            Ok(page(&open, again)?.status(Status::UnprocessableEntity))
        }
    }
}

/// The page behind it: what to tell the one who invited, and a guardian's key, this once.
async fn taken_up(
    open: &Open,
    store: &Store,
    config: &Config,
    form: &mut Submission,
) -> Result<Result<Page, Noted>, Fault> {
    let now = config.clock.now();
    let key = new_key(&open.chapter.origin)?;
    let access = match &open.person {
        None => None,
        Some(person) => match access(open, config, form, (person, &key)).await? {
            Ok(access) => Some(access),
            Err(Noted) => return Ok(Err(Noted)),
        },
    };
    let Ok(full_name) = form.optional_text("full_name", 200) else { return Ok(Err(Noted)) };
    let mut voucher = open.voucher.clone();
    put_key(&mut voucher.body, key.public());
    let mut sealed = Sealed::of(voucher.id.clone());
    if let Body::OfficerEnrolled(body) = &mut voucher.body {
        body.officer.private = Some(sealed.officer(full_name.as_deref()).map_err(Fault::internal)?);
    }
    let offset = open.books.chapter().ok_or(Fault::NotFound)?.utc_offset.fixed();
    voucher.date = Date::new(config.clock.today(offset)).ok_or(Fault::NotFound)?;
    let signature = OfficerSignature::sign(SignatureRole::Holder, &key, &voucher.bytes());
    let signature = signature.map_err(Fault::internal)?.signature;
    let signed = (key.public(), &signature);
    let (chapter, access, private) = (&open.chapter, access.as_ref(), sealed.values());
    let named = (&voucher, &private[..]);
    let done = store.take_up_invitation(chapter, &open.secret, named, signed, access, now).await;
    if let Err(Noted) = taken(form, done)? {
        return Ok(Err(Noted));
    }
    let secret = open.person.is_none().then(|| key.private_text().to_string());
    Ok(Ok(accepted(open, key.public(), access, secret)))
}

/// What taking an invitation up came to; a name that somebody else has is told at its field.
pub(super) fn taken(
    form: &mut Submission,
    done: Result<(), DeskFault>,
) -> Result<Result<(), Noted>, Fault> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(DeskFault::Refused(DeskRefusal::NameTaken)) => {
            Ok(Err(form.note("name", "fault-sign-in-name-taken")))
        }
        Err(DeskFault::Refused(_)) => Err(Fault::NotFound),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// What to tell the one who invited; a guardian's key, this once, where it was made here.
pub(super) fn accepted(
    open: &Open,
    key: &PublicKey,
    access: Option<&Access>,
    secret: Option<String>,
) -> Page {
    let shown = context! {
        key => super::rows::short(&key.vkey()),
        name => access.map(|access| access.sign_in_name.as_str()),
        origin => open.chapter.origin.as_str(),
        vkey => key.vkey(),
        secret,
    };
    Page::new("desk/admin/accepted.html", shown)
}

/// The name to sign in with, and the passphrase that was chosen.
pub(super) fn login(open: &Open, form: &mut Submission) -> Result<(String, Passphrase), Noted> {
    let name = match &open.known_as {
        Some(known) => Ok(known.clone()),
        None => form.text("name", 64).and_then(|typed| {
            sign_in_name(&typed).map_err(|_| form.note("name", "fault-sign-in-name"))
        }),
    };
    let chosen = name.as_deref().ok();
    let passphrase = passphrases::chosen(form, ("new_passphrase", "again"), chosen);
    Ok((name?, passphrase?))
}

/// The name and passphrase of an officer, read and sealed.
async fn access(
    open: &Open,
    config: &Config,
    form: &mut Submission,
    (person, key): (&Person, &SigningKey),
) -> Result<Result<Access, Noted>, Fault> {
    let Ok((sign_in_name, passphrase)) = login(open, form) else { return Ok(Err(Noted)) };
    let copy = SigningKey::from_seed(key.name(), *key.seed()).map_err(Fault::internal)?;
    let origin = &open.chapter.origin;
    let lock = config.sealer.seal(origin, key.public(), passphrase, Some(copy)).await;
    let (lock, person) = (lock.map_err(Fault::internal)?, person.clone());
    Ok(Ok(Access { sign_in_name, person, lock }))
}
