//! `/<chapter>/kiem-chung`, and the short pages about the site.

use minijinja::context;
use minijinja::value::Value;
use rocket::State;
use rocket::get;

use super::home::page;
use super::ledgers::{Ledgers, read};
use super::witnesses;
use crate::ledger::note::Checkpoint;
use crate::ledger::note::SignedCheckpoint;
use crate::store::facade::View;
use crate::store::{Checked, Closure, PublishedLedger, Standing};
use crate::web::{Config, Fault, Page};

/// How anybody checks this ledger, and what cannot be checked.
#[get("/<chapter>/kiem-chung", rank = 20)]
pub async fn check(
    chapter: &str,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let head = view.head.as_ref().map(|head| {
        let signed = SignedCheckpoint::parse(head.checkpoint.as_bytes()).ok();
        let of: Option<Checkpoint> = signed.map(|signed| signed.checkpoint().clone());
        context! {
            size => of.as_ref().map_or(head.size, |of| of.size),
            root => of.map(|of| of.root.to_base64()),
            text => head.checkpoint.to_string(),
        }
    });
    let (_, path) = view.origin.as_str().split_once('/').unwrap_or_default();
    // The recipe for the chain needs an entry with another one behind it.
    let newest = match view.books.own_size() {
        0..3 => format!("/{}", view.origin.slug()),
        _ => format!("/{path}"),
    };
    let checked = ledgers.store().checked(view.chapter).map_err(read)?;
    let witnesses = witnesses::told(ledgers.store(), config, &view).await?;
    let shown = context! {
        address => config.base_url.join(&format!("/{}", view.origin.slug())),
        newest => config.base_url.join(&newest),
        origin => view.origin.as_str(),
        ledgers => ledgers_of(&ledgers, &view)?,
        log_key => view.log_key().map(crate::ledger::keys::PublicKey::vkey),
        at => view.books.last_at().map(|at| at.to_string()),
        checked => checked.and_then(told_check),
        open => view.standing == Standing::Open,
        no_head => no_head(&view.standing),
        witnesses => witnesses.shown,
        auditor => view.books.officers().has_auditor(),
        head,
    };
    let at = checked.and_then(|checked| checked.at).map(told_time).unwrap_or_default();
    let state = format!("{}-{at}-{}", view.state(), witnesses.state);
    Ok(page(&view, "public/check.html", shown).of_state(state))
}

/// Why there is no head to show: nothing was signed yet, or something else than what is stored.
const fn no_head(standing: &Standing) -> &'static str {
    match standing {
        Standing::ReadOnly(Closure::Behind { .. } | Closure::Superseded { .. }) => {
            "public-check-head-longer"
        }
        Standing::ReadOnly(Closure::BehindWitness { .. }) => "public-check-head-witness",
        Standing::ReadOnly(Closure::Forked { .. } | Closure::ForkedFromWitness { .. }) => {
            "public-check-head-other"
        }
        _ => "public-check-no-head",
    }
}

/// The ledgers of a chapter with more than one, the newest first: each with its size, where its
/// files lie, and the log key that signed its last checkpoint.
fn ledgers_of(ledgers: &Ledgers<'_>, view: &View) -> Result<Vec<Value>, Fault> {
    let mut all = ledgers.store().published(view.chapter).map_err(read)?;
    all.reverse();
    let told = |own: &PublishedLedger| {
        let key = own.log_key().map(crate::ledger::keys::PublicKey::vkey);
        context! { origin => own.origin.as_str(), size => own.size, folder => own.path(), key }
    };
    Ok(all.iter().map(told).collect())
}

/// The last whole replay as the page tells it: when, of how many entries, how long it took (at
/// least a second), what it found.
fn told_check(checked: Checked) -> Option<Value> {
    let at = checked.at.map(told_time)?;
    let seconds = checked.took.as_secs().max(1);
    let (size, clean) = (checked.size, checked.clean);
    Some(context! { at, size, clean, minutes => seconds / 60, seconds => seconds % 60 })
}

fn told_time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What this is.
#[get("/gioi-thieu")]
pub fn about() -> Page {
    Page::new("public/about.html", context! {})
}

/// What is private, and how it is kept.
#[get("/rieng-tu")]
pub fn privacy() -> Page {
    Page::new("public/privacy.html", context! {})
}

/// Who can use these pages, how that was tested, and what to do where they can't be used.
#[get("/tiep-can")]
pub fn access() -> Page {
    Page::new("public/access.html", context! {})
}

/// How to read these pages.
#[get("/tro-giup")]
pub fn help() -> Page {
    Page::new("public/help.html", context! {})
}
