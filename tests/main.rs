//! The integration tests: one binary.

// A test may panic; that is how it fails.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod ahead;
mod backup;
mod books;
mod cli;
mod cli_follow;
mod cli_generate;
mod drills;
mod follow;
mod forged;
mod golden;
mod goods;
mod house;
mod instances;
mod loans;
mod machine;
mod properties;
mod published;
mod rollup;
mod routes;
mod rules;
mod schedules;
mod sign;
mod store;
mod tamper;
mod tidy;
mod watching;
mod witnesses;
