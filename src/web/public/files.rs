//! The published trees over HTTP, directly under `/<chapter>/`, and `/<chapter>/2/` … of ledgers
//! that continue others: what a verifier, a mirror and a witness read. Tiles and sizes have one
//! spelling each; every other one is 404, and so is anything past the head.

use rocket::futures::stream;
use rocket::get;
use rocket::http::ContentType;
use rocket::http::uri::Origin;
use rocket::response::Redirect;

use super::download::{Download, Keep, Part};
use super::ledgers::{Ledgers, read};
use crate::ledger::tree::{TileKind, TilePath, sha256};
use crate::publish::Tree;
use crate::publish::tree::{CHUNK, TreeReadFault};
use crate::web::Fault;

/// JSON, one object a line.
fn json_lines() -> ContentType {
    ContentType::new("application", "jsonl")
}

fn text() -> ContentType {
    ContentType::Plain
}

/// A part of the tree that could not be read, as an answer.
pub(super) fn unread(fault: TreeReadFault) -> Fault {
    match fault {
        TreeReadFault::Store(fault) => read(fault),
        fault => Fault::internal(fault),
    }
}

/// The text of a path without its first part; `None` where it was spelled with escapes.
fn below<'a>(uri: &'a Origin<'_>, slug: &str) -> Option<&'a str> {
    uri.path().as_str().strip_prefix('/')?.strip_prefix(slug)?.strip_prefix('/')
}

/// A number as it is written in paths: digits without leading zeros.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

fn head_tag(tree: &Tree) -> String {
    format!("{}-{}", tree.size(), tree.ledger().root)
}

/// The newest signed head.
#[get("/<chapter>/checkpoint", rank = 20)]
pub async fn checkpoint(chapter: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    head(&ledgers.tree(chapter, 1)?).await
}

async fn head(tree: &Tree) -> Result<Download, Fault> {
    Ok(signed(tree.newest().await.map_err(unread)?))
}

/// A checkpoint: its cosignatures come later, so no copy is kept for ever.
fn signed(checkpoint: String) -> Download {
    let tag = sha256(checkpoint.as_bytes()).to_string();
    Download::whole(text(), Keep::Checked, checkpoint).tag(tag)
}

/// The newest head that a witness cosigned.
#[get("/<chapter>/cosigned", rank = 20)]
pub async fn cosigned(chapter: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    cosigned_of(&ledgers.tree(chapter, 1)?).await
}

async fn cosigned_of(tree: &Tree) -> Result<Download, Fault> {
    tree.cosigned().await.map_err(unread)?.map(signed).ok_or(Fault::NotFound)
}

/// The head at an earlier size.
#[get("/<chapter>/checkpoints/<size>", rank = 20)]
pub async fn checkpoint_at(
    chapter: &str,
    size: &str,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    head_at(&ledgers.tree(chapter, 1)?, size).await
}

async fn head_at(tree: &Tree, size: &str) -> Result<Download, Fault> {
    let size = number(size).ok_or(Fault::NotFound)?;
    let checkpoint = tree.checkpoint_at(size).await.map_err(unread)?.ok_or(Fault::NotFound)?;
    Ok(signed(checkpoint))
}

/// A tile of hashes or a bundle of entries.
#[get("/<chapter>/tile/<_..>", rank = 20)]
pub async fn tile(
    chapter: &str,
    uri: &Origin<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    let path = below(uri, chapter).ok_or(Fault::NotFound)?;
    tile_at(&ledgers.tree(chapter, 1)?, path).await
}

async fn tile_at(tree: &Tree, path: &str) -> Result<Download, Fault> {
    let path: TilePath = path.parse().map_err(|_| Fault::NotFound)?;
    let bytes = tree.tile(&path).await.map_err(unread)?.ok_or(Fault::NotFound)?;
    let kind = match path.kind() {
        TileKind::Hashes { level } => format!("tile-{level}"),
        TileKind::Entries => "entries".to_owned(),
    };
    let tag = format!("{kind}-{}-{}", path.index(), path.width());
    Ok(Download::whole(ContentType::Binary, Keep::ForEver, bytes).tag(tag))
}

/// The log key, and the witnesses that the ledger names.
#[get("/<chapter>/policy", rank = 20)]
pub fn policy(chapter: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    policy_of(&ledgers.tree(chapter, 1)?)
}

