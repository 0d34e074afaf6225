//! Ledger: disclosure.
