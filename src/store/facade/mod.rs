//! What pages and publication ask of a store: small methods on [`Store`](super::Store), no rules.
//!
//! | file | what it answers |
//! |---|---|
//! | `view` | a ledger as it is shown now: head, books, keys, standing |
//! | `published` | donors' names that may be shown |
//! | `accounts` | the public accounts: lines, sums, balances |
//! | `entries` | one entry with what is known of it |
//! | `receipts` | what became of a gift |

mod accounts;
mod entries;
mod published;
mod receipts;
mod view;

pub use accounts::{AccountsFilter, AccountsLine, AccountsSum, Position};
pub use entries::{KnownEntry, Naming};
pub use receipts::{GiftState, GiftUse};
pub use view::View;
