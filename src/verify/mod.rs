//! Verification: replays a published ledger with the very code that wrote it.
//!
//! INVARIANT: no database and no web: what is checked are the published files and nothing else.

pub mod history;
