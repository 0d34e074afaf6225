//! References and lists of a voucher.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Number, WordFault};

/// An earlier entry: of this ledger, or of those that it continues (`"old:<place>"`, counted from
/// entry 0 of the first of them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryRef {
    /// An entry of the continued ledgers, by its place.
    Old(u64),
    /// An entry of this ledger.
    Seq(u64),
}

impl EntryRef {
    /// The reference to the entry at a place, in a ledger that continues others with `before`
    /// entries in all.
    #[must_use]
    pub const fn to(place: u64, before: u64) -> Self {
        match place.checked_sub(before) {
            Some(seq) => Self::Seq(seq),
            None => Self::Old(place),
        }
    }

    /// The place that it names in such a ledger; `None` for an old entry that is not there.
    #[must_use]
    pub const fn place(self, before: u64) -> Option<u64> {
        match self {
            Self::Seq(seq) => before.checked_add(seq),
            Self::Old(place) if place < before => Some(place),
            Self::Old(_) => None,
        }
    }
}

impl Serialize for EntryRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Seq(seq) => serializer.serialize_u64(*seq),
            Self::Old(seq) => serializer.collect_str(&format_args!("old:{seq}")),
        }
    }
}

impl<'de> Deserialize<'de> for EntryRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyEntryRef)
    }
}

/// A number in this ledger, a text in those that it continues.
struct AnyEntryRef;

impl AnyEntryRef {
    const EXPECTED: WordFault = WordFault("the seq of an earlier entry");
}

impl Visitor<'_> for AnyEntryRef {
    type Value = EntryRef;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the seq of an earlier entry")
    }

    fn visit_u64<E: de::Error>(self, seq: u64) -> Result<EntryRef, E> {
        let limited = Number::new(seq).map(|seq| EntryRef::Seq(seq.get()));
        limited.ok_or_else(|| E::custom(Self::EXPECTED))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<EntryRef, E> {
        let seq = text.strip_prefix("old:").and_then(|digits| digits.parse::<u64>().ok());
        let one_spelling = seq.filter(|seq| text == format!("old:{seq}"));
        let limited = one_spelling.and_then(Number::new);
        let old = limited.map(|seq| EntryRef::Old(seq.get()));
        old.ok_or_else(|| E::custom(Self::EXPECTED))
    }
}

/// A list of 1 to `MOST` members; an empty list is a missing member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct List<T, const MOST: usize = 65_535>(Vec<T>);

impl<T, const MOST: usize> List<T, MOST> {
    /// The list; `None` when it is empty or too long.
    #[must_use]
    pub fn new(members: Vec<T>) -> Option<Self> {
        (1..=MOST).contains(&members.len()).then_some(Self(members))
    }
}

impl<T, const MOST: usize> std::ops::Deref for List<T, MOST> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const MOST: usize> IntoIterator for &'a List<T, MOST> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for List<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Vec::deserialize(deserializer)?;
        Self::new(members).ok_or_else(|| {
            de::Error::custom(WordFault("a list that is neither empty nor too long"))
        })
    }
}

/// A list of words in which none stands twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Words<T>(List<T>);

impl<T: PartialEq> Words<T> {
    /// The list; `None` when it is empty or a word stands twice.
    #[must_use]
    pub fn new(words: Vec<T>) -> Option<Self> {
        let distinct = words.iter().enumerate().all(|(at, word)| !words[..at].contains(word));
        if distinct { List::new(words).map(Self) } else { None }
    }
}

impl<T> std::ops::Deref for Words<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de> + PartialEq> Deserialize<'de> for Words<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::deserialize(deserializer)?;
        Self::new(words).ok_or_else(|| de::Error::custom(WordFault("words, none of them twice")))
    }
}
