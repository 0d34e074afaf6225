//! Drills: what takes minutes, each run by `./drill <name>`; a small one of its kind is in the
//! usual run of the tests.

pub mod cuts;
pub mod instances;
pub mod replica;
