//! The integration tests: one binary.

// A test may panic; that is how it fails.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod books;
mod golden;
mod properties;
mod published;
mod rules;
mod tamper;
mod tidy;
