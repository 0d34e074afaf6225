//! `/dang-nhap`, `/dang-xuat`, and forms that came after their session had ended.

use std::net::{IpAddr, Ipv4Addr};

use minijinja::context;
use minijinja::value::Value;
use rocket::http::{Cookie, CookieJar, Status};
use rocket::{State, get, post};

use super::{Answer, setup};
use crate::store::desk::accounts::SignedIn;
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::sessions;
use crate::store::{ChapterId, Store};
use crate::web::fault::{LeftFault, Malformed};
use crate::web::forms::{Field, Fields, FormView, Late, ManyFields, Noted, Submission};
use crate::web::guards::{self, FormSecret, SameOrigin};
use crate::web::metrics::SignIn;
use crate::web::session::{Kept, Officer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/dang-nhap";
const TODAY: &str = "/ban/viec";

const FORM: &[Field] = &[
    Field::one("chapter", "sign-in-chapter"),
    Field::one("name", "sign-in-name"),
    Field::secret("passphrase", "sign-in-passphrase"),
    Field::one("back", "sign-in-name"),
    Field::one("kept", "sign-in-name"),
];

/// A path of the desk to come back to; anything else is no way out of here. Only what can stand in
/// a `Location` header as it is: everything of ours does.
fn back(typed: &str) -> &str {
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

/// Signs in: the same words for a wrong name, a wrong passphrase and a closed account.
#[post("/dang-nhap", data = "<fields>")]
pub async fn enter(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
    jar: &CookieJar<'_>,
    peer: Option<IpAddr>,
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
    let (now, peer) = (config.clock.now(), peer.unwrap_or(Ipv4Addr::LOCALHOST.into()));
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
    let done = store.finish_sign_in(&chapter, begun, opened, now).await;
    let SignedIn::Welcome(_, cookie) = done.map_err(Fault::internal)? else {
        config.meters.sign_in(SignIn::Refused);
        form.note_form("fault-sign-in", []);
        return Ok(again(&form, Status::UnprocessableEntity));
    };
    config.meters.sign_in(SignIn::Welcome);
    end_older(store, config, jar).await?;
    let value = cookie.value();
    jar.add(guards::cookie(config, guards::session_cookie(), value.to_string()));
    let path = back(form.typed("back"));
    if form.typed("kept").is_empty() {
        return Ok(Answer::go(path));
    }
    offer_again(&FormSecret::of_session(&value), path, form.typed("kept")).map(Answer::from)
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
        Some(older) => store.sign_out(&older).await.map_err(Fault::internal),
        None => Ok(()),
    }
}

/// The form that was sent too late, to be gone on with.
fn offer_again(secret: &FormSecret, path: &str, kept: &str) -> Result<Page, Fault> {
    let pairs: Vec<(String, String)> =
        serde_json::from_str(kept).map_err(|_| Fault::BadRequest(Malformed::Other))?;
    let action = path.split('?').next().unwrap_or(path);
    let token = secret.token(action);
    Ok(Page::new("desk/continue.html", context! { action, token, pairs }))
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
