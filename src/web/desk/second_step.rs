//! `/dang-nhap/ma`, `/dang-nhap/bat`, `/dang-nhap/lai/<secret>`: between the right passphrase and
//! the desk.
//!
//! The code of the second device, or a recovery code; the set-up of a device where the chapter asks
//! for one; and the link by which an officer who lost theirs gets another. All three hold half a
//! session, which opens nothing else. What was typed before a session ended goes through all of
//! them in the form.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::{Cookie, CookieJar, Status};
use rocket::time::Duration;
use rocket::{State, get, post};

use super::{Answer, setup, sign_in};
use crate::store::desk::accounts::{Account, SignedIn};
use crate::store::desk::factors::{OneTime, Proposal, RecoveryCode};
use crate::store::desk::halves::{Half, HalfCookie, LONGEST, SecondStep};
use crate::store::desk::invitations::LinkSecret;
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::{ChapterId, Store, desk};
use crate::web::caller::Caller;
use crate::web::forms::{Field, Fields, FormView, ManyFields, Noted, Submission};
use crate::web::guards::{self, FormSecret, SameOrigin};
use crate::web::metrics::SignIn;
use crate::web::public::peer::Peer;
use crate::web::public::receipt::qr;
use crate::web::session::Kept;
use crate::web::{Config, Fault, Page};

const CODE: &str = "/dang-nhap/ma";
const SET_UP: &str = "/dang-nhap/bat";

const CODE_FORM: &[Field] = &[
    Field::secret("one_time", "field-one-time"),
    Field::secret("recovery", "field-recovery"),
    Field::one("back", "sign-in-name"),
    Field::one("kept", "sign-in-name"),
];
const SET_UP_FORM: &[Field] = &[
    Field::secret("one_time", "field-first-code"),
    Field::one("back", "sign-in-name"),
    Field::one("kept", "sign-in-name"),
];
const RESET_FORM: &[Field] = &[Field::secret("passphrase", "sign-in-passphrase")];

/// What follows the passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A code.
    Code,
    /// A device that is set up first.
    SetUp,
}

impl Way {
    const fn path(self) -> &'static str {
        match self {
            Self::Code => CODE,
            Self::SetUp => SET_UP,
        }
    }
}

/// Sets the cookie of a half session, and leads on. What was typed before does not fit into an
/// address: then a page asks to go on, with all of it in its form.
pub(super) fn go_on(
    config: &Config,
    jar: &CookieJar<'_>,
    secret: &FormSecret,
    half: &HalfCookie,
    way: Way,
    (to, kept): (&str, &str),
) -> Answer {
    let mut cookie = guards::cookie(config, guards::half_cookie(), half.value().to_string());
    cookie.set_max_age(Duration::seconds(LONGEST.num_seconds()));
    jar.add(cookie);
    let path = way.path();
    let to = sign_in::back(to);
    if kept.is_empty() {
        let to = rocket::http::RawStr::new(to).percent_encode();
        return Answer::go(format!("{path}?ve={to}"));
    }
    match way {
        Way::Code => {
            let form = FormView::blank(secret, CODE, CODE_FORM).with("back", to).with("kept", kept);
            code_page(form).into()
        }
        Way::SetUp => {
            let form = FormView::blank(secret, SET_UP, SET_UP_FORM);
            let form = form.with("back", to).with("kept", kept);
            Page::new("desk/second_go_on.html", context! { form }).into()
        }
    }
}

/// Takes the cookie of a half session off the browser.
pub(super) fn forget(config: &Config, jar: &CookieJar<'_>) {
    let name = guards::cookie_name(config, guards::half_cookie());
    if jar.get(&name).is_some() {
        jar.remove(Cookie::build(name).path("/").secure(config.base_url.is_https()));
    }
}

/// A half session with its cookie.
type Held = (HalfCookie, desk::Chapter, Half);

