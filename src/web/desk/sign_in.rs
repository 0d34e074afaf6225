//! `/dang-nhap`, `/dang-xuat`, and forms that came after their session had ended.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::{Cookie, CookieJar, Status};
use rocket::{State, get, post};

use super::{Answer, second_step, setup};
use crate::store::desk::accounts::SignedIn;
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::sessions;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::{ChapterId, Store};
use crate::web::caller::Caller;
use crate::web::fault::{LeftFault, Malformed};
use crate::web::forms::{Field, Fields, FormView, Late, ManyFields, Noted, Submission};
use crate::web::guards::{self, FormSecret, SameOrigin};
use crate::web::metrics::SignIn;
use crate::web::session::{Kept, Officer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/dang-nhap";
pub(super) const TODAY: &str = "/ban/viec";

const FORM: &[Field] = &[
    Field::one("chapter", "sign-in-chapter"),
    Field::one("name", "sign-in-name"),
    Field::secret("passphrase", "sign-in-passphrase"),
    Field::one("back", "sign-in-name"),
    Field::one("kept", "sign-in-name"),
];

/// A path of the desk to come back to; anything else is no way out of here. Only what can stand in
/// a `Location` header as it is: everything of ours does.
pub(super) fn back(typed: &str) -> &str {
    let own = typed.starts_with("/ban/") && rocket::http::uri::Origin::parse(typed).is_ok();
    if own { typed } else { TODAY }
}

fn chapters(store: &Store) -> Vec<(String, String)> {
    let name = |id: ChapterId, slug: &str| {
        let books = store.books(id).unwrap_or_default();
        books.chapter().map_or_else(|| slug.to_owned(), |state| state.chapter.name.to_string())
    };
    let all = store.chapters();
    all.into_iter().map(|(id, origin)| (origin.to_string(), name(id, origin.slug()))).collect()
}

fn page(store: &Store, form: FormView, late: bool) -> Page {
    Page::new("desk/sign_in.html", context! { form, late, chapters => chapters(store) })
}

/// The form for somebody whose half session ended: what they typed before goes on with them.
pub(super) fn anew(store: &Store, secret: &FormSecret, (to, kept): (&str, &str)) -> Page {
    let form = FormView::blank(secret, PATH, FORM).with("back", back(to)).with("kept", kept);
    page(store, form, !kept.is_empty()).status(Status::Unauthorized)
}

/// The form. Where nothing exists yet, the way to the first run.
#[get("/dang-nhap?<ve>")]
pub fn show(
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
    ve: Option<&str>,
) -> Answer {
    let store = kept.0;
    if store.chapters().is_empty() {
        return Answer::go("/thiet-lap");
    }
    if !config.base_url.may_sign_in() {
        return setup::insecure().into();
    }
    let form = FormView::blank(&secret, PATH, FORM);
    page(store, form.with("back", back(ve.unwrap_or(TODAY))), false).into()
}

/// Signs in: the same words for a wrong name, a wrong passphrase and a closed account. Where a code
/// is asked for as well, half the way ([`second_step`]).
#[post("/dang-nhap", data = "<fields>")]
pub async fn enter(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
    jar: &CookieJar<'_>,
    caller: Caller,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    if !config.base_url.may_sign_in() {
        return Ok(setup::insecure().into());
    }
    let mut form = fields.0.only(FORM)?;
    let again = |form: &Submission, status| {
        page(store, FormView::again(&secret, PATH, form), false).status(status).into()
    };
    let Ok((chapter, name, passphrase)) = read(&mut form, store) else {
        return Ok(again(&form, Status::UnprocessableEntity));
    };
    let chapter = store.desk(chapter).map_err(Fault::internal)?;
    let (now, peer) = (config.clock.now(), caller.peer);
    let begun = store.begin_sign_in(&chapter, &name, peer, now).await.map_err(Fault::internal)?;
    let begun = match begun {
        Ok(begun) => begun,
        Err(wait) => {
            config.meters.sign_in(SignIn::Throttled);
            let seconds = wait.num_seconds().max(1);
            form.note_form("fault-sign-in-wait", [("seconds", Value::from(seconds))]);
            let page = page(store, FormView::again(&secret, PATH, &form), false);
            let after = u16::try_from(seconds).unwrap_or(u16::MAX);
            return Ok(page.status(Status::TooManyRequests).retry_after(after).into());
        }
    };
    let opened = begun.prove(&config.sealer, &chapter, passphrase).await;
    let opened = opened.map_err(Fault::internal)?;
    let done = store.finish_sign_in(&chapter, begun, (opened, &caller.place), now).await;
    if let Err(DeskFault::Refused(DeskRefusal::OtherVault)) = done {
        form.note_form("fault-device-unsealed", []);
        return Ok(again(&form, Status::UnprocessableEntity));
    }
    let typed = (form.typed("back"), form.typed("kept"));
    match done.map_err(Fault::internal)? {
        SignedIn::Welcome(_, cookie) => welcome(store, config, jar, &cookie, typed).await,
        SignedIn::Code(half) => {
            Ok(second_step::go_on(config, jar, &secret, &half, second_step::Way::Code, typed))
        }
        SignedIn::SetUp(half) => {
            Ok(second_step::go_on(config, jar, &secret, &half, second_step::Way::SetUp, typed))
        }
        SignedIn::Refused => {
            config.meters.sign_in(SignIn::Refused);
            form.note_form("fault-sign-in", []);
            Ok(again(&form, Status::UnprocessableEntity))
        }
    }
}

/// Sets the cookie of the new session, and leads to where somebody wanted to go, or back to what
/// they typed.
pub(super) async fn welcome(
    store: &Store,
    config: &Config,
    jar: &CookieJar<'_>,
    cookie: &sessions::Cookie,
    (to, kept): (&str, &str),
) -> Result<Answer, Fault> {
    enter_with(store, config, jar, cookie).await?;
    let path = back(to);
    if kept.is_empty() {
        return Ok(Answer::go(path));
    }
    let (action, token, pairs) = again(&FormSecret::of_session(&cookie.value()), path, kept)?;
    Ok(Page::new("desk/continue.html", context! { action, token, pairs }).into())
}

/// The cookie of a new session, in place of one before and of the half one.
pub(super) async fn enter_with(
    store: &Store,
    config: &Config,
    jar: &CookieJar<'_>,
    cookie: &sessions::Cookie,
) -> Result<(), Fault> {
    end_older(store, config, jar).await?;
    config.meters.sign_in(SignIn::Welcome);
    second_step::forget(config, jar);
    jar.add(guards::cookie(config, guards::session_cookie(), cookie.value().to_string()));
    Ok(())
}

/// Reads the form; the chapter may go unsaid where there is one alone.
fn read(form: &mut Submission, store: &Store) -> Result<(ChapterId, String, Passphrase), Noted> {
    let all = store.chapters();
    let origins: Vec<(&str, ChapterId)> =
        all.iter().map(|(id, origin)| (origin.as_str(), *id)).collect();
    let chapter = match origins.as_slice() {
        [(_, only)] if form.typed("chapter").is_empty() => Ok(*only),
        _ => form.choice("chapter", &origins),
    };
    let name = form.text("name", 200);
    let typed = form.passphrase("passphrase");
    let (chapter, name, typed) = (chapter?, name?, typed?);
    let passphrase = Passphrase::read(&typed);
    let passphrase = passphrase.map_err(|_| form.note("passphrase", "fault-passphrase-control"))?;
    Ok((chapter, name, passphrase))
}

/// A browser has one session: the one before ends here.
async fn end_older(store: &Store, config: &Config, jar: &CookieJar<'_>) -> Result<(), Fault> {
    let name = guards::cookie_name(config, guards::session_cookie());
    let held = jar.get(&name).and_then(|held| sessions::Cookie::parse(held.value()));
    match held {
        Some(older) => {
            let now = config.clock.now();
            store.sign_out(&older, now).await.map_err(Fault::internal)
        }
        None => Ok(()),
    }
}

/// Action, token and fields of a form.
type Again = (String, String, Vec<(String, String)>);

/// The form that was sent too late, to be gone on with.
pub(super) fn again(secret: &FormSecret, path: &str, kept: &str) -> Result<Again, Fault> {
    let pairs: Vec<(String, String)> =
        serde_json::from_str(kept).map_err(|_| Fault::BadRequest(Malformed::Other))?;
    let action = path.split('?').next().unwrap_or(path);
    Ok((action.to_owned(), secret.token(action), pairs))
}

/// A form whose session ended while it was typed, or can't be read now: sign in, or wait, and it is
/// offered again. Passphrases are not kept.
#[post("/ban/<_..>", data = "<late>", rank = 20)]
pub async fn too_late(
    _same: SameOrigin,
    kept: Kept<'_>,
    secret: FormSecret,
    unreadable: LeftFault,
    officer: Option<Officer>,
    late: Late,
) -> Result<Page, Fault> {
    if let Some(fault) = unreadable.0 {
        return Err(fault);
    }
    if officer.is_some() {
        return Err(Fault::NotFound);
    }
    if late.with_file {
        return Err(Fault::SignIn(Some(back(&late.path).to_owned())));
    }
    let pairs = serde_json::to_string(&late.pairs).map_err(Fault::internal)?;
    let form =
        FormView::blank(&secret, PATH, FORM).with("back", back(&late.path)).with("kept", pairs);
    Ok(page(kept.0, form, true).status(Status::Unauthorized))
}

/// Signs out: the session ends in the table, not only in the browser.
#[post("/dang-xuat", data = "<fields>")]
pub async fn leave(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    jar: &CookieJar<'_>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    fields.only(&[])?;
    end_older(store, config, jar).await?;
    let name = guards::cookie_name(config, guards::session_cookie());
    jar.remove(Cookie::build(name).path("/").secure(config.base_url.is_https()));
    Ok(Answer::go(PATH))
}
