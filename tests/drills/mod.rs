//! Drills: what a ledger goes through in bad times, made to happen with the program itself.
//!
//! Each is started by `./drill <name>`, which runs the ignored tests of that module one after
//! another and shows what they print. What is not ignored is a small size of the same, for every
//! run of the tests. `inside` holds what a drill starts as a process of its own.

mod crowd;
mod inside;
mod kill;
