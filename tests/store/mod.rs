//! The store: one door, whole or nothing, found when it was changed.

mod accounts;
mod attacks;
mod by_chapter;
mod checks;
mod concurrency;
pub mod continued;
mod finding;
mod forged;
mod lending;
mod loans;
mod longest;
pub mod machine;
mod others;
mod provoked;
mod publication;
mod reading;
mod recording;
mod refill;
mod sponsorship;
mod tables;
mod upgraded;
mod upkeep;
mod whole_files;
pub mod witnessing;
mod young;
