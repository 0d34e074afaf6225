//! Ledgers that others keep, followed from one run to the next: what was seen once is never given
//! up, what is new is verified, what does not hold is named.

mod copied;
mod hostile;
mod memory;
mod places;
mod resumed;
mod slow;
mod tiled;

use crate::published::Published;
use crate::tamper::{ledger, published, relinked};

/// The first entries of the ledger that is tampered with.
fn until(size: usize) -> Published {
    published(ledger().entries[..size].to_vec())
}

/// A history without entry 4, signed by the same keys.
fn forked(size: usize) -> Published {
    let mut entries = ledger().entries;
    entries.remove(4);
    published(relinked(&entries, |_, _| {})[..size].to_vec())
}
