//! Room: publish. What leaves the store for everybody: the published tree, over HTTP and as files.
//!
//! | file | what it is |
//! |---|---|
//! | [`tree`] | the bytes under a ledger's address, of one head |
//! | [`export`](mod@export) | the same as plain files |
//! | [`csv`](mod@csv) | tables for people |
//! | [`clock`] | what has to be published until when |
//! | [`paper`] | papers as PDF files |

pub mod clock;
pub mod csv;
pub mod export;
pub mod paper;
pub mod tree;

pub use export::{ExportFault, Exported, export, export_all};
pub use tree::Tree;
