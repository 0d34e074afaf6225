//! Ledger: voucher.
