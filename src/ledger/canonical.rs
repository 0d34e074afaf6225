//! Ledger: canonical.
