//! `/ban/quan-tri/can-bo/<id>`: another officer's account: sessions, and the way to another second
//! device for who lost theirs.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::super::{Answer, passphrases};
use super::account::listed;
use super::accounts_log::{self, moment, title};
use crate::books::officers::InOffice;
use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::accounts::Account;
use crate::store::desk::invitations::LinkSecret;
use crate::store::desk::security::Filter;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::forms::{Field, Fields, FormView};
use crate::web::guards::SameOrigin;
use crate::web::session::{Head, Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// What the maker of a link types: making one takes more than somebody's open desk.
const RESET_FORM: &[Field] = &[
    Field::secret("passphrase", "field-present-passphrase"),
    passphrases::SECOND[0],
    passphrases::SECOND[1],
];
/// Lines of the account's log.
const LINES: u32 = 20;

/// The account of somebody in office.
async fn find(officer: &Officer, store: &Store, id: &str) -> Result<Account, Fault> {
    let person: Person = id.parse().map_err(|_| Fault::NotFound)?;
    if !officer.books.officers().in_office().contains_key(&person) {
        return Err(Fault::NotFound);
    }
    match store.account(&officer.desk, &person).await {
        Ok(account) if !account.disabled => Ok(account),
        Ok(_) | Err(DeskFault::Refused(DeskRefusal::UnknownAccount)) => Err(Fault::NotFound),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

fn path(account: &Account) -> String {
    format!("/ban/quan-tri/can-bo/{}", account.person)
}

/// Nobody makes a link for themselves; for chair and deputy only the other of the two does.
fn may_reset(officer: &Officer, account: &Account) -> bool {
    let office = officer.books.officers().in_office().get(&account.person);
    let of_head = office.is_some_and(InOffice::leads);
    account.person != officer.person && (!of_head || officer.office.leads())
}

fn blank(officer: &Officer, account: &Account) -> FormView {
    FormView::blank(&officer.form_secret(), &reset_path(account), RESET_FORM)
}

fn reset_path(account: &Account) -> String {
    format!("{}/dat-lai", path(account))
}

async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    account: &Account,
    (link, form): (Option<&LinkSecret>, FormView),
) -> Result<Page, Fault> {
    let (desk, now) = (&officer.desk, config.clock.now());
    let sessions = store.own_sessions(desk, &account.person, None, now).await;
    let sessions = sessions.map_err(Fault::internal)?;
    let device = store.second_device(desk, account).await.map_err(Fault::internal)?.0;
    let reset = store.reset_of(desk, account, now).await.map_err(Fault::internal)?;
    let of = Filter { person: Some(account.person.clone()), ..Filter::default() };
    let log = store.security_log(desk, &of, LINES).await.map_err(Fault::internal)?;
    let (secret, path, base) = (officer.form_secret(), path(account), config.base_url.origin());
    let own_codes = store.second_device(desk, officer.account()).await;
    let own_codes = own_codes.map_err(Fault::internal)?.0.since.is_some();
    let shown = context! {
        who => title(officer, &account.person),
        name => account.sign_in_name.as_str(),
        path => path.as_str(),
        own => account.person == officer.person,
        heads => officer.office.leads(),
        may_reset => may_reset(officer, account),
        form,
        codes => own_codes,
        sessions => sessions.iter().map(listed).collect::<Vec<_>>(),
        device_since => device.since.map(moment),
        codes_left => device.codes_left,
        link => link.map(|link| format!("{base}/dang-nhap/lai/{}", *link.text())),
        reset => reset.map(|own| context! {
            by => title(officer, &own.made_by),
            ends_at => moment(own.ends_at),
        }),
        log => log.iter().map(|line| accounts_log::row(officer, line)).collect::<Vec<_>>(),
        tokens => context! {
            sessions => secret.token(&format!("{path}/phien")),
            cancel => secret.token(&format!("{path}/huy-dat-lai")),
        },
    };
    Ok(super::super::page(officer, "desk/admin/officer.html", shown))
}

/// Another officer's account.
#[get("/ban/quan-tri/can-bo/<id>")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let account = find(&officer, store, id).await?;
    let form = blank(&officer, &account);
    page(&officer, store, config, &account, (None, form)).await
}

/// Ends all sessions of an officer, half ones too.
#[post("/ban/quan-tri/can-bo/<id>/phien", data = "<fields>")]
pub async fn end_sessions(
    _same: SameOrigin,
    officer: Head,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    fields.only(&[])?;
    let account = find(&officer, store, id).await?;
    let of = (&account.person, &officer.person);
    let done = store.sign_out_everywhere(&officer.desk, of, config.clock.now()).await;
    done.map_err(Fault::internal)?;
    Ok(Answer::go(path(&account)))
}

/// Makes a link by which an officer who lost their device sets up another, and shows it, this once.
/// Nobody makes one for themselves: it is another officer who knows who asks, and says so with
/// their own passphrase and code.
#[post("/ban/quan-tri/can-bo/<id>/dat-lai", data = "<fields>")]
pub async fn make_reset(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(RESET_FORM)?;
    let account = find(&officer, store, id).await?;
    if account.person == officer.person {
        return Err(Fault::Conflict("officer-own-reset"));
    }
    if !may_reset(&officer, &account) {
        return Err(Fault::Conflict("officer-heads-reset"));
    }
    if passphrases::confirmed(&officer, store, config, &mut form).await?.is_err() {
        let form = FormView::again(&officer.form_secret(), &reset_path(&account), &form);
        let page = page(&officer, store, config, &account, (None, form)).await?;
        return Ok(page.status(Status::UnprocessableEntity));
    }
    let now = config.clock.now();
    let link = store.make_reset(&officer.desk, &account, &officer.person, now).await;
    let link = link.map_err(Fault::internal)?;
    let form = blank(&officer, &account);
    let page = page(&officer, store, config, &account, (Some(&link), form)).await?;
    Ok(page.private_address())
}

/// Takes such a link back; one that is gone already is no fault.
#[post("/ban/quan-tri/can-bo/<id>/huy-dat-lai", data = "<fields>")]
pub async fn cancel_reset(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    fields.only(&[])?;
    let account = find(&officer, store, id).await?;
    let (by, now) = (&officer.person, config.clock.now());
    match store.cancel_reset(&officer.desk, &account, by, now).await {
        Ok(()) | Err(DeskFault::Refused(_)) => Ok(Answer::go(path(&account))),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// The link that waits for whoever is signed in, as their own pages warn of it.
pub(in crate::web::desk) async fn waiting(
    officer: &Officer,
    store: &Store,
    config: &Config,
) -> Result<Option<Value>, Fault> {
    let now = config.clock.now();
    let reset = store.reset_of(&officer.desk, officer.account(), now).await;
    Ok(reset.map_err(Fault::internal)?.map(|own| {
        context! { by => title(officer, &own.made_by), ends_at => moment(own.ends_at) }
    }))
}
