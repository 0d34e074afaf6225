//! Room: publish. What leaves the store for everybody: the published tree, over HTTP and as files.
//!
//! | file | what it is |
//! |---|---|
//! | [`tree`] | the bytes under a ledger's address, of one head |
//! | [`export`](mod@export) | the same as plain files |
//! | [`csv`](mod@csv) | tables for people |
//! | [`paper`] | papers as PDF files |
//! | [`vietqr`], [`banks`] | the text of QR codes for transfers; banks by their BIN |

pub mod banks;
pub mod csv;
pub mod export;
pub mod paper;
pub mod tree;
pub mod vietqr;

pub use export::{ExportFault, Exported, export, export_all};
pub use tree::Tree;
