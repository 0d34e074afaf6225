//! `/ban/quan-tri/tai-khoan`: one's own passphrase, sessions, and what happened to the account.

use minijinja::context;
use rocket::http::{Cookie, CookieJar, Status};
use rocket::{State, get, post};

use super::super::{Answer, passphrases};
use super::accounts_log;
use crate::ledger::keys::SigningKey;
use crate::store::Store;
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::security::Filter;
use crate::store::desk::sessions;
use crate::web::caller::Caller;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::{self, SameOrigin};
use crate::web::session::{Kept, Officer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/quan-tri/tai-khoan";
const SIGN_OUT: &str = "/ban/quan-tri/tai-khoan/dang-xuat";
const ONE: &str = "/ban/quan-tri/tai-khoan/phien";
const OTHERS: &str = "/ban/quan-tri/tai-khoan/phien-khac";
/// Lines of the account's own log.
const LINES: u32 = 20;

const END_ONE: &[Field] = &[Field::one("session", "account-sessions")];

const FORM: &[Field] = &[
    Field::secret("passphrase", "field-present-passphrase"),
    Field::secret("new_passphrase", "field-new-passphrase"),
    Field::secret("again", "field-new-passphrase-again"),
];

async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (form, new): (FormView, bool),
) -> Result<Page, Fault> {
    let (desk, cookie, now) = (&officer.desk, officer.cookie(), config.clock.now());
    let sessions = store.own_sessions(desk, &officer.person, Some(cookie), now).await;
    let sessions = sessions.map_err(Fault::internal)?;
    let (device, required) =
        store.second_device(desk, officer.account()).await.map_err(Fault::internal)?;
    let own = Filter { person: Some(officer.person.clone()), ..Filter::default() };
    let log = store.security_log(desk, &own, LINES).await.map_err(Fault::internal)?;
    let secret = officer.form_secret();
    let proposals = (0..3)
        .map(|_| Passphrase::propose().map(|words| words.to_string()))
        .collect::<Result<Vec<String>, _>>()
        .map_err(Fault::internal)?;
    Ok(super::super::page(
        officer,
        "desk/admin/account.html",
        context! {
            form,
            new,
            proposals,
            name => officer.sign_in_name.as_str(),
            key => super::rows::short(&officer.public_key().vkey()),
            sessions => sessions.iter().map(listed).collect::<Vec<_>>(),
            device_since => device.since.map(accounts_log::moment),
            codes_left => device.codes_left,
            required,
            reset => super::officer::waiting(officer, store, config).await?,
            log => log.iter().map(|line| accounts_log::row(officer, line)).collect::<Vec<_>>(),
            tokens => context! { one => secret.token(ONE), others => secret.token(OTHERS) },
            idle => sessions::IDLE.num_minutes(),
            longest => sessions::LONGEST.num_hours(),
            everywhere => officer.form_secret().token(SIGN_OUT),
        },
    ))
}

/// A session in a list.
pub(super) fn listed(own: &sessions::Listed) -> minijinja::value::Value {
    context! {
        handle => own.handle.as_str(),
        device => own.place.device.as_str(),
        network => own.place.network.as_str(),
        made_at => accounts_log::moment(own.made_at),
        seen_at => accounts_log::moment(own.seen_at),
        present => own.present,
    }
}

/// One's own account.
#[get("/ban/quan-tri/tai-khoan?<moi>")]
pub async fn show(
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    moi: Option<&str>,
) -> Result<Page, Fault> {
    let form = FormView::blank(&officer.form_secret(), PATH, FORM);
    page(&officer, kept.0, config, (form, moi.is_some())).await
}

/// Locks the key with another passphrase; every other session of this person ends.
#[post("/ban/quan-tri/tai-khoan", data = "<fields>")]
pub async fn change(
    _same: SameOrigin,
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    jar: &CookieJar<'_>,
    caller: Caller,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let mut form = fields.only(FORM)?;
    match changed(&officer, store, (config, &caller), &mut form).await? {
        Ok(cookie) => {
            let value = cookie.value().to_string();
            jar.add(guards::cookie(config, guards::session_cookie(), value));
            Ok(Answer::go(format!("{PATH}?moi=1")))
        }
        Err(Noted) => {
            let form = FormView::again(&officer.form_secret(), PATH, &form);
            let page = page(&officer, store, config, (form, false)).await?;
            Ok(page.status(Status::UnprocessableEntity).into())
        }
    }
}

/// The cookie of the new session.
async fn changed(
    officer: &Officer,
    store: &Store,
    (config, caller): (&Config, &Caller),
    form: &mut Submission,
) -> Result<Result<sessions::Cookie, Noted>, Fault> {
    let name = officer.sign_in_name.clone();
    let chosen = passphrases::chosen(form, ("new_passphrase", "again"), Some(&name));
    let now = config.clock.now();
    // Looked at first: a passphrase that breaks a rule costs no try of the present one.
    let Ok(chosen) = chosen else { return Ok(Err(Noted)) };
    let (begun, opened) = match passphrases::opened(officer, store, config, form, now).await? {
        Ok(both) => both,
        Err(Noted) => return Ok(Err(Noted)),
    };
    let key = opened.key;
    let copy = key.as_ref().map(|key| SigningKey::from_seed(key.name(), *key.seed()));
    let copy = copy.transpose().map_err(Fault::internal)?;
    let (origin, public) = (&officer.desk.origin, officer.public_key());
    let lock = config.sealer.seal(origin, public, chosen, copy).await.map_err(Fault::internal)?;
    let sealed = (&lock, key.as_ref(), &caller.place);
    let done = store.change_passphrase(&officer.desk, begun, sealed, now).await;
    let cookie = done.map_err(Fault::internal)?;
    Ok(cookie.ok_or_else(|| form.note("passphrase", "fault-passphrase-wrong")))
}

/// Ends every session of this person, this one too.
#[post("/ban/quan-tri/tai-khoan/dang-xuat", data = "<fields>")]
pub async fn sign_out(
    _same: SameOrigin,
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    jar: &CookieJar<'_>,
    fields: Fields,
) -> Result<Answer, Fault> {
    fields.only(&[])?;
    let own = (&officer.person, &officer.person);
    let done = kept.0.sign_out_everywhere(&officer.desk, own, config.clock.now()).await;
    done.map_err(Fault::internal)?;
    let name = guards::cookie_name(config, guards::session_cookie());
    jar.remove(Cookie::build(name).path("/").secure(config.base_url.is_https()));
    Ok(Answer::go("/dang-nhap"))
}

/// Ends one session of one's own; one that is gone already is no fault.
#[post("/ban/quan-tri/tai-khoan/phien", data = "<fields>")]
pub async fn end_one(
    _same: SameOrigin,
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let form = fields.only(END_ONE)?;
    let (named, now) = (form.typed("session"), config.clock.now());
    let done = kept.0.end_session(&officer.desk, &officer.person, named, now).await;
    done.map_err(Fault::internal)?;
    Ok(Answer::go(PATH))
}

/// Ends every session of one's own but this one.
#[post("/ban/quan-tri/tai-khoan/phien-khac", data = "<fields>")]
pub async fn end_others(
    _same: SameOrigin,
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    fields.only(&[])?;
    let (cookie, now) = (officer.cookie(), config.clock.now());
    let done = kept.0.end_other_sessions(&officer.desk, &officer.person, cookie, now).await;
    done.map_err(Fault::internal)?;
    Ok(Answer::go(PATH))
}
