//! The ledger's bytes: canonical entries, hashes, signatures, proofs.
//!
//! INVARIANT: no database, no HTTP, no clock, no accounting; the same bytes in give the same bytes
//! out, for ever.

pub mod away;
pub mod canonical;
pub mod chain;
pub mod disclosure;
pub mod entry;
pub mod giving;
mod json;
pub mod keys;
pub mod legible;
pub mod note;
pub mod receipt;
pub mod tree;
pub mod voucher;
pub mod word;