async fn held(
    store: &Store,
    config: &Config,
    jar: &CookieJar<'_>,
    has_device: bool,
) -> Result<Option<Held>, Fault> {
    let name = guards::cookie_name(config, guards::half_cookie());
    let cookie = jar.get(&name).and_then(|held| HalfCookie::parse(held.value()));
    let Some(cookie) = cookie else { return Ok(None) };
    let found = store.half(&cookie, config.clock.now()).await.map_err(Fault::internal)?;
    let found = found.filter(|(_, _, half)| half.has_device == has_device);
    Ok(found.map(|(_, chapter, half)| (cookie, chapter, half)))
}

fn code_page(form: FormView) -> Page {
    Page::new("desk/second_step.html", context! { form, minutes => LONGEST.num_minutes() })
}

/// Too many tries, in the form and in the answer.
fn waits(form: &mut Submission, seconds: i64) -> u16 {
    let seconds = seconds.max(1);
    form.note_form("fault-sign-in-wait", [("seconds", Value::from(seconds))]);
    u16::try_from(seconds).unwrap_or(u16::MAX)
}

/// Asks for the code.
#[get("/dang-nhap/ma?<ve>")]
pub async fn show(
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
    jar: &CookieJar<'_>,
    ve: Option<&str>,
) -> Result<Answer, Fault> {
    if held(kept.0, config, jar, true).await?.is_none() {
        return Ok(Answer::go("/dang-nhap"));
    }
    let form = FormView::blank(&secret, CODE, CODE_FORM);
    Ok(code_page(form.with("back", sign_in::back(ve.unwrap_or(sign_in::TODAY)))).into())
}

/// Takes the code. The same words for a wrong one and one that was used.
#[post("/dang-nhap/ma", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
    jar: &CookieJar<'_>,
    caller: Caller,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let mut form = fields.0.only(CODE_FORM)?;
    let typed = (form.typed("back").to_owned(), form.typed("kept").to_owned());
    let typed = (typed.0.as_str(), typed.1.as_str());
    let Some((cookie, chapter, _)) = held(store, config, jar, true).await? else {
        return Ok(sign_in::anew(store, &secret, typed).into());
    };
    let one_time = OneTime::read(form.typed("one_time"), form.typed("recovery"));
    let Some(one_time) = one_time else {
        form.note("one_time", "fault-code-form");
        let page = code_page(FormView::again(&secret, CODE, &form));
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    let from = (caller.peer, config.clock.now());
    let done = store.second_step(&chapter, (&cookie, &one_time), from).await;
    let done = done.map_err(Fault::internal)?;
    let page = match &done {
        SecondStep::Welcome(whole, _) => {
            return sign_in::welcome(store, config, jar, whole, typed).await;
        }
        SecondStep::Over => return Ok(sign_in::anew(store, &secret, typed).into()),
        SecondStep::Refused | SecondStep::Unreadable => {
            config.meters.sign_in(SignIn::Refused);
            let unreadable = matches!(done, SecondStep::Unreadable);
            let key = if unreadable { "fault-code-unreadable" } else { "fault-code-wrong" };
            form.note("one_time", key);
            let page = code_page(FormView::again(&secret, CODE, &form));
            page.status(Status::UnprocessableEntity)
        }
        SecondStep::Wait(wait) => {
            let after = waits(&mut form, wait.num_seconds());
            let page = code_page(FormView::again(&secret, CODE, &form));
            page.status(Status::TooManyRequests).retry_after(after)
        }
    };
    Ok(page.into())
}

/// A secret as its owner sees it: the QR code, the letters, how the desk calls the account.
///
/// # Errors
/// [`Fault`] of the machine.
pub(super) fn shown(proposal: &Proposal, account: &Account) -> Result<Value, Fault> {
    let address = proposal.address().map_err(Fault::internal)?;
    Ok(context! {
        picture => qr(&address)?,
        address => address.to_string(),
        groups => proposal.groups().to_string(),
        name => account.sign_in_name.as_str(),
    })
}

/// Recovery codes, this once, with the way on.
pub(super) fn codes_page(codes: &[RecoveryCode], (chapter, name): (&str, &str), on: Value) -> Page {
    let codes: Vec<String> = codes.iter().map(|code| code.text().to_string()).collect();
    Page::new("desk/recovery_codes.html", context! { codes, chapter_name => chapter, name, on })
}

