//! The integration tests: one binary.

// A test may panic; that is how it fails.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod books;
mod properties;
mod rules;
mod tidy;
