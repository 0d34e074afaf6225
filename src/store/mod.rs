//! The databases: every write to a ledger goes through one door, rows never leave.
//!
//! INVARIANT: the only room that knows sea-orm.

pub mod alongside;
mod database;
pub mod desk;
mod fault;
mod folder;
mod keys;
mod location;
mod nodes;
mod past;
mod rows;
