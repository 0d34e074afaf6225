//! `/<chapter>/kiem-chung`, the short pages about the site, and what its operator's tools ask for.

use minijinja::context;
use rocket::State;
use rocket::get;
use rocket::http::{ContentType, Status};

use super::home::page;
use super::ledgers::{Ledgers, read};
use crate::ledger::note::Checkpoint;
use crate::ledger::note::SignedCheckpoint;
use crate::store::Standing;
use crate::web::{Config, Fault, Page};

/// How anybody checks this ledger, and what cannot be checked.
#[get("/<chapter>/kiem-chung", rank = 20)]
pub fn check(chapter: &str, config: &State<Config>, ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let head = view.head.as_ref().map(|head| {
        let signed = SignedCheckpoint::parse(head.checkpoint.as_bytes()).ok();
        let of: Option<Checkpoint> = signed.map(|signed| signed.checkpoint().clone());
        context! {
            size => head.size,
            root => of.map(|of| of.root.to_base64()),
            text => head.checkpoint.to_string(),
        }
    });
    let own = view.books.chapter();
    let checked = ledgers.store().checked(view.chapter).map_err(read)?;
    let shown = context! {
        address => config.base_url.join(&format!("/{}", view.origin.slug())),
        origin => view.origin.as_str(),
        log_key => view.log_key().map(crate::ledger::keys::PublicKey::vkey),
        at => view.books.last_at().map(|at| at.to_string()),
        checked => checked.and_then(|checked| checked.at).map(told_time),
        checked_size => checked.map(|checked| checked.size),
        open => view.standing == Standing::Open,
        witnesses => own.map_or(0, |own| own.witnesses.len()),
        auditor => view.books.officers().has_auditor(),
        head,
    };
    let at = checked.and_then(|checked| checked.at).map(told_time).unwrap_or_default();
    Ok(page(&view, "public/check.html", shown).of_state(format!("{}-{at}", view.state())))
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

/// How to read these pages.
#[get("/tro-giup")]
pub fn help() -> Page {
    Page::new("public/help.html", context! {})
}

/// Whether every ledger takes writes: 503 with a line for each that does not.
#[get("/readyz")]
pub fn ready(ledgers: Ledgers<'_>) -> Result<(Status, (ContentType, String)), Fault> {
    let (mut status, mut lines) = (Status::Ok, String::new());
    for (chapter, origin) in ledgers.store().chapters() {
        let word = match ledgers.store().standing(chapter).map_err(read)? {
            Standing::Open => "open",
            // Why is for the operator's log: the page is everybody's.
            Standing::ReadOnly(_) => {
                status = Status::ServiceUnavailable;
                "closed for writing"
            }
        };
        lines.push_str(&format!("{origin}: {word}\n"));
    }
    if lines.is_empty() {
        lines.push_str("no ledger yet\n");
    }
    Ok((status, (ContentType::Plain, lines)))
}
