//! Values that look random and follow from a seed: nothing but invented histories uses them.

use sha2::{Digest as _, Sha256};

/// A stream of bytes, the SHA-256 of a key and a counter. Each label has a stream of its own, so
/// that what is added for one subject leaves the others as they are.
#[derive(Clone, Debug)]
pub struct Seeded {
    key: [u8; 32],
    counter: u64,
}

impl Seeded {
    /// The root of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { key: Sha256::digest(format!("minhbach/demo/v1\n{seed}\n")).into(), counter: 0 }
    }

    /// The stream of a label.
    #[must_use]
    pub fn child(&self, label: &str) -> Self {
        let key = Sha256::new().chain_update(self.key).chain_update(label).finalize().into();
        Self { key, counter: 0 }
    }

    /// The next 32 bytes.
    pub fn bytes(&mut self) -> [u8; 32] {
        self.counter += 1;
        Sha256::new()
            .chain_update(self.key)
            .chain_update(self.counter.to_be_bytes())
            .finalize()
            .into()
    }

    /// The next number below `end`; 0 when `end` is 0. The bias is below 2^-32 for small ends.
    pub fn below(&mut self, end: u64) -> u64 {
        let bytes = self.bytes();
        let number = bytes.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        number.checked_rem(end).unwrap_or(0)
    }

    /// The next number from `first` to `last`, both included.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// The next of a list; `None` of an empty one.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = self.below(list.len() as u64);
        usize::try_from(index).ok().and_then(|index| list.get(index))
    }

    /// The next 16 hex digits: an opaque identifier.
    pub fn opaque(&mut self) -> String {
        hex::encode(&self.bytes()[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_stream_and_labels_give_others() {
        let (mut one, mut same) = (Seeded::new(7).child("a"), Seeded::new(7).child("a"));
        assert_eq!(one.bytes(), same.bytes());
        assert_ne!(one.bytes(), Seeded::new(7).child("a").bytes());
        assert_ne!(Seeded::new(7).child("b").bytes(), Seeded::new(7).child("a").bytes());
        assert_ne!(Seeded::new(8).bytes(), Seeded::new(7).bytes());
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut seeded = Seeded::new(1);
        assert!((0..500).all(|_| (3..=9).contains(&seeded.between(3, 9))));
        assert_eq!(seeded.below(0), 0);
        assert_eq!(seeded.pick::<u8>(&[]), None);
    }
}
