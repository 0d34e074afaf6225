//! Pages that everybody may read.

pub mod components;
