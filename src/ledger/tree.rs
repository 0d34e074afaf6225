//! Ledger: tree.
