//! Ledger: keys.
