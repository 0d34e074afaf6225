//! Room: store.

pub mod desk;
