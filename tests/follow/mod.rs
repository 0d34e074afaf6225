//! Ledgers that others keep, followed from one run to the next: what was seen once is never given
//! up, what is new is verified, what does not hold is named.

mod copied;
mod hostile;
mod memory;
mod places;
mod resumed;
mod tiled;
