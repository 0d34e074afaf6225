//! What pages and publication ask of a store: small methods on [`Store`](super::Store), no rules.
//!
//! | file | what it answers |
//! |---|---|
//! | `view` | a ledger as it is shown now: head, books, keys, standing |
//! | `published` | bytes of the published tree: entries, hashes, proofs, statements, names |
//! | `accounts` | the public accounts: lines, sums, balances |
//! | `entries` | one entry with what is known of it |
//! | `receipts` | receipts by code, and what became of a gift |

mod accounts;
mod entries;
mod published;
mod receipts;
mod view;

pub use accounts::{AccountsFilter, AccountsLine, AccountsSum, Position};
pub use entries::{KnownEntry, Naming};
pub use receipts::{GiftState, GiftUse};
pub use view::View;