async fn set_up_page(
    store: &Store,
    config: &Config,
    (chapter, account, half): (&desk::Chapter, &Account, &HalfCookie),
    form: FormView,
) -> Result<Option<Page>, Fault> {
    let of = (account, half);
    let proposal = store.device_to_set_up(chapter, of, config.clock.now()).await;
    let Some(proposal) = proposal.map_err(Fault::internal)? else { return Ok(None) };
    let device = shown(&proposal, account)?;
    Ok(Some(Page::new("desk/second_set_up.html", context! { form, device })))
}

/// The device that has to be set up before anything else.
#[get("/dang-nhap/bat?<ve>")]
pub async fn set_up(
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
    jar: &CookieJar<'_>,
    ve: Option<&str>,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let Some((cookie, chapter, half)) = held(store, config, jar, false).await? else {
        return Ok(Answer::go("/dang-nhap"));
    };
    let form = FormView::blank(&secret, SET_UP, SET_UP_FORM);
    let form = form.with("back", sign_in::back(ve.unwrap_or(sign_in::TODAY)));
    let page = set_up_page(store, config, (&chapter, &half.account, &cookie), form).await?;
    Ok(page.map_or_else(|| Answer::go("/dang-nhap"), Answer::from))
}

/// Takes the first code: the device is set up, the officer is signed in, and sees the recovery
/// codes this once.
#[post("/dang-nhap/bat", data = "<fields>")]
pub async fn prove(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
    jar: &CookieJar<'_>,
    caller: Caller,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let mut form = fields.0.only(SET_UP_FORM)?;
    let typed = (form.typed("back").to_owned(), form.typed("kept").to_owned());
    let typed = (typed.0.as_str(), typed.1.as_str());
    let Some((cookie, chapter, half)) = held(store, config, jar, false).await? else {
        return Ok(sign_in::anew(store, &secret, typed).into());
    };
    let of = (&chapter, &half.account, &cookie);
    let code = OneTime::read(form.typed("one_time"), "");
    let (status, after) = match code {
        // Only looked at: the page that goes on to this one sends what was typed and no code.
        None if form.typed("one_time").is_empty() && !typed.1.is_empty() => (Status::Ok, 0),
        Some(OneTime::Code(code)) => {
            let from = (caller.peer, config.clock.now());
            let done = store.set_up_device(&chapter, (&cookie, &code), from).await;
            match done.map_err(Fault::internal)? {
                SecondStep::Welcome(whole, codes) => {
                    sign_in::enter_with(store, config, jar, &whole).await?;
                    let session = FormSecret::of_session(&whole.value());
                    return welcome(&half.account, (&chapter, &codes), &session, typed);
                }
                SecondStep::Over => return Ok(sign_in::anew(store, &secret, typed).into()),
                SecondStep::Refused | SecondStep::Unreadable => {
                    form.note("one_time", "fault-code-wrong");
                    (Status::UnprocessableEntity, 0)
                }
                SecondStep::Wait(wait) => {
                    (Status::TooManyRequests, waits(&mut form, wait.num_seconds()))
                }
            }
        }
        _ => {
            form.note("one_time", "fault-code-form");
            (Status::UnprocessableEntity, 0)
        }
    };
    let again = FormView::again(&secret, SET_UP, &form);
    let page = set_up_page(store, config, of, again).await?;
    Ok(match page {
        Some(page) => page.status(status).retry_after(after).into(),
        None => sign_in::anew(store, &secret, typed).into(),
    })
}

/// The recovery codes of somebody who just signed in, and the way to where they wanted to go.
fn welcome(
    account: &Account,
    (chapter, codes): (&desk::Chapter, &[RecoveryCode]),
    session: &FormSecret,
    (to, kept): (&str, &str),
) -> Result<Answer, Fault> {
    let path = sign_in::back(to);
    let on = match kept.is_empty() {
        true => context! { path },
        false => {
            let (action, token, pairs) = sign_in::again(session, path, kept)?;
            context! { path, again => context! { action, token, pairs } }
        }
    };
    let of = (chapter.identity.slug(), account.sign_in_name.as_str());
    Ok(codes_page(codes, of, on).into())
}

