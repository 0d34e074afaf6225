//! The database schema.

pub mod m0002_desk;
