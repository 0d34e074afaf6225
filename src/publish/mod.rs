//! Room: publish. What leaves the store for everybody: the published tree, over HTTP and as files.
//!
//! | file | what it is |
//! |---|---|
//! | [`tree`] | the bytes under a ledger's address, of one head |
//! | [`export`](mod@export) | the same as plain files |
//! | [`csv`](mod@csv), [`table`] | tables for people and programs: CSV, XLSX, JSON |
//! | [`chart`] | the geometry of pictures |
//! | [`clock`] | what has to be published until when |
//! | [`feed`] | what is new, as an Atom feed |
//! | [`grants`] | what was handed over, in the form of 360Giving |
//! | [`paper`] | papers as PDF files |
//! | [`vietqr`], [`banks`] | the text of QR codes for transfers; banks by their BIN |

pub mod banks;
pub mod chart;
pub mod clock;
pub mod csv;
pub mod export;
pub mod feed;
pub mod grants;
pub mod paper;
pub mod table;
pub mod tree;
pub mod vietqr;

pub use export::{ExportFault, Exported, export, export_all};
pub use tree::Tree;