/// What a link opens. What is over, used or was never there is not found, all alike.
async fn reset(
    store: &Store,
    config: &Config,
    (secret, peer): (&str, &Peer),
) -> Result<(LinkSecret, ChapterId, desk::Chapter, Account), Fault> {
    peer.looks_up()?;
    let found = match LinkSecret::parse(secret) {
        None => None,
        Some(link) => {
            let found = store.reset_by_link(&link, config.clock.now()).await;
            found.map_err(Fault::internal)?.map(|(id, chapter, own)| (link, id, chapter, own))
        }
    };
    match found {
        Some(found) => Ok(found),
        None => {
            peer.misses()?;
            Err(Fault::NotFound)
        }
    }
}

fn reset_page(store: &Store, id: ChapterId, account: &Account, form: FormView) -> Page {
    let books = store.books(id).unwrap_or_default();
    let shown = context! { form, name => account.sign_in_name.as_str() };
    super::admin::accept::named(&books, Page::new("desk/second_reset.html", shown))
}

fn reset_path(secret: &LinkSecret) -> String {
    format!("/dang-nhap/lai/{}", *secret.text())
}

/// The passphrase of an officer who lost their device.
#[get("/dang-nhap/lai/<secret>")]
pub async fn show_reset(
    kept: Kept<'_>,
    config: &State<Config>,
    visitor: FormSecret,
    peer: Peer,
    secret: &str,
) -> Result<Page, Fault> {
    if !config.base_url.may_sign_in() {
        return Ok(setup::insecure());
    }
    let (link, id, _, account) = reset(kept.0, config, (secret, &peer)).await?;
    let form = FormView::blank(&visitor, &reset_path(&link), RESET_FORM);
    Ok(reset_page(kept.0, id, &account, form))
}

/// Uses the link up, behind the right passphrase: the device before makes no codes any more.
#[post("/dang-nhap/lai/<secret>", data = "<fields>")]
#[allow(clippy::too_many_arguments)]
pub async fn send_reset(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    visitor: FormSecret,
    jar: &CookieJar<'_>,
    peer: Peer,
    caller: Caller,
    secret: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    if !config.base_url.may_sign_in() {
        return Ok(setup::insecure().into());
    }
    let (link, id, chapter, account) = reset(store, config, (secret, &peer)).await?;
    let mut form = fields.only(RESET_FORM)?;
    let again = |form: &Submission, status| {
        let view = FormView::again(&visitor, &reset_path(&link), form);
        reset_page(store, id, &account, view).status(status)
    };
    let Ok(passphrase) = read(&mut form) else {
        return Ok(again(&form, Status::UnprocessableEntity).into());
    };
    let now = config.clock.now();
    let begun = store.begin_reset(&chapter, account.clone(), caller.peer, now).await;
    let begun = match begun.map_err(Fault::internal)? {
        Ok(begun) => begun,
        Err(wait) => {
            let after = waits(&mut form, wait.num_seconds());
            return Ok(again(&form, Status::TooManyRequests).retry_after(after).into());
        }
    };
    let opened = begun.prove(&config.sealer, &chapter, passphrase).await;
    let of = (begun, opened.map_err(Fault::internal)?);
    let done = store.finish_reset(&chapter, of, (&link, &caller.place), now).await;
    if let Err(DeskFault::Refused(DeskRefusal::OtherVault)) = done {
        form.note_form("fault-device-unsealed", []);
        return Ok(again(&form, Status::UnprocessableEntity).into());
    }
    let SignedIn::SetUp(half) = done.map_err(Fault::internal)? else {
        form.note("passphrase", "fault-passphrase-wrong");
        return Ok(again(&form, Status::UnprocessableEntity).into());
    };
    Ok(go_on(config, jar, &visitor, &half, Way::SetUp, ("", "")))
}

fn read(form: &mut Submission) -> Result<Passphrase, Noted> {
    let typed = form.passphrase("passphrase")?;
    Passphrase::read(&typed).map_err(|_| form.note("passphrase", "fault-passphrase-control"))
}
