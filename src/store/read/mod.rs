//! What pages, papers and publication read. Everything here is a domain value; rows stay inside.
//!
//! Nothing past the newest signed head is published; pages read what is stored.

mod accounts;
mod balances;
mod entries;
mod gifts;
mod proofs;

pub use accounts::{
    AccountRow, AccountsPage, AccountsQuery, CashBook, CashBookRow, Direction, Key,
};
pub use balances::{FundDay, PlaceSums};
pub use entries::{EntryFigures, KeptEntry, MOST_ENTRIES};
pub use gifts::{CustodyItem, GiftLot};
