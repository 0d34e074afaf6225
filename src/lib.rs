//! Minh Bạch ("open and clear"): the ledger that a Red Cross chapter keeps and everybody can check.
//!
//! The rooms, and which of them each may use:
//!
//! | room | what it is | may use |
//! |---|---|---|
//! | `allocator` | memory | nothing |
//! | [`money`] | amounts and quantities | nothing |
//! | [`disk`] | files whole or not at all | nothing |
//! | [`ledger`] | bytes, hashes, signatures, proofs | `money` |
//! | [`books`] | accounting, tracing, authority | `money`, `ledger` |
//! | [`verify`] | replays a published ledger | `money`, `ledger`, `books` |
//! | [`follow`] | ledgers of others, run after run | `disk`, `money`, `ledger`, `books`, `verify` |
//! | [`import`] | bank statements | `money`, `ledger` |
//! | [`store`] | the databases | `disk`, `money`, `ledger`, `books`, `verify`, `migrations` |
//! | [`publish`] | the ledger as files, statements | `disk`, `money`, `ledger`, `books`, `store` |
//! | [`web`], [`cli`] | HTTP and the command line | all |
//!
//! `tests/tidy.rs` holds the rooms to these directions.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod allocator;
pub mod books;
pub mod cli;
pub mod disk;
pub mod follow;
pub mod import;
pub mod ledger;
pub mod money;
pub mod publish;
pub mod store;
pub mod verify;
pub mod web;
