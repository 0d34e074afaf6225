//! A sorted map of small things that is cheap to copy: blocks that copies share.
//!
//! After a flood hundreds of thousands of gifts are unspent at once. A tree with a node for each
//! takes several hundred bytes a gift; here a gift costs little more than itself, and a change
//! copies one block of [`MOST`] at worst.

use std::ops::RangeInclusive;
use std::sync::Arc;

use rpds::RedBlackTreeMapSync as Map;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most entries of a block.
const MOST: usize = 64;

/// A part of a map that copies share.
type Block<K, V> = Arc<Vec<(K, V)>>;

/// A sorted map. Copies are cheap.
#[derive(Clone, Debug)]
pub struct Blocks<K: Ord, V> {
    /// Blocks by their first key; none is empty.
    blocks: Map<K, Block<K, V>>,
}

impl<K: Ord, V> Default for Blocks<K, V> {
    fn default() -> Self {
        Self { blocks: Map::new_sync() }
    }
}

impl<K: Ord + Copy, V: Copy> Blocks<K, V> {
    /// All entries, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (K, V)> + '_ {
        self.blocks.values().flat_map(|block| block.iter().copied())
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        let (_, block) = self.block_of(key)?;
        let at = block.binary_search_by(|(own, _)| own.cmp(key)).ok()?;
        block.get(at).map(|(_, value)| *value)
    }

    /// The block in which a key lies, if it is there.
    fn block_of(&self, key: &K) -> Option<(K, &Block<K, V>)> {
        self.blocks.range(..=key).next_back().map(|(first, block)| (*first, block))
    }

    /// Puts a value in, instead of the one that was there.
    pub fn insert(&mut self, key: K, value: V) {
        let first = self.block_of(&key).map(|(first, _)| first);
        let Some(block) = first.and_then(|first| self.blocks.get_mut(&first)) else {
            self.insert_in_front(key, value);
            return;
        };
        // A block that nobody else has is changed in place.
        let at = match block.binary_search_by(|(own, _)| own.cmp(&key)) {
            Ok(at) => {
                Arc::make_mut(block)[at].1 = value;
                return;
            }
            Err(at) => at,
        };
        if at == MOST && block.len() == MOST {
            self.blocks.insert_mut(key, Arc::new(vec![(key, value)]));
            return;
        }
        let own = Arc::make_mut(block);
        own.insert(at, (key, value));
        if own.len() > MOST {
            let rest = own.split_off(MOST / 2);
            self.put_shared(Arc::new(rest));
        }
    }

    /// What is smaller than everything goes in front of the first block, under a name of its own.
    fn insert_in_front(&mut self, key: K, value: V) {
        let first = self.blocks.first().map(|(first, block)| (*first, block.clone()));
        let Some((first, mut block)) = first else {
            self.blocks.insert_mut(key, Arc::new(vec![(key, value)]));
            return;
        };
        self.blocks.remove_mut(&first);
        let own = Arc::make_mut(&mut block);
        own.insert(0, (key, value));
        if own.len() > MOST {
            let rest = own.split_off(MOST / 2);
            self.put_shared(Arc::new(rest));
        }
        self.put_shared(block);
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &K) {
        self.remove_range(*key..=*key);
    }

    /// Takes all keys of a range out.
    pub fn remove_range(&mut self, range: RangeInclusive<K>) {
        let begin = self.block_of(range.start()).map_or(*range.start(), |(first, _)| first);
        let touched = self.blocks.range(begin..=*range.end());
        let touched: Vec<K> = touched.map(|(first, _)| *first).collect();
        for first in touched {
            let Some(mut block) = self.blocks.get(&first).cloned() else { continue };
            self.blocks.remove_mut(&first);
            let whole = |block: &[(K, V)]| {
                let ends = block.first().zip(block.last());
                ends.is_some_and(|(a, b)| range.contains(&a.0) && range.contains(&b.0))
            };
            if !whole(&block) {
                Arc::make_mut(&mut block).retain(|(key, _)| !range.contains(key));
                self.put_shared(block);
            }
        }
    }

    fn put_shared(&mut self, block: Block<K, V>) {
        if let Some((first, _)) = block.first() {
            self.blocks.insert_mut(*first, block);
        }
    }
}

impl<K: Ord + Copy, V: Copy> FromIterator<(K, V)> for Blocks<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Self {
        let mut blocks = Self::default();
        all.into_iter().for_each(|(key, value)| blocks.insert(key, value));
        blocks
    }
}

/// Where the blocks begin depends on what came and went: it is no part of what is compared.
impl<K: Ord + Copy, V: Copy + PartialEq> PartialEq for Blocks<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Ord + Copy, V: Copy + Eq> Eq for Blocks<K, V> {}

impl<K: Ord + Copy + Serialize, V: Copy + Serialize> Serialize for Blocks<K, V> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let count = self.blocks.values().map(|block| block.len()).sum();
        let mut list = out.serialize_seq(Some(count))?;
        for entry in self.iter() {
            serde::ser::SerializeSeq::serialize_element(&mut list, &entry)?;
        }
        serde::ser::SerializeSeq::end(list)
    }
}

impl<'de, K, V> Deserialize<'de> for Blocks<K, V>
where
    K: Ord + Copy + Deserialize<'de>,
    V: Copy + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// What is done to a map.
    #[derive(Clone, Debug)]
    enum Step {
        Insert(u16, u8),
        Remove(u16),
        Range(u16, u16),
        Append(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0_u16..600, any::<u8>()).prop_map(|(key, value)| Step::Insert(key, value)),
            4 => any::<u8>().prop_map(Step::Append),
            2 => (0_u16..600).prop_map(Step::Remove),
            1 => (0_u16..600, 0_u16..200).prop_map(|(from, more)| Step::Range(from, more)),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_map_and_copies_stay_as_they_were(
            steps in proptest::collection::vec(step(), 0..400),
        ) {
            let (mut blocks, mut model) = (Blocks::default(), BTreeMap::new());
            let mut copies = Vec::new();
            for (at, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Insert(key, value) => {
                        blocks.insert(key, value);
                        model.insert(key, value);
                    }
                    Step::Append(value) => {
                        let key = model.keys().next_back().map_or(0, |last| last + 1);
                        blocks.insert(key, value);
                        model.insert(key, value);
                    }
                    Step::Remove(key) => {
                        blocks.remove(&key);
                        model.remove(&key);
                    }
                    Step::Range(from, more) => {
                        blocks.remove_range(from..=from + more);
                        model.retain(|key, _| !(from..=from + more).contains(key));
                    }
                }
                prop_assert!(blocks.iter().eq(model.iter().map(|(key, value)| (*key, *value))));
                prop_assert_eq!(blocks.get(&300), model.get(&300).copied());
                prop_assert!(blocks.blocks.values().all(|own| (1..=MOST).contains(&own.len())));
                if at % 50 == 0 {
                    copies.push((blocks.clone(), model.clone()));
                }
            }
            for (copy, model) in copies {
                prop_assert!(copy.iter().eq(model.into_iter()));
            }
            let bytes = postcard::to_stdvec(&blocks).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Blocks<u16, u8>>(&bytes).unwrap(), blocks);
        }
    }

    #[test]
    fn what_is_appended_fills_its_blocks() {
        let blocks: Blocks<u32, u8> = (0..1_000).map(|key| (key, 0)).collect();
        assert_eq!(blocks.blocks.size(), 1_000_usize.div_ceil(MOST));
    }
}
