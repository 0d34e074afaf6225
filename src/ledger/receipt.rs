//! Ledger: receipt.
