//! The routes of the site over `rocket::local`, on a store in a temporary place.

mod attacked;
pub mod public;