fn policy_of(tree: &Tree) -> Result<Download, Fault> {
    let policy = tree.policy().map_err(unread)?;
    Ok(Download::whole(text(), Keep::Checked, policy).tag(head_tag(tree)))
}

/// All entries, one a line.
#[get("/<chapter>/entries.jsonl", rank = 20)]
pub fn entries(chapter: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    Ok(entries_of(ledgers.tree(chapter, 1)?))
}

fn entries_of(tree: Tree) -> Download {
    let tag = head_tag(&tree);
    let parts = stream::unfold((tree, 0), |(tree, first)| async move {
        let end = tree.size().min(first + CHUNK);
        let part = if first < end { Some(tree.entry_lines(first, end).await) } else { None };
        part.map(|part| (sendable(part), (tree, end)))
    });
    Download::parts(json_lines(), Keep::Checked, parts).tag(tag)
}

/// Donors' names that may be shown, one a line.
#[get("/<chapter>/disclosures.jsonl", rank = 20)]
pub async fn disclosures(chapter: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    disclosures_of(ledgers.tree(chapter, 1)?).await
}

async fn disclosures_of(tree: Tree) -> Result<Download, Fault> {
    let names = tree.names_state().await.map_err(unread)?;
    let tag = format!("{}-{names}", head_tag(&tree));
    let parts = stream::unfold((tree, 0), |(tree, first)| async move {
        let end = tree.size().min(first + CHUNK * 16);
        let part = if first < end { Some(tree.disclosure_lines(first, end).await) } else { None };
        part.map(|part| (sendable(part), (tree, end)))
    });
    // Who takes back a consent is not shown any more: no copy may outlive that.
    Ok(Download::parts(json_lines(), Keep::Checked, parts).tag(tag))
}

/// A statement that the ledger names by its digest.
#[get("/<chapter>/statements/<file>", rank = 20)]
pub async fn statement(chapter: &str, file: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    statement_of(&ledgers.tree(chapter, 1)?, file).await
}

async fn statement_of(tree: &Tree, file: &str) -> Result<Download, Fault> {
    let name = file.strip_suffix(".json").ok_or(Fault::NotFound)?;
    let bytes = tree.statement(name).await.map_err(unread)?.ok_or(Fault::NotFound)?;
    Ok(Download::whole(ContentType::JSON, Keep::Checked, bytes).tag(head_tag(tree)))
}

/// The address of a ledger that continues another, as a person opens it: the chapter's page.
#[get("/<chapter>/<generation>", rank = 30)]
pub fn continued_page(
    chapter: &str,
    generation: &str,
    ledgers: Ledgers<'_>,
) -> Result<Redirect, Fault> {
    let tree = ledgers.tree(chapter, later(generation)?)?;
    Ok(Redirect::to(format!("/{}", tree.ledger().origin.slug())))
}

/// The same files of a ledger that continues another: `/<chapter>/2/checkpoint` …
#[get("/<chapter>/<generation>/<_..>", rank = 31)]
pub async fn continued(
    chapter: &str,
    generation: &str,
    uri: &Origin<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    let tree = ledgers.tree(chapter, later(generation)?)?;
    let path = below(uri, &format!("{chapter}/{generation}")).ok_or(Fault::NotFound)?;
    match path.split('/').collect::<Vec<_>>()[..] {
        ["checkpoint"] => head(&tree).await,
        ["cosigned"] => cosigned_of(&tree).await,
        ["checkpoints", size] => head_at(&tree, size).await,
        ["tile", ..] => tile_at(&tree, path).await,
        ["policy"] => policy_of(&tree),
        ["entries.jsonl"] => Ok(entries_of(tree)),
        ["disclosures.jsonl"] => disclosures_of(tree).await,
        ["statements", file] => statement_of(&tree, file).await,
        _ => Err(Fault::NotFound),
    }
}

/// The number of a ledger that continues another: from 2, in its one spelling.
fn later(text: &str) -> Result<u32, Fault> {
    let number = number(text).filter(|number| *number >= 2);
    number.and_then(|number| u32::try_from(number).ok()).ok_or(Fault::NotFound)
}

fn sendable(part: Result<Vec<u8>, TreeReadFault>) -> Part {
    part.map_err(|fault| {
        tracing::error!(%fault, "a file of the published tree broke off");
        std::io::Error::other("the file could not be read to its end")
    })
}
