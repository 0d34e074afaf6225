//! `/<chapter>/khoa`: every key that ever signed for the chapter or its ledger, from when to when,
//! and which of them was said to be in strange hands.

use minijinja::context;
use rocket::get;
use serde::Serialize;

use super::home::page;
use super::ledgers::{Ledgers, read};
use crate::books::ChapterState;
use crate::books::officers::RegisteredKey;
use crate::ledger::keys::PublicKey;
use crate::store::facade::View;
use crate::web::signers::{registered_by, registration};
use crate::web::{Fault, Page};

/// A key of an officer or a guardian.
#[derive(Debug, Serialize)]
struct Own {
    vkey: String,
    title: Option<String>,
    guardian: bool,
    /// The words of what the person may do, of a key in force.
    roles: Vec<String>,
    from: u64,
    ended: Option<u64>,
    compromised_from: Option<u64>,
}

/// A key that signs checkpoints.
#[derive(Debug, Serialize)]
struct Log {
    vkey: String,
    origin: String,
    /// The size of the ledger from which on it is on every checkpoint.
    from: u64,
    /// The size from which on another one is.
    until: Option<u64>,
    /// Whether it is the ledger's present key, or will be one.
    state: &'static str,
}

/// The keys of a chapter.
#[get("/<chapter>/khoa", rank = 20)]
pub async fn keys(chapter: &str, ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let mut officers = Vec::new();
    for (name, key) in view.books.officers().keys() {
        let of = registration(ledgers.store(), view.chapter, view.books.officers(), name);
        let of = of.await.map_err(read)?;
        let of = of.and_then(|(entry, name)| registered_by(entry.voucher(), &name));
        officers.push(own(&view, key, of));
    }
    officers.sort_by_key(|key| (key.ended.is_some(), key.from));
    let state = view.books.chapter().ok_or(Fault::NotFound)?;
    let policy = &state.policy;
    let away = policy.away.iter().flat_map(|kinds| kinds.iter().map(|kind| kind.as_str()));
    let witnesses = state.witnesses.iter();
    let shown = context! {
        disputed => officers.iter().any(|key| key.compromised_from.is_some()),
        officers => minijinja::value::Serde(officers),
        logs => minijinja::value::Serde(logs(state, view.books.own_size())),
        two_above => policy.two_above.map(|amount| amount.minor()),
        away => away.collect::<Vec<_>>(),
        witnesses => witnesses.map(|(name, key, _)| (name.clone(), key.vkey())).collect::<Vec<_>>(),
    };
    Ok(page(&view, "public/keys.html", shown))
}

fn own(view: &View, key: &RegisteredKey, of: Option<(String, bool)>) -> Own {
    let office = view.books.officers().in_office().get(&key.person);
    let office = office.filter(|_| key.ended.is_none());
    let roles = office.into_iter().flat_map(|office| &office.roles);
    let (title, guardian) = of.map_or((None, false), |(title, guardian)| (Some(title), guardian));
    Own {
        vkey: key.vkey.vkey(),
        title,
        guardian,
        roles: roles.map(|role| format!("office-{role}").replace('_', "-")).collect(),
        from: key.from,
        ended: key.ended,
        compromised_from: key.compromised_from,
    }
}

/// The log keys, the newest first, those of continued ledgers behind them.
fn logs(state: &ChapterState, size: u64) -> Vec<Log> {
    let mut all = spans(state.origin.as_str(), &state.log_keys, Some(size));
    for ledger in state.earlier.iter().rev() {
        all.extend(spans(ledger.origin.as_str(), &ledger.log_keys, None));
    }
    all
}

/// The keys of one ledger; `size` of the one that goes on.
fn spans(origin: &str, keys: &[(PublicKey, u64)], size: Option<u64>) -> Vec<Log> {
    let nexts = keys.iter().skip(1).map(|(_, from)| Some(*from)).chain([None]);
    let told = |((key, from), until): (&(PublicKey, u64), Option<u64>)| Log {
        vkey: key.vkey(),
        origin: origin.to_owned(),
        from: *from,
        until,
        state: match (size, until) {
            (Some(size), _) if *from > size => "later",
            (Some(size), until) if until.is_none_or(|until| until > size) => "present",
            _ => "past",
        },
    };
    let mut all: Vec<Log> = keys.iter().zip(nexts).map(told).collect();
    all.reverse();
    all
}
