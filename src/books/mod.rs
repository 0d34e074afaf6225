//! The books: the only home of accounting rules.
//!
//! INVARIANT: pure and total: no I/O, no clock, no floats, no private data. The server before it
//! appends, the rebuild over stored entries and the public verifier run this same code.

pub mod accounts;
pub mod effects;
pub mod past;
