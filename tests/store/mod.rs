//! The store: one door, whole or nothing, found when it was changed.

mod attacks;
mod concurrency;
mod machine;
mod reading;
mod recording;
mod upkeep;
