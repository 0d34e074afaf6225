//! Ledger: entry.
