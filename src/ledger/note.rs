//! Ledger: note.
