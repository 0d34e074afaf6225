//! `/ban/quan-tri`: who is in office since when, with which key; the guardian, the auditor, the
//! log's keys, the policy, and invitations that wait.

use std::collections::BTreeMap;

use minijinja::context;
use rocket::{State, get};
use serde::Serialize;

use crate::books::officers::{Officers, RegisteredKey};
use crate::ledger::voucher::Body;
use crate::ledger::word::{KeyName, Person};
use crate::store::Store;
use crate::web::public::witnesses;
use crate::web::session::{Kept, Officer};
use crate::web::{Config, Fault, Page};

/// A person in office, or the guardian.
#[derive(Debug, Serialize)]
struct Row {
    title: String,
    /// The person of an account.
    person: Option<String>,
    roles: Vec<String>,
    name: Option<String>,
    since: u64,
    since_on: Option<String>,
    key: String,
    key_since: u64,
    own: bool,
}

/// The entry that brought a person into office: behind it, keys were only rotated.
fn since(officers: &Officers, person: &Person, key: &RegisteredKey) -> u64 {
    let mut from = key.from;
    let own = || officers.keys().values().filter(|key| key.person == *person);
    // A key that ended where the next begins was rotated; a gap means retired and enrolled again.
    while let Some(before) = own().find(|key| key.ended == Some(from) && key.from < from) {
        from = before.from;
    }
    from
}

/// The business date of an entry.
async fn day(store: &Store, officer: &Officer, seq: u64) -> Result<Option<String>, Fault> {
    let known = store.entry(officer.chapter, seq).await.map_err(Fault::internal)?;
    Ok(known.map(|known| known.entry.voucher().date.to_string()))
}

async fn row(
    officer: &Officer,
    store: &Store,
    (person, title, key): (&Person, String, &KeyName),
    roles: Vec<String>,
    name: Option<String>,
) -> Result<Row, Fault> {
    let officers = officer.books.officers();
    let registered = officers.keys().get(key).ok_or(Fault::NotFound)?;
    let since = since(officers, person, registered);
    Ok(Row {
        title,
        person: name.is_some().then(|| person.to_string()),
        roles,
        name,
        since,
        since_on: day(store, officer, since).await?,
        key: super::rows::short(&registered.vkey.vkey()),
        key_since: registered.from,
        own: *person == officer.person,
    })
}

/// The page.
#[get("/ban/quan-tri")]
pub async fn show(officer: Officer, kept: Kept<'_>, config: &State<Config>) -> Result<Page, Fault> {
    let store = kept.0;
    let books = &officer.books;
    let accounts = store.desk_accounts(&officer.desk).await.map_err(Fault::internal)?;
    let names: BTreeMap<&Person, &str> =
        accounts.iter().map(|account| (&account.person, account.sign_in_name.as_str())).collect();
    let mut rows = Vec::new();
    for (person, office) in books.officers().in_office() {
        let roles = office.roles.iter();
        let roles = roles.map(|role| format!("office-{role}").replace('_', "-")).collect();
        let who = (person, office.title.to_string(), &office.key);
        let name = names.get(person).map(|name| (*name).to_owned());
        rows.push(row(&officer, store, who, roles, name).await?);
    }
    rows.sort_by(|one, other| (one.since, &one.title).cmp(&(other.since, &other.title)));
    let guardian = match books.officers().guardian() {
        None => None,
        Some(guardian) => {
            let who = (&guardian.person, guardian.title.to_string(), &guardian.key);
            Some(row(&officer, store, who, Vec::new(), None).await?)
        }
    };
    let invitations = invitations(&officer, store, config).await?;
    let state = books.chapter().ok_or(Fault::NotFound)?;
    let view = store.view(officer.chapter).map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let witnesses = witnesses::told(store, config, &view).await?;
    let page = super::super::page(
        &officer,
        "desk/admin/office.html",
        context! {
            officers => minijinja::value::Serde(rows),
            guardian => guardian.map(minijinja::value::Serde),
            auditor => books.officers().has_auditor(),
            log_keys => state.log_keys.iter().map(|(key, from)| {
                (hex::encode(key.id()), *from)
            }).collect::<Vec<_>>(),
            size => books.own_size(),
            away => state.policy.away.iter().flat_map(|kinds| kinds.iter()).map(|kind| {
                format!("kind-{}", kind.as_str().replace('_', "-"))
            }).collect::<Vec<_>>(),
            two_above => state.policy.two_above.map(|amount| amount.minor()),
            witnesses => witnesses.shown,
            backup => super::backups::shown(store, config),
            offset => state.utc_offset.fixed().to_string(),
            invitations,
        },
    );
    Ok(page)
}

/// Invitations that no draft was made of yet.
async fn invitations(
    officer: &Officer,
    store: &Store,
    config: &Config,
) -> Result<Vec<minijinja::value::Value>, Fault> {
    let now = config.clock.now();
    let all = store.invitations(&officer.desk).await.map_err(Fault::internal)?;
    let told = all.iter().map(|invitation| {
        let voucher = &invitation.voucher;
        let whom = match &voucher.body {
            Body::OfficerEnrolled(body) => body.officer.title.to_string(),
            Body::GuardianNamed(body) => body.guardian.title.to_string(),
            Body::KeyRotated(body) => {
                super::rows::person_name(&officer.books, body.person.as_str())
            }
            _ => String::new(),
        };
        let state = match (&invitation.taken_up, invitation.ends_at <= now) {
            (_, true) => "admin-invited-over",
            (Some(_), false) => "admin-invited-taken-up",
            (None, false) => "admin-invited-waits",
        };
        context! { id => voucher.id.as_str(), kind => voucher.kind().as_str(), whom, state }
    });
    Ok(told.collect())
}
