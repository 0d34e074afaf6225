//! `/ban/quan-tri/tai-khoan`: one's own passphrase and sessions.

use minijinja::context;
use rocket::http::{Cookie, CookieJar, Status};
use rocket::{State, get, post};

use super::super::{Answer, passphrases};
use crate::ledger::keys::SigningKey;
use crate::store::Store;
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::sessions;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::{self, SameOrigin};
use crate::web::session::{Kept, Officer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/quan-tri/tai-khoan";
const SIGN_OUT: &str = "/ban/quan-tri/tai-khoan/dang-xuat";

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
    let sessions = store.own_sessions(desk, &officer.person, cookie, now).await;
    let moment = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let sessions = sessions.map_err(Fault::internal)?;
    let sessions = sessions.iter().map(|listed| {
        context! {
            made_at => moment(listed.made_at),
            seen_at => moment(listed.seen_at),
            present => listed.present,
        }
    });
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
            sessions => sessions.collect::<Vec<_>>(),
            idle => sessions::IDLE.num_minutes(),
            longest => sessions::LONGEST.num_hours(),
            everywhere => officer.form_secret().token(SIGN_OUT),
        },
    ))
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
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let mut form = fields.only(FORM)?;
    match changed(&officer, store, config, &mut form).await? {
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
    config: &Config,
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
    let done = store.change_passphrase(&officer.desk, begun, (&lock, key.as_ref()), now).await;
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
    let done = kept.0.sign_out_everywhere(&officer.desk, &officer.person).await;
    done.map_err(Fault::internal)?;
    let name = guards::cookie_name(config, guards::session_cookie());
    jar.remove(Cookie::build(name).path("/").secure(config.base_url.is_https()));
    Ok(Answer::go("/dang-nhap"))
}
