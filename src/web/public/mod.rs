//! Pages that everybody may read, and the published tree.
//!
//! | file | path |
//! |---|---|
//! | `files` | `/<chapter>/checkpoint`, `tile/…`, `entries.jsonl` and the rest of the tree |
//! | `components` | every component in one place |
//! | `ledgers`, `download` | how pages find a ledger; an answer that is a file |

pub mod components;
pub mod download;
pub mod files;
pub mod ledgers;

use rocket::{Route, routes};

/// The routes of this room. Those that begin with a chapter's slug stand behind all others.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        files::checkpoint,
        files::checkpoint_at,
        files::tile,
        files::policy,
        files::entries,
        files::disclosures,
        files::statement,
    ]
}
