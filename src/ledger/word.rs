//! Ledger: word.
