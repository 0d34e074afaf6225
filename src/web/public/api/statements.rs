//! Statements, and the signed heads of ledgers.

use rocket::get;

use super::problem::Problem;
use super::query::Query;
use super::shapes::{Head, Heads, StatementLink, Statements};
use super::{Answer, answer, view, written};
use crate::ledger::tree::sha256;
use crate::publish::Tree;
use crate::store::facade::View;
use crate::web::public::files::unread;
use crate::web::public::ledgers::{Ledgers, read};

async fn named(view: &View, ledgers: &Ledgers<'_>) -> Result<Vec<(String, u64)>, Problem> {
    let names = ledgers.store().statements(view.chapter).await.map_err(read)?;
    Ok(names.into_iter().filter(|(_, seq)| *seq < view.size()).collect())
}

/// The statements that the ledger names by digest.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/statements",
    params(("slug" = String, Path, description = "the chapter's word in addresses")),
    responses((status = 200, body = Statements), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/statements")]
pub async fn list(slug: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let view = view(slug, &ledgers)?;
    let own = view.origin.slug();
    let statements = named(&view, &ledgers).await?.into_iter().map(|(name, seq)| StatementLink {
        href: format!("/api/v1/chapters/{own}/statements/{name}"),
        name,
        seq,
    });
    let all = Statements {
        log: view.origin.to_string(),
        size: view.size(),
        statements: statements.collect(),
    };
    answer(&all, &view.state(), &query)
}

/// A statement, byte for byte as the ledger names it; its members are described in the format of
/// the ledger.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/statements/{name}",
    params(("slug" = String, Path, description = "the chapter's word in addresses"),
    ("name" = String, Path, description = "such as `2026-10`")),
    responses((status = 200, body = Object), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/statements/<name>")]
pub async fn one(slug: &str, name: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let view = view(slug, &ledgers)?;
    if !named(&view, &ledgers).await?.iter().any(|(own, _)| own == name) {
        return Err(Problem::not_found());
    }
    let bytes = ledgers.store().statement(view.chapter, name).await.map_err(read)?;
    let bytes = bytes.ok_or_else(Problem::not_found)?;
    Ok(written(bytes, &view.state(), &query))
}

/// The signed heads of the chapter's ledgers: what a verifier begins with.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/checkpoint",
    params(("slug" = String, Path, description = "the chapter's word in addresses")),
    responses((status = 200, body = Heads), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/checkpoint")]
pub async fn head(slug: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let chapter = ledgers.find(slug)?;
    let trees = Tree::all(ledgers.store(), chapter).map_err(read)?;
    let mut ledgers = Vec::new();
    for tree in &trees {
        ledgers.push(Head {
            log: tree.origin().to_owned(),
            size: tree.size(),
            root: tree.ledger().root.to_string(),
            checkpoint: tree.newest().await.map_err(unread)?,
            files: tree.ledger().path(),
        });
    }
    let all = Heads { ledgers };
    let heads: Vec<&str> = all.ledgers.iter().map(|own| own.checkpoint.as_str()).collect();
    let state = sha256(heads.concat().as_bytes()).to_string();
    answer(&all, &state, &query)
}
